/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether an event of a calendar file is a day off or a day worked: marks first, then words, in
 * the order of the tables, because "working day for the holiday" is worked and "不上班" is not.
 */
#include <string.h>
#include <strings.h>

#include "config/calendar_notice.h"

struct mark {
    const char *word; /* ASCII letters in any case */
    enum notice_reading reading;
};

/* At the end of a summary; they are no part of the holiday's name. */
static const struct mark marks[] = {
    {"(休)", NOTICE_OFF},       {"（休）", NOTICE_OFF},       {"[休]", NOTICE_OFF},
    {"(班)", NOTICE_WORK},      {"（班）", NOTICE_WORK},      {"[班]", NOTICE_WORK},
    {"(假)", NOTICE_OFF},       {"（假）", NOTICE_OFF},       {"(补班)", NOTICE_WORK},
    {"（补班）", NOTICE_WORK},  {"(上班)", NOTICE_WORK},      {"（上班）", NOTICE_WORK},
    {"(调休)", NOTICE_SWAPPED}, {"（调休）", NOTICE_SWAPPED}, {"(holiday)", NOTICE_OFF},
    {"(day off)", NOTICE_OFF},  {"(off)", NOTICE_OFF},        {"(rest)", NOTICE_OFF},
    {"(workday)", NOTICE_WORK}, {"(work)", NOTICE_WORK},      {"(working day)", NOTICE_WORK},
};

static const struct mark specials[] = {
    {"WORK-HOLIDAY", NOTICE_OFF},
    {"ALTERNATE-WORKDAY", NOTICE_WORK},
};

/* Anywhere in the summary, then in the categories. */
static const struct mark words[] = {
    {"不上班", NOTICE_OFF},         {"不补班", NOTICE_OFF},       {"non-working", NOTICE_OFF},
    {"nonworking", NOTICE_OFF},     {"not working", NOTICE_OFF},  {"补班", NOTICE_WORK},
    {"上班", NOTICE_WORK},          {"补工", NOTICE_WORK},        {"workday", NOTICE_WORK},
    {"work day", NOTICE_WORK},      {"working day", NOTICE_WORK}, {"make-up day", NOTICE_WORK},
    {"makeup day", NOTICE_WORK},    {"放假", NOTICE_OFF},         {"休假", NOTICE_OFF},
    {"假期", NOTICE_OFF},           {"节假日", NOTICE_OFF},       {"公休", NOTICE_OFF},
    {"休息", NOTICE_OFF},           {"调休", NOTICE_SWAPPED},     {"day off", NOTICE_OFF},
    {"public holiday", NOTICE_OFF}, {"holiday", NOTICE_OFF},
};

static struct text trimmed(struct text text)
{
    while (text.bytes > 0 && text.ptr[text.bytes - 1] == ' ') {
        text.bytes--;
    }
    while (text.bytes > 0 && text.ptr[0] == ' ') {
        text.ptr++;
        text.bytes--;
    }
    return text;
}

static bool ends_with(struct text text, struct text end)
{
    return text.bytes >= end.bytes &&
           strncasecmp(text.ptr + text.bytes - end.bytes, end.ptr, end.bytes) == 0;
}

/* Where the word begins; text.bytes when it is not there. */
static size_t find(struct text text, struct text word)
{
    for (size_t at = 0; at + word.bytes <= text.bytes; at++) {
        if (strncasecmp(text.ptr + at, word.ptr, word.bytes) == 0) {
            return at;
        }
    }
    return text.bytes;
}

static const struct mark *mark_at_end(struct text text)
{
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (ends_with(text, text_of(marks[i].word))) {
            return &marks[i];
        }
    }
    return NULL;
}

static const struct mark *special_of(struct text text)
{
    for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++) {
        const struct text word = text_of(specials[i].word);
        if (text.bytes == word.bytes && ends_with(text, word)) {
            return &specials[i];
        }
    }
    return NULL;
}

static const struct mark *word_within(struct text text)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (find(text, text_of(words[i].word)) < text.bytes) {
            return &words[i];
        }
    }
    return NULL;
}

/* "春节" of "春节 补班 第1天" and "春节(班)"; all of it where nothing stands before the word. */
static struct text name_before(struct text summary, struct text word)
{
    const struct text before = trimmed((struct text){summary.ptr, find(summary, word)});
    return before.bytes > 0 ? before : summary;
}

struct notice_words notice_words_read(
    struct text summary, struct text categories, struct text special)
{
    struct notice_words read = {.reading = NOTICE_UNMARKED, .name = trimmed(summary)};
    const struct mark *mark = mark_at_end(read.name);
    if (!mark) {
        mark = special_of(trimmed(special));
    }
    if (!mark) {
        mark = word_within(read.name);
    }
    if (!mark) {
        mark = word_within(categories);
    }
    if (mark) {
        read.reading = mark->reading;
        read.by = text_of(mark->word);
        read.name = name_before(read.name, read.by);
    }
    return read;
}
