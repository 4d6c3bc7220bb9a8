/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Damaged configuration never crashes a reader, and never gives a bundle that was not checked:
 * what a reader lets through can be linted, carried as JSON and read again. One printed seed makes
 * a run repeatable. A mutation swaps, cuts, repeats or replaces pieces of the real files.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "config/bundle_make.h"
#include "config/lint.h"
#include "tests/support/check.h"

#define ROUNDS           1000
#define ROUNDS_SANITIZED 300 /* each costs ten times as much there */
#define SHIPPED_MAX      32

static const uint8_t key[SEAL_KEY_BYTES] = {1};

/* Words that mean something somewhere, so that mistakes reach beyond the parser. */
static const char *const pieces[] = {
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "\"\"",
    "{}",
    "[]",
    "\"5wd\"",
    "\"due+0\"",
    "\"80%\"",
    "\"m*\"",
    "\"c\"",
    "\"1d\"",
    "[[[[[[]]]]]]",
    "\"24:00\"",
    "\"office\"",
    "\"unit-a\"",
    "\"person:x\"",
    "9007199254740993",
    "\"2026-02-29\"",
    ",",
    ":",
    "}",
};

static struct text pick_token(struct prng *prng, const struct buf *buf)
{
    size_t from = (size_t)prng_below(prng, buf->bytes);
    while (from > 0 && !strchr(",:[{", buf->ptr[from - 1])) {
        from--;
    }
    size_t to = from;
    while (to < buf->bytes && !strchr(",:]}", buf->ptr[to])) {
        to++;
    }
    return (struct text){buf->ptr + from, to - from};
}

static void splice(struct buf *buf, struct text hole, struct text patch)
{
    struct buf made;
    const size_t from = (size_t)(hole.ptr - buf->ptr);
    buf_init(&made, (size_t)1 << 20);
    buf_add(&made, buf->ptr, from);
    buf_text(&made, patch);
    buf_add(&made, buf->ptr + from + hole.bytes, buf->bytes - from - hole.bytes);
    buf_release(buf);
    *buf = made;
}

static void mutate(struct prng *prng, struct buf *buf)
{
    const struct text hole = pick_token(prng, buf);
    char kept[256];
    switch (prng_below(prng, 4)) {
    case 0:
        splice(buf, hole, text_of(pieces[prng_below(prng, sizeof pieces / sizeof pieces[0])]));
        break;
    case 1:
        splice(buf, hole, (struct text){"", 0});
        break;
    case 2: {
        const struct text other = pick_token(prng, buf);
        const size_t bytes = other.bytes < sizeof kept ? other.bytes : sizeof kept;
        memcpy(kept, other.ptr, bytes);
        splice(buf, hole, (struct text){kept, bytes});
        break;
    }
    default:
        buf->ptr[prng_below(prng, buf->bytes)] = (char)prng_below(prng, 256);
        break;
    }
}

struct world {
    struct source files[SHIPPED_MAX]; /* calendar, directory, matters, rules, templates ... */
    size_t count;
    struct settings settings;
};

static void world_init(struct world *world)
{
    *world = (struct world){0};
    world->files[world->count++] = bundle_shipped("calendars/cn.json");
    world->files[world->count++] = bundle_shipped("directory.json");
    world->files[world->count++] = bundle_shipped("matters.json");
    world->files[world->count++] = bundle_shipped("rules/dongyang.json");
    world->count +=
        bundle_shipped_all("templates/", world->files + world->count, SHIPPED_MAX - world->count);
    settings_defaults(&world->settings);
}

static struct bundle *make(const struct world *world, struct report *report)
{
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
    return bundle_make(&input, report);
}

static void check_carried(struct bundle *bundle)
{
    struct buf json;
    struct report report;
    buf_init(&json, (size_t)4 << 20);
    report_init(&report);
    CHECK(bundle_to_json(bundle, key, &json) == ERR_OK);
    struct bundle *copy = bundle_from_json(buf_view(&json), key, &report);
    CHECK(copy);
    CHECK_EQ(report.error_count, 0);
    bundle_free(copy);
    report_release(&report);
    buf_release(&json);
}

/* Whatever is let through can be linted, and every finding has words, a code and a place. */
static void check_linted(const struct bundle *bundle, const struct settings *settings)
{
    struct report report;
    report_init(&report);
    bundle_lint(bundle, settings, civil_day_of((struct civil_date){2026, 10, 1}), &report);
    for (size_t i = 0; i < report.count; i++) {
        CHECK(report.findings[i].message[0] != '\0');
        CHECK(report.findings[i].code != NULL);
        CHECK(report.findings[i].line > 0);
    }
    report_release(&report);
}

static bool try_one(struct world *world, struct prng *prng)
{
    struct buf mutated;
    struct report report;
    struct source *file = &world->files[prng_below(prng, world->count)];
    const struct source whole = *file;
    buf_init(&mutated, (size_t)1 << 20);
    buf_text(&mutated, whole.json);
    for (uint64_t i = prng_below(prng, 3) + 1; i > 0 && mutated.bytes > 0; i--) {
        mutate(prng, &mutated);
    }
    file->json = buf_view(&mutated);
    report_init(&report);
    struct bundle *bundle = make(world, &report);
    CHECK_EQ(bundle == NULL, report.error_count > 0);
    for (size_t i = 0; i < report.count; i++) {
        CHECK(report.findings[i].message[0] != '\0');
    }
    const bool made = bundle != NULL;
    if (made) {
        check_carried(bundle);
        check_linted(bundle, &world->settings);
    }
    bundle_free(bundle);
    report_release(&report);
    *file = whole;
    buf_release(&mutated);
    return made;
}

static uint64_t seed = 20260213;

static int round_count(void)
{
    const char *sanitized = getenv("NRT_SANITIZED");
    return sanitized && strcmp(sanitized, "1") == 0 ? ROUNDS_SANITIZED : ROUNDS;
}

static void damaged_files_are_refused_or_carried(void)
{
    struct world world;
    struct prng prng;
    const int rounds = round_count();
    int made = 0;
    world_init(&world);
    prng_seed(&prng, seed);
    for (int i = 0; i < rounds; i++) {
        check_note("seed %" PRIu64 ", round %d", seed, i);
        made += try_one(&world, &prng) ? 1 : 0;
    }
    printf("    %d of %d were still good\n", made, rounds);
    CHECK_GE(made, rounds / 100); /* else nothing but the parser was tried */
    CHECK_GE(rounds - made, rounds / 2);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        seed = strtoull(argv[1], NULL, 10);
    }
    CHECK_RUN(damaged_files_are_refused_or_carried);
    return check_done();
}
