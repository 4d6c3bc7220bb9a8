/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of figures as they are read and shown: months as words, the orders of a table, JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/figure_table.h"

/* ---- months ---- */

bool figure_month_read(struct text text, int32_t *ret_month)
{
    int64_t year = 0;
    int64_t month = 0;
    if (text.bytes != 7 || text.ptr[4] != '-' ||
        text_parse_i64((struct text){text.ptr, 4}, &year) ||
        text_parse_i64((struct text){text.ptr + 5, 2}, &month) || year < 1970 || year > 2100 ||
        month < 1 || month > 12) {
        return false;
    }
    *ret_month = (int32_t)(year * 100 + month);
    return true;
}

const char *figure_month_text(int32_t month, char text[static FIGURE_MONTH_BYTES])
{
    (void)snprintf(
        text, FIGURE_MONTH_BYTES, "%04d-%02d", (int)(month / 100) % 10000, (int)(month % 100));
    return text;
}

int32_t figure_month_next(int32_t month, int32_t steps)
{
    const int32_t number = month / 100 * 12 + month % 100 - 1 + steps;
    return number / 12 * 100 + number % 12 + 1;
}

/* ---- sorting ---- */

enum sort_key {
    KEY_RANK,
    KEY_UNIT,
    KEY_ON_TIME,
    KEY_MET,
    KEY_MISSED,
    KEY_RECEIVED,
    KEY_ACCEPTED,
    KEY_COMPLETED,
    KEY_ACCEPTANCE,
    KEY_COMPLETION,
    KEY_RESOLUTION,
    KEY_SATISFACTION,
    KEY_HANDLING,
    KEY_OVERDUE,
    KEY_URGED,
    KEY_SCORE,
    KEY_COUNT
};

static struct figure_rate number(int64_t value)
{
    return (struct figure_rate){
        .known = true, .share = value > INT32_MAX ? INT32_MAX : (int32_t)value};
}

static struct figure_rate sort_value(const struct figure_line *line, enum sort_key key)
{
    switch (key) {
    case KEY_RANK:
        return (struct figure_rate){.known = line->rank > 0, .share = line->rank};
    case KEY_ON_TIME:
        return line->on_time;
    case KEY_MET:
        return number(line->sums.met);
    case KEY_MISSED:
        return number(line->sums.missed);
    case KEY_RECEIVED:
        return number(line->sums.received);
    case KEY_ACCEPTED:
        return number(line->sums.accepted);
    case KEY_COMPLETED:
        return number(line->sums.completed);
    case KEY_ACCEPTANCE:
        return line->acceptance;
    case KEY_COMPLETION:
        return line->completion;
    case KEY_RESOLUTION:
        return line->resolution;
    case KEY_SATISFACTION:
        return line->satisfaction;
    case KEY_HANDLING:
        return (struct figure_rate){
            .known = line->has_handling, .share = number(line->handling_s).share};
    case KEY_OVERDUE:
        return number(line->overdue_open);
    case KEY_URGED:
        return number(line->urged);
    case KEY_SCORE:
        return line->score;
    case KEY_UNIT:
    case KEY_COUNT:
        break;
    }
    return number(0); /* then the key decides */
}

struct sorting {
    const struct figure_line *line;
    enum sort_key key;
    bool descending;
};

/* What has no value comes last either way. */
static int by_sort_key(const void *a, const void *b)
{
    const struct sorting *left = a;
    const struct sorting *right = b;
    const struct figure_rate x = sort_value(left->line, left->key);
    const struct figure_rate y = sort_value(right->line, right->key);
    if (x.known != y.known) {
        return x.known ? -1 : 1;
    }
    int order = (x.share > y.share) - (x.share < y.share);
    if (order == 0 && left->key == KEY_UNIT) {
        order = text_compare(left->line->key, right->line->key);
    }
    order = left->descending ? -order : order;
    return order != 0 ? order : text_compare(left->line->key, right->line->key);
}

static bool key_read(struct text word, enum sort_key *ret_key)
{
    const char *words = FIGURE_SORTS;
    for (int key = 0; key < KEY_COUNT; key++) {
        const size_t bytes = strcspn(words, " ");
        if (text_equal(word, (struct text){.ptr = words, .bytes = bytes})) {
            *ret_key = (enum sort_key)key;
            return true;
        }
        words += bytes + (words[bytes] == ' ');
    }
    return false;
}

static bool sort_by(struct figure_table *table, enum sort_key key, bool descending)
{
    struct sorting *order = calloc(table->count + 1, sizeof(*order));
    struct figure_line *sorted = calloc(table->count + 1, sizeof(*sorted));
    if (order && sorted) {
        for (size_t index = 0; index < table->count; index++) {
            order[index] = (struct sorting){&table->items[index], key, descending};
        }
        qsort(order, table->count, sizeof(*order), by_sort_key);
        for (size_t index = 0; index < table->count; index++) {
            sorted[index] = *order[index].line;
        }
        memcpy(table->items, sorted, table->count * sizeof(*sorted));
    }
    const bool done = order && sorted;
    free(order);
    free(sorted);
    return done;
}

bool figure_table_sort(struct figure_table *table, struct text word)
{
    enum sort_key key = KEY_RANK;
    const bool descending = word.bytes > 0 && word.ptr[0] == '-';
    if (descending) {
        word = (struct text){.ptr = word.ptr + 1, .bytes = word.bytes - 1};
    }
    if (!key_read(word, &key)) {
        return false;
    }
    return table->count == 0 || sort_by(table, key, descending);
}

/* ---- as JSON ---- */

void figure_rate_member(struct json_out *out, const char *key, const struct figure_rate *rate)
{
    json_out_key(out, key);
    if (!rate->known) {
        json_out_null(out);
        return;
    }
    char text[32];
    const int32_t share = rate->share < 0 ? -rate->share : rate->share;
    (void)snprintf(
        text, sizeof(text), "%s%d.%04d", rate->share < 0 ? "-" : "", (int)(share / 10000),
        (int)(share % 10000));
    json_out_raw(out, text_of(text));
}

static void member_hundredths(struct json_out *out, const char *key, bool known, int64_t hundredths)
{
    json_out_key(out, key);
    if (!known) {
        json_out_null(out);
        return;
    }
    char text[48];
    (void)snprintf(
        text, sizeof(text), "%lld.%02lld", (long long)(hundredths / 100),
        (long long)(hundredths % 100));
    json_out_raw(out, text_of(text));
}

static int64_t hundredths_of_hours(int64_t seconds)
{
    return (seconds + 18) / 36;
}

double figure_hours(int64_t seconds)
{
    return (double)hundredths_of_hours(seconds) / 100;
}

void figure_line_members(struct json_out *out, const struct figure_line *line)
{
    json_out_member_i64(out, "met", line->sums.met);
    json_out_member_i64(out, "missed", line->sums.missed);
    figure_rate_member(out, "on_time_rate", &line->on_time);
    json_out_member_i64(out, "received", line->sums.received);
    json_out_member_i64(out, "accepted", line->sums.accepted);
    json_out_member_i64(out, "completed", line->sums.completed);
    figure_rate_member(out, "acceptance_rate", &line->acceptance);
    figure_rate_member(out, "completion_rate", &line->completion);
    json_out_member_i64(out, "handled", line->sums.handled);
    json_out_member_i64(out, "resolved", line->sums.resolved);
    figure_rate_member(out, "resolution_rate", &line->resolution);
    json_out_member_i64(out, "ratings", line->sums.ratings);
    json_out_member_i64(out, "satisfied", line->sums.satisfied);
    figure_rate_member(out, "satisfaction_rate", &line->satisfaction);
    member_hundredths(
        out, "mean_handling_hours", line->has_handling, hundredths_of_hours(line->handling_s));
    json_out_member_i64(out, "overdue_open", line->overdue_open);
    json_out_member_i64(out, "urged", line->urged);
    member_hundredths(out, "score", line->score.known, line->score.share);
}
