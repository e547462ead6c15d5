"""Files for browsers that are sent while they are written, however long they become."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Event
from typing import Annotated, Final, cast

from fastapi import Depends, Request
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from dashboard.errors import ApiError

AT_ONCE: Final = 8
# Without a byte taken for so long, in seconds, a download is cut off: it keeps others from theirs,
# and the store from forgetting what was true when it began.
LONGEST_PAUSE: Final = 120.0
_RETRY_AFTER: Final = "10"  # seconds

_log = logging.getLogger(__name__)

# Yields the parts of a file. Once the event is set nobody wants the rest: it may end early.
WriteParts = Callable[[Event], Generator[bytes, None, None]]


class Downloads:
    """Downloads that go on at the same time.

    Each is written by a thread of its own, since a store's connection belongs to the thread
    that opened it; that also leaves the others free for questions. Writing waits for whoever
    reads: no more than a part or two are in memory.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._places = BoundedSemaphore(at_once)

    async def answer(self, write: WriteParts, *, media_type: str, name: str) -> StreamingResponse:
        """Return a file as the answer to a request.

        Args:
            write: writes it; what it raises before its first part is raised here.
            media_type: of the file.
            name: under which a browser keeps it; ASCII, without quotes.

        Raises:
            ApiError: there are too many downloads already.
        """
        if not self._places.acquire(blocking=False):
            raise ApiError(
                429,
                "refused",
                "many_downloads",
                {"retry-after": _RETRY_AFTER},
                most=self._at_once,
            )
        writer = _Writer(write, self._places)
        try:
            first = await writer.next()
        except BaseException:
            writer.end()
            raise
        return _Download(writer, first, media_type, name)


class _Writer:
    """A thread that writes one file."""

    def __init__(self, write: WriteParts, places: BoundedSemaphore) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="download")
        self._places = places
        self._ended = Event()
        self._parts = write(self._ended)

    async def next(self) -> bytes | None:
        """Return the next part; None after the last."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, next, self._parts, None)

    def end(self) -> None:
        """Let the thread close what it has open, and end; waits for nothing."""
        self._ended.set()
        self._thread.submit(self._close)
        self._thread.shutdown(wait=False)

    def _close(self) -> None:
        try:
            self._parts.close()
        finally:
            self._places.release()


class _Download(StreamingResponse):
    """The answer that such a file is; it ends the writing however it ends itself."""

    def __init__(self, writer: _Writer, first: bytes | None, media_type: str, name: str) -> None:
        self._writer = writer
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        super().__init__(self._parts(first), headers=headers, media_type=media_type)

    async def _parts(self, first: bytes | None) -> AsyncIterator[bytes]:
        part = first
        while part is not None:
            yield part
            part = await self._writer.next()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""

        async def send_in_time(message: Message) -> None:
            try:
                async with asyncio.timeout(LONGEST_PAUSE):
                    await send(message)
            except TimeoutError as error:
                raise _StalledError from error

        try:
            await super().__call__(scope, receive, send_in_time)
        except _StalledError:
            # The server cuts off what is not whole.
            _log.warning("a download was cut off: nothing was read for %g seconds", LONGEST_PAUSE)
        finally:
            self._writer.end()


class _StalledError(Exception):
    """Whoever downloads has stopped reading."""


def _downloads(request: Request) -> Downloads:
    return cast(Downloads, request.app.state.downloads)


# What an endpoint takes to answer with a file.
Sending = Annotated[Downloads, Depends(_downloads)]
