/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of request heads. Refused, whatever a lenient reader would make of it: folded
 * headers, blanks before a colon, bare line feeds, two Content-Lengths, any Transfer-Encoding,
 * two or no Hosts, control bytes, %00, %2F, dotted segments.
 */
#include "console/http_head.h"

#include <string.h>

#include "base/crypto.h"

struct reader {
    struct text rest;
    struct arena *arena;
    struct http_head *head;
    const char **ret_why;
};

static int refuse(struct reader *reader, int status, const char *why)
{
    *reader->ret_why = why;
    return status;
}

static const char *const method_names[HTTP_METHOD_COUNT] = {"GET",    "HEAD",    "POST", "PUT",
                                                            "DELETE", "OPTIONS", "other"};

const char *http_method_name(enum http_method method)
{
    return method_names[method];
}

/* RFC 9110 token characters. */
static bool is_token(struct text text)
{
    for (size_t index = 0; index < text.bytes; index++) {
        const unsigned char c = (unsigned char)text.ptr[index];
        const bool letter =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c))) {
            return false;
        }
    }
    return text.bytes > 0;
}

static bool has_control(struct text text, bool tab_allowed)
{
    for (size_t index = 0; index < text.bytes; index++) {
        const unsigned char c = (unsigned char)text.ptr[index];
        if ((c < 0x20 && !(c == '\t' && tab_allowed)) || c == 0x7f) {
            return true;
        }
    }
    return false;
}

/* The next line without its CRLF; false when there is a bare CR or LF. */
static bool line_next(struct reader *reader, struct text *ret_line)
{
    const char *end =
        reader->rest.bytes > 0 ? memchr(reader->rest.ptr, '\n', reader->rest.bytes) : NULL;
    if (!end || end == reader->rest.ptr || end[-1] != '\r') {
        return false;
    }
    const size_t line_bytes = (size_t)(end - reader->rest.ptr) - 1;
    *ret_line = (struct text){.ptr = reader->rest.ptr, .bytes = line_bytes};
    reader->rest.ptr += line_bytes + 2;
    reader->rest.bytes -= line_bytes + 2;
    return true;
}

/* Up to the separator; the text moves on behind it. Without one: all of it. */
static struct text part_next(struct text *text, char separator)
{
    const char *end = text->bytes > 0 ? memchr(text->ptr, separator, text->bytes) : NULL;
    struct text part = *text;
    if (!end) {
        *text = (struct text){0};
        return part;
    }
    part.bytes = (size_t)(end - text->ptr);
    text->ptr = end + 1;
    text->bytes -= part.bytes + 1;
    return part;
}

static bool decode(struct reader *reader, struct text text, bool plus, struct text *ret_text)
{
    struct buf buf;
    buf_init(&buf, HTTP_HEAD_BYTES_MAX);
    const enum err err = crypto_url_decode(&buf, text, plus);
    const bool good = !err && !buf_error(&buf) && utf8_valid(buf_view(&buf));
    if (good) {
        *ret_text = arena_text(reader->arena, buf_view(&buf));
    }
    buf_release(&buf);
    return good && ret_text->ptr;
}

static bool path_is_plain(struct text path)
{
    if (path.bytes == 0 || path.ptr[0] != '/' || has_control(path, false) ||
        memchr(path.ptr, '\\', path.bytes)) {
        return false;
    }
    struct text rest = {.ptr = path.ptr + 1, .bytes = path.bytes - 1};
    while (rest.bytes > 0) {
        const struct text segment = part_next(&rest, '/');
        if (segment.bytes == 0 || text_is(segment, ".") || text_is(segment, "..")) {
            return false;
        }
    }
    return true;
}

static bool has_encoded_slash(struct text path)
{
    for (size_t index = 0; index + 2 < path.bytes; index++) {
        const char last = path.ptr[index + 2];
        if (path.ptr[index] == '%' && path.ptr[index + 1] == '2' && (last == 'f' || last == 'F')) {
            return true;
        }
    }
    return false;
}

static int read_params(struct reader *reader, struct text query)
{
    struct http_head *head = reader->head;
    while (query.bytes > 0) {
        struct text value = part_next(&query, '&');
        const struct text name = part_next(&value, '=');
        if (name.bytes == 0) {
            continue;
        }
        if (head->param_count == HTTP_PARAMS_MAX) {
            return refuse(reader, 400, "too many query parameters");
        }
        struct http_pair *pair = &head->params[head->param_count++];
        if (!decode(reader, name, true, &pair->name) ||
            !decode(reader, value, true, &pair->value)) {
            return refuse(reader, 400, "a query parameter is not percent-encoded UTF-8");
        }
    }
    return 0;
}

static int read_target(struct reader *reader, struct text target)
{
    struct http_head *head = reader->head;
    struct text rest = target;
    const struct text path = part_next(&rest, '?');
    if (target.bytes == 0 || target.ptr[0] != '/' || memchr(target.ptr, '#', target.bytes)) {
        return refuse(reader, 400, "the request target must be a path");
    }
    if (has_encoded_slash(path) || !decode(reader, path, false, &head->path) ||
        !path_is_plain(head->path)) {
        return refuse(reader, 400, "the path has an empty, dotted or badly encoded segment");
    }
    head->target = target;
    head->query = rest;
    return read_params(reader, rest);
}

static int read_request_line(struct reader *reader)
{
    struct text line;
    if (!line_next(reader, &line) || has_control(line, false)) {
        return refuse(reader, 400, "the request line is broken");
    }
    const struct text method = part_next(&line, ' ');
    const struct text target = part_next(&line, ' ');
    if (!is_token(method)) {
        return refuse(reader, 400, "the request line is broken");
    }
    reader->head->method = HTTP_OTHER;
    for (int index = 0; index < HTTP_OTHER; index++) {
        if (text_is(method, method_names[index])) {
            reader->head->method = (enum http_method)index;
        }
    }
    if (!text_is(line, "HTTP/1.1") && !text_is(line, "HTTP/1.0")) {
        return refuse(reader, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    }
    reader->head->keep_alive = text_is(line, "HTTP/1.1");
    return read_target(reader, target);
}

static struct text trimmed(struct text text)
{
    while (text.bytes > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t')) {
        text.ptr++;
        text.bytes--;
    }
    while (text.bytes > 0 &&
           (text.ptr[text.bytes - 1] == ' ' || text.ptr[text.bytes - 1] == '\t')) {
        text.bytes--;
    }
    return text;
}

static struct text lower_case(struct reader *reader, struct text text)
{
    char *copy = arena_alloc(reader->arena, text.bytes + 1);
    if (!copy) {
        return (struct text){0};
    }
    for (size_t index = 0; index < text.bytes; index++) {
        const char c = text.ptr[index];
        copy[index] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return (struct text){.ptr = copy, .bytes = text.bytes};
}

static int read_header(struct reader *reader, struct text line)
{
    struct http_head *head = reader->head;
    if (!memchr(line.ptr, ':', line.bytes)) {
        return refuse(reader, 400, "a header line has no colon");
    }
    const struct text name = part_next(&line, ':');
    if (!is_token(name) || has_control(line, true)) {
        return refuse(reader, 400, "a header has a name or value that is not allowed");
    }
    if (head->header_count == HTTP_HEADERS_MAX) {
        return refuse(reader, 431, "too many headers");
    }
    struct http_pair *pair = &head->headers[head->header_count++];
    pair->name = lower_case(reader, name);
    pair->value = trimmed(line);
    return pair->name.ptr ? 0 : refuse(reader, 503, "out of memory");
}

static size_t header_count(const struct http_head *head, const char *name)
{
    size_t count = 0;
    for (size_t index = 0; index < head->header_count; index++) {
        count += text_is(head->headers[index].name, name);
    }
    return count;
}

/* How long the body is must have one reading only, here and in any proxy before us. */
static int read_framing(struct reader *reader)
{
    struct http_head *head = reader->head;
    const struct text length = http_header(head, "content-length");
    if (header_count(head, "content-length") > 1) {
        return refuse(reader, 400, "more than one Content-Length");
    }
    if (http_header(head, "transfer-encoding").ptr) {
        return length.ptr ? refuse(reader, 400, "both Content-Length and Transfer-Encoding")
                          : refuse(reader, 411, "send the body with a Content-Length, not chunked");
    }
    if (length.ptr) {
        const bool digits = length.bytes > 0 && length.bytes <= 15 && length.ptr[0] != '-';
        if (!digits || text_parse_i64(length, &head->body_bytes)) {
            return refuse(reader, 400, "Content-Length is not a number");
        }
    } else if (head->method == HTTP_POST || head->method == HTTP_PUT) {
        return refuse(reader, 411, "a Content-Length is needed");
    }
    return 0;
}

static int check_headers(struct reader *reader)
{
    struct http_head *head = reader->head;
    if (header_count(head, "host") != 1) {
        return refuse(reader, 400, "exactly one Host header is needed");
    }
    struct text connection = lower_case(reader, http_header(head, "connection"));
    while (connection.bytes > 0) {
        const struct text word = trimmed(part_next(&connection, ','));
        head->keep_alive = head->keep_alive && !text_is(word, "close");
    }
    const struct text expect = http_header(head, "expect");
    if (expect.ptr && !text_is(lower_case(reader, expect), "100-continue")) {
        return refuse(reader, 417, "this expectation cannot be met");
    }
    head->expects_continue = expect.ptr != NULL;
    return read_framing(reader);
}

int http_head_read(
    struct text bytes, struct arena *arena, struct http_head *ret_head, const char **ret_why)
{
    *ret_head = (struct http_head){0};
    struct reader reader = {.rest = bytes, .arena = arena, .head = ret_head, .ret_why = ret_why};
    int status = read_request_line(&reader);
    while (status == 0) {
        struct text line;
        if (!line_next(&reader, &line)) {
            return refuse(&reader, 400, "a header line does not end as it should");
        }
        if (line.bytes == 0) {
            break;
        }
        status = read_header(&reader, line);
    }
    return status ? status : check_headers(&reader);
}

static struct text pair_find(const struct http_pair *pairs, size_t count, const char *name)
{
    for (size_t index = 0; index < count; index++) {
        if (text_is(pairs[index].name, name)) {
            /* An empty value is there all the same: its pointer is not NULL. */
            struct text value = pairs[index].value;
            value.ptr = value.ptr ? value.ptr : "";
            return value;
        }
    }
    return (struct text){0};
}

struct text http_header(const struct http_head *head, const char *name)
{
    return pair_find(head->headers, head->header_count, name);
}

struct text http_param(const struct http_head *head, const char *name)
{
    return pair_find(head->params, head->param_count, name);
}

/* "gzip;q=0.0" says no, any other weight yes. */
static bool is_refused(struct text weight)
{
    size_t at = 0;
    while (at < weight.bytes && weight.ptr[at] != '=') {
        at++;
    }
    for (at++; at < weight.bytes; at++) {
        if (weight.ptr[at] >= '1' && weight.ptr[at] <= '9') {
            return false;
        }
    }
    return weight.bytes > 0;
}

bool http_accepts_coding(const struct http_head *head, const char *coding)
{
    struct text rest = http_header(head, "accept-encoding");
    while (rest.bytes > 0) {
        struct text weight = part_next(&rest, ',');
        const struct text name = trimmed(part_next(&weight, ';'));
        if (text_is(name, coding)) {
            return !is_refused(weight);
        }
    }
    return false;
}

struct text http_host_name(struct text host)
{
    if (host.bytes > 0 && host.ptr[0] == '[') {
        const char *end = memchr(host.ptr, ']', host.bytes);
        return end ? (struct text){.ptr = host.ptr, .bytes = (size_t)(end - host.ptr) + 1} : host;
    }
    return part_next(&host, ':');
}
