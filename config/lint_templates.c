/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts: too long for what an SMS is cut to, always two of them, used by nobody, or speaking of
 * lateness before due. How long values get is assumed, and said in docs/lint.md: the service
 * cuts free words itself, so only what no cutting mends is a finding.
 */
#include <stdio.h>
#include <string.h>

#include "config/bundle_make.h"
#include "config/lint_place.h"
#include "config/template_sample.h"

#define TEXT_BYTES_MAX ((size_t)16 << 10)
#define SMS_ONE_UNITS  70

/* ---- who uses it ---- */

struct usage {
    const struct template_text *template;
    bool used;
    bool by_sms;
    bool by_english_sms;
    bool *by;                       /* [settings->channel_count] */
    const struct stage *before_due; /* a stage that is never late */
};

/* A sandbox stands for the channel it is named after. */
static bool is_sms(const struct settings *settings, struct text name)
{
    const struct channel_settings *channel = settings_channel(settings, name);
    return channel && (channel_traits(channel->type)->sms || text_is(name, "sms"));
}

static void note_via(
    struct usage *usage, const struct settings *settings, const struct text *via, size_t via_count)
{
    if (via_count == 0) {
        via = settings->default_via;
        via_count = settings->default_via_count;
    }
    usage->used = true;
    for (size_t i = 0; i < via_count; i++) {
        const struct channel_settings *channel = settings_channel(settings, via[i]);
        const bool sms = is_sms(settings, via[i]);
        usage->by_sms = usage->by_sms || sms;
        usage->by_english_sms = usage->by_english_sms || (sms && channel && channel->english);
        if (channel && usage->by) {
            usage->by[channel - settings->channels] = true;
        }
    }
}

static bool is_before_due(const struct stage *stage)
{
    return stage->light != LIGHT_RED && stage->repeat.kind == REPEAT_NONE &&
           (stage->at.anchor == ANCHOR_DUE_BEFORE ||
            (stage->at.anchor == ANCHOR_SHARE && stage->at.percent < 100));
}

static void note_stage(
    struct usage *usage, const struct settings *settings, const struct stage *stage)
{
    if (!text_equal(stage->template_id, usage->template->id)) {
        return;
    }
    note_via(usage, settings, stage->via, stage->via_count);
    if (is_before_due(stage) && !usage->before_due) {
        usage->before_due = stage;
    }
}

static void note_act(
    struct usage *usage, const struct settings *settings, const struct act_rule *act)
{
    if (act->given && text_equal(act->template_id, usage->template->id)) {
        note_via(usage, settings, act->via, act->via_count);
    }
}

static void note_set(
    struct usage *usage, const struct settings *settings, const struct ruleset *set)
{
    for (size_t c = 0; c < set->clock_count; c++) {
        for (size_t i = 0; i < set->clocks[c].stage_count; i++) {
            note_stage(usage, settings, &set->clocks[c].stages[i]);
        }
    }
    for (size_t a = 0; a < ACT_COUNT; a++) {
        note_act(usage, settings, &set->acts[a]);
    }
}

/* Digests take the place of all that go by their channel. */
static void note_digests(struct usage *usage, const struct settings *settings)
{
    for (size_t i = 0; usage->by && i < settings->channel_count; i++) {
        const struct channel_settings *channel = &settings->channels[i];
        if (channel->digest_ms > 0 && text_is(usage->template->id, "digest") &&
            channel_template_law(channel->type)->needs) {
            usage->by[i] = true;
        }
    }
}

/* What the service says of itself, as far as the settings have it say so. */
static void note_notices(struct usage *usage, const struct settings *settings)
{
    const struct text id = usage->template->id;
    if (text_is(id, "morning") && settings->morning_to_count > 0) {
        note_via(usage, settings, settings->morning_via, settings->morning_via_count);
    } else if (text_is(id, "brief") && settings->brief_to_count > 0) {
        note_via(usage, settings, settings->brief_via, settings->brief_via_count);
    } else if (text_is(id, "weekly") && settings->weekly_to_count > 0) {
        note_via(usage, settings, settings->weekly_via, settings->weekly_via_count);
    } else if (text_is(id, "ops") && settings->ops_notify_count > 0) {
        note_via(usage, settings, settings->ops_via, settings->ops_via_count);
    } else if (text_is(id, "canary") && settings->ops_canary_via.bytes > 0) {
        note_via(usage, settings, &settings->ops_canary_via, 1);
    } else if (text_is(id, "cleared") && settings->all_clear) {
        note_via(usage, settings, NULL, 0);
    }
}

static struct usage usage_of(struct linting *linting, const struct template_text *template)
{
    const struct policy *policy = &linting->bundle->policy;
    struct usage usage = {
        .template = template,
        .by = arena_array(&linting->arena, linting->settings->channel_count + 1, sizeof(bool)),
    };
    note_digests(&usage, linting->settings);
    note_notices(&usage, linting->settings);
    for (size_t s = 0; s < policy->set_count; s++) {
        note_set(&usage, linting->settings, &policy->sets[s]);
    }
    return usage;
}

/* ---- how long it gets ---- */

static void write_link(const struct linting *linting, struct buf *link)
{
    const struct text url = settings_outer_url(linting->settings);
    if (url.bytes > 0) {
        buf_text(link, url);
        buf_string(link, "/a/aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeee");
    }
}

/* The longest signature of an SMS channel; the longest there may be where none is set. */
static void write_sign(const struct linting *linting, struct buf *sign)
{
    struct text longest = {0};
    for (size_t i = 0; i < linting->settings->channel_count; i++) {
        const struct text text = channel_option(&linting->settings->channels[i], "signature");
        if (utf8_utf16_units(text) > utf8_utf16_units(longest)) {
            longest = text;
        }
    }
    const bool bracketed = text_starts_with(longest, TEXT_LITERAL("【"));
    buf_string(sign, bracketed ? "" : "【");
    buf_text(sign, longest.bytes > 0 ? longest : TEXT_LITERAL("一二三四五六七八九十一二"));
    buf_string(sign, bracketed ? "" : "】");
}

static struct template_values long_values(struct text sign, struct text link)
{
    struct template_values values = template_long_values();
    values.value[TPL_LINK] = link;
    values.value[TPL_SIGN] = sign;
    return values;
}

static bool fits(struct text pattern, const struct template_values *values, size_t segments)
{
    struct buf text;
    buf_init(&text, TEXT_BYTES_MAX);
    const bool fits = template_fit_sms(pattern, values, segments, &text);
    buf_release(&text);
    return fits;
}

/* The words of the text itself with its signature: what no value can shorten. */
static size_t fixed_units(struct text pattern, struct text sign)
{
    const struct template_values values = {.value = {[TPL_SIGN] = sign}};
    struct buf text;
    buf_init(&text, TEXT_BYTES_MAX);
    template_render(pattern, &values, &text);
    const size_t units = utf8_utf16_units(buf_view(&text));
    buf_release(&text);
    return units;
}

/* ---- findings ---- */

/* English takes two SMS as a rule; that alone is no finding. */
static void check_length(
    struct linting *linting, const struct spot *spot, struct text pattern, bool english)
{
    struct buf sign;
    struct buf link;
    buf_init(&sign, TEXT_BYTES_MAX);
    buf_init(&link, TEXT_BYTES_MAX);
    write_sign(linting, &sign);
    write_link(linting, &link);
    const struct template_values values = long_values(buf_view(&sign), buf_view(&link));
    const size_t fixed = fixed_units(pattern, buf_view(&sign));
    if (!fits(pattern, &values, SMS_SEGMENTS_MAX)) {
        lint_say(
            linting, spot, FINDING_WARNING, "sms-too-long",
            "too long for %zu SMS with long values, even with titles cut short: its end would be "
            "lost; %zu of 134 characters are its own words",
            SMS_SEGMENTS_MAX, fixed);
    } else if (fixed > SMS_ONE_UNITS && !english) {
        lint_say(
            linting, spot, FINDING_WARNING, "sms-always-two",
            "always takes two SMS: its own words are %zu characters with the signature, one SMS "
            "holds %d",
            fixed, SMS_ONE_UNITS);
    }
    buf_release(&sign);
    buf_release(&link);
}

static bool contains(struct text text, struct text part)
{
    for (size_t i = 0; i + part.bytes <= text.bytes; i++) {
        if (memcmp(text.ptr + i, part.ptr, part.bytes) == 0) {
            return true;
        }
    }
    return false;
}

/* The reader sees to the first one. */
static void check_signature(struct linting *linting, const struct spot *spot, struct text pattern)
{
    const struct text sign = TEXT_LITERAL("{sign}");
    const struct text rest = {pattern.ptr + sign.bytes, pattern.bytes - sign.bytes};
    if (contains(rest, sign) || contains(rest, TEXT_LITERAL("【"))) {
        lint_say(
            linting, spot, FINDING_WARNING, "sms-signed-twice",
            "a second 【】 behind {sign}: carriers take the text for one with two signatures");
    }
}

static bool names_lateness(struct text pattern)
{
    return contains(pattern, TEXT_LITERAL("{late_wd}")) ||
           contains(pattern, TEXT_LITERAL("{late_d}"));
}

/* A folder may hold copies of what is compiled in: nobody minds when those are not used. */
static bool is_shipped(struct text id)
{
    struct source shipped[64];
    const size_t count = bundle_shipped_all("templates/", shipped, 64);
    char name[96];
    (void)snprintf(name, sizeof name, "templates/%.*s.json", TEXT_ARGS(id));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(shipped[i].file, name) == 0) {
            return true;
        }
    }
    return false;
}

static void check_template(struct linting *linting, size_t index)
{
    const struct bundle *bundle = linting->bundle;
    const struct template_text *template = &bundle->templates[index];
    const struct usage usage = usage_of(linting, template);
    struct json_doc *doc = NULL;
    const struct spot root = spot_of_template(linting, index, &doc);
    const struct spot zh = spot_key(spot_key(root, "texts"), "zh");
    const struct spot sms = spot_key(zh, "sms");
    if (!usage.used && !is_shipped(template->id)) {
        lint_say(
            linting, &root, FINDING_WARNING, "template-unused", "no stage and no act uses \"%.*s\"",
            TEXT_ARGS(template->id));
    }
    if (usage.by_sms) {
        check_length(linting, &sms, template->zh_sms, false);
        check_signature(linting, &sms, template->zh_sms);
    }
    if (usage.by_english_sms && !text_equal(template->en_sms, template->zh_sms)) {
        const struct spot en = spot_key(spot_key(spot_key(root, "texts"), "en"), "sms");
        check_length(linting, &en, template->en_sms, true);
        check_signature(linting, &en, template->en_sms);
    }
    for (size_t i = 0; usage.by && i < linting->settings->channel_count; i++) {
        if (usage.by[i]) {
            lint_vendor_missing(linting, &root, template, &linting->settings->channels[i]);
        }
    }
    lint_vendors_of(linting, &root, index);
    if (usage.before_due && names_lateness(template->zh_sms)) {
        lint_say(
            linting, &sms, FINDING_WARNING, "late-before-due",
            "tells how late the case is, but stage \"%.*s\" uses it before due",
            TEXT_ARGS(usage.before_due->id));
    }
    json_free(doc);
}

void lint_templates(struct linting *linting)
{
    for (size_t i = 0; i < linting->bundle->template_count; i++) {
        check_template(linting, i);
    }
}
