# SPDX-License-Identifier: Apache-2.0
"""A service on the real clock whose cases are overdue a second after they came, with an SMS gateway
outside: for tests of what happens between an event and a phone while something is broken."""
import contextlib
import datetime
import http.client
import json
import os

import rig
import service

LIMIT_S = 1
RULES = {
    "id": "quick", "version": "1",
    "clocks": [{"id": "quick", "limit": f"{LIMIT_S}s", "stages": [
        {"id": "overdue", "at": "due+0", "light": "red", "notify": ["handler"], "via": ["sms"],
         "urgent": True}]}],
}
DIRECTORY = {
    "units": [{"id": "u1", "name": "甲局", "head": "p1", "handlers": ["p1"]}],
    "people": [{"id": "p1", "name": "经办人", "unit": "u1", "mobile": "19900000001"}],
}


def start(gate, *options, partitions=1):
    """The service, not yet running: for `with`."""
    running = service.Service(*options)
    folder = os.path.join(running.folder, "config")
    running.config = service.write_config(folder, {
        "nrt.json": {"http": {"public_url": f"http://127.0.0.1:{running.port}"},
                     "partitions": partitions,
                     "channels": {"sms": rig.sms_settings(folder, gate)}},
        "rules/quick.json": RULES, "directory.json": DIRECTORY, "matters.json": {"matters": []}})
    return running


def now(**delta):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**delta)
    return at.isoformat(timespec="milliseconds")


def received(case, number=1, when=None, **data):
    full = dict({"title": "一件事", "unit": "u1", "handler": "p1"}, **data)
    return service.event(case, number, "received", when or now(), full)


def post(running, events, timeout=30):
    """One event as an object, several as an array; None when there was no answer at all."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        return running.request(
            "POST", "/api/v1/events", json.dumps(events).encode(), timeout=timeout)
    return None


def bring(running, events):
    """Until it is taken, as a careful producer does."""
    def taken():
        answer = post(running, events)
        assert answer is None or answer.status in (202, 503), (answer.status, answer.body)
        return answer is not None and answer.status == 202
    service.wait_for("events are taken", taken, pause=0.1)


def message_of(running, case):
    """The one message of the case's one alert; None while there is none."""
    alerts = running.get_json("/api/v1/alerts?case=" + case)["items"]
    assert len(alerts) <= 1, alerts
    messages = alerts[0]["messages"] if alerts else []
    assert len(messages) <= 1, messages
    return messages[0] if messages else None


def wait_accepted(running, case):
    """The message of the case, once the gateway has accepted it."""
    def accepted():
        with contextlib.suppress(OSError, http.client.HTTPException):
            message = message_of(running, case)
            return message if message and message["accepted_at"] else None
        return None
    return service.wait_for(f"the message of {case} is accepted", accepted)


def run_tests_on(gate, running, tests):
    """Runs tests that share one service, and then, as the last of them, ends it."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(gate)
        stack.enter_context(running)

        def with_log(test):
            def run():
                try:
                    test()
                except Exception:
                    running.show_log()
                    raise
            run.__name__ = test.__name__
            return run

        def the_service_ends_cleanly_and_its_log_has_no_fault():
            stack.close()

        service.run_tests([with_log(test) for test in tests] + [
            the_service_ends_cleanly_and_its_log_has_no_fault])
