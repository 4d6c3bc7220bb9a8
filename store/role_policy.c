/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The applied configuration of a role: read at the start (whoever finds none applies what the
 * files say as version 1, store/role_apply.c), followed as versions are added. Every version is
 * kept, because a run goes by the one in force at its start. A version that this build cannot read
 * is hopeless at the start and refused later: the role then goes on with what it has, loudly.
 */
#include "store/role_policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"

static void read_next(struct role_policy *self);

void policy_try_again(struct role_policy *self, const char *event, enum err err, const char *why)
{
    log_warn(
        event, "err=%s why=\"%s\" retry_in_ms=%lld", err_name(err), why ? why : "",
        (long long)ROLE_TRY_AGAIN_MS);
    self->doing = DOING_NOTHING;
    self->look_again = true;
    loop_timer_arm(self->again, ROLE_TRY_AGAIN_MS);
}

/* A log line quotes its values with '"': inside they become '\''. */
static void plain_quotes(const char *text, char *ret_plain, size_t bytes)
{
    (void)snprintf(ret_plain, bytes, "%s", text ? text : "");
    for (char *at = strchr(ret_plain, '"'); at; at = strchr(at, '"')) {
        *at = '\'';
    }
}

void policy_log_findings(const struct report *report, const char *event)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct finding *finding = &report->findings[i];
        char message[512];
        plain_quotes(finding->message, message, sizeof(message));
        log_warn(
            event, "file=%s line=%zu column=%zu path=\"%s\" message=\"%s\"",
            finding->file ? finding->file : "", finding->line, finding->column,
            finding->path ? finding->path : "", message);
    }
}

/* Nothing under way any more: what was asked for meanwhile is done in the loop's next turn. */
static void rest(struct role_policy *self)
{
    self->doing = DOING_NOTHING;
    if (self->reload_asked || self->look_again || self->current || self->first) {
        loop_timer_arm(self->again, 0);
    }
}

void policy_give_up(struct role_policy *self, const char *why)
{
    self->doing = DOING_NOTHING;
    if (!self->is_ready) {
        self->options.hopeless(self->options.context, why);
        return;
    }
    log_error("configuration_refused", "why=\"%s\" going_on_with=%zu", why, self->count);
    self->state.successful = false;
    policy_apply_failed(self, why);
    rest(self);
}

/* Nothing more to read: hand over what there is. */
static void settle(struct role_policy *self)
{
    struct role_env *env = self->options.env;
    const bool first = !self->is_ready;
    self->doing = DOING_NOTHING;
    env->bundle = self->bundles[self->count - 1];
    env->rulebook = (struct rulebook){
        .policies = self->policies,
        .policy_count = self->count,
    };
    log_info("configuration_loaded", "config=%lld", (long long)env->bundle->version);
    self->is_ready = true;
    if (first) {
        self->state.success_at = role_now(env);
        self->options.ready(self->options.context);
    } else if (env->on_config) {
        env->on_config(env->role);
    }
    policy_applied_settled(self);
    rest(self);
}

/* A thread reads by the rulebook it was given: what that points to stays where it is. */
static bool policies_grow(struct role_policy *self)
{
    if (self->count < self->policies_room) {
        return true;
    }
    const size_t room = self->policies_room > 0 ? 2 * self->policies_room : 8;
    const struct policy **policies = calloc(room, sizeof(struct policy *));
    if (!policies || self->outgrown_count == POLICY_ARRAYS_MAX) {
        free(policies);
        return false;
    }
    if (self->policies) {
        memcpy(policies, self->policies, self->count * sizeof(struct policy *));
        self->outgrown[self->outgrown_count++] = self->policies;
    }
    self->policies = policies;
    self->policies_room = room;
    return true;
}

static bool keep_bundle(struct role_policy *self, struct bundle *bundle)
{
    struct bundle **bundles = realloc(self->bundles, (self->count + 1) * sizeof(struct bundle *));
    if (!bundles) {
        return false;
    }
    self->bundles = bundles;
    if (!policies_grow(self)) {
        return false;
    }
    bundle->version = (int64_t)self->count + 1;
    bundle->policy.version = bundle->version;
    if (self->count > 0) {
        bundle_share_calendar(bundle, self->bundles[self->count - 1]);
    }
    self->bundles[self->count] = bundle;
    self->policies[self->count] = &bundle->policy;
    self->count++;
    return true;
}

static bool take_bundle(struct role_policy *self, struct text json)
{
    struct report report;
    report_init(&report);
    struct bundle *bundle = bundle_from_json(json, self->options.env->seal_key, &report);
    policy_log_findings(&report, "configuration_finding");
    report_release(&report);
    if (bundle && keep_bundle(self, bundle)) {
        return true;
    }
    bundle_free(bundle);
    return false;
}

static void on_older(
    void *context, enum err err, const char *why, int64_t version, struct text json)
{
    struct role_policy *self = context;
    (void)version;
    if (err != ERR_OK) {
        policy_try_again(self, "configuration_not_read", err, why);
        return;
    }
    if (!take_bundle(self, json)) {
        policy_give_up(
            self,
            "an applied configuration cannot be read; is seal.key in the data folder the one it "
            "was applied with, and is this build as new as the one that applied it?");
        return;
    }
    read_next(self);
}

static void read_next(struct role_policy *self)
{
    if ((int64_t)self->count >= self->newest_version) {
        settle(self);
        return;
    }
    if (self->count >= ROLE_VERSIONS_MAX) {
        policy_give_up(
            self, "more versions of the configuration were applied than a process keeps");
        return;
    }
    self->doing = DOING_OLDER;
    store_config_read(self->options.env->store, (int64_t)self->count + 1, on_older, self);
}

static void on_newest(
    void *context, enum err err, const char *why, int64_t version, struct text json)
{
    struct role_policy *self = context;
    (void)json;
    if (err == ERR_NOT_FOUND && !self->is_ready) {
        policy_apply_files(self);
        return;
    }
    if (err != ERR_OK) {
        policy_try_again(self, "configuration_not_read", err, why);
        return;
    }
    self->newest_version = version;
    if ((int64_t)self->count > version) {
        policy_give_up(self, "Redis knows fewer versions of the configuration than this process");
        return;
    }
    if (self->is_ready && (int64_t)self->count >= version) {
        rest(self);
        return;
    }
    read_next(self);
}

void policy_read_newest(struct role_policy *self)
{
    self->doing = DOING_NEWEST;
    self->look_again = false;
    store_config_read(self->options.env->store, 0, on_newest, self);
}

/* Looking comes first: what is applied is made upon the newest version. */
static void on_again(void *context)
{
    struct role_policy *self = context;
    if (self->doing != DOING_NOTHING) {
        return; /* whatever is under way comes to rest and sees what was asked */
    }
    if (self->look_again || !self->is_ready || !policy_apply_next(self)) {
        policy_read_newest(self);
    } else if (self->doing == DOING_NOTHING) {
        rest(self);
    }
}

struct role_policy *role_policy_create(const struct role_policy_options *options)
{
    struct role_policy *self = calloc(1, sizeof(*self));
    if (!self) {
        return NULL;
    }
    self->options = *options;
    policy_apply_init(self);
    options->env->policy = self;
    self->again = loop_timer_create(options->env->loop, on_again, self);
    if (!self->again) {
        free(self);
        return NULL;
    }
    return self;
}

void role_policy_begin(struct role_policy *policy)
{
    policy->begun = true;
    policy_read_newest(policy);
}

void role_policy_look(struct role_policy *policy)
{
    if (!policy->begun) {
        return; /* the first reading is still to come */
    }
    if (policy->doing != DOING_NOTHING) {
        policy->look_again = true;
        return;
    }
    policy_read_newest(policy);
}

/* ---- never a mixture ---- */

bool role_knows_version(const struct role_env *env, int64_t version)
{
    return version <= env->bundle->version;
}

void role_look_for_versions(struct role_env *env)
{
    if (env->policy) {
        role_policy_look(env->policy);
    }
}
