/* SPDX-License-Identifier: Apache-2.0 */
/* See delivery_rig.h. */
#include "tests/support/delivery_rig.h"

#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "monitor/monitor.h"
#include "notifiers/notifier.h"
#include "tests/support/check.h"

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

void rig_init(struct rig *rig, const struct rig_options *options)
{
    struct report report;
    struct err_why why = {0};
    *rig = (struct rig){0};
    current = rig;
    report_init(&report);
    const struct bundle_files shipped = {0};
    rig->bundle = bundle_load_files(options->files ? options->files : &shipped, &report);
    MUST(rig->bundle);
    report_release(&report);
    settings_defaults(&rig->settings);
    memcpy(rig->channels, channels, sizeof(channels));
    rig->channels[0].digest_ms = options->digest_ms;
    rig->channels[1].digest_ms = options->digest_ms;
    rig->settings.channels = rig->channels;
    rig->settings.channel_count = DELIVERY_CHANNELS;
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

void rig_release(struct rig *rig)
{
    sim_world_free(rig->world);
    for (size_t index = 0; index < rig->host_count; index++) {
        fake_gateway_free(rig->hosts[index].gateway);
        send_journal_close(rig->hosts[index].journal);
    }
    bundle_free(rig->bundle);
}

struct wall_ms rig_at(const char *text)
{
    struct wall_ms instant = {0};
    MUST(!wall_parse(text, strlen(text), &instant));
    return instant;
}

bool rig_event(
    struct rig *rig, const char *case_id, const char *when, const char *kind, const char *data)
{
    static int next_id;
    char json[1024];
    const struct text subject = text_of(case_id);
    (void)snprintf(
        json, sizeof(json),
        "{\"specversion\":\"1.0\",\"id\":\"e%d\",\"source\":\"test\",\"type\":\"case.%s\","
        "\"subject\":\"%s\",\"time\":\"%s\",\"data\":{%s}}",
        ++next_id, kind, case_id, when, data);
    const struct text body = text_of(json);
    return CHECK(sim_world_arrive(rig->world, rig_at(when), &body, &subject, 1));
}

bool rig_step_to(struct rig *rig, const char *when)
{
    return CHECK(sim_world_step_to(rig->world, rig_at(when)));
}

/* ---- what the journal tells ---- */

static struct message *message_of(struct rig *rig, struct text id)
{
    for (size_t index = 0; index < rig->message_count; index++) {
        if (text_is(id, rig->messages[index].id)) {
            return &rig->messages[index];
        }
    }
    MUST(rig->message_count < DELIVERY_MESSAGES_MAX);
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
    KEEP(case_id, "case");
    if (json_get(fact, "digest")) {
        KEEP(digest, "digest");
    }
    if (json_get(fact, "members")) {
        message->members = json_count(json_get(fact, "members"));
    }
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

void rig_read_journal(struct rig *rig)
{
    rig->message_count = 0;
    rig->receipt_count = 0;
    sim_world_facts(rig->world, take_fact, rig);
}

const struct message *rig_find(struct rig *rig, const char *person, const char *channel)
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
