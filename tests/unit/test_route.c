/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an alert to mailboxes: who is reached by which channel, what is told of channels passed
 * over, and the JSON that goes there and back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/must.h"
#include "notifiers/route.h"
#include "tests/support/check.h"

static const char directory[] =
    "{\"units\":[{\"id\":\"u1\",\"name\":\"甲局\",\"head\":\"boss\",\"handlers\":[\"p1\",\"p2\"],"
    "\"robot\":\"water\"},{\"id\":\"u2\",\"name\":\"乙局\",\"head\":\"boss\"}],"
    "\"people\":[{\"id\":\"boss\",\"name\":\"a\",\"unit\":\"u1\",\"mobile\":\"19900000001\"},"
    "{\"id\":\"p1\",\"name\":\"b\",\"unit\":\"u1\",\"mobile\":\"19900000002\"},"
    "{\"id\":\"p2\",\"name\":\"c\",\"unit\":\"u1\"},"
    "{\"id\":\"away\",\"name\":\"d\",\"unit\":\"u1\",\"mobile\":\"19900000003\",\"email\":\"d@x\","
    "\"leave\":[{\"from\":\"2026-09-21\",\"to\":\"2026-09-22\",\"delegate\":\"p1\"}]},"
    "{\"id\":\"too\",\"name\":\"f\",\"unit\":\"u1\",\"mobile\":\"19900000005\","
    "\"leave\":[{\"from\":\"2026-09-21\",\"to\":\"2026-09-22\",\"delegate\":\"p1\"}]},"
    "{\"id\":\"alone\",\"name\":\"e\",\"unit\":\"u1\",\"mobile\":\"19900000004\","
    "\"leave\":[{\"from\":\"2026-09-21\",\"to\":\"2026-09-22\"}]}]}";

static const struct channel_settings channels[] = {
    {.name = {"sms", 3},
     .type = {"kannel", 6},
     .quiet_from_s = 21 * 3600,
     .quiet_until_s = 8 * 3600},
    {.name = {"group", 5}, .type = {"dingtalk-robot", 14}},
    {.name = {"box", 3}, .type = {"sandbox", 7}},
    {.name = {"odd", 3}, .type = {"pigeon", 6}},
    {.name = {"mail", 4}, .type = {"email", 5}},
    {.name = {"gov", 3}, .type = {"zwdd", 4}},
    {.name = {"oa", 2}, .type = {"webhook", 7}},
};
static const struct text default_via[] = {{"box", 3}};

static struct bundle *bundle;
static struct settings settings;
static struct arena arena;

static struct wall_ms at(const char *text)
{
    struct wall_ms instant = {0};
    MUST(!wall_parse(text, strlen(text), &instant));
    return instant;
}

static struct mail_entry alert(struct text_list to, struct text_list via)
{
    return (struct mail_entry){
        .alert = TEXT_LITERAL("a1"),
        .case_id = TEXT_LITERAL("c1"),
        .clock = TEXT_LITERAL("k"),
        .run = 1,
        .stage = TEXT_LITERAL("s"),
        .instant = {.ms = 1000},
        .to = to,
        .rest = via,
        .values = {.unit_id = TEXT_LITERAL("u1")},
    };
}

#define LIST(...)                                                                                  \
    ((struct text_list){                                                                           \
        .items = (const struct text[]){__VA_ARGS__},                                               \
        .count = sizeof((const struct text[]){__VA_ARGS__}) / sizeof(struct text)})
#define WORD(word)                                                                                 \
    {                                                                                              \
        (word), sizeof(word) - 1                                                                   \
    }

static struct routes routed(const struct mail_entry *entry, const char *now)
{
    const struct route_from from = {.bundle = bundle, .settings = &settings, .now = at(now)};
    struct routes routes = {.arena = &arena};
    route_alert(&from, entry, &routes);
    CHECK(!routes.out_of_memory);
    return routes;
}

#define NOON "2026-09-21T12:00:00+08:00"

static bool goes_to(const struct mail_item *item, const char *person, const char *channel)
{
    return CHECK(text_is(item->person, person)) && CHECK(text_is(item->channel, channel));
}

static bool tells(struct text facts, const char *part)
{
    return facts.bytes > 0 && strstr(facts.ptr, part) != NULL; /* arena texts end with a NUL */
}

static void the_first_channel_that_reaches_is_taken_and_the_rest_kept(void)
{
    const struct mail_entry entry = alert(LIST(WORD("p1")), LIST(WORD("sms"), WORD("box")));
    const struct routes routes = routed(&entry, NOON);
    struct mail_entry kept;
    CHECK_EQ(routes.item_count, 1);
    goes_to(&routes.items[0], "p1", "sms");
    CHECK_EQ(entry_parse(routes.items[0].entry, &arena, &kept, NULL), ERR_OK);
    CHECK_EQ(kept.rest.count, 1);
    CHECK(text_is(kept.rest.items[0], "box"));
    CHECK(tells(routes.items[0].facts, "\"state\":\"sending\""));
}

static void a_channel_that_does_not_reach_is_passed_over_with_a_reason(void)
{
    const struct mail_entry entry =
        alert(LIST(WORD("p2")), LIST(WORD("none"), WORD("odd"), WORD("sms"), WORD("box")));
    const struct routes routes = routed(&entry, NOON);
    CHECK_EQ(routes.item_count, 1);
    CHECK_EQ(routes.unreached_count, 0);
    goes_to(&routes.items[0], "p2", "box");
    CHECK(tells(routes.items[0].facts, "no channel of that name"));
    CHECK(tells(routes.items[0].facts, "no channel of that type"));
    CHECK(tells(routes.items[0].facts, "no mobile number"));
}

static void who_cannot_be_reached_is_told_as_dead(void)
{
    const struct mail_entry entry = alert(LIST(WORD("p2"), WORD("stranger")), LIST(WORD("sms")));
    const struct routes routes = routed(&entry, NOON);
    CHECK_EQ(routes.item_count, 0);
    if (CHECK_EQ(routes.unreached_count, 2)) {
        CHECK(text_is(routes.unreached[0].person, "p2"));
        CHECK(tells(routes.unreached[0].facts, "no mobile number"));
        CHECK(tells(routes.unreached[0].facts, "\"state\":\"dead\""));
    }
}

static void a_group_gets_one_message_for_all(void)
{
    const struct mail_entry entry = alert(LIST(WORD("p1"), WORD("p2")), LIST(WORD("group")));
    const struct routes routes = routed(&entry, NOON);
    struct mail_entry kept;
    CHECK_EQ(routes.item_count, 1);
    goes_to(&routes.items[0], "robot:water", "group");
    CHECK_EQ(entry_parse(routes.items[0].entry, &arena, &kept, NULL), ERR_OK);
    CHECK_EQ(kept.to.count, 2);
}

static void a_unit_without_a_robot_has_the_default_one(void)
{
    struct mail_entry entry = alert(LIST(WORD("p1")), LIST(WORD("group")));
    entry.values.unit_id = TEXT_LITERAL("u2");
    const struct routes routes = routed(&entry, NOON);
    CHECK_EQ(routes.item_count, 1);
    goes_to(&routes.items[0], "robot:default", "group");
}

static void all_means_one_message_on_each(void)
{
    struct mail_entry entry =
        alert(LIST(WORD("p1"), WORD("p2")), LIST(WORD("sms"), WORD("group"), WORD("box")));
    entry.all = true;
    const struct routes routes = routed(&entry, NOON);
    CHECK_EQ(routes.item_count, 4); /* p1: sms, box; p2: box; and the group */
    CHECK_EQ(routes.unreached_count, 1);
    for (size_t index = 0; index < routes.item_count; index++) {
        struct mail_entry kept;
        CHECK_EQ(entry_parse(routes.items[index].entry, &arena, &kept, NULL), ERR_OK);
        CHECK_EQ(kept.rest.count, 0);
    }
}

static void without_via_the_default_is_taken(void)
{
    const struct mail_entry entry = alert(LIST(WORD("p1")), (struct text_list){0});
    const struct routes routes = routed(&entry, NOON);
    CHECK_EQ(routes.item_count, 1);
    goes_to(&routes.items[0], "p1", "box");
}

static void the_rest_of_a_group_message_is_for_each_person(void)
{
    const struct mail_entry entry = alert(LIST(WORD("boss"), WORD("p1")), LIST(WORD("sms")));
    const struct route_from from = {.bundle = bundle, .settings = &settings, .now = at(NOON)};
    struct routes routes = {.arena = &arena};
    route_rest(&from, &entry, TEXT_LITERAL("robot:water"), &routes);
    CHECK_EQ(routes.item_count, 2);
    goes_to(&routes.items[0], "boss", "sms");
    goes_to(&routes.items[1], "p1", "sms");
}

static void a_message_of_the_night_is_put_for_the_morning(void)
{
    struct mail_entry entry = alert(LIST(WORD("p1")), LIST(WORD("sms")));
    entry.send = SEND_DAY;
    const struct routes routes = routed(&entry, "2026-09-21T23:00:00+08:00");
    CHECK_EQ(routes.items[0].ready.ms, at("2026-09-22T08:00:00+08:00").ms);
    CHECK(tells(routes.items[0].facts, "\"state\":\"held\""));
}

static void the_same_alert_gives_the_same_identities(void)
{
    const struct mail_entry entry = alert(LIST(WORD("p1")), LIST(WORD("sms")));
    const struct routes first = routed(&entry, NOON);
    const struct routes second = routed(&entry, "2026-09-22T12:00:00+08:00");
    CHECK(text_equal(first.items[0].id, second.items[0].id));
    CHECK_EQ(first.items[0].id.bytes, 26);
}

static void an_entry_comes_back_as_it_was_written(void)
{
    struct mail_entry entry = alert(LIST(WORD("p1"), WORD("p2")), LIST(WORD("sms")));
    struct mail_entry back;
    struct buf json;
    struct buf again;
    entry.send = SEND_NOW;
    entry.urgent = true;
    entry.ordinal = 7;
    entry.rules = 3;
    entry.values.title = TEXT_LITERAL("引\"号\n");
    entry.values.has_due = true;
    entry.values.due = at(NOON);
    entry.attempts = 2;
    entry.unsures = 1;
    entry.first_at = at(NOON);
    entry.text = TEXT_LITERAL("同样的字");
    buf_init(&json, 65536);
    buf_init(&again, 65536);
    entry_write(&entry, &json);
    CHECK_EQ(entry_parse(buf_view(&json), &arena, &back, NULL), ERR_OK);
    entry_write(&back, &again);
    CHECK_STR(again.ptr, json.ptr);
    CHECK(text_equal(back.text, entry.text));
    CHECK_EQ(back.attempts, 2);
    CHECK_EQ(back.values.due.ms, entry.values.due.ms);
    buf_release(&json);
    buf_release(&again);
}

static void what_is_no_entry_is_refused(void)
{
    const char *const texts[] = {"", "[]", "{}", "{\"alert\":1}", "{\"alert\":\"a\"", "null"};
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
        struct mail_entry entry;
        struct err_why why = {0};
        check_note("%s", texts[index]);
        CHECK_EQ(entry_parse(text_of(texts[index]), &arena, &entry, &why), ERR_PARSE);
    }
}

/* ---- leave ---- */

static struct mail_entry kept_entry(const struct mail_item *item)
{
    struct mail_entry kept = {0};
    CHECK_EQ(entry_parse(item->entry, &arena, &kept, NULL), ERR_OK);
    return kept;
}

static void a_delegate_gets_the_message_of_who_is_on_leave(void)
{
    const struct mail_entry entry = alert(LIST(WORD("away")), LIST(WORD("sms"), WORD("box")));
    const struct routes routes = routed(&entry, NOON);
    if (!CHECK_EQ(routes.item_count, 1)) {
        return;
    }
    goes_to(&routes.items[0], "p1", "sms");
    CHECK(text_is(kept_entry(&routes.items[0]).stood_in_for, "away"));
    CHECK(tells(routes.items[0].facts, "\"for\":\"away\""));
    CHECK(tells(routes.items[0].facts, "on leave: goes to p1"));
    CHECK(text_is(route_asked_for(&entry, TEXT_LITERAL("away")), "away"));
    const struct mail_entry kept = kept_entry(&routes.items[0]);
    CHECK(text_is(route_asked_for(&kept, TEXT_LITERAL("p1")), "away"));
}

static void a_delegate_who_is_addressed_anyway_gets_one_message(void)
{
    const struct mail_entry entry = alert(LIST(WORD("away"), WORD("p1")), LIST(WORD("sms")));
    const struct routes routes = routed(&entry, NOON);
    CHECK_EQ(routes.item_count, 1);
    goes_to(&routes.items[0], "p1", "sms");
    CHECK_EQ(kept_entry(&routes.items[0]).stood_in_for.bytes, 0);
    CHECK_EQ(routes.dead_count, 0);
    if (CHECK_EQ(routes.unreached_count, 1)) {
        CHECK(routes.unreached[0].on_leave);
        CHECK(tells(routes.unreached[0].facts, "\"person\":\"away\""));
    }
}

static void two_people_with_one_delegate_are_one_message_for_both(void)
{
    const struct mail_entry entry =
        alert(LIST(WORD("away"), WORD("p2"), WORD("too")), LIST(WORD("sms"), WORD("box")));
    const struct route_from from = {.bundle = bundle, .settings = &settings, .now = at(NOON)};
    const struct routes routes = routed(&entry, NOON);
    size_t index = 0;
    if (!CHECK_EQ(routes.item_count, 2)) { /* p1, and p2 */
        return;
    }
    const struct mail_entry kept = kept_entry(&routes.items[0]);
    CHECK(text_is(kept.stood_in_for, "away"));
    CHECK(text_is(route_also_for(&from, &kept, TEXT_LITERAL("p1"), &index), "too"));
    CHECK_EQ(route_also_for(&from, &kept, TEXT_LITERAL("p1"), &index).bytes, 0);
    const struct mail_entry own = kept_entry(&routes.items[1]);
    index = 0;
    CHECK_EQ(route_also_for(&from, &own, TEXT_LITERAL("p2"), &index).bytes, 0);
}

static void a_groups_message_names_who_stands_in(void)
{
    const struct mail_entry entry = alert(LIST(WORD("away"), WORD("p2")), LIST(WORD("group")));
    const struct route_from from = {.bundle = bundle, .settings = &settings, .now = at(NOON)};
    CHECK(text_is(route_named(&from, &entry, TEXT_LITERAL("away")), "p1"));
    CHECK(text_is(route_named(&from, &entry, TEXT_LITERAL("p2")), "p2"));
    const struct routes routes = routed(&entry, NOON);
    CHECK_EQ(routes.item_count, 1);
    CHECK_EQ(kept_entry(&routes.items[0]).stood_in_for.bytes, 0);
}

static void without_a_delegate_the_message_stays(void)
{
    const struct mail_entry entry = alert(LIST(WORD("alone")), LIST(WORD("sms")));
    const struct routes routes = routed(&entry, NOON);
    CHECK_EQ(routes.item_count, 1);
    goes_to(&routes.items[0], "alone", "sms");
}

static void the_day_that_counts_is_the_one_it_may_go_on(void)
{
    struct mail_entry entry = alert(LIST(WORD("away")), LIST(WORD("sms")));
    entry.send = SEND_DAY;
    struct routes routes = routed(&entry, "2026-09-20T23:00:00+08:00"); /* held to the first day */
    goes_to(&routes.items[0], "p1", "sms");
    routes = routed(&entry, "2026-09-22T23:00:00+08:00"); /* held to the day after the leave */
    goes_to(&routes.items[0], "away", "sms");
}

static void a_message_that_waited_moves_once(void)
{
    struct mail_entry entry = alert(LIST(WORD("away")), LIST(WORD("box")));
    const struct route_from from = {.bundle = bundle, .settings = &settings, .now = at(NOON)};
    struct routes routes = {.arena = &arena};
    CHECK(text_is(
        route_moves(&from, &entry, TEXT_LITERAL("away"), TEXT_LITERAL("sms"), &routes), "p1"));
    if (!CHECK_EQ(routes.item_count, 1)) {
        return;
    }
    goes_to(&routes.items[0], "p1", "sms");
    const struct mail_entry moved = kept_entry(&routes.items[0]);
    CHECK_EQ(moved.rest.count, 1);
    CHECK(!tells(routes.items[0].facts, "\"person\":\"away\""));
    CHECK_EQ(route_moves(&from, &moved, TEXT_LITERAL("p1"), TEXT_LITERAL("sms"), &routes).bytes, 0);
    entry.attempts = 1; /* perhaps they have it already */
    CHECK_EQ(
        route_moves(&from, &entry, TEXT_LITERAL("away"), TEXT_LITERAL("sms"), &routes).bytes, 0);
}

static void the_next_channel_is_for_the_delegate_too(void)
{
    const struct mail_entry entry = alert(LIST(WORD("away")), LIST(WORD("sms"), WORD("box")));
    const struct route_from from = {.bundle = bundle, .settings = &settings, .now = at(NOON)};
    const struct routes first = routed(&entry, NOON);
    const struct mail_entry kept = kept_entry(&first.items[0]);
    struct routes routes = {.arena = &arena};
    route_rest(&from, &kept, TEXT_LITERAL("p1"), &routes);
    CHECK_EQ(routes.item_count, 1);
    goes_to(&routes.items[0], "p1", "box");
    CHECK(text_is(kept_entry(&routes.items[0]).stood_in_for, "away"));
}

static void on_the_next_channel_the_course_begins_anew(void)
{
    static const struct channel_param params[] = {{WORD("unit"), WORD("U1")}};
    struct mail_entry entry = alert(LIST(WORD("p1")), LIST(WORD("sms")));
    entry.attempts = 2;
    entry.unsures = 1;
    entry.first_at = at(NOON);
    entry.accepted_at = at(NOON);
    entry.gateway_id = TEXT_LITERAL("biz");
    entry.polls = 3;
    entry.slot = TEXT_LITERAL("slot");
    entry.title = TEXT_LITERAL("title");
    entry.text = TEXT_LITERAL("text");
    entry.vendor_template = TEXT_LITERAL("SMS_1");
    entry.params = params;
    entry.param_count = 1;
    const struct route_from from = {.bundle = bundle, .settings = &settings, .now = at(NOON)};
    struct routes routes = {.arena = &arena};
    route_rest(&from, &entry, TEXT_LITERAL("p1"), &routes);
    CHECK_EQ(routes.item_count, 1);
    const struct mail_entry kept = kept_entry(&routes.items[0]);
    CHECK_EQ(kept.attempts + kept.unsures + kept.polls, 0);
    CHECK_EQ(kept.first_at.ms + kept.accepted_at.ms, 0);
    CHECK_EQ(kept.gateway_id.bytes + kept.slot.bytes, 0);
    CHECK_EQ(kept.title.bytes + kept.text.bytes + kept.vendor_template.bytes, 0);
    CHECK_EQ(kept.param_count, 0);
}

/* ---- notices and other addresses ---- */

static void a_canary_and_a_hook_are_for_nobody_else(void)
{
    struct mail_entry entry = alert(LIST(WORD("away")), LIST(WORD("sms")));
    entry.kind = ENTRY_NOTICE;
    entry.notice_id = TEXT_LITERAL("n1");
    entry.notice = TEXT_LITERAL("canary");
    goes_to(&routed(&entry, NOON).items[0], "away", "sms");
    entry.notice = TEXT_LITERAL("morning");
    goes_to(&routed(&entry, NOON).items[0], "p1", "sms");
    entry.notice = TEXT_LITERAL("hook");
    entry.to = LIST(WORD("hook:oa"));
    entry.rest = LIST(WORD("oa"));
    goes_to(&routed(&entry, NOON).items[0], "hook:oa", "oa");
}

static void each_kind_of_address_is_asked_for(void)
{
    struct mail_entry entry = alert(LIST(WORD("p1")), LIST(WORD("mail"), WORD("box")));
    const struct routes routes = routed(&entry, NOON);
    goes_to(&routes.items[0], "p1", "box");
    CHECK(tells(routes.items[0].facts, "no e-mail address"));
    entry.rest = LIST(WORD("gov")); /* looked up by the mobile number */
    goes_to(&routed(&entry, NOON).items[0], "many:gov", "gov");
    entry.to = LIST(WORD("p2"));
    const struct routes none = routed(&entry, NOON);
    CHECK_EQ(none.item_count, 0);
    CHECK_EQ(none.dead_count, 1);
}

static void a_call_for_many_keeps_each_persons_identity(void)
{
    const struct mail_entry entry = alert(LIST(WORD("p1"), WORD("boss")), LIST(WORD("gov")));
    const struct routes routes = routed(&entry, NOON);
    if (!CHECK_EQ(routes.item_count, 2)) {
        return;
    }
    CHECK(!text_equal(routes.items[0].id, routes.items[1].id));
    CHECK(text_is(kept_entry(&routes.items[0]).receiver, "p1"));
    CHECK(tells(routes.items[1].facts, "\"person\":\"boss\""));
}

static void load(void)
{
    char path[256];
    struct report report;
    const char *folder = getenv("TMPDIR");
    (void)snprintf(path, sizeof(path), "%s/route-%d.json", folder ? folder : "/tmp", (int)getpid());
    MUST(file_write(path, text_of(directory), 0600, NULL) == ERR_OK);
    report_init(&report);
    bundle = bundle_load_files(&(struct bundle_files){.directory = path}, &report);
    MUST(bundle);
    report_release(&report);
    (void)unlink(path);
    settings_defaults(&settings);
    settings.channels = channels;
    settings.channel_count = sizeof(channels) / sizeof(channels[0]);
    settings.default_via = default_via;
    settings.default_via_count = 1;
}

int main(int argc, char **argv)
{
    arena_init(&arena, 0);
    load();
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(the_first_channel_that_reaches_is_taken_and_the_rest_kept);
    CHECK_RUN(a_channel_that_does_not_reach_is_passed_over_with_a_reason);
    CHECK_RUN(who_cannot_be_reached_is_told_as_dead);
    CHECK_RUN(a_group_gets_one_message_for_all);
    CHECK_RUN(a_unit_without_a_robot_has_the_default_one);
    CHECK_RUN(all_means_one_message_on_each);
    CHECK_RUN(without_via_the_default_is_taken);
    CHECK_RUN(the_rest_of_a_group_message_is_for_each_person);
    CHECK_RUN(on_the_next_channel_the_course_begins_anew);
    CHECK_RUN(a_message_of_the_night_is_put_for_the_morning);
    CHECK_RUN(the_same_alert_gives_the_same_identities);
    CHECK_RUN(an_entry_comes_back_as_it_was_written);
    CHECK_RUN(what_is_no_entry_is_refused);
    CHECK_RUN(a_delegate_gets_the_message_of_who_is_on_leave);
    CHECK_RUN(a_delegate_who_is_addressed_anyway_gets_one_message);
    CHECK_RUN(two_people_with_one_delegate_are_one_message_for_both);
    CHECK_RUN(a_groups_message_names_who_stands_in);
    CHECK_RUN(without_a_delegate_the_message_stays);
    CHECK_RUN(the_day_that_counts_is_the_one_it_may_go_on);
    CHECK_RUN(a_message_that_waited_moves_once);
    CHECK_RUN(the_next_channel_is_for_the_delegate_too);
    CHECK_RUN(a_canary_and_a_hook_are_for_nobody_else);
    CHECK_RUN(each_kind_of_address_is_asked_for);
    CHECK_RUN(a_call_for_many_keeps_each_persons_identity);
    bundle_free(bundle);
    arena_release(&arena);
    return check_done();
}
