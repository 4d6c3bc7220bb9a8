/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /api/v1/events: read what came, tell usable events from rejects, journal the rejects, hand
 * the events to Redis, and only then confirm. In stepped mode an event that arrives later than
 * the present moves the present to its arrival.
 *
 * Sending the same events again is always safe: (source, id) tells them apart.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/failpoint.h"
#include "config/event_json.h"
#include "console/api.h"

#define EVENTS_MAX            10000
#define ITEMS_PER_CALL        256
#define REJECT_HEAD_BYTES_MAX ((size_t)4096)
#define PLACE_BYTES           48

/* A whole body may hold many events: the bounds of each are checked on its own. */
static const struct json_limits array_limits = {
    .bytes_max = (size_t)1024 * 1024, .depth_max = 64, .values_max = 262144};

struct result {
    struct text source;
    struct text id;
    const char *reason; /* NULL: queued */
};

struct intake {
    struct console *console;
    struct http_call *call;
    struct result *results;
    size_t result_count;
    struct store_item *items;
    size_t item_count;
    size_t added_count;
    struct buf rejects; /* facts joined by ',' */
    struct wall_ms now;
    bool stepped;
    bool out_of_memory;
    bool too_many;
    events_done_fn *done; /* answers the call instead; NULL: answered as JSON */
    void *done_context;
    char last[STORE_PARTITIONS_MAX][PLACE_BYTES];
};

static void intake_free(struct intake *intake)
{
    buf_release(&intake->rejects);
    free(intake->results);
    free(intake->items);
    free(intake);
}

static struct intake *intake_create(struct console *console, struct http_call *call)
{
    struct intake *intake = calloc(1, sizeof(*intake));
    if (!intake) {
        return NULL;
    }
    intake->console = console;
    intake->call = call;
    intake->now = role_now(console->env);
    intake->stepped = console->env->clock->mode == CLOCK_STEPPED;
    buf_init(&intake->rejects, (size_t)64 * 1024 * 1024);
    intake->results = calloc(EVENTS_MAX, sizeof(*intake->results));
    intake->items = calloc(EVENTS_MAX, sizeof(*intake->items));
    if (!intake->results || !intake->items) {
        intake_free(intake);
        return NULL;
    }
    return intake;
}

/* ---- rejects ---- */

static void reject_fact(struct intake *intake, struct text body, const char *reason)
{
    struct json_out out;
    struct buf hex;
    uint8_t digest[SHA256_BYTES];
    if (intake->rejects.bytes > 0) {
        buf_char(&intake->rejects, ',');
    }
    json_out_init(&out, &intake->rejects);
    json_out_open(&out, '{');
    json_out_member(&out, "k", text_of("reject"));
    json_out_member_i64(&out, "at", intake->now.ms);
    json_out_member(&out, "via", text_of("http"));
    json_out_member(&out, "reason", text_of(reason));
    json_out_member_i64(&out, "bytes", (int64_t)body.bytes);
    buf_init(&hex, (size_t)2 * SHA256_BYTES + 1);
    crypto_sha256(body, digest);
    crypto_hex(&hex, digest, sizeof(digest));
    json_out_member(&out, "sha256", buf_view(&hex));
    buf_release(&hex);
    if (body.bytes > REJECT_HEAD_BYTES_MAX) {
        body.bytes = REJECT_HEAD_BYTES_MAX;
    }
    json_out_member(&out, "head", body);
    json_out_member(&out, "pos", text_of(""));
    json_out_close(&out, '}');
}

static void take_reject(struct intake *intake, struct text body, const char *reason)
{
    struct result *result = &intake->results[intake->result_count - 1];
    result->reason = arena_string(&intake->call->arena, text_of(reason));
    intake->out_of_memory = intake->out_of_memory || !result->reason;
    intake->console->events_rejected++;
    reject_fact(intake, body, reason);
}

/* ---- reading ---- */

/* Kinds that only the service itself makes, and the source it makes them under. */
static const char *reserved_trouble(const struct event *event)
{
    if (event->kind == EVENT_REPLANNED || event->kind == EVENT_RECOUNTED) {
        return "type: a reserved kind; POST /api/v1/rules/replan makes these events";
    }
    return text_is(event->source, EVENT_SOURCE_OWN) ? "source: reserved for the service itself"
                                                    : NULL;
}

static const char *time_trouble(const struct intake *intake, const struct event *event)
{
    const int64_t latest = intake->now.ms + EVENT_FUTURE_MS_MAX;
    if (!intake->stepped && event->arrived.ms > latest) {
        return "arrived: more than 10 minutes in the future";
    }
    /* A stepped clock comes to the arrival before the event does. */
    const int64_t bound = intake->stepped && event->arrived.ms > intake->now.ms
                              ? event->arrived.ms + EVENT_FUTURE_MS_MAX
                              : latest;
    return event->time.ms > bound ? "time: more than 10 minutes in the future" : NULL;
}

static void take_item(struct intake *intake, const struct event *event, struct text body)
{
    struct result *result = &intake->results[intake->result_count - 1];
    struct arena *arena = &intake->call->arena;
    const bool later = intake->stepped && event->arrived.ms > intake->now.ms;
    result->source = arena_text(arena, event->source);
    result->id = arena_text(arena, event->id);
    intake->items[intake->item_count++] = (struct store_item){
        .partition = store_partition_of(intake->console->env->store, event->subject),
        .arrived = later ? event->arrived : intake->now,
        .body = body,
    };
    intake->out_of_memory = intake->out_of_memory || !result->source.ptr || !result->id.ptr;
}

/* `body` stays where it is until the call is answered. */
static void take_event(struct intake *intake, struct text body)
{
    struct arena arena;
    struct event event;
    struct err_why why = {0};
    intake->result_count++;
    arena_init(&arena, (size_t)4 * 1024 * 1024);
    const enum err err = event_read(body, intake->now, &arena, &event, &why);
    const char *trouble = err ? why.text : reserved_trouble(&event);
    trouble = trouble ? trouble : time_trouble(intake, &event);
    if (err == ERR_NO_MEMORY) {
        intake->out_of_memory = true;
    } else if (trouble) {
        take_reject(intake, body, trouble);
    } else {
        take_item(intake, &event, body);
    }
    arena_release(&arena);
}

static bool has_room(struct intake *intake)
{
    intake->too_many = intake->result_count == EVENTS_MAX;
    return !intake->too_many && !intake->out_of_memory;
}

static void take_array(struct intake *intake, const struct json_doc *doc)
{
    const struct json_value *value = json_first(json_root(doc));
    struct buf text;
    buf_init(&text, (size_t)8 * 1024 * 1024);
    for (; value && has_room(intake); value = json_next(value)) {
        struct json_out out;
        buf_clear(&text);
        json_out_init(&out, &text);
        json_out_value(&out, value);
        const struct text body = arena_text(&intake->call->arena, buf_view(&text));
        intake->out_of_memory = !body.ptr || buf_error(&text);
        if (!intake->out_of_memory) {
            take_event(intake, body);
        }
    }
    buf_release(&text);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct text trimmed(struct text text)
{
    while (text.bytes > 0 && is_blank(text.ptr[0])) {
        text.ptr++;
        text.bytes--;
    }
    while (text.bytes > 0 && is_blank(text.ptr[text.bytes - 1])) {
        text.bytes--;
    }
    return text;
}

static struct text line_next(struct text *rest)
{
    const char *end = memchr(rest->ptr, '\n', rest->bytes);
    const size_t bytes = end ? (size_t)(end - rest->ptr) : rest->bytes;
    const struct text line = {.ptr = rest->ptr, .bytes = bytes};
    rest->ptr += end ? bytes + 1 : bytes;
    rest->bytes -= end ? bytes + 1 : bytes;
    return trimmed(line);
}

static void take_lines(struct intake *intake, struct text body)
{
    while (body.bytes > 0 && has_room(intake)) {
        const struct text line = line_next(&body);
        if (line.bytes > 0) {
            take_event(intake, line);
        }
    }
}

/* Several lines that each begin an object, where the body as a whole is no document. */
static bool looks_like_lines(const struct http_call *call, struct text body)
{
    const struct text type = http_header(&call->head, "content-type");
    if (type.bytes > 0 && memmem(type.ptr, type.bytes, "ndjson", 6)) {
        return true;
    }
    struct text rest = body;
    const struct text first = line_next(&rest);
    rest = trimmed(rest);
    return first.bytes > 0 && rest.bytes > 0 && rest.ptr[0] == '{' &&
           first.ptr[first.bytes - 1] == '}';
}

static void take_body(struct intake *intake)
{
    const struct text body = trimmed(intake->call->body);
    struct json_doc *doc = NULL;
    struct err_why why = {0};
    char reason[400];
    if (body.bytes == 0) {
        return;
    }
    if (body.ptr[0] != '[') {
        if (looks_like_lines(intake->call, body)) {
            take_lines(intake, body);
        } else {
            take_event(intake, body);
        }
        return;
    }
    if (json_parse(body, &array_limits, &doc, &why)) {
        (void)snprintf(reason, sizeof(reason), "not usable JSON: %s", why.text);
        intake->result_count++;
        take_reject(intake, body, reason);
        return;
    }
    take_array(intake, doc);
    json_free(doc);
}

/* ---- answering ---- */

/*
 * "0:ID,2:ID": where the last event of each partition stands. With rejects alone it names the
 * beginning, so that waiting for it waits for the journal, where the rejects are.
 */
static void position_text(const struct intake *intake, struct buf *buf)
{
    for (int32_t partition = 0; partition < STORE_PARTITIONS_MAX; partition++) {
        if (intake->last[partition][0]) {
            buf_format(
                buf, "%s%d:%s", buf->bytes > 0 ? "," : "", (int)partition, intake->last[partition]);
        }
    }
    if (buf->bytes == 0) {
        buf_string(buf, "0:0-0");
    }
}

/* Who queued the events has an answer of its own; frees the intake. */
static void tell_done(struct intake *intake, enum err err, const char *why)
{
    const char *reason = "";
    for (size_t index = 0; index < intake->result_count && !reason[0]; index++) {
        reason = intake->results[index].reason ? intake->results[index].reason : "";
    }
    struct buf position;
    buf_init(&position, 4096);
    position_text(intake, &position);
    const struct events_outcome outcome = {
        .err = err,
        .why = err ? why : reason,
        .queued = err ? 0 : intake->item_count,
        .rejected = err ? 0 : intake->result_count - intake->item_count,
        .position = err ? (struct text){0} : buf_view(&position),
    };
    events_done_fn *done = intake->done;
    void *context = intake->done_context;
    done(context, &outcome);
    buf_release(&position);
    intake_free(intake);
}

static void answer_problem(struct intake *intake, enum problem problem, const char *detail)
{
    if (intake->done) {
        tell_done(intake, ERR_AWAY, detail);
        return;
    }
    problem_answer(intake->call, problem, detail);
    intake_free(intake);
}

static void put_results(const struct intake *intake, struct json_out *out)
{
    json_out_open(out, '[');
    for (size_t index = 0; index < intake->result_count; index++) {
        const struct result *result = &intake->results[index];
        json_out_open(out, '{');
        json_out_member_i64(out, "index", (int64_t)index);
        json_out_member(out, "source", result->source);
        json_out_member(out, "id", result->id);
        json_out_member(out, "verdict", text_of(result->reason ? "rejected" : "queued"));
        if (result->reason) {
            json_out_member(out, "reason", text_of(result->reason));
        }
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void answer_results(struct intake *intake)
{
    struct api_json json;
    struct buf position;
    if (intake->done) {
        tell_done(intake, ERR_OK, "");
        return;
    }
    api_json_init(&json);
    buf_init(&position, 4096);
    position_text(intake, &position);
    if (intake->item_count == 0) {
        put_results(intake, &json.out);
        problem_answer_with(
            intake->call, PROBLEM_NO_USABLE_EVENT, intake->results[0].reason, "results",
            buf_view(&json.buf));
        buf_release(&json.buf);
    } else {
        json_out_open(&json.out, '{');
        json_out_key(&json.out, "results");
        put_results(intake, &json.out);
        json_out_member(&json.out, "position", buf_view(&position));
        json_out_close(&json.out, '}');
        api_json_answer(intake->call, 202, &json, ERR_OK);
    }
    buf_release(&position);
    intake_free(intake);
}

static void answer_unavailable(struct intake *intake, enum err err, const char *why)
{
    char detail[480];
    (void)snprintf(
        detail, sizeof(detail),
        "%s (%s). Some of the events may have been taken; send all of them again: the same "
        "source and id count once",
        why && why[0] ? why : "Redis did not answer", err_name(err));
    answer_problem(intake, PROBLEM_UNAVAILABLE, detail);
}

/* ---- handing over ---- */

static void note_position(struct intake *intake, size_t item, struct text position)
{
    char *last = intake->last[intake->items[item].partition];
    if (!last[0] || position_compare(position, text_of(last)) > 0) {
        (void)snprintf(last, PLACE_BYTES, "%.*s", TEXT_ARGS(position));
    }
}

static void add_next(struct intake *intake);

static void on_added(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    struct intake *intake = context;
    if (err) {
        answer_unavailable(intake, err, why);
        return;
    }
    for (size_t index = 0; index < count; index++) {
        note_position(intake, intake->added_count + index, positions[index]);
    }
    intake->added_count += count;
    intake->console->events_queued += (int64_t)count;
    failpoint_hit("http_after_add");
    add_next(intake);
}

static void on_brought(void *context, const struct step_result *result)
{
    struct intake *intake = context;
    for (size_t index = 0; index < result->position_count; index++) {
        note_position(intake, index, result->positions[index]);
    }
    intake->console->events_queued += (int64_t)result->position_count;
    if (result->err == ERR_TIMEOUT) {
        answer_problem(intake, PROBLEM_STUCK, result->why);
    } else if (result->err) {
        answer_unavailable(intake, result->err, result->why);
    } else {
        answer_results(intake);
    }
}

static void add_next(struct intake *intake)
{
    const size_t left = intake->item_count - intake->added_count;
    if (left == 0) {
        answer_results(intake);
        return;
    }
    store_queue_add(
        intake->console->env->store, QUEUE_EVENTS, &intake->items[intake->added_count],
        left < ITEMS_PER_CALL ? left : ITEMS_PER_CALL, on_added, intake);
}

/*
 * In stepped mode events come in at their own instants; of one instant in the order they were
 * sent. Senders sort, so this hardly ever moves anything.
 */
static void sort_by_arrival(struct store_item *items, size_t count)
{
    for (size_t index = 1; index < count; index++) {
        const struct store_item item = items[index];
        size_t place = index;
        for (; place > 0 && items[place - 1].arrived.ms > item.arrived.ms; place--) {
            items[place] = items[place - 1];
        }
        items[place] = item;
    }
}

static void hand_over(struct intake *intake)
{
    if (intake->stepped && intake->item_count > 0) {
        sort_by_arrival(intake->items, intake->item_count);
        stepper_bring(
            intake->console->stepper, intake->items, intake->item_count, on_brought, intake);
    } else {
        add_next(intake);
    }
}

static void on_rejects_kept(void *context, enum err err, const char *why)
{
    struct intake *intake = context;
    if (err) {
        answer_unavailable(intake, err, why);
    } else if (intake->call->body.bytes > (size_t)EVENTS_BODY_BYTES_MAX) {
        answer_problem(
            intake, PROBLEM_TOO_LARGE, "at most 1 MiB at once: send the events in parts");
    } else {
        hand_over(intake);
    }
}

static void intake_run(struct intake *intake)
{
    if (intake->out_of_memory || buf_error(&intake->rejects)) {
        answer_problem(intake, PROBLEM_UNAVAILABLE, "out of memory; send fewer at once");
    } else if (intake->too_many) {
        answer_problem(
            intake, PROBLEM_TOO_LARGE,
            "at most 10000 events at once: send them in parts; none of these was taken");
    } else if (intake->result_count == 0) {
        answer_problem(
            intake, PROBLEM_NO_USABLE_EVENT,
            "the body is empty; it must be one event, an array of events, or one a line");
    } else if (intake->rejects.bytes > 0) {
        store_journal_add(
            intake->console->env->store, 0, buf_view(&intake->rejects), on_rejects_kept, intake);
    } else {
        hand_over(intake);
    }
}

void api_events_post(struct console *console, struct http_call *call)
{
    struct intake *intake = intake_create(console, call);
    if (!intake) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    if (call->body.bytes > (size_t)EVENTS_BODY_BYTES_MAX) {
        char reason[96];
        (void)snprintf(
            reason, sizeof(reason), "too large: a body of %zu bytes; at most 1 MiB at once",
            call->body.bytes);
        intake->result_count = 1;
        take_reject(intake, call->body, reason);
    } else {
        take_body(intake);
    }
    intake_run(intake);
}

void api_queue_event(struct console *console, struct http_call *call, struct text cloud_event)
{
    struct intake *intake = intake_create(console, call);
    const struct text body = arena_text(&call->arena, cloud_event);
    if (!intake || !body.ptr) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        if (intake) {
            intake_free(intake);
        }
        return;
    }
    take_event(intake, body);
    intake_run(intake);
}

void api_queue_events(
    struct console *console, struct http_call *call, const struct events_made *made)
{
    struct intake *intake = intake_create(console, call);
    if (!intake) {
        const struct events_outcome outcome = {.err = ERR_NO_MEMORY, .why = "out of memory"};
        made->done(made->context, &outcome);
        return;
    }
    intake->done = made->done;
    intake->done_context = made->context;
    for (size_t index = 0; index < made->count && has_room(intake); index++) {
        take_event(intake, made->events[index]);
    }
    intake_run(intake);
}
