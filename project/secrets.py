"""Secrets of what stands above the rooms: from the environment, or from a file it names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from project.checks import ProjectError


def read_secret(name: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the secret in the variable `name`, or in the file that `name_FILE` names.

    Args:
        name: of the variable.
        environment: where variables are looked up.

    Raises:
        ProjectError: both are set, others may read the file, or it has no secret.
    """
    value, file = environment.get(name), environment.get(f"{name}_FILE")
    if value and file:
        raise ProjectError(f"both {name} and {name}_FILE are set; keep one")
    if file:
        value = _content(Path(file), name)
    if not value:
        return None
    # One of these inside a header would be another header.
    if not value.isprintable():
        raise ProjectError(f"the value of {name} has a line break in it; write it on one line")
    return value


def _content(file: Path, name: str) -> str:
    try:
        # Elsewhere than on POSIX the mode does not say who may read.
        if os.name == "posix" and file.stat().st_mode & 0o077:
            raise ProjectError(f"others may read {file}; run: chmod 600 {file}")
        value = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise ProjectError(f"the file {file} of {name}_FILE cannot be read: {reason}") from error
    if not value:
        raise ProjectError(f"the file {file} of {name}_FILE is empty; write the secret into it")
    return value
