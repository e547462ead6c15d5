"""Pages that a user saved from a browser, of sites that must not be crawled.

A module for each site reads what its pages carry beyond schema.org; `sites` chooses among them
and falls back on schema.org, which any page may have.
"""

from crawlers.parsers.saved.page import SavedPage, open_page
from crawlers.parsers.saved.sites import SITES, choose, read_page

__all__ = ["SITES", "SavedPage", "choose", "open_page", "read_page"]
