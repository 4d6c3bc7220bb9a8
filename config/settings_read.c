/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt.json. A missing file means defaults; a key that is part of the contract but not of this
 * version is an error where ignoring it would be dangerous, a warning where it would not.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "config/describe.h"
#include "config/refer.h"
#include "config/settings_parts.h"

#define FILE_NAME      "nrt.json"
#define FILE_BYTES_MAX ((size_t)1 << 20)
#define PARTITIONS_MAX 64

/* ---- redis ---- */

static void read_redis_url(struct reader *reader, const struct json_value *value, void *target)
{
    static const char *const later[] = {"rediss://", "redis-sentinel://", "redis-cluster://"};
    struct settings_file *file = target;
    const struct text text = json_string(value);
    if (describe_value(reader, "redis_url")) {
        return;
    }
    if (!read_is(reader, value, JSON_STRING, "an address such as \"redis://127.0.0.1:6379\"")) {
        return;
    }
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
        if (text_starts_with(text, text_of(later[i]))) {
            reader_error(reader, value, "%s is not supported by this version", later[i]);
            return;
        }
    }
    if (text.bytes > 0 && memchr(text.ptr, '@', text.bytes)) {
        reader_error(
            reader, value, "no user or password in the address; use \"user\" and \"password\"");
        return;
    }
    const struct text path = TEXT_LITERAL("unix:");
    const struct text host = TEXT_LITERAL("redis://");
    if ((text_starts_with(text, path) && text.bytes > path.bytes) ||
        (text_starts_with(text, host) && text.bytes > host.bytes)) {
        file->settings.redis_url = reader_keep(reader, text);
        return;
    }
    char got[READ_GOT_BYTES];
    reader_error(
        reader, value, "expected \"unix:PATH\" or \"redis://HOST:PORT\", got %s",
        read_got(value, got));
}

static void read_redis_password(struct reader *reader, const struct json_value *value, void *target)
{
    struct settings_file *file = target;
    read_secret(reader, value, file->secrets, &file->settings.redis_password);
}

static void read_redis(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"url", read_redis_url, 0, FIELD_OPTIONAL},
        {"user", read_words, SETTINGS_FIELD(redis_user), FIELD_OPTIONAL},
        {"password", read_redis_password, 0, FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

/* ---- the rest ---- */

static void read_channels(struct reader *reader, const struct json_value *value, void *target)
{
    struct settings_file *file = target;
    file->channels = value;
    (void)read_channels_object(reader, value, file->secrets, &file->settings);
}

/* Their names must not be those of channels, so they are read when these are known. */
static void read_webhooks(struct reader *reader, const struct json_value *value, void *target)
{
    struct settings_file *file = target;
    if (reader->describer) {
        read_webhooks_object(reader, value, file->secrets, &file->settings);
    }
}

static void read_default_via(struct reader *reader, const struct json_value *value, void *target)
{
    struct settings *settings = &((struct settings_file *)target)->settings;
    describe_also(reader, "at_least_one");
    settings->default_via =
        read_list(reader, value, &channel_name_items, &settings->default_via_count);
    if (json_type(value) == JSON_ARRAY && settings->default_via_count == 0) {
        reader_error(reader, value, "at least one channel is needed");
    }
}

static void read_partitions(struct reader *reader, const struct json_value *value, void *target)
{
    struct settings_file *file = target;
    int64_t number = 0;
    if (describe_value(reader, "partitions")) {
        return;
    }
    if (json_i64(value, &number) != ERR_OK || number < 1 || number > PARTITIONS_MAX) {
        char got[READ_GOT_BYTES];
        reader_error(
            reader, value, "expected a number from 1 to %d, got %s", PARTITIONS_MAX,
            read_got(value, got));
        return;
    }
    file->settings.partitions = (int32_t)number;
}

/* The prefix begins every key in Redis, before a brace that must stay the first one. */
static void read_prefix(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *prefix = target;
    if (describe_value(reader, "prefix")) {
        return;
    }
    read_id(reader, value, prefix);
    if (prefix->bytes > 32) {
        reader_error(reader, value, "a prefix has at most 32 bytes");
    }
}

static void read_changes(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"approval", read_bool, SETTINGS_FIELD(changes_need_approval), FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

static const struct field settings_fields[] = {
    {"redis", read_redis, 0, FIELD_OPTIONAL},
    {"prefix", read_prefix, SETTINGS_FIELD(prefix), FIELD_OPTIONAL},
    {"partitions", read_partitions, 0, FIELD_OPTIONAL},
    {"http", read_http, 0, FIELD_OPTIONAL},
    {"channels", read_channels, 0, FIELD_OPTIONAL},
    {"webhooks", read_webhooks, 0, FIELD_OPTIONAL},
    {"default_via", read_default_via, 0, FIELD_OPTIONAL},
    {"ops", read_ops, 0, FIELD_OPTIONAL},
    {"calendar", read_id, SETTINGS_FIELD(calendar), FIELD_OPTIONAL},
    {"backfill", read_span_ms, SETTINGS_FIELD(backfill_ms), FIELD_OPTIONAL},
    {"retention", read_span_ms, SETTINGS_FIELD(retention_ms), FIELD_OPTIONAL},
    {"morning", read_morning, 0, FIELD_OPTIONAL},
    {"office", read_office, 0, FIELD_OPTIONAL},
    {"brief", read_brief, 0, FIELD_OPTIONAL},
    {"weekly", read_weekly, 0, FIELD_OPTIONAL},
    {"all_clear", read_bool, SETTINGS_FIELD(all_clear), FIELD_OPTIONAL},
    {"storm", read_storm, 0, FIELD_OPTIONAL},
    {"links_valid", read_span_ms, SETTINGS_FIELD(link_ms), FIELD_OPTIONAL},
    {"changes", read_changes, 0, FIELD_OPTIONAL},
    {"sign_in", read_sign_in, 0, FIELD_OPTIONAL},
};

void settings_describe(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct secrets none = {.only_looking = true};
    struct settings_file file = {.secrets = &none};
    (void)target;
    (void)read_object(reader, value, settings_fields, FIELD_COUNT(settings_fields), &file);
}

/* ---- names of channels used in the file itself, once all channels are known ---- */

static void check_via(struct reader *reader, const struct json_value *list)
{
    const size_t key_mark = reader_enter_key(reader, json_key(list));
    size_t index = 0;
    for (const struct json_value *item = json_first(list); item; item = json_next(item)) {
        const size_t mark = reader_enter_index(reader, index++);
        refer_channel(reader, item, json_string(item));
        reader_leave(reader, mark);
    }
    reader_leave(reader, key_mark);
}

static void check_via_of(struct reader *reader, const struct json_value *root, const char *key)
{
    const struct json_value *object = json_get(root, key);
    const size_t mark = reader_enter_key(reader, text_of(key));
    check_via(reader, json_get(object, "via"));
    reader_leave(reader, mark);
}

static void check_canary(struct reader *reader, const struct json_value *root)
{
    const struct json_value *via = json_get(json_get(json_get(root, "ops"), "canary"), "via");
    if (via) {
        const size_t mark = reader_enter_key(reader, TEXT_LITERAL("ops.canary.via"));
        refer_channel(reader, via, json_string(via));
        reader_leave(reader, mark);
    }
}

static void check_names(struct reader *reader, const struct settings *settings)
{
    const struct json_value *root = json_root(reader->doc);
    const struct known known = {.settings = settings};
    const struct known *const outside = reader->known;
    reader->known = &known;
    check_via(reader, json_get(root, "default_via"));
    check_via_of(reader, root, "ops");
    check_via_of(reader, root, "morning");
    check_via_of(reader, root, "brief");
    check_via_of(reader, root, "weekly");
    check_canary(reader, root);
    check_sign_in(reader, settings, root);
    reader->known = outside;
}

static void read_root(struct reader *reader, struct settings_file *file)
{
    const struct json_value *root = json_root(reader->doc);
    if (!read_object(reader, root, settings_fields, FIELD_COUNT(settings_fields), file)) {
        return;
    }
    const struct json_value *webhooks = json_get(root, "webhooks");
    if (webhooks) {
        const size_t mark = reader_enter_key(reader, TEXT_LITERAL("webhooks"));
        read_webhooks_object(reader, webhooks, file->secrets, &file->settings);
        reader_leave(reader, mark);
    }
    check_names(reader, &file->settings);
}

bool settings_parse(
    struct text json,
    const struct secrets *secrets,
    const struct reading *reading,
    struct settings *ret_settings)
{
    struct settings_file file = {.secrets = secrets};
    const struct source source = {.file = FILE_NAME, .json = json};
    struct reader reader;
    settings_defaults(&file.settings);
    if (reader_open(&reader, &source, reading)) {
        read_root(&reader, &file);
    }
    const bool clean = reader_close(&reader);
    if (clean || secrets->only_looking) {
        *ret_settings = file.settings;
    }
    return clean;
}

static bool settings_file_load(
    const struct secrets *secrets,
    struct arena *arena,
    struct settings *ret_settings,
    struct report *report)
{
    char path[1024];
    struct err_why why = {0};
    if (!secrets->folder) {
        settings_defaults(ret_settings);
        return true;
    }
    const int bytes = snprintf(path, sizeof path, "%s/" FILE_NAME, secrets->folder);
    if (bytes < 0 || (size_t)bytes >= sizeof path) {
        report_add(report, FINDING_ERROR, FILE_NAME, 0, 0, "", "the folder's path is too long");
        return false;
    }
    struct buf buf;
    buf_init(&buf, FILE_BYTES_MAX);
    const enum err err = file_read(path, &buf, &why);
    bool loaded = false;
    if (err == ERR_NOT_FOUND) {
        settings_defaults(ret_settings);
        loaded = true;
    } else if (err != ERR_OK) {
        report_add(report, FINDING_ERROR, FILE_NAME, 0, 0, "", "%s", why.text);
    } else {
        const struct reading reading = {.arena = arena, .report = report};
        loaded = settings_parse(buf_view(&buf), secrets, &reading, ret_settings);
    }
    buf_release(&buf);
    return loaded;
}

bool settings_load(
    const char *folder, struct arena *arena, struct settings *ret_settings, struct report *report)
{
    const struct secrets secrets = {.folder = folder};
    return settings_file_load(&secrets, arena, ret_settings, report);
}

bool settings_check(
    const char *folder, struct arena *arena, struct settings *ret_settings, struct report *report)
{
    const struct secrets secrets = {.folder = folder, .only_looking = true};
    return settings_file_load(&secrets, arena, ret_settings, report);
}
