# SPDX-License-Identifier: Apache-2.0
"""The fourth part of the reference: stages and what fires when (sections 6 and 7)."""
from math import ceil, floor

from case import fold
from counting import DAY, Duration, from_due, pause_around, read_minutes

BACKFILL_MS = 3600 * 1000


# --- section 6: stages -------------------------------------------------------------------------


def share_of_limit(case, run, share, due):
    if run.clock.recurs:
        return None if due is None else run.start + floor((due - run.start) * share)
    limit, counter = run.limit_of(run.clock), case.counter(run)
    if limit.in_days:
        return counter.after(Duration(ceil(limit.count * share), limit.unit, limit.at))
    return counter.after_ms(int(limit.ms * share), limit.in_office)


def first_acknowledged(case, run):
    return next((time for time, _, name in case.acknowledged
                 if name == run.name and time >= run.start), None)


def stage_instant(case, run, stage, due):
    if stage.sign is not None:
        instant = None if due is None else from_due(run.calendar, due, stage.sign, stage.duration)
    elif stage.share is not None:
        instant = share_of_limit(case, run, stage.share, due)
    elif stage.from_acked:
        seen = first_acknowledged(case, run)
        instant = None if seen is None else case.counter(run, start=seen).after(stage.duration)
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
        listed = at_times(run.calendar, first, stage.repeat, until)
    pauses, limit, found = case.pauses_of(run), stage.repeat.get("max"), []
    for instant in listed:
        if limit is not None and len(found) >= limit:
            break
        if not pause_around(instant, pauses):
            found.append(instant)
    return found


# --- section 7: firing -------------------------------------------------------------------------


class Alert:
    def __init__(self, run, stage, instant, now):
        self.run, self.stage, self.instant, self.fired_at = run, stage, instant, now
        self.key = run.name, run.number
        self.status, self.to = "fired", set()


class Ringer:
    """Goes through the life of one case and keeps what fired."""

    def __init__(self, rulebook, events):
        self.rulebook = rulebook
        self.events = sorted(events, key=lambda e: (e.arrived, e.position))
        self.first_arrival = self.events[0].arrived
        self.alerts = []
        self.collapsed = set()  # occurrences that a later one of their stage stood for
        self.known = {}
        self.case = self.directory = None

    def live(self, until):
        """From one moment at which anything but the time changes to the next."""
        now = self.first_arrival
        while now <= until:
            for event in self.events:
                if event.arrived == now:
                    self.known.setdefault(event.identity, event)
            applied = self.rulebook.at(now)
            self.directory = applied.newest.directory
            self.case = fold(applied, self.known.values(), now)
            after = min([until + 1, *(t for t in self.turns() if t > now)])
            self.plan_and_fire(now, after - 1)
            now = after
        return fold(self.rulebook.at(until), self.known.values(), until)

    def turns(self):
        """Arrivals, new versions, pauses that begin or end, runs that others follow."""
        yield from (event.arrived for event in self.events)
        yield from (policy.since for policy in self.rulebook.policies)
        for run in self.case.runs:
            for pause in self.case.pauses_of(run):
                yield from pause
            if run.clock.recurs and self.case.is_last(run):
                due = self.case.count_recurring(
                    run, run.clock, self.case.pauses_of(run), run.recur_from)
                yield from [] if due is None else [due]

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
                if alert.key == (run.name, run.number) and alert.stage.id == stage.id]

    def may_fire(self, run, stage, instant):
        before = self.fired(run, stage)
        if before and run.replanned_at is not None and instant <= run.replanned_at:
            return False
        if stage.repeat:
            key = ((run.name, run.number), stage.id, instant)
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
                continue
            named, seen = self.people(alert), self.acknowledged(alert, now)
            if alert.stage.unless_acked == "each":
                alert.to = named - seen
                alert.status = "fired" if alert.to or not named else "suppressed"
            elif seen:
                alert.status = "suppressed"
            else:
                alert.to = named
        taken = set()
        for alert in reversed(alerts):
            if alert.status == "fired" and alert.to:
                alert.to, taken = alert.to - taken, taken | alert.to
                if not alert.to:
                    alert.status = "superseded"

    def people(self, alert):
        unit = alert.run.unit or self.case.attributes.get("unit")
        handler = None if alert.run.unit else self.case.attributes.get("handler")
        return self.directory.resolve(alert.stage.notify, unit, handler)

    def acknowledged(self, alert, now):
        """Who has seen an alert of this run, as far as that matters to this one."""
        if not alert.stage.unless_acked:
            return set()
        each = alert.stage.unless_acked == "each"
        sent = {person for one in self.alerts
                if one.key == alert.key and (each or one.stage.id != alert.stage.id)
                for person in one.to}
        return {by for time, by, name in self.case.acknowledged
                if alert.run.start <= time <= now and name == alert.run.name and by in sent}
