/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The notifier role: fired alerts in the outbox become messages in mailboxes, messages are handed
 * to gateways once each, receipts come back. Everything it must not forget stands in the store
 * or in the send journal; it may be killed at any instruction, and several may run.
 */
#ifndef NRT_NOTIFIERS_NOTIFIER_H
#define NRT_NOTIFIERS_NOTIFIER_H

#include "notifiers/http.h"
#include "notifiers/send_journal.h"
#include "store/role.h"

struct notifier;

/*
 * Start working over env (kept by pointer) at once; engine and journal stay the caller's and
 * outlive the notifier. NULL when memory is out.
 */
struct notifier *notifier_create(
    struct role_env *env, struct http_engine *engine, struct send_journal *journal);
/*
 * Drops what is under way, as a crash would; store and journal keep it. Neither store nor engine
 * may call back afterwards: close or free them first, or run them no more. Accepts NULL.
 */
void notifier_free(struct notifier *notifier);

#endif
