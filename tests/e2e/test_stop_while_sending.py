#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: timeout=300
"""SIGTERM while a gateway takes its time: the answer is waited for and written down, so that
nothing goes out twice after the next start."""
import http.server
import os
import threading

import service

RULES = {
    "id": "stop", "version": "1",
    "clocks": [{"id": "reply", "limit": {"from": "due"}, "stages": [
        {"id": "overdue", "at": "due+0", "light": "red", "notify": ["handler"], "via": ["sms"],
         "send": "now"}]}],
}
DIRECTORY = {
    "units": [{"id": "u1", "name": "甲局", "head": "p1", "handlers": ["p1"]}],
    "people": [{"id": "p1", "name": "经办人", "unit": "u1", "mobile": "19900000001"}],
}
BEGIN = "2026-03-04T10:00:00+08:00"
DUE = "2026-03-04T16:00:00+08:00"


class SlowGateway:
    """Takes requests at once and answers when told."""

    def __init__(self):
        self.asked = []
        self.answer = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                outer.answer.wait(service.DEADLINE)
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.set()
        self.server.shutdown()
        self.server.server_close()

    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"


def rig(gate):
    running = service.Service("--clock", "stepped", "--clock-from", BEGIN)
    secret = os.path.join(running.folder, "secret")
    with open(secret, "w") as file:
        file.write("e2e-secret")
    running.config = service.write_config(os.path.join(running.folder, "config"), {
        "nrt.json": {"channels": {"sms": {
            "type": "kannel", "url": gate.url(), "username": "u", "signature": "【督办】",
            "digest": "0s", "password": {"file": secret}}}},
        "rules/stop.json": RULES, "directory.json": DIRECTORY, "matters.json": {"matters": []},
    })
    return running


def an_answer_that_comes_after_sigterm_is_kept():
    with SlowGateway() as gate, rig(gate) as running:
        running.send(service.event("S-1", 1, "received", BEGIN, {
            "title": "一件事", "unit": "u1", "handler": "p1", "due": DUE}))
        stepping = threading.Thread(
            target=running.nrt, args=("clock", "step", DUE), kwargs={"check": False}, daemon=True)
        stepping.start()
        service.wait_for("the gateway was asked", lambda: gate.asked)
        stopping = threading.Thread(target=running.stop)
        stopping.start()
        service.wait_for("the console has ended", lambda: not running.pid_of("console-1"))
        gate.answer.set()
        stopping.join(service.DEADLINE)
        assert not stopping.is_alive(), "the service did not stop"
        stepping.join(service.DEADLINE)
        running.start()
        message = service.wait_for("the message is accepted", lambda: [
            message for alert in running.get_json("/api/v1/alerts?case=S-1")["items"]
            for message in alert["messages"] if message["state"] == "accepted"])
        assert len(gate.asked) == 1, gate.asked
        assert message[0]["attempts"] == 1, message


if __name__ == "__main__":
    service.run_tests([an_answer_that_comes_after_sigterm_is_kept])
