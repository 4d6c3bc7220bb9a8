#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow timeout=300
"""A ledger that was lost comes back from a backup and the journal, equal to the simulation; a
backup is looked at while the service runs, and put back only while it does not."""
import contextlib
import datetime
import glob
import json
import os
import shutil
import subprocess
import tempfile

import equality
import service

WORLD = 1


@contextlib.contextmanager
def half_a_world():
    """A running service that has half of the world's events, and a way to bring in the rest."""
    world = equality.numbered_world(WORLD)
    folder = tempfile.mkdtemp(prefix="backup-")
    try:
        config = equality.make_config(world, os.path.join(folder, "config"), 3)
        events, first = equality.arrivals(world)
        events.sort(key=lambda event: equality.instant(event.get("arrived", event["time"])))
        path = os.path.join(folder, "events.ndjson")
        with open(path, "w", encoding="utf-8") as file:
            file.write(equality.as_lines(events[:len(events) // 2]))
        begin = (first - datetime.timedelta(seconds=1)).isoformat()
        with service.Service("--clock", "stepped", "--clock-from", begin,
                             config=config) as running:
            running.nrt("import", path)

            def finish():
                with open(path, "w", encoding="utf-8") as file:
                    file.write(equality.as_lines(events))
                running.nrt("import", path)
                running.nrt("clock", "step", world.until)
                return equality.compare(world, running)

            yield running, finish
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def offline(*words):
    return subprocess.run(
        [service.NRT, *words], capture_output=True, text=True, timeout=120, check=False)


def a_lost_ledger_comes_back_from_backup_and_journal():
    with half_a_world() as (running, finish):
        done = offline("backup", "--data", running.data, "--json")
        assert done.returncode == 0, done.stderr
        path = json.loads(done.stdout)["files"][0]["path"]
        finish()
        verdict = offline("restore", "--verify", path, "--data", running.data, "--json")
        said = json.loads(verdict.stdout)
        assert verdict.returncode == 0 and said["ok"] and not said["warning"], said
        assert said["backup"]["events"] < said["live"]["events"], said
        before = running.get_json("/api/v1/overview")["statuses"]
        refused = offline("restore", path, "--data", running.data)
        assert refused.returncode == 1 and "stop the service first" in refused.stderr, refused
        running.stop()
        for name in glob.glob(os.path.join(running.data, "ledger.db*")):
            os.remove(name)
        running.start()
        assert "ledger_restored" in running.log()
        finish()
        assert running.get_json("/api/v1/overview")["statuses"] == before


def a_backup_is_put_back_by_hand_and_the_rest_is_read_from_the_journal():
    with half_a_world() as (running, finish):
        folder = os.path.join(running.folder, "elsewhere")
        assert offline("backup", "--data", running.data, "--to", folder).returncode == 0
        path = glob.glob(os.path.join(folder, "ledger-*.db"))[0]
        finish()
        running.stop()
        done = offline("restore", path, "--data", running.data)
        assert done.returncode == 0, done.stderr
        assert glob.glob(os.path.join(running.data, "ledger.db.replaced-*")), done.stdout
        running.start()
        finish()


def a_damaged_backup_is_said_to_be_and_not_put_back():
    with half_a_world() as (running, _):
        folder = os.path.join(running.folder, "elsewhere")
        assert offline("backup", "--data", running.data, "--to", folder).returncode == 0
        path = glob.glob(os.path.join(folder, "ledger-*.db"))[0]
        with open(path, "r+b") as file:
            for page in range(4, os.path.getsize(path) // 4096):
                file.seek(page * 4096)
                file.write(b"\xff" * 16)
        for words in (("--verify",), ()):
            done = offline("restore", path, *words, "--data", running.data)
            assert done.returncode == 1 and "damaged" in done.stderr, (words, done)


service.run_tests([
    a_lost_ledger_comes_back_from_backup_and_journal,
    a_backup_is_put_back_by_hand_and_the_rest_is_read_from_the_journal,
    a_damaged_backup_is_said_to_be_and_not_put_back,
])
