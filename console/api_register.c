/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registering cases: one by a form, or many at once. A case without an id gets the next of the day
 * (20260213-0007). Two consoles may choose the same one; then the first event of that identity
 * counts, and whoever finds another's word in the ledger takes the next number.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/actor_of.h"
#include "console/api.h"
#include "console/audit.h"
#include "console/case_form.h"
#include "console/changes.h"
#include "console/ledger_sql.h"
#include "console/own_event.h"

#define ROWS_MAX             2000
#define EVENT_BYTES_MAX_HERE ((size_t)64 * 1024)
#define ARENA_BYTES_MAX      ((size_t)64 * 1024 * 1024)
#define TRIES_MAX            5
#define LEDGER_WAIT_MS       5000
#define DAY_ID_BYTES         40

static const struct json_limits import_limits = {
    .bytes_max = (size_t)4 * 1024 * 1024, .depth_max = 16, .values_max = 200000};

struct row {
    struct case_form form;
    struct text id;
    bool id_is_ours; /* chosen here */
    bool refused;
    bool taken; /* its event is on its way, and nobody else's is found */
    char word[OWN_WORD_BYTES];
};

struct registering {
    struct console *console;
    struct http_call *call;
    struct json_doc *doc;
    struct arena arena;
    struct row *rows;
    size_t count;
    bool is_import;
    bool dry_run;
    bool partial;
    int tries;
    struct text *events; /* of this try */
    size_t event_count;
    struct buf position;
};

static void registering_free(struct registering *self)
{
    json_free(self->doc);
    arena_release(&self->arena);
    buf_release(&self->position);
    free(self);
}

static void refuse(struct registering *self, enum problem problem, const char *detail)
{
    problem_answer(self->call, problem, detail);
    registering_free(self);
}

/* ---- ids ---- */

static bool is_known(struct registering *self, struct text id)
{
    const struct scope all = {.all = true};
    return ledger_case_is_seen(self->console->ledger, id, &all) == ERR_OK;
}

/* The highest number of the day that the ledger knows; 0: none. */
static int64_t last_of_day(struct ledger *ledger, const char *day)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    char until[DAY_ID_BYTES];
    int64_t last = 0;
    (void)snprintf(until, sizeof(until), "%.8s.", day); /* '.' comes after '-' */
    select_init(
        &select, "SELECT max(CAST(substr(id, 10) AS INTEGER)) FROM cases WHERE id >= ?"
                 " AND id < ? AND substr(id, 10) NOT GLOB '*[^0-9]*'");
    select_text(&select, text_of(day));
    select_text(&select, text_of(until));
    enum err err = select_prepare(&select, ledger, &stmt);
    if (!err && select_row(stmt, &err)) {
        last = sql_i64(stmt, 0);
    }
    sql_finalize(stmt);
    select_release(&select);
    return last;
}

/* Once for all rows of a try: what the ledger knows of the day, or this console has given. */
static void day_begin(struct registering *self, const struct view *view)
{
    struct console *console = self->console;
    const struct civil_date date =
        civil_date_of(calendar_local_day(view_policy(view)->calendar, view->now));
    const int32_t day = date.year * 10000 + date.month * 100 + date.day;
    char prefix[DAY_ID_BYTES];
    (void)snprintf(prefix, sizeof(prefix), "%08d-", (int)day);
    const int64_t known = last_of_day(console->ledger, prefix);
    if (console->register_day != day || console->register_last < known) {
        console->register_day = day;
        console->register_last = known;
    }
}

static struct text next_id(struct registering *self)
{
    struct console *console = self->console;
    char id[DAY_ID_BYTES];
    console->register_last++;
    (void)snprintf(
        id, sizeof(id), "%08d-%04lld", (int)console->register_day,
        (long long)console->register_last);
    return arena_text(&self->arena, text_of(id));
}

/* ---- answering ---- */

static void put_row(const struct registering *self, struct json_out *out, size_t index)
{
    const struct row *row = &self->rows[index];
    json_out_open(out, '{');
    json_out_member_i64(out, "row", (int64_t)index + 1);
    json_out_key(out, "ok");
    json_out_bool(out, !row->refused);
    json_out_member(out, "id", row->id);
    json_out_key(out, "errors");
    json_out_open(out, '[');
    for (size_t at = 0; at < row->form.error_count; at++) {
        field_error_write(self->call, out, &row->form.errors[at]);
    }
    json_out_close(out, ']');
    json_out_close(out, '}');
}

static void put_rows(const struct registering *self, struct json_out *out)
{
    json_out_open(out, '[');
    for (size_t index = 0; index < self->count; index++) {
        put_row(self, out, index);
    }
    json_out_close(out, ']');
}

static void answer_rows(struct registering *self)
{
    struct api_json json;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_key(&json.out, "results");
    put_rows(self, &json.out);
    json_out_member(&json.out, "position", buf_view(&self->position));
    json_out_close(&json.out, '}');
    api_json_answer(self->call, self->dry_run ? 200 : 201, &json, ERR_OK);
    registering_free(self);
}

static void answer_one(struct registering *self)
{
    struct api_json json;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_member(&json.out, "id", self->rows[0].id);
    json_out_member(&json.out, "position", buf_view(&self->position));
    json_out_close(&json.out, '}');
    audit_object(self->call, self->rows[0].id);
    api_json_answer(self->call, 201, &json, ERR_OK);
    registering_free(self);
}

/* With the ids chosen so far: who sends these rows again with them registers none twice. */
static void answer_away(struct registering *self, const char *why)
{
    struct api_json json;
    api_json_init(&json);
    put_rows(self, &json.out);
    problem_answer_with(self->call, PROBLEM_UNAVAILABLE, why, "results", buf_view(&json.buf));
    buf_release(&json.buf);
    registering_free(self);
}

static void answer_errors(struct registering *self)
{
    struct api_json json;
    if (!self->is_import) {
        field_errors_answer(self->call, self->rows[0].form.errors, self->rows[0].form.error_count);
        registering_free(self);
        return;
    }
    api_json_init(&json);
    put_rows(self, &json.out);
    problem_answer_with(
        self->call, PROBLEM_INVALID, "nothing was registered; errors stand beside the rows",
        "results", buf_view(&json.buf));
    buf_release(&json.buf);
    registering_free(self);
}

/* ---- sending, and looking whose it is ---- */

static void send_rows(struct registering *self);

/* Is the registration in the ledger of this row? Nothing there yet: it is taken to be. */
static bool is_somebody_elses(struct ledger *ledger, const struct row *row)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    char event_id[CASE_FORM_EVENT_ID_BYTES];
    bool other = false;
    case_form_event_id(row->id, event_id);
    select_init(&select, "SELECT json_extract(ce, '$.data.registration') FROM events");
    select_equal(&select, "source", text_of(OWN_EVENT_SOURCE));
    select_equal(&select, "id", text_of(event_id));
    select_equal(&select, "case_id", row->id);
    enum err err = select_prepare(&select, ledger, &stmt);
    if (!err && select_row(stmt, &err)) {
        other = !text_is(sql_text(stmt, 0), row->word);
    }
    sql_finalize(stmt);
    select_release(&select);
    return other;
}

/* The id is taken: a row that brought it is refused, one of ours gets another. */
static void lose_id(struct row *row)
{
    row->taken = false;
    if (!row->id_is_ours) {
        row->refused = true;
        case_form_error(
            &row->form, "id",
            (struct two_words){"此编号的办件已存在", "there is a case of this id"});
    }
}

static void on_known(void *context, enum err err)
{
    struct registering *self = context;
    bool again = false;
    (void)err; /* what is queued stays queued, whether or not the ledger got there in time */
    for (size_t index = 0; index < self->count; index++) {
        struct row *row = &self->rows[index];
        if (row->taken && is_somebody_elses(self->console->ledger, row)) {
            again = again || row->id_is_ours;
            lose_id(row);
        }
    }
    if (again && self->tries < TRIES_MAX) {
        send_rows(self);
    } else if (!self->is_import && self->rows[0].refused) {
        answer_errors(self);
    } else if (self->is_import) {
        answer_rows(self);
    } else {
        answer_one(self);
    }
}

static void on_queued(void *context, const struct events_outcome *outcome)
{
    struct registering *self = context;
    if (outcome->err || outcome->rejected > 0) {
        answer_away(self, outcome->why);
        return;
    }
    buf_clear(&self->position);
    buf_text(&self->position, outcome->position);
    catch_up_begin(self->console, true, LEDGER_WAIT_MS, on_known, self);
}

static bool add_event(struct registering *self, const struct view *view, struct row *row)
{
    struct buf event;
    buf_init(&event, EVENT_BYTES_MAX_HERE);
    own_word(row->word);
    case_form_event(view, &row->form, row->id, row->word, &event);
    const struct text text = arena_text(&self->arena, buf_view(&event));
    const bool done = !buf_error(&event) && text.ptr && row->id.ptr;
    buf_release(&event);
    self->events[self->event_count] = text;
    self->event_count += done;
    row->taken = done;
    return done;
}

static void send_rows(struct registering *self)
{
    const struct view view = console_view(self->console, self->call);
    bool fits = true;
    self->tries++;
    self->event_count = 0;
    day_begin(self, &view);
    for (size_t index = 0; index < self->count && fits; index++) {
        struct row *row = &self->rows[index];
        if (row->refused || row->taken) {
            continue;
        }
        if (row->id.bytes == 0 || (row->id_is_ours && self->tries > 1)) {
            row->id = next_id(self);
            row->id_is_ours = true;
        }
        fits = add_event(self, &view, row);
    }
    if (!fits) {
        refuse(self, PROBLEM_UNAVAILABLE, "out of memory; send fewer at once");
        return;
    }
    const struct events_made made = {
        .events = self->events,
        .count = self->event_count,
        .done = on_queued,
        .context = self,
    };
    api_queue_events(self->console, self->call, &made);
}

/* ---- reading ---- */

/* An id that is there already, in the ledger or in a row above. */
static void check_id_is_free(struct registering *self, size_t at)
{
    struct row *row = &self->rows[at];
    row->id = row->form.id;
    if (row->id.bytes == 0) {
        return;
    }
    bool twice = false;
    for (size_t index = 0; index < at && !twice; index++) {
        twice = text_equal(self->rows[index].id, row->id);
    }
    if (twice) {
        case_form_error(
            &row->form, "id",
            (struct two_words){"编号与前面的行重复", "a row above has the same id"});
    } else if (is_known(self, row->id)) {
        case_form_error(
            &row->form, "id",
            (struct two_words){"此编号的办件已存在", "there is a case of this id"});
    }
}

/* Reads the rows; false when one of them cannot be registered. */
static bool rows_read(struct registering *self, const struct json_value *first)
{
    const struct view view = console_view(self->console, self->call);
    const struct json_value *item = first;
    bool all_good = true;
    for (size_t index = 0; index < self->count; index++) {
        struct row *row = &self->rows[index];
        case_form_read(&view, item, &row->form);
        check_id_is_free(self, index);
        row->refused = row->form.error_count > 0;
        all_good = all_good && !row->refused;
        item = self->is_import ? json_next(item) : NULL;
    }
    return all_good;
}

static bool some_row_is_good(const struct registering *self)
{
    for (size_t index = 0; index < self->count; index++) {
        if (!self->rows[index].refused) {
            return true;
        }
    }
    return false;
}

static void run(struct registering *self, const struct json_value *first, size_t count)
{
    arena_init(&self->arena, ARENA_BYTES_MAX);
    buf_init(&self->position, 4096);
    self->count = count;
    self->rows = arena_array(&self->arena, count, sizeof(*self->rows));
    self->events = arena_array(&self->arena, count, sizeof(*self->events));
    if (!self->rows || !self->events) {
        refuse(self, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    const bool all_good = rows_read(self, first);
    if (self->dry_run) {
        answer_rows(self);
    } else if ((!all_good && !self->partial) || !some_row_is_good(self)) {
        answer_errors(self);
    } else {
        send_rows(self);
    }
}

static struct registering *registering_create(struct console *console, struct http_call *call)
{
    struct registering *self = calloc(1, sizeof(*self));
    if (!self) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return NULL;
    }
    self->console = console;
    self->call = call;
    return self;
}

void api_case_register(struct console *console, struct http_call *call)
{
    struct json_doc *doc = change_ledger_known(console, call) ? api_body_object(call) : NULL;
    struct registering *self = doc ? registering_create(console, call) : NULL;
    if (!self) {
        json_free(doc);
        return;
    }
    self->doc = doc;
    run(self, json_root(doc), 1);
}

static bool import_read(struct registering *self)
{
    struct err_why why = {0};
    if (json_parse(self->call->body, &import_limits, &self->doc, &why)) {
        problem_answer(self->call, PROBLEM_BAD_REQUEST, why.text);
        return false;
    }
    const struct json_value *root = json_root(self->doc);
    const struct json_value *rows = json_get(root, "rows");
    self->is_import = true;
    self->dry_run = json_is_true(json_get(root, "dry_run"));
    self->partial = json_is_true(json_get(root, "partial"));
    if (!api_body_only(self->call, root, "rows dry_run partial")) {
        return false;
    }
    if (json_type(rows) != JSON_ARRAY || json_count(rows) == 0 || json_count(rows) > ROWS_MAX) {
        problem_answer(self->call, PROBLEM_BAD_REQUEST, "rows must be an array of 1 to 2000 cases");
        return false;
    }
    return true;
}

void api_case_import(struct console *console, struct http_call *call)
{
    struct registering *self =
        change_ledger_known(console, call) ? registering_create(console, call) : NULL;
    if (!self) {
        return;
    }
    if (!import_read(self)) {
        json_free(self->doc);
        free(self);
        return;
    }
    const struct json_value *rows = json_get(json_root(self->doc), "rows");
    run(self, json_first(rows), json_count(rows));
}
