/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /api/v1/openapi.json: OpenAPI 3.1, made from the table of routes, so that it cannot list
 * what is not there or leave out what is.
 */
#include <string.h>

#include "console/routes.h"

static const char problem_response[] =
    "{\"description\":\"RFC 9457 problem\",\"content\":{\"application/problem+json\":"
    "{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}";

static const char components[] =
    "{\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}},"
    "\"schemas\":{\"Problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\"],"
    "\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
    "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},\"titles\":"
    "{\"type\":\"object\",\"properties\":{\"zh\":{\"type\":\"string\"},"
    "\"en\":{\"type\":\"string\"}}}}}}}";

static void put_parameter(struct json_out *out, struct text name, const char *in)
{
    json_out_open(out, '{');
    json_out_member(out, "name", name);
    json_out_member(out, "in", text_of(in));
    api_member_bool(out, "required", strcmp(in, "path") == 0);
    json_out_key(out, "schema");
    json_out_raw(
        out, text_of(
                 text_is(name, "kind") ? "{\"type\":\"string\",\"enum\":[\"config\",\"rules\","
                                         "\"calendars\",\"directory\",\"matters\",\"templates\"]}"
                                       : "{\"type\":\"string\"}"));
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

static void put_operation(struct json_out *out, const struct route *route)
{
    static const char *const names[HTTP_METHOD_COUNT] = {
        [HTTP_GET] = "get", [HTTP_POST] = "post", [HTTP_PUT] = "put", [HTTP_DELETE] = "delete"};
    const bool takes_body = route->method == HTTP_POST || route->method == HTTP_PUT;
    json_out_key(out, names[route->method]);
    json_out_open(out, '{');
    json_out_member(out, "summary", text_of(route->summary));
    put_parameters(out, route);
    if (takes_body && route->access == ACCESS_ACTOR) {
        json_out_key(out, "requestBody");
        json_out_raw(out, text_of("{\"required\":true,\"content\":{\"application/json\":{}}}"));
    }
    json_out_key(out, "security");
    json_out_raw(out, text_of(route->access == ACCESS_ACTOR ? "[{\"token\":[]}]" : "[]"));
    json_out_key(out, "responses");
    json_out_open(out, '{');
    json_out_key(out, "2XX");
    json_out_raw(out, text_of("{\"description\":\"done\"}"));
    json_out_key(out, "default");
    json_out_raw(out, text_of(problem_response));
    json_out_close(out, '}');
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
static void put_paths(struct json_out *out)
{
    for (size_t index = 0; index < route_count; index++) {
        if (begins_path(index)) {
            json_out_key(out, routes[index].pattern);
            json_out_open(out, '{');
        }
        put_operation(out, &routes[index]);
        if (ends_path(index)) {
            json_out_close(out, '}');
        }
    }
}

void api_openapi(struct console *console, struct http_call *call)
{
    (void)console;
    struct api_json json;
    struct json_out *out = &json.out;
    api_json_init(&json);
    json_out_open(out, '{');
    json_out_member(out, "openapi", text_of("3.1.0"));
    json_out_key(out, "info");
    json_out_open(out, '{');
    json_out_member(out, "title", text_of("No Repeat Trip"));
    json_out_member(out, "version", text_of(NRT_VERSION));
    json_out_close(out, '}');
    json_out_key(out, "paths");
    json_out_open(out, '{');
    put_paths(out);
    json_out_close(out, '}');
    json_out_key(out, "components");
    json_out_raw(out, text_of(components));
    json_out_close(out, '}');
    api_json_answer(call, 200, &json, ERR_OK);
}
