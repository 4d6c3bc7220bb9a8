/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case record from a store that somebody else wrote to. Whatever the bytes: refused with a
 * reason, or a memory in order whose own bytes are read again as the same memory.
 */
#include <stdint.h>
#include <string.h>

#include "base/must.h"
#include "rules/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

#define ARENA_BYTES_MAX ((size_t)64 << 20)
#define BUF_BYTES_MAX   ((size_t)16 << 20)

static void check_order(const struct case_memory *memory)
{
    for (size_t i = 1; i < memory->event_count; i++)
        MUST(event_compare(&memory->events[i - 1], &memory->events[i]) < 0);
    for (size_t i = 1; i < memory->fired_count; i++)
        MUST(fired_compare(&memory->fired[i - 1], &memory->fired[i]) < 0);
}

/* Packing what was read, and reading that, changes nothing any more. */
static void check_stable(const struct case_memory *memory, struct arena *arena)
{
    struct case_memory again;
    struct buf once;
    struct buf twice;
    buf_init(&once, BUF_BYTES_MAX);
    buf_init(&twice, BUF_BYTES_MAX);
    record_pack(memory, &once);
    MUST(buf_error(&once) == ERR_OK);
    MUST(record_unpack(buf_view(&once), arena, &again, NULL) == ERR_OK);
    record_pack(&again, &twice);
    MUST(text_equal(buf_view(&once), buf_view(&twice)));
    buf_release(&once);
    buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    const struct text text = {.ptr = (const char *)bytes, .bytes = byte_count};
    struct err_why why = {0};
    struct case_memory memory;
    struct arena arena;
    arena_init(&arena, ARENA_BYTES_MAX);
    if (record_unpack(text, &arena, &memory, &why) == ERR_OK) {
        check_order(&memory);
        check_stable(&memory, &arena);
    } else {
        MUST(strlen(why.text) > 0);
    }
    arena_release(&arena);
    return 0;
}
