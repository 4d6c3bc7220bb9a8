/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two lists of things with ids: what was added, what is gone, what is in both, and whether those
 * in both have changed places.
 */
#include <stdlib.h>

#include "config/diff_parts.h"

static int item_compare(const void *a, const void *b)
{
    const struct diff_item *left = a;
    const struct diff_item *right = b;
    const int order = text_compare(left->id, right->id);
    return order != 0 ? order : (left->rank > right->rank) - (left->rank < right->rank);
}

void diff_items_index(struct diff *diff, struct diff_items *items)
{
    items->by_id = arena_array(&diff->arena, items->count + 1, sizeof *items->by_id);
    if (!items->by_id) {
        diff->failed = true;
        items->count = 0;
        return;
    }
    for (size_t i = 0; i < items->count; i++) {
        items->items[i].rank = i;
        items->by_id[i] = items->items[i];
    }
    if (items->count > 1) {
        qsort(items->by_id, items->count, sizeof *items->by_id, item_compare);
    }
}

struct diff_items diff_items_of(struct diff *diff, const struct json_value *array)
{
    struct diff_items items = {0};
    items.items = arena_array(&diff->arena, json_count(array) + 1, sizeof *items.items);
    if (!items.items) {
        diff->failed = true;
        return items;
    }
    for (const struct json_value *value = json_first(array); value; value = json_next(value)) {
        items.items[items.count++] =
            (struct diff_item){.id = json_get_string(value, "id"), .value = value};
    }
    diff_items_index(diff, &items);
    return items;
}

const struct diff_item *diff_items_find(const struct diff_items *items, struct text id)
{
    size_t low = 0;
    size_t high = items->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = text_compare(items->by_id[middle].id, id);
        if (order == 0) {
            return &items->by_id[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

static void say_ids(struct diff *diff, const struct diff_items *items, const struct diff_items *in)
{
    bool first = true;
    for (size_t i = 0; i < items->count; i++) {
        if (!diff_items_find(in, items->items[i].id)) {
            continue;
        }
        diff_say(diff, first ? "" : "、", first ? "" : ", ");
        diff_say_text(diff, items->items[i].id);
        first = false;
    }
}

static void tell_order(struct diff *diff, const struct diff_lists *lists)
{
    const struct diff_change change = {.change = "order"};
    if (lists->owner) {
        diff_say_name(diff, lists->owner);
        buf_string(&diff->zh, " 中");
        buf_string(&diff->en, ", ");
    }
    buf_format(&diff->zh, "%s的先后：", lists->order.zh);
    buf_format(&diff->en, "order of %s: ", lists->order.en);
    say_ids(diff, &lists->from, &lists->to);
    diff_say(diff, " → ", " -> ");
    say_ids(diff, &lists->to, &lists->from);
    static const struct diff_subject whole = {.what = "set", .id = {"", 0}};
    diff_tell(diff, lists->owner ? lists->owner : &whole, &change);
}

void diff_lists(struct diff *diff, const struct diff_lists *lists)
{
    size_t rank = 0;
    bool moved = false;
    for (size_t i = 0; i < lists->to.count; i++) {
        const struct diff_item *to = &lists->to.items[i];
        const struct diff_item *from = diff_items_find(&lists->from, to->id);
        lists->pair(diff, lists->owner, from, to);
        moved = moved || (from && from->rank < rank);
        rank = from ? from->rank : rank;
    }
    for (size_t i = 0; i < lists->from.count; i++) {
        const struct diff_item *from = &lists->from.items[i];
        if (!diff_items_find(&lists->to, from->id)) {
            lists->pair(diff, lists->owner, from, NULL);
        }
    }
    if (moved && lists->order.en) {
        tell_order(diff, lists);
    }
}
