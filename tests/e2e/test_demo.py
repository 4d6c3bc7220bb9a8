#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow plain timeout=240
"""The demo a minute after its start: red lights, SMS, units that keep missing, the on-time rate."""
import os
import time

import service

# With the sanitizers it is only looked at for their complaints, not for the whole minute.
MINUTE = 40 if service.SANITIZED else 60


class Demo(service.Service):
    """Open on the loopback interface: no token, as a visitor's browser has none."""

    def token(self):
        return ""

    def start(self, *more, wait=True):
        return super().start("--demo", *more, wait=wait)


def after_a_minute_the_demo_shows_what_it_promises():
    began = time.monotonic()
    with Demo() as demo:
        time.sleep(MINUTE - (time.monotonic() - began))  # the promise is about this minute
        overview = demo.get_json("/api/v1/overview")
        assert overview["cases"]["red"] > 0, overview["cases"]
        accepted = [m for m in demo.items("/api/v1/messages?channel=sms")
                    if m["state"] == "accepted"]
        assert len(accepted) >= 3, accepted
        figures = demo.get_json("/api/v1/figures/units?misses_min=3")
        units = [u for u in figures["units"] if u["missed"] >= 3]
        assert len(units) >= 2, figures["units"]
        reply = [f for f in figures["families"] if f["family"] == "reply"][0]
        rate = round(reply["on_time_rate"] * 100, 1)
        print(f"     {overview['cases']['red']} red, {len(accepted)} SMS, {len(units)} units with "
              f"three or more misses, {rate} % on time ({reply['met']} met, "
              f"{reply['missed']} missed), service time {overview['now']}")
        assert rate == 97.1 or service.SANITIZED, reply
        assert os.path.exists(os.path.join(demo.data, "demo"))


service.run_tests([after_a_minute_the_demo_shows_what_it_promises])
