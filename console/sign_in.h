/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing in: the accounts of this console and the ways by which a request shows whose it is. A
 * session begins with a new key each time; passwords are tried in a working thread, one at a time
 * for a name, so that nobody can try many at once before the first one counts.
 */
#ifndef NRT_CONSOLE_SIGN_IN_H
#define NRT_CONSOLE_SIGN_IN_H

#include "base/address.h"
#include "console/accounts.h"
#include "console/console.h"

#define SETUP_LINK_FILE   "setup-link"
#define SIGN_IN_URL_BYTES 640

struct sign_in;
struct passwords;
struct dingtalk;

/*
 * Opens DATA/accounts.db. As long as there is no account a one-time link stands in
 * DATA/setup-link (0600), which is made anew when it has expired. The server must be up: the link
 * names its port.
 */
enum err sign_in_create(struct console *console, struct sign_in **ret_sign_in, struct err_why *why)
    ERR_MUST_USE;
void sign_in_free(struct sign_in *sign_in); /* accepts NULL */
struct accounts *sign_in_accounts(const struct console *console);
struct passwords *sign_in_passwords(const struct console *console);
struct dingtalk *sign_in_dingtalk(const struct console *console);
/* The address of the page where a one-time link is used. */
void sign_in_link_url(
    const struct console *console, const char *key, char url[static SIGN_IN_URL_BYTES]);
/* There may be an account now: the file goes. */
void sign_in_look_at_link(struct console *console);

/* ---- what a request shows ---- */

/* Does the browser speak TLS to us, or to the proxy that has our public name? */
bool sign_in_is_secure(const struct console *console, const struct http_call *call);
/* Whom to count failures for: the client as a trusted proxy names it, or the peer. */
const char *sign_in_address(
    const struct console *console,
    const struct http_call *call,
    char text[static ADDRESS_TEXT_BYTES]);
/* The session of the cookie. ERR_NOT_FOUND: none that counts. */
enum err sign_in_session(
    const struct console *console,
    struct http_call *call,
    struct session *ret_session,
    struct account *ret_account) ERR_MUST_USE;

enum proxy_claim {
    PROXY_SILENT,  /* nothing is configured, or the header is not there */
    PROXY_REFUSED, /* it is, but not from a proxy that is believed, or the name has no account */
    PROXY_BELIEVED
};
enum proxy_claim sign_in_proxy(
    const struct console *console, struct http_call *call, struct account *ret_account);

/*
 * What unsafe requests bring along, in the arena: of the session of that key, or, with an empty
 * key, of whoever a proxy has signed in.
 */
struct text sign_in_csrf(const struct console *console, struct http_call *call, struct text key);
/* The key in the request's cookie; empty: none. */
struct text sign_in_key(const struct console *console, const struct http_call *call);

/* ---- sessions ---- */

/*
 * Begins a session of the account and sets its cookie on the answer; the session of the request's
 * own cookie ends. The new key lives in the arena.
 */
enum err sign_in_begin(
    struct console *console, struct http_call *call, int64_t account, struct text *ret_key)
    ERR_MUST_USE;
/* Ends the session of the cookie and takes the cookie away. */
void sign_in_end(struct console *console, struct http_call *call);

/* "Retry-After" and 429. */
void sign_in_answer_locked(struct http_call *call, int64_t left_ms);

#endif
