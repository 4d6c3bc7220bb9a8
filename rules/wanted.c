/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May a message still go out? (semantics section 8: what is settled, no longer addressed, or
 * shown by a late event never to have been right, is dropped before it is handed over.)
 */
#include "rules/acts.h"
#include "rules/fold.h"

static const struct run *find_run(const struct case_state *state, struct text clock, int32_t number)
{
    for (size_t i = 0; i < state->run_count; i++) {
        if (state->runs[i].number == number && text_equal(state->runs[i].clock, clock))
            return &state->runs[i];
    }
    return NULL;
}

static const struct stage *find_stage(
    const struct clock_rule *rule, struct text id, size_t *ret_order)
{
    for (size_t i = 0; i < rule->stage_count; i++) {
        if (text_equal(rule->stages[i].id, id)) {
            *ret_order = i;
            return &rule->stages[i];
        }
    }
    return NULL;
}

/* When the occurrence fired; its instant where that is not remembered. */
static struct wall_ms fired_at(
    const struct case_memory *memory, const struct wanted_question *question)
{
    const struct fired_list fired =
        memory_fired_of(memory, question->clock, question->run, question->stage);
    for (size_t i = 0; i < fired.count; i++) {
        if (fired.first[i].instant.ms == question->instant.ms)
            return fired.first[i].fired_at;
    }
    return question->instant;
}

static bool is_occurrence(
    const struct fold_run *run, size_t order, struct wall_ms instant, struct wall_ms now)
{
    const struct stage *stage = &run->rule->stages[order];
    const struct stage_instant base = run->stages[order];
    struct occurrence_walk walk;
    struct wall_ms at;
    if (!base.known)
        return false;
    if (stage->repeat.kind == REPEAT_NONE)
        return base.at.ms == instant.ms;
    occurrence_begin(&walk, run, stage, base.at, now);
    while (occurrence_next(&walk, &at) && at.ms <= instant.ms) {
        if (at.ms == instant.ms)
            return true;
    }
    return false;
}

/*
 * Would the occurrence have fired, had everything that happened up to then been known? Events
 * are ordered by the time they happened, so what had happened by then is a prefix of them.
 */
static bool was_right(
    const struct case_state *state,
    const struct rulebook *rulebook,
    const struct wanted_question *question,
    struct arena *arena)
{
    struct case_memory known = *state->memory;
    const struct wall_ms then = fired_at(state->memory, question);
    const struct case_state *past = NULL;
    size_t order = 0;
    while (known.event_count > 0 && known.events[known.event_count - 1].time.ms > then.ms)
        known.event_count--;
    if (case_fold(&known, rulebook, then, arena, &past) != ERR_OK)
        return true; /* out of memory: no reason to withhold an alert */
    const struct run *run = find_run(past, question->clock, question->run);
    if (!run || run->has_stopped || run->pausing || !find_stage(run->rule, question->stage, &order))
        return false;
    return is_occurrence(run->internal, order, question->instant, then);
}

static bool is_addressed(
    const struct role_subject *subject,
    const struct directory *directory,
    const struct stage *stage,
    struct text person,
    struct arena *arena)
{
    struct people_list people;
    const enum err err =
        directory_resolve(directory, stage->notify, stage->notify_count, subject, arena, &people);
    return err != ERR_OK || text_is_among(person, people.ids, people.count);
}

enum still_wanted case_still_wanted(
    const struct case_state *state,
    const struct rulebook *rulebook,
    const struct wanted_question *question,
    struct arena *arena)
{
    size_t order = 0;
    const bool over = state->phase == CASE_COMPLETED || state->phase == CASE_WITHDRAWN;
    if (act_is_clock(question->clock))
        return over ? NOT_WANTED_SETTLED : WANTED;
    const struct run *run = find_run(state, question->clock, question->run);
    if (!run)
        return NOT_WANTED_OVERTAKEN;
    if (run->has_stopped)
        return NOT_WANTED_SETTLED;
    const struct stage *stage = find_stage(run->rule, question->stage, &order);
    if (!stage || !was_right(state, rulebook, question, arena))
        return NOT_WANTED_OVERTAKEN;
    const struct directory *directory = rulebook_newest(rulebook)->directory;
    const struct role_subject subject = run_subject(state, directory, run->co_unit);
    if (question->person.bytes > 0 &&
        !is_addressed(&subject, directory, stage, question->person, arena))
        return NOT_WANTED_PERSON;
    return WANTED;
}
