/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sample message through the notifier's own composing, and what there is to say about it.
 */
#include "cli/message_preview.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config/link_token.h"
#include "config/template_sample.h"

#define DAY_MS          INT64_C(86400000)
#define SMS_ONE_UNITS   70
#define SMS_MANY_UNITS  67
#define SHOWN_BYTES_MAX ((size_t)64 << 10)
#define MEMBERS         3

/* ---- the sample ---- */

static struct text or_sample(struct text own, struct text sample)
{
    return own.bytes > 0 ? own : sample;
}

static bool mentions(struct text pattern, const char *name)
{
    return pattern.bytes > 0 && memmem(pattern.ptr, pattern.bytes, name, strlen(name)) != NULL;
}

/* A text that speaks of lateness is shown late. */
static struct wall_ms sample_due(const struct preview_ask *ask)
{
    const struct text sms = ask->template->zh_sms;
    const bool late = mentions(sms, "{late_wd}") || mentions(sms, "{late_d}") ||
                      text_is(ask->template->id, "digest");
    return wall_add(ask->at, late ? -5 * DAY_MS : 2 * DAY_MS);
}

static struct template_values sample_values(const struct preview_ask *ask)
{
    struct template_values values =
        ask->long_values ? template_long_values() : template_usual_values(ask->channel->english);
    values.value[TPL_TITLE] = or_sample(ask->title, values.value[TPL_TITLE]);
    values.value[TPL_UNIT] = or_sample(ask->unit, values.value[TPL_UNIT]);
    values.value[TPL_CASE] = or_sample(ask->case_id, values.value[TPL_CASE]);
    values.value[TPL_HANDLER] = or_sample(ask->handler, values.value[TPL_HANDLER]);
    return values;
}

static struct mail_entry sample_alert(const struct preview_ask *ask)
{
    const struct template_values values = sample_values(ask);
    return (struct mail_entry){
        .kind = ENTRY_ALERT,
        .case_id = values.value[TPL_CASE],
        .template_id = ask->template->id,
        .ordinal = ask->long_values ? 100 : 1,
        .light = TEXT_LITERAL("red"),
        .values =
            {
                .title = values.value[TPL_TITLE],
                .matter = values.value[TPL_MATTER],
                .unit = values.value[TPL_UNIT],
                .handler = values.value[TPL_HANDLER],
                .clock = values.value[TPL_CLOCK],
                .stage = values.value[TPL_STAGE],
                .has_due = true,
                .due = sample_due(ask),
            },
    };
}

static struct mail_entry sample_digest(const struct mail_entry *alert, struct arena *arena)
{
    static const char *const ids[MEMBERS] = {"", "2026-00018", "2026-00019"};
    struct entry_member *members = arena_array(arena, MEMBERS, sizeof(*members));
    struct mail_entry digest = {.kind = ENTRY_DIGEST};
    for (size_t i = 0; members && i < MEMBERS; i++) {
        members[i].entry = *alert;
        if (i > 0) {
            members[i].entry.case_id = text_of(ids[i]);
            members[i].entry.light = TEXT_LITERAL("yellow");
            members[i].entry.values.due = wall_add(alert->values.due, (int64_t)i * 7 * DAY_MS);
        }
    }
    digest.members = members;
    digest.member_count = members ? MEMBERS : 0;
    return digest;
}

static struct mail_entry sample_notice(
    const struct preview_ask *ask, const struct mail_entry *alert, struct arena *arena)
{
    const bool english = ask->channel->english;
    const struct entry_value values[] = {
        {"title", alert->values.title},
        {"unit", alert->values.unit},
        {"clock", alert->values.clock},
        {"count", ask->long_values ? TEXT_LITERAL("100") : TEXT_LITERAL("3")},
        {"worst", alert->values.title},
        {"stage", english ? TEXT_LITERAL("1 of them today, 2 overdue")
                          : TEXT_LITERAL("其中今日1件，已超期2件")},
    };
    const size_t count = sizeof(values) / sizeof(values[0]);
    struct entry_value *given = arena_array(arena, count, sizeof(*given));
    struct mail_entry notice = {
        .kind = ENTRY_NOTICE,
        .notice = ask->template->id,
        .template_id = ask->template->id,
        .case_id = text_is(ask->template->id, "cleared") ? alert->case_id : (struct text){0},
    };
    if (given) {
        memcpy(given, values, sizeof(values));
        notice.given = given;
        notice.given_count = count;
    }
    return notice;
}

static bool is_notice(struct text id)
{
    static const char *const notices[] = {"morning", "brief", "weekly", "cleared", "ops", "canary"};
    for (size_t i = 0; i < sizeof(notices) / sizeof(notices[0]); i++) {
        if (text_is(id, notices[i])) {
            return true;
        }
    }
    return false;
}

static struct mail_entry sample_of(const struct preview_ask *ask, struct arena *arena)
{
    const struct mail_entry alert = sample_alert(ask);
    if (text_is(ask->template->id, "digest")) {
        return sample_digest(&alert, arena);
    }
    return is_notice(ask->template->id) || text_is(ask->template->id, "digest-many")
               ? sample_notice(ask, &alert, arena)
               : alert;
}

/* ---- segments ---- */

static struct text take_units(struct text *rest, size_t units_max)
{
    size_t bytes = 0;
    size_t units = 0;
    while (bytes < rest->bytes) {
        size_t next = utf8_char_bytes(rest->ptr + bytes, rest->bytes - bytes);
        next = next > 0 ? next : 1;
        units += utf8_utf16_units((struct text){rest->ptr + bytes, next});
        if (units > units_max) {
            break;
        }
        bytes += next;
    }
    const struct text taken = {rest->ptr, bytes};
    rest->ptr += bytes;
    rest->bytes -= bytes;
    return taken;
}

static void divide(struct preview *preview)
{
    struct text rest = preview->shown;
    const size_t units_max = preview->characters <= SMS_ONE_UNITS ? SMS_ONE_UNITS : SMS_MANY_UNITS;
    while (rest.bytes > 0 && preview->segment_count < PREVIEW_SEGMENTS_MAX) {
        preview->segments[preview->segment_count++] = take_units(&rest, units_max);
    }
}

/* ---- what to say about it ---- */

static void __attribute__((format(printf, 2, 3)))
warn(struct preview *preview, const char *format, ...)
{
    if (preview->warning_count == PREVIEW_WARNINGS_MAX) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(
        preview->warnings[preview->warning_count++], PREVIEW_WARNING_BYTES, format, arguments);
    va_end(arguments);
}

static void warn_of_vendor(const struct preview_ask *ask, struct preview *preview)
{
    const struct template_law *law = channel_template_law(ask->channel->type);
    const struct template_vendor *vendor = template_vendor_of(ask->template, ask->channel->name);
    if (law->needs && !vendor) {
        warn(
            preview, "this channel sends nothing without a template of its vendor: set vendor.%.*s",
            TEXT_ARGS(ask->channel->name));
    }
    for (size_t i = 0; i < preview->composed.param_count; i++) {
        const struct channel_param *param = &preview->composed.params[i];
        const struct text end = TEXT_LITERAL("…");
        if (law->value_max > 0 && param->value.bytes >= end.bytes &&
            utf8_utf16_units(param->value) == law->value_max &&
            memcmp(param->value.ptr + param->value.bytes - end.bytes, end.ptr, end.bytes) == 0) {
            warn(
                preview, "%.*s is cut to the vendor's %zu characters", TEXT_ARGS(param->name),
                law->value_max);
        }
    }
    const struct text mark = template_forbidden_mark(vendor ? vendor->words : (struct text){0});
    if (law->signs && mark.bytes > 0) {
        warn(preview, "vendors refuse '%.*s' in a template", TEXT_ARGS(mark));
    }
    if (vendor && vendor->words.bytes == 0) {
        warn(preview, "the vendor's words are not known here: set \"text\" beside \"template\"");
    }
}

static void warn_of_text(const struct preview_ask *ask, struct preview *preview)
{
    const struct text shown = preview->shown;
    const struct text link = preview->composed.link;
    const bool sms = preview->segment_count > 0;
    if (sms && !text_starts_with(shown, TEXT_LITERAL("【"))) {
        warn(
            preview,
            "no 【signature】 in front: carriers block such texts unless the gateway adds it");
    }
    if (preview->segment_count > SMS_SEGMENTS_MAX) {
        warn(preview, "more than %zu SMS", SMS_SEGMENTS_MAX);
    }
    if (mentions(ask->template->zh_sms, "{link}") && sms && link.bytes > 0 &&
        !memmem(shown.ptr, shown.bytes, link.ptr, link.bytes)) {
        warn(preview, "there is no room for the link");
    }
}

/* The vendor puts the signature in front of free texts, too. */
static struct text shown_of(
    const struct preview_ask *ask, const struct composed *composed, struct arena *arena)
{
    const struct text signature = channel_option(ask->channel, "signature");
    const bool added = channel_template_law(ask->channel->type)->signs &&
                       composed->vendor_template.bytes == 0 && signature.bytes > 0;
    struct buf shown;
    buf_init(&shown, SHOWN_BYTES_MAX);
    buf_text(&shown, added ? signature : (struct text){0});
    buf_text(&shown, composed->text);
    const struct text kept = arena_text(arena, buf_view(&shown));
    buf_release(&shown);
    return kept;
}

enum err message_preview(
    const struct preview_ask *ask, struct arena *arena, struct preview *ret_preview)
{
    static const uint8_t key[LINK_KEY_BYTES] = {1};
    const struct channel_type *type = channel_type_find(ask->channel->type);
    if (!type || type->form == FORM_DATA) {
        return ERR_USAGE;
    }
    const struct compose_from from = {
        .bundle = ask->bundle,
        .settings = ask->channel,
        .type = type,
        .public_url = settings_outer_url(ask->settings),
        .now = ask->at,
        .mailbox = type->to_group ? TEXT_LITERAL("robot:default") : TEXT_LITERAL("preview"),
        .message = TEXT_LITERAL("aaaaaaaaaaaaaaaaaaaaaaaaaa"),
        .link_key = key,
        .link_ms = ask->settings->link_ms,
    };
    const struct mail_entry entry = sample_of(ask, arena);
    *ret_preview = (struct preview){0};
    const enum err err = compose_message(&from, &entry, arena, &ret_preview->composed);
    if (err) {
        return err;
    }
    ret_preview->shown = shown_of(ask, &ret_preview->composed, arena);
    ret_preview->characters = utf8_utf16_units(ret_preview->shown);
    if (type->form == FORM_SMS) {
        divide(ret_preview);
    }
    warn_of_vendor(ask, ret_preview);
    warn_of_text(ask, ret_preview);
    return ret_preview->shown.ptr ? ERR_OK : ERR_NO_MEMORY;
}
