#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: timeout=240
"""Roles against a Redis that somebody else runs, an adopted Redis, and configuration that is
applied again while everything runs."""
import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile

import service

RULES = {"id": "r", "version": "1", "clocks": [{"id": "c", "limit": "5wd", "stages": [
    {"id": "s", "at": "due+0", "light": "red", "notify": ["handler"]}]}]}


@contextlib.contextmanager
def own_redis(folder):
    """A durable redis-server on a unix socket, as an operator would run it."""
    sock = os.path.join(folder, "other.sock")
    process = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", sock, "--appendonly", "yes", "--dir",
         folder, "--save", "", "--maxmemory-policy", "noeviction", "--daemonize", "no"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        service.wait_for("redis listens", lambda: os.path.exists(sock))
        yield "unix:" + sock
    finally:
        process.terminate()
        process.wait()


class Roles(service.Service):
    """`nrt serve` processes instead of `nrt up`."""

    def __init__(self, url, roles):
        super().__init__()
        self.url = url
        self.roles = roles
        self.parts = []

    def start(self, *more, wait=True):
        for role in self.roles:
            words = ["--role", role] if role else []
            if role in (None, "console"):
                words += ["--listen", f"127.0.0.1:{self.port}"]
            with open(self.log_path, "ab") as log:
                self.parts.append(subprocess.Popen(
                    [service.NRT, "serve", *words, "--data", self.data, "--redis", self.url],
                    stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.env))
        self.process = self.parts[-1]
        self.wait_ready()
        return self

    def console_is_new(self):
        return True

    def close(self):
        for part in self.parts:
            part.send_signal(signal.SIGTERM)
        codes = [part.wait(timeout=service.DEADLINE) for part in self.parts]
        self.process = None
        super().close()
        assert codes == [0] * len(codes), codes


def one_case_goes_through(running):
    position = running.send(service.event(
        "S-1", 1, "received", "2026-11-02T09:00:00+08:00",
        {"title": "一件事", "unit": "unit-a"}))["position"]
    case = running.get_json("/api/v1/cases/S-1?after=" + position)
    assert len(case["clocks"]) == 1, case


def three_roles_of_their_own_work_on_one_redis():
    with tempfile.TemporaryDirectory() as folder, own_redis(folder) as url:
        with Roles(url, ["monitor", "notifier", "console"]) as running:
            one_case_goes_through(running)


def serve_without_a_role_runs_all_three():
    with tempfile.TemporaryDirectory() as folder, own_redis(folder) as url:
        with Roles(url, [None]) as running:
            one_case_goes_through(running)


def serve_without_any_redis_says_what_to_do():
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [service.NRT, "serve", "--data", folder, "--listen",
             f"127.0.0.1:{service.free_port()}"],
            capture_output=True, text=True, check=False)
        assert done.returncode == 2 and "--redis" in done.stderr, done


def a_live_redis_of_ours_is_adopted_and_replaced_when_it_ends():
    with service.Service() as running:
        one_case_goes_through(running)
        running.stop()
        folder = os.path.join(running.data, "redis")
        with open(os.path.join(folder, "lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            other = subprocess.Popen(
                ["redis-server", os.path.join(folder, "redis.conf")],
                pass_fds=[lock.fileno()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            sock = os.path.join(folder, "redis.sock")
            service.wait_for("redis listens", lambda: os.path.exists(sock))
            running.start()
            assert "redis_adopted" in running.log()
            assert running.get_json("/api/v1/cases/S-1")["id"] == "S-1"
            other.kill()
            other.wait()
            service.wait_for("another one is started", lambda: running.pid_of("redis"))
            running.wait_ready()
            running.nrt("case", "add", "S-2", "--title", "又一件", "--unit", "unit-a")
        finally:
            if other.poll() is None:
                other.kill()
                other.wait()


def applied(running):
    return max(map(int, re.findall(r"configuration_loaded config=(\d+)", running.log())))


def loaded(running, version):
    """How often a role has loaded that version."""
    return running.log().count(f"configuration_loaded config={version}")


def a_changed_folder_is_applied_on_sighup_and_a_broken_one_refused():
    running = service.Service()
    config = service.write_config(
        os.path.join(running.folder, "config"), {"rules/r.json": RULES})
    running.config = config
    with running:
        assert applied(running) == 1
        service.write_config(config, {"rules/r.json": dict(RULES, title="二")})
        running.process.send_signal(signal.SIGHUP)
        service.wait_for("version 2 is loaded", lambda: loaded(running, 2) == 3)
        assert applied(running) == 2
        service.write_config(config, {"rules/r.json": json.dumps(RULES)[:-1]})
        running.process.send_signal(signal.SIGHUP)
        service.wait_for("it is refused", lambda: "configuration_refused" in running.log())
        assert applied(running) == 2
        one_case_goes_through(running)
        running.stop()
        running.start()
        service.wait_for("version 2 is loaded again", lambda: loaded(running, 2) == 6)
        service.wait_for(
            "the mistakes are told", lambda: "the files have mistakes" in running.log())
        running.stop()
        service.write_config(config, {"rules/r.json": dict(RULES, title="三")})
        running.start()
        service.wait_for("it is told that they are not in force", lambda: re.search(
            "configuration_files_differ .*applied=2 .*SIGHUP", running.log()))
        running.process.send_signal(signal.SIGHUP)
        service.wait_for("version 3 is loaded", lambda: loaded(running, 3) == 3)
        assert applied(running) == 3
        told = running.log().count("configuration_files_differ")
        running.stop()
        running.start()
        service.wait_for("all start with version 3", lambda: loaded(running, 3) == 6)
        assert running.log().count("configuration_files_differ") == told


def a_redis_that_may_lose_data_is_said_to():
    with tempfile.TemporaryDirectory() as folder, own_redis(folder) as url:
        with Roles(url, ["monitor", "notifier", "console"]) as running:
            subprocess.run(["redis-cli", "-s", url[5:], "config", "set", "appendonly", "no"],
                           check=True, stdout=subprocess.DEVNULL)
            done = service.wait_for("doctor sees it", lambda: (
                lambda d: d if d.returncode == 1 else None)(
                    running.nrt("doctor", "--data", running.data, check=False)))
            assert "appendonly" in done.stdout, done.stdout


def broken_files_stop_the_start_with_their_place():
    folder = tempfile.mkdtemp()
    try:
        config = service.write_config(os.path.join(folder, "config"), {
            "rules/r.json": json.dumps(RULES).replace('"limit"', '"limitt"')})
        done = subprocess.run(
            [service.NRT, "up", "--data", os.path.join(folder, "data"), "--config", config,
             "--port", str(service.free_port())],
            capture_output=True, text=True, timeout=service.DEADLINE, check=False)
        assert done.returncode == 1, done.returncode
        assert "r.json" in done.stderr and "limit" in done.stderr, done.stderr
    finally:
        shutil.rmtree(folder)


service.run_tests([
    three_roles_of_their_own_work_on_one_redis,
    serve_without_a_role_runs_all_three,
    serve_without_any_redis_says_what_to_do,
    a_live_redis_of_ours_is_adopted_and_replaced_when_it_ends,
    a_changed_folder_is_applied_on_sighup_and_a_broken_one_refused,
    a_redis_that_may_lose_data_is_said_to,
    broken_files_stop_the_start_with_their_place,
])
