/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Explanations of a bare duration and of the runs of a case: what the count and the fold noted,
 * in the order of time, and the due at the end.
 */
#include "rules/explain.h"

#include "rules/explain_lines.h"

const char *explain_step_name(enum explain_step step)
{
    static const char *const names[EXPLAIN_STEP_COUNT] = {
        [EXPLAIN_STARTED] = "started",
        [EXPLAIN_START] = "start",
        [EXPLAIN_LATE] = "late",
        [EXPLAIN_START_MOVED] = "start_moved",
        [EXPLAIN_COUNTED] = "counted",
        [EXPLAIN_LEFT_OUT] = "left_out",
        [EXPLAIN_PAUSED] = "paused",
        [EXPLAIN_PASSED] = "passed",
        [EXPLAIN_ROLLED] = "rolled",
        [EXPLAIN_TIME_COUNTED] = "time_counted",
        [EXPLAIN_TIME_LEFT_OUT] = "time_left_out",
        [EXPLAIN_TIME_PAUSED] = "time_paused",
        [EXPLAIN_PAUSE_OPEN] = "pause_open",
        [EXPLAIN_PAUSE_MAX] = "pause_max",
        [EXPLAIN_GAP] = "gap",
        [EXPLAIN_EXTENDED] = "extended",
        [EXPLAIN_REFUSED] = "extension_refused",
        [EXPLAIN_REPLANNED] = "replanned",
        [EXPLAIN_RECURS] = "recurs",
        [EXPLAIN_FIXED] = "fixed",
        [EXPLAIN_MOVED_OUT] = "moved_out_of_pause",
        [EXPLAIN_PROVISIONAL] = "provisional",
        [EXPLAIN_NO_DUE] = "no_due",
        [EXPLAIN_DUE] = "due",
    };
    return names[step];
}

const char *extension_refusal_name(enum extension_refusal refusal)
{
    static const char *const names[EXTENSION_REFUSAL_COUNT] = {
        [EXTENSION_ACCEPTED] = "accepted",
        [EXTENSION_TOO_LATE] = "too_late",
        [EXTENSION_USED_UP] = "used_up",
        [EXTENSION_NOT_APPROVED] = "not_approved",
        [EXTENSION_WITHOUT_REASON] = "without_reason",
        [EXTENSION_UNUSABLE] = "unusable",
    };
    return names[refusal];
}

static bool counts_time(struct duration duration)
{
    return duration.unit == UNIT_WORKING_TIME || duration.unit == UNIT_ELAPSED;
}

static void close_lines(struct explain_list *list, struct explanation *explanation)
{
    if (explanation->has_due && explanation->provisional)
        explain_add(list, (struct explain_line){.step = EXPLAIN_PROVISIONAL});
    explain_add(
        list, (struct explain_line){
                  .step = explanation->has_due ? EXPLAIN_DUE : EXPLAIN_NO_DUE,
                  .at = explanation->due,
              });
    explanation->lines = list->items;
    explanation->line_count = list->count;
}

static void open_lines(struct explain_list *list, const struct explanation *explanation)
{
    const bool counts_days = explanation->limit.amount > 0 && !counts_time(explanation->limit);
    if (!counts_days) /* the first date says it otherwise */
        explain_add(list, (struct explain_line){.step = EXPLAIN_STARTED, .at = explanation->start});
}

enum err explain_duration(
    const struct duration_question *question,
    struct arena *arena,
    struct explanation *ret_explanation)
{
    struct count_trace trace = {.arena = arena};
    struct count_options options = *question->options;
    struct counted counted;
    struct explain_list list = {
        .calendar = question->calendar, .arena = arena, .duration = question->duration};
    options.trace = &trace;
    const enum err err =
        duration_after(question->calendar, question->start, question->duration, &options, &counted);
    if (err != ERR_OK)
        return err;
    struct explanation explanation = {
        .calendar = question->calendar,
        .start = question->start,
        .limit = question->duration,
        .has_due = true,
        .due = counted.at,
        .provisional = counted.provisional,
    };
    open_lines(&list, &explanation);
    explain_steps(&list, &trace);
    close_lines(&list, &explanation);
    if (trace.out_of_memory)
        return ERR_NO_MEMORY;
    if (list.err == ERR_OK)
        *ret_explanation = explanation;
    return list.err;
}

/* ---- the runs of a case ---- */

/* The reason of the last pause or gap that began before an instant. */
static struct text reason_at(const struct explain_list *list, struct wall_ms at)
{
    struct text reason = {0};
    for (const struct run_note *note = list->run->trace->first; note; note = note->next) {
        if ((note->kind == NOTE_PAUSED || note->kind == NOTE_GAP) && note->at.ms < at.ms)
            reason = note->event ? event_attribute(note->event, "reason") : (struct text){0};
    }
    return reason;
}

static struct text name_of(const struct fold *fold, struct text id)
{
    const struct directory *directory = fold->newest->directory;
    const struct person *person = directory ? directory_person(directory, id) : NULL;
    return person && person->name.bytes > 0 ? person->name : id;
}

static void describe_extension(
    const struct fold *fold, const struct run_note *note, struct explain_line *line)
{
    const struct text until = event_attribute(note->event, "until");
    line->by = event_attribute(note->event, "approved_by");
    line->by_name = name_of(fold, line->by);
    line->refusal = note->refusal;
    if (until.bytes == 0 || wall_parse(until.ptr, until.bytes, &line->until) != ERR_OK)
        line->until.ms = 0;
    if (until.bytes == 0 &&
        duration_parse(event_attribute(note->event, "by"), &line->extension, NULL) != ERR_OK)
        line->extension.amount = 0;
}

static void tell_note(struct explain_list *list, const struct run_note *note)
{
    static const enum explain_step steps[RUN_NOTE_COUNT] = {
        [NOTE_GAP] = EXPLAIN_GAP,
        [NOTE_PAUSE_MAX] = EXPLAIN_PAUSE_MAX,
        [NOTE_EXTENDED] = EXPLAIN_EXTENDED,
        [NOTE_REFUSED] = EXPLAIN_REFUSED,
        [NOTE_REPLANNED] = EXPLAIN_REPLANNED,
    };
    struct explain_line line = {
        .step = steps[note->kind],
        .at = note->at,
        .until = note->until,
        .reason = note->event ? event_attribute(note->event, "reason") : (struct text){0},
    };
    if (note->kind == NOTE_EXTENDED || note->kind == NOTE_REFUSED)
        describe_extension(list->fold, note, &line);
    if (note->kind == NOTE_REPLANNED &&
        text_parse_i64(event_attribute(note->event, "version"), &line.n) != ERR_OK)
        line.n = 0;
    if (note->kind != NOTE_PAUSED) /* its dates tell it */
        explain_add(list, line);
}

static void tell_until(struct explain_list *list, struct wall_ms until)
{
    for (; list->note && list->note->at.ms < until.ms; list->note = list->note->next)
        tell_note(list, list->note);
}

/* How the count, or the fixed instant, came to be the due. */
static void explain_run_lines(struct explain_list *list, const struct explanation *explanation)
{
    const struct fold_run *run = list->run;
    const struct wall_ms end = {.ms = INT64_MAX};
    open_lines(list, explanation);
    if (run->fixed) {
        tell_until(list, end);
        explain_add(list, (struct explain_line){.step = EXPLAIN_FIXED, .at = run->fixed_due});
        return;
    }
    explain_steps(list, &run->trace->count);
    const bool told = list->count > 0 && list->items[list->count - 1].step == EXPLAIN_PAUSE_OPEN;
    if (run->pausing && !run->missed && !told) /* it began at the very instant of due */
        explain_open_pause(list, run->pauses[run->pause_count - 1].from);
    tell_until(list, end);
    if (run->has_due && run->trace->moved_out) {
        explain_add(
            list, (struct explain_line){
                      .step = EXPLAIN_MOVED_OUT,
                      .at = run->trace->counted,
                      .until = run->due,
                      .reason = reason_at(list, run->due),
                  });
    }
}

static enum err explain_run(
    const struct fold *fold, const struct run *run, struct explanation *ret_explanation)
{
    const struct fold_run *inner = run->internal;
    struct explain_list list = {
        .calendar = inner->calendar,
        .arena = fold->arena,
        .duration = inner->limit,
        .tell = tell_until,
        .pause_reason = reason_at,
        .fold = fold,
        .run = inner,
        .note = inner->trace->first,
    };
    struct explanation explanation = {
        .rule = run->rule,
        .clock = run->clock,
        .run = run->number,
        .outcome = run->outcome,
        .calendar = inner->calendar,
        .start = run->start,
        .has_due = run->has_due,
        .due = {.ms = run->has_due ? run->due.ms : 0},
        .provisional = run->provisional,
    };
    if (!inner->fixed && !run->rule->recurs) /* a fixed due is not counted */
        explanation.limit = inner->limit;
    explain_run_lines(&list, &explanation);
    close_lines(&list, &explanation);
    if (inner->trace->out_of_memory || inner->trace->count.out_of_memory)
        return ERR_NO_MEMORY;
    if (list.err == ERR_OK)
        *ret_explanation = explanation;
    return list.err;
}

enum err explain_case(
    const struct explain_question *question,
    struct arena *arena,
    const struct explanation **ret_explanations,
    size_t *ret_count)
{
    struct fold fold = {
        .memory = question->memory,
        .rulebook = question->rulebook,
        .newest = rulebook_newest(question->rulebook),
        .arena = arena,
        .traced = true,
    };
    enum err err = fold_events(&fold, question->now);
    if (err != ERR_OK)
        return err;
    struct explanation *all = arena_array(arena, fold.state->run_count, sizeof(*all));
    size_t count = 0;
    if (!all && fold.state->run_count > 0)
        return ERR_NO_MEMORY;
    for (size_t i = 0; err == ERR_OK && i < fold.state->run_count; i++) {
        const struct run *run = &fold.state->runs[i];
        if (question->clock.bytes == 0 || text_equal(question->clock, run->clock) ||
            text_equal(question->clock, run->rule->id))
            err = explain_run(&fold, run, &all[count++]);
    }
    if (err == ERR_OK) {
        *ret_explanations = all;
        *ret_count = count;
    }
    return err;
}
