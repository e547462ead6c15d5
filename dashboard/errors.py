"""What goes wrong, as the page is told: one shape for every error."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from dashboard.api import is_api
from dashboard.refusals import ARGUMENTS, NARROWING, SENTENCES, WRONG_ARGUMENT
from index.base import QueryError, StoreError
from mention import CodedError, UserError

ErrorKind = Literal["query", "argument", "refused", "missing", "access", "store", "fault"]


class ErrorBody(BaseModel):
    """What is wrong, and what to do."""

    kind: ErrorKind = Field(
        description="query: the query cannot be understood; argument: an argument is wrong; "
        "refused: it cannot be done so; missing: there is no such thing; access: not allowed; "
        "store: the store or the cluster cannot be used; fault: of Molva itself"
    )
    message: str = Field(description="one sentence and the next step, in English")
    code: str | None = Field(
        description="what is wrong, for whoever says it in other words; stays when the sentence "
        "is put better; null where there is none"
    )
    values: dict[str, str] = Field(
        description="the names and pieces in the sentence; empty where there is no code"
    )
    position: int | None = Field(
        default=None,
        description="first wrong character of the query, from 0; null where it is wrong as a "
        "whole, and elsewhere",
    )
    argument: str | None = Field(default=None, description="the argument that is wrong")


class ErrorAnswer(BaseModel):
    """An answer that is an error."""

    error: ErrorBody


Responses = dict[int | str, dict[str, object]]


def responses(*statuses: int) -> Responses:
    """Return what an endpoint may answer beside its own, for its `responses=`."""
    return {one: {"model": ErrorAnswer, "description": _MEANINGS[one]} for one in statuses}


_MEANINGS: Final[Mapping[int, str]] = {
    400: "It cannot be understood or done so",
    401: "A token is needed",
    403: "This may not be asked or done: by the token, from another site, under this name",
    404: "There is no such thing",
    409: "It has changed since it was looked at",
    413: "What was sent is too large",
    415: "What was sent is not application/json",
    422: "An argument is wrong",
    429: "Too often: wrong tokens, or downloads at once; the header Retry-After says when again",
    503: "The store or the cluster cannot be used",
}
# What every endpoint may answer, and what one that writes may as well.
RESPONSES: Final = responses(400, 401, 403, 404, 422, 429, 503)
WRITE_RESPONSES: Final = responses(413, 415)


class NarrowingError(CodedError):
    """What is chosen beside a query cannot be, or not together with it."""

    sentences = NARROWING


class ApiError(CodedError):
    """An error that an endpoint or the guard answers with.

    Attributes:
        status: of HTTP.
        kind: of the answer.
        headers: that the answer has as well.
    """

    sentences = SENTENCES

    def __init__(
        self,
        status: int,
        kind: ErrorKind,
        code: str,
        headers: Mapping[str, str] | None = None,
        **values: str | int,
    ) -> None:
        super().__init__(code, **values)
        self.status = status
        self.kind = kind
        self.headers = headers

    def answer(self) -> JSONResponse:
        """Return it as the answer to a request."""
        return answer(
            self.status,
            self.kind,
            str(self),
            code=self.code,
            values=self.values,
            headers=self.headers,
        )


def missing(mention_id: str) -> ApiError:
    """Return the error of a mention that is not there."""
    return ApiError(404, "missing", "no_mention", mention=mention_id)


def answer(
    status: int,
    kind: ErrorKind,
    message: str,
    *,
    code: str | None = None,
    values: Mapping[str, str | int] = MappingProxyType({}),
    position: int | None = None,
    argument: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return an error as the answer to a request."""
    body = ErrorBody(
        kind=kind,
        message=_encodable(message),
        code=code,
        values={name: _encodable(str(value)) for name, value in values.items()},
        position=position,
        argument=None if argument is None else _encodable(argument),
    )
    return JSONResponse(ErrorAnswer(error=body).model_dump(), status, headers)


def _encodable(text: str) -> str:
    """Return a text that may quote what was sent: JSON can carry half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode()


def add_handlers(app: FastAPI) -> None:
    """Have every error of `app` answered in the one shape."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(UserError, _user_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)


def _api_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 - as it is registered
    return error.answer()


def _user_error(_request: Request, error: Exception) -> Response:
    if isinstance(error, QueryError):
        return answer(
            400,
            "query",
            str(error),
            code=error.code,
            values=error.values,
            position=error.position,
        )
    if isinstance(error, StoreError):
        return answer(503, "store", str(error))
    if isinstance(error, CodedError):
        return answer(400, "refused", str(error), code=error.code, values=error.values)
    return answer(400, "refused", str(error))


def _invalid(_request: Request, error: Exception) -> Response:
    """Answer with the first thing that is wrong; never with the value, which may be a secret."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as it is registered
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return ApiError(422, "argument", "damaged_json").answer()
    # The first part says whether it is of the query string or of the body.
    argument = ".".join(str(part) for part in first["loc"][1:]) or None
    message = f"{argument or 'what was sent'}: {first['msg']}"
    if argument is None:
        return answer(422, "argument", message)
    code, values = ARGUMENTS.get(first["type"], WRONG_ARGUMENT), {"argument": argument}
    return answer(422, "argument", message, code=code, values=values, argument=argument)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as it is registered
    if not is_api(request.scope["path"]):
        return PlainTextResponse(error.detail, error.status_code, error.headers)
    if error.status_code == 404:
        message = "there is nothing at this address; /api/v1/openapi.json lists what there is"
        return answer(404, "missing", message)
    if error.status_code == 405:
        message = f"this address does not take {request.method}"
        # Starlette names the methods of the first of several routes alone.
        known = request.app.openapi()["paths"].get(request.scope["path"], {})
        allowed = ", ".join(method.upper() for method in known)
        return answer(405, "argument", message, headers={"allow": allowed})
    return answer(error.status_code, "argument", error.detail, headers=error.headers)
