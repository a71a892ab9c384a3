"""Charts of answers: limits, units, zones, gaps and colours."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import plotly.graph_objects as go
import pytest

from assistant.ui.charts import PALETTE, draw
from tools.quantity import ChartSpec, Point, Series

MIDNIGHT = datetime(2026, 3, 30, tzinfo=UTC)


def line(values: Sequence[float | None], name: str = "D03") -> Series:
    """A series with a value each hour from midnight UTC."""
    points = tuple(Point(at=MIDNIGHT + timedelta(hours=hour), value=value) for hour, value in enumerate(values))
    return Series(name=name, field="cell_temperature_c", unit="°C", statistic="mean", points=points)


def bars(values: Sequence[float | None]) -> Series:
    """A series with a value for each cell."""
    points = tuple(Point(label=str(cell), value=value) for cell, value in enumerate(values, start=1))
    return Series(name="D02", field="cell_voltage_v", unit="V", statistic="latest", points=points)


def chart(*series: Series, kind: Literal["line", "bar"] = "line", **limits: float) -> ChartSpec:
    """A chart of some series."""
    return ChartSpec(title="Cell temperature", kind=kind, unit=series[0].unit, series=series, **limits)


def layout(figure: go.Figure) -> dict[str, Any]:
    """The layout of a figure as it reaches the browser."""
    made: dict[str, Any] = figure.to_plotly_json()["layout"]
    return made


def test_axis_shows_the_unit() -> None:
    assert layout(draw(chart(line([20, 21]))).figure)["yaxis"]["title"]["text"] == "°C"


def test_times_are_drawn_on_the_clock_of_the_asker() -> None:
    figure = draw(chart(line([20, 21])), "Europe/Oslo").figure
    assert list(figure.data[0].x) == ["2026-03-30 02:00:00", "2026-03-30 03:00:00"]


def test_time_axis_names_the_zone() -> None:
    axis = layout(draw(chart(line([20, 21])), "Europe/Oslo").figure)["xaxis"]
    assert axis["title"]["text"] == "Time (Europe/Oslo)"


def test_missing_value_leaves_a_gap() -> None:
    trace = draw(chart(line([20, None, 21]))).figure.data[0]
    assert (list(trace.y), trace.connectgaps) == ([20, None, 21], False)


def test_value_alone_between_gaps_is_marked() -> None:
    values = [20.0] * 50 + [None, 21.0, None] + [20.0] * 50
    sizes = draw(chart(line(values))).figure.data[0].marker.size
    assert [place for place, size in enumerate(sizes) if size] == [51]


def test_limit_near_the_data_is_a_dashed_line_with_its_value() -> None:
    made = layout(draw(chart(line([46, 49]), limit_high=50)).figure)
    assert (made["shapes"][0]["line"]["dash"], made["shapes"][0]["y0"]) == ("dash", 50)
    assert made["annotations"][0]["text"] == "Limit 50 °C"


def test_limit_far_from_the_data_is_said_and_not_drawn() -> None:
    drawing = draw(chart(line([20.0, 20.4]), limit_low=5, limit_high=50))
    assert "shapes" not in layout(drawing.figure)
    assert drawing.note == "Limit 5 °C, Limit 50 °C outside this chart"


def test_bars_that_hardly_differ_say_that_the_axis_is_cut() -> None:
    made = layout(draw(chart(bars([2.14, 2.29]), kind="bar")).figure)
    assert made["yaxis"]["title"]["text"] == "V (axis does not start at 0)"
    assert made["yaxis"]["range"][0] > 2


def test_bars_that_differ_much_start_at_zero() -> None:
    assert "range" not in layout(draw(chart(bars([1, 4]), kind="bar")).figure)["yaxis"]


def test_lines_have_colours_of_their_own_and_a_legend() -> None:
    figure = draw(chart(*(line([20, 21], f"D0{number}") for number in range(1, 8)))).figure
    assert [trace.line.color for trace in figure.data] == list(PALETTE)
    assert layout(figure)["showlegend"] is True


def test_one_line_needs_no_legend() -> None:
    assert layout(draw(chart(line([20, 21]))).figure)["showlegend"] is False


def test_chart_without_any_value_is_drawn_empty() -> None:
    assert list(draw(chart(line([None, None]), limit_high=50)).figure.data[0].y) == [None, None]


@pytest.mark.parametrize("kind", ["line", "bar"])
def test_name_of_a_series_is_text_not_markup(kind: Literal["line", "bar"]) -> None:
    name = '<a href="http://example.com">D03</a>'
    figure = draw(chart(line([20, 21], name), kind=kind)).figure
    assert figure.data[0].name == '&lt;a href="http://example.com"&gt;D03&lt;/a&gt;'
