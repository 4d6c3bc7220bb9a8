/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See paper_words.h. A line is put together in one buffer and handed on; a notice to one unit
 * says what is asked, which cases, by when, and who signs.
 */
#include "console/paper_words.h"

#include <inttypes.h>
#include <string.h>

#define LINE_BYTES ((size_t)64 * 1024)

struct form {
    const char *name;
    const char *mark;
    const char *title[2]; /* Chinese, English */
    const char *asks[2];
};

static const struct form forms[PAPER_KIND_COUNT] = {
    [PAPER_URGE] =
        {"urge",
         "催",
         {"催办通知书", "Notice of urging"},
         {"你单位承办的下列办件已超过或即将超过办理时限，请抓紧办理，并按时反馈办理情况：",
          "The cases below, held by your unit, have passed or are about to pass their time limits. "
          "Please settle them and report in time:"}},
    [PAPER_SUPERVISE] =
        {"supervise",
         "督",
         {"督办通知书", "Notice of supervision"},
         {"你单位承办的下列办件已列入督办事项，请由主要负责人牵头研究办理，并按时书面反馈：",
          "The cases below, held by your unit, have been taken under supervision. Please have the "
          "head of the unit see to them and report in writing in time:"}},
    [PAPER_RECTIFY] =
        {"rectify",
         "改",
         {"整改通知书", "Notice of rectification"},
         {"你单位在办理下列办件中未按规定时限办结，请查明原因，落实整改措施，并按时书面报告整改情况"
          "：",
          "Your unit has not settled the cases below within their time limits. Please find out "
          "why, "
          "put it right, and report in writing in time:"}},
    [PAPER_INTERVIEW] =
        {"interview",
         "约",
         {"约谈通知书", "Notice of interview"},
         {"因你单位在办理下列办件中多次未按规定时限办结，现就有关情况约谈你单位主要负责人，请做好情"
          "况说明准备：",
          "Because your unit has repeatedly missed the time limits of the cases below, the head of "
          "the unit is asked to an interview. Please prepare a statement:"}},
};

bool paper_kind_read(struct text word, enum paper_kind *ret_kind)
{
    for (int kind = 0; kind < PAPER_KIND_COUNT; kind++) {
        if (text_is(word, forms[kind].name)) {
            *ret_kind = (enum paper_kind)kind;
            return true;
        }
    }
    return false;
}

const char *paper_kind_name(enum paper_kind kind)
{
    return forms[kind].name;
}

const char *paper_title(enum paper_kind kind, bool english)
{
    return forms[kind].title[english ? 1 : 0];
}

const char *paper_mark(enum paper_kind kind)
{
    return forms[kind].mark;
}

/* ---- dates ---- */

void paper_date(struct civil_day day, bool english, struct buf *buf)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    const struct civil_date date = civil_date_of(day);
    if (english) {
        buf_format(buf, "%d %s %d", (int)date.day, months[date.month - 1], (int)date.year);
    } else {
        buf_format(buf, "%d年%d月%d日", (int)date.year, (int)date.month, (int)date.day);
    }
}

void paper_instant(
    const struct calendar *calendar, struct wall_ms at, bool english, struct buf *buf)
{
    const bool midnight = calendar_local_second(calendar, at) == 0;
    const struct wall_ms inside = {.ms = midnight ? at.ms - 1 : at.ms};
    const int minute = midnight ? 24 * 60 : (int)(calendar_local_second(calendar, at) / 60);
    paper_date(calendar_local_day(calendar, inside), english, buf);
    buf_format(buf, english ? ", %02d:%02d" : "%02d:%02d", minute / 60, minute % 60);
}

/* ---- lines ---- */

struct lines {
    const struct paper *paper;
    bool english;
    struct json_out *out;
    struct buf line;
};

static void line_end(struct lines *lines)
{
    json_out_string(lines->out, buf_view(&lines->line));
    if (buf_error(&lines->line) && lines->out->buf) {
        lines->out->buf->error = lines->line.error;
    }
    buf_clear(&lines->line);
}

static void line(struct lines *lines, const char *words)
{
    buf_string(&lines->line, words);
    line_end(lines);
}

static void put_late(struct lines *lines, const struct paper_item *item)
{
    if (!item->is_late) {
        return;
    }
    if (item->late_days == 0) {
        buf_string(&lines->line, lines->english ? ", overdue" : "，已超期");
    } else if (lines->english) {
        buf_format(
            &lines->line, ", overdue by %" PRId64 " working day%s", item->late_days,
            item->late_days == 1 ? "" : "s");
    } else {
        buf_format(&lines->line, "，已超期%" PRId64 "个工作日", item->late_days);
    }
}

/* "1. 《关于用地的函》（东政函〔2019〕3号，编号 C-1），时限2019年7月10日17:30，已超期3个工作日" */
static void put_item(struct lines *lines, size_t index)
{
    const struct paper_item *item = &lines->paper->items[index];
    struct buf *buf = &lines->line;
    const bool english = lines->english;
    buf_format(buf, english ? "%zu. %.*s (" : "%zu. 《%.*s》（", index + 1, TEXT_ARGS(item->title));
    if (item->number.bytes > 0) {
        buf_format(buf, english ? "%.*s, " : "%.*s，", TEXT_ARGS(item->number));
    }
    buf_format(buf, english ? "case %.*s)" : "编号 %.*s）", TEXT_ARGS(item->case_id));
    if (item->has_due) {
        buf_string(buf, english ? ", due " : "，时限");
        paper_instant(lines->paper->calendar, item->due, english, buf);
    }
    put_late(lines, item);
    line_end(lines);
}

/* The words of whoever issues it, a line for each of theirs; blank ones are left out. */
static void put_words(struct lines *lines)
{
    struct text rest = lines->paper->words;
    while (rest.bytes > 0) {
        const char *end = memchr(rest.ptr, '\n', rest.bytes);
        struct text one = {.ptr = rest.ptr, .bytes = end ? (size_t)(end - rest.ptr) : rest.bytes};
        rest.ptr += one.bytes + (end ? 1 : 0);
        rest.bytes -= one.bytes + (end ? 1 : 0);
        if (one.bytes > 0 && one.ptr[one.bytes - 1] == '\r') {
            one.bytes--;
        }
        if (one.bytes > 0) {
            buf_text(&lines->line, one);
            line_end(lines);
        }
    }
}

static void put_reply_by(struct lines *lines)
{
    const struct paper *paper = lines->paper;
    if (!paper->has_reply_by) {
        return;
    }
    const bool interview = paper->kind == PAPER_INTERVIEW;
    if (lines->english) {
        buf_string(&lines->line, interview ? "Time of the interview: " : "Please report by ");
    } else {
        buf_string(&lines->line, interview ? "约谈时间：" : "请于");
    }
    paper_instant(paper->calendar, paper->reply_by, lines->english, &lines->line);
    if (lines->english || interview) {
        buf_string(&lines->line, lines->english ? "." : "。");
    } else {
        buf_string(&lines->line, "前反馈。");
    }
    line_end(lines);
}

static void put_copies(struct lines *lines)
{
    const struct paper *paper = lines->paper;
    if (paper->copy_count == 0) {
        return;
    }
    buf_string(&lines->line, lines->english ? "Copy to: " : "抄送：");
    for (size_t index = 0; index < paper->copy_count; index++) {
        if (index > 0) {
            buf_string(&lines->line, lines->english ? ", " : "、");
        }
        buf_text(&lines->line, paper->copies[index]);
    }
    line_end(lines);
}

static void put_signature(struct lines *lines)
{
    const struct paper *paper = lines->paper;
    if (paper->office.bytes > 0) {
        buf_text(&lines->line, paper->office);
        line_end(lines);
    }
    paper_date(calendar_local_day(paper->calendar, paper->at), lines->english, &lines->line);
    line_end(lines);
}

void paper_lines(const struct paper *paper, bool english, struct json_out *out)
{
    struct lines lines = {.paper = paper, .english = english, .out = out};
    buf_init(&lines.line, LINE_BYTES);
    json_out_open(out, '[');
    line(&lines, paper_title(paper->kind, english));
    if (paper->number.bytes > 0) {
        buf_text(&lines.line, paper->number);
        line_end(&lines);
    }
    buf_text(&lines.line, paper->unit_name);
    line(&lines, english ? ":" : "：");
    line(&lines, forms[paper->kind].asks[english ? 1 : 0]);
    for (size_t index = 0; index < paper->item_count; index++) {
        put_item(&lines, index);
    }
    put_words(&lines);
    put_reply_by(&lines);
    put_copies(&lines);
    put_signature(&lines);
    json_out_close(out, ']');
    buf_release(&lines.line);
}
