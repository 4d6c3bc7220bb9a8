/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request, one answer. The token is only ever put into a header and never shown.
 */
#include "cli/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/file.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "notifiers/http_engine.h"

#define DEFAULT_URL  "http://127.0.0.1:8420"
#define DEFAULT_DATA "./data"

static void read_token(struct api *api, const char *data)
{
    struct buf text;
    char path[4096];
    const char *given = args_environment("NRT_TOKEN");
    if (given) {
        (void)snprintf(api->token, sizeof(api->token), "%s", given);
        return;
    }
    (void)snprintf(path, sizeof(path), "%s/token", data ? data : DEFAULT_DATA);
    buf_init(&text, sizeof(api->token) - 1);
    if (file_read(path, &text, NULL) == ERR_OK && text.ptr) {
        const size_t bytes = strcspn(text.ptr, " \r\n");
        (void)snprintf(api->token, sizeof(api->token), "%.*s", (int)bytes, text.ptr);
    }
    buf_release(&text);
}

void api_init_at(struct api *api, const char *command, const char *url, const char *data)
{
    *api = (struct api){.command = command};
    (void)snprintf(api->url, sizeof(api->url), "%s", url);
    size_t bytes = strlen(api->url);
    while (bytes > 0 && api->url[bytes - 1] == '/') {
        api->url[--bytes] = '\0';
    }
    const char *ca_file = args_environment("NRT_CA");
    (void)snprintf(api->ca_file, sizeof(api->ca_file), "%s", ca_file ? ca_file : "");
    read_token(api, data);
}

void api_trust(struct api *api, struct text cert_path)
{
    (void)snprintf(api->ca_file, sizeof(api->ca_file), "%.*s", TEXT_ARGS(cert_path));
    api->pinned = cert_path.bytes > 0;
}

void api_init(struct api *api, const char *command, const char *data)
{
    const char *url = args_environment("NRT_URL");
    api_init_at(api, command, url && *url ? url : DEFAULT_URL, data);
}

static void build(const struct api *api, const struct api_call *call, struct http_request *request)
{
    char bearer[sizeof(api->token) + 16];
    http_request_init(request, call->method);
    request->answer_bytes_max = API_ANSWER_BYTES_MAX;
    request->timeout_ms = call->timeout_ms;
    request->sink = call->sink;
    request->sink_context = call->sink_context;
    buf_format(&request->url, "%s%s", api->url, call->path);
    buf_format(&request->shown, "%s %s", call->method, api->url);
    buf_text(&request->body, call->body);
    buf_string(&request->ca_file, api->ca_file);
    request->pinned = api->pinned;
    http_request_header(request, "Accept", TEXT_LITERAL("application/json"));
    if (call->body.bytes > 0) {
        http_request_header(
            request, "Content-Type", text_of(call->type ? call->type : "application/json"));
    }
    if (call->if_match) {
        http_request_header(request, "If-Match", text_of(call->if_match));
    }
    if (api->token[0]) {
        (void)snprintf(bearer, sizeof(bearer), "Bearer %s", api->token);
        http_request_header(request, "Authorization", text_of(bearer));
    }
}

static int say_away(const struct api *api, enum err err, const char *why)
{
    if (err == ERR_TIMEOUT) {
        return args_fail(
            EXIT_AWAY, api->command,
            "no answer from %s in time (%s); is the console busy, or NRT_URL another program's?",
            api->url, why);
    }
    if (err == ERR_AWAY && strstr(why, "certificate")) {
        return args_fail(
            EXIT_AWAY, api->command,
            "cannot trust %s (%s); NRT_CA=FILE names the root of its certificate, and NRT_URL must"
            " have the name that stands in it",
            api->url, why);
    }
    if (err == ERR_AWAY) {
        return args_fail(
            EXIT_AWAY, api->command,
            "cannot reach %s (%s); start the service with `nrt up`, or say in NRT_URL where it is",
            api->url, why);
    }
    return args_fail(EXIT_FOUND, api->command, "%s: %s", api->url, why);
}

int api_send(const struct api *api, const struct api_call *call, struct api_answer *ret_answer)
{
    struct http_request request;
    struct http_fetched fetched;
    struct err_why why = {.text = ""};
    build(api, call, &request);
    enum err err = http_request_error(&request);
    if (err == ERR_OK) {
        err = http_fetch(&request, &fetched, &why);
    } else {
        (void)err_set(&why, err, "the request is too large");
    }
    http_request_release(&request);
    if (err != ERR_OK) {
        return call->quiet ? EXIT_AWAY : say_away(api, err, why.text);
    }
    ret_answer->status = fetched.status;
    ret_answer->body = fetched.body;
    return EXIT_FINE;
}

/* RFC 9457: title and detail; anything else is shown as its status alone. */
int api_problem(const struct api *api, struct api_answer *answer)
{
    struct json_doc *doc = NULL;
    struct text title = {0};
    struct text detail = {0};
    const bool away = answer->status >= 502 && answer->status <= 504;
    if (json_parse(buf_view(&answer->body), &json_limits_answer, &doc, NULL) == ERR_OK) {
        title = json_get_string(json_root(doc), "title");
        detail = json_get_string(json_root(doc), "detail");
    }
    const char *advice = "";
    if (answer->status == 401 || answer->status == 403) {
        advice = api->token[0]
                     ? "; is the token of NRT_TOKEN or DATA/token the right one?"
                     : "; give the token in NRT_TOKEN, or name the data folder with --data";
    }
    const int code = args_fail(
        away ? EXIT_AWAY : EXIT_FOUND, api->command, "%s answered %d %.*s%s%.*s%s", api->url,
        answer->status, TEXT_ARGS(title), detail.bytes > 0 ? ": " : "", TEXT_ARGS(detail), advice);
    json_free(doc);
    buf_release(&answer->body);
    return code;
}

int api_send_well(const struct api *api, const struct api_call *call, struct api_answer *ret_answer)
{
    struct api_answer answer = {0};
    const int code = api_send(api, call, &answer);
    if (code != EXIT_FINE) {
        return code;
    }
    if (answer.status < 200 || answer.status > 299) {
        if (!call->quiet) {
            return api_problem(api, &answer);
        }
        buf_release(&answer.body);
        return EXIT_FOUND;
    }
    *ret_answer = answer;
    return EXIT_FINE;
}

int api_get_json(const struct api *api, const char *path, struct json_doc **ret_doc)
{
    const struct api_call call = {.method = "GET", .path = path};
    struct api_answer answer;
    struct err_why why = {.text = ""};
    int code = api_send_well(api, &call, &answer);
    if (code != EXIT_FINE) {
        return code;
    }
    if (json_parse(buf_view(&answer.body), &json_limits_config, ret_doc, &why) != ERR_OK) {
        code = args_fail(
            EXIT_FOUND, api->command,
            "%s did not answer with JSON (%s); is NRT_URL really a console of nrt?", api->url,
            why.text);
    }
    buf_release(&answer.body);
    return code;
}

void api_query(struct buf *path, const char *name, const char *value)
{
    if (!value) {
        return;
    }
    const bool first = !path->ptr || !strchr(path->ptr, '?');
    buf_format(path, "%c%s=", first ? '?' : '&', name);
    crypto_url_encode(path, text_of(value));
}

void api_segment(struct buf *path, const char *segment)
{
    buf_char(path, '/');
    crypto_url_encode(path, text_of(segment));
}
