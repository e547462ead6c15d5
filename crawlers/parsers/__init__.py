"""Pure functions from a page to mentions: no network, no Scrapy, no exception on any input."""
