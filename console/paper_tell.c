/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See paper_tell.h. The look asks the ledger for a paper of the last days whose cases lack their
 * events; it is cheap, and hardly ever finds one.
 */
#include "console/paper_tell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "config/notice.h"
#include "console/paper_draft.h"

#define LOOK_MS    ((int64_t)2000)
#define GRACE_MS   ((int64_t)60000)            /* whoever issued it is at it */
#define DAYS_MS    ((int64_t)7 * 24 * 3600000) /* older ones are left alone */
#define EVENT_ROOM ((size_t)32 * 1024)

struct paper_teller {
    struct console *console;
    struct loop_timer *timer;
    bool adding;
    struct wall_ms begun; /* what was issued before, nobody of this process is at */
    int64_t since_ms;     /* monotonic: a paper lacks events since then */
    char lacking[128];
};

/* ---- the events ---- */

struct making {
    const struct view *view;
    struct arena *arena;
    struct text *events;
    size_t count;
    enum err err;
};

static const char *type_of(struct text kind)
{
    return text_is(kind, "urge")        ? "case.urged"
           : text_is(kind, "interview") ? "case.noted"
                                        : "case.supervised";
}

/* "东督催〔2026〕12号：请速办" */
static void member_words(struct json_out *out, const struct ledger_paper *row)
{
    struct buf words;
    buf_init(&words, EVENT_ROOM);
    buf_string(&words, row->number);
    if (row->words.bytes > 0) {
        buf_string(&words, "：");
        buf_text(&words, row->words);
    }
    json_out_member(out, "text", buf_view(&words));
    buf_release(&words);
}

static void put_data(const struct making *making, const struct ledger_paper *row, struct buf *buf)
{
    struct json_out out;
    json_out_init(&out, buf);
    json_out_open(&out, '{');
    json_out_member(&out, "by", row->by);
    member_words(&out, row);
    json_out_member(&out, "notice", text_of(row->number));
    json_out_member(&out, "paper", row->id);
    if (row->reply_by.known) {
        api_member_ms(making->view, &out, "reply_by", row->reply_by.ms);
    }
    json_out_key(&out, "copy_to");
    json_out_raw(&out, row->copy_to);
    json_out_close(&out, '}');
}

static void put_event(
    struct making *making, const struct ledger_paper *row, struct text case_id, struct text data)
{
    char id[256];
    struct buf buf;
    struct json_out out;
    (void)snprintf(id, sizeof(id), "%.*s:%zu", TEXT_ARGS(row->id), making->count);
    buf_init(&buf, EVENT_ROOM * 2);
    json_out_init(&out, &buf);
    json_out_open(&out, '{');
    json_out_member(&out, "specversion", text_of("1.0"));
    json_out_member(&out, "id", text_of(id));
    json_out_member(&out, "source", text_of(PAPER_SOURCE));
    json_out_member(&out, "type", text_of(type_of(row->kind)));
    json_out_member(&out, "subject", case_id);
    api_member_ms(making->view, &out, "time", row->at);
    json_out_key(&out, "data");
    json_out_raw(&out, data);
    json_out_close(&out, '}');
    const struct text kept = arena_text(making->arena, buf_view(&buf));
    making->err = buf_error(&buf) ? buf_error(&buf) : !kept.ptr ? ERR_NO_MEMORY : making->err;
    making->events[making->count++] = kept;
    buf_release(&buf);
}

static bool take_paper(void *context, const struct ledger_paper *row)
{
    struct making *making = context;
    struct json_doc *items = NULL;
    struct buf data;
    making->err = json_parse(row->items, &json_limits_config, &items, NULL);
    making->events = arena_array(making->arena, PAPER_CASES_MAX, sizeof(*making->events));
    if (!making->err && !making->events) {
        making->err = ERR_NO_MEMORY;
    }
    buf_init(&data, EVENT_ROOM);
    put_data(making, row, &data);
    const struct json_value *item = making->err ? NULL : json_first(json_root(items));
    for (; item && making->count < PAPER_CASES_MAX && !making->err; item = json_next(item)) {
        put_event(making, row, json_get_string(item, "case"), buf_view(&data));
    }
    making->err = making->err ? making->err : buf_error(&data);
    buf_release(&data);
    json_free(items);
    return false;
}

enum err paper_events(
    const struct view *view,
    struct text paper,
    struct arena *arena,
    struct text **ret_events,
    size_t *ret_count)
{
    struct list_end end;
    struct making making = {.view = view, .arena = arena};
    const struct paper_query query = {.id = paper, .limit = 1};
    enum err err = ledger_papers(view->ledger, &query, take_paper, &making, &end);
    err = err ? err : making.err;
    if (!err && making.count == 0) {
        return ERR_NOT_FOUND;
    }
    if (!err) {
        *ret_events = making.events;
        *ret_count = making.count;
    }
    return err;
}

/* ---- the message ---- */

struct wording {
    const struct view *view;
    struct arena *arena;
    struct buf *json;
    struct text to;
    enum err err;
};

/* Does a rule set say who hears of it? Then each case's event is told by that. */
static bool acts_tell(const struct view *view, struct text kind)
{
    const struct policy *policy = view_policy(view);
    if (text_is(kind, "interview")) {
        return false; /* a note on the timeline is sent to nobody */
    }
    const enum act act = text_is(kind, "urge") ? ACT_URGED : ACT_SUPERVISED;
    for (size_t set = 0; set < policy->set_count; set++) {
        if (policy->sets[set].acts[act].given) {
            return true;
        }
    }
    return false;
}

/* The head of the unit and whoever it is copied to. */
static enum err people_of(
    struct wording *wording, const struct ledger_paper *row, struct people_list *ret_people)
{
    struct role roles[PAPER_COPIES_MAX + 1] = {{.kind = ROLE_UNIT_HEAD}};
    size_t count = 1;
    struct json_doc *copies = NULL;
    const struct directory *directory = view_policy(wording->view)->directory;
    const struct role_subject subject = {.unit = row->unit};
    enum err err = json_parse(row->copy_to, &json_limits_config, &copies, NULL);
    const struct json_value *item = err ? NULL : json_first(json_root(copies));
    for (; item && count < PAPER_COPIES_MAX + 1; item = json_next(item)) {
        const struct text word = json_string(item);
        if (directory_person(directory, word)) {
            roles[count++] = (struct role){.kind = ROLE_PERSON, .name = word};
        } else if (directory_unit(directory, word)) {
            roles[count++] = (struct role){.kind = ROLE_UNIT, .name = word};
        } else {
            count += role_parse(word, &roles[count], NULL) == ERR_OK ? 1 : 0;
        }
    }
    if (!err) {
        err = directory_resolve(directory, roles, count, &subject, wording->arena, ret_people);
    }
    json_free(copies);
    return err;
}

/* "催办通知书 东督催〔2026〕12号：甲局，涉及2件，请于2026年3月6日17:30前反馈。" */
static void put_message_words(
    const struct wording *wording, const struct paper *paper, struct buf *buf)
{
    buf_format(
        buf, "%s %.*s：%.*s，涉及%zu件，", paper_title(paper->kind, false),
        TEXT_ARGS(paper->number), TEXT_ARGS(paper->unit_name), paper->item_count);
    if (paper->has_reply_by) {
        buf_string(buf, paper->kind == PAPER_INTERVIEW ? "约谈时间" : "请于");
        paper_instant(paper->calendar, paper->reply_by, false, buf);
        buf_string(buf, paper->kind == PAPER_INTERVIEW ? "。" : "前反馈。");
    } else {
        buf_string(buf, "请抓紧办理并反馈。");
    }
    buf_text(buf, wording->view->settings->public_url);
}

static bool put_message(void *context, const struct ledger_paper *row)
{
    struct wording *wording = context;
    struct people_list people = {.ids = NULL};
    struct paper paper;
    struct buf words;
    wording->err = paper_of_row(wording->view, row, wording->arena, &paper);
    if (wording->err || acts_tell(wording->view, row->kind)) {
        return false;
    }
    wording->err = people_of(wording, row, &people);
    buf_init(&words, EVENT_ROOM);
    put_message_words(wording, &paper, &words);
    const struct notice notice = {
        .kind = "paper",
        .id = row->id,
        .to = people.ids,
        .to_count = people.count,
        .title = text_of(paper_title(paper.kind, false)),
        .text = buf_view(&words),
        .unit = row->unit,
        .send = SEND_OFFICE,
        .at = {row->at},
    };
    if (!wording->err && people.count > 0) {
        wording->to = arena_text(wording->arena, people.ids[0]);
        notice_write(&notice, wording->json);
    }
    buf_release(&words);
    return false;
}

enum err paper_message(
    const struct view *view,
    struct text paper,
    struct arena *arena,
    struct buf *json,
    struct text *ret_for)
{
    struct list_end end;
    struct wording wording = {.view = view, .arena = arena, .json = json};
    const struct paper_query query = {.id = paper, .limit = 1};
    enum err err = ledger_papers(view->ledger, &query, put_message, &wording, &end);
    err = err ? err : wording.err;
    *ret_for = wording.to;
    return err ? err : buf_error(json);
}

/* ---- the look ---- */

static void on_added(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    struct paper_teller *teller = context;
    (void)positions;
    teller->adding = false;
    teller->since_ms = clock_mono().ms; /* the ledger hears of them in a moment */
    if (err) {
        log_warn("notice_not_told", "err=%s why=\"%s\"", err_name(err), why ? why : "");
    } else {
        log_info("notice_told", "notice=%s cases=%zu", teller->lacking, count);
    }
}

static struct text subject_of(struct text event, struct arena *arena)
{
    struct json_doc *doc = NULL;
    struct text subject = {0};
    if (json_parse(event, &json_limits_event, &doc, NULL) == ERR_OK) {
        subject = arena_text(arena, json_get_string(json_root(doc), "subject"));
    }
    json_free(doc);
    return subject;
}

static void add_events(struct paper_teller *teller)
{
    struct store *store = teller->console->env->store;
    const struct view view = console_view(teller->console, NULL);
    struct store_item items[PAPER_CASES_MAX];
    struct arena arena;
    struct text *events = NULL;
    size_t count = 0;
    arena_init(&arena, 0);
    const enum err err = paper_events(&view, text_of(teller->lacking), &arena, &events, &count);
    count = err ? 0 : count;
    for (size_t index = 0; index < count; index++) {
        items[index] = (struct store_item){
            .partition = store_partition_of(store, subject_of(events[index], &arena)),
            .arrived = view.now,
            .body = events[index],
        };
    }
    if (count > 0) {
        teller->adding = true;
        store_queue_add(store, QUEUE_EVENTS, items, count, on_added, teller);
    }
    arena_release(&arena);
}

static void on_message_added(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    struct paper_teller *teller = context;
    teller->adding = false;
    if (err) {
        on_added(teller, err, why, positions, count);
    } else {
        add_events(teller);
    }
}

static void tell(struct paper_teller *teller)
{
    struct store *store = teller->console->env->store;
    const struct view view = console_view(teller->console, NULL);
    struct arena arena;
    struct buf json;
    struct text to;
    arena_init(&arena, 0);
    buf_init(&json, EVENT_ROOM * 2);
    const enum err err = paper_message(&view, text_of(teller->lacking), &arena, &json, &to);
    if (!err && json.bytes > 0) {
        const struct store_item item = {
            .partition = store_partition_of(store, to),
            .arrived = view.now,
            .body = buf_view(&json),
        };
        teller->adding = true;
        store_queue_add(store, QUEUE_OUTBOX, &item, 1, on_message_added, teller);
    } else {
        add_events(teller);
    }
    buf_release(&json);
    arena_release(&arena);
}

static void look(struct paper_teller *teller)
{
    char id[128];
    int64_t at = 0;
    const int64_t now = role_now(teller->console->env).ms;
    const enum err err =
        ledger_paper_untold(teller->console->ledger, now - DAYS_MS, PAPER_SOURCE, id, &at);
    const bool other = err || strcmp(id, teller->lacking) != 0;
    if (other) {
        (void)snprintf(teller->lacking, sizeof(teller->lacking), "%s", err ? "" : id);
        teller->since_ms = clock_mono().ms;
    }
    const bool left_behind = other && at < teller->begun.ms;
    if (!err && (left_behind || clock_mono().ms - teller->since_ms >= GRACE_MS)) {
        tell(teller);
    }
}

static void on_timer(void *context)
{
    struct paper_teller *teller = context;
    loop_timer_arm(teller->timer, LOOK_MS);
    if (teller->console->caught_up && !teller->console->terminating && !teller->adding) {
        look(teller);
    }
}

struct paper_teller *paper_teller_create(struct console *console)
{
    struct paper_teller *teller = calloc(1, sizeof(*teller));
    if (!teller) {
        return NULL;
    }
    teller->console = console;
    teller->begun = role_now(console->env);
    teller->timer = loop_timer_create(console->env->loop, on_timer, teller);
    if (!teller->timer) {
        free(teller);
        return NULL;
    }
    if (console->env->clock->mode != CLOCK_STEPPED) {
        loop_timer_arm(teller->timer, LOOK_MS);
    }
    return teller;
}

void paper_teller_free(struct paper_teller *teller)
{
    if (teller) {
        loop_timer_free(teller->timer);
        free(teller);
    }
}
