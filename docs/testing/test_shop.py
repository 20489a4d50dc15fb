# SPDX-License-Identifier: Apache-2.0
import subprocess


def in_node(node, *command):
    return subprocess.run(["lazuli", "exec", node, "--", *command], capture_output=True, text=True, timeout=30)


def test_front_reads_the_page():
    page = in_node("front1", "curl", "-sS", "--max-time", "5", "http://data1/")
    assert page.returncode == 0, page.stderr
    assert "says hello to 10.0.1.4" in page.stdout


def test_nothing_else_comes_in():
    assert in_node("front1", "ping", "-c", "1", "-W", "1", "data1").returncode == 1
