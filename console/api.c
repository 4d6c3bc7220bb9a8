/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Helpers of the handlers: parameters in, JSON out.
 */
#include "console/api.h"

#include <stdio.h>
#include <string.h>

#include "config/mask.h"

void api_json_init(struct api_json *json)
{
    buf_init(&json->buf, API_JSON_BYTES_MAX);
    json_out_init(&json->out, &json->buf);
}

void api_json_answer(struct http_call *call, int status, struct api_json *json, enum err err)
{
    if (!err) {
        err = buf_error(&json->buf);
    }
    if (err == ERR_NOT_FOUND) {
        problem_answer(call, PROBLEM_NOT_FOUND, "the ledger does not know this id (yet)");
    } else if (err) {
        problem_answer(call, PROBLEM_INTERNAL, "the ledger could not be read; see the log");
    } else {
        http_answer(call, status, "application/json; charset=utf-8", buf_view(&json->buf));
    }
    buf_release(&json->buf);
}

struct text api_path_id(const struct http_call *call, size_t index)
{
    struct text rest = call->head.path;
    for (size_t segment = 0; rest.bytes > 0; segment++) {
        rest.ptr++; /* the slash */
        rest.bytes--;
        const char *end = rest.bytes > 0 ? memchr(rest.ptr, '/', rest.bytes) : NULL;
        const size_t bytes = end ? (size_t)(end - rest.ptr) : rest.bytes;
        if (segment == index) {
            return (struct text){.ptr = rest.ptr, .bytes = bytes};
        }
        rest.ptr += bytes;
        rest.bytes -= bytes;
    }
    return (struct text){0};
}

/* A cursor is "number~tie", opaque to its user. */
static bool cursor_read(struct text cursor, struct ledger_key *ret_key)
{
    const char *tilde = memchr(cursor.ptr, '~', cursor.bytes);
    if (!tilde) {
        return false;
    }
    const struct text number = {.ptr = cursor.ptr, .bytes = (size_t)(tilde - cursor.ptr)};
    ret_key->tie = (struct text){.ptr = tilde + 1, .bytes = cursor.bytes - number.bytes - 1};
    ret_key->given = true;
    return !text_parse_i64(number, &ret_key->number);
}

bool api_page_read(struct http_call *call, struct api_page *ret_page)
{
    const struct text limit = http_param(&call->head, "limit");
    const struct text cursor = http_param(&call->head, "cursor");
    *ret_page = (struct api_page){.limit = API_LIMIT_DEFAULT};
    if (limit.bytes > 0 && (text_parse_i64(limit, &ret_page->limit) || ret_page->limit < 1 ||
                            ret_page->limit > API_LIMIT_MAX)) {
        problem_answer(call, PROBLEM_BAD_REQUEST, "limit must be a number from 1 to 500");
        return false;
    }
    if (cursor.bytes > 0 && !cursor_read(cursor, &ret_page->after)) {
        problem_answer(
            call, PROBLEM_BAD_REQUEST, "cursor must be the \"next\" of an earlier answer");
        return false;
    }
    return true;
}

void api_list_close(struct json_out *out, const struct list_end *end)
{
    json_out_close(out, ']');
    json_out_key(out, "next");
    if (end->more) {
        char cursor[sizeof(end->tie) + 24];
        (void)snprintf(cursor, sizeof(cursor), "%lld~%s", (long long)end->number, end->tie);
        json_out_string(out, text_of(cursor));
    } else {
        json_out_null(out);
    }
    json_out_close(out, '}');
}

struct json_doc *api_body_object(struct http_call *call)
{
    struct json_doc *doc = NULL;
    struct err_why why = {0};
    if (json_parse(call->body, &json_limits_event, &doc, &why)) {
        problem_answer(call, PROBLEM_BAD_REQUEST, why.text);
        return NULL;
    }
    if (json_type(json_root(doc)) != JSON_OBJECT) {
        problem_answer(call, PROBLEM_BAD_REQUEST, "the body must be one JSON object");
        json_free(doc);
        return NULL;
    }
    return doc;
}

static bool has_word(const char *words, struct text word)
{
    while (*words) {
        const size_t bytes = strcspn(words, " ");
        if (text_equal(word, (struct text){.ptr = words, .bytes = bytes})) {
            return true;
        }
        words += bytes + (words[bytes] == ' ');
    }
    return false;
}

bool api_body_only(struct http_call *call, const struct json_value *body, const char *known)
{
    const struct json_value *member = json_type(body) == JSON_OBJECT ? json_first(body) : NULL;
    while (member && has_word(known, json_key(member))) {
        member = json_next(member);
    }
    if (member) {
        char detail[256];
        (void)snprintf(
            detail, sizeof(detail), "unknown member \"%.*s\"; there are: %s",
            TEXT_ARGS(utf8_cut(json_key(member), 64)), known);
        problem_answer(call, PROBLEM_BAD_REQUEST, detail);
    }
    return !member;
}

const struct policy *api_policy(const struct console *console)
{
    return &console->env->bundle->policy;
}

void api_member_ms(const struct view *view, struct json_out *out, const char *key, int64_t ms)
{
    char text[WALL_TEXT_BYTES];
    const struct wall_ms at = {.ms = ms < 0 ? 0 : ms > WALL_MS_MAX ? WALL_MS_MAX : ms};
    json_out_member(out, key, text_of(calendar_format(view_policy(view)->calendar, at, text)));
}

void api_member_instant(
    const struct view *view, struct json_out *out, const char *key, struct ledger_instant at)
{
    if (at.known) {
        api_member_ms(view, out, key, at.ms);
    } else {
        json_out_key(out, key);
        json_out_null(out);
    }
}

void api_member_bool(struct json_out *out, const char *key, bool value)
{
    json_out_key(out, key);
    json_out_bool(out, value);
}

void api_member_double(struct json_out *out, const char *key, double value)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "%.6g", value);
    json_out_key(out, key);
    json_out_raw(out, text_of(text));
}

void api_member_now(const struct view *view, struct json_out *out)
{
    api_member_ms(view, out, "now", view->now.ms);
    json_out_member(out, "clock_mode", text_of(clock_mode_name(view->clock_mode)));
    if (view->clock_mode == CLOCK_SCALED) {
        api_member_double(out, "clock_speed", view->clock_speed);
    }
}

static void member_name(struct json_out *out, const char *key, struct text name)
{
    char name_key[64];
    (void)snprintf(name_key, sizeof(name_key), "%s_name", key);
    json_out_member(out, name_key, name);
}

void api_member_unit(const struct view *view, struct json_out *out, const char *key, struct text id)
{
    const struct unit *unit = directory_unit(view_policy(view)->directory, id);
    json_out_member(out, key, id);
    member_name(out, key, unit ? unit->name : id);
}

void api_member_person(
    const struct view *view, struct json_out *out, const char *key, struct text id)
{
    const struct person *person = directory_person(view_policy(view)->directory, id);
    json_out_member(out, key, id);
    member_name(out, key, person ? person->name : id);
}

void api_case_members(const struct view *view, struct json_out *out, const struct ledger_case *row)
{
    const struct matter *matter = directory_matter(view_policy(view)->directory, row->matter);
    json_out_member(out, "id", row->id);
    json_out_member(out, "title", row->title);
    json_out_member(out, "number", row->number);
    json_out_member(out, "matter", row->matter);
    json_out_member(out, "matter_name", matter ? matter->title : row->matter);
    api_member_unit(view, out, "unit", row->unit);
    api_member_person(view, out, "handler", row->handler);
    api_member_unit(view, out, "from_unit", row->from_unit);
    json_out_key(out, "labels");
    json_out_raw(out, row->labels);
    json_out_member(out, "state", row->state);
    json_out_member(out, "status", row->status);
    json_out_member(out, "light", row->light);
    api_member_ms(view, out, "created", row->created);
    api_member_ms(view, out, "updated", row->updated);
    const struct ledger_instant due = {.known = row->due < WALL_MS_MAX, .ms = row->due};
    api_member_instant(view, out, "due", due);
    api_member_bool(out, "directory_fault", row->fault);
    json_out_key(out, "objected");
    if (row->objected.known) {
        json_out_open(out, '{');
        api_member_ms(view, out, "at", row->objected.ms);
        api_member_person(view, out, "by", row->objected_by);
        json_out_close(out, '}');
    } else {
        json_out_null(out);
    }
}

/* How long a missed run has been, or was, late. */
static int64_t late_ms(const struct view *view, const struct ledger_run *run)
{
    if (!text_is(run->outcome, "missed") || !run->due.known) {
        return 0;
    }
    const int64_t end = run->stopped.known ? run->stopped.ms : view->now.ms;
    return end > run->due.ms ? end - run->due.ms : 0;
}

void api_run_members(const struct view *view, struct json_out *out, const struct ledger_run *run)
{
    json_out_member_i64(out, "run", run->run);
    json_out_member(out, "family", run->family);
    json_out_member(out, "title", run->title);
    api_member_ms(view, out, "start", run->start);
    api_member_instant(view, out, "due", run->due);
    api_member_bool(out, "provisional", run->provisional);
    json_out_member(out, "outcome", run->outcome);
    api_member_instant(view, out, "stopped", run->stopped);
    json_out_member(out, "light", run->light);
    json_out_member_i64(out, "late_seconds", late_ms(view, run) / 1000);
    json_out_member_i64(out, "rule_version", run->rules);
    api_member_bool(out, "waived", run->waived);
    json_out_member(out, "appeal", run->appeal);
    api_member_bool(out, "caused_by_rule_change", run->rule_change);
    json_out_key(out, "waiting_for");
    json_out_raw(out, run->waiting_for);
}

/* In the demo everybody may open everybody's links: they are made to be tried. */
static void member_body(const struct view *view, struct json_out *out, struct text body)
{
    struct buf shown;
    buf_init(&shown, body.bytes + 1);
    if (view->links_shown) {
        buf_text(&shown, body);
    } else {
        mask_links_in(body, &shown);
    }
    json_out_member(out, "text", buf_view(&shown));
    buf_release(&shown);
}

void api_message_object(
    const struct view *view, struct json_out *out, const struct ledger_message *row)
{
    json_out_open(out, '{');
    json_out_member(out, "id", row->id);
    json_out_member(out, "alert", row->alert);
    json_out_member(out, "case", row->case_id);
    json_out_member(out, "clock", row->clock);
    json_out_member_i64(out, "run", row->run);
    json_out_member(out, "stage", row->stage);
    api_member_person(view, out, "person", row->person);
    json_out_member(out, "channel", row->channel);
    json_out_member(out, "state", row->state);
    api_member_ms(view, out, "at", row->at);
    json_out_member_i64(out, "attempts", row->attempts);
    api_member_instant(view, out, "ready", row->ready);
    json_out_member(out, "reason", row->reason);
    member_body(view, out, row->body);
    api_member_instant(view, out, "held_until", row->held_until);
    api_member_instant(view, out, "sent_at", row->sent);
    api_member_instant(view, out, "accepted_at", row->accepted);
    api_member_instant(view, out, "undelivered_at", row->undelivered);
    api_member_instant(view, out, "delivered_at", row->delivered);
    api_member_instant(view, out, "read_at", row->read);
    api_member_instant(view, out, "acked_at", row->acked);
    json_out_member(out, "gateway_id", row->gateway_id);
    json_out_member(out, "digest", row->digest);
    json_out_member(out, "notice", row->notice);
    api_member_person(view, out, "for", row->stands_in_for);
    json_out_member(out, "case_title", row->case_title);
    api_member_unit(view, out, "unit", row->case_unit);
    json_out_member(out, "clock_title", row->clock_title);
    json_out_member(out, "stage_title", row->stage_title);
    json_out_member(out, "light", row->light);
    api_member_instant(view, out, "fired_at", row->fired);
    api_member_instant(view, out, "start", row->start);
    api_member_instant(view, out, "due", row->due);
    json_out_member_i64(out, "rule_version", row->rules);
    json_out_close(out, '}');
}
