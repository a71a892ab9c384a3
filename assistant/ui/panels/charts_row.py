"""Charts of a dashboard: a title with its question and note, and the figure over exactly the chosen time."""

from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from assistant.ui import wording
from assistant.ui.charts import draw, far_limits
from assistant.ui.panels.parts import ask_link, text
from tools.quantity import ChartSpec

HEIGHT = 240


def has_points(spec: ChartSpec) -> bool:
    """Whether anything was measured in the time of a chart."""
    return any(point.value is not None for series in spec.series for point in series.points)


def chart_title(spec: ChartSpec, question: str) -> str:
    """The title of a chart with its unit, what has to be said beside it, and what can be done with it."""
    far = far_limits(spec)
    note = (wording.outside(", ".join(far)) if far else "") if has_points(spec) else text(wording.NOTHING_MEASURED)
    unit = f' <span class="unit">{text(spec.unit)}</span>' if spec.unit else ""
    return (
        f'<div class="chart-title"><b>{text(spec.title)}</b>{unit}<span class="note">{note}</span>'
        f'{ask_link(question)}<button type="button" class="enlarge" '
        f'aria-label="{wording.ENLARGE}: {text(spec.title)}">{wording.ENLARGE}</button></div>'
    )


def figure(spec: ChartSpec, zone: str) -> go.Figure | None:
    """The chart itself, its time axis as long as the chosen time; None where nothing was measured."""
    if not has_points(spec):
        return None
    drawn = draw(spec, zone).figure
    drawn.update_layout(height=HEIGHT)
    drawn.update_yaxes(title_text=None)
    drawn.update_xaxes(title_text=None)
    if spec.window is not None:
        edges = [f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}" for at in (spec.window.start, spec.window.end)]
        drawn.update_xaxes(range=edges, autorange=False)
    return drawn
