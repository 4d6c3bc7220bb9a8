/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Look-up in the tables of embedded files; the tables themselves are made by the build. A few
 * dozen names at most: read through, not searched.
 */
#include "base/embed.h"

struct text embedded_find(const struct embedded_file *files, size_t file_count, const char *name)
{
    for (size_t i = 0; i < file_count; i++) {
        if (text_is(text_of(name), files[i].name))
            return (struct text){.ptr = (const char *)files[i].bytes, .bytes = files[i].byte_count};
    }
    return (struct text){0};
}
