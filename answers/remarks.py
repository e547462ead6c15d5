"""What Molva says of its own numbers: sentences that know what they say.

A command prints a remark as it is, in English. The page tells it in the language of whoever
reads: it gets the code and the values, and has a sentence for every code in
`dashboard/static/messages/remarks.js`. A sentence that only a command prints needs no code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from string import Formatter
from typing import Any, Final, Self, TypeAlias, Union

# A moment has a time zone; a list is of names, or of remarks that belong together.
Value: TypeAlias = Union[str, float, date, "Remark", tuple[str, ...]]
# One sentence, or that for one and that for any other number, which `count` is then.
Template: TypeAlias = str | tuple[str, str]

# --- what was collected: answers/gaps.py, answers/coverage.py, output/footers.py -----------
_COVERAGE: Final[dict[str, Template]] = {
    "never_run": "has never run",
    "read_up_to": "was read only up to {until:%Y-%m-%d %H:%M}",
    "read_back_to": "was read back to {since:%Y-%m-%d %H:%M} only",
    "read_from": "was read only from {since:%Y-%m-%d %H:%M} on",
    "not_read_after": "was not read after {until:%Y-%m-%d %H:%M}",
    "not_read": "was not read",
    "runs_failed": ("{count} run failed", "{count} runs failed"),
    "runs_short": (
        "{count} run brought less than usual",
        "{count} runs brought less than usual",
    ),
    "source_missing": "{source}, which {why:; }",
    "more_sources": "{count} more",
    "sources_missing": "{sources:, }",
    "without_sources": "without {sources:, }",
    "read_so_far": "so far: read up to {until:%Y-%m-%d %H:%M}",
    "several_reasons": "{reasons:; }",
    "nothing_collected": "nothing was collected then",
    "collected": "{count} collected",
    "collected_in_part": "{count} collected in part (counts are lower bounds)",
    "not_collected": "{count} not collected (unknown)",
    "buckets": "of {count} buckets {states:, }",
    "buckets_because": "of {count} buckets {states:, }: {reasons:; }",
    "nobody_knows": "unknown: only the store that collected knows its runs",
    "nothing_found": "nothing was found",
    "coverage": "coverage: {coverage}",
}
# --- trends and changes: answers/trends.py, output/trending.py, output/footers.py ----------
_TRENDS: Final[dict[str, Template]] = {
    "too_few": "not enough data (fewer than {minimum}): {figures:, }",
    "intervals": "intervals are of 95 %; docs/trends.md has the formulas",
    "chance": "of 20 numbers that have not changed, about one looks changed by chance",
    "sample": "a random sample was counted, {share:.1%} of the mentions that are found, and "
    "stands for all of them; a narrower query, or an export, counts every one",
    "labels": (
        "{tagger}, taxonomy {taxonomy} ({count} mention)",
        "{tagger}, taxonomy {taxonomy} ({count:,} mentions)",
    ),
    "no_labels": ("none yet ({count} mention)", "none yet ({count:,} mentions)"),
    "tagger": "{tagger} (taxonomy {taxonomy})",
    "labels_sampled": "how many mentions have whose labels is reckoned from a random sample",
    "corrected": (
        "labels of {count} mention were put right by people, and count as these say",
        "labels of {count:,} mentions were put right by people, and count as these say",
    ),
    "model_changed": "labels changed with the model on {day}, from {before} to {after}: "
    "'molva relabel' says how much of a change that is",
}
# --- comparisons: output/comparison.py ------------------------------------------------------
_COMPARISON: Final[dict[str, Template]] = {
    "compared_with": "share of voice: of the {mentions:,} mentions of the groups shown; "
    "differences are from {against}; intervals are of 95 %",
    "compared_with_others": "share of voice: of the {mentions:,} mentions of the groups shown; "
    "differences are from all the other groups together; intervals are of 95 %",
    "groups_left_out": "groups left out: {count}; name the ones to compare",
    "distinct_words": "distinct: log-odds with a prior, of which at most 5 % are expected by "
    "chance; words are those of {texts:,} texts",
    "distinct_words_in": "distinct: log-odds with a prior, of which at most 5 % are expected by "
    "chance; words are those of {texts:,} texts in {lang}",
    "texts_cut": "only the newest {texts:,} texts were read of: {groups:, }",
}
_LOOK: Final = "see in a browser whether the site still shows "
_CHECK: Final = f"{_LOOK}them, then check the arguments"
_REPORT: Final = f"{_LOOK}it; if so, report the spider"
# What was unusual about a run: collecting/health.py.
ALARMS: Final[dict[str, Template]] = {
    "brought_nothing": (
        f"brought nothing where {{usual:g}} are usual (median of {{count}} run before); {_CHECK}",
        f"brought nothing where {{usual:g}} are usual (median of {{count}} runs before); {_CHECK}",
    ),
    "brought_nothing_again": (
        "brought nothing in its last {runs} runs where {usual:g} are usual "
        f"(median of {{count}} run before); {_CHECK}",
        "brought nothing in its last {runs} runs where {usual:g} are usual "
        f"(median of {{count}} runs before); {_CHECK}",
    ),
    "brought_few": (
        "brought only {items} mentions where {usual:g} are usual "
        f"(median of {{count}} run before); {_CHECK}",
        "brought only {items} mentions where {usual:g} are usual "
        f"(median of {{count}} runs before); {_CHECK}",
    ),
    "came_without": (
        "{empty} of {total} came without {field}, {share:.0%} are usual "
        f"({{count}} run before); {_REPORT}",
        "{empty} of {total} came without {field}, {share:.0%} are usual "
        f"({{count}} runs before); {_REPORT}",
    ),
    "unreadable": (
        "{empty} of {total} could not be read, {share:.0%} are usual "
        "({count} run before); 'molva doctor' has the reasons",
        "{empty} of {total} could not be read, {share:.0%} are usual "
        "({count} runs before); 'molva doctor' has the reasons",
    ),
}
_LATER: Final = "run it again later, what came before is stored"
# How a run ended: pipeline.py, and crawlers/run.py and explanations.py, which know no remarks.
ENDINGS: Final[dict[str, Template]] = {
    "run_interrupted": "interrupted; run it again to continue",
    "run_full": "max_items={items} was reached; give a higher number to go on",
    "run_empty": "{source} found nothing; check the arguments",
    "run_puzzled": "the spider met something that it does not understand; "
    "please report it with the address and LOG_ENABLED=true",
    "host_blocked": "{host} answers robots with a captcha or challenge, which Molva does not get "
    "around; save the pages yourself and 'molva import' them",
    "host_busy": f"{{host}} asks for a long wait; {_LATER}",
    "host_slow_down": f"{{host}} asks to slow down ({{status}}); {_LATER}",
    "host_wait": "{host} asks to slow down and to wait {seconds} seconds ({status}); "
    f"{_LATER}",
    "host_fails": f"{{host}} answered {{status}} to {{tries}} tries; {_LATER}",
    "host_unknown": "there is no host {host}; check the address and the connection",
    "host_silent": "nothing answers at {host}; check the address",
    "host_late": f"{{host}} did not answer in time; {_LATER}",
    "host_broke_off": f"{{host}} broke off in the middle of a page; {_LATER}",
    "redirected": "{url} leads from one redirect to the next; check the address",
    "robots_forbid": "robots.txt of {host} forbids {path}; ask the site's owner, or import pages "
    "that you saved",
    "page_refused": "{url} may not be read ({status}); ask its owner, or import a file",
    "page_missing": "{url} does not exist ({status}); check the arguments",
    "page_gone": "{url} is gone for good ({status}); remove it from your sources",
    "pages_unreadable": "{host} answers with pages that cannot be read; 'molva doctor' has them",
}
# --- sources and alerts: collecting/state.py, dashboard/api/watch.py ------------------------
_WATCH: Final[dict[str, Template]] = {
    "sources": "sources of the project: {count}, of which {ran} have run on this store",
    "sources_forgotten": "{count} of them have not run for {times} times their 'every', "
    "the oldest since {day}: {source} ({arguments}); 'molva collect --due' runs them",
    "last_run_failed": "the last run of {source} failed: {message}",
    "last_run_interrupted": "the last run of {source} interrupted: {message}",
    "and_more": "{message} (and {count} more like it)",
    "ended_from_outside": "it was ended from outside; run it again",
    "source_alarm": "{source} {alarm}",
    "more_problems": "{count} more like these; 'molva sql' on v_runs lists them",
    "alerts_elsewhere": "the cluster answers here and has no alerts; they are where the store is "
    "that collects",
    "runs_elsewhere": "the cluster answers here and has no runs; they are where the store is that "
    "collects",
    "more_alerts": "{count} more alerts are on; 'molva alerts' lists them",
}
_STORED: Final = "this is stored, and the cluster does not know of it yet"
# --- what was written on the page: dashboard/sending.py --------------------------------------
_WRITING: Final[dict[str, Template]] = {
    "cluster_told_now": "this is stored, and the cluster is being told of it",
    "cluster_not_told": f"{_STORED}: {{message}}",
    "cluster_not_told_logged": f"{_STORED}; the server's log says why",
    "cluster_never_told": f"{_STORED}; nothing of this store was ever sent to it: run molva index",
    "cluster_refuses": "the cluster refuses {count} mentions; 'molva doctor' says why",
}
TEMPLATES: Final[dict[str, Template]] = {
    **_COVERAGE,
    **_TRENDS,
    **_COMPARISON,
    **ALARMS,
    **ENDINGS,
    **_WATCH,
    **_WRITING,
}
_AND_MORE: Final = re.compile(r"(.+) \(and (\d+) more like it\)")
_NUMBER: Final = re.compile(r"(\d+(?:\.\d+)?(?:e[+-]\d+)?)(%?)")


class _English(Formatter):
    """Writes values as a template says; of a list it says what stands between its members."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, tuple):
            return format_spec.join(value)
        return str(super().format_field(value, format_spec))


_ENGLISH: Final = _English()


class Remark(str):
    """An English sentence, or a part of one, with its code and what it leaves open.

    Attributes:
        code: key of `TEMPLATES`.
        values: what its template names.
    """

    __slots__ = ("code", "values")
    code: str
    values: Mapping[str, Value]

    def __new__(cls, code: str, **values: Value) -> Self:
        """Write it; `values` are those that the template of `code` names."""
        template = TEMPLATES[code]
        if isinstance(template, tuple):
            template = template[values["count"] != 1]
        made = super().__new__(cls, _ENGLISH.vformat(template, (), values))
        made.code, made.values = code, values
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        # A text is copied by its letters alone; this is copied whole.
        return _again, (self.code, dict(self.values))

    def as_dict(self) -> dict[str, Any]:
        """Return it as one object for programs: `text`, `code` and `values`."""
        return {
            "text": str(self),
            "code": self.code,
            "values": {name: _plain(value) for name, value in self.values.items()},
        }


def _again(code: str, values: Mapping[str, Value]) -> Remark:
    return Remark(code, **values)


def _plain(value: Value) -> Any:
    if isinstance(value, Remark):
        return value.as_dict()
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def joined(reasons: Iterable[Remark]) -> Remark | None:
    """Return reasons as one; None where there is none."""
    found = tuple(reasons)
    if len(found) > 1:
        return Remark("several_reasons", reasons=found)
    return found[0] if found else None


def read(text: str, templates: Mapping[str, Template]) -> Remark | None:
    """Return the remark that a text was; None where it was none of `templates`.

    A store keeps texts, so that nothing in it depends on a table of sentences.

    Args:
        text: as it was printed.
        templates: `ALARMS` or `ENDINGS`, which leave nothing open but numbers and single words.
    """
    for code, template in templates.items():
        for form in (template,) if isinstance(template, str) else template:
            found = re.fullmatch(_pattern(form), text)
            if found is None:
                continue
            remark = Remark(code, **{name: _read(one) for name, one in found.groupdict().items()})
            # A number may be written otherwise than here: better told as it stands.
            if remark == text:
                return remark
    return None


def read_ending(text: str) -> Remark | None:
    """Return the remark that the message of a run was; None where it was another."""
    several = _AND_MORE.fullmatch(text)
    if several is None:
        return read(text, ENDINGS)
    first = read(several[1], ENDINGS)
    return first and Remark("and_more", message=first, count=int(several[2]))


def _pattern(template: str) -> str:
    return "".join(
        re.escape(words) + (rf"(?P<{name}>\S+?)" if name else "")
        for words, name, _, _ in _ENGLISH.parse(template)
    )


def _read(written: str) -> str | float:
    found = _NUMBER.fullmatch(written)
    if found is None:
        return written
    number, percent = found.groups()
    if percent:
        return float(number) / 100
    return int(number) if number.isdecimal() else float(number)
