#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: timeout=300
"""What happens to a message between firing and phone: held until the window opens, dropped when
the case is settled meanwhile, the next channel when the first does not work."""
import json
import os

import gateway
import service

RULES = {
    "id": "hold", "version": "1",
    "clocks": [{"id": "reply", "limit": {"from": "due"}, "stages": [
        {"id": "overdue", "at": "due+0", "light": "red", "notify": ["handler"], "via": ["sms"],
         "send": "day"}]}],
}
DIRECTORY = {
    "units": [{"id": "u1", "name": "甲局", "head": "p1", "handlers": ["p1"]}],
    "people": [{"id": "p1", "name": "经办人", "unit": "u1", "mobile": "19900000001"}],
}
EVENING = "2026-03-04T22:30:00+08:00"
NIGHT = "2026-03-05T02:00:00+08:00"
MORNING = "2026-03-05T09:00:00+08:00"


def rig(gate, via=("sms",)):
    running = service.Service(
        "--clock", "stepped", "--clock-from", "2026-03-04T10:00:00+08:00")
    secret = os.path.join(running.folder, "secret")
    with open(secret, "w") as file:
        file.write("e2e-secret")
    public = {"public_url": f"http://127.0.0.1:{running.port}"}
    channel = {
        "type": "kannel", "url": gate.url(), "username": "u", "signature": "【督办】",
        "password": {"file": secret}, "receipt_secret": {"file": secret},
        "fallback_after": "10m"}
    rules = json.loads(json.dumps(RULES))
    rules["clocks"][0]["stages"][0]["via"] = list(via)
    running.config = service.write_config(os.path.join(running.folder, "config"), {
        "nrt.json": {"http": public, "channels": {"sms": channel, "backup": channel}},
        "rules/hold.json": rules, "directory.json": DIRECTORY, "matters.json": {"matters": []},
    })
    return running


def received(case):
    return service.event(case, 1, "received", "2026-03-04T10:00:00+08:00",
                         {"title": "一件事", "unit": "u1", "handler": "p1", "due": EVENING})


def message_of(running, case):
    alert = running.get_json("/api/v1/alerts?case=" + case)["items"][0]
    assert len(alert["messages"]) == 1, alert
    return alert["messages"][0]


def a_message_of_the_night_waits_for_the_morning():
    with gateway.Gateway() as gate, rig(gate) as running:
        running.send(received("H-1"))
        running.nrt("clock", "step", NIGHT)
        assert message_of(running, "H-1")["state"] == "held", message_of(running, "H-1")
        assert not gate.messages, gate.messages
        running.nrt("clock", "step", MORNING)
        message = message_of(running, "H-1")
        assert message["state"] == "accepted", message
        assert message["accepted_at"].startswith("2026-03-05T08:00:0"), message
        assert [to for _, to, _ in gate.messages] == ["19900000001"], gate.messages
        assert gate.counts()[message["id"]] == 1, gate.messages


def a_case_settled_while_its_message_is_held_sends_nothing():
    with gateway.Gateway() as gate, rig(gate) as running:
        running.send(received("H-2"))
        running.nrt("clock", "step", NIGHT)
        assert message_of(running, "H-2")["state"] == "held"
        running.nrt("case", "event", "H-2", "answered", "result=同意", "--time", NIGHT)
        running.nrt("clock", "step", MORNING)
        message = message_of(running, "H-2")
        assert (message["state"], message["reason"]) == ("dropped", "settled"), message
        assert not gate.messages, gate.messages


def a_receipt_turns_up_on_its_message():
    with gateway.Gateway() as gate, rig(gate) as running:
        running.send(received("H-3"))
        running.nrt("clock", "step", MORNING)
        message = message_of(running, "H-3")
        answer = running.get(
            f"/hooks/receipts/sms/e2e-secret?id={message['id']}&status=1&foreign=x&ts=1")
        assert answer.status in (200, 202, 204), answer.status
        service.wait_for(
            "the message is delivered", lambda: message_of(running, "H-3")["delivered_at"])
        wrong = running.get(f"/hooks/receipts/sms/wrong?id={message['id']}&status=2")
        assert wrong.status in (401, 403, 404), wrong.status


def messages_of(running, case):
    alert = running.get_json("/api/v1/alerts?case=" + case)["items"][0]
    return {message["channel"]: message for message in alert["messages"]}


def call_back(running, message, status):
    answer = running.get(
        f"/hooks/receipts/{message['channel']}/e2e-secret?id={message['id']}&status={status}")
    assert answer.status == 200, answer.status


def an_undelivered_message_takes_the_next_channel_and_shows_the_chain():
    with gateway.Gateway() as gate, rig(gate, via=("sms", "backup")) as running:
        running.send(received("H-4"))
        running.nrt("clock", "step", "2026-03-05T08:05:00+08:00")
        first = messages_of(running, "H-4")["sms"]
        assert set(messages_of(running, "H-4")) == {"sms"}, messages_of(running, "H-4")
        call_back(running, first, 8)
        call_back(running, first, 2)
        service.wait_for(
            "the next channel has it", lambda: "backup" in messages_of(running, "H-4"))
        running.nrt("clock", "step", "2026-03-05T08:07:00+08:00")
        second = service.wait_for(
            "the next channel has taken it",
            lambda: messages_of(running, "H-4").get("backup", {}).get("accepted_at")
            and messages_of(running, "H-4")["backup"])
        call_back(running, second, 1)
        call_back(running, second, 8)  # late, and out of order
        service.wait_for(
            "it is delivered", lambda: messages_of(running, "H-4")["backup"]["delivered_at"])
        done = messages_of(running, "H-4")
        assert done["sms"]["state"] == "undelivered", done["sms"]
        assert "next channel" in done["sms"]["reason"], done["sms"]
        assert done["backup"]["state"] == "delivered", done["backup"]
        for message in done.values():
            assert message["sent_at"] <= message["accepted_at"], message
        assert sorted(gate.counts().values()) == [1, 1], gate.messages
        metrics = running.get("/metrics").body.decode()
        assert 'nrt_receipts{state="delivered",message="known"} 1' in metrics, metrics


def what_failed_is_sent_again_when_somebody_says_so():
    with gateway.Gateway() as gate, rig(gate) as running:
        running.send(received("H-6"))
        running.nrt("clock", "step", MORNING)
        first = message_of(running, "H-6")
        alert = running.get_json("/api/v1/alerts?case=H-6")["items"][0]["id"]
        path = f"/api/v1/alerts/{alert}/retry"
        assert running.request("POST", path, b"{}").status == 409, "it is under way"
        call_back(running, first, 2)
        service.wait_for(
            "it is undelivered", lambda: message_of(running, "H-6")["state"] == "undelivered")
        assert "1 message on the way" in running.nrt("alerts", "retry", alert).stdout
        # Twice is once: the same new message, or none because that one is under way by now.
        assert running.request("POST", path, b"{}").status in (202, 409)
        running.nrt("clock", "step", "2026-03-05T09:10:00+08:00")
        messages = running.get_json("/api/v1/alerts?case=H-6")["items"][0]["messages"]
        assert sorted(m["state"] for m in messages) == ["accepted", "undelivered"], messages
        assert sorted(gate.counts().values()) == [1, 1], gate.messages
        answer = running.request("POST", path, b"{}")
        assert answer.status == 409 and "failed" in answer.json()["detail"], answer.body
        assert running.request("POST", "/api/v1/alerts/none/retry", b"{}").status == 404


def without_a_receipt_the_next_channel_takes_over_in_time():
    with gateway.Gateway() as gate, rig(gate, via=("sms", "backup")) as running:
        running.send(received("H-5"))
        running.nrt("clock", "step", "2026-03-05T08:09:00+08:00")
        assert set(messages_of(running, "H-5")) == {"sms"}, messages_of(running, "H-5")
        running.nrt("clock", "step", "2026-03-05T08:11:00+08:00")
        done = messages_of(running, "H-5")
        assert done["backup"]["state"] == "accepted", done
        assert "no receipt" in done["sms"]["reason"], done
        assert len(gate.messages) == 2, gate.messages


def a_receipt_of_nobody_is_counted_and_makes_no_message():
    with gateway.Gateway() as gate, rig(gate) as running:
        call_back(running, {"channel": "sms", "id": "nobody"}, 1)
        service.wait_for(
            "it is counted",
            lambda: 'message="unknown"} 1' in running.get("/metrics").body.decode())
        assert not running.get_json("/api/v1/messages")["items"]


service.run_tests([
    a_message_of_the_night_waits_for_the_morning,
    a_case_settled_while_its_message_is_held_sends_nothing,
    a_receipt_turns_up_on_its_message,
    an_undelivered_message_takes_the_next_channel_and_shows_the_chain,
    what_failed_is_sent_again_when_somebody_says_so,
    without_a_receipt_the_next_channel_takes_over_in_time,
    a_receipt_of_nobody_is_counted_and_makes_no_message,
])
