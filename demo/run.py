"""The main job from end to end, as a person would type it: `python -m demo.run`.

Starts the look-alike site, then calls `molva` as a program of its own for every
step: collect, tag, ask. Each command is printed before what it answers.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from demo.pages import BRANDS, COUNTRY, FORUM, SHOP
from demo.site import DemoSite

STORE: Final = "molva.sqlite"
MARK: Final = "made-by-molva-demo"  # a folder without this file is not the demo's to empty
OURS, COMPETITOR = (brand.name for brand in BRANDS)
CRISIS: Final = "2026-06-15"  # the Monday of the week with the planted crisis
BY_WEEK: Final = ("trends", f'brand:"{OURS}"', "--topic", "delivery", "--by", "week")
CRISIS_QUERY: Final = f'brand:"{OURS}" AND topic:delivery:negative AND date:{CRISIS}..2026-06-21'
NEXT: Final = (
    ("search", "курьер AND NOT topic:delivery:negative", "--order", "best"),
    ("trends", f'brand:"{OURS}"', "--by", "month"),
    ("export", f'brand:"{COMPETITOR}" AND sentiment:negative', "--format", "csv"),
    ("doctor",),
    ("serve",),
)


def fail(sentence: str) -> NoReturn:
    """End the demo with exit code 1 and one sentence."""
    sys.exit(f"\nThe demo stopped: {sentence}")


def say(text: str) -> None:
    """Print what comes now, before the commands print theirs."""
    print(f"\n# {text}", flush=True)


def shown(arguments: Sequence[str]) -> str:
    """Return a command line with quotes only where a shell needs them (Cyrillic needs none)."""
    return " ".join(
        one if re.fullmatch(r"[\w@%+=:,./-]+", one) else "'" + one.replace("'", r"'\''") + "'"
        for one in arguments
    )


def prepare(folder: Path, *, keep: bool) -> Path:
    """Make the folder, or empty it of the last demo's store; return the store's path."""
    mark = folder / MARK
    try:
        if folder.is_dir() and not mark.is_file() and any(folder.iterdir()):
            fail(f"{folder} was not made by the demo; name another folder with --folder")
        folder.mkdir(parents=True, exist_ok=True)
        mark.touch()
        for file in () if keep else folder.glob(f"{STORE}*"):
            file.unlink()
    except OSError as error:
        fail(f"{folder} cannot be used: {error.strerror}; name another folder with --folder")
    return folder / STORE


class Molva:
    """Calls the program `molva` on one store; `program` is how it is called here."""

    def __init__(self, store: Path, config: Path | None = None) -> None:
        """Name the store on every command line, or a project file that names it."""
        script = shutil.which("molva", path=str(Path(sys.executable).parent))
        self.program = [os.path.relpath(script)] if script else [sys.executable, "-m", "cli"]
        self._store = ["--config", str(config)] if config else ["--store", str(store)]

    def line(self, arguments: Sequence[str], program: Sequence[str] = ("molva",)) -> str:
        """Return a command as a person would type it."""
        return shown([*program, *arguments, *self._store])

    def show(self, *arguments: str) -> None:
        """Print a command and run it; its answer goes where the demo's own output goes."""
        print(f"\n$ {self.line(arguments)}", flush=True)
        self._run(arguments, None)

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        """Run a command without showing it and return the rows of its JSON."""
        answer = self._run((*arguments, "--format", "json"), subprocess.PIPE)
        return list(json.loads(answer))

    def _run(self, arguments: Sequence[str], stdout: int | None) -> bytes:
        # What a hidden command says on stderr is shown only when it fails.
        done = subprocess.run(  # noqa: S603 - our own command
            [*self.program, *arguments, *self._store], check=False, stdout=stdout, stderr=stdout
        )
        if done.returncode:
            told = f" ({done.stderr.decode(errors='replace').strip()})" if done.stderr else ""
            fail(f"'{self.line(arguments)}' ended with exit code {done.returncode}{told}")
        return done.stdout or b""


def collect(molva: Molva, site: DemoSite) -> None:
    """Collect everything that `site` shows, then tag it."""
    base = ("-a", f"base_url={site.base_url}")
    say(f"Collect: an app store, a shop and a forum, for {OURS} and its competitor {COMPETITOR}.")
    print("# base_url sends the requests to the look-alike pages on this machine.")
    for brand in BRANDS:
        label = ("-a", f"brand={brand.name}")
        app = ("-a", f"app_id={brand.app_id}", "-a", f"country={COUNTRY}")
        molva.show("collect", "app_store", *app, *label, *base)
        url = f"url={SHOP}/shop/{brand.slug}/reviews"
        molva.show("collect", "schema_org", "-a", url, *label, *base)
        url = f"url={FORUM}/forum/{brand.slug}/feed.xml"
        molva.show("collect", "rss", "-a", url, *label, *base)
    say("Tag: sentiment, and topics sentence by sentence.")
    molva.show("tag")


def demonstrate(molva: Molva, site: DemoSite) -> None:
    """Collect from `site`, tag, and ask; every step is a command."""
    collect(molva, site)
    say(f"Ask: how do people speak of delivery by {OURS}, week by week?")
    molva.show(*BY_WEEK)
    # A week that was not collected has no number.
    weeks = {row["start"]: row["negative"] or 0 for row in molva.rows(*BY_WEEK)}
    crisis = weeks.pop(CRISIS, 0)
    worst = max(weeks.values(), default=0)
    if crisis <= worst:
        fail(f"the crisis of {CRISIS} does not stand out; '{molva.line(['doctor'])}' may say why")
    say(f"{crisis} complain in the week of {CRISIS}, {worst} in the next worst. And {COMPETITOR}?")
    molva.show("trends", "--topic", "delivery", "--by", "month", "--split", "brand")
    say("Evidence: who says so, and in which sentence?")
    molva.show("search", CRISIS_QUERY, "--limit", "5")
    hit = molva.rows("search", CRISIS_QUERY, "--limit", "1")[0]
    say("Every label of one review, with the model that gave it.")
    molva.show("explain", str(hit["id"]))


def main() -> None:
    """Run the demo."""
    parser = argparse.ArgumentParser(prog="python -m demo.run", description="Show the main job.")
    parser.add_argument("--folder", type=Path, default=Path(".demo"), help="default: %(default)s")
    help_keep = "collect into the last demo's store: nothing is new"
    parser.add_argument("--keep", action="store_true", help=help_keep)
    options = parser.parse_args()
    molva, begin = Molva(prepare(options.folder, keep=options.keep)), time.monotonic()
    with DemoSite() as site:
        demonstrate(molva, site)
    say(f"Done in {time.monotonic() - begin:.0f} s. What to type next:")
    for arguments in NEXT:
        target = " > competitor.csv" if arguments[0] == "export" else ""
        print(molva.line(arguments, molva.program) + target)


if __name__ == "__main__":
    main()
