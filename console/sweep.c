/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before the first event goes out, every monitor must have read the version, and the ledger must
 * have caught up, so that no case that began under the older rules is missed. Then in batches:
 * cases from the ledger, events into the queues, the position into the journal.
 */
#include "console/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "rules/event.h"

#define BATCH_CASES 64
#define RETRY_MS    1000
#define LOOK_MS     50
#define LEDGER_MS   60000
/* Events of others must not wait behind a whole sweep: look at the queues every so many batches. */
#define BATCHES_BLIND 8
#define QUEUED_MAX    1024
#define ID_BYTES_MAX  160
#define WORD_BYTES    160
#define FACT_BYTES    8192
#define EVENT_BYTES   4096

enum sweep_step {
    SWEEP_RESTING,
    SWEEP_ROLES,  /* waiting for the monitors to know the version */
    SWEEP_LEDGER, /* waiting for the ledger to catch up */
    SWEEP_BATCH,  /* events are on their way into the queues */
    SWEEP_POSITION,
    SWEEP_ROOM, /* waiting for the monitors to take what is queued */
    SWEEP_STEP_COUNT
};

struct sweeper {
    struct console *console;
    struct loop_timer *timer;
    enum sweep_step step;
    bool waiting; /* an answer is under way */
    bool cancelled;

    /* The sweep under way; texts live in its arena. */
    struct arena arena;
    struct ledger_replan sweep;
    char after[ID_BYTES_MAX];

    int blind; /* batches since the queues were looked at */
    struct text ids[BATCH_CASES];
    struct arena batch;
    size_t count;
};

/* ---- what stands in journal and ledger ---- */

void sweep_fact(struct buf *fact, const struct ledger_replan *sweep, int64_t now_ms)
{
    struct json_out out;
    json_out_init(&out, fact);
    json_out_open(&out, '{');
    json_out_member(&out, "k", text_of("replan"));
    json_out_member(&out, "id", sweep->id);
    json_out_member_i64(&out, "at", sweep->at);
    json_out_member_i64(&out, "told_at", now_ms);
    json_out_member(&out, "by", sweep->by);
    json_out_member(&out, "note", sweep->note);
    json_out_member(&out, "kind", sweep->kind);
    json_out_member_i64(&out, "version", sweep->version);
    json_out_member(&out, "undo", sweep->undo);
    json_out_member(&out, "state", sweep->state);
    json_out_member_i64(&out, "done", sweep->done);
    json_out_member_i64(&out, "total", sweep->total);
    json_out_member(&out, "after", sweep->after_case);
    json_out_member(&out, "why", sweep->why);
    json_out_close(&out, '}');
}

bool sweep_next_id(struct console *console, char ret_id[static CHANGE_ID_BYTES])
{
    int64_t known = 0;
    if (ledger_replan_last_number(console->ledger, &known)) {
        return false;
    }
    known = change_number_before(console, known);
    console->replan_number = known > console->replan_number ? known : console->replan_number;
    console->replan_number++;
    (void)snprintf(ret_id, CHANGE_ID_BYTES, "r%lld", (long long)console->replan_number);
    return true;
}

static bool copy_sweep(void *context, const struct ledger_replan *row)
{
    struct sweeper *self = context;
    struct arena *arena = &self->arena;
    self->sweep = *row;
    self->sweep.id = arena_text(arena, row->id);
    self->sweep.by = arena_text(arena, row->by);
    self->sweep.note = arena_text(arena, row->note);
    self->sweep.kind = arena_text(arena, row->kind);
    self->sweep.undo = arena_text(arena, row->undo);
    self->sweep.state = arena_text(arena, row->state);
    self->sweep.why = arena_text(arena, row->why);
    (void)snprintf(self->after, sizeof(self->after), "%.*s", TEXT_ARGS(row->after_case));
    self->sweep.after_case = text_of(self->after);
    return false;
}

/* The oldest one that is running; false when there is none. */
static bool load_next(struct sweeper *self)
{
    char id[CHANGE_ID_BYTES];
    struct list_end end;
    arena_reset(&self->arena);
    self->sweep = (struct ledger_replan){0};
    if (ledger_replan_running(self->console->ledger, id) || !id[0]) {
        return false;
    }
    const struct replan_query query = {.id = text_of(id), .limit = 1};
    return !ledger_replans(self->console->ledger, &query, copy_sweep, self, &end) &&
           self->sweep.id.bytes > 0;
}

/* ---- batches ---- */

static bool keep_id(void *context, struct text id)
{
    struct sweeper *self = context;
    self->ids[self->count] = arena_text(&self->batch, id);
    self->count += self->ids[self->count].ptr != NULL;
    return true;
}

static enum err load_batch(struct sweeper *self)
{
    struct ledger *ledger = self->console->ledger;
    arena_reset(&self->batch);
    self->count = 0;
    if (self->sweep.undo.bytes > 0) {
        const struct swept_query query = {
            .replan = self->sweep.undo, .after = text_of(self->after), .limit = BATCH_CASES};
        return ledger_swept_cases(ledger, &query, keep_id, self);
    }
    const struct open_query query = {.after = text_of(self->after), .limit = BATCH_CASES};
    return ledger_open_cases(ledger, &query, keep_id, self);
}

static void write_event(struct sweeper *self, struct text case_id, struct buf *event)
{
    const struct view view = console_view(self->console, NULL);
    const struct ledger_replan *sweep = &self->sweep;
    const bool recount = text_is(sweep->kind, "recount");
    struct json_out out;
    char id[ID_BYTES_MAX + CHANGE_ID_BYTES];
    (void)snprintf(id, sizeof(id), "%.*s:%.*s", TEXT_ARGS(sweep->id), TEXT_ARGS(case_id));
    json_out_init(&out, event);
    json_out_open(&out, '{');
    json_out_member(&out, "specversion", text_of("1.0"));
    json_out_member(&out, "id", text_of(id));
    json_out_member(&out, "source", text_of(EVENT_SOURCE_OWN));
    json_out_member(&out, "type", text_of(recount ? "case.recounted" : "case.replanned"));
    json_out_member(&out, "subject", case_id);
    api_member_ms(&view, &out, "time", sweep->at);
    json_out_key(&out, "data");
    json_out_open(&out, '{');
    if (sweep->undo.bytes > 0) {
        json_out_member(&out, "undo", sweep->undo);
    } else {
        json_out_member_i64(&out, "version", sweep->version);
    }
    json_out_member(&out, "replan", sweep->id);
    json_out_member(&out, "by", sweep->by);
    json_out_member(&out, "note", sweep->note);
    json_out_close(&out, '}');
    json_out_close(&out, '}');
}

static void on_added(
    void *context, enum err err, const char *why, const struct text *positions, size_t count);

static void add_batch(struct sweeper *self)
{
    struct store *store = self->console->env->store;
    struct store_item items[BATCH_CASES];
    struct buf events[BATCH_CASES];
    for (size_t index = 0; index < self->count; index++) {
        buf_init(&events[index], EVENT_BYTES + CHANGE_NOTE_BYTES_MAX * 6);
        write_event(self, self->ids[index], &events[index]);
        items[index] = (struct store_item){
            .partition = store_partition_of(store, self->ids[index]),
            .arrived = role_now(self->console->env),
            .body = buf_view(&events[index]),
        };
    }
    self->step = SWEEP_BATCH;
    self->waiting = true;
    store_queue_add(store, QUEUE_EVENTS, items, self->count, on_added, self);
    for (size_t index = 0; index < self->count; index++) {
        buf_release(&events[index]);
    }
}

/* ---- the position ---- */

static void on_position(void *context, enum err err, const char *why);

static void tell_position(struct sweeper *self)
{
    struct buf fact;
    buf_init(&fact, FACT_BYTES + CHANGE_NOTE_BYTES_MAX * 6);
    self->sweep.after_case = text_of(self->after);
    sweep_fact(&fact, &self->sweep, role_now(self->console->env).ms);
    self->step = SWEEP_POSITION;
    self->waiting = true;
    store_journal_add(self->console->env->store, 0, buf_view(&fact), on_position, self);
    buf_release(&fact);
}

static void try_again(struct sweeper *self, const char *what, enum err err, const char *why)
{
    log_warn(
        "sweep_waits", "sweep=%.*s step=%s err=%s why=\"%s\"", TEXT_ARGS(self->sweep.id), what,
        err_name(err), why ? why : "");
    loop_timer_arm(self->timer, RETRY_MS);
}

static void on_added(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    struct sweeper *self = context;
    (void)positions;
    (void)count;
    self->waiting = false;
    if (err) {
        try_again(self, "add", err, why); /* the same ones again: they count once */
        return;
    }
    failpoint_hit("sweep_after_add");
    (void)snprintf(self->after, sizeof(self->after), "%.*s", TEXT_ARGS(self->ids[self->count - 1]));
    self->sweep.done += (int64_t)self->count;
    tell_position(self);
}

static void on_position(void *context, enum err err, const char *why)
{
    struct sweeper *self = context;
    self->waiting = false;
    if (err) {
        try_again(self, "position", err, why);
        return;
    }
    failpoint_hit("sweep_after_position");
    if (text_is(self->sweep.state, "running")) {
        self->step = ++self->blind < BATCHES_BLIND ? SWEEP_BATCH : SWEEP_ROOM;
    } else {
        log_info(
            "sweep_ended", "sweep=%.*s state=%.*s cases=%lld", TEXT_ARGS(self->sweep.id),
            TEXT_ARGS(self->sweep.state), (long long)self->sweep.done);
        self->step = SWEEP_RESTING;
    }
    loop_timer_arm(self->timer, 0);
}

static void end_cancelled(struct sweeper *self)
{
    self->sweep.state = TEXT_LITERAL("cancelled");
    tell_position(self);
}

static void next_batch(struct sweeper *self)
{
    const enum err err = load_batch(self);
    if (err) {
        try_again(self, "ledger", err, "the ledger could not be read");
    } else if (self->count == 0) {
        self->sweep.state = TEXT_LITERAL("done");
        self->sweep.total = self->sweep.done;
        tell_position(self);
    } else {
        add_batch(self);
    }
}

static void on_queues(
    void *context, enum err err, const char *why, const struct store_overview *overview)
{
    struct sweeper *self = context;
    int64_t queued = 0;
    self->waiting = false;
    if (err) {
        try_again(self, "queues", err, why);
        return;
    }
    for (size_t index = 0; index < overview->partition_count; index++) {
        queued += overview->partitions[index].events;
    }
    if (queued <= QUEUED_MAX) {
        self->blind = 0;
        self->step = SWEEP_BATCH;
    }
    loop_timer_arm(self->timer, queued <= QUEUED_MAX ? 0 : LOOK_MS);
}

/* ---- before the first batch ---- */

static void on_caught_up(void *context, enum err err)
{
    struct sweeper *self = context;
    struct list_end end;
    self->waiting = false;
    if (err) {
        try_again(self, "ledger", err, "the ledger is behind");
        return;
    }
    /* Perhaps a console before us came further than the ledger knew when this one was read. */
    const struct replan_query query = {.id = self->sweep.id, .limit = 1};
    if (ledger_replans(self->console->ledger, &query, copy_sweep, self, &end)) {
        try_again(self, "ledger", ERR_IO, "the ledger could not be read");
        return;
    }
    if (!text_is(self->sweep.state, "running")) {
        self->step = SWEEP_RESTING;
    } else {
        self->step = SWEEP_BATCH;
        if (self->sweep.total == 0 &&
            ledger_open_count(self->console->ledger, &self->sweep.total)) {
            self->sweep.total = 0;
        }
    }
    loop_timer_arm(self->timer, 0);
}

/* Does a monitor still work with an older version than this sweep's? */
static bool lags(const struct store_instance *instance, int64_t version)
{
    struct json_doc *doc = NULL;
    int64_t config = 0;
    if (json_parse(instance->json, &json_limits_event, &doc, NULL)) {
        return false;
    }
    const bool monitor = text_is(json_get_string(json_root(doc), "role"), "monitor");
    const bool read = !json_i64(json_get(json_root(doc), "config"), &config);
    json_free(doc);
    return monitor && read && config < version;
}

static void on_instances(
    void *context,
    enum err err,
    const char *why,
    const struct store_instance *instances,
    size_t count)
{
    struct sweeper *self = context;
    bool behind = false;
    self->waiting = false;
    if (err) {
        try_again(self, "roles", err, why);
        return;
    }
    for (size_t index = 0; index < count; index++) {
        behind = behind || lags(&instances[index], self->sweep.version);
    }
    self->step = behind ? SWEEP_ROLES : SWEEP_LEDGER;
    loop_timer_arm(self->timer, behind ? LOOK_MS : 0);
}

/* ---- steps ---- */

static void go_on(void *context)
{
    struct sweeper *self = context;
    if (self->waiting || self->console->terminating) {
        return;
    }
    if (self->cancelled && self->step != SWEEP_RESTING && self->step != SWEEP_POSITION) {
        end_cancelled(self);
        return;
    }
    switch (self->step) {
    case SWEEP_RESTING:
        self->cancelled = false;
        if (load_next(self)) {
            char after[LOG_QUOTED_BYTES];
            log_info(
                "sweep_begins", "sweep=%.*s kind=%.*s version=%lld after=%s",
                TEXT_ARGS(self->sweep.id), TEXT_ARGS(self->sweep.kind),
                (long long)self->sweep.version, log_quote(text_of(self->after), after));
            self->step = SWEEP_ROLES;
            loop_timer_arm(self->timer, 0);
        }
        return;
    case SWEEP_ROLES:
        self->waiting = true;
        store_instances_read(self->console->env->store, on_instances, self);
        return;
    case SWEEP_LEDGER:
        self->waiting = true;
        catch_up_begin(self->console, self->sweep.undo.bytes > 0, LEDGER_MS, on_caught_up, self);
        return;
    case SWEEP_BATCH:
        next_batch(self);
        return;
    case SWEEP_POSITION:
        tell_position(self);
        return;
    case SWEEP_ROOM:
        self->waiting = true;
        store_overview_read(self->console->env->store, on_queues, self);
        return;
    case SWEEP_STEP_COUNT:
        break;
    }
}

void sweeper_look(struct sweeper *sweeper)
{
    if (sweeper->step == SWEEP_RESTING) {
        go_on(sweeper);
    }
}

bool sweeper_is_busy(const struct sweeper *sweeper)
{
    return sweeper->step != SWEEP_RESTING;
}

bool sweeper_cancel(struct sweeper *sweeper, struct text id)
{
    if (sweeper->step == SWEEP_RESTING || !text_equal(sweeper->sweep.id, id)) {
        return false;
    }
    sweeper->cancelled = true;
    return true;
}

struct sweeper *sweeper_create(struct console *console)
{
    struct sweeper *self = calloc(1, sizeof(*self));
    if (!self) {
        return NULL;
    }
    self->console = console;
    arena_init(&self->arena, 0);
    arena_init(&self->batch, 0);
    self->timer = loop_timer_create(console->env->loop, go_on, self);
    if (!self->timer) {
        sweeper_free(self);
        return NULL;
    }
    return self;
}

void sweeper_free(struct sweeper *sweeper)
{
    if (sweeper) {
        loop_timer_free(sweeper->timer);
        arena_release(&sweeper->arena);
        arena_release(&sweeper->batch);
        free(sweeper);
    }
}
