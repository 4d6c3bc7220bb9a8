/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of http-sms, a gateway that is described in configuration alone: headers, body and
 * receipts. Objects become options with dotted names; a body and lists stay JSON.
 */
#include <stdio.h>
#include <string.h>

#include "config/channel_options.h"
#include "config/describe.h"
#include "config/gateway_test.h"
#include "config/gateway_text.h"

#define HEADERS_MAX      12
#define HEADER_NAME_MAX  64
#define BODY_BYTES_MAX   ((size_t)16 << 10)
#define RECEIPT_CODE_MAX 64

static void add_text(
    struct channel_reading *reading, const struct json_value *value, const char *name)
{
    struct text text = {0};
    read_words(reading->reader, value, &text);
    if (text.bytes > 0) {
        channel_option_add(reading, name, text, false);
    }
}

static bool check(
    struct channel_reading *reading,
    const struct json_value *value,
    enum err (*check_text)(struct text text, struct err_why *why))
{
    struct err_why why = {0};
    if (json_type(value) != JSON_STRING || check_text(json_string(value), &why) == ERR_OK) {
        return true; /* what is no text is told by whoever reads it as one */
    }
    reader_error(reading->reader, value, "%s", why.text);
    return false;
}

static void add_json(
    struct channel_reading *reading, const struct json_value *value, const char *name)
{
    struct buf json;
    struct json_out out;
    buf_init(&json, BODY_BYTES_MAX);
    json_out_init(&out, &json);
    json_out_value(&out, value);
    if (buf_error(&json) != ERR_OK) {
        reader_error(reading->reader, value, "longer than %zu bytes", BODY_BYTES_MAX);
    } else {
        channel_option_add(reading, name, reader_keep(reading->reader, buf_view(&json)), false);
    }
    buf_release(&json);
}

/* ---- request ---- */

void option_read_url_pattern(struct channel_reading *reading, const struct json_value *value)
{
    if (!settings_is_url(json_string(value), "http://", "https://")) {
        char got[READ_GOT_BYTES];
        reader_error(
            reading->reader, value,
            "expected an address that begins with http:// or https://, got %s",
            read_got(value, got));
        return;
    }
    if (check(reading, value, gateway_text_check)) {
        reading->channel->url = reader_keep(reading->reader, json_string(value));
    }
}

static bool is_header_name(struct text name)
{
    bool valid = name.bytes > 0 && name.bytes <= HEADER_NAME_MAX;
    for (size_t i = 0; valid && i < name.bytes; i++) {
        const char c = name.ptr[i];
        valid = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                c == '-' || c == '_';
    }
    return valid;
}

static void read_header(struct channel_reading *reading, const struct json_value *header)
{
    char name[HEADER_NAME_MAX + 16];
    if (!is_header_name(json_key(header))) {
        reader_error(
            reading->reader, header, "a header's name has 1 to %d letters, digits, '-' or '_'",
            HEADER_NAME_MAX);
        return;
    }
    (void)snprintf(name, sizeof name, "headers.%.*s", TEXT_ARGS(json_key(header)));
    if (check(reading, header, gateway_text_check)) {
        add_text(reading, header, name);
    }
}

void option_read_headers(struct channel_reading *reading, const struct json_value *value)
{
    struct reader *reader = reading->reader;
    if (!read_is(reader, value, JSON_OBJECT, "an object of headers {...}")) {
        return;
    }
    if (json_count(value) > HEADERS_MAX) {
        reader_error(reader, value, "more than %d headers", HEADERS_MAX);
        return;
    }
    for (const struct json_value *header = json_first(value); header; header = json_next(header)) {
        if (reader_remark(reader, header)) {
            continue;
        }
        const size_t mark = reader_enter_key(reader, json_key(header));
        read_header(reading, header);
        reader_leave(reader, mark);
    }
}

/* Every text within, however deep; the file's own depth is bounded. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the file may be */
static void check_body(struct channel_reading *reading, const struct json_value *value)
{
    struct reader *reader = reading->reader;
    size_t index = 0;
    (void)check(reading, value, gateway_text_check);
    for (const struct json_value *child = json_first(value); child; child = json_next(child)) {
        const size_t mark = json_key(child).bytes > 0 ? reader_enter_key(reader, json_key(child))
                                                      : reader_enter_index(reader, index++);
        check_body(reading, child);
        reader_leave(reader, mark);
    }
}

/* A form's values stand beside each other; what goes deeper is for JSON. */
static void check_form(struct channel_reading *reading, const struct json_value *body)
{
    struct reader *reader = reading->reader;
    for (const struct json_value *child = json_first(body); child; child = json_next(child)) {
        const size_t mark = reader_enter_key(reader, json_key(child));
        (void)read_is(reader, child, JSON_STRING, "a text with placeholders");
        reader_leave(reader, mark);
    }
}

/* body_type may stand behind it in the file: it is looked up, not remembered. */
void option_read_body(struct channel_reading *reading, const struct json_value *value)
{
    const struct text type = channel_option(reading->channel, "body_type");
    const bool of_values = type.bytes == 0 || text_is(type, "form") || text_is(type, "json");
    const enum json_type wanted = of_values ? JSON_OBJECT : JSON_STRING;
    if (!read_is(
            reading->reader, value, wanted,
            of_values ? "an object of values (a body of form or json)"
                      : "a text (a body of xml or text)")) {
        return;
    }
    check_body(reading, value);
    if (of_values && !text_is(type, "json")) {
        check_form(reading, value);
    }
    add_json(reading, value, "body");
}

/* ---- answer ---- */

void option_read_test(
    struct channel_reading *reading, const struct json_value *value, const char *name)
{
    if (check(reading, value, gateway_test_check)) {
        add_text(reading, value, name);
    }
}

void option_read_value(
    struct channel_reading *reading, const struct json_value *value, const char *name)
{
    if (check(reading, value, gateway_value_check)) {
        add_text(reading, value, name);
    }
}

/* ---- receipts ---- */

static void shape_text(struct reader *reader, const struct json_value *value, void *target)
{
    (void)value;
    (void)target;
    (void)describe_value(reader, "words");
}

static void shape_codes(struct reader *reader, const struct json_value *value, void *target)
{
    (void)value;
    (void)target;
    (void)describe_value(reader, "receipt_codes");
}

static const struct field receipt_fields[] = {
    {"each", shape_text, 0, FIELD_OPTIONAL},       {"id", shape_text, 0, FIELD_OPTIONAL},
    {"gateway_id", shape_text, 0, FIELD_OPTIONAL}, {"status", shape_text, 0, FIELD_OPTIONAL},
    {"delivered", shape_codes, 0, FIELD_OPTIONAL}, {"undelivered", shape_codes, 0, FIELD_OPTIONAL},
    {"queued", shape_codes, 0, FIELD_OPTIONAL},    {"reply_from", shape_text, 0, FIELD_OPTIONAL},
    {"reply_text", shape_text, 0, FIELD_OPTIONAL}, {"answer", shape_text, 0, FIELD_OPTIONAL},
};

void option_shape_receipt(struct reader *reader, const struct json_value *value, void *target)
{
    (void)value;
    (void)describe_object(reader, receipt_fields, FIELD_COUNT(receipt_fields), target);
}

void option_shape_headers(struct reader *reader, const struct json_value *value, void *target)
{
    (void)value;
    (void)target;
    (void)describe_map(reader, "header_name", shape_text, NULL);
}

static void read_codes(
    struct channel_reading *reading, const struct json_value *value, const char *name)
{
    struct reader *reader = reading->reader;
    size_t at = 0;
    if (!read_is(reader, value, JSON_ARRAY, "a list of codes such as [\"DELIVRD\"]")) {
        return;
    }
    if (json_count(value) > RECEIPT_CODE_MAX) {
        reader_error(reader, value, "more than %d codes", RECEIPT_CODE_MAX);
        return;
    }
    for (const struct json_value *item = json_first(value); item; item = json_next(item)) {
        struct text code = {0};
        const size_t mark = reader_enter_index(reader, at++);
        read_words(reader, item, &code);
        reader_leave(reader, mark);
    }
    add_json(reading, value, name);
}

static void read_receipt_key(
    struct channel_reading *reading, const struct json_value *value, const struct field *field)
{
    char name[48];
    const size_t mark = reader_enter_key(reading->reader, json_key(value));
    (void)snprintf(name, sizeof name, "receipt.%s", field->key);
    if (field->read == shape_codes) {
        read_codes(reading, value, name);
    } else if (strcmp(field->key, "answer") == 0) {
        add_text(reading, value, name);
    } else {
        option_read_value(reading, value, name);
    }
    reader_leave(reading->reader, mark);
}

void option_read_receipt(struct channel_reading *reading, const struct json_value *value)
{
    int none = 0;
    if (!read_object(reading->reader, value, receipt_fields, FIELD_COUNT(receipt_fields), &none)) {
        return;
    }
    for (size_t i = 0; i < FIELD_COUNT(receipt_fields); i++) {
        const struct json_value *member = json_get(value, receipt_fields[i].key);
        if (member) {
            read_receipt_key(reading, member, &receipt_fields[i]);
        }
    }
    if (channel_option(reading->channel, "receipt_secret").bytes == 0) {
        reader_warning(
            reading->reader, value,
            "call-backs cannot come: without \"receipt_secret\" they have no address");
    }
    const struct text answer = json_get_string(value, "answer");
    if (answer.bytes > 0) {
        reading->channel->receipt_reply = reader_keep(reading->reader, answer).ptr;
    }
}
