/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one-tap page: what somebody sees who opens the link of a message, and what they may do there
 * without signing in. tap_read() gathers it from ledger and directory; tap_page_write() is pure
 * and makes the page of it. Reading never changes anything: chat programs fetch links ahead.
 *
 * The page names people and units and shows no number of anybody.
 */
#ifndef NRT_CONSOLE_TAP_H
#define NRT_CONSOLE_TAP_H

#include "config/link_token.h"
#include "console/console.h"

#define TAP_ITEMS_MAX        512  /* cases of one digest: it has no more messages */
#define TAP_MORE_MAX         1000 /* further ones that are counted */
#define TAP_PEOPLE_MAX       300  /* names to choose from */
#define TAP_REASON_BYTES_MAX 1500

/* What the page says first. */
enum tap_said {
    TAP_SHOWS,
    TAP_ACKNOWLEDGED,
    TAP_OBJECTED,
    TAP_DELEGATED,
    TAP_SETTLED,      /* nothing is left to be done */
    TAP_NOT_POSSIBLE, /* not for this case, or not for this person */
    TAP_NAME_MISSING,
    TAP_REASON_MISSING,
    TAP_NOTICE, /* a message about no case */
    TAP_UNKNOWN,
    TAP_EXPIRED,
    TAP_NO_LINK, /* not signed by us, or for something else */
    TAP_TOO_OFTEN,
    TAP_AWAY,
    TAP_SAID_COUNT
};

/* One message, and the case it is about. */
struct tap_item {
    struct text message;
    struct text alert;
    struct text case_id;
    struct text title;
    struct text unit; /* id, and its name */
    struct text unit_name;
    struct text handler;
    struct text handler_name;
    struct text clock;
    struct text clock_title;
    struct text stage;
    struct text stage_title;
    struct text light;
    int64_t run;
    struct ledger_instant due;
    struct ledger_instant acked; /* by this person */
    bool settled;                /* the run no longer runs, or the case is closed */
    bool objected;               /* an objection waits for its ruling */
    struct text link;            /* token of the item's own page, in a digest */
};

struct tap_person {
    struct text id;
    struct text name;
};

struct tap {
    const struct bundle *bundle;
    struct arena *arena;
    struct wall_ms now;
    bool english;
    struct link_claim claim;
    struct text person; /* whom the message was for, or who has chosen their name; may be empty */
    struct text person_name;
    struct text channel;
    bool group;  /* sent to a group: who taps says who they are */
    bool digest; /* several cases in one message */
    struct tap_item items[TAP_ITEMS_MAX];
    size_t item_count;
    size_t more_count; /* cases of the digest beyond those */
    /* With one item: who may be named a delegate; of a group: who was addressed. */
    struct tap_person people[TAP_PEOPLE_MAX];
    size_t people_count;
    bool may_delegate;
    struct text delegate_name; /* who was named */
};

/*
 * Fill in what the claim is about; bundle, arena, now, english and claim are given. `key` signs
 * the links of a digest's items. ERR_NOT_FOUND when the ledger has no such message (yet).
 */
enum err tap_read(struct tap *tap, struct ledger *ledger, const uint8_t key[static LINK_KEY_BYTES])
    ERR_MUST_USE;

/* Is this person among those who may act? Sets person and person_name of a group's tap. */
bool tap_choose_person(struct tap *tap, struct text id);

/* Can something still be done about any of the cases? */
bool tap_is_open(const struct tap *tap);

/* The status of the answer, and the page. `tap` may have no items where `said` speaks of none. */
int tap_status(enum tap_said said);
void tap_page_write(const struct tap *tap, enum tap_said said, struct buf *html);

/* ---- what acting means: events, made the same way each time (console/tap_events.c) ---- */

struct tap_deed {
    struct text by;
    const char *means; /* "link" or "reply": how it came in, for the record */
    struct text channel;
    struct wall_ms now;
    const struct calendar *calendar;
};

/*
 * A CloudEvent of its own; empty when memory is out. The same deed again is the same event, so
 * that it counts once however often it is sent.
 */
struct text tap_event_acknowledged(
    const struct tap_deed *deed, const struct tap_item *item, struct arena *arena);
struct text tap_event_objected(
    const struct tap_deed *deed,
    const struct tap_item *item,
    struct text reason,
    struct arena *arena);
struct text tap_event_assigned(
    const struct tap_deed *deed,
    const struct tap_item *item,
    struct text handler,
    struct arena *arena);

#endif
