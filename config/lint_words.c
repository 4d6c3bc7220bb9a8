/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pure findings in words: code, severity, what is wrong with an example, what to do. Codes
 * are for programs and never change; docs/lint.md lists them all.
 */
#include <inttypes.h>
#include <stdio.h>

#include "config/lint_place.h"

/* ---- places ---- */

static struct spot spot_of_finding(struct linting *linting, const struct lint_finding *finding)
{
    struct spot spot;
    if (finding->place == LINT_AT_CALENDAR) {
        return spot_of_calendar(linting);
    }
    spot = spot_of_rules(linting, finding->set);
    switch (finding->place) {
    case LINT_AT_CLOCK:
        return spot_item(spot, "clocks", finding->clock);
    case LINT_AT_STAGE:
        return spot_item(spot_item(spot, "clocks", finding->clock), "stages", finding->stage);
    case LINT_AT_STAGE_ROLE:
        spot = spot_item(spot_item(spot, "clocks", finding->clock), "stages", finding->stage);
        return spot_item(spot, "notify", finding->role);
    case LINT_AT_ACCOUNTABILITY:
        return spot_item(spot, "accountability", finding->index);
    case LINT_AT_ACCOUNTABILITY_ROLE:
        return spot_item(
            spot_item(spot, "accountability", finding->index), "notify", finding->role);
    case LINT_AT_ACT:
    case LINT_AT_ACT_TO:
    case LINT_AT_ACT_COPY:
        spot =
            spot_key(spot_key(spot, "acts"), finding->index == ACT_URGED ? "urged" : "supervised");
        if (finding->place == LINT_AT_ACT) {
            return spot;
        }
        return spot_item(spot, finding->place == LINT_AT_ACT_TO ? "to" : "copy_to", finding->role);
    case LINT_AT_SET:
    case LINT_AT_CALENDAR:
        break;
    }
    return spot;
}

/* ---- words ---- */

struct code_row;

struct words {
    struct linting *linting;
    const struct lint_finding *finding;
    const struct code_row *row;
    struct spot spot;
    const struct clock_rule *rule; /* NULL where it is about none */
    char start[WALL_TEXT_BYTES];
    char instant[WALL_TEXT_BYTES];
    char due[WALL_TEXT_BYTES];
};

struct code_row {
    const char *code;
    enum finding_level level;
    void (*say)(struct words *words);
};

#define SAY(words, ...)                                                                            \
    lint_say((words)->linting, &(words)->spot, (words)->row->level, (words)->row->code, __VA_ARGS__)

static const struct clock_rule *clock_of(const struct words *words, size_t set, size_t clock)
{
    return &words->linting->bundle->policy.sets[set].clocks[clock];
}

static struct text stage_id(const struct words *words, size_t stage)
{
    return words->rule->stages[stage].id;
}

/* "2026-02-13 10:00": minutes are enough, and the zone is the calendar's. */
static void write_instant(const struct words *words, struct wall_ms at, char text[WALL_TEXT_BYTES])
{
    char whole[WALL_TEXT_BYTES];
    const struct calendar *calendar = words->linting->bundle->policy.calendar;
    (void)calendar_format(calendar, at, whole);
    (void)snprintf(text, WALL_TEXT_BYTES, "%.10s %.5s", whole, whole + 11);
}

static void say_never_matches(struct words *words)
{
    words->spot = spot_key(words->spot, "match");
    SAY(words, "no case can match: the conditions exclude each other; take one of them out");
}

static void say_never_starts(struct words *words)
{
    words->spot = spot_key(words->spot, "start");
    SAY(words,
        "never starts: completed and withdrawn close the case, and nothing starts in a closed "
        "one; name an earlier event");
}

static void say_hidden(struct words *words)
{
    const struct lint_finding *finding = words->finding;
    const struct clock_rule *other = clock_of(words, finding->other_set, finding->other_clock);
    SAY(words,
        "never runs: every case it matches already has \"%.*s\" (%.*s), which stands before it in "
        "family \"%.*s\"; put the narrower clock first, or give this one a family of its own",
        TEXT_ARGS(other->id),
        TEXT_ARGS(words->linting->bundle->sources.rules[finding->other_set].name),
        TEXT_ARGS(other->family));
}

static void near_person(struct nearest *nearest, const struct directory *directory)
{
    size_t count = 0;
    const struct person *people = directory_people(directory, &count);
    for (size_t i = 0; i < count; i++) {
        nearest_try(nearest, people[i].id);
    }
}

static void near_unit(struct nearest *nearest, const struct directory *directory)
{
    size_t count = 0;
    const struct unit *units = directory_units(directory, &count);
    for (size_t i = 0; i < count; i++) {
        nearest_try(nearest, units[i].id);
    }
}

/* The list's item, or the value itself. */
static bool find_in(
    const struct spot *from, const char *key, struct text value, struct spot *ret_spot)
{
    const struct json_value *member = json_get(from->value, key);
    const struct spot spot = spot_key(*from, key);
    size_t index = 0;
    if (text_equal(json_string(member), value)) {
        *ret_spot = spot;
        return true;
    }
    for (const struct json_value *item = json_first(member); item; item = json_next(item)) {
        if (text_equal(json_string(item), value)) {
            *ret_spot = spot_item(*from, key, index);
            return true;
        }
        index++;
    }
    return false;
}

static bool find_value(
    const struct spot *match, const char *key, struct text value, struct spot *ret_spot);

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the parser lets a document be */
static bool find_in_group(
    const struct spot *match,
    const char *group,
    const char *key,
    struct text value,
    struct spot *ret_spot)
{
    const size_t count = json_count(json_get(match->value, group));
    for (size_t i = 0; i < count; i++) {
        const struct spot child = spot_item(*match, group, i);
        if (find_value(&child, key, value, ret_spot)) {
            return true;
        }
    }
    return false;
}

/* Where a condition on the path names the value, at any depth of a match. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static bool find_value(
    const struct spot *match, const char *key, struct text value, struct spot *ret_spot)
{
    const struct spot child = spot_key(*match, "not");
    return find_in(match, key, value, ret_spot) ||
           find_in_group(match, "any", key, value, ret_spot) ||
           find_in_group(match, "all", key, value, ret_spot) ||
           (child.value != match->value && find_value(&child, key, value, ret_spot));
}

static void say_unknown_name(struct words *words)
{
    const struct directory *directory = words->linting->bundle->policy.directory;
    const struct text path = words->finding->names[0];
    const struct text value = words->finding->names[1];
    const bool matter = text_is(path, "matter");
    struct nearest nearest;
    char hint[READ_HINT_BYTES];
    const struct spot match = spot_key(words->spot, "match");
    const char *key = text_is(path, "unit") ? "unit" : matter ? "matter" : "handler";
    words->spot = match;
    (void)find_value(&match, key, value, &words->spot);
    nearest_init(&nearest, value);
    if (text_is(path, "unit")) {
        near_unit(&nearest, directory);
    } else if (!matter) {
        near_person(&nearest, directory);
    }
    SAY(words, "%.*s \"%.*s\" is not in %s%s", TEXT_ARGS(path), TEXT_ARGS(utf8_cut(value, 64)),
        matter ? "matters.json" : "directory.json", nearest_hint(&nearest, hint));
}

static void say_start_stops(struct words *words)
{
    words->spot = spot_key(words->spot, "stop");
    SAY(words,
        "\"%.*s\" both starts and stops this clock: it does not stop the run that it starts, but "
        "the next one of the case does; write \"again\": true where each is to have a run",
        TEXT_ARGS(words->finding->names[0]));
}

static void say_never_met(struct words *words)
{
    words->spot = spot_key(words->spot, "stop");
    SAY(words,
        "can never be met: a withdrawal ends every clock as cancelled; name the event that keeps "
        "the promise");
}

static const char *why_idle(const struct words *words, struct text key)
{
    if (text_is(key, "late_arrival")) {
        return "nothing of this clock counts days from the start";
    }
    if (text_is(key, "on_transfer")) {
        return "a transfer of the case does not touch the clocks of co-handling units";
    }
    return words->rule->pause ? "a due that the case brings is never paused"
                              : "with \"pause\": false this clock is never paused";
}

static void say_key_idle(struct words *words)
{
    const struct text name = words->finding->names[0];
    char key[32];
    (void)snprintf(key, sizeof key, "%.*s", TEXT_ARGS(name));
    words->spot = spot_key(words->spot, key);
    SAY(words, "does nothing: %s", why_idle(words, name));
}

static void say_statutory(struct words *words)
{
    const struct lint_finding *finding = words->finding;
    words->spot = spot_key(words->spot, "statutory_limit");
    SAY(words,
        "is shorter than the limit for cases of %" PRId64 " of %" PRId64
        " start days: what starts %s is due %s, by the statutory limit %s; a promise may not be "
        "longer than the law",
        finding->days, finding->of_days, words->start, words->due, words->instant);
}

static void say_co_unit(struct words *words)
{
    words->spot = spot_key(words->spot, "stages");
    SAY(words,
        "nobody in the co-handling unit hears of its own clock; add handler or unit_head to a "
        "stage");
}

static void say_red_before_due(struct words *words)
{
    const struct lint_finding *finding = words->finding;
    words->spot = spot_key(words->spot, "at");
    SAY(words,
        "red would come before due on %" PRId64 " of %" PRId64
        " start days, and is then sent at due: what starts %s has this stage at %s but is due %s",
        finding->days, finding->of_days, words->start, words->instant, words->due);
}

static void say_yellow_after_red(struct words *words)
{
    const struct lint_finding *finding = words->finding;
    words->spot = spot_key(words->spot, "at");
    SAY(words,
        "a yellow stage after the red \"%.*s\" on %" PRId64 " of %" PRId64
        " start days: what starts %s has it at %s, the red one at %s",
        TEXT_ARGS(stage_id(words, finding->other_stage)), finding->days, finding->of_days,
        words->start, words->instant, words->due);
}

static void say_out_of_order(struct words *words)
{
    words->spot = spot_key(words->spot, "at");
    SAY(words, "always comes before \"%.*s\", which stands before it; put them in their order",
        TEXT_ARGS(stage_id(words, words->finding->other_stage)));
}

static void say_same_instant(struct words *words)
{
    const struct stage *stage = &words->rule->stages[words->finding->stage];
    const struct stage *other = &words->rule->stages[words->finding->other_stage];
    const bool shares = stage->at.anchor == ANCHOR_SHARE && other->at.anchor == ANCHOR_SHARE;
    const bool taken = words->finding->index == 1;
    words->spot = spot_key(words->spot, "at");
    SAY(words, "always at the same instant as \"%.*s\"%s%s; move one of them or make them one",
        TEXT_ARGS(other->id), shares ? " (shares of days are rounded up)" : "",
        taken ? ": who is told by both gets the later one of the file only" : "");
}

static void say_share_is_due(struct words *words)
{
    words->spot = spot_key(words->spot, "at");
    SAY(words,
        "is never before due: a share of days is rounded up, here to the whole limit; write it as "
        "\"due-1wd@09:00\" or the like");
}

static void say_no_instant(struct words *words)
{
    words->spot = spot_key(words->spot, "at");
    SAY(words, "never fires: the calendar has no such instant");
}

static void say_acked_untold(struct words *words)
{
    words->spot = spot_key(words->spot, "at");
    SAY(words,
        "never fires: all stages of this clock wait for an acknowledgement, and nobody is told "
        "anything that could be acknowledged");
}

static void say_unless_acked(struct words *words)
{
    words->spot = spot_key(words->spot, "unless_acked");
    SAY(words, "does nothing: this stage comes first, so nobody has been told before");
}

/* ---- roles ---- */

static const struct role *role_of(const struct words *words)
{
    const struct lint_finding *finding = words->finding;
    const struct ruleset *set = &words->linting->bundle->policy.sets[finding->set];
    switch (finding->place) {
    case LINT_AT_STAGE_ROLE:
        return &set->clocks[finding->clock].stages[finding->stage].notify[finding->role];
    case LINT_AT_ACCOUNTABILITY_ROLE:
        return &set->accountability[finding->index].notify[finding->role];
    case LINT_AT_ACT_TO:
        return &set->acts[finding->index].to[finding->role];
    case LINT_AT_ACT_COPY:
        return &set->acts[finding->index].copy_to[finding->role];
    case LINT_AT_CLOCK:
    case LINT_AT_STAGE:
    case LINT_AT_ACCOUNTABILITY:
    case LINT_AT_ACT:
    case LINT_AT_SET:
    case LINT_AT_CALENDAR:
        break;
    }
    return NULL;
}

#define ROLE_BYTES 96

static void write_role(const struct role *role, char text[static ROLE_BYTES])
{
    static const char *const words[ROLE_KIND_COUNT] = {
        [ROLE_HANDLER] = "handler",
        [ROLE_UNIT_HEAD] = "unit_head",
        [ROLE_DEPUTY_HEAD] = "deputy_head",
        [ROLE_LEADER] = "leader",
        [ROLE_CLERK] = "clerk",
        [ROLE_UP] = "up:",
        [ROLE_OVERSIGHT] = "oversight",
        [ROLE_PERSON] = "person:",
        [ROLE_UNIT] = "unit:",
        [ROLE_MATTER_OWNER] = "matter_owner",
    };
    if (role->kind == ROLE_UP && role->levels == 1) {
        (void)snprintf(text, ROLE_BYTES, "parent_head");
    } else if (role->kind == ROLE_UP) {
        (void)snprintf(text, ROLE_BYTES, "up:%" PRId32, role->levels);
    } else {
        (void)snprintf(text, ROLE_BYTES, "%s%.*s", words[role->kind], TEXT_ARGS(role->name));
    }
}

/* "in 2 units: a, b", "for 1 matter: m", "" where it is the same everywhere. */
static void write_where(const struct words *words, char text[static LIST_BYTES + 32])
{
    const struct lint_finding *finding = words->finding;
    const struct role *role = role_of(words);
    char names[LIST_BYTES];
    text[0] = '\0';
    if (finding->names[0].bytes == 0) {
        return;
    }
    const bool matter = role->kind == ROLE_MATTER_OWNER;
    (void)snprintf(
        text, LIST_BYTES + 32, " %s %zu %s%s: %s", matter ? "for" : "in", finding->name_count,
        matter ? "matter" : "unit", finding->name_count == 1 ? "" : "s",
        lint_list(names, finding->names, LINT_NAMES_MAX, finding->name_count));
}

static void say_role(struct words *words)
{
    const struct lint_finding *finding = words->finding;
    const struct role *role = role_of(words);
    char word[ROLE_BYTES];
    char where[LIST_BYTES + 32];
    char falls[LIST_BYTES];
    write_role(role, word);
    write_where(words, where);
    const char *of = role->kind == ROLE_HANDLER ? " (no clerk there)" : "";
    (void)lint_list(falls, finding->falls, LINT_NAMES_MAX, finding->falls_count);
    if (role->kind == ROLE_MATTER_OWNER || role->kind == ROLE_UNIT || role->kind == ROLE_PERSON) {
        SAY(words, "%s is nobody%s; it falls to those above the unit of the case", word, where);
    } else if (finding->falls_count > 0) {
        SAY(words, "%s is nobody%s%s; it falls to %s%s", word, where, of, falls,
            finding->name_count > 1 ? " in the first" : "");
    } else {
        SAY(words, "%s is nobody%s%s, and there is nobody it could fall to", word, where, of);
    }
}

/* ---- calendar ---- */

static void say_calendar_ends(struct words *words)
{
    const struct lint_finding *finding = words->finding;
    words->spot = spot_key(words->spot, "official_years");
    if (finding->set != LINT_NONE) {
        SAY(words,
            "end with %" PRId64 ", but \"%.*s\" started today is due %s; import the days off of "
            "the next year as soon as they are published",
            finding->days, TEXT_ARGS(clock_of(words, finding->set, finding->clock)->id),
            words->due);
    } else {
        SAY(words,
            "end with %" PRId64 "; the days off of the next year are published about now: import "
            "them",
            finding->days);
    }
}

static void say_idle_day(struct words *words, const char *list, const char *what)
{
    const struct civil_date date = civil_date_of((struct civil_day){(int32_t)words->finding->days});
    words->spot = spot_item(words->spot, list, words->finding->index);
    SAY(words, "%04" PRId32 "-%02" PRId32 "-%02" PRId32 " %s", date.year, date.month, date.day,
        what);
}

static void say_closure(struct words *words)
{
    say_idle_day(words, "closures", "is a day off anyway: the closure changes nothing");
}

static void say_workday(struct words *words)
{
    say_idle_day(words, "workdays", "is a working day anyway: no need to list it");
}

static void say_season(struct words *words)
{
    words->spot = spot_item(words->spot, "seasonal_hours", words->finding->index);
    SAY(words,
        "is never in force: on each of its days an entry before it is; the first that contains a "
        "date counts");
}

static void say_family(struct words *words)
{
    words->spot = spot_key(words->spot, "families");
    SAY(words,
        "misses of \"%.*s\" are counted, but figures.on_time does not show this family; add it "
        "there",
        TEXT_ARGS(words->finding->names[0]));
}

static void say_act_hidden(struct words *words)
{
    const struct bundle_sources *sources = &words->linting->bundle->sources;
    SAY(words, "has no effect: %.*s, read before this file, decides how this act is sent",
        TEXT_ARGS(sources->rules[words->finding->other_set].name));
}

static void say_cut_short(struct words *words)
{
    SAY(words, "the rules are too many and too wide to try them all: from here on clocks, stages "
               "and roles "
               "were not looked at");
}

static const struct code_row code_rows[LINT_CODE_COUNT] = {
    [LINT_NEVER_MATCHES] = {"clock-never-matches", FINDING_ERROR, say_never_matches},
    [LINT_NEVER_STARTS] = {"clock-never-starts", FINDING_ERROR, say_never_starts},
    [LINT_ALWAYS_HIDDEN] = {"clock-always-hidden", FINDING_ERROR, say_hidden},
    [LINT_UNKNOWN_NAME] = {"match-unknown-name", FINDING_WARNING, say_unknown_name},
    [LINT_START_STOPS] = {"start-also-stops", FINDING_WARNING, say_start_stops},
    [LINT_NEVER_MET] = {"clock-never-met", FINDING_ERROR, say_never_met},
    [LINT_KEY_IDLE] = {"key-idle", FINDING_WARNING, say_key_idle},
    [LINT_STATUTORY_SHORTER] = {"statutory-limit-shorter", FINDING_WARNING, say_statutory},
    [LINT_CO_UNIT_NOT_TOLD] = {"co-unit-not-told", FINDING_WARNING, say_co_unit},
    [LINT_RED_BEFORE_DUE] = {"red-before-due", FINDING_WARNING, say_red_before_due},
    [LINT_YELLOW_AFTER_RED] = {"yellow-after-red", FINDING_WARNING, say_yellow_after_red},
    [LINT_STAGES_OUT_OF_ORDER] = {"stages-out-of-order", FINDING_WARNING, say_out_of_order},
    [LINT_SAME_INSTANT] = {"stages-same-instant", FINDING_WARNING, say_same_instant},
    [LINT_SHARE_IS_DUE] = {"share-is-due", FINDING_WARNING, say_share_is_due},
    [LINT_NO_INSTANT] = {"stage-never-fires", FINDING_ERROR, say_no_instant},
    [LINT_ACKED_UNTOLD] = {"acked-untold", FINDING_ERROR, say_acked_untold},
    [LINT_UNLESS_ACKED_IDLE] = {"unless-acked-idle", FINDING_WARNING, say_unless_acked},
    [LINT_ROLE_NOBODY] = {"role-nobody", FINDING_WARNING, say_role},
    [LINT_CALENDAR_ENDS] = {"calendar-ends", FINDING_WARNING, say_calendar_ends},
    [LINT_CLOSURE_IDLE] = {"closure-idle", FINDING_WARNING, say_closure},
    [LINT_WORKDAY_IDLE] = {"workday-idle", FINDING_WARNING, say_workday},
    [LINT_ACT_HIDDEN] = {"act-always-hidden", FINDING_WARNING, say_act_hidden},
    [LINT_SEASON_IDLE] = {"season-idle", FINDING_WARNING, say_season},
    [LINT_CUT_SHORT] = {"cut-short", FINDING_WARNING, say_cut_short},
    [LINT_FAMILY_WITHOUT_FIGURE] = {"family-without-figure", FINDING_WARNING, say_family},
};

void lint_say_finding(struct linting *linting, const struct lint_finding *finding)
{
    struct words words = {
        .linting = linting,
        .finding = finding,
        .row = &code_rows[finding->code],
        .spot = spot_of_finding(linting, finding),
    };
    if (finding->set != LINT_NONE && finding->place != LINT_AT_ACCOUNTABILITY) {
        words.rule = finding->clock < linting->bundle->policy.sets[finding->set].clock_count
                         ? clock_of(&words, finding->set, finding->clock)
                         : NULL;
    }
    write_instant(&words, finding->start, words.start);
    write_instant(&words, finding->instant, words.instant);
    write_instant(&words, finding->due, words.due);
    words.row->say(&words);
}
