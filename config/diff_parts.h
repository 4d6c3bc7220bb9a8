/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a comparison (private to config/diff*.c). The files' own JSON is compared, object
 * by object with a table of its keys: a key that no table knows is told by its name and value,
 * so that a new one cannot be forgotten here. Values become words before they are compared; two
 * that read alike mean the same.
 */
#ifndef NRT_CONFIG_DIFF_PARTS_H
#define NRT_CONFIG_DIFF_PARTS_H

#include "config/diff.h"

struct diff_words {
    const char *zh;
    const char *en;
};

struct diff {
    struct arena arena; /* subjects, indexes; freed at the end */
    struct json_out *out;
    const struct bundle *from;
    const struct bundle *to;
    size_t count;  /* of all changes found, told or not */
    size_t closed; /* people whose addresses nobody here can open, so nobody can compare */
    struct buf zh; /* the sentence under way */
    struct buf en;
    bool failed; /* memory was out */
};

/* What a change is about. */
struct diff_subject {
    const char *what; /* "clock" */
    struct text id;   /* "reply", "reply/warn" */
    struct text zh;   /* "时限 reply" */
    struct text en;   /* "clock reply" */
};

/* ---- telling (diff_tell.c) ---- */

/* Everything but the sentence, which is in diff->zh and diff->en. */
struct diff_change {
    const char *change; /* "added" ... */
    const char *key;    /* NULL: none */
    const struct json_value *from;
    const struct json_value *to;
    const char *const *days; /* dates, for lists of them; NULL: none */
    size_t day_count;
};

void diff_say(struct diff *diff, const char *zh, const char *en);
void diff_say_text(struct diff *diff, struct text text);
void diff_say_name(struct diff *diff, const struct diff_subject *subject);
/* End the sentence: one item of the array. */
void diff_tell(
    struct diff *diff, const struct diff_subject *subject, const struct diff_change *change);
/* "clock reply", made of a kind and an id, both kept in the arena. */
struct diff_subject diff_subject_of(
    struct diff *diff, const char *what, struct diff_words kind, struct text id);

/* ---- values in words (diff_words.c, diff_match.c) ---- */

typedef void diff_write_fn(
    const struct json_value *value, enum explain_language language, struct buf *buf);
diff_write_fn diff_write_plain;    /* any value: words, numbers, lists of them */
diff_write_fn diff_write_quoted;   /* a text in quotes, on one line */
diff_write_fn diff_write_duration; /* "5wd" */
diff_write_fn diff_write_at;       /* of a stage: "due-1wd", "80%", "acked+1wd" */
diff_write_fn diff_write_limit;    /* a duration, or {"from": path} */
diff_write_fn diff_write_recur;    /* {"days": [..], "at": ..} */
diff_write_fn diff_write_repeat;   /* {"at": [..], "days": .., "every": .., "max": ..} */
diff_write_fn diff_write_kinds;    /* one event kind or a list */
diff_write_fn diff_write_via;      /* [..] or {"all": [..]} */
diff_write_fn diff_write_hours;    /* [["08:30","12:00"], ..] */
diff_write_fn diff_write_seasons;
diff_write_fn diff_write_weekdays; /* [1, 2, 3] */
diff_write_fn diff_write_leaves;   /* [{"from","to","delegate"}] */
diff_write_fn diff_write_match;    /* the conditions of a clock */

void diff_write_words(struct diff_words words, enum explain_language language, struct buf *buf);
/* A text as it is, in quotes where it would be mistaken for several or for nothing. */
void diff_write_word(struct text word, struct buf *buf);
/* Whole JSON without remarks, compact. */
void diff_write_json(const struct json_value *value, struct buf *buf);

/* ---- objects (diff_keys.c) ---- */

struct diff_key {
    const char *key;
    struct diff_words name; /* "limit" */
    diff_write_fn *write;   /* NULL: compared elsewhere, or of no meaning */
    const char *absent; /* what its absence means, as JSON; NULL: nothing, diff_usual: see there */
};

/* For `absent`: what is usual then depends on other keys, and is told as "default". */
extern const char diff_usual[];

/* Tells every key that differs; objects may be NULL (all keys are absent then). */
struct diff_objects {
    const struct json_value *from;
    const struct json_value *to;
    const struct diff_key *keys;
    size_t key_count;
};
void diff_objects(
    struct diff *diff, const struct diff_subject *subject, const struct diff_objects *objects);

/* ---- lists of things with ids (diff_items.c) ---- */

struct diff_item {
    struct text id;
    const struct json_value *value;
    const struct bundle_source *source; /* of the file, for things that are one; else NULL */
    size_t rank;
};

struct diff_items {
    struct diff_item *items; /* in the order of the file */
    struct diff_item *by_id;
    size_t count;
};

/* Of an array's objects, by their "id"; empty for NULL. */
struct diff_items diff_items_of(struct diff *diff, const struct json_value *array);
/* Call after the items were filled in by hand. */
void diff_items_index(struct diff *diff, struct diff_items *items);
const struct diff_item *diff_items_find(const struct diff_items *items, struct text id);

/* `from` NULL: added; `to` NULL: removed. */
typedef void diff_pair_fn(
    struct diff *diff,
    const struct diff_subject *owner,
    const struct diff_item *from,
    const struct diff_item *to);

/* Every thing of both lists once: those of `to` in their order, then those that are gone. */
struct diff_lists {
    struct diff_items from;
    struct diff_items to;
    diff_pair_fn *pair;
    const struct diff_subject *owner; /* handed to pair */
    struct diff_words order; /* "clocks": their order has a meaning; .en NULL: it has not */
};
void diff_lists(struct diff *diff, const struct diff_lists *lists);

/* "clock x added": begins the sentence with the name and the word; the caller may say more. */
void diff_say_there(struct diff *diff, const struct diff_subject *subject, bool added);
/* Tell it as added or removed, with its value. */
void diff_tell_there(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct json_value *value,
    bool added);

/* ---- the kinds of files ---- */

void diff_rule_set(
    struct diff *diff,
    const struct diff_subject *owner,
    const struct diff_item *from,
    const struct diff_item *to);
void diff_calendar(struct diff *diff, const struct json_value *from, const struct json_value *to);
void diff_directory(struct diff *diff, const struct json_value *from, const struct json_value *to);
void diff_matters(struct diff *diff, const struct json_value *from, const struct json_value *to);

#define DIFF_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
