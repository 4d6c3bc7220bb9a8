#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: timeout=300
"""A notifier killed with a token, somebody's id, a gateway's word or a receipt in hand: what it
had learnt comes again, each phone rings once, and an undelivered message still takes the next
channel."""
import contextlib
import datetime
import os
import sys

import gateway
import service

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import dingtalk_work_standin  # noqa: E402
import standin  # noqa: E402
import work_standin  # noqa: E402

RULES = {
    "id": "proof", "version": "1",
    "clocks": [{"id": "reply", "limit": {"from": "due"}, "stages": [
        {"id": "overdue", "at": "due+0", "light": "red", "notify": ["handler"], "send": "now"}]}],
}
DIRECTORY = {
    "units": [{"id": "u1", "name": "甲局", "head": "p1", "handlers": ["p1"]}],
    "people": [{"id": "p1", "name": "经办人", "unit": "u1", "mobile": "19900000001"}],
}
BEGIN = "2026-03-04T10:00:00+08:00"
DUE = "2026-03-04T11:00:00+08:00"


def ms(text):
    return int(datetime.datetime.fromisoformat(text).timestamp() * 1000)


class City:
    """One person, DingTalk, Kannel twice; the notifier dies where the fail-point says."""

    def __init__(self, stack, failpoint, via):
        self.gate = stack.enter_context(gateway.Gateway())
        self.ding = dingtalk_work_standin.DingTalkWork(
            users={"ding1": "19900000001"}, clock="stepped")
        self.ding.stepped = ms(BEGIN)
        server = standin.serve(self.ding)
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        self.running = service.Service(
            "--clock", "stepped", "--clock-from", BEGIN,
            "--failpoint", f"notifier-1={failpoint}:kill")
        self.running.config = self.configure(server.server_address[1], via)
        stack.enter_context(self.running)
        self.running.send(service.event("P-1", 1, "received", BEGIN, {
            "title": "一件事", "unit": "u1", "handler": "p1", "due": DUE}))

    def configure(self, port, via):
        secret = os.path.join(self.running.folder, "secret")
        with open(secret, "w", encoding="utf-8") as file:
            file.write("secret")
        sms = {"type": "kannel", "url": self.gate.url(), "username": "u", "signature": "【督办】",
               "password": {"file": secret}, "receipt_secret": {"file": secret}, "digest": "0s"}
        ding = {"type": "dingtalk-work", "url": f"http://127.0.0.1:{port}", "app_key": "key",
                "app_secret": {"file": secret}, "agent_id": 1, "digest": "0s"}
        rules = dict(RULES)
        rules["clocks"][0]["stages"][0]["via"] = via
        return service.write_config(os.path.join(self.running.folder, "config"), {
            "nrt.json": {"http": {"public_url": f"http://127.0.0.1:{self.running.port}"},
                         "channels": {"sms": sms, "backup": sms, "ding": ding}},
            "rules/proof.json": rules, "directory.json": DIRECTORY,
            "matters.json": {"matters": []}})

    def step(self, to):
        self.ding.stepped = ms(to)
        self.running.nrt("clock", "step", to)

    def messages(self):
        items = self.running.items("/api/v1/messages")
        return {message["channel"]: message for message in items}

    def rings(self):
        return [line["phone"] for line in work_standin.phone_lines(self.ding.lines)]

    def check_killed(self):
        assert "name=notifier-1" in self.running.log(), "the fail-point was not reached"


def what_was_fetched_is_fetched_again_and_the_phone_rings_once():
    for failpoint in ("token_after_answer", "lookup_after_answer"):
        with contextlib.ExitStack() as stack:
            city = City(stack, failpoint, ["ding"])
            city.step("2026-03-04T11:00:30+08:00")
            service.wait_for(
                "it is accepted", lambda: city.messages()["ding"]["state"] == "accepted")
            assert city.rings() == ["ding1"], city.ding.lines
            city.check_killed()


def what_the_gateway_said_is_asked_for_again():
    with contextlib.ExitStack() as stack:
        city = City(stack, "poll_after_answer", ["ding"])
        for minute in ("00", "01", "02", "06", "07"):
            city.step(f"2026-03-04T11:{minute}:30+08:00")
        message = city.messages()["ding"]
        assert message["state"] == "delivered" and message["gateway_id"], message
        assert city.rings() == ["ding1"], city.ding.lines
        city.check_killed()


def a_receipt_in_hand_still_sends_the_message_another_way():
    for failpoint in ("receipt_after_note", "await_after_settle"):
        with contextlib.ExitStack() as stack:
            city = City(stack, failpoint, ["sms", "backup"])
            city.step("2026-03-04T11:00:30+08:00")
            first = city.messages()["sms"]
            answer = city.running.get(
                f"/hooks/receipts/sms/secret?id={first['id']}&status=2")
            assert answer.status == 200, answer.status
            # What was not registered when the notifier died is looked at in its time.
            for minute in (1, 11, 12):
                city.step(f"2026-03-04T11:{minute:02d}:00+08:00")
            done = city.messages()
            assert done["sms"]["state"] == "undelivered", done
            assert done["backup"]["state"] == "accepted", done
            assert sorted(city.gate.counts().values()) == [1, 1], city.gate.messages
            city.check_killed()


service.run_tests([
    what_was_fetched_is_fetched_again_and_the_phone_rings_once,
    what_the_gateway_said_is_asked_for_again,
    a_receipt_in_hand_still_sends_the_message_another_way,
])
