/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the journal into the ledger: read after the ledger's positions, apply, read again. One
 * batch a turn of the loop, so that requests are answered in between. Trouble is waited out.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "console/console.h"
#include "console/ledger_figures.h"

#define FEED_ENTRIES_MAX  16                   /* of up to 64 steps each */
#define FEED_TURN_BYTES   ((size_t)192 * 1024) /* some fifty milliseconds of the loop */
#define FEED_WAIT_MS      5000
#define FEED_RETRY_MS_MAX 2000

struct feed {
    struct console *console;
    struct loop_timer *timer;
    size_t entries_max; /* at most FEED_ENTRIES_MAX: as many as one answer and one turn can take */
    int64_t retry_ms;
    int64_t zone_version; /* of the configuration by whose calendar months begin; -1: none yet */
    char trouble[320];
};

static void feed_read(void *context);

static void feed_failed(struct feed *feed, const char *what, enum err err, const char *why)
{
    feed->retry_ms = feed->retry_ms * 2 + 50;
    if (feed->retry_ms > FEED_RETRY_MS_MAX) {
        feed->retry_ms = FEED_RETRY_MS_MAX;
    }
    (void)snprintf(feed->trouble, sizeof(feed->trouble), "%s: %s", what, why ? why : "");
    log_warn(
        "ledger_feed_failed", "step=%s err=%s why=\"%s\" retry_in_ms=%lld", what, err_name(err),
        why ? why : "", (long long)feed->retry_ms);
    loop_timer_arm(feed->timer, feed->retry_ms);
}

/*
 * How many of them one turn of the loop applies: while people wait for answers, no more than so
 * many bytes, but always one. The rest is read again behind these; as many as fit are asked for
 * next. A ledger that is still behind at the start of the service takes whatever comes.
 */
static size_t entries_a_turn(struct feed *feed, const struct journal_entry *entries, size_t count)
{
    size_t bytes = 0;
    size_t taken = 0;
    while (taken < count && (taken == 0 || !feed->console->caught_up ||
                             bytes + entries[taken].facts.bytes <= FEED_TURN_BYTES)) {
        bytes += entries[taken].facts.bytes;
        taken++;
    }
    if (taken < count) {
        feed->entries_max = taken;
    } else if (count == feed->entries_max && count < FEED_ENTRIES_MAX) {
        feed->entries_max++;
    }
    return taken;
}

static void on_entries(
    void *context, enum err err, const char *why, const struct journal_entry *entries, size_t count)
{
    struct feed *feed = context;
    struct err_why reason = {0};
    if (err) {
        /* Entries of busy times hold up to 16 MiB each: one answer cannot carry many of them. */
        feed->entries_max = feed->entries_max > 1 ? feed->entries_max / 2 : 1;
        feed_failed(feed, "read", err, why);
        return;
    }
    count = entries_a_turn(feed, entries, count);
    if (count > 0) {
        err = ledger_apply(feed->console->ledger, entries, count, &reason);
        if (err) {
            feed_failed(feed, "write", err, reason.text);
            return;
        }
    }
    feed->retry_ms = 0;
    feed->trouble[0] = '\0';
    if (count > 0) {
        console_on_progress(feed->console);
    }
    loop_timer_arm(feed->timer, 0);
}

/* A calendar of another time zone: the figures are counted anew. Until then they stand as before.
 */
static void follow_zone(struct feed *feed)
{
    const struct policy *policy = &feed->console->env->bundle->policy;
    struct err_why why = {0};
    if (feed->zone_version == policy->version) {
        return;
    }
    if (ledger_figures_zone(feed->console->ledger, policy->calendar, &why)) {
        log_warn("ledger_months_failed", "why=\"%s\" next=try_again", why.text);
        return;
    }
    feed->zone_version = policy->version;
}

static void feed_read(void *context)
{
    struct feed *feed = context;
    struct console *console = feed->console;
    struct text positions[STORE_PARTITIONS_MAX];
    const int32_t partitions = store_partitions(console->env->store);
    follow_zone(feed);
    for (int32_t partition = 0; partition < partitions; partition++) {
        positions[partition] = ledger_position(console->ledger, partition);
    }
    /* After trouble an answer at once, even an empty one: it tells that the trouble is over. */
    const int64_t wait_ms = feed->trouble[0] ? 0 : FEED_WAIT_MS;
    store_journal_read(
        console->env->store, positions, feed->entries_max, wait_ms, on_entries, feed);
}

struct feed *feed_create(struct console *console)
{
    struct feed *feed = calloc(1, sizeof(*feed));
    if (!feed) {
        return NULL;
    }
    feed->console = console;
    feed->zone_version = -1;
    feed->entries_max = FEED_ENTRIES_MAX;
    feed->timer = loop_timer_create(console->env->loop, feed_read, feed);
    if (!feed->timer) {
        feed_free(feed);
        return NULL;
    }
    loop_timer_arm(feed->timer, 0);
    return feed;
}

void feed_free(struct feed *feed)
{
    if (!feed) {
        return;
    }
    loop_timer_free(feed->timer);
    free(feed);
}

const char *feed_trouble(const struct feed *feed)
{
    return feed->trouble;
}
