/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people do to one case: an event by right, by what the case stands at and by what is filled
 * in (console/case_acts.h). The service's own token posts events as programs do: by their own
 * clock, of any kind, whatever the case stands at; the rules judge them.
 */
#include <stdio.h>
#include <string.h>

#include "console/actor_of.h"
#include "console/api.h"
#include "console/audit.h"
#include "console/case_acts.h"
#include "console/own_event.h"

#define ARENA_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define ID_BYTES        200

struct acting {
    struct console *console;
    struct http_call *call;
    struct view view;
    const struct json_value *body;
    struct text kind;
    struct text subject;
    struct text co_unit; /* for which an answer is given; empty: for the case */
};

/* "kind", or the type of a CloudEvent, "case.KIND". */
static struct text kind_of(const struct json_value *body)
{
    const struct text prefix = TEXT_LITERAL("case.");
    const struct text kind = json_get_string(body, "kind");
    const struct text type = json_get_string(body, "type");
    if (kind.bytes > 0 || !text_starts_with(type, prefix)) {
        return kind;
    }
    return (struct text){.ptr = type.ptr + prefix.bytes, .bytes = type.bytes - prefix.bytes};
}

/* ---- as programs do ---- */

static void queue_as_given(struct acting *acting)
{
    char word[OWN_WORD_BYTES];
    struct api_json json;
    const struct text id = json_get_string(acting->body, "id");
    own_word(word);
    const struct own_event event = {
        .kind = acting->kind,
        .id = id.bytes > 0 ? id : text_of(word),
        .source = json_get_string(acting->body, "source"),
        .subject = acting->subject,
        .time = json_get(acting->body, "time"),
        .arrived = json_get(acting->body, "arrived"),
    };
    api_json_init(&json);
    own_event_open(&acting->view, &json.out, &event);
    if (json_get(acting->body, "data")) {
        json_out_key(&json.out, "data");
        json_out_value(&json.out, json_get(acting->body, "data"));
    }
    json_out_close(&json.out, '}');
    api_queue_event(acting->console, acting->call, buf_view(&json.buf));
    buf_release(&json.buf);
}

/* ---- as people do ---- */

/* Whose name stands in the event: `by` names who acts, but in these two it is a length of time. */
static const char *name_key(struct text kind)
{
    const bool of_time = text_is(kind, "extended") || text_is(kind, "extension_requested");
    return of_time ? "who" : "by";
}

static void put_data(struct acting *acting, struct json_out *out)
{
    const char *name = name_key(acting->kind);
    const struct json_value *data = json_get(acting->body, "data");
    const struct json_value *member = json_type(data) == JSON_OBJECT ? json_first(data) : NULL;
    json_out_open(out, '{');
    json_out_member(out, name, own_event_by(acting->view.actor, json_get_string(data, name)));
    if (acting->co_unit.bytes > 0) {
        json_out_member(out, "unit", acting->co_unit);
    }
    for (; member; member = json_next(member)) {
        char key[128];
        (void)snprintf(key, sizeof(key), "%.*s", TEXT_ARGS(utf8_cut(json_key(member), 100)));
        const bool is_given = acting->co_unit.bytes > 0 && strcmp(key, "unit") == 0;
        if (strcmp(key, name) != 0 && !is_given) {
            json_out_key(out, key);
            json_out_value(out, member);
        }
    }
    json_out_close(out, '}');
}

/* The same request of the same person is the same event. */
static void own_id(const struct acting *acting, char ret_id[static ID_BYTES])
{
    char word[OWN_WORD_BYTES];
    const struct text given = utf8_cut(json_get_string(acting->body, "id"), 64);
    own_word(word);
    (void)snprintf(
        ret_id, ID_BYTES, "%s-%.*s", acting->view.actor->name,
        given.bytes > 0 ? (int)given.bytes : (int)strlen(word), given.bytes > 0 ? given.ptr : word);
}

static void queue_own(struct acting *acting, int64_t last_event_ms)
{
    char id[ID_BYTES];
    struct api_json json;
    own_id(acting, id);
    const struct own_event event = {
        .kind = acting->kind,
        .id = text_of(id),
        .subject = acting->subject,
        .at_ms = own_act_ms(acting->console, last_event_ms),
    };
    api_json_init(&json);
    own_event_open(&acting->view, &json.out, &event);
    json_out_key(&json.out, "data");
    put_data(acting, &json.out);
    json_out_close(&json.out, '}');
    api_queue_event(acting->console, acting->call, buf_view(&json.buf));
    buf_release(&json.buf);
}

static void judge(struct acting *acting, const struct case_act_question *question)
{
    if (!case_act_is_for(question)) {
        words_answer(
            acting->call, PROBLEM_FORBIDDEN,
            (struct two_words){
                "您不能对此办件执行这项操作", "this is not yours to do to this case"});
        return;
    }
    const struct two_words obstacle = case_act_obstacle(question);
    if (obstacle.en) {
        words_answer(acting->call, PROBLEM_CONFLICT, obstacle);
        return;
    }
    const struct field_error fault = case_act_fault(question);
    if (fault.field) {
        field_errors_answer(acting->call, &fault, 1);
        return;
    }
    if (text_is(acting->kind, "answered") || text_is(acting->kind, "accepted")) {
        acting->co_unit =
            case_standing_co_unit(question->standing, actor_scope(acting->view.actor, RIGHT_WORK));
    }
    queue_own(acting, question->standing->updated);
}

static void act(struct acting *acting)
{
    struct arena arena;
    struct case_standing standing;
    const struct case_act_question question = {
        .view = &acting->view,
        .act = case_act_find(acting->kind),
        .standing = &standing,
        .data = json_get(acting->body, "data"),
    };
    if (!question.act) {
        problem_answer(
            acting->call, PROBLEM_INVALID,
            "kind: people make no events of this kind; GET the case: its actions are listed");
        return;
    }
    arena_init(&arena, ARENA_BYTES_MAX);
    enum err err =
        ledger_case_is_seen(acting->view.ledger, acting->subject, &acting->view.actor->scope);
    if (!err) {
        err = case_standing_read(acting->view.ledger, acting->subject, &arena, &standing);
    }
    if (err) {
        problem_answer(
            acting->call, err == ERR_NOT_FOUND ? PROBLEM_NOT_FOUND : PROBLEM_INTERNAL,
            err == ERR_NOT_FOUND ? "the ledger does not know this id (yet)"
                                 : "the ledger could not be read; see the log");
    } else {
        judge(acting, &question);
    }
    arena_release(&arena);
}

void api_case_event(struct console *console, struct http_call *call)
{
    struct json_doc *doc = api_body_object(call);
    if (!doc) {
        return;
    }
    struct acting acting = {
        .console = console,
        .call = call,
        .view = console_view(console, call),
        .body = json_root(doc),
        .kind = kind_of(json_root(doc)),
        .subject = api_path_id(call, 3),
    };
    const struct text subject = json_get_string(acting.body, "subject");
    audit_detail(call, acting.kind);
    if (subject.bytes > 0 && !text_equal(subject, acting.subject)) {
        problem_answer(
            call, PROBLEM_BAD_REQUEST, "subject differs from the case id in the address");
    } else if (acting.view.actor->kind == ACTOR_SERVICE) {
        queue_as_given(&acting);
    } else {
        act(&acting);
    }
    json_free(doc);
}
