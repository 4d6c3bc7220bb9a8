#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: timeout=300
"""Events that cannot be used end as rejects with their reason, are counted, and the good ones
beside them go through; repeated, late and disordered events change nothing they should not."""
import datetime
import json
import urllib.request

import service


def now(**delta):
    zone = datetime.timezone(datetime.timedelta(hours=8))
    at = datetime.datetime.now(zone) + datetime.timedelta(**delta)
    return at.isoformat(timespec="milliseconds")


def line(value):
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) + "\n"


def received(case, number=1, when=None, **data):
    full = dict({"title": "一件事", "unit": "unit-a"}, **data)
    return service.event(case, number, "received", when or now(), full)


def post(running, *values):
    body = "".join(map(line, values)).encode()
    return running.request("POST", "/api/v1/events", body, "application/x-ndjson")


def rejects(running):
    """How many rejects /metrics counts, over all reasons and ways in."""
    return sum(v for k, v in running.metrics().items() if k.startswith("nrt_rejects_total"))


def shown(running, case, position):
    place = urllib.request.quote(position)
    return running.get_json(f"/api/v1/cases/{case}?after={place}")


def expect_reject(running, bad, words):
    """One bad event between two good ones."""
    before = rejects(running)
    case = "B-" + str(abs(hash(words)) % 10**9)
    answer = post(running, received(case + "-1"), bad, received(case + "-2"))
    assert answer.status == 202, (answer.status, answer.body)
    results = answer.json()["results"]
    assert [r["verdict"] for r in results] == ["queued", "rejected", "queued"], results
    assert words in results[1]["reason"], results[1]["reason"]
    for number in (1, 2):
        assert shown(running, f"{case}-{number}", answer.json()["position"])["state"] == "open"
    service.wait_for("the reject is counted", lambda: rejects(running) == before + 1)
    listed = running.get_json("/api/v1/rejects?limit=1")["items"][0]
    assert words in listed["reason"], listed
    return listed


def main():
    with service.Service() as running:

        def broken_json_is_rejected_with_its_place():
            listed = expect_reject(running, '{"specversion":"1.0","id":', "1:")
            assert listed["head"].startswith('{"specversion"'), listed

        def bytes_that_are_no_text_are_kept_as_a_reject_too():
            listed = expect_reject(running, "\0\0 nothing that any parser likes", "1:1")
            assert listed["head"].endswith("nothing that any parser likes"), listed
            assert listed["kind"] == "json", listed

        def a_missing_subject_is_rejected():
            bad = received("X")
            del bad["subject"]
            expect_reject(running, bad, "subject")

        def a_missing_time_is_rejected():
            bad = received("X")
            del bad["time"]
            expect_reject(running, bad, "time")

        def an_event_of_one_megabyte_is_rejected_and_kept_by_its_hash():
            before = rejects(running)
            body = line(received("BIG", title="长" * (1024 * 1024 // 3))).encode()
            answer = running.request("POST", "/api/v1/events", body, "application/x-ndjson")
            assert answer.status in (400, 413), answer.status
            service.wait_for("it is counted", lambda: rejects(running) == before + 1)
            listed = running.get_json("/api/v1/rejects?limit=1")["items"][0]
            assert listed["bytes"] >= 1024 * 1024, listed["bytes"]
            assert len(listed["head"].encode()) <= 4096 and len(listed["sha256"]) == 64
            assert post(running, received("AFTER-BIG")).status == 202

        def an_event_over_64_kib_among_others_is_rejected_alone():
            expect_reject(running, received("X", title="x" * 70000), "65536")

        def an_event_of_next_year_is_rejected():
            expect_reject(running, received("X", when=now(days=365)), "future")

        def a_body_without_any_usable_event_answers_400():
            answer = post(running, "nonsense")
            assert answer.status == 400, answer.status
            assert answer.json()["status"] == 400

        def an_unknown_unit_is_accepted_and_counted_as_a_directory_fault():
            name = 'nrt_role_directory_faults_total{role="monitor",instance="monitor-1"}'
            before = running.metrics().get(name, 0)
            answer = post(running, received("U-1", unit="no-such-unit"))
            case = shown(running, "U-1", answer.json()["position"])
            assert case["state"] == "open" and len(case["clocks"]) > 0, case
            service.wait_for(
                "the fault is counted", lambda: running.metrics().get(name, 0) > before)

        def a_repeated_event_counts_once():
            first = received("R-1")
            post(running, first)
            again = dict(first, data=dict(first["data"], title="另一件事"))
            answer = post(running, again, first)
            case = shown(running, "R-1", answer.json()["position"])
            assert case["title"] == "一件事", case["title"]
            assert len(case["clocks"]) == 1, case["clocks"]
            metrics = running.metrics
            name = 'nrt_role_events_repeated_total{role="monitor",instance="monitor-1"}'
            service.wait_for("repeats are counted", lambda: metrics().get(name, 0) >= 2)

        def events_out_of_order_give_the_same_case():
            events = [
                received("O-1", 1, now(hours=-30)),
                service.event("O-1", 2, "accepted", now(hours=-29), {"by": "unit-a-1"}),
                service.event("O-1", 3, "answered", now(hours=-2), {"result": "同意"}),
            ]
            for event in reversed(events):
                answer = post(running, event)
            case = shown(running, "O-1", answer.json()["position"])
            assert [c["outcome"] for c in case["clocks"]] == ["met"], case["clocks"]
            assert case["title"] == "一件事", case

        def the_front_door_takes_good_events_and_keeps_bad_ones():
            before = rejects(running)
            running.redis("XADD", "nrt:events", "*", "ce", json.dumps(received("D-1")))
            running.redis("XADD", "nrt:events", "*", "ce", "no json")
            running.redis("XADD", "nrt:events", "*", "other", "field")
            service.wait_for("the good one is a case",
                             lambda: running.get("/api/v1/cases/D-1").status == 200)
            service.wait_for("both bad ones are rejects", lambda: rejects(running) == before + 2)

        def published_events_are_taken():
            before = rejects(running)
            running.redis("PUBLISH", "nrt:events", json.dumps(received("P-1")))
            running.redis("PUBLISH", "nrt:events", "no json")
            service.wait_for("the good one is a case",
                             lambda: running.get("/api/v1/cases/P-1").status == 200)
            service.wait_for("the bad one is a reject", lambda: rejects(running) == before + 1)

        def import_lists_rejects_with_their_lines():
            path = running.folder + "/import.ndjson"
            with open(path, "w", encoding="utf-8") as file:
                file.write(line(received("I-1")) + "\n" + line("{broken") + line(received("I-2")))
            done = running.nrt("import", path, check=False)
            assert done.returncode == 1, (done.returncode, done.stderr)
            assert "line 3: rejected" in done.stderr, done.stderr
            assert "2 queued, 1 rejected" in done.stdout, done.stdout
            again = json.loads(running.nrt("import", path, "--json", check=False).stdout)
            assert (again["queued"], again["rejected"]) == (2, 1), again
            assert again["rejects"][0]["line"] == 3, again

        service.run_tests([
            broken_json_is_rejected_with_its_place,
            bytes_that_are_no_text_are_kept_as_a_reject_too,
            a_missing_subject_is_rejected,
            a_missing_time_is_rejected,
            an_event_of_one_megabyte_is_rejected_and_kept_by_its_hash,
            an_event_over_64_kib_among_others_is_rejected_alone,
            an_event_of_next_year_is_rejected,
            a_body_without_any_usable_event_answers_400,
            an_unknown_unit_is_accepted_and_counted_as_a_directory_fault,
            a_repeated_event_counts_once,
            events_out_of_order_give_the_same_case,
            the_front_door_takes_good_events_and_keeps_bad_ones,
            published_events_are_taken,
            import_lists_rejects_with_their_lines,
        ])


main()
