/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP engine against certificates that must not be trusted: it fails closed, before anything
 * of the request has left. The system's list of authorities is replaced for this process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/json.h"
#include "notifiers/http_engine.h"
#include "tests/support/check.h"
#include "tests/support/child.h"
#include "tests/support/netns.h"

#define AUTHORITIES "/etc/ssl/certs/ca-certificates.crt"
#define GUARD_MS    20000

static struct event_base *base;
static struct http_engine *engine;
static struct json_doc *ready;
static char folder[256];

struct result {
    bool done;
    enum http_result result;
    int32_t status;
    char reason[256];
};

static void on_done(void *context, const struct http_answer *answer)
{
    struct result *result = context;
    result->done = true;
    result->result = answer->result;
    result->status = answer->status;
    (void)snprintf(result->reason, sizeof(result->reason), "%s", answer->reason);
}

/* authorities: a file of the stand-in's folder, NULL for the system's. */
static struct result ask_by(const char *scheme, const char *server, const char *authorities)
{
    struct http_request request;
    struct result result = {0};
    int64_t port = 0;
    char url[128];
    CHECK_EQ(json_i64(json_get(json_root(ready), server), &port), ERR_OK);
    (void)snprintf(url, sizeof(url), "%s://127.0.0.1:%d/send", scheme, (int)port);
    http_request_init(&request, "GET");
    http_request_url(&request, text_of(url), "/");
    request.timeout_ms = 5000;
    if (authorities) {
        buf_format(&request.ca_file, "%s/%s", folder, authorities);
    }
    engine->ops->post(engine, &request, on_done, &result);
    http_request_release(&request);
    const struct mono_ms until = mono_add(clock_mono(), GUARD_MS);
    while (!result.done && CHECK(clock_mono().ms < until.ms)) {
        event_base_loop(base, EVLOOP_ONCE);
    }
    return result;
}

static struct result ask(const char *scheme, const char *server)
{
    return ask_by(scheme, server, NULL);
}

static void refused(const char *server)
{
    const struct result result = ask("https", server);
    CHECK_STR(http_result_name(result.result), "not_sent");
    CHECK(result.reason[0] != '\0');
}

static void a_good_certificate_is_trusted(void)
{
    const struct result result = ask("https", "good");
    CHECK_STR(http_result_name(result.result), "answered");
    CHECK_EQ(result.status, 200);
}

static void authorities_of_a_channel_stand_for_the_systems(void)
{
    struct result result = ask_by("https", "unknown", "unknown.pem");
    CHECK_STR(http_result_name(result.result), "answered");
    result = ask_by("https", "good", "unknown.pem");
    CHECK_STR(http_result_name(result.result), "not_sent");
    result = ask_by("https", "good", "ca.pem");
    CHECK_STR(http_result_name(result.result), "answered");
    result = ask_by("https", "good", "nowhere.pem");
    CHECK_STR(http_result_name(result.result), "not_sent");
    CHECK(result.reason[0] != '\0');
}

static void an_expired_certificate_is_refused(void)
{
    refused("expired");
}

static void a_certificate_for_another_host_is_refused(void)
{
    refused("other");
}

static void an_unknown_authority_is_refused(void)
{
    refused("unknown");
}

static void tls_older_than_1_2_is_refused(void)
{
    refused("old");
}

static void what_is_not_tls_at_all_is_refused(void)
{
    refused("garbage");
}

int main(int argc, char **argv)
{
    struct child standin;
    char ca[512];
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(folder, sizeof(folder), "%s/tls-%d", tmp ? tmp : "/tmp", (int)getpid());
    const char *const arguments[] = {folder, NULL};
    if (!netns_enter(NULL) || !child_start(&standin, "tls_standin.py", arguments) ||
        json_parse(text_of(standin.ready), &json_limits_answer, &ready, NULL)) {
        return 1;
    }
    (void)snprintf(ca, sizeof(ca), "%.*s", TEXT_ARGS(json_get_string(json_root(ready), "ca")));
    CHECK(netns_put_file(ca, AUTHORITIES));
    base = event_base_new();
    engine = http_engine_create(base, false, NULL);
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_good_certificate_is_trusted);
    CHECK_RUN(authorities_of_a_channel_stand_for_the_systems);
    CHECK_RUN(an_expired_certificate_is_refused);
    CHECK_RUN(a_certificate_for_another_host_is_refused);
    CHECK_RUN(an_unknown_authority_is_refused);
    CHECK_RUN(tls_older_than_1_2_is_refused);
    CHECK_RUN(what_is_not_tls_at_all_is_refused);
    engine->ops->free(engine);
    event_base_free(base);
    json_free(ready);
    CHECK(child_stop(&standin));
    return check_done();
}
