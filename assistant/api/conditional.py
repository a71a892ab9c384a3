"""Answers 304 to a client that has what it asks for already: an ETag that differs once the data has changed."""

import hashlib

from fastapi import Depends, Request, Response

from assistant.api.dependencies import Asking, Seen
from assistant.api.errors import NotModifiedError

# Kept by the client alone, and asked for again each time.
_HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Authorization, Cookie"}


def only_if_changed(request: Request, response: Response, board: Seen, asker: Asking) -> None:
    """Mark the answer with its version, and end here where the client has that one.

    Freshness goes with the clock too, so no answer is the same for longer than a minute.

    Raises:
        NotModifiedError: it has.
    """
    version = board.version().everything
    sites = tuple(site.site_id for site in board.fleet().sites)
    facts = (version, sites, f"{board.now():%Y%m%d%H%M}", request.url.path, request.url.query, asker.name)
    tag = f'W/"{hashlib.sha256(repr(facts).encode()).hexdigest()[:20]}"'
    headers = _HEADERS | {"ETag": tag}
    known = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    if tag in known or "*" in known:
        raise NotModifiedError(headers)
    response.headers.update(headers)


OnlyIfChanged = Depends(only_if_changed)
