"""Arguments of the spiders of social networks."""

from __future__ import annotations

import re
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from crawlers.parameters.common import BrandLabels, Parameters, at_least_one, several

_HOST: Final = re.compile(r"[^\W_](?:[\w.-]*\w)?(?::\d{1,5})?")
_POST: Final = re.compile(r"(?:https?://[^?#]*/)?([0-9A-Za-z]{1,40})/?")
_VK_ADDRESS: Final = re.compile(r"(?:https?://)?(?:m\.|www\.)?vk\.(?:com|ru)/", re.IGNORECASE)
_TELEGRAM_ADDRESS: Final = re.compile(
    r"(?:https?://)?(?:www\.)?(?:t|telegram)\.me/(?:s/)?", re.IGNORECASE
)


def _instance(value: str) -> str:
    host = urlsplit(value).netloc if "//" in value else value.rstrip("/")
    host = host.rpartition("@")[2].lower()
    if not _HOST.fullmatch(host):
        raise ValueError(f"'{value}' is not the name of a server, such as mastodon.social")
    return host


def _tag(value: str) -> str:
    tag = value.removeprefix("#")
    if not re.fullmatch(r"[\w·]+", tag):
        raise ValueError(f"'{value}' is not a hashtag, which has letters, digits and _ only")
    return tag


def _post(value: str) -> str:
    match = _POST.fullmatch(value)
    if match is None:
        raise ValueError(f"'{value}' is not the number at the end of a post's address")
    return match[1]


def _subreddit(value: str | None) -> str | None:
    name = re.sub(r"^(?:https?://[^/]*)?/?r/", "", value or "").rstrip("/")
    if value is not None and not re.fullmatch(r"\w{1,50}(?:\+\w{1,50})*", name, re.ASCII):
        raise ValueError(f"'{value}' is not the name that follows r/, such as lithuania")
    return name or None


def _account(value: str | None) -> str | None:
    name = re.sub(r"^(?:https?://[^/]*/profile/|@)", "", value or "").rstrip("/")
    if value is not None and not re.fullmatch(r"[\w.:%-]+", name, re.ASCII):
        raise ValueError(f"'{value}' is not a handle, such as parus.bsky.social")
    return name or None


def _community(value: str | None) -> str | None:
    name = (value or "").removeprefix("!")
    if value is not None and not re.fullmatch(r"\w+(?:@[\w.:-]+)?", name):
        raise ValueError(f"'{value}' is not a community, such as technology@lemmy.world")
    return name or None


def _wall(value: str | None) -> str | None:
    """Return the number of a wall's owner, below zero for communities, or its short name."""
    name = _VK_ADDRESS.sub("", value or "").removeprefix("@").rstrip("/")
    if value is not None and not re.fullmatch(r"-?[0-9]{1,18}|[A-Za-z][\w.]{1,60}", name, re.ASCII):
        raise ValueError(
            f"'{value}' is not what follows vk.com/ in the address, nor an owner's number"
        )
    numbered = re.fullmatch("(id|club|public|event)([0-9]{1,18})", name)
    if numbered:
        name = numbered[2] if numbered[1] == "id" else f"-{numbered[2]}"
    return name or None


def _wall_post(value: str | None) -> str | None:
    number = re.sub(r"^.*wall-?\d+_", "", value or "")
    if value is not None and not re.fullmatch("[0-9]{1,18}", number):
        raise ValueError(f"'{value}' is not the number at the end of a post's address")
    return number or None


def _channel(value: str) -> str:
    name = _TELEGRAM_ADDRESS.sub("", value).removeprefix("@").partition("/")[0]
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_]{2,31}", name):
        raise ValueError(f"'{value}' is not the name of a public channel, such as telegram")
    return name


Instance = Annotated[str, AfterValidator(_instance)]
Tag = Annotated[str, AfterValidator(_tag)]
PostId = Annotated[str, AfterValidator(_post)]


class MastodonParameters(BrandLabels, Parameters):
    """Arguments of `mastodon`."""

    instance: Instance = Field(title="Instance", description="the server, such as mastodon.social")
    tag: Annotated[tuple[Tag, ...] | None, BeforeValidator(several)] = Field(
        default=None,
        title="Hashtags",
        description="posts with this hashtag, or with one of several, with commas between them",
    )
    query: str | None = Field(
        default=None,
        title="Words",
        description="posts with these words; needs a token, and an instance that searches posts",
    )
    mentions: bool = Field(
        default=False,
        title="Mentions of your account",
        description="true for posts that mention or answer the account whose token is set",
    )
    post: Annotated[tuple[PostId, ...] | None, BeforeValidator(several)] = Field(
        default=None,
        title="Posts with their answers",
        description="addresses, on this instance, of posts whose whole conversation is wanted",
    )


class BlueskyParameters(BrandLabels, Parameters):
    """Arguments of `bluesky`."""

    query: str | None = Field(
        default=None,
        title="Words",
        description="posts with these words; from:, mentions:, domain: and #tags work as on "
        "Bluesky; needs the keys",
    )
    author: Annotated[str | None, AfterValidator(_account)] = Field(
        default=None,
        title="Author",
        description="posts of this account, such as parus.bsky.social; needs no keys",
    )
    instance: Instance = Field(
        default="bsky.social",
        title="Server",
        description="the server that your account is on, which is asked for what needs the keys",
    )

    _check = model_validator(mode="after")(at_least_one("query", "author"))


class LemmyParameters(BrandLabels, Parameters):
    """Arguments of `lemmy`."""

    instance: Instance = Field(title="Instance", description="the server, such as lemmy.world")
    query: str | None = Field(
        default=None, title="Words", description="posts and comments with these words"
    )
    community: Annotated[str | None, AfterValidator(_community)] = Field(
        default=None,
        title="Community",
        description="of this community only, such as technology@lemmy.world; without query "
        "everything new in it",
    )

    _check = model_validator(mode="after")(at_least_one("query", "community"))


class RedditParameters(BrandLabels, Parameters):
    """Arguments of `reddit`."""

    query: str | None = Field(default=None, title="Words", description="posts with these words")
    subreddit: Annotated[str | None, AfterValidator(_subreddit)] = Field(
        default=None,
        title="Subreddit",
        description="of this subreddit only, or of several with + between them; without query "
        "everything new in it",
    )
    comments: bool = Field(
        default=False,
        title="Comments",
        description="true for comments too: of a subreddit the newest, of a search all below "
        "the posts that are found, which takes a request for each",
    )

    _check = model_validator(mode="after")(at_least_one("query", "subreddit"))


class VkParameters(BrandLabels, Parameters):
    """Arguments of `vk`."""

    query: str | None = Field(
        default=None,
        title="Words",
        description="posts with these words; everywhere, or on one wall with owner_id",
    )
    owner_id: Annotated[str | None, AfterValidator(_wall)] = Field(
        default=None,
        title="Wall",
        description="whose wall: what follows vk.com/ in the address, or the owner's number, which "
        "for communities is below zero",
    )
    post_id: Annotated[str | None, AfterValidator(_wall_post)] = Field(
        default=None,
        title="Post",
        description="the number of one post on that wall, for the comments below it and nothing "
        "else; owner_id must then be a number",
    )
    comments: bool = Field(
        default=False,
        title="Comments",
        description="true for the comments too, which takes a request for each post that has any",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.post_id and not re.fullmatch(r"-?\d+", self.owner_id or ""):
            raise ValueError(
                "needs the number of the wall's owner beside post_id; give it as -a owner_id=-123"
            )
        return at_least_one("query", "owner_id")(self)


class TelegramParameters(BrandLabels, Parameters):
    """Arguments of `telegram`."""

    channel: Annotated[str, AfterValidator(_channel)] = Field(
        title="Channel", description="the name of a public channel, what follows t.me/"
    )
    query: str | None = Field(
        default=None, title="Words", description="only posts that Telegram finds by these words"
    )
