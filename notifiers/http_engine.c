/* SPDX-License-Identifier: Apache-2.0 */
/*
 * curl multi over libevent, the only file that knows curl. Five traps are fenced off here:
 * - curl joins its resolver thread when a transfer ends, which freezes the loop for seconds
 *   behind a dead name server: CURLOPT_QUICK_EXIT lets the thread go instead.
 * - curl silently repeats a request when a kept connection turns out dead: the second pass
 *   through the pre-request callback is refused, so that nothing is handed over twice unseen.
 * - whether a failed request left us is told by that same callback, not guessed from the error;
 *   a mail has left when its last byte was handed over, for nothing is accepted before its end.
 * - a mail connection that ends says QUIT and waits, in the loop, for as long as a server likes:
 *   the reading side is shut as soon as QUIT is out. Connections of mail are not kept either.
 * - authorities in a folder are read again for every connection: only files, which are kept.
 */
#include "notifiers/http_engine.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/must.h"

#define LOW_SPEED_BYTES  10 /* a second, over LOW_SPEED_S: slower is a drip, not an answer */
#define LOW_SPEED_S      8
#define CONNECTIONS_KEPT HTTP_TRANSFERS_MAX
#define FRESH_MS         5000 /* after an error, kept connections are not trusted for so long */

struct transfer {
    struct curl_engine *engine; /* NULL in a blocking fetch */
    CURL *easy;                 /* kept from one transfer to the next */
    bool busy;                  /* else the slot is free */
    bool mail;
    curl_socket_t socket; /* of a mail: the newest */
    struct curl_slist *headers;
    struct curl_slist *mail_to;
    struct buf body_out;
    struct buf body_in;
    size_t answer_bytes_max;
    http_sink_fn *sink;
    void *sink_context;
    size_t given; /* of body_out: mail only */
    bool truncated;
    bool loopback_only;
    bool forbidden;
    int32_t requests; /* passes through the pre-request callback */
    http_done_fn *done;
    void *context;
    char error[CURL_ERROR_SIZE];
};

struct curl_engine {
    struct http_engine engine;
    struct event_base *base;
    CURLM *multi;
    struct event *timer;
    struct event *refusals; /* tells posts that found no slot, from the loop */
    bool loopback_only;
    struct mono_ms fresh_until;
    struct transfer transfers[HTTP_TRANSFERS_MAX];
    struct {
        http_done_fn *done;
        void *context;
        enum http_result result;
    } refused[HTTP_TRANSFERS_MAX];
    size_t refused_count;
};

/* ---- one transfer, whoever drives it ---- */

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
    transfer->socket = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    return transfer->socket;
}

/* A proxy looks names up by itself, so only an address says where a request goes. */
static bool url_is_loopback(const char *url)
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

static size_t on_mail_wanted(char *room, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    const size_t left = transfer->body_out.bytes - transfer->given;
    const size_t part = left < size * count ? left : size * count;
    memcpy(room, transfer->body_out.ptr + transfer->given, part);
    transfer->given += part;
    return part;
}

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
static int on_mail_talk(CURL *easy, curl_infotype type, char *bytes, size_t count, void *context)
{
    struct transfer *transfer = context;
    static const char quit[] = "QUIT\r\n";
    (void)easy;
    if (type != CURLINFO_HEADER_OUT) {
        return 0;
    }
    if (count == sizeof(quit) - 1 && memcmp(bytes, quit, count) == 0) {
        (void)shutdown(transfer->socket, SHUT_RD);
    } else {
        buf_clear(&transfer->body_in);
    }
    return 0;
}

/* 0 when the newest command was not answered. */
static int32_t mail_status(const struct transfer *transfer)
{
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
    transfer->mail_to = curl_slist_append(NULL, request->mail_to.ptr);
    if (named) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, request->user.ptr);
        curl_easy_setopt(
            easy, CURLOPT_PASSWORD, request->password.bytes ? request->password.ptr : "");
    }
    curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)(named ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, request->mail_from.ptr);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, transfer->mail_to);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)transfer->body_out.bytes);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_mail_wanted);
    curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_mail_reply);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_mail_talk);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    return transfer->mail_to != NULL;
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

/* Free for the next one, which uses the same handle. */
static void transfer_release(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    if (easy) {
        curl_easy_reset(easy);
    }
    curl_slist_free_all(transfer->headers);
    curl_slist_free_all(transfer->mail_to);
    buf_release(&transfer->body_out);
    buf_release(&transfer->body_in);
    *transfer = (struct transfer){.easy = easy};
}

/* The slot must be free. False when it could not be built; it is free again then. */
static bool transfer_init(
    struct transfer *transfer, const struct http_request *request, bool loopback_only)
{
    *transfer = (struct transfer){
        .easy = transfer->easy ? transfer->easy : curl_easy_init(),
        .busy = true,
        .mail = request->mail_to.bytes > 0,
        .socket = CURL_SOCKET_BAD,
        .answer_bytes_max =
            request->answer_bytes_max > 0 ? request->answer_bytes_max : HTTP_ANSWER_BYTES_MAX,
        .sink = request->sink,
        .sink_context = request->sink_context,
        .loopback_only = loopback_only,
    };
    buf_init(&transfer->body_out, HTTP_BODY_BYTES_MAX);
    buf_init(&transfer->body_in, transfer->answer_bytes_max);
    if (transfer->easy && !http_request_error(request) && set_request(transfer, request)) {
        return true;
    }
    transfer_release(transfer);
    return false;
}

static const char reason_forbidden[] =
    "the service clock is not real, so only gateways on this machine are spoken to";

static const char *reason_of(const struct transfer *transfer, CURLcode code)
{
    if (transfer->forbidden) {
        return reason_forbidden;
    }
    return transfer->error[0] ? transfer->error : curl_easy_strerror(code);
}

static enum http_result mail_result_of(const struct transfer *transfer, CURLcode code)
{
    if (code == CURLE_OK || mail_status(transfer) >= 400) {
        return HTTP_ANSWERED;
    }
    const bool left = transfer->given > 0 && transfer->given == transfer->body_out.bytes;
    return left ? HTTP_NO_ANSWER : (transfer->forbidden ? HTTP_FORBIDDEN : HTTP_NOT_SENT);
}

static enum http_result result_of(const struct transfer *transfer, CURLcode code)
{
    if (transfer->mail) {
        return mail_result_of(transfer, code);
    }
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && transfer->truncated)) {
        return HTTP_ANSWERED;
    }
    if (transfer->requests > 0) {
        return HTTP_NO_ANSWER;
    }
    return transfer->forbidden ? HTTP_FORBIDDEN : HTTP_NOT_SENT;
}

static void transfer_answer(
    const struct transfer *transfer, CURLcode code, struct http_answer *ret_answer)
{
    *ret_answer = (struct http_answer){
        .result = result_of(transfer, code),
        .body = buf_view(&transfer->body_in),
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

/* ---- the engine ---- */

static bool is_fresh(struct curl_engine *engine)
{
    return clock_mono().ms < engine->fresh_until.ms;
}

static void finish(struct curl_engine *engine, struct transfer *transfer, CURLcode code)
{
    struct http_answer answer;
    transfer_answer(transfer, code, &answer);
    if (answer.result != HTTP_ANSWERED) {
        engine->fresh_until = mono_add(clock_mono(), FRESH_MS);
    }
    curl_multi_remove_handle(engine->multi, transfer->easy);
    transfer->done(transfer->context, &answer);
    transfer_release(transfer);
}

static void collect(struct curl_engine *engine)
{
    for (;;) { /* ends: each turn takes one message; a done callback only posts new ones */
        int left = 0;
        const CURLMsg *message = curl_multi_info_read(engine->multi, &left);
        if (!message) {
            return;
        }
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        const CURLcode code = message->data.result;
        struct transfer *transfer = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        finish(engine, transfer, code);
    }
}

static void on_socket_ready(evutil_socket_t fd, short what, void *context)
{
    struct curl_engine *engine = context;
    int running = 0;
    const int action =
        ((what & EV_READ) ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) ? CURL_CSELECT_OUT : 0);
    curl_multi_socket_action(engine->multi, fd, action, &running);
    collect(engine);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    struct curl_engine *engine = context;
    int running = 0;
    (void)fd;
    (void)what;
    curl_multi_socket_action(engine->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(engine);
}

static int on_timer_wanted(CURLM *multi, long timeout_ms, void *context)
{
    struct curl_engine *engine = context;
    (void)multi;
    if (timeout_ms < 0) {
        return evtimer_del(engine->timer);
    }
    const struct timeval wait = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    return evtimer_add(engine->timer, &wait);
}

static int on_socket_wanted(CURL *easy, curl_socket_t fd, int what, void *context, void *watched)
{
    struct curl_engine *engine = context;
    struct event *event = watched;
    (void)easy;
    if (event) {
        event_free(event);
        curl_multi_assign(engine->multi, fd, NULL);
    }
    if (what == CURL_POLL_REMOVE) {
        return 0;
    }
    const int reads = (what & CURL_POLL_IN) ? EV_READ : 0;
    const int writes = (what & CURL_POLL_OUT) ? EV_WRITE : 0;
    const short kind = (short)(reads | writes | EV_PERSIST);
    event = event_new(engine->base, fd, kind, on_socket_ready, engine);
    if (!event || event_add(event, NULL)) {
        return -1;
    }
    curl_multi_assign(engine->multi, fd, event);
    return 0;
}

static void on_refusals(evutil_socket_t fd, short what, void *context)
{
    struct curl_engine *engine = context;
    (void)fd;
    (void)what;
    while (engine->refused_count > 0) {
        engine->refused_count--;
        const size_t last = engine->refused_count;
        const enum http_result result = engine->refused[last].result;
        const struct http_answer answer = {
            .result = result,
            .retry_after_ms = -1,
            .reason = result == HTTP_FORBIDDEN ? reason_forbidden : "no room for another transfer",
        };
        engine->refused[last].done(engine->refused[last].context, &answer);
    }
}

/* done is never called from inside post, so a refusal waits for the next turn of the loop. */
static void refuse(
    struct curl_engine *engine, enum http_result result, http_done_fn *done, void *context)
{
    MUST(engine->refused_count < HTTP_TRANSFERS_MAX); /* senders have fewer posts than that */
    engine->refused[engine->refused_count].done = done;
    engine->refused[engine->refused_count].context = context;
    engine->refused[engine->refused_count].result = result;
    engine->refused_count++;
    const struct timeval now = {0};
    evtimer_add(engine->refusals, &now);
}

static struct transfer *free_slot(struct curl_engine *engine)
{
    for (size_t index = 0; index < HTTP_TRANSFERS_MAX; index++) {
        if (!engine->transfers[index].busy) {
            return &engine->transfers[index];
        }
    }
    return NULL;
}

static void engine_post(
    struct http_engine *base, const struct http_request *request, http_done_fn *done, void *context)
{
    struct curl_engine *engine = (struct curl_engine *)base;
    if (engine->loopback_only && request->proxy.bytes > 0 &&
        !(request->url.ptr && url_is_loopback(request->url.ptr))) {
        refuse(engine, HTTP_FORBIDDEN, done, context);
        return;
    }
    struct transfer *transfer = free_slot(engine);
    if (!transfer || !transfer_init(transfer, request, engine->loopback_only)) {
        refuse(engine, HTTP_NOT_SENT, done, context);
        return;
    }
    transfer->engine = engine;
    transfer->done = done;
    transfer->context = context;
    const bool fresh = transfer->mail || is_fresh(engine);
    curl_easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
    if (curl_multi_add_handle(engine->multi, transfer->easy) != CURLM_OK) {
        transfer_release(transfer);
        refuse(engine, HTTP_NOT_SENT, done, context);
    }
}

static void engine_free(struct http_engine *base)
{
    struct curl_engine *engine = (struct curl_engine *)base;
    if (!engine) {
        return;
    }
    for (size_t index = 0; index < HTTP_TRANSFERS_MAX; index++) {
        struct transfer *transfer = &engine->transfers[index];
        if (transfer->busy) {
            curl_multi_remove_handle(engine->multi, transfer->easy);
            transfer_release(transfer);
        }
        curl_easy_cleanup(transfer->easy);
    }
    curl_multi_cleanup(engine->multi); /* closes kept connections, frees their events */
    if (engine->timer) {
        event_free(engine->timer);
    }
    if (engine->refusals) {
        event_free(engine->refusals);
    }
    free(engine);
}

static const struct http_engine_ops curl_ops = {.post = engine_post, .free = engine_free};

static bool curl_is_ready(void)
{
    static bool ready; /* curl wants to be told once a process */
    if (!ready) {
        ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    }
    return ready;
}

struct http_engine *http_engine_create(
    struct event_base *base, bool loopback_only, struct err_why *why)
{
    struct curl_engine *engine = curl_is_ready() ? calloc(1, sizeof(*engine)) : NULL;
    if (!engine) {
        err_set(why, ERR_NO_MEMORY, "curl cannot be started");
        return NULL;
    }
    engine->engine.ops = &curl_ops;
    engine->base = base;
    engine->loopback_only = loopback_only;
    engine->multi = curl_multi_init();
    engine->timer = evtimer_new(base, on_timer, engine);
    engine->refusals = evtimer_new(base, on_refusals, engine);
    if (!engine->multi || !engine->timer || !engine->refusals) {
        engine_free(&engine->engine);
        err_set(why, ERR_NO_MEMORY, "no memory for the HTTP engine");
        return NULL;
    }
    curl_multi_setopt(engine->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
    curl_multi_setopt(engine->multi, CURLMOPT_SOCKETDATA, engine);
    curl_multi_setopt(engine->multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
    curl_multi_setopt(engine->multi, CURLMOPT_TIMERDATA, engine);
    curl_multi_setopt(engine->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    return &engine->engine;
}

/* ---- the blocking helper ---- */

static enum err fetched(
    struct transfer *transfer, CURLcode code, struct http_fetched *ret_fetched, struct err_why *why)
{
    struct http_answer answer;
    transfer_answer(transfer, code, &answer);
    if (answer.truncated) {
        return err_set(why, ERR_FULL, "the answer is longer than %zu bytes", answer.body.bytes);
    }
    if (answer.result != HTTP_ANSWERED) {
        const bool sent = answer.result == HTTP_NO_ANSWER;
        return err_set(why, sent ? ERR_TIMEOUT : ERR_AWAY, "%s", answer.reason);
    }
    ret_fetched->status = answer.status;
    ret_fetched->body = transfer->body_in;
    buf_init(&transfer->body_in, 0); /* handed over */
    return ERR_OK;
}

enum err http_fetch(
    const struct http_request *request, struct http_fetched *ret_fetched, struct err_why *why)
{
    struct transfer transfer = {0};
    if (!curl_is_ready() || !transfer_init(&transfer, request, false)) {
        return err_set(why, ERR_USAGE, "this is not an address to fetch from");
    }
    const CURLcode code = curl_easy_perform(transfer.easy);
    const enum err err = fetched(&transfer, code, ret_fetched, why);
    transfer_release(&transfer);
    curl_easy_cleanup(transfer.easy);
    return err;
}

const char *http_engine_version(void)
{
    return curl_version();
}
