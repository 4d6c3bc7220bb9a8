#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The deadline semantics once more, written for reading and not for speed.

It answers `--rules F --calendar F --directory F --events F [--until T]`, or `--history DIR` in
place of the first three, with exactly the lines that `nrt simulate` must print. It was written
from the page of the semantics alone and shares nothing with the program it is compared with: where
both print the same, neither has misread the page in its own way. It takes valid input for granted;
refusing bad input is not its business.

counting.py counts, ruleset.py reads rules and versions, case.py folds events, firing.py fires,
figures.py sums up.
"""
import argparse
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from case import Event  # noqa: E402
from counting import read_instant  # noqa: E402
from figures import Figures  # noqa: E402
from firing import Ringer  # noqa: E402
from ruleset import Policy, Rulebook, read_history, read_json  # noqa: E402


def alert_line(calendar, name, alert):
    return {
        "type": "alert", "case": name, "clock": alert.run.name, "run": alert.run.number,
        "stage": alert.stage.id, "instant": calendar.show(alert.instant),
        "fired_at": calendar.show(alert.fired_at), "status": alert.status,
        "light": alert.stage.light, "to": sorted(alert.to, key=str.encode)}


def clock_line(calendar, name, case, run, until):
    outcome, due = case.outcome(run, until)
    return {
        "type": "clock", "case": name, "clock": run.name, "run": run.number,
        "start": calendar.show(run.start), "due": calendar.show(due), "outcome": outcome,
        "stopped": calendar.show(run.stopped)}


def by_case(events):
    cases = {}
    for event in events:
        cases.setdefault(event.case, []).append(event)
    return cases


def simulate(rulebook, events, until, with_figures=False):
    if until is None:
        until = max((event.arrived for event in events), default=0)
    calendar = rulebook.newest.calendar
    figures = Figures(rulebook.at(until).newest)
    alerts, runs = [], []
    for name, own in by_case(e for e in events if e.arrived <= until).items():
        ringer = Ringer(rulebook, own)
        case = ringer.live(until)
        key = name.encode()
        for a in ringer.alerts:
            order = (a.fired_at, key, a.run.name.encode(), a.run.number,
                     a.stage.id.encode(), a.instant)
            alerts.append((order, alert_line(calendar, name, a)))
        figures.add_case(name, case, ringer.known.values(), until)
        for run in case.runs:
            order = (key, run.name.encode(), run.number)
            runs.append((order, clock_line(calendar, name, case, run, until)))
    alerts.sort(key=lambda pair: pair[0])
    runs.sort(key=lambda pair: pair[0])
    lines = [line for _, line in alerts + runs]
    return lines + list(figures.lines()) if with_figures else lines


def text_of(line):
    """A rate is written with four digits, as JSON of Python would not."""
    rate = line.pop("rate", None)
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    return text if rate is None else f'{text[:-1]},"rate":{rate}}}'


def read_rulebook(paths):
    if paths.get("history"):
        return read_history(paths["history"])
    return Rulebook([Policy(
        [read_json(paths["rules"])], read_json(paths["calendar"]), read_json(paths["directory"]))])


def answer(paths, until=None, with_figures=False):
    """The whole answer as text. `paths`: events, and rules, calendar, directory or history."""
    with open(paths["events"], encoding="utf-8") as file:
        lines = [line for line in file if line.strip()]
    result = simulate(
        read_rulebook(paths), [Event(line, position) for position, line in enumerate(lines)],
        read_instant(until) if until else None, with_figures)
    return "".join(text_of(line) + "\n" for line in result)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("rules", "calendar", "directory", "history"):
        parser.add_argument("--" + name, metavar="DIR" if name == "history" else "FILE")
    parser.add_argument("--events", required=True, metavar="FILE")
    parser.add_argument("--until", metavar="T")
    parser.add_argument("--figures", action="store_true")
    args = parser.parse_args()
    sys.stdout.buffer.write(answer(vars(args), args.until, args.figures).encode())


if __name__ == "__main__":
    main()
