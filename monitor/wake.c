/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wake: claims the cases whose timer is due, fires what is due, commits alerts, outbox and the
 * next timer as one step. There is no read cursor over due time: every look asks for all scores
 * up to now. Sleeps to the nearest score known, at most WAKE_SLEEP_MS_MAX, because others may set
 * earlier timers. A claimed case whose commit never happened comes back when the lease is out.
 */
#include <stdlib.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "monitor/internal.h"

#define WAKE_SLEEP_MS_MAX ((int64_t)1000)
#define WAKE_LATER_MS     ((int64_t)60 * 60 * 1000) /* a case that cannot be computed */

struct due_case {
    struct text id;
    struct text record;
    int64_t version;
    bool done;
    struct step_result result;
};

/* One partition's wheel: at most one claim and its commits are under way. */
struct wheel {
    struct wake *wake;
    int32_t partition;
    struct loop_timer *timer;
    bool busy;
    bool again; /* something earlier was hinted while busy */
    struct wall_ms next;
    int64_t backoff_ms;
    size_t claim_max;   /* cases at once; fewer after trouble, since large ones may be too much */
    struct arena arena; /* ids and records of the claim */
    struct due_case cases[STORE_BATCH_MAX];
    size_t case_count;
    size_t asked[STORE_BATCH_MAX];
    size_t asked_count;
    bool full; /* the claim came back full: look again at once */
    bool waiting;
};

struct wake {
    struct monitor *monitor;
    struct wheel *wheels;
    size_t wheel_count;
};

static void wheel_claim(struct wheel *wheel);
static void wheel_commit(struct wheel *wheel);

static void wheel_clear(struct wheel *wheel)
{
    for (size_t index = 0; index < wheel->case_count; index++) {
        step_result_release(&wheel->cases[index].result);
    }
    wheel->case_count = 0;
    arena_reset(&wheel->arena);
}

static void wheel_sleep(struct wheel *wheel)
{
    struct role_env *env = wheel->wake->monitor->env;
    int64_t sleep_ms = clock_real_ms_until(env->clock, wheel->next);
    if (sleep_ms > WAKE_SLEEP_MS_MAX) {
        sleep_ms = WAKE_SLEEP_MS_MAX;
    }
    loop_timer_arm(wheel->timer, sleep_ms);
}

static void wheel_rest(struct wheel *wheel)
{
    wheel_clear(wheel);
    wheel->busy = false;
    if (wheel->wake->monitor->terminating) {
        monitor_maybe_stop(wheel->wake->monitor);
        return;
    }
    if (wheel->full || wheel->again) {
        loop_timer_arm(wheel->timer, 0);
    } else {
        wheel_sleep(wheel);
    }
}

/* Large cases may be too much for one answer: ask for fewer, and slowly for more again. */
static void wheel_ask_fewer(struct wheel *wheel)
{
    wheel->claim_max = wheel->claim_max > 1 ? wheel->claim_max / 2 : 1;
}

static void wheel_ask_more(struct wheel *wheel, size_t got)
{
    if (got >= wheel->claim_max && wheel->claim_max < STORE_BATCH_MAX) {
        wheel->claim_max++;
    }
}

/* The store said no. Claimed cases are kept and tried again; the lease guards them meanwhile. */
static void wheel_wait(struct wheel *wheel, const char *operation, enum err err, const char *why)
{
    monitor_store_trouble(wheel->wake->monitor, operation, err, why);
    wheel->waiting = true;
    loop_timer_arm(wheel->timer, monitor_backoff(&wheel->backoff_ms));
}

/* ---- compute and commit ---- */

/* Keep the record as it is and look again in an hour, so that the others go on. */
static void case_give_up(struct wheel *wheel, struct due_case *due, const char *reason)
{
    wheel->wake->monitor->counts.cases_damaged++;
    log_error(
        "case_not_computed", "case=%.*s why=\"%s\" next=\"tried again in an hour\"",
        TEXT_ARGS(due->id), reason);
    buf_clear(&due->result.facts);
    buf_clear(&due->result.outbox);
    buf_clear(&due->result.record);
    buf_text(&due->result.record, due->record);
    due->result.changed = true;
    due->result.has_wake = true;
    due->result.wake = wall_add(role_now(wheel->wake->monitor->env), WAKE_LATER_MS);
}

/* False: the case has met a version of the rules that is not here yet. */
static bool case_compute(struct wheel *wheel, struct due_case *due)
{
    struct monitor *monitor = wheel->wake->monitor;
    struct role_env *env = monitor->env;
    const struct step_context context = {
        .rulebook = &env->rulebook,
        .partition = wheel->partition,
        .now = role_now(env),
        .case_id = due->id,
        .record = due->record,
        .any_version = monitor_takes_any_version(monitor),
        .settings = env->settings,
        .bundle = env->bundle,
    };
    step_result_release(&due->result);
    step_result_init(&due->result);
    struct err_why why = {{0}};
    if (due->record.bytes == 0) {
        /* A timer without a record: nothing to fire, the claim only has to go. */
        due->done = true;
        return true;
    }
    const enum err err = step_wake(&context, &due->result, &why);
    if (err == ERR_NOT_FOUND) {
        monitor_await_version(monitor);
        return false;
    }
    if (err) {
        case_give_up(wheel, due, why.text);
    }
    return true;
}

static void wheel_committed(
    void *context, enum err err, const char *why, const int64_t *versions, size_t count);

static void wheel_loaded(
    void *context, enum err err, const char *why, const struct store_case *cases, size_t count)
{
    struct wheel *wheel = context;
    if (err) {
        wheel_ask_fewer(wheel);
        wheel_wait(wheel, "load", err, why);
        return;
    }
    MUST(count == wheel->asked_count);
    wheel_ask_more(wheel, count);
    for (size_t index = 0; index < count; index++) {
        struct due_case *due = &wheel->cases[wheel->asked[index]];
        due->version = cases[index].version;
        due->record = arena_text(&wheel->arena, cases[index].record);
    }
    wheel_commit(wheel);
}

/* Cases that lost a race (an event came in between) are loaded and computed again. */
static void wheel_reload(struct wheel *wheel)
{
    struct text ids[STORE_BATCH_MAX];
    wheel->asked_count = 0;
    for (size_t index = 0; index < wheel->case_count && wheel->asked_count < wheel->claim_max;
         index++) {
        if (!wheel->cases[index].done) {
            ids[wheel->asked_count] = wheel->cases[index].id;
            wheel->asked[wheel->asked_count++] = index;
        }
    }
    if (wheel->asked_count == 0) {
        wheel_rest(wheel);
        return;
    }
    store_cases_load(
        wheel->wake->monitor->env->store, wheel->partition, ids, wheel->asked_count, wheel_loaded,
        wheel);
}

static void case_to_step(const struct due_case *due, struct store_step *ret_step)
{
    *ret_step = (struct store_step){
        .case_id = due->id,
        .expected_version = due->version,
        .record = buf_view(&due->result.record),
        .has_wake = due->result.has_wake,
        .wake = due->result.wake,
        .release_claim = true,
        .facts = buf_view(&due->result.facts),
        .outbox = buf_view(&due->result.outbox),
    };
}

static void wheel_commit(struct wheel *wheel)
{
    struct store_step steps[STORE_BATCH_MAX];
    size_t bytes = 0;
    wheel->asked_count = 0;
    for (size_t index = 0; index < wheel->case_count && bytes < COMMIT_BYTES_MAX; index++) {
        struct due_case *due = &wheel->cases[index];
        if (due->done) {
            continue;
        }
        if (!case_compute(wheel, due)) {
            wheel_wait(wheel, "configuration", ERR_NOT_FOUND, "a newer version is being read");
            return;
        }
        if (due->done) {
            continue;
        }
        case_to_step(due, &steps[wheel->asked_count]);
        wheel->asked[wheel->asked_count++] = index;
        bytes += step_bytes(&due->result);
    }
    if (wheel->asked_count == 0) {
        wheel_rest(wheel);
        return;
    }
    failpoint_hit("wake_before_commit");
    store_commit(
        wheel->wake->monitor->env->store, wheel->partition, steps, wheel->asked_count,
        wheel_committed, wheel);
}

static void case_committed(struct wheel *wheel, struct due_case *due)
{
    due->done = true;
    monitor_count_step(wheel->wake->monitor, &due->result);
    if (due->result.has_wake && due->result.wake.ms < wheel->next.ms) {
        wheel->next = due->result.wake;
    }
}

static void wheel_committed(
    void *context, enum err err, const char *why, const int64_t *versions, size_t count)
{
    struct wheel *wheel = context;
    if (err) {
        wheel_wait(wheel, "commit", err, why);
        return;
    }
    failpoint_hit("wake_after_commit");
    wheel->backoff_ms = 0;
    struct monitor_counts *counts = &wheel->wake->monitor->counts;
    counts->commits++;
    MUST(count == wheel->asked_count);
    for (size_t index = 0; index < count; index++) {
        if (versions[index] > 0) {
            case_committed(wheel, &wheel->cases[wheel->asked[index]]);
        } else {
            counts->conflicts++;
        }
    }
    wheel_reload(wheel); /* rests when all are done */
}

/* ---- claim ---- */

static void wheel_take(struct wheel *wheel, const struct store_claimed *claimed)
{
    for (size_t index = 0; index < claimed->due_count; index++) {
        const struct store_case *record = &claimed->due[index].record;
        struct due_case *due = &wheel->cases[wheel->case_count++];
        *due = (struct due_case){
            .id = arena_text(&wheel->arena, record->id),
            .record = arena_text(&wheel->arena, record->record),
            .version = record->version,
        };
        step_result_init(&due->result);
    }
}

static void wheel_claimed(
    void *context, enum err err, const char *why, const struct store_claimed *claimed)
{
    struct wheel *wheel = context;
    if (err) {
        wheel_ask_fewer(wheel);
        wheel_clear(wheel);
        wheel->busy = false;
        monitor_store_trouble(wheel->wake->monitor, "claim", err, why);
        loop_timer_arm(wheel->timer, monitor_backoff(&wheel->backoff_ms));
        monitor_maybe_stop(wheel->wake->monitor);
        return;
    }
    wheel->backoff_ms = 0;
    wheel->next = claimed->has_next ? claimed->next : (struct wall_ms){WALL_MS_MAX};
    MUST(claimed->due_count <= STORE_BATCH_MAX);
    if (claimed->due_count > 0) {
        failpoint_hit("wake_after_claim");
    }
    wheel->full = claimed->due_count >= wheel->claim_max;
    wheel_ask_more(wheel, claimed->due_count);
    wheel_take(wheel, claimed);
    wheel_commit(wheel); /* rests when nothing is due */
}

static void wheel_claim(struct wheel *wheel)
{
    struct role_env *env = wheel->wake->monitor->env;
    wheel->busy = true;
    wheel->again = false;
    wheel->full = false;
    store_timers_claim(
        env->store, wheel->partition, role_now(env), wheel->claim_max,
        env->clock->mode == CLOCK_STEPPED, wheel_claimed, wheel);
}

static void wheel_fire(void *context)
{
    struct wheel *wheel = context;
    if (wheel->waiting) {
        wheel->waiting = false;
        wheel_reload(wheel);
        return;
    }
    if (!wheel->busy && !wheel->wake->monitor->terminating) {
        wheel_claim(wheel);
    }
}

/* ---- the role's side ---- */

static void wheel_look(struct wheel *wheel)
{
    if (wheel->waiting) {
        return;
    }
    if (wheel->busy) {
        wheel->again = true;
    } else {
        loop_timer_arm(wheel->timer, 0);
    }
}

void wake_hint(struct wake *wake, int32_t partition, struct wall_ms at)
{
    MUST(partition >= 0 && (size_t)partition < wake->wheel_count);
    struct wheel *wheel = &wake->wheels[partition];
    if (at.ms <= role_now(wake->monitor->env).ms) {
        wheel_look(wheel);
        return;
    }
    if (at.ms < wheel->next.ms) {
        wheel->next = at;
        if (!wheel->busy && !wheel->waiting) {
            wheel_sleep(wheel);
        }
    }
}

void wake_all(struct wake *wake)
{
    for (size_t index = 0; index < wake->wheel_count; index++) {
        wheel_look(&wake->wheels[index]);
    }
}

bool wake_is_idle(const struct wake *wake)
{
    for (size_t index = 0; index < wake->wheel_count; index++) {
        if (wake->wheels[index].busy && wake->wheels[index].case_count > 0) {
            return false;
        }
    }
    return true;
}

void wake_free(struct wake *wake)
{
    if (!wake) {
        return;
    }
    for (size_t index = 0; index < wake->wheel_count; index++) {
        struct wheel *wheel = &wake->wheels[index];
        wheel_clear(wheel);
        arena_release(&wheel->arena);
        loop_timer_free(wheel->timer);
    }
    free(wake->wheels);
    free(wake);
}

static bool wheel_init(struct wheel *wheel, struct wake *wake, int32_t partition)
{
    wheel->wake = wake;
    wheel->partition = partition;
    wheel->next = (struct wall_ms){WALL_MS_MAX};
    wheel->claim_max = STORE_BATCH_MAX;
    arena_init(&wheel->arena, 0);
    wheel->timer = loop_timer_create(wake->monitor->env->loop, wheel_fire, wheel);
    if (!wheel->timer) {
        return false;
    }
    loop_timer_arm(wheel->timer, 0);
    return true;
}

struct wake *wake_create(struct monitor *monitor)
{
    const size_t partitions = (size_t)store_partitions(monitor->env->store);
    struct wake *wake = calloc(1, sizeof(*wake));
    struct wheel *wheels = calloc(partitions, sizeof(*wheels));
    if (!wake || !wheels) {
        free(wake);
        free(wheels);
        return NULL;
    }
    wake->monitor = monitor;
    wake->wheels = wheels;
    wake->wheel_count = partitions;
    for (size_t index = 0; index < partitions; index++) {
        if (!wheel_init(&wheels[index], wake, (int32_t)index)) {
            wake_free(wake);
            return NULL;
        }
    }
    return wake;
}
