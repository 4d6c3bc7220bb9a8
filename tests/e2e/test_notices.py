#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: timeout=300
"""Messages without an alert of their own: what is due this morning, that an overdue case is
settled, what other systems are told, the canary, and the service's own troubles; and who gets a
message in place of somebody on leave."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import threading
import time
import urllib.parse
import urllib.request

import service

RULES = {
    "id": "n", "version": "1",
    "clocks": [{"id": "reply", "limit": {"from": "due"}, "stages": [
        {"id": "overdue", "at": "due+0", "light": "red", "notify": ["unit_head"], "via": ["sms"],
         "send": "now"}]}],
    "acts": {"urged": {"template": "urged", "via": ["sms"]}},
}
PEOPLE = [("p1", "u1"), ("head", "u1"), ("deputy", "u1"), ("other", "u2"), ("watch", "ov")]
NUMBER = {person: f"1990000000{index}" for index, (person, _) in enumerate(PEOPLE)}
DIRECTORY = {
    "units": [
        {"id": "u1", "name": "甲局", "head": "head", "handlers": ["p1"]},
        {"id": "u2", "name": "乙局", "head": "other"},
        {"id": "ov", "name": "督查室", "head": "watch", "oversight": True},
    ],
    "people": [{"id": person, "name": person, "unit": unit, "mobile": NUMBER[person]}
               for person, unit in PEOPLE],
}
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
START = "2026-03-04T07:00:00+08:00"  # a Wednesday


def at(day, time_of_day):
    return f"2026-03-{day:02d}T{time_of_day}:00+08:00"


class Ear:
    """A server that remembers what it is told, and answers what it is set to."""

    def __init__(self):
        self.heard = []  # (path, headers, body)
        self.status = 202
        self.answer = b"0: Accepted for delivery"
        self.lock = threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536

            def take(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with outer.lock:
                    outer.heard.append((self.path, dict(self.headers), body))
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(outer.answer)))
                self.end_headers()
                self.wfile.write(outer.answer)

            do_GET = do_POST = take

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def url(self, path="/"):
        return f"http://127.0.0.1:{self.server.server_address[1]}{path}"

    def count(self):
        with self.lock:
            return len(self.heard)

    def texts(self, person):
        """What an SMS gateway was given for that person."""
        with self.lock:
            queries = [dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))
                       for path, _, _ in self.heard]
        return [query["text"] for query in queries if query.get("to") == NUMBER[person]]

    def receipt_urls(self):
        with self.lock:
            queries = [dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))
                       for path, _, _ in self.heard]
        return [query.get("dlr-url", "") for query in queries]

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def rig(sms, directory=None, channels=None, rules=None, **settings):
    running = service.Service("--clock", "stepped", "--clock-from", START)
    secret = os.path.join(running.folder, "secret")
    with open(secret, "w") as file:
        file.write("e2e-secret")
    key = os.path.join(running.folder, "key")
    with open(key, "w") as file:
        file.write(SECRET)
    for webhook in settings.get("webhooks", {}).values():
        webhook["secret"] = {"file": key}
    kannel = {"type": "kannel", "username": "u", "signature": "【督办】", "digest": "0s",
              "password": {"file": secret}, "receipt_secret": {"file": secret}}
    nrt = {"http": {"public_url": f"http://127.0.0.1:{running.port}"},
           "channels": {"sms": dict(kannel, url=sms.url("/cgi-bin/sendsms")),
                        **{name: dict(kannel, url=ear.url("/cgi-bin/sendsms"))
                           for name, ear in (channels or {}).items()}},
           "default_via": ["sms"], **settings}
    running.config = service.write_config(os.path.join(running.folder, "config"), {
        "nrt.json": nrt, "rules/n.json": rules or RULES, "directory.json": directory or DIRECTORY,
        "matters.json": {"matters": []},
    })
    return running


def received(case, due, title="一件事", unit="u1", when=START):
    return service.event(case, 1, "received", when,
                         {"title": title, "unit": unit, "handler": "p1", "due": due})


def step(running, to):
    running.nrt("clock", "step", to)


def the_morning_says_what_is_due_today_and_tomorrow_and_what_is_late():
    morning = {"at": "08:20", "to": ["unit_head"], "via": ["sms"]}
    with Ear() as sms, rig(sms, morning=morning) as running:
        running.send(
            received("M-1", at(4, "16:00"), "今天的事"),
            received("M-2", at(5, "16:00"), "明天的事"),
            received("M-3", at(9, "16:00"), "下周的事"),
            received("M-4", "2026-03-05", "明天下班前的事"))
        step(running, at(4, "08:19"))
        assert sms.count() == 0, sms.heard
        step(running, at(4, "08:30"))
        texts = sms.texts("head")
        assert len(texts) == 1 and "3件" in texts[0] and "今天的事" in texts[0], texts
        assert "已超期0件" in texts[0] and texts[0].startswith("【督办】"), texts
        assert not sms.texts("other"), "nothing is due there"
        running.kill("console-1")  # whoever comes after it says nothing twice
        running.wait_ready()
        step(running, at(5, "08:30"))
        texts = [text for text in sms.texts("head") if "件" in text]
        assert len(texts) == 2 and "已超期1件" in texts[1] and "今天的事" in texts[1], texts
        step(running, at(8, "12:00"))  # Friday's, and none at the weekend
        assert len([text for text in sms.texts("head") if "件" in text]) == 3, sms.texts("head")


def an_overdue_case_that_is_settled_is_cleared_once_and_others_are_told():
    hooks = {"oa": {"events": ["alert", "miss", "acknowledged"]}}
    with Ear() as sms, Ear() as oa:
        oa.answer = b"{}"
        oa.status = 200
        hooks["oa"]["url"] = oa.url("/in")
        with rig(sms, webhooks=hooks, all_clear=True) as running:
            running.send(received("C-1", at(4, "10:00"), "修路"))
            step(running, at(4, "11:00"))
            assert len(sms.texts("head")) == 1, sms.heard
            step(running, at(4, "12:00"))
            running.nrt("case", "event", "C-1", "acknowledged", "by=head", "clock=reply",
                        "stage=overdue", "--time", at(4, "11:30"))
            running.nrt("case", "event", "C-1", "completed", "result=办结",
                        "--time", at(4, "12:00"))
            step(running, at(4, "15:00"))
            texts = sms.texts("head")
            assert len(texts) == 2 and "修路" in texts[1] and "无需再办" in texts[1], texts
            check_hooks(oa)


def check_hooks(oa):
    key = base64.b64decode(SECRET[len("whsec_"):])
    types = []
    for _, headers, body in oa.heard:
        headers = {name.lower(): value for name, value in headers.items()}
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == "v1," + mac, headers
        told = json.loads(body)
        types.append(told["type"])
        assert told["data"]["case"] == "C-1" and told["data"]["clock"] == "reply", told
        assert not any(number in body.decode() for number in NUMBER.values()), body
    assert sorted(types) == ["alert.acknowledged", "alert.fired", "clock.missed"], types


def who_is_on_leave_is_replaced_by_the_delegate():
    directory = json.loads(json.dumps(DIRECTORY))
    directory["people"][1]["leave"] = [
        {"from": "2026-03-04", "to": "2026-03-05", "delegate": "deputy"}]
    with Ear() as sms, rig(sms, directory=directory) as running:
        running.send(received("L-1", at(4, "10:00")), received("L-2", at(6, "10:00")))
        step(running, at(4, "11:00"))
        assert len(sms.texts("deputy")) == 1 and not sms.texts("head"), sms.heard
        alert = running.get_json("/api/v1/alerts?case=L-1")["items"][0]
        states = {message["person"]: message["state"] for message in alert["messages"]}
        assert states == {"deputy": "accepted", "head": "dropped"}, states
        stands_for = {message["person"]: message["for"] for message in alert["messages"]}
        assert stands_for == {"deputy": "head", "head": ""}, stands_for
        said = running.nrt("alerts", "why", "head", "2026-03-04", "--lang", "en").stdout
        assert "on leave" in said and "deputy" in said, said
        said = running.nrt("alerts", "why", "deputy", "2026-03-04", "--lang", "en").stdout
        assert "it was sent" in said and "for head" in said, said
        step(running, at(6, "11:00"))
        assert len(sms.texts("deputy")) == 1 and len(sms.texts("head")) == 1, sms.heard


def a_message_that_waited_goes_to_who_stands_in_by_then():
    rules = json.loads(json.dumps(RULES))
    rules["clocks"][0]["stages"][0]["send"] = "day"
    with Ear() as sms, rig(sms, rules=rules) as running:
        running.send(received("W-1", at(4, "22:00")))
        step(running, at(4, "23:00"))
        alert = running.get_json("/api/v1/alerts?case=W-1")["items"][0]
        assert [m["state"] for m in alert["messages"]] == ["held"], alert
        directory = json.loads(json.dumps(DIRECTORY))
        directory["people"][1]["leave"] = [
            {"from": "2026-03-05", "to": "2026-03-06", "delegate": "deputy"}]
        service.write_config(running.config, {"directory.json": directory})
        running.nrt("rules", "apply", "--config", running.config)
        step(running, at(5, "09:00"))
        assert len(sms.texts("deputy")) == 1 and not sms.texts("head"), sms.heard
        alert = running.get_json("/api/v1/alerts?case=W-1")["items"][0]
        told = {message["person"]: message for message in alert["messages"]}
        assert told["deputy"]["state"] == "accepted", told
        assert told["head"]["reason"] == "on leave: goes to deputy", told


def an_urging_goes_to_the_delegate_within_seconds():
    directory = json.loads(json.dumps(DIRECTORY))
    directory["people"][1]["leave"] = [
        {"from": "2026-03-04", "to": "2026-03-05", "delegate": "deputy"}]
    with Ear() as sms, rig(sms, directory=directory) as running:
        running.send(received("U-1", at(9, "10:00")))
        began = time.monotonic()
        running.send(service.event("U-1", 2, "urged", START, {"by": "watch", "text": "请抓紧"}))
        service.wait_for("both are told", lambda: sms.texts("deputy") and sms.texts("p1"))
        took = time.monotonic() - began
        assert took < 5 or service.SANITIZED, f"{took:.1f} s"
        print(f"     both told after {took:.2f} s")


def the_canary_is_missed_and_found_again():
    ops = {"notify": ["unit:ov"], "via": ["work"],
           "canary": {"via": "sms", "to": "person:p1", "at": "08:00", "within": "10m"}}
    with Ear() as sms, Ear() as work, rig(sms, channels={"work": work}, ops=ops) as running:
        step(running, at(4, "08:05"))
        assert len(sms.texts("p1")) == 1, sms.heard
        assert not work.texts("watch"), work.heard
        step(running, at(4, "08:15"))  # no receipt has come
        service.wait_for("the operators are told", lambda: len(work.texts("watch")) == 1)
        assert "sms" in work.texts("watch")[0], work.texts("watch")
        step(running, at(5, "08:05"))
        assert len(sms.texts("p1")) == 2, sms.heard
        url = sms.receipt_urls()[-1]
        for name, value in (("%d", "1"), ("%F", "x"), ("%t", "1")):
            url = url.replace(name, value)
        urllib.request.urlopen(url, timeout=30).read()
        step(running, at(5, "08:15"))
        service.wait_for("all is right again", lambda: len(work.texts("watch")) == 2)
        assert "已恢复" in work.texts("watch")[1], work.texts("watch")


def a_refused_password_is_told_by_another_channel_and_the_heartbeat_stops():
    with Ear() as sms, Ear() as work, Ear() as heart:
        ops = {"notify": ["unit:ov"], "via": ["sms", "work"],
               "heartbeat": {"url": heart.url("/beat"), "every": "1s"}}
        heart.status = 200
        with rig(sms, channels={"work": work}, ops=ops) as running:
            service.wait_for("a heartbeat", lambda: heart.count() > 1)
            assert heart.heard[0][0] == "/beat", heart.heard[0]
            sms.status = 403
            running.send(received("O-1", at(4, "10:00")))
            step(running, at(4, "10:00"))
            service.wait_for("the operators are told", lambda: len(work.texts("watch")) == 1)
            assert "sms" in work.texts("watch")[0], work.texts("watch")

            def it_stands_still():
                before = heart.count()
                time_to_beat = time.monotonic() + 3
                service.wait_for("a few beats' time", lambda: time.monotonic() > time_to_beat)
                return heart.count() == before

            service.wait_for("no heartbeat while a channel is closed", it_stands_still)
            sms.status = 202
            step(running, at(4, "10:30"))  # a probe goes through
            service.wait_for("all is right again", lambda: len(work.texts("watch")) == 2
                             or any("已恢复" in text for text in sms.texts("watch")))
            beats = heart.count()
            service.wait_for("the heartbeat is back", lambda: heart.count() > beats)


def dead_messages_and_a_channel_that_fails_are_told_by_another():
    ops = {"notify": ["unit:ov"], "via": ["sms", "work"]}
    with Ear() as sms, Ear() as work, rig(sms, channels={"work": work}, ops=ops) as running:
        sms.status = 400
        running.send(*[received(f"D-{number}", at(4, "10:00")) for number in range(3)])
        step(running, at(4, "10:00"))
        service.wait_for("dead messages are told", lambda: work.texts("watch"))
        sms.status = 503
        running.send(*[received(f"F-{number}", at(4, "11:00")) for number in range(7)])
        step(running, at(4, "11:05"))
        service.wait_for("a closed channel is told", lambda: len(work.texts("watch")) == 2)
        told = work.texts("watch")
        assert "未能送达" in told[0] and "熔断" in told[1], told
        sms.status = 202
        step(running, at(4, "12:00"))
        service.wait_for("all is right again", lambda: any(
            "已恢复" in text for text in work.texts("watch") + sms.texts("watch")))
        assert len(sms.texts("watch") + work.texts("watch")) == 3, work.texts("watch")


service.run_tests([
    the_morning_says_what_is_due_today_and_tomorrow_and_what_is_late,
    an_overdue_case_that_is_settled_is_cleared_once_and_others_are_told,
    who_is_on_leave_is_replaced_by_the_delegate,
    a_message_that_waited_goes_to_who_stands_in_by_then,
    an_urging_goes_to_the_delegate_within_seconds,
    the_canary_is_missed_and_found_again,
    dead_messages_and_a_channel_that_fails_are_told_by_another,
    a_refused_password_is_told_by_another_channel_and_the_heartbeat_stops,
])
