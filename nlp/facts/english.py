"""English: how people write of waiting, asking again, recommending and solving."""

from __future__ import annotations

import re
from typing import Final

from nlp.facts.context import pattern
from nlp.facts.durations import DAY, HOUR, MINUTE, MONTH, WEEK, YEAR, Durations, DurationWords
from nlp.facts.numbers import Numbers
from nlp.facts.statements import SEVERAL, Statements

NUMBERS: Final = Numbers(
    {
        "one": 1, "two|twice": 2, "three|thrice": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
        "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
        "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
        "nineteen": 19, "twenty": 20, "thirty": 30, "forty|fourty": 40, "fifty": 50, "sixty": 60,
        "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "couple": 2,
        "several|few|multiple": SEVERAL, "dozen": 12,
    },
    {
        "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
        "ninth": 9, "tenth": 10, "hundredth": 100,
    },
    "(?:to|or|and)",
)  # fmt: skip

_WAIT = r"(?:wait(?:ed|ing|s)?|a wait|on hold|in (?:the |a )?(?:line|queue)|queu(?:e|ed|ing)|stood)"

DURATIONS: Final = Durations(
    DurationWords(
        numbers=NUMBERS,
        units={
            "minutes?|mins?": MINUTE,
            "hours?|hrs?|h": HOUR,
            "days?": DAY,
            "weeks?|wks?": WEEK,
            "months?": MONTH,
            "years?|yrs?": YEAR,
        },
        fixed={
            "half an hour|half hour|half-hour": HOUR / 2,
            "(?:a )?quarter of an hour": HOUR / 4,
            "(?:three|3) quarters of an hour": HOUR * 3 / 4,
            "half a day": DAY / 2,
            "half a year": YEAR / 2,
            "(?:the whole|the entire) day": DAY,
        },
        alone=(
            "(?:an?|(?:the|one) (?:whole|full|entire)) (?:whole |full |entire |good |solid )?"
            "(?:minute|hour|day|week|month|year)"
        ),
        alone_after="(?!)",
        inverted="(?!)",
        qualifiers=(
            "another|(?:more|less|longer|fewer) than|over|under|about|around|nearly|almost"
            "|roughly|at least"
            "|up to|well over|approximately|only|just|exactly|close to|a"
        ),
        opening="between|from",
        half="and a half",
        kinds="(?:of )?(?:business|working|full|whole|long|more|additional|extra|solid)|of",
        rest="or (?:so|more)|plus",
        cues=pattern(
            _WAIT,
            r"delay(?:ed|s)?|late|later than|overdue|behind schedule|longer",
            r"no (?:answer|reply|response|update|refund|sign)|nothing|silence|still|ignored",
            r"took|takes?|taking|taken|wasted|past|passed|has been|it's been|it has been|have been",
            r"arriv(?:e|ed|es|ing)|deliver(?:y|ed|s)|came|showed up|shipp(?:ed|ing)|ship"
            r"|received|get here|got here",
            r"respon(?:d|ded|ds|se)|repl(?:y|ied|ies)|answer(?:ed|s)?|called back|got back"
            r"|hear back|heard back",
            r"refund(?:ed|s)?|replac(?:e|ed)|repair(?:ed|s)?|fix(?:ed)?|resolved?|solved?"
            r"|sorted|processed|approved",
            r"seated|served|was ready|were ready|brought|before (?:we|i|anyone|someone|they|he"
            r"|she|our|my)",
            r"trying to (?:get|reach|call|contact|log|cancel)|sat there|kept (?:us|me)"
            r"|until (?:we|i|someone|they)",
        ),
        waiting=pattern(r"wait(?:ed|ing)"),
        not_before=re.compile(
            r"(?:\b(?:per|every|each|this|last|next|that|other|one|once|twice|times|hours|same"
            r"|first|any"
            r"|days|minutes|the other|some|ordered|nights|(?:of|on|by) the|before) |[\d$€£] ?"
            r"|\b(?:aged?|prior|old) )$"
        ),
        not_after=re.compile(
            r"[\s-]{0,3}(?:ago|early|earlier|old|warranty|guarantee|walk|walking|drive|driving"
            r"|ride|flight|away|on foot"
            r"|by (?:bus|car|train|taxi|cab|metro)|from (?:the|downtown|town|our|my)"
            r"|before (?:my |our |the )?(?:flight|departure|check|trip)"
            r"|trial|trip|stay|in advance|of use|(?:that )?(?:we|i) (?:were|was|stayed|had|have))"
        ),
        not_within=pattern(
            r"warrant\w+|guarante\w+|open|battery|charge|walk|drive(?! thru| through)"
            r"|i have (?:used|worked|lived)|i've (?:used|worked|had)",
            r"using|working here|worked here|lasts?|lasted|stayed|stay|slept|sleep|nights?"
            r"|promised? (?:us |me )?(?:delivery|to|it)",
            r"said (?:it|they|he|she|that)|told (?:me|us|it)|supposed to|should (?:be|have"
            r"|arrive|take)|course|after (?:buying|purchase)",
            r"planned|had it|broke|broken|died|stopped working|fell apart|tore|bought"
            r"|free trial|subscription|valid|expires?",
        ),
    )
)

_MANY, _NTH = NUMBERS.several, NUMBERS.ordinal
_ASK = (
    r"(?:called|calling|phoned|phoning|e ?mail(?:ed|ing)|contact(?:ed|ing)|written|writing|wrote"
    r"|messag(?:ed|ing)|complain(?:ed|ing)|rang|chased|asked|asking|reached out|requested"
    r"|(?:(?<=\bto\s)|(?<=\bi\s)|(?<=\bwe\s))(?:call|phone|e ?mail|contact|write|message"
    r"|complain|ask|chase))"
)
_THEY = (
    r"(?:they|he|she|driver|courier|staff|bank|manager|waiter|waitress|agent|someone|who"
    r"|hotel|shop)"
)
_REQUEST = (
    r"(?:call|e ?mail|support ticket|complaint|message|request|enquiry|inquiry|letter"
    r"|visit to the (?:office|shop|store|bank))"
)

CONTACTS: Final = Statements(
    NUMBERS,
    r"\b(?:times?\b|twice|thrice|again|calls?\b|e.?mails?\b|ticket|complaint|message|request"
    r"|letter)",
    [
        (rf"{_THEY} (?:\w{{1,25}} ){{0,2}}{_ASK}", None),
        (rf"{_ASK} (?:me|us) (?:\w{{1,25}} ){{0,3}}(?:times|twice|again)", None),
        (rf"(?:will|would|i'll|if|won't|to be|please) (?:\w{{1,25}} ){{0,3}}{_ASK}", None),
        (r"(?:first|one|1|every|each|last|1st) time", None),
        (rf"{_ASK} … (?P<count>{_MANY}) (?:different |separate )?times", "count"),
        (rf"(?P<count>{_MANY}) times (?:\w{{1,25}} ){{0,2}}{_ASK}", "count"),
        (rf"{_ASK} … (?:for )?(?:the |a )?(?P<count>{_NTH}) time", "count"),
        (rf"(?P<count>{_NTH}) time … {_ASK}", "count"),
        (rf"{_ASK} … (?P<count>twice|thrice)", "count"),
        (rf"(?P<count>twice|thrice) … {_ASK}", "count"),
        (rf"{_ASK} … (?:many|numerous|countless|a million) times", SEVERAL),
        (rf"(?P<count>{_NTH}) (?:phone )?{_REQUEST}", "count"),
        (
            rf"(?P<count>{_MANY}) (?:phone |different )?"
            r"(?:calls|e ?mails|tickets|complaints|messages|requests|letters)(?! from)",
            "count",
        ),
        (rf"{_ASK} (?:\w{{1,25}} ){{0,2}}again|again {_ASK}", 2),
    ],
)

_ADVISE = r"recommend"
_NEVER = (
    r"(?:not|never|cannot|can't|wouldn't|don't|won't|hardly|couldn't|nobody should|no one should)"
)
_AGAINST = (
    r"(?:avoid(?:ing)?|against|stay(?:ing)? away|steer(?:ing)? clear|some(?:place|where) else"
    r"|a different (?:one|brand|hotel|place|product)|elsewhere"
    r"|not|finding another|find another|nobody|no one)"
)

RECOMMENDATION: Final = Statements(
    NUMBERS,
    "recommend",
    [
        (rf"(?:can't|cannot|can not|couldn't|could not) {_ADVISE} … (?:enough|highly)", 1),
        (rf"(?:not |n't )?hesitate to {_ADVISE}", 1),
        (rf"only thing (?:\w{{1,25}} ){{0,3}}{_ADVISE}", None),
        (rf"not sure (?:\w{{1,25}} ){{0,4}}{_ADVISE}", None),
        (rf"{_NEVER} (?:\w{{1,25}} ){{0,4}}{_ADVISE}(?:ed)?", 0),
        (rf"{_ADVISE} … {_AGAINST}", 0),
        (
            rf"(?:i|we) (?:\w{{1,25}} ){{0,2}}{_ADVISE} (?:that (?:the|they)|(?:adding|changing"
            rf"|improving|updating"
            r"|fixing|bringing|booking|arriving|reading|checking|using|taking|getting"
            r"|asking)(?! (?:it|this|here|from)))",
            None,
        ),
        (
            rf"(?:they|he|she|doctors?|staff|friends?|you|manufacturers?|waiter|who"
            rf"|do you) (?:\w{{1,25}} )?{_ADVISE}(?:ed|s)?",
            None,
        ),
        (r"(?:i|we)(?:'ve| have)?(?: already| also)? recommended", 1),
        (
            rf"(?:i|we|i'd|we'd|i'll|would|will|can|could|must|do"
            rf"|to) (?:\w{{1,25}} ){{0,3}}{_ADVISE}",
            1,
        ),
        (
            rf"(?:highly|strongly|definitely|totally|thoroughly|fully|absolutely"
            rf"|certainly) {_ADVISE}(?:ed)?",
            1,
        ),
        (r"(?:very|much|would be) recommended", 1),
        (r"recommended (?:for|to) (?:anyone|everyone|all|any)", 1),
        (rf"and {_ADVISE} (?:it|this|the|them|staying)|(?:am|are) (?:highly )?recommending", 1),
    ],
)

_TROUBLE = r"(?:issues?|problems?|complaint|case|ticket|matter|fault|error|bug|question|query)"
_SOLVED = r"(?:resolved|solved|fixed|sorted|rectified|repaired)"
_SOLVE = r"(?:resolve|solve|fix|sort(?= (?:it|this|that|out))|rectify|repair)"
_IT = r"(?:it|them|this|that|my|our|the|everything|all)"
_NO_PRICE = r"(?! (?:price|menu|rate|term|fee|cost|income|charge|schedule))"

RESOLUTION: Final = Statements(
    NUMBERS,
    r"resolv|solve|\bfix|sorted|sort (?:it|th|out)|rectif|repair|persist|remains",
    [
        (
            r"(?:hope|hopefully|please|need|needs|should|must|will|would|if|unless|until|when"
            r"|could be|to be|can you|promised|told|said|says|claim|claims|claimed)"
            rf" … (?:{_SOLVED}|{_SOLVE})",
            None,
        ),
        (rf"fixed{_NO_PRICE.replace('?!', '?=')}", None),
        (
            rf"{_TROUBLE} … (?:not|never|n't|hasn't|isn't|wasn't|haven't)(?: been| yet"
            rf"| fully)? {_SOLVED}",
            0,
        ),
        (
            rf"(?:still )?(?:not|never|hasn't|isn't|wasn't|haven't|hadn't|didn't get)(?: been"
            rf"| it| got| yet)? {_SOLVED}",
            0,
        ),
        (
            rf"(?:not|never|no one|nobody"
            rf"|\w{{1,8}}n't) (?:been )?able to {_SOLVE}(?: … {_TROUBLE})?",
            0,
        ),
        (
            rf"(?:didn't|did not|couldn't|could not|can't|cannot|won't|unable to|failed to"
            rf"|refused to|refuse to|never) {_SOLVE}(?: … {_TROUBLE})?",
            0,
        ),
        (rf"{_TROUBLE} … (?:unresolved|unsolved)|(?:unresolved|unsolved) {_TROUBLE}", 0),
        (rf"{_TROUBLE} (?:still )?(?:persists?|remains?)", 0),
        (rf"(?:nobody|no one|nothing) (?:\w{{1,25}} )?{_SOLVED}", 0),
        (rf"{_TROUBLE} (?:\w{{1,25}} ){{0,3}}{_SOLVED}", 1),
        (rf"{_SOLVED}(?: out)?{_NO_PRICE} … {_TROUBLE}", 1),
        (rf"{_SOLVED} (?:{_IT}|out)(?: out)?", 1),
        (
            rf"(?:managed to|able to|helped(?: me| us)?(?: to)?) {_SOLVE}(?: (?:it|this|that"
            rf"|out)| … {_TROUBLE})?",
            1,
        ),
        (rf"(?:was|were|got|been|is) (?:\w{{1,25}}ly |all )?{_SOLVED}(?: out)?", 1),
    ],
)
