# SPDX-License-Identifier: Apache-2.0
"""Mininet with N hosts at one Linux bridge and no controller: says `up`, and stops when its standard input closes.

usage: mininet_lab.py N     in a network namespace of its own: Mininet keeps switches in the one it runs in
"""

import signal
import sys

from mininet.log import setLogLevel
from mininet.net import Mininet
from mininet.nodelib import LinuxBridge
from mininet.topo import SingleSwitchTopo

signal.signal(signal.SIGTERM, signal.default_int_handler)
setLogLevel("error")
Mininet.inited = True  # or it would raise limits of the whole machine
net = Mininet(topo=SingleSwitchTopo(k=int(sys.argv[1])), switch=LinuxBridge, controller=None, autoSetMacs=True)
try:
    net.start()
    print("up", flush=True)
    sys.stdin.read()
finally:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    net.stop()
