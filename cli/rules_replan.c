/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt rules replan: the clocks that run go by a version from now on, case by case, and it can be
 * taken back. Waits until the sweep is through.
 */
#include <stdio.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/job.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct replan {
    struct rules rules;
    const char *version;
    const char *undo;
    bool no_wait;
};

static void show(const struct replan *replan, struct text id, const struct json_value *job)
{
    const struct rules *rules = &replan->rules;
    int64_t total = 0;
    if (json_i64(json_get(job, "total"), &total) != ERR_OK) {
        total = 0;
    }
    if (!job) {
        printf(
            rules_say(
                rules, "重新计算 %.*s 已开始，后台进行。\n",
                "Replan %.*s has begun and goes on in the background.\n"),
            TEXT_ARGS(id));
    } else if (replan->undo) {
        printf(
            rules_say(
                rules, "已撤销 %s：%lld 件在办事项恢复原来的规则（%.*s）。\n",
                "%s is undone: %lld open cases go by their former rules again (%.*s).\n"),
            replan->undo, (long long)total, TEXT_ARGS(id));
    } else {
        printf(
            rules_say(
                rules,
                "已重新计算 %lld 件在办事项（%.*s）；nrt rules replan --undo %.*s 可撤销。\n",
                "%lld open cases are replanned (%.*s); nrt rules replan --undo %.*s takes it "
                "back.\n"),
            (long long)total, TEXT_ARGS(id), TEXT_ARGS(id));
    }
}

static int begin(const struct replan *replan, struct json_doc **ret_doc)
{
    struct buf body;
    struct json_out out;
    int64_t version = 0;
    buf_init(&body, 65536);
    json_out_init(&out, &body);
    rules_open_words(&replan->rules, &out);
    if (replan->undo) {
        json_out_member(&out, "undo", text_of(replan->undo));
    }
    if (replan->version && text_parse_i64(text_of(replan->version), &version) == ERR_OK) {
        json_out_member_i64(&out, "version", version);
    }
    json_out_close(&out, '}');
    const int code = rules_send(&replan->rules, "POST", "/api/v1/rules/replan", &body, ret_doc);
    buf_release(&body);
    return code;
}

static int run(const struct replan *replan)
{
    struct json_doc *begun = NULL;
    struct json_doc *done = NULL;
    int code = begin(replan, &begun);
    if (code != EXIT_FINE) {
        return code;
    }
    const struct json_value *root = json_root(begun);
    const struct text id = json_get_string(root, "replan");
    if (!replan->no_wait) {
        code = job_wait(&replan->rules, json_get_string(root, "job"), "replan", &done);
    }
    const struct json_value *job = done ? json_root(done) : NULL;
    if (code == EXIT_FINE && replan->rules.json) {
        rules_print_json(job ? job : root);
    } else if (code == EXIT_FINE) {
        show(replan, id, job);
    }
    json_free(done);
    json_free(begun);
    return code;
}

int rules_replan(int argc, char **argv)
{
    struct replan replan = {0};
    struct rules *rules = &replan.rules;
    const char *verb = NULL;
    int64_t number = 0;
    const struct arg args[] = {
        {.name = "replan", .text = &verb, .required = true},
        {.name = "--version", .text = &replan.version},
        {.name = "--undo", .text = &replan.undo},
        {.name = "--no-wait", .flag = &replan.no_wait},
        {.name = "--by", .text = &rules->by},
        {.name = "--note", .text = &rules->note},
        {.name = "--lang", .text = &rules->lang},
        {.name = "--data", .text = &rules->data},
        {.name = "--json", .flag = &rules->json},
    };
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code == EXIT_FINE) {
        code = rules_begin(rules);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    if (replan.version && replan.undo) {
        return args_misuse("rules", "replan takes --version or --undo, not both");
    }
    if (replan.version &&
        (text_parse_i64(text_of(replan.version), &number) != ERR_OK || number < 1)) {
        return args_misuse("rules", "--version: '%s' is not a number", replan.version);
    }
    return run(&replan);
}
