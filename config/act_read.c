/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acts of oversight of a rule set: how urging and supervising are sent (semantics section 7).
 * Every default is applied here.
 */
#include "config/describe.h"
#include "config/refer.h"
#include "config/rule_parts.h"

struct act_file {
    struct act_rule rule;
    struct via via;
    struct role_list to;
    struct role_list copy_to;
};

static const struct role default_to[] = {{.kind = ROLE_HANDLER}, {.kind = ROLE_UNIT_HEAD}};

#define ACT_FIELD(name) offsetof(struct act_file, name)

static const struct field act_fields[] = {
    {"to", read_roles, ACT_FIELD(to), FIELD_OPTIONAL},
    {"copy_to", read_roles, ACT_FIELD(copy_to), FIELD_OPTIONAL},
    {"via", read_via, ACT_FIELD(via), FIELD_OPTIONAL},
    {"template", read_template_id, ACT_FIELD(rule.template_id), FIELD_OPTIONAL},
    {"send", read_send_when, ACT_FIELD(rule.send), FIELD_OPTIONAL},
    {"urgent", read_bool, ACT_FIELD(rule.urgent), FIELD_OPTIONAL},
};

/* `name` is also the id of the template where none is named. */
static void read_act(
    struct reader *reader, const struct json_value *value, const char *name, struct act_rule *rule)
{
    struct act_file file = {.rule = {.given = true, .send = SEND_NOW}, .to = {default_to, 2}};
    if (!read_object(reader, value, act_fields, FIELD_COUNT(act_fields), &file)) {
        return;
    }
    if (file.rule.template_id.bytes == 0) {
        file.rule.template_id = text_of(name);
        refer_template(reader, value, file.rule.template_id);
    }
    file.rule.to = file.to.items;
    file.rule.to_count = file.to.count;
    file.rule.copy_to = file.copy_to.items;
    file.rule.copy_count = file.copy_to.count;
    file.rule.via = file.via.channels.items;
    file.rule.via_count = file.via.channels.count;
    file.rule.via_all = file.via.all;
    *rule = file.rule;
}

static void read_urged(struct reader *reader, const struct json_value *value, void *target)
{
    struct act_rule *acts = target;
    read_act(reader, value, "urged", &acts[ACT_URGED]);
}

static void read_supervised(struct reader *reader, const struct json_value *value, void *target)
{
    struct act_rule *acts = target;
    read_act(reader, value, "supervised", &acts[ACT_SUPERVISED]);
}

void read_acts(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"urged", read_urged, 0, FIELD_OPTIONAL},
        {"supervised", read_supervised, 0, FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}
