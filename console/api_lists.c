/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts with their messages, messages, rejects.
 */
#include "console/api.h"

struct writing {
    const struct view *view;
    struct json_out *out;
    enum err err;
};

/* ---- alerts and messages ---- */

static bool put_message(void *context, const struct ledger_message *row)
{
    struct writing *writing = context;
    api_message_object(writing->view, writing->out, row);
    return true;
}

static bool put_alert(void *context, const struct ledger_alert *row)
{
    struct writing *writing = context;
    struct json_out *out = writing->out;
    json_out_open(out, '{');
    json_out_member(out, "id", row->id);
    json_out_member(out, "case", row->case_id);
    json_out_member(out, "case_title", row->case_title);
    api_member_unit(writing->view, out, "unit", row->case_unit);
    json_out_member(out, "clock", row->clock);
    json_out_member_i64(out, "run", row->run);
    json_out_member(out, "stage", row->stage);
    json_out_member(out, "stage_title", row->title);
    api_member_ms(writing->view, out, "instant", row->instant);
    api_member_ms(writing->view, out, "fired_at", row->fired_at);
    json_out_member(out, "status", row->status);
    json_out_member(out, "dropped", row->dropped);
    json_out_member(out, "light", row->light);
    api_member_bool(out, "late", row->late);
    json_out_member_i64(out, "ordinal", row->ordinal);
    api_member_bool(out, "directory_fault", row->fault);
    json_out_key(out, "to");
    json_out_raw(out, row->recipients);
    json_out_key(out, "via");
    json_out_raw(out, row->via);
    json_out_key(out, "messages");
    json_out_open(out, '[');
    const struct message_query query = {
        .scope = &writing->view->actor->scope, .alert = row->id, .limit = API_LIMIT_MAX};
    struct list_end end;
    writing->err = ledger_messages(writing->view->ledger, &query, put_message, writing, &end);
    json_out_close(out, ']');
    json_out_close(out, '}');
    return !writing->err;
}

enum err api_alert_objects(
    const struct view *view,
    struct json_out *out,
    const struct alert_query *query,
    struct list_end *ret_end)
{
    struct writing writing = {.view = view, .out = out};
    const enum err err = ledger_alerts(view->ledger, query, put_alert, &writing, ret_end);
    return err ? err : writing.err;
}

static void list_open(struct api_json *json)
{
    api_json_init(json);
    json_out_open(&json->out, '{');
    json_out_key(&json->out, "items");
    json_out_open(&json->out, '[');
}

void api_alerts(const struct view *view, struct http_call *call)
{
    struct api_page page;
    if (!api_page_read(call, &page)) {
        return;
    }
    const struct alert_query query = {
        .scope = &view->actor->scope,
        .id = http_param(&call->head, "id"),
        .case_id = http_param(&call->head, "case"),
        .unit = http_param(&call->head, "unit"),
        .status = http_param(&call->head, "status"),
        .after = page.after,
        .limit = page.limit,
    };
    struct api_json json;
    struct list_end end;
    list_open(&json);
    const enum err err = api_alert_objects(view, &json.out, &query, &end);
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err);
}

void api_messages(const struct view *view, struct http_call *call)
{
    struct api_page page;
    if (!api_page_read(call, &page)) {
        return;
    }
    const struct message_query query = {
        .scope = &view->actor->scope,
        .alert = http_param(&call->head, "alert"),
        .person = http_param(&call->head, "person"),
        .channel = http_param(&call->head, "channel"),
        .state = http_param(&call->head, "state"),
        .digest = http_param(&call->head, "digest"),
        .handed_over = text_is(http_param(&call->head, "handed_over"), "1"),
        .after = page.after,
        .limit = page.limit,
    };
    struct api_json json;
    struct list_end end;
    list_open(&json);
    struct writing writing = {.view = view, .out = &json.out};
    const enum err err = ledger_messages(view->ledger, &query, put_message, &writing, &end);
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err);
}

void api_message_show(const struct view *view, struct http_call *call)
{
    const struct message_query query = {
        .scope = &view->actor->scope, .id = api_path_id(call, 3), .limit = 1};
    struct api_json json;
    struct list_end end;
    api_json_init(&json);
    struct writing writing = {.view = view, .out = &json.out};
    enum err err = ledger_messages(view->ledger, &query, put_message, &writing, &end);
    if (!err && json.buf.bytes == 0) {
        err = ERR_NOT_FOUND;
    }
    api_json_answer(call, 200, &json, err);
}

/* ---- rejects ---- */

static bool put_reject(void *context, const struct ledger_reject *row)
{
    struct writing *writing = context;
    struct json_out *out = writing->out;
    json_out_open(out, '{');
    json_out_member(out, "id", row->fact);
    api_member_ms(writing->view, out, "at", row->at);
    json_out_member(out, "via", row->via);
    json_out_member(out, "kind", row->kind);
    json_out_member(out, "reason", row->reason);
    json_out_member_i64(out, "bytes", row->bytes);
    json_out_member(out, "sha256", row->sha256);
    json_out_member(out, "head", row->head);
    json_out_close(out, '}');
    return true;
}

void api_rejects(const struct view *view, struct http_call *call)
{
    struct api_page page;
    if (!api_page_read(call, &page)) {
        return;
    }
    const struct reject_query query = {.after = page.after, .limit = page.limit};
    struct api_json json;
    struct list_end end;
    list_open(&json);
    struct writing writing = {.view = view, .out = &json.out};
    const enum err err = ledger_rejects(view->ledger, &query, put_reject, &writing, &end);
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err);
}
