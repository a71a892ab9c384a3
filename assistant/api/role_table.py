"""Which role each endpoint needs, read from the routes themselves; the README shows it, a test compares."""

from collections.abc import Iterable, Iterator

from fastapi import APIRouter
from fastapi.routing import APIRoute

from assistant.api.dependencies import Needs
from assistant.api.door import OPEN

EVERYBODY, ANY_ROLE = "everybody", "viewer"


def role_table(routers: Iterable[APIRouter]) -> list[str]:
    """One row of Markdown an endpoint: method and path, and the least role that may call it."""
    return [f"| `{method} {path}` | {role} |" for method, path, role in _endpoints(routers)]


def _endpoints(routers: Iterable[APIRouter]) -> Iterator[tuple[str, str, str]]:
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                for method in sorted(route.methods or ()):
                    yield method, route.path, _role(method, route)


def _role(method: str, route: APIRoute) -> str:
    if (method, route.path) in OPEN:
        return EVERYBODY
    asked = [needed.call.role for needed in route.dependant.dependencies if isinstance(needed.call, Needs)]
    # The door lets nobody else in, whether the route asks who it is or not.
    return asked[0] if asked else ANY_ROLE
