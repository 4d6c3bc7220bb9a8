#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow timeout=300
"""The page in a real browser, against the real service: what it shows, and that neither its
console nor the content security policy has anything to say. With NRT_SCREENSHOTS=FOLDER it
leaves pictures there."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["NRT_SOURCE_DIR"], "tests", "e2e"))

import driver  # noqa: E402
import service  # noqa: E402

RED = service.event("DY-1", 1, "received", "2026-03-02T08:00:00+08:00", {
    "title": "关于<b>用水</b>的函", "matter": "m01.1", "unit": "unit-a", "handler": "unit-a-1"})
A_WEEK_LATE = "2026-03-16T10:00:00+08:00"


def picture(browser, name):
    folder = os.environ.get("NRT_SCREENSHOTS")
    if folder:
        browser.screenshot(os.path.join(folder, name + ".png"))


def stepped():
    return service.Service("--clock", "stepped", "--clock-from", "2026-03-02T09:00:00+08:00")


def a_token_is_asked_for_and_a_wrong_one_refused():
    with stepped() as served, driver.Browser(1366, 768) as browser:
        browser.go(f"http://127.0.0.1:{served.port}/")
        service.wait_for("the form", lambda: browser.run(
            "return !document.getElementById('sign-in').hidden;"))
        assert browser.run("return document.getElementById('main').hidden;")
        browser.type("#token", "wrong")
        browser.click("#sign-in button")
        service.wait_for("the complaint", lambda: browser.text("#sign-in-wrong") == "令牌不正确。")
        browser.type("#token", served.token())
        browser.click("#sign-in button")
        service.wait_for("the page", lambda: browser.count("#lights li") == 5)
        # 401 answers are noted by the browser itself; nothing else may be.
        others = [text for text in browser.complaints() if " 401 " not in text]
        assert not others, others


def a_link_brings_the_token_and_forgets_it():
    with stepped() as served, driver.Browser(1366, 768) as browser:
        browser.go(f"http://127.0.0.1:{served.port}/#token={served.token()}")
        service.wait_for("the page", lambda: browser.count("#lights li") == 5)
        assert browser.run("return location.hash + location.href.includes('token');") == "false"
        assert not browser.complaints()


def a_missing_year_of_the_calendar_is_a_banner():
    with service.Service("--clock", "stepped", "--clock-from", "2026-09-30T09:00:00+08:00"
                         ) as served, driver.Browser(1366, 768) as browser:
        browser.go(f"http://127.0.0.1:{served.port}/#token={served.token()}")
        service.wait_for("the page", lambda: browser.count("#lights li") == 5)
        hidden = "return document.getElementById('calendar-note').hidden;"
        assert browser.run(hidden)
        answer = served.post("/api/v1/clock/step", {"to": "2026-10-01T00:00:00+08:00"})
        assert answer.status == 200, answer.body
        # The live stream tells of cases; time alone shows with the next one, or a reload.
        browser.run("location.reload();")
        service.wait_for("the banner", lambda: "2027 年" in browser.text("#calendar-note"))
        assert not browser.run(hidden)
        browser.click("#language")
        assert "2027" in browser.text("#calendar-note") and "provisional" in browser.text(
            "#calendar-note")
        picture(browser, "calendar")
        assert not browser.complaints()


def an_overdue_case_its_message_and_the_reason_for_it_are_shown():
    with stepped() as served, driver.Browser(1366, 768) as browser:
        browser.go(f"http://127.0.0.1:{served.port}/#token={served.token()}")
        service.wait_for("the page", lambda: browser.count("#lights li") == 5)
        assert "nrt case add" in browser.text("#overdue-none")
        served.send(RED)
        answer = served.post("/api/v1/clock/step", {"to": A_WEEK_LATE})
        assert answer.status == 200, answer.body
        # Without a reload: the live stream tells.
        service.wait_for("the row", lambda: browser.count("#overdue-rows tr") == 1)
        row = browser.text("#overdue-rows tr")
        # Text from outside stays text.
        assert "关于<b>用水</b>的函" in row and "DY-1" in row and "红灯" in row, row
        assert "03-09 17:30" in row and "5 个工作日" in row and "7 天" in row, row
        service.wait_for("the bubble", lambda: browser.count("#bubbles .bubble") >= 1)
        browser.run("document.querySelector('#bubbles .bubble .why').click();")
        sentence = browser.text("#why-sentence")
        assert "2026年3月9日 17:30" in sentence and "通知" in sentence, sentence
        assert "DY-1" in browser.text("#why-list")
        assert browser.count("#why-course li") >= 2
        browser.click("#why-count summary")
        service.wait_for(
            "the count", lambda: "第 5 天，共 5 天" in browser.text("#why-count-text"))
        picture(browser, "why")
        browser.click("#why-close")
        complaints = browser.complaints()
        assert not complaints, complaints


def a_stage_without_a_title_has_a_name_for_people():
    with stepped() as served, driver.Browser(1366, 768) as browser:
        browser.go(f"http://127.0.0.1:{served.port}/#token={served.token()}")
        service.wait_for("the page", lambda: browser.count("#lights li") == 5)
        names = browser.run(
            "const { stageName } = await import('/phone.js');"
            "return [['warn', 'yellow', ''], ['x-7', 'red', ''], ['x-7', 'green', ''],"
            " ['x-7', 'red', '三催']].map(([stage, light, stage_title]) =>"
            " stageName({ stage, light, stage_title }));")
        assert names == ["预警", "超期提醒", "提醒", "三催"], names


def both_languages_have_every_text():
    with stepped() as served, driver.Browser(1366, 768) as browser:
        browser.go(f"http://127.0.0.1:{served.port}/#token={served.token()}")
        service.wait_for("the page", lambda: browser.count("#lights li") == 5)
        differing = browser.run(
            "const { texts } = await import('/texts.js');"
            "const keys = [...document.querySelectorAll('[data-t]')].map((e) => e.dataset.t);"
            "const zh = Object.keys(texts.zh), en = Object.keys(texts.en);"
            "return [...zh, ...en, ...keys].filter((k) => !(k in texts.zh) || !(k in texts.en));")
        assert differing == [], differing
        browser.click("#language")
        assert browser.text("#overdue-title") == "Overdue"
        left = browser.run(
            "return [...document.querySelectorAll('[data-t]')].map((e) => e.textContent)"
            ".filter((text) => /[\\u4e00-\\u9fff]/.test(text));")
        assert left == [], left
        assert not browser.complaints()


def the_demo_fills_the_phone_and_fits_a_small_screen():
    with service.Service("--demo") as served, driver.Browser(1366, 768) as browser:
        browser.go(f"http://127.0.0.1:{served.port}/")
        service.wait_for("bubbles", lambda: browser.count("#bubbles .bubble") >= 3)
        service.wait_for("a rate", lambda: "%" in browser.text("#rates"))
        assert "演示" in browser.text("#demo-note")
        picture(browser, "demo")
        wide = "return document.documentElement.scrollWidth <= window.innerWidth;"
        assert browser.run(wide)
        service.wait_for("a row", lambda: browser.count("#overdue-rows tr") >= 1)
        browser.be_phone(400, 850)
        service.wait_for("no scrolling sideways", lambda: browser.run(wide), deadline=10)
        cut = browser.run("return [...document.querySelectorAll('.scroll')]"
                          ".filter((box) => box.scrollWidth > box.clientWidth).map((e) => e.id);")
        assert cut == [], cut
        late = browser.run(
            "const box = document.querySelector('.cell-late').getBoundingClientRect();"
                           "return [box.left, box.right];")
        assert 0 <= late[0] < late[1] <= 400, late
        picture(browser, "demo-small")
        complaints = browser.complaints()
        assert not complaints, complaints


service.run_tests([
    a_token_is_asked_for_and_a_wrong_one_refused,
    a_link_brings_the_token_and_forgets_it,
    a_missing_year_of_the_calendar_is_a_banner,
    an_overdue_case_its_message_and_the_reason_for_it_are_shown,
    a_stage_without_a_title_has_a_name_for_people,
    both_languages_have_every_text,
    the_demo_fills_the_phone_and_fits_a_small_screen,
])
