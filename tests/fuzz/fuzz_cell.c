/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a cell of an export: well-formed text in one pair of quotes, of bounded length, and
 * no line of it begins with a sign that a spreadsheet computes.
 */
#include <stdint.h>
#include <string.h>

#include "base/must.h"
#include "console/csv_out.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

static void check_line_start(struct text rest)
{
    static const char *const signs[] = {"=", "+", "-", "@", "\t", "＝", "＋", "－", "＠"};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        MUST(!text_starts_with(rest, text_of(signs[i])));
    }
}

/* Quotes inside stand in pairs; the first byte and what follows a line's end are looked at. */
static void check_cell(struct text cell)
{
    MUST(utf8_valid(cell));
    MUST(cell.bytes >= 2 && cell.ptr[0] == '"' && cell.ptr[cell.bytes - 1] == '"');
    MUST(cell.ptr[1] != '\r');
    check_line_start((struct text){cell.ptr + 1, cell.bytes - 1});
    for (size_t at = 1; at + 1 < cell.bytes; at++) {
        if (cell.ptr[at] == '\n' || cell.ptr[at] == '\r') {
            check_line_start((struct text){cell.ptr + at + 1, cell.bytes - at - 1});
        }
        if (cell.ptr[at] == '"') {
            MUST(at + 2 < cell.bytes && cell.ptr[at + 1] == '"');
            at++;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    struct buf cell;
    buf_init(&cell, 4 * byte_count + 64);
    csv_cell(&cell, (struct text){.ptr = (const char *)bytes, .bytes = byte_count});
    MUST(buf_error(&cell) == ERR_OK);
    check_cell(buf_view(&cell));
    buf_release(&cell);
    return 0;
}
