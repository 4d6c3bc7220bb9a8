# SPDX-License-Identifier: Apache-2.0
"""The live path against `nrt simulate`: the same arrivals must give the same alerts and runs.

A world is a folder of rules, calendar, directory, events and the instant until which it is
looked at. The service runs on a stepped clock; `nrt import` moves the clock to each arrival.
"""
import datetime
import json
import os
import shutil
import subprocess
import tempfile

import service

ALERT_KEYS = ("case", "clock", "run", "stage", "instant", "status")
RUN_KEYS = ("case", "clock", "run", "start", "due", "outcome", "stopped")


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class World:
    def __init__(self, name, rules, calendar, directory, events, until):
        self.name = name
        self.rules = rules
        self.calendar = calendar
        self.directory = directory
        self.events = events
        self.until = until


def numbered_world(number):
    folder = os.path.join(service.DATA, "worlds", f"{number:02d}")
    with open(os.path.join(folder, "until")) as file:
        until = file.read().strip()
    return World(
        f"world {number:02d}", *(os.path.join(folder, name) for name in
                                 ("rules.json", "calendar.json", "directory.json",
                                  "events.ndjson")), until)


def dongyang_world(rules="rules-dongyang.json"):
    files = (rules, "calendar-cn.json", "directory.json", "dongyang-825.ndjson")
    return World(
        f"825 cases, {rules}", *(os.path.join(service.DATA, name) for name in files),
        "2019-08-31T00:00:00+08:00")


def simulate(world):
    done = subprocess.run(
        [service.NRT, "simulate", "--rules", world.rules, "--calendar", world.calendar,
         "--directory", world.directory, "--events", world.events, "--until", world.until],
        capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def arrivals(world):
    """The events that arrive until the end, and the first arrival."""
    with open(world.events, encoding="utf-8") as file:
        events = [json.loads(line) for line in file if line.strip()]
    until = instant(world.until)
    taken = [e for e in events if instant(e.get("arrived", e["time"])) <= until]
    return taken, min(instant(e.get("arrived", e["time"])) for e in taken)


def make_config(world, folder, partitions):
    """The world as a configuration folder."""
    settings = {"partitions": partitions, "channels": {
        "sms": {"type": "sandbox"}, "dingtalk": {"type": "sandbox"}, "zwdd": {"type": "sandbox"},
        "wecom": {"type": "sandbox"}, "email": {"type": "sandbox"}}}
    service.write_config(folder, {"nrt.json": settings, "matters.json": {"matters": []}})
    for source, target in ((world.rules, "rules/rules.json"),
                           (world.calendar, "calendars/calendar.json"),
                           (world.directory, "directory.json")):
        os.makedirs(os.path.dirname(os.path.join(folder, target)), exist_ok=True)
        shutil.copy(source, os.path.join(folder, target))
    if "825" in world.name:
        shutil.copy(os.path.join(service.DATA, "matters.json"), folder)
    return folder


def as_lines(events):
    return "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events)


def alert_line(alert):
    # Live, a late event may show that an alert should not have fired: the simulation, which
    # fired it at the same moment on the same knowledge, does not look back.
    alert = dict(alert, status="fired" if alert["status"] == "overtaken" else alert["status"])
    return tuple(instant(alert[k]) if k == "instant" else alert[k] for k in ALERT_KEYS) + (
        tuple(alert["to"]),)


def run_line(case, run):
    return (case, run["clock"], run["run"]) + tuple(
        instant(run[k]) if k != "outcome" and run[k] else run[k]
        for k in ("start", "due", "outcome", "stopped"))


def live_alerts(running):
    return sorted(map(alert_line, running.items("/api/v1/alerts")))


def live_runs(running):
    runs = []
    for case in running.items("/api/v1/cases"):
        shown = running.get_json("/api/v1/cases/" + case["id"])
        runs += [run_line(case["id"], dict(clock, clock=clock["id"])) for clock in shown["clocks"]]
    return sorted(runs, key=str)


def compare(world, running):
    """Raises unless the ledger of the running service holds what the simulation prints."""
    expected = simulate(world)
    wanted = sorted(alert_line(a) for a in expected if a["type"] == "alert")
    found = live_alerts(running)
    differ("alert", world, wanted, found)
    wanted = sorted((run_line(c["case"], c) for c in expected if c["type"] == "clock"), key=str)
    differ("run", world, wanted, live_runs(running))
    return len(found)


def differ(what, world, wanted, found):
    missing = [line for line in wanted if line not in set(found)]
    extra = [line for line in found if line not in set(wanted)]
    if missing or extra or len(wanted) != len(found):
        raise AssertionError(
            f"{world.name}: {len(wanted)} {what}s expected, {len(found)} found;\n"
            f"  missing: {missing[:3]}\n  not expected: {extra[:3]}")


def replay(world, partitions, monitors, after=None):
    """Runs the world live and compares; `after(running)` may look further before it is stopped."""
    folder = tempfile.mkdtemp(prefix="world-")
    try:
        config = make_config(world, os.path.join(folder, "config"), partitions)
        events, first = arrivals(world)
        path = os.path.join(folder, "events.ndjson")
        with open(path, "w", encoding="utf-8") as file:
            file.write(as_lines(events))
        begin = (first - datetime.timedelta(seconds=1)).isoformat()
        running = service.Service(
            "--clock", "stepped", "--clock-from", begin, "--instances", f"monitor={monitors}",
            config=config)
        with running:
            running.nrt("import", path)
            running.nrt("clock", "step", world.until)
            alerts = compare(world, running)
            if after:
                after(running)
            return alerts
    finally:
        shutil.rmtree(folder, ignore_errors=True)
