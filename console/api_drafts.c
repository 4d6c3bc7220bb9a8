/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drafts: a change is made and checked now, approved by somebody else, and applied by hand or at
 * a time. It goes upon the version it was made from, or not at all. Every step is a fact in the
 * journal before it is confirmed. Whoever signs in acts in their own name; what the service's own
 * token says is taken on trust.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "console/actor_of.h"
#include "console/changes.h"

#define FACT_BYTES_MAX ((size_t)40 * 1024 * 1024)
#define LEDGER_WAIT_MS 5000

/* ---- telling a step ---- */

/* One step of a draft on its way into journal and ledger. */
struct telling {
    struct console *console;
    struct http_call *call; /* NULL: nobody waits */
    struct change *change;  /* what was made or applied; may be NULL */
    bool is_new;
    bool refused; /* it could not be applied */
    char id[CHANGE_ID_BYTES];
    char state[16];
    int64_t version;
    struct buf findings; /* "findings":[...],"changes":[...] of the answer */
    struct buf fact;
};

static struct telling *telling_create(struct console *console, struct http_call *call)
{
    struct telling *telling = calloc(1, sizeof(*telling));
    if (telling) {
        telling->console = console;
        telling->call = call;
        buf_init(&telling->fact, FACT_BYTES_MAX);
        buf_init(&telling->findings, (size_t)4 * 1024 * 1024);
    } else if (call) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
    }
    return telling;
}

static void telling_free(struct telling *telling)
{
    buf_release(&telling->fact);
    buf_release(&telling->findings);
    change_free(telling->change);
    free(telling);
}

static void answer_refused(struct telling *telling)
{
    const bool stale = strcmp(telling->state, "stale") == 0;
    problem_answer_with(
        telling->call, stale ? PROBLEM_CONFLICT : PROBLEM_CONFIGURATION,
        stale ? "another version was applied since the draft was made: make it anew upon that one"
              : "the draft does not pass the checks any more; findings says why",
        "findings", telling->findings.bytes > 0 ? buf_view(&telling->findings) : text_of("[]"));
}

static void answer(struct telling *telling)
{
    struct api_json json;
    const struct change *change = telling->change;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_member(&json.out, "draft", text_of(telling->id));
    json_out_member(&json.out, "state", text_of(telling->state));
    if (telling->version > 0) {
        json_out_member_i64(&json.out, "version", telling->version);
    }
    if (telling->findings.bytes > 0) {
        json_out_key(&json.out, "findings");
        json_out_raw(&json.out, buf_view(&telling->findings));
    }
    if (change) {
        json_out_key(&json.out, "changes");
        json_out_raw(&json.out, change->diff.bytes > 0 ? buf_view(&change->diff) : text_of("[]"));
    }
    json_out_close(&json.out, '}');
    api_json_answer(telling->call, telling->is_new ? 201 : 200, &json, ERR_OK);
}

/* Whether or not the ledger got there in time: what was asked for stands in the journal. */
static void on_known(void *context, enum err err)
{
    struct telling *telling = context;
    (void)err;
    if (telling->call && telling->refused) {
        answer_refused(telling);
    } else if (telling->call) {
        answer(telling);
    }
    telling_free(telling);
}

static void on_told(void *context, enum err err, const char *why)
{
    struct telling *telling = context;
    if (!err) {
        catch_up_begin(telling->console, false, LEDGER_WAIT_MS, on_known, telling);
        return;
    }
    if (telling->call) {
        problem_answer(telling->call, PROBLEM_UNAVAILABLE, why);
    }
    telling_free(telling);
}

static void member_instant(struct json_out *out, const char *key, struct ledger_instant at)
{
    json_out_key(out, key);
    if (at.known) {
        json_out_i64(out, at.ms);
    } else {
        json_out_null(out);
    }
}

/* The whole state of the draft as a fact; `bundle` with the first one only. */
static void tell(struct telling *telling, const struct ledger_draft *draft, struct text bundle)
{
    struct json_out out;
    struct console *console = telling->console;
    (void)snprintf(telling->id, sizeof(telling->id), "%.*s", TEXT_ARGS(draft->id));
    (void)snprintf(telling->state, sizeof(telling->state), "%.*s", TEXT_ARGS(draft->state));
    json_out_init(&out, &telling->fact);
    json_out_open(&out, '{');
    json_out_member(&out, "k", text_of("draft"));
    json_out_member(&out, "id", draft->id);
    json_out_member_i64(&out, "at", role_now(console->env).ms);
    json_out_member_i64(&out, "made_at", draft->made_at);
    json_out_member(&out, "by", draft->by);
    json_out_member(&out, "note", draft->note);
    json_out_member(&out, "kind", draft->kind);
    json_out_member(&out, "state", draft->state);
    json_out_member(&out, "approved_by", draft->approved_by);
    member_instant(&out, "approved_at", draft->approved_at);
    member_instant(&out, "apply_at", draft->apply_at);
    json_out_member_i64(&out, "base_version", draft->base_version);
    json_out_member(&out, "digest", draft->digest);
    member_instant(&out, "version", draft->version);
    json_out_member(&out, "why", draft->why);
    if (bundle.bytes > 0) {
        json_out_key(&out, "bundle");
        json_out_raw(&out, bundle);
    }
    json_out_close(&out, '}');
    store_journal_add(console->env->store, 0, buf_view(&telling->fact), on_told, telling);
}

/* ---- making one ---- */

static bool next_id(struct console *console, char ret_id[static CHANGE_ID_BYTES])
{
    int64_t known = 0;
    if (ledger_draft_last_number(console->ledger, &known)) {
        return false;
    }
    known = change_number_before(console, known);
    console->draft_number = known > console->draft_number ? known : console->draft_number;
    console->draft_number++;
    (void)snprintf(ret_id, CHANGE_ID_BYTES, "d%lld", (long long)console->draft_number);
    return true;
}

static void put_findings(struct telling *telling, const struct report *report)
{
    struct json_out out;
    struct buf all;
    buf_init(&all, (size_t)4 * 1024 * 1024);
    json_out_init(&out, &all);
    json_out_open(&out, '{');
    change_put_findings(&out, report);
    json_out_close(&out, '}');
    const size_t head = sizeof("{\"findings\":") - 1;
    if (!buf_error(&all)) {
        buf_add(&telling->findings, all.ptr + head, all.bytes - head - 1);
    }
    buf_release(&all);
}

static void tell_new(struct change *change, const struct report *report)
{
    struct console *console = change->console;
    struct telling *telling = telling_create(console, change->call);
    char id[CHANGE_ID_BYTES];
    if (!telling || !next_id(console, id)) {
        if (telling) {
            problem_answer(change->call, PROBLEM_INTERNAL, "the ledger could not be read");
            telling_free(telling);
        }
        change_free(change);
        return;
    }
    const int64_t base = change->apply.base_version;
    const struct ledger_draft draft = {
        .id = text_of(id),
        .made_at = role_now(console->env).ms,
        .by = change->apply.by,
        .note = change->apply.note,
        .kind = text_of(config_kind_name(change->content.kind)),
        .state = TEXT_LITERAL("drafted"),
        .base_version = base > 0 ? base : console->env->bundle->version,
        .digest = text_of(change->digest),
    };
    telling->change = change;
    telling->is_new = true;
    put_findings(telling, report);
    tell(telling, &draft, buf_view(&change->bundle));
}

static void make_draft(struct change *change)
{
    struct report report;
    const int64_t version = change->console->env->bundle->version;
    report_init(&report);
    change->keep_bundle = true;
    if (change->apply.base_version > 0 && change->apply.base_version != version) {
        const struct apply_result moved = {
            .verdict = APPLY_CONFLICT, .version = version, .why = "another version is in force"};
        change_refuse_result(change->call, &moved);
        change_free(change);
        report_release(&report);
        return;
    }
    struct bundle *bundle = change_make(change, &report);
    if (bundle) {
        tell_new(change, &report);
    } else {
        change_refuse(
            change->call, PROBLEM_CONFIGURATION, "findings says what is wrong where", &report);
        change_free(change);
    }
    bundle_free(bundle);
    report_release(&report);
}

/* A draft is only looked at: nothing is applied by it. */
static void on_nothing(struct change *change, const struct apply_result *result)
{
    (void)change;
    (void)result;
}

void api_draft_make(struct console *console, struct http_call *call)
{
    struct json_doc *doc = NULL;
    struct err_why why = {0};
    if (!change_ledger_known(console, call)) {
        return;
    }
    if (json_parse(call->body, &json_limits_config, &doc, &why)) {
        problem_answer(call, PROBLEM_BAD_REQUEST, why.text);
        return;
    }
    const struct json_value *body = json_root(doc);
    const struct text word = json_get_string(body, "kind");
    const enum config_kind kind = word.bytes > 0 ? change_kind(word) : CONFIG_WHOLE;
    struct change *change = NULL;
    if (kind == CONFIG_KIND_COUNT) {
        problem_answer(
            call, PROBLEM_BAD_REQUEST,
            "kind: must be config, rules, calendars, directory, matters or templates");
    } else {
        change = change_create(console, call, on_nothing);
    }
    if (change && api_body_only(call, body, "kind files by note base_version") &&
        change_read_words(change, body) && change_read_files(change, body, kind)) {
        make_draft(change);
    } else {
        change_free(change);
    }
    json_free(doc);
}

/* ---- showing ---- */

struct showing {
    struct console *console;
    struct json_out *out;
    bool known;
    bool with_files;
    enum err err;
};

static void put_members(struct showing *showing, const struct ledger_draft *row)
{
    struct json_out *out = showing->out;
    struct console *console = showing->console;
    const struct view view = console_view(console, NULL);
    json_out_member(out, "id", row->id);
    api_member_ms(&view, out, "at", row->made_at);
    json_out_member(out, "by", row->by);
    json_out_member(out, "note", row->note);
    json_out_member(out, "kind", row->kind);
    json_out_member(out, "state", row->state);
    json_out_member(out, "approved_by", row->approved_by);
    api_member_instant(&view, out, "approved_at", row->approved_at);
    api_member_instant(&view, out, "apply_at", row->apply_at);
    json_out_member_i64(out, "base_version", row->base_version);
    json_out_member(out, "digest", row->digest);
    json_out_key(out, "version");
    if (row->version.known) {
        json_out_i64(out, row->version.ms);
    } else {
        json_out_null(out);
    }
    json_out_member(out, "why", row->why);
}

/* The bundle of a draft; the caller frees. NULL when this program cannot read it. */
static struct bundle *bundle_of(struct console *console, struct text id)
{
    struct buf json;
    struct report report;
    struct bundle *bundle = NULL;
    buf_init(&json, FACT_BYTES_MAX);
    report_init(&report);
    if (!ledger_draft_bundle(console->ledger, id, &json)) {
        bundle = bundle_from_json(buf_view(&json), console->env->seal_key, &report);
    }
    report_release(&report);
    buf_release(&json);
    return bundle;
}

static enum err put_files(struct showing *showing, const struct bundle *bundle)
{
    const struct bundle_source *sources[CHANGE_FILES_MAX];
    const size_t count = change_sources(bundle, CONFIG_WHOLE, sources, CHANGE_FILES_MAX);
    struct buf text;
    enum err err = ERR_OK;
    buf_init(&text, FACT_BYTES_MAX);
    json_out_key(showing->out, "files");
    json_out_open(showing->out, '[');
    for (size_t i = 0; !err && i < count; i++) {
        buf_clear(&text);
        err = change_file_text(showing->console, bundle, sources[i], &text);
        json_out_open(showing->out, '{');
        json_out_member(showing->out, "name", sources[i]->name);
        json_out_member(showing->out, "text", buf_view(&text));
        json_out_close(showing->out, '}');
    }
    json_out_close(showing->out, ']');
    buf_release(&text);
    return err;
}

static bool put_draft(void *context, const struct ledger_draft *row)
{
    struct showing *showing = context;
    showing->known = true;
    json_out_open(showing->out, '{');
    put_members(showing, row);
    if (showing->with_files) {
        struct bundle *bundle = bundle_of(showing->console, row->id);
        showing->err = bundle ? put_files(showing, bundle) : ERR_CORRUPT;
        bundle_free(bundle);
    }
    json_out_close(showing->out, '}');
    return !showing->err;
}

void api_draft_list(struct console *console, struct http_call *call)
{
    struct api_page page;
    if (!api_page_read(call, &page)) {
        return;
    }
    struct api_json json;
    struct list_end end = {0};
    const struct draft_query query = {
        .state = http_param(&call->head, "state"), .after = page.after, .limit = page.limit};
    api_json_init(&json);
    struct showing showing = {.console = console, .out = &json.out};
    json_out_open(&json.out, '{');
    json_out_key(&json.out, "items");
    json_out_open(&json.out, '[');
    const enum err err = ledger_drafts(console->ledger, &query, put_draft, &showing, &end);
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err);
}

void api_draft_show(struct console *console, struct http_call *call)
{
    struct api_json json;
    struct list_end end;
    const struct draft_query query = {.id = api_path_id(call, 3), .limit = 1};
    api_json_init(&json);
    struct showing showing = {.console = console, .out = &json.out, .with_files = true};
    enum err err = ledger_drafts(console->ledger, &query, put_draft, &showing, &end);
    if (!err) {
        err = showing.known ? showing.err : ERR_NOT_FOUND;
    }
    api_json_answer(call, 200, &json, err);
}

/* ---- approving, withdrawing ---- */

struct step {
    struct console *console;
    struct http_call *call;
    const struct json_value *body;
    bool known; /* and the call answered, or on its way to be */
};

static bool is_waiting(const struct ledger_draft *draft)
{
    return text_is(draft->state, "drafted") || text_is(draft->state, "approved");
}

static struct text step_by(const struct step *step)
{
    return call_by(step->call, json_get_string(step->body, "by"));
}

/* NULL, or what is wrong with the body. */
static const char *approval_trouble(const struct step *step, struct ledger_instant *ret_apply_at)
{
    const struct text by = step_by(step);
    const struct text at = json_get_string(step->body, "apply_at");
    struct wall_ms instant;
    *ret_apply_at = (struct ledger_instant){.known = at.bytes > 0};
    if (by.bytes == 0 || by.bytes > CHANGE_BY_BYTES_MAX) {
        return "by: missing; it says who approves (128 bytes at most)";
    }
    if (at.bytes > 0) {
        if (wall_parse(at.ptr, at.bytes, &instant)) {
            return "apply_at: must be RFC 3339, such as 2026-03-01T00:00:00+08:00";
        }
        ret_apply_at->ms = instant.ms;
    }
    return NULL;
}

/* Names of accounts know no capital letters, so what --by says does not, either. */
static bool is_author(const struct step *step, const struct ledger_draft *draft)
{
    const struct text by = step_by(step);
    return by.bytes == draft->by.bytes && strncasecmp(by.ptr, draft->by.ptr, by.bytes) == 0;
}

static bool approve(void *context, const struct ledger_draft *row)
{
    struct step *step = context;
    struct ledger_draft draft = *row;
    const char *trouble = approval_trouble(step, &draft.apply_at);
    step->known = true;
    if (trouble) {
        problem_answer(step->call, PROBLEM_BAD_REQUEST, trouble);
        return false;
    }
    if (!is_waiting(row) || is_author(step, row)) {
        problem_answer(
            step->call, PROBLEM_CONFLICT,
            is_waiting(row) ? "a draft is approved by somebody else than its author"
                            : "this draft does not wait any more");
        return false;
    }
    struct telling *telling = telling_create(step->console, step->call);
    if (telling) {
        draft.state = TEXT_LITERAL("approved");
        draft.approved_by = step_by(step);
        draft.approved_at =
            (struct ledger_instant){.known = true, .ms = role_now(step->console->env).ms};
        tell(telling, &draft, (struct text){0});
    }
    return false;
}

static bool withdraw(void *context, const struct ledger_draft *row)
{
    struct step *step = context;
    struct ledger_draft draft = *row;
    step->known = true;
    if (!is_waiting(row)) {
        problem_answer(step->call, PROBLEM_CONFLICT, "this draft does not wait any more");
        return false;
    }
    struct telling *telling = telling_create(step->console, step->call);
    if (telling) {
        draft.state = TEXT_LITERAL("withdrawn");
        draft.why = json_get_string(step->body, "note");
        tell(telling, &draft, (struct text){0});
    }
    return false;
}

static void step_run(
    struct console *console, struct http_call *call, const char *members, ledger_draft_fn *run)
{
    struct json_doc *doc = change_ledger_known(console, call) ? api_body_object(call) : NULL;
    struct list_end end;
    if (!doc || !api_body_only(call, json_root(doc), members)) {
        json_free(doc);
        return;
    }
    struct step step = {.console = console, .call = call, .body = json_root(doc)};
    const struct draft_query query = {.id = api_path_id(call, 3), .limit = 1};
    const enum err err = ledger_drafts(console->ledger, &query, run, &step, &end);
    if (!step.known) {
        problem_answer(call, err ? PROBLEM_INTERNAL : PROBLEM_NOT_FOUND, "there is no such draft");
    }
    json_free(doc);
}

void api_draft_approve(struct console *console, struct http_call *call)
{
    step_run(console, call, "by note apply_at", approve);
}

void api_draft_withdraw(struct console *console, struct http_call *call)
{
    step_run(console, call, "by note", withdraw);
}

/* ---- applying ---- */

struct finding_origin {
    struct text origin;
    int64_t version;
};

static bool is_origin(void *context, const struct ledger_version *row)
{
    struct finding_origin *finding = context;
    if (text_equal(row->origin, finding->origin)) {
        finding->version = row->version;
    }
    return finding->version == 0;
}

/* The version that this draft became, where a crash kept us from saying so; else 0. */
static int64_t version_from(struct console *console, const char *origin)
{
    struct finding_origin finding = {.origin = text_of(origin)};
    struct list_end end;
    const struct version_query query = {.limit = API_LIMIT_MAX};
    const enum err err = ledger_versions(console->ledger, &query, is_origin, &finding, &end);
    return err ? 0 : finding.version;
}

struct ending {
    struct change *change;
    const struct apply_result *result;
    bool told;
};

/* What became of it, as the draft's state. */
static void end_state(const struct ending *ending, struct ledger_draft *draft)
{
    const struct apply_result *result = ending->result;
    const bool applied = result->verdict == APPLY_DONE || result->verdict == APPLY_EQUAL;
    const int64_t already = result->verdict == APPLY_CONFLICT
                                ? version_from(ending->change->console, ending->change->from)
                                : 0;
    draft->why = text_of(result->why);
    if (applied || already > 0) {
        draft->state = TEXT_LITERAL("applied");
        draft->version =
            (struct ledger_instant){.known = true, .ms = already > 0 ? already : result->version};
    } else if (result->verdict == APPLY_CONFLICT) {
        draft->state = TEXT_LITERAL("stale");
    } else {
        draft->state = TEXT_LITERAL("failed");
    }
}

static bool end_draft(void *context, const struct ledger_draft *row)
{
    struct ending *ending = context;
    struct change *change = ending->change;
    struct ledger_draft draft = *row;
    struct telling *telling = telling_create(change->console, change->call);
    ending->told = true;
    if (!telling) {
        change_free(change);
        return false;
    }
    end_state(ending, &draft);
    telling->change = change;
    telling->version = draft.version.known ? draft.version.ms : 0;
    telling->refused = !draft.version.known;
    put_findings(telling, ending->result->report);
    tell(telling, &draft, (struct text){0});
    return false;
}

static void on_applied(struct change *change, const struct apply_result *result)
{
    struct list_end end;
    struct ending ending = {.change = change, .result = result};
    const struct draft_query query = {.id = text_of(change->draft), .limit = 1};
    change->console->draft_applying = false;
    if (result->verdict != APPLY_FAILED && result->verdict != APPLY_FORBIDDEN) {
        const enum err err =
            ledger_drafts(change->console->ledger, &query, end_draft, &ending, &end);
        if (!err && ending.told) {
            return;
        }
    }
    /* Nothing is known to have happened: the draft stays as it is, and is tried again. */
    if (change->call) {
        change_refuse_result(change->call, result);
    }
    change_free(change);
}

static struct change *change_of(
    struct console *console, struct http_call *call, const struct ledger_draft *draft)
{
    struct change *change = change_create(console, call, on_applied);
    struct bundle *bundle = change ? bundle_of(console, draft->id) : NULL;
    if (!bundle || !change_take_bundle(change, bundle, CONFIG_WHOLE)) {
        if (change && call) {
            problem_answer(call, PROBLEM_INTERNAL, "the draft cannot be read by this program");
        }
        bundle_free(bundle);
        change_free(change);
        return NULL;
    }
    bundle_free(bundle);
    (void)snprintf(change->draft, sizeof(change->draft), "%.*s", TEXT_ARGS(draft->id));
    (void)snprintf(
        change->from, sizeof(change->from), "{\"draft\":\"%.*s\"}", TEXT_ARGS(draft->id));
    change->apply.from = text_of(change->from);
    change->apply.by = arena_text(&change->arena, draft->by);
    change->apply.note = arena_text(&change->arena, draft->note);
    change->apply.base_version = draft->base_version;
    change->apply.approved = text_is(draft->state, "approved");
    return change;
}

static bool begin(void *context, const struct ledger_draft *row)
{
    struct step *step = context;
    step->known = true;
    if (!is_waiting(row)) {
        if (step->call) {
            problem_answer(step->call, PROBLEM_CONFLICT, "this draft does not wait any more");
        }
        return false;
    }
    struct change *change = change_of(step->console, step->call, row);
    if (change && !change_begin(change)) {
        change_free(change);
    } else if (change) {
        step->console->draft_applying = true;
    }
    return false;
}

/* Where two people are asked for, the second one decides when it happens. */
static bool may_apply(const struct console *console, struct http_call *call)
{
    if (console->env->settings->changes_need_approval &&
        !actor_can(call_actor(call), RIGHT_APPROVE)) {
        problem_answer(
            call, PROBLEM_FORBIDDEN, "changes need approval here: this asks for \"approve\"");
        return false;
    }
    return true;
}

void api_draft_apply(struct console *console, struct http_call *call)
{
    if (!may_apply(console, call)) {
        return;
    }
    step_run(console, call, "by note", begin);
}

bool draft_apply_due(struct console *console, const char *id)
{
    struct list_end end;
    struct step step = {.console = console};
    const struct draft_query query = {.id = text_of(id), .limit = 1};
    const enum err err = ledger_drafts(console->ledger, &query, begin, &step, &end);
    return !err && console->draft_applying;
}
