/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compiled-in settings and look-ups. What stands here is what shipped/nrt.json says; a test
 * holds the two together.
 */
#include "config/settings.h"

#include "config/settings_parts.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

static const struct channel_option sandbox_options[] = {
    {.name = {"signature", 9}, .value = {DEFAULT_SIGNATURE, sizeof DEFAULT_SIGNATURE - 1}},
};

static const struct channel_settings implied_channels[IMPLIED_CHANNEL_COUNT] = {
    {
        .name = {"sms", 3},
        .type = {"sandbox", 7},
        .quiet_from_s = DEFAULT_QUIET_FROM_S,
        .quiet_until_s = DEFAULT_QUIET_UNTIL_S,
        .digest_ms = DEFAULT_DIGEST_MS,
        .fallback_after_ms = DEFAULT_FALLBACK_MS,
        .options = sandbox_options,
        .option_count = 1,
        .implied = true,
    },
    {
        .name = {"dingtalk", 8},
        .type = {"sandbox", 7},
        .quiet_from_s = DEFAULT_QUIET_FROM_S,
        .quiet_until_s = DEFAULT_QUIET_UNTIL_S,
        .digest_ms = DEFAULT_DIGEST_MS,
        .fallback_after_ms = DEFAULT_FALLBACK_MS,
        .options = sandbox_options,
        .option_count = 1,
        .implied = true,
    },
};

static const struct text default_via[] = {{"sms", 3}};

const struct channel_settings *settings_implied_channels(void)
{
    return implied_channels;
}

void settings_defaults(struct settings *settings)
{
    *settings = (struct settings){
        .prefix = TEXT_LITERAL("nrt"),
        .partitions = 1,
        .http_listen = TEXT_LITERAL("127.0.0.1:8420"),
        .channels = implied_channels,
        .channel_count = IMPLIED_CHANNEL_COUNT,
        .default_via = default_via,
        .default_via_count = 1,
        .ops_heartbeat_ms = MINUTE_MS,
        .ops_canary_at_s = 8 * 3600,
        .ops_canary_within_ms = 10 * MINUTE_MS,
        .morning_at_s = 8 * 3600 + 20 * 60,
        .brief_at_s = 8 * 3600 + 20 * 60,
        .weekly_at_s = 8 * 3600 + 30 * 60,
        .weekly_weekday = 1,
        .storm_after_start = 50,
        .storm_times = 4,
        .storm_least = 50,
        .link_ms = 7 * DAY_MS,
        .backfill_ms = HOUR_MS,
        .retention_ms = 180 * DAY_MS,
    };
}

const struct channel_settings *settings_channel(const struct settings *settings, struct text name)
{
    for (size_t i = 0; i < settings->channel_count; i++) {
        if (text_equal(settings->channels[i].name, name)) {
            return &settings->channels[i];
        }
    }
    return NULL;
}

struct text channel_option(const struct channel_settings *channel, const char *name)
{
    for (size_t i = 0; i < channel->option_count; i++) {
        if (text_is(channel->options[i].name, name)) {
            return channel->options[i].value;
        }
    }
    return (struct text){0};
}
