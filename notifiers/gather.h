/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of one mailbox that were claimed together become one job: each is asked whether it is
 * still wanted, what is left becomes one digest in one step of the store, and that is sent like
 * any message. A digest that certainly has not been sent is taken apart and made anew with what has
 * come since; one that may have been sent stays as it is, to the byte.
 */
#ifndef NRT_NOTIFIERS_GATHER_H
#define NRT_NOTIFIERS_GATHER_H

#include "notifiers/digest.h"
#include "store/store.h"

struct mail_job;
struct notifier;
struct buf;

enum gathered_fate {
    GATHERED_UNCHECKED,
    GATHERED_WANTED,
    GATHERED_DROPPED,
    GATHERED_UNREACHED, /* a call for many cannot reach whom it is for */
};

struct gathered_message {
    struct entry_member message;
    enum gathered_fate fate;
    const char *reason; /* why it was dropped */
};

/* What a job stands for, when that is more than one message. In the job's arena. */
struct gathered {
    struct text *parts; /* ids claimed: messages, digests of before */
    struct mail_entry *part_entries;
    size_t part_count;
    struct gathered_message *messages;
    size_t message_count;
    size_t room;                   /* of each of them */
    bool looked;                   /* whether an earlier attempt is known */
    size_t batch[STORE_BATCH_MAX]; /* messages whose cases are being loaded */
    size_t batch_count;
    /* to be put in the place of the parts: */
    struct text id; /* empty: nothing */
    struct mail_entry entry;
    struct text json;
    struct text facts;
};

/*
 * A claimed job that may be gathered joins one of the same mailbox out of the same answer; that
 * one then stands for both. A digest unfolds into its messages. False: it stays by itself.
 */
bool gather_join(struct mail_job *job);
/* Does a gathered job hold that claim? */
bool gather_holds(const struct mail_job *job, struct text id);
/* JOB_LOAD of a gathered job: asks for the cases of some messages, or decides. */
void gather_load(struct mail_job *job);
/* JOB_MERGE: in the store. */
void gather_merge(struct notifier *notifier);
/* What becomes of its messages with the merge that is about to be; so many of them go on. */
void gather_merge_facts(const struct mail_job *job, size_t wanted, struct buf *facts);
/*
 * The facts of its messages, where a digest ends without having been taken; the routes of those
 * that have a channel left.
 */
void gather_facts(const struct mail_job *job, struct buf *facts);
void gather_plan_followers(struct mail_job *job);
/* The unit of one of its messages for which sending is stopped, empty: none. */
struct text gather_stopped_unit(const struct mail_job *job);

#endif
