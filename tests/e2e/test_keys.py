#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow
"""Rotating the key that seals people's addresses while the service runs: messages still reach
phones before and after a restart, links and old versions still open, and the old key goes only when
nothing needs it."""
import http.client
import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["NRT_SOURCE_DIR"], "tests", "support"))

import gateway  # noqa: E402
import links  # noqa: E402
import service  # noqa: E402

MOBILE = "13800000017"
DIRECTORY = {
    "units": [{"id": "u1", "name": "甲局", "head": "h1", "clerk": "h1", "oversight": True}],
    "people": [{"id": "h1", "name": "王五", "unit": "u1", "mobile": MOBILE}],
}


def stepped(gate, folder):
    config = service.write_config(folder, {
        "nrt.json": {"default_via": ["sms"], "channels": {"sms": {
            "type": "kannel", "url": gate.url(), "username": "u", "signature": "【东阳督查】",
            "password": {"env": "SMS_PASSWORD"}, "receipt_secret": {"env": "RECEIPTS"}}}},
        "directory.json": DIRECTORY,
    })
    return service.Service(
        "--clock", "stepped", "--clock-from", "2026-03-02T10:00:00+08:00", config=config,
        env={"SMS_PASSWORD": "kannel-pass", "RECEIPTS": "0123456789abcdef"})


class Days:
    """A service with people of one phone; each call of ring() sends a message to it."""

    def __init__(self, served, gate):
        self.served, self.gate, self.count = served, gate, 0

    def ring(self):
        self.count += 1
        answer = self.served.post("/api/v1/send-test", {"channel": "sms", "person": "h1"})
        assert answer.status == 202, answer.body
        service.wait_for("the message", lambda: len(self.gate.messages) >= self.count)
        assert self.gate.messages[-1][1] == MOBILE, self.gate.messages[-1]

    def keys(self, verb="show"):
        return json.loads(self.served.nrt("keys", verb, "--json").stdout)


def seals_in_redis(served):
    raw = served.redis("HGETALL", "nrt:config")
    return re.findall(rb'"sealed":"intl:([0-9a-f]{8}):', raw)


def with_service(test):
    with tempfile.TemporaryDirectory() as folder, gateway.Gateway() as gate:
        with stepped(gate, folder) as served:
            test(served, Days(served, gate))


def messages_still_reach_phones_after_a_rotation_and_a_restart():
    def run(served, days):
        days.ring()
        first = days.keys()["keys"]
        assert len(first) == 1 and first[0]["values_in_redis"] >= 1, first
        told = days.keys("rotate")
        assert told["versions_resealed"] >= 1 and told["keys"][1]["id"] == first[0]["id"], told
        assert told["keys"][0]["values_in_redis"] >= 1, told
        assert told["keys"][1]["values_in_redis"] == 0, told
        assert told["keys"][1]["values_in_ledger"] == 0, told
        assert set(seals_in_redis(served)) == {told["keys"][0]["id"].encode()}
        days.ring()  # nobody was started again
        # A version that is applied now is sealed with the new key, and the notifier reads it.
        directory = dict(DIRECTORY, note="again")
        put = served.request("PUT", "/api/v1/directory", json.dumps(
            {"by": "li", "note": "again", "files": [
                {"name": "directory.json", "text": json.dumps(directory)}]}).encode())
        assert put.status in (200, 201, 202), put.body
        days.ring()
        served.stop()
        served.start()
        days.ring()
        shown = days.keys()
        assert [key["id"] for key in shown["keys"]] == [key["id"] for key in told["keys"]], shown
        assert oct(os.stat(os.path.join(served.data, "seal.key")).st_mode)[-3:] == "600"
        # The old versions can be read and applied again.
        back = served.post("/api/v1/directory/rollback", {"to": 1, "by": "li", "note": "back"})
        assert back.status in (200, 201, 202), back.body
        days.ring()

    with_service(run)


def the_old_key_goes_when_nothing_needs_it():
    def run(served, days):
        old = links.seal_key(served.data)
        token = links.token(old, "a" * 26, "2026-03-20T00:00:00+08:00")
        days.keys("rotate")
        assert links.seal_key(served.data) != old

        def opened():
            connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
            connection.request("GET", "/a/" + token)
            text = connection.getresponse().read().decode()
            connection.close()
            return text

        # Signed with the old key: ours, only that nobody has such a message.
        assert "not known yet" in opened() or "暂时查不到" in opened(), opened()
        told = days.keys("prune")
        assert told["pruned"] == 0 and len(told["keys"]) == 2, told
        step = served.post("/api/v1/clock/step", {"to": "2026-04-02T10:00:00+08:00"})
        assert step.status == 200, step.body
        assert days.keys()["keys"][1]["removable"]
        told = days.keys("prune")
        assert told["pruned"] == 1 and len(told["keys"]) == 1, told
        assert "不完整或无效" in opened(), opened()
        days.count = len(days.gate.messages)
        days.ring()
        shown = served.nrt("keys", "show").stdout
        assert "seals" in shown and "old since" not in shown, shown

    with_service(run)


service.run_tests([
    messages_still_reach_phones_after_a_rotation_and_a_restart,
    the_old_key_goes_when_nothing_needs_it,
])
