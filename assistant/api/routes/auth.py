"""/api/auth: a token for name and password, its end, and who one is."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from assistant.api.dependencies import Asking, ReadyAssistant
from assistant.api.door import COOKIE, TOKEN_PATH, token_of
from assistant.api.errors import ERROR_RESPONSES
from assistant.api.sign_in_page import address_of
from assistant.auth.errors import NoSignInError
from tools.people import Person

router = APIRouter(tags=["sign-in"], responses=ERROR_RESPONSES)


class Credentials(BaseModel):
    """Name and password of an account."""

    name: str = Field(max_length=64)
    password: str = Field(max_length=1000)


class Token(BaseModel):
    """A token to send as `Authorization: Bearer TOKEN` until it expires."""

    token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  a kind of token
    expires_at: datetime
    person: Person


class Me(BaseModel):
    """Who asks; `can_sign_out` is false for the local person of a server without a sign-in."""

    person: Person
    can_sign_out: bool


@router.post(TOKEN_PATH)
def new_token(given: Credentials, request: Request, response: Response, assistant: ReadyAssistant) -> Token:
    """Sign in. After five wrong passwords in a row an account is locked for a minute, and longer each time."""
    if assistant.sign_in is None:
        raise NoSignInError(
            "There is nothing to sign in to: whoever reaches this server is the local admin.",
            "Set AUTH_SECRET to have accounts.",
        )
    assistant.allowances.spend("sign_ins", address_of(request))
    signed_in = assistant.sign_in.sign_in(given.name, given.password)
    response.headers["Cache-Control"] = "no-store"
    return Token(token=signed_in.token, expires_at=signed_in.expires, person=signed_in.person)


@router.delete(TOKEN_PATH, status_code=204)
def end_token(
    request: Request,
    assistant: ReadyAssistant,
    _: Asking,
    everywhere: Annotated[bool, Query(description="End every session of this person")] = False,
) -> Response:
    """Sign out: the token sent with this request is void from now on, or every token of its person."""
    token = token_of(request)
    if assistant.sign_in is None or token is None:
        raise NoSignInError("There is no session to end.", "Without AUTH_SECRET nobody is signed in.")
    assistant.sign_in.sign_out(token, everywhere=everywhere)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response


@router.get("/api/auth/me")
def me(assistant: ReadyAssistant, asker: Asking) -> Me:
    """Who you are here: your name, role and sites."""
    return Me(person=asker, can_sign_out=assistant.sign_in is not None)
