/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the daily brief and the weekly list would say, and to whom: shown, never sent from here. Of
 * the cases that who asks may see.
 */
#include <stdio.h>

#include "console/api.h"
#include "console/brief.h"
#include "rules/duration.h"

#define WORDS_BYTES ((size_t)32 * 1024)
#define PAGES_MAX   100000

struct reporting {
    const struct view *view;
    struct json_out *out;
    const struct brief *brief;
    bool english;
};

static void put_row(const struct reporting *reporting, const struct brief_row *row)
{
    struct json_out *out = reporting->out;
    const struct view *view = reporting->view;
    const struct between late = calendar_between(view_policy(view)->calendar, row->due, view->now);
    json_out_open(out, '{');
    json_out_member(out, "case", row->case_id);
    json_out_member(out, "case_title", row->title);
    api_member_unit(view, out, "unit", row->unit);
    api_member_ms(view, out, "due", row->due.ms);
    api_member_bool(out, "overdue", row->missed);
    json_out_member_i64(out, "late_working_days", row->missed ? late.working_days : 0);
    json_out_close(out, '}');
}

static void put_desk(const struct reporting *reporting, size_t index)
{
    struct json_out *out = reporting->out;
    const struct brief_desk *desk = brief_desk(reporting->brief, index);
    struct buf words;
    buf_init(&words, WORDS_BYTES);
    brief_words(reporting->brief, index, reporting->english, &words);
    json_out_open(out, '{');
    api_member_person(reporting->view, out, "person", desk->person);
    json_out_member_i64(out, "overdue", desk->overdue);
    json_out_member_i64(out, "newly_overdue", desk->newly);
    json_out_member_i64(out, "due_today", desk->today);
    json_out_member_i64(out, "due_later", desk->later);
    json_out_member(out, "text", buf_view(&words));
    json_out_key(out, "rows");
    json_out_open(out, '[');
    for (size_t row = 0; row < desk->row_count; row++) {
        put_row(reporting, &desk->rows[row]);
    }
    json_out_close(out, ']');
    json_out_close(out, '}');
    buf_release(&words);
}

/* "督查室主任：在办超期3件，…" */
static void put_line(const struct reporting *reporting, size_t index)
{
    const struct brief_desk *desk = brief_desk(reporting->brief, index);
    const struct person *person =
        directory_person(view_policy(reporting->view)->directory, desk->person);
    struct buf line;
    buf_init(&line, WORDS_BYTES);
    buf_text(&line, person ? person->name : desk->person);
    buf_string(&line, reporting->english ? ": " : "：");
    brief_words(reporting->brief, index, reporting->english, &line);
    json_out_string(reporting->out, buf_view(&line));
    buf_release(&line);
}

static void put_people(const struct reporting *reporting)
{
    struct json_out *out = reporting->out;
    json_out_key(out, "people");
    json_out_open(out, '[');
    for (size_t index = 0; index < brief_count(reporting->brief); index++) {
        put_desk(reporting, index);
    }
    json_out_close(out, ']');
    json_out_key(out, "lines");
    json_out_open(out, '[');
    for (size_t index = 0; index < brief_count(reporting->brief); index++) {
        put_line(reporting, index);
    }
    json_out_close(out, ']');
}

static enum err gather(struct brief *brief, struct ledger *ledger)
{
    bool done = false;
    enum err err = ERR_OK;
    for (int page = 0; page < PAGES_MAX && !done && !err; page++) {
        err = brief_page(brief, ledger, &done);
    }
    return err;
}

static void answer(const struct view *view, struct http_call *call, const struct brief_wish *wish)
{
    char date[32];
    struct api_json json;
    struct brief *brief = brief_begin(wish);
    if (!brief) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    const struct calendar *calendar = view_policy(view)->calendar;
    const struct civil_day day = calendar_local_day(calendar, wish->now);
    const struct civil_date at = civil_date_of(day);
    const enum err err = gather(brief, view->ledger);
    const struct reporting reporting = {
        .view = view,
        .out = &json.out,
        .brief = brief,
        .english = text_is(http_param(&call->head, "lang"), "en"),
    };
    (void)snprintf(date, sizeof(date), "%04d-%02d-%02d", (int)at.year, (int)at.month, (int)at.day);
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_member(&json.out, "date", text_of(date));
    api_member_ms(
        view, &json.out, "at",
        calendar_instant(calendar, day, brief_at_s(view->settings, wish->kind)).ms);
    api_member_bool(&json.out, "sent", brief_is_wanted(view->settings, wish->kind));
    put_people(&reporting);
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, err);
    brief_free(brief);
}

/* The day asked for; today's present where it is today. False when the call was answered. */
static bool moment_read(
    const struct view *view, struct http_call *call, enum brief_kind kind, struct wall_ms *ret_now)
{
    const struct text date = http_param(&call->head, "date");
    const struct calendar *calendar = view_policy(view)->calendar;
    struct civil_day day = calendar_local_day(calendar, view->now);
    const int32_t today = day.number;
    if (date.bytes > 0 && civil_parse(date, &day)) {
        problem_answer(call, PROBLEM_BAD_REQUEST, "date must be a date, such as 2026-03-02");
        return false;
    }
    *ret_now = day.number == today
                   ? view->now
                   : calendar_instant(calendar, day, brief_at_s(view->settings, kind));
    return true;
}

static void report(const struct view *view, struct http_call *call, enum brief_kind kind)
{
    struct brief_wish wish = {
        .kind = kind,
        .bundle = view->bundle,
        .settings = view->settings,
        .scope = &view->actor->scope,
        .unit = http_param(&call->head, "unit"),
    };
    if (moment_read(view, call, kind, &wish.now)) {
        answer(view, call, &wish);
    }
}

void api_report_brief(const struct view *view, struct http_call *call)
{
    report(view, call, BRIEF_DAILY);
}

void api_report_week(const struct view *view, struct http_call *call)
{
    report(view, call, BRIEF_WEEKLY);
}
