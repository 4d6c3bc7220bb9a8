/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What {names} of templates stand for in one message.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/link_token.h"
#include "notifiers/compose_parts.h"
#include "notifiers/route.h"
#include "rules/duration.h"

#define MANY_PREFIX "many:"

/* An end of day is 24:00 of that day, not 00:00 of the next. */
void write_due(
    const struct compose_from *from, struct wall_ms due, char text[static COMPOSE_DUE_BYTES])
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const struct calendar *calendar = from->bundle->policy.calendar;
    const bool midnight = calendar_local_second(calendar, due) == 0;
    const struct wall_ms inside = {.ms = midnight ? due.ms - 1 : due.ms};
    const struct civil_date date = civil_date_of(calendar_local_day(calendar, inside));
    const int32_t minute = midnight ? 24 * 60 : calendar_local_second(calendar, due) / 60;
    const bool this_year = civil_date_of(calendar_local_day(calendar, from->now)).year == date.year;
    char year[16] = "";
    if (!this_year) {
        (void)snprintf(
            year, sizeof(year), from->settings->english ? " %" PRId32 : "%" PRId32 "年", date.year);
    }
    if (from->settings->english) {
        (void)snprintf(
            text, COMPOSE_DUE_BYTES, "%" PRId32 " %s%s %" PRId32 ":%02" PRId32, date.day,
            months[date.month - 1], year, minute / 60, minute % 60);
    } else {
        (void)snprintf(
            text, COMPOSE_DUE_BYTES, "%s%" PRId32 "月%" PRId32 "日%" PRId32 ":%02" PRId32, year,
            date.month, date.day, minute / 60, minute % 60);
    }
}

static void write_lateness(
    const struct compose_from *from, const struct mail_entry *entry, struct made_values *made)
{
    struct between late = {0};
    const bool chinese = !from->settings->english;
    if (entry->values.has_due && from->now.ms > entry->values.due.ms) {
        late = calendar_between(from->bundle->policy.calendar, entry->values.due, from->now);
    }
    (void)template_late(late.working_days, chinese, made->late_wd);
    (void)template_late(late.calendar_days, chinese, made->late_d);
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

/* ---- where to look ---- */

/* A page for whoever has the link: only in a message that one person alone gets. */
static bool is_personal(const struct compose_from *from, const struct mail_entry *entry)
{
    struct text group;
    const bool to_many =
        text_starts_with(from->mailbox, TEXT_LITERAL(MANY_PREFIX)) && entry->receiver.bytes == 0;
    const bool about_cases =
        entry->kind == ENTRY_DIGEST || (entry->kind == ENTRY_ALERT && entry->case_id.bytes > 0);
    return from->link_key && from->message.bytes == NRT_ID_BYTES - 1 && about_cases &&
           from->mailbox.bytes > 0 && !to_many && !entry->test &&
           !route_is_group(from->mailbox, &group);
}

static bool write_token(const struct compose_from *from, struct buf *link)
{
    struct link_claim claim = {
        .expires = wall_add(from->now, from->link_ms),
        .purpose = LINK_ACKNOWLEDGE,
    };
    memcpy(claim.message, from->message.ptr, NRT_ID_BYTES - 1);
    buf_string(link, "/a/");
    return link_token_make(from->link_key, &claim, link) == ERR_OK;
}

static void write_link(
    const struct compose_from *from, const struct mail_entry *entry, struct buf *link)
{
    struct text base = from->public_url;
    while (base.bytes > 0 && base.ptr[base.bytes - 1] == '/') {
        base.bytes--;
    }
    if (base.bytes == 0 || entry->test) {
        return;
    }
    buf_text(link, base);
    const size_t mark = link->bytes;
    if (is_personal(from, entry)) {
        if (write_token(from, link)) {
            return;
        }
        buf_cut(link, mark);
    }
    if (entry->case_id.bytes > 0) {
        buf_string(link, "/cases/");
        crypto_url_encode(link, entry->case_id);
    } else {
        buf_char(link, '/');
    }
}

/* ---- all of them ---- */

static void set_case_values(
    const struct compose_from *from, const struct mail_entry *entry, struct template_values *values)
{
    const struct matter *matter =
        directory_matter(from->bundle->policy.directory, entry->values.matter);
    values->value[TPL_CASE] = entry->case_id;
    values->value[TPL_TITLE] = entry->values.title;
    values->value[TPL_MATTER] = matter ? matter->title : entry->values.matter;
    values->value[TPL_UNIT] = entry->values.unit;
    values->value[TPL_HANDLER] = entry->values.handler;
    values->value[TPL_CLOCK] = entry->values.clock;
    values->value[TPL_STAGE] = entry->values.stage;
    values->value[TPL_WORST] = entry->values.title;
}

static void set_named(struct template_values *values, const struct entry_value *given)
{
    for (int name = 0; name < TPL_NAME_COUNT; name++) {
        if (strcmp(template_name_text((enum template_name)name), given->name) == 0) {
            values->value[name] = given->value;
        }
    }
}

/* Its own values win; ready words are what a template of its kind calls {title} and {worst}. */
static void set_given(const struct mail_entry *entry, struct template_values *values)
{
    if (entry->values.title.bytes == 0) {
        values->value[TPL_TITLE] = entry->subject;
        values->value[TPL_WORST] = entry->words;
    }
    for (size_t i = 0; i < entry->given_count; i++) {
        set_named(values, &entry->given[i]);
    }
}

static void set_digest(
    const struct compose_from *from, const struct mail_entry *digest, struct made_values *made)
{
    const struct digest_sum sum = digest_sum_of(digest, from->now);
    if (from->type->receivers_max > 1) { /* nothing of one person's, and another text each time */
        write_due(from, from->now, made->due);
        return;
    }
    if (!sum.worst) {
        return;
    }
    if (sum.worst->values.has_due) {
        write_due(from, sum.worst->values.due, made->due);
    }
    write_lateness(from, sum.worst, made);
    set_case_values(from, sum.worst, &made->values);
    if (sum.worst->values.title.bytes == 0) {
        made->values.value[TPL_WORST] = sum.worst->subject;
    }
    (void)snprintf(made->count, sizeof(made->count), "%zu", sum.count);
    digest_stage(&sum, from->settings->english, made->stage, sizeof(made->stage));
    made->values.value[TPL_STAGE] = text_of(made->stage);
}

void make_values(
    const struct compose_from *from, const struct mail_entry *entry, struct made_values *made)
{
    struct template_values *values = &made->values;
    buf_init(&made->sign, COMPOSE_BYTES_MAX);
    buf_init(&made->link, COMPOSE_BYTES_MAX);
    write_sign(from, &made->sign);
    write_link(from, entry, &made->link);
    (void)snprintf(made->ordinal, sizeof(made->ordinal), "%" PRId64, entry->ordinal);
    (void)snprintf(made->count, sizeof(made->count), "1");
    if (entry->kind == ENTRY_DIGEST) {
        set_digest(from, entry, made);
    } else {
        if (entry->values.has_due) {
            write_due(from, entry->values.due, made->due);
        } else if (entry->kind == ENTRY_NOTICE) {
            write_due(from, from->now, made->due);
        }
        write_lateness(from, entry, made);
        set_case_values(from, entry, values);
    }
    values->value[TPL_DUE] = text_of(made->due);
    values->value[TPL_LATE_WD] = text_of(made->late_wd);
    values->value[TPL_LATE_D] = text_of(made->late_d);
    values->value[TPL_ORDINAL] = text_of(made->ordinal);
    values->value[TPL_COUNT_OF_CASES] = text_of(made->count);
    values->value[TPL_LINK] = buf_view(&made->link);
    values->value[TPL_SIGN] = buf_view(&made->sign);
    if (entry->kind == ENTRY_NOTICE) {
        set_given(entry, values);
    }
}

void made_values_release(struct made_values *made)
{
    buf_release(&made->link);
    buf_release(&made->sign);
}
