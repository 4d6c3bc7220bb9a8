# SPDX-License-Identifier: Apache-2.0
"""The third part of the reference: the state of a case (sections 3, 4 and 5).

fold() makes it from the set of the events of the case and from nothing else.
"""
import json
from datetime import date

from counting import (
    DAY, FOREVER, HORIZON_DAYS, Counter, Duration, is_instant, merge, pause_around, read_instant,
    without)
from ruleset import fits

FOLLOWING_MAX = 1000
LEDGER_ONLY = ("noted", "urged", "rated", "feedback")


def flat(data, prefix=""):
    """{"labels": {"k": "a"}} as {"labels.k": "a"}; null says nothing."""
    found = {}
    for key, value in data.items():
        if isinstance(value, dict):
            found |= flat(value, prefix + key + ".")
        elif value is not None and value != []:
            found[prefix + key] = value
    return found


def co_units_of(attributes):
    units = attributes.get("co_units") or []
    return list(dict.fromkeys(units.split(",") if isinstance(units, str) else units))


class Event:
    def __init__(self, line, position):
        raw = json.loads(line)
        self.position = position
        self.source, self.id = raw["source"], raw["id"]
        self.case = raw["subject"]
        self.kind = raw["type"].removeprefix("case.")
        self.time = read_instant(raw["time"])
        self.arrived = read_instant(raw["arrived"]) if "arrived" in raw else self.time
        self.data = flat(raw.get("data") or {})

    @property
    def identity(self):
        """Two with the same are one. What only the ledger keeps stands beside the others."""
        return self.source, self.id, self.kind if self.kind in LEDGER_ONLY else ""

    @property
    def order(self):
        return self.time, self.source.encode(), self.id.encode()


class Run:
    def __init__(self, policy, clock, unit, number, start):
        self.policy, self.clock, self.unit, self.number = policy, clock, unit, number
        self.first_clock = clock
        self.name, self.family = clock.name(unit), clock.family_name(unit)
        self.start = start
        self.more = 0            # what extensions added to the limit
        self.more_unit = None    # its own unit then
        self.extended_at = []    # when extensions were accepted
        self.brought_due = self.fixed_due = self.fixed_at = None
        self.missed_due = None
        self.gaps = []           # from a stop to the reopening that ran the run on
        self.stopped = self.stopped_by = None
        self.ended = None        # met, cancelled, replaced; None while it runs
        self.replanned_at = None # or taken back: what is past by then does not ring again
        self.recur_from = 0      # when a replan last changed its clock
        self.would_touch = set() # replans that were taken back
        self.waived = False
        self.appeal = None
        self.holder_at_start = self.holder_at_stop = None  # unit and handler

    def fix(self, due, now):
        """From the first time on, pauses are ignored."""
        self.fixed_due = due
        if self.fixed_at is None:
            self.fixed_at = now

    def limit_of(self, clock):
        limit = clock.limit
        more = self.more if limit.unit == self.more_unit else 0
        return Duration(limit.count + more, limit.unit, limit.at)


class Case:
    def __init__(self, rulebook, undone=(), settled=None):
        self.rulebook, self.undone = rulebook, undone
        self.settled = settled or {}  # (name, number) of ended runs: the calendar at their end
        self.attributes = {}
        self.closed = False
        self.pauses = []         # from, to, reason
        self.acknowledged = []
        self.runs = []
        self.holders = []        # since when, unit and handler
        self.received = self.completed = None
        self.accepted = self.withdrawn = False

    def runs_of(self, name):
        return [run for run in self.runs if run.name == name]

    def is_last(self, run):
        return self.runs_of(run.name)[-1] is run

    # What a run sees of the pauses of its case. `clock` is the run's own but where it is asked
    # what another clock would have made of it.

    def case_pauses(self, run, clock):
        if not clock.pause:
            return []
        bound = FOREVER
        if run.fixed_at is not None:
            bound = run.fixed_at
        if run.stopped is not None:
            bound = min(bound, run.stopped)
        own = [(max(first, run.start), min(end, bound)) for first, end, reason in self.pauses
               if clock.pause_reasons is None or reason in clock.pause_reasons]
        own = without(own, run.gaps)
        return own if clock.pause_max is None else self.capped(
            own, clock.pause_max, run.calendar)

    def capped(self, pauses, most, calendar):
        """The pauses up to the instant by which `most` has been paused in all."""
        found, left = [], most.count if most.in_days else most.ms
        for first, end in pauses:
            if left <= 0:
                break
            end = min(end, self.end_of_pause(first, left, most, calendar))
            found.append((first, end))
            left -= self.paused_within(first, end, most, calendar)
        return found

    def end_of_pause(self, first, left, most, calendar):
        if not most.in_days:
            end = Counter(calendar, first).after_ms(left, most.in_office)
            return FOREVER if end is None else end
        day = calendar.day(first) - DAY
        while left > 0:
            day += DAY
            left -= most.unit == "d" or calendar.is_working(day)
        return calendar.end(day)

    def paused_within(self, first, end, most, calendar):
        if most.in_office:
            return sum(min(b, end) - a for a, b in Counter(calendar, first).counted_until(end))
        if not most.in_days:
            return end - first
        day, after, found = calendar.day(first), calendar.day(end), 0
        while day < after:
            found += most.unit == "d" or calendar.is_working(day)
            day += DAY
        return found

    def pauses_of(self, run, clock=None):
        return merge(self.case_pauses(run, clock or run.clock) + run.gaps)

    def is_paused(self, run, now, clock=None):
        if run.fixed_due is not None or run.ended:
            return False
        return any(a <= now < b or b == FOREVER for a, b in self.pauses_of(run, clock))

    def counter(self, run, start=None):
        start = run.start if start is None else start
        return Counter(run.calendar, start, self.pauses_of(run), run.clock.late_arrival)

    def due_of(self, run, now):
        """Due as known at `now`; None while a pause is open."""
        if run.missed_due is not None:
            return run.missed_due
        return self.due_by(run, run.clock, now, run.recur_from)

    def due_by(self, run, clock, now, since=0):
        """Of a recurring clock the first occurrence not before `since`."""
        if run.fixed_due is not None:
            return run.fixed_due
        if self.is_paused(run, now, clock):
            return None
        return self.count(run, clock, self.pauses_of(run, clock), since)

    def count(self, run, clock, pauses, since):
        if clock.recurs:
            return self.count_recurring(run, clock, pauses, since)
        return self.count_due(run, clock, pauses)

    def count_due(self, run, clock, pauses):
        counter = Counter(run.calendar, run.start, pauses, clock.late_arrival)
        limit = run.limit_of(clock)
        if limit.in_days:
            day = counter.nth_date(limit.count, limit.unit)
            if limit.unit == "d" and clock.rolls and not run.calendar.is_working(day):
                day = run.calendar.next_working(day)
            due = counter.on_date(day, limit.at)
        else:
            due = counter.after(limit)
        pause = pause_around(due, counter.pauses)
        return pause[1] if pause else due

    def count_recurring(self, run, clock, pauses, since):
        for due in self.listed_times(clock, run.start, run.calendar):
            if due > run.start and due >= since and not pause_around(due, pauses):
                return due
        return None

    def listed_times(self, clock, start, calendar):
        """The listed times from some working date before the start on: what comes before that
        date is not moved beyond it."""
        day = calendar.date(start) - 2 * DAY
        while clock.rolls and not calendar.is_working(day):
            day -= DAY
        for _ in range(HORIZON_DAYS):
            if day.isoweekday() in clock.recur_days:
                own = day
                if clock.rolls and not calendar.is_working(day):
                    own = calendar.next_working(day)
                yield calendar.at(own, clock.recur_minutes)
            day += DAY

    def miss_by(self, run, clock, now, since=0):
        """The due that this clock, had it been the run's from the start, would have let pass by
        `now`: each pause, and each end that was taken back, found it passed or not."""
        if run.fixed_due is not None:
            return run.fixed_due if run.fixed_due < now else None
        pauses = sorted(self.case_pauses(run, clock) + run.gaps)
        for begin in [first for first, _ in pauses if first <= now]:
            earlier = merge(pause for pause in pauses if pause[0] < begin)
            due = self.count(run, clock, earlier, since)
            if due is not None and due < begin:
                return due
        due = self.due_by(run, clock, now, since)
        return due if due is not None and due < now else None

    # Time passes.

    def pass_time(self, now, with_now=False):
        """Up to `now`; what is due at `now` itself is followed only with `with_now`."""
        self.note_misses(now)
        while self.follow(now, with_now):
            self.note_misses(now)

    def note_misses(self, now):
        for run in self.runs:
            if run.stopped is None and run.missed_due is None:
                due = self.due_of(run, now)
                if due is not None and due < now:
                    run.missed_due = due

    def follow(self, now, with_now):
        """The next run of a recurring clock whose due has passed; true if one started."""
        for run in list(self.runs):
            if not run.clock.recurs or self.closed or not self.is_last(run):
                continue
            if run.ended in ("cancelled", "replaced") or run.number > FOLLOWING_MAX:
                continue
            due = self.due_of(run, now)
            if due is not None and (due < now or (with_now and due == now)):
                applied = self.rulebook.at(due).newest
                policy = max(applied, run.policy, key=lambda p: p.version)
                self.begin_next(run, policy, due)
                return True
        return False

    # What events do.

    def apply(self, event):
        self.pass_time(event.time)
        self.was_closed = self.closed
        self.change_case(event)
        co_units = {run.unit for run in self.runs if run.unit}
        for run in list(self.runs):
            if run.stopped is None:
                self.change_run(run, event, co_units)
        if event.kind in ("reopened", "returned"):
            self.reopen(event)
        elif event.kind == "replanned":
            self.replan(event)
        elif event.kind in ("waived", "appealed"):
            self.judge_miss(event)
        self.start_clocks(event)

    def change_case(self, event):
        data, kind = event.data, event.kind
        self.old_unit = self.attributes.get("unit")
        self.old_holder = self.holder()
        if kind == "received":
            self.received = event.time if self.received is None else self.received
            self.attributes.update(data)
        elif kind == "assigned":
            self.transfer(data.get("unit") or self.old_unit, data.get("handler"))
        elif kind == "acknowledged":
            self.acknowledged.append((event.time, data.get("by"), data.get("clock")))
        elif kind in ("reopened", "returned"):
            self.closed = self.withdrawn = False
        elif kind == "accepted":
            self.accepted = True
        if kind == "suspended" and not self.is_suspended():
            self.pauses.append((event.time, FOREVER, data.get("reason")))
        if kind in ("resumed", "completed", "withdrawn") and self.is_suspended():
            self.pauses[-1] = (self.pauses[-1][0], event.time, self.pauses[-1][2])
        if kind in ("completed", "withdrawn"):
            self.closed, self.withdrawn = True, kind == "withdrawn"
        if kind == "completed":
            self.completed = event.time
        self.holders.append((event.time, self.holder()))

    def holder(self):
        return self.attributes.get("unit"), self.attributes.get("handler")

    def holder_of_miss(self, run):
        """Who held the case at due; of a transfer at that very instant, the one after it."""
        if run.missed_due < run.start:  # a due that a case brings may lie before
            return run.holder_at_start
        return [holder for time, holder in self.holders if time <= run.missed_due][-1]

    def transfer(self, unit, handler):
        """Another unit brings its handler or none; the same unit keeps one that is not named."""
        if unit != self.old_unit or handler:
            self.attributes.update(unit=unit, handler=handler)

    def is_suspended(self):
        return bool(self.pauses) and self.pauses[-1][1] == FOREVER

    def change_run(self, run, event, co_units):
        if event.kind == "withdrawn":
            self.end(run, event, "cancelled")
        elif self.stops(run, event, co_units):
            self.end(run, event, "met")
        elif event.kind == "completed" and run.clock.recurs:
            self.end(run, event, "cancelled")
        elif event.kind == "extended":
            self.extend(run, event)
        elif event.kind == "assigned" and self.is_replaced(run, event):
            self.end(run, event, "replaced")
            self.begin_next(run, self.policy_of(event), event.time, event)

    def stops(self, run, event, co_units):
        if event.kind not in run.clock.stop:
            return False
        unit = event.data.get("unit")
        if event.kind == "completed":
            return True
        return unit == run.unit if run.unit else unit is None or unit not in co_units

    def is_replaced(self, run, event):
        if run.unit or not run.clock.transfer_restarts or event.time == run.start:
            return False
        if run.clock.recurs and not self.is_last(run):
            return False
        return self.attributes.get("unit") != self.old_unit

    def end(self, run, event, how):
        run.stopped, run.stopped_by, run.ended = event.time, event, how
        run.holder_at_stop = self.old_holder

    def extend(self, run, event):
        data, due = event.data, self.due_of(run, event.time)
        if run.missed_due is not None or (due is not None and event.time > due):
            return
        if not data.get("approved_by") or not data.get("reason"):
            return
        if run.clock.recurs or len(run.extended_at) >= run.clock.extensions_max:
            return
        if data.get("until"):
            if not is_instant(data["until"]):
                return
            run.fix(read_instant(data["until"]), event.time)
        else:
            by = Duration.read(data.get("by"))
            if by is None or by.at is not None or run.fixed_due is not None:
                return
            if by.unit != run.clock.limit.unit:
                return
            run.more, run.more_unit = run.more + by.count, by.unit
        run.extended_at.append(event.time)

    def reopen(self, event):
        for run in list(self.runs):
            if run.stopped is None or run.stopped_by is event or not self.is_last(run):
                continue
            if run.clock.recurs:
                if self.was_closed:
                    self.begin_next(run, self.policy_of(event), event.time, event)
            elif run.clock.reopen_restarts:
                self.begin_next(run, self.policy_of(event), event.time, event)
            else:
                run.gaps.append((run.stopped, event.time))
                run.stopped = run.ended = None

    def replan(self, event):
        if "undo" in event.data:
            for run in self.runs:
                if event.data["undo"] in run.would_touch:
                    run.replanned_at = event.time
            return
        replan = event.data.get("replan")
        policy = self.rulebook.version(event.data.get("version"))
        for run in self.runs if policy else []:
            clock = policy.clock(run.clock.id)
            if not clock or not self.can_go_by(run, clock):
                continue
            if replan in self.undone:
                run.would_touch.add(replan)
            else:
                run.policy, run.clock = policy, clock
                run.replanned_at = run.recur_from = event.time
                run.missed_due = self.miss_by(run, clock, event.time, run.recur_from)

    def can_go_by(self, run, clock):
        if run.stopped is not None or run.missed_due is not None or clock.kind != run.clock.kind:
            return False
        return not run.more or clock.limit.unit == run.clock.limit.unit

    def judge_miss(self, event):
        run = self.run_of_miss(event)
        approved = bool(event.data.get("approved_by"))
        if run is None:
            return
        if event.kind == "waived":
            reason, allowed = event.data.get("reason"), run.clock.waive_reasons
            if approved and reason and (not allowed or reason in allowed):
                run.waived = True
        elif event.data.get("result") == "rejected":
            if approved:
                run.appeal = "rejected"
        else:
            run.appeal = "open"

    def run_of_miss(self, event):
        runs = [run for run in self.runs_of(event.data.get("clock")) if run.missed_due is not None]
        if "run" in event.data:
            runs = [run for run in runs if run.number == event.data["run"]]
        return runs[-1] if runs else None

    # Runs begin.

    def policy_of(self, event):
        """The version in force when the event arrived."""
        return self.rulebook.at(event.arrived).newest

    def start_clocks(self, event):
        if self.closed:
            return
        seen = {**self.attributes, **event.data}
        policy = self.policy_of(event)
        for clock in policy.clocks:
            if event.kind in clock.start and fits(seen, clock.match):
                for unit in co_units_of(seen) if clock.per_co_unit else [""]:
                    self.start(policy, clock, unit, event)

    def start(self, policy, clock, unit, event):
        earlier = self.runs_of(clock.name(unit))
        if earlier:
            if clock.again and not clock.recurs and earlier[-1].stopped is not None:
                self.begin(policy, clock, unit, earlier[-1].number + 1, event.time, event)
        elif not any(run.family == clock.family_name(unit) for run in self.runs):
            self.begin(policy, clock, unit, 1, event.time, event)

    def begin_next(self, run, policy, start, event=None):
        clock = policy.clock(run.clock.id)
        if clock is None or clock.kind != run.clock.kind:
            policy, clock = run.policy, run.clock
        self.begin(policy, clock, run.unit, run.number + 1, start, event, run.brought_due)

    def begin(self, policy, clock, unit, number, start, event, due=None):
        run = Run(policy, clock, unit, number, start)
        run.calendar = self.settled.get((run.name, number), self.rulebook.newest.calendar)
        if clock.limit_from:
            brought = self.brought_due(clock, event, run.calendar)
            due = due if brought is None else brought
            if due is None:
                return
            run.brought_due = due
            run.fix(due, start)
        run.holder_at_start = self.holder()
        self.runs.append(run)

    def brought_due(self, clock, event, calendar):
        """Brought by the event itself (reply_by of supervised) or by the case."""
        text = {**self.attributes, **event.data}.get(clock.limit_from)
        try:
            return read_instant(text) if is_instant(text) else calendar.end(
                date.fromisoformat(text))
        except (TypeError, ValueError):
            return None

    # What is shown at the end.

    def outcome(self, run, now):
        """A stop at due is in time, so a run is missed only after due, not at it."""
        due = self.due_of(run, now)
        if run.missed_due is not None:
            return "missed", due
        if run.ended:
            return run.ended, due
        return ("paused", None) if due is None else ("running", due)

    def caused_by_rule_change(self, run, now):
        """Missed, but not by the clock it started with."""
        if run.missed_due is None or run.clock is run.first_clock:
            return False
        return self.miss_by(run, run.first_clock, min(now, run.stopped or now)) is None


def fold(rulebook, events, now):
    """The case as of `now`; `rulebook` is what has been applied by then."""
    undone = {e.data["undo"] for e in events if e.kind == "replanned" and "undo" in e.data}
    case = fold_with(rulebook, undone, {}, events, now)
    # What is settled stays settled: an ended run counts by the calendar of its end.
    settled = {(run.name, run.number): case.policy_of(run.stopped_by).calendar
               for run in case.runs if run.stopped_by is not None and run.ended}
    if any(calendar is not rulebook.newest.calendar for calendar in settled.values()):
        case = fold_with(rulebook, undone, settled, events, now)
    return case


def fold_with(rulebook, undone, settled, events, now):
    case = Case(rulebook, undone, settled)
    for event in sorted(events, key=lambda e: e.order):
        case.apply(event)
    case.pass_time(now, with_now=True)
    return case
