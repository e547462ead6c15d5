"""docs/commands.md names every command and option, and every command explains itself."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from cli import cli

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_command_is_documented_with_all_its_options(name: str) -> None:
    command = cli.commands[name]
    assert command.help, f"molva {name} has no help"
    assert f"**`molva {name}" in DOCUMENT
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert any(f"`{option}" in DOCUMENT for option in parameter.opts), parameter.opts


@pytest.mark.parametrize("document", [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"])
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", document.read_text("utf-8")):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"
