"""Yandex Market: pieces of a page, JSON-LD and the patches of its state."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from crawlers.importers import import_file
from mention import Mention
from tests.crawlers.recordings.containers import recordings


@pytest.mark.parametrize("recording", recordings("yandex_market", "*.html"))
def test_saved_page(recording: Path) -> None:
    page = recording.read_text("utf-8")
    scripts = re.findall(r"(?s)<script[^>]*ld\+json[^>]*>(.*?)</script>", page)
    (product,) = (one for one in map(json.loads, scripts) if "review" in one)
    patches = re.findall(r"(?s)<noframes[^>]*>(.*?)</noframes>", page)
    reviews = [
        one for patch in patches for one in json.loads(patch)["collections"]["reviewV2"].values()
    ]
    found = list(import_file(recording, store_author_names=True))
    assert len(found) == len(product["review"]) == 5
    for one, marked in zip(found, product["review"], strict=True):
        assert isinstance(one, Mention)
        assert (one.rating, one.author_name) == (
            marked["reviewRating"]["ratingValue"],
            marked["author"]["name"],
        )
        assert f"{one.published_at:%F}" == marked["datePublished"]
        assert (one.product, one.brand) == (product["name"], product["brand"])
        assert one.url == product["url"]
        parts = [
            review
            for review in reviews
            if all(review.get(name, "") in marked["reviewBody"] for name in ("pro", "comment"))
        ]
        for review in parts:
            assert one.id == f"import:yandex_market/{review['id']}"
            assert one.text.startswith(review["comment"])
            assert (f"+ {review['pro']}" in one.text) if "pro" in review else "+" not in one.text
            assert one.likes == review["votes"]["votesAgree"]
        if not parts:
            assert one.text == marked["reviewBody"]
    assert sum("yandex_market/" in str(one) for one in found) == len(reviews) == 3
