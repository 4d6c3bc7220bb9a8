/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Named fail-points, in test builds only (NRT_FAILPOINTS). NRT_FAILPOINT="name:action[:nth]"
 * makes the nth pass (default the first) of failpoint_hit("name") act: `kill` raises SIGKILL,
 * `stop` raises SIGSTOP. In release builds a hit is nothing. Every name stands in one list
 * (base/failpoint.c); a NRT_FAILPOINT that names none of them ends the process at its start.
 */
#ifndef NRT_BASE_FAILPOINT_H
#define NRT_BASE_FAILPOINT_H

#if defined(NRT_FAILPOINTS) && NRT_FAILPOINTS
void failpoint_hit(const char *name);
#else
static inline void failpoint_hit(const char *name)
{
    (void)name;
}
#endif

/* The names, NULL-terminated, for tests that walk through all of them. */
extern const char *const failpoint_names[];

#endif
