/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue of matters: rows are known by their id. The result is read again as the service
 * would read it, so that whatever this file overlooks is found before anything is written.
 */
#include <string.h>

#include "config/import_table.h"

enum { MATTER_ID, MATTER_TITLE, MATTER_PARENT, MATTER_OWNER, MATTER_UNIT, MATTER_FIELDS };

static const struct table_field fields[MATTER_FIELDS] = {
    [MATTER_ID] = {"id", "编号|事项编号|事项编码|编码|id", true},
    [MATTER_TITLE] = {"title", "名称|事项名称|事项|标题|title|name", true},
    [MATTER_PARENT] = {"parent", "上级|上级编号|主项|主项编号|主项编码|parent", false},
    [MATTER_OWNER] = {"owner", "责任人|负责人|owner", false},
    [MATTER_UNIT] = {"unit", "单位|责任单位|承办单位|部门|unit", false},
};

/* What a row says of one matter. */
struct matter_row {
    struct text id;
    struct text values[MATTER_FIELDS];
    const struct matter *known; /* NULL: new */
    bool bad;
};

struct matters_import {
    struct table table;
    struct directory_file directory;
    struct matters_file matters;
    struct json_doc *doc;
    struct matter_row *rows;
    size_t row_count;
    struct id_table ids; /* of the table */
    struct import_changes changes;
    size_t same_count;
    size_t bad_rows;
};

static const struct matter *matter_known(const struct matters_import *import, struct text id)
{
    for (size_t i = 0; i < import->matters.matter_count; i++) {
        if (text_equal(import->matters.matters[i].id, id)) {
            return &import->matters.matters[i];
        }
    }
    return NULL;
}

static void row_read(
    struct matters_import *import, const struct csv_row *row, struct matter_row *ret_row)
{
    struct table *table = &import->table;
    const struct directory *directory = import->directory.directory;
    table->row_errors = 0;
    import_check_row(table, row);
    for (size_t i = 0; i < MATTER_FIELDS; i++) {
        ret_row->values[i] = import_cell(table, row, i);
    }
    ret_row->id = ret_row->values[MATTER_ID];
    ret_row->known = matter_known(import, ret_row->id);
    if (import_is_id(table, row, MATTER_ID, ret_row->id) &&
        id_table_has(&import->ids, ret_row->id)) {
        import_error(table, row, MATTER_ID, "the table has this id twice: leave one row out");
    }
    if (ret_row->values[MATTER_TITLE].bytes == 0 && !ret_row->known) {
        import_error(table, row, MATTER_TITLE, "a new matter needs a title");
    }
    if (ret_row->values[MATTER_UNIT].bytes > 0) {
        const struct unit *unit = import_unit(table, row, MATTER_UNIT, directory);
        ret_row->values[MATTER_UNIT] = unit ? unit->id : (struct text){0};
    }
    if (ret_row->values[MATTER_OWNER].bytes > 0) {
        const struct person *owner = import_person(table, row, MATTER_OWNER, directory);
        ret_row->values[MATTER_OWNER] = owner ? owner->id : (struct text){0};
    }
    ret_row->bad = table->row_errors > 0;
}

/* A parent may stand further down in the table, but not in a row that is left out. */
static void check_parents(struct matters_import *import)
{
    const struct csv *csv = import->table.from->csv;
    for (size_t i = 0; i < import->row_count; i++) {
        struct matter_row *row = &import->rows[i];
        const struct text parent = row->values[MATTER_PARENT];
        if (!row->bad && parent.bytes > 0 && !matter_known(import, parent) &&
            !id_table_has(&import->ids, parent)) {
            import_error(
                &import->table, &csv->rows[i + 1], MATTER_PARENT,
                "there is no matter of this id, neither in the file nor in the table");
            row->bad = true;
        }
        import->bad_rows += row->bad;
    }
}

static bool rows_read(struct matters_import *import)
{
    const struct csv *csv = import->table.from->csv;
    import->row_count = csv->row_count - 1;
    import->rows = arena_array(import->table.arena, csv->row_count, sizeof *import->rows);
    for (size_t i = 0; import->rows && i < import->row_count; i++) {
        row_read(import, &csv->rows[i + 1], &import->rows[i]);
        if (!import->rows[i].bad && !id_table_put(&import->ids, import->rows[i].id)) {
            return false;
        }
    }
    if (import->rows) {
        check_parents(import);
    }
    return import->rows != NULL;
}

/* ---- the file as it would be ---- */

static struct text known_value(const struct matter *matter, size_t field)
{
    const struct text values[MATTER_FIELDS] = {
        matter->id, matter->title, matter->parent, matter->owner, matter->unit};
    return values[field];
}

static size_t row_members(
    const struct matters_import *import,
    const struct matter_row *row,
    struct import_member *members,
    struct buf *what)
{
    size_t count = 0;
    for (size_t i = 0; i < MATTER_FIELDS; i++) {
        const bool same = row->known && text_equal(known_value(row->known, i), row->values[i]);
        if (row->values[i].bytes > 0 && !same) {
            members[count++] = (struct import_member){
                fields[i].key, import_string(import->table.arena, row->values[i])};
            buf_format(what, "%s%s", what->bytes > 0 ? ", " : "", fields[i].key);
        }
    }
    return count;
}

static bool put_row(
    struct matters_import *import,
    const struct matter_row *row,
    const struct json_value *object,
    struct json_out *out)
{
    struct import_member members[MATTER_FIELDS];
    struct buf what;
    bool held = true;
    buf_init(&what, 1000);
    const size_t count = row_members(import, row, members, &what);
    import_put_object(out, object, members, count);
    import->same_count += count == 0;
    if (count > 0) {
        const struct import_change change = {
            .added = !row->known,
            .id = row->id,
            .name = row->values[MATTER_TITLE].bytes == 0 && row->known ? row->known->title
                                                                       : row->values[MATTER_TITLE],
            .what =
                row->known ? arena_text(import->table.arena, buf_view(&what)) : (struct text){0},
        };
        held = import_changes_add(&import->changes, import->table.arena, &change);
    }
    buf_release(&what);
    return held;
}

static const struct matter_row *row_of(const struct matters_import *import, struct text id)
{
    for (size_t i = 0; i < import->row_count; i++) {
        if (!import->rows[i].bad && text_equal(import->rows[i].id, id)) {
            return &import->rows[i];
        }
    }
    return NULL;
}

static bool put_matters(struct matters_import *import, struct json_out *out)
{
    bool held = true;
    json_out_open(out, '[');
    const struct json_value *value = json_first(json_get(json_root(import->doc), "matters"));
    for (; value && held; value = json_next(value)) {
        const struct matter_row *row = row_of(import, json_get_string(value, "id"));
        if (row) {
            held = put_row(import, row, value, out);
        } else {
            json_out_value(out, value);
        }
    }
    for (size_t i = 0; i < import->row_count && held; i++) {
        if (!import->rows[i].bad && !import->rows[i].known) {
            held = put_row(import, &import->rows[i], NULL, out);
        }
    }
    json_out_close(out, ']');
    return held;
}

static bool file_write_out(struct matters_import *import, struct text *ret_json)
{
    struct buf list;
    struct buf whole;
    struct json_out out;
    buf_init(&list, (size_t)64 << 20);
    buf_init(&whole, (size_t)64 << 20);
    json_out_init(&out, &list);
    bool held = put_matters(import, &out) && !buf_error(&list);
    if (held) {
        const struct import_member member = {"matters", buf_view(&list)};
        json_out_init(&out, &whole);
        import_put_object(&out, json_root(import->doc), &member, 1);
        *ret_json = arena_text(import->table.arena, buf_view(&whole));
        held = !buf_error(&whole) && ret_json->ptr;
    }
    buf_release(&list);
    buf_release(&whole);
    return held;
}

static bool result_check(
    const struct matters_import *import, const struct reading *reading, struct text json)
{
    struct matters_file file;
    const struct source source = {.file = import->table.from->matters.file, .json = json};
    const struct reading again = {
        .arena = reading->arena,
        .report = reading->report,
        .known.directory = import->directory.directory,
    };
    return matters_read(&source, &again, &file);
}

static bool files_open(struct matters_import *import, const struct reading *reading)
{
    const struct import_from *from = import->table.from;
    struct reading with_people = *reading;
    if (!directory_read(&from->directory, reading, from->key, &import->directory)) {
        return false;
    }
    with_people.known.directory = import->directory.directory;
    return matters_read(&from->matters, &with_people, &import->matters) &&
           json_parse(from->matters.json, &json_limits_config, &import->doc, NULL) == ERR_OK;
}

bool import_matters(
    const struct import_from *from, const struct reading *reading, struct import_result *ret_result)
{
    struct text json = {0};
    struct matters_import import = {
        .table =
            {
                .from = from,
                .report = reading->report,
                .arena = reading->arena,
                .fields = fields,
                .field_count = MATTER_FIELDS,
            },
    };
    const bool held = files_open(&import, reading) && import_open(&import.table) &&
                      rows_read(&import) && file_write_out(&import, &json) &&
                      result_check(&import, reading, json);
    id_table_release(&import.ids);
    json_free(import.doc);
    if (held) {
        *ret_result = (struct import_result){
            .json = json,
            .changes = import.changes.items,
            .change_count = import.changes.count,
            .same_count = import.same_count,
            .bad_rows = import.bad_rows,
        };
    }
    return held;
}
