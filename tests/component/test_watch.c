/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A notifier that looks after the whole service, over the memory twin: what it raises and clears
 * as roles come and go, timers wait, the ledger and the configuration are in trouble, and when it
 * gives its sign of life.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/must.h"
#include "base/prng.h"
#include "notifiers/notifier.h"
#include "notifiers/watch.h"
#include "store/ops_notice.h"
#include "store/store_open.h"
#include "tests/support/check.h"
#include "tests/support/fake_gateway.h"

#define NONE   TEXT_LITERAL("")
#define TURNS  2 /* of the loop for each step of real time */
#define LATE_T ((int64_t)150000)

static const char *const role_names[] = {"monitor", "notifier", "console"};

struct rig {
    struct memory_world *world;
    struct loop *loop;
    struct prng prng;
    struct service_clock clock;
    struct settings settings;
    struct role_env env;
    struct bundle *bundle;
    struct store *others[3]; /* of the instances that beat */
    bool alive[3];
    const char *counters; /* of all of them, as JSON members */
    bool reload_failed;
    char path[512];
    struct send_journal *journal;
    struct fake_gateway *gateway;
    struct notifier *notifier;
};

static const struct text notify[] = {{"person:li", 9}};
static const struct text via[] = {{"box", 3}};
static const struct channel_settings channels[] = {{.name = {"box", 3}, .type = {"sandbox", 7}}};
static struct person people[] = {{.id = {"li", 2}}};

static void on_done(void *context, enum err err, const char *why)
{
    (void)context;
    (void)why;
    CHECK_EQ(err, ERR_OK);
}

static void beat(struct rig *rig, size_t role)
{
    char json[512];
    (void)snprintf(
        json, sizeof(json),
        "{\"role\":\"%s\",\"instance\":\"%s-1\",\"reload_successful\":%s,\"counters\":{%s}}",
        role_names[role], role_names[role], rig->reload_failed ? "false" : "true", rig->counters);
    store_instance_beat(rig->others[role], text_of(json), 10000, on_done, NULL);
}

static void drain(struct rig *rig)
{
    while (memory_world_step(rig->world, &rig->prng)) {
    }
}

/* So much real time, a second at a time, with heartbeats of those who are alive. */
static void pass(struct rig *rig, int seconds)
{
    for (int second = 0; second < seconds; second++) {
        for (size_t role = 0; role < 3; role++) {
            if (rig->alive[role]) {
                beat(rig, role);
            }
        }
        drain(rig);
        const int64_t real_ms = loop_real_ms(rig->loop) + 1000;
        memory_world_set_real(rig->world, real_ms);
        for (int turn = 0; turn < TURNS; turn++) {
            while (loop_manual_advance(rig->loop, real_ms)) {
                drain(rig);
            }
            drain(rig);
        }
    }
}

static void make_settings(struct rig *rig)
{
    settings_defaults(&rig->settings);
    rig->settings.channels = channels;
    rig->settings.channel_count = 1;
    rig->settings.ops_notify = notify;
    rig->settings.ops_notify_count = 1;
    rig->settings.ops_via = via;
    rig->settings.ops_via_count = 1;
    rig->settings.ops_heartbeat_url = TEXT_LITERAL("http://watch.test/beat");
    rig->settings.ops_heartbeat_ms = 2000;
}

static void rig_init(struct rig *rig)
{
    const char *folder = getenv("TMPDIR");
    struct report report;
    *rig = (struct rig){
        .world = memory_world_create(1),
        .loop = loop_manual_create(),
        .alive = {true, true, true},
        .counters = "\"channels_open_fuse\":0",
    };
    prng_seed(&rig->prng, 3);
    clock_init_stepped(&rig->clock, (struct wall_ms){1772409600000}); /* 2026-03-02T08:00+08:00 */
    report_init(&report);
    rig->bundle = bundle_load_folder(NULL, NULL, &report);
    report_release(&report);
    MUST(rig->bundle);
    rig->bundle->policy.directory = directory_build(&rig->bundle->arena, NULL, 0, people, 1);
    make_settings(rig);
    for (size_t role = 0; role < 3; role++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "%s-1", role_names[role]);
        rig->others[role] = store_memory_open(rig->world, text_of(name));
    }
    rig->env = (struct role_env){
        .loop = rig->loop,
        .store = store_memory_open(rig->world, TEXT_LITERAL("notifier-2")),
        .clock = &rig->clock,
        .settings = &rig->settings,
        .instance = "notifier-2",
        .bundle = rig->bundle,
    };
    (void)snprintf(
        rig->path, sizeof(rig->path), "%s/watch-%d.db", folder ? folder : "/tmp", (int)getpid());
    (void)unlink(rig->path);
    MUST(send_journal_open(rig->path, &rig->journal, NULL) == ERR_OK);
    rig->gateway = fake_gateway_create(NULL, NULL);
    rig->notifier = notifier_create(
        &rig->env, fake_gateway_attach(rig->gateway, rig->loop, &rig->clock), rig->journal);
    MUST(rig->notifier);
}

static void rig_release(struct rig *rig)
{
    for (size_t role = 0; role < 3; role++) {
        store_close(rig->others[role]);
    }
    store_close(rig->env.store);
    fake_gateway_detach(rig->gateway);
    notifier_free(rig->notifier);
    fake_gateway_free(rig->gateway);
    send_journal_close(rig->journal);
    loop_free(rig->loop);
    memory_world_free(rig->world);
    bundle_free(rig->bundle);
    (void)unlink(rig->path);
}

static void while_all_is_well_it_gives_a_sign_and_raises_nothing(void)
{
    struct rig rig;
    rig_init(&rig);
    pass(&rig, 40);
    CHECK_GE(fake_gateway_count(rig.gateway), 15);
    CHECK_STR(fake_gateway_post(rig.gateway, 0)->url, "http://watch.test/beat");
    for (int trouble = 0; trouble < OPS_TROUBLE_COUNT; trouble++) {
        check_note("%s", ops_trouble_name((enum ops_trouble)trouble));
        CHECK(!ops_is_raised(&rig.env, (enum ops_trouble)trouble, NONE));
    }
    rig_release(&rig);
}

static void a_role_without_heartbeats_is_missed_and_found_again(void)
{
    struct rig rig;
    rig_init(&rig);
    pass(&rig, 5);
    rig.alive[2] = false;
    pass(&rig, 20); /* it may be starting again */
    CHECK(!ops_is_raised(&rig.env, OPS_ROLE_MISSING, TEXT_LITERAL("console")));
    const size_t beats = fake_gateway_count(rig.gateway);
    pass(&rig, 30);
    CHECK(ops_is_raised(&rig.env, OPS_ROLE_MISSING, TEXT_LITERAL("console")));
    CHECK(!ops_is_raised(&rig.env, OPS_ROLE_MISSING, TEXT_LITERAL("monitor")));
    CHECK_EQ(fake_gateway_count(rig.gateway), beats); /* no sign of life meanwhile */
    rig.alive[2] = true;
    pass(&rig, 10);
    CHECK(!ops_is_raised(&rig.env, OPS_ROLE_MISSING, TEXT_LITERAL("console")));
    CHECK_GE(fake_gateway_count(rig.gateway), beats + 1);
    rig_release(&rig);
}

static void on_committed(
    void *context, enum err err, const char *why, const int64_t *versions, size_t count)
{
    (void)context;
    (void)why;
    (void)versions;
    (void)count;
    CHECK_EQ(err, ERR_OK);
}

static void set_timer(struct rig *rig, int64_t version, bool has_wake)
{
    const struct store_step step = {
        .case_id = TEXT_LITERAL("c1"),
        .expected_version = version,
        .record = TEXT_LITERAL("r"),
        .has_wake = has_wake,
        .wake = wall_add(role_now(&rig->env), -LATE_T),
    };
    store_commit(rig->others[0], 0, &step, 1, on_committed, NULL);
}

static void an_instant_that_waits_too_long_is_the_services_own_lateness(void)
{
    struct rig rig;
    rig_init(&rig);
    pass(&rig, 5);
    set_timer(&rig, 0, true);
    pass(&rig, 15);
    CHECK(ops_is_raised(&rig.env, OPS_LATE, NONE));
    const size_t beats = fake_gateway_count(rig.gateway);
    pass(&rig, 10);
    CHECK_EQ(fake_gateway_count(rig.gateway), beats);
    set_timer(&rig, 1, false);
    pass(&rig, 15);
    CHECK(!ops_is_raised(&rig.env, OPS_LATE, NONE));
    rig_release(&rig);
}

static void what_other_instances_say_of_themselves_is_heard(void)
{
    struct rig rig;
    rig_init(&rig);
    pass(&rig, 5);
    rig.counters = "\"ledger_failing\":1,\"channels_open_fuse\":0";
    rig.reload_failed = true;
    pass(&rig, 15);
    CHECK(ops_is_raised(&rig.env, OPS_LEDGER, NONE));
    CHECK(ops_is_raised(&rig.env, OPS_CONFIG_REFUSED, NONE));
    rig.counters = "\"channels_open_fuse\":1";
    rig.reload_failed = false;
    pass(&rig, 15);
    CHECK(!ops_is_raised(&rig.env, OPS_LEDGER, NONE));
    CHECK(!ops_is_raised(&rig.env, OPS_CONFIG_REFUSED, NONE));
    const size_t beats = fake_gateway_count(rig.gateway);
    pass(&rig, 10); /* another notifier's channel is closed */
    CHECK_EQ(fake_gateway_count(rig.gateway), beats);
    rig_release(&rig);
}

static void from_october_on_the_next_year_is_missed(void)
{
    struct rig rig;
    rig_init(&rig);
    struct wall_ms october = {0};
    const char *text = "2026-10-01T09:00:00+08:00";
    pass(&rig, 5);
    CHECK(!ops_is_raised(&rig.env, OPS_CALENDAR_YEAR, NONE));
    MUST(wall_parse(text, strlen(text), &october) == ERR_OK);
    clock_set(&rig.clock, october);
    pass(&rig, 10);
    CHECK(ops_is_raised(&rig.env, OPS_CALENDAR_YEAR, NONE));
    rig_release(&rig);
}

int main(void)
{
    CHECK_RUN(while_all_is_well_it_gives_a_sign_and_raises_nothing);
    CHECK_RUN(a_role_without_heartbeats_is_missed_and_found_again);
    CHECK_RUN(an_instant_that_waits_too_long_is_the_services_own_lateness);
    CHECK_RUN(what_other_instances_say_of_themselves_is_heard);
    CHECK_RUN(from_october_on_the_next_year_is_missed);
    return check_done();
}
