"""Adverts and spam among mentions, found by a few rules that can be read: `reasons`.

A rule looks for a call to do something (write, dial, click, type a code) together with what
the caller gains by it (a handle, a number, a link, the code). Customers tell of the same
things in the past tense, quote them or warn of them, and none of that is a call. In doubt
nothing is found: an advert that is counted does less harm than a complaint that is not.

The rules of all three languages look at every text, since spam is seldom in the language that
its page states. Every repetition is bounded, so that the time grows with the text alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

# Raised with every change of a rule: everything is then examined anew.
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason to take a text for an advert.

    Attributes:
        name: how it is stored and shown.
        meaning: one sentence for people.
        call: what a person is called to do, in the imperative.
        beside: what has to stand somewhere in the text as well; None: nothing.
    """

    name: str
    meaning: str
    call: re.Pattern[str]
    beside: re.Pattern[str] | None = None

    def holds(self, text: str) -> bool:
        """Say whether the rule takes `text`, as `_readable` gives it, for an advert."""
        if self.beside is not None and not self.beside.search(text):
            return False
        return any(
            not _NO_CALL.search(text, max(0, one.start() - _BEFORE), one.start())
            and not _THEIRS.search(one[0])
            for one in self.call.finditer(text)
        )


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in alternatives))


def _words(alternatives: str) -> str:
    """Return the source of what matches whole words, whatever their case."""
    return rf"(?i:(?<!\w)(?:{alternatives})(?!\w))"


# What precedes a word that looks like an imperative and is none: "did not call", "they told me
# to use", "I visit". Matched up to where the word begins.
_NO_CALL: Final = re.compile(
    r"(?i:(?<!\w)(?:не|ни|not|don't|never|to|i|we|you|they|who|can|could|would|did|if|when|чтобы)"
    r"(?:\s\w{1,12})?\s)\Z"
)
# More characters than it matches: a look back over the whole text, for every call in it, would
# take a time that grows with the square of its length.
_BEFORE: Final = 40
# Whoever passes on how to reach the company speaks of it as of others.
_THEIRS: Final = re.compile(
    _words(
        r"им|их|руководств\w{1,2}|управляющ\w{1,3}|директор\w{0,2}|менеджер\w{0,2}|владельц\w{1,2}"
        r"|администратор\w{0,2}|them|their|ahead|(?:the )?(?:manager|owner|director|head office)"
        r"|jiems|jų|vadov\w{1,3}"
    )
)
# Whoever warns of adverts, or tells that one has failed, writes none.
_TOLD: Final = _any(
    _words(
        r"осторожно|будьте (?:внимательны|осторожны)|берегитесь|не ведитесь|мошенник(?:и|ов|ам)?"
        r"|(?:это|полный|очередной) (?:развод|обман)"
        r"|не ?(?:работает|сработал\w{0,2}|применил\w{1,4})|недействител\w{1,4}|истек\w{0,2}"
    ),
    _words(
        r"beware|be careful|scammers?|(?:a|it is|it's) (?:fraud|scam)|do(?:es)?(?: not|n't) work"
        r"|did(?: not|n't) work|failed|had expired|has expired|was expired|pretend\w{0,3}"
    ),
    _words(r"saugokit\w{1,3}|sukči\w{1,5}|apgav\w{1,6}|neveik\w{1,4}|nepritaik\w{1,3}"),
)
_QUOTED: Final = re.compile(r"«[^«»]{0,300}»|“[^“”]{0,300}”|\"[^\"\n]{0,300}\"")

# Hotlines and support accounts are a company's own; customers pass them on.
_HOTLINE: Final = r"(?:8[\s(-]{0,2}800|0[\s(-]{0,2}800)"
_PHONE: Final = (
    rf"(?!{_HOTLINE})(?<![\w(-])(?<!\d\s)(?:\+\d{{1,3}}|[80])(?:[\s()-]{{0,2}}\d){{7,11}}(?!\d)"
)
_HANDLE: Final = (
    r"(?i:(?:t\.me/|wa\.me/|(?<!\w)@)(?!\w{0,20}(?:support|help|care|bot(?!\w)))\w{3,32})"
)
_CONTACT: Final = f"(?:{_PHONE}|{_HANDLE})"
_LINK: Final = r"(?i:https?://\S)"
_CODE: Final = r"(?<!\w)(?=[^\W\d_]{2})[A-ZА-Я\d]{4,16}(?!\w)"
_AMOUNT: Final = r"[$€£]?\s?\d[\d ,.]{0,9}(?:\s?(?:тысяч|тыс|k))?"

RULES: Final = (
    Rule(
        "contact_invitation",
        "invites to write to a messenger account or to dial a number",
        _any(
            _words(
                r"пиши(?:те)?|звони(?:те)?|обращай(?:ся|тесь)|связывай(?:ся|тесь)|подробности"
                r"|подпи(?:сывайся|сывайтесь|шись|шитесь)|заказывай(?:те)?|присоединяй(?:ся|тесь)"
            )
            + rf".{{0,60}}?{_CONTACT}",
            rf"{_PHONE}.{{0,10}}?" + _words(r"звони(?:те)?|обращай(?:ся|тесь)"),
            _words(
                r"call|text|message|write to|dm|whatsapp us|follow|join (?:us|our|my)"
                r"|contact(?: us| me| him| her| the \w{1,12})?(?: on| via| at| through)"
                r"|reach (?:me|us|out)"
            )
            + rf".{{0,40}}?{_CONTACT}",
            _words(
                r"rašyk(?:ite)?|skambink(?:ite)?|kreipk(?:is|itės)|prisijunk(?:ite)?"
                r"|sek(?:ite)?(?: mus)?"
            )
            + rf".{{0,60}}?{_CONTACT}",
        ),
    ),
    Rule(
        "promo_code",
        "hands out a code for a discount",
        _any(
            _words(
                r"вводи(?:те)?|введи(?:те)?|используй(?:те)?|лови(?:те)?|держи(?:те)?"
                r"|забирай(?:те)?|дар(?:ю|им)|вот"
            )
            + rf".{{0,30}}?(?i:промокод|купон).{{0,40}}?{_CODE}",
            _words(r"use|enter|apply|try|with my")
            + r"\s(?i:(?:my|the|our|this)\s)?(?i:(?:promo|discount|coupon|referral)\s)?"
            + rf"(?i:code)\s{_CODE}",
            _words(r"naudok(?:ite)?|įvesk(?:ite)?|pasinaudok(?:ite)?")
            + rf".{{0,25}}?(?i:kodą|kodu)\s{_CODE}",
        ),
    ),
    Rule(
        "easy_money",
        "promises earnings for little work",
        _any(
            _words(r"зарабатывай(?:те)?|зарабатывать|заработок|доход")
            + rf".{{0,30}}?(?i:от|до)\s{_AMOUNT}.{{0,15}}?(?i:в|за)\s(?i:день|неделю|месяц|сутки)",
            _words(r"пассивный доход"),
            r"\d{1,3}\s?%\s(?i:в день)",
            _words(r"earn|make")
            + rf"\s(?i:up to\s)?{_AMOUNT}.{{0,12}}?(?i:a|per)\s(?i:day|week|month|hour)",
            _words(r"make money online|passive income"),
            _words(r"uždirbk(?:ite)?|(?:papildomos|pasyvios) pajamos")
            + r".{0,40}?(?i:per\s(?:dieną|savaitę|mėnesį))",
        ),
        _any(
            _words(
                r"без (?:опыта|вложений|риска)(?! не)|опыт не нужен|из дома|на дому|не выходя"
                r"|удаленк\w{1,2}|пиши(?:те)?|в (?:лс|личк\w)|научу|гарантия выплат"
            ),
            _words(
                r"from home|no experience|message me|text me|write to me|dm me|guaranteed|online"
            ),
            _words(r"namuose|iš namų|rašyk(?:ite)?"),
        ),
    ),
    Rule(
        "link_call",
        "calls to follow a link for a gift, a prize or a low price",
        _any(
            _words(r"переходи(?:те)?|жми(?:те)?|заходи(?:те)?|кликай(?:те)?|играй(?:те)?")
            + rf".{{0,40}}?{_LINK}",
            _words(r"(?:жми(?:те)? на )?ссылк[ау]") + r".{0,25}?(?i:в (?:шапке|профиле|описании))",
            _words(r"click (?:the link|here)|visit|go to|check out|apply (?:today|now)")
            + rf".{{0,30}}?{_LINK}",
            _words(r"link in (?:my )?(?:bio|profile)"),
            _words(r"spausk(?:ite)?") + rf".{{0,30}}?{_LINK}",
        ),
        _any(
            r"(?i:подар|приз|бонус|скид|дешевле|выигр|розыгрыш|фриспин|бесплатн)",
            r"(?i:(?<!\w)(?:gift|prize|free|win|bonus|discount|deal|half the price|cheap|loan))",
            r"(?i:dovan|priz|laimė|nuolaid|pigiau|link in|в (?:шапке|профиле))",
        ),
    ),
    Rule(
        "referral_link",
        "asks to register by the writer's own link",
        _any(
            _words(r"регистрируй(?:ся|тесь)") + r".{0,20}?(?i:по мо\w{1,2}\s(?:\w{1,15}\s)?ссылк)",
            _words(r"sign up|register|join") + r".{0,20}?(?i:my\s(?:referral\s)?link)",
            _words(r"registruok(?:is|itės)") + r".{0,15}?(?i:per mano nuorodą)",
        ),
    ),
    Rule(
        "service_offer",
        "offers loans, the recovery of money or reviews for sale, with a contact or a link",
        _any(
            _words(
                r"помогу вернуть деньги|верну деньги|отзывы на заказ|прода(?:ем|ю) отзывы"
                r"|накрутка (?:\w{1,12} )?(?:рейтинга|отзывов|подписчиков)|деньги в долг"
                r"|кредит без (?:справок|отказа)"
            ),
            _words(
                r"funds recovered|recovery expert|loans? (?:with no|without|approval)"
                r"|(?:sell|buy) (?:[\w-]{1,12} )?(?:reviews|followers)"
            ),
            _words(
                r"greitos paskolos|paskolos (?:be|internetu)|parduodame (?:atsiliepimus|sekėjus)"
            ),
        ),
        _any(_CONTACT, _LINK),
    ),
)


def reasons(title: str | None, text: str) -> tuple[str, ...]:
    """Return the names of the rules that take a title and a text for an advert; mostly none."""
    readable = _readable(f"{title}\n{text}" if title else text)
    if _TOLD.search(readable):
        return ()
    return tuple(rule.name for rule in RULES if rule.holds(readable))


def _readable(text: str) -> str:
    """Return `text` without what it quotes, ё as е."""
    return _QUOTED.sub(" ", text.replace("ё", "е").replace("Ё", "Е").replace("’", "'"))
