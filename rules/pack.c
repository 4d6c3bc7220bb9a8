/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Varints, least significant group first; the top bit of a byte says that another follows.
 */
#include "rules/pack.h"

#define NUMBER_BYTES_MAX 10

/* 0, -1, 1, -2 ... become 0, 1, 2, 3 ... */
static uint64_t fold_sign(int64_t number)
{
    return ((uint64_t)number << 1) ^ (number < 0 ? UINT64_MAX : 0);
}

static int64_t unfold_sign(uint64_t folded)
{
    const uint64_t half = folded >> 1;
    return (folded & 1) ? -(int64_t)half - 1 : (int64_t)half;
}

void pack_number(struct buf *buf, uint64_t number)
{
    char bytes[NUMBER_BYTES_MAX];
    size_t count = 0;
    while (number >= 0x80) {
        bytes[count++] = (char)(unsigned char)(number | 0x80);
        number >>= 7;
    }
    bytes[count++] = (char)(unsigned char)number;
    buf_add(buf, bytes, count);
}

void pack_signed(struct buf *buf, int64_t number)
{
    pack_number(buf, fold_sign(number));
}

void pack_ms(struct buf *buf, int64_t ms)
{
    if (ms % 1000 == 0) {
        pack_number(buf, fold_sign(ms / 1000) << 1);
    } else {
        pack_number(buf, (fold_sign(ms) << 1) | 1);
    }
}

uint64_t unpack_number(struct unpack *unpack)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 7 * NUMBER_BYTES_MAX; shift += 7) {
        if (unpack->failed || unpack->at == unpack->end)
            break;
        const unsigned char byte = (unsigned char)*unpack->at++;
        if (shift == 63 && byte > 1)
            break; /* more than 64 bits */
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            if (byte == 0 && shift > 0)
                break; /* longer than needed */
            return number;
        }
    }
    unpack->failed = true;
    return 0;
}

uint64_t unpack_upto(struct unpack *unpack, uint64_t most)
{
    const uint64_t number = unpack_number(unpack);
    if (number <= most)
        return number;
    unpack->failed = true;
    return 0;
}

int64_t unpack_signed(struct unpack *unpack)
{
    return unfold_sign(unpack_number(unpack));
}

int64_t unpack_ms(struct unpack *unpack)
{
    const uint64_t coded = unpack_number(unpack);
    int64_t ms = unfold_sign(coded >> 1);
    if ((coded & 1) == 0 && __builtin_mul_overflow(ms, 1000, &ms)) {
        unpack->failed = true;
        return 0;
    }
    return ms;
}

struct text unpack_bytes(struct unpack *unpack, uint64_t bytes)
{
    if (unpack->failed || bytes > unpack_left(unpack)) {
        unpack->failed = true;
        return (struct text){.ptr = "", .bytes = 0};
    }
    const struct text text = {.ptr = unpack->at, .bytes = (size_t)bytes};
    unpack->at += bytes;
    return text;
}

size_t unpack_left(const struct unpack *unpack)
{
    return (size_t)(unpack->end - unpack->at);
}
