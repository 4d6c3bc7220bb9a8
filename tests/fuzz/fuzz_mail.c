/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mail entry or outbox item from a store that somebody else wrote to: refused with a reason, or
 * one whose own bytes are read again as the same.
 */
#include <stdint.h>
#include <string.h>

#include "base/must.h"
#include "notifiers/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

#define BYTES_MAX ((size_t)16 << 20)

static void check_stable(const struct mail_entry *entry, struct arena *arena)
{
    struct mail_entry again;
    struct buf once;
    struct buf twice;
    buf_init(&once, BYTES_MAX);
    buf_init(&twice, BYTES_MAX);
    entry_write(entry, &once);
    MUST(buf_error(&once) == ERR_OK);
    MUST(entry_parse(buf_view(&once), arena, &again, NULL) == ERR_OK);
    entry_write(&again, &twice);
    MUST(text_equal(buf_view(&once), buf_view(&twice)));
    buf_release(&once);
    buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    const struct text text = {.ptr = (const char *)bytes, .bytes = byte_count};
    struct err_why why = {0};
    struct mail_entry entry;
    struct arena arena;
    arena_init(&arena, BYTES_MAX);
    if (entry_parse(text, &arena, &entry, &why) == ERR_OK) {
        MUST(utf8_valid(entry.alert) && utf8_valid(entry.values.title));
        check_stable(&entry, &arena);
    } else {
        MUST(strlen(why.text) > 0);
    }
    arena_release(&arena);
    return 0;
}
