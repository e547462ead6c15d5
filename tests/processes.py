"""Running a command in a process of its own and measuring what it took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

# A child begins with the memory of its parent: this small process stands in between.
_LAUNCHER = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


class Measured(NamedTuple):
    """What a command printed, and what it took: seconds, and megabytes at the most."""

    output: str
    seconds: float
    megabytes: float


def measure(arguments: Sequence[str], folder: Path) -> Measured:
    """Run `python ARGUMENTS…` of this repository in a folder.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    root = str(Path(__file__).parents[1])
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _LAUNCHER, sys.executable, *arguments],
        cwd=folder, env=os.environ | {"PYTHONPATH": root}, text=True, stdout=subprocess.PIPE,
        check=True,
    )  # fmt: skip
    seconds = time.perf_counter() - begin
    output, _, peak = done.stdout.rstrip().rpartition("\n")
    # Linux counts kilobytes, macOS bytes.
    return Measured(output, seconds, int(peak) / (1 << 20 if sys.platform == "darwin" else 1 << 10))
