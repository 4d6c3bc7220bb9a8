/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docs/roles.md: its tables, of rights and of routes, are what the program goes by.
 *
 *     unit_test_rights --write     writes the tables anew (NRT_SOURCE_DIR)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "console/routes.h"
#include "tests/support/check.h"

#define DOCUMENT_BYTES_MAX ((size_t)1024 * 1024)
#define BEGIN              "<!-- tables: unit_test_rights --write -->\n"
#define END                "<!-- end of the tables -->\n"

static const char *document_path(void)
{
    static char path[512];
    const char *source = getenv("NRT_SOURCE_DIR");
    (void)snprintf(path, sizeof(path), "%s/docs/roles.md", source ? source : ".");
    return path;
}

/* Whose cases a right is about in the hands of a role. */
static const char *reach(enum duty duty, uint32_t rights)
{
    const uint32_t held = duty_rights(duty) & rights & ~ROUTE_ALL_UNITS;
    const bool all_units = (rights & ROUTE_ALL_UNITS) != 0;
    if (held == 0) {
        return "–";
    }
    if (duty == DUTY_UNIT) {
        return all_units ? "–" : "own";
    }
    if (duty == DUTY_OVERSIGHT) {
        return all_units ? "if all" : "area";
    }
    return "all";
}

static void put_head(struct buf *buf, const char *first)
{
    buf_format(buf, "| %s |", first);
    for (int duty = 0; duty < DUTY_COUNT; duty++) {
        buf_format(buf, " %s |", duty_name((enum duty)duty));
    }
    buf_string(buf, "\n| --- |");
    for (int duty = 0; duty < DUTY_COUNT; duty++) {
        buf_string(buf, " --- |");
    }
    buf_char(buf, '\n');
}

static void put_row(struct buf *buf, const char *first, uint32_t rights)
{
    buf_format(buf, "| %s |", first);
    for (int duty = 0; duty < DUTY_COUNT; duty++) {
        buf_format(buf, " %s |", reach((enum duty)duty, rights));
    }
    buf_char(buf, '\n');
}

static void put_rights(struct buf *buf)
{
    put_head(buf, "right");
    for (int right = RIGHT_NONE + 1; right < RIGHT_COUNT; right++) {
        char first[64];
        (void)snprintf(first, sizeof(first), "`%s`", right_name((enum right)right));
        put_row(buf, first, RIGHT_BIT(right));
    }
}

static void put_routes(struct buf *buf)
{
    put_head(buf, "route");
    for (size_t index = 0; index < route_count; index++) {
        const struct route *route = &routes[index];
        char first[256];
        (void)snprintf(
            first, sizeof(first), "`%s %s`", http_method_name(route->method), route->pattern);
        if (route->access == ACCESS_ACTOR && route->rights == 0) {
            buf_format(buf, "| %s | signed in ||||||\n", first);
        } else if (route->access == ACCESS_ACTOR || route->access == ACCESS_LOOPBACK) {
            put_row(buf, first, route->rights);
        } else {
            buf_format(
                buf, "| %s | %s ||||||\n", first,
                route->access == ACCESS_SECRET ? "whoever has the secret" : "anybody");
        }
    }
}

/* The document with the tables as the program makes them. */
static bool document_make(struct text old, struct buf *ret_new)
{
    const char *begin = old.bytes > 0 ? strstr(old.ptr, BEGIN) : NULL;
    const char *end = begin ? strstr(begin, END) : NULL;
    if (!CHECK(end)) {
        return false;
    }
    buf_text(ret_new, (struct text){.ptr = old.ptr, .bytes = (size_t)(begin - old.ptr)});
    buf_string(ret_new, BEGIN "\n");
    put_rights(ret_new);
    buf_string(ret_new, "\n");
    put_routes(ret_new);
    buf_string(ret_new, "\n");
    buf_string(ret_new, end);
    return !buf_error(ret_new);
}

static int write_anew(struct text text)
{
    FILE *file = fopen(document_path(), "w");
    const bool fine =
        file && fwrite(text.ptr, 1, text.bytes, file) == text.bytes && fclose(file) == 0;
    return fine ? 0 : 1;
}

static struct buf committed;
static struct buf made;

static void the_tables_in_the_document_are_those_of_the_program(void)
{
    check_note("unit_test_rights --write writes them anew");
    CHECK(text_equal(buf_view(&committed), buf_view(&made)));
}

static void every_right_is_somebodys_and_is_asked_for_somewhere(void)
{
    for (int right = RIGHT_NONE + 1; right < RIGHT_COUNT; right++) {
        bool held = false;
        bool asked = false;
        for (int duty = 0; duty < DUTY_COUNT; duty++) {
            held = held || (duty_rights((enum duty)duty) & RIGHT_BIT(right)) != 0;
        }
        for (size_t index = 0; index < route_count; index++) {
            asked = asked || (routes[index].rights & RIGHT_BIT(right)) != 0;
        }
        check_note("%s", right_name((enum right)right));
        CHECK(held);
        CHECK(asked);
    }
}

/* What changes something is never open to who only looks on. */
static void an_auditor_changes_nothing(void)
{
    for (size_t index = 0; index < route_count; index++) {
        const struct route *route = &routes[index];
        const uint32_t held = duty_rights(DUTY_AUDITOR) & route->rights & ~ROUTE_ALL_UNITS;
        check_note("%s %s", http_method_name(route->method), route->pattern);
        /* An export is a copy, and making one is no change. */
        const bool copies = (route->rights & RIGHT_BIT(RIGHT_EXPORT)) != 0;
        CHECK(route->method == HTTP_GET || copies || held == 0);
    }
}

int main(int argc, char **argv)
{
    const bool writes = argc > 1 && strcmp(argv[1], "--write") == 0;
    buf_init(&committed, DOCUMENT_BYTES_MAX);
    buf_init(&made, DOCUMENT_BYTES_MAX);
    if (!CHECK_EQ(file_read(document_path(), &committed, NULL), ERR_OK) ||
        !document_make(buf_view(&committed), &made)) {
        return check_done();
    }
    if (writes) {
        return write_anew(buf_view(&made));
    }
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(the_tables_in_the_document_are_those_of_the_program);
    CHECK_RUN(every_right_is_somebodys_and_is_asked_for_somewhere);
    CHECK_RUN(an_auditor_changes_nothing);
    buf_release(&made);
    buf_release(&committed);
    return check_done();
}
