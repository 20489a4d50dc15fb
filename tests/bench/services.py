# SPDX-License-Identifier: Apache-2.0
"""Requests a second over a service endpoint, against the same server behind a veth pair between two namespaces with nothing else."""

import json
import re
from collections import defaultdict

import topology
from report import median_ratio, measure, target
from sandbox import wait_until
from setup_cost import progress
from traffic import BARE, Way, create_bare_pair, inside, output

ENDPOINT = "service endpoint"
CONNECTIONS = 16


def measure_services(sandbox, quick):
    seconds, repetitions = (1, 1) if quick else (3, 7)
    bare = create_bare_pair(sandbox, "served")
    configuration = sandbox.files / "service.json"
    configuration.write_text(json.dumps(topology.service_configuration("eth0", bare.address)))
    file = sandbox.files / "services.yaml"
    file.write_text(topology.services_lab_file(sandbox.lab))
    sandbox.run([sandbox.lazuli, "up", file])
    account = json.loads(output([sandbox.lazuli, "status", sandbox.lab, "--json"]))["storageAccounts"][0]["address"]
    ways = [bare, Way(ENDPOINT, sandbox.lab_namespace("vm1"), sandbox.lab_namespace("services"), account)]
    requests = defaultdict(list)
    with sandbox.daemon(inside(bare.server, sandbox.server, "mock-service", "--configuration", configuration)):
        for way in ways:
            wait_until(lambda: answers(way), 10, f"{way.name}: no answer")
        for repetition in range(repetitions):
            for way in ways:
                progress(f"services: {way.name}, repetition {repetition + 1} of {repetitions}")
                requests[way.name].append(requests_a_second(way, seconds))
    progress("")
    sandbox.run([sandbox.lazuli, "down", sandbox.lab])
    rows = [measure("requests", name, "a second", values) for name, values in requests.items()]
    if quick:
        return rows, []
    return rows, [target("requests over a service endpoint against bare veth", median_ratio(requests[ENDPOINT], requests[BARE]), ">=", 0.8, " x")]


def answers(way):
    """Whether the server knows its caller: by the endpoint, or as the stand-in configuration says."""
    try:
        return json.loads(output(inside(way.client, "curl", "-s", "-m1", f"http://{way.address}/whoami")))["path"] == "backbone"
    except RuntimeError:
        return False


def requests_a_second(way, seconds):
    answer = output(inside(way.client, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", f"http://{way.address}/whoami"))
    if "Non-2xx" in answer or "Socket errors" in answer:
        raise RuntimeError(f"{way.name}: {answer}")
    return float(re.search(r"Requests/sec:\s*([\d.]+)", answer).group(1))
