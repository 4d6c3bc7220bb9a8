#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow plain timeout=900
"""A bad Monday: over a weekend two thousand cases of sixty units have passed their limits, and all
of it becomes due for sending at half past eight. Each head gets one text message and one work
message - also when the gateway is away for ten minutes, and not before somebody has released it
when the service comes from yesterday's backup."""
import contextlib
import datetime
import os
import shutil
import sys

import gateway
import service

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import dingtalk_work_standin  # noqa: E402
import standin  # noqa: E402

UNITS = 60
# Full counts with NRT_LONG=1; a head has several cases in any case.
CASES = 2000 if os.environ.get("NRT_LONG") else 360
CHINA = datetime.timezone(datetime.timedelta(hours=8))
FRIDAY = "2026-03-06T10:00:00+08:00"
SATURDAY = "2026-03-07T12:00:00+08:00"
SUNDAY = "2026-03-08T20:00:00+08:00"
OPENING = "2026-03-09T08:30:00+08:00"
SEGMENT = 67
RULES = {
    "id": "monday", "version": "1",
    "clocks": [{"id": "reply", "limit": {"from": "due"}, "stages": [
        {"id": "overdue", "at": "due+0", "light": "red", "notify": ["unit_head"], "send": "office",
         "via": {"all": ["sms", "work"]}, "template": "overdue"}]}],
}


def ms(text):
    return int(datetime.datetime.fromisoformat(text).timestamp() * 1000)


def directory():
    return {
        "units": [{"id": f"u{n}", "name": f"第{n}单位", "head": f"h{n}", "handlers": [f"h{n}"]}
                  for n in range(1, UNITS + 1)],
        "people": [{"id": f"h{n}", "name": f"第{n}负责人", "unit": f"u{n}",
                    "mobile": f"138{n:08d}", "dingtalk": f"ding{n}"}
                   for n in range(1, UNITS + 1)],
    }


def cases():
    for number in range(CASES):
        unit = number % UNITS + 1
        minute = number % 50
        yield service.event(f"M-{number:04d}", 1, "received", FRIDAY, {
            "title": f"关于第{number}号路段积水反复未处理的投诉件", "unit": f"u{unit}",
            "handler": f"h{unit}", "due": f"2026-03-07T11:{minute:02d}:00+08:00"})


class City:
    """The service, its SMS gateway and the work messages of DingTalk, on one stepped clock."""

    def __init__(self, stack):
        self.gate = stack.enter_context(gateway.Gateway())
        self.work = dingtalk_work_standin.DingTalkWork(
            users={f"ding{n}": f"138{n:08d}" for n in range(1, UNITS + 1)}, clock="stepped")
        server = standin.serve(self.work)
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        self.running = service.Service("--clock", "stepped", "--clock-from", FRIDAY)
        self.running.config = self.configure(server.server_address[1])
        stack.enter_context(self.running)

    def configure(self, work_port):
        secret = os.path.join(self.running.folder, "secret")
        with open(secret, "w", encoding="utf-8") as file:
            file.write("secret")
        channels = {
            "sms": {"type": "kannel", "url": self.gate.url(), "username": "u",
                    "signature": "【督办】", "password": {"file": secret},
                    "receipt_secret": {"file": secret}},
            "work": {"type": "dingtalk-work", "url": f"http://127.0.0.1:{work_port}",
                     "app_key": "key", "app_secret": {"file": secret}, "agent_id": "1"}}
        return service.write_config(os.path.join(self.running.folder, "config"), {
            "nrt.json": {"channels": channels, "http": {
                "public_url": f"http://127.0.0.1:{self.running.port}"}},
            "rules/monday.json": RULES, "directory.json": directory(),
            "matters.json": {"matters": []}})

    def step(self, to):
        """The stand-in's clock goes first: what is sent at an instant is taken at that instant."""
        self.work.stepped = ms(to)
        self.running.nrt("clock", "step", to)

    def until_sunday(self):
        self.running.send(*cases())
        self.step(SATURDAY)
        self.step(SUNDAY)
        assert not self.gate.messages and not self.shown(), "nothing rings at a weekend"

    def shown(self):
        return [line for line in self.work.lines if line.get("shown")]

    def check_texts(self, times=1):
        texts = [text for _, _, text in self.gate.messages]
        receivers = [to for _, to, _ in self.gate.messages]
        everybody = sorted(f"138{n:08d}" for n in range(1, UNITS + 1)) * times
        assert sorted(receivers) == sorted(everybody), (len(receivers), sorted(receivers)[:5])
        for text in texts:
            units = len(text.encode("utf-16-le")) // 2
            assert units <= 2 * SEGMENT, (units, text)
            assert text.startswith("【督办】") and text.count("【") == 1, text
            assert str(CASES // UNITS) in text or str(CASES // UNITS + 1) in text, text

    def check_each_head_once(self):
        self.check_texts()
        phones = sorted(line["phone"] for line in self.shown())
        assert phones == sorted(f"ding{n}" for n in range(1, UNITS + 1)), phones[:5]

    def check_no_limit_was_touched(self):
        dropped = [line for line in self.work.lines if line.get("shown") is False]
        assert dropped == [], dropped[:3]
        metrics = self.running.metrics()
        for name, value in metrics.items():
            if name.startswith("nrt_messages_dead_total") or "credential_failures" in name:
                assert value == 0, (name, value)


def each_head_gets_one_text_and_one_work_message():
    with contextlib.ExitStack() as stack:
        city = City(stack)
        city.until_sunday()
        city.step(OPENING)
        city.step("2026-03-09T08:32:00+08:00")
        city.check_each_head_once()
        city.check_no_limit_was_touched()
        city.step("2026-03-09T17:00:00+08:00")
        city.check_each_head_once()


def a_gateway_away_for_ten_minutes_loses_and_repeats_nothing():
    with contextlib.ExitStack() as stack:
        city = City(stack)
        city.until_sunday()
        city.gate.close_for_now()
        city.step("2026-03-09T08:40:00+08:00")
        assert city.gate.messages == [], city.gate.messages[:3]
        city.gate.open_again()
        city.step("2026-03-09T11:00:00+08:00")
        city.check_each_head_once()
        city.check_no_limit_was_touched()
        assert set(city.gate.counts().values()) == {1}


def from_yesterdays_backup_nothing_is_sent_until_released():
    with contextlib.ExitStack() as stack:
        city = City(stack)
        running = city.running
        city.until_sunday()
        running.stop()
        backup = running.data + ".backup"
        shutil.copytree(running.data, backup)
        running.start()
        city.step("2026-03-09T09:00:00+08:00")
        city.check_each_head_once()
        first = city.gate.counts()
        running.stop()
        shutil.rmtree(running.data)
        os.rename(backup, running.data)
        running.start("--restored")
        city.step("2026-03-09T12:00:00+08:00")
        assert city.gate.counts() == first, "nothing goes out before it is released"
        assert len(city.shown()) == UNITS
        running.nrt("resume-sending", "--by", "li")
        city.step("2026-03-09T14:45:00+08:00")
        city.check_texts(times=2)
        assert set(city.gate.counts().values()) == {2}, "the same identities, once more"


if __name__ == "__main__":
    service.run_tests([
        each_head_gets_one_text_and_one_work_message,
        a_gateway_away_for_ten_minutes_loses_and_repeats_nothing,
        from_yesterdays_backup_nothing_is_sent_until_released,
    ])
