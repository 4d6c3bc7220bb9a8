/* SPDX-License-Identifier: Apache-2.0 */
/*
 * People: a row is somebody's whose id it names, else of that name in that unit, else somebody new.
 * Roles are written to the unit. The result is read again as the service would read it, so that
 * whatever this file overlooks is found before anything is written.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/import_table.h"

enum {
    PERSON_ID,
    PERSON_NAME,
    PERSON_UNIT,
    PERSON_MOBILE,
    PERSON_DINGTALK,
    PERSON_ZWDD,
    PERSON_WECOM,
    PERSON_EMAIL,
    PERSON_MEMBERS, /* up to here: of the person */
    PERSON_ROLE = PERSON_MEMBERS,
    PERSON_FIELDS
};

static const struct table_field fields[PERSON_FIELDS] = {
    [PERSON_ID] = {"id", "编号|人员编号|工号|id", false},
    [PERSON_NAME] = {"name", "姓名|名字|人员姓名|name", true},
    [PERSON_UNIT] = {"unit", "单位|单位名称|部门|所属单位|unit", false},
    [PERSON_MOBILE] = {"mobile", "手机号|手机|手机号码|电话|联系电话|联系方式|mobile|phone", false},
    [PERSON_DINGTALK] = {"dingtalk", "钉钉|钉钉号|dingtalk", false},
    [PERSON_ZWDD] = {"zwdd", "浙政钉|政务钉钉|zwdd", false},
    [PERSON_WECOM] = {"wecom", "企业微信|政务微信|wecom", false},
    [PERSON_EMAIL] = {"email", "邮箱|电子邮箱|邮件|email|e-mail", false},
    [PERSON_ROLE] = {"role", "角色|职务|职务/角色|岗位|role", false},
};

enum unit_role { ROLE_OF_HEAD, ROLE_OF_DEPUTY, ROLE_OF_LEADER, ROLE_OF_CLERK, ROLE_OF_HANDLER };
#define SINGLE_ROLES ROLE_OF_HANDLER /* those that one person of a unit has */

static const struct {
    const char *key;
    const char *words;
} roles[] = {
    [ROLE_OF_HEAD] = {"head", "负责人|主要负责人|局长|主任|一把手|head"},
    [ROLE_OF_DEPUTY] = {"deputy_head", "副职|副负责人|副局长|副主任|deputy_head|deputy"},
    [ROLE_OF_LEADER] = {"leader", "分管领导|分管负责人|leader"},
    [ROLE_OF_CLERK] = {"clerk", "联络员|内勤|收发员|clerk"},
    [ROLE_OF_HANDLER] = {"handlers", "经办人|承办人|handler|handlers"},
};
#define ROLE_COUNT (sizeof roles / sizeof roles[0])

/* What a row says of one person. */
struct person_row {
    struct text id;
    struct text values[PERSON_MEMBERS];
    const struct person *known; /* NULL: new */
    const struct unit *unit;    /* theirs after the import */
    bool has_role[ROLE_COUNT];
    bool bad;
};

/* Who of the table has the single roles of a unit. */
struct unit_row {
    struct text single[SINGLE_ROLES];
    size_t row[SINGLE_ROLES];
};

struct people_import {
    struct table table;
    struct directory_file file;
    const struct unit *units;
    size_t unit_count;
    struct unit_row *unit_rows; /* [unit_count] */
    struct json_doc *doc;
    struct person_row *rows;
    size_t row_count;
    struct id_table ids;   /* of the table */
    struct id_table known; /* of file and table, for new ids */
    struct import_changes changes;
    size_t same_count;
    size_t bad_rows;
};

/* ---- one row ---- */

/* "138 0000-0001", "+86 138..." and "86138..." as 13800000001; others as they are. */
static struct text mobile_plain(struct people_import *import, struct text cell)
{
    char plain[32];
    size_t count = 0;
    for (size_t i = 0; i < cell.bytes && count < sizeof plain; i++) {
        if (!strchr(" -()", cell.ptr[i])) {
            plain[count++] = cell.ptr[i];
        }
    }
    const size_t plus = count > 0 && plain[0] == '+' ? 1 : 0;
    const bool country = count == plus + 13 && memcmp(plain + plus, "861", 3) == 0;
    const size_t skipped = country ? plus + 2 : 0;
    return arena_text(import->table.arena, (struct text){plain + skipped, count - skipped});
}

static void check_mobile(
    struct people_import *import, const struct csv_row *row, struct text mobile)
{
    size_t digits = 0;
    const size_t plus = mobile.bytes > 0 && mobile.ptr[0] == '+' ? 1 : 0;
    for (size_t i = plus; i < mobile.bytes; i++) {
        digits += mobile.ptr[i] >= '0' && mobile.ptr[i] <= '9';
    }
    const bool all_digits = digits + plus == mobile.bytes;
    const bool abroad = plus && digits >= 7 && digits <= 15;
    const bool mobile_here = !plus && digits == 11 && mobile.ptr[0] == '1' && mobile.ptr[1] >= '3';
    if (all_digits && (abroad || mobile_here)) {
        return;
    }
    if (mobile.bytes > 0 && memchr(mobile.ptr, 'E', mobile.bytes)) {
        import_error(
            &import->table, row, PERSON_MOBILE,
            "a spreadsheet has rounded the number: set the column to text and enter it again");
    } else if (!all_digits) {
        import_error(&import->table, row, PERSON_MOBILE, "a number has digits only");
    } else {
        import_error(
            &import->table, row, PERSON_MOBILE,
            "no mobile number: it has %zu digits; one has 11, from 13 to 19 on, or a + and its "
            "country",
            digits);
    }
}

static const struct person *by_name(
    struct people_import *import, const struct csv_row *row, const struct person_row *person)
{
    size_t count = 0;
    size_t alike = 0;
    const struct person *found = NULL;
    const struct person *people = directory_people(import->file.directory, &count);
    for (size_t i = 0; i < count; i++) {
        const bool same = text_equal(people[i].name, person->values[PERSON_NAME]) &&
                          (!person->unit || text_equal(people[i].unit, person->unit->id));
        found = same ? &people[i] : found;
        alike += same;
    }
    if (alike > 1) {
        import_error(
            &import->table, row, PERSON_NAME,
            "several people have this name%s: add a column for the id",
            person->unit ? " in this unit" : "");
        return NULL;
    }
    return found;
}

/* "unit-a-1": of the unit's id, the first number that nobody has. */
static struct text new_id(struct people_import *import, const struct person_row *person)
{
    char id[READ_ID_BYTES_MAX + 32];
    const struct text unit = person->unit ? person->unit->id : TEXT_LITERAL("p");
    for (size_t number = 1; number < (size_t)CSV_ROWS_MAX * 2; number++) {
        (void)snprintf(id, sizeof id, "%.*s-%zu", TEXT_ARGS(unit), number);
        if (!id_table_has(&import->known, text_of(id))) {
            break;
        }
    }
    return arena_text(import->table.arena, text_of(id));
}

static bool is_word_of(const char *words, struct text word)
{
    while (*words) {
        const size_t bytes = strcspn(words, "|");
        if (word.bytes == bytes && strncasecmp(words, word.ptr, bytes) == 0) {
            return true;
        }
        words += bytes + (words[bytes] == '|');
    }
    return false;
}

static void read_role(
    struct people_import *import,
    const struct csv_row *row,
    struct person_row *person,
    struct text word)
{
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        if (is_word_of(roles[i].words, word)) {
            person->has_role[i] = true;
            return;
        }
    }
    report_add(
        import->table.report, FINDING_WARNING, import->table.from->file, row->number,
        import->table.columns[PERSON_ROLE], "",
        "\"%.*s\" is no role and changes none; roles are 负责人, 副职, 分管领导, 联络员, 经办人",
        TEXT_ARGS(utf8_cut(word, 60)));
}

static size_t parting_bytes(struct text text)
{
    static const char *const partings[] = {"、", "/", ",", "，", ";", "；", "|", " "};
    for (size_t i = 0; i < sizeof partings / sizeof partings[0]; i++) {
        const struct text parting = text_of(partings[i]);
        if (text_starts_with(text, parting)) {
            return parting.bytes;
        }
    }
    return 0;
}

static size_t word_bytes(struct text text)
{
    size_t bytes = 0;
    while (bytes < text.bytes &&
           parting_bytes((struct text){text.ptr + bytes, text.bytes - bytes}) == 0) {
        bytes++;
    }
    return bytes;
}

/* "负责人、联络员" */
static void read_roles(
    struct people_import *import, const struct csv_row *row, struct person_row *person)
{
    struct text rest = import_cell(&import->table, row, PERSON_ROLE);
    while (rest.bytes > 0) {
        const size_t bytes = word_bytes(rest);
        if (bytes > 0) {
            read_role(import, row, person, (struct text){rest.ptr, bytes});
        }
        rest.ptr += bytes;
        rest.bytes -= bytes;
        const size_t parting = parting_bytes(rest);
        rest.ptr += parting;
        rest.bytes -= parting;
    }
}

static void claim_role(
    struct people_import *import,
    const struct csv_row *row,
    const struct person_row *person,
    size_t role)
{
    struct unit_row *unit = &import->unit_rows[person->unit - import->units];
    if (unit->row[role] > 0) {
        import_error(
            &import->table, row, PERSON_ROLE,
            "row %zu already names the %s of this unit: a unit has one", unit->row[role],
            roles[role].key);
        return;
    }
    unit->row[role] = row->number;
    unit->single[role] = person->id;
}

/* Only rows without another mistake take a role, so that a bad row is in nobody's way. */
static void check_roles(
    struct people_import *import, const struct csv_row *row, const struct person_row *person)
{
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        if (!person->has_role[i]) {
            continue;
        }
        if (!person->unit) {
            import_error(&import->table, row, PERSON_ROLE, "a role needs a unit");
        } else if (i < SINGLE_ROLES && import->table.row_errors == 0) {
            claim_role(import, row, person, i);
        }
    }
}

static void find_person(
    struct people_import *import, const struct csv_row *row, struct person_row *person)
{
    struct table *table = &import->table;
    person->id = import_cell(table, row, PERSON_ID);
    if (person->id.bytes > 0) {
        (void)import_is_id(table, row, PERSON_ID, person->id);
        person->known = directory_person(import->file.directory, person->id);
    } else if (person->values[PERSON_NAME].bytes > 0) {
        person->known = by_name(import, row, person);
        person->id = person->known ? person->known->id : new_id(import, person);
    }
    if (!person->unit && person->known) {
        person->unit = directory_unit(import->file.directory, person->known->unit);
    }
    person->values[PERSON_ID] = person->id;
    if (id_table_has(&import->ids, person->id)) {
        import_error(
            table, row, table->columns[PERSON_ID] ? PERSON_ID : PERSON_NAME,
            "the table has this person twice: leave one row out");
    }
}

static void row_read(
    struct people_import *import, const struct csv_row *row, struct person_row *person)
{
    struct table *table = &import->table;
    table->row_errors = 0;
    import_check_row(table, row);
    for (size_t i = 0; i < PERSON_MEMBERS; i++) {
        person->values[i] = import_cell(table, row, i);
    }
    if (person->values[PERSON_NAME].bytes == 0) {
        import_error(table, row, PERSON_NAME, "a name is missing");
    }
    if (person->values[PERSON_UNIT].bytes > 0) {
        person->unit = import_unit(table, row, PERSON_UNIT, import->file.directory);
        person->values[PERSON_UNIT] = person->unit ? person->unit->id : (struct text){0};
    }
    if (person->values[PERSON_MOBILE].bytes > 0) {
        person->values[PERSON_MOBILE] = mobile_plain(import, person->values[PERSON_MOBILE]);
        check_mobile(import, row, person->values[PERSON_MOBILE]);
    }
    find_person(import, row, person);
    read_roles(import, row, person);
    check_roles(import, row, person);
    person->bad = table->row_errors > 0;
    import->bad_rows += person->bad;
}

static bool rows_read(struct people_import *import)
{
    const struct csv *csv = import->table.from->csv;
    size_t count = 0;
    const struct person *people = directory_people(import->file.directory, &count);
    bool held = true;
    import->units = directory_units(import->file.directory, &import->unit_count);
    import->unit_rows =
        arena_array(import->table.arena, import->unit_count + 1, sizeof *import->unit_rows);
    import->rows = arena_array(import->table.arena, csv->row_count, sizeof *import->rows);
    import->row_count = csv->row_count - 1;
    for (size_t i = 0; held && i < count; i++) {
        held = id_table_put(&import->known, people[i].id);
    }
    held = held && import->unit_rows && import->rows;
    for (size_t i = 0; held && i < import->row_count; i++) {
        struct person_row *person = &import->rows[i];
        row_read(import, &csv->rows[i + 1], person);
        held = person->bad ||
               (id_table_put(&import->ids, person->id) && id_table_put(&import->known, person->id));
    }
    return held;
}

/* ---- the file as it would be ---- */

static struct text known_value(
    const struct people_import *import, const struct person *person, size_t field)
{
    size_t count = 0;
    const struct person *people = directory_people(import->file.directory, &count);
    const struct contact *contact = &import->file.contacts[person - people];
    const struct text values[PERSON_MEMBERS] = {
        person->id,        person->name,  person->unit,   contact->mobile,
        contact->dingtalk, contact->zwdd, contact->wecom, contact->email,
    };
    return values[field];
}

static bool put_person(
    struct people_import *import,
    const struct person_row *person,
    const struct json_value *object,
    struct json_out *out)
{
    struct import_member members[PERSON_MEMBERS];
    size_t count = 0;
    struct buf what;
    bool held = true;
    buf_init(&what, 1000);
    for (size_t i = 0; i < PERSON_MEMBERS; i++) {
        const struct text value = person->values[i];
        const bool same = person->known && text_equal(known_value(import, person->known, i), value);
        if (value.bytes > 0 && !same) {
            members[count++] =
                (struct import_member){fields[i].key, import_string(import->table.arena, value)};
            buf_format(&what, "%s%s", what.bytes > 0 ? ", " : "", fields[i].key);
        }
    }
    import_put_object(out, object, members, count);
    import->same_count += count == 0;
    if (count > 0) {
        const struct import_change change = {
            .added = !person->known,
            .id = person->id,
            .name = person->values[PERSON_NAME],
            .what =
                person->known ? arena_text(import->table.arena, buf_view(&what)) : (struct text){0},
        };
        held = import_changes_add(&import->changes, import->table.arena, &change);
    }
    buf_release(&what);
    return held;
}

static const struct person_row *row_of(const struct people_import *import, struct text id)
{
    for (size_t i = 0; id_table_has(&import->ids, id) && i < import->row_count; i++) {
        if (!import->rows[i].bad && text_equal(import->rows[i].id, id)) {
            return &import->rows[i];
        }
    }
    return NULL;
}

static bool put_people(struct people_import *import, struct json_out *out)
{
    bool held = true;
    const struct json_value *value = json_first(json_get(json_root(import->doc), "people"));
    json_out_open(out, '[');
    for (; value && held; value = json_next(value)) {
        const struct person_row *row = row_of(import, json_get_string(value, "id"));
        if (row) {
            held = put_person(import, row, value, out);
        } else {
            json_out_value(out, value);
        }
    }
    for (size_t i = 0; i < import->row_count && held; i++) {
        if (!import->rows[i].bad && !import->rows[i].known) {
            held = put_person(import, &import->rows[i], NULL, out);
        }
    }
    json_out_close(out, ']');
    return held;
}

/* ---- units ---- */

static struct text unit_single(const struct unit *unit, size_t role)
{
    const struct text ids[SINGLE_ROLES] = {
        unit->head, unit->deputy_head, unit->leader, unit->clerk};
    return ids[role];
}

/* Those there are and those of the table; empty when nothing is added. */
static struct text handlers_json(struct people_import *import, const struct unit *unit)
{
    struct buf buf;
    struct json_out out;
    size_t added = 0;
    struct text json = {0};
    buf_init(&buf, (size_t)8 << 20);
    json_out_init(&out, &buf);
    json_out_open(&out, '[');
    for (size_t i = 0; i < unit->handler_count; i++) {
        json_out_string(&out, unit->handlers[i]);
    }
    for (size_t i = 0; i < import->row_count; i++) {
        const struct person_row *person = &import->rows[i];
        bool there = person->bad || person->unit != unit || !person->has_role[ROLE_OF_HANDLER];
        for (size_t k = 0; !there && k < unit->handler_count; k++) {
            there = text_equal(unit->handlers[k], person->id);
        }
        if (!there) {
            json_out_string(&out, person->id);
            added++;
        }
    }
    json_out_close(&out, ']');
    if (added > 0) {
        json = arena_text(import->table.arena, buf_view(&buf));
    }
    buf_release(&buf);
    return json;
}

static bool put_unit(
    struct people_import *import,
    const struct unit *unit,
    const struct json_value *object,
    struct json_out *out)
{
    const struct unit_row *row = &import->unit_rows[unit - import->units];
    struct import_member members[ROLE_COUNT];
    size_t count = 0;
    struct buf what;
    bool held = true;
    buf_init(&what, 1000);
    for (size_t i = 0; i < SINGLE_ROLES; i++) {
        if (row->row[i] > 0 && !text_equal(unit_single(unit, i), row->single[i])) {
            members[count++] = (struct import_member){
                roles[i].key, import_string(import->table.arena, row->single[i])};
            buf_format(
                &what, "%s%s: %.*s -> %.*s", what.bytes > 0 ? ", " : "", roles[i].key,
                TEXT_ARGS(unit_single(unit, i)), TEXT_ARGS(row->single[i]));
        }
    }
    const struct text handlers = handlers_json(import, unit);
    if (handlers.bytes > 0) {
        members[count++] = (struct import_member){roles[ROLE_OF_HANDLER].key, handlers};
        buf_format(&what, "%s%s", what.bytes > 0 ? ", " : "", roles[ROLE_OF_HANDLER].key);
    }
    import_put_object(out, object, members, count);
    if (count > 0) {
        const struct import_change change = {
            .id = unit->id,
            .name = unit->name,
            .what = arena_text(import->table.arena, buf_view(&what)),
        };
        held = import_changes_add(&import->changes, import->table.arena, &change);
    }
    buf_release(&what);
    return held;
}

static bool put_units(struct people_import *import, struct json_out *out)
{
    bool held = true;
    const struct json_value *value = json_first(json_get(json_root(import->doc), "units"));
    json_out_open(out, '[');
    for (; value && held; value = json_next(value)) {
        const struct unit *unit =
            directory_unit(import->file.directory, json_get_string(value, "id"));
        held = unit && put_unit(import, unit, value, out);
    }
    json_out_close(out, ']');
    return held;
}

static bool file_write_out(struct people_import *import, struct text *ret_json)
{
    struct buf units;
    struct buf people;
    struct buf whole;
    struct json_out out;
    buf_init(&units, (size_t)64 << 20);
    buf_init(&people, (size_t)64 << 20);
    buf_init(&whole, (size_t)128 << 20);
    json_out_init(&out, &units);
    bool held = put_units(import, &out);
    json_out_init(&out, &people);
    held = held && put_people(import, &out) && !buf_error(&units) && !buf_error(&people);
    if (held) {
        const struct import_member members[] = {
            {"units", buf_view(&units)}, {"people", buf_view(&people)}};
        json_out_init(&out, &whole);
        import_put_object(&out, json_root(import->doc), members, 2);
        *ret_json = arena_text(import->table.arena, buf_view(&whole));
        held = !buf_error(&whole) && ret_json->ptr;
    }
    buf_release(&units);
    buf_release(&people);
    buf_release(&whole);
    return held;
}

bool import_people(
    const struct import_from *from, const struct reading *reading, struct import_result *ret_result)
{
    struct text json = {0};
    struct directory_file checked;
    struct people_import import = {
        .table =
            {
                .from = from,
                .report = reading->report,
                .arena = reading->arena,
                .fields = fields,
                .field_count = PERSON_FIELDS,
            },
    };
    bool held =
        directory_read(&from->directory, reading, from->key, &import.file) &&
        json_parse(from->directory.json, &json_limits_config, &import.doc, NULL) == ERR_OK &&
        import_open(&import.table) && rows_read(&import) && file_write_out(&import, &json);
    if (held) {
        const struct source source = {.file = from->directory.file, .json = json};
        held = directory_read(&source, reading, from->key, &checked);
    }
    id_table_release(&import.ids);
    id_table_release(&import.known);
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
