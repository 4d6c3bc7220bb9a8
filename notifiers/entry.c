/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One reader for outbox items and mail entries, because a mail entry is an outbox item with a
 * few members more. Field names are the contract with the monitor and the ledger
 * (docs/journal.md).
 */
#include "notifiers/entry.h"

#include <inttypes.h>
#include <stdio.h>

static const struct json_limits entry_limits = {
    .bytes_max = (size_t)1024 * 1024,
    .depth_max = 8,
    .values_max = 16384,
};

static const char *const send_names[SEND_WHEN_COUNT] = {
    [SEND_NOW] = "now",
    [SEND_DAY] = "day",
    [SEND_OFFICE] = "office",
};

/* ---- reading ---- */

struct entry_reader {
    const struct json_value *object;
    struct arena *arena;
    bool out_of_memory;
};

static struct text read_text(struct entry_reader *reader, const char *key)
{
    const struct text text = arena_text(reader->arena, json_get_string(reader->object, key));
    reader->out_of_memory |= !text.ptr;
    return text;
}

static int64_t read_i64(struct entry_reader *reader, const char *key)
{
    int64_t number = 0;
    return json_i64(json_get(reader->object, key), &number) == ERR_OK ? number : 0;
}

static int32_t read_i32(struct entry_reader *reader, const char *key)
{
    const int64_t number = read_i64(reader, key);
    return number >= 0 && number <= INT32_MAX ? (int32_t)number : 0;
}

static struct wall_ms read_instant(struct entry_reader *reader, const char *key)
{
    return wall_add((struct wall_ms){.ms = 0}, read_i64(reader, key));
}

static bool read_bool(struct entry_reader *reader, const char *key)
{
    return json_is_true(json_get(reader->object, key));
}

static struct text_list read_list(struct entry_reader *reader, const char *key)
{
    const struct json_value *list = json_get(reader->object, key);
    const size_t count = json_type(list) == JSON_ARRAY ? json_count(list) : 0;
    struct text *items = arena_array(reader->arena, count + 1, sizeof(*items));
    if (!items) {
        reader->out_of_memory = true;
        return (struct text_list){0};
    }
    const struct json_value *item = json_first(list);
    for (size_t index = 0; index < count; index++, item = json_next(item)) {
        items[index] = arena_text(reader->arena, json_string(item));
        reader->out_of_memory |= !items[index].ptr;
    }
    return (struct text_list){.items = items, .count = count};
}

static enum send_when read_send(struct entry_reader *reader)
{
    const struct text name = json_get_string(reader->object, "send");
    if (text_is(name, send_names[SEND_NOW])) {
        return SEND_NOW;
    }
    return text_is(name, send_names[SEND_DAY]) ? SEND_DAY : SEND_OFFICE;
}

static void read_values(struct entry_reader *reader, struct alert_values *values)
{
    values->title = read_text(reader, "title");
    values->matter = read_text(reader, "matter");
    values->unit = read_text(reader, "unit");
    values->handler = read_text(reader, "handler");
    values->unit_id = read_text(reader, "unit_id");
    values->clock = read_text(reader, "clock");
    values->stage = read_text(reader, "stage");
    values->has_due = json_type(json_get(reader->object, "due")) == JSON_NUMBER;
    values->due = read_instant(reader, "due");
}

static void read_alert(struct entry_reader *reader, struct mail_entry *entry)
{
    entry->alert = read_text(reader, "alert");
    entry->case_id = read_text(reader, "case");
    entry->clock = read_text(reader, "clock");
    entry->run = read_i32(reader, "run");
    entry->stage = read_text(reader, "stage");
    entry->instant = read_instant(reader, "instant");
    entry->fired_at = read_instant(reader, "fired_at");
    entry->light = read_text(reader, "light");
    entry->to = read_list(reader, "to");
    entry->template_id = read_text(reader, "template");
    entry->send = read_send(reader);
    entry->urgent = read_bool(reader, "urgent");
    entry->ordinal = read_i64(reader, "ordinal");
    entry->rules = read_i64(reader, "rules");
    entry->test = read_bool(reader, "test");
}

static void read_course(struct entry_reader *reader, struct mail_entry *entry)
{
    entry->rest = read_list(reader, json_get(reader->object, "rest") ? "rest" : "via");
    entry->all = read_bool(reader, "all");
    entry->attempts = read_i32(reader, "attempts");
    entry->unsures = read_i32(reader, "unsures");
    entry->first_at = read_instant(reader, "first_at");
    entry->title = read_text(reader, "title");
    entry->text = read_text(reader, "text");
}

enum err entry_read(
    const struct json_value *value,
    struct arena *arena,
    struct mail_entry *ret_entry,
    struct err_why *why)
{
    if (json_type(value) != JSON_OBJECT || json_get_string(value, "alert").bytes == 0) {
        return err_set(why, ERR_PARSE, "not an object with an alert id");
    }
    struct entry_reader reader = {.object = value, .arena = arena};
    struct mail_entry entry = {0};
    read_alert(&reader, &entry);
    read_course(&reader, &entry);
    reader.object = json_get(value, "values");
    read_values(&reader, &entry.values);
    if (reader.out_of_memory) {
        return err_set(why, ERR_NO_MEMORY, "no memory for a message");
    }
    *ret_entry = entry;
    return ERR_OK;
}

enum err entry_parse(
    struct text json, struct arena *arena, struct mail_entry *ret_entry, struct err_why *why)
{
    struct json_doc *doc = NULL;
    enum err err = json_parse(json, &entry_limits, &doc, why);
    if (!err) {
        err = entry_read(json_root(doc), arena, ret_entry, why);
    }
    json_free(doc);
    return err;
}

/* ---- writing ---- */

static void write_bool(struct json_out *out, const char *key, bool value)
{
    if (value) {
        json_out_key(out, key);
        json_out_bool(out, true);
    }
}

static void write_list(struct json_out *out, const char *key, struct text_list list)
{
    json_out_key(out, key);
    json_out_open(out, '[');
    for (size_t index = 0; index < list.count; index++) {
        json_out_string(out, list.items[index]);
    }
    json_out_close(out, ']');
}

static void write_values(struct json_out *out, const struct alert_values *values)
{
    json_out_key(out, "values");
    json_out_open(out, '{');
    json_out_member(out, "title", values->title);
    json_out_member(out, "matter", values->matter);
    json_out_member(out, "unit", values->unit);
    json_out_member(out, "handler", values->handler);
    json_out_member(out, "unit_id", values->unit_id);
    json_out_member(out, "clock", values->clock);
    json_out_member(out, "stage", values->stage);
    if (values->has_due) {
        json_out_member_i64(out, "due", values->due.ms);
    }
    json_out_close(out, '}');
}

static void write_alert(struct json_out *out, const struct mail_entry *entry)
{
    json_out_member(out, "alert", entry->alert);
    json_out_member(out, "case", entry->case_id);
    json_out_member(out, "clock", entry->clock);
    json_out_member_i64(out, "run", entry->run);
    json_out_member(out, "stage", entry->stage);
    json_out_member_i64(out, "instant", entry->instant.ms);
    json_out_member_i64(out, "fired_at", entry->fired_at.ms);
    json_out_member(out, "light", entry->light);
    write_list(out, "to", entry->to);
    json_out_member(out, "template", entry->template_id);
    json_out_member(out, "send", text_of(send_names[entry->send]));
    write_bool(out, "urgent", entry->urgent);
    json_out_member_i64(out, "ordinal", entry->ordinal);
    json_out_member_i64(out, "rules", entry->rules);
    write_bool(out, "test", entry->test);
    write_values(out, &entry->values);
}

void entry_write(const struct mail_entry *entry, struct buf *buf)
{
    struct json_out out;
    json_out_init(&out, buf);
    json_out_open(&out, '{');
    write_alert(&out, entry);
    write_list(&out, "rest", entry->rest);
    if (entry->attempts > 0) {
        json_out_member_i64(&out, "attempts", entry->attempts);
        json_out_member_i64(&out, "unsures", entry->unsures);
        json_out_member_i64(&out, "first_at", entry->first_at.ms);
        json_out_member(&out, "title", entry->title);
        json_out_member(&out, "text", entry->text);
    }
    json_out_close(&out, '}');
}

void entry_message_id(
    const struct mail_entry *entry,
    struct text person,
    struct text channel,
    char ret_id[static NRT_ID_BYTES])
{
    char run[16];
    char instant[24];
    (void)snprintf(run, sizeof(run), "%" PRId32, entry->run);
    (void)snprintf(instant, sizeof(instant), "%" PRId64, entry->instant.ms);
    const struct text parts[] = {
        entry->case_id, entry->clock, text_of(run), entry->stage, text_of(instant), person, channel,
    };
    crypto_id(parts, sizeof(parts) / sizeof(parts[0]), ret_id);
}

/* ---- facts ---- */

static void fact_open(struct json_out *out, struct buf *facts, const char *kind)
{
    if (facts->bytes > 0) {
        buf_char(facts, ',');
    }
    json_out_init(out, facts);
    json_out_open(out, '{');
    json_out_member(out, "k", text_of(kind));
}

void fact_message(
    struct buf *facts, const struct mail_entry *entry, const struct message_fact *fact)
{
    struct json_out out;
    fact_open(&out, facts, "message");
    json_out_member(&out, "id", fact->id);
    json_out_member(&out, "alert", entry->alert);
    json_out_member(&out, "case", entry->case_id);
    json_out_member(&out, "clock", entry->clock);
    json_out_member(&out, "stage", entry->stage);
    json_out_member(&out, "person", fact->person);
    json_out_member(&out, "channel", fact->channel);
    json_out_member(&out, "state", text_of(fact->state));
    json_out_member_i64(&out, "at", fact->at.ms);
    json_out_member_i64(&out, "attempts", fact->attempts);
    if (fact->has_ready) {
        json_out_member_i64(&out, "ready", fact->ready.ms);
    }
    if (fact->reason.bytes > 0) {
        json_out_member(&out, "reason", fact->reason);
    }
    if (fact->text.bytes > 0) {
        json_out_member(&out, "text", fact->text);
    }
    json_out_close(&out, '}');
}

void fact_receipt(struct buf *facts, const struct receipt_fact *fact)
{
    struct json_out out;
    fact_open(&out, facts, "receipt");
    json_out_member(&out, "message", fact->message);
    json_out_member(&out, "channel", fact->channel);
    json_out_member(&out, "state", text_of(fact->state));
    json_out_member_i64(&out, "at", fact->at.ms);
    json_out_member(&out, "code", fact->code);
    json_out_close(&out, '}');
}
