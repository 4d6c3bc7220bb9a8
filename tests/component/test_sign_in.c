/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing in at a real console, through its socket: what opens the door, what does not, and that
 * nobody learns from an answer what is wrong.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "tests/support/check.h"
#include "tests/support/sign_in_rig.h"

/* What the file of the first link holds. */
static bool setup_link(char text[static 320])
{
    char path[320];
    struct buf bytes;
    buf_init(&bytes, 4096);
    (void)snprintf(path, sizeof path, "%s/setup-link", rig.folder);
    const bool there = file_read(path, &bytes, NULL) == ERR_OK;
    (void)snprintf(text, 320, "%s", there ? bytes.ptr : "");
    buf_release(&bytes);
    return there;
}

/* ---- the first account ---- */

static void the_first_start_makes_a_link_and_no_password(void)
{
    char link[320];
    char begin[64];
    CHECK(setup_link(link));
    (void)snprintf(begin, sizeof begin, "http://127.0.0.1:%d/#/setup/", rig.port);
    CHECK_EQ(strncmp(link, begin, strlen(begin)), 0);
    CHECK_EQ(get("/api/v1/session", NULL), 200);
    CHECK(says("\"user\":null"));
    CHECK(says("\"setup\":true"));
    CHECK_EQ(sign_in("admin", "admin"), 401);
    CHECK_EQ(get("/api/v1/users", NULL), 401);
}

static void the_first_link_makes_an_account_once(void)
{
    char link[320];
    char body[160];
    CHECK(setup_link(link));
    const size_t bytes = strcspn(link, "\n");
    link[bytes] = '\0';
    const char *key = link + bytes - 64;
    (void)snprintf(body, sizeof body, "{\"token\":\"%s\"}", key);
    const struct request look = {.method = "POST", .path = "/api/v1/session/link", .body = body};
    CHECK_EQ(ask(&look), 200);
    CHECK(says("\"kind\":\"first\""));
    CHECK_EQ(use_link(key, "zhang min", PASSWORD), 422);
    CHECK_EQ(use_link(key, "li", "short"), 422);
    CHECK(says("\"reason\":\"short\""));
    CHECK_EQ(use_link(key, "Li", PASSWORD), 200);
    CHECK(says("\"name\":\"li\""));
    CHECK(says("\"setup\":false"));
    CHECK(is_signed_in(signed_in_now().key));
    CHECK(!setup_link(link));
    CHECK_EQ(use_link(key, "wang", PASSWORD), 404);
    CHECK_EQ(ask(&look), 404);
    CHECK_EQ(sign_in("li", PASSWORD), 200);
}

static void a_link_is_for_its_own_account_and_one_use(void)
{
    char key[65];
    CHECK_EQ(serve("POST", "/api/v1/users", "{\"name\":\"once\",\"roles\":[\"ops\"]}"), 201);
    link_of("once", key);
    CHECK_EQ(use_link(key, "li", PASSWORD), 422);
    CHECK_EQ(use_link(key, "once", PASSWORD), 200);
    CHECK_EQ(use_link(key, "once", "another " PASSWORD), 404);
    CHECK_EQ(sign_in("once", PASSWORD), 200);
    link_of("once", key);
    rewrite("UPDATE links SET expires = expires - 86400001");
    CHECK_EQ(use_link(key, "once", "another " PASSWORD), 404);
}

/* ---- refusals ---- */

static void whatever_is_wrong_is_answered_with_the_same_words(void)
{
    char *first = NULL;
    (void)person("right", "ops");
    CHECK_EQ(serve("POST", "/api/v1/users", "{\"name\":\"invited\",\"roles\":[\"ops\"]}"), 201);
    (void)person("gone", "ops");
    rewrite("UPDATE accounts SET disabled = 1 WHERE name = 'gone'");
    static const char *const tries[][2] = {
        {"right", "not " PASSWORD}, {"nobody", PASSWORD},       {"invited", PASSWORD},
        {"gone", PASSWORD},         {"no such name", PASSWORD}, {"right", ""},
    };
    for (size_t index = 0; index < sizeof tries / sizeof tries[0]; index++) {
        CHECK_EQ(sign_in(tries[index][0], tries[index][1]), 401);
        CHECK(!says("Set-Cookie"));
        if (!first) {
            first = strdup(body_of(kept));
        }
        CHECK_STR(body_of(kept), first);
    }
    free(first);
}

static void the_fifth_failure_locks_the_name(void)
{
    (void)person("locked", "ops");
    rewrite("DELETE FROM failures");
    for (int index = 0; index < 5; index++) {
        CHECK_EQ(sign_in("locked", "not " PASSWORD), 401);
    }
    CHECK_EQ(sign_in("locked", PASSWORD), 429);
    CHECK(says("Retry-After: 60") || says("Retry-After: 59"));
    CHECK_EQ(sign_in("LOCKED", PASSWORD), 429);
    for (int index = 0; index < 5; index++) {
        CHECK_EQ(sign_in("locked-nobody", PASSWORD), 401);
    }
    CHECK_EQ(sign_in("locked-nobody", PASSWORD), 429);
    CHECK_EQ(serve("GET", "/api/v1/users/locked", NULL), 200);
    CHECK(says("\"locked_until\":\"20"));
    rewrite("UPDATE failures SET until = 1");
    CHECK_EQ(sign_in("locked", PASSWORD), 200);
    rewrite("DELETE FROM failures");
}

static void an_address_that_fails_often_is_locked_and_another_is_not(void)
{
    char body[128];
    (void)person("inside", "ops");
    for (int index = 0; index < 20; index++) {
        (void)snprintf(body, sizeof body, "{\"name\":\"guess-%d\",\"password\":\"x\"}", index);
        const struct request guess = {
            .method = "POST",
            .path = "/api/v1/session",
            .more = "X-Forwarded-For: 203.0.113.9\r\n",
            .body = body};
        CHECK_EQ(ask(&guess), 401);
    }
    const char *right = "{\"name\":\"inside\",\"password\":\"" PASSWORD "\"}";
    const struct request there = {
        .method = "POST",
        .path = "/api/v1/session",
        .more = "X-Forwarded-For: 203.0.113.9\r\n",
        .body = right};
    const struct request here = {
        .method = "POST",
        .path = "/api/v1/session",
        .more = "X-Forwarded-For: 203.0.113.8\r\n",
        .body = right};
    CHECK_EQ(ask(&there), 429);
    CHECK_EQ(ask(&here), 200);
    rewrite("DELETE FROM failures");
}

static void what_is_no_sign_in_is_a_bad_request(void)
{
    static const char *const bodies[] = {
        "",
        "[]",
        "{}",
        "{\"name\":\"li\"}",
        "{\"name\":\"li\",\"password\":1}",
        "{\"name\":\"li\",\"password\":\"x\",\"remember\":true}"};
    for (size_t index = 0; index < sizeof bodies / sizeof bodies[0]; index++) {
        const struct request request = {
            .method = "POST", .path = "/api/v1/session", .body = bodies[index]};
        CHECK_EQ(ask(&request), 400);
    }
}

/* ---- sessions ---- */

static void a_sign_in_begins_a_session_with_a_key_of_its_own(void)
{
    const struct signed_in before = person("fixed", "ops");
    const char *planted = "00000000000000000000000000000000"
                          "00000000000000000000000000000000";
    const char *body = "{\"name\":\"fixed\",\"password\":\"" PASSWORD "\"}";
    const struct request with_planted = {
        .method = "POST", .path = "/api/v1/session", .cookie = planted, .body = body};
    CHECK_EQ(ask(&with_planted), 200);
    CHECK(strcmp(signed_in_now().key, planted) != 0);
    CHECK(!is_signed_in(planted));
    const struct request with_own = {
        .method = "POST", .path = "/api/v1/session", .cookie = before.key, .body = body};
    CHECK_EQ(ask(&with_own), 200);
    const struct signed_in after = signed_in_now();
    CHECK(strcmp(after.key, before.key) != 0);
    CHECK(strcmp(after.csrf, before.csrf) != 0);
    CHECK(is_signed_in(after.key));
    CHECK(!is_signed_in(before.key));
}

static void signing_out_ends_the_session(void)
{
    const struct signed_in in = person("leaving", "ops");
    const struct request out = {.method = "DELETE", .path = "/api/v1/session", .cookie = in.key};
    CHECK_EQ(ask(&out), 204);
    CHECK(says("Set-Cookie: nrt=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"));
    CHECK(!is_signed_in(in.key));
}

static void an_idle_session_is_over_and_so_is_an_old_one(void)
{
    const struct signed_in idle = person("idle", "ops");
    rewrite("UPDATE sessions SET seen = seen - 1800001");
    CHECK(!is_signed_in(idle.key));
    CHECK_EQ(sign_in("idle", PASSWORD), 200);
    const struct signed_in old = signed_in_now();
    rewrite("UPDATE sessions SET created = created - 43200001");
    CHECK(!is_signed_in(old.key));
}

/* Only a look at something else keeps a session: a stream comes back by itself. */
static void a_page_that_nobody_touches_does_not_keep_its_session(void)
{
    char bytes[256];
    char answer[512] = "";
    const struct signed_in in = person("listening", "ops");
    rewrite("UPDATE sessions SET seen = seen - 1700000");
    const int fd = console_rig_connect(&rig);
    const int count = snprintf(
        bytes, sizeof bytes,
        "GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: nrt=%s\r\n\r\n", in.key);
    CHECK_EQ(send(fd, bytes, (size_t)count, MSG_NOSIGNAL), count);
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    CHECK_EQ(poll(&wait, 1, 10000), 1);
    CHECK(recv(fd, answer, sizeof answer - 1, 0) > 0 && strstr(answer, "200 OK"));
    (void)close(fd);
    const struct request unattended = {
        .method = "GET",
        .path = "/api/v1/clock",
        .cookie = in.key,
        .more = "X-NRT-Unattended: 1\r\n"};
    CHECK_EQ(ask(&unattended), 200);
    rewrite("UPDATE sessions SET seen = seen - 100001");
    CHECK(!is_signed_in(in.key));
}

static void a_disabled_account_is_out_at_once(void)
{
    const struct signed_in in = person("disabled", "ops");
    CHECK(is_signed_in(in.key));
    CHECK_EQ(serve("GET", "/api/v1/users/disabled", NULL), 200);
    char more[256];
    (void)snprintf(more, sizeof more, "Authorization: Bearer %s\r\nIf-Match: *\r\n", rig.token);
    const struct request disable = {
        .method = "PUT",
        .path = "/api/v1/users/disabled",
        .more = more,
        .body = "{\"disabled\":true}"};
    CHECK_EQ(ask(&disable), 200);
    CHECK(!is_signed_in(in.key));
    CHECK_EQ(sign_in("disabled", PASSWORD), 401);
}

static void other_roles_ask_for_another_sign_in(void)
{
    const struct signed_in in = person("raised", "ops");
    char more[256];
    (void)snprintf(more, sizeof more, "Authorization: Bearer %s\r\nIf-Match: *\r\n", rig.token);
    const struct request raise = {
        .method = "PUT",
        .path = "/api/v1/users/raised",
        .more = more,
        .body = "{\"roles\":[\"ops\",\"admin\"]}"};
    CHECK_EQ(get("/api/v1/users", in.key), 403);
    CHECK_EQ(ask(&raise), 200);
    CHECK(!is_signed_in(in.key));
    CHECK_EQ(sign_in("raised", PASSWORD), 200);
    CHECK_EQ(get("/api/v1/users", signed_in_now().key), 200);
}

static void a_new_password_ends_all_other_sessions(void)
{
    const struct signed_in one = person("changing", "ops");
    CHECK_EQ(sign_in("changing", PASSWORD), 200);
    const struct signed_in two = signed_in_now();
    struct request change = {
        .method = "POST",
        .path = "/api/v1/session/password",
        .cookie = one.key,
        .csrf = one.csrf,
        .body = "{\"old\":\"not " PASSWORD "\",\"new\":\"a mule at school\"}"};
    CHECK_EQ(ask(&change), 401);
    change.body = "{\"old\":\"" PASSWORD "\",\"new\":\"" PASSWORD "\"}";
    CHECK_EQ(ask(&change), 422);
    change.body = "{\"old\":\"" PASSWORD "\",\"new\":\"changing horses\"}";
    CHECK_EQ(ask(&change), 422);
    change.body = "{\"old\":\"" PASSWORD "\",\"new\":\"a mule at school\"}";
    CHECK_EQ(ask(&change), 200);
    const struct signed_in now = signed_in_now();
    CHECK(is_signed_in(now.key));
    CHECK(!is_signed_in(one.key));
    CHECK(!is_signed_in(two.key));
    CHECK_EQ(sign_in("changing", PASSWORD), 401);
    CHECK_EQ(sign_in("changing", "a mule at school"), 200);
}

static void a_password_that_was_given_has_to_be_changed_first(void)
{
    (void)person("given", "admin");
    CHECK_EQ(
        serve("POST", "/api/v1/users/given/password", "{\"password\":\"a mule at school\"}"), 200);
    CHECK_EQ(sign_in("given", "a mule at school"), 200);
    CHECK(says("\"must_change\":true"));
    CHECK(says("\"rights\":[]"));
    const struct signed_in in = signed_in_now();
    CHECK_EQ(get("/api/v1/users", in.key), 403);
    const struct request change = {
        .method = "POST",
        .path = "/api/v1/session/password",
        .cookie = in.key,
        .csrf = in.csrf,
        .body = "{\"old\":\"a mule at school\",\"new\":\"" PASSWORD "\"}"};
    CHECK_EQ(ask(&change), 200);
    CHECK(says("\"must_change\":false"));
    CHECK_EQ(get("/api/v1/users", signed_in_now().key), 200);
}

static void everybody_sees_and_ends_their_own_sessions(void)
{
    char path[64];
    char other_id[24];
    const struct signed_in mine = person("mine", "ops");
    const struct signed_in yours = person("yours", "ops");
    CHECK_EQ(get("/api/v1/sessions", yours.key), 200);
    CHECK(says("\"user\":\"yours\"") && !says("\"user\":\"mine\""));
    CHECK(says("\"current\":true"));
    const char *id = strstr(kept, "\"id\":\"");
    (void)snprintf(other_id, sizeof other_id, "%.*s", id ? (int)strcspn(id + 6, "\"") : 0, id + 6);
    (void)snprintf(path, sizeof path, "/api/v1/sessions/%s", other_id);
    struct request end = {.method = "DELETE", .path = path, .cookie = mine.key, .csrf = mine.csrf};
    CHECK_EQ(ask(&end), 404);
    CHECK(is_signed_in(yours.key));
    end.cookie = yours.key;
    end.csrf = yours.csrf;
    CHECK_EQ(ask(&end), 204);
    CHECK(!is_signed_in(yours.key));
    CHECK_EQ(serve("GET", "/api/v1/sessions", NULL), 200);
    CHECK(says("\"user\":\"mine\""));
}

static void a_request_of_another_page_changes_nothing(void)
{
    const struct signed_in in = person("csrf", "admin");
    const struct signed_in other = person("csrf2", "admin");
    struct request add = {
        .method = "POST",
        .path = "/api/v1/users",
        .cookie = in.key,
        .body = "{\"name\":\"planted\",\"roles\":[\"admin\"]}"};
    CHECK_EQ(ask(&add), 403);
    add.csrf = "00";
    CHECK_EQ(ask(&add), 403);
    add.csrf = other.csrf;
    CHECK_EQ(ask(&add), 403);
    add.csrf = in.csrf;
    add.more = "Origin: http://evil.example.com\r\n";
    CHECK_EQ(ask(&add), 403);
    add.more = "Sec-Fetch-Site: cross-site\r\n";
    CHECK_EQ(ask(&add), 403);
    CHECK_EQ(serve("GET", "/api/v1/users/planted", NULL), 404);
    add.more = NULL;
    CHECK_EQ(ask(&add), 201);
}

/* ---- accounts by the API ---- */

static void what_is_edited_is_named_by_its_version(void)
{
    char more[256];
    (void)person("edited", "ops");
    struct request put = {
        .method = "PUT",
        .path = "/api/v1/users/edited",
        .more = more,
        .body = "{\"display\":\"张敏\"}"};
    (void)snprintf(more, sizeof more, "Authorization: Bearer %s\r\n", rig.token);
    CHECK_EQ(ask(&put), 428);
    (void)snprintf(
        more, sizeof more, "Authorization: Bearer %s\r\nIf-Match: \"999\"\r\n", rig.token);
    CHECK_EQ(ask(&put), 412);
    CHECK_EQ(serve("GET", "/api/v1/users/edited", NULL), 200);
    const char *etag = strstr(kept, "ETag: ");
    if (!CHECK(etag != NULL)) {
        return;
    }
    (void)snprintf(
        more, sizeof more, "Authorization: Bearer %s\r\nIf-Match: %.*s\r\n", rig.token,
        (int)strcspn(etag + 6, "\r"), etag + 6);
    CHECK_EQ(ask(&put), 200);
    CHECK(says("张敏"));
    CHECK_EQ(ask(&put), 412);
}

static void a_form_with_a_mistake_is_refused_and_the_field_is_named(void)
{
    static const char *const bodies[][2] = {
        {"{\"name\":\"a b\",\"roles\":[]}", "\"field\":\"name\""},
        {"{\"name\":\"x1\",\"roles\":[\"boss\"]}", "\"field\":\"roles\""},
        {"{\"name\":\"x1\",\"roles\":\"ops\"}", "\"field\":\"roles\""},
        {"{\"name\":\"x1\",\"roles\":[\"unit\"]}", "\"field\":\"unit\""},
        {"{\"name\":\"x1\",\"roles\":[],\"unit\":\"nowhere\"}", "\"field\":\"unit\""},
        {"{\"name\":\"x1\",\"roles\":[],\"person\":\"nobody\"}", "\"field\":\"person\""},
        {"{\"name\":\"x1\",\"roles\":[],\"display\":\"a\\nb\"}", "\"field\":\"display\""},
        {"{\"name\":\"x1\",\"roles\":[],\"disabled\":\"no\"}", "\"field\":\"disabled\""},
    };
    for (size_t index = 0; index < sizeof bodies / sizeof bodies[0]; index++) {
        CHECK_EQ(serve("POST", "/api/v1/users", bodies[index][0]), 422);
        CHECK(says(bodies[index][1]));
    }
    CHECK_EQ(serve("GET", "/api/v1/users/x1", NULL), 404);
}

/* ---- what is written down ---- */

/* The trail's entries reach the ledger after the answer: ask until they are there. */
static bool trail_says(const char *path, const char *part)
{
    const int64_t end_ms = clock_mono().ms + 10000;
    while (clock_mono().ms < end_ms) {
        CHECK_EQ(serve("GET", path, NULL), 200);
        if (says(part)) {
            return true;
        }
        (void)poll(NULL, 0, 20);
    }
    return false;
}

static void each_sign_in_is_written_down_without_what_was_typed(void)
{
    (void)person("audited", "ops");
    CHECK_EQ(sign_in("audited", "my secret words"), 401);
    CHECK_EQ(sign_in("my secret words", "my secret words"), 401);
    CHECK_EQ(sign_in("audited", PASSWORD), 200);
    CHECK(trail_says("/api/v1/audit?action=session.begin&actor=audited", "\"status\":200"));
    CHECK(says("\"status\":401"));
    CHECK(!says("secret words"));
    CHECK(trail_says("/api/v1/audit?action=user.link&object=audited", "\"status\":200"));
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    start(&(struct console_rig_options){.stepped = true, .settle = cheaply});
    CHECK_RUN(the_first_start_makes_a_link_and_no_password);
    CHECK_RUN(the_first_link_makes_an_account_once);
    CHECK_RUN(a_link_is_for_its_own_account_and_one_use);
    CHECK_RUN(whatever_is_wrong_is_answered_with_the_same_words);
    CHECK_RUN(the_fifth_failure_locks_the_name);
    CHECK_RUN(an_address_that_fails_often_is_locked_and_another_is_not);
    CHECK_RUN(what_is_no_sign_in_is_a_bad_request);
    CHECK_RUN(a_sign_in_begins_a_session_with_a_key_of_its_own);
    CHECK_RUN(signing_out_ends_the_session);
    CHECK_RUN(an_idle_session_is_over_and_so_is_an_old_one);
    CHECK_RUN(a_page_that_nobody_touches_does_not_keep_its_session);
    CHECK_RUN(a_disabled_account_is_out_at_once);
    CHECK_RUN(other_roles_ask_for_another_sign_in);
    CHECK_RUN(a_new_password_ends_all_other_sessions);
    CHECK_RUN(a_password_that_was_given_has_to_be_changed_first);
    CHECK_RUN(everybody_sees_and_ends_their_own_sessions);
    CHECK_RUN(a_request_of_another_page_changes_nothing);
    CHECK_RUN(what_is_edited_is_named_by_its_version);
    CHECK_RUN(a_form_with_a_mistake_is_refused_and_the_field_is_named);
    CHECK_RUN(each_sign_in_is_written_down_without_what_was_typed);
    CHECK_EQ(console_rig_stop(&rig), 0);
    free(kept);
    return check_done();
}
