/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words for WeCom, counted in bytes as WeCom counts them.
 */
#include "notifiers/wecom.h"

#include "base/must.h"

static const char ellipsis[] = "…";

static void add_plain(struct text text, struct buf *plain)
{
    for (size_t index = 0; index < text.bytes; index++) {
        if (text.ptr[index] == '<') {
            buf_string(plain, "＜");
        } else {
            buf_char(plain, text.ptr[index]);
        }
    }
}

void wecom_words(struct text text, struct text id, size_t bytes_max, struct buf *words)
{
    struct buf plain;
    struct buf tail;
    buf_init(&plain, 3 * text.bytes + 1);
    buf_init(&tail, 64);
    add_plain(text, &plain);
    const struct text short_id = utf8_cut(id, WECOM_ID_BYTES);
    buf_format(&tail, "\n编号 %.*s", TEXT_ARGS(short_id));
    MUST(tail.bytes + sizeof(ellipsis) <= bytes_max);
    const size_t room = bytes_max - tail.bytes;
    if (plain.bytes <= room) {
        buf_text(words, buf_view(&plain));
    } else {
        buf_text(words, utf8_cut(buf_view(&plain), room - (sizeof(ellipsis) - 1)));
        buf_string(words, ellipsis);
    }
    buf_text(words, buf_view(&tail));
    buf_release(&plain);
    buf_release(&tail);
}
