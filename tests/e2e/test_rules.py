#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: plain timeout=400
"""docs/rules-in-practice.md, told by a running service: the commands of its screens are run in
their order, while cases come in, and every screen must be what the page shows. Each story then
proves what the screens cannot: that nothing else was moved, that what was undone is undone, and
that nobody was told twice. A last test does the same with many cases at once.

NRT_UPDATE_DOCS=1 writes the screens into the page instead of comparing them.
"""
import datetime
import difflib
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading

import service

PAGE = os.path.join(service.SOURCE, "docs", "rules-in-practice.md")
UPDATE = os.environ.get("NRT_UPDATE_DOCS") == "1"
BEGIN = "2026-03-02T08:00:00+08:00"
SCREEN = re.compile(r"^```console\n(.*?)^```\n", re.M | re.S)
THREE_DAYS, FIVE_DAYS = "2026-03-05T17:30:00+08:00", "2026-03-09T17:30:00+08:00"
MANY = 120 if not service.LONG else 1200


class Page:
    """The page as text between screens; a screen is commands ("$ ...") with what they print."""

    def __init__(self):
        with open(PAGE, encoding="utf-8") as file:
            self.text = file.read()
        self.made = []
        self.at = 0

    def play(self, until, run):
        """All screens up to the heading `until` (None: the end); the differences."""
        end = self.text.index(f"\n## {until}\n") if until else len(self.text)
        wrong = []
        while (screen := SCREEN.search(self.text, self.at)) and screen.end() <= end:
            self.made.append(self.text[self.at:screen.start(1)])
            told = screen.group(1)
            shown = "".join(f"$ {command}\n{run(command)}" for command in
                            re.findall(r"^\$ (.*)$", told, re.M))
            self.made.append(shown)
            self.at = screen.end(1)
            if shown != told:
                wrong += difflib.unified_diff(
                    told.splitlines(), shown.splitlines(), "the page", "the service", lineterm="")
        return wrong

    def save(self):
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write("".join(self.made) + self.text[self.at:])


class Desk:
    """A terminal in a folder with the configuration `city`, beside a running service."""

    def __init__(self, running, folder):
        self.running = running
        self.folder = folder
        self.before = {}  # the dues before a command that changes something
        self.env = dict(
            os.environ, NRT_URL=f"http://127.0.0.1:{running.port}", NRT_TOKEN=running.token(),
            NO_COLOR="1", PATH=os.path.dirname(service.NRT) + ":" + os.environ["PATH"])

    def run(self, command):
        for part in ("replan --by", "replan --undo", "apply --draft d2", "apply --draft d3"):
            if part in command:
                self.before[part] = self.dues()
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=self.env, timeout=120, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        # Trailing blanks of a table are no part of a screen, nor is where the service listens.
        lines = [line.rstrip() for line in done.stdout.splitlines()]
        return "".join(line.replace(self.env["NRT_URL"], "http://127.0.0.1:8420") + "\n"
                       for line in lines)

    def dues(self):
        """{(case, clock, run): (due, outcome)} of all cases."""
        found = {}
        for case in self.running.items("/api/v1/cases"):
            for clock in self.running.get_json(f"/api/v1/cases/{case['id']}")["clocks"]:
                found[case["id"], clock["id"], clock["run"]] = clock["due"], clock["outcome"]
        return found


def prepare(folder, **settings):
    """What the page says was there before: the shipped configuration, sandboxes, approval."""
    city = os.path.join(folder, "city")
    subprocess.run([service.NRT, "config", "init", city], check=True, stdout=subprocess.DEVNULL)
    path = os.path.join(city, "nrt.json")
    with open(path, encoding="utf-8") as file:
        text = json.load(file)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(dict(text, channels={name: {"type": "sandbox"} for name in ("sms", "dingtalk")},
                       **settings), file)
    return city


def complain(wrong):
    assert not wrong or UPDATE, "the page differs (NRT_UPDATE_DOCS=1 writes it):\n" + "\n".join(
        wrong)


def nobody_was_told_twice(running):
    """A stage without repeats rings once in a run, whatever was replanned."""
    seen = set()
    for alert in running.items("/api/v1/alerts"):
        if alert["stage"] != "nag" and alert["status"] == "fired":
            key = alert["case"], alert["clock"], alert["run"], alert["stage"]
            assert key not in seen, key
            seen.add(key)


PAGE_NOW = Page()


def the_two_stories():
    with tempfile.TemporaryDirectory() as folder:
        city = prepare(folder, changes={"approval": True})
        with service.Service(
                "--clock", "stepped", "--clock-from", BEGIN, config=city) as running:
            desk = Desk(running, folder)
            try:
                shorten_a_limit(desk)
                close_for_a_typhoon(desk)
                nobody_was_told_twice(running)
                history_replays_to_what_the_service_says(desk)
                doctor_compares_the_folder_with_the_version(desk)
            finally:
                if UPDATE:
                    PAGE_NOW.save()


def shorten_a_limit(desk):
    wrong = PAGE_NOW.play("A typhoon closes the offices for two days", desk.run)
    replanned, undone = desk.before["replan --undo"], desk.dues()
    assert replanned != desk.before["replan --by"], "the replan moved nothing"
    assert undone == desk.before["replan --by"], (undone, desk.before["replan --by"])
    complain(wrong)


def close_for_a_typhoon(desk):
    wrong = PAGE_NOW.play(None, desk.run)
    open_before = {key: value for key, value in desk.before["apply --draft d2"].items()
                   if value[1] == "running"}
    closed, after = desk.before["apply --draft d3"], desk.dues()
    assert open_before and all(closed[key] != open_before[key] for key in open_before), closed
    assert {key: after[key] for key in open_before} == open_before, (after, open_before)
    complain(wrong)


def doctor_compares_the_folder_with_the_version(desk):
    """The folder still closes for the typhoon; version 4 does not."""
    def versions():
        done = desk.running.nrt("doctor", "--config", os.path.join(desk.folder, "city"), "--data",
                                desk.running.data, "--json", check=False)
        found = json.loads(done.stdout)["findings"]
        assert not [row for row in found if row["check"] in ("reload", "drafts")], found
        return [(row["state"], row["text"].replace(desk.folder, "")) for row in found
                if row["check"] == "versions"]

    in_force, folder = versions()
    assert in_force[0] == "ok" and in_force[1].startswith("version 4 is in force"), in_force
    assert folder == ("warn", "/city is not what version 4 says"), folder
    shutil.copytree(os.path.join(desk.folder, "history", "0004"), os.path.join(
        desk.folder, "city"), dirs_exist_ok=True)
    assert versions()[1] == ("ok", "/city says what version 4 says"), versions()


def history_replays_to_what_the_service_says(desk, prefix=""):
    """All versions and all events, exported and simulated: the same dues, outcomes and alerts."""
    running = desk.running
    history = os.path.join(desk.folder, "history")
    events = os.path.join(desk.folder, "events.ndjson")
    running.nrt("rules", "history", "--export", history)
    with open(events, "w", encoding="utf-8") as file:
        file.write(running.nrt("export", "events").stdout)
    now = running.get_json("/api/v1/clock")["now"]
    lines = [json.loads(line) for line in running.nrt(
        "simulate", "--history", history, "--events", events, "--until", now).stdout.splitlines()]
    lines = [line for line in lines if line["case"].startswith(prefix)]
    clocks = {(line["case"], line["clock"], line["run"]): (line["due"], line["outcome"])
              for line in lines if line["type"] == "clock"}
    dues = {key: due for key, due in desk.dues().items() if key[0].startswith(prefix)}
    assert clocks == dues, (clocks, dues)
    told = sorted((line["case"], line["clock"], line["run"], line["stage"], line["instant"])
                  for line in lines if line["type"] == "alert" and line["status"] == "fired")
    fired = sorted((alert["case"], alert["clock"], alert["run"], alert["stage"], alert["instant"])
                   for alert in running.items("/api/v1/alerts")
                   if alert["status"] == "fired" and alert["case"].startswith(prefix))
    assert told == fired, (told, fired)


# ---- many cases at once ----


def instant(minutes):
    at = datetime.datetime.fromisoformat(BEGIN) + datetime.timedelta(minutes=minutes)
    return at.isoformat()


class Stream(threading.Thread):
    """Cases that keep coming in until stop()."""

    def __init__(self, running):
        super().__init__(daemon=True)
        self.running = running
        self.count = 0
        self.ended = threading.Event()

    def run(self):
        while not self.ended.is_set():
            self.running.send(service.event(
                f"new-{self.count:05d}", 1, "received", instant(61),
                {"title": "t", "unit": "unit-b"}))
            self.count += 1

    def stop(self):
        self.ended.set()
        self.join()


def edit(city):
    path = os.path.join(city, "rules", "dongyang.json")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace('"limit": "5wd"', '"limit": "3wd"'))


def cases_come_in_while_everything_is_replanned_and_taken_back():
    with tempfile.TemporaryDirectory() as folder:
        city = prepare(folder)
        with service.Service(
                "--clock", "stepped", "--clock-from", BEGIN, config=city) as running:
            desk = Desk(running, folder)
            running.nrt("clock", "step", instant(60))
            running.send(*(service.event(
                f"old-{n:05d}", 1, "received", instant(n % 60),
                {"title": "t", "unit": "unit-a", "handler": "unit-a-1"}) for n in range(MANY)))
            running.nrt("clock", "step", instant(61))
            before = desk.dues()
            assert len(before) == MANY
            stream = Stream(running)
            stream.start()
            edit(city)
            running.nrt("rules", "apply", "--config", city, "--by", "a")
            done = json.loads(running.nrt("rules", "replan", "--by", "a", "--json").stdout)
            running.nrt("clock", "step", instant(62))
            replanned = desk.dues()
            running.nrt("rules", "replan", "--undo", done.get("replan") or done["id"], "--by", "a")
            stream.stop()
            running.nrt("clock", "step", instant(63))
            after = desk.dues()
            assert stream.count > 0 and len(after) == MANY + stream.count
            old = [key for key in before if key[0].startswith("old-")]
            assert all(replanned[key][0] < before[key][0] for key in old)
            assert {key: after[key] for key in old} == before
            # What came in is due by the rules of its start, five days or three, and nothing else.
            assert {due for (case, _, _), (due, _) in after.items() if case.startswith("new-")} <= {
                THREE_DAYS, FIVE_DAYS}
            # Days later, so that everything has rung. What came in at the very instant of the
            # change is left out: an exported event does not tell on which side of it it was.
            running.nrt("clock", "step", "2026-03-20T08:00:00+08:00")
            nobody_was_told_twice(running)
            history_replays_to_what_the_service_says(desk, "old-")


service.run_tests([
    the_two_stories,
    cases_come_in_while_everything_is_replanned_and_taken_back,
])
