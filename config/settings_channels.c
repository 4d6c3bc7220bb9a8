/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "channels" of nrt.json. Each type of channel has one table of its own keys; what is common to
 * all (quiet hours, digest, fallback) is read here once. A type's keys become options by name,
 * those of nested objects with a dotted one ("robots.default.token").
 */
#include <stdio.h>
#include <string.h>

#include "config/describe.h"
#include "config/settings_parts.h"

#define OPTIONS_MAX  256 /* of one channel */
#define CHANNELS_MAX 64

#define KANNEL_URL   "http://127.0.0.1:13013/cgi-bin/sendsms"
#define DINGTALK_URL "https://oapi.dingtalk.com"

enum option_kind { OPTION_TEXT, OPTION_URL, OPTION_SECRET, OPTION_SIGNATURE, OPTION_ROBOTS };

struct option_rule {
    const char *name;
    enum option_kind kind;
    bool required;
};

struct channel_type {
    const char *name;
    const char *default_url; /* NULL: the type has no url */
    const struct option_rule *rules;
    size_t rule_count;
};

static const struct option_rule kannel_rules[] = {
    {"url", OPTION_URL, false},
    {"username", OPTION_TEXT, true},
    {"password", OPTION_SECRET, true},
    {"from", OPTION_TEXT, false},
    {"receipt_secret", OPTION_SECRET, false},
    {"signature", OPTION_SIGNATURE, true},
};
static const struct option_rule dingtalk_robot_rules[] = {
    {"url", OPTION_URL, false},
    {"robots", OPTION_ROBOTS, true},
};
static const struct option_rule sandbox_rules[] = {
    {"signature", OPTION_SIGNATURE, false},
};

static const struct channel_type types[] = {
    {"kannel", KANNEL_URL, kannel_rules, FIELD_COUNT(kannel_rules)},
    {"dingtalk-robot", DINGTALK_URL, dingtalk_robot_rules, FIELD_COUNT(dingtalk_robot_rules)},
    {"sandbox", NULL, sandbox_rules, FIELD_COUNT(sandbox_rules)},
};
#define TYPE_COUNT FIELD_COUNT(types)

struct channel_reading {
    struct reader *reader;
    const struct secrets *secrets;
    struct channel_settings *channel;
    struct channel_option *options;
    size_t option_count;
};

static void add_option(
    struct channel_reading *reading, const char *name, struct text value, bool secret)
{
    struct reader *reader = reading->reader;
    if (reading->option_count == OPTIONS_MAX) {
        reader_error(reader, NULL, "more than %d keys in one channel", OPTIONS_MAX);
        return;
    }
    reading->options[reading->option_count++] = (struct channel_option){
        .name = reader_keep(reader, text_of(name)), .value = value, .secret = secret};
}

/* ---- values ---- */

static bool is_url(struct text text)
{
    const struct text http = TEXT_LITERAL("http://");
    const struct text https = TEXT_LITERAL("https://");
    for (size_t i = 0; i < text.bytes; i++) {
        if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7F) {
            return false;
        }
    }
    return (text_starts_with(text, http) && text.bytes > http.bytes) ||
           (text_starts_with(text, https) && text.bytes > https.bytes);
}

static void read_url(struct channel_reading *reading, const struct json_value *value)
{
    if (json_type(value) != JSON_STRING || !is_url(json_string(value))) {
        char got[READ_GOT_BYTES];
        reader_error(
            reading->reader, value,
            "expected an address that begins with http:// or https://, got %s",
            read_got(value, got));
        return;
    }
    reading->channel->url = reader_keep(reading->reader, json_string(value));
}

/* What carriers file: 2 to 12 characters in 【】. */
static bool is_signature(struct text text)
{
    const struct text open = TEXT_LITERAL("【");
    const struct text close = TEXT_LITERAL("】");
    if (!text_starts_with(text, open) || text.bytes < open.bytes + close.bytes) {
        return false;
    }
    const struct text inner = {text.ptr + open.bytes, text.bytes - open.bytes - close.bytes};
    const struct text end = {inner.ptr + inner.bytes, close.bytes};
    const size_t units = utf8_utf16_units(inner);
    return text_equal(end, close) && units >= 2 && units <= 12 &&
           !memmem(inner.ptr, inner.bytes, open.ptr, open.bytes) &&
           !memmem(inner.ptr, inner.bytes, close.ptr, close.bytes);
}

static void read_signature(struct channel_reading *reading, const struct json_value *value)
{
    struct reader *reader = reading->reader;
    if (json_type(value) != JSON_STRING || !is_signature(json_string(value))) {
        char got[READ_GOT_BYTES];
        reader_error(
            reader, value,
            "expected a signature of 2 to 12 characters such as \"【东阳督查】\", got %s",
            read_got(value, got));
        return;
    }
    add_option(reading, "signature", reader_keep(reader, json_string(value)), false);
}

static void read_option_text(
    struct channel_reading *reading, const struct json_value *value, const char *name)
{
    struct text text = {0};
    read_words(reading->reader, value, &text);
    if (text.bytes > 0) {
        add_option(reading, name, text, false);
    }
}

static void read_option_secret(
    struct channel_reading *reading, const struct json_value *value, const char *name)
{
    struct text secret = {0};
    read_secret(reading->reader, value, reading->secrets, &secret);
    if (secret.bytes > 0) {
        add_option(reading, name, secret, true);
    }
}

/* ---- what an option may be: said to a describing reader; reading comes later ---- */

static void option_type(struct reader *reader, const struct json_value *value, void *target)
{
    const struct text *name = target;
    (void)value;
    (void)describe_choice(reader, &name->ptr, 1);
}

static void option_text(struct reader *reader, const struct json_value *value, void *target)
{
    (void)value;
    (void)target;
    (void)describe_value(reader, "words");
}

static void option_url(struct reader *reader, const struct json_value *value, void *target)
{
    (void)value;
    (void)target;
    (void)describe_value(reader, "web_address");
}

static void option_secret(struct reader *reader, const struct json_value *value, void *target)
{
    (void)value;
    (void)target;
    (void)describe_value(reader, "secret");
}

static void option_signature(struct reader *reader, const struct json_value *value, void *target)
{
    (void)value;
    (void)target;
    (void)describe_value(reader, "signature");
}

static const struct field robot_fields[] = {
    {"token", option_secret, 0, FIELD_REQUIRED},
    {"secret", option_secret, 0, FIELD_REQUIRED},
};

static void option_robot(struct reader *reader, const struct json_value *value, void *target)
{
    (void)read_object(reader, value, robot_fields, FIELD_COUNT(robot_fields), target);
}

static void option_robots(struct reader *reader, const struct json_value *value, void *target)
{
    int none = 0;
    (void)value;
    (void)target;
    describe_also(reader, "robots");
    (void)describe_map(reader, "robot_name", option_robot, &none);
}

static read_fn *const option_shapes[] = {
    [OPTION_TEXT] = option_text,     [OPTION_URL] = option_url,
    [OPTION_SECRET] = option_secret, [OPTION_SIGNATURE] = option_signature,
    [OPTION_ROBOTS] = option_robots,
};

/* ---- robots ---- */

static void read_robot_secret(
    struct channel_reading *reading, const struct json_value *robot, const char *key)
{
    struct reader *reader = reading->reader;
    const struct json_value *value = json_get(robot, key);
    char name[READ_ID_BYTES_MAX + 32];
    if (!value) {
        return; /* reported by read_object() */
    }
    (void)snprintf(name, sizeof name, "robots.%.*s.%s", TEXT_ARGS(json_key(robot)), key);
    const size_t mark = reader_enter_key(reader, text_of(key));
    read_option_secret(reading, value, name);
    reader_leave(reader, mark);
}

static void read_robot(struct channel_reading *reading, const struct json_value *robot)
{
    int none = 0;
    if (json_key(robot).bytes == 0 || json_key(robot).bytes > READ_ID_BYTES_MAX) {
        reader_error(reading->reader, robot, "a robot's name has 1 to %d bytes", READ_ID_BYTES_MAX);
        return;
    }
    if (read_object(reading->reader, robot, robot_fields, FIELD_COUNT(robot_fields), &none)) {
        read_robot_secret(reading, robot, "token");
        read_robot_secret(reading, robot, "secret");
    }
}

static void read_robots(struct channel_reading *reading, const struct json_value *value)
{
    struct reader *reader = reading->reader;
    if (!read_is(reader, value, JSON_OBJECT, "an object of robots {...}")) {
        return;
    }
    for (const struct json_value *robot = json_first(value); robot; robot = json_next(robot)) {
        if (reader_remark(reader, robot)) {
            continue;
        }
        const size_t mark = reader_enter_key(reader, json_key(robot));
        read_robot(reading, robot);
        reader_leave(reader, mark);
    }
    if (!json_get(value, "default")) {
        reader_error(
            reader, value, "a robot named \"default\" is needed: it speaks for units without one");
    }
}

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

#define COMMON_COUNT 4

static const struct field common_fields[COMMON_COUNT] = {
    {"type", option_type, offsetof(struct channel_settings, type), FIELD_REQUIRED},
    {"quiet", read_quiet, 0, FIELD_OPTIONAL},
    {"digest", read_span_ms, offsetof(struct channel_settings, digest_ms), FIELD_OPTIONAL},
    {"fallback_after", read_span_ms, offsetof(struct channel_settings, fallback_after_ms),
     FIELD_OPTIONAL},
};

/* The common keys and the type's own in one table, so that a near miss of either is named. */
static void read_keys(
    const struct channel_reading *reading,
    const struct json_value *value,
    const struct channel_type *type)
{
    struct field fields[COMMON_COUNT + 16];
    memcpy(fields, common_fields, sizeof common_fields);
    for (size_t i = 0; i < type->rule_count; i++) {
        fields[COMMON_COUNT + i] = (struct field){
            type->rules[i].name, option_shapes[type->rules[i].kind], 0,
            type->rules[i].required ? FIELD_REQUIRED : FIELD_OPTIONAL};
    }
    (void)read_object(
        reading->reader, value, fields, COMMON_COUNT + type->rule_count, reading->channel);
}

static void read_option(
    struct channel_reading *reading, const struct json_value *value, const struct option_rule *rule)
{
    switch (rule->kind) {
    case OPTION_TEXT:
        read_option_text(reading, value, rule->name);
        break;
    case OPTION_URL:
        read_url(reading, value);
        break;
    case OPTION_SECRET:
        read_option_secret(reading, value, rule->name);
        break;
    case OPTION_SIGNATURE:
        read_signature(reading, value);
        break;
    case OPTION_ROBOTS:
        read_robots(reading, value);
        break;
    }
}

static void read_options(
    struct channel_reading *reading,
    const struct json_value *value,
    const struct channel_type *type)
{
    for (size_t i = 0; i < type->rule_count; i++) {
        const struct json_value *option = json_get(value, type->rules[i].name);
        if (option) {
            const size_t mark = reader_enter_key(reading->reader, json_key(option));
            read_option(reading, option, &type->rules[i]);
            reader_leave(reading->reader, mark);
        }
    }
}

static const struct channel_type *read_type(struct reader *reader, const struct json_value *value)
{
    const char *words[TYPE_COUNT];
    size_t index = 0;
    const struct json_value *type = json_get(value, "type");
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        words[i] = types[i].name;
    }
    if (!type) {
        reader_error(reader, value, "missing key \"type\"");
        return NULL;
    }
    const size_t mark = reader_enter_key(reader, json_key(type));
    const bool known = read_choice(reader, type, words, TYPE_COUNT, &index);
    reader_leave(reader, mark);
    return known ? &types[index] : NULL;
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
    const struct channel_type *type = read_type(reader, value);
    if (!type) {
        return;
    }
    struct channel_reading reading = {
        .reader = reader,
        .secrets = secrets,
        .channel = channel,
        .options = arena_array(reader->arena, OPTIONS_MAX, sizeof(struct channel_option)),
    };
    if (!reading.options) {
        reader_error(reader, value, "out of memory");
        return;
    }
    channel->type = text_of(type->name);
    channel->url = text_of(type->default_url);
    read_keys(&reading, value, type);
    read_options(&reading, value, type);
    if (!type->default_url && channel_option(channel, "signature").bytes == 0) {
        add_option(&reading, "signature", TEXT_LITERAL(DEFAULT_SIGNATURE), false);
    }
    channel->options = reading.options;
    channel->option_count = reading.option_count;
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

/* Each call describes the next type: one key makes all the difference to the others. */
static void describe_next_type(struct reader *reader, const struct json_value *value, void *target)
{
    size_t *next = target;
    const struct channel_type *type = &types[(*next)++ % TYPE_COUNT];
    struct channel_settings channel = {.type = text_of(type->name)};
    const struct channel_reading reading = {.reader = reader, .channel = &channel};
    read_keys(&reading, value, type);
}

static void describe_channel(struct reader *reader, const struct json_value *value, void *target)
{
    read_fn *shapes[TYPE_COUNT];
    size_t next = 0;
    (void)value;
    (void)target;
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        shapes[i] = describe_next_type;
    }
    (void)describe_either(reader, shapes, TYPE_COUNT, &next);
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
    if (json_count(value) > CHANNELS_MAX) {
        reader_error(reader, value, "more than %d channels", CHANNELS_MAX);
        return false;
    }
    struct channel_settings *channels =
        arena_array(reader->arena, json_count(value) + IMPLIED_CHANNEL_COUNT, sizeof *channels);
    if (!channels) {
        reader_error(reader, value, "out of memory");
        return false;
    }
    settings->channels = channels;
    settings->channel_count = 0;
    for (const struct json_value *member = json_first(value); member; member = json_next(member)) {
        if (reader_remark(reader, member)) {
            continue;
        }
        const size_t mark = reader_enter_key(reader, json_key(member));
        if (!is_channel_name(json_key(member))) {
            reader_error(
                reader, member, "a channel's name has 1 to 32 small letters, digits or '-'");
        }
        read_channel(reader, member, secrets, &channels[settings->channel_count++]);
        reader_leave(reader, mark);
    }
    add_implied(settings, channels);
    return true;
}
