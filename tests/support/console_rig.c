/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process of the rig: one loop that turns the memory twin's world, the console and the
 * monitor. It owns a temporary folder and nothing else.
 */
#include "tests/support/console_rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "console/front.h"
#include "console/start.h"
#include "store/role_kinds.h"
#include "store/store_open.h"
#include "tests/support/check.h"
#include "tests/support/rig_roles.h"

#define STEPPED_START_MS INT64_C(1772409600000) /* 2026-03-02T08:00:00+08:00, a Monday */
#define CHANNELS_MAX     8
#define ANSWER_MS        10000
#define ANSWER_BYTES_MAX ((size_t)8 * 1024 * 1024)

/* ---- the process ---- */

struct world {
    struct event_base *base;
    struct memory_world *memory;
    struct prng prng;
    struct service_clock clock;
    struct settings settings;
    struct channel_settings channels[CHANNELS_MAX];
    struct channel_option secret;
    struct role_env envs[3];
    int ready; /* roles that have read their configuration */
    struct store_watcher watchers[3];
    struct event *pump;
    int filled; /* journal entries still under way */
};

static void on_clock(void *context, struct wall_ms now)
{
    struct role_env *env = context;
    clock_set(env->clock, now);
    if (env->on_clock) {
        env->on_clock(env->role);
    }
}

static void on_config(void *context, int64_t version)
{
    struct role_env *env = context;
    (void)version;
    role_look_for_versions(env);
}

static void on_ready(void *context)
{
    ((struct world *)context)->ready++;
}

static void on_hopeless(void *context, const char *why)
{
    (void)context;
    (void)fprintf(stderr, "rig: %s\n", why);
    _exit(93);
}

static void on_pump(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct world *world = context;
    memory_world_set_real(world->memory, clock_mono().ms);
    for (int turn = 0; turn < 2000 && memory_world_step(world->memory, &world->prng); turn++) {
    }
}

static void on_filled(void *context, enum err err, const char *why)
{
    (void)why;
    struct world *world = context;
    world->filled -= err == ERR_OK;
}

static void fill_journal(struct world *world, const char *const *journal)
{
    struct store *store = store_memory_open(world->memory, text_of("filler"));
    for (; journal && *journal; journal++) {
        const struct text array = text_of(*journal);
        const struct text facts = {.ptr = array.ptr + 1, .bytes = array.bytes - 2};
        world->filled++;
        store_journal_add(store, 0, facts, on_filled, world);
    }
    while (memory_world_step(world->memory, &world->prng)) {
    }
    store_close(store);
}

static void add_secret(struct world *world, const char *secret)
{
    if (!secret || world->settings.channel_count > CHANNELS_MAX) {
        return;
    }
    world->secret = (struct channel_option){
        .name = TEXT_LITERAL("receipt_secret"), .value = text_of(secret), .secret = true};
    for (size_t index = 0; index < world->settings.channel_count; index++) {
        world->channels[index] = world->settings.channels[index];
        if (text_is(world->channels[index].name, "sms")) {
            world->channels[index].options = &world->secret;
            world->channels[index].option_count = 1;
            world->channels[index].receipt_reply = "{\"code\":0}";
        }
    }
    world->settings.channels = world->channels;
}

static void add_listeners(struct world *world, const struct console_rig_options *options)
{
    if (options->tls_cert) {
        world->settings.http_tls = (struct tls_settings){
            .cert = text_of(options->tls_cert), .key = text_of(options->tls_key)};
    }
    if (options->with_public) {
        world->settings.http_door_listen = text_of("127.0.0.1:0");
    }
}

static void follow_versions(struct world *world, struct role_env *env, const char *folder)
{
    const struct role_policy_options options = {
        .env = env,
        .config_folder = folder,
        .ready = on_ready,
        .hopeless = on_hopeless,
        .context = world,
    };
    role_policy_begin(role_policy_create(&options));
}

static bool world_set_up(
    struct world *world, const struct console_rig *rig, const struct console_rig_options *options)
{
    static const char *const names[] = {"console-1", "monitor-1", "notifier-1"};
    settings_defaults(&world->settings);
    world->settings.http_listen = text_of("127.0.0.1:0");
    world->settings.changes_need_approval = options->approval;
    if (options->brief) {
        static const struct text oversight[] = {{"oversight", 9}};
        static const struct text heads[] = {{"unit_head", 9}};
        world->settings.brief_to = oversight;
        world->settings.brief_to_count = 1;
        world->settings.weekly_to = heads;
        world->settings.weekly_to_count = 1;
    }
    add_listeners(world, options);
    add_secret(world, options->secret);
    if (options->settle) {
        options->settle(&world->settings);
    }
    world->base = event_base_new();
    world->memory = memory_world_create(1);
    prng_seed(&world->prng, 1);
    if (!world->base || !world->memory) {
        return false;
    }
    clock_init_real(&world->clock);
    if (options->stepped) {
        clock_init_stepped(&world->clock, (struct wall_ms){STEPPED_START_MS});
    }
    for (int index = 0; index < 3; index++) {
        struct role_env *env = &world->envs[index];
        *env = (struct role_env){
            .base = world->base,
            .loop = loop_libevent_create(world->base),
            .store = store_memory_open(world->memory, text_of(names[index])),
            .clock = &world->clock,
            .settings = &world->settings,
            .instance = names[index],
            .data_folder = rig->folder,
        };
        world->watchers[index] =
            (struct store_watcher){.on_clock = on_clock, .on_config = on_config, .context = env};
        store_watch(env->store, &world->watchers[index]);
        follow_versions(world, env, options->config_folder);
    }
    while (memory_world_step(world->memory, &world->prng)) {
    }
    return world->ready == 3;
}

static void on_term(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct role_env *env = context;
    env->on_terminate(env->role);
}

static _Noreturn void run(
    const struct console_rig *rig, const struct console_rig_options *options, int ready_fd)
{
    static struct world world;
    struct err_why why = {0};
    const struct timeval tick = {.tv_usec = 500};
    log_set_level(LOG_ERROR);
    (void)setenv("NRT_DEMO", options->demo ? "1" : "0", 1);
    if (!world_set_up(&world, rig, options)) {
        _exit(90);
    }
    fill_journal(&world, options->journal);
    if (world.filled != 0 || console_start(&world.envs[0], &why) ||
        (options->with_roles && rig_roles_start(&world.envs[1], &world.envs[2], &why))) {
        (void)fprintf(stderr, "rig: %s\n", why.text);
        _exit(91);
    }
    const struct console *console = world.envs[0].role;
    const int ports[2] = {http_server_port(console->http), front_public_port(console->front)};
    world.pump = event_new(world.base, -1, EV_PERSIST, on_pump, &world);
    struct event *term = evsignal_new(world.base, SIGTERM, on_term, &world.envs[0]);
    evtimer_add(world.pump, &tick);
    event_add(term, NULL);
    if (write(ready_fd, ports, sizeof(ports)) != sizeof(ports)) {
        _exit(92);
    }
    (void)event_base_dispatch(world.base);
    _exit(0);
}

/* ---- the test's side ---- */

static bool read_token(struct console_rig *rig)
{
    char path[320];
    struct buf text;
    buf_init(&text, 1024);
    (void)snprintf(path, sizeof(path), "%s/token", rig->folder);
    const bool good = file_read(path, &text, NULL) == ERR_OK && text.bytes == TOKEN_BYTES + 1;
    if (good) {
        (void)snprintf(rig->token, sizeof(rig->token), "%.*s", TOKEN_BYTES, text.ptr);
    }
    buf_release(&text);
    return good;
}

bool console_rig_start(struct console_rig *rig, const struct console_rig_options *options)
{
    int ends[2];
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(
        rig->folder, sizeof(rig->folder), "%s/console-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
    if (!CHECK(mkdtemp(rig->folder) != NULL) || !CHECK(pipe(ends) == 0)) {
        return false;
    }
    (void)fflush(stdout);
    rig->pid = fork();
    if (rig->pid == 0) {
        (void)close(ends[0]);
        run(rig, options, ends[1]);
    }
    (void)close(ends[1]);
    struct pollfd ready = {.fd = ends[0], .events = POLLIN};
    int ports[2] = {0};
    const bool up = poll(&ready, 1, 20000) == 1 &&
                    read(ends[0], ports, sizeof(ports)) == (ssize_t)sizeof(ports);
    rig->port = ports[0];
    rig->public_port = ports[1];
    (void)close(ends[0]);
    return CHECK(up) && CHECK(read_token(rig));
}

static void remove_folder(const struct console_rig *rig)
{
    static const char *const names[] = {
        "token",
        "ledger.db",
        "ledger.db-wal",
        "ledger.db-shm",
        "accounts.db",
        "accounts.db-wal",
        "accounts.db-shm",
        "setup-link",
        "send-notifier-1.db",
        "send-notifier-1.db-wal",
        "send-notifier-1.db-shm"};
    char path[320];
    for (int number = 1; number < 20; number++) {
        static const char *const ends[] = {"json", "ndjson", "txt"};
        for (size_t index = 0; index < 3; index++) {
            (void)snprintf(path, sizeof(path), "%s/jobs/p%d.%s", rig->folder, number, ends[index]);
            (void)unlink(path);
        }
    }
    (void)snprintf(path, sizeof(path), "%s/jobs", rig->folder);
    (void)rmdir(path);
    for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
        (void)snprintf(path, sizeof(path), "%s/%s", rig->folder, names[index]);
        (void)unlink(path);
    }
    (void)rmdir(rig->folder);
}

int console_rig_stop(struct console_rig *rig)
{
    int status = 0;
    (void)kill(rig->pid, SIGTERM);
    (void)waitpid(rig->pid, &status, 0);
    remove_folder(rig);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int console_rig_connect(const struct console_rig *rig)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)rig->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* Is the answer whole by its own Content-Length? */
static bool is_whole(const char *answer, size_t bytes)
{
    const char *end = strstr(answer, "\r\n\r\n");
    const char *length = strstr(answer, "Content-Length: ");
    if (!end || !length || length > end) {
        return false;
    }
    return bytes >= (size_t)(end + 4 - answer) + strtoul(length + 16, NULL, 10);
}

char *console_rig_ask(const struct console_rig *rig, const char *bytes, size_t byte_count)
{
    char *answer = calloc(1, ANSWER_BYTES_MAX);
    size_t sent = 0;
    size_t got = 0;
    const int fd = console_rig_connect(rig);
    const int64_t end_ms = clock_mono().ms + ANSWER_MS;
    struct pollfd wait = {.fd = fd, .events = POLLIN | POLLOUT};
    while (answer && fd >= 0 && clock_mono().ms < end_ms && !is_whole(answer, got)) {
        wait.events = (short)(POLLIN | (sent < byte_count ? POLLOUT : 0));
        if (poll(&wait, 1, 200) <= 0) {
            continue;
        }
        if (wait.revents & POLLOUT) {
            const ssize_t count =
                send(fd, bytes + sent, byte_count - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
            sent = count > 0 ? sent + (size_t)count : byte_count;
        }
        if (wait.revents & (POLLIN | POLLHUP)) {
            const ssize_t count = recv(fd, answer + got, ANSWER_BYTES_MAX - 1 - got, MSG_DONTWAIT);
            if (count == 0) {
                break;
            }
            got += count > 0 ? (size_t)count : 0;
        }
    }
    (void)close(fd);
    return answer;
}

int console_rig_call(
    const struct console_rig *rig,
    const char *method,
    const char *path,
    const char *body,
    char **ret_body)
{
    struct buf request;
    const size_t body_bytes = body ? strlen(body) : 0;
    buf_init(&request, (size_t)16 * 1024 * 1024);
    buf_format(
        &request,
        "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nConnection: close\r\n"
        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
        method, path, rig->token, body_bytes);
    buf_add(&request, body, body_bytes);
    char *answer = console_rig_ask(rig, request.ptr, request.bytes);
    buf_release(&request);
    const int status = answer && strlen(answer) > 12 ? (int)strtol(answer + 9, NULL, 10) : 0;
    const char *end = answer ? strstr(answer, "\r\n\r\n") : NULL;
    if (ret_body) {
        *ret_body = strdup(end ? end + 4 : "");
    }
    free(answer);
    return status;
}
