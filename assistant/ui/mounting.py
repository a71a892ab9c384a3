"""Puts the pages on a running server; loading Gradio takes seconds, and the API answers in the meantime."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request

from assistant.ui.page_paths import PagePaths
from assistant.wiring import Assistant
from tools.people import Person

if TYPE_CHECKING:
    from gradio import Blocks


@asynccontextmanager
async def mount_site(app: FastAPI, assistant: Assistant) -> AsyncIterator[None]:
    """Serve the pages at every path the server has no route for, as long as the context is open.

    Enter it when every route of the API is there: a route added later would lie behind the pages.
    """
    site = await asyncio.to_thread(_build, assistant)
    gradio_app = _mount(app, site)
    # A server that already runs does not enter the lifespan of what is mounted now; without it the queue stands still.
    async with gradio_app.router.lifespan_context(gradio_app):
        site.run_startup_events()  # type: ignore[no-untyped-call]
        await site.run_extra_startup_events()  # type: ignore[no-untyped-call]
        yield


def _build(assistant: Assistant) -> "Blocks":
    from assistant.ui.site import build_site  # noqa: PLC0415  takes seconds

    return build_site(assistant)


def _mount(app: FastAPI, site: "Blocks") -> FastAPI:
    from gradio import mount_gradio_app  # noqa: PLC0415  takes seconds

    from assistant.ui.theme import STYLE_SHEET, head, theme  # noqa: PLC0415  takes seconds

    lifespan = app.router.lifespan_context
    mount_gradio_app(
        app,
        site,
        path="/",
        theme=theme(),
        css_paths=STYLE_SHEET,
        head=head(),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
        auth_dependency=_name_of,
    )
    # Gradio wraps the lifespan of the server, and drops its state by that; we enter Gradio's own instead.
    app.router.lifespan_context = lifespan
    route: Any = app.router.routes[-1]
    mounted: FastAPI = route.app
    route.app = PagePaths(mounted)
    return mounted


def _name_of(request: Request) -> str | None:
    """The name of whoever the door has let in; what handlers get as `request.username`."""
    person = request.scope.get("user")
    return person.name if isinstance(person, Person) else None
