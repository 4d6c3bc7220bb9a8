/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the whole file: a replay has to sort it, and an import of millions of cases has a few
 * hundred bytes for each.
 */
#include "cli/import_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "config/event_json.h"

static struct text trimmed(struct text text)
{
    while (text.bytes > 0 && strchr(" \t\r", text.ptr[text.bytes - 1])) {
        text.bytes--;
    }
    while (text.bytes > 0 && strchr(" \t\r", text.ptr[0])) {
        text.ptr++;
        text.bytes--;
    }
    return text;
}

static bool split(struct import_file *file)
{
    struct text rest = buf_view(&file->bytes);
    size_t number = 0;
    size_t capacity = 1;
    for (size_t i = 0; i < rest.bytes; i++) {
        capacity += rest.ptr[i] == '\n';
    }
    file->lines = calloc(capacity, sizeof(*file->lines));
    if (!file->lines) {
        return false;
    }
    while (rest.bytes > 0) {
        const char *end = memchr(rest.ptr, '\n', rest.bytes);
        const size_t bytes = end ? (size_t)(end - rest.ptr) : rest.bytes;
        const struct text line = trimmed((struct text){.ptr = rest.ptr, .bytes = bytes});
        number++;
        if (line.bytes > 0) {
            file->lines[file->count++] = (struct import_line){.text = line, .number = number};
        }
        rest.ptr += bytes + (end != NULL);
        rest.bytes -= bytes + (end != NULL);
    }
    return true;
}

/* {"arrived":"...", in front of the other members. */
static bool put_arrived(struct import_file *file, struct import_line *line)
{
    char at[WALL_TEXT_BYTES];
    struct buf text;
    const struct text rest = {.ptr = line->text.ptr + 1, .bytes = line->text.bytes - 1};
    buf_init(&text, line->text.bytes + 128);
    buf_format(&text, "{\"arrived\":\"%s\",", wall_format(line->arrived, 0, at));
    buf_text(&text, rest);
    line->text = arena_text(&file->arena, buf_view(&text));
    buf_release(&text);
    return line->text.ptr != NULL;
}

/* A line that is no event keeps its place; the service will say what is wrong with it. */
static bool stamp(struct import_file *file)
{
    static const char key[] = "\"arrived\"";
    struct arena scratch;
    struct wall_ms before = {.ms = 0};
    bool good = true;
    arena_init(&scratch, 0);
    for (size_t i = 0; good && i < file->count; i++) {
        struct import_line *line = &file->lines[i];
        struct event event;
        arena_reset(&scratch);
        line->arrived = before;
        if (line->text.bytes == 0 ||
            event_read(line->text, (struct wall_ms){.ms = -1}, &scratch, &event, NULL) != ERR_OK) {
            continue;
        }
        line->arrived = event.arrived;
        before = event.arrived;
        if (!memmem(line->text.ptr, line->text.bytes, key, sizeof(key) - 1)) {
            good = put_arrived(file, line);
        }
    }
    arena_release(&scratch);
    return good;
}

static int by_arrival(const void *a, const void *b)
{
    const struct import_line *left = a;
    const struct import_line *right = b;
    if (left->arrived.ms != right->arrived.ms) {
        return left->arrived.ms < right->arrived.ms ? -1 : 1;
    }
    return left->number < right->number ? -1 : 1;
}

enum err import_file_read(
    struct import_file *file, const char *path, bool replay, struct err_why *why)
{
    *file = (struct import_file){0};
    arena_init(&file->arena, 0);
    buf_init(&file->bytes, IMPORT_FILE_BYTES_MAX);
    const enum err err = file_read(path, &file->bytes, why);
    if (err != ERR_OK) {
        return err;
    }
    if (!split(file) || (replay && !stamp(file))) {
        return err_set(why, ERR_NO_MEMORY, "memory is out reading %.200s", path);
    }
    if (replay) {
        qsort(file->lines, file->count, sizeof(*file->lines), by_arrival);
    }
    return ERR_OK;
}

void import_file_release(struct import_file *file)
{
    free(file->lines);
    buf_release(&file->bytes);
    arena_release(&file->arena);
}
