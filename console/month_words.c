/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wording of the monthly report: short official sentences around figures that others computed.
 * What there is no figure for is left out, not written as 0.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "console/month_report.h"
#include "console/paper_words.h"

#define LINE_BYTES  ((size_t)16 * 1024)
#define UNITS_NAMED 3
#define OPENED_MAX  20

struct words {
    const struct view *view;
    const struct month_report *report;
    bool english;
    month_line_fn *take;
    void *context;
    struct buf line;
};

static void line_end(struct words *words)
{
    words->take(words->context, buf_view(&words->line));
    buf_clear(&words->line);
}

static void line(struct words *words, const char *zh, const char *en)
{
    buf_string(&words->line, words->english ? en : zh);
    line_end(words);
}

static void put_month(struct words *words, int32_t month)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    if (words->english) {
        buf_format(&words->line, "%s %d", months[(month % 100 - 1) % 12], (int)(month / 100));
    } else {
        buf_format(&words->line, "%d年%d月", (int)(month / 100), (int)(month % 100));
    }
}

/* Parts of ten thousand as percent with one decimal, half up: 9705 is 97.1. */
static void put_share(struct buf *buf, int32_t share)
{
    const int32_t tenths = (share + 5) / 10;
    buf_format(buf, "%d.%d%%", (int)(tenths / 10), (int)(tenths % 10));
}

/* "，较上月上升0.6个百分点" */
static void put_change(
    struct words *words,
    const struct figure_rate *now,
    const struct figure_rate *before,
    const char *zh,
    const char *en)
{
    if (!now->known || !before->known) {
        return;
    }
    const int32_t tenths = (now->share + 5) / 10 - (before->share + 5) / 10;
    const int size = abs((int)tenths);
    if (words->english && tenths == 0) {
        buf_format(&words->line, ", the same as %s", en);
    } else if (words->english) {
        buf_format(
            &words->line, ", %s by %d.%d points from %s", tenths > 0 ? "up" : "down", size / 10,
            size % 10, en);
    } else if (tenths == 0) {
        buf_format(&words->line, "，与%s持平", zh);
    } else {
        buf_format(
            &words->line, "，较%s%s%d.%d个百分点", zh, tenths > 0 ? "上升" : "下降", size / 10,
            size % 10);
    }
}

/* ---- in all ---- */

static void put_on_time(struct words *words)
{
    const struct month_report *report = words->report;
    const struct figure_line *total = &report->total;
    if (!total->on_time.known) {
        line(words, "本月无到期的计时。", "No clock fell due in the month.");
        return;
    }
    buf_format(
        &words->line,
        words->english ? "%" PRId64 " clocks fell due, %" PRId64 " were met and %" PRId64
                         " missed: the on-time rate is "
                       : "本月到期计时%" PRId64 "次，按时办结%" PRId64 "次，超期%" PRId64
                         "次，按时办结率",
        total->sums.met + total->sums.missed, total->sums.met, total->sums.missed);
    put_share(&words->line, total->on_time.share);
    put_change(words, &total->on_time, &report->previous.on_time, "上月", "the month before");
    put_change(
        words, &total->on_time, &report->last_year.on_time, "去年同期",
        "the same month of last year");
    buf_string(&words->line, words->english ? "." : "。");
    line_end(words);
}

static void put_rate(
    struct words *words, const struct figure_rate *rate, const char *zh, const char *en)
{
    if (rate->known) {
        buf_string(&words->line, words->english ? en : zh);
        put_share(&words->line, rate->share);
    }
}

static void put_cases(struct words *words)
{
    const struct figure_line *total = &words->report->total;
    buf_format(
        &words->line,
        words->english ? "%" PRId64 " cases were received, %" PRId64
                         " of them accepted and %" PRId64 " completed"
                       : "本月收件%" PRId64 "件，其中已签收%" PRId64 "件、已办结%" PRId64 "件",
        total->sums.received, total->sums.accepted, total->sums.completed);
    put_rate(words, &total->acceptance, "；受理率", "; acceptance rate ");
    put_rate(words, &total->completion, "；办结率", "; completion rate ");
    put_rate(words, &total->satisfaction, "；满意率", "; satisfaction rate ");
    if (total->has_handling) {
        buf_format(
            &words->line, words->english ? "; mean handling time %.1f hours" : "；平均办理%.1f小时",
            figure_hours(total->handling_s));
    }
    buf_format(
        &words->line,
        words->english ? "; still open and overdue: %" PRId64 "." : "；超期未办%" PRId64 "件。",
        total->overdue_open);
    line_end(words);
}

/* The families of the shipped rule sets have names; any other is called what its rules call it. */
static struct text family_name(const struct words *words, struct text family)
{
    static const struct {
        const char *family;
        const char *zh;
        const char *en;
    } names[] = {
        {"reply", "答复", "Reply"},
        {"accept", "签收", "Acceptance"},
        {"settle", "办结", "Settlement"},
        {"report", "反馈", "Report"},
    };
    for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
        if (text_is(family, names[index].family)) {
            return text_of(words->english ? names[index].en : names[index].zh);
        }
    }
    return family;
}

static void put_families(struct words *words)
{
    for (size_t index = 0; index < words->report->families.count; index++) {
        const struct figure_line *family = &words->report->families.items[index];
        if (!family->on_time.known) {
            continue;
        }
        buf_format(
            &words->line,
            words->english ? "%.*s: %" PRId64 " of %" PRId64 " met, "
                           : "%.*s：按时办结%" PRId64 "/%" PRId64 "，按时办结率",
            TEXT_ARGS(family_name(words, family->key)), family->sums.met,
            family->sums.met + family->sums.missed);
        put_share(&words->line, family->on_time.share);
        buf_string(&words->line, words->english ? "." : "。");
        line_end(words);
    }
}

/* ---- units ---- */

static void put_unit(struct words *words, const struct figure_line *unit, bool first)
{
    const struct unit *known = directory_unit(view_policy(words->view)->directory, unit->key);
    buf_string(&words->line, first ? "" : words->english ? ", " : "、");
    buf_text(&words->line, known ? known->name : unit->key);
    buf_string(&words->line, words->english ? " (" : "（");
    put_share(&words->line, unit->on_time.share);
    if (unit->sums.missed > 0) {
        buf_format(
            &words->line, words->english ? ", %" PRId64 " missed" : "，超期%" PRId64 "次",
            unit->sums.missed);
    }
    buf_string(&words->line, words->english ? ")" : "）");
}

static size_t ranked(const struct figure_table *table)
{
    size_t count = 0;
    while (count < table->count && table->items[count].rank > 0) {
        count++;
    }
    return count;
}

/* The first ones, and the last ones that are not among these. */
static void put_ranking(struct words *words)
{
    const struct figure_table *table = &words->report->ranking;
    const size_t count = ranked(table);
    const size_t first = count < UNITS_NAMED ? count : UNITS_NAMED;
    if (count == 0) {
        line(words, "本月无可排名的单位。", "No unit can be ranked.");
        return;
    }
    buf_string(&words->line, words->english ? "First by on-time rate: " : "按时办结率居前的单位：");
    for (size_t index = 0; index < first; index++) {
        put_unit(words, &table->items[index], index == 0);
    }
    buf_string(&words->line, words->english ? "." : "。");
    line_end(words);
    const size_t from = count > first + UNITS_NAMED ? count - UNITS_NAMED : first;
    if (from == count) {
        return;
    }
    buf_string(&words->line, words->english ? "Last: " : "按时办结率居后的单位：");
    for (size_t index = from; index < count; index++) {
        put_unit(words, &table->items[index], index == from);
    }
    buf_string(&words->line, words->english ? "." : "。");
    line_end(words);
}

/* ---- accountability ---- */

static struct text who_of(const struct words *words, const struct account_entry *entry)
{
    const struct directory *directory = view_policy(words->view)->directory;
    const struct unit *unit = directory_unit(directory, entry->who);
    const struct person *person = directory_person(directory, entry->who);
    return entry->policy->by_person ? (person ? person->name : entry->who)
                                    : (unit ? unit->name : entry->who);
}

static void put_opened(struct words *words)
{
    const struct month_report *report = words->report;
    if (report->opened_count == 0) {
        line(words, "本月无新增问责线索。", "Nobody came on the accountability list.");
        return;
    }
    buf_format(
        &words->line,
        words->english ? "%zu came on the accountability list: " : "本月新增问责线索%zu条：",
        report->opened_count);
    for (size_t index = 0; index < report->opened_count && index < OPENED_MAX; index++) {
        const struct account_entry *entry = &report->opened[index];
        buf_string(&words->line, index == 0 ? "" : words->english ? ", " : "、");
        buf_text(&words->line, who_of(words, entry));
        buf_format(
            &words->line, words->english ? " (%zu misses)" : "（超期%zu次）",
            entry->evidence_count);
    }
    buf_string(&words->line, words->english ? "." : "。");
    line_end(words);
}

static void put_signature(struct words *words)
{
    const struct text office = words->view->settings->office_name;
    const struct calendar *calendar = view_policy(words->view)->calendar;
    if (office.bytes > 0) {
        buf_text(&words->line, office);
        line_end(words);
    }
    paper_date(calendar_local_day(calendar, words->view->now), words->english, &words->line);
    line_end(words);
}

/* ---- the whole ---- */

void month_report_title(const struct month_report *report, bool english, struct buf *buf)
{
    struct words words = {.report = report, .english = english};
    buf_init(&words.line, LINE_BYTES);
    put_month(&words, report->month);
    buf_string(buf, english ? "How cases were handled in " : "");
    buf_text(buf, buf_view(&words.line));
    buf_string(buf, english ? "" : "办件办理情况通报");
    buf_release(&words.line);
}

void month_report_lines(
    const struct view *view,
    const struct month_report *report,
    bool english,
    month_line_fn *take,
    void *context)
{
    struct words words = {
        .view = view, .report = report, .english = english, .take = take, .context = context};
    buf_init(&words.line, LINE_BYTES);
    buf_string(&words.line, english ? "How the cases of " : "现将");
    put_month(&words, report->month);
    buf_string(&words.line, english ? " were handled:" : "办件办理情况通报如下：");
    line_end(&words);
    line(&words, "一、总体情况", "1. In all");
    put_on_time(&words);
    put_cases(&words);
    line(&words, "二、各类时限", "2. Families of clocks");
    put_families(&words);
    line(&words, "三、单位排名", "3. Units");
    put_ranking(&words);
    line(&words, "四、问责线索", "4. Accountability");
    put_opened(&words);
    put_signature(&words);
    buf_release(&words.line);
}
