/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wording of the daily brief and the weekly list: short, numbers first, then what is worst.
 */
#include <inttypes.h>
#include <stdio.h>

#include "console/brief_parts.h"
#include "rules/duration.h"

#define WORDS_BYTES ((size_t)16 * 1024)
#define ROWS_DAILY  1 /* named in a message; a page shows more */
#define ROWS_WEEKLY 5

const char *brief_title(enum brief_kind kind, bool english)
{
    if (kind == BRIEF_DAILY) {
        return english ? "Daily brief" : "督查简报";
    }
    return english ? "This week's list" : "本周清单";
}

static const struct calendar *calendar_of(const struct brief *brief)
{
    return brief->wish.bundle->policy.calendar;
}

/* "新增3件，今日到期5件，明日到期2件" */
static void put_daily_stage(
    const struct brief *brief, const struct brief_desk *desk, bool english, struct buf *words)
{
    const struct civil_date date = civil_date_of(brief->until_day);
    const bool tomorrow = brief->until_day.number == brief->day.number + 1;
    if (english) {
        buf_format(
            words, "%" PRId64 " of them new, %" PRId64 " due today, %" PRId64 " due ", desk->newly,
            desk->today, desk->later);
    } else {
        buf_format(words, "新增%" PRId64 "件，今日到期%" PRId64 "件，", desk->newly, desk->today);
    }
    if (tomorrow) {
        buf_string(words, english ? "tomorrow" : "明日到期");
    } else {
        buf_format(
            words, english ? "by %02d-%02d" : "%d月%d日前到期", (int)date.month, (int)date.day);
    }
    if (!english) {
        buf_format(words, "%" PRId64 "件", desk->later);
    }
}

static void put_weekly_stage(const struct brief_desk *desk, bool english, struct buf *words)
{
    buf_format(
        words,
        english ? "%" PRId64 " of them overdue, %" PRId64 " due today"
                : "其中已超期%" PRId64 "件，今日到期%" PRId64 "件",
        desk->overdue, desk->today);
}

/* "7月10日17:30"; an end of day as 24:00. */
static void put_due(const struct brief *brief, struct wall_ms due, bool english, struct buf *words)
{
    const struct calendar *calendar = calendar_of(brief);
    const bool midnight = calendar_local_second(calendar, due) == 0;
    const struct wall_ms inside = {.ms = midnight ? due.ms - 1 : due.ms};
    const struct civil_date date = civil_date_of(calendar_local_day(calendar, inside));
    const int minute = midnight ? 24 * 60 : (int)(calendar_local_second(calendar, due) / 60);
    buf_format(
        words, english ? "%02d-%02d %02d:%02d" : "%d月%d日%02d:%02d", (int)date.month,
        (int)date.day, minute / 60, minute % 60);
}

/* "关于用地的函（市资源规划局，7月10日17:30到期，已超期3个工作日）" */
static void put_row(
    const struct brief *brief, const struct brief_row *row, bool english, struct buf *words)
{
    const struct unit *unit = directory_unit(brief->wish.bundle->policy.directory, row->unit);
    buf_text(words, row->title);
    buf_string(words, english ? " (" : "（");
    if (brief->wish.kind == BRIEF_DAILY) {
        buf_text(words, unit ? unit->name : row->unit);
        buf_string(words, english ? ", " : "，");
    }
    buf_string(words, english ? "due " : "");
    put_due(brief, row->due, english, words);
    buf_string(words, english ? "" : "到期");
    if (row->missed) {
        const int64_t days =
            calendar_between(calendar_of(brief), row->due, brief->wish.now).working_days;
        buf_format(
            words, english ? ", %" PRId64 " working days late" : "，已超期%" PRId64 "个工作日",
            days);
    }
    buf_string(words, english ? ")" : "）");
}

static void put_rows(
    const struct brief *brief, const struct brief_desk *desk, bool english, struct buf *words)
{
    const size_t most = brief->wish.kind == BRIEF_DAILY ? ROWS_DAILY : ROWS_WEEKLY;
    for (size_t index = 0; index < desk->row_count && index < most; index++) {
        buf_string(words, index == 0 ? "" : english ? "; " : "；");
        put_row(brief, &desk->rows[index], english, words);
    }
}

static void put_text(const struct brief *brief, bool english, struct brief_values *values)
{
    struct buf *text = &values->text;
    const bool daily = brief->wish.kind == BRIEF_DAILY;
    if (daily) {
        buf_format(text, english ? "%s overdue, " : "在办超期%s件，", values->count);
    } else {
        buf_format(
            text, english ? "%s overdue or due within seven days, " : "超期和7日内到期%s件，",
            values->count);
    }
    buf_text(text, buf_view(&values->stage));
    buf_string(text, english ? ". First: " : "。最先：");
    buf_text(text, buf_view(&values->worst));
    buf_string(text, english ? ". " : "。");
    buf_text(text, brief->wish.settings->public_url);
}

void brief_values_make(
    const struct brief *brief,
    const struct brief_desk *desk,
    bool english,
    struct brief_values *values)
{
    const bool daily = brief->wish.kind == BRIEF_DAILY;
    const int64_t all = desk->overdue + desk->today + desk->later;
    (void)snprintf(values->count, sizeof(values->count), "%" PRId64, daily ? desk->overdue : all);
    buf_init(&values->stage, WORDS_BYTES);
    buf_init(&values->worst, WORDS_BYTES);
    buf_init(&values->text, 2 * WORDS_BYTES);
    if (daily) {
        put_daily_stage(brief, desk, english, &values->stage);
    } else {
        put_weekly_stage(desk, english, &values->stage);
    }
    put_rows(brief, desk, english, &values->worst);
    put_text(brief, english, values);
}

void brief_values_release(struct brief_values *values)
{
    buf_release(&values->stage);
    buf_release(&values->worst);
    buf_release(&values->text);
}

void brief_words(const struct brief *brief, size_t index, bool english, struct buf *words)
{
    struct brief_values values;
    brief_values_make(brief, brief_desk(brief, index), english, &values);
    buf_text(words, buf_view(&values.text));
    brief_values_release(&values);
}
