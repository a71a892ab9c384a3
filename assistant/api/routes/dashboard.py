"""/api/dashboard: the numbers of the main page, as the same results the tools give in chat."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from assistant.api.asked import Asked, Fields, From, To, window_between
from assistant.api.conditional import OnlyIfChanged
from assistant.api.dependencies import Seen
from assistant.api.errors import ERROR_RESPONSES
from tools.analytics.alert_pages import AlertPage
from tools.analytics.alert_rules import AlertSeverity
from tools.analytics.alerts import AlertState
from tools.analytics.cells import CellMeasure, DeviceCells
from tools.analytics.handover import Handover
from tools.analytics.overview import Overview
from tools.analytics.regions import RegionSummary
from tools.analytics.statistics import USUAL_FIELDS, StatisticsReport
from tools.analytics.trend_charts import Step, TrendCharts, TrendStatistic
from tools.clock import Utc
from tools.quantity import Frozen

router = APIRouter(
    prefix="/api/dashboard", tags=["dashboard"], responses=ERROR_RESPONSES, dependencies=[OnlyIfChanged]
)

DAY, MONTH, SHIFT = timedelta(days=1), timedelta(days=30), timedelta(hours=8)
TREND_FIELDS = ("cell_voltage_v", "cell_temperature_c", "soc_pct", "string_current_a")
TimeZone = Annotated[str, Query(alias="timezone", max_length=64, description="IANA zone in which days begin")]


class Regions(Frozen):
    """Regions, the least healthy first."""

    regions: tuple[RegionSummary, ...]


@router.get("/overview")
def overview(board: Seen) -> Overview:
    """Fleet health, standing alerts by severity, freshness, and the devices ranked by how much they need a person."""
    return board.overview()


@router.get("/statistics")
def statistics(
    board: Seen, asked: Asked, fields: Fields = (), start: From = None, end: To = None
) -> StatisticsReport:  # fmt: skip
    """Mean, lowest and highest value of fields per device; the last day where no window is named."""
    return board.statistics(asked, fields or USUAL_FIELDS, window_between(board, start, end, DAY))


@router.get("/trends")
def trends(
    board: Seen,
    asked: Asked,
    fields: Fields = (),
    start: From = None,
    end: To = None,
    statistic: TrendStatistic = "mean",
    step: Annotated[
        Step | None, Query(description="Spacing of the points; by the window's length where none")
    ] = None,
    time_zone: TimeZone = "UTC",
) -> TrendCharts:
    """Series of fields with their limits, a line a device, from hourly rollups; the last day where none is named."""
    from assistant.agent.conversation import known_zone  # noqa: PLC0415  loaded with the assistant

    window = window_between(board, start, end, DAY)
    return board.trends(asked, fields or TREND_FIELDS, window, statistic, step, known_zone(time_zone))


@router.get("/alerts")
def alerts(
    board: Seen,
    asked: Asked,
    severity: Annotated[AlertSeverity | None, Query(description="This severity and worse")] = None,
    state: AlertState | None = None,
    start: From = None,
    end: To = None,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=500)] = 50,
) -> AlertPage:
    """Alerts that stood at some time of the window, what stands first; the last 30 days where none is named."""
    return board.alerts(asked, window_between(board, start, end, MONTH), page, page_size, severity, state)


@router.get("/changes")
def changes(board: Seen, asked: Asked, since: Annotated[Utc | None, Query(description="Eight hours where none")] = None) -> Handover:  # fmt: skip  # noqa: E501
    """What one shift tells the next: alerts raised and cleared, devices gone silent."""
    return board.changes(since or board.now() - SHIFT, asked)


@router.get("/cells")
def cells(board: Seen, device: Annotated[str, Query(max_length=64)], by: CellMeasure = "voltage") -> DeviceCells:
    """Every cell of a device as last measured, the one that stands out most first."""
    return board.cells(device, by)


@router.get("/regions")
def regions(board: Seen) -> Regions:
    """Regions compared: health, alerts, silent devices."""
    return Regions(regions=board.regions())
