/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The beginning is kept as text whatever the bytes are; of what a gateway sent, which may name
 * people by their numbers, never.
 */
#include "notifiers/unreadable.h"

#include "base/crypto.h"
#include "base/json.h"

#define HEAD_BYTES 4096

/* The beginning, cut between characters, as text whatever the bytes are. */
static void write_head(struct json_out *out, const struct unreadable *unreadable)
{
    struct buf head;
    size_t index = 0;
    buf_init(&head, 2 * (size_t)HEAD_BYTES);
    while (!unreadable->may_hold_numbers && index < unreadable->body.bytes && index < HEAD_BYTES) {
        const char *const at = unreadable->body.ptr + index;
        const size_t step = utf8_char_bytes(at, unreadable->body.bytes - index);
        if (step > 0) {
            buf_add(&head, at, step);
        } else {
            buf_char(&head, '?');
        }
        index += step > 0 ? step : 1;
    }
    json_out_member(out, "head", buf_view(&head));
    buf_release(&head);
}

void fact_unreadable(struct buf *facts, const struct unreadable *unreadable)
{
    struct json_out out;
    struct buf hash;
    buf_init(&hash, 2 * SHA256_BYTES + 1);
    crypto_sha256_hex(&hash, unreadable->body);
    if (facts->bytes > 0) {
        buf_char(facts, ',');
    }
    json_out_init(&out, facts);
    json_out_open(&out, '{');
    json_out_member(&out, "k", TEXT_LITERAL("reject"));
    json_out_member_i64(&out, "at", unreadable->at.ms);
    json_out_member(&out, "via", text_of(unreadable->via));
    json_out_member(&out, "reason", text_of(unreadable->why));
    json_out_member_i64(&out, "bytes", (int64_t)unreadable->body.bytes);
    json_out_member(&out, "sha256", buf_view(&hash));
    write_head(&out, unreadable);
    json_out_member(&out, "pos", unreadable->position);
    json_out_close(&out, '}');
    buf_release(&hash);
}
