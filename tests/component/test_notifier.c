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
#include "tests/support/check.h"
#include "tests/support/delivery_rig.h"

#define CRASH_SEEDS 60
#define CASES       100

#define ROBOT_OK "{\"errcode\":0,\"errmsg\":\"ok\"}"

#define MONDAY   "2019-07-08T10:00:00+08:00"
#define RECEIVED "\"title\":\"关于河道清淤的请示\",\"unit\":\"unit-a\",\"handler\":\"unit-a-1\""

static bool received(struct rig *rig)
{
    return rig_event(rig, "c1", MONDAY, "received", RECEIVED);
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
    rig_step_to(&rig, "2019-07-14T12:00:00+08:00");
    CHECK_EQ(fake_gateway_count(rig.gateway), 0);
    rig_read_journal(&rig);
    CHECK_STR(rig_find(&rig, "robot:default", "dingtalk")->state, "held");
    CHECK_EQ(
        rig_find(&rig, "robot:default", "dingtalk")->ready, rig_at("2019-07-15T08:30:00+08:00").ms);
    rig_step_to(&rig, "2019-07-15T12:00:00+08:00");
    CHECK_EQ(fake_gateway_count(rig.gateway), 1);
    rig_read_journal(&rig);
    CHECK_STR(rig_find(&rig, "robot:default", "dingtalk")->states, "held accepted ");
    CHECK_EQ(
        rig_find(&rig, "robot:default", "dingtalk")->at, rig_at("2019-07-15T08:30:00+08:00").ms);
    rig_release(&rig);
}

static void a_group_gets_one_message_that_names_its_people(void)
{
    struct rig rig;
    rig_init(&rig, &(struct rig_options){.seed = 2, .script = all_accept});
    received(&rig);
    rig_step_to(&rig, "2019-07-15T12:00:00+08:00");
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
    rig_step_to(&rig, "2019-07-16T12:00:00+08:00");
    rig_read_journal(&rig);
    const struct message *message = rig_find(&rig, "unit-a-head", "sms");
    CHECK_STR(message->state, "accepted");
    CHECK_EQ(message->at, rig_at("2019-07-16T08:30:00+08:00").ms);
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
    rig_step_to(&rig, "2019-07-14T12:00:00+08:00");
    rig_event(&rig, "c1", "2019-07-14T13:00:00+08:00", "answered", "\"result\":\"done\"");
    rig_step_to(&rig, "2019-07-20T12:00:00+08:00");
    CHECK_EQ(fake_gateway_count(rig.gateway), 0);
    rig_read_journal(&rig);
    CHECK_STR(rig_find(&rig, "robot:default", "dingtalk")->states, "held dropped ");
    CHECK_STR(rig_find(&rig, "robot:default", "dingtalk")->reason, "settled");
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
    rig_step_to(&rig, "2019-07-15T12:00:00+08:00");
    rig_read_journal(&rig);
    CHECK_STR(rig_find(&rig, "robot:default", "dingtalk")->state, "rejected");
    CHECK_STR(rig_find(&rig, "unit-a-head", "sms")->state, "accepted");
    CHECK_STR(rig_find(&rig, "unit-a-1", "sms")->state, "accepted");
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
    rig_step_to(&rig, "2019-07-15T12:00:00+08:00");
    rig_read_journal(&rig);
    const struct message *message = rig_find(&rig, "robot:default", "dingtalk");
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
    rig_step_to(&rig, "2019-07-15T12:00:00+08:00");
    rig_read_journal(&rig);
    CHECK_STR(rig_find(&rig, "robot:default", "dingtalk")->states, "held unsure accepted ");
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
    rig_step_to(&rig, "2019-07-15T12:00:00+08:00");
    rig_read_journal(&rig);
    CHECK_STR(rig_find(&rig, "robot:default", "dingtalk")->states, "held unsure unsure ");
    CHECK_STR(rig_find(&rig, "unit-a-head", "sms")->state, "accepted");
    CHECK_EQ(fake_gateway_count(rig.gateway), 4);
    rig_release(&rig);
}

static void a_wrong_password_moves_on_and_closes_the_channel(void)
{
    struct rig rig;
    struct trouble trouble = {.left = 100, .answer = fake_answer(403, "Authorization failed")};
    rig_init(&rig, &(struct rig_options){.seed = 9, .script = trouble_first, .context = &trouble});
    received(&rig);
    rig_step_to(&rig, "2019-07-15T08:31:00+08:00");
    rig_read_journal(&rig);
    CHECK_STR(rig_find(&rig, "robot:default", "dingtalk")->state, "rejected");
    CHECK_STR(rig_find(&rig, "unit-a-head", "sms")->state, "retrying"); /* the last one there is */
    trouble.left = 0;
    rig_step_to(&rig, "2019-07-15T12:00:00+08:00");
    rig_read_journal(&rig);
    CHECK_STR(rig_find(&rig, "unit-a-head", "sms")->state, "accepted");
    CHECK_STR(rig_find(&rig, "unit-a-1", "sms")->state, "accepted");
    rig_release(&rig);
}

static void a_gateway_that_stays_away_makes_the_message_dead_after_a_day(void)
{
    struct rig rig;
    struct trouble trouble = {.left = 100000, .answer = fake_failure(HTTP_NOT_SENT)};
    rig_init(&rig, &(struct rig_options){.seed = 10, .script = trouble_first, .context = &trouble});
    received(&rig);
    rig_step_to(&rig, "2019-07-19T12:00:00+08:00");
    rig_read_journal(&rig);
    CHECK_STR(rig_find(&rig, "robot:default", "dingtalk")->state, "rejected");
    CHECK_STR(rig_find(&rig, "unit-a-1", "sms")->state, "dead");
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
    rig_step_to(&rig, "2019-07-15T08:29:00+08:00");
    const struct rlimit full = {0, RLIM_INFINITY};
    failed_writes = 0;
    (void)signal(SIGXFSZ, on_full);
    CHECK_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
    rig_step_to(&rig, "2019-07-15T12:00:00+08:00");
    rig_read_journal(&rig);
    CHECK_STR(rig_find(&rig, "robot:default", "dingtalk")->states, "held accepted ");
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
    return CHECK(sim_world_arrive(rig->world, rig_at(MONDAY), texts, subjects, CASES));
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
    rig_step_to(&rig, "2019-07-15T20:00:00+08:00");
    const size_t robots = fake_gateway_count(rig.gateway);
    CHECK_EQ(robots, CASES);
    fake_gateway_delay(rig.gateway, 15000); /* sixteen at a time: longer than a claim lasts */
    rig_step_to(&rig, "2019-07-16T12:00:00+08:00");
    CHECK_EQ(fake_gateway_count(rig.gateway) - robots, CASES);
    rig_read_journal(&rig);
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
    rig_step_to(&rig, "2019-07-14T12:00:00+08:00");
    trouble.left = 40; /* the robot does not answer; SMS is fine */
    rig_step_to(&rig, "2019-07-15T18:00:00+08:00");
    rig_read_journal(&rig);
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
    const struct message *overdue = rig_find(rig, "unit-a-head", "sms");
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
    rig_step_to(&rig, "2019-07-16T11:00:00+08:00");
    sim_world_hold_crashes(rig.world, true);
    rig_step_to(&rig, "2019-07-19T18:00:00+08:00");
    rig_read_journal(&rig);
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
