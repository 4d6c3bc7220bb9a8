/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files compiled into the binary: shipped configuration, the pages, the Redis functions. Each
 * group is a table with its length; names are paths relative to the group's folder.
 */
#ifndef NRT_BASE_EMBED_H
#define NRT_BASE_EMBED_H

#include <stddef.h>

#include "base/text.h"

struct embedded_file {
    const char *name;
    const unsigned char *bytes;
    size_t byte_count;
};

extern const struct embedded_file nrt_embedded_config[];
extern const size_t nrt_embedded_config_count;
extern const struct embedded_file nrt_embedded_web[];
extern const size_t nrt_embedded_web_count;
extern const struct embedded_file nrt_embedded_openapi[];
extern const size_t nrt_embedded_openapi_count;
extern const struct embedded_file nrt_embedded_lua[];
extern const size_t nrt_embedded_lua_count;

/* The bytes of the file of that name, .ptr NULL when there is none. */
struct text embedded_find(const struct embedded_file *files, size_t file_count, const char *name);

#endif
