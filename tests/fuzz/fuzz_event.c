/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case event from a producer: refused with a reason, or in order and within its bounds.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "config/event_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

#define ARENA_BYTES_MAX ((size_t)16 << 20)

static void check_event(const struct event *event)
{
    MUST(event->id.bytes > 0 && event->source.bytes > 0 && event->kind_name.bytes > 0);
    MUST(event->subject.bytes > 0 && event->subject.bytes <= EVENT_SUBJECT_BYTES_MAX);
    MUST(utf8_valid(event->subject) && !memchr(event->subject.ptr, '/', event->subject.bytes));
    MUST(event->time.ms >= 0 && event->time.ms <= WALL_MS_MAX);
    MUST(event->arrived.ms >= 0 && event->arrived.ms <= WALL_MS_MAX);
    MUST(event_kind_of(event->kind_name) == event->kind);
    for (size_t i = 0; i < event->attribute_count; i++) {
        MUST(utf8_valid(event->attributes[i].path) && utf8_valid(event->attributes[i].value));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    struct arena arena;
    struct event event;
    struct err_why why = {0};
    char *const copy = malloc(byte_count ? byte_count : 1);
    MUST(copy);
    if (byte_count) {
        memcpy(copy, bytes, byte_count);
    }
    arena_init(&arena, ARENA_BYTES_MAX);
    const struct text text = {.ptr = copy, .bytes = byte_count};
    if (event_read(text, (struct wall_ms){1770000000000}, &arena, &event, &why) == ERR_OK) {
        check_event(&event);
    } else {
        MUST(strlen(why.text) > 0 && utf8_valid(text_of(why.text)));
    }
    arena_release(&arena);
    free(copy);
    return 0;
}
