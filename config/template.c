/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checking and rendering of message patterns. Values come from case systems and are not trusted:
 * each form of message takes the sting out of what would be markup in it.
 */
#include "config/template.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SMS_ONE_UNITS  70
#define SMS_MANY_UNITS 67
#define SMS_BYTES_MAX  ((size_t)16384)
#define CUT_UNITS_MIN  ((size_t)6) /* a text is not cut below this many bytes-worth of sense */

static const char *const names[TPL_NAME_COUNT] = {
    [TPL_CASE] = "case",   [TPL_TITLE] = "title",     [TPL_MATTER] = "matter",
    [TPL_UNIT] = "unit",   [TPL_HANDLER] = "handler", [TPL_CLOCK] = "clock",
    [TPL_DUE] = "due",     [TPL_LATE_WD] = "late_wd", [TPL_LATE_D] = "late_d",
    [TPL_STAGE] = "stage", [TPL_ORDINAL] = "ordinal", [TPL_COUNT_OF_CASES] = "count",
    [TPL_WORST] = "worst", [TPL_LINK] = "link",       [TPL_SIGN] = "sign",
};

const char *template_name_text(enum template_name name)
{
    return names[name];
}

static bool find_name(struct text word, enum template_name *ret_name)
{
    for (int i = 0; i < TPL_NAME_COUNT; i++) {
        if (text_is(word, names[i])) {
            *ret_name = (enum template_name)i;
            return true;
        }
    }
    return false;
}

/* ---- one piece of a pattern at a time ---- */

enum piece_kind { PIECE_END, PIECE_TEXT, PIECE_NAME, PIECE_BAD };

struct piece {
    enum piece_kind kind;
    struct text text; /* PIECE_TEXT: to copy; PIECE_NAME and PIECE_BAD: what stood in the braces */
    enum template_name name;
};

static struct text take_bytes(struct text *rest, size_t bytes)
{
    const struct text taken = {rest->ptr, bytes};
    rest->ptr += bytes;
    rest->bytes -= bytes;
    return taken;
}

static size_t plain_bytes(struct text rest)
{
    size_t bytes = 0;
    while (bytes < rest.bytes && rest.ptr[bytes] != '{' && rest.ptr[bytes] != '}') {
        bytes++;
    }
    return bytes;
}

/* At a brace: "{{" and "}}" are one brace each, "{name}" is a value, all else is a mistake. */
static struct piece take_brace(struct text *rest)
{
    if (rest->bytes > 1 && rest->ptr[1] == rest->ptr[0]) {
        const struct text twice = take_bytes(rest, 2);
        return (struct piece){.kind = PIECE_TEXT, .text = {twice.ptr, 1}};
    }
    const char *close = rest->ptr[0] == '{' ? memchr(rest->ptr, '}', rest->bytes) : NULL;
    if (!close) {
        return (struct piece){.kind = PIECE_BAD, .text = take_bytes(rest, rest->bytes)};
    }
    const struct text braces = take_bytes(rest, (size_t)(close - rest->ptr) + 1);
    struct piece piece = {.kind = PIECE_NAME, .text = {braces.ptr + 1, braces.bytes - 2}};
    if (!find_name(piece.text, &piece.name)) {
        piece.kind = PIECE_BAD;
    }
    return piece;
}

static struct piece take_piece(struct text *rest)
{
    if (rest->bytes == 0) {
        return (struct piece){.kind = PIECE_END};
    }
    const size_t bytes = plain_bytes(*rest);
    if (bytes > 0) {
        return (struct piece){.kind = PIECE_TEXT, .text = take_bytes(rest, bytes)};
    }
    return take_brace(rest);
}

static enum err single_brace(struct err_why *why)
{
    return err_set(
        why, ERR_PARSE, "a single brace; write {{ or }} for a brace, {name} for a value");
}

static enum err unknown_name(struct text name, struct err_why *why)
{
    char known[200] = "";
    size_t used = 0;
    for (int i = 0; i < TPL_NAME_COUNT && used < sizeof known; i++) {
        const int wrote =
            snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? " " : "", names[i]);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    return err_set(why, ERR_PARSE, "unknown name {%.*s}; known are: %s", TEXT_ARGS(name), known);
}

/* A name has no brace in it and is short: all else is a brace that lacks its twin. */
static enum err bad_piece(struct text shown, struct err_why *why)
{
    const bool brace = shown.bytes > 0 &&
                       (memchr(shown.ptr, '{', shown.bytes) || memchr(shown.ptr, '}', shown.bytes));
    return brace || shown.bytes > 32 ? single_brace(why) : unknown_name(shown, why);
}

enum err template_check(struct text pattern, struct err_why *why)
{
    struct text rest = pattern;
    for (;;) {
        const struct piece piece = take_piece(&rest);
        if (piece.kind == PIECE_END) {
            return ERR_OK;
        }
        if (piece.kind == PIECE_BAD) {
            return bad_piece(piece.text, why);
        }
    }
}

/* ---- rendering ---- */

typedef void value_fn(struct buf *buf, enum template_name name, struct text value);

static void render(
    struct text pattern, const struct template_values *values, value_fn *add_value, struct buf *buf)
{
    struct text rest = pattern;
    struct piece piece = take_piece(&rest);
    for (; piece.kind != PIECE_END; piece = take_piece(&rest)) {
        if (piece.kind == PIECE_NAME) {
            add_value(buf, piece.name, values->value[piece.name]);
        } else {
            buf_text(buf, piece.text);
        }
    }
}

static void add_plain(struct buf *buf, enum template_name name, struct text value)
{
    (void)name;
    buf_text(buf, value);
}

void template_render(struct text pattern, const struct template_values *values, struct buf *buf)
{
    render(pattern, values, add_plain, buf);
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7F;
}

static const char *markdown_twin(char c)
{
    static const struct {
        char mark;
        const char *twin;
    } twins[] = {
        {'[', "［"}, {']', "］"}, {'<', "＜"}, {'>', "＞"},  {'`', "｀"},
        {'*', "＊"}, {'#', "＃"}, {'|', "｜"}, {'\\', "＼"},
    };
    for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++) {
        if (twins[i].mark == c) {
            return twins[i].twin;
        }
    }
    return is_control(c) ? " " : NULL;
}

static void add_markdown(struct buf *buf, enum template_name name, struct text value)
{
    if (name == TPL_LINK) {
        buf_text(buf, value);
        return;
    }
    for (size_t i = 0; i < value.bytes; i++) {
        const char *twin = markdown_twin(value.ptr[i]);
        if (twin) {
            buf_string(buf, twin);
        } else {
            buf_char(buf, value.ptr[i]);
        }
    }
}

void template_render_markdown(
    struct text pattern, const struct template_values *values, struct buf *buf)
{
    render(pattern, values, add_markdown, buf);
}

static bool text_replace_at(
    struct buf *buf, struct text value, size_t at, const char *mark, const char *twin)
{
    const struct text rest = {value.ptr + at, value.bytes - at};
    if (!text_starts_with(rest, text_of(mark))) {
        return false;
    }
    buf_string(buf, twin);
    return true;
}

static struct text at_byte(struct text value, size_t at)
{
    return (struct text){value.ptr + at, 1};
}

static void add_sms(struct buf *buf, enum template_name name, struct text value)
{
    if (name == TPL_SIGN) {
        buf_text(buf, value);
        return;
    }
    for (size_t i = 0; i < value.bytes; i++) {
        if (text_replace_at(buf, value, i, "【", "〔") ||
            text_replace_at(buf, value, i, "】", "〕")) {
            i += sizeof "【" - 2;
        } else {
            buf_text(buf, is_control(value.ptr[i]) ? TEXT_LITERAL(" ") : at_byte(value, i));
        }
    }
}

void template_render_words(
    struct text pattern, const struct template_values *values, struct buf *buf)
{
    render(pattern, values, add_sms, buf);
}

size_t sms_segments(struct text text)
{
    const size_t units = utf8_utf16_units(text);
    return units <= SMS_ONE_UNITS ? 1 : (units + SMS_MANY_UNITS - 1) / SMS_MANY_UNITS;
}

/* ---- fitting ---- */

/* Free texts in the order in which they give way. Numbers, dates, ids and links never do. */
static const enum template_name cuttable[] = {TPL_TITLE,   TPL_WORST, TPL_MATTER, TPL_CLOCK,
                                              TPL_HANDLER, TPL_STAGE, TPL_UNIT};

/* The prefix that leaves out at least `units` UTF-16 units, one more for the ellipsis. */
static struct text cut_units(struct text value, size_t units)
{
    const size_t whole = utf8_utf16_units(value);
    struct text cut = value;
    while (cut.bytes > 0 && whole - utf8_utf16_units(cut) < units + 1) {
        cut = utf8_cut(cut, cut.bytes - 1);
    }
    return cut;
}

static size_t units_over(struct text text, size_t segments_max)
{
    const size_t units = utf8_utf16_units(text);
    const size_t room = segments_max == 1 ? SMS_ONE_UNITS : segments_max * SMS_MANY_UNITS;
    return units > room ? units - room : 0;
}

/* Cut one value far enough, but leave a few characters: "关于取水…" still says which case. */
static void give_way(
    struct template_values *values, enum template_name name, size_t units, struct buf *scratch)
{
    struct text *value = &values->value[name];
    const size_t whole = utf8_utf16_units(*value);
    if (whole < CUT_UNITS_MIN + 2) {
        return;
    }
    const size_t most = whole - CUT_UNITS_MIN - 1;
    const struct text cut = cut_units(*value, units < most ? units : most);
    const size_t from = scratch->bytes;
    buf_text(scratch, cut);
    buf_string(scratch, "…");
    if (buf_error(scratch) == ERR_OK) {
        *value = (struct text){scratch->ptr + from, scratch->bytes - from};
    }
}

static void render_sms(struct text pattern, const struct template_values *values, struct buf *sms)
{
    buf_clear(sms);
    render(pattern, values, add_sms, sms);
}

bool template_fit_sms(
    struct text pattern, const struct template_values *values, size_t segments_max, struct buf *buf)
{
    struct template_values fitted = *values;
    struct buf sms;
    buf_init(&sms, SMS_BYTES_MAX);
    render_sms(pattern, &fitted, &sms);
    struct buf cuts[sizeof cuttable / sizeof cuttable[0]];
    size_t cut_count = 0;
    while (cut_count < sizeof cuttable / sizeof cuttable[0] &&
           units_over(buf_view(&sms), segments_max) > 0) {
        buf_init(&cuts[cut_count], SMS_BYTES_MAX);
        give_way(
            &fitted, cuttable[cut_count], units_over(buf_view(&sms), segments_max),
            &cuts[cut_count]);
        cut_count++;
        render_sms(pattern, &fitted, &sms);
    }
    const bool fits = buf_error(&sms) == ERR_OK && units_over(buf_view(&sms), segments_max) == 0;
    if (fits) {
        buf_text(buf, buf_view(&sms));
    } else {
        render(pattern, values, add_sms, buf);
    }
    for (size_t i = 0; i < cut_count; i++) {
        buf_release(&cuts[i]);
    }
    buf_release(&sms);
    return fits;
}

const char *template_late(int64_t days, bool chinese, char text[static TEMPLATE_LATE_BYTES])
{
    if (days > 0) {
        (void)snprintf(text, TEMPLATE_LATE_BYTES, "%" PRId64, days);
    } else {
        (void)snprintf(text, TEMPLATE_LATE_BYTES, "%s", chinese ? "不足1" : "less than 1");
    }
    return text;
}
