"""Words for estimates: state of health and risk, runtime, forecasts, trends and efficiency."""

from assistant.brains.embedded.phrasing import Voice, bold, figure, label, sentences
from tools.analytics.efficiency import DeviceEfficiency, EfficiencyReport
from tools.analytics.forecast import DeviceForecast, ForecastReport
from tools.analytics.runtime import DeviceRuntime, RuntimeReport
from tools.analytics.soh import DeviceSoh, SohReport
from tools.analytics.trends import DeviceTrend, TrendReport
from tools.quantity import Quantity

MOST_LINES = 24


def soh_words(report: SohReport, _voice: Voice) -> str:
    """Our estimate with its interval, what it rests on, and the risk; of several, the lowest first."""
    if len(report.devices) == 1:
        return _one_soh(report.devices[0], report.end_of_life)
    lines = [f"- {one.device_id}: {_short_soh(one)}" for one in report.devices[:MOST_LINES]]
    return "Our estimate of state of health (90 % interval), lowest first:\n\n" + "\n".join(lines) + "\n\n"


def _one_soh(one: DeviceSoh, end_of_life: Quantity) -> str:
    if one.soh.value is None:
        return f"The state of health of {one.device_id} {one.why}."
    risks = "; ".join(f"{figure(risk.probability)} in {risk.weeks} weeks" for risk in one.risks)
    signals = [
        f"- {signal.name}: {figure(signal.says)} (weight {figure(signal.weight)}) - {signal.means}"
        for signal in one.signals
    ]
    lead = f"We estimate the state of health of {one.device_id} at {_short_soh(one)}: {one.why}."
    is_below = one.high.value is not None and one.high.value < (end_of_life.value or 0)
    fate = (
        f"It is below {figure(end_of_life)}, the usual end of life, already."
        if is_below
        else f"Risk of falling below {figure(end_of_life)}: {risks}."
    )
    return sentences(lead, fate) + "\n\n" + "\n".join(signals) + "\n\n"


def _short_soh(one: DeviceSoh) -> str:
    if one.soh.value is None:
        return one.why
    return f"{bold(figure(one.soh))} ({figure(one.low)} to {figure(one.high)})"


def runtime_words(report: RuntimeReport, _voice: Voice) -> str:
    """Hours to disconnect with their interval, shortest first."""
    lines = [_runtime_line(one) for one in report.devices[:MOST_LINES]]
    refused = "".join(f"\n- {reason}" for reason in report.refused)
    if len(lines) == 1:
        return f"Estimated runtime of {lines[0]}.{refused}"
    lead = "Estimated runtime to low-voltage disconnect, shortest first:"
    return f"{lead}\n\n- " + "\n- ".join(lines) + f"{refused}\n\n"


def _runtime_line(one: DeviceRuntime) -> str:
    load = "the present load of " if one.is_present_load else ""
    reported = (
        f"; the monitor itself reports {figure(one.reported)}"
        if one.reported and one.reported.value is not None
        else ""
    )
    return (
        f"{one.device_id}: {bold(figure(one.runtime))} ({figure(one.low)} to {figure(one.high)}) "
        f"at {load}{figure(one.load)}, {one.why}{reported}"
    )


def forecast_words(report: ForecastReport, voice: Voice) -> str:
    """The value at the end of the horizon with its interval, and the time to the limit that was named."""
    lines = [_forecast_line(one, voice) for one in report.devices[:MOST_LINES]]
    lead = f"Forecast of {label(report.field)} (90 % interval):\n\n- "
    refused = "".join(f"\n- {reason}" for reason in report.refused)
    return lead + "\n- ".join(lines) + refused + "\n\n"


def _forecast_line(one: DeviceForecast, voice: Voice) -> str:
    at = f" by {voice.moment(one.at_end.at)}" if one.at_end.at else ""
    line = f"{one.device_id}: {bold(figure(one.at_end))} ({figure(one.low)} to {figure(one.high)}){at}"
    if one.limit is None:
        return line
    if one.limit.likely.value is None:
        return line + "; the limit is not reached in that time" + _perhaps(one)
    latest = figure(one.limit.latest) if one.limit.latest.value is not None else "later than that"
    earliest = figure(one.limit.earliest)
    return line + f"; the limit is reached in about {figure(one.limit.likely)} ({earliest} to {latest})"


def _perhaps(one: DeviceForecast) -> str:
    if one.limit is None or one.limit.earliest.value is None:
        return ""
    return f", at the earliest in {figure(one.limit.earliest)}"


def trend_words(report: TrendReport, voice: Voice) -> str:
    """The direction and the slope of each device."""
    when = f" {voice.window(report.asked.window)}" if report.asked.window else ""
    lines = [_trend_line(one) for one in report.devices[:MOST_LINES]]
    refused = "".join(f"\n- {reason}" for reason in report.refused)
    return f"Trend of {label(report.field)}{when} (90 % interval):\n\n- " + "\n- ".join(lines) + refused + "\n\n"


def _trend_line(one: DeviceTrend) -> str:
    return (
        f"{one.device_id}: {bold(one.direction)}, {figure(one.per_week)} a week "
        f"({figure(one.low_per_week)} to {figure(one.high_per_week)})"
    )


def efficiency_words(report: EfficiencyReport, voice: Voice) -> str:
    """Charge and charger efficiency of each device."""
    when = f" {voice.window(report.asked.window)}" if report.asked.window else ""
    lines = [_efficiency_line(one) for one in report.devices[:MOST_LINES]]
    return f"Efficiency{when}:\n\n- " + "\n- ".join(lines) + "\n\n"


def _efficiency_line(one: DeviceEfficiency) -> str:
    charger = bold(figure(one.charger)) if one.charger.value is not None else "no data"
    charge = bold(figure(one.charge)) if one.charge.value is not None else "no data"
    return f"{one.device_id}: charger {charger}, battery charge out over in {charge} ({one.why})"
