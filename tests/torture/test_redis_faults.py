#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow timeout=600
"""A Redis in trouble: the service stays up, says what is wrong and which setting mends it, loses
nothing it has confirmed, sends nothing twice, and goes on by itself afterwards."""
import contextlib
import json
import os
import signal
import threading
import time

import equality
import gateway
import quick
import rig
import service

MIDST_S = 12 if service.LONG else 2
ROLES = ("monitor-1", "notifier-1", "console-1")
LOG_LINES_A_SECOND_MAX = 5  # an outage may last for hours


class Trouble:
    """`with Trouble(...)`: Redis is in trouble inside."""

    def __init__(self, name, words, begin, end):
        self.name = name
        self.words = words  # what an operator must be told
        self.begin = begin
        self.end = end


def set_to(name, wrong, right):
    return (lambda running: rig.redis(running, "CONFIG", "SET", name, wrong),
            lambda running: rig.redis(running, "CONFIG", "SET", name, right))


def spoil_disk(running):
    """BGSAVE cannot put its file in place: then Redis takes no writes."""
    os.mkdir(os.path.join(running.data, "redis", "dump.rdb"))
    rig.redis(running, "CONFIG", "SET", "save", "3600 1")
    rig.redis(running, "BGSAVE")
    service.wait_for("BGSAVE has failed", lambda: "rdb_last_bgsave_status:err" in rig.redis(
        running, "INFO", "persistence"))


def mend_disk(running):
    os.rmdir(os.path.join(running.data, "redis", "dump.rdb"))
    rig.redis(running, "CONFIG", "SET", "save", "")


def block(running):
    rig.redis(running, "CONFIG", "SET", "busy-reply-threshold", "50")

    def run():
        with contextlib.suppress(AssertionError, OSError):
            rig.redis(running, "EVAL", "while true do end", "0")

    threading.Thread(target=run, daemon=True).start()


def unblock(running):
    rig.redis(running, "SCRIPT", "KILL")  # the script ends a moment after this is answered

    def mended():
        with contextlib.suppress(AssertionError):
            return rig.redis(running, "CONFIG", "SET", "busy-reply-threshold", "5000") == "OK"

    service.wait_for("the script has ended", mended)


TROUBLES = [
    Trouble("OOM", "maxmemory", *set_to("maxmemory", "1", "0")),
    Trouble("NOREPLICAS", "min-replicas-to-write", *set_to("min-replicas-to-write", "1", "0")),
    Trouble("READONLY", "redis.url",
            lambda running: rig.redis(running, "REPLICAOF", "127.0.0.1", "1"),
            lambda running: rig.redis(running, "REPLICAOF", "NO", "ONE")),
    Trouble("MISCONF", "stop-writes-on-bgsave-error", spoil_disk, mend_disk),
    Trouble("BUSY", "busy-reply-threshold", block, unblock),
    Trouble("hung", "Redis",
            lambda running: os.kill(running.pid_of("redis"), signal.SIGSTOP),
            lambda running: os.kill(running.pid_of("redis"), signal.SIGCONT)),
]


def unready(running):
    """What /readyz says is wrong; empty when all is well."""
    answer = running.get("/readyz")
    assert answer.status in (200, 503), answer.status
    assert answer.json()["ready"] == (answer.status == 200), answer.body
    return " | ".join(answer.json()["reasons"])


def wait_ready(running):
    service.wait_for("the service is ready again", lambda: not unready(running), pause=0.1)


def wait_named(running, words):
    """Until /readyz is red with these words."""
    last = [""]

    def named():
        last[0] = unready(running) or "ready"
        return words in last[0]

    try:
        service.wait_for("readyz names it", named, deadline=25, pause=0.1)
    except AssertionError as error:
        raise AssertionError(f"{error}: {words}; it says: {last[0]}") from None


def pids(running):
    return {name: running.pid_of(name) for name in ROLES}


def was_sent(gate, case):
    with gate.lock:
        return any(f"（{case}）" in text for _, _, text in gate.messages)


def survive(running, gate, trouble):
    """An alert comes due and an event comes in while there is trouble."""
    before = pids(running)
    first, second = f"{trouble.name}-1", f"{trouble.name}-2"
    lines, started = len(running.log().splitlines()), time.monotonic()
    quick.bring(running, quick.received(first))
    event = quick.received(second)
    trouble.begin(running)
    try:
        began = time.monotonic()
        wait_named(running, trouble.words)
        red_s = time.monotonic() - began
        began = time.monotonic()
        answer = quick.post(running, event)
        assert answer is not None and answer.status == 503, answer and answer.body
        assert trouble.words in answer.json()["detail"], answer.json()["detail"]
        refused_s = time.monotonic() - began
        assert running.get("/healthz").status == 200
        time.sleep(max(0, 2 * quick.LIMIT_S - refused_s))  # the first one's instant passes
        assert not was_sent(gate, first), "sent, and Redis cannot have heard that it fired"
    finally:
        trouble.end(running)
    began = time.monotonic()
    wait_ready(running)
    quick.bring(running, event)
    for case in (first, second):
        message = quick.wait_accepted(running, case)
        assert gate.counts()[message["id"]] == 1, f"{case} was sent {gate.counts()}"
        assert was_sent(gate, case)
    assert pids(running) == before, "a role ended"
    lines_s = (len(running.log().splitlines()) - lines) / (time.monotonic() - started)
    assert lines_s < LOG_LINES_A_SECOND_MAX, f"{lines_s:.1f} lines of log a second"
    print(f"     {trouble.name}: named after {red_s:.1f} s, refused within {refused_s:.1f} s, "
          f"all told {time.monotonic() - began:.1f} s after its end, "
          f"{lines_s:.1f} lines of log a second", flush=True)


def told_once(running, gate, cases):
    """Every one of the cases has its alert, and its message went out once."""
    for case in cases:
        message = quick.wait_accepted(running, case)
        assert gate.counts()[message["id"]] == 1, f"{case} was sent {gate.counts()}"


def trouble_in_the_midst_of_sending_repeats_nothing(running, gate):
    """What was handed over and could not be settled is settled afterwards."""
    for trouble in [t for t in TROUBLES if t.name in ("OOM", "READONLY", "hung")]:
        cases = [f"midst-{trouble.name}-{number}" for number in range(300)]
        quick.bring(running, [quick.received(case) for case in cases])
        service.wait_for("sending has begun", lambda cases=cases: was_sent(gate, cases[0]) or any(
            was_sent(gate, case) for case in cases[:20]), pause=0.001)
        trouble.begin(running)
        time.sleep(MIDST_S)  # how long it is in trouble
        sent = len([case for case in cases if was_sent(gate, case)])
        trouble.end(running)
        wait_ready(running)
        told_once(running, gate, cases)
        print(f"     {trouble.name}: after {sent} of {len(cases)} messages", flush=True)
    assert not rig.UNSURE.findall(running.log()), "nobody had died"


# ---- other troubles ----


def lost_functions_are_loaded_again(running, gate):
    before = pids(running)
    quick.bring(running, quick.received("flush-1"))
    rig.redis(running, "FUNCTION", "FLUSH")
    quick.bring(running, quick.received("flush-2"))
    told_once(running, gate, ["flush-1", "flush-2"])
    wait_ready(running)
    assert pids(running) == before, "a role ended"


def streams(running):
    return [key for key in rig.redis(running, "KEYS", "nrt:*")
            if rig.redis(running, "TYPE", key) == "stream"]


def deleted_streams_are_made_again(running, gate):
    before = pids(running)
    wait_ready(running)
    keys = streams(running)
    assert len(keys) >= 10, keys  # the door, and of three partitions events, outbox and journal
    rig.redis(running, "DEL", *keys)
    cases = [f"deleted-{number}" for number in range(6)]
    quick.bring(running, [quick.received(case) for case in cases])
    rig.redis(running, "XADD", "nrt:events", "*", "ce", json.dumps(quick.received("deleted-door")))
    told_once(running, gate, cases + ["deleted-door"])
    assert pids(running) == before, "a role ended"


def load(running, name, ended):
    """Brings cases until told to end; returns those that were confirmed."""
    confirmed = []
    while not ended.is_set():
        case = f"{name}-{len(confirmed)}"
        quick.bring(running, quick.received(case))
        confirmed.append(case)
    return confirmed


def a_restart_under_load_loses_and_repeats_nothing(running, gate):
    before = pids(running)
    for how in (signal.SIGTERM, signal.SIGKILL):
        ended = threading.Event()
        confirmed = []
        threads = [threading.Thread(target=lambda n=n: confirmed.extend(
            load(running, f"load-{how.name}-{n}", ended))) for n in range(3)]
        for thread in threads:
            thread.start()
        old = running.pid_of("redis")
        os.kill(old, how)
        service.wait_for("Redis is there again", lambda old=old: running.pid_of("redis") not in (
            None, old))
        wait_ready(running)
        ended.set()
        for thread in threads:
            thread.join()
        told_once(running, gate, confirmed)
        print(f"     {how.name}: {len(confirmed)} cases confirmed", flush=True)
    assert pids(running) == before, "a role ended"


def a_step_of_the_clock_that_failed_can_be_made_again(_running, _gate):
    world = equality.numbered_world(1)
    with rig.Replay(world) as replay:
        work = replay.pieces(10, 2)
        for piece in work[:2]:
            piece()
        rig.redis(replay.running, "CONFIG", "SET", "maxmemory", "1")
        to = json.dumps({"to": world.until}).encode()
        answer = replay.running.request("POST", "/api/v1/clock/step", to)
        assert answer.status == 503, (answer.status, answer.body)
        rig.redis(replay.running, "CONFIG", "SET", "maxmemory", "0")
        for piece in work[2:]:
            piece()
        replay.compare()


def main():
    gate = gateway.Gateway()
    running = quick.start(gate, partitions=3)

    def named(name, call, *arguments):
        def test():
            call(running, gate, *arguments)
        test.__name__ = name
        return test

    quick.run_tests_on(gate, running, [
        named(f"{trouble.name}_is_named_and_waited_out", survive, trouble)
        for trouble in TROUBLES
    ] + [named(call.__name__, call) for call in (
        trouble_in_the_midst_of_sending_repeats_nothing,
        lost_functions_are_loaded_again, deleted_streams_are_made_again,
        a_restart_under_load_loses_and_repeats_nothing,
        a_step_of_the_clock_that_failed_can_be_made_again)])


main()
