/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The accounts' life within the console: opening and sweeping them, the very first link, sessions
 * and the passwords that are being tried.
 */
#include "console/sign_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "console/cookie.h"
#include "console/fetch.h"
#include "console/passwords.h"
#include "console/problem.h"
#include "console/sign_in_dingtalk.h"

#define PATH_BYTES     512
#define SWEEP_MS       (INT64_C(10) * 60 * 1000)
#define URL_BYTES      512
#define CSRF_KEY_BYTES 32

struct sign_in {
    struct console *console;
    struct accounts *accounts;
    struct loop_timer *sweep;
    struct passwords *passwords;
    struct dingtalk *dingtalk;
    uint8_t csrf_key[CSRF_KEY_BYTES]; /* of this process: for users whom a proxy has signed in */
};

struct accounts *sign_in_accounts(const struct console *console)
{
    return console->sign_in->accounts;
}

struct passwords *sign_in_passwords(const struct console *console)
{
    return console->sign_in->passwords;
}

struct dingtalk *sign_in_dingtalk(const struct console *console)
{
    return console->sign_in->dingtalk;
}

/* ---- the first link ---- */

static bool link_path(const struct console *console, char path[static PATH_BYTES])
{
    return snprintf(path, PATH_BYTES, "%s/" SETUP_LINK_FILE, console->env->data_folder) <
           PATH_BYTES;
}

/* The name people reach the console by; without one they are on this machine. */
static void public_url(const struct console *console, char url[static URL_BYTES])
{
    const struct text given = console->env->settings->public_url;
    if (given.bytes > 0 && given.bytes < URL_BYTES) {
        (void)snprintf(url, URL_BYTES, "%.*s", TEXT_ARGS(given));
    } else {
        (void)snprintf(
            url, URL_BYTES, "%s://127.0.0.1:%d",
            console->env->settings->http_tls.cert.bytes > 0 ? "https" : "http",
            http_server_port(console->http));
    }
}

void sign_in_link_url(
    const struct console *console, const char *key, char url[static SIGN_IN_URL_BYTES])
{
    char base[URL_BYTES];
    public_url(console, base);
    (void)snprintf(url, SIGN_IN_URL_BYTES, "%s/#/setup/%s", base, key);
}

/* Does the file's link still open the door, under the name we have today? */
static bool link_stands(struct sign_in *sign_in, const char *path)
{
    char url[SIGN_IN_URL_BYTES];
    struct buf text;
    int64_t account = -1;
    bool stands = false;
    buf_init(&text, 2048);
    if (file_read(path, &text, NULL) == ERR_OK && text.bytes > SECRET_TEXT_BYTES) {
        char key[SECRET_TEXT_BYTES];
        (void)snprintf(key, sizeof key, "%s", text.ptr + text.bytes - SECRET_TEXT_BYTES);
        sign_in_link_url(sign_in->console, key, url);
        stands = links_find(sign_in->accounts, text_of(key), &account) == ERR_OK && account == 0 &&
                 strncmp(text.ptr, url, strlen(url)) == 0;
    }
    buf_release(&text);
    return stands;
}

static enum err link_make(struct sign_in *sign_in, const char *path, struct err_why *why)
{
    char key[SECRET_TEXT_BYTES];
    char url[SIGN_IN_URL_BYTES];
    struct wall_ms expires;
    struct buf text;
    enum err err = links_make(sign_in->accounts, 0, key, &expires);
    if (err) {
        return err_set(why, err, "the first link could not be kept in accounts.db");
    }
    sign_in_link_url(sign_in->console, key, url);
    buf_init(&text, 2048);
    buf_string(&text, url);
    buf_char(&text, '\n');
    err = file_write(path, buf_view(&text), 0600, why);
    buf_release(&text);
    explicit_bzero(key, sizeof key);
    log_info("setup_link_made", "file=%s", path);
    return err;
}

/* As long as nobody has an account there is a link that makes the first one, and only then. */
static enum err first_link(struct sign_in *sign_in, struct err_why *why)
{
    char path[PATH_BYTES];
    int64_t count = 0;
    if (!link_path(sign_in->console, path)) {
        return err_set(why, ERR_RANGE, "the path of the data folder is too long");
    }
    const enum err err = accounts_count(sign_in->accounts, &count);
    if (err) {
        return err_set(why, err, "accounts.db could not be read");
    }
    if (count > 0) {
        (void)unlink(path);
        return ERR_OK;
    }
    return link_stands(sign_in, path) ? ERR_OK : link_make(sign_in, path, why);
}

void sign_in_look_at_link(struct console *console)
{
    struct err_why why = {0};
    const enum err err = first_link(console->sign_in, &why);
    if (err) {
        log_warn("setup_link_failed", "err=%s why=\"%s\"", err_name(err), why.text);
    }
}

/* ---- start and end ---- */

static void on_sweep(void *context)
{
    struct sign_in *sign_in = context;
    const enum err err = accounts_sweep(sign_in->accounts);
    if (err) {
        log_warn("accounts_sweep_failed", "err=%s", err_name(err));
    }
    sign_in_look_at_link(sign_in->console);
    loop_timer_arm(sign_in->sweep, SWEEP_MS);
}

enum err sign_in_create(struct console *console, struct sign_in **ret_sign_in, struct err_why *why)
{
    char path[PATH_BYTES];
    struct sign_in *sign_in = calloc(1, sizeof(*sign_in));
    if (!sign_in) {
        return err_set(why, ERR_NO_MEMORY, "no memory for signing in");
    }
    sign_in->console = console;
    crypto_random(sign_in->csrf_key, sizeof sign_in->csrf_key);
    sign_in->passwords = passwords_create();
    sign_in->dingtalk = dingtalk_create(console);
    sign_in->sweep = loop_timer_create(console->env->loop, on_sweep, sign_in);
    const int bytes = snprintf(path, sizeof path, "%s/accounts.db", console->env->data_folder);
    enum err err = ERR_RANGE;
    if (!sign_in->sweep || !sign_in->passwords || !sign_in->dingtalk) {
        err = err_set(why, ERR_NO_MEMORY, "no memory for signing in");
    } else if (bytes < PATH_BYTES) {
        err = accounts_open(path, &sign_in->accounts, why);
    }
    if (!err) {
        err = fetch_start(why);
    }
    if (!err) {
        err = first_link(sign_in, why);
    }
    if (err) {
        sign_in_free(sign_in);
        return err;
    }
    loop_timer_arm(sign_in->sweep, SWEEP_MS);
    *ret_sign_in = sign_in;
    return ERR_OK;
}

void sign_in_free(struct sign_in *sign_in)
{
    if (sign_in) {
        loop_timer_free(sign_in->sweep);
        passwords_free(sign_in->passwords);
        dingtalk_free(sign_in->dingtalk);
        accounts_close(sign_in->accounts);
        free(sign_in);
    }
}

/* ---- what a request shows ---- */

static bool same_word(struct text a, struct text b)
{
    return a.bytes == b.bytes && (a.bytes == 0 || strncasecmp(a.ptr, b.ptr, a.bytes) == 0);
}

/* The host and port of an address: behind "https://", before the first slash. */
static struct text host_of(struct text url, struct text scheme)
{
    struct text host = {url.ptr + scheme.bytes, url.bytes - scheme.bytes};
    const char *slash = host.bytes > 0 ? memchr(host.ptr, '/', host.bytes) : NULL;
    host.bytes = slash ? (size_t)(slash - host.ptr) : host.bytes;
    return host;
}

bool sign_in_is_secure(const struct console *console, const struct http_call *call)
{
    const struct text scheme = TEXT_LITERAL("https://");
    const struct text url = console->env->settings->public_url;
    return call->over_tls || (text_starts_with(url, scheme) &&
                              same_word(host_of(url, scheme), http_header(&call->head, "host")));
}

static bool peer_is_believed(const struct sign_in_settings *settings, const struct http_call *call)
{
    struct address peer;
    if (!address_read(text_of(call->peer), &peer)) {
        return false;
    }
    for (size_t index = 0; index < settings->proxy_count; index++) {
        if (address_in(&peer, &settings->proxies[index])) {
            return true;
        }
    }
    return false;
}

/* Of an IPv6 address the network counts: each of its users has any number of addresses. */
static void without_host_part(struct address *address)
{
    static const uint8_t mapped[10] = {0};
    if (memcmp(address->bytes, mapped, sizeof mapped) != 0) {
        memset(address->bytes + 8, 0, 8);
    }
}

const char *sign_in_address(
    const struct console *console,
    const struct http_call *call,
    char text[static ADDRESS_TEXT_BYTES])
{
    const struct text forwarded = http_header(&call->head, "x-forwarded-for");
    struct address address;
    (void)snprintf(text, ADDRESS_TEXT_BYTES, "%s", call->peer);
    if (forwarded.bytes > 0 &&
        (call->peer_is_loopback || peer_is_believed(&console->env->settings->sign_in, call))) {
        const char *comma = memrchr(forwarded.ptr, ',', forwarded.bytes);
        size_t skipped = comma ? (size_t)(comma - forwarded.ptr) + 1 : 0;
        skipped += skipped < forwarded.bytes && forwarded.ptr[skipped] == ' ';
        if (address_read(
                (struct text){forwarded.ptr + skipped, forwarded.bytes - skipped}, &address)) {
            (void)address_text(&address, text);
        }
    }
    if (address_read(text_of(text), &address)) {
        without_host_part(&address);
        (void)address_text(&address, text);
    }
    return text;
}

struct text sign_in_key(const struct console *console, const struct http_call *call)
{
    const struct text value = cookie_find(
        http_header(&call->head, "cookie"), cookie_name(sign_in_is_secure(console, call)));
    return value.bytes == SECRET_TEXT_BYTES - 1 ? value : (struct text){0};
}

/*
 * The live stream comes back by itself as long as a page is open, and pages look again when it
 * tells of news: that is not somebody there.
 */
static bool comes_by_itself(const struct http_call *call)
{
    return text_is(call->head.path, "/api/v1/live") ||
           http_header(&call->head, "x-nrt-unattended").ptr != NULL;
}

enum err sign_in_session(
    const struct console *console,
    struct http_call *call,
    struct session *ret_session,
    struct account *ret_account)
{
    struct accounts *accounts = console->sign_in->accounts;
    const struct text key = sign_in_key(console, call);
    if (key.bytes == 0) {
        return ERR_NOT_FOUND;
    }
    const enum err err = sessions_find(accounts, key, &call->arena, ret_session, ret_account);
    if (!err && !comes_by_itself(call)) {
        sessions_seen(accounts, ret_session);
    }
    return err;
}

enum proxy_claim sign_in_proxy(
    const struct console *console, struct http_call *call, struct account *ret_account)
{
    const struct sign_in_settings *settings = &console->env->settings->sign_in;
    char header[128];
    char name[ACCOUNT_NAME_BYTES_MAX + 1];
    char quoted[LOG_QUOTED_BYTES];
    if (settings->proxy_header.bytes == 0) {
        return PROXY_SILENT;
    }
    (void)snprintf(header, sizeof header, "%.*s", TEXT_ARGS(settings->proxy_header));
    const struct text given = http_header(&call->head, header);
    if (!given.ptr) {
        return PROXY_SILENT;
    }
    const bool believed =
        peer_is_believed(settings, call) &&
        (!settings->proxy_has_secret ||
         crypto_equal(http_header(&call->head, "x-nrt-proxy-secret"), settings->proxy_secret));
    if (!believed) {
        log_warn(
            "proxy_header_refused", "peer=%s why=\"%s\"", call->peer,
            "not from an address of sign_in.proxy.from, or without its secret");
        return PROXY_REFUSED;
    }
    if (!account_name_read(given, name) ||
        accounts_find(console->sign_in->accounts, text_of(name), &call->arena, ret_account) ||
        ret_account->disabled) {
        log_warn(
            "proxy_user_unknown", "name=%s retry=\"%s\"", log_quote(given, quoted),
            "nrt user add NAME");
        return PROXY_REFUSED;
    }
    return PROXY_BELIEVED;
}

struct text sign_in_csrf(const struct console *console, struct http_call *call, struct text key)
{
    const struct sign_in *sign_in = console->sign_in;
    const struct text own = {(const char *)sign_in->csrf_key, sizeof sign_in->csrf_key};
    struct buf hex;
    buf_init(&hex, 128);
    crypto_hmac_sha256_hex(&hex, key.bytes > 0 ? key : own, TEXT_LITERAL("csrf"));
    const struct text kept = arena_text(&call->arena, buf_view(&hex));
    buf_release(&hex);
    return kept;
}

/* ---- sessions ---- */

static void end_own(struct console *console, struct http_call *call)
{
    struct session session;
    struct account account;
    if (sign_in_session(console, call, &session, &account) == ERR_OK) {
        const enum err err = sessions_end(console->sign_in->accounts, session.id, 0);
        log_debug("session_ended", "err=%s", err_name(err));
    }
}

enum err sign_in_begin(
    struct console *console, struct http_call *call, int64_t account, struct text *ret_key)
{
    char address[ADDRESS_TEXT_BYTES];
    char key[SECRET_TEXT_BYTES];
    char cookie[COOKIE_BYTES];
    (void)sign_in_address(console, call, address);
    end_own(console, call);
    const enum err err = sessions_begin(
        console->sign_in->accounts, account, text_of(address),
        http_header(&call->head, "user-agent"), key);
    if (!err) {
        http_add_header(
            call, "Set-Cookie", cookie_set(sign_in_is_secure(console, call), key, cookie));
        *ret_key = arena_text(&call->arena, text_of(key));
    }
    explicit_bzero(key, sizeof key);
    explicit_bzero(cookie, sizeof cookie);
    return err;
}

void sign_in_end(struct console *console, struct http_call *call)
{
    char cookie[COOKIE_BYTES];
    end_own(console, call);
    http_add_header(call, "Set-Cookie", cookie_set(sign_in_is_secure(console, call), "", cookie));
}

void sign_in_answer_locked(struct http_call *call, int64_t left_ms)
{
    char seconds[24];
    (void)snprintf(seconds, sizeof seconds, "%lld", (long long)((left_ms + 999) / 1000));
    http_add_header(call, "Retry-After", seconds);
    problem_answer_with(
        call, PROBLEM_TOO_MANY, "too many failed sign-ins; wait as long as Retry-After says",
        "retry_after", text_of(seconds));
}
