"""Crawlers: one Scrapy spider a platform and one importer a kind of file; all give `Mention`s.

Importing this package loads neither Scrapy nor any parser. The entry points:

* `crawlers.registry`: which spiders there are, with their arguments;
* `crawlers.run.crawl`: runs one of them;
* `crawlers.importers.import_file`: reads a file.
"""

from crawlers.errors import ArgumentError, ImportFileError

__all__ = ["ArgumentError", "ImportFileError"]
