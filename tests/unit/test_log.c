/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines: their shape, what hostile text becomes, and the limit per event. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/wall.h"
#include "tests/support/check.h"

static char captured[65536];

/* Run with stderr in a file, and keep what was written. */
static void capture(void (*body)(void))
{
    FILE *const file = tmpfile();
    const int kept = dup(STDERR_FILENO);
    captured[0] = '\0';
    if (!CHECK(file) || !CHECK(kept >= 0))
        return;
    CHECK(dup2(fileno(file), STDERR_FILENO) >= 0);
    body();
    log_flush();
    CHECK(dup2(kept, STDERR_FILENO) >= 0);
    (void)close(kept);
    rewind(file);
    captured[fread(captured, 1, sizeof captured - 1, file)] = '\0';
    (void)fclose(file);
}

/* What follows the time on the only line, without its newline. */
static const char *after_time(void)
{
    char *const space = strchr(captured, ' ');
    char *const newline = strchr(captured, '\n');
    struct wall_ms at;
    if (!CHECK(space) || !CHECK(newline))
        return captured;
    CHECK_EQ(wall_parse(captured, (size_t)(space - captured), &at), ERR_OK);
    CHECK_EQ(newline[1], '\0'); /* one line only */
    *newline = '\0';
    return space + 1;
}

static int line_count(void)
{
    int count = 0;
    for (const char *at = captured; (at = strchr(at, '\n')); at++)
        count++;
    return count;
}

static void body_plain(void)
{
    log_info("case_committed", "case=%s version=%d", "DY-1", 7);
}

static void a_line_is_time_level_role_event_and_keys(void)
{
    capture(body_plain);
    CHECK_STR(after_time(), "info tester case_committed case=DY-1 version=7");
}

static void body_hostile(void)
{
    log_warn(
        "hostile", "text=%s",
        "a\nb\r\x1b[2J\x7f \xe2\x80\xae \xc2\x85 \xe2\x81\xa6 \xff 一 \xf0\x9f\x98\x80");
}

static void hostile_text_stays_on_its_line(void)
{
    capture(body_hostile);
    CHECK_STR(
        after_time(),
        "warn tester hostile text=a\\nb\\x0d\\x1b[2J\\x7f \\u202e \\u0085 \\u2066 \\xff 一 "
        "\xf0\x9f\x98\x80");
}

static void body_long(void)
{
    char text[5000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    log_error("long", "text=%s", text);
}

static void a_long_line_is_cut_and_says_so(void)
{
    capture(body_long);
    const char *const line = after_time();
    CHECK_GE(strlen(line), 2000);
    CHECK_GE(2100, strlen(line));
    CHECK_STR(line + strlen(line) - 3, "...");
}

static void body_levels(void)
{
    log_debug("quiet", "a=1");
    log_set_level(LOG_ERROR);
    log_warn("quiet", "a=1");
    log_error("loud", "a=1");
    log_set_level(LOG_INFO);
}

static void lower_levels_are_not_written(void)
{
    capture(body_levels);
    CHECK_STR(after_time(), "error tester loud a=1");
}

static void body_storm(void)
{
    for (int i = 0; i < 1000; i++)
        log_warn("storm", "i=%d", i);
    log_warn("other", "i=0");
}

static void a_storm_of_one_event_is_summed_up(void)
{
    capture(body_storm);
    /* A slow machine may spread the storm over several seconds: then more lines, same sum. */
    long written = 0;
    long held_back = 0;
    for (const char *at = captured; (at = strstr(at, " storm i=")); at++)
        written++;
    for (const char *at = captured; (at = strstr(at, "log_repeated event=storm count=")); at++)
        held_back += strtol(at + strlen("log_repeated event=storm count="), NULL, 10);
    CHECK_GE(written, LOG_PER_SECOND_MAX);
    CHECK_GE(500, written);
    CHECK_EQ(written + held_back, 1000);
    CHECK(strstr(captured, " other i=0\n"));
    CHECK_GE(line_count(), LOG_PER_SECOND_MAX + 2);
}

static void body_many(void)
{
    static char names[200][16];
    for (int i = 0; i < 200; i++) {
        (void)snprintf(names[i], sizeof names[i], "e%d", i);
        log_info(names[i], "i=%d", i);
    }
}

static void many_kinds_of_events_are_all_written(void)
{
    capture(body_many);
    CHECK_EQ(line_count(), 200);
}

static const char *quoted(struct text text)
{
    static char room[LOG_QUOTED_BYTES];
    return log_quote(text, room);
}

static void values_are_quoted_when_they_must_be(void)
{
    CHECK_STR(quoted(text_of("d06-h3")), "d06-h3");
    CHECK_STR(quoted(text_of("一号水库")), "一号水库");
    CHECK_STR(quoted((struct text){0}), "\"\"");
    CHECK_STR(quoted(text_of("a b")), "\"a b\"");
    CHECK_STR(quoted(text_of("a=\"b\\\"")), "\"a=\\\"b\\\\\\\"\"");
    CHECK_STR(quoted(TEXT_LITERAL("a\0b")), "\"a?b\"");
}

static void a_long_value_is_cut_between_characters(void)
{
    char text[900];
    for (size_t i = 0; i + 3 <= sizeof text; i += 3)
        memcpy(text + i, "一", 3);
    const char *const value = quoted((struct text){.ptr = text, .bytes = sizeof text});
    CHECK(strlen(value) < LOG_QUOTED_BYTES);
    CHECK(utf8_valid(text_of(value)));
    CHECK_EQ(value[0], '"');
    CHECK_EQ(value[strlen(value) - 1], '"');
    memset(text, '\\', sizeof text);
    const char *const slashes = quoted((struct text){.ptr = text, .bytes = sizeof text});
    CHECK_EQ(strlen(slashes) % 2, 0);
    CHECK(strlen(slashes) < LOG_QUOTED_BYTES);
}

int main(void)
{
    (void)unsetenv("NRT_LOG");
    log_init("tester");
    CHECK_RUN(a_line_is_time_level_role_event_and_keys);
    CHECK_RUN(hostile_text_stays_on_its_line);
    CHECK_RUN(a_long_line_is_cut_and_says_so);
    CHECK_RUN(lower_levels_are_not_written);
    CHECK_RUN(a_storm_of_one_event_is_summed_up);
    CHECK_RUN(many_kinds_of_events_are_all_written);
    CHECK_RUN(values_are_quoted_when_they_must_be);
    CHECK_RUN(a_long_value_is_cut_between_characters);
    return check_done();
}
