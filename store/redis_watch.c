/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watching: a connection of its own that is subscribed to the ticks of the shared present and
 * of the configuration, and to what producers PUBLISH. A subscription loses what was published
 * while it was away, so after each (re)connect present and configuration are read and told.
 */
#include <event2/event.h>

#include "base/must.h"
#include "store/redis_store.h"

static void tell_clock(struct redis_store *self, struct wall_ms now)
{
    const struct store_watcher *const watcher = self->watcher;
    if (watcher && watcher->on_clock)
        watcher->on_clock(watcher->context, now);
}

static void tell_config(struct redis_store *self, int64_t version)
{
    const struct store_watcher *const watcher = self->watcher;
    if (version <= self->config_told)
        return;
    self->config_told = version;
    if (watcher && watcher->on_config)
        watcher->on_config(watcher->context, version);
}

/* ---- after a (re)connect ---- */

static void clock_caught_up(void *context, enum err err, const char *why, struct wall_ms now)
{
    (void)why;
    if (!err)
        tell_clock(context, now);
}

static void config_caught_up(
    void *context, enum err err, const char *why, int64_t version, struct text bundle)
{
    (void)why;
    (void)bundle;
    if (!err)
        tell_config(context, version);
}

void redis_watch_catch_up(struct redis_store *self)
{
    if (self->state != REDIS_READY || !redis_transport_is_up(self->watch))
        return; /* the later of the two brings us here again */
    redis_clock_read(&self->store, clock_caught_up, self);
    redis_config_read(&self->store, 0, config_caught_up, self);
}

/* Once subscribed: what is read now is not older than the first tick that will come. */
static void subscribed(void *context, enum err err, const char *why, const struct redisReply *reply)
{
    (void)why;
    (void)reply;
    if (!err)
        redis_watch_catch_up(context);
}

static void ignore_reply(
    void *context, enum err err, const char *why, const struct redisReply *reply)
{
    (void)context;
    (void)err;
    (void)why;
    (void)reply;
}

static void subscribe(struct redis_store *self, const char *name, redis_reply_fn *done)
{
    struct redis_command command;
    redis_command_init(&command, "SUBSCRIBE");
    redis_command_text(&command, redis_key_global(self, &command.arena, name));
    redis_transport_send(self->watch, &command, 0, done, self);
}

static void watch_up(void *context)
{
    struct redis_store *const self = context;
    if (self->watcher && self->watcher->on_published)
        subscribe(self, "events", ignore_reply);
    subscribe(self, "config", ignore_reply);
    subscribe(self, "clock", subscribed);
}

static void watch_down(void *context, enum err err, const char *why)
{
    (void)context;
    (void)err;
    (void)why; /* the main connection tells of the same trouble */
}

/* ---- what comes ---- */

static bool is_channel(const struct redis_store *self, struct text channel, const char *name)
{
    struct arena arena;
    arena_init(&arena, 0);
    const bool is = text_equal(channel, redis_key_global(self, &arena, name));
    arena_release(&arena);
    return is;
}

static void watch_message(void *context, struct text channel, struct text body)
{
    struct redis_store *const self = context;
    int64_t number = 0;
    if (is_channel(self, channel, "events")) {
        if (self->watcher && self->watcher->on_published)
            self->watcher->on_published(self->watcher->context, body);
        return;
    }
    if (text_parse_i64(body, &number) || number < 0 || number > WALL_MS_MAX)
        return; /* anybody may publish anything; what is read later decides */
    if (is_channel(self, channel, "clock")) {
        tell_clock(self, (struct wall_ms){.ms = number});
    } else {
        tell_config(self, number);
    }
}

/* ---- the watcher ---- */

/* By an event: a watcher may close the store. */
void redis_watch_tell(struct redis_store *self)
{
    if (self->watch_tell)
        event_active(self->watch_tell, 0, 0);
}

static void on_tell(evutil_socket_t fd, short what, void *context)
{
    struct redis_store *const self = context;
    const bool connected = self->state == REDIS_READY;
    (void)fd;
    (void)what;
    if (self->connected_told == connected)
        return;
    self->connected_told = connected;
    if (self->watcher->on_connected)
        self->watcher->on_connected(self->watcher->context, connected);
}

void redis_watch(struct store *store, const struct store_watcher *watcher)
{
    struct redis_store *const self = (struct redis_store *)store;
    struct redis_transport_options options = self->connection;
    struct err_why why;
    MUST(!self->watcher);
    self->watcher = watcher;
    self->watch_tell = event_new(self->base, -1, 0, on_tell, self);
    redis_watch_tell(self);
    options.on_up = watch_up;
    options.on_down = watch_down;
    options.on_message = watch_message;
    options.context = self;
    self->watch = redis_transport_create(&options, &why); /* NULL: `ready` tells of the bad URL */
}

void redis_watch_free(struct redis_store *self)
{
    redis_transport_free(self->watch);
    if (self->watch_tell)
        event_free(self->watch_tell);
}
