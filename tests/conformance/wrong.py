#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reference with one rule misread: `wrong.py MISREADING --rules F ...`.

A kit that judges programs must tell these from right ones, each by a world that is kept. Without a
word it lists the misreadings.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import case  # noqa: E402
import counting  # noqa: E402
import figures  # noqa: E402
import firing  # noqa: E402
import reference  # noqa: E402
import ruleset  # noqa: E402
from case import Case  # noqa: E402
from figures import Figures  # noqa: E402
from firing import Ringer  # noqa: E402


def replace(owner, name):
    """The decorated function gets what it stands in for as its first argument."""
    def put(make):
        old = getattr(owner, name)
        setattr(owner, name, lambda *args, **keys: make(old, *args, **keys))
    return put


def counts_the_day_of_the_start():
    @replace(counting.Counter, "first_date")
    def _(old, self):
        return old(self) - counting.DAY


def takes_a_stop_at_due_for_late():
    @replace(Case, "note_misses")
    def _(old, self, now):
        old(self, now + 1)


def lets_red_ring_before_due():
    @replace(firing, "stage_instant")
    def _(old, case_of, run, stage, due):
        light, stage.light = stage.light, "yellow"
        instant = old(case_of, run, stage, due)
        stage.light = light
        return instant


def sends_all_that_is_addressed():
    @replace(Ringer, "address")
    def _(old, self, alerts, now):
        for alert in alerts:
            old(self, [alert], now)


def forgets_the_holiday_of_a_weekly_clock():
    @replace(ruleset.Clock, "__init__")
    def _(old, self, spec, rule_set):
        old(self, {**spec, "roll": "none"}, rule_set)


def ends_a_series_with_its_first_stop():
    @replace(Case, "follow")
    def _(old, self, now, with_now):
        return bool([run for run in self.runs if run.ended is None]) and old(self, now, with_now)


def starts_the_next_week_with_the_stop():
    @replace(Case, "due_of")
    def _(old, self, run, now):
        return run.stopped if run.clock.recurs and run.ended else old(self, run, now)


def follows_a_due_before_the_events_of_its_instant():
    @replace(Case, "apply")
    def _(old, self, event):
        self.pass_time(event.time, with_now=True)
        old(self, event)


def stops_the_host_by_any_answer():
    @replace(Case, "stops")
    def _(old, self, run, event, co_units):
        return old(self, run, event, set())


def stops_every_co_unit_by_one_answer():
    @replace(Case, "stops")
    def _(old, self, run, event, co_units):
        return event.kind in run.clock.stop if run.unit else old(self, run, event, co_units)


def tells_the_host_of_a_co_unit():
    @replace(Ringer, "people")
    def _(old, self, alert):
        attributes = self.case.attributes
        return self.directory.resolve(
            alert.stage.notify, attributes.get("unit"), attributes.get("handler"))


def runs_once_only():
    @replace(ruleset.Clock, "__init__")
    def _(old, self, spec, rule_set):
        old(self, {**spec, "again": False}, rule_set)


def runs_again_while_a_run_is_open():
    @replace(Case, "start")
    def _(old, self, policy, clock, unit, event):
        earlier = self.runs_of(clock.name(unit))
        if earlier and clock.again:
            self.begin(policy, clock, unit, earlier[-1].number + 1, event.time, event)
        else:
            old(self, policy, clock, unit, event)


def sets_a_date_where_none_was_given():
    @replace(Case, "begin")
    def _(old, self, policy, clock, unit, number, start, event, due=None):
        earlier = self.runs_of(clock.name(unit))
        old(self, policy, clock, unit, number, start, event,
            earlier[-1].brought_due if earlier else due)


def pauses_for_every_reason():
    @replace(ruleset.Clock, "__init__")
    def _(old, self, spec, rule_set):
        old(self, {**spec, "pause_reasons": None}, rule_set)


def pauses_without_end():
    @replace(ruleset.Clock, "__init__")
    def _(old, self, spec, rule_set):
        old(self, {**spec, "pause_max": None}, rule_set)


def counts_from_the_last_acknowledgement():
    @replace(firing, "first_acknowledged")
    def _(old, case_of, run):
        times = [time for time, _, name in case_of.acknowledged if name == run.name]
        return max(times, default=None)


def takes_any_acknowledgement():
    @replace(firing, "first_acknowledged")
    def _(old, case_of, run):
        return case_of.acknowledged[0][0] if case_of.acknowledged else None


def lets_one_acknowledge_for_all():
    @replace(ruleset.Stage, "__init__")
    def _(old, self, spec, order):
        old(self, {**spec, "unless_acked": bool(spec.get("unless_acked"))}, order)


def waives_for_any_reason():
    @replace(ruleset.Clock, "__init__")
    def _(old, self, spec, rule_set):
        old(self, spec, {})


def waives_without_approval():
    @replace(Case, "judge_miss")
    def _(old, self, event):
        event.data["approved_by"] = "somebody"
        old(self, event)


def lets_an_appeal_waive():
    @replace(Case, "judge_miss")
    def _(old, self, event):
        event.kind = "waived"
        event.data |= {"approved_by": "somebody", "reason": "系统故障"}
        old(self, event)


def forgets_the_first_lateness():
    @replace(Figures, "add_run")
    def _(old, self, name, case_of, run, until):
        if case_of.is_last(run):
            old(self, name, case_of, run, until)


def blames_the_unit_for_a_new_rule():
    @replace(Case, "caused_by_rule_change")
    def _(old, self, run, now):
        return False


def leaves_running_runs_to_the_old_rule():
    @replace(Case, "replan")
    def _(old, self, event):
        pass


def replans_what_was_missed():
    @replace(Case, "can_go_by")
    def _(old, self, run, clock):
        missed, run.missed_due = run.missed_due, None
        able = old(self, run, clock)
        run.missed_due = None if able else missed
        return able


def keeps_what_a_replan_made_missed():
    @replace(case, "fold")
    def _(old, rulebook, events, now):
        return old(rulebook, [e for e in events if "undo" not in e.data], now)
    firing.fold = case.fold


def rings_again_after_a_replan():
    @replace(Ringer, "fired")
    def _(old, self, run, stage):
        hidden = run.replanned_at is not None and self.was_before(run)
        return [] if hidden else old(self, run, stage)

    def was_before(self, run):
        return all(alert.fired_at < run.replanned_at for alert in self.alerts
                   if alert.key == (run.name, run.number))
    Ringer.was_before = was_before


def looks_back_at_a_replan():
    @replace(Case, "count_recurring")
    def _(old, self, run, clock, pauses, since):
        return old(self, run, clock, pauses, 0)


def counts_by_the_calendar_of_the_start():
    @replace(case, "fold")
    def _(old, rulebook, events, now):
        first = rulebook.policies[0].calendar
        for policy in rulebook.policies:
            policy.calendar = first
        return old(rulebook, events, now)
    firing.fold = case.fold


def counts_anew_what_is_settled():
    @replace(case, "fold_with")
    def _(old, rulebook, undone, settled, events, now):
        return old(rulebook, undone, {}, events, now)


def replans_without_looking_at_earlier_pauses():
    @replace(Case, "miss_by")
    def _(old, self, run, clock, now, since=0):
        due = self.due_by(run, clock, now, since)
        return due if due is not None and due < now else None


def gives_the_credit_to_who_holds_it_now():
    @replace(Figures, "add_case")
    def _(old, self, name, case_of, events, until):
        for run in case_of.runs:
            run.holder_at_stop = case_of.holder()
        old(self, name, case_of, events, until)


def blames_who_held_it_before_the_transfer():
    @replace(Case, "holder_of_miss")
    def _(old, self, run):
        return [holder for time, holder in self.holders if time < run.missed_due][-1]


def holds_nobody_accountable():
    @replace(figures, "earliest")
    def _(old, misses):
        return []


MISREADINGS = {name.replace("_", "-"): make for name, make in list(globals().items())
               if callable(make) and getattr(make, "__module__", "") == __name__
               and name not in ("replace",)}


def main():
    if len(sys.argv) < 2:
        print("\n".join(sorted(MISREADINGS)))
        return
    MISREADINGS[sys.argv.pop(1)]()
    reference.main()


if __name__ == "__main__":
    main()
