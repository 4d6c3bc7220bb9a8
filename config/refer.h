/* SPDX-License-Identifier: Apache-2.0 */
/*
 * References from one configuration file to another: people, units, roles, channels, templates.
 * Each checks one name against what the reader knows, reports an unknown one with the nearest
 * known name, and does nothing where that kind is not known or the name is empty.
 */
#ifndef NRT_CONFIG_REFER_H
#define NRT_CONFIG_REFER_H

#include "config/read.h"
#include "rules/directory.h"

void refer_person(struct reader *reader, const struct json_value *value, struct text id);
void refer_unit(struct reader *reader, const struct json_value *value, struct text id);
void refer_channel(struct reader *reader, const struct json_value *value, struct text name);
void refer_template(struct reader *reader, const struct json_value *value, struct text id);

/* Target: struct role. Its person or unit is looked up as well. */
read_fn read_role;

#endif
