/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every request passes before its handler sees it: the name of the host, who asks, whether
 * they may, where a page comes from, what the query says. The order matters: nobody who may not
 * learns from an answer what there is.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/crypto.h"
#include "console/actor_of.h"
#include "console/audit.h"
#include "console/limits.h"
#include "console/readers.h"
#include "console/routes.h"

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
    const char *end = rest.bytes > 0 ? memchr(rest.ptr, '/', rest.bytes) : NULL;
    rest.bytes = end ? (size_t)(end - rest.ptr) : rest.bytes;
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

static bool is_unsafe(const struct http_head *head)
{
    return head->method != HTTP_GET && head->method != HTTP_HEAD;
}

/* Only browsers send these headers; a program without them is asked for its token. */
static bool comes_from_elsewhere(const struct console *console, const struct http_head *head)
{
    const struct text origin = http_header(head, "origin");
    const struct text site = http_header(head, "sec-fetch-site");
    if (!is_unsafe(head)) {
        return false;
    }
    if (origin.ptr) {
        const struct text from = url_host(origin);
        return !same_word(from, http_header(head, "host")) &&
               !same_word(from, url_host(console->env->settings->public_url));
    }
    return site.ptr && !text_is(site, "same-origin") && !text_is(site, "none");
}

static bool refuse_nobody(struct console *console, struct http_call *call)
{
    if (!limits_refused(console, call)) {
        return false;
    }
    if (http_header(&call->head, "authorization").ptr) {
        audit_refused(console, call, problem_status(PROBLEM_UNAUTHORIZED));
    }
    http_add_header(call, "WWW-Authenticate", "Bearer");
    problem_answer(
        call, PROBLEM_UNAUTHORIZED,
        "sign in, or send \"Authorization: Bearer TOKEN\"; the service's own token stands in "
        "DATA/token");
    return false;
}

/* The words say which right is asked for, never what there is behind it. */
static bool refuse_right(struct console *console, struct http_call *call, const struct route *route)
{
    char detail[160] = "this asks for the right";
    const char *joint = " ";
    for (int right = RIGHT_NONE + 1; right < RIGHT_COUNT; right++) {
        const size_t bytes = strlen(detail);
        if ((route->rights >> right & 1U) != 0) {
            (void)snprintf(
                detail + bytes, sizeof(detail) - bytes, "%s\"%s\"", joint,
                right_name((enum right)right));
            joint = " or ";
        }
    }
    audit_refused(console, call, problem_status(PROBLEM_FORBIDDEN));
    problem_answer(call, PROBLEM_FORBIDDEN, detail);
    return false;
}

/*
 * A page of another site cannot read the word that a session got with its sign-in, so a request
 * that brings it was made by a page of ours.
 */
static bool brings_its_word(const struct actor *actor, const struct http_head *head)
{
    return actor->csrf.bytes == 0 || !is_unsafe(head) ||
           crypto_equal(http_header(head, "x-nrt-csrf"), actor->csrf);
}

/* False when the call was answered. */
static bool let_in(struct console *console, const struct route *route, struct http_call *call)
{
    if (route->access == ACCESS_SECRET) {
        return true;
    }
    const struct actor *actor = actor_of(console, call);
    call->asker = actor;
    if (route->access == ACCESS_OPEN || (route->access == ACCESS_LOOPBACK && call->from_loopback)) {
        return true;
    }
    if (actor->kind == ACTOR_NOBODY) {
        return refuse_nobody(console, call);
    }
    const uint32_t rights = route->rights & ~ROUTE_ALL_UNITS;
    if (rights != 0 && (actor->rights & rights) == 0) {
        return refuse_right(console, call, route);
    }
    if ((route->rights & ROUTE_ALL_UNITS) != 0 && !actor->scope.all) {
        audit_refused(console, call, problem_status(PROBLEM_FORBIDDEN));
        problem_answer(call, PROBLEM_FORBIDDEN, "this is about all units; yours are only some");
        return false;
    }
    if (!brings_its_word(actor, &call->head)) {
        problem_answer(call, PROBLEM_CSRF, "send X-NRT-CSRF: the \"csrf\" of GET /api/v1/session");
        return false;
    }
    return true;
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

static bool comes_from_us(
    const struct console *console, const struct route *route, struct http_call *call)
{
    if (route->access == ACCESS_SECRET) {
        return true;
    }
    if (!routes_host_is_ours(console->env->settings, http_header(&call->head, "host"))) {
        problem_answer(
            call, PROBLEM_HOST, "set http.public_url in nrt.json to the name this service has");
        return false;
    }
    if (comes_from_elsewhere(console, &call->head)) {
        problem_answer(call, PROBLEM_FOREIGN_ORIGIN, "Origin is not this service");
        return false;
    }
    return true;
}

static bool checks_pass(struct console *console, const struct route *route, struct http_call *call)
{
    if (!comes_from_us(console, route, call) || !let_in(console, route, call) ||
        !limits_actor(console, route, call)) {
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
    char allow[ROUTE_ALLOW_BYTES];
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
    call->route = route;
    if (!checks_pass(console, route, call)) {
        return false;
    }
    ret_admission->body_bytes_max = route->body_bytes_max;
    return true;
}

static void answer(struct console *console, struct http_call *call)
{
    const struct route *route = call->route;
    if (route->read) {
        readers_answer(console, route->read, call);
    } else {
        route->handle(console, call);
    }
}

static void handle_now(struct console *console, struct http_call *call)
{
    const struct route *route = call->route;
    switch (route->audited) {
    case AUDIT_AHEAD:
        audit_run(console, call, answer);
        return;
    case AUDIT_AFTER:
        audit_watch(console, call);
        break;
    case AUDIT_NOT:
        break;
    }
    answer(console, call);
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
