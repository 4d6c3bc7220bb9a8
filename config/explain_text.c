/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See explain_text.h. A sentence is a template: {kind} {n} {of} {at} {until} {more} {by} {reason}
 * {why} stand for what the line holds; nothing else is put together by hand.
 */
#include "config/explain_text.h"

#include <string.h>

#include "base/must.h"
#include "config/holiday_words.h"

#define TEXT_BYTES_MAX ((size_t)16 * 1024 * 1024)

struct words {
    const char *in[EXPLAIN_LANGUAGE_COUNT];
};

static const struct words sentences[EXPLAIN_STEP_COUNT] = {
    [EXPLAIN_STARTED] = {{"起算", "start"}},
    [EXPLAIN_START] =
        {{"起算当日，不计（民法典第二百零一条）", "day of the start, not counted itself"}},
    [EXPLAIN_LATE] =
        {{"{kind}，收到时不在办公时间内，改自下一工作日起算",
          "{kind}, arrived too late: starts on the next working day"}},
    [EXPLAIN_START_MOVED] = {{"视为起算当日，不计", "taken as the day of the start, not counted"}},
    [EXPLAIN_COUNTED] = {{"{kind}，第 {n} 天，共 {of} 天", "{kind}, day {n} of {of}"}},
    [EXPLAIN_LEFT_OUT] = {{"{kind}，不计", "{kind}, not counted"}},
    [EXPLAIN_PAUSED] = {{"中止计时，不计{reason}", "paused, not counted{reason}"}},
    [EXPLAIN_PASSED] =
        {{"{kind}，期限最后一日遇休息日，顺延",
          "{kind}: the last day is no working day, moves on"}},
    [EXPLAIN_ROLLED] = {{"顺延至此工作日（民法典第二百零三条）", "moved to this working day"}},
    [EXPLAIN_TIME_COUNTED] = {{"计入，累计 {n}，共 {of}", "counted, {n} of {of}"}},
    [EXPLAIN_TIME_LEFT_OUT] = {{"办公时间以外，不计", "outside office hours, not counted"}},
    [EXPLAIN_TIME_PAUSED] = {{"中止计时，不计{reason}", "paused, not counted{reason}"}},
    [EXPLAIN_PAUSE_OPEN] = {{"起中止计时，尚未恢复{reason}", "paused since, not resumed{reason}"}},
    [EXPLAIN_PAUSE_MAX] =
        {{"中止已满最长期限，恢复计时",
          "the pause has lasted as long as it may: counting goes on"}},
    [EXPLAIN_GAP] =
        {{"已办结，{until} 重新办理，其间不计{reason}",
          "had ended, taken up again {until}, not counted in between{reason}"}},
    [EXPLAIN_EXTENDED] =
        {{"延长{more}，批准人 {by}{reason}", "extended {more}, approved by {by}{reason}"}},
    [EXPLAIN_REFUSED] = {{"延长申请未生效：{why}", "extension without effect: {why}"}},
    [EXPLAIN_REPLANNED] = {{"起改按第 {n} 版规则计时", "from here on by version {n} of the rules"}},
    [EXPLAIN_RECURS] = {{"{kind}，{days} 一次", "{kind}, each {days}"}},
    [EXPLAIN_FIXED] = {{"期限为指定时刻，不按日计算", "due is a given instant, not counted"}},
    [EXPLAIN_MOVED_OUT] =
        {{"计满于中止期间，以中止结束时为限：{until}{reason}",
          "the count ends in a pause: due is its end, {until}{reason}"}},
    [EXPLAIN_PROVISIONAL] =
        {{"暂定：所涉年份的放假安排尚未公布，公布后重新计算",
          "provisional: the notice for a year it needs is not out yet"}},
    [EXPLAIN_NO_DUE] = {{"没有截止时间", "no due"}},
    [EXPLAIN_DUE] = {{"截止时间：{at}", "due: {at}"}},
};

static const struct words day_kinds[DAY_KIND_COUNT] = {
    [DAY_WORKING] = {{"工作日", "working day"}},
    [DAY_MAKE_UP] = {{"调休上班日", "make-up working day"}},
    [DAY_WEEKEND] = {{"休息日", "day of rest"}},
    [DAY_HOLIDAY] = {{"节假日", "holiday"}},
    [DAY_CLOSURE] = {{"临时停止办公", "offices closed"}},
};

/* The words in JSON. */
static const char *const day_kind_names[DAY_KIND_COUNT] = {
    [DAY_WORKING] = "working", [DAY_MAKE_UP] = "make_up", [DAY_WEEKEND] = "rest",
    [DAY_HOLIDAY] = "holiday", [DAY_CLOSURE] = "closure",
};

static const struct words refusals[EXTENSION_REFUSAL_COUNT] = {
    [EXTENSION_ACCEPTED] = {{"", ""}},
    [EXTENSION_TOO_LATE] = {{"已超过截止时间", "due had passed"}},
    [EXTENSION_USED_UP] = {{"延长次数已用完", "no more extensions are allowed"}},
    [EXTENSION_NOT_APPROVED] = {{"缺少批准人", "nobody approved it"}},
    [EXTENSION_WITHOUT_REASON] = {{"缺少理由", "no reason is given"}},
    [EXTENSION_UNUSABLE] =
        {{"单位与期限不符，或期限已定为指定时刻",
          "not in the unit of the limit, or due is fixed already"}},
};

static const struct words weekdays[8] = {
    {{"", ""}},        {{"周一", "Mon"}}, {{"周二", "Tue"}}, {{"周三", "Wed"}},
    {{"周四", "Thu"}}, {{"周五", "Fri"}}, {{"周六", "Sat"}}, {{"周日", "Sun"}},
};

struct unit_words {
    const char *unit;
    struct words words;
};

static const struct unit_words units[] = {
    {"wd", {{"个工作日", "working days"}}},
    {"d", {{"天", "days"}}},
    {"wh", {{"个工作小时", "working hours"}}},
    {"wm", {{"个工作分钟", "working minutes"}}},
    {"ws", {{"个工作秒", "working seconds"}}},
    {"h", {{"小时", "hours"}}},
    {"m", {{"分钟", "minutes"}}},
    {"s", {{"秒", "seconds"}}},
};

enum err explain_language_parse(struct text text, enum explain_language *ret_language)
{
    if (!text_is(text, "zh") && !text_is(text, "en"))
        return ERR_PARSE;
    *ret_language = text_is(text, "zh") ? EXPLAIN_CHINESE : EXPLAIN_ENGLISH;
    return ERR_OK;
}

struct writing {
    const struct calendar *calendar;
    enum explain_language language;
    struct buf *buf;
};

/* ---- the parts of a sentence ---- */

/* Text from outside: what could move a cursor or end the line becomes a space. */
static void put_foreign(const struct writing *writing, struct text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        const bool c1 = c == 0xc2 && i + 1 < text.bytes && (unsigned char)text.ptr[i + 1] < 0xa0;
        if (c1)
            i++;
        if (c1 || c < ' ' || c == 0x7f) {
            buf_char(writing->buf, ' ');
        } else {
            buf_char(writing->buf, text.ptr[i]);
        }
    }
}

static void put_words(const struct writing *writing, const struct words *words)
{
    buf_string(writing->buf, words->in[writing->language]);
}

static void put_date(const struct writing *writing, struct civil_day day, bool with_year)
{
    const struct civil_date date = civil_date_of(day);
    if (with_year)
        buf_format(writing->buf, "%04d-", date.year);
    buf_format(writing->buf, "%02d-%02d", date.month, date.day);
}

/* "17:30", with seconds where there are any. */
static void put_clock(const struct writing *writing, struct wall_ms at)
{
    const int32_t second = calendar_local_second(writing->calendar, at);
    buf_format(writing->buf, "%02d:%02d", second / 3600, second / 60 % 60);
    if (second % 60 != 0)
        buf_format(writing->buf, ":%02d", second % 60);
}

static void put_moment(const struct writing *writing, struct wall_ms at)
{
    put_date(writing, calendar_local_day(writing->calendar, at), true);
    buf_char(writing->buf, ' ');
    put_clock(writing, at);
}

static void put_duration(const struct writing *writing, struct duration duration)
{
    const char *unit = duration_unit_word(duration);
    const int64_t amount = duration.step_ms ? duration.amount / duration.step_ms : duration.amount;
    buf_format(writing->buf, " %lld ", (long long)amount);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(units[i].unit, unit) == 0)
            put_words(writing, &units[i].words);
    }
    if (amount == 1 && writing->language == EXPLAIN_ENGLISH && writing->buf->bytes > 0)
        buf_cut(writing->buf, writing->buf->bytes - 1); /* "1 working day" */
    if (duration.at_second >= 0) {
        buf_format(
            writing->buf, " @%02d:%02d", duration.at_second / 3600, duration.at_second / 60 % 60);
    }
}

/* "3 小时 30 分", "3 h 30 min". */
static void put_span(const struct writing *writing, int64_t ms)
{
    static const struct words parts[] = {{{" 小时", " h"}}, {{" 分", " min"}}, {{" 秒", " s"}}};
    const int64_t seconds = ms / 1000;
    const int64_t amounts[] = {seconds / 3600, seconds / 60 % 60, seconds % 60};
    bool any = false;
    for (size_t i = 0; i < 3; i++) {
        if (amounts[i] == 0 && (any || i < 2))
            continue;
        buf_format(writing->buf, "%s%lld", any ? " " : "", (long long)amounts[i]);
        put_words(writing, &parts[i]);
        any = true;
    }
}

static const struct words bracket_open = {{"（", " ("}};
static const struct words bracket_close = {{"）", ")"}};

static void put_reason(const struct writing *writing, const struct explain_line *line)
{
    if (line->reason.bytes == 0)
        return;
    put_words(writing, &bracket_open);
    put_foreign(writing, line->reason);
    put_words(writing, &bracket_close);
}

/* "（春节）", " (Spring Festival)" */
static void put_holiday(const struct writing *writing, struct text name)
{
    if (name.bytes == 0)
        return;
    put_words(writing, &bracket_open);
    if (writing->language == EXPLAIN_CHINESE) {
        put_foreign(writing, name);
    } else {
        put_foreign(writing, holiday_english(holiday_name_part(&name)));
        while (name.bytes > 0) {
            buf_string(writing->buf, ", ");
            put_foreign(writing, holiday_english(holiday_name_part(&name)));
        }
    }
    put_words(writing, &bracket_close);
}

static void put_amount(const struct writing *writing, const struct explain_line *line, int64_t n)
{
    if (line->step == EXPLAIN_TIME_COUNTED) {
        put_span(writing, n);
    } else {
        buf_format(writing->buf, "%lld", (long long)n);
    }
}

static void put_kind(const struct writing *writing, const struct explain_line *line)
{
    put_words(writing, &day_kinds[line->day_kind]);
    if (line->day_kind == DAY_CLOSURE) {
        put_reason(writing, line);
    } else {
        put_holiday(writing, calendar_day_name(writing->calendar, line->day));
    }
}

static void put_n(const struct writing *writing, const struct explain_line *line)
{
    put_amount(writing, line, line->n);
}

static void put_of(const struct writing *writing, const struct explain_line *line)
{
    put_amount(writing, line, line->of);
}

static void put_at(const struct writing *writing, const struct explain_line *line)
{
    char text[WALL_TEXT_BYTES];
    buf_string(writing->buf, calendar_format(writing->calendar, line->at, text));
}

static void put_until(const struct writing *writing, const struct explain_line *line)
{
    put_moment(writing, line->until);
}

/* How much an extension gives: " 2 working days", or until when. */
static void put_more(const struct writing *writing, const struct explain_line *line)
{
    static const struct words until = {{"至 ", "until "}};
    static const struct words by = {{"", "by"}};
    if (line->until.ms > 0) {
        put_words(writing, &until);
        put_moment(writing, line->until);
    } else {
        put_words(writing, &by);
        put_duration(writing, line->extension);
    }
}

static void put_by(const struct writing *writing, const struct explain_line *line)
{
    put_foreign(writing, line->by_name);
}

static void put_why(const struct writing *writing, const struct explain_line *line)
{
    put_words(writing, &refusals[line->refusal]);
}

/* "每周一、周五 17:00", "Mon, Fri 17:00" */
static void put_recurrence(const struct writing *writing, const struct clock_rule *rule)
{
    static const struct words each = {{"每", ""}};
    static const struct words between = {{"、", ", "}};
    bool any = false;
    put_words(writing, &each);
    for (int weekday = 1; weekday <= 7; weekday++) {
        if (!rule->recur_weekday[weekday])
            continue;
        if (any)
            put_words(writing, &between);
        put_words(writing, &weekdays[weekday]);
        any = true;
    }
    buf_format(writing->buf, " %02d:%02d", rule->recur_second / 3600, rule->recur_second / 60 % 60);
}

static void put_days_listed(const struct writing *writing, const struct explain_line *line)
{
    if (line->rule)
        put_recurrence(writing, line->rule);
}

struct part {
    const char *name; /* "{kind}" */
    void (*put)(const struct writing *writing, const struct explain_line *line);
};

static const struct part part_table[] = {
    {"{kind}", put_kind},     {"{n}", put_n},
    {"{of}", put_of},         {"{at}", put_at},
    {"{until}", put_until},   {"{more}", put_more},
    {"{by}", put_by},         {"{why}", put_why},
    {"{reason}", put_reason}, {"{days}", put_days_listed},
};

static const struct part *find_part(const char *at)
{
    for (size_t i = 0; i < sizeof(part_table) / sizeof(part_table[0]); i++) {
        if (strncmp(at, part_table[i].name, strlen(part_table[i].name)) == 0)
            return &part_table[i];
    }
    return NULL;
}

static void put_sentence(const struct writing *writing, const struct explain_line *line)
{
    const char *at = sentences[line->step].in[writing->language];
    while (*at) {
        const struct part *part = *at == '{' ? find_part(at) : NULL;
        MUST(part || *at != '{'); /* the table names only what there is */
        if (part) {
            part->put(writing, line);
            at += strlen(part->name);
        } else {
            buf_char(writing->buf, *at++);
        }
    }
}

/* ---- text ---- */

/* Nothing stands in front of what has no place in time. */
static bool has_moment(enum explain_step step)
{
    return step != EXPLAIN_PROVISIONAL && step != EXPLAIN_NO_DUE && step != EXPLAIN_DUE;
}

static bool is_interval(const struct explain_line *line)
{
    return line->step == EXPLAIN_TIME_COUNTED || line->step == EXPLAIN_TIME_LEFT_OUT ||
           line->step == EXPLAIN_TIME_PAUSED;
}

static bool same_day(const struct writing *writing, struct wall_ms a, struct wall_ms b)
{
    return calendar_local_day(writing->calendar, a).number ==
           calendar_local_day(writing->calendar, b).number;
}

static void put_interval(const struct writing *writing, const struct explain_line *line)
{
    const struct wall_ms last = wall_add(line->until, -1);
    put_moment(writing, line->at);
    buf_string(writing->buf, "–");
    if (same_day(writing, line->at, line->until)) {
        put_clock(writing, line->until);
    } else if (
        same_day(writing, line->at, last) &&
        calendar_local_second(writing->calendar, line->until) == 0) {
        buf_string(writing->buf, "24:00");
    } else {
        put_moment(writing, line->until);
    }
}

static void put_place(const struct writing *writing, const struct explain_line *line)
{
    if (line->has_day) {
        put_date(writing, line->day, true);
        buf_char(writing->buf, ' ');
        put_words(writing, &weekdays[civil_weekday(line->day)]);
    } else if (is_interval(line)) {
        put_interval(writing, line);
    } else if (has_moment(line->step)) {
        put_moment(writing, line->at);
    } else {
        return;
    }
    buf_string(writing->buf, "  ");
}

/* "2026-02-15 至 02-23" */
static void put_days(
    const struct writing *writing,
    const struct explain_line *first,
    const struct explain_line *last)
{
    static const struct words to = {{" 至 ", " to "}};
    const bool one_year = civil_date_of(first->day).year == civil_date_of(last->day).year;
    put_date(writing, first->day, true);
    put_words(writing, &to);
    put_date(writing, last->day, !one_year);
    buf_string(writing->buf, "  ");
}

/* May the second day stand in one line with the first? */
static bool folds(
    const struct calendar *calendar,
    const struct explain_line *first,
    const struct explain_line *second)
{
    const bool foldable = first->step == EXPLAIN_LEFT_OUT || first->step == EXPLAIN_PAUSED ||
                          first->step == EXPLAIN_PASSED;
    const bool kind_matters = first->step != EXPLAIN_PAUSED;
    return foldable && second->step == first->step && second->has_day &&
           (!kind_matters || (second->day_kind == first->day_kind &&
                              text_equal(
                                  calendar_day_name(calendar, first->day),
                                  calendar_day_name(calendar, second->day)))) &&
           text_equal(first->reason, second->reason);
}

static size_t put_line(
    const struct writing *writing, const struct explain_line *lines, size_t line_count)
{
    size_t alike = 1;
    while (alike < line_count && folds(writing->calendar, &lines[0], &lines[alike]))
        alike++;
    if (alike == 1) {
        put_place(writing, &lines[0]);
        put_sentence(writing, &lines[0]);
        return 1;
    }
    put_days(writing, &lines[0], &lines[alike - 1]);
    put_sentence(writing, &lines[0]);
    if (writing->language == EXPLAIN_CHINESE) {
        buf_format(writing->buf, "（%zu 天）", alike);
    } else {
        buf_format(writing->buf, " (%zu days)", alike);
    }
    return alike;
}

/* "答复（reply）第 2 次，期限 5 个工作日，自 2026-02-13 10:00" */
static void put_heading(const struct writing *writing, const struct explanation *explanation)
{
    static const struct words limit = {{"期限", "limit"}};
    static const struct words from = {{"，自 ", ", from "}};
    static const struct words fixed = {{"截止时间为指定时刻", "due at a given instant"}};
    static const struct words recurs = {{"", "each "}};
    const struct clock_rule *rule = explanation->rule;
    if (rule) {
        const bool titled = rule->title.bytes > 0 && !text_equal(rule->title, explanation->clock);
        put_foreign(writing, titled ? rule->title : explanation->clock);
        if (titled) {
            buf_string(writing->buf, " (");
            put_foreign(writing, explanation->clock);
            buf_char(writing->buf, ')');
        }
        buf_format(
            writing->buf, writing->language == EXPLAIN_CHINESE ? " 第 %d 次，" : " run %d, ",
            explanation->run);
    }
    if (explanation->limit.amount > 0) {
        put_words(writing, &limit);
        put_duration(writing, explanation->limit);
    } else if (rule && rule->recurs) {
        put_words(writing, &recurs);
        put_recurrence(writing, rule);
    } else {
        put_words(writing, &fixed);
    }
    put_words(writing, &from);
    put_moment(writing, explanation->start);
    buf_char(writing->buf, '\n');
}

void explain_write_text(
    const struct explanation *explanation, enum explain_language language, struct buf *buf)
{
    const struct writing writing = {
        .calendar = explanation->calendar, .language = language, .buf = buf};
    put_heading(&writing, explanation);
    for (size_t i = 0; i < explanation->line_count;) {
        i += put_line(&writing, &explanation->lines[i], explanation->line_count - i);
        buf_char(buf, '\n');
    }
}

/* ---- JSON ---- */

struct json_writing {
    const struct explanation *explanation;
    struct json_out *out;
    struct buf *scratch;
};

static void put_instant(
    const struct json_writing *writing, const char *key, struct wall_ms at, bool known)
{
    char text[WALL_TEXT_BYTES];
    if (known) {
        calendar_format(writing->explanation->calendar, at, text);
        json_out_member(writing->out, key, text_of(text));
    } else {
        json_out_key(writing->out, key);
        json_out_null(writing->out);
    }
}

static void put_given(const struct json_writing *writing, const char *key, struct text value)
{
    if (value.bytes > 0)
        json_out_member(writing->out, key, value);
}

static struct writing scratch_writing(
    const struct json_writing *writing, enum explain_language language)
{
    buf_clear(writing->scratch);
    return (struct writing){
        .calendar = writing->explanation->calendar,
        .language = language,
        .buf = writing->scratch,
    };
}

static void put_duration_member(
    const struct json_writing *writing, const char *key, struct duration duration)
{
    buf_clear(writing->scratch);
    duration_write(duration, writing->scratch);
    json_out_member(writing->out, key, buf_view(writing->scratch));
}

static void put_day_members(const struct json_writing *writing, const struct explain_line *line)
{
    const struct writing date = scratch_writing(writing, EXPLAIN_ENGLISH);
    if (!line->has_day)
        return;
    put_date(&date, line->day, true);
    json_out_member(writing->out, "date", buf_view(writing->scratch));
    json_out_member(writing->out, "day", text_of(day_kind_names[line->day_kind]));
    if (line->day_kind == DAY_HOLIDAY || line->day_kind == DAY_MAKE_UP)
        put_given(writing, "name", calendar_day_name(date.calendar, line->day));
}

static void put_count_members(const struct json_writing *writing, const struct explain_line *line)
{
    if (line->step == EXPLAIN_COUNTED) {
        json_out_member_i64(writing->out, "n", line->n);
        json_out_member_i64(writing->out, "of", line->of);
    } else if (line->step == EXPLAIN_TIME_COUNTED) {
        json_out_member_i64(writing->out, "counted_ms", line->n);
        json_out_member_i64(writing->out, "of_ms", line->of);
    } else if (line->step == EXPLAIN_REPLANNED) {
        json_out_member_i64(writing->out, "version", line->n);
    }
}

static void put_line_object(const struct json_writing *writing, const struct explain_line *line)
{
    static const char *const keys[EXPLAIN_LANGUAGE_COUNT] = {"zh", "en"};
    json_out_open(writing->out, '{');
    json_out_member(writing->out, "step", text_of(explain_step_name(line->step)));
    put_day_members(writing, line);
    put_count_members(writing, line);
    if (line->at.ms > 0)
        put_instant(writing, "at", line->at, true);
    if (line->until.ms > 0)
        put_instant(writing, "until", line->until, true);
    put_given(writing, "reason", line->reason);
    put_given(writing, "approved_by", line->by);
    if (line->extension.amount > 0)
        put_duration_member(writing, "by", line->extension);
    if (line->refusal != EXTENSION_ACCEPTED)
        json_out_member(writing->out, "refused", text_of(extension_refusal_name(line->refusal)));
    for (int language = 0; language < EXPLAIN_LANGUAGE_COUNT; language++) {
        const struct writing words = scratch_writing(writing, (enum explain_language)language);
        put_sentence(&words, line);
        json_out_member(writing->out, keys[language], buf_view(writing->scratch));
    }
    json_out_close(writing->out, '}');
}

static void put_texts(const struct json_writing *writing)
{
    static const char *const keys[EXPLAIN_LANGUAGE_COUNT] = {"zh", "en"};
    json_out_key(writing->out, "text");
    json_out_open(writing->out, '{');
    for (int language = 0; language < EXPLAIN_LANGUAGE_COUNT; language++) {
        buf_clear(writing->scratch);
        explain_write_text(writing->explanation, (enum explain_language)language, writing->scratch);
        json_out_member(writing->out, keys[language], buf_view(writing->scratch));
    }
    json_out_close(writing->out, '}');
}

void explain_write_members(const struct explanation *explanation, struct json_out *out)
{
    struct buf scratch;
    const struct json_writing writing = {
        .explanation = explanation, .out = out, .scratch = &scratch};
    buf_init(&scratch, TEXT_BYTES_MAX);
    if (explanation->rule) {
        json_out_member(out, "clock", explanation->clock);
        json_out_member(out, "title", explanation->rule->title);
        json_out_member_i64(out, "run", explanation->run);
        json_out_member(out, "outcome", text_of(run_outcome_name(explanation->outcome)));
    }
    put_instant(&writing, "start", explanation->start, true);
    if (explanation->limit.amount > 0)
        put_duration_member(&writing, "limit", explanation->limit);
    put_instant(&writing, "due", explanation->due, explanation->has_due);
    json_out_key(out, "provisional");
    json_out_bool(out, explanation->provisional);
    json_out_key(out, "lines");
    json_out_open(out, '[');
    for (size_t i = 0; i < explanation->line_count; i++)
        put_line_object(&writing, &explanation->lines[i]);
    json_out_close(out, ']');
    put_texts(&writing);
    buf_release(&scratch);
}
