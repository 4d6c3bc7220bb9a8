/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt-test: slow timeout=300
 *
 * A notifier that is killed again and again while it sends, at random moments and at fail-points
 * between any two steps: every message reaches its gateway; one that reaches it twice is the same
 * to the byte, the journal had been unsure of it, and no channel without a memory of its own got
 * it more than twice. 1,000 messages, 10,000 with NRT_LONG.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/prng.h"
#include "base/sql.h"
#include "tests/support/check.h"
#include "tests/support/send_rig.h"

#define MESSAGES      1000
#define MESSAGES_LONG 10000
#define SPEED         6000 /* of service time: what waits for seconds waits for milliseconds */
#define START_MS      INT64_C(1790000000000) /* a Monday morning */
#define GUARD_MS      INT64_C(240000)
#define LIFE_MS_MIN   40
#define LIFE_MS_MAX   200
#define IDENTITY_MAX  64
#define A_LIFE        40 /* messages by each channel that come for one life of the notifier */

enum { SMS, HOOK, WECOM, ZWDD, CHANNELS };

#define TEXT(s)                                                                                    \
    {                                                                                              \
        .ptr = (s), .bytes = sizeof(s) - 1                                                         \
    }

static const struct channel_option sms_options[] = {
    {.name = TEXT("username"), .value = TEXT("water")},
    {.name = TEXT("password"), .value = TEXT("test-pass"), .secret = true},
    {.name = TEXT("receipt_secret"), .value = TEXT("s3cret"), .secret = true},
};
static const struct channel_option hook_options[] = {
    {.name = TEXT("secret"),
     .value = TEXT("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
     .secret = true},
};
static const struct channel_option wecom_options[] = {
    {.name = TEXT("corp_id"), .value = TEXT("ww1")},
    {.name = TEXT("secret"), .value = TEXT("s3cret"), .secret = true},
    {.name = TEXT("agent_id"), .value = TEXT("1000002")},
};
static const struct channel_option zwdd_options[] = {
    {.name = TEXT("app_key"), .value = TEXT("city-app")},
    {.name = TEXT("app_secret"), .value = TEXT("s3cret"), .secret = true},
    {.name = TEXT("tenant_id"), .value = TEXT("50000")},
};

/* All but Kannel know a message that they have had. */
static const struct {
    const char *name;
    const char *type;
    size_t most; /* WeCom: one a person, a second one would be a repeat; zwdd: calls lie apart */
    const struct channel_option *options;
    size_t option_count;
} kinds[CHANNELS] = {
    [SMS] = {"sms", "kannel", SIZE_MAX, sms_options, 3},
    [HOOK] = {"hook", "webhook", SIZE_MAX, hook_options, 1},
    [WECOM] = {"wecom", "wecom-app", SEND_RIG_PEOPLE, wecom_options, 3},
    [ZWDD] = {"zwdd", "zwdd", 25, zwdd_options, 3},
};

static struct channel_settings channels[CHANNELS];
static char urls[CHANNELS][64];
static struct send_rig rig;
static struct prng prng;
static size_t message_count = MESSAGES;
static int64_t real0_ms;

static size_t count_of(size_t channel)
{
    return message_count < kinds[channel].most ? message_count : kinds[channel].most;
}

static void make_channels(int port)
{
    for (size_t index = 0; index < CHANNELS; index++) {
        (void)snprintf(
            urls[index], sizeof(urls[index]), "http://127.0.0.1:%d/%s", port, kinds[index].name);
        channels[index] = (struct channel_settings){
            .name = text_of(kinds[index].name),
            .type = text_of(kinds[index].type),
            .url = text_of(urls[index]),
            .fallback_after_ms = 600000,
            .options = kinds[index].options,
            .option_count = kinds[index].option_count,
        };
    }
}

/* Both processes: the same people, channels and time. */
static void same_time(void)
{
    clock_init_scaled(
        &rig.clock, (struct wall_ms){.ms = real0_ms}, (struct wall_ms){.ms = START_MS}, SPEED);
    rig.settings.public_url = TEXT_LITERAL("http://127.0.0.1:9");
}

/* ---- the notifier's process ---- */

static int serve_until_killed(char **arguments)
{
    real0_ms = strtoll(arguments[4], NULL, 10);
    make_channels((int)strtol(arguments[3], NULL, 10));
    if (!send_rig_join(&rig, arguments[1], arguments[2], channels, CHANNELS)) {
        return 1;
    }
    same_time();
    send_rig_up(&rig);
    (void)event_base_dispatch(rig.base);
    return 1;
}

static pid_t process_start(int port, const char *failpoint)
{
    char port_text[16];
    char real0_text[32];
    (void)snprintf(port_text, sizeof(port_text), "%d", port);
    (void)snprintf(real0_text, sizeof(real0_text), "%" PRId64, real0_ms);
    const pid_t pid = fork();
    if (pid == 0) {
        (void)setenv("NRT_FAILPOINT", failpoint, 1);
        (void)execl(
            "/proc/self/exe", "test_send_kills", "--notifier", rig.folder, rig.redis_url, port_text,
            real0_text, (char *)NULL);
        _exit(127);
    }
    return pid;
}

/* ---- the gateways ---- */

/* What came under one identity. */
struct seen {
    size_t count;
    char *bytes; /* of the first; heap */
};
static struct seen *seen[CHANNELS];
static size_t strangers; /* requests without an identity of ours */
static size_t changed;   /* repeats with other bytes */

/* "sms-00000017" at that place; false when it is none of ours. */
static bool number_at(const char *text, const char *channel, size_t *ret_number)
{
    char *end = NULL;
    const size_t prefix = strlen(channel);
    if (!text || strncmp(text, channel, prefix) != 0 || text[prefix] != '-') {
        return false;
    }
    *ret_number = strtoul(text + prefix + 1, &end, 10);
    return end == text + prefix + 9;
}

static void note(size_t channel, const char *identity, const char *bytes)
{
    size_t number = 0;
    if (!number_at(identity, kinds[channel].name, &number) || number >= count_of(channel)) {
        strangers++;
        return;
    }
    struct seen *one = &seen[channel][number];
    if (one->count++ == 0) {
        one->bytes = strdup(bytes);
    } else {
        changed += strcmp(one->bytes, bytes) != 0 ? 1 : 0;
    }
}

static void on_sms(struct evhttp_request *request, void *context)
{
    const char *url = evhttp_request_get_uri(request);
    const char *identity = strstr(url, "%3Fid%3D");
    (void)context;
    note(SMS, identity ? identity + 8 : NULL, url);
    struct evbuffer *words = evbuffer_new();
    evbuffer_add_printf(words, "0: Accepted for delivery");
    evhttp_send_reply(request, 202, "Accepted", words);
    evbuffer_free(words);
}

/* The body as text; the caller frees it. */
static char *body_of(struct evhttp_request *request)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(request);
    const size_t bytes = evbuffer_get_length(in);
    char *body = calloc(1, bytes + 1);
    MUST(body && evbuffer_remove(in, body, bytes) == (int)bytes);
    return body;
}

static void answer_json(struct evhttp_request *request, const char *json)
{
    struct evbuffer *words = evbuffer_new();
    evbuffer_add_printf(words, "%s", json);
    evhttp_send_reply(request, 200, "OK", words);
    evbuffer_free(words);
}

static void on_wecom(struct evhttp_request *request, void *context)
{
    char *body = body_of(request);
    char identity[IDENTITY_MAX] = "";
    size_t person = 0;
    (void)context;
    const char *to = strstr(body, "\"touser\":\"wc-");
    if (to) {
        person = strtoul(to + 13, NULL, 10);
        (void)snprintf(identity, sizeof(identity), "wecom-%08zu", person);
    }
    note(WECOM, identity, body);
    free(body);
    answer_json(request, "{\"errcode\":0,\"errmsg\":\"ok\",\"msgid\":\"m1\"}");
}

static void on_wecom_token(struct evhttp_request *request, void *context)
{
    (void)context;
    answer_json(
        request, "{\"errcode\":0,\"errmsg\":\"ok\",\"access_token\":\"t\",\"expires_in\":7200}");
}

static void on_zwdd(struct evhttp_request *request, void *context)
{
    char *body = body_of(request);
    const char *identity = strstr(body, "bizMsgId=");
    char id[IDENTITY_MAX];
    (void)context;
    (void)snprintf(id, sizeof(id), "%.13s", identity ? identity + 9 : "");
    note(ZWDD, id, body);
    free(body);
    answer_json(request, "{\"success\":true,\"content\":{\"msgId\":\"m1\"}}");
}

static void on_hook(struct evhttp_request *request, void *context)
{
    char *body = body_of(request);
    const char *id = evhttp_find_header(evhttp_request_get_input_headers(request), "webhook-id");
    (void)context;
    note(HOOK, id, body);
    free(body);
    evhttp_send_reply(request, 200, "OK", NULL);
}

static struct evhttp *gateways_start(int *ret_port)
{
    struct sockaddr_in address = {0};
    socklen_t bytes = sizeof(address);
    struct evhttp *http = evhttp_new(rig.base);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
    MUST(bound);
    (void)getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &bytes);
    *ret_port = ntohs(address.sin_port);
    (void)evhttp_set_cb(http, "/sms", on_sms, NULL);
    (void)evhttp_set_cb(http, "/hook", on_hook, NULL);
    (void)evhttp_set_cb(http, "/wecom/cgi-bin/gettoken", on_wecom_token, NULL);
    (void)evhttp_set_cb(http, "/wecom/cgi-bin/message/send", on_wecom, NULL);
    (void)evhttp_set_cb(http, "/zwdd/message/workNotification", on_zwdd, NULL);
    return http;
}

/* ---- killing ---- */

static bool has_ended(pid_t pid)
{
    return waitpid(pid, NULL, WNOHANG) == pid;
}

static void end(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

/* One life of the notifier, which ends at a random moment or at a fail-point. */
static void live_and_die(int port, size_t number)
{
    static const char *const points[] = {
        "mail_after_claim",  "mail_after_intent",  "mail_after_mark",  "mail_after_post",
        "mail_after_answer", "mail_after_outcome", "mail_after_settle"};
    char failpoint[64] = "";
    if (number % 2 == 0) {
        (void)snprintf(
            failpoint, sizeof(failpoint), "%s:kill:%" PRId64,
            points[number / 2 % (sizeof(points) / sizeof(points[0]))],
            prng_range(&prng, 1, number / 2 % 7 >= 3 ? 60 : 6));
    }
    const int64_t life_ms = prng_range(&prng, LIFE_MS_MIN, LIFE_MS_MAX);
    const struct mono_ms until = mono_add(clock_mono(), failpoint[0] ? 5 * LIFE_MS_MAX : life_ms);
    const pid_t pid = process_start(port, failpoint);
    while (!has_ended(pid)) {
        if (clock_mono().ms >= until.ms) {
            end(pid);
            return;
        }
        send_rig_turn(&rig, 2);
    }
}

/* ---- what the journal says ---- */

/* For each message how often it was unsure of it: a copy of the facts in send.db. */
static void read_unsures(size_t *unsures[CHANNELS])
{
    char path[300];
    struct sql_db *db = NULL;
    struct sql_stmt *rows = NULL;
    bool row = false;
    (void)snprintf(path, sizeof(path), "%s/send.db", rig.folder);
    MUST(sql_open(path, SQL_READ_ONLY, &db, NULL) == ERR_OK);
    MUST(sql_prepare(db, "SELECT id, kind FROM attempt", &rows, NULL) == ERR_OK);
    while (sql_step(rows, &row, NULL) == ERR_OK && row) {
        char id[IDENTITY_MAX];
        size_t number = 0;
        (void)snprintf(id, sizeof(id), "%.*s", TEXT_ARGS(sql_text(rows, 0)));
        const bool unsure = sql_is_null(rows, 1) || sql_i64(rows, 1) == OUTCOME_UNSURE;
        for (size_t channel = 0; channel < CHANNELS; channel++) {
            if (number_at(id, kinds[channel].name, &number) && number < count_of(channel)) {
                unsures[channel][number] += unsure ? 1 : 0;
            }
        }
    }
    sql_finalize(rows);
    sql_close(db);
}

struct tally {
    size_t lost;
    size_t ended_unsure; /* never seen, and told as unsure after two attempts */
    size_t repeated;
    size_t sure_repeated;
    size_t most;
};

static struct tally count_up(size_t channel, const size_t *unsures)
{
    struct tally tally = {0};
    for (size_t number = 0; number < count_of(channel); number++) {
        const size_t count = seen[channel][number].count;
        const bool told = count == 0 && unsures[number] >= 2;
        tally.lost += count == 0 && !told ? 1 : 0;
        tally.ended_unsure += told ? 1 : 0;
        tally.repeated += count > 1 ? 1 : 0;
        tally.sure_repeated += count > 1 + unsures[number] ? 1 : 0;
        tally.most = count > tally.most ? count : tally.most;
    }
    return tally;
}

/* ---- facts ---- */

/* What comes by this channel before a life of the notifier: of few messages, one each time. */
static void put_some(size_t channel, size_t put)
{
    if (kinds[channel].most < MESSAGES) {
        if (put / A_LIFE < count_of(channel)) {
            send_rig_put(&rig, kinds[channel].name, put / A_LIFE, 1);
        }
    } else if (put < count_of(channel)) {
        send_rig_put(&rig, kinds[channel].name, put, A_LIFE);
    }
}

static void what_is_killed_half_way_is_neither_lost_nor_told_twice_unseen(void)
{
    int port = 0;
    size_t *unsures[CHANNELS];
    struct evhttp *http = gateways_start(&port);
    const struct mono_ms guard = mono_add(clock_mono(), GUARD_MS);
    size_t lives = 0;
    size_t repeats = 0;
    make_channels(port);
    for (size_t channel = 0; channel < CHANNELS; channel++) {
        seen[channel] = calloc(message_count, sizeof(*seen[channel]));
        unsures[channel] = calloc(message_count, sizeof(*unsures[channel]));
        MUST(seen[channel] && unsures[channel]);
    }
    for (size_t put = 0; put < message_count; put += A_LIFE) {
        for (size_t channel = 0; channel < CHANNELS; channel++) {
            put_some(channel, put);
        }
        live_and_die(port, lives++);
    }
    const pid_t last = process_start(port, "");
    while (send_rig_left(&rig) > 0 && CHECK_GE(guard.ms, clock_mono().ms)) {
        CHECK(!has_ended(last));
        send_rig_turn(&rig, 20);
    }
    end(last);
    read_unsures(unsures);
    for (size_t channel = 0; channel < CHANNELS; channel++) {
        const struct tally tally = count_up(channel, unsures[channel]);
        check_note("%s", kinds[channel].name);
        printf(
            "     %s: %zu messages, %zu lives: %zu repeated, at most %zu times, %zu ended unsure\n",
            kinds[channel].name, count_of(channel), lives, tally.repeated, tally.most,
            tally.ended_unsure);
        repeats += tally.repeated;
        CHECK_EQ(tally.lost, 0);
        CHECK_EQ(tally.sure_repeated, 0);
        if (channel == SMS) {
            CHECK_GE(2, tally.most);
        } else { /* the receiver knows a repeat, so nothing has to be given up */
            CHECK_EQ(tally.ended_unsure, 0);
        }
    }
    CHECK_EQ(strangers, 0);
    CHECK_EQ(changed, 0);
    CHECK_EQ(lives, message_count / A_LIFE);
    CHECK_GE(repeats, lives / 5); /* else the kills missed what they are for */
    for (size_t channel = 0; channel < CHANNELS; channel++) {
        for (size_t number = 0; number < count_of(channel); number++) {
            free(seen[channel][number].bytes);
        }
        free(seen[channel]);
        free(unsures[channel]);
    }
    evhttp_free(http);
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "--notifier") == 0) {
        return serve_until_killed(argv + 1);
    }
    const char *seed = getenv("NRT_SIM_SEED");
    const uint64_t used = seed ? strtoull(seed, NULL, 10) : (uint64_t)clock_system().ms;
    message_count = getenv("NRT_LONG") ? MESSAGES_LONG : MESSAGES;
    real0_ms = clock_system().ms;
    prng_seed(&prng, used);
    printf("seed %" PRIu64 "\n", used);
    check_filter(argc > 1 ? argv[1] : NULL);
    if (send_rig_init(&rig, channels, CHANNELS)) {
        same_time();
        CHECK_RUN(what_is_killed_half_way_is_neither_lost_nor_told_twice_unseen);
    }
    send_rig_release(&rig);
    return check_done();
}
