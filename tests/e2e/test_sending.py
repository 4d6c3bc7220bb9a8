#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: timeout=300
"""What people stop stays stopped and is not lost; what a restored service would pour out is held
until somebody releases it."""
import contextlib
import os
import shutil
import subprocess

import gateway
import service

RULES = {
    "id": "stop", "version": "1",
    "clocks": [{"id": "reply", "limit": {"from": "due"}, "stages": [
        {"id": "overdue", "at": "due+0", "light": "red", "notify": ["handler"], "via": ["sms"],
         "send": "day"}]}],
}
UNITS = 4
START = "2026-03-04T10:00:00+08:00"
DUE = "2026-03-04T11:00:00+08:00"
AFTER = "2026-03-04T11:30:00+08:00"
LATER = "2026-03-04T12:00:00+08:00"
NEXT_DAY_MS = 1772676000000  # 2026-03-05T10:00:00+08:00


def directory(units):
    return {
        "units": [{"id": f"u{n}", "name": f"{n}局", "head": f"p{n}", "handlers": [f"p{n}"]}
                  for n in range(1, units + 1)],
        "people": [{"id": f"p{n}", "name": f"第{n}人", "unit": f"u{n}",
                    "mobile": f"199000{n:05d}"} for n in range(1, units + 1)],
    }


def rig(gate, units=UNITS, storm=None):
    running = service.Service("--clock", "stepped", "--clock-from", START)
    secret = os.path.join(running.folder, "secret")
    with open(secret, "w", encoding="utf-8") as file:
        file.write("e2e-secret")
    settings = {"channels": {"sms": {
        "type": "kannel", "url": gate.url(), "username": "u", "signature": "【督办】",
        "digest": "0s", "password": {"file": secret}, "receipt_secret": {"file": secret}}},
        "http": {"public_url": f"http://127.0.0.1:{running.port}"}}
    if storm:
        settings["storm"] = storm
    running.config = service.write_config(os.path.join(running.folder, "config"), {
        "nrt.json": settings, "rules/stop.json": RULES, "directory.json": directory(units),
        "matters.json": {"matters": []},
    })
    return running


def receive(running, case, unit, due=DUE, at=START):
    running.send(service.event(case, 1, "received", at, {
        "title": "一件事", "unit": f"u{unit}", "handler": f"p{unit}", "due": due}))


def receivers(gate):
    return sorted(int(to[-5:]) for _, to, _ in gate.messages)


def message_of(running, case):
    alert = running.get_json("/api/v1/alerts?case=" + case)["items"][0]
    assert len(alert["messages"]) == 1, alert
    return alert["messages"][0]


def what_is_stopped_waits_and_goes_out_when_resumed():
    with gateway.Gateway() as gate, rig(gate) as running:
        for unit in range(1, UNITS + 1):
            receive(running, f"S-{unit}", unit)
        said = running.nrt("stop-sending", "--by", "li", "--note", "号码更换")
        assert "all" in said.stdout and "li" in said.stdout and "号码更换" in said.stdout, said
        running.nrt("clock", "step", AFTER)
        assert gate.messages == [], gate.messages
        held = message_of(running, "S-1")
        assert held["state"] == "held" and "li: 号码更换" in held["reason"], held
        running.nrt("case", "event", "S-2", "answered", "result=同意", "--time", AFTER)
        running.nrt("resume-sending", "--by", "li")
        running.nrt("clock", "step", LATER)
        assert receivers(gate) == [1, 3, 4], gate.messages
        assert message_of(running, "S-2")["reason"] == "settled"


def a_stop_of_a_unit_or_a_channel_holds_nothing_else():
    with gateway.Gateway() as gate, rig(gate) as running:
        running.nrt("stop-sending", "--unit", "u2", "--by", "li")
        for unit in range(1, UNITS + 1):
            receive(running, f"S-{unit}", unit)
        running.nrt("clock", "step", AFTER)
        assert receivers(gate) == [1, 3, 4], gate.messages
        running.nrt("stop-sending", "--channel", "sms", "--by", "li")
        running.nrt("resume-sending", "--unit", "u2", "--by", "li")
        running.nrt("clock", "step", LATER)
        assert receivers(gate) == [1, 3, 4], gate.messages
        running.nrt("resume-sending", "--channel", "sms", "--by", "li")
        running.nrt("clock", "step", "2026-03-04T12:10:00+08:00")
        assert receivers(gate) == [1, 2, 3, 4], gate.messages


def what_cannot_be_stopped_says_why():
    with gateway.Gateway() as gate, rig(gate) as running:
        for words, part in ((["stop-sending", "--unit", "u9"], "no unit u9"),
                            (["stop-sending", "--channel", "fax"], "no channel fax"),
                            (["resume-sending"], "not stopped")):
            said = running.nrt(*words, "--by", "li", check=False)
            assert said.returncode == 1 and part in said.stderr, said
        running.nrt("stop-sending", "--by", "li")
        said = running.nrt("stop-sending", "--by", "wang", check=False)
        assert said.returncode == 1 and "stopped already" in said.stderr, said
        assert "li" in running.nrt("sending").stdout
        warnings = running.get("/readyz").json()["warnings"]
        assert any("sending is stopped" in text for text in warnings), warnings


def a_restored_service_sends_nothing_until_released():
    people = 40
    with gateway.Gateway() as gate, rig(gate, people, {"after_start": 20}) as running:
        for unit in range(1, people + 1):
            receive(running, f"R-{unit}", unit, "2026-03-05T08:30:00+08:00")
        running.nrt("clock", "step", AFTER)
        running.stop()
        backup = running.data + ".backup"
        shutil.copytree(running.data, backup)
        running.start()
        running.nrt("clock", "step", "2026-03-05T09:00:00+08:00")
        assert receivers(gate) == list(range(1, people + 1)), gate.messages
        running.stop()
        shutil.rmtree(running.data)
        os.rename(backup, running.data)
        running.start("--restored")
        running.nrt("clock", "step", "2026-03-05T14:00:00+08:00")
        assert len(gate.messages) == people, gate.counts()
        said = running.nrt("sending", "--lang", "en").stdout
        assert "held for release" in said and "restored from a backup" in said, said
        running.nrt("resume-sending", "--by", "li")
        running.nrt("clock", "step", "2026-03-05T14:10:00+08:00")
        assert set(gate.counts().values()) == {2}, gate.counts()


def let_time_pass(running, to_ms):
    """Moves the shared present of a service that is down, as a night would."""
    folder = os.path.join(running.data, "redis")
    sock = os.path.join(folder, "redis.sock")
    with subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", sock, "--dir", folder,
             "--appendonly", "yes", "--save", ""], stdout=subprocess.DEVNULL) as redis:
        def answers():
            with contextlib.suppress(OSError):
                return running.redis("GET", "nrt:clock").startswith(b"$13")
            return False

        service.wait_for("Redis has read its file", answers)
        assert running.redis("SET", "nrt:clock", str(to_ms)) == b"+OK\r\n"
        redis.terminate()


def away_for_a_day(gate, people):
    """A service that had `people` messages to send while it was down for a day."""
    running = rig(gate, people, {"after_start": 20})
    running.start()
    for unit in range(1, people + 1):
        receive(running, f"G-{unit}", unit, "2026-03-05T08:30:00+08:00")
    running.nrt("clock", "step", AFTER)
    running.stop()
    let_time_pass(running, NEXT_DAY_MS)
    running.start()
    return running


def after_a_day_away_few_messages_wait_a_moment_and_go():
    with gateway.Gateway() as gate, contextlib.closing(away_for_a_day(gate, UNITS)) as running:
        running.nrt("clock", "step", "2026-03-05T10:01:00+08:00")
        assert gate.messages == [], gate.messages
        assert "being counted" in running.nrt("sending", "--lang", "en").stdout
        running.nrt("clock", "step", "2026-03-05T10:10:00+08:00")
        assert receivers(gate) == [1, 2, 3, 4], gate.messages
        assert "as usual" in running.nrt("sending", "--lang", "en").stdout


def after_a_day_away_many_messages_wait_for_a_person():
    with gateway.Gateway() as gate, contextlib.closing(away_for_a_day(gate, 30)) as running:
        running.nrt("clock", "step", "2026-03-05T11:10:00+08:00")
        assert gate.messages == [], gate.messages
        said = running.nrt("sending", "--lang", "en").stdout
        assert "held for release" in said and "30 messages at once" in said, said
        running.nrt("resume-sending", "--by", "li")
        running.nrt("clock", "step", "2026-03-05T11:20:00+08:00")
        assert receivers(gate) == list(range(1, 31)), gate.messages


if __name__ == "__main__":
    service.run_tests([
        what_is_stopped_waits_and_goes_out_when_resumed,
        a_stop_of_a_unit_or_a_channel_holds_nothing_else,
        what_cannot_be_stopped_says_why,
        a_restored_service_sends_nothing_until_released,
        after_a_day_away_few_messages_wait_a_moment_and_go,
        after_a_day_away_many_messages_wait_for_a_person,
    ])
