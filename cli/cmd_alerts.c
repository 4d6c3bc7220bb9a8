/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt alerts list`: who was told what. `nrt alerts why PERSON DATE`: what somebody got on a day,
 * what not, and why. The verbs that do something stand in alerts_act.c.
 */
#include <stdio.h>
#include <string.h>

#include "cli/alerts_act.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/list.h"
#include "cli/rules.h"
#include "rules/calendar.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define PATH_BYTES_MAX  ((size_t)16 * 1024)

static const struct column alert_columns[] = {
    {"FIRED", "fired_at", COLUMN_TIME}, {"CASE", "case", COLUMN_TEXT},
    {"CLOCK", "clock", COLUMN_TEXT},    {"STAGE", "stage", COLUMN_TEXT},
    {"LIGHT", "light", COLUMN_TEXT},    {"STATUS", "status", COLUMN_TEXT},
    {"TO", "to", COLUMN_LIST},          {"MESSAGES", "messages", COLUMN_MESSAGES},
};

static int read_limit(const char *text, int64_t *ret_limit)
{
    if (text && (text_parse_i64(text_of(text), ret_limit) != ERR_OK || *ret_limit < 1)) {
        return args_misuse("alerts", "--limit must be a number from 1, not '%s'", text);
    }
    return EXIT_FINE;
}

static int list_alerts(int argc, char **argv)
{
    const char *verb = NULL;
    const char *unit = NULL;
    const char *case_id = NULL;
    const char *status = NULL;
    const char *limit_text = NULL;
    const char *data = NULL;
    int64_t limit = 50;
    bool json = false;
    const struct arg args[] = {
        {.name = "list", .text = &verb, .required = true},
        {.name = "--unit", .text = &unit},
        {.name = "--case", .text = &case_id},
        {.name = "--status", .text = &status},
        {.name = "--limit", .text = &limit_text},
        {.name = "--data", .text = &data},
        {.name = "--json", .flag = &json},
    };
    struct api api;
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code == EXIT_FINE) {
        code = read_limit(limit_text, &limit);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    buf_string(&path, "/api/v1/alerts");
    api_query(&path, "unit", unit);
    api_query(&path, "case", case_id);
    api_query(&path, "status", status);
    api_init(&api, "alerts", data);
    const struct list list = {
        .api = &api,
        .path = path.ptr,
        .columns = alert_columns,
        .column_count = COUNT_OF(alert_columns),
        .limit = limit,
        .json = json,
        .when_empty = "No alerts.",
    };
    code = list_print(&list);
    buf_release(&path);
    return code;
}

/* ---- why ---- */

static void show_why(const struct rules *rules, const struct json_value *answer)
{
    const char *key = rules->language == EXPLAIN_CHINESE ? "zh" : "en";
    const struct json_value *items = json_get(answer, "items");
    for (const struct json_value *item = json_first(items); item; item = json_next(item)) {
        struct buf clean;
        char time[24];
        const struct text at = table_time(json_get_string(item, "at"), time);
        buf_init(&clean, (size_t)64 * 1024);
        table_clean(json_get_string(json_get(item, "text"), key), &clean);
        printf("%.*s  %.*s\n", TEXT_ARGS(at), TEXT_ARGS(buf_view(&clean)));
        buf_release(&clean);
    }
    if (json_count(items) == 0) {
        printf(
            "%s\n",
            rules_say(rules, "这一天没有与其有关的提醒。", "No alert concerned them that day."));
    }
    if (json_is_true(json_get(answer, "cut"))) {
        printf("%s\n", rules_say(rules, "……还有更多，未列出。", "... and more."));
    }
}

static int tell_why(int argc, char **argv)
{
    struct rules rules = {.by = ""};
    const char *verb = NULL;
    const char *person = NULL;
    const char *date = NULL;
    const char *channel = NULL;
    struct civil_day day;
    const struct arg args[] = {
        {.name = "why", .text = &verb, .required = true},
        {.name = "PERSON", .text = &person, .required = true},
        {.name = "DATE", .text = &date, .required = true},
        {.name = "--channel", .text = &channel},
        {.name = "--lang", .text = &rules.lang},
        {.name = "--data", .text = &rules.data},
        {.name = "--json", .flag = &rules.json},
    };
    struct json_doc *doc = NULL;
    struct buf path;
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code == EXIT_FINE) {
        code = rules_begin(&rules);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    if (civil_parse(text_of(date), &day) != ERR_OK) {
        return args_misuse("alerts", "'%s' is no date such as 2026-03-02", date);
    }
    api_init(&rules.api, "alerts", rules.data); /* whose name is before what it complains of */
    buf_init(&path, PATH_BYTES_MAX);
    buf_string(&path, "/api/v1/alerts/why");
    api_query(&path, "person", person);
    api_query(&path, "date", date);
    api_query(&path, "channel", channel);
    code = api_get_json(&rules.api, path.ptr, &doc);
    if (code == EXIT_FINE && rules.json) {
        rules_print_json(json_root(doc));
    } else if (code == EXIT_FINE) {
        show_why(&rules, json_root(doc));
    }
    json_free(doc);
    buf_release(&path);
    return code;
}

int cmd_alerts(int argc, char **argv)
{
    if (argc < 2) {
        return args_misuse("alerts", "say what: list, why, ack or retry");
    }
    if (strcmp(argv[1], "why") == 0) {
        return tell_why(argc, argv);
    }
    if (argv[1][0] == '-' || strcmp(argv[1], "list") == 0) {
        return list_alerts(argc, argv);
    }
    if (strcmp(argv[1], "ack") == 0) {
        return alerts_ack(argc, argv);
    }
    if (strcmp(argv[1], "retry") == 0) {
        return alerts_retry(argc, argv);
    }
    return args_misuse("alerts", "there is no '%s'; there are: list, why, ack, retry", argv[1]);
}
