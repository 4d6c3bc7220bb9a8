/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See acts.h. The words of oversight stand where a stage has its title, so that a template can say
 * them.
 */
#include "rules/acts.h"

#include <string.h>

struct act_row {
    enum event_kind kind;
    struct text clock;
    struct text title;
};

static const struct act_row act_rows[ACT_COUNT] = {
    [ACT_URGED] = {EVENT_URGED, {"act:urged", 9}, {"催办", 6}},
    [ACT_SUPERVISED] = {EVENT_SUPERVISED, {"act:supervised", 14}, {"督办", 6}},
};

#define COPIES_MAX ((size_t)32) /* of one event */

bool act_is_clock(struct text clock)
{
    return text_starts_with(clock, TEXT_LITERAL("act:"));
}

/* What the first rule set that says something about the event's act says; NULL: none does. */
static const struct act_rule *rule_of(
    const struct policy *policy, const struct event *event, const struct act_row **ret_row)
{
    for (size_t act = 0; act < ACT_COUNT; act++) {
        if (act_rows[act].kind != event->kind)
            continue;
        *ret_row = &act_rows[act];
        for (size_t set = 0; set < policy->set_count; set++) {
            if (policy->sets[set].acts[act].given)
                return &policy->sets[set].acts[act];
        }
    }
    return NULL;
}

/* ---- to whom ---- */

/* A role, a person or a unit of the directory (its head). What is neither is passed over. */
static bool read_copy(const struct directory *directory, struct text word, struct role *ret_role)
{
    if (directory_person(directory, word)) {
        *ret_role = (struct role){.kind = ROLE_PERSON, .name = word};
        return true;
    }
    if (directory_unit(directory, word)) {
        *ret_role = (struct role){.kind = ROLE_UNIT, .name = word};
        return true;
    }
    return role_parse(word, ret_role, NULL) == ERR_OK;
}

/* `copy_to` of the event: a list is one attribute, joined by ','. Returns how many. */
static size_t read_copies(
    const struct directory *directory, struct text list, struct role roles[static COPIES_MAX])
{
    size_t count = 0;
    while (list.bytes > 0 && count < COPIES_MAX) {
        const char *comma = memchr(list.ptr, ',', list.bytes);
        const size_t bytes = comma ? (size_t)(comma - list.ptr) : list.bytes;
        const struct text word = {.ptr = list.ptr, .bytes = bytes};
        count += read_copy(directory, word, &roles[count]) ? 1 : 0;
        list.ptr += bytes;
        list.bytes -= bytes;
        if (comma) {
            list.ptr++;
            list.bytes--;
        }
    }
    return count;
}

static size_t add_roles(struct role *roles, size_t filled, const struct role *more, size_t count)
{
    for (size_t i = 0; i < count; i++)
        roles[filled + i] = more[i];
    return filled + count;
}

static enum err resolve(
    const struct act_question *question,
    const struct act_rule *rule,
    const struct directory *directory,
    struct arena *arena,
    struct people_list *ret_people)
{
    const struct case_state *state = question->state;
    const struct text copy_to = event_attribute(question->event, "copy_to");
    struct role copies[COPIES_MAX];
    const size_t copy_count = read_copies(directory, copy_to, copies);
    struct role *roles =
        arena_array(arena, rule->to_count + rule->copy_count + copy_count, sizeof(*roles));
    if (!roles)
        return ERR_NO_MEMORY;
    size_t count = add_roles(roles, 0, rule->to, rule->to_count);
    count = add_roles(roles, count, rule->copy_to, rule->copy_count);
    count = add_roles(roles, count, copies, copy_count);
    const struct role_subject subject = {
        .unit = state->unit, .handler = state->handler, .matter = state->matter};
    return directory_resolve(directory, roles, count, &subject, arena, ret_people);
}

/* ---- as a firing ---- */

/* By when: what the act itself asks for, else the earliest due of the open runs. */
static bool due_of(
    const struct case_state *state,
    const struct event *event,
    const struct calendar *calendar,
    struct wall_ms *ret_due)
{
    const struct text reply_by = event_attribute(event, "reply_by");
    struct civil_day day;
    if (reply_by.ptr && wall_parse(reply_by.ptr, reply_by.bytes, ret_due) == ERR_OK)
        return true;
    if (reply_by.ptr && civil_parse(reply_by, &day) == ERR_OK) {
        *ret_due = calendar_end_of(calendar, day);
        return true;
    }
    bool found = false;
    for (size_t i = 0; i < state->run_count; i++) {
        const struct run *run = &state->runs[i];
        if (run->has_stopped || !run->has_due || (found && run->due.ms >= ret_due->ms))
            continue;
        *ret_due = run->due;
        found = true;
    }
    return found;
}

static bool name_event(const struct event *event, struct arena *arena, struct text *ret_name)
{
    const size_t bytes = event->source.bytes + 1 + event->id.bytes;
    char *name = arena_array(arena, bytes, 1);
    if (!name)
        return false;
    memcpy(name, event->source.ptr, event->source.bytes);
    name[event->source.bytes] = '#';
    memcpy(name + event->source.bytes + 1, event->id.ptr, event->id.bytes);
    *ret_name = (struct text){.ptr = name, .bytes = bytes};
    return true;
}

/* The run and the stage that stand for the act. */
struct act_parts {
    struct clock_rule clock;
    struct stage stage;
    struct run run;
};

static void fill_parts(
    struct act_parts *parts,
    const struct act_row *row,
    const struct act_rule *rule,
    const struct event *event)
{
    parts->clock.id = row->clock;
    parts->clock.family = row->clock;
    parts->clock.title = row->title;
    parts->stage.title = event_attribute(event, "text");
    parts->stage.light = LIGHT_YELLOW;
    parts->stage.via = rule->via;
    parts->stage.via_count = rule->via_count;
    parts->stage.via_all = rule->via_all;
    parts->stage.template_id = rule->template_id;
    parts->stage.urgent = rule->urgent;
    parts->stage.send = rule->send;
    parts->run.clock = row->clock;
    parts->run.rule = &parts->clock;
    parts->run.start = event->time;
    parts->run.outcome = RUN_RUNNING;
}

static bool is_to_be_sent(
    const struct case_state *state, const struct event *event, const struct policy *policy)
{
    const bool open = state->phase == CASE_OPEN || state->phase == CASE_SUSPENDED;
    return open && event->time.ms >= event->arrived.ms - policy->backfill_ms;
}

enum err act_firing(
    const struct act_question *question,
    struct arena *arena,
    bool *ret_sends,
    struct firing *ret_firing)
{
    const struct case_state *state = question->state;
    const struct event *event = question->event;
    const struct policy *policy = rulebook_newest(question->rulebook);
    const struct act_row *row = NULL;
    const struct act_rule *rule = rule_of(policy, event, &row);
    *ret_sends = false;
    if (!rule || !is_to_be_sent(state, event, policy))
        return ERR_OK;
    struct act_parts *parts = arena_alloc(arena, sizeof(*parts));
    struct people_list people = {0};
    if (!parts)
        return ERR_NO_MEMORY;
    *parts = (struct act_parts){0};
    fill_parts(parts, row, rule, event);
    parts->run.policy = policy;
    parts->run.has_due = due_of(state, event, policy->calendar, &parts->run.due);
    if (!name_event(event, arena, &parts->stage.id))
        return ERR_NO_MEMORY;
    const enum err err = resolve(question, rule, policy->directory, arena, &people);
    if (err != ERR_OK)
        return err;
    *ret_firing = (struct firing){
        .run = &parts->run,
        .stage = &parts->stage,
        .fired =
            {
                .clock = row->clock,
                .stage = parts->stage.id,
                .instant = event->time,
                .fired_at = question->now,
                .status = ALERT_FIRED,
                .to = people.ids,
                .to_count = people.count,
            },
        .directory_fault = people.fault,
        .ordinal = 1,
    };
    *ret_sends = true;
    return ERR_OK;
}
