# SPDX-License-Identifier: Apache-2.0
"""The last part of the reference: figures and accountability (section 9), what `--figures` adds."""
from collections import Counter as Sums

from counting import Counter, Duration

DAY_MS = 24 * 3600 * 1000


class Figures:
    def __init__(self, policy):
        self.policy, self.calendar = policy, policy.calendar
        self.sums = {}    # by family, unit, month; "" and 0 are sums over all
        self.misses = []  # those that count

    def month(self, instant):
        local = self.calendar.local(instant)
        return local.year * 100 + local.month

    def add(self, family, unit, instant, **numbers):
        for one in {unit or "", ""}:
            for month in (self.month(instant), 0):
                self.sums.setdefault((family, one, month), Sums()).update(numbers)

    # What is counted.

    def add_case(self, name, case, events, until):
        for run in case.runs:
            self.add_run(name, case, run, until)
        unit = case.attributes.get("unit")
        if case.received is not None:
            if not case.withdrawn:
                self.add("", unit, case.received, received=1, accepted=int(case.accepted),
                         completed=int(case.closed))
            if case.completed is not None:
                paid = self.office_ms(case.received, case.completed) // 1000
                self.add("", unit, case.completed, handled=1, seconds=paid)
        for event in events:
            score = event.data.get("score")
            if event.kind == "rated" and score in (1, 2, 3, 4, 5):
                self.add("", unit, event.time, ratings=1, satisfied=int(score >= 4))

    def office_ms(self, start, end):
        return sum(min(b, end) - a for a, b in Counter(self.calendar, start).counted_until(end))

    def add_run(self, name, case, run, until):
        outcome, due = case.outcome(run, until)
        if outcome == "met":
            unit, _ = self.who(run, run.holder_at_stop)
            self.add(run.clock.family, unit, run.stopped if due is None else due, met=1)
        elif outcome == "missed" and not run.waived and not case.caused_by_rule_change(run, until):
            unit, handler = self.who(run, case.holder_of_miss(run))
            self.add(run.clock.family, unit, due, missed=1)
            self.misses.append(Miss(name, run, due, unit, handler))

    def who(self, run, holder):
        if run.unit:
            return run.unit, self.policy.directory.units.get(run.unit, {}).get("clerk")
        return holder

    # What it came to.

    def lines(self):
        for (family, unit, month), sums in sorted(
                self.sums.items(), key=lambda i: (i[0][0].encode(), i[0][1].encode(), i[0][2])):
            where = {"unit": unit or None,
                     "month": f"{month // 100:04d}-{month % 100:02d}" if month else None}
            if not family:
                yield from self.case_lines(where, sums)
            elif self.is_shown(family):
                yield self.rate_line(
                    "on_time", {"family": family} | where, ("met", sums["met"]),
                    ("missed", sums["missed"]), sums["met"] + sums["missed"])
        yield from self.compression_lines()
        for rules in self.policy.rule_sets:
            for spec in rules.get("accountability", []):
                yield from self.entry_lines(spec)

    def case_lines(self, where, sums):
        for figure, part, whole in (("acceptance", "accepted", "received"),
                                    ("settling", "completed", "received"),
                                    ("satisfaction", "satisfied", "ratings")):
            if sums[whole]:
                yield self.rate_line(
                    figure, where, (part, sums[part]), (whole, sums[whole]), sums[whole])
        if sums["handled"]:
            mean = (sums["seconds"] + sums["handled"] // 2) // sums["handled"]
            yield {"type": "figure", "figure": "handling", **where,
                   "cases": sums["handled"], "office_seconds": mean}

    def rate_line(self, figure, where, part, shown, whole):
        return {"type": "figure", "figure": figure, **where, part[0]: part[1],
                shown[0]: shown[1], "rate": rate_text(share_of(part[1], whole))}

    def is_shown(self, family):
        known = False
        for rules in self.policy.rule_sets:
            own = family in {spec.get("family", spec["id"]) for spec in rules["clocks"]}
            listed = rules.get("figures", {}).get("on_time")
            if family in (listed or []) or (own and not listed):
                return True
            known = known or own
        return not known

    def compression_lines(self):
        for rules in self.policy.rule_sets:
            for spec in rules["clocks"]:
                promised = Duration.read(spec.get("limit"))
                lawful = Duration.read(spec.get("statutory_limit"))
                if promised and lawful and promised.unit == lawful.unit:
                    share = 10000 - share_of(promised.count, lawful.count)
                    yield {"type": "figure", "figure": "compression", "clock": spec["id"],
                           "rate": rate_text(share)}

    # Accountability.

    def entry_lines(self, spec):
        key = "person" if spec.get("scope", "unit") == "person" else "unit"
        suspects = {}
        for miss in self.misses:
            who = miss.handler if key == "person" else miss.unit
            if who and miss.run.clock.family in spec["families"]:
                suspects.setdefault(who, []).append(miss)
        for who in sorted(suspects, key=str.encode):
            for entry in self.entries(spec, earliest(suspects[who])):
                yield {"type": "accountability", "policy": spec["id"], key: who,
                       "opened": self.calendar.show(entry[spec["misses"] - 1].due),
                       "misses": len(entry), "evidence": [self.evidence(m) for m in entry]}

    def entries(self, spec, misses):
        """Lists of misses, each with what opened it and what joined it."""
        entry, waiting = None, []
        for miss in misses:
            if entry and self.in_one_window(spec, entry[-1].due, miss.due):
                entry.append(miss)
                continue
            if entry:
                yield entry
                entry = None
            waiting = [one for one in waiting if self.in_one_window(spec, one.due, miss.due)]
            waiting.append(miss)
            if len(waiting) >= spec["misses"]:
                entry, waiting = waiting, []
        if entry:
            yield entry

    def in_one_window(self, spec, earlier, last):
        window = spec.get("window", "365d")
        a, b = self.month(earlier), self.month(last)
        if window == "month":
            return a == b
        if window == "quarter":
            return a // 100 == b // 100 and (a % 100 - 1) // 3 == (b % 100 - 1) // 3
        if window == "year":
            return a // 100 == b // 100
        return earlier > last - Duration.read(window).count * DAY_MS

    def evidence(self, miss):
        return {"case": miss.case, "clock": miss.run.name, "run": miss.run.number,
                "due": self.calendar.show(miss.due)}


class Miss:
    def __init__(self, case, run, due, unit, handler):
        self.case, self.run, self.due, self.unit, self.handler = case, run, due, unit, handler

    @property
    def order(self):
        return self.due, self.case.encode(), self.run.name.encode(), self.run.number


def earliest(misses):
    """One for each case and family."""
    found = {}
    for miss in sorted(misses, key=lambda m: m.order):
        found.setdefault((miss.case, miss.run.clock.family), miss)
    return list(found.values())


def share_of(part, whole):
    """In parts of ten thousand, half up."""
    return (part * 10000 + whole // 2) // whole


def rate_text(share):
    return f"{'-' if share < 0 else ''}{abs(share) // 10000}.{abs(share) % 10000:04d}"
