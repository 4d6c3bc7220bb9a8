/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the system says about an errno, for messages.
 */
#ifndef NRT_CONFIG_OS_ERROR_H
#define NRT_CONFIG_OS_ERROR_H

#define OS_ERROR_BYTES 128

/* May return a constant string instead of filling words. */
const char *os_error(int code, char words[static OS_ERROR_BYTES]);

#endif
