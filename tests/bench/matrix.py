# SPDX-License-Identifier: Apache-2.0
"""How long it takes to predict and to try every pair of fifty machines."""

import topology
from report import measure, target
from setup_cost import progress

MACHINES = 50


def measure_matrix(sandbox, quick):
    machines, repetitions = (10, 1) if quick else (MACHINES, 3)
    file = sandbox.files / "matrix.yaml"
    file.write_text(topology.matrix_lab_file(sandbox.lab, machines))
    sandbox.run([sandbox.lazuli, "up", file])
    seconds = []
    for repetition in range(repetitions):
        progress(f"matrix: repetition {repetition + 1} of {repetitions}")
        seconds.append(sandbox.run([sandbox.lazuli, "verify", sandbox.lab, "--matrix"]).seconds)
    progress("")
    sandbox.run([sandbox.lazuli, "down", sandbox.lab])
    rows = [measure("verify --matrix", "lazuli", "s", seconds, machines)]
    return rows, [] if quick else [target(f"matrix of {MACHINES} machines, ping and one port", rows[0]["median"], "<=", 20, " s")]
