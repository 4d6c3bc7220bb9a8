/* SPDX-License-Identifier: Apache-2.0 */
/* See tally.h. */
#include "tests/support/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/text.h"
#include "base/wall.h"

#define DIFFERENCES_MAX 10

void tally_init(struct tally *tally)
{
    *tally = (struct tally){0};
}

static void lines_release(char **lines, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        free(lines[index]);
    }
    free(lines);
}

void tally_release(struct tally *tally)
{
    lines_release(tally->alerts, tally->alert_count);
    lines_release(tally->runs, tally->run_count);
    tally_init(tally);
}

static void lines_add(char ***lines, size_t *count, size_t *capacity, struct buf *line)
{
    if (*count == *capacity) {
        *capacity = *capacity ? *capacity * 2 : 64;
        *lines = realloc(*lines, *capacity * sizeof(**lines));
        MUST(*lines);
    }
    size_t bytes;
    (*lines)[(*count)++] = buf_take(line, &bytes);
}

/* An instant as milliseconds whether it was written as RFC 3339 or as a number. */
static void add_instant(struct buf *line, const struct json_value *value)
{
    int64_t ms = -1;
    if (json_type(value) == JSON_STRING) {
        const struct text text = json_string(value);
        struct wall_ms at;
        MUST(!wall_parse(text.ptr, text.bytes, &at));
        ms = at.ms;
    } else if (json_type(value) == JSON_NUMBER) {
        MUST(!json_i64(value, &ms));
    }
    buf_format(line, " %lld", (long long)ms);
}

static void add_member(struct buf *line, const struct json_value *object, const char *key)
{
    const struct json_value *value = json_get(object, key);
    if (json_type(value) == JSON_NUMBER) {
        buf_format(line, " %lld", (long long)json_number(value));
    } else {
        buf_format(line, " %.*s", TEXT_ARGS(json_string(value)));
    }
}

static void add_alert(struct tally *tally, const struct json_value *alert)
{
    struct buf line;
    buf_init(&line, 65536);
    add_member(&line, alert, "case");
    add_member(&line, alert, "clock");
    add_member(&line, alert, "run");
    add_member(&line, alert, "stage");
    add_instant(&line, json_get(alert, "instant"));
    /* Live, a late event may show that an alert should not have fired: the simulation, which
     * fired it at the same moment on the same knowledge, does not look back. */
    if (text_is(json_get_string(alert, "status"), "overtaken")) {
        buf_string(&line, " fired");
    } else {
        add_member(&line, alert, "status");
    }
    add_member(&line, alert, "light");
    const struct json_value *person = json_first(json_get(alert, "to"));
    for (; person; person = json_next(person)) {
        buf_format(&line, " %.*s", TEXT_ARGS(json_string(person)));
    }
    lines_add(&tally->alerts, &tally->alert_count, &tally->bytes, &line);
}

static void add_run(struct tally *tally, struct text case_id, const struct json_value *run)
{
    struct buf line;
    buf_init(&line, 65536);
    buf_format(&line, " %.*s", TEXT_ARGS(case_id));
    add_member(&line, run, "clock");
    add_member(&line, run, "run");
    buf_char(&line, ':');
    add_instant(&line, json_get(run, "start"));
    add_instant(&line, json_get(run, "due"));
    add_member(&line, run, "outcome");
    add_instant(&line, json_get(run, "stopped"));
    lines_add(&tally->runs, &tally->run_count, &tally->run_bytes, &line);
}

void tally_add_line(struct tally *tally, const struct json_value *line)
{
    if (text_is(json_get_string(line, "type"), "alert")) {
        add_alert(tally, line);
    } else {
        add_run(tally, json_get_string(line, "case"), line);
    }
}

/* The case's runs told before are replaced as a whole. */
static void forget_runs(struct tally *tally, struct text case_id)
{
    char prefix[256];
    const int bytes = snprintf(prefix, sizeof(prefix), " %.*s ", TEXT_ARGS(case_id));
    size_t kept = 0;
    for (size_t index = 0; index < tally->run_count; index++) {
        if (strncmp(tally->runs[index], prefix, (size_t)bytes) == 0) {
            free(tally->runs[index]);
        } else {
            tally->runs[kept++] = tally->runs[index];
        }
    }
    tally->run_count = kept;
}

void tally_add_fact(struct tally *tally, const struct json_value *fact)
{
    const struct text kind = json_get_string(fact, "k");
    if (text_is(kind, "alert")) {
        add_alert(tally, fact);
        const double fired_at = json_number(json_get(fact, "fired_at"));
        tally->early_count += fired_at < json_number(json_get(fact, "instant"));
    } else if (text_is(kind, "case")) {
        const struct text case_id = json_get_string(fact, "id");
        forget_runs(tally, case_id);
        const struct json_value *run = json_first(json_get(fact, "runs"));
        for (; run; run = json_next(run)) {
            add_run(tally, case_id, run);
        }
    }
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void tally_sort(struct tally *tally)
{
    if (tally->alert_count) {
        qsort(tally->alerts, tally->alert_count, sizeof(char *), compare_lines);
    }
    if (tally->run_count) {
        qsort(tally->runs, tally->run_count, sizeof(char *), compare_lines);
    }
}

/* Bytes of " case clock run stage instant". */
static size_t identity_bytes(const char *alert)
{
    size_t bytes = 0;
    for (int words = 0; words < 6 && alert[bytes]; bytes++) {
        words += alert[bytes] == ' ';
    }
    return bytes;
}

bool tally_has_doubles(const struct tally *tally)
{
    for (size_t index = 1; index < tally->alert_count; index++) {
        const char *before = tally->alerts[index - 1];
        const size_t bytes = identity_bytes(before);
        if (strncmp(before, tally->alerts[index], bytes) == 0) {
            (void)fprintf(stderr, "twice:%s\n", before);
            return true;
        }
    }
    return false;
}

void tally_forget_alerts(struct tally *tally)
{
    lines_release(tally->alerts, tally->alert_count);
    tally->alerts = NULL;
    tally->alert_count = 0;
    tally->bytes = 0;
}

static bool lines_equal(char **expected, size_t expected_count, char **actual, size_t actual_count)
{
    size_t e = 0;
    size_t a = 0;
    size_t differences = 0;
    while ((e < expected_count || a < actual_count) && differences < DIFFERENCES_MAX) {
        const int order = e == expected_count ? 1
                          : a == actual_count ? -1
                                              : strcmp(expected[e], actual[a]);
        if (order == 0) {
            e++;
            a++;
            continue;
        }
        differences++;
        if (order < 0) {
            (void)fprintf(stderr, "missing:%s\n", expected[e++]);
        } else {
            (void)fprintf(stderr, "too many:%s\n", actual[a++]);
        }
    }
    return differences == 0;
}

bool tally_equal(const struct tally *expected, const struct tally *actual)
{
    const bool alerts =
        lines_equal(expected->alerts, expected->alert_count, actual->alerts, actual->alert_count);
    const bool runs =
        lines_equal(expected->runs, expected->run_count, actual->runs, actual->run_count);
    return alerts && runs;
}
