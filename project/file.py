"""Reading a project file: its settings, topics of its own, and the cluster."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from project.alerts import AlertRule, read_alerts
from project.checks import ProjectError, is_texts, refuse_unknown, switch, text
from project.delivery import AlertOutput, read_delivery
from project.sources import Brand, Source, read_brands, read_sources

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
    "tolerated",
    "model",
    "sentiment_model",
    "sentiment_labels",
    "topics",
    "brands",
    "sources",
    "elasticsearch",
    "answers_from",
    "alerts",
    "alerts_delivery",
)
_CLUSTER: Final = ("url", "index", "ca_file", "timeout")
_SECRETS: Final = ("api_key", "user", "username", "password", "token")
_ANSWERS: Final = ("store", "elasticsearch")


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
        tolerated: allow every source whose platform's terms may forbid it.
        model: name of a shipped tagger or a path to a model directory.
        sentiment_model: folder or hub id of the model that gives the overall sentiment
            instead of the tagger; None for the tagger.
        sentiment_labels: what that model's labels mean, where their names do not say it.
        topics: topics of the project's own.
        brands: own ones and competitors, with how people write them.
        sources: what `molva collect` and `molva run` collect.
        elasticsearch: the cluster that `molva index` sends to; None for none.
        alerts: rules of `molva alerts`; empty: those that are built in.
        alerts_delivery: where alerts are sent.
        asks_cluster: whether the cluster answers questions, unless a command says otherwise.
        file: where this was read from; None when there is no project file.
    """

    store: Path = Path(DEFAULT_STORE)
    time_zone: str = "UTC"
    contact: str | None = None
    store_author_names: bool = False
    tolerated: bool = False
    model: str = "default"
    sentiment_model: str | None = None
    sentiment_labels: dict[str, str] = field(default_factory=dict)
    topics: tuple[OwnTopic, ...] = ()
    brands: tuple[Brand, ...] = ()
    sources: tuple[Source, ...] = ()
    elasticsearch: Cluster | None = None
    alerts: tuple[AlertRule, ...] = ()
    alerts_delivery: tuple[AlertOutput, ...] = ()
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
    refuse_unknown(data, _TOP, file, "setting")
    time_zone = text(data, "time_zone", file) or "UTC"
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ProjectError(
            f"{file}: '{time_zone}' is not a time zone; write one such as \"Europe/Vilnius\""
        ) from error
    brands, topics = read_brands(data, file), _topics(data, file)
    return Project(
        store=file.parent / (text(data, "store", file) or DEFAULT_STORE),
        time_zone=time_zone,
        contact=text(data, "contact", file),
        store_author_names=switch(data, "store_author_names", file),
        tolerated=switch(data, "tolerated", file),
        model=text(data, "model", file) or "default",
        sentiment_model=_sentiment_model(data, file),
        sentiment_labels=_sentiment_labels(data, file),
        topics=topics,
        brands=brands,
        sources=read_sources(data, brands, file),
        elasticsearch=_cluster(data, file),
        alerts=read_alerts(data, [topic.code for topic in topics], file),
        alerts_delivery=read_delivery(data, file),
        asks_cluster=_asks_cluster(data, file),
        file=file,
    )


def _sentiment_model(data: Mapping[str, Any], file: Path) -> str | None:
    """Return the setting; a relative path of a folder that is there counts from the file."""
    value = text(data, "sentiment_model", file)
    if value is not None and (file.parent / value).is_dir():
        return str(file.parent / value)
    return value


def _sentiment_labels(data: Mapping[str, Any], file: Path) -> dict[str, str]:
    labels = data.get("sentiment_labels", {})
    if not is_texts(labels):
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
    refuse_unknown(table, ("names", "examples"), file, f"setting of topic '{code}':")
    examples, names = table.get("examples"), table.get("names", {})
    if not isinstance(examples, str):
        raise ProjectError(
            f"{file}: topic '{code}' needs examples, the name of a file of example sentences"
        )
    if not is_texts(names):
        raise ProjectError(f"{file}: write names of topic '{code}' as {{ en = \"Parking\" }}")
    refuse_unknown(names, LANGUAGES, file, f"language of the names of topic '{code}':")
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
    refuse_unknown(table, _CLUSTER, file, "setting of [elasticsearch]:")
    url, ca_file = text(table, "url", file), text(table, "ca_file", file)
    timeout = table.get("timeout", 30)
    if url is None:
        raise ProjectError(f"{file}: [elasticsearch] needs a url, the address of the cluster")
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or timeout <= 0:
        raise ProjectError(f"{file}: timeout of [elasticsearch] is a number of seconds")
    return Cluster(
        url=url,
        index=text(table, "index", file) or "mentions",
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
