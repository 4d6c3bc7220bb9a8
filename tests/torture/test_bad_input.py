#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow timeout=300
"""Every kind of bad event by every way in: it is answered or kept as designed, with its reason and
hash, counted in /metrics, and the good events beside it go through."""
import hashlib
import json

import gateway
import quick
import rig
import service

DEEP = "[" * 20 + "]" * 20


def good(case):
    return json.dumps(quick.received(case), ensure_ascii=False).encode()


# What is sent, as bytes, and words of the reason. `case` makes each one of its own.
BAD = {
    "broken_json": (lambda case: good(case)[:-5], "JSON"),
    "missing_subject": (lambda case: good(case).replace(b'"subject"', b'"object"'), "subject"),
    "next_year": (lambda case: json.dumps(quick.received(
        case, when=quick.now(days=365))).encode(), "future"),
    "too_large": (lambda case: good(case).replace(
        "一件事".encode(), b"x" * (70 * 1024)), "large"),
    "too_deep": (lambda case: good(case).replace(
        b'"data": {', b'"data": {"deep": ' + DEEP.encode() + b", "), "deep"),
    "bad_utf8": (lambda case: good(case).replace("一件事".encode(), b"\xff\xfe"), "UTF-8"),
}


# ---- ways in: each sends all the bodies and returns the statuses ----


def by_object(running, bodies):
    return [running.request("POST", "/api/v1/events", body).status for body in bodies]


def by_array(running, bodies):
    return [running.request("POST", "/api/v1/events", b"[" + b",".join(bodies) + b"]").status]


def by_ndjson(running, bodies):
    return [running.request("POST", "/api/v1/events", b"".join(body + b"\n" for body in bodies),
                            "application/x-ndjson").status]


def by_door(running, bodies):
    for body in bodies:
        rig.redis(running, "XADD", "nrt:events", "*", "ce", body)
    return []


def by_publish(running, bodies):
    for body in bodies:
        assert rig.redis(running, "PUBLISH", "nrt:events", body) >= 1, "nobody listens"
    return []


WAYS = (by_object, by_array, by_ndjson, by_door, by_publish)


# ---- looking ----


def counted(running):
    """{(way, reason): number} of the rejects in /metrics."""
    return {name: number for name, number in running.metrics().items()
            if name.startswith("nrt_rejects_total{")}


def wait_case(running, case):
    service.wait_for(f"{case} is a case",
                     lambda: running.get("/api/v1/cases/" + case).status == 200)
    return running.get_json("/api/v1/cases/" + case)


def wait_reject(running, seen):
    """The newest reject, once there is one beyond those seen."""
    def newest():
        items = running.get_json("/api/v1/rejects?limit=1")["items"]
        return items[0] if items and items[0]["id"] not in seen else None
    reject = service.wait_for("the reject is listed", newest)
    seen.add(reject["id"])
    return reject


def check_reject(reject, body, words, exact):
    assert words.lower() in reject["reason"].lower(), reject["reason"]
    assert len(reject["head"].encode()) <= 4096 + 2, len(reject["head"])
    if exact:
        assert reject["bytes"] == len(body), (reject["bytes"], len(body))
        assert reject["sha256"] == hashlib.sha256(body).hexdigest(), reject


def expected_statuses(way, kind):
    """None: the way has no answer. An array that is no JSON cannot be taken apart."""
    if way is by_object:
        return [202, 400, 202]
    if way is by_array:
        return [400] if kind in ("broken_json", "bad_utf8") else [202]
    return [202] if way is by_ndjson else []


def try_bad(running, way, kind, seen):
    make, words = BAD[kind]
    name = f"{way.__name__}-{kind}"
    body = make(name + "-bad")
    before = sum(counted(running).values())
    statuses = way(running, [good(name + "-1"), body, good(name + "-2")])
    expected = expected_statuses(way, kind)
    assert statuses == expected, (name, statuses)
    reject = wait_reject(running, seen)
    whole = way is by_array
    check_reject(reject, body, words, exact=not whole)
    if not (whole and expected == [400]):
        for number in ("1", "2"):
            assert wait_case(running, f"{name}-{number}")["state"] == "open"
    assert sum(counted(running).values()) == before + 1, counted(running)
    assert running.get(f"/api/v1/cases/{name}-bad").status == 404


# ---- the whole ----


def main():
    gate = gateway.Gateway()
    running = quick.start(gate, partitions=3)
    seen = set()

    def bad_events_are_kept_as_rejects_and_good_ones_beside_them_go_through():
        for way in WAYS:
            for kind in BAD:
                try_bad(running, way, kind, seen)
        print(f"     {len(WAYS)} ways, {len(BAD)} kinds; {len(counted(running))} counters")

    def a_megabyte_is_refused_and_the_next_event_taken():
        for way in WAYS:
            name = f"{way.__name__}-megabyte"
            body = good(name).replace("一件事".encode(), b"x" * 1024 * 1024)
            statuses = way(running, [body])
            assert statuses == ([413] if statuses else []), (name, statuses)
            reject = wait_reject(running, seen)
            assert reject["bytes"] >= 1024 * 1024 and len(reject["sha256"]) == 64, reject
            if way not in (by_array, by_ndjson):
                assert reject["sha256"] == hashlib.sha256(body).hexdigest(), reject
            way(running, [good(name + "-after")])
            wait_case(running, name + "-after")

    def an_unknown_unit_is_taken_and_counted_as_a_fault():
        name = 'nrt_role_directory_faults_total{role="monitor",instance="monitor-1"}'
        before = running.metrics().get(name, 0)
        for way in WAYS:
            case = f"{way.__name__}-unknown-unit"
            way(running, [good(case).replace(b'"u1"', b'"u9"')])
            assert len(wait_case(running, case)["clocks"]) == 1
        service.wait_for("the faults are counted", lambda: running.metrics().get(
            name, 0) >= before + len(WAYS))

    def a_repeated_event_counts_once_however_it_comes():
        body = good("repeated")
        other = body.replace("一件事".encode(), "另一件事".encode())
        by_object(running, [body])
        wait_case(running, "repeated")
        for way in WAYS:
            way(running, [other, body])
        service.wait_for("all repeats are counted", lambda: running.get_json(
            "/api/v1/cases/repeated")["events"][0]["repeats"] == 2 * len(WAYS))
        shown = running.get_json("/api/v1/cases/repeated")
        assert shown["title"] == "一件事" and len(shown["clocks"]) == 1, shown
        assert len(shown["events"]) == 1, shown["events"]

    def events_out_of_order_give_the_case_of_their_order():
        for way in WAYS:
            case = f"{way.__name__}-order"
            events = [
                quick.received(case, 1, quick.now(seconds=-30)),
                service.event(case, 2, "assigned", quick.now(seconds=-20), {"unit": "u1"}),
                service.event(case, 3, "completed", quick.now(seconds=-29.5), {}),
            ]
            for event in reversed(events):
                way(running, [json.dumps(event).encode()])
            service.wait_for("all three are there", lambda case=case: running.get(
                "/api/v1/cases/" + case).status == 200 and len(running.get_json(
                    "/api/v1/cases/" + case)["events"]) == 3)
            clocks = running.get_json("/api/v1/cases/" + case)["clocks"]
            assert [clock["outcome"] for clock in clocks] == ["met"], clocks

    def nobody_died_of_it():
        log = running.log()
        assert "child_ended" not in log, log[-2000:]

    quick.run_tests_on(gate, running, [
        bad_events_are_kept_as_rejects_and_good_ones_beside_them_go_through,
        a_megabyte_is_refused_and_the_next_event_taken,
        an_unknown_unit_is_taken_and_counted_as_a_fault,
        a_repeated_event_counts_once_however_it_comes,
        events_out_of_order_give_the_case_of_their_order,
        nobody_died_of_it,
    ])


main()
