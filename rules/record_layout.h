/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What record_pack.c and record_unpack.c must agree on (private to rules/; docs/record.md).
 */
#ifndef NRT_RULES_RECORD_LAYOUT_H
#define NRT_RULES_RECORD_LAYOUT_H

/* The head of a fired occurrence: its status in the low bits, and what is as in the one before. */
#define RECORD_STATUS_MASK 7U
#define RECORD_SAME_STAGE  8U
#define RECORD_SAME_PEOPLE 16U

/* The fewest bytes that each can take: they bound a count before memory is taken for it. */
#define RECORD_EVENT_BYTES_MIN     6
#define RECORD_ATTRIBUTE_BYTES_MIN 2
#define RECORD_FIRED_BYTES_MIN     3

#endif
