#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A strict stand-in for WeCom (企业微信): application messages and group robots, on loopback.

Application: tokens end after two hours; a request whose JSON is the same as one within its
duplicate_check_interval is answered ok and shown once; more than 30 a minute or 1,000 an hour to
one member are dropped without a word, and a member who was too fast rests for that minute or
hour. Robots: 20 a minute, then 45009. What each phone shows is in the log:

    {"phone": member, "shown": true|false, "why": "duplicate"|..., "kind", "text", "link"}
    {"robot": key, "shown": true, "kind", "text", "mobiles"}

    wecom_standin.py [--corp ID=SECRET] [--agent N] [--user ID=MOBILE]... [--unseen ID]...
                     [--unlicensed ID]... [--robot KEY]... [--per-minute N] [--robot-per-minute N]

Orders for POST /standin/push: {"revoke": true} ends the token. An ordered {"refuse": 60020} or
{"refuse": {"errcode": ...}} is answered as it stands. The clock is real or stepped: nothing that
is sent here names a time.
"""
import re

import standin
import work_standin
from work_standin import Refusal

TOKEN_MS = 2 * work_standin.HOUR
TEXT_BYTES = 2048
MARKDOWN_BYTES = 4096
TITLE_BYTES = 128
CARD_BYTES = 512
USERS_MAX = 1000
INTERVAL_MAX_S = 4 * 3600
SEND_NAMES = {"touser", "toparty", "totag", "msgtype", "agentid", "text", "textcard", "markdown",
              "safe", "enable_duplicate_check", "duplicate_check_interval"}


class Member:
    """How fast one was written to, and until when nothing is shown."""

    def __init__(self, per_minute):
        self.windows = [
            standin.Window(work_standin.MINUTE, per_minute),
            standin.Window(work_standin.HOUR, 1000),
        ]
        self.closed_until = 0

    def take(self, now):
        """Whether a message to this member is shown."""
        if now < self.closed_until:
            return False
        for window in self.windows:
            if window.full(now):
                self.closed_until = now + window.span
                return False
        for window in self.windows:
            window.add(now)
        return True


def text_in(content, name, most, code=44004):
    value = content.get(name) if isinstance(content, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise Refusal(code, "empty content")
    if len(value.encode()) > most:
        raise Refusal(40058, "%s exceed max length %d" % (name, most))
    return value


class WeCom(work_standin.ErrcodeStandin):
    def __init__(self, corp=("corp", "secret"), agent=1, users=None, unseen=(), unlicensed=(),
                 robots=(), clock="real", log=None, per_minute=30, robot_per_minute=20):
        super().__init__(clock, log)
        self.corp = corp
        self.agent = agent
        self.users = dict(users or {})
        self.unseen = set(unseen)
        self.unlicensed = set(unlicensed)
        self.tokens = work_standin.Tokens(TOKEN_MS)
        self.members = {user: Member(per_minute) for user in self.users}
        self.robots = {
            key: standin.Window(work_standin.MINUTE, robot_per_minute) for key in robots}
        self.recent = {}  # body -> (until, answer)
        self.doors = {
            ("GET", "/cgi-bin/gettoken"): self.give_token,
            ("POST", "/cgi-bin/message/send"): self.send,
            ("POST", "/cgi-bin/user/getuserid"): self.look_up,
            ("POST", "/cgi-bin/webhook/send"): self.robot,
        }

    def push(self, order):
        with self.lock:
            if order.get("revoke"):
                self.tokens.revoke()
        return {}

    def give_token(self, request):
        if request.value("corpid") != self.corp[0]:
            raise Refusal(40013, "invalid corpid")
        if request.value("corpsecret") != self.corp[1]:
            raise Refusal(40001, "invalid credential")
        return self.tokens.give(self.now())

    # ---- application messages ----

    def body(self, request, names):
        body = work_standin.json_body(request, 40008, 40058)
        if set(body) - names:
            raise Refusal(40058, "unknown parameter")
        return body

    def send(self, request):
        self.tokens.check(request.value("access_token"), self.now())
        body = self.body(request, SEND_NAMES)
        if type(body.get("agentid")) is not int or body["agentid"] != self.agent:
            raise Refusal(40056, "invalid agentid")
        kind, text = self.check_content(body)
        receivers = [user for user in str(body.get("touser", "")).split("|") if user]
        if not receivers or len(receivers) > USERS_MAX or "@all" in receivers:
            raise Refusal(40003, "invalid touser")
        interval = body.get("duplicate_check_interval", 1800)
        if type(interval) is not int or not 0 < interval <= INTERVAL_MAX_S:
            raise Refusal(40058, "invalid duplicate_check_interval")
        known = self.recent.get(request.body)
        if body.get("enable_duplicate_check") == 1 and known and self.now() < known[0]:
            for user in receivers:
                self.note(phone=user, shown=False, why="duplicate", kind=kind, text=text)
            return known[1]
        link = body[kind].get("url", "")
        answer = self.deliver(receivers, {"kind": kind, "text": text, "link": link})
        self.recent[request.body] = (self.now() + interval * 1000, answer)
        return answer

    def check_content(self, body):
        kind = body.get("msgtype")
        if kind == "textcard":
            text_in(body.get(kind), "title", TITLE_BYTES)
            if not re.match(r"https?://", text_in(body.get(kind), "url", 2048)):
                raise Refusal(40058, "invalid url")
            return kind, text_in(body.get(kind), "description", CARD_BYTES)
        if kind in ("text", "markdown"):
            return kind, text_in(body.get(kind), "content", TEXT_BYTES)
        raise Refusal(40008, "invalid message type")

    def deliver(self, receivers, what):
        invalid = [user for user in receivers if user not in self.users or user in self.unseen]
        unlicensed = [
            user for user in receivers if user in self.unlicensed and user not in invalid]
        if len(invalid) == len(receivers):
            raise Refusal(81013, "user & party & tag all invalid")
        for user in receivers:
            if user in invalid or user in unlicensed:
                self.note(phone=user, shown=False, why="not reached", **what)
            elif self.members[user].take(self.now()):
                self.note(phone=user, shown=True, why="", **what)
            else:
                self.note(phone=user, shown=False, why="too fast", **what)
        return {"errcode": 0, "errmsg": "ok", "invaliduser": "|".join(invalid),
                "invalidparty": "", "invalidtag": "", "unlicenseduser": "|".join(unlicensed),
                "msgid": "msg-%d" % len(self.recent)}

    def look_up(self, request):
        self.tokens.check(request.value("access_token"), self.now())
        mobile = self.body(request, {"mobile"}).get("mobile")
        if not isinstance(mobile, str) or not re.fullmatch(r"1\d{10}", mobile):
            raise Refusal(40058, "invalid mobile")
        for user, number in self.users.items():
            if number == mobile and user not in self.unseen:
                return {"errcode": 0, "errmsg": "ok", "userid": user}
        raise Refusal(46004, "user no exist")

    # ---- group robots ----

    def robot(self, request):
        window = self.robots.get(request.value("key"))
        if window is None:
            raise Refusal(93000, "invalid webhook url")
        body = self.body(request, {"msgtype", "text", "markdown"})
        kind = body.get("msgtype")
        if kind not in ("text", "markdown") or set(body) != {"msgtype", kind}:
            raise Refusal(40008, "invalid message type")
        text = text_in(body[kind], "content", TEXT_BYTES if kind == "text" else MARKDOWN_BYTES)
        mobiles = body[kind].get("mentioned_mobile_list", [])
        if set(body[kind]) - {"content", "mentioned_mobile_list"} or (
                kind == "markdown" and mobiles) or not isinstance(mobiles, list) or not all(
                    isinstance(mobile, str) and re.fullmatch(r"1\d{10}|@all", mobile)
                    for mobile in mobiles):
            raise Refusal(40058, "invalid parameter")
        if window.full(self.now()):
            raise Refusal(45009, "api freq out of limit")
        window.add(self.now())
        self.note(robot=request.value("key"), shown=True, kind=kind, text=text, mobiles=mobiles)
        return {"errcode": 0, "errmsg": "ok"}


def main():
    parser = standin.parser("A strict WeCom on loopback")
    parser.add_argument("--corp", default="corp=secret", metavar="ID=SECRET")
    parser.add_argument("--agent", type=int, default=1)
    parser.add_argument("--user", action="append", default=[], metavar="ID=MOBILE")
    parser.add_argument("--unseen", action="append", default=[], metavar="ID")
    parser.add_argument("--unlicensed", action="append", default=[], metavar="ID")
    parser.add_argument("--robot", action="append", default=[], metavar="KEY")
    parser.add_argument("--per-minute", type=int, default=30)
    parser.add_argument("--robot-per-minute", type=int, default=20)
    arguments = parser.parse_args()
    users = dict(user.split("=", 1) for user in arguments.user)
    standin.run(
        WeCom(
            tuple(arguments.corp.split("=", 1)), arguments.agent, users, arguments.unseen,
            arguments.unlicensed, arguments.robot, arguments.clock, arguments.log,
            arguments.per_minute, arguments.robot_per_minute),
        arguments.port)


if __name__ == "__main__":
    main()
