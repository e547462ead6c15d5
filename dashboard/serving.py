"""Listening for browsers: the address, the tokens that it demands, and the server."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cluster import Place
from dashboard.security import host_name, is_loopback
from dashboard.settings import READ_TOKEN, WRITE_TOKEN, Settings
from mention import UserError
from project.secrets import read_secret

# A token that can be guessed is none.
SHORTEST_TOKEN: Final = 16
_GENERATOR: Final = "'openssl rand -hex 32'"
# Every address that the machine has.
_EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


class ServeError(UserError):
    """The page cannot be served so. The message is one sentence and the next step."""


def settings_of(
    place: Place,
    host: str,
    hosts: Sequence[str] = (),
    *,
    is_read_only: bool = False,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """Return what the page is served with.

    Args:
        place: where it asks.
        host: name or address that it listens at.
        hosts: names by which browsers may call it, beside `host`.
        is_read_only: nobody may write.
        environment: has the tokens, or the names of their files.

    Raises:
        ServeError: the page can be reached from elsewhere and there is no token, a token is too
            short, or both are the same.
        ProjectError: the file of a token cannot be used.
    """
    tokens = {name: read_secret(name, environment) for name in (READ_TOKEN, WRITE_TOKEN)}
    given = [token for token in tokens.values() if token is not None]
    for name, token in tokens.items():
        if token is not None and len(token) < SHORTEST_TOKEN:
            raise ServeError(
                f"{name} has fewer than {SHORTEST_TOKEN} characters and could be guessed; take "
                f"what {_GENERATOR} prints"
            )
    if len(set(given)) < len(given):
        raise ServeError(
            f"{READ_TOKEN} and {WRITE_TOKEN} are the same, so that whoever reads could write; "
            "make two, or set one"
        )
    is_reached = not is_loopback(host) or bool(hosts)
    if is_reached and not given:
        raise ServeError(
            f"{hosts[0] if hosts else host} can be reached from other machines, so a token is "
            f"needed: set {READ_TOKEN} or {WRITE_TOKEN} to what {_GENERATOR} prints"
        )
    # A machine has names that nobody can list; the token, which no other site has, is what
    # protects it there.
    anywhere = ("*",) if host in _EVERYWHERE and not hosts else ()
    return Settings(
        place,
        read_token=tokens[READ_TOKEN],
        write_token=tokens[WRITE_TOKEN],
        is_read_only=is_read_only,
        hosts=(*(_as_browsers_write(name) for name in (host, *hosts)), *anywhere),
    )


def _as_browsers_write(name: str) -> str:
    """Return a name as a Host header has it.

    Raises:
        ServeError: it is none.
    """
    with suppress(ValueError):
        return str(ip_address(name))
    try:
        plain = name.encode("idna").decode().lower()
    except UnicodeError:
        plain = ""
    # Not "name:8765" or "https://name", which would never be found again.
    if host_name(plain) != plain:
        raise ServeError(f"'{name}' is not a name of a machine; write it without scheme and port")
    return plain


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; 0 is any free port.

    Raises:
        ServeError: the address is taken or is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=128)
        # Otherwise each answer waits some 40 ms for the browser to confirm its first part;
        # asyncio sees to it only where a socket was made with the protocol's number.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        # What the system itself says names no address, and what Python makes of it does twice.
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise ServeError(
            f"cannot listen at {host}, port {port}: {reason or error}; name another with "
            "--port or --host"
        ) from error


def serve_until_ended(
    settings: Settings,
    listening: socket.socket,
    announce: Callable[[], None],
    *,
    certificate: Path | None = None,
    key: Path | None = None,
) -> None:
    """Answer browsers until the process is told to end: by SIGTERM, or by Ctrl+C.

    Args:
        settings: of the page.
        listening: from `listen`.
        announce: called when nothing stands in the way of answering any more.
        certificate: serve https with this certificate, PEM.
        key: its private key, PEM.

    Raises:
        ServeError: the certificate and the key cannot be used.
    """
    import uvicorn

    from dashboard.app import create_app

    config = uvicorn.Config(
        create_app(settings),
        log_level="warning",
        # Addresses have queries in them, which are nobody's business.
        access_log=False,
        server_header=False,
        ws="none",
        ssl_certfile=certificate,
        ssl_keyfile=key,
        # Of what is still being answered; downloads are the only long answers.
        timeout_graceful_shutdown=5,
    )
    try:
        config.load()
    except OSError as error:
        raise ServeError(
            f"{certificate} and {key} are no certificate in PEM and its key: "
            f"{error.strerror or error}; name others with --certificate and --key"
        ) from error
    announce()
    # Ctrl+C is how this ends; uvicorn raises it again when all is closed.
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
