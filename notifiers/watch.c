/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See watch.h. A look is two questions to the store, where things stand and who is alive; what
 * they say lasts until the next look. Without answers nothing is well and nothing can be told.
 */
#include "notifiers/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "notifiers/notifier_parts.h"
#include "rules/calendar_horizon.h"
#include "store/ops_notice.h"
#include "store/role_apply.h"

#define WORDS_BYTES     OPS_WORDS_BYTES
#define JOURNAL_WELL_MS 60000

enum watched_role { WATCHED_MONITOR, WATCHED_NOTIFIER, WATCHED_CONSOLE, WATCHED_COUNT };

static const char *const role_names[WATCHED_COUNT] = {"monitor", "notifier", "console"};

/* What one look has seen. */
struct sight {
    bool roles[WATCHED_COUNT];
    int64_t late_ms; /* of the oldest instant that has not fired */
    int64_t fuses;   /* open, of all notifiers */
    bool refused;    /* the last configuration that was to be applied */
    bool ledger;     /* cannot be written */
};

struct watch {
    struct notifier *notifier;
    struct loop_timer *timer;
    struct loop_timer *beat_timer;
    struct sight sight; /* being filled */
    bool looking;
    bool beating;
    bool well;
    int64_t missing_since_ms[WATCHED_COUNT]; /* real time; 0: it is there */
    int64_t late_looks;                      /* in a row */
    int64_t ledger_looks;
    int64_t journal_failures;
    int64_t journal_failed_at_ms;
};

/* An outside address that waits for a sign each second is not served by a look each five. */
static int64_t look_ms(const struct watch *watch)
{
    const struct settings *settings = watch->notifier->env->settings;
    const bool often =
        settings->ops_heartbeat_url.bytes > 0 && settings->ops_heartbeat_ms < WATCH_LOOK_MS;
    return !often ? WATCH_LOOK_MS
                  : (settings->ops_heartbeat_ms > 500 ? settings->ops_heartbeat_ms : 500);
}

static int64_t real_ms(const struct watch *watch)
{
    return loop_real_ms(watch->notifier->env->loop);
}

static void set_trouble(
    struct role_env *env,
    bool bad,
    enum ops_trouble trouble,
    struct text subject,
    struct ops_words words)
{
    if (bad) {
        ops_raise(env, trouble, subject, words);
    } else {
        ops_clear(env, trouble, subject);
    }
}

/* ---- channels and messages, as they happen ---- */

static void raise_channel(
    struct notifier *notifier,
    struct text channel,
    enum ops_trouble trouble,
    const struct outcome *outcome)
{
    char zh[WORDS_BYTES];
    char en[WORDS_BYTES];
    const bool refused = trouble == OPS_CREDENTIAL;
    (void)snprintf(
        zh, sizeof(zh), "通道 %.*s %s：%s。消息改走下一通道或等待。", TEXT_ARGS(channel),
        refused ? "拒绝凭据" : "连续失败已熔断", outcome->reason);
    (void)snprintf(
        en, sizeof(en), "channel %.*s %s: %s. Messages take the next channel or wait.",
        TEXT_ARGS(channel), refused ? "refuses our credentials" : "is closed after failures",
        outcome->reason);
    notifier->watch->well = false; /* until a look says otherwise */
    ops_raise(notifier->env, trouble, channel, (struct ops_words){.zh = zh, .en = en});
}

static bool is_open(const struct notifier *notifier, struct text channel)
{
    for (size_t index = 0; index < notifier->channel_count; index++) {
        if (text_equal(notifier->channels[index].name, channel)) {
            return notifier->channels[index].fuse.open;
        }
    }
    return false;
}

void watch_answer(struct notifier *notifier, struct text channel, const struct outcome *outcome)
{
    struct role_env *env = notifier->env;
    switch (outcome->cause) {
    case CAUSE_NONE:
        ops_clear(env, OPS_CREDENTIAL, channel);
        ops_clear(env, OPS_CHANNEL_CLOSED, channel);
        break;
    case CAUSE_CREDENTIAL:
        raise_channel(notifier, channel, OPS_CREDENTIAL, outcome);
        break;
    case CAUSE_TRANSPORT:
        if (is_open(notifier, channel) && !ops_is_raised(env, OPS_CREDENTIAL, channel)) {
            raise_channel(notifier, channel, OPS_CHANNEL_CLOSED, outcome);
        }
        break;
    case CAUSE_RATE:
    case CAUSE_RATE_ALL:
    case CAUSE_TOKEN:
    case CAUSE_COUNT:
        break;
    }
}

void watch_dead(const struct mail_job *job)
{
    char zh[WORDS_BYTES];
    char en[WORDS_BYTES];
    if (text_is(job->entry.notice, "ops")) { /* telling of it would be the same once more */
        return;
    }
    (void)snprintf(
        zh, sizeof(zh),
        "有消息未能送达（通道 %.*s，消息 %.*s）：%.*s。请查看提醒列表，处理后可重发。",
        TEXT_ARGS(job->channel), TEXT_ARGS(job->id), TEXT_ARGS(job->reason));
    (void)snprintf(
        en, sizeof(en),
        "a message could not be delivered (channel %.*s, message %.*s): %.*s. See nrt alerts list; "
        "retry it when that is mended.",
        TEXT_ARGS(job->channel), TEXT_ARGS(job->id), TEXT_ARGS(job->reason));
    ops_happened(
        job->notifier->env, OPS_MESSAGES_DEAD, job->channel,
        (struct ops_words){.zh = zh, .en = en});
}

void watch_unreachable(struct notifier *notifier, struct text person)
{
    char zh[WORDS_BYTES];
    char en[WORDS_BYTES];
    (void)snprintf(
        zh, sizeof(zh), "没有任何通道能联系到 %.*s，请在通讯录中补全其号码或账号。",
        TEXT_ARGS(person));
    (void)snprintf(
        en, sizeof(en), "no channel reaches %.*s: complete their addresses in the directory",
        TEXT_ARGS(person));
    ops_happened(
        notifier->env, OPS_MESSAGES_DEAD, (struct text){0}, (struct ops_words){.zh = zh, .en = en});
}

/* ---- judging a look ---- */

static void judge_lateness(struct watch *watch)
{
    char zh[WORDS_BYTES];
    char en[WORDS_BYTES];
    const int64_t minutes = watch->sight.late_ms / 60000;
    watch->late_looks = watch->sight.late_ms > WATCH_LATE_MS ? watch->late_looks + 1 : 0;
    (void)snprintf(
        zh, sizeof(zh), "到期提醒已迟 %lld 分钟未发出，请检查 monitor 与 Redis。",
        (long long)minutes);
    (void)snprintf(
        en, sizeof(en), "alerts are %lld minutes late: look at the monitors and at Redis",
        (long long)minutes);
    if (watch->late_looks > 1 || watch->sight.late_ms <= WATCH_LATE_MS) {
        set_trouble(
            watch->notifier->env, watch->late_looks > 1, OPS_LATE, (struct text){0},
            (struct ops_words){.zh = zh, .en = en});
    }
}

static bool judge_role(struct watch *watch, enum watched_role role)
{
    char zh[WORDS_BYTES];
    char en[WORDS_BYTES];
    int64_t *since = &watch->missing_since_ms[role];
    if (watch->sight.roles[role]) {
        *since = 0;
    } else if (*since == 0) {
        *since = real_ms(watch);
    }
    const bool missing = *since > 0 && real_ms(watch) - *since >= WATCH_PATIENCE_MS;
    (void)snprintf(zh, sizeof(zh), "角色 %s 没有心跳，请检查其进程。", role_names[role]);
    (void)snprintf(
        en, sizeof(en), "no %s is alive: look at its process and its log", role_names[role]);
    if (missing || *since == 0) {
        set_trouble(
            watch->notifier->env, missing, OPS_ROLE_MISSING, text_of(role_names[role]),
            (struct ops_words){.zh = zh, .en = en});
    }
    return *since == 0;
}

static void judge_calendar(struct watch *watch)
{
    char zh[WORDS_BYTES];
    char en[WORDS_BYTES];
    struct role_env *env = watch->notifier->env;
    const struct calendar_horizon horizon =
        calendar_horizon_at(env->bundle->policy.calendar, role_now(env));
    const int year = (int)horizon.missing_year;
    (void)snprintf(
        zh, sizeof(zh), "日历缺少 %d 年的法定节假日安排，该年期限暂为预计；请导入国务院通知。",
        year);
    (void)snprintf(
        en, sizeof(en),
        "the calendar has no official days of %d yet: import the notice (nrt calendar import)",
        year);
    set_trouble(
        env, year != 0, OPS_CALENDAR_YEAR, (struct text){0},
        (struct ops_words){.zh = zh, .en = en});
}

/* Trouble with the disk this notifier needs for every message; over when a minute went well. */
static bool judge_journal(struct watch *watch)
{
    struct notifier *notifier = watch->notifier;
    const int64_t failures = notifier->counts.send_journal_failures_total;
    if (failures > watch->journal_failures) {
        watch->journal_failed_at_ms = real_ms(watch);
    }
    watch->journal_failures = failures;
    const bool bad = watch->journal_failed_at_ms > 0 &&
                     real_ms(watch) - watch->journal_failed_at_ms < JOURNAL_WELL_MS;
    set_trouble(
        notifier->env, bad, OPS_SEND_JOURNAL, text_of(notifier->env->instance),
        (struct ops_words){
            .zh = "发送日志无法写入，该实例暂停发送；请检查数据目录的磁盘。",
            .en = "the send journal cannot be written, and this instance sends nothing: look at "
                  "the disk of the data folder"});
    return !bad;
}

static bool judge_ledger(struct watch *watch)
{
    watch->ledger_looks = watch->sight.ledger ? watch->ledger_looks + 1 : 0;
    if (watch->ledger_looks != 1) {
        set_trouble(
            watch->notifier->env, watch->ledger_looks > 1, OPS_LEDGER, (struct text){0},
            (struct ops_words){
                .zh = "台账无法写入，列表与报表停在之前的状态；请检查 console 的磁盘与日志。",
                .en = "the ledger cannot be written, lists and figures stand still: look at the "
                      "console's disk and log"});
    }
    return watch->ledger_looks == 0;
}

static void judge(struct watch *watch)
{
    struct role_env *env = watch->notifier->env;
    bool roles = true;
    judge_lateness(watch);
    for (int role = 0; role < WATCHED_COUNT; role++) {
        roles = judge_role(watch, (enum watched_role)role) && roles;
    }
    judge_calendar(watch);
    set_trouble(
        env, watch->sight.refused, OPS_CONFIG_REFUSED, (struct text){0},
        (struct ops_words){
            .zh = "新配置有错误未被应用，原版本仍然有效；nrt check 可列出问题。",
            .en = "a configuration was refused and the version before is in force: nrt check "
                  "lists what is wrong"});
    const struct control_figures control = control_figures(watch->notifier->control);
    set_trouble(
        env, control.stopped, OPS_SENDING_STOPPED, (struct text){0},
        (struct ops_words){
            .zh = "发送已被人工停止（全部或部分），消息留存待恢复；nrt sending 可查看。",
            .en = "sending is stopped by hand, wholly or in part: nrt sending says by whom"});
    const bool journal = judge_journal(watch);
    const bool ledger = judge_ledger(watch);
    watch->well = roles && journal && ledger && watch->sight.late_ms <= WATCH_LATE_MS &&
                  watch->sight.fuses == 0;
}

/* ---- looking ---- */

static void look_failed(struct watch *watch)
{
    watch->looking = false;
    watch->well = false;
    loop_timer_arm(watch->timer, look_ms(watch));
}

static int64_t counter_of(const struct json_value *root, const char *name)
{
    int64_t number = 0;
    return json_i64(json_get(json_get(root, "counters"), name), &number) == ERR_OK ? number : 0;
}

static void see_instance(struct sight *sight, const struct store_instance *instance)
{
    struct json_doc *doc = NULL;
    if (json_parse(instance->json, &json_limits_event, &doc, NULL)) {
        return;
    }
    const struct json_value *root = json_root(doc);
    const struct json_value *reload = json_get(root, "reload_successful");
    for (int role = 0; role < WATCHED_COUNT; role++) {
        sight->roles[role] |= text_is(json_get_string(root, "role"), role_names[role]);
    }
    sight->fuses += counter_of(root, "channels_open_fuse");
    sight->ledger |= counter_of(root, "ledger_failing") > 0;
    sight->refused |= json_type(reload) == JSON_BOOL && !json_is_true(reload);
    json_free(doc);
}

static void on_instances(
    void *context,
    enum err err,
    const char *why,
    const struct store_instance *instances,
    size_t count)
{
    struct watch *watch = context;
    (void)why;
    if (err) {
        look_failed(watch);
        return;
    }
    for (size_t index = 0; index < count; index++) {
        see_instance(&watch->sight, &instances[index]);
    }
    watch->looking = false;
    judge(watch);
    loop_timer_arm(watch->timer, look_ms(watch));
}

static void on_overview(
    void *context, enum err err, const char *why, const struct store_overview *overview)
{
    struct watch *watch = context;
    struct role_env *env = watch->notifier->env;
    (void)why;
    if (err) {
        look_failed(watch);
        return;
    }
    for (size_t index = 0; index < overview->partition_count; index++) {
        const struct store_stats *stats = &overview->partitions[index];
        const int64_t late_ms = stats->has_timer ? role_now(env).ms - stats->oldest_timer.ms : 0;
        watch->sight.late_ms = late_ms > watch->sight.late_ms ? late_ms : watch->sight.late_ms;
    }
    store_instances_read(env->store, on_instances, watch);
}

static void on_look(void *context)
{
    struct watch *watch = context;
    if (watch->looking || watch->notifier->terminating) {
        return;
    }
    watch->looking = true;
    watch->sight = (struct sight){.late_ms = 0};
    store_overview_read(watch->notifier->env->store, on_overview, watch);
}

/* ---- the sign of life ---- */

static void on_heard(void *context, const struct http_answer *answer)
{
    struct watch *watch = context;
    watch->beating = false;
    if (answer->result != HTTP_ANSWERED || answer->status < 200 || answer->status > 299) {
        log_warn(
            "heartbeat_not_heard", "result=%s status=%d reason=\"%s\"",
            http_result_name(answer->result), (int)answer->status,
            answer->result == HTTP_ANSWERED ? "" : answer->reason);
    }
}

static void on_beat(void *context)
{
    struct watch *watch = context;
    const struct settings *settings = watch->notifier->env->settings;
    struct http_request request;
    loop_timer_arm(watch->beat_timer, settings->ops_heartbeat_ms);
    if (!watch->well || watch->beating || watch->notifier->terminating) {
        return;
    }
    http_request_init(&request, "GET");
    http_request_url(&request, settings->ops_heartbeat_url, "/");
    const enum err err = http_request_error(&request);
    if (!err) {
        watch->beating = true;
        watch->notifier->engine->ops->post(watch->notifier->engine, &request, on_heard, watch);
    }
    http_request_release(&request);
}

/* ---- beginning and end ---- */

struct watch *watch_create(struct notifier *notifier)
{
    struct watch *watch = calloc(1, sizeof(*watch));
    if (!watch) {
        return NULL;
    }
    const struct settings *settings = notifier->env->settings;
    const bool beats = settings->ops_heartbeat_url.bytes > 0 && settings->ops_heartbeat_ms > 0;
    watch->notifier = notifier;
    watch->timer = loop_timer_create(notifier->env->loop, on_look, watch);
    watch->beat_timer = loop_timer_create(notifier->env->loop, on_beat, watch);
    if (!watch->timer || !watch->beat_timer) {
        watch_free(watch);
        return NULL;
    }
    if (beats) {
        loop_timer_arm(watch->beat_timer, settings->ops_heartbeat_ms);
    }
    if (beats || settings->ops_notify_count > 0) {
        loop_timer_arm(watch->timer, 0);
    }
    return watch;
}

void watch_free(struct watch *watch)
{
    if (!watch) {
        return;
    }
    loop_timer_free(watch->timer);
    loop_timer_free(watch->beat_timer);
    free(watch);
}
