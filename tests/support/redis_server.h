/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A redis-server of the test's own, on a unix socket in a temporary folder, killed at the end.
 * Append-only, so that a restart keeps what was written.
 */
#ifndef NRT_TESTS_SUPPORT_REDIS_SERVER_H
#define NRT_TESTS_SUPPORT_REDIS_SERVER_H

#include <stdbool.h>

struct redis_server;

/* Made and started; NULL (with a word on stderr) where that fails. Waits until it answers. */
struct redis_server *redis_server_create(void);
void redis_server_free(struct redis_server *server); /* accepts NULL; removes the folder */
/* "unix:/.../redis.sock" */
const char *redis_server_url(const struct redis_server *server);
void redis_server_kill(struct redis_server *server);
/* On the same folder as before. */
bool redis_server_start(struct redis_server *server);
/* SIGSTOP and SIGCONT: there, but without an answer. */
void redis_server_freeze(struct redis_server *server, bool frozen);
/*
 * Send one inline command ("CONFIG SET maxmemory 1") on a connection of its own and give the
 * first line of the answer ("+OK"), valid until the next call.
 */
const char *redis_server_command(struct redis_server *server, const char *command);

/* The same with any bytes in its arguments; NULL ends them. */
const char *redis_server_call(struct redis_server *server, const char *const *arguments);

#endif
