"""Turns away what no page or program of ours sends: foreign hosts, writes from other sites, oversized bodies."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from assistant.api.errors import TooLargeError, error_response, too_large_response

_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?", re.IGNORECASE)
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Authority(NamedTuple):
    """A host with its port; None where none is named."""

    host: str
    port: str | None


def read_authority(text: str) -> Authority | None:
    """The host and port in a Host header or an address; None where that is neither."""
    found = _AUTHORITY.fullmatch(text.strip())
    return Authority(found[1].lower(), found[2]) if found else None


class HostGuard:
    """Serves only under our own names, so that no other name can be pointed at this machine (DNS rebinding).

    A name without a port is allowed at every port. A browser's write must come from one of our own pages.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: str) -> None:
        self.app = app
        self._allowed = [name for name in map(read_authority, allowed_hosts.split(",")) if name]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(code=1008)(scope, receive, send)
        else:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        own = read_authority(hosts[0]) if len(hosts) == 1 else None
        if own is None or not _is_among(own, self._allowed):
            return error_response(
                400,
                "unknown_host",
                "This server does not answer to that host name.",
                "Add the name to ALLOWED_HOSTS, or use one that is there.",
            )
        is_write = scope["type"] == "websocket" or scope["method"] not in _READING_METHODS
        origin = headers.get("origin")
        if is_write and origin is not None and not _is_same(origin, own):
            return error_response(
                403,
                "cross_origin",
                "A page of another site may not write here.",
                "Use the pages of this server, or a client that sends no Origin header.",
            )
        return None


def _is_among(host: Authority, allowed: Iterable[Authority]) -> bool:
    return any(host.host == one.host and one.port in (None, host.port) for one in allowed)


def _is_same(origin: str, own: Authority) -> bool:
    scheme, _, rest = origin.partition("://")
    theirs, default = read_authority(rest), _DEFAULT_PORTS.get(scheme.lower())
    if theirs is None or default is None:
        return False
    # Behind a proxy that ends TLS our own scheme is not the browser's, so the origin's says what no port means.
    return (theirs.host, theirs.port or default) == (own.host, own.port or default)


class BodyLimit:
    """Refuses a body beyond so many bytes below one path, whether it says its length or comes in pieces.

    `exceptions` are the paths below it that take more. FastAPI's own limit answers in plain text, not in our form.
    """

    def __init__(
        self,
        app: ASGIApp,
        path: str,
        most: int,
        exceptions: Mapping[str, int] | None = None,
        files: frozenset[str] = frozenset(),
    ) -> None:
        self.app = app
        self._path = path
        self._most = most
        self._exceptions = exceptions or {}
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._path):
            await self.app(scope, receive, send)
            return
        most = self._exceptions.get(scope["path"], self._most)
        too_large = _file_too_large(most) if scope["path"] in self._files else _body_too_large(most)
        said = Headers(scope=scope).get("content-length", "0")
        if said.isdecimal() and int(said) > most:
            await too_large_response(too_large)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise too_large
            return message

        await self.app(scope, counted, send)


def _body_too_large(most: int) -> TooLargeError:
    return TooLargeError(f"The body is larger than {most // 1024} kB.", "Ask in fewer words.")


def _file_too_large(most: int) -> TooLargeError:
    return TooLargeError(
        f"The file is larger than {most // 2**20} MB.", "Split the document, or leave out its pictures."
    )
