#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: plain timeout=420
"""Versions of the configuration while everything runs: the console killed at every boundary of a
replan, a burst of signals and requests, a change that is approved and applied at its time across a
restart, and a real preview of the whole ledger."""
import datetime
import json
import os
import signal
import threading

import service

CASES = 200
NOW = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def rules(limit):
    return {"id": "r", "version": "1", "clocks": [{"id": "reply", "limit": limit, "stages": [
        {"id": "s", "at": "due+0", "light": "red", "notify": ["handler"]}]}]}


def put(running, limit, **more):
    body = {"files": [{"name": "rules/r.json", "text": json.dumps(rules(limit))}], "by": "li",
            "note": limit}
    answer = running.request("PUT", "/api/v1/rules", json.dumps(dict(body, **more)).encode())
    return answer


def put_well(running, limit):
    answer = put(running, limit)
    assert answer.status == 200, f"{answer.status} {answer.body[:500]}"
    return answer.json()


def add_cases(running, count=CASES, prefix="C"):
    events = [service.event(f"{prefix}-{i:04}", 1, "received", NOW,
                            {"title": "t", "unit": "unit-a"}) for i in range(count)]
    position = running.send(*events)["position"]
    running.get_json("/api/v1/cases?after=" + position)


def job_ends(running, job):
    def look():
        answer = running.get("/api/v1/jobs/" + job)
        if answer.status != 200:
            return None  # the console may be starting, or its ledger not there yet
        found = answer.json()
        return found if found["state"] != "running" else None

    def patient():
        try:
            return look()
        except OSError:
            return None

    return service.wait_for(f"job {job} ends", patient)


def check_exactly_once(running, replan, kind, count=CASES):
    """Every case has the event of this sweep, and had effect by it once."""
    events = [json.loads(line) for line in
              running.get("/api/v1/events?after=0:0-0").body.decode().splitlines()]
    ours = [e["subject"] for e in events
            if e["source"] == "nrt:replan" and e["id"].startswith(replan + ":")]
    assert len(ours) == count and len(set(ours)) == count, (len(ours), len(set(ours)))
    shown = running.get_json("/api/v1/cases/C-0000")
    applied = [e for e in shown["events"] if e["type"] == "case." + kind
               and e["id"].startswith(replan + ":")]
    assert len(applied) == 1, applied


def dues(running):
    return {case["due"] for case in running.items("/api/v1/cases")}


def killed_at_every_boundary_of_a_replan_each_case_gets_its_event_once():
    for name in ("sweep_after_add", "sweep_after_position", "ledger_before_commit",
                 "ledger_after_commit"):
        # The one before is left to the sweep; a ledger's commits come sooner than the replan.
        nth = 2 if name.startswith("sweep") else 6
        running = service.Service("--failpoint", f"console-1={name}:kill:{nth}")
        with running:
            patient_put(running, "5wd")
            patient(lambda: add_cases(running))
            before = patient(lambda: dues(running))
            patient_put(running, "3wd")
            answer = patient(lambda: ask_replan(running))
            job = answer["job"]
            found = job_ends(running, job)
            assert found["state"] == "done", found
            running.wait_ready()
            assert "name=console-1" in running.log(), f"{name} was not passed {nth} times"
            service.wait_for("all dues have moved", lambda: (
                lambda now: now if len(now) == 1 and now != before else None)(dues(running)))
            check_exactly_once(running, job, "replanned")
            print(f"     {name}: {found['done']} events", flush=True)


def is_stopped(pid):
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()[0] == b"T"


def killed_with_redis_in_a_replan_each_case_gets_its_event_once():
    for name in ("sweep_after_add", "sweep_after_position"):
        running = service.Service("--failpoint", f"console-1={name}:stop:2")
        with running:
            put_well(running, "5wd")
            add_cases(running)
            before = dues(running)
            put_well(running, "3wd")
            job = ask_replan(running)["job"]
            console = running.pid_of("console-1")
            service.wait_for("it stands at the fail-point", lambda: is_stopped(console))
            running.kill("redis", "console-1")
            assert job_ends(running, job)["state"] == "done"
            running.wait_ready()
            service.wait_for(
                "all dues have moved", lambda: before.isdisjoint(dues(running)))
            check_exactly_once(running, job, "replanned")


def patient(act):
    """Again and again until the console, which may be dead, has answered well."""
    def attempt():
        try:
            return act() or True
        except (OSError, AssertionError, ValueError):
            return None

    return service.wait_for("the console answers", attempt, pause=0.1)


def patient_put(running, limit):
    return patient(lambda: put_well(running, limit))


def ask_replan(running):
    known = running.get_json("/api/v1/replans")["items"]
    if known:
        return {"job": known[0]["id"]}  # it was asked for before the console died
    answer = running.post("/api/v1/rules/replan", {"by": "li", "note": "all"})
    assert answer.status == 202, answer.body
    return answer.json()


def a_replan_is_done_while_cases_come_in_and_can_be_taken_back():
    with service.Service() as running:
        put_well(running, "5wd")
        add_cases(running)
        before = dues(running)
        put_well(running, "3wd")
        job = ask_replan(running)["job"]
        add_cases(running, 50, "D")  # these begin under the new rules
        assert job_ends(running, job)["done"] >= CASES
        service.wait_for("all have the new due", lambda: len(dues(running)) == 1)
        assert dues(running) != before
        answer = running.post("/api/v1/rules/replan", {"undo": job, "by": "li"})
        assert answer.status == 202, answer.body
        assert job_ends(running, answer.json()["job"])["state"] == "done"
        service.wait_for("the first ones have their old due", lambda: before <= dues(running))
        shown = running.get_json("/api/v1/cases/C-0007")
        assert {shown["due"]} == before, shown


def a_burst_of_signals_is_one_version():
    running = service.Service()
    config = service.write_config(
        os.path.join(running.folder, "config"), {"rules/r.json": rules("5wd")})
    running.config = config
    with running:
        service.write_config(config, {"rules/r.json": rules("4wd")})
        for _ in range(100):
            running.process.send_signal(signal.SIGHUP)
        service.wait_for("all three have read it", lambda: running.log().count(
            "configuration_loaded config=2") == 3)
        # Signals may still be under way: they find nothing new.
        put(running, "4wd")
        assert running.get_json("/api/v1/rules")["version"] == 2


def a_burst_of_equal_requests_is_one_version():
    with service.Service() as running:
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(put(running, "2wd")))
                   for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [a.status for a in answers] == [200] * 50, [a.status for a in answers]
        assert sum(a.json()["applied"] for a in answers) == 1
        assert running.get_json("/api/v1/rules")["version"] == 2
        service.wait_for("all three have read it", lambda: running.log().count(
            "configuration_loaded config=2") == 3)
        metrics = running.metrics()
        assert all(value == 1 for name, value in metrics.items()
                   if name.startswith("nrt_config_last_reload_successful")), metrics


def what_is_refused_is_told_in_the_metrics():
    with service.Service() as running:
        assert put(running, "5xd").status == 422
        service.wait_for("it is told", lambda: running.metrics().get(
            'nrt_config_last_reload_successful{instance="console-1"}') == 0)
        put_well(running, "5wd")
        service.wait_for("it is well again", lambda: running.metrics().get(
            'nrt_config_last_reload_successful{instance="console-1"}') == 1)
        assert "configuration_refused" in running.log()


def an_approved_change_is_applied_at_its_time_by_whoever_runs_then():
    running = service.Service("--clock", "stepped", "--clock-from", "2026-03-02T08:00:00+08:00")
    running.config = service.write_config(os.path.join(running.folder, "config"), {
        "nrt.json": {"changes": {"approval": True}}, "rules/r.json": rules("5wd")})
    with running:
        assert put(running, "3wd").status == 409
        body = {"kind": "rules", "by": "li", "note": "three", "files": [
            {"name": "rules/r.json", "text": json.dumps(rules("3wd"))}]}
        draft = running.post("/api/v1/drafts", body).json()["draft"]
        assert running.post(f"/api/v1/drafts/{draft}/approve", {"by": "li"}).status == 409
        answer = running.post(f"/api/v1/drafts/{draft}/approve",
                              {"by": "wang", "apply_at": "2026-03-05T00:00:00+08:00"})
        assert answer.status == 200, answer.body
        running.stop()
        running.start()
        running.nrt("clock", "step", "2026-03-04T23:59:59+08:00")
        assert running.get_json("/api/v1/rules")["version"] == 1
        running.nrt("clock", "step", "2026-03-06T08:00:00+08:00")
        shown = running.get_json("/api/v1/rules")
        assert (shown["version"], shown["at"]) == (2, "2026-03-05T00:00:00+08:00"), shown["at"]
        older = running.post("/api/v1/rules/replan", {"version": 1, "by": "li"})
        assert older.status == 409, f"{older.status} {older.body[:300]}"
        newest = running.post("/api/v1/rules/replan", {"version": 2, "by": "li"})
        assert newest.status == 202, f"{newest.status} {newest.body[:300]}"
        assert running.get_json("/api/v1/drafts/" + draft)["state"] == "applied"


def ask_while_the_ledger_is_read(running):
    """Asks for a replan from the first moment on, until one is begun."""
    def ask():
        try:
            answer = running.post("/api/v1/rules/replan", {"by": "li", "note": "again"})
        except OSError:
            return None
        assert answer.status in (202, 503), f"{answer.status} {answer.body[:300]}"
        return answer.json()["replan"] if answer.status == 202 else None

    return service.wait_for("a replan is begun", ask)


def hours_from_now(hours):
    return (datetime.datetime.fromisoformat(NOW) + datetime.timedelta(hours=hours)).isoformat()


def a_ledger_that_is_read_again_gives_no_number_twice_and_applies_nothing_withdrawn():
    running = service.Service("--clock", "stepped", "--clock-from", NOW)
    running.config = service.write_config(
        os.path.join(running.folder, "config"), {"rules/r.json": rules("5wd")})
    with running:
        body = {"kind": "rules", "by": "li", "note": "three", "files": [
            {"name": "rules/r.json", "text": json.dumps(rules("3wd"))}]}
        draft = running.post("/api/v1/drafts", body).json()["draft"]
        answer = running.post(f"/api/v1/drafts/{draft}/approve",
                              {"by": "wang", "apply_at": hours_from_now(4)})
        assert answer.status == 200, answer.body
        for part in range(10):
            add_cases(running, 500, f"C{part}")  # the journal has them between the two steps
        assert running.post(f"/api/v1/drafts/{draft}/withdraw", {"by": "li"}).status == 200
        assert job_ends(running, ask_replan(running)["job"])["state"] == "done"
        running.nrt("clock", "step", hours_from_now(8))
        running.stop()
        for name in os.listdir(running.data):
            if name.startswith("ledger.db"):
                os.remove(os.path.join(running.data, name))
        running.start(wait=False)
        replan = ask_while_the_ledger_is_read(running)
        assert replan == "r2", f"{replan} was given twice"
        running.wait_ready()
        assert job_ends(running, "r2")["state"] == "done"
        shown = running.get_json("/api/v1/drafts/" + draft)
        assert shown["state"] == "withdrawn", shown["state"]
        assert running.get_json("/api/v1/rules")["version"] == 1


def a_ledger_that_has_lost_its_past_gives_no_number_twice():
    running = service.Service()
    running.config = service.write_config(
        os.path.join(running.folder, "config"), {"rules/r.json": rules("5wd")})
    with running:
        add_cases(running, 20)
        assert job_ends(running, ask_replan(running)["job"])["state"] == "done"
        before = dues(running)
        running.redis("XTRIM", "nrt:{p0}:journal", "MAXLEN", "1")  # as after its seven days
        running.stop()
        for name in os.listdir(running.data):
            if name.startswith("ledger.db"):
                os.remove(os.path.join(running.data, name))
        running.start()
        # An event that the cases keep: each tells the journal how it stands.
        running.send(*[service.event(f"C-{i:04}", 2, "accepted", NOW) for i in range(20)])
        service.wait_for("the ledger knows them again",
                         lambda: len(running.items("/api/v1/cases")) == 20)
        put_well(running, "3wd")
        answer = running.post("/api/v1/rules/replan", {"by": "li", "note": "all"})
        assert answer.status == 202, answer.body
        found = job_ends(running, answer.json()["job"])
        assert found["done"] == 20, found
        service.wait_for("all dues have moved", lambda: before.isdisjoint(dues(running)))


def killed_right_after_a_draft_was_applied_it_is_not_applied_twice():
    running = service.Service("--failpoint", "console-1=config_after_apply:kill:1")
    with running:
        body = {"kind": "rules", "by": "li", "note": "three", "files": [
            {"name": "rules/r.json", "text": json.dumps(rules("3wd"))}]}
        draft = running.post("/api/v1/drafts", body).json()["draft"]
        answer = running.post(f"/api/v1/drafts/{draft}/approve",
                              {"by": "wang", "apply_at": "2020-01-01T00:00:00+08:00"})
        assert answer.status == 200, answer.body
        service.wait_for("the console was killed", lambda: "name=console-1" in running.log())
        running.wait_ready()
        shown = service.wait_for("the draft has ended", lambda: (
            lambda d: d if d["state"] != "approved" else None)(
                running.get_json("/api/v1/drafts/" + draft)))
        assert (shown["state"], shown["version"]) == ("applied", 2), shown
        assert running.get_json("/api/v1/rules")["version"] == 2


def a_preview_of_the_whole_ledger_runs_beside_the_console():
    with service.Service() as running:
        put_well(running, "5wd")
        add_cases(running)
        body = {"files": [{"name": "rules/r.json", "text": json.dumps(rules("3wd"))}]}
        answer = running.post("/api/v1/rules/preview", body)
        assert answer.status == 202, answer.body
        job = answer.json()["job"]
        found = job_ends(running, job)
        assert found["state"] == "done", found
        assert found["totals"]["cases"] == CASES, found["totals"]
        items = running.items(f"/api/v1/jobs/{job}/items")
        assert len(items) == CASES and items[0]["clock"] == "reply", items[:1]


service.run_tests([
    killed_at_every_boundary_of_a_replan_each_case_gets_its_event_once,
    killed_with_redis_in_a_replan_each_case_gets_its_event_once,
    a_replan_is_done_while_cases_come_in_and_can_be_taken_back,
    a_burst_of_signals_is_one_version,
    a_burst_of_equal_requests_is_one_version,
    what_is_refused_is_told_in_the_metrics,
    an_approved_change_is_applied_at_its_time_by_whoever_runs_then,
    a_ledger_that_is_read_again_gives_no_number_twice_and_applies_nothing_withdrawn,
    a_ledger_that_has_lost_its_past_gives_no_number_twice,
    killed_right_after_a_draft_was_applied_it_is_not_applied_twice,
    a_preview_of_the_whole_ledger_runs_beside_the_console,
])
