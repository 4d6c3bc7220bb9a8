/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long the callbacks of the event loop take. While one runs nothing else does, so the longest
 * ones say how late everything may be. A process has one loop, and one set of figures.
 */
#ifndef NRT_BASE_LAP_H
#define NRT_BASE_LAP_H

#include <stdint.h>

/*
 * Around the work of one callback; begin may be called within another (a callback inside a
 * callback is part of it).
 */
void lap_begin(void);
void lap_end(void);

struct lap_figures {
    int64_t count; /* callbacks since the process began, or lap_forget() */
    int64_t max_us;
    int64_t p999_us; /* 999 of 1,000 took at most this long; up to an eighth too much */
};
struct lap_figures lap_figures(void);
void lap_forget(void); /* for tests */

#endif
