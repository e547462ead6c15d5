"""Why a page could not be read: one sentence and the next step, for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response

from crawlers.blocking import is_blocked
from crawlers.download import PrivateAddressError
from crawlers.keys import hide
from crawlers.middlewares import retry_after
from crawlers.patience import HostBlockedError, HostBusyError
from mention import clean_text

KEPT: Final = "what came before is stored"
MAX_WORDS: Final = 200  # characters shown of what somebody else says

BLOCKED: Final = (
    "{host} answers robots with a captcha or challenge, which Molva does not get around; "
    "save the pages yourself and 'molva import' them"
)
_REFUSED: Final = ("may not be read", "ask its owner, or import a file")
_CLIENT_ERRORS: Final = {
    **dict.fromkeys((401, 402, 403, 407, 451), _REFUSED),
    404: ("does not exist", "check the arguments"),
    410: ("is gone for good", "remove it from your sources"),
}
_FAILURES: Final[dict[type[Exception], str]] = {
    PrivateAddressError: "a page led to {url}, which is in a private network; nothing was fetched",
    HostBlockedError: BLOCKED,
    HostBusyError: "{host} asks for a long wait; run it again later, {kept}",
    IgnoreRequest: "{url} leads from one redirect to the next; check the address",
    CannotResolveHostError: "there is no host {host}; check the address and the connection",
    DownloadConnectionRefusedError: "nothing answers at {host}; check the address",
    DownloadTimeoutError: "{host} did not answer in time; run it again later, {kept}",
    ResponseDataLossError: "{host} broke off in the middle of a page; run it again later, {kept}",
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a platform says went wrong, in the body of an answer of any status.

    Attributes:
        message: the platform's words.
        step: what a person can do, the end of a sentence.
        wait: seconds after which asking again may help; None when it does not help.
    """

    message: str
    step: str = "check the arguments and the key"
    wait: float | None = None

    @property
    def words(self) -> str:
        """The message as one short line, without keys."""
        return " ".join(clean_text(hide(self.message)).split())[:MAX_WORDS] or "no reason is given"


def explain_response(response: Response, complaint: Complaint | None = None) -> str | None:
    """Return what is wrong with an answer, or None when it can be read."""
    host, status = urlsplit(response.url).netloc, response.status
    wait = retry_after(response)
    if is_blocked(response):
        return BLOCKED.format(host=host)
    if 200 <= status < 300:
        return f"{host} says: {complaint.words}; {complaint.step}" if complaint else None
    told = f"{status}: {complaint.words}" if complaint else str(status)
    if status == 429 or (status == 503 and wait):
        asked = f" and to wait {wait:.0f} seconds" if wait else ""
        return f"{host} asks to slow down{asked} ({told}); run it again later, {KEPT}"
    if status >= 500:
        tries = int(response.meta.get("retry_times", 0)) + 1
        return f"{host} answered {told} to {tries} tries; run it again later, {KEPT}"
    said, step = _CLIENT_ERRORS.get(status, ("cannot be read", "check the address"))
    if complaint:
        step = complaint.step
    return f"{hide(response.url)} {said} ({told}); {step}"


def explain_failure(error: BaseException | None, request: Request) -> str:
    """Return why a request brought no answer at all."""
    parts = urlsplit(request.url)
    if isinstance(error, IgnoreRequest) and "robots.txt" in str(error):
        return (
            f"robots.txt of {parts.netloc} forbids {parts.path or '/'}; ask the site's owner, "
            "or import pages that you saved"
        )
    for kind, sentence in _FAILURES.items():
        if isinstance(error, kind):
            return sentence.format(url=hide(request.url), host=parts.netloc, kept=KEPT)
    reason = hide(" ".join(str(error).split())) or type(error).__name__
    url = hide(request.url)
    return f"{url} could not be fetched: {reason[:MAX_WORDS]}; run it again later, {KEPT}"
