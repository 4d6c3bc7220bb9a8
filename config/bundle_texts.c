/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle from named texts, the one way for a folder, the API and drafts: sorted by kind, what is
 * missing filled in, then checked as a whole. In a whole configuration the shipped defaults stand
 * in, kind by kind, and templates one by one, so that one text can be changed alone; the shipped
 * catalogue of matters goes with the shipped directory only: its units are that one's. Where one
 * kind is replaced the others come from the bundle that is in force.
 */
#include <stdlib.h>
#include <string.h>

#include "config/bundle_make.h"
#include "config/folder_list.h"
#include "rules/directory.h"

#define SHIPPED_MAX         64
#define FILE_NAME_BYTES_MAX 200

static const char *const kind_names[CONFIG_KIND_COUNT] = {
    [CONFIG_WHOLE] = "config",        [CONFIG_RULES] = "rules",
    [CONFIG_CALENDARS] = "calendars", [CONFIG_DIRECTORY] = "directory",
    [CONFIG_MATTERS] = "matters",     [CONFIG_TEMPLATES] = "templates",
};

const char *config_kind_name(enum config_kind kind)
{
    return kind_names[kind];
}

static bool is_folder_kind(enum config_kind kind)
{
    return kind == CONFIG_RULES || kind == CONFIG_CALENDARS || kind == CONFIG_TEMPLATES;
}

/* "NAME.json", without slashes and control characters, not beginning with a dot. */
static bool is_file_name(struct text name)
{
    const struct text end = TEXT_LITERAL(".json");
    if (name.bytes <= end.bytes || name.bytes > FILE_NAME_BYTES_MAX || name.ptr[0] == '.' ||
        memcmp(name.ptr + name.bytes - end.bytes, end.ptr, end.bytes) != 0) {
        return false;
    }
    for (size_t i = 0; i < name.bytes; i++) {
        const unsigned char c = (unsigned char)name.ptr[i];
        if (c < ' ' || c == '/' || c == '\\' || c == 0x7f) {
            return false;
        }
    }
    return true;
}

enum config_kind config_kind_of(struct text name)
{
    for (int kind = CONFIG_RULES; kind < CONFIG_KIND_COUNT; kind++) {
        const size_t bytes = strlen(kind_names[kind]);
        if (!text_starts_with(name, text_of(kind_names[kind])) || name.bytes <= bytes) {
            continue;
        }
        const struct text rest = {.ptr = name.ptr + bytes, .bytes = name.bytes - bytes};
        const struct text file = {.ptr = rest.ptr + 1, .bytes = rest.bytes - 1};
        if (is_folder_kind((enum config_kind)kind) ? rest.ptr[0] == '/' && is_file_name(file)
                                                   : text_is(rest, ".json")) {
            return (enum config_kind)kind;
        }
    }
    return CONFIG_KIND_COUNT;
}

/* ---- sorting ---- */

struct kind_files {
    struct source sources[FOLDER_FILES_MAX + SHIPPED_MAX];
    size_t own_count; /* the first ones: given; the others are shipped */
    size_t count;
};

struct sorting {
    const struct bundle_texts *texts;
    struct report *report;
    struct arena arena; /* of names that end in a NUL */
    struct kind_files kinds[CONFIG_KIND_COUNT];
};

static void take_source(
    struct sorting *sorting, enum config_kind kind, struct text name, struct text json)
{
    struct kind_files *files = &sorting->kinds[kind];
    const char *label = arena_string(&sorting->arena, name);
    if (!label || files->count >= FOLDER_FILES_MAX) {
        report_add(
            sorting->report, FINDING_ERROR, label ? label : "", 0, 0, "",
            label ? "too many files of one kind" : "out of memory");
        return;
    }
    files->sources[files->count++] = (struct source){.file = label, .json = json};
    files->own_count = files->count;
}

static bool is_given(const struct sorting *sorting, enum config_kind kind, struct text name)
{
    const struct kind_files *files = &sorting->kinds[kind];
    for (size_t i = 0; i < files->count; i++) {
        if (text_is(name, files->sources[i].file)) {
            return true;
        }
    }
    return false;
}

static void take_given(struct sorting *sorting, const struct bundle_source *file)
{
    const enum config_kind wanted = sorting->texts->kind;
    const enum config_kind kind = config_kind_of(file->name);
    const char *label = arena_string(&sorting->arena, file->name);
    if (kind == CONFIG_KIND_COUNT) {
        report_add(
            sorting->report, FINDING_ERROR, label ? label : "", 0, 0, "",
            "not a file of the configuration; there are rules/NAME.json, calendars/NAME.json, "
            "templates/NAME.json, directory.json and matters.json");
    } else if (wanted != CONFIG_WHOLE && kind != wanted) {
        report_add(
            sorting->report, FINDING_ERROR, label ? label : "", 0, 0, "",
            "only files of the kind \"%s\" are taken here", kind_names[wanted]);
    } else if (is_given(sorting, kind, file->name)) {
        report_add(sorting->report, FINDING_ERROR, label ? label : "", 0, 0, "", "given twice");
    } else {
        take_source(sorting, kind, file->name, file->json);
    }
}

static int source_compare(const void *a, const void *b)
{
    const struct source *left = a;
    const struct source *right = b;
    return strcmp(left->file, right->file);
}

/* The order of files decides between equal clocks: always that of their names. */
static void sort_given(struct sorting *sorting)
{
    for (size_t i = 0; i < sorting->texts->file_count; i++) {
        take_given(sorting, &sorting->texts->files[i]);
    }
    for (int kind = 0; kind < CONFIG_KIND_COUNT; kind++) {
        struct kind_files *files = &sorting->kinds[kind];
        qsort(files->sources, files->count, sizeof *files->sources, source_compare);
    }
}

/* ---- filling in ---- */

static void add_shipped(struct sorting *sorting, enum config_kind kind)
{
    struct kind_files *files = &sorting->kinds[kind];
    const char *folder = kind == CONFIG_RULES       ? "rules/"
                         : kind == CONFIG_CALENDARS ? "calendars/"
                                                    : "templates/";
    files->count += bundle_shipped_all(folder, files->sources + files->count, SHIPPED_MAX);
}

static void add_shipped_file(struct sorting *sorting, enum config_kind kind, const char *name)
{
    struct kind_files *files = &sorting->kinds[kind];
    files->sources[files->count++] = bundle_shipped(name);
}

static void fill_from_shipped(struct sorting *sorting)
{
    struct kind_files *kinds = sorting->kinds;
    if (kinds[CONFIG_CALENDARS].count == 0) {
        add_shipped(sorting, CONFIG_CALENDARS);
    }
    if (kinds[CONFIG_RULES].count == 0) {
        add_shipped(sorting, CONFIG_RULES);
    }
    add_shipped(sorting, CONFIG_TEMPLATES);
    if (kinds[CONFIG_MATTERS].count == 0 && kinds[CONFIG_DIRECTORY].count == 0) {
        add_shipped_file(sorting, CONFIG_MATTERS, "matters.json");
    }
    if (kinds[CONFIG_DIRECTORY].count == 0) {
        add_shipped_file(sorting, CONFIG_DIRECTORY, "directory.json");
    }
}

static void take_sources(
    struct sorting *sorting,
    enum config_kind kind,
    const struct bundle_source *sources,
    size_t count)
{
    if (kind == sorting->texts->kind) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        take_source(sorting, kind, sources[i].name, sources[i].json);
    }
}

static void fill_from_base(struct sorting *sorting)
{
    const struct bundle_sources *base = &sorting->texts->base->sources;
    const enum config_kind kind = sorting->texts->kind;
    take_sources(sorting, CONFIG_RULES, base->rules, base->rule_count);
    take_sources(sorting, CONFIG_CALENDARS, &base->calendar, 1);
    take_sources(sorting, CONFIG_DIRECTORY, &base->directory, 1);
    take_sources(sorting, CONFIG_MATTERS, &base->matters, base->matters.json.bytes > 0);
    take_sources(sorting, CONFIG_TEMPLATES, base->templates, base->template_count);
    if (kind == CONFIG_TEMPLATES) {
        add_shipped(sorting, CONFIG_TEMPLATES);
    }
    if (kind != CONFIG_MATTERS && sorting->kinds[kind].count == 0) {
        report_add(
            sorting->report, FINDING_ERROR, "", 0, 0, "", "there is no file of the kind \"%s\"",
            kind_names[kind]);
    }
}

/* ---- warnings of the settings ---- */

static bool stage_uses(const struct stage *stage, struct text channel)
{
    return text_is_among(channel, stage->via, stage->via_count);
}

static bool set_uses(const struct ruleset *set, struct text channel)
{
    bool uses = false;
    for (size_t c = 0; c < set->clock_count; c++) {
        const struct clock_rule *rule = &set->clocks[c];
        for (size_t i = 0; i < rule->stage_count; i++) {
            uses = uses || stage_uses(&rule->stages[i], channel);
        }
    }
    return uses;
}

static bool policy_uses(const struct policy *policy, struct text channel)
{
    bool uses = false;
    for (size_t s = 0; s < policy->set_count; s++) {
        uses = uses || set_uses(&policy->sets[s], channel);
    }
    return uses;
}

/* Said loudly: nothing is worse than alerts that go nowhere without anybody knowing. */
static void warn_about_sandboxes(
    const struct settings *settings, const struct policy *policy, struct report *report)
{
    for (size_t i = 0; i < settings->channel_count; i++) {
        const struct channel_settings *channel = &settings->channels[i];
        if (channel->implied && policy_uses(policy, channel->name)) {
            report_add(
                report, FINDING_WARNING, "nrt.json", 0, 0, "channels",
                "\"%.*s\" is not configured: its messages go to the sandbox and reach nobody",
                TEXT_ARGS(channel->name));
        }
    }
}

/* ---- making ---- */

static struct bundle *make(const struct sorting *sorting, const struct settings *settings)
{
    const struct kind_files *kinds = sorting->kinds;
    const struct bundle_input input = {
        .calendars = kinds[CONFIG_CALENDARS].sources,
        .calendar_count = kinds[CONFIG_CALENDARS].count,
        .directory = kinds[CONFIG_DIRECTORY].sources[0],
        .matters = kinds[CONFIG_MATTERS].sources[0],
        .rules = kinds[CONFIG_RULES].sources,
        .rule_count = kinds[CONFIG_RULES].count,
        .templates = kinds[CONFIG_TEMPLATES].sources,
        .template_count = kinds[CONFIG_TEMPLATES].count,
        .own_template_count = kinds[CONFIG_TEMPLATES].own_count,
        .settings = settings,
        .key = sorting->texts->key,
        .backfill_ms = settings ? settings->backfill_ms : BUNDLE_BACKFILL_MS,
    };
    return bundle_make(&input, sorting->report);
}

struct bundle *bundle_load_texts(
    const struct bundle_texts *texts, const struct settings *settings, struct report *report)
{
    const size_t errors_before = report->error_count;
    struct sorting *sorting = calloc(1, sizeof *sorting);
    struct bundle *bundle = NULL;
    if (!sorting) {
        report_add(report, FINDING_ERROR, "", 0, 0, "", "out of memory");
        return NULL;
    }
    sorting->texts = texts;
    sorting->report = report;
    arena_init(&sorting->arena, 0);
    sort_given(sorting);
    if (texts->kind == CONFIG_WHOLE) {
        fill_from_shipped(sorting);
    } else {
        fill_from_base(sorting);
    }
    bundle = make(sorting, settings);
    if (bundle) {
        bundle->given_count = texts->file_count;
        bundle_set_digest(bundle);
        if (settings) {
            warn_about_sandboxes(settings, &bundle->policy, report);
        }
    }
    if (report->error_count > errors_before) {
        bundle_free(bundle);
        bundle = NULL;
    }
    arena_release(&sorting->arena);
    free(sorting);
    return bundle;
}
