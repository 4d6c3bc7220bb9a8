#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: timeout=300
"""Urging and supervising reach people within seconds, once, with copies, by the rule set's acts;
a reply_by runs a clock of its own."""
import datetime
import json
import os
import time

import service

RULES = {
    "id": "acts", "version": "1",
    "clocks": [
        {"id": "reply", "limit": "5wd", "stages": [
            {"id": "overdue", "at": "due+0", "light": "red", "notify": ["unit_head"]}]},
        {"id": "supervision", "start": ["supervised"], "stop": ["answered", "completed"],
         "limit": {"from": "reply_by"}, "again": True, "stages": [
             {"id": "late", "at": "due+0", "light": "red", "notify": ["oversight"]}]},
    ],
    "acts": {
        "urged": {"template": "urged", "via": ["sms"]},
        "supervised": {"template": "supervised", "via": ["sms"], "copy_to": ["leader"]},
    },
}
DIRECTORY = {
    "units": [
        {"id": "u1", "name": "甲局", "head": "head", "leader": "boss", "handlers": ["p1"]},
        {"id": "u2", "name": "乙局", "head": "other"},
        {"id": "ov", "name": "督查室", "head": "watch", "oversight": True},
    ],
    "people": [{"id": person, "name": person, "unit": unit, "mobile": f"1990000000{index}"}
               for index, (person, unit) in enumerate((
                   ("p1", "u1"), ("head", "u1"), ("boss", "u1"), ("other", "u2"),
                   ("watch", "ov")))],
}


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat()


def rig():
    running = service.Service()
    running.config = service.write_config(os.path.join(running.folder, "config"), {
        "nrt.json": {"channels": {"sms": {"type": "sandbox"}}},
        "rules/acts.json": RULES, "directory.json": DIRECTORY, "matters.json": {"matters": []},
    })
    return running


def receive(running, case):
    """Where to wait for it: ?after=."""
    return running.send(service.event(case, 1, "received", now(), {
        "title": "一件事", "unit": "u1", "handler": "p1"}))["position"]


def told(running, case, count):
    """{person: message} of the acts on this case, once there are as many as expected."""
    def look():
        messages = [m for alert in running.get_json("/api/v1/alerts?case=" + case)["items"]
                    if alert["clock"].startswith("act:") for m in alert["messages"]]
        done = [m for m in messages if m["state"] == "accepted"]
        return done if len(done) >= count else None

    found = service.wait_for(f"{count} messages about {case}", look)
    assert len(found) == count, found
    return {message["person"]: message for message in found}


def an_urging_reaches_handler_and_head_within_seconds_and_once():
    with rig() as running:
        receive(running, "A-1")
        urging = service.event("A-1", 2, "urged", now(), {"by": "watch", "text": "请今天答复"})
        began = time.monotonic()
        running.send(urging)
        messages = told(running, "A-1", 2)
        took = time.monotonic() - began
        assert set(messages) == {"p1", "head"}, messages
        assert "请今天答复" in messages["head"]["text"], messages["head"]
        assert took < 5 or service.SANITIZED, f"{took:.1f} s"
        running.send(urging)  # the same again, and another one to know that it was looked at
        running.send(service.event("A-1", 3, "urged", now(), {"by": "watch", "text": "再催"}))
        assert len(told_all(running, "A-1", 4)) == 4
        print(f"     both told after {took:.2f} s")


def told_all(running, case, count):
    def look():
        messages = [m for alert in running.get_json("/api/v1/alerts?case=" + case)["items"]
                    for m in alert["messages"] if m["state"] == "accepted"]
        return messages if len(messages) >= count else None

    return service.wait_for(f"{count} messages about {case}", look)


def a_supervision_is_copied_and_runs_its_own_clock():
    with rig() as running:
        receive(running, "A-2")
        ahead = datetime.date.today() + datetime.timedelta(days=14)  # a Wednesday from there on
        day = (ahead + datetime.timedelta(days=(2 - ahead.weekday()) % 7)).isoformat()
        began = time.monotonic()
        running.send(service.event("A-2", 2, "supervised", now(), {
            "by": "watch", "text": "限期书面答复", "reply_by": day, "copy_to": ["u2"]}))
        assert set(told(running, "A-2", 4)) == {"p1", "head", "boss", "other"}
        took = time.monotonic() - began
        assert took < 5 or service.SANITIZED, f"{took:.1f} s"
        print(f"     all four told after {took:.2f} s, copies included")
        clocks = {clock["id"]: clock for clock in running.get_json("/api/v1/cases/A-2")["clocks"]}
        assert clocks["supervision"]["due"].startswith(day), clocks


def an_act_on_a_closed_case_is_only_recorded():
    with rig() as running:
        receive(running, "A-3")
        running.send(service.event("A-3", 2, "completed", now(), {"result": "办结"}))
        answer = running.send(service.event("A-3", 3, "urged", now(), {"by": "watch"}))
        shown = running.get_json("/api/v1/cases/A-3?after=" + answer["position"])
        assert "case.urged" in [event["type"] for event in shown["events"]], shown["events"]
        assert not running.get_json("/api/v1/alerts?case=A-3")["items"]


def the_services_own_kinds_are_refused_from_outside():
    with rig() as running:
        position = receive(running, "A-4")
        event = service.event("A-4", 2, "replanned", now(), {"version": 1}, source="nrt:replan")
        answer = running.post("/api/v1/events", event)
        assert answer.status == 400, f"{answer.status} {answer.body[:300]}"
        running.redis("XADD", "nrt:events", "*", "ce", json.dumps(event))
        service.wait_for(
            "the door has refused it", lambda: [
                r for r in running.get_json("/api/v1/rejects")["items"]
                if "reserved" in r["reason"]])
        events = running.get_json("/api/v1/cases/A-4?after=" + position)["events"]
        assert [e["type"] for e in events] == ["case.received"], events


service.run_tests([
    an_urging_reaches_handler_and_head_within_seconds_and_once,
    a_supervision_is_copied_and_runs_its_own_clock,
    an_act_on_a_closed_case_is_only_recorded,
    the_services_own_kinds_are_refused_from_outside,
])
