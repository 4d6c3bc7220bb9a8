#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow plain timeout=400
"""The day's work on the pages, in a real browser against the real service: an oversight office,
units and a head of unit on a phone, by keyboard, in both languages. Neither the console of a page
nor the content security policy may have anything to say. With NRT_SCREENSHOTS=FOLDER it leaves
pictures; NRT_ONLY=WORD picks facts."""
import sys

import pages
from city import City

if __name__ == "__main__":
    with City() as city:
        passed = pages.run("work.mjs", city.service)
    sys.exit(0 if passed else 1)
