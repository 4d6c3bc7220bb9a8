/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /api/v1/live: server-sent events. A "change" says that the ledger holds more than before,
 * at most twice a second however fast the journal grows; its id is the ledger's revision. The
 * page asks for what it shows; a stream that was cut loses nothing. A comment every 15 s keeps
 * proxies from closing it.
 */
#include <stdlib.h>

#include "base/json.h"
#include "console/api.h"
#include "console/console.h"

#define LIVE_PACE_MS      500
#define LIVE_HEARTBEAT_MS 15000

struct listener {
    struct listener *next;
    struct http_call *call;
    struct live *live;
};

struct live {
    struct console *console;
    struct listener *first;
    struct loop_timer *pace;
    struct loop_timer *heartbeat;
    bool waiting; /* the pace timer runs and will tell of the change */
};

static void listener_drop(struct listener *listener)
{
    struct listener **link = &listener->live->first;
    while (*link != listener) {
        link = &(*link)->next;
    }
    *link = listener->next;
    free(listener);
}

static void on_gone(struct http_call *call)
{
    listener_drop(call->handler_data);
    http_stream_end(call);
}

static void tell_all(struct live *live, struct text bytes)
{
    struct listener *listener = live->first;
    while (listener) {
        struct listener *next = listener->next;
        if (!http_stream_write(listener->call, bytes)) {
            struct http_call *call = listener->call;
            listener_drop(listener);
            http_stream_end(call);
        }
        listener = next;
    }
}

static void change_text(struct live *live, struct buf *buf)
{
    const struct view view = console_view(live->console, NULL);
    struct json_out out;
    const long long revision = (long long)ledger_revision(live->console->ledger);
    buf_init(buf, 4096);
    buf_format(buf, "id: %lld\nevent: change\ndata: ", revision);
    json_out_init(&out, buf);
    json_out_open(&out, '{');
    json_out_member_i64(&out, "revision", revision);
    api_member_now(&view, &out);
    json_out_close(&out, '}');
    buf_string(buf, "\n\n");
}

static void on_pace(void *context)
{
    struct live *live = context;
    struct buf buf;
    live->waiting = false;
    change_text(live, &buf);
    tell_all(live, buf_view(&buf));
    buf_release(&buf);
}

static void on_heartbeat(void *context)
{
    struct live *live = context;
    tell_all(live, text_of(": still here\n\n"));
    if (live->first) {
        loop_timer_arm(live->heartbeat, LIVE_HEARTBEAT_MS);
    }
}

struct live *live_create(struct console *console)
{
    struct live *live = calloc(1, sizeof(*live));
    if (!live) {
        return NULL;
    }
    live->console = console;
    live->pace = loop_timer_create(console->env->loop, on_pace, live);
    live->heartbeat = loop_timer_create(console->env->loop, on_heartbeat, live);
    if (!live->pace || !live->heartbeat) {
        live_free(live);
        return NULL;
    }
    return live;
}

void live_end(struct live *live)
{
    struct listener *next = NULL;
    for (struct listener *listener = live->first; listener; listener = next) {
        struct http_call *call = listener->call;
        next = listener->next;
        listener_drop(listener);
        http_stream_end(call);
    }
}

void live_free(struct live *live)
{
    if (!live) {
        return;
    }
    live_end(live);
    loop_timer_free(live->pace);
    loop_timer_free(live->heartbeat);
    free(live);
}

void live_progress(struct live *live)
{
    if (live->first && !live->waiting) {
        live->waiting = true;
        loop_timer_arm(live->pace, LIVE_PACE_MS);
    }
}

void api_live(struct console *console, struct http_call *call)
{
    struct live *live = console->live;
    if (call->head.method == HTTP_HEAD) {
        http_answer(call, 200, "text/event-stream; charset=utf-8", (struct text){0});
        return;
    }
    struct listener *listener = calloc(1, sizeof(*listener));
    http_add_header(call, "X-Accel-Buffering", "no");
    if (!listener || !http_stream_begin(call, "text/event-stream; charset=utf-8")) {
        free(listener);
        problem_answer(
            call, PROBLEM_UNAVAILABLE, "no room for a further live stream; ask now and then");
        return;
    }
    *listener = (struct listener){.next = live->first, .call = call, .live = live};
    live->first = listener;
    call->handler_data = listener;
    call->on_gone = on_gone;
    struct buf buf;
    change_text(live, &buf);
    (void)http_stream_write(call, text_of("retry: 2000\n\n"));
    (void)http_stream_write(call, buf_view(&buf));
    buf_release(&buf);
    loop_timer_arm(live->heartbeat, LIVE_HEARTBEAT_MS);
}
