/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message texts by template, language and form, and their rendering: {name} only, {{ a brace. The
 * names are a closed list; anything else is an error when the template is read.
 */
#ifndef NRT_CONFIG_TEMPLATE_H
#define NRT_CONFIG_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum template_name {
    TPL_CASE,
    TPL_TITLE,
    TPL_MATTER,
    TPL_UNIT,
    TPL_HANDLER,
    TPL_CLOCK,
    TPL_DUE,
    TPL_LATE_WD,
    TPL_LATE_D,
    TPL_STAGE,
    TPL_ORDINAL,
    TPL_COUNT_OF_CASES, /* {count} */
    TPL_WORST,
    TPL_LINK,
    TPL_SIGN,
    TPL_NAME_COUNT
};
/* "case", "late_wd" ... */
const char *template_name_text(enum template_name name);

/* What a type of channel asks of vendor templates. */
struct template_law {
    bool takes;        /* it has such templates */
    bool needs;        /* and sends nothing without one */
    size_t value_max;  /* characters of one value; 0: as long as it likes */
    bool value_wanted; /* no value may be empty */
    bool no_links;     /* no address, no mobile number in a value */
    bool signs;        /* the vendor puts the signature in front: no 【】 in the words */
};

/* A value of a vendor's template: its name there, and what of ours it is made of. */
struct template_param {
    struct text name;
    struct text pattern;
};

struct template_vendor {
    struct text channel;
    struct text template_id;
    struct text words; /* as filed with the vendor, "{name}" for each value; may be empty */
    const struct template_param *params; /* in the template's order */
    size_t param_count;
};
#define TEMPLATE_PARAMS_MAX 20

struct template_text {
    struct text id;
    struct text zh_sms;
    struct text zh_markdown;
    struct text en_sms;
    struct text en_markdown;
    const struct template_vendor *vendors;
    size_t vendor_count;
};

struct template_values {
    struct text value[TPL_NAME_COUNT]; /* empty where not known */
};

/* ERR_PARSE with why for an unknown name or a lone brace. */
enum err template_check(struct text pattern, struct err_why *why) ERR_MUST_USE;
/* Append the rendered text; the pattern has passed template_check. */
void template_render(struct text pattern, const struct template_values *values, struct buf *buf);
/*
 * The same for a Markdown message: marks that would make a link, a heading or emphasis out of a
 * value become their full-width twins; {link} alone stays as it is.
 */
void template_render_markdown(
    struct text pattern, const struct template_values *values, struct buf *buf);
/* The same for plain words: in values control characters become spaces, 【】 become 〔〕. */
void template_render_words(
    struct text pattern, const struct template_values *values, struct buf *buf);
/*
 * The same for an SMS of at most that many segments: control characters in values become spaces,
 * 【】 become 〔〕 (only the signature may have them), and long free texts (the title first) are
 * cut with "…" until the text fits. False when even that does not help; the text is then given
 * whole.
 */
bool template_fit_sms(
    struct text pattern,
    const struct template_values *values,
    size_t segments_max,
    struct buf *buf);
#define SMS_SEGMENTS_MAX ((size_t)2) /* what the service sends */

/* NULL when the template has none for that channel. */
const struct template_vendor *template_vendor_of(
    const struct template_text *template, struct text channel);
/*
 * Append the value of one of its parameters as the vendor allows it: cut with "…", addresses and
 * mobile numbers taken out, "-" for nothing.
 */
void template_render_value(
    struct text pattern,
    const struct template_values *values,
    const struct template_law *law,
    struct buf *buf);
/*
 * One piece of a vendor's words at a time: true with the text to copy, or with the place of the
 * parameter (SIZE_MAX: there is none of that name, which is then the text). False at the end.
 * "{name}", "${name}" and "{1}" name a parameter.
 */
struct vendor_piece {
    struct text text;
    bool is_param;
    size_t param;
};
bool template_vendor_next(
    const struct template_vendor *vendor, struct text *rest, struct vendor_piece *ret_piece);

/* SMS segments of a text: 70 UTF-16 units in one, 67 each when longer (channels: law of SMS). */
size_t sms_segments(struct text text);

/*
 * What {late_wd} and {late_d} say: the number, or for less than one day words that read well
 * before the unit of the shipped texts: "不足1" (zh), "less than 1" (en). Returns text.
 */
#define TEMPLATE_LATE_BYTES 24
const char *template_late(int64_t days, bool chinese, char text[static TEMPLATE_LATE_BYTES]);

#endif
