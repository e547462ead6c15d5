"""What the cluster or the way to it did wrong, as one sentence and the next step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from elasticsearch import (
    ApiError,
    ConnectionError,  # noqa: A004 - the client's name for it
    ConnectionTimeout,
    SerializationError,
    SSLError,
    TransportError,
    UnsupportedProductError,
)

_FULL_DISK: Final = (
    "the disk of the cluster at {url} is nearly full, so it only lets itself be read; make "
    "room there, then run this again: nothing is lost"
)
_READ_ONLY: Final = (
    "the cluster at {url} only lets this index be read ({reason}); "
    "lift the block, then run this again"
)
_BUSY: Final = (
    "the cluster at {url} is too busy or not ready ({status}: {reason}); "
    "run this again later: nothing is lost"
)
_OTHER_VERSION: Final = (
    "the server at {url} does not understand a client of version 9; use Elasticsearch 9"
)
_NOT_ELASTIC: Final = "what answers at {url} is not Elasticsearch; correct url"
_NO_INDEX: Final = "the cluster at {url} has no index or alias{index}; make it with: molva index"
_TOO_LARGE: Final = (
    "something on the way to {url} refuses requests of this size; raise its limit to 10 MB or more"
)
_CONTEXT_LOST: Final = (
    "the cluster at {url} has lost the place that reading had reached; start again"
)


def sentence(
    error: ApiError | TransportError,
    url: str,
    *,
    ca_file: Path | None = None,
    has_secret: bool = True,
) -> str:
    """Return what to tell a person about `error`.

    Args:
        error: what the client raised.
        url: of the cluster, without a secret in it.
        ca_file: certificates that the cluster's own was checked against.
        has_secret: whether a key or a password was sent.
    """
    if isinstance(error, TransportError):
        return _transport_sentence(error, url, ca_file)
    if isinstance(error, UnsupportedProductError):
        return _NOT_ELASTIC.format(url=url)
    kind, reason, index = cause(error.body)
    return api_sentence(error.meta.status, kind, reason, index, url, has_secret=has_secret)


def cause(body: object) -> tuple[str, str, str | None]:
    """Return type, reason and index of the first cause in an answer's error."""
    error = body.get("error", body) if isinstance(body, Mapping) else body
    if not isinstance(error, Mapping):
        return "", _short(str(error)), None
    fields = cast("Mapping[str, object]", error)
    causes = fields.get("root_cause")
    if isinstance(causes, list) and causes and isinstance(causes[0], Mapping):
        fields = causes[0]
    index = fields.get("index")
    return (
        str(fields.get("type", "")),
        _short(str(fields.get("reason", "no reason given"))),
        index if isinstance(index, str) else None,
    )


def api_sentence(
    status: int, kind: str, reason: str, index: str | None, url: str, *, has_secret: bool = True
) -> str:
    """Return what to tell about an answer of HTTP `status`, or about such an item of a bulk."""
    if kind == "cluster_block_exception":
        template = _FULL_DISK if "watermark" in reason else _READ_ONLY
    elif kind == "media_type_header_exception" or status == 406:
        template = _OTHER_VERSION
    elif kind == "index_not_found_exception":
        template = _NO_INDEX
    elif kind == "search_context_missing_exception":
        template = _CONTEXT_LOST
    elif status == 401:
        return _unknown_user(url, has_secret=has_secret)
    elif status == 403:
        template = (
            "the cluster at {url} does not allow this ({reason}); use a key of a role that may"
        )
    elif status == 413:
        template = _TOO_LARGE
    elif status == 429 or status >= 500:
        template = _BUSY
    else:
        template = (
            "the cluster at {url} does not accept what Molva asks ({status} {kind}: {reason}); "
            "report it with this message"
        )
    return template.format(
        url=url,
        kind=kind,
        reason=reason,
        status=status,
        index=f" '{index}'" if index else " of that name",
    )


def _unknown_user(url: str, *, has_secret: bool) -> str:
    if has_secret:
        return (
            f"the cluster at {url} does not accept the API key or the password; "
            "correct MOLVA_ELASTICSEARCH_API_KEY, or _USER and _PASSWORD"
        )
    return (
        f"the cluster at {url} wants to know who asks; set MOLVA_ELASTICSEARCH_API_KEY, or "
        "MOLVA_ELASTICSEARCH_USER and MOLVA_ELASTICSEARCH_PASSWORD"
    )


def _transport_sentence(error: TransportError, url: str, ca_file: Path | None) -> str:
    said = str(error)
    if isinstance(error, SSLError):
        return _certificate_sentence(said, url, ca_file)
    if isinstance(error, ConnectionTimeout):
        return (
            f"the cluster at {url} did not answer in time; "
            "run this again later, or raise the timeout: nothing is lost"
        )
    if isinstance(error, SerializationError):
        return _NOT_ELASTIC.format(url=url)
    if isinstance(error, ConnectionError):
        if "NameResolution" in said or "resolve" in said:
            return f"there is no machine of the name in {url}; correct url"
        hint = "" if url.startswith("https") else " (or write https:// if it speaks TLS)"
        return f"no cluster answers at {url}; start it or correct url{hint}: nothing is lost"
    return f"the cluster at {url} cannot be used ({_short(said)}); run: molva doctor"


def _certificate_sentence(said: str, url: str, ca_file: Path | None) -> str:
    if "WRONG_VERSION_NUMBER" in said or "record layer" in said:
        return f"the server at {url} does not speak TLS; write http:// for one on this machine"
    if "mismatch" in said or "doesn't match" in said:
        return f"the certificate at {url} is for another host name; write url as it stands there"
    if "expired" in said:
        return f"the certificate at {url} has expired; renew it on the cluster"
    signed = f"signed by none of {ca_file}" if ca_file else "not signed by anyone known here"
    return f"the certificate at {url} is {signed}; name the cluster's own CA file in ca_file"


def _short(reason: str) -> str:
    """Return the beginning of the server's words, on one line."""
    line = re.sub(r"\s+", " ", reason).strip().rstrip(".;")
    return line if len(line) <= 300 else line[:300] + "…"
