/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vendor templates: missing where a channel sends nothing without one, with words or values that
 * the vendor refuses or that are cut.
 */
#include <stdio.h>
#include <string.h>

#include "config/lint_place.h"
#include "config/template_sample.h"

#define VALUE_BYTES_MAX ((size_t)8192)

struct vendor_lint {
    struct linting *linting;
    const struct template_vendor *vendor;
    const struct template_law *law;
    struct spot spot; /* of the vendor's object */
};

/* ---- values ---- */

/* How long it gets with long values, before anything is cut. */
static size_t units_of(const struct vendor_lint *lint, struct text pattern)
{
    const struct template_law free = {.takes = true};
    struct template_values values = template_long_values();
    struct buf value;
    buf_init(&value, VALUE_BYTES_MAX);
    values.value[TPL_LINK] = settings_outer_url(lint->linting->settings);
    template_render_value(pattern, &values, &free, &value);
    const size_t units = utf8_utf16_units(buf_view(&value));
    buf_release(&value);
    return units;
}

static void check_values(const struct vendor_lint *lint)
{
    const struct spot params = spot_key(lint->spot, "params");
    for (size_t i = 0; lint->law->value_max > 0 && i < lint->vendor->param_count; i++) {
        const struct template_param *param = &lint->vendor->params[i];
        const size_t units = units_of(lint, param->pattern);
        if (units > lint->law->value_max) {
            const struct spot spot = spot_key(params, param->name.ptr);
            lint_say(
                lint->linting, &spot, FINDING_WARNING, "vendor-value-long",
                "with long values it has %zu characters; the vendor takes %zu, so it is cut", units,
                lint->law->value_max);
        }
    }
}

/* ---- words ---- */

struct vendor_words {
    bool adjacent;
    bool twice;
    size_t params;
    size_t own; /* characters beside the values */
};

static struct vendor_words look(const struct template_vendor *vendor)
{
    struct vendor_words words = {0};
    bool seen[TEMPLATE_PARAMS_MAX] = {false};
    bool after_param = false;
    struct text rest = vendor->words;
    struct vendor_piece piece;
    while (template_vendor_next(vendor, &rest, &piece)) {
        if (!piece.is_param) {
            words.own += utf8_utf16_units(piece.text);
            after_param = false;
            continue;
        }
        words.adjacent = words.adjacent || after_param;
        after_param = true;
        words.params++;
        if (piece.param < TEMPLATE_PARAMS_MAX) {
            words.twice = words.twice || seen[piece.param];
            seen[piece.param] = true;
        }
    }
    return words;
}

static void check_words(const struct vendor_lint *lint)
{
    const struct spot spot = spot_key(lint->spot, "text");
    const struct vendor_words words = look(lint->vendor);
    const struct text mark = template_forbidden_mark(lint->vendor->words);
    if (words.params > 0 && words.own == 0) {
        lint_say(
            lint->linting, &spot, FINDING_WARNING, "vendor-values-only",
            "vendors refuse a template of values alone: it needs words of its own");
    } else if (words.adjacent) {
        lint_say(
            lint->linting, &spot, FINDING_WARNING, "vendor-values-adjacent",
            "two values side by side: vendors refuse such templates; put a word between them");
    }
    if (words.twice && lint->law->value_max > 0) {
        lint_say(
            lint->linting, &spot, FINDING_WARNING, "vendor-value-twice",
            "the same value twice: this vendor takes each once");
    }
    if (mark.bytes > 0) {
        lint_say(
            lint->linting, &spot, FINDING_WARNING, "vendor-forbidden-mark",
            "'%.*s' is refused in templates; write it in words", TEXT_ARGS(mark));
    }
}

void lint_vendors_of(struct linting *linting, const struct spot *root, size_t index)
{
    const struct template_text *template = &linting->bundle->templates[index];
    for (size_t i = 0; i < template->vendor_count; i++) {
        const struct template_vendor *vendor = &template->vendors[i];
        const struct channel_settings *channel =
            settings_channel(linting->settings, vendor->channel);
        const struct vendor_lint lint = {
            .linting = linting,
            .vendor = vendor,
            .law = channel_template_law(channel ? channel->type : (struct text){0}),
            .spot = spot_key(spot_key(*root, "vendor"), vendor->channel.ptr),
        };
        if (lint.law->signs) {
            check_values(&lint);
            check_words(&lint);
        }
    }
}

/* ---- missing ones ---- */

void lint_vendor_missing(
    struct linting *linting,
    const struct spot *root,
    const struct template_text *template,
    const struct channel_settings *channel)
{
    if (channel_template_law(channel->type)->needs &&
        !template_vendor_of(template, channel->name)) {
        lint_say(
            linting, root, FINDING_WARNING, "vendor-missing",
            "\"%.*s\" sends nothing without a template of its vendor, and \"vendor\" names none "
            "for it: these messages go to the next channel",
            TEXT_ARGS(channel->name));
    }
}
