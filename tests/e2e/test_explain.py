#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nrt explain against a running service: the golden texts of a case's life, and that every last
line is the due the service itself works with."""
import json
import os
import tempfile

import service

BEGIN = "2026-02-13T09:00:00+08:00"
RULES = {"id": "r", "version": "1", "clocks": [
    {"id": "reply", "title": "答复", "limit": "5wd", "extensions_max": 2, "stages": [
        {"id": "s", "at": "due+0", "light": "red", "notify": ["handler"]}]},
    {"id": "handle", "title": "办理", "limit": "20d", "pause": False, "stages": [
        {"id": "s", "at": "due+0", "light": "red", "notify": ["handler"]}]}]}

REPLY_ZH = """\
答复 (reply) 第 1 次，期限 6 个工作日，自 2026-02-13 10:00
2026-02-13 周五  起算当日，不计（民法典第二百零一条）
2026-02-14 周六  调休上班日（春节），第 1 天，共 6 天
2026-02-15 至 02-23  节假日（春节），不计（9 天）
2026-02-24 周二  工作日，第 2 天，共 6 天
2026-02-25 至 02-26  中止计时，不计（补正材料）（2 天）
2026-02-27 周五  工作日，第 3 天，共 6 天
2026-02-27 11:00  延长 1 个工作日，批准人 王五（需要会商）
2026-02-27 12:00  延长申请未生效：缺少批准人
2026-02-28 周六  调休上班日（春节），第 4 天，共 6 天
2026-03-01 周日  休息日，不计
2026-03-02 周一  工作日，第 5 天，共 6 天
2026-03-03 周二  工作日，第 6 天，共 6 天
截止时间：2026-03-03T17:30:00+08:00
"""

EVENTS = (
    ("received", "2026-02-13T10:00:00+08:00", {"title": "关于用地的函", "unit": "u"}),
    ("suspended", "2026-02-25T10:00:00+08:00", {"reason": "补正材料"}),
    ("resumed", "2026-02-27T10:00:00+08:00", {}),
    ("extended", "2026-02-27T11:00:00+08:00",
     {"by": "1wd", "approved_by": "w5", "reason": "需要会商"}),
    ("extended", "2026-02-27T12:00:00+08:00", {"by": "1wd", "reason": "再要一天"}),
)


def events(case):
    return [dict(service.event(case, number, kind, when, data), arrived=when)
            for number, (kind, when, data) in enumerate(EVENTS)]


def last_lines_are_the_dues(running, case):
    shown = running.get_json(f"/api/v1/cases/{case}")["clocks"]
    told = running.get_json(f"/api/v1/cases/{case}/explain")["clocks"]
    assert [(c["id"], c["run"]) for c in shown] == [(c["clock"], c["run"]) for c in told]
    for clock, explained in zip(shown, told):
        last = explained["lines"][-1]
        assert clock["due"] == explained["due"] == last.get("at"), (clock, explained)
        assert last["step"] == ("due" if clock["due"] else "no_due"), last
        if clock["due"]:
            assert explained["text"]["zh"].endswith("截止时间：" + clock["due"] + "\n"), explained


def with_a_service():
    folder = tempfile.mkdtemp(prefix="explain-")
    config = service.write_config(os.path.join(folder, "config"), {
        "rules/r.json": RULES,
        "directory.json": {
            "units": [{"id": "u", "name": "住建局", "head": "w5"}],
            "people": [{"id": "w5", "name": "王五", "unit": "u", "mobile": "13800000000"}]}})
    with service.Service("--clock", "stepped", "--clock-from", BEGIN, config=config) as running:

        def every_moment_of_a_life_is_explained():
            for number, event in enumerate(events("E-1")):
                running.send(event)
                service.wait_for("the event is in the ledger", lambda n=number: len(
                    running.get_json("/api/v1/cases/E-1")["events"]) == n + 1)
                last_lines_are_the_dues(running, "E-1")

        def the_text_tells_pause_and_extension():
            done = running.nrt("explain", "E-1", "reply")
            assert done.stdout == REPLY_ZH, done.stdout

        def it_tells_it_in_english_too():
            lines = running.nrt("explain", "E-1", "--lang", "en").stdout.splitlines()
            assert "2026-02-25 to 02-26  paused, not counted (补正材料) (2 days)" in lines, lines
            extended = "2026-02-27 11:00  extended by 1 working day, approved by 王五 (需要会商)"
            assert extended in lines, lines

        def a_limit_that_ends_on_a_day_of_rest_rolls():
            lines = running.nrt("explain", "E-1", "handle").stdout.splitlines()
            assert lines[-1] == "截止时间：2026-03-05T17:30:00+08:00", lines
            assert not [line for line in lines if "中止" in line], lines

        def json_is_the_answer_of_the_api():
            told = json.loads(running.nrt("explain", "E-1", "reply", "--json").stdout)
            assert told["case"] == "E-1" and len(told["clocks"]) == 1, told
            steps = [line["step"] for line in told["clocks"][0]["lines"]]
            assert steps.count("left_out") == 10 and steps.count("counted") == 6, steps
            assert steps.count("paused") == 2 and steps[-1] == "due", steps

        def what_is_not_there_is_said():
            done = running.nrt("explain", "E-1", "none", check=False)
            assert done.returncode == 1 and "no clock 'none'" in done.stderr, done
            done = running.nrt("explain", "E-9", check=False)
            assert done.returncode == 1 and done.stderr, done

        service.run_tests([
            every_moment_of_a_life_is_explained,
            the_text_tells_pause_and_extension,
            it_tells_it_in_english_too,
            a_limit_that_ends_on_a_day_of_rest_rolls,
            json_is_the_answer_of_the_api,
            what_is_not_there_is_said,
        ])


with_a_service()
