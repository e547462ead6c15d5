"""What one group says more often than another: log-odds ratios with a Dirichlet prior.

Monroe, B. L., Colaresi, M. P. and Quinn, K. M. (2008), Fightin' words: lexical feature
selection and evaluation for identifying the content of political conflict, Political
Analysis 16, 372–403: the log-odds ratio under an informative Dirichlet prior, divided by
its standard deviation. The prior is shaped as the terms of both groups together are, so
that a term is not called distinct for being rare.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

# Terms that fewer mentions have, in both groups together, are not tested: the normal
# approximation of z does not hold for them.
RAREST: Final = 5

Term = TypeVar("Term")


@dataclass(frozen=True, slots=True)
class Contrast(Generic[Term]):
    """One term in two groups.

    Attributes:
        term: what was counted.
        here: mentions of the group that have it.
        there: mentions of the other one that have it.
        log_odds: natural logarithm of the ratio of its odds here and there; above 0 where
            it is more frequent here.
        z: `log_odds` divided by its standard deviation.
    """

    term: Term
    here: int
    there: int
    log_odds: float
    z: float


def contrasts(
    here: Mapping[Term, int],
    there: Mapping[Term, int],
    *,
    prior: Mapping[Term, float] | None = None,
    rarest: int = RAREST,
) -> list[Contrast[Term]]:
    """Return every term that is frequent enough, the most distinct of `here` first.

    Args:
        here: how many mentions of the group have each term.
        there: how many of the other group do; no mention is in both.
        prior: occurrences above 0 that each term is taken to have had before anything was
            counted (α of the paper). By default as many as there are terms, one for each on
            the average, spread as the terms of both groups together are.
        rarest: fewest mentions, in both groups together, of a term that is given.
    """
    both = {term: here.get(term, 0) + there.get(term, 0) for term in {*here, *there}}
    total_here, total_there = sum(here.values()), sum(there.values())
    if prior is None and both:
        each = len(both) / (total_here + total_there)
        prior = {term: each * number for term, number in both.items()}
    prior = prior or {}
    weight = sum(prior[term] for term in both)
    found = []
    for term, number in both.items():
        ours = here.get(term, 0) + prior[term]
        theirs = there.get(term, 0) + prior[term]
        others_here, others_there = total_here + weight - ours, total_there + weight - theirs
        # Without another term there are no odds.
        if number < rarest or min(others_here, others_there) <= 0:
            continue
        log_odds = math.log(ours / others_here) - math.log(theirs / others_there)
        z = log_odds / math.sqrt(1 / ours + 1 / theirs)
        found.append(Contrast(term, here.get(term, 0), there.get(term, 0), log_odds, z))
    return sorted(found, key=lambda one: (-one.z, str(one.term)))


def chance_levels(scores: Sequence[float]) -> list[float]:
    """Return for each z the rate of false discoveries among all that are as far out, 0–1.

    Adjusts the probability of so large a |z| for all that were tested together: Benjamini, Y.
    and Hochberg, Y. (1995), Controlling the false discovery rate, Journal of the Royal
    Statistical Society B 57, 289–300. Terms of one text depend on each other, so the rate
    holds approximately.
    """
    from scipy.stats import false_discovery_control

    if not scores:
        return []
    tails = [math.erfc(abs(z) / math.sqrt(2)) for z in scores]
    return [float(level) for level in false_discovery_control(tails, method="bh")]
