/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gateways answer from one struct of wishes and counters; what the notifier keeps on its disk
 * and what the gateways were handed outlive its crashes.
 */
#include "tests/support/proof_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/must.h"
#include "monitor/monitor.h"
#include "tests/support/check.h"

#define MINUTE_MS 60000

/* ---- gateways: Kannel, DingTalk's work notifications, Alibaba Cloud ---- */

static const struct channel_option kannel_options[] = {
    {.name = {"username", 8}, .value = {"water", 5}},
    {.name = {"password", 8}, .value = {"secret-pass", 11}, .secret = true},
    {.name = {"signature", 9}, .value = {"【督办】", 12}},
    {.name = {"receipt_secret", 14}, .value = {"hook", 4}, .secret = true},
};
static const struct channel_option work_options[] = {
    {.name = {"app_key", 7}, .value = {"key", 3}},
    {.name = {"app_secret", 10}, .value = {"app-secret", 10}, .secret = true},
    {.name = {"agent_id", 8}, .value = {"7", 1}},
};
static const struct channel_option cloud_options[] = {
    {.name = {"access_key_id", 13}, .value = {"id", 2}},
    {.name = {"access_key_secret", 17}, .value = {"key", 3}, .secret = true},
    {.name = {"signature", 9}, .value = {"督办", 6}},
};
static const struct channel_settings channels[] = {
    {
        .name = {"sms", 3},
        .type = {"kannel", 6},
        .fallback_after_ms = 10 * MINUTE_MS,
        .url = {"http://sms.test", 15},
        .options = kannel_options,
        .option_count = 4,
    },
    {
        .name = {"work", 4},
        .type = {"dingtalk-work", 13},
        .fallback_after_ms = 10 * MINUTE_MS,
        .url = {"http://work.test", 16},
        .options = work_options,
        .option_count = 3,
    },
    {
        .name = {"cloud", 5},
        .type = {"aliyun", 6},
        .fallback_after_ms = 10 * MINUTE_MS,
        .url = {"http://cloud.test", 17},
        .options = cloud_options,
        .option_count = 3,
    },
};
#define CHANNELS (sizeof(channels) / sizeof(channels[0]))

static bool is_at(const struct fake_post *post, const char *part)
{
    return strstr(post->url, part) != NULL;
}

static void answer_token(struct proof_script *script, struct http_answer *answer)
{
    static char body[256];
    script->tokens++;
    if (script->token) {
        (void)snprintf(
            body, sizeof(body), "{\"errcode\":0,\"access_token\":\"%s\",\"expires_in\":7200}",
            script->token);
        *answer = fake_answer(200, body);
    } else {
        *answer = fake_answer(200, "{\"errcode\":40089,\"errmsg\":\"bad secret\"}");
    }
}

static void answer_send(
    struct proof_script *script, const struct fake_post *post, struct http_answer *answer)
{
    static char body[256];
    script->sends++;
    if (script->unanswered > 0) {
        script->unanswered--;
        *answer = fake_failure(HTTP_NO_ANSWER);
    } else if (is_at(post, "sms.test")) {
        *answer = fake_answer(202, "0: Accepted");
    } else if (is_at(post, "cloud.test")) {
        *answer = fake_answer(200, "{\"Code\":\"OK\",\"BizId\":\"9001^0\",\"RequestId\":\"r\"}");
    } else if (script->refused > 0) {
        script->refused--;
        *answer = fake_answer(200, "{\"errcode\":40014,\"errmsg\":\"invalid access_token\"}");
    } else {
        (void)snprintf(body, sizeof(body), "{\"errcode\":0,\"task_id\":%d}", script->sends);
        *answer = fake_answer(200, body);
    }
}

static void answer_poll(
    struct proof_script *script, const struct fake_post *post, struct http_answer *answer)
{
    static char body[512];
    script->polls++;
    if (script->polls_lost > 0) {
        script->polls_lost--;
        *answer = fake_failure(HTTP_NO_ANSWER);
    } else if (is_at(post, "work.test")) {
        (void)snprintf(
            body, sizeof(body), "{\"errcode\":0,\"send_result\":{%s}}",
            script->result ? script->result : "");
        *answer = fake_answer(200, body);
    } else if (script->cloud_knows) {
        (void)snprintf(
            body, sizeof(body),
            "{\"Code\":\"OK\",\"SmsSendDetailDTOs\":{\"SmsSendDetailDTO\":[{\"OutId\":\"%s\","
            "\"SendStatus\":%d,\"ErrCode\":\"X\"}]}}",
            script->last_id, (int)script->cloud_status);
        *answer = fake_answer(200, body);
    } else {
        *answer =
            fake_answer(200, "{\"Code\":\"OK\",\"SmsSendDetailDTOs\":{\"SmsSendDetailDTO\":[]}}");
    }
}

static void gateways(void *context, const struct fake_post *post, struct http_answer *answer)
{
    struct proof_script *script = context;
    const char *id = strstr(post->url, "OutId=");
    if (id) {
        (void)snprintf(script->last_id, sizeof(script->last_id), "%.26s", id + 6);
    }
    if (is_at(post, "/gettoken")) {
        answer_token(script, answer);
    } else if (is_at(post, "/getbymobile")) {
        script->lookups++;
        if (script->no_number) {
            *answer = fake_answer(200, "{\"errcode\":40035,\"errmsg\":\"bad mobile\"}");
            return;
        }
        *answer = script->nobody
                      ? fake_answer(200, "{\"errcode\":60121,\"errmsg\":\"not found\"}")
                      : fake_answer(200, "{\"errcode\":0,\"result\":{\"userid\":\"u-found\"}}");
    } else if (is_at(post, "/getsendresult") || (is_at(post, "cloud.test") && !id)) {
        answer_poll(script, post, answer);
    } else {
        answer_send(script, post, answer);
    }
}

/* ---- the configuration: one deadline, told to its handler along `via` ---- */

#define DIRECTORY                                                                                  \
    "{\"units\":[{\"id\":\"u\",\"name\":\"甲局\",\"head\":\"p1\",\"handlers\":[\"p1\",\"p2\","   \
    "\"p3\",\"p4\",\"p5\",\"p6\"]}],\"people\":["                                                  \
    "{\"id\":\"p1\",\"name\":\"一\",\"unit\":\"u\",\"mobile\":\"19900000001\"},"                  \
    "{\"id\":\"p2\",\"name\":\"二\",\"unit\":\"u\",\"mobile\":\"19900000002\"},"                  \
    "{\"id\":\"p3\",\"name\":\"三\",\"unit\":\"u\",\"mobile\":\"19900000003\"},"                  \
    "{\"id\":\"p4\",\"name\":\"四\",\"unit\":\"u\",\"mobile\":\"19900000004\"},"                  \
    "{\"id\":\"p5\",\"name\":\"五\",\"unit\":\"u\",\"mobile\":\"19900000005\"},"                  \
    "{\"id\":\"p6\",\"name\":\"六\",\"unit\":\"u\",\"mobile\":\"19900000006\",\"dingtalk\":"      \
    "\"u-six\"}]}"
#define TEMPLATE                                                                                   \
    "{\"id\":\"late\",\"texts\":{\"zh\":{\"sms\":\"{sign}{title}逾期\","                         \
    "\"markdown\":\"{title}逾期\"}},\"vendor\":{\"cloud\":{\"template\":\"SMS_000000001\","      \
    "\"params\":{\"title\":\"{title}\"}}}}"

static struct bundle *make_bundle(const struct settings *settings, const char *via)
{
    char rules[1024];
    struct report report;
    (void)snprintf(
        rules, sizeof(rules),
        "{\"id\":\"r\",\"version\":\"1\",\"clocks\":[{\"id\":\"reply\",\"title\":\"答复\","
        "\"limit\":{\"from\":\"due\"},\"stages\":[{\"id\":\"overdue\",\"at\":\"due+0\",\"light\":"
        "\"red\",\"notify\":[\"handler\"],\"via\":[%s],\"send\":\"now\",\"template\":\"late\"}]}]}",
        via);
    const struct bundle_source files[] = {
        {TEXT_LITERAL("rules/r.json"), text_of(rules)},
        {TEXT_LITERAL("directory.json"), TEXT_LITERAL(DIRECTORY)},
        {TEXT_LITERAL("matters.json"), TEXT_LITERAL("{\"matters\":[]}")},
        {TEXT_LITERAL("templates/late.json"), TEXT_LITERAL(TEMPLATE)},
    };
    const struct bundle_texts texts = {.files = files, .file_count = 4, .kind = CONFIG_WHOLE};
    report_init(&report);
    struct bundle *bundle = bundle_load_texts(&texts, settings, &report);
    for (size_t index = 0; !bundle && index < report.count; index++) {
        (void)fprintf(stderr, "%s\n", report.findings[index].message);
    }
    report_release(&report);
    MUST(bundle);
    return bundle;
}

/* ---- the world ---- */

static struct proof_rig *current; /* roles are dropped without their context */

static void *create_monitor(struct role_env *env, void *lasting)
{
    (void)lasting;
    return monitor_create(env);
}

static void drop_monitor(void *role)
{
    monitor_free(role);
}

static void *create_notifier(struct role_env *env, void *lasting)
{
    struct proof_rig *rig = lasting;
    rig->notifier = notifier_create(
        env, fake_gateway_attach(rig->gateway, env->loop, env->clock), rig->journal);
    return rig->notifier;
}

static void drop_notifier(void *role)
{
    fake_gateway_detach(current->gateway);
    current->notifier = NULL;
    notifier_free(role);
}

void proof_rig_init(struct proof_rig *rig, uint64_t seed, const char *via, uint64_t crash_one_in)
{
    struct err_why why = {0};
    *rig = (struct proof_rig){0};
    current = rig;
    settings_defaults(&rig->settings);
    rig->settings.channels = channels;
    rig->settings.channel_count = CHANNELS;
    rig->settings.public_url = TEXT_LITERAL("http://city.test");
    rig->settings.storm_least = 100000;
    rig->settings.storm_after_start = 100000;
    rig->script.token = "token-1";
    rig->bundle = make_bundle(&rig->settings, via);
    rig->gateway = fake_gateway_create(gateways, &rig->script);
    MUST(!send_journal_open(":memory:", &rig->journal, &why));
    const struct sim_options sim = {
        .seed = seed,
        .partitions = seed % 2 ? 1 : 3,
        .bundle = rig->bundle,
        .settings = &rig->settings,
        .crash_one_in = crash_one_in,
    };
    rig->world = sim_world_create(&sim);
    const struct sim_role monitor = {"monitor", create_monitor, drop_monitor, NULL};
    const struct sim_role notifier = {"notifier", create_notifier, drop_notifier, rig};
    sim_world_add(rig->world, &monitor, "monitor-1");
    sim_world_add(rig->world, &notifier, "notifier-1");
}

void proof_rig_release(struct proof_rig *rig)
{
    sim_world_free(rig->world);
    fake_gateway_free(rig->gateway);
    send_journal_close(rig->journal);
    bundle_free(rig->bundle);
}

struct wall_ms proof_at(const char *text)
{
    struct wall_ms instant = {0};
    MUST(!wall_parse(text, strlen(text), &instant));
    return instant;
}

void proof_received(struct proof_rig *rig, int person, const char *due)
{
    static int next_id;
    char json[1024];
    char id[32];
    (void)snprintf(id, sizeof(id), "c%d", ++next_id);
    (void)snprintf(
        json, sizeof(json),
        "{\"specversion\":\"1.0\",\"id\":\"e%d\",\"source\":\"test\",\"type\":\"case.received\","
        "\"subject\":\"%s\",\"time\":\"2026-03-04T09:00:00+08:00\",\"data\":{\"title\":\"事\","
        "\"unit\":\"u\",\"handler\":\"p%d\",\"due\":\"%s\"}}",
        next_id, id, person, due);
    const struct text body = text_of(json);
    const struct text subject = text_of(id);
    const struct wall_ms now = sim_world_now(rig->world);
    const struct wall_ms arrival = proof_at("2026-03-04T09:00:00+08:00");
    CHECK(sim_world_arrive(
        rig->world, now.ms > arrival.ms ? wall_add(now, 1) : arrival, &body, &subject, 1));
}

void proof_step_to(struct proof_rig *rig, const char *when)
{
    CHECK(sim_world_step_to(rig->world, proof_at(when)));
}

/* ---- what the journal tells ---- */

static struct proof_message *message_of(struct proof_rig *rig, struct text id)
{
    for (size_t index = 0; index < rig->message_count; index++) {
        if (text_is(id, rig->messages[index].id)) {
            return &rig->messages[index];
        }
    }
    MUST(rig->message_count < PROOF_MESSAGES_MAX);
    struct proof_message *message = &rig->messages[rig->message_count++];
    *message = (struct proof_message){0};
    (void)snprintf(message->id, sizeof(message->id), "%.*s", TEXT_ARGS(id));
    return message;
}

static void append(char *line, size_t room, struct text word)
{
    const size_t used = strlen(line);
    (void)snprintf(line + used, room - used, "%.*s ", TEXT_ARGS(word));
}

static void keep_text(char *field, size_t room, const struct json_value *fact, const char *key)
{
    (void)snprintf(field, room, "%.*s", TEXT_ARGS(json_get_string(fact, key)));
}

static void take_fact(void *context, const struct json_value *fact)
{
    struct proof_rig *rig = context;
    const struct text kind = json_get_string(fact, "k");
    const struct text state = json_get_string(fact, "state");
    if (text_is(kind, "receipt")) {
        struct proof_message *message = message_of(rig, json_get_string(fact, "message"));
        append(message->heard, sizeof(message->heard), state);
    }
    if (!text_is(kind, "message")) {
        return;
    }
    struct proof_message *message = message_of(rig, json_get_string(fact, "id"));
    keep_text(message->person, sizeof(message->person), fact, "person");
    keep_text(message->channel, sizeof(message->channel), fact, "channel");
    keep_text(message->state, sizeof(message->state), fact, "state");
    keep_text(message->reason, sizeof(message->reason), fact, "reason");
    if (!text_is(state, "held")) { /* by the gateway's limits, which are not the matter here */
        append(message->states, sizeof(message->states), state);
    }
}

void proof_read(struct proof_rig *rig)
{
    rig->message_count = 0;
    sim_world_facts(rig->world, take_fact, rig);
}

const struct proof_message *proof_find(
    struct proof_rig *rig, const char *person, const char *channel)
{
    static const struct proof_message none;
    for (size_t index = 0; index < rig->message_count; index++) {
        if (strcmp(rig->messages[index].person, person) == 0 &&
            strcmp(rig->messages[index].channel, channel) == 0) {
            return &rig->messages[index];
        }
    }
    return &none;
}

static void seal_member(struct buf *json, const char *name, const char *words)
{
    static const uint8_t key[SEAL_KEY_BYTES];
    struct buf sealed;
    buf_init(&sealed, 8192);
    MUST(!crypto_seal(key, TEXT_LITERAL(RECEIPT_SEAL_CONTEXT), text_of(words), &sealed));
    buf_format(json, ",\"%s\":\"%.*s\"", name, TEXT_ARGS(buf_view(&sealed)));
    buf_release(&sealed);
}

void proof_call_back(struct proof_rig *rig, const char *id, int status)
{
    char query[128];
    struct buf json;
    (void)snprintf(query, sizeof(query), "id=%s&status=%d", id, status);
    buf_init(&json, 16384);
    buf_string(&json, "{\"channel\":\"sms\",\"method\":\"GET\"");
    seal_member(&json, "sealed_query", query);
    seal_member(&json, "sealed_body", "");
    buf_format(&json, ",\"at\":%lld}", (long long)sim_world_now(rig->world).ms);
    CHECK(sim_world_queue(rig->world, QUEUE_RECEIPTS, buf_view(&json)));
    buf_release(&json);
}

size_t proof_posts(const struct proof_rig *rig, const char *part)
{
    size_t count = 0;
    for (size_t index = 0; index < fake_gateway_count(rig->gateway); index++) {
        count += is_at(fake_gateway_post(rig->gateway, index), part);
    }
    return count;
}
