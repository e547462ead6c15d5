"""Signs that a site refuses robots: met, they are reported, and never worked around."""

from __future__ import annotations

import re
from typing import Final

from scrapy.http import Response

_REFUSALS: Final = frozenset((403, 429, 503))
# Challenge pages of the common protections. A login form may carry a captcha
# too, so a page that was served with 200 is judged by its address and headers only.
_MARKERS: Final = re.compile(
    rb"captcha|cf-chl|cf_chl|challenge-platform|just a moment\.\.\.|ddos-guard|"
    rb"smartcaptcha|/_incapsula_|px-captcha|access to this page has been denied",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"/(?:show)?captcha", re.IGNORECASE)
_HEAD: Final = 50_000


def is_blocked(response: Response) -> bool:
    """Whether the answer is a captcha or challenge instead of the page."""
    if response.headers.get("cf-mitigated", b"") == b"challenge":
        return True
    if _ADDRESS.search(response.url):
        return True
    return response.status in _REFUSALS and bool(_MARKERS.search(response.body[:_HEAD]))
