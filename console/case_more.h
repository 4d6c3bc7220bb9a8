/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the page of one case shows beside the case itself: how often it was urged, the request for
 * more time, and what whoever asks may do to it now.
 */
#ifndef NRT_CONSOLE_CASE_MORE_H
#define NRT_CONSOLE_CASE_MORE_H

#include "base/json.h"
#include "console/view.h"

/* "urged", "last_urged", "extension", "actions", "accepted"; inside an open object. */
enum err case_more_members(const struct view *view, struct json_out *out, struct text case_id)
    ERR_MUST_USE;

#endif
