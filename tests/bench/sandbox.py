# SPDX-License-Identifier: Apache-2.0
"""Runs programs, and removes everything that was made here, and nothing else, however the run ends."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

NAMESPACES = Path("/run/netns")


@dataclass
class Run:
    seconds: float  # of the whole process, from before it was started until it was reaped
    peak_bytes: int  # of resident memory; at least what the process that started it had


class Sandbox:
    """Names all that a run makes after the run's process, so that two runs and a person's labs never meet.

    The namespaces are `<name>-…` and those of the one lab, `<name>.…`.
    """

    def __init__(self, build):
        self.name = f"bench-{os.getpid()}"
        self.lab = self.name
        self.lazuli = build / "lazuli"
        self.server = build / "libexec/lazuli/lazuli-server"
        self.floor = build / "floor"

    def __enter__(self):
        self.files = Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
        self.daemons = []
        self.run(["ip", "netns", "add", self.namespace("home")])
        return self

    def __exit__(self, *_):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for daemon in self.daemons:
            daemon.kill()
            daemon.wait()
        if any(NAMESPACES.glob(f"{self.lab}.*")) or Path(f"/run/lazuli/{self.lab}").exists():
            subprocess.run([self.lazuli, "down", self.lab], check=False)
        for path in [*NAMESPACES.glob(f"{self.name}-*"), *NAMESPACES.glob(f"{self.lab}.*")]:
            subprocess.run(["ip", "netns", "del", path.name], check=False)
        shutil.rmtree(self.files, ignore_errors=True)

    def namespace(self, node):
        return f"{self.name}-{node}"

    def lab_namespace(self, node):
        return f"{self.lab}.{node}"

    def run(self, argv):
        """Runs a program that must succeed."""
        with tempfile.TemporaryFile(dir=self.files) as output:
            start = time.monotonic()
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
            try:
                _, status, usage = os.wait4(process.pid, 0)
            except BaseException:  # also Ctrl-C: what is removed next must not be in the making
                process.kill()
                process.wait()
                raise
            seconds = time.monotonic() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                output.seek(0)
                words = " ".join(str(word) for word in argv)
                raise RuntimeError(f"{words}: status {process.returncode}\n{output.read().decode()}")
        return Run(seconds, usage.ru_maxrss * 1024)

    @contextlib.contextmanager
    def daemon(self, argv, **streams):
        """A program that runs as long as the block."""
        process = subprocess.Popen(argv, **streams)
        self.daemons.append(process)
        try:
            yield process
        finally:
            process.terminate()
            process.wait()
            self.daemons.remove(process)

    def settle(self, limit=120):
        """Waits until the kernel has freed the namespaces given up so far.

        It frees them later, in turns, in the order they were given up. So a namespace given up now that holds one end of a veth pair
        is gone when the other end is. It may share its turn with those before it, and the turn goes on after its links are gone: the
        second time it cannot. (The kernel's count of namespaces does not serve: it frees the last turn's memory in the next.)
        """
        home, last = self.namespace("home"), self.namespace("last")
        for _ in range(2):
            self.run(["ip", "netns", "add", last])
            self.run(["ip", "link", "add", "last", "netns", home, "type", "veth", "peer", "name", "last", "netns", last])
            self.run(["ip", "netns", "del", last])
            show = ["ip", "-n", home, "link", "show", "last"]
            wait_until(lambda: subprocess.run(show, capture_output=True, check=False).returncode != 0, limit, "namespaces are still being freed")


def wait_until(condition, limit, complaint):
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {limit} s: {complaint}")
        time.sleep(0.01)
