"""What is kept of an author: a salted hash, and the name only when the project asks for it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import Final, Self

ENVIRONMENT_VARIABLE: Final = "MOLVA_AUTHOR_SALT"


@dataclass(frozen=True, slots=True)
class AuthorPolicy:
    """How authors are stored.

    Attributes:
        salt: secret of the store. Without one no `author_id` is stored at all,
            because an unsalted hash of a public name can be guessed.
        store_names: keep display names as well.
    """

    salt: bytes | None = None
    store_names: bool = False

    @classmethod
    def of(cls, salt: str | bytes | None = None, store_names: bool = False) -> Self:
        """Take the salt given, else the one in `MOLVA_AUTHOR_SALT`."""
        chosen = salt or os.environ.get(ENVIRONMENT_VARIABLE) or None
        if isinstance(chosen, str):
            chosen = chosen.encode("utf-8", "surrogateescape")
        return cls(chosen, store_names)

    def fields(self, scope: str, key: object, name: object = None) -> dict[str, str | None]:
        """Return `author_id` and `author_name` for a mention.

        Args:
            scope: where `key` is unique, such as the platform or the site's host.
            key: the platform's id of the author, else the name.
            name: the display name.

        The hash is BLAKE2b keyed with the salt, 32 hexadecimal digits: the same
        author on the same platform gives the same hash in one store, and another
        store gives another.
        """
        fields: dict[str, str | None] = {"author_id": None, "author_name": None}
        known = str(key if key not in (None, "") else name or "").strip()
        if known and self.salt:
            secret = hashlib.blake2b(self.salt, digest_size=32).digest()
            value = f"{scope}\x1f{known}".encode("utf-8", "replace")
            fields["author_id"] = hashlib.blake2b(value, key=secret, digest_size=16).hexdigest()
        if self.store_names and isinstance(name, str) and name.strip():
            fields["author_name"] = name
        return fields
