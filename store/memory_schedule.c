/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A binary heap ordered by (score, key) whose members know their place, and a list of claims in
 * the order in which their leases end (all leases have one length, so that is claim order).
 */
#include "store/memory_schedule.h"

#include <stdlib.h>

#include "base/must.h"
#include "store/store.h"

#define FIRST_CAPACITY 64

void memory_schedule_release(struct memory_schedule *schedule)
{
    free(schedule->heap);
    *schedule = (struct memory_schedule){0};
}

static bool is_before(const struct memory_timed *a, const struct memory_timed *b)
{
    if (a->score_ms != b->score_ms)
        return a->score_ms < b->score_ms;
    return text_compare(a->key, b->key) < 0;
}

static void heap_place(struct memory_schedule *schedule, struct memory_timed *timed, size_t slot)
{
    schedule->heap[slot] = timed;
    timed->slot = slot;
}

static void heap_up(struct memory_schedule *schedule, struct memory_timed *timed)
{
    size_t slot = timed->slot;
    while (slot > 1 && is_before(timed, schedule->heap[slot / 2])) {
        heap_place(schedule, schedule->heap[slot / 2], slot);
        slot /= 2;
    }
    heap_place(schedule, timed, slot);
}

static void heap_down(struct memory_schedule *schedule, struct memory_timed *timed)
{
    size_t slot = timed->slot;
    for (;;) { /* ends: slot at least doubles */
        size_t child = slot * 2;
        if (child > schedule->count)
            break;
        if (child < schedule->count && is_before(schedule->heap[child + 1], schedule->heap[child]))
            child++;
        if (!is_before(schedule->heap[child], timed))
            break;
        heap_place(schedule, schedule->heap[child], slot);
        slot = child;
    }
    heap_place(schedule, timed, slot);
}

static void heap_reserve(struct memory_schedule *schedule)
{
    if (schedule->count + 1 < schedule->capacity)
        return;
    const size_t capacity = schedule->capacity ? schedule->capacity * 2 : FIRST_CAPACITY;
    struct memory_timed **const heap =
        realloc(schedule->heap, capacity * sizeof(struct memory_timed *));
    MUST(heap);
    schedule->heap = heap;
    schedule->capacity = capacity;
}

void memory_schedule_set(
    struct memory_schedule *schedule, struct memory_timed *timed, int64_t score_ms)
{
    if (!timed->slot) {
        heap_reserve(schedule);
        heap_place(schedule, timed, ++schedule->count);
    }
    timed->score_ms = score_ms;
    heap_up(schedule, timed);
    heap_down(schedule, timed);
}

void memory_schedule_unset(struct memory_schedule *schedule, struct memory_timed *timed)
{
    if (!timed->slot)
        return;
    struct memory_timed *const last = schedule->heap[schedule->count--];
    if (last != timed) {
        heap_place(schedule, last, timed->slot);
        heap_up(schedule, last);
        heap_down(schedule, last);
    }
    timed->slot = 0;
}

const struct memory_timed *memory_schedule_first(const struct memory_schedule *schedule)
{
    return schedule->count ? schedule->heap[1] : NULL;
}

void memory_schedule_unclaim(struct memory_schedule *schedule, struct memory_timed *timed)
{
    if (!timed->claim_owner)
        return;
    if (timed->claim_previous) {
        timed->claim_previous->claim_next = timed->claim_next;
    } else {
        schedule->claims_first = timed->claim_next;
    }
    if (timed->claim_next) {
        timed->claim_next->claim_previous = timed->claim_previous;
    } else {
        schedule->claims_last = timed->claim_previous;
    }
    timed->claim_next = timed->claim_previous = NULL;
    timed->claim_owner = NULL;
    schedule->claim_count--;
}

static void claim_append(struct memory_schedule *schedule, struct memory_timed *timed)
{
    timed->claim_previous = schedule->claims_last;
    timed->claim_next = NULL;
    if (schedule->claims_last) {
        schedule->claims_last->claim_next = timed;
    } else {
        schedule->claims_first = timed;
    }
    schedule->claims_last = timed;
    schedule->claim_count++;
}

static void claim_give(
    struct memory_schedule *schedule,
    struct memory_timed *timed,
    const struct memory_claimer *claimer,
    int64_t score_ms)
{
    memory_schedule_unclaim(schedule, timed);
    timed->claim_owner = claimer->owner;
    timed->claim_session = claimer->session;
    timed->claim_sequence = claimer->sequence;
    timed->claim_score_ms = score_ms;
    timed->lease_end_ms = claimer->real_ms + STORE_LEASE_MS;
    claim_append(schedule, timed);
}

void memory_schedule_renew(
    struct memory_schedule *schedule, struct memory_timed *timed, int64_t real_ms)
{
    const struct memory_claimer same = {
        .owner = timed->claim_owner,
        .session = timed->claim_session,
        .sequence = timed->claim_sequence,
        .real_ms = real_ms,
    };
    MUST(same.owner);
    claim_give(schedule, timed, &same, timed->claim_score_ms);
}

void memory_schedule_take(
    struct memory_schedule *schedule,
    struct memory_timed *timed,
    const struct memory_claimer *claimer)
{
    memory_schedule_unset(schedule, timed);
    claim_give(schedule, timed, claimer, timed->score_ms);
}

static bool may_take_back(const struct memory_timed *timed, const struct memory_claimer *claimer)
{
    if (timed->lease_end_ms <= claimer->real_ms)
        return true;
    if (timed->claim_owner != claimer->owner)
        return false;
    if (timed->claim_session != claimer->session)
        return claimer->take_older;
    return timed->claim_sequence >= claimer->lost_from && timed->claim_sequence <= claimer->lost_to;
}

size_t memory_schedule_claim(
    struct memory_schedule *schedule,
    const struct memory_claimer *claimer,
    int64_t now_ms,
    size_t max,
    struct memory_timed **ret_taken)
{
    size_t count = 0;
    struct memory_timed *next = NULL;
    struct memory_timed *const newest = schedule->claims_last;
    for (struct memory_timed *timed = schedule->claims_first; timed && count < max; timed = next) {
        next = timed == newest ? NULL : timed->claim_next; /* what is taken goes to the end */
        if (!may_take_back(timed, claimer))
            continue;
        if (timed->slot && timed->score_ms <= now_ms)
            memory_schedule_unset(schedule, timed); /* one answer, not two */
        claim_give(schedule, timed, claimer, timed->claim_score_ms);
        ret_taken[count++] = timed;
    }
    while (count < max && schedule->count && schedule->heap[1]->score_ms <= now_ms) {
        struct memory_timed *const timed = schedule->heap[1];
        memory_schedule_unset(schedule, timed);
        claim_give(schedule, timed, claimer, timed->score_ms);
        ret_taken[count++] = timed;
    }
    return count;
}
