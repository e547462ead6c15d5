"""Sentences as spans of the text. A span is the evidence that every label points to."""

from __future__ import annotations

import re
from collections.abc import Iterator

# razdel looks at both sides of every possible end; a text without spaces would
# make those sides long. Longer runs are cut first.
LONGEST = 2000
# Emoji, closing marks and smileys; opening quotes, signs and list dashes begin a sentence.
_MARKS = re.compile(r"(?:[^\w\s«„“\"'(\[{#@$€№+*•~<>/\\—–-]+(?:\s+|$))+")
_HEADING = re.compile(
    r"\b(?:Достоинства|Недостатки|Плюсы|Минусы|Комментарий|Отзыв|Pros|Cons|Pliusai|Minusai)\s?:"
)
_LINE = re.compile(r"[^\n\r\u2028\u2029]+")


def split(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of every sentence of `text`, in order.

    Offsets count code points; `text[start:end]` has no space at either end.
    Spans never overlap, and every character that is not a space lies in one.
    A line break ends a sentence: reviews are written in lines. A sentence of
    more than `LONGEST` characters is cut at a space where there is one.
    """
    spans: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        for start, end in _chunks(text, line.start(), line.end()):
            for first, last in _sentences(text[start:end]):
                for part in _parts(text, start + first, start + last):
                    trimmed = _trim(text, *part)
                    if trimmed:
                        spans.append(trimmed)
    return _join_symbols(text, spans)


def _sentences(line: str) -> Iterator[tuple[int, int]]:
    """Yield spans that cover `line`, cut where razdel sees the end of a sentence."""
    from razdel import sentenize  # not needed to import nlp

    start = 0
    for sentence in sentenize(line):
        # razdel leaves characters such as zero-width marks outside its sentences.
        yield start, sentence.stop
        start = sentence.stop
    if start < len(line):
        yield start, len(line)


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut before the headings of a review form whose line breaks were lost on the way."""
    for heading in _HEADING.finditer(text, start, end):
        if text[start : heading.start()].strip():
            yield start, heading.start()
            start = heading.start()
    yield start, end


def _chunks(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST:
        # Prefer the end of a sentence, then of a word, in the last half.
        middle = start + LONGEST // 2
        cut = max(text.rfind(mark, middle, start + LONGEST) for mark in (". ", "! ", "? "))
        if cut < 0:
            cut = text.rfind(" ", middle, start + LONGEST)
        cut = cut + 1 if cut >= 0 else start + LONGEST
        yield start, cut
        start = cut
    yield start, end


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def _join_symbols(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Give marks after an end («!!!», «👍», «)») to the sentence that they follow.

    A span that has nothing else vanishes into the one before; one that begins with
    such marks («👍👍 Приду ещё») loses them to it.
    """
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        marks = None
        if joined and "\n" not in text[joined[-1][1] : start]:
            marks = _MARKS.match(text, start, end)
        if marks:
            joined[-1] = (joined[-1][0], start + len(marks[0].rstrip()))
        rest = marks.end() if marks else start
        if rest < end:
            joined.append((rest, end))
    return joined
