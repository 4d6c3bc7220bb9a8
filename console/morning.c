/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See morning.h. The id of a notice is made of date and person, so a console that starts again
 * in the middle repeats nothing.
 */
#include "console/morning.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "config/notice.h"
#include "console/ledger_going.h"

#define PAGE_ROWS     500
#define ROLES_MAX     32
#define ROW_BYTES     ((size_t)1024 * 1024)
#define WORDS_BYTES   ((size_t)8192)
#define TITLE_BYTES   90 /* of the most urgent: a text message is short */
#define NEXT_DAYS_MAX 40
#define KEY_BYTES     160

/* What one person is told. */
struct desk {
    struct text person;
    int64_t today;
    int64_t next;
    int64_t overdue;
    int64_t worst_due;
    bool worst_missed;
    struct text worst_title;
    struct text worst_unit;
};

struct morning {
    struct console *console;
    struct arena arena; /* of what is kept */
    struct wall_ms now;
    struct civil_day day;
    struct civil_day next_day; /* the next working day */
    struct wall_ms day_end;
    struct wall_ms next_end;
    struct role roles[ROLES_MAX];
    size_t role_count;
    struct desk *desks; /* heap; ascending by person */
    size_t desk_count;
    size_t desk_room;
    char after_case[KEY_BYTES];
    char after_clock[KEY_BYTES];
    int64_t after_run;
    size_t rows; /* of the page */
    bool out_of_memory;
};

static const struct calendar *calendar_of(const struct morning *morning)
{
    return morning->console->env->bundle->policy.calendar;
}

static struct civil_day day_after(struct civil_day day)
{
    return (struct civil_day){.number = day.number + 1};
}

static struct civil_day next_working(const struct calendar *calendar, struct civil_day day)
{
    struct civil_day at = day_after(day);
    for (int step = 0; step < NEXT_DAYS_MAX && !calendar_is_working(calendar, at); step++) {
        at = day_after(at);
    }
    return at;
}

struct morning *morning_begin(struct console *console, struct wall_ms now)
{
    struct morning *morning = calloc(1, sizeof(*morning));
    if (!morning) {
        return NULL;
    }
    const struct settings *settings = console->env->settings;
    morning->console = console;
    morning->now = now;
    arena_init(&morning->arena, 0);
    const struct calendar *calendar = calendar_of(morning);
    morning->day = calendar_local_day(calendar, now);
    morning->next_day = next_working(calendar, morning->day);
    morning->day_end = calendar_instant(calendar, day_after(morning->day), 0);
    morning->next_end = calendar_instant(calendar, day_after(morning->next_day), 0);
    for (size_t i = 0; i < settings->morning_to_count && morning->role_count < ROLES_MAX; i++) {
        const enum err err =
            role_parse(settings->morning_to[i], &morning->roles[morning->role_count], NULL);
        morning->role_count += err == ERR_OK ? 1 : 0;
    }
    return morning;
}

void morning_free(struct morning *morning)
{
    if (morning) {
        arena_release(&morning->arena);
        free(morning->desks);
        free(morning);
    }
}

size_t morning_count(const struct morning *morning)
{
    return morning->desk_count;
}

/* ---- gathering ---- */

static size_t place_of(const struct morning *morning, struct text person)
{
    size_t low = 0;
    size_t high = morning->desk_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (text_compare(morning->desks[middle].person, person) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool make_room(struct morning *morning)
{
    if (morning->desk_count < morning->desk_room) {
        return true;
    }
    const size_t room = morning->desk_room > 0 ? morning->desk_room * 2 : 64;
    struct desk *desks = realloc(morning->desks, room * sizeof(*desks));
    if (desks) {
        morning->desks = desks;
        morning->desk_room = room;
    }
    return desks != NULL;
}

static struct desk *desk_of(struct morning *morning, struct text person)
{
    const size_t at = place_of(morning, person);
    if (at < morning->desk_count && text_equal(morning->desks[at].person, person)) {
        return &morning->desks[at];
    }
    const struct text kept = arena_text(&morning->arena, person);
    if (!kept.ptr || !make_room(morning)) {
        morning->out_of_memory = true;
        return NULL;
    }
    memmove(
        &morning->desks[at + 1], &morning->desks[at],
        (morning->desk_count - at) * sizeof(morning->desks[0]));
    morning->desks[at] = (struct desk){.person = kept, .worst_due = INT64_MAX};
    morning->desk_count++;
    return &morning->desks[at];
}

/* Rows come in the order of their cases, so of equally urgent ones the first is kept. */
static void count_row(struct morning *morning, struct desk *desk, const struct ledger_going *row)
{
    if (row->missed) {
        desk->overdue++;
    } else if (row->due <= morning->day_end.ms) { /* the end of a day belongs to it */
        desk->today++;
    } else {
        desk->next++;
    }
    if (row->due < desk->worst_due) {
        desk->worst_due = row->due;
        desk->worst_missed = row->missed;
        desk->worst_title = arena_text(&morning->arena, utf8_cut(row->title, TITLE_BYTES));
        desk->worst_unit = arena_text(&morning->arena, row->unit);
        morning->out_of_memory |= !desk->worst_title.ptr || !desk->worst_unit.ptr;
    }
}

static bool take_row(void *context, const struct ledger_going *row)
{
    struct morning *morning = context;
    struct people_list people = {.ids = NULL};
    struct arena arena;
    const struct role_subject subject = {
        .unit = row->unit, .handler = row->handler, .matter = row->matter};
    morning->rows++;
    (void)snprintf(morning->after_case, KEY_BYTES, "%.*s", TEXT_ARGS(row->key.case_id));
    (void)snprintf(morning->after_clock, KEY_BYTES, "%.*s", TEXT_ARGS(row->key.clock));
    morning->after_run = row->key.run;
    arena_init(&arena, ROW_BYTES);
    const struct directory *directory = morning->console->env->bundle->policy.directory;
    if (directory_resolve(
            directory, morning->roles, morning->role_count, &subject, &arena, &people)) {
        morning->out_of_memory = true;
    }
    for (size_t i = 0; i < people.count; i++) {
        struct desk *desk = desk_of(morning, people.ids[i]);
        if (desk) {
            count_row(morning, desk, row);
        }
    }
    arena_release(&arena);
    return !morning->out_of_memory;
}

enum err morning_page(struct morning *morning, bool *ret_done)
{
    char after_case[KEY_BYTES];
    char after_clock[KEY_BYTES];
    memcpy(after_case, morning->after_case, KEY_BYTES);
    memcpy(after_clock, morning->after_clock, KEY_BYTES);
    const struct going_query query = {
        .after = {text_of(after_case), text_of(after_clock), morning->after_run},
        .due_until = morning->next_end.ms,
        .limit = PAGE_ROWS,
    };
    morning->rows = 0;
    const enum err err = ledger_going_runs(morning->console->ledger, &query, take_row, morning);
    if (err || morning->out_of_memory) {
        return err ? err : ERR_NO_MEMORY;
    }
    *ret_done = morning->rows < PAGE_ROWS;
    return ERR_OK;
}

/* ---- words ---- */

static bool is_english(const struct morning *morning)
{
    const struct settings *settings = morning->console->env->settings;
    const bool own = settings->morning_via_count > 0;
    const struct text *via = own ? settings->morning_via : settings->default_via;
    const size_t count = own ? settings->morning_via_count : settings->default_via_count;
    const struct channel_settings *channel = count > 0 ? settings_channel(settings, via[0]) : NULL;
    return channel && channel->english;
}

/* "其中今日2件，已超期3件"; over a weekend also which day is meant by the next one. */
static void write_stage(
    const struct morning *morning, const struct desk *desk, bool english, struct buf *words)
{
    const struct civil_date date = civil_date_of(morning->next_day);
    const bool tomorrow = morning->next_day.number == morning->day.number + 1;
    if (english) {
        buf_format(words, "%" PRId64 " of them today, ", desk->today);
    } else {
        buf_format(words, "其中今日%" PRId64 "件，", desk->today);
    }
    if (!tomorrow) {
        buf_format(
            words, english ? "%" PRId64 " by %02d-%02d, " : "另%" PRId64 "件%d月%d日前，",
            desk->next, (int)date.month, (int)date.day);
    }
    buf_format(words, english ? "%" PRId64 " overdue" : "已超期%" PRId64 "件", desk->overdue);
}

/* "7月10日17:30"; an end of day as 24:00. */
static void write_due(
    const struct morning *morning, int64_t due_ms, bool english, struct buf *words)
{
    const struct calendar *calendar = calendar_of(morning);
    const struct wall_ms due = {.ms = due_ms};
    const bool midnight = calendar_local_second(calendar, due) == 0;
    const struct wall_ms inside = {.ms = midnight ? due_ms - 1 : due_ms};
    const struct civil_date date = civil_date_of(calendar_local_day(calendar, inside));
    const int minute = midnight ? 24 * 60 : (int)(calendar_local_second(calendar, due) / 60);
    buf_format(
        words, english ? "%02d-%02d %02d:%02d" : "%d月%d日%02d:%02d", (int)date.month,
        (int)date.day, minute / 60, minute % 60);
}

/* "关于用地的函（7月10日17:30到期，已超期）" */
static void write_worst(
    const struct morning *morning, const struct desk *desk, bool english, struct buf *words)
{
    buf_text(words, desk->worst_title);
    buf_string(words, english ? " (due " : "（");
    write_due(morning, desk->worst_due, english, words);
    buf_string(words, english ? "" : "到期");
    if (desk->worst_missed) {
        buf_string(words, english ? ", overdue" : "，已超期");
    }
    buf_string(words, english ? ")" : "）");
}

/* What stands in the templates' values. */
struct morning_words {
    char count[24];
    struct buf stage;
    struct buf worst;
    struct buf text; /* where there is no template */
};

static void words_make(
    const struct morning *morning, const struct desk *desk, struct morning_words *words)
{
    const bool english = is_english(morning);
    const struct text url = morning->console->env->settings->public_url;
    (void)snprintf(words->count, sizeof(words->count), "%" PRId64, desk->today + desk->next);
    buf_init(&words->stage, WORDS_BYTES);
    buf_init(&words->worst, WORDS_BYTES);
    buf_init(&words->text, WORDS_BYTES);
    write_stage(morning, desk, english, &words->stage);
    write_worst(morning, desk, english, &words->worst);
    buf_format(
        &words->text, english ? "%s due today or tomorrow, " : "今明两日到期%s件，", words->count);
    buf_text(&words->text, buf_view(&words->stage));
    buf_string(&words->text, english ? ". First: " : "。最先：");
    buf_text(&words->text, buf_view(&words->worst));
    buf_string(&words->text, english ? ". " : "。");
    buf_text(&words->text, url);
}

static void words_release(struct morning_words *words)
{
    buf_release(&words->stage);
    buf_release(&words->worst);
    buf_release(&words->text);
}

static void morning_id(
    const struct morning *morning, struct text person, char ret_id[static NRT_ID_BYTES])
{
    char date[24];
    (void)snprintf(date, sizeof(date), "%d", (int)morning->day.number);
    const struct text parts[] = {TEXT_LITERAL("morning"), text_of(date), person};
    crypto_id(parts, sizeof(parts) / sizeof(parts[0]), ret_id);
}

static void write_notice(
    const struct morning *morning,
    const struct desk *desk,
    const struct morning_words *words,
    struct buf *json)
{
    char id[NRT_ID_BYTES];
    const struct role_env *env = morning->console->env;
    const struct unit *unit = directory_unit(env->bundle->policy.directory, desk->worst_unit);
    const struct text template_id = TEXT_LITERAL("morning");
    const bool has_template = bundle_template(env->bundle, template_id) != NULL;
    const struct notice_value values[] = {
        {"count", text_of(words->count)},   {"worst", buf_view(&words->worst)},
        {"title", desk->worst_title},       {"unit", unit ? unit->name : desk->worst_unit},
        {"stage", buf_view(&words->stage)}, {"link", env->settings->public_url},
    };
    morning_id(morning, desk->person, id);
    const struct notice notice = {
        .kind = "morning",
        .id = text_of(id),
        .to = &desk->person,
        .to_count = 1,
        .via = env->settings->morning_via,
        .via_count = env->settings->morning_via_count,
        .template_id = has_template ? template_id : (struct text){0},
        .title = is_english(morning) ? TEXT_LITERAL("This morning") : TEXT_LITERAL("早间提醒"),
        .text = has_template ? (struct text){0} : buf_view(&words->text),
        .values = values,
        .value_count = has_template ? sizeof(values) / sizeof(values[0]) : 0,
        .unit = desk->worst_unit,
        .send = SEND_DAY,
        .at = morning->now,
    };
    notice_write(&notice, json);
}

void morning_write(
    const struct morning *morning, size_t index, struct buf *json, struct text *ret_person)
{
    const struct desk *desk = &morning->desks[index];
    struct morning_words words;
    words_make(morning, desk, &words);
    write_notice(morning, desk, &words, json);
    if (words.text.error) {
        json->error = words.text.error;
    }
    *ret_person = desk->person;
    words_release(&words);
}
