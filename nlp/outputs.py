"""What the model decides between: names in the order in which it numbers them."""

from __future__ import annotations

from typing import Final

SENTIMENTS: Final = ("positive", "neutral", "negative", "mixed")
# Index 0 of a topic's four classes means that the sentence says nothing about it.
STATES: Final = ("absent", "negative", "neutral", "positive")
# How the writer feels, whatever about: posts that speak of no company have a tone as well.
TONES: Final = ("negative", "neutral", "positive")
