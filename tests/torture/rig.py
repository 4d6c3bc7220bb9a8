# SPDX-License-Identifier: Apache-2.0
"""A world replayed on a stepped clock, in small pieces, through whatever happens to the service.

Every piece is sent again until it is answered well, as a careful producer would: what came in
before a crash comes twice. In the end the ledger must hold what `nrt simulate` prints, each alert
its messages, and the gateway must not have been asked twice but where the sender was unsure.
"""
import collections
import datetime
import http.client
import json
import os
import random
import re
import socket

import equality
import gateway
import service

SEED = int(os.environ.get("NRT_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
CHANNELS = ("sms", "dingtalk", "zwdd", "wecom", "email")
# States of a message after which nothing more happens to it.
ENDED = {"accepted", "delivered", "dropped", "rejected", "dead", "unsure"}
SIGKILL = "signal 9"
# How a notifier says that an attempt of its predecessor may have got through.
UNSURE = re.compile(r"message_not_accepted message=(\S+) channel=\S+ state=unsure")
# Shorter than a lease: who starts again takes its own work back at once.
PATIENCE_S = 50
IN_HAND_MAX = 256  # messages a notifier works on at once


def arrival(event):
    return equality.instant(event.get("arrived", event["time"]))


def slice_of_825(count, folder, seed):
    """The world of some of the 825 cases: one half of them with alerts, if there are so many."""
    world = equality.dongyang_world()
    alerted = {line["case"] for line in equality.simulate(world) if line["type"] == "alert"}
    with open(world.events, encoding="utf-8") as file:
        events = [json.loads(line) for line in file]
    quiet = sorted({event["subject"] for event in events} - alerted)
    draw = random.Random(seed)
    loud = min(count // 2, len(alerted))
    taken = set(draw.sample(sorted(alerted), loud) + draw.sample(quiet, count - loud))
    world.events = os.path.join(folder, "slice.ndjson")
    world.name = f"{count} of the 825 cases"
    with open(world.events, "w", encoding="utf-8") as file:
        file.write(equality.as_lines(e for e in events if e["subject"] in taken))
    return world


def sms_settings(folder, gate):
    """A channel of the stand-in gateway, without quiet hours; its secrets lie in the folder."""
    secret = os.path.join(folder, "secret")
    os.makedirs(folder, exist_ok=True)
    with open(secret, "w") as file:
        file.write("torture-secret")
    return {"type": "kannel", "url": gate.url(), "username": "u", "signature": "【限时督办】",
            "password": {"file": secret}, "receipt_secret": {"file": secret},
            "quiet": ["00:00", "00:00"], "digest": "4h", "fallback_after": "30d"}


def redis(running, *words):
    """One command to the embedded Redis. Texts, numbers and nil come back as such, an array as a
    list, an error as an exception."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(service.DEADLINE)
        sock.connect(os.path.join(running.data, "redis", "redis.sock"))
        parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        sock.sendall(b"*%d\r\n" % len(parts) + b"".join(
            b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
        with sock.makefile("rb") as stream:
            return redis_reply(stream)


def redis_reply(stream):
    line = stream.readline()
    kind, rest = line[:1], line[1:].strip()
    if kind == b"-":
        raise AssertionError(rest.decode())
    if kind == b":":
        return int(rest)
    if kind == b"$":
        return None if rest == b"-1" else stream.read(int(rest) + 2)[:-2].decode()
    if kind == b"*":
        return None if rest == b"-1" else [redis_reply(stream) for _ in range(int(rest))]
    return rest.decode()


def deaths(running, instance):
    """How often the supervisor of now and those before it saw this instance killed."""
    return sum(f"name={instance} " in line and SIGKILL in line
               for line in running.log().splitlines() if "child_ended" in line)


class Replay:
    """`with Replay(world) as replay:` runs the service and an SMS gateway beside it."""

    def __init__(self, world, *options, partitions=1):
        self.world = world
        self.gate = gateway.Gateway()
        self.gate.server.handle_error = lambda *_: None  # a killed notifier hangs up: as wanted
        self.running = service.Service("--clock", "stepped", *options)
        events, first = equality.arrivals(world)
        self.events = [dict(event, arrived=arrival(event).isoformat())
                       for event in sorted(events, key=arrival)]
        begin = first - datetime.timedelta(seconds=1)
        self.running.options += ["--clock-from", begin.isoformat()]
        self.running.config = self.make_config(partitions)

    def make_config(self, partitions):
        folder = os.path.join(self.running.folder, "config")
        equality.make_config(self.world, folder, partitions)
        channel = sms_settings(folder, self.gate)
        return service.write_config(folder, {"nrt.json": {
            "partitions": partitions,
            "http": {"public_url": f"http://127.0.0.1:{self.running.port}"},
            "channels": {name: channel for name in CHANNELS}}})

    def __enter__(self):
        self.gate.__enter__()
        self.running.__enter__()
        return self

    def __exit__(self, *trouble):
        self.running.__exit__(*trouble)
        self.gate.__exit__(*trouble)

    # ---- pieces of work ----

    def pieces(self, events_each, steps):
        """The whole replay as a list of functions."""
        work = []
        for first in range(0, len(self.events), events_each):
            batch = self.events[first:first + events_each]
            work.append(lambda batch=batch: self.bring(batch))
        begin, end = arrival(self.events[-1]), equality.instant(self.world.until)
        for number in range(1, steps + 1):
            to = begin + (end - begin) * number / steps if number < steps else end
            work.append(lambda to=to: self.step(to))
        return work

    def bring(self, events):
        answer = self.insist("/api/v1/events", equality.as_lines(events).encode(), 202)
        bad = [r for r in answer.json()["results"] if r["verdict"] != "queued"]
        assert not bad, bad

    def step(self, to):
        body = json.dumps({"to": to.isoformat(timespec="milliseconds")}).encode()
        self.insist("/api/v1/clock/step", body, 200)

    def insist(self, path, body, wanted):
        """POST until the answer is the wanted one: parts of the service may be dead."""
        last = ["no answer"]

        def attempt():
            try:
                answer = self.running.request("POST", path, body, "application/x-ndjson", 60)
            except (OSError, http.client.HTTPException) as error:
                last[0] = repr(error)
                return None
            last[0] = f"{answer.status} {answer.body[:300]}"
            assert answer.status == wanted or answer.status >= 500, last[0]
            return answer if answer.status == wanted else None

        try:
            return service.wait_for(f"POST {path}", attempt, PATIENCE_S, 0.1)
        except AssertionError as error:
            raise AssertionError(f"{error}; the last answer was {last[0]}") from None

    # ---- what must be true in the end ----

    def compare(self):
        """Ledger and simulation; returns the number of alerts."""
        self.running.wait_ready()
        return equality.compare(self.world, self.running)

    def check_messages(self, notifier_deaths):
        """What was handed over: once, or again where the sender had died and said that it was
        unsure. Looks a day after the end, when the retries have come to theirs. Returns
        (handed over, again)."""
        until = equality.instant(self.world.until)
        self.step(until + datetime.timedelta(days=1))
        alerts = self.running.items("/api/v1/alerts")
        assert len({alert["id"] for alert in alerts}) == len(alerts), "an alert is there twice"
        known = {}
        for alert in alerts:
            known.update({message["id"]: message for message in alert["messages"]})
            if alert["status"] == "fired" and equality.instant(alert["fired_at"]) <= until:
                self.check_told(alert)
        counts = self.gate.counts()
        unsure = collections.Counter(UNSURE.findall(self.running.log()))
        assert sum(unsure.values()) <= IN_HAND_MAX * notifier_deaths, unsure
        went_as = {message["digest"] or message["id"] for message in known.values()}
        for identity, count in counts.items():
            assert identity in went_as, f"{identity} was handed over, the ledger does not know it"
            assert count <= 1 + unsure[identity], f"{identity} was handed over {count} times"
        for message in known.values():
            if message["state"] in ("accepted", "delivered"):
                assert counts[message["digest"] or message["id"]] >= 1, (
                    f"{message} was never handed over")
        return sum(counts.values()), sum(count - 1 for count in counts.values())

    def check_told(self, alert):
        people = {message["person"] for message in alert["messages"]}
        assert people == set(alert["to"]), f"told {sorted(people)} of {alert}"
        for message in alert["messages"]:
            assert message["state"] in ENDED, f"not at its end: {message}"
