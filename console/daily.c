/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See daily.h. Nothing of it is remembered over a restart: the ids of the notices are made of the
 * date, and what was said already is not said twice.
 */
#include "console/daily.h"

#include <stdlib.h>

#include "base/log.h"
#include "console/brief.h"
#include "console/canary.h"
#include "console/morning.h"

#define LOOK_MS    1000 /* real time: in scaled mode days pass sooner */
#define RETRY_MS   1000
#define PAGE_MS    0 /* one page a turn of the loop */
#define DAYS_MAX   400
#define ITEMS_MAX  32
#define ITEM_BYTES ((size_t)64 * 1024)

enum daily_kind {
    DAILY_MORNING,
    DAILY_BRIEF,
    DAILY_WEEKLY,
    DAILY_CANARY,
    DAILY_CANARY_LOOK,
    DAILY_KIND_COUNT
};

struct daily {
    struct console *console;
    struct loop_timer *timer;
    struct wall_ms done[DAILY_KIND_COUNT]; /* up to there */
    struct morning *morning;               /* being gathered and told; or: */
    struct brief *brief;
    bool gathered;
    size_t told; /* of its notices */
    size_t telling;
    bool adding; /* items are on their way */
    bool canary_waits;
    int32_t canary_day; /* of the last one sent by this process */
};

/* ---- when ---- */

static enum brief_kind brief_of(enum daily_kind kind)
{
    return kind == DAILY_WEEKLY ? BRIEF_WEEKLY : BRIEF_DAILY;
}

static bool is_wanted(const struct daily *daily, enum daily_kind kind)
{
    const struct settings *settings = daily->console->env->settings;
    switch (kind) {
    case DAILY_MORNING:
        return settings->morning_to_count > 0;
    case DAILY_BRIEF:
    case DAILY_WEEKLY:
        return brief_is_wanted(settings, brief_of(kind));
    case DAILY_CANARY:
    case DAILY_CANARY_LOOK:
        return settings->ops_canary_via.bytes > 0;
    case DAILY_KIND_COUNT:
        break;
    }
    return false;
}

static int32_t second_of(const struct settings *settings, enum daily_kind kind)
{
    switch (kind) {
    case DAILY_MORNING:
        return settings->morning_at_s;
    case DAILY_BRIEF:
    case DAILY_WEEKLY:
        return brief_at_s(settings, brief_of(kind));
    case DAILY_CANARY:
    case DAILY_CANARY_LOOK:
    case DAILY_KIND_COUNT:
        break;
    }
    return settings->ops_canary_at_s;
}

static struct wall_ms instant_on(
    const struct daily *daily, enum daily_kind kind, struct civil_day day)
{
    const struct role_env *env = daily->console->env;
    const struct settings *settings = env->settings;
    const struct calendar *calendar = env->bundle->policy.calendar;
    const int64_t later_ms = kind == DAILY_CANARY_LOOK ? settings->ops_canary_within_ms : 0;
    return wall_add(calendar_instant(calendar, day, second_of(settings, kind)), later_ms);
}

static bool is_on(const struct daily *daily, enum daily_kind kind, struct civil_day day)
{
    const struct role_env *env = daily->console->env;
    const struct calendar *calendar = env->bundle->policy.calendar;
    return kind == DAILY_WEEKLY ? brief_is_weekly_day(calendar, env->settings->weekly_weekday, day)
                                : calendar_is_working(calendar, day);
}

/* The first one after what is done; false when there is none in sight. */
static bool next_of(const struct daily *daily, enum daily_kind kind, struct wall_ms *ret_at)
{
    const struct calendar *calendar = daily->console->env->bundle->policy.calendar;
    struct civil_day day = calendar_local_day(calendar, daily->done[kind]);
    day.number--; /* what is waited for may be of the day before */
    for (int step = 0; is_wanted(daily, kind) && step < DAYS_MAX; step++, day.number++) {
        if (!is_on(daily, kind, day)) {
            continue;
        }
        *ret_at = instant_on(daily, kind, day);
        if (ret_at->ms > daily->done[kind].ms) {
            return true;
        }
    }
    return false;
}

bool daily_next(const struct daily *daily, struct wall_ms *ret_at)
{
    bool found = false;
    for (int kind = 0; kind < DAILY_KIND_COUNT; kind++) {
        struct wall_ms at = {0};
        if (next_of(daily, (enum daily_kind)kind, &at) && (!found || at.ms < ret_at->ms)) {
            *ret_at = at;
            found = true;
        }
    }
    return found;
}

bool daily_is_busy(const struct daily *daily)
{
    return daily->morning || daily->brief || daily->adding || daily->canary_waits;
}

static void later(struct daily *daily, int64_t real_ms)
{
    loop_timer_arm(daily->timer, real_ms);
}

/* ---- the morning message, the brief, the weekly list: gathered, then told ---- */

static size_t people_count(const struct daily *daily)
{
    return daily->morning ? morning_count(daily->morning) : brief_count(daily->brief);
}

static void notice_of(
    const struct daily *daily, size_t index, struct buf *json, struct text *ret_person)
{
    if (daily->morning) {
        morning_write(daily->morning, index, json, ret_person);
    } else {
        brief_write(daily->brief, index, json, ret_person);
    }
}

static void round_end(struct daily *daily)
{
    morning_free(daily->morning);
    brief_free(daily->brief);
    daily->morning = NULL;
    daily->brief = NULL;
}

static void on_told(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    struct daily *daily = context;
    (void)positions;
    (void)count;
    daily->adding = false;
    if (err) {
        log_warn("morning_waits", "err=%s why=\"%s\"", err_name(err), why ? why : "");
        later(daily, RETRY_MS);
        return;
    }
    daily->told += daily->telling;
    later(daily, 0);
}

static void tell_some(struct daily *daily)
{
    struct store *store = daily->console->env->store;
    struct store_item items[ITEMS_MAX];
    struct buf jsons[ITEMS_MAX];
    const size_t left = people_count(daily) - daily->told;
    daily->telling = left < ITEMS_MAX ? left : ITEMS_MAX;
    for (size_t i = 0; i < daily->telling; i++) {
        struct text person;
        buf_init(&jsons[i], ITEM_BYTES);
        notice_of(daily, daily->told + i, &jsons[i], &person);
        items[i] = (struct store_item){
            .partition = store_partition_of(store, person),
            .arrived = role_now(daily->console->env),
            .body = buf_view(&jsons[i]),
        };
    }
    daily->adding = true;
    store_queue_add(store, QUEUE_OUTBOX, items, daily->telling, on_told, daily);
    for (size_t i = 0; i < daily->telling; i++) {
        buf_release(&jsons[i]);
    }
}

static void gather_some(struct daily *daily)
{
    const enum err err = daily->morning
                             ? morning_page(daily->morning, &daily->gathered)
                             : brief_page(daily->brief, daily->console->ledger, &daily->gathered);
    if (err) {
        log_warn("morning_not_gathered", "err=%s", err_name(err));
        round_end(daily);
    }
    later(daily, err ? RETRY_MS : PAGE_MS);
}

static void round_go_on(struct daily *daily)
{
    if (!daily->gathered) {
        gather_some(daily);
    } else if (daily->told < people_count(daily)) {
        tell_some(daily);
    } else {
        log_info(daily->morning ? "morning_told" : "brief_told", "people=%zu", people_count(daily));
        round_end(daily);
        later(daily, 0);
    }
}

static void round_begin(struct daily *daily, enum daily_kind kind)
{
    struct role_env *env = daily->console->env;
    if (kind == DAILY_MORNING) {
        daily->morning = morning_begin(daily->console, role_now(env));
    } else {
        const struct brief_wish wish = {
            .kind = brief_of(kind),
            .bundle = env->bundle,
            .settings = env->settings,
            .now = role_now(env),
        };
        daily->brief = brief_begin(&wish);
    }
    daily->gathered = false;
    daily->told = 0;
    later(daily, PAGE_MS);
}

/* ---- the canary ---- */

static void on_canary_sent(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    struct daily *daily = context;
    (void)positions;
    (void)count;
    daily->adding = false;
    daily->canary_waits = err != ERR_OK; /* the same one again: it counts once */
    if (err) {
        log_warn("canary_waits", "err=%s why=\"%s\"", err_name(err), why ? why : "");
    }
    later(daily, err ? RETRY_MS : 0);
}

static struct civil_day today_of(const struct daily *daily, int64_t before_ms)
{
    const struct role_env *env = daily->console->env;
    const struct wall_ms at = wall_add(role_now(daily->console->env), -before_ms);
    return calendar_local_day(env->bundle->policy.calendar, at);
}

static void send_canary(struct daily *daily)
{
    struct buf json;
    const struct civil_day day = today_of(daily, 0);
    buf_init(&json, ITEM_BYTES);
    canary_write(daily->console, day, &json);
    const struct store_item item = {
        .partition = 0,
        .arrived = role_now(daily->console->env),
        .body = buf_view(&json),
    };
    daily->adding = true;
    daily->canary_waits = true;
    daily->canary_day = day.number;
    store_queue_add(daily->console->env->store, QUEUE_OUTBOX, &item, 1, on_canary_sent, daily);
    buf_release(&json);
}

static void look_for_canary(struct daily *daily)
{
    const int64_t within_ms = daily->console->env->settings->ops_canary_within_ms;
    const struct civil_day day = today_of(daily, within_ms);
    canary_look(daily->console, day, daily->canary_day == day.number);
}

/* ---- turning ---- */

static void do_kind(struct daily *daily, enum daily_kind kind)
{
    switch (kind) {
    case DAILY_MORNING:
    case DAILY_BRIEF:
    case DAILY_WEEKLY:
        round_begin(daily, kind);
        break;
    case DAILY_CANARY:
        send_canary(daily);
        break;
    case DAILY_CANARY_LOOK:
        look_for_canary(daily);
        break;
    case DAILY_KIND_COUNT:
        break;
    }
}

static void begin_due(struct daily *daily)
{
    const bool stepped = daily->console->env->clock->mode == CLOCK_STEPPED;
    const struct wall_ms now = role_now(daily->console->env);
    if (!stepped && !daily->console->caught_up) {
        return; /* the ledger does not know yet what there is */
    }
    for (int kind = 0; kind < DAILY_KIND_COUNT && !daily_is_busy(daily); kind++) {
        struct wall_ms at = {0};
        if (!next_of(daily, (enum daily_kind)kind, &at) || at.ms > now.ms) {
            continue;
        }
        daily->done[kind] = at;
        if (now.ms - at.ms <= DAILY_LATE_MS) {
            do_kind(daily, (enum daily_kind)kind);
        }
    }
}

void daily_go(struct daily *daily)
{
    if (daily->adding || daily->console->terminating) {
        return;
    }
    if (daily->morning || daily->brief) {
        round_go_on(daily);
    } else if (daily->canary_waits) {
        send_canary(daily);
    } else {
        begin_due(daily);
    }
}

static void on_timer(void *context)
{
    struct daily *daily = context;
    const bool stepped = daily->console->env->clock->mode == CLOCK_STEPPED;
    loop_timer_arm(daily->timer, LOOK_MS); /* what is done below may arm it sooner */
    if (!stepped || daily_is_busy(daily)) {
        daily_go(daily);
    }
}

struct daily *daily_create(struct console *console)
{
    struct daily *daily = calloc(1, sizeof(*daily));
    if (!daily) {
        return NULL;
    }
    daily->console = console;
    daily->canary_day = INT32_MIN;
    daily->timer = loop_timer_create(console->env->loop, on_timer, daily);
    if (!daily->timer) {
        free(daily);
        return NULL;
    }
    const bool stepped = console->env->clock->mode == CLOCK_STEPPED;
    for (int kind = 0; kind < DAILY_KIND_COUNT; kind++) {
        daily->done[kind] = wall_add(role_now(console->env), stepped ? -1 : -DAILY_LATE_MS);
    }
    loop_timer_arm(daily->timer, LOOK_MS);
    return daily;
}

void daily_free(struct daily *daily)
{
    if (daily) {
        loop_timer_free(daily->timer);
        round_end(daily);
        free(daily);
    }
}
