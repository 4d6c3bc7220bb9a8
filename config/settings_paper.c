/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the oversight office puts on paper or sends round: who signs notices and what their numbers
 * begin with, the brief of each working morning, the weekly list.
 */
#include "config/describe.h"
#include "config/settings_parts.h"

#define NOTICE_PREFIX_BYTES_MAX 48
#define OFFICE_NAME_BYTES_MAX   150

static void read_time(struct reader *reader, const struct json_value *value, void *target)
{
    (void)read_time_of_day(reader, value, target);
}

/* ---- office ---- */

static void read_short(
    struct reader *reader, const struct json_value *value, struct text *target, size_t bytes_max)
{
    read_words(reader, value, target);
    if (target->bytes > bytes_max) {
        reader_error(reader, value, "at most %zu bytes", bytes_max);
    }
}

static void read_office_name(struct reader *reader, const struct json_value *value, void *target)
{
    read_short(reader, value, target, OFFICE_NAME_BYTES_MAX);
}

static void read_prefix(struct reader *reader, const struct json_value *value, void *target)
{
    read_short(reader, value, target, NOTICE_PREFIX_BYTES_MAX);
}

void read_office(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"name", read_office_name, SETTINGS_FIELD(office_name), FIELD_OPTIONAL},
        {"notice_prefix", read_prefix, SETTINGS_FIELD(notice_prefix), FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

/* ---- what goes round ---- */

static void read_roles_list(
    struct reader *reader,
    const struct json_value *value,
    const struct text **ret_roles,
    size_t *ret_count)
{
    static const struct read_items items = {
        read_role_word, sizeof(struct text), "a list of roles such as [\"oversight\"]"};
    describe_also(reader, "at_least_one");
    *ret_roles = read_list(reader, value, &items, ret_count);
    if (json_type(value) == JSON_ARRAY && *ret_count == 0) {
        reader_error(reader, value, "at least one role is needed");
    }
}

static void read_brief_to(struct reader *reader, const struct json_value *value, void *target)
{
    struct settings *settings = &((struct settings_file *)target)->settings;
    read_roles_list(reader, value, &settings->brief_to, &settings->brief_to_count);
}

static void read_brief_via(struct reader *reader, const struct json_value *value, void *target)
{
    struct settings *settings = &((struct settings_file *)target)->settings;
    settings->brief_via = read_list(reader, value, &channel_name_items, &settings->brief_via_count);
}

void read_brief(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"at", read_time, SETTINGS_FIELD(brief_at_s), FIELD_OPTIONAL},
        {"to", read_brief_to, 0, FIELD_REQUIRED},
        {"via", read_brief_via, 0, FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

static void read_weekly_to(struct reader *reader, const struct json_value *value, void *target)
{
    struct settings *settings = &((struct settings_file *)target)->settings;
    read_roles_list(reader, value, &settings->weekly_to, &settings->weekly_to_count);
}

static void read_weekly_via(struct reader *reader, const struct json_value *value, void *target)
{
    struct settings *settings = &((struct settings_file *)target)->settings;
    settings->weekly_via =
        read_list(reader, value, &channel_name_items, &settings->weekly_via_count);
}

/* Monday 1 to Sunday 7; on a day off it goes out on the next working day of that week. */
static void read_weekday(struct reader *reader, const struct json_value *value, void *target)
{
    int32_t *weekday = target;
    int64_t number = 0;
    if (describe_value(reader, "weekday_number")) {
        return;
    }
    if (json_i64(value, &number) != ERR_OK || number < 1 || number > 7) {
        char got[READ_GOT_BYTES];
        reader_error(
            reader, value, "expected a number from 1 (Monday) to 7 (Sunday), got %s",
            read_got(value, got));
        return;
    }
    *weekday = (int32_t)number;
}

void read_weekly(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"at", read_time, SETTINGS_FIELD(weekly_at_s), FIELD_OPTIONAL},
        {"weekday", read_weekday, SETTINGS_FIELD(weekly_weekday), FIELD_OPTIONAL},
        {"to", read_weekly_to, 0, FIELD_REQUIRED},
        {"via", read_weekly_via, 0, FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}
