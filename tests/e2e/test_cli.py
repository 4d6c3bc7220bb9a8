#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: timeout=180
"""The command line: help, misuse, and the commands that speak to a running service."""
import json
import os
import pty
import re
import subprocess
import tempfile
import unicodedata
import zipfile

import service

COMMANDS = (
    "up", "serve", "check", "config", "simulate", "calendar", "case", "explain", "overdue",
    "report", "alerts", "rules", "export", "directory", "matters", "keys", "user", "audit",
    "backup", "restore", "import", "doctor", "message", "send-test", "stop-sending",
    "resume-sending", "sending", "clock", "version")


def nrt(*words, **more):
    return subprocess.run(
        [service.NRT, *words], capture_output=True, text=True, timeout=60, check=False, **more)


def help_lists_every_command_and_each_explains_itself():
    done = nrt("--help")
    assert done.returncode == 0
    listed = re.findall(r"^  ([a-z-]+) ", done.stdout, re.M)
    assert tuple(listed) == COMMANDS, listed
    for name in COMMANDS:
        for words in ((name, "--help"), ("help", name)):
            done = nrt(*words)
            assert done.returncode == 0 and not done.stderr, (words, done.stderr)
            assert f"nrt {name}" in done.stdout and "Example: nrt" in done.stdout, done.stdout
            assert max(map(len, done.stdout.splitlines())) <= 110, name


def misuse_is_one_line_and_exit_code_2():
    for words, hint in (
            (("calender",), "calendar"), (("up", "--dta", "x"), "--data"),
            (("case", "ad"), "add"), (("case", "show"), "ID"), (("overdue", "x"), "x"),
            (("overdue", "--format", "pdf"), "csv"), (("alerts", "lst"), "list"),
            (("clock", "step", "tomorrow"), "2026-02-28T00:00:00+08:00"),
            (("serve", "--role", "monitr"), "monitor"), (("import",), "FILE"),
            (("explain",), "CASE"), (("explain", "X", "--lang", "fr"), "zh or en"),
            (("case", "event", "X", "anserwed"), "answered"),
            (("case", "event", "X", "on_spot"), "case.on_spot"),
            (("case", "event", "X", "case."), "case."), (("up", "--port", "0"), "--port"),
            (("up", "--clock", "slow"), "stepped"), (("up", "--demo", "--smoke"), "--demo")):
        folder = os.path.join(os.environ.get("TMPDIR", "/tmp"), "misuse")
        words = words + (("--data", folder) if words[0] == "up" else ())
        done = nrt(*words)
        assert done.returncode == 2, (words, done.returncode, done.stderr)
        assert len(done.stderr.splitlines()) == 1 and hint in done.stderr, (words, done.stderr)
        assert done.stdout == "", words


def nothing_at_all_is_misuse():
    done = nrt()
    assert done.returncode == 2 and "Usage" in done.stderr, done


def version_names_the_libraries():
    done = json.loads(nrt("version", "--json").stdout)
    assert re.fullmatch(r"\d+\.\d+\.\d+", done["version"]), done
    assert set(done["libraries"]) >= {"libevent", "sqlite", "xlsxwriter", "curl"}, done


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def on_terminal(running, *words, **env):
    """What a command prints to a terminal."""
    master, slave = pty.openpty()
    merged = dict(running.env, NRT_URL=f"http://127.0.0.1:{running.port}",
                  NRT_TOKEN=running.token(), **env)
    process = subprocess.Popen([service.NRT, *words], stdout=slave, stderr=slave, env=merged)
    os.close(slave)
    output = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        if not chunk:
            break
        output += chunk
    os.close(master)
    process.wait()
    return output.decode()


def with_a_service():
    with service.Service() as running:

        def a_case_is_added_shown_listed_and_answered():
            shown = running.nrt(
                "case", "add", "C-1", "--title", "关于用地的函", "--unit", "unit-a", "--handler",
                "unit-a-1", "--label", "kind=a", "--label", "x=y").stdout
            assert "关于用地的函" in shown and "running" in shown, shown
            listed = json.loads(running.nrt("case", "list", "--json").stdout)["items"]
            assert [c["id"] for c in listed] == ["C-1"], listed
            assert listed[0]["labels"] == {"kind": "a", "x": "y"}, listed
            done = running.nrt("case", "event", "C-1", "answered", "result=同意", "--json")
            clocks = json.loads(done.stdout)["clocks"]
            assert [c["outcome"] for c in clocks] == ["met"], clocks

        def a_kind_of_ones_own_is_written_whole():
            done = running.nrt("case", "event", "C-1", "case.on_spot", "by=unit-a-1")
            assert done.returncode == 0, done.stderr
            types = [event["type"] for event in running.get_json("/api/v1/cases/C-1")["events"]]
            assert "case.on_spot" in types, types

        def an_id_is_made_where_none_is_given():
            done = running.nrt("case", "add", "--title", "一件事", "--unit", "unit-b", "--json")
            assert re.fullmatch(r"C\d{8}-[0-9a-f]{8}", json.loads(done.stdout)["id"]), done.stdout

        def what_is_overdue_comes_as_table_csv_and_json():
            running.send(service.event("L-1", 1, "received", "2026-01-05T09:00:00+08:00",
                                       {"title": "=1+1,\"引号\"", "unit": "unit-a"}))
            service.wait_for(
                "it is overdue", lambda: running.get_json("/api/v1/overdue")["total"] == 1)
            rows = json.loads(running.nrt("overdue", "--json").stdout)["items"]
            assert [row["case"] for row in rows] == ["L-1"], rows
            lines = running.nrt("overdue", "--format", "csv").stdout.split("\n")
            assert lines[0].startswith("\ufeffcase,unit_name"), lines[0]
            assert "\"'=1+1,\"\"引号\"\"\"" in lines[1], lines[1]
            table = running.nrt("overdue").stdout.splitlines()
            place = columns(table[0][:table[0].index("CLOCK")])
            before = table[1][:table[1].index("reply-within-a-week")]
            assert columns(before) == place, table
            running.send(service.event("L-2", 1, "received", "2026-01-05T10:00:00+08:00",
                                       {"title": "\u00a0 ＝cmd", "unit": "unit-a"}))
            service.wait_for(
                "it is overdue too", lambda: running.get_json("/api/v1/overdue")["total"] == 2)
            lines = running.nrt("overdue", "--format", "csv").stdout.split("\n")
            assert ",\"'\u00a0 ＝cmd\"" in lines[2], lines[2]
            assert running.nrt("overdue", "--unit", "unit-b").stdout == "Nothing is overdue.\n"

        def exports_and_reports_are_saved_as_files():
            with tempfile.TemporaryDirectory() as folder:
                book = os.path.join(folder, "overdue.xlsx")
                running.nrt("overdue", "--format", "xlsx", "--out", book)
                with zipfile.ZipFile(book) as parts:
                    sheet = parts.read("xl/worksheets/sheet1.xml").decode()
                assert "<t>=1+1," in sheet, sheet
                assert "<f" not in sheet.replace("<fo", ""), sheet
                table = os.path.join(folder, "overdue.csv")
                running.nrt("overdue", "--format", "csv", "--unit", "unit-a", "--out", table)
                with open(table, encoding="utf-8-sig") as lines:
                    assert lines.read().startswith("\"超期清单\"\n\"筛选：unit=unit-a 甲局\"\n")
                month = running.nrt("report", "month", "2026-01").stdout
                assert month.startswith("2026年1月办件办理情况通报\n"), month
                running.nrt("report", "month", "2026-01", "--format", "xlsx", "--out", book)
                with zipfile.ZipFile(book) as parts:
                    assert "xl/worksheets/sheet4.xml" in parts.namelist()
                assert json.loads(running.nrt("report", "brief", "--json").stdout)["people"]
                assert "7日内到期" in running.nrt("report", "week", "--unit", "unit-a").stdout
                assert sorted(os.listdir(folder)) == ["overdue.csv", "overdue.xlsx"]

        def colours_are_for_terminals_and_can_be_refused():
            assert "\x1b[" in on_terminal(running, "case", "list")
            assert "\x1b[" not in on_terminal(running, "case", "list", NO_COLOR="1")
            assert "\x1b[" not in running.nrt("case", "list").stdout

        def control_characters_never_reach_the_terminal():
            running.send(service.event("E-1", 1, "received", "2026-01-05T09:00:00+08:00",
                                       {"title": "a\x1b[31mb\u202ec", "unit": "unit-a"}))
            shown = service.wait_for(
                "it is listed", lambda: [line for line in running.nrt(
                    "case", "list").stdout.splitlines() if line.startswith("E-1")])[0]
            assert "\x1b" not in shown and "\u202e" not in shown, shown

        def an_import_may_be_repeated():
            path = os.path.join(running.folder, "many.ndjson")
            with open(path, "w", encoding="utf-8") as file:
                for number in range(1200):
                    file.write(json.dumps(service.event(
                        f"M-{number:04d}", 1, "received", "2026-11-02T09:00:00+08:00",
                        {"title": f"第{number}件", "unit": "unit-a"}), ensure_ascii=False) + "\n")
            for _ in range(2):
                done = running.nrt("import", path)
                assert done.stdout == "1200 events: 1200 queued, 0 rejected\n", done.stdout
            service.wait_for("all are cases", lambda: len(
                running.items("/api/v1/cases?q=M-")) == 1200)
            case = running.get_json("/api/v1/cases/M-0007")
            assert len(case["clocks"]) == 1 and len(case["events"]) == 1, case

        def doctor_finds_the_sandboxes_and_nothing_broken():
            done = running.nrt("doctor", "--data", running.data, "--json", check=False)
            findings = json.loads(done.stdout)["findings"]
            bad = [f for f in findings if f["state"] == "fail" and f["check"] != "packages"]
            assert not bad, bad
            assert any(f["check"] == "channels" and "sandbox in the compiled-in" in f["text"]
                       for f in findings)
            os.chmod(os.path.join(running.data, "token"), 0o644)
            done = running.nrt("doctor", "--data", running.data, check=False)
            assert done.returncode == 1 and "chmod 600" in done.stdout, done.stdout
            os.chmod(os.path.join(running.data, "token"), 0o600)

        def a_test_message_is_watched_to_its_end():
            done = running.nrt("send-test", "sms", "unit-a-head")
            assert done.stdout.splitlines()[-1] == "accepted", done.stdout
            done = running.nrt("send-test", "sms", "nobody", check=False)
            assert done.returncode == 1, (done.stdout, done.stderr)

        def a_real_clock_is_not_stepped():
            done = running.nrt("clock", "step", "2030-01-01T00:00:00Z", check=False)
            assert done.returncode == 1 and "stepped" in done.stderr, done.stderr

        def a_wrong_token_is_told_apart_from_a_missing_service():
            env = dict(os.environ, NRT_URL=f"http://127.0.0.1:{running.port}", NRT_TOKEN="wrong")
            done = nrt("overdue", env=env)
            assert done.returncode == 1 and "NRT_TOKEN" in done.stderr, done.stderr

        service.run_tests([
            help_lists_every_command_and_each_explains_itself,
            misuse_is_one_line_and_exit_code_2,
            nothing_at_all_is_misuse,
            version_names_the_libraries,
            a_case_is_added_shown_listed_and_answered,
            a_kind_of_ones_own_is_written_whole,
            an_id_is_made_where_none_is_given,
            what_is_overdue_comes_as_table_csv_and_json,
            exports_and_reports_are_saved_as_files,
            colours_are_for_terminals_and_can_be_refused,
            control_characters_never_reach_the_terminal,
            an_import_may_be_repeated,
            doctor_finds_the_sandboxes_and_nothing_broken,
            a_test_message_is_watched_to_its_end,
            a_real_clock_is_not_stepped,
            a_wrong_token_is_told_apart_from_a_missing_service,
        ])


with_a_service()
