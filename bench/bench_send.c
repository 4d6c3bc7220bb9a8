/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages a second: one notifier (real Redis with AOF, send journal on disk) to a sink that keeps
 * connections, beside a bare loop of curl's multi interface with the same requests; both on one
 * core in one run, alternating. Prints each round, then medians and their ratio.
 *
 *   bench_send [MESSAGES] [ROUNDS]     messages a round (default 20000), rounds (default 5)
 *
 * The sink and Redis run on other cores where there are any.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/lap.h"
#include "base/must.h"
#include "notifiers/channel.h"
#include "tests/support/send_rig.h"

#define ROUNDS_MAX  20
#define CONNECTIONS 64
#define PEERS_MAX   1024
#define REQUEST_MAX 8192
#define GUARD_MS    INT64_C(120000)
#define ANSWER                                                                                     \
    "HTTP/1.1 202 Accepted\r\nContent-Type: text/plain\r\nContent-Length: 24\r\n\r\n"              \
    "0: Accepted for delivery"

static size_t message_count = 20000;
static size_t rounds = 5;
static struct send_rig rig;
static char sink_url[64];
static size_t put_so_far;

#define TEXT(s)                                                                                    \
    {                                                                                              \
        .ptr = (s), .bytes = sizeof(s) - 1                                                         \
    }

static const struct channel_option options[] = {
    {.name = TEXT("username"), .value = TEXT("water")},
    {.name = TEXT("password"), .value = TEXT("test-pass"), .secret = true},
    {.name = TEXT("signature"), .value = TEXT("【限时督办】")},
};
static struct channel_settings sms = {
    .name = TEXT("sms"),
    .type = TEXT("kannel"),
    .options = options,
    .option_count = 3,
};

/* Core 0 is measured; whatever helps runs elsewhere. */
static void stay_on(bool first)
{
    cpu_set_t cores;
    cpu_set_t allowed;
    MUST(sched_getaffinity(0, sizeof(allowed), &allowed) == 0);
    int mine = 0;
    while (!CPU_ISSET(mine, &allowed)) {
        mine++;
    }
    CPU_ZERO(&cores);
    if (first || CPU_COUNT(&allowed) == 1) {
        CPU_SET(mine, &cores);
    } else {
        cores = allowed;
        CPU_CLR(mine, &cores);
    }
    (void)sched_setaffinity(0, sizeof(cores), &cores);
}

/* ---- the sink: takes whatever ends a head, answers at once ---- */

struct peer {
    char tail[4]; /* the last bytes, for an end of head that was cut in two */
};
static struct peer peers[PEERS_MAX];

static size_t heads_in(struct peer *peer, const char *bytes, size_t count)
{
    size_t heads = 0;
    for (size_t index = 0; index < count; index++) {
        memmove(peer->tail, peer->tail + 1, 3);
        peer->tail[3] = bytes[index];
        heads += memcmp(peer->tail, "\r\n\r\n", 4) == 0 ? 1 : 0;
    }
    return heads;
}

static void serve_peer(int fd)
{
    static char bytes[REQUEST_MAX];
    const ssize_t got = recv(fd, bytes, sizeof(bytes), 0);
    if (got <= 0) {
        (void)close(fd);
        return;
    }
    for (size_t left = heads_in(&peers[fd], bytes, (size_t)got); left > 0; left--) {
        (void)send(fd, ANSWER, sizeof(ANSWER) - 1, MSG_NOSIGNAL);
    }
}

static void serve(int listener)
{
    struct epoll_event events[256];
    const int poll = epoll_create1(0);
    struct epoll_event one = {.events = EPOLLIN, .data.fd = listener};
    MUST(poll >= 0 && epoll_ctl(poll, EPOLL_CTL_ADD, listener, &one) == 0);
    for (;;) { /* ends with the program that killed it */
        const int count = epoll_wait(poll, events, 256, -1);
        for (int index = 0; index < count; index++) {
            const int fd = events[index].data.fd;
            if (fd != listener) {
                serve_peer(fd);
                continue;
            }
            const int yes = 1;
            one.data.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
            MUST(one.data.fd >= 0 && one.data.fd < PEERS_MAX);
            (void)setsockopt(one.data.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
            MUST(epoll_ctl(poll, EPOLL_CTL_ADD, one.data.fd, &one) == 0);
        }
    }
}

static pid_t sink_start(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t bytes = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MUST(listener >= 0 && !bind(listener, (struct sockaddr *)&address, bytes));
    MUST(!listen(listener, 512) && !getsockname(listener, (struct sockaddr *)&address, &bytes));
    (void)snprintf(sink_url, sizeof(sink_url), "http://127.0.0.1:%d", ntohs(address.sin_port));
    sms.url = text_of(sink_url);
    const pid_t pid = fork();
    if (pid == 0) {
        serve(listener);
    }
    (void)close(listener);
    return pid;
}

/* ---- the bare loop ---- */

static struct bare {
    CURLM *multi;
    struct event *timer;
    CURL *handles[CONNECTIONS];
    char *urls[CONNECTIONS];
    size_t begun;
    size_t done;
} bare;

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

static void bare_collect(void)
{
    int left = 0;
    for (;;) { /* ends with the messages */
        const CURLMsg *message = curl_multi_info_read(bare.multi, &left);
        if (!message) {
            return;
        }
        MUST(message->msg == CURLMSG_DONE && message->data.result == CURLE_OK);
        CURL *easy = message->easy_handle;
        bare.done++;
        curl_multi_remove_handle(bare.multi, easy);
        if (bare.begun < message_count) {
            bare.begun++;
            curl_multi_add_handle(bare.multi, easy);
        } else if (bare.done == message_count) {
            (void)event_base_loopbreak(rig.base);
        }
    }
}

static void bare_act(curl_socket_t fd, int action)
{
    int running = 0;
    curl_multi_socket_action(bare.multi, fd, action, &running);
    bare_collect();
}

static void on_bare_ready(evutil_socket_t fd, short what, void *context)
{
    (void)context;
    bare_act(
        fd, ((what & EV_READ) ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) ? CURL_CSELECT_OUT : 0));
}

static void on_bare_timer(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
    bare_act(CURL_SOCKET_TIMEOUT, 0);
}

static int on_bare_timer_wanted(CURLM *multi, long timeout_ms, void *context)
{
    const struct timeval wait = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    (void)multi;
    (void)context;
    return timeout_ms < 0 ? evtimer_del(bare.timer) : evtimer_add(bare.timer, &wait);
}

static int on_bare_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *watched)
{
    (void)easy;
    (void)context;
    if (watched) {
        event_free(watched);
        curl_multi_assign(bare.multi, fd, NULL);
    }
    if (what != CURL_POLL_REMOVE) {
        const int kind = ((what & CURL_POLL_IN) ? EV_READ : 0) |
                         ((what & CURL_POLL_OUT) ? EV_WRITE : 0) | EV_PERSIST;
        struct event *event = event_new(rig.base, fd, (short)kind, on_bare_ready, NULL);
        MUST(event && !event_add(event, NULL));
        curl_multi_assign(bare.multi, fd, event);
    }
    return 0;
}

/* The URL that the channel itself makes of such a message. */
static char *url_of(size_t number)
{
    char mobile[32];
    struct http_request request;
    (void)snprintf(mobile, sizeof(mobile), "1990000%04zu", number);
    const struct channel_receiver receiver = {.mobile = text_of(mobile)};
    const struct channel_call call = {
        .settings = &sms,
        .message =
            {
                .id = TEXT("sms-00000001"),
                .text = TEXT("【限时督办】这是一条测试消息，收到即说明通道正常，无需处理。"),
                .receivers = &receiver,
                .receiver_count = 1,
            },
    };
    http_request_init(&request, channel_kannel.method);
    MUST(channel_kannel.encode(&call, &request, NULL) == ERR_OK);
    char *url = text_copy(buf_view(&request.url));
    http_request_release(&request);
    return url;
}

static void bare_prepare(void)
{
    bare = (struct bare){.multi = curl_multi_init()};
    bare.timer = evtimer_new(rig.base, on_bare_timer, NULL);
    curl_multi_setopt(bare.multi, CURLMOPT_SOCKETFUNCTION, on_bare_socket);
    curl_multi_setopt(bare.multi, CURLMOPT_TIMERFUNCTION, on_bare_timer_wanted);
    curl_multi_setopt(bare.multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
    for (size_t index = 0; index < CONNECTIONS; index++) {
        bare.urls[index] = url_of(index);
        bare.handles[index] = curl_easy_init();
        curl_easy_setopt(bare.handles[index], CURLOPT_URL, bare.urls[index]);
        curl_easy_setopt(bare.handles[index], CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(bare.handles[index], CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(bare.handles[index], CURLOPT_PROXY, "");
    }
}

static double bare_round(void)
{
    bare_prepare();
    const int64_t began_ns = clock_mono_ns();
    for (size_t index = 0; index < CONNECTIONS; index++) {
        bare.begun++;
        curl_multi_add_handle(bare.multi, bare.handles[index]);
    }
    (void)event_base_dispatch(rig.base);
    const int64_t took_ns = clock_mono_ns() - began_ns;
    MUST(bare.done == message_count);
    for (size_t index = 0; index < CONNECTIONS; index++) {
        curl_easy_cleanup(bare.handles[index]);
        free(bare.urls[index]);
    }
    curl_multi_cleanup(bare.multi);
    event_free(bare.timer);
    return (double)message_count * 1e9 / (double)took_ns;
}

/* ---- the notifier ---- */

static int64_t busy_ns(void)
{
    struct timespec busy = {0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &busy);
    return (int64_t)busy.tv_sec * INT64_C(1000000000) + busy.tv_nsec;
}

static double notifier_round(void)
{
    send_rig_put(&rig, "sms", put_so_far, message_count);
    put_so_far += message_count;
    lap_forget();
    const int64_t busy_before_ns = busy_ns();
    const int64_t began_ns = clock_mono_ns();
    send_rig_up(&rig);
    MUST(send_rig_wait(&rig, "messages_accepted_total", (int64_t)message_count, GUARD_MS));
    const int64_t took_ns = clock_mono_ns() - began_ns;
    const struct lap_figures laps = lap_figures();
    printf(
        "  %" PRId64 " callbacks, p99.9 %" PRId64 " us, longest %" PRId64
        " us; busy %.0f %% of the time\n",
        laps.count, laps.p999_us, laps.max_us,
        100 * (double)(busy_ns() - busy_before_ns) / (double)took_ns);
    send_rig_down(&rig);
    return (double)message_count * 1e9 / (double)took_ns;
}

static int by_size(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), by_size);
    return values[count / 2];
}

int main(int argc, char **argv)
{
    double bares[ROUNDS_MAX];
    double ours[ROUNDS_MAX];
    message_count = argc > 1 ? strtoul(argv[1], NULL, 10) : message_count;
    rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : rounds;
    MUST(message_count >= CONNECTIONS && rounds >= 1 && rounds <= ROUNDS_MAX);
    stay_on(false);
    const pid_t sink = sink_start();
    MUST(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK && send_rig_init(&rig, &sms, 1));
    stay_on(true);
    for (size_t round = 0; round < rounds; round++) {
        bares[round] = bare_round();
        ours[round] = notifier_round();
        printf("bare curl %.0f/s, notifier %.0f/s\n", bares[round], ours[round]);
        (void)fflush(stdout);
    }
    const double bare_median = median(bares, rounds);
    const double our_median = median(ours, rounds);
    printf(
        "medians of %zu: bare curl %.0f/s (%.0f to %.0f), notifier %.0f/s (%.0f to %.0f), "
        "ratio %.0f %%\n",
        rounds, bare_median, bares[0], bares[rounds - 1], our_median, ours[0], ours[rounds - 1],
        100 * our_median / bare_median);
    send_rig_release(&rig);
    (void)kill(sink, SIGKILL);
    (void)waitpid(sink, NULL, 0);
    return 0;
}
