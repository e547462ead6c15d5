"""What the page is served with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Final, cast

from fastapi import Depends, Request

from cluster import Place
from index.sqlite import SqliteStore

if TYPE_CHECKING:
    from index.base import MentionIndex
    from project import Project

# Seconds that a view waits for an answer.
PATIENCE: Final = 30.0
READ_TOKEN: Final = "MOLVA_SERVE_READ_TOKEN"  # noqa: S105 - the name of a variable
WRITE_TOKEN: Final = "MOLVA_SERVE_WRITE_TOKEN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the page asks, and who may ask it.

    Attributes:
        place: the store or the cluster that answers.
        read_token: lets its bearer read; None: reading needs no token.
        write_token: lets its bearer read and write; None: writing needs no token, where
            reading needs none, and is impossible where it does.
        is_read_only: nobody may write.
        hosts: names in lower case, beside those of this machine's loopback, by which a browser
            may call it; "*" is any.
    """

    place: Place = field(repr=False)
    read_token: str | None = field(default=None, repr=False)
    write_token: str | None = field(default=None, repr=False)
    is_read_only: bool = False
    hosts: tuple[str, ...] = ()

    @property
    def project(self) -> Project:
        """The project that is asked of."""
        return self.place.project

    @property
    def needs_token(self) -> bool:
        """Whether nobody is answered without a token."""
        return self.read_token is not None or self.write_token is not None


class Desk:
    """Where the page's questions are asked; one for the whole process, for any thread.

    A store is opened for each question, which takes a thousandth of a second; the client of
    a cluster is made once and shared, so that its connections are.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._shared: MentionIndex | None = None
        self._lock = Lock()

    @contextmanager
    def open(self, *, patience: float | None = PATIENCE) -> Iterator[MentionIndex]:
        """Give what answers, for the time of a `with` block.

        Args:
            patience: seconds after which a store's answer is broken off, so that no question
                keeps others waiting for good; None for an export. A cluster has a limit of
                its own.

        Raises:
            StoreError: it cannot be used, or the answer took too long.
        """
        place = self.settings.place
        if not place.asks_cluster:
            with place.open() as store:
                if patience is not None and isinstance(store, SqliteStore):
                    store.limit_time(patience)
                yield store
            return
        shared = self._shared
        if shared is None:
            # Not while the lock is held: nobody else has to wait for a cluster that is silent.
            opened = place.open()
            with self._lock:
                if self._shared is None:
                    self._shared = opened
                else:
                    opened.close()
                shared = self._shared
        yield shared

    def close(self) -> None:
        """Close what is shared."""
        with self._lock:
            if self._shared is not None:
                self._shared.close()
                self._shared = None


def _desk(request: Request) -> Desk:
    return cast(Desk, request.app.state.desk)


# What an endpoint takes to ask: `def endpoint(desk: Asking) -> …`.
Asking = Annotated[Desk, Depends(_desk)]
