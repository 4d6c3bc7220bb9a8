/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of events and their order. */
#include "rules/event.h"
#include "tests/support/check.h"

static void every_kind_has_one_name_and_is_found_by_it(void)
{
    for (int kind = 0; kind < EVENT_OTHER; kind++) {
        const char *name = event_kind_name((enum event_kind)kind);
        if (CHECK(name))
            CHECK_EQ(event_kind_of(text_of(name)), kind);
    }
    CHECK_STR(event_kind_name(EVENT_OTHER), NULL);
    CHECK_EQ(event_kind_of(text_of("whistled")), EVENT_OTHER);
    CHECK_EQ(event_kind_of(text_of("")), EVENT_OTHER);
    CHECK_EQ(event_kind_of(text_of("Received")), EVENT_OTHER);
}

static void five_kinds_are_for_the_ledger_only(void)
{
    int count = 0;
    for (int kind = 0; kind < EVENT_KIND_COUNT; kind++)
        count += event_kind_is_ledger_only((enum event_kind)kind);
    CHECK_EQ(count, 5);
    CHECK(event_kind_is_ledger_only(EVENT_NOTED));
    CHECK(event_kind_is_ledger_only(EVENT_URGED));
    CHECK(event_kind_is_ledger_only(EVENT_RATED));
    CHECK(event_kind_is_ledger_only(EVENT_FEEDBACK));
    CHECK(event_kind_is_ledger_only(EVENT_RECOUNTED));
}

static void events_are_ordered_by_time_source_and_id_as_bytes(void)
{
    struct event a = {.time = {1}, .source = {"a", 1}, .id = {"10", 2}};
    struct event b = a;
    CHECK_EQ(event_compare(&a, &b), 0);
    b.id = text_of("9");
    CHECK(event_compare(&a, &b) < 0);
    b.source = text_of("B");
    CHECK(event_compare(&a, &b) > 0);
    b.time.ms = 2;
    CHECK(event_compare(&a, &b) < 0);
    b = a;
    b.id = text_of("\xe4\xb8\x80");
    CHECK(event_compare(&a, &b) < 0);
}

static void an_absent_attribute_is_not_an_empty_one(void)
{
    const struct attribute attributes[] = {{{"reason", 6}, {"", 0}}};
    const struct event event = {.attributes = attributes, .attribute_count = 1};
    CHECK(event_attribute(&event, "reason").ptr);
    CHECK(!event_attribute(&event, "handler").ptr);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(every_kind_has_one_name_and_is_found_by_it);
    CHECK_RUN(five_kinds_are_for_the_ledger_only);
    CHECK_RUN(events_are_ordered_by_time_source_and_id_as_bytes);
    CHECK_RUN(an_absent_attribute_is_not_an_empty_one);
    return check_done();
}
