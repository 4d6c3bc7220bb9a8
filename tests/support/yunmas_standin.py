#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A strict stand-in for China Mobile 云MAS (HTTP form), on loopback.

It refuses what the real one refuses, with the real words: unknown enterprise or wrong password, a
wrong mac, a signature code it has not, numbers that are none or too many, empty or too long texts;
bodies that are not base64 of UTF-8 JSON. It is stricter in two things: a template has to be known
and get as many variables as it has, and no field may be there that it does not know.

    yunmas_standin.py [--log FILE] [--clock real|stepped] [--account EC:AP=SECRET]...
                      [--sign CODE=TEXT]... [--template ID=TEXT]... [--path P] [--template-path P]

TEXT of a template holds its variables as {}. Every submission is noted as a line {"code", "at",
"mobiles", "sign", "text", "group"}. Answers spell msgGroup and mgsGroup in turn.

    POST /standin/push {"status": "CM:0000", "error": "DELIVRD", "groups": [...], "url": ...,
                        "shape": "array|object|mobiles"}
reports on what was accepted (all without groups), each submission once per push; an object carries
one report. {"reply": {"mobile", "text"}} sends an SMS of a person instead. It answers {"receipts":
what was sent} and what the URL answered.
"""
import base64
import hashlib
import json
import re
import time

import standin

MOBILES_MAX = 5000
CHINA_MS = 8 * 3600 * 1000
COMMON = {"ecName", "apId", "mobiles", "sign", "addSerial", "mac"}


class Refusal(Exception):
    pass


def mac(secret, fields):
    """Of what stands in fields: free text, or a template and its variables."""
    middle = (("templateId", "mobiles", "params") if "templateId" in fields
              else ("mobiles", "content"))
    parts = [fields["ecName"], fields["apId"], secret]
    parts += [fields[name] for name in middle] + [fields["sign"], fields["addSerial"]]
    return hashlib.md5("".join(parts).encode()).hexdigest()


def china(milliseconds):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime((milliseconds + CHINA_MS) / 1000))


class Yunmas(standin.Standin):
    def __init__(self, accounts, signs, templates, paths=("/sms/norsubmit", "/sms/tmpsubmit"),
                 **more):
        super().__init__(**more)
        self.accounts = accounts
        self.signs = signs
        self.templates = templates
        self.paths = paths
        self.sent = []

    # ---- submissions ----

    def handle(self, request):
        if request.method != "POST" or request.path not in self.paths:
            return standin.Answer("no such page", 404)
        if not re.match(r"(text/plain|application/json)\b", request.header("content-type")):
            return standin.Answer("unsupported media type", 415)
        line = {}
        try:
            self.submit(self.fields(request), line)
            code = "success"
        except Refusal as refusal:
            code = str(refusal)
        self.note(code=code, **line)
        answer = {"rspcod": code, "success": code == "success"}
        if code == "success":
            answer["msgGroup" if len(self.sent) % 2 else "mgsGroup"] = line["group"]
        return standin.Answer(answer)

    def refusal(self, request, what):
        return standin.Answer({"rspcod": what, "success": False})

    def fields(self, request):
        try:
            fields = json.loads(base64.b64decode(request.body, validate=True).decode("utf-8"))
        except ValueError:
            raise Refusal("InvalidMessage") from None
        if not isinstance(fields, dict):
            raise Refusal("InvalidMessage")
        own = {"content"} if request.path == self.paths[0] and "content" in fields else {
            "templateId", "params"}
        if set(fields) - {"secretKey"} != COMMON | own or not all(
                isinstance(value, str) for value in fields.values()):
            raise Refusal("InvalidMessage")
        return fields

    def submit(self, fields, line):
        secret = self.accounts.get((fields["ecName"], fields["apId"]))
        if secret is None:
            raise Refusal("InvalidUsrOrPwd")
        if fields["mac"] != mac(secret, fields):
            raise Refusal("IllegalMac")
        line.update(mobiles=fields["mobiles"].split(","), sign=fields["sign"])
        if not fields["sign"]:
            raise Refusal("NoSignId")
        if fields["sign"] not in self.signs or not re.fullmatch(r"\d{0,20}", fields["addSerial"]):
            raise Refusal("IllegalSignId")
        if len(line["mobiles"]) > MOBILES_MAX:
            raise Refusal("TooManyMobiles")
        if not all(re.fullmatch(r"1[3-9]\d{9}", mobile) for mobile in line["mobiles"]):
            raise Refusal("InvalidMobile")
        line["text"] = "【%s】%s" % (self.signs[fields["sign"]], self.words(fields))
        if len(line["text"].encode("utf-16-le")) > 2 * 500:
            raise Refusal("InvalidMessage")
        line["group"] = "0102110405%012d" % (len(self.sent) + 1)
        self.sent.append(dict(line, sent=self.now()))

    def words(self, fields):
        if "content" in fields:
            if not fields["content"].strip():
                raise Refusal("InvalidMessage")
            return fields["content"]
        text = self.templates.get(fields["templateId"])
        try:
            values = json.loads(fields["params"])
        except ValueError:
            raise Refusal("InvalidMessage") from None
        if text is None or not isinstance(values, list) or not all(
                isinstance(value, str) for value in values):
            raise Refusal("InvalidMessage")
        if text.count("{}") != (0 if values == [""] else len(values)):
            raise Refusal("InvalidMessage")
        return text.format(*values)

    # ---- reports ----

    def push(self, order):
        if "reply" in order:
            sent = {"mobile": order["reply"]["mobile"], "smsContent": order["reply"]["text"],
                    "sendTime": china(self.now()), "addSerial": ""}
        else:
            sent = self.reports(order)
        answer = self.call_back(order["url"], sent) if "url" in order else {}
        return dict(answer, receipts=sent)

    def reports(self, order):
        shape = order.get("shape", "array")
        with self.lock:
            chosen = [line for line in self.sent
                      if line["group"] in order.get("groups", [line["group"]])]
        made = []
        for line in chosen:
            common = {
                "msgGroup": line["group"], "reportStatus": order.get("status", "CM:0000"),
                "errorCode": order.get("error", "DELIVRD"), "submitDate": china(line["sent"]),
                "receiveDate": china(self.now())}
            if shape == "mobiles":
                made.append(dict(common, mobiles=line["mobiles"]))
            else:
                made.extend(dict(common, mobile=mobile) for mobile in line["mobiles"])
        return made[0] if shape == "object" else made


def main():
    parser = standin.parser("A strict 云MAS gateway on loopback")
    parser.add_argument("--account", action="append", default=[], metavar="EC:AP=SECRET")
    parser.add_argument("--sign", action="append", default=[], metavar="CODE=TEXT")
    parser.add_argument("--template", action="append", default=[], metavar="ID=TEXT")
    parser.add_argument("--path", default="/sms/norsubmit")
    parser.add_argument("--template-path", default="/sms/tmpsubmit")
    arguments = parser.parse_args()
    accounts = {
        tuple(name.split(":", 1)): secret
        for name, secret in (account.split("=", 1) for account in arguments.account)}
    standin.run(Yunmas(
        accounts, dict(sign.split("=", 1) for sign in arguments.sign),
        dict(template.split("=", 1) for template in arguments.template),
        (arguments.path, arguments.template_path), clock=arguments.clock, log=arguments.log),
        arguments.port)


if __name__ == "__main__":
    main()
