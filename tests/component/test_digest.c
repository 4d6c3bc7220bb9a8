/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several messages of one mailbox go as one: from case events to what the gateway was handed and
 * what the journal says of it, with crashes between any two steps.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "tests/support/check.h"
#include "tests/support/delivery_rig.h"
#include "tests/support/seeds.h"

#define ROBOT_OK    "{\"errcode\":0,\"errmsg\":\"ok\"}"
#define MONDAY      "2019-07-08T10:00:00+08:00"
#define MINUTE_MS   60000
#define SEEDS_USUAL 60

static bool is_robot(const struct fake_post *post)
{
    return strstr(post->url, "robot.test") != NULL;
}

static void all_accept(void *context, const struct fake_post *post, struct http_answer *answer)
{
    (void)context;
    *answer = is_robot(post) ? fake_answer(200, ROBOT_OK) : fake_answer(202, "0: Accepted");
}

/* The first `left` SMS fail in one way, then all is well; the robot is fine. */
struct trouble {
    int left;
    struct http_answer answer;
};

static void sms_in_trouble(void *context, const struct fake_post *post, struct http_answer *answer)
{
    struct trouble *trouble = context;
    all_accept(NULL, post, answer);
    if (trouble->left > 0 && !is_robot(post)) {
        trouble->left--;
        *answer = trouble->answer;
    }
}

static void received(struct rig *rig, const char *case_id, const char *title)
{
    char data[256];
    (void)snprintf(
        data, sizeof(data), "\"title\":\"%s\",\"unit\":\"unit-a\",\"handler\":\"unit-a-1\"", title);
    rig_event(rig, case_id, MONDAY, "received", data);
}

static void receive_three(struct rig *rig)
{
    received(rig, "c1", "甲事");
    received(rig, "c2", "乙事");
    received(rig, "c3", "丙事");
}

static const struct rig_options usual = {
    .seed = 1, .script = all_accept, .partitions = 3, .digest_ms = MINUTE_MS};

/* ---- what the journal knows ---- */

static const struct message *by_id(const struct rig *rig, const char *id)
{
    for (size_t index = 0; index < rig->message_count; index++) {
        if (strcmp(rig->messages[index].id, id) == 0) {
            return &rig->messages[index];
        }
    }
    return NULL;
}

/* What became of it: its own state, or that of the last digest it went with. */
static const struct message *end_of(const struct rig *rig, const struct message *message)
{
    for (int step = 0; step < 100 && strcmp(message->state, "gathered") == 0; step++) {
        const struct message *digest = by_id(rig, message->digest);
        if (!digest) {
            CHECK(!"a digest that is named has a fact");
            return message;
        }
        message = digest;
    }
    return message;
}

static const struct message *of_case(
    const struct rig *rig, const char *case_id, const char *channel, const char *person)
{
    static const struct message none;
    for (size_t index = 0; index < rig->message_count; index++) {
        const struct message *message = &rig->messages[index];
        if (strcmp(message->case_id, case_id) == 0 && strcmp(message->channel, channel) == 0 &&
            strcmp(message->person, person) == 0) {
            return message;
        }
    }
    return &none;
}

static const struct message *sms_of(const struct rig *rig, const char *case_id)
{
    return of_case(rig, case_id, "sms", "unit-a-head");
}

static size_t sms_count(const struct rig *rig)
{
    size_t count = 0;
    for (size_t index = 0; index < fake_gateway_count(rig->gateway); index++) {
        count += is_robot(fake_gateway_post(rig->gateway, index)) ? 0 : 1;
    }
    return count;
}

/* ---- facts ---- */

static void the_overdue_of_one_head_come_as_one_message(void)
{
    struct rig rig;
    rig_init(&rig, &usual);
    receive_three(&rig);
    rig_step_to(&rig, "2019-07-16T12:00:00+08:00");
    rig_read_journal(&rig);
    CHECK_EQ(sms_count(&rig), 1);
    const struct message *digest = end_of(&rig, sms_of(&rig, "c1"));
    CHECK_STR(digest->state, "accepted");
    CHECK_EQ(digest->members, 3);
    CHECK_EQ(digest->at, rig_at("2019-07-16T08:30:00+08:00").ms);
    CHECK(strstr(digest->text, "3"));
    CHECK(strstr(digest->text, "【限时督办】"));
    CHECK(end_of(&rig, sms_of(&rig, "c2")) == digest);
    CHECK(end_of(&rig, sms_of(&rig, "c3")) == digest);
    CHECK_STR(sms_of(&rig, "c2")->states, "held gathered ");
    rig_release(&rig);
}

static void a_message_alone_in_its_window_goes_as_it_is(void)
{
    struct rig rig;
    rig_init(&rig, &usual);
    received(&rig, "c1", "甲事");
    rig_step_to(&rig, "2019-07-16T12:00:00+08:00");
    rig_read_journal(&rig);
    CHECK_EQ(sms_count(&rig), 1);
    CHECK_STR(sms_of(&rig, "c1")->states, "held accepted ");
    CHECK_STR(sms_of(&rig, "c1")->digest, "");
    rig_release(&rig);
}

static void one_settled_meanwhile_is_left_out_and_told_of(void)
{
    struct rig rig;
    rig_init(&rig, &usual);
    receive_three(&rig);
    rig_step_to(&rig, "2019-07-16T07:00:00+08:00");
    rig_event(&rig, "c2", "2019-07-16T07:30:00+08:00", "answered", "\"result\":\"done\"");
    rig_step_to(&rig, "2019-07-16T12:00:00+08:00");
    rig_read_journal(&rig);
    CHECK_EQ(sms_count(&rig), 1);
    CHECK_STR(sms_of(&rig, "c2")->states, "held dropped ");
    CHECK_STR(sms_of(&rig, "c2")->reason, "settled");
    const struct message *digest = end_of(&rig, sms_of(&rig, "c1"));
    CHECK_EQ(digest->members, 2);
    CHECK(!strstr(digest->text, "乙事"));
    rig_release(&rig);
}

static void when_one_is_left_it_goes_as_itself(void)
{
    struct rig rig;
    rig_init(&rig, &usual);
    receive_three(&rig);
    rig_step_to(&rig, "2019-07-16T07:00:00+08:00");
    rig_event(&rig, "c2", "2019-07-16T07:30:00+08:00", "answered", "\"result\":\"done\"");
    rig_event(&rig, "c3", "2019-07-16T07:31:00+08:00", "answered", "\"result\":\"done\"");
    rig_step_to(&rig, "2019-07-16T12:00:00+08:00");
    rig_read_journal(&rig);
    CHECK_EQ(sms_count(&rig), 1);
    CHECK_STR(sms_of(&rig, "c1")->states, "held accepted ");
    CHECK(strstr(sms_of(&rig, "c1")->text, "甲事"));
    CHECK_STR(sms_of(&rig, "c3")->states, "held dropped ");
    rig_release(&rig);
}

static void all_settled_send_nothing(void)
{
    struct rig rig;
    rig_init(&rig, &usual);
    receive_three(&rig);
    rig_step_to(&rig, "2019-07-16T07:00:00+08:00");
    rig_event(&rig, "c1", "2019-07-16T07:29:00+08:00", "answered", "\"result\":\"done\"");
    rig_event(&rig, "c2", "2019-07-16T07:30:00+08:00", "answered", "\"result\":\"done\"");
    rig_event(&rig, "c3", "2019-07-16T07:31:00+08:00", "answered", "\"result\":\"done\"");
    rig_step_to(&rig, "2019-07-16T12:00:00+08:00");
    rig_read_journal(&rig);
    CHECK_EQ(sms_count(&rig), 0);
    CHECK_STR(sms_of(&rig, "c1")->states, "held dropped ");
    rig_release(&rig);
}

static void a_digest_that_was_not_sent_is_made_anew_with_what_is_true_then(void)
{
    struct rig rig;
    struct trouble trouble = {.left = 4, .answer = fake_failure(HTTP_NOT_SENT)};
    struct rig_options options = usual;
    options.script = sms_in_trouble;
    options.context = &trouble;
    rig_init(&rig, &options);
    receive_three(&rig);
    rig_step_to(&rig, "2019-07-16T08:30:01+08:00");
    rig_event(&rig, "c2", "2019-07-16T08:30:02+08:00", "answered", "\"result\":\"done\"");
    rig_step_to(&rig, "2019-07-16T12:00:00+08:00");
    rig_read_journal(&rig);
    const struct message *end = end_of(&rig, sms_of(&rig, "c1"));
    CHECK_STR(end->state, "accepted");
    CHECK_EQ(end->members, 2);
    CHECK_EQ(end->attempts, 5); /* it is the same errand */
    CHECK_STR(sms_of(&rig, "c2")->state, "dropped");
    CHECK_STR(by_id(&rig, sms_of(&rig, "c3")->digest)->id, end->id);
    rig_release(&rig);
}

static void an_unsure_digest_is_repeated_to_the_byte_whatever_happens_meanwhile(void)
{
    struct rig rig;
    struct trouble trouble = {.left = 1, .answer = fake_failure(HTTP_NO_ANSWER)};
    struct rig_options options = usual;
    options.script = sms_in_trouble;
    options.context = &trouble;
    rig_init(&rig, &options);
    receive_three(&rig);
    rig_step_to(&rig, "2019-07-16T08:30:01+08:00");
    rig_event(&rig, "c2", "2019-07-16T08:30:02+08:00", "answered", "\"result\":\"done\"");
    rig_step_to(&rig, "2019-07-16T12:00:00+08:00");
    rig_read_journal(&rig);
    const struct message *digest = end_of(&rig, sms_of(&rig, "c1"));
    CHECK_STR(digest->states, "sending unsure accepted ");
    CHECK_EQ(digest->members, 3);
    if (CHECK_EQ(sms_count(&rig), 2)) {
        const size_t last = fake_gateway_count(rig.gateway) - 1;
        CHECK_STR(
            fake_gateway_post(rig.gateway, last)->url,
            fake_gateway_post(rig.gateway, last - 1)->url);
    }
    rig_release(&rig);
}

static void robot_is_gone(void *context, const struct fake_post *post, struct http_answer *answer)
{
    all_accept(context, post, answer);
    if (is_robot(post)) {
        *answer = fake_answer(200, "{\"errcode\":400102,\"errmsg\":\"stopped\"}");
    }
}

static void the_messages_of_a_rejected_digest_are_gathered_on_the_next_channel(void)
{
    struct rig rig;
    struct rig_options options = usual;
    options.script = robot_is_gone;
    rig_init(&rig, &options);
    receive_three(&rig);
    rig_step_to(&rig, "2019-07-15T12:00:00+08:00");
    rig_read_journal(&rig);
    CHECK_STR(of_case(&rig, "c1", "dingtalk", "robot:default")->state, "rejected");
    CHECK_STR(end_of(&rig, of_case(&rig, "c2", "sms", "unit-a-1"))->state, "accepted");
    CHECK_EQ(sms_count(&rig), 2); /* the head and the handler, one each */
    rig_release(&rig);
}

static void rate_once(void *context, const struct fake_post *post, struct http_answer *answer)
{
    struct trouble *trouble = context;
    all_accept(NULL, post, answer);
    if (is_robot(post) && trouble->left > 0) {
        trouble->left--;
        *answer = fake_answer(200, "{\"errcode\":130101,\"errmsg\":\"too fast\"}");
    }
}

static size_t robot_count(const struct rig *rig)
{
    size_t count = 0;
    for (size_t host = 0; host < rig->host_count; host++) {
        const struct fake_gateway *gateway = rig->hosts[host].gateway;
        for (size_t index = 0; index < fake_gateway_count(gateway); index++) {
            count += is_robot(fake_gateway_post(gateway, index)) ? 1 : 0;
        }
    }
    return count;
}

static void a_closed_mailbox_is_closed_for_each_notifier(void)
{
    struct rig rig;
    struct trouble trouble = {.left = 1};
    struct rig_options options = usual;
    options.digest_ms = 0;
    options.hosts = 2;
    options.script = rate_once;
    options.context = &trouble;
    rig_init(&rig, &options);
    receive_three(&rig);
    rig_step_to(&rig, "2019-07-15T08:39:59+08:00");
    CHECK_GE(3, robot_count(&rig)); /* those under way when the robot said so */
    rig_step_to(&rig, "2019-07-15T12:00:00+08:00");
    rig_read_journal(&rig);
    CHECK_STR(of_case(&rig, "c1", "dingtalk", "robot:default")->state, "accepted");
    CHECK_STR(of_case(&rig, "c3", "dingtalk", "robot:default")->state, "accepted");
    rig_release(&rig);
}

/* ---- any history ---- */

struct loose {
    struct prng prng;
};

/* Mostly well; now and then refused, lost before, or lost after. */
static void loosely(void *context, const struct fake_post *post, struct http_answer *answer)
{
    struct loose *loose = context;
    all_accept(NULL, post, answer);
    switch (prng_below(&loose->prng, 18)) {
    case 0:
    case 1:
        *answer = fake_failure(HTTP_NOT_SENT);
        break;
    case 2:
    case 3:
        *answer = fake_failure(HTTP_NO_ANSWER); /* the gateway has it all the same */
        break;
    case 4:
        *answer = is_robot(post) ? fake_answer(200, "{\"errcode\":400102}") : *answer;
        break;
    default:
        break;
    }
}

#define CASES 12

static void some_history(struct rig *rig, struct prng *prng)
{
    for (int index = 0; index < CASES; index++) {
        char id[16];
        char title[32];
        (void)snprintf(id, sizeof(id), "c%d", index);
        (void)snprintf(title, sizeof(title), "第%d件事", index);
        received(rig, id, title);
    }
    rig_step_to(rig, "2019-07-14T12:00:00+08:00");
    for (int index = 0; index < CASES; index++) {
        char id[16];
        char when[40];
        (void)snprintf(id, sizeof(id), "c%d", index);
        if (prng_one_in(prng, 3)) {
            (void)snprintf(
                when, sizeof(when), "2019-07-15T08:%02d:%02d+08:00", 20 + index,
                (int)prng_below(prng, 60));
            rig_event(rig, id, when, "answered", "\"result\":\"done\"");
        }
    }
    rig_step_to(rig, "2019-07-16T11:00:00+08:00");
    sim_world_hold_crashes(rig->world, true);
    rig_step_to(rig, "2019-07-19T18:00:00+08:00");
}

static bool is_end(const char *state)
{
    static const char *const ends[] = {"accepted", "dropped", "rejected", "dead", "unsure"};
    for (size_t index = 0; index < sizeof(ends) / sizeof(ends[0]); index++) {
        if (strcmp(state, ends[index]) == 0) {
            return true;
        }
    }
    return false;
}

struct found {
    size_t posts;
    bool same;
};

static bool has_identity(const struct fake_post *post, const char *id)
{
    char tail[32];
    (void)snprintf(tail, sizeof(tail), "编号 %.8s", id);
    return is_robot(post) ? strstr(post->body, tail) != NULL : strstr(post->url, id) != NULL;
}

/* What stays the same when a request is repeated. */
static const char *bytes_of(const struct fake_post *post)
{
    return is_robot(post) ? post->body : post->url;
}

static bool is_by_day(struct wall_ms at)
{
    const int64_t hour = (at.ms / MINUTE_MS / 60 + 8) % 24;
    return hour >= 8 && hour < 21;
}

/* What one gateway has of that identity, beside the others. */
static void add_posts(
    const struct fake_gateway *gateway,
    const char *id,
    const struct fake_post **first,
    struct found *found)
{
    for (size_t index = 0; index < fake_gateway_count(gateway); index++) {
        const struct fake_post *post = fake_gateway_post(gateway, index);
        if (post->result == HTTP_NOT_SENT || !has_identity(post, id)) {
            continue;
        }
        CHECK(is_by_day(post->at)); /* nothing early */
        found->posts++;
        found->same = found->same && (!*first || strcmp(bytes_of(*first), bytes_of(post)) == 0);
        *first = *first ? *first : post;
    }
}

static struct found posts_of(const struct rig *rig, const struct message *message)
{
    struct found found = {.same = true};
    const struct fake_post *first = NULL;
    for (size_t host = 0; host < rig->host_count; host++) {
        add_posts(rig->hosts[host].gateway, message->id, &first, &found);
    }
    return found;
}

static void check_message(const struct rig *rig, const struct message *message)
{
    const bool is_digest = message->members > 0;
    const struct message *end = end_of(rig, message);
    check_note("%s %s %s", message->id, message->states, end->states);
    CHECK(is_end(end->state));
    if (strcmp(message->state, "gathered") == 0) {
        const struct found own = posts_of(rig, message);
        const bool was_refused =
            is_digest || strstr(message->states, "retrying") || strstr(message->states, "rejected");
        CHECK(own.posts == 0 || was_refused);
        return;
    }
    const struct found found = posts_of(rig, message);
    CHECK_GE(strstr(message->states, "unsure") ? 2 : 1, found.posts);
    CHECK(found.same);
    CHECK(strcmp(message->state, "accepted") != 0 || found.posts >= 1);
}

static bool share_a_window(const struct message *left, const struct message *right)
{
    return strcmp(left->person, right->person) == 0 && strcmp(left->channel, right->channel) == 0 &&
           left->at / MINUTE_MS == right->at / MINUTE_MS;
}

static bool came_through_once(const struct message *message)
{
    return strcmp(message->state, "accepted") == 0 && !strstr(message->states, "unsure");
}

/* No two messages of one mailbox came through for the first time in one window. */
static void check_windows(const struct rig *rig)
{
    for (size_t a = 0; a < rig->message_count; a++) {
        for (size_t b = 0; b < a; b++) {
            const struct message *left = &rig->messages[a];
            const struct message *right = &rig->messages[b];
            check_note("%s %s", left->id, right->id);
            CHECK(
                !came_through_once(left) || !came_through_once(right) ||
                !share_a_window(left, right));
        }
    }
}

static size_t one_seed(uint64_t seed, size_t hosts)
{
    struct rig rig;
    struct loose loose;
    struct prng prng;
    prng_seed(&loose.prng, seed);
    prng_seed(&prng, seed + 77);
    check_note("seed=%llu", (unsigned long long)seed);
    struct rig_options options = usual;
    options.seed = seed;
    options.script = loosely;
    options.context = &loose;
    options.partitions = seed % 2 ? 1 : 3;
    options.crash_one_in = seed % 3 ? 120 : 0;
    options.hosts = hosts;
    rig_init(&rig, &options);
    some_history(&rig, &prng);
    rig_read_journal(&rig);
    for (size_t index = 0; index < rig.message_count; index++) {
        check_message(&rig, &rig.messages[index]);
    }
    check_note("seed=%llu", (unsigned long long)seed);
    if (options.crash_one_in == 0) {
        check_windows(&rig);
    }
    const size_t crashes = sim_world_crashes(rig.world);
    rig_release(&rig);
    return crashes;
}

static void run_seeds(uint64_t first, size_t hosts)
{
    const uint64_t only = seeds_only();
    size_t crashes = 0;
    for (uint64_t seed = 0; seed < seeds_count(SEEDS_USUAL); seed++) {
        crashes += only ? 0 : one_seed(first + seed, hosts);
    }
    if (only) {
        (void)one_seed(only, hosts);
    } else {
        CHECK_GE(crashes, 1);
    }
}

static void whatever_happens_each_message_ends_once_in_a_post_or_a_named_drop(void)
{
    run_seeds(1, 1);
}

static void two_notifiers_gather_without_doubles(void)
{
    run_seeds(5001, 2);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(the_overdue_of_one_head_come_as_one_message);
    CHECK_RUN(a_message_alone_in_its_window_goes_as_it_is);
    CHECK_RUN(one_settled_meanwhile_is_left_out_and_told_of);
    CHECK_RUN(when_one_is_left_it_goes_as_itself);
    CHECK_RUN(all_settled_send_nothing);
    CHECK_RUN(a_digest_that_was_not_sent_is_made_anew_with_what_is_true_then);
    CHECK_RUN(an_unsure_digest_is_repeated_to_the_byte_whatever_happens_meanwhile);
    CHECK_RUN(the_messages_of_a_rejected_digest_are_gathered_on_the_next_channel);
    CHECK_RUN(a_closed_mailbox_is_closed_for_each_notifier);
    CHECK_RUN(whatever_happens_each_message_ends_once_in_a_post_or_a_named_drop);
    CHECK_RUN(two_notifiers_gather_without_doubles);
    return check_done();
}
