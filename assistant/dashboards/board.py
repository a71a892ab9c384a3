"""What dashboards and their REST endpoints show of the telemetry one person may see, computed once per data version."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from assistant.dashboards.health_book import HealthBook
from assistant.dashboards.kept import KeptResults
from tools.analytics.alert_pages import AlertPage, page_alerts
from tools.analytics.alert_rules import AlertSeverity
from tools.analytics.alerts import AlertReport, AlertState, list_alerts, open_findings
from tools.analytics.cells import CellHistory, CellMeasure, DeviceCells, cell_history, find_worst_cells
from tools.analytics.data_version import DataVersion, read_version, stored_marks
from tools.analytics.device_analysis import DeviceAnalysis, analyse_device
from tools.analytics.handover import Handover, find_changes
from tools.analytics.health import HealthReport, report_health
from tools.analytics.overview import SHOWN_FIELDS, Overview, make_overview
from tools.analytics.regions import RegionSummary, compare_regions
from tools.analytics.statistics import StatisticsReport, find_statistics
from tools.analytics.trend_charts import Step, TrendCharts, TrendStatistic, draw_trends
from tools.clock import Clock
from tools.quantity import Window
from tools.telemetry.fleet import Device, Fleet
from tools.telemetry.latest import LatestReport, latest_readings
from tools.telemetry.names import chosen_devices, find_device
from tools.telemetry.rollups import HOUR, floor_hour
from tools.telemetry.store import ReadingStore

Judged = TypeVar("Judged")
# A judgement of the last day moves with the clock as well as with the data, but not within so short a time.
JUDGED_FOR = timedelta(minutes=5)


@dataclass(frozen=True)
class Chosen:
    """Devices by name, those of sites by name, or all of them where neither is named."""

    devices: Sequence[str] = ()
    sites: Sequence[str] = ()


ALL = Chosen()


class Board:
    """Everything a dashboard shows. Made for each request, since its store holds what that person may see."""

    def __init__(self, store: ReadingStore, clock: Clock, kept: KeptResults, book: HealthBook) -> None:
        self._store = store
        self._clock = clock
        self._kept = kept
        self._book = book
        self._version: DataVersion | None = None
        self._fleet: Fleet | None = None

    def now(self) -> datetime:
        """The present, UTC."""
        return self._clock.now()

    def version(self) -> DataVersion:
        """What differs once the data has changed, read anew; what is asked next is answered as of it."""
        found = read_version(self._store.database)
        if self._version is None or found.stored != self._version.stored:
            self._fleet = None
        self._version = found
        return found

    @property
    def store(self) -> ReadingStore:
        """The telemetry this person may see."""
        return self._store

    def fleet(self) -> Fleet:
        """Sites and devices."""
        if self._fleet is None:
            self._fleet = self._store.fleet()
        return self._fleet

    def overview(self) -> Overview:
        """The fleet at a glance; how fresh the data is, is told as of this minute."""
        fleet, version, now = self.fleet(), self._seen(), self.now()
        ids = _ids(fleet.devices)
        health = self._health(fleet.devices, version, now)

        def made() -> Overview:
            latest = latest_readings(self._store, fleet.devices, SHOWN_FIELDS, now)
            standing = self._standing(fleet.devices, version, now)
            return make_overview(fleet, health, standing, latest, self._heard(fleet.devices, version), now)

        state = (version, self._book.generation, now.replace(second=0, microsecond=0))
        return self._kept.get(("overview", *ids), state, made)

    def health(self, chosen: Chosen = ALL) -> HealthReport:
        """Health of devices with what lowers it."""
        return self._health(self.devices(chosen), self._seen(), self.now())

    def standing_alerts(self, chosen: Chosen = ALL) -> AlertReport:
        """The alerts that stand, the most serious and newest first."""
        return self._standing(self.devices(chosen), self._seen(), self.now())

    def alerts(
        self,
        chosen: Chosen,
        window: Window,
        page: int,
        page_size: int,
        severity: AlertSeverity | None = None,
        state: AlertState | None = None,
    ) -> AlertPage:
        """Alerts that stood at some time of a window, a page of them."""
        return page_alerts(self._store, self.devices(chosen), window, page, page_size, severity, state)

    def changes(self, since: datetime, chosen: Chosen = ALL) -> Handover:
        """What changed since a moment."""
        devices, version, now = self.devices(chosen), self._seen(), self.now()
        return self._once(
            "changes", devices, version, now, lambda: find_changes(self._store, devices, since, now), since
        )

    def regions(self) -> tuple[RegionSummary, ...]:
        """Regions compared."""
        return compare_regions(self.fleet(), self.overview())

    def statistics(self, chosen: Chosen, fields: Sequence[str], window: Window) -> StatisticsReport:
        """Mean, lowest and highest value of fields."""
        devices = self.devices(chosen)
        return self._kept.get(
            ("statistics", *_ids(devices), *fields, window),
            self._seen(),
            lambda: find_statistics(self._store, devices, fields, window),
        )

    def trends(
        self,
        chosen: Chosen,
        fields: Sequence[str],
        length: timedelta | Window,
        statistic: TrendStatistic = "mean",
        step: Step | None = None,
        time_zone: str = "UTC",
    ) -> TrendCharts:
        """Charts of fields over a window, or over the last so many hours."""
        devices, version = self.devices(chosen), self._seen()
        window = length if isinstance(length, Window) else self.last(length)
        return self._kept.get(
            ("trends", *_ids(devices), *fields, length, statistic, step, time_zone),
            (version.stored, window),
            lambda: draw_trends(self._store, devices, fields, window, statistic, step, time_zone),
        )

    def cells(self, device_name: str, by: CellMeasure) -> DeviceCells:
        """Every cell of a device as last measured, worst first.

        Raises:
            NoDataError: the device has no cell readings.
        """
        device, version, now = self.device(device_name), self._seen(), self.now()
        found = self._kept.get(
            ("cells", device.device_id, by),
            version.stored,
            lambda: find_worst_cells(self._store, [device], now, by, device.cell_count),
        )
        return found.devices[0]

    def cell(self, device_name: str, cell_no: int, measure: CellMeasure, length: timedelta) -> CellHistory:
        """One cell over the last so many hours.

        Raises:
            NoDataError: it was not measured then.
        """
        device = self.device(device_name)
        return cell_history(self._store, device, cell_no, measure, self.last(length))

    def analysis(self, device_name: str, length: timedelta | Window) -> DeviceAnalysis:
        """Everything that is judged of one device, anomalies over a window or the last so many hours."""
        device, version, now = self.device(device_name), self._seen(), self.now()
        window = length if isinstance(length, Window) else self.last(length)
        return self._once(
            "analysis", [device], version, now, lambda: analyse_device(self._store, device, window, now), length
        )

    def latest(self, chosen: Chosen, fields: Sequence[str]) -> LatestReport:
        """The newest value of fields."""
        devices, now = self.devices(chosen), self.now()
        return self._kept.get(
            ("now", *_ids(devices), *fields),
            (self._seen(), now.replace(second=0, microsecond=0)),
            lambda: latest_readings(self._store, devices, fields, now),
        )

    def devices(self, chosen: Chosen) -> list[Device]:
        """The devices meant.

        Raises:
            UnknownDeviceError, UnknownSiteError: with the nearest names.
        """
        return chosen_devices(self.fleet(), chosen.devices, chosen.sites)

    def device(self, name: str) -> Device:
        """The device meant.

        Raises:
            UnknownDeviceError: with the nearest names.
        """
        return find_device(self.fleet(), name)

    def last(self, length: timedelta) -> Window:
        """The last so many hours, up to the end of the running one, so that asking again means the same window."""
        end = floor_hour(self.now()) + HOUR
        return Window(start=end - length, end=end)

    def _seen(self) -> DataVersion:
        """The version this board was made at: one request is answered from one state of the data."""
        return self._version or self.version()

    def _health(self, devices: Sequence[Device], version: DataVersion, now: datetime) -> HealthReport:
        # The judgement is of a day, so it moves with the clock too; once an hour is enough. Rows that come later than
        # this are seen then as well.
        since = floor_hour(now) - HOUR
        found = self._kept.get("marks", (version.stored, since), lambda: stored_marks(self._store.database, since))
        findings = self._kept.get(
            ("findings", *_ids(devices)),
            version.alerts,
            lambda: open_findings(self._store.database, _ids(devices)),
        )
        marks = {
            one.device_id: (since, version.imports, found.get(one.device_id), findings.get(one.device_id))
            for one in devices
        }
        heard = self._heard(devices, version)
        judged = self._book.judge(self._store, devices, heard, marks, now)
        return self._kept.get(
            ("health", *_ids(devices)),
            (version.latest, self._book.generation),
            lambda: report_health(devices, judged, heard, now),
        )

    def _heard(self, devices: Sequence[Device], version: DataVersion) -> dict[str, datetime]:
        ids = _ids(devices)
        return self._kept.get(("heard", *ids), version, lambda: self._store.newest(ids))

    def _standing(self, devices: Sequence[Device], version: DataVersion, now: datetime) -> AlertReport:
        def standing() -> AlertReport:
            found = list_alerts(self._store.database, devices, Window(start=now, end=now + JUDGED_FOR))
            return found.model_copy(update={"alerts": tuple(one for one in found.alerts if one.cleared is None)})

        return self._kept.get(("standing", *_ids(devices)), version.alerts, standing)

    def _once(
        self,
        question: str,
        devices: Sequence[Device],
        version: DataVersion,
        now: datetime,
        judge: Callable[[], Judged],
        *more: Hashable,
    ) -> Judged:
        era = int(now.timestamp() // JUDGED_FOR.total_seconds())
        return self._kept.get((question, *_ids(devices), *more), (version.stored, version.alerts, era), judge)


def _ids(devices: Sequence[Device]) -> tuple[str, ...]:
    return tuple(device.device_id for device in devices)
