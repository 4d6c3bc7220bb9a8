/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case as somebody fills it in: read from a form or a row of an import, checked against
 * directory and matters, and made into the event that registers it.
 */
#ifndef NRT_CONSOLE_CASE_FORM_H
#define NRT_CONSOLE_CASE_FORM_H

#include "base/json.h"
#include "console/two_words.h"
#include "console/view.h"

#define CASE_FORM_ERRORS_MAX 12
#define CASE_FORM_CO_UNITS   64
#define CASE_FORM_MEMBERS                                                                          \
    "id title matter unit handler from_unit due number leader co_units labels received"

/* Texts point into what it was read from. */
struct case_form {
    struct text id; /* empty: it gets one */
    struct text title;
    struct text matter;
    struct text unit;
    struct text handler;
    struct text from_unit;
    struct text due;
    struct text number;
    struct text leader;
    const struct json_value *co_units; /* checked; NULL: none */
    const struct json_value *labels;   /* likewise */
    const struct json_value *received; /* likewise; NULL: now */
    struct field_error errors[CASE_FORM_ERRORS_MAX];
    size_t error_count;
};

/*
 * Read and check; error_count tells whether it can be registered by the view's actor. Whether the
 * id is free is not asked here.
 */
void case_form_read(
    const struct view *view, const struct json_value *row, struct case_form *ret_form);
void case_form_error(struct case_form *form, const char *field, struct two_words words);

/*
 * The event, as JSON. `word` tells two registrations apart that chose the same id: what the ledger
 * holds is whose word stands in it.
 */
void case_form_event(
    const struct view *view,
    const struct case_form *form,
    struct text id,
    const char *word,
    struct buf *buf);
/* The event's id of a case's registration. */
#define CASE_FORM_EVENT_ID_BYTES 160
void case_form_event_id(struct text case_id, char ret_id[static CASE_FORM_EVENT_ID_BYTES]);

#endif
