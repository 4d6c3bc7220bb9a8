/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies of what calls of the store answer: a callback's arguments die when it returns.
 */
#include "tests/support/store_answer.h"

#include <string.h>

#include "base/must.h"

void store_answer_init(struct store_answer *answer)
{
    memset(answer, 0, sizeof *answer);
    arena_init(&answer->arena, 0);
}

void store_answer_release(struct store_answer *answer)
{
    arena_release(&answer->arena);
}

void store_answer_clear(struct store_answer *answer)
{
    store_answer_release(answer);
    store_answer_init(answer);
}

static struct text keep(struct store_answer *answer, struct text text)
{
    return arena_text(&answer->arena, text);
}

static void *keep_array(struct store_answer *answer, size_t count, size_t item_bytes)
{
    void *const array = arena_array(&answer->arena, count, item_bytes);
    MUST(array);
    return array;
}

static struct store_answer *begin(void *context, enum err err, const char *why, size_t count)
{
    struct store_answer *const answer = context;
    MUST(!answer->done); /* a call answers once */
    MUST(why);
    answer->done = true;
    answer->err = err;
    answer->why = keep(answer, text_of(why)).ptr;
    answer->count = count;
    return answer;
}

void answer_plain(void *context, enum err err, const char *why)
{
    (void)begin(context, err, why, 0);
}

static struct text *keep_texts(struct store_answer *answer, const struct text *texts, size_t count)
{
    struct text *const copies = keep_array(answer, count, sizeof *copies);
    for (size_t i = 0; i < count; i++)
        copies[i] = keep(answer, texts[i]);
    return copies;
}

void answer_add(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    struct store_answer *const answer = begin(context, err, why, count);
    answer->texts = keep_texts(answer, positions, count);
}

void answer_take(
    void *context, enum err err, const char *why, const struct store_entry *entries, size_t count)
{
    struct store_answer *const answer = begin(context, err, why, count);
    answer->entries = keep_array(answer, count, sizeof *answer->entries);
    for (size_t i = 0; i < count; i++) {
        answer->entries[i] = entries[i];
        answer->entries[i].position = keep(answer, entries[i].position);
        answer->entries[i].body = keep(answer, entries[i].body);
    }
}

static struct store_case keep_case(struct store_answer *answer, const struct store_case *one)
{
    return (struct store_case){
        .id = keep(answer, one->id),
        .version = one->version,
        .record = keep(answer, one->record),
    };
}

void answer_cases(
    void *context, enum err err, const char *why, const struct store_case *cases, size_t count)
{
    struct store_answer *const answer = begin(context, err, why, count);
    answer->cases = keep_array(answer, count, sizeof *answer->cases);
    for (size_t i = 0; i < count; i++)
        answer->cases[i] = keep_case(answer, &cases[i]);
}

void answer_commit(
    void *context, enum err err, const char *why, const int64_t *versions, size_t count)
{
    struct store_answer *const answer = begin(context, err, why, count);
    answer->versions = keep_array(answer, count, sizeof *versions);
    if (count)
        memcpy(answer->versions, versions, count * sizeof *versions);
}

void answer_claim(void *context, enum err err, const char *why, const struct store_claimed *claimed)
{
    struct store_answer *const answer = begin(context, err, why, claimed->due_count);
    struct store_due *const due = keep_array(answer, claimed->due_count, sizeof *due);
    for (size_t i = 0; i < claimed->due_count; i++) {
        due[i] = claimed->due[i];
        due[i].record = keep_case(answer, &claimed->due[i].record);
    }
    answer->claimed = *claimed;
    answer->claimed.due = due;
}

void answer_flags(void *context, enum err err, const char *why, const bool *flags, size_t count)
{
    struct store_answer *const answer = begin(context, err, why, count);
    answer->flags = keep_array(answer, count, sizeof *flags);
    if (count)
        memcpy(answer->flags, flags, count * sizeof *flags);
}

void answer_throttle(
    void *context, enum err err, const char *why, const struct wall_ms *goes, size_t count)
{
    struct store_answer *const answer = begin(context, err, why, count);
    answer->goes = keep_array(answer, count, sizeof *goes);
    if (count)
        memcpy(answer->goes, goes, count * sizeof *goes);
}

void answer_mail_claim(
    void *context, enum err err, const char *why, const struct mail_claimed *claimed)
{
    struct store_answer *const answer = begin(context, err, why, claimed->mail_count);
    struct mail_claim *const mails = keep_array(answer, claimed->mail_count, sizeof *mails);
    for (size_t i = 0; i < claimed->mail_count; i++) {
        mails[i] = claimed->mails[i];
        mails[i].person = keep(answer, mails[i].person);
        mails[i].channel = keep(answer, mails[i].channel);
        mails[i].id = keep(answer, mails[i].id);
        mails[i].entry = keep(answer, mails[i].entry);
    }
    answer->mails = *claimed;
    answer->mails.mails = mails;
}

void answer_journal(
    void *context, enum err err, const char *why, const struct journal_entry *entries, size_t count)
{
    struct store_answer *const answer = begin(context, err, why, count);
    answer->journal = keep_array(answer, count, sizeof *answer->journal);
    for (size_t i = 0; i < count; i++) {
        answer->journal[i] = (struct journal_entry){
            .partition = entries[i].partition,
            .position = keep(answer, entries[i].position),
            .facts = keep(answer, entries[i].facts),
        };
    }
}

void answer_overview(
    void *context, enum err err, const char *why, const struct store_overview *overview)
{
    struct store_answer *const answer = begin(context, err, why, overview->partition_count);
    struct store_stats *const stats = keep_array(answer, overview->partition_count, sizeof *stats);
    for (size_t i = 0; i < overview->partition_count; i++) {
        stats[i] = overview->partitions[i];
        stats[i].journal_last = keep(answer, stats[i].journal_last);
    }
    answer->overview = *overview;
    answer->overview.partitions = stats;
    answer->overview.run_id = keep(answer, overview->run_id);
    answer->overview.server = keep(answer, overview->server);
    answer->overview.durable_why = keep(answer, overview->durable_why);
}

void answer_settled(
    void *context,
    enum err err,
    const char *why,
    bool settled,
    const struct text *tails,
    size_t count)
{
    struct store_answer *const answer = begin(context, err, why, count);
    answer->settled = settled;
    answer->texts = keep_texts(answer, tails, count);
}

void answer_config(
    void *context, enum err err, const char *why, int64_t version, struct text bundle)
{
    struct store_answer *const answer = begin(context, err, why, 0);
    answer->version = version;
    answer->bundle = keep(answer, bundle);
}

void answer_instances(
    void *context,
    enum err err,
    const char *why,
    const struct store_instance *instances,
    size_t count)
{
    struct store_answer *const answer = begin(context, err, why, count);
    answer->instances = keep_array(answer, count, sizeof *answer->instances);
    for (size_t i = 0; i < count; i++) {
        answer->instances[i].name = keep(answer, instances[i].name);
        answer->instances[i].json = keep(answer, instances[i].json);
    }
}

void answer_clock(void *context, enum err err, const char *why, struct wall_ms now)
{
    begin(context, err, why, 0)->now = now;
}
