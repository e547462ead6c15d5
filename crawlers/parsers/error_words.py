"""What an answer of the form `{"error": …}` says went wrong."""

from __future__ import annotations

from typing import Final

from crawlers.parsers.values import UnreadableError, as_object, as_text, read_json

# What platforms call the words of an error, the clearest first.
_WORDS: Final = ("message", "error_description", "error", "reason")


def error_words(body: bytes) -> str | None:
    """Return the words of an error, or None where `body` is no object with an `error`.

    `error` is a text (`"invalid_grant"`), a status (`403`, beside `message` and `reason`) or an
    object that has the words.
    """
    if body.lstrip()[:1] != b"{":  # a list is no error, and need not be read twice
        return None
    try:
        said = as_object(read_json(body))
    except UnreadableError:
        return None
    if said.get("error") in (None, False, "", {}):
        return None
    inner = as_object(said["error"])
    found = [as_text((inner or said).get(name)) for name in _WORDS]
    words = list(dict.fromkeys(word.strip() for word in found if word and not word.isdigit()))
    return ": ".join(words) or "no reason is given"
