/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt audit list`: who did what, asked of the console. `nrt audit verify`: is the trail in the
 * ledger whole; needs nothing running, so that a copy can be checked elsewhere.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/list.h"
#include "console/audit_anchor.h"
#include "console/ledger_reader.h"

#define COMMAND         "audit"
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define QUERY_BYTES_MAX ((size_t)16 * 1024)
#define PATH_BYTES      1024

static const struct column columns[] = {
    {"SEQ", "seq", COLUMN_TEXT},       {"AT", "at", COLUMN_TIME},
    {"ACTOR", "actor", COLUMN_TEXT},   {"FROM", "peer", COLUMN_TEXT},
    {"ACTION", "action", COLUMN_TEXT}, {"OBJECT", "object", COLUMN_TEXT},
    {"RESULT", "result", COLUMN_TEXT}, {"DETAIL", "detail", COLUMN_TEXT},
};

/* ---- list ---- */

static int list_entries(int argc, char **argv)
{
    static const char *const names[] = {"actor", "action", "object", "from", "to", "q"};
    const char *values[COUNT_OF(names)] = {NULL};
    const char *verb = NULL;
    const char *limit_text = NULL;
    const char *data = NULL;
    int64_t limit = 50;
    bool json = false;
    const struct arg args[] = {
        {.name = "list", .text = &verb, .required = true},
        {.name = "--actor", .text = &values[0]},
        {.name = "--action", .text = &values[1]},
        {.name = "--object", .text = &values[2]},
        {.name = "--from", .text = &values[3]},
        {.name = "--to", .text = &values[4]},
        {.name = "--q", .text = &values[5]},
        {.name = "--limit", .text = &limit_text},
        {.name = "--data", .text = &data},
        {.name = "--json", .flag = &json},
    };
    struct api api;
    struct buf path;
    const int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code != EXIT_FINE) {
        return code;
    }
    if (limit_text && (text_parse_i64(text_of(limit_text), &limit) != ERR_OK || limit < 1)) {
        return args_misuse(COMMAND, "--limit must be a number from 1, not '%s'", limit_text);
    }
    buf_init(&path, QUERY_BYTES_MAX);
    buf_string(&path, "/api/v1/audit");
    for (size_t index = 0; index < COUNT_OF(names); index++) {
        api_query(&path, names[index], values[index]);
    }
    api_init(&api, COMMAND, data);
    const struct list list = {
        .api = &api,
        .path = path.ptr,
        .columns = columns,
        .column_count = COUNT_OF(columns),
        .limit = limit,
        .json = json,
        .when_empty = "Nobody has done anything yet.",
    };
    const int listed = list_print(&list);
    buf_release(&path);
    return listed;
}

/* ---- verify ---- */

static void tell_json(const struct audit_verdict *verdict)
{
    struct buf text;
    struct json_out out;
    buf_init(&text, 4096);
    json_out_init(&out, &text);
    json_out_open(&out, '{');
    json_out_key(&out, "ok");
    json_out_bool(&out, audit_is_whole(verdict));
    json_out_member_i64(&out, "entries", verdict->chain.entries);
    json_out_member_i64(&out, "first_broken", audit_broken_seq(verdict));
    json_out_member(&out, "why", text_of(audit_broken_why(verdict)));
    json_out_member(&out, "head", text_of(verdict->chain.head.hash));
    json_out_member_i64(&out, "anchors", verdict->anchors.anchors);
    json_out_member(&out, "warning", text_of(verdict->anchors.warning));
    json_out_close(&out, '}');
    printf("%s\n", text.ptr ? text.ptr : "");
    buf_release(&text);
}

static void tell(const struct audit_verdict *verdict)
{
    if (audit_is_whole(verdict)) {
        printf(
            "The audit trail is whole: %" PRId64 " entries, %" PRId64 " anchors, head %s\n",
            verdict->chain.entries, verdict->anchors.anchors, verdict->chain.head.hash);
    } else {
        printf(
            "The audit trail is broken at entry %" PRId64 ": %s\n", audit_broken_seq(verdict),
            audit_broken_why(verdict));
    }
    if (verdict->anchors.warning[0]) {
        (void)fprintf(stderr, "nrt audit: %s\n", verdict->anchors.warning);
    }
}

static void tell_verdict(const struct audit_verdict *verdict, bool json)
{
    if (json) {
        tell_json(verdict);
    } else {
        tell(verdict);
    }
}

/* The keys may be missing where only a copy of the ledger is: then nothing is proved by them. */
static enum err verify(
    const char *data, const char *db, struct audit_verdict *ret_verdict, struct err_why *why)
{
    char path[PATH_BYTES];
    char ledger_path[PATH_BYTES];
    char keys_path[PATH_BYTES];
    struct seal_keys keys = {0};
    struct ledger *ledger = NULL;
    (void)snprintf(path, sizeof(path), "%s/%s", data, AUDIT_ANCHOR_FILE);
    (void)snprintf(ledger_path, sizeof(ledger_path), "%s/ledger.db", data);
    (void)snprintf(keys_path, sizeof(keys_path), "%s/seal.key", data);
    if (seal_keys_read(keys_path, &keys, NULL)) {
        keys = (struct seal_keys){0};
    }
    const struct anchors anchors = {.path = path, .keys = &keys, .newer_may_lack = db != NULL};
    enum err err = ledger_open_reader(db ? db : ledger_path, &ledger, why);
    if (!err) {
        err = audit_verify(ledger, &anchors, ret_verdict, why);
    }
    ledger_close(ledger);
    explicit_bzero(&keys, sizeof(keys));
    return err;
}

static int verify_trail(int argc, char **argv)
{
    const char *verb = NULL;
    const char *data = NULL;
    const char *db = NULL;
    bool json = false;
    const struct arg args[] = {
        {.name = "verify", .text = &verb, .required = true},
        {.name = "--data", .text = &data},
        {.name = "--db", .text = &db},
        {.name = "--json", .flag = &json},
    };
    struct audit_verdict verdict;
    struct err_why why = {0};
    const int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code != EXIT_FINE) {
        return code;
    }
    data = data ? data : "./data";
    const enum err err = verify(data, db, &verdict, &why);
    if (err) {
        return args_fail(EXIT_FOUND, COMMAND, "%s: %s", db ? db : data, why.text);
    }
    tell_verdict(&verdict, json);
    return audit_is_whole(&verdict) ? EXIT_FINE : EXIT_FOUND;
}

int cmd_audit(int argc, char **argv)
{
    static const char *const verbs[] = {"list", "verify"};
    const char *verb = argc > 1 ? argv[1] : "";
    if (strcmp(verb, verbs[0]) == 0) {
        return list_entries(argc, argv);
    }
    if (strcmp(verb, verbs[1]) == 0) {
        return verify_trail(argc, argv);
    }
    const char *nearest = args_nearest(verb, verbs, COUNT_OF(verbs));
    return args_misuse(
        COMMAND, "'%s' is not a word of it; did you mean '%s'?", verb,
        nearest ? nearest : "list' or 'verify");
}
