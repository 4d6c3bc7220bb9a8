#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: timeout=600
"""SMS of cloud vendors by the whole service: texts of filed templates with our values, receipts
pushed to the service's own address, lost answers asked after and rung out once, and 云MAS in the
place of a vendor that cannot deliver. The gateways are the strict stand-ins; their logs count."""
import contextlib
import datetime
import json
import os
import sys

import service

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import aliyun_standin  # noqa: E402
import standin  # noqa: E402
import tencent_standin  # noqa: E402
import yunmas_standin  # noqa: E402

UNITS = 6
FRIDAY = "2026-03-06T10:00:00+08:00"
SUNDAY = "2026-03-08T20:00:00+08:00"
MONDAY = "2026-03-09T"
SIGN = "测试水务"
WORDS = "${unit}：${title}已逾期${days}个工作日，请今日办结。"
DIGEST = "${count}件限时事项待办。最急：${worst}。"
RECEIPTS = "/hooks/receipts/%s/pushed-here"


def ms(text):
    return int(datetime.datetime.fromisoformat(text).timestamp() * 1000)


def phone(unit):
    return f"138{unit:08d}"


def rules(via):
    return {"id": "monday", "version": "1", "clocks": [
        {"id": "reply", "limit": {"from": "due"}, "stages": [
            {"id": "overdue", "at": "due+0", "light": "red", "notify": ["unit_head"],
             "send": "office", "via": via, "template": "overdue"}]}]}


def template(name, zh, ali, tencent, params):
    """One of ours, with its counterparts at both vendors."""
    return {"id": name, "texts": {"zh": {"sms": "{sign}" + zh, "markdown": zh}}, "vendor": {
        "ali": {"template": ali, "params": params},
        "ten": {"template": tencent, "params": params}}}


def directory():
    return {
        "units": [{"id": f"u{n}", "name": f"第{n}单位", "head": f"h{n}", "handlers": [f"h{n}"]}
                  for n in range(1, UNITS + 1)],
        "people": [{"id": f"h{n}", "name": f"第{n}负责人", "unit": f"u{n}", "mobile": phone(n)}
                   for n in range(1, UNITS + 1)]}


class City:
    """The service before three stand-ins, on one stepped clock."""

    def __init__(self, stack, via):
        values = {"1110": "{1}：{2}已逾期{3}个工作日。", "1111": "{1}件待办。最急：{2}。"}
        self.ali = aliyun_standin.Aliyun(
            {"id": "secret"}, [SIGN], {"SMS_1": WORDS, "SMS_2": DIGEST}, clock="stepped")
        self.ten = tencent_standin.Tencent(
            {"id": "secret"}, "1400006666", [SIGN], values, clock="stepped")
        self.mas = yunmas_standin.Yunmas({("局", "ap"): "secret"}, {"S": SIGN}, {}, clock="stepped")
        self.gateways = (self.ali, self.ten, self.mas)
        self.ports = []
        for gateway in self.gateways:
            gateway.stepped = ms(FRIDAY)
            server = standin.serve(gateway)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            self.ports.append(server.server_address[1])
        self.running = service.Service("--clock", "stepped", "--clock-from", FRIDAY)
        self.running.config = self.configure(via)
        stack.enter_context(self.running)

    def configure(self, via):
        for name, words in (("secret", "secret"), ("pushed", "pushed-here")):
            with open(os.path.join(self.running.folder, name), "w", encoding="utf-8") as file:
                file.write(words)
        secret, pushed = ({"file": os.path.join(self.running.folder, name)}
                          for name in ("secret", "pushed"))
        url = [f"http://127.0.0.1:{port}" for port in self.ports]
        common = {"receipt_secret": pushed, "signature": f"【{SIGN}】", "fallback_after": "10m"}
        channels = {
            "ali": dict(common, type="aliyun", url=url[0], access_key_id="id",
                        access_key_secret=secret),
            "ten": dict(common, type="tencent", url=url[1], secret_id="id", secret_key=secret,
                        sdk_app_id="1400006666"),
            "mas": dict(common, type="yunmas", url=url[2], ec_name="局", ap_id="ap",
                        secret_key=secret, sign="S")}
        params = {"unit": "{unit}", "title": "{title}", "days": "{late_wd}"}
        return service.write_config(os.path.join(self.running.folder, "config"), {
            "nrt.json": {
                "http": {"public_url": f"http://127.0.0.1:{self.running.port}"},
                "channels": channels},
            "templates/overdue.json": template(
                "overdue", "{unit}：{title}已逾期", "SMS_1", "1110", params),
            "templates/digest.json": template(
                "digest", "{count}件待办，{worst}", "SMS_2", "1111",
                {"count": "{count}", "worst": "{worst}"}),
            "rules/monday.json": rules(via), "directory.json": directory(),
            "matters.json": {"matters": []}})

    def step(self, to):
        for gateway in self.gateways:
            gateway.stepped = ms(to)
        self.running.nrt("clock", "step", to)

    def receive(self, *units):
        self.running.send(*(
            service.event(f"M-{number:04d}", 1, "received", FRIDAY, {
                "title": f"关于第{number}号路段积水的投诉件，来电人电话13900000000，望尽快处理为盼",
                "unit": f"u{unit}", "handler": f"h{unit}", "due": "2026-03-07T12:00:00+08:00"})
            for number, unit in enumerate(units)))

    def open_monday(self):
        self.step(SUNDAY)
        self.step(MONDAY + "08:31:00+08:00")
        self.step(MONDAY + "08:33:00+08:00")

    def push(self, gateway, channel, reply, **order):
        """Receipts to the service; it must take them as the vendor wants it."""
        url = f"http://127.0.0.1:{self.running.port}" + RECEIPTS % channel
        answer = gateway.push(dict(order, url=url))
        assert answer["status"] == 200, answer
        assert (json.loads(answer["body"]) if answer["body"] else None) == reply, answer
        return answer["receipts"]

    def states(self, channel):
        return sorted(message["state"] for message in self.running.items(
            f"/api/v1/messages?channel={channel}"))

    def told(self):
        """Whom each gateway has taken messages for."""
        ali = [number for line in self.ali.lines
               if line["code"] == "OK" and line["action"] == "SendSms" for number in line["phones"]]
        ten = [line["phone"][3:] for line in self.ten.lines if line["code"] == "Ok"]
        mas = [number for line in self.mas.lines if line["code"] == "success"
               for number in line["mobiles"]]
        return sorted(ali), sorted(ten), sorted(mas)

    def refused(self):
        return [line for gateway in self.gateways for line in gateway.lines
                if line["code"].lower() not in ("ok", "success")]


EVERYBODY = [phone(unit) for unit in range(1, UNITS + 1)]


def each_head_gets_one_text_and_what_does_not_arrive_goes_another_way():
    with contextlib.ExitStack() as stack:
        city = City(stack, ["ali", "mas"])
        city.receive(1, 1, 1, *range(2, UNITS + 1))
        city.open_monday()
        assert city.told() == (EVERYBODY, [], []), city.told()
        texts = {line["phones"][0]: line["text"] for line in city.ali.lines}
        assert texts[phone(1)].startswith(f"【{SIGN}】3件限时事项待办。最急："), texts
        assert texts[phone(2)].startswith(f"【{SIGN}】第2单位：关于第3号路段"), texts
        assert "13900000000" not in str(texts) and not city.refused(), (texts, city.refused())
        reply = {"code": 0, "msg": "接收成功"}
        lost = [line["out_id"] for line in city.ali.lines if line["phones"][0] in EVERYBODY[:2]]
        city.push(city.ali, "ali", reply, success=False, out_ids=lost)
        assert len(city.push(city.ali, "ali", reply)) == UNITS - 2
        city.step(MONDAY + "08:34:00+08:00")
        service.wait_for(
            "云MAS has both, one of them a digest", lambda: city.told()[2] == EVERYBODY[:2])
        city.push(city.mas, "mas", None, shape="mobiles")
        service.wait_for(
            "delivered by 云MAS", lambda: set(city.states("mas")) == {"delivered"})
        city.step(MONDAY + "08:50:00+08:00")
        assert city.told() == (EVERYBODY, [], EVERYBODY[:2]), city.told()
        assert {"delivered", "undelivered"} <= set(city.states("ali")), city.states("ali")


def a_lost_answer_is_asked_after_and_nobody_is_told_twice():
    with contextlib.ExitStack() as stack:
        city = City(stack, ["ali", "mas"])
        city.receive(*range(1, UNITS + 1))
        city.ali.order([{"lost": True}, {"silent": True}, {"lost": True}, {"silent": True}])
        city.open_monday()
        for minute in (35, 38):
            city.step(MONDAY + f"08:{minute}:00+08:00")
        asked = [line for line in city.ali.lines if line["action"] == "QuerySendDetails"]
        assert asked and city.told() == (EVERYBODY, [], []), (asked, city.told())
        assert not city.refused(), city.refused()


def a_vendor_without_funds_is_left_and_a_second_one_reports_by_its_serial_numbers():
    with contextlib.ExitStack() as stack:
        city = City(stack, ["ali", "ten"])
        city.receive(*range(1, UNITS + 1))
        city.ali.order([{"refuse": "isv.AMOUNT_NOT_ENOUGH", "times": 100}])
        city.open_monday()
        for minute in (40, 45):
            city.step(MONDAY + f"08:{minute}:00+08:00")
        assert city.told() == ([], EVERYBODY, []), city.told()
        assert len(city.push(city.ten, "ten", {"result": 0, "errmsg": "OK"})) == UNITS
        service.wait_for(
            "delivered by Tencent", lambda: city.states("ten") == ["delivered"] * UNITS)
        assert "channel_closed" in city.running.log()


if __name__ == "__main__":
    service.run_tests([
        each_head_gets_one_text_and_what_does_not_arrive_goes_another_way,
        a_lost_answer_is_asked_after_and_nobody_is_told_twice,
        a_vendor_without_funds_is_left_and_a_second_one_reports_by_its_serial_numbers,
    ])
