/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compact JSON for the simulation's output, with raw UTF-8.
 */
#include "rules/simulate_line.h"

void line_string(struct buf *line, struct text text)
{
    static const char hex[] = "0123456789abcdef";
    buf_char(line, '"');
    for (size_t i = 0; i < text.bytes; i++) {
        const unsigned char byte = (unsigned char)text.ptr[i];
        if (byte == '"' || byte == '\\') {
            buf_char(line, '\\');
            buf_char(line, (char)byte);
        } else if (byte < 0x20) {
            buf_string(line, "\\u00");
            buf_char(line, hex[byte >> 4]);
            buf_char(line, hex[byte & 15]);
        } else {
            buf_char(line, (char)byte);
        }
    }
    buf_char(line, '"');
}

void line_member(struct buf *line, const char *key, struct text value)
{
    buf_char(line, ',');
    buf_string(line, key);
    line_string(line, value);
}

void line_time(
    struct buf *line,
    const char *key,
    const struct calendar *calendar,
    bool known,
    struct wall_ms at)
{
    char text[WALL_TEXT_BYTES];
    if (known) {
        line_member(line, key, text_of(calendar_format(calendar, at, text)));
    } else {
        buf_char(line, ',');
        buf_string(line, key);
        buf_string(line, "null");
    }
}
