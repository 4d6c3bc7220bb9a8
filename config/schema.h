/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON Schemas (draft 2020-12) of the configuration files and of a case event, written from
 * the readers' own tables. The committed ones under config/schema are what schema_write() gives,
 * byte for byte; a test holds them together.
 */
#ifndef NRT_CONFIG_SCHEMA_H
#define NRT_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"

struct schema_kind {
    const char *name;  /* "rules": the committed file is schema/rules.schema.json */
    const char *title; /* what a file of this kind is */
};
extern const struct schema_kind schema_kinds[];
extern const size_t schema_kind_count;

/*
 * The schema of the kind, in lines that a person can read. ERR_NOT_FOUND: there is no such kind;
 * ERR_PARSE: a key without shape or words, `why` says the first.
 */
enum err schema_write(const char *kind, struct buf *buf, struct err_why *why) ERR_MUST_USE;
/* The committed schema of the kind, compiled in; .ptr NULL when there is none. */
struct text schema_committed(const char *kind);
/*
 * What "$schema" says in a file of a configuration folder: "../schema/rules.schema.json" for
 * "rules/x.json". False for a file that no schema is for.
 */
bool schema_reference(const char *file, char *reference, size_t reference_bytes);

#endif
