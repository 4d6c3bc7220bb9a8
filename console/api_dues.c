/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /api/v1/dues: what would be due when, were this case registered now, and what is wrong with
 * it. The event that registering makes is folded by the code that computes dues in the service;
 * nothing is computed here, and nothing is kept.
 */
#include "config/event_json.h"
#include "config/explain_text.h"
#include "console/api.h"
#include "console/case_form.h"

#define DUES_ARENA_BYTES_MAX ((size_t)16 * 1024 * 1024)
#define FORM_BYTES_MAX       ((size_t)64 * 1024)

static const char *const members[] = {
    "title", "matter", "unit", "handler", "from_unit", "due", "number", "leader",
};

/* The parameters as the object that a form is read from. */
static enum err form_json(const struct http_call *call, struct buf *buf)
{
    struct json_out out;
    json_out_init(&out, buf);
    json_out_open(&out, '{');
    for (size_t index = 0; index < sizeof(members) / sizeof(members[0]); index++) {
        const struct text value = http_param(&call->head, members[index]);
        if (value.bytes > 0) {
            json_out_member(&out, members[index], value);
        }
    }
    json_out_close(&out, '}');
    return buf_error(buf);
}

static void put_dues(
    const struct view *view,
    struct json_out *out,
    const struct explanation *explanations,
    size_t count)
{
    for (size_t index = 0; index < count; index++) {
        const struct explanation *one = &explanations[index];
        json_out_open(out, '{');
        json_out_member(out, "clock", one->clock);
        json_out_member(out, "title", one->rule ? one->rule->title : one->clock);
        api_member_instant(
            view, out, "due", (struct ledger_instant){.known = one->has_due, .ms = one->due.ms});
        api_member_bool(out, "provisional", one->provisional);
        json_out_close(out, '}');
    }
}

static enum err dues_of(
    const struct view *view,
    const struct case_form *form,
    struct arena *arena,
    struct json_out *out)
{
    const struct policy *policy = view_policy(view);
    const struct explanation *explanations = NULL;
    struct case_memory memory = {.id = TEXT_LITERAL("new")};
    struct err_why why = {0};
    struct event event;
    struct buf json;
    size_t count = 0;
    buf_init(&json, FORM_BYTES_MAX);
    case_form_event(view, form, memory.id, "new", &json);
    enum err err = buf_error(&json);
    if (!err) {
        err = event_read(buf_view(&json), view->now, arena, &event, &why);
    }
    if (!err && memory_add_event(&memory, arena, &event, policy) == MEMORY_NO_ROOM) {
        err = ERR_NO_MEMORY;
    }
    if (!err) {
        const struct explain_question question = {
            .memory = &memory,
            .rulebook = &(struct rulebook){.policies = &policy, .policy_count = 1},
            .now = view->now,
        };
        err = explain_case(&question, arena, &explanations, &count);
    }
    if (!err) {
        put_dues(view, out, explanations, count);
    }
    buf_release(&json);
    return err;
}

static enum err put_answer(
    const struct view *view,
    const struct http_call *call,
    const struct case_form *form,
    struct json_out *out)
{
    enum err err = ERR_OK;
    struct arena arena;
    arena_init(&arena, DUES_ARENA_BYTES_MAX);
    json_out_key(out, "dues");
    json_out_open(out, '[');
    if (form->error_count == 0) {
        err = dues_of(view, form, &arena, out);
    }
    json_out_close(out, ']');
    json_out_key(out, "errors");
    json_out_open(out, '[');
    for (size_t index = 0; index < form->error_count; index++) {
        field_error_write(call, out, &form->errors[index]);
    }
    json_out_close(out, ']');
    arena_release(&arena);
    return err;
}

void api_dues(const struct view *view, struct http_call *call)
{
    struct buf text;
    struct api_json json;
    struct json_doc *doc = NULL;
    struct case_form form;
    buf_init(&text, FORM_BYTES_MAX);
    enum err err = form_json(call, &text);
    if (!err) {
        err = json_parse(buf_view(&text), &json_limits_event, &doc, NULL);
    }
    api_json_init(&json);
    json_out_open(&json.out, '{');
    if (!err) {
        case_form_read(view, json_root(doc), &form);
        err = put_answer(view, call, &form, &json.out);
    }
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, err);
    json_free(doc);
    buf_release(&text);
}
