#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow plain timeout=1800
"""SIGKILL of every part of the service, at each named fail-point and at random moments.

In the end every alert of `nrt simulate` is in the ledger exactly once, runs are equal, and no
message identity was handed to the gateway twice but those the sender had to be unsure about. The
random moments come from a seed that is printed; NRT_SEED=N repeats them.
"""
import contextlib
import json
import os
import random
import re
import signal
import tempfile
import threading
import time

import equality
import gateway
import quick
import rig
import service

# What an event or a receipt passes only where time is real: tried in the last test here.
REAL_TIME = {"http_after_add", "door_after_add", "receipt_after_take"}
# What only receipts and gateways pass that want a token, know their own people, or can be asked.
OTHER_GATEWAYS = {"await_after_settle", "receipt_after_note", "token_after_answer",
                  "lookup_after_answer", "poll_after_answer"}
# Not on a replay's way: which test dies there instead. A new ledger passes ledger_before_step,
# but once for each step of its format, not as often as is asked for here.
ELSEWHERE = {"config_after_apply": "tests/e2e/test_versions.py",
             "sweep_after_add": "tests/e2e/test_versions.py",
             "sweep_after_position": "tests/e2e/test_versions.py",
             "ledger_before_step": "tests/e2e/test_crashes.py",
             "backup_before_name": "tests/unit/test_backup.c",
             "restore_before_name": "tests/unit/test_backup.c"}
ROLES = {"intake": "monitor-1", "wake": "monitor-1", "door": "monitor-1",
         "http": "console-1", "ledger": "console-1",
         "outbox": "notifier-1", "mail": "notifier-1", "receipt": "notifier-1",
         "await": "notifier-1", "token": "notifier-1", "lookup": "notifier-1",
         "poll": "notifier-1"}
# Worlds in which every fail-point is passed more than five times.
WORLDS = (1, 2, 7, 8, 10, 12, 14, 16)
PARTS = (("monitor-1",), ("notifier-1",), ("console-1",), ("redis",), ("supervisor",),
         ("monitor-1", "redis"), ("notifier-1", "redis"), ("console-1", "redis"),
         ("monitor-1", "notifier-1", "console-1", "redis"))


def failpoints():
    """{instance that passes it: its fail-points} of base/failpoint.c."""
    with open(os.path.join(service.SOURCE, "base", "failpoint.c"), encoding="utf-8") as file:
        table = re.search(r"failpoint_names\[\] = \{(.*?)\};", file.read(), re.S).group(1)
    found = {instance: [] for instance in ROLES.values()}
    for name in re.findall(r'"(\w+)"', table):
        if name in ELSEWHERE:
            with open(os.path.join(service.SOURCE, ELSEWHERE[name]), encoding="utf-8") as file:
                assert name in file.read(), f"{ELSEWHERE[name]} does not die at {name}"
            continue
        assert name.split("_")[0] in ROLES, f"{name}: say which role passes it, or which test"
        found[ROLES[name.split("_")[0]]].append(name)
    assert sum(map(len, found.values())) >= 20, found
    return found


def combinations():
    """[{instance: fail-point}]: each fail-point of the replay at least once, three at a time."""
    lists = {instance: [name for name in names if name not in REAL_TIME | OTHER_GATEWAYS]
             for instance, names in failpoints().items()}
    lives = max(map(len, lists.values()))
    return [{instance: names[life % len(names)] for instance, names in lists.items()}
            for life in range(lives)]


def replay_with_failpoints(world, combination, nth):
    """The first batches of the ledger are about the configuration: the console dies later."""
    passes = {"monitor-1": nth, "notifier-1": nth, "console-1": 3 * nth}
    armed = ",".join(f"{instance}={name}:kill:{passes[instance]}"
                     for instance, name in combination.items())
    with rig.Replay(world, "--failpoint", armed) as replay:
        for work in replay.pieces(10, 1):
            work()
        alerts = replay.compare()
        for instance, name in combination.items():
            assert rig.deaths(replay.running, instance) == 1, (
                f"{name} was not passed {passes[instance]} times by {world.name}")
        sent, again = replay.check_messages(notifier_deaths=1)
    print(f"     {world.name}, {armed}: {alerts} alerts, {sent} sent, {again} again", flush=True)


def each_failpoint_ends_in_the_ledger_of_the_simulation():
    for number, combination in enumerate(combinations()):
        for nth in range(1, 6) if service.LONG else (1 + number % 4,):
            world = equality.numbered_world(WORLDS[(number + 3 * nth) % len(WORLDS)])
            replay_with_failpoints(world, combination, nth)


class Killer:
    """Kills a part some time after a piece of work has begun."""

    def __init__(self, replay, draw):
        self.replay = replay
        self.draw = draw
        self.counts = {}

    def kill(self, parts):
        for part in parts:
            self.counts[part] = self.counts.get(part, 0) + 1
        if "supervisor" in parts:
            self.replay.running.kill_supervisor()
            self.replay.running.start(wait=False)
        else:
            self.replay.running.kill(*parts)

    def during(self, work, parts):
        timer = threading.Timer(self.draw.uniform(0, 0.03), self.kill, [parts])
        timer.start()
        try:
            work()
        finally:
            timer.join()


def replay_with_random_kills(world, seed, partitions, *options):
    """Every part dies at least once, spread over the replay."""
    draw = random.Random(seed)
    with rig.Replay(world, *options, partitions=partitions) as replay:
        work = replay.pieces(4, 40)
        deaths = [parts for parts in PARTS for _ in range(2 if service.LONG else 1)]
        draw.shuffle(deaths)
        at = sorted(draw.sample(range(len(work)), len(deaths)))
        killer = Killer(replay, draw)
        for number, piece in enumerate(work):
            if number in at:
                killer.during(piece, deaths[at.index(number)])
            else:
                piece()
        alerts = replay.compare()
        died = killer.counts["notifier-1"] + killer.counts["supervisor"]
        sent, again = replay.check_messages(died)
    print(f"     {world.name}, {partitions} partitions, seed {seed}: {len(deaths)} kills, "
          f"{alerts} alerts, {sent} sent, {again} again", flush=True)


def parts_that_die_at_random_moments_lose_and_repeat_nothing():
    print(f"     NRT_SEED={rig.SEED}", flush=True)
    for number, world in enumerate(range(1, 17) if service.LONG else (12,)):
        replay_with_random_kills(
            equality.numbered_world(world), rig.SEED + number, 1 + 2 * (number % 2),
            "--instances", f"monitor={1 + number % 2}")


def a_part_of_the_825_cases_survives_the_same():
    with tempfile.TemporaryDirectory() as folder:
        world = rig.slice_of_825(400 if service.LONG else 40, folder, rig.SEED)
        replay_with_random_kills(world, rig.SEED, 3, "--instances", "monitor=2,notifier=2")


def doors_that_die_with_an_event_or_a_receipt_in_hand_take_it_once():
    armed = {"console-1": "http_after_add", "monitor-1": "door_after_add",
             "notifier-1": "receipt_after_take"}
    assert set(armed.values()) == REAL_TIME
    options = ",".join(f"{instance}={name}:kill" for instance, name in armed.items())
    with gateway.Gateway() as gate, quick.start(gate, "--failpoint", options) as running:
        quick.bring(running, quick.received("HTTP-1"))
        rig.redis(running, "XADD", "nrt:events", "*", "ce", json.dumps(quick.received("DOOR-1")))
        for case in ("HTTP-1", "DOOR-1"):
            message = quick.wait_accepted(running, case)
            place = f"/hooks/receipts/sms/torture-secret?id={message['id']}&status=1"
            assert running.get(place).status < 300
            service.wait_for("the receipt is there", lambda case=case: quick.message_of(
                running, case)["delivered_at"])
            assert gate.counts()[message["id"]] == 1, gate.messages
            shown = running.get_json("/api/v1/cases/" + case)
            assert [e["verdict"] for e in shown["events"]] == ["applied"], shown["events"]
            assert shown["events"][0]["repeats"] == 1, "it did not come twice"
            assert len(shown["clocks"]) == 1, shown["clocks"]
        for instance, name in armed.items():
            assert rig.deaths(running, instance) == 1, f"{name} was not passed"


def a_clean_stop_in_the_midst_of_sending_repeats_nothing():
    with gateway.Gateway() as gate, quick.start(gate) as running:
        cases = [f"stop-{number}" for number in range(600)]
        supervisor = running.process
        gate.at(5, lambda: supervisor.send_signal(signal.SIGTERM))
        quick.bring(running, [quick.received(case) for case in cases])
        assert supervisor.wait(timeout=service.DEADLINE) == 0
        sent = len(gate.messages)
        assert sent < len(cases), "all were sent before it stopped"
        running.start()
        for case in cases:
            message = quick.wait_accepted(running, case)
            assert gate.counts()[message["id"]] == 1, gate.counts()
        assert not rig.UNSURE.findall(running.log()), "a clean stop left something unsure"
        print(f"     {sent} of {len(cases)} were sent when it had stopped", flush=True)


def a_start_cut_short_at_any_moment_can_be_made_again():
    draw = random.Random(rig.SEED)
    with gateway.Gateway() as gate, contextlib.closing(quick.start(gate)) as running:
        for _ in range(40 if service.LONG else 10):
            running.start(wait=False)
            time.sleep(draw.uniform(0, 0.4))
            running.kill_supervisor()
        running.start()
        quick.bring(running, quick.received("CUT-1"))
        quick.wait_accepted(running, "CUT-1")
        applied = running.log().count("configuration_applied")
        # It may have died between applying and saying so.
        assert applied <= 1, f"the configuration was applied {applied} times"


service.run_tests([
    each_failpoint_ends_in_the_ledger_of_the_simulation,
    parts_that_die_at_random_moments_lose_and_repeat_nothing,
    a_part_of_the_825_cases_survives_the_same,
    doors_that_die_with_an_event_or_a_receipt_in_hand_take_it_once,
    a_clean_stop_in_the_midst_of_sending_repeats_nothing,
    a_start_cut_short_at_any_moment_can_be_made_again,
])
