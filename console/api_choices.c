/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /api/v1/choices: what a form or a filter offers: units with their handlers, matters, clocks
 * with their stages, of the configuration in force. Ids and names only, never an address. Units
 * outside of the actor's scope are there too ("own" is false), because a case may come from any
 * of them, but nobody's name of those.
 */
#include "config/policy.h"
#include "console/api.h"

static void put_handlers(
    const struct view *view, struct json_out *out, const struct unit *unit, bool own)
{
    json_out_key(out, "handlers");
    json_out_open(out, '[');
    for (size_t i = 0; own && i < unit->handler_count; i++) {
        const struct person *person =
            directory_person(view_policy(view)->directory, unit->handlers[i]);
        json_out_open(out, '{');
        json_out_member(out, "id", unit->handlers[i]);
        json_out_member(out, "name", person ? person->name : unit->handlers[i]);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void put_units(const struct view *view, struct json_out *out)
{
    size_t count = 0;
    const struct unit *units = directory_units(view_policy(view)->directory, &count);
    json_out_key(out, "units");
    json_out_open(out, '[');
    for (size_t i = 0; i < count; i++) {
        const bool own = scope_has(&view->actor->scope, units[i].id);
        const struct text head_id = own ? units[i].head : (struct text){0};
        const struct person *head = directory_person(view_policy(view)->directory, head_id);
        json_out_open(out, '{');
        json_out_member(out, "id", units[i].id);
        json_out_member(out, "name", units[i].name);
        json_out_member(out, "parent", units[i].parent);
        json_out_member(out, "area", units[i].area);
        json_out_member(out, "head", head_id);
        json_out_member(out, "head_name", head ? head->name : head_id);
        api_member_bool(out, "own", own);
        put_handlers(view, out, &units[i], own);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void put_matters(const struct view *view, struct json_out *out)
{
    size_t count = 0;
    const struct matter *matters = directory_matters(view_policy(view)->directory, &count);
    json_out_key(out, "matters");
    json_out_open(out, '[');
    for (size_t i = 0; i < count; i++) {
        json_out_open(out, '{');
        json_out_member(out, "id", matters[i].id);
        json_out_member(out, "title", matters[i].title);
        json_out_member(out, "parent", matters[i].parent);
        json_out_member(out, "unit", matters[i].unit);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void put_stages(struct json_out *out, const struct clock_rule *clock)
{
    json_out_key(out, "stages");
    json_out_open(out, '[');
    for (size_t i = 0; i < clock->stage_count; i++) {
        json_out_open(out, '{');
        json_out_member(out, "id", clock->stages[i].id);
        json_out_member(out, "title", clock->stages[i].title);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void put_clocks(const struct view *view, struct json_out *out)
{
    const struct policy *policy = view_policy(view);
    json_out_key(out, "clocks");
    json_out_open(out, '[');
    for (size_t set = 0; set < policy->set_count; set++) {
        for (size_t i = 0; i < policy->sets[set].clock_count; i++) {
            const struct clock_rule *clock = &policy->sets[set].clocks[i];
            json_out_open(out, '{');
            json_out_member(out, "id", clock->id);
            json_out_member(out, "title", clock->title);
            json_out_member(out, "family", clock->family);
            put_stages(out, clock);
            json_out_close(out, '}');
        }
    }
    json_out_close(out, ']');
}

void api_choices(const struct view *view, struct http_call *call)
{
    struct api_json json;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_member_i64(&json.out, "version", view->bundle->version);
    put_units(view, &json.out);
    put_matters(view, &json.out);
    put_clocks(view, &json.out);
    json_out_close(&json.out, '}');
    api_json_answer(call, 200, &json, ERR_OK);
}
