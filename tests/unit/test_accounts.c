/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounts.db: what stands in it, what ends sessions, and that links, tokens and failures count as
 * they should. Time is moved by writing into the file, as no other program does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sql.h"
#include "console/accounts.h"
#include "console/duties.h"
#include "tests/support/check.h"

static char folder[256];
static char path[300];
static struct accounts *accounts;
static struct arena arena;

static void set_up(void)
{
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/accounts-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
    if (!CHECK(mkdtemp(folder) != NULL)) {
        exit(check_done());
    }
    (void)snprintf(path, sizeof path, "%s/accounts.db", folder);
    arena_init(&arena, 0);
    CHECK_EQ(accounts_open(path, &accounts, NULL), ERR_OK);
}

static void tear_down(void)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".copy", ".copy-wal", ".copy-shm"};
    accounts_close(accounts);
    arena_release(&arena);
    for (size_t index = 0; index < sizeof ends / sizeof ends[0]; index++) {
        char name[340];
        (void)snprintf(name, sizeof name, "%s%s", path, ends[index]);
        (void)unlink(name);
    }
    (void)rmdir(folder);
}

/* By another connection, as if time had passed. */
static void rewrite(const char *script)
{
    struct sql_db *db = NULL;
    check_note("%s", script);
    CHECK_EQ(sql_open(path, SQL_RELAXED, &db, NULL), ERR_OK);
    CHECK_EQ(sql_exec(db, script, NULL), ERR_OK);
    sql_close(db);
}

static int64_t add(const char *name, uint32_t roles)
{
    int64_t id = 0;
    const struct account account = {
        .name = text_of(name), .display = text_of(name), .roles = roles};
    CHECK_EQ(accounts_add(accounts, &account, &id), ERR_OK);
    return id;
}

static struct account get(int64_t id)
{
    struct account account = {0};
    CHECK_EQ(accounts_find_id(accounts, id, &arena, &account), ERR_OK);
    return account;
}

static const char *begin(int64_t id)
{
    static char key[SECRET_TEXT_BYTES];
    CHECK_EQ(sessions_begin(accounts, id, text_of("192.0.2.7"), text_of("a browser"), key), ERR_OK);
    return key;
}

static enum err look(const char *key)
{
    struct session session;
    struct account account;
    const enum err err = sessions_find(accounts, text_of(key), &arena, &session, &account);
    if (!err) {
        sessions_seen(accounts, &session);
    }
    return err;
}

#define ADMIN (UINT32_C(1) << DUTY_ADMIN)
#define UNIT  (UINT32_C(1) << DUTY_UNIT)

/* ---- the file ---- */

static void the_file_is_its_owners_alone(void)
{
    struct stat stat_of;
    set_up();
    CHECK_EQ(stat(path, &stat_of), 0);
    CHECK_EQ(stat_of.st_mode & 0777, 0600);
    tear_down();
}

static void what_was_there_is_there_after_a_start(void)
{
    set_up();
    const int64_t id = add("zhang", UNIT);
    char key[SECRET_TEXT_BYTES];
    (void)snprintf(key, sizeof key, "%s", begin(id));
    accounts_close(accounts);
    CHECK_EQ(accounts_open(path, &accounts, NULL), ERR_OK);
    CHECK_EQ(look(key), ERR_OK);
    tear_down();
}

static void a_file_of_a_newer_program_is_left_alone(void)
{
    struct err_why why = {0};
    struct accounts *again = NULL;
    set_up();
    rewrite("PRAGMA user_version = 99");
    CHECK_EQ(accounts_open(path, &again, &why), ERR_CONFLICT);
    CHECK(strstr(why.text, "newer program") != NULL);
    tear_down();
}

static void a_backup_is_a_whole_copy(void)
{
    char copy[340];
    struct accounts *from_copy = NULL;
    struct account account;
    set_up();
    (void)add("zhang", UNIT);
    (void)snprintf(copy, sizeof copy, "%s.copy", path);
    CHECK_EQ(accounts_backup(accounts, copy, NULL), ERR_OK);
    CHECK_EQ(accounts_open(copy, &from_copy, NULL), ERR_OK);
    CHECK_EQ(accounts_find(from_copy, text_of("zhang"), &arena, &account), ERR_OK);
    accounts_close(from_copy);
    tear_down();
}

static void a_restored_file_has_neither_sessions_nor_links(void)
{
    char key[SECRET_TEXT_BYTES];
    char link[SECRET_TEXT_BYTES];
    struct wall_ms expires;
    int64_t of = 0;
    set_up();
    const int64_t id = add("zhang", UNIT);
    (void)snprintf(key, sizeof key, "%s", begin(id));
    CHECK_EQ(links_make(accounts, id, link, &expires), ERR_OK);
    accounts_close(accounts);
    CHECK_EQ(accounts_close_doors(path, NULL), ERR_OK);
    CHECK_EQ(accounts_open(path, &accounts, NULL), ERR_OK);
    CHECK_EQ(look(key), ERR_NOT_FOUND);
    CHECK_EQ(links_find(accounts, text_of(link), &of), ERR_NOT_FOUND);
    CHECK(text_is(get(id).name, "zhang"));
    tear_down();
}

static void nothing_that_opens_a_door_stands_in_the_file(void)
{
    static const char *const names[] = {"", "-wal"};
    struct wall_ms expires;
    char link[SECRET_TEXT_BYTES];
    char token[TOKEN_TEXT_BYTES];
    int64_t token_id = 0;
    set_up();
    const int64_t id = add("zhang", UNIT);
    const char *key = begin(id);
    const struct api_token made = {
        .name = TEXT_LITERAL("feed"), .rights = 2, .expires = {accounts_now(accounts).ms + 1000}};
    CHECK_EQ(links_make(accounts, id, link, &expires), ERR_OK);
    CHECK_EQ(tokens_add(accounts, &made, token, &token_id), ERR_OK);
    for (size_t index = 0; index < 2; index++) {
        char name[340];
        struct buf bytes;
        buf_init(&bytes, (size_t)16 * 1024 * 1024);
        (void)snprintf(name, sizeof name, "%s%s", path, names[index]);
        CHECK_EQ(file_read(name, &bytes, NULL), ERR_OK);
        CHECK(memmem(bytes.ptr, bytes.bytes, "zhang", 5) != NULL || index == 0);
        CHECK(memmem(bytes.ptr, bytes.bytes, key, strlen(key)) == NULL);
        CHECK(memmem(bytes.ptr, bytes.bytes, link, strlen(link)) == NULL);
        CHECK(memmem(bytes.ptr, bytes.bytes, token + 4, strlen(token) - 4) == NULL);
        buf_release(&bytes);
    }
    tear_down();
}

/* ---- accounts ---- */

static void names_are_plain_and_small(void)
{
    char name[ACCOUNT_NAME_BYTES_MAX + 1];
    CHECK(account_name_read(TEXT_LITERAL("Zhang.Min-2@duban"), name));
    CHECK_STR(name, "zhang.min-2@duban");
    static const char *const bad[] = {"", ".x", "-x", "a b", "张敏", "a/b", "a\"b", "a\nb", "a:b"};
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        check_note("%s", bad[index]);
        CHECK(!account_name_read(text_of(bad[index]), name));
    }
    CHECK(!account_name_read((struct text){"a\0b", 3}, name));
    char many[ACCOUNT_NAME_BYTES_MAX + 1];
    memset(many, 'a', sizeof many);
    CHECK(!account_name_read((struct text){many, sizeof many}, name));
}

static void a_name_has_one_account(void)
{
    int64_t id = 0;
    const struct account again = {.name = TEXT_LITERAL("zhang")};
    set_up();
    (void)add("zhang", UNIT);
    CHECK_EQ(accounts_add(accounts, &again, &id), ERR_EXISTS);
    tear_down();
}

static void roles_are_kept_as_they_were_given(void)
{
    set_up();
    const struct account account = get(add("zhang", UNIT | ADMIN));
    CHECK_EQ(account.roles, UNIT | ADMIN);
    tear_down();
}

static void of_two_who_edit_one_is_told(void)
{
    set_up();
    struct account first = get(add("zhang", UNIT));
    struct account second = first;
    first.display = text_of("张敏");
    second.display = text_of("章敏");
    CHECK_EQ(accounts_change(accounts, &first), ERR_OK);
    CHECK_EQ(accounts_change(accounts, &second), ERR_CONFLICT);
    CHECK(text_is(get(first.id).display, "张敏"));
    tear_down();
}

static void somebody_can_always_manage_accounts(void)
{
    set_up();
    struct account only = get(add("li", ADMIN));
    only.disabled = true;
    CHECK_EQ(accounts_change(accounts, &only), ERR_REFUSED);
    only.disabled = false;
    only.roles = UNIT;
    CHECK_EQ(accounts_change(accounts, &only), ERR_REFUSED);
    CHECK_EQ(accounts_remove(accounts, only.id, only.revision), ERR_REFUSED);
    CHECK_EQ(get(only.id).roles, ADMIN);
    (void)add("wang", ADMIN);
    CHECK_EQ(accounts_change(accounts, &only), ERR_OK);
    tear_down();
}

static void a_dingtalk_id_is_of_one_account_that_is_enabled(void)
{
    struct account account = {.name = TEXT_LITERAL("zhang"), .dingtalk = TEXT_LITERAL("u1")};
    struct account found;
    int64_t id = 0;
    set_up();
    CHECK_EQ(accounts_add(accounts, &account, &id), ERR_OK);
    account.name = text_of("wang");
    CHECK_EQ(accounts_add(accounts, &account, &id), ERR_EXISTS);
    CHECK_EQ(accounts_find_dingtalk(accounts, text_of("u1"), &arena, &found), ERR_OK);
    CHECK_EQ(accounts_find_dingtalk(accounts, text_of(""), &arena, &found), ERR_NOT_FOUND);
    found.disabled = true;
    CHECK_EQ(accounts_change(accounts, &found), ERR_OK);
    CHECK_EQ(accounts_find_dingtalk(accounts, text_of("u1"), &arena, &found), ERR_NOT_FOUND);
    tear_down();
}

static void a_person_with_two_accounts_is_none_of_them(void)
{
    struct account account = {.name = TEXT_LITERAL("zhang"), .person = TEXT_LITERAL("p1")};
    struct account found;
    int64_t id = 0;
    set_up();
    CHECK_EQ(accounts_add(accounts, &account, &id), ERR_OK);
    CHECK_EQ(accounts_find_person(accounts, text_of("p1"), &arena, &found), ERR_OK);
    account.name = text_of("zhang2");
    CHECK_EQ(accounts_add(accounts, &account, &id), ERR_OK);
    CHECK_EQ(accounts_find_person(accounts, text_of("p1"), &arena, &found), ERR_NOT_FOUND);
    tear_down();
}

/* ---- sessions ---- */

static void a_session_is_found_by_its_key_alone(void)
{
    set_up();
    const char *key = begin(add("zhang", UNIT));
    char other[SECRET_TEXT_BYTES];
    CHECK_EQ(strlen(key), 64);
    CHECK_EQ(look(key), ERR_OK);
    memcpy(other, key, sizeof other);
    other[63] = (char)(other[63] == '0' ? '1' : '0');
    CHECK_EQ(look(other), ERR_NOT_FOUND);
    CHECK_EQ(look(""), ERR_NOT_FOUND);
    tear_down();
}

static void no_two_sessions_have_one_key(void)
{
    char first[SECRET_TEXT_BYTES];
    set_up();
    const int64_t id = add("zhang", UNIT);
    (void)snprintf(first, sizeof first, "%s", begin(id));
    CHECK(strcmp(first, begin(id)) != 0);
    CHECK_EQ(look(first), ERR_OK);
    tear_down();
}

static void a_session_ends_by_disuse(void)
{
    set_up();
    const char *key = begin(add("zhang", UNIT));
    rewrite("UPDATE sessions SET seen = seen - 1790000"); /* half an hour but for ten seconds */
    CHECK_EQ(look(key), ERR_OK);
    rewrite("UPDATE sessions SET seen = seen - 1800001");
    CHECK_EQ(look(key), ERR_NOT_FOUND);
    tear_down();
}

static void use_keeps_it_alive_but_not_for_ever(void)
{
    set_up();
    const char *key = begin(add("zhang", UNIT));
    rewrite("UPDATE sessions SET seen = seen - 1700000, created = created - 43190000");
    CHECK_EQ(look(key), ERR_OK); /* seen again now */
    rewrite("UPDATE sessions SET seen = seen - 1700000");
    CHECK_EQ(look(key), ERR_OK);
    rewrite("UPDATE sessions SET created = created - 10001");
    CHECK_EQ(look(key), ERR_NOT_FOUND);
    tear_down();
}

static void whatever_changes_the_standing_ends_sessions(void)
{
    set_up();
    (void)add("li", ADMIN);
    struct account account = get(add("zhang", UNIT));
    const char *key = begin(account.id);
    account.display = text_of("张");
    CHECK_EQ(accounts_change(accounts, &account), ERR_OK);
    CHECK_EQ(look(key), ERR_OK);
    account = get(account.id);
    account.roles = UNIT | ADMIN;
    CHECK_EQ(accounts_change(accounts, &account), ERR_OK);
    CHECK_EQ(look(key), ERR_NOT_FOUND);
    account = get(account.id);
    key = begin(account.id);
    account.unit = text_of("d01");
    CHECK_EQ(accounts_change(accounts, &account), ERR_OK);
    CHECK_EQ(look(key), ERR_NOT_FOUND);
    key = begin(account.id);
    CHECK_EQ(accounts_set_password(accounts, account.id, text_of("hash"), false), ERR_OK);
    CHECK_EQ(look(key), ERR_NOT_FOUND);
    key = begin(account.id);
    account = get(account.id);
    account.disabled = true;
    CHECK_EQ(accounts_change(accounts, &account), ERR_OK);
    CHECK_EQ(look(key), ERR_NOT_FOUND);
    tear_down();
}

static void a_disabled_account_has_no_session_even_if_one_is_left(void)
{
    set_up();
    const char *key = begin(add("zhang", UNIT));
    rewrite("UPDATE accounts SET disabled = 1");
    CHECK_EQ(look(key), ERR_NOT_FOUND);
    tear_down();
}

static void nobody_ends_the_session_of_somebody_else(void)
{
    struct session session;
    struct account account;
    set_up();
    const int64_t zhang = add("zhang", UNIT);
    const int64_t wang = add("wang", UNIT);
    const char *key = begin(zhang);
    CHECK_EQ(sessions_find(accounts, text_of(key), &arena, &session, &account), ERR_OK);
    CHECK_EQ(sessions_end(accounts, session.id, wang), ERR_NOT_FOUND);
    CHECK_EQ(look(key), ERR_OK);
    CHECK_EQ(sessions_end(accounts, session.id, zhang), ERR_OK);
    CHECK_EQ(look(key), ERR_NOT_FOUND);
    tear_down();
}

static void count_session(void *context, const struct session *session)
{
    (void)session;
    ++*(int *)context;
}

static void an_account_has_so_many_sessions_and_no_more(void)
{
    char first[SECRET_TEXT_BYTES];
    int count = 0;
    set_up();
    const int64_t id = add("zhang", UNIT);
    (void)snprintf(first, sizeof first, "%s", begin(id));
    for (int index = 0; index < SESSIONS_PER_ACCOUNT; index++) {
        (void)begin(id);
    }
    CHECK_EQ(sessions_each(accounts, id, 100, count_session, &count), ERR_OK);
    CHECK_EQ(count, SESSIONS_PER_ACCOUNT);
    CHECK_EQ(look(first), ERR_NOT_FOUND);
    tear_down();
}

/* ---- tokens ---- */

static void a_token_has_its_rights_until_it_expires(void)
{
    char text[TOKEN_TEXT_BYTES];
    struct api_token found;
    int64_t id = 0;
    set_up();
    const struct api_token token = {
        .name = TEXT_LITERAL("feed"),
        .rights = UINT32_C(1) << RIGHT_READ | UINT32_C(1) << RIGHT_EXPORT,
        .unit = TEXT_LITERAL("d01"),
        .expires = {accounts_now(accounts).ms + 3600000},
    };
    CHECK_EQ(tokens_add(accounts, &token, text, &id), ERR_OK);
    CHECK_EQ(tokens_find(accounts, text_of(text), &arena, &found), ERR_OK);
    CHECK_EQ(found.rights, token.rights);
    CHECK(text_is(found.unit, "d01"));
    CHECK_EQ(tokens_find(accounts, text_of(text + 4), &arena, &found), ERR_NOT_FOUND);
    rewrite("UPDATE tokens SET expires = expires - 3600001");
    CHECK_EQ(tokens_find(accounts, text_of(text), &arena, &found), ERR_NOT_FOUND);
    CHECK_EQ(tokens_remove(accounts, id), ERR_OK);
    CHECK_EQ(tokens_remove(accounts, id), ERR_NOT_FOUND);
    tear_down();
}

/* ---- links ---- */

static void a_link_counts_once(void)
{
    char key[SECRET_TEXT_BYTES];
    struct wall_ms expires;
    int64_t id = 0;
    set_up();
    const struct account account = get(add("zhang", UNIT));
    CHECK_EQ(links_make(accounts, account.id, key, &expires), ERR_OK);
    CHECK_EQ(links_find(accounts, text_of(key), &id), ERR_OK);
    CHECK_EQ(id, account.id);
    CHECK_EQ(links_use(accounts, text_of(key), &account, text_of("hash"), &id), ERR_OK);
    CHECK(text_is(get(account.id).password, "hash"));
    CHECK_EQ(links_use(accounts, text_of(key), &account, text_of("other"), &id), ERR_NOT_FOUND);
    CHECK(text_is(get(account.id).password, "hash"));
    tear_down();
}

static void a_link_expires(void)
{
    char key[SECRET_TEXT_BYTES];
    struct wall_ms expires;
    int64_t id = 0;
    set_up();
    const struct account account = get(add("zhang", UNIT));
    CHECK_EQ(links_make(accounts, account.id, key, &expires), ERR_OK);
    rewrite("UPDATE links SET expires = expires - 86400001");
    CHECK_EQ(links_find(accounts, text_of(key), &id), ERR_NOT_FOUND);
    CHECK_EQ(links_use(accounts, text_of(key), &account, text_of("hash"), &id), ERR_NOT_FOUND);
    tear_down();
}

static void a_new_link_ends_the_older_one(void)
{
    char old[SECRET_TEXT_BYTES];
    char new[SECRET_TEXT_BYTES];
    struct wall_ms expires;
    int64_t id = 0;
    set_up();
    const int64_t account = add("zhang", UNIT);
    CHECK_EQ(links_make(accounts, account, old, &expires), ERR_OK);
    CHECK_EQ(links_make(accounts, account, new, &expires), ERR_OK);
    CHECK_EQ(links_find(accounts, text_of(old), &id), ERR_NOT_FOUND);
    CHECK_EQ(links_find(accounts, text_of(new), &id), ERR_OK);
    tear_down();
}

static void the_first_link_makes_one_account_and_never_a_second(void)
{
    char key[SECRET_TEXT_BYTES];
    struct wall_ms expires;
    int64_t id = 0;
    const struct account first = {.name = TEXT_LITERAL("li"), .roles = ADMIN};
    set_up();
    CHECK_EQ(links_make(accounts, 0, key, &expires), ERR_OK);
    CHECK_EQ(links_use(accounts, text_of(key), &first, text_of("hash"), &id), ERR_OK);
    CHECK(text_is(get(id).name, "li"));
    /* Even if one were left over. */
    CHECK_EQ(links_make(accounts, 0, key, &expires), ERR_OK);
    const struct account second = {.name = TEXT_LITERAL("wang"), .roles = ADMIN};
    CHECK_EQ(links_use(accounts, text_of(key), &second, text_of("hash"), &id), ERR_NOT_FOUND);
    tear_down();
}

static void the_link_of_one_account_is_none_of_another(void)
{
    char key[SECRET_TEXT_BYTES];
    struct wall_ms expires;
    int64_t id = 0;
    set_up();
    const struct account zhang = get(add("zhang", UNIT));
    const struct account wang = get(add("wang", UNIT));
    CHECK_EQ(links_make(accounts, zhang.id, key, &expires), ERR_OK);
    CHECK_EQ(links_use(accounts, text_of(key), &wang, text_of("hash"), &id), ERR_NOT_FOUND);
    CHECK_EQ(links_find(accounts, text_of(key), &id), ERR_OK);
    tear_down();
}

/* ---- failures ---- */

static int64_t left(const char *name, const char *address)
{
    int64_t left_ms = -1;
    CHECK_EQ(failures_left(accounts, text_of(name), text_of(address), &left_ms), ERR_OK);
    return left_ms;
}

static bool fail(const char *name, const char *address)
{
    bool locked = false;
    CHECK_EQ(failures_add(accounts, text_of(name), text_of(address), &locked), ERR_OK);
    return locked;
}

static void failures_lock_a_name_from_everywhere(void)
{
    set_up();
    for (int index = 0; index < lockout_of_name.free; index++) {
        CHECK(!fail("zhang", "192.0.2.1"));
    }
    CHECK_EQ(left("zhang", "192.0.2.9"), 0);
    CHECK(fail("zhang", "192.0.2.2"));
    CHECK_GE(left("zhang", "192.0.2.9"), 59000);
    CHECK_EQ(left("wang", "192.0.2.9"), 0);
    tear_down();
}

static void failures_lock_an_address_for_all_names(void)
{
    set_up();
    for (int index = 0; index <= lockout_of_address.free; index++) {
        char name[16];
        (void)snprintf(name, sizeof name, "u%d", index);
        CHECK_EQ(fail(name, "192.0.2.1"), index == lockout_of_address.free);
    }
    CHECK_GE(left("zhang", "192.0.2.1"), 59000);
    CHECK_EQ(left("zhang", "192.0.2.2"), 0);
    CHECK_GE(left("", "192.0.2.1"), 59000);
    tear_down();
}

static void a_lock_outlasts_a_restart_and_ends(void)
{
    set_up();
    for (int index = 0; index <= lockout_of_name.free; index++) {
        (void)fail("zhang", "192.0.2.1");
    }
    accounts_close(accounts);
    CHECK_EQ(accounts_open(path, &accounts, NULL), ERR_OK);
    CHECK_GE(left("zhang", "192.0.2.1"), 59000);
    rewrite("UPDATE failures SET until = until - 60001");
    CHECK_EQ(left("zhang", "192.0.2.1"), 0);
    tear_down();
}

static void a_sign_in_forgets_the_failures_of_the_name(void)
{
    set_up();
    for (int index = 0; index < lockout_of_name.free; index++) {
        (void)fail("zhang", "192.0.2.1");
    }
    CHECK_EQ(failures_forget(accounts, text_of("zhang")), ERR_OK);
    CHECK(!fail("zhang", "192.0.2.1"));
    tear_down();
}

static void sweeping_takes_what_is_over_and_nothing_else(void)
{
    char key[SECRET_TEXT_BYTES];
    struct wall_ms expires;
    int64_t id = 0;
    set_up();
    const int64_t account = add("zhang", UNIT);
    (void)begin(account);
    rewrite("UPDATE sessions SET seen = seen - 1800001");
    const char *alive = begin(account);
    CHECK_EQ(links_make(accounts, account, key, &expires), ERR_OK);
    for (int index = 0; index <= lockout_of_name.free; index++) {
        (void)fail("zhang", "192.0.2.1");
    }
    CHECK_EQ(accounts_sweep(accounts), ERR_OK);
    CHECK_EQ(look(alive), ERR_OK);
    CHECK_EQ(links_find(accounts, text_of(key), &id), ERR_OK);
    CHECK_GE(left("zhang", "192.0.2.1"), 1);
    rewrite("UPDATE failures SET last = last - 86400001; UPDATE links SET expires = 1");
    CHECK_EQ(accounts_sweep(accounts), ERR_OK);
    CHECK_EQ(left("zhang", "192.0.2.1"), 0);
    tear_down();
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(the_file_is_its_owners_alone);
    CHECK_RUN(what_was_there_is_there_after_a_start);
    CHECK_RUN(a_file_of_a_newer_program_is_left_alone);
    CHECK_RUN(a_backup_is_a_whole_copy);
    CHECK_RUN(a_restored_file_has_neither_sessions_nor_links);
    CHECK_RUN(nothing_that_opens_a_door_stands_in_the_file);
    CHECK_RUN(names_are_plain_and_small);
    CHECK_RUN(a_name_has_one_account);
    CHECK_RUN(roles_are_kept_as_they_were_given);
    CHECK_RUN(of_two_who_edit_one_is_told);
    CHECK_RUN(somebody_can_always_manage_accounts);
    CHECK_RUN(a_dingtalk_id_is_of_one_account_that_is_enabled);
    CHECK_RUN(a_person_with_two_accounts_is_none_of_them);
    CHECK_RUN(a_session_is_found_by_its_key_alone);
    CHECK_RUN(no_two_sessions_have_one_key);
    CHECK_RUN(a_session_ends_by_disuse);
    CHECK_RUN(use_keeps_it_alive_but_not_for_ever);
    CHECK_RUN(whatever_changes_the_standing_ends_sessions);
    CHECK_RUN(a_disabled_account_has_no_session_even_if_one_is_left);
    CHECK_RUN(nobody_ends_the_session_of_somebody_else);
    CHECK_RUN(an_account_has_so_many_sessions_and_no_more);
    CHECK_RUN(a_token_has_its_rights_until_it_expires);
    CHECK_RUN(a_link_counts_once);
    CHECK_RUN(a_link_expires);
    CHECK_RUN(a_new_link_ends_the_older_one);
    CHECK_RUN(the_first_link_makes_one_account_and_never_a_second);
    CHECK_RUN(the_link_of_one_account_is_none_of_another);
    CHECK_RUN(failures_lock_a_name_from_everywhere);
    CHECK_RUN(failures_lock_an_address_for_all_names);
    CHECK_RUN(a_lock_outlasts_a_restart_and_ends);
    CHECK_RUN(a_sign_in_forgets_the_failures_of_the_name);
    CHECK_RUN(sweeping_takes_what_is_over_and_nothing_else);
    return check_done();
}
