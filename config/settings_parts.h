/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the settings reader share (private to config/).
 */
#ifndef NRT_CONFIG_SETTINGS_PARTS_H
#define NRT_CONFIG_SETTINGS_PARTS_H

#include <stddef.h>

#include "config/read.h"
#include "config/settings.h"

#define DEFAULT_SIGNATURE     "【限时督办】"
#define DEFAULT_QUIET_FROM_S  (21 * 3600)
#define DEFAULT_QUIET_UNTIL_S (8 * 3600)
#define DEFAULT_DIGEST_MS     INT64_C(60000)
#define DEFAULT_FALLBACK_MS   INT64_C(600000)

/* sms and dingtalk: sandboxes as long as nobody configures them. */
#define IMPLIED_CHANNEL_COUNT 2
const struct channel_settings *settings_implied_channels(void);

/* How secrets are resolved. */
struct secrets {
    const char *folder; /* where relative paths of their files start */
    bool only_looking;  /* a missing one is a warning; nobody is going to use it */
};

/* Target: struct text, the secret itself. */
void read_secret(
    struct reader *reader,
    const struct json_value *value,
    const struct secrets *secrets,
    struct text *ret_secret);

/* nrt.json's "channels": every channel, the implied ones included. */
bool read_channels_object(
    struct reader *reader,
    const struct json_value *value,
    const struct secrets *secrets,
    struct settings *settings);

/* "webhooks": each becomes a channel too, behind those that are there. */
void read_webhooks_object(
    struct reader *reader,
    const struct json_value *value,
    const struct secrets *secrets,
    struct settings *settings);

/* What the tables of the file fill. */
struct settings_file {
    struct settings settings;
    const struct secrets *secrets;
    const struct json_value *channels;
};
#define SETTINGS_FIELD(name) offsetof(struct settings_file, settings.name)

/* settings_http.c; target: struct settings_file. */
read_fn read_http;

/* settings_ops.c; target: struct settings_file. */
read_fn read_ops;
read_fn read_morning;
read_fn read_storm;
read_fn read_role_word; /* target: struct text */
extern const struct read_items channel_name_items;

/* settings_paper.c; likewise. */
read_fn read_office;
read_fn read_brief;
read_fn read_weekly;

/* settings_sign_in.c; the channel it names is checked once all are known. */
read_fn read_sign_in;
void check_sign_in(
    struct reader *reader, const struct settings *settings, const struct json_value *root);

/* A whole address of one of two schemes without spaces and control characters. */
bool settings_is_url(struct text text, const char *scheme, const char *secure);

/* nrt.json's text; secrets->only_looking decides as for settings_check(). */
bool settings_parse(
    struct text json,
    const struct secrets *secrets,
    const struct reading *reading,
    struct settings *ret_settings);

/* What the file may have, to a describing reader. */
read_fn settings_describe;

#endif
