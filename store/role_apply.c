/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue of what is to be applied. One request is under way at a time: made, checked, compared
 * with what is in force, written, and told to its asker when this process has read it back. A
 * version that came in between sends it back to the start.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/failpoint.h"
#include "base/json.h"
#include "base/log.h"
#include "config/lint.h"
#include "rules/calendar.h"
#include "store/role_policy.h"

static const char no_room[] =
    "as many versions have been applied as are kept (1024): no more can be";
static const char approval_is_needed[] =
    "the settings ask for the approval of a second person (changes.approval): make a draft";

static int64_t newest(const struct role_policy *self)
{
    return (int64_t)self->count;
}

static void finish(struct role_policy *self, const struct apply_result *result)
{
    struct role_apply *apply = self->current;
    const bool success = result->verdict == APPLY_DONE || result->verdict == APPLY_EQUAL;
    self->current = NULL;
    self->applied_version = 0;
    if (success) {
        self->state.successful = true;
        self->state.success_at = role_now(self->options.env);
    } else if (
        result->verdict == APPLY_REFUSED ||
        (result->verdict == APPLY_FORBIDDEN && apply == &self->reload)) {
        /* Whoever asks over the API and may not is told so; of files nobody else would tell. */
        char by[LOG_QUOTED_BYTES];
        self->state.successful = false;
        log_error(
            "configuration_refused", "by=%s why=\"%s\" errors=%zu going_on_with=%zu",
            log_quote(apply->by, by), result->why ? result->why : "", self->report.error_count,
            self->count);
    }
    struct apply_result told = *result;
    told.report = &self->report;
    if (apply->done) {
        apply->done(apply, &told);
    }
    report_release(&self->report);
    report_init(&self->report);
}

static void finish_with(struct role_policy *self, enum apply_verdict verdict, const char *why)
{
    const struct apply_result result = {.verdict = verdict, .version = newest(self), .why = why};
    finish(self, &result);
}

/* ---- writing ---- */

static void write_fact(
    struct role_policy *self, const struct bundle *bundle, struct text json, struct buf *fact)
{
    const struct role_apply *apply = self->current;
    struct json_out out;
    struct buf hex;
    uint8_t digest[SHA256_BYTES];
    crypto_sha256(json, digest);
    buf_init(&hex, 128);
    crypto_hex(&hex, digest, sizeof(digest));
    json_out_init(&out, fact);
    json_out_open(&out, '{');
    json_out_member(&out, "k", TEXT_LITERAL("config"));
    json_out_member_i64(&out, "version", bundle->version);
    json_out_member_i64(&out, "at", bundle->policy.since.ms);
    json_out_member(&out, "by", apply->by);
    json_out_member(&out, "note", apply->note);
    json_out_member(&out, "sha256", buf_view(&hex));
    json_out_member(&out, "digest", text_of(bundle->digest));
    json_out_key(&out, "from");
    json_out_raw(&out, apply->from.bytes > 0 ? apply->from : TEXT_LITERAL("null"));
    json_out_close(&out, '}');
    buf_release(&hex);
}

static void drop_reload(struct role_policy *self)
{
    self->current = NULL;
    self->reload_waiting = false;
}

static void on_applied(
    void *context, enum err err, const char *why, int64_t version, struct text json)
{
    struct role_policy *self = context;
    (void)json;
    if (self->is_ready) {
        failpoint_hit("config_after_apply");
    }
    if (err == ERR_OK) {
        char by[LOG_QUOTED_BYTES];
        log_info(
            "configuration_applied", "config=%lld by=%s", (long long)version,
            log_quote(self->current->by, by));
        policy_log_findings(&self->report, "configuration_finding");
        self->applied_version = version;
        self->state.applied++;
    } else if (!self->is_ready && err == ERR_CONFLICT) {
        drop_reload(self); /* somebody else was first: what they applied is in force */
    } else if (err != ERR_CONFLICT && self->current == &self->reload) {
        /* Whether it was done shows when the newest version is read: equal files do nothing. */
        drop_reload(self);
        self->reload_asked = self->is_ready;
        policy_try_again(self, "configuration_not_applied", err, why);
        return;
    } else if (err != ERR_CONFLICT) {
        finish_with(self, APPLY_FAILED, why);
    }
    /* Ours, or somebody else was first: read what stands there now. */
    policy_read_newest(self);
}

static void send_bundle(struct role_policy *self, struct bundle *bundle)
{
    struct buf json;
    struct buf fact;
    struct role_env *env = self->options.env;
    bundle->version = newest(self) + 1;
    bundle->policy.since = role_now(env);
    buf_init(&json, ROLE_BUNDLE_MAX);
    buf_init(&fact, (size_t)64 * 1024);
    if (bundle_to_json(bundle, env->seal_key, &json) != ERR_OK || buf_error(&json) != ERR_OK) {
        report_add(
            &self->report, FINDING_ERROR, "", 0, 0, "", "too large to be applied (32 MiB at most)");
    }
    write_fact(self, bundle, buf_view(&json), &fact);
    if (buf_error(&fact) != ERR_OK) {
        report_add(&self->report, FINDING_ERROR, "", 0, 0, "", "the note is too long");
    }
    if (self->report.error_count == 0) {
        self->doing = DOING_APPLY;
        store_config_apply(
            env->store, newest(self), buf_view(&json), buf_view(&fact), on_applied, self);
    }
    buf_release(&json);
    buf_release(&fact);
}

/* ---- one request ---- */

static bool may_apply(struct role_policy *self)
{
    const struct role_apply *apply = self->current;
    const bool asks = self->options.env->settings->changes_need_approval;
    if (apply->base_version > 0 && apply->base_version != newest(self)) {
        finish_with(
            self, APPLY_CONFLICT, "another version was applied since: look at it and try again");
        return false;
    }
    if (self->count >= ROLE_VERSIONS_MAX) { /* one more, and no role could start again */
        finish_with(self, APPLY_FORBIDDEN, no_room);
        return false;
    }
    if (asks && !apply->approved && self->count > 0) {
        finish_with(self, APPLY_FORBIDDEN, approval_is_needed);
        return false;
    }
    return true;
}

void role_apply_check(struct role_env *env, const struct bundle *bundle, struct report *report)
{
    const struct civil_day today = calendar_local_day(bundle->policy.calendar, role_now(env));
    bundle_lint(bundle, env->settings, today, report);
}

/*
 * At the very first start a doubtful configuration is better than none: it is only told, and only
 * by the role whose version it becomes.
 */
static void check_made(struct role_policy *self, const struct bundle *bundle)
{
    struct report found;
    if (self->is_ready) {
        role_apply_check(self->options.env, bundle, &self->report);
        return;
    }
    report_init(&found);
    role_apply_check(self->options.env, bundle, &found);
    for (size_t i = 0; i < found.count; i++) {
        struct finding finding = found.findings[i];
        finding.level = FINDING_WARNING;
        report_finding(&self->report, &finding);
    }
    report_release(&found);
}

static void refuse(struct role_policy *self)
{
    policy_log_findings(&self->report, "configuration_finding");
    if (!self->is_ready) {
        self->current = NULL;
        policy_give_up(
            self, "the configuration files have errors; `nrt check --config DIR` lists them all");
        return;
    }
    finish_with(self, APPLY_REFUSED, "the configuration has errors");
}

static void try_current(struct role_policy *self)
{
    const struct bundle *base = self->count > 0 ? self->bundles[self->count - 1] : NULL;
    if (!may_apply(self)) {
        return;
    }
    report_release(&self->report);
    report_init(&self->report);
    struct bundle *bundle = self->current->make(self->current, base, &self->report);
    if (bundle) {
        check_made(self, bundle);
    }
    if (!bundle || self->report.error_count > 0) {
        refuse(self);
    } else if (base && strcmp(bundle->digest, base->digest) == 0) {
        log_info("configuration_unchanged", "config=%lld", (long long)newest(self));
        finish_with(self, APPLY_EQUAL, "this is what is in force already");
    } else {
        send_bundle(self, bundle);
        if (self->doing != DOING_APPLY) {
            refuse(self);
        }
    }
    bundle_free(bundle);
}

/* ---- the queue ---- */

static void queue(struct role_policy *self, struct role_apply *apply)
{
    apply->next = NULL;
    *self->last = apply;
    self->last = &apply->next;
    self->waiting++;
}

bool policy_apply_next(struct role_policy *self)
{
    if (self->reload_asked && !self->reload_waiting) {
        self->reload_asked = false;
        self->reload_waiting = true;
        self->reload.note = TEXT_LITERAL("read again");
        queue(self, &self->reload);
    }
    if (!self->current && self->first) {
        self->current = self->first;
        self->first = self->current->next;
        self->last = self->first ? self->last : &self->first;
        self->waiting--;
    }
    if (!self->current) {
        return false;
    }
    try_current(self);
    return true;
}

void policy_applied_settled(struct role_policy *self)
{
    if (self->current && self->applied_version > 0) {
        const struct apply_result result = {
            .verdict = APPLY_DONE, .version = self->applied_version};
        finish(self, &result);
    }
}

void policy_apply_failed(struct role_policy *self, const char *why)
{
    if (self->current) {
        finish_with(self, APPLY_FAILED, why);
    }
}

bool role_apply_begin(struct role_env *env, struct role_apply *apply)
{
    struct role_policy *self = env->policy;
    if (!self || self->waiting >= ROLE_APPLIES_MAX) {
        return false;
    }
    queue(self, apply);
    if (self->doing == DOING_NOTHING) {
        loop_timer_arm(self->again, 0);
    }
    return true;
}

/* ---- the files again ---- */

/* A folder that is not mounted, or none at all, must not put the examples in force. */
static const char nothing_is_there[] =
    "there are no files of a configuration to read again, and what is compiled in does not replace "
    "what was applied; is --config the right folder?";

static struct bundle *make_from_files(
    struct role_apply *apply, const struct bundle *base, struct report *report)
{
    struct role_policy *self =
        (struct role_policy *)(void *)((char *)apply - offsetof(struct role_policy, reload));
    const struct role_env *env = self->options.env;
    struct bundle *bundle = bundle_load_folder_sealed(
        self->options.config_folder, env->settings, env->seal_key, report);
    if (bundle && base && bundle->given_count == 0 && strcmp(bundle->digest, base->digest) != 0) {
        report_add(report, FINDING_ERROR, "", 0, 0, "", nothing_is_there);
    }
    return bundle;
}

static void on_reloaded(struct role_apply *apply, const struct apply_result *result)
{
    struct role_policy *self =
        (struct role_policy *)(void *)((char *)apply - offsetof(struct role_policy, reload));
    (void)result;
    self->reload_waiting = false;
}

void policy_apply_init(struct role_policy *self)
{
    self->last = &self->first;
    self->state.successful = true;
    report_init(&self->report);
    self->reload = (struct role_apply){
        .make = make_from_files,
        .done = on_reloaded,
        .by = text_of(self->options.env->instance),
        .note = TEXT_LITERAL("read again"),
    };
}

void policy_apply_files(struct role_policy *self)
{
    self->reload.note = TEXT_LITERAL("first start");
    self->reload_waiting = true;
    self->current = &self->reload;
    try_current(self);
}

void role_policy_reload(struct role_policy *policy)
{
    policy->reload_asked = true;
    if (policy->doing == DOING_NOTHING && policy->begun) {
        loop_timer_arm(policy->again, 0);
    }
}

struct reload_state role_reload_state(const struct role_env *env)
{
    return env->policy ? env->policy->state : (struct reload_state){.successful = true};
}

const struct bundle *role_bundle(const struct role_env *env, int64_t version)
{
    const struct role_policy *self = env->policy;
    return self && version >= 1 && version <= (int64_t)self->count ? self->bundles[version - 1]
                                                                   : NULL;
}
