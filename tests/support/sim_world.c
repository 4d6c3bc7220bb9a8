/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See sim_world.h. One turn does one thing: a step of the store, a due timer of some actor, or a
 * crash. When nothing is left at this instant of real time, real time moves to the next timer.
 */
#include "tests/support/sim_world.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "rules/simulate.h"

#define SIM_TURNS_MAX  2000000
#define SIM_REST_TURNS 64 /* real-time moves without any store work that count as rest */

struct actor {
    struct sim_role role;
    char instance[32];
    struct role_env env;
    void *live; /* NULL while down */
    int64_t up_at_ms;
};

struct sim_world {
    struct sim_options options;
    struct prng prng;
    struct memory_world *memory;
    struct store *driver;
    struct service_clock clock;
    int64_t real_ms;
    bool hold;
    size_t crash_count;
    struct actor actors[SIM_ACTORS_MAX];
    size_t actor_count;
    const struct policy *policies[1];
    struct rulebook rulebook;
};

/* ---- actors ---- */

static void actor_up(struct sim_world *world, struct actor *actor)
{
    struct role_env *env = &actor->env;
    *env = (struct role_env){
        .loop = loop_manual_create(),
        .store = store_memory_open(world->memory, text_of(actor->instance)),
        .clock = &world->clock,
        .settings = world->options.settings,
        .instance = actor->instance,
        .data_folder = "",
        .bundle = world->options.bundle,
        .rulebook = rulebook_at(&world->rulebook, world->clock.virtual0),
    };
    MUST(env->loop && env->store);
    while (loop_manual_advance(env->loop, world->real_ms)) {
        MUST(!"a new loop has no timers");
    }
    actor->live = actor->role.create(env, actor->role.lasting);
    MUST(actor->live);
}

/* What SIGKILL does: nothing is finished, nothing is told. */
static void actor_down(struct sim_world *world, struct actor *actor, int64_t for_ms)
{
    store_close(actor->env.store);
    actor->role.drop(actor->live);
    loop_free(actor->env.loop);
    actor->live = NULL;
    actor->up_at_ms = world->real_ms + for_ms;
}

void sim_world_add(struct sim_world *world, const struct sim_role *role, const char *instance)
{
    MUST(world->actor_count < SIM_ACTORS_MAX);
    struct actor *actor = &world->actors[world->actor_count++];
    actor->role = *role;
    MUST(strlen(instance) < sizeof(actor->instance));
    memcpy(actor->instance, instance, strlen(instance));
    actor_up(world, actor);
}

static void maybe_crash(struct sim_world *world)
{
    if (world->hold || world->options.crash_one_in == 0 || world->actor_count == 0 ||
        !prng_one_in(&world->prng, world->options.crash_one_in)) {
        return;
    }
    struct actor *actor = &world->actors[prng_below(&world->prng, world->actor_count)];
    if (!actor->live) {
        return;
    }
    world->crash_count++;
    /* Mostly back at once; sometimes away for longer than a lease. */
    const int64_t away_ms =
        prng_one_in(&world->prng, 8) ? STORE_LEASE_MS + 5000 : prng_range(&world->prng, 0, 200);
    actor_down(world, actor, away_ms);
}

/* ---- turning ---- */

static int64_t next_real_ms(const struct sim_world *world)
{
    int64_t next_ms = INT64_MAX;
    for (size_t index = 0; index < world->actor_count; index++) {
        const struct actor *actor = &world->actors[index];
        const int64_t at_ms = actor->live ? loop_manual_next(actor->env.loop) : actor->up_at_ms;
        next_ms = at_ms < next_ms ? at_ms : next_ms;
    }
    return next_ms;
}

/* One due timer of one actor, or one actor that comes up. */
static bool turn_loops(struct sim_world *world)
{
    if (world->actor_count == 0) {
        return false;
    }
    const size_t first = prng_below(&world->prng, world->actor_count);
    for (size_t offset = 0; offset < world->actor_count; offset++) {
        struct actor *actor = &world->actors[(first + offset) % world->actor_count];
        if (!actor->live) {
            if (actor->up_at_ms <= world->real_ms) {
                actor_up(world, actor);
                return true;
            }
            continue;
        }
        if (loop_manual_next(actor->env.loop) <= world->real_ms &&
            loop_manual_advance(actor->env.loop, world->real_ms)) {
            return true;
        }
    }
    return false;
}

/* One thing at this instant of real time. False: nothing was left to do. */
static bool turn(struct sim_world *world)
{
    maybe_crash(world);
    if (prng_one_in(&world->prng, 2)) {
        return turn_loops(world) || memory_world_step(world->memory, &world->prng);
    }
    return memory_world_step(world->memory, &world->prng) || turn_loops(world);
}

static void real_moves(struct sim_world *world)
{
    const int64_t next_ms = next_real_ms(world);
    MUST(next_ms < INT64_MAX);
    world->real_ms = next_ms > world->real_ms ? next_ms : world->real_ms + 1;
    memory_world_set_real(world->memory, world->real_ms);
    for (size_t index = 0; index < world->actor_count; index++) {
        struct actor *actor = &world->actors[index];
        if (actor->live && loop_manual_next(actor->env.loop) > world->real_ms) {
            (void)loop_manual_advance(actor->env.loop, world->real_ms);
        }
    }
}

static void turn_or_move(struct sim_world *world)
{
    if (!turn(world)) {
        real_moves(world);
    }
}

/* ---- asking the store, as the stepping console does ---- */

struct overview_answer {
    bool have;
    bool at_rest;
    struct wall_ms next;
};

struct overview_question {
    struct overview_answer answer;
    struct wall_ms now;
};

static void earlier(struct wall_ms *next, bool has, struct wall_ms at)
{
    if (has && at.ms < next->ms) {
        *next = at;
    }
}

static void overview_done(
    void *context, enum err err, const char *why, const struct store_overview *overview)
{
    (void)why;
    struct overview_question *question = context;
    MUST(err == ERR_OK);
    struct overview_answer answer = {.have = true, .at_rest = true, .next = {WALL_MS_MAX}};
    int64_t open_count = overview->door;
    for (size_t index = 0; index < overview->partition_count; index++) {
        const struct store_stats *stats = &overview->partitions[index];
        open_count += stats->events + stats->outbox + stats->receipts + stats->claims;
        open_count += stats->mail_claims;
        earlier(&answer.next, stats->has_timer, stats->oldest_timer);
        earlier(&answer.next, stats->has_mail, stats->oldest_mail);
    }
    answer.at_rest = open_count == 0 && answer.next.ms > question->now.ms;
    question->answer = answer;
}

static bool overview(struct sim_world *world, struct overview_answer *ret_answer)
{
    struct overview_question question = {.now = world->clock.virtual0};
    store_overview_read(world->driver, overview_done, &question);
    for (size_t turns = 0; turns < SIM_TURNS_MAX; turns++) {
        if (question.answer.have) {
            *ret_answer = question.answer;
            return true;
        }
        turn_or_move(world);
    }
    return false;
}

/* Turn until the store says that nothing is left at the present instant. */
static bool come_to_rest(struct sim_world *world, struct wall_ms *ret_next)
{
    for (size_t rounds = 0; rounds < SIM_TURNS_MAX / SIM_REST_TURNS; rounds++) {
        struct overview_answer answer;
        if (!overview(world, &answer)) {
            return false;
        }
        if (answer.at_rest) {
            *ret_next = answer.next;
            return true;
        }
        for (size_t turns = 0; turns < SIM_REST_TURNS; turns++) {
            turn_or_move(world);
        }
    }
    return false;
}

static void present_moves(struct sim_world *world, struct wall_ms now)
{
    clock_set(&world->clock, now);
    for (size_t index = 0; index < world->actor_count; index++) {
        struct actor *actor = &world->actors[index];
        actor->env.rulebook = rulebook_at(&world->rulebook, now);
        if (actor->live && actor->env.on_clock) {
            actor->env.on_clock(actor->env.role);
        }
    }
}

bool sim_world_step_to(struct sim_world *world, struct wall_ms to)
{
    for (;;) {
        struct wall_ms next;
        if (!come_to_rest(world, &next)) {
            return false;
        }
        if (next.ms > to.ms) {
            break;
        }
        present_moves(world, next);
    }
    present_moves(world, to);
    struct wall_ms next;
    return come_to_rest(world, &next);
}

struct add_answer {
    bool done;
};

static void added(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    (void)why;
    (void)positions;
    (void)count;
    MUST(err == ERR_OK);
    ((struct add_answer *)context)->done = true;
}

bool sim_world_arrive(
    struct sim_world *world,
    struct wall_ms at,
    const struct text *bodies,
    const struct text *subjects,
    size_t count)
{
    if (!sim_world_step_to(world, wall_add(at, -1))) {
        return false;
    }
    struct store_item *items = calloc(count, sizeof(*items));
    MUST(items);
    for (size_t index = 0; index < count; index++) {
        items[index] = (struct store_item){
            .partition = store_partition_of(world->driver, subjects[index]),
            .arrived = at,
            .body = bodies[index],
        };
    }
    struct add_answer answer = {false};
    store_clock_move(world->driver, at, items, count, added, &answer);
    free(items);
    for (size_t turns = 0; turns < SIM_TURNS_MAX && !answer.done; turns++) {
        turn_or_move(world);
    }
    present_moves(world, at);
    struct wall_ms next;
    return answer.done && come_to_rest(world, &next);
}

bool sim_world_queue(struct sim_world *world, enum store_queue queue, struct text body)
{
    const struct store_item item = {.arrived = sim_world_now(world), .body = body};
    struct add_answer answer = {false};
    store_queue_add(world->driver, queue, &item, 1, added, &answer);
    for (size_t turns = 0; turns < SIM_TURNS_MAX && !answer.done; turns++) {
        turn_or_move(world);
    }
    struct wall_ms next;
    return answer.done && come_to_rest(world, &next);
}

bool sim_world_flood(
    struct sim_world *world,
    const struct text *bodies,
    const struct text *subjects,
    const struct wall_ms *arrived,
    size_t count)
{
    for (size_t index = 0; index < count; index++) {
        const struct store_item item = {
            .partition = store_partition_of(world->driver, subjects[index]),
            .arrived = arrived[index],
            .body = bodies[index],
        };
        struct add_answer answer = {false};
        store_queue_add(world->driver, QUEUE_EVENTS, &item, 1, added, &answer);
        size_t left = prng_below(&world->prng, 12);
        for (size_t turns = 0; turns < SIM_TURNS_MAX && (!answer.done || left > 0); turns++) {
            turn_or_move(world);
            left -= left > 0;
        }
        if (!answer.done) {
            return false;
        }
    }
    return true;
}

/* ---- the journal ---- */

struct facts_reader {
    sim_fact_fn *fact;
    void *context;
    char positions[STORE_PARTITIONS_MAX][64];
    bool done;
    size_t read_count;
};

static void journal_read(
    void *context, enum err err, const char *why, const struct journal_entry *entries, size_t count)
{
    (void)why;
    struct facts_reader *reader = context;
    MUST(err == ERR_OK);
    for (size_t index = 0; index < count; index++) {
        struct json_doc *doc = NULL;
        struct err_why parse_why = {{0}};
        MUST(!json_parse(entries[index].facts, &json_limits_config, &doc, &parse_why));
        const struct json_value *fact = json_first(json_root(doc));
        for (; fact; fact = json_next(fact)) {
            reader->fact(reader->context, fact);
        }
        json_free(doc);
        char *place = reader->positions[entries[index].partition];
        MUST(entries[index].position.bytes < sizeof(reader->positions[0]));
        memcpy(place, entries[index].position.ptr, entries[index].position.bytes);
        place[entries[index].position.bytes] = '\0';
    }
    reader->read_count = count;
    reader->done = true;
}

void sim_world_facts(struct sim_world *world, sim_fact_fn *fact, void *context)
{
    struct facts_reader reader = {.fact = fact, .context = context};
    struct text positions[STORE_PARTITIONS_MAX];
    for (size_t index = 0; index < STORE_PARTITIONS_MAX; index++) {
        memcpy(reader.positions[index], "0-0", sizeof("0-0"));
    }
    do {
        for (size_t index = 0; index < STORE_PARTITIONS_MAX; index++) {
            positions[index] = text_of(reader.positions[index]);
        }
        reader.done = false;
        store_journal_read(world->driver, positions, 256, 0, journal_read, &reader);
        for (size_t turns = 0; turns < SIM_TURNS_MAX && !reader.done; turns++) {
            turn_or_move(world);
        }
        MUST(reader.done);
    } while (reader.read_count > 0);
}

/* ---- life ---- */

struct wall_ms sim_world_now(const struct sim_world *world)
{
    return world->clock.virtual0;
}

struct prng *sim_world_prng(struct sim_world *world)
{
    return &world->prng;
}

int64_t sim_world_real_ms(const struct sim_world *world)
{
    return world->real_ms;
}

void sim_world_hold_crashes(struct sim_world *world, bool hold)
{
    world->hold = hold;
}

size_t sim_world_crashes(const struct sim_world *world)
{
    return world->crash_count;
}

struct sim_world *sim_world_create(const struct sim_options *options)
{
    struct sim_world *world = calloc(1, sizeof(*world));
    MUST(world);
    world->options = *options;
    prng_seed(&world->prng, options->seed);
    world->memory = memory_world_create(options->partitions);
    MUST(world->memory);
    world->driver = store_memory_open(world->memory, TEXT_LITERAL("driver"));
    MUST(world->driver);
    clock_init_stepped(&world->clock, (struct wall_ms){0});
    world->policies[0] = &options->bundle->policy;
    world->rulebook = (struct rulebook){.policies = world->policies, .policy_count = 1};
    if (options->rulebook) {
        world->rulebook = *options->rulebook;
    }
    return world;
}

void sim_world_free(struct sim_world *world)
{
    if (!world) {
        return;
    }
    for (size_t index = 0; index < world->actor_count; index++) {
        if (world->actors[index].live) {
            actor_down(world, &world->actors[index], 0);
        }
    }
    store_close(world->driver);
    memory_world_free(world->memory);
    free(world);
}
