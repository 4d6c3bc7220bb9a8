/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be done to a case: one table of acts with the right each asks for, what it needs and
 * what the case must stand at. The same table offers acts and judges them. It refuses only what
 * the rules would take without effect, and what practice forbids; the rules stay the judge.
 */
#ifndef NRT_CONSOLE_CASE_ACTS_H
#define NRT_CONSOLE_CASE_ACTS_H

#include "base/json.h"
#include "console/case_standing.h"
#include "console/two_words.h"
#include "console/view.h"

struct case_act {
    const char *kind; /* of the event, without "case." */
    enum right right;
    enum right other_right;     /* either will do; RIGHT_NONE: there is no other */
    unsigned phases;            /* bits of enum case_phase in which it can be done */
    struct two_words elsewhere; /* why not, in another phase */
    const char *needs;          /* members of data that must be there, joined by blanks */
};
extern const struct case_act case_acts[];
extern const size_t case_act_count;

/* NULL: a kind that people do not make by hand. */
const struct case_act *case_act_find(struct text kind);
/*
 * What is asked, and by whom. data: NULL while it is only to be offered; then only what the case
 * stands at is judged.
 */
struct case_act_question {
    const struct view *view;
    const struct case_act *act;
    const struct case_standing *standing;
    const struct json_value *data;
};
/*
 * May the view's actor do it to this case: by right, and where that right holds? A note that rules
 * on something, and the refusal of an appeal, are oversight's alone.
 */
bool case_act_is_for(const struct case_act_question *question);
/* Why it cannot be done as things stand: .en NULL when it can. */
struct two_words case_act_obstacle(const struct case_act_question *question);
/* What is wrong with the data: .field NULL when nothing is. */
struct field_error case_act_fault(const struct case_act_question *question);

#endif
