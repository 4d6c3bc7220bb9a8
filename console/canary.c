/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See canary.h. The id of the notice is made of the date, and the id of its message of that, so
 * any console can look for it.
 */
#include "console/canary.h"

#include <stdio.h>

#include "base/crypto.h"
#include "config/notice.h"
#include "store/ops_notice.h"

#define ROOM_BYTES ((size_t)64 * 1024)

struct canary {
    char id[NRT_ID_BYTES];
    struct arena arena;
    struct people_list people;
};

static void canary_init(
    const struct console *console, struct civil_day day, struct canary *ret_canary)
{
    char date[24];
    struct role role;
    const struct role_env *env = console->env;
    const struct role_subject subject = {.unit = {0}};
    *ret_canary = (struct canary){.id = ""};
    arena_init(&ret_canary->arena, ROOM_BYTES);
    (void)snprintf(date, sizeof(date), "%d", (int)day.number);
    const struct text parts[] = {TEXT_LITERAL("canary"), text_of(date)};
    crypto_id(parts, 2, ret_canary->id);
    if (role_parse(env->settings->ops_canary_to, &role, NULL) ||
        directory_resolve(
            env->bundle->policy.directory, &role, 1, &subject, &ret_canary->arena,
            &ret_canary->people)) {
        ret_canary->people.count = 0;
    }
}

static void write_notice(
    struct console *console, const struct canary *canary, struct civil_day day, struct buf *json)
{
    char words[256];
    const struct role_env *env = console->env;
    const struct settings *settings = env->settings;
    const struct civil_date date = civil_date_of(day);
    const struct channel_settings *channel = settings_channel(settings, settings->ops_canary_via);
    const bool english = channel && channel->english;
    (void)snprintf(
        words, sizeof(words),
        english ? "Daily check %02d-%02d: the channel works, nothing is to be done."
                : "每日探测%d月%d日：收到即说明通道正常，无需处理。",
        (int)date.month, (int)date.day);
    const struct text template_id = TEXT_LITERAL("canary");
    const bool has_template = bundle_template(env->bundle, template_id) != NULL;
    const struct notice notice = {
        .kind = "canary",
        .id = text_of(canary->id),
        .to = canary->people.ids,
        .to_count = canary->people.count,
        .via = &settings->ops_canary_via,
        .via_count = 1,
        .template_id = has_template ? template_id : (struct text){0},
        .title = english ? TEXT_LITERAL("Daily check") : TEXT_LITERAL("每日探测"),
        .text = has_template ? (struct text){0} : text_of(words),
        .send = SEND_NOW,
        .urgent = true,
        .at = role_now(console->env),
    };
    notice_write(&notice, json);
}

void canary_write(struct console *console, struct civil_day day, struct buf *json)
{
    struct canary canary;
    canary_init(console, day, &canary);
    write_notice(console, &canary, day, json);
    arena_release(&canary.arena);
}

/* Does a receipt come of what this channel has accepted, or can it be asked? */
static bool proves_delivery(const struct channel_settings *channel)
{
    static const char *const asked[] = {"aliyun", "tencent", "dingtalk-work"};
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        if (text_is(channel->type, asked[i])) {
            return true;
        }
    }
    return channel_option(channel, "receipt_secret").bytes > 0;
}

struct seen {
    bool known;
    bool accepted;
    bool delivered;
};

static bool see_message(void *context, const struct ledger_message *row)
{
    struct seen *seen = context;
    seen->known = true;
    seen->accepted = row->accepted.known;
    seen->delivered = row->delivered.known || row->read.known;
    return false;
}

/* What the ledger knows of the canary to that person. */
static struct seen canary_of(
    const struct console *console, const struct canary *canary, struct text person)
{
    char id[NRT_ID_BYTES];
    struct seen seen = {.known = false};
    struct list_end end;
    const struct text channel = console->env->settings->ops_canary_via;
    const struct text parts[] = {
        TEXT_LITERAL("notice"), TEXT_LITERAL("canary"), text_of(canary->id), person, channel};
    crypto_id(parts, sizeof(parts) / sizeof(parts[0]), id);
    const struct message_query query = {.id = text_of(id), .limit = 1};
    if (ledger_messages(console->ledger, &query, see_message, &seen, &end)) {
        seen.known = false;
    }
    return seen;
}

static void judge_canary(struct console *console, bool arrived)
{
    char zh[OPS_WORDS_BYTES];
    char en[OPS_WORDS_BYTES];
    struct role_env *env = console->env;
    const struct text channel = env->settings->ops_canary_via;
    if (arrived) {
        ops_clear(env, OPS_CANARY, channel);
        return;
    }
    const int minutes = (int)(env->settings->ops_canary_within_ms / 60000);
    (void)snprintf(
        zh, sizeof(zh), "通道 %.*s 的每日探测消息 %d 分钟内没有送达回执，请检查该通道。",
        TEXT_ARGS(channel), minutes);
    (void)snprintf(
        en, sizeof(en), "no receipt of the canary by channel %.*s within %d minutes: look at it",
        TEXT_ARGS(channel), minutes);
    ops_raise(env, OPS_CANARY, channel, (struct ops_words){.zh = zh, .en = en});
}

void canary_look(struct console *console, struct civil_day day, bool sent)
{
    struct canary canary;
    const struct settings *settings = console->env->settings;
    const struct channel_settings *channel = settings_channel(settings, settings->ops_canary_via);
    bool arrived = true;
    canary_init(console, day, &canary);
    for (size_t i = 0; channel && i < canary.people.count; i++) {
        const struct seen seen = canary_of(console, &canary, canary.people.ids[i]);
        sent = sent || seen.known;
        arrived = arrived && (seen.delivered || (seen.accepted && !proves_delivery(channel)));
    }
    if (sent) { /* else this console was not there in the morning */
        judge_canary(console, arrived);
    }
    arena_release(&canary.arena);
}
