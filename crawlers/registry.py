"""Which spiders there are. Importing this loads no spider: classes are named, not imported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from crawlers.errors import ArgumentError, NotAllowedError, did_you_mean
from crawlers.parameters import (
    AppStoreOwnerParameters,
    AppStoreParameters,
    BlueskyParameters,
    DiscourseParameters,
    GdeltParameters,
    GoogleNewsParameters,
    GooglePlacesParameters,
    GooglePlayOwnerParameters,
    GooglePlayParameters,
    HackerNewsParameters,
    LemmyParameters,
    MastodonParameters,
    OzonOwnerParameters,
    RedditParameters,
    RssParameters,
    SchemaOrgParameters,
    StackExchangeParameters,
    SteamParameters,
    TelegramParameters,
    TripAdvisorParameters,
    TrustpilotOwnerParameters,
    TwoGisParameters,
    VkParameters,
    WildberriesOwnerParameters,
    WildberriesParameters,
    YandexMarketOwnerParameters,
    YelpParameters,
    YouTubeParameters,
)
from crawlers.spider_entry import LAW, Law, Secret, SpiderEntry, variable

__all__ = ["LAW", "SAVED_ONLY", "SPIDERS", "Law", "Secret", "SpiderEntry", "describe", "find"]

SPIDERS: Final[dict[str, SpiderEntry]] = {
    "app_store": SpiderEntry(
        "crawlers.spiders.app_store:AppStoreSpider",
        AppStoreParameters,
        "OPEN",
        "the newest 500 customer reviews of an app in one country's App Store",
    ),
    "app_store_owner": SpiderEntry(
        "crawlers.spiders.app_store_owner:AppStoreOwnerSpider",
        AppStoreOwnerParameters,
        "OWNER",
        "all customer reviews of your own app, with your answers, from App Store Connect",
        secrets=(
            Secret(
                "private_key",
                "make one at appstoreconnect.apple.com, Users and Access, Integrations, "
                "with the role Customer Support",
            ),
            Secret("key_id", "it stands beside the key in App Store Connect"),
            Secret("issuer_id", "it stands above the team's keys in App Store Connect", False),
        ),
    ),
    "google_play": SpiderEntry(
        "crawlers.spiders.google_play:GooglePlaySpider",
        GooglePlayParameters,
        "TOLERATED",
        "the newest reviews of an app on Google Play in one or several languages",
        terms="https://play.google.com/about/play-terms/",
    ),
    "google_play_owner": SpiderEntry(
        "crawlers.spiders.google_play_owner:GooglePlayOwnerSpider",
        GooglePlayOwnerParameters,
        "OWNER",
        "last week's reviews of your own app, with your answers, from the Google Play "
        "Developer API",
        secrets=(
            Secret(
                "service_account",
                "make a service account at console.cloud.google.com, invite it in the Play "
                "Console, and download its key as JSON",
            ),
        ),
    ),
    "steam": SpiderEntry(
        "crawlers.spiders.steam:SteamSpider",
        SteamParameters,
        "OPEN",
        "player reviews of an app on Steam",
    ),
    "trustpilot_owner": SpiderEntry(
        "crawlers.spiders.trustpilot_owner:TrustpilotOwnerSpider",
        TrustpilotOwnerParameters,
        "OWNER",
        "reviews of your own business, with your answers, from the Trustpilot Business API",
        secrets=(
            Secret("api_key", "make one at businessapp.b2b.trustpilot.com, Integrations, APIs"),
            Secret("api_secret", "it stands beside the key; with it, private reviews", False),
            Secret("username", "of a business user, where the key alone is refused", False),
            Secret("password", "of that user", False),
        ),
    ),
    "schema_org": SpiderEntry(
        "crawlers.spiders.schema_org:SchemaOrgSpider",
        SchemaOrgParameters,
        "OPEN",
        "reviews that a web page marks up as schema.org Review, and its following pages; "
        "whether you may is up to the site",
    ),
    "rss": SpiderEntry(
        "crawlers.spiders.rss:RssSpider",
        RssParameters,
        "OPEN",
        "entries of RSS, Atom and JSON feeds",
    ),
    "twogis": SpiderEntry(
        "crawlers.spiders.twogis:TwoGisSpider",
        TwoGisParameters,
        "OPEN",
        "reviews of a branch on 2GIS, with your own key; its terms limit what you may do with them",
        secrets=(Secret("api_key", "ask 2GIS for one at dev.2gis.com"),),
    ),
    "google_places": SpiderEntry(
        "crawlers.spiders.google_places:GooglePlacesSpider",
        GooglePlacesParameters,
        "OPEN",
        "five reviews of a place on Google Maps, chosen by Google; its terms limit how long you "
        "may keep them",
        secrets=(Secret("api_key", "make one at console.cloud.google.com, with Places API (New)"),),
    ),
    "yelp": SpiderEntry(
        "crawlers.spiders.yelp:YelpSpider",
        YelpParameters,
        "OPEN",
        "excerpts of a business's newest reviews on Yelp, as many as your key's plan gives; its "
        "terms limit what you may keep",
        secrets=(
            Secret("api_key", "make one at www.yelp.com/developers; its plan must have reviews"),
        ),
    ),
    "tripadvisor": SpiderEntry(
        "crawlers.spiders.tripadvisor:TripAdvisorSpider",
        TripAdvisorParameters,
        "OPEN",
        "the newest five reviews of a location on Tripadvisor, in one language; its terms limit "
        "what you may keep",
        secrets=(Secret("api_key", "make one at www.tripadvisor.com/developers"),),
    ),
    "mastodon": SpiderEntry(
        "crawlers.spiders.mastodon:MastodonSpider",
        MastodonParameters,
        "OPEN",
        "posts of any Mastodon instance: by hashtag, by words, about your account, below a post, "
        "or all",
        secrets=(
            Secret(
                "token",
                "make one on the instance, Preferences, Development, with the permission to read",
                required=False,
                needed_by=("query", "mentions"),
            ),
        ),
    ),
    "bluesky": SpiderEntry(
        "crawlers.spiders.bluesky:BlueskySpider",
        BlueskyParameters,
        "OPEN",
        "posts of Bluesky: by words, with an app password of your account, or by author",
        secrets=(
            Secret(
                "identifier",
                "it is the handle of your account",
                required=False,
                needed_by=("query",),
            ),
            Secret(
                "app_password",
                "make one at bsky.app, Settings, Privacy and security, App passwords",
                required=False,
                needed_by=("query",),
            ),
        ),
    ),
    "lemmy": SpiderEntry(
        "crawlers.spiders.lemmy:LemmySpider",
        LemmyParameters,
        "OPEN",
        "posts and comments of any Lemmy instance: by words, by community, or both",
    ),
    "reddit": SpiderEntry(
        "crawlers.spiders.reddit:RedditSpider",
        RedditParameters,
        "OPEN",
        "posts and comments of Reddit: by words, by subreddit, or both; Reddit approves each app, "
        "asks to delete what authors delete, and wants a contract for commercial use",
        secrets=(
            Secret("client_id", "register an app at www.reddit.com/prefs/apps"),
            Secret("client_secret", "register an app at www.reddit.com/prefs/apps"),
        ),
        terms="https://redditinc.com/policies/data-api-terms",
    ),
    "vk": SpiderEntry(
        "crawlers.spiders.vk:VkSpider",
        VkParameters,
        "OPEN",
        "public posts of VK: by words, on a wall, or both, and the comments below them",
        secrets=(Secret("token", "it is the service token of an app made at id.vk.com/business"),),
    ),
    "telegram": SpiderEntry(
        "crawlers.spiders.telegram:TelegramSpider",
        TelegramParameters,
        "TOLERATED",
        "posts of a public Telegram channel, as its preview on the web shows them",
        terms="https://telegram.org/tos",
    ),
    "wildberries": SpiderEntry(
        "crawlers.spiders.wildberries:WildberriesSpider",
        WildberriesParameters,
        "TOLERATED",
        "reviews of a product and its variants on Wildberries, as its web store gets them",
        terms="https://www.wildberries.ru/services/polzovatelskoe-soglashenie",
    ),
    "wildberries_owner": SpiderEntry(
        "crawlers.spiders.wildberries_owner:WildberriesOwnerSpider",
        WildberriesOwnerParameters,
        "OWNER",
        "reviews of your own products on Wildberries, with your answers, and questions about them",
        secrets=(
            Secret(
                "token",
                "make one at seller.wildberries.ru, Settings, API access, with the category "
                "Feedbacks and Questions",
            ),
        ),
    ),
    "ozon_owner": SpiderEntry(
        "crawlers.spiders.ozon_owner:OzonOwnerSpider",
        OzonOwnerParameters,
        "OWNER",
        "reviews of your own products on Ozon, with your answers; the shop's plan must have them",
        secrets=(
            Secret("client_id", "it stands in seller.ozon.ru, Settings, API keys"),
            Secret("api_key", "make one at seller.ozon.ru, Settings, API keys, to read reviews"),
        ),
    ),
    "yandex_market_owner": SpiderEntry(
        "crawlers.spiders.yandex_market_owner:YandexMarketOwnerSpider",
        YandexMarketOwnerParameters,
        "OWNER",
        "reviews of your own products on Yandex Market, with your answers: of the last half year, "
        "or since a date",
        secrets=(
            Secret(
                "api_key",
                "make one at partner.market.yandex.ru, Settings, API and modules, to communicate",
            ),
        ),
    ),
    "hackernews": SpiderEntry(
        "crawlers.spiders.hackernews:HackerNewsSpider",
        HackerNewsParameters,
        "OPEN",
        "stories and comments of Hacker News: by words, by tags, or whole discussions",
    ),
    "stackexchange": SpiderEntry(
        "crawlers.spiders.stackexchange:StackExchangeSpider",
        StackExchangeParameters,
        "OPEN",
        "questions of Stack Overflow or another site of Stack Exchange: by words, by tags, or "
        "both, with answers and comments if wanted",
        secrets=(
            Secret("api_key", "register an app at stackapps.com; a larger quota", required=False),
        ),
    ),
    "discourse": SpiderEntry(
        "crawlers.spiders.discourse:DiscourseSpider",
        DiscourseParameters,
        "OPEN",
        "posts of any forum on Discourse: by words, of topics, or the newest",
    ),
    "youtube": SpiderEntry(
        "crawlers.spiders.youtube:YouTubeSpider",
        YouTubeParameters,
        "OPEN",
        "comments on YouTube: on videos, on a channel's videos, or on videos that a search finds",
        secrets=(
            Secret("api_key", "make one at console.cloud.google.com, with YouTube Data API v3"),
        ),
    ),
    "gdelt": SpiderEntry(
        "crawlers.spiders.gdelt:GdeltSpider",
        GdeltParameters,
        "OPEN",
        "headlines of news articles of the last three months, of all languages and countries, "
        "from GDELT",
    ),
    "google_news": SpiderEntry(
        "crawlers.spiders.google_news:GoogleNewsSpider",
        GoogleNewsParameters,
        "TOLERATED",
        "headlines of a hundred news articles that a search on Google News finds; its feed is for "
        "personal, non-commercial use only",
        terms="https://policies.google.com/terms",
    ),
}

# FORBIDDEN sites: what reads their saved pages -> where a user finds the pages.
# `crawlers.parsers.saved` has a reader for each.
SAVED_ONLY: Final[dict[str, str]] = {
    "otzovik": "otzovik.com",
    "irecommend": "irecommend.ru",
    "banki_ru": "www.banki.ru/services/responses",
    "yandex_maps": "yandex.ru/maps",
    "yandex_market": "market.yandex.ru",
    "trustpilot": "www.trustpilot.com",
    "amazon": "www.amazon.com",
    "booking": "www.booking.com",
    "ozon": "www.ozon.ru",
}


def find(name: str) -> SpiderEntry:
    """Return the entry of a spider.

    Raises:
        ArgumentError: there is none of that name.
        NotAllowedError: it is a site that is not crawled, but only imported.
    """
    if name in SAVED_ONLY:
        raise NotAllowedError(
            f"{name} is not crawled, because its terms forbid it; open {SAVED_ONLY[name]} in a "
            f"browser, save the pages, and: molva import --format html --site {name} PAGE…"
        )
    try:
        return SPIDERS[name]
    except KeyError:
        raise ArgumentError(f"there is no spider '{name}'; {did_you_mean(name, SPIDERS)}") from None


def describe() -> Iterator[dict[str, Any]]:
    """Yield a row for each spider, with all that `molva sources` says of it.

    `spider`, `law`, `arguments` (names, those that may be left out in brackets), `keys`
    (environment variables, likewise), `description`, `terms` (an address or None), and
    `parameters`: name, title, description, default and whether it is required.
    """
    for name, entry in SPIDERS.items():
        fields = sorted(
            entry.parameters.model_fields.items(), key=lambda item: not item[1].is_required()
        )
        yield {
            "spider": name,
            "law": entry.law,
            "arguments": [field if info.is_required() else f"[{field}]" for field, info in fields],
            "keys": [
                variable(name, one.name) if one.required else f"[{variable(name, one.name)}]"
                for one in entry.secrets
            ],
            "description": entry.description,
            "terms": entry.terms,
            "parameters": [
                {
                    "name": field,
                    "required": info.is_required(),
                    "default": None if info.is_required() else info.default,
                    "title": info.title,
                    "description": info.description,
                }
                for field, info in fields
            ],
        }
