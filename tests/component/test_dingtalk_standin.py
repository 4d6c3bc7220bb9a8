#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The DingTalk stand-in is as strict as it says."""
import json
import unittest
import urllib.parse
import urllib.request

import dingtalk_standin

NOW = 1577262236757
SECRET = "SEC000000000000000000000"
GOOD = {
    "msgtype": "markdown",
    "markdown": {"title": "t", "text": "x @13800000001"},
    "at": {"atMobiles": ["13800000001"], "isAtAll": False},
}


class StandinTest(unittest.TestCase):
    def setUp(self):
        self.standin = dingtalk_standin.Standin({"tok": SECRET, "open": ""}, clock="stepped")
        self.standin.stepped = NOW
        self.server = dingtalk_standin.serve(self.standin)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def post(self, path, body, content_type="application/json; charset=utf-8"):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = "http://127.0.0.1:%d%s" % (self.server.server_address[1], path)
        request = urllib.request.Request(url, raw, {"Content-Type": content_type})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def send(self, body=GOOD, stamp=NOW, sign=None, token="tok", **more):
        signature = dingtalk_standin.sign(SECRET, stamp) if sign is None else sign
        query = urllib.parse.urlencode(
            {"access_token": token, "timestamp": stamp, "sign": signature})
        return self.post("/robot/send?" + query, body, **more)["errcode"]

    def step(self, milliseconds):
        self.standin.stepped += milliseconds

    def test_the_signature_is_that_of_the_known_vector(self):
        self.assertEqual(
            dingtalk_standin.sign(SECRET, NOW), "xOJIB8eNoYWeLy26EMZOlc2RjOJbtPv9HYjm+E3uALU=")

    def test_a_good_message_is_accepted_and_logged(self):
        self.assertEqual(self.send(), 0)
        self.assertEqual(self.standin.accepted()[0]["mobiles"], ["13800000001"])

    def test_a_wrong_signature_or_token_is_refused(self):
        self.assertEqual(self.send(sign="AAAA"), 310000)
        self.assertEqual(self.send(sign=""), 310000)
        self.assertEqual(self.send(token="other"), 300001)
        self.assertEqual(self.standin.accepted(), [])

    def test_a_timestamp_is_good_for_an_hour(self):
        self.assertEqual(self.send(stamp=NOW - 3600 * 1000), 0)
        self.assertEqual(self.send(stamp=NOW - 3600 * 1000 - 1), 310000)
        self.assertEqual(self.send(stamp=NOW + 3600 * 1000 + 1), 310000)
        self.assertEqual(self.send(stamp=NOW // 1000), 310000)

    def test_a_wrong_content_type_is_refused(self):
        self.assertEqual(self.send(content_type="application/x-www-form-urlencoded"), 43004)
        self.assertEqual(self.send(content_type="application/json"), 0)

    def test_malformed_bodies_are_refused(self):
        self.assertEqual(self.send(b"{"), 40035)
        self.assertEqual(self.send(dict(GOOD, more=1)), 40035)
        self.assertEqual(self.send({"msgtype": "markdown"}), 400101)
        self.assertEqual(self.send(dict(GOOD, markdown={"title": "", "text": "x"})), 400101)
        self.assertEqual(self.send(dict(GOOD, markdown={"title": "t", "text": " "})), 400101)
        self.assertEqual(self.send(dict(GOOD, at={"atMobiles": ["13900000002"]})), 40035)
        self.assertEqual(self.send(dict(GOOD, at={"atMobiles": ["+8613800000001"]})), 40035)
        long = dict(GOOD, at={}, markdown={"title": "t", "text": "x" * 20000})
        self.assertEqual(self.send(long), 460101)

    def test_the_21st_of_a_minute_closes_the_robot_for_ten(self):
        for _ in range(20):
            self.assertEqual(self.send(), 0)
            self.step(1000)
        self.assertEqual(self.send(stamp=self.standin.stepped), 130101)
        self.step(10 * 60 * 1000 - 1)
        self.assertEqual(self.send(stamp=self.standin.stepped), 130101)
        self.step(1)
        self.assertEqual(self.send(stamp=self.standin.stepped), 0)

    def test_twenty_in_any_minute_are_fine(self):
        for _ in range(60):
            self.assertEqual(self.send(stamp=self.standin.stepped), 0)
            self.step(3000)

    def test_robots_are_counted_apart(self):
        for _ in range(20):
            self.assertEqual(self.send(), 0)
        self.assertEqual(self.send(token="open"), 0)

    def test_the_clock_is_set_over_http(self):
        self.post("/standin/clock", {"now": 5})
        self.assertEqual(self.send(), 310000)

    def test_what_is_to_go_wrong_goes_wrong_once(self):
        self.post("/standin/next", {"answers": [{"status": 500}, {"silent": True}, {"lost": True}]})
        with self.assertRaises(urllib.error.HTTPError) as raised:
            self.send()
        raised.exception.close()
        with self.assertRaises(OSError):
            self.send()
        self.assertEqual(len(self.standin.accepted()), 0)
        with self.assertRaises(OSError):
            self.send()
        self.assertEqual(len(self.standin.accepted()), 1)
        self.assertEqual(self.send(), 0)


if __name__ == "__main__":
    unittest.main()
