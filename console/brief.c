/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See brief.h. The id of a notice is made of kind, date and person, so a console that starts again
 * in the middle repeats nothing. The words are in brief_words.c.
 */
#include "console/brief.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "config/notice.h"
#include "console/brief_parts.h"
#include "console/ledger_going.h"

#define PAGE_ROWS     500
#define ROW_BYTES     ((size_t)1024 * 1024)
#define NEXT_DAYS_MAX 40
#define WEEK_DAYS     7
#define TITLE_BYTES   90

/* ---- days ---- */

static struct civil_day day_plus(struct civil_day day, int32_t days)
{
    return (struct civil_day){.number = day.number + days};
}

static struct civil_day working_from(
    const struct calendar *calendar, struct civil_day day, int32_t step)
{
    struct civil_day at = day_plus(day, step);
    for (int tries = 0; tries < NEXT_DAYS_MAX && !calendar_is_working(calendar, at); tries++) {
        at = day_plus(at, step);
    }
    return at;
}

bool brief_is_weekly_day(const struct calendar *calendar, int32_t weekday, struct civil_day day)
{
    if (!calendar_is_working(calendar, day) || civil_weekday(day) < weekday) {
        return false;
    }
    for (int32_t back = 1; civil_weekday(day) - back >= weekday; back++) {
        if (calendar_is_working(calendar, day_plus(day, -back))) {
            return false; /* it went out then */
        }
    }
    return true;
}

bool brief_is_wanted(const struct settings *settings, enum brief_kind kind)
{
    return (kind == BRIEF_DAILY ? settings->brief_to_count : settings->weekly_to_count) > 0;
}

int32_t brief_at_s(const struct settings *settings, enum brief_kind kind)
{
    return kind == BRIEF_DAILY ? settings->brief_at_s : settings->weekly_at_s;
}

/* ---- beginning and end ---- */

static void roles_read(struct brief *brief)
{
    const struct settings *settings = brief->wish.settings;
    const bool daily = brief->wish.kind == BRIEF_DAILY;
    const struct text usual[] = {TEXT_LITERAL("oversight"), TEXT_LITERAL("leader")};
    const struct text usual_weekly = TEXT_LITERAL("unit_head");
    const struct text *words = daily ? settings->brief_to : settings->weekly_to;
    size_t count = daily ? settings->brief_to_count : settings->weekly_to_count;
    if (count == 0) { /* nobody gets one; what it would be can be shown */
        words = daily ? usual : &usual_weekly;
        count = daily ? sizeof(usual) / sizeof(usual[0]) : 1;
    }
    for (size_t i = 0; i < count && brief->role_count < BRIEF_ROLES_MAX; i++) {
        const enum err err = role_parse(words[i], &brief->roles[brief->role_count], NULL);
        brief->role_count += err == ERR_OK ? 1 : 0;
    }
}

struct brief *brief_begin(const struct brief_wish *wish)
{
    struct brief *brief = calloc(1, sizeof(*brief));
    if (!brief) {
        return NULL;
    }
    const struct calendar *calendar = wish->bundle->policy.calendar;
    const bool daily = wish->kind == BRIEF_DAILY;
    brief->wish = *wish;
    arena_init(&brief->arena, 0);
    brief->day = calendar_local_day(calendar, wish->now);
    brief->until_day =
        daily ? working_from(calendar, brief->day, 1) : day_plus(brief->day, WEEK_DAYS - 1);
    brief->day_end = calendar_instant(calendar, day_plus(brief->day, 1), 0);
    brief->until = calendar_instant(calendar, day_plus(brief->until_day, 1), 0);
    brief->newly_from = calendar_instant(
        calendar, working_from(calendar, brief->day, -1), wish->settings->brief_at_s);
    roles_read(brief);
    return brief;
}

void brief_free(struct brief *brief)
{
    if (brief) {
        arena_release(&brief->arena);
        free(brief->desks);
        free(brief);
    }
}

size_t brief_count(const struct brief *brief)
{
    return brief->desk_count;
}

const struct brief_desk *brief_desk(const struct brief *brief, size_t index)
{
    return &brief->desks[index];
}

/* ---- gathering ---- */

static size_t place_of(const struct brief *brief, struct text person)
{
    size_t low = 0;
    size_t high = brief->desk_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (text_compare(brief->desks[middle].person, person) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool make_room(struct brief *brief)
{
    if (brief->desk_count < brief->desk_room) {
        return true;
    }
    const size_t room = brief->desk_room > 0 ? brief->desk_room * 2 : 16;
    struct brief_desk *desks = realloc(brief->desks, room * sizeof(*desks));
    if (desks) {
        brief->desks = desks;
        brief->desk_room = room;
    }
    return desks != NULL;
}

static struct brief_desk *desk_of(struct brief *brief, struct text person)
{
    const size_t at = place_of(brief, person);
    if (at < brief->desk_count && text_equal(brief->desks[at].person, person)) {
        return &brief->desks[at];
    }
    const struct text kept = arena_text(&brief->arena, person);
    if (!kept.ptr || !make_room(brief)) {
        brief->out_of_memory = true;
        return NULL;
    }
    memmove(
        &brief->desks[at + 1], &brief->desks[at],
        (brief->desk_count - at) * sizeof(brief->desks[0]));
    brief->desks[at] = (struct brief_desk){.person = kept};
    brief->desk_count++;
    return &brief->desks[at];
}

/* The earliest dues are kept; of equal ones what came first, and rows come by case. */
static void keep_row(struct brief *brief, struct brief_desk *desk, const struct ledger_going *row)
{
    size_t at = desk->row_count;
    while (at > 0 && desk->rows[at - 1].due.ms > row->due) {
        at--;
    }
    if (at == BRIEF_ROWS_MAX) {
        return;
    }
    const struct brief_row kept = {
        .case_id = arena_text(&brief->arena, row->key.case_id),
        .title = arena_text(&brief->arena, utf8_cut(row->title, TITLE_BYTES)),
        .unit = arena_text(&brief->arena, row->unit),
        .missed = row->missed,
        .due = {row->due},
    };
    brief->out_of_memory |= !kept.case_id.ptr || !kept.title.ptr || !kept.unit.ptr;
    desk->row_count += desk->row_count < BRIEF_ROWS_MAX ? 1 : 0;
    memmove(
        &desk->rows[at + 1], &desk->rows[at], (desk->row_count - at - 1) * sizeof(desk->rows[0]));
    desk->rows[at] = kept;
}

static void count_row(struct brief *brief, struct brief_desk *desk, const struct ledger_going *row)
{
    if (row->missed) {
        desk->overdue++;
        desk->newly += row->due >= brief->newly_from.ms ? 1 : 0;
    } else if (row->due <= brief->day_end.ms) { /* the end of a day belongs to it */
        desk->today++;
    } else {
        desk->later++;
    }
    keep_row(brief, desk, row);
}

static bool is_asked_for(const struct brief *brief, const struct ledger_going *row)
{
    const struct brief_wish *wish = &brief->wish;
    return (!wish->scope || scope_has(wish->scope, row->unit)) &&
           (wish->unit.bytes == 0 || text_equal(wish->unit, row->unit));
}

static void give_out(struct brief *brief, const struct ledger_going *row)
{
    struct people_list people = {.ids = NULL};
    struct arena arena;
    const struct role_subject subject = {
        .unit = row->unit, .handler = row->handler, .matter = row->matter};
    arena_init(&arena, ROW_BYTES);
    if (directory_resolve(
            brief->wish.bundle->policy.directory, brief->roles, brief->role_count, &subject, &arena,
            &people)) {
        brief->out_of_memory = true;
    }
    for (size_t i = 0; i < people.count; i++) {
        struct brief_desk *desk = desk_of(brief, people.ids[i]);
        if (desk) {
            count_row(brief, desk, row);
        }
    }
    arena_release(&arena);
}

static bool take_row(void *context, const struct ledger_going *row)
{
    struct brief *brief = context;
    brief->rows++;
    (void)snprintf(brief->after_case, BRIEF_KEY_BYTES, "%.*s", TEXT_ARGS(row->key.case_id));
    (void)snprintf(brief->after_clock, BRIEF_KEY_BYTES, "%.*s", TEXT_ARGS(row->key.clock));
    brief->after_run = row->key.run;
    if (is_asked_for(brief, row)) {
        give_out(brief, row);
    }
    return !brief->out_of_memory;
}

enum err brief_page(struct brief *brief, struct ledger *ledger, bool *ret_done)
{
    char after_case[BRIEF_KEY_BYTES];
    char after_clock[BRIEF_KEY_BYTES];
    memcpy(after_case, brief->after_case, BRIEF_KEY_BYTES);
    memcpy(after_clock, brief->after_clock, BRIEF_KEY_BYTES);
    const struct going_query query = {
        .after = {text_of(after_case), text_of(after_clock), brief->after_run},
        .due_until = brief->until.ms,
        .limit = PAGE_ROWS,
    };
    brief->rows = 0;
    const enum err err =
        brief->role_count > 0 ? ledger_going_runs(ledger, &query, take_row, brief) : ERR_OK;
    if (err || brief->out_of_memory) {
        return err ? err : ERR_NO_MEMORY;
    }
    *ret_done = brief->rows < PAGE_ROWS;
    return ERR_OK;
}

/* ---- notices ---- */

static void notice_id(
    const struct brief *brief, struct text person, char ret_id[static NRT_ID_BYTES])
{
    char date[24];
    (void)snprintf(date, sizeof(date), "%d", (int)brief->day.number);
    const struct text parts[] = {
        text_of(brief->wish.kind == BRIEF_DAILY ? "brief" : "weekly"), text_of(date), person};
    crypto_id(parts, sizeof(parts) / sizeof(parts[0]), ret_id);
}

static bool is_english(const struct settings *settings, const struct text *via, size_t count)
{
    const struct text *first = count > 0 ? via : settings->default_via;
    const struct channel_settings *channel =
        count > 0 || settings->default_via_count > 0 ? settings_channel(settings, *first) : NULL;
    return channel && channel->english;
}

void brief_write(const struct brief *brief, size_t index, struct buf *json, struct text *ret_person)
{
    char id[NRT_ID_BYTES];
    struct brief_values words;
    const struct settings *settings = brief->wish.settings;
    const struct brief_desk *desk = &brief->desks[index];
    const bool daily = brief->wish.kind == BRIEF_DAILY;
    const struct text *via = daily ? settings->brief_via : settings->weekly_via;
    const size_t via_count = daily ? settings->brief_via_count : settings->weekly_via_count;
    const struct text template_id = text_of(daily ? "brief" : "weekly");
    const bool has_template = bundle_template(brief->wish.bundle, template_id) != NULL;
    const bool english = is_english(settings, via, via_count);
    brief_values_make(brief, desk, english, &words);
    notice_id(brief, desk->person, id);
    const struct notice_value values[] = {
        {"count", text_of(words.count)},
        {"stage", buf_view(&words.stage)},
        {"worst", buf_view(&words.worst)},
        {"link", settings->public_url},
    };
    const struct notice notice = {
        .kind = daily ? "brief" : "weekly",
        .id = text_of(id),
        .to = &desk->person,
        .to_count = 1,
        .via = via,
        .via_count = via_count,
        .template_id = has_template ? template_id : (struct text){0},
        .title = text_of(brief_title(brief->wish.kind, english)),
        .text = has_template ? (struct text){0} : buf_view(&words.text),
        .values = values,
        .value_count = has_template ? sizeof(values) / sizeof(values[0]) : 0,
        .send = SEND_DAY,
        .at = brief->wish.now,
    };
    notice_write(&notice, json);
    if (words.text.error) {
        json->error = words.text.error;
    }
    *ret_person = desk->person;
    brief_values_release(&words);
}
