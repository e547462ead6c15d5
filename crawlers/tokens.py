"""Signed tokens (JSON Web Tokens, RFC 7519) that say to a platform who asks.

They are made with a private key that stays on this machine; the platform knows the public one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
from cryptography.exceptions import UnsupportedAlgorithm

_BEGINNING: Final = "-----BEGIN"
# The longest that Apple takes for reviews, https://developer.apple.com/documentation/
# appstoreconnectapi/generating-tokens-for-api-requests; less, for clocks that differ.
APPLE_LIFETIME: Final = timedelta(minutes=15)
APPLE_AUDIENCE: Final = "appstoreconnect-v1"
# The longest that Google takes, https://developers.google.com/identity/protocols/oauth2/
# service-account.
GOOGLE_LIFETIME: Final = timedelta(hours=1)


class PrivateKeyError(ValueError):
    """A private key cannot be used. The message says why, without the key."""


def is_private_key(text: str) -> bool:
    """Whether a text is a private key in PEM (RFC 7468), such as a `.p8` file holds."""
    return text.lstrip().startswith(_BEGINNING)


def apple_token(private_key: str, key_id: str | None, issuer_id: str | None) -> str:
    """Return a token for the App Store Connect API, signed with ES256.

    Args:
        private_key: content of the `.p8` file.
        key_id: of that key.
        issuer_id: of the team; None for the key of one person, which has no issuer.

    Raises:
        PrivateKeyError: the key is no ES256 key, or `key_id` is missing.
    """
    if not key_id:
        raise PrivateKeyError("the id of the key is missing")
    claims: dict[str, Any] = {"aud": APPLE_AUDIENCE, **_times(APPLE_LIFETIME)}
    claims |= {"iss": issuer_id} if issuer_id else {"sub": "user"}
    return _signed(claims, private_key, "ES256", key_id)


def google_assertion(account: Mapping[str, Any], scope: str, audience: str) -> str:
    """Return what a service account's token is asked for with (RFC 7523), signed with RS256.

    Args:
        account: the JSON key of the service account.
        scope: what the token shall allow.
        audience: address of the token endpoint.

    Raises:
        PrivateKeyError: `account` is no key of a service account.
    """
    email, private_key = account.get("client_email"), account.get("private_key")
    if not isinstance(email, str) or not isinstance(private_key, str):
        raise PrivateKeyError("the JSON has no client_email and private_key")
    claims = {"iss": email, "scope": scope, "aud": audience, **_times(GOOGLE_LIFETIME)}
    key_id = account.get("private_key_id")
    return _signed(claims, private_key, "RS256", key_id if isinstance(key_id, str) else None)


def _times(lifetime: timedelta) -> dict[str, datetime]:
    now = datetime.now(UTC)
    return {"iat": now, "exp": now + lifetime}


def _signed(claims: dict[str, Any], private_key: str, algorithm: str, key_id: str | None) -> str:
    # In an environment variable line breaks are often written as \n.
    pem = private_key.replace("\\n", "\n")
    try:
        return jwt.encode(claims, pem, algorithm, headers={"kid": key_id} if key_id else None)
    except (ValueError, TypeError, jwt.PyJWTError, UnsupportedAlgorithm):
        raise PrivateKeyError(f"it is not a private key for {algorithm}") from None
