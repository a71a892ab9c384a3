"""What happened: mains outages, discharges, deep discharges and boost charges, found in the readings.

An outage is an unbroken run of mains lost or on generator, counted once a site however many devices saw it.
A discharge is string current below -2 % of C10 (or mains lost with the current negative).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import pandas as pd

from tools.errors import NoDataError
from tools.quantity import Asked, Frozen, Quantity, Window
from tools.telemetry.fleet import Device, Fleet
from tools.telemetry.rollups import HOUR
from tools.telemetry.store import ReadingStore
from tools.telemetry.windows import range_hint

EventKind = Literal["outage", "discharge", "deep_discharge", "boost"]
_FIELDS = ("mains_state", "string_current_a", "soc_pct", "charger_mode")
# On battery is a current beyond 2 % of the ten-hour capacity (domain conventions).
DISCHARGE_SHARE_OF_C10 = 0.02
# A discharge is deep when half of the charge or more is gone; IEEE 1188 speaks of deep cycles without a figure.
DEEP_BELOW_SOC = 50.0
MOST_EVENTS = 50


class Event(Frozen):
    """One event at a device, or at a site for outages."""

    kind: EventKind
    name: str
    device_ids: tuple[str, ...]
    site_id: str
    start: datetime
    end: datetime
    is_over: bool
    duration: Quantity
    lowest_soc: Quantity


class EventReport(Frozen):
    """How many events there were, how long they lasted, and each of them, newest last."""

    asked: Asked
    kind: EventKind
    count: Quantity
    total: Quantity
    longest: Event | None = None
    events: tuple[Event, ...]
    per_name: tuple[Quantity, ...]


@dataclass(frozen=True)
class _Run:
    start: datetime
    end: datetime
    is_over: bool
    lowest_soc: float | None


def find_events(
    store: ReadingStore, fleet: Fleet, devices: Sequence[Device], kind: EventKind, window: Window
) -> EventReport:
    """Events of one kind that touch the window, over all devices asked about; outages are named by their site.

    Raises:
        NoDataError: the readings lack the field that would show such events.
    """
    rows = store.rows(_FIELDS, [device.device_id for device in devices], window.start, window.end)
    needed = {"outage": "mains_state", "boost": "charger_mode"}.get(kind, "string_current_a")
    if not rows[needed].notna().any():
        raise NoDataError(
            f"The readings of that window cannot show {_plural(kind)}: they hold no {needed}.",
            range_hint(store, [device.device_id for device in devices]),
        )
    by_device = {
        device.device_id: _runs(rows[rows["device_id"] == device.device_id], device, kind, window)
        for device in devices
    }
    site_names = {site.site_id: site.name for site in fleet.sites}
    events = _site_events(devices, by_device, window, site_names) if kind == "outage" else []
    if kind != "outage":
        for device in devices:
            events += [_event(kind, device.device_id, [device], run, window) for run in by_device[device.device_id]]
    events.sort(key=lambda event: event.start)
    names = {device.device_id: device.device_id for device in devices}
    if kind == "outage":
        names = {device.site_id: site_names[device.site_id] for device in devices}
    return _report(devices, kind, events, window, len(rows), names)


def _plural(kind: EventKind) -> str:
    return {"outage": "mains outages", "boost": "boost charges", "deep_discharge": "deep discharges"}.get(
        kind, "discharges"
    )


def _is_on(rows: pd.DataFrame, device: Device, kind: EventKind) -> pd.Series:
    if kind == "outage":
        return rows["mains_state"].isin(["lost", "generator"])
    if kind == "boost":
        return rows["charger_mode"].isin(["boost", "equalize"])
    current = rows["string_current_a"].astype(float)
    threshold = -DISCHARGE_SHARE_OF_C10 * (device.rated_capacity_ah or 0)
    return (current < threshold) | ((rows["mains_state"] == "lost") & (current < 0))


def _runs(rows: pd.DataFrame, device: Device, kind: EventKind, window: Window) -> list[_Run]:
    """Unbroken runs of the condition; a row holds until the next one, at most two poll intervals."""
    if rows.empty:
        return []
    patience = pd.Timedelta(2 * timedelta(seconds=device.poll_interval_s))
    times = rows["timestamp_utc"]
    following = times.shift(-1).fillna(pd.Timestamp(window.end))
    until = following.where(following - times <= patience, times + patience)
    is_on = _is_on(rows, device, kind).fillna(False).astype(bool)
    number = (is_on != is_on.shift(fill_value=False)).cumsum()
    found = []
    for _, run in rows[is_on].groupby(number[is_on]):
        soc = run["soc_pct"].astype(float).min()
        end = until.loc[run.index[-1]].to_pydatetime()
        found.append(
            _Run(
                start=run["timestamp_utc"].iloc[0].to_pydatetime(),
                end=end,
                is_over=run.index[-1] != rows.index[-1],
                lowest_soc=None if pd.isna(soc) else float(soc),
            )
        )
    if kind == "deep_discharge":
        return [run for run in found if run.lowest_soc is not None and run.lowest_soc < DEEP_BELOW_SOC]
    return found


def _site_events(
    devices: Sequence[Device], by_device: dict[str, list[_Run]], window: Window, site_names: Mapping[str, str]
) -> list[Event]:
    """Outages once a site: overlapping runs of its devices are one."""
    events = []
    for site_id in dict.fromkeys(device.site_id for device in devices):
        mine = [device for device in devices if device.site_id == site_id]
        runs = sorted((run for one in mine for run in by_device[one.device_id]), key=lambda run: run.start)
        joined: list[_Run] = []
        for run in runs:
            if joined and run.start <= joined[-1].end:
                joined[-1] = _join(joined[-1], run)
            else:
                joined.append(run)
        events += [_event("outage", site_names[site_id], mine, run, window) for run in joined]
    return events


def _join(first: _Run, second: _Run) -> _Run:
    charges = [run.lowest_soc for run in (first, second) if run.lowest_soc is not None]
    return _Run(
        start=first.start,
        end=max(first.end, second.end),
        is_over=first.is_over and second.is_over,
        lowest_soc=min(charges, default=None),
    )


def _event(kind: EventKind, name: str, devices: Sequence[Device], run: _Run, window: Window) -> Event:
    about = {
        "device_id": devices[0].device_id if kind != "outage" else None,
        "site_id": devices[0].site_id,
        "window": window,
        "at": run.start,
    }
    hours = round((run.end - run.start) / HOUR, 2)
    return Event(
        kind=kind,
        name=name,
        device_ids=tuple(device.device_id for device in devices),
        site_id=devices[0].site_id,
        start=run.start,
        end=run.end,
        is_over=run.is_over,
        duration=Quantity(value=hours, unit="h", statistic="duration", field=kind, **about),
        lowest_soc=Quantity(value=run.lowest_soc, unit="%", statistic="min", field="soc_pct", **about),
    )


def _report(
    devices: Sequence[Device],
    kind: EventKind,
    events: list[Event],
    window: Window,
    rows: int,
    names: Mapping[str, str],
) -> EventReport:
    about = {"field": kind, "window": window}
    only = devices[0] if len(devices) == 1 else None
    place = {
        "device_id": only.device_id if only else None,
        "site_id": devices[0].site_id if len({device.site_id for device in devices}) == 1 else None,
    }
    hours = sum(event.duration.value or 0 for event in events)
    return EventReport(
        asked=Asked(devices=tuple(device.device_id for device in devices), window=window, rows=rows),
        kind=kind,
        count=Quantity(value=len(events), statistic="count", rows=rows, **about, **place),
        total=Quantity(value=round(hours, 2), unit="h", statistic="duration", rows=rows, **about, **place),
        longest=max(events, key=lambda event: event.end - event.start, default=None),
        events=tuple(events[-MOST_EVENTS:]),
        per_name=tuple(
            Quantity(
                value=sum(event.name == name for event in events),
                text=name,
                statistic="count",
                site_id=key if kind == "outage" else None,
                device_id=None if kind == "outage" else key,
                **about,
            )
            for key, name in names.items()
        ),
    )
