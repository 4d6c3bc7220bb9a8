/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET and POST /hooks/replies/{channel}/{secret}: what somebody answered to a text message. It
 * counts for the last alert they were sent on that channel, all of it where that was a digest. The
 * answer is empty, so that no gateway sends it back to the phone. A reply that means nothing, or of
 * a number that nobody has, is counted and done with: the gateway must not repeat it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "config/gateway_call.h"
#include "console/api.h"
#include "console/tap.h"

#define MESSAGES_LOOKED_AT (TAP_ITEMS_MAX + 100) /* a digest, and what has changed since */
#define EVENTS_MAX         ((size_t)SMS_REPLIES_MAX * 8)

struct last_alert;

struct replying {
    struct console *console;
    struct http_call *call;
    struct text channel;
    struct sms_replies replies;
    struct text events[EVENTS_MAX];
    size_t event_count;
    struct last_alert *last; /* of the reply in hand */
    int64_t meaning;         /* replies that made events */
    bool out_of_memory;
};

/* The last alert of one number: its cases, and for whom. */
struct last_alert {
    struct replying *replying;
    struct text person;
    struct text digest;
    int64_t accepted_ms;
    struct tap_item items[TAP_ITEMS_MAX];
    size_t item_count;
};

static struct text keep(struct replying *replying, struct text text)
{
    const struct text copy = arena_text(&replying->call->arena, text);
    replying->out_of_memory |= text.bytes > 0 && !copy.ptr;
    return copy;
}

/* Rows come newest first by their last change; what was handed over last is asked for. */
static bool take_message(void *context, const struct ledger_message *row)
{
    struct last_alert *last = context;
    struct replying *replying = last->replying;
    if (!row->accepted.known || row->case_id.bytes == 0 || row->alert.bytes == 0 ||
        row->accepted.ms < last->accepted_ms) {
        return true;
    }
    const bool same = row->digest.bytes > 0 && text_equal(row->digest, last->digest);
    if (row->accepted.ms == last->accepted_ms && !same) {
        return true; /* of two at one moment the newest by its last change */
    }
    if (!same) {
        last->item_count = 0;
        last->accepted_ms = row->accepted.ms;
        last->digest = keep(replying, row->digest);
        last->person = keep(replying, row->person);
    }
    if (last->item_count < TAP_ITEMS_MAX) {
        last->items[last->item_count++] = (struct tap_item){
            .alert = keep(replying, row->alert),
            .case_id = keep(replying, row->case_id),
            .clock = keep(replying, row->clock),
            .stage = keep(replying, row->stage),
        };
    }
    return true;
}

/* Several people may share a number: the one who was told last has answered. */
static enum err find_last(struct last_alert *last, const char *digits)
{
    struct console *console = last->replying->console;
    const struct bundle *bundle = console->env->bundle;
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < bundle->contact_count; i++) {
        char own[SMS_NUMBER_DIGITS + 1];
        struct list_end end;
        const struct message_query query = {
            .person = bundle->contacts[i].person,
            .channel = last->replying->channel,
            .limit = MESSAGES_LOOKED_AT,
        };
        sms_number_digits(bundle->contacts[i].mobile, own);
        if (digits[0] && strcmp(own, digits) == 0) {
            err = ledger_messages(console->ledger, &query, take_message, last, &end);
        }
    }
    return err;
}

static void add_events(
    struct last_alert *last, enum sms_word word, struct text reason, struct wall_ms now)
{
    struct replying *replying = last->replying;
    struct arena *arena = &replying->call->arena;
    const struct tap_deed deed = {
        .by = last->person,
        .means = "reply",
        .channel = replying->channel,
        .now = now,
        .calendar = api_policy(replying->console)->calendar,
    };
    for (size_t i = 0; i < last->item_count && replying->event_count < EVENTS_MAX; i++) {
        const struct text event = word == SMS_WORD_OBJECT
                                      ? tap_event_objected(&deed, &last->items[i], reason, arena)
                                      : tap_event_acknowledged(&deed, &last->items[i], arena);
        replying->out_of_memory |= event.bytes == 0;
        replying->events[replying->event_count++] = event;
    }
}

/* An objection names one case: to a digest it cannot be said which. */
static enum err read_reply(struct replying *replying, const struct sms_reply *reply)
{
    char digits[SMS_NUMBER_DIGITS + 1];
    struct text reason = {0};
    const struct wall_ms now = role_now(replying->console->env);
    const enum sms_word word = sms_reply_word(reply->words, &reason);
    struct last_alert *last = replying->last;
    *last = (struct last_alert){.replying = replying};
    sms_number_digits(reply->from, digits);
    const enum err err = word == SMS_WORD_OTHER ? ERR_OK : find_last(last, digits);
    const bool fresh = now.ms - last->accepted_ms < LINK_LIFE_MS;
    const bool clear = word == SMS_WORD_ACKNOWLEDGE || last->item_count == 1;
    if (!err && word != SMS_WORD_OTHER && last->item_count > 0 && fresh && clear) {
        add_events(last, word, reason, now);
        replying->meaning++;
    }
    return err;
}

static void answer_empty(struct replying *replying)
{
    struct console *console = replying->console;
    console->replies_taken += replying->meaning;
    console->replies_ignored += (int64_t)replying->replies.count - replying->meaning;
    http_answer(replying->call, 200, "text/plain; charset=utf-8", (struct text){0});
}

static void on_queued(void *context, const struct events_outcome *outcome)
{
    struct replying *replying = context;
    if (outcome->err) {
        problem_answer(replying->call, PROBLEM_UNAVAILABLE, outcome->why); /* to be sent again */
    } else {
        answer_empty(replying);
    }
}

static void reply_take(struct replying *replying)
{
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < replying->replies.count; i++) {
        err = read_reply(replying, &replying->replies.items[i]);
    }
    if (err || replying->out_of_memory) {
        problem_answer(replying->call, PROBLEM_UNAVAILABLE, "the ledger could not be read");
    } else if (replying->event_count == 0) {
        answer_empty(replying);
    } else {
        const struct events_made made = {
            .events = replying->events,
            .count = replying->event_count,
            .done = on_queued,
            .context = replying,
        };
        api_queue_events(replying->console, replying->call, &made);
    }
}

void api_reply_hook(struct console *console, struct http_call *call)
{
    struct err_why why = {0};
    struct replying *replying = NULL;
    if (!api_hook_is_ours(console, call)) {
        problem_answer(call, PROBLEM_NOT_FOUND, "no channel takes replies at this address");
        return;
    }
    replying = arena_alloc(&call->arena, sizeof *replying);
    if (replying) {
        replying->last = arena_alloc(&call->arena, sizeof *replying->last);
    }
    if (!replying || !replying->last) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    replying->console = console;
    replying->call = call;
    replying->channel = api_path_id(call, 2);
    const struct text said[] = {call->head.query, call->body};
    const enum err err = gateway_replies(
        settings_channel(console->env->settings, replying->channel), said, &call->arena,
        &replying->replies, &why);
    if (err == ERR_NO_MEMORY) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
    } else if (err && err != ERR_FULL) {
        replying->replies.count = 1;
        log_warn(
            "reply_unreadable", "channel=%.*s why=\"%s\"", TEXT_ARGS(replying->channel), why.text);
        answer_empty(replying);
    } else {
        if (err) { /* those that were read count */
            log_warn(
                "replies_left_out", "channel=%.*s why=\"%s\"", TEXT_ARGS(replying->channel),
                why.text);
        }
        reply_take(replying);
    }
}
