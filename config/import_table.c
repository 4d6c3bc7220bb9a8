/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headings are compared without blanks, stars and the case of letters: "手机号 *" is 手机号.
 */
#include "config/import_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HEADING_BYTES 96

/* ---- headings ---- */

static void heading_plain(struct text heading, char plain[static HEADING_BYTES])
{
    static const char *const dropped[] = {" ", "*", "\xe3\x80\x80", "＊", ":", "：", "\n"};
    size_t count = 0;
    while (heading.bytes > 0 && count + 1 < HEADING_BYTES) {
        size_t skipped = 0;
        for (size_t i = 0; i < sizeof dropped / sizeof dropped[0] && skipped == 0; i++) {
            const struct text word = text_of(dropped[i]);
            skipped = text_starts_with(heading, word) ? word.bytes : 0;
        }
        if (skipped == 0) {
            plain[count++] = heading.ptr[0];
            skipped = 1;
        }
        heading.ptr += skipped;
        heading.bytes -= skipped;
    }
    plain[count] = '\0';
}

static bool is_named(const struct table_field *field, const char *heading)
{
    const char *names = field->names;
    while (*names) {
        const size_t bytes = strcspn(names, "|");
        if (strlen(heading) == bytes && strncasecmp(names, heading, bytes) == 0) {
            return true;
        }
        names += bytes + (names[bytes] == '|');
    }
    return false;
}

static void find_column(struct table *table, const struct csv_row *heading, size_t cell)
{
    char plain[HEADING_BYTES];
    heading_plain(heading->cells[cell], plain);
    for (size_t i = 0; i < table->field_count; i++) {
        if (!is_named(&table->fields[i], plain)) {
            continue;
        }
        if (table->columns[i]) {
            report_add(
                table->report, FINDING_ERROR, table->from->file, heading->number, cell + 1, "",
                "a second column for %s: leave one of them out", table->fields[i].key);
        }
        table->columns[i] = cell + 1;
        return;
    }
    if (plain[0]) {
        report_add(
            table->report, FINDING_WARNING, table->from->file, heading->number, cell + 1, "",
            "the column \"%.*s\" is not read", TEXT_ARGS(utf8_cut(heading->cells[cell], 60)));
    }
}

bool import_open(struct table *table)
{
    const struct csv *csv = table->from->csv;
    const size_t errors = table->report->error_count;
    if (csv->row_count == 0) {
        report_add(table->report, FINDING_ERROR, table->from->file, 0, 0, "", "the table is empty");
        return false;
    }
    for (size_t i = 0; i < csv->rows[0].cell_count; i++) {
        find_column(table, &csv->rows[0], i);
    }
    for (size_t i = 0; i < table->field_count; i++) {
        if (table->fields[i].required && !table->columns[i]) {
            report_add(
                table->report, FINDING_ERROR, table->from->file, csv->rows[0].number, 0, "",
                "no column for %s: give one of these headings: %s", table->fields[i].key,
                table->fields[i].names);
        }
    }
    return table->report->error_count == errors;
}

/* ---- cells ---- */

struct text import_cell(const struct table *table, const struct csv_row *row, size_t field)
{
    const size_t column = table->columns[field];
    return column > 0 && column <= row->cell_count ? row->cells[column - 1] : (struct text){0};
}

void import_error(
    struct table *table, const struct csv_row *row, size_t field, const char *format, ...)
{
    char message[400];
    va_list arguments;
    const bool known = field < table->field_count && table->columns[field] > 0;
    const size_t column = known ? table->columns[field] : 0;
    const struct csv_row *heading = &table->from->csv->rows[0];
    char name[HEADING_BYTES] = "";
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (column > 0 && column <= heading->cell_count) {
        heading_plain(heading->cells[column - 1], name);
    }
    table->row_errors++;
    report_add(
        table->report, FINDING_ERROR, table->from->file, row->number, column, name, "%s", message);
}

/* What a spreadsheet takes for a formula; a number may begin with a plus. */
static bool is_formula(struct text cell, bool is_number)
{
    static const char *const starts[] = {"=", "@", "＝", "＠", "+", "-", "＋", "－"};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (text_starts_with(cell, text_of(starts[i]))) {
            return !(is_number && i >= 4);
        }
    }
    return false;
}

void import_check_row(struct table *table, const struct csv_row *row)
{
    for (size_t i = 0; i < table->field_count; i++) {
        const struct text cell = import_cell(table, row, i);
        bool controls = false;
        for (size_t k = 0; k < cell.bytes; k++) {
            controls = controls || (unsigned char)cell.ptr[k] < ' ' || cell.ptr[k] == 0x7f;
        }
        if (controls) {
            import_error(table, row, i, "a line break or control character in the cell");
        } else if (is_formula(cell, strcmp(table->fields[i].key, "mobile") == 0)) {
            import_error(
                table, row, i,
                "it begins like a formula of a spreadsheet: write the text without the sign");
        }
    }
}

static bool is_id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

bool import_is_id(struct table *table, const struct csv_row *row, size_t field, struct text id)
{
    bool fits = id.bytes > 0 && id.bytes <= READ_ID_BYTES_MAX;
    for (size_t i = 0; fits && i < id.bytes; i++) {
        fits = is_id_char(id.ptr[i]);
    }
    if (!fits) {
        import_error(
            table, row, field, "an id has letters, digits, '-', '_' or '.', at most %d of them",
            READ_ID_BYTES_MAX);
    }
    return fits;
}

/* ---- people and units by id or name ---- */

const struct unit *import_unit(
    struct table *table, const struct csv_row *row, size_t field, const struct directory *directory)
{
    const struct text word = import_cell(table, row, field);
    const struct unit *found = directory_unit(directory, word);
    struct nearest nearest;
    char hint[READ_HINT_BYTES];
    size_t count = 0;
    size_t alike = 0;
    const struct unit *units = directory_units(directory, &count);
    nearest_init(&nearest, word);
    for (size_t i = 0; !directory_unit(directory, word) && i < count; i++) {
        const bool same = text_equal(units[i].name, word);
        found = same ? &units[i] : found;
        alike += same;
        nearest_try(&nearest, units[i].name);
    }
    if (alike > 1) {
        import_error(table, row, field, "several units have this name: write the id instead");
        return NULL;
    }
    if (!found) {
        import_error(
            table, row, field, "unknown unit \"%.*s\"%s; add it to \"units\" first",
            TEXT_ARGS(utf8_cut(word, 60)), nearest_hint(&nearest, hint));
    }
    return found;
}

const struct person *import_person(
    struct table *table, const struct csv_row *row, size_t field, const struct directory *directory)
{
    const struct text word = import_cell(table, row, field);
    const struct person *found = directory_person(directory, word);
    size_t count = 0;
    size_t alike = 0;
    const struct person *people = directory_people(directory, &count);
    for (size_t i = 0; !directory_person(directory, word) && i < count; i++) {
        const bool same = text_equal(people[i].name, word);
        found = same ? &people[i] : found;
        alike += same;
    }
    if (alike > 1) {
        import_error(table, row, field, "several people have this name: write the id instead");
        return NULL;
    }
    if (!found) {
        import_error(
            table, row, field, "the directory has nobody of this id or name: import people first");
    }
    return found;
}

/* ---- writing ---- */

struct text import_string(struct arena *arena, struct text text)
{
    struct buf buf;
    struct json_out out;
    buf_init(&buf, 6 * CSV_CELL_BYTES_MAX + 2);
    json_out_init(&out, &buf);
    json_out_string(&out, text);
    const struct text kept = arena_text(arena, buf_view(&buf));
    buf_release(&buf);
    return kept;
}

static const struct import_member *member_of(
    const struct import_member *members, size_t member_count, struct text key)
{
    for (size_t i = 0; i < member_count; i++) {
        if (text_is(key, members[i].key)) {
            return &members[i];
        }
    }
    return NULL;
}

static void put_key(struct json_out *out, struct text key)
{
    char name[HEADING_BYTES * 2];
    (void)snprintf(name, sizeof name, "%.*s", TEXT_ARGS(key));
    json_out_key(out, name);
}

void import_put_object(
    struct json_out *out,
    const struct json_value *object,
    const struct import_member *members,
    size_t member_count)
{
    json_out_open(out, '{');
    const struct json_value *value = object ? json_first(object) : NULL;
    for (; value; value = json_next(value)) {
        const struct import_member *member = member_of(members, member_count, json_key(value));
        put_key(out, json_key(value));
        if (member) {
            json_out_raw(out, member->json);
        } else {
            json_out_value(out, value);
        }
    }
    for (size_t i = 0; i < member_count; i++) {
        if (!object || !json_get(object, members[i].key)) {
            json_out_key(out, members[i].key);
            json_out_raw(out, members[i].json);
        }
    }
    json_out_close(out, '}');
}

bool import_changes_add(
    struct import_changes *changes, struct arena *arena, const struct import_change *change)
{
    if (changes->count == changes->room) {
        const size_t room = changes->room ? changes->room * 2 : 64;
        struct import_change *items = arena_array(arena, room, sizeof *items);
        if (!items) {
            return false;
        }
        if (changes->count > 0) {
            memcpy(items, changes->items, changes->count * sizeof *items);
        }
        changes->items = items;
        changes->room = room;
    }
    changes->items[changes->count++] = *change;
    return true;
}
