/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The events that acting on a message makes. Their ids follow from what was done to which alert by
 * whom: acknowledging at the page, by a reply and over the API is one event.
 */
#include <stdio.h>

#include "console/api.h"
#include "console/tap.h"

#define SOURCE         TEXT_LITERAL("/nrt/console")
#define EVENT_BYTES    ((size_t)16 * 1024)
#define EVENT_ID_BYTES 256
#define VIA_BYTES      96

struct making {
    struct buf buf;
    struct json_out out;
};

static void event_open(
    struct making *making,
    const char *type,
    const char *id,
    const struct tap_deed *deed,
    const struct tap_item *item)
{
    char time[WALL_TEXT_BYTES];
    struct json_out *out = &making->out;
    buf_init(&making->buf, EVENT_BYTES);
    json_out_init(out, &making->buf);
    json_out_open(out, '{');
    json_out_member(out, "specversion", text_of("1.0"));
    json_out_member(out, "id", text_of(id));
    json_out_member(out, "source", SOURCE);
    json_out_member(out, "type", text_of(type));
    json_out_member(out, "subject", item->case_id);
    json_out_member(out, "time", text_of(calendar_format(deed->calendar, deed->now, time)));
    json_out_key(out, "data");
    json_out_open(out, '{');
    json_out_member(out, "by", deed->by);
}

/* "link/sms": by which means, and which channel brought them. */
static struct text event_close(
    struct making *making, const struct tap_deed *deed, struct arena *arena)
{
    char via[VIA_BYTES];
    struct text event = {0};
    (void)snprintf(via, sizeof via, "%s/%.*s", deed->means, TEXT_ARGS(deed->channel));
    json_out_member(&making->out, "via", text_of(via));
    json_out_close(&making->out, '}');
    json_out_close(&making->out, '}');
    if (buf_error(&making->buf) == ERR_OK) {
        event = arena_text(arena, buf_view(&making->buf));
    }
    buf_release(&making->buf);
    return event;
}

struct text tap_event_acknowledged(
    const struct tap_deed *deed, const struct tap_item *item, struct arena *arena)
{
    char id[EVENT_ID_BYTES];
    struct making making;
    (void)snprintf(id, sizeof id, "ack-%.*s-%.*s", TEXT_ARGS(item->alert), TEXT_ARGS(deed->by));
    event_open(&making, "case.acknowledged", id, deed, item);
    json_out_member(&making.out, "clock", item->clock);
    json_out_member(&making.out, "stage", item->stage);
    json_out_member(&making.out, "alert", item->alert);
    return event_close(&making, deed, arena);
}

/* Once for an alert and person: a second reason does not make a second objection. */
struct text tap_event_objected(
    const struct tap_deed *deed,
    const struct tap_item *item,
    struct text reason,
    struct arena *arena)
{
    char id[EVENT_ID_BYTES];
    struct making making;
    (void)snprintf(
        id, sizeof id, "objected-%.*s-%.*s", TEXT_ARGS(item->alert), TEXT_ARGS(deed->by));
    event_open(&making, "case.objected", id, deed, item);
    json_out_member(&making.out, "reason", utf8_cut(reason, TAP_REASON_BYTES_MAX));
    json_out_member(&making.out, "alert", item->alert);
    return event_close(&making, deed, arena);
}

/*
 * A transfer within the unit: it restarts nothing (docs/semantics.md section 4). The handler it
 * was taken from is part of the id, so that it can come back to somebody later.
 */
struct text tap_event_assigned(
    const struct tap_deed *deed,
    const struct tap_item *item,
    struct text handler,
    struct arena *arena)
{
    char id[EVENT_ID_BYTES];
    char word[NRT_ID_BYTES];
    struct making making;
    const struct text parts[] = {item->alert, deed->by, item->handler, handler};
    crypto_id(parts, sizeof parts / sizeof parts[0], word);
    (void)snprintf(id, sizeof id, "assigned-%s", word);
    event_open(&making, "case.assigned", id, deed, item);
    json_out_member(&making.out, "unit", item->unit);
    json_out_member(&making.out, "handler", handler);
    json_out_member(&making.out, "reason", TEXT_LITERAL("由收到提醒的人指定承办人"));
    json_out_member(&making.out, "alert", item->alert);
    return event_close(&making, deed, arena);
}
