/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a message's id to what its page shows. Rows of the ledger are copied while they are
 * valid; an item costs three look-ups by key.
 */
#include <string.h>

#include "base/json.h"
#include "console/tap.h"

#define GROUP_PREFIX TEXT_LITERAL("robot:")

struct reading {
    struct tap *tap;
    struct ledger *ledger;
    struct tap_item *item;
    bool out_of_memory;
};

static struct text keep(struct reading *reading, struct text text)
{
    const struct text copy = arena_text(reading->tap->arena, text);
    reading->out_of_memory |= text.bytes > 0 && !copy.ptr;
    return copy;
}

static struct text person_name(const struct tap *tap, struct text id)
{
    const struct person *person = directory_person(tap->bundle->policy.directory, id);
    return person ? person->name : id;
}

/* ---- a message and its case ---- */

static bool take_case(void *context, const struct ledger_case *row)
{
    struct reading *reading = context;
    struct tap_item *item = reading->item;
    const struct unit *unit = directory_unit(reading->tap->bundle->policy.directory, row->unit);
    item->title = keep(reading, row->title);
    item->unit = keep(reading, row->unit);
    item->unit_name = unit ? unit->name : item->unit;
    item->handler = keep(reading, row->handler);
    item->handler_name = person_name(reading->tap, item->handler);
    item->settled = text_is(row->state, "completed") || text_is(row->state, "withdrawn");
    item->objected = row->objected.known;
    return true;
}

static bool take_run(void *context, const struct ledger_run *row)
{
    struct reading *reading = context;
    struct tap_item *item = reading->item;
    if (!text_equal(row->clock, item->clock) || row->run != item->run) {
        return true;
    }
    const bool runs = text_is(row->outcome, "running") || text_is(row->outcome, "paused") ||
                      (text_is(row->outcome, "missed") && !row->stopped.known);
    item->settled = item->settled || !runs;
    item->due = row->due;
    return false;
}

static enum err read_case(struct reading *reading)
{
    struct tap_item *item = reading->item;
    enum err err = ledger_case_read(reading->ledger, item->case_id, take_case, reading);
    if (!err) {
        err = ledger_runs(reading->ledger, item->case_id, take_run, reading);
    }
    if (!err && reading->out_of_memory) {
        err = ERR_NO_MEMORY;
    }
    return err;
}

static void take_item(struct reading *reading, const struct ledger_message *row)
{
    struct tap *tap = reading->tap;
    if (tap->item_count == TAP_ITEMS_MAX) {
        tap->more_count++;
        return;
    }
    tap->items[tap->item_count++] = (struct tap_item){
        .message = keep(reading, row->id),
        .alert = keep(reading, row->alert),
        .case_id = keep(reading, row->case_id),
        .clock = keep(reading, row->clock),
        .clock_title = keep(reading, row->clock_title),
        .stage = keep(reading, row->stage),
        .stage_title = keep(reading, row->stage_title),
        .light = keep(reading, row->light),
        .run = row->run,
        .due = row->due,
        .acked = row->acked,
    };
}

static bool take_member(void *context, const struct ledger_message *row)
{
    struct reading *reading = context;
    if (row->case_id.bytes > 0 && !text_is(row->id, reading->tap->claim.message)) {
        take_item(reading, row);
    }
    return true;
}

static bool take_message(void *context, const struct ledger_message *row)
{
    struct reading *reading = context;
    struct tap *tap = reading->tap;
    tap->person = keep(reading, row->person);
    tap->channel = keep(reading, row->channel);
    tap->group = text_starts_with(tap->person, GROUP_PREFIX);
    if (row->case_id.bytes > 0) {
        take_item(reading, row);
    }
    return false;
}

/* ---- who may be chosen ---- */

static void add_person(struct tap *tap, const struct person *person)
{
    for (size_t i = 0; person && i < tap->people_count; i++) {
        person = text_equal(tap->people[i].id, person->id) ? NULL : person;
    }
    if (person && tap->people_count < TAP_PEOPLE_MAX) {
        tap->people[tap->people_count++] = (struct tap_person){person->id, person->name};
    }
}

static bool is_of_unit(const struct unit *unit, const struct person *person)
{
    bool listed = text_equal(person->unit, unit->id);
    for (size_t i = 0; !listed && i < unit->handler_count; i++) {
        listed = text_equal(unit->handlers[i], person->id);
    }
    return listed;
}

/* Who leads a unit or keeps its desk need not belong to it. */
static bool speaks_for(const struct unit *unit, const struct person *person)
{
    return is_of_unit(unit, person) || text_equal(unit->head, person->id) ||
           text_equal(unit->deputy_head, person->id) || text_equal(unit->leader, person->id) ||
           text_equal(unit->clerk, person->id);
}

/*
 * Somebody of the case's own unit may name who handles it. Not while an objection waits: a
 * transfer is also the ruling on it. Not for the clock of a co-handling unit, whose handler no
 * event can change.
 */
static void read_delegates(struct tap *tap)
{
    const struct directory *directory = tap->bundle->policy.directory;
    const struct tap_item *item = &tap->items[0];
    const struct unit *unit = directory_unit(directory, item->unit);
    const struct person *person = directory_person(directory, tap->person);
    size_t count = 0;
    const struct person *people = directory_people(directory, &count);
    const bool of_another =
        item->clock.bytes > 0 && memchr(item->clock.ptr, '@', item->clock.bytes) != NULL;
    if (!unit || !person || item->settled || item->objected || of_another ||
        !speaks_for(unit, person)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_of_unit(unit, &people[i]) && !text_equal(people[i].id, item->handler)) {
            add_person(tap, &people[i]);
        }
    }
    tap->may_delegate = tap->people_count > 0;
}

static bool take_addressed(void *context, const struct ledger_alert *row)
{
    struct reading *reading = context;
    struct json_doc *doc = NULL;
    if (json_parse(row->recipients, &json_limits_event, &doc, NULL)) {
        return false;
    }
    const struct json_value *value = json_first(json_root(doc));
    for (; value; value = json_next(value)) {
        add_person(
            reading->tap,
            directory_person(reading->tap->bundle->policy.directory, json_string(value)));
    }
    json_free(doc);
    return false;
}

static enum err read_people(struct reading *reading)
{
    struct tap *tap = reading->tap;
    struct list_end end;
    if (tap->item_count != 1 || tap->digest) {
        return ERR_OK;
    }
    if (!tap->group) {
        read_delegates(tap);
        return ERR_OK;
    }
    const struct alert_query query = {.id = tap->items[0].alert, .limit = 1};
    return ledger_alerts(reading->ledger, &query, take_addressed, reading, &end);
}

/* ---- a digest ---- */

static enum err link_item(
    const struct tap *tap, struct tap_item *item, const uint8_t key[static LINK_KEY_BYTES])
{
    struct link_claim claim = tap->claim;
    struct buf token;
    if (item->message.bytes != NRT_ID_BYTES - 1) {
        return ERR_OK;
    }
    memcpy(claim.message, item->message.ptr, item->message.bytes);
    buf_init(&token, LINK_TOKEN_CHARS + 1);
    const enum err err = link_token_make(key, &claim, &token);
    item->link = err ? (struct text){0} : arena_text(tap->arena, buf_view(&token));
    buf_release(&token);
    return err;
}

/* The worst first, what is settled last. */
static bool goes_before(const struct tap_item *a, const struct tap_item *b)
{
    if (a->settled != b->settled) {
        return b->settled;
    }
    return a->due.known && (!b->due.known || a->due.ms < b->due.ms);
}

static void sort_items(struct tap *tap)
{
    for (size_t i = 1; i < tap->item_count; i++) {
        const struct tap_item item = tap->items[i];
        size_t place = i;
        for (; place > 0 && goes_before(&item, &tap->items[place - 1]); place--) {
            tap->items[place] = tap->items[place - 1];
        }
        tap->items[place] = item;
    }
}

/* The message itself, or what was gathered into it. */
static enum err read_items(struct reading *reading)
{
    struct tap *tap = reading->tap;
    struct list_end end;
    const struct message_query one = {.id = text_of(tap->claim.message), .limit = 1};
    const struct message_query members = {.digest = one.id, .limit = TAP_ITEMS_MAX + TAP_MORE_MAX};
    enum err err = ledger_messages(reading->ledger, &one, take_message, reading, &end);
    if (!err && tap->channel.bytes == 0) {
        err = ERR_NOT_FOUND; /* a receipt may be there before its message */
    }
    if (!err && tap->item_count == 0) {
        err = ledger_messages(reading->ledger, &members, take_member, reading, &end);
        tap->digest = tap->item_count > 0;
    }
    return err;
}

enum err tap_read(struct tap *tap, struct ledger *ledger, const uint8_t key[static LINK_KEY_BYTES])
{
    struct reading reading = {.tap = tap, .ledger = ledger};
    enum err err = read_items(&reading);
    for (size_t i = 0; !err && i < tap->item_count; i++) {
        reading.item = &tap->items[i];
        err = read_case(&reading);
        if (!err && tap->digest) {
            err = link_item(tap, reading.item, key);
        }
    }
    if (err) {
        return err;
    }
    sort_items(tap);
    err = read_people(&reading);
    tap->person_name = tap->group ? (struct text){0} : person_name(tap, tap->person);
    tap->person = tap->group ? (struct text){0} : tap->person;
    return !err && reading.out_of_memory ? ERR_NO_MEMORY : err;
}

bool tap_choose_person(struct tap *tap, struct text id)
{
    if (!tap->group) {
        return tap->person.bytes > 0;
    }
    for (size_t i = 0; i < tap->people_count; i++) {
        if (text_equal(tap->people[i].id, id)) {
            tap->person = tap->people[i].id;
            tap->person_name = tap->people[i].name;
            return true;
        }
    }
    return false;
}

bool tap_is_open(const struct tap *tap)
{
    for (size_t i = 0; i < tap->item_count; i++) {
        if (!tap->items[i].settled) {
            return true;
        }
    }
    return false;
}
