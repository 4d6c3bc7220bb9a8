/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a call of the store answered, copied: a callback's arguments die when it returns. One
 * `done` for each call of store/store.h, whose context is a struct store_answer.
 */
#ifndef NRT_TESTS_SUPPORT_STORE_ANSWER_H
#define NRT_TESTS_SUPPORT_STORE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/store.h"

/* What a call answered, copied. Valid until the next call with the same struct. */
struct store_answer {
    struct arena arena;
    bool done;
    enum err err;
    const char *why;
    size_t count;
    struct text *texts; /* positions, tails */
    struct store_entry *entries;
    struct store_case *cases;
    int64_t *versions;
    bool *flags;
    struct wall_ms *goes;
    struct store_claimed claimed;
    struct mail_claimed mails;
    struct journal_entry *journal;
    struct store_instance *instances;
    struct store_overview overview;
    bool settled;
    int64_t version;
    struct text bundle;
    struct wall_ms now;
};

void store_answer_init(struct store_answer *answer);
void store_answer_release(struct store_answer *answer);
/* Before each call: forgets the last. */
void store_answer_clear(struct store_answer *answer);

/* The `done` of each call; the context is the struct store_answer. */
void answer_plain(void *context, enum err err, const char *why);
void answer_add(
    void *context, enum err err, const char *why, const struct text *positions, size_t count);
void answer_take(
    void *context, enum err err, const char *why, const struct store_entry *entries, size_t count);
void answer_cases(
    void *context, enum err err, const char *why, const struct store_case *cases, size_t count);
void answer_commit(
    void *context, enum err err, const char *why, const int64_t *versions, size_t count);
void answer_claim(
    void *context, enum err err, const char *why, const struct store_claimed *claimed);
void answer_flags(void *context, enum err err, const char *why, const bool *flags, size_t count);
void answer_throttle(
    void *context, enum err err, const char *why, const struct wall_ms *goes, size_t count);
void answer_mail_claim(
    void *context, enum err err, const char *why, const struct mail_claimed *claimed);
void answer_journal(
    void *context,
    enum err err,
    const char *why,
    const struct journal_entry *entries,
    size_t count);
void answer_overview(
    void *context, enum err err, const char *why, const struct store_overview *overview);
void answer_settled(
    void *context,
    enum err err,
    const char *why,
    bool settled,
    const struct text *tails,
    size_t count);
void answer_config(
    void *context, enum err err, const char *why, int64_t version, struct text bundle);
void answer_instances(
    void *context,
    enum err err,
    const char *why,
    const struct store_instance *instances,
    size_t count);
void answer_clock(void *context, enum err err, const char *why, struct wall_ms now);

#endif
