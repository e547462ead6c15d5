"""The service metrics by name. Nothing is imported, so that a help text may list them."""

from __future__ import annotations

from typing import Final

# Code of a metric -> what it is. `answers.metrics` counts them, in this order.
MEANINGS: Final = {
    "reply_rate": "share of the mentions that has a reply",
    "negative_reply_rate": "share of the negative mentions that has a reply",
    "answered_within_24h": "share of the mentions with a reply in less than 24 hours, at least",
    "first_response_median": "median minutes from a mention to its reply",
    "first_response_p90": "minutes within which 90 % of the replies came",
    "nps": "Net Promoter Score: % of 9 and 10 minus % of 0 to 6",
    "csat": "share of satisfied customers: 4 and 5 of 5",
    "ces": "mean Customer Effort Score of 1 to 7, 7 is easiest",
    "stated_wait": "share of the texts that state a wait",
    "stated_wait_median": "median of the stated waits, in minutes",
    "repeat_contact": "share of the texts that speak of asking again",
    "recommend_balance": "% that recommends minus % that does not, of those that say so",
    "resolved": "share resolved, of those that say whether it was",
}
