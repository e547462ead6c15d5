"""The footer of an export: what was asked, what was collected, whose labels, how good they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from answers.remarks import Remark

if TYPE_CHECKING:
    from answers.coverage import State
    from answers.trends import Coverages
    from cluster import Place
    from index.base import LabelCount, MentionIndex, Period, Split
    from nlp.measured import Figure
    from output.footer import Accuracy, Footer


def coverages_of(
    place: Place,
    period: Period,
    split: Split | None,
    begin: date | None = None,
    end: date | None = None,
    *,
    query: str = "",
) -> Coverages | None:
    """Return what was collected in each bucket of an answer.

    Args:
        place: where it was asked.
        period: length of a bucket.
        split: of the answer. A branch, a product or a language is not collected by itself, so
            these have the coverage of everything.
        begin: a day of the first bucket; None: the query's first, else the first of all.
        end: a day of the last bucket; None: the query's last, at most today.
        query: only sources that it can find anything of count.

    Returns:
        None where the cluster answers and there is no store here: only a store knows its runs.
    """
    import pipeline
    from answers.coverage import coverage

    if place.asks_cluster and not place.project.store.is_file():
        return None
    by = split if split in ("source", "brand") else None
    with pipeline.read_store(place.project) as store:
        return coverage(
            store, place.project, period=period, split=by, query=query, begin=begin, end=end
        )


def footer_of(
    place: Place,
    mentions: MentionIndex,
    query: str,
    *,
    period: str,
    coverages: Coverages | None,
    topics: Sequence[str] = (),
    notes: Sequence[str] = (),
    most: int | None = None,
) -> Footer:
    """Return the footer of an export of what `query` finds.

    Args:
        place: where it was asked.
        mentions: what answered; still open.
        query: as it was asked.
        period: first and last day and the length of buckets, as one phrase.
        coverages: of the buckets of the answer; None where nobody knows.
        topics: that the answer speaks of.
        notes: what else a reader has to know, one sentence each.
        most: for an answer at once: of more mentions than these whose labels they have is
            reckoned from a sample, and how good the labels are is left out, for which they
            would have to be counted by language. None: all of it, from all of them.
    """
    from output.footer import Footer, Labels

    counts = mentions.count_labels(query, most=most, by_language=most is None)
    by_tagger: Counter[tuple[str | None, str | None]] = Counter()
    for one in counts:
        name = None if one.model is None else f"{one.model} {one.model_version}"
        by_tagger[name, one.taxonomy_version] += one.mentions
    return Footer(
        query=query,
        period=period,
        time_zone=mentions.time_zone,
        coverage=coverage_sentence(coverages),
        labels=[Labels(*tagger, number) for tagger, number in by_tagger.most_common()],
        accuracy=[] if most is not None else list(_accuracy(place, counts, topics)),
        notes=(*notes, *_sampled(counts), *_corrections(mentions, query), *_model_change(place)),
    )


def _sampled(counts: Iterable[LabelCount]) -> Iterator[Remark]:
    """Yield that the numbers of labels are no counts, where that is so."""
    if any(one.is_estimate for one in counts):
        yield Remark("labels_sampled")


def _corrections(mentions: MentionIndex, query: str) -> Iterator[Remark]:
    """Yield how many of the mentions have labels that a person has put right."""
    from index.query import HasFilter, narrowed

    # Few stores have any, which is soon known; among many hits they are looked for slowly.
    if not mentions.search("has:correction", limit=0).total:
        return
    corrected = narrowed(query, HasFilter("correction"))
    if number := mentions.search(corrected, limit=0).total:
        yield Remark("corrected", count=number)


def _model_change(place: Place) -> Iterator[Remark]:
    """Yield when the labels changed with the model, as far as that is known."""
    changes = model_changes_of(place)
    if changes:
        day, before, after = changes[-1]
        yield Remark("model_changed", day=day, before=before, after=after)


def model_changes_of(place: Place) -> list[tuple[date, Remark, Remark]]:
    """Return (day, name of the tagger before, name of the one after) of every change of it.

    Only the store knows them: there are none where a cluster answers.
    """
    import pipeline
    from answers.relabel import model_changes

    if place.asks_cluster:
        return []
    with pipeline.read_store(place.project) as store:
        return model_changes(store)


def whole_footer(
    place: Place,
    mentions: MentionIndex,
    query: str,
    *,
    topics: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Footer:
    """Return the footer of an answer that is one figure for all the time that `query` finds.

    The arguments are those of `footer_of`.
    """
    from answers.spans import bucket

    months = [one.start for one in mentions.trends(query, period="month", topics=())]
    coverages: Coverages | None = {}
    days = "no day has a mention"
    if months:
        first, last = min(months), bucket(max(months), "month").last
        coverages = coverages_of(place, "month", None, first, last, query=query)
        days = f"{first} to {last}, as one"
    return footer_of(
        place, mentions, query, period=days, coverages=coverages, topics=topics, notes=notes
    )


def coverage_sentence(coverages: Coverages | None) -> Remark:
    """Return how much of an answer was collected, as one sentence."""
    if coverages is None:
        return Remark("nobody_knows")
    if not coverages:
        return Remark("nothing_found")
    states = Counter(one.state for one in coverages.values())
    meanings: dict[State, str] = {
        "known": "collected",
        "partly": "collected_in_part",
        "unknown": "not_collected",
    }
    parts = tuple(
        Remark(meaning, count=states[one]) for one, meaning in meanings.items() if states[one]
    )
    reasons = Counter(one.reason for one in coverages.values() if one.reason is not None)
    if not reasons:
        return Remark("buckets", count=len(coverages), states=parts)
    told = tuple(reason for reason, _ in reasons.most_common(3))
    return Remark("buckets_because", count=len(coverages), states=parts, reasons=told)


def _accuracy(
    place: Place, counts: Iterable[LabelCount], topics: Sequence[str]
) -> Iterator[Accuracy]:
    """Yield what was measured of each tagger in each language, also that nothing was."""
    from nlp.measured import measured
    from output.footer import Accuracy

    for one in counts:
        if one.model is None or one.model_version is None:
            continue
        found = measured(one.model, one.model_version, place.project.model)
        name, lang = f"{one.model} {one.model_version}", one.lang or ""
        figures: list[tuple[str | None, str, Figure | None]] = [
            (None, "accuracy", found.accuracy.get(lang))
        ]
        figures += [(topic, "F1", found.topics.get((lang, topic))) for topic in topics]
        for topic, kind, figure in figures:
            if figure is None:
                yield Accuracy(name, one.lang, topic, kind)
            else:
                yield Accuracy(
                    name, one.lang, topic, kind, figure.value, figure.low, figure.high, figure.texts
                )
