/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Order: join while claiming, load and ask case by case, move what goes to a delegate, compose,
 * merge in the store, then on as one message. A crash before the merge leaves the messages as they
 * were; after it the digest, which nobody has sent yet.
 */
#include "notifiers/gather.h"

#include <stdio.h>
#include <string.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "base/must.h"
#include "notifiers/compose.h"
#include "notifiers/notifier_parts.h"

#define GATHER_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define REASON_BYTES     256

static struct digest_place place_of(const struct mail_job *job)
{
    return (struct digest_place){.settings = job->settings, .type = job->type};
}

/* ---- joining ---- */

/* The old array stays behind in the arena. NULL: memory is out. */
static void *grown(
    struct arena *arena, const void *items, size_t count, size_t room, size_t item_bytes)
{
    void *copy = arena_array(arena, room, item_bytes);
    if (copy && count > 0) {
        memcpy(copy, items, count * item_bytes);
    }
    return copy;
}

static size_t messages_in(const struct mail_entry *entry)
{
    return entry->kind == ENTRY_DIGEST ? entry->member_count : 1;
}

static bool make_room(struct gathered *gathered, struct arena *arena, size_t more)
{
    if (gathered->message_count + more <= gathered->room) {
        return true; /* there are never more parts than messages */
    }
    const size_t room = (gathered->message_count + more) * 2;
    struct text *parts = grown(arena, gathered->parts, gathered->part_count, room, sizeof(*parts));
    struct mail_entry *entries =
        grown(arena, gathered->part_entries, gathered->part_count, room, sizeof(*entries));
    struct gathered_message *messages =
        grown(arena, gathered->messages, gathered->message_count, room, sizeof(*messages));
    if (!parts || !entries || !messages) {
        return false;
    }
    gathered->parts = parts;
    gathered->part_entries = entries;
    gathered->messages = messages;
    gathered->room = room;
    return true;
}

/* False: memory is out. */
static bool add_part(
    struct gathered *gathered, struct arena *arena, struct text id, const struct mail_entry *entry)
{
    if (!make_room(gathered, arena, messages_in(entry))) {
        return false;
    }
    gathered->parts[gathered->part_count] = id;
    gathered->part_entries[gathered->part_count] = *entry;
    gathered->part_count++;
    if (entry->kind != ENTRY_DIGEST) {
        gathered->messages[gathered->message_count++].message =
            (struct entry_member){.id = id, .entry = *entry};
        return true;
    }
    for (size_t index = 0; index < entry->member_count; index++) {
        gathered->messages[gathered->message_count++].message = entry->members[index];
    }
    return true;
}

/* Has one of them perhaps been sent? Then it stays by itself, and the journal is asked again. */
static bool is_untouched(struct mail_job *job)
{
    struct journal_record record = {0};
    struct err_why why = {0};
    if (job->marked ||
        send_journal_find(job->notifier->journal, job->id, &job->arena, &record, &why)) {
        return false;
    }
    const bool accepted = record.has_outcome && record.outcome.kind == OUTCOME_ACCEPTED;
    return !record.known || (record.attempt <= job->entry.attempts && !accepted);
}

/* The receivers in a call for many, counted on from those that are there. */
static void add_receivers(
    const struct mail_entry *entry, struct text people[static ENTRY_MEMBERS_MAX], size_t *count)
{
    const struct entry_member one = {.entry = *entry};
    const struct entry_member *members = entry->kind == ENTRY_DIGEST ? entry->members : &one;
    for (size_t index = 0; index < messages_in(entry); index++) {
        const struct text receiver = members[index].entry.receiver;
        size_t there = 0;
        while (there < *count && !text_equal(people[there], receiver)) {
            there++;
        }
        if (there == *count && *count < ENTRY_MEMBERS_MAX) {
            people[(*count)++] = receiver;
        }
    }
}

static size_t receivers_of(const struct mail_job *leader, const struct mail_job *job)
{
    struct text people[ENTRY_MEMBERS_MAX];
    size_t count = 0;
    const struct gathered *gathered = leader->gathered;
    for (size_t index = 0; gathered && index < gathered->part_count; index++) {
        add_receivers(&gathered->part_entries[index], people, &count);
    }
    if (!gathered) {
        add_receivers(&leader->entry, people, &count);
    }
    add_receivers(&job->entry, people, &count);
    return count;
}

static bool has_room(const struct mail_job *leader, const struct mail_job *job)
{
    const struct gathered *gathered = leader->gathered;
    const size_t there = gathered ? gathered->message_count : messages_in(&leader->entry);
    const size_t together = there + messages_in(&job->entry);
    const int32_t receivers_max = leader->type->receivers_max;
    if (together > ENTRY_MEMBERS_MAX) {
        return false;
    }
    return receivers_max <= 1 || together <= (size_t)receivers_max ||
           receivers_of(leader, job) <= (size_t)receivers_max;
}

static struct mail_job *leader_of(const struct mail_job *job)
{
    struct notifier *notifier = job->notifier;
    for (size_t index = 0; index < JOBS_MAX; index++) {
        struct mail_job *other = &notifier->jobs[index];
        if (other != job && other->state == JOB_LOAD && other->gathers &&
            other->answer == job->answer && text_equal(other->person, job->person) &&
            text_equal(other->channel, job->channel) && has_room(other, job)) {
            return other;
        }
    }
    return NULL;
}

/* The job stands for what it was claimed for, and more to come. False: memory is out. */
static bool unfold(struct mail_job *job)
{
    if (job->gathered) {
        return true;
    }
    struct gathered *gathered = arena_array(&job->arena, 1, sizeof(*gathered));
    if (!gathered || !add_part(gathered, &job->arena, job->id, &job->entry)) {
        return false;
    }
    job->gathered = gathered;
    return true;
}

/* A part of another job's, whose texts have to outlive it. */
static bool take_part(struct mail_job *leader, const struct mail_job *job)
{
    struct mail_entry entry;
    struct err_why why = {0};
    struct buf json;
    buf_init(&json, GATHER_BYTES_MAX);
    entry_write(&job->entry, &json);
    enum err err = buf_error(&json);
    if (!err) {
        err = entry_parse(buf_view(&json), &leader->arena, &entry, &why);
    }
    buf_release(&json);
    const struct text id = arena_text(&leader->arena, job->id);
    return !err && id.ptr && add_part(leader->gathered, &leader->arena, id, &entry);
}

/* What is stopped waits by itself, and does not hold others up. */
static bool is_stopped(const struct mail_job *job)
{
    return job->entry.kind != ENTRY_DIGEST &&
           control_stops(job->notifier->control, job->channel, job->entry.values.unit_id);
}

bool gather_join(struct mail_job *job)
{
    const struct digest_place place = place_of(job);
    job->gathers = job->has_entry && digest_takes(&place, &job->entry) && !is_stopped(job) &&
                   is_untouched(job);
    if (job->has_entry && job->entry.kind == ENTRY_DIGEST &&
        (digest_fill(&job->entry, &job->arena) || !unfold(job))) {
        job_give(job); /* memory is out: the claim runs out, and it comes again */
        return true;
    }
    struct mail_job *leader = job->gathers ? leader_of(job) : NULL;
    if (!leader) {
        return false;
    }
    if (unfold(leader)) {
        (void)!take_part(leader, job); /* what does not fit comes again when its claim runs out */
    }
    job_give(job);
    return true;
}

bool gather_holds(const struct mail_job *job, struct text id)
{
    const struct gathered *gathered = job->gathered;
    return gathered && text_is_among(id, gathered->parts, gathered->part_count);
}

/* ---- asking whether each is still wanted ---- */

static void drop(struct gathered_message *message, const char *reason)
{
    message->fate = GATHERED_DROPPED;
    message->reason = reason;
}

static void on_loaded(
    void *context, enum err err, const char *why, const struct store_case *cases, size_t count)
{
    struct job_call *call = context;
    struct notifier *notifier = call->notifier;
    struct mail_job *job = call->jobs[0];
    struct gathered *gathered = job->gathered;
    if (err || count != gathered->batch_count) {
        notifier_store_trouble(notifier, "cases_load", err, why);
        job_call_failed(call, JOB_LOAD);
        return;
    }
    job->state = JOB_LOAD;
    bool waits = false;
    for (size_t index = 0; index < count && !waits; index++) {
        struct gathered_message *message = &gathered->messages[gathered->batch[index]];
        const char *reason = mail_drop_reason(job, &message->message.entry, &cases[index], &waits);
        if (waits) {
            break; /* for a version of the rules: this one and the others are asked again */
        }
        message->fate = GATHERED_WANTED;
        if (reason) {
            drop(message, reason);
        }
    }
    job_call_give(call);
}

/* Messages not asked yet whose cases stand in one partition; that partition. */
static int32_t next_batch(struct mail_job *job)
{
    struct gathered *gathered = job->gathered;
    struct store *store = job->notifier->env->store;
    int32_t partition = -1;
    gathered->batch_count = 0;
    for (size_t index = 0; index < gathered->message_count; index++) {
        const struct gathered_message *message = &gathered->messages[index];
        if (message->fate != GATHERED_UNCHECKED || gathered->batch_count == STORE_BATCH_MAX) {
            continue;
        }
        const int32_t home = store_partition_of(store, message->message.entry.case_id);
        partition = partition < 0 ? home : partition;
        if (home == partition) {
            gathered->batch[gathered->batch_count++] = index;
        }
    }
    return partition;
}

static void load_batch(struct mail_job *job, int32_t partition)
{
    const struct gathered *gathered = job->gathered;
    struct text ids[STORE_BATCH_MAX];
    for (size_t index = 0; index < gathered->batch_count; index++) {
        ids[index] = gathered->messages[gathered->batch[index]].message.entry.case_id;
    }
    struct job_call *call = job_call_take(job->notifier, &job, 1, JOB_LOADING);
    store_cases_load(
        job->notifier->env->store, partition, ids, gathered->batch_count, on_loaded, call);
}

/* ---- what becomes of them ---- */

static size_t wanted_of(const struct gathered *gathered)
{
    size_t wanted = 0;
    for (size_t index = 0; index < gathered->message_count; index++) {
        wanted += gathered->messages[index].fate == GATHERED_WANTED ? 1 : 0;
    }
    return wanted;
}

/* Messages of people on leave go to the mailboxes of those who stand in. */
static void move_away(struct mail_job *job)
{
    const struct route_from from = notifier_route_from(job->notifier);
    struct gathered *gathered = job->gathered;
    for (size_t index = 0; index < gathered->message_count; index++) {
        struct gathered_message *message = &gathered->messages[index];
        if (message->fate != GATHERED_WANTED) {
            continue;
        }
        const struct text to =
            route_moves(&from, &message->message.entry, job->person, job->channel, &job->followers);
        if (to.bytes > 0) {
            char reason[REASON_BYTES];
            (void)snprintf(reason, sizeof(reason), "on leave: goes to %.*s", TEXT_ARGS(to));
            const char *kept = arena_string(&job->arena, text_of(reason));
            drop(message, kept ? kept : "on leave");
        }
    }
    job->notifier->counts.messages_unreachable_total += (int64_t)job->followers.dead_count;
}

/* Messages of people without an account at the gateway go by the next channel. */
static void leave_out_strangers(struct mail_job *job)
{
    const struct route_from from = notifier_route_from(job->notifier);
    struct gathered *gathered = job->gathered;
    for (size_t index = 0; index < gathered->message_count; index++) {
        struct gathered_message *message = &gathered->messages[index];
        const struct mail_entry *entry = &message->message.entry;
        if (message->fate != GATHERED_WANTED || entry->receiver.bytes == 0 ||
            fetch_reaches(job, entry->receiver)) {
            continue;
        }
        message->fate = GATHERED_UNREACHED;
        message->reason = "not in the channel's directory";
        if (entry->rest.count > 0) {
            route_rest(&from, entry, job->person, &job->followers);
        } else {
            log_error(
                "message_dead", "message=%.*s person=%.*s channel=%.*s reason=\"%s\"",
                TEXT_ARGS(message->message.id), TEXT_ARGS(entry->receiver), TEXT_ARGS(job->channel),
                message->reason);
        }
    }
}

/* The course of the parts goes on with what they become. */
static void carry_course(const struct gathered *gathered, struct mail_entry *entry)
{
    for (size_t index = 0; index < gathered->part_count; index++) {
        const struct mail_entry *part = &gathered->part_entries[index];
        const int64_t first_ms = part->first_at.ms;
        entry->attempts = part->attempts > entry->attempts ? part->attempts : entry->attempts;
        if (first_ms > 0 && (entry->first_at.ms == 0 || first_ms < entry->first_at.ms)) {
            entry->first_at.ms = first_ms;
        }
        if (entry->slot.bytes == 0) {
            entry->slot = part->slot;
        }
    }
}

/* What is to stand in the place of the parts: the one that is left, or a digest. */
static enum err make_entry(struct mail_job *job, size_t wanted)
{
    struct gathered *gathered = job->gathered;
    struct entry_member *left = arena_array(&job->arena, wanted, sizeof(*left));
    size_t count = 0;
    if (!left) {
        return ERR_NO_MEMORY;
    }
    for (size_t index = 0; index < gathered->message_count; index++) {
        if (gathered->messages[index].fate == GATHERED_WANTED) {
            left[count++] = gathered->messages[index].message;
        }
    }
    MUST(count == wanted);
    if (wanted == 1) {
        gathered->id = left[0].id;
        gathered->entry = left[0].entry;
        carry_course(gathered, &gathered->entry);
        return ERR_OK;
    }
    char id[NRT_ID_BYTES];
    const enum err err = digest_make(left, count, &job->arena, &gathered->entry);
    if (err) {
        return err;
    }
    carry_course(gathered, &gathered->entry);
    entry_message_id(&gathered->entry, job->person, job->channel, id);
    gathered->id = arena_text(&job->arena, text_of(id));
    return gathered->id.ptr ? mail_compose_digest(job, &gathered->entry, gathered->id)
                            : ERR_NO_MEMORY;
}

static enum err write_merge(struct mail_job *job, size_t wanted)
{
    struct gathered *gathered = job->gathered;
    struct buf json;
    struct buf facts;
    buf_init(&json, GATHER_BYTES_MAX);
    buf_init(&facts, GATHER_BYTES_MAX);
    if (wanted > 0) {
        entry_write(&gathered->entry, &json);
    }
    gather_merge_facts(job, wanted, &facts);
    gathered->json = arena_text(&job->arena, buf_view(&json));
    gathered->facts = arena_text(&job->arena, buf_view(&facts));
    const bool whole = !buf_error(&json) && !buf_error(&facts);
    buf_release(&json);
    buf_release(&facts);
    return whole && gathered->json.ptr && gathered->facts.ptr ? ERR_OK : ERR_NO_MEMORY;
}

/* A digest as it stands in the store, with the words that are still right. */
static bool is_unchanged(const struct mail_job *job, size_t wanted)
{
    const struct gathered *gathered = job->gathered;
    return gathered->part_count == 1 && wanted == gathered->message_count && wanted > 1 &&
           text_equal(gathered->id, gathered->parts[0]) &&
           text_equal(gathered->entry.text, gathered->part_entries[0].text);
}

static void decide_frozen(struct mail_job *job, size_t wanted)
{
    if (wanted == 0) {
        settle_end(job, "dropped", job->gathered->messages[0].reason, false);
        return;
    }
    mail_prepare(job);
}

static void decide(struct mail_job *job)
{
    struct gathered *gathered = job->gathered;
    size_t wanted = wanted_of(gathered);
    if (!job->gathers) {
        decide_frozen(job, wanted);
        return;
    }
    move_away(job);
    if (job->type->receivers_max > 1) {
        leave_out_strangers(job);
    }
    wanted = wanted_of(gathered);
    gathered->id = (struct text){0};
    if ((wanted > 0 && make_entry(job, wanted)) || job->followers.out_of_memory) {
        job_give(job); /* memory is out: the claims run out, and all comes again */
        return;
    }
    if (is_unchanged(job, wanted)) {
        mail_prepare(job);
        return;
    }
    if (write_merge(job, wanted)) {
        job_give(job);
        return;
    }
    job->state = job->followers.item_count > 0 ? JOB_PUT : JOB_MERGE;
}

void gather_load(struct mail_job *job)
{
    struct gathered *gathered = job->gathered;
    if (!gathered->looked && !job->gathers && mail_had_earlier_attempt(job)) {
        return;
    }
    gathered->looked = true;
    const int32_t partition = next_batch(job);
    if (partition < 0) {
        decide(job);
    } else {
        load_batch(job, partition);
    }
}

/* ---- merging ---- */

static void count_merge(struct mail_job *job)
{
    const struct gathered *gathered = job->gathered;
    struct notifier_counts *counts = &job->notifier->counts;
    for (size_t index = 0; index < gathered->message_count; index++) {
        const struct gathered_message *message = &gathered->messages[index];
        const bool unreached = message->fate == GATHERED_UNREACHED;
        const bool goes_on = message->message.entry.rest.count > 0;
        counts->messages_dropped_total += message->fate == GATHERED_DROPPED ? 1 : 0;
        counts->messages_rejected_total += unreached && goes_on ? 1 : 0;
        counts->messages_dead_total += unreached && !goes_on ? 1 : 0;
    }
    if (gathered->entry.kind == ENTRY_DIGEST) {
        counts->digests_total++;
        counts->messages_gathered_total += (int64_t)gathered->entry.member_count;
    }
}

/* The job now stands for what the store holds. */
static void become(struct mail_job *job)
{
    struct gathered *gathered = job->gathered;
    struct routes *followers = &job->followers;
    gathered->json = (struct text){0}; /* no merge is under way any more */
    *followers = (struct routes){.arena = followers->arena};
    job->followers_put = 0;
    job->id = gathered->id;
    job->entry = gathered->entry;
    if (job->entry.kind != ENTRY_DIGEST) {
        job->gathered = NULL;
        return;
    }
    size_t kept = 0;
    for (size_t index = 0; index < gathered->message_count; index++) {
        if (gathered->messages[index].fate == GATHERED_WANTED) {
            gathered->messages[kept++] = gathered->messages[index];
        }
    }
    gathered->message_count = kept;
    gathered->parts[0] = gathered->id;
    gathered->part_entries[0] = gathered->entry;
    gathered->part_count = 1;
}

static void on_merged(void *context, enum err err, const char *why, const bool *ours, size_t count)
{
    struct job_call *call = context;
    struct mail_job *job = call->jobs[0];
    if (err || count != 1) {
        notifier_store_trouble(call->notifier, "mail_merge", err, why);
        job_call_failed(call, JOB_MERGE);
        return;
    }
    failpoint_hit("mail_after_merge");
    if (!ours[0]) {
        log_warn("mail_claim_lost", "message=%.*s", TEXT_ARGS(job->gathered->parts[0]));
        job_give(job);
    } else {
        count_merge(job);
        if (job->gathered->id.bytes == 0) {
            job_give(job);
        } else {
            become(job);
            mail_prepare(job);
        }
    }
    job_call_give(call);
}

void gather_merge(struct notifier *notifier)
{
    struct mail_job *jobs[STORE_BATCH_MAX];
    const size_t count = jobs_collect(notifier, JOB_MERGE, -1, jobs);
    for (size_t index = 0; index < count; index++) {
        const struct mail_job *job = jobs[index];
        const struct gathered *gathered = job->gathered;
        const struct mail_merge merge = {
            .person = job->person,
            .channel = job->channel,
            .parts = gathered->parts,
            .part_count = gathered->part_count,
            .id = gathered->id,
            .entry = gathered->json,
            .facts = gathered->facts,
        };
        struct job_call *call = job_call_take(notifier, &jobs[index], 1, JOB_MERGING);
        store_mail_merge(notifier->env->store, job->partition, &merge, on_merged, call);
    }
}

/* ---- stops ---- */

struct text gather_stopped_unit(const struct mail_job *job)
{
    const struct gathered *gathered = job->gathered;
    for (size_t index = 0; gathered && index < gathered->message_count; index++) {
        const struct text unit = gathered->messages[index].message.entry.values.unit_id;
        if (control_stops(job->notifier->control, job->channel, unit)) {
            return unit;
        }
    }
    return (struct text){0};
}
