# SPDX-License-Identifier: Apache-2.0
"""What it costs to set up N machines in one network and to remove them, as the wall time of whole processes."""

import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import topology
from report import median_ratio, measure, target
from sandbox import Run

MEBIBYTE = 1 << 20
MEASURES = "up", "up again", "up with one more", "down"


class Lazuli:
    """Also a second up with nothing changed, and one with one machine more."""

    name = "lazuli"
    sizes = 10, 100, 200, 1000, 2000

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def measure(self, machines):
        file, longer = self.sandbox.files / "lab.yaml", self.sandbox.files / "longer.yaml"
        file.write_text(topology.lab_file(self.sandbox.lab, machines))
        longer.write_text(topology.lab_file(self.sandbox.lab, machines + 1))
        lazuli = self.sandbox.lazuli
        up = self.sandbox.run([lazuli, "up", file])
        self.check(machines)
        again = self.sandbox.run([lazuli, "up", file])
        one_more = self.sandbox.run([lazuli, "up", "--replace", longer])
        self.check(machines + 1)
        down = self.sandbox.run([lazuli, "down", self.sandbox.lab])
        return {"up": up, "up again": again, "up with one more": one_more, "down": down}

    def check(self, machines):
        """A fast `up` that left a machine out would be no result: the last one reaches the first."""
        last = self.sandbox.lab_namespace(f"vm{machines}")
        self.sandbox.run(["ip", "netns", "exec", last, "ping", "-q", "-c1", "-W5", topology.address(1)])


class Floor:
    """floor.cpp: the least it can cost."""

    name = "floor"
    sizes = Lazuli.sizes

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def measure(self, machines):
        directory = Path("/run") / self.sandbox.namespace("floor")
        try:
            up = self.sandbox.run([self.sandbox.floor, "up", directory, str(machines)])
        finally:
            down = self.sandbox.run([self.sandbox.floor, "down", directory, str(machines)])
        return {"up": up, "down": down}


class IpBatch:
    """One input for one `ip -batch`."""

    name = "ip -batch"
    sizes = 10, 100

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def measure(self, machines):
        removal = self.sandbox.files / "removal"
        removal.write_text(topology.removal_batch(machines, self.namespace))
        return {"up": self.up(machines), "down": self.sandbox.run(["ip", "-batch", removal])}

    def up(self, machines):
        batch = self.sandbox.files / "batch"
        batch.write_text(topology.one_batch(machines, self.namespace))
        return self.sandbox.run(["ip", "-batch", batch])

    def namespace(self, node):
        return self.sandbox.namespace(f"ip{node}")


class IpBatchForEach(IpBatch):
    """One `ip -batch` for each namespace."""

    name = "ip -batch, each"

    def up(self, machines):
        script = self.sandbox.files / "script"
        script.write_text(topology.batch_for_each(machines, self.namespace))
        return self.sandbox.run(["bash", script])


class Mininet:
    """Builds and removes in one process: up is from its start to its word, down from there to its end."""

    name = "mininet"
    sizes = 10, 100

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def measure(self, machines):
        namespace = self.sandbox.namespace("mininet")
        self.sandbox.run(["ip", "netns", "add", namespace])
        argv = ["ip", "netns", "exec", namespace, sys.executable, Path(__file__).with_name("mininet_lab.py"), str(machines)]
        start = time.monotonic()
        with self.sandbox.daemon(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            if process.stdout.readline() != b"up\n":
                raise RuntimeError("mininet did not come up")
            up = time.monotonic()
            process.stdin.close()
            process.wait()
            down = time.monotonic()
        self.sandbox.run(["ip", "netns", "del", namespace])
        return {"up": Run(up - start, 0), "down": Run(down - up, 0)}


def measure_setup(sandbox, quick):
    contestants = [kind(sandbox) for kind in (Lazuli, Floor, IpBatch, IpBatchForEach, Mininet)]
    repetitions = {10: 2, 100: 1} if quick else {10: 5, 100: 5, 200: 5, 1000: 5, 2000: 3}
    runs = defaultdict(list)  # (measure, contestant, machines) -> runs, in the order of the repetitions
    for repetition in range(max(repetitions.values())):
        for machines in (size for size, times in repetitions.items() if repetition < times):
            for contestant in (kind for kind in contestants if machines in kind.sizes):
                progress(f"setup: {contestant.name}, {machines} machines, repetition {repetition + 1} of {repetitions[machines]}")
                for name, run in contestant.measure(machines).items():
                    runs[name, contestant.name, machines].append(run)
                sandbox.settle()
    progress("")
    return rows(runs), targets(runs)


def rows(runs):
    order = sorted(runs, key=lambda key: (key[2], MEASURES.index(key[0])))
    result = [measure(name, who, "ms", [run.seconds * 1000 for run in runs[name, who, size]], size) for name, who, size in order]
    for name, who, size in order:
        if (name, who) == ("up", Lazuli.name):
            result.append(measure("memory of up", who, "MiB", [run.peak_bytes / MEBIBYTE for run in runs[name, who, size]], size))
    return result


def targets(runs):
    """Those whose sizes were measured."""

    def seconds(name, who, machines):
        return [run.seconds for run in runs[name, who, machines]]

    def ratio(numerator, denominator):
        return median_ratio(seconds(*numerator), seconds(*denominator))

    def measured(machines):
        return ("up", Lazuli.name, machines) in runs

    result = []
    if measured(1000):
        up = "up", Lazuli.name, 1000
        peak = max(run.peak_bytes for run in runs[up]) / MEBIBYTE
        result += [
            target("up of 1000 machines against the floor", ratio(up, ("up", Floor.name, 1000)), "<=", 2, " x"),
            target("up again of 1000, nothing changed, against up", ratio(("up again", Lazuli.name, 1000), up), "<=", 0.15, " x"),
            target("up of one more than 1000, against up", ratio(("up with one more", Lazuli.name, 1000), up), "<=", 0.10, " x"),
            target("down of 1000, against up", ratio(("down", Lazuli.name, 1000), up), "<=", 0.5, " x"),
            target("memory of up of 1000", peak, "<=", 100, " MiB"),
        ]
    if measured(100):
        up = "up", Lazuli.name, 100
        result += [
            target("up of 100: ip -batch takes", ratio(("up", IpBatch.name, 100), up), ">=", 8, " x"),
            target("up of 100: Mininet takes", ratio(("up", Mininet.name, 100), up), ">=", 20, " x"),
        ]
    if measured(2000):
        grown = ratio(("up", Lazuli.name, 2000), ("up", Lazuli.name, 200)) / 10
        result.append(target("a machine's share of up, at 2000 against 200", grown, "<=", 2, " x"))
    return result


def progress(words):
    """One line that the next one replaces; only for a person who looks on."""
    if sys.stderr.isatty():
        print(f"\r\033[K{words}", end="", file=sys.stderr, flush=True)
