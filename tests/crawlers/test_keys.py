"""Keys: where they come from, and that nothing that is stored or shown has them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers import keys
from crawlers.errors import ArgumentError, NotAllowedError
from crawlers.items import ParseContext
from crawlers.keys import HidingFilter, MissingKeyError, hide, optional_secret, protect, secret
from crawlers.parameters import Parameters
from crawlers.registry import SPIDERS, Secret, SpiderEntry
from crawlers.run import REPLAY_KEY, check

FORUM = SpiderEntry(
    "nowhere:Forum",
    Parameters,
    "TOLERATED",
    "posts",
    secrets=(Secret("api_key", "make one at forum.example.org"), Secret("token", "ask", False)),
    terms="https://forum.example.org/terms",
)


@pytest.fixture(autouse=True)
def forum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SPIDERS, "forum", FORUM)
    monkeypatch.setattr(keys, "_protected", set())


def test_key_comes_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MissingKeyError, match=r"MOLVA_FORUM_API_KEY.*make one at forum"):
        secret("forum", "api_key")
    assert optional_secret("forum", "token") is None
    monkeypatch.setenv("MOLVA_FORUM_API_KEY", " abc \n")
    assert secret("forum", "api_key") == "abc"
    assert secret("forum", "api_key", "another") == "another"
    file = tmp_path / "key"
    monkeypatch.setenv("MOLVA_FORUM_API_KEY_FILE", str(file))
    with pytest.raises(ArgumentError, match="keep one"):
        secret("forum", "api_key")
    monkeypatch.delenv("MOLVA_FORUM_API_KEY")
    with pytest.raises(ArgumentError, match="cannot be read"):
        secret("forum", "api_key")
    file.write_text("")
    file.chmod(0o644)
    with pytest.raises(ArgumentError, match="chmod 600"):
        secret("forum", "api_key")
    file.chmod(0o600)
    with pytest.raises(ArgumentError, match="is empty"):
        secret("forum", "api_key")
    file.write_text("-----BEGIN KEY-----\nxyz\n-----END KEY-----\n")
    assert secret("forum", "api_key").splitlines()[1] == "xyz"


@given(st.text(st.characters(exclude_characters="*"), min_size=8), st.text(), st.text())
def test_long_key_is_hidden_wherever_it_stands(value: str, before: str, after: str) -> None:
    protect(value)
    assert value not in hide(before + value + after)
    keys._protected.clear()


def test_short_key_is_hidden_only_as_a_value() -> None:
    protect("abc")
    assert hide("https://x.example/abc?key=abc&q=abcd") == "https://x.example/abc?key=***&q=abcd"
    protect("a/b+c d=9")
    assert hide("?t=a%2Fb%2Bc+d%3D9 and a%2Fb%2Bc%20d%3D9") == "?t=*** and ***"


def test_reject_and_log_have_no_key(caplog: pytest.LogCaptureFixture) -> None:
    protect("key-of-forum-17")
    url = "https://x.example/?key=key-of-forum-17"
    reject = ParseContext("forum").reject(f"bad {url}", where=url, raw={"asked": url})
    assert "key-of-forum-17" not in reject.model_dump_json()
    caplog.handler.addFilter(HidingFilter())
    try:
        raise ValueError(url)
    except ValueError:
        logging.getLogger("x").exception("asked %s", url)
    assert "key-of-forum-17" not in caplog.text
    assert "ValueError: https://x.example/?key=***" in caplog.text


def test_tolerated_source_needs_leave_and_a_key_except_on_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(NotAllowedError, match=r"https://forum\.example\.org/terms"):
        check("forum", {})
    with pytest.raises(MissingKeyError):
        check("forum", {}, tolerated=True)
    with pytest.raises(ArgumentError, match="set MOLVA_FORUM_TOKEN"):
        check("forum", {"token": "x"}, tolerated=True)
    monkeypatch.setenv("MOLVA_FORUM_API_KEY", "key-of-forum-17")
    checked = check("forum", {}, tolerated=True)
    assert "https://forum.example.org/terms" in str(checked.warning)
    replayed = check("forum", {"base_url": "http://127.0.0.1:8080", "token": "x"})
    assert replayed.keys == {"api_key": "key-of-forum-17", "token": "x"}
    assert replayed.public == {"base_url": "http://127.0.0.1:8080"}
    monkeypatch.delenv("MOLVA_FORUM_API_KEY")
    assert check("forum", {"base_url": "http://[::1]:1"}).keys == {"api_key": REPLAY_KEY}
    with pytest.raises(NotAllowedError):
        check("forum", {"base_url": "https://mirror.example.org"})
