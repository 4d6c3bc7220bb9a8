/* SPDX-License-Identifier: Apache-2.0 */
/*
 * curl multi over libevent. curl waits in the loop for the last reply to a mail, and to QUIT, for
 * as long as a server likes; so it only makes the connection of a mail (TLS, name and password),
 * and the mail itself is handed over here (smtp_talk).
 */
#include "notifiers/http_engine.h"

#include <stdlib.h>

#include <event2/event.h>

#include "base/lap.h"
#include "base/must.h"
#include "notifiers/http_transfer.h"

#define CONNECTIONS_KEPT HTTP_TRANSFERS_MAX
#define CONNECTIONS_HOST 64   /* to one host; more transfers wait for one of them */
#define FRESH_MS         5000 /* after an error, kept connections are not trusted for so long */

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

static void give_back(struct transfer *transfer)
{
    if (transfer->talk_event) {
        event_free(transfer->talk_event);
    }
    transfer_release(transfer);
}

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
    give_back(transfer);
}

/* ---- a mail, once its connection is there ---- */

static void mail_turn(struct transfer *transfer);

static void on_mail_ready(evutil_socket_t fd, short what, void *context)
{
    struct transfer *transfer = context;
    (void)fd;
    lap_begin();
    if (what & EV_TIMEOUT) {
        finish(transfer->engine, transfer, CURLE_OPERATION_TIMEDOUT);
    } else {
        mail_turn(transfer);
    }
    lap_end();
}

static void mail_wait(struct transfer *transfer, short what)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    const int64_t left_ms = transfer->deadline.ms - clock_mono().ms;
    const struct timeval left = {
        .tv_sec = left_ms > 0 ? left_ms / 1000 : 0,
        .tv_usec = left_ms > 0 ? left_ms % 1000 * 1000 : 0,
    };
    if (transfer->talk_event) {
        event_free(transfer->talk_event);
    }
    curl_easy_getinfo(transfer->easy, CURLINFO_ACTIVESOCKET, &fd);
    transfer->talk_event = event_new(transfer->engine->base, fd, what, on_mail_ready, transfer);
    if (!transfer->talk_event || event_add(transfer->talk_event, &left)) {
        finish(transfer->engine, transfer, CURLE_OUT_OF_MEMORY);
    }
}

static CURLcode mail_say(struct transfer *transfer, struct text words)
{
    size_t given = 0;
    const CURLcode code = curl_easy_send(transfer->easy, words.ptr, words.bytes, &given);
    if (code == CURLE_OK) {
        smtp_talk_sent(&transfer->talk, given);
    }
    return code;
}

static CURLcode mail_hear(struct transfer *transfer)
{
    char bytes[1024];
    size_t got = 0;
    const CURLcode code = curl_easy_recv(transfer->easy, bytes, sizeof(bytes), &got);
    if (code != CURLE_OK) {
        return code;
    }
    smtp_talk_heard(&transfer->talk, (struct text){bytes, got});
    transfer->heard_bytes += got;
    if (got == 0) {
        return CURLE_GOT_NOTHING; /* hung up */
    }
    return transfer->heard_bytes > transfer->answer_bytes_max ? CURLE_WEIRD_SERVER_REPLY : CURLE_OK;
}

/* As far as it goes without waiting. */
static void mail_turn(struct transfer *transfer)
{
    struct smtp_talk *talk = &transfer->talk;
    struct text words = {0};
    CURLcode code = CURLE_OK;
    while (code == CURLE_OK && talk->step != SMTP_OVER) { /* each turn moves bytes or ends */
        words = smtp_talk_wants(talk);
        code = words.bytes > 0 ? mail_say(transfer, words) : mail_hear(transfer);
    }
    if (code == CURLE_AGAIN) {
        mail_wait(transfer, words.bytes > 0 ? EV_WRITE : EV_READ);
        return;
    }
    if (talk->status > 0) {
        size_t given = 0;
        (void)curl_easy_send(transfer->easy, "QUIT\r\n", 6, &given); /* out of politeness */
    }
    finish(transfer->engine, transfer, code == CURLE_OK ? CURLE_WEIRD_SERVER_REPLY : code);
}

static void mail_begin(struct transfer *transfer)
{
    transfer->talking = true;
    smtp_talk_init(
        &transfer->talk, buf_view(&transfer->mail_from), buf_view(&transfer->mail_to),
        buf_view(&transfer->body_out));
    mail_turn(transfer);
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
        if (transfer->mail && code == CURLE_OK) {
            mail_begin(transfer);
        } else {
            finish(engine, transfer, code);
        }
    }
}

static void on_socket_ready(evutil_socket_t fd, short what, void *context)
{
    struct curl_engine *engine = context;
    int running = 0;
    const int action =
        ((what & EV_READ) ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) ? CURL_CSELECT_OUT : 0);
    lap_begin();
    curl_multi_socket_action(engine->multi, fd, action, &running);
    collect(engine);
    lap_end();
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    struct curl_engine *engine = context;
    int running = 0;
    (void)fd;
    (void)what;
    lap_begin();
    curl_multi_socket_action(engine->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(engine);
    lap_end();
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
            .reason =
                result == HTTP_FORBIDDEN ? transfer_forbidden : "no room for another transfer",
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
        !(request->url.ptr && transfer_url_is_loopback(request->url.ptr))) {
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
    transfer->deadline =
        mono_add(clock_mono(), request->timeout_ms > 0 ? request->timeout_ms : HTTP_TIMEOUT_MS);
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
            give_back(transfer);
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
    curl_multi_setopt(engine->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)CONNECTIONS_HOST);
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
    if (!curl_is_ready() || request->mail_to.bytes > 0 ||
        !transfer_init(&transfer, request, false)) {
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
