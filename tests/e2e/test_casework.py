#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow plain timeout=300
"""A case's life through the console, by people of two units and of oversight: each does their part
and no other, nobody sees what is not theirs, and ids of the day are given once."""
import concurrent.futures
import os
import shutil
import subprocess
import tempfile

import people
import service

BEGIN = "2026-03-02T09:00:00+08:00"
LATE = "2026-03-20T09:00:00+08:00"


def form(number, unit="unit-a", **more):
    return {"title": f"关于道路养护的函（{number}）", "matter": "m01.1", "unit": unit, **more}


class Desk:
    """Somebody at work: posts, and sees the ledger after what anybody posted last."""
    position = ""

    def __init__(self, visitor):
        self.visitor = visitor

    def post(self, path, body):
        answer = self.visitor.ask("POST", path, body)
        if answer.status < 300 and answer.json().get("position"):
            Desk.position = answer.json()["position"]
        return answer

    def act(self, case, kind, **data):
        return self.post(f"/api/v1/cases/{case}/events", {"kind": kind, "data": data}).status

    def get(self, path):
        after = f"{'&' if '?' in path else '?'}after={Desk.position}" if Desk.position else ""
        return self.visitor.ask("GET", path + after)

    def see(self, path):
        answer = self.get(path)
        assert answer.status == 200, (path, answer.status, answer.body[:400])
        return answer.json()

    def actions(self, case):
        return {action["kind"] for action in self.see(f"/api/v1/cases/{case}")["actions"]}

    def todo(self, kind):
        found = [todo for todo in self.see("/api/v1/overview")["todo"] if todo["kind"] == kind]
        return found[0]["count"] if found else None


def registering(office, a, b):
    case = office.post("/api/v1/cases", form(1))
    assert case.status == 201, case.body
    case = case.json()["id"]
    assert a.see(f"/api/v1/cases/{case}")["unit"] == "unit-a"
    assert b.get(f"/api/v1/cases/{case}").status == 404
    foreign = b.post("/api/v1/cases", form(2, from_unit="supervision"))
    assert foreign.status == 422, foreign.body  # neither from nor to a unit of theirs
    sent = b.post("/api/v1/cases", form(3))
    assert sent.status == 201, sent.body  # from their own unit
    sent = sent.json()["id"]
    assert b.see(f"/api/v1/cases/{sent}")["from_unit"] == "unit-b"
    assert b.act(sent, "answered", result="x") == 403, "who sent a case does not answer it"
    assert not b.actions(sent)
    return case


def working(case, office, a, b):
    assert a.todo("accept") == 2 and b.todo("accept") == 0
    assert b.act(case, "accepted") == 404
    assert a.act(case, "accepted") == 202
    assert "urged" not in a.actions(case) and a.act(case, "urged", text="x") == 403
    assert a.todo("accept") == 1
    assert "accepted" not in a.actions(case) and a.act(case, "accepted") == 409
    assert a.act(case, "extension_requested", by="2wd", reason="材料多") == 202
    assert office.todo("extension") == 1 and a.todo("extension") is None
    assert a.act(case, "extended", by="2wd", reason="x", approved_by="unit-a-1") == 403
    assert a.act(case, "noted", text="x", refuses="extension") == 403
    shown = office.see(f"/api/v1/cases/{case}")
    assert shown["extension"]["who"] == "unit-a-1", shown["extension"]
    before = shown["clocks"][0]["due"]
    assert office.act(case, "extended", by="2wd", reason="同意", approved_by="supervision-1") == 202
    shown = office.see(f"/api/v1/cases/{case}")
    assert shown["extension"]["state"] == "granted" and shown["clocks"][0]["due"] > before, shown
    assert "extended" not in office.actions(case)
    more = {"by": "1wd", "reason": "再延", "approved_by": "supervision-1"}
    body = {"kind": "extended", "data": more}
    refused = office.visitor.ask("POST", f"/api/v1/cases/{case}/events", body)
    assert refused.status == 409 and "延期次数" in refused.json()["detail"], refused.body
    assert a.act(case, "answered", result="已答复") == 202
    assert a.act(case, "completed", result="已办结") == 202
    assert a.act(case, "answered", result="x") == 409
    assert office.act(case, "rated", score=5) == 202
    assert office.act(case, "struck_off") == 202
    events = office.see(f"/api/v1/cases/{case}")["events"]
    kinds = [e["type"].removeprefix("case.") for e in events]
    assert kinds == ["received", "accepted", "extension_requested", "extended", "answered",
                     "completed", "rated", "struck_off"], "the clock stands; the order is kept"
    names = {e["type"]: e["event"]["data"].get("by") for e in events}
    assert names["case.accepted"] == "unit-a-1" and names["case.rated"] == "supervision-1", names


def extending(running, office):
    """A program is not stopped at the counter: what the rules make of its events is what shows."""
    case = office.post("/api/v1/cases", form(4)).json()["id"]

    def extend(minute, until):
        for offset, kind, data in ((0, "extension_requested", {"reason": "x", "until": until}),
                                   (1, "extended", {"reason": "同意", "until": until,
                                                    "approved_by": "supervision-1"})):
            event = {"kind": kind, "data": data,
                     "time": f"2026-03-02T09:0{minute + offset}:00+08:00"}
            answer = running.post(f"/api/v1/cases/{case}/events", event)
            assert answer.status == 202, answer.body
            Desk.position = answer.json()["position"]
        return office.see(f"/api/v1/cases/{case}")

    first = extend(1, "2026-03-12T17:00:00+08:00")
    assert first["extension"]["state"] == "granted", first["extension"]
    again = extend(3, "2026-03-19T17:00:00+08:00")
    assert again["clocks"][0]["due"] == first["clocks"][0]["due"], again["clocks"]
    assert again["extension"]["state"] == "refused", again["extension"]
    assert again["extension"]["decided"] == "同意", again["extension"]
    assert office.act(case, "withdrawn", reason="试") == 202


def urging(office, a, b):
    items = [{"case": row["id"]} for row in office.see("/api/v1/cases?state=open")["items"]]
    assert items and b.post("/api/v1/urge", {"items": items, "text": "x"}).status == 403
    done = office.post("/api/v1/urge", {"items": items, "text": "请尽快"}).json()
    assert all(result["ok"] for result in done["results"]), done
    again = office.post("/api/v1/urge", {"items": items, "text": "请尽快"}).json()
    assert not any(result["ok"] for result in again["results"]), again
    assert a.see(f"/api/v1/cases/{items[0]['case']}")["urged"] == 1


def holding_to_account(running, office, a, b):
    for number in range(10, 13):
        assert office.post("/api/v1/cases", form(number)).status == 201
    running.nrt("clock", "step", LATE)
    entries = office.see("/api/v1/accountability?state=open")["items"]
    assert [entry["who"] for entry in entries] == ["unit-a"], entries
    path = f"/api/v1/accountability/{entries[0]['id']}"
    assert b.get(path).status == 404 and b.see("/api/v1/accountability")["items"] == []
    assert a.todo("statement") == 1 and office.todo("accountability") == 1
    assert b.post(path + "/statement", {"text": "x"}).status == 404
    assert office.post(path + "/statement", {"text": "x"}).status == 403
    assert a.post(path + "/outcome", {"kind": "noted", "text": "x"}).status == 403
    said = a.post(path + "/statement", {"text": "人手不足"}).json()
    assert said["statements"][0]["by"] == "anna", said["statements"]
    assert a.todo("statement") == 0
    closed = office.post(path + "/outcome", {"kind": "interviewed", "text": "已约谈"}).json()
    assert closed["state"] == "closed" and closed["outcome"]["by"] == "otto", closed["outcome"]
    assert office.todo("accountability") == 0


def acknowledging(office, a, b):
    alert = office.see("/api/v1/alerts?unit=unit-a")["items"][0]
    path = f"/api/v1/alerts/{alert['id']}/ack"
    assert b.post(path, {"by": "unit-b-1"}).status == 404
    assert a.post(path, {"by": "somebody-else"}).status == 202
    acks = [event["event"]["data"]["by"]
            for event in office.see(f"/api/v1/cases/{alert['case']}")["events"]
            if event["type"] == "case.acknowledged"]
    assert acks == ["unit-a-1"], acks


def counting(office, a, b):
    whole = office.see("/api/v1/figures/units")["total"]
    own = a.see("/api/v1/figures/units")
    assert own["total"] == whole and whole["missed"] >= 3, (own["total"], whole)
    other = b.see("/api/v1/figures/units")
    assert other["ranking"] == [] and other["total"]["received"] == 0, other
    assert b.see("/api/v1/figures/matters")["matters"] == []
    assert all(month["received"] == 0 for month in b.see("/api/v1/overview")["trend"])


def at_once(running, office):
    """Many at one moment: each gets an id of its own."""
    def one(number):
        return running.post("/api/v1/cases", form(100 + number, received=BEGIN))

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(24)))
    assert all(answer.status == 201 for answer in answers), [a.status for a in answers]
    ids = {answer.json()["id"] for answer in answers}
    assert len(ids) == 24, ids
    rows = [form(200 + n, received=BEGIN) for n in range(300)]
    done = running.post("/api/v1/cases/import", {"rows": rows}).json()
    assert len({row["id"] for row in done["results"]} | ids) == 324
    Desk.position = done["position"]
    assert office.see("/api/v1/cases?limit=1&q=499")["items"][0]["title"].endswith("（499）")
    return [row["id"] for row in done["results"]]


def urging_many(office, cases):
    """More than one turn of the loop takes, one of them listed twice and one that is not there."""
    items = [{"case": case} for case in [*cases, cases[0], "nowhere"]]
    done = office.post("/api/v1/urge", {"items": items, "text": "请尽快"}).json()
    told = [(result["case"], result["ok"]) for result in done["results"]]
    assert told == [*((case, True) for case in cases), (cases[0], False), ("nowhere", False)]
    for case in (cases[0], cases[49], cases[50], cases[-1]):
        assert office.see(f"/api/v1/cases/{case}")["urged"] == 1


def people_do_their_part_and_no_other():
    with service.Service("--clock", "stepped", "--clock-from", BEGIN) as running:
        a = Desk(people.account(running, "anna", ["unit"], "unit-a", "unit-a-1"))
        b = Desk(people.account(running, "berta", ["unit"], "unit-b", "unit-b-1"))
        office = Desk(people.account(running, "otto", ["oversight"], "supervision",
                                     "supervision-1"))
        case = registering(office, a, b)
        working(case, office, a, b)
        extending(running, office)
        urging(office, a, b)
        holding_to_account(running, office, a, b)
        acknowledging(office, a, b)
        counting(office, a, b)
        urging_many(office, at_once(running, office))


def a_co_handling_unit_answers_for_itself_alone():
    folder = tempfile.mkdtemp(prefix="joint-")
    try:
        config = os.path.join(folder, "config")
        subprocess.run([service.NRT, "config", "init", config, "--rules", "joint-reply"],
                       check=True, capture_output=True)
        with service.Service("--clock", "stepped", "--clock-from", BEGIN,
                             config=config) as running:
            Desk.position = ""
            host = Desk(people.account(running, "anna", ["unit"], "unit-a", "unit-a-1"))
            helper = Desk(people.account(running, "berta", ["unit"], "unit-b", "unit-b-1"))
            made = host.post("/api/v1/cases", form(
                1, co_units=["unit-b"], labels={"kind": "joint"}))
            case = made.json()["id"]

            def outcomes():
                clocks = host.see(f"/api/v1/cases/{case}")["clocks"]
                return {clock["id"]: clock["outcome"] for clock in clocks}

            assert outcomes() == {"reply": "running", "co-reply@unit-b": "running"}
            assert "completed" not in helper.actions(case)
            assert helper.act(case, "completed", result="x") == 403
            assert helper.act(case, "answered", result="x", unit="unit-a") == 422
            assert helper.act(case, "answered", result="x") == 202
            assert outcomes() == {"reply": "running", "co-reply@unit-b": "met"}
            assert host.act(case, "answered", result="x", unit="unit-b") == 422
            assert host.act(case, "answered", result="x") == 202
            assert outcomes()["reply"] == "met"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


service.run_tests([a_co_handling_unit_answers_for_itself_alone, people_do_their_part_and_no_other])
