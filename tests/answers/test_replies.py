"""Shares of replies: what is still open is not late, what is not known is not guessed."""

from __future__ import annotations

from datetime import date

import pytest

from answers.estimates import NOT_ENOUGH
from answers.intervals import wilson
from answers.replies import first_response, reply_rate, within_a_day
from index.service_counts import ReplyPoint

START = date(2026, 1, 1)


def test_reply_rate_counts_only_what_was_seen_late_enough() -> None:
    point = ReplyPoint(START, None, mentions=300, replied=90, settled=263, settled_replied=81)
    found = reply_rate(point)
    assert found.value == 81 / 263
    # Newcombe (1998), Statistics in Medicine 17, 857–872, table I, method 3.
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert reply_rate(ReplyPoint(START, None, mentions=100, replied=100)) == NOT_ENOUGH


def test_share_within_a_day_leaves_room_for_replies_of_unknown_speed() -> None:
    delays = ((60, 30), (5000, 10))
    sure = ReplyPoint(START, None, day_seen=100, day_replied=30, delays=delays)
    found = within_a_day(sure)
    assert (found.value, found.low, found.high) == (0.3, *wilson(30, 100))
    unsure = ReplyPoint(START, None, day_seen=100, day_replied=30, day_untimed=20, delays=delays)
    found = within_a_day(unsure)
    assert (found.value, found.low, found.high) == (0.3, wilson(30, 100)[0], wilson(50, 100)[1])


def test_share_within_a_day_is_unknown_where_no_reply_has_a_time() -> None:
    assert within_a_day(ReplyPoint(START, None, day_seen=50, day_untimed=20)) == NOT_ENOUGH
    assert within_a_day(ReplyPoint(START, None, day_seen=50)).value == 0


def test_first_response_is_of_the_replies_alone() -> None:
    delays = tuple((minutes, 1) for minutes in range(1, 41))
    point = ReplyPoint(START, None, mentions=1000, replied=50, delays=delays)
    assert first_response(point, 0.5).value == 20.5
    assert first_response(point, 0.9).value == 36.5
    assert first_response(point, 0.5, minimum=41) == NOT_ENOUGH
