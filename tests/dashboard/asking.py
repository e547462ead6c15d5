"""The interface, asked about a project as its file describes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from cluster import Place
from dashboard.app import create_app
from dashboard.settings import Settings
from project import load


def client_of(folder: Path, *, asks_cluster: bool = False) -> TestClient:
    """Return who asks about the project of `folder/molva.toml`."""
    project = load(folder / "molva.toml")
    place = Place(project, asks_cluster=asks_cluster, insecure_http=True)
    return TestClient(create_app(Settings(place)), base_url="http://localhost")


def get(client: TestClient, path: str, **arguments: Any) -> dict[str, Any]:
    """Return an answer of the interface."""
    answer = client.get(f"/api/v1{path}", params=arguments)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refusal(client: TestClient, path: str, status: int = 400, **arguments: Any) -> str:
    """Return the sentence of an answer that is an error."""
    answer = client.get(f"/api/v1{path}", params=arguments)
    assert answer.status_code == status, answer.text
    return str(answer.json()["error"]["message"])


def codes(told: list[dict[str, Any]]) -> set[str | None]:
    """Return which sentences an answer tells."""
    return {one["code"] for one in told}
