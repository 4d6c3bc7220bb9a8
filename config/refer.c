/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking up names across files. The nearest known name is searched only after a miss.
 */
#include "config/refer.h"

#include "config/describe.h"
#include "config/settings.h"
#include "config/template.h"

static void report_unknown(
    struct reader *reader,
    const struct json_value *value,
    const char *what,
    const struct nearest *nearest)
{
    char hint[READ_HINT_BYTES];
    reader_error(
        reader, value, "unknown %s \"%.*s\"%s", what,
        TEXT_ARGS(utf8_cut(nearest->word, READ_ID_BYTES_MAX)), nearest_hint(nearest, hint));
}

void refer_person(struct reader *reader, const struct json_value *value, struct text id)
{
    const struct directory *directory = reader->known->directory;
    if (!directory || id.bytes == 0 || directory_person(directory, id)) {
        return;
    }
    struct nearest nearest;
    size_t count = 0;
    const struct person *people = directory_people(directory, &count);
    nearest_among(&nearest, reader, id);
    for (size_t i = 0; i < count && nearest_goes_on(&nearest); i++) {
        nearest_try(&nearest, people[i].id);
    }
    report_unknown(reader, value, "person", &nearest);
}

void refer_unit(struct reader *reader, const struct json_value *value, struct text id)
{
    const struct directory *directory = reader->known->directory;
    if (!directory || id.bytes == 0 || directory_unit(directory, id)) {
        return;
    }
    struct nearest nearest;
    size_t count = 0;
    const struct unit *units = directory_units(directory, &count);
    nearest_among(&nearest, reader, id);
    for (size_t i = 0; i < count && nearest_goes_on(&nearest); i++) {
        nearest_try(&nearest, units[i].id);
    }
    report_unknown(reader, value, "unit", &nearest);
}

void refer_channel(struct reader *reader, const struct json_value *value, struct text name)
{
    const struct settings *settings = reader->known->settings;
    if (!settings || name.bytes == 0) {
        return;
    }
    const struct channel_settings *channel = settings_channel(settings, name);
    if (channel && text_is(channel->type, "webhook")) {
        reader_error(
            reader, value, "\"%.*s\" is a webhook: it is told what its \"events\" say, not people",
            TEXT_ARGS(name));
    }
    if (channel) {
        return;
    }
    struct nearest nearest;
    nearest_among(&nearest, reader, name);
    for (size_t i = 0; i < settings->channel_count && nearest_goes_on(&nearest); i++) {
        if (!text_is(settings->channels[i].type, "webhook")) {
            nearest_try(&nearest, settings->channels[i].name);
        }
    }
    report_unknown(reader, value, "channel", &nearest);
}

void refer_template(struct reader *reader, const struct json_value *value, struct text id)
{
    const struct known *known = reader->known;
    if (!known->templates || id.bytes == 0) {
        return;
    }
    for (size_t i = 0; i < known->template_count; i++) {
        if (text_equal(known->templates[i].id, id)) {
            return;
        }
    }
    struct nearest nearest;
    nearest_among(&nearest, reader, id);
    for (size_t i = 0; i < known->template_count && nearest_goes_on(&nearest); i++) {
        nearest_try(&nearest, known->templates[i].id);
    }
    report_unknown(reader, value, "template", &nearest);
}

static void refer_role(
    struct reader *reader, const struct json_value *value, const struct role *role)
{
    if (role->kind == ROLE_PERSON) {
        refer_person(reader, value, role->name);
    } else if (role->kind == ROLE_UNIT) {
        refer_unit(reader, value, role->name);
    }
}

/* The role words, for "did you mean"; what role_parse knows is its own list. */
static const char *const role_words[] = {
    "handler",     "unit_head", "deputy_head", "leader", "clerk",        "up:1",
    "parent_head", "oversight", "person:",     "unit:",  "matter_owner",
};

void read_role(struct reader *reader, const struct json_value *value, void *target)
{
    struct role *role = target;
    struct err_why why = {0};
    if (describe_value(reader, "role")) {
        return;
    }
    if (!read_is(reader, value, JSON_STRING, "a role such as \"unit_head\"")) {
        return;
    }
    const struct text word = reader_keep(reader, json_string(value));
    if (role_parse(word, role, &why) == ERR_OK) {
        refer_role(reader, value, role);
        return;
    }
    struct nearest nearest;
    char hint[READ_HINT_BYTES];
    nearest_among(&nearest, reader, word);
    for (size_t i = 0; i < sizeof role_words / sizeof role_words[0] && nearest_goes_on(&nearest);
         i++) {
        nearest_try(&nearest, text_of(role_words[i]));
    }
    reader_error(reader, value, "%s%s", why.text, nearest_hint(&nearest, hint));
}
