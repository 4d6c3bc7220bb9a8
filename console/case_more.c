/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See case_more.h.
 */
#include "console/case_more.h"

#include <string.h>

#include "console/api.h"
#include "console/case_acts.h"
#include "console/case_rules.h"

#define ARENA_BYTES_MAX ((size_t)4 * 1024 * 1024)

static void put_needs(struct json_out *out, const char *needs)
{
    json_out_key(out, "needs");
    json_out_open(out, '[');
    while (needs[0]) {
        const size_t bytes = strcspn(needs, " ");
        json_out_string(out, (struct text){.ptr = needs, .bytes = bytes});
        needs += bytes + (needs[bytes] == ' ');
    }
    json_out_close(out, ']');
}

static void put_actions(
    const struct view *view, struct json_out *out, const struct case_standing *standing)
{
    json_out_key(out, "actions");
    json_out_open(out, '[');
    for (size_t index = 0; index < case_act_count; index++) {
        const struct case_act_question question = {
            .view = view, .act = &case_acts[index], .standing = standing};
        if (!case_act_is_for(&question) || case_act_obstacle(&question).en) {
            continue;
        }
        json_out_open(out, '{');
        json_out_member(out, "kind", text_of(question.act->kind));
        put_needs(out, question.act->needs);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void put_until(const struct view *view, struct json_out *out, struct text until)
{
    struct wall_ms at = {0};
    const bool known = until.bytes > 0 && !wall_parse(until.ptr, until.bytes, &at);
    api_member_instant(view, out, "until", (struct ledger_instant){known, at.ms});
}

/* Of a refusal the words are its text, of an extension its reason. */
static void put_decision(
    const struct view *view, struct json_out *out, const struct case_extension *extension)
{
    struct json_doc *doc = NULL;
    const bool read =
        !extension->open && !json_parse(extension->decision, &json_limits_event, &doc, NULL);
    const struct json_value *data = read ? json_root(doc) : NULL;
    const bool of_extension = extension->granted || extension->void_by_rules;
    const struct text reason = json_get_string(data, of_extension ? "reason" : "text");
    const struct text by = json_get_string(data, of_extension ? "approved_by" : "by");
    api_member_instant(view, out, "decided_at", extension->decided_at);
    api_member_person(view, out, "decided_by", by);
    json_out_member(out, "decided", reason);
    json_free(doc);
}

static void put_extension(
    const struct view *view, struct json_out *out, const struct case_extension *extension)
{
    struct json_doc *doc = NULL;
    json_out_key(out, "extension");
    if (!extension->asked || json_parse(extension->data, &json_limits_event, &doc, NULL)) {
        json_out_null(out);
        return;
    }
    const struct json_value *data = json_root(doc);
    const char *state = extension->granted ? "granted" : "refused"; /* by people or by the rules */
    json_out_open(out, '{');
    json_out_member(out, "state", text_of(extension->open ? "open" : state));
    json_out_member(out, "by", json_get_string(data, "by"));
    put_until(view, out, json_get_string(data, "until"));
    json_out_member(out, "reason", json_get_string(data, "reason"));
    api_member_ms(view, out, "at", extension->at);
    api_member_person(view, out, "who", json_get_string(data, "who"));
    put_decision(view, out, extension);
    json_out_close(out, '}');
    json_free(doc);
}

enum err case_more_members(const struct view *view, struct json_out *out, struct text case_id)
{
    struct arena arena;
    struct case_standing standing = {0};
    struct case_extension extension = {0};
    arena_init(&arena, ARENA_BYTES_MAX);
    enum err err = case_standing_read(view->ledger, case_id, &arena, &standing);
    if (!err) {
        err = case_extension_read(view->ledger, case_id, &arena, &extension);
    }
    if (!err && extension.granted) { /* as whoever decided meant it: the rules have the last word */
        err = case_rules_extended(view, case_id, extension.decided_at.ms, &extension.granted);
        extension.void_by_rules = !err && !extension.granted;
    }
    if (!err) {
        json_out_member_i64(out, "urged", standing.urged);
        api_member_instant(view, out, "last_urged", standing.last_urged);
        api_member_bool(out, "accepted", standing.accepted);
        put_extension(view, out, &extension);
        put_actions(view, out, &standing);
    }
    arena_release(&arena);
    return err;
}
