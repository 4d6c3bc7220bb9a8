#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The stand-ins of work messaging are as strict as they say.

nrt-test: plain
"""
import json
import unittest
import urllib.error
import urllib.parse
import urllib.request

import dingtalk_work_standin
import standin
import wecom_standin
import work_standin
import zwdd_standin

NOW = 1767323045678  # 2026-01-02 11:04:05.678 in China
STAMP = "2026-01-02T11:04:05.678+08:00"
JSON = "application/json; charset=utf-8"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"


class Rig(unittest.TestCase):
    def up(self, made):
        self.standin = made
        self.standin.stepped = NOW
        self.server = standin.serve(made)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def call(self, path, body=None, headers=None):
        url = "http://127.0.0.1:%d%s" % (self.server.server_address[1], path)
        raw = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        request = urllib.request.Request(url, raw, headers or {"Content-Type": JSON})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return json.loads(error.read())

    def step(self, milliseconds):
        self.standin.stepped += milliseconds

    def phones(self):
        return [(line["phone"], line["shown"], line["why"])
                for line in work_standin.phone_lines(self.standin.lines)]


class DingTalkWorkTest(Rig):
    def setUp(self):
        users = {"u1": "13800000001", "u2": "13800000002"}
        self.up(dingtalk_work_standin.DingTalkWork(users=users, clock="stepped", per_day=3))
        self.token = self.get_token()["access_token"]

    def get_token(self, key="key", secret="secret"):
        return self.call("/gettoken?appkey=%s&appsecret=%s" % (key, secret))

    def send(self, text="x", users="u1", headers=None, msg=None, **more):
        msg = msg or {"msgtype": "markdown", "markdown": {"title": "t", "text": text}}
        body = dict({"agent_id": 1, "userid_list": users, "to_all_user": False, "msg": msg}, **more)
        return self.call(
            dingtalk_work_standin.SEND + "?access_token=" + self.token, body, headers)

    def result(self, task):
        return self.call(
            dingtalk_work_standin.RESULT + "?access_token=" + self.token,
            {"agent_id": 1, "task_id": task})["send_result"]

    def test_a_message_is_shown_then_read(self):
        task = self.send(users="u1,u2")["task_id"]
        self.assertEqual(self.phones(), [("u1", True, ""), ("u2", True, "")])
        self.assertEqual(self.result(task)["unread_user_id_list"], ["u1", "u2"])
        self.call("/standin/push", {"read": "u2"})
        self.assertEqual(self.result(task)["read_user_id_list"], ["u2"])

    def test_the_same_words_on_one_day_are_dropped_and_only_the_result_says_so(self):
        self.send()
        again = self.send()
        self.assertEqual(again["errcode"], 0)
        self.assertEqual(self.phones()[1], ("u1", False, "143106"))
        self.assertEqual(
            self.result(again["task_id"])["forbidden_list"],
            [{"code": "143106", "count": 1, "userid": "u1"}])
        for hours, end in ((12, ("u1", False, "143106")), (1, ("u1", True, ""))):
            self.step(hours * work_standin.HOUR)  # 23:04 and 00:04 of the next day
            self.token = self.get_token()["access_token"]
            self.send()
            self.assertEqual(self.phones()[-1], end)

    def test_the_fourth_of_three_a_day_is_dropped(self):
        for number in range(4):
            self.assertEqual(self.send(str(number))["errcode"], 0)
        self.assertEqual(self.phones()[3], ("u1", False, "143105"))

    def test_a_token_ends_and_can_be_revoked(self):
        self.assertEqual(self.get_token()["access_token"], self.token)
        self.step(2 * work_standin.HOUR)
        self.assertEqual(self.send()["errcode"], 42001)
        self.token = self.get_token()["access_token"]
        self.assertEqual(self.send()["errcode"], 0)
        self.call("/standin/push", {"revoke": True})
        self.assertEqual(self.send()["errcode"], 40014)
        self.assertEqual(self.get_token(secret="other")["errcode"], 40096)

    def whose(self, body):
        return self.call(
            dingtalk_work_standin.WHOSE + "?access_token=" + self.token, body)

    def test_a_code_counts_once_and_for_five_minutes(self):
        for code in ("a", "b", "c"):
            self.call("/standin/push", {"code": code, "user": "u1"})
        self.assertEqual(self.whose({"code": "a"})["result"]["userid"], "u1")
        self.assertEqual(self.whose({"code": "a"})["errcode"], 40078)
        self.assertEqual(self.whose({"code": "x"})["errcode"], 40078)
        self.assertEqual(self.whose({"code": 1})["errcode"], 40035)
        self.assertEqual(self.whose({"code": "b", "more": 1})["errcode"], 40035)
        self.step(5 * work_standin.MINUTE - 1)
        self.assertEqual(self.whose({"code": "b"})["errcode"], 0)
        self.step(1)
        self.assertEqual(self.whose({"code": "c"})["errcode"], 40078)
        self.token = "another"
        self.assertEqual(self.whose({"code": "c"})["errcode"], 40014)

    def test_what_is_malformed_is_refused(self):
        self.assertEqual(self.send(headers={"Content-Type": "text/plain"})["errcode"], 43004)
        self.assertEqual(self.send(agent_id="1")["errcode"], 40056)
        self.assertEqual(self.send(users="")["errcode"], 1430000)
        self.assertEqual(self.send(users=",".join("u%d" % n for n in range(101)))["errcode"],
                         400002)
        self.assertEqual(self.send(more=1)["errcode"], 40035)
        self.assertEqual(self.send(msg={"msgtype": "voice"})["errcode"], 40035)
        frame = '{"msgtype":"markdown","markdown":{"title":"t","text":""}}'
        self.assertEqual(self.send("x" * (2048 - len(frame)))["errcode"], 0)
        self.assertEqual(self.send("x" * (2049 - len(frame)))["errcode"], 40035)
        card = {"title": "t", "markdown": "m", "single_title": "s", "single_url": "javascript:1"}
        self.assertEqual(
            self.send(msg={"msgtype": "action_card", "action_card": card})["errcode"], 40035)

    def test_a_stranger_is_invalid_in_the_result(self):
        task = self.send(users="u9")["task_id"]
        self.assertEqual(self.result(task)["invalid_user_id_list"], ["u9"])

    def test_numbers_are_looked_up(self):
        path = dingtalk_work_standin.LOOKUP + "?access_token=" + self.token
        self.assertEqual(self.call(path, {"mobile": "13800000002"})["result"], {"userid": "u2"})
        self.assertEqual(self.call(path, {"mobile": "13900000000"})["errcode"], 60121)
        self.assertEqual(self.call(path, {"mobile": "+8613800000002"})["errcode"], 40035)

    def test_an_ordered_refusal_is_given_once(self):
        self.call("/standin/next", {"answers": [{"refuse": {"errcode": 88, "sub_code": "60011"}}]})
        self.assertEqual(self.send()["sub_code"], "60011")
        self.assertEqual(self.send()["errcode"], 0)


class ZwddTest(Rig):
    def setUp(self):
        users = {"100001": "13800000001", "100002": "13800000002"}
        self.up(zwdd_standin.Zwdd(users=users, clock="stepped", per_day=3))
        self.number = 0

    def post(self, path, form, stamp=STAMP, secret="secret", md5=False, **headers):
        self.number += 1
        nonce = "%017d" % self.number
        signature = zwdd_standin.sign(
            secret, "POST", stamp, nonce, path, list(form.items()), md5)
        made = {"Content-Type": FORM, "apiKey": "key", "X-Hmac-Auth-Timestamp": stamp,
                "X-Hmac-Auth-Nonce": nonce, "X-Hmac-Auth-Version": "1.0",
                "X-Hmac-Auth-IP": "127.0.0.1", "X-Hmac-Auth-MAC": "00:00:00:00:00:00",
                "X-Hmac-Auth-Signature": signature}
        if md5:
            made["X-Hmac-Auth-Algorithm"] = "md5"
        made.update(headers)
        return self.call(path, urllib.parse.urlencode(form).encode(), made)

    def send(self, biz="b1", text="一号水库", receivers="100001", tenant="50000", **more):
        msg = json.dumps({"msgtype": "text", "text": {"content": text}}, ensure_ascii=False)
        return self.post(
            zwdd_standin.SEND,
            {"tenantId": tenant, "bizMsgId": biz, "msg": msg, "receiverIds": receivers}, **more)

    def later(self):
        self.step(10 * work_standin.MINUTE)
        text = "2026-01-02T11:%02d:05.678+08:00" % (4 + (self.standin.stepped - NOW) // 60000)
        return {"stamp": text}

    def test_the_signatures_are_those_of_the_known_vectors(self):
        pairs = [("tenantId", "50000"), ("receiverIds", "100001,100002"), ("empty", ""),
                 ("msg", '{"msgtype":"text","text":{"content":"一号水库水位超限"}}'),
                 ("bizMsgId", "alert-000123")]
        given = ("testsecret", "POST", STAMP, "17673230456781234", zwdd_standin.SEND, pairs)
        self.assertEqual(
            zwdd_standin.sign(*given), "Dp65OskC9K7w8forndCZmq5lraF5JWgM1E+Wssx/R10=")
        self.assertEqual(
            zwdd_standin.sign(*given, md5=True), "80b2d05d662c3a7e8b5cc8052c714c93")
        self.assertEqual(
            zwdd_standin.sign("testsecret", "GET", STAMP, "17673230456781234", "/gettoken.json",
                              [("appsecret", "testsecret"), ("appkey", "testkey")]),
            "kH0fukAdKmmPvcE6L/0/8J7F8QaLPeVZyRJpHNLuSyo=")

    def test_a_good_call_reaches_all(self):
        answer = self.send(receivers="100001,100002")
        self.assertEqual(answer["content"]["msgId"], "m1")
        self.assertEqual(self.phones(), [("100001", True, ""), ("100002", True, "")])
        self.assertTrue(self.send(biz="b2", text="y", md5=True, **self.later())["success"])

    def test_a_wrong_signature_clock_key_or_form_is_refused(self):
        self.assertEqual(self.send(secret="other")["Code"], "SignatureNotMatch")
        self.assertEqual(
            self.send(stamp="2026-01-02T11:15:05.678+08:00")["Code"], "InvalidTimestamp")
        self.assertEqual(self.send(stamp="2026-01-02T11:04:05+08:00")["Code"], "InvalidTimestamp")
        self.assertEqual(self.send(apiKey="other")["Code"], "ApiKeyInvalid")
        self.assertEqual(self.send(**{"Content-Type": JSON})["Code"], "ContentType")
        self.assertEqual(self.phones(), [])

    def test_a_nonce_counts_once(self):
        self.send()
        self.number -= 1
        self.assertEqual(self.send()["Code"], "InvalidNonce")

    def test_calls_are_ten_minutes_apart(self):
        self.assertTrue(self.send()["success"])
        self.step(10 * work_standin.MINUTE - 1)
        self.assertIn("频繁", self.send(biz="b2")["errorMsg"])
        self.step(1)
        self.assertTrue(self.send(biz="b2", text="y")["success"])

    def test_a_repeated_id_says_so_and_rings_once(self):
        self.send()
        self.assertIn("重复", self.send()["errorMsg"])
        self.assertEqual(self.phones(), [("100001", True, "")])

    def test_the_same_words_and_too_many_are_dropped_without_a_word(self):
        self.assertTrue(self.send("b0")["success"])
        self.assertTrue(self.send("b1", **self.later())["success"])
        self.assertEqual(self.phones()[-1], ("100001", False, "same words"))
        for number in range(3):
            self.assertTrue(
                self.send("c%d" % number, str(number), **self.later())["success"])
        self.assertEqual(self.phones()[-1], ("100001", False, "3 a day"))

    def test_sizes_and_tenant_are_checked(self):
        self.assertIn("tenantId", self.send(tenant="1")["errorMsg"])
        self.assertIn("长度", self.send(text="x" * 2010)["errorMsg"])
        many = ",".join(str(number) for number in range(1001))
        self.assertIn("1000", self.send(receivers=many)["errorMsg"])

    def test_numbers_are_looked_up_in_two_steps(self):
        form = {"tenantId": "50000", "mobiles": "13800000002", "areaCode": "86",
                "namespace": "local"}
        person = self.post(zwdd_standin.MOBILES, form)["content"]["data"][0]
        self.assertEqual(person["employeeCode"], "GE_100002")
        form = {"tenantId": "50000", "employeeCodes": person["employeeCode"]}
        self.assertEqual(
            self.post(zwdd_standin.ACCOUNTS, form)["content"]["data"][0]["accountId"], 100002)

    def test_content_may_come_as_a_string(self):
        self.standin.content = "string"
        self.assertEqual(json.loads(self.send()["content"])["content"]["msgId"], "m1")


class WeComTest(Rig):
    def setUp(self):
        self.up(wecom_standin.WeCom(
            users={"li": "13800000001", "wu": "13800000002", "he": "13800000003"}, unseen=["wu"],
            unlicensed=["he"], robots=["k3y"], clock="stepped"))
        self.token = self.get_token()["access_token"]

    def get_token(self, secret="secret"):
        return self.call("/cgi-bin/gettoken?corpid=corp&corpsecret=" + secret)

    def send(self, text="x", user="li", **more):
        body = dict({"touser": user, "msgtype": "text", "agentid": 1, "text": {"content": text},
                     "enable_duplicate_check": 1, "duplicate_check_interval": 1800}, **more)
        return self.call("/cgi-bin/message/send?access_token=" + self.token, body)

    def robot(self, key="k3y", **body):
        return self.call("/cgi-bin/webhook/send?key=" + key, body)["errcode"]

    def test_the_same_request_is_shown_once_within_its_interval(self):
        first = self.send()
        self.assertEqual(self.send(), first)
        self.step(1800 * 1000)
        self.send()
        self.assertEqual(
            self.phones(), [("li", True, ""), ("li", False, "duplicate"), ("li", True, "")])

    def test_the_31st_of_a_minute_is_dropped_and_so_is_the_rest_of_the_minute(self):
        for number in range(31):
            self.assertEqual(self.send(str(number))["errcode"], 0)
        self.step(work_standin.MINUTE - 1)
        self.send("later")
        self.step(1)
        self.send("much later")
        shown = [shown for _, shown, _ in self.phones()]
        self.assertEqual(shown, [True] * 30 + [False, False, True])

    def test_people_who_cannot_be_reached_are_named(self):
        self.assertEqual(self.send(user="wu")["errcode"], 81013)
        answer = self.send(user="he")
        self.assertEqual((answer["errcode"], answer["unlicenseduser"]), (0, "he"))
        self.assertEqual(self.send(user="li|wu")["invaliduser"], "wu")

    def test_a_token_ends_and_can_be_revoked(self):
        self.step(2 * work_standin.HOUR)
        self.assertEqual(self.send()["errcode"], 42001)
        self.token = self.get_token()["access_token"]
        self.call("/standin/push", {"revoke": True})
        self.assertEqual(self.send()["errcode"], 40014)
        self.assertEqual(self.get_token("other")["errcode"], 40001)

    def test_sizes_are_counted_in_bytes(self):
        self.assertEqual(self.send("督" * 682)["errcode"], 0)
        self.assertEqual(self.send("督" * 683)["errcode"], 40058)
        card = {"title": "t", "description": "x" * 513, "url": "https://city.test/"}
        self.assertEqual(self.send(msgtype="textcard", textcard=card)["errcode"], 40058)
        self.assertEqual(self.send(" ")["errcode"], 44004)
        self.assertEqual(self.send(duplicate_check_interval=14401)["errcode"], 40058)

    def test_numbers_are_looked_up(self):
        path = "/cgi-bin/user/getuserid?access_token=" + self.token
        self.assertEqual(self.call(path, {"mobile": "13800000001"})["userid"], "li")
        self.assertEqual(self.call(path, {"mobile": "13900000000"})["errcode"], 46004)

    def test_the_21st_of_a_robots_minute_is_refused(self):
        for _ in range(20):
            self.assertEqual(self.robot(msgtype="text", text={"content": "x"}), 0)
        self.assertEqual(self.robot(msgtype="text", text={"content": "x"}), 45009)
        self.step(work_standin.MINUTE)
        self.assertEqual(self.robot(msgtype="markdown", markdown={"content": "x" * 4096}), 0)
        self.assertEqual(self.robot(msgtype="markdown", markdown={"content": "x" * 4097}), 40058)

    def test_a_robot_takes_what_is_right_only(self):
        self.assertEqual(self.robot("other", msgtype="text", text={"content": "x"}), 93000)
        self.assertEqual(self.robot(msgtype="image"), 40008)
        self.assertEqual(self.robot(msgtype="text", text={"content": "x" * 2049}), 40058)
        named = {"content": "x", "mentioned_mobile_list": ["+8613800000001"]}
        self.assertEqual(self.robot(msgtype="text", text=named), 40058)
        named = {"content": "x", "mentioned_mobile_list": ["13800000001"]}
        self.assertEqual(self.robot(msgtype="markdown", markdown=named), 40058)


if __name__ == "__main__":
    unittest.main()
