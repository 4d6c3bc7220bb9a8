/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See paper_draft.h. What a notice says of a case is taken from the ledger when it is drafted, and
 * kept with it: titles and dues may change later, the paper that went out does not.
 */
#include "console/paper_draft.h"

#include <stdio.h>
#include <string.h>

#include "rules/duration.h"

#define REQUEST_BYTES_MAX 64

struct taking {
    const struct view *view;
    struct paper_draft *draft;
    struct paper_item *item;
    bool is_units;
    bool out_of_memory;
};

static struct text keep(struct taking *taking, struct text text)
{
    const struct text kept = arena_text(taking->draft->arena, text);
    taking->out_of_memory = taking->out_of_memory || !kept.ptr;
    return kept;
}

/* ---- cases ---- */

static bool take_case(void *context, const struct ledger_case *row)
{
    struct taking *taking = context;
    taking->is_units = text_equal(row->unit, taking->draft->unit);
    taking->item->case_id = keep(taking, row->id);
    taking->item->title = keep(taking, row->title);
    taking->item->number = keep(taking, row->number);
    return false;
}

static bool is_open(const struct ledger_run *run)
{
    return run->due.known && !run->stopped.known &&
           (text_is(run->outcome, "running") || text_is(run->outcome, "missed"));
}

/* The run with the earliest due that is still to be met, else the last missed one. */
static bool take_run(void *context, const struct ledger_run *run)
{
    struct taking *taking = context;
    struct paper_item *item = taking->item;
    taking->is_units = taking->is_units || text_equal(run->unit, taking->draft->unit);
    const bool missed = text_is(run->outcome, "missed") && run->due.known;
    if ((!is_open(run) && !missed) || (item->has_due && item->due.ms <= run->due.ms)) {
        return true;
    }
    const struct wall_ms end = {run->stopped.known ? run->stopped.ms : taking->view->now.ms};
    item->has_due = true;
    item->due.ms = run->due.ms;
    item->clock = keep(taking, run->title);
    item->is_late = missed;
    item->late_days = 0;
    if (missed && end.ms > item->due.ms) {
        const struct calendar *calendar = view_policy(taking->view)->calendar;
        item->late_days = calendar_between(calendar, item->due, end).working_days;
    }
    return true;
}

static enum err read_case(struct taking *taking, struct text id)
{
    struct paper_draft *draft = taking->draft;
    for (size_t index = 0; index < draft->item_count; index++) {
        if (text_equal(draft->items[index].case_id, id)) {
            return ERR_OK; /* named twice */
        }
    }
    taking->item = &draft->items[draft->item_count];
    taking->is_units = false;
    enum err err = ledger_case_read(taking->view->ledger, id, take_case, taking);
    if (!err) {
        err = ledger_runs(taking->view->ledger, id, take_run, taking);
    }
    if (err == ERR_NOT_FOUND || (!err && !taking->is_units)) {
        draft->trouble = "cases: one of them is not a case of this unit";
        return ERR_OK;
    }
    draft->item_count += err ? 0 : 1;
    return err || !taking->out_of_memory ? err : ERR_NO_MEMORY;
}

static enum err read_cases(struct taking *taking, const struct json_value *list)
{
    struct paper_draft *draft = taking->draft;
    enum err err = ERR_OK;
    const struct json_value *item = json_type(list) == JSON_ARRAY ? json_first(list) : NULL;
    for (; item && !err && !draft->trouble; item = json_next(item)) {
        if (draft->item_count == PAPER_CASES_MAX) {
            draft->trouble = "cases: at most 200 in one notice";
        } else {
            err = read_case(taking, json_string(item));
        }
    }
    if (!err && !draft->trouble && draft->item_count == 0) {
        draft->trouble = "cases: missing; it must be a list of case ids";
    }
    return err;
}

/* ---- copies ---- */

/* The name of whom a word means; NULL pointer when it means nobody. */
static struct text name_of(const struct view *view, struct text word)
{
    static const struct {
        const char *word;
        const char *name;
    } roles[] = {
        {"unit_head", "单位主要负责人"}, {"deputy_head", "单位副职"}, {"leader", "分管领导"},
        {"clerk", "单位联络员"},         {"oversight", "督查部门"},
    };
    const struct directory *directory = view_policy(view)->directory;
    const struct person *person = directory_person(directory, word);
    const struct unit *unit = directory_unit(directory, word);
    if (person || unit) {
        return person ? person->name : unit->name;
    }
    for (size_t index = 0; index < sizeof(roles) / sizeof(roles[0]); index++) {
        if (text_is(word, roles[index].word)) {
            return text_of(roles[index].name);
        }
    }
    return (struct text){0};
}

static void read_copies(struct taking *taking, const struct json_value *list)
{
    struct paper_draft *draft = taking->draft;
    const struct json_value *item = json_type(list) == JSON_ARRAY ? json_first(list) : NULL;
    for (; item && !draft->trouble; item = json_next(item)) {
        const struct text word = json_string(item);
        const struct text name = name_of(taking->view, word);
        if (draft->copy_count == PAPER_COPIES_MAX) {
            draft->trouble = "copy_to: at most 20";
        } else if (!name.ptr) {
            draft->trouble = "copy_to: each must be a person, a unit, or one of unit_head, "
                             "deputy_head, leader, clerk, oversight";
        } else {
            draft->copies[draft->copy_count] = keep(taking, word);
            draft->copy_names[draft->copy_count++] = keep(taking, name);
        }
    }
}

/* ---- the rest ---- */

static void read_unit(struct taking *taking, struct text id)
{
    struct paper_draft *draft = taking->draft;
    const struct unit *unit = directory_unit(view_policy(taking->view)->directory, id);
    const struct scope *scope = actor_scope(taking->view->actor, RIGHT_OVERSEE);
    if (!unit || !scope_has(scope, id)) {
        draft->trouble = "unit: must be a unit that you oversee";
        return;
    }
    draft->unit = keep(taking, id);
    draft->unit_name = keep(taking, unit->name);
}

/* An instant, or a date, which means its end. */
static void read_reply_by(struct taking *taking, struct text word)
{
    struct paper_draft *draft = taking->draft;
    struct civil_day day;
    const struct calendar *calendar = view_policy(taking->view)->calendar;
    if (word.bytes == 0) {
        if (draft->kind != PAPER_URGE && !draft->trouble) {
            draft->trouble = "reply_by: missing; it must be a date or an instant in the future";
        }
        return;
    }
    draft->has_reply_by = true;
    if (civil_parse(word, &day) == ERR_OK) {
        draft->reply_by = calendar_end_of(calendar, day);
    } else if (wall_parse(word.ptr, word.bytes, &draft->reply_by)) {
        draft->reply_by.ms = 0;
    }
    if (draft->reply_by.ms <= taking->view->now.ms && !draft->trouble) {
        draft->trouble = "reply_by: must be a date or an instant in the future";
    }
}

static void read_words(struct taking *taking, const struct json_value *body)
{
    struct paper_draft *draft = taking->draft;
    draft->words = keep(taking, json_get_string(body, "text"));
    draft->by = keep(taking, json_get_string(body, "by"));
    draft->request = keep(taking, json_get_string(body, "request"));
    if (draft->words.bytes > PAPER_WORDS_BYTES_MAX) {
        draft->trouble = "text: at most 4000 bytes";
    } else if (draft->request.bytes > REQUEST_BYTES_MAX) {
        draft->trouble = "request: at most 64 bytes";
    }
}

enum err paper_draft_read(
    const struct view *view,
    const struct json_value *body,
    struct arena *arena,
    struct paper_draft *ret_draft)
{
    struct taking taking = {.view = view, .draft = ret_draft};
    *ret_draft = (struct paper_draft){.arena = arena};
    if (!paper_kind_read(json_get_string(body, "kind"), &ret_draft->kind)) {
        ret_draft->trouble = "kind: must be urge, supervise, rectify or interview";
        return ERR_OK;
    }
    read_words(&taking, body);
    if (!ret_draft->trouble) {
        read_unit(&taking, json_get_string(body, "unit"));
    }
    read_reply_by(&taking, json_get_string(body, "reply_by"));
    read_copies(&taking, json_get(body, "copy_to"));
    const enum err err = ret_draft->trouble ? ERR_OK : read_cases(&taking, json_get(body, "cases"));
    return err || !taking.out_of_memory ? err : ERR_NO_MEMORY;
}

/* ---- as the wording needs it ---- */

struct paper paper_of_draft(
    const struct view *view, const struct paper_draft *draft, struct text number)
{
    return (struct paper){
        .kind = draft->kind,
        .number = number,
        .office = view->settings->office_name,
        .unit_name = draft->unit_name,
        .items = draft->items,
        .item_count = draft->item_count,
        .words = draft->words,
        .has_reply_by = draft->has_reply_by,
        .reply_by = draft->reply_by,
        .copies = draft->copy_names,
        .copy_count = draft->copy_count,
        .at = view->now,
        .calendar = view_policy(view)->calendar,
    };
}

static size_t count_of(const struct json_value *array)
{
    size_t count = 0;
    for (const struct json_value *item = json_first(array); item; item = json_next(item)) {
        count++;
    }
    return count;
}

static void item_of(const struct json_value *value, struct arena *arena, struct paper_item *item)
{
    int64_t due = 0;
    *item = (struct paper_item){
        .case_id = arena_text(arena, json_get_string(value, "case")),
        .title = arena_text(arena, json_get_string(value, "title")),
        .number = arena_text(arena, json_get_string(value, "number")),
        .clock = arena_text(arena, json_get_string(value, "clock")),
        .has_due = !json_i64(json_get(value, "due"), &due),
        .is_late = json_is_true(json_get(value, "late")),
    };
    item->due.ms = due;
    if (json_i64(json_get(value, "late_days"), &item->late_days)) {
        item->late_days = 0;
    }
}

static enum err take_lists(
    const struct view *view, const struct ledger_paper *row, struct arena *arena, struct paper *to)
{
    struct json_doc *items = NULL;
    struct json_doc *copies = NULL;
    enum err err = json_parse(row->items, &json_limits_config, &items, NULL);
    if (!err) {
        err = json_parse(row->copy_to, &json_limits_config, &copies, NULL);
    }
    struct paper_item *item = NULL;
    struct text *name = NULL;
    if (!err) {
        to->item_count = count_of(json_root(items));
        to->copy_count = count_of(json_root(copies));
        item = arena_array(arena, to->item_count + 1, sizeof(*item));
        name = arena_array(arena, to->copy_count + 1, sizeof(*name));
        to->items = item;
        to->copies = name;
        err = item && name ? ERR_OK : ERR_NO_MEMORY;
    }
    const struct json_value *at = err ? NULL : json_first(json_root(items));
    for (; at; at = json_next(at)) {
        item_of(at, arena, item++);
    }
    at = err ? NULL : json_first(json_root(copies));
    for (; at; at = json_next(at)) {
        const struct text known = name_of(view, json_string(at));
        *name++ = arena_text(arena, known.ptr ? known : json_string(at));
    }
    json_free(items);
    json_free(copies);
    return err;
}

enum err paper_of_row(
    const struct view *view,
    const struct ledger_paper *row,
    struct arena *arena,
    struct paper *ret_paper)
{
    struct paper paper = {
        .number = arena_text(arena, text_of(row->number)),
        .office = arena_text(arena, row->office),
        .unit_name = arena_text(arena, row->unit_name),
        .words = arena_text(arena, row->words),
        .has_reply_by = row->reply_by.known,
        .reply_by = {row->reply_by.ms},
        .at = {row->at},
        .calendar = view_policy(view)->calendar,
    };
    if (!paper.number.ptr || !paper.office.ptr || !paper.unit_name.ptr || !paper.words.ptr) {
        return ERR_NO_MEMORY;
    }
    if (!paper_kind_read(row->kind, &paper.kind)) {
        return ERR_CORRUPT; /* of a newer program */
    }
    const enum err err = take_lists(view, row, arena, &paper);
    if (!err) {
        *ret_paper = paper;
    }
    return err;
}

struct text paper_prefix(const struct settings *settings, enum paper_kind kind, struct arena *arena)
{
    char prefix[128];
    (void)snprintf(
        prefix, sizeof(prefix), "%.*s%s", TEXT_ARGS(utf8_cut(settings->notice_prefix, 60)),
        paper_mark(kind));
    return arena_text(arena, text_of(prefix));
}

int64_t paper_year(const struct view *view, struct wall_ms at)
{
    return civil_date_of(calendar_local_day(view_policy(view)->calendar, at)).year;
}
