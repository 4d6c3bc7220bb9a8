/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listeners, their certificates, and what the outer one lets through.
 */
#include "console/front.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/tls.h"
#include "console/limits.h"
#include "console/routes.h"
#include "store/ops_notice.h"

#define LOOK_MS         60000
#define DESCRIPTORS_MIN 8192
#define LISTEN_BYTES    128
#define DAY_MS          (INT64_C(24) * 3600 * 1000)
#define WARN_DAYS       30

struct front {
    struct console *console;
    struct http_handler inner_handler;
    struct http_handler outer_handler;
    struct http_server *outer; /* NULL: there is none */
    struct tls *inner_tls;     /* NULL: without */
    struct tls *outer_tls;
    struct loop_timer *look;
    struct event *hangup;
};

/* ---- what passes ---- */

static bool inner_admit(void *context, struct http_call *call, struct http_admission *ret_admission)
{
    struct front *front = context;
    return limits_address(front->console, call) &&
           routes_admit(front->console, call, ret_admission);
}

static void inner_handle(void *context, struct http_call *call)
{
    struct front *front = context;
    routes_handle(front->console, call);
}

static void inner_refuse(void *context, struct http_call *call, int status, const char *why)
{
    struct front *front = context;
    routes_refuse(front->console, call, status, why);
}

/* Outside nobody is told what else there is, or why. */
static void answer_bare(struct http_call *call, int status)
{
    http_answer(call, status, NULL, (struct text){0});
}

static bool is_for_outside(struct text path)
{
    return text_starts_with(path, TEXT_LITERAL("/a/")) ||
           text_starts_with(path, TEXT_LITERAL("/hooks/"));
}

static bool outer_admit(void *context, struct http_call *call, struct http_admission *ret_admission)
{
    struct front *front = context;
    if (!is_for_outside(call->head.path)) {
        answer_bare(call, 404);
        return false;
    }
    call->from_loopback = false; /* whoever forwards to here is not trusted for being near */
    return limits_address(front->console, call) &&
           routes_admit(front->console, call, ret_admission);
}

static void outer_refuse(void *context, struct http_call *call, int status, const char *why)
{
    (void)context;
    (void)why;
    answer_bare(call, status);
}

/* ---- certificates ---- */

static enum err tls_open(
    const struct tls_settings *settings, struct tls **ret_tls, struct err_why *why)
{
    char cert[1024];
    char key[1024];
    if (settings->cert.bytes == 0) {
        return ERR_OK;
    }
    (void)snprintf(cert, sizeof(cert), "%.*s", TEXT_ARGS(settings->cert));
    (void)snprintf(key, sizeof(key), "%.*s", TEXT_ARGS(settings->key));
    return tls_create(cert, key, ret_tls, why);
}

static void tls_renew(struct tls *tls, const char *listener, bool even_if_the_same)
{
    struct err_why why = {0};
    if (!tls || (!even_if_the_same && !tls_is_stale(tls))) {
        return;
    }
    if (tls_reload(tls, &why)) {
        log_error(
            "certificate_not_read", "listener=%s why=\"%s\" next=the_old_one_stays_in_use",
            listener, why.text);
    } else {
        log_info(
            "certificate_read", "listener=%s expires_ms=%lld", listener,
            (long long)tls_expires_ms(tls));
    }
}

int64_t front_certificate_expires_ms(const struct front *front)
{
    const int64_t inner_ms = front && front->inner_tls ? tls_expires_ms(front->inner_tls) : 0;
    const int64_t outer_ms = front && front->outer_tls ? tls_expires_ms(front->outer_tls) : 0;
    return inner_ms == 0 || (outer_ms != 0 && outer_ms < inner_ms) ? outer_ms : inner_ms;
}

/* Certificates go by the system's clock, whatever the service's says. */
static void tell_operators(struct front *front)
{
    struct role_env *env = front->console->env;
    char zh[OPS_WORDS_BYTES];
    char en[OPS_WORDS_BYTES];
    const int64_t left_ms = front_certificate_expires_ms(front) - clock_system().ms;
    const long long days = left_ms / DAY_MS;
    if (left_ms > WARN_DAYS * DAY_MS) {
        ops_clear(env, OPS_CERTIFICATE, (struct text){0});
        return;
    }
    if (left_ms > 0) {
        (void)snprintf(zh, sizeof(zh), "监听端口的 TLS 证书还有 %lld 天到期，请更换文件", days);
        (void)snprintf(
            en, sizeof(en), "a listener's TLS certificate ends in %lld days: renew its files",
            days);
    } else {
        (void)snprintf(zh, sizeof(zh), "监听端口的 TLS 证书已过期，浏览器会拒绝连接，请更换文件");
        (void)snprintf(
            en, sizeof(en), "a listener's TLS certificate has ended: browsers refuse it; renew it");
    }
    ops_raise(env, OPS_CERTIFICATE, (struct text){0}, (struct ops_words){.zh = zh, .en = en});
}

static void on_look(void *context)
{
    struct front *front = context;
    tls_renew(front->inner_tls, "http", false);
    tls_renew(front->outer_tls, "public", false);
    tell_operators(front);
    loop_timer_arm(front->look, LOOK_MS);
}

static void on_hangup(evutil_socket_t fd, short what, void *context)
{
    struct front *front = context;
    (void)fd;
    (void)what;
    tls_renew(front->inner_tls, "http", true);
    tls_renew(front->outer_tls, "public", true);
    tell_operators(front);
}

static enum err watch_certificates(struct front *front, struct err_why *why)
{
    const struct role_env *env = front->console->env;
    if (!front->inner_tls && !front->outer_tls) {
        return ERR_OK;
    }
    front->look = loop_timer_create(env->loop, on_look, front);
    front->hangup = evsignal_new(env->base, SIGHUP, on_hangup, front);
    if (!front->look || !front->hangup || event_add(front->hangup, NULL) != 0) {
        return err_set(why, ERR_NO_MEMORY, "no memory to look after certificates");
    }
    loop_timer_arm(front->look, 0);
    return ERR_OK;
}

/* ---- start and end ---- */

/* Each connection is a descriptor; the usual 1024 of a process are too few. */
static void descriptors_allow(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < DESCRIPTORS_MIN) {
        limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MIN ? limit.rlim_max : DESCRIPTORS_MIN;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static enum err open_inner(struct front *front, struct err_why *why)
{
    struct console *console = front->console;
    char listen[LISTEN_BYTES];
    (void)snprintf(listen, sizeof(listen), "%.*s", TEXT_ARGS(console->env->settings->http_listen));
    const struct http_options options = {
        .listen = listen, .listen_key = "http.listen", .tls = front->inner_tls};
    return http_server_create(
        console->env->base, &options, &front->inner_handler, &console->http, why);
}

static enum err open_outer(struct front *front, struct err_why *why)
{
    const struct role_env *env = front->console->env;
    char listen[LISTEN_BYTES];
    if (env->settings->http_door_listen.bytes == 0) {
        return ERR_OK;
    }
    (void)snprintf(listen, sizeof(listen), "%.*s", TEXT_ARGS(env->settings->http_door_listen));
    const struct http_options options = {
        .listen = listen, .listen_key = "http.public.listen", .tls = front->outer_tls};
    return http_server_create(env->base, &options, &front->outer_handler, &front->outer, why);
}

static enum err open_all(struct front *front, struct err_why *why)
{
    const struct settings *settings = front->console->env->settings;
    enum err err = tls_open(&settings->http_tls, &front->inner_tls, why);
    if (!err) {
        err = tls_open(&settings->http_door_tls, &front->outer_tls, why);
    }
    if (!err) {
        err = watch_certificates(front, why);
    }
    if (!err) {
        err = open_inner(front, why);
    }
    return err ? err : open_outer(front, why);
}

enum err front_open(struct console *console, struct front **ret_front, struct err_why *why)
{
    struct front *front = calloc(1, sizeof(*front));
    if (!front) {
        return err_set(why, ERR_NO_MEMORY, "no memory for the listeners");
    }
    descriptors_allow();
    front->console = console;
    front->inner_handler = (struct http_handler){
        .admit = inner_admit, .handle = inner_handle, .refuse = inner_refuse, .context = front};
    front->outer_handler = (struct http_handler){
        .admit = outer_admit, .handle = inner_handle, .refuse = outer_refuse, .context = front};
    const enum err err = open_all(front, why);
    if (err) {
        front_free(front);
        return err;
    }
    *ret_front = front;
    return ERR_OK;
}

void front_free(struct front *front)
{
    if (!front) {
        return;
    }
    http_server_free(front->outer);
    http_server_free(front->console->http);
    front->console->http = NULL;
    if (front->hangup) {
        event_free(front->hangup);
    }
    loop_timer_free(front->look);
    tls_free(front->inner_tls);
    tls_free(front->outer_tls);
    free(front);
}

void front_drain(struct front *front)
{
    http_server_drain(front->console->http);
    if (front->outer) {
        http_server_drain(front->outer);
    }
}

size_t front_busy(const struct front *front)
{
    return http_server_busy(front->console->http) +
           (front->outer ? http_server_busy(front->outer) : 0);
}

int front_public_port(const struct front *front)
{
    return front->outer ? http_server_port(front->outer) : 0;
}
