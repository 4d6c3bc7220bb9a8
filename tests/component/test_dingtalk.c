/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt-test: timeout=180
 *
 * The whole notifier with its real HTTP engine against the strict DingTalk stand-in, on a service
 * time that both share: messages for one group come in by the outbox, and go out signed, at most
 * 18 a minute. When the robot closes all the same, everything waits and nothing is lost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/json.h"
#include "base/must.h"
#include "notifiers/http_engine.h"
#include "notifiers/notifier.h"
#include "store/store_open.h"
#include "tests/support/check.h"
#include "tests/support/child.h"

#define MESSAGES   50
#define START_MS   INT64_C(1790000000000) /* a Monday morning in September 2026 */
#define GUARD_MS   60000
#define BODY_BYTES ((size_t)4 * 1024 * 1024)

static char robot_url[64];
static const struct channel_option robot_options[] = {
    {.name = {"robots.default.token", 20}, .value = {"tok", 3}, .secret = true},
    {.name = {"robots.default.secret", 21}, .value = {"SEC123", 6}, .secret = true},
};
static struct channel_settings robot = {
    .name = {"dingtalk", 8},
    .type = {"dingtalk-robot", 14},
    .fallback_after_ms = 600000,
    .options = robot_options,
    .option_count = 2,
};

struct rig {
    struct child standin;
    struct event_base *base;
    struct memory_world *world;
    struct store *driver;
    struct prng prng;
    struct service_clock clock;
    struct settings settings;
    struct bundle *bundle;
    struct role_env env;
    struct http_engine *engine;
    struct send_journal *journal;
    struct notifier *notifier;
};

/* ---- the stand-in's own doors ---- */

static struct buf standin_call(const char *method, const char *path, const char *body)
{
    struct http_request request;
    struct http_fetched fetched;
    struct err_why why = {0};
    char url[128];
    snprintf(url, sizeof(url), "%s%s", robot_url, path);
    http_request_init(&request, method);
    http_request_url(&request, text_of(url), "/");
    buf_string(&request.body, body);
    request.answer_bytes_max = BODY_BYTES;
    MUST(http_fetch(&request, &fetched, &why) == ERR_OK && fetched.status == 200);
    http_request_release(&request);
    return fetched.body;
}

static void standin_tell(const char *path, const char *body)
{
    struct buf answer = standin_call("POST", path, body);
    buf_release(&answer);
}

static void set_time(struct rig *rig, struct wall_ms now)
{
    char body[64];
    snprintf(body, sizeof(body), "{\"now\":%lld}", (long long)now.ms);
    standin_tell("/standin/clock", body);
    clock_set(&rig->clock, now);
    if (rig->env.on_clock) {
        rig->env.on_clock(rig->env.role);
    }
}

/* ---- the rig ---- */

static void notifier_up(struct rig *rig)
{
    rig->env = (struct role_env){
        .base = rig->base,
        .loop = loop_libevent_create(rig->base),
        .store = store_memory_open(rig->world, TEXT_LITERAL("notifier-1")),
        .clock = &rig->clock,
        .settings = &rig->settings,
        .instance = "notifier-1",
        .data_folder = "",
        .bundle = rig->bundle,
    };
    rig->engine = http_engine_create(rig->base, true, NULL);
    rig->notifier = notifier_create(&rig->env, rig->engine, rig->journal);
    MUST(rig->engine && rig->notifier);
}

static void notifier_down(struct rig *rig)
{
    store_close(rig->env.store);
    rig->engine->ops->free(rig->engine);
    notifier_free(rig->notifier);
    loop_free(rig->env.loop);
}

static bool rig_init(struct rig *rig, const char *per_minute)
{
    struct report report;
    const char *const arguments[] = {"--clock",      "stepped",  "--robot", "tok=SEC123",
                                     "--per-minute", per_minute, NULL};
    *rig = (struct rig){0};
    if (!CHECK(child_start(&rig->standin, "dingtalk_standin.py", arguments))) {
        return false;
    }
    int port = 0;
    CHECK_EQ(sscanf(rig->standin.ready, "{\"port\": %d}", &port), 1);
    snprintf(robot_url, sizeof(robot_url), "http://127.0.0.1:%d", port);
    robot.url = text_of(robot_url);
    report_init(&report);
    rig->bundle = bundle_load_files(&(struct bundle_files){0}, &report);
    report_release(&report);
    settings_defaults(&rig->settings);
    rig->settings.channels = &robot;
    rig->settings.channel_count = 1;
    rig->base = event_base_new();
    rig->world = memory_world_create(1);
    rig->driver = store_memory_open(rig->world, TEXT_LITERAL("driver"));
    prng_seed(&rig->prng, 7);
    clock_init_stepped(&rig->clock, (struct wall_ms){.ms = START_MS});
    MUST(send_journal_open(":memory:", &rig->journal, NULL) == ERR_OK);
    set_time(rig, (struct wall_ms){.ms = START_MS});
    notifier_up(rig);
    return true;
}

static void rig_release(struct rig *rig)
{
    notifier_down(rig);
    store_close(rig->driver);
    memory_world_free(rig->world);
    send_journal_close(rig->journal);
    bundle_free(rig->bundle);
    event_base_free(rig->base);
    CHECK(child_stop(&rig->standin));
}

static void turn(struct rig *rig)
{
    memory_world_set_real(rig->world, clock_mono().ms);
    while (memory_world_step(rig->world, &rig->prng)) {
        continue;
    }
    const struct timeval soon = {.tv_usec = 2000};
    event_base_loopexit(rig->base, &soon);
    event_base_dispatch(rig->base);
}

struct answer {
    bool done;
    int64_t open_count; /* outbox and claims */
    int64_t mails;
    struct wall_ms next;
};

static void on_overview(
    void *context, enum err err, const char *why, const struct store_overview *overview)
{
    struct answer *answer = context;
    (void)why;
    MUST(err == ERR_OK);
    const struct store_stats *stats = &overview->partitions[0];
    answer->open_count = stats->outbox + stats->mail_claims;
    answer->mails = stats->mails;
    answer->next = stats->has_mail ? stats->oldest_mail : (struct wall_ms){0};
    answer->done = true;
}

static void on_added(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    (void)why;
    (void)positions;
    (void)count;
    MUST(err == ERR_OK);
    *(bool *)context = true;
}

/* One alert for the default robot, as the monitor would hand it over. */
static void add_alert(struct rig *rig, int number)
{
    char json[512];
    bool done = false;
    snprintf(
        json, sizeof(json),
        "[{\"alert\":\"a%d\",\"case\":\"c%d\",\"clock\":\"k\",\"run\":1,\"stage\":\"s\","
        "\"instant\":1,\"to\":[\"unit-a-head\"],\"via\":[\"dingtalk\"],\"send\":\"now\","
        "\"test\":true,\"values\":{\"title\":\"t%d\",\"unit_id\":\"unit-a\"}}]",
        number, number, number);
    const struct store_item item = {.body = text_of(json)};
    store_queue_add(rig->driver, QUEUE_OUTBOX, &item, 1, on_added, &done);
    while (!done) {
        turn(rig);
    }
}

/* Turn until nothing is under way at this instant; then what is the next one? */
static struct answer come_to_rest(struct rig *rig)
{
    const struct mono_ms until = mono_add(clock_mono(), GUARD_MS);
    for (;;) {
        struct answer answer = {0};
        store_overview_read(rig->driver, on_overview, &answer);
        while (!answer.done) {
            turn(rig);
        }
        const bool due = answer.mails > 0 && answer.next.ms <= clock_now(&rig->clock).ms;
        if ((answer.open_count == 0 && !due) || !CHECK(clock_mono().ms < until.ms)) {
            return answer;
        }
        turn(rig);
    }
}

/* Let service time run until all mailboxes are empty. */
static void run_out(struct rig *rig)
{
    for (int moves = 0; CHECK(moves < 10000); moves++) {
        const struct answer answer = come_to_rest(rig);
        if (answer.mails == 0 || answer.open_count > 0) {
            return;
        }
        set_time(rig, answer.next);
    }
}

/* ---- what the robot saw ---- */

struct seen {
    size_t accepted[MESSAGES];
    size_t accepted_count;
    size_t closed_count; /* 130101 */
    size_t other_count;
    size_t in_a_minute_max;
    int64_t last_ms;
};

static struct seen look(void)
{
    static int64_t times[1000];
    struct seen seen = {0};
    struct json_doc *doc = NULL;
    struct buf log = standin_call("GET", "/standin/log", "");
    MUST(json_parse(buf_view(&log), &json_limits_config, &doc, NULL) == ERR_OK);
    for (const struct json_value *line = json_first(json_root(doc)); line; line = json_next(line)) {
        int64_t code = 0;
        int number = -1;
        MUST(!json_i64(json_get(line, "errcode"), &code));
        if (code != 0) {
            seen.closed_count += code == 130101 ? 1 : 0;
            seen.other_count += code != 130101 ? 1 : 0;
            continue;
        }
        char title[64];
        snprintf(title, sizeof(title), "%.*s", TEXT_ARGS(json_get_string(line, "title")));
        if (CHECK_EQ(sscanf(title, "t%d", &number), 1) && number >= 0 && number < MESSAGES) {
            seen.accepted[number]++;
        }
        MUST(!json_i64(json_get(line, "at"), &seen.last_ms));
        times[seen.accepted_count++] = seen.last_ms;
        size_t in_a_minute = 0;
        for (size_t index = 0; index < seen.accepted_count; index++) {
            in_a_minute += times[index] > seen.last_ms - 60000 ? 1 : 0;
        }
        seen.in_a_minute_max =
            in_a_minute > seen.in_a_minute_max ? in_a_minute : seen.in_a_minute_max;
    }
    json_free(doc);
    buf_release(&log);
    return seen;
}

static void each_arrived(const struct seen *seen, size_t most)
{
    for (size_t index = 0; index < MESSAGES; index++) {
        check_note("message %zu", index);
        CHECK_GE(seen->accepted[index], 1);
        CHECK_GE(most, seen->accepted[index]);
    }
}

/* ---- facts ---- */

static void fifty_at_once_go_out_signed_and_eighteen_a_minute(void)
{
    struct rig rig;
    if (!rig_init(&rig, "20")) {
        return;
    }
    for (int number = 0; number < MESSAGES; number++) {
        add_alert(&rig, number);
    }
    run_out(&rig);
    const struct seen seen = look();
    each_arrived(&seen, 1);
    CHECK_EQ(seen.closed_count, 0);
    CHECK_EQ(seen.other_count, 0);
    CHECK_EQ(seen.in_a_minute_max, 18);
    CHECK_EQ(seen.last_ms, START_MS + 120000);
    rig_release(&rig);
}

static void a_robot_that_closes_is_left_alone_for_ten_minutes(void)
{
    struct rig rig;
    if (!rig_init(&rig, "10")) { /* others use it too: it closes earlier than we count */
        return;
    }
    for (int number = 0; number < MESSAGES; number++) {
        add_alert(&rig, number);
    }
    run_out(&rig);
    const struct seen seen = look();
    each_arrived(&seen, 1);
    CHECK_GE(seen.closed_count, 1);
    CHECK_GE(MESSAGES, seen.closed_count); /* it is not pounded while closed */
    CHECK_EQ(seen.other_count, 0);
    CHECK_GE(seen.last_ms - START_MS, 4 * 600000);
    rig_release(&rig);
}

static void the_window_is_remembered_over_a_crash(void)
{
    struct rig rig;
    if (!rig_init(&rig, "20")) {
        return;
    }
    for (int number = 0; number < MESSAGES; number++) {
        add_alert(&rig, number);
    }
    (void)come_to_rest(&rig); /* eighteen are out */
    notifier_down(&rig);
    notifier_up(&rig);
    (void)come_to_rest(&rig);
    struct seen seen = look();
    CHECK_EQ(seen.accepted_count, 18);
    run_out(&rig);
    seen = look();
    each_arrived(&seen, 1);
    CHECK_EQ(seen.closed_count, 0);
    rig_release(&rig);
}

static void a_robot_that_fails_in_every_way_gets_all_in_the_end(void)
{
    struct rig rig;
    if (!rig_init(&rig, "20")) {
        return;
    }
    standin_tell(
        "/standin/next",
        "{\"answers\":[{\"status\":500},{\"silent\":true},{\"lost\":true},{\"status\":503},{},{},"
        "{\"lost\":true},{\"status\":502},{\"status\":429}]}");
    for (int number = 0; number < MESSAGES; number++) {
        add_alert(&rig, number);
    }
    run_out(&rig);
    const struct seen seen = look();
    each_arrived(&seen, 2); /* twice only where the answer was lost */
    CHECK_GE(MESSAGES + 2, seen.accepted_count);
    CHECK_EQ(seen.other_count, 0);
    rig_release(&rig);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(fifty_at_once_go_out_signed_and_eighteen_a_minute);
    CHECK_RUN(a_robot_that_closes_is_left_alone_for_ten_minutes);
    CHECK_RUN(the_window_is_remembered_over_a_crash);
    CHECK_RUN(a_robot_that_fails_in_every_way_gets_all_in_the_end);
    return check_done();
}
