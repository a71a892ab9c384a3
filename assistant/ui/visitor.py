"""Who looks at a page, and what of the telemetry they see."""

from zoneinfo import available_timezones

import gradio as gr

from assistant.dashboards.board import Board
from assistant.wiring import Assistant


def board_of(assistant: Assistant, request: gr.Request) -> Board:  # noqa: ARG001  scope comes with sign-in
    """What this visitor's pages show; where a person's sites are narrowed, it is here."""
    return assistant.board(assistant.store)


def known_zone(time_zone: str) -> str:
    """The visitor's time zone, UTC where the browser names none that is known."""
    return time_zone if time_zone in available_timezones() else "UTC"
