/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt backup: a copy of the ledger and the accounts, made beside a running service. nrt restore:
 * is such a copy whole, and put it in the place of what was lost. Neither speaks to the console:
 * they work on the files, also when it does not start.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/table.h"
#include "console/backup.h"

#define BACKUP          "backup"
#define RESTORE         "restore"
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define DATA_DEFAULT    "./data"
#define CHINA_S         (8 * 3600)
#define JOURNAL_KEPT_MS (INT64_C(1000) * 3600 * 24 * 7) /* at least, see docs/journal.md */
#define ANSWER_BYTES    ((size_t)64 * 1024)

static const char *time_of(struct wall_ms at, char text[static WALL_TEXT_BYTES])
{
    return wall_format((struct wall_ms){at.ms / 1000 * 1000}, CHINA_S, text);
}

/* ---- backup ---- */

static void tell_file(struct json_out *out, const struct backup_file *file)
{
    if (!file->path[0]) {
        return;
    }
    if (!out) {
        (void)printf("%s  %" PRId64 " bytes, every page looked at\n", file->path, file->bytes);
        return;
    }
    json_out_open(out, '{');
    json_out_member(out, "path", text_of(file->path));
    json_out_member_i64(out, "bytes", file->bytes);
    json_out_close(out, '}');
}

static void tell_files(const struct backup_file *files, bool json)
{
    struct buf text;
    struct json_out out;
    buf_init(&text, ANSWER_BYTES);
    json_out_init(&out, &text);
    json_out_open(&out, '{');
    json_out_key(&out, "files");
    json_out_open(&out, '[');
    for (int kind = 0; kind < BACKUP_KIND_COUNT; kind++) {
        tell_file(json ? &out : NULL, &files[kind]);
    }
    json_out_close(&out, ']');
    json_out_close(&out, '}');
    if (json) {
        (void)printf("%s\n", text.ptr ? text.ptr : "");
    } else {
        (void)printf("Keep DATA/seal.key with it, in another place: without it addresses stay "
                     "sealed.\n");
    }
    buf_release(&text);
}

int cmd_backup(int argc, char **argv)
{
    const char *data = DATA_DEFAULT;
    const char *to = NULL;
    bool json = false;
    const struct arg args[] = {
        {.name = "--data", .text = &data},
        {.name = "--to", .text = &to},
        {.name = "--json", .flag = &json},
    };
    struct backup_file files[BACKUP_KIND_COUNT];
    struct err_why why = {0};
    const int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code != EXIT_FINE) {
        return code;
    }
    if (backup_make(data, to, files, &why) != ERR_OK) {
        return args_fail(EXIT_FOUND, BACKUP, "%s", why.text);
    }
    tell_files(files, json);
    return EXIT_FINE;
}

/* ---- restore --verify ---- */

/* What a backup and the ledger in use say, side by side. */
struct verdict {
    const char *path;
    struct backup_look backup;
    struct backup_look live;
    bool has_live;
    char fault[400]; /* empty: it can be put back */
    char warning[400];
};

static int64_t position_ms(const char *position)
{
    int64_t ms = 0;
    const char *dash = strchr(position, '-');
    const struct text text = {.ptr = position, .bytes = dash ? (size_t)(dash - position) : 0};
    return text_parse_i64(text, &ms) ? 0 : ms;
}

/* A backup that is ahead of the ledger in use is not one of it. */
static void compare_positions(struct verdict *verdict)
{
    for (int32_t partition = 0; partition < STORE_PARTITIONS_MAX; partition++) {
        const char *backup = verdict->backup.positions[partition];
        const char *live = verdict->live.positions[partition];
        if (verdict->has_live && position_ms(backup) > position_ms(live)) {
            (void)snprintf(
                verdict->warning, sizeof(verdict->warning),
                "in partition %d it is ahead of the ledger in use (%s, %s): is it of another "
                "service?",
                (int)partition, backup, live[0] ? live : "0-0");
        }
    }
}

static void compare_counts(struct verdict *verdict)
{
    for (int count = 0; count < BACKUP_COUNT_COUNT; count++) {
        if (count == BACKUP_RUNS || verdict->backup.counts[count] <= verdict->live.counts[count]) {
            continue;
        }
        (void)snprintf(
            verdict->warning, sizeof(verdict->warning),
            "it has %" PRId64 " %s, the ledger in use has %" PRId64 ": something was lost since",
            verdict->backup.counts[count], backup_count_name((enum backup_count)count),
            verdict->live.counts[count]);
    }
}

static void judge(struct verdict *verdict)
{
    const int64_t now = clock_system().ms;
    if (verdict->backup.fault[0]) {
        (void)snprintf(
            verdict->fault, sizeof(verdict->fault), "it is damaged: %s", verdict->backup.fault);
        return;
    }
    if (verdict->has_live) {
        compare_counts(verdict);
        compare_positions(verdict);
    }
    if (verdict->backup.until.ms > 0 && now - verdict->backup.until.ms > JOURNAL_KEPT_MS) {
        char text[WALL_TEXT_BYTES];
        (void)snprintf(
            verdict->warning, sizeof(verdict->warning),
            "it ends at %s, and the journal need not keep more than seven days: what happened "
            "after that and before the journal begins would be missing",
            time_of(verdict->backup.until, text));
    }
}

static void tell_json(const struct verdict *verdict)
{
    char time[WALL_TEXT_BYTES];
    struct buf text;
    struct json_out out;
    buf_init(&text, ANSWER_BYTES);
    json_out_init(&out, &text);
    json_out_open(&out, '{');
    json_out_key(&out, "ok");
    json_out_bool(&out, !verdict->fault[0]);
    json_out_member(&out, "path", text_of(verdict->path));
    json_out_member(&out, "fault", text_of(verdict->fault));
    json_out_member(&out, "warning", text_of(verdict->warning));
    json_out_member_i64(&out, "format", verdict->backup.format);
    json_out_member(&out, "until", text_of(time_of(verdict->backup.until, time)));
    for (int side = 0; side < (verdict->has_live ? 2 : 1); side++) {
        const struct backup_look *look = side == 0 ? &verdict->backup : &verdict->live;
        json_out_key(&out, side == 0 ? "backup" : "live");
        json_out_open(&out, '{');
        for (int count = 0; count < BACKUP_COUNT_COUNT; count++) {
            json_out_member_i64(
                &out, backup_count_name((enum backup_count)count), look->counts[count]);
        }
        json_out_close(&out, '}');
    }
    json_out_close(&out, '}');
    (void)printf("%s\n", text.ptr ? text.ptr : "");
    buf_release(&text);
}

static void cell_number(struct table *table, bool known, int64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%" PRId64, number);
    table_cell(table, text_of(known ? text : "-"));
}

static void tell(const struct verdict *verdict)
{
    static const char *const headings[] = {"ROWS", "BACKUP", "IN USE"};
    char time[WALL_TEXT_BYTES];
    struct table table;
    if (verdict->fault[0]) {
        (void)fprintf(stderr, "nrt restore: %s: %s\n", verdict->path, verdict->fault);
        return;
    }
    (void)printf(
        "%s is whole: format %" PRId64 ", every page and the audit trail (%" PRId64
        " entries) looked at; it holds what happened until %s\n",
        verdict->path, verdict->backup.format, verdict->backup.audit_entries,
        time_of(verdict->backup.until, time));
    table_init(&table, headings, COUNT_OF(headings));
    for (int count = 0; count < BACKUP_COUNT_COUNT; count++) {
        table_cell(&table, text_of(backup_count_name((enum backup_count)count)));
        cell_number(&table, true, verdict->backup.counts[count]);
        cell_number(&table, verdict->has_live, verdict->live.counts[count]);
    }
    table_print(&table);
    table_release(&table);
    if (verdict->warning[0]) {
        (void)fprintf(stderr, "nrt restore: mind: %s\n", verdict->warning);
    }
}

static enum err look_at_both(struct verdict *verdict, const char *data, struct err_why *why)
{
    char path[BACKUP_PATH_BYTES];
    enum err err = backup_look_at(verdict->path, BACKUP_LOOK_WHOLE, &verdict->backup, why);
    if (err) {
        return err;
    }
    (void)snprintf(path, sizeof(path), "%s/ledger.db", data);
    verdict->has_live = access(path, F_OK) == 0 &&
                        !backup_look_at(path, BACKUP_LOOK_COUNTS, &verdict->live, NULL) &&
                        !verdict->live.fault[0];
    judge(verdict);
    return ERR_OK;
}

static int verify(const char *path, const char *data, bool json)
{
    struct verdict verdict = {.path = path};
    struct err_why why = {0};
    if (look_at_both(&verdict, data, &why) != ERR_OK) {
        return args_fail(EXIT_FOUND, RESTORE, "%s", why.text);
    }
    if (json) {
        tell_json(&verdict);
    } else {
        tell(&verdict);
    }
    return verdict.fault[0] ? EXIT_FOUND : EXIT_FINE;
}

/* ---- restore ---- */

/* Nobody may have the ledger open: neither `nrt up`, which holds the lock, nor a console alone. */
static enum err take_folder(const char *data, int *ret_lock, struct err_why *why)
{
    char path[BACKUP_PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/lock", data);
    enum err err = file_lock(path, ret_lock, why);
    if (err) {
        return err;
    }
    (void)snprintf(path, sizeof(path), "%s/ledger.db", data);
    if (access(path, F_OK) == 0 && sql_is_open_elsewhere(path)) {
        (void)close(*ret_lock);
        return err_set(why, ERR_EXISTS, "%s is open in another process", path);
    }
    return ERR_OK;
}

static int put_back(const char *path, const char *data)
{
    char kept[BACKUP_PATH_BYTES];
    char time[WALL_TEXT_BYTES];
    int lock = -1;
    struct verdict verdict = {.path = path};
    struct err_why why = {0};
    enum err err = look_at_both(&verdict, data, &why);
    if (!err && verdict.fault[0]) {
        return args_fail(EXIT_FOUND, RESTORE, "%s: %s", path, verdict.fault);
    }
    if (!err && take_folder(data, &lock, &why) != ERR_OK) {
        return args_fail(EXIT_FOUND, RESTORE, "%s; stop the service first", why.text);
    }
    if (!err) {
        err = backup_put_back(path, data, kept, &why);
    }
    if (lock >= 0) {
        (void)close(lock);
    }
    if (err) {
        return args_fail(EXIT_FOUND, RESTORE, "%s", why.text);
    }
    (void)printf("%s is in its place in %s\n", path, data);
    if (kept[0]) {
        (void)printf("What was there is kept as %s\n", kept);
    }
    if (verdict.backup.until.ms > 0) {
        (void)printf(
            "Start the service: it reads the journal on from %s and is as before when it has "
            "caught up\n",
            time_of(verdict.backup.until, time));
    }
    if (verdict.warning[0]) {
        (void)fprintf(stderr, "nrt restore: mind: %s\n", verdict.warning);
    }
    return EXIT_FINE;
}

int cmd_restore(int argc, char **argv)
{
    const char *path = NULL;
    const char *data = DATA_DEFAULT;
    bool only_verify = false;
    bool json = false;
    const struct arg args[] = {
        {.name = "FILE", .text = &path, .required = true},
        {.name = "--verify", .flag = &only_verify},
        {.name = "--data", .text = &data},
        {.name = "--json", .flag = &json},
    };
    const int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code != EXIT_FINE) {
        return code;
    }
    return only_verify ? verify(path, data, json) : put_back(path, data);
}
