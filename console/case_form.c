/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See case_form.h.
 */
#include "console/case_form.h"

#include <stdio.h>
#include <string.h>

#include "config/event_json.h"
#include "console/own_event.h"

#define TITLE_BYTES 1000
#define WORD_BYTES  256
#define LABELS_MAX  64

void case_form_error(struct case_form *form, const char *field, struct two_words words)
{
    if (form->error_count < CASE_FORM_ERRORS_MAX) {
        form->errors[form->error_count++] = (struct field_error){.field = field, .words = words};
    }
}

static void refuse(struct case_form *form, const char *field, const char *zh, const char *en)
{
    case_form_error(form, field, (struct two_words){zh, en});
}

static struct text text_member(
    struct case_form *form, const struct json_value *row, const char *key, size_t bytes_max)
{
    const struct json_value *value = json_get(row, key);
    const struct text text = json_string(value);
    if (value && json_type(value) != JSON_NULL && json_type(value) != JSON_STRING) {
        refuse(form, key, "应为文字", "must be text");
    } else if (text.bytes > bytes_max) {
        refuse(form, key, "内容过长", "too long");
    }
    return text;
}

/* ---- each member ---- */

static void check_id(struct case_form *form)
{
    if (form->id.bytes > EVENT_SUBJECT_BYTES_MAX) {
        refuse(form, "id", "编号过长（最多 128 字节）", "too long: at most 128 bytes");
        return;
    }
    if (text_is(form->id, ".") || text_is(form->id, "..")) { /* no address leads to these */
        refuse(form, "id", "编号不能只是点", "an id is more than dots");
        return;
    }
    for (size_t index = 0; index < form->id.bytes; index++) {
        const char c = form->id.ptr[index];
        if ((unsigned char)c < 0x20 || c == 0x7f || strchr("/?#\\", c)) {
            refuse(
                form, "id", "编号不能含有 / ? # \\ 和控制字符",
                "an id has no / ? # \\ and no control character");
            return;
        }
    }
}

static void check_matter(const struct view *view, struct case_form *form)
{
    if (form->title.bytes == 0) {
        refuse(form, "title", "请填写标题", "fill in the title");
    }
    if (form->matter.bytes == 0) {
        refuse(form, "matter", "请选择事项", "choose the matter");
    } else if (
        view->bundle->sources.matters.json.bytes > 0 &&
        !directory_matter(view_policy(view)->directory, form->matter)) {
        refuse(form, "matter", "事项目录中没有此事项", "the catalogue has no such matter");
    }
}

static bool is_of(const struct unit *unit, const struct person *person)
{
    return text_equal(person->unit, unit->id) ||
           text_is_among(person->id, unit->handlers, unit->handler_count);
}

static void check_unit(const struct view *view, struct case_form *form)
{
    const struct directory *directory = view_policy(view)->directory;
    const struct unit *unit = directory_unit(directory, form->unit);
    const struct person *handler = directory_person(directory, form->handler);
    if (form->unit.bytes == 0) {
        refuse(form, "unit", "请选择承办单位", "choose the responsible unit");
    } else if (!unit) {
        refuse(form, "unit", "通讯录中没有这个单位", "the directory has no such unit");
    }
    if (form->handler.bytes > 0 && !handler) {
        refuse(form, "handler", "通讯录中没有此人", "the directory has no such person");
    } else if (handler && unit && !is_of(unit, handler)) {
        refuse(form, "handler", "此人不在该单位", "this person is not of that unit");
    }
    if (form->from_unit.bytes > 0 && !directory_unit(directory, form->from_unit)) {
        refuse(form, "from_unit", "通讯录中没有这个单位", "the directory has no such unit");
    }
}

/* A case goes from or to a unit of one's own. */
static void check_scope(const struct view *view, struct case_form *form)
{
    const struct scope *scope = actor_scope(view->actor, RIGHT_REGISTER);
    if (!scope_has(scope, form->unit) && !scope_has(scope, form->from_unit)) {
        refuse(
            form, "unit", "只能登记本单位（或所督查范围内）发出或承办的办件",
            "only cases from or to a unit of your own can be registered");
    }
}

static void check_due(const struct view *view, struct case_form *form)
{
    struct civil_day day;
    struct wall_ms at = {0};
    if (form->due.bytes == 0) {
        return;
    }
    if (!civil_parse(form->due, &day)) {
        at = calendar_end_of(view_policy(view)->calendar, day);
    } else if (wall_parse(form->due.ptr, form->due.bytes, &at)) {
        refuse(
            form, "due", "应为日期（如 2026-02-13）或带时区的时间",
            "must be a date such as 2026-02-13, or an instant with its offset");
        return;
    }
    if (at.ms <= view->now.ms) {
        refuse(form, "due", "到期时间已过", "this due has passed already");
    }
}

static void check_received(const struct view *view, struct case_form *form)
{
    const struct text text = json_string(form->received);
    struct wall_ms at = {0};
    if (!form->received) {
        return;
    }
    if (text.bytes == 0 || wall_parse(text.ptr, text.bytes, &at)) {
        refuse(form, "received", "应为带时区的时间", "must be an instant with its offset");
    } else if (at.ms > view->now.ms) {
        refuse(form, "received", "收件时间不能晚于现在", "it cannot be received in the future");
    }
}

static void check_co_units(const struct view *view, struct case_form *form)
{
    const struct json_value *item = json_first(form->co_units);
    if (!form->co_units) {
        return;
    }
    if (json_type(form->co_units) != JSON_ARRAY ||
        json_count(form->co_units) > CASE_FORM_CO_UNITS) {
        refuse(form, "co_units", "应为协办单位的列表", "must be a list of units");
        return;
    }
    for (; item; item = json_next(item)) {
        const struct text id = json_string(item);
        if (!directory_unit(view_policy(view)->directory, id)) {
            refuse(form, "co_units", "通讯录中没有这个协办单位", "the directory has no such unit");
            return;
        }
        if (text_equal(id, form->unit)) {
            refuse(
                form, "co_units", "主办单位不能同时是协办单位",
                "the host cannot be a co-handling unit too");
            return;
        }
    }
}

static void check_labels(struct case_form *form)
{
    const struct json_value *item = json_first(form->labels);
    bool good = !form->labels ||
                (json_type(form->labels) == JSON_OBJECT && json_count(form->labels) <= LABELS_MAX);
    for (; item && good; item = json_next(item)) {
        good = json_type(item) == JSON_STRING && json_string(item).bytes <= WORD_BYTES;
    }
    if (!good) {
        refuse(form, "labels", "标签应为文字", "labels are texts by their names");
    }
}

static const struct json_value *given(const struct json_value *row, const char *key)
{
    const struct json_value *value = json_get(row, key);
    return json_type(value) == JSON_NULL ? NULL : value;
}

static void check_names(struct case_form *form, const struct json_value *row)
{
    const char *const known = " " CASE_FORM_MEMBERS " ";
    const struct json_value *member = json_type(row) == JSON_OBJECT ? json_first(row) : NULL;
    if (json_type(row) != JSON_OBJECT) {
        refuse(form, "row", "每行应为一个对象", "each row must be an object");
    }
    for (; member; member = json_next(member)) {
        char name[64];
        (void)snprintf(name, sizeof(name), " %.*s ", TEXT_ARGS(utf8_cut(json_key(member), 60)));
        if (!strstr(known, name)) {
            refuse(
                form, "row", "有无法识别的列",
                "there is a column nobody knows; there are: " CASE_FORM_MEMBERS);
            return;
        }
    }
}

void case_form_read(
    const struct view *view, const struct json_value *row, struct case_form *ret_form)
{
    struct case_form *form = ret_form;
    *form = (struct case_form){0};
    check_names(form, row);
    form->id = text_member(form, row, "id", EVENT_BYTES_MAX);
    form->title = text_member(form, row, "title", TITLE_BYTES);
    form->matter = text_member(form, row, "matter", WORD_BYTES);
    form->unit = text_member(form, row, "unit", WORD_BYTES);
    form->handler = text_member(form, row, "handler", WORD_BYTES);
    form->from_unit = text_member(form, row, "from_unit", WORD_BYTES);
    form->due = text_member(form, row, "due", WORD_BYTES);
    form->number = text_member(form, row, "number", WORD_BYTES);
    form->leader = text_member(form, row, "leader", WORD_BYTES);
    form->co_units = given(row, "co_units");
    form->labels = given(row, "labels");
    form->received = given(row, "received");
    if (form->from_unit.bytes == 0) {
        form->from_unit = view->actor->unit;
    }
    check_id(form);
    check_matter(view, form);
    check_unit(view, form);
    if (form->error_count == 0) {
        check_scope(view, form);
    }
    check_due(view, form);
    check_received(view, form);
    check_co_units(view, form);
    check_labels(form);
}

/* ---- the event ---- */

void case_form_event_id(struct text case_id, char ret_id[static CASE_FORM_EVENT_ID_BYTES])
{
    /* Of one instant events count in the order of their ids: this one before all others. */
    (void)snprintf(ret_id, CASE_FORM_EVENT_ID_BYTES, "-register-%.*s", TEXT_ARGS(case_id));
}

static void put_if_any(struct json_out *out, const char *key, struct text value)
{
    if (value.bytes > 0) {
        json_out_member(out, key, value);
    }
}

static void put_data(
    const struct view *view, const struct case_form *form, const char *word, struct json_out *out)
{
    json_out_open(out, '{');
    json_out_member(out, "title", form->title);
    json_out_member(out, "matter", form->matter);
    json_out_member(out, "unit", form->unit);
    put_if_any(out, "handler", form->handler);
    put_if_any(out, "from_unit", form->from_unit);
    put_if_any(out, "due", form->due);
    put_if_any(out, "number", form->number);
    put_if_any(out, "leader", form->leader);
    if (form->co_units) {
        json_out_key(out, "co_units");
        json_out_value(out, form->co_units);
    }
    if (form->labels) {
        json_out_key(out, "labels");
        json_out_value(out, form->labels);
    }
    json_out_member(out, "registered_by", own_event_by(view->actor, (struct text){0}));
    json_out_member(out, "registration", text_of(word));
    json_out_close(out, '}');
}

void case_form_event(
    const struct view *view,
    const struct case_form *form,
    struct text id,
    const char *word,
    struct buf *buf)
{
    char event_id[CASE_FORM_EVENT_ID_BYTES];
    struct json_out out;
    case_form_event_id(id, event_id);
    const struct own_event event = {
        .kind = TEXT_LITERAL("received"),
        .id = text_of(event_id),
        .subject = id,
        .time = form->received,
    };
    json_out_init(&out, buf);
    own_event_open(view, &out, &event);
    json_out_key(&out, "data");
    put_data(view, form, word, &out);
    json_out_close(&out, '}');
}
