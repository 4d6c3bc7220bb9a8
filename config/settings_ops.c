/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the service says without being asked by a rule: its own troubles, the daily sign of life,
 * the morning message, and the brake on too many messages at once.
 */
#include "config/describe.h"
#include "config/refer.h"
#include "config/settings_parts.h"

#define STORM_MAX 1000000

static void read_name(struct reader *reader, const struct json_value *value, void *target)
{
    read_id(reader, value, target);
}

const struct read_items channel_name_items = {
    read_name, sizeof(struct text), "a list of channels such as [\"sms\"]"};

static void read_ops_via(struct reader *reader, const struct json_value *value, void *target)
{
    struct settings *settings = &((struct settings_file *)target)->settings;
    settings->ops_via = read_list(reader, value, &channel_name_items, &settings->ops_via_count);
}

void read_role_word(struct reader *reader, const struct json_value *value, void *target)
{
    struct role role = {0};
    struct text *word = target;
    if (describe_value(reader, "role")) {
        return;
    }
    read_role(reader, value, &role);
    read_words(reader, value, word);
}

static void read_ops_notify(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_role_word, sizeof(struct text), "a list of roles such as [\"person:li\"]"};
    struct settings *settings = &((struct settings_file *)target)->settings;
    settings->ops_notify = read_list(reader, value, &items, &settings->ops_notify_count);
}

static void read_time(struct reader *reader, const struct json_value *value, void *target)
{
    (void)read_time_of_day(reader, value, target);
}

/* It stands in this file, so whoever may read the file may send the sign of life. */
static void read_heartbeat_url(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *url = target;
    const struct text text = json_string(value);
    if (describe_value(reader, "web_address")) {
        return;
    }
    if (!settings_is_url(text, "http://", "https://")) {
        char got[READ_GOT_BYTES];
        reader_error(
            reader, value, "expected an address that begins with http:// or https://, got %s",
            read_got(value, got));
        return;
    }
    *url = reader_keep(reader, text);
}

static void read_heartbeat(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"url", read_heartbeat_url, SETTINGS_FIELD(ops_heartbeat_url), FIELD_REQUIRED},
        {"every", read_span_ms, SETTINGS_FIELD(ops_heartbeat_ms), FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

static void read_canary(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"via", read_id, SETTINGS_FIELD(ops_canary_via), FIELD_REQUIRED},
        {"to", read_role_word, SETTINGS_FIELD(ops_canary_to), FIELD_REQUIRED},
        {"at", read_time, SETTINGS_FIELD(ops_canary_at_s), FIELD_OPTIONAL},
        {"within", read_span_ms, SETTINGS_FIELD(ops_canary_within_ms), FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

void read_ops(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"notify", read_ops_notify, 0, FIELD_OPTIONAL},
        {"via", read_ops_via, 0, FIELD_OPTIONAL},
        {"heartbeat", read_heartbeat, 0, FIELD_OPTIONAL},
        {"canary", read_canary, 0, FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

/* ---- the morning ---- */

static void read_morning_to(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_role_word, sizeof(struct text), "a list of roles such as [\"unit_head\"]"};
    struct settings *settings = &((struct settings_file *)target)->settings;
    describe_also(reader, "at_least_one");
    settings->morning_to = read_list(reader, value, &items, &settings->morning_to_count);
    if (json_type(value) == JSON_ARRAY && settings->morning_to_count == 0) {
        reader_error(reader, value, "at least one role is needed");
    }
}

static void read_morning_via(struct reader *reader, const struct json_value *value, void *target)
{
    struct settings *settings = &((struct settings_file *)target)->settings;
    settings->morning_via =
        read_list(reader, value, &channel_name_items, &settings->morning_via_count);
}

void read_morning(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"at", read_time, SETTINGS_FIELD(morning_at_s), FIELD_OPTIONAL},
        {"to", read_morning_to, 0, FIELD_REQUIRED},
        {"via", read_morning_via, 0, FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

/* ---- the brake ---- */

static void read_storm_count(struct reader *reader, const struct json_value *value, void *target)
{
    int32_t *count = target;
    int64_t number = 0;
    if (describe_value(reader, "storm_count")) {
        return;
    }
    if (json_i64(value, &number) != ERR_OK || number < 0 || number > STORM_MAX) {
        char got[READ_GOT_BYTES];
        reader_error(
            reader, value, "expected a number from 0 to %d, got %s", STORM_MAX,
            read_got(value, got));
        return;
    }
    *count = (int32_t)number;
}

void read_storm(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"after_start", read_storm_count, SETTINGS_FIELD(storm_after_start), FIELD_OPTIONAL},
        {"times", read_storm_count, SETTINGS_FIELD(storm_times), FIELD_OPTIONAL},
        {"least", read_storm_count, SETTINGS_FIELD(storm_least), FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}
