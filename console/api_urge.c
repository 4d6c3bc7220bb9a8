/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Urging many cases at once (批量催办): one event each. What was urged today is told and left
 * alone unless the request says so; two clicks of one day are one event. Each case is looked up in
 * the ledger: some in each turn of the loop, so that others are answered in between.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "console/actor_of.h"
#include "console/api.h"
#include "console/audit.h"
#include "console/case_acts.h"
#include "console/changes.h"
#include "console/own_event.h"

#define ITEMS_MAX       500
#define ITEMS_A_TURN    50 /* some milliseconds */
#define ARENA_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define EVENT_BYTES     ((size_t)32 * 1024)
#define URGE_MEMBERS    "items text reply_by copy_to again by"

static const struct json_limits urge_limits = {
    .bytes_max = (size_t)256 * 1024, .depth_max = 8, .values_max = 8192};

struct item {
    struct text case_id;
    struct text clock;
    int64_t updated;      /* the time of the case's last event */
    struct two_words why; /* .en NULL: it is urged */
};

struct urging {
    struct console *console;
    struct http_call *call;
    struct view view;
    struct json_doc *doc;
    struct arena arena;
    struct loop_timer *timer;
    struct item *items;
    size_t count;
    size_t seen; /* of them */
    struct text *events;
    size_t event_count;
};

static void urging_free(struct urging *urging)
{
    loop_timer_free(urging->timer);
    json_free(urging->doc);
    arena_release(&urging->arena);
    free(urging);
}

/* ---- may it be urged ---- */

static bool same_day(const struct view *view, int64_t a, int64_t b)
{
    const struct calendar *calendar = view_policy(view)->calendar;
    return calendar_local_day(calendar, (struct wall_ms){a}).number ==
           calendar_local_day(calendar, (struct wall_ms){b}).number;
}

static struct two_words trouble_of(
    const struct urging *urging, const struct case_standing *standing, bool again)
{
    const struct case_act_question question = {
        .view = &urging->view,
        .act = case_act_find(TEXT_LITERAL("urged")),
        .standing = standing,
    };
    if (!case_act_is_for(&question)) {
        return (struct two_words){"不在您的督查范围内", "it is not in your area"};
    }
    if (!again && standing->last_urged.known &&
        same_day(&urging->view, standing->last_urged.ms, urging->view.now.ms)) {
        return (struct two_words){"今天已催办过", "it has been urged today"};
    }
    return case_act_obstacle(&question);
}

static void look_at(struct urging *urging, struct item *item, bool again)
{
    struct arena arena;
    struct case_standing standing;
    item->why = (struct two_words){"没有这个办件", "there is no such case"};
    arena_init(&arena, ARENA_BYTES_MAX);
    enum err err =
        ledger_case_is_seen(urging->view.ledger, item->case_id, &urging->view.actor->scope);
    if (!err) {
        err = case_standing_read(urging->view.ledger, item->case_id, &arena, &standing);
    }
    if (!err) {
        item->updated = standing.updated;
        item->why = trouble_of(urging, &standing, again);
    }
    arena_release(&arena);
}

/* ---- the events ---- */

/* Of one day one event, whoever asks and how often; again: another one. */
static void event_id(
    const struct urging *urging, struct text case_id, bool again, char ret_id[static NRT_ID_BYTES])
{
    char word[OWN_WORD_BYTES];
    const struct civil_date date =
        civil_date_of(calendar_local_day(view_policy(&urging->view)->calendar, urging->view.now));
    if (again) {
        own_word(word);
    } else {
        (void)snprintf(
            word, sizeof(word), "%04d%02d%02d", (int)date.year % 10000, (int)date.month % 100,
            (int)date.day % 100);
    }
    const struct text parts[] = {TEXT_LITERAL("urge"), case_id, text_of(word)};
    crypto_id(parts, sizeof(parts) / sizeof(parts[0]), ret_id);
}

static void put_data(
    const struct urging *urging,
    const struct json_value *body,
    struct json_out *out,
    struct text clock)
{
    static const char *const copied[] = {"text", "reply_by", "copy_to"};
    json_out_open(out, '{');
    json_out_member(out, "by", own_event_by(urging->view.actor, json_get_string(body, "by")));
    for (size_t index = 0; index < sizeof(copied) / sizeof(copied[0]); index++) {
        if (json_get(body, copied[index])) {
            json_out_key(out, copied[index]);
            json_out_value(out, json_get(body, copied[index]));
        }
    }
    if (clock.bytes > 0) {
        json_out_member(out, "clock", clock);
    }
    json_out_close(out, '}');
}

static bool add_event(
    struct urging *urging, const struct json_value *body, const struct item *item, bool again)
{
    struct buf text;
    struct json_out out;
    char id[NRT_ID_BYTES];
    event_id(urging, item->case_id, again, id);
    const struct own_event event = {
        .kind = TEXT_LITERAL("urged"),
        .id = text_of(id),
        .subject = item->case_id,
        .at_ms = own_act_ms(urging->console, item->updated),
    };
    buf_init(&text, EVENT_BYTES);
    json_out_init(&out, &text);
    own_event_open(&urging->view, &out, &event);
    json_out_key(&out, "data");
    put_data(urging, body, &out, item->clock);
    json_out_close(&out, '}');
    const struct text kept = arena_text(&urging->arena, buf_view(&text));
    const bool done = !buf_error(&text) && kept.ptr;
    buf_release(&text);
    urging->events[urging->event_count] = kept;
    urging->event_count += done;
    return done;
}

/* ---- answering ---- */

static void answer(struct urging *urging, struct text position)
{
    struct api_json json;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_key(&json.out, "results");
    json_out_open(&json.out, '[');
    for (size_t index = 0; index < urging->count; index++) {
        const struct item *item = &urging->items[index];
        json_out_open(&json.out, '{');
        json_out_member(&json.out, "case", item->case_id);
        json_out_key(&json.out, "ok");
        json_out_bool(&json.out, !item->why.en);
        json_out_member(
            &json.out, "why", text_of(item->why.en ? words_for(urging->call, item->why) : ""));
        json_out_close(&json.out, '}');
    }
    json_out_close(&json.out, ']');
    json_out_member(&json.out, "position", position);
    json_out_close(&json.out, '}');
    api_json_answer(urging->call, 200, &json, ERR_OK);
    urging_free(urging);
}

static void on_queued(void *context, const struct events_outcome *outcome)
{
    struct urging *urging = context;
    if (outcome->err || outcome->rejected > 0) {
        problem_answer(urging->call, PROBLEM_UNAVAILABLE, outcome->why);
        urging_free(urging);
        return;
    }
    answer(urging, outcome->position);
}

static void send_events(struct urging *urging)
{
    const struct events_made made = {
        .events = urging->events,
        .count = urging->event_count,
        .done = on_queued,
        .context = urging,
    };
    if (urging->event_count == 0) {
        answer(urging, (struct text){0});
    } else {
        api_queue_events(urging->console, urging->call, &made);
    }
}

static bool take_item(struct urging *urging, struct item *item)
{
    const struct json_value *body = json_root(urging->doc);
    const bool again = json_is_true(json_get(body, "again"));
    if (!item->why.en) {
        look_at(urging, item, again);
    }
    return item->why.en || add_event(urging, body, item, again);
}

static void take_some(void *context)
{
    struct urging *urging = context;
    size_t left = ITEMS_A_TURN;
    bool fits = true;
    urging->view = console_view(urging->console, urging->call); /* good for this turn */
    for (; left > 0 && urging->seen < urging->count && fits; left--) {
        fits = take_item(urging, &urging->items[urging->seen]);
        urging->seen++;
    }
    if (!fits) {
        problem_answer(urging->call, PROBLEM_UNAVAILABLE, "out of memory; send fewer at once");
        urging_free(urging);
    } else if (urging->seen < urging->count) {
        loop_timer_arm(urging->timer, 0);
    } else {
        send_events(urging);
    }
}

/* ---- reading ---- */

static bool is_named_before(const struct urging *urging, struct text case_id)
{
    for (size_t index = 0; index < urging->count; index++) {
        if (text_equal(urging->items[index].case_id, case_id)) {
            return true;
        }
    }
    return false;
}

/* One case is urged once, however many of its clocks are named. */
static void items_read(struct urging *urging, const struct json_value *first)
{
    for (const struct json_value *value = first; value; value = json_next(value)) {
        struct item *item = &urging->items[urging->count];
        *item = (struct item){
            .case_id = json_get_string(value, "case"), .clock = json_get_string(value, "clock")};
        if (is_named_before(urging, item->case_id)) {
            item->why = (struct two_words){"前面已列出此件", "it stands above already"};
        }
        urging->count++;
    }
}

static struct field_error body_fault(const struct view *view, const struct json_value *body)
{
    const struct json_value *items = json_get(body, "items");
    const struct text text = json_get_string(body, "text");
    const struct text reply_by = json_get_string(body, "reply_by");
    struct wall_ms at = {0};
    if (json_type(items) != JSON_ARRAY || json_count(items) == 0 || json_count(items) > ITEMS_MAX) {
        return (struct field_error){"items", {"请选择 1 至 500 件", "choose from 1 to 500 cases"}};
    }
    if (text.bytes == 0 || text.bytes > 8000) {
        return (struct field_error){
            "text", {"请填写催办内容（最多 8000 字节）", "say what is wanted, in 8000 bytes"}};
    }
    if (reply_by.bytes > 0 &&
        (wall_parse(reply_by.ptr, reply_by.bytes, &at) || at.ms <= view->now.ms)) {
        return (struct field_error){
            "reply_by", {"回复期限必须是将来的时间", "reply_by must be an instant in the future"}};
    }
    return (struct field_error){.field = NULL};
}

void api_urge(struct console *console, struct http_call *call)
{
    struct err_why why = {0};
    struct json_doc *doc = NULL;
    const struct view view = console_view(console, call);
    if (!change_ledger_known(console, call)) {
        return;
    }
    if (json_parse(call->body, &urge_limits, &doc, &why)) {
        problem_answer(call, PROBLEM_BAD_REQUEST, why.text);
        return;
    }
    const struct json_value *body = json_root(doc);
    const struct field_error fault = body_fault(&view, body);
    struct urging *urging = calloc(1, sizeof(*urging));
    if (!urging || fault.field || !api_body_only(call, body, URGE_MEMBERS)) {
        if (!urging) {
            problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        } else if (fault.field) {
            field_errors_answer(call, &fault, 1);
        }
        json_free(doc);
        free(urging);
        return;
    }
    *urging = (struct urging){.console = console, .call = call, .view = view, .doc = doc};
    arena_init(&urging->arena, ARENA_BYTES_MAX);
    urging->items = arena_array(&urging->arena, ITEMS_MAX, sizeof(*urging->items));
    urging->events = arena_array(&urging->arena, ITEMS_MAX, sizeof(*urging->events));
    urging->timer = loop_timer_create(console->env->loop, take_some, urging);
    if (!urging->items || !urging->events || !urging->timer) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        urging_free(urging);
        return;
    }
    items_read(urging, json_first(json_get(body, "items")));
    audit_detail(call, json_get_string(body, "text"));
    take_some(urging);
}
