"""One number with everything that says what it is; every figure a tool gives is one of these.

The evidence check binds a number in an answer to one quantity: same device or cell, field, statistic, window
and unit. So a result holds no bare numbers a person would repeat.
"""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.clock import Utc

Statistic = Literal[
    "latest", "mean", "min", "max", "range", "count", "first", "last", "increase",
    "difference", "ratio", "percent", "median", "deviation", "duration", "share", "score", "weight",
    "limit_low", "limit_high", "rated", "age",
    "estimate", "interval_low", "interval_high", "probability", "slope", "forecast", "efficiency",
]  # fmt: skip


class Frozen(BaseModel):
    """A result: made once, never changed."""

    model_config = ConfigDict(frozen=True)


class Window(Frozen):
    """A span of time, [start, end), in UTC."""

    start: Utc
    end: Utc

    @property
    def length(self) -> timedelta:
        return self.end - self.start


class Quantity(Frozen):
    """A figure and what it is of. `value` None with `text` None means no data."""

    value: float | None = None
    text: str | None = Field(None, description="The value in words, of fields that are not numbers")
    unit: str = ""
    statistic: Statistic
    field: str | None = None
    device_id: str | None = None
    site_id: str | None = None
    cell_no: int | None = None
    window: Window | None = None
    at: Utc | None = Field(None, description="When the value was taken, UTC")
    rows: int | None = Field(None, description="Readings the figure was made from")

    @property
    def is_known(self) -> bool:
        return self.value is not None or self.text is not None


# Every interval of an estimate or forecast here is one of 90 %.
CONFIDENCE = Quantity(value=90.0, unit="%", statistic="probability", field="confidence")


class Point(Frozen):
    """One point of a series: a moment (or a label) and a value; None leaves a gap."""

    at: Utc | None = None
    label: str | None = None
    value: float | None = None


class Series(Frozen):
    """A line of a chart."""

    name: str
    device_id: str | None = None
    site_id: str | None = None
    field: str
    unit: str
    statistic: Statistic | Literal["raw"]
    points: tuple[Point, ...]


class ChartSpec(Frozen):
    """What a page needs to draw a chart; the drawing itself is the page's."""

    title: str
    kind: Literal["line", "bar"]
    unit: str
    series: tuple[Series, ...]
    limit_low: float | None = None
    limit_high: float | None = None
    window: Window | None = None


class Asked(Frozen):
    """Which data a result was made from."""

    devices: tuple[str, ...]
    fields: tuple[str, ...] = ()
    window: Window | None = None
    rows: int | None = Field(None, description="Readings used")
    rows_not_good: int | None = Field(None, description="Of these, rows of lesser quality")
    coverage: float | None = Field(None, description="Readings there are over readings expected, 0 to 1")
    newest: datetime | None = Field(None, description="Newest reading of these devices, UTC")
    note: str | None = None
