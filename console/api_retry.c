/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /api/v1/alerts/{id}/retry: what of an alert has failed is ordered anew, for each person whom
 * no other message of it has reached or still may. An outbox item like the monitor's goes the
 * ordinary way: quiet hours, limits, and the question whether the case is settled by now.
 *
 * The new message has an identity of its own, made from the number of messages its person has of
 * this alert: asked twice at once it is one message, and the failed one stays in the record.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "console/actor_of.h"
#include "console/api.h"

#define MESSAGES_MAX API_LIMIT_MAX

struct sent {
    struct text person; /* or a group, "robot:NAME" */
    struct text channel;
    bool failed;
};

struct retry {
    struct console *console;
    struct http_call *call;
    bool unsure; /* what may have arrived counts as failed */
    const struct ledger_alert *alert;
    struct sent sent[MESSAGES_MAX];
    size_t sent_count;
    struct text clock_title;
    struct text unit;
    struct ledger_instant due;
    int64_t rules;
    struct api_json items; /* of the outbox */
    size_t ordered;
    bool found;
    enum err err;
};

/* ---- what became of the alert's messages ---- */

static bool take_message(void *context, const struct ledger_message *row)
{
    struct retry *retry = context;
    struct arena *arena = &retry->call->arena;
    const bool failed = text_is(row->state, "dead") || text_is(row->state, "rejected") ||
                        text_is(row->state, "undelivered") ||
                        (retry->unsure && text_is(row->state, "unsure"));
    if (retry->sent_count == MESSAGES_MAX) {
        return false;
    }
    retry->sent[retry->sent_count++] = (struct sent){
        .person = arena_text(arena, row->person),
        .channel = arena_text(arena, row->channel),
        .failed = failed,
    };
    return true;
}

static bool take_run(void *context, const struct ledger_run *run)
{
    struct retry *retry = context;
    if (run->run == retry->alert->run && text_equal(run->clock, retry->alert->clock)) {
        struct arena *arena = &retry->call->arena;
        retry->clock_title = arena_text(arena, run->title);
        retry->unit = arena_text(arena, run->unit);
        retry->due = run->due;
        retry->rules = run->rules;
    }
    return true;
}

/* ---- the outbox items ---- */

static void put_values(
    const struct retry *retry, struct json_out *out, const struct ledger_case *of)
{
    const struct directory *directory = api_policy(retry->console)->directory;
    const bool of_co_unit = memchr(retry->alert->clock.ptr, '@', retry->alert->clock.bytes);
    const struct text unit_id = of_co_unit ? retry->unit : of->unit;
    const struct unit *unit = directory_unit(directory, unit_id);
    const struct person *handler = directory_person(directory, of->handler);
    const struct matter *matter = directory_matter(directory, of->matter);
    json_out_key(out, "values");
    json_out_open(out, '{');
    json_out_member(out, "title", of->title);
    json_out_member(out, "matter", matter ? matter->title : of->matter);
    json_out_member(out, "unit", unit ? unit->name : unit_id);
    json_out_member(out, "unit_id", unit_id);
    json_out_member(out, "handler", handler ? handler->name : of->handler);
    json_out_member(out, "clock", retry->clock_title);
    json_out_member(out, "stage", retry->alert->title);
    json_out_key(out, "due");
    if (retry->due.known) {
        json_out_i64(out, retry->due.ms);
    } else {
        json_out_null(out);
    }
    json_out_close(out, '}');
}

/* The channel that failed first, then those behind it. */
static void put_channels(struct json_out *out, const struct json_value *via, size_t from)
{

    size_t index = 0;
    json_out_key(out, "via");
    json_out_open(out, '[');
    for (const struct json_value *name = json_first(via); name; name = json_next(name), index++) {
        if (index >= from) {
            json_out_string(out, json_string(name));
        }
    }
    json_out_close(out, ']');
}

static void put_receivers(const struct retry *retry, struct json_out *out, struct text person)
{
    json_out_key(out, "to");
    if (text_starts_with(person, TEXT_LITERAL("robot:"))) {
        json_out_raw(out, retry->alert->recipients);
        return;
    }
    json_out_open(out, '[');
    json_out_string(out, person);
    json_out_close(out, ']');
}

struct order {
    struct text person;
    int64_t again;
    const struct json_value *via;
    size_t from; /* of `via` */
};

static void put_order(struct retry *retry, const struct ledger_case *of, const struct order *order)
{
    const struct ledger_alert *alert = retry->alert;
    struct json_out *out = &retry->items.out;
    json_out_open(out, '{');
    json_out_member(out, "alert", alert->id);
    json_out_member(out, "case", alert->case_id);
    json_out_member(out, "clock", alert->clock);
    json_out_member_i64(out, "run", alert->run);
    json_out_member(out, "stage", alert->stage);
    json_out_member_i64(out, "instant", alert->instant);
    json_out_member_i64(out, "fired_at", alert->fired_at);
    json_out_member(out, "light", alert->light);
    put_receivers(retry, out, order->person);
    put_channels(out, order->via, order->from);
    json_out_member(out, "template", alert->template_id);
    json_out_member_i64(out, "ordinal", alert->ordinal);
    json_out_key(out, "all");
    json_out_bool(out, false);
    json_out_member(out, "send", TEXT_LITERAL("now"));
    json_out_key(out, "urgent");
    json_out_bool(out, false);
    json_out_member_i64(out, "rules", retry->rules);
    json_out_member_i64(out, "again", order->again);
    put_values(retry, out, of);
    json_out_close(out, '}');
    retry->ordered++;
}

static size_t place_in(const struct json_value *via, struct text channel)
{
    size_t index = 0;
    const struct json_value *name = json_first(via);
    while (name && !text_equal(json_string(name), channel)) {
        name = json_next(name);
        index++;
    }
    return index;
}

static bool is_first_of_person(const struct retry *retry, size_t at)
{
    for (size_t index = 0; index < at; index++) {
        if (text_equal(retry->sent[index].person, retry->sent[at].person)) {
            return false;
        }
    }
    return true;
}

/* Orders anew what failed of one person, unless something else of the alert reached them. */
static void order_person(
    struct retry *retry,
    const struct ledger_case *of,
    const struct json_value *via,
    struct text person)
{
    struct order order = {.person = person, .via = via, .from = SIZE_MAX};
    for (size_t index = 0; index < retry->sent_count; index++) {
        const struct sent *sent = &retry->sent[index];
        if (!text_equal(sent->person, person)) {
            continue;
        }
        if (!sent->failed) {
            return;
        }
        const size_t place = place_in(via, sent->channel);
        order.from = place < order.from ? place : order.from;
        order.again++;
    }
    if (order.from < json_count(via)) {
        put_order(retry, of, &order);
    }
}

static bool take_case(void *context, const struct ledger_case *of)
{
    struct retry *retry = context;
    struct json_doc *via = NULL;
    if (json_parse(retry->alert->via, &json_limits_event, &via, NULL)) {
        return false;
    }
    for (size_t index = 0; index < retry->sent_count; index++) {
        if (is_first_of_person(retry, index)) {
            order_person(retry, of, json_root(via), retry->sent[index].person);
        }
    }
    json_free(via);
    return false;
}

static bool take_alert(void *context, const struct ledger_alert *alert)
{
    struct retry *retry = context;
    struct ledger *ledger = retry->console->ledger;
    const struct message_query messages = {.alert = alert->id, .limit = MESSAGES_MAX};
    struct list_end end;
    retry->alert = alert;
    retry->found = true;
    retry->err = ledger_messages(ledger, &messages, take_message, retry, &end);
    if (!retry->err) {
        retry->err = ledger_runs(ledger, alert->case_id, take_run, retry);
    }
    if (!retry->err) {
        retry->err = ledger_case_read(ledger, alert->case_id, take_case, retry);
    }
    return false;
}

/* ---- the call ---- */

struct retried {
    struct http_call *call;
    size_t ordered;
};

static void on_queued(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    (void)positions;
    (void)count;
    struct retried *retried = context;
    struct api_json json;
    if (err) {
        problem_answer(retried->call, PROBLEM_UNAVAILABLE, why);
    } else {
        api_json_init(&json);
        json_out_open(&json.out, '{');
        json_out_member(&json.out, "alert", api_path_id(retried->call, 3));
        json_out_member_i64(&json.out, "messages", (int64_t)retried->ordered);
        json_out_close(&json.out, '}');
        api_json_answer(retried->call, 202, &json, ERR_OK);
    }
    free(retried);
}

static void queue(struct retry *retry)
{
    struct store *store = retry->console->env->store;
    struct retried *retried = calloc(1, sizeof(*retried));
    if (!retried || buf_error(&retry->items.buf)) {
        problem_answer(retry->call, PROBLEM_UNAVAILABLE, "out of memory");
        free(retried);
        return;
    }
    *retried = (struct retried){.call = retry->call, .ordered = retry->ordered};
    const struct store_item item = {
        .partition = store_partition_of(store, api_path_id(retry->call, 3)),
        .arrived = role_now(retry->console->env),
        .body = buf_view(&retry->items.buf),
    };
    store_queue_add(store, QUEUE_OUTBOX, &item, 1, on_queued, retried);
}

static void answer(struct retry *retry, enum err err)
{
    if (err || retry->err) {
        problem_answer(retry->call, PROBLEM_INTERNAL, "the ledger could not be read");
    } else if (!retry->found) {
        problem_answer(retry->call, PROBLEM_NOT_FOUND, "the ledger does not know this alert (yet)");
    } else if (retry->ordered == 0) {
        problem_answer(
            retry->call, PROBLEM_CONFLICT,
            "nothing of this alert has failed: its messages arrived, are under way or were not "
            "wanted any more");
    } else {
        queue(retry);
    }
}

static void retry_alert(struct retry *retry)
{
    struct list_end end;
    const struct alert_query query = {
        .scope = &call_actor(retry->call)->scope, .id = api_path_id(retry->call, 3), .limit = 1};
    api_json_init(&retry->items);
    json_out_open(&retry->items.out, '[');
    const enum err err = ledger_alerts(retry->console->ledger, &query, take_alert, retry, &end);
    json_out_close(&retry->items.out, ']');
    answer(retry, err);
    buf_release(&retry->items.buf);
}

void api_alert_retry(struct console *console, struct http_call *call)
{
    struct json_doc *doc = api_body_object(call);
    if (!doc) {
        return;
    }
    /* Not in the call's own memory: that goes with the answer. */
    struct retry *retry = calloc(1, sizeof(*retry));
    if (!retry) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
    } else if (api_body_only(call, json_root(doc), "unsure by")) {
        retry->console = console;
        retry->call = call;
        retry->unsure = json_is_true(json_get(json_root(doc), "unsure"));
        retry_alert(retry);
    }
    free(retry);
    json_free(doc);
}
