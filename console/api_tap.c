/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET and POST /a/{token}. The token is all that is asked for: no session, no cookie, no check of
 * where the form came from, because nobody can send it who does not hold the link. GET reads;
 * POST acts through the same door as POST /api/v1/events. Whatever goes wrong is told on a page,
 * in words that say what to do.
 *
 * Knocking is bounded for each token, and for each address with links that are none: guessing 96
 * bits is hopeless anyway, this keeps it cheap. Whole offices share one address, so that good links
 * are bounded by it only far above what people tap.
 */
#include <stdio.h>
#include <string.h>

#include "config/form.h"
#include "config/seal_keys.h"
#include "console/api.h"
#include "console/audit.h"
#include "console/rate.h"
#include "console/tap.h"

#define PAGE_BYTES_MAX ((size_t)1024 * 1024)

static const struct rate_limit limit_token = {.burst = 20, .per_minute = 30};
static const struct rate_limit limit_address = {.burst = 300, .per_minute = 600};
static const struct rate_limit limit_guesses = {.burst = 20, .per_minute = 10};

/* One opening or one form. It lives in the call's arena. */
struct tap_call {
    struct console *console;
    struct http_call *call;
    struct tap tap;
    uint8_t key[LINK_KEY_BYTES];
    struct text events[TAP_ITEMS_MAX];
    size_t event_count;
    enum tap_said said; /* once the events are queued */
};

static void answer(struct tap_call *tap_call, enum tap_said said)
{
    struct buf html;
    struct http_call *call = tap_call->call;
    audit_actor(call, tap_call->tap.person);
    buf_init(&html, PAGE_BYTES_MAX);
    tap_page_write(&tap_call->tap, said, &html);
    if (buf_error(&html)) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
    } else {
        /* Beside the policy of all pages: this one has no script at all. */
        http_add_header(
            call, "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
            "base-uri 'none'");
        http_add_header(call, "X-Robots-Tag", "noindex, nofollow");
        http_answer(call, tap_status(said), "text/html; charset=utf-8", buf_view(&html));
    }
    buf_release(&html);
}

/* ---- who knocks ---- */

/* A proxy on this machine says for whom it asks; of others nothing is believed. */
static struct text address_of(const struct http_call *call)
{
    const struct text forwarded = http_header(&call->head, "x-forwarded-for");
    const char *const comma =
        forwarded.bytes > 0 ? memrchr(forwarded.ptr, ',', forwarded.bytes) : NULL;
    if (!call->peer_is_loopback || forwarded.bytes == 0) {
        return text_of(call->peer);
    }
    const size_t skipped = comma ? (size_t)(comma - forwarded.ptr) + 1 : 0;
    return (struct text){forwarded.ptr + skipped, forwarded.bytes - skipped};
}

static bool may_knock(struct tap_call *tap_call, const char *kind, struct rate_limit limit)
{
    struct http_call *call = tap_call->call;
    struct buf name;
    int32_t wait_s = 0;
    const bool by_token = strcmp(kind, "token") == 0;
    buf_init(&name, HTTP_HEAD_BYTES_MAX + 64);
    buf_format(&name, "%s ", kind);
    buf_text(&name, by_token ? api_path_id(call, 1) : address_of(call));
    const bool may =
        rate_take(tap_call->console->tap_rate, buf_view(&name), limit, clock_mono(), &wait_s);
    buf_release(&name);
    if (!may) {
        char seconds[16];
        (void)snprintf(seconds, sizeof seconds, "%d", (int)wait_s);
        http_add_header(call, "Retry-After", seconds);
        tap_call->tap.claim = (struct link_claim){0};
        answer(tap_call, TAP_TOO_OFTEN);
    }
    return may;
}

static bool wants_english(const struct http_call *call)
{
    const struct text language = http_header(&call->head, "accept-language");
    return text_starts_with(language, TEXT_LITERAL("en"));
}

/* ---- opening ---- */

/* Signed with any key there is: links outlive a rotation. */
static enum err token_read(struct tap_call *tap_call, struct text token)
{
    const struct seal_keys *keys = seal_keys_known();
    enum err err = ERR_REFUSED;
    for (size_t i = 0; i < keys->count && err == ERR_REFUSED; i++) {
        link_key_derive(keys->keys[i].bytes, tap_call->key);
        err = link_token_read(tap_call->key, token, &tap_call->tap.claim);
    }
    return err;
}

/* False when the call was answered. */
static bool token_holds(struct tap_call *tap_call)
{
    struct tap *tap = &tap_call->tap;
    const struct text token = api_path_id(tap_call->call, 1);
    enum err err = token_read(tap_call, token);
    if (!err) {
        err = link_token_holds(&tap->claim, LINK_ACKNOWLEDGE, tap->now);
    }
    if (!err) {
        return may_knock(tap_call, "token", limit_token);
    }
    if (may_knock(tap_call, "guess", limit_guesses)) {
        tap->claim = (struct link_claim){0};
        answer(tap_call, err == ERR_TIMEOUT ? TAP_EXPIRED : TAP_NO_LINK);
    }
    return false;
}

static bool tap_load(struct tap_call *tap_call)
{
    const enum err err = tap_read(&tap_call->tap, tap_call->console->ledger, tap_call->key);
    if (err) {
        tap_call->tap.item_count = 0;
        answer(tap_call, err == ERR_NOT_FOUND ? TAP_UNKNOWN : TAP_AWAY);
        return false;
    }
    if (tap_call->tap.item_count == 0) {
        answer(tap_call, TAP_NOTICE);
        return false;
    }
    return true;
}

/* NULL when the call was answered. */
static struct tap_call *tap_open(struct console *console, struct http_call *call)
{
    struct tap_call *tap_call = arena_alloc(&call->arena, sizeof *tap_call);
    if (!tap_call) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return NULL;
    }
    tap_call->console = console;
    tap_call->call = call;
    tap_call->tap.bundle = console->env->bundle;
    tap_call->tap.arena = &call->arena;
    tap_call->tap.now = role_now(console->env);
    tap_call->tap.english = wants_english(call);
    return may_knock(tap_call, "address", limit_address) && token_holds(tap_call) &&
                   tap_load(tap_call)
               ? tap_call
               : NULL;
}

void api_tap_show(struct console *console, struct http_call *call)
{
    struct tap_call *tap_call = tap_open(console, call);
    if (tap_call) {
        answer(tap_call, tap_is_open(&tap_call->tap) ? TAP_SHOWS : TAP_SETTLED);
    }
}

/* ---- acting ---- */

static void on_queued(void *context, const struct events_outcome *outcome)
{
    struct tap_call *tap_call = context;
    const bool held = !outcome->err && outcome->queued > 0;
    answer(tap_call, held ? tap_call->said : TAP_AWAY);
}

static bool add_event(struct tap_call *tap_call, struct text event)
{
    tap_call->events[tap_call->event_count++] = event;
    return event.bytes > 0;
}

static struct tap_deed deed_of(const struct tap_call *tap_call)
{
    return (struct tap_deed){
        .by = tap_call->tap.person,
        .means = "link",
        .channel = tap_call->tap.channel,
        .now = tap_call->tap.now,
        .calendar = tap_call->tap.bundle->policy.calendar,
    };
}

/* Each of these makes the events and says what will be true then, or what is in the way. */

static enum tap_said acknowledge(struct tap_call *tap_call, const struct form *form)
{
    (void)form;
    struct tap *tap = &tap_call->tap;
    const struct tap_deed deed = deed_of(tap_call);
    for (size_t i = 0; i < tap->item_count; i++) {
        if (!tap->items[i].settled &&
            !add_event(tap_call, tap_event_acknowledged(&deed, &tap->items[i], tap->arena))) {
            return TAP_AWAY;
        }
    }
    return TAP_ACKNOWLEDGED;
}

static bool is_blank(struct text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        if (!strchr(" \t\r\n", text.ptr[i])) {
            return false;
        }
    }
    return true;
}

static enum tap_said object(struct tap_call *tap_call, const struct form *form)
{
    struct tap *tap = &tap_call->tap;
    const struct tap_deed deed = deed_of(tap_call);
    const struct text reason = form_get(form, "reason");
    if (tap->digest || tap->items[0].objected) {
        return TAP_NOT_POSSIBLE;
    }
    if (is_blank(reason)) {
        return TAP_REASON_MISSING;
    }
    return add_event(tap_call, tap_event_objected(&deed, &tap->items[0], reason, tap->arena))
               ? TAP_OBJECTED
               : TAP_AWAY;
}

static enum tap_said delegate(struct tap_call *tap_call, const struct form *form)
{
    struct tap *tap = &tap_call->tap;
    const struct tap_deed deed = deed_of(tap_call);
    const struct text handler = form_get(form, "handler");
    const struct tap_person *chosen = NULL;
    for (size_t i = 0; tap->may_delegate && i < tap->people_count && !chosen; i++) {
        chosen = text_equal(tap->people[i].id, handler) ? &tap->people[i] : NULL;
    }
    if (!chosen) {
        return handler.bytes > 0 ? TAP_NOT_POSSIBLE : TAP_NAME_MISSING;
    }
    tap->delegate_name = chosen->name;
    return add_event(tap_call, tap_event_assigned(&deed, &tap->items[0], chosen->id, tap->arena))
               ? TAP_DELEGATED
               : TAP_AWAY;
}

static enum tap_said act(struct tap_call *tap_call, const struct form *form)
{
    const struct text word = form_get(form, "act");
    if (!tap_choose_person(&tap_call->tap, form_get(form, "by"))) {
        return TAP_NAME_MISSING;
    }
    if (!tap_is_open(&tap_call->tap)) {
        return TAP_SETTLED;
    }
    if (text_is(word, "ack")) {
        return acknowledge(tap_call, form);
    }
    if (text_is(word, "object")) {
        return object(tap_call, form);
    }
    return text_is(word, "delegate") ? delegate(tap_call, form) : TAP_NOT_POSSIBLE;
}

void api_tap_act(struct console *console, struct http_call *call)
{
    struct form form;
    struct tap_call *tap_call = tap_open(console, call);
    if (!tap_call) {
        return;
    }
    tap_call->said =
        form_read(call->body, &call->arena, &form) ? TAP_NOT_POSSIBLE : act(tap_call, &form);
    if (tap_call->event_count == 0 || tap_call->said == TAP_AWAY) {
        answer(tap_call, tap_call->said);
        return;
    }
    const struct events_made made = {
        .events = tap_call->events,
        .count = tap_call->event_count,
        .done = on_queued,
        .context = tap_call,
    };
    api_queue_events(console, call, &made);
}
