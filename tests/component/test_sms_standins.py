#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The stand-ins of the SMS vendors are as strict as they say.

nrt-test: plain
"""
import base64
import hashlib
import json
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import aliyun_standin
import standin
import tencent_standin
import yunmas_standin

NOW_S = 1767323045
SIGN = "测试水务"


class Rig(unittest.TestCase):
    """One gateway with a stepped clock, and a sender that signs as it should unless told."""
    gateway = None

    def setUp(self):
        self.gateway.stepped = NOW_S * 1000
        self.server = standin.serve(self.gateway)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.host = "127.0.0.1:%d" % self.server.server_address[1]
        self.count = 0

    def post(self, target, body, headers):
        request = urllib.request.Request("http://" + self.host + target, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.read()

    def step(self, seconds):
        self.gateway.stepped += seconds * 1000


class AliyunTest(Rig):
    def setUp(self):
        self.gateway = aliyun_standin.Aliyun(
            {"testid": "testsecret"}, [SIGN], {"SMS_1": "${a}水位${b}"}, clock="stepped")
        super().setUp()

    def call(self, action, params, secret="testsecret", **changes):
        self.count += 1
        headers = {
            "host": self.host, "x-acs-action": action, "x-acs-version": "2017-05-25",
            "x-acs-date": time.strftime(
                "%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.gateway.stepped / 1000)),
            "x-acs-signature-nonce": "n%d" % self.count,
            "x-acs-content-sha256": hashlib.sha256(b"").hexdigest()}
        headers["content-type"] = "application/x-www-form-urlencoded"
        headers.update({name.replace("_", "-"): value for name, value in changes.items()})
        signed = sorted(headers)
        query = urllib.parse.urlencode(params, quote_via=urllib.parse.quote)
        headers["Authorization"] = (
            "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=%s,Signature=%s" % (
                ";".join(signed), aliyun_standin.signature(
                    secret, "POST", "/", query, headers, signed, b"")))
        return json.loads(self.post("/?" + query, b"", headers))

    def send(self, values=None, **changes):
        params = {"PhoneNumbers": "13800000001", "SignName": SIGN, "TemplateCode": "SMS_1",
                  "TemplateParam": json.dumps(values or {"a": "一号", "b": "1"}), "OutId": "m1"}
        params.update(changes)
        return self.call("SendSms", {k: v for k, v in params.items() if v is not None})["Code"]

    def test_the_signature_is_that_of_the_known_vector(self):
        headers = {
            "host": "dysmsapi.aliyuncs.com", "x-acs-action": "SendSms",
            "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
            "x-acs-date": "2026-01-02T03:04:05Z", "x-acs-version": "2017-05-25",
            "x-acs-signature-nonce": "000000000000000000000000000000a1"}
        query = urllib.parse.urlencode({
            "OutId": "alert-000123", "PhoneNumbers": "13800000001", "SignName": "测试水务",
            "TemplateCode": "SMS_000000001",
            "TemplateParam": '{"station":"一号水库","level":"12.35 m"}'},
            quote_via=urllib.parse.quote)
        self.assertEqual(
            aliyun_standin.signature(
                "testsecret", "POST", "/", query, headers, sorted(headers), b""),
            "50f6b86f39f5cfcd99b0031c038402ac6c7489cac94c8396116dcb5b8da1c757")

    def test_what_concerns_the_call(self):
        self.assertEqual(self.send(), "OK")
        self.assertEqual(self.call("SendSms", {}, secret="x")["Code"], "SignatureDoesNotMatch")
        self.assertEqual(self.call("Other", {})["Code"], "InvalidAction.NotFound")
        self.assertEqual(
            self.call("SendSms", {}, x_acs_version="2018-01-01")["Code"], "InvalidVersion")
        self.assertEqual(
            self.call("SendSms", {}, x_acs_signature_nonce="n1")["Code"], "SignatureNonceUsed")
        self.assertEqual(
            self.call("SendSms", {}, x_acs_date="2026-01-02")["Code"], "InvalidTimeStamp.Format")
        self.assertEqual(
            json.loads(self.post("/", b"", {"Authorization": "x"}))["Code"], "IncompleteSignature")

    def test_a_timestamp_is_good_for_15_minutes(self):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW_S))
        self.step(15 * 60)
        self.assertEqual(self.call("X", {}, x_acs_date=stamp)["Code"], "InvalidAction.NotFound")
        self.step(1)
        self.assertEqual(self.call("X", {}, x_acs_date=stamp)["Code"], "InvalidTimeStamp.Expired")

    def test_what_concerns_the_message(self):
        for changes, code in (
                ({"SignName": "【测试水务】"}, "isv.SMS_SIGNATURE_ILLEGAL"),
                ({"TemplateCode": "SMS_2"}, "isv.SMS_TEMPLATE_ILLEGAL"),
                ({"PhoneNumbers": "12"}, "isv.MOBILE_NUMBER_ILLEGAL"),
                ({"PhoneNumbers": ",".join(["13800000001"] * 1001)},
                 "isv.MOBILE_COUNT_OVER_LIMIT"),
                ({"PhoneNumbers": None}, "MissingPhoneNumbers"),
                ({"TemplateParam": "{"}, "isv.INVALID_JSON_PARAM"),
                ({"values": {"a": "1", "b": 2}}, "isv.INVALID_JSON_PARAM"),
                ({"values": {"a": "1"}}, "isv.TEMPLATE_MISSING_PARAMETERS"),
                ({"values": {"a": "1", "b": "2", "c": "3"}}, "isv.INVALID_PARAMETERS"),
                ({"values": {"a": "", "b": "2"}}, "isv.PARAM_LENGTH_LIMIT"),
                ({"values": {"a": "一" * 36, "b": "2"}}, "isv.PARAM_LENGTH_LIMIT"),
                ({"values": {"a": "https://x.test", "b": "2"}}, "isv.PARAM_NOT_SUPPORT_URL"),
                ({"values": {"a": "电13800000001", "b": "2"}}, "isv.PARAM_NOT_SUPPORT_URL"),
                ({"Other": "1"}, "isv.INVALID_PARAMETERS"),
                ({"values": {"a": "一" * 35, "b": "2"}}, "OK"),
                ({"PhoneNumbers": "+8613800000001,0086 13".replace(" ", "")},
                 "isv.MOBILE_NUMBER_ILLEGAL"),
                ({"PhoneNumbers": "+8613800000001,008613900000002"}, "OK")):
            with self.subTest(code=code, changes=changes):
                self.assertEqual(self.send(**changes), code)

    def test_the_51st_within_24_hours_of_the_first_is_refused(self):
        for _ in range(50):
            self.assertEqual(self.send(), "OK")
            self.step(60)
        self.assertEqual(self.send(), "isv.BUSINESS_LIMIT_CONTROL")
        self.assertEqual(self.send(PhoneNumbers="13900000002"), "OK")
        self.step(24 * 3600 - 50 * 60 - 1)
        self.assertEqual(self.send(), "isv.BUSINESS_LIMIT_CONTROL")
        self.step(1)
        self.assertEqual(self.send(), "OK")

    def test_what_became_of_a_message_can_be_asked_for(self):
        self.send(OutId="m1")
        self.send(OutId="m2")
        pushed = self.gateway.push({"success": False, "out_ids": ["m2"]})
        self.assertEqual(pushed["receipts"][0]["out_id"], "m2")
        answer = self.call("QuerySendDetails", {
            "CurrentPage": "1", "PageSize": "50", "PhoneNumber": "13800000001",
            "SendDate": "20260102"})
        self.assertEqual(
            [(one["OutId"], one["SendStatus"])
             for one in answer["SmsSendDetailDTOs"]["SmsSendDetailDTO"]], [("m2", 2), ("m1", 1)])
        self.assertEqual(self.gateway.push({})["receipts"][0]["success"], True)
        self.assertEqual(self.gateway.push({})["receipts"], [])


class TencentTest(Rig):
    def setUp(self):
        self.gateway = tencent_standin.Tencent(
            {"AKIDtest": "testkey"}, "1400006666", [SIGN], {"1110": "{1}水位{2}"}, clock="stepped")
        super().setUp()

    def call(self, params, key="testkey", stamp=None, action="SendSms", **changes):
        stamp = stamp or self.gateway.stepped // 1000
        body = json.dumps(params).encode()
        headers = {
            "host": self.host, "content-type": "application/json", "x-tc-action": action,
            "x-tc-version": "2021-01-11", "x-tc-timestamp": str(stamp),
            "x-tc-region": "ap-guangzhou"}
        headers.update({name.replace("_", "-"): value for name, value in changes.items()})
        signed = ["content-type", "host", "x-tc-action"]
        headers["Authorization"] = (
            "TC3-HMAC-SHA256 Credential=AKIDtest/%s/sms/tc3_request, SignedHeaders=%s, "
            "Signature=%s" % (
                time.strftime("%Y-%m-%d", time.gmtime(stamp)), ";".join(signed),
                tencent_standin.signature(
                    key, stamp, tencent_standin.canonical_request(headers, signed, body))))
        return json.loads(self.post("/", body, headers))["Response"]

    def send(self, **changes):
        params = {
            "PhoneNumberSet": ["+8613800000001"], "SmsSdkAppId": "1400006666",
            "TemplateId": "1110", "SignName": SIGN, "TemplateParamSet": ["一号", str(self.count)],
            "SessionContext": "m%d" % self.count}
        params.update(changes)
        self.count += 1
        response = self.call(params)
        return response.get("Error", response.get("SendStatusSet", [{}])[0]).get("Code")

    def test_what_concerns_the_call(self):
        self.assertEqual(self.call({}, key="x")["Error"]["Code"], "AuthFailure.SignatureFailure")
        self.assertEqual(self.call({}, x_tc_region="")["Error"]["Code"], "MissingParameter")
        self.assertEqual(self.call({}, action="Other")["Error"]["Code"], "InvalidAction")
        self.assertEqual(
            self.call({}, x_tc_version="2019-07-11")["Error"]["Code"], "NoSuchVersion")
        self.assertEqual(
            self.call({}, content_type="text/plain")["Error"]["Code"], "InvalidRequest")
        self.assertEqual(self.send(Other=1), "UnknownParameter")
        self.assertEqual(self.send(PhoneNumberSet=[]), "MissingParameter.EmptyPhoneNumberSet")
        self.assertEqual(
            self.send(PhoneNumberSet=["x"] * 201), "LimitExceeded.PhoneNumberCountLimit")
        self.assertEqual(self.send(SmsSdkAppId="1"), "InvalidParameterValue.SdkAppIdNotExist")
        self.assertEqual(self.send(SessionContext="x" * 512), "InvalidParameter")

    def test_a_timestamp_is_good_for_5_minutes(self):
        self.assertNotIn("AuthFailure", str(self.call({}, stamp=NOW_S - 300)))
        self.assertEqual(
            self.call({}, stamp=NOW_S - 301)["Error"]["Code"], "AuthFailure.SignatureExpire")
        self.assertEqual(
            self.call({}, stamp=NOW_S + 301)["Error"]["Code"], "AuthFailure.SignatureExpire")

    def test_what_concerns_a_number(self):
        for changes, code in (
                ({}, "Ok"),
                ({"PhoneNumberSet": ["+8612"]}, "InvalidParameterValue.IncorrectPhoneNumber"),
                ({"SignName": "x"}, "FailedOperation.SignatureIncorrectOrUnapproved"),
                ({"TemplateId": "1"}, "FailedOperation.TemplateIncorrectOrUnapproved"),
                ({"TemplateParamSet": ["x"]},
                 "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"),
                ({"TemplateParamSet": ["x", "http://x.test"]},
                 "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"),
                ({"TemplateParamSet": ["x", "一" * 500]},
                 "InvalidParameterValue.ContentLengthLimit")):
            with self.subTest(code=code):
                self.assertEqual(self.send(**changes), code)

    def test_the_same_words_have_30_seconds_between_them_and_a_day_its_number(self):
        same = ["一号", "same"]
        self.assertEqual(self.send(TemplateParamSet=same), "Ok")
        self.step(29)
        self.assertEqual(
            self.send(TemplateParamSet=same), "LimitExceeded.PhoneNumberThirtySecondLimit")
        self.step(1)
        self.assertEqual(self.send(TemplateParamSet=same), "Ok")
        for _ in range(8):
            self.assertEqual(self.send(), "Ok")
        self.assertEqual(self.send(), "LimitExceeded.PhoneNumberDailyLimit")
        self.step(24 * 3600)
        self.assertEqual(self.send(), "Ok")

    def test_the_same_words_may_not_come_too_often_a_day(self):
        self.gateway.same_per_day = 2
        same = ["一号", "same"]
        for code in ("Ok", "Ok", "LimitExceeded.PhoneNumberSameContentDailyLimit"):
            self.assertEqual(self.send(TemplateParamSet=same), code)
            self.step(30)
        self.assertEqual(self.send(), "Ok")

    def test_only_what_has_been_reported_is_pulled(self):
        self.send()
        pull = {"BeginTime": NOW_S - 60, "EndTime": NOW_S + 60, "Offset": 0, "Limit": 100,
                "PhoneNumber": "+8613800000001", "SmsSdkAppId": "1400006666"}
        action = "PullSmsSendStatusByPhoneNumber"
        self.assertEqual(self.call(pull, action=action)["PullSmsSendStatusSet"], [])
        sid = self.gateway.push({})["receipts"][0]["sid"]
        pulled = self.call(pull, action=action)["PullSmsSendStatusSet"]
        self.assertEqual(
            [(one["SerialNo"], one["ReportStatus"], one["SessionContext"]) for one in pulled],
            [(sid, "SUCCESS", "m0")])


class YunmasTest(Rig):
    GOOD = {"ecName": "局", "apId": "ap", "mobiles": "13800000001", "content": "水位超限",
            "sign": "ABC", "addSerial": ""}
    TEMPLATE = {"ecName": "局", "apId": "ap", "templateId": "t1", "mobiles": "13800000001",
                "params": '["一号","2"]', "sign": "ABC", "addSerial": ""}

    def setUp(self):
        self.gateway = yunmas_standin.Yunmas(
            {("局", "ap"): "secret"}, {"ABC": SIGN}, {"t1": "{}水位{}", "t0": "无"},
            clock="stepped")
        super().setUp()

    def send(self, fields, secret="secret", path="/sms/norsubmit", body=None):
        sent = dict(fields, mac=yunmas_standin.mac(secret, fields))
        raw = base64.b64encode(json.dumps(sent).encode()) if body is None else body
        return json.loads(self.post(path, raw, {"Content-Type": "text/plain"}))

    def code(self, secret="secret", **changes):
        return self.send(dict(self.GOOD, **changes), secret)["rspcod"]

    def template(self, **changes):
        return self.send(dict(self.TEMPLATE, **changes), path="/sms/tmpsubmit")["rspcod"]

    def test_the_mac_is_that_of_the_known_vectors(self):
        fields = {"ecName": "测试水务局", "apId": "testap", "mobiles": "13800000001,13800000002",
                  "content": "【测试】一号水库水位超限", "sign": "ABCDEFGH1", "addSerial": ""}
        self.assertEqual(
            yunmas_standin.mac("testsecret", fields), "71491a403df5996c225a853bd5e1aa18")
        fields.update(templateId="0123456789abcdef0123456789abcdef", params='["一号水库","12.35"]')
        self.assertEqual(
            yunmas_standin.mac("testsecret", fields), "51371195bebcccc0bfe911737055c496")

    def test_what_is_refused(self):
        for changes, code in (
                ({}, "success"), ({"secret": "x"}, "IllegalMac"),
                ({"apId": "x"}, "InvalidUsrOrPwd"),
                ({"sign": ""}, "NoSignId"), ({"sign": "x"}, "IllegalSignId"),
                ({"mobiles": "12"}, "InvalidMobile"), ({"content": " "}, "InvalidMessage"),
                ({"content": "x" * 500}, "InvalidMessage"),
                ({"mobiles": ",".join(["13800000001"] * 5001)}, "TooManyMobiles"),
                ({"other": "1"}, "InvalidMessage")):
            with self.subTest(code=code, changes=sorted(changes)):
                self.assertEqual(self.code(**changes), code)
        self.assertEqual(self.send(self.GOOD, body=b"{}")["rspcod"], "InvalidMessage")
        self.assertEqual(
            self.send(self.GOOD, body=base64.b64encode(b"[]"))["rspcod"], "InvalidMessage")

    def test_templates_get_as_many_variables_as_they_have(self):
        self.assertEqual(self.template(), "success")
        self.assertEqual(self.gateway.lines[0]["text"], "【测试水务】一号水位2")
        self.assertEqual(self.template(params='["1"]'), "InvalidMessage")
        self.assertEqual(self.template(params='[1,2]'), "InvalidMessage")
        self.assertEqual(self.template(templateId="x"), "InvalidMessage")
        self.assertEqual(self.template(templateId="t0", params='[""]'), "success")

    def test_the_group_is_spelt_in_two_ways(self):
        self.assertEqual(
            [sorted(self.send(self.GOOD))[0] for _ in range(2)], ["msgGroup", "mgsGroup"])

    def test_reports_come_in_three_shapes(self):
        self.send(dict(self.GOOD, mobiles="13800000001,13800000002"))
        array = self.gateway.push({})["receipts"]
        self.assertEqual([one["mobile"] for one in array], ["13800000001", "13800000002"])
        self.assertEqual(self.gateway.push({"shape": "object"})["receipts"], array[0])
        many = self.gateway.push({"shape": "mobiles", "status": "GW:9999"})["receipts"]
        self.assertEqual(many[0]["mobiles"], ["13800000001", "13800000002"])
        self.assertEqual(many[0]["reportStatus"], "GW:9999")
        reply = self.gateway.push({"reply": {"mobile": "13800000001", "text": "1"}})
        self.assertEqual(reply["receipts"]["smsContent"], "1")


del Rig  # it has no tests of its own


if __name__ == "__main__":
    unittest.main()
