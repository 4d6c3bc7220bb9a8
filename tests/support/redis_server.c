/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting, asking and ending the test's redis-server. The connection for commands is made anew
 * each time: commands are few, and the server may have been killed in between.
 */
#include "tests/support/redis_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

#define START_TRIES     200
#define ANSWER_BYTES    4096
#define START_WAIT_MS   50
#define COMMAND_WAIT_MS 5000
#define CALL_BYTES_MAX  (1024 * 1024)

struct redis_server {
    char folder[96];
    char socket[100];
    char url[112];
    char answer[ANSWER_BYTES];
    pid_t pid;
};

static void run_server(const struct redis_server *server)
{
    const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nowhere >= 0)
        (void)dup2(nowhere, STDOUT_FILENO);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)execlp(
        "redis-server", "redis-server", "--port", "0", "--unixsocket", server->socket, "--dir",
        server->folder, "--appendonly", "yes", "--appendfsync", "no", "--save", "", "--daemonize",
        "no", "--enable-debug-command", "local", (char *)NULL);
    _exit(127);
}

static int connect_to(const struct redis_server *server)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", server->socket);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* Reads until the first line is whole. */
static void read_line(int fd, char answer[ANSWER_BYTES])
{
    size_t bytes = 0;
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    while (bytes + 1 < ANSWER_BYTES && !memchr(answer, '\r', bytes)) {
        if (poll(&poll_fd, 1, COMMAND_WAIT_MS) <= 0)
            break;
        const ssize_t got = read(fd, answer + bytes, ANSWER_BYTES - 1 - bytes);
        if (got <= 0)
            break;
        bytes += (size_t)got;
    }
    answer[bytes] = '\0';
    answer[strcspn(answer, "\r")] = '\0';
}

static const char *ask(struct redis_server *server, const char *bytes, size_t byte_count)
{
    server->answer[0] = '\0';
    const int fd = connect_to(server);
    if (fd < 0)
        return server->answer;
    if (send(fd, bytes, byte_count, MSG_NOSIGNAL) == (ssize_t)byte_count)
        read_line(fd, server->answer);
    (void)close(fd);
    return server->answer;
}

const char *redis_server_command(struct redis_server *server, const char *command)
{
    char line[1024];
    const int bytes = snprintf(line, sizeof line, "%s\r\n", command);
    return ask(server, line, (size_t)bytes);
}

const char *redis_server_call(struct redis_server *server, const char *const *arguments)
{
    struct buf buf;
    size_t count = 0;
    while (arguments[count])
        count++;
    buf_init(&buf, CALL_BYTES_MAX);
    buf_format(&buf, "*%zu\r\n", count);
    for (size_t i = 0; i < count; i++)
        buf_format(&buf, "$%zu\r\n%s\r\n", strlen(arguments[i]), arguments[i]);
    const char *const answer = ask(server, buf.ptr, buf.bytes);
    buf_release(&buf);
    return answer;
}

bool redis_server_start(struct redis_server *server)
{
    server->pid = fork();
    if (server->pid == 0)
        run_server(server);
    if (server->pid < 0)
        return false;
    for (int try = 0; try < START_TRIES; try++) {
        if (strcmp(redis_server_command(server, "PING"), "+PONG") == 0)
            return true;
        if (waitpid(server->pid, NULL, WNOHANG) == server->pid) {
            (void)fprintf(stderr, "redis-server ended at once: is the package installed?\n");
            server->pid = 0;
            return false;
        }
        (void)poll(NULL, 0, START_WAIT_MS);
    }
    return false;
}

struct redis_server *redis_server_create(void)
{
    struct redis_server *const server = calloc(1, sizeof *server);
    if (!server)
        return NULL;
    const char *const tmp = getenv("TMPDIR");
    (void)snprintf(server->folder, sizeof server->folder, "%s/redis-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(server->folder)) {
        perror(server->folder);
        free(server);
        return NULL;
    }
    (void)snprintf(server->socket, sizeof server->socket, "%s/s", server->folder);
    (void)snprintf(server->url, sizeof server->url, "unix:%s", server->socket);
    if (!redis_server_start(server)) {
        redis_server_free(server);
        return NULL;
    }
    return server;
}

void redis_server_kill(struct redis_server *server)
{
    if (server->pid <= 0)
        return;
    (void)kill(server->pid, SIGKILL);
    (void)waitpid(server->pid, NULL, 0);
    server->pid = 0;
}

void redis_server_freeze(struct redis_server *server, bool frozen)
{
    (void)kill(server->pid, frozen ? SIGSTOP : SIGCONT);
}

const char *redis_server_url(const struct redis_server *server)
{
    return server->url;
}

static void remove_folder(const char *folder)
{
    const pid_t pid = fork();
    if (pid == 0) {
        (void)execlp("rm", "rm", "-rf", folder, (char *)NULL);
        _exit(127);
    }
    if (pid > 0)
        (void)waitpid(pid, NULL, 0);
}

void redis_server_free(struct redis_server *server)
{
    if (!server)
        return;
    redis_server_kill(server);
    remove_folder(server->folder);
    free(server);
}
