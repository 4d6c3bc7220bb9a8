/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /api/v1/live: server-sent events. A "change" says that the ledger holds more than before,
 * at most twice a second however fast the journal grows, and how much is overdue of what this
 * listener may see; never what has changed. Its id is the ledger's revision in the life of this
 * process: who comes back with the newest one (Last-Event-ID) is told nothing until there is
 * more, whoever has missed something is told at once. A comment every 15 s keeps proxies from
 * closing the stream, and after LIVE_LIFE_MS it ends, so that the next one is asked again who it
 * is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "console/actor_of.h"
#include "console/api.h"
#include "console/readers.h"

#define LIVE_PACE_MS      500
#define LIVE_HEARTBEAT_MS 15000
#define LIVE_LIFE_MS      (INT64_C(10) * 60 * 1000)
#define LIVE_PER_ACTOR    8
#define LIVE_SCOPES_MAX   HTTP_STREAMS_MAX
#define NOTHING_TOLD      (-1)

static const char stream_type[] = "text/event-stream; charset=utf-8";

struct listener {
    struct listener *next;
    struct http_call *call;
    struct live *live;
    const struct actor *actor; /* lives as long as the call */
    int64_t told;              /* the revision it knows of */
    int64_t until_ms;          /* monotonic */
};

/* One scope of those who listen, and how much is overdue in it. */
struct tally {
    struct scope scope; /* its text is a copy */
    struct ledger_total overdue;
};

/* What is looked up in a thread, for all who have not been told. */
struct look {
    struct live *live; /* NULL: nobody listens any more */
    struct arena arena;
    struct tally tallies[LIVE_SCOPES_MAX];
    size_t count;
    int64_t revision;
    struct wall_ms now;
    enum err err;
    char text[WALL_TEXT_BYTES];
};

struct live {
    struct console *console;
    uint64_t life; /* of this process, in the ids */
    struct listener *first;
    struct loop_timer *pace;
    struct loop_timer *heartbeat;
    struct look *look; /* under way */
    bool waiting;      /* the pace timer runs and will tell of the change */
    bool again;        /* there is more to tell than the present look will */
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

static void listener_end(struct listener *listener)
{
    struct http_call *call = listener->call;
    listener_drop(listener);
    http_stream_end(call);
}

static void tell(struct listener *listener, struct text bytes)
{
    if (!http_stream_write(listener->call, bytes)) {
        listener_end(listener); /* it does not read */
    }
}

/* ---- what is told ---- */

static bool same_scope(const struct scope *a, const struct scope *b)
{
    return a->all == b->all && (a->all || text_equal(a->units, b->units));
}

static const struct tally *tally_of(const struct look *look, const struct scope *scope)
{
    for (size_t index = 0; index < look->count; index++) {
        if (same_scope(&look->tallies[index].scope, scope)) {
            return &look->tallies[index];
        }
    }
    return NULL;
}

/* In a thread. */
static void look_up(const struct view *view, void *context)
{
    struct look *look = context;
    look->revision = view->revision;
    for (size_t index = 0; index < look->count && !look->err; index++) {
        struct tally *tally = &look->tallies[index];
        const struct overdue_query query = {.scope = &tally->scope};
        look->err = ledger_overdue_total(view->ledger, &query, &tally->overdue);
    }
    (void)calendar_format(view_policy(view)->calendar, view->now, look->text);
}

static void change_write(
    const struct live *live, const struct look *look, const struct tally *tally, struct buf *buf)
{
    struct json_out out;
    buf_init(buf, 1024);
    buf_format(
        buf, "id: %llx-%lld\nevent: change\ndata: ", (unsigned long long)live->life,
        (long long)look->revision);
    json_out_init(&out, buf);
    json_out_open(&out, '{');
    json_out_member_i64(&out, "revision", look->revision);
    json_out_member(&out, "now", text_of(look->text));
    json_out_member_i64(&out, "overdue", tally->overdue.count);
    if (tally->overdue.more) {
        api_member_bool(&out, "overdue_more", true);
    }
    json_out_close(&out, '}');
    buf_string(buf, "\n\n");
}

static void tell_change(struct live *live, const struct look *look)
{
    struct listener *next = NULL;
    for (struct listener *listener = live->first; listener; listener = next) {
        const struct tally *tally = tally_of(look, &listener->actor->scope);
        next = listener->next;
        if (!actor_stands(live->console, listener->call)) {
            listener_end(listener);
        } else if (tally && listener->told != look->revision) {
            struct buf buf;
            listener->told = look->revision;
            change_write(live, look, tally, &buf);
            tell(listener, buf_view(&buf));
            buf_release(&buf);
        }
    }
}

static void look_free(struct look *look)
{
    arena_release(&look->arena);
    free(look);
}

static void on_looked(struct console *console, void *context, bool ran)
{
    struct look *look = context;
    struct live *live = look->live;
    (void)console;
    if (live) {
        live->look = NULL;
        if (ran && !look->err) {
            tell_change(live, look);
        }
        if (live->again || look->err) {
            live->again = false;
            live_progress(live);
        }
    }
    look_free(look);
}

/* The scopes of all who do not know the present revision. */
static struct look *look_make(struct live *live, int64_t revision)
{
    struct look *look = calloc(1, sizeof(*look));
    if (!look) {
        return NULL;
    }
    look->live = live;
    arena_init(&look->arena, 0);
    for (struct listener *listener = live->first; listener; listener = listener->next) {
        const struct scope *scope = &listener->actor->scope;
        if (listener->told == revision || look->count == LIVE_SCOPES_MAX || tally_of(look, scope)) {
            continue;
        }
        struct tally *tally = &look->tallies[look->count++];
        tally->scope.all = scope->all;
        tally->scope.units = arena_text(&look->arena, scope->units);
    }
    return look;
}

/* Tell whoever does not know yet. */
static void on_pace(void *context)
{
    struct live *live = context;
    live->waiting = false;
    if (live->look) {
        live->again = true;
        return;
    }
    struct look *look = look_make(live, ledger_revision(live->console->ledger));
    if (!look || look->count == 0) {
        if (look) {
            look_free(look);
        }
        return;
    }
    live->look = look;
    if (!readers_look(live->console, look_up, on_looked, look)) {
        live->look = NULL;
        look_free(look);
        live_progress(live); /* a busy moment: in another half second */
    }
}

static void on_heartbeat(void *context)
{
    struct live *live = context;
    const int64_t now_ms = clock_mono().ms;
    struct listener *next = NULL;
    for (struct listener *listener = live->first; listener; listener = next) {
        next = listener->next;
        if (now_ms > listener->until_ms || !actor_stands(live->console, listener->call)) {
            listener_end(listener);
        } else {
            tell(listener, TEXT_LITERAL(": still here\n\n"));
        }
    }
    if (live->first) {
        loop_timer_arm(live->heartbeat, LIVE_HEARTBEAT_MS);
    }
}

/* ---- start and end ---- */

struct live *live_create(struct console *console)
{
    struct live *live = calloc(1, sizeof(*live));
    if (!live) {
        return NULL;
    }
    live->console = console;
    crypto_random(&live->life, sizeof(live->life));
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
        next = listener->next;
        listener_end(listener);
    }
}

void live_free(struct live *live)
{
    if (!live) {
        return;
    }
    live_end(live);
    if (live->look) {
        live->look->live = NULL;
    }
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

/* ---- a listener ---- */

static size_t streams_of(const struct live *live, const struct actor *actor)
{
    size_t count = 0;
    for (const struct listener *other = live->first; other; other = other->next) {
        count += other->actor->kind == actor->kind && strcmp(other->actor->name, actor->name) == 0;
    }
    return count;
}

/* The revision that "LIFE-REVISION" names, when it is of this process. */
static int64_t known_revision(const struct live *live, const struct http_call *call)
{
    char life[32];
    int64_t revision = NOTHING_TOLD;
    const struct text last = http_header(&call->head, "last-event-id");
    const int bytes = snprintf(life, sizeof(life), "%llx-", (unsigned long long)live->life);
    const struct text prefix = {.ptr = life, .bytes = (size_t)bytes};
    if (!text_starts_with(last, prefix) ||
        text_parse_i64(
            (struct text){last.ptr + prefix.bytes, last.bytes - prefix.bytes}, &revision)) {
        return NOTHING_TOLD;
    }
    return revision;
}

static void listener_begin(struct live *live, struct listener *listener, struct http_call *call)
{
    *listener = (struct listener){
        .next = live->first,
        .call = call,
        .live = live,
        .actor = call_actor(call),
        .told = known_revision(live, call),
        .until_ms = clock_mono().ms + LIVE_LIFE_MS,
    };
    if (!live->first) {
        loop_timer_arm(live->heartbeat, LIVE_HEARTBEAT_MS);
    }
    live->first = listener;
    call->handler_data = listener;
    call->on_gone = on_gone;
    (void)http_stream_write(call, TEXT_LITERAL("retry: 2000\n\n"));
    loop_timer_arm(live->pace, 0);
    live->waiting = true;
}

void api_live(struct console *console, struct http_call *call)
{
    struct live *live = console->live;
    const struct actor *actor = call_actor(call);
    if (call->head.method == HTTP_HEAD) {
        http_answer(call, 200, stream_type, (struct text){0});
        return;
    }
    if (!actor_speaks_for_others(actor) && streams_of(live, actor) >= LIVE_PER_ACTOR) {
        http_add_header(call, "Retry-After", "60");
        problem_answer(
            call, PROBLEM_TOO_MANY,
            "8 live streams of one account are open; close one, or ask now and then");
        return;
    }
    struct listener *listener = calloc(1, sizeof(*listener));
    http_add_header(call, "X-Accel-Buffering", "no");
    if (!listener || !http_stream_begin(call, stream_type)) {
        free(listener);
        problem_answer(
            call, PROBLEM_UNAVAILABLE, "no room for a further live stream; ask now and then");
        return;
    }
    listener_begin(live, listener, call);
}
