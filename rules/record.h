/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packed form of a case's memory: what stands in Redis under nrt:{p}:case:ID and what the
 * simulation keeps per case. First byte: format. Compact (varints, texts of one record shared),
 * bounded, checked on reading; the layout is written down in docs/record.md. Person ids only,
 * never numbers.
 */
#ifndef NRT_RULES_RECORD_H
#define NRT_RULES_RECORD_H

#include "rules/case.h"

#define RECORD_FORMAT 1

/* Append the packed memory. Errors are those of the buffer. */
void record_pack(const struct case_memory *memory, struct buf *buf);
/*
 * Unpack into the arena; texts point into `bytes`, which must stay. ERR_CORRUPT with why for bytes
 * that are no record: cut short, out of range, out of order, left over. ERR_NO_MEMORY.
 */
enum err record_unpack(
    struct text bytes, struct arena *arena, struct case_memory *ret_memory, struct err_why *why)
    ERR_MUST_USE;

#endif
