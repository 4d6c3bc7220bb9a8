/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads all files of a bundle in the order of their references: directory, matters, templates,
 * rule sets, calendars. A file with mistakes does not stop the others from being read, so one
 * run shows everything; only what refers to a broken file is not followed.
 */
#include "config/bundle_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "base/must.h"
#include "config/files.h"

struct making {
    const struct bundle_input *input;
    struct bundle *bundle;
    struct reading reading;
    struct directory_file directory;
};

static void out_of_memory(struct making *making)
{
    report_add(making->reading.report, FINDING_ERROR, "", 0, 0, "", "out of memory");
}

static struct bundle_source keep(struct making *making, const struct source *source)
{
    const struct bundle_source kept = {
        .name = arena_text(&making->bundle->arena, text_of(source->file)),
        .json = arena_text(&making->bundle->arena, source->json),
    };
    if (!kept.name.ptr || !kept.json.ptr) {
        out_of_memory(making);
    }
    return kept;
}

static struct bundle_source *keep_room(struct making *making, size_t count)
{
    struct bundle_source *kept = arena_array(&making->bundle->arena, count + 1, sizeof *kept);
    if (!kept) {
        out_of_memory(making);
    }
    return kept;
}

/* The roles of nrt.json's ops: read before there was a directory to look them up in. */
static void check_ops(
    const struct settings *settings, const struct directory *directory, struct report *report)
{
    for (size_t i = 0; i < settings->ops_notify_count; i++) {
        const struct text word = settings->ops_notify[i];
        struct role role;
        char path[48];
        if (role_parse(word, &role, NULL) != ERR_OK) {
            continue; /* said when nrt.json was read */
        }
        const bool known = (role.kind != ROLE_PERSON || directory_person(directory, role.name)) &&
                           (role.kind != ROLE_UNIT || directory_unit(directory, role.name));
        if (!known) {
            (void)snprintf(path, sizeof path, "ops.notify[%zu]", i);
            report_add(
                report, FINDING_ERROR, "nrt.json", 0, 0, path, "\"%.*s\" is not in the directory",
                TEXT_ARGS(word));
        }
    }
}

static void make_directory(struct making *making)
{
    const struct bundle_input *input = making->input;
    struct bundle *bundle = making->bundle;
    bundle->sources.directory = keep(making, &input->directory);
    if (!directory_read(&input->directory, &making->reading, input->key, &making->directory)) {
        return;
    }
    making->reading.known.directory = making->directory.directory;
    bundle->policy.directory = making->directory.directory;
    bundle->contacts = making->directory.contacts;
    bundle->contact_count = making->directory.contact_count;
    if (input->settings) {
        check_ops(input->settings, bundle->policy.directory, making->reading.report);
    }
}

static void make_matters(struct making *making)
{
    const struct bundle_input *input = making->input;
    struct matters_file file = {0};
    if (input->matters.json.bytes == 0) {
        return;
    }
    making->bundle->sources.matters = keep(making, &input->matters);
    if (!matters_read(&input->matters, &making->reading, &file) || !making->directory.directory) {
        return;
    }
    if (!directory_set_matters(
            making->directory.directory, &making->bundle->arena, file.matters, file.matter_count)) {
        out_of_memory(making);
    }
}

/* Its index, or `count`. */
static size_t find_template(const struct template_text *templates, size_t count, struct text id)
{
    size_t i = 0;
    while (i < count && !text_equal(templates[i].id, id)) {
        i++;
    }
    return i;
}

/*
 * True when the template at `index` is to be used. An own template stands before a shipped one of
 * the same id; twice among the own is a mistake.
 */
static bool take_template(
    struct making *making, size_t index, struct template_text *templates, bool *ret_all_read)
{
    const struct bundle_input *input = making->input;
    const size_t count = making->bundle->template_count;
    if (!template_read(&input->templates[index], &making->reading, &templates[count])) {
        *ret_all_read = false;
        return false;
    }
    const size_t first = find_template(templates, count, templates[count].id);
    if (first < count && index < input->own_template_count) {
        report_add(
            making->reading.report, FINDING_ERROR, input->templates[index].file, 0, 0, "id",
            "duplicate id \"%.*s\" (also in %.*s)", TEXT_ARGS(templates[count].id),
            TEXT_ARGS(making->bundle->sources.templates[first].name));
    }
    return first == count;
}

static void make_templates(struct making *making)
{
    const struct bundle_input *input = making->input;
    struct bundle *bundle = making->bundle;
    struct template_text *templates =
        arena_array(&bundle->arena, input->template_count + 1, sizeof *templates);
    struct bundle_source *kept = keep_room(making, input->template_count);
    if (!templates || !kept) {
        out_of_memory(making);
        return;
    }
    bool all_read = true;
    bundle->sources.templates = kept;
    for (size_t i = 0; i < input->template_count; i++) {
        if (take_template(making, i, templates, &all_read)) {
            kept[bundle->template_count++] = keep(making, &input->templates[i]);
        }
    }
    bundle->templates = templates;
    bundle->sources.template_count = bundle->template_count;
    if (all_read && input->settings) {
        making->reading.known.templates = templates;
        making->reading.known.template_count = bundle->template_count;
    }
}

static void make_rules(struct making *making)
{
    const struct bundle_input *input = making->input;
    struct bundle *bundle = making->bundle;
    struct rule_ids ids = {.sets.across_files = true, .clocks.across_files = true};
    struct ruleset *sets = arena_array(&bundle->arena, input->rule_count + 1, sizeof *sets);
    struct bundle_source *kept = keep_room(making, input->rule_count);
    if (!sets || !kept) {
        out_of_memory(making);
        return;
    }
    bundle->sources.rules = kept;
    bundle->sources.rule_count = input->rule_count;
    for (size_t i = 0; i < input->rule_count; i++) {
        kept[i] = keep(making, &input->rules[i]);
        (void)ruleset_read(&input->rules[i], &making->reading, &ids, &sets[i]);
    }
    id_table_release(&ids.sets);
    id_table_release(&ids.clocks);
    bundle->policy.sets = sets;
    bundle->policy.set_count = input->rule_count;
}

/* The one to use: the only one, or the one the settings name. SIZE_MAX when that is unclear. */
static size_t choose_calendar(
    struct making *making, const struct calendar_spec *specs, size_t count)
{
    const struct settings *settings = making->input->settings;
    const struct text wanted = settings ? settings->calendar : (struct text){0};
    for (size_t i = 0; i < count; i++) {
        if (wanted.bytes > 0 ? text_equal(specs[i].id, wanted) : count == 1) {
            return i;
        }
    }
    if (wanted.bytes > 0) {
        report_add(
            making->reading.report, FINDING_ERROR, "nrt.json", 0, 0, "calendar",
            "no calendar has the id \"%.*s\"", TEXT_ARGS(wanted));
    } else {
        report_add(
            making->reading.report, FINDING_ERROR, "nrt.json", 0, 0, "calendar",
            "there are %zu calendars; name the one to use, such as \"calendar\": \"%.*s\"", count,
            TEXT_ARGS(specs[0].id));
    }
    return SIZE_MAX;
}

static void use_calendar(struct making *making, const struct calendar_spec *specs, size_t index)
{
    struct bundle *bundle = making->bundle;
    bundle->sources.calendar = keep(making, &making->input->calendars[index]);
    bundle->calendar_id = specs[index].id;
    bundle->policy.calendar = calendar_build(&specs[index], &bundle->arena);
    if (!bundle->policy.calendar) {
        out_of_memory(making);
    }
}

static void make_calendars(struct making *making)
{
    const struct bundle_input *input = making->input;
    bool all_read = input->calendar_count > 0;
    struct calendar_spec *specs =
        arena_array(&making->bundle->arena, input->calendar_count + 1, sizeof *specs);
    if (!specs) {
        out_of_memory(making);
        return;
    }
    for (size_t i = 0; i < input->calendar_count; i++) {
        all_read =
            calendar_read(&input->calendars[i], &making->reading, NULL, &specs[i]) && all_read;
    }
    if (!all_read) {
        return;
    }
    const size_t index = choose_calendar(making, specs, input->calendar_count);
    if (index != SIZE_MAX) {
        use_calendar(making, specs, index);
    }
}

struct bundle *bundle_make(const struct bundle_input *input, struct report *report)
{
    const size_t errors_before = report->error_count;
    struct bundle *bundle = calloc(1, sizeof *bundle);
    if (!bundle) {
        report_add(report, FINDING_ERROR, "", 0, 0, "", "out of memory");
        return NULL;
    }
    arena_init(&bundle->arena, 0);
    struct making making = {
        .input = input,
        .bundle = bundle,
        .reading =
            {
                .arena = &bundle->arena,
                .report = report,
                .known = {.settings = input->settings},
            },
    };
    make_directory(&making);
    make_matters(&making);
    make_templates(&making);
    make_rules(&making);
    make_calendars(&making);
    bundle->policy.backfill_ms = input->backfill_ms;
    if (report->error_count > errors_before) {
        bundle_free(bundle);
        return NULL;
    }
    return bundle;
}

void bundle_share_calendar(struct bundle *bundle, const struct bundle *older)
{
    if (text_equal(bundle->sources.calendar.json, older->sources.calendar.json)) {
        bundle->policy.calendar = older->policy.calendar;
    }
}

void bundle_free(struct bundle *bundle)
{
    if (!bundle) {
        return;
    }
    arena_release(&bundle->arena);
    free(bundle);
}

const struct contact *bundle_contact(const struct bundle *bundle, struct text person)
{
    const struct person *found = directory_person(bundle->policy.directory, person);
    size_t count = 0;
    const struct person *people = directory_people(bundle->policy.directory, &count);
    if (!found) {
        return NULL;
    }
    const size_t index = (size_t)(found - people);
    MUST(index < bundle->contact_count);
    return &bundle->contacts[index];
}

const struct template_text *bundle_template(const struct bundle *bundle, struct text id)
{
    for (size_t i = 0; i < bundle->template_count; i++) {
        if (text_equal(bundle->templates[i].id, id)) {
            return &bundle->templates[i];
        }
    }
    return NULL;
}

/* ---- shipped files ---- */

#define SHIPPED "shipped/"

static struct source shipped_source(const struct embedded_file *file)
{
    return (struct source){
        .file = file->name + strlen(SHIPPED),
        .json = {(const char *)file->bytes, file->byte_count},
    };
}

struct source bundle_shipped(const char *name)
{
    for (size_t i = 0; i < nrt_embedded_config_count; i++) {
        const struct embedded_file *file = &nrt_embedded_config[i];
        if (text_starts_with(text_of(file->name), TEXT_LITERAL(SHIPPED)) &&
            strcmp(file->name + strlen(SHIPPED), name) == 0) {
            return shipped_source(file);
        }
    }
    MUST(false && "a shipped file is missing");
    return (struct source){0};
}

size_t bundle_shipped_all(const char *folder, struct source *ret_sources, size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < nrt_embedded_config_count; i++) {
        const struct embedded_file *file = &nrt_embedded_config[i];
        if (!text_starts_with(text_of(file->name), TEXT_LITERAL(SHIPPED)) ||
            !text_starts_with(text_of(file->name + strlen(SHIPPED)), text_of(folder))) {
            continue;
        }
        MUST(count < max);
        ret_sources[count++] = shipped_source(file);
    }
    return count;
}
