/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sentences in two languages at a time, and the item of the array that each becomes.
 */
#include "config/diff_parts.h"

#define TEXT_BYTES_MAX ((size_t)2000) /* of one sentence; longer ones are cut */

void diff_say(struct diff *diff, const char *zh, const char *en)
{
    buf_string(&diff->zh, zh);
    buf_string(&diff->en, en);
}

void diff_say_text(struct diff *diff, struct text text)
{
    buf_text(&diff->zh, text);
    buf_text(&diff->en, text);
}

void diff_say_name(struct diff *diff, const struct diff_subject *subject)
{
    buf_text(&diff->zh, subject->zh);
    buf_text(&diff->en, subject->en);
}

static void put_sentence(struct diff *diff, const char *key, struct buf *sentence)
{
    const bool whole = sentence->bytes <= TEXT_BYTES_MAX;
    buf_cut(sentence, utf8_cut(buf_view(sentence), TEXT_BYTES_MAX).bytes);
    buf_string(sentence, whole ? "" : "…");
    json_out_member(diff->out, key, buf_view(sentence));
}

static void put_value(struct diff *diff, const char *key, const struct json_value *value)
{
    if (value) {
        json_out_key(diff->out, key);
        json_out_value(diff->out, value);
    }
}

static void put_days(struct diff *diff, const struct diff_change *change)
{
    if (!change->days) {
        return;
    }
    json_out_key(diff->out, "days");
    json_out_open(diff->out, '[');
    for (size_t i = 0; i < change->day_count; i++) {
        json_out_string(diff->out, text_of(change->days[i]));
    }
    json_out_close(diff->out, ']');
}

static void put_item(
    struct diff *diff, const struct diff_subject *subject, const struct diff_change *change)
{
    json_out_open(diff->out, '{');
    json_out_member(diff->out, "what", text_of(subject->what));
    json_out_member(diff->out, "id", subject->id);
    if (change->key) {
        json_out_member(diff->out, "key", text_of(change->key));
    }
    json_out_member(diff->out, "change", text_of(change->change));
    put_value(diff, "from", change->from);
    put_value(diff, "to", change->to);
    put_days(diff, change);
    json_out_key(diff->out, "text");
    json_out_open(diff->out, '{');
    put_sentence(diff, "zh", &diff->zh);
    put_sentence(diff, "en", &diff->en);
    json_out_close(diff->out, '}');
    json_out_close(diff->out, '}');
}

void diff_tell(
    struct diff *diff, const struct diff_subject *subject, const struct diff_change *change)
{
    diff->count++;
    diff->failed = diff->failed || buf_error(&diff->zh) != ERR_OK || buf_error(&diff->en) != ERR_OK;
    if (diff->count <= DIFF_CHANGES_MAX) {
        put_item(diff, subject, change);
    }
    buf_clear(&diff->zh);
    buf_clear(&diff->en);
}

struct diff_subject diff_subject_of(
    struct diff *diff, const char *what, struct diff_words kind, struct text id)
{
    buf_format(&diff->zh, "%s %.*s", kind.zh, TEXT_ARGS(id));
    buf_format(&diff->en, "%s %.*s", kind.en, TEXT_ARGS(id));
    const struct diff_subject subject = {
        .what = what,
        .id = arena_text(&diff->arena, id),
        .zh = arena_text(&diff->arena, buf_view(&diff->zh)),
        .en = arena_text(&diff->arena, buf_view(&diff->en)),
    };
    diff->failed = diff->failed || !subject.id.ptr || !subject.zh.ptr || !subject.en.ptr;
    buf_clear(&diff->zh);
    buf_clear(&diff->en);
    return subject;
}

void diff_say_there(struct diff *diff, const struct diff_subject *subject, bool added)
{
    buf_string(&diff->zh, added ? "新增" : "删除");
    diff_say_name(diff, subject);
    buf_string(&diff->en, added ? " added" : " removed");
}

void diff_tell_there(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct json_value *value,
    bool added)
{
    const struct diff_change change = {
        .change = added ? "added" : "removed",
        .from = added ? NULL : value,
        .to = added ? value : NULL,
    };
    diff_tell(diff, subject, &change);
}
