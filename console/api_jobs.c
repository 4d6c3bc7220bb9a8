/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Previews, replans and how far they have come. A preview is a child process, a replan a sweep of
 * the ledger's; both are jobs to who asks.
 */
#include <stdio.h>
#include <stdlib.h>

#include "console/actor_of.h"
#include "console/exports.h"
#include "console/jobs.h"
#include "console/sweep.h"

#define DAYS_DEFAULT    30
#define DAYS_MAX        366
#define LEDGER_WAIT_MS  5000
#define ITEM_LINE_BYTES 65536

/* ---- asking for a preview ---- */

static void on_nothing(struct change *change, const struct apply_result *result)
{
    (void)change;
    (void)result;
}

/* The candidate as it would be applied: of files, a draft or a version. */
struct candidate {
    struct console *console;
    struct http_call *call;
    const struct json_value *body;
    enum config_kind kind;
    struct buf json;
};

static bool of_draft(struct candidate *candidate, struct text id)
{
    const enum err err = ledger_draft_bundle(candidate->console->ledger, id, &candidate->json);
    if (err) {
        problem_answer(
            candidate->call, err == ERR_NOT_FOUND ? PROBLEM_NOT_FOUND : PROBLEM_INTERNAL,
            "draft: there is no such draft");
    }
    return !err;
}

static bool of_version(struct candidate *candidate, const struct json_value *number)
{
    int64_t version = 0;
    const struct role_env *env = candidate->console->env;
    const struct bundle *bundle =
        json_i64(number, &version) ? NULL : role_bundle(candidate->console->env, version);
    if (!bundle || bundle_to_json(bundle, env->seal_key, &candidate->json)) {
        problem_answer(candidate->call, PROBLEM_NOT_FOUND, "version: no such version was applied");
        return false;
    }
    return true;
}

static bool of_files(struct candidate *candidate)
{
    struct report report;
    struct change *change = change_create(candidate->console, candidate->call, on_nothing);
    if (!change || !change_read_files(change, candidate->body, candidate->kind)) {
        change_free(change);
        return false;
    }
    report_init(&report);
    change->keep_bundle = true;
    struct bundle *bundle = change_make(change, &report);
    if (bundle) {
        buf_text(&candidate->json, buf_view(&change->bundle));
    } else {
        change_refuse(
            candidate->call, PROBLEM_CONFIGURATION, "findings says what is wrong where", &report);
    }
    const bool made = bundle != NULL;
    bundle_free(bundle);
    report_release(&report);
    change_free(change);
    return made;
}

static bool candidate_read(struct candidate *candidate)
{
    const struct text draft = json_get_string(candidate->body, "draft");
    const struct json_value *version = json_get(candidate->body, "version");
    if (draft.bytes > 0) {
        return of_draft(candidate, draft);
    }
    return version ? of_version(candidate, version) : of_files(candidate);
}

static void preview_begin(struct candidate *candidate)
{
    struct api_json json;
    struct err_why why = {0};
    char id[CHANGE_ID_BYTES];
    const struct json_value *days = json_get(candidate->body, "days");
    const struct json_value *replan = json_get(candidate->body, "replan");
    struct preview_wish wish = {
        .bundle = buf_view(&candidate->json),
        .days = DAYS_DEFAULT,
        .replan = !replan || json_is_true(replan),
    };
    if (days && (json_i64(days, &wish.days) || wish.days < 1 || wish.days > DAYS_MAX)) {
        problem_answer(candidate->call, PROBLEM_BAD_REQUEST, "days: must be 1 to 366");
        return;
    }
    if (jobs_preview(candidate->console->jobs, &wish, id, &why)) {
        problem_answer(candidate->call, PROBLEM_UNAVAILABLE, why.text);
        return;
    }
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_member(&json.out, "job", text_of(id));
    json_out_close(&json.out, '}');
    api_json_answer(candidate->call, 202, &json, ERR_OK);
}

void api_preview(struct console *console, struct http_call *call)
{
    struct json_doc *doc = NULL;
    struct err_why why = {0};
    if (json_parse(call->body, &json_limits_config, &doc, &why)) {
        problem_answer(call, PROBLEM_BAD_REQUEST, why.text);
        return;
    }
    struct candidate candidate = {
        .console = console,
        .call = call,
        .body = json_root(doc),
        .kind = change_kind(api_path_id(call, 2)),
    };
    buf_init(&candidate.json, API_JSON_BYTES_MAX);
    if (api_body_only(call, candidate.body, "files draft version days replan by note") &&
        candidate_read(&candidate)) {
        preview_begin(&candidate);
    }
    buf_release(&candidate.json);
    json_free(doc);
}

/* ---- asking for a replan ---- */

struct asking {
    struct console *console;
    struct http_call *call;
    char id[CHANGE_ID_BYTES];
    const char *state; /* cancelled; NULL: it was asked for */
};

static void on_known(void *context, enum err err)
{
    struct asking *asking = context;
    struct api_json json;
    (void)err; /* it stands in the journal, whether the ledger got there in time or not */
    sweeper_look(asking->console->sweeper);
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_member(&json.out, "job", text_of(asking->id));
    json_out_member(&json.out, "replan", text_of(asking->id));
    if (asking->state) {
        json_out_member(&json.out, "state", text_of(asking->state));
    }
    json_out_close(&json.out, '}');
    api_json_answer(asking->call, 202, &json, ERR_OK);
    free(asking);
}

static void on_told(void *context, enum err err, const char *why)
{
    struct asking *asking = context;
    if (err) {
        problem_answer(asking->call, PROBLEM_UNAVAILABLE, why);
        free(asking);
        return;
    }
    catch_up_begin(asking->console, false, LEDGER_WAIT_MS, on_known, asking);
}

static void tell(
    struct console *console,
    struct http_call *call,
    const struct ledger_replan *sweep,
    const char *state)
{
    struct buf fact;
    struct asking *asking = calloc(1, sizeof(*asking));
    if (!asking) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    *asking = (struct asking){.console = console, .call = call, .state = state};
    (void)snprintf(asking->id, sizeof(asking->id), "%.*s", TEXT_ARGS(sweep->id));
    buf_init(&fact, (size_t)64 * 1024);
    sweep_fact(&fact, sweep, role_now(console->env).ms);
    store_journal_add(console->env->store, 0, buf_view(&fact), on_told, asking);
    buf_release(&fact);
}

struct undoing {
    bool known;
    bool is_replan;
    bool running;
    int64_t version;
};

static bool look_at_undone(void *context, const struct ledger_replan *row)
{
    struct undoing *undoing = context;
    undoing->known = true;
    undoing->is_replan = text_is(row->kind, "replan") && row->undo.bytes == 0;
    undoing->running = text_is(row->state, "running");
    undoing->version = row->version;
    return false;
}

/* NULL, or why it cannot be taken back. */
static const char *undo_trouble(struct console *console, struct ledger_replan *sweep)
{
    struct list_end end;
    struct undoing undoing = {0};
    const struct replan_query query = {.id = sweep->undo, .limit = 1};
    if (sweep->undo.bytes == 0 ||
        ledger_replans(console->ledger, &query, look_at_undone, &undoing, &end) || !undoing.known ||
        !undoing.is_replan) {
        return "undo: must be the id of a replan, such as \"r3\"";
    }
    sweep->version = undoing.version;
    return undoing.running ? "undo: this replan is still running; cancel it first (DELETE its job)"
                           : NULL;
}

static const char *replan_trouble(
    struct console *console,
    const struct http_call *call,
    const struct json_value *body,
    struct ledger_replan *sweep)
{
    const struct json_value *version = json_get(body, "version");
    const struct json_value *undo = json_get(body, "undo");
    sweep->by = call_by(call, json_get_string(body, "by"));
    sweep->note = json_get_string(body, "note");
    sweep->undo = json_get_string(body, "undo");
    sweep->version = console->env->bundle->version;
    if (sweep->by.bytes == 0 || sweep->by.bytes > CHANGE_BY_BYTES_MAX ||
        sweep->note.bytes > CHANGE_NOTE_BYTES_MAX) {
        return "by: missing (128 bytes at most; a note has 2000 at most)";
    }
    if (undo) { /* an empty one is somebody's mistake, and no wish to replan everything */
        return version ? "version, undo: one of them, not both" : undo_trouble(console, sweep);
    }
    if (version &&
        (json_i64(version, &sweep->version) || !role_bundle(console->env, sweep->version))) {
        return "version: must be the number of an applied version";
    }
    return NULL;
}

/* What is in force two people have seen; to go by an older version is a change like any other. */
static bool needs_approval(const struct console *console, const struct ledger_replan *sweep)
{
    return console->env->settings->changes_need_approval && sweep->undo.bytes == 0 &&
           sweep->version != console->env->bundle->version;
}

void api_replan(struct console *console, struct http_call *call)
{
    struct json_doc *doc = change_ledger_known(console, call) ? api_body_object(call) : NULL;
    char id[CHANGE_ID_BYTES];
    if (!doc) {
        return;
    }
    struct ledger_replan sweep = {
        .at = role_now(console->env).ms,
        .kind = TEXT_LITERAL("replan"),
        .state = TEXT_LITERAL("running"),
    };
    if (!api_body_only(call, json_root(doc), "version undo by note")) {
        json_free(doc);
        return;
    }
    const char *trouble = replan_trouble(console, call, json_root(doc), &sweep);
    if (trouble) {
        problem_answer(call, PROBLEM_BAD_REQUEST, trouble);
    } else if (needs_approval(console, &sweep)) {
        problem_answer(
            call, PROBLEM_CONFLICT,
            "changes need approval here, so cases go by the version in force: bring the older one "
            "back as a draft first (nrt rules draft --version N)");
    } else if (!sweep_next_id(console, id)) {
        problem_answer(call, PROBLEM_INTERNAL, "the ledger could not be read");
    } else {
        sweep.id = text_of(id);
        tell(console, call, &sweep, NULL);
    }
    json_free(doc);
}

/* ---- the list of sweeps ---- */

struct showing {
    struct console *console;
    struct json_out *out;
    bool known;
};

static void put_sweep_members(struct showing *showing, const struct ledger_replan *row)
{
    const struct view view = console_view(showing->console, NULL);
    struct json_out *out = showing->out;
    json_out_member(out, "id", row->id);
    json_out_member(out, "kind", row->kind);
    json_out_member(out, "state", row->state);
    json_out_member_i64(out, "done", row->done);
    json_out_member_i64(out, "total", row->total);
    json_out_member(out, "why", row->why);
    api_member_ms(&view, out, "at", row->at);
    json_out_member(out, "by", row->by);
    json_out_member(out, "note", row->note);
    json_out_member_i64(out, "version", row->version);
    json_out_key(out, "undo");
    if (row->undo.bytes > 0) {
        json_out_string(out, row->undo);
    } else {
        json_out_null(out);
    }
}

static bool put_sweep(void *context, const struct ledger_replan *row)
{
    struct showing *showing = context;
    showing->known = true;
    json_out_open(showing->out, '{');
    put_sweep_members(showing, row);
    json_out_close(showing->out, '}');
    return true;
}

void api_replan_list(struct console *console, struct http_call *call)
{
    struct api_page page;
    if (!api_page_read(call, &page)) {
        return;
    }
    struct api_json json;
    struct list_end end = {0};
    const struct replan_query query = {.after = page.after, .limit = page.limit};
    api_json_init(&json);
    struct showing showing = {.console = console, .out = &json.out};
    json_out_open(&json.out, '{');
    json_out_key(&json.out, "items");
    json_out_open(&json.out, '[');
    const enum err err = ledger_replans(console->ledger, &query, put_sweep, &showing, &end);
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err);
}

/* ---- one job ---- */

static void put_preview(struct json_out *out, const struct job_view *job)
{
    json_out_open(out, '{');
    json_out_member(out, "id", text_of(job->id));
    json_out_member(out, "kind", text_of("preview"));
    json_out_member(out, "state", text_of(job_state_name(job->state)));
    json_out_member_i64(out, "done", job->done);
    json_out_member_i64(out, "total", job->total);
    json_out_member(out, "why", text_of(job->why));
    json_out_key(out, "totals");
    if (job->totals.bytes > 0) {
        json_out_raw(out, job->totals);
    } else {
        json_out_null(out);
    }
    json_out_close(out, '}');
}

void api_job_show(struct console *console, struct http_call *call)
{
    const struct text id = api_path_id(call, 3);
    if (api_export_show(console, call)) {
        return;
    }
    struct api_json json;
    struct job_view job;
    struct list_end end;
    enum err err = ERR_OK;
    api_json_init(&json);
    struct showing showing = {.console = console, .out = &json.out};
    if (jobs_view(console->jobs, id, &job)) {
        put_preview(&json.out, &job);
        showing.known = true;
    } else {
        const struct replan_query query = {.id = id, .limit = 1};
        err = ledger_replans(console->ledger, &query, put_sweep, &showing, &end);
    }
    api_json_answer(call, 200, &json, err || showing.known ? err : ERR_NOT_FOUND);
}

struct cancelling {
    struct console *console;
    struct http_call *call;
    bool answered;
};

/* A sweep that has not begun yet is ended by its state alone. */
static bool cancel_waiting(void *context, const struct ledger_replan *row)
{
    struct cancelling *cancelling = context;
    struct ledger_replan sweep = *row;
    cancelling->answered = true;
    if (!text_is(row->state, "running")) {
        problem_answer(cancelling->call, PROBLEM_CONFLICT, "this job has ended");
        return false;
    }
    sweep.state = TEXT_LITERAL("cancelled");
    tell(cancelling->console, cancelling->call, &sweep, "cancelled");
    return false;
}

static void answer_cancelled(struct http_call *call, const char *state)
{
    struct api_json json;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_member(&json.out, "job", api_path_id(call, 3));
    json_out_member(&json.out, "state", text_of(state));
    json_out_close(&json.out, '}');
    api_json_answer(call, 202, &json, ERR_OK);
}

void api_job_cancel(struct console *console, struct http_call *call)
{
    const struct text id = api_path_id(call, 3);
    struct list_end end;
    if (api_export_cancel(console, call)) {
        return;
    }
    if (jobs_cancel(console->jobs, id)) {
        answer_cancelled(call, "cancelled");
        return;
    }
    if (sweeper_cancel(console->sweeper, id)) {
        answer_cancelled(call, "cancelling");
        return;
    }
    struct cancelling cancelling = {.console = console, .call = call};
    const struct replan_query query = {.id = id, .limit = 1};
    const enum err err = ledger_replans(console->ledger, &query, cancel_waiting, &cancelling, &end);
    if (!cancelling.answered) {
        problem_answer(
            call, err ? PROBLEM_INTERNAL : PROBLEM_NOT_FOUND, "there is no such job (any more)");
    }
}

/* ---- the items of a preview ---- */

/* Whole lines from that byte on; the cursor is the byte after the last of them. */
static enum err put_items(
    FILE *file, struct json_out *out, const struct api_page *page, struct list_end *ret_end)
{
    char *line = malloc(ITEM_LINE_BYTES);
    int64_t count = 0;
    bool whole = true;
    *ret_end = (struct list_end){.number = page->after.number};
    while (line && whole && count < page->limit && fgets(line, ITEM_LINE_BYTES, file)) {
        const struct text text = text_of(line);
        whole = text.bytes > 1 && text.ptr[text.bytes - 1] == '\n';
        if (whole) {
            json_out_raw(out, (struct text){.ptr = text.ptr, .bytes = text.bytes - 1});
            ret_end->number += (int64_t)text.bytes;
            count++;
        }
    }
    ret_end->more = whole && count == page->limit && getc(file) != EOF;
    const bool failed = !line || ferror(file);
    free(line);
    return failed ? ERR_IO : ERR_OK;
}

void api_job_items(struct console *console, struct http_call *call)
{
    struct api_page page;
    struct job_view job;
    struct list_end end = {0};
    if (!api_page_read(call, &page)) {
        return;
    }
    if (!jobs_view(console->jobs, api_path_id(call, 3), &job)) {
        problem_answer(
            call, PROBLEM_NOT_FOUND, "there is no such preview (any more); results stay a day");
        return;
    }
    if (job.state != JOB_DONE || page.after.number < 0) {
        problem_answer(call, PROBLEM_CONFLICT, "the list is there when the preview is done");
        return;
    }
    struct api_json json;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_key(&json.out, "items");
    json_out_open(&json.out, '[');
    FILE *file = fopen(job.items_path, "re");
    enum err err = file ? ERR_OK : ERR_IO;
    if (file && fseek(file, (long)page.after.number, SEEK_SET) == 0) {
        err = put_items(file, &json.out, &page, &end);
    }
    if (file) {
        (void)fclose(file);
    }
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err);
}
