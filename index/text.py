"""The one text analysis of Molva: from a text to the stems in the index.

Both back-ends index the stems that `document_stems` returns, separated by spaces, and
search for what `pattern` returns, so that they give the same answer to the same query.
docs/query.md, "How words are found", explains the rules to users; in short:

* A word is a run of letters, digits and combining marks. A hyphen, an underscore and
  other punctuation separate words; an apostrophe does not (`don't` is `dont`). An emoji
  is a word. Of a web address only the host counts. No word is left out of the index.
* A word is brought to NFC and lower case, loses stress marks and zero-width characters,
  and ё becomes е. Latin and Cyrillic look-alikes inside one word are put right.
* A Cyrillic word is stemmed as Russian. A Latin word loses its diacritics and is stemmed
  as English or as Lithuanian, one of the two for a whole title, text or reply: its
  *reading*. A query searches for both readings.
* Stems of one family (`synonyms.txt`) become one stem, in documents and in queries
  alike. Done when the query runs, every phrase would have to be searched for in each
  combination of variants; done here, the index itself stays small and exact.

The stems are letters and digits only, so that any tokenizer that cuts at spaces keeps
them whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from index import stemming
from index.stemming import APOSTROPHES, EMOJI, INSIDE, READINGS, Reading

Span = tuple[int, int]

# Names everything that a stem depends on. A store whose index has another is rebuilt.
ANALYSIS_VERSION: Final[str] = stemming.version()

# Private-use characters, which SQLite and Elasticsearch index as words and no text can
# contain as one: no phrase reaches across them, and they tell the parts of a document.
TITLE_END: Final = "\ue000"
REPLY_START: Final = "\ue001"
# Stands before a word as it was written, where that is indexed beside its stem.
FORM: Final = "\ue002"

# Letters and digits that SQLite's tokenizer knows, as it knows them here. Others, rare in
# these languages, it may drop, and a beginning of nothing would find every word.
_PLAIN: Final = re.compile("[0-9a-z\u00df-\u024f\u0370-\u052f]+")
# No stem that tells words apart is shorter.
_SHORTEST_STEM: Final = 3
# Stems kept in memory for each reading, and base forms; emptied when it is full. Nearly
# every word has been seen before: `lru_cache` or a dict with __missing__ take twice as long.
_CACHE_SIZE: Final = 65_536
_KNOWN: Final[dict[Reading, dict[str, str]]] = {reading: {} for reading in READINGS}
_KNOWN_FORMS: Final[dict[str, str]] = {}

_TOKEN: Final = re.compile(
    r"[hH][tT][tT][pP][sS]?://(?=\w)[^\s<>\"«»]+"
    rf"|\w[\w{INSIDE}]*(?:[{APOSTROPHES}]\w[\w{INSIDE}]*)*"
    rf"|[{EMOJI}]"
)
_HOST: Final = re.compile(r"\w+://(?:www\.)?([^/?#]+)", re.IGNORECASE)

_LATIN: Final = re.compile("[A-Za-z\u0100-\u017f]")
# Lithuanian letters, or the marks that they have where they are not composed, and words
# that are frequent in Lithuanian only.
_LITHUANIAN: Final = re.compile("[ąčęėįšųūžĄČĘĖĮŠŲŪŽ\u0328\u030c\u0307\u0304]")
_LITHUANIAN_WORDS: Final = frozenset(
    form
    for word in ("ir", "yra", "labai", "kad", "nera", "buvo", "nebuvo", "kaip", "jau", "bei")
    for form in (word, word.capitalize(), word.upper())
)


class Words(NamedTuple):
    """The words of a text in order: their stems, and themselves as written."""

    stems: list[str]
    written: list[str]


class Pattern(NamedTuple):
    """Words that stand in a row in a document.

    Attributes:
        stems: one or more stems.
        prefix: whether the last of them is only a beginning: of a stem or of a word.
    """

    stems: tuple[str, ...]
    prefix: bool = False

    def matches_at(self, words: Words, start: int) -> bool:
        """Say whether the pattern stands in `words` from index `start` on."""
        last = start + len(self.stems) - 1
        if not self.prefix:
            return tuple(words.stems[start : last + 1]) == self.stems
        if last >= len(words.stems) or tuple(words.stems[start:last]) != self.stems[:-1]:
            return False
        beginning = self.stems[-1]
        if words.stems[last].startswith(beginning):
            return True
        return _base_form(words.written[last]).startswith(beginning)

    def found_in(self, words: Words) -> list[Span]:
        """Return every (start, end), in words, at which the pattern stands."""
        length = len(self.stems)
        if self.prefix and length == 1:
            starts = list(range(len(words.stems)))
        else:
            first = self.stems[0]
            starts = [index for index, stem in enumerate(words.stems) if stem == first]
        return [(start, start + length) for start in starts if self.matches_at(words, start)]

    @property
    def form(self) -> str | None:
        """The term that a word with this beginning begins with in `document_terms`, or its stem.

        None where that cannot tell: no prefix, or characters that are not indexed as such.
        """
        beginning = self.stems[-1]
        return FORM + beginning if self.prefix and _PLAIN.fullmatch(beginning) else None

    def shorter_stems(self) -> tuple[str, ...]:
        """Return the stems, none beginning with the prefix, that words with it may have.

        A stem is often shorter than the beginning that was typed ("cancella*" and
        "cancel"). Words with these stems may begin otherwise, so they have to be looked at.
        """
        beginning = self.stems[-1]
        found = [
            stem
            for reading in READINGS
            for stem in (
                stemming.stem(beginning, reading),
                *stemming.families_beginning(beginning, reading),
            )
        ]
        found += [beginning[:end] for end in range(len(beginning) - 1, _SHORTEST_STEM - 1, -1)]
        return tuple(dict.fromkeys(stem for stem in found if not stem.startswith(beginning)))


def document_stems(title: str | None, text: str, reply: str | None, lang: str | None) -> str:
    """Return what a back-end indexes for a mention: stems separated by spaces.

    Args:
        title: headline; it comes first and ends with `TITLE_END`.
        text: the body.
        reply: answer of the company; it comes last and begins with `REPLY_START`.
        lang: ISO 639-1 code of the text, None when unknown.
    """
    stems = _part_stems(text, lang)
    if title:
        stems = f"{_part_stems(title, lang)} {TITLE_END} {stems}"
    if reply:
        stems = f"{stems} {REPLY_START} {_part_stems(reply, lang)}"
    return stems


def document_terms(title: str | None, text: str, reply: str | None, lang: str | None) -> str:
    """Return `document_stems`, and behind them each word, once, that its stem does not begin with.

    The word is in its base form, after `FORM`, and cut before a character that SQLite may not
    know. So whoever types the beginning of a word, longer than the stem, finds it by that.
    """
    words = document_words(title, text, reply, lang)
    written = {
        plain[0]
        for stem, form in zip(words.stems, forms(words), strict=True)
        if (plain := _PLAIN.match(form)) and not stem.startswith(plain[0])
    }
    return " ".join([*words.stems, *(FORM + word for word in sorted(written))])


def document_words(title: str | None, text: str, reply: str | None, lang: str | None) -> Words:
    """Return the words behind `document_stems`, its borders between parts among them."""
    stems, written = analyse(text, lang)
    if title:
        first = analyse(title, lang)
        stems = [*first.stems, TITLE_END, *stems]
        written = [*first.written, "", *written]
    if reply:
        last = analyse(reply, lang)
        stems = [*stems, REPLY_START, *last.stems]
        written = [*written, "", *last.written]
    return Words(stems, written)


def forms(words: Words) -> list[str]:
    """Return the base form of each word; a border between two parts stays as it is."""
    known = _KNOWN_FORMS
    # Nothing is written where a part ends.
    pairs = list(zip(words.stems, words.written, strict=True))
    try:
        return [known[word] if word else border for border, word in pairs]
    except KeyError:
        return [_base_form(word) if word else border for border, word in pairs]


def expand(word: str) -> tuple[str, ...]:
    """Return the stems by which `word` is searched for: one, or two for a Latin word.

    Several words give the stems of each reading separated by spaces; no word gives ().
    """
    found = (pattern(word, reading) for reading in READINGS)
    return tuple(dict.fromkeys(" ".join(one.stems) for one in found if one))


def pattern(text: str, reading: Reading, *, prefix: bool = False) -> Pattern | None:
    """Return what the words of `text` in a row become in one reading; None without a word.

    Args:
        text: one or more words.
        reading: language of the Latin words.
        prefix: `text` ends with the beginning of a word.
    """
    words = [word for token in _tokens(text) for word in _words(token.group())]
    if not words:
        return None
    *before, last = _stems(words, reading)
    if prefix:
        last = _base_form(words[-1])
    return Pattern((*before, last), prefix)


def analyse(text: str, lang: str | None) -> Words:
    """Return the words of a title, text or reply; of a web address, those of the host."""
    tokens: list[str] = _TOKEN.findall(text.replace("_", " "))
    stems = _stems(tokens, _reading(text, lang, tokens))
    if "://" in text:
        tokens = [word for token in tokens for word in _words(token)]
        stems = [stem for joined in stems for stem in joined.split()]
    return Words(stems, tokens)


def highlight(text: str, lang: str | None, words: Sequence[Pattern]) -> tuple[Span, ...]:
    """Return the spans of `text` that match any of `words`, in order, none overlapping.

    Args:
        text: the body as it was indexed; offsets count its characters (code points).
        lang: the language it was indexed with.
        words: `CompiledQuery.words`. A phrase is one span, from its first word to its last.
    """
    if not words or not text:
        return ()
    by_first_stem, prefixes = _by_first_stem(tuple(words))
    found = analyse(text, lang)
    places = [match.span() for match in _tokens(text) for _ in _words(match.group())]
    spans: list[Span] = []
    for start, stem in enumerate(found.stems):
        for wanted in (*by_first_stem.get(stem, ()), *prefixes):
            if wanted.matches_at(found, start):
                begin, end = places[start][0], places[start + len(wanted.stems) - 1][1]
                if spans and begin < spans[-1][1]:
                    begin, end = spans[-1][0], max(end, spans.pop()[1])
                spans.append((begin, end))
    return tuple(spans)


@lru_cache(maxsize=64)
def _by_first_stem(
    words: tuple[Pattern, ...],
) -> tuple[dict[str, list[Pattern]], tuple[Pattern, ...]]:
    """Return (first stem -> patterns, patterns that begin with a prefix)."""
    exact: dict[str, list[Pattern]] = {}
    prefixes = []
    for wanted in words:
        if wanted.prefix and len(wanted.stems) == 1:
            prefixes.append(wanted)
        else:
            exact.setdefault(wanted.stems[0], []).append(wanted)
    return exact, tuple(prefixes)


def _tokens(text: str) -> Iterator[re.Match[str]]:
    return _TOKEN.finditer(text.replace("_", " "))


def _words(token: str) -> list[str]:
    """Return the words of one token: the token itself, or those of an address's host."""
    if "://" not in token:
        return [token]
    host = _HOST.match(token)
    return _TOKEN.findall(host[1].replace("_", " ")) if host else []


def _reading(text: str, lang: str | None, tokens: Sequence[str]) -> Reading:
    """Return the language of the Latin words of a title, a text or a reply.

    In a text of another language, or of none that is known, Lithuanian letters and
    words decide.
    """
    if lang in {"en", "lt"}:
        return "lt" if lang == "lt" else "en"
    if not _LATIN.search(text):
        return "en"  # it makes no difference
    if _LITHUANIAN.search(text) or not _LITHUANIAN_WORDS.isdisjoint(tokens):
        return "lt"
    return "en"


def _part_stems(text: str, lang: str | None) -> str:
    tokens: list[str] = _TOKEN.findall(text.replace("_", " "))
    return " ".join(_stems(tokens, _reading(text, lang, tokens)))


def _stems(tokens: Sequence[str], reading: Reading) -> list[str]:
    """Return the stem of each token; an address gives several, separated by spaces."""
    known = _KNOWN[reading]
    try:
        return [known[token] for token in tokens]
    except KeyError:
        return [_learn(token, reading) for token in tokens]


def _learn(token: str, reading: Reading) -> str:
    known = _KNOWN[reading]
    stem = known.get(token)
    if stem is None:
        words = _words(token)
        stem = (
            stemming.stem(token, reading) if words == [token] else " ".join(_stems(words, reading))
        )
        if len(known) >= _CACHE_SIZE:
            known.clear()
        if len(token) <= stemming.LONGEST_WORD:
            known[token] = stem
    return stem


def _base_form(word: str) -> str:
    form = _KNOWN_FORMS.get(word)
    if form is None:
        form = stemming.base_form(word)
        if len(_KNOWN_FORMS) >= _CACHE_SIZE:
            _KNOWN_FORMS.clear()
        if len(word) <= stemming.LONGEST_WORD:
            _KNOWN_FORMS[word] = form
    return form
