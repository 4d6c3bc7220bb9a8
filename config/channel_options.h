/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that each type of channel has beside those of all (private to config/): one table per
 * type in channel_options.c, one reader per kind of value in channel_values.c. What is read
 * becomes options by name, those of nested objects with a dotted one ("robots.default.token").
 */
#ifndef NRT_CONFIG_CHANNEL_OPTIONS_H
#define NRT_CONFIG_CHANNEL_OPTIONS_H

#include "config/settings_parts.h"

enum option_kind {
    OPTION_TEXT,
    OPTION_NUMBER, /* digits, written as a number or as a string: the gateways do both */
    OPTION_URL,
    OPTION_MAIL_URL, /* smtp:// or smtps:// */
    OPTION_PATH,     /* "/sms/norsubmit" */
    OPTION_PROXY,
    OPTION_FILE, /* a path; a relative one starts at the folder of the configuration */
    OPTION_MAIL, /* "no-reply@example.gov.cn" */
    OPTION_SECRET,
    OPTION_SIGNATURE,
    OPTION_ROBOTS,     /* {NAME: {"token", "secret"}} */
    OPTION_KEY_ROBOTS, /* {NAME: {"key"}} */
    OPTION_ALGORITHM,
    OPTION_EVENTS,
    OPTION_METHOD, /* http-sms from here on */
    OPTION_BODY_TYPE,
    OPTION_CHARSET,
    OPTION_BODY_ENCODING,
    OPTION_HEADERS,
    OPTION_BODY,
    OPTION_URL_PATTERN,
    OPTION_TEST,
    OPTION_VALUE,
    OPTION_RECEIPT,
    OPTION_KIND_COUNT
};

struct option_rule {
    const char *name;
    enum option_kind kind;
    bool required;
};

#define OPTION_RULES_MAX 24

struct channel_kind {
    const char *name;
    bool has_network;
    const char *default_url;   /* NULL: none */
    const char *receipt_reply; /* NULL: empty */
    struct channel_traits traits;
    struct template_law templates;
    const struct option_rule *rules;
    size_t rule_count;
};

/* NULL behind the last one. Webhooks are not among them: they have a section of their own. */
const struct channel_kind *channel_kind_at(size_t index);
extern const struct channel_kind webhook_channel_kind;
/* proxy, ca_file: keys of all types with a network. */
extern const struct option_rule network_rules[2];

struct channel_reading {
    struct reader *reader;
    const struct secrets *secrets;
    const struct channel_kind *kind;
    struct channel_settings *channel;
    struct channel_option *options;
    size_t option_count;
};

#define OPTIONS_MAX 256 /* of one channel */
/* The value has to live as long as the settings. */
void channel_option_add(
    struct channel_reading *reading, const char *name, struct text value, bool secret);

/* What a value of that kind may be, to a describing reader. */
read_fn *option_shape(enum option_kind kind);
/* The path stands at the key already. */
void option_read(
    struct channel_reading *reading,
    const struct json_value *value,
    const struct option_rule *rule);

/* Of http-sms (channel_gateway.c): what its little languages say is checked when it is read. */
read_fn option_shape_headers;
read_fn option_shape_receipt;
void option_read_url_pattern(struct channel_reading *reading, const struct json_value *value);
void option_read_headers(struct channel_reading *reading, const struct json_value *value);
void option_read_body(struct channel_reading *reading, const struct json_value *value);
void option_read_test(
    struct channel_reading *reading, const struct json_value *value, const char *name);
void option_read_value(
    struct channel_reading *reading, const struct json_value *value, const char *name);
void option_read_receipt(struct channel_reading *reading, const struct json_value *value);

#endif
