"""What answers when no route does: a page that waits for the site, and our own 404 and 405 below /api."""

from collections.abc import Sequence
from html import escape

from fastapi import HTTPException
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from assistant.api.readiness import Readiness

PAGES = frozenset({"/", "/chat", "/mlops", "/llm", "/geo-dashboard"})
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
{refresh}<title>Battery assistant</title>
<style>body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 18vh auto; padding: 0 1rem;
color: #1f2933; background: #fff }} progress {{ width: 100% }}
@media (prefers-color-scheme: dark) {{ body {{ color: #e4e7eb; background: #14181d }} }}</style></head>
<body><main><h1>Battery assistant</h1>{content}</main></body></html>"""


class Fallback(BaseRoute):
    """The last of our routes. The site, mounted at "/" behind it, takes whatever is left."""

    def __init__(self, readiness: Readiness, before: Sequence[BaseRoute]) -> None:
        self._readiness = readiness
        self._before = tuple(before)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Claims what would otherwise fall to the site, whose errors are not in our form."""
        if scope["type"] != "http":
            return Match.NONE, {}
        is_ours = scope["path"].startswith("/api/") or self._half_match(scope) is not None
        return (Match.FULL if is_ours or shows_waiting_page(self._readiness, scope) else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show the waiting page, or say 405 or 404."""
        if shows_waiting_page(self._readiness, scope):
            await waiting_page(self._readiness)(scope, receive, send)
            return
        if (route := self._half_match(scope)) is not None:
            # Of the right path and the wrong method; such a route says so itself.
            await route.handle(scope, receive, send)
            return
        raise HTTPException(404)

    def _half_match(self, scope: Scope) -> BaseRoute | None:
        return next((route for route in self._before if route.matches(scope)[0] is Match.PARTIAL), None)


def shows_waiting_page(readiness: Readiness, scope: Scope) -> bool:
    """Whether a request is for a page that is not there yet."""
    is_asked = scope["method"] in ("GET", "HEAD") and scope["path"] in PAGES
    return is_asked and readiness.pages != "ready"


def waiting_page(readiness: Readiness) -> HTMLResponse:
    """A page that says what is being done and looks again every second; or what went wrong."""
    if readiness.failure is not None:
        why = readiness.failure
        return _page(f"<p>It could not start. {escape(why.message)}</p><p>{escape(why.hint)}</p>", status=503)
    if readiness.pages == "failed":
        return _page(
            "<p>The pages could not be started; the server's log says why.</p>"
            '<p>The API works: see <a href="/docs">/docs</a>.</p>',
            status=503,
        )
    share = readiness.progress
    value = "" if share is None or readiness.is_ready else f' value="{share}"'
    stage = "loading the pages" if readiness.is_ready else readiness.stage
    return _page(f"<p>Starting: {escape(stage)} …</p><progress{value}></progress>", refresh=1)


def _page(content: str, *, status: int = 200, refresh: int | None = None) -> HTMLResponse:
    again = f'<meta http-equiv="refresh" content="{refresh}">' if refresh else ""
    return HTMLResponse(
        _PAGE.format(refresh=again, content=content), status_code=status, headers={"Cache-Control": "no-store"}
    )
