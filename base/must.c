/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a process that found a bug in itself. It only writes to stderr and aborts: no
 * clean-up, because the state it would clean up is the state that is wrong.
 */
#include "base/must.h"

#include <stdio.h>
#include <stdlib.h>

void must_fail(const char *condition, const char *file, int line)
{
    (void)fprintf(stderr, "fatal must_failed at=%s:%d condition=\"%s\"\n", file, line, condition);
    abort();
}
