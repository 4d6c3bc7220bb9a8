/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a case stands at, in one word, and whom it concerns: both made from a case fact alone, and
 * kept in columns so that lists can be filtered and scopes be asked without looking at its runs.
 */
#include <stdint.h>
#include <string.h>

#include "console/ledger_internal.h"

/* A miss that is waived, or that only a new rule made, stands in history, but does not count. */
static bool has_miss(const struct json_value *fact)
{
    const struct json_value *run = json_first(json_get(fact, "runs"));
    for (; run; run = json_next(run)) {
        if (text_is(json_get_string(run, "outcome"), "missed") &&
            !json_is_true(json_get(run, "waived")) && !json_is_true(json_get(run, "rule_change"))) {
            return true;
        }
    }
    return false;
}

/* The six states of a case, and withdrawn: the first that applies (docs/ledger.md). */
static const char *status_of(const struct json_value *fact)
{
    const struct text state = json_get_string(fact, "state");
    const struct text light = json_get_string(fact, "light");
    if (text_is(state, "withdrawn")) {
        return "withdrawn";
    }
    if (text_is(state, "completed")) {
        return has_miss(fact) ? "met_late" : "met";
    }
    if (text_is(state, "suspended")) {
        return "suspended";
    }
    if (text_is(light, "red")) { /* a run was missed and has not ended */
        return "overdue";
    }
    return text_is(light, "yellow") ? "near" : "not_due";
}

/* Its unit, its sender's, those of its runs: each once, ascending. */
#define UNITS_MAX 64
struct units {
    struct text ids[UNITS_MAX];
    size_t count;
};

static void units_add(struct units *units, struct text id)
{
    size_t at = 0;
    while (at < units->count && text_compare(units->ids[at], id) < 0) {
        at++;
    }
    const bool known = at < units->count && text_equal(units->ids[at], id);
    if (id.bytes == 0 || known || units->count == UNITS_MAX) {
        return;
    }
    memmove(&units->ids[at + 1], &units->ids[at], (units->count - at) * sizeof(units->ids[0]));
    units->ids[at] = id;
    units->count++;
}

static void bind_units(struct sql_stmt *stmt, int index, const struct json_value *fact)
{
    struct units units = {.count = 0};
    struct buf array;
    struct json_out out;
    units_add(&units, json_get_string(fact, "unit"));
    units_add(&units, json_get_string(fact, "from_unit"));
    const struct json_value *run = json_first(json_get(fact, "runs"));
    for (; run; run = json_next(run)) {
        units_add(&units, json_get_string(run, "unit"));
    }
    buf_init(&array, (size_t)64 * 1024);
    json_out_init(&out, &array);
    json_out_open(&out, '[');
    for (size_t at = 0; at < units.count; at++) {
        json_out_string(&out, units.ids[at]);
    }
    json_out_close(&out, ']');
    sql_bind_text(stmt, index, buf_view(&array));
    buf_release(&array);
}

/* ---- has anything changed that runs and sums are made from? ---- */

#define FNV_BASIS 0xCBF29CE484222325U
#define FNV_PRIME 0x100000001B3U

static uint64_t hash_add(uint64_t hash, struct text text)
{
    for (size_t index = 0; index < text.bytes; index++) {
        hash = (hash ^ (uint8_t)text.ptr[index]) * FNV_PRIME;
    }
    return (hash ^ 0xFFU) * FNV_PRIME; /* between two texts */
}

/*
 * NULL for facts of older programs, which do not tell all of it. Two facts of one case with the
 * same hash and other runs would take 2^64 tries; whoever can write facts has shorter ways.
 */
static void bind_hash(struct sql_stmt *stmt, int index, const struct json_value *fact)
{
    static const char *const texts[] = {"unit", "matter", "handler", "state"};
    static const char *const values[] = {"created", "figures", "runs"};
    uint64_t hash = FNV_BASIS;
    struct buf json;
    struct json_out out;
    buf_init(&json, (size_t)4 * 1024 * 1024);
    json_out_init(&out, &json);
    json_out_open(&out, '[');
    bool all = true;
    for (size_t at = 0; at < sizeof(values) / sizeof(values[0]); at++) {
        const struct json_value *value = json_get(fact, values[at]);
        all = all && value;
        if (value) {
            json_out_value(&out, value);
        }
    }
    for (size_t at = 0; at < sizeof(texts) / sizeof(texts[0]); at++) {
        hash = hash_add(hash, json_get_string(fact, texts[at]));
    }
    hash = hash_add(hash, buf_view(&json));
    if (all && buf_error(&json) == ERR_OK) {
        sql_bind_i64(stmt, index, (int64_t)(hash >> 1));
    } else {
        sql_bind_null(stmt, index);
    }
    buf_release(&json);
}

void ledger_bind_standing(struct sql_stmt *stmt, int index, const struct json_value *fact)
{
    sql_bind_text(stmt, index, text_of(status_of(fact)));
    bind_units(stmt, index + 1, fact);
    bind_hash(stmt, index + 2, fact);
}
