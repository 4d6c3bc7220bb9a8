/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed bundles that the ledger keeps: of versions and of drafts. Not facts: the same content may
 * be sealed with another key, and nothing else of a row changes.
 */
#ifndef NRT_CONSOLE_LEDGER_RESEAL_H
#define NRT_CONSOLE_LEDGER_RESEAL_H

#include "config/reseal.h"
#include "console/ledger.h"

/* Adds what all of them use. */
enum err ledger_seal_uses(struct ledger *ledger, struct seal_uses *uses) ERR_MUST_USE;
/* Seals all of them with this key, one transaction each; how many were sealed otherwise. */
enum err ledger_reseal(
    struct ledger *ledger,
    const uint8_t key[static SEAL_KEY_BYTES],
    size_t *ret_count,
    struct err_why *why) ERR_MUST_USE;

#endif
