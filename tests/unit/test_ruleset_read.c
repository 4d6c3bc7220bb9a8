/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule sets: the published rules come out as they are meant, and every default of the semantics.
 */
#include <stdio.h>
#include <stdlib.h>

#include "config/files.h"
#include "tests/support/check.h"
#include "tests/support/config_rig.h"

static struct config_rig rig;

static struct ruleset read_set(const char *json)
{
    struct ruleset set = {0};
    struct rule_ids ids = {0};
    const struct source source = config_source("r.json", json);
    CHECK(ruleset_read(&source, &rig.reading, &ids, &set));
    CHECK_STR(config_rig_lines(&rig), "");
    id_table_release(&ids.sets);
    id_table_release(&ids.clocks);
    return set;
}

static struct clock_rule read_clock(const char *members)
{
    char json[2000];
    (void)snprintf(
        json, sizeof json, "{\"id\":\"r\",\"version\":\"1\",\"clocks\":[{\"id\":\"c\",%s}]}",
        members);
    const struct ruleset set = read_set(json);
    CHECK_EQ(set.clock_count, 1);
    return set.clock_count == 1 ? set.clocks[0] : (struct clock_rule){0};
}

static struct stage read_one_stage(const char *members)
{
    char json[1500];
    (void)snprintf(
        json, sizeof json,
        "\"limit\":\"5wd\",\"stages\":[{\"id\":\"s\",\"light\":\"red\",\"notify\":[\"handler\"],%s}"
        "]",
        members);
    const struct clock_rule rule = read_clock(json);
    CHECK_EQ(rule.stage_count, 1);
    return rule.stage_count == 1 ? rule.stages[0] : (struct stage){0};
}

static void the_published_rules_are_read_as_published(void)
{
    char *json = config_test_data("rules-dongyang.json");
    const struct ruleset set = read_set(json);
    CHECK(text_is(set.id, "dongyang-2019"));
    CHECK_EQ(set.clock_count, 2);
    const struct clock_rule *government = &set.clocks[0];
    CHECK(text_is(government->family, "reply"));
    CHECK_EQ(government->limit.unit, UNIT_WORKING_DAY);
    CHECK_EQ(government->limit.amount, 15);
    CHECK_EQ(government->match.child_count, 2);
    CHECK_EQ(government->match.children[0].kind, MATCH_EQUAL_ANY_OF);
    CHECK_EQ(government->match.children[1].value_count, 2);
    const struct stage *nag = &government->stages[0];
    CHECK_EQ(nag->at.anchor, ANCHOR_START);
    CHECK_EQ(nag->at.duration.amount, 10);
    CHECK_EQ(nag->at.duration.at_second, 86400);
    CHECK_EQ(nag->repeat.kind, REPEAT_TIMES_OF_DAY);
    CHECK_EQ(nag->repeat.second_count, 3);
    CHECK_EQ(nag->repeat.seconds_of_day[2], 17 * 3600 + 1800);
    CHECK(!nag->repeat.working_days_only);
    CHECK_EQ(nag->send, SEND_DAY);
    const struct stage *overdue = &government->stages[1];
    CHECK_EQ(overdue->at.anchor, ANCHOR_DUE_AFTER);
    CHECK_EQ(overdue->at.duration.amount, 0);
    CHECK_EQ(overdue->light, LIGHT_RED);
    CHECK_EQ(overdue->send, SEND_OFFICE);
    CHECK_EQ(set.accountability_count, 1);
    CHECK_EQ(set.accountability[0].misses, 3);
    CHECK(!set.accountability[0].by_person);
    CHECK_EQ(set.on_time_family_count, 1);
    free(json);
}

static void a_clock_has_the_defaults_of_the_semantics(void)
{
    const struct clock_rule rule = read_clock("\"limit\":\"5wd\",\"stages\":[]");
    CHECK(text_is(rule.family, "c"));
    CHECK_EQ(rule.match.kind, MATCH_ALL);
    CHECK_EQ(rule.match.child_count, 0);
    CHECK_EQ(rule.start_count, 1);
    CHECK(text_is(rule.start[0], "received"));
    CHECK_EQ(rule.stop_count, 2);
    CHECK(text_is(rule.stop[0], "answered"));
    CHECK(text_is(rule.stop[1], "completed"));
    CHECK(rule.roll_next_working_day);
    CHECK(!rule.late_arrival_next_working_day);
    CHECK(rule.pause);
    CHECK(!rule.has_pause_max);
    CHECK(!rule.has_statutory_limit);
    CHECK_EQ(rule.on_transfer, ON_CONTINUE);
    CHECK_EQ(rule.on_reopen, ON_RESTART);
    CHECK_EQ(rule.extensions_max, 1);
}

static void every_clock_key_is_taken(void)
{
    const struct clock_rule rule = read_clock(
        "\"limit\":{\"from\":\"reply_by\"},\"stages\":[],\"start\":[\"case.accepted\",\"on-site\"],"
        "\"stop\":\"struck_off\",\"roll\":\"none\",\"late_arrival\":\"next_working_day\","
        "\"pause\":false,\"pause_max\":\"20wd\",\"on_transfer\":\"restart\","
        "\"on_reopen\":\"continue\",\"extensions_max\":0,\"statutory_limit\":\"30d\","
        "\"family\":\"f\"");
    CHECK(rule.limit_from_case);
    CHECK(text_is(rule.limit_path, "reply_by"));
    CHECK_EQ(rule.start_count, 2);
    CHECK(text_is(rule.start[0], "accepted"));
    CHECK(text_is(rule.start[1], "on-site"));
    CHECK_EQ(rule.stop_count, 1);
    CHECK(text_is(rule.stop[0], "struck_off"));
    CHECK(!rule.roll_next_working_day);
    CHECK(rule.late_arrival_next_working_day);
    CHECK(!rule.pause);
    CHECK(rule.has_pause_max);
    CHECK_EQ(rule.pause_max.amount, 20);
    CHECK_EQ(rule.on_transfer, ON_RESTART);
    CHECK_EQ(rule.on_reopen, ON_CONTINUE);
    CHECK_EQ(rule.extensions_max, 0);
    CHECK(rule.has_statutory_limit);
    CHECK_EQ(rule.statutory_limit.unit, UNIT_CALENDAR_DAY);
    CHECK(text_is(rule.family, "f"));
}

static void stages_stand_before_and_after_due_or_at_a_share(void)
{
    struct stage stage = read_one_stage("\"at\":\"due-1wd@14:30\"");
    CHECK_EQ(stage.at.anchor, ANCHOR_DUE_BEFORE);
    CHECK_EQ(stage.at.duration.unit, UNIT_WORKING_DAY);
    CHECK_EQ(stage.at.duration.at_second, 14 * 3600 + 1800);
    stage = read_one_stage("\"at\":\"due+8h\"");
    CHECK_EQ(stage.at.anchor, ANCHOR_DUE_AFTER);
    CHECK_EQ(stage.at.duration.amount, INT64_C(8) * 3600 * 1000);
    stage = read_one_stage("\"at\":\"80%\"");
    CHECK_EQ(stage.at.anchor, ANCHOR_SHARE);
    CHECK_EQ(stage.at.percent, 80);
}

static void how_and_when_to_send_has_defaults(void)
{
    struct stage stage = read_one_stage("\"at\":\"5d\"");
    CHECK_EQ(stage.send, SEND_OFFICE);
    CHECK(text_is(stage.template_id, "overdue"));
    CHECK_EQ(stage.via_count, 0);
    CHECK(!stage.via_all);
    stage = read_one_stage("\"at\":\"5d\",\"urgent\":true");
    CHECK_EQ(stage.send, SEND_NOW);
    stage = read_one_stage("\"at\":\"5d\",\"repeat\":{\"at\":[\"12:00\",\"08:30\"],\"max\":4}");
    CHECK_EQ(stage.send, SEND_DAY);
    CHECK_EQ(stage.repeat.seconds_of_day[0], 8 * 3600 + 1800); /* sorted */
    CHECK_EQ(stage.repeat.max, 4);
    stage = read_one_stage("\"at\":\"5d\",\"repeat\":{\"every\":\"2h\"}");
    CHECK_EQ(stage.send, SEND_OFFICE);
    CHECK_EQ(stage.repeat.every_ms, INT64_C(2) * 3600 * 1000);
    CHECK_EQ(stage.repeat.max, 0);
    stage = read_one_stage("\"at\":\"5d\",\"urgent\":true,\"send\":\"office\"");
    CHECK_EQ(stage.send, SEND_OFFICE);
    stage = read_one_stage("\"at\":\"5d\",\"via\":{\"all\":[\"sms\",\"dingtalk\"]}");
    CHECK(stage.via_all);
    CHECK_EQ(stage.via_count, 2);
    stage = read_one_stage("\"at\":\"5d\",\"template\":\"nag\",\"unless_acked\":true");
    CHECK(text_is(stage.template_id, "nag"));
    CHECK_EQ(stage.if_acked, IF_ACKED_SUPPRESS);
}

static void a_clock_may_recur(void)
{
    const struct clock_rule rule = read_clock(
        "\"recur\":{\"days\":[\"FRI\",\"MON\"],\"at\":\"17:00\"},\"roll\":\"none\",\"stages\":[{"
        "\"id\":\"s\",\"at\":\"80%\",\"light\":\"green\",\"notify\":[\"handler\"]}]");
    CHECK(rule.recurs);
    CHECK(rule.recur_weekday[1]);
    CHECK(!rule.recur_weekday[2]);
    CHECK(rule.recur_weekday[5]);
    CHECK_EQ(rule.recur_second, 17 * 3600);
    CHECK(!rule.roll_next_working_day);
    CHECK_EQ(rule.limit.amount, 0);
}

static void units_again_and_reasons_are_read(void)
{
    const struct clock_rule rule =
        read_clock("\"limit\":\"2wd\",\"per\":\"co_unit\",\"again\":true,\"stages\":[],"
                   "\"pause_reasons\":[\"papers\",\"court\"]");
    CHECK(rule.per_co_unit);
    CHECK(rule.again);
    CHECK_EQ(rule.pause_reason_count, 2);
    CHECK(text_is(rule.pause_reasons[1], "court"));
    const struct ruleset set =
        read_set("{\"id\":\"r\",\"version\":\"1\",\"waive_reasons\":[\"typhoon\"],"
                 "\"clocks\":[{\"id\":\"c\",\"limit\":\"5wd\",\"stages\":[]}]}");
    CHECK_EQ(set.waive_reason_count, 1);
    CHECK(text_is(set.waive_reasons[0], "typhoon"));
}

static void stages_may_count_from_or_wait_for_acknowledgements(void)
{
    struct stage stage = read_one_stage("\"at\":\"acked+1wd@09:00\"");
    CHECK_EQ(stage.at.anchor, ANCHOR_ACKED);
    CHECK_EQ(stage.at.duration.amount, 1);
    CHECK_EQ(stage.at.duration.at_second, 9 * 3600);
    stage = read_one_stage("\"at\":\"5d\",\"unless_acked\":\"each\"");
    CHECK_EQ(stage.if_acked, IF_ACKED_EACH);
}

static struct ruleset read_acts_of(const char *acts)
{
    char json[1000];
    (void)snprintf(
        json, sizeof json,
        "{\"id\":\"r\",\"version\":\"1\",\"clocks\":[{\"id\":\"c\",\"limit\":\"5wd\",\"stages\":[]}"
        "],"
        "\"acts\":%s}",
        acts);
    return read_set(json);
}

static void acts_have_defaults_of_their_own(void)
{
    const struct ruleset set = read_acts_of("{\"urged\":{}}");
    const struct act_rule *urged = &set.acts[ACT_URGED];
    CHECK(urged->given);
    CHECK_EQ(urged->to_count, 2);
    CHECK_EQ(urged->to[0].kind, ROLE_HANDLER);
    CHECK_EQ(urged->to[1].kind, ROLE_UNIT_HEAD);
    CHECK_EQ(urged->copy_count, 0);
    CHECK_EQ(urged->via_count, 0);
    CHECK(text_is(urged->template_id, "urged"));
    CHECK_EQ(urged->send, SEND_NOW);
    CHECK(!urged->urgent);
    CHECK(!set.acts[ACT_SUPERVISED].given);
}

static void every_key_of_an_act_is_taken(void)
{
    const struct ruleset set = read_acts_of(
        "{\"supervised\":{\"to\":[\"leader\"],\"copy_to\":[\"oversight\",\"unit_head\"],"
        "\"via\":{\"all\":[\"sms\",\"dingtalk\"]},\"template\":\"nag\",\"send\":\"office\","
        "\"urgent\":true}}");
    const struct act_rule *act = &set.acts[ACT_SUPERVISED];
    CHECK_EQ(act->to_count, 1);
    CHECK_EQ(act->copy_count, 2);
    CHECK_EQ(act->copy_to[0].kind, ROLE_OVERSIGHT);
    CHECK_EQ(act->via_count, 2);
    CHECK(act->via_all);
    CHECK(text_is(act->template_id, "nag"));
    CHECK_EQ(act->send, SEND_OFFICE);
    CHECK(act->urgent);
}

static void matches_nest_and_know_prefixes(void)
{
    const struct clock_rule rule = read_clock(
        "\"limit\":\"5wd\",\"stages\":[],\"match\":{\"matter\":\"m1*\",\"labels.kind\":[\"a\",1,"
        "true],"
        "\"note\":\"x\",\"any\":[{\"a\":\"1\"},{\"b\":\"2\",\"c\":\"3\"}],\"not\":{\"d\":\"4\"}}");
    const struct match *all = &rule.match;
    CHECK_EQ(all->kind, MATCH_ALL);
    CHECK_EQ(all->child_count, 4);
    CHECK_EQ(all->children[0].kind, MATCH_PREFIX);
    CHECK(text_is(all->children[0].values[0], "m1"));
    CHECK_EQ(all->children[1].kind, MATCH_EQUAL_ANY_OF);
    CHECK_EQ(all->children[1].value_count, 3);
    CHECK(text_is(all->children[1].values[1], "1"));
    CHECK(text_is(all->children[1].values[2], "true"));
    CHECK_EQ(all->children[2].kind, MATCH_ANY);
    CHECK_EQ(all->children[2].child_count, 2);
    CHECK_EQ(all->children[2].children[1].child_count, 2);
    CHECK_EQ(all->children[3].kind, MATCH_NOT);
    CHECK_EQ(all->children[3].child_count, 1);
}

int main(void)
{
    config_rig_init(&rig);
    CHECK_RUN(the_published_rules_are_read_as_published);
    CHECK_RUN(a_clock_has_the_defaults_of_the_semantics);
    CHECK_RUN(every_clock_key_is_taken);
    CHECK_RUN(stages_stand_before_and_after_due_or_at_a_share);
    CHECK_RUN(how_and_when_to_send_has_defaults);
    CHECK_RUN(a_clock_may_recur);
    CHECK_RUN(units_again_and_reasons_are_read);
    CHECK_RUN(stages_may_count_from_or_wait_for_acknowledgements);
    CHECK_RUN(acts_have_defaults_of_their_own);
    CHECK_RUN(every_key_of_an_act_is_taken);
    CHECK_RUN(matches_nest_and_know_prefixes);
    config_rig_release(&rig);
    return check_done();
}
