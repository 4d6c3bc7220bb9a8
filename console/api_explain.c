/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /api/v1/cases/{id}/explain: why each due of a case is what it is, day by day. The case's
 * events are read from the ledger and handed to the code that computes dues in the service;
 * nothing is computed here.
 */
#include "config/event_json.h"
#include "config/explain_text.h"
#include "console/actor_of.h"
#include "console/api.h"

#define EXPLAIN_ARENA_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define EVENTS_APPLIED_MAX      10000 /* far more than a case takes */

struct remembering {
    const struct policy *policy;
    struct arena *arena;
    struct case_memory memory;
    enum err err;
};

/* What had an effect when it came has one here; the rest is on the timeline only. */
static bool remember(void *context, const struct ledger_event *row)
{
    struct remembering *remembering = context;
    struct event event;
    struct err_why why = {0};
    const struct wall_ms arrived = {.ms = row->arrived};
    const enum err err = event_read(row->ce, arrived, remembering->arena, &event, &why);
    if (err == ERR_NO_MEMORY) {
        remembering->err = err;
        return false;
    }
    if (err) {
        return true; /* an event of an older program that this one cannot read any more */
    }
    event.arrived = arrived;
    event.rules_version = row->rules;
    if (memory_add_event(&remembering->memory, remembering->arena, &event, remembering->policy) ==
        MEMORY_NO_ROOM) {
        remembering->err = ERR_NO_MEMORY;
    }
    return !remembering->err;
}

static void put_explanations(
    struct json_out *out, const struct explanation *explanations, size_t count)
{
    json_out_key(out, "clocks");
    json_out_open(out, '[');
    for (size_t index = 0; index < count; index++) {
        json_out_open(out, '{');
        explain_write_members(&explanations[index], out);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static enum err explain(
    struct console *console, struct http_call *call, struct arena *arena, struct json_out *out)
{
    const struct explanation *explanations = NULL;
    size_t count = 0;
    const struct text id = api_path_id(call, 3);
    struct remembering remembering = {.policy = api_policy(console), .arena = arena};
    remembering.memory.id = id;
    enum err err = ledger_case_is_seen(console->ledger, id, &call_actor(call)->scope);
    if (!err) {
        const struct event_query query = {
            .case_id = id, .verdict = TEXT_LITERAL("applied"), .limit = EVENTS_APPLIED_MAX};
        err = ledger_events(console->ledger, &query, remember, &remembering);
    }
    if (err || remembering.err) {
        return err ? err : remembering.err;
    }
    const struct explain_question question = {
        .memory = &remembering.memory,
        .rulebook = &console->env->rulebook,
        .now = role_now(console->env),
        .clock = http_param(&call->head, "clock"),
    };
    err = explain_case(&question, arena, &explanations, &count);
    if (!err) {
        put_explanations(out, explanations, count);
    }
    return err;
}

void api_case_explain(struct console *console, struct http_call *call)
{
    const struct view view = console_view(console, NULL);
    struct arena arena;
    struct api_json json;
    arena_init(&arena, EXPLAIN_ARENA_BYTES_MAX);
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_member(&json.out, "case", api_path_id(call, 3));
    api_member_now(&view, &json.out);
    const enum err err = explain(console, call, &arena, &json.out);
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, err);
    arena_release(&arena);
}
