#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How late alerts are beside a busy console, against a quiet one.

    NRT_BIN=build/release/nrt NRT_SOURCE_DIR=. NRT_BUILD_DIR=build/release \\
        PYTHONPATH=tests/e2e bench/beside_console.py [--cases 1000000] [--pairs 5]

One service on this machine with that many open cases. Then rounds in alternating pairs, quiet
and busy: in each, ALERTS cases get a due of their own, evenly over some seconds; their lateness is
fired_at - instant as the service itself records it. In a busy round READERS clients ask without
a pause for what an oversight office looks at all day: the overdue list sorted every way, searches
in Chinese titles, the ranking of a month, an export. Percentiles, ratios of the pairs.
"""
import argparse
import datetime
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import service

RULES = {
    "id": "quick", "version": "1",
    "clocks": [{"id": "quick", "family": "reply", "limit": {"from": "due"}, "stages": [
        {"id": "due", "at": "due+0", "light": "red", "notify": ["handler"], "via": ["sms"],
         "urgent": True}]}],
}
UNITS = 60
READERS = 6
ALERTS = 1500
ROUND_SECONDS = 15
WORDS = ("用地", "规划", "环境保护", "请示", "道路", "审批", "关于水利工程的函", "学校")
ASKED = (
    "/api/v1/overdue?limit=100&sort=late", "/api/v1/overdue?limit=100&sort=-due",
    "/api/v1/overdue?limit=100&sort=unit", "/api/v1/overdue?limit=100&sort=matter",
    "/api/v1/overdue?limit=50&unit=u07", "/api/v1/cases?limit=100&sort=-created",
    "/api/v1/cases?limit=100&unit=u03&status=overdue", "/api/v1/figures/units?month={month}",
    "/api/v1/search?q={word}", "/api/v1/search?q={word}", "/api/v1/overview",
    "/api/v1/overdue.csv?unit=u05",
)


def directory():
    units = [{"id": f"u{n:02}", "name": f"第{n}局", "head": f"p{n:02}", "handlers": [f"p{n:02}"]}
             for n in range(UNITS)]
    people = [{"id": f"p{n:02}", "name": f"经办{n}", "unit": f"u{n:02}",
               "mobile": f"199000{n:05}"} for n in range(UNITS)]
    return {"units": units, "people": people}


def instant(seconds):
    zone = datetime.timezone(datetime.timedelta(hours=8))
    return datetime.datetime.fromtimestamp(seconds, zone).isoformat(timespec="milliseconds")


def received(case, due, title, unit, created):
    return json.dumps({
        "specversion": "1.0", "id": case, "source": "/bench", "type": "case.received",
        "subject": case, "time": instant(created),
        "data": {"title": title, "unit": f"u{unit:02}", "handler": f"p{unit:02}",
                 "matter": f"m{unit % 20:02}", "due": instant(due)}}, ensure_ascii=False)


def fill(running, cases):
    """A fifth is overdue since some day of the last year, the others have weeks."""
    now = time.time()
    chance = random.Random(825)
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson", encoding="utf-8") as file:
        for number in range(cases):
            created = now - chance.uniform(3, 300) * 86400
            late = number % 5 == 0
            due = now - chance.uniform(0.5, 200) * 86400 if late else now + chance.uniform(
                20, 200) * 86400
            title = f"关于{chance.choice(WORDS)}第{number}号事项的来函"
            file.write(received(f"B-{number}", max(due, created + 60), title,
                                chance.randrange(UNITS), created) + "\n")
        file.flush()
        began = time.monotonic()
        subprocess.run([service.NRT, "import", file.name], check=True, env=dict(
            os.environ, NRT_URL=f"http://127.0.0.1:{running.port}", NRT_TOKEN=running.token()),
            stdout=subprocess.DEVNULL)
    service.wait_for("the ledger holds all cases", lambda: ledger_holds(running, cases), 3600, 1)
    print(f"{cases} cases in {time.monotonic() - began:.0f} s, ledger included", flush=True)


def ledger_holds(running, cases):
    cases_now = running.get_json("/api/v1/overview")["cases"]
    return sum(cases_now.values()) >= cases


class Readers:
    """Clients that ask without a pause until the end of `with`."""

    def __init__(self, running):
        self.running = running
        self.token = running.token()
        self.ending = threading.Event()
        self.taken_ms = []
        self.failures = {}
        self.threads = [threading.Thread(target=self.work, args=(n,)) for n in range(READERS)]

    def work(self, number):
        chance = random.Random(number)
        month = datetime.date.today().strftime("%Y-%m")
        while not self.ending.is_set():
            path = chance.choice(ASKED).format(
                word=urllib.parse.quote(chance.choice(WORDS)), month=month)
            began = time.monotonic()
            line = http.client.HTTPConnection("127.0.0.1", self.running.port, timeout=60)
            line.request("GET", path, headers={"Authorization": "Bearer " + self.token})
            answer = line.getresponse()
            answer.read()
            line.close()
            if answer.status != 200:
                key = (answer.status, path.partition("?")[0])
                self.failures[key] = self.failures.get(key, 0) + 1
            self.taken_ms.append((time.monotonic() - began) * 1000)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind, value, trace):
        self.ending.set()
        for thread in self.threads:
            thread.join()


def lateness_ms(running, name):
    """Alerts of one round: none may be early, none may be missing."""
    begin = time.time() + 3
    events = [received(f"{name}-{n}", begin + ROUND_SECONDS * n / ALERTS, "快件", n % UNITS,
                       time.time()) for n in range(ALERTS)]
    for at in range(0, ALERTS, 500):
        running.request("POST", "/api/v1/events", "\n".join(events[at:at + 500]).encode())
    found = {}

    def all_fired():
        path = "/api/v1/alerts?limit=500"
        while path:
            page = running.get_json(path)
            fresh = [a for a in page["items"] if a["case"].startswith(name + "-")]
            found.update((a["case"], a) for a in fresh)
            again = len(fresh) == len(page["items"]) and page["next"]
            path = f"/api/v1/alerts?limit=500&cursor={page['next']}" if again else None
        return len(found) >= ALERTS

    time.sleep(max(0, begin + ROUND_SECONDS - time.time()))
    service.wait_for("all alerts of the round have fired", all_fired, 120, 0.5)
    late = [(datetime.datetime.fromisoformat(a["fired_at"])
             - datetime.datetime.fromisoformat(a["instant"])).total_seconds() * 1000
            for a in found.values()]
    assert min(late) >= 0, "an alert was early"
    return sorted(late)


def tell(name, late):
    p99 = late[int(len(late) * 0.99)]
    print(f"  {name:5} lateness ms: median {statistics.median(late):.1f}  p99 {p99:.1f}  "
          f"longest {late[-1]:.1f}", flush=True)
    return p99


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1000000)
    parser.add_argument("--pairs", type=int, default=5)
    asked = parser.parse_args()
    matters = {"matters": [{"id": f"m{n:02}", "title": f"事项{n}"} for n in range(20)]}
    with tempfile.TemporaryDirectory() as folder:
        config = service.write_config(folder, {
            "nrt.json": {"channels": {"sms": {"type": "sandbox"}}}, "rules/quick.json": RULES,
            "directory.json": directory(), "matters.json": matters})
        with service.Service(config=config) as running:
            fill(running, asked.cases)
            ratios = []
            for pair in range(asked.pairs):
                quiet = tell("quiet", lateness_ms(running, f"Q{pair}"))
                with Readers(running) as readers:
                    busy = tell("busy", lateness_ms(running, f"W{pair}"))
                taken = sorted(readers.taken_ms)
                print(f"        {len(taken)} answers, median {statistics.median(taken):.0f} ms, "
                      f"p99 {taken[int(len(taken) * 0.99)]:.0f} ms, not 200: {readers.failures}")
                ratios.append(busy / quiet if quiet else float("inf"))
            print(f"p99 busy / quiet: median {statistics.median(ratios):.2f}, "
                  f"from {min(ratios):.2f} to {max(ratios):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
