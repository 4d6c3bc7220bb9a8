/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One descent over the pattern both checks and writes: where nothing is to be written the values
 * are missing.
 */
#include "config/gateway_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/charset.h"
#include "base/crypto.h"
#include "rules/calendar.h"

#define DEPTH_MAX       4 /* functions in functions */
#define NAME_BYTES_MAX  32
#define CHINA_OFFSET_MS INT64_C(28800000)
#define DAY_MS          INT64_C(86400000)

static const char *const names[GATEWAY_NAME_COUNT] = {
    [GATEWAY_MOBILE] = "mobile",
    [GATEWAY_MOBILE_86] = "mobile86",
    [GATEWAY_TEXT] = "text",
    [GATEWAY_TITLE] = "title",
    [GATEWAY_ID] = "id",
    [GATEWAY_LINK] = "link",
    [GATEWAY_NONCE] = "nonce",
    [GATEWAY_USERNAME] = "username",
    [GATEWAY_SECRET] = "secret",
    [GATEWAY_SIGNATURE] = "signature",
    [GATEWAY_RECEIPT_URL] = "receipt_url",
    [GATEWAY_UNIX] = "unix",
    [GATEWAY_UNIX_MS] = "unix_ms",
};

const char *gateway_name_text(enum gateway_name name)
{
    return names[name];
}

/* ---- functions ---- */

struct making {
    const struct gateway_values *values; /* NULL: only checking */
    struct err_why *why;
};

typedef enum err function_fn(
    const struct making *making, struct text input, bool base64, struct buf *buf);

static void add_digest(struct buf *buf, const uint8_t *digest, size_t bytes, bool base64)
{
    if (base64) {
        crypto_base64(buf, digest, bytes);
    } else {
        crypto_hex(buf, digest, bytes);
    }
}

static enum err do_md5(const struct making *making, struct text input, bool base64, struct buf *buf)
{
    uint8_t digest[MD5_BYTES];
    (void)making;
    const enum err err = crypto_md5(input, digest);
    if (!err) {
        add_digest(buf, digest, sizeof digest, base64);
    }
    return err;
}

static enum err do_sha256(
    const struct making *making, struct text input, bool base64, struct buf *buf)
{
    uint8_t digest[SHA256_BYTES];
    (void)making;
    crypto_sha256(input, digest);
    add_digest(buf, digest, sizeof digest, base64);
    return ERR_OK;
}

static enum err do_hmac_sha1(
    const struct making *making, struct text input, bool base64, struct buf *buf)
{
    uint8_t mac[SHA1_BYTES];
    const enum err err = crypto_hmac_sha1(making->values->value[GATEWAY_SECRET], input, mac);
    if (!err) {
        add_digest(buf, mac, sizeof mac, base64);
    }
    return err;
}

static enum err do_hmac_sha256(
    const struct making *making, struct text input, bool base64, struct buf *buf)
{
    uint8_t mac[SHA256_BYTES];
    crypto_hmac_sha256(making->values->value[GATEWAY_SECRET], input, mac);
    add_digest(buf, mac, sizeof mac, base64);
    return ERR_OK;
}

static enum err do_base64(
    const struct making *making, struct text input, bool base64, struct buf *buf)
{
    (void)making;
    (void)base64;
    crypto_base64(buf, (const uint8_t *)input.ptr, input.bytes);
    return ERR_OK;
}

static enum err do_url(const struct making *making, struct text input, bool base64, struct buf *buf)
{
    (void)making;
    (void)base64;
    crypto_url_encode(buf, input);
    return ERR_OK;
}

#define CASE_BIT 0x20

static void add_cased(struct buf *buf, struct text input, bool upper)
{
    for (size_t i = 0; i < input.bytes; i++) {
        char c = input.ptr[i];
        if (upper && c >= 'a' && c <= 'z') {
            c = (char)(c & ~CASE_BIT);
        } else if (!upper && c >= 'A' && c <= 'Z') {
            c = (char)(c | CASE_BIT);
        }
        buf_char(buf, c);
    }
}

static enum err do_upper(
    const struct making *making, struct text input, bool base64, struct buf *buf)
{
    (void)making;
    (void)base64;
    add_cased(buf, input, true);
    return ERR_OK;
}

static enum err do_lower(
    const struct making *making, struct text input, bool base64, struct buf *buf)
{
    (void)making;
    (void)base64;
    add_cased(buf, input, false);
    return ERR_OK;
}

/* The input of functions of bytes is in the gateway's charset; of characters it stays UTF-8. */
struct function {
    const char *name;
    function_fn *run;
    bool of_bytes;
    bool base64;
};

static const struct function functions[] = {
    {"md5", do_md5, true, false},
    {"md5-base64", do_md5, true, true},
    {"sha256", do_sha256, true, false},
    {"sha256-base64", do_sha256, true, true},
    {"hmac-sha1", do_hmac_sha1, true, false},
    {"hmac-sha1-base64", do_hmac_sha1, true, true},
    {"hmac-sha256", do_hmac_sha256, true, false},
    {"hmac-sha256-base64", do_hmac_sha256, true, true},
    {"base64", do_base64, true, true},
    {"url", do_url, true, false},
    {"upper", do_upper, false, false},
    {"lower", do_lower, false, false},
};
#define FUNCTION_COUNT (sizeof functions / sizeof functions[0])

static const struct function *find_function(struct text name)
{
    for (size_t i = 0; i < FUNCTION_COUNT; i++) {
        if (text_is(name, functions[i].name)) {
            return &functions[i];
        }
    }
    return NULL;
}

static enum err run_function(
    const struct function *function,
    const struct making *making,
    struct text input,
    struct buf *buf)
{
    if (!making->values) {
        return ERR_OK;
    }
    if (!function->of_bytes || !making->values->gbk) {
        return function->run(making, input, function->base64, buf);
    }
    struct buf bytes;
    buf_init(&bytes, GATEWAY_BYTES_MAX);
    charset_to_gbk(&bytes, input);
    enum err err = buf_error(&bytes);
    if (!err) {
        err = function->run(making, buf_view(&bytes), function->base64, buf);
    }
    buf_release(&bytes);
    return err;
}

/* ---- time ---- */

struct time_part {
    const char *letters;
    int digits;
};

static const struct time_part time_parts[] = {
    {"yyyy", 4}, {"MM", 2}, {"dd", 2}, {"HH", 2}, {"mm", 2}, {"ss", 2},
};
#define TIME_PART_COUNT (sizeof time_parts / sizeof time_parts[0])

static void fill_parts(struct wall_ms now, int64_t parts[static TIME_PART_COUNT])
{
    const int64_t local = now.ms + CHINA_OFFSET_MS;
    const struct civil_date date =
        civil_date_of((struct civil_day){.number = (int32_t)(local / DAY_MS)});
    const int64_t second = local % DAY_MS / 1000;
    parts[0] = date.year;
    parts[1] = date.month;
    parts[2] = date.day;
    parts[3] = second / 3600;
    parts[4] = second / 60 % 60;
    parts[5] = second % 60;
}

static enum err add_time(const struct making *making, struct text pattern, struct buf *buf)
{
    int64_t parts[TIME_PART_COUNT] = {0};
    struct text rest = pattern;
    if (making->values) {
        fill_parts(making->values->now, parts);
    }
    while (rest.bytes > 0) {
        size_t i = 0;
        while (i < TIME_PART_COUNT && !text_starts_with(rest, text_of(time_parts[i].letters))) {
            i++;
        }
        const bool letter = (rest.ptr[0] | 32) >= 'a' && (rest.ptr[0] | 32) <= 'z';
        if (i == TIME_PART_COUNT && letter && rest.ptr[0] != 'T') {
            return err_set(
                making->why, ERR_PARSE,
                "{time:%.*s}: known are yyyy MM dd HH mm ss, such as {time:yyyyMMddHHmmss}",
                TEXT_ARGS(utf8_cut(pattern, NAME_BYTES_MAX)));
        }
        const size_t bytes = i < TIME_PART_COUNT ? strlen(time_parts[i].letters) : 1;
        if (making->values && i < TIME_PART_COUNT) {
            buf_format(buf, "%0*" PRId64, time_parts[i].digits, parts[i]);
        } else if (making->values) {
            buf_char(buf, rest.ptr[0]);
        }
        rest.ptr += bytes;
        rest.bytes -= bytes;
    }
    return ERR_OK;
}

/* ---- the pattern ---- */

static struct text take(struct text *rest, size_t bytes)
{
    const struct text taken = {rest->ptr, bytes};
    rest->ptr += bytes;
    rest->bytes -= bytes;
    return taken;
}

static size_t name_bytes(struct text rest)
{
    size_t bytes = 0;
    while (bytes < rest.bytes && bytes <= NAME_BYTES_MAX && !strchr("{}:", rest.ptr[bytes])) {
        bytes++;
    }
    return bytes;
}

static enum err unknown(const struct making *making, struct text name, bool function)
{
    char known[320] = "";
    size_t used = 0;
    const size_t count = function ? FUNCTION_COUNT : (size_t)GATEWAY_NAME_COUNT;
    for (size_t i = 0; i < count && used < sizeof known; i++) {
        const int wrote = snprintf(
            known + used, sizeof known - used, " %s", function ? functions[i].name : names[i]);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    return err_set(
        making->why, ERR_PARSE, "unknown %s {%.*s%s}; known are:%s",
        function ? "function" : "placeholder", TEXT_ARGS(utf8_cut(name, NAME_BYTES_MAX)),
        function ? ":..." : "", known);
}

static size_t find_name(struct text name)
{
    size_t i = 0;
    while (i < GATEWAY_NAME_COUNT && !text_is(name, names[i])) {
        i++;
    }
    return i;
}

static enum err add_value(const struct making *making, struct text name, struct buf *buf)
{
    const size_t found = find_name(name);
    if (found == GATEWAY_NAME_COUNT) {
        return unknown(making, name, false);
    }
    if (making->values) {
        buf_text(buf, making->values->value[found]);
    }
    return ERR_OK;
}

static enum err add_placeholder(
    const struct making *making, struct text *rest, size_t depth, struct buf *buf);

/* Up to the next brace. */
static void add_plain(const struct making *making, struct text *rest, struct buf *buf)
{
    size_t bytes = 0;
    while (bytes < rest->bytes && rest->ptr[bytes] != '{' && rest->ptr[bytes] != '}') {
        bytes++;
    }
    const struct text plain = take(rest, bytes);
    if (making->values) {
        buf_text(buf, plain);
    }
}

/* What stands between the colon and the closing brace of a function. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as DEPTH_MAX */
static enum err add_argument(
    const struct making *making, struct text *rest, size_t depth, struct buf *buf)
{
    enum err err = ERR_OK;
    add_plain(making, rest, buf);
    while (!err && rest->bytes > 0 && rest->ptr[0] == '{') {
        err = add_placeholder(making, rest, depth, buf);
        add_plain(making, rest, buf);
    }
    return err;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as DEPTH_MAX */
static enum err add_function(
    const struct making *making, struct text name, struct text *rest, size_t depth, struct buf *buf)
{
    const struct function *function = find_function(name);
    if (!function) {
        return unknown(making, name, true);
    }
    if (depth == DEPTH_MAX) {
        return err_set(making->why, ERR_PARSE, "more than %d functions in functions", DEPTH_MAX);
    }
    struct buf input;
    buf_init(&input, GATEWAY_BYTES_MAX);
    enum err err = add_argument(making, rest, depth + 1, &input);
    if (!err) {
        err = buf_error(&input);
    }
    if (!err) {
        err = run_function(function, making, buf_view(&input), buf);
    }
    buf_release(&input);
    return err;
}

static enum err add_time_of(const struct making *making, struct text *rest, struct buf *buf)
{
    const char *close = rest->bytes > 0 ? memchr(rest->ptr, '}', rest->bytes) : NULL;
    if (!close) {
        return ERR_OK; /* told by whoever looks for the brace */
    }
    return add_time(making, take(rest, (size_t)(close - rest->ptr)), buf);
}

/* At an opening brace. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as DEPTH_MAX */
static enum err add_placeholder(
    const struct making *making, struct text *rest, size_t depth, struct buf *buf)
{
    enum err err = ERR_OK;
    (void)take(rest, 1);
    const struct text name = take(rest, name_bytes(*rest));
    if (rest->bytes > 0 && rest->ptr[0] == ':') {
        (void)take(rest, 1);
        err = text_is(name, "time") ? add_time_of(making, rest, buf)
                                    : add_function(making, name, rest, depth, buf);
    } else if (rest->bytes > 0 && rest->ptr[0] == '}') {
        err = add_value(making, name, buf);
    }
    if (err) {
        return err;
    }
    if (rest->bytes == 0 || rest->ptr[0] != '}') {
        return err_set(
            making->why, ERR_PARSE,
            "\"{%.*s\" has no closing brace; a brace itself is written {{ or }}",
            TEXT_ARGS(utf8_cut(name, NAME_BYTES_MAX)));
    }
    (void)take(rest, 1);
    return ERR_OK;
}

static enum err add_escaped(
    const struct making *making, struct text *rest, gateway_escape_fn *escape, struct buf *buf)
{
    struct buf value;
    if (!escape || !making->values) {
        return add_placeholder(making, rest, 0, buf);
    }
    buf_init(&value, GATEWAY_BYTES_MAX);
    enum err err = add_placeholder(making, rest, 0, &value);
    if (!err) {
        err = buf_error(&value);
    }
    if (!err) {
        escape(buf, buf_view(&value), making->values->gbk);
    }
    buf_release(&value);
    return err;
}

/* At a brace: "{{" and "}}" are one each. */
static enum err add_brace(
    const struct making *making, struct text *rest, gateway_escape_fn *escape, struct buf *buf)
{
    const struct text brace = {rest->ptr, 1};
    if (rest->bytes > 1 && rest->ptr[1] == rest->ptr[0]) {
        (void)take(rest, 2);
        if (making->values) {
            buf_text(buf, brace);
        }
        return ERR_OK;
    }
    return rest->ptr[0] == '{'
               ? add_escaped(making, rest, escape, buf)
               : err_set(making->why, ERR_PARSE, "a single }; a brace itself is written }}");
}

static enum err walk(
    const struct making *making, struct text pattern, gateway_escape_fn *escape, struct buf *buf)
{
    struct text rest = pattern;
    enum err err = ERR_OK;
    add_plain(making, &rest, buf);
    while (!err && rest.bytes > 0) {
        err = add_brace(making, &rest, escape, buf);
        add_plain(making, &rest, buf);
    }
    return err;
}

enum err gateway_text_check(struct text pattern, struct err_why *why)
{
    struct buf nothing;
    buf_init(&nothing, 1);
    const struct making making = {.why = why};
    if (pattern.bytes > GATEWAY_PATTERN_BYTES_MAX) {
        return err_set(why, ERR_PARSE, "longer than %zu bytes", GATEWAY_PATTERN_BYTES_MAX);
    }
    const enum err err = walk(&making, pattern, NULL, &nothing);
    buf_release(&nothing);
    return err;
}

void gateway_text_write(
    struct text pattern,
    const struct gateway_values *values,
    gateway_escape_fn *escape,
    struct buf *buf)
{
    const struct making making = {.values = values};
    const enum err err = walk(&making, pattern, escape, buf);
    if (err && buf->error == ERR_OK) {
        buf->error = err;
    }
}

/* ---- escaping ---- */

void gateway_escape_url(struct buf *buf, struct text value, bool gbk)
{
    struct buf bytes;
    if (!gbk) {
        crypto_url_encode(buf, value);
        return;
    }
    buf_init(&bytes, GATEWAY_BYTES_MAX);
    charset_to_gbk(&bytes, value);
    if (buf_error(&bytes) == ERR_OK) {
        crypto_url_encode(buf, buf_view(&bytes));
    } else {
        buf->error = bytes.error;
    }
    buf_release(&bytes);
}

static const char *entity_of(char c)
{
    static const struct {
        char mark;
        const char *entity;
    } entities[] = {
        {'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}, {'\'', "&apos;"},
    };
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        if (entities[i].mark == c) {
            return entities[i].entity;
        }
    }
    return NULL;
}

/* XML 1.0 has no control characters but these. */
static bool is_xml(char c)
{
    return (unsigned char)c >= 0x20 || c == '\n' || c == '\t';
}

void gateway_escape_xml(struct buf *buf, struct text value, bool gbk)
{
    (void)gbk; /* the whole body is converted afterwards */
    for (size_t i = 0; i < value.bytes; i++) {
        const char *entity = entity_of(value.ptr[i]);
        if (entity) {
            buf_string(buf, entity);
        } else {
            buf_text(
                buf, is_xml(value.ptr[i]) ? (struct text){value.ptr + i, 1} : TEXT_LITERAL(" "));
        }
    }
}
