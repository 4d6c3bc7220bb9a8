#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""numpy's side of bench_calendar: the same additions by busday_offset, timed and compared.

busday_offset.py FOLDER OUR_NANOSECONDS reads holidays, days, amounts and results (int32 each, days
since 1970) from the folder. Exit code 1 when one result differs."""
import os
import sys
import time

import numpy

ROUNDS = 5


def read(folder, name):
    return numpy.fromfile(os.path.join(folder, name), dtype=numpy.int32)


def dates(numbers):
    return numbers.astype("datetime64[D]")


def main(folder, our_ns):
    calendar = numpy.busdaycalendar(weekmask="1111100", holidays=dates(read(folder, "holidays")))
    days, amounts = dates(read(folder, "days")), read(folder, "amounts").astype(numpy.int64)
    ours = dates(read(folder, "results"))
    later = amounts > 0
    # The date itself is not counted: a day of rest is first brought to the working day before the
    # count begins.
    parts = [(days[later], amounts[later], "backward"), (days[~later], amounts[~later], "forward")]
    best_s = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        found = [numpy.busday_offset(part, amount, roll=roll, busdaycal=calendar)
                 for part, amount, roll in parts]
        best_s = min(best_s, time.process_time() - begun)
    theirs = numpy.empty_like(ours)
    theirs[later], theirs[~later] = found
    differing = int((ours != theirs).sum())
    their_ns = best_s * 1e9 / len(days)
    print(f"{'numpy ' + numpy.__version__ + ' busday_offset':<40} {their_ns:8.1f} ns")
    print(f"{len(days)} additions compared, {differing} differ")
    print(f"ratio: {their_ns / our_ns:.1f} times numpy's speed")
    return 1 if differing or not len(days) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
