#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: long timeout=400
"""Roles that freeze with work in hand and wake up after others have taken it over: what they had
claimed is done by the others when the lease is out, and they themselves do it no second time."""
import os
import signal
import time

import gateway
import quick
import rig
import service

LEASE_S = 60  # store.h
CASES_MAX = 200


def is_frozen(pid):
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()[0] == b"T"


def freeze(points, check):
    """Of two instances of each role the first freezes at its fail-point, until the others have
    done all of its work. check(gate, log, identities) looks at what was handed over."""
    armed = ",".join(f"{instance}={name}:stop" for instance, name in points.items())
    with gateway.Gateway() as gate, quick.start(
            gate, "--instances", "monitor=2,notifier=2", "--failpoint", armed) as running:
        pids = {instance: running.pid_of(instance) for instance in points}
        cases = []
        while not all(map(is_frozen, pids.values())):
            assert len(cases) < CASES_MAX, "nothing froze"
            cases.append(f"P-{len(cases)}")
            quick.bring(running, quick.received(cases[-1]))
            time.sleep(0.1)  # one alert after the other, so that both get some
        began = time.monotonic()
        for case in cases:
            service.wait_for(f"{case} is told of", lambda case=case: (
                quick.message_of(running, case) or {}).get("accepted_at"), 2 * LEASE_S + 60)
        assert time.monotonic() - began > LEASE_S / 2, "nothing was in the hands of the frozen"
        for pid in pids.values():
            os.kill(pid, signal.SIGCONT)
        after = [f"Q-{number}" for number in range(20)]
        for case in after:
            quick.bring(running, quick.received(case))
        check(gate, running, [quick.wait_accepted(running, case)["id"] for case in cases + after])
        assert pids == {instance: running.pid_of(instance) for instance in points}
    print(f"     {len(cases)} cases, {time.monotonic() - began:.0f} s after the freezing")


def what_a_frozen_role_had_claimed_is_done_once_by_the_others():
    def check(gate, _running, identities):
        assert set(gate.counts()) == set(identities), gate.counts()
        assert set(gate.counts().values()) == {1}, gate.counts()

    freeze({"monitor-1": "wake_after_claim", "notifier-1": "mail_after_claim"}, check)


def a_message_that_froze_on_its_way_is_said_to_be_unsure_before_it_goes_again():
    def check(gate, running, identities):
        unsure = set(rig.UNSURE.findall(running.log()))
        service.wait_for("the one that woke up posts it too", lambda: max(
            gate.counts().values()) == 2)
        again = {identity for identity, count in gate.counts().items() if count > 1}
        assert set(gate.counts()) == set(identities), gate.counts()
        assert again == unsure, (again, unsure)

    freeze({"notifier-1": "mail_after_mark"}, check)


service.run_tests([
    what_a_frozen_role_had_claimed_is_done_once_by_the_others,
    a_message_that_froze_on_its_way_is_said_to_be_unsure_before_it_goes_again,
])
