# SPDX-License-Identifier: Apache-2.0
"""Random worlds with what only some rule sets use: recurring clocks, clocks per co-handling unit,
clocks that run again, closed lists of reasons, stages after an acknowledgement, misses that do not
count - and, in the worlds of kind "history", several versions of everything and replans.

The ordinary half of such a world is made by worlds.py.
"""
import copy
import random
from datetime import date, datetime, timedelta

import worlds
from ruleset import Policy, Rulebook

REASONS = ["专家评审", "补正材料", "听证"]
CO_UNITS = ["u1", "u2", "u3", "u4", "ov2"]
LIMIT_SECONDS = ["08:30", "12:00", "17:00", "17:30", "24:00", "02:30"]
KINDS = worlds.KINDS + ["answered", "accepted", "supervised", "objected", "acknowledged", "waived",
                        "appealed", "noted", "received"]
WEIGHTS = worlds.WEIGHTS + [9, 4, 5, 5, 6, 4, 4, 3, 3]
# Own kinds come from the service itself.
OWN_SOURCE = "nrt:replan"
FAMILIES = ["f0", "f1", "c0", "c1", "c2"]


# --- rules -------------------------------------------------------------------------------------


def make_recurring(rng, spec):
    days = rng.sample(["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"], rng.choice([1, 1, 2, 3]))
    for key in ("limit", "late_arrival", "extensions_max", "statutory_limit"):
        spec.pop(key, None)
    spec["recur"] = {"days": days, "at": rng.choice(LIMIT_SECONDS)}


def enrich_clock(rng, spec):
    """Turns an ordinary clock into one that uses some of the new keys."""
    pick = rng.random()
    if pick < 0.25:
        make_recurring(rng, spec)
    elif pick < 0.5:
        spec["again"] = True
        if rng.random() < 0.6:
            spec["start"] = rng.choice([
                "objected", "supervised", ["supervised", "objected"], ["received", "objected"],
                ["answered", "supervised"], ["received", "returned"]])
            spec["stop"] = rng.choice(["noted", ["answered", "completed"], ["accepted", "answered"],
                                       ["objected", "completed"], "assigned"])
        if rng.random() < 0.3:
            spec["limit"] = {"from": "reply_by"}
    if rng.random() < 0.3:
        spec["per"] = "co_unit"
    if rng.random() < 0.35:
        spec["pause_reasons"] = rng.sample(REASONS, rng.randint(1, 2))
    for number, stage in enumerate(spec["stages"]):
        enrich_stage(rng, spec, stage, number)


def enrich_stage(rng, spec, stage, number):
    if "limit" in spec and isinstance(spec["limit"], dict) and stage["at"].endswith("%"):
        stage["at"] = "due+0"
    if rng.random() < 0.2:
        stage["at"] = "acked+" + worlds.duration(rng, ("d", "wd", "wh", "wm", "h", "m"))
    if rng.random() < 0.25:
        stage["unless_acked"] = "each"
    if number == 0 and rng.random() < 0.5:
        stage["at"] = worlds.duration(rng, ("wh", "h", "m"))


def rule_set(rng):
    rules = worlds.rule_set(rng)
    for spec in rules["clocks"]:
        if rng.random() < 0.5:
            spec["match"] = {}
        if rng.random() < 0.75:
            enrich_clock(rng, spec)
    if rng.random() < 0.5:
        rules["waive_reasons"] = ["非本单位原因", "系统故障"]
    rules["accountability"] = [policy(rng, n) for n in range(rng.randint(0, 2))]
    if not rules["accountability"]:
        del rules["accountability"]
    families = sorted({spec.get("family", spec["id"]) for spec in rules["clocks"]})
    for one in rules.get("accountability", []):
        one["families"] = rng.sample(families, rng.randint(1, len(families)))
    return rules


def policy(rng, number):
    return {"id": f"a{number}", "families": [], "misses": rng.randint(1, 3),
            "window": rng.choice(["365d", "30d", "7d", "1d", "year", "quarter", "month"]),
            "scope": rng.choice(["unit", "unit", "person"]), "notify": ["oversight"]}


# --- versions ----------------------------------------------------------------------------------


def next_rules(rng, rules, number):
    """Another version of a rule set: families stay with their clocks."""
    rules = copy.deepcopy(rules)
    rules["version"] = str(number)
    for spec in list(rules["clocks"]):
        if rng.random() < 0.75:
            change_clock(rng, spec)
        elif rng.random() < 0.15 and len(rules["clocks"]) > 1:
            rules["clocks"].remove(spec)
    if rng.random() < 0.2:
        spec = worlds.clock(rng, 10 + number)
        spec["family"] = spec["id"]
        rules["clocks"].append(spec)
    families = {spec.get("family", spec["id"]) for spec in rules["clocks"]}
    for one in rules.get("accountability", []):
        one["families"] = [f for f in one["families"] if f in families] or sorted(families)[:1]
    return rules


def change_clock(rng, spec):
    kind = rng.choice(["limit", "limit", "limit", "stages", "stop", "keys", "kind"])
    if kind == "limit" and "recur" in spec:
        make_recurring(rng, spec)
    elif kind == "limit" and isinstance(spec["limit"], str):
        units = spec["limit"].split("@")[0].lstrip("0123456789")
        spec["limit"] = worlds.duration(rng, (units, units, "wd", "d"))
    elif kind == "stages":
        fixed = isinstance(spec.get("limit"), dict)
        spec["stages"] = [worlds.stage(rng, n, fixed) for n in range(rng.randint(1, 4))]
        for number, stage in enumerate(spec["stages"]):
            enrich_stage(rng, spec, stage, number)
    elif kind == "stop":
        spec["stop"] = rng.choice(["completed", ["answered", "completed"], "accepted", "inspected"])
    elif kind == "kind":
        change_kind(rng, spec)
    else:
        change_keys(rng, spec)


def change_keys(rng, spec):
    keys = dict(worlds.OPTIONAL)
    if "recur" in spec:
        del keys["late_arrival"], keys["extensions_max"]
    key = rng.choice(sorted(keys))
    spec[key] = rng.choice(keys[key])
    if rng.random() < 0.3:
        spec["pause_max"] = worlds.duration(rng, at=False)
    if rng.random() < 0.3:
        spec["pause_reasons"] = rng.sample(REASONS, rng.randint(1, 2))


def change_kind(rng, spec):
    """Something that no run can take over by a replan."""
    pick = rng.random()
    if pick < 0.3:
        if spec.pop("per", None) is None:
            spec["per"] = "co_unit"
    elif pick < 0.6 and "recur" in spec:
        del spec["recur"]
        spec["limit"] = worlds.duration(rng)
    elif pick < 0.6:
        make_recurring(rng, spec)
        spec.pop("again", None)
    elif "limit" in spec and not any(s["at"].endswith("%") for s in spec["stages"]):
        spec["limit"] = {"from": "due"}


def next_calendar(rng, days, first):
    days = copy.deepcopy(days)
    pick = rng.random()
    if pick < 0.5:
        closed = {entry["date"] for entry in days.get("closures", [])}
        closed |= {(first + timedelta(days=rng.randrange(30))).date().isoformat() for _ in "ab"}
        days["closures"] = [{"date": d, "reason": "台风"} for d in sorted(closed)]
    elif pick < 0.7:
        worlds.special_dates(rng, days, first.date())
    return days


def versions(rng, rules, days, first):
    """The first from long before the events, the others among them."""
    found = [{"version": 1, "at": first - timedelta(days=30), "rules": rules, "days": days,
              "directory": worlds.directory(rng)}]
    for number in range(2, rng.choice([2, 3, 3, 4, 5])):
        last = found[-1]
        found.append({
            "version": number,
            "at": max(last["at"], first) + timedelta(minutes=10 * rng.randrange(144 * 6)),
            "rules": next_rules(rng, last["rules"], number),
            "days": next_calendar(rng, last["days"], first),
            "directory": worlds.directory(rng) if rng.random() < 0.3 else last["directory"]})
    return found


def history_files(found, calendar):
    listed, files = [], {}
    for one in found:
        own = f"history/{one['version']:04d}/"
        at = one["at"].replace(tzinfo=calendar.zone).isoformat()
        listed.append({"version": one["version"], "at": at, "by": "gov-boss", "note": "试行"})
        files[own + "rules/random.json"] = worlds.text_of(one["rules"])
        files[own + "calendars/random.json"] = worlds.text_of(one["days"])
        files[own + "directory.json"] = worlds.text_of(one["directory"])
    files["history/versions.json"] = worlds.text_of(listed)
    return files


def rulebook_of(found, calendar):
    return Rulebook([
        Policy([one["rules"]], one["days"], worlds.NOBODY, one["version"],
               calendar.instant_of(one["at"]))
        for one in found])


# --- events ------------------------------------------------------------------------------------


class RichHistory(worlds.History):
    kinds, weights = KINDS, WEIGHTS

    def __init__(self, rng, name, first, rulebook, replans):
        super().__init__(rng, name, first, rulebook)
        self.replans = replans

    def live(self):
        for replan in self.replans if self.rng.random() < 0.9 else []:
            if self.rng.random() < 0.9:
                self.add_replan(replan)
        return super().live()

    def add_replan(self, replan):
        """A sweep reaches one case after the other."""
        moment = replan["at"] + timedelta(seconds=self.rng.randrange(90))
        data = {key: value for key, value in replan.items() if key != "at"}
        event = {"specversion": "1.0", "id": f"{replan['replan']}:{self.name}",
                 "source": OWN_SOURCE, "type": "case.replanned", "subject": self.name,
                 "time": self.text(moment), "data": {**data, "by": "gov-boss", "note": "缩短时限"}}
        self.events.append(event)
        self.used.append(moment)
        if self.rng.random() < 0.1:
            self.events.append(dict(event))

    def import_late(self, start):
        """What the service makes itself is there as it happens."""
        super().import_late(start)
        for event in self.events:
            if event["source"] == OWN_SOURCE:
                del event["arrived"]

    def received(self):
        data = super().received()
        if self.rng.random() < 0.6:
            data["co_units"] = self.rng.sample(CO_UNITS, self.rng.randint(0, 3))
        return data

    def clock_name(self):
        spec = self.rng.choice(self.clocks)
        if spec.get("per") == "co_unit" and self.rng.random() < 0.9:
            return f"{spec['id']}@{self.rng.choice(CO_UNITS)}"
        return spec["id"]

    def data(self, kind, moment):
        rng = self.rng
        data = super().data(kind, moment)
        if kind == "acknowledged":
            data["clock"] = self.clock_name()
        elif kind == "suspended":
            data["reason"] = rng.choice(REASONS)
            if rng.random() < 0.1:
                del data["reason"]
        elif kind in ("waived", "appealed"):
            data = self.about_a_miss(kind)
        elif kind == "noted" and rng.random() < 0.5:
            data = {"ruling": "由原单位办理"}
        elif kind == "rated":
            data = {"score": rng.randint(1, 5)}
        elif kind == "supervised" and rng.random() < 0.3:
            data.pop("reply_by", None)
        elif kind in ("answered", "accepted", "completed", "inspected", "struck_off"):
            if rng.random() < 0.5:
                data["unit"] = rng.choice(CO_UNITS)
        elif kind == "objected" and rng.random() < 0.2:
            data["co_units"] = rng.sample(CO_UNITS, 2)
        return data

    def about_a_miss(self, kind):
        rng = self.rng
        data = {"clock": self.clock_name(), "reason": rng.choice(["系统故障", "忘了"])}
        if rng.random() < 0.3:
            data["run"] = rng.randint(1, 3)
        if kind == "waived" or rng.random() < 0.3:
            data["approved_by"] = "gov-boss"
        if kind == "appealed":
            data["by"] = "u1-head"
            if rng.random() < 0.4:
                data["result"] = "rejected"
        if rng.random() < 0.1:
            data.pop("approved_by", None)
        return data


def replans_of(rng, found):
    """What the city decides: go by another version, or take a replan back."""
    replans, at = [], found[-1]["at"]
    for number in range(1, rng.choice([1, 2, 3, 4])):
        at += timedelta(minutes=10 * rng.randrange(144 * 4))
        replan = {"replan": f"r{number}", "at": at}
        if replans and rng.random() < 0.45:
            replan["undo"] = rng.choice(replans)["replan"]
        else:
            replan["version"] = rng.choice([found[-1]["version"]] * 3 + [1, 2, 9])
        replans.append(replan)
    return replans


# --- worlds ------------------------------------------------------------------------------------


def world(name):
    """The files of the world of that name; "history:..." has versions and replans."""
    rng = random.Random(name)
    zone = rng.choice(list(worlds.ZONES))
    first = date.fromisoformat(rng.choice(worlds.ZONES[zone]))
    days = worlds.calendar(rng, zone)
    worlds.special_dates(rng, days, first)
    rules = rule_set(rng)
    start = datetime(first.year, first.month, first.day)
    found = versions(rng, rules, days, start)
    if not name.startswith("history:"):
        del found[1:]
    calendar = worlds.Calendar(days)
    rulebook = rulebook_of(found, calendar)
    replans = replans_of(rng, found) if len(found) > 1 else []
    events = []
    for number in range(rng.randint(1, 4)):
        history = RichHistory(rng, worlds.case_name(rng, number), first, rulebook, replans)
        events += history.live()
    rng.shuffle(events)
    until = worlds.end_of(rng, first, zone, history.dues())
    files = {
        "events.ndjson": "".join(worlds.text_of(e) + "\n" for e in events),
        "until": until.isoformat() + "\n",
    }
    if name.startswith("history:"):
        return files | history_files(found, calendar)
    return files | {
        "rules.json": worlds.text_of(rules), "calendar.json": worlds.text_of(days),
        "directory.json": worlds.text_of(found[0]["directory"])}
