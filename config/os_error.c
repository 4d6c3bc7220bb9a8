/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thread-safe way to words for an errno (GNU strerror_r).
 */
#include "config/os_error.h"

#include <string.h>

const char *os_error(int code, char words[static OS_ERROR_BYTES])
{
    return strerror_r(code, words, OS_ERROR_BYTES);
}
