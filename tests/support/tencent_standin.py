#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A strict stand-in for Tencent Cloud SMS (sms 2021-01-11), on loopback.

It refuses what the real one refuses, with the real codes and shapes: unknown key, wrong
signature, a clock more than 5 minutes off, unknown application, signature or template, a number of
variables that the template has not, URLs in them, numbers that are none; the same words to one
number within 30 seconds, or too often a day, and what is beyond its day. It is stricter in one
thing: every parameter has to be one it knows.

    tencent_standin.py [--log FILE] [--clock real|stepped|signed] [--key ID=KEY]... [--app ID]
                       [--sign NAME]... [--template ID=TEXT]... [--per-day N] [--same-per-day N]

TEXT holds its variables as {1}, {2}. Every number of a SendSms is noted as a line {"code", "at",
"phone", "sign", "template", "params", "session", "serial", "text"}, a call that fails as a whole
as {"code", "action"}. PullSmsSendStatusByPhoneNumber answers with what has been reported.

    POST /standin/push {"success": true, "errmsg": "DELIVRD", "sessions": [...], "url": ...}
ends messages that wait (all without sessions) and, with a URL, reports them there. It answers
{"receipts": [...]} and what the URL answered.
"""
import hashlib
import hmac
import re
import time

import standin

WINDOW_S = 5 * 60
CHINA_S = 8 * 3600
SEND_KEYS = {"PhoneNumberSet", "SmsSdkAppId", "TemplateId", "SignName", "TemplateParamSet",
             "ExtendCode", "SessionContext", "SenderId"}
PULL_KEYS = {"BeginTime", "EndTime", "Offset", "Limit", "PhoneNumber", "SmsSdkAppId"}


class Refusal(Exception):
    def __init__(self, code, words=""):
        super().__init__(words)
        self.code = code
        self.words = words or code


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(key, stamp, canonical):
    """The signature of a canonical request at a time in seconds."""
    day = time.strftime("%Y-%m-%d", time.gmtime(stamp))
    signing = mac(mac(mac(("TC3" + key).encode(), day), "sms"), "tc3_request")
    to_sign = "TC3-HMAC-SHA256\n%d\n%s/sms/tc3_request\n%s" % (
        stamp, day, hashlib.sha256(canonical.encode()).hexdigest())
    return mac(signing, to_sign).hex()


def canonical_request(headers, signed, body, path="/"):
    lines = "".join("%s:%s\n" % (name, headers[name].strip().lower()) for name in signed)
    return "\n".join(("POST", path, "", lines, ";".join(signed), hashlib.sha256(body).hexdigest()))


def china(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds + CHINA_S))


class Tencent(standin.Standin):
    def __init__(self, keys, app, signs, templates, per_day=10, same_per_day=10, **more):
        super().__init__(**more)
        self.keys = keys
        self.app = app
        self.signs = signs
        self.templates = templates
        self.per_day = per_day
        self.same_per_day = same_per_day
        self.same = {}
        self.days = {}
        self.sent = []
        self.calls = 0

    # ---- the call ----

    def handle(self, request):
        self.calls += 1
        try:
            self.check_call(request)
            response = self.act(request)
        except Refusal as refusal:
            self.note(code=refusal.code, action=request.header("x-tc-action"))
            response = {"Error": {"Code": refusal.code, "Message": refusal.words}}
        response["RequestId"] = "00000000-0000-4000-8000-%012d" % self.calls
        return standin.Answer({"Response": response})

    def refusal(self, request, what):
        return standin.Answer({"Response": {
            "Error": {"Code": what, "Message": what}, "RequestId": "0"}})

    def check_call(self, request):
        if request.method != "POST" or request.path != "/":
            raise Refusal("InvalidRequest", "only POST /")
        if not re.fullmatch(
                r"application/json(; *charset=utf-8)?", request.header("content-type"), re.I):
            raise Refusal("InvalidRequest", "content type")
        for name in ("x-tc-action", "x-tc-version", "x-tc-timestamp", "x-tc-region"):
            if not request.header(name):
                raise Refusal("MissingParameter", name)
        self.check_signature(request)
        if request.header("x-tc-version") != "2021-01-11":
            raise Refusal("NoSuchVersion")

    def check_signature(self, request):
        found = re.fullmatch(
            r"TC3-HMAC-SHA256 Credential=([^/ ]+)/(\d{4}-\d\d-\d\d)/sms/tc3_request, "
            r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})",
            request.header("authorization"))
        stamp = request.header("x-tc-timestamp")
        if not found or not re.fullmatch(r"\d{10}", stamp):
            raise Refusal("AuthFailure.InvalidAuthorization")
        key, day, signed = found.group(1), found.group(2), found.group(3).split(";")
        if not {"content-type", "host"} <= set(signed) or signed != sorted(signed) or not (
                set(signed) <= set(request.headers)):
            raise Refusal("AuthFailure.InvalidAuthorization", "signed headers")
        if key not in self.keys:
            raise Refusal("AuthFailure.SecretIdNotFound", "The SecretId is not found.")
        if day != time.strftime("%Y-%m-%d", time.gmtime(int(stamp))):
            raise Refusal("AuthFailure.SignatureFailure", "the day of the scope")
        # The real gateway has no port of its own; the vendor's SDK signs the bare name.
        hosts = {request.header("host"), request.header("host").rsplit(":", 1)[0]}
        given = {
            signature(self.keys[key], int(stamp), canonical_request(
                dict(request.headers, host=host), signed, request.body)) for host in hosts}
        if found.group(4) not in given:
            raise Refusal("AuthFailure.SignatureFailure", "The provided credentials are wrong.")
        if not self.in_window(int(stamp) * 1000, WINDOW_S * 1000):
            raise Refusal("AuthFailure.SignatureExpire", "Signature expired.")

    def act(self, request):
        try:
            params = request.json()
        except ValueError:
            raise Refusal("InvalidRequest", "not JSON") from None
        if not isinstance(params, dict):
            raise Refusal("InvalidRequest", "not an object")
        action = request.header("x-tc-action")
        if action == "SendSms":
            return self.send(params)
        if action == "PullSmsSendStatusByPhoneNumber":
            return self.pull(params)
        raise Refusal("InvalidAction")

    # ---- sending ----

    def check_send(self, params):
        if set(params) - SEND_KEYS:
            raise Refusal("UnknownParameter", str(set(params) - SEND_KEYS))
        phones = params.get("PhoneNumberSet")
        if not isinstance(phones, list) or not phones:
            raise Refusal("MissingParameter.EmptyPhoneNumberSet")
        if len(phones) > 200:
            raise Refusal("LimitExceeded.PhoneNumberCountLimit")
        for key in ("SmsSdkAppId", "TemplateId"):
            if not isinstance(params.get(key), str) or not params[key]:
                raise Refusal("MissingParameter", key)
        if params["SmsSdkAppId"] != self.app:
            raise Refusal("InvalidParameterValue.SdkAppIdNotExist")
        values = params.get("TemplateParamSet", [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise Refusal("InvalidParameter", "TemplateParamSet")
        if len(params.get("SessionContext", "").encode()) >= 512:
            raise Refusal("InvalidParameter", "SessionContext")
        return phones, values

    def send(self, params):
        phones, values = self.check_send(params)
        statuses = []
        for phone in phones:
            line = {"phone": phone, "sign": params.get("SignName", ""), "params": values,
                    "template": params["TemplateId"], "session": params.get("SessionContext", "")}
            try:
                self.send_one(phone, line)
                code = "Ok"
            except Refusal as refusal:
                code = refusal.code
            self.note(code=code, **line)
            statuses.append({
                "SerialNo": line.get("serial", ""), "PhoneNumber": phone,
                "Fee": 1 if code == "Ok" else 0, "SessionContext": line["session"], "Code": code,
                "Message": "send success" if code == "Ok" else code, "IsoCode": "CN"})
        return {"SendStatusSet": statuses}

    def send_one(self, phone, line):
        if not re.fullmatch(r"(\+86)?1[3-9]\d{9}", phone):
            raise Refusal("InvalidParameterValue.IncorrectPhoneNumber")
        if line["sign"] not in self.signs:
            raise Refusal("FailedOperation.SignatureIncorrectOrUnapproved")
        template = self.templates.get(line["template"])
        if template is None:
            raise Refusal("FailedOperation.TemplateIncorrectOrUnapproved")
        if len(set(re.findall(r"\{(\d+)\}", template))) != len(line["params"]):
            raise Refusal("FailedOperation.TemplateParamSetNotMatchApprovedTemplate")
        if any(re.search(r"https?://|www\.", value, re.I) for value in line["params"]):
            raise Refusal("InvalidParameterValue.ProhibitedUseUrlInTemplateParameter")
        text = "【%s】%s" % (line["sign"], re.sub(
            r"\{(\d+)\}", lambda found: line["params"][int(found.group(1)) - 1], template))
        if len(text.encode("utf-16-le")) > 2 * 500:
            raise Refusal("InvalidParameterValue.ContentLengthLimit")
        self.count(phone, text)
        line["text"] = text
        line["serial"] = "2640:%024d" % (len(self.sent) + 1)
        self.sent.append(dict(line, sent=self.now() // 1000, status=None))

    def count(self, phone, text):
        now = self.now() // 1000
        if self.same.get((phone, text), now - 30) > now - 30:
            raise Refusal("LimitExceeded.PhoneNumberThirtySecondLimit")
        date = (now + CHINA_S) // 86400
        for what, most, code in (
                ((phone, date), self.per_day, "PhoneNumberDailyLimit"),
                ((phone, date, text), self.same_per_day, "PhoneNumberSameContentDailyLimit")):
            if self.days.get(what, 0) >= most:
                raise Refusal("LimitExceeded." + code)
        self.same[phone, text] = now
        for what in ((phone, date), (phone, date, text)):
            self.days[what] = self.days.get(what, 0) + 1

    # ---- what became of it ----

    def pull(self, params):
        if set(params) != PULL_KEYS or params["SmsSdkAppId"] != self.app:
            raise Refusal("InvalidParameter")
        numbers = [params[key] for key in ("BeginTime", "EndTime", "Offset", "Limit")]
        if not all(type(number) is int for number in numbers):
            raise Refusal("InvalidParameter")
        begin, end, offset, limit = numbers
        if offset != 0 or not 1 <= limit <= 100 or begin > end or (
                begin < self.now() // 1000 - 7 * 86400 - 60):
            raise Refusal("InvalidParameter")
        return {"PullSmsSendStatusSet": [
            {"UserReceiveTime": china(line["ended"]), "CountryCode": "86",
             "SubscriberNumber": line["phone"][-11:], "PhoneNumber": line["phone"],
             "SerialNo": line["serial"], "ReportStatus": line["status"],
             "Description": line["errmsg"], "SessionContext": line["session"],
             "UserReceiveUnixTime": line["ended"]}
            for line in self.sent if line["status"] and begin <= line["sent"] <= end
            and line["phone"][-11:] == params["PhoneNumber"][-11:]][:limit]}

    def push(self, order):
        success = order.get("success", True)
        errmsg = order.get("errmsg", "DELIVRD" if success else "UNDELIV")
        with self.lock:
            ended = [
                line for line in self.sent if not line["status"]
                and line["session"] in order.get("sessions", [line["session"]])]
            for line in ended:
                line.update(status="SUCCESS" if success else "FAIL", errmsg=errmsg,
                            ended=self.now() // 1000)
        receipts = [{
            "user_receive_time": china(line["ended"]), "nationcode": "86",
            "mobile": line["phone"][-11:], "report_status": line["status"], "errmsg": errmsg,
            "description": "用户短信送达成功" if success else "短信送达失败",
            "sid": line["serial"]} for line in ended]
        answer = self.call_back(order["url"], receipts) if "url" in order else {}
        return dict(answer, receipts=receipts)


def main():
    parser = standin.parser("A strict Tencent Cloud SMS gateway on loopback")
    parser.add_argument("--key", action="append", default=[], metavar="ID=KEY")
    parser.add_argument("--app", default="1400006666")
    parser.add_argument("--sign", action="append", default=[], metavar="NAME")
    parser.add_argument("--template", action="append", default=[], metavar="ID=TEXT")
    parser.add_argument("--per-day", type=int, default=10)
    parser.add_argument("--same-per-day", type=int, default=10)
    arguments = parser.parse_args()
    standin.run(Tencent(
        dict(key.split("=", 1) for key in arguments.key), arguments.app, arguments.sign,
        dict(template.split("=", 1) for template in arguments.template),
        per_day=arguments.per_day, same_per_day=arguments.same_per_day, clock=arguments.clock,
        log=arguments.log), arguments.port)


if __name__ == "__main__":
    main()
