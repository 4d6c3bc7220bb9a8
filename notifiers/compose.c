/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a template and values to what one channel is given. An SMS that is too long loses the end
 * of the case's title first: unit, lateness and what to do stay readable.
 */
#include "notifiers/compose.h"

#include <string.h>

#include "notifiers/compose_parts.h"

#define TITLE_BYTES_MAX 200 /* of a chat's title */

static const char unknown_zh[] = "{sign}{unit}：{title}（{case}）{stage}，期限{due}，请及时办理。";
static const char unknown_en[] =
    "{sign}{unit}: {title} ({case}) {stage}, due {due}. Please see to it.";
static const char test_zh[] = "{sign}这是一条测试消息，收到即说明通道正常，无需处理。";
static const char test_en[] = "{sign}This is a test: the channel works. Nothing to do.";
static const char words_alone[] = "{sign}{worst}";

/* ---- which template ---- */

static struct text template_id_of(const struct compose_from *from, const struct mail_entry *entry)
{
    if (entry->test) {
        return TEXT_LITERAL("canary");
    }
    if (entry->kind == ENTRY_DIGEST) {
        return from->type->receivers_max > 1 ? TEXT_LITERAL("digest-many") : TEXT_LITERAL("digest");
    }
    if (entry->kind == ENTRY_NOTICE && entry->template_id.bytes == 0) {
        return entry->notice;
    }
    return entry->template_id;
}

/* Ready words are said as they are, whatever template there is for values of a vendor's. */
static bool has_words(const struct mail_entry *entry)
{
    return entry->kind == ENTRY_NOTICE && entry->template_id.bytes == 0;
}

static struct text pattern_of(
    const struct compose_from *from,
    const struct mail_entry *entry,
    const struct template_text *template)
{
    const bool english = from->settings->english;
    if (entry->test) {
        return text_of(english ? test_en : test_zh);
    }
    if (has_words(entry)) {
        return text_of(words_alone);
    }
    if (!template) {
        return text_of(english ? unknown_en : unknown_zh);
    }
    const struct text markdown = english ? template->en_markdown : template->zh_markdown;
    const struct text sms = english ? template->en_sms : template->zh_sms;
    return from->type->form == FORM_MARKDOWN && markdown.bytes > 0 ? markdown : sms;
}

/* ---- words ---- */

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

/* Half a link leads nowhere: where there is no room for it, it is left out whole. */
static void render_sms(struct text pattern, const struct template_values *values, struct buf *text)
{
    struct template_values less = *values;
    const size_t mark = text->bytes;
    if (!template_fit_sms(pattern, values, SMS_SEGMENTS_MAX, text)) {
        buf_cut(text, mark);
        less.value[TPL_LINK] = (struct text){0};
        if (!template_fit_sms(pattern, &less, SMS_SEGMENTS_MAX, text)) {
            cut_to_segments(text);
        }
    }
    trim_end(text);
}

/* The signature that the vendor will put in front. */
static void add_signature(const struct compose_from *from, struct buf *text)
{
    const struct text signature = channel_option(from->settings, "signature");
    const bool bracketed = text_starts_with(signature, TEXT_LITERAL("【"));
    if (signature.bytes > 0) {
        buf_string(text, bracketed ? "" : "【");
        buf_text(text, signature);
        buf_string(text, bracketed ? "" : "】");
    }
}

/* A signature that the gateway adds counts as well: there has to be room for it. */
static void render_sms_unsigned(
    const struct compose_from *from,
    struct text pattern,
    const struct template_values *values,
    struct buf *text)
{
    struct template_values signed_values = *values;
    struct buf signature;
    struct buf whole;
    buf_init(&signature, COMPOSE_BYTES_MAX);
    buf_init(&whole, COMPOSE_BYTES_MAX);
    add_signature(from, &signature);
    signed_values.value[TPL_SIGN] = buf_view(&signature);
    render_sms(pattern, &signed_values, &whole);
    const size_t skip =
        text_starts_with(buf_view(&whole), buf_view(&signature)) ? signature.bytes : 0;
    if (whole.bytes > skip) {
        buf_add(text, whole.ptr + skip, whole.bytes - skip);
    }
    buf_release(&whole);
    buf_release(&signature);
}

/* Lines of ready words stay lines. */
static void render_lines(struct text words, struct buf *text)
{
    while (words.bytes > 0) {
        const char *end = memchr(words.ptr, '\n', words.bytes);
        const size_t bytes = end ? (size_t)(end - words.ptr) : words.bytes;
        struct template_values values = {.value = {[TPL_WORST] = {words.ptr, bytes}}};
        template_render_markdown(TEXT_LITERAL("{worst}"), &values, text);
        buf_string(text, end ? "\n\n" : "");
        words.ptr += bytes + (end ? 1 : 0);
        words.bytes -= bytes + (end ? 1 : 0);
    }
}

static bool mentions_link(struct text pattern)
{
    const struct text name = TEXT_LITERAL("{link}");
    return memmem(pattern.ptr, pattern.bytes, name.ptr, name.bytes) != NULL;
}

/* Plain words have the text of an SMS, without its signature, and room for the link. */
static void render_plain(
    struct text pattern, const struct template_values *values, bool ready, struct buf *text)
{
    if (ready) {
        buf_text(text, values->value[TPL_WORST]);
    } else {
        template_render_words(pattern, values, text);
    }
    trim_end(text);
    if (!mentions_link(pattern) && values->value[TPL_LINK].bytes > 0) {
        buf_char(text, '\n');
        buf_text(text, values->value[TPL_LINK]);
    }
}

static void render_text(
    const struct compose_from *from,
    const struct mail_entry *entry,
    const struct template_text *template,
    const struct template_values *values,
    struct buf *text)
{
    const struct text pattern = pattern_of(from, entry, template);
    switch (from->type->form) {
    case FORM_SMS:
        if (channel_template_law(from->settings->type)->signs) {
            render_sms_unsigned(from, pattern, values, text);
        } else {
            render_sms(pattern, values, text);
        }
        break;
    case FORM_MARKDOWN:
        if (has_words(entry)) {
            render_lines(entry->words, text);
        } else {
            template_render_markdown(pattern, values, text);
        }
        break;
    case FORM_TEXT:
        render_plain(pattern, values, has_words(entry), text);
        break;
    case FORM_DATA:
        buf_text(text, entry->words);
        return;
    }
    trim_end(text);
    const bool roomy = from->type->form != FORM_SMS && from->type->receivers_max <= 1;
    if (entry->kind == ENTRY_DIGEST && roomy) {
        digest_lines(from, entry, text);
    }
}

/* ---- the vendor's template ---- */

static enum err fill_params(
    const struct template_vendor *vendor,
    const struct template_values *values,
    const struct template_law *law,
    struct arena *arena,
    struct composed *composed)
{
    struct channel_param *params =
        arena_array(arena, vendor->param_count + 1, sizeof(struct channel_param));
    for (size_t i = 0; params && i < vendor->param_count; i++) {
        struct buf value;
        buf_init(&value, COMPOSE_BYTES_MAX);
        template_render_value(vendor->params[i].pattern, values, law, &value);
        params[i].name = vendor->params[i].name;
        params[i].value = arena_text(arena, buf_view(&value));
        buf_release(&value);
        if (!params[i].value.ptr) {
            return ERR_NO_MEMORY;
        }
    }
    composed->vendor_template = vendor->template_id;
    composed->params = params;
    composed->param_count = vendor->param_count;
    return params ? ERR_OK : ERR_NO_MEMORY;
}

/* What the phone will show, as far as the vendor's words are known here. */
static void show_vendor(
    const struct template_vendor *vendor, const struct composed *composed, struct buf *text)
{
    struct text rest = vendor->words;
    struct vendor_piece piece;
    while (template_vendor_next(vendor, &rest, &piece)) {
        if (!piece.is_param) {
            buf_text(text, piece.text);
        } else if (piece.param < composed->param_count) {
            buf_text(text, composed->params[piece.param].value);
        }
    }
}

/* ---- together ---- */

/* As in plain words: a case's title brings neither a second line nor a signature with it. */
static struct text title_of(
    const struct mail_entry *entry, const struct template_values *values, struct arena *arena)
{
    struct buf title;
    const bool named = entry->kind == ENTRY_NOTICE && entry->subject.bytes > 0;
    struct template_values parts = {0};
    parts.value[TPL_STAGE] = named ? (struct text){0} : values->value[TPL_STAGE];
    parts.value[TPL_TITLE] =
        utf8_cut(named ? entry->subject : values->value[TPL_TITLE], TITLE_BYTES_MAX);
    const bool staged = parts.value[TPL_STAGE].bytes > 0;
    buf_init(&title, COMPOSE_BYTES_MAX);
    template_render_words(
        staged ? TEXT_LITERAL("{stage} {title}") : TEXT_LITERAL("{title}"), &parts, &title);
    const struct text kept = arena_text(arena, buf_view(&title));
    buf_release(&title);
    return kept;
}

static enum err compose_text(
    const struct compose_from *from,
    const struct mail_entry *entry,
    const struct template_values *values,
    struct arena *arena,
    struct composed *composed)
{
    const struct template_law *law = channel_template_law(from->settings->type);
    const struct template_text *template =
        bundle_template(from->bundle, template_id_of(from, entry));
    const struct template_vendor *vendor =
        template && law->takes ? template_vendor_of(template, from->settings->name) : NULL;
    struct buf text;
    enum err err = ERR_OK;
    buf_init(&text, COMPOSE_BYTES_MAX);
    if (vendor) {
        err = fill_params(vendor, values, law, arena, composed);
        if (law->signs || (from->type->text_signed && vendor->words.bytes > 0)) {
            add_signature(from, &text);
        }
    }
    if (vendor && vendor->words.bytes > 0) {
        show_vendor(vendor, composed, &text);
    } else {
        render_text(from, entry, template, values, &text);
    }
    composed->text = arena_text(arena, buf_view(&text));
    buf_release(&text);
    return err;
}

enum err compose_message(
    const struct compose_from *from,
    const struct mail_entry *entry,
    struct arena *arena,
    struct composed *ret_composed)
{
    struct made_values made = {0};
    struct composed composed = {0};
    make_values(from, entry, &made);
    const enum err err = compose_text(from, entry, &made.values, arena, &composed);
    composed.title = title_of(entry, &made.values, arena);
    composed.link = arena_text(arena, buf_view(&made.link));
    made_values_release(&made);
    if (err != ERR_OK || !composed.text.ptr || !composed.title.ptr || !composed.link.ptr) {
        return ERR_NO_MEMORY;
    }
    *ret_composed = composed;
    return ERR_OK;
}

enum err compose(
    const struct compose_from *from,
    const struct mail_entry *entry,
    struct arena *arena,
    struct text *ret_title,
    struct text *ret_text)
{
    struct composed composed;
    const enum err err = compose_message(from, entry, arena, &composed);
    if (err == ERR_OK) {
        *ret_title = composed.title;
        *ret_text = composed.text;
    }
    return err;
}
