#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The deadline semantics once more, written for reading and not for speed.

It answers `--rules F --calendar F --directory F --events F [--until T]` with exactly the lines that
`nrt simulate` must print. It was written from the page of the semantics alone and shares nothing
with the program it is compared with: where both print the same, neither has misread the page in
its own way. It takes valid input for granted; refusing bad input is not its business.

Instants, dates, pauses and how they are counted are in counting.py.
"""
import argparse
import json
import os
import sys
from datetime import date
from fractions import Fraction
from math import ceil

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from counting import (  # noqa: E402
    DAY, FOREVER, Calendar, Counter, Duration, from_due, is_instant, merge, pause_around,
    read_instant, read_minutes, without)

BACKFILL_MS = 3600 * 1000


# --- section 3: rule sets ----------------------------------------------------------------------


def as_list(value):
    return value if isinstance(value, list) else [value]


def flat(data, prefix=""):
    """{"labels": {"k": "a"}} as {"labels.k": "a"}; null says nothing."""
    found = {}
    for key, value in data.items():
        if isinstance(value, dict):
            found |= flat(value, prefix + key + ".")
        elif value is not None:
            found[prefix + key] = value
    return found


def value_fits(value, wanted):
    if isinstance(wanted, list):
        return any(value_fits(value, one) for one in wanted)
    if value is None:
        return False
    if isinstance(wanted, str) and wanted.endswith("*"):
        return isinstance(value, str) and value.startswith(wanted[:-1])
    return type(value) is type(wanted) and value == wanted


def fits(attributes, match):
    for key, wanted in match.items():
        if key == "any":
            good = any(fits(attributes, one) for one in wanted)
        elif key == "all":
            good = all(fits(attributes, one) for one in wanted)
        elif key == "not":
            good = not fits(attributes, wanted)
        elif key == "note":
            good = True
        else:
            good = value_fits(attributes.get(key), wanted)
        if not good:
            return False
    return True


class Stage:
    def __init__(self, spec, order):
        self.id, self.order = spec["id"], order
        self.light = spec["light"]
        self.notify = spec["notify"]
        self.unless_acked = spec.get("unless_acked", False)
        self.repeat = spec.get("repeat")
        self.share = self.duration = self.sign = None
        self.read_at(spec["at"])
        self.tied = self.light == "red" or self.share is not None or self.sign is not None

    def read_at(self, text):
        if text.endswith("%"):
            self.share = Fraction(text[:-1]) / 100
        elif text.startswith("due"):
            self.sign = -1 if text[3] == "-" else 1
            self.duration = None if text == "due+0" else Duration.read(text[4:])
        else:
            self.duration = Duration.read(text)


class Clock:
    def __init__(self, spec):
        self.id = spec["id"]
        self.family = spec.get("family", self.id)
        self.match = spec.get("match", {})
        self.start = as_list(spec.get("start", "received"))
        self.stop = as_list(spec.get("stop", ["answered", "completed"]))
        limit = spec["limit"]
        self.limit_from = limit["from"] if isinstance(limit, dict) else None
        self.limit = None if self.limit_from else Duration.read(limit)
        self.rolls = spec.get("roll", "next_working_day") == "next_working_day"
        self.late_arrival = spec.get("late_arrival", "same_day") == "next_working_day"
        self.pause = spec.get("pause", True)
        self.transfer_restarts = spec.get("on_transfer", "continue") == "restart"
        self.reopen_restarts = spec.get("on_reopen", "restart") == "restart"
        self.extensions_max = spec.get("extensions_max", 1)
        self.pause_max = Duration.read(spec.get("pause_max"))
        self.stages = [Stage(s, order) for order, s in enumerate(spec["stages"])]


# --- sections 4 and 5: runs and pauses ---------------------------------------------------------


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
    def order(self):
        return self.time, self.source.encode(), self.id.encode()


class Run:
    def __init__(self, clock, number, event):
        self.clock, self.number = clock, number
        self.start, self.started_by = event.time, event
        self.more = 0            # what extensions added to the limit, in its own unit
        self.extended_at = []    # when extensions were accepted
        self.brought_due = self.fixed_due = self.fixed_at = None
        self.missed_due = None
        self.gaps = []           # from a stop to the reopening that ran the run on
        self.stopped = self.stopped_by = None
        self.ended = None        # met, cancelled, replaced; None while it runs

    def fix(self, due, now):
        """From the first time on, pauses are ignored."""
        self.fixed_due = due
        if self.fixed_at is None:
            self.fixed_at = now

    @property
    def limit(self):
        plain = self.clock.limit
        return Duration(plain.count + self.more, plain.unit, plain.at)


class Case:
    """The state of one case: a pure function of its events."""

    def __init__(self, calendar, clocks):
        self.calendar, self.clocks = calendar, clocks
        self.attributes = {}
        self.closed = False
        self.pauses = []
        self.acknowledged = []
        self.runs = []

    # What a run sees of the pauses of its case.

    def case_pauses(self, run):
        if not run.clock.pause:
            return []
        bound = FOREVER
        if run.fixed_at is not None:
            bound = run.fixed_at
        if run.stopped is not None:
            bound = min(bound, run.stopped)
        own = without([(max(a, run.start), min(b, bound)) for a, b in self.pauses], run.gaps)
        return own if run.clock.pause_max is None else self.capped(own, run.clock.pause_max)

    def capped(self, pauses, most):
        """The pauses up to the instant by which `most` has been paused in all."""
        found, left = [], most.count if most.in_days else most.ms
        for first, end in pauses:
            if left <= 0:
                break
            end = min(end, self.end_of_pause(first, left, most))
            found.append((first, end))
            left -= self.paused_within(first, end, most)
        return found

    def end_of_pause(self, first, left, most):
        if not most.in_days:
            end = Counter(self.calendar, first).after_ms(left, most.in_office)
            return FOREVER if end is None else end
        day = self.calendar.day(first) - DAY
        while left > 0:
            day += DAY
            left -= most.unit == "d" or self.calendar.is_working(day)
        return self.calendar.end(day)

    def paused_within(self, first, end, most):
        if most.in_office:
            return sum(min(b, end) - a for a, b in Counter(self.calendar, first).counted_until(end))
        if not most.in_days:
            return end - first
        day, after, found = self.calendar.day(first), self.calendar.day(end), 0
        while day < after:
            found += most.unit == "d" or self.calendar.is_working(day)
            day += DAY
        return found

    def pauses_of(self, run):
        return merge(self.case_pauses(run) + run.gaps)

    def is_paused(self, run, now):
        if run.fixed_due is not None or run.ended:
            return False
        return any(a <= now < b or b == FOREVER for a, b in self.pauses_of(run))

    def counter(self, run):
        return Counter(self.calendar, run.start, self.pauses_of(run), run.clock.late_arrival)

    def due_of(self, run, now):
        """Due as known at `now`; None while a pause is open."""
        if run.missed_due is not None:
            return run.missed_due
        if run.fixed_due is not None:
            return run.fixed_due
        if self.is_paused(run, now):
            return None
        return self.count_due(run)

    def count_due(self, run):
        counter, limit = self.counter(run), run.limit
        if limit.in_days:
            day = counter.nth_date(limit.count, limit.unit)
            if limit.unit == "d" and run.clock.rolls and not self.calendar.is_working(day):
                day = self.calendar.next_working(day)
            due = counter.on_date(day, limit.at)
        else:
            due = counter.after(limit)
        pause = pause_around(due, counter.pauses)
        return pause[1] if pause else due

    # What events do.

    def apply(self, event):
        self.note_misses(event.time)
        self.change_case(event)
        for run in list(self.runs):
            if run.stopped is None:
                self.change_run(run, event)
        if event.kind in ("reopened", "returned"):
            self.reopen(event)
        self.start_clocks(event)

    def note_misses(self, now):
        for run in self.runs:
            if run.stopped is None and run.missed_due is None:
                due = self.due_of(run, now)
                if due is not None and due < now:
                    run.missed_due = due

    def change_case(self, event):
        data, kind = event.data, event.kind
        self.old_unit = self.attributes.get("unit")
        if kind == "received":
            self.attributes.update(data)
        elif kind == "assigned":
            self.transfer(data.get("unit") or self.old_unit, data.get("handler"))
        elif kind == "acknowledged":
            self.acknowledged.append((event.time, data.get("by"), data.get("clock")))
        elif kind in ("reopened", "returned"):
            self.closed = False
        if kind == "suspended" and not self.is_suspended():
            self.pauses.append((event.time, FOREVER))
        if kind in ("resumed", "completed", "withdrawn") and self.is_suspended():
            self.pauses[-1] = (self.pauses[-1][0], event.time)
        if kind in ("completed", "withdrawn"):
            self.closed = True

    def transfer(self, unit, handler):
        """Another unit brings its handler or none; the same unit keeps one that is not named."""
        if unit != self.old_unit or handler:
            self.attributes.update(unit=unit, handler=handler)

    def is_suspended(self):
        return bool(self.pauses) and self.pauses[-1][1] == FOREVER

    def change_run(self, run, event):
        if event.kind == "withdrawn":
            self.end(run, event, "cancelled")
        elif event.kind in run.clock.stop:
            self.end(run, event, "met")
        elif event.kind == "extended":
            self.extend(run, event)
        elif event.kind == "assigned" and run.clock.transfer_restarts:
            if self.attributes.get("unit") != self.old_unit and event.time != run.start:
                self.end(run, event, "replaced")
                self.begin(run.clock, event, run)

    def end(self, run, event, how):
        run.stopped, run.stopped_by, run.ended = event.time, event, how

    def extend(self, run, event):
        data, due = event.data, self.due_of(run, event.time)
        if run.missed_due is not None or (due is not None and event.time > due):
            return
        if not data.get("approved_by") or not data.get("reason"):
            return
        if len(run.extended_at) >= run.clock.extensions_max:
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
            run.more += by.count
        run.extended_at.append(event.time)

    def reopen(self, event):
        for clock in self.clocks:
            runs = [run for run in self.runs if run.clock is clock]
            last = runs[-1] if runs else None
            if not last or last.stopped is None or last.stopped_by is event:
                continue
            if clock.reopen_restarts:
                self.begin(clock, event, last)
            else:
                last.gaps.append((last.stopped, event.time))
                last.stopped = last.ended = None

    def start_clocks(self, event):
        if self.closed:
            return
        for clock in self.clocks:
            taken = any(run.clock.family == clock.family for run in self.runs)
            seen = {**self.attributes, **event.data}
            if event.kind in clock.start and not taken and fits(seen, clock.match):
                self.begin(clock, event)

    def begin(self, clock, event, before=None):
        run = Run(clock, before.number + 1 if before else 1, event)
        if clock.limit_from:
            due = self.brought_due(clock, event)
            if due is None and before:
                due = before.brought_due
            if due is None:
                return
            run.brought_due = due
            run.fix(due, event.time)
        self.runs.append(run)

    def brought_due(self, clock, event):
        """Brought by the event itself (reply_by of supervised) or by the case."""
        text = {**self.attributes, **event.data}.get(clock.limit_from)
        try:
            return read_instant(text) if is_instant(text) else self.end_of_date(text)
        except (TypeError, ValueError):
            return None

    def end_of_date(self, text):
        return self.calendar.end(date.fromisoformat(text))

    # What is shown at the end.

    def outcome(self, run, now):
        """A stop at due is in time, so a run is missed only after due, not at it."""
        self.note_misses(now)
        due = self.due_of(run, now)
        if run.missed_due is not None:
            return "missed", due
        if run.ended:
            return run.ended, due
        return ("paused", None) if due is None else ("running", due)


def fold(calendar, clocks, events):
    case = Case(calendar, clocks)
    for event in sorted(events, key=lambda e: e.order):
        case.apply(event)
    return case


# --- section 6: stages -------------------------------------------------------------------------


def share_of_limit(case, run, share):
    limit, counter = run.limit, case.counter(run)
    if limit.in_days:
        return counter.after(Duration(ceil(limit.count * share), limit.unit, limit.at))
    return counter.after_ms(int(limit.ms * share), limit.in_office)


def stage_instant(case, run, stage, due):
    if stage.sign is not None:
        instant = None if due is None else from_due(case.calendar, due, stage.sign, stage.duration)
    elif stage.share is not None:
        instant = share_of_limit(case, run, stage.share)
    else:
        instant = case.counter(run).after(stage.duration)
    if instant is None or (stage.light == "red" and due is None):
        return None
    if stage.light == "red":
        instant = max(instant, due)
    return max(instant, run.start)


def every(first, step, until):
    while first <= until:
        yield first
        first += step


def at_times(calendar, first, repeat, until):
    minutes = [read_minutes(text) for text in repeat["at"]]
    day = calendar.date(first) - DAY
    while calendar.at(day, 0) <= until:
        if repeat.get("days", "all") == "all" or calendar.is_working(day):
            for instant in sorted({calendar.at(day, m) for m in minutes}):
                if first <= instant <= until:
                    yield instant
        day += DAY


def occurrences(case, run, stage, due, until):
    """All instants of a stage up to `until`, as the list stands."""
    first = stage_instant(case, run, stage, due)
    if first is None or first > until:
        return []
    if not stage.repeat:
        return [first]
    if "every" in stage.repeat:
        listed = every(first, Duration.read(stage.repeat["every"]).ms, until)
    else:
        listed = at_times(case.calendar, first, stage.repeat, until)
    pauses, limit, found = case.pauses_of(run), stage.repeat.get("max"), []
    for instant in listed:
        if limit is not None and len(found) >= limit:
            break
        if not pause_around(instant, pauses):
            found.append(instant)
    return found


# --- section 7: firing -------------------------------------------------------------------------


class Directory:
    def __init__(self, spec):
        self.units = {unit["id"]: unit for unit in spec["units"]}
        self.people = {person["id"] for person in spec["people"]}
        self.overseers = [unit for unit in spec["units"] if unit.get("oversight")]

    def above(self, unit, levels):
        for _ in range(levels):
            unit = self.units.get(unit, {}).get("parent")
        return unit

    def line(self, unit):
        """The unit and all above it."""
        seen = []
        while unit is not None and unit not in seen:
            seen.append(unit)
            unit = self.above(unit, 1)
        return seen

    def of_unit(self, unit, part):
        person = self.units.get(unit, {}).get(part)
        return {person} if person else set()

    def staff(self, units):
        return {p for u in units for p in [u.get("head"), *u.get("handlers", [])] if p}

    def oversight(self, unit):
        line = self.line(unit)
        return self.staff(u for u in self.overseers
                          if u.get("oversees") is None or set(u["oversees"]) & set(line))

    def role(self, role, unit, handler):
        if role == "handler":
            return {handler} if handler in self.people else self.of_unit(unit, "clerk")
        if role == "unit_head":
            return self.of_unit(unit, "head")
        if role in ("deputy_head", "leader", "clerk"):
            return self.of_unit(unit, role)
        if role == "parent_head":
            return self.of_unit(self.above(unit, 1), "head")
        if role == "oversight":
            return self.oversight(unit)
        word, _, rest = role.partition(":")
        if word == "up":
            return self.of_unit(self.above(unit, int(rest)), "head")
        if word == "unit":
            return self.of_unit(rest, "head")
        if word == "person":
            return {rest} & self.people
        return set()

    def resolve(self, roles, attributes):
        unit, handler = attributes.get("unit"), attributes.get("handler")
        people = set()
        for role in roles:
            people |= (self.role(role, unit, handler)
                       or self.of_unit(self.above(unit, 1), "head")
                       or self.oversight(unit)
                       or self.staff(self.overseers))
        return people


class Alert:
    def __init__(self, run, stage, instant, now):
        self.run, self.stage, self.instant, self.fired_at = run, stage, instant, now
        self.key = run.clock.id, run.number
        self.status, self.to = "fired", set()


class Ringer:
    """Goes through the life of one case and keeps what fired."""

    def __init__(self, calendar, directory, clocks, events):
        self.calendar, self.directory, self.clocks = calendar, directory, clocks
        self.events = sorted(events, key=lambda e: (e.arrived, e.position))
        self.first_arrival = self.events[0].arrived
        self.alerts = []
        self.collapsed = set()  # occurrences that a later one of their stage stood for
        self.case = None

    def live(self, until):
        known = {}
        arrivals = sorted({event.arrived for event in self.events})
        for now, after in zip(arrivals, arrivals[1:] + [until + 1]):
            for event in self.events:
                if event.arrived == now:
                    known.setdefault((event.source, event.id), event)
            self.case = fold(self.calendar, self.clocks, known.values())
            self.stretch(now, after - 1)
        return self.case

    def stretch(self, now, until):
        """From one arrival to the last moment before the next, cut where pause_max ends a pause."""
        turns = {t for run in self.case.runs for pause in self.case.pauses_of(run) for t in pause}
        begins = [now, *sorted(t for t in turns if now < t <= until)]
        for first, after in zip(begins, begins[1:] + [until + 1]):
            self.plan_and_fire(first, after - 1)

    def plan_and_fire(self, now, until):
        plan = []
        for run in self.case.runs:
            if run.stopped is None and not self.case.is_paused(run, now):
                due = self.case.due_of(run, now)
                for stage in run.clock.stages:
                    instants = occurrences(self.case, run, stage, due, until)
                    if instants:
                        plan.append((run, stage, instants))
        moments = {now} | {i for _, _, instants in plan for i in instants if i > now}
        for moment in sorted(moments):
            self.fire(plan, moment)

    def fire(self, plan, now):
        ripe = {}
        for run, stage, instants in plan:
            past = [i for i in instants if i <= now and self.may_fire(run, stage, i)]
            if past:
                alert = Alert(run, stage, past[-1], now)
                ripe.setdefault(alert.key, []).append(alert)
                self.collapsed |= {(alert.key, stage.id, i) for i in past[:-1]}
        for alerts in ripe.values():
            self.address(alerts, now)
        for alerts in ripe.values():
            self.alerts += alerts

    def fired(self, run, stage):
        return [alert.instant for alert in self.alerts
                if alert.key == (run.clock.id, run.number) and alert.stage.id == stage.id]

    def may_fire(self, run, stage, instant):
        before = self.fired(run, stage)
        if stage.repeat:
            key = ((run.clock.id, run.number), stage.id, instant)
            return instant not in before and key not in self.collapsed
        if not before:
            return True
        if not stage.tied or not run.extended_at:
            return False
        last = run.extended_at[-1]
        return instant > last and not any(one > last for one in before)

    def address(self, alerts, now):
        """Who is sent which of the alerts of one run at one moment."""
        alerts.sort(key=lambda a: (a.instant, a.stage.order))
        for alert in alerts:
            if alert.instant < self.first_arrival - BACKFILL_MS:
                alert.status = "skipped"
            elif alert.stage.unless_acked and self.is_acked(alert, now):
                alert.status = "suppressed"
            else:
                alert.to = self.directory.resolve(alert.stage.notify, self.case.attributes)
        taken = set()
        for alert in reversed(alerts):
            if alert.status == "fired" and alert.to:
                alert.to, taken = alert.to - taken, taken | alert.to
                if not alert.to:
                    alert.status = "superseded"

    def is_acked(self, alert, now):
        sent = {person for one in self.alerts
                if one.key == alert.key and one.stage.id != alert.stage.id
                for person in one.to}
        return any(alert.run.start <= time <= now and clock == alert.run.clock.id and by in sent
                   for time, by, clock in self.case.acknowledged)


# --- the answer --------------------------------------------------------------------------------


def alert_line(calendar, name, alert):
    return {
        "type": "alert", "case": name, "clock": alert.run.clock.id, "run": alert.run.number,
        "stage": alert.stage.id, "instant": calendar.show(alert.instant),
        "fired_at": calendar.show(alert.fired_at), "status": alert.status,
        "light": alert.stage.light, "to": sorted(alert.to, key=str.encode)}


def clock_line(calendar, name, case, run, until):
    outcome, due = case.outcome(run, until)
    return {
        "type": "clock", "case": name, "clock": run.clock.id, "run": run.number,
        "start": calendar.show(run.start), "due": calendar.show(due), "outcome": outcome,
        "stopped": calendar.show(run.stopped)}


def by_case(events):
    cases = {}
    for event in events:
        cases.setdefault(event.case, []).append(event)
    return cases


def simulate(calendar, directory, clocks, events, until):
    if until is None:
        until = max((event.arrived for event in events), default=0)
    alerts, runs = [], []
    for name, own in by_case(e for e in events if e.arrived <= until).items():
        ringer = Ringer(calendar, directory, clocks, own)
        case = ringer.live(until)
        key = name.encode()
        for a in ringer.alerts:
            order = (a.fired_at, key, a.run.clock.id.encode(), a.run.number,
                     a.stage.id.encode(), a.instant)
            alerts.append((order, alert_line(calendar, name, a)))
        for run in case.runs:
            order = (key, run.clock.id.encode(), run.number)
            runs.append((order, clock_line(calendar, name, case, run, until)))
    alerts.sort(key=lambda pair: pair[0])
    runs.sort(key=lambda pair: pair[0])
    return [line for _, line in alerts + runs]


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def answer(rules, calendar, directory, events, until):
    """The whole answer as text; all but `until` are paths."""
    with open(events, encoding="utf-8") as file:
        lines = [line for line in file if line.strip()]
    result = simulate(
        Calendar(read_json(calendar)), Directory(read_json(directory)),
        [Clock(spec) for spec in read_json(rules)["clocks"]],
        [Event(line, position) for position, line in enumerate(lines)],
        read_instant(until) if until else None)
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
                   for line in result)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("rules", "calendar", "directory", "events"):
        parser.add_argument("--" + name, required=True, metavar="FILE")
    parser.add_argument("--until", metavar="T")
    args = parser.parse_args()
    text = answer(args.rules, args.calendar, args.directory, args.events, args.until)
    sys.stdout.buffer.write(text.encode())


if __name__ == "__main__":
    main()
