#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow timeout=1500
"""The live path gives the alerts and runs of the simulation: with 1 and 3 partitions, 1 and 2
monitors, over the worlds and over the 825 cases."""
import equality
import service

COMBINATIONS = ((1, 1), (1, 2), (3, 1), (3, 2))
# One quick world each; all of them with NRT_LONG=1.
SHORT_WORLDS = (1, 2, 7, 11)


def replay(world, partitions, monitors):
    alerts = equality.replay(world, partitions, monitors)
    print(f"     {world.name}, {partitions} partitions, {monitors} monitors: {alerts} alerts")


def the_worlds_fire_live_what_the_simulation_fires():
    for number in range(1, 17) if service.LONG else SHORT_WORLDS:
        world = equality.numbered_world(number)
        for partitions, monitors in COMBINATIONS:
            replay(world, partitions, monitors)


def the_825_cases_fire_live_what_the_simulation_fires():
    for rules in ("rules-dongyang.json", "rules-mixed.json") if service.LONG else (
            "rules-dongyang.json",):
        for partitions, monitors in COMBINATIONS if service.LONG else ((3, 2),):
            replay(equality.dongyang_world(rules), partitions, monitors)


service.run_tests([
    the_worlds_fire_live_what_the_simulation_fires,
    the_825_cases_fire_live_what_the_simulation_fires,
])
