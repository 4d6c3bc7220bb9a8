#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The base of all stand-ins: its clock, its log, and every way in which an answer goes wrong.

nrt-test: plain
"""
import http.client
import json
import unittest
import urllib.error
import urllib.request

import standin


class Echo(standin.Standin):
    """A gateway that accepts everything."""

    def handle(self, request):
        self.note(path=request.path, body=request.body.decode())
        return standin.Answer({"ok": True, "id": request.value("id")})

    def refusal(self, request, what):
        return standin.Answer({"ok": False, "code": what})

    def push(self, order):
        return self.call_back(order["url"], order["value"])


class StandinTest(unittest.TestCase):
    def setUp(self):
        self.echo = Echo("stepped")
        self.server = standin.serve(self.echo)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.base = "http://127.0.0.1:%d" % self.server.server_address[1]

    def call(self, path, value=None, timeout=10):
        body = None if value is None else json.dumps(value).encode()
        with urllib.request.urlopen(self.base + path, body, timeout=timeout) as answer:
            return answer.read()

    def send(self, **more):
        return json.loads(self.call("/send?id=7", {"text": "x"}, **more))

    def go_wrong(self, *answers):
        self.call("/standin/next", {"answers": answers})

    def test_a_request_is_handled_and_noted_at_the_time_that_was_set(self):
        self.call("/standin/clock", {"now": 1234})
        self.assertEqual(self.send(), {"ok": True, "id": "7"})
        noted = [{"path": "/send", "body": '{"text": "x"}', "at": 1234}]
        self.assertEqual(json.loads(self.call("/standin/log")), noted)
        self.assertEqual(json.loads(self.call("/standin/log?from=1")), [])

    def test_a_status_is_answered_and_nothing_handled(self):
        self.go_wrong({"status": 503, "body": "busy", "headers": {"Retry-After": "5"}})
        with self.assertRaises(urllib.error.HTTPError) as raised:
            self.send()
        with raised.exception as error:
            self.assertEqual((error.code, error.headers["Retry-After"]), (503, "5"))
            self.assertEqual(error.read(), b"busy")
        self.assertEqual(self.echo.lines, [])
        self.assertTrue(self.send()["ok"])

    def test_a_refusal_has_the_shape_of_the_gateway(self):
        self.go_wrong({"refuse": 42})
        self.assertEqual(self.send(), {"ok": False, "code": 42})
        self.assertEqual(self.echo.lines, [])

    def test_silence_handles_nothing_and_a_lost_answer_does(self):
        for order, noted in (({"silent": True}, 0), ({"lost": True}, 1)):
            self.go_wrong(order)
            with self.assertRaises(OSError):
                self.send()
            self.assertEqual(len(self.echo.lines), noted)

    def test_a_cut_answer_is_handled_and_ends_early(self):
        self.go_wrong({"cut": 5})
        with self.assertRaises(http.client.IncompleteRead) as raised:
            self.send()
        self.assertEqual(len(raised.exception.partial), 5)
        self.assertEqual(len(self.echo.lines), 1)

    def test_one_that_hangs_answers_nobody_but_others_go_on(self):
        self.go_wrong({"hang": True})
        with self.assertRaises(TimeoutError):
            self.send(timeout=0.2)
        self.assertEqual(self.echo.lines, [])
        self.assertTrue(self.send()["ok"])

    def test_a_slow_answer_comes_in_the_end(self):
        self.go_wrong({"slow": 300})
        with self.assertRaises(TimeoutError):
            self.send(timeout=0.1)
        self.go_wrong({"slow": 100})
        self.assertTrue(self.send()["ok"])

    def test_a_big_answer_is_as_long_as_ordered(self):
        self.go_wrong({"big": 300000})
        self.assertEqual(len(self.call("/send", {})), 300000)

    def test_orders_wait_for_their_path_and_hold_as_often_as_they_say(self):
        self.go_wrong({"path": "/token", "body": "t"}, {"body": "s", "times": 2}, {})
        self.assertEqual(self.call("/send", {}), b"s")
        self.assertEqual(self.call("/send", {}), b"s")
        self.assertEqual(self.call("/token", {}), b"t")
        self.assertTrue(self.send()["ok"])
        self.assertEqual(self.echo.next, [])

    def test_a_push_reaches_the_address_given(self):
        order = {"url": self.base + "/receipts", "value": [{"id": 1}]}
        pushed = json.loads(self.call("/standin/push", order))
        self.assertEqual(pushed["status"], 200)
        self.assertEqual(self.echo.lines[0]["body"], '[{"id": 1}]')
        order["url"] = "http://127.0.0.1:1/"
        self.assertEqual(json.loads(self.call("/standin/push", order))["status"], 0)

    def test_the_signed_clock_is_the_newest_time_seen(self):
        signed = Echo("signed")
        self.assertTrue(signed.in_window(5000, 10))
        self.assertTrue(signed.in_window(100, 10))
        self.assertEqual(signed.now(), 5000)
        self.echo.stepped = 5000
        self.assertTrue(self.echo.in_window(5010, 10))
        self.assertFalse(self.echo.in_window(4989, 10))


if __name__ == "__main__":
    unittest.main()
