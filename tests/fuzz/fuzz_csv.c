/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table from somebody's spreadsheet: refused, or rows in ascending order whose cells are
 * well-formed text within the bounds.
 */
#include <stdint.h>

#include "base/must.h"
#include "config/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

static void check_csv(const struct csv *csv)
{
    for (size_t i = 0; i < csv->row_count; i++) {
        const struct csv_row *row = &csv->rows[i];
        MUST(row->cell_count > 0 && row->cell_count <= CSV_CELLS_MAX);
        MUST(i == 0 || csv->rows[i - 1].number < row->number);
        for (size_t k = 0; k < row->cell_count; k++) {
            MUST(row->cells[k].bytes <= CSV_CELL_BYTES_MAX);
            MUST(utf8_valid(row->cells[k]));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    struct arena arena;
    struct buf utf8;
    struct csv csv;
    struct err_why why = {0};
    arena_init(&arena, (size_t)64 << 20);
    buf_init(&utf8, 3 * CSV_BYTES_MAX);
    if (!csv_decode((struct text){(const char *)bytes, byte_count}, &utf8, &why)) {
        MUST(utf8_valid(buf_view(&utf8)));
        if (csv_read(buf_view(&utf8), &arena, &csv, &why)) {
            MUST(why.text[0]);
        } else {
            check_csv(&csv);
        }
    }
    buf_release(&utf8);
    arena_release(&arena);
    return 0;
}
