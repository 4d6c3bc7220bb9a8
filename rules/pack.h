/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small numbers and texts as bytes (private to rules/): varints of 7 bits a byte, signed ones
 * folded to unsigned, instants in whole seconds where they are. Reading never looks past the
 * end and never trusts: after the first mistake a reader has failed and gives zeros.
 */
#ifndef NRT_RULES_PACK_H
#define NRT_RULES_PACK_H

#include <stdbool.h>

#include "base/text.h"

void pack_number(struct buf *buf, uint64_t number);
void pack_signed(struct buf *buf, int64_t number);
/* Milliseconds; three bytes shorter when they are whole seconds. */
void pack_ms(struct buf *buf, int64_t ms);

struct unpack {
    const char *at;
    const char *end;
    bool failed;
};

uint64_t unpack_number(struct unpack *unpack);
/* A number of at most `most`; fails beyond. */
uint64_t unpack_upto(struct unpack *unpack, uint64_t most);
int64_t unpack_signed(struct unpack *unpack);
int64_t unpack_ms(struct unpack *unpack);
struct text unpack_bytes(struct unpack *unpack, uint64_t bytes);
size_t unpack_left(const struct unpack *unpack);

#endif
