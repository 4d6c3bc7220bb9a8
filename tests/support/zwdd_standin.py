#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A strict stand-in for 政务钉钉 / 浙政钉, on loopback.

Every request is signed as the vendor's Java library signs: the signature is recomputed from the
form as it came, the time has to be within ten minutes of ours, a nonce counts once. Calls of
workNotification less than ten minutes apart are refused, and so are a bizMsgId that was there
already ("重复"), more than 1,000 receivers, a msg of more than 2048 bytes, and more than 20,000
messages a day. The same words to one person a second time on a day, and more than 100 to one
person on a day, are dropped without a word. What each phone shows is in the log:

    {"phone": account, "biz", "shown": true|false, "why": "same words"|..., "text"}

    zwdd_standin.py [--app KEY=SECRET] [--tenant ID] [--user ACCOUNT=MOBILE]...
                    [--content object|string] [--gap MS] [--per-day N]

An ordered {"refuse": "words"} is answered {"success": false, "errorMsg": "words"}.
"""
import base64
import collections
import datetime
import hashlib
import hmac
import json
import re
import urllib.parse

import standin
import work_standin

WINDOW = 10 * work_standin.MINUTE
MSG_BYTES_MAX = 2048
RECEIVERS_MAX = 1000
PER_APP_DAY = 20000
SEND = "/message/workNotification"
MOBILES = "/mozi/employee/get_by_mobiles"
ACCOUNTS = "/mozi/employee/listEmployeeAccountIds"
FIELDS = {
    "text": [{"content"}],
    "action_card": [{"title", "markdown", "single_title", "single_url", "single_pc_url"}],
    "markdown": [{"title", "text"}],
}


class Refusal(Exception):
    """The gateway's own answer: before the service behind it hears of the request."""

    def __init__(self, code, words, status=200):
        super().__init__(words)
        self.answer = standin.Answer(
            {"Code": code, "Message": words, "_RequestId": "r", "bizErrorCode": code}, status)


class Failure(Exception):
    """The service's own words."""


def sign(secret, method, timestamp, nonce, path, pairs, md5=False):
    """The signature over five lines; pairs are (name, value), raw."""
    lines = [method, timestamp, nonce, path]
    kept = sorted((pair for pair in pairs if pair[0] and pair[1]),
                  key=lambda pair: (pair[0].lower(), pair[1]))
    if kept:
        lines.append("&".join("%s=%s" % pair for pair in kept))
    text = "\n".join(lines)
    if md5:
        return hashlib.md5((text + "\n" + secret).encode()).hexdigest()
    return base64.b64encode(
        hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def millis(timestamp):
    """Of an ISO time with milliseconds and an offset; None for anything else."""
    if not re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}([+-]\d\d:\d\d|Z)", timestamp):
        return None
    return round(datetime.datetime.fromisoformat(
        timestamp.replace("Z", "+00:00")).timestamp() * 1000)


class Zwdd(standin.Standin):
    def __init__(self, app=("key", "secret"), tenant="50000", users=None, clock="real", log=None,
                 content="object", gap=10 * work_standin.MINUTE, per_day=100):
        super().__init__(clock, log)
        self.app = app
        self.tenant = tenant
        self.users = dict(users or {})  # account -> mobile
        self.content = content
        self.gap = gap
        self.per_day = per_day
        self.nonces = set()
        self.last = None
        self.biz_ids = set()
        self.seen = set()  # (day, account, msg)
        self.counts = collections.Counter()  # (day, account), (day, "")

    def push(self, order):
        return {}

    def refusal(self, request, what):
        return self.failed(request, what)

    def failed(self, request, words):
        self.note(call=request.path, success=False, words=words)
        return standin.Answer({"success": False, "errorMsg": words, "bizErrorCode": "OPF-B001"})

    def handle(self, request):
        doors = {SEND: self.send, MOBILES: self.by_mobiles, ACCOUNTS: self.accounts}
        try:
            pairs = self.check(request)
            if request.path not in doors:
                return standin.Answer({}, 404)
            content = doors[request.path](dict(pairs), pairs)
        except Refusal as refusal:
            self.note(call=request.path, success=False, words=str(refusal))
            return refusal.answer
        except Failure as failure:
            return self.failed(request, str(failure))
        self.note(call=request.path, success=True)
        if self.content == "string":
            content = json.dumps({"success": True, "content": content})
        return standin.Answer({"success": True, "content": content, "bizErrorCode": "0"})

    # ---- the gateway in front ----

    def check(self, request):
        """The parameters, raw, once all headers are right."""
        if request.method != "POST":
            raise Refusal("MethodNotAllowed", "use POST", 405)
        if request.header("apikey") != self.app[0]:
            raise Refusal("ApiKeyInvalid", "apiKey is invalid", 401)
        if not re.fullmatch(
                r"application/x-www-form-urlencoded(; *charset=utf-8)?",
                request.header("content-type"), re.I):
            raise Refusal("ContentType", "Content-Type is not supported")
        for name in ("version", "ip", "mac"):
            if not request.header("x-hmac-auth-" + name):
                raise Refusal("HeaderMissing", "X-Hmac-Auth-%s is missing" % name)
        try:
            pairs = urllib.parse.parse_qsl(
                request.body.decode(), keep_blank_values=True, strict_parsing=True,
                errors="strict")
        except ValueError:
            raise Refusal("BodyInvalid", "not a form") from None
        if not all(value for name, value in pairs):
            raise Refusal("SignatureNotMatch", "Signature does not match")
        self.check_signature(request, pairs)
        return pairs

    def check_signature(self, request, pairs):
        timestamp = request.header("x-hmac-auth-timestamp")
        nonce = request.header("x-hmac-auth-nonce")
        at = millis(timestamp)
        if at is None or not self.in_window(at, WINDOW):
            raise Refusal("InvalidTimestamp", "timestamp is expired")
        if not re.fullmatch(r"\d{17}", nonce) or nonce in self.nonces:
            raise Refusal("InvalidNonce", "Signature nonce was used")
        md5 = request.header("x-hmac-auth-algorithm").lower() == "md5"
        right = sign(self.app[1], request.method, timestamp, nonce, request.path, pairs, md5)
        if not hmac.compare_digest(request.header("x-hmac-auth-signature").encode(),
                                   right.encode()):
            raise Refusal("SignatureNotMatch", "Signature does not match")
        self.nonces.add(nonce)

    # ---- the service behind it ----

    def check_tenant(self, form):
        if form.get("tenantId") != self.tenant:
            raise Failure("tenantId不存在")

    def send(self, form, pairs):
        self.check_tenant(form)
        if len(form) != len(pairs) or set(form) != {"tenantId", "bizMsgId", "msg", "receiverIds"}:
            raise Failure("参数错误")
        self.check_msg(form["msg"])
        receivers = form["receiverIds"].split(",")
        if len(receivers) > RECEIVERS_MAX or len(set(receivers)) < len(receivers):
            raise Failure("receiverIds超过1000或有误")
        if form["bizMsgId"] in self.biz_ids:
            raise Failure("bizMsgId重复")
        now = self.now()
        if self.last is not None and now < self.last + self.gap:
            raise Failure("调用过于频繁，两次间隔需大于10分钟")
        day = work_standin.china_day(now)
        if self.counts[day, ""] + len(receivers) > PER_APP_DAY:
            raise Failure("今日发送量已达上限")
        self.last = now
        self.biz_ids.add(form["bizMsgId"])
        self.counts[day, ""] += len(receivers)
        for account in receivers:
            self.deliver(day, account, form)
        return {"msgId": "m%d" % len(self.biz_ids)}

    def check_msg(self, msg):
        if len(msg.encode()) > MSG_BYTES_MAX:
            raise Failure("msg长度超过限制")
        try:
            value = json.loads(msg)
            content = value[value["msgtype"]]
            right = set(content) in FIELDS[value["msgtype"]] and len(value) == 2 and all(
                isinstance(part, str) and part.strip() for part in content.values())
        except (ValueError, TypeError, KeyError):
            right = False
        if not right:
            raise Failure("msg格式错误")

    def deliver(self, day, account, form):
        value = json.loads(form["msg"])
        content = value[value["msgtype"]]
        why = ""
        if account not in self.users:
            why = "nobody"
        elif (day, account, form["msg"]) in self.seen:
            why = "same words"
        elif self.counts[day, account] >= self.per_day:
            why = "%d a day" % self.per_day
        else:
            self.seen.add((day, account, form["msg"]))
            self.counts[day, account] += 1
        self.note(
            phone=account, biz=form["bizMsgId"], shown=not why, why=why, kind=value["msgtype"],
            text=content.get("content") or content.get("markdown") or content.get("text"))

    def by_mobiles(self, form, pairs):
        self.check_tenant(form)
        numbers = form.get("mobiles", "").split(",")
        if form.get("areaCode") != "86" or form.get("namespace") != "local" or not all(
                re.fullmatch(r"1\d{10}", number) for number in numbers) or len(numbers) > 50:
            raise Failure("参数错误")
        return self.found({"accountId": int(account), "mobile": mobile,
                           "employeeCode": "GE_" + account, "status": 0}
                          for account, mobile in self.users.items() if mobile in numbers)

    def accounts(self, form, pairs):
        self.check_tenant(form)
        codes = [value for name, value in pairs if name == "employeeCodes"]
        if not codes:
            raise Failure("参数错误")
        return self.found({"accountId": int(account), "accountCode": "a" + account,
                           "accountNamespace": "local", "employeeCode": "GE_" + account}
                          for account in self.users if "GE_" + account in codes)

    @staticmethod
    def found(people):
        return {"data": list(people), "success": True, "requestId": "r", "responseMessage": "OK",
                "responseCode": "0", "bizErrorCode": "0"}


def main():
    parser = standin.parser("A strict 政务钉钉 on loopback")
    parser.add_argument("--app", default="key=secret", metavar="KEY=SECRET")
    parser.add_argument("--tenant", default="50000")
    parser.add_argument("--user", action="append", default=[], metavar="ACCOUNT=MOBILE")
    parser.add_argument("--content", choices=("object", "string"), default="object")
    parser.add_argument("--gap", type=int, default=10 * work_standin.MINUTE, metavar="MS")
    parser.add_argument("--per-day", type=int, default=100)
    arguments = parser.parse_args()
    users = dict(user.split("=", 1) for user in arguments.user)
    standin.run(
        Zwdd(
            tuple(arguments.app.split("=", 1)), arguments.tenant, users, arguments.clock,
            arguments.log, arguments.content, arguments.gap, arguments.per_day),
        arguments.port)


if __name__ == "__main__":
    main()
