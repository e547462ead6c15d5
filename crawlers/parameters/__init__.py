"""The arguments of every spider: a pydantic model each, in a module for each group of platforms.

`title` and `description` are the only wording: the command line, its errors and
the tables in `docs/sources.md` all come from here. Nothing heavy is imported.
"""

from crawlers.parameters.common import (
    LABELS,
    Address,
    Addresses,
    BrandLabels,
    Country,
    Parameters,
    PlaceLabels,
    read_arguments,
)
from crawlers.parameters.forums import (
    DiscourseParameters,
    HackerNewsParameters,
    StackExchangeParameters,
)
from crawlers.parameters.pages import RssParameters, SchemaOrgParameters
from crawlers.parameters.places import (
    GooglePlacesParameters,
    TripAdvisorParameters,
    TwoGisParameters,
    YelpParameters,
)
from crawlers.parameters.shops import (
    OzonOwnerParameters,
    WildberriesOwnerParameters,
    WildberriesParameters,
    YandexMarketOwnerParameters,
)
from crawlers.parameters.social import (
    BlueskyParameters,
    LemmyParameters,
    MastodonParameters,
    RedditParameters,
    TelegramParameters,
    VkParameters,
)
from crawlers.parameters.stores import (
    AppStoreOwnerParameters,
    AppStoreParameters,
    GooglePlayOwnerParameters,
    GooglePlayParameters,
    SteamParameters,
    TrustpilotOwnerParameters,
)
from crawlers.parameters.video_and_news import (
    GdeltParameters,
    GoogleNewsParameters,
    YouTubeParameters,
)

__all__ = [
    "LABELS",
    "Address",
    "Addresses",
    "AppStoreOwnerParameters",
    "AppStoreParameters",
    "BlueskyParameters",
    "BrandLabels",
    "Country",
    "DiscourseParameters",
    "GdeltParameters",
    "GoogleNewsParameters",
    "GooglePlacesParameters",
    "GooglePlayOwnerParameters",
    "GooglePlayParameters",
    "HackerNewsParameters",
    "LemmyParameters",
    "MastodonParameters",
    "OzonOwnerParameters",
    "Parameters",
    "PlaceLabels",
    "RedditParameters",
    "RssParameters",
    "SchemaOrgParameters",
    "StackExchangeParameters",
    "SteamParameters",
    "TelegramParameters",
    "TripAdvisorParameters",
    "TrustpilotOwnerParameters",
    "TwoGisParameters",
    "VkParameters",
    "WildberriesOwnerParameters",
    "WildberriesParameters",
    "YandexMarketOwnerParameters",
    "YelpParameters",
    "YouTubeParameters",
    "read_arguments",
]
