/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network addresses as written text, and ranges of them ("10.1.0.0/16", "fd00::/8", "192.0.2.7").
 * An IPv4 address inside IPv6 ("::ffff:192.0.2.7") is that IPv4 address.
 */
#ifndef NRT_BASE_ADDRESS_H
#define NRT_BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define ADDRESS_BYTES      16
#define ADDRESS_TEXT_BYTES 48

struct address {
    uint8_t bytes[ADDRESS_BYTES]; /* IPv4 as ::ffff:a.b.c.d */
};

struct address_range {
    struct address first;
    int bits; /* of 128 that count */
};

/* False for anything but one address; brackets and ports are no part of one. */
bool address_read(struct text text, struct address *ret_address);
/* "ADDRESS" or "ADDRESS/BITS"; false also when bits behind the prefix are set. */
bool address_range_read(struct text text, struct address_range *ret_range);
bool address_in(const struct address *address, const struct address_range *range);
/* As one writes it; an IPv4 address as such. Returns text. */
const char *address_text(const struct address *address, char text[static ADDRESS_TEXT_BYTES]);

#endif
