/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The front of the console under everything that a hostile client can do with a socket, with a
 * client beside it that only wants its answer and gets it every time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "console/http.h"
#include "tests/support/check.h"
#include "tests/support/console_rig.h"

#define SERVED_MS_MAX 2000 /* generous: two cores, sanitizers, other tests beside */

static struct console_rig rig;
static char *kept;

static bool has(const char *part)
{
    check_note("looking for %s in %.300s", part, kept ? kept : "(nothing)");
    return kept && strstr(kept, part) != NULL;
}

static int ask(const char *bytes, size_t byte_count)
{
    free(kept);
    kept = console_rig_ask(&rig, bytes, byte_count);
    return kept && strlen(kept) > 12 ? (int)strtol(kept + 9, NULL, 10) : 0;
}

/* Somebody with honest work is answered, and soon. */
static bool is_served(void)
{
    const int64_t start_ms = clock_mono().ms;
    const int status = console_rig_call(&rig, "GET", "/api/v1/overdue?limit=5", NULL, NULL);
    const int64_t took_ms = clock_mono().ms - start_ms;
    check_note("status %d after %lld ms", status, (long long)took_ms);
    return CHECK_EQ(status, 200) && CHECK(took_ms < SERVED_MS_MAX);
}

/* ---- crowds ---- */

#define CROWD_MAX 2200
static struct pollfd crowd[CROWD_MAX];
static size_t crowd_count;

static void crowd_add(size_t count, const char *says)
{
    for (size_t index = 0; index < count && crowd_count < CROWD_MAX; index++) {
        const int fd = console_rig_connect(&rig);
        if (!CHECK(fd >= 0)) {
            return;
        }
        CHECK(!says || send(fd, says, strlen(says), MSG_NOSIGNAL) >= 0);
        crowd[crowd_count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
}

static void crowd_leave(void)
{
    while (crowd_count > 0) {
        (void)close(crowd[--crowd_count].fd);
    }
}

/* How many the server has closed so far. */
static size_t crowd_closed(void)
{
    size_t closed = 0;
    for (size_t index = 0; index < crowd_count; index++) {
        char byte;
        const ssize_t got = recv(crowd[index].fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
        closed += got == 0 || (got < 0 && errno == ECONNRESET);
    }
    return closed;
}

static void a_thousand_idle_clients_keep_nobody_out(void)
{
    crowd_add(1000, NULL);
    CHECK(is_served());
    CHECK_EQ(crowd_closed(), 0); /* and there is room for all of them */
    crowd_leave();
}

static void the_longest_idle_make_room_when_all_is_full(void)
{
    crowd_add(CROWD_MAX, NULL);
    for (int round = 0; round < 5; round++) {
        CHECK(is_served());
    }
    CHECK(crowd_closed() >= CROWD_MAX - HTTP_CONNECTIONS_MAX);
    crowd_leave();
    CHECK(is_served());
}

static void slow_heads_and_slow_bodies_keep_nobody_waiting(void)
{
    char slow_body[512];
    (void)snprintf(
        slow_body, sizeof(slow_body),
        "POST /api/v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
        "Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n[",
        rig.token);
    crowd_add(300, "GET /api/v1/overdue HTTP/1.1\r\nHost: a\r\nX-Slow: ");
    crowd_add(300, slow_body);
    for (int round = 0; round < 5; round++) {
        CHECK(is_served());
        for (size_t index = 0; index < crowd_count; index++) {
            (void)send(crowd[index].fd, " ", 1, MSG_NOSIGNAL);
        }
    }
    CHECK_EQ(console_rig_call(&rig, "POST", "/api/v1/events", "{\"a large one\":1}", NULL), 400);
    crowd_leave();
}

static void announced_bodies_reserve_nothing_without_the_right_to_send_them(void)
{
    crowd_add(
        400, "POST /a/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA HTTP/1.1\r\nHost: a\r\n"
             "Content-Length: 65000\r\n\r\nx");
    CHECK(is_served());
    crowd_leave();
}

/* A token that may read; "" when none could be made. */
static void reading_token(char ret_token[static 80])
{
    char *body = NULL;
    const int status = console_rig_call(
        &rig, "POST", "/api/v1/tokens", "{\"name\":\"reader\",\"rights\":[\"read\"]}", &body);
    const char *at = body ? strstr(body, "\"token\":\"") : NULL;
    check_note("%d %.200s", status, body ? body : "");
    (void)snprintf(ret_token, 80, "%.*s", at ? (int)strcspn(at + 9, "\"") : 0, at ? at + 9 : "");
    CHECK(ret_token[0] != '\0');
    free(body);
}

static void live_readers_that_never_read_have_their_share_and_no_more(void)
{
    char token[80];
    char live[256];
    reading_token(token);
    (void)snprintf(
        live, sizeof(live),
        "GET /api/v1/live HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n", token);
    crowd_add(8, live);
    CHECK(is_served());
    CHECK_EQ(ask(live, strlen(live)), 429);
    CHECK(has("Retry-After: "));
    CHECK(is_served());
    crowd_leave();
}

/* Resident memory of the rig, in KiB. */
static long resident_kib(void)
{
    char path[64];
    char text[128] = "";
    (void)snprintf(path, sizeof(path), "/proc/%ld/statm", (long)rig.pid);
    FILE *file = fopen(path, "re");
    if (file) {
        (void)!fgets(text, sizeof(text), file);
        (void)fclose(file);
    }
    const char *second = strchr(text, ' ');
    return second ? strtol(second, NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024) : 0;
}

static void a_body_of_100_mb_is_refused_by_its_announcement(void)
{
    char head[512];
    const long before = resident_kib();
    (void)snprintf(
        head, sizeof(head),
        "POST /api/v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
        "Content-Length: 104857600\r\n\r\n",
        rig.token);
    for (int round = 0; round < 20; round++) {
        CHECK_EQ(ask(head, strlen(head)), 413);
    }
    CHECK(resident_kib() - before < 32 * 1024);
    CHECK(is_served());
}

/* ---- two readings of one request ---- */

#define POST_HEAD "POST /healthz HTTP/1.1\r\nHost: a\r\n"
#define GET_HEAD  "GET /healthz HTTP/1.1\r\nHost: a\r\n"
#define HIDDEN    "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"

/* Each is refused, and what hides behind it is never taken for a request. */
static const char *const smuggled[] = {
    POST_HEAD "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HIDDEN,
    POST_HEAD "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" HIDDEN,
    POST_HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: a\r\n\r\n" HIDDEN,
    POST_HEAD "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" HIDDEN,
    POST_HEAD "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" HIDDEN,
    POST_HEAD "Transfer-Encoding : chunked\r\nContent-Length: 4\r\n\r\nabcd" HIDDEN,
    POST_HEAD " Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\nabcd" HIDDEN,
    POST_HEAD "X: a\r\n Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\nabcd" HIDDEN,
    POST_HEAD "Transfer-Encoding:\x0b"
              "chunked\r\nContent-Length: 4\r\n\r\nabcd" HIDDEN,
    POST_HEAD "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd" HIDDEN,
    POST_HEAD "Content-Length: 4\r\nContent-Length: 0\r\n\r\nabcd" HIDDEN,
    POST_HEAD "Content-Length: 4, 4\r\n\r\nabcd" HIDDEN,
    POST_HEAD "Content-Length: +4\r\n\r\nabcd" HIDDEN,
    POST_HEAD "Content-Length: 0x4\r\n\r\nabcd" HIDDEN,
    POST_HEAD "Content-Length: 4 \x01\r\n\r\nabcd" HIDDEN,
    POST_HEAD "Content-Length: -4\r\n\r\nabcd" HIDDEN,
    POST_HEAD "Content-Length: 99999999999999999999\r\n\r\nabcd" HIDDEN,
    POST_HEAD "Content-Length:\r\n\r\nabcd" HIDDEN,
    POST_HEAD "Content\rLength: 4\r\n\r\nabcd" HIDDEN,
    GET_HEAD "X: a\nX-Injected: b\r\n\r\n" HIDDEN,
    GET_HEAD "X: a\rX-Injected: b\r\n\r\n" HIDDEN,
    GET_HEAD "X-No-Colon\r\n\r\n" HIDDEN,
    GET_HEAD ": empty\r\n\r\n" HIDDEN,
    GET_HEAD "Host: b\r\n\r\n" HIDDEN,
    "GET /healthz HTTP/1.1\r\n\r\n" HIDDEN,
    "GET http://evil.example/healthz HTTP/1.1\r\nHost: a\r\n\r\n" HIDDEN,
    "GET /healthz HTTP/1.1 HTTP/1.1\r\nHost: a\r\n\r\n" HIDDEN,
    "GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n" HIDDEN,
    "GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n" HIDDEN,
    "GET /healthz\r\nHost: a\r\n\r\n" HIDDEN,
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" HIDDEN,
    /* What would end up in a header of the answer if anything from outside did. */
    "GET /x%0d%0aSet-Cookie:%20a=1 HTTP/1.1\r\nHost: a\r\n\r\n" HIDDEN,
    "GET /x%0aSet-Cookie:%20a=1 HTTP/1.1\r\nHost: a\r\n\r\n" HIDDEN,
    "GET /x%00 HTTP/1.1\r\nHost: a\r\n\r\n" HIDDEN,
    "GET /api/v1/cases?q=%00 HTTP/1.1\r\nHost: a\r\n\r\n" HIDDEN,
};

static void no_request_is_read_in_two_ways(void)
{
    for (size_t index = 0; index < sizeof(smuggled) / sizeof(smuggled[0]); index++) {
        const int status = ask(smuggled[index], strlen(smuggled[index]));
        check_note("%zu: %.60s -> %d", index, smuggled[index], status);
        CHECK(status == 400 || status == 411 || status == 505);
        CHECK(kept && !strstr(kept + 1, "HTTP/1.1 404"));
        CHECK(!has("Set-Cookie") && !has("X-Injected"));
    }
    CHECK(is_served());
}

static void a_head_with_a_nul_byte_is_refused(void)
{
    static const char bytes[] = "GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n";
    CHECK_EQ(ask(bytes, sizeof(bytes) - 1), 400);
}

static void no_path_leads_out_of_the_table_of_files(void)
{
    static const char *const paths[] = {
        "/../etc/passwd",
        "/%2e%2e/etc/passwd",
        "/..%2fetc/passwd",
        "/assets/../../token",
        "/assets/%2e%2e/token",
        "//etc/passwd",
        "/.",
        "/./index.html",
        "/..\\token",
        "/%5c..%5ctoken",
        "/index.html%00.js",
        "/%c0%ae%c0%ae/token",
        "/%252e%252e/token",
        "/token",
        "/ledger.db",
        "/assets/",
        "/%",
        "/%zz",
        "/index.html/",
        "/INDEX.HTML",
    };
    for (size_t index = 0; index < sizeof(paths) / sizeof(paths[0]); index++) {
        char bytes[160];
        (void)snprintf(bytes, sizeof(bytes), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", paths[index]);
        const int status = ask(bytes, strlen(bytes));
        check_note("%s -> %d", paths[index], status);
        CHECK(status == 400 || status == 404);
        CHECK(!has("root:") && !has(rig.token));
    }
}

/* ---- a door of its own, with narrow limits ---- */

#define LARGE_BYTES ((size_t)4 * 1024 * 1024)
#define FEW_FILES   64

static bool admit(void *context, struct http_call *call, struct http_admission *ret_admission)
{
    (void)context;
    (void)call;
    ret_admission->body_bytes_max = 1000;
    return true;
}

static void handle(void *context, struct http_call *call)
{
    static char large[LARGE_BYTES];
    (void)context;
    if (text_is(call->head.path, "/large")) {
        memset(large, 'x', sizeof(large));
        http_answer(call, 200, "text/plain", (struct text){large, sizeof(large)});
    } else {
        http_answer(call, 200, "text/plain", TEXT_LITERAL("here"));
    }
}

static void refuse(void *context, struct http_call *call, int status, const char *why)
{
    (void)context;
    http_answer(call, status, "text/plain", text_of(why));
}

static const struct http_handler plain_handler = {
    .admit = admit, .handle = handle, .refuse = refuse};

static bool few_files; /* for the next door */

static pid_t door_open(const struct http_options *options, int *ret_port)
{
    int ends[2];
    int port = 0;
    if (!CHECK(pipe(ends) == 0)) {
        return -1;
    }
    (void)fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        if (few_files) {
            const struct rlimit limit = {.rlim_cur = FEW_FILES, .rlim_max = FEW_FILES};
            (void)setrlimit(RLIMIT_NOFILE, &limit);
        }
        struct http_server *server = NULL;
        struct err_why why = {0};
        struct event_base *base = event_base_new();
        if (!base || http_server_create(base, options, &plain_handler, &server, &why)) {
            _exit(90);
        }
        port = http_server_port(server);
        if (write(ends[1], &port, sizeof(port)) != sizeof(port)) {
            _exit(91);
        }
        (void)event_base_dispatch(base);
        _exit(0);
    }
    (void)close(ends[1]);
    CHECK(read(ends[0], ret_port, sizeof(*ret_port)) == sizeof(*ret_port));
    (void)close(ends[0]);
    return pid;
}

static void door_close(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

/* From one of the addresses of this machine. */
static int connect_from(const char *from, int port)
{
    struct sockaddr_in own = {.sin_family = AF_INET};
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || inet_pton(AF_INET, from, &own.sin_addr) != 1 ||
        bind(fd, (const struct sockaddr *)&own, sizeof(own)) != 0 ||
        connect(fd, (const struct sockaddr *)&there, sizeof(there)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static bool answers(int fd)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    char answer[4096] = "";
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    (void)send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL);
    return poll(&wait, 1, 10000) == 1 && recv(fd, answer, sizeof(answer) - 1, 0) > 0 &&
           strncmp(answer, "HTTP/1.1 200", 12) == 0;
}

static void an_address_has_its_share_and_others_have_theirs(void)
{
    int port = 0;
    int greedy[8];
    const struct http_options options = {
        .listen = "127.0.0.1:0", .per_place_max = 4, .loopback_is_counted = true};
    const pid_t door = door_open(&options, &port);
    const int quiet = connect_from("127.0.0.3", port);
    CHECK(answers(quiet));
    for (int index = 0; index < 8; index++) {
        greedy[index] = connect_from("127.0.0.2", port);
        CHECK(answers(greedy[index]));
    }
    /* Of eight the first four had to go, and nobody else. */
    for (int index = 0; index < 8; index++) {
        CHECK_EQ(answers(greedy[index]), index >= 4);
        (void)close(greedy[index]);
    }
    CHECK(answers(quiet));
    (void)close(quiet);
    door_close(door);
}

static void who_has_just_asked_stays_longer_than_who_never_asks(void)
{
    int port = 0;
    int silent[3];
    const struct http_options options = {.listen = "127.0.0.1:0", .connections_max = 4};
    const pid_t door = door_open(&options, &port);
    const int busy = connect_from("127.0.0.1", port);
    for (int index = 0; index < 3; index++) {
        silent[index] = connect_from("127.0.0.1", port);
    }
    for (int round = 0; round < 6; round++) {
        CHECK(answers(busy));
        const int other = connect_from("127.0.0.1", port);
        CHECK(answers(other));
        (void)close(other);
    }
    CHECK(answers(busy));
    (void)close(busy);
    for (int index = 0; index < 3; index++) {
        (void)close(silent[index]);
    }
    door_close(door);
}

static void without_descriptors_the_idle_make_room_too(void)
{
    int port = 0;
    int silent[FEW_FILES * 2];
    const struct http_options options = {.listen = "127.0.0.1:0"};
    few_files = true;
    const pid_t door = door_open(&options, &port);
    few_files = false;
    for (int index = 0; index < FEW_FILES * 2; index++) {
        silent[index] = connect_from("127.0.0.1", port);
    }
    const int busy = connect_from("127.0.0.1", port);
    CHECK(answers(busy));
    CHECK(answers(busy));
    (void)close(busy);
    for (int index = 0; index < FEW_FILES * 2; index++) {
        (void)close(silent[index]);
    }
    door_close(door);
}

/* KiB of a process that are its own. */
static long resident_of(pid_t pid)
{
    const pid_t own = rig.pid;
    rig.pid = pid;
    const long kib = resident_kib();
    rig.pid = own;
    return kib;
}

/* Sanitizers keep freed memory for a while. */
static bool is_sanitized(void)
{
    const char *word = getenv("NRT_SANITIZED");
    return word && word[0] == '1';
}

static void answers_that_nobody_reads_are_bounded_together(void)
{
    static const char request[] = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
    int port = 0;
    int greedy[160]; /* times 4 MiB */
    const struct http_options options = {.listen = "127.0.0.1:0"};
    const pid_t door = door_open(&options, &port);
    for (int index = 0; index < 160; index++) {
        greedy[index] = connect_from("127.0.0.1", port);
        CHECK(send(greedy[index], request, sizeof(request) - 1, MSG_NOSIGNAL) > 0);
    }
    const int busy = connect_from("127.0.0.1", port);
    CHECK(answers(busy));
    const long kib = resident_of(door);
    check_note("%ld KiB", kib);
    CHECK(kib > 0 && (is_sanitized() || kib < 400 * 1024));
    (void)close(busy);
    for (int index = 0; index < 160; index++) {
        (void)close(greedy[index]);
    }
    door_close(door);
}

int main(void)
{
    const struct console_rig_options options = {.demo = false};
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < 8192) {
        files.rlim_cur = files.rlim_max < 8192 ? files.rlim_max : 8192;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    if (console_rig_start(&rig, &options)) {
        CHECK_RUN(a_thousand_idle_clients_keep_nobody_out);
        CHECK_RUN(the_longest_idle_make_room_when_all_is_full);
        CHECK_RUN(slow_heads_and_slow_bodies_keep_nobody_waiting);
        CHECK_RUN(announced_bodies_reserve_nothing_without_the_right_to_send_them);
        CHECK_RUN(live_readers_that_never_read_have_their_share_and_no_more);
        CHECK_RUN(a_body_of_100_mb_is_refused_by_its_announcement);
        CHECK_RUN(no_request_is_read_in_two_ways);
        CHECK_RUN(a_head_with_a_nul_byte_is_refused);
        CHECK_RUN(no_path_leads_out_of_the_table_of_files);
        CHECK_EQ(console_rig_stop(&rig), 0);
    }
    CHECK_RUN(an_address_has_its_share_and_others_have_theirs);
    CHECK_RUN(who_has_just_asked_stays_longer_than_who_never_asks);
    CHECK_RUN(without_descriptors_the_idle_make_room_too);
    CHECK_RUN(answers_that_nobody_reads_are_bounded_together);
    free(kept);
    return check_done();
}
