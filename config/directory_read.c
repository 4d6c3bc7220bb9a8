/* SPDX-License-Identifier: Apache-2.0 */
/*
 * directory.json: units and people. After reading, references are followed: every person and unit
 * that is named must be there, and no unit may be its own superior. Messages never show a
 * person's number.
 */
#include <string.h>

#include "config/contact_seal.h"
#include "config/describe.h"
#include "config/files.h"
#include "config/refer.h"
#include "rules/leave.h"

/* What is read of a unit or person, with the place for later complaints. */
struct unit_row {
    struct unit unit;
    const struct json_value *value;
};

struct person_row {
    struct person person;
    struct contact contact;
    struct text sealed;
    const struct json_value *value;
};

struct rows {
    struct unit_row *units;
    size_t unit_count;
    struct person_row *people;
    size_t person_count;
};

static void read_id_item(struct reader *reader, const struct json_value *value, void *target)
{
    read_id(reader, value, target);
}

static const struct read_items id_items = {read_id_item, sizeof(struct text), "a list of ids"};

static void read_handlers(struct reader *reader, const struct json_value *value, void *target)
{
    struct unit_row *row = target;
    row->unit.handlers = read_list(reader, value, &id_items, &row->unit.handler_count);
}

static void read_oversees(struct reader *reader, const struct json_value *value, void *target)
{
    struct unit_row *row = target;
    row->unit.oversees_given = true;
    row->unit.oversees = read_list(reader, value, &id_items, &row->unit.oversees_count);
}

#define UNIT_FIELD(name) offsetof(struct unit_row, unit.name)

static void read_unit(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"id", read_id, UNIT_FIELD(id), FIELD_REQUIRED},
        {"name", read_words, UNIT_FIELD(name), FIELD_REQUIRED},
        {"parent", read_id, UNIT_FIELD(parent), FIELD_NULLABLE},
        {"head", read_id, UNIT_FIELD(head), FIELD_NULLABLE},
        {"deputy_head", read_id, UNIT_FIELD(deputy_head), FIELD_NULLABLE},
        {"leader", read_id, UNIT_FIELD(leader), FIELD_NULLABLE},
        {"clerk", read_id, UNIT_FIELD(clerk), FIELD_NULLABLE},
        {"handlers", read_handlers, 0, FIELD_OPTIONAL},
        {"oversight", read_bool, UNIT_FIELD(oversight), FIELD_OPTIONAL},
        {"oversees", read_oversees, 0, FIELD_NULLABLE},
        {"area", read_string, UNIT_FIELD(area), FIELD_NULLABLE},
        {"robot", read_id, UNIT_FIELD(robot), FIELD_NULLABLE},
    };
    struct unit_row *row = target;
    row->value = value;
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), row);
}

static void read_units(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {read_unit, sizeof(struct unit_row), "a list of units"};
    struct rows *rows = target;
    rows->units = read_list(reader, value, &items, &rows->unit_count);
}

/* Digits, perhaps a leading '+'. The message does not repeat it. */
static void read_mobile(struct reader *reader, const struct json_value *value, void *target)
{
    const char *what = "a mobile number of 5 to 15 digits, such as \"13800000000\"";
    const struct text text = json_string(value);
    if (describe_value(reader, "mobile")) {
        return;
    }
    const size_t plus = text.bytes > 0 && text.ptr[0] == '+' ? 1 : 0;
    bool valid =
        json_type(value) == JSON_STRING && text.bytes >= 5 + plus && text.bytes <= 15 + plus;
    for (size_t i = plus; valid && i < text.bytes; i++) {
        valid = text.ptr[i] >= '0' && text.ptr[i] <= '9';
    }
    if (!valid) {
        reader_error(reader, value, "expected %s", what);
        return;
    }
    read_words(reader, value, target);
}

static void read_leave_date(struct reader *reader, const struct json_value *value, void *target)
{
    (void)read_date(reader, value, target);
}

static void read_leave(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"from", read_leave_date, offsetof(struct leave, from), FIELD_REQUIRED},
        {"to", read_leave_date, offsetof(struct leave, to), FIELD_REQUIRED},
        {"delegate", read_id, offsetof(struct leave, delegate), FIELD_NULLABLE},
    };
    struct leave *leave = target;
    const size_t errors = reader->report->error_count;
    if (read_object(reader, value, fields, FIELD_COUNT(fields), leave) &&
        reader->report->error_count == errors && leave->to.number < leave->from.number) {
        reader_error(reader, value, "the leave ends before it begins");
    }
}

static void read_leaves(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_leave, sizeof(struct leave), "a list of leaves [{\"from\", \"to\", \"delegate\"}]"};
    struct person_row *row = target;
    row->person.leaves = read_list(reader, value, &items, &row->person.leave_count);
}

#define PERSON_FIELD(name)  offsetof(struct person_row, person.name)
#define CONTACT_FIELD(name) offsetof(struct person_row, contact.name)

static void read_person(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"id", read_id, PERSON_FIELD(id), FIELD_REQUIRED},
        {"name", read_words, PERSON_FIELD(name), FIELD_REQUIRED},
        {"unit", read_id, PERSON_FIELD(unit), FIELD_NULLABLE},
        {"mobile", read_mobile, CONTACT_FIELD(mobile), FIELD_NULLABLE},
        {"dingtalk", read_words, CONTACT_FIELD(dingtalk), FIELD_NULLABLE},
        {"zwdd", read_words, CONTACT_FIELD(zwdd), FIELD_NULLABLE},
        {"wecom", read_words, CONTACT_FIELD(wecom), FIELD_NULLABLE},
        {"email", read_words, CONTACT_FIELD(email), FIELD_NULLABLE},
        {"leave", read_leaves, 0, FIELD_NULLABLE},
        {CONTACT_SEALED_KEY, read_words, offsetof(struct person_row, sealed), FIELD_OPTIONAL},
    };
    struct person_row *row = target;
    row->value = value;
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), row);
    row->contact.person = row->person.id;
}

static void read_people(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_person, sizeof(struct person_row), "a list of people"};
    struct rows *rows = target;
    rows->people = read_list(reader, value, &items, &rows->person_count);
}

/* ---- what must be there ---- */

static void check_unit_ids(struct reader *reader, const struct rows *rows)
{
    struct id_table ids = {0};
    const size_t key_mark = reader_enter_key(reader, TEXT_LITERAL("units"));
    for (size_t i = 0; i < rows->unit_count; i++) {
        const size_t mark = reader_enter_index(reader, i);
        (void)id_table_add(&ids, reader, rows->units[i].value, rows->units[i].unit.id);
        reader_leave(reader, mark);
    }
    reader_leave(reader, key_mark);
    id_table_release(&ids);
}

static void check_person_ids(struct reader *reader, const struct rows *rows)
{
    struct id_table ids = {0};
    const size_t key_mark = reader_enter_key(reader, TEXT_LITERAL("people"));
    for (size_t i = 0; i < rows->person_count; i++) {
        const size_t mark = reader_enter_index(reader, i);
        (void)id_table_add(&ids, reader, rows->people[i].value, rows->people[i].person.id);
        reader_leave(reader, mark);
    }
    reader_leave(reader, key_mark);
    id_table_release(&ids);
}

typedef void refer_fn(struct reader *reader, const struct json_value *value, struct text id);

static void check_member(
    struct reader *reader,
    const struct json_value *object,
    const char *key,
    struct text id,
    refer_fn *refer)
{
    const size_t mark = reader_enter_key(reader, text_of(key));
    refer(reader, json_get(object, key), id);
    reader_leave(reader, mark);
}

/* The list was read item by item, so values and ids go together. */
static void check_list(
    struct reader *reader, const struct json_value *list, const struct text *ids, refer_fn *refer)
{
    const size_t key_mark = reader_enter_key(reader, json_key(list));
    size_t index = 0;
    for (const struct json_value *item = json_first(list); item; item = json_next(item)) {
        const size_t mark = reader_enter_index(reader, index);
        refer(reader, item, ids[index]);
        reader_leave(reader, mark);
        index++;
    }
    reader_leave(reader, key_mark);
}

static void check_unit(struct reader *reader, const struct unit_row *row)
{
    const struct unit *unit = &row->unit;
    check_member(reader, row->value, "parent", unit->parent, refer_unit);
    check_member(reader, row->value, "head", unit->head, refer_person);
    check_member(reader, row->value, "deputy_head", unit->deputy_head, refer_person);
    check_member(reader, row->value, "leader", unit->leader, refer_person);
    check_member(reader, row->value, "clerk", unit->clerk, refer_person);
    if (unit->handlers) {
        check_list(reader, json_get(row->value, "handlers"), unit->handlers, refer_person);
    }
    if (unit->oversees) {
        check_list(reader, json_get(row->value, "oversees"), unit->oversees, refer_unit);
    }
}

static void check_leave(
    struct reader *reader,
    const struct json_value *value,
    const struct leave *leave,
    struct text person)
{
    check_member(reader, value, "delegate", leave->delegate, refer_person);
    if (leave->delegate.bytes > 0 && text_equal(leave->delegate, person)) {
        reader_error(reader, value, "nobody can be their own delegate");
    }
}

static void check_person(struct reader *reader, const struct person_row *row)
{
    check_member(reader, row->value, "unit", row->person.unit, refer_unit);
    const struct json_value *item = json_first(json_get(row->value, "leave"));
    const size_t key_mark = reader_enter_key(reader, TEXT_LITERAL("leave"));
    for (size_t i = 0; i < row->person.leave_count; i++, item = json_next(item)) {
        const size_t mark = reader_enter_index(reader, i);
        check_leave(reader, item, &row->person.leaves[i], row->person.id);
        reader_leave(reader, mark);
    }
    reader_leave(reader, key_mark);
}

/* Where the way up from each unit leads. Each unit is walked over once, however long the ways. */
enum way { WAY_UNKNOWN, WAY_WALKING, WAY_ENDS, WAY_CIRCLES };

struct ways {
    const struct directory *directory;
    const struct unit *units;
    unsigned char *way; /* by place among the units */
};

/* NULL when there is none above. */
static const struct unit *superior(const struct ways *ways, const struct unit *unit)
{
    return unit->parent.bytes > 0 ? directory_unit(ways->directory, unit->parent) : NULL;
}

static bool superiors_loop(const struct ways *ways, const struct unit *from)
{
    const struct unit *unit = from;
    while (unit && ways->way[unit - ways->units] == WAY_UNKNOWN) {
        ways->way[unit - ways->units] = WAY_WALKING;
        unit = superior(ways, unit);
    }
    const bool ends = !unit || ways->way[unit - ways->units] == WAY_ENDS;
    unit = from;
    while (unit && ways->way[unit - ways->units] == WAY_WALKING) {
        ways->way[unit - ways->units] = ends ? WAY_ENDS : WAY_CIRCLES;
        unit = superior(ways, unit);
    }
    return ways->way[from - ways->units] == WAY_CIRCLES;
}

static void check_references(
    struct reader *reader, const struct rows *rows, const struct directory *directory)
{
    const struct known known = {.directory = directory};
    const struct known *const outside = reader->known;
    size_t unit_count = 0;
    struct ways ways = {.directory = directory, .units = directory_units(directory, &unit_count)};
    ways.way = arena_array(reader->arena, unit_count + 1, sizeof *ways.way);
    if (!ways.way) {
        reader_error(reader, NULL, "out of memory");
        return;
    }
    reader->known = &known;
    const size_t units = reader_enter_key(reader, TEXT_LITERAL("units"));
    for (size_t i = 0; i < rows->unit_count; i++) {
        const size_t mark = reader_enter_index(reader, i);
        check_unit(reader, &rows->units[i]);
        if (superiors_loop(&ways, directory_unit(directory, rows->units[i].unit.id))) {
            reader_error(
                reader, rows->units[i].value, "the superiors of \"%.*s\" go round in a circle",
                TEXT_ARGS(rows->units[i].unit.id));
        }
        reader_leave(reader, mark);
    }
    reader_leave(reader, units);
    const size_t people = reader_enter_key(reader, TEXT_LITERAL("people"));
    for (size_t i = 0; i < rows->person_count; i++) {
        const size_t mark = reader_enter_index(reader, i);
        check_person(reader, &rows->people[i]);
        reader_leave(reader, mark);
    }
    reader_leave(reader, people);
    reader->known = outside;
}

/* ---- result ---- */

static void open_contact(struct reader *reader, struct person_row *row, const uint8_t *key)
{
    if (row->sealed.bytes > 0 && !key) {
        reader_warning(
            reader, row->value,
            "the addresses are sealed: only the service that applied them can open them");
    } else if (row->sealed.bytes > 0) {
        contact_open(reader, row->value, row->sealed, key, &row->contact);
    }
}

static bool open_contacts(struct reader *reader, const struct rows *rows, const uint8_t *key)
{
    const size_t key_mark = reader_enter_key(reader, TEXT_LITERAL("people"));
    for (size_t i = 0; i < rows->person_count; i++) {
        const size_t mark = reader_enter_index(reader, i);
        open_contact(reader, &rows->people[i], key);
        reader_leave(reader, mark);
    }
    reader_leave(reader, key_mark);
    return reader->report->error_count == reader->errors_before;
}

/* The arrays without what only reading needed. NULL directory when memory is out. */
static struct directory_file rows_finish(struct arena *arena, const struct rows *rows)
{
    struct directory_file file = {.contact_count = rows->person_count};
    struct unit *units = arena_array(arena, rows->unit_count + 1, sizeof *units);
    struct person *people = arena_array(arena, rows->person_count + 1, sizeof *people);
    file.contacts = arena_array(arena, rows->person_count + 1, sizeof *file.contacts);
    if (!units || !people || !file.contacts) {
        return file;
    }
    for (size_t i = 0; i < rows->unit_count; i++) {
        units[i] = rows->units[i].unit;
    }
    for (size_t i = 0; i < rows->person_count; i++) {
        people[i] = rows->people[i].person;
        file.contacts[i] = rows->people[i].contact;
    }
    file.directory = directory_build(arena, units, rows->unit_count, people, rows->person_count);
    return file;
}

static const struct field file_fields[] = {
    {"units", read_units, 0, FIELD_REQUIRED},
    {"people", read_people, 0, FIELD_REQUIRED},
};

void directory_describe(struct reader *reader, const struct json_value *value, void *target)
{
    struct rows rows = {0};
    (void)target;
    (void)read_object(reader, value, file_fields, FIELD_COUNT(file_fields), &rows);
}

static void read_rows(
    struct reader *reader, const uint8_t *key, struct rows *rows, struct directory_file *file)
{
    if (!read_object(reader, json_root(reader->doc), file_fields, FIELD_COUNT(file_fields), rows)) {
        return;
    }
    check_unit_ids(reader, rows);
    check_person_ids(reader, rows);
    if (!open_contacts(reader, rows, key)) {
        return;
    }
    *file = rows_finish(reader->arena, rows);
    if (file->directory) {
        check_references(reader, rows, file->directory);
    } else {
        reader_error(reader, NULL, "out of memory");
    }
}

bool directory_read(
    const struct source *source,
    const struct reading *reading,
    const uint8_t *key,
    struct directory_file *ret_file)
{
    struct rows rows = {0};
    struct directory_file file = {0};
    struct reader reader;
    if (reader_open(&reader, source, reading)) {
        read_rows(&reader, key, &rows, &file);
    }
    if (!reader_close(&reader)) {
        return false;
    }
    *ret_file = file;
    return true;
}
