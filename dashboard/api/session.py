"""Signing in with a token, for browsers; programs send it as `Authorization: Bearer`."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from dashboard.errors import WRITE_RESPONSES, ApiError
from dashboard.security import address_of, only_json
from dashboard.sessions import Access, Sessions, cookie_name, set_cookie
from dashboard.settings import Asking
from dashboard.tokens import Tokens

router = APIRouter(tags=["session"])


class SignIn(BaseModel):
    """What a browser signs in with."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[SecretStr, Field(min_length=1, max_length=1000)] = Field(
        description="the read or the write token"
    )


class Session(BaseModel):
    """What this browser may do."""

    access: Access | None = Field(description="read, write, or null: sign in first")
    needs_token: bool = Field(description="whether a token is asked for")


@router.get("/session")
def show_session(request: Request, desk: Asking) -> Session:
    """What whoever asks may do."""
    return Session(access=request.state.access, needs_token=desk.settings.needs_token)


@router.post("/session", responses=WRITE_RESPONSES, dependencies=[Depends(only_json)])
def sign_in(sent: SignIn, request: Request, response: Response, desk: Asking) -> Session:
    """Exchange a token for a cookie that scripts cannot read. It holds for twelve hours."""
    if not desk.settings.needs_token:
        return show_session(request, desk)
    tokens = cast(Tokens, request.app.state.tokens)
    secret = sent.token.get_secret_value().encode("utf-8", "surrogatepass")
    access = tokens.access(secret, address_of(request.scope))
    if access is None:
        raise ApiError(401, "access", "wrong_token")
    set_cookie(response, request.url.scheme, _sessions(request).begin(access))
    return Session(access=access, needs_token=True)


@router.delete("/session", status_code=204)
def sign_out(request: Request, response: Response) -> None:
    """Forget this browser."""
    scheme = request.url.scheme
    _sessions(request).end(request.cookies.get(cookie_name(scheme)))
    set_cookie(response, scheme, "")


def _sessions(request: Request) -> Sessions:
    return cast(Sessions, request.app.state.sessions)
