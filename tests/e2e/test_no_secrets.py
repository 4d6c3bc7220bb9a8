#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow timeout=300
"""No number and no secret where it has no business: a service works through days of overdue cases
with a gateway that takes messages, one that refuses them and repeats the number in its answer, and
a robot; people tap, reply and mistype; keys are rotated. Then everything it wrote or answers is
searched for what was seeded: the log at debug level, metrics, arguments and environments of its
processes, all that was ever written to Redis, ledger, send journal, exports, errors.

What may hold a number or a secret is named here, file by file."""
import contextlib
import http.server
import json
import os
import re
import sys
import threading
import urllib.parse

sys.path.insert(0, os.path.join(os.environ["NRT_SOURCE_DIR"], "tests", "support"))

import dingtalk_standin  # noqa: E402
import gateway  # noqa: E402
import links  # noqa: E402
import service  # noqa: E402

BEGIN = "2026-03-04T10:00:00+08:00"
DUE = "2026-03-05T16:00:00+08:00"
DAYS_LATER = "2026-03-06T17:00:00+08:00"
NUMBERS = ["13857900017", "13957900018", "18657900019", "15057900021"]
SECRETS = {
    "password": "kannel-seeded-password", "password2": "refused-seeded-password",
    "hook": "seeded-receipt-secret-0001", "robot": "seeded-robot-token-0002",
    "sign": "SECseeded-robot-secret-0003",
}
# The only places for these: the configuration's own secrets, and the two key files.
ALLOWED = {"seal.key", "token"}
DIRECTORY = {
    "units": [
        {"id": "u1", "name": "甲局", "head": "p1", "handlers": ["p2"], "clerk": "p3"},
        {"id": "ov", "name": "督查室", "head": "p4", "oversight": True}],
    "people": [
        {"id": f"p{n + 1}", "name": f"人{n + 1}", "unit": "ov" if n == 3 else "u1",
         "mobile": number, "email": f"seeded-{number}@example.gov.cn"}
        for n, number in enumerate(NUMBERS)],
}
RULES = {
    "id": "days", "version": "1",
    "clocks": [{"id": "reply", "title": "答复", "limit": {"from": "due"}, "stages": [
        {"id": "warn", "at": "due-1d", "light": "yellow", "notify": ["handler"], "via": ["sms"]},
        {"id": "overdue", "title": "超期", "at": "due+0", "light": "red", "send": "now",
         "notify": ["handler", "unit_head", "oversight"],
         "via": {"all": ["refusing", "sms", "dingtalk"]},
         "repeat": {"at": ["09:00", "16:30"], "days": "working", "max": 2}}]}],
}


class Refusing:
    """A gateway that refuses everybody, repeating who was asked for and with what password."""

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                query = urllib.parse.urlsplit(self.path).query
                body = ("Not routable. Refused: " + urllib.parse.unquote(query)).encode()
                self.send_response(403)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}/cgi-bin/sendsms"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def rig(gate, refusing, robot_port):
    running = service.Service(
        "--clock", "stepped", "--clock-from", BEGIN, env={"NRT_LOG": "debug"})

    def secret(name):
        path = os.path.join(running.folder, "secret-" + name)
        with open(path, "w", encoding="ascii") as file:
            file.write(SECRETS[name])
        return {"file": path}

    def kannel(url, password):
        return {"type": "kannel", "url": url, "username": "nrt", "password": secret(password),
                "signature": "【限时督办】", "receipt_secret": secret("hook"), "digest": "0s"}

    running.config = service.write_config(os.path.join(running.folder, "config"), {
        "nrt.json": {
            "http": {"public_url": f"http://127.0.0.1:{running.port}"},
            "channels": {
                "sms": kannel(gate.url(), "password"),
                "refusing": kannel(refusing.url(), "password2"),
                "dingtalk": {
                    "type": "dingtalk-robot", "url": f"http://127.0.0.1:{robot_port}",
                    "robots": {"default": {"token": secret("robot"), "secret": secret("sign")}}}}},
        "templates/overdue.json": {"id": "overdue", "texts": {"zh": {
            "sms": "{sign}{unit}：{title}（{case}）已超期{late_wd}个工作日。{link}",
            "markdown": "**{title}** {link}"}}},
        "rules/days.json": RULES, "directory.json": DIRECTORY, "matters.json": {"matters": []},
    })
    return running


# ---- what people do ----


def days_of_work(served, gate):
    """Everything that makes a service write; what it answered, as (what, bytes)."""
    said = []

    def ask(method, path, body=None, kind="application/json"):
        answer = served.request(method, path, body, kind)
        said.append((f"answer to {method} {path.split('?')[0][:24]}", answer.body))
        return answer

    served.send(*[service.event(f"N-{n}", 1, "received", BEGIN, {
        "title": f"第{n}件", "unit": "u1", "handler": "p2", "due": DUE}) for n in range(2)])
    for to in (DUE, DAYS_LATER):  # two working days: each person is told several times
        assert ask("POST", "/api/v1/clock/step", json.dumps({"to": to}).encode()).status == 200
    assert {to for _, to, _ in gate.messages} == set(NUMBERS) - {NUMBERS[2]}, gate.messages
    identity = gate.messages[-1][0]
    for state in ("1", "8", "junk"):  # receipts, one that cannot be read, one with a wrong secret
        ask("GET", f"/hooks/receipts/sms/{SECRETS['hook']}?id={identity}&type={state}"
                   f"&from={NUMBERS[0]}")
    ask("GET", f"/hooks/receipts/sms/wrong?from={NUMBERS[0]}")
    for words in ("1", "2+not+ours", "junk"):
        ask("GET", f"/hooks/replies/sms/{SECRETS['hook']}?from=86{NUMBERS[0]}&text={words}")
    ask("POST", f"/hooks/replies/sms/{SECRETS['hook']}", f"{{{NUMBERS[0]}".encode())
    token = links.token(links.seal_key(served.data), identity, "2026-04-01T00:00:00+08:00")
    ask("GET", "/a/" + token)
    ask("POST", "/a/" + token, b"act=ack", "application/x-www-form-urlencoded")
    ask("GET", "/a/" + token[:-1])
    mistakes(ask)
    for channel in ("sms", "refusing", "dingtalk", "none"):
        ask("POST", "/api/v1/send-test", json.dumps(
            {"channel": channel, "person": "p1"}).encode())
    for verb in ("rotate", "prune"):
        assert ask("POST", f"/api/v1/keys/{verb}", b"{}").status == 200
    ask("POST", "/api/v1/clock/step", json.dumps({"to": DAYS_LATER}).encode())
    return said


def mistakes(ask):
    """What somebody mistypes must not be repeated to whoever reads along."""
    def files(directory):
        return [{"name": "directory.json", "text": json.dumps(directory)}]

    wrong = json.loads(json.dumps(DIRECTORY))
    wrong["people"][0]["mobile"] = NUMBERS[0] + "-"
    wrong["people"][1]["leave"] = NUMBERS[1]
    ask("PUT", "/api/v1/directory", json.dumps(
        {"by": "li", "note": "n", "files": files(wrong)}).encode())
    right = json.loads(json.dumps(DIRECTORY))
    right["people"][0]["mobile"] = NUMBERS[3]
    ask("POST", "/api/v1/drafts", json.dumps(
        {"kind": "directory", "by": "li", "note": "n", "files": files(right)}).encode())
    ask("PUT", "/api/v1/directory", json.dumps(
        {"by": "li", "note": "n", "files": files(right)}).encode())
    ask("GET", "/api/v1/config/diff?from=1&to=2")


# ---- where it is looked for ----

READ = [
    "/metrics", "/healthz", "/readyz", "/api/v1/cases", "/api/v1/cases/N-0", "/api/v1/overdue",
    "/api/v1/cases/N-0/explain", "/api/v1/alerts?limit=500", "/api/v1/messages?limit=500",
    "/api/v1/alerts/why?person=p1&date=2026-03-06", "/api/v1/rejects", "/api/v1/figures/units",
    "/api/v1/overview", "/api/v1/events", "/api/v1/drafts", "/api/v1/config", "/api/v1/directory",
    "/api/v1/directory/versions", "/api/v1/directory/versions/1", "/api/v1/directory/versions/2",
    "/api/v1/config/versions/1", "/api/v1/keys", "/api/v1/openapi.json", "/api/v1/clock",
    "/api/v1/replans", "/api/v1/sending", "/",
]


def pages(served):
    for path in READ:
        answer = served.get(path)
        assert answer.status in (200, 404), (path, answer.status, answer.body[:200])
        yield "GET " + path, answer.body
    for draft in served.items("/api/v1/drafts"):
        yield "a draft", served.get("/api/v1/drafts/" + draft["id"]).body


def commands(served, folder):
    yield "overdue.csv", served.nrt("overdue", "--format", "csv").stdout.encode()
    yield "doctor", served.nrt("doctor", check=False).stdout.encode()
    yield "alerts why", served.nrt("alerts", "why", "p1", "2026-03-06").stdout.encode()
    yield "keys", served.nrt("keys", "show").stdout.encode()
    served.nrt("rules", "history", "--export", folder)
    yield from files_below(folder)


def files_below(folder, skip=()):
    for base, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError), open(os.path.join(base, name), "rb") as file:
                if name not in skip:
                    yield os.path.relpath(os.path.join(base, name), folder), file.read()


def processes(served):
    for pid in [*served.leftovers(), served.process.pid]:
        for what in ("cmdline", "environ"):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/{what}", "rb") as file:
                yield f"{what} of a process", file.read()


def spellings(needle):
    """As it is, and as programs write it."""
    raw = needle.encode()
    return {raw, urllib.parse.quote(needle).encode(), raw.hex().encode(),
            json.dumps(needle)[1:-1].encode(), needle.encode("utf-16-be")}


def nothing_that_was_seeded_is_anywhere():
    standin = dingtalk_standin.Standin({SECRETS["robot"]: SECRETS["sign"]}, clock="signed")
    server = dingtalk_standin.serve(standin)
    with gateway.Gateway() as gate, Refusing() as refusing, \
            rig(gate, refusing, server.server_address[1]) as served:
        places = days_of_work(served, gate)
        assert standin.accepted(), "the robot got nothing"
        states = {message["state"] for message in served.items("/api/v1/messages")}
        assert {"accepted", "delivered"} & states and len(states) >= 2, states
        nobody_acts_by_what_is_shown(list(pages(served)), gate)
        places += list(pages(served))
        places += list(commands(served, os.path.join(served.folder, "export")))
        places += list(processes(served))
        token = served.token()
        served.stop()
        places += list(files_below(served.data, ALLOWED))
        places.append(("the log", served.log().encode()))
        look_through(places, [*NUMBERS, *SECRETS.values(), token])
        names = {place for place, _ in places}
        written = b"".join(content for _, content in places)
        # That the search sees what there is: a case in Redis and ledger, a draft's seal.
        assert any("redis" in name and b"N-0" in content for name, content in places), names
        assert any(name == "ledger.db" for name in names), names
        nobody_acts_by_the_ledger(places)
        assert any(name.startswith("send-") for name in names), names
        assert b'"sealed"' in written or b"sealed" in written
    server.shutdown()
    server.server_close()


def nobody_acts_by_the_ledger(places):
    """The record keeps the words of each message, not the token of its link."""
    texts = [content for name, content in places if name.startswith("ledger.db")]
    assert any("/a/…".encode() in content for content in texts), "messages with a link"
    for content in texts:
        assert not re.search(rb"/a/[\w-]{44}", content), "a link that acts"


def nobody_acts_by_what_is_shown(places, gate):
    """Links stand in what was sent; what is shown holds them back."""
    link = re.compile(rb"/a/[\w-]{44}")
    assert any(link.search(text.encode()) for _, _, text in gate.messages), gate.messages[:3]
    for place, content in places:
        assert not link.search(content), place


def look_through(places, needles):
    found = set()
    for place, content in places:
        for needle in needles:
            if any(spelling in content for spelling in spellings(needle)):
                at = content.find(needle.encode())
                found.add((place, needle, content[max(0, at - 80):at + 40]))
    assert not found, "\n".join(map(str, sorted(found)[:20]))


service.run_tests([nothing_that_was_seeded_is_anywhere])
