/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See calendar_import.h. Nothing is written without --into, and nothing where the file says the
 * contrary of the notice, unless --replace lets the notice win. The file is replaced as a whole.
 */
#include "cli/calendar_import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/complain.h"
#include "cli/table.h"
#include "config/calendar_merge.h"
#include "config/policy.h"
#include "config/zone_file.h"

#define COMMAND        "calendar"
#define TEXT_BYTES_MAX ((size_t)64 << 20)
#define YEARS_MAX      50

struct words {
    const char *verb;
    const char *file;
    const char *into;
    const char *calendar;
    const char *id;
    const char *year;
    const char *official;
    const char *unmarked;
    bool replace;
    bool json;
};

struct import {
    struct words words;
    struct arena arena;
    struct report report;
    struct buf notice_text;
    struct buf new_file;   /* of a calendar that does not exist yet */
    struct bundle *bundle; /* of the calendar that does */
    struct source calendar;
    struct zone shanghai;
    struct notice_options notice_options;
    struct merge_options merge_options;
    struct calendar_notice notice;
    struct calendar_merged merged;
    bool written;
};

/* ---- what is asked for ---- */

static int words_read(int argc, char **argv, struct words *words)
{
    const struct arg args[] = {
        {.name = "import", .text = &words->verb, .required = true},
        {.name = "FILE", .text = &words->file, .required = true},
        {.name = "--into", .text = &words->into},
        {.name = "--calendar", .text = &words->calendar},
        {.name = "--id", .text = &words->id},
        {.name = "--year", .text = &words->year},
        {.name = "--official", .text = &words->official},
        {.name = "--unmarked", .text = &words->unmarked},
        {.name = "--replace", .flag = &words->replace},
        {.name = "--json", .flag = &words->json},
    };
    return args_read(argc, argv, args, sizeof args / sizeof args[0]);
}

static bool year_read(struct text word, int32_t *ret_year)
{
    int64_t year = 0;
    if (text_parse_i64(word, &year) != ERR_OK || year < NOTICE_YEAR_FIRST ||
        year > NOTICE_YEAR_LAST) {
        return false;
    }
    *ret_year = (int32_t)year;
    return true;
}

/* "2027" or "2026-2028". */
static bool years_read(const char *word, struct notice_options *options)
{
    const char *dash = strchr(word, '-');
    const struct text first = {word, dash ? (size_t)(dash - word) : strlen(word)};
    return year_read(first, &options->first_year) &&
           year_read(dash ? text_of(dash + 1) : first, &options->last_year) &&
           options->first_year <= options->last_year &&
           options->last_year - options->first_year < YEARS_MAX;
}

static int options_read(struct import *import)
{
    const struct words *words = &import->words;
    const char *unmarked = words->unmarked ? words->unmarked : "skip";
    import->merge_options.replace = words->replace;
    import->notice_options.unmarked_are_off = strcmp(unmarked, "off") == 0;
    if (words->year && !years_read(words->year, &import->notice_options)) {
        return args_misuse(
            COMMAND, "--year must be a year such as 2027 or years such as 2026-2028, not '%s'",
            words->year);
    }
    if (words->official &&
        !year_read(text_of(words->official), &import->merge_options.official_year)) {
        return args_misuse(COMMAND, "--official must be a year, not '%s'", words->official);
    }
    if (!import->notice_options.unmarked_are_off && strcmp(unmarked, "skip") != 0) {
        return args_misuse(COMMAND, "--unmarked must be off or skip, not '%s'", unmarked);
    }
    if (words->calendar && words->into && strcmp(words->into, "-") != 0) {
        return args_misuse(COMMAND, "--into FILE is read itself: leave --calendar away");
    }
    return EXIT_FINE;
}

/* ---- reading ---- */

static bool into_a_file(const struct words *words)
{
    return words->into && strcmp(words->into, "-") != 0;
}

static int new_calendar(struct import *import)
{
    struct json_out out;
    buf_string(&import->new_file, "{\n \"id\": ");
    json_out_init(&out, &import->new_file);
    json_out_string(&out, text_of(import->words.id));
    buf_string(&import->new_file, "\n}\n");
    import->calendar =
        (struct source){.file = import->words.into, .json = buf_view(&import->new_file)};
    zone_shanghai(&import->shanghai);
    import->notice_options.zone = &import->shanghai;
    return buf_error(&import->new_file) == ERR_OK ? EXIT_FINE
                                                  : args_fail(EXIT_FOUND, COMMAND, "out of memory");
}

/* The calendar that the notice is compared with: of --into, of --calendar, or the shipped one. */
static int load_calendar(struct import *import)
{
    struct stat stat_of;
    const struct words *words = &import->words;
    const bool exists = !into_a_file(words) || stat(words->into, &stat_of) == 0;
    if (words->id && exists) {
        return args_misuse(COMMAND, "--id is for a calendar file that does not exist yet");
    }
    if (!exists && !words->id) {
        return args_misuse(
            COMMAND, "there is no %s: give the new calendar a name with --id", words->into);
    }
    if (!exists) {
        return new_calendar(import);
    }
    const char *path = into_a_file(words) ? words->into : words->calendar;
    const struct bundle_files files = {.calendar = path};
    import->bundle = bundle_load_files(&files, &import->report);
    complain_report(&import->report);
    if (!import->bundle) {
        return EXIT_FOUND;
    }
    report_release(&import->report);
    report_init(&import->report);
    import->calendar = (struct source){
        .file = path ? path : "the shipped calendar",
        .json = import->bundle->sources.calendar.json,
    };
    import->notice_options.zone = &calendar_spec_of(import->bundle->policy.calendar)->zone;
    return EXIT_FINE;
}

static int read_notice(struct import *import)
{
    struct err_why why = {0};
    const char *path = import->words.file;
    const enum err err = file_read(path, &import->notice_text, &why);
    if (err == ERR_FULL) {
        return args_fail(
            EXIT_FOUND, COMMAND, "%s: a notice has at most %zu KiB", path, NOTICE_BYTES_MAX / 1024);
    }
    if (err != ERR_OK) {
        return args_fail(EXIT_FOUND, COMMAND, "%s", why.text);
    }
    const struct source source = {.file = path, .json = buf_view(&import->notice_text)};
    const struct reading reading = {.arena = &import->arena, .report = &import->report};
    const bool read =
        notice_read(&source, &reading, &import->notice_options, &import->notice) &&
        calendar_merge(
            &import->calendar, &reading, &import->notice, &import->merge_options, &import->merged);
    if (!read) {
        complain_report(&import->report);
    }
    return read ? EXIT_FINE : EXIT_FOUND;
}

/* ---- telling ---- */

static const char *const weekdays[8] = {"", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

static void put_date(struct buf *buf, struct civil_day day)
{
    const struct civil_date date = civil_date_of(day);
    buf_format(buf, "%04d-%02d-%02d", date.year, date.month, date.day);
}

static const char *reading_words(enum notice_reading reading)
{
    static const char *const words[NOTICE_READING_COUNT] = {
        [NOTICE_OFF] = "off",
        [NOTICE_WORK] = "worked",
        [NOTICE_SWAPPED] = "swapped",
        [NOTICE_UNMARKED] = "left out: no word says off or worked",
        [NOTICE_CANCELLED] = "left out: cancelled",
    };
    return words[reading];
}

/* How each event was read; JSON says it plainly itself. */
static void put_items(const struct calendar_notice *notice, struct buf *buf)
{
    for (size_t i = 0; i < notice->item_count; i++) {
        const struct notice_item *item = &notice->items[i];
        if (item->line == 0) {
            continue;
        }
        buf_format(buf, "  line %-5zu ", item->line);
        put_date(buf, item->first);
        if (item->last.number != item->first.number) {
            buf_string(buf, " to ");
            put_date(buf, item->last);
        }
        buf_string(buf, "  ");
        table_clean(item->name, buf);
        buf_format(buf, ": %s", reading_words(item->reading));
        if (item->by.bytes > 0 && item->reading <= NOTICE_SWAPPED) {
            buf_format(buf, ", by \"%.*s\"", TEXT_ARGS(item->by));
        }
        buf_char(buf, '\n');
    }
}

static void put_change(const struct merge_change *change, struct buf *buf)
{
    static const char signs[MERGE_KIND_COUNT] = {'+', '=', '!', '!', '?', '?'};
    const char *as = change->works ? "worked" : "off";
    buf_format(buf, "  %c ", signs[change->kind]);
    put_date(buf, change->day);
    buf_format(buf, " %s  %-6s", weekdays[civil_weekday(change->day)], as);
    if (change->name.bytes > 0) {
        buf_string(buf, "  ");
        table_clean(change->name, buf);
    }
    switch (change->kind) {
    case MERGE_ADD:
        break;
    case MERGE_NAME:
        buf_string(buf, "  (gets this name)");
        break;
    case MERGE_TURN:
        buf_format(buf, "  (the file had it %s)", change->works ? "off" : "worked");
        break;
    case MERGE_CONFLICT:
        buf_format(
            buf, "  CONFLICT: the file has it %s; --replace lets the notice win",
            change->works ? "off" : "worked");
        break;
    case MERGE_KEPT:
        buf_string(buf, "  (stays; the notice does not name it)");
        break;
    case MERGE_CLOSED:
        buf_string(buf, "  (a closure of the file wins: offices stay shut)");
        break;
    case MERGE_KIND_COUNT:
        break;
    }
    buf_char(buf, '\n');
}

static void put_year(const struct merge_year *year, struct buf *buf)
{
    buf_format(
        buf, "  %d: %d working days before, %d after; ", (int)year->year, (int)year->working_before,
        (int)year->working_after);
    if (year->official_before) {
        buf_string(buf, "official\n");
    } else if (year->official_after) {
        buf_string(buf, "official from now on\n");
    } else {
        buf_format(
            buf, "provisional (--official %d when this is the official notice)\n", (int)year->year);
    }
}

static void put_end(const struct import *import, struct buf *buf)
{
    const struct calendar_merged *merged = &import->merged;
    if (merged->conflict_count > 0) {
        buf_format(
            buf, "Nothing written: %zu conflicts to look at first\n", merged->conflict_count);
    } else if (!merged->changed) {
        buf_string(buf, "Nothing to change\n");
    } else if (import->written) {
        buf_format(
            buf, "Written: %s\n", into_a_file(&import->words) ? import->words.into : "to stdout");
    } else {
        buf_string(buf, "Nothing written: name the calendar file with --into\n");
    }
}

static void put_text(const struct import *import, struct buf *buf)
{
    size_t worked = 0;
    const struct calendar_notice *notice = &import->notice;
    for (size_t i = 0; i < notice->day_count; i++) {
        worked += notice->days[i].works;
    }
    buf_format(
        buf, "%s: %zu days off, %zu worked\n", import->words.file, notice->day_count - worked,
        worked);
    put_items(notice, buf);
    buf_format(buf, "%s\n", import->calendar.file);
    for (size_t i = 0; i < import->merged.change_count; i++) {
        put_change(&import->merged.changes[i], buf);
    }
    for (size_t i = 0; i < import->merged.year_count; i++) {
        put_year(&import->merged.years[i], buf);
    }
    put_end(import, buf);
}

/* ---- JSON ---- */

static void member_bool(struct json_out *out, const char *key, bool value)
{
    json_out_key(out, key);
    json_out_bool(out, value);
}

static void member_date(struct json_out *out, const char *key, struct civil_day day)
{
    char text[16];
    const struct civil_date date = civil_date_of(day);
    (void)snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
    json_out_member(out, key, text_of(text));
}

static void put_json_items(const struct calendar_notice *notice, struct json_out *out)
{
    static const char *const names[NOTICE_READING_COUNT] = {
        [NOTICE_OFF] = "off",
        [NOTICE_WORK] = "worked",
        [NOTICE_SWAPPED] = "swapped",
        [NOTICE_UNMARKED] = "unmarked",
        [NOTICE_CANCELLED] = "cancelled",
    };
    json_out_key(out, "read");
    json_out_open(out, '[');
    for (size_t i = 0; i < notice->item_count; i++) {
        const struct notice_item *item = &notice->items[i];
        json_out_open(out, '{');
        json_out_member_i64(out, "line", (int64_t)item->line);
        member_date(out, "first", item->first);
        member_date(out, "last", item->last);
        json_out_member(out, "as", text_of(names[item->reading]));
        json_out_member(out, "by", item->by);
        json_out_member(out, "name", item->name);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void put_json_changes(const struct calendar_merged *merged, struct json_out *out)
{
    static const char *const names[MERGE_KIND_COUNT] = {
        [MERGE_ADD] = "added",         [MERGE_NAME] = "named", [MERGE_TURN] = "turned",
        [MERGE_CONFLICT] = "conflict", [MERGE_KEPT] = "kept",  [MERGE_CLOSED] = "closed",
    };
    json_out_key(out, "changes");
    json_out_open(out, '[');
    for (size_t i = 0; i < merged->change_count; i++) {
        const struct merge_change *change = &merged->changes[i];
        json_out_open(out, '{');
        json_out_member(out, "change", text_of(names[change->kind]));
        member_date(out, "date", change->day);
        json_out_member(out, "as", text_of(change->works ? "worked" : "off"));
        json_out_member(out, "name", change->name);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void put_json(const struct import *import, struct buf *buf)
{
    const struct calendar_merged *merged = &import->merged;
    struct json_out out;
    json_out_init(&out, buf);
    json_out_open(&out, '{');
    put_json_items(&import->notice, &out);
    put_json_changes(merged, &out);
    json_out_key(&out, "years");
    json_out_open(&out, '[');
    for (size_t i = 0; i < merged->year_count; i++) {
        json_out_open(&out, '{');
        json_out_member_i64(&out, "year", merged->years[i].year);
        json_out_member_i64(&out, "working_days_before", merged->years[i].working_before);
        json_out_member_i64(&out, "working_days_after", merged->years[i].working_after);
        member_bool(&out, "official_before", merged->years[i].official_before);
        member_bool(&out, "official_after", merged->years[i].official_after);
        json_out_close(&out, '}');
    }
    json_out_close(&out, ']');
    json_out_member_i64(&out, "conflicts", (int64_t)merged->conflict_count);
    member_bool(&out, "changed", merged->changed);
    member_bool(&out, "written", import->written);
    json_out_close(&out, '}');
    buf_char(buf, '\n');
}

/* ---- writing ---- */

static int write_file(struct import *import)
{
    struct stat stat_of;
    struct err_why why = {0};
    const char *path = import->words.into;
    const mode_t mode = stat(path, &stat_of) == 0 ? stat_of.st_mode & 07777 : 0644;
    if (file_write(path, import->merged.json, mode, &why) != ERR_OK) {
        return args_fail(EXIT_FOUND, COMMAND, "%s", why.text);
    }
    import->written = true;
    return EXIT_FINE;
}

static bool print(FILE *file, struct text text)
{
    return fwrite(text.ptr, 1, text.bytes, file) == text.bytes && fflush(file) == 0;
}

/* With --into - the calendar has stdout for itself. */
static int tell(struct import *import, bool to_stdout)
{
    struct buf buf;
    buf_init(&buf, TEXT_BYTES_MAX);
    if (import->words.json) {
        put_json(import, &buf);
    } else {
        put_text(import, &buf);
    }
    bool well = buf_error(&buf) == ERR_OK && print(to_stdout ? stderr : stdout, buf_view(&buf));
    if (well && to_stdout && import->merged.conflict_count == 0) {
        well = print(stdout, import->merged.json);
    }
    buf_release(&buf);
    return well ? EXIT_FINE : args_fail(EXIT_FOUND, COMMAND, "cannot write the result");
}

static int finish(struct import *import)
{
    const bool to_stdout = import->words.into && !into_a_file(&import->words);
    const bool conflicts = import->merged.conflict_count > 0;
    int code = EXIT_FINE;
    if (import->notice.day_count == 0 && import->merge_options.official_year == 0) {
        return args_fail(
            EXIT_FOUND, COMMAND, "%s names no day off and none worked%s", import->words.file,
            import->words.year ? " in the years asked for" : "");
    }
    if (code == EXIT_FINE && !conflicts && import->merged.changed && into_a_file(&import->words)) {
        code = write_file(import);
    }
    import->written = import->written || (to_stdout && !conflicts);
    const int told = tell(import, to_stdout && code == EXIT_FINE);
    if (code == EXIT_FINE && conflicts) {
        code = EXIT_FOUND;
    }
    return code != EXIT_FINE ? code : told;
}

int calendar_import(int argc, char **argv)
{
    struct import import = {0};
    int code = words_read(argc, argv, &import.words);
    if (code == EXIT_FINE) {
        code = options_read(&import);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    arena_init(&import.arena, 0);
    report_init(&import.report);
    buf_init(&import.notice_text, NOTICE_BYTES_MAX);
    buf_init(&import.new_file, 4096);
    code = load_calendar(&import);
    if (code == EXIT_FINE) {
        code = read_notice(&import);
    }
    if (code == EXIT_FINE) {
        code = finish(&import);
    }
    bundle_free(import.bundle);
    buf_release(&import.new_file);
    buf_release(&import.notice_text);
    report_release(&import.report);
    arena_release(&import.arena);
    return code;
}
