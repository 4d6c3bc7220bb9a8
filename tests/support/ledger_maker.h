/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A data folder as the service leaves it: a ledger filled with the facts of cases that were
 * simulated up to an instant, one applied version, the key. For tests and benches of what reads
 * such a folder.
 */
#ifndef NRT_TESTS_SUPPORT_LEDGER_MAKER_H
#define NRT_TESTS_SUPPORT_LEDGER_MAKER_H

#include "config/policy.h"
#include "console/ledger.h"
#include "rules/event.h"

/* An event and the CloudEvent it was read from. */
struct made_event {
    struct event event;
    struct text body;
};

struct ledger_maker {
    struct ledger *ledger;
    struct bundle *bundle; /* version 1, applied at 0; the caller's */
    struct buf facts;
    struct buf alerts; /* of the case in hand */
    const struct made_event *events;
    size_t event_count;
    size_t at; /* the first event of the next case */
    int64_t position;
    size_t cases_in_entry;
    uint8_t key[SEAL_KEY_BYTES];
};

/* Makes folder/ledger.db and folder/seal.key. A failure ends the program. */
void ledger_maker_open(struct ledger_maker *maker, const char *folder, struct bundle *bundle);
/*
 * Cases up to `now`: the events of one case stand together, cases in any order. Later events are
 * left out.
 */
void ledger_maker_add(
    struct ledger_maker *maker, struct made_event *events, size_t count, struct wall_ms now);
void ledger_maker_close(struct ledger_maker *maker);

/* A bundle written as the console hands it to a worker. */
void ledger_maker_write_bundle(
    const struct ledger_maker *maker, const struct bundle *bundle, const char *path);

#endif
