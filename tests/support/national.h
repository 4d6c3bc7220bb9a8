/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The national calendar of tests/data, loaded as the program loads it.
 */
#ifndef NRT_TESTS_SUPPORT_NATIONAL_H
#define NRT_TESTS_SUPPORT_NATIONAL_H

#include "config/policy.h"

/* NULL when it cannot be read; the caller frees it with bundle_free(). */
struct bundle *national_calendar(void);

#endif
