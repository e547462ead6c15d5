"""Where the recordings lie, and how answers are taken out of what tools recorded them in."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

FIXTURES = Path(__file__).parents[3].parent / "shared" / "fixtures"


def recordings(folder: str, *patterns: str) -> list[Any]:
    """Return the files of a platform as parameters; without any, one that is skipped.

    Use: `@pytest.mark.parametrize("recording", recordings("yelp", "*.yml"))`.
    """
    found = sorted(one for pattern in patterns for one in (FIXTURES / folder).glob(pattern))
    if found:
        return [pytest.param(one, id=one.name[-40:]) for one in found]
    absent = pytest.mark.skip(reason="not present: the recordings lie outside the repository")
    return [pytest.param(None, id="not present", marks=absent)]


@dataclass(frozen=True)
class Interaction:
    """A recorded request and its answer."""

    method: str
    url: str
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class _Loader(yaml.SafeLoader):
    """Knows Ruby's `!binary` beside YAML's own `!!binary`."""


_Loader.add_constructor(
    "!binary",
    lambda loader, node: base64.b64decode(str(loader.construct_scalar(node))),  # type: ignore[arg-type]  # a scalar by the tag
)


def interactions(path: Path) -> list[Interaction]:
    """Return the interactions of a cassette: betamax, vcrpy, R's vcr or Ruby's VCR."""
    text = path.read_text("utf-8")
    tape = json.loads(text) if path.suffix == ".json" else yaml.load(text, _Loader)
    return [_interaction(one) for one in tape.get("http_interactions") or tape["interactions"]]


def _interaction(one: dict[str, Any]) -> Interaction:
    request, response = one["request"], one["response"]
    status = response["status"]  # a number alone in the cassettes of R's vcr 2
    if isinstance(status, dict):
        status = status["code"] if "code" in status else status["status_code"]
    headers = {
        name.lower(): value[0] if isinstance(value, list) else value
        for name, value in (response.get("headers") or {}).items()
    }
    body = _body(response.get("body") or {})
    if headers.pop("content-encoding", "") == "gzip" and body.startswith(b"\x1f\x8b"):
        body = gzip.decompress(body)
    # The server that replays the answer measures it anew.
    for name in ("content-length", "transfer-encoding", "connection"):
        headers.pop(name, None)
    return Interaction(
        str(request["method"]).upper(),
        request["uri"],
        int(status),
        body,
        headers,
    )


def _body(body: Any) -> bytes:
    if isinstance(body, dict):
        if "base64_string" in body:
            return base64.b64decode(body["base64_string"])
        body = body.get("string") or b""
    return body if isinstance(body, bytes) else str(body).encode()
