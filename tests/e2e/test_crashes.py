#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: long timeout=1800
"""SIGKILL of every part, at every named fail-point and at random moments: in the end the ledger
equals the simulation, every alert has its messages, and no message identity is handed to the
gateway twice but those that were unsure when the notifier was killed."""
import contextlib
import datetime
import http.client
import json
import os
import random
import re
import subprocess
import tempfile
import threading
import time
import urllib.request

import equality
import gateway
import service

WORLD = 1
GATHERING_WORLD = 7
SEED = int(os.environ.get("NRT_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
RANDOM_SECONDS = 60 if service.LONG else 2 if service.SANITIZED else 5
KILLS_MIN = 3
ROLE_OF = {"intake": "monitor-1", "wake": "monitor-1", "door": "monitor-1",
           "outbox": "notifier-1", "mail": "notifier-1", "receipt": "notifier-1",
           "http": "console-1", "ledger": "console-1", "sweep": "console-1"}
# Passed only by events or receipts that come another way than the replay of this test.
# Those of changed rules have tests of their own (test_versions), as have those of backups
# (tests/unit/test_backup.c). A new ledger passes ledger_before_step at its first start.
OTHER_WAYS = {"door_after_add", "http_after_add", "receipt_after_take", "config_after_apply",
              "sweep_after_add", "sweep_after_position", "await_after_settle",
              "receipt_after_note", "token_after_answer", "lookup_after_answer",
              "poll_after_answer", "backup_before_name", "restore_before_name"}
PARTS = (["monitor-1"], ["notifier-1"], ["console-1"], ["redis"], ["supervisor"],
         ["monitor-1", "redis"], ["notifier-1", "redis"], ["console-1", "redis"])


def failpoints():
    with open(os.path.join(service.SOURCE, "base", "failpoint.c"), encoding="utf-8") as file:
        table = re.search(r"failpoint_names\[\] = \{(.*?)\};", file.read(), re.S).group(1)
    return re.findall(r'"(\w+)"', table)


class Rig:
    """A world replayed on a stepped clock with an SMS gateway outside, through every crash."""

    def __init__(self, world, gate, *options):
        self.world = world
        self.gate = gate
        self.running = service.Service("--clock", "stepped", *options)
        config = os.path.join(self.running.folder, "config")
        equality.make_config(world, config, 1)
        with open(os.path.join(config, "secret"), "w") as file:
            file.write("e2e-secret")
        public = {"public_url": f"http://127.0.0.1:{self.running.port}"}
        service.write_config(config, {"nrt.json": {"http": public, "channels": {
            name: {"type": "kannel", "url": gate.url(), "username": "u",
                   "signature": "【督办】",
                   "password": {"file": os.path.join(config, "secret")},
                   "receipt_secret": {"file": os.path.join(config, "secret")},
                   "quiet": ["00:00", "00:00"],
                   "digest": "4h",  # so that some become one
                   "fallback_after": "365d"}  # no receipts come here
            for name in ("sms", "dingtalk", "zwdd", "wecom", "email")}}})
        self.running.config = config
        events, first = equality.arrivals(world)
        self.batch = str(max(5, len(events) // 50))  # many requests, so that many can break
        self.path = os.path.join(self.running.folder, "events.ndjson")
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(equality.as_lines(events))
        begin = first - equality.datetime.timedelta(seconds=1)
        self.running.options += ["--clock-from", begin.isoformat()]

    def insist(self, *words, deadline=240):
        """Runs a command until it ends with 0: a part of the service may be dead."""
        last = [None]

        def attempt():
            with contextlib.suppress(subprocess.TimeoutExpired):
                last[0] = self.running.nrt(*words, check=False, timeout=60)
                return last[0].returncode == 0
            return False

        try:
            service.wait_for(f"nrt {words[0]} succeeds", attempt, deadline=deadline, pause=0.2)
        except AssertionError as error:
            said = last[0].stderr if last[0] else "nothing"
            raise AssertionError(f"{error}; it last said: {said}") from None

    def finish(self):
        """All of the world, then the comparison."""
        self.insist("import", self.path, "--batch", self.batch)
        self.insist("clock", "step", self.world.until)
        return equality.compare(self.world, self.running)

    def check_messages(self, notifier_kills):
        """Every message ended well; identities went out once, or again when they were unsure."""
        counts = self.gate.counts()
        messages = self.running.items("/api/v1/messages")
        for message in messages:
            if message["state"] in ("accepted", "delivered"):
                went_as = message["digest"] or message["id"]
                assert counts[went_as] >= 1, f"{went_as} accepted but never sent"
        known = {message["digest"] or message["id"] for message in messages}
        for identity, count in counts.items():
            assert identity in known, f"{identity} was sent and the ledger does not know it"
            assert count <= min(2, 1 + notifier_kills), f"{identity} was sent {count} times"
        return sum(counts.values()), sum(count - 1 for count in counts.values())


def with_rig(*options, world=None):
    return Rig(world or equality.numbered_world(WORLD), gateway.Gateway(), *options)


def world_for(name):
    """The usual one, unless somebody has to get several messages at once."""
    return equality.numbered_world(GATHERING_WORLD if name == "mail_after_merge" else WORLD)


def each_failpoint_ends_in_the_simulations_ledger():
    for name in failpoints():
        if name in OTHER_WAYS:
            continue
        instance = ROLE_OF[name.split("_")[0]]
        for nth in (1, 3) if service.LONG else (2,):
            rig = with_rig("--failpoint", f"{instance}={name}:kill:{nth}", world=world_for(name))
            with rig.gate, rig.running:
                rig.finish()
                killed = f"name={instance}" in rig.running.log()
                sent, again = rig.check_messages(1 if instance == "notifier-1" else 0)
                print(f"     {name}:{nth} {'killed' if killed else 'NOT REACHED'}, "
                      f"{sent} sent, {again} again", flush=True)
                assert killed, f"{name} was not passed {nth} times"


def is_stopped(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()[0] == b"T"
    return False


def kill_where_it_stands(running, instance, reached, done):
    """Waits until the role has stopped at its fail-point, then kills it together with Redis."""
    while not done.wait(0.005):
        pid = running.pid_of(instance)
        if pid and is_stopped(pid):
            running.kill("redis", instance)
            reached.set()
            return


@contextlib.contextmanager
def killed_where_it_stands(running, instance):
    """Looks from before the start on: what a ledger's format passes it passes before it is ready,
    and a role that stands there keeps the whole service from being ready."""
    reached, done = threading.Event(), threading.Event()
    thread = threading.Thread(target=kill_where_it_stands, args=(running, instance, reached, done))
    thread.start()
    try:
        yield reached
    finally:
        done.set()
        thread.join()


def each_failpoint_with_redis_ends_in_the_simulations_ledger():
    for name in failpoints():
        if name in OTHER_WAYS:
            continue
        instance = ROLE_OF[name.split("_")[0]]
        rig = with_rig("--failpoint", f"{instance}={name}:stop:2", world=world_for(name))
        with rig.gate, killed_where_it_stands(rig.running, instance) as reached, rig.running:
            rig.finish()
            sent, again = rig.check_messages(1 if instance == "notifier-1" else 0)
            print(f"     {name} and redis: {sent} sent, {again} again", flush=True)
            assert reached.is_set(), f"{name} was not passed twice"


def killing(choices, pause_s, seed, world=None, seconds=RANDOM_SECONDS):
    """Replays a world while parts die again and again, each time one drawn from the choices."""
    draw = random.Random(seed)
    rig = with_rig(world=world)
    kills = [0]
    done = threading.Event()
    with rig.gate, rig.running:
        running = rig.running

        def killer():
            end = time.monotonic() + seconds
            while kills[0] < KILLS_MIN or (not done.is_set() and time.monotonic() < end):
                time.sleep(draw.uniform(*pause_s))
                parts = draw.choice(choices)
                if parts == ["supervisor"]:
                    running.kill_supervisor()
                    running.start(wait=False)
                else:
                    running.kill(*parts)
                kills[0] += 1

        thread = threading.Thread(target=killer)
        thread.start()
        try:
            rig.insist("import", rig.path, "--batch", rig.batch)
            rig.insist("clock", "step", rig.world.until)
        finally:
            done.set()
            thread.join()
        running.wait_ready()
        alerts = rig.finish()
        hit = any("notifier-1" in parts or parts == ["supervisor"] for parts in choices)
        sent, again = rig.check_messages(kills[0] if hit else 0)
        what = " or ".join(" and ".join(parts) for parts in choices)
        print(f"     {what}: {kills[0]} kills, {alerts} alerts, {sent} sent, "
              f"{again} again (seed {seed})", flush=True)


def parts_killed_at_random_moments_lose_and_repeat_nothing():
    for number, parts in enumerate(PARTS):
        killing([parts], (0.05, 0.6), SEED + number)


def the_825_cases_survive_everything_that_dies_meanwhile():
    killing(PARTS, (0.2, 1.0), SEED, equality.dongyang_world(), max(15, RANDOM_SECONDS))


def a_monitor_killed_at_the_door_takes_each_event_once():
    with service.Service("--failpoint", "monitor-1=door_after_add:kill") as running:
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        for number in range(5):
            event = service.event(
                f"D-{number}", 1, "received", now, {"title": "一件事", "unit": "unit-a"})
            running.redis("XADD", "nrt:events", "*", "ce", json.dumps(event))
        for number in range(5):
            path = f"/api/v1/cases/D-{number}"
            service.wait_for("it is a case", lambda: running.get(path).status == 200)
            assert len(running.get_json(path)["clocks"]) == 1, running.get_json(path)
        assert "name=monitor-1" in running.log(), "the fail-point was not reached"


def a_console_killed_before_its_answer_may_be_asked_again():
    with service.Service("--failpoint", "console-1=http_after_add:kill") as running:
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        event = service.event("A-1", 1, "received", now, {"title": "一件事", "unit": "unit-a"})
        try:
            running.send(event)
            raise AssertionError("the fail-point was not reached")
        except (OSError, http.client.HTTPException):
            pass
        running.wait_ready()
        position = urllib.request.quote(running.send(event)["position"])
        case = running.get_json(f"/api/v1/cases/A-1?after={position}")
        assert len(case["clocks"]) == 1, case["clocks"]
        assert [e["repeats"] for e in case["events"]] == [1], case["events"]


def a_notifier_killed_with_a_receipt_in_hand_still_delivers_it():
    rig = with_rig("--failpoint", "notifier-1=receipt_after_take:kill")
    with rig.gate, rig.running as running:
        rig.finish()
        message = next(m for m in running.items("/api/v1/messages") if m["state"] == "accepted")
        path = f"/hooks/receipts/{message['channel']}/e2e-secret?id={message['id']}&status=1"
        assert running.get(path).status < 300
        service.wait_for(
            "the receipt is in the ledger",
            lambda: running.get_json("/api/v1/messages/" + message["id"])["delivered_at"])
        assert "name=notifier-1" in running.log(), "the fail-point was not reached"


service.run_tests([
    a_monitor_killed_at_the_door_takes_each_event_once,
    a_console_killed_before_its_answer_may_be_asked_again,
    a_notifier_killed_with_a_receipt_in_hand_still_delivers_it,
    each_failpoint_ends_in_the_simulations_ledger,
    each_failpoint_with_redis_ends_in_the_simulations_ledger,
    parts_killed_at_random_moments_lose_and_repeat_nothing,
] + ([the_825_cases_survive_everything_that_dies_meanwhile]
     if service.LONG or not service.SANITIZED else []))
