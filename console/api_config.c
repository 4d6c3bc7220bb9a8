/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The applied configuration over HTTP: what is in force, its versions, what lies between two of
 * them; applying new files of all kinds or of one, and going back.
 */
#include <stdio.h>
#include <stdlib.h>

#include "config/diff.h"
#include "console/changes.h"

static enum config_kind kind_of_call(struct http_call *call)
{
    const enum config_kind kind = change_kind(api_path_id(call, 2));
    if (kind == CONFIG_KIND_COUNT) {
        problem_answer(call, PROBLEM_NOT_FOUND, "docs/http.md lists the addresses");
    }
    return kind;
}

/* ---- showing ---- */

struct showing {
    struct console *console;
    struct json_out *out;
    bool known;
};

/* An older program applied it without saying when in the bundle: its fact does. */
static bool note_at(void *context, const struct ledger_version *row)
{
    *(int64_t *)context = row->at;
    return false;
}

static bool put_words(void *context, const struct ledger_version *row)
{
    struct showing *showing = context;
    showing->known = true;
    json_out_member(showing->out, "by", row->by);
    json_out_member(showing->out, "note", row->note);
    json_out_member(showing->out, "sha256", row->sha256);
    return false;
}

static enum err put_files(
    struct console *console,
    struct json_out *out,
    const struct bundle *bundle,
    enum config_kind kind)
{
    const struct bundle_source *sources[CHANGE_FILES_MAX];
    const size_t count = change_sources(bundle, kind, sources, CHANGE_FILES_MAX);
    struct buf text;
    enum err err = ERR_OK;
    buf_init(&text, API_JSON_BYTES_MAX);
    json_out_key(out, "files");
    json_out_open(out, '[');
    for (size_t i = 0; !err && i < count; i++) {
        buf_clear(&text);
        err = change_file_text(console, bundle, sources[i], &text);
        json_out_open(out, '{');
        json_out_member(out, "name", sources[i]->name);
        json_out_member(out, "text", buf_view(&text));
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
    buf_release(&text);
    return err;
}

static void answer_version(
    struct console *console,
    struct http_call *call,
    const struct bundle *bundle,
    enum config_kind kind)
{
    const struct view view = console_view(console, NULL);
    struct api_json json;
    struct list_end end;
    const struct version_query query = {.version = bundle->version, .limit = 1};
    api_json_init(&json);
    struct showing showing = {.console = console, .out = &json.out};
    json_out_open(&json.out, '{');
    json_out_member_i64(&json.out, "version", bundle->version);
    int64_t at = bundle->policy.since.ms;
    enum err err = at > 0 ? ERR_OK : ledger_versions(console->ledger, &query, note_at, &at, &end);
    api_member_ms(&view, &json.out, "at", at);
    if (!err) {
        err = ledger_versions(console->ledger, &query, put_words, &showing, &end);
    }
    if (!showing.known) {
        json_out_member(&json.out, "by", text_of(""));
        json_out_member(&json.out, "note", text_of(""));
    }
    json_out_member(&json.out, "digest", text_of(bundle->digest));
    json_out_member(&json.out, "calendar", bundle->calendar_id);
    api_member_bool(&json.out, "approval_needed", console->env->settings->changes_need_approval);
    if (!err) {
        err = put_files(console, &json.out, bundle, kind);
    }
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, err);
}

void api_config_show(struct console *console, struct http_call *call)
{
    const enum config_kind kind = kind_of_call(call);
    if (kind != CONFIG_KIND_COUNT) {
        answer_version(console, call, console->env->bundle, kind);
    }
}

/* The version of that number, or NULL and a problem. */
static const struct bundle *version_of(
    struct console *console, struct http_call *call, struct text word)
{
    int64_t version = 0;
    const bool read = word.bytes > 0 && !text_parse_i64(word, &version);
    const struct bundle *bundle = read ? role_bundle(console->env, version) : NULL;
    if (!bundle) {
        problem_answer(
            call, read ? PROBLEM_NOT_FOUND : PROBLEM_BAD_REQUEST,
            read ? "no such version was applied" : "a version is a number");
    }
    return bundle;
}

void api_config_version(struct console *console, struct http_call *call)
{
    const enum config_kind kind = kind_of_call(call);
    if (kind == CONFIG_KIND_COUNT) {
        return;
    }
    const struct bundle *bundle = version_of(console, call, api_path_id(call, 4));
    if (bundle) {
        answer_version(console, call, bundle, kind);
    }
}

/* ---- the list of versions ---- */

static bool put_replan(void *context, const struct ledger_replan *row)
{
    struct showing *showing = context;
    json_out_open(showing->out, '{');
    json_out_member(showing->out, "id", row->id);
    json_out_member(showing->out, "kind", row->kind);
    json_out_member(showing->out, "undo", row->undo);
    json_out_member(showing->out, "state", row->state);
    json_out_close(showing->out, '}');
    return true;
}

static bool put_version(void *context, const struct ledger_version *row)
{
    struct showing *showing = context;
    const struct view view = console_view(showing->console, NULL);
    struct json_out *out = showing->out;
    struct list_end end;
    const struct replan_query query = {.version = row->version, .limit = API_LIMIT_MAX};
    json_out_open(out, '{');
    json_out_member_i64(out, "version", row->version);
    api_member_ms(&view, out, "at", row->at);
    json_out_member(out, "by", row->by);
    json_out_member(out, "note", row->note);
    json_out_member(out, "sha256", row->sha256);
    json_out_member(out, "digest", row->digest);
    json_out_key(out, "from");
    json_out_raw(out, row->origin);
    json_out_key(out, "replans");
    json_out_open(out, '[');
    const enum err err =
        ledger_replans(showing->console->ledger, &query, put_replan, showing, &end);
    json_out_close(out, ']');
    json_out_close(out, '}');
    return !err;
}

void api_config_versions(struct console *console, struct http_call *call)
{
    struct api_page page;
    if (kind_of_call(call) == CONFIG_KIND_COUNT || !api_page_read(call, &page)) {
        return;
    }
    struct api_json json;
    struct list_end end = {0};
    const struct version_query query = {.after = page.after, .limit = page.limit};
    api_json_init(&json);
    struct showing showing = {.console = console, .out = &json.out};
    json_out_open(&json.out, '{');
    json_out_key(&json.out, "items");
    json_out_open(&json.out, '[');
    const enum err err = ledger_versions(console->ledger, &query, put_version, &showing, &end);
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err);
}

/* ---- differences ---- */

/* The bundle of a draft; the caller frees. NULL and a problem when it cannot be had. */
static struct bundle *draft_bundle(struct console *console, struct http_call *call, struct text id)
{
    struct buf json;
    struct report report;
    struct bundle *bundle = NULL;
    buf_init(&json, API_JSON_BYTES_MAX);
    report_init(&report);
    const enum err err = ledger_draft_bundle(console->ledger, id, &json);
    if (!err) {
        bundle = bundle_from_json(buf_view(&json), console->env->seal_key, &report);
    }
    if (!bundle) {
        problem_answer(
            call, err == ERR_NOT_FOUND ? PROBLEM_NOT_FOUND : PROBLEM_INTERNAL,
            err ? "there is no such draft" : "the draft cannot be read by this program");
    }
    report_release(&report);
    buf_release(&json);
    return bundle;
}

static void answer_diff(struct http_call *call, const struct bundle *from, const struct bundle *to)
{
    struct api_json json;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_member_i64(&json.out, "from", from->version);
    json_out_key(&json.out, "changes");
    const enum err err = bundle_diff(from, to, &json.buf);
    json.out.comma = true;
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, err);
}

void api_config_diff(struct console *console, struct http_call *call)
{
    const struct text draft = TEXT_LITERAL("draft:");
    struct text from_word = http_param(&call->head, "from");
    struct text to_word = http_param(&call->head, "to");
    const struct bundle *from = console->env->bundle;
    const struct bundle *to = console->env->bundle;
    if (from_word.bytes > 0) {
        from = version_of(console, call, from_word);
    }
    if (!from) {
        return;
    }
    if (text_starts_with(to_word, draft)) {
        to_word.ptr += draft.bytes;
        to_word.bytes -= draft.bytes;
        struct bundle *made = draft_bundle(console, call, to_word);
        if (made) {
            answer_diff(call, from, made);
        }
        bundle_free(made);
        return;
    }
    to = to_word.bytes > 0 ? version_of(console, call, to_word) : to;
    if (to) {
        answer_diff(call, from, to);
    }
}

/* ---- applying ---- */

static void answer_change(
    struct change *change, int64_t version, bool applied, const struct report *report)
{
    struct api_json json;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_member_i64(&json.out, "version", version);
    api_member_bool(&json.out, "applied", applied);
    change_put_findings(&json.out, report);
    json_out_key(&json.out, "changes");
    json_out_raw(&json.out, change->diff.bytes > 0 ? buf_view(&change->diff) : text_of("[]"));
    json_out_close(&json.out, '}');
    api_json_answer(change->call, 200, &json, ERR_OK);
}

static void on_applied(struct change *change, const struct apply_result *result)
{
    if (result->verdict == APPLY_DONE || result->verdict == APPLY_EQUAL) {
        answer_change(change, result->version, result->verdict == APPLY_DONE, result->report);
    } else {
        change_refuse_result(change->call, result);
    }
    change_free(change);
}

/* Everything but applying it. The change is done with. */
static bool try_only(struct change *change)
{
    struct role_env *env = change->console->env;
    const int64_t version = env->bundle->version;
    struct report report;
    report_init(&report);
    if (change->apply.base_version > 0 && change->apply.base_version != version) {
        const struct apply_result moved = {
            .verdict = APPLY_CONFLICT, .version = version, .why = "another version is in force"};
        change_refuse_result(change->call, &moved);
    } else {
        struct bundle *bundle = change_make(change, &report);
        if (bundle) {
            answer_change(change, version, false, &report);
        } else {
            change_refuse(
                change->call, PROBLEM_CONFIGURATION, "findings says what is wrong where", &report);
        }
        bundle_free(bundle);
    }
    report_release(&report);
    change_free(change);
    return true;
}

/* A body of files may be larger than one of an event. */
static struct json_doc *body_read(struct http_call *call)
{
    struct json_doc *doc = NULL;
    struct err_why why = {0};
    if (json_parse(call->body, &json_limits_config, &doc, &why)) {
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

/* What is neither true nor false must not apply anything. */
static bool dry_run_read(struct http_call *call, const struct json_value *body, bool *ret_dry)
{
    const struct json_value *dry = json_get(body, "dry_run");
    if (dry && json_type(dry) != JSON_BOOL) {
        problem_answer(call, PROBLEM_BAD_REQUEST, "dry_run: must be true or false");
        return false;
    }
    *ret_dry = json_is_true(dry);
    return true;
}

void api_config_put(struct console *console, struct http_call *call)
{
    const enum config_kind kind = kind_of_call(call);
    struct json_doc *doc = kind == CONFIG_KIND_COUNT ? NULL : body_read(call);
    struct change *change = doc ? change_create(console, call, on_applied) : NULL;
    if (!change) {
        json_free(doc);
        return;
    }
    const struct json_value *body = json_root(doc);
    bool handed_over = false;
    bool dry = false;
    if (api_body_only(call, body, "files by note base_version dry_run") &&
        change_read_words(change, body) && dry_run_read(call, body, &dry) &&
        change_read_files(change, body, kind)) {
        handed_over = dry ? try_only(change) : change_begin(change);
    }
    if (!handed_over) {
        change_free(change);
    }
    json_free(doc);
}

void api_config_rollback(struct console *console, struct http_call *call)
{
    const enum config_kind kind = kind_of_call(call);
    struct json_doc *doc = kind == CONFIG_KIND_COUNT ? NULL : body_read(call);
    struct change *change = doc ? change_create(console, call, on_applied) : NULL;
    if (!change) {
        json_free(doc);
        return;
    }
    int64_t to = 0;
    const struct json_value *body = json_root(doc);
    const bool given = !json_i64(json_get(body, "to"), &to);
    const struct bundle *bundle = given ? role_bundle(console->env, to) : NULL;
    bool begun = false;
    if (!bundle) {
        problem_answer(
            call, given ? PROBLEM_NOT_FOUND : PROBLEM_BAD_REQUEST,
            given ? "to: no such version was applied" : "to: must be the number of a version");
    } else if (
        api_body_only(call, body, "to by note base_version") && change_read_words(change, body)) {
        (void)snprintf(change->from, sizeof(change->from), "{\"rollback\":%lld}", (long long)to);
        change->apply.from = text_of(change->from);
        if (!change_take_bundle(change, bundle, kind)) {
            problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        } else {
            begun = change_begin(change);
        }
    }
    if (!begun) {
        change_free(change);
    }
    json_free(doc);
}
