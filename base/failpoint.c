/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of fail-points, and in test builds the one of them that NRT_FAILPOINT asks for. The
 * environment is read before main(), so that a misspelt name stops a test at once instead of
 * letting it pass untried.
 */
#include "base/failpoint.h"

#include <stddef.h>

/* In the order of a case's way through the service. A hit of a name not listed aborts. */
const char *const failpoint_names[] = {
    "intake_after_take",    "intake_before_commit", "intake_after_commit",
    "wake_after_claim",     "wake_before_commit",   "wake_after_commit",
    "door_after_add",       "http_after_add",       "outbox_after_put",
    "outbox_after_ack",     "mail_after_claim",     "mail_after_merge",
    "mail_after_intent",    "mail_after_mark",      "mail_after_post",
    "mail_after_answer",    "mail_after_outcome",   "mail_after_settle",
    "await_after_settle",   "receipt_after_take",   "receipt_after_note",
    "token_after_answer",   "lookup_after_answer",  "poll_after_answer",
    "ledger_before_commit", "ledger_after_commit",  "ledger_before_step",
    "backup_before_name",   "restore_before_name",  "config_after_apply",
    "sweep_after_add",      "sweep_after_position", NULL,
};

#if defined(NRT_FAILPOINTS) && NRT_FAILPOINTS

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/must.h"
#include "base/text.h"

static struct {
    const char *name; /* NULL: none is armed */
    int signal;
    atomic_llong left; /* passes up to the one that acts */
} armed;

static const char *listed_name(struct text name)
{
    for (size_t i = 0; failpoint_names[i]; i++) {
        if (text_is(name, failpoint_names[i]))
            return failpoint_names[i];
    }
    return NULL;
}

/* The text up to the next ':' or the end, taken off the rest. */
static struct text next_part(struct text *rest)
{
    const char *const colon = rest->bytes ? memchr(rest->ptr, ':', rest->bytes) : NULL;
    const size_t bytes = colon ? (size_t)(colon - rest->ptr) : rest->bytes;
    const struct text part = {.ptr = rest->ptr, .bytes = bytes};
    const size_t passed = colon ? bytes + 1 : bytes;
    *rest = (struct text){.ptr = rest->ptr + passed, .bytes = rest->bytes - passed};
    return part;
}

/* name:action[:nth]; false when it is not that. */
static bool arm(struct text wanted)
{
    int64_t nth = 1;
    const char *const name = listed_name(next_part(&wanted));
    const struct text action = next_part(&wanted);
    const bool kill = text_is(action, "kill");
    if (!name || (!kill && !text_is(action, "stop")))
        return false;
    if (wanted.bytes && (text_parse_i64(wanted, &nth) != ERR_OK || nth < 1))
        return false;
    armed.name = name;
    armed.signal = kill ? SIGKILL : SIGSTOP;
    atomic_store(&armed.left, nth);
    return true;
}

__attribute__((constructor)) static void arm_from_environment(void)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): before main there is one thread */
    const char *const wanted = getenv("NRT_FAILPOINT");
    if (!wanted || !*wanted || arm(text_of(wanted)))
        return;
    (void)fprintf(
        stderr, "NRT_FAILPOINT=%s is not name:kill|stop[:nth] with one of these names:\n", wanted);
    for (size_t i = 0; failpoint_names[i]; i++)
        (void)fprintf(stderr, "  %s\n", failpoint_names[i]);
    _exit(2);
}

void failpoint_hit(const char *name)
{
    MUST(listed_name(text_of(name)));
    if (armed.name && strcmp(armed.name, name) == 0 && atomic_fetch_sub(&armed.left, 1) == 1)
        (void)raise(armed.signal);
}

#endif
