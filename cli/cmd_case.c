/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt case add|show|list|event`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/list.h"
#include "cli/send_event.h"
#include "rules/event.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define PATH_BYTES_MAX  ((size_t)16 * 1024)
#define DATA_BYTES_MAX  ((size_t)64 * 1024)
#define LABELS_MAX      16
#define PAIRS_MAX       32

static const struct column case_columns[] = {
    {"CASE", "id", COLUMN_TEXT},         {"LIGHT", "light", COLUMN_TEXT},
    {"STATE", "state", COLUMN_TEXT},     {"UNIT", "unit_name", COLUMN_TEXT},
    {"HANDLER", "handler", COLUMN_TEXT}, {"UPDATED", "updated", COLUMN_TIME},
    {"TITLE", "title", COLUMN_TEXT},
};

static const struct column clock_columns[] = {
    {"CLOCK", "id", COLUMN_TEXT},        {"RUN", "run", COLUMN_TEXT},
    {"START", "start", COLUMN_TIME},     {"DUE", "due", COLUMN_TIME},
    {"OUTCOME", "outcome", COLUMN_TEXT}, {"STOPPED", "stopped", COLUMN_TIME},
    {"LIGHT", "light", COLUMN_TEXT},     {"LATE", "late_seconds", COLUMN_SECONDS},
};

static const struct column case_alert_columns[] = {
    {"FIRED", "fired_at", COLUMN_TIME}, {"CLOCK", "clock", COLUMN_TEXT},
    {"STAGE", "stage", COLUMN_TEXT},    {"LIGHT", "light", COLUMN_TEXT},
    {"STATUS", "status", COLUMN_TEXT},  {"MESSAGES", "messages", COLUMN_MESSAGES},
};

/* ---- show ---- */

static void print_field(const struct json_value *object, const char *name, const char *key)
{
    const struct column column = {.key = key, .kind = COLUMN_TEXT};
    struct buf raw;
    struct buf clean;
    buf_init(&raw, DATA_BYTES_MAX);
    buf_init(&clean, DATA_BYTES_MAX);
    list_cell(object, &column, &raw);
    table_clean(buf_view(&raw), &clean);
    if (clean.bytes > 0) {
        printf("%-9s %s\n", name, clean.ptr);
    }
    buf_release(&raw);
    buf_release(&clean);
}

/* What the columns of a clock do not say. */
static void print_remark(const struct json_value *clock, const char *words)
{
    int64_t run = 0;
    if (json_i64(json_get(clock, "run"), &run) != ERR_OK) {
        run = 1;
    }
    printf("%.*s, run %lld: %s", TEXT_ARGS(json_get_string(clock, "id")), (long long)run, words);
}

static void print_waiting(const struct json_value *clock)
{
    const struct json_value *units = json_get(clock, "waiting_for");
    if (json_count(units) == 0) {
        return;
    }
    print_remark(clock, "waits for ");
    for (const struct json_value *unit = json_first(units); unit; unit = json_next(unit)) {
        printf("%.*s%s", TEXT_ARGS(json_string(unit)), json_next(unit) ? ", " : "\n");
    }
}

static void print_remarks(const struct json_value *clocks)
{
    for (const struct json_value *clock = json_first(clocks); clock; clock = json_next(clock)) {
        const struct text appeal = json_get_string(clock, "appeal");
        if (json_is_true(json_get(clock, "caused_by_rule_change"))) {
            print_remark(clock, "missed only because the rules changed; does not count\n");
        }
        if (json_is_true(json_get(clock, "waived"))) {
            print_remark(clock, "waived; does not count\n");
        }
        if (text_is(appeal, "open") || text_is(appeal, "rejected")) {
            print_remark(
                clock, text_is(appeal, "open") ? "an appeal is open; still counts\n"
                                               : "the appeal was rejected; counts\n");
        }
        print_waiting(clock);
    }
}

static void print_case(const struct json_value *object)
{
    print_field(object, "case", "id");
    print_field(object, "title", "title");
    print_field(object, "unit", "unit_name");
    print_field(object, "handler", "handler");
    print_field(object, "matter", "matter");
    print_field(object, "state", "state");
    print_field(object, "light", "light");
    print_field(object, "created", "created");
    if (json_count(json_get(object, "clocks")) > 0) {
        putchar('\n');
        list_table(json_get(object, "clocks"), clock_columns, COUNT_OF(clock_columns));
        print_remarks(json_get(object, "clocks"));
    }
    if (json_count(json_get(object, "alerts")) > 0) {
        putchar('\n');
        list_table(json_get(object, "alerts"), case_alert_columns, COUNT_OF(case_alert_columns));
    }
}

static int show_case(const struct api *api, const char *id, const char *after, bool json)
{
    struct buf path;
    struct json_doc *doc = NULL;
    buf_init(&path, PATH_BYTES_MAX);
    buf_string(&path, "/api/v1/cases");
    api_segment(&path, id);
    api_query(&path, "after", after);
    const int code = api_get_json(api, path.ptr, &doc);
    buf_release(&path);
    if (code != EXIT_FINE) {
        return code;
    }
    if (json) {
        struct buf text;
        struct json_out out;
        buf_init(&text, API_ANSWER_BYTES_MAX);
        json_out_init(&out, &text);
        json_out_value(&out, json_root(doc));
        printf("%.*s\n", TEXT_ARGS(buf_view(&text)));
        buf_release(&text);
    } else {
        print_case(json_root(doc));
    }
    json_free(doc);
    return EXIT_FINE;
}

static int case_show(int argc, char **argv)
{
    const char *id = NULL;
    const char *data = NULL;
    bool json = false;
    const struct arg args[] = {
        {.name = "ID", .text = &id, .required = true},
        {.name = "--data", .text = &data},
        {.name = "--json", .flag = &json},
    };
    struct api api;
    const int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code != EXIT_FINE) {
        return code;
    }
    api_init(&api, "case", data);
    return show_case(&api, id, NULL, json);
}

/* ---- list ---- */

static int case_list(int argc, char **argv)
{
    const char *filters[6] = {NULL};
    static const char *const names[] = {"unit", "matter", "light", "state", "q", "sort"};
    const char *limit_text = NULL;
    const char *data = NULL;
    int64_t limit = 50;
    bool json = false;
    const struct arg args[] = {
        {.name = "--unit", .text = &filters[0]},  {.name = "--matter", .text = &filters[1]},
        {.name = "--light", .text = &filters[2]}, {.name = "--state", .text = &filters[3]},
        {.name = "--q", .text = &filters[4]},     {.name = "--sort", .text = &filters[5]},
        {.name = "--limit", .text = &limit_text}, {.name = "--data", .text = &data},
        {.name = "--json", .flag = &json},
    };
    struct api api;
    struct buf path;
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code != EXIT_FINE) {
        return code;
    }
    if (limit_text && (text_parse_i64(text_of(limit_text), &limit) != ERR_OK || limit < 1)) {
        return args_misuse("case", "--limit must be a number from 1, not '%s'", limit_text);
    }
    buf_init(&path, PATH_BYTES_MAX);
    buf_string(&path, "/api/v1/cases");
    for (size_t i = 0; i < COUNT_OF(filters); i++) {
        api_query(&path, names[i], filters[i]);
    }
    api_init(&api, "case", data);
    const struct list list = {
        .api = &api,
        .path = path.ptr,
        .columns = case_columns,
        .column_count = COUNT_OF(case_columns),
        .limit = limit,
        .json = json,
        .when_empty = "No cases.",
    };
    code = list_print(&list);
    buf_release(&path);
    return code;
}

/* ---- add ---- */

/* "C20261121-3fa94c1b": readable, and nobody else's. */
static void make_id(char id[static 32])
{
    uint8_t random[4];
    char date[WALL_TEXT_BYTES];
    crypto_random(random, sizeof(random));
    (void)wall_format(clock_system(), 8 * 3600, date);
    (void)snprintf(
        id, 32, "C%.4s%.2s%.2s-%02x%02x%02x%02x", date, date + 5, date + 8, random[0], random[1],
        random[2], random[3]);
}

/* "K=V"; false when there is no '='. */
static bool write_pair(struct json_out *out, const char *pair)
{
    char key[128];
    const char *equals = strchr(pair, '=');
    if (!equals || equals == pair || (size_t)(equals - pair) >= sizeof(key)) {
        return false;
    }
    (void)snprintf(key, sizeof(key), "%.*s", (int)(equals - pair), pair);
    json_out_member(out, key, text_of(equals + 1));
    return true;
}

/* Takes every "--label K=V" out of argv, because the reader of arguments keeps only the last. */
static int take_labels(int argc, char **argv, const char **labels, size_t *ret_count)
{
    int kept = 1;
    size_t count = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--label") == 0 && i + 1 < argc && count < LABELS_MAX) {
            labels[count++] = argv[++i];
        } else if (strncmp(argv[i], "--label=", 8) == 0 && count < LABELS_MAX) {
            labels[count++] = argv[i] + 8;
        } else {
            argv[kept++] = argv[i];
        }
    }
    *ret_count = count;
    return kept;
}

struct new_case {
    const char *id;
    const char *fields[7];
    const char *labels[LABELS_MAX];
    size_t label_count;
    const char *time;
};

static const char *const field_names[] = {"title",     "unit",   "handler", "matter",
                                          "from_unit", "number", "due"};

static int write_case(const struct new_case *new_case, struct buf *data)
{
    struct json_out out;
    json_out_init(&out, data);
    json_out_open(&out, '{');
    for (size_t i = 0; i < COUNT_OF(field_names); i++) {
        if (new_case->fields[i]) {
            json_out_member(&out, field_names[i], text_of(new_case->fields[i]));
        }
    }
    json_out_key(&out, "labels");
    json_out_open(&out, '{');
    for (size_t i = 0; i < new_case->label_count; i++) {
        if (!write_pair(&out, new_case->labels[i])) {
            return args_misuse("case", "--label takes KEY=VALUE, not '%s'", new_case->labels[i]);
        }
    }
    json_out_close(&out, '}');
    json_out_close(&out, '}');
    return EXIT_FINE;
}

static int add_case(const struct api *api, const struct new_case *new_case, bool json)
{
    char position[POSITION_BYTES] = "";
    struct buf data;
    buf_init(&data, DATA_BYTES_MAX);
    int code = write_case(new_case, &data);
    if (code == EXIT_FINE) {
        const struct event_words words = {
            .kind = "received",
            .subject = new_case->id,
            .time = new_case->time,
            .data = buf_view(&data),
        };
        code = send_event(api, &words, position);
    }
    buf_release(&data);
    return code == EXIT_FINE ? show_case(api, new_case->id, position, json) : code;
}

static int case_add(int argc, char **argv)
{
    struct new_case new_case = {.id = NULL};
    char made_id[32];
    const char *data = NULL;
    bool json = false;
    const int kept = take_labels(argc, argv, new_case.labels, &new_case.label_count);
    const struct arg args[] = {
        {.name = "ID", .text = &new_case.id},
        {.name = "--title", .text = &new_case.fields[0], .required = true},
        {.name = "--unit", .text = &new_case.fields[1], .required = true},
        {.name = "--handler", .text = &new_case.fields[2]},
        {.name = "--matter", .text = &new_case.fields[3]},
        {.name = "--from-unit", .text = &new_case.fields[4]},
        {.name = "--number", .text = &new_case.fields[5]},
        {.name = "--due", .text = &new_case.fields[6]},
        {.name = "--time", .text = &new_case.time},
        {.name = "--data", .text = &data},
        {.name = "--json", .flag = &json},
    };
    struct api api;
    const int code = args_read(kept, argv, args, COUNT_OF(args));
    if (code != EXIT_FINE) {
        return code;
    }
    if (!new_case.id) {
        make_id(made_id);
        new_case.id = made_id;
    }
    api_init(&api, "case", data);
    return add_case(&api, &new_case, json);
}

/* ---- event ---- */

static int unknown_kind(const char *kind)
{
    const char *names[EVENT_KIND_COUNT];
    size_t count = 0;
    for (int i = 0; i < EVENT_KIND_COUNT; i++) {
        const char *name = event_kind_name((enum event_kind)i);
        if (name) {
            names[count++] = name;
        }
    }
    const char *nearest = args_nearest(kind, names, count);
    return args_misuse(
        "case", "no kind of event is called '%s'%s%s%s; a kind of your own is written case.%s",
        kind, nearest ? ", did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "", kind);
}

/*
 * A bare word must be a kind that is known, so that a slip of the hand sends nothing; a kind that
 * only the rules name is written with its prefix.
 */
static int read_kind(const char *word, const char **ret_kind)
{
    static const char prefix[] = "case.";
    const size_t prefix_bytes = sizeof prefix - 1;
    const bool is_whole = strncmp(word, prefix, prefix_bytes) == 0 && word[prefix_bytes];
    if (!is_whole && event_kind_of(text_of(word)) == EVENT_OTHER) {
        return unknown_kind(word);
    }
    *ret_kind = is_whole ? word + prefix_bytes : word;
    return EXIT_FINE;
}

/* KEY=VALUE words become the event's data; what is left in argv is read as usual. */
static int take_pairs(int argc, char **argv, struct json_out *out)
{
    int kept = 1;
    bool value_follows = false;
    for (int i = 1; i < argc; i++) {
        const bool is_pair = argv[i][0] != '-' && !value_follows && kept > 2;
        value_follows =
            argv[i][0] == '-' && !strchr(argv[i], '=') && strcmp(argv[i], "--json") != 0;
        if (!is_pair || !write_pair(out, argv[i])) {
            argv[kept++] = argv[i];
        }
    }
    return kept;
}

static int case_event(int argc, char **argv)
{
    const char *id = NULL;
    const char *kind = NULL;
    const char *time = NULL;
    const char *data_folder = NULL;
    bool json = false;
    const struct arg args[] = {
        {.name = "ID", .text = &id, .required = true},
        {.name = "KIND", .text = &kind, .required = true},
        {.name = "--time", .text = &time},
        {.name = "--data", .text = &data_folder},
        {.name = "--json", .flag = &json},
    };
    struct api api;
    struct buf data;
    struct json_out out;
    char position[POSITION_BYTES] = "";
    buf_init(&data, DATA_BYTES_MAX);
    json_out_init(&out, &data);
    json_out_open(&out, '{');
    const int kept = take_pairs(argc, argv, &out);
    json_out_close(&out, '}');
    int code = args_read(kept, argv, args, COUNT_OF(args));
    if (code == EXIT_FINE) {
        code = read_kind(kind, &kind);
    }
    if (code == EXIT_FINE) {
        const struct event_words words = {
            .kind = kind, .subject = id, .time = time, .data = buf_view(&data)};
        api_init(&api, "case", data_folder);
        code = send_event(&api, &words, position);
    }
    if (code == EXIT_FINE) {
        code = show_case(&api, id, position, json);
    }
    buf_release(&data);
    return code;
}

/* ---- */

int cmd_case(int argc, char **argv)
{
    static const struct {
        const char *name;
        command_fn *run;
    } verbs[] = {
        {"add", case_add}, {"show", case_show}, {"list", case_list}, {"event", case_event}};
    const char *names[COUNT_OF(verbs)];
    if (argc < 2) {
        return args_misuse("case", "say what to do: add, show, list or event");
    }
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        names[i] = verbs[i].name;
        if (strcmp(argv[1], verbs[i].name) == 0) {
            argv[1] = argv[0];
            return verbs[i].run(argc - 1, argv + 1);
        }
    }
    const char *nearest = args_nearest(argv[1], names, COUNT_OF(names));
    return args_misuse(
        "case", "there is no '%s'%s%s", argv[1], nearest ? "; nearest: " : "",
        nearest ? nearest : "; there are add, show, list, event");
}
