/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person or a gateway does through the API beside the work on a case: an acknowledgement,
 * a test message, a receipt, a step of the clock.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "console/actor_of.h"
#include "console/api.h"
#include "console/own_event.h"

#define SEALED_BYTES_MAX ((size_t)4 * 1024 * 1024)

/* ---- events made here ---- */

static void event_open(
    struct json_out *out, const char *type, struct text id, struct text source, struct text subject)
{
    json_out_open(out, '{');
    json_out_member(out, "specversion", text_of("1.0"));
    json_out_member(out, "id", id);
    json_out_member(out, "source", source);
    json_out_member(out, "type", text_of(type));
    json_out_member(out, "subject", subject);
}

static struct text given_or(struct text given, struct text otherwise)
{
    return given.bytes > 0 ? given : otherwise;
}

/* ---- acknowledging ---- */

struct ack {
    struct console *console;
    struct http_call *call;
    const struct json_value *body;
    bool queued;
};

/* An alert went to a person: who has one in the directory acknowledges as that person. */
static struct text ack_by(const struct ack *ack)
{
    const struct actor *actor = call_actor(ack->call);
    return !actor_speaks_for_others(actor) && actor->person.bytes > 0
               ? actor->person
               : call_by(ack->call, json_get_string(ack->body, "by"));
}

static bool ack_queue(void *context, const struct ledger_alert *alert)
{
    struct ack *ack = context;
    const struct view view = console_view(ack->console, NULL);
    struct api_json json;
    struct json_out *out = &json.out;
    char id[256];
    const struct text by = ack_by(ack);
    /* The same person acknowledging the same alert again is the same event. */
    (void)snprintf(id, sizeof(id), "ack-%.*s-%.*s", TEXT_ARGS(alert->id), TEXT_ARGS(by));
    api_json_init(&json);
    event_open(out, "case.acknowledged", text_of(id), text_of(OWN_EVENT_SOURCE), alert->case_id);
    api_member_ms(&view, out, "time", role_now(ack->console->env).ms);
    json_out_key(out, "data");
    json_out_open(out, '{');
    json_out_member(out, "by", by);
    json_out_member(out, "clock", alert->clock);
    json_out_member(out, "stage", alert->stage);
    json_out_member(out, "alert", alert->id);
    json_out_member(out, "via", given_or(json_get_string(ack->body, "via"), text_of("console")));
    json_out_close(out, '}');
    json_out_close(out, '}');
    ack->queued = true;
    api_queue_event(ack->console, ack->call, buf_view(&json.buf));
    buf_release(&json.buf);
    return false;
}

void api_alert_ack(struct console *console, struct http_call *call)
{
    struct json_doc *doc = api_body_object(call);
    if (!doc) {
        return;
    }
    struct list_end end;
    struct ack ack = {.console = console, .call = call, .body = json_root(doc)};
    const struct alert_query query = {
        .scope = &call_actor(call)->scope, .id = api_path_id(call, 3), .limit = 1};
    if (ack_by(&ack).bytes == 0) {
        problem_answer(call, PROBLEM_BAD_REQUEST, "by: missing; it must be a person id");
    } else {
        const enum err err = ledger_alerts(console->ledger, &query, ack_queue, &ack, &end);
        if (!ack.queued) {
            problem_answer(
                call, err ? PROBLEM_INTERNAL : PROBLEM_NOT_FOUND,
                "the ledger does not know this alert (yet)");
        }
    }
    json_free(doc);
}

/* ---- a test message ---- */

struct sending {
    struct http_call *call;
    char alert[NRT_ID_BYTES];
};

static void on_test_queued(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    (void)positions;
    (void)count;
    struct sending *sending = context;
    struct api_json json;
    if (err) {
        problem_answer(sending->call, PROBLEM_UNAVAILABLE, why);
    } else {
        api_json_init(&json);
        json_out_open(&json.out, '{');
        json_out_member(&json.out, "alert", text_of(sending->alert));
        json_out_close(&json.out, '}');
        api_json_answer(sending->call, 202, &json, ERR_OK);
    }
    free(sending);
}

/* An outbox item like one a clock makes, of no case: the notifier sends it whatever happens. */
struct test_message {
    char clock[24]; /* a word of its own makes each test message another one */
    char alert[NRT_ID_BYTES];
    int64_t now_ms;
    const struct person *person; /* of their unit, which a group channel asks for */
    struct text channel;
};

static void test_item(
    struct console *console, struct json_out *out, const struct test_message *test)
{
    json_out_open(out, '[');
    json_out_open(out, '{');
    json_out_member(out, "alert", text_of(test->alert));
    json_out_member(out, "case", text_of(""));
    json_out_member(out, "clock", text_of(test->clock));
    json_out_member_i64(out, "run", 0);
    json_out_member(out, "stage", text_of("test"));
    json_out_member_i64(out, "instant", test->now_ms);
    json_out_member_i64(out, "fired_at", test->now_ms);
    json_out_member(out, "light", text_of("green"));
    json_out_key(out, "to");
    json_out_open(out, '[');
    json_out_string(out, test->person->id);
    json_out_close(out, ']');
    json_out_key(out, "via");
    json_out_open(out, '[');
    json_out_string(out, test->channel);
    json_out_close(out, ']');
    json_out_key(out, "all");
    json_out_bool(out, false);
    json_out_member(out, "template", text_of("test"));
    json_out_member(out, "send", text_of("now"));
    json_out_key(out, "urgent");
    json_out_bool(out, true);
    json_out_member_i64(out, "ordinal", 1);
    json_out_member_i64(out, "rules", api_policy(console)->version);
    json_out_key(out, "test");
    json_out_bool(out, true);
    json_out_key(out, "values");
    json_out_open(out, '{');
    json_out_member(out, "title", text_of("测试消息"));
    json_out_member(out, "matter", text_of(""));
    json_out_member(out, "unit", text_of(""));
    json_out_member(out, "handler", text_of(""));
    json_out_member(out, "unit_id", test->person->unit);
    json_out_member(out, "clock", text_of("测试"));
    json_out_member(out, "stage", text_of("测试"));
    json_out_key(out, "due");
    json_out_null(out);
    json_out_close(out, '}');
    json_out_close(out, '}');
    json_out_close(out, ']');
}

static void test_queue(
    struct console *console,
    struct http_call *call,
    const struct person *person,
    struct text channel)
{
    char word[OWN_WORD_BYTES];
    struct api_json json;
    struct test_message test = {
        .now_ms = role_now(console->env).ms, .person = person, .channel = channel};
    struct sending *sending = calloc(1, sizeof(*sending));
    if (!sending) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    own_word(word);
    (void)snprintf(test.clock, sizeof(test.clock), "test-%s", word);
    const struct text parts[] = {text_of("test"), text_of(test.clock)};
    crypto_id(parts, sizeof(parts) / sizeof(parts[0]), test.alert);
    *sending = (struct sending){.call = call};
    memcpy(sending->alert, test.alert, sizeof(test.alert));
    api_json_init(&json);
    test_item(console, &json.out, &test);
    const struct store_item item = {
        .partition = store_partition_of(console->env->store, person->id),
        .arrived = (struct wall_ms){test.now_ms},
        .body = buf_view(&json.buf),
    };
    store_queue_add(console->env->store, QUEUE_OUTBOX, &item, 1, on_test_queued, sending);
    buf_release(&json.buf);
}

void api_send_test(struct console *console, struct http_call *call)
{
    struct json_doc *doc = api_body_object(call);
    if (!doc) {
        return;
    }
    const struct text channel = json_get_string(json_root(doc), "channel");
    const struct person *person =
        directory_person(api_policy(console)->directory, json_get_string(json_root(doc), "person"));
    if (!person) {
        problem_answer(call, PROBLEM_NOT_FOUND, "person: the directory has nobody of this id");
    } else if (!settings_channel(console->env->settings, channel)) {
        problem_answer(call, PROBLEM_NOT_FOUND, "channel: nrt.json has no channel of this name");
    } else {
        test_queue(console, call, person, channel);
    }
    json_free(doc);
}

/* ---- receipts ---- */

struct receipt {
    struct console *console;
    struct http_call *call;
    const char *reply; /* static: what the gateway wants to hear; NULL: nothing */
};

static void on_receipt_queued(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    (void)positions;
    (void)count;
    struct receipt *receipt = context;
    if (err) {
        problem_answer(receipt->call, PROBLEM_UNAVAILABLE, why); /* the gateway tries again */
    } else {
        receipt->console->receipts_taken++;
        const bool is_json = receipt->reply && receipt->reply[0] == '{';
        http_answer(
            receipt->call, 200,
            is_json ? "application/json; charset=utf-8" : "text/plain; charset=utf-8",
            receipt->reply ? text_of(receipt->reply) : (struct text){0});
    }
    free(receipt);
}

/* A gateway names people by their numbers: in the queue its words are sealed. */
static enum err seal_member(
    struct console *console, struct json_out *out, const char *name, struct text words)
{
    struct buf sealed;
    buf_init(&sealed, SEALED_BYTES_MAX);
    const enum err err =
        crypto_seal(console->env->seal_key, TEXT_LITERAL(RECEIPT_SEAL_CONTEXT), words, &sealed);
    if (!err) {
        json_out_member(out, name, buf_view(&sealed));
    }
    buf_release(&sealed);
    return err;
}

static enum err receipt_item(
    struct console *console,
    const struct http_call *call,
    struct text channel,
    struct api_json *json)
{
    struct json_out *out = &json->out;
    json_out_open(out, '{');
    json_out_member(out, "channel", channel);
    json_out_member(out, "method", text_of(http_method_name(call->head.method)));
    enum err err = seal_member(console, out, "sealed_query", call->head.query);
    if (!err) {
        err = seal_member(console, out, "sealed_body", call->body);
    }
    json_out_member_i64(out, "at", role_now(console->env).ms);
    json_out_close(out, '}');
    return err ? err : buf_error(&json->buf);
}

static void receipt_queue(
    struct console *console, struct http_call *call, const struct channel_settings *settings)
{
    struct api_json json;
    struct receipt *receipt = calloc(1, sizeof(*receipt));
    if (!receipt) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    *receipt = (struct receipt){.console = console, .call = call, .reply = settings->receipt_reply};
    api_json_init(&json);
    if (receipt_item(console, call, settings->name, &json)) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "the call-back could not be kept");
        buf_release(&json.buf);
        free(receipt);
        return;
    }
    const struct store_item item = {
        .partition = 0, .arrived = role_now(console->env), .body = buf_view(&json.buf)};
    store_queue_add(console->env->store, QUEUE_RECEIPTS, &item, 1, on_receipt_queued, receipt);
    buf_release(&json.buf);
}

bool api_hook_is_ours(const struct console *console, const struct http_call *call)
{
    const struct text channel = api_path_id(call, 2);
    const struct text secret = api_path_id(call, 3);
    const struct channel_settings *settings = settings_channel(console->env->settings, channel);
    const struct text wanted =
        settings ? channel_option(settings, "receipt_secret") : (struct text){0};
    return wanted.bytes > 0 && crypto_equal(wanted, secret);
}

void api_receipt_hook(struct console *console, struct http_call *call)
{
    if (!api_hook_is_ours(console, call)) {
        problem_answer(call, PROBLEM_NOT_FOUND, "no channel takes receipts at this address");
        return;
    }
    receipt_queue(console, call, settings_channel(console->env->settings, api_path_id(call, 2)));
}

/* ---- the clock ---- */

void api_clock_show(struct console *console, struct http_call *call)
{
    const struct view view = console_view(console, NULL);
    struct api_json json;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    api_member_now(&view, &json.out);
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, ERR_OK);
}

struct stepping {
    struct console *console;
    struct http_call *call;
};

static void on_stepped(void *context, const struct step_result *result)
{
    struct stepping *stepping = context;
    const struct view view = console_view(stepping->console, NULL);
    struct api_json json;
    if (result->err) {
        problem_answer(
            stepping->call, result->err == ERR_TIMEOUT ? PROBLEM_STUCK : PROBLEM_UNAVAILABLE,
            result->why);
    } else {
        api_json_init(&json);
        json_out_open(&json.out, '{');
        api_member_ms(&view, &json.out, "now", result->now.ms);
        json_out_member(&json.out, "clock_mode", text_of("stepped"));
        json_out_close(&json.out, '}');
        api_json_answer(stepping->call, 200, &json, ERR_OK);
    }
    free(stepping);
}

static void clock_step(struct console *console, struct http_call *call, struct text to)
{
    struct wall_ms target;
    struct stepping *stepping = NULL;
    if (wall_parse(to.bytes > 0 ? to.ptr : "", to.bytes, &target)) {
        problem_answer(
            call, PROBLEM_BAD_REQUEST, "to: must be RFC 3339, such as 2026-02-13T10:00:00+08:00");
        return;
    }
    if (target.ms < role_now(console->env).ms) {
        problem_answer(call, PROBLEM_CONFLICT, "the service's time never goes back");
        return;
    }
    stepping = calloc(1, sizeof(*stepping));
    if (!stepping) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    *stepping = (struct stepping){.console = console, .call = call};
    stepper_step(console->stepper, target, on_stepped, stepping);
}

void api_clock_step(struct console *console, struct http_call *call)
{
    struct json_doc *doc = api_body_object(call);
    if (!doc) {
        return;
    }
    if (console->env->clock->mode != CLOCK_STEPPED) {
        problem_answer(
            call, PROBLEM_CONFLICT, "only a stepped clock can be stepped; see DATA/clock.json");
    } else {
        clock_step(console, call, json_get_string(json_root(doc), "to"));
    }
    json_free(doc);
}
