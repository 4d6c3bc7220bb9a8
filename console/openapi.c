/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing the OpenAPI document. A route's rights stand as `x-rights` (any of them will do), the
 * word of the audit trail as `x-act`.
 */
#include "console/openapi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"

#define AREAS_MAX 32
#define KEY_BYTES 160

struct openapi {
    struct json_doc *areas[AREAS_MAX];
    size_t count;
};

static const char problem_response[] =
    "{\"description\":\"RFC 9457 problem\",\"content\":{\"application/problem+json\":"
    "{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}";

static const char security_schemes[] =
    "{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
    "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"__Host-nrt\"}}";

static const char kinds[] = "{\"type\":\"string\",\"enum\":[\"config\",\"rules\",\"calendars\","
                            "\"directory\",\"matters\",\"templates\"]}";

/* ---- reading ---- */

enum err openapi_read(struct openapi **ret_openapi, struct err_why *why)
{
    struct openapi *openapi = calloc(1, sizeof(*openapi));
    if (!openapi) {
        return err_set(why, ERR_NO_MEMORY, "no memory for the schemas");
    }
    enum err err = ERR_OK;
    for (size_t index = 0; index < nrt_embedded_openapi_count && !err; index++) {
        const struct embedded_file *file = &nrt_embedded_openapi[index];
        const struct text text = {.ptr = (const char *)file->bytes, .bytes = file->byte_count};
        struct err_why reason = {0};
        err = openapi->count < AREAS_MAX
                  ? json_parse(text, &json_limits_config, &openapi->areas[openapi->count], &reason)
                  : ERR_FULL;
        if (err) {
            (void)err_set(why, err, "%s: %s", file->name, reason.text);
        } else {
            openapi->count++;
        }
    }
    if (err) {
        openapi_free(openapi);
        return err;
    }
    *ret_openapi = openapi;
    return ERR_OK;
}

void openapi_free(struct openapi *openapi)
{
    if (!openapi) {
        return;
    }
    for (size_t index = 0; index < openapi->count; index++) {
        json_free(openapi->areas[index]);
    }
    free(openapi);
}

const struct json_value *openapi_route(const struct openapi *openapi, const struct route *route)
{
    char key[KEY_BYTES];
    const struct json_value *entry = NULL;
    (void)snprintf(key, sizeof(key), "%s %s", http_method_name(route->method), route->pattern);
    for (size_t index = 0; index < openapi->count && !entry; index++) {
        entry = json_get(json_get(json_root(openapi->areas[index]), "routes"), key);
    }
    return entry;
}

void openapi_entries(const struct openapi *openapi, openapi_entry_fn *take, void *context)
{
    for (size_t index = 0; index < openapi->count; index++) {
        const struct json_value *entry =
            json_first(json_get(json_root(openapi->areas[index]), "routes"));
        for (; entry; entry = json_next(entry)) {
            take(context, json_key(entry), entry);
        }
    }
}

/* ---- writing ---- */

static void put_parameter(struct json_out *out, struct text name, const char *in)
{
    const bool in_path = strcmp(in, "path") == 0;
    json_out_open(out, '{');
    json_out_member(out, "name", name);
    json_out_member(out, "in", text_of(in));
    json_out_key(out, "required");
    json_out_bool(out, in_path);
    json_out_key(out, "schema");
    json_out_raw(out, text_of(in_path && text_is(name, "kind") ? kinds : "{\"type\":\"string\"}"));
    json_out_close(out, '}');
}

static void put_parameters(struct json_out *out, const struct route *route)
{
    json_out_key(out, "parameters");
    json_out_open(out, '[');
    for (const char *at = strchr(route->pattern, '{'); at; at = strchr(at + 1, '{')) {
        put_parameter(out, (struct text){.ptr = at + 1, .bytes = strcspn(at + 1, "}")}, "path");
    }
    const char *words = route->params ? route->params : "";
    while (words[0]) {
        const size_t bytes = strcspn(words, " ");
        put_parameter(out, (struct text){.ptr = words, .bytes = bytes}, "query");
        words += bytes + (words[bytes] == ' ');
    }
    json_out_close(out, ']');
}

/* {"content":{TYPE:{"schema":{"$ref":...}}}} without the braces around it. */
static void put_content(struct json_out *out, struct text type, struct text schema)
{
    char reference[KEY_BYTES];
    char type_key[KEY_BYTES];
    (void)snprintf(reference, sizeof(reference), "#/components/schemas/%.*s", TEXT_ARGS(schema));
    (void)snprintf(type_key, sizeof(type_key), "%.*s", TEXT_ARGS(type));
    json_out_key(out, "content");
    json_out_open(out, '{');
    json_out_key(out, type_key);
    json_out_open(out, '{');
    json_out_key(out, "schema");
    json_out_open(out, '{');
    if (schema.bytes > 0) {
        json_out_member(out, "$ref", text_of(reference));
    } else {
        json_out_member(out, "type", text_of("string"));
    }
    json_out_close(out, '}');
    json_out_close(out, '}');
    json_out_close(out, '}');
}

static void put_body(struct json_out *out, const struct json_value *entry)
{
    const struct text schema = json_get_string(entry, "body");
    if (schema.bytes == 0) {
        return;
    }
    json_out_key(out, "requestBody");
    json_out_open(out, '{');
    json_out_key(out, "required");
    json_out_bool(out, true);
    put_content(out, text_of("application/json"), schema);
    json_out_close(out, '}');
}

static void put_responses(struct json_out *out, const struct json_value *entry)
{
    char status_key[16];
    int64_t status = 200;
    const struct text answer = json_get_string(entry, "answer");
    const struct text content = json_get_string(entry, "content");
    if (json_i64(json_get(entry, "status"), &status)) {
        status = 200;
    }
    (void)snprintf(status_key, sizeof(status_key), "%d", (int)status);
    json_out_key(out, "responses");
    json_out_open(out, '{');
    json_out_key(out, status_key);
    json_out_open(out, '{');
    json_out_member(out, "description", text_of("done"));
    if (answer.bytes > 0 || content.bytes > 0) {
        put_content(out, content.bytes > 0 ? content : text_of("application/json"), answer);
    }
    json_out_close(out, '}');
    json_out_key(out, "default");
    json_out_raw(out, text_of(problem_response));
    json_out_close(out, '}');
}

static void put_rights(struct json_out *out, const struct route *route)
{
    json_out_key(out, "x-rights");
    json_out_open(out, '[');
    for (int right = RIGHT_NONE + 1; right < RIGHT_COUNT; right++) {
        if ((route->rights >> right & 1U) != 0) {
            json_out_string(out, text_of(right_name((enum right)right)));
        }
    }
    json_out_close(out, ']');
    if ((route->rights & ROUTE_ALL_UNITS) != 0) {
        json_out_key(out, "x-all-units");
        json_out_bool(out, true);
    }
    if (route->act) {
        json_out_member(out, "x-act", text_of(route->act));
    }
}

static void put_operation(
    const struct openapi *openapi, struct json_out *out, const struct route *route)
{
    static const char *const names[HTTP_METHOD_COUNT] = {
        [HTTP_GET] = "get", [HTTP_POST] = "post", [HTTP_PUT] = "put", [HTTP_DELETE] = "delete"};
    const bool for_actors = route->access == ACCESS_ACTOR;
    const struct json_value *entry = openapi_route(openapi, route);
    json_out_key(out, names[route->method]);
    json_out_open(out, '{');
    json_out_member(out, "summary", text_of(route->summary));
    put_rights(out, route);
    put_parameters(out, route);
    put_body(out, entry);
    json_out_key(out, "security");
    json_out_raw(out, text_of(for_actors ? "[{\"token\":[]},{\"session\":[]}]" : "[]"));
    put_responses(out, entry);
    json_out_close(out, '}');
}

static bool begins_path(size_t index)
{
    return index == 0 || strcmp(routes[index].pattern, routes[index - 1].pattern) != 0;
}

static bool ends_path(size_t index)
{
    return index + 1 == route_count || begins_path(index + 1);
}

/* Routes of one path stand together in the table. */
static void put_paths(const struct openapi *openapi, struct json_out *out)
{
    json_out_key(out, "paths");
    json_out_open(out, '{');
    for (size_t index = 0; index < route_count; index++) {
        if (begins_path(index)) {
            buf_char(out->buf, '\n');
            json_out_key(out, routes[index].pattern);
            json_out_open(out, '{');
        }
        put_operation(openapi, out, &routes[index]);
        if (ends_path(index)) {
            json_out_close(out, '}');
        }
    }
    json_out_close(out, '}');
}

static void put_components(const struct openapi *openapi, struct json_out *out)
{
    json_out_key(out, "components");
    json_out_open(out, '{');
    json_out_key(out, "securitySchemes");
    json_out_raw(out, text_of(security_schemes));
    json_out_key(out, "schemas");
    json_out_open(out, '{');
    for (size_t index = 0; index < openapi->count; index++) {
        const struct json_value *schema =
            json_first(json_get(json_root(openapi->areas[index]), "schemas"));
        for (; schema; schema = json_next(schema)) {
            char name[KEY_BYTES];
            (void)snprintf(name, sizeof(name), "%.*s", TEXT_ARGS(json_key(schema)));
            buf_char(out->buf, '\n');
            json_out_key(out, name);
            json_out_value(out, schema);
        }
    }
    json_out_close(out, '}');
    json_out_close(out, '}');
}

void openapi_write(const struct openapi *openapi, struct json_out *out)
{
    json_out_open(out, '{');
    json_out_member(out, "openapi", text_of("3.1.0"));
    json_out_key(out, "info");
    json_out_open(out, '{');
    json_out_member(out, "title", text_of("No Repeat Trip"));
    json_out_member(out, "version", text_of(NRT_VERSION));
    json_out_close(out, '}');
    put_paths(openapi, out);
    put_components(openapi, out);
    json_out_close(out, '}');
}
