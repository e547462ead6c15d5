"""The application that `molva serve` serves: guard, interface and page, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from dashboard.api import (
    PREFIX,
    about,
    compare,
    mentions,
    overview,
    search,
    session,
    sheets,
    trends,
    watch,
    writing,
)
from dashboard.api.narrowing import check_topics
from dashboard.downloads import Downloads
from dashboard.errors import RESPONSES, add_handlers
from dashboard.security import Guard
from dashboard.sending import Courier
from dashboard.sessions import Sessions, cookie_name
from dashboard.settings import Desk, Settings
from dashboard.tokens import Tokens
from nlp.attribution import Attributor

DESCRIPTION: Final = """What people say: search, trends and comparisons of mentions, as JSON.

Offsets count Unicode code points. Days begin in the time zone that /about names; moments are UTC.
Every list is bounded and pages go on with `after`. An error has one shape: `{"error": {"kind",
"message", "position", "argument"}}`. docs/api.md has examples."""

STATIC: Final = Path(__file__).parent / "static"
# The views of the page; the browser's own code tells them apart.
VIEWS: Final = ("/", "/search", "/trends", "/compare")


# As OpenAPI describes it: https://spec.openapis.org/oas/v3.1.0#security-scheme-object
_SIGNED_IN: Final = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "The read or the write token of the page, for programs",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": cookie_name("http"),
        "description": f"For browsers, from POST {PREFIX}/session; over https the name is "
        f"{cookie_name('https')}",
    },
}


class Page(FastAPI):
    """The application, with a description that says how to sign in."""

    def openapi(self) -> dict[str, Any]:
        """Return what /api/v1/openapi.json answers."""
        described = super().openapi()
        described.setdefault("components", {})["securitySchemes"] = _SIGNED_IN
        # The last: where no token was set, none is needed.
        described["security"] = [{name: []} for name in _SIGNED_IN] + [{}]
        return described


def create_app(settings: Settings) -> FastAPI:
    """Return the page as an ASGI application.

    Args:
        settings: where it asks, and who may ask it.
    """
    desk = Desk(settings)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()

    app = Page(
        title="Molva",
        version=version("molva"),
        description=DESCRIPTION,
        license_info={"name": "Apache-2.0"},
        openapi_url=f"{PREFIX}/openapi.json",
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        lifespan=life,
    )
    sessions, tokens = Sessions(), Tokens(settings)
    app.state.desk, app.state.sessions, app.state.tokens = desk, sessions, tokens
    app.state.downloads, app.state.courier = Downloads(), Courier(settings.place)
    app.state.attributor = Attributor(settings.project.tagger)
    add_handlers(app)
    for part in (about, session, mentions, writing, watch):
        app.include_router(part.router, prefix=PREFIX, responses=RESPONSES)
    # These take a query: what is wrong with it is said before anything is asked.
    checked = [Depends(check_topics)]
    for part in (search, trends, compare, overview, sheets):
        app.include_router(part.router, prefix=PREFIX, responses=RESPONSES, dependencies=checked)
    files = StaticFiles(directory=STATIC)

    async def page(request: Request) -> Response:
        return await files.get_response("index.html", request.scope)

    for view in VIEWS:
        app.add_route(view, page, include_in_schema=False)
    app.mount("/static", files, name="static")
    # The last that is added stands first: what is refused is not even compressed.
    app.add_middleware(
        GZipMiddleware,
        minimum_size=1000,
        compresslevel=1,
        exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, *sheets.COMPRESSED),
    )
    app.add_middleware(Guard, settings=settings, tokens=tokens, sessions=sessions)
    return app


def _operation_id(route: APIRoute) -> str:
    """Return a name for what an address does, such as `post_corrections_undo`."""
    # Each has one.
    method = "".join(route.methods or ())
    return method.lower() + route.path.removeprefix(PREFIX).replace("/", "_")
