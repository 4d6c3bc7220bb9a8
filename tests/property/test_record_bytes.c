/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_unpack over bytes that nobody packed: random ones, and good records with random damage.
 * It must refuse or give a memory that can be used and packed again to the same bytes' worth.
 */
#include <stdlib.h>
#include <string.h>

#include "rules/record.h"
#include "tests/support/check.h"
#include "tests/support/rule_world_random.h"

#define RANDOM_RECORDS 20000
#define DAMAGED_WORLDS 60
#define DAMAGES        400

static uint64_t first_seed = 9;

/* Accepted bytes must mean something whole: it folds, and it packs to bytes that mean the same. */
static bool survives(struct rule_world *world, struct text bytes)
{
    struct arena arena;
    struct case_memory memory;
    struct case_memory again;
    const struct case_state *state = NULL;
    struct err_why why = {0};
    arena_init(&arena, (size_t)64 << 20);
    const enum err err = record_unpack(bytes, &arena, &memory, &why);
    const bool accepted = err == ERR_OK;
    if (accepted) {
        struct buf buf;
        buf_init(&buf, (size_t)16 << 20);
        record_pack(&memory, &buf);
        CHECK_EQ(record_unpack(buf_view(&buf), &arena, &again, &why), ERR_OK);
        CHECK_EQ(again.event_count, memory.event_count);
        CHECK_EQ(again.fired_count, memory.fired_count);
        CHECK_EQ(
            case_fold(
                &memory, &world->rulebook, world_at("2026-04-20T00:00:00+08:00"), &arena, &state),
            ERR_OK);
        buf_release(&buf);
    } else {
        CHECK_EQ(err, ERR_CORRUPT);
        CHECK(strlen(why.text) > 0);
    }
    arena_release(&arena);
    return accepted;
}

static void random_bytes_never_do_harm(void)
{
    struct rule_world world;
    struct prng prng;
    char bytes[200];
    prng_seed(&prng, first_seed);
    world_init(&world, WORLD_SHANGHAI);
    world_randomize(&world, &prng);
    (void)world_calendar(&world);
    check_note("seed %llu", (unsigned long long)first_seed);
    for (int i = 0; i < RANDOM_RECORDS; i++) {
        const size_t count = prng_below(&prng, sizeof(bytes));
        /* Mostly small numbers: they get further than noise does. */
        const uint64_t range = prng_one_in(&prng, 3) ? 256 : 6;
        for (size_t b = 0; b < count; b++)
            bytes[b] = (char)prng_below(&prng, range);
        if (count > 0)
            bytes[0] = RECORD_FORMAT;
        (void)survives(&world, (struct text){.ptr = bytes, .bytes = count});
    }
    world_release(&world);
}

static void damage(struct prng *prng, char *bytes, size_t *count)
{
    const size_t at = prng_below(prng, *count);
    switch (prng_below(prng, 4)) {
    case 0:
        bytes[at] = (char)prng_below(prng, 256);
        break;
    case 1:
        bytes[at] = (char)(bytes[at] ^ (1 << prng_below(prng, 8)));
        break;
    case 2: /* one byte less */
        memmove(bytes + at, bytes + at + 1, *count - at - 1);
        *count -= *count > 1;
        break;
    default:
        *count = at + 1;
        break;
    }
}

static void damaged_records_are_refused_or_whole(void)
{
    int accepted = 0;
    for (uint64_t i = 0; i < DAMAGED_WORLDS; i++) {
        struct rule_world world;
        struct prng prng;
        struct buf good;
        prng_seed(&prng, first_seed + i);
        check_note("seed %llu", (unsigned long long)(first_seed + i));
        world_init(&world, WORLD_SHANGHAI);
        world_randomize(&world, &prng);
        const struct world_events events = world_random_events(&world, &prng);
        for (size_t e = 0; e < events.count; e++)
            world_add_event(&world, &events.events[e]);
        (void)world_fire(&world, "2026-03-20T00:00:00+08:00");
        (void)world_fire(&world, "2026-04-10T00:00:00+08:00");
        buf_init(&good, 1 << 20);
        record_pack(&world.memory, &good);
        CHECK(survives(&world, buf_view(&good)));
        char *bytes = malloc(good.bytes);
        for (int d = 0; d < DAMAGES && bytes; d++) {
            size_t count = good.bytes;
            memcpy(bytes, good.ptr, count);
            const uint64_t hits = 1 + prng_below(&prng, 3);
            for (uint64_t hit = 0; hit < hits; hit++)
                damage(&prng, bytes, &count);
            accepted += survives(&world, (struct text){.ptr = bytes, .bytes = count});
        }
        free(bytes);
        buf_release(&good);
        world_release(&world);
    }
    /* Changed letters inside a text are no damage that structure shows. */
    CHECK_GE(accepted, 1);
}

int main(int argc, char **argv)
{
    const char *seed = getenv("NRT_SEED");
    if (seed)
        first_seed = strtoull(seed, NULL, 10);
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(random_bytes_never_do_harm);
    CHECK_RUN(damaged_records_are_refused_or_whole);
    return check_done();
}
