/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows from time and from applied versions without anybody asking: bundles are read into
 * the ledger, approved drafts are applied at their service time. Looked at a few times a second;
 * nothing here is remembered that the ledger does not hold, so a start is like any other look.
 */
#include <stdlib.h>

#include "base/log.h"
#include "console/changes.h"

#define LOOK_MS ((int64_t)200)

struct changes {
    struct console *console;
    struct loop_timer *timer;
    bool reading;       /* a bundle is under way */
    int64_t unreadable; /* a version that Redis did not give: not asked for again */
};

/* ---- bundles into the ledger ---- */

static void on_bundle(
    void *context, enum err err, const char *why, int64_t version, struct text bundle)
{
    struct changes *self = context;
    self->reading = false;
    if (err == ERR_NOT_FOUND) {
        log_warn("version_not_in_redis", "config=%lld", (long long)version);
        self->unreadable = version;
    } else if (err) {
        log_warn("version_not_read", "err=%s why=\"%s\"", err_name(err), why ? why : "");
    } else if (ledger_keep_bundle(self->console->ledger, version, bundle)) {
        log_warn("version_not_kept", "config=%lld", (long long)version);
    } else {
        loop_timer_arm(self->timer, 0);
    }
}

static void read_bundles(struct changes *self)
{
    int64_t version = 0;
    if (!self->reading && !ledger_version_lacking(self->console->ledger, &version) &&
        version > self->unreadable) {
        self->reading = true;
        store_config_read(self->console->env->store, version, on_bundle, self);
    }
}

/* ---- drafts at their time ---- */

bool changes_next(struct changes *changes, int64_t *ret_at)
{
    char id[CHANGE_ID_BYTES];
    return !ledger_draft_next(changes->console->ledger, id, ret_at) && id[0];
}

static void apply_drafts(struct changes *self)
{
    struct console *console = self->console;
    char id[CHANGE_ID_BYTES];
    int64_t at = 0;
    if (console->draft_applying || ledger_draft_next(console->ledger, id, &at) || !id[0] ||
        at > role_now(console->env).ms) {
        return;
    }
    if (!draft_apply_due(console, id)) {
        log_warn("draft_not_applied", "draft=%s next=tried_again", id);
    }
}

bool changes_are_busy(const struct changes *changes)
{
    return changes->console->draft_applying;
}

static void look(void *context)
{
    struct changes *self = context;
    loop_timer_arm(self->timer, LOOK_MS);
    read_bundles(self);
    apply_drafts(self);
}

struct changes *changes_create(struct console *console)
{
    struct changes *self = calloc(1, sizeof(*self));
    if (!self) {
        return NULL;
    }
    self->console = console;
    self->timer = loop_timer_create(console->env->loop, look, self);
    if (!self->timer) {
        changes_free(self);
        return NULL;
    }
    loop_timer_arm(self->timer, 0);
    return self;
}

void changes_free(struct changes *changes)
{
    if (changes) {
        loop_timer_free(changes->timer);
        free(changes);
    }
}
