"""What is said of a query that is wrong: one sentence for each kind of mistake, by its code.

The command line says these sentences. The page has its own for every code, in its languages
(`dashboard/static/messages/mistakes.js`), with the same places for names and pieces in braces.
A code is part of the interface: it stays when its sentence is put better.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_WRITE_A_DATE: Final = (
    "write date:2026-03, date:2026-03-05, date:2026-01..2026-03 or date:>=2026-02"
)

SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # The query as a whole.
        "too_long": "the query has {length:,} characters and may have {most:,}; split it in two",
        "too_deep": "the query is nested more than {most} levels deep; split it in two",
        "damaged_character": "this character is damaged; type it again",
        "no_word_in_query": "there is no word in the query; write letters or digits",
        # Words, phrases and signs.
        "no_word": "there is no word in this; write letters or digits",
        "open_comment": "this comment does not end; close it with */",
        "open_quotation": "this quotation does not end; close it with the same kind of quotation "
        "mark",
        "lone_minus": "'-' leaves out a word only right before it and after a space: -слово; "
        "put text with a lone hyphen in quotes",
        "dash": "this is a dash; to leave a word out write a hyphen: -слово",
        "lone_star": "a star goes right behind the beginning of a word: слово*",
        "star_in_word": "the star goes to the end of a word: {beginning}*",
        "short_beginning": "a beginning has at least two letters: write до*, not д*",
        "no_meaning": "'{piece}' means nothing here; leave it out, or put the text in quotes",
        # Operators and parentheses.
        "lone_near": "say how many words may stand between, such as NEAR/5 or ONEAR/5; "
        "to search for the word itself write it in quotes",
        "near_joins_words": "{operator} joins words, phrases, or some of them in parentheses: "
        '(слово OR "два слова") {operator} слово',
        "near_too_far": "at most {most} words may stand between the sides of NEAR; "
        "write {operator}/{most} or less",
        "near_twice": "one NEAR joins two sides; write (a NEAR/5 b) AND (b NEAR/5 c)",
        "near_without_word": "{near} joins what stands in a text; leave {operator} out, or use AND",
        "near_combinations": "there are {combinations} combinations of words around this NEAR and "
        "may be {most}; split it in two",
        "nothing_before": "nothing stands before {operator}; write: слово {operator} слово",
        "nothing_after": "nothing stands after {operator}; write a word there, or leave it out",
        "open_parenthesis": "this '(' is not closed; write ')' where it ends",
        "empty_parentheses": "these parentheses are empty; write something in them, or leave them "
        "out",
        "lone_parenthesis": "this ')' closes nothing; leave it out, or write '(' before",
        # Fields.
        "unknown_field": "there is no field '{field}'; put text that contains a colon in quotes, "
        "or use one of {known}",
        "unknown_field_near": "there is no field '{field}'; did you mean {near}?",
        "no_value": "nothing stands after '{field}:'; write the value behind the colon, no space",
        "empty_value": "the value of '{field}:' is empty; write one, such as {field}:{example}",
        "unknown_value": "'{field}:' does not know '{value}'; write one of {known}",
        "unknown_value_near": "'{field}:' does not know '{value}'; did you mean {near}?",
        "no_star": "'{field}:' takes no star; write {field}:{example}",
        "no_star_at_all": "'{field}:' takes no star; leave it out",
        "no_star_in_address": "'{field}:' takes no star, it finds every address that contains the "
        "value; leave it out",
        "star_in_value": "the star goes to the end: {field}:{beginning}*",
        "no_language": "'{value}' is no code; write one such as ru, en or lt",
        "no_country": "'{value}' is no code; write one such as RU, LT or DE",
        "no_topic": "'{topic}' is no topic; write its code, such as topic:speed",
        "unknown_topic": "there is no topic '{topic}'; write one of {known}",
        "unknown_topic_near": "there is no topic '{topic}'; did you mean {near}?",
        "no_answer": "'{value}' is no answer; write {field}:yes or {field}:no",
        "no_number": "'{value}' is no number; write {field}:2, {field}:<=2 or {field}:1..2",
        "no_date": "'{value}' is no date; " + _WRITE_A_DATE,
        "no_such_year": "the year {value} is not between 1970 and 2100; " + _WRITE_A_DATE,
        "no_such_day": "there is no day or month {value}; " + _WRITE_A_DATE,
        "range_backwards": "the range {low}..{high} runs backwards; write {field}:{high}..{low}",
        # What can be understood, but not answered.
        "no_such_page": "the page asked for is not one that this search gave; start from the first "
        "page",
        "chosen_by_labels": "two taggings are compared over the same mentions, so the query may "
        "not choose them by their labels; narrow it by words, brand, source, stars or date",
        "no_authors": "the cluster knows no authors; ask the store instead, without --cluster",
        "long_address": "the cluster cannot search for such a long part of an address; write a "
        "shorter one",
        "many_words": "the query has too many words for the cluster; split it in two",
        "many_beginnings": "too many words begin like one in the query; write more letters before "
        "the star",
    }
)
