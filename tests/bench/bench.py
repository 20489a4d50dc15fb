# SPDX-License-Identifier: Apache-2.0
"""Measures Lazuli on this machine, in one run, and compares pair by pair; scripts/bench builds what this needs and starts it.

Every measure alternates between what it compares (A B A B …), so that whatever else the machine does falls on both; a ratio is the
median of the ratios of the pairs, not the ratio of two medians.
"""

import argparse
import json
import os
import platform
import signal
import sys
from datetime import datetime, timezone
from pathlib import Path

from matrix import measure_matrix
from report import print_report
from sandbox import Sandbox
from security import measure_security
from services import measure_services
from setup_cost import measure_setup
from traffic import measure_traffic
from tunnel import measure_tunnel

ROOT = Path(__file__).resolve().parents[2]
PARTS = {
    "setup": measure_setup,
    "traffic": measure_traffic,
    "services": measure_services,
    "security": measure_security,
    "matrix": measure_matrix,
    "tunnel": measure_tunnel,
}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few machines, few repetitions: shows that it works, proves no target")
    parser.add_argument("--only", choices=PARTS, help="measure one part; tunnel needs a kernel with ESP and is measured only when named")
    parser.add_argument("--output", type=Path, default=ROOT / "build/bench.json", metavar="FILE", help="where to write the JSON")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    if os.geteuid() != 0:
        sys.exit("scripts/bench: needs root")
    for request in (signal.SIGINT, signal.SIGTERM):  # leave with everything removed, also when started with the signal ignored
        signal.signal(request, signal.default_int_handler)
    report = {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "kernel": platform.release(),
        "cpus": os.cpu_count(),
        "quick": arguments.quick,
        "measures": [],
        "targets": [],
    }
    with Sandbox(build=ROOT / "build/release") as sandbox:
        for part, measure in PARTS.items():
            if part == arguments.only or (arguments.only is None and part != "tunnel"):
                measures, targets = measure(sandbox, arguments.quick)
                report["measures"] += measures
                report["targets"] += targets
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(report, indent=2) + "\n")
    print_report(report)
    print(f"\nwritten to {arguments.output}")
    return 0 if all(target["holds"] for target in report["targets"]) else 3


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("scripts/bench: interrupted")
    except (RuntimeError, TimeoutError) as error:
        sys.exit(f"scripts/bench: {error}")
