/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places of findings. The text of every file is kept in the bundle, so that what was read can be
 * looked at again with line and column.
 */
#include "config/lint_place.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_BYTES 640
#define NAME_BYTES    256

/* It was parsed before, when the bundle was made; without memory there is no place, only words. */
static struct json_doc *open_doc(struct text json)
{
    struct json_doc *doc = NULL;
    return json_parse(json, &json_limits_config, &doc, NULL) == ERR_OK ? doc : NULL;
}

static struct spot spot_of(
    struct linting *linting, const struct bundle_source *source, struct json_doc **doc)
{
    if (!*doc) {
        *doc = open_doc(source->json);
    }
    return (struct spot){
        .file = arena_string(&linting->arena, source->name),
        .doc = *doc,
        .value = *doc ? json_root(*doc) : NULL,
    };
}

struct spot spot_of_rules(struct linting *linting, size_t set)
{
    return spot_of(linting, &linting->bundle->sources.rules[set], &linting->rules[set]);
}

struct spot spot_of_calendar(struct linting *linting)
{
    return spot_of(linting, &linting->bundle->sources.calendar, &linting->calendar);
}

struct spot spot_of_directory(struct linting *linting)
{
    return spot_of(linting, &linting->bundle->sources.directory, &linting->directory);
}

struct spot spot_of_template(struct linting *linting, size_t index, struct json_doc **ret_doc)
{
    *ret_doc = NULL;
    return spot_of(linting, &linting->bundle->sources.templates[index], ret_doc);
}

void linting_release(struct linting *linting)
{
    for (size_t i = 0; linting->rules && i < linting->bundle->policy.set_count; i++) {
        json_free(linting->rules[i]);
    }
    json_free(linting->calendar);
    json_free(linting->directory);
    arena_release(&linting->arena);
}

static void add_step(struct spot *spot, const char *step)
{
    const size_t used = strlen(spot->path);
    (void)snprintf(
        spot->path + used, sizeof spot->path - used, "%s%s", used > 0 && step[0] != '[' ? "." : "",
        step);
}

struct spot spot_key(struct spot spot, const char *key)
{
    const struct json_value *member = json_get(spot.value, key);
    if (member) {
        spot.value = member;
        add_step(&spot, key);
    }
    return spot;
}

struct spot spot_at(struct spot spot, const char *key, size_t index, const struct json_value *item)
{
    char step[96];
    (void)snprintf(step, sizeof step, "%s[%zu]", key, index);
    add_step(&spot, step);
    spot.value = item;
    return spot;
}

struct spot spot_item(struct spot spot, const char *key, size_t index)
{
    const struct json_value *item = json_first(json_get(spot.value, key));
    for (size_t i = 0; item && i < index; i++) {
        item = json_next(item);
    }
    return item ? spot_at(spot, key, index, item) : spot;
}

void lint_say(
    struct linting *linting,
    const struct spot *spot,
    enum finding_level level,
    const char *code,
    const char *format,
    ...)
{
    char message[MESSAGE_BYTES];
    char file[NAME_BYTES];
    char path[READ_PATH_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    (void)snprintf(file, sizeof file, "%s", spot->file ? spot->file : "");
    (void)snprintf(path, sizeof path, "%s", spot->path);
    struct finding finding = {
        .level = level, .code = code, .file = file, .path = path, .message = message};
    if (spot->value && !report_full(linting->report)) {
        json_place(spot->doc, spot->value, &finding.line, &finding.column);
    }
    report_finding(linting->report, &finding);
}

const char *lint_list(
    char text[static LIST_BYTES], const struct text *names, size_t kept, size_t count)
{
    size_t used = 0;
    text[0] = '\0';
    kept = kept < count ? kept : count;
    for (size_t i = 0; i < kept; i++) {
        const struct text name = utf8_cut(names[i], 48);
        const int added =
            snprintf(text + used, LIST_BYTES - used, "%s%.*s", i > 0 ? ", " : "", TEXT_ARGS(name));
        used += added > 0 ? (size_t)added : 0;
    }
    if (count > kept) {
        (void)snprintf(text + used, LIST_BYTES - used, " and %zu more", count - kept);
    }
    return text;
}
