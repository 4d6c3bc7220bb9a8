#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A strict stand-in for Alibaba Cloud SMS (dysmsapi 2017-05-25), on loopback.

It refuses what the real one refuses, with the real codes: unknown key, wrong signature, a clock
more than 15 minutes off, a nonce that was used before; unknown signature or template; variables
that are missing, empty, longer than 35 characters, hold a URL or a number; numbers that are none;
the 51st message of 24 hours by one template to one number. It is stricter in two things: every
parameter has to be one it knows, and headers that should be signed must be.

    aliyun_standin.py [--log FILE] [--clock real|stepped|signed] [--key ID=SECRET]...
                      [--sign NAME]... [--template CODE=TEXT]... [--per-day N]

TEXT holds its variables as ${name}. Every SendSms that passes the signature is noted as a line
{"code", "at", "phones", "sign", "template", "params", "out_id", "biz_id", "text"}; other calls as
{"code", "action"}. QuerySendDetails answers from what was sent.

    POST /standin/push {"success": true, "err_code": "DELIVERED", "out_ids": [...], "url": ...}
ends messages that wait (all without out_ids) and, with a URL, reports them there. It answers
{"receipts": [...]} and what the URL answered.
"""
import calendar
import hashlib
import hmac
import json
import re
import time
import urllib.parse

import standin

WINDOW_MS = 15 * 60 * 1000
DAY_MS = 24 * 3600 * 1000
CHINA_MS = 8 * 3600 * 1000
EMPTY_FORM = "application/x-www-form-urlencoded"
SEND_KEYS = {"PhoneNumbers", "SignName", "TemplateCode", "TemplateParam", "OutId",
             "SmsUpExtendCode"}
QUERY_KEYS = {"PhoneNumber", "BizId", "SendDate", "PageSize", "CurrentPage"}
WAITING, FAILED, DELIVERED = 1, 2, 3


class Refusal(Exception):
    """Code and words; HTTP 200 for what concerns the message, 4xx for the call."""

    def __init__(self, code, words="", status=200):
        super().__init__(words)
        self.code = code
        self.words = words or code
        self.status = status


def encode(text):
    return urllib.parse.quote(text, safe="-_.~")


def canonical_query(raw_query):
    pairs = urllib.parse.parse_qsl(raw_query, keep_blank_values=True)
    return "&".join("%s=%s" % (encode(k), encode(v)) for k, v in sorted(pairs))


def signature(secret, method, path, raw_query, headers, signed, body):
    """The signature of a request; headers by their lower-case names."""
    lines = "".join("%s:%s\n" % (name, headers.get(name, "").strip()) for name in signed)
    canonical = "\n".join((
        method, path, canonical_query(raw_query), lines, ";".join(signed),
        hashlib.sha256(body).hexdigest()))
    to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    return hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()


def china(milliseconds):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime((milliseconds + CHINA_MS) / 1000))


class Aliyun(standin.Standin):
    def __init__(self, keys, signs, templates, per_day=50, **more):
        super().__init__(**more)
        self.keys = keys
        self.signs = signs
        self.templates = templates
        self.per_day = per_day
        self.nonces = set()
        self.days = {}
        self.details = []
        self.calls = 0

    # ---- the call ----

    def handle(self, request):
        line = {}
        try:
            self.check_signature(request)
            answer = self.act(request, line)
            status = 200
        except Refusal as refusal:
            answer = {"Code": refusal.code, "Message": refusal.words}
            status = refusal.status
            if status != 200:
                answer["HostId"] = request.header("host")
                answer["Recommend"] = "https://api.aliyun.test/troubleshoot?q=" + refusal.code
        self.calls += 1
        answer["RequestId"] = "%08X-0000-4000-8000-000000000000" % self.calls
        self.note(code=answer["Code"], **line)
        return standin.Answer(answer, status)

    def refusal(self, request, what):
        return standin.Answer({"Code": what, "Message": what, "RequestId": "0"})

    def check_signature(self, request):
        found = re.fullmatch(
            r"ACS3-HMAC-SHA256 Credential=([^, ]+),SignedHeaders=([^, ]+),Signature=([0-9a-f]{64})",
            request.header("authorization"))
        if not found:
            raise Refusal("IncompleteSignature", "malformed Authorization", 400)
        key, signed = found.group(1), found.group(2).split(";")
        wanted = {"host"} | {name for name in request.headers if name.startswith("x-acs-")}
        wanted |= {"content-type"} & set(request.headers)
        needed = {"x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce",
                  "x-acs-content-sha256"}
        if signed != sorted(signed) or set(signed) != wanted or not needed <= wanted:
            raise Refusal("IncompleteSignature", "headers: %s" % sorted(wanted), 400)
        if key not in self.keys:
            raise Refusal("InvalidAccessKeyId.NotFound", "Specified access key is not found.", 404)
        if request.header("x-acs-content-sha256") != hashlib.sha256(request.body).hexdigest():
            raise Refusal("SignatureDoesNotMatch", "content hash", 400)
        given = signature(
            self.keys[key], request.method, request.path, request.raw_query, request.headers,
            signed, request.body)
        if not hmac.compare_digest(given, found.group(3)):
            raise Refusal("SignatureDoesNotMatch", "Specified signature is not matched.", 400)
        self.check_time(request)

    def check_time(self, request):
        try:
            parsed = time.strptime(request.header("x-acs-date"), "%Y-%m-%dT%H:%M:%SZ")
        except ValueError:
            raise Refusal("InvalidTimeStamp.Format", "x-acs-date", 400) from None
        if not self.in_window(calendar.timegm(parsed) * 1000, WINDOW_MS):
            raise Refusal("InvalidTimeStamp.Expired", "Specified time stamp is expired.", 400)
        nonce = request.header("x-acs-signature-nonce")
        if not nonce or nonce in self.nonces:
            raise Refusal("SignatureNonceUsed", "Specified signature nonce was used.", 400)
        self.nonces.add(nonce)

    def act(self, request, line):
        action = line["action"] = request.header("x-acs-action")
        if request.header("x-acs-version") != "2017-05-25":
            raise Refusal("InvalidVersion", status=400)
        params = {name: values[0] for name, values in request.query.items()}
        if request.body:
            if not request.header("content-type").startswith(EMPTY_FORM):
                raise Refusal("InvalidParameter", "content type", 400)
            params.update({name: values[0] for name, values in request.form().items()})
        if action == "SendSms":
            return self.send(params, line)
        if action == "QuerySendDetails":
            return self.query(params)
        raise Refusal("InvalidAction.NotFound", status=404)

    # ---- sending ----

    def send(self, params, line):
        for key in ("PhoneNumbers", "SignName", "TemplateCode"):
            if not params.get(key):
                raise Refusal("Missing" + key, key + " is mandatory for this action.", 400)
        if set(params) - SEND_KEYS or len(params.get("OutId", "")) > 256:
            raise Refusal("isv.INVALID_PARAMETERS")
        phones = [self.phone(number) for number in params["PhoneNumbers"].split(",")]
        line.update(phones=phones, sign=params["SignName"], template=params["TemplateCode"],
                    out_id=params.get("OutId", ""))
        if len(phones) > 1000:
            raise Refusal("isv.MOBILE_COUNT_OVER_LIMIT")
        if params["SignName"] not in self.signs:
            raise Refusal("isv.SMS_SIGNATURE_ILLEGAL")
        text = self.templates.get(params["TemplateCode"])
        if text is None:
            raise Refusal("isv.SMS_TEMPLATE_ILLEGAL")
        values = line["params"] = self.variables(text, params.get("TemplateParam", "{}"))
        text = "【%s】%s" % (params["SignName"], re.sub(
            r"\$\{(\w+)\}", lambda found: values[found.group(1)], text))
        if len(text.encode("utf-16-le")) > 2 * 500:
            raise Refusal("isv.SMS_CONTENT_ILLEGAL", "longer than 500 characters")
        for phone in phones:
            self.count(params["SignName"], params["TemplateCode"], phone)
        line["text"] = text
        line["biz_id"] = "%018d^0" % (900000000000000000 + len(self.details))
        for phone in phones:
            self.details.append({
                "PhoneNum": phone, "SendStatus": WAITING, "ErrCode": "", "Content": text,
                "TemplateCode": params["TemplateCode"], "SendDate": china(self.now()),
                "ReceiveDate": "", "OutId": line["out_id"], "BizId": line["biz_id"],
                "sent": self.now()})
        return {"Code": "OK", "Message": "OK", "BizId": line["biz_id"]}

    @staticmethod
    def phone(number):
        found = re.fullmatch(r"(?:\+86|0086|86)?(1[3-9]\d{9})", number)
        if not found:
            raise Refusal("isv.MOBILE_NUMBER_ILLEGAL", "%s is illegal" % number)
        return found.group(1)

    @staticmethod
    def variables(text, given):
        try:
            values = json.loads(given)
        except ValueError:
            raise Refusal("isv.INVALID_JSON_PARAM") from None
        if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
            raise Refusal("isv.INVALID_JSON_PARAM")
        wanted = re.findall(r"\$\{(\w+)\}", text)
        if set(wanted) - set(values):
            raise Refusal("isv.TEMPLATE_MISSING_PARAMETERS")
        if set(values) - set(wanted):
            raise Refusal("isv.INVALID_PARAMETERS", "variables that the template has not")
        for value in values.values():
            if not 1 <= len(value.encode("utf-16-le")) // 2 <= 35:
                raise Refusal("isv.PARAM_LENGTH_LIMIT")
            if re.search(r"https?://|www\.|(?<!\d)1[3-9]\d{9}(?!\d)", value, re.I):
                raise Refusal("isv.PARAM_NOT_SUPPORT_URL")
        return values

    def count(self, sign, template, phone):
        """50 in the 24 hours from the first one on."""
        now = self.now()
        day = self.days.get((sign, template, phone))
        if day is None or now >= day["from"] + DAY_MS:
            day = self.days[sign, template, phone] = {"from": now, "count": 0}
        if day["count"] >= self.per_day:
            raise Refusal("isv.BUSINESS_LIMIT_CONTROL", "触发天级流控Permits:%d" % self.per_day)
        day["count"] += 1

    # ---- what became of it ----

    def query(self, params):
        if set(params) - QUERY_KEYS or not re.fullmatch(r"\d{8}", params.get("SendDate", "")):
            raise Refusal("isv.INVALID_PARAMETERS")
        size, page = params.get("PageSize", ""), params.get("CurrentPage", "")
        if not size.isdigit() or not 1 <= int(size) <= 50 or not page.isdigit() or int(page) < 1:
            raise Refusal("isv.INVALID_PARAMETERS", "PageSize")
        phone = self.phone(params.get("PhoneNumber", ""))
        found = [
            {name: value for name, value in detail.items() if name not in ("BizId", "sent")}
            for detail in reversed(self.details)
            if detail["PhoneNum"] == phone
            and detail["SendDate"][:10].replace("-", "") == params["SendDate"]
            and params.get("BizId", detail["BizId"]) == detail["BizId"]]
        start = (int(page) - 1) * int(size)
        return {"Code": "OK", "Message": "OK", "TotalCount": len(found),
                "SmsSendDetailDTOs": {"SmsSendDetailDTO": found[start:start + int(size)]}}

    def push(self, order):
        success = order.get("success", True)
        code = order.get("err_code", "DELIVERED" if success else "MOBILE_NOT_ON_SERVICE")
        with self.lock:
            ended = [
                detail for detail in self.details if detail["SendStatus"] == WAITING
                and detail["OutId"] in order.get("out_ids", [detail["OutId"]])]
            for detail in ended:
                detail.update(SendStatus=DELIVERED if success else FAILED, ErrCode=code,
                              ReceiveDate=china(self.now()))
        receipts = [{
            "phone_number": detail["PhoneNum"], "send_time": detail["SendDate"],
            "report_time": detail["ReceiveDate"], "success": success, "err_code": code,
            "err_msg": "用户接收成功" if success else "不在服务区",
            "sms_size": str(-(-len(detail["Content"]) // 67)), "biz_id": detail["BizId"],
            "out_id": detail["OutId"]} for detail in ended]
        answer = self.call_back(order["url"], receipts) if "url" in order else {}
        return dict(answer, receipts=receipts)


def main():
    parser = standin.parser("A strict Alibaba Cloud SMS gateway on loopback")
    parser.add_argument("--key", action="append", default=[], metavar="ID=SECRET")
    parser.add_argument("--sign", action="append", default=[], metavar="NAME")
    parser.add_argument("--template", action="append", default=[], metavar="CODE=TEXT")
    parser.add_argument("--per-day", type=int, default=50)
    arguments = parser.parse_args()
    standin.run(Aliyun(
        dict(key.split("=", 1) for key in arguments.key), arguments.sign,
        dict(template.split("=", 1) for template in arguments.template),
        per_day=arguments.per_day, clock=arguments.clock, log=arguments.log), arguments.port)


if __name__ == "__main__":
    main()
