#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow timeout=300
"""Several monitors at once on the same cases: events of one case come in by several connections in
the same moment, while its timer is due. No step may be lost under another."""
import threading
import time

import gateway
import quick
import service

MONITORS = 3
CASES = 400 if service.LONG else 100


def conflicts(running):
    return sum(number for name, number in running.metrics().items()
               if name.startswith("nrt_role_commit_conflicts_total{"))


def bring_at_once(running, batches):
    """Each batch on a connection of its own."""
    threads = [threading.Thread(target=quick.bring, args=(running, batch)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def check_all_counted(running, cases, events):
    """Each case has all its events, and was met because the last of them counted."""
    for case in cases:
        def whole(case=case):
            answer = running.get("/api/v1/cases/" + case)
            return (answer.status == 200 and len(answer.json()["events"]) == events
                    and answer.json())
        shown = service.wait_for(f"all of {case} is there", whole)
        outcomes = [clock["outcome"] for clock in shown["clocks"]]
        assert outcomes == ["met"], (case, outcomes)


def main():
    gate = gateway.Gateway()
    running = quick.start(gate, "--instances", f"monitor={MONITORS}")

    def events_of_a_case_taken_by_several_monitors_at_once_all_count():
        cases = [f"beside-{number}" for number in range(CASES)]
        for first in range(0, CASES, 10):
            some = cases[first:first + 10]
            now = quick.now()
            bring_at_once(running, [
                [quick.received(case, 1, now) for case in some],
                [service.event(case, 2, "completed", now) for case in some],
                [service.event(case, 3, "assigned", now, {"unit": "u1"}) for case in some]])
        check_all_counted(running, cases, 3)
        service.wait_for("a step has lost a race", lambda: conflicts(running), 10)
        print(f"     {conflicts(running):.0f} steps lost a race and were made again")

    def an_event_that_comes_while_the_timer_fires_counts():
        cases = [f"due-{number}" for number in range(CASES)]
        due = time.time() + 3
        bring_at_once(running, [[quick.received(
            case, 1, quick.now(seconds=2)) for case in cases]])
        service.wait_for(
            "the moment before due", lambda: time.time() >= due - 0.03, pause=0.001)
        when = quick.now(seconds=-0.5)
        bring_at_once(running, [
            [service.event(case, 2, "completed", when) for case in cases[part::8]]
            for part in range(8)])
        check_all_counted(running, cases, 2)
        fired = [a for a in running.items("/api/v1/alerts") if a["case"].startswith("due-")]
        assert len({a["case"] for a in fired}) == len(fired), "one fired twice"
        assert max(gate.counts().values(), default=1) == 1, gate.counts()
        print(f"     {len(fired)} of {CASES} had fired when they were settled")

    quick.run_tests_on(gate, running, [
        events_of_a_case_taken_by_several_monitors_at_once_all_count,
        an_event_that_comes_while_the_timer_fires_counts,
    ])


main()
