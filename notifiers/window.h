/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many requests of a channel may be under way at a time: few at first, one more with every
 * answer, half as many after each failure. So a gateway that accepts and never answers holds few
 * of the places that all channels share, and a good one soon has as many as it can use.
 */
#ifndef NRT_NOTIFIERS_WINDOW_H
#define NRT_NOTIFIERS_WINDOW_H

#include <stdint.h>

#define WINDOW_FIRST 4
#define WINDOW_MAX   128

struct window { /* all zero: as at first */
    int32_t more;
};

int32_t window_size(const struct window *window);
void window_good(struct window *window);
void window_bad(struct window *window);

#endif
