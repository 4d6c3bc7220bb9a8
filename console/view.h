/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an answer is made from: the ledger to read, the configuration in force, the present, and
 * who asks. A handler that only reads gets a view and nothing else of the console, so that it can
 * run on the loop or in a thread that reads the ledger beside it. A view is immutable while an
 * answer is made from it.
 */
#ifndef NRT_CONSOLE_VIEW_H
#define NRT_CONSOLE_VIEW_H

#include "base/clock.h"
#include "config/policy.h"
#include "console/actor.h"
#include "console/ledger_read.h"

struct console;
struct http_call;

struct view {
    struct ledger *ledger; /* to read: in a thread its own connection */
    const struct bundle *bundle;
    struct rulebook rulebook; /* every version that was in force, to the one that is */
    const struct settings *settings;
    struct wall_ms now;
    enum clock_mode clock_mode;
    double clock_speed;
    int32_t calendar_missing_year; /* its official days are missing; 0: none is */
    int64_t revision;              /* of the ledger, as the live stream tells it */
    bool links_shown;              /* the demo: links of messages are there to be tried */
    const struct actor *actor;     /* never NULL */
    const char *data_folder;       /* DATA: files of exports lie in DATA/tmp for a moment */
};

/* Answers the call exactly once, from the view alone. */
typedef void api_read_fn(const struct view *view, struct http_call *call);

/* The loop's own view for a call; good until the loop turns. */
struct view console_view(const struct console *console, const struct http_call *call);

static inline const struct policy *view_policy(const struct view *view)
{
    return &view->bundle->policy;
}

#endif
