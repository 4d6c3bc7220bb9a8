/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page as plain HTML: forms, no script, one style sheet, relative addresses (a proxy may put
 * the service under a path). Whatever came from outside is escaped here and only here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/mask.h"
#include "console/tap.h"
#include "rules/duration.h"

#define WHEN_BYTES 64

struct words {
    const char *zh;
    const char *en;
};

/* What is said, and what comes next. */
static const struct {
    int status;
    const char *look; /* a class of the style sheet */
    struct words said;
    struct words next;
} sayings[TAP_SAID_COUNT] = {
    [TAP_SHOWS] = {200, "", {"", ""}, {"", ""}},
    [TAP_ACKNOWLEDGED] =
        {200,
         "done",
         {"已阅，已记录。", "Noted: you have seen it."},
         {"已阅不等于办结：请尽快办理，时限照常计算。",
          "Seen is not done: the clock runs on, please see to it before it is due."}},
    [TAP_OBJECTED] =
        {200,
         "done",
         {"异议已提交。", "Your objection is on its way."},
         {"督办部门会作出裁定；裁定之前时限照常计算。",
          "Oversight will rule on it; until then the clock runs on."}},
    [TAP_DELEGATED] =
        {200,
         "done",
         {"承办人已指定。", "The handler has been named."},
         {"以后的提醒会发给新的承办人；时限不重新计算。",
          "Further reminders go to the new handler; the clock is not started again."}},
    [TAP_SETTLED] =
        {200,
         "calm",
         {"此事项已办结或已终止。", "This case is settled."},
         {"无需再做任何操作。", "Nothing is left to be done."}},
    [TAP_NOT_POSSIBLE] =
        {200,
         "warn",
         {"未作改动：当前不能这样操作。", "Nothing was changed: not possible now."},
         {"情况可能已有变化，请以下面显示的为准。",
          "Things may have changed meanwhile; what stands below is current."}},
    [TAP_NAME_MISSING] =
        {200, "warn", {"请先选择您的姓名。", "Please choose your name first."}, {"", ""}},
    [TAP_REASON_MISSING] =
        {200, "warn", {"请填写异议理由。", "Please write down your reason."}, {"", ""}},
    [TAP_NOTICE] =
        {200,
         "calm",
         {"这是一条通知。", "This message is a notice."},
         {"无需在此操作。", "There is nothing to be done here."}},
    [TAP_UNKNOWN] =
        {404,
         "warn",
         {"暂时查不到这条消息。", "This message is not known yet."},
         {"请过一分钟再打开；仍然打不开时，请与督办部门联系。",
          "Please open it again in a minute; if it stays so, ask your oversight office."}},
    [TAP_EXPIRED] =
        {410,
         "warn",
         {"此链接已过期。", "This link has expired."},
         {"请打开最近一条提醒里的链接，或与督办部门联系。",
          "Please open the link of your newest message, or ask your oversight office."}},
    [TAP_NO_LINK] =
        {404,
         "warn",
         {"此链接不完整或无效。", "This link is not complete, or not valid."},
         {"请从消息里直接点开链接；如果是复制的，请确认没有少复制字符。",
          "Please tap it in the message itself; if you copied it, see that no letter is missing."}},
    [TAP_TOO_OFTEN] =
        {429,
         "warn",
         {"打开得太频繁。", "This was opened too often."},
         {"请稍等一分钟再试，之前的操作不受影响。",
          "Please wait a minute; what you did before is not affected."}},
    [TAP_AWAY] =
        {503,
         "warn",
         {"没有记录成功。", "It could not be recorded."},
         {"请稍后再点一次；重复点击只会记录一次。",
          "Please tap again in a moment; tapping twice counts once."}},
};

static const struct words product = {"时限监督", "Deadlines"};
static const struct words word_unit = {"承办单位", "Unit"};
static const struct words word_handler = {"承办人", "Handler"};
static const struct words word_due = {"办理期限", "Due"};
static const struct words word_stage = {"提醒阶段", "Stage"};
static const struct words word_clock = {"时限", "Clock"};
static const struct words word_case = {"事项编号", "Case"};
static const struct words word_you = {"您的姓名", "Your name"};
static const struct words word_choose = {"请选择", "Please choose"};
static const struct words word_acked = {"您已阅", "Seen by you"};
static const struct words word_objected = {
    "已提出异议，等待裁定", "An objection waits for its ruling"};
static const struct words word_settled = {"已办结或终止", "Settled"};
static const struct words do_acknowledge = {"已阅", "I have seen it"};
static const struct words do_acknowledge_all = {"全部已阅", "I have seen them all"};
static const struct words do_object = {"不属于本单位？提出异议", "Not ours? Object"};
static const struct words do_object_send = {"提交异议", "Send the objection"};
static const struct words ask_reason = {"理由（必填）", "Your reason"};
static const struct words do_delegate = {"指定承办人", "Name who handles it"};
static const struct words do_delegate_send = {"确定指定", "Name this person"};
static const struct words do_back = {"查看当前情况", "See how things stand"};

int tap_status(enum tap_said said)
{
    return sayings[said].status;
}

/* ---- writing ---- */

struct page {
    const struct tap *tap;
    struct buf *html;
};

static const char *say(const struct page *page, struct words words)
{
    return page->tap->english ? words.en : words.zh;
}

static void put(struct page *page, const char *html)
{
    buf_string(page->html, html);
}

/* A mark that turns the direction of what follows makes one thing look like another. */
static size_t unseen_bytes(struct text text)
{
    static const char *const marks[] = {"\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac",
                                        "\xe2\x80\xad", "\xe2\x80\xae", "\xe2\x81\xa6",
                                        "\xe2\x81\xa7", "\xe2\x81\xa8", "\xe2\x81\xa9"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (text_starts_with(text, text_of(marks[i]))) {
            return text_of(marks[i]).bytes;
        }
    }
    return 0;
}

static const char *escape_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return (unsigned char)c < ' ' || c == 0x7f ? " " : NULL;
    }
}

static void put_escaped(struct page *page, struct text text)
{
    size_t at = 0;
    while (at < text.bytes) {
        const struct text rest = {text.ptr + at, text.bytes - at};
        const size_t unseen = unseen_bytes(rest);
        const char *const escape = escape_of(text.ptr[at]);
        if (unseen > 0) {
            at += unseen;
            continue;
        }
        if (escape) {
            put(page, escape);
        } else {
            buf_char(page->html, text.ptr[at]);
        }
        at++;
    }
}

/* Text of events may carry somebody's number. */
static void put_masked(struct page *page, struct text text)
{
    struct buf masked;
    buf_init(&masked, text.bytes + 1);
    mask_numbers_in(text, &masked);
    put_escaped(page, buf_view(&masked));
    buf_release(&masked);
}

/* ---- facts ---- */

static void put_when(struct page *page, struct wall_ms at)
{
    const struct calendar *calendar = page->tap->bundle->policy.calendar;
    const bool midnight = calendar_local_second(calendar, at) == 0 && at.ms > 0;
    const struct wall_ms inside = {.ms = midnight ? at.ms - 1 : at.ms};
    const struct civil_date date = civil_date_of(calendar_local_day(calendar, inside));
    const int32_t minute = midnight ? 24 * 60 : calendar_local_second(calendar, at) / 60;
    buf_format(
        page->html,
        page->tap->english ? "%04" PRId32 "-%02" PRId32 "-%02" PRId32 " %02" PRId32 ":%02" PRId32
                           : "%" PRId32 "年%" PRId32 "月%" PRId32 "日 %02" PRId32 ":%02" PRId32,
        date.year, date.month, date.day, minute / 60, minute % 60);
}

/* "已超期 3 个工作日（5 天）", "还剩 2 个工作日（2 天）". */
static void put_lateness(struct page *page, struct wall_ms due)
{
    static const struct words late_words = {"已超期", "Late by"};
    static const struct words left_words = {"还剩", "Left:"};
    const struct tap *tap = page->tap;
    const bool late = tap->now.ms > due.ms;
    const struct between days = calendar_between(
        tap->bundle->policy.calendar, late ? due : tap->now, late ? tap->now : due);
    const char *const start = say(page, late ? late_words : left_words);
    if (days.working_days == 0 && days.calendar_days == 0) {
        buf_format(page->html, tap->english ? "%s less than a day" : "%s不足 1 天", start);
    } else if (tap->english) {
        buf_format(
            page->html, "%s %" PRId64 " working days (%" PRId64 " days)", start, days.working_days,
            days.calendar_days);
    } else {
        buf_format(
            page->html, "%s %" PRId64 " 个工作日（%" PRId64 " 天）", start, days.working_days,
            days.calendar_days);
    }
}

static void put_row(struct page *page, struct words name, struct text value)
{
    if (value.bytes > 0) {
        buf_format(page->html, "<dt>%s</dt><dd>", say(page, name));
        put_masked(page, value);
        put(page, "</dd>\n");
    }
}

/* Only known lights become classes. */
static const char *light_class(const struct tap_item *item)
{
    if (item->settled) {
        return "calm";
    }
    return text_is(item->light, "red") ? "red" : text_is(item->light, "yellow") ? "yellow" : "calm";
}

/* A stage need not have a title: what its light means then is its name. */
static struct text stage_name(const struct page *page, const struct tap_item *item)
{
    static const struct words red = {"超期提醒", "Overdue"};
    static const struct words yellow = {"预警", "Due soon"};
    if (item->stage_title.bytes > 0) {
        return item->stage_title;
    }
    return text_is(item->light, "red")      ? text_of(say(page, red))
           : text_is(item->light, "yellow") ? text_of(say(page, yellow))
                                            : (struct text){0};
}

static void put_marks(struct page *page, const struct tap_item *item)
{
    if (item->settled) {
        buf_format(page->html, "<p class=\"mark\">%s</p>\n", say(page, word_settled));
    }
    if (item->objected) {
        buf_format(page->html, "<p class=\"mark\">%s</p>\n", say(page, word_objected));
    }
    if (item->acked.known) {
        buf_format(page->html, "<p class=\"mark\">✓ %s ", say(page, word_acked));
        put_when(page, (struct wall_ms){item->acked.ms});
        put(page, "</p>\n");
    }
}

static void put_case(struct page *page, const struct tap_item *item)
{
    buf_format(page->html, "<section class=\"case %s\">\n", light_class(item));
    if (item->due.known && !item->settled) {
        put(page, "<p class=\"late\">");
        put_lateness(page, (struct wall_ms){item->due.ms});
        put(page, "</p>\n");
    }
    put(page, "<h1>");
    put_masked(page, item->title.bytes > 0 ? item->title : item->case_id);
    put(page, "</h1>\n");
    put_marks(page, item);
    put(page, "<dl>\n");
    if (item->due.known) {
        buf_format(page->html, "<dt>%s</dt><dd>", say(page, word_due));
        put_when(page, (struct wall_ms){item->due.ms});
        put(page, "</dd>\n");
    }
    put_row(page, word_unit, item->unit_name);
    put_row(page, word_handler, item->handler_name);
    put_row(page, word_clock, item->clock_title);
    put_row(page, word_stage, stage_name(page, item));
    put_row(page, word_case, item->case_id);
    put(page, "</dl>\n</section>\n");
}

static void put_list(struct page *page)
{
    const struct tap *tap = page->tap;
    const size_t count = tap->item_count + tap->more_count;
    buf_format(
        page->html, "<h1 class=\"sum\">%zu %s</h1>\n<ul>\n", count,
        tap->english ? "cases" : "件事项");
    for (size_t i = 0; i < tap->item_count; i++) {
        const struct tap_item *item = &tap->items[i];
        buf_format(page->html, "<li class=\"%s\"><a href=\"", light_class(item));
        put_escaped(page, item->link);
        put(page, "\"><b>");
        put_masked(page, item->title.bytes > 0 ? item->title : item->case_id);
        put(page, "</b><span>");
        put_masked(page, item->unit_name);
        if (item->due.known && !item->settled) {
            put(page, " · ");
            put_lateness(page, (struct wall_ms){item->due.ms});
        }
        put(page, "</span></a>\n");
        put_marks(page, item);
        put(page, "</li>\n");
    }
    put(page, "</ul>\n");
}

/* ---- forms ---- */

/* Posts to the page's own address. */
static void form_open(struct page *page, const char *act)
{
    buf_format(
        page->html, "<form method=\"post\"><input type=\"hidden\" name=\"act\" value=\"%s\">\n",
        act);
}

static void form_close(struct page *page, struct words button, const char *look)
{
    buf_format(
        page->html, "<button type=\"submit\" class=\"%s\">%s</button>\n</form>\n", look,
        say(page, button));
}

static void put_choice(struct page *page, const char *name, struct words label)
{
    const struct tap *tap = page->tap;
    buf_format(
        page->html, "<label>%s<select name=\"%s\" required><option value=\"\">%s</option>\n",
        say(page, label), name, say(page, word_choose));
    for (size_t i = 0; i < tap->people_count; i++) {
        put(page, "<option value=\"");
        put_escaped(page, tap->people[i].id);
        put(page, "\">");
        put_masked(page, tap->people[i].name);
        put(page, "</option>\n");
    }
    put(page, "</select></label>\n");
}

static void put_who(struct page *page)
{
    if (page->tap->group) {
        put_choice(page, "by", word_you);
    }
}

static void put_object(struct page *page)
{
    buf_format(page->html, "<details><summary>%s</summary>\n", say(page, do_object));
    form_open(page, "object");
    put_who(page);
    buf_format(
        page->html,
        "<label>%s<textarea name=\"reason\" rows=\"3\" maxlength=\"400\" required></textarea>"
        "</label>\n",
        say(page, ask_reason));
    form_close(page, do_object_send, "");
    put(page, "</details>\n");
}

static void put_delegate(struct page *page)
{
    buf_format(page->html, "<details><summary>%s</summary>\n", say(page, do_delegate));
    form_open(page, "delegate");
    put_choice(page, "handler", do_delegate);
    form_close(page, do_delegate_send, "");
    put(page, "</details>\n");
}

static bool all_acked(const struct tap *tap)
{
    for (size_t i = 0; i < tap->item_count; i++) {
        if (!tap->items[i].acked.known && !tap->items[i].settled) {
            return false;
        }
    }
    return true;
}

static void put_forms(struct page *page)
{
    const struct tap *tap = page->tap;
    if (!tap_is_open(tap)) {
        return;
    }
    if (tap->group || !all_acked(tap)) {
        form_open(page, "ack");
        put_who(page);
        form_close(page, tap->digest ? do_acknowledge_all : do_acknowledge, "main");
    }
    if (tap->item_count == 1 && !tap->digest && !tap->items[0].objected) {
        put_object(page);
    }
    if (tap->may_delegate) {
        put_delegate(page);
    }
}

/* ---- the page ---- */

static void put_said(struct page *page, enum tap_said said)
{
    const struct tap *tap = page->tap;
    if (said == TAP_SHOWS) {
        return;
    }
    buf_format(
        page->html, "<section class=\"said %s\" role=\"status\"><h2>%s</h2><p>", sayings[said].look,
        say(page, sayings[said].said));
    if (said == TAP_DELEGATED) {
        put_masked(page, tap->delegate_name);
        put(page, tap->english ? ". " : "。");
    }
    buf_format(page->html, "%s</p></section>\n", say(page, sayings[said].next));
}

static void put_foot(struct page *page)
{
    const struct tap *tap = page->tap;
    if (tap->claim.expires.ms <= 0) {
        return;
    }
    put(page, "<footer><p>");
    if (tap->person_name.bytes > 0) {
        put_masked(page, tap->person_name);
        put(page, tap->english ? ": " : "：");
    }
    put(page, say(page, (struct words){
                            "此链接代表收到消息的人，请勿转发；有效至 ",
                            "this link stands for whom the message was sent to; "
                            "please do not pass it on. It counts until "}));
    put_when(page, tap->claim.expires);
    put(page, tap->english ? ".</p></footer>\n" : "。</p></footer>\n");
}

/* After acting the page offers to look again, by a plain link: reloading would send once more. */
static bool has_acted(enum tap_said said)
{
    return said == TAP_ACKNOWLEDGED || said == TAP_OBJECTED || said == TAP_DELEGATED;
}

void tap_page_write(const struct tap *tap, enum tap_said said, struct buf *html)
{
    struct page page = {.tap = tap, .html = html};
    buf_format(
        html,
        "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"robots\" content=\"noindex, nofollow\">\n"
        "<meta name=\"format-detection\" content=\"telephone=no\">\n"
        "<title>%s</title>\n<link rel=\"stylesheet\" href=\"../tap.css\">\n</head>\n<body>\n"
        "<header>%s</header>\n<main>\n",
        tap->english ? "en" : "zh-CN", say(&page, product), say(&page, product));
    put_said(&page, said);
    if (tap->item_count > 0 && tap->digest) {
        put_list(&page);
    } else if (tap->item_count > 0) {
        put_case(&page, &tap->items[0]);
    }
    if (has_acted(said)) {
        buf_format(html, "<p><a class=\"again\" href=\"\">%s</a></p>\n", say(&page, do_back));
    } else {
        put_forms(&page);
    }
    put_foot(&page);
    put(&page, "</main>\n</body>\n</html>\n");
}
