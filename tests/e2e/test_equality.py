#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow timeout=1500
"""The live path gives the alerts and runs of the simulation: with 1 and 3 partitions, 1 and 2
monitors, over the worlds and over the 825 cases."""
import datetime
import json
import os

import equality
import service

COMBINATIONS = ((1, 1), (1, 2), (3, 1), (3, 2))
# These with every combination, the others with one each; all with all under NRT_LONG=1.
FULL_WORLDS = (1, 7)


def replay(world, partitions, monitors, after=None):
    alerts = equality.replay(world, partitions, monitors, after)
    print(f"     {world.name}, {partitions} partitions, {monitors} monitors: {alerts} alerts")


def the_worlds_fire_live_what_the_simulation_fires():
    for number in range(1, 17):
        world = equality.numbered_world(number)
        some = (COMBINATIONS[number % len(COMBINATIONS)],)
        full = service.LONG or number in FULL_WORLDS
        for partitions, monitors in COMBINATIONS if full else some:
            replay(world, partitions, monitors)


def working_days():
    """date -> is it a working one, from the calendar file itself."""
    with open(os.path.join(service.DATA, "calendar-cn.json"), encoding="utf-8") as file:
        calendar = json.load(file)

    def dates(key):
        return {entry if isinstance(entry, str) else entry["date"] for entry in calendar[key]}

    holidays, workdays = dates("holidays"), dates("workdays")

    def is_working(day):
        text = day.isoformat()
        return text in workdays or (day.weekday() < 5 and text not in holidays)

    return is_working


def office_stages():
    """(clock, stage) whose messages go out in office hours only: not urgent, no fixed times."""
    with open(os.path.join(service.DATA, "rules-dongyang.json"), encoding="utf-8") as file:
        rules = json.load(file)
    return {(clock["id"], stage["id"]) for clock in rules["clocks"] for stage in clock["stages"]
            if not stage.get("urgent") and "at" not in stage.get("repeat", {})}


def nothing_was_sent_outside_its_window(running):
    is_working, office = working_days(), office_stages()
    sent = 0
    for message in running.items("/api/v1/messages"):
        if not message["accepted_at"]:
            continue
        sent += 1
        at = datetime.datetime.fromisoformat(message["accepted_at"])
        clock = at.strftime("%H:%M:%S")
        assert "08:00:00" <= clock <= "21:00:00", f"{message['id']} sent at {at}"
        if (message["clock"], message["stage"]) in office:
            assert is_working(at.date()), f"{message['id']} sent on a day off, {at}"
            assert "08:30:00" <= clock <= "17:30:00", f"{message['id']} sent at {at}"
    print(f"     {sent} messages, each in its window")
    assert sent > 100, sent


def the_825_cases_fire_live_what_the_simulation_fires():
    for rules in ("rules-dongyang.json", "rules-mixed.json") if service.LONG else (
            "rules-dongyang.json",):
        for partitions, monitors in COMBINATIONS if service.LONG else ((3, 2),):
            after = nothing_was_sent_outside_its_window if "dongyang" in rules else None
            replay(equality.dongyang_world(rules), partitions, monitors, after)


service.run_tests([
    the_worlds_fire_live_what_the_simulation_fires,
    the_825_cases_fire_live_what_the_simulation_fires,
])
