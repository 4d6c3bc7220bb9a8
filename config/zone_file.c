/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TZif reading. Only what the rules need is kept: instants of change and offsets east of UTC;
 * names, leap seconds and the indicators are skipped. Version 1 files (32-bit) end in 2038 and
 * are refused: every system of the last fifteen years writes version 2 or later.
 */
#include "config/zone_file.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "config/posix_rule.h"

#define HEADER_BYTES     ((size_t)44)
#define FILE_BYTES_MAX   ((size_t)1 << 20)
#define NAME_BYTES_MAX   64
#define CHANGES_MAX      ((size_t)4096)
#define RULE_UNTIL_YEAR  2100
#define RULE_CHANGES_MAX ((size_t)2 * (RULE_UNTIL_YEAR - 1970 + 1))
#define OFFSET_S_MAX     (26 * 3600)

struct counts {
    size_t utc_indicators;
    size_t standard_indicators;
    size_t leaps;
    size_t changes;
    size_t types;
    size_t name_bytes;
};

static size_t be32(const unsigned char *at)
{
    return ((size_t)at[0] << 24) | ((size_t)at[1] << 16) | ((size_t)at[2] << 8) | (size_t)at[3];
}

static int32_t be32_signed(const unsigned char *at)
{
    return (int32_t)(uint32_t)be32(at);
}

static int64_t be64_signed(const unsigned char *at)
{
    return (int64_t)(((uint64_t)be32(at) << 32) | (uint64_t)be32(at + 4));
}

static bool header_read(const unsigned char *at, size_t left, struct counts *ret_counts)
{
    if (left < HEADER_BYTES || memcmp(at, "TZif", 4) != 0 || at[4] < '2') {
        return false;
    }
    *ret_counts = (struct counts){
        .utc_indicators = be32(at + 20),
        .standard_indicators = be32(at + 24),
        .leaps = be32(at + 28),
        .changes = be32(at + 32),
        .types = be32(at + 36),
        .name_bytes = be32(at + 40),
    };
    return ret_counts->changes <= CHANGES_MAX && ret_counts->types <= 256 &&
           ret_counts->leaps <= CHANGES_MAX && ret_counts->name_bytes <= 4096 &&
           ret_counts->utc_indicators <= 256 && ret_counts->standard_indicators <= 256;
}

static size_t body_bytes(const struct counts *counts, size_t time_bytes)
{
    return counts->changes * (time_bytes + 1) + counts->types * 6 + counts->name_bytes +
           counts->leaps * (time_bytes + 4) + counts->standard_indicators + counts->utc_indicators;
}

static enum err corrupt(struct err_why *why, const char *what)
{
    return err_set(why, ERR_CORRUPT, "not a usable time zone file: %s", what);
}

struct change_list {
    struct zone_change *changes;
    size_t count;
    size_t capacity;
    int32_t last_offset_s;
};

/* A change that changes nothing (only a name or the summer flag) is left out. */
static void list_add(struct change_list *list, struct zone_change change)
{
    const bool later = list->count == 0 || change.at_s > list->changes[list->count - 1].at_s;
    if (list->count < list->capacity && later && change.offset_s != list->last_offset_s) {
        list->changes[list->count++] = change;
        list->last_offset_s = change.offset_s;
    }
}

static int32_t type_offset_s(const unsigned char *types, size_t index)
{
    return be32_signed(types + index * 6);
}

static bool types_valid(const unsigned char *body, const struct counts *counts)
{
    const unsigned char *indices = body + counts->changes * 8;
    const unsigned char *types = indices + counts->changes;
    for (size_t i = 0; i < counts->types; i++) {
        const int32_t offset_s = type_offset_s(types, i);
        if (offset_s < -OFFSET_S_MAX || offset_s > OFFSET_S_MAX) {
            return false;
        }
    }
    for (size_t i = 0; i < counts->changes; i++) {
        if (indices[i] >= counts->types) {
            return false;
        }
    }
    return counts->types > 0;
}

static void list_add_body(
    struct change_list *list, const unsigned char *body, const struct counts *counts)
{
    const unsigned char *indices = body + counts->changes * 8;
    const unsigned char *types = indices + counts->changes;
    for (size_t i = 0; i < counts->changes; i++) {
        list_add(
            list, (struct zone_change){
                      .at_s = be64_signed(body + i * 8),
                      .offset_s = type_offset_s(types, indices[i]),
                  });
    }
}

/* From the year of the last listed change on; list_add leaves out what lies before it. */
static void list_add_rule(struct change_list *list, const struct posix_rule *rule)
{
    int32_t year = 1970;
    if (list->count > 0 && list->changes[list->count - 1].at_s > 0) {
        const int64_t day = list->changes[list->count - 1].at_s / 86400;
        year = civil_date_of((struct civil_day){(int32_t)(day < 1000000 ? day : 1000000)}).year;
    }
    for (; rule->has_summer && year <= RULE_UNTIL_YEAR; year++) {
        struct zone_change changes[2];
        posix_rule_changes(rule, year, changes);
        list_add(list, changes[0]);
        list_add(list, changes[1]);
    }
}

/* The closing rule stands between two newlines; it may be empty: the last offset holds. */
static enum err footer_read(
    const unsigned char *at,
    size_t left,
    bool *ret_has_rule,
    struct posix_rule *ret_rule,
    struct err_why *why)
{
    *ret_has_rule = false;
    if (left < 2 || at[0] != '\n') {
        return corrupt(why, "its closing rule is missing");
    }
    const unsigned char *end = memchr(at + 1, '\n', left - 1);
    if (!end) {
        return corrupt(why, "its closing rule is cut off");
    }
    const struct text rule = {(const char *)at + 1, (size_t)(end - at - 1)};
    if (rule.bytes == 0) {
        return ERR_OK;
    }
    if (posix_rule_parse(rule, ret_rule) != ERR_OK) {
        return corrupt(why, "its closing rule cannot be read");
    }
    *ret_has_rule = true;
    return ERR_OK;
}

/* The 64-bit part: header, body and closing rule. */
static enum err zone_parse_wide(
    const unsigned char *at,
    size_t left,
    struct arena *arena,
    struct zone *ret_zone,
    struct err_why *why)
{
    struct counts counts;
    if (!header_read(at, left, &counts) || left - HEADER_BYTES < body_bytes(&counts, 8)) {
        return corrupt(why, "it is cut off");
    }
    const unsigned char *body = at + HEADER_BYTES;
    if (!types_valid(body, &counts)) {
        return corrupt(why, "an offset is out of bounds");
    }
    struct posix_rule rule = {0};
    bool has_rule = false;
    const size_t before = HEADER_BYTES + body_bytes(&counts, 8);
    const enum err err = footer_read(at + before, left - before, &has_rule, &rule, why);
    if (err != ERR_OK) {
        return err;
    }
    const int32_t first_offset_s = type_offset_s(body + counts.changes * 9, 0);
    struct change_list list = {
        .capacity = counts.changes + RULE_CHANGES_MAX,
        .last_offset_s = first_offset_s,
    };
    list.changes = arena_array(arena, list.capacity, sizeof *list.changes);
    if (!list.changes) {
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    list_add_body(&list, body, &counts);
    if (has_rule) {
        list_add_rule(&list, &rule);
    }
    *ret_zone = (struct zone){
        .first_offset_s = first_offset_s,
        .changes = list.changes,
        .change_count = list.count,
    };
    return ERR_OK;
}

enum err zone_parse(
    struct text bytes, struct arena *arena, struct zone *ret_zone, struct err_why *why)
{
    const unsigned char *at = (const unsigned char *)bytes.ptr;
    struct counts counts;
    if (!header_read(at, bytes.bytes, &counts)) {
        return corrupt(why, "it does not begin as one");
    }
    const size_t narrow = HEADER_BYTES + body_bytes(&counts, 4);
    if (bytes.bytes < narrow) {
        return corrupt(why, "it is cut off");
    }
    return zone_parse_wide(at + narrow, bytes.bytes - narrow, arena, ret_zone, why);
}

/* "Asia/Shanghai", "Etc/GMT+8": no way out of the folder. */
static bool name_valid(struct text name)
{
    if (name.bytes == 0 || name.bytes > NAME_BYTES_MAX || name.ptr[0] == '/') {
        return false;
    }
    for (size_t i = 0; i < name.bytes; i++) {
        const char c = name.ptr[i];
        const bool alnum =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alnum && c != '/' && c != '_' && c != '-' && c != '+') {
            return false;
        }
    }
    return true;
}

enum err zone_load(
    const char *folder,
    struct text name,
    struct arena *arena,
    struct zone *ret_zone,
    struct err_why *why)
{
    char path[512];
    if (!name_valid(name)) {
        return err_set(
            why, ERR_PARSE, "expected a time zone such as \"Asia/Shanghai\", got \"%.*s\"",
            TEXT_ARGS(utf8_cut(name, NAME_BYTES_MAX)));
    }
    const int bytes = snprintf(path, sizeof path, "%s/%.*s", folder, TEXT_ARGS(name));
    if (bytes < 0 || (size_t)bytes >= sizeof path) {
        return err_set(why, ERR_RANGE, "the path of the time zone file is too long");
    }
    struct buf buf;
    buf_init(&buf, FILE_BYTES_MAX);
    enum err err = file_read(path, &buf, why);
    struct zone zone = {0};
    if (err == ERR_OK) {
        err = zone_parse(buf_view(&buf), arena, &zone, why);
    }
    buf_release(&buf);
    zone.name = arena_text(arena, name);
    if (err == ERR_OK && !zone.name.ptr) {
        err = err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    if (err == ERR_OK) {
        *ret_zone = zone;
    }
    return err;
}

void zone_shanghai(struct zone *ret_zone)
{
    *ret_zone = (struct zone){.name = TEXT_LITERAL("Asia/Shanghai"), .first_offset_s = 8 * 3600};
}
