/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kept as the difference to the first size, so that a fresh one needs no setting up.
 */
#include "notifiers/window.h"

int32_t window_size(const struct window *window)
{
    return WINDOW_FIRST + window->more;
}

void window_good(struct window *window)
{
    window->more += window_size(window) < WINDOW_MAX ? 1 : 0;
}

void window_bad(struct window *window)
{
    const int32_t half = window_size(window) / 2;
    window->more = (half > 1 ? half : 1) - WINDOW_FIRST;
}
