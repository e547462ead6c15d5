"""Posts of a public Telegram channel, from its preview at `https://t.me/s/{channel}`.

Nothing is documented. A page has some twenty posts, the oldest first, each a
`div.tgme_widget_message` whose `data-post` is `channel/number`, the id. The link
`a.tme_messages_more[data-before]` leads to older posts (`?before={number}`), and so does
`link[rel=prev]`; the first page of a channel has neither. A channel without a preview, and a
group, leads to `https://t.me/{channel}`, a page with `tgme_page` and no posts.

* The text is `.tgme_widget_message_text`; `.js-message_reply_text` is that of the post that this
  one answers. A poll is its question and its choices. A post of pictures, stickers or sound alone
  is counted, and so is what the channel says of itself (`.service_message`), such as a new picture.
* The time is that of the link to the post; videos have `<time>` too, for how long they are.
* "edited" stands before the time, without one of its own. A new text under a known id is a new
  version. A deleted post is gone.
* The author is who signs, else the channel; of a forwarded post, whom it is forwarded from. The
  likes are its thumbs up and hearts. Views and other reactions have no place in a `Mention`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from parsel import Selector, SelectorList

from crawlers.items import ParseContext, http_url, parse_count
from crawlers.parsers.structured_data import decode_page, parse_tree
from crawlers.text import element_text
from mention import Mention, Reject

SITE: Final = "https://t.me"
_POST: Final = re.compile(r"([\w-]{1,64})/(\d{1,18})", re.ASCII)
_ADDRESS: Final = re.compile(
    r"https?://(?:www\.)?t(?:elegram)?\.me/(?:s/)?([\w-]{1,64})(?:/(\d+))?"
)
# "44", "1.8K", "2.38M", "1 234"
_COUNT: Final = re.compile(r"(\d[\d.\s]*)([KMB]?)\s*$", re.IGNORECASE)
_TIMES: Final = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9}
_LIKES: Final = frozenset("👍❤")
_TEXT: Final = ".tgme_widget_message_text:not(.js-message_reply_text)"


def parse_page(body: str | bytes, url: str, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the posts of one page, the newest first.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
    """
    page = _read(body)
    if not page.css(".tgme_channel_history, .tgme_widget_message"):
        shown = body if isinstance(body, str) else body.decode("utf-8", "replace")
        yield context.reject("the page has no list of posts", where=url, raw=shown)
        return
    for message in reversed(page.css(".tgme_widget_message")):
        if "service_message" in (message.root.get("class") or "").split():
            context.problems["service_messages"] += 1
            continue
        item = _mention(message, url, context)
        if item is None:
            context.problems["posts_without_text"] += 1
        else:
            yield item


def next_before(body: str | bytes) -> int | None:
    """Return the number that the next page's posts lie below, or None where there is none."""
    page = _read(body)
    link = page.css("link[rel=prev]::attr(href)").re_first(r"[?&]before=(\d{1,18})\b")
    marks = page.css("a.tme_messages_more::attr(data-before)").getall()
    found = [one for one in (*marks, link) if one and re.fullmatch(r"[0-9]{1,18}", one)]
    return int(found[0]) if found else None


def has_no_preview(body: bytes) -> bool:
    """Whether a page says what a channel or group is, and shows none of its posts."""
    return b"tgme_page" in body and b"tgme_channel_history" not in body


def _read(body: str | bytes) -> Selector:
    tree = parse_tree(decode_page(body)) if body else None
    return Selector(text="") if tree is None else Selector(root=tree, type="html")


def _mention(message: Selector, url: str, context: ParseContext) -> Mention | Reject | None:
    date = message.css("a.tgme_widget_message_date")
    address = date.css("::attr(href)").get() or ""
    # By name: where the name of another attribute is broken, they cannot be listed.
    post = _POST.fullmatch((message.root.get("data-post") or "").strip())
    post = post or _POST.fullmatch(address.removeprefix(f"{SITE}/"))
    if post is None:
        return context.reject("a post has no id", where=url, raw=message.get())
    text = _text(message)
    if not text:
        return None
    return context.mention(
        post[0],
        where=url,
        raw=message.get(),
        kind="post",
        url=http_url(address) or f"{SITE}/{post[0]}",
        text=text,
        published_at=context.date(date.css("time::attr(datetime)").get()),
        likes=_likes(message),
        parent_id=_parent(message, post[1], context),
        **_author(message, post[1], context),
    )


def _text(message: Selector) -> str:
    words = [element_text(one.root) for one in message.css(_TEXT)[:1]]
    poll = message.css(".tgme_widget_message_poll_question, .tgme_widget_message_poll_option_text")
    return "\n".join([*words, *(element_text(one.root) for one in poll)]).strip()


def _likes(message: Selector) -> int | None:
    reactions = message.css(".tgme_reaction")
    if not reactions:
        return None
    likes = 0.0
    for reaction in reactions:
        sign = "".join(reaction.css(".emoji *::text, .emoji::text").getall())
        if _LIKES.intersection(sign):
            likes += _count("".join(reaction.css("::text").getall()))
    return parse_count(int(likes))


def _count(written: str) -> float:
    match = _COUNT.search(written)
    if match is None:
        return 0
    digits = re.sub(r"\s", "", match[1])
    try:
        return round(float(digits) * _TIMES[match[2].upper()])
    except (ValueError, OverflowError):
        return 0


def _parent(message: Selector, channel: str, context: ParseContext) -> str | None:
    address = message.css("a.tgme_widget_message_reply::attr(href)").get() or ""
    match = _ADDRESS.match(address)
    if match is None or match[2] is None:
        return None
    # The name as the channel's own posts write it.
    name = channel if match[1].lower() == channel.lower() else match[1]
    return context.mention_id(f"{name}/{match[2]}")


def _author(message: Selector, channel: str, context: ParseContext) -> dict[str, str | None]:
    origin = message.css(".tgme_widget_message_forwarded_from_name")
    if origin:
        name = _line(origin)
        match = _ADDRESS.match(origin.css("::attr(href)").get() or "")
        return context.authors.fields("telegram", match[1].lower() if match else name, name)
    signature = _line(message.css(".tgme_widget_message_from_author"))
    if signature:
        return context.authors.fields("telegram", f"{channel.lower()}/{signature}", signature)
    name = _line(message.css(".tgme_widget_message_owner_name"))
    return context.authors.fields("telegram", channel.lower(), name)


def _line(found: SelectorList[Selector]) -> str:
    """Return the words of the first element found, on one line."""
    return " ".join(element_text(found[0].root).split()) if found else ""
