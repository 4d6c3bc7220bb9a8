/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a preview came to: sums, and one item for each run that differs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "console/preview_parts.h"

#define LINE_BYTES_MAX    ((size_t)4 << 20)
#define ITEM_MESSAGES_MAX 20
#define PEOPLE_SHOWN_MAX  50
#define BEFORE            0
#define AFTER             1

enum err preview_report_open(
    struct preview_report *report,
    const struct preview_job *job,
    const struct calendar *calendar,
    struct err_why *why)
{
    *report = (struct preview_report){.calendar = calendar, .day_count = job->days + 1};
    arena_init(&report->arena, 0);
    buf_init(&report->line, LINE_BYTES_MAX);
    report->first_day = calendar_local_day(calendar, job->now);
    report->by_day = arena_array(&report->arena, (size_t)report->day_count, 2 * sizeof(int64_t));
    if (!report->by_day) {
        return ERR_NO_MEMORY;
    }
    const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
    const int fd = open(job->items_path, flags, 0600);
    report->items = fd >= 0 && fchmod(fd, 0600) == 0 ? fdopen(fd, "w") : NULL;
    if (!report->items) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return err_set(why, ERR_IO, "cannot write %s (errno %d)", job->items_path, errno);
    }
    return ERR_OK;
}

enum err preview_report_close(struct preview_report *report, struct err_why *why)
{
    const bool good = !report->items || fclose(report->items) == 0;
    free(report->people);
    buf_release(&report->line);
    arena_release(&report->arena);
    *report = (struct preview_report){0};
    return good ? ERR_OK : err_set(why, ERR_IO, "the list could not be written; is the disk full?");
}

static enum err write_line(struct preview_report *report, FILE *file)
{
    buf_char(&report->line, '\n');
    const enum err err = buf_error(&report->line);
    if (err != ERR_OK) {
        return err;
    }
    const size_t wrote = fwrite(report->line.ptr, 1, report->line.bytes, file);
    return wrote == report->line.bytes ? ERR_OK : ERR_IO;
}

/* ---- sums ---- */

static size_t find_person(const struct preview_report *report, struct text id)
{
    size_t low = 0;
    size_t high = report->person_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (text_compare(report->people[middle]->id, id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct preview_person *person_of(struct preview_report *report, struct text id)
{
    const size_t at = find_person(report, id);
    if (at < report->person_count && text_equal(report->people[at]->id, id)) {
        return report->people[at];
    }
    if (report->person_count == report->person_capacity) {
        const size_t capacity = report->person_capacity ? report->person_capacity * 2 : 256;
        struct preview_person **people = realloc(report->people, capacity * sizeof(void *));
        if (!people) {
            return NULL;
        }
        report->people = people;
        report->person_capacity = capacity;
    }
    struct preview_person *person = arena_alloc(&report->arena, sizeof(*person));
    if (!person) {
        return NULL;
    }
    person->id = arena_text(&report->arena, id);
    if (!person->id.ptr) {
        return NULL;
    }
    memmove(
        &report->people[at + 1], &report->people[at], (report->person_count - at) * sizeof(void *));
    report->people[at] = person;
    report->person_count++;
    return person;
}

static bool add_people(struct preview_report *report, const struct preview_sent *sent, int side)
{
    for (size_t i = 0; i < sent->to_count; i++) {
        struct preview_person *person = person_of(report, sent->to[i]);
        if (!person) {
            return false;
        }
        person->messages[side]++;
    }
    return true;
}

static enum err add_sent(
    struct preview_report *report, const struct preview_sent_list *list, int side)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct preview_sent *sent = &list->items[i];
        const int64_t messages = (int64_t)sent->to_count;
        const int32_t day =
            calendar_local_day(report->calendar, sent->fired_at).number - report->first_day.number;
        report->messages[side] += messages;
        report->sms[side] += sent->is_sms ? messages : 0;
        if (day >= 0 && day < report->day_count) {
            report->by_day[day][side] += messages;
        }
        if (!add_people(report, sent, side)) {
            return ERR_NO_MEMORY;
        }
    }
    return ERR_OK;
}

static void add_run(struct preview_report *report, const struct preview_run *run)
{
    const struct preview_run_state *before = &run->before;
    const struct preview_run_state *after = &run->after;
    if (before->exists && after->exists) {
        const bool both = before->has_due && after->has_due;
        const bool changed =
            before->has_due != after->has_due || (both && before->due.ms != after->due.ms);
        report->due_changed += changed;
        report->due_earlier += both && after->due.ms < before->due.ms;
        report->due_later += both && after->due.ms > before->due.ms;
        report->light_changed[before->light][after->light] += before->light != after->light;
        report->provisional_now_firm += before->provisional && !after->provisional;
    }
    report->missed_only_by_change += run->missed_only_by_change;
}

/* ---- items ---- */

static void put_due(
    struct json_out *out,
    const char *key,
    const struct calendar *calendar,
    const struct preview_run_state *state)
{
    char text[WALL_TEXT_BYTES];
    json_out_key(out, key);
    if (state->exists && state->has_due) {
        json_out_string(out, text_of(calendar_format(calendar, state->due, text)));
    } else {
        json_out_null(out);
    }
}

static void put_word(struct json_out *out, const char *key, bool exists, const char *word)
{
    json_out_key(out, key);
    if (exists) {
        json_out_string(out, text_of(word));
    } else {
        json_out_null(out);
    }
}

static void put_flag(struct json_out *out, const char *key, bool value)
{
    json_out_key(out, key);
    json_out_bool(out, value);
}

static void put_message(
    struct json_out *out, const struct calendar *calendar, const struct preview_message *message)
{
    char text[WALL_TEXT_BYTES];
    json_out_open(out, '{');
    json_out_member(out, "instant", text_of(calendar_format(calendar, message->instant, text)));
    if (message->change == PREVIEW_MOVED) {
        json_out_member(out, "was", text_of(calendar_format(calendar, message->was, text)));
    }
    json_out_member(out, "stage", message->stage);
    json_out_key(out, "to");
    json_out_open(out, '[');
    for (size_t i = 0; i < message->to_count; i++) {
        json_out_string(out, message->to[i]);
    }
    json_out_close(out, ']');
    json_out_member(out, "change", text_of(preview_change_name(message->change)));
    json_out_close(out, '}');
}

static void put_states(
    struct json_out *out, const struct calendar *calendar, const struct preview_run *run)
{
    const struct preview_run_state *before = &run->before;
    const struct preview_run_state *after = &run->after;
    put_due(out, "due_before", calendar, before);
    put_due(out, "due_after", calendar, after);
    put_word(out, "light_before", before->exists, light_name(before->light));
    put_word(out, "light_after", after->exists, light_name(after->light));
    put_flag(out, "provisional_before", before->provisional);
    put_flag(out, "provisional_after", after->provisional);
    put_word(out, "outcome_before", before->exists, run_outcome_name(before->outcome));
    put_word(out, "outcome_after", after->exists, run_outcome_name(after->outcome));
    put_flag(out, "missed_only_by_change", run->missed_only_by_change);
}

static enum err write_item(
    struct preview_report *report,
    struct text case_id,
    const struct preview *preview,
    const struct preview_run *run)
{
    struct json_out out;
    const size_t shown =
        run->message_count < ITEM_MESSAGES_MAX ? run->message_count : ITEM_MESSAGES_MAX;
    buf_clear(&report->line);
    json_out_init(&out, &report->line);
    json_out_open(&out, '{');
    json_out_member(&out, "case", case_id);
    json_out_member(&out, "title", preview->title);
    json_out_member(&out, "unit", preview->unit);
    json_out_member(&out, "clock", run->clock);
    json_out_member_i64(&out, "run", run->number);
    put_states(&out, report->calendar, run);
    json_out_key(&out, "messages");
    json_out_open(&out, '[');
    for (size_t i = 0; i < shown; i++) {
        put_message(&out, report->calendar, &run->messages[i]);
    }
    json_out_close(&out, ']');
    json_out_member_i64(&out, "messages_left_out", (int64_t)(run->message_count - shown));
    json_out_close(&out, '}');
    return write_line(report, report->items);
}

enum err preview_report_add(
    struct preview_report *report, struct text case_id, const struct preview *preview)
{
    report->cases++;
    report->runs += (int64_t)preview->running_count;
    enum err err = add_sent(report, &preview->before, BEFORE);
    if (err == ERR_OK) {
        err = add_sent(report, &preview->after, AFTER);
    }
    for (size_t i = 0; i < preview->run_count && err == ERR_OK; i++) {
        add_run(report, &preview->runs[i]);
        err = write_item(report, case_id, preview, &preview->runs[i]);
    }
    return err;
}

/* ---- totals ---- */

static void put_pair(struct json_out *out, const char *key, const int64_t pair[static 2])
{
    json_out_key(out, key);
    json_out_open(out, '{');
    json_out_member_i64(out, "before", pair[BEFORE]);
    json_out_member_i64(out, "after", pair[AFTER]);
    json_out_close(out, '}');
}

static int64_t change_of(const struct preview_person *person)
{
    const int64_t change = person->messages[AFTER] - person->messages[BEFORE];
    return change < 0 ? -change : change;
}

/* Whose count changes most, then who gets most. */
static int by_change(const void *a, const void *b)
{
    const struct preview_person *left = *(struct preview_person *const *)a;
    const struct preview_person *right = *(struct preview_person *const *)b;
    const int64_t pairs[][2] = {
        {change_of(left), change_of(right)}, {left->messages[AFTER], right->messages[AFTER]}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (pairs[i][0] != pairs[i][1]) {
            return pairs[i][0] > pairs[i][1] ? -1 : 1;
        }
    }
    return text_compare(left->id, right->id);
}

static void put_people(struct json_out *out, struct preview_report *report)
{
    if (report->person_count > 1) {
        qsort(report->people, report->person_count, sizeof(void *), by_change);
    }
    json_out_key(out, "people");
    json_out_open(out, '[');
    for (size_t i = 0; i < report->person_count && i < PEOPLE_SHOWN_MAX; i++) {
        json_out_open(out, '{');
        json_out_member(out, "person", report->people[i]->id);
        json_out_member_i64(out, "before", report->people[i]->messages[BEFORE]);
        json_out_member_i64(out, "after", report->people[i]->messages[AFTER]);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

/* Days on which neither side sends anything are left out. */
static void put_days(struct json_out *out, const struct preview_report *report)
{
    json_out_key(out, "by_day");
    json_out_open(out, '[');
    for (int day = 0; day < report->day_count; day++) {
        char text[16];
        const struct civil_date date =
            civil_date_of((struct civil_day){report->first_day.number + day});
        if (report->by_day[day][BEFORE] == 0 && report->by_day[day][AFTER] == 0) {
            continue;
        }
        (void)snprintf(
            text, sizeof(text), "%04u-%02u-%02u", (unsigned)date.year % 10000,
            (unsigned)date.month % 100, (unsigned)date.day % 100);
        json_out_open(out, '{');
        json_out_member(out, "date", text_of(text));
        json_out_member_i64(out, "before", report->by_day[day][BEFORE]);
        json_out_member_i64(out, "after", report->by_day[day][AFTER]);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void put_lights(struct json_out *out, const struct preview_report *report)
{
    json_out_key(out, "light_changed");
    json_out_open(out, '{');
    for (int pair = 0; pair < LIGHT_COUNT * LIGHT_COUNT; pair++) {
        const enum light from = (enum light)(pair / LIGHT_COUNT);
        const enum light to = (enum light)(pair % LIGHT_COUNT);
        char key[24];
        (void)snprintf(key, sizeof(key), "%s_%s", light_name(from), light_name(to));
        if (report->light_changed[from][to] > 0) {
            json_out_member_i64(out, key, report->light_changed[from][to]);
        }
    }
    json_out_close(out, '}');
}

enum err preview_report_totals(struct preview_report *report, FILE *out)
{
    struct json_out json;
    buf_clear(&report->line);
    json_out_init(&json, &report->line);
    json_out_open(&json, '{');
    json_out_member(&json, "type", TEXT_LITERAL("totals"));
    json_out_member_i64(&json, "cases", report->cases);
    json_out_member_i64(&json, "runs", report->runs);
    json_out_member_i64(&json, "due_changed", report->due_changed);
    json_out_member_i64(&json, "due_earlier", report->due_earlier);
    json_out_member_i64(&json, "due_later", report->due_later);
    put_lights(&json, report);
    json_out_member_i64(&json, "provisional_now_firm", report->provisional_now_firm);
    json_out_member_i64(&json, "missed_only_by_change", report->missed_only_by_change);
    put_pair(&json, "messages", report->messages);
    put_people(&json, report);
    put_days(&json, report);
    put_pair(&json, "sms", report->sms);
    json_out_close(&json, '}');
    return write_line(report, out);
}
