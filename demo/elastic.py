"""The demo with Elasticsearch: `python -m demo.elastic`, or `make demo-elastic`.

Collects and tags as `demo.run` does, sends everything to a real server, and lets the
cluster answer: a trend, a search, and one query in plain DSL, as an analyst would ask it.
The server is the one that runs already (`make elasticsearch`, or the one that
`MOLVA_TEST_ELASTICSEARCH` names); where there is none, one is started and ended again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from demo.run import BY_WEEK, CRISIS, CRISIS_QUERY, Molva, collect, fail, prepare, say
from demo.site import DemoSite
from mention import UserError

INDEX: Final = "molva-demo"
PROJECT: Final = "molva.toml"
DSL: Final = Path(__file__).parents[1] / "docs/elasticsearch/queries/01-complaints-by-week.json"


@contextmanager
def cluster() -> Iterator[tuple[str, bool]]:
    """Give the URL of a server, and whether it stays when the demo ends."""
    # What starts servers for the tests starts this one; it is part of the repository only.
    from tests.elasticsearch.errors import ServerError
    from tests.elasticsearch.server import Server, url

    try:
        running = url()
    except ServerError:
        say("Start Elasticsearch (the first time it is fetched: a gigabyte, once).")
        with Server() as server:
            print(f"# It answers at {server.url}")
            yield server.url, False
    else:
        say(f"Use the Elasticsearch at {running}")
        yield running, True


def call(url: str, method: str = "GET", body: bytes | None = None) -> dict[str, Any]:
    """Send a request to the server, as curl would, and return the JSON of its answer."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method=method)  # noqa: S310 - the address of the demo's own server
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
        return dict(json.load(answer))


def forget_last_demo(url: str) -> None:
    """Delete the indices of an earlier demo on a server that stayed."""
    try:
        for name in call(f"{url}/{INDEX}-v*?expand_wildcards=open"):
            call(f"{url}/{name}", "DELETE")
    except urllib.error.HTTPError as error:
        fail(
            f"{url} answered {error.code}; the demo needs a server without passwords: "
            "unset MOLVA_TEST_ELASTICSEARCH and run it again"
        )
    except urllib.error.URLError as error:
        fail(
            f"no server answers at {url} ({error.reason}); start it, or unset "
            "MOLVA_TEST_ELASTICSEARCH and let the demo start one"
        )


def demonstrate(molva: Molva, site: DemoSite, url: str) -> None:
    """Collect, tag, send, and let the cluster answer."""
    collect(molva, site)
    say("Send everything to the cluster. The second time there is nothing left to send.")
    molva.show("index")
    molva.show("index")
    say("Ask the cluster what 'make demo' asks the store.")
    molva.show(*BY_WEEK, "--cluster")
    if molva.rows(*BY_WEEK, "--cluster") != molva.rows(*BY_WEEK, "--no-cluster"):
        fail("the cluster and the store count differently, which is a mistake of Molva's")
    print("\n# The store counts the same.")
    molva.show("search", CRISIS_QUERY, "--limit", "3", "--cluster")
    say("The same search in the cluster's own language, for curl and Kibana.")
    molva.show("search", CRISIS_QUERY, "--cluster", "--explain")
    ask_in_dsl(url)


def ask_in_dsl(url: str) -> None:
    """Ask one of the worked queries and print the numbers in its answer."""
    say("And the trend as an analyst asks for it: one of ten in docs/elasticsearch/queries.md.")
    file = DSL.relative_to(Path.cwd()) if DSL.is_relative_to(Path.cwd()) else DSL
    print(
        f"\n$ curl -s -H 'Content-Type: application/json' {url}/{INDEX}/_search -d @{file}",
        flush=True,
    )
    answer = call(f"{url}/{INDEX}/_search", "POST", DSL.read_bytes())
    print("week of     mentions  speak of delivery  complain")
    weeks = {bucket["key_as_string"][:10]: bucket for bucket in buckets(answer)}
    for week, bucket in weeks.items():
        speak, complain = bucket["speak_of_it"]["doc_count"], bucket["complain"]["doc_count"]
        print(f"{week}{bucket['doc_count']:>10}{speak:>19}{complain:>10}")
    if max(weeks, key=lambda week: int(weeks[week]["complain"]["doc_count"])) != CRISIS:
        fail(f"the crisis of {CRISIS} does not stand out in the cluster")


def buckets(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the buckets of the query's one aggregation."""
    return list(answer["aggregations"]["weeks"]["buckets"])


def main() -> None:
    """Run the demo."""
    parser = argparse.ArgumentParser(prog="python -m demo.elastic", description="Use a cluster.")
    parser.add_argument("--folder", type=Path, default=Path(".demo"), help="default: %(default)s")
    folder = parser.parse_args().folder
    store, begin = prepare(folder, keep=False), time.monotonic()
    try:
        with cluster() as (url, stays), DemoSite() as site:
            forget_last_demo(url)
            project = folder / PROJECT
            project.write_text(
                f'store = "{store.name}"\ntime_zone = "Europe/Vilnius"\n'
                f'[elasticsearch]\nurl = "{url}"\nindex = "{INDEX}"\n',
                encoding="utf-8",
            )
            demonstrate(Molva(store, project), site, url)
    except (UserError, urllib.error.URLError) as error:
        sys.exit(f"\nThe demo stopped: {error}")
    say(f"Done in {time.monotonic() - begin:.0f} s.")
    if stays:
        print(f"The index stays at {url}/{INDEX}; the next demo replaces it.")
    else:
        print("The server is gone. To keep one: make elasticsearch, then this again.")


if __name__ == "__main__":
    main()
