/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See notices.h. When a run became missed is nowhere remembered, and need not be: what passed its
 * due since the last thing the case remembers is told, and the mailbox takes each id once.
 */
#include "monitor/notices.h"

#include <stdio.h>

#include "base/json.h"
#include "monitor/facts.h"
#include "monitor/notices_parts.h"

#define BODY_BYTES ((size_t)256 * 1024)
#define SLACK_MS   60000 /* of clocks that do not agree: rather told twice than not */

/* ---- to other systems ---- */

enum hook_kind { HOOK_ALERT, HOOK_MISS, HOOK_ACKNOWLEDGED };

static bool wants(const struct webhook_settings *webhook, enum hook_kind kind)
{
    switch (kind) {
    case HOOK_ALERT:
        return webhook->alerts;
    case HOOK_MISS:
        return webhook->misses;
    case HOOK_ACKNOWLEDGED:
        return webhook->acknowledged;
    }
    return false;
}

static bool anybody_wants(const struct notices *notices, enum hook_kind kind)
{
    bool wanted = false;
    for (size_t i = 0; notices->settings && i < notices->settings->webhook_count; i++) {
        wanted = wanted || wants(&notices->settings->webhooks[i], kind);
    }
    return wanted;
}

static void member_time(
    const struct notices *notices, struct json_out *out, const char *key, struct wall_ms at)
{
    char text[WALL_TEXT_BYTES];
    const struct calendar *calendar = rulebook_newest(notices->rulebook)->calendar;
    json_out_member(out, key, text_of(calendar_format(calendar, at, text)));
}

/* {"type", "timestamp", "data": { with what every body says of the case. */
static void body_open(
    const struct notices *notices,
    struct json_out *out,
    const char *type,
    const struct case_state *state)
{
    json_out_open(out, '{');
    json_out_member(out, "type", text_of(type));
    member_time(notices, out, "timestamp", notices->now);
    json_out_key(out, "data");
    json_out_open(out, '{');
    json_out_member(out, "case", state->id);
    json_out_member(out, "title", state->title);
    json_out_member(out, "matter", state->matter);
    json_out_member(out, "unit", state->unit);
    json_out_member(out, "handler", state->handler);
}

static void body_run(const struct notices *notices, struct json_out *out, const struct run *run)
{
    json_out_member(out, "clock", run->clock);
    json_out_member(out, "clock_title", run->rule->title);
    json_out_member(out, "family", run->rule->family);
    json_out_member_i64(out, "run", run->number);
    member_time(notices, out, "start", run->start);
    if (run->has_due) {
        member_time(notices, out, "due", run->due);
    }
}

static void body_close(struct json_out *out)
{
    json_out_close(out, '}');
    json_out_close(out, '}');
}

void notices_append(const struct notices *notices, const struct notice *notice)
{
    if (notices->outbox->bytes > 0) {
        buf_char(notices->outbox, ',');
    }
    notice_write(notice, notices->outbox);
}

/* One notice for each webhook that wants it; `what` names the thing told. */
static void tell_hooks(
    const struct notices *notices, enum hook_kind kind, struct text what, const struct buf *body)
{
    if (body->error) {
        notices->outbox->error = body->error;
    }
    for (size_t i = 0; i < notices->settings->webhook_count; i++) {
        const struct webhook_settings *webhook = &notices->settings->webhooks[i];
        char to[160];
        char id[NRT_ID_BYTES];
        const struct text parts[] = {TEXT_LITERAL("hook"), webhook->name, what};
        if (!wants(webhook, kind)) {
            continue;
        }
        crypto_id(parts, sizeof(parts) / sizeof(parts[0]), id);
        (void)snprintf(to, sizeof(to), "hook:%.*s", TEXT_ARGS(webhook->name));
        const struct text receiver = text_of(to);
        const struct notice notice = {
            .kind = "hook",
            .id = text_of(id),
            .to = &receiver,
            .to_count = 1,
            .via = &webhook->name,
            .via_count = 1,
            .text = buf_view(body),
            .send = SEND_NOW,
            .urgent = true,
            .at = notices->now,
        };
        notices_append(notices, &notice);
    }
}

void notices_alert(
    const struct notices *notices, const struct case_state *state, const struct firing *firing)
{
    char id[NRT_ID_BYTES];
    char what[NRT_ID_BYTES + 8];
    struct buf body;
    struct json_out out;
    if (!anybody_wants(notices, HOOK_ALERT)) {
        return;
    }
    alert_id(state, firing, id);
    (void)snprintf(what, sizeof(what), "alert %s", id);
    buf_init(&body, BODY_BYTES);
    json_out_init(&out, &body);
    body_open(notices, &out, "alert.fired", state);
    json_out_member(&out, "alert", text_of(id));
    body_run(notices, &out, firing->run);
    json_out_member(&out, "stage", firing->fired.stage);
    json_out_member(&out, "stage_title", firing->stage->title);
    json_out_member(&out, "light", text_of(light_name(firing->stage->light)));
    member_time(notices, &out, "instant", firing->fired.instant);
    member_time(notices, &out, "fired_at", firing->fired.fired_at);
    json_out_member_i64(&out, "ordinal", firing->ordinal);
    json_out_key(&out, "to");
    json_out_open(&out, '[');
    for (size_t i = 0; i < firing->fired.to_count; i++) {
        json_out_string(&out, firing->fired.to[i]);
    }
    json_out_close(&out, ']');
    body_close(&out);
    tell_hooks(notices, HOOK_ALERT, text_of(what), &body);
    buf_release(&body);
}

void notices_acknowledged(
    const struct notices *notices, const struct case_state *state, const struct event *event)
{
    static const char *const copied[] = {"by", "clock", "stage", "alert", "via"};
    struct buf body;
    struct buf what;
    struct json_out out;
    if (!anybody_wants(notices, HOOK_ACKNOWLEDGED)) {
        return;
    }
    buf_init(&what, BODY_BYTES);
    buf_string(&what, "acknowledged ");
    buf_text(&what, state->id);
    buf_char(&what, '\n');
    buf_text(&what, event->source);
    buf_char(&what, '\n');
    buf_text(&what, event->id);
    buf_init(&body, BODY_BYTES);
    json_out_init(&out, &body);
    body_open(notices, &out, "alert.acknowledged", state);
    for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++) {
        json_out_member(&out, copied[i], event_attribute(event, copied[i]));
    }
    member_time(notices, &out, "at", event->time);
    body_close(&out);
    tell_hooks(notices, HOOK_ACKNOWLEDGED, buf_view(&what), &body);
    buf_release(&body);
    buf_release(&what);
}

static void tell_miss(
    const struct notices *notices, const struct case_state *state, const struct run *run)
{
    struct buf body;
    struct buf what;
    struct json_out out;
    buf_init(&what, BODY_BYTES);
    buf_string(&what, "missed ");
    buf_text(&what, state->id);
    buf_char(&what, '\n');
    buf_text(&what, run->clock);
    buf_format(&what, "\n%d", (int)run->number);
    buf_init(&body, BODY_BYTES);
    json_out_init(&out, &body);
    body_open(notices, &out, "clock.missed", state);
    body_run(notices, &out, run);
    json_out_member(&out, "unit_at_due", run->unit_at_due);
    json_out_member(&out, "handler_at_due", run->handler_at_due);
    body_close(&out);
    tell_hooks(notices, HOOK_MISS, buf_view(&what), &body);
    buf_release(&body);
    buf_release(&what);
}

/* ---- what changed ---- */

const struct run *notices_find_run(const struct case_state *state, const struct run *run)
{
    for (size_t i = 0; i < state->run_count; i++) {
        if (state->runs[i].number == run->number && text_equal(state->runs[i].clock, run->clock)) {
            return &state->runs[i];
        }
    }
    return NULL;
}

static bool was_missed(const struct case_state *past, const struct run *run)
{
    const struct run *found = notices_find_run(past, run);
    return found && found->outcome == RUN_MISSED;
}

/* The last that the case remembers to have happened: steps up to then have told their misses. */
static struct wall_ms remembered_up_to(const struct case_memory *memory)
{
    struct wall_ms last = {0};
    for (size_t i = 0; i < memory->event_count; i++) {
        last = memory->events[i].arrived.ms > last.ms ? memory->events[i].arrived : last;
    }
    for (size_t i = 0; i < memory->fired_count; i++) {
        last = memory->fired[i].fired_at.ms > last.ms ? memory->fired[i].fired_at : last;
    }
    return wall_add(last, -SLACK_MS);
}

static void tell_misses(
    const struct notices *notices,
    const struct case_memory *before,
    const struct case_state *past,
    const struct case_state *state)
{
    const struct policy *policy = rulebook_newest(notices->rulebook);
    const struct wall_ms since = remembered_up_to(before);
    const int64_t oldest_ms = state->memory->first_arrived.ms - policy->backfill_ms;
    for (size_t i = 0; i < state->run_count; i++) {
        const struct run *run = &state->runs[i];
        const bool is_new = run->due.ms > since.ms || !was_missed(past, run);
        if (run->outcome == RUN_MISSED && is_new && run->due.ms >= oldest_ms) {
            tell_miss(notices, state, run);
        }
    }
}

enum err notices_change(
    const struct notices *notices, const struct case_memory *before, const struct case_state *state)
{
    const struct case_state *past = NULL;
    const bool misses = anybody_wants(notices, HOOK_MISS);
    const bool clears = notices->settings && notices->settings->all_clear;
    if (!misses && !clears) {
        return ERR_OK;
    }
    const enum err err = case_fold(before, notices->rulebook, notices->now, notices->arena, &past);
    if (err) {
        return err;
    }
    if (misses) {
        tell_misses(notices, before, past, state);
    }
    if (clears) {
        notices_clear(notices, past, state);
    }
    return ERR_OK;
}
