/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading request heads: what is taken, and that every way to make two readers disagree about
 * one request is refused.
 */
#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "console/http_head.h"
#include "tests/support/check.h"

struct reading {
    struct arena arena;
    struct http_head head;
    const char *why;
    int status;
};

static void read_bytes(struct reading *reading, const char *bytes, size_t byte_count)
{
    arena_init(&reading->arena, (size_t)1024 * 1024);
    reading->why = "";
    reading->status = http_head_read(
        (struct text){.ptr = bytes, .bytes = byte_count}, &reading->arena, &reading->head,
        &reading->why);
}

static int status_of(const char *bytes)
{
    struct reading reading;
    read_bytes(&reading, bytes, strlen(bytes));
    check_note("%s: %s", bytes, reading.why);
    arena_release(&reading.arena);
    return reading.status;
}

static void a_plain_request_is_read(void)
{
    struct reading reading;
    const char *bytes = "GET /api/v1/cases/%E4%B8%9C-1?unit=d01&q=a+b%26c&flag HTTP/1.1\r\n"
                        "Host: localhost:8420\r\nX-Thing:  two words \r\nAccept:\r\n\r\n";
    read_bytes(&reading, bytes, strlen(bytes));
    CHECK_EQ(reading.status, 0);
    CHECK_EQ(reading.head.method, HTTP_GET);
    CHECK(text_is(reading.head.path, "/api/v1/cases/东-1"));
    CHECK(text_is(http_param(&reading.head, "unit"), "d01"));
    CHECK(text_is(http_param(&reading.head, "q"), "a b&c"));
    CHECK(http_param(&reading.head, "flag").ptr != NULL);
    CHECK(http_param(&reading.head, "none").ptr == NULL);
    CHECK(text_is(http_header(&reading.head, "x-thing"), "two words"));
    CHECK(http_header(&reading.head, "accept").ptr != NULL);
    CHECK(reading.head.keep_alive);
    CHECK_EQ(reading.head.body_bytes, 0);
    arena_release(&reading.arena);
}

static void length_and_connection_are_understood(void)
{
    struct reading reading;
    const char *bytes = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 42\r\n"
                        "Connection: TE, Close\r\nExpect: 100-Continue\r\n\r\n";
    read_bytes(&reading, bytes, strlen(bytes));
    CHECK_EQ(reading.status, 0);
    CHECK_EQ(reading.head.body_bytes, 42);
    CHECK(!reading.head.keep_alive);
    CHECK(reading.head.expects_continue);
    arena_release(&reading.arena);
}

static void a_body_has_one_length_only(void)
{
    CHECK_EQ(
        status_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n"),
        400);
    CHECK_EQ(
        status_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n"),
        400);
    CHECK_EQ(status_of("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"), 411);
    CHECK_EQ(status_of("POST / HTTP/1.1\r\nHost: a\r\n\r\n"), 411);
    static const char *const lengths[] = {
        "-1", "+3", "3,3", "0x10", "", "1e3", "99999999999999999"};
    for (size_t index = 0; index < sizeof(lengths) / sizeof(lengths[0]); index++) {
        char bytes[128];
        (void)snprintf(
            bytes, sizeof(bytes), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %s\r\n\r\n",
            lengths[index]);
        CHECK_EQ(status_of(bytes), 400);
    }
}

static void headers_that_readers_split_differently_are_refused(void)
{
    CHECK_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n"), 400);
    CHECK_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\n X: y\r\n\r\n"), 400);
    CHECK_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"), 400);
    CHECK_EQ(status_of("GET / HTTP/1.1\nHost: a\n\n"), 400);
    CHECK_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n"), 400);
    CHECK_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n"), 400);
    CHECK_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400);
    CHECK_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
    CHECK_EQ(status_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
    CHECK_EQ(status_of("G@T / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
    CHECK_EQ(status_of("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 505);
    CHECK_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nExpect: a miracle\r\n\r\n"), 417);
    struct reading reading;
    static const char nul[] = "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n";
    read_bytes(&reading, nul, sizeof(nul) - 1);
    CHECK_EQ(reading.status, 400);
    arena_release(&reading.arena);
}

static void paths_that_mean_something_else_are_refused(void)
{
    static const char *const paths[] = {
        "http://a/", "*",      "a/b",    "//a",      "/a//b",   "/../a",   "/a/..", "/a/%2e%2e/b",
        "/a%00b",    "/a%2Fb", "/a%2fb", "/a%0d%0a", "/a\\b",   "/a%5cb",  "/%ff",  "/a%",
        "/a%4",      "/a%zz",  "/.",     "/#x",      "/?%00=1", "/?a=%ff",
    };
    for (size_t index = 0; index < sizeof(paths) / sizeof(paths[0]); index++) {
        char bytes[128];
        (void)snprintf(bytes, sizeof(bytes), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", paths[index]);
        CHECK_EQ(status_of(bytes), 400);
    }
}

static void counts_are_bounded(void)
{
    char bytes[HTTP_HEAD_BYTES_MAX];
    size_t used = (size_t)snprintf(bytes, sizeof(bytes), "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int index = 0; index < HTTP_HEADERS_MAX; index++) {
        used += (size_t)snprintf(bytes + used, sizeof(bytes) - used, "X%d: y\r\n", index);
    }
    (void)snprintf(bytes + used, sizeof(bytes) - used, "\r\n");
    CHECK_EQ(status_of(bytes), 431);
    used = (size_t)snprintf(bytes, sizeof(bytes), "GET /?");
    for (int index = 0; index <= HTTP_PARAMS_MAX; index++) {
        used += (size_t)snprintf(bytes + used, sizeof(bytes) - used, "p%d=1&", index);
    }
    (void)snprintf(bytes + used, sizeof(bytes) - used, " HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_EQ(status_of(bytes), 400);
}

/* Any bytes give a status; the sanitizers watch the reading. */
static void no_bytes_break_the_reader(void)
{
    static const char good[] = "POST /api/v1/events?after=0:1-1 HTTP/1.1\r\nHost: a.b:80\r\n"
                               "Content-Length: 10\r\nContent-Type: application/json\r\n\r\n";
    struct prng prng;
    prng_seed(&prng, 7);
    int taken = 0;
    for (int round = 0; round < 20000; round++) {
        char bytes[sizeof(good)];
        struct reading reading;
        memcpy(bytes, good, sizeof(good));
        const uint64_t changes = 1 + prng_below(&prng, 4);
        for (uint64_t change = 0; change < changes; change++) {
            bytes[prng_below(&prng, sizeof(good) - 1)] = (char)prng_below(&prng, 256);
        }
        read_bytes(
            &reading, bytes,
            prng_one_in(&prng, 4) ? (size_t)prng_below(&prng, sizeof(good)) : sizeof(good) - 1);
        taken += reading.status == 0;
        CHECK(reading.status == 0 || reading.why[0]);
        arena_release(&reading.arena);
    }
    CHECK(taken > 0 && taken < 20000);
}

static void host_names_lose_their_port(void)
{
    CHECK(text_is(http_host_name(TEXT_LITERAL("a.b:80")), "a.b"));
    CHECK(text_is(http_host_name(TEXT_LITERAL("[::1]:8420")), "[::1]"));
    CHECK(text_is(http_host_name(TEXT_LITERAL("localhost")), "localhost"));
}

static void a_coding_is_taken_where_it_is_named_and_not_refused(void)
{
    static const struct {
        const char *header;
        bool taken;
    } cases[] = {
        {"gzip", true},           {"br, gzip", true},      {"deflate,gzip;q=0.5", true},
        {" gzip ; q=1", true},    {"gzip;q=0.001", true},  {"gzip;q=0", false},
        {"gzip; q=0.000", false}, {"br", false},           {"", false},
        {"xgzip, gzipx", false},  {"gzip;q=0, br", false}, {";;,,=", false},
        {"identity", false},      {"br;q=0, gzip", true},
    };
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct reading reading;
        char bytes[256];
        const int count = snprintf(
            bytes, sizeof(bytes), "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: %s\r\n\r\n",
            cases[index].header);
        read_bytes(&reading, bytes, (size_t)count);
        check_note("%s", cases[index].header);
        CHECK_EQ(reading.status, 0);
        CHECK_EQ(http_accepts_coding(&reading.head, "gzip"), cases[index].taken);
        arena_release(&reading.arena);
    }
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_plain_request_is_read);
    CHECK_RUN(length_and_connection_are_understood);
    CHECK_RUN(a_body_has_one_length_only);
    CHECK_RUN(headers_that_readers_split_differently_are_refused);
    CHECK_RUN(paths_that_mean_something_else_are_refused);
    CHECK_RUN(counts_are_bounded);
    CHECK_RUN(no_bytes_break_the_reader);
    CHECK_RUN(host_names_lose_their_port);
    CHECK_RUN(a_coding_is_taken_where_it_is_named_and_not_refused);
    return check_done();
}
