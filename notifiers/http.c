/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building requests. Keeps the copy for logs free of queries, because gateways take passwords
 * and tokens there.
 */
#include "notifiers/http.h"

#include <string.h>

#include "base/crypto.h"

void http_request_init(struct http_request *request, const char *method)
{
    *request = (struct http_request){.method = method};
    buf_init(&request->url, HTTP_URL_BYTES_MAX);
    buf_init(&request->shown, HTTP_URL_BYTES_MAX);
    buf_init(&request->body, HTTP_BODY_BYTES_MAX);
    struct buf *const small[] = {&request->proxy,   &request->ca_file, &request->mail_from,
                                 &request->mail_to, &request->user,    &request->password};
    for (size_t index = 0; index < sizeof(small) / sizeof(small[0]); index++) {
        buf_init(small[index], HTTP_SMALL_BYTES_MAX);
    }
}

void http_request_release(struct http_request *request)
{
    buf_release(&request->url);
    buf_release(&request->shown);
    buf_release(&request->body);
    buf_release(&request->proxy);
    buf_release(&request->ca_file);
    buf_release(&request->mail_from);
    buf_release(&request->mail_to);
    buf_release(&request->user);
    buf_release(&request->password);
    for (size_t index = 0; index < request->header_count; index++) {
        buf_release(&request->headers[index]);
    }
    request->header_count = 0;
}

static bool breaks_line(struct text text)
{
    return text.bytes > 0 &&
           (memchr(text.ptr, '\n', text.bytes) || memchr(text.ptr, '\r', text.bytes));
}

void http_request_header(struct http_request *request, const char *name, struct text value)
{
    if (breaks_line(value)) {
        return;
    }
    if (request->header_count == HTTP_HEADERS_MAX) {
        request->error = ERR_FULL;
        return;
    }
    struct buf *header = &request->headers[request->header_count++];
    buf_init(header, HTTP_URL_BYTES_MAX);
    buf_format(header, "%s: ", name);
    buf_text(header, value);
}

enum err http_request_error(const struct http_request *request)
{
    const struct buf *const all[] = {&request->url,     &request->shown,   &request->body,
                                     &request->proxy,   &request->ca_file, &request->mail_from,
                                     &request->mail_to, &request->user,    &request->password};
    enum err err = request->error;
    for (size_t index = 0; !err && index < sizeof(all) / sizeof(all[0]); index++) {
        err = buf_error(all[index]);
    }
    for (size_t index = 0; !err && index < request->header_count; index++) {
        err = buf_error(&request->headers[index]);
    }
    return err;
}

static size_t host_at(struct text base)
{
    for (size_t index = 0; index + 2 < base.bytes; index++) {
        if (memcmp(base.ptr + index, "://", 3) == 0) {
            return index + 3;
        }
    }
    return 0;
}

void http_request_url(struct http_request *request, struct text base, const char *default_path)
{
    const size_t host = host_at(base);
    size_t path = host;
    while (path < base.bytes && base.ptr[path] != '/' && base.ptr[path] != '?') {
        path++;
    }
    size_t path_end = path;
    while (path_end < base.bytes && base.ptr[path_end] != '?') {
        path_end++;
    }
    buf_add(&request->url, base.ptr, path);
    buf_format(&request->shown, "%s ", request->method);
    buf_add(&request->shown, base.ptr, path);
    if (path_end - path <= 1) {
        buf_string(&request->url, default_path);
        buf_string(&request->shown, default_path);
    } else {
        buf_add(&request->url, base.ptr + path, path_end - path);
        buf_add(&request->shown, base.ptr + path, path_end - path);
    }
    buf_add(&request->url, base.ptr + path_end, base.bytes - path_end);
}

void http_request_query(struct http_request *request, const char *name, struct text value)
{
    const struct text url = buf_view(&request->url);
    buf_char(&request->url, url.bytes > 0 && memchr(url.ptr, '?', url.bytes) ? '&' : '?');
    buf_string(&request->url, name);
    buf_char(&request->url, '=');
    crypto_url_encode(&request->url, value);
}

const char *http_result_name(enum http_result result)
{
    switch (result) {
    case HTTP_ANSWERED:
        return "answered";
    case HTTP_NOT_SENT:
        return "not_sent";
    case HTTP_NO_ANSWER:
        return "no_answer";
    case HTTP_FORBIDDEN:
        return "forbidden";
    case HTTP_RESULT_COUNT:
        break;
    }
    return "unknown";
}
