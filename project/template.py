"""What `molva init` writes: a commented project file."""

from __future__ import annotations

from typing import Final

# Equal to molva.example.toml (a test compares them); kept here as well so that an
# installed Molva can write it.
TEMPLATE: Final = """\
# Molva's project file. Copy it to molva.toml (`molva init` does) and make it yours.
# Secrets do not belong here: spiders take them from the environment.

# The store, one SQLite file; a relative path counts from this file.
store = "molva.sqlite"

# Days, weeks and months of trends begin in this time zone.
time_zone = "Europe/Vilnius"

# Where a site's owner can reach you; the crawler names it in its user agent.
# contact = "reviews@example.org"

# Display names of authors are not stored unless this is true; a salted hash is.
store_author_names = false

# Sources of class TOLERATED (see `molva sources`) run only when this is true, here or in one
# source: their platforms do not offer them to programs. Read the platform's terms first.
# tolerated = true

# A shipped tagger's name or the path of a model folder.
model = "default"

# Overall sentiment by another model: a folder or hub id of a Hugging Face classifier.
# sentiment_model = "models/my-sentiment"
# What its labels mean, where they are not called positive, negative, neutral, mixed or stars.
# sentiment_labels = { LABEL_0 = "negative", LABEL_1 = "positive" }

# Who answers questions (search, trends, …): the store or the cluster below.
# answers_from = "elasticsearch"

# Topics of your own, each from 20 to 50 example sentences; then: molva topics train
# [topics.parking]
# names = { ru = "Парковка", en = "Parking", lt = "Automobilių aikštelė" }
# examples = "topics/parking.jsonl"

# A cluster that `molva index` sends everything to. Its secret comes from the environment:
# MOLVA_ELASTICSEARCH_API_KEY, or MOLVA_ELASTICSEARCH_USER and MOLVA_ELASTICSEARCH_PASSWORD.
# [elasticsearch]
# url = "https://search.example.org:9200"
# index = "mentions"
# ca_file = "elasticsearch-ca.pem"

# What `molva alerts` watches. Without any [[alerts]] it looks for more complaints and more praise
# than usual, in every topic of your own brands. docs/alerts.md has every setting.
# [[alerts]]
# name = "Delivery complaints"
# query = "source:app_store"                # any query; all mentions if it is not said
# topics = ["delivery"]                     # "all" if it is not said, "overall" for whole mentions
# split = "brand"                           # a test for each brand, source, location or product
# [[alerts]]
# name = "Half of the talk is bad"
# kind = "threshold"                        # "spike" if it is not said
# measure = "share_negative"                # or "count", "net_sentiment"
# above = 0.5
# topics = "overall"
# window = 7
# severity = "critical"

# Where `molva alerts --deliver` sends them: to = "webhook", "email", "slack" or "telegram".
# Secrets come from the environment: MOLVA_ALERTS_TEAM_URL for the table below.
# [alerts_delivery.team]
# to = "slack"
# severity = "warning"

# What people call you and your competitors, in every script; the name itself counts too.
[[brands]]
name = "Парус"
own = true
spellings = ["Parus", "«Парус»"]

[[brands]]
name = "Маяк"
spellings = ["Mayak"]

# What `molva collect` and `molva run` gather. `molva sources` lists spiders and their arguments.
# every = "30m", "6h", "1d" or "2w" is how often a source runs with --due; "1d" if it is not said.
[[sources]]
spider = "app_store"
app_id = "1234567890"
country = "lt"
brand = "Парус"
every = "6h"

[[sources]]
spider = "schema_org"
url = "https://shop.example.org/reviews"
brand = "Парус"

# {spelling}: once for each spelling of each of these brands, and labelled with the brand.
# brands = "all", "own", "competitors" or a list of names; all if it is not said.
[[sources]]
spider = "rss"
url = "https://news.example.org/search.xml?q={spelling}"
brands = "all"

[[sources]]
spider = "rss"
url = ["https://forum.example.org/feed.xml", "https://news.example.org/rss"]
brand = "Маяк"
"""
