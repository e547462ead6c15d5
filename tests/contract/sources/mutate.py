"""Tries damaged answers on a spider: `python -m tests.contract.sources.mutate SPIDER --examples N`.

Whatever a platform sends, nothing is raised out of the spider, the crawl ends, everything
that comes is a `Mention` or a `Reject`, and an element that is damaged costs no other
element: what would come without it still comes.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import click
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mention import Mention, Reject
from tests.contract.sources.damage import Damaged, damaged
from tests.contract.sources.kit import Source, load
from tests.contract.sources.simulated import simulate
from tests.crawlers.loopback import Answer, Answers, Route

RECORDS = 8


def mutate(source: Source, examples: int) -> Counter[str]:
    """Try `examples` damaged answers; return counts of what came of them.

    Raises:
        AssertionError, or what the spider raised, with the damage as a note.
    """
    platform = source.platform(range(min(RECORDS, source.records)))
    sound = simulate(source, Answers(platform))
    bodies = [_bytes(answer) for answer in sound.answers]
    # An answer that is asked for again and again is one answer to damage.
    places = [place for place, body in enumerate(bodies) if body not in bodies[:place]]
    counts: Counter[str] = Counter()

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples < 1000,  # the same in every run of the tests, another in a long one
        # A damage is one place already: there is nothing to make smaller.
        phases=(Phase.generate,),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def try_one(data: st.DataObject) -> None:
        place = data.draw(st.sampled_from(places))
        made: Damaged = data.draw(damaged(bodies[place]))
        result = simulate(source, _with(platform, place, made.body))
        assert result.ended, "the crawl goes in circles"
        assert all(isinstance(one, Mention | Reject) for one in result.items)
        ids = [one.id for one in result.mentions]
        assert len(ids) == len(set(ids)), "a mention came twice"
        if made.without is not None:
            kept = simulate(source, _with(platform, place, made.without))
            # An id that two elements claim is nobody's: then the text is there under another.
            there = {*ids, *(one.content_hash for one in result.mentions)}
            lost = [one.id for one in kept.mentions if not there & {one.id, one.content_hash}]
            assert not lost, "a damaged element cost others"
        counts["examples"] += 1
        counts["mentions"] += len(ids)
        counts["rejects"] += len(result.rejects)
        counts["failed crawls"] += bool(result.failures)

    try_one()
    return counts


def _with(platform: dict[str, Route], place: int, body: bytes) -> Answers:
    answers = Answers(platform)
    answers.change = lambda _asked, before, answer: (
        replace(answer, body=body) if before == place else answer
    )
    return answers


def _bytes(answer: Answer) -> bytes:
    return answer.body.encode() if isinstance(answer.body, str) else answer.body


@click.command()
@click.argument("spider")
@click.option("--examples", default=10_000, show_default=True)
def main(spider: str, examples: int) -> None:
    """Print what came of the damaged answers, or one that breaks SPIDER."""
    begin = time.monotonic()
    counts = mutate(load(spider), examples)
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    click.echo(f"{spider}: {told} in {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main()
