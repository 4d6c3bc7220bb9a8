/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses are kept as sixteen bytes whatever their family, so that one comparison serves both.
 */
#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define BITS_ALL  128
#define BITS_IPV4 32
#define IPV4_AT   12

static const uint8_t mapped[IPV4_AT] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool is_ipv4(const struct address *address)
{
    return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

bool address_read(struct text text, struct address *ret_address)
{
    char name[ADDRESS_TEXT_BYTES];
    struct address address;
    if (text.bytes == 0 || text.bytes >= sizeof name || memchr(text.ptr, '\0', text.bytes)) {
        return false;
    }
    (void)snprintf(name, sizeof name, "%.*s", TEXT_ARGS(text));
    memcpy(address.bytes, mapped, sizeof mapped);
    if (inet_pton(AF_INET, name, address.bytes + IPV4_AT) != 1 &&
        inet_pton(AF_INET6, name, address.bytes) != 1) {
        return false;
    }
    *ret_address = address;
    return true;
}

static bool bit_is_set(const struct address *address, int bit)
{
    return (address->bytes[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

bool address_range_read(struct text text, struct address_range *ret_range)
{
    const char *slash = text.bytes > 0 ? memchr(text.ptr, '/', text.bytes) : NULL;
    const size_t name_bytes = slash ? (size_t)(slash - text.ptr) : text.bytes;
    struct address_range range = {.bits = BITS_ALL};
    int64_t bits = 0;
    if (!address_read((struct text){text.ptr, name_bytes}, &range.first)) {
        return false;
    }
    if (slash) {
        const struct text tail = {slash + 1, text.bytes - name_bytes - 1};
        const int own = is_ipv4(&range.first) ? BITS_IPV4 : BITS_ALL;
        if (text_parse_i64(tail, &bits) || bits < 0 || bits > own) {
            return false;
        }
        range.bits = BITS_ALL - own + (int)bits;
    }
    for (int bit = range.bits; bit < BITS_ALL; bit++) {
        if (bit_is_set(&range.first, bit)) {
            return false;
        }
    }
    *ret_range = range;
    return true;
}

bool address_in(const struct address *address, const struct address_range *range)
{
    for (int bit = 0; bit < range->bits; bit++) {
        if (bit_is_set(address, bit) != bit_is_set(&range->first, bit)) {
            return false;
        }
    }
    return true;
}

const char *address_text(const struct address *address, char text[static ADDRESS_TEXT_BYTES])
{
    const bool ipv4 = is_ipv4(address);
    text[0] = '\0';
    (void)inet_ntop(
        ipv4 ? AF_INET : AF_INET6, address->bytes + (ipv4 ? IPV4_AT : 0), text, ADDRESS_TEXT_BYTES);
    return text;
}
