/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work beside the loop. READERS_ANSWERING threads answer what only reads, each from its own
 * connection to the ledger and from a view that was made on the loop; READERS_LOOKING further ones
 * do what is quick and no answer: a look for the live stream, a password. READERS_WORKING do what
 * takes long: an export, a backup, a question to another service. None waits for another kind. What
 * a reader sees is what the ledger's writer had committed when the work began, or later.
 *
 * A thread has the view, the call and its own context, nothing else of the console. Queues are
 * bounded: what finds no room is answered with 503 at once. An answer has READERS_ANSWER_MS, then
 * its query is ended and it says so; so is one whose client has left.
 */
#ifndef NRT_CONSOLE_READERS_H
#define NRT_CONSOLE_READERS_H

#include "console/console.h"
#include "console/view.h"

#define READERS_ANSWERING 4
#define READERS_LOOKING   2
#define READERS_WORKING   2
#define READERS_QUEUE_MAX 256
#define READERS_WORK_MAX  32
#define READERS_ANSWER_MS 20000

struct readers;

/*
 * In a thread. view->actor is nobody, who sees nothing: work for somebody brings its own copy of
 * the actor in `context`. The view's bundle stays, its ledger is for reading.
 */
typedef void readers_fn(const struct view *view, void *context);
/* On the loop, once for each readers_run() that said true. ran: false when the service stops first.
 */
typedef void readers_done_fn(struct console *console, void *context, bool ran);

/*
 * Runs fn in a working thread, then done on the loop. False: the queue is full, or the service
 * stops; then neither is called. The context is the caller's and stays until `done`.
 */
bool readers_run(struct console *console, readers_fn *fn, readers_done_fn *done, void *context);

/* The same for what is quick: it does not wait behind long work, and has the time of an answer. */
bool readers_look(struct console *console, readers_fn *fn, readers_done_fn *done, void *context);

/* Answers the call by `read` in an answering thread; it is answered in any case. */
void readers_answer(struct console *console, api_read_fn *read, struct http_call *call);

/* Of the console's start and end. Opens the ledger for each thread. */
enum err readers_create(struct console *console, struct readers **ret_readers, struct err_why *why)
    ERR_MUST_USE;
/* Ends running queries and joins the threads; what waits is answered with 503. Accepts NULL. */
void readers_free(struct readers *readers);
/* Another time limit than READERS_ANSWER_MS for what comes from now on: for tests. */
void readers_set_limit(struct readers *readers, int64_t answer_ms);
/* Answers and work that wait or are being made. */
size_t readers_busy(const struct readers *readers);

#endif
