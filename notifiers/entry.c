/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One reader for outbox items and mail entries, because a mail entry is an outbox item with a
 * few members more. Field names are the contract with the monitor and the ledger
 * (docs/journal.md).
 */
#include "notifiers/entry.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/must.h"
#include "config/mask.h"

static const struct json_limits entry_limits = {
    .bytes_max = (size_t)4 * 1024 * 1024,
    .depth_max = 8,
    .values_max = 65536,
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
    if (text_is(name, send_when_name(SEND_NOW))) {
        return SEND_NOW;
    }
    return text_is(name, send_when_name(SEND_DAY)) ? SEND_DAY : SEND_OFFICE;
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
    entry->again = read_i32(reader, "again");
    entry->test = read_bool(reader, "test");
}

/* What an outbox item has as well: a message's person of its own making. */
static void read_person(struct entry_reader *reader, struct mail_entry *entry)
{
    entry->stood_in_for = read_text(reader, "stood_in_for");
    entry->receiver = read_text(reader, "receiver");
}

static void read_params(struct entry_reader *reader, struct mail_entry *entry)
{
    const struct json_value *list = json_get(reader->object, "params");
    const size_t count = json_type(list) == JSON_ARRAY ? json_count(list) : 0;
    struct channel_param *params = arena_array(reader->arena, count + 1, sizeof(*params));
    if (!params) {
        reader->out_of_memory = true;
        return;
    }
    const struct json_value *item = json_first(list);
    struct entry_reader inner = {.arena = reader->arena};
    for (size_t index = 0; index < count; index++, item = json_next(item)) {
        inner.object = item;
        params[index].name = read_text(&inner, "name");
        params[index].value = read_text(&inner, "value");
    }
    reader->out_of_memory |= inner.out_of_memory;
    entry->params = params;
    entry->param_count = count;
}

static void read_course(struct entry_reader *reader, struct mail_entry *entry)
{
    const bool is_item = !json_get(reader->object, "rest");
    entry->rest = read_list(reader, is_item ? "via" : "rest");
    entry->all = read_bool(reader, "all");
    entry->slot = read_text(reader, "slot");
    entry->attempts = read_i32(reader, "attempts");
    entry->unsures = read_i32(reader, "unsures");
    entry->first_at = read_instant(reader, "first_at");
    entry->accepted_at = read_instant(reader, "accepted_at");
    entry->gateway_id = read_text(reader, "gateway_id");
    entry->polls = read_i32(reader, "polls");
    entry->subject = read_text(reader, is_item ? "title" : "subject");
    entry->words = read_text(reader, is_item ? "text" : "words");
    if (!is_item) {
        entry->title = read_text(reader, "title");
        entry->text = read_text(reader, "text");
        entry->vendor_template = read_text(reader, "vendor_template");
        read_params(reader, entry);
    }
}

/* ---- notices ---- */

static void read_given(struct entry_reader *reader, struct mail_entry *entry)
{
    const struct json_value *object = json_get(reader->object, "values");
    const size_t count = json_type(object) == JSON_OBJECT ? json_count(object) : 0;
    struct entry_value *given = arena_array(reader->arena, count + 1, sizeof(*given));
    if (!given) {
        reader->out_of_memory = true;
        return;
    }
    const struct json_value *member = json_first(object);
    for (size_t index = 0; index < count; index++, member = json_next(member)) {
        given[index].name = arena_string(reader->arena, json_key(member));
        given[index].value = arena_text(reader->arena, json_string(member));
        reader->out_of_memory |= !given[index].name || !given[index].value.ptr;
    }
    entry->given = given;
    entry->given_count = count;
}

static enum err read_notice(
    struct entry_reader *reader, struct mail_entry *entry, struct err_why *why)
{
    entry->kind = ENTRY_NOTICE;
    entry->notice = read_text(reader, "notice");
    entry->notice_id = read_text(reader, "id");
    if (entry->notice_id.bytes == 0) {
        return err_set(why, ERR_PARSE, "a notice without an id");
    }
    entry->instant = read_instant(reader, "at");
    entry->fired_at = entry->instant;
    read_given(reader, entry);
    struct entry_reader values = {
        .object = json_get(reader->object, "values"), .arena = reader->arena};
    read_values(&values, &entry->values);
    reader->out_of_memory |= values.out_of_memory;
    entry->values.unit_id = read_text(reader, "unit");
    return ERR_OK;
}

/* ---- digests ---- */

static enum err read_single(
    const struct json_value *value,
    struct arena *arena,
    struct mail_entry *ret_entry,
    struct err_why *why);

static enum err read_members(
    struct entry_reader *reader, struct mail_entry *entry, struct err_why *why)
{
    const struct json_value *list = json_get(reader->object, "members");
    const size_t count = json_type(list) == JSON_ARRAY ? json_count(list) : 0;
    if (count == 0 || count > ENTRY_MEMBERS_MAX) {
        return err_set(why, ERR_PARSE, "a digest of %zu messages", count);
    }
    struct entry_member *members = arena_array(reader->arena, count, sizeof(*members));
    if (!members) {
        reader->out_of_memory = true;
        return ERR_OK;
    }
    const struct json_value *item = json_first(list);
    for (size_t index = 0; index < count; index++, item = json_next(item)) {
        members[index].id = arena_text(reader->arena, json_get_string(item, "id"));
        reader->out_of_memory |= !members[index].id.ptr;
        const enum err err =
            read_single(json_get(item, "entry"), reader->arena, &members[index].entry, why);
        if (err) {
            return err;
        }
        if (members[index].id.bytes == 0) {
            return err_set(why, ERR_PARSE, "a message of a digest without an id");
        }
    }
    entry->members = members;
    entry->member_count = count;
    return ERR_OK;
}

static enum err read_digest(
    struct entry_reader *reader, struct mail_entry *entry, struct err_why *why)
{
    entry->kind = ENTRY_DIGEST;
    entry->values = (struct alert_values){0};
    return read_members(reader, entry, why);
}

/* ---- any entry ---- */

static enum err entry_done(
    const struct entry_reader *reader,
    const struct mail_entry *entry,
    struct mail_entry *ret_entry,
    struct err_why *why)
{
    if (reader->out_of_memory) {
        return err_set(why, ERR_NO_MEMORY, "no memory for a message");
    }
    *ret_entry = *entry;
    return ERR_OK;
}

/* An alert or a notice. */
static enum err read_single(
    const struct json_value *value,
    struct arena *arena,
    struct mail_entry *ret_entry,
    struct err_why *why)
{
    const bool is_notice = json_get_string(value, "notice").bytes > 0;
    if (json_type(value) != JSON_OBJECT ||
        (!is_notice && json_get_string(value, "alert").bytes == 0)) {
        return err_set(why, ERR_PARSE, "not an object with an alert id or a kind of notice");
    }
    struct entry_reader reader = {.object = value, .arena = arena};
    struct mail_entry entry = {0};
    read_alert(&reader, &entry);
    read_person(&reader, &entry);
    read_course(&reader, &entry);
    if (is_notice) {
        const enum err err = read_notice(&reader, &entry, why);
        if (err) {
            return err;
        }
    } else {
        entry.subject = (struct text){0};
        entry.words = (struct text){0};
        reader.object = json_get(value, "values");
        read_values(&reader, &entry.values);
    }
    return entry_done(&reader, &entry, ret_entry, why);
}

enum err entry_read(
    const struct json_value *value,
    struct arena *arena,
    struct mail_entry *ret_entry,
    struct err_why *why)
{
    if (!json_is_true(json_get(value, "digest"))) {
        return read_single(value, arena, ret_entry, why);
    }
    struct entry_reader reader = {.object = value, .arena = arena};
    struct mail_entry entry = {0};
    entry.send = read_send(&reader);
    read_course(&reader, &entry);
    const enum err err = read_digest(&reader, &entry, why);
    return err ? err : entry_done(&reader, &entry, ret_entry, why);
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

static void write_if_any(struct json_out *out, const char *key, struct text text)
{
    if (text.bytes > 0) {
        json_out_member(out, key, text);
    }
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
    json_out_member(out, "send", text_of(send_when_name(entry->send)));
    write_bool(out, "urgent", entry->urgent);
    json_out_member_i64(out, "ordinal", entry->ordinal);
    json_out_member_i64(out, "rules", entry->rules);
    if (entry->again > 0) {
        json_out_member_i64(out, "again", entry->again);
    }
    write_bool(out, "test", entry->test);
    write_values(out, &entry->values);
}

static void write_notice(struct json_out *out, const struct mail_entry *entry)
{
    json_out_member(out, "notice", entry->notice);
    json_out_member(out, "id", entry->notice_id);
    write_list(out, "to", entry->to);
    write_if_any(out, "template", entry->template_id);
    write_if_any(out, "subject", entry->subject);
    write_if_any(out, "words", entry->words);
    json_out_key(out, "values");
    json_out_open(out, '{');
    for (size_t index = 0; index < entry->given_count; index++) {
        json_out_member(out, entry->given[index].name, entry->given[index].value);
    }
    json_out_close(out, '}');
    write_if_any(out, "case", entry->case_id);
    write_if_any(out, "unit", entry->values.unit_id);
    json_out_member(out, "send", text_of(send_when_name(entry->send)));
    write_bool(out, "urgent", entry->urgent);
    json_out_member_i64(out, "at", entry->instant.ms);
}

static void write_params(struct json_out *out, const struct mail_entry *entry)
{
    if (entry->vendor_template.bytes == 0) {
        return;
    }
    json_out_member(out, "vendor_template", entry->vendor_template);
    json_out_key(out, "params");
    json_out_open(out, '[');
    for (size_t index = 0; index < entry->param_count; index++) {
        json_out_open(out, '{');
        json_out_member(out, "name", entry->params[index].name);
        json_out_member(out, "value", entry->params[index].value);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void write_course(struct json_out *out, const struct mail_entry *entry)
{
    write_list(out, "rest", entry->rest);
    write_bool(out, "all", entry->all);
    write_if_any(out, "slot", entry->slot);
    if (entry->attempts > 0) {
        json_out_member_i64(out, "attempts", entry->attempts);
        json_out_member_i64(out, "unsures", entry->unsures);
        json_out_member_i64(out, "first_at", entry->first_at.ms);
    }
    if (entry->accepted_at.ms > 0) {
        json_out_member_i64(out, "accepted_at", entry->accepted_at.ms);
    }
    write_if_any(out, "gateway_id", entry->gateway_id);
    if (entry->polls > 0) {
        json_out_member_i64(out, "polls", entry->polls);
    }
    write_if_any(out, "title", entry->title);
    write_if_any(out, "text", entry->text);
    write_params(out, entry);
}

static void write_single(struct json_out *out, const struct mail_entry *entry)
{
    json_out_open(out, '{');
    if (entry->kind == ENTRY_NOTICE) {
        write_notice(out, entry);
    } else {
        write_alert(out, entry);
    }
    write_if_any(out, "stood_in_for", entry->stood_in_for);
    write_if_any(out, "receiver", entry->receiver);
    write_course(out, entry);
    json_out_close(out, '}');
}

static void write_digest(struct json_out *out, const struct mail_entry *entry)
{
    json_out_open(out, '{');
    json_out_key(out, "digest");
    json_out_bool(out, true);
    json_out_member(out, "send", text_of(send_when_name(entry->send)));
    write_course(out, entry);
    json_out_key(out, "members");
    json_out_open(out, '[');
    for (size_t index = 0; index < entry->member_count; index++) {
        json_out_open(out, '{');
        json_out_member(out, "id", entry->members[index].id);
        json_out_key(out, "entry");
        write_single(out, &entry->members[index].entry);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
    json_out_close(out, '}');
}

void entry_write(const struct mail_entry *entry, struct buf *buf)
{
    struct json_out out;
    json_out_init(&out, buf);
    if (entry->kind == ENTRY_DIGEST) {
        write_digest(&out, entry);
    } else {
        write_single(&out, entry);
    }
}

/* ---- identities ---- */

static void notice_message_id(
    const struct mail_entry *entry,
    struct text person,
    struct text channel,
    char ret_id[static NRT_ID_BYTES])
{
    const struct text parts[] = {
        TEXT_LITERAL("notice"), entry->notice, entry->notice_id, person, channel,
    };
    crypto_id(parts, sizeof(parts) / sizeof(parts[0]), ret_id);
}

static void digest_message_id(
    const struct mail_entry *entry,
    struct text person,
    struct text channel,
    char ret_id[static NRT_ID_BYTES])
{
    struct text parts[ENTRY_MEMBERS_MAX + 3] = {TEXT_LITERAL("digest"), person, channel};
    MUST(entry->member_count <= ENTRY_MEMBERS_MAX);
    for (size_t index = 0; index < entry->member_count; index++) {
        parts[index + 3] = entry->members[index].id;
    }
    crypto_id(parts, entry->member_count + 3, ret_id);
}

void entry_message_id(
    const struct mail_entry *entry,
    struct text person,
    struct text channel,
    char ret_id[static NRT_ID_BYTES])
{
    if (entry->kind == ENTRY_NOTICE) {
        notice_message_id(entry, person, channel, ret_id);
        return;
    }
    if (entry->kind == ENTRY_DIGEST) {
        digest_message_id(entry, person, channel, ret_id);
        return;
    }
    char run[16];
    char instant[24];
    char again[16];
    (void)snprintf(run, sizeof(run), "%" PRId32, entry->run);
    (void)snprintf(instant, sizeof(instant), "%" PRId64, entry->instant.ms);
    (void)snprintf(again, sizeof(again), "again-%" PRId32, entry->again);
    const struct text parts[] = {
        entry->case_id,   entry->clock, text_of(run), entry->stage,
        text_of(instant), person,       channel,      text_of(again),
    };
    const size_t count = sizeof(parts) / sizeof(parts[0]);
    /* What somebody ordered anew is a message of its own, beside the one that failed. */
    crypto_id(parts, entry->again > 0 ? count : count - 1, ret_id);
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

/* What only notices and digests have. */
static void fact_kind(
    struct json_out *out, const struct mail_entry *entry, const struct message_fact *fact)
{
    write_if_any(out, "notice", entry->notice);
    write_if_any(out, "for", entry->stood_in_for);
    write_if_any(out, "digest", fact->digest);
    if (!fact->with_members) {
        return;
    }
    json_out_key(out, "members");
    json_out_open(out, '[');
    for (size_t index = 0; index < entry->member_count; index++) {
        json_out_string(out, entry->members[index].id);
    }
    json_out_close(out, ']');
}

/* The record says what was sent, without what lets its reader act in somebody's name. */
static void write_shown_text(struct json_out *out, struct text text)
{
    struct buf shown;
    if (text.bytes == 0) {
        return;
    }
    buf_init(&shown, text.bytes);
    mask_links_in(text, &shown);
    json_out_member(out, "text", shown.error ? (struct text){0} : buf_view(&shown));
    buf_release(&shown);
}

void fact_message(
    struct buf *facts, const struct mail_entry *entry, const struct message_fact *fact)
{
    struct json_out out;
    fact_open(&out, facts, "message");
    json_out_member(&out, "id", fact->id);
    fact_kind(&out, entry, fact);
    json_out_member(&out, "alert", entry->alert);
    json_out_member(&out, "case", entry->case_id);
    json_out_member(&out, "clock", entry->clock);
    json_out_member(&out, "stage", entry->stage);
    json_out_member(&out, "person", entry->receiver.bytes > 0 ? entry->receiver : fact->person);
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
    write_shown_text(&out, fact->text);
    write_if_any(&out, "gateway_id", fact->gateway_id);
    if (fact->sent_at.ms > 0) {
        json_out_member_i64(&out, "sent_at", fact->sent_at.ms);
    }
    json_out_close(&out, '}');
}

void fact_receipt(struct buf *facts, const struct receipt_fact *fact)
{
    struct json_out out;
    fact_open(&out, facts, "receipt");
    write_if_any(&out, "message", fact->message);
    write_if_any(&out, "gateway_id", fact->gateway_id);
    json_out_member(&out, "channel", fact->channel);
    json_out_member(&out, "state", text_of(fact->state));
    json_out_member_i64(&out, "at", fact->at.ms);
    json_out_member(&out, "code", fact->code);
    json_out_close(&out, '}');
}
