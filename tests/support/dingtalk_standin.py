#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A strict stand-in for the DingTalk group robot, on loopback.

It refuses what the real one refuses, with the real codes: unknown token, wrong or old signature,
wrong content type, malformed or too long bodies; the 21st message of a minute, and then
everything for ten minutes. It is stricter in one thing: people in `at` must be named in the text,
because the real one silently names nobody otherwise.

    dingtalk_standin.py [--log FILE] [--clock real|stepped|signed] [--per-minute N]
                        [--robot TOKEN=SECRET]...

prints {"port": N} and serves until stdin ends. Time for window and throttle is real, or set by
POST /standin/clock {"now": ms} (stepped), or the newest signed timestamp seen (signed: for tests
in which only the sender knows the time; the window is then not checked). Every request to a
robot is logged as a line {"errcode", "at", "token", "title", "text", "mobiles"}.

    POST /standin/next {"answers": [{"status": 500}, {"silent": true}, {"lost": true}]}
makes the next requests go wrong: an HTTP status, no answer and not accepted, accepted without an
answer. GET /standin/log gives all logged lines as an array.
"""
import argparse
import base64
import collections
import hashlib
import hmac
import http.server
import json
import re
import sys
import threading
import time
import urllib.parse

WINDOW_MS = 3600 * 1000
MINUTE_MS = 60 * 1000
CLOSED_MS = 10 * 60 * 1000
BODY_BYTES_MAX = 20000


class Refusal(Exception):
    """An answer other than ok: code and words."""

    def __init__(self, code, words, **more):
        super().__init__(words)
        self.answer = dict(more, errcode=code, errmsg=words)


def sign(secret, timestamp):
    text = ("%s\n%s" % (timestamp, secret)).encode()
    return base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()


class Robot:
    """One robot: its secret, and how fast it was used."""

    def __init__(self, secret, per_minute):
        self.secret = secret
        self.per_minute = per_minute
        self.accepted = collections.deque()
        self.closed_until = None

    def check_signature(self, query, now):
        if not self.secret:
            return
        timestamp = query.get("timestamp", [""])[0]
        if not re.fullmatch(r"\d{13}", timestamp) or (
                now is not None and abs(now - int(timestamp)) > WINDOW_MS):
            raise Refusal(310000, "invalid timestamp")
        given = query.get("sign", [""])[0]
        if not hmac.compare_digest(given.encode(), sign(self.secret, timestamp).encode()):
            raise Refusal(310000, "sign not match")

    def check_rate(self, now):
        if self.closed_until is not None and now < self.closed_until:
            self.refuse_rate()
        self.closed_until = None
        while self.accepted and self.accepted[0] <= now - MINUTE_MS:
            self.accepted.popleft()
        if len(self.accepted) >= self.per_minute:
            self.closed_until = now + CLOSED_MS
            self.refuse_rate()
        self.accepted.append(now)

    def refuse_rate(self):
        raise Refusal(
            130101, "send too fast, exceed 20 times per minute", status=1111, wait=5, source="x5",
            punish="deny", uuid="00000000000000000000000000000000")


def text_of(value, what):
    if not isinstance(value, str) or not value.strip():
        raise Refusal(400101, "missing parameter: " + what)
    return value


def check_body(body):
    """Title, text and mobiles of a text or markdown message."""
    if len(body) > BODY_BYTES_MAX:
        raise Refusal(460101, "message too long")
    try:
        message = json.loads(body.decode("utf-8"))
    except ValueError:
        raise Refusal(40035, "not a JSON body") from None
    if not isinstance(message, dict) or set(message) - {"msgtype", "markdown", "text", "at"}:
        raise Refusal(40035, "unknown parameter")
    kind = message.get("msgtype")
    content = message.get(kind) if kind in ("markdown", "text") else None
    if not isinstance(content, dict):
        raise Refusal(400101, "missing parameter: msgtype")
    text = text_of(content.get("text" if kind == "markdown" else "content"), "text")
    title = text_of(content.get("title"), "title") if kind == "markdown" else ""
    at = message.get("at", {})
    mobiles = at.get("atMobiles", []) if isinstance(at, dict) else None
    if not isinstance(mobiles, list) or not all(
            isinstance(mobile, str) and re.fullmatch(r"1\d{10}", mobile) for mobile in mobiles):
        raise Refusal(40035, "atMobiles is not a list of numbers")
    for mobile in mobiles:
        if "@" + mobile not in text:
            raise Refusal(40035, "somebody in atMobiles is not named in the text")
    return title, text, mobiles


class Standin:
    """All robots, the clock, the log, and what is to go wrong next."""

    def __init__(self, robots, per_minute=20, clock="real", log=None):
        self.robots = {token: Robot(secret, per_minute) for token, secret in robots.items()}
        self.clock = clock
        self.stepped = None
        self.newest = 0
        self.log = log
        self.lines = []
        self.next = collections.deque()
        self.lock = threading.Lock()

    def now(self, query):
        if self.clock == "stepped":
            return self.stepped
        if self.clock == "signed":
            stamp = query.get("timestamp", ["0"])[0]
            self.newest = max(self.newest, int(stamp) if stamp.isdigit() else 0)
            return self.newest
        return int(time.time() * 1000)

    def judge(self, query, content_type, body):
        token = query.get("access_token", [""])[0]
        line = {"token": token, "at": self.now(query)}
        try:
            robot = self.robots.get(token)
            if robot is None:
                raise Refusal(300001, "token is not exist")
            robot.check_signature(query, None if self.clock == "signed" else line["at"])
            if not re.fullmatch(r"application/json(; *charset=utf-8)?", content_type, re.I):
                raise Refusal(43004, "wrong content type")
            line["title"], line["text"], line["mobiles"] = check_body(body)
            robot.check_rate(line["at"])
            answer = {"errcode": 0, "errmsg": "ok"}
        except Refusal as refusal:
            answer = refusal.answer
        line["errcode"] = answer["errcode"]
        self.lines.append(line)
        if self.log:
            self.log.write(json.dumps(line, ensure_ascii=False) + "\n")
            self.log.flush()
        return answer

    def accepted(self):
        with self.lock:
            return [line for line in self.lines if line["errcode"] == 0]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    standin = None

    def log_message(self, format, *arguments):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/standin/log":
            with self.standin.lock:
                self.answer(200, self.standin.lines)
        else:
            self.answer(404, {})

    def do_POST(self):
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        with self.standin.lock:
            if url.path == "/robot/send":
                self.robot(urllib.parse.parse_qs(url.query), body)
            elif url.path == "/standin/clock":
                self.standin.stepped = json.loads(body)["now"]
                self.answer(200, {})
            elif url.path == "/standin/next":
                self.standin.next.extend(json.loads(body)["answers"])
                self.answer(200, {})
            else:
                self.answer(404, {})

    def robot(self, query, body):
        wrong = self.standin.next.popleft() if self.standin.next else {}
        if "status" in wrong:
            self.answer(wrong["status"], {})
            return
        if wrong.get("silent"):
            self.close_connection = True
            return
        answer = self.standin.judge(query, self.headers.get("Content-Type", ""), body)
        if wrong.get("lost"):
            self.close_connection = True
            return
        self.answer(200, answer)


def serve(standin, port=0):
    """A server in a thread of its own; its port is server_address[1]."""
    handler = type("BoundHandler", (Handler,), {"standin": standin})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


def main():
    parser = argparse.ArgumentParser(description="A strict DingTalk robot on loopback")
    parser.add_argument("--log", type=argparse.FileType("a", encoding="utf-8"))
    parser.add_argument("--clock", choices=("real", "stepped", "signed"), default="real")
    parser.add_argument("--per-minute", type=int, default=20)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--robot", action="append", default=[], metavar="TOKEN=SECRET")
    arguments = parser.parse_args()
    robots = dict(robot.split("=", 1) for robot in arguments.robot)
    standin = Standin(robots, arguments.per_minute, arguments.clock, arguments.log)
    server = serve(standin, arguments.port)
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
