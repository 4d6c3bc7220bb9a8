/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof: access tokens, people looked up by their number, receipts awaited, gateways asked what
 * became of a message, the next channel when nothing came; with gateways whose answers are
 * scripted, over the memory twin, in stepped time, and with crashes between any two steps.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/must.h"
#include "monitor/monitor.h"
#include "notifiers/notifier.h"
#include "tests/support/check.h"
#include "tests/support/fake_gateway.h"
#include "tests/support/sim_world.h"

#define CRASH_SEEDS  40
#define MESSAGES_MAX 128
#define PEOPLE       6
#define MINUTE_MS    60000

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

/* What the scripted gateways do next, and how often each was asked. */
struct script {
    const char *token;  /* the one given out and taken; NULL: none is to be had */
    int32_t refused;    /* so many sends are refused for their token */
    bool nobody;        /* the number is nobody's */
    int32_t unanswered; /* so many sends get no answer */
    int32_t polls_lost; /* so many questions get none */
    const char *result; /* of a DingTalk task: a member of send_result */
    bool cloud_knows;   /* Alibaba has the message */
    int64_t cloud_status;
    char last_id[64]; /* the identity Alibaba was given last */
    int32_t tokens;
    int32_t lookups;
    int32_t sends;
    int32_t polls;
};

static bool is_at(const struct fake_post *post, const char *part)
{
    return strstr(post->url, part) != NULL;
}

static void answer_token(struct script *script, struct http_answer *answer)
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
    struct script *script, const struct fake_post *post, struct http_answer *answer)
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
    struct script *script, const struct fake_post *post, struct http_answer *answer)
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
    struct script *script = context;
    const char *id = strstr(post->url, "OutId=");
    if (id) {
        (void)snprintf(script->last_id, sizeof(script->last_id), "%.26s", id + 6);
    }
    if (is_at(post, "/gettoken")) {
        answer_token(script, answer);
    } else if (is_at(post, "/getbymobile")) {
        script->lookups++;
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

struct message {
    char id[32];
    char person[16];
    char channel[16];
    char state[16];
    char states[160]; /* all of them, "sending accepted " */
    char reason[160];
    char heard[160]; /* of receipts told of it, "delivered read " */
};

struct rig {
    struct settings settings;
    struct bundle *bundle;
    struct sim_world *world;
    struct fake_gateway *gateway;
    struct send_journal *journal;
    struct notifier *notifier;
    struct script script;
    struct message messages[MESSAGES_MAX];
    size_t message_count;
    bool told_a_token; /* some fact holds one */
};

static struct rig *current; /* roles are dropped without their context */

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
    struct rig *rig = lasting;
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

static void rig_init(struct rig *rig, uint64_t seed, const char *via, uint64_t crash_one_in)
{
    struct err_why why = {0};
    *rig = (struct rig){0};
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

static void rig_release(struct rig *rig)
{
    sim_world_free(rig->world);
    fake_gateway_free(rig->gateway);
    send_journal_close(rig->journal);
    bundle_free(rig->bundle);
}

static struct wall_ms at(const char *text)
{
    struct wall_ms instant = {0};
    MUST(!wall_parse(text, strlen(text), &instant));
    return instant;
}

#define DUE "2026-03-04T10:00:00+08:00"

/* A case of person number `person` that falls due at `due`. */
static void received(struct rig *rig, int person, const char *due)
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
    const struct wall_ms arrival = at("2026-03-04T09:00:00+08:00");
    CHECK(sim_world_arrive(
        rig->world, now.ms > arrival.ms ? wall_add(now, 1) : arrival, &body, &subject, 1));
}

static void step_to(struct rig *rig, const char *when)
{
    CHECK(sim_world_step_to(rig->world, at(when)));
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
    struct rig *rig = context;
    const struct text kind = json_get_string(fact, "k");
    const struct text state = json_get_string(fact, "state");
    if (text_is(kind, "receipt")) {
        struct message *message = message_of(rig, json_get_string(fact, "message"));
        append(message->heard, sizeof(message->heard), state);
    }
    if (!text_is(kind, "message")) {
        return;
    }
    struct message *message = message_of(rig, json_get_string(fact, "id"));
    keep_text(message->person, sizeof(message->person), fact, "person");
    keep_text(message->channel, sizeof(message->channel), fact, "channel");
    keep_text(message->state, sizeof(message->state), fact, "state");
    keep_text(message->reason, sizeof(message->reason), fact, "reason");
    if (!text_is(state, "held")) { /* by the gateway's limits, which are not the matter here */
        append(message->states, sizeof(message->states), state);
    }
}

static void read_journal(struct rig *rig)
{
    rig->message_count = 0;
    sim_world_facts(rig->world, take_fact, rig);
}

static const struct message *find(struct rig *rig, const char *person, const char *channel)
{
    static const struct message none;
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

/* Kannel calls back. */
static void call_back(struct rig *rig, const char *id, int status)
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

/* ---- access tokens ---- */

static size_t posts_with(const struct rig *rig, const char *part)
{
    size_t count = 0;
    for (size_t index = 0; index < fake_gateway_count(rig->gateway); index++) {
        count += is_at(fake_gateway_post(rig->gateway, index), part);
    }
    return count;
}

static void one_token_serves_many_messages(void)
{
    struct rig rig;
    rig_init(&rig, 1, "\"work\"", 0);
    for (int person = 1; person <= PEOPLE; person++) {
        received(&rig, person, DUE);
    }
    step_to(&rig, "2026-03-04T10:00:30+08:00");
    CHECK_EQ(rig.script.tokens, 1);
    CHECK_EQ(rig.script.sends, PEOPLE);
    CHECK_EQ(posts_with(&rig, "asyncsend_v2?access_token=token-1"), PEOPLE);
    rig_release(&rig);
}

static void a_token_is_fetched_again_before_it_ends(void)
{
    struct rig rig;
    rig_init(&rig, 2, "\"work\"", 0);
    received(&rig, 6, DUE);
    step_to(&rig, "2026-03-04T10:00:30+08:00");
    rig.script.token = "token-2";
    received(&rig, 6, "2026-03-04T11:56:00+08:00"); /* four minutes before the two hours are over */
    step_to(&rig, "2026-03-04T11:56:30+08:00");
    CHECK_EQ(rig.script.tokens, 2);
    received(&rig, 6, "2026-03-04T11:57:00+08:00");
    step_to(&rig, "2026-03-04T11:57:30+08:00");
    CHECK_EQ(rig.script.tokens, 2);
    CHECK_EQ(posts_with(&rig, "asyncsend_v2?access_token=token-2"), 1);
    rig_release(&rig);
}

static void a_refused_token_is_fetched_anew_once_and_the_message_goes(void)
{
    struct rig rig;
    rig_init(&rig, 3, "\"work\"", 0);
    rig.script.refused = 1;
    received(&rig, 6, DUE);
    step_to(&rig, "2026-03-04T10:00:01+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "p6", "work")->states, "sending retrying accepted ");
    CHECK_EQ(rig.script.tokens, 2);
    rig_release(&rig);
}

static void a_fresh_token_refused_too_closes_the_channel(void)
{
    struct rig rig;
    rig_init(&rig, 4, "\"work\",\"sms\"", 0);
    rig.script.refused = 1000;
    received(&rig, 6, DUE);
    step_to(&rig, "2026-03-04T10:00:10+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "p6", "work")->states, "sending retrying rejected ");
    CHECK_STR(find(&rig, "p6", "sms")->state, "accepted");
    CHECK_EQ(rig.script.tokens, 2);
    rig_release(&rig);
}

static void without_a_token_the_next_channel_takes_over_and_the_reason_says_so(void)
{
    struct rig rig;
    rig_init(&rig, 5, "\"work\",\"sms\"", 0);
    rig.script.token = NULL;
    received(&rig, 6, DUE);
    step_to(&rig, "2026-03-04T10:00:10+08:00");
    read_journal(&rig);
    const struct message *message = find(&rig, "p6", "work");
    CHECK_STR(message->states, "sending rejected ");
    CHECK(strstr(message->reason, "no access token: "));
    CHECK_STR(find(&rig, "p6", "sms")->state, "accepted");
    CHECK_EQ(rig.script.sends, 1);
    rig_release(&rig);
}

static void a_message_waits_for_a_token_that_comes_later(void)
{
    struct rig rig;
    rig_init(&rig, 6, "\"work\"", 0);
    rig.script.token = NULL;
    received(&rig, 6, DUE);
    step_to(&rig, "2026-03-04T10:00:10+08:00");
    CHECK_EQ(rig.script.sends, 0);
    rig.script.token = "token-1";
    step_to(&rig, "2026-03-04T10:30:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "p6", "work")->state, "accepted");
    CHECK_EQ(rig.script.sends, 1);
    CHECK_GE(6, rig.script.tokens);
    rig_release(&rig);
}

/* ---- people looked up by their number ---- */

static void a_person_is_looked_up_once_for_many_messages(void)
{
    struct rig rig;
    rig_init(&rig, 7, "\"work\"", 0);
    received(&rig, 1, DUE);
    step_to(&rig, "2026-03-04T10:00:30+08:00");
    received(&rig, 1, "2026-03-05T10:00:00+08:00");
    step_to(&rig, "2026-03-05T10:00:30+08:00");
    CHECK_EQ(rig.script.lookups, 1);
    CHECK_EQ(rig.script.sends, 2);
    const struct fake_post *last =
        fake_gateway_post(rig.gateway, fake_gateway_count(rig.gateway) - 1);
    CHECK(strstr(last->body, "\"userid_list\":\"u-found\"") || is_at(last, "/getsendresult"));
    rig_release(&rig);
}

static void an_id_of_the_directory_is_not_looked_up(void)
{
    struct rig rig;
    rig_init(&rig, 8, "\"work\"", 0);
    received(&rig, 6, DUE);
    step_to(&rig, "2026-03-04T10:00:30+08:00");
    CHECK_EQ(rig.script.lookups, 0);
    CHECK_EQ(rig.script.sends, 1);
    rig_release(&rig);
}

static void nobody_with_that_number_is_remembered_for_a_day(void)
{
    struct rig rig;
    rig_init(&rig, 9, "\"work\",\"sms\"", 0);
    rig.script.nobody = true;
    received(&rig, 1, DUE);
    received(&rig, 1, "2026-03-04T11:00:00+08:00");
    step_to(&rig, "2026-03-04T11:30:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "p1", "work")->states, "sending rejected ");
    CHECK_STR(find(&rig, "p1", "work")->reason, "not in the channel's directory");
    CHECK_STR(find(&rig, "p1", "sms")->state, "accepted");
    CHECK_EQ(rig.script.lookups, 1);
    received(&rig, 1, "2026-03-05T12:00:00+08:00");
    step_to(&rig, "2026-03-05T12:00:30+08:00");
    CHECK_EQ(rig.script.lookups, 2);
    rig_release(&rig);
}

/* ---- receipts awaited ---- */

static void a_delivered_message_goes_to_no_other_channel(void)
{
    struct rig rig;
    rig_init(&rig, 10, "\"sms\",\"work\"", 0);
    received(&rig, 6, DUE);
    step_to(&rig, "2026-03-04T10:00:10+08:00");
    read_journal(&rig);
    call_back(&rig, find(&rig, "p6", "sms")->id, 8);
    call_back(&rig, find(&rig, "p6", "sms")->id, 1);
    step_to(&rig, "2026-03-04T12:00:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "p6", "sms")->states, "sending accepted ");
    CHECK_STR(find(&rig, "p6", "sms")->heard, "queued delivered ");
    CHECK_STR(find(&rig, "p6", "work")->state, "");
    CHECK_EQ(rig.script.sends, 1);
    rig_release(&rig);
}

static void an_undelivered_message_goes_to_the_next_channel_at_once(void)
{
    struct rig rig;
    rig_init(&rig, 11, "\"sms\",\"work\"", 0);
    received(&rig, 6, DUE);
    step_to(&rig, "2026-03-04T10:00:10+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "p6", "work")->state, "");
    call_back(&rig, find(&rig, "p6", "sms")->id, 2);
    read_journal(&rig);
    CHECK_STR(find(&rig, "p6", "sms")->states, "sending accepted accepted ");
    CHECK(strstr(find(&rig, "p6", "sms")->reason, "not delivered"));
    CHECK_STR(find(&rig, "p6", "work")->state, "accepted");
    call_back(&rig, find(&rig, "p6", "sms")->id, 2); /* and once more, late */
    step_to(&rig, "2026-03-04T12:00:00+08:00");
    CHECK_EQ(rig.script.sends, 2);
    rig_release(&rig);
}

static void without_a_receipt_the_next_channel_takes_over_in_time(void)
{
    struct rig rig;
    rig_init(&rig, 12, "\"sms\",\"work\"", 0);
    received(&rig, 6, DUE);
    step_to(&rig, "2026-03-04T10:09:50+08:00");
    CHECK_EQ(rig.script.sends, 1);
    step_to(&rig, "2026-03-04T10:10:10+08:00");
    read_journal(&rig);
    CHECK(strstr(find(&rig, "p6", "sms")->reason, "no receipt"));
    CHECK_STR(find(&rig, "p6", "work")->state, "accepted");
    CHECK_EQ(rig.script.sends, 2);
    rig_release(&rig);
}

static void the_last_channel_waits_for_nothing(void)
{
    struct rig rig;
    rig_init(&rig, 13, "\"sms\"", 0);
    received(&rig, 6, DUE);
    step_to(&rig, "2026-03-04T12:00:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "p6", "sms")->states, "sending accepted ");
    CHECK_EQ(rig.script.sends, 1);
    rig_release(&rig);
}

static void a_receipt_of_an_unsure_message_proves_it_and_it_is_not_repeated(void)
{
    struct rig rig;
    rig_init(&rig, 14, "\"sms\"", 0);
    rig.script.unanswered = 1;
    received(&rig, 6, DUE);
    step_to(&rig, "2026-03-04T10:00:01+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "p6", "sms")->states, "sending unsure ");
    call_back(&rig, find(&rig, "p6", "sms")->id, 1);
    step_to(&rig, "2026-03-04T12:00:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "p6", "sms")->states, "sending unsure accepted ");
    CHECK_EQ(rig.script.sends, 1);
    rig_release(&rig);
}

/* ---- asking gateways ---- */

static void dingtalk_is_asked_until_the_message_is_read(void)
{
    struct rig rig;
    rig_init(&rig, 15, "\"work\"", 0);
    received(&rig, 6, DUE);
    rig.script.result = "\"unread_user_id_list\":[\"u-six\"]";
    step_to(&rig, "2026-03-04T10:01:30+08:00");
    CHECK_EQ(rig.script.polls, 1);
    rig.script.result = "\"read_user_id_list\":[\"u-six\"]";
    step_to(&rig, "2026-03-05T10:00:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "p6", "work")->states, "sending accepted ");
    CHECK_STR(find(&rig, "p6", "work")->heard, "delivered read ");
    CHECK_EQ(rig.script.polls, 2);
    rig_release(&rig);
}

static void a_message_nobody_reads_is_asked_for_a_bounded_number_of_times(void)
{
    struct rig rig;
    rig_init(&rig, 16, "\"work\"", 0);
    received(&rig, 6, DUE);
    step_to(&rig, "2026-03-06T10:00:00+08:00");
    CHECK_EQ(rig.script.polls, 5);
    CHECK_EQ(rig.script.sends, 1);
    rig_release(&rig);
}

static void dingtalk_says_undelivered_and_the_next_channel_takes_over(void)
{
    struct rig rig;
    rig_init(&rig, 17, "\"work\",\"sms\"", 0);
    received(&rig, 6, DUE);
    rig.script.result = "\"failed_user_id_list\":[\"u-six\"]";
    step_to(&rig, "2026-03-04T10:11:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "p6", "work")->heard, "undelivered ");
    CHECK_STR(find(&rig, "p6", "sms")->state, "accepted");
    rig_release(&rig);
}

static void an_unsure_message_that_the_gateway_knows_is_not_sent_again(void)
{
    struct rig rig;
    rig_init(&rig, 18, "\"cloud\"", 0);
    rig.script.unanswered = 1;
    rig.script.cloud_knows = true;
    rig.script.cloud_status = 3;
    received(&rig, 6, DUE);
    step_to(&rig, "2026-03-04T12:00:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "p6", "cloud")->states, "sending unsure accepted ");
    CHECK_STR(find(&rig, "p6", "cloud")->heard, "delivered ");
    CHECK_EQ(rig.script.sends, 1);
    CHECK_EQ(rig.script.polls, 1);
    rig_release(&rig);
}

static void one_it_does_not_know_is_sent_again_with_the_same_identity_and_words(void)
{
    struct rig rig;
    rig_init(&rig, 19, "\"cloud\"", 0);
    rig.script.unanswered = 1;
    received(&rig, 6, DUE);
    step_to(&rig, "2026-03-04T10:05:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "p6", "cloud")->states, "sending unsure accepted ");
    CHECK_EQ(rig.script.sends, 2);
    CHECK_EQ(posts_with(&rig, find(&rig, "p6", "cloud")->id), 2);
    CHECK_EQ(posts_with(&rig, "TemplateCode=SMS_000000001"), 2);
    rig_release(&rig);
}

static void a_gateway_that_cannot_be_asked_is_asked_again_first(void)
{
    struct rig rig;
    rig_init(&rig, 20, "\"cloud\"", 0);
    rig.script.unanswered = 1;
    rig.script.polls_lost = 2;
    rig.script.cloud_knows = true;
    rig.script.cloud_status = 3;
    received(&rig, 6, DUE);
    step_to(&rig, "2026-03-04T12:00:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "p6", "cloud")->states, "sending unsure unsure unsure accepted ");
    CHECK_EQ(rig.script.sends, 1);
    CHECK_EQ(rig.script.polls, 3);
    rig_release(&rig);
}

static void a_gateway_that_can_never_be_asked_does_not_hold_a_message_for_ever(void)
{
    struct rig rig;
    rig_init(&rig, 21, "\"cloud\"", 0);
    rig.script.unanswered = 1;
    rig.script.polls_lost = 1000000;
    received(&rig, 6, DUE);
    step_to(&rig, "2026-03-04T12:00:00+08:00");
    read_journal(&rig);
    CHECK_STR(find(&rig, "p6", "cloud")->state, "accepted");
    CHECK_EQ(rig.script.sends, 2);
    rig_release(&rig);
}

/* ---- crashes ---- */

/* The carrier's word on each SMS: by its number, delivered, undelivered, or none at all. */
static void carrier_speaks(struct rig *rig, struct prng *prng)
{
    read_journal(rig);
    for (size_t index = 0; index < rig->message_count; index++) {
        const struct message *message = &rig->messages[index];
        const char last = message->id[strlen(message->id) - 1];
        const bool sent = strcmp(message->channel, "sms") == 0 && posts_with(rig, message->id) > 0;
        if (sent && last % 3 != 2 && prng_one_in(prng, 2)) {
            char id[32];
            (void)snprintf(id, sizeof(id), "%s", message->id);
            call_back(rig, id, last % 3 == 0 ? 1 : 2);
        }
    }
}

static void check_ends(struct rig *rig)
{
    for (int person = 1; person <= PEOPLE; person++) {
        char name[8];
        (void)snprintf(name, sizeof(name), "p%d", person);
        const struct message *sms = find(rig, name, "sms");
        const struct message *work = find(rig, name, "work");
        check_note("%s sms: %s(%s) work: %s", name, sms->states, sms->heard, work->states);
        const bool delivered =
            strstr(sms->heard, " delivered") || strncmp(sms->heard, "delivered", 9) == 0;
        const bool taken_over =
            strcmp(work->state, "accepted") == 0 || strcmp(work->state, "unsure") == 0;
        if (strcmp(sms->state, "unsure") == 0) { /* given up; what came then came too late */
            CHECK(taken_over);
            continue;
        }
        CHECK(delivered ? work->state[0] == '\0' : taken_over);
        CHECK_GE(strstr(sms->states, "unsure") ? 2 : 1, posts_with(rig, sms->id));
        CHECK_GE(posts_with(rig, sms->id), 1);
    }
}

static size_t one_seed(uint64_t seed)
{
    struct rig rig;
    struct prng prng;
    prng_seed(&prng, seed);
    rig_init(&rig, seed, "\"sms\",\"work\"", 60);
    for (int person = 1; person <= PEOPLE; person++) {
        received(&rig, person, DUE);
    }
    for (int minute = 0; minute < 9; minute++) {
        CHECK(sim_world_step_to(rig.world, wall_add(at(DUE), (minute + 1) * MINUTE_MS)));
        carrier_speaks(&rig, &prng);
    }
    sim_world_hold_crashes(rig.world, true);
    step_to(&rig, "2026-03-05T10:00:00+08:00");
    read_journal(&rig);
    check_ends(&rig);
    const size_t crashes = sim_world_crashes(rig.world);
    rig_release(&rig);
    return crashes;
}

static void crashes_lose_no_receipt_and_no_fallback(void)
{
    const size_t seeds = getenv("NRT_LONG") ? (size_t)20 * CRASH_SEEDS : CRASH_SEEDS;
    size_t crashes = 0;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        crashes += one_seed(seed);
    }
    CHECK_GE(crashes, seeds);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(one_token_serves_many_messages);
    CHECK_RUN(a_token_is_fetched_again_before_it_ends);
    CHECK_RUN(a_refused_token_is_fetched_anew_once_and_the_message_goes);
    CHECK_RUN(a_fresh_token_refused_too_closes_the_channel);
    CHECK_RUN(without_a_token_the_next_channel_takes_over_and_the_reason_says_so);
    CHECK_RUN(a_message_waits_for_a_token_that_comes_later);
    CHECK_RUN(a_person_is_looked_up_once_for_many_messages);
    CHECK_RUN(an_id_of_the_directory_is_not_looked_up);
    CHECK_RUN(nobody_with_that_number_is_remembered_for_a_day);
    CHECK_RUN(a_delivered_message_goes_to_no_other_channel);
    CHECK_RUN(an_undelivered_message_goes_to_the_next_channel_at_once);
    CHECK_RUN(without_a_receipt_the_next_channel_takes_over_in_time);
    CHECK_RUN(the_last_channel_waits_for_nothing);
    CHECK_RUN(a_receipt_of_an_unsure_message_proves_it_and_it_is_not_repeated);
    CHECK_RUN(dingtalk_is_asked_until_the_message_is_read);
    CHECK_RUN(a_message_nobody_reads_is_asked_for_a_bounded_number_of_times);
    CHECK_RUN(dingtalk_says_undelivered_and_the_next_channel_takes_over);
    CHECK_RUN(an_unsure_message_that_the_gateway_knows_is_not_sent_again);
    CHECK_RUN(one_it_does_not_know_is_sent_again_with_the_same_identity_and_words);
    CHECK_RUN(a_gateway_that_cannot_be_asked_is_asked_again_first);
    CHECK_RUN(a_gateway_that_can_never_be_asked_does_not_hold_a_message_for_ever);
    CHECK_RUN(crashes_lose_no_receipt_and_no_fallback);
    return check_done();
}
