/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of acts and of definitions: complete in both languages, told in the manual, known to
 * the rules.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "console/case_acts.h"
#include "console/figure_words.h"
#include "rules/event.h"
#include "tests/support/check.h"

static struct buf manual;

static void manual_read(const char *name)
{
    char path[512];
    const char *source = getenv("NRT_SOURCE_DIR");
    (void)snprintf(path, sizeof(path), "%s/docs/%s", source ? source : ".", name);
    buf_release(&manual);
    buf_init(&manual, (size_t)1024 * 1024);
    CHECK_EQ(file_read(path, &manual, NULL), ERR_OK);
}

static void every_act_is_a_kind_of_event_that_people_make(void)
{
    for (size_t index = 0; index < case_act_count; index++) {
        const enum event_kind kind = event_kind_of(text_of(case_acts[index].kind));
        check_note("%s", case_acts[index].kind);
        CHECK(!event_kind_is_reserved(kind) && kind != EVENT_RECEIVED);
        CHECK(kind != EVENT_OTHER || strcmp(case_acts[index].kind, "extension_requested") == 0);
        CHECK(case_act_find(text_of(case_acts[index].kind)) == &case_acts[index]);
    }
    CHECK(!case_act_find(TEXT_LITERAL("received")) && !case_act_find(TEXT_LITERAL("replanned")));
}

static void what_cannot_always_be_done_says_why_in_both_languages(void)
{
    const unsigned always = (1U << CASE_PHASE_COUNT) - 1;
    for (size_t index = 0; index < case_act_count; index++) {
        const struct case_act *act = &case_acts[index];
        check_note("%s", act->kind);
        CHECK(act->phases == always || (act->elsewhere.zh && act->elsewhere.en));
    }
}

static void the_manual_tells_every_act_with_what_it_needs(void)
{
    manual_read("casework.md");
    for (size_t index = 0; manual.ptr && index < case_act_count; index++) {
        char row[64];
        (void)snprintf(row, sizeof(row), "| `%s` |", case_acts[index].kind);
        const char *at = strstr(manual.ptr, row);
        check_note("%s", row);
        if (!CHECK(at)) {
            continue;
        }
        const size_t bytes = strcspn(at, "\n");
        const char *needs = case_acts[index].needs;
        while (needs[0]) {
            char word[64];
            const size_t word_bytes = strcspn(needs, " ");
            (void)snprintf(word, sizeof(word), "`%.*s`", (int)word_bytes, needs);
            check_note("%s of %s", word, row);
            CHECK(memmem(at, bytes, word, strlen(word)) != NULL);
            needs += word_bytes + (needs[word_bytes] == ' ');
        }
    }
}

static void the_manual_tells_every_definition_in_its_words(void)
{
    manual_read("figures.md");
    for (size_t index = 0; manual.ptr && index < figure_word_count; index++) {
        const struct figure_word *word = &figure_words[index];
        char row[256];
        (void)snprintf(
            row, sizeof(row), "| `%s` | %s | %s: ", word->id, word->title_zh, word->title_en);
        check_note("%s", row);
        const char *at = strstr(manual.ptr, row);
        CHECK(at && strncmp(at + strlen(row), word->text_en, strlen(word->text_en)) == 0);
        CHECK(word->text_zh[0]);
    }
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(every_act_is_a_kind_of_event_that_people_make);
    CHECK_RUN(what_cannot_always_be_done_says_why_in_both_languages);
    CHECK_RUN(the_manual_tells_every_act_with_what_it_needs);
    CHECK_RUN(the_manual_tells_every_definition_in_its_words);
    buf_release(&manual);
    return check_done();
}
