/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A preview as a phone in a terminal, and as JSON.
 */
#include "cli/message_preview.h"

#define BOX_COLUMNS 32

/* ---- the phone ---- */

static void repeat(struct buf *buf, const char *mark, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_string(buf, mark);
    }
}

static void add_line(struct buf *buf, struct text line)
{
    const size_t columns = utf8_columns(line);
    buf_string(buf, "  │ ");
    buf_text(buf, line);
    repeat(buf, " ", columns < BOX_COLUMNS ? BOX_COLUMNS - columns : 0);
    buf_string(buf, " │\n");
}

/* As much as fits into a line, up to a line's own end. */
static struct text take_line(struct text *rest)
{
    size_t bytes = 0;
    size_t columns = 0;
    while (bytes < rest->bytes && rest->ptr[bytes] != '\n') {
        size_t next = utf8_char_bytes(rest->ptr + bytes, rest->bytes - bytes);
        next = next > 0 ? next : 1;
        columns += utf8_columns((struct text){rest->ptr + bytes, next});
        if (columns > BOX_COLUMNS) {
            break;
        }
        bytes += next;
    }
    const struct text line = {rest->ptr, bytes};
    const size_t past = bytes < rest->bytes && rest->ptr[bytes] == '\n' ? bytes + 1 : bytes;
    rest->ptr += past;
    rest->bytes -= past;
    return line;
}

static void add_box(struct buf *buf, struct text text)
{
    struct text rest = text;
    buf_string(buf, "  ┌");
    repeat(buf, "─", BOX_COLUMNS + 2);
    buf_string(buf, "┐\n");
    while (rest.bytes > 0) {
        add_line(buf, take_line(&rest));
    }
    buf_string(buf, "  └");
    repeat(buf, "─", BOX_COLUMNS + 2);
    buf_string(buf, "┘\n");
}

/* ---- words ---- */

static struct text first_characters(struct text text, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count && bytes < text.bytes; i++) {
        const size_t next = utf8_char_bytes(text.ptr + bytes, text.bytes - bytes);
        bytes += next > 0 ? next : 1;
    }
    return (struct text){text.ptr, bytes};
}

static void add_segments(struct buf *buf, const struct preview *preview)
{
    buf_format(buf, "  %zu characters", preview->characters);
    if (preview->segment_count > 0) {
        buf_format(buf, ", %zu SMS", preview->segment_count);
    }
    for (size_t i = 1; i < preview->segment_count; i++) {
        const struct text start = first_characters(preview->segments[i], 8);
        buf_format(
            buf, "%s%zu + %zu: \"%.*s\" begins the next", i == 1 ? " (" : ", ",
            utf8_utf16_units(preview->segments[i - 1]), utf8_utf16_units(preview->segments[i]),
            TEXT_ARGS(start));
    }
    buf_string(buf, preview->segment_count > 1 ? ")\n" : "\n");
}

static void add_vendor(
    struct buf *buf, const struct preview_ask *ask, const struct composed *composed)
{
    const size_t value_max = channel_template_law(ask->channel->type)->value_max;
    if (composed->vendor_template.bytes == 0) {
        return;
    }
    buf_format(buf, "  vendor's template %.*s:\n", TEXT_ARGS(composed->vendor_template));
    for (size_t i = 0; i < composed->param_count; i++) {
        const struct channel_param *param = &composed->params[i];
        buf_format(
            buf, "    %.*s = %.*s (%zu", TEXT_ARGS(param->name), TEXT_ARGS(param->value),
            utf8_utf16_units(param->value));
        if (value_max > 0) {
            buf_format(buf, " of %zu", value_max);
        }
        buf_string(buf, ")\n");
    }
}

void preview_print(const struct preview_ask *ask, const struct preview *preview, struct buf *buf)
{
    buf_format(
        buf, "%.*s by %.*s (%.*s), %s\n", TEXT_ARGS(ask->template->id),
        TEXT_ARGS(ask->channel->name), TEXT_ARGS(ask->channel->type),
        ask->channel->english ? "en" : "zh");
    add_box(buf, preview->shown);
    add_segments(buf, preview);
    add_vendor(buf, ask, &preview->composed);
    for (size_t i = 0; i < preview->warning_count; i++) {
        buf_format(buf, "  warning: %s\n", preview->warnings[i]);
    }
}

/* ---- JSON ---- */

static void add_json_segments(struct json_out *out, const struct preview *preview)
{
    json_out_key(out, "segments");
    json_out_open(out, '[');
    for (size_t i = 0; i < preview->segment_count; i++) {
        json_out_open(out, '{');
        json_out_member_i64(out, "characters", (int64_t)utf8_utf16_units(preview->segments[i]));
        json_out_member(out, "text", preview->segments[i]);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void add_json_vendor(struct json_out *out, const struct composed *composed)
{
    if (composed->vendor_template.bytes == 0) {
        return;
    }
    json_out_key(out, "vendor");
    json_out_open(out, '{');
    json_out_member(out, "template", composed->vendor_template);
    json_out_key(out, "params");
    json_out_open(out, '[');
    for (size_t i = 0; i < composed->param_count; i++) {
        json_out_open(out, '{');
        json_out_member(out, "name", composed->params[i].name);
        json_out_member(out, "value", composed->params[i].value);
        json_out_member_i64(
            out, "characters", (int64_t)utf8_utf16_units(composed->params[i].value));
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
    json_out_close(out, '}');
}

void preview_print_json(
    const struct preview_ask *ask, const struct preview *preview, struct buf *buf)
{
    struct json_out out;
    json_out_init(&out, buf);
    json_out_open(&out, '{');
    json_out_member(&out, "template", ask->template->id);
    json_out_member(&out, "channel", ask->channel->name);
    json_out_member(&out, "type", ask->channel->type);
    json_out_member(&out, "language", text_of(ask->channel->english ? "en" : "zh"));
    json_out_member(&out, "title", preview->composed.title);
    json_out_member(&out, "text", preview->shown);
    json_out_member_i64(&out, "characters", (int64_t)preview->characters);
    add_json_segments(&out, preview);
    add_json_vendor(&out, &preview->composed);
    json_out_key(&out, "warnings");
    json_out_open(&out, '[');
    for (size_t i = 0; i < preview->warning_count; i++) {
        json_out_string(&out, text_of(preview->warnings[i]));
    }
    json_out_close(&out, ']');
    json_out_close(&out, '}');
    buf_char(buf, '\n');
}
