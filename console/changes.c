/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a posted body, an applied version or a draft to one request, and from its result to an
 * answer. What a change means is told by comparing it with what it is made upon.
 */
#include "console/changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/diff.h"
#include "console/actor_of.h"
#include "console/audit.h"
#include "console/pretty.h"

#define BUNDLE_BYTES_MAX ((size_t)32 * 1024 * 1024)
#define TEXTS_BYTES_MAX  ((size_t)48 * 1024 * 1024)

enum config_kind change_kind(struct text word)
{
    for (int kind = 0; kind < CONFIG_KIND_COUNT; kind++) {
        if (text_is(word, config_kind_name((enum config_kind)kind))) {
            return (enum config_kind)kind;
        }
    }
    return CONFIG_KIND_COUNT;
}

/* ---- sources ---- */

struct source_list {
    const struct bundle_source **sources;
    size_t max;
    size_t count;
};

static void add_sources(struct source_list *list, const struct bundle_source *sources, size_t count)
{
    for (size_t i = 0; i < count && list->count < list->max; i++) {
        list->sources[list->count++] = &sources[i];
    }
}

size_t change_sources(
    const struct bundle *bundle,
    enum config_kind kind,
    const struct bundle_source **ret_sources,
    size_t max)
{
    const struct bundle_sources *from = &bundle->sources;
    const bool whole = kind == CONFIG_WHOLE;
    struct source_list list = {.sources = ret_sources, .max = max};
    if (whole || kind == CONFIG_RULES) {
        add_sources(&list, from->rules, from->rule_count);
    }
    if (whole || kind == CONFIG_CALENDARS) {
        add_sources(&list, &from->calendar, 1);
    }
    if (whole || kind == CONFIG_DIRECTORY) {
        add_sources(&list, &from->directory, 1);
    }
    if ((whole || kind == CONFIG_MATTERS) && from->matters.json.bytes > 0) {
        add_sources(&list, &from->matters, 1);
    }
    if (whole || kind == CONFIG_TEMPLATES) {
        add_sources(&list, from->templates, from->template_count);
    }
    return list.count;
}

enum err change_file_text(
    struct console *console,
    const struct bundle *bundle,
    const struct bundle_source *source,
    struct buf *text)
{
    struct buf json;
    buf_init(&json, BUNDLE_BYTES_MAX);
    enum err err = bundle_source_json(bundle, source, console->env->seal_key, &json);
    if (!err) {
        err = pretty_text(buf_view(&json), text);
    }
    buf_release(&json);
    return err;
}

/* ---- making and freeing ---- */

static struct bundle *make(
    struct role_apply *apply, const struct bundle *base, struct report *report)
{
    struct change *change = (struct change *)(void *)apply;
    struct role_env *env = change->console->env;
    const struct bundle_texts texts = {
        .files = change->content.files,
        .file_count = change->content.file_count,
        .kind = change->content.kind,
        .base = base,
        .key = env->seal_key,
    };
    struct bundle *bundle = bundle_load_texts(&texts, env->settings, report);
    if (!bundle) {
        return NULL;
    }
    (void)snprintf(change->digest, sizeof(change->digest), "%s", bundle->digest);
    buf_clear(&change->diff);
    if (base && bundle_diff(base, bundle, &change->diff)) {
        buf_clear(&change->diff); /* too much of it; the change itself is none the worse */
    }
    return bundle;
}

static void audit_applied(struct change *change, int64_t number)
{
    char version[32];
    (void)snprintf(version, sizeof(version), "version %lld", (long long)number);
    if (change->call) {
        audit_hashes(change->call, (struct text){0}, text_of(change->digest));
        audit_detail(change->call, text_of(version));
        return;
    }
    const struct audit_note note = {
        .action = "draft.apply",
        .object = text_of(change->draft),
        .detail = text_of(version),
        .after = text_of(change->digest),
    };
    audit_note(change->console, &note);
}

static void on_done(struct role_apply *apply, const struct apply_result *result)
{
    struct change *change = (struct change *)(void *)apply;
    if (result->verdict == APPLY_DONE) {
        audit_applied(change, result->version);
    }
    change->done(change, result);
}

struct change *change_create(struct console *console, struct http_call *call, change_done *done)
{
    struct change *change = calloc(1, sizeof(*change));
    if (!change) {
        if (call) {
            problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        }
        return NULL;
    }
    change->console = console;
    change->call = call;
    change->done = done;
    change->apply = (struct role_apply){.make = make, .done = on_done};
    arena_init(&change->arena, TEXTS_BYTES_MAX);
    buf_init(&change->diff, (size_t)8 * 1024 * 1024);
    buf_init(&change->bundle, BUNDLE_BYTES_MAX);
    return change;
}

void change_free(struct change *change)
{
    if (change) {
        buf_release(&change->diff);
        buf_release(&change->bundle);
        arena_release(&change->arena);
        free(change);
    }
}

struct bundle *change_make(struct change *change, struct report *report)
{
    struct role_env *env = change->console->env;
    struct bundle *bundle = make(&change->apply, env->bundle, report);
    if (bundle) {
        role_apply_check(env, bundle, report);
    }
    if (bundle && change->keep_bundle && report->error_count == 0 &&
        bundle_to_json(bundle, env->seal_key, &change->bundle)) {
        report_add(report, FINDING_ERROR, "", 0, 0, "", "too large (32 MiB at most)");
    }
    if (bundle && report->error_count > 0) {
        bundle_free(bundle);
        return NULL;
    }
    return bundle;
}

bool change_begin(struct change *change)
{
    if (change->call) {
        audit_hashes(change->call, text_of(change->console->env->bundle->digest), (struct text){0});
    }
    if (role_apply_begin(change->console->env, &change->apply)) {
        return true;
    }
    if (change->call) {
        problem_answer(
            change->call, PROBLEM_UNAVAILABLE, "too many changes at once; send it again later");
    }
    return false;
}

/* ---- numbers ---- */

static bool note_version(void *context, const struct ledger_version *row)
{
    (void)row;
    *(bool *)context = true;
    return false;
}

int64_t change_number_before(struct console *console, int64_t known)
{
    struct list_end end;
    bool is_whole = false;
    const struct version_query first = {.version = 1, .limit = 1};
    const enum err err = ledger_versions(console->ledger, &first, note_version, &is_whole, &end);
    const int64_t minutes = role_now(console->env).ms / 60000;
    return err || is_whole || minutes < known ? known : minutes;
}

/* ---- reading ---- */

bool change_ledger_known(struct console *console, struct http_call *call)
{
    if (!console->caught_up) {
        problem_answer(
            call, PROBLEM_UNAVAILABLE,
            "the ledger is still being read from the journal: ask again in a moment");
    }
    return console->caught_up;
}

static bool complain(struct change *change, const char *detail)
{
    problem_answer(change->call, PROBLEM_BAD_REQUEST, detail);
    return false;
}

bool change_read_words(struct change *change, const struct json_value *body)
{
    const struct text by = call_by(change->call, json_get_string(body, "by"));
    const struct text note = json_get_string(body, "note");
    const struct json_value *base = json_get(body, "base_version");
    if (by.bytes == 0 || by.bytes > CHANGE_BY_BYTES_MAX) {
        return complain(change, "by: missing; it says who makes the change (128 bytes at most)");
    }
    if (note.bytes > CHANGE_NOTE_BYTES_MAX) {
        return complain(change, "note: 2000 bytes at most");
    }
    if (base && (json_i64(base, &change->apply.base_version) || change->apply.base_version < 1)) {
        return complain(change, "base_version: must be the number of an applied version");
    }
    change->apply.by = arena_text(&change->arena, by);
    change->apply.note = arena_text(&change->arena, note);
    return true;
}

static bool take_files(struct change *change, size_t count)
{
    change->content.files = arena_array(&change->arena, count + 1, sizeof(struct bundle_source));
    return change->content.files != NULL;
}

static bool take_file(struct change *change, struct text name, struct text json)
{
    struct bundle_source *file = &change->content.files[change->content.file_count++];
    file->name = arena_text(&change->arena, name);
    file->json = arena_text(&change->arena, json);
    return file->name.ptr && file->json.ptr;
}

bool change_read_files(struct change *change, const struct json_value *body, enum config_kind kind)
{
    const struct json_value *files = json_get(body, "files");
    const size_t count = json_count(files);
    change->content.kind = kind;
    if (json_type(files) != JSON_ARRAY || count > CHANGE_FILES_MAX) {
        return complain(change, "files: must be a list of {\"name\",\"text\"}, 1088 at most");
    }
    if (count == 0 && kind == CONFIG_WHOLE) {
        return complain(
            change, "files: none; what is compiled in would replace all that was applied");
    }
    bool taken = take_files(change, count);
    for (const struct json_value *file = json_first(files); taken && file; file = json_next(file)) {
        if (json_type(json_get(file, "name")) != JSON_STRING ||
            json_type(json_get(file, "text")) != JSON_STRING) {
            return complain(
                change, "files: each needs \"name\", such as \"rules/reply.json\", and \"text\"");
        }
        taken = take_file(change, json_get_string(file, "name"), json_get_string(file, "text"));
    }
    if (!taken) {
        problem_answer(change->call, PROBLEM_UNAVAILABLE, "out of memory");
    }
    return taken;
}

bool change_take_bundle(struct change *change, const struct bundle *bundle, enum config_kind kind)
{
    const struct bundle_source *sources[CHANGE_FILES_MAX];
    const size_t count = change_sources(bundle, kind, sources, CHANGE_FILES_MAX);
    bool taken = take_files(change, count);
    struct buf json;
    change->content.kind = kind;
    buf_init(&json, BUNDLE_BYTES_MAX);
    for (size_t i = 0; taken && i < count; i++) {
        buf_clear(&json);
        taken = !bundle_source_json(bundle, sources[i], change->console->env->seal_key, &json) &&
                !buf_error(&json) && take_file(change, sources[i]->name, buf_view(&json));
    }
    buf_release(&json);
    return taken;
}

/* ---- answering ---- */

void change_put_findings(struct json_out *out, const struct report *report)
{
    json_out_key(out, "findings");
    json_out_open(out, '[');
    for (size_t i = 0; report && i < report->count; i++) {
        const struct finding *finding = &report->findings[i];
        json_out_open(out, '{');
        json_out_member(
            out, "severity", text_of(finding->level == FINDING_ERROR ? "error" : "warning"));
        json_out_member(out, "code", text_of(finding->code));
        json_out_member(out, "file", text_of(finding->file));
        json_out_member_i64(out, "line", (int64_t)finding->line);
        json_out_member_i64(out, "column", (int64_t)finding->column);
        json_out_member(out, "path", text_of(finding->path));
        json_out_member(out, "message", text_of(finding->message));
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

void change_refuse(
    struct http_call *call, enum problem problem, const char *detail, const struct report *report)
{
    struct buf buf;
    struct json_out out;
    buf_init(&buf, (size_t)4 * 1024 * 1024);
    json_out_init(&out, &buf);
    json_out_open(&out, '{');
    change_put_findings(&out, report);
    json_out_close(&out, '}');
    /* Of {"findings":[...]} the list alone. */
    const size_t head = sizeof("{\"findings\":") - 1;
    const struct text list = {.ptr = buf.ptr + head, .bytes = buf.bytes - head - 1};
    problem_answer_with(call, problem, detail, "findings", buf_error(&buf) ? text_of("[]") : list);
    buf_release(&buf);
}

void change_refuse_result(struct http_call *call, const struct apply_result *result)
{
    char version[32];
    switch (result->verdict) {
    case APPLY_REFUSED:
        change_refuse(
            call, PROBLEM_CONFIGURATION, "nothing was changed; findings says what is wrong where",
            result->report);
        return;
    case APPLY_CONFLICT:
        (void)snprintf(version, sizeof(version), "%lld", (long long)result->version);
        problem_answer_with(call, PROBLEM_CONFLICT, result->why, "version", text_of(version));
        return;
    case APPLY_FORBIDDEN:
        problem_answer(call, PROBLEM_CONFLICT, result->why);
        return;
    case APPLY_DONE:
    case APPLY_EQUAL:
    case APPLY_FAILED:
    case APPLY_VERDICT_COUNT:
        break;
    }
    problem_answer(call, PROBLEM_UNAVAILABLE, result->why ? result->why : "");
}
