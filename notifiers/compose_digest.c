/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A digest in words: how many cases, how many of them are overdue, which is the worst. Overdue
 * ones are worse than others, and of two that whose due is further back.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "notifiers/compose_parts.h"

#define LINES_MAX      5
#define LINE_TITLE_MAX 120 /* bytes */

struct ranked {
    const struct mail_entry *entry;
    bool overdue;
    int64_t due_ms;
};

static struct ranked rank_of(const struct mail_entry *entry, struct wall_ms now)
{
    const bool has_due = entry->values.has_due;
    return (struct ranked){
        .entry = entry,
        .overdue = text_is(entry->light, "red") || (has_due && entry->values.due.ms <= now.ms),
        .due_ms = has_due ? entry->values.due.ms : INT64_MAX,
    };
}

static int compare(const void *left, const void *right)
{
    const struct ranked *a = left;
    const struct ranked *b = right;
    if (a->overdue != b->overdue) {
        return a->overdue ? -1 : 1;
    }
    if (a->due_ms != b->due_ms) {
        return a->due_ms < b->due_ms ? -1 : 1;
    }
    return text_compare(a->entry->case_id, b->entry->case_id);
}

static bool has_case(const struct ranked *ranked, size_t count, struct text case_id)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(ranked[i].entry->case_id, case_id)) {
            return true;
        }
    }
    return false;
}

/* The worst message of each case, worst case first. Those without a case stand for themselves. */
static size_t in_order(
    const struct mail_entry *digest,
    struct wall_ms now,
    struct ranked ranked[static ENTRY_MEMBERS_MAX])
{
    size_t count = 0;
    const size_t members =
        digest->member_count < ENTRY_MEMBERS_MAX ? digest->member_count : ENTRY_MEMBERS_MAX;
    for (size_t i = 0; i < members; i++) {
        ranked[i] = rank_of(&digest->members[i].entry, now);
    }
    qsort(ranked, members, sizeof(ranked[0]), compare);
    for (size_t i = 0; i < members; i++) {
        const struct text case_id = ranked[i].entry->case_id;
        if (case_id.bytes == 0 || !has_case(ranked, count, case_id)) {
            ranked[count++] = ranked[i];
        }
    }
    return count;
}

struct digest_sum digest_sum_of(const struct mail_entry *digest, struct wall_ms now)
{
    struct ranked ranked[ENTRY_MEMBERS_MAX];
    struct digest_sum sum = {.count = in_order(digest, now, ranked)};
    for (size_t i = 0; i < sum.count; i++) {
        sum.overdue += ranked[i].overdue ? 1 : 0;
    }
    sum.worst = sum.count > 0 ? ranked[0].entry : NULL;
    return sum;
}

void digest_stage(const struct digest_sum *sum, bool english, char *text, size_t text_bytes)
{
    const size_t others = sum->count - sum->overdue;
    if (sum->overdue == 0) {
        (void)snprintf(text, text_bytes, english ? "%zu due soon" : "临期%zu件", others);
    } else if (others == 0) {
        (void)snprintf(text, text_bytes, english ? "%zu overdue" : "超期%zu件", sum->overdue);
    } else {
        (void)snprintf(
            text, text_bytes, english ? "%zu overdue, %zu due soon" : "超期%zu件，临期%zu件",
            sum->overdue, others);
    }
}

/* As in a text: what would be markup in a title is not. */
static void add_line(
    const struct compose_from *from, const struct mail_entry *entry, struct buf *buf)
{
    const bool english = from->settings->english;
    char due[COMPOSE_DUE_BYTES] = "";
    struct template_values values = {0};
    if (entry->values.has_due) {
        write_due(from, entry->values.due, due);
    }
    values.value[TPL_TITLE] = utf8_cut(
        entry->values.title.bytes > 0 ? entry->values.title : entry->subject, LINE_TITLE_MAX);
    values.value[TPL_CASE] = entry->case_id;
    values.value[TPL_DUE] = text_of(due);
    const char *pattern =
        english ? "- {title} ({case}), due {due}" : "- {title}（{case}），期限{due}";
    if (entry->case_id.bytes == 0 || due[0] == '\0') {
        pattern = "- {title}";
    }
    buf_char(buf, '\n');
    if (from->type->form == FORM_MARKDOWN) {
        template_render_markdown(text_of(pattern), &values, buf);
    } else {
        template_render_words(text_of(pattern), &values, buf);
    }
}

void digest_lines(const struct compose_from *from, const struct mail_entry *digest, struct buf *buf)
{
    struct ranked ranked[ENTRY_MEMBERS_MAX];
    const size_t count = in_order(digest, from->now, ranked);
    buf_char(buf, '\n');
    for (size_t i = 0; i < count && i < LINES_MAX; i++) {
        add_line(from, ranked[i].entry, buf);
    }
    if (count > LINES_MAX) {
        buf_format(
            buf, from->settings->english ? "\n- and %zu more" : "\n- 另有%zu件", count - LINES_MAX);
    }
}
