/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case event as the rules see it: identity, two instants, kind, and flat attributes. Made from
 * CloudEvents JSON by config/event_json.h; packed into the case record by rules/record.h.
 */
#ifndef NRT_RULES_EVENT_H
#define NRT_RULES_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "base/wall.h"

enum event_kind {
    EVENT_RECEIVED,
    EVENT_ACCEPTED,
    EVENT_ASSIGNED,
    EVENT_SUSPENDED,
    EVENT_RESUMED,
    EVENT_EXTENDED,
    EVENT_ANSWERED,
    EVENT_COMPLETED,
    EVENT_RETURNED,
    EVENT_REOPENED,
    EVENT_OBJECTED,
    EVENT_FEEDBACK,
    EVENT_STRUCK_OFF,
    EVENT_WITHDRAWN,
    EVENT_URGED,
    EVENT_SUPERVISED,
    EVENT_ACKNOWLEDGED,
    EVENT_WAIVED,
    EVENT_RATED,
    EVENT_NOTED,
    EVENT_APPEALED,  /* a unit contests a miss */
    EVENT_REPLANNED, /* ours: running runs go by another version of the rules from here on */
    EVENT_RECOUNTED, /* ours: the calendar or the directory has changed, look at the case again */
    EVENT_OTHER, /* a kind of the producer's own: on the timeline, no effect unless a rule names it
                  */
    EVENT_KIND_COUNT
};

/* "received" ... ; NULL for EVENT_OTHER. One table serves parser, help, schema and docs. */
const char *event_kind_name(enum event_kind kind);
enum event_kind event_kind_of(struct text name);
/* replanned, recounted: only the service itself makes them; from elsewhere they are rejects. */
bool event_kind_is_reserved(enum event_kind kind);
#define EVENT_SOURCE_OWN "nrt:replan" /* `source` of the reserved kinds */
/* noted, urged, rated, feedback, recounted: kept in the ledger only, unless a rule names them. */
bool event_kind_is_ledger_only(enum event_kind kind);

/*
 * A scalar of the event's data by dotted path: {"labels":{"kind":"a"}} gives "labels.kind" = "a". A
 * list of strings is one attribute, its items joined by ',' (co_units, copy_to).
 */
struct attribute {
    struct text path;
    struct text value; /* strings raw; numbers and booleans as JSON text; null is left out */
};

struct event {
    enum event_kind kind;
    struct text kind_name; /* without "case." */
    struct text source;
    struct text id;
    struct text subject; /* the case id */
    struct wall_ms time;
    struct wall_ms arrived;
    int64_t rules_version; /* in force when it arrived; 0 in simulation */
    const struct attribute *attributes;
    size_t attribute_count;
};

/* The attribute's value, .ptr NULL when absent. */
struct text event_attribute(const struct event *event, const char *path);
/* The same of any list of attributes. */
struct text attribute_find(const struct attribute *attributes, size_t count, struct text path);
/* Order of fold: (time, source, id), ids as bytes. */
int event_compare(const struct event *a, const struct event *b);

#endif
