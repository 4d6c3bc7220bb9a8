/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No change of the configuration is silent. Random values in the shipped files are replaced by
 * others; where the result is a configuration and its digest is another, at least one change is
 * told. A configuration does not differ from itself, and there and back tells the same things.
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

#define ROUNDS      2000
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
    struct text value; /* empty: the value stays, and is written twice (lists only) */
};

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
    json_out_open(out, type == JSON_OBJECT ? '{' : '[');
    for (const struct json_value *item = json_first(value); item; item = json_next(item)) {
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

/* A file with one value replaced or removed. */
static void mutate(struct prng *prng, struct text json, struct buf *buf)
{
    struct json_doc *doc = NULL;
    struct json_out out;
    struct pick pick = {.prng = prng};
    MUST(json_parse(json, &json_limits_config, &doc, NULL) == ERR_OK);
    pick_value(&pick, json_root(doc));
    const struct edit edit = {
        .at = pick.chosen,
        .remove = prng_below(prng, 4) == 0,
        .value = text_of(values[prng_below(prng, sizeof values / sizeof values[0])]),
    };
    const struct edit gone = {.at = pick.chosen, .remove = true};
    json_out_init(&out, buf);
    write_edited(&out, json_root(doc), edit.remove ? &gone : &edit);
    json_free(doc);
}

/* ---- the laws ---- */

static size_t changes(const struct bundle *from, const struct bundle *to)
{
    struct json_doc *doc = NULL;
    struct buf array;
    buf_init(&array, (size_t)16 << 20);
    CHECK(bundle_diff(from, to, &array) == ERR_OK);
    CHECK(json_parse(buf_view(&array), &json_limits_config, &doc, NULL) == ERR_OK);
    const size_t count = json_count(json_root(doc));
    json_free(doc);
    buf_release(&array);
    return count;
}

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
        CHECK_EQ(changes(before, after) > 0, differs);
        CHECK_EQ(changes(after, before) > 0, differs);
        CHECK_EQ(changes(after, after), 0);
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
        CHECK_EQ(changes(before, before), 0);
        for (uint64_t round = 0; round < rounds / library.count; round++) {
            useful += try_change(&prng, &world, before) ? 1 : 0;
        }
        bundle_free(before);
    }
    arena_release(&arena);
    printf("    %" PRIu64 " of %" PRIu64 " changes made another configuration\n", useful, rounds);
    CHECK_GE(useful, rounds / 10);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(every_change_that_the_digest_sees_is_told);
    return check_done();
}
