/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is all well? A notifier looks at the whole service now and then, tells operators of trouble
 * (store/ops_notice.h), and while there is none asks an outside address for a sign that it was
 * heard: whoever waits there notices when even the trouble cannot be told any more. Looks only
 * where the settings name operators or such an address.
 */
#ifndef NRT_NOTIFIERS_WATCH_H
#define NRT_NOTIFIERS_WATCH_H

#include "base/text.h"

struct mail_job;
struct notifier;
struct outcome;
struct watch;

#define WATCH_LOOK_MS     5000   /* real time */
#define WATCH_LATE_MS     120000 /* service time: the service's own lateness */
#define WATCH_PATIENCE_MS 30000  /* real time: roles that start or restart are not missing yet */

/* NULL when memory is out. */
struct watch *watch_create(struct notifier *notifier);
void watch_free(struct watch *watch); /* accepts NULL */

/* What an answer said of a channel: closed by now, refused, or well (again). */
void watch_answer(struct notifier *notifier, struct text channel, const struct outcome *outcome);
/* A message that nobody will get. */
void watch_dead(const struct mail_job *job);
/* Somebody whom no channel reaches. */
void watch_unreachable(struct notifier *notifier, struct text person);

#endif
