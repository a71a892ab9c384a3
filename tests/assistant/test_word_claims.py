"""Claims without digits are held against the turn's results as figures are."""

from datetime import UTC, datetime, timedelta

import pytest

from assistant.agent.answer import ToolStep
from assistant.agent.evidence import check_answer
from assistant.agent.turn import CallRecord
from tools.analytics.alerts import Alert, AlertReport
from tools.analytics.limits import Limit, LimitReport
from tools.analytics.trends import DeviceTrend, TrendReport
from tools.quantity import Asked, Frozen, Quantity, Window
from tools.telemetry.latest import LatestReport

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
MONTH = Window(start=NOW - timedelta(days=30), end=NOW)
FIELD = "cell_temperature_c"


def unsupported(sentence: str, *results: Frozen, asked: datetime | None = NOW) -> tuple[str, ...]:
    calls = [
        CallRecord(
            ToolStep(
                id=f"call_{number}",
                name="tool",
                arguments={},
                status="ok",
                duration_ms=1.0,
                result=result.model_dump(mode="json"),
            ),
            result,
        )
        for number, result in enumerate(results)
    ]
    return check_answer(sentence, "what about it", calls, "UTC", asked).unsupported


def quantity(value: float, statistic: str, device: str = "D03", unit: str = "°C", field: str = FIELD) -> Quantity:
    return Quantity.model_validate(
        {
            "value": value,
            "unit": unit,
            "statistic": statistic,
            "field": field,
            "device_id": device,
            "window": MONTH,
            "at": NOW - timedelta(days=2),
        }
    )


def trend(device: str, direction: str) -> DeviceTrend:
    slope = quantity(0.1, "slope", device)
    return DeviceTrend.model_validate(
        {
            "device_id": device,
            "site_id": "S01",
            "per_day": slope,
            "per_week": slope,
            "low_per_week": slope,
            "high_per_week": slope,
            "first": quantity(20.0, "first", device),
            "last": quantity(23.0, "last", device),
            "direction": direction,
        }
    )


TRENDS = TrendReport(
    asked=Asked(devices=("D03", "D05"), fields=(FIELD,), window=MONTH),
    field=FIELD,
    confidence=quantity(90.0, "probability", unit="%"),
    devices=(trend("D03", "rising"), trend("D05", "steady")),
)
ALERT = Alert(
    alert_id=7,
    device_id="D05",
    site_id="S01",
    name="T_HIGH",
    means="a post is hot",
    severity="major",
    state="active",
    began=NOW - timedelta(hours=3),
    raised=NOW - timedelta(hours=2),
    worst=quantity(46.0, "max", "D05"),
)
ALERTS = AlertReport(
    asked=Asked(devices=("D03", "D05"), window=MONTH),
    alerts=(ALERT,),
    count=Quantity(value=1, statistic="count", field="alerts"),
    active_count=Quantity(value=1, statistic="count", field="alerts", text="standing"),
    by_severity=(Quantity(value=1, statistic="count", field="alerts", text="major"),),
)
LIMITS = LimitReport(
    asked=Asked(devices=("D03",), fields=(FIELD,), window=MONTH, rows=2880),
    limits=(Limit(field=FIELD, unit="°C", low=5.0, high=50.0, source="operating range"),),
    violations=(),
    violation_count=Quantity(value=0, statistic="count", window=MONTH),
)
LATEST = LatestReport(
    asked=Asked(devices=("D03",), fields=(FIELD,)),
    figures=(quantity(23.0, "latest"),),
    beside=(),
    limits=(quantity(50.0, "limit_high"),),
)


@pytest.mark.parametrize(
    ("sentence", "result"),
    [
        ("The cell temperature of D03 is rising.", TRENDS),
        ("D05 is steady while D03 is rising.", TRENDS),
        ("D03 is not falling.", TRENDS),
        ("There are no alerts on D03.", ALERTS),
        ("D05 has one alert, which is still active.", ALERTS),
        ("There is no critical alert.", ALERTS),
        ("D03 stayed within its limits.", LIMITS),
        ("There were no violations of D03.", LIMITS),
        ("D03 is below 30 °C.", LATEST),
        ("If D03 is rising, look at the room first.", LATEST),
        ("Would you like to know whether D03 is rising?", LATEST),
    ],
)
def test_words_that_the_results_bear_out_stay(sentence: str, result: Frozen) -> None:
    assert unsupported(sentence, result) == ()


@pytest.mark.parametrize(
    ("sentence", "result"),
    [
        ("The cell temperature of D03 is falling.", TRENDS),
        ("Both D03 and D05 are rising.", TRENDS),
        ("D03 is rising.", LATEST),
        ("There are no alerts on D05.", ALERTS),
        ("D05 has two alerts.", ALERTS),
        ("The alert of D05 has cleared.", ALERTS),
        ("The alert of D05 is critical.", ALERTS),
        ("D03 is drying out.", ALERTS),
        ("D05 is hot because its fan has failed.", ALERTS),
        ("There are no anomalies on D03.", LIMITS),
        ("D07 is within its limits.", LIMITS),
        ("D03 is above 30 °C.", LATEST),
        ("D03 is at 23.0 °C, just under its limit of 45 °C.", LATEST),
        ("I have acknowledged the alert.", ALERTS),
        ("The alert has been closed.", ALERTS),
    ],
)
def test_words_that_nothing_bears_out_are_withheld(sentence: str, result: Frozen) -> None:
    assert unsupported(sentence, result) != ()


def test_a_figure_of_another_window_is_withheld() -> None:
    month = quantity(23.0, "mean")
    report = LatestReport(asked=Asked(devices=("D03",)), figures=(month,), beside=(), limits=())
    assert unsupported("D03 averaged 23.0 °C over the last 30 days.", report) == ()
    assert unsupported("D03 averaged 23.0 °C yesterday.", report) != ()


@pytest.mark.parametrize(
    "sentence",
    [
        "D03 peaked at 23.0 °C on 29 March at 12:00 UTC.",
        "The highest value, 23.0 °C, came on 2026-03-29.",
        "The highest was 73.4 °F.",
    ],
)
def test_times_and_units_may_be_said_in_other_ways(sentence: str) -> None:
    report = LatestReport(asked=Asked(devices=("D03",)), figures=(quantity(23.0, "max"),), beside=(), limits=())
    assert unsupported(sentence, report) == ()


def test_the_time_of_an_extreme_is_its_own() -> None:
    low, high = quantity(19.0, "min"), quantity(23.0, "max").model_copy(update={"at": NOW - timedelta(days=5)})
    report = LatestReport(asked=Asked(devices=("D03",)), figures=(low, high), beside=(), limits=())
    assert unsupported("The lowest of D03 was 19.0 °C on 29 March.", report) == ()
    assert unsupported("The lowest of D03 was 19.0 °C on 26 March.", report) != ()
