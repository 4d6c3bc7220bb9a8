/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt rules apply, draft, drafts, approve, withdraw, rollback: what makes a new version. Each says
 * first what changes, then what was done, then what comes next.
 */
#include <stdio.h>
#include <string.h>

#include "base/wall.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/job.h"
#include "cli/list.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define BODY_BYTES_MAX  ((size_t)64 << 20)
#define PATH_BYTES_MAX  ((size_t)4096)

static int64_t number_of(const struct json_value *object, const char *key)
{
    int64_t number = 0;
    return json_i64(json_get(object, key), &number) == ERR_OK ? number : 0;
}

/* ---- what comes next ---- */

struct reach {
    bool rules;   /* clocks are changed: running ones keep what they started with */
    bool present; /* calendar or people: open cases follow at once */
};

static struct reach reach_of(const struct json_value *changes)
{
    static const char *const present[] = {"calendar", "unit", "person"};
    static const char *const rules[] = {"set", "clock", "stage"};
    struct reach reach = {0};
    for (const struct json_value *item = json_first(changes); item; item = json_next(item)) {
        const struct text what = json_get_string(item, "what");
        for (size_t i = 0; i < 3; i++) {
            reach.present = reach.present || text_is(what, present[i]);
            reach.rules = reach.rules || text_is(what, rules[i]);
        }
    }
    return reach;
}

/* Of the cases that are not closed; -1 when it cannot be asked. */
static int64_t count_open(const struct rules *rules)
{
    static const char *const open[] = {"green", "yellow", "red", "suspended"};
    struct json_doc *doc = NULL;
    int64_t count = 0;
    if (api_get_json(&rules->api, "/api/v1/overview", &doc) != EXIT_FINE) {
        return -1;
    }
    for (size_t i = 0; i < COUNT_OF(open); i++) {
        count += number_of(json_get(json_root(doc), "cases"), open[i]);
    }
    json_free(doc);
    return count;
}

/* Calendar and directory hold for open cases as soon as each was looked at again. */
static void say_recount(const struct rules *rules, long long version, int64_t open)
{
    char id[32];
    struct json_doc *doc = NULL;
    (void)snprintf(id, sizeof(id), "v%lld", version); /* the sweep of a version has its name */
    const bool done = job_wait_for(rules, id, "recount", &doc) == EXIT_FINE;
    json_free(doc);
    printf(
        done ? rules_say(
                   rules, "日历和通讯录即刻生效：在办的 %lld 件事项已重新计算。\n",
                   "Calendar and directory hold at once: the %lld open cases were counted again.\n")
             : rules_say(
                   rules, "日历和通讯录即刻生效：在办的 %lld 件事项正在重新计算。\n",
                   "Calendar and directory hold at once: the %lld open cases are being counted "
                   "again.\n"),
        (long long)open);
}

static void say_next(const struct rules *rules, const struct json_value *changes, long long version)
{
    const struct reach reach = reach_of(changes);
    const int64_t open = reach.rules || reach.present ? count_open(rules) : 0;
    if (open > 0 && reach.present) {
        say_recount(rules, version, open);
    }
    if (open > 0 && reach.rules) {
        printf(
            rules_say(
                rules,
                "在办的 %lld 件事项仍按起算时的版本；要改按新版本，先看 nrt rules preview，再用 "
                "nrt "
                "rules replan。\n",
                "The %lld open cases keep the version of their start; `nrt rules replan` moves "
                "them, `nrt rules preview` shows it first.\n"),
            (long long)open);
    }
}

/* ---- apply, rollback ---- */

static void show_applied(const struct rules *rules, const struct json_value *answer, bool dry)
{
    const struct json_value *changes = json_get(answer, "changes");
    const long long version = (long long)number_of(answer, "version");
    rules_print_findings(json_get(answer, "findings"));
    if (json_count(changes) > 0) {
        printf("%s\n", rules_say(rules, "改动：", "Changes:"));
        (void)rules_print_changes(rules, changes, "  ");
    }
    if (json_is_true(json_get(answer, "applied")) ||
        text_is(json_get_string(answer, "state"), "applied")) {
        printf(
            rules_say(rules, "已应用为版本 %lld（%s）。\n", "Applied as version %lld (%s).\n"),
            version, rules->by);
        say_next(rules, changes, version);
    } else if (json_count(changes) == 0) {
        printf(
            rules_say(
                rules, "没有改动：与现行版本 %lld 相同，未新建版本。\n",
                "Nothing to change: version %lld says exactly this; no version was made.\n"),
            version);
    } else if (dry) {
        printf(
            "%s\n",
            rules_say(rules, "只是查看，未作任何改动。", "Only looked at; nothing was changed."));
    }
}

static int show_answer(const struct rules *rules, struct json_doc *doc, bool dry)
{
    if (rules->json) {
        rules_print_json(json_root(doc));
    } else {
        show_applied(rules, json_root(doc), dry);
    }
    json_free(doc);
    return EXIT_FINE;
}

static int put_folder(const struct rules *rules, int64_t base, bool dry)
{
    struct buf body;
    struct json_out out;
    struct json_doc *doc = NULL;
    int code = EXIT_FOUND;
    buf_init(&body, BODY_BYTES_MAX);
    json_out_init(&out, &body);
    if (rules_open_body(rules, &out)) {
        if (base > 0) {
            json_out_member_i64(&out, "base_version", base);
        }
        if (dry) {
            json_out_key(&out, "dry_run");
            json_out_bool(&out, true);
        }
        json_out_close(&out, '}');
        code = rules_send(rules, "PUT", "/api/v1/config", &body, &doc);
    }
    buf_release(&body);
    return code == EXIT_FINE ? show_answer(rules, doc, dry) : code;
}

/* POST the words who and why, and a number or a text where one is given. */
static int post_words(
    const struct rules *rules,
    const char *path,
    const char *key,
    const char *value,
    struct json_doc **ret_doc)
{
    struct buf body;
    struct json_out out;
    int64_t number = 0;
    buf_init(&body, BODY_BYTES_MAX);
    json_out_init(&out, &body);
    rules_open_words(rules, &out);
    if (value && text_parse_i64(text_of(value), &number) == ERR_OK) {
        json_out_member_i64(&out, key, number);
    } else if (value) {
        json_out_member(&out, key, text_of(value));
    }
    json_out_close(&out, '}');
    const int code = rules_send(rules, "POST", path, &body, ret_doc);
    buf_release(&body);
    return code;
}

/* "/api/v1/drafts/d1/approve" */
static void draft_path(struct buf *path, const char *id, const char *verb)
{
    buf_init(path, PATH_BYTES_MAX);
    buf_string(path, "/api/v1/drafts");
    api_segment(path, id);
    buf_format(path, "/%s", verb);
}

int rules_apply(int argc, char **argv)
{
    struct rules rules = {0};
    const char *verb = NULL;
    const char *draft = NULL;
    const char *base_text = NULL;
    int64_t base = 0;
    bool dry = false;
    const struct arg args[] = {
        {.name = "apply", .text = &verb, .required = true},
        {.name = "--config", .text = &rules.config},
        {.name = "--draft", .text = &draft},
        {.name = "--base", .text = &base_text},
        {.name = "--by", .text = &rules.by},
        {.name = "--note", .text = &rules.note},
        {.name = "--dry-run", .flag = &dry},
        {.name = "--lang", .text = &rules.lang},
        {.name = "--data", .text = &rules.data},
        {.name = "--json", .flag = &rules.json},
    };
    struct json_doc *doc = NULL;
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code == EXIT_FINE) {
        code = rules_begin(&rules);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    if (!rules.config == !draft || (draft && (dry || base_text))) {
        return args_misuse("rules", "apply takes --config DIR [--dry-run] or --draft ID");
    }
    if (base_text && (text_parse_i64(text_of(base_text), &base) != ERR_OK || base < 1)) {
        return args_misuse("rules", "--base: '%s' is no version", base_text);
    }
    if (rules.config) {
        return put_folder(&rules, base, dry);
    }
    struct buf path;
    draft_path(&path, draft, "apply");
    code = post_words(&rules, path.ptr, "", NULL, &doc);
    buf_release(&path);
    return code == EXIT_FINE ? show_answer(&rules, doc, false) : code;
}

int rules_rollback(int argc, char **argv)
{
    struct rules rules = {0};
    const char *verb = NULL;
    const char *to = NULL;
    const char *kind = "config";
    int64_t number = 0;
    const struct arg args[] = {
        {.name = "rollback", .text = &verb, .required = true},
        {.name = "VERSION", .text = &to, .required = true},
        {.name = "--kind", .text = &kind},
        {.name = "--by", .text = &rules.by},
        {.name = "--note", .text = &rules.note},
        {.name = "--lang", .text = &rules.lang},
        {.name = "--data", .text = &rules.data},
        {.name = "--json", .flag = &rules.json},
    };
    struct json_doc *doc = NULL;
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code == EXIT_FINE) {
        code = rules_begin(&rules);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    if (text_parse_i64(text_of(to), &number) != ERR_OK || number < 1) {
        return args_misuse("rules", "'%s' is no version; nrt rules history lists them", to);
    }
    struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    buf_string(&path, "/api/v1");
    api_segment(&path, kind);
    buf_string(&path, "/rollback");
    code = post_words(&rules, path.ptr, "to", to, &doc);
    buf_release(&path);
    return code == EXIT_FINE ? show_answer(&rules, doc, false) : code;
}

/* ---- drafts ---- */

static const char *state_words(const struct rules *rules, struct text state)
{
    static const struct {
        const char *state;
        const char *zh;
        const char *en;
    } states[] = {
        {"drafted", "待另一人批准", "waits for the approval of a second person"},
        {"approved", "已批准", "approved"},
        {"applied", "已应用", "applied"},
        {"withdrawn", "已撤回", "withdrawn"},
        {"stale", "已过时：其间另有版本生效", "stale: another version came into force"},
        {"failed", "应用失败", "failed"},
    };
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        if (text_is(state, states[i].state)) {
            return rules_say(rules, states[i].zh, states[i].en);
        }
    }
    return "?";
}

/* What it is now, and what comes next. */
static void say_draft(const struct rules *rules, const struct json_value *answer, const char *at)
{
    const struct text id = json_get_string(answer, "draft");
    const struct text state = json_get_string(answer, "state");
    printf(
        rules_say(rules, "草稿 %.*s：%s", "Draft %.*s: %s"), TEXT_ARGS(id),
        state_words(rules, state));
    if (at) {
        char time[24];
        const struct text shown = table_time(text_of(at), time);
        printf(rules_say(rules, "，将于 %.*s 应用", ", to be applied %.*s"), TEXT_ARGS(shown));
    }
    printf("%s\n", rules_say(rules, "。", "."));
    if (text_is(state, "drafted")) {
        printf(
            rules_say(
                rules,
                "影响：nrt rules preview --draft %.*s；批准：nrt rules approve %.*s --by 另一人\n",
                "What it does: nrt rules preview --draft %.*s; to approve it: nrt rules approve "
                "%.*s --by SOMEBODY-ELSE\n"),
            TEXT_ARGS(id), TEXT_ARGS(id));
    } else if (text_is(state, "approved") && !at) {
        printf(
            rules_say(
                rules, "应用：nrt rules apply --draft %.*s\n",
                "To apply it: nrt rules apply --draft %.*s\n"),
            TEXT_ARGS(id));
    }
}

static int show_draft(const struct rules *rules, struct json_doc *doc, const char *at)
{
    const struct json_value *root = json_root(doc);
    if (rules->json) {
        rules_print_json(root);
        json_free(doc);
        return EXIT_FINE;
    }
    const struct json_value *changes = json_get(root, "changes");
    rules_print_findings(json_get(root, "findings"));
    if (json_count(changes) > 0) {
        printf("%s\n", rules_say(rules, "改动：", "Changes:"));
        (void)rules_print_changes(rules, changes, "  ");
    }
    say_draft(rules, root, at);
    json_free(doc);
    return EXIT_FINE;
}

/* A body with the files of a former version: going back, where going back needs approval. */
static int open_version(const struct rules *rules, const char *version, struct json_out *out)
{
    struct buf path;
    struct json_doc *doc = NULL;
    buf_init(&path, PATH_BYTES_MAX);
    buf_string(&path, "/api/v1/config/versions");
    api_segment(&path, version);
    const int code = api_get_json(&rules->api, path.ptr, &doc);
    if (code == EXIT_FINE) {
        rules_open_words(rules, out);
        json_out_key(out, "files");
        json_out_value(out, json_get(json_root(doc), "files"));
        json_free(doc);
    }
    buf_release(&path);
    return code;
}

static int post_draft(const struct rules *rules, const char *version, struct json_doc **ret_doc)
{
    struct buf body;
    struct json_out out;
    int code = EXIT_FINE;
    buf_init(&body, BODY_BYTES_MAX);
    json_out_init(&out, &body);
    if (version) {
        code = open_version(rules, version, &out);
    } else if (!rules_open_body(rules, &out)) {
        code = EXIT_FOUND;
    }
    if (code == EXIT_FINE) {
        json_out_close(&out, '}');
        code = rules_send(rules, "POST", "/api/v1/drafts", &body, ret_doc);
    }
    buf_release(&body);
    return code;
}

int rules_draft(int argc, char **argv)
{
    struct rules rules = {0};
    const char *verb = NULL;
    const char *version = NULL;
    const struct arg args[] = {
        {.name = "draft", .text = &verb, .required = true},
        {.name = "--config", .text = &rules.config},
        {.name = "--version", .text = &version},
        {.name = "--by", .text = &rules.by},
        {.name = "--note", .text = &rules.note},
        {.name = "--lang", .text = &rules.lang},
        {.name = "--data", .text = &rules.data},
        {.name = "--json", .flag = &rules.json},
    };
    struct json_doc *doc = NULL;
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code == EXIT_FINE) {
        code = rules_begin(&rules);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    if (!rules.config == !version) {
        return args_misuse("rules", "draft takes --config DIR, or --version N to go back to");
    }
    code = post_draft(&rules, version, &doc);
    return code == EXIT_FINE ? show_draft(&rules, doc, NULL) : code;
}

/* approve and withdraw: one draft, one word. */
static int change_draft(int argc, char **argv, const char *what, bool takes_time)
{
    struct rules rules = {0};
    const char *verb = NULL;
    const char *id = NULL;
    const char *at = NULL;
    struct wall_ms instant;
    const struct arg args[] = {
        {.name = what, .text = &verb, .required = true},
        {.name = "DRAFT", .text = &id, .required = true},
        {.name = "--by", .text = &rules.by},
        {.name = "--note", .text = &rules.note},
        {.name = "--lang", .text = &rules.lang},
        {.name = "--data", .text = &rules.data},
        {.name = "--json", .flag = &rules.json},
        {.name = "--at", .text = &at},
    };
    struct json_doc *doc = NULL;
    int code = args_read(argc, argv, args, COUNT_OF(args) - (takes_time ? 0 : 1));
    if (code == EXIT_FINE) {
        code = rules_begin(&rules);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    if (at && wall_parse(at, strlen(at), &instant) != ERR_OK) {
        return args_misuse(
            "rules", "--at: '%s' is not an instant such as 2026-03-01T00:00:00+08:00", at);
    }
    struct buf path;
    draft_path(&path, id, what);
    code = post_words(&rules, path.ptr, "apply_at", at, &doc);
    buf_release(&path);
    return code == EXIT_FINE ? show_draft(&rules, doc, at) : code;
}

int rules_approve(int argc, char **argv)
{
    return change_draft(argc, argv, "approve", true);
}

int rules_withdraw(int argc, char **argv)
{
    return change_draft(argc, argv, "withdraw", false);
}

int rules_drafts(int argc, char **argv)
{
    static const struct column columns[] = {
        {"DRAFT", "id", COLUMN_TEXT},
        {"STATE", "state", COLUMN_TEXT},
        {"MADE", "at", COLUMN_TIME},
        {"BY", "by", COLUMN_TEXT},
        {"APPROVED", "approved_by", COLUMN_TEXT},
        {"APPLY AT", "apply_at", COLUMN_TIME},
        {"VERSION", "version", COLUMN_TEXT},
        {"NOTE", "note", COLUMN_TEXT},
    };
    struct rules rules = {0};
    const char *verb = NULL;
    const struct arg args[] = {
        {.name = "drafts", .text = &verb, .required = true},
        {.name = "--lang", .text = &rules.lang},
        {.name = "--data", .text = &rules.data},
        {.name = "--json", .flag = &rules.json},
    };
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code == EXIT_FINE) {
        code = rules_begin(&rules);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    const struct list list = {
        .api = &rules.api,
        .path = "/api/v1/drafts",
        .columns = columns,
        .column_count = COUNT_OF(columns),
        .json = rules.json,
        .when_empty = rules_say(&rules, "没有草稿。", "No drafts."),
    };
    return list_print(&list);
}
