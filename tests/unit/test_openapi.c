/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The description of the API for programs: what is committed is what the table and the schemas
 * make, each route has its schemas and no schema is without a route.
 *
 *     unit_test_openapi --write     writes console/openapi/openapi.json anew (NRT_SOURCE_DIR)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "console/openapi.h"
#include "tests/support/check.h"

#define DOCUMENT_BYTES_MAX ((size_t)4 * 1024 * 1024)

static struct openapi *openapi;
static struct json_doc *document;
static struct buf made;

static const char *committed_path(void)
{
    static char path[512];
    const char *source = getenv("NRT_SOURCE_DIR");
    (void)snprintf(path, sizeof(path), "%s/console/openapi/openapi.json", source ? source : ".");
    return path;
}

static void make(void)
{
    struct err_why why = {0};
    struct json_out out;
    buf_init(&made, DOCUMENT_BYTES_MAX);
    json_out_init(&out, &made);
    const enum err err = openapi_read(&openapi, &why);
    check_note("%s", why.text);
    if (!CHECK_EQ(err, ERR_OK)) {
        exit(check_done());
    }
    openapi_write(openapi, &out);
    buf_char(&made, '\n');
    CHECK_EQ(buf_error(&made), ERR_OK);
    CHECK_EQ(json_parse(buf_view(&made), &json_limits_config, &document, &why), ERR_OK);
}

static int write_anew(void)
{
    FILE *file = fopen(committed_path(), "w");
    const bool fine =
        file && fwrite(made.ptr, 1, made.bytes, file) == made.bytes && fclose(file) == 0;
    return fine ? 0 : 1;
}

static void the_committed_document_is_what_the_table_makes(void)
{
    struct buf text;
    buf_init(&text, DOCUMENT_BYTES_MAX);
    CHECK_EQ(file_read(committed_path(), &text, NULL), ERR_OK);
    check_note("unit_test_openapi --write writes it anew");
    CHECK(text_equal(buf_view(&text), buf_view(&made)));
    buf_release(&text);
}

static void each_route_of_the_api_has_schemas(void)
{
    for (size_t index = 0; index < route_count; index++) {
        const struct route *route = &routes[index];
        if (strncmp(route->pattern, "/api/", 5) != 0) {
            continue;
        }
        const struct json_value *entry = openapi_route(openapi, route);
        check_note("%s %s", http_method_name(route->method), route->pattern);
        CHECK(entry != NULL);
        int64_t status = 0;
        const bool empty = !json_i64(json_get(entry, "status"), &status) && status == 204;
        CHECK(
            empty || json_get_string(entry, "answer").bytes > 0 ||
            json_get_string(entry, "content").bytes > 0);
    }
}

static void check_has_route(void *context, struct text key, const struct json_value *entry)
{
    (void)context;
    (void)entry;
    bool found = false;
    for (size_t index = 0; index < route_count && !found; index++) {
        char name[200];
        (void)snprintf(
            name, sizeof(name), "%s %s", http_method_name(routes[index].method),
            routes[index].pattern);
        found = text_is(key, name);
    }
    check_note("%.*s", TEXT_ARGS(key));
    CHECK(found);
}

static void each_entry_of_the_schemas_has_a_route(void)
{
    openapi_entries(openapi, check_has_route, NULL);
}

/* Every "$ref" below a value names a schema that is there. */
static void check_references(const struct json_value *value)
{
    const struct json_value *schemas =
        json_get(json_get(json_root(document), "components"), "schemas");
    const struct json_value *child =
        json_type(value) == JSON_OBJECT || json_type(value) == JSON_ARRAY ? json_first(value)
                                                                          : NULL;
    for (; child; child = json_next(child)) {
        const struct text reference = json_string(child);
        const struct text prefix = TEXT_LITERAL("#/components/schemas/");
        if (text_starts_with(reference, prefix)) {
            char name[128];
            (void)snprintf(
                name, sizeof(name), "%.*s", (int)(reference.bytes - prefix.bytes),
                reference.ptr + prefix.bytes);
            check_note("%s", name);
            CHECK(json_get(schemas, name) != NULL);
        }
        check_references(child);
    }
}

static void each_reference_leads_to_a_schema(void)
{
    check_references(json_root(document));
}

/* The words of rights and roles stand in the schemas as the program knows them. */
static void the_words_of_rights_and_roles_are_those_of_the_program(void)
{
    const struct json_value *schemas =
        json_get(json_get(json_root(document), "components"), "schemas");
    const struct json_value *word = json_first(json_get(json_get(schemas, "RightWord"), "enum"));
    for (int right = RIGHT_NONE + 1; right < RIGHT_COUNT; right++) {
        CHECK(text_is(json_string(word), right_name((enum right)right)));
        word = word ? json_next(word) : NULL;
    }
    CHECK(word == NULL);
    word = json_first(json_get(json_get(schemas, "RoleWord"), "enum"));
    for (int duty = 0; duty < DUTY_COUNT; duty++) {
        CHECK(text_is(json_string(word), duty_name((enum duty)duty)));
        word = word ? json_next(word) : NULL;
    }
    CHECK(word == NULL);
}

int main(int argc, char **argv)
{
    const bool writes = argc > 1 && strcmp(argv[1], "--write") == 0;
    make();
    if (writes) {
        return write_anew();
    }
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(the_committed_document_is_what_the_table_makes);
    CHECK_RUN(each_route_of_the_api_has_schemas);
    CHECK_RUN(each_entry_of_the_schemas_has_a_route);
    CHECK_RUN(each_reference_leads_to_a_schema);
    CHECK_RUN(the_words_of_rights_and_roles_are_those_of_the_program);
    json_free(document);
    openapi_free(openapi);
    buf_release(&made);
    return check_done();
}
