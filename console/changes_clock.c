/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows from time and from applied versions without anybody asking: bundles are read into
 * the ledger, approved drafts are applied at their service time, and after another calendar or
 * directory all open cases are looked at again. Looked at a few times a second;
 * nothing here is remembered that the ledger does not hold, so a start is like any other look.
 * While the ledger is still read from the journal nothing is done: it may know of a draft, and not
 * yet that it was withdrawn.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "console/sweep.h"

#define LOOK_MS      ((int64_t)200)
#define CAUGHT_UP_MS ((int64_t)60000) /* then the same again: a long journal takes its time */
#define COMPARED_MAX 4 /* pairs of versions a look: each costs milliseconds of the loop */

struct changes {
    struct console *console;
    struct loop_timer *timer;
    bool catching_up; /* the ledger is waited for, once after the start */
    bool reading;     /* a bundle is under way */
    int64_t compared; /* versions up to this one need no recount, or have got theirs */
    bool telling;     /* a recount is on its way into the journal */
    int64_t telling_version;
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

/* ---- recounts after a calendar or a directory ---- */

static bool note_version(void *context, const struct ledger_version *row)
{
    (void)row;
    *(bool *)context = true;
    return false;
}

static bool note_recount(void *context, const struct ledger_replan *row)
{
    struct changes *self = context;
    if (text_is(row->kind, "recount") && row->version > self->compared) {
        self->compared = row->version;
    }
    return true;
}

/* Has this version another calendar or directory than the one before? */
static bool places_changed(const struct changes *self, int64_t version)
{
    const struct bundle *before = role_bundle(self->console->env, version - 1);
    const struct bundle *after = role_bundle(self->console->env, version);
    return before && after && !bundle_same_places(before, after);
}

static void on_recount_told(void *context, enum err err, const char *why)
{
    struct changes *self = context;
    self->telling = false;
    if (err) {
        log_warn("recount_waits", "err=%s why=\"%s\"", err_name(err), why ? why : "");
    } else {
        self->compared = self->telling_version;
    }
}

/* Its id is the version's: whoever asks for it again asks for the same one. */
static void tell_recount(struct changes *self, int64_t version)
{
    struct role_env *env = self->console->env;
    struct buf fact;
    char id[CHANGE_ID_BYTES];
    (void)snprintf(id, sizeof(id), "v%lld", (long long)version);
    const struct ledger_replan sweep = {
        .id = text_of(id),
        .at = role_now(env).ms,
        .by = text_of(env->instance),
        .note = TEXT_LITERAL("calendar or directory changed"),
        .kind = TEXT_LITERAL("recount"),
        .version = version,
        .state = TEXT_LITERAL("running"),
    };
    buf_init(&fact, (size_t)16 * 1024);
    sweep_fact(&fact, &sweep, sweep.at);
    self->telling = true;
    self->telling_version = version;
    store_journal_add(env->store, 0, buf_view(&fact), on_recount_told, self);
    buf_release(&fact);
}

/* The ledger must know of all versions first: then it knows of their recounts too. */
static void start_recount(struct changes *self)
{
    struct list_end end;
    const int64_t newest = self->console->env->bundle->version;
    const struct replan_query all = {.limit = API_LIMIT_MAX};
    const struct version_query known = {.version = newest, .limit = 1};
    if (self->telling || self->compared >= newest) {
        return;
    }
    bool is_known = false;
    if (ledger_versions(self->console->ledger, &known, note_version, &is_known, &end) ||
        !is_known || ledger_replans(self->console->ledger, &all, note_recount, self, &end) ||
        self->compared >= newest) {
        return;
    }
    for (int looked = 0; looked < COMPARED_MAX && self->compared < newest; looked++) {
        if (places_changed(self, self->compared + 1)) {
            tell_recount(self, newest); /* one for all that came since the last */
            return;
        }
        self->compared++;
    }
}

bool changes_are_busy(const struct changes *changes)
{
    const struct console *console = changes->console;
    return !console->caught_up || console->draft_applying || changes->telling ||
           sweeper_is_busy(console->sweeper) || changes->compared < console->env->bundle->version;
}

static void on_caught_up(void *context, enum err err)
{
    struct changes *self = context;
    self->catching_up = false;
    self->console->caught_up = !err;
    loop_timer_arm(self->timer, err ? LOOK_MS : 0);
}

static void look(void *context)
{
    struct changes *self = context;
    loop_timer_arm(self->timer, LOOK_MS);
    read_bundles(self);
    if (self->console->caught_up) {
        apply_drafts(self);
        start_recount(self);
        sweeper_look(self->console->sweeper);
    } else if (!self->catching_up) {
        self->catching_up = true;
        catch_up_begin(self->console, false, CAUGHT_UP_MS, on_caught_up, self);
    }
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
