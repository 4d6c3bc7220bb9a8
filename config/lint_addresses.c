/* SPDX-License-Identifier: Apache-2.0 */
/*
 * People whom a message may have to reach on a channel for which they have no address. Numbers
 * are never shown: a finding names people and how many they are.
 */
#include "config/contact_seal.h"
#include "config/lint_place.h"
#include "rules/directory.h"

#define NAMES_SHOWN 5

/* What somebody without an address lacks, behind "has no" and "have no". */
static const char *missing_words(const struct channel_traits *traits)
{
    switch (traits->contact) {
    case CONTACT_DINGTALK:
        return "DingTalk id and no mobile number";
    case CONTACT_ZWDD:
        return "zwdd id and no mobile number";
    case CONTACT_WECOM:
        return "WeCom id and no mobile number";
    case CONTACT_EMAIL:
        return "mail address";
    case CONTACT_NONE:
    case CONTACT_MOBILE:
    case CONTACT_KIND_COUNT:
        break;
    }
    return "mobile number";
}

static struct text address_of(const struct contact *contact, enum contact_kind kind)
{
    const struct text addresses[CONTACT_KIND_COUNT] = {
        [CONTACT_MOBILE] = contact->mobile, [CONTACT_DINGTALK] = contact->dingtalk,
        [CONTACT_ZWDD] = contact->zwdd,     [CONTACT_WECOM] = contact->wecom,
        [CONTACT_EMAIL] = contact->email,
    };
    return addresses[kind];
}

struct reach {
    struct linting *linting;
    struct text channel;
    const struct channel_traits *traits;
    const struct person *people;
    size_t person_count;
    bool *asked; /* [person_count] */
    struct arena scratch;
};

static void mark(struct reach *reach, struct text id)
{
    const struct directory *directory = reach->linting->bundle->policy.directory;
    const struct person *person = id.bytes > 0 ? directory_person(directory, id) : NULL;
    if (person) {
        reach->asked[person - reach->people] = true;
    }
}

/* Whoever may be the handler of a case of that unit, as far as the directory knows. */
static void mark_handlers(struct reach *reach, const struct unit *unit)
{
    for (size_t i = 0; i < unit->handler_count; i++) {
        mark(reach, unit->handlers[i]);
    }
}

static void mark_roles(
    struct reach *reach, const struct role *roles, size_t role_count, const struct unit *unit)
{
    const struct role_subject subject = {.unit = unit->id};
    struct people_list people = {0};
    if (directory_resolve(
            reach->linting->bundle->policy.directory, roles, role_count, &subject, &reach->scratch,
            &people) == ERR_OK) {
        for (size_t i = 0; i < people.count; i++) {
            mark(reach, people.ids[i]);
        }
    }
    for (size_t i = 0; i < role_count; i++) {
        if (roles[i].kind == ROLE_HANDLER) {
            mark_handlers(reach, unit);
        }
    }
    arena_reset(&reach->scratch);
}

static bool uses_channel(const struct reach *reach, const struct text *via, size_t via_count)
{
    if (via_count == 0) {
        via = reach->linting->settings->default_via;
        via_count = reach->linting->settings->default_via_count;
    }
    return text_is_among(reach->channel, via, via_count);
}

static void mark_stages(struct reach *reach, const struct clock_rule *rule, const struct unit *unit)
{
    for (size_t i = 0; i < rule->stage_count; i++) {
        const struct stage *stage = &rule->stages[i];
        if (uses_channel(reach, stage->via, stage->via_count)) {
            mark_roles(reach, stage->notify, stage->notify_count, unit);
        }
    }
}

static void mark_clock(struct reach *reach, size_t set, size_t clock)
{
    const struct clock_rule *rule = &reach->linting->bundle->policy.sets[set].clocks[clock];
    size_t count = 0;
    const struct unit *units = directory_units(reach->linting->bundle->policy.directory, &count);
    for (size_t i = 0; i < count; i++) {
        if (!units[i].oversight && lint_may_have_unit(&reach->linting->lint, set, clock, i)) {
            mark_stages(reach, rule, &units[i]);
        }
    }
}

/* An act may come to any case. */
static void mark_act(struct reach *reach, const struct act_rule *act)
{
    size_t count = 0;
    const struct unit *units = directory_units(reach->linting->bundle->policy.directory, &count);
    if (!act->given || !uses_channel(reach, act->via, act->via_count)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (!units[i].oversight) {
            mark_roles(reach, act->to, act->to_count, &units[i]);
            mark_roles(reach, act->copy_to, act->copy_count, &units[i]);
        }
    }
}

static void mark_set(struct reach *reach, size_t set_index)
{
    const struct ruleset *set = &reach->linting->bundle->policy.sets[set_index];
    for (size_t c = 0; c < set->clock_count; c++) {
        mark_clock(reach, set_index, c);
    }
    for (size_t a = 0; a < ACT_COUNT; a++) {
        mark_act(reach, &set->acts[a]);
    }
}

/* Sealed addresses that cannot be opened here are not missing. */
static bool is_unreached(const struct reach *reach, size_t index, const struct json_value *value)
{
    const struct contact *contact = &reach->linting->bundle->contacts[index];
    const bool found = reach->traits->by_mobile && contact->mobile.bytes > 0;
    return reach->asked[index] && address_of(contact, reach->traits->contact).bytes == 0 &&
           !found && !json_get(value, CONTACT_SEALED_KEY);
}

static void say_unreached(struct reach *reach)
{
    const struct spot root = spot_of_directory(reach->linting);
    const struct json_value *value = json_first(json_get(root.value, "people"));
    struct text names[NAMES_SHOWN];
    char list[LIST_BYTES];
    size_t first = SIZE_MAX;
    size_t count = 0;
    for (size_t i = 0; i < reach->person_count; i++, value = json_next(value)) {
        if (!is_unreached(reach, i, value)) {
            continue;
        }
        first = first == SIZE_MAX ? i : first;
        if (count < NAMES_SHOWN) {
            names[count] = reach->people[i].id;
        }
        count++;
    }
    if (count == 0) {
        return;
    }
    const struct spot spot = spot_item(root, "people", first);
    lint_say(
        reach->linting, &spot, FINDING_WARNING, "no-address",
        "%zu %s no %s, so \"%.*s\" cannot reach them: %s", count,
        count == 1 ? "person may be sent alerts but has" : "people may be sent alerts but have",
        missing_words(reach->traits), TEXT_ARGS(reach->channel),
        lint_list(list, names, NAMES_SHOWN, count));
}

static void check_channel(struct linting *linting, const struct channel_settings *channel)
{
    struct reach reach = {
        .linting = linting,
        .channel = channel->name,
        .traits = channel_traits(channel->type),
    };
    reach.people = directory_people(linting->bundle->policy.directory, &reach.person_count);
    reach.asked = arena_array(&linting->arena, reach.person_count + 1, sizeof(bool));
    if (!reach.asked) {
        report_add(linting->report, FINDING_ERROR, "", 0, 0, "", "out of memory");
        return;
    }
    arena_init(&reach.scratch, 0);
    for (size_t s = 0; s < linting->bundle->policy.set_count; s++) {
        mark_set(&reach, s);
    }
    arena_release(&reach.scratch);
    say_unreached(&reach);
}

void lint_addresses(struct linting *linting)
{
    for (size_t i = 0; i < linting->settings->channel_count; i++) {
        const struct channel_settings *channel = &linting->settings->channels[i];
        if (channel_traits(channel->type)->contact != CONTACT_NONE) {
            check_channel(linting, channel);
        }
    }
}
