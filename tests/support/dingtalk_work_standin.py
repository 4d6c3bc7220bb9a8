#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A strict stand-in for DingTalk's work notification (工作通知), on loopback.

It gives tokens that end after two hours, refuses what the real one refuses, and drops what the
real one drops without a word: the same message to one person a second time on a day, and more
than 500 to one person on a day. Only getsendresult tells. What each phone shows is in the log:

    {"phone": user, "task", "shown": true|false, "why": "143106"|..., "kind", "title", "link",
     "text"}

    dingtalk_work_standin.py [--app KEY=SECRET] [--agent N] [--user ID=MOBILE]...
                             [--per-minute N] [--per-day N] [--delay MS]

Pages within the app get codes: POST /standin/push {"code": CODE, "user": ID} is the app handing
one out. It counts once, within five minutes, for the app that asks whose it is.

--delay: results say nothing about a task that is younger. Orders for POST /standin/push:
{"revoke": true} ends the token; {"read": ID} opens all that person's messages. An ordered
{"refuse": 88} or {"refuse": {"errcode": 88, "sub_code": "60011"}} is answered as it stands. The
clock is real or stepped: nothing that is sent here names a time.
"""
import re

import standin
import work_standin
from work_standin import Refusal

MSG_BYTES_MAX = 2048
USERS_MAX = 100
TOKEN_MS = 2 * work_standin.HOUR
SEND = "/topapi/message/corpconversation/asyncsend_v2"
RESULT = "/topapi/message/corpconversation/getsendresult"
LOOKUP = "/topapi/v2/user/getbymobile"
WHOSE = "/topapi/v2/user/getuserinfo"
CODE_MS = 5 * work_standin.MINUTE
FIELDS = {
    "text": {"content"},
    "markdown": {"title", "text"},
    "action_card": {"title", "markdown", "single_title", "single_url"},
}


class Task:
    """What was sent at once, and what became of it for each person."""

    def __init__(self, at):
        self.at = at
        self.ends = {}  # user -> "unread", "read", "invalid" or the code that dropped it


class DingTalkWork(work_standin.ErrcodeStandin):
    def __init__(self, app=("key", "secret"), agent=1, users=None, clock="real", log=None,
                 per_minute=1500, per_day=500, delay=0):
        super().__init__(clock, log)
        self.app = app
        self.agent = agent
        self.users = dict(users or {})
        self.per_day = per_day
        self.delay = delay
        self.tokens = work_standin.Tokens(TOKEN_MS)
        self.minute = standin.Window(work_standin.MINUTE, per_minute)
        self.tasks = {}
        self.seen = set()  # (day, user, message)
        self.counts = {}  # (day, user) -> messages
        self.codes = {}  # code -> (user, until when it counts)
        self.doors = {
            ("GET", "/gettoken"): self.give_token,
            ("POST", SEND): self.send,
            ("POST", RESULT): self.result,
            ("POST", LOOKUP): self.look_up,
            ("POST", WHOSE): self.whose,
        }

    def push(self, order):
        with self.lock:
            if order.get("revoke"):
                self.tokens.revoke()
            if "code" in order:
                self.codes[order["code"]] = (order["user"], self.now() + CODE_MS)
            for task in self.tasks.values():
                if task.ends.get(order.get("read")) == "unread":
                    task.ends[order["read"]] = "read"
        return {}

    # ---- doors ----

    def give_token(self, request):
        if (request.value("appkey"), request.value("appsecret")) != self.app:
            raise Refusal(40096, "invalid appKey or appSecret")
        return self.tokens.give(self.now())

    def body(self, request, names):
        self.tokens.check(request.value("access_token"), self.now())
        body = work_standin.json_body(request, 43004, 40035)
        if set(body) - names:
            raise Refusal(40035, "unknown parameter")
        return body

    def check_agent(self, body):
        if type(body.get("agent_id")) is not int or body["agent_id"] != self.agent:
            raise Refusal(40056, "invalid agentid")

    def send(self, request):
        body = self.body(request, {"agent_id", "userid_list", "to_all_user", "msg"})
        self.check_agent(body)
        if body.get("to_all_user"):
            raise Refusal(400002, "not to all of them")
        receivers = body.get("userid_list")
        if not isinstance(receivers, str) or not receivers:
            raise Refusal(1430000, "no receiver")
        receivers = receivers.split(",")
        if len(receivers) > USERS_MAX or len(set(receivers)) < len(receivers):
            raise Refusal(400002, "invalid userid_list")
        kind, content = self.check_msg(body.get("msg"))
        now = self.now()
        if self.minute.full(now):
            raise Refusal(143103, "too many in a minute")
        self.minute.add(now)
        task = self.take(receivers, kind, content, work_standin.compact(body["msg"]))
        return {"errcode": 0, "errmsg": "ok", "task_id": task, "request_id": "r%d" % task}

    def check_msg(self, msg):
        kind = msg.get("msgtype") if isinstance(msg, dict) else None
        if kind not in FIELDS or set(msg) != {"msgtype", kind}:
            raise Refusal(40035, "invalid msg")
        content = msg[kind]
        if not isinstance(content, dict) or set(content) != FIELDS[kind] or not all(
                isinstance(value, str) and value.strip() for value in content.values()):
            raise Refusal(40035, "invalid " + kind)
        if "single_url" in content and not re.match(r"https?://", content["single_url"]):
            raise Refusal(40035, "invalid single_url")
        if len(work_standin.compact(msg).encode()) > MSG_BYTES_MAX:
            raise Refusal(40035, "msg is longer than 2048 bytes")
        return kind, content

    def take(self, receivers, kind, content, message):
        number = 256271667000 + len(self.tasks)
        task = self.tasks[number] = Task(self.now())
        for user in receivers:
            end = task.ends[user] = self.end_of(user, message)
            shown = end == "unread"
            self.note(
                phone=user, task=number, shown=shown, why="" if shown else end, kind=kind,
                title=content.get("title", ""), link=content.get("single_url", ""),
                text=content.get("markdown") or content.get("text") or content["content"])
        return number

    def end_of(self, user, message):
        day = work_standin.china_day(self.now())
        if user not in self.users:
            return "invalid"
        if (day, user, message) in self.seen:
            return "143106"
        if self.counts.get((day, user), 0) >= self.per_day:
            return "143105"
        self.seen.add((day, user, message))
        self.counts[day, user] = self.counts.get((day, user), 0) + 1
        return "unread"

    def result(self, request):
        body = self.body(request, {"agent_id", "task_id"})
        self.check_agent(body)
        task = self.tasks.get(body.get("task_id"))
        if task is None:
            raise Refusal(400002, "invalid task_id")
        ends = task.ends if self.now() >= task.at + self.delay else {}
        lists = {"invalid": [], "forbidden": [], "failed": [], "read": [], "unread": []}
        dropped = []
        for user, end in ends.items():
            lists["forbidden" if end.isdigit() else end].append(user)
            if end.isdigit():
                dropped.append({"code": end, "count": 1, "userid": user})
        answer = {name + "_user_id_list": users for name, users in lists.items()}
        answer.update(invalid_dept_id_list=[], forbidden_list=dropped)
        return {"errcode": 0, "errmsg": "ok", "request_id": "r", "send_result": answer}

    def look_up(self, request):
        mobile = self.body(request, {"mobile"}).get("mobile")
        if not isinstance(mobile, str) or not re.fullmatch(r"1\d{10}", mobile):
            raise Refusal(40035, "invalid mobile")
        for user, number in self.users.items():
            if number == mobile:
                return {"errcode": 0, "errmsg": "ok", "result": {"userid": user},
                        "request_id": "r"}
        raise Refusal(60121, "user not found")

    def whose(self, request):
        code = self.body(request, {"code"}).get("code")
        if not isinstance(code, str) or not code:
            raise Refusal(40035, "missing code")
        user, until = self.codes.pop(code, (None, 0))
        if user is None or self.now() >= until:
            raise Refusal(40078, "temporary code does not exist")
        return {"errcode": 0, "errmsg": "ok", "request_id": "r", "result": {
            "userid": user, "name": "somebody", "device_id": "d", "sys": False, "sys_level": 0,
            "unionid": "union-" + user, "associated_unionid": ""}}


def main():
    parser = standin.parser("A strict DingTalk work notification on loopback")
    parser.add_argument("--app", default="key=secret", metavar="KEY=SECRET")
    parser.add_argument("--agent", type=int, default=1)
    parser.add_argument("--user", action="append", default=[], metavar="ID=MOBILE")
    parser.add_argument("--per-minute", type=int, default=1500)
    parser.add_argument("--per-day", type=int, default=500)
    parser.add_argument("--delay", type=int, default=0, metavar="MS")
    arguments = parser.parse_args()
    users = dict(user.split("=", 1) for user in arguments.user)
    standin.run(
        DingTalkWork(
            tuple(arguments.app.split("=", 1)), arguments.agent, users, arguments.clock,
            arguments.log, arguments.per_minute, arguments.per_day, arguments.delay),
        arguments.port)


if __name__ == "__main__":
    main()
