/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routes and access. Deny by default: what is not in the table is not there, and a route without
 * a token is so by its own line in the table.
 */
#include "console/routes.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/crypto.h"
#include "base/embed.h"
#include "console/changes.h"

#define BODY_SMALL  ((int64_t)64 * 1024)
#define API         "/api/v1/"
#define ALLOW_BYTES 32

/* How a route is answered: with the console in hand, or from a view of it. */
#define ACTS(function)  (function), NULL
#define READS(function) NULL, (function)

const struct route routes[] = {
    {HTTP_POST, ACCESS_TOKEN, API "events", ACTS(api_events_post), EVENTS_BODY_BYTES_READ, "",
     "take case events: one object, an array, or NDJSON"},
    {HTTP_GET, ACCESS_TOKEN, API "events", ACTS(api_events_export), 0, "from to after",
     "all events as they arrived, one a line"},
    {HTTP_GET, ACCESS_TOKEN, API "cases", READS(api_case_list), 0,
     "unit matter handler light state q sort limit cursor after", "list cases"},
    {HTTP_GET, ACCESS_TOKEN, API "cases/{id}", READS(api_case_show), 0, "after",
     "one case with clocks, events and alerts"},
    {HTTP_GET, ACCESS_TOKEN, API "cases/{id}/explain", ACTS(api_case_explain), 0, "clock after",
     "why each due of the case is what it is"},
    {HTTP_POST, ACCESS_TOKEN, API "cases/{id}/events", ACTS(api_case_event), BODY_SMALL, "",
     "make an event of this case"},
    {HTTP_GET, ACCESS_TOKEN, API "overdue", READS(api_overdue), 0, "unit limit cursor after",
     "what is overdue, worst first"},
    {HTTP_GET, ACCESS_TOKEN, API "alerts", READS(api_alerts), 0,
     "id case unit status limit cursor after", "alerts with their messages"},
    {HTTP_GET, ACCESS_TOKEN, API "alerts/why", ACTS(api_alerts_why), 0, "person date channel after",
     "why somebody got, or did not get, an alert on a day"},
    {HTTP_POST, ACCESS_TOKEN, API "alerts/{id}/ack", ACTS(api_alert_ack), BODY_SMALL, "",
     "acknowledge an alert"},
    {HTTP_GET, ACCESS_TOKEN, API "messages", READS(api_messages), 0,
     "alert person channel state digest handed_over limit cursor after", "messages, newest first"},
    {HTTP_GET, ACCESS_TOKEN, API "messages/{id}", READS(api_message_show), 0, "after",
     "one message"},
    {HTTP_GET, ACCESS_TOKEN, API "people", READS(api_people), 0, "unit after",
     "who the directory knows, and how each can be reached, masked"},
    {HTTP_GET, ACCESS_TOKEN, API "rejects", READS(api_rejects), 0, "limit cursor after",
     "events that could not be used"},
    {HTTP_GET, ACCESS_TOKEN, API "figures/units", READS(api_figures_units), 0, "misses_min after",
     "on-time rate of each family, misses of each unit"},
    {HTTP_GET, ACCESS_TOKEN, API "overview", READS(api_overview), 0, "after",
     "what the page shows"},
    {HTTP_GET, ACCESS_TOKEN, API "config/diff", ACTS(api_config_diff), 0, "from to after",
     "what lies between two versions, in words"},
    {HTTP_GET, ACCESS_TOKEN, API "drafts", ACTS(api_draft_list), 0, "state limit cursor after",
     "drafts of changes, newest first"},
    {HTTP_POST, ACCESS_TOKEN, API "drafts", ACTS(api_draft_make), CONFIG_BODY_BYTES_MAX, "",
     "make a draft of a change"},
    {HTTP_GET, ACCESS_TOKEN, API "drafts/{id}", ACTS(api_draft_show), 0, "after",
     "one draft with its files"},
    {HTTP_POST, ACCESS_TOKEN, API "drafts/{id}/approve", ACTS(api_draft_approve), BODY_SMALL, "",
     "approve a draft, to be applied at a time or when somebody says so"},
    {HTTP_POST, ACCESS_TOKEN, API "drafts/{id}/apply", ACTS(api_draft_apply), BODY_SMALL, "",
     "apply a draft now"},
    {HTTP_POST, ACCESS_TOKEN, API "drafts/{id}/withdraw", ACTS(api_draft_withdraw), BODY_SMALL, "",
     "withdraw a draft"},
    {HTTP_POST, ACCESS_TOKEN, API "rules/replan", ACTS(api_replan), BODY_SMALL, "",
     "put running clocks under the rules of a version, or take that back"},
    {HTTP_GET, ACCESS_TOKEN, API "replans", ACTS(api_replan_list), 0, "limit cursor after",
     "replans and recounts, newest first"},
    {HTTP_GET, ACCESS_TOKEN, API "jobs/{id}", ACTS(api_job_show), 0, "after",
     "how far a preview or a replan is, and what came out"},
    {HTTP_DELETE, ACCESS_TOKEN, API "jobs/{id}", ACTS(api_job_cancel), 0, "", "end a job"},
    {HTTP_GET, ACCESS_TOKEN, API "jobs/{id}/items", ACTS(api_job_items), 0, "limit cursor after",
     "the cases of a preview that differ"},
    {HTTP_GET, ACCESS_TOKEN, API "openapi.json", ACTS(api_openapi), 0, "",
     "this reference, for programs"},
    {HTTP_GET, ACCESS_TOKEN, API "live", ACTS(api_live), 0, "",
     "server-sent events: the ledger changed"},
    {HTTP_POST, ACCESS_TOKEN, API "send-test", ACTS(api_send_test), BODY_SMALL, "",
     "send a test message"},
    {HTTP_GET, ACCESS_TOKEN, API "sending", ACTS(api_sending_show), 0, "after",
     "what is stopped or held back, by whom and why"},
    {HTTP_POST, ACCESS_TOKEN, API "sending/stop", ACTS(api_sending_stop), BODY_SMALL, "",
     "stop sending: all, a channel, a unit"},
    {HTTP_POST, ACCESS_TOKEN, API "sending/resume", ACTS(api_sending_resume), BODY_SMALL, "",
     "go on sending, and release what the storm brake holds"},
    {HTTP_GET, ACCESS_TOKEN, API "keys", ACTS(api_keys_show), 0, "after",
     "the keys that seal addresses, by id, and what uses them"},
    {HTTP_POST, ACCESS_TOKEN, API "keys/rotate", ACTS(api_keys_rotate), BODY_SMALL, "",
     "make a new key and seal everything with it"},
    {HTTP_POST, ACCESS_TOKEN, API "keys/prune", ACTS(api_keys_prune), BODY_SMALL, "",
     "seal what is left with the newest key, remove keys that nothing uses"},
    {HTTP_GET, ACCESS_TOKEN, API "health", ACTS(api_health), 0, "after",
     "how the service is: instances, Redis, ledger, channels"},
    {HTTP_GET, ACCESS_TOKEN, API "clock", ACTS(api_clock_show), 0, "after", "service time"},
    {HTTP_POST, ACCESS_TOKEN, API "clock/step", ACTS(api_clock_step), BODY_SMALL, "",
     "stepped mode: move the present"},
    {HTTP_GET, ACCESS_TOKEN, API "{kind}", ACTS(api_config_show), 0, "after",
     "what is in force: config, rules, calendars, directory, matters or templates"},
    {HTTP_PUT, ACCESS_TOKEN, API "{kind}", ACTS(api_config_put), CONFIG_BODY_BYTES_MAX, "",
     "apply files as the next version"},
    {HTTP_GET, ACCESS_TOKEN, API "{kind}/versions", ACTS(api_config_versions), 0,
     "limit cursor after", "all versions, newest first"},
    {HTTP_GET, ACCESS_TOKEN, API "{kind}/versions/{version}", ACTS(api_config_version), 0, "after",
     "one version with its files"},
    {HTTP_POST, ACCESS_TOKEN, API "{kind}/rollback", ACTS(api_config_rollback), BODY_SMALL, "",
     "apply an older version again, as the next one"},
    {HTTP_POST, ACCESS_TOKEN, API "{kind}/preview", ACTS(api_preview), CONFIG_BODY_BYTES_MAX, "",
     "what a change would do to the open cases"},
    {HTTP_GET, ACCESS_SECRET, "/hooks/receipts/{channel}/{secret}", ACTS(api_receipt_hook),
     BODY_SMALL, NULL, "receipt of a gateway"},
    {HTTP_POST, ACCESS_SECRET, "/hooks/receipts/{channel}/{secret}", ACTS(api_receipt_hook),
     BODY_SMALL, NULL, "receipt of a gateway"},
    {HTTP_GET, ACCESS_SECRET, "/hooks/replies/{channel}/{secret}", ACTS(api_reply_hook), BODY_SMALL,
     NULL, "reply to a text message"},
    {HTTP_POST, ACCESS_SECRET, "/hooks/replies/{channel}/{secret}", ACTS(api_reply_hook),
     BODY_SMALL, NULL, "reply to a text message"},
    {HTTP_GET, ACCESS_SECRET, "/a/{token}", ACTS(api_tap_show), 0, NULL,
     "the page behind the link of a message; changes nothing"},
    {HTTP_POST, ACCESS_SECRET, "/a/{token}", ACTS(api_tap_act), BODY_SMALL, NULL,
     "acknowledge, object, or name a delegate there"},
    {HTTP_GET, ACCESS_LOOPBACK, "/healthz", ACTS(api_healthz), 0, NULL, "the process answers"},
    {HTTP_GET, ACCESS_LOOPBACK, "/readyz", ACTS(api_readyz), 0, NULL,
     "the service works, or why not"},
    {HTTP_GET, ACCESS_LOOPBACK, "/metrics", ACTS(api_metrics), 0, NULL, "OpenMetrics"},
    {HTTP_GET, ACCESS_OPEN, "/", ACTS(api_page), 0, NULL, "the page"},
};
const size_t route_count = sizeof(routes) / sizeof(routes[0]);

static const struct route page_route = {
    .method = HTTP_GET, .pattern = "/{file}", .handle = api_page, .access = ACCESS_OPEN};

/* ---- finding ---- */

/* The bytes up to the next slash. */
static size_t segment_bytes(struct text path)
{
    const char *end = path.bytes > 0 ? memchr(path.ptr, '/', path.bytes) : NULL;
    return end ? (size_t)(end - path.ptr) : path.bytes;
}

/* "{kind}" stands for the kinds of the configuration only, other words in braces for anything. */
static bool segment_fits(struct text want, struct text have)
{
    if (want.bytes == 0 || want.ptr[0] != '{') {
        return text_equal(want, have);
    }
    return text_is(want, "{kind}") ? change_kind(have) != CONFIG_KIND_COUNT : have.bytes > 0;
}

static bool pattern_fits(struct text pattern, struct text path)
{
    while (pattern.bytes > 0 && path.bytes > 0) {
        if (pattern.ptr[0] != '/' || path.ptr[0] != '/') {
            return false;
        }
        pattern = (struct text){.ptr = pattern.ptr + 1, .bytes = pattern.bytes - 1};
        path = (struct text){.ptr = path.ptr + 1, .bytes = path.bytes - 1};
        const struct text want = {.ptr = pattern.ptr, .bytes = segment_bytes(pattern)};
        const struct text have = {.ptr = path.ptr, .bytes = segment_bytes(path)};
        if (!segment_fits(want, have)) {
            return false;
        }
        pattern = (struct text){pattern.ptr + want.bytes, pattern.bytes - want.bytes};
        path = (struct text){path.ptr + have.bytes, path.bytes - have.bytes};
    }
    return pattern.bytes == 0 && path.bytes == 0;
}

static bool is_page_file(struct text path)
{
    char name[128];
    if (path.bytes < 2 || path.bytes > sizeof(name)) {
        return false;
    }
    memcpy(name, path.ptr + 1, path.bytes - 1);
    name[path.bytes - 1] = '\0';
    return embedded_find(nrt_embedded_web, nrt_embedded_web_count, name).ptr != NULL;
}

static void allow_add(char allow[static ALLOW_BYTES], const char *method)
{
    const size_t bytes = strlen(allow);
    (void)snprintf(allow + bytes, ALLOW_BYTES - bytes, "%s%s", bytes > 0 ? ", " : "", method);
}

/* The route, or NULL with the methods the path has ("" when there is no such path). */
static const struct route *route_find(const struct http_head *head, char allow[static ALLOW_BYTES])
{
    const enum http_method method = head->method == HTTP_HEAD ? HTTP_GET : head->method;
    allow[0] = '\0';
    for (size_t index = 0; index < route_count; index++) {
        const struct route *route = &routes[index];
        if (!pattern_fits(text_of(route->pattern), head->path)) {
            continue;
        }
        if (route->method == method) {
            return route;
        }
        allow_add(allow, http_method_name(route->method));
    }
    if (!allow[0] && is_page_file(head->path)) {
        if (method == HTTP_GET) {
            return &page_route;
        }
        allow_add(allow, "GET");
    }
    return NULL;
}

/* ---- checks ---- */

static bool same_word(struct text a, struct text b)
{
    return a.bytes == b.bytes && (a.bytes == 0 || strncasecmp(a.ptr, b.ptr, a.bytes) == 0);
}

/* "https://nrt.example.gov.cn:8443/x" gives "nrt.example.gov.cn:8443". */
static struct text url_host(struct text url)
{
    const char *start = url.bytes > 0 ? memmem(url.ptr, url.bytes, "://", 3) : NULL;
    if (!start) {
        return (struct text){0};
    }
    struct text rest = {.ptr = start + 3};
    rest.bytes = url.bytes - (size_t)(rest.ptr - url.ptr);
    rest.bytes = segment_bytes(rest);
    return rest;
}

static bool is_ip_number(struct text name)
{
    for (size_t index = 0; index < name.bytes; index++) {
        const char c = name.ptr[index];
        if ((c < '0' || c > '9') && c != '.') {
            return false;
        }
    }
    return name.bytes > 0;
}

/*
 * A page of another site can make a browser talk to us under a name of its own domain (DNS
 * rebinding). Addresses and names without a dot cannot belong to a foreign domain.
 */
bool routes_host_is_ours(const struct settings *settings, struct text host)
{
    const struct text name = http_host_name(host);
    const struct text public_name = http_host_name(url_host(settings->public_url));
    return name.bytes > 0 &&
           (name.ptr[0] == '[' || is_ip_number(name) || !memchr(name.ptr, '.', name.bytes) ||
            same_word(name, http_host_name(settings->http_listen)) || same_word(name, public_name));
}

/* Only browsers send these headers; a program without them is asked for its token. */
static bool comes_from_elsewhere(const struct console *console, const struct http_head *head)
{
    const struct text origin = http_header(head, "origin");
    const struct text site = http_header(head, "sec-fetch-site");
    if (head->method == HTTP_GET || head->method == HTTP_HEAD) {
        return false;
    }
    if (origin.ptr) {
        const struct text from = url_host(origin);
        return !same_word(from, http_header(head, "host")) &&
               !same_word(from, url_host(console->env->settings->public_url));
    }
    return site.ptr && !text_is(site, "same-origin") && !text_is(site, "none");
}

static bool has_token(const struct console *console, const struct http_head *head)
{
    const struct text header = http_header(head, "authorization");
    const struct text scheme = TEXT_LITERAL("Bearer ");
    if (header.bytes < scheme.bytes || strncasecmp(header.ptr, scheme.ptr, scheme.bytes) != 0) {
        return false;
    }
    const struct text given = {
        .ptr = header.ptr + scheme.bytes, .bytes = header.bytes - scheme.bytes};
    return crypto_equal(given, text_of(console->token));
}

static bool may_enter(
    const struct console *console, const struct route *route, const struct http_call *call)
{
    switch (route->access) {
    case ACCESS_TOKEN:
        return (console->open_on_loopback && call->from_loopback) ||
               has_token(console, &call->head);
    case ACCESS_LOOPBACK:
        return call->from_loopback || has_token(console, &call->head);
    case ACCESS_SECRET:
    case ACCESS_OPEN:
        return true;
    }
    return false;
}

/* What a form on a foreign page could send without asking. */
static bool is_form(const struct http_head *head)
{
    const struct text type = http_header(head, "content-type");
    return text_starts_with(type, text_of("application/x-www-form-urlencoded")) ||
           text_starts_with(type, text_of("multipart/form-data"));
}

/* Is the word one of a list that is joined by blanks? */
static bool is_among(const char *words, struct text word)
{
    while (words[0]) {
        const size_t bytes = strcspn(words, " ");
        if (text_equal((struct text){.ptr = words, .bytes = bytes}, word)) {
            return true;
        }
        words += bytes + (words[bytes] == ' ');
    }
    return false;
}

/* A mistyped filter must not answer with everything. False when the call was answered. */
static bool params_are_known(const struct route *route, struct http_call *call)
{
    for (size_t index = 0; route->params && index < call->head.param_count; index++) {
        const struct text name = call->head.params[index].name;
        if (!is_among(route->params, name)) {
            char detail[256];
            (void)snprintf(
                detail, sizeof(detail), "there is no parameter '%.*s' here; %s%s",
                name.bytes < 64 ? (int)name.bytes : 64, name.ptr,
                route->params[0] ? "there are: " : "none is taken", route->params);
            problem_answer(call, PROBLEM_BAD_REQUEST, detail);
            return false;
        }
    }
    return true;
}

static bool checks_pass(
    const struct console *console, const struct route *route, struct http_call *call)
{
    if (route->access != ACCESS_SECRET &&
        !routes_host_is_ours(console->env->settings, http_header(&call->head, "host"))) {
        problem_answer(
            call, PROBLEM_HOST, "set http.public_url in nrt.json to the name this service has");
        return false;
    }
    if (!may_enter(console, route, call)) {
        http_add_header(call, "WWW-Authenticate", "Bearer");
        problem_answer(
            call, PROBLEM_UNAUTHORIZED,
            "send \"Authorization: Bearer TOKEN\"; the token stands in DATA/token");
        return false;
    }
    if (route->access != ACCESS_SECRET && comes_from_elsewhere(console, &call->head)) {
        problem_answer(call, PROBLEM_FOREIGN_ORIGIN, "Origin is not this service");
        return false;
    }
    if (route->access != ACCESS_SECRET && call->head.body_bytes > 0 && is_form(&call->head)) {
        problem_answer(call, PROBLEM_MEDIA_TYPE, "send JSON: Content-Type: application/json");
        return false;
    }
    return params_are_known(route, call);
}

bool routes_admit(void *context, struct http_call *call, struct http_admission *ret_admission)
{
    struct console *console = context;
    char allow[ALLOW_BYTES];
    const struct route *route = route_find(&call->head, allow);
    if (!route && allow[0]) {
        http_add_header(call, "Allow", allow);
        problem_answer(call, PROBLEM_METHOD, allow);
        return false;
    }
    if (!route) {
        problem_answer(call, PROBLEM_NOT_FOUND, "docs/http.md lists the addresses");
        return false;
    }
    if (!checks_pass(console, route, call)) {
        return false;
    }
    call->route = route;
    ret_admission->body_bytes_max = route->body_bytes_max;
    return true;
}

static void handle_now(struct console *console, struct http_call *call)
{
    const struct route *route = call->route;
    if (route->read) {
        const struct view view = console_view(console, call);
        route->read(&view, call);
    } else {
        route->handle(console, call);
    }
}

void routes_handle(void *context, struct http_call *call)
{
    struct console *console = context;
    const struct route *route = call->route;
    const struct text after = http_param(&call->head, "after");
    if (!after.ptr || route->method != HTTP_GET || route->access == ACCESS_SECRET) {
        handle_now(console, call);
    } else if (!waiters_add(console->waiters, call, after, handle_now)) {
        problem_answer(
            call, PROBLEM_BAD_REQUEST,
            "after must be the \"position\" of an answer to POST /api/v1/events");
    }
}

void routes_refuse(void *context, struct http_call *call, int status, const char *why)
{
    (void)context;
    problem_answer(call, problem_of_status(status), why);
}
