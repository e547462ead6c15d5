"""Every word of the page is there in three languages, and none is asked for that is not."""

import json
import re
from pathlib import Path
from typing import cast, get_args

import pytest

from index.cases import STATUSES
from index.noise import NOISE_KINDS, PERSON, Relation
from mention import FACT_UNITS, POLARITIES, SENTIMENTS
from nlp.adverts import RULES
from project.alerts import SEVERITIES

STATIC = Path(__file__).parents[2] / "dashboard" / "static"
LANGUAGES = ("en", "ru", "lt")
# https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html
FORMS = {
    "en": {"one", "other"},
    "ru": {"one", "few", "many", "other"},
    "lt": {"one", "few", "many", "other"},
}
FILES = sorted((STATIC / "messages").glob("*.js"))
CODE = [path for path in STATIC.rglob("*.js") if path.parent.name not in {"vendor", "messages"}]

Message = str | dict[str, str]


def read(path: Path) -> dict[str, dict[str, Message]]:
    """Read a file of messages: it is JSON but for commas, comments and names without quotes."""
    source = path.read_text(encoding="utf-8")
    body = source[source.index("export default") + len("export default") :].rstrip().rstrip(";")
    body = re.sub(r"^\s*//.*$", "", body, flags=re.MULTILINE)
    bare = "|".join((*LANGUAGES, *FORMS["ru"]))
    body = re.sub(rf'(^\s*|{{ |", )({bare}):(?=\s)', r'\1"\2":', body, flags=re.MULTILINE)
    body = re.sub(r",(\s*})", r"\1", body)
    return cast(dict[str, dict[str, Message]], json.loads(body))


def messages(language: str) -> dict[str, Message]:
    return {key: text for path in FILES for key, text in read(path)[language].items()}


def forms(message: Message) -> list[str]:
    return [message] if isinstance(message, str) else list(message.values())


def names(message: Message) -> set[str]:
    """Return what the message leaves room for, over all its forms."""
    return {name for text in forms(message) for name in re.findall(r"\{(\w+)\}", text)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_has_the_same_messages_in_every_language(path: Path) -> None:
    found = read(path)
    assert set(found) == set(LANGUAGES)
    english = found["en"]
    for language in LANGUAGES:
        assert found[language].keys() == english.keys()
        for key, message in found[language].items():
            assert key.startswith(f"{path.stem}."), "a key begins with the name of its file"
            assert all(text.strip() for text in forms(message)), key
            assert names(message) == names(english[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_of_a_count_has_every_plural_form(language: str) -> None:
    for key, message in messages(language).items():
        if isinstance(message, dict):
            assert set(message) == FORMS[language], key
            assert "count" in names(message), key


def test_every_message_that_is_asked_for_exists_and_none_is_left_over() -> None:
    keys = set(messages("en"))
    rooms = "|".join(path.stem for path in FILES)
    asked: set[str] = set()
    for path in CODE:
        source = path.read_text(encoding="utf-8")
        for key in re.findall(rf"[\"']((?:{rooms})\.\w+)[\"']", source):
            assert key in keys, f"{path.name} asks for {key}"
            asked.add(key)
        for key in re.findall(r"\bt\(\s*[\"']([^\"']+)[\"']", source):
            assert key in keys, f"{path.name} asks for {key}"
        # Where a part follows from a value: `shell.error_${kind}`.
        for computed in re.findall(r"\bt\(\s*`((?:[^`$]|\$\{[^}]*\})*)`", source):
            known = re.match(rf"(?:{rooms})\.[a-z]+", computed)
            assert known, f"{path.name} asks for {computed}, which may be anything"
            parts = re.split(r"\$\{[^}]*\}", computed)
            pattern = re.compile(r"\w+".join(re.escape(part) for part in parts))
            found = {key for key in keys if pattern.fullmatch(key)}
            assert found, f"{path.name} asks for {computed}"
            asked |= found
    assert keys == asked


@pytest.mark.parametrize(
    ("prefix", "values"),
    [
        ("shell.topic_", (*POLARITIES, "mixed")),
        ("shell.sentiment_", SENTIMENTS),
        ("narrowing.case_", STATUSES),
        ("mention.noise_", NOISE_KINDS),
        ("overview.severity_", SEVERITIES),
        ("mention.reason_", (*get_args(Relation), *(rule.name for rule in RULES), PERSON)),
    ],
)
def test_every_value_has_a_name(prefix: str, values: tuple[str, ...]) -> None:
    known = messages("en")
    assert [value for value in values if f"{prefix}{value}" not in known] == []


def test_every_fact_has_a_name() -> None:
    known = messages("en")
    for kind, unit in FACT_UNITS.items():
        endings = ("_yes", "_no") if unit.startswith("1 yes") else ("",)
        assert all(f"mention.fact_{kind}{ending}" in known for ending in endings), kind
