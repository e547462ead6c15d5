"""Run the benchmarks of speed one after the other: `make bench`.

Each also runs alone (`python -m benchmarks.store --help`). Only alone run `tagging`, which
wants a machine for itself, and `tfidf` and `public_sets`, which need labelled texts that are
not part of the repository. Figures are ratios
against a named alternative measured in the same run, because absolute times
differ from machine to machine and from minute to minute.
"""

from __future__ import annotations

import subprocess
import sys

MODULES = ("startup", "store", "answers", "alerts", "coverage", "crawl", "jobs", "elastic", "page")


def main() -> None:
    """Run each module in a process of its own, so that none warms the other's caches."""
    failed = [
        name for name in MODULES if subprocess.call([sys.executable, "-m", f"benchmarks.{name}"])
    ]
    if failed:
        sys.exit(f"these benchmarks failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
