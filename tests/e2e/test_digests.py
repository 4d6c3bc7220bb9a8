#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: timeout=300
"""Few messages: what a head has to know at one time is one message, and a robot that bears so many
a minute gets no more than that from all notifiers together."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.environ["NRT_SOURCE_DIR"], "tests", "support"))

import gateway  # noqa: E402
import links  # noqa: E402
import service  # noqa: E402

DIRECTORY = {
    "units": [{"id": "u1", "name": "甲局", "head": "p1", "handlers": ["p2"], "robot": "water"}],
    "people": [{"id": "p1", "name": "局长", "unit": "u1", "mobile": "19900000001"},
               {"id": "p2", "name": "经办人", "unit": "u1", "mobile": "19900000002"}],
}
BEGIN = "2026-03-04T10:00:00+08:00"
NIGHT = "2026-03-05T02:00:00+08:00"
MORNING = "2026-03-05T08:00:00+08:00"
SEGMENT, PER_MINUTE = 67, 18
LONG_DIGEST = 250


def rules(via):
    return {
        "id": "digests", "version": "1",
        "clocks": [
            {"id": "reply", "limit": {"from": "due"}, "stages": [
                {"id": "overdue", "at": "due+0", "light": "red", "notify": ["unit_head"],
                 "via": [via], "send": "day"}]},
            {"id": "alarm", "match": {"labels": ["urgent"]}, "limit": {"from": "due"}, "stages": [
                {"id": "alarm", "at": "due+0", "light": "red", "notify": ["handler"],
                 "via": [via], "urgent": True}]}],
    }


def rig(channels, via, *options, partitions=1):
    running = service.Service("--clock", "stepped", "--clock-from", BEGIN, *options)
    secret = os.path.join(running.folder, "secret")
    with open(secret, "w") as file:
        file.write("e2e-secret")
    public = {"public_url": f"http://127.0.0.1:{running.port}"}
    running.config = service.write_config(os.path.join(running.folder, "config"), {
        "nrt.json": {"http": public, "partitions": partitions, "channels": channels(secret)},
        "rules/digests.json": rules(via), "directory.json": DIRECTORY,
        "matters.json": {"matters": []},
    })
    return running


def received(case, minute, *labels):
    return service.event(case, 1, "received", BEGIN, {
        "title": f"关于{case}的请示", "unit": "u1", "handler": "p2", "labels": labels,
        "due": f"2026-03-04T22:{minute:02d}:00+08:00"})


def messages(running):
    return [message for alert in running.items("/api/v1/alerts") for message in alert["messages"]]


def sms(gate):
    return lambda secret: {"sms": {
        "type": "kannel", "url": gate.url(), "username": "u", "signature": "【督办】",
        "password": {"file": secret}, "receipt_secret": {"file": secret}}}


def thirty_overdue_cases_of_one_head_are_one_sms():
    with gateway.Gateway() as gate, rig(sms(gate), "sms") as running:
        running.send(*(received(f"D-{number:02d}", 59 - number) for number in range(30)))
        running.nrt("clock", "step", MORNING)
        assert len(gate.messages) == 1, gate.messages
        identity, to, text = gate.messages[0]
        assert to == "19900000001", to
        assert "30" in text and "关于D-29的请示" in text, text
        assert len(text.encode("utf-16-le")) / 2 <= 2 * SEGMENT, text
        told = messages(running)
        assert len(told) == 30, told
        assert {message["digest"] for message in told} == {identity}, told
        assert {message["state"] for message in told} == {"accepted"}, told


def what_is_settled_overnight_is_not_counted():
    with gateway.Gateway() as gate, rig(sms(gate), "sms") as running:
        running.send(*(received(f"D-{number}", number) for number in range(3)))
        running.nrt("clock", "step", NIGHT)
        running.nrt("case", "event", "D-0", "answered", "result=同意", "--time", NIGHT)
        running.nrt("clock", "step", MORNING)
        assert len(gate.messages) == 1, gate.messages
        text = gate.messages[0][2]
        assert "2" in text and "关于D-1的请示" in text and "D-0" not in text, text
        told = {message["case"]: message for message in messages(running)}
        assert (told["D-0"]["state"], told["D-0"]["reason"]) == ("dropped", "settled"), told


def a_long_digest_is_acknowledged_as_a_whole():
    with gateway.Gateway() as gate, rig(sms(gate), "sms") as running:
        running.send(*(received(f"L-{number:03d}", 30) for number in range(LONG_DIGEST)))
        running.nrt("clock", "step", MORNING)
        assert len(gate.messages) == 1, gate.messages
        token = links.token(
            links.seal_key(running.data), gate.messages[0][0], "2026-04-01T00:00:00+08:00")
        replied = running.get("/hooks/replies/sms/e2e-secret?from=19900000001&text=1")
        assert replied.status == 200, replied.body
        running.nrt("clock", "step", "2026-03-05T08:01:00+08:00")
        told = messages(running)
        assert sum(bool(message["acked_at"]) for message in told) == LONG_DIGEST, told[:1]
        page = running.get("/a/" + token).body.decode()
        assert page.count("<li class") == LONG_DIGEST and "全部已阅" not in page, page[:2000]


def of_too_many_replies_at_once_the_first_ones_count():
    with gateway.Gateway() as gate, rig(sms(gate), "sms") as running:
        running.send(received("R-1", 30))
        running.nrt("clock", "step", MORNING)
        replies = [{"mobile": "19900000001", "smsContent": "1"}] * 101
        assert running.post("/hooks/replies/sms/e2e-secret", replies).status == 200
        running.nrt("clock", "step", "2026-03-05T08:01:00+08:00")
        assert [bool(message["acked_at"]) for message in messages(running)] == [True]


def urgent_ones_go_at_once_and_alone():
    with gateway.Gateway() as gate, rig(sms(gate), "sms") as running:
        running.send(*(received(f"D-{number}", number, "urgent") for number in range(3)))
        running.nrt("clock", "step", NIGHT)
        told = [message for message in messages(running) if message["person"] == "p2"]
        assert [message["accepted_at"] for message in sorted(told, key=lambda m: m["case"])] == \
            [f"2026-03-04T22:0{minute}:00+08:00" for minute in range(3)], told
        assert [to for _, to, _ in gate.messages] == ["19900000002"] * 3, gate.messages


class Robot(gateway.Gateway):
    """Takes every message of a group, and counts them."""

    def __init__(self):
        super().__init__()
        outer = self
        self.taken = 0

        class Handler(self.server.RequestHandlerClass):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                with outer.lock:
                    outer.taken += 1
                body = json.dumps({"errcode": 0, "errmsg": "ok"}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server.RequestHandlerClass = Handler

    def channel(self, secret):
        return {"group": {
            "type": "dingtalk-robot", "digest": "0s",
            "url": f"http://127.0.0.1:{self.server.server_address[1]}",
            "robots": {name: {"token": {"file": secret}, "secret": {"file": secret}}
                       for name in ("water", "default")}}}


def two_notifiers_share_what_a_robot_bears():
    with Robot() as robot, rig(robot.channel, "group", "--instances", "notifier=2",
                               partitions=3) as running:
        running.send(*(received(f"R-{number:03d}", number % 60) for number in range(100)))
        for minute in range(6):
            running.nrt("clock", "step", f"2026-03-05T08:{minute:02d}:59+08:00")
            assert robot.taken == min(100, PER_MINUTE * (minute + 1)), (minute, robot.taken)
        assert {message["state"] for message in messages(running)} == {"accepted"}
        service.wait_for("the heartbeats tell of all posts", lambda: sum(
            value for name, value in running.metrics().items() if "posts_total" in name) == 100)


service.run_tests([
    thirty_overdue_cases_of_one_head_are_one_sms,
    what_is_settled_overnight_is_not_counted,
    a_long_digest_is_acknowledged_as_a_whole,
    of_too_many_replies_at_once_the_first_ones_count,
    urgent_ones_go_at_once_and_alone,
    two_notifiers_share_what_a_robot_bears,
])
