/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The accountability list over HTTP, and the two things people do to an entry: the unit explains
 * (情况说明), oversight decides. Both are facts of the journal before they are confirmed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "console/accountability.h"
#include "console/actor_of.h"
#include "console/api.h"
#include "console/audit.h"
#include "console/changes.h"

#define ARENA_BYTES_MAX ((size_t)512 * 1024 * 1024)
#define FACT_BYTES_MAX  ((size_t)64 * 1024)
#define NOTE_BYTES_MAX  8000
#define LEDGER_WAIT_MS  5000
#define EVIDENCE_LISTED 100 /* misses of one entry, in the list and alone */
#define EVIDENCE_SHOWN  2000

static const char *const outcome_kinds[] = {"interviewed", "excused", "rectified", "noted"};
#define OUTCOME_KINDS "interviewed, excused, rectified, noted"

struct showing {
    const struct view *view;
    struct json_out *out;
    struct arena *arena;
    enum err err;
};

/* ---- evidence ---- */

static void put_miss(struct showing *showing, const struct figure_run *miss)
{
    const struct view *view = showing->view;
    struct json_out *out = showing->out;
    struct miss_proof proof = {0};
    /* A person's misses may lie in a unit that whoever asks does not see. */
    const bool seen = scope_has(&view->actor->scope, miss->unit);
    const struct wall_ms end = miss->has_stopped ? miss->stopped : view->now;
    const struct between late = calendar_between(view_policy(view)->calendar, miss->due, end);
    if (seen) {
        const enum err err = ledger_miss_proof(view->ledger, miss, showing->arena, &proof);
        showing->err = showing->err ? showing->err : err;
    }
    json_out_open(out, '{');
    json_out_member(out, "case", seen ? miss->case_id : (struct text){0});
    json_out_member(out, "case_title", proof.title);
    json_out_member(out, "number", proof.number);
    json_out_member(out, "clock", miss->clock);
    json_out_member_i64(out, "run", miss->run);
    json_out_member(out, "family", miss->family);
    api_member_unit(view, out, "unit", miss->unit);
    api_member_person(view, out, "handler", miss->handler);
    api_member_ms(view, out, "due", miss->due.ms);
    api_member_instant(
        view, out, "stopped", (struct ledger_instant){miss->has_stopped, miss->stopped.ms});
    json_out_member_i64(out, "late_working_days", late.working_days);
    json_out_member_i64(out, "late_calendar_days", late.calendar_days);
    json_out_member_i64(out, "alerts", proof.alerts);
    json_out_member_i64(out, "delivered", proof.delivered);
    json_out_member_i64(out, "acked", proof.acked);
    api_member_bool(out, "waived", false);
    json_out_close(out, '}');
}

static bool put_waived(void *context, const struct ledger_waived *row)
{
    struct showing *showing = context;
    struct json_out *out = showing->out;
    json_out_open(out, '{');
    json_out_member(out, "case", row->case_id);
    json_out_member(out, "clock", row->clock);
    json_out_member_i64(out, "run", row->run);
    api_member_ms(showing->view, out, "due", row->due);
    json_out_member(out, "reason", row->reason);
    api_member_person(showing->view, out, "approved_by", row->approved_by);
    api_member_ms(showing->view, out, "at", row->at);
    json_out_close(out, '}');
    return true;
}

/* Misses of the same time that do not count, and why. */
static void put_waivers(struct showing *showing, const struct account_entry *entry)
{
    const struct waived_query misses = {
        .unit = entry->policy->by_person ? (struct text){0} : entry->who,
        .handler = entry->policy->by_person ? entry->who : (struct text){0},
        .from = entry->evidence[0]->due.ms,
        .until = entry->evidence[entry->evidence_count - 1]->due.ms,
    };
    json_out_key(showing->out, "waivers");
    json_out_open(showing->out, '[');
    if (scope_has(&showing->view->actor->scope, entry->unit)) {
        const enum err err =
            ledger_waived_misses(showing->view->ledger, &misses, put_waived, showing);
        showing->err = showing->err ? showing->err : err;
    }
    json_out_close(showing->out, ']');
}

/* ---- entries ---- */

static void put_decision(
    struct showing *showing, const struct account_decision *decision, bool is_outcome)
{
    struct json_out *out = showing->out;
    json_out_open(out, '{');
    if (is_outcome) {
        json_out_member(out, "kind", decision->kind);
    }
    api_member_person(showing->view, out, "by", decision->by);
    api_member_ms(showing->view, out, "at", decision->at);
    json_out_member(out, "text", decision->note);
    if (is_outcome) {
        api_member_instant(showing->view, out, "interview_at", decision->interview_at);
    }
    json_out_close(out, '}');
}

static void put_decisions(struct showing *showing, const struct account_entry *entry)
{
    struct json_out *out = showing->out;
    json_out_key(out, "statements");
    json_out_open(out, '[');
    for (size_t index = 0; index < entry->statement_count; index++) {
        put_decision(showing, &entry->statements[index], false);
    }
    json_out_close(out, ']');
    json_out_key(out, "outcome");
    if (entry->outcome) {
        put_decision(showing, entry->outcome, true);
    } else {
        json_out_null(out);
    }
}

static void put_who(struct showing *showing, const struct account_entry *entry)
{
    struct json_out *out = showing->out;
    if (entry->policy->by_person) {
        api_member_person(showing->view, out, "who", entry->who);
    } else {
        api_member_unit(showing->view, out, "who", entry->who);
    }
    api_member_unit(showing->view, out, "unit", entry->unit);
}

/* Of very many misses the latest are shown; `misses` counts all of them. */
static void put_evidence(struct showing *showing, const struct account_entry *entry, size_t most)
{
    const size_t first = entry->evidence_count > most ? entry->evidence_count - most : 0;
    json_out_key(showing->out, "evidence");
    json_out_open(showing->out, '[');
    for (size_t index = first; index < entry->evidence_count; index++) {
        put_miss(showing, entry->evidence[index]);
    }
    json_out_close(showing->out, ']');
    api_member_bool(showing->out, "evidence_cut", first > 0);
}

static void put_entry_members(
    struct showing *showing, const struct account_entry *entry, size_t evidence_most)
{
    struct json_out *out = showing->out;
    json_out_member(out, "id", entry->id);
    json_out_member(out, "policy", entry->policy->id);
    json_out_member(out, "policy_title", entry->policy->title);
    json_out_member(out, "scope", text_of(entry->policy->by_person ? "person" : "unit"));
    put_who(showing, entry);
    api_member_ms(showing->view, out, "opened", entry->opened.ms);
    json_out_member(out, "state", text_of(entry->outcome ? "closed" : "open"));
    json_out_member_i64(out, "misses", (int64_t)entry->evidence_count);
    put_evidence(showing, entry, evidence_most);
    put_decisions(showing, entry);
}

/* ---- reading ---- */

static bool query_read(
    const struct view *view, struct http_call *call, struct account_query *ret_query)
{
    const struct text state = http_param(&call->head, "state");
    *ret_query = (struct account_query){
        .policy = http_param(&call->head, "policy"),
        .unit = http_param(&call->head, "unit"),
        .scope = &view->actor->scope,
        .open_only = text_is(state, "open"),
        .closed_only = text_is(state, "closed"),
    };
    if (state.bytes > 0 && !ret_query->open_only && !ret_query->closed_only) {
        problem_answer(call, PROBLEM_BAD_REQUEST, "state must be open or closed");
        return false;
    }
    return true;
}

/* Is the entry after the last one of the page before, the newest first? */
static bool comes_after(const struct account_entry *entry, const struct ledger_key *after)
{
    return !after->given || entry->opened.ms < after->number ||
           (entry->opened.ms == after->number && text_compare(entry->id, after->tie) > 0);
}

static void put_page(
    struct showing *showing,
    const struct account_list *list,
    const struct api_page *page,
    struct list_end *ret_end)
{
    int64_t shown = 0;
    *ret_end = (struct list_end){0};
    for (size_t index = 0; index < list->count && !showing->err; index++) {
        const struct account_entry *entry = &list->items[index];
        if (!comes_after(entry, &page->after)) {
            continue;
        }
        if (shown++ == page->limit) {
            ret_end->more = true;
            return;
        }
        json_out_open(showing->out, '{');
        put_entry_members(showing, entry, EVIDENCE_LISTED);
        json_out_close(showing->out, '}');
        ret_end->number = entry->opened.ms;
        (void)snprintf(ret_end->tie, sizeof(ret_end->tie), "%.*s", TEXT_ARGS(entry->id));
    }
}

void api_accountability(const struct view *view, struct http_call *call)
{
    struct account_query query;
    struct account_list list = {0};
    struct api_page page;
    struct list_end end = {0};
    struct api_json json;
    struct arena arena;
    if (!query_read(view, call, &query) || !api_page_read(call, &page)) {
        return;
    }
    arena_init(&arena, ARENA_BYTES_MAX);
    api_json_init(&json);
    struct showing showing = {.view = view, .out = &json.out, .arena = &arena};
    showing.err = accountability_list(view, &query, &arena, &list);
    json_out_open(&json.out, '{');
    json_out_member_i64(&json.out, "total", (int64_t)list.count);
    json_out_key(&json.out, "items");
    json_out_open(&json.out, '[');
    put_page(&showing, &list, &page, &end);
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, showing.err);
    arena_release(&arena);
}

static void show(const struct view *view, struct http_call *call, struct text id, int status)
{
    struct account_entry entry;
    struct api_json json;
    struct arena arena;
    arena_init(&arena, ARENA_BYTES_MAX);
    api_json_init(&json);
    struct showing showing = {.view = view, .out = &json.out, .arena = &arena};
    showing.err = accountability_find(view, id, &view->actor->scope, &arena, &entry);
    json_out_open(&json.out, '{');
    if (!showing.err) {
        put_entry_members(&showing, &entry, EVIDENCE_SHOWN);
        put_waivers(&showing, &entry);
    }
    json_out_close(&json.out, '}');
    api_json_answer(call, status, &json, showing.err);
    arena_release(&arena);
}

void api_accountability_show(const struct view *view, struct http_call *call)
{
    show(view, call, api_path_id(call, 3), 200);
}

/* ---- deciding ---- */

struct deciding {
    struct console *console;
    struct http_call *call;
    char id[ROLE_TROUBLE_BYTES]; /* of the entry */
};

static void on_known(void *context, enum err err)
{
    struct deciding *deciding = context;
    const struct view view = console_view(deciding->console, deciding->call);
    (void)err; /* it stands in the journal, whether or not the ledger got there in time */
    show(&view, deciding->call, text_of(deciding->id), 200);
    free(deciding);
}

static void on_told(void *context, enum err err, const char *why)
{
    struct deciding *deciding = context;
    if (err) {
        problem_answer(deciding->call, PROBLEM_UNAVAILABLE, why);
        free(deciding);
        return;
    }
    catch_up_begin(deciding->console, false, LEDGER_WAIT_MS, on_known, deciding);
}

struct decision {
    bool is_outcome;
    struct text kind;
    struct text note;
    struct text by;
    bool has_interview;
    struct wall_ms interview_at;
};

/* The same words of the same person about the same entry are the same decision. */
static void fact_write(
    const struct account_entry *entry,
    const struct decision *decision,
    struct wall_ms now,
    struct buf *fact)
{
    struct json_out out;
    char id[NRT_ID_BYTES];
    const char *k = decision->is_outcome ? "outcome" : "statement";
    const struct text parts[] = {
        text_of(k), entry->id, decision->by, decision->kind, decision->note};
    crypto_id(parts, sizeof(parts) / sizeof(parts[0]), id);
    json_out_init(&out, fact);
    json_out_open(&out, '{');
    json_out_member(&out, "k", text_of(k));
    json_out_member(&out, "id", text_of(id));
    json_out_member(&out, "entry", entry->id);
    json_out_member(&out, "policy", entry->policy->id);
    json_out_member(&out, "who", entry->who);
    json_out_member_i64(&out, "at", now.ms);
    if (decision->is_outcome) {
        json_out_member(&out, "kind", decision->kind);
    }
    json_out_member(&out, "by", decision->by);
    json_out_member(&out, "text", decision->note);
    if (decision->has_interview) {
        json_out_member_i64(&out, "interview_at", decision->interview_at.ms);
    }
    json_out_close(&out, '}');
}

static void decide(
    struct console *console,
    struct http_call *call,
    const struct account_entry *entry,
    const struct decision *decision)
{
    struct buf fact;
    struct deciding *deciding = calloc(1, sizeof(*deciding));
    if (!deciding || entry->id.bytes >= sizeof(deciding->id)) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        free(deciding);
        return;
    }
    *deciding = (struct deciding){.console = console, .call = call};
    (void)snprintf(deciding->id, sizeof(deciding->id), "%.*s", TEXT_ARGS(entry->id));
    audit_object(call, entry->id);
    audit_detail(call, decision->is_outcome ? decision->kind : TEXT_LITERAL("statement"));
    buf_init(&fact, FACT_BYTES_MAX);
    fact_write(entry, decision, role_now(console->env), &fact);
    store_journal_add(console->env->store, 0, buf_view(&fact), on_told, deciding);
    buf_release(&fact);
}

static const char *outcome_trouble(const struct json_value *body, struct decision *decision)
{
    const struct text at = json_get_string(body, "interview_at");
    bool known = false;
    for (size_t i = 0; i < sizeof(outcome_kinds) / sizeof(outcome_kinds[0]); i++) {
        known = known || text_is(decision->kind, outcome_kinds[i]);
    }
    if (!known) {
        return "kind must be one of: " OUTCOME_KINDS;
    }
    if (at.bytes > 0 && wall_parse(at.ptr, at.bytes, &decision->interview_at)) {
        return "interview_at must be RFC 3339, such as 2026-02-13T10:00:00+08:00";
    }
    decision->has_interview = at.bytes > 0;
    return NULL;
}

static const char *decision_read(
    const struct http_call *call, const struct json_value *body, struct decision *decision)
{
    decision->kind = json_get_string(body, "kind");
    decision->note = json_get_string(body, "text");
    decision->by = call_by(call, json_get_string(body, "by"));
    const char *trouble = decision->is_outcome ? outcome_trouble(body, decision) : NULL;
    if (!trouble && decision->note.bytes == 0) {
        trouble = "text: missing; say what was found, in words";
    }
    if (!trouble && decision->note.bytes > NOTE_BYTES_MAX) {
        trouble = "text: at most 8000 bytes";
    }
    if (!trouble && decision->by.bytes == 0) {
        trouble = "by: missing; who decides this";
    }
    return trouble;
}

static void decision_take(
    struct console *console,
    struct http_call *call,
    const struct json_value *body,
    struct decision *decision)
{
    const struct view view = console_view(console, call);
    const enum right right = decision->is_outcome ? RIGHT_OVERSEE : RIGHT_STATEMENT;
    struct account_entry entry;
    struct arena arena;
    const char *trouble = decision_read(call, body, decision);
    arena_init(&arena, ARENA_BYTES_MAX);
    const enum err err = accountability_find(
        &view, api_path_id(call, 3), actor_scope(view.actor, right), &arena, &entry);
    if (err == ERR_NOT_FOUND) {
        problem_answer(call, PROBLEM_NOT_FOUND, "there is no such entry of the list");
    } else if (err) {
        problem_answer(call, PROBLEM_INTERNAL, "the ledger could not be read; see the log");
    } else if (trouble) {
        problem_answer(call, PROBLEM_INVALID, trouble);
    } else if (entry.outcome) {
        problem_answer(call, PROBLEM_CONFLICT, "this entry is closed: it has its outcome already");
    } else {
        decide(console, call, &entry, decision);
    }
    arena_release(&arena);
}

static void decision_post(struct console *console, struct http_call *call, bool is_outcome)
{
    struct decision decision = {.is_outcome = is_outcome};
    struct json_doc *doc = change_ledger_known(console, call) ? api_body_object(call) : NULL;
    if (!doc) {
        return;
    }
    if (api_body_only(call, json_root(doc), is_outcome ? "kind text by interview_at" : "text by")) {
        decision_take(console, call, json_root(doc), &decision);
    }
    json_free(doc);
}

void api_accountability_outcome(struct console *console, struct http_call *call)
{
    decision_post(console, call, true);
}

void api_accountability_statement(struct console *console, struct http_call *call)
{
    decision_post(console, call, false);
}
