#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The missing-year alarm: silent until October, then said in /readyz, /metrics, the overview,
doctor and once a day of service time in the log, until the notice is imported and applied."""
import json
import os
import signal
import tempfile

import service

BEFORE = "2026-09-30T23:59:00+08:00"
BEGINS = "2026-10-01T00:00:00+08:00"
DAY_AFTER = "2026-10-02T09:00:00+08:00"
NOTICE = {"year": 2027, "papers": ["http://www.gov.cn/1.htm"], "days": [
    {"name": "元旦", "date": "2027-01-01", "isOffDay": True}]}


def stepped(config=None):
    return service.Service("--clock", "stepped", "--clock-from", BEFORE, config=config)


def step(running, to):
    answer = running.post("/api/v1/clock/step", {"to": to})
    assert answer.status == 200, answer.body


def ready(running):
    answer = running.get("/readyz")
    assert answer.status == 200, answer.body
    return answer.json()


def calendar_warnings(running):
    return [text for text in ready(running)["warnings"] if "calendar" in text]


def missing(running):
    """The year that metrics and overview both name. A version may come into force between the two
    answers, so they are compared only when the metric is the same before and after."""
    def said_alike():
        before = running.metrics()["nrt_calendar_missing_year"]
        in_overview = running.get_json("/api/v1/overview")["calendar_missing_year"]
        if running.metrics()["nrt_calendar_missing_year"] != before:
            return None
        assert before == in_overview, (before, in_overview)
        return (in_overview,)
    return service.wait_for("metrics that stand still", said_alike)[0]


def lines(running):
    return [line for line in running.log().splitlines() if "calendar_year_missing" in line]


def doctor(running):
    done = running.nrt("doctor", "--data", running.data, "--json", check=False)
    return [finding for finding in json.loads(done.stdout)["findings"]
            if "official days of 2027" in finding["text"]]


def all_is_silent_until_october(running):
    assert calendar_warnings(running) == []
    assert missing(running) == 0
    assert running.metrics()["nrt_calendar_horizon_days"] == 92
    assert lines(running) == []
    assert doctor(running) == []


def from_the_first_of_october_it_is_said_everywhere(running):
    step(running, BEGINS)
    said = calendar_warnings(running)
    assert len(said) == 1 and ready(running)["ready"], said
    assert "2027" in said[0] and "nrt calendar import" in said[0], said
    assert missing(running) == 2027
    assert running.metrics()["nrt_calendar_horizon_days"] == 91
    found = doctor(running)
    assert len(found) == 1 and found[0]["state"] == "warn", found
    service.wait_for("a line in the log", lambda: len(lines(running)) == 1)
    assert "year=2027" in lines(running)[0] and "horizon_days=91" in lines(running)[0]


def the_log_says_it_once_a_day(running):
    step(running, DAY_AFTER)
    service.wait_for("the next day's line", lambda: len(lines(running)) == 2)
    assert "horizon_days=90" in lines(running)[1]
    running.kill("console-1")  # a console that starts says it at once
    service.wait_for("the new console's line", lambda: len(lines(running)) == 3)
    running.wait_ready()


def the_imported_notice_ends_it(running, calendar):
    notice = os.path.join(os.path.dirname(calendar), "..", "notice.json")
    with open(notice, "w", encoding="utf-8") as file:
        json.dump(NOTICE, file)
    running.nrt("calendar", "import", notice, "--into", calendar)
    running.process.send_signal(signal.SIGHUP)
    service.wait_for("the alarm is over", lambda: missing(running) == 0)
    assert calendar_warnings(running) == []
    assert running.metrics()["nrt_calendar_horizon_days"] == 90 + 365
    assert len(lines(running)) == 3


def the_alarm_lasts_from_october_until_the_notice_is_there():
    with tempfile.TemporaryDirectory() as folder:
        config = os.path.join(folder, "config")
        service.subprocess.run([service.NRT, "config", "init", config], check=True,
                               capture_output=True)
        with stepped(config) as running:
            all_is_silent_until_october(running)
            from_the_first_of_october_it_is_said_everywhere(running)
            the_log_says_it_once_a_day(running)
            the_imported_notice_ends_it(running, os.path.join(config, "calendars", "cn.json"))


if __name__ == "__main__":
    service.run_tests([the_alarm_lasts_from_october_until_the_notice_is_there])
