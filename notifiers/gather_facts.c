/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the journal is told of gathered messages: that they go with a digest, or why they do not;
 * and how each of them ends where the digest has ended without having been taken.
 */
#include <string.h>

#include "notifiers/gather.h"
#include "notifiers/notifier_parts.h"

static void add_fact(
    const struct mail_job *job,
    const struct entry_member *message,
    const char *state,
    struct text reason,
    struct buf *facts)
{
    const struct message_fact fact = {
        .id = message->id,
        .person = job->person,
        .channel = job->channel,
        .state = state,
        .at = role_now(job->notifier->env),
        .attempts = message->entry.attempts,
        .reason = reason,
        .digest = strcmp(state, "gathered") == 0 ? job->gathered->id : (struct text){0},
    };
    fact_message(facts, &message->entry, &fact);
}

/* ---- merging ---- */

static void message_fact(
    const struct mail_job *job,
    const struct gathered_message *message,
    size_t wanted,
    struct buf *facts)
{
    const struct entry_member *it = &message->message;
    const struct text reason = text_of(message->reason ? message->reason : "");
    switch (message->fate) {
    case GATHERED_DROPPED:
        add_fact(job, it, "dropped", reason, facts);
        return;
    case GATHERED_UNREACHED:
        add_fact(job, it, it->entry.rest.count > 0 ? "rejected" : "dead", reason, facts);
        return;
    case GATHERED_UNCHECKED:
    case GATHERED_WANTED:
        break;
    }
    if (wanted > 1) {
        add_fact(job, it, "gathered", reason, facts);
    } else if (!gather_holds(job, it->id)) { /* out of a digest again */
        add_fact(job, it, "sending", reason, facts);
    }
}

/* A digest of before that is no more. */
static void part_fact(const struct mail_job *job, size_t index, size_t wanted, struct buf *facts)
{
    const struct gathered *gathered = job->gathered;
    const struct entry_member part = {
        .id = gathered->parts[index], .entry = gathered->part_entries[index]};
    if (part.entry.kind != ENTRY_DIGEST || text_equal(part.id, gathered->id)) {
        return;
    }
    if (wanted > 1) {
        add_fact(job, &part, "gathered", (struct text){0}, facts);
    } else {
        add_fact(job, &part, "dropped", TEXT_LITERAL("its messages are gone"), facts);
    }
}

static void digest_fact(const struct mail_job *job, struct buf *facts)
{
    const struct mail_entry *entry = &job->gathered->entry;
    const struct message_fact fact = {
        .id = job->gathered->id,
        .person = job->person,
        .channel = job->channel,
        .state = "sending",
        .at = role_now(job->notifier->env),
        .attempts = entry->attempts,
        .text = entry->text,
        .with_members = true,
    };
    fact_message(facts, entry, &fact);
}

void gather_merge_facts(const struct mail_job *job, size_t wanted, struct buf *facts)
{
    const struct gathered *gathered = job->gathered;
    for (size_t index = 0; index < job->followers.unreached_count; index++) {
        buf_string(facts, facts->bytes > 0 ? "," : "");
        buf_text(facts, job->followers.unreached[index].facts);
    }
    for (size_t index = 0; index < gathered->message_count; index++) {
        message_fact(job, &gathered->messages[index], wanted, facts);
    }
    for (size_t index = 0; index < gathered->part_count; index++) {
        part_fact(job, index, wanted, facts);
    }
    if (wanted > 1) {
        digest_fact(job, facts);
    }
}

/* ---- the end of a digest ---- */

void gather_plan_followers(struct mail_job *job)
{
    const struct route_from from = notifier_route_from(job->notifier);
    const struct gathered *gathered = job->gathered;
    for (size_t index = 0; index < gathered->message_count; index++) {
        const struct gathered_message *message = &gathered->messages[index];
        if (message->fate != GATHERED_DROPPED && message->message.entry.rest.count > 0) {
            route_rest(&from, &message->message.entry, job->person, &job->followers);
        }
    }
}

void gather_facts(const struct mail_job *job, struct buf *facts)
{
    const struct gathered *gathered = job->gathered;
    if (!job->course.final || strcmp(job->course.state, "accepted") == 0) {
        return; /* each shows the digest's state */
    }
    for (size_t index = 0; index < gathered->message_count; index++) {
        const struct gathered_message *message = &gathered->messages[index];
        const bool goes_on = message->message.entry.rest.count > 0;
        const bool rejected =
            strcmp(job->course.state, "rejected") == 0 || strcmp(job->course.state, "dead") == 0;
        const char *state = rejected ? (goes_on ? "rejected" : "dead") : job->course.state;
        const struct text reason = message->reason ? text_of(message->reason) : job->reason;
        add_fact(job, &message->message, message->reason ? "dropped" : state, reason, facts);
    }
}
