/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Getting ready, after each connect: the function library in this program's revision, nrt:meta
 * in agreement, consumer groups. Each step begins when the one before has been answered; a step
 * that fails is tried again, except where data of another shape is found: then the store stays
 * shut, because writing could destroy what somebody else keeps there.
 *
 * The library: Redis may hold the same text (nothing to do), an older revision (replaced: a
 * newer one understands the older one's callers), a newer one (kept, for the same reason), or
 * another text of the same revision, which only a changed working copy makes: test builds
 * replace it, others refuse, so that two programs never take turns in replacing.
 */
#include <inttypes.h>
#include <string.h>

#include <event2/event.h>

#include "base/embed.h"
#include "base/log.h"
#include "store/redis_store.h"

#define LIBRARY_NAME  "nrt1"
#define REVISION_MARK "-- revision "
#define DATA_FORMAT   1
#define RETRY_MS      500
#define TEXT_BYTES    ((size_t)1 << 20)

static void meta_check(struct redis_store *self);
static void groups_make(struct redis_store *self);

/* ---- ends ---- */

static void tell_ready(struct redis_store *self, enum err err, const char *why)
{
    store_ready_fn *const ready = self->ready;
    self->ready = NULL;
    if (ready)
        ready(self->ready_context, err, why); /* may close the store: last */
}

/* Something outside is not right yet: say so once, try again. */
static void open_failed(struct redis_store *self, enum err err, const char *why)
{
    const struct timeval later = {.tv_usec = (suseconds_t)RETRY_MS * 1000};
    if (!self->away_told) {
        log_warn(
            "store_not_ready", "err=%s why=\"%s\" retry_in_ms=%d", err_name(err), why, RETRY_MS);
    }
    self->away_told = true;
    if (redis_transport_is_up(self->main))
        (void)event_add(self->retry, &later);
}

/* Trying again cannot mend this. */
static void open_hopeless(struct redis_store *self, enum err err, const char *why)
{
    log_error("store_refused", "err=%s why=\"%s\"", err_name(err), why);
    self->state = REDIS_HOPELESS;
    redis_lanes_fail(self, why);
    tell_ready(self, err, why);
}

static void open_done(struct redis_store *self)
{
    if (self->away_told)
        log_info("store_ready", "prefix=%.*s", TEXT_ARGS(self->prefix));
    self->away_told = false;
    self->state = REDIS_READY;
    redis_lanes_pump(self);
    redis_watch_tell(self);
    redis_watch_catch_up(self);
    tell_ready(self, ERR_OK, "");
}

static void open_send(struct redis_store *self, struct redis_command *command, redis_reply_fn *done)
{
    redis_transport_send(self->main, command, 0, done, self);
}

/* ---- the function library ---- */

/* All parts one behind the other: embedded files come sorted by name. */
static void library_text(struct buf *text)
{
    buf_init(text, TEXT_BYTES);
    for (size_t i = 0; i < nrt_embedded_lua_count; i++)
        buf_add(text, nrt_embedded_lua[i].bytes, nrt_embedded_lua[i].byte_count);
}

/* The number in the text's line "-- revision N", -1 when there is none. */
static int64_t library_revision(struct text text)
{
    const char *const mark =
        text.bytes ? memmem(text.ptr, text.bytes, REVISION_MARK, strlen(REVISION_MARK)) : NULL;
    if (!mark)
        return -1;
    const char *const from = mark + strlen(REVISION_MARK);
    const size_t left = text.bytes - (size_t)(from - text.ptr);
    const char *const end = memchr(from, '\n', left);
    int64_t revision = 0;
    const struct text digits = {.ptr = from, .bytes = end ? (size_t)(end - from) : 0};
    return text_parse_i64(digits, &revision) == ERR_OK ? revision : -1;
}

/* The library_code of the first library of a FUNCTION LIST answer; empty when there is none. */
static struct text listed_text(const struct redisReply *reply)
{
    const struct redisReply *const library = redis_reply_at(reply, 0);
    for (size_t i = 0; i + 1 < redis_reply_count(library); i += 2) {
        if (text_is(redis_reply_text(redis_reply_at(library, i)), "library_code"))
            return redis_reply_text(redis_reply_at(library, i + 1));
    }
    return TEXT_LITERAL("");
}

static void library_list(struct redis_store *self);

/* Several roles start at once: another one was quicker. */
static bool is_there_already(const struct redisReply *reply)
{
    const struct text said = redis_reply_text(reply);
    return redis_reply_kind(reply) == REDIS_ERROR && said.bytes > 0 &&
           memmem(said.ptr, said.bytes, "already exists", strlen("already exists"));
}

static void library_loaded(
    void *context, enum err err, const char *why, const struct redisReply *reply)
{
    if (err && is_there_already(reply)) {
        library_list(context);
    } else if (err) {
        open_failed(context, err, why);
    } else {
        meta_check(context);
    }
}

static void library_load(struct redis_store *self, struct text text, bool replace)
{
    struct redis_command command;
    redis_command_init(&command, "FUNCTION");
    redis_command_string(&command, "LOAD");
    if (replace)
        redis_command_string(&command, "REPLACE");
    redis_command_text(&command, text);
    open_send(self, &command, library_loaded);
}

static bool may_replace_same_revision(void)
{
#ifdef NRT_FAILPOINTS
    return true;
#else
    return false;
#endif
}

static void library_compare(struct redis_store *self, struct text there, struct text ours)
{
    const int64_t there_revision = library_revision(there);
    const int64_t our_revision = library_revision(ours);
    if (there.bytes == 0) {
        library_load(self, ours, /* replace= */ false);
    } else if (text_equal(there, ours) || there_revision > our_revision) {
        meta_check(self);
    } else if (there_revision < our_revision || may_replace_same_revision()) {
        library_load(self, ours, /* replace= */ true);
    } else {
        open_hopeless(
            self, ERR_CONFLICT,
            "Redis holds function library " LIBRARY_NAME " with another text of the same "
            "revision: if no other program of ours needs it, FUNCTION DELETE " LIBRARY_NAME);
    }
}

static void library_listed(
    void *context, enum err err, const char *why, const struct redisReply *reply)
{
    struct redis_store *const self = context;
    struct buf ours;
    if (err) {
        open_failed(self, err, why);
        return;
    }
    library_text(&ours);
    if (buf_error(&ours)) {
        open_failed(self, ERR_NO_MEMORY, "memory ran out for the functions' text");
    } else {
        library_compare(self, listed_text(reply), buf_view(&ours));
    }
    buf_release(&ours);
}

static void library_list(struct redis_store *self)
{
    struct redis_command command;
    redis_command_init(&command, "FUNCTION");
    redis_command_string(&command, "LIST");
    redis_command_string(&command, "LIBRARYNAME");
    redis_command_string(&command, LIBRARY_NAME);
    redis_command_string(&command, "WITHCODE");
    open_send(self, &command, library_listed);
}

/* ---- nrt:meta ---- */

static bool meta_agrees(
    struct redis_store *self, const struct redisReply *reply, struct err_why *why)
{
    int64_t format = 0;
    int64_t partitions = 0;
    const struct text hash = redis_reply_text(redis_reply_at(reply, 2));
    if (redis_reply_i64(redis_reply_at(reply, 0), &format) || format != DATA_FORMAT) {
        (void)err_set(
            why, ERR_CONFLICT,
            "the data in Redis under prefix %.*s has format %" PRId64 ", this program reads "
            "format %d: use the program that wrote it, or another prefix",
            TEXT_ARGS(self->prefix), format, DATA_FORMAT);
        return false;
    }
    if (redis_reply_i64(redis_reply_at(reply, 1), &partitions) ||
        partitions != self->store.partitions) {
        (void)err_set(
            why, ERR_CONFLICT,
            "the data in Redis under prefix %.*s has %" PRId64 " partitions, the settings "
            "say %" PRId32 ": set partitions to %" PRId64 " in nrt.json",
            TEXT_ARGS(self->prefix), partitions, self->store.partitions, partitions);
        return false;
    }
    if (!text_is(hash, STORE_HASH_NAME)) {
        (void)err_set(
            why, ERR_CONFLICT,
            "the data in Redis under prefix %.*s is spread by hash %.*s, this program "
            "knows " STORE_HASH_NAME,
            TEXT_ARGS(self->prefix), TEXT_ARGS(hash));
        return false;
    }
    return true;
}

static void meta_checked(
    void *context, enum err err, const char *why, const struct redisReply *reply)
{
    struct redis_store *const self = context;
    struct err_why conflict;
    if (err) {
        open_failed(self, err, why);
    } else if (!meta_agrees(self, reply, &conflict)) {
        open_hopeless(self, ERR_CONFLICT, conflict.text);
    } else {
        groups_make(self);
    }
}

static void meta_check(struct redis_store *self)
{
    struct redis_command command;
    redis_command_init(&command, "FCALL");
    redis_command_string(&command, "nrt1_meta");
    redis_command_i64(&command, 1);
    redis_command_text(&command, redis_key_global(self, &command.arena, "meta"));
    redis_command_string(&command, "format");
    redis_command_i64(&command, DATA_FORMAT);
    redis_command_string(&command, "partitions");
    redis_command_i64(&command, self->store.partitions);
    redis_command_string(&command, "hash");
    redis_command_string(&command, STORE_HASH_NAME);
    open_send(self, &command, meta_checked);
}

/* ---- consumer groups ---- */

static void groups_made(
    void *context, enum err err, const char *why, const struct redisReply *reply)
{
    struct redis_store *const self = context;
    (void)reply;
    if (self->opening_parts == 0)
        return; /* another part has failed */
    if (err) {
        self->opening_parts = 0;
        open_failed(self, err, why);
        return;
    }
    if (--self->opening_parts == 0)
        open_done(self);
}

/* One call for each slot: the front door, then each partition. */
static void groups_send(struct redis_store *self, int32_t partition)
{
    struct redis_command command;
    redis_command_init(&command, "FCALL");
    redis_command_string(&command, "nrt1_open");
    const bool door = partition < 0;
    redis_command_i64(&command, door ? 1 : 3);
    const enum store_queue first = door ? QUEUE_DOOR : QUEUE_EVENTS;
    const enum store_queue last = door ? QUEUE_DOOR : QUEUE_RECEIPTS;
    for (enum store_queue queue = first; queue <= last; queue++)
        redis_command_text(&command, redis_queue_key(self, &command.arena, queue, partition));
    open_send(self, &command, groups_made);
}

static void groups_make(struct redis_store *self)
{
    self->opening_parts = 1 + (size_t)self->store.partitions;
    for (int32_t partition = -1; partition < self->store.partitions; partition++)
        groups_send(self, partition);
}

/* ---- the main connection ---- */

static void on_retry(evutil_socket_t fd, short what, void *context)
{
    struct redis_store *const self = context;
    (void)fd;
    (void)what;
    if (redis_transport_is_up(self->main) && self->state != REDIS_HOPELESS)
        library_list(self);
}

static void on_up(void *context)
{
    on_retry(-1, 0, context);
}

static void on_down(void *context, enum err err, const char *why)
{
    struct redis_store *const self = context;
    self->opening_parts = 0;
    if (self->state == REDIS_HOPELESS)
        return;
    self->state = REDIS_OPENING;
    redis_lanes_fail(self, why);
    if (!self->away_told)
        log_warn("store_away", "err=%s why=\"%s\"", err_name(err), why);
    self->away_told = true;
    redis_watch_tell(self);
}

void redis_open_again(struct redis_store *self)
{
    if (self->state != REDIS_READY)
        return;
    self->state = REDIS_OPENING;
    log_warn("store_functions_lost", "next=\"they are loaded again\"");
    self->away_told = true;
    if (redis_transport_is_up(self->main))
        library_list(self);
}

/* A URL that cannot be used is told like everything else: later, by `ready`. */
static void on_bad_url(evutil_socket_t fd, short what, void *context)
{
    struct redis_store *const self = context;
    struct err_why why = {.text = ""};
    (void)fd;
    (void)what;
    struct redis_transport *const none = redis_transport_create(&self->connection, &why);
    redis_transport_free(none);
    open_hopeless(self, ERR_USAGE, why.text);
}

bool redis_open_begin(struct redis_store *self)
{
    struct redis_transport_options options = self->connection;
    struct err_why why;
    options.on_up = on_up;
    options.on_down = on_down;
    options.context = self;
    self->main = redis_transport_create(&options, &why);
    self->retry = evtimer_new(self->base, self->main ? on_retry : on_bad_url, self);
    if (!self->main && self->retry) {
        event_active(self->retry, 0, 0);
    }
    return self->retry;
}
