"""Reaching a cluster: settings, secrets, and errors in one sentence with the next step.

Certificates are always verified. Secrets come from the environment or from files that
only their owner may read; they are never printed, not even in a traceback.

| variable | |
|---|---|
| `MOLVA_ELASTICSEARCH_API_KEY` | an API key as the server gives it, encoded |
| `MOLVA_ELASTICSEARCH_USER`, `MOLVA_ELASTICSEARCH_PASSWORD` | instead of a key |
| each with `_FILE` behind it | names a file that holds the value |
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from elastic_transport.client_utils import DEFAULT
from elasticsearch import (
    ApiError,
    AuthorizationException,
    Elasticsearch,
    TransportError,
    UnsupportedProductError,
)

from index.base import StoreError
from index.elastic.errors import sentence

API_KEY: Final = "MOLVA_ELASTICSEARCH_API_KEY"
USER: Final = "MOLVA_ELASTICSEARCH_USER"
PASSWORD: Final = "MOLVA_ELASTICSEARCH_PASSWORD"  # noqa: S105 - the name of a variable

# The version of the client, and so the oldest server that understands it.
OLDEST_SERVER: Final = 9
# Lower-case, so that aliases and index templates made of it are legal names.
_INDEX_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.+-]*\Z")
# Of 255 bytes for a name; the rest is for schema, model and date.
_LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """Which cluster, and how to reach it. Holds no secret.

    Attributes:
        url: scheme, host and port, such as `https://search.example.org:9200`.
        index: the alias that is read; `<index>-write` is the alias that is written.
        ca_file: certificates that sign the cluster's own, PEM; None for those that the
            machine trusts.
        timeout: seconds to wait for one answer.
        insecure_http: allow plain http to another machine.

    Raises:
        StoreError: a value cannot be right.
    """

    url: str
    index: str = "mentions"
    ca_file: Path | None = None
    timeout: float = 30.0
    insecure_http: bool = False

    def __post_init__(self) -> None:
        _check_url(self.url, insecure_http=self.insecure_http)
        if self.ca_file is not None and urlsplit(self.url).scheme == "http":
            raise StoreError(
                "plain http knows no certificates; write https:// in url, or leave ca_file out"
            )
        if not _INDEX_NAME.match(self.index) or len(self.index) > _LONGEST_NAME:
            raise StoreError(
                f"'{self.index}' cannot be the name of an index; write up to {_LONGEST_NAME} "
                "lower-case letters, digits, '-', '_' or '.', a letter or digit first"
            )

    @property
    def write_alias(self) -> str:
        """The alias of the index that takes what is new."""
        return f"{self.index}-write"

    @property
    def next_alias(self) -> str:
        """The alias of the index that a rebuild is filling; it exists only meanwhile."""
        return f"{self.index}-next"


def connect(settings: ClusterSettings) -> Elasticsearch:
    """Return a client of a cluster that answers, with a version that it understands.

    Raises:
        StoreError: there is no such cluster, it does not accept the secret, its
            certificate is wrong, or it is not an Elasticsearch of version 9 or newer.
    """
    if settings.ca_file is not None:
        _check_ca_file(settings.ca_file)
    basic, key = _secrets(os.environ)
    parts = urlsplit(settings.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    with clear_errors(settings):
        client = Elasticsearch(
            f"{parts.scheme}://{host}:{port}{parts.path.rstrip('/')}",
            basic_auth=basic,
            api_key=key,
            request_timeout=settings.timeout,
            # Said only of https: the client refuses it of http.
            verify_certs=True if parts.scheme == "https" else DEFAULT,
            ca_certs=str(settings.ca_file) if settings.ca_file else DEFAULT,
        )
        try:
            _check_version(settings, client)
        except BaseException:
            client.close()
            raise
    return client


@contextmanager
def clear_errors(settings: ClusterSettings) -> Iterator[None]:
    """Turn what the client raises into a `StoreError` with the next step."""
    try:
        yield
    except (ApiError, TransportError, UnsupportedProductError) as error:
        raise StoreError(
            sentence(error, settings.url, ca_file=settings.ca_file, has_secret=_is_set())
        ) from error


def _check_ca_file(file: Path) -> None:
    if not file.is_file():
        raise StoreError(f"there is no CA file at {file}; correct ca_file")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except (ssl.SSLError, OSError) as error:
        raise StoreError(
            f"the CA file {file} holds no certificate that can be read; "
            "name one in PEM, beginning with BEGIN CERTIFICATE"
        ) from error


def _check_version(settings: ClusterSettings, client: Elasticsearch) -> None:
    try:
        number = str(client.info()["version"]["number"])
    except AuthorizationException:
        # A key for one index need not have the right to see the cluster's version.
        return
    except KeyError:
        raise StoreError(
            f"what answers at {settings.url} is not Elasticsearch; correct url"
        ) from None
    major = number.partition(".")[0]
    if major.isdigit() and int(major) < OLDEST_SERVER:
        raise StoreError(
            f"the server at {settings.url} has version {number}; "
            f"Molva needs Elasticsearch {OLDEST_SERVER} or newer, upgrade it"
        )


def _check_url(url: str, *, insecure_http: bool) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        # Not quoted: what was written may hold a password.
        raise StoreError(
            "the cluster's url has to have a scheme and a host; "
            "write one such as https://search.example.org:9200"
        )
    if parts.username is not None or parts.password is not None:
        raise StoreError(
            f"a password does not belong in the cluster's url; set {USER} and {PASSWORD}"
        )
    if parts.scheme == "http" and not insecure_http and not _is_loopback(host):
        raise StoreError(
            f"plain http to {host} would show texts and passwords to everyone on the way; "
            "write https://, or allow it with --insecure-http"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_set() -> bool:
    """Say whether there is any secret, without looking at it."""
    names = (API_KEY, USER)
    return any(os.environ.get(name) or os.environ.get(f"{name}_FILE") for name in names)


def _secrets(environment: Mapping[str, str]) -> tuple[tuple[str, str] | None, str | None]:
    """Return (user, password) and the API key; at most one of the two is not None."""
    key = _secret(environment, API_KEY)
    user, password = _secret(environment, USER), _secret(environment, PASSWORD)
    if key and user:
        raise StoreError(f"both {API_KEY} and {USER} are set; keep one")
    if (user is None) != (password is None):
        missing = PASSWORD if user else USER
        raise StoreError(f"{missing} is not set; set it, or use {API_KEY} instead")
    return (user, password) if user and password else None, key


def _secret(environment: Mapping[str, str], name: str) -> str | None:
    value, file = environment.get(name), environment.get(f"{name}_FILE")
    if value and file:
        raise StoreError(f"both {name} and {name}_FILE are set; keep one")
    if file:
        value = _file_content(Path(file), name)
    if not value:
        return None
    # One of these inside a header would be another header.
    if not value.isprintable():
        raise StoreError(f"the value of {name} has a line break in it; write it on one line")
    return value


def _file_content(file: Path, name: str) -> str:
    try:
        # Elsewhere than on POSIX the mode does not say who may read.
        if os.name == "posix" and file.stat().st_mode & 0o077:
            raise StoreError(f"others may read {file}; run: chmod 600 {file}")
        value = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise StoreError(f"the file {file} of {name}_FILE cannot be read: {reason}") from error
    if not value:
        raise StoreError(f"the file {file} of {name}_FILE is empty; write the secret into it")
    return value
