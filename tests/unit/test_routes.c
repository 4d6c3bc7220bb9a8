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

static void only_open_addresses_go_without_a_token(void)
{
    for (size_t index = 0; index < route_count; index++) {
        const struct route *route = &routes[index];
        check_note("%s", route->pattern);
        CHECK(route->access == ACCESS_TOKEN || strncmp(route->pattern, "/api/", 5) != 0);
        CHECK(route->summary[0]);
        CHECK(route->body_bytes_max == 0 || route->access != ACCESS_OPEN);
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
    CHECK_RUN(only_open_addresses_go_without_a_token);
    CHECK_RUN(a_host_is_ours_unless_it_is_of_a_foreign_domain);
    return check_done();
}
