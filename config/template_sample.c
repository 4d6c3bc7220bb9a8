/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sample values, and characters that vendors refuse.
 */
#include "config/template_sample.h"

#include <string.h>

/* What is assumed of each value, in characters; docs/lint.md says the same. */
#define SIXTY                                                                                      \
    "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"   \
    "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"

static struct text characters(size_t count)
{
    return (struct text){SIXTY, count * (sizeof "一" - 1)};
}

struct template_values template_long_values(void)
{
    return (struct template_values){
        .value = {
            [TPL_CASE] = TEXT_LITERAL("2026-0001-0000-0001"),
            [TPL_TITLE] = characters(60),
            [TPL_MATTER] = characters(30),
            [TPL_UNIT] = characters(15),
            [TPL_HANDLER] = characters(4),
            [TPL_CLOCK] = characters(20),
            [TPL_DUE] = TEXT_LITERAL("2026年12月31日17:30"),
            [TPL_LATE_WD] = TEXT_LITERAL("不足1"),
            [TPL_LATE_D] = TEXT_LITERAL("不足1"),
            [TPL_STAGE] = characters(10),
            [TPL_ORDINAL] = TEXT_LITERAL("100"),
            [TPL_COUNT_OF_CASES] = TEXT_LITERAL("100"),
            [TPL_WORST] = characters(60),
        }};
}

struct template_values template_usual_values(bool english)
{
    if (english) {
        return (struct template_values){
            .value = {
                [TPL_CASE] = TEXT_LITERAL("2026-00017"),
                [TPL_TITLE] = TEXT_LITERAL("Request to dredge the river"),
                [TPL_MATTER] = TEXT_LITERAL("Approval of works"),
                [TPL_UNIT] = TEXT_LITERAL("Water Bureau"),
                [TPL_HANDLER] = TEXT_LITERAL("Li Ming"),
                [TPL_CLOCK] = TEXT_LITERAL("Answer"),
                [TPL_STAGE] = TEXT_LITERAL("overdue"),
            }};
    }
    return (struct template_values){
        .value = {
            [TPL_CASE] = TEXT_LITERAL("2026-00017"),
            [TPL_TITLE] = TEXT_LITERAL("关于河道清淤工程的请示"),
            [TPL_MATTER] = TEXT_LITERAL("涉河工程审批"),
            [TPL_UNIT] = TEXT_LITERAL("水务局"),
            [TPL_HANDLER] = TEXT_LITERAL("李明"),
            [TPL_CLOCK] = TEXT_LITERAL("答复"),
            [TPL_STAGE] = TEXT_LITERAL("超期提醒"),
        }};
}

static size_t mark_bytes(struct text rest)
{
    static const char *const marks[] = {"#", "『", "』", "「", "」", "²", "³",
                                        "•", "★",  "※",  "→",  "【", "】"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (text_starts_with(rest, text_of(marks[i]))) {
            return strlen(marks[i]);
        }
    }
    return 0;
}

struct text template_forbidden_mark(struct text words)
{
    for (size_t at = 0; at < words.bytes; at++) {
        const struct text rest = {words.ptr + at, words.bytes - at};
        const size_t bytes = mark_bytes(rest);
        if (bytes > 0) {
            return (struct text){rest.ptr, bytes};
        }
    }
    return (struct text){0};
}
