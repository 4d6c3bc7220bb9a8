/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON of a notice on its way through the outbox (docs/channels.md). What is empty is left
 * out, so that a reader sees what was said and nothing else.
 */
#include "config/notice.h"

#include "base/json.h"

static void member_list(
    struct json_out *out, const char *key, const struct text *items, size_t count)
{
    json_out_key(out, key);
    json_out_open(out, '[');
    for (size_t index = 0; index < count; index++) {
        json_out_string(out, items[index]);
    }
    json_out_close(out, ']');
}

static void member_if_any(struct json_out *out, const char *key, struct text text)
{
    if (text.bytes > 0) {
        json_out_member(out, key, text);
    }
}

static void member_values(struct json_out *out, const struct notice *notice)
{
    json_out_key(out, "values");
    json_out_open(out, '{');
    for (size_t index = 0; index < notice->value_count; index++) {
        json_out_member(out, notice->values[index].name, notice->values[index].value);
    }
    json_out_close(out, '}');
}

void notice_write(const struct notice *notice, struct buf *buf)
{
    struct json_out out;
    json_out_init(&out, buf);
    json_out_open(&out, '{');
    json_out_member(&out, "notice", text_of(notice->kind));
    json_out_member(&out, "id", notice->id);
    member_list(&out, "to", notice->to, notice->to_count);
    member_list(&out, "via", notice->via, notice->via_count);
    member_if_any(&out, "template", notice->template_id);
    member_if_any(&out, "title", notice->title);
    member_if_any(&out, "text", notice->text);
    member_values(&out, notice);
    member_if_any(&out, "case", notice->case_id);
    member_if_any(&out, "unit", notice->unit);
    json_out_member(&out, "send", text_of(send_when_name(notice->send)));
    json_out_key(&out, "urgent");
    json_out_bool(&out, notice->urgent);
    json_out_member_i64(&out, "at", notice->at.ms);
    json_out_close(&out, '}');
}
