"""GET and POST /sign-in: the page people sign in on; the token it gets them is kept in a cookie no script reads."""

from functools import cache
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from assistant.api.dependencies import ReadyAssistant
from assistant.api.door import COOKIE, SIGN_IN_PAGE, own_path
from assistant.api.errors import status_of
from assistant.auth.errors import TooManyRequestsError, WrongPasswordError
from tools.errors import BatteryError

router = APIRouter(include_in_schema=False)

LARGEST_FORM = 4096
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    # With no-referrer a browser would send its form from the origin "null", which is refused.
    "Referrer-Policy": "same-origin",
}


@router.get(SIGN_IN_PAGE)
async def sign_in_page(request: Request, assistant: ReadyAssistant) -> Response:
    """The page; where there is nothing to sign in to, the chat."""
    wanted = own_path(request.query_params.get("next", ""))
    return RedirectResponse(wanted, status_code=303) if assistant.sign_in is None else _page(wanted)


@router.post(SIGN_IN_PAGE)
async def sign_in(request: Request, assistant: ReadyAssistant) -> Response:
    """Take the form: go on to the page that was wanted, or show the form again with what was wrong."""
    form = parse_qs((await request.body()).decode(errors="replace"), max_num_fields=8)
    name, password, wanted = (form.get(field, [""])[0] for field in ("name", "password", "next"))
    wanted = own_path(wanted)
    if assistant.sign_in is None:
        return RedirectResponse(wanted, status_code=303)
    try:
        assistant.allowances.spend("sign_ins", address_of(request))
        signed_in = await run_in_threadpool(assistant.sign_in.sign_in, name, password)
    except (WrongPasswordError, TooManyRequestsError) as error:
        return _page(wanted, name, error)
    response = RedirectResponse(wanted, status_code=303)
    keep_session(response, request, signed_in.token, signed_in.lifetime_s)
    return response


def keep_session(response: Response, request: Request, token: str, lifetime_s: int) -> None:
    """Let the browser keep a token: out of reach of scripts, and never sent from another site."""
    is_https = request.url.scheme == "https"
    response.set_cookie(COOKIE, token, lifetime_s, path="/", secure=is_https, httponly=True, samesite="strict")


def address_of(request: Request) -> str:
    """The address a request came from, for counting."""
    return request.client.host if request.client else "unknown"


def _page(wanted: str, name: str = "", error: BatteryError | None = None) -> Response:
    said = f"{escape(error.message)} {escape(error.hint)}" if error else ""
    filled = _template().substitute(
        wrong=f'<p class="wrong" id="wrong" role="alert">{said}</p>' if error else "",
        described=' aria-describedby="wrong"' if error else "",
        name_focus="" if name else " autofocus",
        password_focus=" autofocus" if name else "",
        name=escape(name[:64]),
        next=escape(wanted),
    )
    status = status_of(error.code) if error else 200
    waits = {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooManyRequestsError) else {}
    return HTMLResponse(filled, status_code=status, headers=_HEADERS | waits)


@cache
def _template() -> Template:
    return Template((Path(__file__).parent / "sign_in.html").read_text(encoding="utf-8"))
