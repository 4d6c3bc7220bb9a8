#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: timeout=300
"""The whole way on real parts: a case event comes in, its deadline passes, a Chinese SMS leaves
through the real Kannel and arrives at the (fake) carrier, its receipt turns up on the case, and
a signed message is taken by a DingTalk robot as strict as the real one. In a private network."""
import os
import tempfile

import dingtalk_standin
import kannel
import service

RULES = {
    "id": "both", "version": "1",
    "clocks": [{"id": "reply", "title": "答复", "limit": {"from": "due"}, "stages": [
        {"id": "overdue", "title": "超期", "at": "due+0", "light": "red", "notify": ["handler"],
         "via": {"all": ["sms", "dingtalk"]}, "send": "now", "template": "missed"}]}],
}
DIRECTORY = {
    "units": [{"id": "u1", "name": "甲局", "head": "p1", "handlers": ["p1"], "robot": "water"}],
    "people": [{"id": "p1", "name": "经办人", "unit": "u1", "mobile": "19900000001"}],
}
BEGIN = "2026-03-04T10:00:00+08:00"
DUE = "2026-03-04T16:00:00+08:00"
LATER = "2026-03-04T16:05:00+08:00"
TITLE = "关于河道清淤的请示"
ROBOT_SECRET = "SEC-of-the-water-robot"


def rig(robot_port):
    running = service.Service("--clock", "stepped", "--clock-from", BEGIN)

    def secret(name, value):
        path = os.path.join(running.folder, name)
        with open(path, "w") as file:
            file.write(value)
        return {"file": path}

    running.config = service.write_config(os.path.join(running.folder, "config"), {
        "nrt.json": {
            "http": {"public_url": f"http://127.0.0.1:{running.port}"},
            "channels": {
                "sms": {
                    "type": "kannel", "url": f"http://127.0.0.1:{kannel.SEND_PORT}",
                    "username": "water", "password": secret("password", "test-pass"),
                    "from": "1069000", "signature": "【限时督办】",
                    "receipt_secret": secret("hook", "hook-secret")},
                "dingtalk": {
                    "type": "dingtalk-robot", "url": f"http://127.0.0.1:{robot_port}",
                    "robots": {
                        "default": {"token": secret("a", "unused"), "secret": secret("b", "SEC0")},
                        "water": {
                            "token": secret("token", "tok"),
                            "secret": secret("sign", ROBOT_SECRET)}}},
            }},
        "rules/both.json": RULES, "directory.json": DIRECTORY, "matters.json": {"matters": []},
    })
    return running


def messages_of(running, case):
    alerts = running.get_json("/api/v1/alerts?case=" + case)["items"]
    return {message["channel"]: message for alert in alerts for message in alert["messages"]}


def an_overdue_reaches_the_phone_and_its_receipt_the_case():
    with Rig() as (running, phone, _):
        running.send(service.event("R-1", 1, "received", BEGIN, {
            "title": TITLE, "unit": "u1", "handler": "p1", "due": DUE}))
        running.nrt("clock", "step", LATER)
        got = service.wait_for("the carrier has it", phone.received)
        assert len(got) == 1, got
        assert got[0]["to"] == "19900000001" and got[0]["from"] == "1069000", got
        assert got[0]["text"].startswith("【限时督办】甲局：" + TITLE), got
        assert "R-1" in got[0]["text"] and "\ufffd" not in got[0]["text"], got
        message = service.wait_for(
            "the receipt is on the case",
            lambda: messages_of(running, "R-1")["sms"].get("delivered_at")
            and messages_of(running, "R-1")["sms"])
        assert message["state"] == "delivered", message
        assert "19900000001" not in running.log(), "a number in the log"
        assert "test-pass" not in running.log(), "a password in the log"


def a_signed_message_is_taken_by_the_robot():
    with Rig() as (running, _, robot):
        running.send(service.event("R-2", 1, "received", BEGIN, {
            "title": TITLE, "unit": "u1", "handler": "p1", "due": DUE}))
        running.nrt("clock", "step", LATER)
        service.wait_for("the robot has it", robot.accepted)
        assert [line["errcode"] for line in robot.lines] == [0], robot.lines
        assert TITLE in robot.lines[0]["text"], robot.lines
        assert robot.lines[0]["mobiles"] == ["19900000001"], robot.lines
        message = messages_of(running, "R-2")["dingtalk"]
        assert message["state"] == "accepted", message
        assert message["person"] == "robot:water", message


def a_test_message_reaches_the_group_of_the_persons_unit():
    with Rig() as (running, _, robot):
        done = running.nrt("send-test", "dingtalk", "p1")
        assert done.stdout.splitlines()[-1] == "accepted", done.stdout
        assert [line["errcode"] for line in robot.lines] == [0], robot.lines
        assert robot.lines[0]["mobiles"] == ["19900000001"], robot.lines


def what_the_phone_answers_is_an_event_of_the_case():
    def events(running, kind):
        return [row["event"] for row in running.get_json("/api/v1/cases/R-3")["events"]
                if row["type"] == "case." + kind]

    with Rig() as (running, phone, _):
        running.send(service.event("R-3", 1, "received", BEGIN, {
            "title": TITLE, "unit": "u1", "handler": "p1", "due": DUE}))
        running.nrt("clock", "step", LATER)
        service.wait_for("the carrier has it", phone.received)
        service.wait_for("it counts as sent", lambda: messages_of(
            running, "R-3").get("sms", {}).get("accepted_at"))
        before = len(phone.received())

        def counted():
            values = running.metrics().items()
            return [sum(value for key, value in values if key.startswith(name))
                    for name in ("nrt_role_replies_taken", "nrt_role_replies_ignored")]

        # One after the other: a stepped clock brings one event at a time.
        for sender, words, wanted in (
                ("8619900000001", "好的，2月办", [0, 1]), ("8619900000001", "已阅", [1, 1]),
                ("19900000001", "1", [2, 1]), ("+8619900000001", "2 不属于我局职责", [3, 1]),
                ("13700000000", "1", [3, 2])):  # the last is nobody of ours
            phone.answer(sender, words)
            service.wait_for(f"it is counted: {words}", lambda: counted() == wanted, pause=0.1)
        acked = service.wait_for("it is acknowledged", lambda: events(running, "acknowledged"))
        objected = service.wait_for("it is objected to", lambda: events(running, "objected"))
        assert len(acked) == 1 and acked[0]["data"]["by"] == "p1", acked
        assert acked[0]["data"]["via"] == "reply/sms", acked
        assert objected[0]["data"]["reason"] == "不属于我局职责", objected
        assert len(phone.received()) == before, "an answer went back to a phone"
        assert "19900000001" not in running.log() and "13700000000" not in running.log()


class Rig:
    """Kannel, a robot and the service, together."""

    def __enter__(self):
        standin = dingtalk_standin.Standin({"tok": ROBOT_SECRET}, clock="signed")
        self.server = dingtalk_standin.serve(standin)
        self.running = rig(self.server.server_address[1])
        self.folder = tempfile.TemporaryDirectory(prefix="kannel-")
        self.kannel = kannel.Kannel(
            self.folder.name,
            f"http://127.0.0.1:{self.running.port}/hooks/replies/sms/hook-secret")
        try:
            return self.running.__enter__(), self.kannel, standin
        except BaseException:
            self.kannel.stop()
            raise

    def __exit__(self, kind, value, trace):
        self.kannel.stop()
        self.running.__exit__(kind, value, trace)
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()


if __name__ == "__main__":
    kannel.run_in_private_network()
    service.run_tests([
        an_overdue_reaches_the_phone_and_its_receipt_the_case,
        a_signed_message_is_taken_by_the_robot,
        a_test_message_reaches_the_group_of_the_persons_unit,
        what_the_phone_answers_is_an_event_of_the_case,
    ])
