/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt calendar add|explain START DURATION, between START END, show YEAR: the what-if calculator for
 * limits, on the shipped national calendar or one of the user's; import FILE is in
 * cli/calendar_import.c. Needs nothing running. Counts as a clock with default keys would: a limit
 * in calendar days that ends on a day off moves to the next working day.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/args.h"
#include "cli/calendar_import.h"
#include "cli/calendar_show.h"
#include "cli/commands.h"
#include "cli/complain.h"
#include "cli/table.h"
#include "config/explain_text.h"
#include "config/policy.h"
#include "rules/duration.h"
#include "rules/explain.h"

#define COMMAND        "calendar"
#define TEXT_BYTES_MAX ((size_t)64 * 1024 * 1024)

struct words {
    const char *verb;
    const char *first;
    const char *second;
    const char *calendar;
    const char *late_arrival;
    const char *roll;
    const char *language;
    bool json;
};

/* How the days are counted, as the keys of a clock say it. */
static int options_read(const struct words *words, struct count_options *ret_options)
{
    const char *late = words->late_arrival ? words->late_arrival : "same_day";
    const char *roll = words->roll ? words->roll : "next_working_day";
    *ret_options = (struct count_options){
        .late_arrival_next_working_day = strcmp(late, "next_working_day") == 0,
        .roll_next_working_day = strcmp(roll, "next_working_day") == 0,
    };
    if (!ret_options->late_arrival_next_working_day && strcmp(late, "same_day") != 0) {
        return args_misuse(
            COMMAND, "--late-arrival must be same_day or next_working_day, not '%s'", late);
    }
    if (!ret_options->roll_next_working_day && strcmp(roll, "none") != 0) {
        return args_misuse(COMMAND, "--roll must be next_working_day or none, not '%s'", roll);
    }
    return EXIT_FINE;
}

static int parse_instant(const char *word, struct wall_ms *ret_at)
{
    if (wall_parse(word, strlen(word), ret_at) != ERR_OK) {
        return args_misuse(
            COMMAND, "expected a time such as 2026-02-13T10:00:00+08:00, got '%s'", word);
    }
    return EXIT_FINE;
}

static int write_out(struct buf *buf)
{
    buf_char(buf, '\n');
    const bool wrote = buf_error(buf) == ERR_OK &&
                       fwrite(buf->ptr, 1, buf->bytes, stdout) == buf->bytes && fflush(stdout) == 0;
    buf_release(buf);
    return wrote ? EXIT_FINE : args_fail(EXIT_FOUND, COMMAND, "cannot write the result");
}

static int print_added(
    const struct words *words, const struct calendar *calendar, const struct counted *counted)
{
    char text[WALL_TEXT_BYTES];
    struct buf buf;
    struct json_out out;
    buf_init(&buf, 1024);
    json_out_init(&out, &buf);
    (void)calendar_format(calendar, counted->at, text);
    if (!words->json) {
        buf_string(&buf, text);
        if (counted->provisional) {
            (void)fprintf(
                stderr,
                "nrt calendar: provisional: the calendar has no official days after %" PRId32 "\n",
                calendar_official_until(calendar));
        }
        return write_out(&buf);
    }
    json_out_open(&out, '{');
    json_out_member(&out, "at", text_of(text));
    json_out_key(&out, "provisional");
    json_out_bool(&out, counted->provisional);
    json_out_close(&out, '}');
    return write_out(&buf);
}

static int question_read(
    const struct words *words,
    const struct calendar *calendar,
    struct count_options *options,
    struct duration_question *ret_question)
{
    struct err_why why = {0};
    int code = parse_instant(words->first, &ret_question->start);
    if (code == EXIT_FINE) {
        code = options_read(words, options);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    if (duration_parse(text_of(words->second), &ret_question->duration, &why) != ERR_OK) {
        return args_misuse(COMMAND, "'%s': %s", words->second, why.text);
    }
    ret_question->calendar = calendar;
    ret_question->options = options;
    return EXIT_FINE;
}

static int no_such_instant(void)
{
    return args_fail(
        EXIT_FOUND, COMMAND,
        "no such instant: it lies beyond the year 9999, or the calendar has no working day "
        "for 20 years");
}

static int add(const struct words *words, const struct calendar *calendar)
{
    struct duration_question question;
    struct count_options options;
    struct counted counted;
    const int code = question_read(words, calendar, &options, &question);
    if (code != EXIT_FINE) {
        return code;
    }
    if (duration_after(calendar, question.start, question.duration, &options, &counted) != ERR_OK) {
        return no_such_instant();
    }
    return print_added(words, calendar, &counted);
}

/* ---- explain ---- */

static int print_explained(
    const struct words *words,
    const struct explanation *explanation,
    enum explain_language language)
{
    struct buf buf;
    struct json_out out;
    buf_init(&buf, TEXT_BYTES_MAX);
    if (words->json) {
        json_out_init(&out, &buf);
        json_out_open(&out, '{');
        explain_write_members(explanation, &out);
        json_out_close(&out, '}');
    } else {
        explain_write_text(explanation, language, &buf);
        buf_cut(&buf, buf.bytes - 1); /* write_out() ends the last line */
    }
    return write_out(&buf);
}

static int explain(const struct words *words, const struct calendar *calendar)
{
    struct duration_question question;
    struct count_options options;
    struct explanation explanation;
    struct arena arena;
    enum explain_language language = EXPLAIN_CHINESE;
    int code = question_read(words, calendar, &options, &question);
    if (code != EXIT_FINE) {
        return code;
    }
    if (words->language && explain_language_parse(text_of(words->language), &language) != ERR_OK) {
        return args_misuse(COMMAND, "--lang must be zh or en, not '%s'", words->language);
    }
    arena_init(&arena, 0);
    const enum err err = explain_duration(&question, &arena, &explanation);
    if (err == ERR_OK) {
        code = print_explained(words, &explanation, language);
    } else if (err == ERR_RANGE) {
        code = no_such_instant();
    } else {
        code = args_fail(
            EXIT_FOUND, COMMAND, "more than %d lines: ask for a shorter duration",
            EXPLAIN_LINES_MAX);
    }
    arena_release(&arena);
    return code;
}

static int between(const struct words *words, const struct calendar *calendar)
{
    struct wall_ms from;
    struct wall_ms to;
    struct buf buf;
    struct json_out out;
    int code = parse_instant(words->first, &from);
    if (code == EXIT_FINE) {
        code = parse_instant(words->second, &to);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    if (to.ms < from.ms) {
        return args_misuse(COMMAND, "END lies before START");
    }
    const struct between counts = calendar_between(calendar, from, to);
    buf_init(&buf, 1024);
    json_out_init(&out, &buf);
    json_out_open(&out, '{');
    json_out_member_i64(&out, "working_days", counts.working_days);
    json_out_member_i64(&out, "working_seconds", counts.working_seconds);
    json_out_member_i64(&out, "calendar_days", counts.calendar_days);
    json_out_close(&out, '}');
    return write_out(&buf);
}

/* ---- show ---- */

static int show(const struct words *words, const struct calendar *calendar)
{
    struct buf buf;
    int64_t year = 0;
    struct calendar_view view = {
        .calendar = calendar, .language = EXPLAIN_CHINESE, .colours = table_colours()};
    if (text_parse_i64(text_of(words->first), &year) != ERR_OK || year < 1970 || year > 9998) {
        return args_misuse(COMMAND, "expected a year such as 2026, got '%s'", words->first);
    }
    if (words->language &&
        explain_language_parse(text_of(words->language), &view.language) != ERR_OK) {
        return args_misuse(COMMAND, "--lang must be zh or en, not '%s'", words->language);
    }
    view.year = (int32_t)year;
    buf_init(&buf, TEXT_BYTES_MAX);
    if (words->json) {
        calendar_show_json(&view, &buf);
    } else {
        calendar_show_text(&view, &buf);
        buf_cut(&buf, buf.bytes - 1); /* write_out() ends the last line */
    }
    return write_out(&buf);
}

typedef int verb_fn(const struct words *words, const struct calendar *calendar);

static verb_fn *find_verb(const char *word)
{
    if (strcmp(word, "add") == 0) {
        return add;
    }
    if (strcmp(word, "explain") == 0) {
        return explain;
    }
    if (strcmp(word, "show") == 0) {
        return show;
    }
    return strcmp(word, "between") == 0 ? between : NULL;
}

static int words_read(int argc, char **argv, struct words *words)
{
    const struct arg args[] = {
        {.name = "add|explain|between|show|import", .text = &words->verb, .required = true},
        {.name = "START|YEAR", .text = &words->first, .required = true},
        {.name = "DURATION|END", .text = &words->second},
        {.name = "--calendar", .text = &words->calendar},
        {.name = "--late-arrival", .text = &words->late_arrival},
        {.name = "--roll", .text = &words->roll},
        {.name = "--lang", .text = &words->language},
        {.name = "--json", .flag = &words->json},
    };
    return args_read(argc, argv, args, sizeof args / sizeof args[0]);
}

int cmd_calendar(int argc, char **argv)
{
    static const char *const verbs[] = {"add", "explain", "between", "show", "import"};
    struct words words = {0};
    if (argc > 1 && strcmp(argv[1], "import") == 0) {
        return calendar_import(argc, argv);
    }
    int code = words_read(argc, argv, &words);
    if (code != EXIT_FINE) {
        return code;
    }
    verb_fn *verb = find_verb(words.verb);
    if (!verb) {
        const char *nearest = args_nearest(words.verb, verbs, sizeof verbs / sizeof verbs[0]);
        return args_misuse(
            COMMAND, "unknown word '%s'; did you mean '%s'?", words.verb,
            nearest ? nearest : "add', 'explain', 'between', 'show' or 'import");
    }
    if (verb == show && words.second) {
        return args_misuse(COMMAND, "show takes one YEAR, and no '%s'", words.second);
    }
    if (verb != show && !words.second) {
        return args_misuse(COMMAND, "%s needs START and then DURATION or END", words.verb);
    }
    struct report report;
    report_init(&report);
    const struct bundle_files files = {.calendar = words.calendar};
    struct bundle *bundle = bundle_load_files(&files, &report);
    complain_report(&report);
    code = bundle ? verb(&words, bundle->policy.calendar) : EXIT_FOUND;
    bundle_free(bundle);
    report_release(&report);
    return code;
}
