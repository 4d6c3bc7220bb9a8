/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A private network for a test: nothing but a loopback interface of its own, and name servers of
 * the test's choice. Works as root and, through a user namespace, without.
 */
#ifndef NRT_TESTS_SUPPORT_NETNS_H
#define NRT_TESTS_SUPPORT_NETNS_H

#include <stdbool.h>

/*
 * Moves this process there for good; call before any thread or socket. resolv_conf is what
 * /etc/resolv.conf says from then on, for this process only (NULL: left as it is). False, with
 * a line on stderr, when the system does not allow it.
 */
bool netns_enter(const char *resolv_conf);

/* After netns_enter: `path` shows the bytes of `from`, for this process and its children only. */
bool netns_put_file(const char *from, const char *path);

#endif
