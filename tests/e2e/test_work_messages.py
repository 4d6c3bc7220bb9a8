#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: timeout=600
"""Work messaging by the whole service: people are found by their number, each phone shows each
message once although answers are lost and tokens revoked, and 政务钉钉 is called for all of them
together, ten minutes apart. The gateways are the strict stand-ins; what counts is their log."""
import contextlib
import datetime
import os
import re
import sys
import threading

import service

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import dingtalk_work_standin  # noqa: E402
import standin  # noqa: E402
import wecom_standin  # noqa: E402
import work_standin  # noqa: E402
import zwdd_standin  # noqa: E402

UNITS = 8
FRIDAY = "2026-03-06T10:00:00+08:00"
SUNDAY = "2026-03-08T20:00:00+08:00"
MONDAY = "2026-03-09T"
ALL = ["ding", "zwdd", "wecom"]
WECOM_SEND = "/cgi-bin/message/send"


def ms(text):
    return int(datetime.datetime.fromisoformat(text).timestamp() * 1000)


def rules(via, urgent):
    return {"id": "monday", "version": "1", "clocks": [
        {"id": "reply", "limit": {"from": "due"}, "stages": [
            {"id": "overdue", "at": "due+0", "light": "red", "notify": ["unit_head"],
             "send": "office", "via": via, "template": "overdue", "urgent": urgent}]}]}


def directory(last_mobile):
    """Heads whom nothing but a mobile number names."""
    return {
        "units": [{"id": f"u{n}", "name": f"第{n}单位", "head": f"h{n}", "handlers": [f"h{n}"]}
                  for n in range(1, UNITS + 1)],
        "people": [{"id": f"h{n}", "name": f"第{n}负责人", "unit": f"u{n}",
                    "mobile": f"138{n:08d}" if n < UNITS else last_mobile}
                   for n in range(1, UNITS + 1)],
    }


def case(number, unit, due):
    return service.event(f"M-{number:04d}", 1, "received", FRIDAY, {
        "title": f"关于第{number}号路段积水的投诉件", "unit": f"u{unit}", "handler": f"h{unit}",
        "due": due})


class City:
    """The service before three stand-ins, on one stepped clock."""

    def __init__(self, stack, via=None, people=range(1, UNITS + 1), urgent=False,
                 last_mobile=f"138{UNITS:08d}"):
        numbers = {n: f"138{n:08d}" for n in people}
        self.ding = dingtalk_work_standin.DingTalkWork(
            users={f"ding{n}": mobile for n, mobile in numbers.items()}, clock="stepped")
        self.zwdd = zwdd_standin.Zwdd(  # its requests name their time
            users={f"{100000 + n}": mobile for n, mobile in numbers.items()}, clock="signed")
        self.wecom = wecom_standin.WeCom(
            users={f"wecom{n}": mobile for n, mobile in numbers.items()}, robots=["secret"],
            clock="stepped")
        self.ports = []
        for gateway in (self.ding, self.zwdd, self.wecom):
            server = standin.serve(gateway)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            self.ports.append(server.server_address[1])
        self.running = service.Service("--clock", "stepped", "--clock-from", FRIDAY)
        self.running.config = self.configure(
            rules(via or {"all": ALL}, urgent), directory(last_mobile))
        stack.enter_context(self.running)

    def configure(self, policy, people):
        secret = os.path.join(self.running.folder, "secret")
        with open(secret, "w", encoding="utf-8") as file:
            file.write("secret")
        url = [f"http://127.0.0.1:{port}" for port in self.ports]
        channels = {
            "ding": {"type": "dingtalk-work", "url": url[0], "app_key": "key",
                     "app_secret": {"file": secret}, "agent_id": 1},
            "zwdd": {"type": "zwdd", "url": url[1], "app_key": "key",
                     "app_secret": {"file": secret}, "tenant_id": 50000},
            "wecom": {"type": "wecom-app", "url": url[2], "corp_id": "corp",
                      "secret": {"file": secret}, "agent_id": 1},
            "group": {"type": "wecom-robot", "url": url[2],
                      "robots": {"default": {"key": {"file": secret}}}}}
        return service.write_config(os.path.join(self.running.folder, "config"), {
            "nrt.json": {"channels": channels, "http": {"public_url": "http://city.test"}},
            "rules/monday.json": policy, "directory.json": people,
            "matters.json": {"matters": []}})

    def step(self, to):
        for gateway in (self.ding, self.wecom):
            gateway.stepped = ms(to)
        self.running.nrt("clock", "step", to)

    def receive(self, each, due="2026-03-07T12:00:00+08:00", first=0):
        self.running.send(*(case(first + number, number % UNITS + 1, due)
                            for number in range(each * UNITS)))

    def open_monday(self):
        self.step(SUNDAY)
        self.step(MONDAY + "08:31:00+08:00")
        self.step(MONDAY + "08:33:00+08:00")

    @staticmethod
    def shown(gateway):
        return sorted(line["phone"] for line in work_standin.phone_lines(gateway.lines)
                      if line["shown"])

    @staticmethod
    def dropped(gateway):
        return [line["why"] for line in work_standin.phone_lines(gateway.lines)
                if not line["shown"]]

    def rings(self):
        return sum(len(work_standin.phone_lines(gateway.lines))
                   for gateway in (self.ding, self.zwdd, self.wecom))

    @staticmethod
    def calls(gateway, path):
        return [line for line in gateway.lines if line.get("call") == path]

    def check_each_head_sees(self, times):
        for gateway, name in ((self.ding, "ding{}"), (self.zwdd, "10000{}"),
                              (self.wecom, "wecom{}")):
            everybody = sorted(name.format(n) for n in range(1, UNITS + 1)) * times
            assert self.shown(gateway) == sorted(everybody), (name, self.shown(gateway))


def each_head_is_found_by_number_and_sees_one_message_on_each_channel():
    with contextlib.ExitStack() as stack:
        city = City(stack)
        city.receive(each=5)
        city.open_monday()
        city.check_each_head_sees(1)
        assert [city.dropped(gateway) for gateway in (city.ding, city.zwdd, city.wecom)] == \
            [[], [], []]
        assert len(city.calls(city.zwdd, zwdd_standin.SEND)) == 1
        for gateway, path in ((city.ding, dingtalk_work_standin.LOOKUP),
                              (city.wecom, "/cgi-bin/user/getuserid"),
                              (city.zwdd, zwdd_standin.MOBILES)):
            assert len(city.calls(gateway, path)) == UNITS, (path, gateway.lines[:5])
        text = next(line["text"] for line in work_standin.phone_lines(city.ding.lines))
        assert "5" in text and "编号" in text, text
        assert "138" not in str(work_standin.phone_lines(city.zwdd.lines))


def lost_answers_and_a_revoked_token_ring_nobody_twice():
    with contextlib.ExitStack() as stack:
        city = City(stack)
        city.receive(each=2)
        city.step(SUNDAY)
        for gateway, path in ((city.ding, dingtalk_work_standin.SEND),
                              (city.wecom, WECOM_SEND)):
            gateway.order([{"path": path, "lost": True, "times": 5}])
        city.zwdd.order([{"path": zwdd_standin.SEND, "lost": True, "times": 1}])
        city.open_monday()
        city.ding.push({"revoke": True})
        city.wecom.push({"revoke": True})
        city.receive(each=2, due=MONDAY + "08:40:00+08:00", first=1000)
        for minute in (41, 43, 46, 49, 52, 55):
            city.step(MONDAY + f"08:{minute}:00+08:00")
        city.check_each_head_sees(2)
        assert set(city.dropped(city.ding)) == {"143106"}, city.dropped(city.ding)
        assert set(city.dropped(city.wecom)) == {"duplicate"}, city.dropped(city.wecom)
        assert city.dropped(city.zwdd) == []
        words = [line.get("words", "") for line in city.calls(city.zwdd, zwdd_standin.SEND)]
        assert any("重复" in word for word in words), words


def a_notifier_killed_half_way_rings_nobody_twice():
    with contextlib.ExitStack() as stack:
        city = City(stack)
        gateways = ((city.ding, dingtalk_work_standin.SEND), (city.wecom, WECOM_SEND),
                    (city.zwdd, zwdd_standin.SEND))
        city.receive(each=2)
        city.step(SUNDAY)
        for gateway, path in gateways:
            gateway.order([{"path": path, "slow": 1000, "times": 5}])
        for killed in range(3):
            seen = city.rings()
            stepping = threading.Thread(
                target=city.step, args=(MONDAY + f"08:{31 + killed}:00+08:00",))
            stepping.start()
            service.wait_for(
                "a phone rings",
                lambda before=seen: not stepping.is_alive() or before < city.rings())
            city.running.kill("notifier-1")
            stepping.join()
        for minute in (36, 42, 48, 55):
            city.step(MONDAY + f"08:{minute}:00+08:00")
        city.check_each_head_sees(1)
        assert city.dropped(city.zwdd) == []
        repeats = city.dropped(city.ding) + city.dropped(city.wecom)
        assert set(repeats) <= {"143106", "duplicate"}, repeats
        assert repeats, "it was killed while something was under way"


def calls_of_zwdd_are_ten_minutes_apart_and_hold_what_has_come():
    with contextlib.ExitStack() as stack:
        city = City(stack, via=["zwdd"])
        city.receive(each=1)
        for number, minute in enumerate((34, 36, 38, 44, 59)):
            city.receive(each=1, due=MONDAY + f"08:{minute}:00+08:00", first=100 * (number + 1))
        city.step(SUNDAY)
        for minute in range(31, 60, 2):
            city.step(MONDAY + f"08:{minute}:00+08:00")
        for minute in range(1, 20, 2):
            city.step(MONDAY + f"09:{minute:02d}:00+08:00")
        calls = city.calls(city.zwdd, zwdd_standin.SEND)
        assert all(line["success"] for line in calls), calls
        opening = ms(MONDAY + "08:30:00+08:00")
        minutes = [(line["at"] - opening) / work_standin.MINUTE for line in calls]
        assert [round(minute) for minute in minutes] == [0, 10, 20, 30], minutes
        assert all(late - early >= 10 for early, late in zip(minutes, minutes[1:])), minutes
        assert city.dropped(city.zwdd) == []
        assert len(city.shown(city.zwdd)) == len(calls) * UNITS


def urgent_messages_of_zwdd_share_a_call():
    with contextlib.ExitStack() as stack:
        city = City(stack, via=["zwdd"], urgent=True)
        city.receive(each=3)
        city.open_monday()
        assert len(city.calls(city.zwdd, zwdd_standin.SEND)) == 1
        assert len(city.shown(city.zwdd)) == UNITS


def the_button_of_a_message_opens_what_its_words_say():
    with contextlib.ExitStack() as stack:
        city = City(stack, via={"all": ["ding", "wecom"]})
        city.receive(each=1)
        city.open_monday()
        links = set()
        for gateway in (city.ding, city.wecom):
            for line in work_standin.phone_lines(gateway.lines):
                assert re.fullmatch(r"http://city\.test/a/[\w-]{44}", line["link"]), line
                assert line["kind"] == "textcard" or line["link"] in line["text"], line
                links.add(line["link"])
        assert len(links) == 2 * UNITS
        page = city.running.get(links.pop().removeprefix("http://city.test"))
        assert page.status == 200 and "路段积水" in page.body.decode(), page.body[:500]


def somebody_without_an_account_is_told_by_the_next_channel():
    with contextlib.ExitStack() as stack:
        city = City(stack, via=["ding", "wecom"], people=range(1, UNITS))
        city.wecom.users[f"wecom{UNITS}"] = f"138{UNITS:08d}"
        city.wecom.members[f"wecom{UNITS}"] = wecom_standin.Member(30)
        city.receive(each=1)
        city.open_monday()
        assert city.shown(city.ding) == [f"ding{n}" for n in range(1, UNITS)]
        assert city.shown(city.wecom) == [f"wecom{UNITS}"], city.shown(city.wecom)
        city.step(MONDAY + "08:50:00+08:00")  # asked what became of them: they are there
        assert city.calls(city.ding, dingtalk_work_standin.RESULT)
        assert city.shown(city.wecom) == [f"wecom{UNITS}"], city.shown(city.wecom)


def somebody_without_an_account_leaves_the_call_for_many():
    with contextlib.ExitStack() as stack:
        city = City(stack, via=["zwdd", "wecom"], people=range(1, UNITS))
        city.wecom.users[f"wecom{UNITS}"] = f"138{UNITS:08d}"
        city.wecom.members[f"wecom{UNITS}"] = wecom_standin.Member(30)
        city.receive(each=2)
        city.open_monday()
        assert city.shown(city.zwdd) == [f"{100000 + n}" for n in range(1, UNITS)]
        assert len(city.calls(city.zwdd, zwdd_standin.SEND)) == 1
        assert city.shown(city.wecom) == [f"wecom{UNITS}"], city.shown(city.wecom)
        for alert in city.running.items("/api/v1/alerts"):
            states = {message["channel"]: message["state"] for message in alert["messages"]}
            expected = {"zwdd": "rejected", "wecom": "accepted"} if alert["to"] == [f"h{UNITS}"] \
                else {"zwdd": "accepted"}
            assert states == expected, (alert["to"], states)


def a_number_that_is_no_mobile_holds_nobody_up():
    with contextlib.ExitStack() as stack:
        city = City(stack, via=["zwdd"], last_mobile="057187654321")
        city.receive(each=1)
        city.open_monday()
        assert city.shown(city.zwdd) == [f"{100000 + n}" for n in range(1, UNITS)]
        states = {alert["to"][0]: alert["messages"][0]["state"]
                  for alert in city.running.items("/api/v1/alerts")}
        assert states.pop(f"h{UNITS}") == "dead", states
        assert set(states.values()) == {"accepted"}, states


def a_group_is_told_once_and_names_everybody_concerned():
    with contextlib.ExitStack() as stack:
        city = City(stack, via=["group"])
        city.receive(each=2)
        city.open_monday()
        message, = [line for line in city.wecom.lines if "robot" in line]
        assert sorted(message["mobiles"]) == [f"138{n:08d}" for n in range(1, UNITS + 1)], message
        assert message["kind"] == "text" and str(2 * UNITS) in message["text"], message


def what_somebody_opens_is_read_in_the_ledger():
    with contextlib.ExitStack() as stack:
        city = City(stack, via=["ding"])
        city.receive(each=1)
        city.open_monday()
        city.step(MONDAY + "08:45:00+08:00")
        city.ding.push({"read": "ding3"})
        city.step(MONDAY + "10:30:00+08:00")
        states = {}
        for alert in city.running.items("/api/v1/alerts"):
            message, = alert["messages"]
            assert message["accepted_at"] <= message["delivered_at"], message
            states[message["person"]] = (message["state"], bool(message["read_at"]))
        expected = {f"h{n}": ("delivered", False) for n in range(1, UNITS + 1)}
        expected["h3"] = ("read", True)
        assert states == expected, states


if __name__ == "__main__":
    service.run_tests([
        each_head_is_found_by_number_and_sees_one_message_on_each_channel,
        lost_answers_and_a_revoked_token_ring_nobody_twice,
        a_notifier_killed_half_way_rings_nobody_twice,
        calls_of_zwdd_are_ten_minutes_apart_and_hold_what_has_come,
        urgent_messages_of_zwdd_share_a_call,
        the_button_of_a_message_opens_what_its_words_say,
        somebody_without_an_account_is_told_by_the_next_channel,
        somebody_without_an_account_leaves_the_call_for_many,
        a_number_that_is_no_mobile_holds_nobody_up,
        a_group_is_told_once_and_names_everybody_concerned,
        what_somebody_opens_is_read_in_the_ledger,
    ])
