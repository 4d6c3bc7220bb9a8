/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt-test: slow timeout=180
 *
 * One notifier, all at once: a name server that takes questions and never answers, a gateway that
 * accepts and never answers, one that drips, a mail server that falls silent at the end of the
 * mail; and a good gateway for most of the messages. Those go out all the while, and hardly a
 * callback of the loop takes long.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/lap.h"
#include "tests/support/check.h"
#include "tests/support/loop_gateway.h"
#include "tests/support/netns.h"
#include "tests/support/send_rig.h"

#define P999_US_MAX   100000
#define GUARD_MS      60000
#define TURN_MS       50
#define GOOD_A_TURN   20
#define BAD_MESSAGES  40
#define GOOD_WAIT_MAX 5000 /* of any good message, from put to gateway; far above the usual */

enum { GOOD, SILENT, DRIPS, NO_NAME, MAIL, CHANNELS };

static struct channel_settings channels[CHANNELS];
static char urls[CHANNELS][64];
static struct loop_gateway *gateways[CHANNELS];
static struct send_rig rig;

#define TEXT(s)                                                                                    \
    {                                                                                              \
        .ptr = (s), .bytes = sizeof(s) - 1                                                         \
    }

static const struct channel_option sms_options[] = {
    {.name = TEXT("username"), .value = TEXT("water")},
    {.name = TEXT("password"), .value = TEXT("test-pass"), .secret = true},
};
static const struct channel_option mail_options[] = {
    {.name = TEXT("from"), .value = TEXT("noreply@city.test")},
};

static void make_channels(void)
{
    static const char *const names[CHANNELS] = {"good", "silent", "drips", "noname", "mail"};
    for (size_t index = 0; index < CHANNELS; index++) {
        const bool mail = index == MAIL;
        gateways[index] = index == NO_NAME ? NULL : loop_gateway_create(rig.base);
        (void)snprintf(
            urls[index], sizeof(urls[index]), "%s://%s:%d", mail ? "smtp" : "http",
            index == NO_NAME ? "gateway.example.com" : "127.0.0.1",
            gateways[index] ? loop_gateway_port(gateways[index]) : 80);
        channels[index] = (struct channel_settings){
            .name = text_of(names[index]),
            .type = text_of(mail ? "email" : "kannel"),
            .url = text_of(urls[index]),
            .options = mail ? mail_options : sms_options,
            .option_count = mail ? 1 : 2,
        };
    }
    static const char drip[] = "HTTP/1.1 202 Accepted\r\nContent-Length: 100000\r\n\r\n0: Accepted";
    loop_gateway_http(gateways[GOOD], 202, NULL, "0: Accepted for delivery");
    loop_gateway_answer(gateways[SILENT], GATEWAY_SILENT, drip, sizeof(drip) - 1);
    loop_gateway_answer(gateways[DRIPS], GATEWAY_DRIPS, drip, sizeof(drip) - 1);
    loop_gateway_smtp(gateways[MAIL], GATEWAY_SILENT, ".", NULL);
}

/* A name server that hears everything and says nothing. */
static int silent_name_server(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? fd : -1;
}

/* Each bad way has ended at least once by itself, so all of it was lived through. */
static bool all_was_seen(void)
{
    return send_rig_counter(&rig, "messages_unsure_total") >= 3 &&
           send_rig_counter(&rig, "messages_retried_total") >= 1;
}

static void good_messages_go_out_and_no_callback_takes_long(void)
{
    const struct mono_ms guard = mono_add(clock_mono(), GUARD_MS);
    size_t put = 0;
    int64_t behind_max_ms = 0;
    struct mono_ms level = clock_mono(); /* when all that was put had last arrived */
    for (size_t index = SILENT; index < CHANNELS; index++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "%.*s", TEXT_ARGS(channels[index].name));
        send_rig_put(&rig, name, 0, BAD_MESSAGES);
    }
    lap_forget();
    while (!all_was_seen() && CHECK_GE(guard.ms, clock_mono().ms)) {
        send_rig_put(&rig, "good", put, GOOD_A_TURN);
        put += GOOD_A_TURN;
        send_rig_turn(&rig, TURN_MS);
        const struct mono_ms now = clock_mono();
        level = loop_gateway_requests(gateways[GOOD]) >= put - GOOD_A_TURN ? now : level;
        behind_max_ms = now.ms - level.ms > behind_max_ms ? now.ms - level.ms : behind_max_ms;
    }
    CHECK(send_rig_wait(&rig, "messages_accepted_total", (int64_t)put, GUARD_MS));
    CHECK_EQ(loop_gateway_requests(gateways[GOOD]), put);
    CHECK_GE(loop_gateway_requests(gateways[SILENT]), 1);
    CHECK_GE(loop_gateway_requests(gateways[DRIPS]), 1);
    CHECK_GE(loop_gateway_requests(gateways[MAIL]), 1);
    const struct lap_figures laps = lap_figures();
    printf(
        "     %zu good messages, at most %" PRId64 " ms behind; %" PRId64
        " callbacks, p99.9 %" PRId64 " us, longest %" PRId64 " us\n",
        put, behind_max_ms, laps.count, laps.p999_us, laps.max_us);
    CHECK_GE(laps.count, 1000);
    CHECK_GE(P999_US_MAX, laps.p999_us);
    CHECK_GE(GOOD_WAIT_MAX, behind_max_ms);
}

int main(int argc, char **argv)
{
    if (!netns_enter("nameserver 127.0.0.1\noptions timeout:5 attempts:2\n")) {
        return 1;
    }
    const int name_server = silent_name_server();
    CHECK(name_server >= 0);
    check_filter(argc > 1 ? argv[1] : NULL);
    if (send_rig_init(&rig, channels, CHANNELS)) {
        make_channels();
        send_rig_up(&rig);
        CHECK_RUN(good_messages_go_out_and_no_callback_takes_long);
        send_rig_down(&rig);
    }
    for (size_t index = 0; index < CHANNELS; index++) {
        loop_gateway_free(gateways[index]);
    }
    send_rig_release(&rig);
    (void)close(name_server);
    return check_done();
}
