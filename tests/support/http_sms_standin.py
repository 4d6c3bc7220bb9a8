#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A strict stand-in for two kinds of gateway that a county may have, on loopback.

    GET  /cgi-bin/sendsms   Kannel's: user and password in the query, text in UTF-8 with charset and
                            coding named, 202 and "0: Accepted for delivery"
    POST /sms.aspx          a form in GBK, percent-encoded, the password as MD5 in capitals, an
                            answer in XML and GBK

    http_sms_standin.py [--log FILE] [--clock real|stepped] [--account NAME=SECRET]...

What the real ones would garble is refused here: a text that is no GBK, a field too many, a form
without its charset. Every submission is noted as {"door", "code", "mobile", "text", "id"}.

    POST /standin/push {"url": ..., "status": "DELIVRD"}
reports on the newest one of /sms.aspx, as a form.
"""
import hashlib
import re
import urllib.parse

import standin

SIGNED = re.compile(r"^【[^【】]{2,12}】[^【】]+$", re.DOTALL)


class Refusal(Exception):
    pass


def gbk_form(body):
    """A form whose bytes are GBK; Refusal for any other."""
    try:
        text = body.decode("ascii")
        return dict(urllib.parse.parse_qsl(
            text, keep_blank_values=True, strict_parsing=True, encoding="gbk", errors="strict"))
    except ValueError:
        raise Refusal("编码错误") from None


class Gateways(standin.Standin):
    def __init__(self, accounts, **more):
        super().__init__(**more)
        self.accounts = accounts
        self.sent = []

    def handle(self, request):
        if request.path == "/cgi-bin/sendsms":
            return self.kannel(request)
        if request.path == "/sms.aspx" and request.method == "POST":
            return self.aspx(request)
        return standin.Answer("no such page", 404)

    def refusal(self, request, what):
        if request.path == "/sms.aspx":
            return self.xml("Faild", what, "")
        return standin.Answer(what, 403)

    def accept(self, door, mobile, text):
        if not re.fullmatch(r"1[3-9]\d{9}", mobile):
            raise Refusal("手机号码错误")
        if not SIGNED.match(text):
            raise Refusal("签名错误")
        number = "%d" % (1504080852350000 + len(self.sent) + 1)
        self.sent.append(number)
        self.note(door=door, code="ok", mobile=mobile, text=text, id=number)
        return number

    # ---- Kannel's ----

    def kannel(self, request):
        known = {"username", "password", "to", "from", "charset", "coding", "text", "dlr-mask",
                 "dlr-url"}
        if request.method != "GET" or set(request.query) - known:
            return standin.Answer("Invalid content-type", 400)
        if self.accounts.get(request.value("username")) != request.value("password"):
            return standin.Answer("Authorization failed for sendsms", 403)
        if request.value("charset") != "UTF-8" or request.value("coding") != "2":
            return standin.Answer("unsupported coding", 400)
        try:
            self.accept("kannel", request.value("to"), request.value("text"))
        except Refusal as refusal:
            return standin.Answer(str(refusal), 400)
        return standin.Answer("0: Accepted for delivery", 202)

    # ---- the form in GBK ----

    def xml(self, status, message, number):
        text = ('<?xml version="1.0" encoding="gb2312" ?>\n<returnsms>\n'
                f" <returnstatus>{status}</returnstatus>\n <message>{message}</message>\n"
                f" <remainpoint>100</remainpoint>\n <taskID>{number}</taskID>\n</returnsms>")
        return standin.Answer(text.encode("gbk"), content_type="text/xml; charset=gb2312")

    def aspx(self, request):
        try:
            if request.header("content-type").lower().replace(" ", "") != (
                    "application/x-www-form-urlencoded;charset=gbk"):
                raise Refusal("编码错误")
            form = gbk_form(request.body)
            if set(form) != {"action", "account", "password", "mobile", "content", "extno"}:
                raise Refusal("参数错误")
            secret = self.accounts.get(form["account"], "")
            if form["password"] != hashlib.md5(secret.encode()).hexdigest().upper():
                raise Refusal("用户名或密码错误")
            return self.xml("Success", "操作成功", self.accept(
                "aspx", form["mobile"], form["content"]))
        except Refusal as refusal:
            self.note(door="aspx", code=str(refusal))
            return self.xml("Faild", str(refusal), "")

    def push(self, order):
        form = urllib.parse.urlencode(
            {"taskid": self.sent[-1], "status": order["status"], "errorcode": "余额"},
            encoding="gbk")
        return self.call_back(
            order["url"], form.encode(), content_type="application/x-www-form-urlencoded")


def main():
    parser = standin.parser("Two strict gateways of the kind counties have, on loopback")
    parser.add_argument("--account", action="append", default=[], metavar="NAME=SECRET")
    arguments = parser.parse_args()
    accounts = dict(account.split("=", 1) for account in arguments.account)
    standin.run(
        Gateways(accounts, clock=arguments.clock, log=arguments.log), arguments.port)


if __name__ == "__main__":
    main()
