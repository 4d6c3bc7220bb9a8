/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See own_event.h.
 */
#include "console/own_event.h"

#include <stdio.h>

#include "base/crypto.h"
#include "console/api.h"

/* Events of more than ten minutes in the future are refused. */
#define AHEAD_MAX_MS (INT64_C(9) * 60 * 1000)

void own_word(char ret_word[static OWN_WORD_BYTES])
{
    uint8_t bytes[(OWN_WORD_BYTES - 1) / 2];
    struct buf text;
    buf_init(&text, 64);
    crypto_random(bytes, sizeof(bytes));
    crypto_hex(&text, bytes, sizeof(bytes));
    (void)snprintf(ret_word, OWN_WORD_BYTES, "%s", text.ptr ? text.ptr : "");
    buf_release(&text);
}

int64_t own_act_ms(struct console *console, int64_t last_event_ms)
{
    const int64_t now_ms = role_now(console->env).ms;
    const int64_t last_ms = last_event_ms > console->acted_ms ? last_event_ms : console->acted_ms;
    if (console->env->clock->mode != CLOCK_STEPPED) {
        return now_ms;
    }
    const bool is_late = last_ms >= now_ms && last_ms - now_ms < AHEAD_MAX_MS;
    console->acted_ms = is_late ? last_ms + 1 : now_ms;
    return console->acted_ms;
}

void own_event_open(const struct view *view, struct json_out *out, const struct own_event *event)
{
    char type[160];
    (void)snprintf(type, sizeof(type), "case.%.*s", TEXT_ARGS(utf8_cut(event->kind, 128)));
    json_out_open(out, '{');
    json_out_member(out, "specversion", text_of("1.0"));
    json_out_member(out, "id", event->id);
    json_out_member(
        out, "source", event->source.bytes > 0 ? event->source : text_of(OWN_EVENT_SOURCE));
    json_out_member(out, "type", text_of(type));
    json_out_member(out, "subject", event->subject);
    if (event->time) {
        json_out_key(out, "time");
        json_out_value(out, event->time);
    } else {
        api_member_ms(view, out, "time", event->at_ms > 0 ? event->at_ms : view->now.ms);
    }
    if (event->arrived) {
        json_out_key(out, "arrived");
        json_out_value(out, event->arrived);
    }
}

struct text own_event_by(const struct actor *actor, struct text given)
{
    if (actor_speaks_for_others(actor) && given.bytes > 0) {
        return given;
    }
    return actor->person.bytes > 0 ? actor->person : text_of(actor->name);
}
