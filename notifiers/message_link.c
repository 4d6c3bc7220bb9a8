/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A link ends where no character of a URL follows: at a blank, a Chinese character, the bracket of
 * a markdown link.
 */
#include "notifiers/message_link.h"

#include <string.h>

static bool is_of_url(char c)
{
    static const char others[] = "-_.~/?#&=%+:@!$,;";
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return word || (c != '\0' && strchr(others, c) != NULL);
}

static bool stands_at(struct text text, size_t place, struct text part)
{
    return text.bytes - place >= part.bytes && memcmp(text.ptr + place, part.ptr, part.bytes) == 0;
}

static struct text link_at(struct text text, size_t place)
{
    size_t end = place;
    while (end < text.bytes && is_of_url(text.ptr[end])) {
        end++;
    }
    return (struct text){.ptr = text.ptr + place, .bytes = end - place};
}

struct text message_link(struct text text, struct text public_url)
{
    while (public_url.bytes > 0 && public_url.ptr[public_url.bytes - 1] == '/') {
        public_url.bytes--;
    }
    for (size_t place = 0; public_url.bytes > 0 && place < text.bytes; place++) {
        const struct text link =
            stands_at(text, place, public_url) ? link_at(text, place) : (struct text){0};
        if (link.bytes > public_url.bytes + 1 && link.ptr[public_url.bytes] == '/') {
            return link;
        }
    }
    return (struct text){0};
}
