/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of configuration files in words. Two values that mean something different never get the
 * same words: the comparison relies on it.
 */
#include <string.h>

#include "config/diff_parts.h"
#include "rules/duration.h"

void diff_write_words(struct diff_words words, enum explain_language language, struct buf *buf)
{
    buf_string(buf, language == EXPLAIN_CHINESE ? words.zh : words.en);
}

static const struct diff_words comma = {"、", ", "};
static const struct diff_words semicolon = {"；", "; "};

/* Is it one word, so that it cannot run into its neighbours? */
static bool is_plain(struct text word)
{
    static const char odd[] = " ,;\"()\\*";
    for (size_t i = 0; i < word.bytes; i++) {
        if ((unsigned char)word.ptr[i] <= 0x20 || strchr(odd, word.ptr[i])) {
            return false;
        }
    }
    return word.bytes > 0;
}

static void write_in_quotes(struct text text, struct buf *buf)
{
    buf_char(buf, '"');
    for (size_t i = 0; i < text.bytes; i++) {
        const char c = text.ptr[i];
        if (c == '\n') {
            buf_string(buf, "\\n");
        } else if (c == '"' || c == '\\') {
            buf_char(buf, '\\');
            buf_char(buf, c);
        } else {
            buf_char(buf, c);
        }
    }
    buf_char(buf, '"');
}

void diff_write_word(struct text word, struct buf *buf)
{
    if (is_plain(word)) {
        buf_text(buf, word);
    } else {
        write_in_quotes(word, buf);
    }
}

void diff_write_quoted(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    if (json_type(value) == JSON_STRING) {
        write_in_quotes(json_string(value), buf);
    } else {
        diff_write_plain(value, language, buf);
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the parser lets a document be */
static void put_json(struct json_out *out, const struct json_value *value)
{
    const enum json_type type = json_type(value);
    if (type != JSON_OBJECT && type != JSON_ARRAY) {
        json_out_value(out, value);
        return;
    }
    const bool object = type == JSON_OBJECT;
    json_out_open(out, object ? '{' : '[');
    for (const struct json_value *item = json_first(value); item; item = json_next(item)) {
        if (object && text_is(json_key(item), "note")) {
            continue;
        }
        if (object) {
            json_out_key(out, json_key(item).ptr);
        }
        put_json(out, item);
    }
    json_out_close(out, object ? '}' : ']');
}

void diff_write_json(const struct json_value *value, struct buf *buf)
{
    struct json_out out;
    json_out_init(&out, buf);
    put_json(&out, value);
}

static bool is_scalar(const struct json_value *value)
{
    return json_type(value) != JSON_OBJECT && json_type(value) != JSON_ARRAY;
}

static void write_scalar(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    static const struct diff_words yes = {"是", "yes"};
    static const struct diff_words no = {"否", "no"};
    if (json_type(value) == JSON_STRING) {
        diff_write_word(json_string(value), buf);
    } else if (json_type(value) == JSON_BOOL) {
        diff_write_words(json_is_true(value) ? yes : no, language, buf);
    } else {
        diff_write_json(value, buf);
    }
}

typedef void item_fn(const struct json_value *value, enum explain_language language, struct buf *);

static void write_joined(
    const struct json_value *list,
    item_fn *item,
    const struct diff_words *between,
    enum explain_language language,
    struct buf *buf)
{
    static const struct diff_words nobody = {"（空）", "(empty)"};
    for (const struct json_value *value = json_first(list); value; value = json_next(value)) {
        item(value, language, buf);
        if (json_next(value)) {
            diff_write_words(*between, language, buf);
        }
    }
    if (!json_first(list)) {
        diff_write_words(nobody, language, buf);
    }
}

void diff_write_plain(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    bool scalars = json_type(value) == JSON_ARRAY;
    for (const struct json_value *item = json_first(value); item; item = json_next(item)) {
        scalars = scalars && is_scalar(item);
    }
    if (is_scalar(value)) {
        write_scalar(value, language, buf);
    } else if (scalars) {
        write_joined(value, write_scalar, &comma, language, buf);
    } else {
        diff_write_json(value, buf);
    }
}

/* Does the object have members that the sentence would leave out? Then it is shown as JSON. */
static bool has_others(const struct json_value *object, const char *const *known, size_t count)
{
    for (const struct json_value *item = json_first(object); item; item = json_next(item)) {
        const struct text key = json_key(item);
        bool is_known = text_is(key, "note") || text_is(key, "title");
        for (size_t i = 0; i < count; i++) {
            is_known = is_known || text_is(key, known[i]);
        }
        if (!is_known) {
            return true;
        }
    }
    return json_type(object) != JSON_OBJECT;
}

/* ---- durations ---- */

static void write_amount(struct duration duration, struct buf *buf)
{
    static const struct {
        const char *unit;
        const char *zh;
    } units[] = {
        {"wd", "个工作日"}, {"d", "天"},   {"wh", "个工作小时"}, {"wm", "个工作分钟"},
        {"ws", "个工作秒"}, {"h", "小时"}, {"m", "分钟"},        {"s", "秒"},
    };
    const int64_t step = duration.step_ms > 0 ? duration.step_ms : 1;
    buf_format(buf, "%lld ", (long long)(duration.amount / step));
    for (size_t i = 0; i < DIFF_COUNT(units); i++) {
        if (strcmp(duration_unit_word(duration), units[i].unit) == 0) {
            buf_string(buf, units[i].zh);
        }
    }
    if (duration.at_second >= 0) {
        buf_format(buf, "（%02d:%02d）", duration.at_second / 3600, duration.at_second / 60 % 60);
    }
}

static void write_duration_text(struct text text, enum explain_language language, struct buf *buf)
{
    struct duration duration;
    if (duration_parse(text, &duration, NULL) != ERR_OK) {
        diff_write_word(text, buf);
    } else if (language == EXPLAIN_CHINESE) {
        write_amount(duration, buf);
    } else {
        duration_write(duration, buf);
    }
}

void diff_write_duration(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    if (json_type(value) == JSON_STRING) {
        write_duration_text(json_string(value), language, buf);
    } else {
        diff_write_plain(value, language, buf);
    }
}

static void write_after(
    const struct diff_words *words,
    struct text rest,
    enum explain_language language,
    struct buf *buf)
{
    diff_write_words(*words, language, buf);
    write_duration_text(rest, language, buf);
}

/* English keeps what the file says; Chinese says it in words. */
void diff_write_at(const struct json_value *value, enum explain_language language, struct buf *buf)
{
    static const struct {
        const char *prefix;
        struct diff_words words;
    } anchors[] = {
        {"due-", {"到期前 ", "due-"}},
        {"due+", {"到期后 ", "due+"}},
        {"acked+", {"首次签收后 ", "acked+"}},
    };
    const struct text text = json_string(value);
    if (text_is(text, "due+0")) {
        buf_string(buf, language == EXPLAIN_CHINESE ? "到期时" : "due+0");
        return;
    }
    if (text.bytes > 1 && text.ptr[text.bytes - 1] == '%') {
        buf_string(buf, language == EXPLAIN_CHINESE ? "期限的 " : "");
        buf_text(buf, text);
        return;
    }
    for (size_t i = 0; i < DIFF_COUNT(anchors); i++) {
        const struct text prefix = text_of(anchors[i].prefix);
        if (text_starts_with(text, prefix)) {
            const struct text rest = {text.ptr + prefix.bytes, text.bytes - prefix.bytes};
            write_after(&anchors[i].words, rest, language, buf);
            return;
        }
    }
    static const struct diff_words start = {"起算后 ", ""};
    if (json_type(value) == JSON_STRING) {
        write_after(&start, text, language, buf);
    } else {
        diff_write_plain(value, language, buf);
    }
}

void diff_write_limit(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    static const char *const known[] = {"from"};
    if (has_others(value, known, DIFF_COUNT(known))) {
        diff_write_duration(value, language, buf);
        return;
    }
    const struct diff_words given = {"随事项给定（", "given by the case ("};
    const struct diff_words end = {"）", ")"};
    diff_write_words(given, language, buf);
    diff_write_word(json_get_string(value, "from"), buf);
    diff_write_words(end, language, buf);
}

/* ---- recurring, repeats ---- */

static const struct diff_words weekday_words[] = {
    {"周一", "MON"}, {"周二", "TUE"}, {"周三", "WED"}, {"周四", "THU"},
    {"周五", "FRI"}, {"周六", "SAT"}, {"周日", "SUN"},
};

static void write_day_word(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    for (size_t i = 0; i < DIFF_COUNT(weekday_words); i++) {
        if (text_is(json_string(value), weekday_words[i].en)) {
            diff_write_words(weekday_words[i], language, buf);
            return;
        }
    }
    write_scalar(value, language, buf);
}

void diff_write_recur(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    static const char *const known[] = {"days", "at"};
    const struct diff_words every = {"每", "every "};
    const struct diff_words at = {" ", " at "};
    if (has_others(value, known, DIFF_COUNT(known))) {
        diff_write_plain(value, language, buf);
        return;
    }
    diff_write_words(every, language, buf);
    write_joined(json_get(value, "days"), write_day_word, &comma, language, buf);
    diff_write_words(at, language, buf);
    diff_write_plain(json_get(value, "at"), language, buf);
}

static void write_repeat_times(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    const bool working = text_is(json_get_string(value, "days"), "working");
    const struct diff_words days = {
        working ? "每个工作日 " : "每天 ", working ? "every working day at " : "every day at "};
    diff_write_words(days, language, buf);
    write_joined(json_get(value, "at"), write_scalar, &comma, language, buf);
}

void diff_write_repeat(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    const struct diff_words every = {"每隔 ", "every "};
    const struct diff_words most = {"，最多 ", ", at most "};
    const struct diff_words times = {" 次", " times"};
    static const char *const known[] = {"at", "days", "every", "max"};
    if (has_others(value, known, DIFF_COUNT(known))) {
        diff_write_plain(value, language, buf);
        return;
    }
    if (json_get(value, "at")) {
        write_repeat_times(value, language, buf);
    } else {
        diff_write_words(every, language, buf);
        diff_write_duration(json_get(value, "every"), language, buf);
    }
    if (json_get(value, "max")) {
        diff_write_words(most, language, buf);
        diff_write_plain(json_get(value, "max"), language, buf);
        diff_write_words(times, language, buf);
    }
}

/* ---- lists with a form of their own ---- */

static void write_kind(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    const struct text prefix = TEXT_LITERAL("case.");
    struct text kind = json_string(value);
    (void)language;
    if (text_starts_with(kind, prefix)) {
        kind = (struct text){kind.ptr + prefix.bytes, kind.bytes - prefix.bytes};
    }
    diff_write_word(kind, buf);
}

void diff_write_kinds(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    if (json_type(value) == JSON_ARRAY) {
        write_joined(value, write_kind, &comma, language, buf);
    } else {
        write_kind(value, language, buf);
    }
}

void diff_write_via(const struct json_value *value, enum explain_language language, struct buf *buf)
{
    const struct diff_words all = {"同时用 ", "all of "};
    const struct diff_words first = {"，不通再用 ", ", else "};
    static const char *const known[] = {"all"};
    if (json_type(value) == JSON_OBJECT && has_others(value, known, DIFF_COUNT(known))) {
        diff_write_plain(value, language, buf);
    } else if (json_type(value) == JSON_OBJECT) {
        diff_write_words(all, language, buf);
        write_joined(json_get(value, "all"), write_scalar, &comma, language, buf);
    } else {
        write_joined(value, write_scalar, &first, language, buf);
    }
}

static void write_interval(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    static const struct diff_words dash = {"-", "-"};
    write_joined(value, write_scalar, &dash, language, buf);
}

void diff_write_hours(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    write_joined(value, write_interval, &comma, language, buf);
}

static void write_season(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    const struct diff_words to = {" 至 ", " to "};
    const struct diff_words hours = {"：", ": "};
    static const char *const known[] = {"from", "to", "office_hours"};
    if (has_others(value, known, DIFF_COUNT(known))) {
        diff_write_json(value, buf);
        return;
    }
    diff_write_plain(json_get(value, "from"), language, buf);
    diff_write_words(to, language, buf);
    diff_write_plain(json_get(value, "to"), language, buf);
    diff_write_words(hours, language, buf);
    diff_write_hours(json_get(value, "office_hours"), language, buf);
}

void diff_write_seasons(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    write_joined(value, write_season, &semicolon, language, buf);
}

static void write_weekday(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    int64_t number = 0;
    if (json_i64(value, &number) == ERR_OK && number >= 1 && number <= 7) {
        diff_write_words(weekday_words[number - 1], language, buf);
    } else {
        write_scalar(value, language, buf);
    }
}

void diff_write_weekdays(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    write_joined(value, write_weekday, &comma, language, buf);
}

static void write_leave(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    const struct diff_words to = {" 至 ", " to "};
    const struct diff_words instead = {"，由 ", ", stands in: "};
    const struct diff_words end = {" 代", ""};
    const struct text delegate = json_get_string(value, "delegate");
    static const char *const known[] = {"from", "to", "delegate"};
    if (has_others(value, known, DIFF_COUNT(known))) {
        diff_write_json(value, buf);
        return;
    }
    diff_write_plain(json_get(value, "from"), language, buf);
    diff_write_words(to, language, buf);
    diff_write_plain(json_get(value, "to"), language, buf);
    if (delegate.bytes > 0) {
        diff_write_words(instead, language, buf);
        diff_write_word(delegate, buf);
        diff_write_words(end, language, buf);
    }
}

void diff_write_leaves(
    const struct json_value *value, enum explain_language language, struct buf *buf)
{
    write_joined(value, write_leave, &semicolon, language, buf);
}
