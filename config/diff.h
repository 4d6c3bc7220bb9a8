/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a change of the configuration means: "limit of clock reply: 5wd -> 3wd". Two bundles are
 * compared key by key, by the ids of their clocks, stages, units, people, matters and templates;
 * what is spelt differently and means the same is said to be just that. Nothing that the digest
 * sees goes without a word, and no telephone number or user id of a person is ever shown.
 */
#ifndef NRT_CONFIG_DIFF_H
#define NRT_CONFIG_DIFF_H

#include "config/explain_text.h"
#include "config/policy.h"

/* Beyond, changes are counted, and one last item ("what": "more") says how many. */
#define DIFF_CHANGES_MAX 5000

/*
 * Append a JSON array of the changes that lead from one bundle to the other, empty when both are
 * equal, in an order that is always the same: rules, calendar, directory, matters, templates.
 *
 *   {"what":"clock","id":"reply","key":"limit","change":"changed","from":"5wd","to":"3wd",
 *    "text":{"zh":"时限 reply 的期限：5 个工作日 → 3 个工作日",
 *            "en":"limit of clock reply: 5wd -> 3wd"}}
 *
 * what: "set", "clock", "stage" (id "clock/stage"), "accountability", "act", "calendar", "unit",
 * "person", "matter", "template", "settings", "files", "more". change: "added", "removed",
 * "changed", "order", "spelling", "sealed" (addresses that nobody here can open and compare). key,
 * from and to are absent where they do not apply; from and to are the values of the files (absent
 * when the key was); "days" lists the dates of a change of days. Errors are those of the buffer;
 * ERR_NO_MEMORY.
 */
enum err bundle_diff(const struct bundle *from, const struct bundle *to, struct buf *json_array)
    ERR_MUST_USE;

/* The texts alone, a line each. */
enum err bundle_diff_lines(
    const struct bundle *from,
    const struct bundle *to,
    enum explain_language language,
    struct buf *lines) ERR_MUST_USE;

#endif
