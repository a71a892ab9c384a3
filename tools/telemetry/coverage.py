"""How complete and how fresh the data of each device is, and where it has gaps."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from tools.quantity import Asked, Frozen, Quantity, Window
from tools.telemetry.fields import rollup_fields
from tools.telemetry.fleet import Device
from tools.telemetry.rollups import HOUR
from tools.telemetry.store import LatestValue, ReadingStore, by_device

MOST_GAPS = 20


class Gap(Frozen):
    """A time in which a device was not heard for longer than two poll intervals."""

    start: datetime
    end: datetime
    length: Quantity


class DeviceCoverage(Frozen):
    """What one device delivered over a window, and when it was last heard."""

    device_id: str
    site_id: str
    rows: Quantity
    expected: Quantity
    coverage: Quantity
    not_good: Quantity
    good: Quantity
    missing_fields: tuple[str, ...] = ()
    gap_count: Quantity
    longest_gap: Gap | None = None
    gaps: tuple[Gap, ...]
    last_heard: Quantity
    age: Quantity
    is_stale: bool
    link: str | None = None


class SiteQuality(Frozen):
    """Share of good rows of all devices of a site over the rows expected."""

    site_id: str
    good: Quantity


class CoverageReport(Frozen):
    """Coverage and freshness of every device asked about."""

    asked: Asked
    devices: tuple[DeviceCoverage, ...]
    stale: tuple[str, ...]
    sites: tuple[SiteQuality, ...] = ()


def find_coverage(store: ReadingStore, devices: Sequence[Device], window: Window, now: datetime) -> CoverageReport:
    """Coverage over [start, end) against the poll interval of each device, gaps, and the age of its last row."""
    ids = [device.device_id for device in devices]
    newest = store.newest(ids)
    links = by_device(store.latest(["bms_comm_status"], ids))
    missing = _missing_fields(store, ids, window)
    found = tuple(
        _device_coverage(store, device, window, now, newest.get(device.device_id), links).model_copy(
            update={"missing_fields": missing[device.device_id]}
        )
        for device in devices
    )
    return CoverageReport(
        asked=Asked(
            devices=tuple(ids),
            window=window,
            rows=int(sum(one.rows.value or 0 for one in found)),
            newest=max(newest.values()) if newest else None,
        ),
        devices=found,
        stale=tuple(one.device_id for one in found if one.is_stale),
        sites=_site_quality(found, window),
    )


def _site_quality(found: Sequence[DeviceCoverage], window: Window) -> tuple[SiteQuality, ...]:
    qualities = []
    for site_id in dict.fromkeys(one.site_id for one in found):
        mine = [one for one in found if one.site_id == site_id]
        good = sum((one.rows.value or 0) - (one.not_good.value or 0) for one in mine)
        expected = sum(one.expected.value or 0 for one in mine)
        share = Quantity(
            value=round(min(100.0, 100 * good / expected), 1) if expected else None,
            unit="%",
            statistic="share",
            site_id=site_id,
            window=window,
        )
        qualities.append(SiteQuality(site_id=site_id, good=share))
    return tuple(qualities)


def _missing_fields(store: ReadingStore, ids: Sequence[str], window: Window) -> dict[str, tuple[str, ...]]:
    """For each device the fields kept by the hour that hold no value in the hours of the window."""
    counts = store.value_counts(ids, window.start, window.end)
    return {
        device_id: tuple(field for field in rollup_fields() if not counts.get(device_id, {}).get(field))
        for device_id in ids
    }


def _device_coverage(
    store: ReadingStore,
    device: Device,
    window: Window,
    now: datetime,
    last: datetime | None,
    links: dict[str, dict[str, LatestValue]],
) -> DeviceCoverage:
    poll = timedelta(seconds=device.poll_interval_s)
    end = min(window.end, now)
    rows = store.rows(["data_quality"], [device.device_id], window.start, end)
    times = [moment.to_pydatetime() for moment in rows["timestamp_utc"]]
    expected = max(1, int((end - window.start) / poll))
    gaps = _gaps(device, times, window.start, end, poll)
    not_good = int((rows["data_quality"].notna() & (rows["data_quality"] != "good")).sum())
    about = {"device_id": device.device_id, "site_id": device.site_id, "window": window}
    link = links.get(device.device_id, {}).get("bms_comm_status")
    return DeviceCoverage(
        device_id=device.device_id,
        site_id=device.site_id,
        rows=Quantity(value=len(times), statistic="count", **about),
        expected=Quantity(value=expected, statistic="count", **about),
        coverage=Quantity(
            value=round(min(100.0, 100 * len(times) / expected), 1),
            unit="%",
            statistic="share",
            rows=len(times),
            **about,
        ),
        not_good=Quantity(value=not_good, statistic="count", **about),
        good=Quantity(
            value=round(min(100.0, 100 * (len(times) - not_good) / expected), 1),
            unit="%",
            statistic="share",
            rows=len(times),
            **about,
        ),
        gap_count=Quantity(value=len(gaps), statistic="count", **about),
        longest_gap=max(gaps, key=lambda gap: gap.end - gap.start) if gaps else None,
        gaps=tuple(gaps[-MOST_GAPS:]),
        last_heard=Quantity(
            text="heard" if last else None,
            statistic="last",
            at=last,
            device_id=device.device_id,
            site_id=device.site_id,
        ),
        age=Quantity(
            value=round((now - last).total_seconds() / 60, 1) if last else None,
            unit="min",
            statistic="duration",
            device_id=device.device_id,
            site_id=device.site_id,
        ),
        is_stale=last is None or now - last > 2 * poll,
        link=str(link.value) if link and link.value is not None else None,
    )


def _gaps(device: Device, times: Sequence[datetime], start: datetime, end: datetime, poll: timedelta) -> list[Gap]:
    edges = [start, *times, end]
    return [
        Gap(
            start=before,
            end=after,
            length=Quantity(
                value=round((after - before) / HOUR, 2),
                unit="h",
                statistic="duration",
                device_id=device.device_id,
                site_id=device.site_id,
            ),
        )
        for before, after in pairwise(edges)
        if after - before > 2 * poll
    ]
