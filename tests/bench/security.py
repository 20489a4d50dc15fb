# SPDX-License-Identifier: Apache-2.0
"""What a network security group costs: throughput and round trip with a thousand rules, and a change of one of them."""

from collections import defaultdict

import topology
from report import median_ratio, measure, target
from setup_cost import progress
from traffic import Way, round_trip, throughput

NO_GROUP = "no security group"
ONE_RULE = "1 rule"
RULES = "1000 rules"
COUNTS = {NO_GROUP: None, ONE_RULE: 1, RULES: 1000}


def measure_security(sandbox, quick):
    machines, seconds, pings, repetitions = (20, 1, 200, 1) if quick else (500, 3, 2000, 7)
    files = {name: write(sandbox, machines, count) for name, count in COUNTS.items()}
    shorter = write(sandbox, machines, COUNTS[RULES] - 1)  # a group has 1000 rules at most
    ends = sandbox.lab_namespace("vm1"), sandbox.lab_namespace("vm2")
    gigabits, round_trips, changes = defaultdict(list), defaultdict(list), []
    for repetition in range(repetitions):
        for name, file in files.items():
            progress(f"security: {name}, repetition {repetition + 1} of {repetitions}")
            sandbox.run([sandbox.lazuli, "up", "--replace", file])
            way = Way(name, *ends, topology.address(2))
            round_trips[name].append(round_trip(way, pings))
            gigabits[name].append(throughput(sandbox, way, seconds))
        sandbox.run([sandbox.lazuli, "up", "--replace", shorter])
        changes.append(sandbox.run([sandbox.lazuli, "up", "--replace", files[RULES]]).seconds * 1000)
    progress("")
    sandbox.run([sandbox.lazuli, "down", sandbox.lab])
    rows = [measure("TCP throughput", name, "Gbit/s", values, machines) for name, values in gigabits.items()]
    rows += [measure("round trip", name, "ms", values, machines) for name, values in round_trips.items()]
    rows.append(measure("up with the 1000th rule", "lazuli", "ms", changes, machines))
    if quick:
        return rows, []
    return rows, [
        target("TCP with 1000 rules against no group", median_ratio(gigabits[RULES], gigabits[NO_GROUP]), ">=", 0.9, " x"),
        target("TCP with 1000 rules against one", median_ratio(gigabits[RULES], gigabits[ONE_RULE]), ">=", 0.9, " x"),
        target("round trip with 1000 rules against no group", median_ratio(round_trips[RULES], round_trips[NO_GROUP]), "<=", 1.5, " x"),
        target("a 1000th rule, 500 machines", rows[-1]["median"], "<=", 300, " ms"),
    ]


def write(sandbox, machines, rules):
    file = sandbox.files / f"security-{rules}.yaml"
    file.write_text(topology.security_lab_file(sandbox.lab, machines, rules))
    return file
