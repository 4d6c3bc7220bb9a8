/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applying configurations: two processes over the memory twin, files on a disk and requests as the
 * API makes them. What is equal is not applied, what is broken changes nothing, a burst is at most
 * two readings, and nobody goes on with a mixture.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/prng.h"
#include "store/role_policy.h"
#include "store/store_open.h"
#include "tests/support/check.h"

#define PROCESSES 2

/* ---- two processes ---- */

struct process {
    struct role_env env;
    struct service_clock clock;
    struct store_watcher watcher;
    struct role_policy *policy;
    bool ready;
    bool hopeless;
    int told; /* on_config calls */
};

static struct memory_world *world;
static struct loop *loop;
static struct prng prng;
static struct settings settings;
static struct process processes[PROCESSES];
static char folder[] = "/tmp/test_role_apply.XXXXXX";
/* A process keeps its policy for ever; here they stay reachable. */
static struct role_policy *kept[256];
static size_t kept_count;

static void on_ready(void *context)
{
    ((struct process *)context)->ready = true;
}

static void on_hopeless(void *context, const char *why)
{
    (void)why;
    ((struct process *)context)->hopeless = true;
}

static void on_config(void *role)
{
    ((struct process *)role)->told++;
}

static void on_new_version(void *context, int64_t version)
{
    (void)version;
    role_policy_look(((struct process *)context)->policy);
}

static void process_start(struct process *process, const char *instance)
{
    *process = (struct process){.ready = false};
    clock_init_stepped(&process->clock, (struct wall_ms){1772409600000});
    process->env = (struct role_env){
        .loop = loop,
        .store = store_memory_open(world, text_of(instance)),
        .clock = &process->clock,
        .settings = &settings,
        .instance = instance,
        .on_config = on_config,
        .role = process,
    };
    process->watcher = (struct store_watcher){.on_config = on_new_version, .context = process};
    store_watch(process->env.store, &process->watcher);
    const struct role_policy_options options = {
        .env = &process->env,
        .config_folder = folder,
        .ready = on_ready,
        .hopeless = on_hopeless,
        .context = process,
    };
    process->policy = role_policy_create(&options);
    kept[kept_count++] = process->policy;
    role_policy_begin(process->policy);
}

/* Until nothing is left to do. */
static void turn(void)
{
    for (int round = 0; round < 100000; round++) {
        const bool stepped = memory_world_step(world, &prng);
        if (!stepped && !loop_manual_advance(loop, loop_real_ms(loop) + 10000)) {
            return;
        }
    }
    CHECK(!"it comes to rest");
}

static void write_rules(const char *limit)
{
    char path[256];
    char text[512];
    (void)snprintf(path, sizeof path, "%s/rules", folder);
    CHECK_EQ(file_make_folders(path, 0700, NULL), ERR_OK);
    (void)snprintf(path, sizeof path, "%s/rules/r.json", folder);
    (void)snprintf(
        text, sizeof text,
        "{\"id\":\"r\",\"version\":\"1\",\"clocks\":[{\"id\":\"reply\",\"limit\":\"%s\",\"stages\":"
        "[{"
        "\"id\":\"s\",\"at\":\"due+0\",\"light\":\"red\",\"notify\":[\"handler\"]}]}]}",
        limit);
    CHECK_EQ(file_write(path, text_of(text), 0600, NULL), ERR_OK);
}

static void world_start(void)
{
    world = memory_world_create(1);
    loop = loop_manual_create();
    prng_seed(&prng, 7);
    write_rules("5wd");
    process_start(&processes[0], "monitor-1");
    process_start(&processes[1], "console-1");
    turn();
    CHECK(processes[0].ready && processes[1].ready);
}

static void world_end(void)
{
    for (size_t i = 0; i < PROCESSES; i++) {
        store_close(processes[i].env.store);
        loop_timer_disarm(processes[i].policy->again);
    }
    memory_world_free(world);
}

static int64_t version_of(size_t index)
{
    return processes[index].env.bundle->version;
}

static int64_t applied(void)
{
    return role_reload_state(&processes[0].env).applied +
           role_reload_state(&processes[1].env).applied;
}

/* ---- requests ---- */

struct request {
    struct role_apply apply;
    const char *limit; /* NULL: a broken file */
    int calls;
    enum apply_verdict verdict;
    int64_t version;
    size_t errors;
};

static struct bundle *make_rules(
    struct role_apply *apply, const struct bundle *base, struct report *report)
{
    const struct request *request = (const struct request *)(const void *)apply;
    char text[512];
    (void)snprintf(
        text, sizeof text,
        "{\"id\":\"r\",\"version\":\"1\",\"clocks\":[{\"id\":\"reply\",\"limit\":\"%s\",\"stages\":"
        "[{"
        "\"id\":\"s\",\"at\":\"due+0\",\"light\":\"red\",\"notify\":[\"handler\"]}]}]}",
        request->limit ? request->limit : "soon");
    const struct bundle_source file = {TEXT_LITERAL("rules/r.json"), text_of(text)};
    const struct bundle_texts texts = {
        .files = &file,
        .file_count = 1,
        .kind = CONFIG_RULES,
        .base = base,
        .key = processes[1].env.seal_key,
    };
    return bundle_load_texts(&texts, &settings, report);
}

static void on_done(struct role_apply *apply, const struct apply_result *result)
{
    struct request *request = (struct request *)(void *)apply;
    request->calls++;
    request->verdict = result->verdict;
    request->version = result->version;
    request->errors = result->report->error_count;
    if (result->verdict == APPLY_DONE) {
        CHECK_EQ(version_of(1), result->version); /* read back before it is told */
    }
}

static void ask(struct request *request, const char *limit, int64_t base)
{
    *request = (struct request){
        .apply =
            {
                .make = make_rules,
                .done = on_done,
                .base_version = base,
                .by = TEXT_LITERAL("li"),
                .note = TEXT_LITERAL("three days"),
            },
        .limit = limit,
    };
    CHECK(role_apply_begin(&processes[1].env, &request->apply));
    CHECK_EQ(request->calls, 0);
}

/* ---- tests ---- */

static void two_processes_that_start_at_once_apply_one_version(void)
{
    world_start();
    CHECK_EQ(version_of(0), 1);
    CHECK_EQ(version_of(1), 1);
    CHECK_EQ(applied(), 1);
    CHECK_EQ(processes[0].env.bundle->policy.since.ms, 1772409600000);
    world_end();
}

static void a_request_is_applied_and_everybody_reads_it(void)
{
    struct request request;
    world_start();
    ask(&request, "3wd", 0);
    turn();
    CHECK_EQ(request.calls, 1);
    CHECK_EQ(request.verdict, APPLY_DONE);
    CHECK_EQ(request.version, 2);
    CHECK_EQ(version_of(0), 2);
    CHECK_EQ(processes[0].told, 1);
    CHECK(role_knows_version(&processes[0].env, 2) && !role_knows_version(&processes[0].env, 3));
    CHECK(role_bundle(&processes[0].env, 1) && role_bundle(&processes[0].env, 2));
    CHECK(!role_bundle(&processes[0].env, 3) && !role_bundle(&processes[0].env, 0));
    world_end();
}

static void what_is_equal_is_not_applied(void)
{
    struct request request;
    world_start();
    ask(&request, "5wd", 0);
    role_policy_reload(processes[0].policy);
    turn();
    CHECK_EQ(request.verdict, APPLY_EQUAL);
    CHECK_EQ(request.version, 1);
    CHECK_EQ(version_of(0), 1);
    CHECK_EQ(applied(), 1);
    CHECK(role_reload_state(&processes[0].env).successful);
    world_end();
}

static void what_is_broken_changes_nothing_and_says_so(void)
{
    struct request request;
    world_start();
    ask(&request, NULL, 0);
    write_rules("5xd");
    role_policy_reload(processes[0].policy);
    turn();
    CHECK_EQ(request.verdict, APPLY_REFUSED);
    CHECK_EQ(request.errors, 1);
    CHECK_EQ(version_of(0), 1);
    CHECK(!role_reload_state(&processes[0].env).successful);
    CHECK(!role_reload_state(&processes[1].env).successful);
    write_rules("5wd");
    role_policy_reload(processes[0].policy);
    turn();
    CHECK(role_reload_state(&processes[0].env).successful);
    world_end();
}

static void a_hundred_signals_in_a_burst_are_at_most_two_readings(void)
{
    world_start();
    write_rules("4wd");
    for (int i = 0; i < 50; i++) {
        role_policy_reload(processes[0].policy);
        (void)memory_world_step(world, &prng);
        (void)loop_manual_advance(loop, loop_real_ms(loop));
        role_policy_reload(processes[0].policy);
    }
    turn();
    CHECK_EQ(version_of(0), 2);
    CHECK_EQ(version_of(1), 2);
    CHECK_EQ(applied(), 2); /* version 1 and this one */
    CHECK_EQ(processes[0].told, 1);
    CHECK_EQ(processes[1].told, 1);
    world_end();
}

static void a_hundred_requests_that_say_the_same_are_one_version(void)
{
    static struct request requests[100];
    int done = 0;
    world_start();
    for (size_t i = 0; i < 100; i++) {
        ask(&requests[i], "2wd", 0);
    }
    turn();
    for (size_t i = 0; i < 100; i++) {
        CHECK_EQ(requests[i].calls, 1);
        CHECK_EQ(requests[i].version, 2);
        done += requests[i].verdict == APPLY_DONE;
    }
    CHECK_EQ(done, 1);
    CHECK_EQ(processes[0].told, 1);
    world_end();
}

static void too_many_requests_are_turned_away(void)
{
    static struct request requests[ROLE_APPLIES_MAX + 1];
    world_start();
    for (size_t i = 0; i < ROLE_APPLIES_MAX; i++) {
        ask(&requests[i], "2wd", 0);
    }
    CHECK(!role_apply_begin(&processes[1].env, &requests[ROLE_APPLIES_MAX].apply));
    turn();
    CHECK_EQ(requests[ROLE_APPLIES_MAX - 1].calls, 1);
    world_end();
}

static void a_request_upon_an_older_version_is_a_conflict(void)
{
    struct request first;
    struct request second;
    world_start();
    ask(&first, "2wd", 1);
    ask(&second, "3wd", 1);
    turn();
    CHECK_EQ(first.verdict, APPLY_DONE);
    CHECK_EQ(second.verdict, APPLY_CONFLICT);
    CHECK_EQ(second.version, 2);
    CHECK_EQ(version_of(0), 2);
    world_end();
}

/* Another process applies in the same moment: the request is made again upon what it applied. */
static void a_version_that_comes_in_between_is_built_upon(void)
{
    struct request request;
    world_start();
    write_rules("7wd");
    ask(&request, "3wd", 0);
    role_policy_reload(processes[0].policy);
    turn();
    CHECK_EQ(request.verdict, APPLY_DONE);
    CHECK_EQ(version_of(0), 3);
    CHECK_EQ(version_of(1), 3);
    CHECK_EQ(applied(), 3);
    world_end();
}

static void approval_is_asked_for_where_the_settings_say_so(void)
{
    struct request request;
    settings.changes_need_approval = true;
    world_start();
    CHECK_EQ(version_of(0), 1); /* the first start needs none */
    ask(&request, "3wd", 0);
    turn();
    CHECK_EQ(request.verdict, APPLY_FORBIDDEN);
    CHECK(role_reload_state(&processes[1].env).successful); /* its asker was told */
    write_rules("7wd");
    role_policy_reload(processes[0].policy);
    turn();
    CHECK_EQ(version_of(0), 1);
    CHECK(!role_reload_state(&processes[0].env).successful);
    ask(&request, "3wd", 0);
    request.apply.approved = true;
    turn();
    CHECK_EQ(request.verdict, APPLY_DONE);
    settings.changes_need_approval = false;
    world_end();
}

static void remove_rules(void)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/rules/r.json", folder);
    CHECK_EQ(unlink(path), 0);
}

/* A folder that is not mounted must not put the compiled-in examples in force. */
static void an_empty_folder_replaces_nothing(void)
{
    world_start();
    remove_rules();
    role_policy_reload(processes[0].policy);
    turn();
    CHECK_EQ(version_of(0), 1);
    CHECK(!role_reload_state(&processes[0].env).successful);
    write_rules("5wd");
    role_policy_reload(processes[0].policy);
    turn();
    CHECK_EQ(version_of(0), 1);
    CHECK(role_reload_state(&processes[0].env).successful);
    world_end();
}

/* The compiled-in ones stay in force where they are, and asking again is no mistake. */
static void an_empty_folder_is_equal_to_what_is_compiled_in(void)
{
    world = memory_world_create(1);
    loop = loop_manual_create();
    remove_rules();
    process_start(&processes[0], "monitor-1");
    process_start(&processes[1], "console-1");
    turn();
    role_policy_reload(processes[0].policy);
    turn();
    CHECK_EQ(version_of(0), 1);
    CHECK(role_reload_state(&processes[0].env).successful);
    world_end();
}

/* One more than a process keeps, and none could start again. */
static void more_versions_than_are_kept_are_refused(void)
{
    struct request request;
    world_start();
    struct role_policy *policy = processes[1].policy;
    const size_t count = policy->count;
    policy->bundles = realloc(policy->bundles, ROLE_VERSIONS_MAX * sizeof(struct bundle *));
    CHECK(policy->bundles != NULL);
    for (size_t i = count; i < ROLE_VERSIONS_MAX; i++) {
        policy->bundles[i] = policy->bundles[0];
    }
    policy->count = ROLE_VERSIONS_MAX;
    ask(&request, "3wd", 0);
    turn();
    policy->count = count;
    CHECK_EQ(request.calls, 1);
    CHECK_EQ(request.verdict, APPLY_FORBIDDEN);
    CHECK_EQ(version_of(0), 1);
    CHECK_EQ(applied(), 1);
    world_end();
}

/* The connection breaks at every possible moment: nothing hangs, versions stay in step. */
static void a_connection_that_breaks_hangs_nobody(void)
{
    for (int at = 0; at < 40; at++) {
        struct request request;
        world_start();
        ask(&request, "3wd", 0);
        for (int i = 0; i < at; i++) {
            if (!memory_world_step(world, &prng)) {
                (void)loop_manual_advance(loop, loop_real_ms(loop) + 1);
            }
        }
        store_memory_break(processes[1].env.store);
        turn();
        role_policy_look(processes[1].policy);
        turn();
        check_note("broken after %d steps", at);
        CHECK_EQ(request.calls, 1);
        CHECK_EQ(version_of(0), version_of(1));
        if (request.verdict == APPLY_DONE) {
            CHECK_EQ(version_of(1), 2);
        }
        world_end();
    }
}

static void remove_all(void)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/rules/r.json", folder);
    (void)remove(path);
    (void)snprintf(path, sizeof path, "%s/rules", folder);
    (void)remove(path);
    (void)remove(folder);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    log_set_level(LOG_ERROR);
    CHECK(mkdtemp(folder));
    settings_defaults(&settings);
    CHECK_RUN(two_processes_that_start_at_once_apply_one_version);
    CHECK_RUN(a_request_is_applied_and_everybody_reads_it);
    CHECK_RUN(what_is_equal_is_not_applied);
    CHECK_RUN(what_is_broken_changes_nothing_and_says_so);
    CHECK_RUN(a_hundred_signals_in_a_burst_are_at_most_two_readings);
    CHECK_RUN(a_hundred_requests_that_say_the_same_are_one_version);
    CHECK_RUN(too_many_requests_are_turned_away);
    CHECK_RUN(a_request_upon_an_older_version_is_a_conflict);
    CHECK_RUN(a_version_that_comes_in_between_is_built_upon);
    CHECK_RUN(approval_is_asked_for_where_the_settings_say_so);
    CHECK_RUN(an_empty_folder_replaces_nothing);
    CHECK_RUN(an_empty_folder_is_equal_to_what_is_compiled_in);
    CHECK_RUN(more_versions_than_are_kept_are_refused);
    CHECK_RUN(a_connection_that_breaks_hangs_nobody);
    remove_all();
    return check_done();
}
