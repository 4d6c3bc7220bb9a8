/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Local time of a zone to instants (private to rules/). Semantics section 1: a local time that
 * does not exist or exists twice is read with the earlier offset, the one in force before the
 * change.
 */
#ifndef NRT_RULES_ZONE_H
#define NRT_RULES_ZONE_H

#include "rules/calendar.h"

/* UTC seconds of a local time, given as seconds since 1970-01-01T00:00:00 on the local clock. */
int64_t zone_utc_of_local(const struct zone *zone, int64_t local_s);

#endif
