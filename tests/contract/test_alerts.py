"""What every index must give rules of `molva alerts`: the same findings and sentences."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from answers.alerts.counts import Question
from answers.alerts.evaluation import evaluate
from answers.alerts.messages import message_of
from answers.alerts.states import decide
from project import AlertRule
from tests.alerts.history import LAST, fill, noise
from tests.contract.records import FillableIndex, found


def all_known(_question: Question, _first: date, _last: date) -> dict[tuple[str | None, date], str]:
    return {}


class AlertsContract:
    """Alerts, from what `MentionIndex` counts and finds."""

    def test_a_crisis_is_found_in_its_group_with_its_sentences(self, store: FillableIndex) -> None:
        chance = np.random.default_rng(3)
        struck, calm = noise(chance, 45, 2.0), noise(chance, 45, 2.0)
        struck[-3:] = (9, 8, 10)
        fill(store, {("Парус", "delivery"): struck, ("", "delivery"): calm})
        rule = AlertRule("Delivery", query="опоздала", split="brand")
        balance = AlertRule(
            "Balance", kind="threshold", measure="net_sentiment", below=-0.5, topics=()
        )
        evaluation = evaluate(store, [rule, balance], LAST, all_known)
        seen = {(one.rule.name, one.group): one for one in evaluation.findings}
        assert evaluation.gaps == ()
        assert not seen["Delivery", ""].holds
        assert seen["Delivery", ""].expected == pytest.approx(6, abs=3)
        assert found(store, seen["Delivery", ""].query) != []
        crisis = seen["Delivery", "Парус"]
        assert (crisis.observed, crisis.first) == (27, LAST - timedelta(days=2))
        assert len(found(store, crisis.query)) == 27
        events = {event.record["rule"]: event for event in decide(evaluation.findings, {})}
        assert message_of(events["Delivery"], store).evidence[0].text == "Доставка опоздала."
        assert events["Balance"].record["value"] == -1
