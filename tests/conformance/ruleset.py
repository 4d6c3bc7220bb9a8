# SPDX-License-Identifier: Apache-2.0
"""The second part of the reference: rule sets, versions and the directory (sections 3 and 7).

A policy is one applied version of everything: clocks, calendar, directory. A rulebook is the list
of those that have been applied, oldest first.
"""
import json
import os
from fractions import Fraction

from counting import Calendar, Duration, read_instant, read_minutes

WEEKDAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]


def as_list(value):
    return value if isinstance(value, list) else [value]


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
        self.from_acked = False
        self.read_at(spec["at"])
        self.tied = self.light == "red" or self.share is not None or self.sign is not None

    def read_at(self, text):
        if text.endswith("%"):
            self.share = Fraction(text[:-1]) / 100
        elif text.startswith("due"):
            self.sign = -1 if text[3] == "-" else 1
            self.duration = None if text == "due+0" else Duration.read(text[4:])
        else:
            self.from_acked = text.startswith("acked+")
            self.duration = Duration.read(text.removeprefix("acked+"))


class Clock:
    def __init__(self, spec, rule_set):
        self.id = spec["id"]
        self.family = spec.get("family", self.id)
        self.match = spec.get("match", {})
        self.start = as_list(spec.get("start", "received"))
        self.stop = as_list(spec.get("stop", ["answered", "completed"]))
        self.limit = self.limit_from = self.recur_days = None
        self.read_limit(spec)
        self.per_co_unit = spec.get("per") == "co_unit"
        self.again = spec.get("again", False)
        self.rolls = spec.get("roll", "next_working_day") == "next_working_day"
        self.late_arrival = spec.get("late_arrival", "same_day") == "next_working_day"
        self.pause = spec.get("pause", True)
        self.pause_reasons = spec.get("pause_reasons")
        self.pause_max = Duration.read(spec.get("pause_max"))
        self.transfer_restarts = spec.get("on_transfer", "continue") == "restart"
        self.reopen_restarts = spec.get("on_reopen", "restart") == "restart"
        self.extensions_max = spec.get("extensions_max", 1)
        self.stages = [Stage(s, order) for order, s in enumerate(spec["stages"])]
        self.waive_reasons = rule_set.get("waive_reasons")

    def read_limit(self, spec):
        if "recur" in spec:
            self.recur_days = {1 + WEEKDAYS.index(day) for day in spec["recur"]["days"]}
            self.recur_minutes = read_minutes(spec["recur"]["at"])
        elif isinstance(spec["limit"], dict):
            self.limit_from = spec["limit"]["from"]
        else:
            self.limit = Duration.read(spec["limit"])

    @property
    def recurs(self):
        return self.recur_days is not None

    @property
    def kind(self):
        """What a run and the next have in common, and what a replan cannot change."""
        return self.limit_from is not None, self.recurs, self.per_co_unit

    def name(self, unit):
        return f"{self.id}@{unit}" if unit else self.id

    def family_name(self, unit):
        return f"{self.family}@{unit}" if unit else self.family


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

    def resolve(self, roles, unit, handler):
        people = set()
        for role in roles:
            people |= (self.role(role, unit, handler)
                       or self.of_unit(self.above(unit, 1), "head")
                       or self.oversight(unit)
                       or self.staff(self.overseers))
        return people


class Policy:
    """One applied version."""

    def __init__(self, rule_sets, calendar, directory, version=0, since=0):
        self.version, self.since = version, since
        self.calendar, self.directory = Calendar(calendar), Directory(directory)
        self.rule_sets = rule_sets
        self.clocks = [Clock(spec, one) for one in rule_sets for spec in one["clocks"]]

    def clock(self, name):
        return next((clock for clock in self.clocks if clock.id == name), None)


class Rulebook:
    def __init__(self, policies):
        self.policies = policies

    def at(self, now):
        """What has been applied by then. Before the first version there is the first."""
        return Rulebook([p for p in self.policies if p.since <= now] or self.policies[:1])

    @property
    def newest(self):
        return self.policies[-1]

    def version(self, number):
        return next((p for p in self.policies if p.version == number), None)


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def read_folder(path):
    """The files of a folder in the order of their names."""
    names = sorted(os.listdir(path), key=str.encode)
    return [read_json(os.path.join(path, name)) for name in names]


def read_history(folder):
    """A folder with versions.json and a folder for each version (0001, 0002 ...)."""
    policies = []
    for entry in read_json(os.path.join(folder, "versions.json")):
        own = os.path.join(folder, f"{entry['version']:04d}")
        policies.append(Policy(
            read_folder(os.path.join(own, "rules")),
            read_folder(os.path.join(own, "calendars"))[0],
            read_json(os.path.join(own, "directory.json")),
            entry["version"], read_instant(entry["at"])))
    return Rulebook(sorted(policies, key=lambda p: p.version))
