/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service clock: the only place that reads a system clock. Three modes (DATA/clock.json):
 * real; scaled (virtual = virtual0 + (real - real0) * speed, for the demo); stepped (stands
 * still until it is set, for tests). Service time never goes back: a system clock that steps
 * back holds it still until it has caught up. One owner per process, passed down by pointer.
 */
#ifndef NRT_BASE_CLOCK_H
#define NRT_BASE_CLOCK_H

#include "base/wall.h"

enum clock_mode { CLOCK_REAL, CLOCK_SCALED, CLOCK_STEPPED, CLOCK_MODE_COUNT };

struct service_clock {
    enum clock_mode mode;
    struct wall_ms real0;    /* scaled: real instant at which virtual0 was the service time */
    struct wall_ms virtual0; /* scaled: see above; stepped: the present instant */
    double speed;            /* scaled: service seconds per real second, > 0 */
    struct wall_ms newest;   /* the largest instant ever given out */
};

void clock_init_real(struct service_clock *clock);
void clock_init_scaled(
    struct service_clock *clock, struct wall_ms real0, struct wall_ms virtual0, double speed);
void clock_init_stepped(struct service_clock *clock, struct wall_ms now);

/* Service time now. Read once per tick and passed down. */
struct wall_ms clock_now(struct service_clock *clock);

/* Stepped mode: move forward; moving back is ignored. */
void clock_set(struct service_clock *clock, struct wall_ms now);

/* Real milliseconds to sleep until service time `at` (0 if past; INT64_MAX when stepped). */
int64_t clock_real_ms_until(struct service_clock *clock, struct wall_ms at);

/* Monotonic real time, whatever the mode. */
struct mono_ms clock_mono(void);
int64_t clock_mono_ns(void); /* the same, for measuring what is short */
/* The system's wall clock, whatever the mode (for logs and file times only). */
struct wall_ms clock_system(void);

/* "real", "scaled", "stepped". */
const char *clock_mode_name(enum clock_mode mode);

/*
 * Read and write DATA/clock.json: {"mode":"real"} | {"mode":"scaled","real0","virtual0","speed"} |
 * {"mode":"stepped","now"}. A missing file is real mode.
 */
enum err clock_load(struct service_clock *clock, const char *path, struct err_why *why)
    ERR_MUST_USE;
enum err clock_save(const struct service_clock *clock, const char *path, struct err_why *why)
    ERR_MUST_USE;

#endif
