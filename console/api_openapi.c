/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /api/v1/openapi.json: the description of the API for programs.
 */
#include "console/api.h"

#include "base/log.h"
#include "console/openapi.h"

void api_openapi(const struct view *view, struct http_call *call)
{
    (void)view;
    struct openapi *openapi = NULL;
    struct err_why why = {0};
    struct api_json json;
    api_json_init(&json);
    const enum err err = openapi_read(&openapi, &why);
    if (err) {
        log_error("openapi_unreadable", "why=\"%s\"", why.text);
    } else {
        openapi_write(openapi, &json.out);
    }
    openapi_free(openapi);
    api_json_answer(call, 200, &json, err);
}
