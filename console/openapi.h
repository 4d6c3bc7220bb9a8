/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The description of the HTTP API for programs: OpenAPI 3.1, made from the table of routes, so
 * that it cannot list what is not there or leave out what is, and from the JSON Schemas in
 * console/openapi/schemas, one file for each area.
 */
#ifndef NRT_CONSOLE_OPENAPI_H
#define NRT_CONSOLE_OPENAPI_H

#include "base/json.h"
#include "console/routes.h"

struct openapi; /* the schemas, read */

enum err openapi_read(struct openapi **ret_openapi, struct err_why *why) ERR_MUST_USE;
void openapi_free(struct openapi *openapi); /* accepts NULL */

/* What an area says of a route: answer, body, status, content; NULL when none does. */
const struct json_value *openapi_route(const struct openapi *openapi, const struct route *route);
/* The whole document, a line for each path and schema. */
void openapi_write(const struct openapi *openapi, struct json_out *out);

/* Calls `take` with "GET /api/v1/cases" for each entry of each area. */
typedef void openapi_entry_fn(void *context, struct text key, const struct json_value *entry);
void openapi_entries(const struct openapi *openapi, openapi_entry_fn *take, void *context);

#endif
