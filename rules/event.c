/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of event kinds and the order of events (semantics section 7).
 */
#include "rules/event.h"

struct kind_row {
    const char *name;
    bool ledger_only;
};

static const struct kind_row kind_rows[EVENT_KIND_COUNT] = {
    [EVENT_RECEIVED] = {"received", false},
    [EVENT_ACCEPTED] = {"accepted", false},
    [EVENT_ASSIGNED] = {"assigned", false},
    [EVENT_SUSPENDED] = {"suspended", false},
    [EVENT_RESUMED] = {"resumed", false},
    [EVENT_EXTENDED] = {"extended", false},
    [EVENT_ANSWERED] = {"answered", false},
    [EVENT_COMPLETED] = {"completed", false},
    [EVENT_RETURNED] = {"returned", false},
    [EVENT_REOPENED] = {"reopened", false},
    [EVENT_OBJECTED] = {"objected", false},
    [EVENT_FEEDBACK] = {"feedback", true},
    [EVENT_STRUCK_OFF] = {"struck_off", false},
    [EVENT_WITHDRAWN] = {"withdrawn", false},
    [EVENT_URGED] = {"urged", true},
    [EVENT_SUPERVISED] = {"supervised", false},
    [EVENT_ACKNOWLEDGED] = {"acknowledged", false},
    [EVENT_WAIVED] = {"waived", false},
    [EVENT_RATED] = {"rated", true},
    [EVENT_NOTED] = {"noted", true},
    [EVENT_APPEALED] = {"appealed", false},
    [EVENT_REPLANNED] = {"replanned", false},
    [EVENT_RECOUNTED] = {"recounted", true},
};

const char *event_kind_name(enum event_kind kind)
{
    return kind_rows[kind].name;
}

enum event_kind event_kind_of(struct text name)
{
    for (int kind = 0; kind < EVENT_OTHER; kind++) {
        if (text_is(name, kind_rows[kind].name))
            return (enum event_kind)kind;
    }
    return EVENT_OTHER;
}

bool event_kind_is_ledger_only(enum event_kind kind)
{
    return kind_rows[kind].ledger_only;
}

bool event_kind_is_reserved(enum event_kind kind)
{
    return kind == EVENT_REPLANNED || kind == EVENT_RECOUNTED;
}

struct text event_attribute(const struct event *event, const char *path)
{
    return attribute_find(event->attributes, event->attribute_count, text_of(path));
}

struct text attribute_find(const struct attribute *attributes, size_t count, struct text path)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(attributes[i].path, path))
            return attributes[i].value;
    }
    return (struct text){0};
}

int event_compare(const struct event *a, const struct event *b)
{
    if (a->time.ms != b->time.ms)
        return a->time.ms < b->time.ms ? -1 : 1;
    const int source = text_compare(a->source, b->source);
    return source != 0 ? source : text_compare(a->id, b->id);
}
