"""Refreshes a page panel by panel: what has not changed since it was last sent is left alone, so nothing flickers."""

import hashlib
from collections.abc import Callable
from typing import Any

import gradio as gr
import plotly.graph_objects as go
import structlog

from assistant.ui import wording
from assistant.ui.panels.parts import failed
from tools.errors import BatteryError

log = structlog.get_logger()
Updates = dict[Any, Any]
# Seconds from one refresh to the next.
EVERY = 5.0


class Refresh:
    """One refresh of one visitor's page. `shown` are the marks of what their browser holds already."""

    def __init__(self, shown: dict[str, str]) -> None:
        self.shown = dict(shown)
        self.updates: Updates = {}

    def html(self, component: gr.HTML, made: str, *, visible: bool = True) -> None:
        """Show HTML in a panel."""
        if self._is_new(component, f"{visible}{made}"):
            self.updates[component] = gr.update(value=made, visible=visible)

    def plot(self, component: gr.Plot, content: str, draw: Callable[[], go.Figure | None]) -> None:
        """Show what `draw` gives; None hides the place of it. Drawing is slow, so it is only done for new content."""
        if self._is_new(component, content):
            figure = draw()
            self.updates[component] = gr.update(value=figure, visible=figure is not None)

    def visible(self, component: gr.Column, is_visible: bool) -> None:
        """Show or hide a group of panels."""
        if self._is_new(component, str(is_visible)):
            self.updates[component] = gr.update(visible=is_visible)

    def panel(self, component: gr.HTML, title: str, make: Callable[[], str]) -> None:
        """Show what `make` gives, or why it could not."""
        try:
            made = make()
        except BatteryError as error:
            made = failed(title, f"{error.message} {error.hint}".strip())
        except Exception:
            # The edge of the page: one panel may fail, the others are still read.
            log.exception("panel failed", panel=title)
            made = failed(title, wording.something_wrong(None))
        self.html(component, made)

    def _is_new(self, component: Any, content: str) -> bool:
        mark = hashlib.sha256(content.encode()).hexdigest()
        name = str(component.elem_id)
        if self.shown.get(name) == mark:
            return False
        self.shown[name] = mark
        return True
