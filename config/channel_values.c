/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One reader per kind of value that a type of channel may have, and the shape of each for the
 * schema. A mistake is told at its place and leaves the option out.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/charset.h"
#include "config/channel_options.h"
#include "config/describe.h"
#include "config/os_error.h"

#define PATH_BYTES_MAX 1024

void channel_option_add(
    struct channel_reading *reading, const char *name, struct text value, bool secret)
{
    struct reader *reader = reading->reader;
    if (reading->option_count == OPTIONS_MAX) {
        reader_error(reader, NULL, "more than %d keys in one channel", OPTIONS_MAX);
        return;
    }
    reading->options[reading->option_count++] = (struct channel_option){
        .name = reader_keep(reader, text_of(name)), .value = value, .secret = secret};
    reading->channel->options = reading->options;
    reading->channel->option_count = reading->option_count;
}

static void refuse(
    struct channel_reading *reading, const struct json_value *value, const char *expected)
{
    char got[READ_GOT_BYTES];
    reader_error(reading->reader, value, "expected %s, got %s", expected, read_got(value, got));
}

/* ---- addresses ---- */

static bool is_one_word(struct text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7F) {
            return false;
        }
    }
    return text.bytes > 0;
}

bool settings_is_url(struct text text, const char *scheme, const char *secure)
{
    const struct text one = text_of(scheme);
    const struct text two = text_of(secure);
    return is_one_word(text) && ((text_starts_with(text, one) && text.bytes > one.bytes) ||
                                 (text_starts_with(text, two) && text.bytes > two.bytes));
}

static void read_url(struct channel_reading *reading, const struct json_value *value)
{
    if (!settings_is_url(json_string(value), "http://", "https://")) {
        refuse(reading, value, "an address that begins with http:// or https://");
        return;
    }
    reading->channel->url = reader_keep(reading->reader, json_string(value));
}

static void read_mail_url(struct channel_reading *reading, const struct json_value *value)
{
    const struct text text = json_string(value);
    if (!settings_is_url(text, "smtp://", "smtps://") || memchr(text.ptr, '@', text.bytes)) {
        refuse(
            reading, value,
            "the address of a mail server such as \"smtp://mail.example.gov.cn:25\" or "
            "\"smtps://mail.example.gov.cn:465\"");
        return;
    }
    reading->channel->url = reader_keep(reading->reader, text);
}

/* Its user and password would stand in this file. */
static void read_proxy(struct channel_reading *reading, const struct json_value *value)
{
    const struct text text = json_string(value);
    if (!settings_is_url(text, "http://", "https://") || memchr(text.ptr, '@', text.bytes)) {
        refuse(reading, value, "a proxy such as \"http://10.0.0.1:3128\"");
        return;
    }
    reading->channel->proxy = reader_keep(reading->reader, text);
}

static void read_path(
    struct channel_reading *reading, const struct json_value *value, const char *name)
{
    const struct text text = json_string(value);
    if (!is_one_word(text) || text.ptr[0] != '/') {
        refuse(reading, value, "a path such as \"/sms/norsubmit\"");
        return;
    }
    channel_option_add(reading, name, reader_keep(reading->reader, text), false);
}

static void read_mail(
    struct channel_reading *reading, const struct json_value *value, const char *name)
{
    const struct text text = json_string(value);
    const char *at = text.bytes > 0 ? memchr(text.ptr, '@', text.bytes) : NULL;
    const bool one = at && at == memrchr(text.ptr, '@', text.bytes);
    const bool brackets = text.bytes > 0 && (memchr(text.ptr, '<', text.bytes) != NULL ||
                                             memchr(text.ptr, '>', text.bytes) != NULL);
    if (!one || brackets || at == text.ptr || at + 1 == text.ptr + text.bytes ||
        !is_one_word(text)) {
        refuse(reading, value, "a mail address such as \"duban@example.gov.cn\"");
        return;
    }
    channel_option_add(reading, name, reader_keep(reading->reader, text), false);
}

/* A file that is not there would only show as a TLS failure, much later. */
static void read_ca_file(struct channel_reading *reading, const struct json_value *value)
{
    struct reader *reader = reading->reader;
    const struct text name = json_string(value);
    char path[PATH_BYTES_MAX];
    if (name.bytes == 0) {
        refuse(reading, value, "the path of a file of certificates");
        return;
    }
    const char *folder = reading->secrets->folder;
    const bool plain = name.ptr[0] == '/' || !folder;
    const int bytes = snprintf(
        path, sizeof path, "%s%s%.*s", plain ? "" : folder, plain ? "" : "/", TEXT_ARGS(name));
    if (bytes < 0 || (size_t)bytes >= sizeof path) {
        reader_error(reader, value, "the path is too long");
        return;
    }
    reading->channel->ca_file = reader_keep(reader, text_of(path));
    if (access(path, R_OK) == 0) {
        return;
    }
    char words[OS_ERROR_BYTES];
    const char *error = os_error(errno, words);
    if (reading->secrets->only_looking) {
        reader_warning(reader, value, "the file cannot be read here: %s", error);
    } else {
        reader_error(reader, value, "the file cannot be read: %s", error);
    }
}

/* ---- words ---- */

static void read_option_text(
    struct channel_reading *reading, const struct json_value *value, const char *name)
{
    struct text text = {0};
    read_words(reading->reader, value, &text);
    if (text.bytes > 0) {
        channel_option_add(reading, name, text, false);
    }
}

static bool is_digits(struct text text)
{
    size_t digits = 0;
    while (digits < text.bytes && text.ptr[digits] >= '0' && text.ptr[digits] <= '9') {
        digits++;
    }
    return digits > 0 && digits == text.bytes && digits <= 20;
}

static void read_number(
    struct channel_reading *reading, const struct json_value *value, const char *name)
{
    char digits[24];
    int64_t number = 0;
    struct text text = json_string(value);
    if (json_i64(value, &number) == ERR_OK && number >= 0) {
        (void)snprintf(digits, sizeof digits, "%lld", (long long)number);
        text = text_of(digits);
    }
    if (!is_digits(text)) {
        refuse(reading, value, "a number such as 1400006666");
        return;
    }
    channel_option_add(reading, name, reader_keep(reading->reader, text), false);
}

static void read_option_secret(
    struct channel_reading *reading, const struct json_value *value, const char *name)
{
    struct text secret = {0};
    read_secret(reading->reader, value, reading->secrets, &secret);
    if (secret.bytes > 0) {
        channel_option_add(reading, name, secret, true);
    }
}

/* What carriers file: 2 to 12 characters in 【】. */
static bool is_signature(struct text text)
{
    const struct text open = TEXT_LITERAL("【");
    const struct text close = TEXT_LITERAL("】");
    if (!text_starts_with(text, open) || text.bytes < open.bytes + close.bytes) {
        return false;
    }
    const struct text inner = {text.ptr + open.bytes, text.bytes - open.bytes - close.bytes};
    const struct text end = {inner.ptr + inner.bytes, close.bytes};
    const size_t units = utf8_utf16_units(inner);
    return text_equal(end, close) && units >= 2 && units <= 12 &&
           !memmem(inner.ptr, inner.bytes, open.ptr, open.bytes) &&
           !memmem(inner.ptr, inner.bytes, close.ptr, close.bytes);
}

static void read_signature(struct channel_reading *reading, const struct json_value *value)
{
    if (json_type(value) != JSON_STRING || !is_signature(json_string(value))) {
        refuse(reading, value, "a signature of 2 to 12 characters such as \"【东阳督查】\"");
        return;
    }
    channel_option_add(
        reading, "signature", reader_keep(reading->reader, json_string(value)), false);
}

/* ---- one of a list ---- */

static const char *const algorithms[] = {"hmac", "md5"};
static const char *const methods[] = {"POST", "GET", "PUT"};
static const char *const body_types[] = {"form", "json", "xml", "text"};
static const char *const charsets[] = {"utf-8", "gbk"};
static const char *const body_encodings[] = {"none", "base64"};
static const char *const events[] = {"alert", "miss", "acknowledged"};

struct choice_list {
    const char *const *words;
    size_t count;
};

static struct choice_list choices_of(enum option_kind kind)
{
#define CHOICES(words) ((struct choice_list){(words), FIELD_COUNT(words)})
    return kind == OPTION_ALGORITHM       ? CHOICES(algorithms)
           : kind == OPTION_METHOD        ? CHOICES(methods)
           : kind == OPTION_BODY_TYPE     ? CHOICES(body_types)
           : kind == OPTION_CHARSET       ? CHOICES(charsets)
           : kind == OPTION_BODY_ENCODING ? CHOICES(body_encodings)
                                          : CHOICES(events);
#undef CHOICES
}

static void read_option_choice(
    struct channel_reading *reading, const struct json_value *value, const struct option_rule *rule)
{
    size_t index = 0;
    const struct choice_list list = choices_of(rule->kind);
    if (!read_choice(reading->reader, value, list.words, list.count, &index)) {
        return;
    }
    if (rule->kind == OPTION_CHARSET && index > 0 && !charset_has_gbk()) {
        reader_error(reading->reader, value, "the C library of this machine does not know GBK");
    } else {
        channel_option_add(reading, rule->name, text_of(list.words[index]), false);
    }
}

/* Each event becomes an option of its own, "events.alert". */
static void read_events(struct channel_reading *reading, const struct json_value *value)
{
    struct reader *reader = reading->reader;
    size_t at = 0;
    if (!read_is(reader, value, JSON_ARRAY, "a list of events such as [\"alert\"]")) {
        return;
    }
    if (json_count(value) == 0) {
        reader_error(reader, value, "at least one event is needed");
    }
    for (const struct json_value *item = json_first(value); item; item = json_next(item)) {
        size_t index = 0;
        const size_t mark = reader_enter_index(reader, at++);
        if (read_choice(reader, item, events, FIELD_COUNT(events), &index)) {
            char name[32];
            (void)snprintf(name, sizeof name, "events.%s", events[index]);
            channel_option_add(reading, name, TEXT_LITERAL("true"), false);
        }
        reader_leave(reader, mark);
    }
}

/* ---- robots ---- */

static void shape_secret(struct reader *reader, const struct json_value *value, void *target)
{
    (void)value;
    (void)target;
    (void)describe_value(reader, "secret");
}

static const struct field robot_fields[] = {
    {"token", shape_secret, 0, FIELD_REQUIRED},
    {"secret", shape_secret, 0, FIELD_REQUIRED},
};
static const struct field key_robot_fields[] = {
    {"key", shape_secret, 0, FIELD_REQUIRED},
};

static void read_robot(
    struct channel_reading *reading,
    const struct json_value *robot,
    const struct field *fields,
    size_t field_count)
{
    int none = 0;
    struct reader *reader = reading->reader;
    if (json_key(robot).bytes == 0 || json_key(robot).bytes > READ_ID_BYTES_MAX) {
        reader_error(reader, robot, "a robot's name has 1 to %d bytes", READ_ID_BYTES_MAX);
        return;
    }
    if (!read_object(reader, robot, fields, field_count, &none)) {
        return;
    }
    for (size_t i = 0; i < field_count; i++) {
        char name[READ_ID_BYTES_MAX + 32];
        const struct json_value *secret = json_get(robot, fields[i].key);
        if (secret) { /* a missing one is told by read_object() */
            const size_t mark = reader_enter_key(reader, text_of(fields[i].key));
            (void)snprintf(
                name, sizeof name, "robots.%.*s.%s", TEXT_ARGS(json_key(robot)), fields[i].key);
            read_option_secret(reading, secret, name);
            reader_leave(reader, mark);
        }
    }
}

static void read_robots(
    struct channel_reading *reading,
    const struct json_value *value,
    const struct field *fields,
    size_t field_count)
{
    struct reader *reader = reading->reader;
    if (!read_is(reader, value, JSON_OBJECT, "an object of robots {...}")) {
        return;
    }
    for (const struct json_value *robot = json_first(value); robot; robot = json_next(robot)) {
        if (reader_remark(reader, robot)) {
            continue;
        }
        const size_t mark = reader_enter_key(reader, json_key(robot));
        read_robot(reading, robot, fields, field_count);
        reader_leave(reader, mark);
    }
    if (!json_get(value, "default")) {
        reader_error(
            reader, value, "a robot named \"default\" is needed: it speaks for units without one");
    }
}

/* ---- by kind ---- */

void option_read(
    struct channel_reading *reading, const struct json_value *value, const struct option_rule *rule)
{
    switch (rule->kind) {
    case OPTION_TEXT:
        read_option_text(reading, value, rule->name);
        break;
    case OPTION_NUMBER:
        read_number(reading, value, rule->name);
        break;
    case OPTION_URL:
        read_url(reading, value);
        break;
    case OPTION_MAIL_URL:
        read_mail_url(reading, value);
        break;
    case OPTION_PATH:
        read_path(reading, value, rule->name);
        break;
    case OPTION_PROXY:
        read_proxy(reading, value);
        break;
    case OPTION_FILE:
        read_ca_file(reading, value);
        break;
    case OPTION_MAIL:
        read_mail(reading, value, rule->name);
        break;
    case OPTION_SECRET:
        read_option_secret(reading, value, rule->name);
        break;
    case OPTION_SIGNATURE:
        read_signature(reading, value);
        break;
    case OPTION_ROBOTS:
        read_robots(reading, value, robot_fields, FIELD_COUNT(robot_fields));
        break;
    case OPTION_KEY_ROBOTS:
        read_robots(reading, value, key_robot_fields, FIELD_COUNT(key_robot_fields));
        break;
    case OPTION_EVENTS:
        read_events(reading, value);
        break;
    case OPTION_ALGORITHM:
    case OPTION_METHOD:
    case OPTION_BODY_TYPE:
    case OPTION_CHARSET:
    case OPTION_BODY_ENCODING:
        read_option_choice(reading, value, rule);
        break;
    case OPTION_HEADERS:
        option_read_headers(reading, value);
        break;
    case OPTION_BODY:
        option_read_body(reading, value);
        break;
    case OPTION_URL_PATTERN:
        option_read_url_pattern(reading, value);
        break;
    case OPTION_TEST:
        option_read_test(reading, value, rule->name);
        break;
    case OPTION_VALUE:
        option_read_value(reading, value, rule->name);
        break;
    case OPTION_RECEIPT:
        option_read_receipt(reading, value);
        break;
    case OPTION_KIND_COUNT:
        break;
    }
}

/* ---- shapes: said to a describing reader; reading comes later ---- */

#define SHAPE_VALUE(function, name)                                                                \
    static void function(struct reader *reader, const struct json_value *value, void *target)      \
    {                                                                                              \
        (void)value;                                                                               \
        (void)target;                                                                              \
        (void)describe_value(reader, name);                                                        \
    }

SHAPE_VALUE(shape_text, "words")
SHAPE_VALUE(shape_number, "gateway_number")
SHAPE_VALUE(shape_url, "web_address")
SHAPE_VALUE(shape_mail_url, "mail_server")
SHAPE_VALUE(shape_path, "gateway_path")
SHAPE_VALUE(shape_proxy, "proxy")
SHAPE_VALUE(shape_mail, "mail_address")
SHAPE_VALUE(shape_signature, "signature")
SHAPE_VALUE(shape_events, "webhook_events")
SHAPE_VALUE(shape_body, "gateway_body")

#define SHAPE_CHOICE(function, words)                                                              \
    static void function(struct reader *reader, const struct json_value *value, void *target)      \
    {                                                                                              \
        (void)value;                                                                               \
        (void)target;                                                                              \
        (void)describe_choice(reader, words, FIELD_COUNT(words));                                  \
    }

SHAPE_CHOICE(shape_algorithm, algorithms)
SHAPE_CHOICE(shape_method, methods)
SHAPE_CHOICE(shape_body_type, body_types)
SHAPE_CHOICE(shape_charset, charsets)
SHAPE_CHOICE(shape_body_encoding, body_encodings)

static void shape_robot(struct reader *reader, const struct json_value *value, void *target)
{
    (void)read_object(reader, value, robot_fields, FIELD_COUNT(robot_fields), target);
}

static void shape_key_robot(struct reader *reader, const struct json_value *value, void *target)
{
    (void)read_object(reader, value, key_robot_fields, FIELD_COUNT(key_robot_fields), target);
}

static void shape_robots(struct reader *reader, const struct json_value *value, void *target)
{
    int none = 0;
    (void)value;
    (void)target;
    describe_also(reader, "robots");
    (void)describe_map(reader, "robot_name", shape_robot, &none);
}

static void shape_key_robots(struct reader *reader, const struct json_value *value, void *target)
{
    int none = 0;
    (void)value;
    (void)target;
    describe_also(reader, "robots");
    (void)describe_map(reader, "robot_name", shape_key_robot, &none);
}

read_fn *option_shape(enum option_kind kind)
{
    static read_fn *const shapes[OPTION_KIND_COUNT] = {
        [OPTION_TEXT] = shape_text,
        [OPTION_NUMBER] = shape_number,
        [OPTION_URL] = shape_url,
        [OPTION_MAIL_URL] = shape_mail_url,
        [OPTION_PATH] = shape_path,
        [OPTION_PROXY] = shape_proxy,
        [OPTION_FILE] = shape_text,
        [OPTION_MAIL] = shape_mail,
        [OPTION_SECRET] = shape_secret,
        [OPTION_SIGNATURE] = shape_signature,
        [OPTION_ROBOTS] = shape_robots,
        [OPTION_KEY_ROBOTS] = shape_key_robots,
        [OPTION_ALGORITHM] = shape_algorithm,
        [OPTION_EVENTS] = shape_events,
        [OPTION_METHOD] = shape_method,
        [OPTION_BODY_TYPE] = shape_body_type,
        [OPTION_CHARSET] = shape_charset,
        [OPTION_BODY_ENCODING] = shape_body_encoding,
        [OPTION_HEADERS] = option_shape_headers,
        [OPTION_BODY] = shape_body,
        [OPTION_URL_PATTERN] = shape_url,
        [OPTION_TEST] = shape_text,
        [OPTION_VALUE] = shape_text,
        [OPTION_RECEIPT] = option_shape_receipt,
    };
    return shapes[kind];
}
