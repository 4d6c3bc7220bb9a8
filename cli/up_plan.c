/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to run: addresses from the settings and the command line, then one child for Redis
 * (where it is ours) and one for every instance of a role, in the order they are started.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/must.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/up.h"
#include "config/policy.h"

#define INSTANCES_MAX  16
#define OLD_ROLE_WAITS 150 /* of 100 ms */

/* In the order of starting; stopped the other way round. */
static const char *const roles[] = {"notifier", "monitor", "console"};
#define ROLE_COUNT (sizeof(roles) / sizeof(roles[0]))

/* ---- addresses ---- */

/* The whole folder, before anything of it is applied; what is applied already is not in question.
 */
static bool check_folder(const struct up *up, struct report *report)
{
    char ledger[sizeof(up->data) + 16];
    (void)snprintf(ledger, sizeof(ledger), "%s/ledger.db", up->data);
    if (!up->options.config || access(ledger, F_OK) == 0) {
        return true;
    }
    struct bundle *bundle = bundle_load_folder(up->options.config, &up->settings, report);
    const bool good = bundle != NULL;
    bundle_free(bundle);
    return good;
}

static void print_errors(const struct report *report)
{
    struct buf text;
    if (report->error_count == 0) {
        return; /* roles log the warnings */
    }
    buf_init(&text, (size_t)256 * 1024);
    report_print(report, &text);
    (void)fprintf(stderr, "%.*s", TEXT_ARGS(buf_view(&text)));
    buf_release(&text);
}

static int load_settings(struct up *up)
{
    struct report report;
    report_init(&report);
    arena_init(&up->arena, 0);
    const bool good = settings_load(up->options.config, &up->arena, &up->settings, &report) &&
                      check_folder(up, &report);
    print_errors(&report);
    report_release(&report);
    if (!good) {
        return args_fail(EXIT_FOUND, "up", "the configuration has errors; nothing was started");
    }
    return EXIT_FINE;
}

static int choose_listen(struct up *up)
{
    const char *port = up->options.port;
    if (!port) {
        const struct text chosen =
            up->options.listen ? text_of(up->options.listen) : up->settings.http_listen;
        (void)snprintf(up->listen, sizeof(up->listen), "%.*s", TEXT_ARGS(chosen));
        return EXIT_FINE;
    }
    char *end = NULL;
    const long number = strtol(port, &end, 10);
    if (end == port || *end != '\0' || number < 1 || number > 65535) {
        return args_misuse("up", "--port must be 1 to 65535, not '%s'", port);
    }
    (void)snprintf(up->listen, sizeof(up->listen), "127.0.0.1:%ld", number);
    return EXIT_FINE;
}

/* 0 or the errno of trying to listen there. */
static int try_listen(const char *listen_at)
{
    char host[UP_ADDRESS_BYTES];
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    const int yes = 1;
    (void)snprintf(host, sizeof(host), "%s", listen_at);
    char *colon = strrchr(host, ':');
    if (!colon) {
        return EINVAL;
    }
    *colon = '\0';
    char *name = host;
    if (host[0] == '[' && colon > host && colon[-1] == ']') {
        colon[-1] = '\0';
        name = host + 1;
    }
    if (getaddrinfo(name[0] ? name : NULL, colon + 1, &hints, &found) != 0) {
        return EADDRNOTAVAIL;
    }
    int error = 0;
    const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 1) != 0) {
        error = errno;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    freeaddrinfo(found);
    return error;
}

/* A console that outlives a killed supervisor for some seconds still holds the port. */
static void wait_old_console(const struct up *up)
{
    char path[4200];
    (void)snprintf(path, sizeof(path), "%s/run/console-1.lock", up->data);
    for (int i = 0; i < OLD_ROLE_WAITS && access(path, F_OK) == 0; i++) {
        int fd = -1;
        const enum err err = file_lock(path, &fd, NULL);
        if (fd >= 0) {
            (void)close(fd);
        }
        if (err != ERR_EXISTS) {
            return;
        }
        (void)poll(NULL, 0, 100);
    }
}

int up_plan_addresses(struct up *up)
{
    int code = load_settings(up);
    if (code == EXIT_FINE) {
        code = choose_listen(up);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    wait_old_console(up);
    const int error = try_listen(up->listen);
    if (error == EADDRINUSE) {
        return args_fail(
            EXIT_FOUND, "up",
            "%s is taken by another program; choose another port with --port, or "
            "set http.listen in nrt.json",
            up->listen);
    }
    if (error != 0) {
        return args_fail(
            EXIT_FOUND, "up", "cannot listen on %s: %s", up->listen, strerrordesc_np(error));
    }
    const char *scheme = up->settings.http_tls.cert.bytes > 0 ? "https" : "http";
    (void)snprintf(up->url, sizeof(up->url), "%s://%s", scheme, up->listen);
    up->embedded = !up->options.redis_url && up->settings.redis_url.bytes == 0;
    return EXIT_FINE;
}

int up_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof(address);
    int port = 0;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return 0;
    }
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &bytes) == 0) {
        port = ntohs(address.sin_port);
    }
    (void)close(fd);
    return port;
}

/* ---- children ---- */

/* "monitor=2,notifier=1" */
static int instances_of(const struct up *up, const char *role, int *ret_count)
{
    const char *at = up->options.instances;
    const size_t role_bytes = strlen(role);
    *ret_count = 1;
    for (; at && *at; at += strcspn(at, ","), at += *at == ',') {
        char *end = NULL;
        if (strncmp(at, role, role_bytes) != 0 || at[role_bytes] != '=') {
            continue;
        }
        const long count = strtol(at + role_bytes + 1, &end, 10);
        if ((*end != '\0' && *end != ',') || count < 0 || count > INSTANCES_MAX) {
            return args_misuse("up", "--instances takes ROLE=0..%d, not '%s'", INSTANCES_MAX, at);
        }
        *ret_count = (int)count;
    }
    return EXIT_FINE;
}

/* "monitor-1=NAME:ACTION[:NTH]", several joined by commas. */
static void add_failpoint(struct up *up, struct supervised *child)
{
    const char *at = up->options.failpoint;
    char *env = up->failpoint_env[up->supervisor.child_count - 1];
    const size_t bytes = strlen(child->name);
    while (at && *at) {
        const size_t part_bytes = strcspn(at, ",");
        if (strncmp(at, child->name, bytes) == 0 && at[bytes] == '=') {
            (void)snprintf(
                env, sizeof(up->failpoint_env[0]), "NRT_FAILPOINT=%.*s",
                (int)(part_bytes - bytes - 1), at + bytes + 1);
            child->first_env = env;
        }
        at += part_bytes;
        at += *at == ',';
    }
}

static void add_words(struct child_spec *spec, const char *option, const char *value)
{
    size_t count = 0;
    if (!value) {
        return;
    }
    while (spec->argv[count]) {
        count++;
    }
    spec->argv[count] = option;
    spec->argv[count + 1] = value;
}

static void add_env(struct child_spec *spec, const char *assignment)
{
    size_t count = 0;
    while (spec->env[count]) {
        count++;
    }
    MUST(count < CHILD_ENV_MAX);
    spec->env[count] = assignment;
}

/* On a terminal what goes well is the box's to say; journals and log files get it all. */
static bool is_quiet_terminal(void)
{
    const char *level = args_environment("NRT_LOG");
    return isatty(STDERR_FILENO) && !(level && *level);
}

static void add_role(struct up *up, const char *role, int number)
{
    struct supervised *child = supervisor_add(&up->supervisor, "%s-%d", role, number);
    const bool is_console = strcmp(role, "console") == 0;
    child->takes_reload = is_console && number == 1;
    child->spec.program = "/proc/self/exe";
    child->spec.argv[0] = "nrt";
    child->spec.argv[1] = "serve";
    add_words(&child->spec, "--role", role);
    add_words(&child->spec, "--instance", child->name);
    add_words(&child->spec, "--data", up->data);
    add_words(&child->spec, "--config", up->options.config);
    add_words(&child->spec, "--redis", up->options.redis_url);
    if (is_console) {
        add_words(&child->spec, "--listen", up->listen);
    }
    if (is_console && up->options.demo) {
        add_env(&child->spec, "NRT_DEMO=1");
    }
    if (is_quiet_terminal()) {
        add_env(&child->spec, "NRT_LOG=warn");
    }
    add_failpoint(up, child);
}

static int add_redis(struct up *up)
{
    struct err_why why = {.text = ""};
    if (redis_server_find(&why) != ERR_OK ||
        redis_server_prepare(&up->supervisor.redis, up->data, &why) != ERR_OK) {
        return args_fail(EXIT_FOUND, "up", "%s", why.text);
    }
    struct supervised *child = supervisor_add(&up->supervisor, "redis");
    child->is_redis = true;
    child->finish_ms = 60000; /* it writes what it holds */
    return EXIT_FINE;
}

int up_plan_children(struct up *up)
{
    supervisor_init(&up->supervisor);
    if (up->embedded) {
        const int code = add_redis(up);
        if (code != EXIT_FINE) {
            return code;
        }
    }
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        int count = 0;
        const int code = instances_of(up, roles[i], &count);
        if (code != EXIT_FINE) {
            return code;
        }
        for (int number = 1; number <= count; number++) {
            add_role(up, roles[i], number);
        }
    }
    return EXIT_FINE;
}
