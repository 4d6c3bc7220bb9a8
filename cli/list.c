/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page after page of one list. With --json the items of all pages come as one {"items":[...]}.
 */
#include "cli/list.h"

#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "cli/args.h"
#include "cli/commands.h"

#define PAGE_ROWS      200
#define CELL_BYTES_MAX ((size_t)64 * 1024)
#define JSON_BYTES_MAX ((size_t)256 * 1024 * 1024)

static void put_seconds(int64_t seconds, struct buf *buf)
{
    const long long days = (long long)(seconds / 86400);
    const long long hours = (long long)(seconds % 86400 / 3600);
    const long long minutes = (long long)(seconds % 3600 / 60);
    if (days > 0) {
        buf_format(buf, "%lld d %lld h", days, hours);
    } else if (hours > 0) {
        buf_format(buf, "%lld h %lld min", hours, minutes);
    } else {
        buf_format(buf, "%lld min", minutes);
    }
}

static void put_list(const struct json_value *array, struct buf *buf)
{
    for (const struct json_value *item = json_first(array); item; item = json_next(item)) {
        buf_string(buf, buf->bytes > 0 ? " " : "");
        const bool object = json_type(item) == JSON_OBJECT;
        buf_text(buf, object ? json_get_string(item, "id") : json_string(item));
    }
}

static void put_messages(const struct json_value *array, struct buf *buf)
{
    for (const struct json_value *item = json_first(array); item; item = json_next(item)) {
        buf_string(buf, buf->bytes > 0 ? ", " : "");
        buf_text(buf, json_get_string(item, "person"));
        buf_char(buf, ' ');
        buf_text(buf, json_get_string(item, "channel"));
        buf_char(buf, ' ');
        buf_text(buf, json_get_string(item, "state"));
    }
}

static void put_scalar(const struct json_value *value, struct buf *buf)
{
    int64_t number = 0;
    if (json_type(value) == JSON_STRING) {
        buf_text(buf, json_string(value));
    } else if (json_i64(value, &number) == ERR_OK) {
        buf_format(buf, "%lld", (long long)number);
    } else if (json_type(value) == JSON_BOOL) {
        buf_string(buf, json_is_true(value) ? "yes" : "no");
    }
}

static void put_origin(const struct json_value *object, struct buf *buf)
{
    const struct json_value *member = json_first(object);
    if (member) {
        buf_format(buf, "%.*s ", TEXT_ARGS(json_key(member)));
        put_scalar(member, buf);
    }
}

void list_cell(const struct json_value *object, const struct column *column, struct buf *buf)
{
    const struct json_value *value = json_get(object, column->key);
    char time[24];
    int64_t seconds = 0;
    switch (column->kind) {
    case COLUMN_TEXT:
        put_scalar(value, buf);
        break;
    case COLUMN_TIME:
        buf_text(buf, table_time(json_string(value), time));
        break;
    case COLUMN_SECONDS:
        if (json_i64(value, &seconds) == ERR_OK) {
            put_seconds(seconds, buf);
        }
        break;
    case COLUMN_LIST:
        put_list(value, buf);
        break;
    case COLUMN_MESSAGES:
        put_messages(value, buf);
        break;
    case COLUMN_ORIGIN:
        put_origin(value, buf);
        break;
    }
}

static void start_table(struct table *table, const struct column *columns, size_t column_count)
{
    const char *headings[TABLE_COLUMNS_MAX];
    MUST(column_count <= TABLE_COLUMNS_MAX);
    for (size_t i = 0; i < column_count; i++) {
        headings[i] = columns[i].heading;
    }
    table_init(table, headings, column_count);
}

static void add_row(
    struct table *table,
    const struct json_value *item,
    const struct column *columns,
    size_t column_count)
{
    for (size_t i = 0; i < column_count; i++) {
        struct buf cell;
        buf_init(&cell, CELL_BYTES_MAX);
        list_cell(item, &columns[i], &cell);
        table_cell(table, buf_view(&cell));
        buf_release(&cell);
    }
}

void list_table(const struct json_value *array, const struct column *columns, size_t column_count)
{
    struct table table;
    start_table(&table, columns, column_count);
    for (const struct json_value *item = json_first(array); item; item = json_next(item)) {
        add_row(&table, item, columns, column_count);
    }
    table_print(&table);
    table_release(&table);
}

struct walk {
    const struct list *list;
    struct table table;
    struct buf json;
    struct json_out out;
    int64_t rows;
};

static bool has_char(struct text cell, char c)
{
    return cell.bytes > 0 && memchr(cell.ptr, c, cell.bytes);
}

/* A spreadsheet runs what begins like a formula, after blanks and in full width too. */
static bool is_formula(struct text cell)
{
    static const char *const signs[] = {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"};
    const struct text no_break = TEXT_LITERAL("\xc2\xa0");
    while (cell.bytes > 0 && (cell.ptr[0] == ' ' || text_starts_with(cell, no_break))) {
        const size_t bytes = cell.ptr[0] == ' ' ? 1 : no_break.bytes;
        cell.ptr += bytes;
        cell.bytes -= bytes;
    }
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (text_starts_with(cell, text_of(signs[i]))) {
            return true;
        }
    }
    return false;
}

/* Quoted when a separator is in it; a quote in front makes text of a formula. */
static void put_csv(struct text cell, bool last)
{
    const bool formula = is_formula(cell);
    const bool quoted = formula || has_char(cell, ',') || has_char(cell, '"') ||
                        has_char(cell, '\n') || has_char(cell, '\r');
    printf("%s%s", quoted ? "\"" : "", formula ? "'" : "");
    for (size_t i = 0; i < cell.bytes; i++) {
        if (cell.ptr[i] == '"') {
            putchar('"');
        }
        putchar(cell.ptr[i]);
    }
    printf("%s%s", quoted ? "\"" : "", last ? "\r\n" : ",");
}

static void csv_heading(const struct list *list)
{
    printf("\xef\xbb\xbf");
    for (size_t i = 0; i < list->column_count; i++) {
        put_csv(text_of(list->columns[i].key), i + 1 == list->column_count);
    }
}

static void csv_row(const struct list *list, const struct json_value *item)
{
    for (size_t i = 0; i < list->column_count; i++) {
        const struct column raw = {.key = list->columns[i].key, .kind = COLUMN_TEXT};
        struct buf cell;
        buf_init(&cell, CELL_BYTES_MAX);
        list_cell(item, &raw, &cell);
        put_csv(buf_view(&cell), i + 1 == list->column_count);
        buf_release(&cell);
    }
}

static void take_item(struct walk *walk, const struct json_value *item)
{
    if (walk->list->json) {
        json_out_value(&walk->out, item);
    } else if (walk->list->csv) {
        csv_row(walk->list, item);
    } else {
        add_row(&walk->table, item, walk->list->columns, walk->list->column_count);
    }
    walk->rows++;
}

/* One page; *ret_more says whether `cursor` names another. */
static int take_page(struct walk *walk, struct buf *cursor, bool *ret_more)
{
    const struct list *list = walk->list;
    struct json_doc *doc = NULL;
    struct buf path;
    buf_init(&path, (size_t)16 * 1024);
    buf_string(&path, list->path);
    if (cursor->bytes > 0) {
        api_query(&path, "cursor", cursor->ptr);
    }
    char rows[24];
    const int64_t left = list->limit - walk->rows;
    (void)snprintf(
        rows, sizeof(rows), "%lld",
        (long long)(list->limit > 0 && left < PAGE_ROWS ? left : PAGE_ROWS));
    api_query(&path, "limit", rows);
    const int code = api_get_json(list->api, path.ptr ? path.ptr : "", &doc);
    buf_release(&path);
    if (code != EXIT_FINE) {
        return code;
    }
    const struct json_value *items = json_get(json_root(doc), "items");
    for (const struct json_value *item = json_first(items);
         item && (list->limit == 0 || walk->rows < list->limit); item = json_next(item)) {
        take_item(walk, item);
    }
    const struct text next = json_get_string(json_root(doc), "next");
    buf_clear(cursor);
    buf_text(cursor, next);
    *ret_more = next.bytes > 0 && (list->limit == 0 || walk->rows < list->limit);
    json_free(doc);
    return EXIT_FINE;
}

static void show(struct walk *walk)
{
    if (walk->list->json) {
        json_out_close(&walk->out, ']');
        json_out_close(&walk->out, '}');
        printf("%.*s\n", TEXT_ARGS(buf_view(&walk->json)));
    } else if (walk->list->csv) {
        return;
    } else if (walk->rows == 0) {
        printf("%s\n", walk->list->when_empty);
    } else {
        table_print(&walk->table);
    }
}

int list_print(const struct list *list)
{
    struct walk walk = {.list = list};
    struct buf cursor;
    bool more = true;
    int code = EXIT_FINE;
    buf_init(&cursor, 4096);
    buf_init(&walk.json, JSON_BYTES_MAX);
    json_out_init(&walk.out, &walk.json);
    json_out_open(&walk.out, '{');
    json_out_key(&walk.out, "items");
    json_out_open(&walk.out, '[');
    start_table(&walk.table, list->columns, list->column_count);
    if (list->csv && !list->json) {
        csv_heading(list);
    }
    while (more && code == EXIT_FINE) {
        code = take_page(&walk, &cursor, &more);
    }
    if (code == EXIT_FINE) {
        show(&walk);
    }
    table_release(&walk.table);
    buf_release(&walk.json);
    buf_release(&cursor);
    return code;
}
