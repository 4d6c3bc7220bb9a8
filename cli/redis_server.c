/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speaks to Redis with two inline commands only: INFO says who it is (also while it is loading),
 * PING whether it has read its files. Everything else is the store's.
 */
#include "cli/redis_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/must.h"
#include "cli/args.h"

#define ANSWER_WAIT_MS   300
#define ANSWER_BYTES_MAX ((size_t)16 * 1024)

/* Every write is on the disk before it is answered, and nothing is ever evicted. */
static const char conf_text[] = "# Written by nrt up at every start; edits are lost.\n"
                                "port 0\n"
                                "unixsocket %s\n"
                                "unixsocketperm 700\n"
                                "dir %s\n"
                                "pidfile %s/redis.pid\n"
                                "logfile %s\n"
                                "loglevel notice\n"
                                "daemonize no\n"
                                "supervised no\n"
                                "appendonly yes\n"
                                "appendfsync always\n"
                                "save \"\"\n"
                                "maxmemory-policy noeviction\n"
                                "crash-log-enabled no\n"
                                "hz 10\n";

static enum err make_folders(
    struct redis_server *server, const char *data_folder, struct err_why *why)
{
    char log_folder[4096];
    (void)snprintf(server->folder, sizeof(server->folder), "%s/redis", data_folder);
    (void)snprintf(log_folder, sizeof(log_folder), "%s/log", data_folder);
    (void)snprintf(server->conf_path, sizeof(server->conf_path), "%s/redis.conf", server->folder);
    (void)snprintf(server->log_path, sizeof(server->log_path), "%s/redis.log", log_folder);
    const int bytes =
        snprintf(server->socket_path, sizeof(server->socket_path), "%s/redis.sock", server->folder);
    struct sockaddr_un longest;
    if (bytes < 0 || (size_t)bytes >= sizeof(longest.sun_path)) {
        return err_set(
            why, ERR_USAGE,
            "the path of the data folder is too long for a socket (%d bytes, at most %zu); "
            "choose a shorter one with --data",
            bytes, sizeof(longest.sun_path) - 1);
    }
    const enum err err = file_make_folders(server->folder, 0700, why);
    return err != ERR_OK ? err : file_make_folders(log_folder, 0700, why);
}

enum err redis_server_prepare(
    struct redis_server *server, const char *data_folder, struct err_why *why)
{
    if (strpbrk(data_folder, " \"'\n\t\\")) {
        return err_set(
            why, ERR_USAGE, "the path of the data folder has a blank or a quote in it: %s",
            data_folder);
    }
    enum err err = make_folders(server, data_folder, why);
    if (err != ERR_OK) {
        return err;
    }
    struct buf text;
    buf_init(&text, (size_t)64 * 1024);
    buf_format(
        &text, conf_text, server->socket_path, server->folder, server->folder, server->log_path);
    err = buf_error(&text);
    if (err == ERR_OK) {
        err = file_write(server->conf_path, buf_view(&text), 0600, why);
    }
    buf_release(&text);
    return err;
}

enum err redis_server_lock(const struct redis_server *server, int *ret_fd, struct err_why *why)
{
    char path[4200];
    (void)snprintf(path, sizeof(path), "%s/lock", server->folder);
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return err_set(why, ERR_IO, "cannot open %s: %s", path, strerrordesc_np(errno));
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        (void)close(fd);
        if (error == EWOULDBLOCK) {
            return err_set(why, ERR_EXISTS, "a redis-server of %s is alive", server->folder);
        }
        return err_set(why, ERR_IO, "cannot lock %s: %s", path, strerrordesc_np(error));
    }
    *ret_fd = fd;
    return ERR_OK;
}

void redis_server_spec(const struct redis_server *server, int lock_fd, struct child_spec *ret_spec)
{
    *ret_spec = (struct child_spec){
        .program = "redis-server",
        .argv = {"redis-server", server->conf_path, NULL},
        .log_path = server->log_path,
        .keep_fd = lock_fd,
    };
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    MUST(strlen(path) < sizeof(address.sun_path)); /* redis_server_prepare saw to it */
    memcpy(address.sun_path, path, strlen(path) + 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* Is there an answer to PING, or an error instead of the first answer? */
static bool is_whole(const char *text)
{
    return text[0] == '-' || strstr(text, "\r\n+PONG\r\n") || strstr(text, "\r\n-");
}

static void read_answer(int fd, char *text, size_t bytes_max)
{
    const struct mono_ms end = mono_add(clock_mono(), ANSWER_WAIT_MS);
    size_t bytes = 0;
    while (bytes + 1 < bytes_max) {
        const int64_t left_ms = end.ms - clock_mono().ms;
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (left_ms <= 0 || poll(&wait, 1, (int)left_ms) <= 0) {
            break;
        }
        const ssize_t got = read(fd, text + bytes, bytes_max - 1 - bytes);
        if (got <= 0) {
            break;
        }
        bytes += (size_t)got;
        text[bytes] = '\0';
        if (is_whole(text)) {
            break;
        }
    }
    text[bytes] = '\0';
}

static bool field_of(const char *text, const char *name, char *ret_value, size_t value_bytes)
{
    const char *at = strstr(text, name);
    if (!at) {
        return false;
    }
    at += strlen(name);
    const size_t bytes = strcspn(at, "\r\n");
    if (bytes >= value_bytes) {
        return false;
    }
    memcpy(ret_value, at, bytes);
    ret_value[bytes] = '\0';
    return true;
}

enum redis_answer redis_server_ask(const struct redis_server *server, pid_t *ret_pid)
{
    static const char question[] = "INFO server\r\nPING\r\n";
    char text[ANSWER_BYTES_MAX];
    char conf[4200];
    char pid[32];
    const int fd = connect_to(server->socket_path);
    if (fd < 0) {
        return REDIS_SILENT;
    }
    text[0] = '\0';
    if (write(fd, question, sizeof(question) - 1) == (ssize_t)(sizeof(question) - 1)) {
        read_answer(fd, text, sizeof(text));
    }
    (void)close(fd);
    if (!is_whole(text)) {
        return REDIS_SILENT;
    }
    if (!field_of(text, "config_file:", conf, sizeof(conf)) ||
        !field_of(text, "process_id:", pid, sizeof(pid)) || strcmp(conf, server->conf_path) != 0) {
        return REDIS_FOREIGN;
    }
    if (!strstr(text, "\r\n+PONG\r\n")) {
        return REDIS_LOADING;
    }
    *ret_pid = (pid_t)strtol(pid, NULL, 10);
    return REDIS_OURS;
}

enum err redis_server_find(struct err_why *why)
{
    const char *path = args_environment("PATH");
    char candidate[4200];
    for (const char *at = path ? path : ""; *at;) {
        const size_t bytes = strcspn(at, ":");
        (void)snprintf(candidate, sizeof(candidate), "%.*s/redis-server", (int)bytes, at);
        if (bytes > 0 && access(candidate, X_OK) == 0) {
            return ERR_OK;
        }
        at += bytes;
        at += *at == ':';
    }
    return err_set(
        why, ERR_NOT_FOUND,
        "there is no redis-server on the PATH; install it (apt-get install redis-server) or name a "
        "Redis of your own: \"redis\":{\"url\":...} in nrt.json");
}
