"""Who looks at a page, and what of the telemetry they see."""

from zoneinfo import available_timezones

import gradio as gr

from assistant.dashboards.board import Board
from assistant.wiring import Assistant


def board_of(assistant: Assistant, request: gr.Request) -> Board:
    """What this visitor's pages show: the telemetry of the sites they may see."""
    return assistant.board(assistant.person(request.username))


def may_act(assistant: Assistant, request: gr.Request) -> bool:
    """Whether this visitor's role reaches as far as acknowledging an alert; the action itself checks it again."""
    return assistant.person(request.username).reaches("operator")


def known_zone(time_zone: str) -> str:
    """The visitor's time zone, UTC where the browser names none that is known."""
    return time_zone if time_zone in available_timezones() else "UTC"
