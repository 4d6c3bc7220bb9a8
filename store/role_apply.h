/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applying a configuration as the next version: the one way for files read again on a signal, for
 * the API, for drafts and for going back. Requests stand in a queue and are made one after the
 * other, each upon the version that is newest when its turn comes. What would change nothing is
 * not applied. A refused request changes nothing.
 */
#ifndef NRT_STORE_ROLE_APPLY_H
#define NRT_STORE_ROLE_APPLY_H

#include "store/role.h"

#define ROLE_APPLIES_MAX 128 /* requests that wait; more are told to come again */

enum apply_verdict {
    APPLY_DONE,      /* `version` is in force, and this process has read it */
    APPLY_EQUAL,     /* the newest version, `version`, says exactly this already */
    APPLY_REFUSED,   /* the report has errors */
    APPLY_CONFLICT,  /* another version than base_version is the newest */
    APPLY_FORBIDDEN, /* a second person has to approve, or there is no room for more versions */
    APPLY_FAILED,    /* the store did not take it, or it is not known whether it did */
    APPLY_VERDICT_COUNT
};

struct role_apply;

/*
 * Make the bundle that is to be applied; `base` is the newest (NULL before the first). Called when
 * the request's turn comes, and again should another version come in between. NULL with an error
 * in the report. The bundle becomes the caller's.
 */
typedef struct bundle *role_make_fn(
    struct role_apply *apply, const struct bundle *base, struct report *report);

struct apply_result {
    enum apply_verdict verdict;
    int64_t version;
    const char *why; /* in words, where the verdict is not enough */
    const struct report *report;
};
typedef void role_apply_done(struct role_apply *apply, const struct apply_result *result);

/* The caller's until `done` was called (once, never from inside role_apply_begin). */
struct role_apply {
    role_make_fn *make;
    role_apply_done *done;
    int64_t base_version; /* 0: whatever is the newest */
    bool approved;        /* by a second person, or it is not a change (the first start) */
    struct text by;
    struct text note;
    struct text from;        /* a JSON value: {"draft":"d1"}, {"rollback":3}, null; empty: null */
    struct role_apply *next; /* the queue's own */
};

/* False when too many requests wait; `done` is then not called. */
bool role_apply_begin(struct role_env *env, struct role_apply *apply);
/*
 * The checks of every configuration that is to be applied, beyond those of reading it: findings
 * into the report, where errors mean that it must not be.
 */
void role_apply_check(struct role_env *env, const struct bundle *bundle, struct report *report);

/* How the last attempt to apply something went (at the start: reading what is in force). */
struct reload_state {
    bool successful;
    struct wall_ms success_at;
    int64_t applied; /* versions this process has applied */
};
struct reload_state role_reload_state(const struct role_env *env);

/* A version this process has read; NULL when it has not. */
const struct bundle *role_bundle(const struct role_env *env, int64_t version);

#endif
