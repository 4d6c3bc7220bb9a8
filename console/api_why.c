/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /api/v1/alerts/why: why did I, or did I not, get this? Every alert of one local date whose
 * stage was meant for the person, directly or by a role, with what became of it; what was sent on
 * that date of earlier alerts; clocks that ended before they would have rung. Where there is
 * nothing at all: when the person's cases ring next. Roles are looked up as the directory and the
 * case are now.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/actor_of.h"
#include "console/api.h"
#include "console/why.h"

#define ITEMS_MAX    500
#define LIST_MAX     ((int64_t)20000)
#define ARENA_BYTES  ((size_t)64 * 1024 * 1024)
#define DETAIL_BYTES 400
#define PERSON_CASES 50
#define RESOLVED_MAX 3000
#define DAY_SECONDS  86400

struct why_item {
    int64_t at;
    struct text json;
};

struct why {
    struct console *console;
    struct arena arena;
    const struct scope *scope; /* of who asks: about whose cases they may hear */
    const struct person *person;
    struct text channel; /* empty: all */
    int64_t from;        /* of the date */
    int64_t until;
    struct why_item items[ITEMS_MAX];
    size_t count;
    int resolved; /* stages of others whose roles were looked up */
    bool cut;
    enum err err;
};

/* ---- words ---- */

enum reason {
    WHY_SENT,
    WHY_HELD,
    WHY_DROPPED,
    WHY_FAILED,
    WHY_WAITING,
    WHY_ON_LEAVE,
    WHY_OTHERS,
    WHY_SUPERSEDED,
    WHY_SUPPRESSED,
    WHY_SKIPPED,
    WHY_OVERTAKEN,
    WHY_ENDED,
    WHY_NEXT,
    WHY_COUNT
};

static const struct {
    const char *code;
    const char *zh;
    const char *en;
} reasons[WHY_COUNT] = {
    [WHY_SENT] = {"sent", "已发送", "it was sent"},
    [WHY_HELD] = {"held", "暂存，到允许的时间再发", "it is held until it may go out"},
    [WHY_DROPPED] =
        {"dropped", "未发送：办理状态已变，不再需要",
         "it was not sent: by then it was not wanted any more"},
    [WHY_FAILED] = {"failed", "发送未成功", "it could not be delivered"},
    [WHY_WAITING] = {"waiting", "正在发送途中", "it is on its way"},
    [WHY_ON_LEAVE] =
        {"on_leave", "本人请假，已转给代办人", "on leave that day: it went to the delegate"},
    [WHY_OTHERS] =
        {"others", "本人未在名单内：同一时刻后一级提醒已发给本人，或本人已阅",
         "it went to others: a later stage of the same moment went to this person, or "
         "they had acknowledged"},
    [WHY_SUPERSEDED] =
        {"superseded", "未发送：同一时刻有更后一级的提醒，只发那一条",
         "nothing was sent: a later stage fired at the same moment instead"},
    [WHY_SUPPRESSED] =
        {"suppressed", "未发送：已有人确认已阅",
         "nothing was sent: somebody had acknowledged an earlier alert"},
    [WHY_SKIPPED] =
        {"skipped", "未发送：提醒时间早于事项进入系统，属历史数据",
         "nothing was sent: its time lies before the case came in"},
    [WHY_OVERTAKEN] =
        {"overtaken", "作废：后到的事件表明当时不应提醒",
         "withdrawn: a late event shows that it should not have fired"},
    [WHY_ENDED] = {"run_ended", "不再提醒：该时限已经停止", "nothing more: this clock had stopped"},
    [WHY_NEXT] =
        {"next_alert", "当天没有；下一次提醒在此时",
         "nothing that day; this is when it rings next"},
};

/* What an item is about. */
struct subject {
    struct text case_id;
    struct text case_title;
    struct text clock;
    int64_t run;
    struct text stage;
    struct text alert;
    struct text status;
};

static void put_text(
    struct json_out *out, const struct subject *subject, enum reason reason, const char *detail)
{
    char text[1024];
    const char *more = detail && detail[0] ? detail : "";
    json_out_key(out, "text");
    json_out_open(out, '{');
    (void)snprintf(
        text, sizeof(text), "%.*s（%.*s）时限 %.*s%s%.*s：%s%s%s", TEXT_ARGS(subject->case_title),
        TEXT_ARGS(subject->case_id), TEXT_ARGS(subject->clock), subject->stage.bytes ? "·" : "",
        TEXT_ARGS(subject->stage), reasons[reason].zh, more[0] ? "。" : "", more);
    json_out_member(out, "zh", utf8_cut(text_of(text), sizeof(text) - 1));
    (void)snprintf(
        text, sizeof(text), "%.*s, clock %.*s%s%.*s: %s%s%s%s", TEXT_ARGS(subject->case_id),
        TEXT_ARGS(subject->clock), subject->stage.bytes ? ", stage " : "",
        TEXT_ARGS(subject->stage), reasons[reason].en, more[0] ? " (" : "", more,
        more[0] ? ")" : "");
    json_out_member(out, "en", utf8_cut(text_of(text), sizeof(text) - 1));
    json_out_close(out, '}');
}

/* NOLINTNEXTLINE(readability-function-size): what makes an item */
static void add_item(
    struct why *why,
    int64_t at,
    const struct subject *subject,
    enum reason reason,
    const char *detail,
    struct text messages)
{
    const struct view view = console_view(why->console, NULL);
    struct buf buf;
    struct json_out out;
    if (why->count == ITEMS_MAX) {
        why->cut = true;
        return;
    }
    buf_init(&buf, (size_t)1024 * 1024);
    json_out_init(&out, &buf);
    json_out_open(&out, '{');
    api_member_ms(&view, &out, "at", at);
    json_out_member(&out, "case", subject->case_id);
    json_out_member(&out, "case_title", subject->case_title);
    json_out_member(&out, "clock", subject->clock);
    json_out_member_i64(&out, "run", subject->run);
    json_out_member(&out, "stage", subject->stage);
    json_out_member(&out, "alert", subject->alert);
    json_out_member(&out, "status", subject->status);
    json_out_member(&out, "reason", text_of(reasons[reason].code));
    put_text(&out, subject, reason, detail);
    json_out_key(&out, "messages");
    json_out_raw(&out, messages.bytes > 0 ? messages : text_of("[]"));
    json_out_close(&out, '}');
    struct why_item *item = &why->items[why->count];
    item->at = at;
    item->json = arena_text(&why->arena, buf_view(&buf));
    if (buf_error(&buf) || !item->json.ptr) {
        why->err = ERR_NO_MEMORY;
    } else {
        why->count++;
    }
    buf_release(&buf);
}

/* ---- messages of one alert ---- */

struct chain {
    struct why *why;
    struct buf json; /* the messages joined by ',' within brackets */
    struct json_out out;
    enum reason reason;
    int64_t count;
    char detail[DETAIL_BYTES];
    char stands_in[DETAIL_BYTES]; /* "li (on leave)": in whose place it came; or empty */
};

static enum reason reason_of(struct text state)
{
    static const struct {
        const char *state;
        enum reason reason;
    } states[] = {
        {"accepted", WHY_SENT},      {"delivered", WHY_SENT},  {"read", WHY_SENT},
        {"held", WHY_HELD},          {"dropped", WHY_DROPPED}, {"dead", WHY_FAILED},
        {"undelivered", WHY_FAILED}, {"rejected", WHY_FAILED}, {"passed", WHY_FAILED},
    };
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        if (text_is(state, states[i].state)) {
            return states[i].reason;
        }
    }
    return WHY_WAITING;
}

/* How good a thing happened: what was sent by one channel counts before what failed by another. */
static int rank(enum reason reason)
{
    return reason == WHY_SENT ? 4 : reason == WHY_HELD ? 3 : reason == WHY_WAITING ? 2 : 1;
}

static bool concerns(const struct why *why, const struct ledger_message *row)
{
    const bool group = text_starts_with(row->person, TEXT_LITERAL("robot:"));
    return (group || text_equal(row->person, why->person->id)) &&
           (why->channel.bytes == 0 || text_equal(row->channel, why->channel));
}

/* A message that went to somebody else tells to whom (notifiers/route.h). */
static struct text went_to(const struct ledger_message *row)
{
    const struct text words = TEXT_LITERAL("on leave: goes to ");
    if (!text_is(row->state, "dropped") || !text_starts_with(row->reason, words)) {
        return (struct text){0};
    }
    return (struct text){row->reason.ptr + words.bytes, row->reason.bytes - words.bytes};
}

static void note_stand_in(struct chain *chain, const struct ledger_message *row)
{
    if (row->stands_in_for.bytes > 0) {
        (void)snprintf(
            chain->stands_in, sizeof(chain->stands_in), "%.*s (on leave / 请假)",
            TEXT_ARGS(row->stands_in_for));
    }
}

static bool add_message(void *context, const struct ledger_message *row)
{
    struct chain *chain = context;
    struct why *why = chain->why;
    const struct view view = console_view(why->console, NULL);
    const enum reason reason = went_to(row).bytes > 0 ? WHY_ON_LEAVE : reason_of(row->state);
    char time[WALL_TEXT_BYTES];
    if (!concerns(why, row)) {
        return true;
    }
    note_stand_in(chain, row);
    json_out_open(&chain->out, '{');
    json_out_member(&chain->out, "id", row->id);
    json_out_member(&chain->out, "person", row->person);
    json_out_member(&chain->out, "channel", row->channel);
    json_out_member(&chain->out, "state", row->state);
    json_out_member(&chain->out, "reason", row->reason);
    api_member_ms(&view, &chain->out, "at", row->at);
    api_member_instant(&view, &chain->out, "ready", row->ready);
    api_member_instant(&view, &chain->out, "held_until", row->held_until);
    api_member_instant(&view, &chain->out, "accepted_at", row->accepted);
    api_member_instant(&view, &chain->out, "delivered_at", row->delivered);
    api_member_instant(&view, &chain->out, "read_at", row->read);
    api_member_instant(&view, &chain->out, "acked_at", row->acked);
    json_out_close(&chain->out, '}');
    if (chain->count == 0 || rank(reason) > rank(chain->reason)) {
        const struct ledger_instant at = row->accepted.known  ? row->accepted
                                         : reason == WHY_HELD ? row->ready
                                                              : (struct ledger_instant){0};
        chain->reason = reason;
        (void)snprintf(
            chain->detail, sizeof(chain->detail), "%.*s%s%s%s%.*s", TEXT_ARGS(row->channel),
            at.known ? " " : "",
            at.known
                ? calendar_format(api_policy(why->console)->calendar, (struct wall_ms){at.ms}, time)
                : "",
            row->reason.bytes > 0 ? ", " : "", TEXT_ARGS(utf8_cut(row->reason, 200)));
    }
    chain->count++;
    return true;
}

static void chain_read(struct chain *chain, struct why *why, struct text alert)
{
    struct list_end end;
    const struct message_query query = {
        .alert = alert, .scope = why->scope, .limit = API_LIMIT_MAX};
    *chain = (struct chain){.why = why, .reason = WHY_WAITING};
    buf_init(&chain->json, (size_t)512 * 1024);
    json_out_init(&chain->out, &chain->json);
    json_out_open(&chain->out, '[');
    const enum err err = ledger_messages(why->console->ledger, &query, add_message, chain, &end);
    json_out_close(&chain->out, ']');
    why->err = err ? err : why->err;
    if (chain->count > 0 && chain->stands_in[0]) {
        const size_t used = strlen(chain->detail);
        (void)snprintf(
            chain->detail + used, sizeof(chain->detail) - used, "%s%s",
            used > 0 ? ", for " : "for ", chain->stands_in);
    }
}

/* ---- alerts of the date ---- */

static bool is_among(struct text people, struct text person)
{
    struct json_doc *doc = NULL;
    bool found = false;
    if (json_parse(people, &json_limits_config, &doc, NULL)) {
        return false;
    }
    for (const struct json_value *item = json_first(json_root(doc)); item; item = json_next(item)) {
        found = found || text_equal(json_string(item), person);
    }
    json_free(doc);
    return found;
}

static enum reason unsent_reason(struct text status)
{
    return text_is(status, "superseded")   ? WHY_SUPERSEDED
           : text_is(status, "suppressed") ? WHY_SUPPRESSED
           : text_is(status, "skipped")    ? WHY_SKIPPED
           : text_is(status, "overtaken")  ? WHY_OVERTAKEN
                                           : WHY_OTHERS;
}

static struct subject subject_of(const struct ledger_alert *row)
{
    return (struct subject){
        .case_id = row->case_id,
        .case_title = row->case_title,
        .clock = row->clock,
        .run = row->run,
        .stage = row->stage,
        .alert = row->id,
        .status = row->status,
    };
}

/* For so many alerts of a day at most: each costs a look at its case. */
static bool means_them(struct why *why, const struct ledger_alert *row)
{
    if (why->resolved > RESOLVED_MAX) {
        return false; /* what was sent to them is still told */
    }
    why->resolved++;
    return why_stage_means(why->console, row, why->person->id);
}

static bool take_alert(void *context, const struct ledger_alert *row)
{
    struct why *why = context;
    const struct subject subject = subject_of(row);
    struct chain chain;
    const bool to_them = is_among(row->recipients, why->person->id);
    if (to_them) {
        chain_read(&chain, why, row->id);
        const bool overtaken = text_is(row->status, "overtaken") && chain.reason != WHY_SENT;
        if (chain.count > 0 || why->channel.bytes == 0) {
            add_item(
                why, row->fired_at, &subject, overtaken ? WHY_OVERTAKEN : chain.reason,
                chain.detail, buf_view(&chain.json));
        }
        buf_release(&chain.json);
    } else if (why->channel.bytes == 0 && means_them(why, row)) {
        add_item(why, row->fired_at, &subject, unsent_reason(row->status), NULL, (struct text){0});
    }
    return !why->err && !why->cut;
}

/* ---- what went out that date of alerts of earlier dates ---- */

struct addressing {
    const struct why *why;
    bool to_them;
};

static bool take_addressing(void *context, const struct ledger_alert *row)
{
    struct addressing *addressing = context;
    addressing->to_them = is_among(row->recipients, addressing->why->person->id);
    return false;
}

/* Was the alert of the message addressed to the person? Else they stand in for somebody. */
static bool is_addressed(struct why *why, struct text alert)
{
    struct list_end end;
    struct addressing addressing = {.why = why};
    const struct alert_query query = {.id = alert, .scope = addressing.why->scope, .limit = 1};
    const enum err err =
        ledger_alerts(why->console->ledger, &query, take_addressing, &addressing, &end);
    why->err = err ? err : why->err;
    return addressing.to_them;
}

static bool take_message(void *context, const struct ledger_message *row)
{
    struct why *why = context;
    struct chain chain;
    const bool that_day = row->fired.known && row->fired.ms >= why->from;
    const bool told = that_day && is_addressed(why, row->alert);
    if (told || row->alert.bytes == 0 || !concerns(why, row)) {
        return !why->err; /* told with its alert, or of no case at all */
    }
    const struct subject subject = {
        .case_id = row->case_id,
        .case_title = row->case_title,
        .clock = row->clock,
        .run = row->run,
        .stage = row->stage,
        .alert = row->alert,
        .status = TEXT_LITERAL("fired"),
    };
    const int64_t at = row->at;
    char alert[64];
    (void)snprintf(alert, sizeof(alert), "%.*s", TEXT_ARGS(row->alert));
    chain_read(&chain, why, text_of(alert));
    add_item(why, at, &subject, chain.reason, chain.detail, buf_view(&chain.json));
    buf_release(&chain.json);
    return !why->err && !why->cut;
}

/* ---- the person's cases ---- */

struct case_clocks {
    struct why *why;
    struct text case_id;
    struct text case_title;
};

/* A clock that had stopped by the end of the date and whose due was still to come. */
static bool take_ended(void *context, const struct ledger_run *run)
{
    struct case_clocks *clocks = context;
    struct why *why = clocks->why;
    if (!run->stopped.known || run->stopped.ms >= why->until || !run->due.known ||
        run->due.ms < why->from || text_is(run->outcome, "missed")) {
        return true;
    }
    char time[WALL_TEXT_BYTES];
    const struct subject subject = {
        .case_id = clocks->case_id,
        .case_title = clocks->case_title,
        .clock = run->clock,
        .run = run->run,
        .status = run->outcome,
    };
    (void)calendar_format(
        api_policy(why->console)->calendar, (struct wall_ms){run->stopped.ms}, time);
    add_item(why, run->stopped.ms, &subject, WHY_ENDED, time, (struct text){0});
    return !why->err && !why->cut;
}

static bool take_case_ended(void *context, const struct ledger_case *row)
{
    struct case_clocks clocks = {.why = context, .case_id = row->id, .case_title = row->title};
    const enum err err = ledger_runs(clocks.why->console->ledger, row->id, take_ended, &clocks);
    clocks.why->err = err ? err : clocks.why->err;
    return !clocks.why->err && !clocks.why->cut;
}

static void take_next(void *context, const struct why_next *next)
{
    struct case_clocks *clocks = context;
    const struct subject subject = {
        .case_id = clocks->case_id,
        .case_title = clocks->case_title,
        .clock = next->clock,
        .run = next->run,
        .stage = next->stage,
        .status = TEXT_LITERAL("planned"),
    };
    add_item(clocks->why, next->at, &subject, WHY_NEXT, NULL, (struct text){0});
}

static bool take_case_next(void *context, const struct ledger_case *row)
{
    struct case_clocks clocks = {.why = context, .case_id = row->id, .case_title = row->title};
    struct why *why = context;
    const enum err err =
        why_next_alerts(why->console, row->id, why->person->id, take_next, &clocks);
    why->err = err ? err : why->err;
    return !why->err && !why->cut;
}

static void look_at_cases(struct why *why, ledger_case_fn *take)
{
    struct list_end end;
    const struct case_query query = {
        .handler = why->person->id,
        .scope = why->scope,
        .sort = SORT_UPDATED,
        .descending = true,
        .limit = PERSON_CASES,
    };
    const enum err err = ledger_cases(why->console->ledger, &query, take, why, &end);
    why->err = err ? err : why->err;
}

/* ---- answering ---- */

static int by_time(const void *a, const void *b)
{
    const struct why_item *left = a;
    const struct why_item *right = b;
    return (left->at > right->at) - (left->at < right->at);
}

static void look(struct why *why)
{
    struct list_end end;
    struct ledger *ledger = why->console->ledger;
    const struct alert_query alerts = {
        .scope = why->scope, .fired_from = why->from, .fired_until = why->until, .limit = LIST_MAX};
    const struct message_query messages = {
        .person = why->person->id,
        .scope = why->scope,
        .from = why->from,
        .until = why->until,
        .limit = LIST_MAX};
    why->err = ledger_alerts(ledger, &alerts, take_alert, why, &end);
    if (!why->err) {
        const enum err err = ledger_messages(ledger, &messages, take_message, why, &end);
        why->err = err ? err : why->err;
    }
    if (!why->err) {
        look_at_cases(why, take_case_ended);
    }
    if (!why->err && why->count == 0) {
        look_at_cases(why, take_case_next);
    }
    qsort(why->items, why->count, sizeof(why->items[0]), by_time);
}

static void answer(struct why *why, struct http_call *call)
{
    const struct view view = console_view(why->console, NULL);
    struct api_json json;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    api_member_person(&view, &json.out, "person", why->person->id);
    json_out_member(&json.out, "date", http_param(&call->head, "date"));
    json_out_key(&json.out, "items");
    json_out_open(&json.out, '[');
    for (size_t index = 0; index < why->count; index++) {
        json_out_raw(&json.out, why->items[index].json);
    }
    json_out_close(&json.out, ']');
    api_member_bool(&json.out, "cut", why->cut || why->resolved > RESOLVED_MAX);
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, why->err);
}

void api_alerts_why(struct console *console, struct http_call *call)
{
    const struct calendar *calendar = api_policy(console)->calendar;
    struct civil_day day;
    const struct person *person =
        directory_person(api_policy(console)->directory, http_param(&call->head, "person"));
    /* Who works in a unit that is not seen might as well not be there. */
    if (!person || !scope_has(&call_actor(call)->scope, person->unit)) {
        problem_answer(call, PROBLEM_NOT_FOUND, "person: the directory has nobody of this id");
        return;
    }
    if (civil_parse(http_param(&call->head, "date"), &day)) {
        problem_answer(call, PROBLEM_BAD_REQUEST, "date: must be a date such as 2026-03-02");
        return;
    }
    struct why *why = calloc(1, sizeof(*why));
    if (!why) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    why->console = console;
    why->person = person;
    why->scope = &call_actor(call)->scope;
    why->channel = http_param(&call->head, "channel");
    why->from = calendar_instant(calendar, day, 0).ms;
    why->until = calendar_instant(calendar, day, DAY_SECONDS).ms;
    arena_init(&why->arena, ARENA_BYTES);
    look(why);
    answer(why, call);
    arena_release(&why->arena);
    free(why);
}
