/* SPDX-License-Identifier: Apache-2.0 */
/* Figures and accountability: each sentence of docs/semantics.md section 9. */
#include <stdio.h>
#include <string.h>

#include "rules/figures.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

static struct rule_world world;
static struct figures *figures;

static void begin(void)
{
    world_release(&world);
    world_init(&world, WORLD_SHANGHAI);
    figures = figures_create(&world.arena, world_calendar(&world));
    CHECK(figures);
}

/* ---- shorthand ---- */

static struct figure_run run_of(const char *case_id, enum run_outcome outcome, const char *due)
{
    return (struct figure_run){
        .case_id = text_of(case_id),
        .clock = text_of("reply"),
        .family = text_of("reply"),
        .unit = text_of("d1"),
        .handler = text_of("d1-a"),
        .run = 1,
        .outcome = outcome,
        .has_due = due != NULL,
        .due = due ? world_at(due) : (struct wall_ms){0},
    };
}

static void add(struct figure_run run)
{
    CHECK_EQ(figures_add_run(figures, &run), ERR_OK);
}

static const struct figure_row *row(const char *family, const char *unit, int32_t month)
{
    static const struct figure_row none;
    const struct figure_row *const *rows = NULL;
    size_t count = 0;
    CHECK_EQ(figures_rows(figures, &rows, &count), ERR_OK);
    for (size_t i = 0; i < count; i++) {
        if (text_is(rows[i]->family, family) && text_is(rows[i]->unit, unit) &&
            rows[i]->month == month)
            return rows[i];
    }
    return &none;
}

/* "met/missed" of family reply. */
static const char *on_time(const char *unit, int32_t month)
{
    char text[64];
    const struct figure_row *found = row("reply", unit, month);
    (void)snprintf(text, sizeof(text), "%d/%d", (int)found->met, (int)found->missed);
    return arena_string(&world.arena, text_of(text));
}

/* ---- the month of a run ---- */

static void a_run_belongs_to_the_local_month_of_its_due(void)
{
    begin();
    add(run_of("K1", RUN_MET, "2019-04-30T23:59:59+08:00"));
    add(run_of("K2", RUN_MISSED, "2019-05-01T00:00:00+08:00"));
    CHECK_STR(on_time("d1", 201904), "1/0");
    CHECK_STR(on_time("d1", 201905), "0/1");
    CHECK_STR(on_time("d1", 0), "1/1");
}

static void a_run_met_without_a_due_belongs_to_the_month_of_its_stop(void)
{
    begin();
    struct figure_run run = run_of("K1", RUN_MET, NULL);
    run.has_stopped = true;
    run.stopped = world_at("2019-06-10T10:00:00+08:00");
    add(run);
    CHECK_STR(on_time("d1", 201906), "1/0");
}

static void what_has_not_come_to_an_end_of_its_own_belongs_to_no_month(void)
{
    static const enum run_outcome outcomes[] = {
        RUN_RUNNING, RUN_PAUSED, RUN_CANCELLED, RUN_REPLACED};
    begin();
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
        add(run_of("K1", outcomes[i], "2019-04-30T10:00:00+08:00"));
    CHECK_STR(on_time("d1", 0), "0/0");
    CHECK_STR(on_time("", 0), "0/0");
}

/* ---- misses that count ---- */

static void waived_misses_and_those_of_a_rule_change_do_not_count(void)
{
    begin();
    struct figure_run waived = run_of("K1", RUN_MISSED, "2019-04-02T10:00:00+08:00");
    struct figure_run caused = run_of("K2", RUN_MISSED, "2019-04-02T10:00:00+08:00");
    waived.waived = true;
    caused.caused_by_rule_change = true;
    add(waived);
    add(caused);
    add(run_of("K3", RUN_MISSED, "2019-04-02T10:00:00+08:00"));
    CHECK_STR(on_time("d1", 0), "0/1");
}

static void each_run_counts_for_itself_and_sums_hold_all_units_and_months(void)
{
    begin();
    struct figure_run other = run_of("K1", RUN_MET, "2019-05-02T10:00:00+08:00");
    other.run = 2;
    other.unit = text_of("d2");
    add(run_of("K1", RUN_MISSED, "2019-04-02T10:00:00+08:00"));
    add(other);
    CHECK_STR(on_time("d1", 0), "0/1");
    CHECK_STR(on_time("d2", 0), "1/0");
    CHECK_STR(on_time("", 201904), "0/1");
    CHECK_STR(on_time("", 0), "1/1");
}

static void a_run_of_no_unit_is_in_the_sums_once(void)
{
    begin();
    struct figure_run run = run_of("K1", RUN_MET, "2019-04-02T10:00:00+08:00");
    run.unit = text_of("");
    add(run);
    CHECK_STR(on_time("", 0), "1/0");
    CHECK_STR(on_time("", 201904), "1/0");
}

/* ---- rates ---- */

static void nothing_to_divide_by_is_no_rate(void)
{
    int32_t share = -1;
    CHECK(!figure_share(0, 0, &share));
    CHECK(figure_share(0, 3, &share));
    CHECK_EQ(share, 0);
    CHECK(figure_share(804, 828, &share));
    CHECK_EQ(share, 9710);
    CHECK(figure_share(1, 2, &share));
    CHECK_EQ(share, 5000);
}

static void add_case(const char *received, bool accepted, bool completed, bool withdrawn)
{
    const struct figure_case of = {
        .unit = text_of("d1"),
        .received = world_at(received),
        .is_accepted = accepted,
        .is_completed = completed,
        .is_withdrawn = withdrawn,
    };
    CHECK_EQ(figures_add_case(figures, &of), ERR_OK);
}

static void acceptance_and_settling_are_of_the_cases_received_in_the_month(void)
{
    begin();
    add_case("2019-04-30T10:00:00+08:00", true, true, false);
    add_case("2019-04-30T10:00:00+08:00", true, false, false);
    add_case("2019-04-30T10:00:00+08:00", false, false, false);
    add_case("2019-05-02T10:00:00+08:00", true, true, false);
    const struct figure_row *april = row("", "d1", 201904);
    CHECK_EQ(april->received, 3);
    CHECK_EQ(april->accepted, 2);
    CHECK_EQ(april->completed, 1);
    CHECK_EQ(row("", "d1", 201905)->received, 1);
    CHECK_EQ(row("", "", 0)->received, 4);
}

static void withdrawn_cases_are_in_neither(void)
{
    begin();
    add_case("2019-04-30T10:00:00+08:00", true, true, true);
    CHECK_EQ(row("", "d1", 201904)->received, 0);
    CHECK_EQ(row("", "d1", 201904)->accepted, 0);
    CHECK_EQ(row("", "d1", 201904)->completed, 0);
}

static void satisfaction_is_four_or_five_by_the_time_of_the_rating(void)
{
    begin();
    for (int32_t score = 0; score <= 6; score++) {
        const struct figure_rating rating = {
            text_of("d1"), world_at("2019-04-30T10:00:00+08:00"), score};
        CHECK_EQ(figures_add_rating(figures, &rating), ERR_OK);
    }
    CHECK_EQ(row("", "d1", 201904)->ratings, 5);
    CHECK_EQ(row("", "d1", 201904)->satisfied, 2);
}

static void handling_is_office_time_by_the_month_of_the_last_completed(void)
{
    begin();
    const struct figure_case of = {
        .unit = text_of("d1"),
        .received = world_at("2019-04-30T17:00:00+08:00"), /* Tuesday: half an hour is left */
        .completed = world_at("2019-05-01T09:00:00+08:00"),
    };
    CHECK_EQ(figures_add_case(figures, &of), ERR_OK);
    CHECK_EQ(row("", "d1", 201905)->handled, 1);
    CHECK_EQ(row("", "d1", 201905)->handled_s, 3600);
    CHECK_EQ(row("", "d1", 201904)->handled, 0);
}

static void compression_needs_both_limits_in_one_unit(void)
{
    int32_t share = -1;
    begin();
    struct clock_rule *clock = world_clock(&world, "reply", "5wd");
    CHECK(!figure_compression(clock, &share));
    clock->has_statutory_limit = true;
    clock->statutory_limit = world_duration("20wd");
    CHECK(figure_compression(clock, &share));
    CHECK_EQ(share, 7500);
    clock->statutory_limit = world_duration("20d");
    CHECK(!figure_compression(clock, &share));
}

static void the_families_that_a_set_lists_are_shown_all_of_it_by_default(void)
{
    static const struct text listed[] = {{"reply", 5}};
    begin();
    (void)world_clock(&world, "reply", "5wd");
    (void)world_clock(&world, "accept", "2wd");
    CHECK(figure_is_shown(&world.policy, text_of("accept")));
    world.set.on_time_families = listed;
    world.set.on_time_family_count = 1;
    CHECK(figure_is_shown(&world.policy, text_of("reply")));
    CHECK(!figure_is_shown(&world.policy, text_of("accept")));
    CHECK(figure_is_shown(&world.policy, text_of("gone")));
}

/* ---- from a case ---- */

static void a_case_is_counted_from_its_fold_and_its_ratings(void)
{
    begin();
    (void)world_clock(&world, "reply", "1wd");
    world_add(&world, "2026-03-02T09:00:00+08:00", "received unit=d1 handler=d1-a");
    world_add(&world, "2026-03-02T10:00:00+08:00", "accepted by=d1-a");
    world_add(&world, "2026-03-02T11:00:00+08:00", "completed");
    struct event rated[] = {
        world_event(&world, "2026-03-05T11:00:00+08:00", "rated score=5"),
        world_event(&world, "2026-03-05T12:00:00+08:00", "rated score=2"),
        world_event(&world, "2026-03-05T13:00:00+08:00", "rated score=1"),
    };
    rated[2].id = rated[1].id; /* the same again: it does not count */
    const struct case_state *state = world_fold(&world, "2026-03-06T00:00:00+08:00");
    CHECK_EQ(figures_add_state(figures, state, rated, 3), ERR_OK);
    CHECK_STR(on_time("d1", 202603), "1/0");
    const struct figure_row *march = row("", "d1", 202603);
    CHECK_EQ(march->received, 1);
    CHECK_EQ(march->accepted, 1);
    CHECK_EQ(march->completed, 1);
    CHECK_EQ(march->handled_s, 7200);
    CHECK_EQ(march->ratings, 2);
    CHECK_EQ(march->satisfied, 1);
}

static void a_reopened_case_is_not_settled_until_it_is_completed_again(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", "received unit=d1");
    world_add(&world, "2026-03-02T10:00:00+08:00", "completed");
    world_add(&world, "2026-03-03T10:00:00+08:00", "reopened reason=x");
    const struct case_state *state = world_fold(&world, "2026-03-06T00:00:00+08:00");
    CHECK_EQ(figures_add_state(figures, state, NULL, 0), ERR_OK);
    CHECK_EQ(row("", "d1", 202603)->received, 1);
    CHECK_EQ(row("", "d1", 202603)->completed, 0);
}

/* ---- accountability ---- */

static const struct text reply_family[] = {{"reply", 5}};

static struct accountability policy_of(int64_t misses, const char *window)
{
    return (struct accountability){
        .id = text_of("p"),
        .families = reply_family,
        .family_count = 1,
        .misses = misses,
        .window = text_of(window),
    };
}

/* "who opened-day: case case; ..." */
static const char *entries_with(
    const struct accountability *policy, const struct figure_closing *closings, size_t count)
{
    struct figure_entries entries = {0};
    struct buf text;
    buf_init(&text, 4096);
    CHECK_EQ(figures_entries(figures, policy, closings, count, &entries), ERR_OK);
    for (size_t i = 0; i < entries.count; i++) {
        buf_format(
            &text, "%s%.*s %.10s:", i > 0 ? "; " : "", TEXT_ARGS(entries.items[i].who),
            world_text(&world, entries.items[i].opened));
        for (size_t e = 0; e < entries.items[i].evidence_count; e++)
            buf_format(&text, " %.*s", TEXT_ARGS(entries.items[i].evidence[e]->case_id));
    }
    const char *kept = arena_string(&world.arena, buf_view(&text));
    buf_release(&text);
    return kept;
}

static const char *entries_of(const struct accountability *policy)
{
    return entries_with(policy, NULL, 0);
}

static void miss(const char *case_id, const char *due)
{
    add(run_of(case_id, RUN_MISSED, due));
}

static void the_miss_that_makes_the_number_opens_the_entry(void)
{
    begin();
    const struct accountability policy = policy_of(3, "365d");
    miss("K3", "2019-04-03T10:00:00+08:00"); /* fed in any order */
    miss("K1", "2019-04-01T10:00:00+08:00");
    CHECK_STR(entries_of(&policy), "");
    miss("K2", "2019-04-02T10:00:00+08:00");
    CHECK_STR(entries_of(&policy), "d1 2019-04-03: K1 K2 K3");
}

static void of_a_case_and_family_the_earliest_miss_counts_once(void)
{
    begin();
    const struct accountability policy = policy_of(2, "365d");
    struct figure_run again = run_of("K1", RUN_MISSED, "2019-04-09T10:00:00+08:00");
    again.run = 2;
    add(again);
    miss("K1", "2019-04-01T10:00:00+08:00");
    CHECK_STR(entries_of(&policy), "");
    miss("K2", "2019-04-05T10:00:00+08:00");
    CHECK_STR(entries_of(&policy), "d1 2019-04-05: K1 K2");
}

static void the_window_of_days_leaves_out_its_first_instant(void)
{
    begin();
    const struct accountability policy = policy_of(2, "10d");
    miss("K1", "2019-04-01T10:00:00+08:00");
    miss("K2", "2019-04-11T10:00:00+08:00");
    CHECK_STR(entries_of(&policy), "");
    miss("K3", "2019-04-11T09:59:59+08:00");
    CHECK_STR(entries_of(&policy), "d1 2019-04-11: K1 K3 K2");
}

static void windows_of_the_calendar_go_by_local_months_quarters_and_years(void)
{
    const struct accountability month = policy_of(2, "month");
    const struct accountability quarter = policy_of(2, "quarter");
    const struct accountability year = policy_of(2, "year");
    begin();
    miss("K1", "2019-03-31T23:00:00+08:00");
    miss("K2", "2019-04-01T01:00:00+08:00"); /* still March in UTC */
    CHECK_STR(entries_of(&month), "");
    CHECK_STR(entries_of(&quarter), "");
    CHECK_STR(entries_of(&year), "d1 2019-04-01: K1 K2");
    miss("K3", "2019-06-30T23:00:00+08:00");
    CHECK_STR(entries_of(&month), "");
    CHECK_STR(entries_of(&quarter), "d1 2019-06-30: K2 K3");
    miss("K4", "2020-01-01T00:00:00+08:00");
    CHECK_STR(entries_of(&year), "d1 2019-04-01: K1 K2 K3");
}

static void later_misses_join_while_they_are_in_a_window_with_the_last(void)
{
    begin();
    const struct accountability policy = policy_of(2, "10d");
    miss("K1", "2019-04-01T10:00:00+08:00");
    miss("K2", "2019-04-02T10:00:00+08:00");
    miss("K3", "2019-04-11T10:00:00+08:00"); /* within ten days of K2, not of K1 */
    miss("K4", "2019-04-30T10:00:00+08:00"); /* alone */
    CHECK_STR(entries_of(&policy), "d1 2019-04-02: K1 K2 K3");
    miss("K5", "2019-05-01T10:00:00+08:00");
    CHECK_STR(entries_of(&policy), "d1 2019-04-02: K1 K2 K3; d1 2019-05-01: K4 K5");
}

static void evidence_of_a_closed_entry_is_not_counted_again(void)
{
    begin();
    const struct accountability policy = policy_of(2, "365d");
    const struct figure_closing closing = {
        text_of("p"), text_of("d1"), world_at("2019-04-05T00:00:00+08:00")};
    miss("K1", "2019-04-01T10:00:00+08:00");
    miss("K2", "2019-04-02T10:00:00+08:00");
    miss("K3", "2019-04-06T10:00:00+08:00");
    CHECK_STR(entries_of(&policy), "d1 2019-04-02: K1 K2 K3");
    CHECK_STR(entries_with(&policy, &closing, 1), "d1 2019-04-02: K1 K2");
    miss("K4", "2019-04-07T10:00:00+08:00");
    CHECK_STR(entries_with(&policy, &closing, 1), "d1 2019-04-02: K1 K2; d1 2019-04-07: K3 K4");
}

static void each_unit_or_person_has_entries_of_their_own(void)
{
    begin();
    struct accountability policy = policy_of(2, "year");
    struct figure_run other = run_of("K2", RUN_MISSED, "2019-04-02T10:00:00+08:00");
    other.unit = text_of("d2");
    miss("K1", "2019-04-01T10:00:00+08:00");
    add(other);
    CHECK_STR(entries_of(&policy), "");
    policy.by_person = true;
    CHECK_STR(entries_of(&policy), "d1-a 2019-04-02: K1 K2");
}

static void only_the_families_of_the_policy_and_misses_that_count_are_evidence(void)
{
    begin();
    const struct accountability policy = policy_of(1, "year");
    struct figure_run other = run_of("K1", RUN_MISSED, "2019-04-01T10:00:00+08:00");
    struct figure_run waived = other;
    struct figure_run nobody = other;
    other.family = text_of("accept");
    waived.waived = true;
    nobody.unit = text_of("");
    add(other);
    add(waived);
    add(nobody);
    CHECK_STR(entries_of(&policy), "");
}

static void an_arena_that_is_full_is_said_and_not_overrun(void)
{
    struct arena small;
    enum err err = ERR_OK;
    begin();
    arena_init(&small, 16384);
    figures = figures_create(&small, world_calendar(&world));
    for (int i = 0; i < 1000 && err == ERR_OK; i++) {
        const struct figure_run run = run_of("K1", RUN_MISSED, "2019-04-01T10:00:00+08:00");
        err = figures_add_run(figures, &run);
    }
    CHECK_EQ(err, ERR_NO_MEMORY);
    arena_release(&small);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_run_belongs_to_the_local_month_of_its_due);
    CHECK_RUN(a_run_met_without_a_due_belongs_to_the_month_of_its_stop);
    CHECK_RUN(what_has_not_come_to_an_end_of_its_own_belongs_to_no_month);
    CHECK_RUN(waived_misses_and_those_of_a_rule_change_do_not_count);
    CHECK_RUN(each_run_counts_for_itself_and_sums_hold_all_units_and_months);
    CHECK_RUN(a_run_of_no_unit_is_in_the_sums_once);
    CHECK_RUN(nothing_to_divide_by_is_no_rate);
    CHECK_RUN(acceptance_and_settling_are_of_the_cases_received_in_the_month);
    CHECK_RUN(withdrawn_cases_are_in_neither);
    CHECK_RUN(satisfaction_is_four_or_five_by_the_time_of_the_rating);
    CHECK_RUN(handling_is_office_time_by_the_month_of_the_last_completed);
    CHECK_RUN(compression_needs_both_limits_in_one_unit);
    CHECK_RUN(the_families_that_a_set_lists_are_shown_all_of_it_by_default);
    CHECK_RUN(a_case_is_counted_from_its_fold_and_its_ratings);
    CHECK_RUN(a_reopened_case_is_not_settled_until_it_is_completed_again);
    CHECK_RUN(the_miss_that_makes_the_number_opens_the_entry);
    CHECK_RUN(of_a_case_and_family_the_earliest_miss_counts_once);
    CHECK_RUN(the_window_of_days_leaves_out_its_first_instant);
    CHECK_RUN(windows_of_the_calendar_go_by_local_months_quarters_and_years);
    CHECK_RUN(later_misses_join_while_they_are_in_a_window_with_the_last);
    CHECK_RUN(evidence_of_a_closed_entry_is_not_counted_again);
    CHECK_RUN(each_unit_or_person_has_entries_of_their_own);
    CHECK_RUN(only_the_families_of_the_policy_and_misses_that_count_are_evidence);
    CHECK_RUN(an_arena_that_is_full_is_said_and_not_overrun);
    world_release(&world);
    return check_done();
}
