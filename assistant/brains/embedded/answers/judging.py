"""Words for judgements: cells that stand out, limits that were left, events, and health."""

from assistant.brains.embedded.phrasing import (
    Voice,
    bold,
    capital,
    digits,
    event_name,
    figure,
    label,
    listed,
    sentences,
)
from tools.analytics.cells import CellHistory, CellState, WorstCells
from tools.analytics.events import EventReport
from tools.analytics.health import DeviceHealth, HealthReport
from tools.analytics.limits import Limit, LimitReport, Violation

MOST_LINES = 10
_CELL_VALUES = {"voltage": "voltage", "resistance": "resistance", "temperature": "temperature"}


def worst_cells_words(report: WorstCells, voice: Voice) -> str:
    """The worst cell, and for each device the cells that follow."""
    worst, taken = report.worst, report.devices[0].taken
    lead = (
        f"The worst cell by {report.by} is {bold(f'cell {worst.cell_no} of {worst.device_id}')} with "
        f"{bold(figure(getattr(worst, _CELL_VALUES[report.by])))}, {_from_median(worst)} "
        f"({voice.moment(taken)})."
    )
    lines = []
    for device in report.devices[:MOST_LINES]:
        cells = "; ".join(
            f"cell {cell.cell_no}: {figure(getattr(cell, _CELL_VALUES[report.by]))} ({_from_median(cell)})"
            for cell in device.cells
        )
        lines.append(f"- {device.device_id}: {cells}")
    missing = f"No cell readings: {listed(list(report.without_data))}." if report.without_data else None
    return sentences(lead + "\n\n" + "\n".join(lines) + "\n\n", missing)


def _from_median(cell: CellState) -> str:
    value = cell.deviation.value or 0.0
    side = "below" if value < 0 else "above"
    shown = cell.deviation.model_copy(update={"value": abs(value)})
    return f"{figure(shown)} {side} the median of its string"


def cell_history_words(history: CellHistory, voice: Voice) -> str:
    """One cell now and over the window."""
    device, window = history.asked.devices[0], history.asked.window
    latest = history.latest
    beside = None
    if history.deviation is not None and history.string_median is not None and history.deviation.value is not None:
        side = "below" if history.deviation.value < 0 else "above"
        shown = history.deviation.model_copy(update={"value": abs(history.deviation.value)})
        beside = f"It stands {figure(shown)} {side} the median of its string, {figure(history.string_median)}."
    return sentences(
        f"The {history.measure} of cell {history.cell_no} of {device} is {bold(figure(latest))}"
        f"{f' ({voice.moment(latest.at)})' if latest.at else ''}.",
        beside,
        f"{capital(voice.window(window))} it was {figure(history.mean)} on average, lowest {figure(history.lowest)}, "
        f"highest {figure(history.highest)}."
        if window
        else None,
    )


def violations_words(report: LimitReport, voice: Voice) -> str:
    """What was outside which limit, how long, and how far."""
    when = voice.window(report.asked.window) if report.asked.window else ""
    if not report.violations:
        return _no_violations(report, when)
    asked = any(limit.source == "asked" for limit in report.limits)
    count, first = len(report.violations), report.violations[0]
    if asked or report.asked.fields:
        beyond = _beyond(first.limit)
        lead = f"Yes: {label(first.field)} was {beyond} {when}."
    else:
        noun = "value was" if count == 1 else "values were"
        lead = f"{bold(figure(report.violation_count))} {noun} outside their limits {when}."
    lines = [_violation_line(violation, voice) for violation in report.violations[:MOST_LINES]]
    return lead + "\n\n" + "\n".join(lines) + "\n\n"


def _no_violations(report: LimitReport, when: str) -> str:
    if not report.asked.rows:
        return f"There are no readings to judge {when}."
    field = label(report.asked.fields[0]) if report.asked.fields else ""
    devices = report.asked.devices
    whom = devices[0] if len(devices) == 1 else f"any of the {len(devices)} devices"
    if len(report.limits) == 1:
        return f"No: {field} of {whom} was never {_beyond(report.limits[0])} {when} ({report.asked.rows} values)."
    if not field:
        return f"No: nothing of {whom} was outside its limits {when} ({report.asked.rows} values)."
    if not report.limits:
        return f"There is no operating range for {field}, so nothing can be outside it."
    return f"No: {field} of {whom} was never outside its limits {when} ({report.asked.rows} values)."


def _beyond(limit: Limit) -> str:
    low = None if limit.low is None else f"{digits(limit.low, limit.unit, limit.field)} {limit.unit}".strip()
    high = None if limit.high is None else f"{digits(limit.high, limit.unit, limit.field)} {limit.unit}".strip()
    if low and high:
        return f"outside {low} to {high}"
    return f"below {low}" if low else f"above {high}"


def _violation_line(violation: Violation, voice: Voice) -> str:
    extreme = violation.extreme
    word = "highest" if extreme.statistic == "max" else "lowest"
    at = f" at {voice.moment(extreme.at)}" if extreme.at else ""
    return (
        f"- {violation.device_id} {label(violation.field)}: {bold(figure(violation.duration))} "
        f"({figure(violation.share)} of the time, {figure(violation.readings)} readings) {_beyond(violation.limit)}; "
        f"{word} {bold(figure(extreme))}{at}; first {voice.moment(violation.first)}, last {voice.moment(violation.last)}"
    )


def events_words(report: EventReport, voice: Voice) -> str:
    """How many, how long, the longest and the last."""
    when = voice.window(report.asked.window) if report.asked.window else ""
    count = report.count.value or 0
    place = _place(report)
    if not count:
        return f"There were {bold('no')} {event_name(report.kind, 0)}{place} {when}."
    last, longest = report.events[-1], report.longest
    lead = sentences(
        f"There {'was' if count == 1 else 'were'} {bold(figure(report.count))} {event_name(report.kind, count)}{place} "
        f"{when}, {figure(report.total)} in all.",
    )
    lines = []
    if longest is not None and count > 1:
        lines.append(f"- longest: {_where(longest.name)} {voice.moment(longest.start)}, {figure(longest.duration)}")
    ended = f"until {voice.moment(last.end)}" if last.is_over else "and still going on"
    lines.append(f"- last: {_where(last.name)} {voice.moment(last.start)} {ended}, {figure(last.duration)}")
    if last.lowest_soc.value is not None and report.kind != "boost":
        lines[-1] += f", state of charge down to {figure(last.lowest_soc)}"
    counts = [one for one in report.per_name if one.value]
    if len(counts) > 1:
        lines += [f"- {one.text}: {figure(one.model_copy(update={'text': None}))}" for one in counts]
    return lead + "\n\n" + "\n".join(lines) + "\n\n"


def _where(name: str) -> str:
    return f"{name},"


def _place(report: EventReport) -> str:
    if report.count.device_id:
        return f" of {report.count.device_id}"
    return f" at {report.count.site_id}" if report.count.site_id else ""


def health_words(report: HealthReport, voice: Voice) -> str:
    """The score of one device with its reasons; of several, the worst first."""
    if len(report.devices) == 1:
        return _one_health(report.devices[0])
    lines = [_health_line(health) for health in report.devices[:24]]
    attention = [one.device_id for one in report.devices if one.band in ("act", "plan")]
    lead = (
        f"{bold(listed(attention))} need{'s' if len(attention) == 1 else ''} attention first."
        if attention
        else "No device needs attention now."
    )
    when = f" (last day of data, {voice.moment(report.asked.newest)})" if report.asked.newest else ""
    group = report.sites[0] if len(report.sites) == 1 else report.together
    if group is not None and group.score.value is not None:
        whom = f"of {group.site_id}" if len(report.sites) == 1 else "of these devices together"
        lead = f"The health {whom} is {bold(figure(group.score) + ' of 100')} ({group.band}). {lead}"
    return f"{lead} Health{when}, lowest first:\n\n" + "\n".join(lines) + "\n\n"


def _one_health(health: DeviceHealth) -> str:
    if health.score.value is None:
        return f"The health of {health.device_id} is {bold('unknown')}: {health.why}."
    capped = f" The score is capped by the {health.capped_by}." if health.capped_by else ""
    drivers = [
        f"- {driver.name}: {driver.means} ({figure(driver.score)} of 100 points, {driver.grade})"
        for driver in health.drivers
        if driver.grade != "ok"
    ]
    fine = [driver.name for driver in health.drivers if driver.grade == "ok"]
    if fine:
        drivers.append(f"- all right: {listed(fine)}")
    missing = f"Not judged for lack of data: {listed(list(health.unknown))}." if health.unknown else ""
    return (
        f"The health of {health.device_id} is {bold(figure(health.score) + ' of 100')} ({health.band}): "
        f"{health.why}.{capped}\n\n" + "\n".join(drivers) + f"\n\n{missing}"
    )


def _health_line(health: DeviceHealth) -> str:
    if health.score.value is None:
        return f"- {health.device_id}: unknown - {health.why}"
    return f"- {health.device_id}: {bold(figure(health.score))} ({health.band}) - {health.why}"
