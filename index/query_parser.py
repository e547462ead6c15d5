"""From the text of a query to its tree, by the grammar in `query.lark`.

The tree is built while lark parses, so that nothing here or in lark recurses and no
query can exhaust the stack.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Final, NoReturn, cast

from lark import Lark, Token, Transformer, UnexpectedToken, v_args

from index.query import (
    MAX_DEPTH,
    MAX_DISTANCE,
    MAX_LENGTH,
    And,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
)
from index.query_fields import (
    check_prefix,
    check_topics,
    check_words,
    fail,
    read_filter,
    unquote,
)
from index.stemming import EMOJI

_GRAMMAR: Final = Path(__file__).with_name("query.lark")
_LETTER: Final = rf"\w{EMOJI}"
# How a word goes on after its first letter: to its last letter.
_REST: Final = rf"[^\s\"()*:«»“”„~^|{{}}\[\]\\<>=]*[{_LETTER}]"
# Digits may have a colon between them: 10:30.
_WORD: Final = rf"(?:\d+(?::\d+)+|[{_LETTER}](?:{_REST})?)"
_QUOTED: Final = r'"(?:[^"\\]|\\.)*"|«[^»]*»|“[^”]*”|„[^“”]*[“”]'
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def parse_tree(query: str, topics: Collection[str] | None) -> Node | None:
    """Return the tree of `query`; see `index.query.parse`."""
    if len(query) > MAX_LENGTH:
        fail("too_long", MAX_LENGTH, length=len(query), most=MAX_LENGTH)
    if found := _SURROGATE.search(query):
        fail("damaged_character", found.start())
    if not _COMMENT.sub("", query).strip():
        return None
    try:
        built = cast(_Built, _parser().parse(query))  # lark's types know only its own trees
    except UnexpectedToken as error:
        _fail_at(error.token, query)
    if topics is not None:
        check_topics(built.node, topics)
    return built.node


@cache
def _parser() -> Lark:
    grammar = _GRAMMAR.read_text(encoding="utf-8")
    parts = {"<word>": _WORD, "<rest>": _REST, "<letter>": _LETTER, "<quoted>": _QUOTED}
    for name, pattern in parts.items():
        grammar = grammar.replace(name, pattern.replace("/", r"\/"))
    return Lark(grammar, parser="lalr", lexer="basic", transformer=_Builder())


@dataclass(frozen=True, slots=True)
class _Built:
    """A node and how deep it is nested."""

    node: Node
    depth: int = 0


@v_args(inline=True)
class _Builder(Transformer[Token, _Built]):
    """Makes a node of each rule of the grammar, from the inside out."""

    def word(self, token: Token) -> _Built:
        return _Built(Word(str(token), _place(token)))

    def prefix(self, token: Token) -> _Built:
        text = token.rstrip("*")
        check_prefix(text, _place(token))
        return _Built(Prefix(text, _place(token)))

    def phrase(self, token: Token) -> _Built:
        text = unquote(token)
        check_words(text, _place(token))
        return _Built(Phrase(text, _place(token)))

    def filter(self, token: Token) -> _Built:
        return _Built(read_filter(token, _place(token)))

    def near(self, left: _Built, operator: Token, right: _Built) -> _Built:
        for side in (left, right):
            if not _may_be_near(side.node):
                fail("near_joins_words", _place(operator), operator=str(operator))
        name, _, distance = operator.partition("/")
        if len(distance) > 6 or int(distance) > MAX_DISTANCE:
            fail("near_too_far", _place(operator), operator=name, most=MAX_DISTANCE)
        ordered = name.upper() == "ONEAR"
        node = Near(left.node, right.node, int(distance), ordered, _place(operator))
        return _Built(node, max(left.depth, right.depth))

    def complement(self, operator: Token, child: _Built) -> _Built:
        return _deeper(Not(child.node, _place(operator)), child.depth, _place(operator))

    def conjunction(self, *children: _Built) -> _Built:
        return _joined(And, children)

    def disjunction(self, *children: _Built) -> _Built:
        return _joined(Or, children)

    def mistake(self, token: Token) -> NoReturn:
        # Of a field with an open quotation, the quotation is the mistake.
        place = _place(token) + (len(token) - 1 if token.type == "OPEN_VALUE" else 0)
        if token.type == "RESERVED":
            fail("no_meaning", place, piece=str(token))
        fail(_MISTAKES[token.type], place)


def _place(token: Token) -> int:
    return token.start_pos or 0


def _may_be_near(node: Node) -> bool:
    if isinstance(node, Or):
        return all(isinstance(child, Word | Prefix | Phrase) for child in node.children)
    return isinstance(node, Word | Prefix | Phrase)


def _joined(kind: type[And | Or], children: tuple[_Built, ...]) -> _Built:
    """Join nodes; a child of the same kind gives its own children instead of itself."""
    nodes: list[Node] = []
    depth = 0
    for child in children:
        same = isinstance(child.node, kind)
        nodes += child.node.children if isinstance(child.node, kind) else (child.node,)
        depth = max(depth, child.depth - same)
    return _deeper(kind(tuple(nodes)), depth, _begin(nodes[-1]))


def _deeper(node: Node, depth: int, position: int) -> _Built:
    if depth >= MAX_DEPTH:
        fail("too_deep", position, most=MAX_DEPTH)
    return _Built(node, depth + 1)


def _begin(node: Node) -> int:
    while isinstance(node, And | Or):
        node = node.children[0]
    return node.position


# What is wrong where the grammar's rule `mistake` stands, by the token.
_MISTAKES: Final = {
    "OPEN_COMMENT": "open_comment",
    "OPEN_QUOTE": "open_quotation",
    "OPEN_VALUE": "open_quotation",
    "LONE_MINUS": "lone_minus",
    "OTHER_MINUS": "dash",
    "LONE_NEAR": "lone_near",
    "STAR": "lone_star",
}
_OPERATORS: Final = frozenset({"_AND", "_OR", "NEAR"})


def _fail_at(unexpected: Token, query: str) -> NoReturn:
    """Raise the error for a token that the grammar does not allow where it stands."""
    before = _parser().lex(query)
    if unexpected.type != "$END":
        before = takewhile(lambda token: token.start_pos != unexpected.start_pos, before)
    tokens = list(before)
    if not tokens and unexpected.type == "$END":
        fail("no_word_in_query", 0)
    previous = tokens[-1] if tokens else Token("_LEFT", "")
    place, here = _place(previous), _place(unexpected)
    if unexpected.type in _OPERATORS:
        if unexpected.type == "NEAR" and previous.type not in {*_OPERATORS, "_LEFT"}:
            fail("near_twice", here)
        fail("nothing_before", here, operator=str(unexpected))
    if previous.type == "NEAR" and unexpected.type in {"NOT", "MINUS"}:
        fail("near_without_word", here, near=str(previous), operator=str(unexpected))
    if previous.type in {*_OPERATORS, "NOT", "MINUS"}:
        fail("nothing_after", place, operator=str(previous))
    if unexpected.type != "_RIGHT":
        fail("open_parenthesis", _unclosed(tokens))
    if previous.type == "_LEFT" and tokens:
        fail("empty_parentheses", place)
    fail("lone_parenthesis", here)


def _unclosed(tokens: list[Token]) -> int:
    """Return the place of the last '(' without its ')'."""
    closed = 0
    for token in reversed(tokens):
        if token.type == "_RIGHT":
            closed += 1
        elif token.type == "_LEFT":
            if not closed:
                return _place(token)
            closed -= 1
    return 0
