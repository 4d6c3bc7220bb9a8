/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The listeners: TLS with a certificate that is renewed while the service runs, the listener for
 * the DMZ, files and their compression, how often one may ask.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/support/check.h"
#include "tests/support/console_rig.h"

static struct console_rig rig;
static char *kept;

static bool has(const char *part)
{
    check_note("looking for %s in %.300s", part, kept ? kept : "(nothing)");
    return kept && strstr(kept, part) != NULL;
}

static int status_of(const char *answer)
{
    return answer && strlen(answer) > 12 ? (int)strtol(answer + 9, NULL, 10) : 0;
}

static int ask_at(int port, const char *bytes)
{
    const int own = rig.port;
    rig.port = port;
    free(kept);
    kept = console_rig_ask(&rig, bytes, strlen(bytes));
    rig.port = own;
    check_note("%.120s -> %.300s", bytes, kept ? kept : "(nothing)");
    return status_of(kept);
}

static int ask(const char *bytes)
{
    return ask_at(rig.port, bytes);
}

/* ---- files ---- */

/* The first script that index.html names. */
static bool script_name(char ret_name[static 160])
{
    CHECK_EQ(ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    const char *at = kept ? strstr(kept, "assets/") : NULL;
    const size_t bytes = at ? strcspn(at, "\"") : 0;
    (void)snprintf(ret_name, 160, "%.*s", bytes < 160 ? (int)bytes : 0, at ? at : "");
    return CHECK(bytes > 0);
}

static void files_come_compressed_and_may_be_kept(void)
{
    char name[160];
    char bytes[512];
    if (!script_name(name)) {
        return;
    }
    CHECK(has("Cache-Control: no-cache\r\n") && has("ETag: \""));
    (void)snprintf(
        bytes, sizeof(bytes),
        "GET /%s HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br, gzip;q=0.5\r\n\r\n", name);
    CHECK_EQ(ask(bytes), 200);
    CHECK(has("Cache-Control: public, max-age=31536000, immutable\r\n"));
    CHECK(has("Content-Encoding: gzip\r\n") && has("Vary: Accept-Encoding\r\n"));
    (void)snprintf(
        bytes, sizeof(bytes), "GET /%s HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip;q=0\r\n\r\n",
        name);
    CHECK_EQ(ask(bytes), 200);
    CHECK(!has("Content-Encoding:") && has("Vary: Accept-Encoding\r\n"));
    (void)snprintf(bytes, sizeof(bytes), "GET /%s.gz HTTP/1.1\r\nHost: a\r\n\r\n", name);
    CHECK_EQ(ask(bytes), 404);
}

static void every_answer_carries_the_policies_of_the_page(void)
{
    static const char *const headers[] = {
        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src "
        "'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri "
        "'none'; form-action 'self'\r\n",
        "X-Content-Type-Options: nosniff\r\n", "Referrer-Policy: no-referrer\r\n",
        "Cross-Origin-Opener-Policy: same-origin\r\n"};
    static const char *const paths[] = {"/", "/api/v1/cases", "/healthz", "/nothing"};
    for (size_t path = 0; path < 4; path++) {
        char bytes[128];
        (void)snprintf(bytes, sizeof(bytes), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", paths[path]);
        CHECK(ask(bytes) > 0);
        for (size_t header = 0; header < 4; header++) {
            CHECK(has(headers[header]));
        }
        CHECK(
            !has("Strict-Transport-Security")); /* without TLS it would be a promise for nothing */
        CHECK(path == 0 || has("Cache-Control: no-store\r\n"));
    }
}

#define TEN(text) text text text text text text text text text text

/* A title of 1200 bytes. */
static const char *const journal[] = {
    "[{\"k\":\"case\",\"id\":\"J-1\",\"title\":\"" TEN(
        TEN("a long title")) "\",\"unit\":\"d01\",\"state\":\"open\",\"light\":\"red\",\"created\":"
                             "1,\"updated\":2,"
                             "\"runs\":[]}]",
    NULL,
};

static int ask_api(const char *path, const char *codings)
{
    char bytes[512];
    (void)snprintf(
        bytes, sizeof(bytes),
        "GET %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nAccept-Encoding: %s\r\n\r\n",
        path, rig.token, codings);
    return ask(bytes);
}

static void long_answers_of_the_api_are_compressed_for_who_asks(void)
{
    CHECK_EQ(ask_api("/api/v1/cases?after=0:0-0", "gzip, deflate"), 200);
    CHECK(has("Content-Encoding: gzip\r\n") && has("Vary: Accept-Encoding\r\n"));
    CHECK(!has("a long title"));
    CHECK_EQ(ask_api("/api/v1/cases", "identity"), 200);
    CHECK(!has("Content-Encoding: ") && has("Vary: Accept-Encoding\r\n") && has("a long title"));
    CHECK_EQ(ask_api("/api/v1/rejects", "gzip"), 200);
    CHECK(!has("Content-Encoding: ")); /* too short to gain anything */
}

static void what_carries_a_secret_is_never_compressed(void)
{
    CHECK_EQ(ask_api("/api/v1/session", "gzip"), 200);
    CHECK(has("\"csrf\"") && !has("Content-Encoding: "));
}

/* ---- the DMZ ---- */

static void outside_there_are_links_and_call_backs_and_nothing_else(void)
{
    static const char *const hidden[] = {"/",        "/index.html", "/api/v1/cases",
                                         "/healthz", "/metrics",    "/api/v1/session",
                                         "/a",       "/hooks",      "/assets/"};
    char bytes[256];
    for (size_t index = 0; index < sizeof(hidden) / sizeof(hidden[0]); index++) {
        (void)snprintf(
            bytes, sizeof(bytes), "GET %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n",
            hidden[index], rig.token);
        CHECK_EQ(ask_at(rig.public_port, bytes), 404);
        CHECK(has("Content-Length: 0\r\n") && !has("urn:nrt"));
    }
    CHECK_EQ(
        ask_at(
            rig.public_port,
            "GET /hooks/receipts/sms/s3cret?id=1&status=8 HTTP/1.1\r\nHost: x.cn\r\n\r\n"),
        200);
    CHECK_EQ(
        ask_at(
            rig.public_port, "GET /hooks/receipts/sms/wrong?id=1 HTTP/1.1\r\nHost: x.cn\r\n\r\n"),
        404);
    CHECK(ask_at(rig.public_port, "GET /a/AAAA HTTP/1.1\r\nHost: x.cn\r\n\r\n") >= 400);
    CHECK(has("text/html"));
    CHECK_EQ(ask_at(rig.public_port, "GET /a/%00 HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
    CHECK(has("Content-Length: 0\r\n"));
}

/* ---- how often ---- */

static void who_guesses_keys_is_told_to_wait_and_nobody_else_is(void)
{
    static const char guess[] = "GET /api/v1/cases HTTP/1.1\r\nHost: a\r\n"
                                "X-Forwarded-For: 203.0.113.9, 198.51.100.7\r\n"
                                "Authorization: Bearer 0123\r\n\r\n";
    static const char other[] = "GET /api/v1/cases HTTP/1.1\r\nHost: a\r\n"
                                "X-Forwarded-For: 198.51.100.8\r\n"
                                "Authorization: Bearer 0123\r\n\r\n";
    int status = 401;
    for (int round = 0; round < 200 && status == 401; round++) {
        status = ask(guess);
    }
    CHECK_EQ(status, 429);
    CHECK(has("Retry-After: ") && has("urn:nrt:problem:"));
    CHECK_EQ(ask(other), 401);
    CHECK_EQ(console_rig_call(&rig, "GET", "/api/v1/cases", NULL, NULL), 200);
}

/* The answer to the request that is one too many of its kind. */
static int after_so_many(const char *bytes, int count, int usual)
{
    int status = usual;
    for (int round = 0; round < count && status == usual; round++) {
        status = ask(bytes);
    }
    return status;
}

static void who_tries_to_sign_in_too_often_waits(void)
{
    static const char try[] = "POST /api/v1/session HTTP/1.1\r\nHost: a\r\n"
                              "X-Forwarded-For: 198.51.100.17\r\n"
                              "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    static const char other[] = "POST /api/v1/session HTTP/1.1\r\nHost: a\r\n"
                                "X-Forwarded-For: 198.51.100.18\r\n"
                                "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    const int usual = ask(try);
    CHECK(usual >= 400 && usual < 429);
    CHECK_EQ(after_so_many(try, 200, usual), 429);
    CHECK(has("Retry-After: "));
    CHECK_EQ(ask(other), usual);
}

static void exports_of_an_account_have_a_bucket_of_their_own(void)
{
    char bytes[512];
    char *body = NULL;
    (void)console_rig_call(
        &rig, "POST", "/api/v1/tokens", "{\"name\":\"copier\",\"rights\":[\"read\",\"export\"]}",
        &body);
    const char *at = body ? strstr(body, "\"token\":\"") : NULL;
    if (!CHECK(at != NULL)) {
        free(body);
        return;
    }
    char token[80];
    (void)snprintf(token, sizeof(token), "%.*s", (int)strcspn(at + 9, "\""), at + 9);
    free(body);
    (void)snprintf(
        bytes, sizeof(bytes),
        "GET /api/v1/cases.csv HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n", token);
    CHECK_EQ(after_so_many(bytes, 100, 200), 429);
    CHECK(has("too often (export)"));
    (void)snprintf(
        bytes, sizeof(bytes),
        "GET /api/v1/cases HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n", token);
    CHECK_EQ(ask(bytes), 200); /* to look is not to copy */
    CHECK_EQ(after_so_many(bytes, 2000, 200), 429);
    CHECK(has("too often (account)"));
    CHECK_EQ(console_rig_call(&rig, "GET", "/api/v1/cases", NULL, NULL), 200);
}

/* ---- TLS ---- */

static char folder[256];

/* openssl(1) with `input`, and what it says until it ends; false when it fails. */
static bool openssl(const char *const *argv, const char *input, char *ret_answer, size_t bytes_max)
{
    int to[2];
    int from[2];
    int status = 1;
    size_t got = 0;
    ssize_t count = 0;
    if (!CHECK(pipe(to) == 0) || !CHECK(pipe(from) == 0)) {
        return false;
    }
    (void)fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        char *words[32] = {NULL};
        for (size_t index = 0; argv[index] && index < 31; index++) {
            words[index] = strdup(argv[index]);
        }
        (void)dup2(to[0], STDIN_FILENO);
        (void)dup2(from[1], STDOUT_FILENO);
        (void)dup2(from[1], STDERR_FILENO);
        (void)close(to[1]);
        (void)close(from[0]);
        (void)alarm(20);
        (void)execvp(words[0], words);
        _exit(127);
    }
    (void)close(to[0]);
    (void)close(from[1]);
    CHECK(write(to[1], input, strlen(input)) == (ssize_t)strlen(input));
    while (got < bytes_max - 1 &&
           (count = read(from[0], ret_answer + got, bytes_max - 1 - got)) > 0) {
        got += (size_t)count;
    }
    ret_answer[got] = '\0';
    (void)close(to[1]);
    (void)close(from[0]);
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* New files in the place of the old ones, as whoever renews a certificate does it. */
static bool certificate_make(const char *name)
{
    char subject[64];
    char paths[4][300]; /* key and certificate, as they are made and as they are used */
    static const char *const names[] = {"key.new", "cert.new", "key.pem", "cert.pem"};
    char said[4096];
    (void)snprintf(subject, sizeof(subject), "/CN=%s", name);
    for (int index = 0; index < 4; index++) {
        (void)snprintf(paths[index], sizeof(paths[index]), "%s/%s", folder, names[index]);
    }
    const char *const words[] = {"openssl",
                                 "req",
                                 "-x509",
                                 "-newkey",
                                 "ec",
                                 "-pkeyopt",
                                 "ec_paramgen_curve:prime256v1",
                                 "-nodes",
                                 "-days",
                                 "90",
                                 "-subj",
                                 subject,
                                 "-keyout",
                                 paths[0],
                                 "-out",
                                 paths[1],
                                 NULL};
    return CHECK(openssl(words, "", said, sizeof(said))) &&
           CHECK(rename(paths[0], paths[2]) == 0) && CHECK(rename(paths[1], paths[3]) == 0);
}

/* What openssl's client gets for a request, with what it says of the connection. */
static void ask_by_tls_as(const char *path, const char *version, const char *ciphers)
{
    static char answer[65536];
    char request[256];
    char address[64];
    (void)snprintf(
        request, sizeof(request), "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", path);
    (void)snprintf(address, sizeof(address), "127.0.0.1:%d", rig.port);
    const char *const words[] = {
        "openssl", "s_client", "-connect", address, "-ign_eof", version, ciphers ? "-cipher" : NULL,
        ciphers,   NULL};
    (void)openssl(words, request, answer, sizeof(answer));
    free(kept);
    kept = strdup(answer);
}

static void ask_by_tls(const char *path)
{
    ask_by_tls_as(path, "-showcerts", NULL);
}

static void a_request_by_tls_is_answered(void)
{
    ask_by_tls("/healthz");
    CHECK(has("HTTP/1.1 200 OK\r\n") && has("TLSv1.3") && has("CN = first"));
    CHECK(has("Strict-Transport-Security: max-age="));
    ask_by_tls_as("/healthz", "-tls1_2", NULL);
    CHECK(has("HTTP/1.1 200 OK\r\n") && has("TLSv1.2") && has("ECDHE"));
}

static void the_end_of_the_certificate_is_a_metric(void)
{
    ask_by_tls("/metrics");
    CHECK(has("HTTP/1.1 200 OK\r\n"));
    const char *at = strstr(kept, "\nnrt_certificate_expires_timestamp_seconds ");
    const int64_t ends_s = at ? strtoll(strchr(at, ' '), NULL, 10) : 0;
    const int64_t days = (ends_s - clock_system().ms / 1000) / 86400;
    CHECK(days == 89 || days == 90);
    CHECK(has("nrt_http_evicted_total 0\n"));
}

static void what_is_too_old_is_refused(void)
{
    ask_by_tls_as("/healthz", "-tls1_1", NULL);
    CHECK(!has("HTTP/1.1 200 OK"));
    ask_by_tls_as("/healthz", "-tls1_2", "AES256-SHA:AES128-GCM-SHA256");
    CHECK(!has("HTTP/1.1 200 OK"));
}

static void plain_bytes_get_nothing_and_harm_nobody(void)
{
    for (int round = 0; round < 20; round++) {
        CHECK_EQ(ask("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
    }
    ask_by_tls("/healthz");
    CHECK(has("HTTP/1.1 200 OK\r\n"));
}

static void shows(const char *name)
{
    const int64_t end_ms = clock_mono().ms + 10000;
    do {
        ask_by_tls("/healthz");
    } while (!strstr(kept, name) && clock_mono().ms < end_ms);
    CHECK(has(name) && has("HTTP/1.1 200 OK\r\n"));
}

static void a_new_certificate_is_taken_and_a_broken_one_is_not(void)
{
    char path[300];
    CHECK(certificate_make("second"));
    CHECK(kill(rig.pid, SIGHUP) == 0);
    shows("CN = second");
    (void)snprintf(path, sizeof(path), "%s/cert.pem", folder);
    FILE *file = fopen(path, "we");
    CHECK(file && fputs("broken\n", file) >= 0 && fclose(file) == 0);
    CHECK(kill(rig.pid, SIGHUP) == 0);
    for (int round = 0; round < 3; round++) {
        shows("CN = second");
    }
}

int main(void)
{
    char cert[300];
    char key[300];
    const char *tmp = getenv("TMPDIR");
    const struct console_rig_options plain = {
        .secret = "s3cret", .with_public = true, .journal = journal};
    if (console_rig_start(&rig, &plain)) {
        CHECK_RUN(files_come_compressed_and_may_be_kept);
        CHECK_RUN(every_answer_carries_the_policies_of_the_page);
        CHECK_RUN(long_answers_of_the_api_are_compressed_for_who_asks);
        CHECK_RUN(what_carries_a_secret_is_never_compressed);
        CHECK_RUN(outside_there_are_links_and_call_backs_and_nothing_else);
        CHECK_RUN(who_guesses_keys_is_told_to_wait_and_nobody_else_is);
        CHECK_RUN(who_tries_to_sign_in_too_often_waits);
        CHECK_RUN(exports_of_an_account_have_a_bucket_of_their_own);
        CHECK_EQ(console_rig_stop(&rig), 0);
    }
    (void)snprintf(folder, sizeof(folder), "%s/tls-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
    if (!CHECK(mkdtemp(folder) != NULL) || !certificate_make("first")) {
        return check_done();
    }
    (void)snprintf(cert, sizeof(cert), "%s/cert.pem", folder);
    (void)snprintf(key, sizeof(key), "%s/key.pem", folder);
    const struct console_rig_options by_tls = {.tls_cert = cert, .tls_key = key};
    if (console_rig_start(&rig, &by_tls)) {
        CHECK_RUN(a_request_by_tls_is_answered);
        CHECK_RUN(the_end_of_the_certificate_is_a_metric);
        CHECK_RUN(what_is_too_old_is_refused);
        CHECK_RUN(plain_bytes_get_nothing_and_harm_nobody);
        CHECK_RUN(a_new_certificate_is_taken_and_a_broken_one_is_not);
        CHECK_EQ(console_rig_stop(&rig), 0);
    }
    (void)unlink(cert);
    (void)unlink(key);
    (void)rmdir(folder);
    free(kept);
    return check_done();
}
