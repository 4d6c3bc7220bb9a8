/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What browsers send for a form, and what none of them sends.
 */
#include "config/form.h"
#include "tests/support/check.h"

static struct arena arena;

static void fields_are_decoded(void)
{
    struct form form;
    CHECK_EQ(
        form_read(
            TEXT_LITERAL("act=object&reason=%E4%B8%8D+%E5%BD%92%26&empty=&lone"), &arena, &form),
        ERR_OK);
    CHECK_EQ(form.count, 4);
    CHECK(text_is(form_get(&form, "act"), "object"));
    CHECK(text_is(form_get(&form, "reason"), "不 归&"));
    CHECK_EQ(form_get(&form, "empty").bytes, 0);
    CHECK_EQ(form_get(&form, "lone").bytes, 0);
    CHECK_EQ(form_get(&form, "absent").bytes, 0);
}

static void the_first_of_two_counts(void)
{
    struct form form;
    CHECK_EQ(form_read(TEXT_LITERAL("by=a&by=b&&"), &arena, &form), ERR_OK);
    CHECK(text_is(form_get(&form, "by"), "a"));
}

static void what_no_browser_sends_is_refused(void)
{
    static const char *const bad[] = {"a=%", "a=%4", "a=%zz", "a=%00", "%ff=1", "a=%ff", "a=%c3"};
    struct form form;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_note("%s", bad[i]);
        CHECK_EQ(form_read(text_of(bad[i]), &arena, &form), ERR_PARSE);
    }
    CHECK_EQ(
        form_read(TEXT_LITERAL("1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16&17"), &arena, &form),
        ERR_FULL);
}

int main(void)
{
    arena_init(&arena, 100000);
    CHECK_RUN(fields_are_decoded);
    CHECK_RUN(the_first_of_two_counts);
    CHECK_RUN(what_no_browser_sends_is_refused);
    arena_release(&arena);
    return check_done();
}
