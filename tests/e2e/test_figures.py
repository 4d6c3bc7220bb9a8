#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow plain timeout=600
"""The figures that pages and reports show are those of `nrt simulate --figures` over the same
events: 825 cases, some of their misses waived, some waived without the approval it takes."""
import json
import os
import shutil
import subprocess
import tempfile

import equality
import service

WAIVED_AT = "2019-08-30T10:00:00+08:00"


def missed_runs(world):
    return [line for line in equality.simulate(world)
            if line["type"] == "clock" and line["outcome"] == "missed"]


def with_waivers(world, folder):
    """The world with every second miss waived, and some of the others without approval."""
    with open(world.events, encoding="utf-8") as file:
        lines = file.read().splitlines()
    for number, run in enumerate(missed_runs(world)):
        data = {"clock": run["clock"], "run": run["run"], "reason": "typhoon"}
        if number % 2 == 0:
            data["approved_by"] = "office"
        if number % 3 != 2:
            lines.append(json.dumps({
                "specversion": "1.0", "id": f"waive-{number}", "source": "/office",
                "type": "case.waived", "subject": run["case"], "time": WAIVED_AT, "data": data}))
    path = os.path.join(folder, "events.ndjson")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return equality.World(
        world.name + ", waivers", world.rules, world.calendar, world.directory, path, world.until)


def simulated_rates(world):
    done = subprocess.run(
        [service.NRT, "simulate", "--rules", world.rules, "--calendar", world.calendar,
         "--directory", world.directory, "--events", world.events, "--until", world.until,
         "--figures"], capture_output=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["family"]: (line["met"], line["missed"]) for line in lines
            if line.get("figure") == "on_time" and line["unit"] is None
            and line["month"] is None}


def live_rates(running):
    return {row["family"]: (row["met"], row["missed"])
            for row in running.get_json("/api/v1/figures/units")["families"]}


def the_rates_of_the_page_are_those_of_the_simulation():
    folder = tempfile.mkdtemp(prefix="figures-")
    try:
        plain = equality.dongyang_world()
        world = with_waivers(plain, folder)
        wanted = simulated_rates(world)
        assert wanted != simulated_rates(plain), "the waivers change nothing"

        def compare(running):
            found = live_rates(running)
            assert found and all(wanted[family] == found[family] for family in found), (
                wanted, found)
            print(f"     {found}")

        equality.replay(world, 1, 1, compare)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


service.run_tests([the_rates_of_the_page_are_those_of_the_simulation])
