"""What a turn's results say without a figure: which way something moves, whether it is in order, how many there are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Literal

from pydantic import JsonValue

from assistant.agent.turn import CallRecord
from tools.analytics.alert_rules import SEVERITIES
from tools.analytics.alerts import AlertReport
from tools.analytics.anomalies import AnomalyReport
from tools.analytics.events import EventReport
from tools.analytics.forecast import ForecastReport
from tools.analytics.health import HealthReport
from tools.analytics.limits import LimitReport
from tools.analytics.trends import TrendReport
from tools.arithmetic import Calculation
from tools.quantity import Quantity
from tools.telemetry.comparison import Comparison
from tools.telemetry.coverage import CoverageReport
from tools.telemetry.history import FieldHistory
from tools.telemetry.latest import LatestReport

Way = Literal["rising", "falling", "steady"]
_STANDING = frozenset({f"{how} {noun}" for how in ("active", "open", "standing") for noun in ("alert", "alarm")})
_ANOMALIES = frozenset({"anomaly", "fault", "problem", "issue", "unusual", "abnormal", "wrong"})
# Above 95 % charge is information in cycling duty and never a violation on float.
_FULL_IS_FINE = "soc_pct"


@dataclass(frozen=True)
class Moves:
    """A field of a device that rises, falls or is steady."""

    way: Way
    device_id: str | None
    field: str | None


@dataclass(frozen=True)
class InOrder:
    """Something of a device that was judged: its health, a field against its limit, its readings."""

    is_good: bool
    device_id: str | None
    field: str | None = None


@dataclass(frozen=True)
class HowMany:
    """How many of a kind there are on some devices; `kinds` are the words it may be called by."""

    count: float
    kinds: frozenset[str]
    devices: frozenset[str]


Fact = Moves | InOrder | HowMany
Arguments = dict[str, JsonValue]


def facts_of(calls: Sequence[CallRecord]) -> list[Fact]:
    """Every fact of a turn's results."""
    return [fact for call in calls if call.result is not None for fact in _facts(call.result, call.step.arguments)]


@singledispatch
def _facts(result: object, arguments: Arguments) -> Iterator[Fact]:  # noqa: ARG001  most results speak in figures
    yield from ()


@_facts.register
def _(result: TrendReport, arguments: Arguments) -> Iterator[Fact]:  # noqa: ARG001
    for trend in result.devices:
        yield Moves(trend.direction, trend.device_id, result.field)


@_facts.register
def _(result: ForecastReport, arguments: Arguments) -> Iterator[Fact]:  # noqa: ARG001
    for one in result.devices:
        yield from _moved(one.now, one.at_end)


@_facts.register
def _(result: FieldHistory, arguments: Arguments) -> Iterator[Fact]:  # noqa: ARG001
    figures = (*result.figures, *result.context)
    for first in figures:
        if first.statistic == "first":
            last = next(
                (one for one in figures if one.statistic == "last" and one.device_id == first.device_id), None
            )
            yield from _moved(first, last)
    for one in figures:
        if one.statistic == "increase" and one.value is not None:
            yield Moves(_way(one.value), one.device_id, one.field)
    yield from _within(result.figures, result.limits)
    yield from (InOrder(True, state.device_id, state.field) for state in result.states if state.text == "ok")


@_facts.register
def _(result: Comparison, arguments: Arguments) -> Iterator[Fact]:  # noqa: ARG001
    """Two windows of one thing, the later against the earlier."""
    sides = [side.figure for side in result.sides if side.figure.window is not None and side.figure.value is not None]
    if len(sides) == 2 and sides[0].window != sides[1].window:
        earlier, later = sorted(sides, key=lambda one: one.window.start if one.window else 0)
        yield from _moved(earlier, later)


@_facts.register
def _(result: Calculation, arguments: Arguments) -> Iterator[Fact]:  # noqa: ARG001
    """A figure against an earlier one of the same thing."""
    same = (result.left.device_id, result.left.field) == (result.right.device_id, result.right.field)
    if same and result.operation in ("difference", "percent_change") and result.result.value is not None:
        yield Moves(_way(result.result.value), result.left.device_id, result.left.field)


@_facts.register
def _(result: LatestReport, arguments: Arguments) -> Iterator[Fact]:  # noqa: ARG001
    yield from _within((*result.figures, *result.beside), result.limits)


@_facts.register
def _(result: LimitReport, arguments: Arguments) -> Iterator[Fact]:  # noqa: ARG001
    if not result.asked.rows:
        return
    broken = {(one.device_id, one.field) for one in result.violations}
    fields = result.asked.fields or tuple({limit.field for limit in result.limits})
    for device in result.asked.devices:
        yield from (InOrder((device, field) not in broken, device, field) for field in fields)
    for devices in _each_and_all(result.asked.devices):
        count = sum(device in devices for device, _ in broken)
        yield HowMany(count, frozenset({"violation", "excursion", "breach", "outside"}), devices)


@_facts.register
def _(result: HealthReport, arguments: Arguments) -> Iterator[Fact]:  # noqa: ARG001
    for one in result.devices:
        if one.band != "unknown":
            yield InOrder(one.band == "healthy", one.device_id)
        for driver in one.drivers:
            yield InOrder(driver.grade == "ok", one.device_id, driver.measured.field or driver.name)


@_facts.register
def _(result: AlertReport, arguments: Arguments) -> Iterator[Fact]:
    """A list that was asked for by severity or state says nothing of the alerts it leaves out."""
    severity, state = arguments.get("severity"), arguments.get("state")
    wanted = SEVERITIES if severity is None else SEVERITIES[SEVERITIES.index(severity) :]
    for devices in _each_and_all(result.asked.devices):
        mine = [one for one in result.alerts if one.device_id in devices]
        standing = [one for one in mine if one.cleared is None]
        if severity is None and state is None:
            yield HowMany(len(mine), frozenset({"alert", "alarm"}), devices)
        if state is not None:
            yield HowMany(len(mine), frozenset({f"{state} alert", f"{state} alarm"}), devices)
        if severity is None and state in (None, "active"):
            yield HowMany(len(standing), _STANDING, devices)
            yield from (InOrder(not standing, device) for device in devices if len(devices) == 1)
        if state is None:
            for name in wanted:
                yield HowMany(sum(one.severity == name for one in mine), _severe(name), devices)


@_facts.register
def _(result: AnomalyReport, arguments: Arguments) -> Iterator[Fact]:  # noqa: ARG001
    for devices in _each_and_all(result.asked.devices):
        mine = [one for one in result.anomalies if one.device_id in devices]
        yield HowMany(len(mine), _ANOMALIES, devices)
        for party in ("battery", "sensor", "charger", "communication", "site"):
            kinds = frozenset({f"{party} fault", f"{party} problem", f"{party} issue"})
            yield HowMany(sum(one.party == party for one in mine), kinds, devices)
        yield from (InOrder(not mine, device) for device in devices if len(devices) == 1)


@_facts.register
def _(result: EventReport, arguments: Arguments) -> Iterator[Fact]:  # noqa: ARG001
    kinds = {
        "outage": ("outage", "power cut", "blackout", "mains failure", "interruption"),
        "discharge": ("discharge",),
        "deep_discharge": ("deep discharge",),
        "boost": ("boost", "boost charge"),
    }
    yield _how_many(result.count, kinds[result.kind], result.asked.devices)


@_facts.register
def _(result: CoverageReport, arguments: Arguments) -> Iterator[Fact]:  # noqa: ARG001
    for one in result.devices:
        yield _how_many(one.gap_count, ("gap",), (one.device_id,))
        yield InOrder(not one.is_stale, one.device_id)


def _each_and_all(devices: Sequence[str]) -> list[frozenset[str]]:
    """Each device by itself, and where there are several all of them together."""
    alone = [frozenset({device}) for device in devices]
    return alone if len(devices) == 1 else [*alone, frozenset(devices)]


def _severe(severity: str) -> frozenset[str]:
    return frozenset({f"{severity} alert", f"{severity} alarm"})


def _how_many(count: Quantity, kinds: Sequence[str], devices: Sequence[str]) -> HowMany:
    return HowMany(count.value or 0.0, frozenset(kinds), frozenset(devices))


def _moved(first: Quantity, last: Quantity | None) -> Iterator[Moves]:
    if last is not None and first.value is not None and last.value is not None:
        yield Moves(_way(last.value - first.value), last.device_id or first.device_id, last.field or first.field)


def _way(change: float) -> Way:
    return "steady" if change == 0 else "rising" if change > 0 else "falling"


def _within(figures: Sequence[Quantity], limits: Sequence[Quantity]) -> Iterator[InOrder]:
    """Each figure against the limits of its own device and field."""
    for one in figures:
        mine = {
            limit.statistic: limit.value
            for limit in limits
            if (limit.device_id, limit.field) == (one.device_id, one.field)
        }
        low, high = mine.get("limit_low"), mine.get("limit_high")
        if one.value is None or (low is None and high is None):
            continue
        is_low = low is not None and one.value < low
        is_high = high is not None and one.value > high and one.field != _FULL_IS_FINE
        yield InOrder(not (is_low or is_high), one.device_id, one.field)
