/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /api/v1/events: all events as they arrived, one CloudEvent a line. Read in parts by key, as
 * fast as the client takes them; one part is all the memory it needs. The answer is chunked, so
 * that a copy that was cut can be told from a whole one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "console/api.h"
#include "rules/calendar.h"

#define PART_EVENTS     100
#define PART_BYTES      ((size_t)96 * 1024)
#define PART_BYTES_MAX  ((size_t)512 * 1024)
#define RETRY_MS        10
#define STALLED_MS      ((int64_t)120000)
#define WORD_BYTES      256
#define CHUNK_BYTES_MAX ((size_t)128 * 1024)

struct copying {
    struct console *console;
    struct http_call *call;
    struct loop_timer *timer;
    struct arrival_query query;
    char after_case[WORD_BYTES];
    struct buf source; /* of the last event read */
    struct buf id;
    struct buf part; /* read, and not yet written from `written` on */
    size_t written;
    size_t count;
    bool finished; /* nothing is left to read */
    int64_t moved_ms;
};

static void copying_end(struct copying *copying)
{
    struct http_call *call = copying->call;
    loop_timer_free(copying->timer);
    buf_release(&copying->source);
    buf_release(&copying->id);
    buf_release(&copying->part);
    free(copying);
    http_stream_end(call);
}

static void on_gone(struct http_call *call)
{
    copying_end(call->handler_data);
}

/* ---- reading ---- */

static void put_member(struct json_out *out, const struct json_value *member)
{
    char key[WORD_BYTES];
    if (!text_is(json_key(member), "arrived") && json_key(member).bytes < sizeof(key)) {
        (void)snprintf(key, sizeof(key), "%.*s", TEXT_ARGS(json_key(member)));
        json_out_key(out, key);
        json_out_value(out, member);
    }
}

static void put_event(struct console *console, struct buf *part, const struct ledger_event *row)
{
    const struct view view = console_view(console, NULL);
    struct json_doc *doc = NULL;
    struct json_out out;
    json_out_init(&out, part);
    json_out_open(&out, '{');
    if (!json_parse(row->ce, &json_limits_config, &doc, NULL)) {
        const struct json_value *member = json_first(json_root(doc));
        for (; member; member = json_next(member)) {
            put_member(&out, member);
        }
        json_free(doc);
    }
    api_member_ms(&view, &out, "arrived", row->arrived);
    json_out_close(&out, '}');
    buf_char(part, '\n');
}

static bool take_event(void *context, struct text case_id, const struct ledger_event *row)
{
    struct copying *copying = context;
    put_event(copying->console, &copying->part, row);
    copying->count++;
    copying->query.after = true;
    copying->query.after_arrived = row->arrived;
    (void)snprintf(copying->after_case, WORD_BYTES, "%.*s", TEXT_ARGS(case_id));
    buf_clear(&copying->source);
    buf_text(&copying->source, row->source);
    buf_clear(&copying->id);
    buf_text(&copying->id, row->id);
    return copying->part.bytes < PART_BYTES;
}

static enum err read_part(struct copying *copying)
{
    copying->query.after_case = text_of(copying->after_case);
    copying->query.after_source = buf_view(&copying->source);
    copying->query.after_id = buf_view(&copying->id);
    buf_clear(&copying->part);
    copying->written = 0;
    copying->count = 0;
    /* What the query refers to changes while it is read: it is bound by then. */
    const enum err err =
        ledger_arrivals(copying->console->ledger, &copying->query, take_event, copying);
    copying->finished = !err && copying->count == 0;
    return err ? err : buf_error(&copying->part);
}

/* ---- writing ---- */

static bool write_chunk(struct copying *copying)
{
    struct buf chunk;
    size_t bytes = copying->part.bytes - copying->written;
    bytes = bytes > CHUNK_BYTES_MAX ? CHUNK_BYTES_MAX : bytes;
    buf_init(&chunk, CHUNK_BYTES_MAX + 64);
    buf_format(&chunk, "%zx\r\n", bytes);
    buf_add(&chunk, copying->part.ptr + copying->written, bytes);
    buf_string(&chunk, "\r\n");
    const bool taken = http_stream_write(copying->call, buf_view(&chunk));
    buf_release(&chunk);
    if (taken) {
        copying->written += bytes;
        copying->moved_ms = clock_mono().ms;
    }
    return taken;
}

static void go_on(void *context)
{
    struct copying *copying = context;
    if (copying->written == copying->part.bytes && read_part(copying)) {
        copying_end(copying); /* without its last chunk: a cut copy */
        return;
    }
    if (copying->finished) {
        if (http_stream_write(copying->call, text_of("0\r\n\r\n"))) {
            copying_end(copying);
            return;
        }
    } else if (write_chunk(copying)) {
        loop_timer_arm(copying->timer, 0);
        return;
    }
    if (clock_mono().ms - copying->moved_ms > STALLED_MS) {
        copying_end(copying);
        return;
    }
    loop_timer_arm(copying->timer, RETRY_MS);
}

/* ---- beginning ---- */

/* An instant, or a date: its first moment. */
static bool read_bound(
    struct console *console, struct text word, int64_t otherwise, int64_t *ret_ms)
{
    const struct calendar *calendar = api_policy(console)->calendar;
    struct wall_ms at;
    struct civil_day day;
    if (word.bytes == 0) {
        *ret_ms = otherwise;
        return true;
    }
    if (!wall_parse(word.ptr, word.bytes, &at)) {
        *ret_ms = at.ms;
        return true;
    }
    if (civil_parse(word, &day)) {
        return false;
    }
    *ret_ms = calendar_instant(calendar, day, 0).ms;
    return true;
}

static struct copying *copying_create(struct console *console, struct http_call *call)
{
    struct copying *copying = calloc(1, sizeof(*copying));
    if (!copying) {
        return NULL;
    }
    copying->console = console;
    copying->call = call;
    copying->moved_ms = clock_mono().ms;
    copying->query.limit = PART_EVENTS;
    buf_init(&copying->source, PART_BYTES_MAX);
    buf_init(&copying->id, PART_BYTES_MAX);
    buf_init(&copying->part, PART_BYTES_MAX);
    copying->timer = loop_timer_create(console->env->loop, go_on, copying);
    if (!copying->timer) {
        free(copying);
        return NULL;
    }
    return copying;
}

void api_events_export(struct console *console, struct http_call *call)
{
    int64_t from = 0;
    int64_t until = 0;
    if (!read_bound(console, http_param(&call->head, "from"), 0, &from) ||
        !read_bound(console, http_param(&call->head, "to"), WALL_MS_MAX, &until)) {
        problem_answer(
            call, PROBLEM_BAD_REQUEST, "from, to: an instant (RFC 3339) or a date (2026-03-02)");
        return;
    }
    if (call->head.method == HTTP_HEAD) {
        http_answer(call, 200, "application/x-ndjson; charset=utf-8", (struct text){0});
        return;
    }
    struct copying *copying = copying_create(console, call);
    if (!copying) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    copying->query.from = from;
    copying->query.until = until;
    http_add_header(call, "Transfer-Encoding", "chunked");
    if (!http_stream_begin(call, "application/x-ndjson; charset=utf-8")) {
        loop_timer_free(copying->timer);
        free(copying);
        buf_clear(&call->extra_headers); /* the problem is not chunked */
        problem_answer(call, PROBLEM_UNAVAILABLE, "too many streams are open; try again later");
        return;
    }
    call->handler_data = copying;
    call->on_gone = on_gone;
    loop_timer_arm(copying->timer, 0);
}
