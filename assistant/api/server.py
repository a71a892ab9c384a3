"""The server: one FastAPI app on one port, alive at once, ready when the assistant is."""

import ipaddress
import tomllib
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.middleware import Middleware

from assistant.api import mcp_face, openai_api, sign_in_page
from assistant.api.budgets import LARGEST_BATCH, LARGEST_BODY, LARGEST_CONVERSATION, Budgets
from assistant.api.compression import Compression
from assistant.api.dependencies import ServerState
from assistant.api.docs_page import add_docs
from assistant.api.door import SIGN_IN_PAGE, Door
from assistant.api.errors import add_error_handlers
from assistant.api.fallback import Fallback
from assistant.api.guards import BodyLimit, HostGuard
from assistant.api.late_routes import reserve_place
from assistant.api.mcp_face import McpFace
from assistant.api.opening import open_for_serving
from assistant.api.readiness import Readiness
from assistant.api.request_edge import RequestEdge
from assistant.api.routes import approvals, audit, auth, chat, conversations, feedback, health, turns
from assistant.api.running_turns import TurnSlots
from assistant.api.sign_in_page import LARGEST_FORM
from assistant.api.startup import Mount, Open, StartUp, mount_pages
from assistant.auth.tokens import checked_secret
from assistant.observability.logging import start_logging
from assistant.settings import Settings
from tools.errors import BatteryError

ROUTERS = tuple(
    routes.router
    for routes in (
        health,
        auth,
        audit,
        chat,
        approvals,
        turns,
        conversations,
        feedback,
        sign_in_page,
        openai_api,
        mcp_face,
    )
)
_ROOT = Path(__file__).parents[2]
# Longer than any tool takes; a browser's open stream would hold a stop up for ever.
_SECONDS_TO_FINISH = 5


class OpenNetworkError(BatteryError):
    """An address other machines reach, and nothing to sign in with."""

    code = "sign_in_needed"


def build_app(
    settings: Settings,
    *,
    open_up: Open = open_for_serving,
    mount: Mount = mount_pages,
    budgets: Budgets | None = None,
) -> FastAPI:
    """The whole app. It opens the assistant with `open_up` and the pages with `mount` once it is served."""
    if settings.auth_secret is not None:
        checked_secret(settings.auth_secret)
    budgets = budgets or Budgets()
    readiness = Readiness()
    mcp = McpFace()
    start_up = StartUp(settings, readiness, open_up, mount, budgets.live_every, mcp.keep_open)
    app = FastAPI(
        title="Battery assistant",
        version=product_version(),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=start_up.lifespan,
        middleware=[
            Middleware(RequestEdge),
            Middleware(HostGuard, allowed_hosts=settings.allowed_hosts),
            Middleware(Door, readiness=readiness, budgets=budgets, asks=settings.auth_secret is not None),
            Middleware(BodyLimit, path="/api/", most=LARGEST_BODY, exceptions={"/api/data/readings": LARGEST_BATCH}),
            Middleware(BodyLimit, path="/v1/", most=LARGEST_CONVERSATION),
            Middleware(BodyLimit, path="/mcp", most=LARGEST_BODY),
            Middleware(BodyLimit, path=SIGN_IN_PAGE, most=LARGEST_FORM),
            Middleware(Compression, paths=("/api/dashboard/", "/api/data/", "/api/analyze")),
        ],
    )
    app.state.server = ServerState(
        readiness,
        TurnSlots(budgets.turns_at_once),
        TurnSlots(budgets.streams_at_once, "streams of live data are open"),
        budgets,
        settings.data_dir,
        app.version,
        mcp,
    )
    add_error_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    reserve_place(app)
    add_docs(app)
    app.router.routes.append(Fallback(readiness, app.router.routes, budgets.wait_for_start))
    return app


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped.

    Raises:
        OpenNetworkError: other machines reach that address, and nobody has to sign in.
        AuthSecretError: the secret of the sign-in is too short.
    """
    refuse_open_network(host, settings)
    start_logging(settings.log_level, settings.secrets)
    uvicorn.run(
        build_app(settings),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_SECONDS_TO_FINISH,
    )


def refuse_open_network(host: str, settings: Settings) -> None:
    """Let only this machine in where nobody has to sign in.

    Raises:
        OpenNetworkError: others would get in.
    """
    if settings.auth_secret is None and not is_loopback(host):
        raise OpenNetworkError(
            f"At {host} other machines would reach the assistant, and nobody would have to sign in.",
            "Set AUTH_SECRET and make an account with `python app.py users add NAME`, or serve at 127.0.0.1.",
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def product_version() -> str:
    """The version as pyproject.toml declares it."""
    with (_ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
