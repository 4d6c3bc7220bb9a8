/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Backups: a ledger made anew from a backup and the journal has every row of the one that was lost;
 * what is damaged is said to be, and never put back; nothing half made has a name.
 */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/prng.h"
#include "console/backup.h"
#include "console/ledger_internal.h"
#include "console/ledger_read.h"
#include "console/ledger_reader.h"
#include "tests/support/check.h"
#include "tests/support/ledger_dump.h"

#define ENTRIES    240
#define PARTITIONS 3
#define PATH_BYTES 1024

static char folder[PATH_BYTES];

static void fresh_folder(void)
{
    const char *base = getenv("TMPDIR");
    (void)snprintf(folder, sizeof(folder), "%s/backup-XXXXXX", base ? base : "/tmp");
    CHECK(mkdtemp(folder) != NULL);
}

static const char *in_folder(const char *name)
{
    static char paths[4][PATH_BYTES + 64];
    static int next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

static void remove_folder(void)
{
    CHECK_EQ(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static int count_in(const char *name, const char *beginning)
{
    int count = 0;
    DIR *listing = opendir(in_folder(name));
    const struct dirent *entry = NULL;
    while (listing && (entry = readdir(listing))) { /* NOLINT(concurrency-mt-unsafe): own DIR */
        count += strncmp(entry->d_name, beginning, strlen(beginning)) == 0;
    }
    if (listing) {
        (void)closedir(listing);
    }
    return count;
}

static void copy(const char *from, const char *to)
{
    struct buf bytes;
    buf_init(&bytes, (size_t)64 * 1024 * 1024);
    CHECK_EQ(file_read(from, &bytes, NULL), ERR_OK);
    CHECK_EQ(file_write(to, buf_view(&bytes), 0600, NULL), ERR_OK);
    buf_release(&bytes);
}

/* ---- a journal of cases, alerts and messages ---- */

struct line {
    char position[32];
    char *facts;
};
static struct line journal[ENTRIES];

static void add_facts(struct buf *facts, int number, struct prng *prng)
{
    static const char *const outcomes[] = {"running", "missed", "met"};
    static const char *const lights[] = {"green", "red", "green"};
    static const char *const titles[] = {"关于取水许可的函", "建设用地", "噪音扰民"};
    const int which = (int)prng_below(prng, 30) * PARTITIONS + number % PARTITIONS;
    const int kind = (int)prng_below(prng, 3);
    buf_format(
        facts,
        "[{\"k\":\"event\",\"case\":\"c%d\",\"p\":0,\"pos\":\"1-0\",\"source\":\"/oa\",\"id\":"
        "\"e%d\",\"type\":\"case.%s\",\"time\":%d,\"arrived\":%d,\"rules\":1,\"verdict\":"
        "\"applied\",\"ce\":{\"data\":{}}},",
        which, number, number % 4 == 0 ? "urged" : "noted", 1000 + number, 1000 + number);
    buf_format(
        facts,
        "{\"k\":\"case\",\"id\":\"c%d\",\"title\":\"%s\",\"matter\":\"m1\",\"unit\":\"d%d\","
        "\"handler\":\"h\",\"from_unit\":\"d9\",\"number\":\"%d\",\"labels\":{\"a\":\"b\",\"n\":3},"
        "\"state\":\"open\","
        "\"light\":\"%s\",\"created\":1000,\"updated\":%d,\"runs\":[{\"clock\":\"reply\",\"run\":1,"
        "\"family\":\"reply\",\"title\":\"R\",\"start\":1,\"due\":%d,\"outcome\":\"%s\","
        "\"stopped\":%s,\"light\":\"%s\",\"unit\":\"d%d\",\"handler\":\"h\",\"rules\":1}]},",
        which, titles[prng_below(prng, 3)], number % 5, number % 7, lights[kind], 1000 + number,
        2000 + which, outcomes[kind], kind == 2 ? "1999" : "null", lights[kind], number % 5);
    buf_format(
        facts,
        "{\"k\":\"alert\",\"id\":\"a%d\",\"case\":\"c%d\",\"clock\":\"reply\",\"run\":1,\"stage\":"
        "\"s\",\"title\":\"T\",\"instant\":%d,\"fired_at\":%d,\"status\":\"fired\",\"light\":"
        "\"red\",\"late\":false,\"to\":[\"p\"],\"via\":[\"sms\"],\"template\":\"t\",\"ordinal\":1,"
        "\"fault\":false},{\"k\":\"message\",\"id\":\"m%d\",\"alert\":\"a%d\",\"case\":\"c%d\","
        "\"clock\":\"reply\",\"stage\":\"s\",\"person\":\"p\",\"channel\":\"sms\",\"state\":"
        "\"accepted\",\"at\":%d,\"attempts\":1,\"reason\":\"\",\"text\":\"x\",\"gateway_id\":"
        "\"g%d\"}]",
        number, which, 1000 + number, 1000 + number, number, number, which, 1000 + number, number);
}

static void make_journal(uint64_t seed)
{
    struct prng prng;
    prng_seed(&prng, seed);
    for (int number = 0; number < ENTRIES; number++) {
        struct buf facts;
        buf_init(&facts, (size_t)64 * 1024);
        add_facts(&facts, number, &prng);
        (void)snprintf(
            journal[number].position, sizeof(journal[0].position), "%lld-%d",
            (long long)clock_system().ms, number);
        journal[number].facts = buf_take(&facts, NULL);
    }
}

static void free_journal(void)
{
    for (int number = 0; number < ENTRIES; number++) {
        free(journal[number].facts);
    }
}

static struct ledger *open_live(void)
{
    struct ledger *ledger = NULL;
    struct err_why why = {0};
    const enum err err = ledger_open(in_folder("ledger.db"), &ledger, &why);
    check_note("%s", why.text);
    return CHECK_EQ(err, ERR_OK) ? ledger : NULL;
}

/* What comes after the ledger's own positions, as the feed does. */
static void feed_until(struct ledger *ledger, int end)
{
    for (int number = 0; number < end && ledger; number++) {
        struct err_why why = {0};
        const struct journal_entry entry = {
            .partition = number % PARTITIONS,
            .position = text_of(journal[number].position),
            .facts = text_of(journal[number].facts),
        };
        if (ledger_has_reached(ledger, entry.partition, entry.position)) {
            continue;
        }
        const enum err err = ledger_apply(ledger, &entry, 1, &why);
        check_note("entry %d: %s", number, why.text);
        if (!CHECK_EQ(err, ERR_OK)) {
            return;
        }
    }
}

static struct backup_file backup_now(void)
{
    struct backup_file files[BACKUP_KIND_COUNT] = {{{0}, 0, {0}}};
    struct err_why why = {0};
    const enum err err = backup_make(folder, NULL, files, &why);
    check_note("%s", why.text);
    CHECK_EQ(err, ERR_OK);
    return files[BACKUP_LEDGER];
}

static bool count_case(void *context, const struct ledger_case *row)
{
    (void)row;
    ++*(int64_t *)context;
    return true;
}

static int64_t found(struct ledger *ledger, const char *q)
{
    int64_t count = 0;
    struct list_end end;
    const struct case_query query = {.q = text_of(q), .limit = 500};
    CHECK_EQ(ledger_cases(ledger, &query, count_case, &count, &end), ERR_OK);
    return count;
}

/* ---- lost and made anew ---- */

/* The whole way: half of the journal, a backup beside the open ledger, the rest; then it is lost.
 */
static void lose_and_make_anew(int backed_up_at, const char *how)
{
    fresh_folder();
    struct ledger *ledger = open_live();
    feed_until(ledger, backed_up_at);
    const struct backup_file file = backup_now();
    CHECK(file.bytes > 0);
    feed_until(ledger, ENTRIES);
    char *expected = ledger ? ledger_dump(ledger) : NULL;
    const int64_t waters = ledger ? found(ledger, "水") : 0;
    ledger_close(ledger);
    struct err_why why = {0};
    if (strcmp(how, "gone") == 0) {
        (void)unlink(in_folder("ledger.db"));
    } else {
        const int fd = open(in_folder("ledger.db"), O_WRONLY | O_CLOEXEC);
        CHECK(fd >= 0 && pwrite(fd, "garbage instead of a head", 25, 0) == 25);
        (void)close(fd);
    }
    CHECK_EQ(backup_heal(folder, &why), ERR_OK);
    check_note("%s", why.text);
    ledger = open_live();
    feed_until(ledger, ENTRIES);
    char *got = ledger ? ledger_dump(ledger) : NULL;
    check_note("backed up at %d, %s", backed_up_at, how);
    CHECK_STR(got, expected);
    CHECK_EQ(ledger ? found(ledger, "水") : -1, waters);
    ledger_close(ledger);
    free(expected);
    free(got);
    remove_folder();
}

static void a_ledger_from_backup_and_journal_is_the_one_that_was_lost(void)
{
    make_journal(3);
    for (int at = 0; at <= ENTRIES; at += getenv("NRT_LONG") ? 7 : 80) {
        lose_and_make_anew(at, at % 2 ? "damaged" : "gone");
        lose_and_make_anew(at, at % 2 ? "gone" : "damaged");
    }
    free_journal();
}

static void a_sound_ledger_and_a_new_folder_are_left_alone(void)
{
    struct err_why why = {0};
    make_journal(4);
    fresh_folder();
    CHECK_EQ(backup_heal(folder, &why), ERR_OK);
    CHECK(access(in_folder("ledger.db"), F_OK) != 0);
    struct ledger *ledger = open_live();
    feed_until(ledger, 30);
    (void)backup_now();
    feed_until(ledger, 60);
    CHECK_EQ(backup_heal(folder, &why), ERR_OK);
    ledger_close(ledger);
    CHECK_EQ(backup_heal(folder, &why), ERR_OK);
    ledger = open_live();
    CHECK(ledger && ledger_has_reached(ledger, 59 % PARTITIONS, text_of(journal[59].position)));
    ledger_close(ledger);
    remove_folder();
    free_journal();
}

static void a_damaged_backup_is_passed_over_for_an_older_one(void)
{
    struct backup_look look;
    struct err_why why = {0};
    make_journal(5);
    fresh_folder();
    struct ledger *ledger = open_live();
    feed_until(ledger, 60);
    const struct backup_file file = backup_now();
    ledger_close(ledger);
    /* A newer one by its name, with a page overwritten. */
    copy(file.path, in_folder("backup/ledger-29990101-000000.db"));
    const int fd = open(in_folder("backup/ledger-29990101-000000.db"), O_WRONLY | O_CLOEXEC);
    for (int page = 3; page < 40; page++) {
        CHECK(pwrite(fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, page * 4096) == 8);
    }
    (void)close(fd);
    CHECK_EQ(
        backup_look_at(
            in_folder("backup/ledger-29990101-000000.db"), BACKUP_LOOK_WHOLE, &look, &why),
        ERR_OK);
    CHECK(look.fault[0]);
    CHECK_EQ(backup_look_at(file.path, BACKUP_LOOK_WHOLE, &look, &why), ERR_OK);
    CHECK_STR(look.fault, "");
    CHECK_EQ(look.counts[BACKUP_EVENTS], 60);
    CHECK_EQ(look.partitions, PARTITIONS);
    (void)unlink(in_folder("ledger.db"));
    CHECK_EQ(backup_heal(folder, &why), ERR_OK);
    ledger = open_live();
    CHECK(ledger && !text_is(ledger_position(ledger, 0), "0-0"));
    ledger_close(ledger);
    remove_folder();
    free_journal();
}

static void damage_without_any_backup_is_said_and_nothing_is_thrown_away(void)
{
    struct err_why why = {0};
    fresh_folder();
    CHECK_EQ(
        file_write(
            in_folder("ledger.db"), TEXT_LITERAL("no database, and long enough"), 0600, NULL),
        ERR_OK);
    CHECK_EQ(backup_heal(folder, &why), ERR_CORRUPT);
    CHECK(strstr(why.text, "move it away") != NULL);
    CHECK(access(in_folder("ledger.db"), F_OK) == 0);
    remove_folder();
}

/* Pages inside, which nobody looks at when it is opened. */
static void damage_pages(const char *path)
{
    struct stat info = {0};
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    CHECK_EQ(fstat(fd, &info), 0);
    for (off_t at = (off_t)8 * 4096; at + 4096 < info.st_size; at += 4096) {
        CHECK(pwrite(fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, at) == 8);
    }
    (void)close(fd);
}

static void a_damaged_page_that_was_met_is_healed_at_the_next_start(void)
{
    struct err_why why = {0};
    struct list_end end;
    int64_t count = 0;
    make_journal(8);
    fresh_folder();
    struct ledger *ledger = open_live();
    feed_until(ledger, ENTRIES);
    (void)backup_now();
    char *expected = ledger ? ledger_dump(ledger) : NULL;
    ledger_close(ledger);
    CHECK_EQ(ledger_open_reader(in_folder("ledger.db"), &ledger, &why), ERR_OK);
    damage_pages(in_folder("ledger.db"));
    const struct case_query query = {.limit = 500};
    CHECK_EQ(ledger_cases(ledger, &query, count_case, &count, &end), ERR_CORRUPT);
    ledger_close(ledger);
    CHECK(access(in_folder("ledger.db.damaged"), F_OK) == 0);
    CHECK_EQ(backup_heal(folder, &why), ERR_OK);
    CHECK(access(in_folder("ledger.db.damaged"), F_OK) != 0);
    ledger = open_live();
    char *got = ledger ? ledger_dump(ledger) : NULL;
    CHECK_STR(got, expected);
    ledger_close(ledger);
    free(got);
    free(expected);
    remove_folder();
    free_journal();
}

static void a_file_that_is_no_backup_is_not_put_back(void)
{
    char kept[BACKUP_PATH_BYTES];
    struct backup_look look;
    struct err_why why = {0};
    fresh_folder();
    CHECK_EQ(file_write(in_folder("x.db"), TEXT_LITERAL("hello"), 0600, NULL), ERR_OK);
    CHECK(backup_put_back(in_folder("x.db"), folder, kept, &why) != ERR_OK);
    CHECK(access(in_folder("ledger.db"), F_OK) != 0);
    CHECK_EQ(backup_look_at(in_folder("x.db"), BACKUP_LOOK_WHOLE, &look, &why), ERR_OK);
    CHECK(look.fault[0]);
    CHECK(backup_look_at(in_folder("none.db"), BACKUP_LOOK_WHOLE, &look, &why) != ERR_OK);
    remove_folder();
}

/* ---- names ---- */

static void only_the_newest_are_kept_and_other_files_are_not_touched(void)
{
    static const char *const names[] = {
        "ledger-20260101-033000.db",         "ledger-20260102-033000.db",
        "ledger-20260103-033000.db",         "ledger-20260104-033000.db",
        "ledger-format3-20250101-000000.db", "notes.txt",
        "accounts-20260101-033000.db"};
    struct backup_file file;
    fresh_folder();
    for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
        CHECK_EQ(file_write(in_folder(names[index]), TEXT_LITERAL("x"), 0600, NULL), ERR_OK);
    }
    backup_prune(folder, 2);
    for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
        check_note("%s", names[index]);
        CHECK_EQ(access(in_folder(names[index]), F_OK) == 0, index >= 2);
    }
    CHECK(backup_newest(folder, BACKUP_LEDGER, (struct wall_ms){WALL_MS_MAX}, &file));
    CHECK_STR(file.path, in_folder(names[3]));
    CHECK(backup_newest(folder, BACKUP_LEDGER, file.at, &file));
    CHECK_STR(file.path, in_folder(names[2]));
    CHECK(!backup_newest(folder, BACKUP_LEDGER, file.at, &file));
    remove_folder();
}

/* This program again, as a process that is killed on the way. */
static bool killed_at(const char *failpoint, const char *what, const char *path)
{
    int status = 0;
    const pid_t pid = fork();
    if (pid == 0) {
        (void)setenv("NRT_FAILPOINT", failpoint, 1); /* NOLINT(concurrency-mt-unsafe): a child */
        (void)execl("/proc/self/exe", "test_backup", what, folder, path, (char *)NULL);
        _exit(5);
    }
    (void)waitpid(pid, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static void a_backup_is_for_its_owner_alone(void)
{
    struct stat info = {0};
    fresh_folder();
    const mode_t before = umask(022);
    struct ledger *ledger = open_live();
    const struct backup_file file = backup_now();
    (void)umask(before);
    CHECK_EQ(stat(file.path, &info), 0);
    CHECK_EQ(info.st_mode & 0777, 0600);
    ledger_close(ledger);
    remove_folder();
}

static void what_is_half_made_has_no_name(void)
{
    struct backup_file file;
    make_journal(6);
    fresh_folder();
    struct ledger *ledger = open_live();
    feed_until(ledger, 60);
    CHECK(killed_at("backup_before_name:kill", "backup", "-"));
    CHECK(!backup_newest(in_folder("backup"), BACKUP_LEDGER, (struct wall_ms){WALL_MS_MAX}, &file));
    file = backup_now();
    feed_until(ledger, ENTRIES);
    char *expected = ledger ? ledger_dump(ledger) : NULL;
    ledger_close(ledger);
    /* Killed between setting the old one aside and naming the new one: healed at the next start. */
    CHECK(killed_at("restore_before_name:kill", "restore", file.path));
    struct err_why why = {0};
    CHECK_EQ(backup_heal(folder, &why), ERR_OK);
    ledger = open_live();
    feed_until(ledger, ENTRIES);
    char *got = ledger ? ledger_dump(ledger) : NULL;
    CHECK_STR(got, expected);
    ledger_close(ledger);
    free(expected);
    free(got);
    remove_folder();
    free_journal();
}

static void an_older_ledger_is_kept_before_its_format_changes(void)
{
    struct sql_db *db = NULL;
    fresh_folder();
    CHECK_EQ(sql_open(in_folder("ledger.db"), SQL_RELAXED, &db, NULL), ERR_OK);
    CHECK_EQ(ledger_migrate_to(db, 3, NULL), ERR_OK);
    sql_close(db);
    struct ledger *ledger = open_live();
    ledger_close(ledger);
    CHECK_EQ(count_in("backup", "ledger-format3-"), 1);
    ledger = open_live(); /* once only */
    ledger_close(ledger);
    CHECK_EQ(count_in("backup", "ledger-format3-"), 1);
    remove_folder();
}

static int run_child(char **argv)
{
    struct backup_file files[BACKUP_KIND_COUNT];
    char kept[BACKUP_PATH_BYTES];
    return strcmp(argv[1], "backup") == 0 ? (int)backup_make(argv[2], NULL, files, NULL)
                                          : (int)backup_put_back(argv[3], argv[2], kept, NULL);
}

int main(int argc, char **argv)
{
    log_set_level(LOG_ERROR);
    if (argc == 4) {
        return run_child(argv);
    }
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_ledger_from_backup_and_journal_is_the_one_that_was_lost);
    CHECK_RUN(a_sound_ledger_and_a_new_folder_are_left_alone);
    CHECK_RUN(a_damaged_backup_is_passed_over_for_an_older_one);
    CHECK_RUN(damage_without_any_backup_is_said_and_nothing_is_thrown_away);
    CHECK_RUN(a_damaged_page_that_was_met_is_healed_at_the_next_start);
    CHECK_RUN(a_file_that_is_no_backup_is_not_put_back);
    CHECK_RUN(only_the_newest_are_kept_and_other_files_are_not_touched);
    CHECK_RUN(a_backup_is_for_its_owner_alone);
    CHECK_RUN(what_is_half_made_has_no_name);
    CHECK_RUN(an_older_ledger_is_kept_before_its_format_changes);
    return check_done();
}
