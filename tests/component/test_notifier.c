/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The notifier beside a monitor over the memory twin, with a gateway whose answers are scripted:
 * from a case event to what the gateway was handed and what the journal says of it. Service
 * time is stepped; crashes come between any two steps.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/must.h"
#include "monitor/monitor.h"
#include "notifiers/notifier.h"
#include "tests/support/check.h"
#include "tests/support/fake_gateway.h"
#include "tests/support/sim_world.h"

#define CRASH_SEEDS  60
#define MESSAGES_MAX 512
#define CASES        100

#define ROBOT_OK "{\"errcode\":0,\"errmsg\":\"ok\"}"

/* ---- a small world: shipped rules, calendar, people; sms by Kannel, dingtalk by a robot ---- */

static const struct channel_option sms_options[] = {
    {.name = {"username", 8}, .value = {"water", 5}},
    {.name = {"password", 8}, .value = {"secret-pass", 11}, .secret = true},
    {.name = {"signature", 9}, .value = {"【限时督办】", 18}},
    {.name = {"receipt_secret", 14}, .value = {"hook", 4}, .secret = true},
};
static const struct channel_option robot_options[] = {
    {.name = {"token", 5}, .value = {"tok", 3}, .secret = true},
    {.name = {"secret", 6}, .value = {"SEC0", 4}, .secret = true},
};
static const struct channel_settings channels[] = {
    {
        .name = {"sms", 3},
        .type = {"kannel", 6},
        .quiet_from_s = 21 * 3600,
        .quiet_until_s = 8 * 3600,
        .fallback_after_ms = (int64_t)30 * 24 * 3600 * 1000, /* no receipts come here */
        .url = {"http://sms.test:13013", 21},
        .options = sms_options,
        .option_count = 4,
    },
    {
        .name = {"dingtalk", 8},
        .type = {"dingtalk-robot", 14},
        .quiet_from_s = 21 * 3600,
        .quiet_until_s = 8 * 3600,
        .fallback_after_ms = 600000,
        .url = {"http://robot.test", 17},
        .options = robot_options,
        .option_count = 2,
    },
};

struct message {
    char id[32];
    char person[64];
    char channel[32];
    char state[16];
    char states[128]; /* all of them, "held sending accepted " */
    char reason[128];
    char text[512];
    int64_t at;
    int64_t ready;
    int64_t attempts;
};

/* A notifier on a host of its own: its way to the gateway and its disk. */
struct host {
    struct fake_gateway *gateway;
    struct send_journal *journal;
    struct notifier *notifier; /* NULL while down */
};

#define HOSTS_MAX 2

struct rig {
    struct settings settings;
    struct bundle *bundle;
    struct sim_world *world;
    struct host hosts[HOSTS_MAX];
    size_t host_count;
    struct fake_gateway *gateway; /* of the first */
    struct message messages[MESSAGES_MAX];
    size_t message_count;
    size_t receipt_count;
};

static void *create_monitor(struct role_env *env, void *lasting)
{
    (void)lasting;
    return monitor_create(env);
}

static void drop_monitor(void *role)
{
    monitor_free(role);
}

static struct rig *current; /* roles are dropped without their context */

static void *create_notifier(struct role_env *env, void *lasting)
{
    struct host *host = lasting;
    host->notifier = notifier_create(
        env, fake_gateway_attach(host->gateway, env->loop, env->clock), host->journal);
    return host->notifier;
}

static void drop_notifier(void *role)
{
    for (size_t index = 0; index < current->host_count; index++) {
        struct host *host = &current->hosts[index];
        if (host->notifier == role) {
            fake_gateway_detach(host->gateway);
            host->notifier = NULL;
        }
    }
    notifier_free(role);
}

struct rig_options {
    uint64_t seed;
    uint64_t crash_one_in;
    int32_t partitions;
    fake_script *script;
    void *context;
    const char *journal; /* NULL: in memory */
    size_t hosts;        /* 0: one */
};

static void rig_init(struct rig *rig, const struct rig_options *options)
{
    struct report report;
    struct err_why why = {0};
    *rig = (struct rig){0};
    current = rig;
    report_init(&report);
    rig->bundle = bundle_load_files(&(struct bundle_files){0}, &report);
    MUST(rig->bundle);
    report_release(&report);
    settings_defaults(&rig->settings);
    rig->settings.channels = channels;
    rig->settings.channel_count = 2;
    rig->settings.public_url = TEXT_LITERAL("http://city.test");
    rig->host_count = options->hosts > 0 ? options->hosts : 1;
    for (size_t index = 0; index < rig->host_count; index++) {
        struct host *host = &rig->hosts[index];
        host->gateway = fake_gateway_create(options->script, options->context);
        const char *journal = options->journal ? options->journal : ":memory:";
        MUST(!send_journal_open(journal, &host->journal, &why));
    }
    rig->gateway = rig->hosts[0].gateway;
    const struct sim_options sim = {
        .seed = options->seed,
        .partitions = options->partitions > 0 ? options->partitions : 1,
        .bundle = rig->bundle,
        .settings = &rig->settings,
        .crash_one_in = options->crash_one_in,
    };
    rig->world = sim_world_create(&sim);
    const struct sim_role monitor = {"monitor", create_monitor, drop_monitor, NULL};
    sim_world_add(rig->world, &monitor, "monitor-1");
    for (size_t index = 0; index < rig->host_count; index++) {
        const struct sim_role notifier = {
            "notifier", create_notifier, drop_notifier, &rig->hosts[index]};
        sim_world_add(rig->world, &notifier, index == 0 ? "notifier-1" : "notifier-2");
    }
}

static void rig_release(struct rig *rig)
{
    sim_world_free(rig->world);
    for (size_t index = 0; index < rig->host_count; index++) {
        fake_gateway_free(rig->hosts[index].gateway);
        send_journal_close(rig->hosts[index].journal);
    }
    bundle_free(rig->bundle);
}

static struct wall_ms at(const char *text)
{
    struct wall_ms instant = {0};
    MUST(!wall_parse(text, strlen(text), &instant));
    return instant;
}

/* An event of case c1 at unit-a; data is what stands between the braces. */
static bool event(struct rig *rig, const char *when, const char *kind, const char *data)
{
    static int next_id;
    char json[1024];
    const struct text subject = TEXT_LITERAL("c1");
    (void)snprintf(
        json, sizeof(json),
        "{\"specversion\":\"1.0\",\"id\":\"e%d\",\"source\":\"test\",\"type\":\"case.%s\","
        "\"subject\":\"c1\",\"time\":\"%s\",\"data\":{%s}}",
        ++next_id, kind, when, data);
    const struct text body = text_of(json);
    return CHECK(sim_world_arrive(rig->world, at(when), &body, &subject, 1));
}

#define MONDAY   "2019-07-08T10:00:00+08:00"
#define RECEIVED "\"title\":\"关于河道清淤的请示\",\"unit\":\"unit-a\",\"handler\":\"unit-a-1\""

static bool received(struct rig *rig)
{
    return event(rig, MONDAY, "received", RECEIVED);
}

static bool step_to(struct rig *rig, const char *when)
{
    return CHECK(sim_world_step_to(rig->world, at(when)));
}

/* ---- what the journal tells ---- */

static struct message *message_of(struct rig *rig, struct text id)
{
    for (size_t index = 0; index < rig->message_count; index++) {
        if (text_is(id, rig->messages[index].id)) {
            return &rig->messages[index];
        }
    }
    MUST(rig->message_count < MESSAGES_MAX);
    struct message *message = &rig->messages[rig->message_count++];
    *message = (struct message){0};
    (void)snprintf(message->id, sizeof(message->id), "%.*s", TEXT_ARGS(id));
    return message;
}

#define KEEP(field, key)                                                                           \
    (void)snprintf(                                                                                \
        message->field, sizeof(message->field), "%.*s", TEXT_ARGS(json_get_string(fact, key)))

static void take_fact(void *context, const struct json_value *fact)
{
    struct rig *rig = context;
    const struct text kind = json_get_string(fact, "k");
    rig->receipt_count += text_is(kind, "receipt") ? 1 : 0;
    if (!text_is(kind, "message")) {
        return;
    }
    struct message *message = message_of(rig, json_get_string(fact, "id"));
    KEEP(person, "person");
    KEEP(channel, "channel");
    KEEP(state, "state");
    KEEP(reason, "reason");
    if (json_get(fact, "text")) {
        KEEP(text, "text");
    }
    const size_t used = strlen(message->states);
    (void)snprintf(message->states + used, sizeof(message->states) - used, "%s ", message->state);
    (void)!json_i64(json_get(fact, "at"), &message->at);
    (void)!json_i64(json_get(fact, "ready"), &message->ready);
    (void)!json_i64(json_get(fact, "attempts"), &message->attempts);
}

static void read_journal(struct rig *rig)
{
    rig->message_count = 0;
    rig->receipt_count = 0;
    sim_world_facts(rig->world, take_fact, rig);
}

static const struct message *find(struct rig *rig, const char *person, const char *channel)
{
    for (size_t index = 0; index < rig->message_count; index++) {
        if (strcmp(rig->messages[index].person, person) == 0 &&
            strcmp(rig->messages[index].channel, channel) == 0) {
            return &rig->messages[index];
        }
    }
    static const struct message none;
    return &none;
}

static bool is_robot(const struct fake_post *post)
{
    return strstr(post->url, "robot.test") != NULL;
}

static void all_accept(void *context, const struct fake_post *post, struct http_answer *answer)
{
    (void)context;
    *answer = is_robot(post) ? fake_answer(200, ROBOT_OK) : fake_answer(202, "0: Accepted");
}

/* ---- facts ---- */

static void a_warning_of_midnight_waits_for_the_opening(void)
{
    struct rig rig;
    rig_init(&rig, &(struct rig_options){.seed = 1, .script = all_accept});
    received(&rig);
    step_to(&rig, "2019-07-14T12:00:00+08:00");
    CHECK_EQ(fake_gateway_count(rig.gateway), 0);
    read_journal(&rig);
    CHECK_STR(find(&rig, "robot:default", "dingtalk")->state, "held");
    CHECK_EQ(find(&rig, "robot:default", "dingtalk")->ready, at("2019-07-15T08:30:00+08:00").ms);
    step_to(&rig, "2019-07-15T12:00:00+08:00");
    CHECK_EQ(fake_gateway_count(rig.gateway), 1);
    read_journal(&rig);
    CHECK_STR(find(&rig, "robot:default", "dingtalk")->states, "held accepted ");
    CHECK_EQ(find(&rig, "robot:default", "dingtalk")->at, at("2019-07-15T08:30:00+08:00").ms);
    rig_release(&rig);
}

static void a_group_gets_one_message_that_names_its_people(void)
{
    struct rig rig;
    rig_init(&rig, &(struct rig_options){.seed = 2, .script = all_accept});
    received(&rig);
    step_to(&rig, "2019-07-15T12:00:00+08:00");
    if (CHECK_EQ(fake_gateway_count(rig.gateway), 1)) {
        const struct fake_post *post = fake_gateway_post(rig.gateway, 0);
        CHECK(strstr(post->url, "http://robot.test/robot/send?access_token=tok&timestamp="));
        CHECK(strstr(post->url, "&sign="));
        CHECK(strstr(post->body, "\"msgtype\":\"markdown\""));
        CHECK(strstr(post->body, "关于河道清淤的请示"));
        CHECK(strstr(post->body, "\"atMobiles\":[\"199"));
    }
    rig_release(&rig);
}

static void an_overdue_goes_to_the_head_by_sms(void)
{
    struct rig rig;
    rig_init(&rig, &(struct rig_options){.seed = 3, .script = all_accept, .partitions = 3});
    received(&rig);
    step_to(&rig, "2019-07-16T12:00:00+08:00");
    read_journal(&rig);
    const struct message *message = find(&rig, "unit-a-head", "sms");
    CHECK_STR(message->state, "accepted");
    CHECK_EQ(message->at, at("2019-07-16T08:30:00+08:00").ms);
    CHECK(strstr(message->text, "【限时督办】"));
    CHECK(strstr(message->text, "已超期1个工作日"));
    if (CHECK_EQ(fake_gateway_count(rig.gateway), 2)) {
        const struct fake_post *post = fake_gateway_post(rig.gateway, 1);
        CHECK(strstr(post->url, "http://sms.test:13013/cgi-bin/sendsms?username=water"));
        CHECK(strstr(post->url, "charset=UTF-8&coding=2"));
        CHECK(strstr(post->url, message->id));
    }
    rig_release(&rig);
}

static void a_case_settled_while_its_message_is_held_sends_nothing(void)
{
    struct rig rig;
    rig_init(&rig, &(struct rig_options){.seed = 4, .script = all_accept});
    received(&rig);
    step_to(&rig, "2019-07-14T12:00:00+08:00");
    event(&rig, "2019-07-14T13:00:00+08:00", "answered", "\"result\":\"done\"");
    step_to(&rig, "2019-07-20T12:00:00+08:00");
    CHECK_EQ(fake_gateway_count(rig.gateway), 0);
    read_journal(&rig);
    CHECK_STR(find(&rig, "robot:default", "dingtalk")->states, "held dropped ");
    CHECK_STR(find(&rig, "robot:default", "dingtalk")->reason, "settled");
    rig_release(&rig);
}

static void robot_is_gone(void *context, const struct fake_post *post, struct http_answer *answer)
{
    (void)context;
    *answer = is_robot(post) ? fake_answer(200, "{\"errcode\":400102,\"errmsg\":\"stopped\"}")
                             : fake_answer(202, "0: Accepted");
}

static void a_rejected_group_message_goes_to_each_person_by_the_next_channel(void)
{
    struct rig rig;
    rig_init(&rig, &(struct rig_options){.seed = 5, .script = robot_is_gone, .partitions = 3});
    received(&rig);
    step_to(&rig, "2019-07-15T12:00:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "robot:default", "dingtalk")->state, "rejected");
    CHECK_STR(find(&rig, "unit-a-head", "sms")->state, "accepted");
    CHECK_STR(find(&rig, "unit-a-1", "sms")->state, "accepted");
    CHECK_EQ(fake_gateway_count(rig.gateway), 3);
    rig_release(&rig);
}

/* The first `left` posts fail in one way, then all is well. */
struct trouble {
    int left;
    struct http_answer answer;
};

static void trouble_first(void *context, const struct fake_post *post, struct http_answer *answer)
{
    struct trouble *trouble = context;
    all_accept(NULL, post, answer);
    if (trouble->left > 0) {
        trouble->left--;
        *answer = trouble->answer;
    }
}

static void what_was_not_sent_is_tried_again_with_backoff(void)
{
    struct rig rig;
    struct trouble trouble = {.left = 3, .answer = fake_failure(HTTP_NOT_SENT)};
    rig_init(&rig, &(struct rig_options){.seed = 6, .script = trouble_first, .context = &trouble});
    received(&rig);
    step_to(&rig, "2019-07-15T12:00:00+08:00");
    read_journal(&rig);
    const struct message *message = find(&rig, "robot:default", "dingtalk");
    CHECK_STR(message->states, "held retrying retrying retrying accepted ");
    CHECK_EQ(message->attempts, 4);
    if (CHECK_EQ(fake_gateway_count(rig.gateway), 4)) {
        const int64_t first = fake_gateway_post(rig.gateway, 0)->at.ms;
        CHECK_GE(fake_gateway_post(rig.gateway, 1)->at.ms - first, 2500);
        CHECK_GE(fake_gateway_post(rig.gateway, 3)->at.ms - first, 2500 + 5000 + 10000);
        CHECK_GE(5000 + 10000 + 20000, fake_gateway_post(rig.gateway, 3)->at.ms - first);
    }
    rig_release(&rig);
}

static void no_answer_is_repeated_once_with_the_same_text_and_identity(void)
{
    struct rig rig;
    struct trouble trouble = {.left = 1, .answer = fake_failure(HTTP_NO_ANSWER)};
    rig_init(&rig, &(struct rig_options){.seed = 7, .script = trouble_first, .context = &trouble});
    received(&rig);
    step_to(&rig, "2019-07-15T12:00:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "robot:default", "dingtalk")->states, "held unsure accepted ");
    if (CHECK_EQ(fake_gateway_count(rig.gateway), 2)) {
        CHECK_STR(fake_gateway_post(rig.gateway, 0)->body, fake_gateway_post(rig.gateway, 1)->body);
    }
    rig_release(&rig);
}

static void unsure_twice_ends_there_and_the_next_channel_takes_over(void)
{
    struct rig rig;
    struct trouble trouble = {.left = 2, .answer = fake_failure(HTTP_NO_ANSWER)};
    rig_init(&rig, &(struct rig_options){.seed = 8, .script = trouble_first, .context = &trouble});
    received(&rig);
    step_to(&rig, "2019-07-15T12:00:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "robot:default", "dingtalk")->states, "held unsure unsure ");
    CHECK_STR(find(&rig, "unit-a-head", "sms")->state, "accepted");
    CHECK_EQ(fake_gateway_count(rig.gateway), 4);
    rig_release(&rig);
}

static void a_wrong_password_moves_on_and_closes_the_channel(void)
{
    struct rig rig;
    struct trouble trouble = {.left = 100, .answer = fake_answer(403, "Authorization failed")};
    rig_init(&rig, &(struct rig_options){.seed = 9, .script = trouble_first, .context = &trouble});
    received(&rig);
    step_to(&rig, "2019-07-15T08:31:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "robot:default", "dingtalk")->state, "rejected");
    CHECK_STR(find(&rig, "unit-a-head", "sms")->state, "retrying"); /* the last one there is */
    trouble.left = 0;
    step_to(&rig, "2019-07-15T12:00:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "unit-a-head", "sms")->state, "accepted");
    CHECK_STR(find(&rig, "unit-a-1", "sms")->state, "accepted");
    rig_release(&rig);
}

static void a_gateway_that_stays_away_makes_the_message_dead_after_a_day(void)
{
    struct rig rig;
    struct trouble trouble = {.left = 100000, .answer = fake_failure(HTTP_NOT_SENT)};
    rig_init(&rig, &(struct rig_options){.seed = 10, .script = trouble_first, .context = &trouble});
    received(&rig);
    step_to(&rig, "2019-07-19T12:00:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "robot:default", "dingtalk")->state, "rejected");
    CHECK_STR(find(&rig, "unit-a-1", "sms")->state, "dead");
    CHECK_GE(1000, fake_gateway_count(rig.gateway)); /* no storm */
    rig_release(&rig);
}

/* ---- a full disk ---- */

static volatile sig_atomic_t failed_writes;

/* The disk is full for some writes, then somebody makes room. */
static void on_full(int signal)
{
    (void)signal;
    if (++failed_writes == 5) {
        const struct rlimit room = {RLIM_INFINITY, RLIM_INFINITY};
        (void)setrlimit(RLIMIT_FSIZE, &room);
    }
}

static void accept_after_room(
    void *context, const struct fake_post *post, struct http_answer *answer)
{
    CHECK_GE(failed_writes, 5); /* nothing before the journal could be written */
    all_accept(context, post, answer);
}

static void without_a_journal_nothing_is_sent(void)
{
    struct rig rig;
    char path[256];
    const char *folder = getenv("TMPDIR");
    (void)snprintf(path, sizeof(path), "%s/full-%d.db", folder ? folder : "/tmp", (int)getpid());
    rig_init(&rig, &(struct rig_options){.seed = 13, .script = accept_after_room, .journal = path});
    received(&rig);
    step_to(&rig, "2019-07-15T08:29:00+08:00");
    const struct rlimit full = {0, RLIM_INFINITY};
    failed_writes = 0;
    (void)signal(SIGXFSZ, on_full);
    CHECK_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
    step_to(&rig, "2019-07-15T12:00:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "robot:default", "dingtalk")->states, "held accepted ");
    CHECK_EQ(fake_gateway_count(rig.gateway), 1);
    CHECK_GE(failed_writes, 5);
    (void)signal(SIGXFSZ, SIG_DFL);
    rig_release(&rig);
    const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t index = 0; index < 3; index++) {
        char name[300];
        (void)snprintf(name, sizeof(name), "%s%s", path, ends[index]);
        (void)unlink(name);
    }
}

/* ---- many at once ---- */

static bool many_received(struct rig *rig)
{
    static char bodies[CASES][512];
    static char ids[CASES][16];
    struct text texts[CASES];
    struct text subjects[CASES];
    for (int index = 0; index < CASES; index++) {
        (void)snprintf(ids[index], sizeof(ids[index]), "m%d", index);
        (void)snprintf(
            bodies[index], sizeof(bodies[index]),
            "{\"specversion\":\"1.0\",\"id\":\"m%d\",\"source\":\"test\","
            "\"type\":\"case.received\",\"subject\":\"m%d\",\"time\":\"" MONDAY
            "\",\"data\":{" RECEIVED "}}",
            index, index);
        texts[index] = text_of(bodies[index]);
        subjects[index] = text_of(ids[index]);
    }
    return CHECK(sim_world_arrive(rig->world, at(MONDAY), texts, subjects, CASES));
}

static size_t in_state(const struct rig *rig, const char *channel, const char *state)
{
    size_t count = 0;
    for (size_t index = 0; index < rig->message_count; index++) {
        count += strcmp(rig->messages[index].channel, channel) == 0 &&
                 strcmp(rig->messages[index].state, state) == 0;
    }
    return count;
}

static void a_slow_gateway_gets_every_message_once(void)
{
    struct rig rig;
    rig_init(&rig, &(struct rig_options){.seed = 11, .script = all_accept, .partitions = 3});
    many_received(&rig);
    step_to(&rig, "2019-07-15T20:00:00+08:00");
    const size_t robots = fake_gateway_count(rig.gateway);
    CHECK_EQ(robots, CASES);
    fake_gateway_delay(rig.gateway, 15000); /* sixteen at a time: longer than a claim lasts */
    step_to(&rig, "2019-07-16T12:00:00+08:00");
    CHECK_EQ(fake_gateway_count(rig.gateway) - robots, CASES);
    read_journal(&rig);
    CHECK_EQ(in_state(&rig, "dingtalk", "accepted"), CASES);
    CHECK_EQ(in_state(&rig, "sms", "accepted"), CASES);
    rig_release(&rig);
}

static void a_dead_channel_does_not_hold_up_another(void)
{
    struct rig rig;
    struct trouble trouble = {.left = 1000000, .answer = fake_failure(HTTP_NO_ANSWER)};
    rig_init(&rig, &(struct rig_options){.seed = 12, .script = trouble_first, .context = &trouble});
    many_received(&rig);
    step_to(&rig, "2019-07-14T12:00:00+08:00");
    trouble.left = 40; /* the robot does not answer; SMS is fine */
    step_to(&rig, "2019-07-15T18:00:00+08:00");
    read_journal(&rig);
    CHECK_EQ(in_state(&rig, "dingtalk", "held") + in_state(&rig, "dingtalk", "retrying"), 0);
    for (size_t index = 0; index < rig.message_count; index++) {
        const char *state = rig.messages[index].state;
        CHECK(
            strcmp(state, "accepted") == 0 || strcmp(state, "rejected") == 0 ||
            strcmp(state, "unsure") == 0);
    }
    rig_release(&rig);
}

/* ---- crashes ---- */

struct loose {
    struct prng prng;
};

/* Mostly well; now and then lost before, or lost after. */
static void loosely(void *context, const struct fake_post *post, struct http_answer *answer)
{
    struct loose *loose = context;
    all_accept(NULL, post, answer);
    if (prng_one_in(&loose->prng, 6)) {
        *answer = fake_failure(HTTP_NOT_SENT);
    } else if (prng_one_in(&loose->prng, 6)) {
        *answer = fake_failure(HTTP_NO_ANSWER); /* the gateway has it all the same */
    }
}

static size_t posts_at(const struct fake_gateway *gateway, const struct message *message)
{
    char end[32];
    (void)snprintf(end, sizeof(end), "编号 %.8s", message->id);
    size_t count = 0;
    for (size_t index = 0; index < fake_gateway_count(gateway); index++) {
        const struct fake_post *post = fake_gateway_post(gateway, index);
        const bool named =
            is_robot(post) ? strstr(post->body, end) : strstr(post->url, message->id);
        count += named && post->result != HTTP_NOT_SENT ? 1 : 0;
    }
    return count;
}

static size_t posts_of(const struct rig *rig, const struct message *message)
{
    size_t count = 0;
    for (size_t index = 0; index < rig->host_count; index++) {
        count += posts_at(rig->hosts[index].gateway, message);
    }
    return count;
}

static void check_messages(struct rig *rig)
{
    for (size_t index = 0; index < rig->message_count; index++) {
        const struct message *message = &rig->messages[index];
        const size_t posts = posts_of(rig, message);
        const bool unsure = strstr(message->states, "unsure") != NULL;
        CHECK_GE(unsure ? 2 : 1, posts);
        if (strcmp(message->state, "accepted") == 0) {
            CHECK_GE(posts, 1);
        } else { /* every message has an end */
            CHECK(
                strcmp(message->state, "unsure") == 0 || strcmp(message->state, "rejected") == 0 ||
                strcmp(message->state, "dropped") == 0);
        }
    }
    const struct message *overdue = find(rig, "unit-a-head", "sms");
    CHECK(overdue->state[0] != '\0');
}

static size_t one_seed(uint64_t seed, size_t hosts)
{
    struct rig rig;
    struct loose loose;
    prng_seed(&loose.prng, seed);
    check_note("seed=%llu", (unsigned long long)seed);
    const struct rig_options options = {
        .seed = seed,
        .script = loosely,
        .context = &loose,
        .partitions = seed % 2 ? 1 : 3,
        .crash_one_in = 40,
        .hosts = hosts,
    };
    rig_init(&rig, &options);
    received(&rig);
    step_to(&rig, "2019-07-16T11:00:00+08:00");
    sim_world_hold_crashes(rig.world, true);
    step_to(&rig, "2019-07-19T18:00:00+08:00");
    read_journal(&rig);
    check_messages(&rig);
    const size_t crashes = sim_world_crashes(rig.world);
    rig_release(&rig);
    return crashes;
}

static void crashes_lose_nothing_and_repeat_only_what_was_unsure(void)
{
    size_t crashes = 0;
    for (uint64_t seed = 1; seed <= CRASH_SEEDS; seed++) {
        crashes += one_seed(seed, 1);
    }
    CHECK_GE(crashes, CRASH_SEEDS);
}

static void two_notifiers_that_crash_take_over_from_each_other(void)
{
    size_t crashes = 0;
    for (uint64_t seed = 1001; seed <= 1000 + CRASH_SEEDS; seed++) {
        crashes += one_seed(seed, 2);
    }
    CHECK_GE(crashes, CRASH_SEEDS);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_warning_of_midnight_waits_for_the_opening);
    CHECK_RUN(a_group_gets_one_message_that_names_its_people);
    CHECK_RUN(an_overdue_goes_to_the_head_by_sms);
    CHECK_RUN(a_case_settled_while_its_message_is_held_sends_nothing);
    CHECK_RUN(a_rejected_group_message_goes_to_each_person_by_the_next_channel);
    CHECK_RUN(what_was_not_sent_is_tried_again_with_backoff);
    CHECK_RUN(no_answer_is_repeated_once_with_the_same_text_and_identity);
    CHECK_RUN(unsure_twice_ends_there_and_the_next_channel_takes_over);
    CHECK_RUN(a_wrong_password_moves_on_and_closes_the_channel);
    CHECK_RUN(a_gateway_that_stays_away_makes_the_message_dead_after_a_day);
    CHECK_RUN(without_a_journal_nothing_is_sent);
    CHECK_RUN(a_slow_gateway_gets_every_message_once);
    CHECK_RUN(a_dead_channel_does_not_hold_up_another);
    CHECK_RUN(crashes_lose_nothing_and_repeat_only_what_was_unsure);
    CHECK_RUN(two_notifiers_that_crash_take_over_from_each_other);
    return check_done();
}
