/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The case's memory is made from the ledger, as for an explanation, and handed to the code that
 * plans in the service.
 */
#include "console/why.h"

#include <string.h>

#include "config/event_json.h"
#include "rules/preview.h"

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define EVENTS_MAX  10000
#define ALERTS_MAX  10000
#define DAY_MS      INT64_C(86400000)
#define CLOCKS_MAX  64

/* ---- whom a stage means ---- */

struct meaning {
    struct console *console;
    const struct ledger_alert *alert;
    struct text person;
    struct arena arena;
    struct role_subject subject;
    int64_t rules; /* of the run */
    bool means;
};

static bool take_case(void *context, const struct ledger_case *row)
{
    struct meaning *meaning = context;
    meaning->subject.unit = arena_text(&meaning->arena, row->unit);
    meaning->subject.handler = arena_text(&meaning->arena, row->handler);
    meaning->subject.matter = arena_text(&meaning->arena, row->matter);
    return false;
}

static bool take_run(void *context, const struct ledger_run *run)
{
    struct meaning *meaning = context;
    if (text_equal(run->clock, meaning->alert->clock) && run->run == meaning->alert->run) {
        meaning->rules = run->rules;
    }
    return true;
}

static const struct stage *find_stage(
    const struct policy *policy, struct text clock, struct text id)
{
    const char *at = clock.bytes > 0 ? memchr(clock.ptr, '@', clock.bytes) : NULL;
    const struct text plain = {
        .ptr = clock.ptr, .bytes = at ? (size_t)(at - clock.ptr) : clock.bytes};
    const struct clock_rule *rule = policy_clock(policy, plain);
    for (size_t index = 0; rule && index < rule->stage_count; index++) {
        if (text_equal(rule->stages[index].id, id)) {
            return &rule->stages[index];
        }
    }
    return NULL;
}

static void resolve(struct meaning *meaning)
{
    const struct role_env *env = meaning->console->env;
    const struct policy *policy = rulebook_policy(&env->rulebook, meaning->rules);
    const struct stage *stage = find_stage(policy, meaning->alert->clock, meaning->alert->stage);
    struct people_list people = {0};
    if (!stage || directory_resolve(
                      env->bundle->policy.directory, stage->notify, stage->notify_count,
                      &meaning->subject, &meaning->arena, &people)) {
        return;
    }
    for (size_t index = 0; index < people.count; index++) {
        meaning->means = meaning->means || text_equal(people.ids[index], meaning->person);
    }
}

bool why_stage_means(struct console *console, const struct ledger_alert *alert, struct text person)
{
    struct meaning meaning = {.console = console, .alert = alert, .person = person};
    arena_init(&meaning.arena, ARENA_BYTES);
    if (!ledger_case_read(console->ledger, alert->case_id, take_case, &meaning) &&
        !ledger_runs(console->ledger, alert->case_id, take_run, &meaning)) {
        resolve(&meaning);
    }
    arena_release(&meaning.arena);
    return meaning.means;
}

/* ---- what comes next ---- */

struct remembering {
    const struct policy *policy;
    struct arena *arena;
    struct case_memory memory;
    enum err err;
};

static bool remember_event(void *context, const struct ledger_event *row)
{
    struct remembering *self = context;
    struct event event;
    struct err_why why = {0};
    const struct wall_ms arrived = {.ms = row->arrived};
    const struct text ce = arena_text(self->arena, row->ce);
    memory_note_arrival(&self->memory, arrived);
    if (!text_is(row->verdict, "applied")) {
        return true;
    }
    const enum err err = event_read(ce, arrived, self->arena, &event, &why);
    if (!err) {
        event.arrived = arrived;
        event.rules_version = row->rules;
        (void)memory_add_event(&self->memory, self->arena, &event, self->policy);
    }
    self->err = err == ERR_NO_MEMORY ? err : self->err;
    return !self->err;
}

static enum alert_status status_of(struct text word)
{
    for (int status = 0; status < ALERT_STATUS_COUNT; status++) {
        if (text_is(word, alert_status_name((enum alert_status)status))) {
            return (enum alert_status)status;
        }
    }
    return ALERT_FIRED;
}

/* Whom it went to plays no part in when the next one rings. */
static bool remember_alert(void *context, const struct ledger_alert *row)
{
    struct remembering *self = context;
    const struct fired fired = {
        .clock = arena_text(self->arena, row->clock),
        .run = (int32_t)row->run,
        .stage = arena_text(self->arena, row->stage),
        .instant = {.ms = row->instant},
        .fired_at = {.ms = row->fired_at},
        .status = status_of(row->status),
    };
    if (!memory_add_fired(&self->memory, self->arena, &fired, 1)) {
        self->err = ERR_NO_MEMORY;
    }
    return !self->err;
}

static enum err remember_case(struct console *console, struct remembering *self)
{
    struct list_end end;
    const struct event_query events = {.case_id = self->memory.id, .limit = EVENTS_MAX};
    const struct alert_query alerts = {.case_id = self->memory.id, .limit = ALERTS_MAX};
    enum err err = ledger_events(console->ledger, &events, remember_event, self);
    if (!err && !self->err) {
        err = ledger_alerts(console->ledger, &alerts, remember_alert, self, &end);
    }
    return err ? err : self->err;
}

static bool is_to(const struct preview_sent *sent, struct text person)
{
    return text_is_among(person, sent->to, sent->to_count);
}

/* The earliest to this person among the items of one clock, which begin at *index. */
static const struct preview_sent *first_of_clock(
    const struct preview_sent_list *list, struct text person, size_t *index)
{
    const struct text clock = list->items[*index].clock;
    const struct preview_sent *first = NULL;
    for (; *index < list->count && text_equal(list->items[*index].clock, clock); (*index)++) {
        const struct preview_sent *sent = &list->items[*index];
        if (is_to(sent, person) && (!first || sent->fired_at.ms < first->fired_at.ms)) {
            first = sent;
        }
    }
    return first;
}

/* The list is in the order of clocks; of each the earliest. */
static void tell_first_ones(
    const struct preview_sent_list *list, struct text person, why_next_fn *take, void *context)
{
    size_t told = 0;
    for (size_t index = 0; index < list->count && told < CLOCKS_MAX;) {
        const struct preview_sent *first = first_of_clock(list, person, &index);
        if (first) {
            const struct why_next next = {
                .at = first->fired_at.ms,
                .clock = first->clock,
                .run = first->run,
                .stage = first->stage,
            };
            take(context, &next);
            told++;
        }
    }
}

enum err why_next_alerts(
    struct console *console,
    struct text case_id,
    struct text person,
    why_next_fn *take,
    void *context)
{
    struct arena arena;
    struct preview_room room;
    struct preview preview;
    const struct role_env *env = console->env;
    const struct wall_ms now = role_now(console->env);
    const struct sms_channels channels = {
        .default_via = env->settings->default_via,
        .default_via_count = env->settings->default_via_count,
    };
    arena_init(&arena, ARENA_BYTES);
    struct remembering remembering = {.policy = &env->bundle->policy, .arena = &arena};
    remembering.memory.id = case_id;
    preview_room_init(&room);
    enum err err = remember_case(console, &remembering);
    if (!err) {
        const struct preview_question question = {
            .memory = &remembering.memory,
            .before = &env->rulebook,
            .after = &env->rulebook,
            .now = now,
            .horizon = wall_add(now, WHY_DAYS_AHEAD * DAY_MS),
            .channels = &channels,
        };
        err = preview_case(&room, &question, &preview);
    }
    if (!err) {
        tell_first_ones(&preview.after, person, take, context);
    }
    preview_room_release(&room);
    arena_release(&arena);
    return err == ERR_FULL || err == ERR_RANGE ? ERR_OK : err;
}
