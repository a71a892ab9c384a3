"""Charts of a dashboard: a title with its question and note, and the figure over exactly the chosen time."""

from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from assistant.ui import wording
from assistant.ui.charts import draw
from assistant.ui.panels.parts import ask_link, text
from tools.quantity import ChartSpec

HEIGHT = 240


def chart(spec: ChartSpec, question: str, zone: str) -> tuple[str, go.Figure | None]:
    """The title of a chart as HTML, and its figure; None where nothing was measured in that time."""
    drawing = draw(spec, zone)
    has_points = any(point.value is not None for series in spec.series for point in series.points)
    note = drawing.note if has_points else wording.NOTHING_MEASURED
    unit = f' <span class="unit">{text(spec.unit)}</span>' if spec.unit else ""
    title = (
        f'<div class="chart-title"><b>{text(drawing.title)}</b>{unit}<span class="note">{text(note)}</span>'
        f'{ask_link(question)}<button type="button" class="enlarge">{wording.ENLARGE}</button></div>'
    )
    if not has_points:
        return title, None
    figure = drawing.figure
    figure.update_layout(height=HEIGHT)
    figure.update_yaxes(title_text=None)
    figure.update_xaxes(title_text=None)
    if spec.window is not None:
        local = ZoneInfo(zone)
        edges = [f"{at.astimezone(local):%Y-%m-%d %H:%M:%S}" for at in (spec.window.start, spec.window.end)]
        figure.update_xaxes(range=edges, autorange=False)
    return title, figure
