/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other doors of a real console: tokens of programs, a proxy that signs people in, cookies over
 * TLS, the demo. And what passwords cost here as elsewhere: how long a refusal takes.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto_password.h"
#include "base/sql.h"
#include "config/settings.h"
#include "tests/support/check.h"
#include "tests/support/sign_in_rig.h"

/* ---- tokens ---- */

static int with_token(const char *token, const char *method, const char *path)
{
    char more[160];
    (void)snprintf(more, sizeof more, "Authorization: Bearer %s\r\n", token);
    return ask(&(struct request){
        .method = method, .path = path, .more = more, .body = method[0] == 'P' ? "{}" : NULL});
}

static void a_token_may_what_it_was_made_for_and_nothing_else(void)
{
    char token[80];
    CHECK_EQ(
        serve("POST", "/api/v1/tokens", "{\"name\":\"feed\",\"rights\":[\"read\",\"health\"]}"),
        201);
    member("token", token, sizeof token);
    CHECK_EQ(with_token(token, "GET", "/api/v1/cases"), 200);
    CHECK_EQ(with_token(token, "GET", "/api/v1/sending"), 200);
    CHECK_EQ(with_token(token, "GET", "/api/v1/users"), 403);
    CHECK_EQ(with_token(token, "POST", "/api/v1/sending/stop"), 403);
    CHECK_EQ(with_token(token, "GET", "/api/v1/session"), 200);
    CHECK(says("\"kind\":\"token\"") && says("\"rights\":[\"read\",\"health\"]"));
    CHECK_EQ(with_token(token, "POST", "/api/v1/session/password"), 409);
    CHECK_EQ(serve("GET", "/api/v1/tokens", NULL), 200);
    CHECK(says("\"name\":\"feed\"") && !says(token));
    rewrite("UPDATE tokens SET expires = 1");
    CHECK_EQ(with_token(token, "GET", "/api/v1/cases"), 401);
}

static void a_token_that_is_ended_opens_nothing(void)
{
    char token[80];
    char id[24];
    char path[64];
    CHECK_EQ(serve("POST", "/api/v1/tokens", "{\"name\":\"old\",\"rights\":[\"read\"]}"), 201);
    member("token", token, sizeof token);
    member("id", id, sizeof id);
    CHECK_EQ(serve("POST", "/api/v1/tokens", "{\"name\":\"old\",\"rights\":[\"read\"]}"), 409);
    (void)snprintf(path, sizeof path, "/api/v1/tokens/%s", id);
    CHECK_EQ(with_token(token, "GET", "/api/v1/cases"), 200);
    CHECK_EQ(serve("DELETE", path, NULL), 204);
    CHECK_EQ(with_token(token, "GET", "/api/v1/cases"), 401);
    CHECK_EQ(serve("DELETE", path, NULL), 404);
}

static void a_token_without_rights_or_with_unknown_ones_is_not_made(void)
{
    static const char *const bodies[] = {
        "{\"name\":\"t\",\"rights\":[]}",
        "{\"name\":\"t\"}",
        "{\"name\":\"t\",\"rights\":[\"all\"]}",
        "{\"name\":\"t\",\"rights\":[\"\"]}",
        "{\"name\":\"t\",\"rights\":[\"read\"],\"unit\":\"nowhere\"}",
        "{\"name\":\"t\",\"rights\":[\"read\"],\"expires_at\":\"2019-01-01T00:00:00Z\"}",
        "{\"name\":\"t\",\"rights\":[\"read\"],\"expires_at\":\"9019-01-01T00:00:00Z\"}"};
    for (size_t index = 0; index < sizeof bodies / sizeof bodies[0]; index++) {
        CHECK_EQ(serve("POST", "/api/v1/tokens", bodies[index]), 422);
    }
}

/* ---- who stands before the console ---- */

static void over_tls_the_cookie_is_bound_to_the_host(void)
{
    char more[128];
    (void)person("secure", "ops");
    const char *body = "{\"name\":\"secure\",\"password\":\"" PASSWORD "\"}";
    const struct request by_name = {
        .method = "POST", .path = "/api/v1/session", .host = "nrt.example.gov.cn", .body = body};
    CHECK_EQ(ask(&by_name), 200);
    const char *cookie = strstr(kept, "Set-Cookie: __Host-nrt=");
    CHECK(says("; Path=/; HttpOnly; SameSite=Strict; Secure\r\n"));
    if (!CHECK(cookie != NULL)) {
        return;
    }
    (void)snprintf(more, sizeof more, "Cookie: __Host-nrt=%.64s\r\n", cookie + 23);
    const struct request good = {
        .method = "GET", .path = "/api/v1/clock", .host = "nrt.example.gov.cn", .more = more};
    CHECK_EQ(ask(&good), 200);
    /* The same key under the name of the plain network. */
    char key[65];
    (void)snprintf(key, sizeof key, "%.64s", cookie ? more + strlen("Cookie: __Host-nrt=") : "");
    const struct request plain = {
        .method = "GET", .path = "/api/v1/clock", .host = "nrt.example.gov.cn", .cookie = key};
    CHECK_EQ(ask(&plain), 401);
}

static int by_proxy(const char *user, const char *secret, const char *cookie)
{
    char more[256];
    (void)snprintf(
        more, sizeof more, "X-Remote-User: %s\r\n%s%s%s", user,
        secret ? "X-NRT-Proxy-Secret: " : "", secret ? secret : "", secret ? "\r\n" : "");
    return ask(&(struct request){
        .method = "GET", .path = "/api/v1/session", .more = more, .cookie = cookie});
}

static void a_proxy_that_is_believed_names_the_account(void)
{
    (void)person("proxied", "ops");
    CHECK_EQ(by_proxy("Proxied", "hush", NULL), 200);
    CHECK(says("\"name\":\"proxied\"") && says("\"kind\":\"proxy\""));
    char csrf[65];
    char more[256];
    member("csrf", csrf, sizeof csrf);
    struct request stop = {
        .method = "POST",
        .path = "/api/v1/sending/stop",
        .more = more,
        .body = "{\"scope\":\"all\"}"};
    (void)snprintf(more, sizeof more, "X-Remote-User: proxied\r\nX-NRT-Proxy-Secret: hush\r\n");
    CHECK_EQ(ask(&stop), 403);
    CHECK(says("csrf"));
    stop.csrf = csrf;
    CHECK(ask(&stop) != 403);
}

static void a_proxy_without_the_secret_is_refused_whatever_else_there_is(void)
{
    const struct signed_in in = person("careless", "ops");
    CHECK_EQ(by_proxy("proxied", NULL, in.key), 200);
    CHECK(says("\"user\":null"));
    CHECK_EQ(by_proxy("proxied", "wrong", in.key), 200);
    CHECK(says("\"user\":null"));
    CHECK_EQ(by_proxy("nobody-at-all", "hush", in.key), 200);
    CHECK(says("\"user\":null"));
    rewrite("UPDATE accounts SET disabled = 1 WHERE name = 'proxied'");
    CHECK_EQ(by_proxy("proxied", "hush", NULL), 200);
    CHECK(says("\"user\":null"));
    CHECK(is_signed_in(in.key));
    char token[80];
    char more[256];
    CHECK_EQ(serve("POST", "/api/v1/tokens", "{\"name\":\"careful\",\"rights\":[\"read\"]}"), 201);
    member("token", token, sizeof token);
    CHECK_EQ(with_token(token, "GET", "/api/v1/cases"), 200);
    (void)snprintf(
        more, sizeof more, "Authorization: Bearer %s\r\nX-Remote-User: proxied\r\n", token);
    CHECK_EQ(ask(&(struct request){.method = "GET", .path = "/api/v1/cases", .more = more}), 401);
}

static void the_header_from_another_address_is_refused(void)
{
    (void)person("direct", "ops");
    CHECK_EQ(by_proxy("direct", "hush", NULL), 200);
    CHECK(says("\"user\":null"));
    CHECK_EQ(by_proxy("direct", NULL, NULL), 200);
    CHECK(says("\"user\":null"));
}

static void in_the_demo_a_session_is_what_it_is_elsewhere(void)
{
    const struct signed_in in = person("guest", "ops");
    CHECK_EQ(get("/api/v1/session", NULL), 200);
    CHECK(says("\"kind\":\"demo\""));
    CHECK_EQ(get("/api/v1/session", in.key), 200);
    CHECK(says("\"kind\":\"session\"") && says("\"name\":\"guest\""));
    CHECK_EQ(get("/api/v1/users", in.key), 403);
    CHECK_EQ(get("/api/v1/users", NULL), 200);
}

/* ---- what a password costs ---- */

static int64_t hashes_of_today(void)
{
    char path[320];
    char begin[64];
    struct sql_db *db = NULL;
    struct sql_stmt *stmt = NULL;
    bool row = false;
    int64_t count = -1;
    (void)snprintf(path, sizeof path, "%s/accounts.db", rig.folder);
    (void)snprintf(
        begin, sizeof begin, "$argon2id$v=19$m=%d,t=%d,", PASSWORD_MEMORY_KIB, PASSWORD_PASSES);
    CHECK_EQ(sql_open(path, SQL_READ_ONLY, &db, NULL), ERR_OK);
    CHECK_EQ(
        sql_prepare(
            db, "SELECT count(*) FROM accounts WHERE name = 'older' AND instr(password, ?1) = 1",
            &stmt, NULL),
        ERR_OK);
    sql_bind_text(stmt, 1, text_of(begin));
    CHECK_EQ(sql_step(stmt, &row, NULL), ERR_OK);
    count = row ? sql_i64(stmt, 0) : -1;
    sql_finalize(stmt);
    sql_close(db);
    return count;
}

static void a_hash_that_cost_less_is_made_anew_at_the_next_sign_in(void)
{
    static const struct password_cost cheap = {.memory_kib = 64, .passes = 1};
    char hash[PASSWORD_HASH_BYTES_MAX];
    char script[PASSWORD_HASH_BYTES_MAX + 80];
    (void)person("older", "ops");
    CHECK_EQ(hashes_of_today(), 1);
    CHECK_EQ(password_hash(text_of(PASSWORD), &cheap, hash), ERR_OK);
    (void)snprintf(
        script, sizeof script, "UPDATE accounts SET password = '%s' WHERE name = 'older'", hash);
    rewrite(script);
    CHECK_EQ(hashes_of_today(), 0);
    CHECK_EQ(sign_in("older", PASSWORD), 200);
    CHECK_EQ(hashes_of_today(), 1);
    CHECK_EQ(sign_in("older", PASSWORD), 200);
}

/* ---- how long it takes ---- */

static int64_t quickest_us(const char *name)
{
    int64_t least = INT64_MAX;
    for (int index = 0; index < 3; index++) {
        const int64_t start_ns = clock_mono_ns();
        CHECK_EQ(sign_in(name, "not " PASSWORD), 401);
        const int64_t took_us = (clock_mono_ns() - start_ns) / 1000;
        least = took_us < least ? took_us : least;
    }
    return least;
}

static void an_unknown_name_is_refused_no_sooner(void)
{
    (void)person("known", "ops");
    const int64_t known_us = quickest_us("known");
    const int64_t unknown_us = quickest_us("unknown");
    check_note("known %lld us, unknown %lld us", (long long)known_us, (long long)unknown_us);
    CHECK(unknown_us > known_us / 2 && unknown_us < known_us * 2);
}

/* Two at once: the second one is not even looked at, or many could be tried before one counts. */
static void one_password_of_a_name_is_tried_at_a_time(void)
{
    char *answers[2] = {NULL, NULL};
    int fds[2];
    struct buf bytes;
    int refused = 0;
    int later = 0;
    buf_init(&bytes, 65536);
    write_request(
        &bytes, &(struct request){
                    .method = "POST",
                    .path = "/api/v1/session",
                    .body = "{\"name\":\"twice\",\"password\":\"" PASSWORD "\"}"});
    for (int index = 0; index < 2; index++) {
        fds[index] = console_rig_connect(&rig);
        CHECK_EQ(send(fds[index], bytes.ptr, bytes.bytes, MSG_NOSIGNAL), (ssize_t)bytes.bytes);
    }
    for (int index = 0; index < 2; index++) {
        char answer[4096] = "";
        struct pollfd wait = {.fd = fds[index], .events = POLLIN};
        if (CHECK_EQ(poll(&wait, 1, 20000), 1)) {
            (void)recv(fds[index], answer, sizeof answer - 1, 0);
        }
        refused += status_of(answer) == 401;
        later += status_of(answer) == 429;
        (void)close(fds[index]);
        free(answers[index]);
    }
    CHECK_EQ(refused, 1);
    CHECK_EQ(later, 1);
    buf_release(&bytes);
}

/* ---- the rigs ---- */

static struct address_range range;

static void with_proxy(struct settings *settings)
{
    settings->public_url = text_of("https://nrt.example.gov.cn");
    settings->sign_in = (struct sign_in_settings){
        .proxy_header = TEXT_LITERAL("x-remote-user"),
        .proxies = &range,
        .proxy_count = 1,
        .proxy_has_secret = true,
        .proxy_secret = TEXT_LITERAL("hush"),
    };
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    start(&(struct console_rig_options){.demo = true, .settle = cheaply});
    CHECK_RUN(in_the_demo_a_session_is_what_it_is_elsewhere);
    CHECK_EQ(console_rig_stop(&rig), 0);
    (void)address_range_read(TEXT_LITERAL("127.0.0.0/8"), &range);
    start(&(struct console_rig_options){.settle = with_proxy});
    CHECK_RUN(a_token_may_what_it_was_made_for_and_nothing_else);
    CHECK_RUN(a_token_that_is_ended_opens_nothing);
    CHECK_RUN(a_token_without_rights_or_with_unknown_ones_is_not_made);
    CHECK_RUN(a_hash_that_cost_less_is_made_anew_at_the_next_sign_in);
    CHECK_RUN(an_unknown_name_is_refused_no_sooner);
    CHECK_RUN(one_password_of_a_name_is_tried_at_a_time);
    CHECK_RUN(over_tls_the_cookie_is_bound_to_the_host);
    CHECK_RUN(a_proxy_that_is_believed_names_the_account);
    CHECK_RUN(a_proxy_without_the_secret_is_refused_whatever_else_there_is);
    CHECK_EQ(console_rig_stop(&rig), 0);
    (void)address_range_read(TEXT_LITERAL("192.0.2.0/24"), &range);
    start(&(struct console_rig_options){.settle = with_proxy});
    CHECK_RUN(the_header_from_another_address_is_refused);
    CHECK_EQ(console_rig_stop(&rig), 0);
    free(kept);
    return check_done();
}
