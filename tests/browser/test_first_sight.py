#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow plain timeout=300
"""What somebody sees first: the demo, alive without a sign-in; a service without any case."""
import sys

import pages
import service


def demo():
    with service.Service("--demo") as served:
        return pages.run("demo.mjs", served)


def empty():
    clock = ("--clock", "stepped", "--clock-from", "2026-10-01T09:00:00+08:00")
    with service.Service(*clock) as served:
        return pages.run("calendar.mjs", served)


if __name__ == "__main__":
    sys.exit(0 if all([demo(), empty()]) else 1)
