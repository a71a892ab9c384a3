"""Routes whose answers are results of the tools: those take seconds to load, so the routes come when they are there."""

from importlib import import_module

from fastapi import APIRouter, FastAPI

# A request below one of these waits for the assistant while it starts, as one to /api/chat does.
LATE_PATHS = ("/status", "/api/dashboard/", "/api/data/", "/api/analyze")
_MODULES = ("status", "dashboard", "data", "analyze")


def late_routers() -> list[APIRouter]:
    """Those routes; loads all that their answers are made of."""
    return [import_module(f"assistant.api.routes.{name}").router for name in _MODULES]


def reserve_place(app: FastAPI) -> None:
    """Keep a place for them among the routes of the server."""
    app.state.late_routes = APIRouter()
    app.include_router(app.state.late_routes)


def add_late_routes(app: FastAPI) -> None:
    """Put them there, and let the API's description be made anew."""
    for router in late_routers():
        app.state.late_routes.include_router(router)
    app.openapi_schema = None
