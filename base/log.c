/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines to stderr, one write(2) each, so that the lines of several roles do not mix. Under
 * journald the time is left out and a priority put in front. An event that comes more than
 * LOG_PER_SECOND_MAX times within a second is counted instead, and the sum is one line
 * (log_repeated) when the second is over and something is logged, or at exit.
 */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE_BYTES_MAX 2048
#define EVENTS_MAX     64
#define WINDOW_MS      1000

/* How often an event came in its present second. */
struct event_count {
    const char *event; /* a literal; NULL: free */
    enum log_level level;
    struct mono_ms since;
    unsigned written;
    unsigned held_back;
};

static struct {
    pthread_mutex_t mutex;
    const char *role;
    enum log_level level;
    bool journald;
    struct event_count counts[EVENTS_MAX];
} logger = {.mutex = PTHREAD_MUTEX_INITIALIZER, .role = "nrt", .level = LOG_INFO};

static const char *const level_names[LOG_LEVEL_COUNT] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};

/* JOURNAL_STREAM names the journal's socket; children inherit it even if stderr goes elsewhere. */
static bool stderr_is_journal(void)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment */
    const char *const stream = getenv("JOURNAL_STREAM");
    struct stat stat;
    char own[64];
    if (!stream || fstat(STDERR_FILENO, &stat) != 0)
        return false;
    (void)snprintf(
        own, sizeof own, "%llu:%llu", (unsigned long long)stat.st_dev,
        (unsigned long long)stat.st_ino);
    return strcmp(stream, own) == 0;
}

void log_init(const char *role)
{
    static bool flushes_at_exit;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment */
    const char *const wanted = getenv("NRT_LOG");
    (void)pthread_mutex_lock(&logger.mutex);
    logger.role = role;
    logger.journald = stderr_is_journal();
    for (int level = 0; wanted && level < LOG_LEVEL_COUNT; level++) {
        if (strcmp(wanted, level_names[level]) == 0)
            logger.level = (enum log_level)level;
    }
    if (!flushes_at_exit)
        flushes_at_exit = atexit(log_flush) == 0;
    (void)pthread_mutex_unlock(&logger.mutex);
}

void log_set_level(enum log_level level)
{
    logger.level = level;
}

/* ---- one line ---- */

/* The code point of a well-formed character of two or three bytes, 0 for any other. */
static unsigned point_of(const char *ptr, size_t bytes)
{
    const unsigned char *const p = (const unsigned char *)ptr;
    if (bytes == 2)
        return (p[0] & 0x1fU) << 6 | (p[1] & 0x3fU);
    return bytes == 3 ? (p[0] & 0xfU) << 12 | (p[1] & 0x3fU) << 6 | (p[2] & 0x3fU) : 0;
}

/* C1 controls, and what turns the direction of a line around or breaks it. */
static bool is_treacherous(unsigned point)
{
    return (point >= 0x80 && point < 0xa0) || point == 0x61c || point == 0x200e ||
           point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

/* The character at the start, harmless; *ret_read are the bytes it took. */
static void add_harmless(struct buf *line, struct text text, size_t *ret_read)
{
    const unsigned char byte = (unsigned char)text.ptr[0];
    const size_t bytes = utf8_char_bytes(text.ptr, text.bytes);
    const unsigned point = point_of(text.ptr, bytes);
    *ret_read = bytes ? bytes : 1;
    if (byte == '\n') {
        buf_string(line, "\\n");
    } else if (bytes == 0 || byte < 0x20 || byte == 0x7f) {
        buf_format(line, "\\x%02x", (unsigned)byte);
    } else if (is_treacherous(point)) {
        buf_format(line, "\\u%04x", point);
    } else {
        buf_add(line, text.ptr, bytes);
    }
}

static void add_tail(struct buf *line, struct text tail)
{
    for (size_t at = 0; at < tail.bytes;) {
        size_t read = 0;
        const struct text rest = {.ptr = tail.ptr + at, .bytes = tail.bytes - at};
        add_harmless(line, rest, &read);
        at += read;
    }
}

static void add_head(struct buf *line, enum log_level level, const char *event)
{
    static const int priorities[LOG_LEVEL_COUNT] = {
        [LOG_DEBUG] = 7, [LOG_INFO] = 6, [LOG_WARN] = 4, [LOG_ERROR] = 3};
    if (logger.journald) {
        buf_format(line, "<%d>", priorities[level]);
    } else {
        char text[WALL_TEXT_BYTES];
        const struct wall_ms now = clock_system();
        const time_t seconds = (time_t)(now.ms / 1000);
        struct tm local;
        const bool known = localtime_r(&seconds, &local) != NULL;
        buf_string(line, wall_format(now, known ? (int32_t)local.tm_gmtoff : 0, text));
        buf_char(line, ' ');
    }
    buf_format(line, "%s %s %s", level_names[level], logger.role, event);
}

static void write_line(enum log_level level, const char *event, struct text tail)
{
    struct buf line;
    buf_init(&line, (size_t)8 * LINE_BYTES_MAX);
    add_head(&line, level, event);
    if (tail.bytes)
        buf_char(&line, ' ');
    add_tail(&line, tail);
    buf_char(&line, '\n');
    for (size_t at = 0; at < line.bytes;) {
        const ssize_t written = write(STDERR_FILENO, line.ptr + at, line.bytes - at);
        if (written <= 0)
            break; /* nobody reads: a log must not stop the service */
        at += (size_t)written;
    }
    buf_release(&line);
}

/* ---- the limit ---- */

static void write_held_back(struct event_count *count)
{
    char tail[200];
    const int bytes = snprintf(
        tail, sizeof tail, "event=%.100s count=%u why=\"more than %d a second\"", count->event,
        count->held_back, LOG_PER_SECOND_MAX);
    count->held_back = 0;
    write_line(count->level, "log_repeated", (struct text){.ptr = tail, .bytes = (size_t)bytes});
}

/* Seconds that are over: say what they held back, and forget them. */
static void close_windows(struct mono_ms now, bool all)
{
    for (size_t i = 0; i < EVENTS_MAX; i++) {
        struct event_count *const count = &logger.counts[i];
        if (!count->event || (!all && now.ms - count->since.ms < WINDOW_MS))
            continue;
        if (count->held_back)
            write_held_back(count);
        count->event = NULL;
    }
}

/* True if a line of this event may be written now. */
static bool may_write(enum log_level level, const char *event, struct mono_ms now)
{
    struct event_count *unused = NULL;
    for (size_t i = 0; i < EVENTS_MAX; i++) {
        struct event_count *const count = &logger.counts[i];
        if (!count->event) {
            unused = count;
        } else if (strcmp(count->event, event) == 0) {
            const bool write = count->written < LOG_PER_SECOND_MAX;
            count->written += write ? 1 : 0;
            count->held_back += write ? 0 : 1;
            return write;
        }
    }
    if (unused)
        *unused = (struct event_count){.event = event, .level = level, .since = now, .written = 1};
    return true; /* with more kinds of events in a second than are counted, all are written */
}

void log_flush(void)
{
    (void)pthread_mutex_lock(&logger.mutex);
    close_windows(clock_mono(), /* all= */ true);
    (void)pthread_mutex_unlock(&logger.mutex);
}

static void log_line(enum log_level level, const char *event, struct text tail)
{
    const struct mono_ms now = clock_mono();
    (void)pthread_mutex_lock(&logger.mutex);
    close_windows(now, /* all= */ false);
    if (may_write(level, event, now))
        write_line(level, event, tail);
    (void)pthread_mutex_unlock(&logger.mutex);
}

/* The formatted tail, cut between characters when it is too long. */
static void log_formatted(enum log_level level, const char *event, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void log_formatted(enum log_level level, const char *event, const char *format, va_list args)
{
    char tail[LINE_BYTES_MAX];
    const int wanted = vsnprintf(tail, sizeof tail, format, args);
    struct text text = {.ptr = tail, .bytes = wanted > 0 ? (size_t)wanted : 0};
    if (text.bytes >= sizeof tail) {
        text = utf8_cut((struct text){.ptr = tail, .bytes = sizeof tail - 1}, sizeof tail - 8);
        memcpy(tail + text.bytes, "...", sizeof "...");
        text.bytes += 3;
    }
    log_line(level, event, text);
}

#define LOG_AT(line_level)                                                                         \
    do {                                                                                           \
        if ((line_level) >= logger.level) {                                                        \
            va_list args;                                                                          \
            va_start(args, format);                                                                \
            log_formatted((line_level), event, format, args);                                      \
            va_end(args);                                                                          \
        }                                                                                          \
    } while (0)

void log_debug(const char *event, const char *format, ...)
{
    LOG_AT(LOG_DEBUG);
}

void log_info(const char *event, const char *format, ...)
{
    LOG_AT(LOG_INFO);
}

void log_warn(const char *event, const char *format, ...)
{
    LOG_AT(LOG_WARN);
}

void log_error(const char *event, const char *format, ...)
{
    LOG_AT(LOG_ERROR);
}

static bool is_plain_word(struct text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        if ((unsigned char)text.ptr[i] <= ' ' || strchr("\"\\=", text.ptr[i]))
            return false;
    }
    return text.bytes > 0;
}

/* One character of a quoted value, with a backslash where it needs one; 0 if it does not fit. */
static size_t put_quoted(char *to, size_t room, struct text text, size_t *ret_read)
{
    const char c = (char)(text.ptr[0] ? text.ptr[0] : '?'); /* a NUL would end the string */
    const bool escape = c == '"' || c == '\\';
    const size_t whole = utf8_char_bytes(text.ptr, text.bytes);
    const size_t bytes = whole ? whole : 1;
    if ((escape ? 2 : bytes) > room)
        return 0;
    *ret_read = bytes;
    memcpy(to + (escape ? 1 : 0), text.ptr, bytes);
    to[escape ? 1 : 0] = c;
    if (escape)
        to[0] = '\\';
    return escape ? 2 : bytes;
}

const char *log_quote(struct text text, char quoted[static LOG_QUOTED_BYTES])
{
    const size_t end = LOG_QUOTED_BYTES - 2; /* a quote and a NUL always fit */
    size_t bytes = 0;
    if (is_plain_word(text) && text.bytes < LOG_QUOTED_BYTES) {
        memcpy(quoted, text.ptr, text.bytes);
        quoted[text.bytes] = '\0';
        return quoted;
    }
    quoted[bytes++] = '"';
    while (text.bytes) {
        size_t read = 0;
        const size_t put = put_quoted(quoted + bytes, end - bytes, text, &read);
        if (put == 0)
            break;
        bytes += put;
        text = (struct text){.ptr = text.ptr + read, .bytes = text.bytes - read};
    }
    quoted[bytes++] = '"';
    quoted[bytes] = '\0';
    return quoted;
}
