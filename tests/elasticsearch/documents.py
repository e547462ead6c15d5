"""Writes the documents for analysts that are made from the mapping.

`python -m tests.elasticsearch.documents` after a change of the mapping; a test says when.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from index.elastic.mapping import SCHEMA_VERSION, data_dictionary
from tests.elasticsearch.kibana import saved_objects

FOLDER: Final = Path(__file__).parents[2] / "docs/elasticsearch"


def documents() -> dict[Path, str]:
    """Return the text of every file that is made, not written."""
    return {
        FOLDER / "fields.md": _HEADING.format(schema=SCHEMA_VERSION) + data_dictionary(),
        FOLDER / "kibana/molva.ndjson": saved_objects(),
    }


_HEADING: Final = """# The fields of the index

Made from the mapping (schema {schema}) by `python -m tests.elasticsearch.documents`; a test keeps
it current. The same descriptions stand in the index itself: `GET mentions/_mapping`, under
`_meta.fields`. An absent value is an absent field. No author is in the index, neither a name nor
an id. Exact times, with microseconds, are in `_source`; dates are compared by the millisecond.

"""


def main() -> None:
    """Write the files."""
    for file, text in documents().items():
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
