"""Which user a server runs as: Elasticsearch refuses root, as which containers and CI run."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from tests.elasticsearch.errors import ServerError

UNPRIVILEGED = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """A user to run as instead of root."""

    user: int
    group: int


def account() -> Account | None:
    """Return the user to change to; None when we are not root.

    Raises:
        ServerError: we are root and there is no such user.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise ServerError(
            f"Elasticsearch refuses to run as root and there is no user '{UNPRIVILEGED}' to run "
            f"as; create one (useradd --system {UNPRIVILEGED}) or work as another user"
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def is_open_to_all(folder: Path) -> bool:
    """Say whether every user can get into `folder`, such as none can into root's home."""
    resolved = folder.resolve()
    return all(
        place.stat().st_mode & stat.S_IXOTH == stat.S_IXOTH
        for place in (resolved, *resolved.parents)
    )


def twin(source: Path, target: Path) -> Path:
    """Lay out `source` again at `target`, its files linked where the disk allows it."""
    shutil.copytree(source, target, copy_function=_link_or_copy)
    for folder in (target, *(one for one in target.rglob("*") if one.is_dir())):
        folder.chmod(0o755)
    return target


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)
