/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of event files: numbers, blank lines, ends without newline, lines of any length.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "config/event_json.h"
#include "config/event_lines.h"
#include "tests/support/check.h"

static char path[] = "/tmp/event_lines.XXXXXX";

static void write_text(struct text text)
{
    CHECK(file_write(path, text, 0600, NULL) == ERR_OK);
}

static bool next(struct event_lines *lines, struct event_line *line)
{
    bool found = false;
    CHECK(event_lines_next(lines, line, &found, NULL) == ERR_OK);
    return found;
}

static void lines_keep_their_numbers_and_lose_what_is_around_them(void)
{
    struct event_lines lines;
    struct event_line line;
    write_text(TEXT_LITERAL("\xEF\xBB\xBF{1}\r\n\n \t\n  {2}  \n{3}"));
    CHECK(event_lines_open(&lines, path, NULL) == ERR_OK);
    CHECK(next(&lines, &line) && text_is(line.text, "{1}"));
    CHECK_EQ(line.number, 1);
    CHECK(next(&lines, &line) && text_is(line.text, "{2}"));
    CHECK_EQ(line.number, 4);
    CHECK(next(&lines, &line) && text_is(line.text, "{3}"));
    CHECK_EQ(line.number, 5);
    CHECK(!next(&lines, &line));
    CHECK(!next(&lines, &line));
    event_lines_close(&lines);
}

static void an_empty_file_has_no_lines(void)
{
    struct event_lines lines;
    struct event_line line;
    write_text(TEXT_LITERAL(""));
    CHECK(event_lines_open(&lines, path, NULL) == ERR_OK);
    CHECK(!next(&lines, &line));
    event_lines_close(&lines);
}

static void a_missing_file_is_not_found(void)
{
    struct event_lines lines;
    struct err_why why = {0};
    CHECK(event_lines_open(&lines, "/nowhere/x", &why) == ERR_NOT_FOUND);
    CHECK_STR(why.text, "cannot open /nowhere/x: No such file or directory");
    event_lines_close(&lines);
}

/* Lengths around the buffer's and the event's bounds, each followed by a good line. */
static void the_line_after_a_long_one_is_read_whole(void)
{
    static const size_t lengths[] = {
        EVENT_BYTES_MAX - 1,     EVENT_BYTES_MAX,     EVENT_BYTES_MAX + 1,     EVENT_BYTES_MAX + 2,
        2 * EVENT_BYTES_MAX - 1, 2 * EVENT_BYTES_MAX, 2 * EVENT_BYTES_MAX + 1, 10 * EVENT_BYTES_MAX,
    };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct event_lines lines;
        struct event_line line;
        char *bytes = malloc(lengths[i] + 16);
        if (!CHECK(bytes)) {
            return;
        }
        memset(bytes, 'x', lengths[i]);
        memcpy(bytes + lengths[i], "\n{after}\n", 9);
        write_text((struct text){bytes, lengths[i] + 9});
        check_note("%zu bytes", lengths[i]);
        CHECK(event_lines_open(&lines, path, NULL) == ERR_OK);
        CHECK(next(&lines, &line));
        CHECK_EQ(line.bytes, lengths[i]);
        CHECK(line.bytes > EVENT_BYTES_MAX || line.text.bytes == line.bytes);
        CHECK(next(&lines, &line) && text_is(line.text, "{after}"));
        CHECK_EQ(line.number, 2);
        CHECK(!next(&lines, &line));
        event_lines_close(&lines);
        free(bytes);
    }
}

int main(void)
{
    const int fd = mkstemp(path);
    CHECK_RUN(lines_keep_their_numbers_and_lose_what_is_around_them);
    CHECK_RUN(an_empty_file_has_no_lines);
    CHECK_RUN(a_missing_file_is_not_found);
    CHECK_RUN(the_line_after_a_long_one_is_read_whole);
    (void)close(fd);
    (void)unlink(path);
    return check_done();
}
