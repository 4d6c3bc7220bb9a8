/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making and ending a console without a process around it, for tests.
 */
#ifndef NRT_CONSOLE_START_H
#define NRT_CONSOLE_START_H

#include "console/console.h"

/* Opens ledger and door, begins to read the journal. The caller frees. */
enum err console_create(struct role_env *env, struct console **ret_console, struct err_why *why)
    ERR_MUST_USE;
void console_free(struct console *console); /* accepts NULL */

#endif
