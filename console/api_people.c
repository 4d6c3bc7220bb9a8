/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /api/v1/people: who the directory in force knows, and how each can be reached. Numbers are
 * masked and accounts are only said to be there: this is for finding who cannot be reached, never
 * for reading an address.
 */
#include "config/mask.h"
#include "console/api.h"

#define NUMBER_BYTES_MAX 256

static enum err put_mobile(struct json_out *out, struct text mobile)
{
    struct buf masked;
    buf_init(&masked, NUMBER_BYTES_MAX);
    mask_number(mobile, &masked);
    const enum err err = buf_error(&masked);
    if (!err) {
        json_out_member(out, "mobile", buf_view(&masked));
    }
    buf_release(&masked);
    return err;
}

/* Somebody the directory names without any address has no contact. */
static enum err put_addresses(struct json_out *out, const struct contact *contact)
{
    static const struct contact nothing;
    const struct contact *known = contact ? contact : &nothing;
    api_member_bool(out, "dingtalk", known->dingtalk.bytes > 0);
    api_member_bool(out, "zwdd", known->zwdd.bytes > 0);
    api_member_bool(out, "wecom", known->wecom.bytes > 0);
    api_member_bool(out, "email", known->email.bytes > 0);
    return put_mobile(out, known->mobile);
}

static enum err put_people(const struct view *view, struct json_out *out, struct text unit)
{
    size_t count = 0;
    enum err err = ERR_OK;
    const struct person *people = directory_people(view_policy(view)->directory, &count);
    for (size_t i = 0; i < count && !err; i++) {
        if (!scope_has(&view->actor->scope, people[i].unit) ||
            (unit.bytes > 0 && !text_equal(unit, people[i].unit))) {
            continue;
        }
        json_out_open(out, '{');
        json_out_member(out, "id", people[i].id);
        json_out_member(out, "name", people[i].name);
        api_member_unit(view, out, "unit", people[i].unit);
        err = put_addresses(out, bundle_contact(view->bundle, people[i].id));
        json_out_close(out, '}');
    }
    return err;
}

void api_people(const struct view *view, struct http_call *call)
{
    struct api_json json;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_member_i64(&json.out, "version", view->bundle->version);
    json_out_key(&json.out, "items");
    json_out_open(&json.out, '[');
    const enum err err = put_people(view, &json.out, http_param(&call->head, "unit"));
    json_out_close(&json.out, ']');
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, err);
}
