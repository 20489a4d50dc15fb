# SPDX-License-Identifier: Apache-2.0
"""Throughput and round trip between machines of one lab, against a veth pair between two namespaces with nothing else."""

import json
import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import topology
from report import median_ratio, measure, target
from sandbox import wait_until
from setup_cost import progress

BARE = "bare veth pair"
SAME_SUBNET = "same subnet"
PEERED = "peered"
INTERNET = "by public address"

PORT = 5201  # iperf3's own


@dataclass
class Way:
    name: str
    client: str  # namespaces
    server: str
    address: str


def measure_traffic(sandbox, quick):
    seconds, pings, repetitions = (1, 200, 1) if quick else (3, 2000, 7)
    ways = [
        create_bare_pair(sandbox, "bare"),
        Way(SAME_SUBNET, sandbox.lab_namespace("left1"), sandbox.lab_namespace("left2"), "10.1.0.5"),
        Way(PEERED, sandbox.lab_namespace("left1"), sandbox.lab_namespace("right1"), "10.2.0.4"),
        Way(INTERNET, sandbox.lab_namespace("left1"), sandbox.lab_namespace("right1"), "203.0.113.5"),
    ]
    file = sandbox.files / "traffic.yaml"
    file.write_text(topology.traffic_lab_file(sandbox.lab))
    sandbox.run([sandbox.lazuli, "up", file])
    gigabits, round_trips = defaultdict(list), defaultdict(list)
    for repetition in range(repetitions):
        for way in ways:
            progress(f"traffic: {way.name}, repetition {repetition + 1} of {repetitions}")
            round_trips[way.name].append(round_trip(way, pings))
            gigabits[way.name].append(throughput(sandbox, way, seconds))
    progress("")
    sandbox.run([sandbox.lazuli, "down", sandbox.lab])
    rows = [measure("TCP throughput", name, "Gbit/s", values) for name, values in gigabits.items()]
    rows += [measure("round trip", name, "ms", values) for name, values in round_trips.items()]
    if quick:
        return rows, []
    return rows, [
        target("TCP in a subnet against bare veth", median_ratio(gigabits[SAME_SUBNET], gigabits[BARE]), ">=", 0.85, " x"),
        target("TCP between peers against bare veth", median_ratio(gigabits[PEERED], gigabits[BARE]), ">=", 0.8, " x"),
        target("round trip between peers against bare veth", median_ratio(round_trips[PEERED], round_trips[BARE]), "<=", 4, " x"),
    ]


def create_bare_pair(sandbox, name):
    ends = sandbox.namespace(f"{name}1"), sandbox.namespace(f"{name}2")
    for end in ends:
        sandbox.run(["ip", "netns", "add", end])
    sandbox.run(["ip", "link", "add", "eth0", "netns", ends[0], "type", "veth", "peer", "name", "eth0", "netns", ends[1]])
    for host, end in enumerate(ends, start=1):
        sandbox.run(["ip", "-n", end, "addr", "add", f"10.99.0.{host}/24", "dev", "eth0"])
        sandbox.run(["ip", "-n", end, "link", "set", "eth0", "up"])
    return Way(BARE, ends[0], ends[1], "10.99.0.2")


def throughput(sandbox, way, seconds):
    """Gbit/s that arrived, after a second in which TCP finds its speed."""
    with sandbox.daemon(inside(way.server, "iperf3", "-s", "-1"), stdout=subprocess.DEVNULL) as server:
        wait_until(lambda: listens(server.pid), 10, "iperf3 does not listen")
        answer = json.loads(output(inside(way.client, "iperf3", "-c", way.address, "-t", str(seconds), "-O", "1", "-J")))
    return answer["end"]["sum_received"]["bits_per_second"] / 1e9


def round_trip(way, pings):
    """In milliseconds: the mean of all but the slowest tenth, which met whatever else the machine was doing.

    ping counts whole microseconds and a bare pair takes two or three, so a median would be too coarse.
    """
    answer = output(inside(way.client, "ping", "-i", "0.0005", "-c", str(pings), way.address))
    times = sorted(float(time) for time in re.findall(r"time=([\d.]+) ms", answer))
    if len(times) < 0.99 * pings:
        raise RuntimeError(f"{way.name}: {len(times)} answers to {pings} pings")
    return fmean(times[: len(times) * 9 // 10])


def listens(pid):
    """/proc/PID/net is that of the namespace the process is in; state 0A is LISTEN."""
    tables = (Path(f"/proc/{pid}/net/{table}").read_text() for table in ("tcp", "tcp6"))
    return any(re.search(rf":{PORT:04X} \S+ 0A ", table) for table in tables)


def inside(namespace, *argv):
    return ["ip", "netns", "exec", namespace, *argv]


def output(argv):
    result = subprocess.run(argv, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: status {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout
