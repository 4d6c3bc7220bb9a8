/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines: sums over all units or months have null there; a rate has four digits.
 */
#include "rules/figures_lines.h"

#include <inttypes.h>

#include "rules/simulate_line.h"

struct lines {
    struct buf line;
    const struct policy *policy;
    simulation_write_fn *write;
    void *context;
};

static enum err end_line(struct lines *lines)
{
    buf_string(&lines->line, "}\n");
    const enum err err = buf_error(&lines->line);
    const enum err wrote =
        err == ERR_OK ? lines->write(lines->context, buf_view(&lines->line)) : err;
    buf_clear(&lines->line);
    return wrote;
}

static void put_or_null(struct lines *lines, const char *key, struct text value)
{
    if (value.bytes > 0) {
        line_member(&lines->line, key, value);
    } else {
        buf_format(&lines->line, ",%snull", key);
    }
}

static void put_rate(struct lines *lines, int32_t share)
{
    buf_format(
        &lines->line, ",\"rate\":%s%d.%04d", share < 0 ? "-" : "",
        (share < 0 ? -share : share) / 10000, (share < 0 ? -share : share) % 10000);
}

static void begin_figure(struct lines *lines, const char *figure, const struct figure_row *row)
{
    buf_format(&lines->line, "{\"type\":\"figure\",\"figure\":\"%s\"", figure);
    if (row->family.bytes > 0)
        line_member(&lines->line, "\"family\":", row->family);
    put_or_null(lines, "\"unit\":", row->unit);
    if (row->month > 0) {
        buf_format(&lines->line, ",\"month\":\"%04d-%02d\"", row->month / 100, row->month % 100);
    } else {
        buf_string(&lines->line, ",\"month\":null");
    }
}

/* A rate and what it was made of; nothing where there is nothing to divide by. */
struct rate {
    const char *figure;
    const char *part_key;
    const char *whole_key; /* met and missed: the whole is their sum */
    int64_t part;
    int64_t shown_whole;
    int64_t whole;
};

static enum err put_rate_line(
    struct lines *lines, const struct figure_row *row, const struct rate *rate)
{
    int32_t share = 0;
    if (!figure_share(rate->part, rate->whole, &share))
        return ERR_OK;
    begin_figure(lines, rate->figure, row);
    buf_format(
        &lines->line, ",\"%s\":%" PRId64 ",\"%s\":%" PRId64, rate->part_key, rate->part,
        rate->whole_key, rate->shown_whole);
    put_rate(lines, share);
    return end_line(lines);
}

static enum err put_handling(struct lines *lines, const struct figure_row *row)
{
    if (row->handled == 0)
        return ERR_OK;
    begin_figure(lines, "handling", row);
    buf_format(
        &lines->line, ",\"cases\":%" PRId64 ",\"office_seconds\":%" PRId64, row->handled,
        (row->handled_s + row->handled / 2) / row->handled);
    return end_line(lines);
}

static enum err put_row(struct lines *lines, const struct figure_row *row)
{
    const struct rate on_time = {"on_time", "met",       "missed",
                                 row->met,  row->missed, row->met + row->missed};
    const struct rate rates[] = {
        {"acceptance", "accepted", "received", row->accepted, row->received, row->received},
        {"settling", "completed", "received", row->completed, row->received, row->received},
        {"satisfaction", "satisfied", "ratings", row->satisfied, row->ratings, row->ratings},
    };
    enum err err = ERR_OK;
    if (row->family.bytes > 0) {
        const bool is_shown = figure_is_shown(lines->policy, row->family);
        return is_shown ? put_rate_line(lines, row, &on_time) : ERR_OK;
    }
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]) && err == ERR_OK; i++)
        err = put_rate_line(lines, row, &rates[i]);
    return err == ERR_OK ? put_handling(lines, row) : err;
}

static enum err put_rows(struct lines *lines, struct figures *figures)
{
    const struct figure_row *const *rows = NULL;
    size_t count = 0;
    enum err err = figures_rows(figures, &rows, &count);
    for (size_t i = 0; i < count && err == ERR_OK; i++)
        err = put_row(lines, rows[i]);
    return err;
}

static enum err put_compressions(struct lines *lines, const struct ruleset *set)
{
    enum err err = ERR_OK;
    for (size_t c = 0; c < set->clock_count && err == ERR_OK; c++) {
        int32_t share = 0;
        if (!figure_compression(&set->clocks[c], &share))
            continue;
        buf_string(&lines->line, "{\"type\":\"figure\",\"figure\":\"compression\"");
        line_member(&lines->line, "\"clock\":", set->clocks[c].id);
        put_rate(lines, share);
        err = end_line(lines);
    }
    return err;
}

static enum err put_entry(
    struct lines *lines, const struct calendar *calendar, const struct figure_entry *entry)
{
    struct buf *line = &lines->line;
    buf_string(line, "{\"type\":\"accountability\"");
    line_member(line, "\"policy\":", entry->policy->id);
    line_member(line, entry->policy->by_person ? "\"person\":" : "\"unit\":", entry->who);
    line_time(line, "\"opened\":", calendar, true, entry->opened);
    buf_format(line, ",\"misses\":%zu,\"evidence\":[", entry->evidence_count);
    for (size_t i = 0; i < entry->evidence_count; i++) {
        const struct figure_run *miss = entry->evidence[i];
        buf_string(line, i > 0 ? ",{\"case\":" : "{\"case\":");
        line_string(line, miss->case_id);
        line_member(line, "\"clock\":", miss->clock);
        buf_format(line, ",\"run\":%d", miss->run);
        line_time(line, "\"due\":", calendar, true, miss->due);
        buf_char(line, '}');
    }
    buf_char(line, ']');
    return end_line(lines);
}

static enum err put_entries(
    struct lines *lines, struct figures *figures, const struct accountability *policy)
{
    struct figure_entries entries = {0};
    enum err err = figures_entries(figures, policy, NULL, 0, &entries);
    for (size_t i = 0; i < entries.count && err == ERR_OK; i++)
        err = put_entry(lines, lines->policy->calendar, &entries.items[i]);
    return err;
}

enum err figures_write(
    struct figures *figures, const struct policy *policy, simulation_write_fn *write, void *context)
{
    struct lines lines = {.policy = policy, .write = write, .context = context};
    buf_init(&lines.line, SIMULATE_LINE_BYTES_MAX);
    enum err err = put_rows(&lines, figures);
    for (size_t s = 0; s < policy->set_count && err == ERR_OK; s++)
        err = put_compressions(&lines, &policy->sets[s]);
    for (size_t s = 0; s < policy->set_count && err == ERR_OK; s++) {
        const struct ruleset *set = &policy->sets[s];
        for (size_t a = 0; a < set->accountability_count && err == ERR_OK; a++)
            err = put_entries(&lines, figures, &set->accountability[a]);
    }
    buf_release(&lines.line);
    return err;
}
