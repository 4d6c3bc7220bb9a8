/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of signing in share.
 */
#include "tests/support/sign_in_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto_password.h"
#include "base/json.h"
#include "base/sql.h"
#include "config/settings.h"
#include "tests/support/check.h"

struct console_rig rig;

/* ---- asking ---- */

char *kept;

void write_request(struct buf *bytes, const struct request *request)
{
    const size_t body_bytes = request->body ? strlen(request->body) : 0;
    buf_format(
        bytes, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", request->method,
        request->path, request->host ? request->host : "127.0.0.1");
    if (request->cookie) {
        buf_format(bytes, "Cookie: nrt=%s\r\n", request->cookie);
    }
    if (request->csrf) {
        buf_format(bytes, "X-NRT-CSRF: %s\r\n", request->csrf);
    }
    buf_string(bytes, request->more ? request->more : "");
    buf_format(
        bytes, "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", body_bytes,
        request->body ? request->body : "");
}

int status_of(const char *answer)
{
    return answer && strlen(answer) > 12 ? (int)strtol(answer + 9, NULL, 10) : 0;
}

int ask(const struct request *request)
{
    struct buf bytes;
    buf_init(&bytes, 65536);
    write_request(&bytes, request);
    free(kept);
    kept = console_rig_ask(&rig, bytes.ptr, bytes.bytes);
    buf_release(&bytes);
    check_note("%s %s -> %.600s", request->method, request->path, kept ? kept : "");
    return status_of(kept);
}

const char *body_of(const char *answer)
{
    const char *end = answer ? strstr(answer, "\r\n\r\n") : NULL;
    return end ? end + 4 : "";
}

bool says(const char *part)
{
    return kept && strstr(kept, part) != NULL;
}

int serve(const char *method, const char *path, const char *body)
{
    char more[160];
    (void)snprintf(more, sizeof more, "Authorization: Bearer %s\r\n", rig.token);
    return ask(&(struct request){.method = method, .path = path, .more = more, .body = body});
}

void member(const char *key, char *text, size_t text_bytes)
{
    struct json_doc *doc = NULL;
    text[0] = '\0';
    if (json_parse(text_of(body_of(kept)), &json_limits_config, &doc, NULL) == ERR_OK) {
        (void)snprintf(text, text_bytes, "%.*s", TEXT_ARGS(json_get_string(json_root(doc), key)));
    }
    json_free(doc);
}

/* ---- people ---- */

struct signed_in signed_in_now(void)
{
    struct signed_in in = {.key = "", .csrf = ""};
    const char *cookie = kept ? strstr(kept, "Set-Cookie: nrt=") : NULL;
    if (CHECK(cookie != NULL)) {
        (void)snprintf(in.key, sizeof in.key, "%.64s", cookie + strlen("Set-Cookie: nrt="));
    }
    member("csrf", in.csrf, sizeof in.csrf);
    return in;
}

int sign_in(const char *name, const char *password)
{
    char body[512];
    (void)snprintf(body, sizeof body, "{\"name\":\"%s\",\"password\":\"%s\"}", name, password);
    return ask(&(struct request){.method = "POST", .path = "/api/v1/session", .body = body});
}

void link_of(const char *name, char key[static 65])
{
    char path[128];
    char link[640];
    (void)snprintf(path, sizeof path, "/api/v1/users/%s/link", name);
    CHECK_EQ(serve("POST", path, "{}"), 200);
    member("link", link, sizeof link);
    CHECK_GE((int64_t)strlen(link), 65);
    (void)snprintf(key, 65, "%s", link + (strlen(link) > 64 ? strlen(link) - 64 : 0));
}

int use_link(const char *key, const char *name, const char *password)
{
    char body[512];
    (void)snprintf(
        body, sizeof body, "{\"token\":\"%s\",\"name\":\"%s\",\"password\":\"%s\"}", key, name,
        password);
    return ask(&(struct request){.method = "POST", .path = "/api/v1/session/setup", .body = body});
}

struct signed_in person(const char *name, const char *role)
{
    char body[256];
    char key[65];
    (void)snprintf(body, sizeof body, "{\"name\":\"%s\",\"roles\":[\"%s\"]}", name, role);
    CHECK_EQ(serve("POST", "/api/v1/users", body), 201);
    link_of(name, key);
    CHECK_EQ(use_link(key, name, PASSWORD), 200);
    return signed_in_now();
}

int get(const char *path, const char *cookie)
{
    return ask(&(struct request){.method = "GET", .path = path, .cookie = cookie});
}

bool is_signed_in(const char *cookie)
{
    return get("/api/v1/clock", cookie) == 200;
}

void rewrite(const char *script)
{
    char path[320];
    struct sql_db *db = NULL;
    (void)snprintf(path, sizeof path, "%s/accounts.db", rig.folder);
    CHECK_EQ(sql_open(path, SQL_RELAXED, &db, NULL), ERR_OK);
    CHECK_EQ(sql_exec(db, script, NULL), ERR_OK);
    sql_close(db);
}

/* ---- the rig ---- */

/* Tens of milliseconds for each of a hundred passwords are not what is looked at. */
void cheaply(struct settings *settings)
{
    (void)settings;
    password_cost_now = (struct password_cost){.memory_kib = 64, .passes = 1};
}

void start(const struct console_rig_options *options)
{
    if (!console_rig_start(&rig, options)) {
        exit(check_done());
    }
}
