/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SameSite is Strict: pages are files without secrets, and what they then ask for is asked from the
 * same site, however somebody came to the page.
 */
#include "console/cookie.h"

#include <stdio.h>
#include <string.h>

static struct text trimmed(struct text text)
{
    while (text.bytes > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t')) {
        text.ptr++;
        text.bytes--;
    }
    while (text.bytes > 0 &&
           (text.ptr[text.bytes - 1] == ' ' || text.ptr[text.bytes - 1] == '\t')) {
        text.bytes--;
    }
    return text;
}

struct text cookie_find(struct text header, const char *name)
{
    struct text found = {0};
    int count = 0;
    while (header.bytes > 0) {
        const char *end = memchr(header.ptr, ';', header.bytes);
        const size_t bytes = end ? (size_t)(end - header.ptr) : header.bytes;
        const struct text pair = trimmed((struct text){header.ptr, bytes});
        const char *sign = pair.bytes > 0 ? memchr(pair.ptr, '=', pair.bytes) : NULL;
        if (sign && text_is((struct text){pair.ptr, (size_t)(sign - pair.ptr)}, name)) {
            const size_t skipped = (size_t)(sign - pair.ptr) + 1;
            found = (struct text){pair.ptr + skipped, pair.bytes - skipped};
            count++;
        }
        header.ptr += bytes + (end != NULL);
        header.bytes -= bytes + (end != NULL);
    }
    return count == 1 ? found : (struct text){0};
}

const char *cookie_name(bool secure)
{
    return secure ? "__Host-nrt" : "nrt";
}

const char *cookie_set(bool secure, const char *key, char text[static COOKIE_BYTES])
{
    (void)snprintf(
        text, COOKIE_BYTES, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", cookie_name(secure),
        key, secure ? "; Secure" : "", key[0] ? "" : "; Max-Age=0");
    return text;
}
