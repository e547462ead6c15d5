"""docs/collecting.md, the timers beside it and the page on scaling show what really works."""

from __future__ import annotations

import configparser
import re
import shlex
from pathlib import Path

import pytest

import project
from cli import cli
from collecting.jobs import jobs_of

DOCS = Path(__file__).parents[2] / "docs"
SCHEDULE = DOCS / "schedule"
PAGES = [(DOCS / name).read_text(encoding="utf-8") for name in ("collecting.md", "scaling.md")]
FILES = [(SCHEDULE / name).read_text(encoding="utf-8") for name in ("molva.service", "crontab")]


def commands() -> list[str]:
    """Every command line of the pages and files, from the name of the command on."""
    found = [
        line
        for page in PAGES
        for block in re.findall(r"^```\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        for line in re.findall(r"^molva (.+)$", block, re.MULTILINE)
    ]
    for file in FILES:
        lines = (line for line in file.splitlines() if not line.startswith("#"))
        found += [one for line in lines for one in re.findall(r"bin/molva ([^>|&]+)", line)]
    return found


@pytest.mark.parametrize("line", commands())
def test_every_command_is_understood(line: str) -> None:
    name, *arguments = shlex.split(line, comments=True)
    cli.commands[name].make_context(name, arguments)


def test_the_project_file_of_the_page_is_one(tmp_path: Path) -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```", PAGES[0], re.MULTILINE | re.DOTALL)
    file = tmp_path / "molva.toml"
    file.write_text("".join(blocks), encoding="utf-8")
    loaded = project.load(file)
    assert [brand.spellings for brand in loaded.brands] == [
        ("Парус", "Parus", "Парус банк"),
        ("Маяк", "Mayak", "Majakas"),
    ]
    assert len(jobs_of(loaded)) == 1 + 6


def test_systemd_gets_the_right_sections() -> None:
    for name, section in (("molva.service", "Service"), ("molva.timer", "Timer")):
        unit = configparser.ConfigParser(interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case, as the manual of configparser shows
        unit.read(SCHEDULE / name, encoding="utf-8")
        assert section in unit
        assert unit["Unit"]["Description"]
    assert unit["Timer"]["OnCalendar"]
    assert unit["Install"]["WantedBy"] == "timers.target"


def test_cron_lines_have_five_fields_and_a_command() -> None:
    lines = [one for one in FILES[1].splitlines() if re.match(r"[*\d]", one)]
    assert len(lines) == 2
    for line in lines:
        *fields, command = line.split(maxsplit=5)
        assert all(re.fullmatch(r"\*(/\d+)?|\d+", field) for field in fields)
        assert command.startswith("cd ")
        assert "%" not in command  # cron would break the line there
