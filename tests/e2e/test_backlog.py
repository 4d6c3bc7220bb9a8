#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow timeout=300
"""A console that was away while large events came: what one answer of Redis cannot carry is read
in parts, and a case with more notes than an answer holds can still be shown and explained."""
import json
import os
import signal
import socket

import service

NOTES = 1600
NOTE_BYTES = 60000  # together far above the 64 MiB that are taken as one answer
TITLE = "一件事"
WHEN = "2026-03-02T10:00:00+08:00"


def add_all(path, key, bodies):
    """XADD, pipelined: what any client of Redis would send."""
    with socket.socket(socket.AF_UNIX) as sock, sock.makefile("rb") as answers:
        sock.connect(path)
        for body in bodies:
            words = [b"XADD", key, b"*", b"ce", body]
            sock.sendall(b"*%d\r\n" % len(words) + b"".join(
                b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
            assert answers.readline().startswith(b"$") and answers.readline()


def events():
    text = "注" * (NOTE_BYTES // 3)
    for number in range(NOTES):
        yield json.dumps(service.event(
            "N-1", f"a{number:05d}", "noted", WHEN, {"text": text}), ensure_ascii=False).encode()
    yield json.dumps(service.event(  # the last of all, by any order
        "N-1", "b", "received", WHEN, {"title": TITLE, "unit": "unit-a"})).encode()


def a_backlog_larger_than_one_answer_is_read_in_parts():
    with service.Service() as running:
        console, monitor = running.pid_of("console-1"), running.pid_of("monitor-1")
        os.kill(console, signal.SIGSTOP)
        os.kill(monitor, signal.SIGSTOP)
        add_all(os.path.join(running.data, "redis", "redis.sock"), b"nrt:{p0}:events", events())
        os.kill(monitor, signal.SIGCONT)
        service.wait_for("all are journalled", lambda: running.redis(
            "XLEN", "nrt:{p0}:events") == b":0\r\n", deadline=120)
        os.kill(console, signal.SIGCONT)
        service.wait_for("the ledger has all of it", lambda: any(
            case["title"] == TITLE for case in running.items("/api/v1/cases?q=N-1")), deadline=120)
        case = running.get_json("/api/v1/cases/N-1")
        assert case["title"] == TITLE and len(case["clocks"]) == 1, case["clocks"]
        assert case["events_cut"] and len(case["events"]) > 100, len(case["events"])
        assert len(running.get_json("/api/v1/cases/N-1/explain")["clocks"]) == 1


service.run_tests([a_backlog_larger_than_one_answer_is_read_in_parts])
