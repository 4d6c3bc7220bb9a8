/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service clock. The three modes are one function of the system's clock, made monotone by
 * the newest instant given out; real is scaled with speed 1 and no shift. clock.json is read
 * and written in base/clock_file.c.
 */
#include "base/clock.h"

#include <math.h>
#include <time.h>

#include "base/must.h"

#define NS_PER_MS 1000000
#define NS_PER_S  INT64_C(1000000000)

static int64_t system_ns(clockid_t id)
{
    struct timespec now;
    const int failed = clock_gettime(id, &now);
    MUST(failed == 0);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int64_t system_ms(clockid_t id)
{
    return system_ns(id) / NS_PER_MS;
}

int64_t clock_mono_ns(void)
{
    return system_ns(CLOCK_MONOTONIC);
}

struct mono_ms clock_mono(void)
{
    return (struct mono_ms){.ms = system_ms(CLOCK_MONOTONIC)};
}

struct wall_ms clock_system(void)
{
    /* A system clock outside 1970 to 9999 is held at the nearest end. */
    return wall_add((struct wall_ms){.ms = 0}, system_ms(CLOCK_REALTIME));
}

void clock_init_real(struct service_clock *clock)
{
    *clock = (struct service_clock){.mode = CLOCK_REAL, .speed = 1};
}

void clock_init_scaled(
    struct service_clock *clock, struct wall_ms real0, struct wall_ms virtual0, double speed)
{
    MUST(isfinite(speed) && speed > 0);
    *clock = (struct service_clock){
        .mode = CLOCK_SCALED, .real0 = real0, .virtual0 = virtual0, .speed = speed};
}

void clock_init_stepped(struct service_clock *clock, struct wall_ms now)
{
    *clock = (struct service_clock){.mode = CLOCK_STEPPED, .virtual0 = now, .speed = 1};
}

/*
 * A span of real milliseconds in service time, rounded down. The product is exact to a
 * millisecond up to 2^53 ms, and what is larger lies outside any instant and saturates.
 */
static int64_t span_scaled(int64_t real_ms, double speed)
{
    const double scaled = floor((double)real_ms * speed);
    if (scaled >= (double)WALL_MS_MAX)
        return WALL_MS_MAX;
    return scaled <= -(double)WALL_MS_MAX ? -WALL_MS_MAX : (int64_t)scaled;
}

/* Service time as the mode has it, which may have gone back with the system's clock. */
static struct wall_ms clock_raw(const struct service_clock *clock)
{
    switch (clock->mode) {
    case CLOCK_SCALED: {
        const int64_t real_ms = clock_system().ms - clock->real0.ms;
        return wall_add(clock->virtual0, span_scaled(real_ms, clock->speed));
    }
    case CLOCK_STEPPED:
        return clock->virtual0;
    case CLOCK_REAL:
    case CLOCK_MODE_COUNT:
        break;
    }
    return clock_system();
}

struct wall_ms clock_now(struct service_clock *clock)
{
    const struct wall_ms raw = clock_raw(clock);
    if (raw.ms > clock->newest.ms)
        clock->newest = raw;
    return clock->newest;
}

void clock_set(struct service_clock *clock, struct wall_ms now)
{
    MUST(clock->mode == CLOCK_STEPPED);
    if (now.ms > clock->virtual0.ms)
        clock->virtual0 = now;
}

int64_t clock_real_ms_until(struct service_clock *clock, struct wall_ms at)
{
    if (at.ms <= clock_now(clock).ms)
        return 0;
    if (clock->mode == CLOCK_STEPPED)
        return INT64_MAX;
    /* From the raw instant: a held clock has to catch up first. Rounded up: never early. */
    const int64_t left_ms = at.ms - clock_raw(clock).ms;
    const double real_ms = ceil((double)left_ms / clock->speed);
    return real_ms >= (double)INT64_MAX ? INT64_MAX : (int64_t)fmax(real_ms, 1);
}

const char *clock_mode_name(enum clock_mode mode)
{
    static const char *const names[CLOCK_MODE_COUNT] = {
        [CLOCK_REAL] = "real", [CLOCK_SCALED] = "scaled", [CLOCK_STEPPED] = "stepped"};
    MUST(mode < CLOCK_MODE_COUNT);
    return names[mode];
}
