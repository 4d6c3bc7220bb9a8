/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills a template's values from the entry. An SMS that is too long loses the end of the case's
 * title first: unit, lateness and what to do stay readable.
 */
#include "notifiers/compose.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rules/duration.h"

#define TEXT_BYTES_MAX  ((size_t)16 * 1024)
#define TITLE_BYTES_MAX 200 /* of a chat's title */

static const char fallback_pattern[] =
    "{sign}{unit}：{title}（{case}）{stage}，期限{due}，请及时办理。";
static const char test_pattern[] = "{sign}这是一条测试消息，收到即说明通道正常，无需处理。";

/* Room for the values that are made here. */
struct made_values {
    char due[64];
    char late_wd[TEMPLATE_LATE_BYTES];
    char late_d[TEMPLATE_LATE_BYTES];
    char ordinal[24];
    struct buf sign;
    struct buf link;
};

/* "7月10日17:30"; with the year where it is not this one; an end of day as 24:00. */
static void write_due(
    const struct calendar *calendar, struct wall_ms due, struct wall_ms now, char text[static 64])
{
    const bool midnight = calendar_local_second(calendar, due) == 0;
    const struct wall_ms inside = {.ms = midnight ? due.ms - 1 : due.ms};
    const struct civil_date date = civil_date_of(calendar_local_day(calendar, inside));
    const int32_t minute = midnight ? 24 * 60 : calendar_local_second(calendar, due) / 60;
    char year[16] = "";
    if (civil_date_of(calendar_local_day(calendar, now)).year != date.year) {
        (void)snprintf(year, sizeof(year), "%" PRId32 "年", date.year);
    }
    (void)snprintf(
        text, 64, "%s%" PRId32 "月%" PRId32 "日%" PRId32 ":%02" PRId32, year, date.month, date.day,
        minute / 60, minute % 60);
}

static void write_lateness(
    const struct calendar *calendar,
    const struct mail_entry *entry,
    struct wall_ms now,
    struct made_values *made)
{
    struct between late = {0};
    if (entry->values.has_due && now.ms > entry->values.due.ms) {
        late = calendar_between(calendar, entry->values.due, now);
    }
    (void)template_late(late.working_days, true, made->late_wd);
    (void)template_late(late.calendar_days, true, made->late_d);
}

static void write_sign(const struct compose_from *from, struct buf *sign)
{
    const struct text signature = channel_option(from->settings, "signature");
    if (!from->type->text_signed || signature.bytes == 0) {
        return;
    }
    const bool bracketed = text_starts_with(signature, TEXT_LITERAL("【"));
    buf_string(sign, bracketed ? "" : "【");
    buf_text(sign, signature);
    buf_string(sign, bracketed ? "" : "】");
}

static void write_link(const struct compose_from *from, struct text case_id, struct buf *link)
{
    struct text base = from->public_url;
    while (base.bytes > 0 && base.ptr[base.bytes - 1] == '/') {
        base.bytes--;
    }
    if (base.bytes > 0 && case_id.bytes > 0) {
        buf_text(link, base);
        buf_string(link, "/cases/");
        crypto_url_encode(link, case_id);
    }
}

static void make_values(
    const struct compose_from *from,
    const struct mail_entry *entry,
    struct made_values *made,
    struct template_values *values)
{
    const struct calendar *calendar = from->bundle->policy.calendar;
    const struct matter *matter =
        directory_matter(from->bundle->policy.directory, entry->values.matter);
    made->due[0] = '\0';
    if (entry->values.has_due) {
        write_due(calendar, entry->values.due, from->now, made->due);
    }
    write_lateness(calendar, entry, from->now, made);
    write_sign(from, &made->sign);
    write_link(from, entry->case_id, &made->link);
    (void)snprintf(made->ordinal, sizeof(made->ordinal), "%" PRId64, entry->ordinal);
    values->value[TPL_CASE] = entry->case_id;
    values->value[TPL_TITLE] = entry->values.title;
    values->value[TPL_MATTER] = matter ? matter->title : entry->values.matter;
    values->value[TPL_UNIT] = entry->values.unit;
    values->value[TPL_HANDLER] = entry->values.handler;
    values->value[TPL_CLOCK] = entry->values.clock;
    values->value[TPL_DUE] = text_of(made->due);
    values->value[TPL_LATE_WD] = text_of(made->late_wd);
    values->value[TPL_LATE_D] = text_of(made->late_d);
    values->value[TPL_STAGE] = entry->values.stage;
    values->value[TPL_ORDINAL] = text_of(made->ordinal);
    values->value[TPL_COUNT_OF_CASES] = TEXT_LITERAL("1");
    values->value[TPL_WORST] = entry->values.title;
    values->value[TPL_LINK] = buf_view(&made->link);
    values->value[TPL_SIGN] = buf_view(&made->sign);
}

static struct text pattern_of(const struct compose_from *from, const struct mail_entry *entry)
{
    if (entry->test) {
        return text_of(test_pattern);
    }
    const struct template_text *template = bundle_template(from->bundle, entry->template_id);
    if (!template) {
        return text_of(fallback_pattern);
    }
    const bool markdown = from->type->form == FORM_MARKDOWN && template->zh_markdown.bytes > 0;
    return markdown ? template->zh_markdown : template->zh_sms;
}

static void trim_end(struct buf *text)
{
    while (text->bytes > 0 &&
           (text->ptr[text->bytes - 1] == '\n' || text->ptr[text->bytes - 1] == ' ')) {
        buf_cut(text, text->bytes - 1);
    }
}

static void cut_to_segments(struct buf *text)
{
    while (sms_segments(buf_view(text)) > SMS_SEGMENTS_MAX) { /* each turn cuts a character */
        buf_cut(text, utf8_cut(buf_view(text), text->bytes - 1).bytes);
    }
}

static void render_sms(struct text pattern, const struct template_values *values, struct buf *text)
{
    if (!template_fit_sms(pattern, values, SMS_SEGMENTS_MAX, text)) {
        cut_to_segments(text);
    }
    trim_end(text);
}

static struct text title_of(const struct mail_entry *entry, struct arena *arena)
{
    struct buf title;
    buf_init(&title, TEXT_BYTES_MAX);
    if (entry->values.stage.bytes > 0) {
        buf_text(&title, entry->values.stage);
        buf_char(&title, ' ');
    }
    buf_text(&title, utf8_cut(entry->values.title, TITLE_BYTES_MAX));
    const struct text kept = arena_text(arena, buf_view(&title));
    buf_release(&title);
    return kept;
}

enum err compose(
    const struct compose_from *from,
    const struct mail_entry *entry,
    struct arena *arena,
    struct text *ret_title,
    struct text *ret_text)
{
    struct made_values made = {0};
    struct template_values values = {0};
    struct buf text;
    buf_init(&made.sign, TEXT_BYTES_MAX);
    buf_init(&made.link, TEXT_BYTES_MAX);
    buf_init(&text, TEXT_BYTES_MAX);
    make_values(from, entry, &made, &values);
    if (from->type->form == FORM_SMS) {
        render_sms(pattern_of(from, entry), &values, &text);
    } else {
        template_render_markdown(pattern_of(from, entry), &values, &text);
        trim_end(&text);
    }
    const struct text kept = arena_text(arena, buf_view(&text));
    const struct text title = title_of(entry, arena);
    buf_release(&text);
    buf_release(&made.link);
    buf_release(&made.sign);
    if (!kept.ptr || !title.ptr) {
        return ERR_NO_MEMORY;
    }
    *ret_title = title;
    *ret_text = kept;
    return ERR_OK;
}
