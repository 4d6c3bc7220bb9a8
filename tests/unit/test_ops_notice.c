/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the service tells its operators about itself: once while it lasts, again after a day, when
 * it is over; not by the channel that is dead; the same from every instance.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "base/prng.h"
#include "store/ops_notice.h"
#include "store/store_open.h"
#include "tests/support/check.h"

#define NOTICES_MAX 64
#define HOUR_MS     ((int64_t)3600 * 1000)

struct told {
    char id[64];
    char to[64];
    char via[64];
    char text[400];
    bool urgent;
};

struct rig {
    struct memory_world *world;
    struct loop *loop;
    struct prng prng;
    struct service_clock clock;
    struct settings settings;
    struct role_env env;
    struct bundle *bundle;
    struct told told[NOTICES_MAX];
    size_t told_count;
    bool taking;
};

static const struct text notify[] = {{"unit:ov", 7}};
static const struct text via[] = {{"sms", 3}, {"work", 4}};
static const struct channel_settings channels[] = {
    {.name = {"sms", 3}, .type = {"kannel", 6}},
    {.name = {"work", 4}, .type = {"sandbox", 7}},
    {.name = {"mail", 4}, .type = {"email", 5}},
    {.name = {"oa", 2}, .type = {"webhook", 7}},
};
static struct person people[] = {{.id = {"watch", 5}, .unit = {"ov", 2}}};
static struct unit units[] = {{.id = {"ov", 2}, .head = {"watch", 5}, .oversight = true}};

static void join(char *to, size_t bytes, const struct json_value *list)
{
    to[0] = '\0';
    for (const struct json_value *item = json_first(list); item; item = json_next(item)) {
        const size_t at = strlen(to);
        const struct text word = json_string(item);
        (void)snprintf(to + at, bytes - at, "%s%.*s", at > 0 ? "," : "", TEXT_ARGS(word));
    }
}

static void keep(struct rig *rig, struct text body)
{
    struct json_doc *doc = NULL;
    MUST(rig->told_count < NOTICES_MAX);
    if (!CHECK_EQ(json_parse(body, &json_limits_event, &doc, NULL), ERR_OK)) {
        return;
    }
    struct told *told = &rig->told[rig->told_count++];
    const struct json_value *root = json_root(doc);
    CHECK(text_is(json_get_string(root, "notice"), "ops"));
    const bool urgent = json_is_true(json_get(root, "urgent"));
    CHECK(text_is(json_get_string(root, "send"), urgent ? "now" : "day"));
    told->urgent = urgent;
    (void)snprintf(told->id, sizeof(told->id), "%.*s", TEXT_ARGS(json_get_string(root, "id")));
    (void)snprintf(
        told->text, sizeof(told->text), "%.*s", TEXT_ARGS(json_get_string(root, "text")));
    join(told->to, sizeof(told->to), json_get(root, "to"));
    join(told->via, sizeof(told->via), json_get(root, "via"));
    json_free(doc);
}

static void on_acked(void *context, enum err err, const char *why)
{
    (void)context;
    (void)why;
    CHECK_EQ(err, ERR_OK);
}

static void on_taken(
    void *context, enum err err, const char *why, const struct store_entry *entries, size_t count)
{
    struct rig *rig = context;
    (void)why;
    rig->taking = false;
    for (size_t index = 0; !err && index < count; index++) {
        const struct store_ack ack = {entries[index].partition, entries[index].position};
        keep(rig, entries[index].body);
        store_queue_ack(rig->env.store, QUEUE_OUTBOX, &ack, 1, on_acked, NULL);
    }
}

/* A minute of real time: whatever waits is handed over, and read. */
static void turn(struct rig *rig)
{
    for (int round = 0; round < 200; round++) {
        if (!rig->taking) {
            rig->taking = true;
            store_queue_take(rig->env.store, QUEUE_OUTBOX, 16, 1, on_taken, rig);
        }
        while (memory_world_step(rig->world, &rig->prng)) {
        }
        const int64_t real_ms = loop_real_ms(rig->loop) + 300;
        while (loop_manual_advance(rig->loop, real_ms)) {
        }
        memory_world_set_real(rig->world, real_ms);
    }
}

static void rig_init(struct rig *rig)
{
    *rig = (struct rig){.world = memory_world_create(1), .loop = loop_manual_create()};
    prng_seed(&rig->prng, 1);
    clock_init_stepped(&rig->clock, (struct wall_ms){1772409600000}); /* 2026-03-02T08:00+08:00 */
    rig->settings = (struct settings){
        .channels = channels,
        .channel_count = sizeof(channels) / sizeof(channels[0]),
        .ops_notify = notify,
        .ops_notify_count = 1,
        .ops_via = via,
        .ops_via_count = 2,
    };
    struct report report;
    report_init(&report);
    rig->bundle = bundle_load_folder(NULL, NULL, &report);
    report_release(&report);
    MUST(rig->bundle);
    rig->bundle->policy.directory = directory_build(&rig->bundle->arena, units, 1, people, 1);
    rig->env = (struct role_env){
        .loop = rig->loop,
        .store = store_memory_open(rig->world, TEXT_LITERAL("notifier-1")),
        .clock = &rig->clock,
        .settings = &rig->settings,
        .instance = "notifier-1",
        .bundle = rig->bundle,
    };
}

static void rig_release(struct rig *rig)
{
    ops_release(&rig->env);
    store_close(rig->env.store);
    loop_free(rig->loop);
    memory_world_free(rig->world);
    bundle_free(rig->bundle);
}

static void pass(struct rig *rig, int64_t ms)
{
    clock_set(&rig->clock, wall_add(role_now(&rig->env), ms));
    turn(rig);
}

static const struct ops_words closed = {"短信通道已熔断", "the channel is closed"};

static void a_trouble_is_told_once_while_it_lasts_and_once_when_it_is_over(void)
{
    struct rig rig;
    rig_init(&rig);
    for (int times = 0; times < 3; times++) {
        ops_raise(&rig.env, OPS_LATE, TEXT_LITERAL(""), closed);
        pass(&rig, HOUR_MS);
    }
    CHECK(ops_is_raised(&rig.env, OPS_LATE, TEXT_LITERAL("")));
    CHECK_EQ(rig.told_count, 1);
    CHECK(rig.told[0].urgent);
    CHECK_STR(rig.told[0].to, "watch");
    CHECK_STR(rig.told[0].via, "sms,work");
    CHECK_STR(rig.told[0].text, "短信通道已熔断");
    ops_clear(&rig.env, OPS_LATE, TEXT_LITERAL(""));
    ops_clear(&rig.env, OPS_LATE, TEXT_LITERAL(""));
    turn(&rig);
    CHECK_EQ(rig.told_count, 2);
    CHECK(strstr(rig.told[1].text, "已恢复") != NULL);
    rig_release(&rig);
}

static void what_lasts_is_told_again_after_a_day(void)
{
    struct rig rig;
    rig_init(&rig);
    ops_raise(&rig.env, OPS_CALENDAR_YEAR, TEXT_LITERAL("2027"), closed);
    for (int hour = 0; hour < 23; hour++) {
        pass(&rig, HOUR_MS);
    }
    CHECK_EQ(rig.told_count, 1);
    CHECK(!rig.told[0].urgent); /* it does not wake anybody */
    pass(&rig, HOUR_MS);
    CHECK_EQ(rig.told_count, 2);
    CHECK(strcmp(rig.told[0].id, rig.told[1].id) != 0);
    pass(&rig, 23 * HOUR_MS);
    CHECK_EQ(rig.told_count, 2);
    rig_release(&rig);
}

static void a_dead_channel_does_not_carry_the_news_of_its_death(void)
{
    struct rig rig;
    rig_init(&rig);
    ops_raise(&rig.env, OPS_CHANNEL_CLOSED, TEXT_LITERAL("sms"), closed);
    turn(&rig);
    CHECK_STR(rig.told[0].via, "work");
    ops_raise(&rig.env, OPS_CREDENTIAL, TEXT_LITERAL("work"), closed);
    turn(&rig);
    CHECK_STR(rig.told[1].via, "mail"); /* none of ops.via is left: any other but a webhook */
    ops_raise(&rig.env, OPS_CHANNEL_CLOSED, TEXT_LITERAL("mail"), closed);
    turn(&rig);
    CHECK_STR(rig.told[2].via, "sms,work"); /* late rather than never */
    ops_clear(&rig.env, OPS_CHANNEL_CLOSED, TEXT_LITERAL("sms"));
    turn(&rig);
    CHECK(strstr(rig.told[3].text, "（sms）") != NULL);
    rig_release(&rig);
}

static void two_instances_make_the_same_notice(void)
{
    struct rig one;
    struct rig two;
    rig_init(&one);
    rig_init(&two);
    ops_raise(&one.env, OPS_CHANNEL_CLOSED, TEXT_LITERAL("sms"), closed);
    pass(&two, 5000);
    ops_raise(&two.env, OPS_CHANNEL_CLOSED, TEXT_LITERAL("sms"), closed);
    turn(&one);
    turn(&two);
    CHECK_STR(one.told[0].id, two.told[0].id);
    ops_raise(&two.env, OPS_CHANNEL_CLOSED, TEXT_LITERAL("work"), closed);
    turn(&two);
    CHECK(strcmp(two.told[0].id, two.told[1].id) != 0);
    rig_release(&one);
    rig_release(&two);
}

static void what_comes_and_goes_all_day_is_told_a_few_times_only(void)
{
    struct rig rig;
    rig_init(&rig);
    for (int times = 0; times < 10; times++) {
        ops_raise(&rig.env, OPS_LEDGER, TEXT_LITERAL(""), closed);
        turn(&rig);
        ops_clear(&rig.env, OPS_LEDGER, TEXT_LITERAL(""));
        turn(&rig);
    }
    CHECK_EQ(rig.told_count, 2 * OPS_EPISODES_A_DAY);
    for (size_t a = 0; a < rig.told_count; a++) {
        for (size_t b = 0; b < a; b++) {
            CHECK(strcmp(rig.told[a].id, rig.told[b].id) != 0);
        }
    }
    rig_release(&rig);
}

static void what_only_happens_is_told_once_a_day(void)
{
    struct rig rig;
    rig_init(&rig);
    for (int hour = 0; hour < 30; hour++) {
        ops_happened(&rig.env, OPS_MESSAGES_DEAD, TEXT_LITERAL("sms"), closed);
        pass(&rig, HOUR_MS);
    }
    CHECK_EQ(rig.told_count, 2);
    rig_release(&rig);
}

static void without_operators_nothing_is_told(void)
{
    struct rig rig;
    rig_init(&rig);
    rig.settings.ops_notify_count = 0;
    ops_raise(&rig.env, OPS_LATE, TEXT_LITERAL(""), closed);
    turn(&rig);
    CHECK_EQ(rig.told_count, 0);
    CHECK(ops_is_raised(&rig.env, OPS_LATE, TEXT_LITERAL("")));
    rig_release(&rig);
}

static void what_the_store_does_not_take_waits(void)
{
    struct rig rig;
    rig_init(&rig);
    ops_raise(&rig.env, OPS_LATE, TEXT_LITERAL(""), closed);
    store_memory_break(rig.env.store); /* the notice was on its way and had not got there */
    CHECK_EQ(rig.told_count, 0);
    turn(&rig);
    turn(&rig);
    CHECK_EQ(rig.told_count, 1);
    rig_release(&rig);
}

int main(void)
{
    CHECK_RUN(a_trouble_is_told_once_while_it_lasts_and_once_when_it_is_over);
    CHECK_RUN(what_lasts_is_told_again_after_a_day);
    CHECK_RUN(a_dead_channel_does_not_carry_the_news_of_its_death);
    CHECK_RUN(two_instances_make_the_same_notice);
    CHECK_RUN(what_comes_and_goes_all_day_is_told_a_few_times_only);
    CHECK_RUN(what_only_happens_is_told_once_a_day);
    CHECK_RUN(without_operators_nothing_is_told);
    CHECK_RUN(what_the_store_does_not_take_waits);
    return check_done();
}
