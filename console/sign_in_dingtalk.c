/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two questions to DingTalk: an access token of the app (kept as long as it counts), then whose the
 * code is. A token that DingTalk has ended early is asked for anew, once.
 */
#include "console/sign_in_dingtalk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/log.h"
#include "console/fetch.h"
#include "console/problem.h"
#include "console/readers.h"
#include "console/sign_in.h"

#define URL_BYTES       2048
#define TOKEN_TEXT_MAX  512
#define TOKEN_MARGIN_MS 60000
#define CODE_NO_TOKEN   40014 /* invalid access_token */
#define CODE_OLD_TOKEN  42001 /* access_token expired */
#define CODE_NO_CODE    40078 /* the temporary code is not known, was used, or has expired */
#define CODE_MISSING    40029 /* the same, as some of its doors say it */

struct exchange {
    struct exchange *next;
    struct console *console;
    struct http_call *call;
    dingtalk_done_fn *done;
    char code[DINGTALK_CODE_BYTES];
    /* What the thread needs: settings may not be read there. */
    char base[512];
    char proxy[512];
    char ca_file[512];
    char key[128];
    char secret[256];
    bool loopback_only;
    /* In and out. */
    char token[TOKEN_TEXT_MAX];
    int64_t token_ms; /* how long a new one counts; 0: it is the old one */
    struct dingtalk_user user;
    struct err_why why;
};

struct dingtalk {
    struct console *console;
    struct exchange *first; /* the one being asked, then those that wait */
    size_t count;
    char token[TOKEN_TEXT_MAX];
    struct mono_ms token_until;
};

struct dingtalk *dingtalk_create(struct console *console)
{
    struct dingtalk *dingtalk = calloc(1, sizeof(*dingtalk));
    if (dingtalk) {
        dingtalk->console = console;
    }
    return dingtalk;
}

void dingtalk_free(struct dingtalk *dingtalk)
{
    if (dingtalk) {
        explicit_bzero(dingtalk, sizeof(*dingtalk));
        free(dingtalk);
    }
}

/* ---- in the thread ---- */

/* "errcode" of an answer; -1 when there is none. */
static int64_t errcode_of(const struct json_doc *doc)
{
    int64_t code = -1;
    return json_i64(json_get(json_root(doc), "errcode"), &code) == ERR_OK ? code : -1;
}

static enum err ask(
    struct exchange *exchange, struct text url, struct text json, struct json_doc **ret_doc)
{
    struct buf body;
    int status = 0;
    const struct fetch fetch = {
        .url = url.ptr,
        .json = json,
        .proxy = exchange->proxy,
        .ca_file = exchange->ca_file,
        .loopback_only = exchange->loopback_only,
    };
    buf_init(&body, FETCH_ANSWER_BYTES_MAX);
    enum err err = fetch_run(&fetch, &body, &status, &exchange->why);
    if (!err && status != 200) {
        err = err_set(&exchange->why, ERR_PROTO, "DingTalk answered with status %d", status);
    }
    if (!err && json_parse(buf_view(&body), &json_limits_answer, ret_doc, NULL)) {
        err = err_set(&exchange->why, ERR_PROTO, "DingTalk's answer is no JSON");
    }
    buf_release(&body);
    return err;
}

static enum err take_token(struct exchange *exchange, const struct json_doc *doc)
{
    const struct text token = json_get_string(json_root(doc), "access_token");
    int64_t seconds = 0;
    if (errcode_of(doc) != 0 || token.bytes == 0 || token.bytes >= TOKEN_TEXT_MAX ||
        json_i64(json_get(json_root(doc), "expires_in"), &seconds) || seconds < 0 ||
        seconds > 86400) {
        return err_set(
            &exchange->why, ERR_PROTO, "DingTalk gives no access token (errcode %lld)",
            (long long)errcode_of(doc));
    }
    (void)snprintf(exchange->token, sizeof exchange->token, "%.*s", TEXT_ARGS(token));
    exchange->token_ms = seconds * 1000;
    return ERR_OK;
}

static enum err get_token(struct exchange *exchange)
{
    struct buf url;
    struct json_doc *doc = NULL;
    buf_init(&url, URL_BYTES);
    buf_format(&url, "%s/gettoken?appkey=", exchange->base);
    crypto_url_encode(&url, text_of(exchange->key));
    buf_string(&url, "&appsecret=");
    crypto_url_encode(&url, text_of(exchange->secret));
    enum err err = buf_error(&url);
    if (!err) {
        err = ask(exchange, buf_view(&url), (struct text){0}, &doc);
    }
    if (!err) {
        err = take_token(exchange, doc);
    }
    json_free(doc);
    explicit_bzero(url.ptr, url.bytes);
    buf_release(&url);
    return err;
}

static enum err take_user(struct exchange *exchange, const struct json_doc *doc)
{
    const struct text user = json_get_string(json_get(json_root(doc), "result"), "userid");
    const int64_t code = errcode_of(doc);
    if (code == CODE_NO_CODE || code == CODE_MISSING) {
        return err_set(&exchange->why, ERR_REFUSED, "DingTalk does not know this code");
    }
    if (code == CODE_NO_TOKEN || code == CODE_OLD_TOKEN) {
        return err_set(&exchange->why, ERR_CONFLICT, "DingTalk has ended the access token");
    }
    if (code != 0 || user.bytes == 0 || user.bytes >= DINGTALK_USER_BYTES) {
        return err_set(
            &exchange->why, ERR_PROTO, "DingTalk names no user (errcode %lld)", (long long)code);
    }
    (void)snprintf(exchange->user.user, DINGTALK_USER_BYTES, "%.*s", TEXT_ARGS(user));
    return ERR_OK;
}

static enum err get_user(struct exchange *exchange)
{
    struct buf url;
    struct buf body;
    struct json_out out;
    struct json_doc *doc = NULL;
    buf_init(&url, URL_BYTES);
    buf_init(&body, URL_BYTES);
    buf_format(&url, "%s/topapi/v2/user/getuserinfo?access_token=", exchange->base);
    crypto_url_encode(&url, text_of(exchange->token));
    json_out_init(&out, &body);
    json_out_open(&out, '{');
    json_out_member(&out, "code", text_of(exchange->code));
    json_out_close(&out, '}');
    enum err err = buf_error(&url);
    if (!err) {
        err = buf_error(&body);
    }
    if (!err) {
        err = ask(exchange, buf_view(&url), buf_view(&body), &doc);
    }
    if (!err) {
        err = take_user(exchange, doc);
    }
    json_free(doc);
    buf_release(&url);
    buf_release(&body);
    return err;
}

static void on_thread(const struct view *view, void *context)
{
    struct exchange *exchange = context;
    enum err err = ERR_OK;
    (void)view;
    for (int round = 0; round < 2; round++) {
        err = exchange->token[0] ? ERR_OK : get_token(exchange);
        if (!err) {
            err = get_user(exchange);
        }
        if (err != ERR_CONFLICT) {
            break;
        }
        exchange->token[0] = '\0';
    }
    exchange->user.err = err;
}

/* ---- on the loop ---- */

static void begin_next(struct dingtalk *dingtalk);

static void exchange_free(struct exchange *exchange)
{
    explicit_bzero(exchange, sizeof(*exchange));
    free(exchange);
}

static void keep_token(struct dingtalk *dingtalk, const struct exchange *exchange)
{
    if (exchange->user.err && exchange->user.err != ERR_REFUSED) {
        dingtalk->token[0] = '\0';
    } else if (exchange->token_ms > 0) {
        memcpy(dingtalk->token, exchange->token, sizeof dingtalk->token);
        dingtalk->token_until = mono_add(clock_mono(), exchange->token_ms - TOKEN_MARGIN_MS);
    }
}

static void on_done(struct console *console, void *context, bool ran)
{
    struct dingtalk *dingtalk = sign_in_dingtalk(console);
    struct exchange *exchange = context;
    dingtalk->first = exchange->next;
    dingtalk->count--;
    if (!ran) {
        problem_answer(exchange->call, PROBLEM_UNAVAILABLE, "the service is stopping");
    } else {
        keep_token(dingtalk, exchange);
        if (exchange->user.err && exchange->user.err != ERR_REFUSED) {
            log_warn(
                "dingtalk_sign_in_failed", "err=%s why=\"%s\"", err_name(exchange->user.err),
                exchange->why.text);
        }
        exchange->done(console, exchange->call, &exchange->user);
    }
    exchange_free(exchange);
    begin_next(dingtalk);
}

static void begin_next(struct dingtalk *dingtalk)
{
    while (dingtalk->first) {
        struct exchange *exchange = dingtalk->first;
        if (clock_mono().ms < dingtalk->token_until.ms) {
            memcpy(exchange->token, dingtalk->token, sizeof exchange->token);
        }
        if (readers_run(dingtalk->console, on_thread, on_done, exchange)) {
            return;
        }
        dingtalk->first = exchange->next;
        dingtalk->count--;
        problem_answer(exchange->call, PROBLEM_UNAVAILABLE, "no room for one more sign-in");
        exchange_free(exchange);
    }
}

static bool put(char *place, size_t place_bytes, struct text text)
{
    (void)snprintf(place, place_bytes, "%.*s", TEXT_ARGS(text));
    return text.bytes < place_bytes;
}

/* What the settings of the channel say; false when something is too long to be true. */
static bool configure(const struct console *console, struct exchange *exchange)
{
    const struct settings *settings = console->env->settings;
    const struct channel_settings *channel =
        settings_channel(settings, settings->sign_in.dingtalk_channel);
    exchange->loopback_only = console->env->clock->mode != CLOCK_REAL;
    return channel && put(exchange->base, sizeof exchange->base, channel->url) &&
           put(exchange->proxy, sizeof exchange->proxy, channel->proxy) &&
           put(exchange->ca_file, sizeof exchange->ca_file, channel->ca_file) &&
           put(exchange->key, sizeof exchange->key, channel_option(channel, "app_key")) &&
           put(exchange->secret, sizeof exchange->secret, channel_option(channel, "app_secret"));
}

static void enqueue(struct dingtalk *dingtalk, struct exchange *exchange)
{
    struct exchange **place = &dingtalk->first;
    const bool idle = *place == NULL;
    while (*place) {
        place = &(*place)->next;
    }
    *place = exchange;
    dingtalk->count++;
    if (idle) {
        begin_next(dingtalk);
    }
}

void dingtalk_ask(
    struct console *console, struct http_call *call, struct text code, dingtalk_done_fn *done)
{
    struct dingtalk *dingtalk = sign_in_dingtalk(console);
    struct exchange *exchange =
        dingtalk->count < DINGTALK_WAITING_MAX ? calloc(1, sizeof(*exchange)) : NULL;
    if (!exchange) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "many sign in by DingTalk now; try again");
        return;
    }
    exchange->console = console;
    exchange->call = call;
    exchange->done = done;
    if (!put(exchange->code, sizeof exchange->code, code) || !configure(console, exchange)) {
        exchange_free(exchange);
        problem_answer(call, PROBLEM_BAD_REQUEST, "this cannot be a code of DingTalk");
        return;
    }
    enqueue(dingtalk, exchange);
}
