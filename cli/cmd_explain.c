/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt explain CASE [CLOCK]`: why each due of a case is what it is. The console has it explained
 * by the code that computes dues; here it is only shown.
 */
#include <stdio.h>
#include <string.h>

#include "cli/api.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/table.h"
#include "config/explain_text.h"

#define COMMAND         "explain"
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define PATH_BYTES_MAX  ((size_t)16 * 1024)

struct words {
    const char *id;
    const char *clock;
    const char *language;
    bool json;
};

static void print_json(const struct json_value *answer)
{
    struct buf text;
    struct json_out out;
    buf_init(&text, API_ANSWER_BYTES_MAX);
    json_out_init(&out, &text);
    json_out_value(&out, answer);
    printf("%.*s\n", TEXT_ARGS(buf_view(&text)));
    buf_release(&text);
}

/* Line by line, because what is no letter is cleaned away. */
static void print_lines(struct text text)
{
    struct buf clean;
    buf_init(&clean, API_ANSWER_BYTES_MAX);
    while (text.bytes > 0) {
        const char *end = memchr(text.ptr, '\n', text.bytes);
        const size_t line_bytes = end ? (size_t)(end - text.ptr) : text.bytes;
        const size_t taken = line_bytes + (end ? 1 : 0);
        buf_clear(&clean);
        table_clean((struct text){.ptr = text.ptr, .bytes = line_bytes}, &clean);
        printf("%.*s\n", TEXT_ARGS(buf_view(&clean)));
        text.ptr += taken;
        text.bytes -= taken;
    }
    buf_release(&clean);
}

/* One clock after the other, an empty line between them. */
static int print_text(const struct words *words, const struct json_value *answer)
{
    const struct json_value *clocks = json_get(answer, "clocks");
    if (json_count(clocks) == 0 && words->clock) {
        return args_fail(
            EXIT_FOUND, COMMAND, "no clock '%s' has started in this case", words->clock);
    }
    if (json_count(clocks) == 0) {
        printf("No clock has started in this case.\n");
    }
    for (const struct json_value *clock = json_first(clocks); clock; clock = json_next(clock)) {
        printf("%s", clock == json_first(clocks) ? "" : "\n");
        print_lines(json_get_string(json_get(clock, "text"), words->language));
    }
    return EXIT_FINE;
}

static int explain(const struct api *api, const struct words *words)
{
    struct buf path;
    struct json_doc *doc = NULL;
    buf_init(&path, PATH_BYTES_MAX);
    buf_string(&path, "/api/v1/cases");
    api_segment(&path, words->id);
    buf_string(&path, "/explain");
    api_query(&path, "clock", words->clock);
    int code = api_get_json(api, path.ptr, &doc);
    buf_release(&path);
    if (code != EXIT_FINE) {
        return code;
    }
    if (words->json) {
        print_json(json_root(doc));
    } else {
        code = print_text(words, json_root(doc));
    }
    json_free(doc);
    return code;
}

int cmd_explain(int argc, char **argv)
{
    struct words words = {.language = "zh"};
    const char *data = NULL;
    enum explain_language language;
    struct api api;
    const struct arg args[] = {
        {.name = "CASE", .text = &words.id, .required = true},
        {.name = "CLOCK", .text = &words.clock},
        {.name = "--lang", .text = &words.language},
        {.name = "--data", .text = &data},
        {.name = "--json", .flag = &words.json},
    };
    const int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code != EXIT_FINE) {
        return code;
    }
    if (explain_language_parse(text_of(words.language), &language) != ERR_OK) {
        return args_misuse(COMMAND, "--lang must be zh or en, not '%s'", words.language);
    }
    api_init(&api, COMMAND, data);
    return explain(&api, &words);
}
