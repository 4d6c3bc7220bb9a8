/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of the API as tables or JSON: follows the cursor page by page up to a limit, and shows the
 * members a table of columns names.
 */
#ifndef NRT_CLI_LIST_H
#define NRT_CLI_LIST_H

#include "cli/api.h"
#include "cli/table.h"

enum column_kind {
    COLUMN_TEXT,
    COLUMN_TIME,     /* RFC 3339, shown to the minute */
    COLUMN_SECONDS,  /* shown as "3 d 4 h" */
    COLUMN_LIST,     /* an array of strings, or of objects by their id, joined */
    COLUMN_MESSAGES, /* an alert's messages: "sms accepted, dingtalk held" */
    COLUMN_ORIGIN    /* an object of one member: "draft d1", "rollback 3" */
};

struct column {
    const char *heading;
    const char *key;
    enum column_kind kind;
};

struct list {
    const struct api *api;
    const char *path; /* with its query */
    const struct column *columns;
    size_t column_count;
    int64_t limit; /* rows; 0: all */
    bool json;
    bool csv;               /* RFC 4180 with a byte order mark; raw values under their keys */
    const char *when_empty; /* "nothing is overdue" */
};

/* Fetch and print. An exit code. */
int list_print(const struct list *list);
/* One cell's text, from an object, into buf. */
void list_cell(const struct json_value *object, const struct column *column, struct buf *buf);
/* A table of the objects of an array (not fetched). */
void list_table(const struct json_value *array, const struct column *columns, size_t column_count);

#endif
