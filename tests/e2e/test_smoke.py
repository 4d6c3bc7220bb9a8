#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: timeout=180
"""`nrt up` as an operator meets it: the smoke test, the lock, clean ends, clear complaints."""
import os
import signal
import socket
import subprocess
import tempfile
import time

import service


def nrt(*words, **more):
    return subprocess.run(
        [service.NRT, *words], capture_output=True, text=True, timeout=120, check=False, **more)


def smoke_takes_one_case_to_one_accepted_message():
    began = time.monotonic()
    done = nrt("up", "--smoke")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the message was accepted" in done.stdout, done.stdout
    assert "everything works" in done.stdout, done.stdout
    print(f"     {time.monotonic() - began:.1f} s in all")


def sigterm_ends_everything_with_code_0():
    with service.Service() as running:
        running.stop()
        assert not running.leftovers(), "a process is left"


def sigint_ends_everything_with_code_0():
    with service.Service() as running:
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(timeout=60) == 0
        assert not running.leftovers(), "a process is left"


def a_second_up_on_the_same_folder_is_refused():
    with service.Service() as running:
        done = nrt("up", "--data", running.data, "--port", str(service.free_port()))
        assert done.returncode == 1, done.returncode
        assert "in use by another nrt" in done.stderr, done.stderr
        assert running.get("/readyz").status == 200


def the_data_folder_is_ours_alone():
    with service.Service() as running:
        assert os.stat(running.data).st_mode & 0o777 == 0o700
        assert os.stat(os.path.join(running.data, "token")).st_mode & 0o777 == 0o600
        sock = os.path.join(running.data, "redis", "redis.sock")
        assert os.stat(sock).st_mode & 0o777 == 0o700


def a_taken_port_is_named():
    with socket.socket() as sock, tempfile.TemporaryDirectory() as folder:
        sock.bind(("127.0.0.1", 0))
        sock.listen(1)
        port = str(sock.getsockname()[1])
        done = nrt("up", "--data", folder, "--port", port)
        assert done.returncode == 1, done.returncode
        assert port in done.stderr and "--port" in done.stderr, done.stderr


def a_missing_redis_server_is_named():
    with tempfile.TemporaryDirectory() as folder:
        done = nrt(
            "up", "--data", folder, "--port", str(service.free_port()),
            env=dict(os.environ, PATH="/nonexistent"))
        assert done.returncode == 1, done.returncode
        assert "apt-get install redis-server" in done.stderr, done.stderr


def the_service_comes_back_with_what_it_had():
    with service.Service() as running:
        running.nrt("case", "add", "K-1", "--title", "一件事", "--unit", "unit-a")
        running.stop()
        running.start()
        shown = running.get_json("/api/v1/cases/K-1")
        assert shown["title"] == "一件事", shown


def a_killed_supervisor_leaves_nothing_and_the_next_one_takes_over():
    with service.Service() as running:
        running.nrt("case", "add", "K-2", "--title", "一件事", "--unit", "unit-a")
        running.kill_supervisor()
        running.start()
        assert running.get_json("/api/v1/cases/K-2")["id"] == "K-2"


def commands_say_when_the_service_cannot_be_reached():
    env = dict(os.environ, NRT_URL=f"http://127.0.0.1:{service.free_port()}")
    for words in (["overdue"], ["case", "list"], ["alerts", "list"], ["doctor"],
                  ["import", "/dev/null"], ["clock", "step", "2026-01-01T00:00:00Z"]):
        done = nrt(*words, env=env)
        assert done.returncode == 3, (words, done.returncode, done.stderr)
        assert "NRT_URL" in done.stderr or "nrt up" in done.stderr, done.stderr


service.run_tests([
    smoke_takes_one_case_to_one_accepted_message,
    sigterm_ends_everything_with_code_0,
    sigint_ends_everything_with_code_0,
    a_second_up_on_the_same_folder_is_refused,
    the_data_folder_is_ours_alone,
    a_taken_port_is_named,
    a_missing_redis_server_is_named,
    the_service_comes_back_with_what_it_had,
    a_killed_supervisor_leaves_nothing_and_the_next_one_takes_over,
    commands_say_when_the_service_cannot_be_reached,
])
