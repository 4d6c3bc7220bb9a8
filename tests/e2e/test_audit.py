#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: plain timeout=300
"""The audit trail of a real service: every route that changes something leaves an entry, what
cannot be written down is not done, kills leave the chain whole, and whoever changes the ledger is
found out."""
import hashlib
import hmac
import json
import os
import re
import shutil
import sqlite3
import subprocess
import urllib.request

import service

NRT = service.NRT


def trail(running, query=""):
    return running.items("/api/v1/audit" + query)


def acts_of(running):
    """(method, path, word) of each route that stands in the audit trail."""
    document = running.get_json("/api/v1/openapi.json")
    for pattern, operations in document["paths"].items():
        for method, operation in operations.items():
            if "x-act" in operation:
                yield method.upper(), pattern, operation["x-act"]


def path_of(pattern, number):
    path = pattern.replace("{kind}", "rules")
    return re.sub(r"\{\w+\}", f"none-{number}", path)


def every_changing_route_leaves_an_entry(running):
    wanted = {}
    routes = list(acts_of(running))
    assert len(routes) > 15, routes
    for number, (method, pattern, word) in enumerate(routes):
        path = path_of(pattern, number)
        body = b"{}" if method in ("POST", "PUT") else None
        status = running.request(method, path, body).status
        # A secret of a path is nobody's business, and a sign-in has no object.
        shown = re.findall(r"none-\d+|(?<=/v1/)rules(?=$|/(?:rollback|preview))", path)
        wanted[(method, pattern)] = (word, "" if pattern.startswith("/a/") else "/".join(shown),
                                     status)
    missing = []

    def look():
        seen = {(entry["action"], entry["object"], entry["status"]) for entry in trail(running)}
        missing[:] = [(key, value) for key, value in wanted.items() if value not in seen]
        return not missing

    try:
        service.wait_for("an entry of each act", look, deadline=20)
    except AssertionError:
        raise AssertionError(f"no entry of {missing}") from None
    for entry in trail(running):
        assert entry["phase"] in ("done", "once"), entry
        assert entry["actor"] or entry["kind"] == "nobody", entry
        assert entry["peer"] == "127.0.0.1" and entry["at"], entry


def a_wrong_token_is_noted(running):
    request = urllib.request.Request(
        f"http://127.0.0.1:{running.port}/api/v1/cases", headers={"Authorization": "Bearer 00"})
    try:
        urllib.request.urlopen(request)
        raise AssertionError("let in")
    except urllib.error.HTTPError as error:
        assert error.code == 401
        error.close()
    entries = service.wait_for(
        "the refusal is noted", lambda: [entry for entry in trail(running)
                                         if entry["status"] == 401])
    assert entries[0]["result"] == "refused" and entries[0]["kind"] == "nobody", entries[0]


def of_a_proxy_on_this_machine_the_client_is_noted(running):
    request = urllib.request.Request(
        f"http://127.0.0.1:{running.port}/api/v1/sending/resume",
        data=b'{"scope":"all","by":"li"}',
        headers={"Authorization": "Bearer " + running.token(), "X-Forwarded-For": "192.0.2.9",
                 "Content-Type": "application/json"})
    with service.contextlib.suppress(urllib.error.HTTPError):
        urllib.request.urlopen(request).close()
    service.wait_for("the client's address", lambda: [
        entry for entry in trail(running, "?action=sending.resume")
        if entry["peer"] == "192.0.2.9 via 127.0.0.1"])


def an_export_is_noted(running):
    assert running.get("/api/v1/events").status == 200
    service.wait_for(
        "the export is noted", lambda: trail(running, "?action=events.export&q=service"))


def what_cannot_be_written_down_is_not_done(running):
    before = running.get_json("/api/v1/sending")["revision"]
    running.redis("CONFIG", "SET", "maxmemory", "1")
    try:
        answer = running.post("/api/v1/sending/stop", {"scope": "all", "by": "li"})
        assert answer.status == 503, (answer.status, answer.body)
    finally:
        running.redis("CONFIG", "SET", "maxmemory", "0")
    now = running.get_json("/api/v1/sending")
    assert now["revision"] == before and not now["stops"], now


def kills_leave_the_chain_whole(running):
    for number in range(4):
        with service.contextlib.suppress(OSError, AssertionError):
            running.post("/api/v1/sending/stop", {"scope": f"unit:none-{number}", "by": "li"})
        running.kill("console-1")
        running.wait_ready()
    verdict = running.get_json("/api/v1/audit/verify")
    assert verdict["ok"] and verdict["entries"] > 0, verdict
    for entry in trail(running):
        assert entry["result"] in ("ok", "refused", "failed", "unfinished"), entry


def verify(data, *more):
    done = subprocess.run([NRT, "audit", "verify", "--data", data, "--json", *more],
                          capture_output=True, text=True, timeout=60)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def the_command_lists_it(running):
    env = dict(os.environ, NRT_URL=f"http://127.0.0.1:{running.port}")
    done = subprocess.run(
        [NRT, "audit", "list", "--data", running.data, "--action", "keys.rotate"],
        capture_output=True, text=True, timeout=60, env=env)
    assert done.returncode == 0, done.stderr
    assert "keys.rotate" in done.stdout and "service" in done.stdout, done.stdout
    assert "keys.prune" not in done.stdout, done.stdout


def chain_and_anchors_are_as_they_are_told_of(data):
    """Computed here anew, from the words of the entries and from the key, by docs/operations.md."""
    hashes, head = {}, "0" * 64
    columns = ("partition, seq, at, status, act, phase, actor, kind, roles, peer, action, object,"
               " detail, before, after")
    with service.contextlib.closing(sqlite3.connect(os.path.join(data, "ledger.db"))) as db:
        for *words, told in db.execute(f"SELECT {columns}, hash FROM audit ORDER BY seq"):
            record = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
            head = hashlib.sha256(f"{head}\n{record}".encode()).hexdigest()
            assert head == told, words
            hashes[words[1]] = head
    with open(os.path.join(data, "seal.key"), encoding="ascii") as file:
        keys = [bytes.fromhex(line.split()[0]) for line in file if line.strip()]
    with open(os.path.join(data, "audit.anchors"), encoding="ascii") as file:
        anchors = file.read().splitlines()
    assert anchors
    for line in anchors:
        signed, _, mac = line.rpartition(" ")
        _, seq, told, _ = signed.split()
        assert hashes[int(seq)] == told, line
        macs = [hmac.new(hmac.new(key, b"audit", hashlib.sha256).digest(), signed.encode(),
                         hashlib.sha256).hexdigest() for key in keys]
        assert mac in macs, line


def whoever_changes_the_ledger_is_found_out(data):
    copy = data + "-copy"
    for script, why in (
            ("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)", "is missing"),
            ("DELETE FROM audit WHERE seq = 5", "is missing"),
            ("UPDATE audit SET actor = 'nobody else' WHERE seq = 3", "not what was written"),
            # Whatever its digits are, they are others then.
            ("UPDATE audit SET hash = iif(hash LIKE '0%', '1', '0') || substr(hash, 2)"
             " WHERE seq = 4", "not what was")):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(data, copy, ignore=shutil.ignore_patterns("redis*"))
        with service.contextlib.closing(sqlite3.connect(os.path.join(copy, "ledger.db"))) as db:
            db.execute(script)
            db.commit()
        code, verdict = verify(copy)
        assert code == 1 and not verdict["ok"] and why in verdict["why"], (script, code, verdict)


def main():
    with service.Service() as running:
        every_changing_route_leaves_an_entry(running)
        a_wrong_token_is_noted(running)
        of_a_proxy_on_this_machine_the_client_is_noted(running)
        an_export_is_noted(running)
        the_command_lists_it(running)
        what_cannot_be_written_down_is_not_done(running)
        kills_leave_the_chain_whole(running)
        running.stop()
        code, verdict = verify(running.data)
        assert code == 0 and verdict["ok"] and verdict["anchors"] > 0, (code, verdict)
        assert not verdict["warning"], verdict
        chain_and_anchors_are_as_they_are_told_of(running.data)
        whoever_changes_the_ledger_is_found_out(running.data)
        shutil.rmtree(running.data + "-copy", ignore_errors=True)
        token = running.token()
        with service.contextlib.closing(
                sqlite3.connect(os.path.join(running.data, "ledger.db"))) as db:
            assert token not in "".join(str(row) for row in db.execute("SELECT * FROM audit"))
        running.start()
        assert running.get_json("/api/v1/audit/verify")["ok"]


if __name__ == "__main__":
    main()
