/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt rules preview: what a configuration would change for the open cases and for the people who
 * are told: totals first, then days and people, then the list. Nothing is changed by it.
 */
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/job.h"
#include "cli/table.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define BODY_BYTES_MAX  ((size_t)64 << 20)
#define CELL_BYTES_MAX  ((size_t)4096)
#define LIMIT_DEFAULT   50
#define DAYS_MAX        366

struct preview {
    struct rules rules;
    const char *draft;
    const char *version;
    int64_t days;
    int64_t limit;
    bool keep; /* running clocks keep their version: no replan */
    struct table table;
    int64_t rows;
    struct buf items; /* with --json: the objects joined by ',' */
};

static int64_t number_of(const struct json_value *object, const char *key)
{
    int64_t number = 0;
    return json_i64(json_get(object, key), &number) == ERR_OK ? number : 0;
}

/* ---- totals ---- */

static void say_count(
    const struct preview *preview, const char *zh, const char *en, int64_t count, const char *rest)
{
    const char *words = rules_say(&preview->rules, zh, en);
    printf("  %s", words);
    for (size_t i = utf8_columns(text_of(words)); i < 36; i++) {
        putchar(' ');
    }
    printf("%lld%s\n", (long long)count, rest);
}

static const char *light_words(const struct preview *preview, struct text light)
{
    static const char *const words[][3] = {
        {"green", "绿", "green"}, {"yellow", "黄", "yellow"}, {"red", "红", "red"}};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (text_is(light, words[i][0])) {
            return rules_say(&preview->rules, words[i][1], words[i][2]);
        }
    }
    return "-";
}

/* "green_red" as "绿→红 2". */
static void put_light(
    const struct preview *preview, const struct json_value *member, struct buf *buf)
{
    const struct text key = json_key(member);
    const char *bar = memchr(key.ptr, '_', key.bytes);
    if (!bar) {
        return;
    }
    const struct text before = {key.ptr, (size_t)(bar - key.ptr)};
    const struct text after = {bar + 1, key.bytes - before.bytes - 1};
    int64_t count = 0;
    buf_string(buf, buf->bytes > 0 ? rules_say(&preview->rules, "，", ", ") : "");
    buf_format(
        buf, "%s → %s %lld", light_words(preview, before), light_words(preview, after),
        json_i64(member, &count) == ERR_OK ? (long long)count : 0);
}

static void show_lights(const struct preview *preview, const struct json_value *lights)
{
    struct buf rest;
    int64_t sum = 0;
    buf_init(&rest, CELL_BYTES_MAX);
    for (const struct json_value *item = json_first(lights); item; item = json_next(item)) {
        int64_t count = 0;
        sum += json_i64(item, &count) == ERR_OK ? count : 0;
        put_light(preview, item, &rest);
    }
    char brackets[CELL_BYTES_MAX + 16] = "";
    if (rest.bytes > 0) {
        (void)snprintf(
            brackets, sizeof(brackets), rules_say(&preview->rules, "（%s）", " (%s)"), rest.ptr);
    }
    say_count(preview, "亮灯改变", "light changes", sum, brackets);
    buf_release(&rest);
}

static void show_messages(const struct preview *preview, const struct json_value *totals)
{
    const struct json_value *messages = json_get(totals, "messages");
    const struct json_value *sms = json_get(totals, "sms");
    const char *words =
        rules_say(&preview->rules, "消息：现行 → 改后", "messages, before -> after");
    const char *arrow = rules_say(&preview->rules, "→", "->");
    printf("  %s", words);
    for (size_t i = utf8_columns(text_of(words)); i < 36; i++) {
        putchar(' ');
    }
    printf(
        "%lld %s %lld", (long long)number_of(messages, "before"), arrow,
        (long long)number_of(messages, "after"));
    printf(
        rules_say(&preview->rules, "（其中短信 %lld %s %lld）\n", " (SMS %lld %s %lld)\n"),
        (long long)number_of(sms, "before"), arrow, (long long)number_of(sms, "after"));
}

static void show_totals(const struct preview *preview, const struct json_value *totals)
{
    char split[96];
    (void)snprintf(
        split, sizeof(split),
        rules_say(&preview->rules, "（提前 %lld，推后 %lld）", " (earlier %lld, later %lld)"),
        (long long)number_of(totals, "due_earlier"), (long long)number_of(totals, "due_later"));
    say_count(preview, "在办事项", "open cases", number_of(totals, "cases"), "");
    say_count(preview, "其时限", "their clocks", number_of(totals, "runs"), "");
    say_count(preview, "截止时间改变", "due changes", number_of(totals, "due_changed"), split);
    show_lights(preview, json_get(totals, "light_changed"));
    say_count(
        preview, "暂定变为确定", "provisional, now firm", number_of(totals, "provisional_now_firm"),
        "");
    say_count(
        preview, "仅因改动而超期", "missed only by the change",
        number_of(totals, "missed_only_by_change"), "");
    show_messages(preview, totals);
}

/* Days or people: whose key, before, after. */
static void show_counts(
    const struct json_value *list, const char *key, const char *const headings[static 3])
{
    struct table table;
    if (json_count(list) == 0) {
        return;
    }
    printf("\n");
    table_init(&table, headings, 3);
    for (const struct json_value *item = json_first(list); item; item = json_next(item)) {
        char number[24];
        table_cell(&table, json_get_string(item, key));
        (void)snprintf(number, sizeof(number), "%lld", (long long)number_of(item, "before"));
        table_cell(&table, text_of(number));
        (void)snprintf(number, sizeof(number), "%lld", (long long)number_of(item, "after"));
        table_cell(&table, text_of(number));
    }
    table_print(&table);
    table_release(&table);
}

/* ---- the list ---- */

static void put_due(struct preview *preview, const struct json_value *item, bool after)
{
    char time[24];
    char text[64];
    const struct text due = json_get_string(item, after ? "due_after" : "due_before");
    const bool provisional =
        json_is_true(json_get(item, after ? "provisional_after" : "provisional_before"));
    (void)snprintf(
        text, sizeof(text), "%.*s%s", TEXT_ARGS(table_time(due, time)),
        provisional ? rules_say(&preview->rules, "（暂定）", " (provisional)") : "");
    table_cell(&preview->table, text_of(due.bytes > 0 ? text : "-"));
}

static void put_lights(struct preview *preview, const struct json_value *item)
{
    char text[64];
    const struct text before = json_get_string(item, "light_before");
    const struct text after = json_get_string(item, "light_after");
    if (text_equal(before, after)) {
        (void)snprintf(text, sizeof(text), "%s", light_words(preview, after));
    } else {
        (void)snprintf(
            text, sizeof(text), "%s → %s", light_words(preview, before),
            light_words(preview, after));
    }
    table_cell(&preview->table, text_of(text));
}

/* "+2 -1": messages that are new and that go. */
static void put_messages(struct preview *preview, const struct json_value *messages)
{
    char text[64] = "";
    int added = 0;
    int gone = 0;
    int moved = 0;
    for (const struct json_value *item = json_first(messages); item; item = json_next(item)) {
        const struct text change = json_get_string(item, "change");
        added += text_is(change, "new");
        gone += text_is(change, "gone");
        moved += text_is(change, "moved");
    }
    size_t at = 0;
    const struct {
        const char *sign;
        int count;
    } parts[] = {{"+", added}, {"-", gone}, {"~", moved}};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (parts[i].count > 0) {
            at += (size_t)snprintf(
                text + at, sizeof(text) - at, "%s%s%d", at > 0 ? " " : "", parts[i].sign,
                parts[i].count);
        }
    }
    table_cell(&preview->table, text_of(text[0] ? text : "-"));
}

static void take_row(struct preview *preview, const struct json_value *item)
{
    char clock[160];
    const int64_t run = number_of(item, "run");
    table_cell(&preview->table, json_get_string(item, "case"));
    (void)snprintf(
        clock, sizeof(clock), run > 1 ? "%.*s #%lld" : "%.*s",
        TEXT_ARGS(json_get_string(item, "clock")), (long long)run);
    table_cell(&preview->table, text_of(clock));
    put_due(preview, item, false);
    put_due(preview, item, true);
    put_lights(preview, item);
    put_messages(preview, json_get(item, "messages"));
    table_cell(
        &preview->table,
        text_of(
            json_is_true(json_get(item, "missed_only_by_change"))
                ? rules_say(&preview->rules, "仅因改动而超期", "missed only by the change")
                : ""));
    table_cell(&preview->table, json_get_string(item, "title"));
}

static void take_item(void *context, const struct json_value *item)
{
    struct preview *preview = context;
    preview->rows++;
    if (preview->rules.json) {
        struct json_out out;
        buf_string(&preview->items, preview->items.bytes > 0 ? "," : "");
        json_out_init(&out, &preview->items);
        json_out_value(&out, item);
    } else {
        take_row(preview, item);
    }
}

static void start_table(struct preview *preview)
{
    const char *headings[] = {
        rules_say(&preview->rules, "事项", "CASE"),
        rules_say(&preview->rules, "时限", "CLOCK"),
        rules_say(&preview->rules, "现截止", "DUE BEFORE"),
        rules_say(&preview->rules, "改后截止", "DUE AFTER"),
        rules_say(&preview->rules, "亮灯", "LIGHT"),
        rules_say(&preview->rules, "消息", "MESSAGES"),
        rules_say(&preview->rules, "注意", "NOTE"),
        rules_say(&preview->rules, "标题", "TITLE"),
    };
    table_init(&preview->table, headings, COUNT_OF(headings));
}

/* ---- showing ---- */

static void show_json(
    const struct preview *preview, struct text job, const struct json_value *totals)
{
    struct buf text;
    struct json_out out;
    buf_init(&text, RULES_ANSWER_BYTES_MAX);
    json_out_init(&out, &text);
    json_out_open(&out, '{');
    json_out_member(&out, "job", job);
    json_out_key(&out, "totals");
    json_out_value(&out, totals);
    json_out_key(&out, "items");
    json_out_open(&out, '[');
    json_out_raw(&out, buf_view(&preview->items));
    json_out_close(&out, ']');
    json_out_close(&out, '}');
    printf("%.*s\n", TEXT_ARGS(buf_view(&text)));
    buf_release(&text);
}

static void show_all(struct preview *preview, const struct json_value *totals)
{
    const struct rules *rules = &preview->rules;
    const char *const days[] = {
        rules_say(rules, "日期", "DATE"), rules_say(rules, "现行", "BEFORE"),
        rules_say(rules, "改后", "AFTER")};
    const char *const people[] = {
        rules_say(rules, "人员", "PERSON"), rules_say(rules, "现行", "BEFORE"),
        rules_say(rules, "改后", "AFTER")};
    printf(
        rules_say(
            rules, "预演今后 %lld 天，%s（未作任何改动）：\n",
            "Preview of %lld days, %s (nothing was changed):\n"),
        (long long)preview->days,
        preview->keep ? rules_say(rules, "在办时限沿用原版本", "running clocks keep their version")
                      : rules_say(rules, "在办时限改按新规则", "running clocks replanned"));
    show_totals(preview, totals);
    show_counts(json_get(totals, "by_day"), "date", days);
    show_counts(json_get(totals, "people"), "person", people);
    if (preview->rows > 0) {
        printf("\n");
        table_print(&preview->table);
        printf(
            "%s\n", rules_say(
                        rules, "消息：+ 新增，- 取消，~ 改时间。",
                        "Messages: + new, - gone, ~ at another time."));
    }
    if (preview->limit > 0 && preview->rows >= preview->limit) {
        printf(
            rules_say(
                rules, "只列前 %lld 行；--limit 0 列出全部。\n",
                "Only the first %lld rows; --limit 0 lists them all.\n"),
            (long long)preview->limit);
    }
}

/* ---- asking ---- */

/* The newest version's number, so that a preview without words is that of a replan. */
static int newest_version(const struct rules *rules, int64_t *ret_version)
{
    struct json_doc *doc = NULL;
    const int code = api_get_json(&rules->api, "/api/v1/config/versions?limit=1", &doc);
    if (code == EXIT_FINE) {
        *ret_version = number_of(json_first(json_get(json_root(doc), "items")), "version");
        json_free(doc);
    }
    return code;
}

static int put_what(struct preview *preview, struct json_out *out)
{
    int64_t version = 0;
    int code = EXIT_FINE;
    if (preview->rules.config) {
        return rules_open_body(&preview->rules, out) ? EXIT_FINE : EXIT_FOUND;
    }
    rules_open_words(&preview->rules, out);
    if (preview->draft) {
        json_out_member(out, "draft", text_of(preview->draft));
        return EXIT_FINE;
    }
    if (!preview->version) {
        code = newest_version(&preview->rules, &version);
    } else if (text_parse_i64(text_of(preview->version), &version) != ERR_OK) {
        code = args_misuse("rules", "--version: '%s' is not a number", preview->version);
    }
    json_out_member_i64(out, "version", version);
    return code;
}

static int begin_job(struct preview *preview, struct json_doc **ret_doc)
{
    struct buf body;
    struct json_out out;
    buf_init(&body, BODY_BYTES_MAX);
    json_out_init(&out, &body);
    int code = put_what(preview, &out);
    if (code == EXIT_FINE) {
        json_out_member_i64(&out, "days", preview->days);
        json_out_key(&out, "replan");
        json_out_bool(&out, !preview->keep);
        json_out_close(&out, '}');
        code = rules_send(&preview->rules, "POST", "/api/v1/config/preview", &body, ret_doc);
    }
    buf_release(&body);
    return code;
}

static int run(struct preview *preview)
{
    struct json_doc *begun = NULL;
    struct json_doc *done = NULL;
    int code = begin_job(preview, &begun);
    if (code != EXIT_FINE) {
        return code;
    }
    const struct text job = json_get_string(json_root(begun), "job");
    code = job_wait(&preview->rules, job, "preview", &done);
    if (code == EXIT_FINE) {
        const struct json_value *totals = json_get(json_root(done), "totals");
        code = job_items(&preview->rules, job, preview->limit, take_item, preview);
        if (code == EXIT_FINE && preview->rules.json) {
            show_json(preview, job, totals);
        } else if (code == EXIT_FINE) {
            show_all(preview, totals);
        }
    }
    json_free(done);
    json_free(begun);
    return code;
}

static int read_number(
    const char *option, const char *text, int64_t least, int64_t most, int64_t *ret_number)
{
    int64_t number = 0;
    if (!text) {
        return EXIT_FINE;
    }
    if (text_parse_i64(text_of(text), &number) != ERR_OK || number < least || number > most) {
        return args_misuse(
            "rules", "%s must be %lld to %lld, not '%s'", option, (long long)least, (long long)most,
            text);
    }
    *ret_number = number;
    return EXIT_FINE;
}

int rules_preview(int argc, char **argv)
{
    struct preview preview = {.days = 30, .limit = LIMIT_DEFAULT};
    struct rules *rules = &preview.rules;
    const char *verb = NULL;
    const char *days = NULL;
    const char *limit = NULL;
    const struct arg args[] = {
        {.name = "preview", .text = &verb, .required = true},
        {.name = "--config", .text = &rules->config},
        {.name = "--draft", .text = &preview.draft},
        {.name = "--version", .text = &preview.version},
        {.name = "--days", .text = &days},
        {.name = "--limit", .text = &limit},
        {.name = "--no-replan", .flag = &preview.keep},
        {.name = "--lang", .text = &rules->lang},
        {.name = "--data", .text = &rules->data},
        {.name = "--json", .flag = &rules->json},
    };
    int code = args_read(argc, argv, args, COUNT_OF(args));
    code = code == EXIT_FINE ? read_number("--days", days, 1, DAYS_MAX, &preview.days) : code;
    code = code == EXIT_FINE ? read_number("--limit", limit, 0, INT32_MAX, &preview.limit) : code;
    code = code == EXIT_FINE ? rules_begin(rules) : code;
    if (code != EXIT_FINE) {
        return code;
    }
    if ((rules->config != NULL) + (preview.draft != NULL) + (preview.version != NULL) > 1) {
        return args_misuse("rules", "preview takes one of --config, --draft and --version");
    }
    if (rules->json && !limit) {
        preview.limit = 0;
    }
    buf_init(&preview.items, RULES_ANSWER_BYTES_MAX);
    start_table(&preview);
    code = run(&preview);
    table_release(&preview.table);
    buf_release(&preview.items);
    return code;
}
