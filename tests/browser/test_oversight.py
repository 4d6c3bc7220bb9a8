#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow plain timeout=300
"""The pages of oversight, of those who change the rules and of those who run the service, in a
real browser on a city's data: each does its work, two editors meet, paper is printed, nothing
complains. With NRT_SCREENSHOTS=FOLDER it leaves pictures there."""
import json
import os
import sys

TESTS = os.path.join(os.environ["NRT_SOURCE_DIR"], "tests")
sys.path[:0] = [os.path.join(TESTS, "e2e"), os.path.join(TESTS, "support")]

import city  # noqa: E402
import pages  # noqa: E402


def two_people_for_a_change(folder):
    path = os.path.join(folder, "nrt.json")
    with open(path, encoding="utf-8") as file:
        settings = json.load(file)
    settings["changes"] = {"approval": True}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(settings, file)


with city.City(days=110, change=two_people_for_a_change) as place:
    good = pages.run("oversight.mjs", place.service)
sys.exit(0 if good else 1)
