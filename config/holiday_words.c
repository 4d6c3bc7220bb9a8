/* SPDX-License-Identifier: Apache-2.0 */
/* See holiday_words.h. */
#include "config/holiday_words.h"

#include <string.h>

static const char separator[] = "、";

static const struct {
    const char *chinese;
    const char *english;
} holidays[] = {
    {"元旦", "New Year's Day"},       {"春节", "Spring Festival"},
    {"清明节", "Qingming Festival"},  {"清明", "Qingming Festival"},
    {"劳动节", "Labour Day"},         {"端午节", "Dragon Boat Festival"},
    {"端午", "Dragon Boat Festival"}, {"中秋节", "Mid-Autumn Festival"},
    {"中秋", "Mid-Autumn Festival"},  {"国庆节", "National Day"},
    {"国庆", "National Day"},         {"除夕", "Spring Festival's Eve"},
};

struct text holiday_name_part(struct text *name)
{
    const size_t separator_bytes = sizeof(separator) - 1;
    const char *found =
        name->bytes > 0 ? memmem(name->ptr, name->bytes, separator, separator_bytes) : NULL;
    if (!found) {
        const struct text last = *name;
        *name = (struct text){0};
        return last;
    }
    const struct text part = {.ptr = name->ptr, .bytes = (size_t)(found - name->ptr)};
    name->ptr += part.bytes + separator_bytes;
    name->bytes -= part.bytes + separator_bytes;
    return part;
}

struct text holiday_english(struct text part)
{
    for (size_t i = 0; i < sizeof(holidays) / sizeof(holidays[0]); i++) {
        if (text_is(part, holidays[i].chinese)) {
            return text_of(holidays[i].english);
        }
    }
    return part;
}
