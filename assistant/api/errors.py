"""Every error of the API in one form, `{"error": {"code", "message", "hint"}}`, with the status that fits."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from assistant.auth.errors import TooManyRequestsError
from tools.errors import BatteryError

_STATUS = {
    "bad_message": 400,
    "no_data": 404,
    "not_enough_data": 422,
    "bad_argument": 422,
    "not_allowed": 403,
    "not_signed_in": 401,
    "wrong_password": 401,
    "too_many_requests": 429,
    "still_answering": 409,
    "turn_failed": 504,
    "starting": 503,
    "start_failed": 503,
    "busy": 503,
}
# Seconds after which trying again makes sense.
_RETRY_AFTER = {"database_busy": 1, "busy": 2, "starting": 5}
# Of a name the client made up, as much is repeated as helps to find it.
_SHOWN = 60
_MOST_COMPLAINTS = 5


class ErrorDetail(BaseModel):
    """What happened and what would work."""

    code: str = Field(description="Stable word for programs")
    message: str
    hint: str


class ErrorBody(BaseModel):
    """The form of every error."""

    error: ErrorDetail


# For the API's description; FastAPI would describe its own form of a 422 otherwise.
ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorBody} for status in (400, 401, 403, 404, 409, 422, 429, 503, 504)
}


def error_body(code: str, message: str, hint: str = "") -> ErrorBody:
    """An error in the API's form."""
    return ErrorBody(error=ErrorDetail(code=code, message=message, hint=hint))


def error_response(
    status: int, code: str, message: str, hint: str = "", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """An error as an answer."""
    return JSONResponse(error_body(code, message, hint).model_dump(), status_code=status, headers=headers)


def battery_error_response(error: BatteryError) -> JSONResponse:
    """An error the asker can do something about, with the status of its code."""
    wait = error.retry_after_s if isinstance(error, TooManyRequestsError) else _RETRY_AFTER.get(error.code)
    headers = {"Retry-After": str(wait)} if wait else {}
    status = status_of(error.code)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return error_response(status, error.code, error.message, error.hint, headers)


def status_of(code: str) -> int:
    """The HTTP status of an error code."""
    if code in _STATUS:
        return _STATUS[code]
    if code.startswith("unknown_"):
        return 404
    return 503 if code.startswith("database_") else 400


def add_error_handlers(app: FastAPI) -> None:
    """Answer every known kind of error in our form; what is left over is the request edge's (request_edge.py)."""

    async def on_battery_error(_: Request, error: Exception) -> Response:
        assert isinstance(error, BatteryError)  # noqa: S101  registered for that class below
        return battery_error_response(error)

    async def on_unreadable(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return _unreadable_response(error.errors())

    async def on_http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, StarletteHTTPException)  # noqa: S101
        return _http_response(request, error)

    async def on_gone(_: Request, __: Exception) -> Response:
        # Nobody reads it; the status is for the log.
        return Response(status_code=499)

    app.add_exception_handler(BatteryError, on_battery_error)
    app.add_exception_handler(RequestValidationError, on_unreadable)
    app.add_exception_handler(StarletteHTTPException, on_http_error)
    app.add_exception_handler(ClientDisconnect, on_gone)


def _unreadable_response(complaints: Sequence[Any]) -> JSONResponse:
    """Which field is wrong and why; the input itself is not repeated."""
    if any(one["type"] == "json_invalid" for one in complaints):
        return _bad_json()
    said = "; ".join(f"{_place(one['loc'])}: {one['msg']}" for one in complaints[:_MOST_COMPLAINTS])
    more = len(complaints) - _MOST_COMPLAINTS
    return error_response(
        422,
        "bad_request",
        f"The request cannot be read. {said}{f'; and {more} more' if more > 0 else ''}.",
        "Send a JSON object with Content-Type: application/json; /docs shows its fields.",
    )


def _place(location: Sequence[object]) -> str:
    named = [str(part)[:_SHOWN] for part in location if part != "body"]
    return ".".join(named) or "body"


def _bad_json() -> JSONResponse:
    return error_response(
        400, "bad_json", "The body is not JSON.", 'Send for example {"message": "How hot is D03?"}.'
    )


def _http_response(request: Request, error: HTTPException | StarletteHTTPException) -> Response:
    path = request.url.path[:_SHOWN]
    if error.status_code == 404:
        return error_response(404, "not_found", f"There is nothing at {path}.", "/docs lists what is served.")
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return error_response(
            405, "method_not_allowed", f"{request.method} does not work at {path}.", f"Use {allowed}.", error.headers
        )
    if error.status_code == 413:
        return error_response(413, "too_large", str(error.detail), "Ask in fewer words.")
    if error.status_code == 400:
        # FastAPI's word for a body it could not even decode: binary, or nested without end.
        return _bad_json()
    return error_response(error.status_code, f"http_{error.status_code}", str(error.detail), "", error.headers)
