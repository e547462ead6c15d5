"""The project file `molva.toml`: where the store is, which sources to collect, whose time zone.

Read with the standard library's TOML parser and checked whole: an unknown or
misspelt setting is an error that names it, never silently ignored. Secrets do
not belong in this file; spiders take them from the environment.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mention import UserError

if TYPE_CHECKING:
    from nlp.own_topics import OwnTopic
    from nlp.tagger_setup import TaggerSetup

DEFAULT_FILE: Final = "molva.toml"
DEFAULT_STORE: Final = "molva.sqlite"

_TOP: Final = (
    "store",
    "time_zone",
    "contact",
    "store_author_names",
    "model",
    "sentiment_model",
    "sentiment_labels",
    "topics",
    "sources",
    "elasticsearch",
    "answers_from",
)
_CLUSTER: Final = ("url", "index", "ca_file", "timeout")
_SECRETS: Final = ("api_key", "user", "username", "password", "token")
_ANSWERS: Final = ("store", "elasticsearch")


class ProjectError(UserError):
    """A project file that cannot be used. The message is one sentence and the next step."""


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of `[[sources]]`: a spider and its arguments."""

    spider: str
    arguments: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The table `[elasticsearch]`: where the cluster is. Secrets come from the environment.

    Attributes:
        url: scheme, host and port.
        index: the alias that is read; `<index>-write` is the one that is written.
        ca_file: certificates that sign the cluster's own; None for those the machine trusts.
        timeout: seconds to wait for one answer.
    """

    url: str
    index: str = "mentions"
    ca_file: Path | None = None
    timeout: float = 30.0


@dataclass(frozen=True, slots=True)
class Project:
    """The settings of one project.

    Attributes:
        store: the SQLite file.
        time_zone: IANA name; days, weeks and months of trends begin there.
        contact: address or e-mail that the crawler's user agent names.
        store_author_names: keep display names (off: only salted hashes are kept).
        model: name of a shipped tagger or a path to a model directory.
        sentiment_model: folder or hub id of the model that gives the overall sentiment
            instead of the tagger; None for the tagger.
        sentiment_labels: what that model's labels mean, where their names do not say it.
        topics: topics of the project's own.
        sources: what `molva run` collects.
        elasticsearch: the cluster that `molva index` sends to; None for none.
        asks_cluster: whether the cluster answers questions, unless a command says otherwise.
        file: where this was read from; None when there is no project file.
    """

    store: Path = Path(DEFAULT_STORE)
    time_zone: str = "UTC"
    contact: str | None = None
    store_author_names: bool = False
    model: str = "default"
    sentiment_model: str | None = None
    sentiment_labels: dict[str, str] = field(default_factory=dict)
    topics: tuple[OwnTopic, ...] = ()
    sources: tuple[Source, ...] = ()
    elasticsearch: Cluster | None = None
    asks_cluster: bool = False
    file: Path | None = None

    @property
    def tagger(self) -> TaggerSetup:
        """What tags this project; heads of its own topics lie beside the project file."""
        from nlp.own_topics import FOLDER
        from nlp.tagger_setup import TaggerSetup

        return TaggerSetup(
            model=self.model,
            topics=self.topics,
            folder=(self.file.parent if self.file else Path()) / FOLDER,
            sentiment_model=self.sentiment_model,
            sentiment_labels=self.sentiment_labels,
        )


def load(config: Path | None = None, store: Path | None = None) -> Project:
    """Return the project of the working folder.

    The store is `store`, else `MOLVA_STORE`, else the project file's, else
    `molva.sqlite`. A relative path in the project file counts from that file.

    Raises:
        ProjectError: `config` is missing, is not TOML, or has a setting that is wrong.
    """
    file = config or Path(DEFAULT_FILE)
    if file.is_file():
        project = _read(file)
    elif config is not None:
        raise ProjectError(f"there is no project file at {config}; 'molva init' writes one")
    else:
        project = Project()
    chosen = store or (Path(value) if (value := os.environ.get("MOLVA_STORE")) else None)
    if chosen is not None:
        project = replace(project, store=chosen)
    return project


def _read(file: Path) -> Project:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProjectError(f"{file} is not valid TOML: {error}; correct that place") from error
    except OSError as error:
        raise ProjectError(f"{file} cannot be read: {error.strerror}") from error
    _refuse_unknown(data, _TOP, file, "setting")
    time_zone = _string(data, "time_zone", file) or "UTC"
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ProjectError(
            f"{file}: '{time_zone}' is not a time zone; write one such as \"Europe/Vilnius\""
        ) from error
    names = data.get("store_author_names", False)
    if not isinstance(names, bool):
        raise ProjectError(f"{file}: store_author_names is true or false")
    return Project(
        store=file.parent / (_string(data, "store", file) or DEFAULT_STORE),
        time_zone=time_zone,
        contact=_string(data, "contact", file),
        store_author_names=names,
        model=_string(data, "model", file) or "default",
        sentiment_model=_sentiment_model(data, file),
        sentiment_labels=_sentiment_labels(data, file),
        topics=_topics(data, file),
        sources=tuple(_source(entry, number, file) for number, entry in _entries(data, file)),
        elasticsearch=_cluster(data, file),
        asks_cluster=_asks_cluster(data, file),
        file=file,
    )


def _entries(data: Mapping[str, Any], file: Path) -> list[tuple[int, Any]]:
    entries = data.get("sources", [])
    if not isinstance(entries, list):
        raise ProjectError(f"{file}: each source begins with a line [[sources]]")
    return list(enumerate(entries, start=1))


def _source(entry: Any, number: int, file: Path) -> Source:
    spider = entry.get("spider") if isinstance(entry, dict) else None
    if not isinstance(spider, str):
        raise ProjectError(
            f"{file}: source {number} names no spider; 'molva sources' lists what there is"
        )
    arguments = {}
    for name, value in entry.items():
        if isinstance(value, list):
            value = ",".join(str(item) for item in value)  # noqa: PLW2901 - a list is written with commas
        if not isinstance(value, str | int | float | bool):
            raise ProjectError(f"{file}: '{name}' of source {number} is a text or a number")
        if name != "spider":
            arguments[name] = str(value)
    return Source(spider, arguments)


def _sentiment_model(data: Mapping[str, Any], file: Path) -> str | None:
    """Return the setting; a relative path of a folder that is there counts from the file."""
    value = _string(data, "sentiment_model", file)
    if value is not None and (file.parent / value).is_dir():
        return str(file.parent / value)
    return value


def _sentiment_labels(data: Mapping[str, Any], file: Path) -> dict[str, str]:
    labels = data.get("sentiment_labels", {})
    if not _is_texts(labels):
        raise ProjectError(
            f'{file}: write sentiment_labels as {{ LABEL_0 = "negative", LABEL_1 = "positive" }}'
        )
    if not labels:
        return {}
    from nlp.sentiment_labels import SentimentLabelError, check_labels

    try:
        return check_labels(labels)
    except SentimentLabelError as error:
        raise ProjectError(f"{file}: {error}") from error


def _topics(data: Mapping[str, Any], file: Path) -> tuple[OwnTopic, ...]:
    tables = data.get("topics", {})
    if not isinstance(tables, dict):
        raise ProjectError(f"{file}: a topic of your own begins with a line [topics.its_code]")
    return tuple(_topic(code, table, file) for code, table in tables.items())


def _topic(code: str, table: Any, file: Path) -> OwnTopic:
    from nlp.own_topics import OwnTopic, OwnTopicError, check_code
    from nlp.taxonomy import LANGUAGES

    try:
        check_code(code)
    except OwnTopicError as error:
        raise ProjectError(f"{file}: {error}") from error
    if not isinstance(table, dict):
        raise ProjectError(f"{file}: a topic of your own begins with a line [topics.{code}]")
    _refuse_unknown(table, ("names", "examples"), file, f"setting of topic '{code}':")
    examples, names = table.get("examples"), table.get("names", {})
    if not isinstance(examples, str):
        raise ProjectError(
            f"{file}: topic '{code}' needs examples, the name of a file of example sentences"
        )
    if not _is_texts(names):
        raise ProjectError(f"{file}: write names of topic '{code}' as {{ en = \"Parking\" }}")
    _refuse_unknown(names, LANGUAGES, file, f"language of the names of topic '{code}':")
    return OwnTopic(code, file.parent / examples, names)


def _cluster(data: Mapping[str, Any], file: Path) -> Cluster | None:
    table = data.get("elasticsearch")
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ProjectError(f"{file}: the cluster begins with a line [elasticsearch]")
    if secrets := [name for name in table if name in _SECRETS]:
        raise ProjectError(
            f"{file}: '{secrets[0]}' is a secret and does not belong here; "
            "set MOLVA_ELASTICSEARCH_API_KEY, or _USER and _PASSWORD"
        )
    _refuse_unknown(table, _CLUSTER, file, "setting of [elasticsearch]:")
    url, ca_file = _string(table, "url", file), _string(table, "ca_file", file)
    timeout = table.get("timeout", 30)
    if url is None:
        raise ProjectError(f"{file}: [elasticsearch] needs a url, the address of the cluster")
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or timeout <= 0:
        raise ProjectError(f"{file}: timeout of [elasticsearch] is a number of seconds")
    return Cluster(
        url=url,
        index=_string(table, "index", file) or "mentions",
        ca_file=file.parent / ca_file if ca_file else None,
        timeout=float(timeout),
    )


def _asks_cluster(data: Mapping[str, Any], file: Path) -> bool:
    answers = data.get("answers_from", "store")
    if answers not in _ANSWERS:
        raise ProjectError(f'{file}: answers_from is "store" or "elasticsearch"')
    if answers == "elasticsearch" and "elasticsearch" not in data:
        raise ProjectError(f"{file}: answers_from names a cluster; add a table [elasticsearch]")
    return bool(answers == "elasticsearch")


def _is_texts(value: object) -> bool:
    """Tell whether a value is a table of texts."""
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def _string(data: Mapping[str, Any], name: str, file: Path) -> str | None:
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise ProjectError(f"{file}: {name} is a text in quotes")
    return value


def _refuse_unknown(data: Mapping[str, Any], known: tuple[str, ...], file: Path, what: str) -> None:
    for name in data:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(known)}"
            raise ProjectError(f"{file}: there is no {what} '{name}'; {hint}")


# Equal to molva.example.toml (a test compares them); kept here as well so that an
# installed Molva can write it.
TEMPLATE: Final = """\
# Molva's project file. Copy it to molva.toml (`molva init` does) and make it yours.
# Secrets do not belong here: spiders take them from the environment.

# The store, one SQLite file; a relative path counts from this file.
store = "molva.sqlite"

# Days, weeks and months of trends begin in this time zone.
time_zone = "Europe/Vilnius"

# Where a site's owner can reach you; the crawler names it in its user agent.
# contact = "reviews@example.org"

# Display names of authors are not stored unless this is true; a salted hash is.
store_author_names = false

# A shipped tagger's name or the path of a model folder.
model = "default"

# Overall sentiment by another model: a folder or hub id of a Hugging Face classifier.
# sentiment_model = "models/my-sentiment"
# What its labels mean, where they are not called positive, negative, neutral, mixed or stars.
# sentiment_labels = { LABEL_0 = "negative", LABEL_1 = "positive" }

# Who answers search, trends, export and explain: the store or the cluster below.
# answers_from = "elasticsearch"

# Topics of your own, each from 20 to 50 example sentences; then: molva topics train
# [topics.parking]
# names = { ru = "Парковка", en = "Parking", lt = "Automobilių aikštelė" }
# examples = "topics/parking.jsonl"

# A cluster that `molva index` sends everything to. Its secret comes from the environment:
# MOLVA_ELASTICSEARCH_API_KEY, or MOLVA_ELASTICSEARCH_USER and MOLVA_ELASTICSEARCH_PASSWORD.
# [elasticsearch]
# url = "https://search.example.org:9200"
# index = "mentions"
# ca_file = "elasticsearch-ca.pem"

# What `molva run` collects. `molva sources` lists spiders and their arguments.
[[sources]]
spider = "app_store"
app_id = "1234567890"
country = "lt"
brand = "Парус"

[[sources]]
spider = "schema_org"
url = "https://shop.example.org/reviews"
brand = "Парус"

[[sources]]
spider = "rss"
url = ["https://forum.example.org/feed.xml", "https://news.example.org/rss"]
brand = "Маяк"
"""
