/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stages of a clock: when, to whom, by what channel, how often. Defaults that depend on other
 * keys (send, template) are applied here, so that nobody else needs to know them.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "config/describe.h"
#include "config/refer.h"
#include "config/rule_parts.h"

#define PERCENT_MAX      1000
#define REPEAT_EVERY_MIN INT64_C(60000)
#define DAY_S            86400

static void report_duration(struct reader *reader, const struct json_value *value)
{
    char got[READ_GOT_BYTES];
    reader_error(
        reader, value, "expected a duration such as \"5wd\", \"10d@24:00\" or \"4wh\", got %s",
        read_got(value, got));
}

void read_duration(struct reader *reader, const struct json_value *value, void *target)
{
    struct duration *duration = target;
    if (describe_value(reader, "duration")) {
        return;
    }
    if (json_type(value) != JSON_STRING ||
        duration_parse(json_string(value), duration, NULL) != ERR_OK) {
        report_duration(reader, value);
    }
}

/* ---- at ---- */

static struct text without(struct text text, size_t front, size_t back)
{
    return (struct text){text.ptr + front, text.bytes - front - back};
}

static bool parse_share(struct text text, struct stage_at *at)
{
    int64_t percent = 0;
    if (text.bytes < 2 || text.ptr[text.bytes - 1] != '%' ||
        text_parse_i64(without(text, 0, 1), &percent) != ERR_OK || percent < 1 ||
        percent > PERCENT_MAX) {
        return false;
    }
    *at = (struct stage_at){.anchor = ANCHOR_SHARE, .percent = (int32_t)percent};
    return true;
}

static bool parse_from_due(struct text text, struct stage_at *at)
{
    if (text.bytes < 5) {
        return false;
    }
    if (text_is(text, "due+0")) {
        at->anchor = ANCHOR_DUE_AFTER;
        at->duration = (struct duration){.unit = UNIT_ELAPSED, .amount = 0, .at_second = -1};
        return true;
    }
    const char sign = text.ptr[3];
    at->anchor = sign == '-' ? ANCHOR_DUE_BEFORE : ANCHOR_DUE_AFTER;
    return (sign == '-' || sign == '+') &&
           duration_parse(without(text, 4, 0), &at->duration, NULL) == ERR_OK;
}

static bool parse_at(struct text text, struct stage_at *ret_at)
{
    const struct text acked = TEXT_LITERAL("acked+");
    struct stage_at at = {.anchor = ANCHOR_START};
    bool parsed = false;
    if (text_starts_with(text, TEXT_LITERAL("due"))) {
        parsed = parse_from_due(text, &at);
    } else if (text_starts_with(text, acked)) {
        at.anchor = ANCHOR_ACKED;
        parsed = duration_parse(without(text, acked.bytes, 0), &at.duration, NULL) == ERR_OK;
    } else if (text.bytes > 0 && text.ptr[text.bytes - 1] == '%') {
        parsed = parse_share(text, &at);
    } else {
        parsed = duration_parse(text, &at.duration, NULL) == ERR_OK;
    }
    if (parsed) {
        *ret_at = at;
    }
    return parsed;
}

static void read_at(struct reader *reader, const struct json_value *value, void *target)
{
    if (describe_value(reader, "stage_at")) {
        return;
    }
    if (json_type(value) == JSON_STRING && parse_at(json_string(value), target)) {
        return;
    }
    char got[READ_GOT_BYTES];
    reader_error(
        reader, value,
        "expected a duration from the start (\"5d\"), from due (\"due-1wd\", \"due+0\"), from the "
        "acknowledgement (\"acked+1wd\") or a share of the limit (\"80%%\"), got %s",
        read_got(value, got));
}

static void read_light(struct reader *reader, const struct json_value *value, void *target)
{
    static const char *const words[LIGHT_COUNT] = {
        [LIGHT_GREEN] = "green", [LIGHT_YELLOW] = "yellow", [LIGHT_RED] = "red"};
    enum light *light = target;
    size_t index = 0;
    if (read_choice(reader, value, words, LIGHT_COUNT, &index)) {
        *light = (enum light)index;
    }
}

/* ---- notify, via, template ---- */

void read_roles(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_role, sizeof(struct role), "a list of roles such as [\"unit_head\"]"};
    struct role_list *roles = target;
    describe_also(reader, "at_least_one");
    roles->items = read_list(reader, value, &items, &roles->count);
    if (json_type(value) == JSON_ARRAY && roles->count == 0) {
        reader_error(reader, value, "nobody would be told; name at least one role");
    }
}

static void read_channel(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *name = target;
    read_id(reader, value, name);
    refer_channel(reader, value, *name);
}

static void read_channels(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_channel, sizeof(struct text),
        "a list of channels such as [\"sms\"] or {\"all\": [\"sms\", \"dingtalk\"]}"};
    struct text_list *channels = target;
    describe_also(reader, "at_least_one");
    channels->items = read_list(reader, value, &items, &channels->count);
    if (json_type(value) == JSON_ARRAY && channels->count == 0) {
        reader_error(
            reader, value, "at least one channel is needed; leave the key out for default_via");
    }
}

static void read_via_all(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"all", read_channels, offsetof(struct via, channels), FIELD_REQUIRED}};
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

void read_via(struct reader *reader, const struct json_value *value, void *target)
{
    static read_fn *const shapes[] = {read_channels, read_via_all};
    struct via *via = target;
    if (describe_either(reader, shapes, 2, target)) {
        return;
    }
    if (json_type(value) == JSON_OBJECT) {
        via->all = true;
        read_via_all(reader, value, target);
    } else {
        read_channels(reader, value, &via->channels);
    }
}

void read_template_id(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *id = target;
    read_id(reader, value, id);
    refer_template(reader, value, *id);
}

/* ---- repeat ---- */

struct repeat_file {
    struct repeat repeat;
    int32_t *seconds;
    size_t second_count;
    bool has_at;
    bool has_days;
    bool has_every;
};

static void read_second(struct reader *reader, const struct json_value *value, void *target)
{
    int32_t *second = target;
    if (describe_value(reader, "time_of_occurrence")) {
        return;
    }
    if (read_time_of_day(reader, value, second) && *second == DAY_S) {
        reader_error(reader, value, "write \"00:00\" for the midnight that begins a day");
    }
}

static int second_compare(const void *a, const void *b)
{
    const int32_t *left = a;
    const int32_t *right = b;
    return (*left > *right) - (*left < *right);
}

static void read_repeat_at(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_second, sizeof(int32_t), "a list of local times such as [\"08:30\", \"17:30\"]"};
    struct repeat_file *file = target;
    const size_t errors = reader->report->error_count;
    file->has_at = true;
    describe_also(reader, "at_least_one");
    describe_also(reader, "no_two_alike");
    file->seconds = read_list(reader, value, &items, &file->second_count);
    if (reader->report->error_count > errors) {
        return;
    }
    if (file->second_count == 0) {
        reader_error(reader, value, "at least one local time is needed");
        return;
    }
    qsort(file->seconds, file->second_count, sizeof *file->seconds, second_compare);
    for (size_t i = 1; i < file->second_count; i++) {
        if (file->seconds[i] == file->seconds[i - 1]) {
            reader_error(reader, value, "a local time is listed twice");
        }
    }
}

static void read_repeat_days(struct reader *reader, const struct json_value *value, void *target)
{
    static const char *const words[] = {"all", "working"};
    struct repeat_file *file = target;
    size_t index = 0;
    file->has_days = true;
    if (read_choice(reader, value, words, 2, &index)) {
        file->repeat.working_days_only = index == 1;
    }
}

static void read_repeat_every(struct reader *reader, const struct json_value *value, void *target)
{
    struct repeat_file *file = target;
    struct duration every = {0};
    file->has_every = true;
    if (describe_value(reader, "repeat_every")) {
        return;
    }
    if (json_type(value) != JSON_STRING ||
        duration_parse(json_string(value), &every, NULL) != ERR_OK || every.unit != UNIT_ELAPSED ||
        every.amount < REPEAT_EVERY_MIN) {
        char got[READ_GOT_BYTES];
        reader_error(
            reader, value,
            "expected an elapsed time of at least a minute such as \"2h\" or \"30m\", got %s",
            read_got(value, got));
        return;
    }
    file->repeat.every_ms = every.amount;
}

/* Every occurrence of a limited repeat is planned anew at each step of its case. */
#define REPEAT_MAX_MAX 10000

static void read_repeat_max(struct reader *reader, const struct json_value *value, void *target)
{
    int64_t *max = target;
    int64_t number = 0;
    if (describe_value(reader, "repeat_max")) {
        return;
    }
    read_positive(reader, value, &number);
    if (number > REPEAT_MAX_MAX) {
        reader_error(reader, value, "\"max\" may be %d at most", REPEAT_MAX_MAX);
    }
    *max = number;
}

static void read_repeat(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"at", read_repeat_at, 0, FIELD_OPTIONAL},
        {"days", read_repeat_days, 0, FIELD_OPTIONAL},
        {"every", read_repeat_every, 0, FIELD_OPTIONAL},
        {"max", read_repeat_max, offsetof(struct repeat_file, repeat.max), FIELD_OPTIONAL},
    };
    struct repeat *repeat = target;
    struct repeat_file file = {0};
    describe_also(reader, "repeat_keys");
    if (!read_object(reader, value, fields, FIELD_COUNT(fields), &file)) {
        return;
    }
    if (file.has_at == file.has_every) {
        reader_error(
            reader, value, "expected either \"at\" (local times) or \"every\" (an elapsed time)");
    }
    if (file.has_days && file.has_every) {
        reader_error(reader, value, "\"days\" goes with \"at\" only");
    }
    *repeat = file.repeat;
    repeat->kind = file.has_at ? REPEAT_TIMES_OF_DAY : REPEAT_EVERY;
    repeat->seconds_of_day = file.seconds;
    repeat->second_count = file.second_count;
}

/* ---- the stage ---- */

struct stage_file {
    struct stage stage;
    struct role_list notify;
    struct via via;
    bool has_send;
};

void read_send_when(struct reader *reader, const struct json_value *value, void *target)
{
    static const char *const words[SEND_WHEN_COUNT] = {
        [SEND_NOW] = "now", [SEND_DAY] = "day", [SEND_OFFICE] = "office"};
    enum send_when *send = target;
    size_t index = 0;
    if (read_choice(reader, value, words, SEND_WHEN_COUNT, &index)) {
        *send = (enum send_when)index;
    }
}

static void read_send(struct reader *reader, const struct json_value *value, void *target)
{
    struct stage_file *file = target;
    file->has_send = true;
    read_send_when(reader, value, &file->stage.send);
}

static void read_unless_acked(struct reader *reader, const struct json_value *value, void *target)
{
    struct stage_file *file = target;
    if (describe_value(reader, "unless_acked")) {
        return;
    }
    if (json_type(value) == JSON_STRING && text_is(json_string(value), "each")) {
        file->stage.if_acked = IF_ACKED_EACH;
        return;
    }
    bool suppress = false;
    read_bool(reader, value, &suppress);
    file->stage.if_acked = suppress ? IF_ACKED_SUPPRESS : IF_ACKED_SEND;
}

static enum send_when default_send(const struct stage *stage)
{
    if (stage->urgent) {
        return SEND_NOW;
    }
    return stage->repeat.kind == REPEAT_TIMES_OF_DAY ? SEND_DAY : SEND_OFFICE;
}

static struct text default_template(enum light light)
{
    return light == LIGHT_RED ? TEXT_LITERAL("overdue") : TEXT_LITERAL("warn");
}

static void stage_finish(struct stage_file *file)
{
    struct stage *stage = &file->stage;
    stage->notify = file->notify.items;
    stage->notify_count = file->notify.count;
    stage->via = file->via.channels.items;
    stage->via_count = file->via.channels.count;
    stage->via_all = file->via.all;
    if (!file->has_send) {
        stage->send = default_send(stage);
    }
    if (stage->template_id.bytes == 0) {
        stage->template_id = default_template(stage->light);
    }
}

#define STAGE_FIELD(name) offsetof(struct stage_file, stage.name)

void read_stage(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"id", read_id, STAGE_FIELD(id), FIELD_REQUIRED},
        {"title", read_string, STAGE_FIELD(title), FIELD_OPTIONAL},
        {"at", read_at, STAGE_FIELD(at), FIELD_REQUIRED},
        {"light", read_light, STAGE_FIELD(light), FIELD_REQUIRED},
        {"notify", read_roles, offsetof(struct stage_file, notify), FIELD_REQUIRED},
        {"via", read_via, offsetof(struct stage_file, via), FIELD_OPTIONAL},
        {"template", read_template_id, STAGE_FIELD(template_id), FIELD_OPTIONAL},
        {"repeat", read_repeat, STAGE_FIELD(repeat), FIELD_OPTIONAL},
        {"unless_acked", read_unless_acked, 0, FIELD_OPTIONAL},
        {"urgent", read_bool, STAGE_FIELD(urgent), FIELD_OPTIONAL},
        {"send", read_send, 0, FIELD_OPTIONAL},
    };
    struct stage *stage = target;
    struct stage_file file = {0};
    if (read_object(reader, value, fields, FIELD_COUNT(fields), &file)) {
        stage_finish(&file);
        *stage = file.stage;
    }
}
