# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import subprocess
import uuid

import pytest

LAB_FILE = pathlib.Path(__file__).parent / "lab.yaml"


@pytest.fixture(scope="module", autouse=True)
def lab():
    """A lab for the tests of one file; that of `lazuli run`, where it runs pytest."""
    if "LAZULI_LAB" in os.environ:
        yield
        return
    name = f"pytest-{uuid.uuid4().hex[:8]}"
    try:
        subprocess.run(["lazuli", "up", LAB_FILE, "--name", name], check=True)
        os.environ["LAZULI_LAB"] = name
        yield
    finally:
        os.environ.pop("LAZULI_LAB", None)
        subprocess.run(["lazuli", "down", name], check=True)
