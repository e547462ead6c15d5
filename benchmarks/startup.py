"""How long whole `molva` processes take, beside an empty Python and beside bare click.

Bars: `molva --help` under 0.25 s, `molva search` under 0.6 s.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

import index
from mention import Mention


@click.command()
@click.option("--runs", default=9, show_default=True, help="Counted runs of each command.")
def main(runs: int) -> None:
    """Print median wall times and their ratios."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "molva.sqlite"
        with index.open_store(store) as mentions:
            mentions.upsert(
                [Mention(id=f"s:{n}", source="s", text=f"Очередь номер {n}") for n in range(1000)]
            )
        molva = [sys.executable, "-m", "cli"]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "python -c 'import click'": [sys.executable, "-c", "import click"],
            "molva --help": [*molva, "--help"],
            "molva search очередь": [*molva, "search", "очередь", "--store", str(store)],
        }
        times = _times(commands, runs)
    empty = times["python -c pass"]
    click.echo(f"{'whole process':28}{'median s':>10}{'× empty Python':>16}")
    for name, median in times.items():
        click.echo(f"{name:28}{median:>10.3f}{median / empty:>16.1f}")


def _times(commands: dict[str, list[str]], runs: int) -> dict[str, float]:
    """Return median seconds; the commands take turns, so that a slow minute hits all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            begin = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, env=os.environ)
            if turn:  # the first turn fills the file cache
                seconds[name].append(time.perf_counter() - begin)
    return {name: statistics.median(values) for name, values in seconds.items()}


if __name__ == "__main__":
    main()
