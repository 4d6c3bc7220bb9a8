/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The example city of tests/data: the events of its 825 cases, case by case, and configurations
 * made of its files.
 */
#ifndef NRT_TESTS_SUPPORT_CITY_H
#define NRT_TESTS_SUPPORT_CITY_H

#include "config/policy.h"
#include "tests/support/ledger_maker.h"

#define CITY_EVENTS_MAX 8000
#define CITY_UNTIL      "2019-08-31T00:00:00+08:00"

struct city {
    struct arena arena;
    struct made_event *events; /* those of one case together */
    size_t event_count;
};

/* A failure ends the program. */
void city_load(struct city *city);
void city_release(struct city *city);
/* The path of a file of tests/data, in the arena. */
const char *city_path(struct city *city, const char *name);
/* Its rules, calendar and directory; another file for either of the first two where not NULL. */
struct bundle *city_bundle(struct city *city, const char *rules, const char *calendar);
/* A copy of the events that ledger_maker_add may change; in the arena. */
struct made_event *city_copy(struct city *city);
struct wall_ms city_instant(const char *rfc3339);

#endif
