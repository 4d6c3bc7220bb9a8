/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of curl. Three of its traps are fenced off here:
 * - curl joins its resolver thread when a transfer ends, which freezes the loop for seconds
 *   behind a dead name server: CURLOPT_QUICK_EXIT lets the thread go instead.
 * - curl silently repeats a request when a kept connection turns out dead: the second pass
 *   through the pre-request callback is refused, so that nothing is handed over twice unseen.
 *   The same callback tells whether a failed request left us; a mail has left when its last byte
 *   was handed over, for nothing is accepted before its end.
 * - authorities in a folder are read again for every connection: only files, which are kept.
 */
#include "notifiers/http_transfer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define LOW_SPEED_BYTES 10 /* a second, over LOW_SPEED_S: slower is a drip, not an answer */
#define LOW_SPEED_S     8

/* ---- what curl asks and tells ---- */

static bool is_streamed(const struct transfer *transfer)
{
    long status = 0;
    return transfer->sink &&
           curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
           status >= 200 && status <= 299;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    const size_t byte_count = size * count;
    if (is_streamed(transfer)) {
        const struct text part = {bytes, byte_count};
        return transfer->sink(transfer->sink_context, part) ? byte_count : 0;
    }
    const size_t room = transfer->answer_bytes_max - transfer->body_in.bytes;
    buf_add(&transfer->body_in, bytes, byte_count < room ? byte_count : room);
    if (byte_count > room || transfer->body_in.error) {
        transfer->truncated = true;
        return 0; /* ends the transfer and closes the connection */
    }
    return byte_count;
}

static bool is_loopback(const struct curl_sockaddr *address)
{
    if (address->family == AF_INET) {
        struct sockaddr_in four;
        memcpy(&four, &address->addr, sizeof(four));
        return (ntohl(four.sin_addr.s_addr) >> 24) == 127;
    }
    if (address->family == AF_INET6) {
        struct sockaddr_in6 six;
        memcpy(&six, (const char *)&address->addr, sizeof(six));
        const uint8_t *bytes = six.sin6_addr.s6_addr;
        return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr) && bytes[12] == 127);
    }
    return false;
}

/* Asked with the resolved address, so a name that points elsewhere cannot get round it. */
static curl_socket_t on_open_socket(
    void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = context;
    (void)purpose;
    if (transfer->loopback_only && !is_loopback(address)) {
        transfer->forbidden = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool transfer_url_is_loopback(const char *url)
{
    struct in_addr four = {0};
    struct in6_addr six = {0};
    char *host = NULL;
    CURLU *parts = curl_url();
    if (parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK) {
        (void)curl_url_get(parts, CURLUPART_HOST, &host, 0);
    }
    bool loopback = false;
    if (host && host[0] == '[' && strlen(host) > 2) {
        host[strlen(host) - 1] = '\0';
        loopback = inet_pton(AF_INET6, host + 1, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
    } else if (host) {
        loopback = inet_pton(AF_INET, host, &four) == 1 && (ntohl(four.s_addr) >> 24) == 127;
    }
    curl_free(host);
    curl_url_cleanup(parts);
    return loopback;
}

static int on_request(void *context, char *to, char *from, int to_port, int from_port)
{
    struct transfer *transfer = context;
    (void)to;
    (void)from;
    (void)to_port;
    (void)from_port;
    transfer->requests++;
    return transfer->requests == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* curl takes headers that break off for the whole of them. */
static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    const size_t byte_count = size * count;
    if (byte_count >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
        transfer->headers_whole = false; /* what came before was not the answer */
    } else if (byte_count <= 2) {
        transfer->headers_whole = true;
    }
    return byte_count;
}

static void set_limits(CURL *easy, const struct http_request *request)
{
    const int64_t timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : HTTP_TIMEOUT_MS;
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
    /* Silence counts as slow: whoever asks for more time than usual means to wait through it. */
    if (timeout_ms <= HTTP_TIMEOUT_MS) {
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)LOW_SPEED_BYTES);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)LOW_SPEED_S);
    }
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
}

static void set_fences(CURL *easy, bool mail)
{
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, mail ? "smtp,smtps" : "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "nrt/" NRT_VERSION);
}

static void set_callbacks(CURL *easy, struct transfer *transfer)
{
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
}

/* "" is "none, whatever the environment says". */
static bool set_route(CURL *easy, const struct http_request *request)
{
    const char *proxy = request->proxy.bytes > 0 ? request->proxy.ptr : "";
    bool set = curl_easy_setopt(easy, CURLOPT_PROXY, proxy) == CURLE_OK;
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    char *authorities = NULL;
    if (request->pinned && request->ca_file.bytes > 0) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (request->ca_file.bytes > 0) {
        set = set && curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file.ptr) == CURLE_OK;
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
        curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, request->ca_file.ptr);
        curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
    } else if (curl_easy_getinfo(easy, CURLINFO_CAINFO, &authorities) == CURLE_OK && authorities) {
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    return set;
}

static bool set_headers(struct transfer *transfer, const struct http_request *request)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    for (size_t index = 0; list && index < request->header_count; index++) {
        struct curl_slist *longer = curl_slist_append(list, request->headers[index].ptr);
        if (!longer) {
            curl_slist_free_all(list);
            return false;
        }
        list = longer;
    }
    transfer->headers = list;
    return list && curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, list) == CURLE_OK;
}

static bool set_web_request(struct transfer *transfer, const struct http_request *request)
{
    CURL *easy = transfer->easy;
    if (request->body.bytes > 0) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->body_out.bytes);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->body_out.ptr);
    } else if (strcmp(request->method, "POST") == 0) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, 0L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
    }
    if (strcmp(request->method, "POST") != 0 && strcmp(request->method, "GET") != 0) {
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    }
    return set_headers(transfer, request);
}

/* ---- mail ---- */

/* Keeps the newest line that a server says. */
static size_t on_mail_reply(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    const size_t byte_count = size * count;
    size_t shown = byte_count;
    while (shown > 0 && (bytes[shown - 1] == '\n' || bytes[shown - 1] == '\r')) {
        shown--;
    }
    buf_clear(&transfer->body_in);
    buf_add(&transfer->body_in, bytes, shown);
    return byte_count;
}

/* What goes out: a reply belongs to the command before it. */
static int on_mail_said(CURL *easy, curl_infotype type, char *bytes, size_t count, void *context)
{
    struct transfer *transfer = context;
    (void)easy;
    (void)bytes;
    (void)count;
    if (type == CURLINFO_HEADER_OUT) {
        buf_clear(&transfer->body_in);
    }
    return 0;
}

/* 0 when the newest command was not answered. */
static int32_t mail_status(const struct transfer *transfer)
{
    if (transfer->talking) {
        return transfer->talk.status;
    }
    const struct text line = buf_view(&transfer->body_in);
    int64_t status = 0;
    const struct text code = {line.ptr, line.bytes < 3 ? line.bytes : 3};
    return text_parse_i64(code, &status) == ERR_OK && status >= 100 ? (int32_t)status : 0;
}

static bool is_one_line(const struct buf *buf)
{
    return buf->bytes > 0 && !memchr(buf->ptr, '\n', buf->bytes) &&
           !memchr(buf->ptr, '\r', buf->bytes);
}

/* A password goes over TLS or not at all. */
static bool set_mail_request(struct transfer *transfer, const struct http_request *request)
{
    CURL *easy = transfer->easy;
    if (!is_one_line(&request->mail_from) || !is_one_line(&request->mail_to)) {
        return false;
    }
    const bool named = request->user.bytes > 0;
    const char *password = request->password.bytes > 0 ? request->password.ptr : "";
    if (named) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, request->user.ptr);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, password);
    }
    curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)(named ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_mail_reply);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_mail_said);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
    buf_text(&transfer->mail_from, buf_view(&request->mail_from));
    buf_text(&transfer->mail_to, buf_view(&request->mail_to));
    return !transfer->mail_from.error && !transfer->mail_to.error;
}

/* ---- the life of a transfer ---- */

static bool set_request(struct transfer *transfer, const struct http_request *request)
{
    CURL *easy = transfer->easy;
    buf_text(&transfer->body_out, buf_view(&request->body));
    if (buf_error(&transfer->body_out) ||
        curl_easy_setopt(easy, CURLOPT_URL, request->url.ptr) != CURLE_OK) {
        return false;
    }
    set_limits(easy, request);
    set_fences(easy, transfer->mail);
    set_callbacks(easy, transfer);
    return set_route(easy, request) && (transfer->mail ? set_mail_request(transfer, request)
                                                       : set_web_request(transfer, request));
}

void transfer_release(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    if (easy) {
        curl_easy_reset(easy);
    }
    curl_slist_free_all(transfer->headers);
    if (transfer->talking) {
        smtp_talk_release(&transfer->talk);
    }
    buf_release(&transfer->mail_from);
    buf_release(&transfer->mail_to);
    buf_release(&transfer->body_out);
    buf_release(&transfer->body_in);
    *transfer = (struct transfer){.easy = easy};
}

bool transfer_init(
    struct transfer *transfer, const struct http_request *request, bool loopback_only)
{
    *transfer = (struct transfer){
        .easy = transfer->easy ? transfer->easy : curl_easy_init(),
        .busy = true,
        .mail = request->mail_to.bytes > 0,
        .answer_bytes_max =
            request->answer_bytes_max > 0 ? request->answer_bytes_max : HTTP_ANSWER_BYTES_MAX,
        .sink = request->sink,
        .sink_context = request->sink_context,
        .loopback_only = loopback_only,
    };
    buf_init(&transfer->mail_from, HTTP_SMALL_BYTES_MAX);
    buf_init(&transfer->mail_to, HTTP_SMALL_BYTES_MAX);
    buf_init(&transfer->body_out, HTTP_BODY_BYTES_MAX);
    buf_init(&transfer->body_in, transfer->answer_bytes_max);
    if (transfer->easy && !http_request_error(request) && set_request(transfer, request)) {
        return true;
    }
    transfer_release(transfer);
    return false;
}

const char transfer_forbidden[] =
    "the service clock is not real, so only gateways on this machine are spoken to";

static const char *reason_of(const struct transfer *transfer, CURLcode code)
{
    if (transfer->forbidden) {
        return transfer_forbidden;
    }
    if (code == CURLE_OK) {
        return "the answer broke off";
    }
    return transfer->error[0] ? transfer->error : curl_easy_strerror(code);
}

static enum http_result mail_result_of(const struct transfer *transfer)
{
    if (mail_status(transfer) >= (transfer->talking ? 200 : 400)) {
        return HTTP_ANSWERED;
    }
    if (transfer->talking && transfer->talk.has_left) {
        return HTTP_NO_ANSWER;
    }
    return transfer->forbidden ? HTTP_FORBIDDEN : HTTP_NOT_SENT;
}

static enum http_result result_of(const struct transfer *transfer, CURLcode code)
{
    if (transfer->mail) {
        return mail_result_of(transfer);
    }
    const bool whole = code == CURLE_OK && transfer->headers_whole;
    if (whole || (code == CURLE_WRITE_ERROR && transfer->truncated)) {
        return HTTP_ANSWERED;
    }
    if (transfer->requests > 0) {
        return HTTP_NO_ANSWER;
    }
    return transfer->forbidden ? HTTP_FORBIDDEN : HTTP_NOT_SENT;
}

void transfer_answer(const struct transfer *transfer, CURLcode code, struct http_answer *ret_answer)
{
    *ret_answer = (struct http_answer){
        .result = result_of(transfer, code),
        .body = buf_view(transfer->talking ? &transfer->talk.reply : &transfer->body_in),
        .truncated = transfer->truncated,
        .retry_after_ms = -1,
        .reason = reason_of(transfer, code),
    };
    if (ret_answer->result != HTTP_ANSWERED) {
        return;
    }
    long status = 0;
    curl_off_t retry_s = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    ret_answer->status = transfer->mail ? mail_status(transfer) : (int32_t)status;
    if (curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_s) == CURLE_OK &&
        retry_s > 0 && retry_s < INT64_C(1000000)) {
        ret_answer->retry_after_ms = (int64_t)retry_s * 1000;
    }
}
