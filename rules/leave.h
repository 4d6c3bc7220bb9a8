/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who stands in for somebody on leave. Asked when a message is sent, never when an alert fires:
 * whom an alert is addressed to is a matter of the rules, who reads it that day is not.
 */
#ifndef NRT_RULES_LEAVE_H
#define NRT_RULES_LEAVE_H

#include "rules/calendar.h"
#include "rules/directory.h"

#define LEAVE_CHAIN_MAX 8 /* delegates of delegates */

/* From the first to the last day, both included. */
struct leave {
    struct civil_day from;
    struct civil_day to;
    struct text delegate; /* empty: nobody stands in */
};

/* The first leave of the person that covers the day and names a delegate; else the first that
 * covers it; NULL when the person is there, or unknown. */
const struct leave *leave_on(
    const struct directory *directory, struct text person, struct civil_day day);

/*
 * Who gets the person's messages on that day: the person, unless they are on leave; then their
 * delegate, and so on. Where that walk comes to somebody on leave without a delegate, it ends
 * there. Where it goes round in a circle, or past LEAVE_CHAIN_MAX delegates without finding
 * anybody who is there, the message stays with the person. The id points into the directory, or
 * is the one given.
 */
struct text leave_stand_in(
    const struct directory *directory, struct text person, struct civil_day day);

#endif
