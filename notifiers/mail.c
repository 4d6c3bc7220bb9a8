/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the mailbox to the point of sending: claim what is ready, load and fold the cases behind,
 * and ask in this order: did an earlier attempt get through, is the message still wanted, may
 * it ring now, is there room in the channel, can it be written down for the gateway.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "notifiers/compose.h"
#include "notifiers/gather.h"
#include "notifiers/notifier_parts.h"
#include "notifiers/unreadable.h"
#include "rules/needed.h"
#include "rules/record.h"

#define PROBE_SPREAD_MS 5000

/* ---- claiming ---- */

/* What leaves the mailbox unread is told with the message's end. */
static void keep_unreadable(struct mail_job *job, struct text body, const char *why)
{
    struct buf facts;
    const struct unreadable unreadable = {
        .via = "mailbox",
        .position = job->id,
        .body = body,
        .why = why,
        .at = role_now(job->notifier->env),
    };
    buf_init(&facts, UNREADABLE_BYTES_MAX);
    fact_unreadable(&facts, &unreadable);
    job->more_facts = arena_text(&job->arena, buf_view(&facts));
    buf_release(&facts);
}

static bool job_fill(struct mail_job *job, const struct mail_claim *claim)
{
    struct err_why why = {0};
    job->partition = claim->partition;
    job->marked = claim->marked;
    job->person = arena_text(&job->arena, claim->person);
    job->channel = arena_text(&job->arena, claim->channel);
    job->id = arena_text(&job->arena, claim->id);
    if (!job->person.ptr || !job->channel.ptr || !job->id.ptr) {
        return false;
    }
    const enum err err = entry_parse(claim->entry, &job->arena, &job->entry, &why);
    if (err == ERR_NO_MEMORY) {
        return false;
    }
    job->has_entry = err == ERR_OK;
    if (job->has_entry) { /* what was composed before; a digest is written down with its words */
        job->title = job->entry.title;
        job->text = job->entry.text;
    }
    if (err) {
        log_error("mail_entry_unreadable", "message=%.*s why=\"%s\"", TEXT_ARGS(job->id), why.text);
        keep_unreadable(job, claim->entry, why.text);
    }
    job->settings = settings_channel(job->notifier->env->settings, job->channel);
    job->type = job->settings ? channel_type_find(job->settings->type) : NULL;
    return true;
}

static void take_claim(struct notifier *notifier, const struct mail_claim *claim)
{
    if (job_is_known(notifier, claim->id)) {
        return; /* our own lease ran out while we were at it; the job goes on */
    }
    struct mail_job *job = job_take(notifier);
    if (!job) {
        return;
    }
    job->answer = notifier->answers;
    if (!job_fill(job, claim)) {
        job_give(job);
    } else {
        (void)!gather_join(job);
    }
}

/* When to look into this partition again. */
static int64_t next_look(const struct claim_state *state, const struct mail_claimed *claimed)
{
    struct role_env *env = state->notifier->env;
    const int64_t real_ms = loop_real_ms(env->loop);
    if (claimed->mail_count > 0 || state->again) {
        return real_ms;
    }
    int64_t wait_ms = CLAIM_IDLE_MS;
    if (claimed->has_next) {
        const int64_t due_ms = clock_real_ms_until(env->clock, claimed->next);
        wait_ms = due_ms < wait_ms ? due_ms : wait_ms;
    }
    return real_ms + (wait_ms > 0 ? wait_ms : 1);
}

static void on_claimed(
    void *context, enum err err, const char *why, const struct mail_claimed *claimed)
{
    struct claim_state *state = context;
    struct notifier *notifier = state->notifier;
    state->asked = false;
    if (err) {
        notifier_store_trouble(notifier, "mail_claim", err, why);
        state->at_real_ms = loop_real_ms(notifier->env->loop) + RETRY_STORE_MS;
        notifier_pump_in(notifier, 0);
        return;
    }
    if (claimed->mail_count > 0) {
        failpoint_hit("mail_after_claim");
    }
    state->at_real_ms = next_look(state, claimed);
    notifier->answers++;
    for (size_t index = 0; index < claimed->mail_count; index++) {
        take_claim(notifier, &claimed->mails[index]);
    }
    notifier_pump_in(notifier, 0);
}

void mail_claim_soon(struct notifier *notifier, int32_t partition)
{
    struct claim_state *state = &notifier->claims[partition];
    state->again = state->asked;
    state->at_real_ms = 0;
    notifier_pump_in(notifier, 0);
}

void mail_claim_all(struct notifier *notifier)
{
    const int32_t partitions = store_partitions(notifier->env->store);
    for (int32_t partition = 0; partition < partitions; partition++) {
        mail_claim_soon(notifier, partition);
    }
}

/* Jobs there are, and places for those that claims under way may bring: what is claimed and finds
 * no place would wait for the end of its lease. */
static size_t places_taken(const struct notifier *notifier, int32_t partitions)
{
    size_t places = notifier->job_count;
    for (int32_t index = 0; index < partitions; index++) {
        places += notifier->claims[index].asked ? STORE_BATCH_MAX : 0;
    }
    return places;
}

void mail_claim_due(struct notifier *notifier)
{
    struct role_env *env = notifier->env;
    const int64_t real_ms = loop_real_ms(env->loop);
    const int32_t partitions = store_partitions(env->store);
    int64_t next_ms = INT64_MAX;
    if (notifier->terminating) {
        return;
    }
    const int32_t first = notifier->claim_from; /* in turn: none is always the last */
    for (int32_t turn = 0; turn < partitions; turn++) {
        const int32_t index = (first + turn) % partitions;
        struct claim_state *state = &notifier->claims[index];
        if (!state->asked && state->at_real_ms <= real_ms &&
            places_taken(notifier, partitions) + STORE_BATCH_MAX <= JOBS_MAX) {
            state->asked = true;
            state->again = false;
            notifier->claim_from = (index + 1) % partitions;
            control_refresh(notifier->control);
            store_mail_claim(env->store, index, role_now(env), STORE_BATCH_MAX, on_claimed, state);
        } else if (!state->asked && state->at_real_ms > real_ms) {
            next_ms = state->at_real_ms < next_ms ? state->at_real_ms : next_ms;
        }
    }
    if (next_ms < INT64_MAX) { /* where there is no room, jobs that end call again */
        loop_timer_arm(notifier->claim_timer, next_ms - real_ms);
    }
}

/* ---- deciding ---- */

/* What the journal and the mark tell of an attempt that was never settled. */
static bool had_earlier_attempt(struct mail_job *job, const struct journal_record *record)
{
    const bool unsettled = record->known && record->attempt > job->entry.attempts;
    const bool accepted =
        record->known && record->has_outcome && record->outcome.kind == OUTCOME_ACCEPTED;
    if (!unsettled && !accepted && !job->marked) {
        return false;
    }
    job->state = JOB_ANSWERED;
    job->attempt = job->entry.attempts + 1;
    job->outcome_at = role_now(job->notifier->env);
    if (unsettled || accepted) {
        job->attempt = record->attempt;
        job->title = record->title;
        job->text = record->text;
        job->entry.vendor_template = record->template;
        job->entry.params = record->params;
        job->entry.param_count = record->param_count;
        job->sent_at = record->at;
    }
    if (accepted || (unsettled && record->has_outcome)) {
        job->outcome = record->outcome;
        job->outcome_at = record->outcome_at;
        job->outcome_on_disk = true;
        return true;
    }
    outcome_set(
        &job->outcome, OUTCOME_UNSURE, CAUSE_NONE, "the sender stopped half way", (struct text){0});
    return true;
}

/*
 * A case that has met a version of the rules this process has not read is judged after that
 * version was read; one that stays away is lost, and the newest serves.
 */
static bool waits_for_rules(struct mail_job *job, const struct case_memory *memory)
{
    struct role_env *env = job->notifier->env;
    if (role_knows_version(env, memory_version_needed(memory)) ||
        job->rules_awaited >= RULES_AWAITED_MAX) {
        return false;
    }
    role_look_for_versions(env);
    job->rules_awaited++;
    job->state = JOB_LOAD;
    job->not_before_real_ms = loop_real_ms(env->loop) + RETRY_RULES_MS;
    return true;
}

/* A delegate's one message may stand for several people: it is wanted while one of them is. */
static enum still_wanted ask_for_each(
    const struct mail_job *job,
    const struct mail_entry *entry,
    const struct case_state *state,
    struct wanted_question *question,
    struct arena *arena)
{
    const struct rulebook *rulebook = &job->notifier->env->rulebook;
    const struct route_from from = notifier_route_from(job->notifier);
    enum still_wanted wanted = case_still_wanted(state, rulebook, question, arena);
    size_t index = 0;
    while (wanted == NOT_WANTED_PERSON) {
        question->person = route_also_for(&from, entry, job->person, &index);
        if (question->person.bytes == 0) {
            break;
        }
        wanted = case_still_wanted(state, rulebook, question, arena);
    }
    return wanted;
}

static enum still_wanted ask_wanted(
    struct mail_job *job,
    const struct mail_entry *entry,
    const struct store_case *record,
    bool *ret_waits)
{
    struct role_env *env = job->notifier->env;
    struct wanted_question question = {
        .clock = entry->clock,
        .run = entry->run,
        .stage = entry->stage,
        .instant = entry->instant,
        .person = route_asked_for(entry, job->person),
    };
    struct case_memory memory = {0};
    const struct case_state *state = NULL;
    struct err_why why = {0};
    struct arena arena;
    arena_init(&arena, 0);
    enum err err = record_unpack(record->record, &arena, &memory, &why);
    *ret_waits = !err && waits_for_rules(job, &memory);
    if (*ret_waits) {
        arena_release(&arena);
        return WANTED;
    }
    if (!err) {
        err = case_fold(&memory, &env->rulebook, role_now(env), &arena, &state);
    }
    enum still_wanted wanted = WANTED;
    if (err) { /* rather one message too many than none */
        log_error(
            "case_not_folded", "case=%.*s err=%s why=\"%s\"", TEXT_ARGS(entry->case_id),
            err_name(err), why.text);
    } else {
        wanted = ask_for_each(job, entry, state, &question, &arena);
    }
    arena_release(&arena);
    return wanted;
}

static bool asks_no_case(const struct mail_entry *entry)
{
    return entry->test || entry->kind == ENTRY_NOTICE;
}

/* A record that is gone was settled long ago. */
const char *mail_drop_reason(
    struct mail_job *job,
    const struct mail_entry *entry,
    const struct store_case *record,
    bool *ret_waits)
{
    if (asks_no_case(entry)) {
        return NULL;
    }
    if (!record || record->version == 0) {
        return "settled";
    }
    switch (ask_wanted(job, entry, record, ret_waits)) {
    case WANTED:
        return NULL;
    case NOT_WANTED_SETTLED:
        return "settled";
    case NOT_WANTED_PERSON:
        return "person";
    case NOT_WANTED_OVERTAKEN:
        return "overtaken";
    }
    return NULL;
}

/*
 * The words are those of the failure that closed the channel. What was perhaps sent is looked up
 * first: a receipt of it spares the next channel.
 */
void mail_wait_for_fuse(struct mail_job *job)
{
    struct prng *prng = &job->notifier->prng;
    const struct channel_state *channel = channel_state_of(job->notifier, job);
    const bool perhaps_sent = job->entry.unsures > 0;
    char reason[OUTCOME_REASON_BYTES + 32];
    job->barred = true;
    if (!await_lets_send(job)) {
        return;
    }
    (void)snprintf(reason, sizeof(reason), "the channel is closed: %s", channel->closed_reason);
    if (job->entry.rest.count > 0) {
        settle_end(job, perhaps_sent ? "unsure" : "rejected", reason, true);
        return;
    }
    const struct wall_ms ready =
        wall_add(channel->fuse.probe_at, prng_range(prng, 1, PROBE_SPREAD_MS));
    settle_defer(job, perhaps_sent ? "unsure" : "retrying", ready, reason);
}

/* False when the job has been put elsewhere: later, or on the next channel. */
static bool may_go_now(struct mail_job *job)
{
    struct notifier *notifier = job->notifier;
    struct control_hold hold;
    if (job->gathered) {
        job->entry.values.unit_id = gather_stopped_unit(job);
    }
    if (!control_lets_go(notifier->control, job, &hold)) {
        notifier->counts.messages_stopped_total++;
        settle_defer(job, "held", hold.ready, hold.reason);
        return false;
    }
    const struct route_from from = notifier_route_from(notifier);
    const struct wall_ms ready = route_hold(&from, job->settings, &job->entry);
    if (ready.ms > from.now.ms) {
        settle_defer(job, "held", ready, "");
        return false;
    }
    struct channel_state *channel = channel_state_of(notifier, job);
    if (!fuse_lets_through(&channel->fuse, from.now)) {
        mail_wait_for_fuse(job);
        return false;
    }
    return true;
}

static struct compose_from compose_from(const struct mail_job *job)
{
    struct role_env *env = job->notifier->env;
    return (struct compose_from){
        .bundle = env->bundle,
        .settings = job->settings,
        .type = job->type,
        .public_url = settings_outer_url(env->settings),
        .now = role_now(env),
        .mailbox = job->person,
        .message = job->id,
        .link_key = job->notifier->link_key,
        .link_ms = env->settings->link_ms,
    };
}

static enum err compose_into(struct mail_job *job, struct mail_entry *entry, struct text id)
{
    struct composed words;
    struct compose_from from = compose_from(job);
    from.message = id;
    const enum err err = compose_message(&from, entry, &job->arena, &words);
    if (!err) {
        entry->title = words.title;
        entry->text = words.text;
        entry->vendor_template = words.vendor_template;
        entry->params = words.params;
        entry->param_count = words.param_count;
    }
    return err;
}

enum err mail_compose_digest(struct mail_job *job, struct mail_entry *digest, struct text id)
{
    return compose_into(job, digest, id);
}

static bool write_words(struct mail_job *job)
{
    if (job->entry.text.bytes == 0) { /* a repeat has the same bytes */
        if (compose_into(job, &job->entry, job->id)) {
            return false;
        }
    }
    job->title = job->entry.title;
    job->text = job->entry.text;
    return true;
}

void mail_prepare(struct mail_job *job)
{
    struct err_why why = {0};
    struct http_request request;
    if (!job->settings || !job->type) {
        settle_end(job, "rejected", "no channel of that name and type", true);
        return;
    }
    if (!write_words(job)) {
        job_give(job); /* out of memory: the claim runs out and the message comes again */
        return;
    }
    const enum err err = send_encode(job, &request, &why);
    http_request_release(&request);
    if (err) {
        settle_end(job, "rejected", why.text, true);
        return;
    }
    if (may_go_now(job)) {
        job->attempt = job->entry.attempts + 1;
        job->state = throttle_is_needed(job) ? JOB_ASK : JOB_SEND;
    }
}

bool mail_had_earlier_attempt(struct mail_job *job)
{
    struct notifier *notifier = job->notifier;
    struct err_why why = {0};
    struct journal_record earlier = {0};
    if (await_takes(job)) {
        return true;
    }
    const enum err err = send_journal_find(notifier->journal, job->id, &job->arena, &earlier, &why);
    if (err) { /* without the journal nothing is sent */
        notifier->counts.send_journal_failures_total++;
        log_error("send_journal_unreadable", "err=%s why=\"%s\"", err_name(err), why.text);
        job->state = JOB_LOAD;
        job->not_before_real_ms = loop_real_ms(notifier->env->loop) + RETRY_JOURNAL_MS;
        return true;
    }
    return had_earlier_attempt(job, &earlier);
}

static void decide(struct mail_job *job, const struct store_case *record)
{
    if (!job->has_entry) {
        settle_end(job, "dead", "the mailbox entry cannot be read", false);
        return;
    }
    if (mail_had_earlier_attempt(job)) {
        return;
    }
    bool waits = false;
    const char *dropped = mail_drop_reason(job, &job->entry, record, &waits);
    if (waits) {
        return;
    }
    if (dropped) {
        settle_end(job, "dropped", dropped, false);
        return;
    }
    if (settle_moves(job)) {
        return;
    }
    mail_prepare(job);
}

/* ---- loading ---- */

static void on_loaded(
    void *context, enum err err, const char *why, const struct store_case *cases, size_t count)
{
    struct job_call *call = context;
    struct notifier *notifier = call->notifier;
    if (err || count != call->job_count) {
        notifier->load_max = notifier->load_max > 1 ? notifier->load_max / 2 : 1;
        notifier_store_trouble(notifier, "cases_load", err, why);
        job_call_failed(call, JOB_LOAD);
        return;
    }
    if (count >= notifier->load_max && notifier->load_max < STORE_BATCH_MAX) {
        notifier->load_max++;
    }
    for (size_t index = 0; index < count; index++) {
        decide(call->jobs[index], &cases[index]);
    }
    job_call_give(call);
}

static void load_partition(
    struct notifier *notifier, int32_t partition, struct mail_job *const *jobs, size_t count)
{
    struct text ids[STORE_BATCH_MAX];
    for (size_t index = 0; index < count; index++) {
        ids[index] = jobs[index]->entry.case_id;
    }
    struct job_call *call = job_call_take(notifier, jobs, count, JOB_LOADING);
    store_cases_load(notifier->env->store, partition, ids, count, on_loaded, call);
}

/* Those that need no case are decided at once, those of many see to theirs; the others stay. */
static size_t decide_without_case(struct mail_job **jobs, size_t count)
{
    size_t kept = 0;
    for (size_t index = 0; index < count; index++) {
        if (jobs[index]->gathered) {
            gather_load(jobs[index]);
        } else if (!jobs[index]->has_entry || asks_no_case(&jobs[index]->entry)) {
            decide(jobs[index], NULL);
        } else {
            jobs[kept++] = jobs[index];
        }
    }
    return kept;
}

/* Moves jobs whose cases share the first one's partition to `together`; how many stay. */
static size_t split_off(
    struct store *store, struct mail_job **jobs, size_t count, struct mail_job **together)
{
    const int32_t partition = store_partition_of(store, jobs[0]->entry.case_id);
    size_t kept = 0;
    for (size_t index = 0; index < count; index++) {
        struct mail_job *job = jobs[index];
        if (store_partition_of(store, job->entry.case_id) == partition) {
            *together++ = job;
        } else {
            jobs[kept++] = job;
        }
    }
    return kept;
}

void mail_load(struct notifier *notifier)
{
    struct store *store = notifier->env->store;
    struct mail_job *jobs[STORE_BATCH_MAX];
    struct mail_job *together[STORE_BATCH_MAX];
    const size_t count = jobs_collect(notifier, JOB_LOAD, -1, jobs);
    size_t left = decide_without_case(jobs, count);
    while (left > 0) { /* each turn takes those of one partition */
        const int32_t partition = store_partition_of(store, jobs[0]->entry.case_id);
        const size_t kept = split_off(store, jobs, left, together);
        for (size_t from = 0; from < left - kept; from += notifier->load_max) {
            const size_t rest = left - kept - from;
            const size_t portion = rest < notifier->load_max ? rest : notifier->load_max;
            load_partition(notifier, partition, together + from, portion);
        }
        left = kept;
    }
}
