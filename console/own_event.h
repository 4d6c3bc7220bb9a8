/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CloudEvents that the console makes itself, for somebody who acts through it.
 */
#ifndef NRT_CONSOLE_OWN_EVENT_H
#define NRT_CONSOLE_OWN_EVENT_H

#include "base/json.h"
#include "console/view.h"

#define OWN_EVENT_SOURCE "/nrt/console"

#define OWN_WORD_BYTES 17
/* 16 random hexadecimal digits. */
void own_word(char ret_word[static OWN_WORD_BYTES]);

struct own_event {
    struct text kind; /* without "case." */
    struct text id;
    struct text source; /* empty: OWN_EVENT_SOURCE */
    struct text subject;
    const struct json_value *time;    /* as given; NULL: now */
    int64_t at_ms;                    /* without `time`; 0: now */
    const struct json_value *arrived; /* as given; NULL: when it arrives */
};
/* Everything but "data", in an object that stays open. */
void own_event_open(const struct view *view, struct json_out *out, const struct own_event *event);

/*
 * The time of an act on a case whose last event has that time. A running clock's is the present. A
 * stepped clock stands while people act, and events of one time are folded by their ids: an act
 * could come before the registration it answers, or before what was done just now. So it comes a
 * millisecond behind the later of the case's last event and the last act made here.
 */
int64_t own_act_ms(struct console *console, int64_t last_event_ms);

/* Who acts, as events name people: the person of the account, else its name. */
struct text own_event_by(const struct actor *actor, struct text given);

#endif
