# SPDX-License-Identifier: Apache-2.0
"""A city at work, for the pages: the 825 cases of the example, brought in up to a working morning
of July 2019 on a stepped clock, so that every run of a test sees the same day."""
import datetime
import json
import os
import shutil
import tempfile

import equality
import service

MORNING = "2019-07-19T09:00:00+08:00"
DAYS_SEEN = 45  # of events before that morning: enough to be late, few enough to be quick


class City:
    """`with City() as city:` city.service, city.url"""

    def __init__(self, until=MORNING, days=DAYS_SEEN, change=None):
        self.until = until
        self.change = change  # of the configuration folder, before the start
        self.days = days
        self.folder = tempfile.mkdtemp(prefix="city-")
        self.service = None

    def _events(self, world):
        end = equality.instant(self.until)
        begin = end - datetime.timedelta(days=self.days)
        events, _ = equality.arrivals(world)
        born = {event["subject"] for event in events
                if event["type"] == "case.received" and equality.instant(event["time"]) >= begin}
        kept = [event for event in events if event["subject"] in born
                and equality.instant(event.get("arrived", event["time"])) < end]
        return kept, begin

    def __enter__(self):
        world = equality.dongyang_world()
        config = equality.make_config(world, os.path.join(self.folder, "config"), 2)
        if self.change:
            self.change(config)
        events, begin = self._events(world)
        path = os.path.join(self.folder, "events.ndjson")
        with open(path, "w", encoding="utf-8") as file:
            file.write(equality.as_lines(events))
        self.service = service.Service(
            "--clock", "stepped", "--clock-from", begin.isoformat(), config=config)
        try:
            self.service.start()
            self.service.nrt("import", path)
            self.service.nrt("clock", "step", self.until)
        except BaseException:
            self.service.show_log()
            self.service.close()
            raise
        return self

    def __exit__(self, kind, value, trace):
        if kind:
            self.service.show_log()
        self.service.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        if not kind and self.service.complaints:
            raise AssertionError("the log has:\n" + "\n".join(self.service.complaints[:20]))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.service.port}"
