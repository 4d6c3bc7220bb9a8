# SPDX-License-Identifier: Apache-2.0
"""Random worlds: a rule set, a calendar, a directory, a history of events and an end.

A world is a function of its name ("seed/number"), so a difference can be had again by its name.
Times are drawn from a coarse grid, from opening and closing times, and from the dues and stages of
the runs so far as the reference knows them, because the mistakes worth finding sit where two
things happen at one instant.
"""
import json
import os
import random
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from case import Event, fold
from counting import Calendar
from firing import stage_instant
from ruleset import Policy, Rulebook

# A zone with the dates near which something is odd there.
ZONES = {
    "Asia/Shanghai": ["2019-01-28", "2019-09-25", "2020-04-28", "2024-02-05", "2026-12-20"],
    "Europe/Berlin": ["2024-03-25", "2024-10-21", "2023-12-18"],
    "America/New_York": ["2021-03-08", "2021-11-01", "2024-06-28"],
    "Australia/Lord_Howe": ["2023-03-27", "2023-09-25"],
    "Asia/Kolkata": ["2022-12-24"],
    "America/Sao_Paulo": ["2018-02-12", "2018-10-29"],
    "Africa/Cairo": ["2024-04-22", "2024-10-28"],
    "Asia/Kathmandu": ["2020-02-24"],
    "Africa/Casablanca": ["2023-03-13", "2023-04-17"],
    "Antarctica/Troll": ["2024-03-25", "2024-10-21"],
}
OFFICE_HOURS = [
    [["08:30", "12:00"], ["14:00", "17:30"]],
    [["08:00", "16:30"]],
    [["09:00", "11:30"], ["13:00", "18:00"], ["19:00", "21:00"]],
    [["00:00", "24:00"]],
    [["16:00", "24:00"]],
    [["00:00", "04:00"], ["22:00", "24:00"]],
    [["01:30", "02:15"], ["02:45", "10:00"]],
]
WEEKDAYS = [
    [1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [7, 1, 2, 3, 4], [1, 3, 5], [6], [1, 2, 3, 4, 5, 6, 7],
]
OPTIONAL = {
    "roll": ["none", "next_working_day"], "late_arrival": ["next_working_day", "same_day"],
    "pause": [False, True], "on_transfer": ["restart", "continue"],
    "on_reopen": ["restart", "continue"], "extensions_max": [0, 1, 2, 3],
}
NEAR_MS = [0, 0, 0, 0, -1, 1, -600000, 600000]
CLOCK_TIMES = ["00:00", "02:30", "08:30", "09:00", "12:00", "14:30", "17:30", "23:30", "24:00"]
KINDS = [
    "accepted", "assigned", "suspended", "resumed", "extended", "answered", "completed",
    "returned", "reopened", "objected", "feedback", "struck_off", "withdrawn", "urged",
    "supervised", "acknowledged", "waived", "rated", "noted", "received", "inspected",
]
WEIGHTS = [5, 9, 9, 8, 9, 6, 4, 6, 5, 1, 1, 1, 4, 1, 1, 8, 1, 1, 1, 2, 3]
# Kept by the ledger alone, so the record of a case cannot know that their ids are taken.
NOBODY = {"units": [], "people": []}
LEDGER_ONLY = ("noted", "urged", "rated", "feedback")
# These may arrive a little before their time. Of the others, which begin or end something, the
# page leaves open what fires in between.
MAY_BE_EARLY = ("received", "accepted", "acknowledged", "noted", "rated", "waived")
PARENTS = {"gov": None, "u1": "gov", "u2": "gov", "u3": "u1", "u4": "u3", "ov1": "gov", "ov2": "u1"}
UNITS = list(PARENTS)
ROLES = [
    "handler", "unit_head", "deputy_head", "leader", "clerk", "parent_head", "up:1", "up:2", "up:3",
    "oversight", "person:u1-head", "person:u2-h1", "unit:u2", "unit:u4", "matter_owner",
]


def calendar(rng, zone):
    spec = {"id": "random", "timezone": zone, "holidays": [], "workdays": [], "closures": []}
    if zone == "Asia/Shanghai" and rng.random() < 0.3:
        del spec["timezone"]
    if rng.random() < 0.8:
        spec["working_weekdays"] = rng.choice(WEEKDAYS)
    if rng.random() < 0.8:
        spec["office_hours"] = rng.choice(OFFICE_HOURS[:2] + OFFICE_HOURS)
    if rng.random() < 0.3:
        spec["day_end"] = "midnight"
    return spec


def special_dates(rng, spec, first):
    days = [(first + timedelta(days=n)).isoformat() for n in range(45)]
    if rng.random() < 0.7:
        at = rng.randrange(35)
        spec["holidays"] = sorted(set(days[at:at + rng.randint(1, 8)] + rng.sample(days, 2)))
    if rng.random() < 0.6:
        free = sorted(set(days) - set(spec["holidays"]))
        spec["workdays"] = sorted(rng.sample(free, rng.randint(1, 4)))
    if rng.random() < 0.5:
        spec["closures"] = [{"date": d, "reason": "台风"}
                            for d in sorted(rng.sample(days, rng.randint(1, 3)))]
    if rng.random() < 0.4:
        spec["seasonal_hours"] = seasons(rng, first)
    spec["official_years"] = [first.year] if rng.random() < 0.5 else [first.year, first.year + 1]


def seasons(rng, first):
    found = []
    for _ in range(rng.randint(1, 2)):
        begin = first + timedelta(days=rng.randrange(30))
        end = begin + timedelta(days=rng.randrange(40))
        found.append({"from": begin.strftime("%m-%d"), "to": end.strftime("%m-%d"),
                      "office_hours": rng.choice(OFFICE_HOURS)})
    return found


def directory(rng):
    units, people = [], []
    for unit, parent in PARENTS.items():
        spec = {"id": unit, "name": "单位" + unit, "parent": parent}
        staff = {"head": 0.8, "deputy_head": 0.5, "leader": 0.5, "clerk": 0.5}
        for part, chance in staff.items():
            if rng.random() < chance:
                spec[part] = f"{unit}-{part}"
                if part == "leader" and rng.random() < 0.5:
                    spec[part] = "gov-boss"
        spec["handlers"] = [f"{unit}-h{n}" for n in range(1, rng.randint(1, 3))]
        people += [spec[p] for p in staff if p in spec] + spec["handlers"]
        if unit.startswith("ov") and rng.random() < 0.8:
            spec["oversight"] = True
            if rng.random() < 0.5:
                spec["oversees"] = rng.sample(UNITS[:5], rng.randint(0, 2))
        units.append(spec)
    people += ["u1-head", "u2-h1"]
    return {"units": units,
            "people": [{"id": p, "name": p, "unit": p.split("-")[0], "mobile": f"199{n:08d}"}
                       for n, p in enumerate(sorted(set(people)))]}


def one_match(rng, depth=0):
    pick = rng.randrange(9 if depth < 2 else 6)
    if pick == 0:
        return {}
    if pick == 1:
        return {rng.choice(["labels.k", "labels.j"]): rng.choice("abc")}
    if pick == 2:
        return {"labels.k": rng.sample("abcd", 2), "matter": "m1*"}
    if pick == 3:
        return {"matter": rng.choice(["m1*", "m1.2", "m2*", "*"])}
    if pick == 4:
        return {"unit": rng.sample(UNITS[:5], 3)}
    if pick == 5:
        return {"labels.k": ["a*", "b"], "handler": ["u1*", "u2*", "nobody"]}
    if pick == 6:
        return {"any": [one_match(rng, depth + 1) for _ in range(rng.randint(1, 3))]}
    if pick == 7:
        return {"all": [one_match(rng, depth + 1) for _ in range(rng.randint(1, 2))],
                "from_unit": ["u2", "u3", "u4"]}
    return {"not": one_match(rng, depth + 1)}


def duration(rng, units=("d", "wd", "wh", "wm", "ws", "h", "m", "s"), at=True):
    unit = rng.choice(units)
    most = {"d": 12, "wd": 9, "wh": 40, "wm": 1500, "ws": 90000, "h": 150, "m": 6000, "s": 300000}
    text = f"{rng.randint(1, most[unit])}{unit}"
    if at and unit in ("d", "wd") and rng.random() < 0.3:
        text += "@" + rng.choice(CLOCK_TIMES)
    return text


def stage(rng, number, fixed):
    kinds = ["plain"] * 3 + ["back"] * 3 + ["forward"] * 2 + ["due"]
    kinds += [] if fixed else ["share"] * 2
    kind = rng.choice(kinds)
    at = {"plain": lambda: duration(rng), "back": lambda: "due-" + duration(rng),
          "forward": lambda: "due+" + duration(rng), "due": lambda: "due+0",
          "share": lambda: f"{rng.choice([1, 25, 33, 50, 80, 90, 99, 100])}%"}[kind]()
    spec = {"id": f"s{number}", "at": at, "light": rng.choice(["yellow", "red"]),
            "notify": rng.sample(ROLES, rng.randint(1, 3))}
    if rng.random() < 0.3:
        spec["unless_acked"] = True
    if rng.random() < 0.4:
        spec["repeat"] = repeat(rng)
    return spec


def repeat(rng):
    if rng.random() < 0.5:
        spec = {"every": rng.choice(["2h", "7h", "24h", "90m", "36h"]), "max": rng.randint(1, 6)}
        if spec["every"] in ("24h", "36h") and rng.random() < 0.3:
            del spec["max"]
        return spec
    times = [["09:00"], ["08:30", "12:00", "17:30"], ["02:30"], ["00:00", "12:00"]]
    spec = {"at": rng.choice(times)}
    if rng.random() < 0.7:
        spec["days"] = rng.choice(["all", "working"])
    if rng.random() < 0.7:
        spec["max"] = rng.randint(1, 6)
    return spec


def clock(rng, number):
    spec = {"id": f"c{number}", "match": one_match(rng)}
    if rng.random() < 0.25:
        spec["match"] = {}
    if rng.random() < 0.5:
        spec["family"] = rng.choice(["f0", "f1", "c0"])
    spec["limit"] = duration(rng)
    if rng.random() < 0.15:
        spec["limit"] = {"from": rng.choice(["due", "due", "reply_by"])}
    if rng.random() < 0.5:
        spec["start"] = rng.choice(
            ["received", "accepted", ["accepted", "inspected"], ["received", "assigned"],
             "inspected", ["returned", "extended"], ["supervised", "suspended"], "completed"])
    if rng.random() < 0.6:
        spec["stop"] = rng.choice(
            ["completed", ["accepted", "completed"], ["answered", "completed"], ["inspected"],
             ["completed", "struck_off", "noted"], "received", ["returned", "answered"],
             ["withdrawn", "assigned"], ["extended", "suspended"], ["completed", "resumed"]])
    for key, values in OPTIONAL.items():
        if rng.random() < 0.5:
            spec[key] = rng.choice(values)
    if rng.random() < 0.15:
        spec["pause_max"] = duration(rng, at=False)
    fixed = isinstance(spec["limit"], dict)
    spec["stages"] = [stage(rng, n, fixed) for n in range(rng.randint(1, 4))]
    return spec


def rule_set(rng):
    return {"id": "random", "version": "1",
            "clocks": [clock(rng, n) for n in range(rng.randint(1, 5))]}


class History:
    """The events of one case."""

    kinds, weights = KINDS, WEIGHTS

    def __init__(self, rng, name, first, rulebook):
        self.rng, self.name, self.rulebook = rng, name, rulebook
        self.calendar = rulebook.policies[0].calendar
        self.zone = self.calendar.zone
        self.clocks = rulebook.policies[0].rule_sets[0]["clocks"]
        self.first = datetime(first.year, first.month, first.day)
        self.events, self.used = [], []

    def moment(self):
        """A local time on the grid, or one that was used before."""
        rng = self.rng
        if self.used and rng.random() < 0.12:
            return rng.choice(self.used)
        day = self.first + timedelta(days=rng.randrange(rng.choice([3, 10, 25])))
        pick = rng.random()
        if pick < 0.35:
            hours, minutes = map(int, rng.choice(CLOCK_TIMES).split(":"))
            moment = day + timedelta(hours=hours, minutes=minutes)
        elif pick < 0.85:
            moment = day + timedelta(minutes=10 * rng.randrange(144))
        else:
            moment = day + timedelta(milliseconds=rng.randrange(86400000))
        self.used.append(moment)
        return moment

    def dues(self):
        """Local times that mean something to the runs of the events so far."""
        events = [Event(json.dumps(e), n) for n, e in enumerate(self.events)]
        case = fold(self.rulebook, events, max((e.time for e in events), default=0))
        found = []
        for run in case.runs:
            due = case.due_of(run, run.start)
            found += [run.start, due]
            found += [stage_instant(case, run, s, due) for s in run.clock.stages]
        return [self.calendar.local(i).replace(tzinfo=None) for i in found if i is not None]

    def add_near_dues(self):
        rng, near = self.rng, self.dues()
        for _ in range(rng.randint(1, 4) if near else 0):
            moment = rng.choice(near) + timedelta(milliseconds=rng.choice(NEAR_MS))
            if rng.random() < 0.4:
                self.add_pause(moment)
                continue
            kind = rng.choices(self.kinds, self.weights)[0]
            self.add(kind, moment, self.data(kind, moment))

    def add_pause(self, moment):
        """Around, up to or from a moment."""
        before, after = self.rng.choice([(0, 20), (20, 0), (0, 600), (90, 90), (3000, 1500)])
        self.add("suspended", moment - timedelta(minutes=before), {"reason": "专家评审"})
        self.add("resumed", moment + timedelta(minutes=after), {})

    def text(self, moment):
        local = moment.replace(tzinfo=self.zone)
        pick = self.rng.randrange(4)
        if pick == 0:
            local = local.astimezone(timezone.utc)
        elif pick == 1:
            local = local.astimezone(timezone(timedelta(hours=8)))
        whole = local.microsecond == 0
        if self.rng.random() < 0.05:
            local += timedelta(microseconds=self.rng.randrange(1000))
        text = local.isoformat(timespec="seconds" if whole else "microseconds")
        return text.replace("+00:00", "Z") if pick == 0 else text

    def add(self, kind, moment, data):
        number = self.rng.randrange(90) + (100 if kind in LEDGER_ONLY else 0)
        event = {"specversion": "1.0", "id": f"{self.name}-{number}",
                 "source": self.rng.choice(["/x", "/x", "/y"]), "type": "case." + kind,
                 "subject": self.name, "time": self.text(moment), "data": data}
        if self.rng.random() < 0.03:
            del event["data"]
        if self.rng.random() < 0.25:
            late = self.rng.choice([1, 30, 600, 3000, 20000, -5 if kind in MAY_BE_EARLY else 5])
            event["arrived"] = self.text(moment + timedelta(minutes=late))
        self.events.append(event)
        if self.rng.random() < 0.06:
            self.events.append(dict(event))

    def live(self):
        rng = self.rng
        start = self.moment()
        if rng.random() < 0.95:
            self.add("received", start, self.received())
            if rng.random() < 0.08:
                self.import_late(start)
        for _ in range(rng.choice([0, 2, 4, 8, 14])):
            kind = rng.choices(self.kinds, self.weights)[0]
            moment = self.moment()
            if moment < start and rng.random() < 0.9:
                moment += timedelta(days=10)
            self.add(kind, moment, self.data(kind, moment))
        if rng.random() < 0.6:
            self.add_near_dues()
        rng.shuffle(self.events)
        return self.events

    def import_late(self, start):
        arrived = self.text(start + timedelta(days=self.rng.randint(1, 12)))
        for event in self.events:
            event["arrived"] = arrived

    def person(self):
        unit = self.rng.choice(UNITS[:5])
        return unit, self.rng.choice([f"{unit}-h1", f"{unit}-head", f"{unit}-h2", "nobody"])

    def received(self):
        rng = self.rng
        unit, handler = self.person()
        data = {"title": "关于\"取水\"事项的函", "matter": rng.choice(["m1.1", "m1.2", "m2.1"]),
                "unit": unit, "handler": handler, "from_unit": rng.choice(UNITS),
                "labels": {rng.choice("kkkj"): rng.choice(["a", "b", "c", "ax"])}}
        if rng.random() < 0.05:
            data["unit"] = "unknown"
        if rng.random() < 0.1:
            del data["handler"]
        if rng.random() < 0.1:
            data[rng.choice(["handler", "unit", "matter", "labels"])] = None
        if rng.random() < 0.5:
            data["due"] = self.due()
        return data

    def due(self):
        due = self.first + timedelta(minutes=30 * self.rng.randrange(1500))
        pick = self.rng.random()
        if pick < 0.05:
            return "soon"
        return due.date().isoformat() if pick < 0.5 else self.text(due)

    def data(self, kind, moment):
        rng = self.rng
        if kind == "received":
            return self.received()
        if kind == "assigned":
            unit, handler = self.person()
            data = {"unit": unit, "handler": handler, "reason": "转办"}
            if rng.random() < 0.25:
                del data["handler"]
            return data
        if kind == "extended":
            return self.extension(moment)
        if kind == "acknowledged":
            clock = rng.choice(self.clocks)
            people = ["u1-head", "gov-boss", "gov-head", "ov1-head", self.person()[1]]
            return {"by": rng.choice(people), "clock": clock["id"], "stage": "s0"}
        if kind == "supervised":
            return {"reply_by": self.due(), "text": "请答复"}
        if kind in ("suspended", "returned", "reopened", "withdrawn"):
            return {"reason": "专家评审"}
        return {"by": self.person()[1]} if kind == "accepted" else {}

    def extension(self, moment):
        rng = self.rng
        data = {"approved_by": "gov-boss", "reason": "复杂"}
        if rng.random() < 0.1:
            del data[rng.choice(["approved_by", "reason"])]
        if rng.random() < 0.25:
            data["until"] = self.text(moment + timedelta(minutes=30 * rng.randint(-9, 900)))
            if rng.random() < 0.1:
                data["until"] = data["until"][:10]
            if rng.random() < 0.9:
                return data
        limit = rng.choice(self.clocks).get("limit", {})
        unit = "wd" if isinstance(limit, dict) else limit.split("@")[0].lstrip("0123456789")
        data["by"] = duration(rng, (unit, unit, unit, "d"), at=rng.random() < 0.2)
        return data


def end_of(rng, first, zone, near):
    until = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(zone))
    until += timedelta(minutes=30 * rng.randint(0, 48 * rng.choice([10, 45, 70])))
    if near and rng.random() < 0.1:
        until = rng.choice(near).replace(tzinfo=ZoneInfo(zone))
    return until


def text_of(value):
    return json.dumps(value, ensure_ascii=False)


def world(name):
    """The files of a world as {file name: text}."""
    rng = random.Random(name)
    zone = rng.choice(list(ZONES))
    first = date.fromisoformat(rng.choice(ZONES[zone]))
    days = calendar(rng, zone)
    special_dates(rng, days, first)
    rules, events = rule_set(rng), []
    rulebook = Rulebook([Policy([rules], days, NOBODY)])
    for number in range(rng.randint(1, 6)):
        history = History(rng, case_name(rng, number), first, rulebook)
        events += history.live()
    rng.shuffle(events)
    until = end_of(rng, first, zone, history.dues())
    return {
        "rules.json": text_of(rules),
        "calendar.json": text_of(days),
        "directory.json": text_of(directory(rng)),
        "events.ndjson": "".join(text_of(e) + "\n" for e in events),
        "until": "" if rng.random() < 0.1 else until.isoformat() + "\n",
    }


def case_name(rng, number):
    return rng.choice([f"K{number}", f"K{number}", f"k1{number}", f"办件-{number}"])


def write(files, folder):
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
