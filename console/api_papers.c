/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbered notices: the list, one of them with its lines, what one would look like, issuing one.
 * Issuing tells the journal first; the number is known when the ledger has read that, then the
 * cases are told. Sent twice with the same "request", it is issued once.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "console/audit.h"
#include "console/changes.h"
#include "console/paper_draft.h"
#include "console/paper_tell.h"

#define FACT_BYTES_MAX  ((size_t)1024 * 1024)
#define WAIT_MS         ((int64_t)10000)
#define CASE_PAPERS_MAX 100
#define BODY_MEMBERS    "kind unit cases text reply_by copy_to by request"

/* ---- showing ---- */

struct showing {
    const struct view *view;
    struct json_out *out;
    struct arena *arena;
    bool with_lines;
    bool english;
    enum err err;
};

static bool wants_english(const struct http_call *call)
{
    return text_is(http_param(&call->head, "lang"), "en");
}

static void put_cases(const struct showing *showing, const struct paper *paper)
{
    struct json_out *out = showing->out;
    json_out_key(out, "cases");
    json_out_open(out, '[');
    for (size_t index = 0; index < paper->item_count; index++) {
        json_out_string(out, paper->items[index].case_id);
    }
    json_out_close(out, ']');
    json_out_key(out, "items"); /* as they stood when it was issued */
    json_out_open(out, '[');
    for (size_t index = 0; index < paper->item_count; index++) {
        const struct paper_item *item = &paper->items[index];
        json_out_open(out, '{');
        json_out_member(out, "case", item->case_id);
        json_out_member(out, "case_title", item->title);
        json_out_member(out, "clock", item->clock);
        api_member_instant(
            showing->view, out, "due", (struct ledger_instant){item->has_due, item->due.ms});
        api_member_bool(out, "late", item->is_late);
        json_out_member_i64(out, "late_working_days", item->late_days);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void put_wording(const struct showing *showing, const struct paper *paper)
{
    json_out_member(showing->out, "text", paper->words);
    json_out_member(showing->out, "title", text_of(paper_title(paper->kind, showing->english)));
    json_out_key(showing->out, "copy_names");
    json_out_open(showing->out, '[');
    for (size_t index = 0; index < paper->copy_count; index++) {
        json_out_string(showing->out, paper->copies[index]);
    }
    json_out_close(showing->out, ']');
    put_cases(showing, paper);
    if (showing->with_lines) {
        json_out_key(showing->out, "lines");
        paper_lines(paper, showing->english, showing->out);
    }
}

/* What a list of papers and a case say of one; the object stays open. */
static void put_head(const struct showing *showing, const struct ledger_paper *row)
{
    struct json_out *out = showing->out;
    json_out_open(out, '{');
    json_out_member(out, "id", row->id);
    json_out_member(out, "number", text_of(row->number));
    json_out_member(out, "kind", row->kind);
    json_out_member(out, "unit", row->unit);
    json_out_member(out, "unit_name", row->unit_name);
    api_member_ms(showing->view, out, "issued_at", row->at);
    json_out_member(out, "by", row->by);
    api_member_instant(showing->view, out, "reply_by", row->reply_by);
}

static bool put_paper(void *context, const struct ledger_paper *row)
{
    struct showing *showing = context;
    struct json_out *out = showing->out;
    struct paper paper;
    const enum err err = paper_of_row(showing->view, row, showing->arena, &paper);
    if (err) {
        showing->err = err == ERR_CORRUPT ? showing->err : err;
        return err == ERR_CORRUPT;
    }
    put_head(showing, row);
    json_out_key(out, "copy_to");
    json_out_raw(out, row->copy_to);
    put_wording(showing, &paper);
    json_out_close(out, '}');
    return true;
}

void api_paper_list(const struct view *view, struct http_call *call)
{
    struct api_page page;
    if (!api_page_read(call, &page)) {
        return;
    }
    const struct paper_query query = {
        .kind = http_param(&call->head, "kind"),
        .unit = http_param(&call->head, "unit"),
        .case_id = http_param(&call->head, "case"),
        .scope = &view->actor->scope,
        .after = page.after,
        .limit = page.limit,
    };
    struct api_json json;
    struct list_end end = {0};
    struct arena arena;
    arena_init(&arena, 0);
    api_json_init(&json);
    struct showing showing = {
        .view = view, .out = &json.out, .arena = &arena, .english = wants_english(call)};
    json_out_open(&json.out, '{');
    json_out_key(&json.out, "items");
    json_out_open(&json.out, '[');
    const enum err err = ledger_papers(view->ledger, &query, put_paper, &showing, &end);
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err ? err : showing.err);
    arena_release(&arena);
}

static bool put_case_paper(void *context, const struct ledger_paper *row)
{
    struct showing *showing = context;
    put_head(showing, row);
    json_out_close(showing->out, '}');
    return true;
}

enum err api_case_papers(const struct view *view, struct json_out *out, struct text case_id)
{
    struct list_end end;
    struct showing showing = {.view = view, .out = out};
    const struct paper_query query = {
        .case_id = case_id, .scope = &view->actor->scope, .limit = CASE_PAPERS_MAX};
    json_out_key(out, "notices");
    json_out_open(out, '[');
    const enum err err = ledger_papers(view->ledger, &query, put_case_paper, &showing, &end);
    json_out_close(out, ']');
    return err;
}

static void answer_paper(
    const struct view *view, struct http_call *call, int status, struct text id)
{
    struct api_json json;
    struct list_end end;
    struct arena arena;
    const struct paper_query query = {.id = id, .scope = &view->actor->scope, .limit = 1};
    arena_init(&arena, 0);
    api_json_init(&json);
    struct showing showing = {
        .view = view,
        .out = &json.out,
        .arena = &arena,
        .with_lines = true,
        .english = wants_english(call),
    };
    enum err err = ledger_papers(view->ledger, &query, put_paper, &showing, &end);
    err = err ? err : showing.err;
    api_json_answer(call, status, &json, err || json.buf.bytes > 0 ? err : ERR_NOT_FOUND);
    arena_release(&arena);
}

void api_paper_show(const struct view *view, struct http_call *call)
{
    answer_paper(view, call, 200, api_path_id(call, 3));
}

/* ---- drafting ---- */

/* False when the call was answered. The draft is the arena's, which is the call's. */
static bool draft_read(
    const struct view *view,
    struct http_call *call,
    const struct json_value *body,
    struct paper_draft **ret_draft)
{
    if (!api_body_only(call, body, BODY_MEMBERS)) {
        return false;
    }
    struct paper_draft *draft = arena_alloc(&call->arena, sizeof(*draft));
    const enum err err = draft ? paper_draft_read(view, body, &call->arena, draft) : ERR_NO_MEMORY;
    if (err) {
        problem_answer(
            call, err == ERR_NO_MEMORY ? PROBLEM_UNAVAILABLE : PROBLEM_INTERNAL,
            "the notice could not be drafted; see the log");
        return false;
    }
    if (draft->trouble) {
        problem_answer(call, PROBLEM_INVALID, draft->trouble);
        return false;
    }
    *ret_draft = draft;
    return true;
}

static enum err next_place(
    const struct view *view, enum paper_kind kind, int64_t *ret_year, int64_t *ret_last)
{
    *ret_year = paper_year(view, view->now);
    return ledger_paper_last(view->ledger, text_of(paper_kind_name(kind)), *ret_year, ret_last);
}

static void put_copies_given(const struct paper_draft *draft, struct json_out *out)
{
    json_out_key(out, "copy_to");
    json_out_open(out, '[');
    for (size_t index = 0; index < draft->copy_count; index++) {
        json_out_string(out, draft->copies[index]);
    }
    json_out_close(out, ']');
}

static void preview_answer(
    const struct view *view, struct http_call *call, const struct paper_draft *draft)
{
    char number[PAPER_NUMBER_BYTES];
    struct api_json json;
    int64_t year = 0;
    int64_t last = 0;
    const struct text prefix = paper_prefix(view->settings, draft->kind, &call->arena);
    const enum err err = next_place(view, draft->kind, &year, &last);
    paper_number(prefix, year, last + 1, number, sizeof(number));
    const struct paper paper = paper_of_draft(view, draft, text_of(number));
    api_json_init(&json);
    const struct showing showing = {
        .view = view, .out = &json.out, .with_lines = true, .english = wants_english(call)};
    json_out_open(&json.out, '{');
    json_out_member(&json.out, "id", (struct text){0});
    json_out_member(&json.out, "number", text_of(number)); /* unless somebody is faster */
    json_out_member(&json.out, "kind", text_of(paper_kind_name(draft->kind)));
    json_out_member(&json.out, "unit", draft->unit);
    json_out_member(&json.out, "unit_name", draft->unit_name);
    api_member_instant(view, &json.out, "issued_at", (struct ledger_instant){0});
    json_out_member(&json.out, "by", text_of(view->actor->name));
    api_member_instant(
        view, &json.out, "reply_by",
        (struct ledger_instant){draft->has_reply_by, draft->reply_by.ms});
    put_copies_given(draft, &json.out);
    put_wording(&showing, &paper);
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, err);
}

void api_paper_preview(struct console *console, struct http_call *call)
{
    struct paper_draft *draft = NULL;
    struct json_doc *doc = api_body_object(call);
    const struct view view = console_view(console, call);
    if (doc && draft_read(&view, call, json_root(doc), &draft)) {
        preview_answer(&view, call, draft);
    }
    json_free(doc);
}

/* ---- issuing ---- */

struct issuing {
    struct console *console;
    struct http_call *call;
    char id[NRT_ID_BYTES];
    int status; /* 201; 200: it was issued before */
};

static void answer_issued(struct issuing *issuing)
{
    const struct view view = console_view(issuing->console, issuing->call);
    answer_paper(&view, issuing->call, issuing->status, text_of(issuing->id));
    free(issuing);
}

static void on_events_known(void *context, enum err err)
{
    (void)err; /* they are on their way at least */
    answer_issued(context);
}

/* Not told: that is caught up with later (console/paper_tell.c); the notice has its number. */
static void on_told(void *context, const struct events_outcome *outcome)
{
    struct issuing *issuing = context;
    if (outcome->err) {
        answer_issued(issuing);
    } else {
        catch_up_begin(issuing->console, true, WAIT_MS, on_events_known, issuing);
    }
}

static void not_numbered(struct issuing *issuing)
{
    problem_answer(
        issuing->call, PROBLEM_UNAVAILABLE,
        "the notice is written down, but it could not be read back yet; send it again with the "
        "same request, or look it up in the list");
    free(issuing);
}

static void tell_cases(struct issuing *issuing)
{
    const struct view view = console_view(issuing->console, issuing->call);
    struct events_made made = {.done = on_told, .context = issuing};
    struct text *events = NULL;
    if (paper_events(&view, text_of(issuing->id), &issuing->call->arena, &events, &made.count)) {
        not_numbered(issuing);
        return;
    }
    made.events = events;
    api_queue_events(issuing->console, issuing->call, &made);
}

static void on_message_added(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    (void)why;
    (void)positions;
    (void)count;
    if (err) {
        answer_issued(context); /* told later, with the cases */
    } else {
        tell_cases(context);
    }
}

static void on_numbered(void *context, enum err err)
{
    struct issuing *issuing = context;
    struct store *store = issuing->console->env->store;
    const struct view view = console_view(issuing->console, issuing->call);
    struct buf json;
    struct text to;
    buf_init(&json, FACT_BYTES_MAX);
    if (!err) {
        err = paper_message(&view, text_of(issuing->id), &issuing->call->arena, &json, &to);
    }
    if (err) {
        not_numbered(issuing);
    } else if (json.bytes == 0) {
        tell_cases(issuing);
    } else {
        const struct store_item item = {
            .partition = store_partition_of(store, to),
            .arrived = view.now,
            .body = buf_view(&json),
        };
        store_queue_add(store, QUEUE_OUTBOX, &item, 1, on_message_added, issuing);
    }
    buf_release(&json);
}

static void on_journaled(void *context, enum err err, const char *why)
{
    struct issuing *issuing = context;
    if (err) {
        problem_answer(issuing->call, PROBLEM_UNAVAILABLE, why);
        free(issuing);
        return;
    }
    catch_up_begin(issuing->console, false, WAIT_MS, on_numbered, issuing);
}

static void put_fact_items(const struct paper_draft *draft, struct json_out *out)
{
    json_out_key(out, "items");
    json_out_open(out, '[');
    for (size_t index = 0; index < draft->item_count; index++) {
        const struct paper_item *item = &draft->items[index];
        json_out_open(out, '{');
        json_out_member(out, "case", item->case_id);
        json_out_member(out, "title", item->title);
        json_out_member(out, "number", item->number);
        json_out_member(out, "clock", item->clock);
        json_out_key(out, "due");
        if (item->has_due) {
            json_out_i64(out, item->due.ms);
        } else {
            json_out_null(out);
        }
        api_member_bool(out, "late", item->is_late);
        json_out_member_i64(out, "late_days", item->late_days);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void put_fact_people(
    const struct view *view, const struct paper_draft *draft, struct json_out *out)
{
    const bool for_others = actor_speaks_for_others(view->actor) && draft->by.bytes > 0;
    json_out_member(out, "by", for_others ? draft->by : text_of(view->actor->name));
    json_out_member(out, "office", view->settings->office_name);
    json_out_member(out, "unit", draft->unit);
    json_out_member(out, "unit_name", draft->unit_name);
    put_copies_given(draft, out);
}

static enum err put_fact(
    const struct view *view, const struct paper_draft *draft, const char *id, struct buf *buf)
{
    struct json_out out;
    int64_t year = 0;
    int64_t last = 0;
    const enum err err = next_place(view, draft->kind, &year, &last);
    json_out_init(&out, buf);
    json_out_open(&out, '{');
    json_out_member(&out, "k", text_of("paper"));
    json_out_member(&out, "id", text_of(id));
    json_out_member(&out, "kind", text_of(paper_kind_name(draft->kind)));
    json_out_member_i64(&out, "year", year);
    json_out_member_i64(&out, "after", last);
    json_out_member(&out, "prefix", paper_prefix(view->settings, draft->kind, draft->arena));
    json_out_member_i64(&out, "at", view->now.ms);
    json_out_member(&out, "words", draft->words);
    json_out_key(&out, "reply_by");
    if (draft->has_reply_by) {
        json_out_i64(&out, draft->reply_by.ms);
    } else {
        json_out_null(&out);
    }
    put_fact_people(view, draft, &out);
    put_fact_items(draft, &out);
    json_out_close(&out, '}');
    return err ? err : buf_error(buf);
}

/* The same request of the same person is the same notice. */
static void id_make(
    const struct view *view, const struct paper_draft *draft, char ret_id[static NRT_ID_BYTES])
{
    uint8_t random[16];
    crypto_random(random, sizeof(random));
    const struct text chance = {.ptr = (const char *)random, .bytes = sizeof(random)};
    const struct text parts[] = {
        TEXT_LITERAL("paper"), text_of(view->actor->name),
        draft->request.bytes > 0 ? draft->request : chance};
    crypto_id(parts, sizeof(parts) / sizeof(parts[0]), ret_id);
}

static bool is_there(void *context, const struct ledger_paper *row)
{
    (void)row;
    *(bool *)context = true;
    return false;
}

static void issue(
    struct console *console,
    const struct view *view,
    struct http_call *call,
    const struct paper_draft *draft)
{
    struct buf fact;
    struct list_end end;
    bool before = false;
    struct issuing *issuing = calloc(1, sizeof(*issuing));
    if (!issuing) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    *issuing = (struct issuing){.console = console, .call = call, .status = 201};
    id_make(view, draft, issuing->id);
    const struct paper_query query = {.id = text_of(issuing->id), .limit = 1};
    enum err err = ledger_papers(view->ledger, &query, is_there, &before, &end);
    if (!err && before) {
        issuing->status = 200;
        answer_issued(issuing);
        return;
    }
    audit_object(call, text_of(issuing->id));
    buf_init(&fact, FACT_BYTES_MAX);
    err = err ? err : put_fact(view, draft, issuing->id, &fact);
    if (err) {
        problem_answer(call, PROBLEM_INTERNAL, "the ledger could not be read; see the log");
        free(issuing);
    } else {
        store_journal_add(console->env->store, 0, buf_view(&fact), on_journaled, issuing);
    }
    buf_release(&fact);
}

void api_paper_issue(struct console *console, struct http_call *call)
{
    struct paper_draft *draft = NULL;
    struct json_doc *doc = change_ledger_known(console, call) ? api_body_object(call) : NULL;
    if (!doc) {
        return;
    }
    const struct view view = console_view(console, call);
    if (draft_read(&view, call, json_root(doc), &draft)) {
        issue(console, &view, call, draft);
    }
    json_free(doc);
}
