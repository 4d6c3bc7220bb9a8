/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vendor templates: the vendor has the words and fills in our values. What it would refuse in a
 * value is taken out here, since it would refuse the whole message for it.
 */
#include <string.h>

#include "config/template.h"

#define VALUE_BYTES_MAX ((size_t)8192)
#define MOBILE_DIGITS   11
#define MOBILE_HEAD     3 /* what is shown of a number: 138…0001 */
#define MOBILE_TAIL     4

const struct template_vendor *template_vendor_of(
    const struct template_text *template, struct text channel)
{
    for (size_t i = 0; i < template->vendor_count; i++) {
        if (text_equal(template->vendors[i].channel, channel)) {
            return &template->vendors[i];
        }
    }
    return NULL;
}

/* ---- what a vendor takes for an address or a number ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_address_byte(char c)
{
    return c > ' ' && c < 0x7F && !strchr("\"'<>()[]{},;", c);
}

static size_t address_head(struct text rest)
{
    static const char *const begins[] = {"http://", "https://", "www."};
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        if (text_starts_with(rest, text_of(begins[i]))) {
            return strlen(begins[i]);
        }
    }
    return 0;
}

static size_t address_bytes(struct text rest)
{
    size_t bytes = address_head(rest);
    while (bytes > 0 && bytes < rest.bytes && is_address_byte(rest.ptr[bytes])) {
        bytes++;
    }
    return bytes;
}

static size_t digits_at(struct text rest)
{
    size_t digits = 0;
    while (digits < rest.bytes && is_digit(rest.ptr[digits])) {
        digits++;
    }
    return digits;
}

/* Append what begins the text, without its sting, and say how many bytes of it that was. */
static size_t add_harmless(struct buf *buf, struct text rest)
{
    const size_t address = address_bytes(rest);
    const size_t digits = digits_at(rest);
    if (address > 0) {
        buf_string(buf, "…");
        return address;
    }
    if (digits == MOBILE_DIGITS && rest.ptr[0] == '1') {
        buf_text(buf, (struct text){rest.ptr, MOBILE_HEAD});
        buf_string(buf, "…");
        buf_text(buf, (struct text){rest.ptr + digits - MOBILE_TAIL, MOBILE_TAIL});
        return digits;
    }
    const size_t bytes = digits > 0 ? digits : 1;
    buf_text(buf, (struct text){rest.ptr, bytes});
    return bytes;
}

static void without_links(struct text value, struct buf *buf)
{
    size_t at = 0;
    while (at < value.bytes) {
        at += add_harmless(buf, (struct text){value.ptr + at, value.bytes - at});
    }
}

/* ---- one value ---- */

static struct text trim(struct text text)
{
    while (text.bytes > 0 && strchr(" \n", text.ptr[text.bytes - 1])) {
        text.bytes--;
    }
    while (text.bytes > 0 && strchr(" \n", text.ptr[0])) {
        text.ptr++;
        text.bytes--;
    }
    return text;
}

static void add_cut(struct buf *buf, struct text value, size_t units_max)
{
    struct text cut = value;
    if (units_max == 0 || utf8_utf16_units(value) <= units_max) {
        buf_text(buf, value);
        return;
    }
    while (utf8_utf16_units(cut) >= units_max) {
        cut = utf8_cut(cut, cut.bytes - 1);
    }
    buf_text(buf, cut);
    buf_string(buf, "…");
}

void template_render_value(
    struct text pattern,
    const struct template_values *values,
    const struct template_law *law,
    struct buf *buf)
{
    struct buf plain;
    struct buf clean;
    buf_init(&plain, VALUE_BYTES_MAX);
    buf_init(&clean, VALUE_BYTES_MAX);
    template_render_words(pattern, values, &plain);
    if (law->no_links) {
        without_links(buf_view(&plain), &clean);
    } else {
        buf_text(&clean, buf_view(&plain));
    }
    const struct text value = trim(buf_view(&clean));
    add_cut(buf, value.bytes == 0 && law->value_wanted ? TEXT_LITERAL("-") : value, law->value_max);
    buf_release(&clean);
    buf_release(&plain);
}

/* ---- the vendor's words ---- */

static size_t param_named(const struct template_vendor *vendor, struct text name)
{
    int64_t number = 0;
    for (size_t i = 0; i < vendor->param_count; i++) {
        if (text_equal(vendor->params[i].name, name)) {
            return i;
        }
    }
    const bool in_order = text_parse_i64(name, &number) == ERR_OK && number >= 1 &&
                          (size_t)number <= vendor->param_count;
    return in_order ? (size_t)number - 1 : SIZE_MAX;
}

static struct text take(struct text *rest, size_t bytes)
{
    const struct text taken = {rest->ptr, bytes};
    rest->ptr += bytes;
    rest->bytes -= bytes;
    return taken;
}

bool template_vendor_next(
    const struct template_vendor *vendor, struct text *rest, struct vendor_piece *ret_piece)
{
    if (rest->bytes == 0) {
        return false;
    }
    const size_t dollar = rest->bytes > 1 && rest->ptr[0] == '$' && rest->ptr[1] == '{' ? 1 : 0;
    const char *close = rest->ptr[dollar] == '{' ? memchr(rest->ptr, '}', rest->bytes) : NULL;
    if (close) {
        const struct text braces = take(rest, (size_t)(close - rest->ptr) + 1);
        const struct text name = {braces.ptr + dollar + 1, braces.bytes - dollar - 2};
        *ret_piece = (struct vendor_piece){name, true, param_named(vendor, name)};
        return true;
    }
    size_t bytes = 1;
    while (bytes < rest->bytes && rest->ptr[bytes] != '{' && rest->ptr[bytes] != '$') {
        bytes++;
    }
    *ret_piece = (struct vendor_piece){.text = take(rest, bytes)};
    return true;
}
