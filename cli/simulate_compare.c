/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a change of rules would have done, as a table or as JSON: in all, per stage, unit and day.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/simulate_parts.h"
#include "cli/table.h"

#define JSON_BYTES_MAX ((size_t)256 << 20)

static const char *day_text(struct civil_day day, char text[static 16])
{
    const struct civil_date date = civil_date_of(day);
    (void)snprintf(
        text, 16, "%04u-%02u-%02u", (unsigned)date.year % 10000, (unsigned)date.month % 100,
        (unsigned)date.day % 100);
    return text;
}

/* ---- the table ---- */

static void number_cell(struct table *table, int64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%" PRId64, number);
    table_cell(table, text_of(text));
}

static void change_cell(struct table *table, int64_t from, int64_t to)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%+" PRId64, to - from);
    table_cell(table, to == from ? TEXT_LITERAL("=") : text_of(text));
}

static void pair_cells(struct table *table, int64_t from, int64_t to)
{
    number_cell(table, from);
    number_cell(table, to);
    change_cell(table, from, to);
}

/* "reply warn", "d02 市财政局"; "-" for no unit. */
static void name_cell(
    struct table *table, const struct compare_row *row, const struct directory *directory)
{
    struct buf name;
    const struct unit *unit = row->by == COMPARE_UNIT ? directory_unit(directory, row->name) : NULL;
    const struct text second = unit ? unit->name : row->stage;
    buf_init(&name, 4096);
    buf_text(&name, row->name);
    if (second.bytes > 0) {
        buf_char(&name, ' ');
        buf_text(&name, second);
    }
    table_cell(table, name.bytes > 0 ? buf_view(&name) : TEXT_LITERAL("-"));
    buf_release(&name);
}

static void row_cells(
    struct table *table, const struct compare_row *row, const struct directory *directory)
{
    char day[16];
    const struct compare_counts *from = &row->counts[COMPARE_OLD];
    const struct compare_counts *to = &row->counts[COMPARE_NEW];
    if (row->by == COMPARE_DAY) {
        table_cell(table, text_of(day_text(row->day, day)));
    } else if (row->by == COMPARE_TOTAL) {
        table_cell(table, TEXT_LITERAL("in all"));
    } else {
        name_cell(table, row, directory);
    }
    pair_cells(table, from->alerts, to->alerts);
    pair_cells(table, from->sms, to->sms);
    pair_cells(table, from->misses, to->misses);
}

static void print_group(
    const struct comparison *comparison,
    const struct directory *directory,
    enum compare_by by,
    const char *title)
{
    const char *const headings[] = {title, "alerts", "new",    "+/-", "SMS",
                                    "new", "+/-",    "misses", "new", "+/-"};
    struct table table;
    table_init(&table, headings, sizeof(headings) / sizeof(headings[0]));
    for (size_t i = 0; i < comparison->row_count; i++) {
        if (comparison->rows[i]->by == by) {
            row_cells(&table, comparison->rows[i], directory);
        }
    }
    if (table_rows(&table) > 0) {
        printf("\n");
        table_print(&table);
    }
    table_release(&table);
}

static void print_table(const struct comparison *comparison, const struct compare_heading *heading)
{
    char until[WALL_TEXT_BYTES];
    printf(
        "old: %s\nnew: %s\nup to %s\n", heading->old_rules ? heading->old_rules : "(shipped rules)",
        heading->new_rules, calendar_format(comparison->calendar, heading->until, until));
    print_group(comparison, heading->directory, COMPARE_TOTAL, "");
    print_group(comparison, heading->directory, COMPARE_STAGE, "clock and stage");
    print_group(comparison, heading->directory, COMPARE_UNIT, "unit");
    print_group(comparison, heading->directory, COMPARE_DAY, "day");
}

/* ---- JSON ---- */

static void put_pair(struct json_out *out, const char *key, int64_t from, int64_t to)
{
    json_out_key(out, key);
    json_out_open(out, '{');
    json_out_member_i64(out, "old", from);
    json_out_member_i64(out, "new", to);
    json_out_close(out, '}');
}

static void put_counts(struct json_out *out, const struct compare_row *row)
{
    const struct compare_counts *from = &row->counts[COMPARE_OLD];
    const struct compare_counts *to = &row->counts[COMPARE_NEW];
    put_pair(out, "alerts", from->alerts, to->alerts);
    put_pair(out, "messages", from->messages, to->messages);
    put_pair(out, "sms", from->sms, to->sms);
    put_pair(out, "misses", from->misses, to->misses);
}

static void put_row(struct json_out *out, const struct compare_row *row)
{
    char day[16];
    json_out_open(out, '{');
    switch (row->by) {
    case COMPARE_STAGE:
        json_out_member(out, "clock", row->name);
        json_out_key(out, "stage");
        if (row->stage.bytes > 0) {
            json_out_string(out, row->stage);
        } else {
            json_out_null(out); /* the misses of the clock */
        }
        break;
    case COMPARE_UNIT:
        json_out_member(out, "unit", row->name);
        break;
    case COMPARE_DAY:
        json_out_member(out, "date", text_of(day_text(row->day, day)));
        break;
    case COMPARE_TOTAL:
    case COMPARE_BY_COUNT:
        break;
    }
    put_counts(out, row);
    json_out_close(out, '}');
}

static void put_group(
    struct json_out *out, const struct comparison *comparison, enum compare_by by, const char *key)
{
    json_out_key(out, key);
    json_out_open(out, '[');
    for (size_t i = 0; i < comparison->row_count; i++) {
        if (comparison->rows[i]->by == by) {
            put_row(out, comparison->rows[i]);
        }
    }
    json_out_close(out, ']');
}

static void put_total(struct json_out *out, const struct comparison *comparison)
{
    const struct compare_row nothing = {.by = COMPARE_TOTAL};
    const bool any = comparison->row_count > 0; /* the total comes first */
    json_out_key(out, "total");
    put_row(out, any ? comparison->rows[0] : &nothing);
}

static enum err print_json(
    const struct comparison *comparison, const struct compare_heading *heading)
{
    char until[WALL_TEXT_BYTES];
    struct buf text;
    struct json_out out;
    buf_init(&text, JSON_BYTES_MAX);
    json_out_init(&out, &text);
    json_out_open(&out, '{');
    json_out_member(&out, "old", text_of(heading->old_rules));
    json_out_member(&out, "new", text_of(heading->new_rules));
    json_out_member(
        &out, "until", text_of(calendar_format(comparison->calendar, heading->until, until)));
    put_total(&out, comparison);
    put_group(&out, comparison, COMPARE_STAGE, "stages");
    put_group(&out, comparison, COMPARE_UNIT, "units");
    put_group(&out, comparison, COMPARE_DAY, "days");
    json_out_close(&out, '}');
    buf_char(&text, '\n');
    enum err err = buf_error(&text);
    if (err == ERR_OK && fwrite(text.ptr, 1, text.bytes, stdout) != text.bytes) {
        err = ERR_IO;
    }
    buf_release(&text);
    return err;
}

int comparison_print(const struct comparison *comparison, const struct compare_heading *heading)
{
    if (!heading->json) {
        print_table(comparison, heading);
        return EXIT_FINE;
    }
    const enum err err = print_json(comparison, heading);
    return err == ERR_OK
               ? EXIT_FINE
               : args_fail(
                     EXIT_FOUND, SIMULATE_COMMAND, "cannot write the result: %s", err_name(err));
}
