"""Words for what is measured: latest values and a field over a window."""

from collections.abc import Sequence
from datetime import datetime

from assistant.brains.embedded.phrasing import Voice, bold, capital, digits, figure, label, listed, sentences
from tools.quantity import Quantity
from tools.telemetry.history import FieldHistory
from tools.telemetry.latest import LatestReport

_STATISTIC_WORDS = {
    "mean": "average", "min": "lowest", "max": "highest", "range": "range of", "count": "values of", "first": "first",
    "last": "last", "increase": "increase of",
}  # fmt: skip
MOST_ROWS = 24


def latest_words(report: LatestReport, voice: Voice) -> str:
    """The newest values: a sentence for one, a list for several devices, a table for more."""
    devices, fields = report.asked.devices, report.asked.fields
    if len(devices) == 1 and len(fields) == 1:
        text = _one_latest(report, voice)
    elif len(devices) == 1:
        text = _one_device(report, voice)
    elif len(fields) == 1:
        text = _one_field(report, voice)
    else:
        text = _table(report, voice)
    return sentences(text, _stale_words(report, voice))


def _one_latest(report: LatestReport, voice: Voice) -> str:
    (value,) = report.figures
    if not value.is_known or value.at is None:
        return f"{value.device_id} has no data for {label(value.field)}."
    beside = [one for one in report.beside if one.is_known]
    return sentences(
        f"The {label(value.field)} of {value.device_id} is {bold(figure(value))} ({voice.moment(value.at)}).",
        f"Its {label(beside[0].field)} is {figure(beside[0])}." if beside else None,
        limit_words(value, report.limits),
    )


def _one_device(report: LatestReport, voice: Voice) -> str:
    known = [value for value in report.figures if value.at]
    if not known:
        return f"{report.asked.devices[0]} has no data yet."
    newest = max(value.at for value in known if value.at)
    lines = [f"Latest values of {bold(report.asked.devices[0])} ({voice.moment(newest)}):", ""]
    for value in (*report.figures, *report.beside):
        older = f" (from {voice.moment(value.at)})" if value.at and value.at != newest else ""
        outside = " - outside its limit" if _side(value, report.limits) else ""
        lines.append(f"- {capital(label(value.field))}: {bold(figure(value))}{older}{outside}")
    return "\n".join(lines) + "\n\n"


def _one_field(report: LatestReport, voice: Voice) -> str:
    name, values = report.asked.fields[0], [value for value in report.figures if value.at]
    if not values:
        return f"There is no data for {label(name)}."
    newest = max(value.at for value in values if value.at)
    lines = [f"{capital(label(name))}, latest values ({voice.moment(newest)}):", ""]
    for value in report.figures[:MOST_ROWS]:
        outside = " - outside its limit" if _side(value, report.limits) else ""
        lines.append(f"- {value.device_id}: {bold(figure(value))}{outside}")
    return "\n".join(lines) + "\n\n" + (_extremes(values) or "")


def _extremes(values: Sequence[Quantity]) -> str | None:
    numbers = [value for value in values if value.value is not None]
    if len(numbers) < 3:
        return None
    low = min(numbers, key=lambda value: value.value or 0)
    high = max(numbers, key=lambda value: value.value or 0)
    if low.value == high.value:
        return None
    return f"Highest is {high.device_id} with {figure(high)}; lowest is {low.device_id} with {figure(low)}."


def _table(report: LatestReport, voice: Voice) -> str:
    fields, devices = report.asked.fields, report.asked.devices
    by_place = {(value.device_id, value.field): value for value in report.figures}
    newest = max((value.at for value in report.figures if value.at), default=None)
    head = f"Latest values{f' ({voice.moment(newest)})' if newest else ''}:\n\n"
    rows = ["| device | " + " | ".join(label(field) for field in fields) + " |", "|---" * (len(fields) + 1) + "|"]
    for device in devices[:MOST_ROWS]:
        rows.append(f"| {device} | " + " | ".join(figure(by_place[device, field]) for field in fields) + " |")
    return head + "\n".join(rows) + "\n\n"


def _stale_words(report: LatestReport, voice: Voice) -> str | None:
    if not report.stale:
        return None
    times = {value.device_id: value.at for value in report.figures if value.at}
    silent: dict[datetime, list[str]] = {}
    for device in report.stale:
        if (last := times.get(device)) is not None:
            silent.setdefault(last, []).append(device)
    parts = [
        f"{listed(devices)} {'has' if len(devices) == 1 else 'have'} not been heard from since {voice.moment(last)}, "
        f"so {'its' if len(devices) == 1 else 'their'} values are old."
        for last, devices in list(silent.items())[:4]
    ]
    return " ".join(parts) or None


def bounds(value: Quantity, limits: Sequence[Quantity]) -> tuple[Quantity | None, Quantity | None]:
    """Lower and upper limit of a figure's own device and field."""
    mine = [one for one in limits if one.device_id == value.device_id and one.field == value.field]
    low = next((one for one in mine if one.statistic == "limit_low"), None)
    high = next((one for one in mine if one.statistic == "limit_high"), None)
    return low, high


def _side(value: Quantity, limits: Sequence[Quantity]) -> str | None:
    low, high = bounds(value, limits)
    if value.value is None:
        return None
    if low is not None and low.value is not None and value.value < low.value:
        return "below"
    # Above 95 % charge is information in cycling duty and never a violation on float.
    if high is not None and high.value is not None and value.value > high.value and value.field != "soc_pct":
        return "above"
    return None


def limit_words(value: Quantity, limits: Sequence[Quantity]) -> str | None:
    """What a figure means against its operating range."""
    low, high = bounds(value, limits)
    if value.value is None or (low is None and high is None):
        return None
    side = _side(value, limits)
    if side == "below" and low is not None:
        return f"That is {bold('below')} its limit of {figure(low)}."
    if side == "above" and high is not None:
        return f"That is {bold('above')} its limit of {figure(high)}."
    if value.field == "soc_pct" and low is not None:
        return f"That is above its lower limit of {figure(low)}."
    if low is not None and high is not None and low.value is not None:
        return f"That is within its limits of {digits(low.value, low.unit, low.field)} to {figure(high)}."
    only = low or high
    return f"That is within its limit of {figure(only)}." if only else None


def history_words(history: FieldHistory, voice: Voice) -> str:
    """One statistic over a window, with what stands beside it."""
    window = history.asked.window
    when = voice.window(window) if window else ""
    if history.states:
        return sentences(_states_words(history, when), _note(history))
    is_one = len(history.figures) == 1
    text = _one_history(history, when, voice) if is_one else _several_histories(history, when)
    return sentences(text, _quality_words(history), _note(history))


def _one_history(history: FieldHistory, when: str, voice: Voice) -> str:
    (value,) = history.figures
    subject = f"{_statistic_words(history)} {label(history.field)} of {value.device_id}"
    if value.value is None:
        return f"{value.device_id} has no data for {label(history.field)} {when}."
    at = f", at {voice.moment(value.at)}" if value.at and history.statistic in ("min", "max") else ""
    beside = _beside(history)
    return sentences(
        f"The {subject} was {bold(figure(value))} {when}{at}, from {value.rows} readings.",
        limit_words(value, history.limits) if history.statistic in ("mean", "min", "max", "last") else None,
        beside,
    )


def _statistic_words(history: FieldHistory) -> str:
    words = _STATISTIC_WORDS[history.statistic]
    return f"{words} {history.direction}" if history.direction else words


def _beside(history: FieldHistory) -> str | None:
    named = {one.statistic: one for one in history.context}
    if history.direction or history.statistic in ("count", "increase", "first", "last"):
        return None
    low, mean, high = named.get("min"), named.get("mean"), named.get("max")
    if low is None or mean is None or high is None:
        return None
    others = {
        "mean": f"It ran from {figure(low)} to {figure(high)}.",
        "range": f"It ran from the lowest, {figure(low)}, to the highest, {figure(high)}.",
    }
    return others.get(history.statistic, f"Its average was {figure(mean)}.")


def _several_histories(history: FieldHistory, when: str) -> str:
    known = [value for value in history.figures if value.value is not None]
    name = label(history.field)
    lead = ""
    if history.overall is not None:
        lead = f"The {_statistic_words(history)} {name} over {len(known)} devices was {bold(figure(history.overall))} {when}"
        best = _holder(history, known)
        lead += f", at {best.device_id}." if best is not None else "."
    else:
        lead = f"{capital(_statistic_words(history))} {name} {when}:"
    lines = [f"- {value.device_id}: {figure(value)}" for value in history.figures[:MOST_ROWS]]
    return lead + "\n\n" + "\n".join(lines) + "\n\n"


def _holder(history: FieldHistory, known: Sequence[Quantity]) -> Quantity | None:
    """Whose figure the overall lowest or highest is."""
    if history.statistic not in ("min", "max") or history.overall is None:
        return None
    return next((value for value in known if value.value == history.overall.value), None)


def _states_words(history: FieldHistory, when: str) -> str:
    lines = [f"{capital(label(history.field))} {when}:", ""]
    for device in dict.fromkeys(state.device_id for state in history.states):
        mine = [state for state in history.states if state.device_id == device]
        held = ", ".join(
            f"{(state.text or '').replace('_', ' ')} for {digits(state.value or 0, 'h')} h" for state in mine
        )
        lines.append(f"- {device}: {held}")
    return "\n".join(lines) + "\n\n"


def _quality_words(history: FieldHistory) -> str | None:
    not_good = history.asked.rows_not_good
    if not not_good:
        return None
    return f"{not_good} of the rows in those hours {'was' if not_good == 1 else 'were'} of lesser quality."


def _note(history: FieldHistory) -> str | None:
    return f"({capital(history.asked.note)}.)" if history.asked.note else None
