/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The all-clear: those to whom overdue alerts of a run were addressed, and rang, hear once that it
 * has ended. Its id is made of the run and the last of these alerts, so a case that comes back and
 * is overdue again is cleared again.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/crypto.h"
#include "monitor/notices_parts.h"
#include "rules/hold.h"

#define WORDS_BYTES ((size_t)64 * 1024)

/* The first channel of a stage, as far as settings tell; NULL: none of that name. */
static const struct channel_settings *first_channel(
    const struct notices *notices, const struct stage *stage)
{
    const struct settings *settings = notices->settings;
    const struct text *via = stage->via_count > 0 ? stage->via : settings->default_via;
    const size_t count = stage->via_count > 0 ? stage->via_count : settings->default_via_count;
    return count > 0 ? settings_channel(settings, via[0]) : NULL;
}

/* Could it go out by now? One that still waits for the morning is dropped unheard, and needs no
 * all-clear. */
static bool was_heard(
    const struct notices *notices, const struct stage *stage, const struct fired *fired)
{
    const struct channel_settings *channel = first_channel(notices, stage);
    if (!channel) {
        return true;
    }
    const struct quiet_hours quiet = {
        .from_s = channel->quiet_from_s, .until_s = channel->quiet_until_s};
    const struct wall_ms rings = hold_until(
        rulebook_newest(notices->rulebook)->calendar, quiet, stage->send, fired->fired_at);
    return rings.ms <= notices->now.ms;
}

/* Whom the overdue alerts of a run were addressed to. */
struct overdue_told {
    const struct stage *stage; /* of the last of them */
    struct wall_ms last;
    struct people_list *alerts; /* whom each was addressed to */
    size_t count;
    size_t people; /* in all, repeats included */
};

static const struct stage *red_stage(const struct run *run, struct text id)
{
    for (size_t i = 0; i < run->rule->stage_count; i++) {
        const struct stage *stage = &run->rule->stages[i];
        if (text_equal(stage->id, id)) {
            return stage->light == LIGHT_RED ? stage : NULL;
        }
    }
    return NULL;
}

static bool find_overdue(
    const struct notices *notices,
    const struct case_memory *memory,
    const struct run *run,
    struct overdue_told *told)
{
    *told = (struct overdue_told){.stage = NULL};
    told->alerts = arena_array(notices->arena, memory->fired_count + 1, sizeof(told->alerts[0]));
    for (size_t i = 0; told->alerts && i < memory->fired_count; i++) {
        const struct fired *fired = &memory->fired[i];
        const bool of_run = fired->status == ALERT_FIRED && fired->to_count > 0 &&
                            fired->run == run->number && text_equal(fired->clock, run->clock);
        const struct stage *stage = of_run ? red_stage(run, fired->stage) : NULL;
        if (!stage || !was_heard(notices, stage, fired)) {
            continue;
        }
        if (fired->fired_at.ms >= told->last.ms) {
            told->stage = stage;
            told->last = fired->fired_at;
        }
        told->alerts[told->count++] =
            (struct people_list){.ids = fired->to, .count = fired->to_count};
        told->people += fired->to_count;
    }
    return told->stage != NULL;
}

/* Those of the list that are not among the people yet. Returns how many there are then. */
static size_t add_new(struct text *people, size_t count, const struct people_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!text_is_among(list->ids[i], people, count)) {
            people[count++] = list->ids[i];
        }
    }
    return count;
}

/* Each once, in the order they were told. Returns how many. */
static size_t union_of(const struct overdue_told *told, struct text *people)
{
    size_t count = 0;
    for (size_t alert = 0; alert < told->count; alert++) {
        count = add_new(people, count, &told->alerts[alert]);
    }
    return count;
}

static bool is_english(const struct notices *notices, const struct stage *stage)
{
    const struct channel_settings *channel = first_channel(notices, stage);
    return channel && channel->english;
}

static struct text clear_words(
    const struct notices *notices, const struct case_state *state, bool english)
{
    struct buf words;
    buf_init(&words, WORDS_BYTES);
    buf_string(&words, english ? "Settled, no longer overdue: " : "超期事项已办结：");
    buf_text(&words, state->title);
    buf_format(&words, english ? " (%.*s)." : "（%.*s），无需再办。", TEXT_ARGS(state->id));
    const struct text kept = arena_text(notices->arena, buf_view(&words));
    buf_release(&words);
    return kept;
}

static void tell_clear(
    const struct notices *notices,
    const struct case_state *state,
    const struct run *run,
    const struct overdue_told *told)
{
    char id[NRT_ID_BYTES];
    char which[64];
    struct text *people = arena_array(notices->arena, told->people, sizeof(*people));
    if (!people) {
        notices->outbox->error = ERR_NO_MEMORY;
        return;
    }
    (void)snprintf(which, sizeof(which), "%d %" PRId64, (int)run->number, told->last.ms);
    const struct text parts[] = {TEXT_LITERAL("cleared"), state->id, run->clock, text_of(which)};
    crypto_id(parts, sizeof(parts) / sizeof(parts[0]), id);
    const struct directory *directory = rulebook_newest(notices->rulebook)->directory;
    const struct text unit_id = run->co_unit.bytes > 0 ? run->co_unit : state->unit;
    const struct unit *unit = directory_unit(directory, unit_id);
    const struct notice_value values[] = {
        {"title", state->title},
        {"unit", unit ? unit->name : unit_id},
        {"clock", run->rule->title},
    };
    const struct text template_id = TEXT_LITERAL("cleared");
    const bool has_template = notices->bundle && bundle_template(notices->bundle, template_id);
    const bool english = is_english(notices, told->stage);
    const struct notice notice = {
        .kind = "cleared",
        .id = text_of(id),
        .to = people,
        .to_count = union_of(told, people),
        .via = told->stage->via,
        .via_count = told->stage->via_count,
        .template_id = has_template ? template_id : (struct text){0},
        .title = english ? TEXT_LITERAL("No longer overdue") : TEXT_LITERAL("超期解除"),
        .text = has_template ? (struct text){0} : clear_words(notices, state, english),
        .values = values,
        .value_count = has_template ? sizeof(values) / sizeof(values[0]) : 0,
        .case_id = state->id,
        .unit = unit_id,
        .send = SEND_OFFICE,
        .at = notices->now,
    };
    notices_append(notices, &notice);
}

/* A transfer that begins the clock anew settles nothing. */
static bool is_followed(const struct case_state *state, const struct run *run)
{
    const struct run next = {.clock = run->clock, .number = run->number + 1};
    const struct run *found = notices_find_run(state, &next);
    return found && found->start.ms <= run->stopped.ms;
}

static bool was_going(const struct case_state *past, const struct run *run)
{
    const struct run *found = notices_find_run(past, run);
    return found && !found->has_stopped;
}

void notices_clear(
    const struct notices *notices, const struct case_state *past, const struct case_state *state)
{
    for (size_t i = 0; i < state->run_count; i++) {
        const struct run *run = &state->runs[i];
        struct overdue_told told;
        if (run->has_stopped && was_going(past, run) && !is_followed(state, run) &&
            find_overdue(notices, state->memory, run, &told)) {
            tell_clear(notices, state, run, &told);
        }
    }
}
