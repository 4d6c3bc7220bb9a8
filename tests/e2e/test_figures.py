#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow plain timeout=600
"""The figures of 825 cases on every address that shows them, against two counts of their own: one
made here from the lines of `nrt simulate`, month by month, and `nrt simulate --figures`. Then with
some of the misses waived, some of these without the approval it takes."""
import collections
import csv
import io
import json
import os
import re
import shutil
import subprocess
import tempfile
import zipfile

import equality
import service

WAIVED_AT = "2019-08-30T10:00:00+08:00"


def families_of(world):
    with open(world.rules, encoding="utf-8") as file:
        return {clock["id"]: clock.get("family", clock["id"])
                for clock in json.load(file)["clocks"]}


def counted(world):
    """met and missed by (family, month), from nothing but the runs the simulation prints: a run
    belongs to the month of its due, met while paused to that of its stop."""
    families = families_of(world)
    sums = collections.Counter()
    for line in equality.simulate(world):
        if line["type"] == "clock" and line["outcome"] in ("met", "missed"):
            month = (line["due"] or line["stopped"])[:7]  # times are local ones
            sums[families[line["clock"].partition("@")[0]], month, line["outcome"]] += 1
    return sums


def of_family(sums, family):
    return tuple(sum(n for (f, _, o), n in sums.items() if f == family and o == outcome)
                 for outcome in ("met", "missed"))


def missed_runs(world):
    return [line for line in equality.simulate(world)
            if line["type"] == "clock" and line["outcome"] == "missed"]


def waivers(world):
    """Every second miss waived, and some of the others without approval."""
    lines = []
    for number, run in enumerate(missed_runs(world)):
        data = {"clock": run["clock"], "run": run["run"], "reason": "typhoon"}
        if number % 2 == 0:
            data["approved_by"] = "office"
        if number % 3 != 2:
            lines.append(json.dumps({
                "specversion": "1.0", "id": f"waive-{number}", "source": "/office",
                "type": "case.waived", "subject": run["case"], "time": WAIVED_AT, "data": data}))
    return lines


def with_waivers(world, folder):
    path = os.path.join(folder, "events.ndjson")
    with open(world.events, encoding="utf-8") as file:
        lines = file.read().splitlines() + waivers(world)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return equality.World(
        world.name + ", waivers", world.rules, world.calendar, world.directory, path, world.until)


def simulated(world):
    done = subprocess.run(
        [service.NRT, "simulate", "--rules", world.rules, "--calendar", world.calendar,
         "--directory", world.directory, "--events", world.events, "--until", world.until,
         "--figures"], capture_output=True, check=True)
    return [line for line in map(json.loads, done.stdout.splitlines()) if "figure" in line]


def pair(row):
    return row["met"], row["missed"]


def share(met, missed):
    return (met * 10000 + (met + missed) // 2) // (met + missed) / 10000


def the_months_are_those_of_the_simulation(running, world):
    sums = counted(world)
    for family in {family for family, _, _ in sums}:
        months = running.get_json(f"/api/v1/figures/months?family={family}")["months"]
        found = {month["month"]: pair(month) for month in months}
        wanted = {month: (sums[family, month, "met"], sums[family, month, "missed"])
                  for f, month, _ in sums if f == family}
        assert wanted and all(found[month] == numbers for month, numbers in wanted.items()), (
            family, wanted, found)
        assert tuple(map(sum, zip(*found.values()))) == of_family(sums, family)


def table_of(running, path):
    """The rows below the heading of an export as CSV, by the names of its columns."""
    text = running.get(path).body.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text, newline="")))
    heading = next(i for i, line in enumerate(lines) if len(line) > 1)
    return [dict(zip(lines[heading], line)) for line in lines[heading + 1:]]


def cells_of(running, path, sheet):
    """The rows of a sheet of a workbook: texts and numbers as they stand."""
    with zipfile.ZipFile(io.BytesIO(running.get(path).body)) as book:
        text = book.read(f"xl/worksheets/sheet{sheet}.xml").decode()
    return [re.findall(r"<(?:t|v)[^>]*>([^<]*)</(?:t|v)>", row)
            for row in re.findall(r"<row .*?</row>", text)]


def exports_and_reports_show_the_same(running, wanted, months):
    """What leaves on paper: the ranking as CSV and workbook, and the report of each month."""
    rows = table_of(running, "/api/v1/figures/units.csv?family=reply&lang=en")
    assert tuple(sum(int(row[name]) for row in rows) for name in ("Met", "Missed")) == wanted, rows
    rates = {row["Unit id"]: row["On-time rate"] for row in rows}
    for row in running.get_json("/api/v1/figures/units?family=reply")["ranking"]:
        if row["on_time_rate"] is not None:
            tenths = (round(row["on_time_rate"] * 10000) + 5) // 10
            assert rates[row["unit"]] == f"{tenths // 10}.{tenths % 10}%", (row, rates)
    cells = cells_of(running, "/api/v1/figures/units.xlsx?family=reply&lang=en", 1)
    lines = [row for row in cells if len(row) > 5 and row[0] != "Rank"]
    found = [tuple(line[3:5] if row["Rank"] else line[1:3]) for row, line in zip(rows, lines)]
    assert len(lines) == len(rows) and found == [
        (row["Met"], row["Missed"]) for row in rows], (found, lines)
    sums = collections.Counter()
    for month in months:
        report = running.get_json(f"/api/v1/reports/month/{month['month']}")
        own = [row for row in report["families"] if row["family"] == "reply"]
        assert [pair(row) for row in own] in ([pair(month)], []), (report["families"], month)
        sums.update({"met": report["total"]["met"], "missed": report["total"]["missed"]})
    assert pair(sums) == wanted, sums


def every_address_shows_the_same(running, wanted):
    """met and missed of `reply`, its rate, and nothing else."""
    units = running.get_json("/api/v1/figures/units?family=reply&sort=unit")
    overview = running.get_json("/api/v1/overview")
    months = running.get_json("/api/v1/figures/months?family=reply")["months"]
    matters = running.get_json("/api/v1/figures/matters?family=reply")["matters"]
    by_family = [row for row in units["families"] if row["family"] == "reply"]
    assert len(by_family) == 1 and pair(by_family[0]) == wanted, by_family
    assert by_family[0]["on_time_rate"] == share(*wanted), by_family
    assert by_family == [r for r in overview["families"] if r["family"] == "reply"]
    assert pair(units["total"]) == wanted, units["total"]
    for rows in (units["units"], units["ranking"], months, matters):
        rows = [row for row in rows if row.get("family", "reply") == "reply"]
        assert tuple(map(sum, zip(*map(pair, rows)))) == wanted, rows
    trend = [f for month in overview["trend"] for f in month["families"] if f["family"] == "reply"]
    assert tuple(map(sum, zip(*map(pair, trend)))) == wanted, trend
    exports_and_reports_show_the_same(running, wanted, months)
    print(f"     {wanted[0]} of {sum(wanted)}: {by_family[0]['on_time_rate']:.1%}")


def the_other_figures_are_those_of_the_simulation(running, world):
    """Rates of cases, of all and of each unit, over all time."""
    lines = simulated(world)
    units = {row["unit"]: row for row in running.get_json("/api/v1/figures/units")["ranking"]}
    units[None] = running.get_json("/api/v1/figures/units")["total"]
    keys = {"acceptance": ("accepted", "received"), "settling": ("completed", "received"),
            "satisfaction": ("satisfied", "ratings")}
    seen = 0
    for line in lines:
        if line.get("month") is not None or line["figure"] not in keys | {"handling": ()}:
            continue
        row = units[line["unit"]]
        if line["figure"] == "handling":
            assert line["cases"] == row["handled"], (line, row)
            assert abs(line["office_seconds"] / 3600 - row["mean_handling_hours"]) < 0.006
        else:
            part, whole = keys[line["figure"]]
            assert (line[part], line[whole]) == (row[part], row[whole]), (line, row)
        seen += 1
    assert seen > 40, seen


def a_case_stands_the_same_in_its_list_and_alone(running):
    """And as its clocks say: what missed one and has ended is late, however it ended."""
    seen = 0
    for status in ("met_late", "met", "suspended", "overdue", "near", "not_due"):
        for row in running.get_json(f"/api/v1/cases?status={status}&limit=30")["items"]:
            case = running.get_json(f"/api/v1/cases/{row['id']}")
            assert case["status"] == row["status"] == status, (row, case["status"])
            missed = [c for c in case["clocks"] if c["outcome"] == "missed"]
            assert bool(missed) == (status in ("met_late", "overdue")) or status == "suspended", (
                status, case["clocks"])
            seen += 1
    assert seen > 30, seen


def the_figures_are_those_of_the_simulation_everywhere():
    folder = tempfile.mkdtemp(prefix="figures-")
    try:
        plain = equality.dongyang_world()
        waived = with_waivers(plain, folder)

        def look(running):
            wanted = of_family(counted(plain), "reply")
            assert wanted == (804, 24) and f"{share(*wanted):.1%}" == "97.1%", wanted
            the_months_are_those_of_the_simulation(running, plain)
            every_address_shows_the_same(running, wanted)
            the_other_figures_are_those_of_the_simulation(running, plain)
            a_case_stands_the_same_in_its_list_and_alone(running)
            position = running.send(*map(json.loads, waivers(plain)))["position"]
            running.get_json(f"/api/v1/cases?limit=1&after={position}")
            lines = [line for line in simulated(waived) if line["figure"] == "on_time"
                     and line["family"] == "reply" and not line["unit"] and not line["month"]]
            assert pair(lines[0]) != wanted, "the waivers change nothing"
            every_address_shows_the_same(running, pair(lines[0]))

        equality.replay(plain, 1, 1, look)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


service.run_tests([the_figures_are_those_of_the_simulation_everywhere])
