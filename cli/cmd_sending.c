/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt stop-sending`, `nrt resume-sending`, `nrt sending`: what goes out, and what is held back.
 * Stopping waits until every notifier has said that it knows.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/rules.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define SCOPE_BYTES     256
#define BODY_BYTES      ((size_t)16 * 1024)
#define KNOWN_WITHIN_MS ((int64_t)15 * 1000)
#define LOOK_MS         200

struct sending_words {
    struct rules rules;
    const char *channel;
    const char *unit;
    char scope[SCOPE_BYTES];
};

static int64_t number_of(const struct json_value *object, const char *key)
{
    int64_t number = 0;
    return json_i64(json_get(object, key), &number) == ERR_OK ? number : 0;
}

/* ---- showing ---- */

static void print_stop(const struct sending_words *words, const struct json_value *stop)
{
    const struct text note = json_get_string(stop, "note");
    printf(
        rules_say(
            &words->rules, "已停发：%.*s（%.*s，%.*s）%s%.*s\n",
            "stopped: %.*s (%.*s, %.*s)%s%.*s\n"),
        TEXT_ARGS(json_get_string(stop, "scope")), TEXT_ARGS(json_get_string(stop, "by")),
        TEXT_ARGS(json_get_string(stop, "at")), note.bytes > 0 ? ": " : "", TEXT_ARGS(note));
}

static void print_holds(const struct sending_words *words, const struct json_value *root)
{
    const struct json_value *brake = json_get(root, "brake");
    const struct json_value *watch = json_get(root, "watch");
    if (json_type(brake) == JSON_OBJECT) {
        printf(
            rules_say(
                &words->rules, "风暴制动：自 %.*s 起暂扣待放行（%.*s）。放行：nrt resume-sending\n",
                "storm brake: held for release since %.*s (%.*s). Release: nrt resume-sending\n"),
            TEXT_ARGS(json_get_string(brake, "since")),
            TEXT_ARGS(json_get_string(brake, "reason")));
    }
    if (json_type(watch) == JSON_OBJECT) {
        printf(
            rules_say(
                &words->rules, "清点中：至 %.*s（%.*s），已有 %lld 条\n",
                "being counted until %.*s (%.*s): %lld messages so far\n"),
            TEXT_ARGS(json_get_string(watch, "until")), TEXT_ARGS(json_get_string(watch, "reason")),
            (long long)number_of(watch, "messages"));
    }
}

static void print_state(const struct sending_words *words, const struct json_value *root)
{
    const struct json_value *stop = json_first(json_get(root, "stops"));
    const bool free = !stop && json_type(json_get(root, "brake")) != JSON_OBJECT &&
                      json_type(json_get(root, "watch")) != JSON_OBJECT;
    for (; stop; stop = json_next(stop)) {
        print_stop(words, stop);
    }
    print_holds(words, root);
    if (json_is_true(json_get(root, "unreadable"))) {
        printf(
            "%s", rules_say(
                      &words->rules, "发送控制数据损坏，已全部停发。恢复：nrt resume-sending\n",
                      "the sending control is damaged, so all sending is stopped. Resume: nrt "
                      "resume-sending\n"));
    } else if (free) {
        printf("%s", rules_say(&words->rules, "发送正常。\n", "sending as usual.\n"));
    }
}

static void show(const struct sending_words *words, const struct json_doc *doc)
{
    if (words->rules.json) {
        rules_print_json(json_root(doc));
    } else {
        print_state(words, json_root(doc));
    }
}

/* ---- changing ---- */

static bool all_know(const struct json_doc *doc)
{
    return number_of(json_root(doc), "notifiers_know") == number_of(json_root(doc), "notifiers");
}

/* Looks until every notifier knows; the newest answer takes the place of the one given. */
static int wait_until_known(const struct sending_words *words, struct json_doc **doc)
{
    const int64_t end_ms = clock_mono().ms + KNOWN_WITHIN_MS;
    while (!all_know(*doc) && clock_mono().ms < end_ms) {
        struct json_doc *next = NULL;
        (void)poll(NULL, 0, LOOK_MS);
        const int code = api_get_json(&words->rules.api, "/api/v1/sending", &next);
        if (code != EXIT_FINE) {
            return code;
        }
        json_free(*doc);
        *doc = next;
    }
    return EXIT_FINE;
}

static int change(const struct sending_words *words, const char *path)
{
    struct buf body;
    struct json_out out;
    struct json_doc *doc = NULL;
    buf_init(&body, BODY_BYTES);
    json_out_init(&out, &body);
    rules_open_words(&words->rules, &out);
    json_out_member(&out, "scope", text_of(words->scope));
    json_out_close(&out, '}');
    int code = rules_send(&words->rules, "POST", path, &body, &doc);
    buf_release(&body);
    if (code == EXIT_FINE) {
        code = wait_until_known(words, &doc);
    }
    if (code == EXIT_FINE) {
        show(words, doc);
    }
    if (code == EXIT_FINE && !all_know(doc)) {
        code = args_fail(
            EXIT_FOUND, words->rules.api.command,
            "written, but not every notifier has said so within %d s: look again with nrt sending",
            (int)(KNOWN_WITHIN_MS / 1000));
    }
    json_free(doc);
    return code;
}

static int read_words(int argc, char **argv, struct sending_words *words)
{
    const struct arg args[] = {
        {.name = "--channel", .text = &words->channel},
        {.name = "--unit", .text = &words->unit},
        {.name = "--by", .text = &words->rules.by},
        {.name = "--note", .text = &words->rules.note},
        {.name = "--lang", .text = &words->rules.lang},
        {.name = "--data", .text = &words->rules.data},
        {.name = "--json", .flag = &words->rules.json},
    };
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code == EXIT_FINE) {
        code = rules_begin(&words->rules);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    words->rules.api.command = argv[0];
    if (words->channel && words->unit) {
        return args_misuse(argv[0], "--channel or --unit, not both: say it twice");
    }
    (void)snprintf(
        words->scope, sizeof(words->scope), "%s%s",
        words->channel ? "channel:" : (words->unit ? "unit:" : "all"),
        words->channel ? words->channel : (words->unit ? words->unit : ""));
    return EXIT_FINE;
}

int cmd_stop_sending(int argc, char **argv)
{
    struct sending_words words = {0};
    const int code = read_words(argc, argv, &words);
    return code == EXIT_FINE ? change(&words, "/api/v1/sending/stop") : code;
}

int cmd_resume_sending(int argc, char **argv)
{
    struct sending_words words = {0};
    const int code = read_words(argc, argv, &words);
    return code == EXIT_FINE ? change(&words, "/api/v1/sending/resume") : code;
}

int cmd_sending(int argc, char **argv)
{
    struct sending_words words = {0};
    struct json_doc *doc = NULL;
    int code = read_words(argc, argv, &words);
    if (code == EXIT_FINE) {
        code = api_get_json(&words.rules.api, "/api/v1/sending", &doc);
    }
    if (code == EXIT_FINE) {
        show(&words, doc);
    }
    json_free(doc);
    return code;
}
