/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console over the memory twin, through its socket: who may enter, what is refused and how,
 * events in, the ledger out.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/prng.h"
#include "tests/support/check.h"
#include "tests/support/console_rig.h"

static struct console_rig rig;

static bool has(const char *text, const char *part)
{
    check_note("looking for %s in %.300s", part, text ? text : "(nothing)");
    return text && strstr(text, part) != NULL;
}

/* The status of a raw request; the answer is kept until the next one. */
static char *kept;
static int ask(const char *bytes)
{
    free(kept);
    kept = console_rig_ask(&rig, bytes, strlen(bytes));
    check_note("%.100s -> %.200s", bytes, kept ? kept : "(nothing)");
    return kept && strlen(kept) > 12 ? (int)strtol(kept + 9, NULL, 10) : 0;
}

static int call(const char *method, const char *path, const char *body)
{
    free(kept);
    const int status = console_rig_call(&rig, method, path, body, &kept);
    check_note("%s %s -> %d %.300s", method, path, status, kept);
    return status;
}

/* clang-format off: its columns are not those of wide characters */
#define EVENT(id, subject, type, time)                                                             \
    "{\"specversion\":\"1.0\",\"id\":\"" id "\",\"source\":\"/oa\",\"type\":\"case." type          \
    "\",\"subject\":\"" subject "\",\"time\":\"" time "\",\"data\":{\"title\":"                    \
    "\"关于用水的函\",\"matter\":\"m01.1\",\"unit\":\"d01\",\"handler\":\"d01-h1\"}}"
/* clang-format on */
#define NOW "2026-03-02T07:59:00+08:00"

/* ---- entering ---- */

static void without_the_token_nothing_is_told(void)
{
    CHECK_EQ(ask("GET /api/v1/cases HTTP/1.1\r\nHost: localhost\r\n\r\n"), 401);
    CHECK(has(kept, "WWW-Authenticate: Bearer"));
    CHECK(has(kept, "application/problem+json"));
    CHECK(has(kept, "\"zh\":\"请先登录\""));
    CHECK_EQ(
        ask("GET /api/v1/cases HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer 00\r\n\r\n"),
        401);
    CHECK_EQ(call("GET", "/api/v1/cases", NULL), 200);
}

static void health_is_open_on_loopback_but_not_through_a_proxy(void)
{
    CHECK_EQ(ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"), 200);
    CHECK_EQ(ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"), 200);
    CHECK(has(kept, "# EOF\n"));
    CHECK_EQ(
        ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n"), 401);
}

static void a_foreign_host_or_origin_is_refused(void)
{
    CHECK_EQ(ask("GET / HTTP/1.1\r\nHost: evil.example.com\r\n\r\n"), 421);
    char bytes[512];
    (void)snprintf(
        bytes, sizeof(bytes),
        "POST /api/v1/events HTTP/1.1\r\nHost: localhost:80\r\nAuthorization: Bearer %s\r\n"
        "Origin: http://evil.example.com\r\nContent-Length: 2\r\n\r\n[]",
        rig.token);
    CHECK_EQ(ask(bytes), 403);
    (void)snprintf(
        bytes, sizeof(bytes),
        "POST /api/v1/events HTTP/1.1\r\nHost: localhost:80\r\nAuthorization: Bearer %s\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 2\r\n\r\n[]",
        rig.token);
    CHECK_EQ(ask(bytes), 415);
}

static void an_unknown_address_and_a_wrong_method_say_so(void)
{
    CHECK_EQ(call("GET", "/api/v1/nothing", NULL), 404);
    CHECK_EQ(call("GET", "/../etc/passwd", NULL), 400);
    CHECK_EQ(call("DELETE", "/api/v1/cases", NULL), 405);
    CHECK_EQ(call("POST", "/index.html", ""), 405);
    CHECK_EQ(call("GET", "/api/v1/cases?limit=0", NULL), 400);
    CHECK_EQ(call("GET", "/api/v1/cases?sort=colour", NULL), 400);
    CHECK_EQ(call("GET", "/api/v1/cases?cursor=x", NULL), 400);
    CHECK_EQ(call("GET", "/api/v1/cases?after=x", NULL), 400);
    CHECK_EQ(call("GET", "/api/v1/cases?uint=d01", NULL), 400);
    CHECK(has(kept, "there is no parameter 'uint' here; there are: unit matter"));
}

static void the_reference_for_programs_is_json_and_names_the_routes(void)
{
    struct json_doc *doc = NULL;
    CHECK_EQ(call("GET", "/api/v1/openapi.json", NULL), 200);
    CHECK_EQ(json_parse(text_of(kept), &json_limits_config, &doc, NULL), ERR_OK);
    const struct json_value *paths = json_get(json_root(doc), "paths");
    CHECK(json_get(json_get(paths, "/api/v1/cases/{id}/events"), "post") != NULL);
    CHECK(json_get(json_get(paths, "/hooks/receipts/{channel}/{secret}"), "get") != NULL);
    CHECK(json_get(json_get(paths, "/hooks/receipts/{channel}/{secret}"), "post") != NULL);
    json_free(doc);
}

static void the_page_comes_with_a_strict_policy(void)
{
    CHECK_EQ(ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), 200);
    CHECK(has(kept, "Content-Security-Policy: default-src 'none'; script-src 'self';"));
    CHECK(has(kept, "X-Content-Type-Options: nosniff"));
    CHECK(has(kept, "text/html; charset=utf-8"));
    const char *etag = strstr(kept, "ETag: ");
    char bytes[256];
    (void)snprintf(
        bytes, sizeof(bytes),
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        "If-None-Match: %.34s\r\n\r\n",
        etag ? etag + 6 : "");
    CHECK_EQ(ask(bytes), 304);
}

/* ---- the wire ---- */

static void two_requests_in_one_packet_are_both_answered(void)
{
    CHECK_EQ(
        ask("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a\r\n"
            "Connection: close\r\n\r\n"),
        200);
    const int fd = console_rig_connect(&rig);
    static const char both[] = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
                               "GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    char answer[8192] = "";
    size_t got = 0;
    CHECK(write(fd, both, sizeof(both) - 1) == (ssize_t)sizeof(both) - 1);
    for (;;) { /* ends: the server closes after the second answer */
        const ssize_t count = read(fd, answer + got, sizeof(answer) - 1 - got);
        if (count <= 0) {
            break;
        }
        got += (size_t)count;
    }
    (void)close(fd);
    CHECK(has(answer, "HTTP/1.1 200 OK"));
    CHECK(has(answer, "HTTP/1.1 404 Not Found"));
}

static void a_request_that_could_be_read_in_two_ways_is_refused_and_the_line_closed(void)
{
    CHECK_EQ(
        ask("POST /api/v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"),
        400);
    CHECK(has(kept, "Connection: close"));
    CHECK(!strstr(kept, "200 OK"));
}

static void a_head_over_16_kib_is_refused(void)
{
    char *bytes = malloc(20001);
    memset(bytes, 'a', 20000);
    bytes[20000] = '\0';
    (void)memcpy(bytes, "GET / HTTP/1.1\r\nHost: ", 22);
    CHECK_EQ(ask(bytes), 431);
    free(bytes);
}

static void a_client_that_leaves_in_the_middle_harms_nobody(void)
{
    for (int round = 0; round < 20; round++) {
        const int fd = console_rig_connect(&rig);
        static const char part[] = "POST /api/v1/events HTTP/1.1\r\nHost: a\r\nContent-Le";
        CHECK(write(fd, part, sizeof(part) - 1) > 0);
        (void)close(fd);
    }
    CHECK_EQ(call("GET", "/api/v1/cases", NULL), 200);
}

/* ---- events ---- */

static void one_event_an_array_and_lines_are_all_taken(void)
{
    CHECK_EQ(call("POST", "/api/v1/events", EVENT("1", "W-1", "received", NOW)), 202);
    CHECK(has(kept, "\"verdict\":\"queued\""));
    CHECK(has(kept, "\"position\":\"0:"));
    CHECK_EQ(
        call(
            "POST", "/api/v1/events",
            "[" EVENT("2", "W-2", "received", NOW) ",{\"id\":7}," EVENT(
                "3", "W-3", "received", NOW) "]"),
        202);
    CHECK(has(kept, "{\"index\":1,\"source\":\"\",\"id\":\"\",\"verdict\":\"rejected\""));
    CHECK(has(kept, "{\"index\":2,\"source\":\"/oa\",\"id\":\"3\",\"verdict\":\"queued\""));
    CHECK_EQ(
        call(
            "POST", "/api/v1/events",
            EVENT("4", "W-4", "received", NOW) "\n\n" EVENT("5", "W-5", "received", NOW) "\n"),
        202);
    CHECK(has(kept, "\"index\":1"));
    CHECK_EQ(call("GET", "/api/v1/cases?after=0:0-0&limit=500", NULL), 200);
    CHECK(has(kept, "W-1") && has(kept, "W-3") && has(kept, "W-5"));
}

static void what_cannot_be_used_is_kept_with_its_reason(void)
{
    CHECK_EQ(call("POST", "/api/v1/events", "{broken"), 400);
    CHECK(has(kept, "\"results\":[{\"index\":0"));
    CHECK_EQ(call("POST", "/api/v1/events", ""), 400);
    CHECK_EQ(
        call("POST", "/api/v1/events", EVENT("9", "W-9", "received", "2027-03-02T08:00:00+08:00")),
        400);
    CHECK(has(kept, "future"));
    CHECK_EQ(call("GET", "/api/v1/rejects?after=0:0-0", NULL), 200);
    CHECK(has(kept, "{broken") && has(kept, "\"via\":\"http\"") && has(kept, "in the future"));
    CHECK_EQ(call("GET", "/metrics", NULL), 200);
    CHECK(has(kept, "nrt_rejects_total{reason=\"json\",via=\"http\"}"));
}

static void a_very_large_event_is_refused_and_its_beginning_kept(void)
{
    const size_t bytes = (size_t)1200 * 1024;
    char *body = malloc(bytes + 1);
    memset(body, 'x', bytes);
    body[bytes] = '\0';
    memcpy(body, "{\"big\":\"", 8);
    CHECK_EQ(call("POST", "/api/v1/events", body), 413);
    body[(size_t)1000 * 1000] = '\0';
    CHECK_EQ(call("POST", "/api/v1/events", body), 400);
    CHECK_EQ(call("GET", "/api/v1/rejects?after=0:0-0", NULL), 200);
    CHECK(has(kept, "\"bytes\":1228800"));
    CHECK(has(kept, "\"bytes\":1000000"));
    free(body);
    static const char huge[] = "POST /api/v1/events HTTP/1.1\r\nHost: a\r\n"
                               "Authorization: Bearer %s\r\nContent-Length: 9000000000\r\n\r\n";
    char head[256];
    (void)snprintf(head, sizeof(head), huge, rig.token);
    CHECK_EQ(ask(head), 413);
}

/* Whatever a producer sends: an answer of the contract, and the service goes on. */
static void no_body_breaks_the_door(void)
{
    static const char good[] = "[" EVENT("f1", "F-1", "noted", NOW) "]";
    struct prng prng;
    prng_seed(&prng, 11);
    for (int round = 0; round < 400; round++) {
        char body[sizeof(good)];
        memcpy(body, good, sizeof(good));
        const uint64_t changes = 1 + prng_below(&prng, 3);
        for (uint64_t change = 0; change < changes; change++) {
            body[prng_below(&prng, sizeof(good) - 1)] = (char)(1 + prng_below(&prng, 255));
        }
        const int status = call("POST", "/api/v1/events", body);
        check_note("seed 11, round %d: %d for %s", round, status, body);
        if (!CHECK(status == 202 || status == 400)) {
            break;
        }
    }
    CHECK_EQ(call("GET", "/api/v1/rejects?after=0:0-0&limit=500", NULL), 200);
}

static void a_client_that_asks_first_is_told_to_go_on(void)
{
    char bytes[1024];
    const char *body = EVENT("6", "W-6", "received", NOW);
    (void)snprintf(
        bytes, sizeof(bytes),
        "POST /api/v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
        "Expect: 100-continue\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
        rig.token, strlen(body), body);
    CHECK_EQ(ask(bytes), 100);
    CHECK(has(kept, "HTTP/1.1 202 Accepted"));
}

/* ---- the whole way, with a monitor ---- */

static void stepping_the_clock_turns_a_light_red_and_lists_it(void)
{
    CHECK_EQ(
        call("POST", "/api/v1/events", EVENT("s1", "S-1", "received", "2026-03-02T08:00:00+08:00")),
        202);
    CHECK_EQ(call("POST", "/api/v1/clock/step", "{\"to\":\"2026-03-20T10:00:00+08:00\"}"), 200);
    CHECK(has(kept, "\"now\":\"2026-03-20T10:00:00+08:00\""));
    CHECK_EQ(call("GET", "/api/v1/overdue", NULL), 200);
    CHECK(has(kept, "\"case\":\"S-1\""));
    CHECK(has(kept, "\"due\":\"2026-03-09T17:30:00+08:00\""));
    CHECK(has(kept, "\"late_calendar_days\":11"));
    CHECK(has(kept, "\"late_working_days\":9"));
    CHECK_EQ(call("GET", "/api/v1/cases/S-1", NULL), 200);
    CHECK(has(kept, "\"light\":\"red\"") && has(kept, "\"stage\":\"overdue\""));
    CHECK(has(kept, "\"title\":\"关于用水的函\""));
    CHECK_EQ(call("GET", "/api/v1/figures/units", NULL), 200);
    CHECK(has(kept, "\"family\":\"reply\""));
    CHECK_EQ(call("POST", "/api/v1/clock/step", "{\"to\":\"2026-03-01T10:00:00+08:00\"}"), 409);
}

static void a_due_is_explained_day_by_day(void)
{
    CHECK_EQ(call("GET", "/api/v1/cases/S-1/explain", NULL), 200);
    CHECK(has(kept, "\"clock\":\"reply-within-a-week\""));
    CHECK(has(kept, "\"due\":\"2026-03-09T17:30:00+08:00\""));
    CHECK(has(kept, "\"step\":\"counted\""));
    CHECK_EQ(call("GET", "/api/v1/cases/S-1/explain?clock=none", NULL), 200);
    CHECK(has(kept, "\"clocks\":[]"));
    CHECK_EQ(call("GET", "/api/v1/cases/none/explain", NULL), 404);
}

static void an_acknowledged_alert_shows_who_saw_it(void)
{
    CHECK_EQ(call("GET", "/api/v1/alerts?case=S-1", NULL), 200);
    const char *id = strstr(kept, "\"id\":\"");
    char path[128];
    if (!CHECK(id != NULL)) {
        return;
    }
    (void)snprintf(path, sizeof(path), "/api/v1/alerts/%.26s/ack", id + 6);
    CHECK_EQ(call("POST", path, "{}"), 400);
    CHECK_EQ(call("POST", path, "{\"by\":\"d01-head\"}"), 202);
    CHECK_EQ(call("GET", "/api/v1/cases/S-1", NULL), 200);
    CHECK(has(kept, "case.acknowledged"));
    CHECK_EQ(call("POST", "/api/v1/alerts/none/ack", "{\"by\":\"d01-head\"}"), 404);
}

static void a_case_event_from_here_reaches_the_case(void)
{
    CHECK_EQ(
        call(
            "POST", "/api/v1/cases/S-1/events",
            "{\"kind\":\"completed\",\"data\":{\"result\":\"done\"}}"),
        202);
    CHECK_EQ(call("GET", "/api/v1/cases/S-1?after=0:0-0", NULL), 200);
    CHECK(has(kept, "\"state\":\"completed\""));
    CHECK_EQ(call("GET", "/api/v1/overdue", NULL), 200);
    CHECK(!strstr(kept, "S-1"));
    CHECK_EQ(
        call("POST", "/api/v1/cases/S-1/events", "{\"kind\":\"noted\",\"subject\":\"X\"}"), 400);
}

static void history_brought_in_moves_the_present_along(void)
{
    CHECK_EQ(
        call(
            "POST", "/api/v1/events",
            EVENT("h1", "H-1", "received", "2026-04-01T09:00:00+08:00") "\n" EVENT(
                "h2", "H-1", "completed", "2026-04-20T09:00:00+08:00")),
        400); /* without `arrived` they lie in the future */
    CHECK_EQ(
        call(
            "POST", "/api/v1/events",
            "[{\"specversion\":\"1.0\",\"id\":\"h3\",\"source\":\"/oa\",\"type\":\"case.received\","
            "\"subject\":\"H-1\",\"time\":\"2026-04-01T09:00:00+08:00\",\"arrived\":"
            "\"2026-04-01T09:00:00+08:00\",\"data\":{\"title\":\"t\",\"matter\":\"m01.1\",\"unit\":"
            "\"d01\"}},{\"specversion\":\"1.0\",\"id\":\"h4\",\"source\":\"/oa\",\"type\":"
            "\"case.completed\",\"subject\":\"H-1\",\"time\":\"2026-04-20T09:00:00+08:00\","
            "\"arrived\":\"2026-04-20T09:00:00+08:00\",\"data\":{}}]"),
        202);
    CHECK_EQ(call("GET", "/api/v1/clock", NULL), 200);
    CHECK(has(kept, "2026-04-20T09:00:00+08:00"));
    CHECK_EQ(call("GET", "/api/v1/cases/H-1", NULL), 200);
    CHECK(has(kept, "\"outcome\":\"missed\""));
    CHECK(has(kept, "\"fired_at\":\"2026-04-09T17:30:00+08:00"));
}

static void a_live_stream_tells_of_changes(void)
{
    const int fd = console_rig_connect(&rig);
    char bytes[512];
    char answer[8192] = "";
    size_t got = 0;
    (void)snprintf(
        bytes, sizeof(bytes),
        "GET /api/v1/live HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n", rig.token);
    CHECK(write(fd, bytes, strlen(bytes)) == (ssize_t)strlen(bytes));
    CHECK_EQ(
        call("POST", "/api/v1/events", EVENT("l1", "L-1", "received", "2026-03-02T08:00:00+08:00")),
        202);
    const struct timeval patience = {.tv_sec = 10};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    int changes = 0;
    while (changes < 2) {
        const ssize_t count = recv(fd, answer + got, sizeof(answer) - 1 - got, 0);
        if (!CHECK(count > 0)) {
            break;
        }
        got += (size_t)count;
        changes = 0;
        for (const char *at = answer; (at = strstr(at, "event: change")); at++) {
            changes++;
        }
    }
    (void)close(fd);
    CHECK(has(answer, "text/event-stream"));
    CHECK_EQ(changes, 2);
}

/* A stream; what it says goes on at `answer` until it has said `wanted` or 3 s have passed. */
static int stream_open(const char *last_id)
{
    char bytes[512];
    const int fd = console_rig_connect(&rig);
    const struct timeval patience = {.tv_sec = 3};
    (void)snprintf(
        bytes, sizeof(bytes),
        "GET /api/v1/live HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n%s%s%s\r\n", rig.token,
        last_id ? "Last-Event-ID: " : "", last_id ? last_id : "", last_id ? "\r\n" : "");
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    CHECK(write(fd, bytes, strlen(bytes)) == (ssize_t)strlen(bytes));
    return fd;
}

static bool stream_says(int fd, const char *wanted, char ret_answer[static 8192])
{
    size_t got = 0;
    ret_answer[0] = '\0';
    while (!strstr(ret_answer, wanted) && got < 8191) {
        const ssize_t count = recv(fd, ret_answer + got, 8191 - got, 0);
        if (count <= 0) {
            return false;
        }
        got += (size_t)count;
        ret_answer[got] = '\0';
    }
    return got < 8191;
}

static void a_stream_that_was_cut_goes_on_where_it_was(void)
{
    char answer[8192];
    char id[64] = "";
    int fd = stream_open(NULL);
    CHECK(stream_says(fd, "\"overdue\":", answer));
    (void)close(fd);
    fd = stream_open("0-0"); /* of another life of the console: told at once */
    CHECK(stream_says(fd, "\"overdue\":", answer));
    const char *at = strstr(answer, "id: ");
    (void)snprintf(id, sizeof(id), "%.*s", at ? (int)strcspn(at + 4, "\n") : 0, at ? at + 4 : "");
    (void)close(fd);
    fd = stream_open(id); /* knows all there is */
    CHECK(stream_says(fd, "retry: 2000", answer));
    CHECK(!strstr(answer, "event: change"));
    CHECK_EQ(
        call("POST", "/api/v1/events", EVENT("l2", "L-2", "received", "2026-03-02T08:00:00+08:00")),
        202);
    CHECK(stream_says(fd, "event: change", answer));
    CHECK(!strstr(answer, id));
    (void)close(fd);
}

static void a_stream_ends_with_the_token_it_was_begun_with(void)
{
    char answer[8192];
    char bytes[512];
    char token[80] = "";
    char path[64] = "";
    CHECK_EQ(call("POST", "/api/v1/tokens", "{\"name\":\"screen\",\"rights\":[\"read\"]}"), 201);
    const char *at = strstr(kept, "\"token\":\"");
    const char *id = strstr(kept, "\"id\":");
    if (!CHECK(at && id)) {
        return;
    }
    (void)snprintf(token, sizeof(token), "%.*s", (int)strcspn(at + 9, "\""), at + 9);
    id += 5 + strspn(id + 5, "\"");
    (void)snprintf(path, sizeof(path), "/api/v1/tokens/%.*s", (int)strcspn(id, "\",}"), id);
    const int fd = console_rig_connect(&rig);
    const struct timeval patience = {.tv_sec = 10};
    (void)snprintf(
        bytes, sizeof(bytes),
        "GET /api/v1/live HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n", token);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    CHECK(write(fd, bytes, strlen(bytes)) == (ssize_t)strlen(bytes));
    CHECK(stream_says(fd, "\"overdue\":", answer));
    const int status = call("DELETE", path, NULL);
    CHECK(status == 200 || status == 204);
    CHECK_EQ(
        call("POST", "/api/v1/events", EVENT("l3", "L-3", "received", "2026-03-02T08:00:00+08:00")),
        202);
    CHECK(!stream_says(fd, "event: change", answer));
    CHECK_EQ(recv(fd, answer, sizeof(answer), 0), 0); /* ended, not merely silent */
    (void)close(fd);
}

static void a_receipt_needs_the_secret_of_its_channel(void)
{
    CHECK_EQ(
        ask("GET /hooks/receipts/sms/wrong?id=1 HTTP/1.1\r\nHost: x.example.com\r\n\r\n"), 404);
    CHECK_EQ(ask("GET /hooks/receipts/fax/s3cret?id=1 HTTP/1.1\r\nHost: a\r\n\r\n"), 404);
    CHECK_EQ(
        ask("GET /hooks/receipts/sms/s3cret?id=1&status=8 HTTP/1.1\r\nHost: x.example.com\r\n\r\n"),
        200);
    CHECK(has(kept, "Content-Type: application/json") && has(kept, "{\"code\":0}"));
    CHECK_EQ(
        ask("POST /hooks/receipts/sms/s3cret HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\na=b&"),
        200);
    CHECK_EQ(ask("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    CHECK(has(kept, "nrt_queue_entries{queue=\"receipts\",partition=\"0\"} 2"));
}

static void readiness_names_the_roles_that_are_missing(void)
{
    CHECK_EQ(ask("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"), 503);
    CHECK(has(kept, "no notifier is running"));
}

static void the_demo_needs_no_token_on_this_machine(void)
{
    CHECK_EQ(ask("GET /api/v1/cases HTTP/1.1\r\nHost: localhost\r\n\r\n"), 200);
    CHECK_EQ(
        ask("GET /api/v1/cases HTTP/1.1\r\nHost: localhost\r\nForwarded: for=1.2.3.4\r\n\r\n"),
        401);
    CHECK_EQ(
        ask("POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example.com\r\n"
            "Content-Length: 2\r\n\r\n[]"),
        403);
}

static const char *const journal[] = {
    "[{\"k\":\"case\",\"id\":\"J-1\",\"title\":\"a\",\"unit\":\"d01\",\"state\":\"open\",\"light\":"
    "\"red\",\"created\":1,\"updated\":2,\"runs\":[]}]",
    NULL,
};

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    const struct console_rig_options stepped = {
        .with_roles = true, .stepped = true, .journal = journal};
    if (console_rig_start(&rig, &stepped)) {
        CHECK_RUN(without_the_token_nothing_is_told);
        CHECK_RUN(health_is_open_on_loopback_but_not_through_a_proxy);
        CHECK_RUN(a_foreign_host_or_origin_is_refused);
        CHECK_RUN(an_unknown_address_and_a_wrong_method_say_so);
        CHECK_RUN(the_reference_for_programs_is_json_and_names_the_routes);
        CHECK_RUN(the_page_comes_with_a_strict_policy);
        CHECK_RUN(two_requests_in_one_packet_are_both_answered);
        CHECK_RUN(a_request_that_could_be_read_in_two_ways_is_refused_and_the_line_closed);
        CHECK_RUN(a_head_over_16_kib_is_refused);
        CHECK_RUN(a_client_that_leaves_in_the_middle_harms_nobody);
        CHECK_RUN(one_event_an_array_and_lines_are_all_taken);
        CHECK_RUN(what_cannot_be_used_is_kept_with_its_reason);
        CHECK_RUN(a_very_large_event_is_refused_and_its_beginning_kept);
        CHECK_RUN(no_body_breaks_the_door);
        CHECK_RUN(a_client_that_asks_first_is_told_to_go_on);
        CHECK_RUN(stepping_the_clock_turns_a_light_red_and_lists_it);
        CHECK_RUN(a_due_is_explained_day_by_day);
        CHECK_RUN(an_acknowledged_alert_shows_who_saw_it);
        CHECK_RUN(a_case_event_from_here_reaches_the_case);
        CHECK_RUN(history_brought_in_moves_the_present_along);
        CHECK_RUN(a_live_stream_tells_of_changes);
        CHECK_RUN(a_stream_that_was_cut_goes_on_where_it_was);
        CHECK_RUN(a_stream_ends_with_the_token_it_was_begun_with);
        CHECK_RUN(readiness_names_the_roles_that_are_missing);
        CHECK_EQ(console_rig_stop(&rig), 0);
    }
    const struct console_rig_options demo = {.demo = true, .secret = "s3cret", .journal = journal};
    if (console_rig_start(&rig, &demo)) {
        CHECK_RUN(the_demo_needs_no_token_on_this_machine);
        CHECK_RUN(a_receipt_needs_the_secret_of_its_channel);
        CHECK_EQ(console_rig_stop(&rig), 0);
    }
    free(kept);
    return check_done();
}
