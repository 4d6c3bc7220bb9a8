#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow plain timeout=900
"""A summer in which the rules change: a shorter limit, a replan, a day of typhoon, an undo, a
rollback. What the ledger holds at its end equals `nrt simulate` of the exported history, and every
part of the way is the one an operator would go: HTTP, `nrt rules`, `nrt export`."""
import json
import os
import shutil
import subprocess
import tempfile

import equality
import service

WORLD = equality.dongyang_world()
CUTS = ("2019-05-13T12:00:00.250+08:00", "2019-06-05T15:20:00.250+08:00",
        "2019-06-20T10:00:00.250+08:00", "2019-07-10T10:00:00.250+08:00")


def rules_with(limit):
    with open(WORLD.rules, encoding="utf-8") as file:
        rules = json.load(file)
    changed = 0
    for clock in rules["clocks"]:
        if clock["limit"] == "5wd":
            clock["limit"] = limit
            changed += 1
    assert changed > 0
    return json.dumps(rules, ensure_ascii=False)


def calendar_with_closure(*days):
    with open(WORLD.calendar, encoding="utf-8") as file:
        calendar = json.load(file)
    calendar["closures"] = calendar.get("closures", []) + [
        {"date": day, "reason": "台风"} for day in days]
    return json.dumps(calendar, ensure_ascii=False)


def put(running, kind, name, text, note):
    answer = running.request(
        "PUT", f"/api/v1/{kind}",
        json.dumps({"files": [{"name": name, "text": text}], "by": "ops", "note": note}).encode())
    assert answer.status == 200, f"{answer.status} {answer.body[:800]}"
    applied = answer.json()
    assert applied["applied"], applied
    return applied["version"]


def job_done(running, job):
    def look():
        shown = running.get_json(f"/api/v1/jobs/{job}")
        assert shown["state"] != "failed", shown
        return shown if shown["state"] == "done" else None

    return service.wait_for(f"job {job} is done", look)


def replan(running, **what):
    answer = running.post("/api/v1/rules/replan", dict(what, by="ops", note="test"))
    assert answer.status == 202, f"{answer.status} {answer.body[:500]}"
    started = answer.json()
    return started["replan"], job_done(running, started["job"])["done"]


def bring(running, events, folder):
    path = os.path.join(folder, "part.ndjson")
    with open(path, "w", encoding="utf-8") as file:
        file.write(equality.as_lines(events))
    if events:
        running.nrt("import", path)


def split(events):
    """The events before each cut, and those after the last."""
    parts, rest = [], list(events)
    for cut in CUTS:
        at = equality.instant(cut)
        parts.append([e for e in rest if equality.instant(e.get("arrived", e["time"])) <= at])
        rest = [e for e in rest if equality.instant(e.get("arrived", e["time"])) > at]
    return parts + [rest]


def name_of(running, kind):
    names = [file["name"] for file in running.get_json(f"/api/v1/{kind}")["files"]]
    assert len(names) == 1, names
    return names[0]


def live_through_the_summer(running, folder):
    parts = split(equality.arrivals(WORLD)[0])
    rules, calendar = name_of(running, "rules"), name_of(running, "calendars")

    def until(cut, events):
        bring(running, events, folder)
        running.nrt("clock", "step", cut)

    until(CUTS[0], parts[0])
    assert put(running, "rules", rules, rules_with("3wd"), "3 working days") == 2
    first, cases = replan(running, version=2)
    assert cases > 0
    until(CUTS[1], parts[1])
    closed = calendar_with_closure("2019-06-06", "2019-06-10")
    put(running, "calendars", calendar, closed, "typhoon")
    until(CUTS[2], parts[2])
    replan(running, undo=first)
    until(CUTS[3], parts[3])
    answer = running.post("/api/v1/rules/rollback", {"to": 1, "by": "ops", "note": "back"})
    assert answer.status == 200, answer.body[:500]
    replan(running, version=answer.json()["version"])
    until(WORLD.until, parts[4])


def simulated(running, folder):
    history, events = os.path.join(folder, "history"), os.path.join(folder, "all.ndjson")
    running.nrt("rules", "history", "--export", history)
    with open(events, "w", encoding="utf-8") as file:
        file.write(running.nrt("export", "events").stdout)
    done = subprocess.run(
        [service.NRT, "simulate", "--history", history, "--events", events, "--until",
         WORLD.until], capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare(expected, running):
    wanted = sorted(equality.alert_line(a) for a in expected if a["type"] == "alert")
    found = equality.live_alerts(running)
    equality.differ("alert", WORLD, wanted, found)
    wanted = sorted(
        (equality.run_line(c["case"], c) for c in expected if c["type"] == "clock"), key=str)
    equality.differ("run", WORLD, wanted, equality.live_runs(running))
    return len(found)


def summer(partitions, monitors):
    folder = tempfile.mkdtemp(prefix="versions-")
    try:
        config = equality.make_config(WORLD, os.path.join(folder, "config"), partitions)
        begin = equality.arrivals(WORLD)[1].isoformat()
        running = service.Service(
            "--clock", "stepped", "--clock-from", begin, "--instances", f"monitor={monitors}",
            config=config)
        with running:
            live_through_the_summer(running, folder)
            alerts = compare(simulated(running, folder), running)
            print(f"     {partitions} partitions, {monitors} monitors: {alerts} alerts")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def a_summer_of_changing_rules_gives_what_its_simulation_gives():
    for partitions, monitors in ((1, 1), (1, 2), (3, 1), (3, 2)) if service.LONG else ((3, 2),):
        summer(partitions, monitors)


service.run_tests([a_summer_of_changing_rules_gives_what_its_simulation_gives])
