"""Lithuanian: how people write of waiting, asking again, recommending and solving.

Writers on phones leave the diacritics out, so that most forms are given both ways.
"""

from __future__ import annotations

import re
from typing import Final

from nlp.facts.context import pattern
from nlp.facts.durations import DAY, HOUR, MINUTE, MONTH, WEEK, YEAR, Durations, DurationWords
from nlp.facts.numbers import Numbers
from nlp.facts.statements import SEVERAL, Statements

NUMBERS: Final = Numbers(
    {
        "vien(?:as|a|ą|o|os|am|us)": 1,
        "d(?:u|vi|viejų|vieju|viem|vejus|vejų)|dukart|dusyk": 2,
        "tr(?:ys|is|ijų|iju|ims|ejus|ejų)|triskart": 3,
        "keturi(?:s|as|os|ų|u|ems|oms)?|ketveri(?:us|ų)": 4,
        "penki(?:s|us|as|os|ų|u|ems|oms)?|penkeri(?:us|ų)": 5,
        "[šs]e[šs]i(?:s|us|as|os|ų|u|ems|oms)?": 6,
        "septyni(?:s|us|as|os|ų|u|ems|oms)?": 7,
        "a[šs]tuoni(?:s|us|as|os|ų|u|ems|oms)?": 8,
        "devyni(?:s|us|as|os|ų|u|ems|oms)?": 9,
        "de[šs]imt(?:į|ies)?": 10,
        "vienuolika|vienuolikos": 11,
        "dvylik(?:a|os)": 12,
        "trylik(?:a|os)": 13,
        "keturiolik(?:a|os)": 14,
        "penkiolik(?:a|os)": 15,
        "[šs]e[šs]iolik(?:a|os)": 16,
        "septyniolik(?:a|os)": 17,
        "a[šs]tuoniolik(?:a|os)": 18,
        "devyniolik(?:a|os)": 19,
        "dvide[šs]imt(?:ies)?": 20,
        "trisde[šs]imt(?:ies)?": 30,
        "keturiasde[šs]imt(?:ies)?": 40,
        "penkiasde[šs]imt(?:ies)?": 50,
        "[šs]e[šs]iasde[šs]imt(?:ies)?": 60,
        "septyniasde[šs]imt": 70,
        "a[šs]tuoniasde[šs]imt": 80,
        "devyniasde[šs]imt": 90,
        "[šs]imt(?:as|ą|o|us)": 100,
        "pusantr(?:os|ą|a|o)|pusantros": 1.5,
        "por(?:ą|a|os)": 2,
        "kelet(?:ą|a|o)|keli(?:s|as|os|ų|u|oms|us)?": SEVERAL,
    },
    {
        "antr(?:as|a|ą|ąją|ąjį|oji)": 2,
        "tre[čc]i(?:as|a|ą|ąją|oji)": 3,
        "ketvirt(?:as|a|ą|ąją|oji)": 4,
        "penkt(?:as|a|ą|ąją|oji)": 5,
        "[šs]e[šs]t(?:as|a|ą|ąją|oji)": 6,
        "septint(?:as|a|ą|ąją|oji)": 7,
        "a[šs]tunt(?:as|a|ą)": 8,
        "devint(?:as|a|ą)": 9,
        "de[šs]imt(?:as|a|ą)": 10,
    },
    "(?:ar|iki|arba)",
)

_WAIT = (
    r"(?:(?:pa|su|i[šs]|pra)?lauk(?:iau|iame|iu|ti|ė|ėme|eme|iant|imas|imo|dami)|eil(?:ė|e"
    r"|ėje|eje|ės|es))"
)

DURATIONS: Final = Durations(
    DurationWords(
        numbers=NUMBERS,
        units={
            "minut(?:ė|e|ę|ės|es|ėm|ėms)|minu[čc]i(?:ų|u)|min": MINUTE,
            "valand(?:a|ą|os|as|ų|u|oms|ai)|val": HOUR,
            "dien(?:a|ą|os|as|ų|u|oms)|par(?:a|ą|os|as|ų)|d": DAY,
            "savait(?:ė|e|ę|ės|es|ėms)|savai[čc]i(?:ų|u)|sav": WEEK,
            "m[ėe]nes(?:is|į|io|iai|iams|iui)|m[ėe]nesi(?:us|ų|u)|m[ėe]n": MONTH,
            "met(?:ai|us|ų|u|ams)": YEAR,
        },
        fixed={
            "pusvalandį|pusvalandi|pusvalandžio|pusę valandos|puse valandos": HOUR / 2,
            "ketvirtį valandos|ketvirti valandos": HOUR / 4,
            "pusdienį|pusdieni|pusę dienos|puse dienos": DAY / 2,
            "pusmetį|pusmeti|pusę metų|puse metu": YEAR / 2,
            "(?:visą|visa|ištisą|istisa) dieną?": DAY,
        },
        alone="valandą|savaitę|mėnesį|minutę|parą|mėnesio|savaitės|valandos|paros",
        alone_after="valanda|savaitė|savaite|mėnuo|menesi|metus|dieną|dienos|dienai",
        inverted="minučių|valandų|dienų|savaičių|mėnesių",
        qualifiers=(
            "(?:daugiau|ilgiau|ma[žz]iau)(?: nei| negu| kaip)?|apie|beveik|ma[žz]daug|bent|vos|iki"
            "|i[šs]tisas?|i[šs]tisą|visą|visas|geras?|gerą|dar|tik"
        ),
        opening="nuo",
        half="su puse",
        kinds="(?:darbo|kalendorin\\w+|ilg\\w+|pil\\w+)",
        rest="su (?:viršum|trupučiu)",
        cues=pattern(
            _WAIT,
            r"stov(?:ėjau|ėjome|ejau|ejome|ėti|i)|(?:pra|i[šs])?s[ėe]d[ėe]j(?:au|ome)",
            r"v[ėe]l(?:avo|uoja|avimas|avome|uodavo)|pav[ėe]lavo|v[ėe]liau|u[žz]truk\w+|trunka"
            r"|truko|strigo|užsit\w+",
            r"ne(?:atsako|atsak[ėe]|skambina|atsiliepia|atve[žz]\w+|gavau|gr[ąa][žz]in\w+"
            r"|veikia|priėjo|pri[ėe]jo|gaunu|ateina)",
            r"tyla|be atsakymo|iki šiol|iki siol|kol (?:atsiliep|at|gav|sutvark|išsprend|pri)\w*",
            r"atsak(?:ė|e|ymo|ymas|ymą)|atsiliep\w+|perskambin\w+|skambučio|skambucio"
            r"|atne[šs][ėe]|atve[žz][ėe]|prist(?:atė|ate|atymas|atymo|atyti)",
            r"at(?:ėjo|ejo|važiavo|vaziavo|keliavo|vyko)|siunt(?:a|os|ą|inys)|keliavo|gavau"
            r"|gavome|i[šs]dav[ėe]",
            r"gr[ąa][žz]in(?:o|ti|imas|imo|ta)|remont(?:as|o|avo|uoja)|sutvark[ėe]|sutais[ėe]"
            r"|patais[ėe]|i[šs]sprend[ėe]|aptarnav\w+",
            r"prai?[ėe]jo|praleid(?:au|ome)|sugai[šs]\w+|prarad(?:au|ome)|klausiausi"
            r"|nagrin[ėe]j\w+|pri[ėe]m[ėe]|ie[šs]kojo",
        ),
        waiting=pattern(_WAIT),
        not_before=re.compile(
            r"\b(?:prie[šs]|per pirmą|kas|kiekvien\w+|[šs]i[ąao]|pra[ėe]jus\w+|kit[ąa]"
            r"|kartą per|kartus per|laba|ši) $"
        ),
        not_after=re.compile(
            r"[\s.]{0,3}(?:pės[čc]i\w+|pesciom\w*|kelio|atgal|garantij|va[žz]iuoti|autobusu"
            r"|automobiliu|nuo (?:stoties|centro|namų))"
        ),
        not_within=pattern(
            r"garantij\w+|p[ėe]s[čc]i\w+|galioja|galiojimo|dirbu|dirbame|gyvenu|naudoj(?:u|uosi"
            r"|ame|omės)|ne[šs]ioju|lankau",
            r"baterij\w+|įkrov\w+|abonement\w*|prenumerat\w*|ak?cij\w+|žad(?:ėjo|a|ėta)"
            r"|[žz]ad[ėe]j\w+|paž?ad\w+|sak[ėe]|pirkau|prie[šs]",
            r"vie[šs]butyje|atostog\w+|suply[šs]\w*|sulū[žz]\w*|suluz\w*|sugedo|nustojo",
        ),
    )
)

_MANY, _NTH = NUMBERS.several, NUMBERS.ordinal
_ASK = (
    r"(?:(?:pa|per)?skambin(?:au|ome|ti|u|ame|ėjau)|(?:pa|para|nu)?raš(?:iau|ėme|ome|au|yti)"
    r"|parašiau|rasiau"
    r"|kreip(?:iausi|iau|ėmės|emes|iuosi|tis)|pra[šs](?:iau|ome|ėme)|siun[čc](?:iau|iame|iu)"
    r"|skund(?:žiausi|ėmės))"
)
_THEY = r"(?:kurjeris|vadybinink[ėea]s?|jie|jis|ji|bankas|darbuotoj[aė]s?|meistras|vairuotojas)"
_REQUEST = (
    r"(?:skambu(?:tis|tį)|kreipim(?:asis|ąsi)|lai[šs]k(?:as|ą)|u[žz]klaus(?:a|ą)"
    r"|skund(?:as|ą)|pra[šs]ym(?:as|ą))"
)
_REQUESTS = (
    r"(?:skambu[čc]i(?:ai|us|ų)|lai[šs]k(?:ai|us|ų)|u[žz]klaus(?:os|as|ų)|skund(?:ai|us"
    r"|ų)|pra[šs]ym(?:ai|us|ų))"
)

CONTACTS: Final = Statements(
    NUMBERS,
    r"kart|syk|vėl|vel |skamb|laišk|laisk|užklaus|skund|prašym|kreipim|pakartotinai",
    [
        (rf"{_THEY} (?:\w{{1,25}} ){{0,2}}(?:man )?(?:\w{{0,4}}skambin\w+|{_ASK})", None),
        (rf"(?:jei|jeigu) … {_ASK}", None),
        (r"(?:pirmą|pirma|vieną|viena|kiekvieną|šį) (?:kartą|karta|syk)", None),
        (rf"{_ASK} … (?P<count>{_NTH}) kart[ąa]", "count"),
        (rf"(?P<count>{_NTH}) kart[ąa] … {_ASK}", "count"),
        (rf"{_ASK} … (?P<count>{_MANY}) (?:kartus|kart[ųu]|sykius)", "count"),
        (rf"(?P<count>{_MANY}) (?:kartus|kart[ųu]|sykius) … {_ASK}", "count"),
        (rf"{_ASK} … (?P<count>dukart|triskart)", "count"),
        (rf"(?P<count>dukart|triskart) … {_ASK}", "count"),
        (rf"{_ASK} … daug kart[ųu]|daug kart[ųu] … {_ASK}", SEVERAL),
        (rf"(?P<count>{_NTH}) {_REQUEST}", "count"),
        (rf"(?P<count>{_MANY}) {_REQUESTS}", "count"),
        (rf"(?:v[ėe]l|dar kartą|pakartotinai|i[šs] naujo) (?:\w{{1,25}} )?{_ASK}", 2),
        (rf"{_ASK} (?:\w{{1,25}} )?(?:v[ėe]l|dar kartą|pakartotinai|i[šs] naujo)", 2),
    ],
)

_ADVISE = (
    r"(?:pa)?rekomend(?:uoju|uojam|uojame|uo[čc]iau|uotume|uotumėme|uosiu|uosime)"
    r"|patar(?:iu|iame|čiau|tume)"
)
_AGAINST = (
    r"(?:vengti|venkite|aplenkti|apeiti|nesirinkti|neiti|nepirkti|nesikreipti|nesinaudoti"
    r"|laikytis atokiau"
    r"|pagalvoti|ie[šs]koti kit\w+|rinktis kit\w+)"
)
_TO_BUY = (
    r"(?:pirkti|nusipirkti|įsigyti|isigyti|apsilankyti|aplankyti|rinktis|i[šs]bandyti"
    r"|u[žz]sukti|kreiptis"
    r"|u[žz]sisakyti|pasinaudoti|naudotis|važiuoti|nuvažiuoti|eiti|ateiti|valgyti)"
)

RECOMMENDATION: Final = Statements(
    NUMBERS,
    "rekomend|patar",
    [
        (rf"(?:niekam )?ne(?:{_ADVISE})", 0),
        (r"ne(?:galiu|galime|galėčiau|norėčiau) … (?:pa)?(?:rekomenduoti|patarti)", 0),
        (rf"(?:{_ADVISE}) … {_AGAINST}", 0),
        (rf"(?:{_ADVISE}) (?:\w{{1,25}} ){{0,3}}{_TO_BUY}", 1),
        (rf"(?:{_ADVISE}) (?:\w{{1,25}} ){{0,2}}\w{{2,20}}ti(?:s)?", None),
        (rf"(?:{_ADVISE})", 1),
        (r"(?:galiu|galime|drąsiai|verta|noriu) … (?:pa)?rekomenduoti", 1),
    ],
)

_TROUBLE = (
    r"(?:problem\w{1,3}|klausim\w{1,3}|gedim\w{1,3}|b[ėe]d\w{1,2}|situacij\w{1,2}"
    r"|ginč\w{1,3}|sutrikim\w{1,3})"
)
_SOLVED = (
    r"(?:i[šs])?spr[eę](?:ndė|nde|sta|stas|stos|sti|ndė)|sutvark(?:ė|e|yta|ytas)|sutais(?:ė|e"
    r"|yta|ytas)"
    r"|patais(?:ė|e|yta|ytas)|pa[šs]alin(?:o|ta|tas)"
)
_TO_SOLVE = r"(?:i[šs]spr[ęe]sti|spr[ęe]sti|sutvarkyti|sutaisyti|pataisyti|pa[šs]alinti)"

RESOLUTION: Final = Statements(
    NUMBERS,
    r"spr[eę]|tvark|tais|šalin|salin|padėj|padej|problem",
    [
        (
            r"(?:tikiuosi|prašau|prasau|prašome|jei|jeigu|kai|kad|žadėjo|zadejo|turėtų|turi"
            r"|norėčiau) … "
            rf"(?:{_SOLVED}|{_TO_SOLVE}|i[šs]spr\w+|sutvark\w+)",
            None,
        ),
        (
            rf"{_TROUBLE} … (?:taip ir |iki šiol |dar )?(?:nebuvo |ne)(?:{_SOLVED}"
            rf"|i[šs]sprend[žz]ia)",
            0,
        ),
        (
            rf"(?:taip ir |iki šiol |dar )?(?:nebuvo |ne)(?:{_SOLVED}"
            rf"|i[šs]sprend[žz]ia)(?: {_TROUBLE})?",
            0,
        ),
        (rf"ne(?:gali|galėjo|sugebėjo|sugebejo|pavyko|moka|nori) … {_TO_SOLVE}(?: {_TROUBLE})?", 0),
        (r"(?:niekuo |taip ir |nieko )nepad[ėe]jo", 0),
        (rf"{_TROUBLE} (?:\w{{1,25}} )?(?:liko|išliko|kartojasi)", 0),
        (rf"pad[ėe]jo … {_TO_SOLVE}(?: {_TROUBLE})?", 1),
        (rf"pavyko … {_TO_SOLVE}(?: {_TROUBLE})?", 1),
        (rf"{_TROUBLE} … (?:{_SOLVED})", 1),
        (rf"(?:{_SOLVED}) … {_TROUBLE}", 1),
        (rf"(?:{_SOLVED})", 1),
    ],
)
