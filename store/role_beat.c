/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heartbeats: every two seconds one JSON text under the instance's name, which expires when the
 * process is gone. They are what /metrics, readiness and `nrt doctor` show, so they must not be
 * held up by the role's own work: a beat that is still under way is not repeated.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "rules/record.h"
#include "store/role_apply.h"
#include "store/role_kinds.h"

struct role_beat {
    struct role_env *env;
    const char *role;
    struct loop_timer *timer;
    struct buf json;
    int64_t expected_ms; /* when the timer should fire; behind it is the loop's lag */
    struct wall_ms started;
    bool under_way;
};

static void beat_done(void *context, enum err err, const char *why)
{
    struct role_beat *beat = context;
    struct role_env *env = beat->env;
    const bool failing = env->trouble[0] != '\0';
    beat->under_way = false;
    env->trouble[0] = '\0';
    if (err != ERR_OK) {
        (void)snprintf(
            env->trouble, sizeof(env->trouble), "%s", why && why[0] ? why : err_name(err));
    }
    if (err != ERR_OK && !failing) {
        log_warn("heartbeat_failed", "err=%s why=\"%s\"", err_name(err), env->trouble);
    }
}

static void write_counters(struct role_beat *beat, struct json_out *out, int64_t lag_ms)
{
    struct role_counter counters[ROLE_COUNTERS_MAX];
    struct role_env *env = beat->env;
    size_t count = role_process_counters(counters, ROLE_COUNTERS_MAX);
    counters[count++] = (struct role_counter){"loop_lag_ms", lag_ms};
    if (env->counters) {
        count += env->counters(env->role, counters + count, ROLE_COUNTERS_MAX - count);
    }
    json_out_key(out, "counters");
    json_out_open(out, '{');
    for (size_t i = 0; i < count; i++) {
        json_out_member_i64(out, counters[i].name, counters[i].value);
    }
    json_out_close(out, '}');
}

/* Whether the last configuration that was to be applied could be, and when one last could. */
static void write_reload(const struct role_env *env, struct json_out *out)
{
    const struct reload_state state = role_reload_state(env);
    json_out_key(out, "reload_successful");
    json_out_bool(out, state.successful);
    json_out_member_i64(out, "reload_success_at", state.success_at.ms);
}

static void write_beat(struct role_beat *beat, int64_t lag_ms)
{
    struct role_env *env = beat->env;
    struct json_out out;
    buf_clear(&beat->json);
    json_out_init(&out, &beat->json);
    json_out_open(&out, '{');
    json_out_member(&out, "role", text_of(beat->role));
    json_out_member(&out, "instance", text_of(env->instance));
    json_out_member_i64(&out, "pid", getpid());
    json_out_member_i64(&out, "started", beat->started.ms);
    json_out_member(&out, "version", text_of(NRT_VERSION));
    json_out_member(&out, "clock", text_of(clock_mode_name(env->clock->mode)));
    json_out_member_i64(&out, "now", role_now(env).ms);
    json_out_member_i64(&out, "config", env->bundle->version);
    write_reload(env, &out);
    json_out_member_i64(&out, "format", RECORD_FORMAT);
    write_counters(beat, &out, lag_ms);
    if (env->tell) {
        env->tell(env->role, &out);
    }
    json_out_close(&out, '}');
}

static void beat_fire(void *context)
{
    struct role_beat *beat = context;
    const int64_t now_ms = loop_real_ms(beat->env->loop);
    const int64_t lag_ms = now_ms > beat->expected_ms ? now_ms - beat->expected_ms : 0;
    beat->expected_ms = now_ms + ROLE_BEAT_MS;
    loop_timer_arm(beat->timer, ROLE_BEAT_MS);
    if (beat->under_way) {
        return;
    }
    write_beat(beat, lag_ms);
    if (buf_error(&beat->json) != ERR_OK) {
        log_warn("heartbeat_failed", "err=%s", err_name(buf_error(&beat->json)));
        return;
    }
    beat->under_way = true;
    store_instance_beat(beat->env->store, buf_view(&beat->json), ROLE_BEAT_TTL_MS, beat_done, beat);
}

struct role_beat *role_beat_create(struct role_env *env, const char *role)
{
    struct role_beat *beat = calloc(1, sizeof(*beat));
    if (!beat) {
        return NULL;
    }
    beat->env = env;
    beat->role = role;
    beat->started = clock_system();
    beat->expected_ms = loop_real_ms(env->loop);
    buf_init(&beat->json, ROLE_HEARTBEAT_MAX);
    beat->timer = loop_timer_create(env->loop, beat_fire, beat);
    if (!beat->timer) {
        free(beat);
        return NULL;
    }
    loop_timer_arm(beat->timer, 0);
    return beat;
}
