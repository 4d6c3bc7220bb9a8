/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads beside the loop. One mutex guards both queues and the list of what is finished; a
 * thread holds it only to take or to hand back a job. The loop hears of finished jobs by an
 * eventfd. A bundle lives as long as the process (a role keeps every version), so a view needs
 * none of its own.
 */
#include "console/readers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "console/ledger_reader.h"
#include "console/problem.h"

#define THREADS (READERS_ANSWERING + READERS_LOOKING + READERS_WORKING)

static const char too_many[] = "too many answers are being made at once; ask again in a moment";
static const char too_slow[] =
    "the answer took too long and was given up; ask for less: a unit, a matter, a month";
static const char is_stopping[] = "the service is stopping; ask again in a moment";
static const char nobody_there[] = "the client has left";
static const char no_answer[] = "no answer could be made; see the log";

struct job {
    struct job *next;
    struct view view;
    int64_t until_ms; /* monotonic */
    const char *cut;  /* why its query was ended; NULL: it was not */
    bool ran;
    /* An answer: */
    api_read_fn *read;
    struct http_call *call;
    /* Or work: */
    readers_fn *fn;
    readers_done_fn *done;
    void *context;
};

struct queue {
    struct job *first;
    struct job **last;
    pthread_cond_t wake;
    size_t waiting;
    size_t waiting_max;
};

struct reader {
    struct readers *readers;
    struct queue *queue;
    struct ledger *ledger;
    struct job *job; /* under way; only its own thread looks */
    pthread_t thread;
    bool runs;
};

struct readers {
    struct console *console;
    pthread_mutex_t mutex;
    struct queue answers;
    struct queue looks;
    struct queue works;
    struct job *finished;
    struct job **finished_last;
    int64_t answer_ms;
    size_t under_way; /* the loop's own count: handed over and not yet finished */
    atomic_bool stopping;
    int wake_fd;
    struct event *wake;
    struct reader threads[THREADS];
};

/* ---- in a thread ---- */

static bool should_stop(void *context)
{
    const struct reader *reader = context;
    struct job *job = reader->job;
    if (atomic_load(&reader->readers->stopping)) {
        job->cut = is_stopping;
    } else if (clock_mono().ms > job->until_ms) {
        job->cut = too_slow;
    } else if (job->call && atomic_load(&job->call->gone)) {
        job->cut = nobody_there;
    }
    return job->cut != NULL;
}

/* An answer whose query was ended may lack something, whatever its handler made of it. */
static void answer_check(struct job *job)
{
    if (job->cut || http_kept_status(job->call) == 0) {
        http_kept_clear(job->call);
        problem_answer(
            job->call, job->cut ? PROBLEM_UNAVAILABLE : PROBLEM_INTERNAL,
            job->cut ? job->cut : no_answer);
    }
}

static void job_run(struct reader *reader, struct job *job)
{
    struct err_why why = {0};
    job->view.ledger = reader->ledger;
    if (!job->call) {
        job->fn(&job->view, job->context);
    } else if (atomic_load(&job->call->gone) || ledger_moment_begin(reader->ledger, &why)) {
        problem_answer(job->call, PROBLEM_INTERNAL, no_answer);
    } else {
        job->read(&job->view, job->call);
        ledger_moment_end(reader->ledger);
        answer_check(job);
    }
    if (why.text[0]) {
        log_error("ledger_read_failed", "why=\"%s\"", why.text);
    }
}

static struct job *job_take(struct reader *reader)
{
    struct queue *queue = reader->queue;
    struct job *job;
    (void)pthread_mutex_lock(&reader->readers->mutex);
    while (!queue->first && !atomic_load(&reader->readers->stopping)) {
        (void)pthread_cond_wait(&queue->wake, &reader->readers->mutex);
    }
    job = atomic_load(&reader->readers->stopping) ? NULL : queue->first;
    if (job) {
        queue->first = job->next;
        queue->last = queue->first ? queue->last : &queue->first;
        queue->waiting--;
    }
    (void)pthread_mutex_unlock(&reader->readers->mutex);
    return job;
}

static void job_give_back(struct readers *readers, struct job *job)
{
    const uint64_t one = 1;
    job->next = NULL;
    (void)pthread_mutex_lock(&readers->mutex);
    *readers->finished_last = job;
    readers->finished_last = &job->next;
    (void)pthread_mutex_unlock(&readers->mutex);
    while (write(readers->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
}

static void *thread_main(void *context)
{
    struct reader *reader = context;
    for (;;) {
        struct job *job = job_take(reader);
        if (!job) {
            return NULL;
        }
        reader->job = job;
        job_run(reader, job);
        job->ran = true;
        job_give_back(reader->readers, job);
    }
}

/* ---- on the loop ---- */

static void job_finish(struct readers *readers, struct job *job)
{
    readers->under_way--;
    if (!job->call) {
        job->done(readers->console, job->context, job->ran);
    } else if (job->ran) {
        http_kept_send(job->call);
    } else {
        problem_answer(job->call, PROBLEM_UNAVAILABLE, is_stopping);
        http_kept_send(job->call);
    }
    free(job);
}

static struct job *finished_take(struct readers *readers)
{
    (void)pthread_mutex_lock(&readers->mutex);
    struct job *job = readers->finished;
    readers->finished = NULL;
    readers->finished_last = &readers->finished;
    (void)pthread_mutex_unlock(&readers->mutex);
    return job;
}

static void finish_all(struct readers *readers)
{
    struct job *next = NULL;
    for (struct job *job = finished_take(readers); job; job = next) {
        next = job->next;
        job_finish(readers, job);
    }
}

static void on_finished(evutil_socket_t fd, short what, void *context)
{
    uint64_t count = 0;
    (void)what;
    if (read((int)fd, &count, sizeof(count)) == (ssize_t)sizeof(count)) {
        finish_all(context);
    }
}

/* False when the queue is full, or nothing is taken any more. */
static bool hand_over(struct readers *readers, struct queue *queue, struct job *job)
{
    (void)pthread_mutex_lock(&readers->mutex);
    const bool room = queue->waiting < queue->waiting_max && !atomic_load(&readers->stopping);
    if (room) {
        *queue->last = job;
        queue->last = &job->next;
        queue->waiting++;
        (void)pthread_cond_signal(&queue->wake);
    }
    (void)pthread_mutex_unlock(&readers->mutex);
    readers->under_way += room;
    return room;
}

static struct job *work_make(
    struct console *console, readers_fn *fn, readers_done_fn *done, void *context)
{
    static const struct actor nobody = {.kind = ACTOR_NOBODY};
    struct job *job = console->readers ? calloc(1, sizeof(*job)) : NULL;
    if (job) {
        job->view = console_view(console, NULL);
        job->view.actor = &nobody;
        job->until_ms = INT64_MAX;
        job->fn = fn;
        job->done = done;
        job->context = context;
    }
    return job;
}

static bool work_hand_over(struct readers *readers, struct queue *queue, struct job *job)
{
    if (!job || !hand_over(readers, queue, job)) {
        free(job);
        return false;
    }
    return true;
}

bool readers_run(struct console *console, readers_fn *fn, readers_done_fn *done, void *context)
{
    struct readers *readers = console->readers;
    return readers &&
           work_hand_over(readers, &readers->works, work_make(console, fn, done, context));
}

bool readers_look(struct console *console, readers_fn *fn, readers_done_fn *done, void *context)
{
    struct readers *readers = console->readers;
    struct job *job = work_make(console, fn, done, context);
    if (job) {
        job->until_ms = clock_mono().ms + readers->answer_ms;
    }
    return readers && work_hand_over(readers, &readers->looks, job);
}

void readers_answer(struct console *console, api_read_fn *read, struct http_call *call)
{
    struct readers *readers = console->readers;
    struct job *job = readers ? calloc(1, sizeof(*job)) : NULL;
    if (!job || !http_keep(call)) {
        free(job);
        problem_answer(call, PROBLEM_UNAVAILABLE, too_many);
        return;
    }
    job->view = console_view(console, call);
    job->until_ms = clock_mono().ms + readers->answer_ms;
    job->read = read;
    job->call = call;
    if (!hand_over(readers, &readers->answers, job)) {
        free(job);
        problem_answer(call, PROBLEM_UNAVAILABLE, too_many);
        http_kept_send(call);
    }
}

void readers_set_limit(struct readers *readers, int64_t answer_ms)
{
    readers->answer_ms = answer_ms;
}

size_t readers_busy(const struct readers *readers)
{
    return readers ? readers->under_way : 0;
}

/* ---- start and end ---- */

static void queue_init(struct queue *queue, size_t waiting_max)
{
    queue->last = &queue->first;
    queue->waiting_max = waiting_max;
    (void)pthread_cond_init(&queue->wake, NULL);
}

static enum err thread_start(struct reader *reader, const char *path, struct err_why *why)
{
    sigset_t all;
    sigset_t before;
    const enum err err = ledger_open_reader(path, &reader->ledger, why);
    if (err) {
        return err;
    }
    ledger_set_stop(reader->ledger, should_stop, reader);
    /* Signals are the loop's. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    reader->runs = pthread_create(&reader->thread, NULL, thread_main, reader) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return reader->runs ? ERR_OK : err_set(why, ERR_NO_MEMORY, "no thread can be started");
}

static struct queue *queue_of(struct readers *readers, int thread)
{
    if (thread < READERS_ANSWERING) {
        return &readers->answers;
    }
    return thread < READERS_ANSWERING + READERS_LOOKING ? &readers->looks : &readers->works;
}

static enum err threads_start(struct readers *readers, struct err_why *why)
{
    char path[512];
    const int bytes =
        snprintf(path, sizeof(path), "%s/ledger.db", readers->console->env->data_folder);
    enum err err = bytes < (int)sizeof(path)
                       ? ERR_OK
                       : err_set(why, ERR_RANGE, "the path of the data folder is too long");
    for (int index = 0; index < THREADS && !err; index++) {
        struct reader *reader = &readers->threads[index];
        reader->readers = readers;
        reader->queue = queue_of(readers, index);
        err = thread_start(reader, path, why);
    }
    return err;
}

enum err readers_create(struct console *console, struct readers **ret_readers, struct err_why *why)
{
    struct readers *readers = calloc(1, sizeof(*readers));
    if (!readers) {
        return err_set(why, ERR_NO_MEMORY, "no memory for readers of the ledger");
    }
    readers->console = console;
    readers->answer_ms = READERS_ANSWER_MS;
    readers->finished_last = &readers->finished;
    (void)pthread_mutex_init(&readers->mutex, NULL);
    queue_init(&readers->answers, READERS_QUEUE_MAX);
    queue_init(&readers->looks, READERS_QUEUE_MAX);
    queue_init(&readers->works, READERS_WORK_MAX);
    readers->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    readers->wake =
        event_new(console->env->base, readers->wake_fd, EV_READ | EV_PERSIST, on_finished, readers);
    enum err err = ERR_OK;
    if (readers->wake_fd < 0 || !readers->wake || event_add(readers->wake, NULL) != 0) {
        err = err_set(why, ERR_NO_MEMORY, "the readers of the ledger cannot be heard");
    }
    err = err ? err : threads_start(readers, why);
    if (err) {
        readers_free(readers);
        return err;
    }
    *ret_readers = readers;
    return ERR_OK;
}

static void threads_join(struct readers *readers)
{
    (void)pthread_mutex_lock(&readers->mutex);
    atomic_store(&readers->stopping, true);
    (void)pthread_cond_broadcast(&readers->answers.wake);
    (void)pthread_cond_broadcast(&readers->looks.wake);
    (void)pthread_cond_broadcast(&readers->works.wake);
    (void)pthread_mutex_unlock(&readers->mutex);
    for (int index = 0; index < THREADS; index++) {
        struct reader *reader = &readers->threads[index];
        if (reader->runs) {
            (void)pthread_join(reader->thread, NULL);
        }
        ledger_close(reader->ledger);
    }
}

static void queue_end(struct readers *readers, struct queue *queue)
{
    struct job *next = NULL;
    for (struct job *job = queue->first; job; job = next) {
        next = job->next;
        job_finish(readers, job);
    }
    (void)pthread_cond_destroy(&queue->wake);
}

void readers_free(struct readers *readers)
{
    if (!readers) {
        return;
    }
    readers->console->readers = NULL; /* what is finished now can begin nothing */
    threads_join(readers);
    finish_all(readers);
    queue_end(readers, &readers->answers);
    queue_end(readers, &readers->looks);
    queue_end(readers, &readers->works);
    if (readers->wake) {
        event_free(readers->wake);
    }
    if (readers->wake_fd >= 0) {
        (void)close(readers->wake_fd);
    }
    (void)pthread_mutex_destroy(&readers->mutex);
    free(readers);
}
