/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The applied configuration of a role: read at the start (whoever finds none applies what the
 * files say as version 1), followed as versions are added. Every version is kept, because a run
 * goes by the one in force at its start. A version that this build cannot read is hopeless at the
 * start and refused later: the role then goes on with what it has, loudly.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "store/role_kinds.h"

enum policy_doing { DOING_NOTHING, DOING_NEWEST, DOING_OLDER, DOING_APPLY };

struct role_policy {
    struct role_policy_options options;
    struct loop_timer *again;
    enum policy_doing doing;
    bool begun;
    bool is_ready;
    bool look_again; /* somebody asked while we were busy */
    bool reload_asked;
    struct report warnings;  /* of the files under way: said by the one whose version wins */
    int64_t newest_version;  /* to be had */
    struct bundle **bundles; /* [i] is version i + 1 */
    const struct policy **policies;
    size_t count;
};

static void read_next(struct role_policy *self);
static void read_newest(struct role_policy *self);
static void apply_files(struct role_policy *self, int64_t base_version);

static void try_again(struct role_policy *self, const char *event, enum err err, const char *why)
{
    log_warn(
        event, "err=%s why=\"%s\" retry_in_ms=%lld", err_name(err), why ? why : "",
        (long long)ROLE_TRY_AGAIN_MS);
    self->doing = DOING_NOTHING;
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

static void log_findings(const struct report *report, const char *event)
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
    if (self->reload_asked || self->look_again) {
        loop_timer_arm(self->again, 0);
    }
}

static void give_up(struct role_policy *self, const char *why)
{
    self->doing = DOING_NOTHING;
    if (!self->is_ready) {
        self->options.hopeless(self->options.context, why);
        return;
    }
    log_error("configuration_refused", "why=\"%s\" going_on_with=%zu", why, self->count);
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
        self->options.ready(self->options.context);
    } else if (env->on_config) {
        env->on_config(env->role);
    }
    rest(self);
}

static bool keep_bundle(struct role_policy *self, struct bundle *bundle)
{
    struct bundle **bundles = realloc(self->bundles, (self->count + 1) * sizeof(struct bundle *));
    if (!bundles) {
        return false;
    }
    self->bundles = bundles;
    const struct policy **policies =
        realloc(self->policies, (self->count + 1) * sizeof(struct policy *));
    if (!policies) {
        return false;
    }
    self->policies = policies;
    bundle->version = (int64_t)self->count + 1;
    bundle->policy.version = bundle->version;
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
    log_findings(&report, "configuration_finding");
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
        try_again(self, "configuration_not_read", err, why);
        return;
    }
    if (!take_bundle(self, json)) {
        give_up(
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
        give_up(self, "more versions of the configuration were applied than a process keeps");
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
        apply_files(self, 0);
        return;
    }
    if (err != ERR_OK) {
        try_again(self, "configuration_not_read", err, why);
        return;
    }
    self->newest_version = version;
    if (self->is_ready && (int64_t)self->count >= version) {
        rest(self);
        return;
    }
    read_next(self);
}

static void read_newest(struct role_policy *self)
{
    self->doing = DOING_NEWEST;
    self->look_again = false;
    store_config_read(self->options.env->store, 0, on_newest, self);
}

static void on_applied(
    void *context, enum err err, const char *why, int64_t version, struct text json)
{
    struct role_policy *self = context;
    (void)json;
    if (err == ERR_OK) {
        log_info("configuration_applied", "config=%lld", (long long)version);
        log_findings(&self->warnings, "configuration_finding");
    } else if (err != ERR_CONFLICT) {
        try_again(self, "configuration_not_applied", err, why);
        return;
    } else if (self->is_ready) {
        self->reload_asked = true; /* upon the version that came in between */
    }
    /* Ours, or somebody else was first: read what stands there now. */
    read_newest(self);
}

static void write_fact(
    struct role_policy *self, int64_t version, struct text json, struct buf *fact)
{
    struct json_out out;
    struct buf hex;
    uint8_t digest[SHA256_BYTES];
    crypto_sha256(json, digest);
    buf_init(&hex, 128);
    crypto_hex(&hex, digest, sizeof(digest));
    json_out_init(&out, fact);
    json_out_open(&out, '{');
    json_out_member(&out, "k", TEXT_LITERAL("config"));
    json_out_member_i64(&out, "version", version);
    json_out_member_i64(&out, "at", role_now(self->options.env).ms);
    json_out_member(&out, "by", text_of(self->options.env->instance));
    json_out_member(
        &out, "note", version == 1 ? TEXT_LITERAL("first start") : TEXT_LITERAL("read again"));
    json_out_member(&out, "sha256", buf_view(&hex));
    json_out_close(&out, '}');
    buf_release(&hex);
}

static void send_bundle(struct role_policy *self, const struct bundle *bundle, int64_t base_version)
{
    struct buf json;
    struct buf fact;
    buf_init(&json, ROLE_BUNDLE_MAX);
    buf_init(&fact, 4096);
    if (bundle_to_json(bundle, self->options.env->seal_key, &json) != ERR_OK ||
        buf_error(&json) != ERR_OK) {
        give_up(self, "the configuration is too large to be applied");
    } else {
        write_fact(self, base_version + 1, buf_view(&json), &fact);
        self->doing = DOING_APPLY;
        store_config_apply(
            self->options.env->store, base_version, buf_view(&json), buf_view(&fact), on_applied,
            self);
    }
    buf_release(&json);
    buf_release(&fact);
}

static void apply_files(struct role_policy *self, int64_t base_version)
{
    report_release(&self->warnings);
    report_init(&self->warnings);
    struct bundle *bundle = bundle_load_folder(
        self->options.config_folder, self->options.env->settings, &self->warnings);
    if (bundle) {
        send_bundle(self, bundle, base_version);
        bundle_free(bundle);
    } else {
        log_findings(&self->warnings, "configuration_finding");
        give_up(
            self, "the configuration files have errors; `nrt check --config DIR` lists them all");
    }
}

static void on_again(void *context)
{
    struct role_policy *self = context;
    if (self->doing != DOING_NOTHING) {
        self->look_again = true;
    } else if (self->reload_asked) {
        role_policy_reload(self);
    } else {
        read_newest(self);
    }
}

struct role_policy *role_policy_create(const struct role_policy_options *options)
{
    struct role_policy *self = calloc(1, sizeof(*self));
    if (!self) {
        return NULL;
    }
    self->options = *options;
    report_init(&self->warnings);
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
    read_newest(policy);
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
    read_newest(policy);
}

void role_policy_reload(struct role_policy *policy)
{
    if (policy->doing != DOING_NOTHING) {
        policy->reload_asked = true;
        return;
    }
    policy->reload_asked = false;
    apply_files(policy, (int64_t)policy->count);
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
