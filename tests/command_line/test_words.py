"""`molva explain --words`: which words carried each label."""

from __future__ import annotations

import json
from pathlib import Path

from tests.command_line.conftest import Molva


def test_the_words_stand_under_the_labels_and_in_json(tagged: Path, molva: Molva) -> None:
    shown = molva("explain", "shop:1", "--words").stdout
    assert "what the probability of a label loses without a word" in shown
    words = json.loads(molva("explain", "shop:1", "--words", "--format", "json").stdout)["words"]
    (waited,) = (one for one in words if (one["number"], one["topic"]) == (1, "speed"))
    assert (waited["polarity"], waited["refused"]) == ("negative", None)
    weights = {one["word"]: one["weight"] for one in waited["words"]}
    assert list(weights) == ["Ждал", "в", "очереди", "сорок", "минут"]
    assert max(weights.values()) > 0.01  # less is noise
    assert "words" not in json.loads(molva("explain", "shop:1", "--format", "json").stdout)


def test_a_label_of_a_person_is_said_to_be_theirs(tagged: Path, molva: Molva) -> None:
    molva("correct", "shop:2", "--topic", "price=negative", "--sentence", "1")
    words = json.loads(molva("explain", "shop:2", "--words", "--format", "json").stdout)["words"]
    (priced,) = (one for one in words if one["topic"] == "price")
    assert (priced["words"], "a person gave this label" in priced["refused"]) == ([], True)
