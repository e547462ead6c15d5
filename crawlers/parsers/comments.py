"""Comments on one review of a shop's product: the shop's are the answer, the others mentions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crawlers.items import ParseContext
from crawlers.parsers.records import read_records, record_id
from crawlers.parsers.values import html_text
from mention import Reject

Comment = dict[str, Any]


@dataclass(slots=True)
class Comments:
    """What is said below a review.

    Attributes:
        answers: comments of the shop or the brand, in order.
        others: comments of anybody else.
        rejects: what is no comment.
    """

    answers: list[Comment] = field(default_factory=list)
    others: list[Comment] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    @property
    def reply(self) -> str | None:
        """The words of the answers."""
        words = (html_text(one.get("text")) for one in self.answers)
        return "\n\n".join(one for one in words if one) or None

    def above(self, comment: Comment, name: str) -> str | None:
        """Return the id of the comment that one of the others answers.

        Args:
            comment: one of the others.
            name: of the field that has the id.

        It is None where it answers the review, or the shop, whose comments are no mentions.
        """
        above = record_id(comment, name)
        return above if above in {record_id(one, "id") for one in self.others} else None


def read_comments(
    body: bytes | None,
    url: str,
    context: ParseContext,
    *path: str,
    is_answer: Callable[[Comment], bool],
) -> Comments:
    """Return the comments of an answer.

    Args:
        body: what the server sent, or None where there are no comments.
        url: of the reviews, for rejects.
        context: makes the rejects.
        *path: of the list, as for `read_records`.
        is_answer: whether a comment is the shop's.
    """
    comments = Comments()
    for one in read_records(body, url, context, *path) if body is not None else ():
        if isinstance(one, Reject):
            comments.rejects.append(one)
        else:
            (comments.answers if is_answer(one) else comments.others).append(one)
    return comments
