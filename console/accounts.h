/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DATA/accounts.db: accounts, sessions, API tokens, one-time links, failed sign-ins. The console
 * role alone writes it, every commit is on the disk before it is confirmed. Passwords stand in it
 * as Argon2id, whatever else opens a door (session, token, link) as SHA-256 of 256 random bits: who
 * reads the file can enter with none of it. It is not in the journal and cannot be rebuilt
 * (docs/decisions/0013): a backup takes it along.
 *
 * Instants are the system's, not those of the service: a demo at a hundred times the speed must not
 * sign anybody out. All of this runs on the loop's thread. Texts that come out live in the arena.
 */
#ifndef NRT_CONSOLE_ACCOUNTS_H
#define NRT_CONSOLE_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/wall.h"
#include "console/lockout.h"

#define ACCOUNTS_FORMAT         1
#define ACCOUNTS_MAX            20000
#define ACCOUNT_NAME_BYTES_MAX  48
#define ACCOUNT_WORDS_BYTES_MAX 128 /* display name, unit, person, DingTalk id */
#define SECRET_TEXT_BYTES       65  /* 256 random bits in hex, and a NUL */
#define SESSION_IDLE_MS         (INT64_C(30) * 60 * 1000)
#define SESSION_LIFE_MS         (INT64_C(12) * 3600 * 1000)
#define SESSIONS_PER_ACCOUNT    20
#define LINK_MS                 (INT64_C(24) * 3600 * 1000)

struct accounts;

/* Opens, makes (0600) or brings to this format. ERR_CONFLICT: of a newer program. */
enum err accounts_open(const char *path, struct accounts **ret_accounts, struct err_why *why)
    ERR_MUST_USE;
void accounts_close(struct accounts *accounts); /* accepts NULL */
/* A copy of all of it, also while it is in use. */
enum err accounts_backup(struct accounts *accounts, const char *path, struct err_why *why)
    ERR_MUST_USE;
/*
 * A copy that is to take the file's place: sessions and one-time links that have ended since it was
 * made must not open anything again. For a file that nobody has open.
 */
enum err accounts_close_doors(const char *path, struct err_why *why) ERR_MUST_USE;
/* The system's time, never going back while the process lives. */
struct wall_ms accounts_now(struct accounts *accounts);

/* ---- accounts ---- */

struct account {
    int64_t id;
    struct text name; /* what one signs in with: lower case */
    struct text display;
    uint32_t roles; /* bits of enum duty */
    struct text unit;
    struct text person;
    struct text dingtalk;
    struct text password; /* its hash; empty: none was ever set */
    bool must_change;
    bool disabled;
    int64_t revision;     /* grows with each change */
    struct wall_ms seen;  /* 0: never */
    struct wall_ms until; /* locked until; 0: not */
};

/* A name as it is kept: lower case; false when it cannot be one. */
bool account_name_read(struct text given, char ret_name[static ACCOUNT_NAME_BYTES_MAX + 1]);

enum err accounts_count(struct accounts *accounts, int64_t *ret_count) ERR_MUST_USE;
/* ERR_NOT_FOUND. The name as it is kept. */
enum err accounts_find(
    struct accounts *accounts, struct text name, struct arena *arena, struct account *ret_account)
    ERR_MUST_USE;
enum err accounts_find_id(
    struct accounts *accounts, int64_t id, struct arena *arena, struct account *ret_account)
    ERR_MUST_USE;
/* The one enabled account with that DingTalk id, or of that person of the directory. */
enum err accounts_find_dingtalk(
    struct accounts *accounts,
    struct text dingtalk,
    struct arena *arena,
    struct account *ret_account) ERR_MUST_USE;
enum err accounts_find_person(
    struct accounts *accounts, struct text person, struct arena *arena, struct account *ret_account)
    ERR_MUST_USE;

typedef void account_each_fn(void *context, const struct account *account);
/* By name, those behind `after`; at most limit. The arena is for each one alone. */
enum err accounts_each(
    struct accounts *accounts,
    struct text after,
    int64_t limit,
    account_each_fn *each,
    void *context) ERR_MUST_USE;

/* ERR_EXISTS: the name, or the DingTalk id, has an account. ERR_FULL: too many. */
enum err accounts_add(struct accounts *accounts, const struct account *account, int64_t *ret_id)
    ERR_MUST_USE;
/*
 * All but name and password. ERR_CONFLICT when the revision is not the one that stands there,
 * ERR_REFUSED when nobody could manage accounts afterwards. Ends its sessions when roles, unit or
 * person change, or it is disabled.
 */
enum err accounts_change(struct accounts *accounts, const struct account *account) ERR_MUST_USE;
/* The same errors. */
enum err accounts_remove(struct accounts *accounts, int64_t id, int64_t revision) ERR_MUST_USE;
/* Ends all its sessions and links, and forgets its failures. */
enum err accounts_set_password(
    struct accounts *accounts, int64_t id, struct text hash, bool must_change) ERR_MUST_USE;
/* The same password with a newer hash; nothing happens when it has been changed meanwhile. */
enum err accounts_rehash(struct accounts *accounts, int64_t id, struct text old, struct text hash)
    ERR_MUST_USE;

/* ---- sessions ---- */

struct session {
    int64_t id; /* shown to its owner; opens nothing */
    int64_t account;
    struct wall_ms created;
    struct wall_ms seen;
    struct text peer;
    struct text agent;
    struct text user; /* the account's name */
};

/* A new session; the oldest ends when there are too many. ret_key is what the cookie holds. */
enum err sessions_begin(
    struct accounts *accounts,
    int64_t account,
    struct text peer,
    struct text agent,
    char ret_key[static SECRET_TEXT_BYTES]) ERR_MUST_USE;
/* ERR_NOT_FOUND: unknown, ended, idle or old, or its account is disabled. */
enum err sessions_find(
    struct accounts *accounts,
    struct text key,
    struct arena *arena,
    struct session *ret_session,
    struct account *ret_account) ERR_MUST_USE;
/* Somebody is there: it goes on. */
void sessions_seen(struct accounts *accounts, struct session *session);
/* account 0: of anybody. ERR_NOT_FOUND. */
enum err sessions_end(struct accounts *accounts, int64_t id, int64_t account) ERR_MUST_USE;
typedef void session_each_fn(void *context, const struct session *session);
/* Those that are alive, the newest first; account 0: of all. */
enum err sessions_each(
    struct accounts *accounts, int64_t account, int64_t limit, session_each_fn *each, void *context)
    ERR_MUST_USE;
/* When does it end if it is not used any more, and at the latest? */
struct wall_ms session_ends(const struct session *session);

/* ---- API tokens ---- */

#define TOKEN_PREFIX     "nrt_"
#define TOKEN_TEXT_BYTES (sizeof(TOKEN_PREFIX) - 1 + SECRET_TEXT_BYTES)

struct api_token {
    int64_t id;
    struct text name;
    uint32_t rights; /* bits of enum right */
    struct text unit;
    struct text made_by;
    struct wall_ms created;
    struct wall_ms expires;
    struct wall_ms used; /* 0: never */
};

/* ERR_EXISTS: another one has this name. */
enum err tokens_add(
    struct accounts *accounts,
    const struct api_token *token,
    char ret_text[static TOKEN_TEXT_BYTES],
    int64_t *ret_id) ERR_MUST_USE;
/* ERR_NOT_FOUND: unknown, expired. */
enum err tokens_find(
    struct accounts *accounts, struct text text, struct arena *arena, struct api_token *ret_token)
    ERR_MUST_USE;
enum err tokens_get(
    struct accounts *accounts, int64_t id, struct arena *arena, struct api_token *ret_token)
    ERR_MUST_USE;
enum err tokens_remove(struct accounts *accounts, int64_t id) ERR_MUST_USE;
typedef void token_each_fn(void *context, const struct api_token *token);
enum err tokens_each(struct accounts *accounts, int64_t limit, token_each_fn *each, void *context)
    ERR_MUST_USE;

/* ---- one-time links ---- */

/* A link for one account, or, account 0, for the very first one. Older ones of it end. */
enum err links_make(
    struct accounts *accounts,
    int64_t account,
    char ret_key[static SECRET_TEXT_BYTES],
    struct wall_ms *ret_expires) ERR_MUST_USE;
/* ERR_NOT_FOUND: unknown, used, expired. It still counts afterwards. */
enum err links_find(struct accounts *accounts, struct text key, int64_t *ret_account) ERR_MUST_USE;
/*
 * Use it up: the account gets this password. For the first one (account->id 0) the account is made
 * of `account`; ERR_NOT_FOUND, also when somebody else was faster. All in one transaction.
 */
enum err links_use(
    struct accounts *accounts,
    struct text key,
    const struct account *account,
    struct text hash,
    int64_t *ret_account) ERR_MUST_USE;

/* ---- failed sign-ins ---- */

/*
 * How long nothing may be tried, ms; 0: now. An empty name: only the address counts (what is tried
 * belongs to no name).
 */
enum err failures_left(
    struct accounts *accounts, struct text name, struct text address, int64_t *ret_left_ms)
    ERR_MUST_USE;
/* One more; ret_locked when it locks either of them. */
enum err failures_add(
    struct accounts *accounts, struct text name, struct text address, bool *ret_locked)
    ERR_MUST_USE;
/* The name has signed in from there. */
enum err failures_forget(struct accounts *accounts, struct text name) ERR_MUST_USE;

/* Drop what is over: sessions, links, forgotten failures; expired tokens stay to be seen. */
enum err accounts_sweep(struct accounts *accounts) ERR_MUST_USE;

#endif
