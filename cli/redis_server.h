/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The embedded Redis: its configuration, its lock, and telling whether one of ours is alive. The
 * lock of DATA/redis/lock is held by redis-server itself (handed down over exec), so it tells the
 * truth whoever started the server and however that one ended. Two servers never share the files.
 */
#ifndef NRT_CLI_REDIS_SERVER_H
#define NRT_CLI_REDIS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "cli/child.h"

struct redis_server {
    char folder[4096]; /* DATA/redis, absolute */
    char socket_path[128];
    char conf_path[4200];
    char log_path[4200];
};

/* Make DATA/redis and write redis.conf. data_folder is absolute. */
enum err redis_server_prepare(
    struct redis_server *server, const char *data_folder, struct err_why *why) ERR_MUST_USE;

/* ERR_EXISTS when a redis-server of this folder is alive. The descriptor goes to the child. */
enum err redis_server_lock(const struct redis_server *server, int *ret_fd, struct err_why *why)
    ERR_MUST_USE;

/* How to run it, with the lock's descriptor. */
void redis_server_spec(const struct redis_server *server, int lock_fd, struct child_spec *ret_spec);

enum redis_answer {
    REDIS_SILENT,  /* nobody listens, or no answer within 300 ms */
    REDIS_LOADING, /* alive, reading its files */
    REDIS_FOREIGN, /* alive, but not with our configuration file */
    REDIS_OURS
};
/* Ask whoever listens on the socket. ret_pid is set when it is ours. */
enum redis_answer redis_server_ask(const struct redis_server *server, pid_t *ret_pid);

/* Is there a redis-server to run? ERR_NOT_FOUND with what to install. */
enum err redis_server_find(struct err_why *why) ERR_MUST_USE;

#endif
