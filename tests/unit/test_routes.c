/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of routes: its reference is complete, its patterns are plain, and which host names
 * are ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "console/routes.h"
#include "tests/support/check.h"

static void the_reference_lists_every_route(void)
{
    char path[512];
    struct buf text;
    const char *source = getenv("NRT_SOURCE_DIR");
    buf_init(&text, (size_t)1024 * 1024);
    (void)snprintf(path, sizeof(path), "%s/docs/http.md", source ? source : ".");
    CHECK_EQ(file_read(path, &text, NULL), ERR_OK);
    for (size_t index = 0; text.ptr && index < route_count; index++) {
        char line[160];
        (void)snprintf(
            line, sizeof(line), "`%s %s`", http_method_name(routes[index].method),
            routes[index].pattern);
        check_note("%s", line);
        CHECK(strstr(text.ptr, line) != NULL);
    }
    buf_release(&text);
}

static void only_open_addresses_go_without_a_right(void)
{
    static const char *const for_anybody[] = {"/api/v1/session", "/api/v1/session/"};
    for (size_t index = 0; index < route_count; index++) {
        const struct route *route = &routes[index];
        check_note("%s", route->pattern);
        const bool of_signing_in =
            strcmp(route->pattern, for_anybody[0]) == 0 ||
            strncmp(route->pattern, for_anybody[1], strlen(for_anybody[1])) == 0;
        CHECK(
            route->access == ACCESS_ACTOR || of_signing_in ||
            strncmp(route->pattern, "/api/", 5) != 0);
        CHECK(route->summary[0]);
        CHECK(route->body_bytes_max == 0 || route->access != ACCESS_OPEN || of_signing_in);
        CHECK((route->handle == NULL) != (route->read == NULL));
    }
}

/* What a gateway calls back is kept in the journal as it came. */
static void whatever_changes_something_has_a_word_in_the_audit_trail(void)
{
    for (size_t index = 0; index < route_count; index++) {
        const struct route *route = &routes[index];
        check_note("%s %s", http_method_name(route->method), route->pattern);
        const bool acts = route->method != HTTP_GET && strncmp(route->pattern, "/hooks/", 7) != 0;
        CHECK((route->act != NULL) == (route->audited != AUDIT_NOT));
        CHECK(!acts || route->audited != AUDIT_NOT);
        CHECK(route->method != HTTP_GET || route->audited != AUDIT_AHEAD);
    }
}

/* Only machines' events and sign-ins are not held up by it: they are kept, or counted, elsewhere.
 */
static void an_act_stands_in_the_audit_trail_before_it_is_done(void)
{
    for (size_t index = 0; index < route_count; index++) {
        const struct route *route = &routes[index];
        const bool later = route->access == ACCESS_OPEN ||
                           strcmp(route->pattern, "/api/v1/events") == 0 ||
                           strncmp(route->pattern, "/hooks/", 7) == 0;
        check_note("%s %s", http_method_name(route->method), route->pattern);
        CHECK(route->method == HTTP_GET || later || route->audited == AUDIT_AHEAD);
    }
}

/* A route whose only rights are one's own sign-in asks for none; all others do. */
static void few_routes_are_for_whoever_has_signed_in(void)
{
    static const char *const common[] = {
        "/api/v1/openapi.json", "/api/v1/clock", "/api/v1/sessions", "/api/v1/sessions/{id}",
        "/api/v1/session/password"};
    for (size_t index = 0; index < route_count; index++) {
        const struct route *route = &routes[index];
        bool known = route->access != ACCESS_ACTOR || route->rights != 0;
        for (size_t word = 0; word < sizeof(common) / sizeof(common[0]); word++) {
            known = known || strcmp(route->pattern, common[word]) == 0;
        }
        check_note("%s", route->pattern);
        CHECK(known);
    }
}

static void a_host_is_ours_unless_it_is_of_a_foreign_domain(void)
{
    const struct settings settings = {
        .http_listen = TEXT_LITERAL("0.0.0.0:8420"),
        .public_url = TEXT_LITERAL("https://nrt.dongyang.gov.cn/x"),
    };
    CHECK(routes_host_is_ours(&settings, TEXT_LITERAL("localhost:8420")));
    CHECK(routes_host_is_ours(&settings, TEXT_LITERAL("127.0.0.1")));
    CHECK(routes_host_is_ours(&settings, TEXT_LITERAL("[::1]:8420")));
    CHECK(routes_host_is_ours(&settings, TEXT_LITERAL("console:8420")));
    CHECK(routes_host_is_ours(&settings, TEXT_LITERAL("NRT.dongyang.gov.cn:443")));
    CHECK(!routes_host_is_ours(&settings, TEXT_LITERAL("evil.example.com")));
    CHECK(!routes_host_is_ours(&settings, TEXT_LITERAL("127.0.0.1.example.com")));
    CHECK(!routes_host_is_ours(&settings, TEXT_LITERAL("")));
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(the_reference_lists_every_route);
    CHECK_RUN(only_open_addresses_go_without_a_right);
    CHECK_RUN(whatever_changes_something_has_a_word_in_the_audit_trail);
    CHECK_RUN(an_act_stands_in_the_audit_trail_before_it_is_done);
    CHECK_RUN(few_routes_are_for_whoever_has_signed_in);
    CHECK_RUN(a_host_is_ours_unless_it_is_of_a_foreign_domain);
    return check_done();
}
