/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "vendor" of a template: for each channel whose gateway fills in the words, the vendor's id of
 * the template and what its values are made of, in the vendor's order.
 */
#include <string.h>

#include "config/describe.h"
#include "config/refer.h"
#include "config/settings.h"
#include "config/template_parts.h"

#define PARAM_NAME_MAX 64
#define VENDORS_MAX    64

struct vendor_reading {
    struct template_vendor vendor;
    struct template_param params[TEMPLATE_PARAMS_MAX];
};

/* NULL where the channels are not known here. */
static const struct template_law *law_of(const struct reader *reader, struct text channel)
{
    const struct settings *settings = reader->known->settings;
    const struct channel_settings *found = settings ? settings_channel(settings, channel) : NULL;
    return found ? channel_template_law(found->type) : NULL;
}

/* ---- values ---- */

static bool check_param_name(
    struct reader *reader, const struct json_value *member, const struct vendor_reading *reading)
{
    const struct text name = json_key(member);
    if (name.bytes == 0 || name.bytes > PARAM_NAME_MAX) {
        reader_error(reader, member, "a parameter's name has 1 to %d bytes", PARAM_NAME_MAX);
        return false;
    }
    if (reading->vendor.param_count == TEMPLATE_PARAMS_MAX) {
        reader_error(reader, member, "more than %d parameters", TEMPLATE_PARAMS_MAX);
        return false;
    }
    return true;
}

static void read_param(
    struct reader *reader, const struct json_value *member, struct vendor_reading *reading)
{
    struct text pattern = {0};
    if (!check_param_name(reader, member, reading)) {
        return;
    }
    read_pattern(reader, member, &pattern);
    if (pattern.bytes > 0) {
        reading->params[reading->vendor.param_count++] =
            (struct template_param){reader_keep(reader, json_key(member)), pattern};
    }
}

static void read_params(struct reader *reader, const struct json_value *value, void *target)
{
    struct text none = {0};
    if (describe_map(reader, "any_name", read_pattern, &none)) {
        return;
    }
    if (!read_is(reader, value, JSON_OBJECT, "an object of parameters {...}")) {
        return;
    }
    for (const struct json_value *member = json_first(value); member; member = json_next(member)) {
        if (reader_remark(reader, member)) {
            continue;
        }
        const size_t mark = reader_enter_key(reader, json_key(member));
        read_param(reader, member, target);
        reader_leave(reader, mark);
    }
}

/* ---- what the vendor will not have ---- */

static bool contains(struct text text, struct text part)
{
    return memmem(text.ptr, text.bytes, part.ptr, part.bytes) != NULL;
}

static void check_words(
    struct reader *reader,
    const struct json_value *value,
    const struct template_vendor *vendor,
    const struct template_law *law)
{
    struct text rest = vendor->words;
    struct vendor_piece piece;
    while (template_vendor_next(vendor, &rest, &piece)) {
        if (piece.is_param && piece.param == SIZE_MAX) {
            reader_error(
                reader, value, "{%.*s} is no parameter of it: \"params\" does not name it",
                TEXT_ARGS(utf8_cut(piece.text, PARAM_NAME_MAX)));
        }
    }
    if (law && law->signs &&
        (contains(vendor->words, TEXT_LITERAL("【")) ||
         contains(vendor->words, TEXT_LITERAL("】")))) {
        reader_error(
            reader, value, "no 【】 in the words: the vendor puts the signature in front itself");
    }
}

static void check_params(
    struct reader *reader,
    const struct json_value *value,
    const struct template_vendor *vendor,
    const struct template_law *law)
{
    const struct json_value *params = json_get(value, "params");
    const size_t key_mark = reader_enter_key(reader, TEXT_LITERAL("params"));
    for (size_t i = 0; law && i < vendor->param_count; i++) {
        const struct template_param *param = &vendor->params[i];
        const struct json_value *at = json_get(params, param->name.ptr);
        const size_t mark = reader_enter_key(reader, param->name);
        if (law->no_links && contains(param->pattern, TEXT_LITERAL("{link}"))) {
            reader_error(
                reader, at,
                "no {link} here: the vendor refuses messages with an address in a value");
        }
        if (law->signs && contains(param->pattern, TEXT_LITERAL("{sign}"))) {
            reader_error(
                reader, at, "no {sign} here: the vendor puts the signature in front itself");
        }
        reader_leave(reader, mark);
    }
    reader_leave(reader, key_mark);
}

static void check_vendor(
    struct reader *reader, const struct json_value *value, const struct template_vendor *vendor)
{
    const struct template_law *law = law_of(reader, vendor->channel);
    const struct json_value *words = json_get(value, "text");
    if (law && !law->takes) {
        const struct channel_settings *channel =
            settings_channel(reader->known->settings, vendor->channel);
        reader_error(
            reader, value, "a channel of type %.*s has no vendor templates; it sends the texts",
            TEXT_ARGS(channel->type));
        return;
    }
    check_params(reader, value, vendor, law);
    if (words) {
        const size_t mark = reader_enter_key(reader, TEXT_LITERAL("text"));
        check_words(reader, words, vendor, law);
        reader_leave(reader, mark);
    }
}

/* ---- the table of channels ---- */

static void read_vendor(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"template", read_words, offsetof(struct vendor_reading, vendor.template_id),
         FIELD_REQUIRED},
        {"text", read_words, offsetof(struct vendor_reading, vendor.words), FIELD_OPTIONAL},
        {"params", read_params, 0, FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

static void describe_vendor(struct reader *reader, const struct json_value *value, void *target)
{
    struct vendor_reading reading = {0};
    (void)target;
    read_vendor(reader, value, &reading);
}

static void read_member(
    struct reader *reader, const struct json_value *member, struct template_vendor *ret_vendor)
{
    struct vendor_reading reading = {.vendor.channel = reader_keep(reader, json_key(member))};
    refer_channel(reader, member, json_key(member));
    read_vendor(reader, member, &reading);
    reading.vendor.params = reading.params;
    check_vendor(reader, member, &reading.vendor);
    struct template_param *params =
        arena_array(reader->arena, reading.vendor.param_count + 1, sizeof *params);
    if (!params) {
        reader_error(reader, member, "out of memory");
        return;
    }
    memcpy(params, reading.params, reading.vendor.param_count * sizeof *params);
    *ret_vendor = reading.vendor;
    ret_vendor->params = params;
}

void read_vendors(struct reader *reader, const struct json_value *value, void *target)
{
    struct template_text *template = target;
    if (describe_map(reader, "any_name", describe_vendor, NULL)) {
        return;
    }
    if (!read_is(reader, value, JSON_OBJECT, "an object of channels {...}")) {
        return;
    }
    if (json_count(value) > VENDORS_MAX) {
        reader_error(reader, value, "more than %d channels", VENDORS_MAX);
        return;
    }
    struct template_vendor *vendors =
        arena_array(reader->arena, json_count(value) + 1, sizeof *vendors);
    if (!vendors) {
        reader_error(reader, value, "out of memory");
        return;
    }
    template->vendors = vendors;
    for (const struct json_value *member = json_first(value); member; member = json_next(member)) {
        if (reader_remark(reader, member)) {
            continue;
        }
        const size_t mark = reader_enter_key(reader, json_key(member));
        read_member(reader, member, &vendors[template->vendor_count++]);
        reader_leave(reader, mark);
    }
}
