"""Draws a chart of an answer: lines or bars with units, limits, gaps where there is no data, in the asker's zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from assistant.ui import wording
from tools.quantity import ChartSpec, Series

# Okabe and Ito's palette, told apart with any kind of colour vision; a little lighter, to be read on dark as well.
PALETTE = ("#2f83c4", "#d98200", "#0a9a73", "#c5649b", "#c8502b", "#7a6fd0", "#7d8590")
DASHES = ("solid", "dot", "dashdot")
NEUTRAL = "#7d8590"
GRID = "rgba(125,133,144,0.22)"
HEIGHT = 300
# With fewer points than this each is marked; a longer line marks only points that stand alone between gaps.
MARKED_UP_TO = 40
# Days as "23 Nov", the year only where a whole chart is wide enough to need it.
TICKS = (
    {"dtickrange": [None, 86_400_000 - 1], "value": "%H:%M\n%-d %b"},
    {"dtickrange": [86_400_000, "M1"], "value": "%-d %b\n%Y"},
    {"dtickrange": ["M1", None], "value": "%b\n%Y"},
)
# A limit is drawn where it is no further from the data than the data is wide.
NEAR = 1.0
# Bars whose values differ by less than this share of the highest one cannot be told apart from zero up.
CLOSE = 0.25


@dataclass(frozen=True)
class Drawing:
    """A chart as Plotly draws it, and what has to be said beside it."""

    figure: go.Figure
    title: str
    note: str


def draw(spec: ChartSpec, time_zone: str = "UTC") -> Drawing:
    """The chart of a specification, times in the given zone."""
    zone = ZoneInfo(time_zone)
    span = _span(spec)
    figure = go.Figure()
    for number, series in enumerate(spec.series):
        figure.add_trace(_bar(series, number) if spec.kind == "bar" else _line(series, number, zone))
    _add_limits(figure, spec, span)
    far = far_limits(spec)
    has_times = any(point.at for series in spec.series for point in series.points)
    cut = spec.kind == "bar" and span is not None and span[0] > 0 and span[1] - span[0] < CLOSE * span[1]
    _style(figure, several=len(spec.series) > 1)
    figure.update_xaxes(title_text=f"{wording.TIME_AXIS} ({time_zone})" if has_times else None)
    figure.update_xaxes(**({"tickformatstops": TICKS} if has_times else {"type": "category"}))
    unit = escape(spec.unit, quote=False)
    figure.update_yaxes(title_text=f"{unit} ({wording.NOT_FROM_ZERO})" if cut else unit)
    if span is not None and (cut or spec.kind == "line"):
        figure.update_yaxes(range=_padded(span, spec))
    return Drawing(figure, spec.title, wording.outside(", ".join(far)) if far else "")


def _line(series: Series, number: int, zone: ZoneInfo) -> go.Scatter:
    values = [point.value for point in series.points]
    color = PALETTE[number % len(PALETTE)]
    return go.Scatter(
        x=[_local(point.at, zone) if point.at else escape(point.label or "") for point in series.points],
        y=values,
        name=escape(series.name, quote=False),
        mode="lines+markers",
        connectgaps=False,
        line={"color": color, "width": 2, "dash": DASHES[number // len(PALETTE) % len(DASHES)]},
        marker={"size": _marker_sizes(values), "color": color, "line": {"width": 0}},
        hovertemplate=f"%{{x|%-d %b %H:%M}}  %{{y:.4g}} {escape(series.unit)}<extra>%{{fullData.name}}</extra>",
    )


def _bar(series: Series, number: int) -> go.Bar:
    return go.Bar(
        x=[escape(point.label or "", quote=False) for point in series.points],
        y=[point.value for point in series.points],
        name=escape(series.name, quote=False),
        marker={"color": PALETTE[number % len(PALETTE)], "opacity": 0.85, "line": {"width": 0}},
        hovertemplate=f"%{{x}}: %{{y:.4g}} {escape(series.unit)}<extra>%{{fullData.name}}</extra>",
    )


def _local(moment: datetime, zone: ZoneInfo) -> str:
    """A moment on the wall clock of a zone; Plotly knows no zones and draws what it is given."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _marker_sizes(values: Sequence[float | None]) -> list[int]:
    if len(values) <= MARKED_UP_TO:
        return [5] * len(values)
    before, after = [None, *values[:-1]], [*values[1:], None]
    return [5 if left is None and right is None else 0 for left, right in zip(before, after, strict=True)]


def _span(spec: ChartSpec) -> tuple[float, float] | None:
    values = [point.value for series in spec.series for point in series.points if point.value is not None]
    return (min(values), max(values)) if values else None


def _reach(span: tuple[float, float]) -> float:
    """How far from the data a limit may lie; a flat line still has room around it."""
    return NEAR * max(span[1] - span[0], 0.02 * max(abs(span[0]), abs(span[1])))


def _is_near(limit: float, span: tuple[float, float]) -> bool:
    return span[0] - _reach(span) <= limit <= span[1] + _reach(span)


def _padded(span: tuple[float, float], spec: ChartSpec) -> list[float]:
    """The data and the limits near it, with some air above and below."""
    shown = [*span, *(one for one in (spec.limit_low, spec.limit_high) if one is not None and _is_near(one, span))]
    low, high = min(shown), max(shown)
    air = 0.12 * max(high - low, 0.02 * max(abs(low), abs(high)), 0.01)
    return [low - air, high + air]


def far_limits(spec: ChartSpec) -> list[str]:
    """The limits that are too far from the data to be drawn, in words."""
    span = _span(spec)
    return [] if span is None else [_limit_words(spec, one) for one in _limits(spec) if not _is_near(one, span)]


def _limits(spec: ChartSpec) -> list[float]:
    return [one for one in (spec.limit_low, spec.limit_high) if one is not None]


def _limit_words(spec: ChartSpec, limit: float) -> str:
    return f"{wording.LIMIT} {limit:g} {escape(spec.unit, quote=False)}"


def _add_limits(figure: go.Figure, spec: ChartSpec, span: tuple[float, float] | None) -> None:
    """Draw the limits that lie near the data."""
    for limit, position in ((spec.limit_low, "bottom left"), (spec.limit_high, "top left")):
        if limit is None or (span is not None and not _is_near(limit, span)):
            continue
        line = {"dash": "dash", "color": NEUTRAL, "width": 1.5}
        figure.add_hline(y=limit, line=line, annotation_text=_limit_words(spec, limit), annotation_position=position)


def _style(figure: go.Figure, several: bool) -> None:
    """Transparent ground and neutral lines, so that one figure serves the light and the dark page."""
    axis = {"gridcolor": GRID, "linecolor": GRID, "zeroline": False, "automargin": True, "title_standoff": 8}
    figure.update_layout(
        template="none",
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 12, "color": NEUTRAL},
        showlegend=several,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        hovermode="closest",
        dragmode=False,
        bargap=0.25,
    )
    figure.update_xaxes(**axis, showgrid=False)
    figure.update_yaxes(**axis)
