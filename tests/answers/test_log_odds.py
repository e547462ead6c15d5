"""What one group says more often: log-odds ratios with a prior, and what chance gives."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest

from answers.log_odds import chance_levels, contrasts


def test_the_example_of_another_program() -> None:
    # https://github.com/jmhessel/FightingWords counts these two sentences with a prior of
    # 0.05 for each word; its figures are z-scores.
    one = Counter("the quick brown fox jumps over the lazy pig".split())
    two = Counter("the lazy purple pig jumps over the lazier donkey".split())
    flat = dict.fromkeys({*one, *two}, 0.05)
    found = {c.term: c.z for c in contrasts(one, two, prior=flat, rarest=1)}
    for word in ("brown", "fox", "quick"):
        assert found[word] == pytest.approx(0.6894227886807968)
    for word in ("donkey", "lazier", "purple"):
        assert found[word] == pytest.approx(-0.6894227886807968)
    for word in ("the", "jumps", "over", "lazy", "pig"):
        assert found[word] == pytest.approx(0.0)


def test_the_formula_of_the_paper_by_hand() -> None:
    # Two terms, 40 and 60 occurrences here, 10 and 90 there. The prior: two occurrences,
    # spread as 50 to 150, which is 0.5 and 1.5.
    first, second = contrasts({"a": 40, "b": 60}, {"a": 10, "b": 90})
    log_odds = math.log(40.5 / 61.5) - math.log(10.5 / 91.5)
    assert first.term == "a"
    assert (first.here, first.there) == (40, 10)
    assert first.log_odds == pytest.approx(log_odds)
    assert first.z == pytest.approx(log_odds / math.sqrt(1 / 40.5 + 1 / 10.5))
    assert second.log_odds == pytest.approx(-log_odds)  # of two terms one has what the other lacks


def test_what_is_rare_or_alone_is_not_compared() -> None:
    assert [c.term for c in contrasts({"a": 30, "b": 4}, {"a": 30})] == ["a"]
    assert contrasts({"a": 30}, {"a": 5}) == []
    assert contrasts({}, {}) == []


def test_a_frequent_term_is_distinct_before_a_rare_one_of_the_same_ratio() -> None:
    here = {"frequent": 200, "rare": 8, "other": 1000}
    there = {"frequent": 100, "rare": 4, "other": 1000}
    ranked = contrasts(here, there)
    assert [c.term for c in ranked][:2] == ["frequent", "rare"]
    assert ranked[1].log_odds < ranked[0].log_odds  # the prior pulls it further


def test_the_example_of_benjamini_and_hochberg() -> None:
    # Their section 3.2: fifteen p-values, of which four are discoveries at 0.05.
    tails = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
        0.4262, 0.5719, 0.6528, 0.7590, 1.0,
    ]  # fmt: skip
    from statistics import NormalDist

    scores = [NormalDist().inv_cdf(tail / 2) for tail in tails]
    levels = chance_levels(scores)
    assert sum(level <= 0.05 for level in levels) == 4
    assert levels[3] == pytest.approx(0.0095 * 15 / 4)
    assert chance_levels([]) == []


def test_groups_that_are_alike_rarely_have_a_distinct_term() -> None:
    chance = random.Random(7)
    words = [f"w{number}" for number in range(60)]
    weights = [1 / (1 + number) for number in range(60)]
    alarms = 0
    for _ in range(60):
        here, there = (Counter(chance.choices(words, weights, k=1500)) for _ in range(2))
        levels = chance_levels([c.z for c in contrasts(here, there)])
        alarms += any(level <= 0.05 for level in levels)
    # Without a difference every discovery is a false one, so one time in twenty: 3 of 60.
    assert alarms <= 8
