/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt.json as checked data: where Redis is, the HTTP listener, channels, delivery defaults.
 * Secrets are references ({"env":"NAME"} or {"file":"path"}), resolved when loaded and never
 * printed.
 */
#ifndef NRT_CONFIG_SETTINGS_H
#define NRT_CONFIG_SETTINGS_H

#include "base/address.h"
#include "base/arena.h"
#include "config/report.h"
#include "config/template.h"

struct channel_settings {
    struct text name;      /* what `via` lists */
    struct text type;      /* "kannel", "dingtalk-robot", "sandbox" */
    int32_t quiet_from_s;  /* local second of day; default 21:00 */
    int32_t quiet_until_s; /* default 08:00; equal ends: no quiet hours */
    int64_t digest_ms;
    int64_t fallback_after_ms;
    struct text url;     /* base URL of the gateway, empty for sandbox */
    struct text proxy;   /* "http://proxy:3128", empty: none */
    struct text ca_file; /* certificates to trust instead of the system's; empty: the system's */
    bool english;        /* "language": "en": texts of templates and dates; default zh */
    const struct channel_limit_setting *limits; /* "limits": narrower than the type's own */
    size_t limit_count;
    const char *receipt_reply; /* static: what a call-back is answered with; NULL: empty */
    /* The type's own keys, as read: name -> text, secrets resolved. */
    const struct channel_option *options;
    size_t option_count;
    bool implied; /* sms / dingtalk of the shipped settings: a sandbox, said loudly */
};

/* "limits": {"per_minute": 18, "per_person_day": 40, "per_second": 5, "reserve": 2} */
struct channel_limit_setting {
    bool per_person;   /* else: the whole channel */
    int64_t window_ms; /* a second, a minute, an hour, a day */
    int32_t max;
    int32_t reserve; /* of max, kept for urgent messages */
};

struct channel_option {
    struct text
        name; /* "username", "password", "secret", "token", "signature", "receipt_secret" ... */
    struct text value;
    bool secret;
};

/*
 * {"webhooks": {NAME: {"url", "secret", "events": ["alert", "miss", "acknowledged"], ...}}}. Each
 * is also a channel of that NAME and type "webhook" in `channels` below.
 */
struct webhook_settings {
    struct text name;
    bool alerts;
    bool misses;
    bool acknowledged;
};

/*
 * "sign_in": who besides the console's own accounts may say who somebody is. A request is believed
 * to be of the user that the header names when it comes from one of these addresses, and, where
 * there is a secret, with X-NRT-Proxy-Secret.
 */
struct sign_in_settings {
    struct text proxy_header; /* lower case; empty: no proxy is believed */
    const struct address_range *proxies;
    size_t proxy_count;
    bool proxy_has_secret;
    struct text proxy_secret;
    struct text dingtalk_channel; /* whose keys exchange the codes; empty: no such sign-in */
    struct text dingtalk_corp;
};

/* Paths of PEM files; empty: no TLS. */
struct tls_settings {
    struct text cert;
    struct text key;
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
    /* "ops": beside notify and via */
    struct text ops_heartbeat_url; /* asked with GET while all is well; empty: nowhere */
    int64_t ops_heartbeat_ms;      /* default one minute */
    struct text ops_canary_via;    /* channel of the daily canary message; empty: none */
    struct text ops_canary_to;     /* role, "person:li" */
    int32_t ops_canary_at_s;       /* local second of a working day; default 08:00 */
    int64_t ops_canary_within_ms;  /* a receipt must have come by then; default 10 minutes */
    /* "morning": what falls due today and tomorrow, on working days; no `to`: none */
    int32_t morning_at_s;          /* default 08:20 */
    const struct text *morning_to; /* roles of each unit with open cases, ["head"] */
    size_t morning_to_count;
    const struct text *morning_via;
    size_t morning_via_count;
    bool all_clear; /* tell those who got an overdue alert when the case is settled */
    /* "storm": the brake on too many messages at once */
    int32_t storm_after_start; /* digested messages after a start, restore, import; default 50 */
    int32_t storm_times;       /* above so many times the slot's usual; default 4, 0: never */
    int32_t storm_least;       /* but never at fewer than this many; default 50 */
    const struct webhook_settings *webhooks; /* "webhooks": what other systems are told */
    size_t webhook_count;
    int64_t link_ms;            /* "links_valid": one-tap pages; default 7 days */
    int64_t backfill_ms;        /* default one hour */
    int64_t retention_ms;       /* default 180 days */
    struct text calendar;       /* id of the calendar to use; empty: there is only one */
    bool changes_need_approval; /* "changes": a second person must approve each change */
    /* "office": who signs numbered notices, and what their numbers begin with */
    struct text office_name;
    struct text notice_prefix;
    /* "brief": how things stand, on working days; no `to`: none */
    int32_t brief_at_s; /* default 08:20 */
    const struct text *brief_to;
    size_t brief_to_count;
    const struct text *brief_via;
    size_t brief_via_count;
    /* "weekly": the list of a unit's open cases, to its people; no `to`: none */
    int32_t weekly_at_s;    /* default 08:30 */
    int32_t weekly_weekday; /* ISO; default Monday */
    const struct text *weekly_to;
    size_t weekly_to_count;
    const struct text *weekly_via;
    size_t weekly_via_count;
    struct sign_in_settings sign_in;
    struct tls_settings http_tls; /* "http": beside listen and public_url */
    /* "public": a second listener for /a/ and /hooks/ only; empty: none */
    struct text http_door_listen;
    struct text http_door_url; /* how it is reached from outside; empty: as public_url */
    struct tls_settings http_door_tls;
};

/* What call-backs of gateways are sealed for while they wait in the queue (base/crypto.h). */
#define RECEIPT_SEAL_CONTEXT "receipt"

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
/* Which address of a person a type of channel needs. */
enum contact_kind {
    CONTACT_NONE,
    CONTACT_MOBILE,
    CONTACT_DINGTALK,
    CONTACT_ZWDD,
    CONTACT_WECOM,
    CONTACT_EMAIL,
    CONTACT_KIND_COUNT
};
struct channel_traits {
    bool sms;                  /* its texts are counted in segments */
    enum contact_kind contact; /* what it reaches a person by */
    bool by_mobile;            /* or finds by the mobile number */
};
/* Never NULL. */
const struct channel_traits *channel_traits(struct text type);
/* What that type asks of vendor templates; never NULL. */
const struct template_law *channel_template_law(struct text type);
/* What links in messages and the addresses of call-backs begin with; empty: nobody has said. */
struct text settings_outer_url(const struct settings *settings);
/* The option's value, empty when absent. */
struct text channel_option(const struct channel_settings *channel, const char *name);

#endif
