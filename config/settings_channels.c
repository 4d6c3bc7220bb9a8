/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "channels" of nrt.json, and "webhooks", each of which is a channel too: names, types and the
 * keys that all of them have. What a type has beside them is in channel_options.c.
 */
#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "config/channel_options.h"
#include "config/describe.h"

#define CHANNELS_MAX 64
#define TYPES_MAX    16

/* ---- keys of all channels ---- */

static void read_quiet(struct reader *reader, const struct json_value *value, void *target)
{
    struct channel_settings *channel = target;
    const char *what = "two local times such as [\"21:00\", \"08:00\"]";
    if (describe_value(reader, "quiet") || !read_is(reader, value, JSON_ARRAY, what)) {
        return;
    }
    const struct json_value *from = json_first(value);
    if (json_count(value) != 2) {
        reader_error(reader, value, "expected %s", what);
        return;
    }
    (void)read_time_of_day(reader, from, &channel->quiet_from_s);
    (void)read_time_of_day(reader, json_next(from), &channel->quiet_until_s);
}

/* "0s" gathers nothing; all else is a length of time. */
static void read_digest(struct reader *reader, const struct json_value *value, void *target)
{
    int64_t *digest_ms = target;
    if (describe_value(reader, "digest")) {
        return;
    }
    if (text_is(json_string(value), "0s")) {
        *digest_ms = 0;
    } else {
        read_span_ms(reader, value, digest_ms);
    }
}

static void read_language(struct reader *reader, const struct json_value *value, void *target)
{
    static const char *const words[] = {"zh", "en"};
    bool *english = target;
    size_t index = 0;
    if (read_choice(reader, value, words, FIELD_COUNT(words), &index)) {
        *english = index == 1;
    }
}

/* ---- limits ---- */

static const struct channel_limit_setting limit_spans[] = {
    {.per_person = false, .window_ms = 1000},    {.per_person = false, .window_ms = 60000},
    {.per_person = false, .window_ms = 3600000}, {.per_person = false, .window_ms = 86400000},
    {.per_person = true, .window_ms = 60000},    {.per_person = true, .window_ms = 3600000},
    {.per_person = true, .window_ms = 86400000},
};
#define LIMIT_SPANS  FIELD_COUNT(limit_spans)
#define LIMIT_MAX    1000000
#define LIMIT_AT(at) ((at) * sizeof(int64_t))

static const struct field limit_fields[] = {
    {"per_second", read_positive, LIMIT_AT(0), FIELD_OPTIONAL},
    {"per_minute", read_positive, LIMIT_AT(1), FIELD_OPTIONAL},
    {"per_hour", read_positive, LIMIT_AT(2), FIELD_OPTIONAL},
    {"per_day", read_positive, LIMIT_AT(3), FIELD_OPTIONAL},
    {"per_person_minute", read_positive, LIMIT_AT(4), FIELD_OPTIONAL},
    {"per_person_hour", read_positive, LIMIT_AT(5), FIELD_OPTIONAL},
    {"per_person_day", read_positive, LIMIT_AT(6), FIELD_OPTIONAL},
    {"reserve", read_count, LIMIT_AT(LIMIT_SPANS), FIELD_OPTIONAL},
};

static bool are_limits(
    struct reader *reader, const struct json_value *value, const int64_t max[LIMIT_SPANS + 1])
{
    bool any = false;
    for (size_t i = 0; i < LIMIT_SPANS; i++) {
        any = any || max[i] > 0;
        if (max[i] > LIMIT_MAX) {
            reader_error(reader, value, "\"%s\" is above %d", limit_fields[i].key, LIMIT_MAX);
            return false;
        }
        if (max[i] > 0 && max[LIMIT_SPANS] >= max[i]) {
            reader_error(
                reader, value, "\"reserve\" leaves nothing of \"%s\" to messages without hurry",
                limit_fields[i].key);
            return false;
        }
    }
    if (!any) {
        reader_error(reader, value, "at least one limit is needed, such as \"per_minute\"");
    }
    return any;
}

static void read_limits(struct reader *reader, const struct json_value *value, void *target)
{
    struct channel_settings *channel = target;
    int64_t max[LIMIT_SPANS + 1] = {0};
    const size_t errors = reader->report->error_count;
    if (!read_object(reader, value, limit_fields, FIELD_COUNT(limit_fields), max) ||
        reader->report->error_count > errors || !are_limits(reader, value, max)) {
        return;
    }
    struct channel_limit_setting *limits = arena_array(reader->arena, LIMIT_SPANS, sizeof *limits);
    if (!limits) {
        reader_error(reader, value, "out of memory");
        return;
    }
    channel->limits = limits;
    for (size_t i = 0; i < LIMIT_SPANS; i++) {
        if (max[i] > 0) {
            struct channel_limit_setting *limit = &limits[channel->limit_count++];
            *limit = limit_spans[i];
            limit->max = (int32_t)max[i];
            limit->reserve = (int32_t)max[LIMIT_SPANS];
        }
    }
}

/* ---- one channel ---- */

static void shape_type(struct reader *reader, const struct json_value *value, void *target)
{
    const struct text *name = target;
    (void)value;
    (void)describe_choice(reader, &name->ptr, 1);
}

#define CHANNEL_FIELD(name) offsetof(struct channel_settings, name)

static const struct field limits_field = {"limits", read_limits, 0, FIELD_OPTIONAL};

static const struct field common_fields[] = {
    {"type", shape_type, CHANNEL_FIELD(type), FIELD_REQUIRED},
    {"quiet", read_quiet, 0, FIELD_OPTIONAL},
    {"digest", read_digest, CHANNEL_FIELD(digest_ms), FIELD_OPTIONAL},
    {"fallback_after", read_span_ms, CHANNEL_FIELD(fallback_after_ms), FIELD_OPTIONAL},
    {"language", read_language, CHANNEL_FIELD(english), FIELD_OPTIONAL},
};
#define COMMON_COUNT  FIELD_COUNT(common_fields)
#define NETWORK_COUNT FIELD_COUNT(network_rules)

static struct field field_of_rule(const struct option_rule *rule)
{
    return (struct field){
        rule->name, option_shape(rule->kind), 0, rule->required ? FIELD_REQUIRED : FIELD_OPTIONAL};
}

/* All keys in one table, so that a near miss of any is named. */
static void read_keys(const struct channel_reading *reading, const struct json_value *value)
{
    struct field fields[COMMON_COUNT + 1 + NETWORK_COUNT + OPTION_RULES_MAX];
    const struct channel_kind *kind = reading->kind;
    size_t count = 0;
    if (kind != &webhook_channel_kind) {
        memcpy(fields, common_fields, sizeof common_fields);
        count = COMMON_COUNT;
    }
    fields[count++] = limits_field;
    for (size_t i = 0; kind->has_network && i < NETWORK_COUNT; i++) {
        fields[count++] = field_of_rule(&network_rules[i]);
    }
    MUST(kind->rule_count <= OPTION_RULES_MAX);
    for (size_t i = 0; i < kind->rule_count; i++) {
        fields[count++] = field_of_rule(&kind->rules[i]);
    }
    (void)read_object(reading->reader, value, fields, count, reading->channel);
}

static void read_options(
    struct channel_reading *reading,
    const struct json_value *value,
    const struct option_rule *rules,
    size_t rule_count)
{
    for (size_t i = 0; i < rule_count; i++) {
        const struct json_value *option = json_get(value, rules[i].name);
        if (option) {
            const size_t mark = reader_enter_key(reading->reader, json_key(option));
            option_read(reading, option, &rules[i]);
            reader_leave(reading->reader, mark);
        }
    }
}

static const struct channel_kind *read_type(struct reader *reader, const struct json_value *value)
{
    const char *words[TYPES_MAX];
    size_t count = 0;
    size_t index = 0;
    const struct json_value *type = json_get(value, "type");
    for (; count < TYPES_MAX && channel_kind_at(count); count++) {
        words[count] = channel_kind_at(count)->name;
    }
    if (!type) {
        reader_error(reader, value, "missing key \"type\"");
        return NULL;
    }
    const size_t mark = reader_enter_key(reader, json_key(type));
    const bool known = read_choice(reader, type, words, count, &index);
    reader_leave(reader, mark);
    return known ? channel_kind_at(index) : NULL;
}

static void channel_init(struct channel_settings *channel, struct text name)
{
    *channel = (struct channel_settings){
        .name = name,
        .quiet_from_s = DEFAULT_QUIET_FROM_S,
        .quiet_until_s = DEFAULT_QUIET_UNTIL_S,
        .digest_ms = DEFAULT_DIGEST_MS,
        .fallback_after_ms = DEFAULT_FALLBACK_MS,
    };
}

/* A sandbox shows a signature even where none is set. */
static void read_kind(
    struct reader *reader,
    const struct json_value *value,
    const struct secrets *secrets,
    const struct channel_kind *kind,
    struct channel_settings *channel)
{
    struct channel_reading reading = {
        .reader = reader,
        .secrets = secrets,
        .kind = kind,
        .channel = channel,
        .options = arena_array(reader->arena, OPTIONS_MAX, sizeof(struct channel_option)),
    };
    if (!reading.options) {
        reader_error(reader, value, "out of memory");
        return;
    }
    channel->type = text_of(kind->name);
    channel->url = text_of(kind->default_url);
    channel->receipt_reply = kind->receipt_reply;
    read_keys(&reading, value);
    if (kind->has_network) {
        read_options(&reading, value, network_rules, NETWORK_COUNT);
    }
    read_options(&reading, value, kind->rules, kind->rule_count);
    if (!kind->has_network && channel_option(channel, "signature").bytes == 0) {
        channel_option_add(&reading, "signature", TEXT_LITERAL(DEFAULT_SIGNATURE), false);
    }
}

static void read_channel(
    struct reader *reader,
    const struct json_value *value,
    const struct secrets *secrets,
    struct channel_settings *channel)
{
    channel_init(channel, reader_keep(reader, json_key(value)));
    if (!read_is(reader, value, JSON_OBJECT, "an object {\"type\": ...}")) {
        return;
    }
    const struct channel_kind *kind = read_type(reader, value);
    if (kind) {
        read_kind(reader, value, secrets, kind, channel);
    }
}

static bool has_channel(const struct settings *settings, struct text name)
{
    return settings_channel(settings, name) != NULL;
}

static void add_implied(struct settings *settings, struct channel_settings *channels)
{
    const struct channel_settings *implied = settings_implied_channels();
    for (size_t i = 0; i < IMPLIED_CHANNEL_COUNT; i++) {
        if (!has_channel(settings, implied[i].name)) {
            channels[settings->channel_count++] = implied[i];
        }
    }
}

static bool is_channel_name(struct text name)
{
    bool valid = name.bytes > 0 && name.bytes <= 32;
    for (size_t i = 0; valid && i < name.bytes; i++) {
        const char c = name.ptr[i];
        valid = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
    return valid;
}

static void check_channel_name(struct reader *reader, const struct json_value *member)
{
    if (!is_channel_name(json_key(member))) {
        reader_error(reader, member, "a channel's name has 1 to 32 small letters, digits or '-'");
    }
}

/* NULL (reported) when there are too many, or no memory. */
static struct channel_settings *make_room(
    struct reader *reader, const struct json_value *value, size_t count)
{
    if (json_count(value) > CHANNELS_MAX) {
        reader_error(reader, value, "more than %d channels", CHANNELS_MAX);
        return NULL;
    }
    struct channel_settings *channels =
        arena_array(reader->arena, count, sizeof(struct channel_settings));
    if (!channels) {
        reader_error(reader, value, "out of memory");
    }
    return channels;
}

static void describe_kind(
    struct reader *reader, const struct json_value *value, const struct channel_kind *kind)
{
    struct channel_settings channel = {.type = text_of(kind->name)};
    const struct channel_reading reading = {.reader = reader, .kind = kind, .channel = &channel};
    read_keys(&reading, value);
}

/* Each call describes the next type: one key makes all the difference to the others. */
static void describe_next_type(struct reader *reader, const struct json_value *value, void *target)
{
    size_t *next = target;
    describe_kind(reader, value, channel_kind_at((*next)++));
}

static void describe_channel(struct reader *reader, const struct json_value *value, void *target)
{
    read_fn *shapes[TYPES_MAX];
    size_t count = 0;
    size_t next = 0;
    (void)value;
    (void)target;
    while (count < TYPES_MAX && channel_kind_at(count)) {
        shapes[count++] = describe_next_type;
    }
    (void)describe_either(reader, shapes, count, &next);
}

static void describe_webhook(struct reader *reader, const struct json_value *value, void *target)
{
    (void)target;
    describe_kind(reader, value, &webhook_channel_kind);
}

bool read_channels_object(
    struct reader *reader,
    const struct json_value *value,
    const struct secrets *secrets,
    struct settings *settings)
{
    describe_also(reader, "channels");
    if (describe_map(reader, "channel_name", describe_channel, NULL)) {
        return false;
    }
    if (!read_is(reader, value, JSON_OBJECT, "an object of channels {...}")) {
        return false;
    }
    struct channel_settings *channels =
        make_room(reader, value, json_count(value) + IMPLIED_CHANNEL_COUNT);
    if (!channels) {
        return false;
    }
    settings->channels = channels;
    settings->channel_count = 0;
    for (const struct json_value *member = json_first(value); member; member = json_next(member)) {
        if (reader_remark(reader, member)) {
            continue;
        }
        const size_t mark = reader_enter_key(reader, json_key(member));
        check_channel_name(reader, member);
        read_channel(reader, member, secrets, &channels[settings->channel_count++]);
        reader_leave(reader, mark);
    }
    add_implied(settings, channels);
    return true;
}

/* ---- webhooks ---- */

/* A program has no night, and reads each message by itself. */
static void webhook_channel_init(struct channel_settings *channel, struct text name)
{
    channel_init(channel, name);
    channel->quiet_from_s = 0;
    channel->quiet_until_s = 0;
    channel->digest_ms = 0;
}

static void read_webhook(
    struct reader *reader,
    const struct json_value *value,
    const struct secrets *secrets,
    struct channel_settings *channel,
    struct webhook_settings *webhook)
{
    webhook_channel_init(channel, reader_keep(reader, json_key(value)));
    check_channel_name(reader, value);
    if (!read_is(reader, value, JSON_OBJECT, "an object {\"url\": ...}")) {
        return;
    }
    read_kind(reader, value, secrets, &webhook_channel_kind, channel);
    *webhook = (struct webhook_settings){
        .name = channel->name,
        .alerts = channel_option(channel, "events.alert").bytes > 0,
        .misses = channel_option(channel, "events.miss").bytes > 0,
        .acknowledged = channel_option(channel, "events.acknowledged").bytes > 0,
    };
}

static void read_webhook_members(
    struct reader *reader,
    const struct json_value *value,
    const struct secrets *secrets,
    struct settings *settings)
{
    struct channel_settings *channels =
        make_room(reader, value, settings->channel_count + json_count(value));
    struct webhook_settings *webhooks =
        arena_array(reader->arena, json_count(value) + 1, sizeof *webhooks);
    if (!channels || !webhooks) {
        return;
    }
    memcpy(channels, settings->channels, settings->channel_count * sizeof *channels);
    settings->channels = channels;
    settings->webhooks = webhooks;
    for (const struct json_value *member = json_first(value); member; member = json_next(member)) {
        if (reader_remark(reader, member)) {
            continue;
        }
        const size_t mark = reader_enter_key(reader, json_key(member));
        if (has_channel(settings, json_key(member))) {
            reader_error(reader, member, "there is a channel of that name");
        } else {
            read_webhook(
                reader, member, secrets, &channels[settings->channel_count],
                &webhooks[settings->webhook_count]);
            settings->channel_count++;
            settings->webhook_count++;
        }
        reader_leave(reader, mark);
    }
}

void read_webhooks_object(
    struct reader *reader,
    const struct json_value *value,
    const struct secrets *secrets,
    struct settings *settings)
{
    describe_also(reader, "channels");
    if (describe_map(reader, "channel_name", describe_webhook, NULL)) {
        return;
    }
    if (read_is(reader, value, JSON_OBJECT, "an object of webhooks {...}")) {
        read_webhook_members(reader, value, secrets, settings);
    }
}
