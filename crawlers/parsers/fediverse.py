"""Ids of posts on servers that federate (ActivityPub): the same from whatever server they are read.

Every server has a number of its own for a post, and all know the address (`uri`, `ap_id`) that
its home server gave it.
"""

from __future__ import annotations

import re
from typing import Final

# A Mastodon address names the author, whom an id must not show; the number alone is unique.
_STATUS: Final = re.compile(r"(?:ap/)?users/[^/]+/statuses/(\d+)")
_ADDRESS: Final = re.compile(r"https?://([^/\s]+)/(\S+)", re.IGNORECASE)


def global_id(address: object, otherwise: str) -> str:
    """Return host and path of a post's address, or `otherwise` where it has none.

    Args:
        address: such as `https://lemmy.example/post/7`, which gives `lemmy.example/post/7`.
        otherwise: host of the server that was asked, and its own name for the post.
    """
    match = _ADDRESS.fullmatch(address.strip()) if isinstance(address, str) else None
    if match is None:
        return otherwise
    host, path = match[1].lower(), match[2]
    status = _STATUS.fullmatch(path)
    return f"{host}/{status[1] if status else path}"
