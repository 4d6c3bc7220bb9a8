/* SPDX-License-Identifier: Apache-2.0 */
/*
 * matters.json: the catalogue, main items and sub-items. A sub-item's parent must be in the file.
 */
#include "config/files.h"
#include "config/refer.h"

struct matter_row {
    struct matter matter;
    const struct json_value *value;
};

struct matter_rows {
    struct matter_row *rows;
    size_t count;
};

static void read_owner(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *owner = target;
    read_id(reader, value, owner);
    refer_person(reader, value, *owner);
}

static void read_matter_unit(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *unit = target;
    read_id(reader, value, unit);
    refer_unit(reader, value, *unit);
}

#define MATTER_FIELD(name) offsetof(struct matter_row, matter.name)

static void read_matter(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"id", read_id, MATTER_FIELD(id), FIELD_REQUIRED},
        {"title", read_words, MATTER_FIELD(title), FIELD_REQUIRED},
        {"parent", read_id, MATTER_FIELD(parent), FIELD_NULLABLE},
        {"owner", read_owner, MATTER_FIELD(owner), FIELD_NULLABLE},
        {"unit", read_matter_unit, MATTER_FIELD(unit), FIELD_NULLABLE},
    };
    struct matter_row *row = target;
    row->value = value;
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), row);
}

static void read_rows(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_matter, sizeof(struct matter_row), "a list of matters"};
    struct matter_rows *rows = target;
    rows->rows = read_list(reader, value, &items, &rows->count);
}

/* Whose names are known before the first reference is followed. */
struct levels {
    struct id_table all;
    struct id_table subs; /* that have a parent themselves */
};

static void report_unknown_parent(
    struct reader *reader,
    const struct matter_rows *rows,
    const struct json_value *value,
    struct text parent_id)
{
    struct nearest nearest;
    char hint[READ_HINT_BYTES];
    nearest_among(&nearest, reader, parent_id);
    for (size_t i = 0; i < rows->count && nearest_goes_on(&nearest); i++) {
        nearest_try(&nearest, rows->rows[i].matter.id);
    }
    reader_error(
        reader, value, "unknown matter \"%.*s\"%s", TEXT_ARGS(parent_id),
        nearest_hint(&nearest, hint));
}

/* A catalogue has two levels, so a parent that has a parent is a mistake; so is a circle. */
static void check_parent(
    struct reader *reader,
    const struct matter_rows *rows,
    const struct levels *levels,
    const struct matter_row *row)
{
    const struct json_value *value = json_get(row->value, "parent");
    const struct text parent_id = row->matter.parent;
    if (parent_id.bytes == 0) {
        return;
    }
    if (!id_table_has(&levels->all, parent_id)) {
        report_unknown_parent(reader, rows, value, parent_id);
    } else if (id_table_has(&levels->subs, parent_id)) {
        reader_error(
            reader, value,
            "\"%.*s\" has a parent itself; the catalogue has two levels, main items and sub-items",
            TEXT_ARGS(parent_id));
    }
}

static bool levels_fill(struct levels *levels, const struct matter_rows *rows)
{
    bool filled = true;
    for (size_t i = 0; i < rows->count && filled; i++) {
        const struct matter *matter = &rows->rows[i].matter;
        filled = id_table_put(&levels->all, matter->id) &&
                 (matter->parent.bytes == 0 || id_table_put(&levels->subs, matter->id));
    }
    return filled;
}

static void check_rows(struct reader *reader, const struct matter_rows *rows)
{
    struct id_table ids = {0};
    struct levels levels = {0};
    const size_t key_mark = reader_enter_key(reader, TEXT_LITERAL("matters"));
    if (!levels_fill(&levels, rows)) {
        reader_error(reader, NULL, "out of memory");
    }
    for (size_t i = 0; i < rows->count; i++) {
        const size_t mark = reader_enter_index(reader, i);
        (void)id_table_add(&ids, reader, rows->rows[i].value, rows->rows[i].matter.id);
        const size_t parent = reader_enter_key(reader, TEXT_LITERAL("parent"));
        check_parent(reader, rows, &levels, &rows->rows[i]);
        reader_leave(reader, parent);
        reader_leave(reader, mark);
    }
    reader_leave(reader, key_mark);
    id_table_release(&ids);
    id_table_release(&levels.all);
    id_table_release(&levels.subs);
}

static const struct field file_fields[] = {{"matters", read_rows, 0, FIELD_REQUIRED}};

void matters_describe(struct reader *reader, const struct json_value *value, void *target)
{
    struct matter_rows rows = {0};
    (void)target;
    (void)read_object(reader, value, file_fields, FIELD_COUNT(file_fields), &rows);
}

bool matters_read(
    const struct source *source, const struct reading *reading, struct matters_file *ret_file)
{
    struct matter_rows rows = {0};
    struct matters_file file = {0};
    struct reader reader;
    if (reader_open(&reader, source, reading) &&
        read_object(&reader, json_root(reader.doc), file_fields, FIELD_COUNT(file_fields), &rows)) {
        check_rows(&reader, &rows);
        file.matter_count = rows.count;
        file.matters = arena_array(reading->arena, rows.count + 1, sizeof *file.matters);
        if (!file.matters) {
            reader_error(&reader, NULL, "out of memory");
        }
        for (size_t i = 0; file.matters && i < rows.count; i++) {
            file.matters[i] = rows.rows[i].matter;
        }
    }
    if (!reader_close(&reader)) {
        return false;
    }
    *ret_file = file;
    return true;
}
