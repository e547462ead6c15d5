"""The libraries of the page are what their README says they are."""

import hashlib
import re
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[2] / "dashboard" / "static" / "vendor"
README = (VENDOR / "README.md").read_text(encoding="utf-8")
SUMS = dict(re.findall(r"^\| `([\w.-]+)` \|.*\| `([0-9a-f]{64})` \|$", README, re.MULTILINE))


def test_every_file_has_its_sum() -> None:
    files = {path.name for path in VENDOR.iterdir() if path.suffix in {".js", ".css"}}
    assert files == set(SUMS)


@pytest.mark.parametrize("name", SUMS)
def test_a_file_is_unchanged(name: str) -> None:
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == SUMS[name]


def test_every_library_has_its_licence() -> None:
    named = set(re.findall(r"\[(?:MIT|Apache-2\.0)\]\(licences/([\w.]+)\)", README))
    assert named == {path.name for path in (VENDOR / "licences").iterdir()}
