"""GET /health: whether the server is starting, ready or failed; answers from the first second on."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from assistant.api.dependencies import server_state
from assistant.api.errors import ErrorDetail
from assistant.api.readiness import PagesState

router = APIRouter(tags=["health"])


class ChatModelHealth(BaseModel):
    """How a chat model does: `failing` after its last try, `resting` while it is left alone after several."""

    name: str
    state: Literal["ready", "failing", "resting"]


class Health(BaseModel):
    """The state of the server; `stage` and `progress` while it starts, `pages` and any chat models once it is ready."""

    status: Literal["starting", "ready", "failed"]
    version: str
    stage: str | None = None
    progress: float | None = None
    pages: PagesState | None = None
    chat_models: list[ChatModelHealth] | None = None
    error: ErrorDetail | None = None


@router.get("/health", response_model_exclude_none=True, responses={503: {"model": Health}})
async def health(request: Request, response: Response) -> Health:
    """Tell how the server is: 200 while it starts and when it is ready, 503 when it could not start."""
    readiness, version = server_state(request).readiness, request.app.version
    response.headers["Cache-Control"] = "no-store"
    if readiness.failure is not None:
        response.status_code = 503
        why = readiness.failure
        error = ErrorDetail(code=why.code, message=why.message, hint=why.hint)
        return Health(status="failed", version=version, error=error)
    if readiness.is_ready:
        chat = readiness.chat_models
        models = [ChatModelHealth(name=one.name, state=one.state) for one in chat.models] if chat else None
        return Health(status="ready", version=version, pages=readiness.pages, chat_models=models)
    return Health(status="starting", version=version, stage=readiness.stage, progress=readiness.progress)
