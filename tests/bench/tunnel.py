# SPDX-License-Identifier: Apache-2.0
"""How long a site-to-site VPN takes to come up, and its throughput against two namespaces with the same cipher and keys set by hand.

Needs a kernel with ESP: scripts/bench runs this part in scripts/labvm.
"""

import json
import time

import topology
from report import median_ratio, measure, target
from sandbox import wait_until
from setup_cost import progress
from traffic import Way, output, inside, throughput

TUNNEL = "through the VPN"
BY_HAND = "ESP by hand"

KEY = "0x" + "5a" * 36  # AES-GCM: 32 bytes of key, 4 of salt
ENDS = "203.0.113.1", "203.0.113.2"
INNER = "10.77.0.1", "10.77.0.2"
INTERFACE_ID = "7"
SITES = 10


def measure_tunnel(sandbox, quick):
    seconds, repetitions = (1, 1) if quick else (4, 5)
    rows = [measure("up until the first ping through the VPN", "lazuli", "s", [time_to_first_ping(sandbox)])]
    targets = [target("up of a site until the first ping", rows[0]["median"], "<=", 15, " s")]
    ways = [create_by_hand(sandbox), Way(TUNNEL, sandbox.lab_namespace("vm1"), sandbox.lab_namespace("server1"), "192.168.1.10")]
    for way in ways:
        wait_until(lambda: output_of_ping(way), 30, f"{way.name}: no answer")
    gigabits = {way.name: [] for way in ways}
    for repetition in range(repetitions):
        for way in ways:
            progress(f"tunnel: {way.name}, repetition {repetition + 1} of {repetitions}")
            gigabits[way.name].append(throughput(sandbox, way, seconds))
    progress("")
    sandbox.run([sandbox.lazuli, "down", sandbox.lab])
    rows += [measure("TCP throughput", name, "Gbit/s", values) for name, values in gigabits.items()]
    targets.append(target("TCP through the VPN against ESP by hand", median_ratio(gigabits[TUNNEL], gigabits[BY_HAND]), ">=", 0.9, " x"))
    progress(f"tunnel: {SITES} sites")
    rows.append(measure(f"up until {SITES} sites are Connected", "lazuli", "s", [time_to_connect(sandbox, SITES)]))
    targets.append(target(f"{SITES} sites on one gateway", rows[-1]["median"], "<=", 60, " s"))
    progress("")
    return rows, [] if quick else targets


def build(sandbox, sites):
    file = sandbox.files / "tunnel.yaml"
    file.write_text(topology.tunnel_lab_file(sandbox.lab, sites))
    sandbox.run([sandbox.lazuli, "up", file])


def time_to_first_ping(sandbox):
    """Of the first lab after the machine has booted: programs and the kernel's modules are loaded meanwhile."""
    progress("tunnel: up")
    start = time.monotonic()
    build(sandbox, 1)
    from_site = Way(TUNNEL, sandbox.lab_namespace("server1"), sandbox.lab_namespace("vm1"), "10.1.0.4")
    wait_until(lambda: output_of_ping(from_site), 30, "no answer through the VPN")
    return time.monotonic() - start


def time_to_connect(sandbox, sites):
    start = time.monotonic()
    build(sandbox, sites)
    seconds = time.monotonic() - start
    status = json.loads(output([sandbox.lazuli, "status", sandbox.lab, "--json"]))
    states = [connection["connectionStatus"] for connection in status["connections"]]
    sandbox.run([sandbox.lazuli, "down", sandbox.lab])
    if states != ["Connected"] * sites:
        raise RuntimeError(f"of {sites} sites: {', '.join(states)}")
    return seconds


def output_of_ping(way):
    try:
        return output(inside(way.client, "ping", "-c1", "-W1", way.address))
    except RuntimeError:
        return None


def create_by_hand(sandbox):
    """Two namespaces, a veth pair, and on it what a gateway has: an xfrm interface with any-to-any policies, AES-GCM with 256 bits."""
    ends = sandbox.namespace("esp1"), sandbox.namespace("esp2")
    for end in ends:
        sandbox.run(["ip", "netns", "add", end])
    sandbox.run(["ip", "link", "add", "wan", "netns", ends[0], "type", "veth", "peer", "name", "wan", "netns", ends[1]])
    for here, there in ((0, 1), (1, 0)):
        for words in (
            f"addr add {ENDS[here]}/24 dev wan",
            "link set lo up",
            "link set wan up",
            f"link add esp type xfrm if_id {INTERFACE_ID}",
            "link set esp mtu 1400 up",
            f"addr add {INNER[here]}/32 dev esp",
            f"route add {INNER[there]} dev esp src {INNER[here]}",
            *(
                f"xfrm state add src {ENDS[source]} dst {ENDS[1 - source]} proto esp spi 0x{source + 1} mode tunnel reqid 1 if_id {INTERFACE_ID}"
                f" replay-window 32 aead rfc4106(gcm(aes)) {KEY} 128"
                for source in (0, 1)
            ),
            *(
                f"xfrm policy add src 0.0.0.0/0 dst 0.0.0.0/0 dir {direction} if_id {INTERFACE_ID}"
                f" tmpl src {ENDS[source]} dst {ENDS[1 - source]} proto esp mode tunnel reqid 1"
                for direction, source in (("out", here), ("in", there), ("fwd", there))
            ),
        ):
            sandbox.run(["ip", "-n", ends[here], *words.split()])
    return Way(BY_HAND, ends[0], ends[1], INNER[1])
