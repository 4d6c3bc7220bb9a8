/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One copy of the control, and one write of it at a time. What this notifier wants changed (the
 * mark of being alive, messages counted, a watch or the brake) is applied to the newest copy and
 * written over its revision; when somebody was faster it is read and applied again.
 */
#include "notifiers/control.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "config/sending.h"
#include "notifiers/notifier_parts.h"
#include "notifiers/storm.h"
#include "store/ops_notice.h"

#define ALIVE_EVERY_MS    60000
#define WATCH_MS          120000
#define HOLD_MS           ((int64_t)3600 * 1000) /* then asked again; lifting a stop wakes */
#define UNKNOWN_MS        1000
#define CONTROL_BYTES     ((size_t)64 * 1024)
#define DAY_MS            ((int64_t)24 * 3600 * 1000)
#define REASON_TOLD_BYTES 160
#define MS_PER_MINUTE     60000
#define MINUTES_PER_HOUR  60

struct control_changes {
    int64_t counted; /* messages of the watch */
    bool watch_begins;
    bool watch_ends;
    bool brake;
};

struct control_part {
    struct notifier *notifier;
    bool asked;
    bool known;
    bool writing;
    bool stale; /* a write failed: the copy is ahead of the store until it is read again */
    int64_t revision;
    struct wall_ms started; /* a gap ends here, however late the control is read */
    struct arena arena;     /* of `sending` */
    struct sending sending;
    struct control_changes wanted;
    struct control_changes written;    /* of them, those of the write under way */
    bool restored;                     /* the brake is for a restored data folder */
    char reason[CONTROL_REASON_BYTES]; /* of watch or brake */
    struct storm storm;
    int32_t waking; /* partition being woken, -1: none */
};

/* How much holds messages back; where it becomes less, some may go. */
static size_t holds(const struct sending *sending)
{
    return sending->stop_count + (sending->unreadable ? 1 : 0) + (sending->brake.on ? 1 : 0) +
           (sending->watch.on ? 1 : 0);
}

/* ---- waking what waits, when nothing holds it back any more ---- */

static void wake_next(struct control_part *control);

static void on_woken(void *context, enum err err, const char *why, int64_t count)
{
    struct control_part *control = context;
    if (err) { /* what was not woken asks again within the hour */
        notifier_store_trouble(control->notifier, "mail_wake", err, why);
        control->waking = -1;
        return;
    }
    if (count == 0) {
        mail_claim_soon(control->notifier, control->waking);
        control->waking++;
    }
    wake_next(control);
}

static void wake_next(struct control_part *control)
{
    struct role_env *env = control->notifier->env;
    if (control->waking == store_partitions(env->store)) {
        control->waking = -1;
        return;
    }
    store_mail_wake(env->store, control->waking, role_now(env), on_woken, control);
}

static void take_over(struct control_part *control, int64_t revision, struct text json)
{
    const size_t held = holds(&control->sending);
    arena_reset(&control->arena);
    sending_read(json, &control->arena, &control->sending);
    control->revision = revision;
    if (control->sending.unreadable) {
        log_error("sending_control_unreadable", "revision=%" PRId64, revision);
    }
    if (!control->sending.brake.on) {
        ops_clear(control->notifier->env, OPS_STORM_BRAKE, (struct text){0});
    }
    if (holds(&control->sending) < held && control->waking < 0) {
        control->waking = 0;
        wake_next(control);
    }
}

/* ---- writing ---- */

static void mark_path(const struct control_part *control, char path[static 4096])
{
    (void)snprintf(path, 4096, "%s/" RESTORED_MARK, control->notifier->env->data_folder);
}

static void apply_changes(struct control_part *control, struct wall_ms now)
{
    struct sending *sending = &control->sending;
    if (sending->alive.ms < now.ms) {
        sending->alive = now;
    }
    if (control->wanted.watch_begins && !sending->brake.on && !sending->watch.on) {
        sending->watch = (struct sending_watch){
            .on = true, .until = wall_add(now, WATCH_MS), .reason = text_of(control->reason)};
    }
    if (sending->watch.on) {
        sending->watch.messages += control->wanted.counted;
    }
    if (control->wanted.watch_ends) {
        sending->watch = (struct sending_watch){0};
    }
    if (control->wanted.brake && !sending->brake.on) {
        sending_brake(sending, text_of(control->reason), now);
    }
}

/* What the mark says is in the control now. */
static void take_mark_away(const struct control_part *control)
{
    char path[4096];
    mark_path(control, path);
    if (control->restored && unlink(path) != 0) {
        log_warn("restored_mark_stays", "path=%s", RESTORED_MARK);
    }
}

/* What came while the write was under way stays wanted. */
static void forget_written(struct control_part *control)
{
    const struct control_changes *written = &control->written;
    struct control_changes *wanted = &control->wanted;
    take_mark_away(control);
    control->restored = false;
    wanted->counted -= written->counted;
    wanted->watch_begins = wanted->watch_begins && !written->watch_begins;
    wanted->watch_ends = wanted->watch_ends && !written->watch_ends;
    wanted->brake = wanted->brake && !written->brake;
}

static void on_written(
    void *context, enum err err, const char *why, int64_t revision, struct text json)
{
    struct control_part *control = context;
    control->writing = false;
    if (!err) {
        forget_written(control);
        take_over(control, revision, json);
        return;
    }
    control->stale = true;
    if (err == ERR_CONFLICT) {
        control_refresh(control);
    } else {
        notifier_store_trouble(control->notifier, "control_write", err, why);
    }
}

static void write_act(const struct control_part *control, struct wall_ms now, struct buf *facts)
{
    struct json_out out;
    if (!control->wanted.brake) {
        return;
    }
    json_out_init(&out, facts);
    json_out_open(&out, '{');
    json_out_member(&out, "k", TEXT_LITERAL("sending"));
    json_out_member(&out, "what", TEXT_LITERAL("brake"));
    json_out_member(&out, "scope", TEXT_LITERAL("all"));
    json_out_member(&out, "by", TEXT_LITERAL(""));
    json_out_member(&out, "note", text_of(control->reason));
    json_out_member_i64(&out, "at", now.ms);
    json_out_close(&out, '}');
}

static void write_control(struct control_part *control)
{
    struct role_env *env = control->notifier->env;
    const struct wall_ms now = role_now(env);
    struct buf json;
    struct buf facts;
    buf_init(&json, CONTROL_BYTES);
    buf_init(&facts, CONTROL_BYTES);
    apply_changes(control, now);
    sending_write(&control->sending, &json);
    write_act(control, now, &facts);
    if (!buf_error(&json) && !buf_error(&facts)) {
        const struct control_text text = {.text = buf_view(&json), .facts = buf_view(&facts)};
        control->writing = true;
        control->written = control->wanted;
        store_control_write(env->store, control->revision, &text, on_written, control);
    }
    buf_release(&json);
    buf_release(&facts);
}

static bool wants_write(const struct control_part *control, struct wall_ms now)
{
    return control->wanted.counted > 0 || control->wanted.watch_begins ||
           control->wanted.watch_ends || control->wanted.brake ||
           now.ms - control->sending.alive.ms >= ALIVE_EVERY_MS;
}

static void maintain(struct control_part *control)
{
    if (control->known && !control->writing && !control->stale && !control->sending.unreadable &&
        wants_write(control, role_now(control->notifier->env))) {
        write_control(control);
    }
}

/* ---- reading ---- */

static void tell_braked(const struct control_part *control)
{
    char zh[OPS_WORDS_BYTES];
    char en[OPS_WORDS_BYTES];
    const struct text reason = utf8_cut(text_of(control->reason), REASON_TOLD_BYTES);
    log_error(
        "storm_brake_engaged", "reason=\"%s\" release=\"nrt resume-sending\"", control->reason);
    (void)snprintf(
        zh, sizeof(zh), "风暴制动：消息暂扣待放行（%.*s）。核对后放行：nrt resume-sending",
        TEXT_ARGS(reason));
    (void)snprintf(
        en, sizeof(en), "storm brake: messages are held for release (%.*s): nrt resume-sending",
        TEXT_ARGS(reason));
    ops_raise(
        control->notifier->env, OPS_STORM_BRAKE, (struct text){0},
        (struct ops_words){.zh = zh, .en = en});
}

/* Whoever restored the data folder has said so. */
static bool is_restored(struct control_part *control)
{
    char path[4096];
    mark_path(control, path);
    if (!control->notifier->env->data_folder || access(path, F_OK) != 0) {
        return false;
    }
    control->restored = true;
    control->wanted.brake = true;
    (void)snprintf(
        control->reason, sizeof(control->reason),
        "the data folder was restored from a backup: what was sent since is not known");
    tell_braked(control);
    return true;
}

/* A service that was away for longer than it looks back does not know what it forgot. */
static void look_for_a_gap(struct control_part *control)
{
    struct role_env *env = control->notifier->env;
    const int64_t away_ms = control->started.ms - control->sending.alive.ms;
    if (control->sending.alive.ms == 0 || away_ms <= env->settings->backfill_ms ||
        env->settings->storm_after_start <= 0 || env->clock->mode == CLOCK_SCALED) {
        return;
    }
    const int64_t minutes = away_ms / MS_PER_MINUTE;
    (void)snprintf(
        control->reason, sizeof(control->reason),
        "nothing was sent for %" PRId64 " h %" PRId64 " min (a stop, or a restored backup)",
        minutes / MINUTES_PER_HOUR, minutes % MINUTES_PER_HOUR);
    log_warn("sending_watched", "reason=\"%s\"", control->reason);
    control->wanted.watch_begins = true;
}

static void on_read(
    void *context, enum err err, const char *why, int64_t revision, struct text json)
{
    struct control_part *control = context;
    const bool first = !control->known;
    control->asked = false;
    if (err) {
        notifier_store_trouble(control->notifier, "control_read", err, why);
        return;
    }
    if (control->writing) {
        return; /* its answer brings the newest */
    }
    control->known = true;
    if (first || control->stale || revision != control->revision) {
        control->stale = false;
        take_over(control, revision, json);
    }
    if (first && !is_restored(control)) {
        look_for_a_gap(control);
    }
    maintain(control);
}

void control_refresh(struct control_part *control)
{
    if (!control->asked) {
        control->asked = true;
        store_control_read(control->notifier->env->store, on_read, control);
    }
}

/* ---- deciding ---- */

static bool hold_until(struct wall_ms ready, const char *reason, struct control_hold *hold)
{
    hold->ready = ready;
    (void)snprintf(hold->reason, sizeof(hold->reason), "%s", reason);
    return false;
}

bool control_stops(const struct control_part *control, struct text channel, struct text unit)
{
    const struct sending_question question = {.channel = channel, .unit = unit};
    return control->known && sending_stopped(&control->sending, &question);
}

static bool not_stopped(
    const struct control_part *control, const struct mail_job *job, struct control_hold *hold)
{
    char reason[CONTROL_REASON_BYTES];
    const struct sending_question question = {
        .channel = job->channel, .unit = job->entry.values.unit_id};
    const struct sending_stop *stop = sending_stopped(&control->sending, &question);
    if (!stop) {
        return true;
    }
    const bool by_name = stop->by.bytes > 0;
    (void)snprintf(
        reason, sizeof(reason), "sending is stopped%s%.*s%s%.*s", by_name ? " by " : "",
        TEXT_ARGS(utf8_cut(stop->by, 64)), stop->note.bytes > 0 ? ": " : "",
        TEXT_ARGS(utf8_cut(stop->note, 128)));
    return hold_until(wall_add(role_now(control->notifier->env), HOLD_MS), reason, hold);
}

static void engage(struct control_part *control, int64_t messages, const char *when)
{
    (void)snprintf(
        control->reason, sizeof(control->reason), "%" PRId64 " messages at once %s", messages,
        when);
    tell_braked(control);
    control->wanted.brake = true;
    control->wanted.watch_ends = true;
    maintain(control);
}

/* Everything waits for the end of the watch; then few go, and many wait for a person. */
static bool passes_watch(struct control_part *control, struct control_hold *hold)
{
    struct role_env *env = control->notifier->env;
    const struct wall_ms now = role_now(env);
    const struct sending_watch *watch = &control->sending.watch;
    char reason[CONTROL_REASON_BYTES];
    const bool begins = control->wanted.watch_begins && !watch->on;
    const struct wall_ms until = begins ? wall_add(now, WATCH_MS) : watch->until;
    if (!begins && !watch->on) {
        return true;
    }
    if (now.ms < until.ms) {
        control->wanted.counted++;
        (void)snprintf(
            reason, sizeof(reason), "counted first: %.*s",
            begins ? (int)strlen(control->reason) : (int)watch->reason.bytes,
            begins ? control->reason : watch->reason.ptr);
        maintain(control);
        return hold_until(until, reason, hold);
    }
    const int64_t messages = watch->messages + control->wanted.counted;
    if (messages > env->settings->storm_after_start) {
        engage(control, messages, "after a time in which nothing was sent");
        return hold_until(wall_add(now, HOLD_MS), "held for release", hold);
    }
    control->wanted.watch_ends = true;
    maintain(control);
    return true;
}

static bool passes_brake(struct control_part *control, struct control_hold *hold)
{
    const struct sending_brake *brake = &control->sending.brake;
    char reason[CONTROL_REASON_BYTES];
    if (!brake->on && !control->wanted.brake) {
        return true;
    }
    (void)snprintf(
        reason, sizeof(reason), "held for release: %.*s",
        brake->on ? (int)brake->reason.bytes : (int)strlen(control->reason),
        brake->on ? brake->reason.ptr : control->reason);
    return hold_until(wall_add(role_now(control->notifier->env), HOLD_MS), reason, hold);
}

/* ---- what is usual ---- */

static int64_t count_of(struct control_part *control, struct wall_ms from, struct wall_ms until)
{
    struct err_why why = {0};
    int64_t count = 0;
    if (send_journal_count(control->notifier->journal, from, until, &count, &why)) {
        log_warn("usual_messages_unknown", "why=\"%s\"", why.text);
    }
    return count;
}

static void begin_slot(struct control_part *control, struct wall_ms now)
{
    const struct settings *settings = control->notifier->env->settings;
    const struct storm_limits limits = {
        .times = settings->storm_times, .least = settings->storm_least};
    const struct wall_ms start = storm_slot_start(now);
    struct storm_day days[STORM_DAYS] = {{0}};
    for (int day = 0; day < STORM_DAYS && limits.times > 0; day++) {
        const struct wall_ms then = wall_add(start, -(day + 1) * DAY_MS);
        days[day].in_slot = count_of(control, then, wall_add(then, STORM_SLOT_MS));
        days[day].in_day = count_of(control, then, wall_add(then, DAY_MS));
    }
    storm_begin(&control->storm, now, days, limits);
}

/* Messages under way are not seen yet: the bound is passed by those at most. */
static bool passes_storm(struct control_part *control, struct control_hold *hold)
{
    char when[96];
    const struct wall_ms now = role_now(control->notifier->env);
    if (storm_is_new(&control->storm, now)) {
        begin_slot(control, now);
    }
    if (!storm_is_full(&control->storm)) {
        return true;
    }
    (void)snprintf(
        when, sizeof(when), "in half an hour that usually brings %" PRId64, control->storm.usual);
    engage(control, control->storm.sent, when);
    return hold_until(wall_add(now, HOLD_MS), "held for release", hold);
}

void control_sent(struct control_part *control, int64_t messages)
{
    storm_count(&control->storm, messages);
}

bool control_lets_go(
    struct control_part *control, const struct mail_job *job, struct control_hold *ret_hold)
{
    if (!control->known) {
        return hold_until(
            wall_add(role_now(control->notifier->env), UNKNOWN_MS),
            "it is not known yet whether sending is stopped", ret_hold);
    }
    if (!not_stopped(control, job, ret_hold)) {
        return false;
    }
    if (job->entry.test) {
        return true;
    }
    return passes_brake(control, ret_hold) && passes_watch(control, ret_hold) &&
           passes_storm(control, ret_hold);
}

struct control_figures control_figures(const struct control_part *control)
{
    return (struct control_figures){
        .revision = control->revision,
        .stopped = control->sending.unreadable || control->sending.stop_count > 0,
        .braked = control->sending.brake.on || control->sending.watch.on,
    };
}

/* ---- beginning and end ---- */

struct control_part *control_create(struct notifier *notifier)
{
    struct control_part *control = calloc(1, sizeof(*control));
    if (!control) {
        return NULL;
    }
    control->notifier = notifier;
    control->started = role_now(notifier->env);
    control->waking = -1;
    arena_init(&control->arena, 0);
    return control;
}

void control_free(struct control_part *control)
{
    if (control) {
        arena_release(&control->arena);
        free(control);
    }
}
