/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The send journal: what it remembers of a message, over reopening, and what it forgets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/sql.h"
#include "notifiers/send_journal.h"
#include "tests/support/check.h"

static struct send_journal *open_at(const char *path)
{
    struct send_journal *journal = NULL;
    struct err_why why = {0};
    CHECK_EQ(send_journal_open(path, &journal, &why), ERR_OK);
    return journal;
}

static struct journal_intent intent(const char *id, int32_t attempt, int64_t at_ms)
{
    return (struct journal_intent){
        .id = text_of(id),
        .attempt = attempt,
        .person = TEXT_LITERAL("robot:default"),
        .channel = TEXT_LITERAL("dingtalk"),
        .title = TEXT_LITERAL("超期"),
        .text = TEXT_LITERAL("#### 超期"),
        .at = {.ms = at_ms},
    };
}

static enum err write_intent(struct send_journal *journal, struct journal_intent one)
{
    const struct journal_batch batch = {.intents = &one, .intent_count = 1};
    return send_journal_write(journal, &batch, NULL);
}

static enum err write_outcome(
    struct send_journal *journal, const char *id, int32_t attempt, const struct outcome *outcome)
{
    const struct journal_outcome one = {
        .id = text_of(id), .attempt = attempt, .at = {.ms = 5000}, .outcome = outcome};
    const struct journal_batch batch = {.outcomes = &one, .outcome_count = 1};
    return send_journal_write(journal, &batch, NULL);
}

static struct journal_record find(struct send_journal *journal, const char *id, struct arena *arena)
{
    struct journal_record record = {0};
    CHECK_EQ(send_journal_find(journal, text_of(id), arena, &record, NULL), ERR_OK);
    return record;
}

static void an_unknown_message_is_not_known(void)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct send_journal *journal = open_at(":memory:");
    CHECK(!find(journal, "a", &arena).known);
    send_journal_close(journal);
    arena_release(&arena);
}

static void an_intent_without_outcome_means_perhaps_sent(void)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct send_journal *journal = open_at(":memory:");
    CHECK_EQ(write_intent(journal, intent("a", 1, 1000)), ERR_OK);
    const struct journal_record record = find(journal, "a", &arena);
    CHECK(record.known && !record.has_outcome);
    CHECK_EQ(record.attempt, 1);
    CHECK(text_is(record.text, "#### 超期"));
    CHECK(text_is(record.title, "超期"));
    send_journal_close(journal);
    arena_release(&arena);
}

static void the_last_attempt_counts(void)
{
    struct arena arena;
    struct outcome outcome;
    arena_init(&arena, 0);
    struct send_journal *journal = open_at(":memory:");
    outcome_set(&outcome, OUTCOME_RETRY_LATER, CAUSE_RATE, "errcode 130101", (struct text){0});
    outcome.after_ms = 600000;
    CHECK_EQ(write_intent(journal, intent("a", 1, 1000)), ERR_OK);
    CHECK_EQ(write_outcome(journal, "a", 1, &outcome), ERR_OK);
    struct journal_record record = find(journal, "a", &arena);
    CHECK(record.has_outcome);
    CHECK_EQ(record.outcome.kind, OUTCOME_RETRY_LATER);
    CHECK_EQ(record.outcome.cause, CAUSE_RATE);
    CHECK_EQ(record.outcome.after_ms, 600000);
    CHECK_STR(record.outcome.reason, "errcode 130101");
    CHECK_EQ(record.outcome_at.ms, 5000);
    CHECK_EQ(write_intent(journal, intent("a", 2, 2000)), ERR_OK);
    record = find(journal, "a", &arena);
    CHECK_EQ(record.attempt, 2);
    CHECK(!record.has_outcome);
    send_journal_close(journal);
    arena_release(&arena);
}

static void what_was_written_survives_closing(void)
{
    char path[256];
    const char *folder = getenv("TMPDIR");
    (void)snprintf(path, sizeof(path), "%s/journal-%d.db", folder ? folder : "/tmp", (int)getpid());
    struct arena arena;
    struct outcome outcome;
    arena_init(&arena, 0);
    outcome_set(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE, "", (struct text){0});
    struct send_journal *journal = open_at(path);
    const struct journal_intent intents[] = {intent("a", 1, 1000), intent("b", 1, 1000)};
    const struct journal_batch batch = {.intents = intents, .intent_count = 2};
    CHECK_EQ(send_journal_write(journal, &batch, NULL), ERR_OK);
    CHECK_EQ(write_outcome(journal, "b", 1, &outcome), ERR_OK);
    send_journal_close(journal);
    journal = open_at(path);
    CHECK(find(journal, "a", &arena).known);
    CHECK(!find(journal, "a", &arena).has_outcome);
    CHECK_EQ(find(journal, "b", &arena).outcome.kind, OUTCOME_ACCEPTED);
    CHECK(find(journal, "b", &arena).has_outcome);
    send_journal_close(journal);
    arena_release(&arena);
    const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t index = 0; index < 3; index++) {
        char name[300];
        (void)snprintf(name, sizeof(name), "%s%s", path, ends[index]);
        (void)unlink(name);
    }
}

struct recents {
    size_t count;
    size_t rate_count;
    int64_t last_ms;
};

static void take_recent(void *context, const struct journal_recent *recent)
{
    struct recents *recents = context;
    CHECK_GE(recent->at.ms, recents->last_ms);
    CHECK(text_is(recent->channel, "dingtalk"));
    recents->last_ms = recent->at.ms;
    recents->count++;
    recents->rate_count += recent->rate ? 1 : 0;
}

static void recent_attempts_are_walked_oldest_first(void)
{
    struct outcome outcome;
    struct recents recents = {0};
    struct send_journal *journal = open_at(":memory:");
    CHECK_EQ(write_intent(journal, intent("c", 1, 3000)), ERR_OK);
    CHECK_EQ(write_intent(journal, intent("a", 1, 1000)), ERR_OK);
    CHECK_EQ(write_intent(journal, intent("b", 1, 2000)), ERR_OK);
    outcome_set(&outcome, OUTCOME_RETRY_LATER, CAUSE_RATE, "", (struct text){0});
    CHECK_EQ(write_outcome(journal, "c", 1, &outcome), ERR_OK);
    CHECK_EQ(
        send_journal_recent(journal, (struct wall_ms){.ms = 2000}, take_recent, &recents, NULL),
        ERR_OK);
    CHECK_EQ(recents.count, 2);
    CHECK_EQ(recents.rate_count, 1);
    send_journal_close(journal);
}

static void old_attempts_are_forgotten(void)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct send_journal *journal = open_at(":memory:");
    CHECK_EQ(write_intent(journal, intent("a", 1, 1000)), ERR_OK);
    CHECK_EQ(write_intent(journal, intent("b", 1, 2000)), ERR_OK);
    CHECK_EQ(send_journal_prune(journal, (struct wall_ms){.ms = 2000}, NULL), ERR_OK);
    CHECK(!find(journal, "a", &arena).known);
    CHECK(find(journal, "b", &arena).known);
    send_journal_close(journal);
    arena_release(&arena);
}

static void a_folder_that_is_not_there_is_an_error_with_a_reason(void)
{
    struct send_journal *journal = NULL;
    struct err_why why = {0};
    CHECK(send_journal_open("/nonexistent/folder/send.db", &journal, &why) != ERR_OK);
    CHECK(why.text[0] != '\0');
}

/* ---- templates of vendors, names of gateways ---- */

static void a_repeat_finds_the_same_template_and_values(void)
{
    static const struct channel_param params[] = {
        {.name = {"unit", 4}, .value = {"甲局", 6}},
        {.name = {"count", 5}, .value = {"\"3\"\n", 4}},
        {.name = {"empty", 5}, .value = {"", 0}},
    };
    struct arena arena;
    arena_init(&arena, 0);
    struct send_journal *journal = open_at(":memory:");
    struct journal_intent one = intent("a", 1, 1000);
    one.template = TEXT_LITERAL("SMS_1");
    one.params = params;
    one.param_count = 3;
    CHECK_EQ(write_intent(journal, one), ERR_OK);
    const struct journal_record record = find(journal, "a", &arena);
    CHECK(text_is(record.template, "SMS_1"));
    if (CHECK_EQ(record.param_count, 3)) {
        for (size_t index = 0; index < 3; index++) {
            CHECK(text_equal(record.params[index].name, params[index].name));
            CHECK(text_equal(record.params[index].value, params[index].value));
        }
    }
    CHECK_EQ(write_intent(journal, intent("b", 1, 1000)), ERR_OK);
    CHECK_EQ(find(journal, "b", &arena).param_count, 0);
    send_journal_close(journal);
    arena_release(&arena);
}

static void the_gateways_name_of_a_message_is_kept(void)
{
    struct arena arena;
    struct outcome outcome = {0};
    arena_init(&arena, 0);
    struct send_journal *journal = open_at(":memory:");
    CHECK_EQ(write_intent(journal, intent("a", 1, 1000)), ERR_OK);
    outcome_set(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE, "", (struct text){0});
    (void)snprintf(outcome.gateway_id, sizeof(outcome.gateway_id), "9001^0");
    CHECK_EQ(write_outcome(journal, "a", 1, &outcome), ERR_OK);
    const struct journal_record record = find(journal, "a", &arena);
    CHECK_STR(record.outcome.gateway_id, "9001^0");
    CHECK_EQ(record.at.ms, 1000);
    send_journal_close(journal);
    arena_release(&arena);
}

static void what_a_gateway_calls_a_person_is_kept_until_it_is_forgotten(void)
{
    struct arena arena;
    struct journal_user found;
    arena_init(&arena, 0);
    struct send_journal *journal = open_at(":memory:");
    struct journal_user user = {
        .key = TEXT_LITERAL("hash"), .user = TEXT_LITERAL("u1"), .at = {.ms = 1000}};
    CHECK_EQ(send_journal_user_find(journal, user.key, &arena, &found, NULL), ERR_NOT_FOUND);
    CHECK_EQ(send_journal_user_keep(journal, &user, NULL), ERR_OK);
    user.user = TEXT_LITERAL("");
    user.at.ms = 2000;
    CHECK_EQ(send_journal_user_keep(journal, &user, NULL), ERR_OK);
    CHECK_EQ(send_journal_user_find(journal, user.key, &arena, &found, NULL), ERR_OK);
    CHECK_EQ(found.user.bytes, 0);
    CHECK_EQ(found.at.ms, 2000);
    CHECK_EQ(send_journal_prune(journal, (struct wall_ms){.ms = 2001}, NULL), ERR_OK);
    CHECK_EQ(send_journal_user_find(journal, user.key, &arena, &found, NULL), ERR_NOT_FOUND);
    send_journal_close(journal);
    arena_release(&arena);
}

static void a_file_of_an_older_program_is_read_and_written_on(void)
{
    static const char older[] =
        "CREATE TABLE attempt ( id TEXT NOT NULL, attempt INTEGER NOT NULL, person TEXT NOT NULL,"
        " channel TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL,"
        " kind INTEGER, cause INTEGER, after_ms INTEGER, reason TEXT, outcome_at INTEGER,"
        " PRIMARY KEY (id, attempt)) WITHOUT ROWID;"
        "INSERT INTO attempt VALUES ('a', 1, 'p', 'sms', 't', 'words', 5, 0, 0, -1, '', 6);";
    const char *folder = getenv("TMPDIR");
    struct arena arena;
    struct sql_db *db = NULL;
    char path[256];
    arena_init(&arena, 0);
    (void)snprintf(path, sizeof(path), "%s/older-%d.db", folder ? folder : "/tmp", (int)getpid());
    CHECK_EQ(sql_open(path, SQL_DURABLE, &db, NULL), ERR_OK);
    CHECK_EQ(sql_exec(db, older, NULL), ERR_OK);
    sql_close(db);
    for (int pass = 0; pass < 2; pass++) {
        struct send_journal *journal = open_at(path);
        const struct journal_record record = find(journal, "a", &arena);
        CHECK(record.known && record.has_outcome && text_is(record.text, "words"));
        CHECK_EQ(record.template.bytes, 0);
        CHECK_EQ(write_intent(journal, intent("b", pass + 1, 1000)), ERR_OK);
        send_journal_close(journal);
    }
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t index = 0; index < 3; index++) {
        char name[300];
        (void)snprintf(name, sizeof(name), "%s%s", path, ends[index]);
        (void)unlink(name);
    }
    arena_release(&arena);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(an_unknown_message_is_not_known);
    CHECK_RUN(an_intent_without_outcome_means_perhaps_sent);
    CHECK_RUN(the_last_attempt_counts);
    CHECK_RUN(what_was_written_survives_closing);
    CHECK_RUN(recent_attempts_are_walked_oldest_first);
    CHECK_RUN(old_attempts_are_forgotten);
    CHECK_RUN(a_folder_that_is_not_there_is_an_error_with_a_reason);
    CHECK_RUN(a_repeat_finds_the_same_template_and_values);
    CHECK_RUN(the_gateways_name_of_a_message_is_kept);
    CHECK_RUN(what_a_gateway_calls_a_person_is_kept_until_it_is_forgotten);
    CHECK_RUN(a_file_of_an_older_program_is_read_and_written_on);
    return check_done();
}
