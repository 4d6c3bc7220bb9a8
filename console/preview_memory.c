/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case's memory from the rows of the ledger: the events that had an effect when they came, and
 * the alerts. Collapsed occurrences never stood in the ledger; rules/preview.h minds that.
 */
#include <string.h>

#include "base/json.h"
#include "config/event_json.h"
#include "console/preview_parts.h"

enum err preview_reader_open(
    struct preview_reader *reader,
    struct sql_db *db,
    struct preview_versions *versions,
    struct err_why *why)
{
    *reader = (struct preview_reader){.versions = versions};
    arena_init(&reader->arena, 0);
    enum err err = sql_prepare(
        db,
        "SELECT arrived, rules, verdict, ce FROM events WHERE case_id = ?1 ORDER BY time, source, "
        "id",
        &reader->events, why);
    if (err == ERR_OK) {
        err = sql_prepare(
            db,
            "SELECT clock, run, stage, instant, fired_at, status, recipients FROM alerts"
            " WHERE case_id = ?1",
            &reader->alerts, why);
    }
    return err;
}

void preview_reader_release(struct preview_reader *reader)
{
    sql_finalize(reader->events);
    sql_finalize(reader->alerts);
    arena_release(&reader->arena);
}

/* ---- events ---- */

/* A replanned event names a version too. */
static enum err need_versions(
    struct preview_reader *reader, const struct event *event, struct err_why *why)
{
    int64_t version = 0;
    enum err err = preview_versions_need(reader->versions, event->rules_version, why);
    if (err == ERR_OK && event->kind == EVENT_REPLANNED &&
        text_parse_i64(event_attribute(event, "version"), &version) == ERR_OK) {
        err = preview_versions_need(reader->versions, version, why);
    }
    return err;
}

static enum err take_event(
    struct preview_reader *reader, struct case_memory *memory, struct err_why *why)
{
    struct event event;
    const struct wall_ms arrived = {.ms = sql_i64(reader->events, 0)};
    memory_note_arrival(memory, arrived);
    if (!text_is(sql_text(reader->events, 2), "applied")) {
        return ERR_OK;
    }
    const struct text copy = sql_text(reader->events, 3);
    enum err err = event_read(copy, arrived, &reader->arena, &event, NULL);
    if (err == ERR_NO_MEMORY) {
        return err;
    }
    if (err != ERR_OK) {
        return ERR_OK; /* of an older program: this one cannot read it any more */
    }
    event.arrived = arrived;
    event.rules_version = sql_i64(reader->events, 1);
    err = need_versions(reader, &event, why);
    if (err == ERR_OK && memory_add_event(
                             memory, &reader->arena, &event,
                             rulebook_newest(&reader->versions->before)) == MEMORY_NO_ROOM) {
        err = ERR_NO_MEMORY;
    }
    return err;
}

static enum err read_events(
    struct preview_reader *reader, struct text id, struct case_memory *memory, struct err_why *why)
{
    bool row = false;
    sql_bind_text(reader->events, 1, id);
    enum err err = sql_step(reader->events, &row, why);
    while (err == ERR_OK && row) {
        err = take_event(reader, memory, why);
        if (err == ERR_OK) {
            err = sql_step(reader->events, &row, why);
        }
    }
    sql_reset(reader->events);
    return err;
}

/* ---- alerts ---- */

static enum alert_status status_of(struct text word)
{
    for (int status = 0; status < ALERT_STATUS_COUNT; status++) {
        if (text_is(word, alert_status_name((enum alert_status)status))) {
            return (enum alert_status)status;
        }
    }
    return ALERT_FIRED;
}

static enum err read_people(struct arena *arena, struct text json, struct fired *fired)
{
    struct json_doc *doc = NULL;
    if (text_is(json, "[]")) {
        return ERR_OK;
    }
    if (json_parse(json, &json_limits_answer, &doc, NULL) != ERR_OK) {
        return ERR_OK; /* nobody, then: whom it was sent to plays no part in what comes */
    }
    const struct json_value *list = json_root(doc);
    struct text *to = arena_array(arena, json_count(list), sizeof(*to));
    size_t count = 0;
    bool good = to != NULL;
    for (const struct json_value *item = json_first(list); good && item; item = json_next(item)) {
        to[count] = arena_text(arena, json_string(item));
        good = to[count++].ptr != NULL;
    }
    json_free(doc);
    fired->to = to;
    fired->to_count = count;
    return good ? ERR_OK : ERR_NO_MEMORY;
}

static enum err take_alert(struct preview_reader *reader, struct case_memory *memory)
{
    struct sql_stmt *row = reader->alerts;
    struct fired fired = {
        .clock = arena_text(&reader->arena, sql_text(row, 0)),
        .run = (int32_t)sql_i64(row, 1),
        .stage = arena_text(&reader->arena, sql_text(row, 2)),
        .instant = {.ms = sql_i64(row, 3)},
        .fired_at = {.ms = sql_i64(row, 4)},
        .status = status_of(sql_text(row, 5)),
    };
    enum err err = read_people(&reader->arena, sql_text(row, 6), &fired);
    if (err == ERR_OK && (!fired.clock.ptr || !fired.stage.ptr ||
                          !memory_add_fired(memory, &reader->arena, &fired, 1))) {
        err = ERR_NO_MEMORY;
    }
    return err;
}

static enum err read_alerts(
    struct preview_reader *reader, struct text id, struct case_memory *memory, struct err_why *why)
{
    bool row = false;
    sql_bind_text(reader->alerts, 1, id);
    enum err err = sql_step(reader->alerts, &row, why);
    while (err == ERR_OK && row) {
        err = take_alert(reader, memory);
        if (err == ERR_OK) {
            err = sql_step(reader->alerts, &row, why);
        }
    }
    sql_reset(reader->alerts);
    return err;
}

enum err preview_read_case(
    struct preview_reader *reader,
    struct text id,
    struct case_memory *ret_memory,
    struct err_why *why)
{
    arena_reset(&reader->arena);
    struct case_memory memory = {.id = id};
    enum err err = read_events(reader, id, &memory, why);
    if (err == ERR_OK) {
        err = read_alerts(reader, id, &memory, why);
    }
    if (err == ERR_OK) {
        *ret_memory = memory;
    }
    return err;
}
