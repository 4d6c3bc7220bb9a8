/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MUST(condition): an assertion about our own code that stays on in release. Prints condition
 * and place, then aborts; the supervisor restarts the role and Redis holds the truth. Never used
 * on bytes from Redis, HTTP, a file or a person. The condition has no side effects.
 */
#ifndef NRT_BASE_MUST_H
#define NRT_BASE_MUST_H

#define MUST(condition) ((condition) ? (void)0 : must_fail(#condition, __FILE__, __LINE__))

__attribute__((noreturn, cold)) void must_fail(const char *condition, const char *file, int line);

#endif
