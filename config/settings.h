/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt.json as checked data: where Redis is, the HTTP listener, channels, delivery defaults.
 * Secrets are references ({"env":"NAME"} or {"file":"path"}), resolved when loaded and never
 * printed.
 */
#ifndef NRT_CONFIG_SETTINGS_H
#define NRT_CONFIG_SETTINGS_H

#include "base/arena.h"
#include "config/report.h"

struct channel_settings {
    struct text name;      /* what `via` lists */
    struct text type;      /* "kannel", "dingtalk-robot", "sandbox" */
    int32_t quiet_from_s;  /* local second of day; default 21:00 */
    int32_t quiet_until_s; /* default 08:00; equal ends: no quiet hours */
    int64_t digest_ms;
    int64_t fallback_after_ms;
    struct text url; /* base URL of the gateway, empty for sandbox */
    /* The type's own keys, as read: name -> text, secrets resolved. */
    const struct channel_option *options;
    size_t option_count;
    bool implied; /* sms / dingtalk of the shipped settings: a sandbox, said loudly */
};

struct channel_option {
    struct text
        name; /* "username", "password", "secret", "token", "signature", "receipt_secret" ... */
    struct text value;
    bool secret;
};

struct settings {
    struct text redis_url; /* "unix:PATH" or "redis://host:port[/]"; empty: embedded (nrt up) */
    struct text redis_user;
    struct text redis_password;
    struct text prefix;      /* default "nrt" */
    int32_t partitions;      /* 1..64, default 1 */
    struct text http_listen; /* "127.0.0.1:8420" */
    struct text public_url;
    const struct channel_settings *channels;
    size_t channel_count;
    const struct text *default_via;
    size_t default_via_count;
    const struct text *ops_notify; /* roles */
    size_t ops_notify_count;
    const struct text *ops_via;
    size_t ops_via_count;
    int64_t backfill_ms;        /* default one hour */
    int64_t retention_ms;       /* default 180 days */
    struct text calendar;       /* id of the calendar to use; empty: there is only one */
    bool changes_need_approval; /* "changes": a second person must approve each change */
};

/* Compiled-in defaults: embedded Redis, sandbox channels sms and dingtalk. */
void settings_defaults(struct settings *settings);
/*
 * Read nrt.json (may be absent: defaults). Everything lives in the arena. False when the report
 * has errors; settings are then untouched.
 */
bool settings_load(
    const char *folder, /* NULL: defaults only */
    struct arena *arena,
    struct settings *ret_settings,
    struct report *report);
/*
 * The same for looking only (`nrt check`): a secret that is not to be had here is a warning, and
 * after errors the settings are filled as far as they could be read, so that what refers to them
 * can be checked.
 */
bool settings_check(
    const char *folder, struct arena *arena, struct settings *ret_settings, struct report *report);
/* NULL when no channel has that name. */
const struct channel_settings *settings_channel(const struct settings *settings, struct text name);
/* The option's value, empty when absent. */
struct text channel_option(const struct channel_settings *channel, const char *name);

#endif
