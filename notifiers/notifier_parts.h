/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the notifier role share; private to notifiers/.
 *
 * A claimed message is a job. Jobs move through states; notifier_pump() looks at all of them and
 * does, for each state, one call for many: load cases, write the journal, mark, post, put
 * followers, settle. Whatever a job waits for, it waits in a state, never on a stack.
 */
#ifndef NRT_NOTIFIERS_NOTIFIER_PARTS_H
#define NRT_NOTIFIERS_NOTIFIER_PARTS_H

#include "base/prng.h"
#include "config/link_token.h"
#include "notifiers/control.h"
#include "notifiers/course.h"
#include "notifiers/entry.h"
#include "notifiers/fuse.h"
#include "notifiers/notifier.h"
#include "notifiers/route.h"
#include "notifiers/throttle.h"
#include "notifiers/tokens.h"
#include "notifiers/watch.h"
#include "notifiers/window.h"

#define JOBS_MAX          512
#define CHANNELS_MAX      32
#define CLAIM_IDLE_MS     1000 /* how often mailboxes are looked at when nothing is known to come */
#define RETRY_STORE_MS    500
#define RETRY_JOURNAL_MS  1000
#define RETRY_RULES_MS    100
#define RULES_AWAITED_MAX 300  /* half a minute */
#define TROUBLE_EVERY_MS  5000 /* how often an outage is logged: it may last hours */
#define PRUNE_EVERY_MS    ((int64_t)3600 * 1000)
#define PRUNE_AGE_MS      ((int64_t)30 * 24 * 3600 * 1000)
#define TERMINATE_MS      10000 /* how long posts in flight are waited for when stopping */
#define POSTS_MAX         192   /* under way at a time, fewer than the engine takes */
#define POSTS_FIRST_MAX   16    /* beyond them: for channels that have none under way */
/*
 * A claim lasts STORE_LEASE_MS; marking renews it. A job older than this that was not marked
 * yet is let go: its claim runs out and somebody takes it again.
 */
#define JOB_UNMARKED_MS_MAX (STORE_LEASE_MS / 3)
#define JOB_MS_MAX          ((int64_t)2 * STORE_LEASE_MS)

/* One list: the counters of a notifier, as they appear in heartbeats and metrics. */
#define NOTIFIER_COUNTERS(X)                                                                       \
    X(outbox_alerts_total)                                                                         \
    X(messages_put_total)                                                                          \
    X(messages_accepted_total)                                                                     \
    X(messages_held_total)                                                                         \
    X(messages_throttled_total)                                                                    \
    X(messages_gathered_total)                                                                     \
    X(digests_total)                                                                               \
    X(messages_stopped_total)                                                                      \
    X(sending_revision)                                                                            \
    X(sending_stopped)                                                                             \
    X(sending_braked)                                                                              \
    X(messages_retried_total)                                                                      \
    X(messages_rejected_total)                                                                     \
    X(messages_dropped_total)                                                                      \
    X(messages_unsure_total)                                                                       \
    X(messages_dead_total)                                                                         \
    X(messages_unreachable_total)                                                                  \
    X(posts_total)                                                                                 \
    X(posts_in_flight)                                                                             \
    X(receipts_total)                                                                              \
    X(receipts_unreadable_total)                                                                   \
    X(receipts_left_out_total)                                                                     \
    X(receipts_missed_total)                                                                       \
    X(messages_undelivered_total)                                                                  \
    X(polls_total)                                                                                 \
    X(polls_failed_total)                                                                          \
    X(tokens_fetched_total)                                                                        \
    X(tokens_failed_total)                                                                         \
    X(lookups_total)                                                                               \
    X(lookups_failed_total)                                                                        \
    X(channels_open_fuse)                                                                          \
    X(channel_credential_failures_total)                                                           \
    X(send_journal_failures_total)                                                                 \
    X(notifier_store_failures_total)

struct notifier_counts {
#define NOTIFIER_COUNTER_FIELD(name) int64_t name;
    NOTIFIER_COUNTERS(NOTIFIER_COUNTER_FIELD)
#undef NOTIFIER_COUNTER_FIELD
};

enum job_state {
    JOB_FREE,
    JOB_LOAD,     /* its case is to be loaded */
    JOB_LOADING,  /* asked for */
    JOB_MERGE,    /* gathered; one digest is to be put in place of its messages */
    JOB_MERGING,  /* asked for */
    JOB_ASK,      /* checked and composed; whether the gateway bears it is to be asked */
    JOB_ASKING,   /* asked for */
    JOB_SEND,     /* checked and composed; its intent is to be written */
    JOB_FETCH,    /* its access token, or its receiver's id at the gateway, is asked for */
    JOB_AWAIT,    /* what receipts say of it is to be looked up */
    JOB_AWAITING, /* asked for */
    JOB_POLL,     /* the gateway is to be asked what became of it */
    JOB_POLLING,  /* asked for */
    JOB_MARK,     /* intent on disk; to be marked */
    JOB_MARKING,  /* asked for */
    JOB_POSTING,  /* the gateway has it, or not */
    JOB_ANSWERED, /* an outcome, to be written */
    JOB_PUT,      /* messages of the next channel are to be put */
    JOB_PUTTING,  /* asked for */
    JOB_SETTLE,   /* its course is decided; to be settled */
    JOB_SETTLING, /* asked for */
    JOB_STATE_COUNT
};

struct mail_job {
    struct notifier *notifier;
    enum job_state state;
    int64_t claimed_real_ms;
    int64_t not_before_real_ms; /* after store trouble */
    int32_t rules_awaited;      /* times put off for a version of the rules */
    struct arena arena;         /* every text below lives here */
    int32_t partition;
    struct text person;
    struct text channel;
    struct text id;
    bool marked; /* when claimed */
    bool has_entry;
    struct mail_entry entry;
    int64_t answer;                          /* the claim it came with */
    bool gathers;                            /* may become part of a digest */
    struct gathered *gathered;               /* stands for several; NULL: for one */
    const struct channel_settings *settings; /* NULL: no such channel any more */
    const struct channel_type *type;
    struct text title;
    struct text text;
    struct outcome outcome;
    struct wall_ms outcome_at;
    int32_t attempt; /* the one the outcome is of */
    bool outcome_on_disk;
    bool holds_post; /* counted in its channel's posts */
    /* what its request needs beside the words: */
    bool is_fetched; /* receivers and token are here */
    struct channel_receiver *receivers;
    size_t receiver_count;
    size_t looked_up; /* receivers whose id at the gateway has been looked for */
    struct fetch_wait wait;
    enum job_state fetch_for; /* in JOB_FETCH: where it goes on */
    struct token_given token; /* in the arena */
    struct wall_ms sent_at;
    /* an earlier attempt, and what became of it: */
    bool asked;  /* nobody could say; it may be sent again */
    bool barred; /* its channel is closed: it is looked up, and not sent */
    enum course_known known;
    bool silent;            /* how it is settled is nothing new: no fact */
    struct text more_facts; /* told with its settling */
    /* once decided: */
    struct course course;
    struct text reason;
    bool has_attempt; /* the attempt counts; false for holds and drops */
    struct routes followers;
    size_t followers_put;
};

/* A call to the store on behalf of several jobs. */
struct job_call {
    struct notifier *notifier;
    struct mail_job *jobs[STORE_BATCH_MAX];
    size_t job_count; /* 0: free */
};

struct channel_state {
    struct text name; /* into settings */
    struct fuse fuse;
    struct window window;                     /* how many posts it may have */
    char closed_reason[OUTCOME_REASON_BYTES]; /* while the fuse is open */
    int32_t posts;                            /* marking or posting */
};

struct claim_state {
    struct notifier *notifier;
    int32_t partition;
    bool asked;
    bool again;         /* something came while asking */
    int64_t at_real_ms; /* when to look again */
};

struct outbox_part;
struct receipts_part;
struct tokens;
struct lookups;
struct awaits;

struct notifier {
    struct role_env *env;
    struct http_engine *engine;
    struct send_journal *journal;
    struct prng prng;
    uint8_t link_key[LINK_KEY_BYTES]; /* of links in messages that open without a sign-in */
    struct notifier_counts counts;
    int64_t trouble_quiet_until_ms; /* real time */
    bool terminating;
    bool stopped;

    struct loop_timer *pump_timer;
    int64_t pump_real_ms; /* when it fires; INT64_MAX: not armed */
    struct loop_timer *claim_timer;
    struct loop_timer *prune_timer;
    struct loop_timer *terminate_timer;

    struct mail_job jobs[JOBS_MAX];
    size_t job_count; /* not free */
    size_t load_max;  /* cases at once; fewer after trouble, since large ones may be too much */
    struct job_call calls[JOBS_MAX];
    struct claim_state claims[STORE_PARTITIONS_MAX];
    int64_t answers;    /* claims that brought something */
    int32_t claim_from; /* the partition whose turn is next */
    struct channel_state channels[CHANNELS_MAX];
    size_t channel_count;

    struct outbox_part *outbox;
    struct receipts_part *receipts;
    struct control_part *control;
    struct watch *watch;
    struct tokens *tokens;
    struct lookups *lookups;
    struct awaits *awaits;
};

/* ---- notifier.c ---- */

/* Pump in so many real ms, unless it is to sooner. */
void notifier_pump_in(struct notifier *notifier, int64_t real_ms);
/* Count trouble with the store, and log it unless that was done a moment ago. */
void notifier_store_trouble(
    struct notifier *notifier, const char *what, enum err err, const char *why);
/* When stopping: leave once nothing is in hand. */
void notifier_maybe_stop(struct notifier *notifier);
struct route_from notifier_route_from(struct notifier *notifier);

/* ---- job.c: the pool, calls for many jobs, states that belong to channels ---- */

struct mail_job *job_take(struct notifier *notifier);
void job_give(struct mail_job *job);
bool job_is_known(const struct notifier *notifier, struct text id);
/* Jobs of this state, partition (of the mailbox; -1: any) that may be touched now. */
size_t jobs_collect(
    struct notifier *notifier,
    enum job_state state,
    int32_t partition,
    struct mail_job *ret_jobs[static STORE_BATCH_MAX]);
/* A call that holds these jobs; they are moved to `state`. */
struct job_call *job_call_take(
    struct notifier *notifier, struct mail_job *const *jobs, size_t count, enum job_state state);
/* Give the call back. On trouble its jobs go to `back` and wait. */
void job_call_give(struct job_call *call);
void job_call_failed(struct job_call *call, enum job_state back);
struct channel_state *channel_state_of(struct notifier *notifier, const struct mail_job *job);
struct channel_state *channel_state_named(
    struct notifier *notifier, const struct channel_settings *settings);

/* ---- mail.c: claiming, and whether a message may go ---- */

/* Look into this partition's mailboxes at once; into all of them. */
void mail_claim_soon(struct notifier *notifier, int32_t partition);
void mail_claim_all(struct notifier *notifier);
void mail_claim_due(struct notifier *notifier); /* look where it is time to */
void mail_load(struct notifier *notifier);
/*
 * Why the message of that entry, in the job's mailbox, is not wanted any more; NULL: it is.
 * ret_waits: the rules have to be read first, and the job is put off.
 */
const char *mail_drop_reason(
    struct mail_job *job,
    const struct mail_entry *entry,
    const struct store_case *record,
    bool *ret_waits);
/* True when the job's next step follows from an attempt of before, or the journal is away. */
bool mail_had_earlier_attempt(struct mail_job *job);
/* Wanted: composes it, and asks whether it may go now. */
void mail_prepare(struct mail_job *job);
/* Its channel is closed: looked up where it was perhaps sent, else later or the next channel. */
void mail_wait_for_fuse(struct mail_job *job);
/* The words of a digest that is to have that id, into its entry. ERR_NO_MEMORY. */
enum err mail_compose_digest(struct mail_job *job, struct mail_entry *digest, struct text id)
    ERR_MUST_USE;

/* ---- fetch.c: what a request needs beside its message ---- */

/*
 * False: the job is in another state now, because something is on its way or cannot be had, or
 * nobody at the gateway is its receiver.
 */
bool fetch_job(struct mail_job *job);
/* False when it is known that the job's channel has no account for that person. Asks nobody. */
bool fetch_reaches(struct mail_job *job, struct text person);
/* Only who receives it, as far as the directory knows. False: out of memory. */
bool fetch_receivers(struct mail_job *job);
/* Jobs in JOB_FETCH for this channel (NULL: all) go on. */
void fetch_go_on(struct notifier *notifier, const struct channel_settings *settings);
/* Does a request of this channel need anything fetched? */
bool fetch_is_needed(const struct channel_type *type);

/* ---- await.c, poll.c: what became of messages that have left us ---- */

/* Looks at a claimed job first: true when it waits for its receipt and is not to be sent. */
bool await_takes(struct mail_job *job);
/* An unsure one is about to be sent again: false when what became of it is asked first. */
bool await_lets_send(struct mail_job *job);
/* Settled, and waiting for a receipt from now on. */
void await_settled(const struct mail_job *job);
void await_look(struct notifier *notifier);
/* Enough is known of a job that waits: end it, wait on, or hand it to the next channel. */
void await_decide(struct mail_job *job, bool just_asked);
/* An unsure one is at the gateway, or was: all that is said of it is job->known. */
void await_found(struct mail_job *job, const char *reason);
/* Nobody can say what became of an unsure one: it goes out again. */
void await_unknown(struct mail_job *job);
struct awaits *awaits_create(struct notifier *notifier);
void awaits_free(struct awaits *awaits);
bool awaits_is_idle(const struct awaits *awaits);
void await_register(struct notifier *notifier);
void poll_jobs(struct notifier *notifier);
/* Can the gateway be asked about this one? Some tell only of messages they have given a name. */
bool poll_is_possible(struct mail_job *job);
/* The gateway could not be asked: job->outcome says why. */
void poll_failed(struct mail_job *job);
bool channel_has_receipts(const struct settings *settings, const struct channel_settings *channel);

/* ---- send.c: intents, marks, posts, outcomes ---- */

void send_write(struct notifier *notifier);
void send_mark(struct notifier *notifier);
/*
 * The request of a composed job. ERR_USAGE with why when its channel cannot take it. The caller
 * releases the request, also after an error.
 */
enum err send_encode(struct mail_job *job, struct http_request *request, struct err_why *why)
    ERR_MUST_USE;
void send_release_post(struct mail_job *job);
/* May a request for this job go out now, as far as the bounds allow? Held until released. */
bool send_hold_post(struct mail_job *job);
/* A request's call without its message. */
struct channel_call send_call(const struct mail_job *job);
/* The outcome of an attempt is here: to be written, and to decide about. */
void send_answered(struct mail_job *job);
/* What an answer says of the channel: its fuse. */
void channel_learn(
    struct notifier *notifier,
    const struct channel_settings *settings,
    const struct outcome *outcome);

/* ---- settle.c: the end of a job's stay ---- */

/* Not now: back into the mailbox until `ready`, untried. */
void settle_defer(
    struct mail_job *job, const char *state, struct wall_ms ready, const char *reason);
/* Never: out of the mailbox; next_channel hands it on. */
void settle_end(struct mail_job *job, const char *state, const char *reason, bool next_channel);
void settle_course(struct mail_job *job, const struct course *course);
/* Whoever it was for is on leave by now: into the mailbox of who stands in. False: it stays. */
bool settle_moves(struct mail_job *job);
void settle_put(struct notifier *notifier);
void settle_write(struct notifier *notifier);

/* ---- outbox.c, receipts.c ---- */

struct outbox_part *outbox_create(struct notifier *notifier);
void outbox_free(struct outbox_part *outbox);
bool outbox_is_idle(const struct outbox_part *outbox);
struct receipts_part *receipts_create(struct notifier *notifier);
void receipts_free(struct receipts_part *receipts);
bool receipts_is_idle(const struct receipts_part *receipts);

#endif
