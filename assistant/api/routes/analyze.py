"""POST /api/analyze: everything that is judged of one device."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from assistant.api.dependencies import Seen
from assistant.api.errors import ERROR_RESPONSES
from tools.analytics.device_analysis import DeviceAnalysis
from tools.errors import BadArgumentError
from tools.quantity import Window

router = APIRouter(tags=["analysis"], responses=ERROR_RESPONSES)

# Faults creep in over days.
USUAL_WINDOW = timedelta(days=30)
LONGEST_WINDOW = timedelta(days=92)


class AnalyzeRequest(BaseModel):
    """A device, and the window its anomalies are looked for in."""

    device: Annotated[str, StringConstraints(max_length=64)] = Field(examples=["D03"])
    window: Window | None = Field(
        None,
        description="In UTC, its end exclusive; the last 30 days where none is named, 92 at most",
        examples=[{"start": "2026-03-01T00:00:00Z", "end": "2026-03-31T00:00:00Z"}],
    )


@router.post("/api/analyze")
def analyze(asked: AnalyzeRequest, board: Seen) -> DeviceAnalysis:
    """Judge one device: health and what lowers it, anomalies with their cause, state of health, runtime."""
    window = asked.window
    if window is not None and not timedelta(0) < window.length <= LONGEST_WINDOW:
        raise BadArgumentError("The window must be longer than nothing and at most 92 days.", "Name a shorter one.")
    return board.analysis(asked.device, window or USUAL_WINDOW)
