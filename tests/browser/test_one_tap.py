#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow timeout=300
"""The page behind the link of a message, on a phone's screen, against the real service: what it
shows, that opening it changes nothing, that tapping counts once. Neither its console nor the
content security policy may have anything to say. With NRT_SCREENSHOTS=FOLDER it leaves pictures."""
import http.client
import os
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.environ["NRT_SOURCE_DIR"], "tests", "e2e"))
sys.path.insert(0, os.path.join(os.environ["NRT_SOURCE_DIR"], "tests", "support"))

import dingtalk_standin  # noqa: E402
import driver  # noqa: E402
import gateway  # noqa: E402
import links  # noqa: E402
import service  # noqa: E402

A_WEEK_LATE = "2026-03-16T10:00:00+08:00"
EXPIRES = "2026-04-15T10:00:00+08:00"
TITLE = "关于<b>用水</b>的函，联系13812345678 & Co."
ANDROID = "Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/79.0 AliApp(DingTalk/5.1)"


def stepped():
    return service.Service("--clock", "stepped", "--clock-from", "2026-03-02T09:00:00+08:00")


def received(case):
    return service.event(case, 1, "received", "2026-03-02T08:00:00+08:00", {
        "title": TITLE, "matter": "m01.1", "unit": "unit-a", "handler": "unit-a-1"})


def step(served, to):
    answer = served.post("/api/v1/clock/step", {"to": to})
    assert answer.status == 200, answer.body


def overdue(served, *cases):
    """Brings cases in and lets them be a week late; the messages that were sent about them."""
    served.send(*[received(case) for case in cases])
    step(served, A_WEEK_LATE)
    return served.items("/api/v1/messages?handed_over=1")


def message_of(messages, case, person):
    found = [message for message in messages
             if message["case"] == case and message["person"] == person]
    assert found, (case, person, [(m["case"], m["person"]) for m in messages])
    return found[0]


def link(served, message, expires=EXPIRES, purpose="a"):
    return "/a/" + links.token(links.seal_key(served.data), message["id"], expires, purpose)


def ask(served, method, path, fields=None, **headers):
    """Status, headers and text, as a phone's browser would ask."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    body = urllib.parse.urlencode(fields) if fields else None
    if body:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "null", **headers}
    connection.request(method, path, body, {
        "User-Agent": ANDROID, "Host": "nrt.example.gov.cn", "Accept-Language": "zh-CN,zh;q=0.9",
        **{name.replace("_", "-"): value for name, value in headers.items()}})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, dict(answer.getheaders()), text


def picture(browser, name):
    folder = os.environ.get("NRT_SCREENSHOTS")
    if folder:
        browser.screenshot(os.path.join(folder, name + ".png"))


def events_of(served, case, kind):
    # Everything queued is folded when the stepped clock answers.
    step(served, served.get_json("/api/v1/clock")["now"])
    return [row["event"] for row in served.get_json(f"/api/v1/cases/{case}")["events"]
            if row["type"] == "case." + kind]


def fits(browser):
    return browser.run("return document.documentElement.scrollWidth <= window.innerWidth;")


def a_phone_sees_the_case_and_one_tap_acknowledges_it():
    with stepped() as served, driver.Browser(1000, 900) as browser:
        messages = overdue(served, "DY-1")
        address = link(served, message_of(messages, "DY-1", "unit-a-head"))
        browser.be_phone(390, 844)
        browser.go(f"http://127.0.0.1:{served.port}{address}")
        page = browser.text("body")
        assert "关于<b>用水</b>的函" in page and "138****5678" in page and "甲局" in page, page
        assert "13812345678" not in browser.run("return document.documentElement.outerHTML;")
        assert "已超期 5 个工作日（7 天）" in page and "2026年3月9日 17:30" in page, page
        assert fits(browser)
        picture(browser, "one-tap")
        assert events_of(served, "DY-1", "acknowledged") == []  # opening is not acting
        browser.click("button.main")
        service.wait_for("the answer", lambda: browser.count(".said.done") == 1)
        assert "已阅，已记录" in browser.text(".said"), browser.text(".said")
        picture(browser, "one-tap-done")
        found = events_of(served, "DY-1", "acknowledged")
        assert len(found) == 1, found
        data = found[0]["data"]
        assert (data["by"], data["via"]) == ("unit-a-head", "link/" + messages[0]["channel"]), data
        browser.click("a.again")
        service.wait_for("the mark", lambda: "您已阅" in browser.text("body"))
        assert browser.count("button.main") == 0
        assert not browser.complaints()


def an_objection_and_a_delegate_are_events_of_the_case():
    with stepped() as served, driver.Browser(1000, 900) as browser:
        messages = overdue(served, "DY-1", "DY-2")
        browser.be_phone(390, 844)
        browser.go(f"http://127.0.0.1:{served.port}"
                   + link(served, message_of(messages, "DY-1", "unit-a-head")))
        browser.run("document.querySelectorAll('summary')[1].click();")
        browser.run("document.querySelector('select[name=handler]').value = 'unit-a-head';")
        picture(browser, "one-tap-delegate")
        browser.run("document.querySelector('select[name=handler]').form.querySelector('button')"
                    ".click();")
        service.wait_for("the answer", lambda: browser.count(".said.done") == 1)
        found = events_of(served, "DY-1", "assigned")
        assert [event["data"]["handler"] for event in found] == ["unit-a-head"], found
        assert served.get_json("/api/v1/cases/DY-1")["handler"] == "unit-a-head"
        browser.go(f"http://127.0.0.1:{served.port}"
                   + link(served, message_of(messages, "DY-2", "unit-a-head")))
        browser.run("document.querySelector('summary').click();")
        browser.type("textarea", "不属于我局职责 <script>alert(1)</script>")
        browser.run("document.querySelector('textarea').form.querySelector('button').click();")
        service.wait_for("the answer", lambda: browser.count(".said.done") == 1)
        found = events_of(served, "DY-2", "objected")
        assert found[0]["data"]["reason"].startswith("不属于我局职责 <script>"), found
        browser.click("a.again")
        service.wait_for("the mark", lambda: "等待裁定" in browser.text("body"))
        # A transfer would rule on the objection: the page does not offer it.
        assert browser.count("textarea") == 0 and browser.count("select") == 0
        assert not browser.complaints()


def looking_ahead_acts_never_and_tapping_twice_counts_once():
    with stepped() as served:
        address = link(served, message_of(overdue(served, "DY-1"), "DY-1", "unit-a-head"))
        for _ in range(3):
            for method in ("GET", "HEAD"):
                status, headers, text = ask(served, method, address + "?act=ack&by=unit-a-head")
                assert status == 200, (status, text)
                assert "no-store" in headers["Cache-Control"], headers
                assert headers["Referrer-Policy"] == "no-referrer", headers
                assert "Set-Cookie" not in headers, headers
        assert "<script" not in ask(served, "GET", address)[2]
        assert events_of(served, "DY-1", "acknowledged") == []
        for _ in range(3):
            status, _, text = ask(served, "POST", address, {"act": "ack"})
            assert status == 200 and "已阅，已记录" in text, (status, text)
        assert len(events_of(served, "DY-1", "acknowledged")) == 1
        status, _, text = ask(served, "POST", address, {"act": "object", "reason": " \n"})
        assert "请填写异议理由" in text, text
        for act in ("", "struck_off", "delegate"):
            status, _, text = ask(served, "POST", address, {"act": act, "handler": "unit-b-1"})
            assert status == 200 and "未作改动" in text, (act, text)
        assert events_of(served, "DY-1", "assigned") == []
        assert events_of(served, "DY-1", "objected") == []


def links_that_lead_nowhere_say_what_to_do():
    with stepped() as served:
        messages = overdue(served, "DY-1")
        message = message_of(messages, "DY-1", "unit-a-head")
        good = link(served, message)
        rows = [
            (link(served, message, expires=A_WEEK_LATE), 410, "此链接已过期"),
            (link(served, message, purpose="b"), 404, "不完整或无效"),
            (good[:-2], 404, "不完整或无效"),
            (good[:10] + ("A" if good[10] != "A" else "B") + good[11:], 404, "不完整或无效"),
            (link(served, {"id": "a" * 26}), 404, "暂时查不到"),
        ]
        for address, wanted, words in rows:
            for method, fields in (("GET", None), ("POST", {"act": "ack"})):
                status, _, text = ask(served, method, address, fields)
                assert status == wanted and words in text and "<form" not in text, (address, text)
        status, _, text = ask(served, "GET", rows[0][0], Accept_Language="en-US,en")
        assert status == 410 and "This link has expired" in text, text
        assert events_of(served, "DY-1", "acknowledged") == []
        served.send(service.event("DY-1", 2, "completed", A_WEEK_LATE, {"result": "done"}))
        step(served, A_WEEK_LATE)
        status, _, text = ask(served, "GET", good)
        assert status == 200 and "已办结" in text and "<form" not in text, text
        status, _, text = ask(served, "POST", good, {"act": "ack"})
        assert status == 200 and "无需再做任何操作" in text, text


def a_digest_is_a_list_and_one_tap_acknowledges_all_of_it():
    rules = {"id": "digests", "version": "1", "clocks": [
        {"id": "reply", "limit": {"from": "due"}, "stages": [
            {"id": "overdue", "at": "due+0", "light": "red", "notify": ["unit_head"],
             "via": ["sms"], "send": "day"}]}]}
    directory = {
        "units": [{"id": "u1", "name": "甲局", "head": "p1", "handlers": ["p2"]}],
        "people": [{"id": "p1", "name": "局长", "unit": "u1", "mobile": "19900000001"},
                   {"id": "p2", "name": "经办人", "unit": "u1"}]}
    running = service.Service(
        "--clock", "stepped", "--clock-from", "2026-03-04T10:00:00+08:00",
        env={"SMS_PASSWORD": "p", "SMS_RECEIPTS": "0123456789abcdef"})
    with gateway.Gateway() as gate, driver.Browser(1000, 900) as browser:
        running.config = service.write_config(os.path.join(running.folder, "config"), {
            "nrt.json": {
                "http": {"public_url": f"http://127.0.0.1:{running.port}"},
                "channels": {"sms": {
                    "type": "kannel", "url": gate.url(), "username": "u", "signature": "【督办】",
                    "password": {"env": "SMS_PASSWORD"},
                    "receipt_secret": {"env": "SMS_RECEIPTS"}}}},
            "rules/digests.json": rules, "directory.json": directory,
            "matters.json": {"matters": []}})
        with running as served:
            served.send(*[service.event(f"D-{n}", 1, "received", "2026-03-04T10:00:00+08:00", {
                "title": f"第{n}件", "unit": "u1", "handler": "p2",
                "due": f"2026-03-04T22:0{n}:00+08:00"}) for n in range(3)])
            step(served, "2026-03-05T08:00:00+08:00")
            found = re.search(r"http://127\.0\.0\.1:\d+/a/[\w-]{44}", gate.messages[0][2])
            assert len(gate.messages) == 1 and found, gate.messages
            browser.be_phone(390, 844)
            browser.go(found.group())
            page = browser.text("body")
            assert "3 件事项" in page and "第0件" in page and "第2件" in page, page
            picture(browser, "one-tap-digest")
            assert browser.count("textarea") == 0, "nothing to object to in a list"
            assert fits(browser), "it scrolls sideways"
            browser.run("document.querySelectorAll('li a')[1].click();")
            service.wait_for("the case", lambda: browser.count("h1.sum") == 0)
            assert "第1件" in browser.text("h1"), browser.text("h1")
            assert browser.count("textarea") == 1
            browser.go(found.group())
            browser.click("button.main")
            service.wait_for("the answer", lambda: browser.count(".said.done") == 1)
            for case in ("D-0", "D-1", "D-2"):
                assert [event["data"]["by"] for event in events_of(served, case, "acknowledged")] \
                    == ["p1"], case
            # By a text message too, when the page was not to be had: the same events.
            answer = served.get("/hooks/replies/sms/0123456789abcdef?from=8619900000001&to=1"
                                "&text=%E5%B7%B2%E9%98%85")
            assert (answer.status, answer.body) == (200, b""), answer.body
            assert len(events_of(served, "D-0", "acknowledged")) == 1
            wrong = served.get("/hooks/replies/sms/wrong?from=8619900000001&to=1&text=1")
            assert wrong.status == 404, wrong.body
            assert not browser.complaints()


def in_a_group_one_chooses_ones_name():
    robot = dingtalk_standin.Standin({"tok": "SEC0"}, clock="signed")
    server = dingtalk_standin.serve(robot)
    served = service.Service(
        "--clock", "stepped", "--clock-from", "2026-03-02T09:00:00+08:00",
        env={"ROBOT_TOKEN": "tok", "ROBOT_SECRET": "SEC0"})
    served.config = service.write_config(os.path.join(served.folder, "config"), {
        "nrt.json": {"channels": {"dingtalk": {
            "type": "dingtalk-robot", "url": f"http://127.0.0.1:{server.server_address[1]}",
            "robots": {"default": {
                "token": {"env": "ROBOT_TOKEN"}, "secret": {"env": "ROBOT_SECRET"}}}}}}})
    with served:
        messages = overdue(served, "DY-1")
        groups = [message for message in messages if message["person"].startswith("robot:")]
        assert groups, [(m["person"], m["channel"]) for m in messages]
        address = link(served, groups[0])
        status, _, text = ask(served, "GET", address)
        assert status == 200 and 'name="by"' in text and 'value="unit-a-1"' in text, text
        assert "指定承办人" not in text, text  # a name that anybody can choose moves no case
        for fields in ({"act": "ack"}, {"act": "ack", "by": "unit-b-head"}):
            status, _, text = ask(served, "POST", address, fields)
            assert "请先选择您的姓名" in text, text
        status, _, text = ask(served, "POST", address, {"act": "ack", "by": "unit-a-1"})
        assert "已阅，已记录" in text, text
        found = events_of(served, "DY-1", "acknowledged")
        assert [event["data"]["by"] for event in found] == ["unit-a-1"], found
    server.shutdown()
    server.server_close()


def who_hammers_has_to_wait():
    with stepped() as served:
        message = message_of(overdue(served, "DY-1", "DY-2"), "DY-1", "unit-a-head")
        good = link(served, message)
        statuses = [ask(served, "GET", good)[0] for _ in range(40)]
        assert statuses[0] == 200 and 429 in statuses, statuses
        status, headers, text = ask(served, "GET", good)
        assert status == 429 and int(headers["Retry-After"]) >= 1 and "太频繁" in text, text
        other = message_of(served.items("/api/v1/messages?handed_over=1"), "DY-2", "unit-a-head")
        assert ask(served, "GET", link(served, other))[0] == 200
        guesses = [ask(served, "GET", "/a/" + "A" * 43 + str(n % 10))[0] for n in range(40)]
        assert guesses[0] == 404 and 429 in guesses, guesses
        # Who guesses locks nobody out who shares the address and holds a link.
        third = message_of(served.items("/api/v1/messages?handed_over=1"), "DY-2", "unit-a-1")
        assert ask(served, "GET", link(served, third))[0] == 200


def the_page_is_small_and_complete_in_english():
    with stepped() as served:
        message = message_of(overdue(served, "DY-1"), "DY-1", "unit-a-head")
        status, _, text = ask(served, "GET", link(served, message), Accept_Language="en")
        assert status == 200 and len(text.encode()) < 6000, len(text)
        plain = re.sub(r"<[^>]*>", "", text)
        for known in ("关于", "用水", "的函", "联系", "甲局", "承办人", "红", "超期", "督"):
            plain = plain.replace(known, "")
        shown = served.get_json("/api/v1/directory")["files"]
        names = re.findall(r'"(?:name|title)"\s*:\s*"([^"]+)"', str(shown).replace("\\", ""))
        for name in names:
            plain = plain.replace(name, "")
        left = re.findall(r"[一-鿿]+", plain)
        assert len("".join(left)) < 40, left


service.run_tests([
    a_phone_sees_the_case_and_one_tap_acknowledges_it,
    an_objection_and_a_delegate_are_events_of_the_case,
    looking_ahead_acts_never_and_tapping_twice_counts_once,
    links_that_lead_nowhere_say_what_to_do,
    a_digest_is_a_list_and_one_tap_acknowledges_all_of_it,
    in_a_group_one_chooses_ones_name,
    who_hammers_has_to_wait,
    the_page_is_small_and_complete_in_english,
])
