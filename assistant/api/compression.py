"""Packs answers of the data endpoints for clients that ask for it; event streams and pages are left as they are."""

from collections.abc import Sequence

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

# Of JSON with many numbers a higher level saves little and takes twice as long.
_LEVEL = 5
_SMALLEST = 1000


class Compression:
    """Gzip below some paths."""

    def __init__(self, app: ASGIApp, paths: Sequence[str]) -> None:
        self._plain = app
        self._packing = GZipMiddleware(app, minimum_size=_SMALLEST, compresslevel=_LEVEL)
        self._paths = tuple(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_data = scope["type"] == "http" and scope["path"].startswith(self._paths)
        await (self._packing if is_data else self._plain)(scope, receive, send)
