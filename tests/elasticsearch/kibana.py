"""Makes `docs/elasticsearch/kibana/molva.ndjson`: a data view, two saved searches, two dashboards.

Saved objects keep JSON inside JSON, which nobody wants to write by hand, so they are made
from this description: `python -m tests.elasticsearch.documents` writes the file. The format
is that of Kibana 8.9, which every later 8.x and 9.x takes and moves to its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from index.elastic.mapping import FIELDS

Object = dict[str, Any]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


DATA_VIEW: Final = "molva-data-view"
# What Molva itself needs and nobody wants to read.
HIDDEN: Final = ("stems", "stems.*", "forms", "forms.*", "folded.*", "digest", "detail")
_LAYER: Final = "mentions"
_CORE: Final = "8.8.0"


def saved_objects() -> str:
    """Return the file: an object a line, in the order in which they refer to one another."""
    objects = [
        _data_view(),
        *_PANELS.values(),
        _dashboard(
            "molva-overview", "Molva: overview", "What is said, by whom and how",
            [("mentions", 12, 6), ("negative", 12, 6), ("stars", 12, 6), ("answered", 12, 6),
             ("by-sentiment", 24, 14), ("topics", 24, 14), ("brands", 24, 14), ("sources", 24, 14),
             ("newest", 48, 18)],
        ),
        _dashboard(
            "molva-complaints", "Molva: complaints", "What people complain of, and since when",
            [("complaints-by-topic", 48, 16), ("complaints-by-brand", 24, 14),
             ("complaints-by-place", 24, 14), ("stars-by-week", 24, 14),
             ("replies-by-week", 24, 14), ("newest-complaints", 48, 18)],
        ),
    ]  # fmt: skip
    return "".join(f"{_json(one)}\n" for one in objects)


def _data_view() -> Object:
    described = {field.name: {"customDescription": field.description} for field in FIELDS}
    return {
        "id": DATA_VIEW,
        "type": "index-pattern",
        "attributes": {
            "title": "mentions",
            "name": "Molva: mentions",
            "timeFieldName": "date",
            "fieldAttrs": _json(described),
            "fieldFormatMap": _json({"url": {"id": "url", "params": {"labelTemplate": "open"}}}),
            "sourceFilters": _json([{"value": name} for name in HIDDEN]),
            "fields": "[]",
            "runtimeFieldMap": "{}",
            "typeMeta": "{}",
        },
        "references": [],
        "coreMigrationVersion": _CORE,
        "typeMigrationVersion": "8.0.0",
    }


# --- columns -------------------------------------------------------------------
def _count(label: str, kql: str = "") -> Object:
    column = _metric(label, "count", "___records___")
    return {**column, "filter": {"query": kql, "language": "kuery"}} if kql else column


def _metric(label: str, operation: str, field: str) -> Object:
    return {
        "label": label, "customLabel": True, "dataType": "number", "operationType": operation,
        "sourceField": field, "isBucketed": False, "scale": "ratio",
        "params": {"emptyAsNull": True},
    }  # fmt: skip


def _values(label: str, field: str, *, of: int) -> Object:
    """A column of the most frequent values of a field, ordered by the first metric."""
    return {
        "label": label, "customLabel": True, "dataType": "string", "operationType": "terms",
        "sourceField": field, "isBucketed": True, "scale": "ordinal",
        "params": {
            "size": of, "orderBy": {"type": "column", "columnId": "m1"}, "orderDirection": "desc",
            "otherBucket": False, "missingBucket": False, "parentFormat": {"id": "terms"},
            "include": [], "exclude": [], "includeIsRegex": False, "excludeIsRegex": False,
        },
    }  # fmt: skip


def _complaints(label: str, *, of: int) -> Object:
    """A column of the pairs that end in `:negative`; a mention has others beside it."""
    column = _values(label, "topic_sentiment", of=of)
    column["params"] |= {"include": [".*:negative"], "includeIsRegex": True}
    return column


def _weeks() -> Object:
    return {
        "label": "Week", "customLabel": True, "dataType": "date",
        "operationType": "date_histogram", "sourceField": "date", "isBucketed": True,
        "scale": "interval",
        "params": {"interval": "w", "includeEmptyRows": True, "dropPartials": False},
    }  # fmt: skip


# --- panels --------------------------------------------------------------------
def _lens(title: str, kind: str, columns: Object, visualization: Object, kql: str = "") -> Object:
    layer = {"columns": columns, "columnOrder": list(columns), "incompleteColumns": {}}
    return {
        "id": "",
        "type": "lens",
        "attributes": {
            "title": title,
            "visualizationType": kind,
            "state": {
                "datasourceStates": {"formBased": {"layers": {_LAYER: layer}}},
                "visualization": visualization,
                "query": {"query": kql, "language": "kuery"},
                "filters": [],
                "internalReferences": [],
                "adHocDataViews": {},
            },
        },
        "references": [_reference(f"indexpattern-datasource-layer-{_LAYER}")],
        "coreMigrationVersion": _CORE,
        "typeMigrationVersion": "8.9.0",
    }


def _number(title: str, column: Object) -> Object:
    visualization = {"layerId": _LAYER, "layerType": "data", "metricAccessor": "m1"}
    return _lens(title, "lnsMetric", {"m1": column}, visualization)


def _chart(
    title: str, series: str, x: Object, metrics: Sequence[Object], split: Object | None = None
) -> Object:
    columns = {"x": x, **({"split": split} if split else {})}
    names = [f"m{number}" for number in range(1, len(metrics) + 1)]
    layer: Object = {
        "layerId": _LAYER, "layerType": "data", "seriesType": series,
        "xAccessor": "x", "accessors": names,
    }  # fmt: skip
    if split:
        layer["splitAccessor"] = "split"
    visualization = {
        "legend": {"isVisible": True, "position": "right"},
        "valueLabels": "hide",
        "fittingFunction": "None",
        "preferredSeriesType": series,
        "layers": [layer],
    }
    return _lens(
        title, "lnsXY", {**columns, **dict(zip(names, metrics, strict=True))}, visualization
    )


def _table(title: str, rows: Object, metrics: Sequence[Object]) -> Object:
    columns = {"x": rows, **{f"m{number}": one for number, one in enumerate(metrics, 1)}}
    shown = [{"columnId": name} for name in columns]
    visualization = {"layerId": _LAYER, "layerType": "data", "columns": shown}
    return _lens(title, "lnsDatatable", columns, visualization)


def _search(title: str, kql: str, columns: Sequence[str]) -> Object:
    name = "kibanaSavedObjectMeta.searchSourceJSON.index"
    source = {"query": {"query": kql, "language": "kuery"}, "filter": [], "indexRefName": name}
    return {
        "id": "",
        "type": "search",
        "attributes": {
            "title": title,
            "description": "",
            "columns": list(columns),
            "sort": [["date", "desc"]],
            "kibanaSavedObjectMeta": {"searchSourceJSON": _json(source)},
        },
        "references": [_reference(name)],
        "coreMigrationVersion": _CORE,
        "typeMigrationVersion": "7.9.3",
    }


def _reference(name: str) -> Object:
    return {"id": DATA_VIEW, "name": name, "type": "index-pattern"}


_NEGATIVE: Final = "sentiment : negative"
_MENTIONS: Final = _count("Mentions")
_BAD: Final = _count("Negative", _NEGATIVE)
_STARS: Final = _metric("Stars, mean", "average", "stars")
_ANSWERED: Final = _count("Answered", "has_reply : true")
_SHOWN: Final = ("brand", "source", "stars", "sentiment", "topic_sentiment", "text")


def _named(panels: Object) -> Object:
    """Give every panel an id made of its name."""
    return {name: {**panel, "id": f"molva-{name}"} for name, panel in panels.items()}


_PANELS: Final = _named(
    {
        "mentions": _number("Mentions", _MENTIONS),
        "negative": _number("Negative mentions", _BAD),
        "stars": _number("Mean of the stars", _STARS),
        "answered": _number("Answered mentions", _ANSWERED),
        "by-sentiment": _chart(
            "Mentions by week and sentiment", "bar_stacked", _weeks(), [_MENTIONS],
            _values("Sentiment", "sentiment", of=4),
        ),
        "topics": _table(
            "Topics with their polarity", _values("Topic", "topic_sentiment", of=30), [_MENTIONS]
        ),
        "brands": _table("Brands", _values("Brand", "brand", of=20), [_MENTIONS, _BAD, _STARS]),
        "sources": _table("Sources", _values("Source", "source", of=20), [_MENTIONS, _BAD, _STARS]),
        "newest": _search("Molva: newest mentions", "", _SHOWN),
        "complaints-by-topic": _chart(
            "Complaints by week and topic", "line", _weeks(), [_MENTIONS],
            _complaints("Topic", of=8),
        ),
        "complaints-by-brand": _table(
            "Complaints by brand", _values("Brand", "brand", of=20), [_BAD, _MENTIONS]
        ),
        "complaints-by-place": _table(
            "Complaints by place", _values("Place", "location", of=20), [_BAD, _MENTIONS]
        ),
        "stars-by-week": _chart(
            "Stars by week and brand", "line", _weeks(), [_STARS], _values("Brand", "brand", of=5)
        ),
        "replies-by-week": _chart(
            "Mentions and answers by week", "bar", _weeks(), [_MENTIONS, _ANSWERED]
        ),
        "newest-complaints": _search("Molva: newest complaints", _NEGATIVE, (*_SHOWN, "url")),
    }
)  # fmt: skip


# --- dashboards ----------------------------------------------------------------
def _dashboard(
    identity: str, title: str, description: str, panels: Sequence[tuple[str, int, int]]
) -> Object:
    """A dashboard of panels with their width and height; the whole is 48 wide."""
    placed, references = [], []
    for number, (name, grid) in enumerate(_laid_out(panels), 1):
        panel, key = _PANELS[name], f"p{number}"
        placed.append(
            {
                "type": panel["type"],
                "panelIndex": key,
                "gridData": {**grid, "i": key},
                "embeddableConfig": {},
                "panelRefName": f"panel_{key}",
            }
        )
        references.append({"id": panel["id"], "name": f"{key}:panel_{key}", "type": panel["type"]})
    empty = {"query": {"query": "", "language": "kuery"}, "filter": []}
    return {
        "id": identity,
        "type": "dashboard",
        "attributes": {
            "title": title,
            "description": description,
            "panelsJSON": _json(placed),
            "optionsJSON": _json({"useMargins": True, "hidePanelTitles": False}),
            "timeRestore": True,
            "timeFrom": "now-1y/d",
            "timeTo": "now",
            "kibanaSavedObjectMeta": {"searchSourceJSON": _json(empty)},
            "version": 1,
        },
        "references": references,
        "coreMigrationVersion": _CORE,
        "typeMigrationVersion": "8.7.0",
    }


def _laid_out(panels: Sequence[tuple[str, int, int]]) -> Iterator[tuple[str, Object]]:
    """Put panels side by side until a row is full; those of a row are of one height."""
    x = y = 0
    for name, width, height in panels:
        yield name, {"x": x, "y": y, "w": width, "h": height}
        x += width
        if x >= 48:
            x, y = 0, y + height
