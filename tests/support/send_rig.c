/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts run on a store of their own, so that they go on while the notifier is down. A failure to
 * set up ends the program: there is nothing to measure then.
 */
#include "tests/support/send_rig.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/file.h"
#include "base/must.h"
#include "notifiers/entry.h"
#include "tests/support/check.h"

#define PUT_GUARD_MS    60000
#define ENTRY_BYTES     4096
#define DIRECTORY_BYTES ((size_t)1024 * 1024)
#define COUNTERS_MAX    256

/* ---- waiting ---- */

static void on_stop(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)event_base_loopbreak(context);
}

void send_rig_turn(struct send_rig *rig, int64_t ms)
{
    struct event *stop = evtimer_new(rig->base, on_stop, rig->base);
    const struct timeval after = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    MUST(stop && !evtimer_add(stop, &after));
    (void)event_base_dispatch(rig->base);
    event_free(stop);
}

static void wait_done(struct send_rig *rig, const bool *done)
{
    const struct mono_ms until = mono_add(clock_mono(), PUT_GUARD_MS);
    while (!*done) {
        MUST(clock_mono().ms < until.ms);
        (void)event_base_loop(rig->base, EVLOOP_ONCE);
    }
}

int64_t send_rig_counter(struct send_rig *rig, const char *name)
{
    struct role_counter counters[COUNTERS_MAX];
    const size_t count = rig->notifier && rig->env.counters
                             ? rig->env.counters(rig->env.role, counters, COUNTERS_MAX)
                             : 0;
    for (size_t index = 0; index < count; index++) {
        if (strcmp(counters[index].name, name) == 0) {
            return counters[index].value;
        }
    }
    return 0;
}

bool send_rig_wait(struct send_rig *rig, const char *name, int64_t least, int64_t guard_ms)
{
    const struct mono_ms until = mono_add(clock_mono(), guard_ms);
    while (send_rig_counter(rig, name) < least) {
        if (!CHECK_GE(until.ms, clock_mono().ms)) {
            printf("      %s stands at %" PRId64 "\n", name, send_rig_counter(rig, name));
            return false;
        }
        send_rig_turn(rig, 5);
    }
    return true;
}

/* ---- life ---- */

static void on_ready(void *context, enum err err, const char *why)
{
    (void)why;
    MUST(err == ERR_OK);
    *(bool *)context = true;
}

static struct store *open_store(struct send_rig *rig, const char *instance)
{
    bool ready = false;
    const struct store_redis_options options = {
        .base = rig->base,
        .url = text_of(rig->redis_url),
        .prefix = TEXT_LITERAL("t"),
        .partitions = 1,
        .instance = text_of(instance),
    };
    struct store *store = store_redis_open(&options, on_ready, &ready);
    MUST(store);
    wait_done(rig, &ready);
    return store;
}

/* One unit of many people, each with every address. */
static void write_people(struct buf *json)
{
    buf_string(
        json, "{\"units\":[{\"id\":\"u\",\"name\":\"市水务局\",\"parent\":null}],\"people\":[");
    for (size_t index = 0; index < SEND_RIG_PEOPLE; index++) {
        buf_format(
            json,
            "%s{\"id\":\"p%04zu\",\"name\":\"某%04zu\",\"unit\":\"u\",\"mobile\":\"1990000%04zu\","
            "\"email\":\"p%04zu@unit.test\",\"zwdd\":\"zw-%04zu\",\"wecom\":\"wc-%04zu\"}",
            index > 0 ? "," : "", index, index, index, index, index, index);
    }
    buf_string(json, "]}");
}

static struct bundle *load_people(const char *folder)
{
    char path[300];
    struct buf json;
    struct report report;
    buf_init(&json, DIRECTORY_BYTES);
    write_people(&json);
    (void)snprintf(path, sizeof(path), "%s/directory.json", folder);
    MUST(!json.error && file_write(path, buf_view(&json), 0600, NULL) == ERR_OK);
    buf_release(&json);
    report_init(&report);
    struct bundle *bundle = bundle_load_files(&(struct bundle_files){.directory = path}, &report);
    if (!bundle) {
        struct buf text;
        buf_init(&text, DIRECTORY_BYTES);
        report_print(&report, &text);
        printf("%s", text.ptr ? text.ptr : "");
        buf_release(&text);
    }
    MUST(bundle);
    report_release(&report);
    return bundle;
}

bool send_rig_join(
    struct send_rig *rig,
    const char *folder,
    const char *redis_url,
    const struct channel_settings *channels,
    size_t channel_count)
{
    *rig = (struct send_rig){0};
    (void)snprintf(rig->folder, sizeof(rig->folder), "%s", folder);
    (void)snprintf(rig->redis_url, sizeof(rig->redis_url), "%s", redis_url);
    rig->base = event_base_new();
    if (!CHECK(rig->base) || !CHECK(file_make_folders(rig->folder, 0700, NULL) == ERR_OK)) {
        return false;
    }
    clock_init_real(&rig->clock);
    settings_defaults(&rig->settings);
    rig->settings.channels = channels;
    rig->settings.channel_count = channel_count;
    rig->bundle = load_people(rig->folder);
    return true;
}

bool send_rig_init(
    struct send_rig *rig, const struct channel_settings *channels, size_t channel_count)
{
    char folder[256];
    const char *tmp = getenv("TMPDIR");
    struct redis_server *redis = redis_server_create();
    (void)snprintf(folder, sizeof(folder), "%s/send-%d", tmp ? tmp : "/tmp", (int)getpid());
    if (!CHECK(redis)) {
        return false;
    }
    const bool joined =
        send_rig_join(rig, folder, redis_server_url(redis), channels, channel_count);
    rig->redis = redis;
    return joined;
}

void send_rig_up(struct send_rig *rig)
{
    char path[300];
    (void)snprintf(path, sizeof(path), "%s/send.db", rig->folder);
    MUST(send_journal_open(path, &rig->journal, NULL) == ERR_OK);
    rig->env = (struct role_env){
        .base = rig->base,
        .loop = loop_libevent_create(rig->base),
        .store = open_store(rig, "notifier-1"),
        .clock = &rig->clock,
        .settings = &rig->settings,
        .instance = "notifier-1",
        .data_folder = rig->folder,
        .bundle = rig->bundle,
    };
    rig->engine = http_engine_create(rig->base, false, NULL);
    rig->notifier = notifier_create(&rig->env, rig->engine, rig->journal);
    MUST(rig->env.loop && rig->engine && rig->notifier);
}

void send_rig_down(struct send_rig *rig)
{
    if (!rig->notifier) {
        return;
    }
    store_close(rig->env.store);
    rig->engine->ops->free(rig->engine);
    notifier_free(rig->notifier);
    loop_free(rig->env.loop);
    send_journal_close(rig->journal);
    rig->notifier = NULL;
}

void send_rig_release(struct send_rig *rig)
{
    send_rig_down(rig);
    bundle_free(rig->bundle);
    redis_server_free(rig->redis);
    if (rig->base) {
        event_base_free(rig->base);
    }
    static const char *const names[] = {"send.db", "send.db-wal", "send.db-shm", "directory.json"};
    for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
        char path[300];
        (void)snprintf(path, sizeof(path), "%s/%s", rig->folder, names[index]);
        (void)unlink(path);
    }
    (void)rmdir(rig->folder);
}

/* ---- mail ---- */

struct left {
    bool done;
    int64_t count;
};

static void on_overview(
    void *context, enum err err, const char *why, const struct store_overview *overview)
{
    struct left *left = context;
    (void)why;
    MUST(err == ERR_OK);
    left->count = overview->partitions[0].mails + overview->partitions[0].mail_claims;
    left->done = true;
}

int64_t send_rig_left(struct send_rig *rig)
{
    struct left left = {0};
    struct store *store = open_store(rig, "onlooker");
    store_overview_read(store, on_overview, &left);
    wait_done(rig, &left.done);
    store_close(store);
    return left.count;
}

struct put_batch {
    bool done;
    char ids[STORE_BATCH_MAX][64];
    char people[STORE_BATCH_MAX][32];
    struct buf entries[STORE_BATCH_MAX];
    struct mail_item items[STORE_BATCH_MAX];
};

static void on_put(void *context, enum err err, const char *why, const bool *is_new, size_t count)
{
    struct put_batch *batch = context;
    (void)why;
    (void)is_new;
    (void)count;
    MUST(err == ERR_OK);
    batch->done = true;
}

static void fill_item(
    struct send_rig *rig, struct put_batch *batch, size_t place, const char *channel, size_t number)
{
    char title[64];
    (void)snprintf(
        batch->people[place], sizeof(batch->people[place]), "p%04zu", number % SEND_RIG_PEOPLE);
    (void)snprintf(batch->ids[place], sizeof(batch->ids[place]), "%s-%08zu", channel, number);
    (void)snprintf(title, sizeof(title), "关于河道清淤的请示（%zu）", number);
    const struct mail_entry entry = {
        .alert = text_of(batch->ids[place]),
        .case_id = text_of(batch->ids[place]),
        .clock = TEXT_LITERAL("k"),
        .run = 1,
        .stage = TEXT_LITERAL("s"),
        .instant = clock_now(&rig->clock),
        .fired_at = clock_now(&rig->clock),
        .send = SEND_NOW,
        .urgent = true,
        .values = {.title = text_of(title), .unit = TEXT_LITERAL("市水务局")},
        .test = true,
    };
    buf_init(&batch->entries[place], ENTRY_BYTES);
    entry_write(&entry, &batch->entries[place]);
    MUST(!batch->entries[place].error);
    batch->items[place] = (struct mail_item){
        .person = text_of(batch->people[place]),
        .channel = text_of(channel),
        .id = text_of(batch->ids[place]),
        .ready = clock_now(&rig->clock),
        .entry = buf_view(&batch->entries[place]),
    };
}

void send_rig_put(struct send_rig *rig, const char *channel, size_t first, size_t count)
{
    static struct put_batch batch;
    struct store *store = open_store(rig, "feeder");
    for (size_t from = 0; from < count; from += STORE_BATCH_MAX) {
        const size_t left = count - from;
        const size_t part = left < STORE_BATCH_MAX ? left : STORE_BATCH_MAX;
        batch.done = false;
        for (size_t place = 0; place < part; place++) {
            fill_item(rig, &batch, place, channel, first + from + place);
        }
        store_mail_put(store, batch.items, part, on_put, &batch);
        for (size_t place = 0; place < part; place++) {
            buf_release(&batch.entries[place]);
        }
        wait_done(rig, &batch.done);
    }
    store_close(store);
}
