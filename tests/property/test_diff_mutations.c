/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No change of the configuration is silent. Random values in the shipped files are replaced by
 * others; where the result is a configuration and its digest is another, at least one change is
 * told. A configuration does not differ from itself. What is said to be only another spelling
 * must have been read as exactly the same rules, days, units and people.
 * One printed seed makes a run repeatable.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/prng.h"
#include "config/bundle_make.h"
#include "config/diff.h"
#include "config/rule_library.h"
#include "tests/support/check.h"
#include "tests/support/seeds.h"

#define ROUNDS      800
#define SEED        UINT64_C(20260810)
#define SHIPPED_MAX 32

/* Values that are right in many places, so that what they make is often a configuration. */
static const char *const values[] = {
    "\"1wd\"",
    "\"3d\"",
    "\"2wh\"",
    "\"due-1wd\"",
    "\"due+0\"",
    "\"50%\"",
    "true",
    "false",
    "1",
    "2",
    "\"green\"",
    "\"yellow\"",
    "\"red\"",
    "[\"handler\"]",
    "[\"leader\",\"clerk\"]",
    "{}",
    "\"office\"",
    "\"unit-a\"",
    "\"unit-b\"",
    "\"unit-a-1\"",
    "\"warn\"",
    "\"none\"",
    "\"restart\"",
    "\"2026-05-20\"",
    "\"2027-01-01\"",
    "[\"sms\"]",
    "[\"accepted\"]",
    "\"x\"",
    "\"另一个\"",
    "\"year\"",
};

struct world {
    struct source files[SHIPPED_MAX]; /* calendar, directory, matters, rules, templates ... */
    size_t count;
    struct settings settings;
};

static void world_init(struct world *world, struct text rules)
{
    *world = (struct world){0};
    world->files[world->count++] = bundle_shipped("calendars/cn.json");
    world->files[world->count++] = bundle_shipped("directory.json");
    world->files[world->count++] = bundle_shipped("matters.json");
    world->files[world->count++] = (struct source){.file = "rules/set.json", .json = rules};
    world->count +=
        bundle_shipped_all("templates/", world->files + world->count, SHIPPED_MAX - world->count);
    settings_defaults(&world->settings);
}

/* NULL when the files are no configuration. */
static struct bundle *make(const struct world *world)
{
    struct report report;
    const struct bundle_input input = {
        .calendars = &world->files[0],
        .calendar_count = 1,
        .directory = world->files[1],
        .matters = world->files[2],
        .rules = &world->files[3],
        .rule_count = 1,
        .templates = &world->files[4],
        .template_count = world->count - 4,
        .own_template_count = world->count - 4,
        .settings = &world->settings,
        .backfill_ms = BUNDLE_BACKFILL_MS,
    };
    report_init(&report);
    struct bundle *bundle = bundle_make(&input, &report);
    report_release(&report);
    if (bundle) {
        bundle_set_digest(bundle);
    }
    return bundle;
}

/* ---- a random change of one value ---- */

struct pick {
    struct prng *prng;
    const struct json_value *chosen;
    uint64_t seen;
};

/* Every value is as likely as any other. NOLINTNEXTLINE(misc-no-recursion) */
static void pick_value(struct pick *pick, const struct json_value *value)
{
    for (const struct json_value *item = json_first(value); item; item = json_next(item)) {
        pick->seen++;
        if (prng_below(pick->prng, pick->seen) == 0) {
            pick->chosen = item;
        }
        pick_value(pick, item);
    }
}

struct edit {
    const struct json_value *at;
    bool remove;
    bool turn;         /* its members or items the other way round */
    struct text value; /* empty: the value stays */
};

static const struct json_value *nth(const struct json_value *value, size_t index)
{
    const struct json_value *item = json_first(value);
    while (index > 0) {
        item = json_next(item);
        index--;
    }
    return item;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static void write_edited(
    struct json_out *out, const struct json_value *value, const struct edit *edit)
{
    const enum json_type type = json_type(value);
    if (value == edit->at && edit->value.bytes > 0) {
        json_out_raw(out, edit->value);
        return;
    }
    if (type != JSON_OBJECT && type != JSON_ARRAY) {
        json_out_value(out, value);
        return;
    }
    const size_t count = json_count(value);
    json_out_open(out, type == JSON_OBJECT ? '{' : '[');
    for (size_t i = 0; i < count; i++) {
        const bool turned = value == edit->at && edit->turn;
        const struct json_value *item = nth(value, turned ? count - 1 - i : i);
        if (item == edit->at && edit->remove) {
            continue;
        }
        if (type == JSON_OBJECT) {
            json_out_key(out, json_key(item).ptr);
        }
        write_edited(out, item, edit);
    }
    json_out_close(out, type == JSON_OBJECT ? '}' : ']');
}

/* A file with one value replaced, removed or turned round. */
static void mutate(struct prng *prng, struct text json, struct buf *buf)
{
    struct json_doc *doc = NULL;
    struct json_out out;
    struct pick pick = {.prng = prng};
    MUST(json_parse(json, &json_limits_config, &doc, NULL) == ERR_OK);
    pick_value(&pick, json_root(doc));
    struct edit edit = {.at = pick.chosen};
    switch (prng_below(prng, 5)) {
    case 0:
        edit.remove = true;
        break;
    case 1:
        edit.turn = true;
        break;
    default:
        edit.value = text_of(values[prng_below(prng, sizeof values / sizeof values[0])]);
        break;
    }
    json_out_init(&out, buf);
    write_edited(&out, json_root(doc), &edit);
    json_free(doc);
}

/* ---- what was read, as text ---- */

static void dump_texts(struct buf *buf, const struct text *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_format(buf, "%.*s,", TEXT_ARGS(texts[i]));
    }
    buf_char(buf, '|');
}

static void dump_roles(struct buf *buf, const struct role *roles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_format(
            buf, "%d:%d:%.*s,", (int)roles[i].kind, roles[i].levels, TEXT_ARGS(roles[i].name));
    }
    buf_char(buf, '|');
}

static void dump_duration(struct buf *buf, struct duration duration)
{
    duration_write(duration, buf);
    buf_char(buf, '|');
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static void dump_match(struct buf *buf, const struct match *match)
{
    buf_format(buf, "(%d %.*s ", (int)match->kind, TEXT_ARGS(match->path));
    dump_texts(buf, match->values, match->value_count);
    for (size_t i = 0; i < match->child_count; i++) {
        dump_match(buf, &match->children[i]);
    }
    buf_char(buf, ')');
}

static void dump_stage(struct buf *buf, const struct stage *stage)
{
    buf_format(
        buf, "\n  %.*s %.*s %d %d %d |", TEXT_ARGS(stage->id), TEXT_ARGS(stage->title),
        (int)stage->at.anchor, stage->at.percent, (int)stage->light);
    if (stage->at.anchor != ANCHOR_SHARE) {
        buf_format(
            buf, "%d %lld %d|", (int)stage->at.duration.unit, (long long)stage->at.duration.amount,
            stage->at.duration.at_second);
    }
    dump_roles(buf, stage->notify, stage->notify_count);
    dump_texts(buf, stage->via, stage->via_count);
    buf_format(
        buf, "%d %.*s %d %d %d %lld %lld %d %d %d ", stage->via_all, TEXT_ARGS(stage->template_id),
        (int)stage->repeat.kind, stage->repeat.working_days_only, (int)stage->if_acked,
        (long long)stage->repeat.every_ms, (long long)stage->repeat.max, stage->urgent,
        (int)stage->send, (int)stage->repeat.second_count);
    for (size_t i = 0; i < stage->repeat.second_count; i++) {
        buf_format(buf, "%d,", stage->repeat.seconds_of_day[i]);
    }
}

static void dump_clock(struct buf *buf, const struct clock_rule *clock)
{
    buf_format(
        buf, "\nclock %.*s %.*s %.*s |", TEXT_ARGS(clock->id), TEXT_ARGS(clock->family),
        TEXT_ARGS(clock->title));
    dump_match(buf, &clock->match);
    dump_texts(buf, clock->start, clock->start_count);
    dump_texts(buf, clock->stop, clock->stop_count);
    dump_texts(buf, clock->pause_reasons, clock->pause_reason_count);
    buf_format(buf, "%d %.*s ", clock->limit_from_case, TEXT_ARGS(clock->limit_path));
    buf_format(
        buf, "%d %d %d %d ", clock->recurs, clock->recur_second, clock->per_co_unit, clock->again);
    for (int day = 1; day <= 7; day++) {
        buf_char(buf, clock->recur_weekday[day] ? '1' : '0');
    }
    if (!clock->limit_from_case && !clock->recurs) {
        dump_duration(buf, clock->limit);
    }
    if (clock->has_statutory_limit) {
        dump_duration(buf, clock->statutory_limit);
    }
    if (clock->has_pause_max) {
        dump_duration(buf, clock->pause_max);
    }
    buf_format(
        buf, "%d %d %d %d %d %d %d %lld", clock->has_statutory_limit, clock->has_pause_max,
        clock->roll_next_working_day, clock->late_arrival_next_working_day, clock->pause,
        (int)clock->on_transfer, (int)clock->on_reopen, (long long)clock->extensions_max);
    for (size_t i = 0; i < clock->stage_count; i++) {
        dump_stage(buf, &clock->stages[i]);
    }
}

static void dump_rules(struct buf *buf, const struct ruleset *set)
{
    buf_format(
        buf, "set %.*s %.*s %.*s ", TEXT_ARGS(set->id), TEXT_ARGS(set->title),
        TEXT_ARGS(set->version));
    dump_texts(buf, set->on_time_families, set->on_time_family_count);
    dump_texts(buf, set->waive_reasons, set->waive_reason_count);
    for (size_t i = 0; i < set->clock_count; i++) {
        dump_clock(buf, &set->clocks[i]);
    }
    for (size_t i = 0; i < set->accountability_count; i++) {
        const struct accountability *policy = &set->accountability[i];
        buf_format(
            buf, "\npolicy %.*s %.*s %lld %.*s %d ", TEXT_ARGS(policy->id),
            TEXT_ARGS(policy->title), (long long)policy->misses, TEXT_ARGS(policy->window),
            policy->by_person);
        dump_texts(buf, policy->families, policy->family_count);
        dump_roles(buf, policy->notify, policy->notify_count);
    }
    for (size_t i = 0; i < ACT_COUNT; i++) {
        const struct act_rule *act = &set->acts[i];
        buf_format(
            buf, "\nact %d %d %.*s %d %d ", act->given, act->via_all, TEXT_ARGS(act->template_id),
            act->urgent, (int)act->send);
        dump_roles(buf, act->to, act->to_count);
        dump_roles(buf, act->copy_to, act->copy_count);
        dump_texts(buf, act->via, act->via_count);
    }
}

static void dump_calendar(struct buf *buf, const struct calendar *calendar)
{
    const struct calendar_spec *spec = calendar_spec_of(calendar);
    const int32_t from = civil_day_of((struct civil_date){2016, 1, 1}).number;
    const int32_t to = civil_day_of((struct civil_date){2028, 12, 31}).number;
    buf_format(
        buf, "\ncalendar %.*s %.*s %.*s %d %d\n", TEXT_ARGS(spec->id), TEXT_ARGS(spec->title),
        TEXT_ARGS(spec->zone.name), calendar_official_until(calendar), spec->day_ends_at_midnight);
    for (int32_t number = from; number <= to; number++) {
        const struct civil_day day = {number};
        const struct office_hours hours = calendar_hours_on(calendar, day);
        buf_format(
            buf, "%d%.*s", (int)calendar_day_kind(calendar, day),
            TEXT_ARGS(calendar_day_name(calendar, day)));
        for (size_t i = 0; number % 30 == 0 && i < hours.interval_count; i++) {
            buf_format(buf, "[%d %d]", hours.intervals[i].from_s, hours.intervals[i].to_s);
        }
    }
}

static void dump_unit(struct buf *buf, const struct unit *unit)
{
    const struct text words[] = {unit->id,   unit->name,        unit->parent,
                                 unit->head, unit->leader,      unit->clerk,
                                 unit->area, unit->deputy_head, unit->robot};
    buf_format(buf, "\nunit %d %d ", unit->oversight, unit->oversees_given);
    dump_texts(buf, words, sizeof words / sizeof words[0]);
    dump_texts(buf, unit->handlers, unit->handler_count);
    dump_texts(buf, unit->oversees, unit->oversees_count);
}

static void dump_person(struct buf *buf, const struct person *person, const struct contact *contact)
{
    const struct text words[] = {person->id,    person->name,      person->unit,   contact->mobile,
                                 contact->zwdd, contact->dingtalk, contact->wecom, contact->email};
    buf_string(buf, "\nperson ");
    dump_texts(buf, words, sizeof words / sizeof words[0]);
}

static int id_compare(const void *a, const void *b)
{
    const struct text *left = a;
    const struct text *right = b;
    return text_compare(*left, *right);
}

/* By id: the order of units and people in their file has no meaning. */
static void dump_directory(struct buf *buf, const struct bundle *bundle)
{
    struct text ids[64];
    size_t unit_count = 0;
    size_t person_count = 0;
    const struct directory *directory = bundle->policy.directory;
    const struct unit *units = directory_units(directory, &unit_count);
    const struct person *people = directory_people(directory, &person_count);
    MUST(unit_count < 64 && person_count < 64);
    for (size_t i = 0; i < unit_count; i++) {
        ids[i] = units[i].id;
    }
    qsort(ids, unit_count, sizeof ids[0], id_compare);
    for (size_t i = 0; i < unit_count; i++) {
        dump_unit(buf, directory_unit(directory, ids[i]));
    }
    for (size_t i = 0; i < person_count; i++) {
        ids[i] = people[i].id;
    }
    qsort(ids, person_count, sizeof ids[0], id_compare);
    for (size_t i = 0; i < person_count; i++) {
        dump_person(buf, directory_person(directory, ids[i]), bundle_contact(bundle, ids[i]));
    }
}

/* All that the service goes by, whatever the files look like. */
static void dump(struct buf *buf, const struct bundle *bundle)
{
    for (size_t i = 0; i < bundle->policy.set_count; i++) {
        dump_rules(buf, &bundle->policy.sets[i]);
    }
    dump_calendar(buf, bundle->policy.calendar);
    dump_directory(buf, bundle);
    for (size_t i = 0; i < bundle->template_count; i++) {
        const struct template_text *template = &bundle->templates[i];
        const struct text words[] = {
            template->id, template->zh_sms, template->zh_markdown, template->en_sms,
            template->en_markdown};
        buf_string(buf, "\ntemplate ");
        dump_texts(buf, words, sizeof words / sizeof words[0]);
    }
}

static bool reads_alike(const struct bundle *a, const struct bundle *b)
{
    struct buf left;
    struct buf right;
    buf_init(&left, (size_t)4 << 20);
    buf_init(&right, (size_t)4 << 20);
    dump(&left, a);
    dump(&right, b);
    CHECK(buf_error(&left) == ERR_OK && buf_error(&right) == ERR_OK);
    const bool alike = text_equal(buf_view(&left), buf_view(&right));
    buf_release(&left);
    buf_release(&right);
    return alike;
}

/* ---- the laws ---- */

struct told {
    size_t count;
    size_t meanings; /* those that are not only another spelling */
};

static struct told changes(const struct bundle *from, const struct bundle *to)
{
    struct json_doc *doc = NULL;
    struct buf array;
    struct told told = {0};
    buf_init(&array, (size_t)16 << 20);
    CHECK(bundle_diff(from, to, &array) == ERR_OK);
    CHECK(json_parse(buf_view(&array), &json_limits_config, &doc, NULL) == ERR_OK);
    for (const struct json_value *item = json_first(json_root(doc)); item; item = json_next(item)) {
        told.count++;
        told.meanings += text_is(json_get_string(item, "change"), "spelling") ? 0 : 1;
    }
    json_free(doc);
    buf_release(&array);
    return told;
}

static uint64_t spellings;

/* True when the change made a configuration of its own. */
static bool try_change(struct prng *prng, struct world *world, const struct bundle *before)
{
    struct buf buf;
    buf_init(&buf, json_limits_config.bytes_max);
    /* Rules matter most: half of all changes are theirs. */
    const size_t index =
        prng_below(prng, 2) == 0 ? 3 : (size_t)prng_below(prng, (uint64_t)world->count);
    const struct text original = world->files[index].json;
    mutate(prng, original, &buf);
    world->files[index].json = buf_view(&buf);
    struct bundle *after = make(world);
    const bool differs = after && strcmp(before->digest, after->digest) != 0;
    if (after) {
        check_note("%s: %.*s", world->files[index].file, (int)(buf.bytes % 4000), buf.ptr);
        const struct told told = changes(before, after);
        CHECK_EQ(told.count > 0, differs);
        CHECK_EQ(changes(after, before).count > 0, differs);
        CHECK_EQ(changes(after, after).count, 0);
        if (told.meanings == 0) {
            CHECK(reads_alike(before, after));
            spellings += told.count;
        }
    }
    world->files[index].json = original;
    bundle_free(after);
    buf_release(&buf);
    return differs;
}

static void every_change_that_the_digest_sees_is_told(void)
{
    const uint64_t rounds = seeds_count(ROUNDS);
    const uint64_t seed = seeds_only() ? seeds_only() : SEED;
    struct arena arena;
    struct library library;
    uint64_t useful = 0;
    struct prng prng;
    prng_seed(&prng, seed);
    printf("    seed %" PRIu64 "\n", seed);
    arena_init(&arena, 0);
    MUST(library_list(&arena, &library) == ERR_OK);
    for (size_t set = 0; set < library.count; set++) {
        struct world world;
        world_init(&world, library.entries[set].json);
        struct bundle *before = make(&world);
        if (!CHECK(before)) {
            break;
        }
        CHECK_EQ(changes(before, before).count, 0);
        for (uint64_t round = 0; round < rounds / library.count; round++) {
            useful += try_change(&prng, &world, before) ? 1 : 0;
        }
        bundle_free(before);
    }
    arena_release(&arena);
    printf("    %" PRIu64 " of them were only spelling\n", spellings);
    printf("    %" PRIu64 " of %" PRIu64 " changes made another configuration\n", useful, rounds);
    CHECK_GE(useful, rounds / 10);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(every_change_that_the_digest_sees_is_told);
    return check_done();
}
