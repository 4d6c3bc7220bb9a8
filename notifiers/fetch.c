/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a job's request complete: who receives it, by which address, with which token. What has to
 * be fetched is waited for in JOB_FETCH, before the intent is written: so far nothing has left.
 */
#include "notifiers/fetch.h"

#include "notifiers/lookup.h"
#include "notifiers/notifier_parts.h"

bool fetch_is_needed(const struct channel_type *type)
{
    return type->token_encode || type->lookup_steps > 0;
}

void fetch_go_on(struct notifier *notifier, const struct channel_settings *settings)
{
    for (size_t index = 0; index < JOBS_MAX; index++) {
        struct mail_job *job = &notifier->jobs[index];
        if (job->state == JOB_FETCH && (!settings || job->settings == settings)) {
            job->state = job->fetch_for;
        }
    }
    notifier_pump_in(notifier, 0);
}

/* ---- receivers ---- */

static struct text address_of(const struct contact *contact, const struct channel_type *type)
{
    switch (type->address) {
    case ADDRESS_DINGTALK:
        return contact->dingtalk;
    case ADDRESS_ZWDD:
        return contact->zwdd;
    case ADDRESS_WECOM:
        return contact->wecom;
    case ADDRESS_EMAIL:
        return contact->email;
    case ADDRESS_NONE:
    case ADDRESS_MOBILE:
    case CHANNEL_ADDRESS_COUNT:
        break;
    }
    return (struct text){0};
}

static bool is_receiver(const struct mail_job *job, struct text person)
{
    for (size_t index = 0; index < job->receiver_count; index++) {
        if (text_equal(job->receivers[index].person, person)) {
            return true;
        }
    }
    return false;
}

static void add_receiver(struct mail_job *job, struct text person)
{
    const struct contact *contact = bundle_contact(job->notifier->env->bundle, person);
    if (is_receiver(job, person)) {
        return;
    }
    struct channel_receiver receiver = {.person = person};
    if (contact) {
        receiver.mobile = arena_text(&job->arena, contact->mobile);
        receiver.user = arena_text(&job->arena, address_of(contact, job->type));
    }
    job->receivers[job->receiver_count++] = receiver;
}

/* A group's people, those of a call for many, or the one person. */
static void add_receivers(struct mail_job *job)
{
    const struct mail_entry *entry = &job->entry;
    struct text group;
    if (route_is_group(job->person, &group)) {
        const struct route_from from = notifier_route_from(job->notifier);
        for (size_t index = 0; index < entry->to.count; index++) {
            add_receiver(job, route_named(&from, entry, entry->to.items[index]));
        }
        return;
    }
    for (size_t index = 0; index < entry->member_count; index++) {
        const struct text receiver = entry->members[index].entry.receiver;
        if (receiver.bytes > 0) {
            add_receiver(job, receiver);
        }
    }
    if (job->receiver_count == 0) {
        add_receiver(job, entry->receiver.bytes > 0 ? entry->receiver : job->person);
    }
}

bool fetch_receivers(struct mail_job *job)
{
    if (job->receivers) {
        return true;
    }
    const size_t room = job->entry.to.count + job->entry.member_count + 1;
    job->receivers = arena_array(&job->arena, room, sizeof(*job->receivers));
    if (job->receivers) {
        add_receivers(job);
    }
    return job->receivers != NULL;
}

/* Those whom the channel cannot address are left out of a call for several. */
static void drop_unaddressed(struct mail_job *job)
{
    const enum channel_address address = job->type->to_group ? ADDRESS_MOBILE : job->type->address;
    size_t kept = 0;
    for (size_t index = 0; index < job->receiver_count; index++) {
        const struct channel_receiver receiver = job->receivers[index];
        const bool reached =
            address == ADDRESS_NONE ||
            (address == ADDRESS_MOBILE ? receiver.mobile.bytes > 0 : receiver.user.bytes > 0);
        if (reached) {
            job->receivers[kept++] = receiver;
        }
    }
    job->receiver_count = kept;
}

bool fetch_reaches(struct mail_job *job, struct text person)
{
    const struct contact *contact = bundle_contact(job->notifier->env->bundle, person);
    if (job->type->lookup_steps == 0 || !contact || address_of(contact, job->type).bytes > 0) {
        return true; /* or routing would have passed the channel over */
    }
    return !lookups_know_nobody(job->notifier->lookups, job->settings, contact->mobile);
}

/*
 * A digest for many of whom some turned out to have no account: it is taken apart once more, and
 * their messages go by the next channel. The place among the calls is kept.
 */
static bool strangers_leave(struct mail_job *job)
{
    bool any = false;
    for (size_t index = 0; index < job->receiver_count; index++) {
        any = any || !fetch_reaches(job, job->receivers[index].person);
    }
    if (!any || !job->gathers || job->type->receivers_max <= 1 || job->state != JOB_SEND ||
        job->entry.kind != ENTRY_DIGEST) {
        return false;
    }
    throttle_keep_place(job);
    settle_defer(
        job, "held", role_now(job->notifier->env), "somebody is not in the channel's directory");
    return true;
}

/* ---- waiting ---- */

static bool wait_here(struct mail_job *job)
{
    job->fetch_for = job->state;
    job->state = JOB_FETCH;
    return false;
}

/* The attempt ends here; nothing has left, so there is nothing to write down. */
static bool end_here(struct mail_job *job, const struct outcome *failure)
{
    job->outcome = *failure;
    if (job->state == JOB_POLL) {
        poll_failed(job);
        return false;
    }
    job->attempt = job->entry.attempts + 1;
    job->outcome_on_disk = true;
    send_answered(job);
    return false;
}

static enum fetch_answer look_up(
    struct mail_job *job, struct channel_receiver *receiver, struct outcome *failure)
{
    const struct lookup_question question = {
        .settings = job->settings,
        .mobile = receiver->mobile,
        .token = job->token,
        .arena = &job->arena,
    };
    return lookups_ask(job->notifier->lookups, &question, &job->wait, &receiver->user, failure);
}

static bool look_up_all(struct mail_job *job)
{
    struct outcome failure = {0};
    for (; job->looked_up < job->receiver_count; job->looked_up++) {
        struct channel_receiver *receiver = &job->receivers[job->looked_up];
        if (receiver->user.bytes > 0 || receiver->mobile.bytes == 0) {
            continue;
        }
        const enum fetch_answer answer = look_up(job, receiver, &failure);
        if (answer == FETCH_AWAITED) {
            return wait_here(job);
        }
        if (answer == FETCH_FAILED) {
            return end_here(job, &failure);
        }
    }
    return true;
}

static bool take_token(struct mail_job *job)
{
    struct outcome failure = {0};
    struct token_given given;
    const enum fetch_answer answer =
        tokens_ask(job->notifier->tokens, job->settings, &job->wait, &given, &failure);
    if (answer == FETCH_AWAITED) {
        return wait_here(job);
    }
    if (answer == FETCH_FAILED) {
        return end_here(job, &failure);
    }
    job->token =
        (struct token_given){.text = arena_text(&job->arena, given.text), .number = given.number};
    return true;
}

bool fetch_job(struct mail_job *job)
{
    if (job->is_fetched) {
        return true;
    }
    if (!fetch_receivers(job)) {
        job_give(job); /* out of memory: the claim runs out and the message comes again */
        return false;
    }
    if (!take_token(job) || (job->type->lookup_steps > 0 && !look_up_all(job))) {
        return false;
    }
    if (strangers_leave(job)) {
        return false;
    }
    drop_unaddressed(job);
    if (job->state == JOB_SEND && job->receiver_count == 0 && !job->type->to_group) {
        settle_end(job, "rejected", "not in the channel's directory", true);
        return false;
    }
    job->is_fetched = true;
    return true;
}
