/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message without a case of its own: the morning message, an all-clear, the service's own
 * troubles, a canary, what a webhook is told. Made by any role, handed over through the outbox like
 * an alert, and sent with the same discipline, except that no case is asked whether it is still
 * wanted. Pure: one JSON object.
 */
#ifndef NRT_CONFIG_NOTICE_H
#define NRT_CONFIG_NOTICE_H

#include "base/text.h"
#include "base/wall.h"
#include "rules/ruleset.h"

struct notice_value {
    const char *name; /* of template.h: "count", "worst" ... */
    struct text value;
};

struct notice {
    const char *kind;      /* "morning" "cleared" "ops" "canary" "hook" */
    struct text id;        /* the same notice has the same id: it is put into a mailbox once */
    const struct text *to; /* person ids; for a webhook its name as "hook:NAME" */
    size_t to_count;
    const struct text *via; /* channels, in order of preference */
    size_t via_count;
    struct text template_id; /* empty: `text` is said as it is */
    struct text title;
    struct text text; /* ready words, or the JSON a webhook posts */
    const struct notice_value *values;
    size_t value_count;
    struct text case_id; /* of an all-clear; empty: none */
    struct text unit;    /* id; stops of a unit hold for it; empty: none */
    enum send_when send;
    bool urgent;
    struct wall_ms at; /* service time at which it was made */
};

/* Append the outbox item {"notice": kind, ...}. Errors are the buffer's. */
void notice_write(const struct notice *notice, struct buf *buf);

#endif
