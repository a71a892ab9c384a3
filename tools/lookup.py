"""Tools that look things up: what is installed, what was measured, and what a field means."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tools.analytics.limits import limit_quantities, limited
from tools.arithmetic import Calculation, Operation, calculate
from tools.clock import Clock, Utc
from tools.errors import BadArgumentError
from tools.quantity import Quantity, Window
from tools.telemetry.comparison import (
    Comparison,
    Order,
    Ranking,
    RankStatistic,
    compare_groups,
    compare_windows,
    device_groups,
    rank,
    site_groups,
)
from tools.telemetry.coverage import CoverageReport, find_coverage
from tools.telemetry.fields import FieldName
from tools.telemetry.fleet import Device, Fleet
from tools.telemetry.history import Bucket, FieldHistory, HistoryStatistic, field_history
from tools.telemetry.inventory import Inventory, list_inventory
from tools.telemetry.latest import LatestReport, latest_readings
from tools.telemetry.names import chosen_devices, find_site
from tools.telemetry.reference import FieldMeaning, describe
from tools.telemetry.store import ReadingStore, Sign
from tools.telemetry.windows import AskedWindow, asked_window

_DAY = timedelta(days=1)


class LookupTools:
    """Questions that are answered with what is stored."""

    def __init__(self, store: ReadingStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def list_fleet(self, devices: Sequence[str] | None = None, sites: Sequence[str] | None = None) -> Inventory:
        """List sites and devices with model, cells, rated capacity, installation date and age.

        Use for "what do we have", "which sites are there", "how old is D03", "where is D05 installed".

        Args:
            devices: Only these devices, for example ["D03"].
            sites: Only devices of these sites, for example ["Northgate"].
        """
        fleet = self._store.fleet()
        return list_inventory(fleet, chosen_devices(fleet, devices, sites), self._clock.now())

    def latest_readings(
        self,
        fields: Sequence[FieldName] | None = None,
        devices: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
    ) -> LatestReport:
        """Give the newest value of fields: what something is right now.

        Args:
            fields: Fields wanted, for example ["string_voltage_v"]; the main ones where none is named.
            devices: Device ids, for example ["D03"]; the whole fleet where neither devices nor sites are named.
            sites: Site names, for example ["Harbor"].
        """
        chosen = chosen_devices(self._store.fleet(), devices, sites)
        report = latest_readings(self._store, chosen, list(fields or ()), self._clock.now())
        return report.model_copy(update={"limits": limit_quantities(report.asked.fields, chosen)})

    def field_history(
        self,
        field: FieldName,
        devices: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
        start: Utc | None = None,
        end: Utc | None = None,
        statistic: HistoryStatistic = "mean",
        direction: Sign | None = None,
        bucket: Bucket | None = None,
        time_zone: str = "UTC",
    ) -> FieldHistory:
        """Give a statistic of one field over a window, with the series to draw; for states, how long each held.

        Use for averages, lowest and highest values, trends and charts over time.

        Args:
            field: The field, for example "cell_temperature_c".
            devices: Device ids, for example ["D03"]; the whole fleet where neither devices nor sites are named.
            sites: Site names, for example ["Harbor"].
            start: Begin of the window, ISO 8601, for example "2026-03-01T00:00:00Z"; 24 hours back where none.
            end: End of the window (exclusive), ISO 8601; now where none.
            statistic: mean, min, max, range (max - min), count, first, last, or increase (last - first).
            direction: "charging" or "discharging": only such rows of string_current_a.
            bucket: Spacing of the chart: raw, hour or day.
        """
        chosen = chosen_devices(self._store.fleet(), devices, sites)
        asked = self._window(chosen, start, end)
        history = field_history(self._store, chosen, field, asked.window, statistic, bucket, direction, time_zone)
        limits = limit_quantities([field], chosen)
        return history.model_copy(
            update={
                "asked": history.asked.model_copy(update={"note": asked.note}),
                "limits": limits,
                "chart": history.chart and limited(history.chart, limits),
            }
        )

    def compare(
        self,
        field: FieldName,
        devices: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
        start: Utc | None = None,
        end: Utc | None = None,
        other_start: Utc | None = None,
        other_end: Utc | None = None,
        statistic: RankStatistic = "latest",
    ) -> Comparison:
        """Compare one field between devices, between sites, or between two windows: difference, ratio, percent.

        Args:
            field: The field, for example "internal_resistance_mohm".
            devices: Devices to compare, for example ["D01", "D04"].
            sites: Sites to compare, for example ["Northgate", "Harbor"].
            start: Begin of the (first) window, ISO 8601.
            end: End of the (first) window, exclusive.
            other_start: Begin of the second window, to compare two windows of the same devices.
            other_end: End of the second window, exclusive.
            statistic: latest (now), mean, min, max, range or increase.
        """
        fleet = self._store.fleet()
        chosen = chosen_devices(fleet, devices, sites)
        if other_start is not None or other_end is not None:
            windows = (
                self._window(chosen, start, end).window,
                self._window(chosen, other_start, other_end).window,
            )
            name = ", ".join([*(devices or ()), *(sites or ())]) or "the fleet"
            return compare_windows(
                self._store, name, chosen, field, windows, "mean" if statistic == "latest" else statistic
            )
        groups = self._groups(fleet, devices, sites, chosen)
        if len(groups) < 2:
            raise BadArgumentError(
                "A comparison needs two devices, two sites or two windows.",
                "Name a second one.",
            )
        return compare_groups(self._store, groups, field, self._compared_window(chosen, start, end, statistic),
                              statistic)  # fmt: skip

    def rank(
        self,
        field: FieldName,
        order: Order = "highest",
        by: str = "device",
        statistic: RankStatistic = "latest",
        start: Utc | None = None,
        end: Utc | None = None,
        top: int | None = None,
        sites: Sequence[str] | None = None,
    ) -> Ranking:
        """Order devices or sites by one field: which is hottest, lowest, oldest in value, the top five.

        Args:
            field: The field to rank by, for example "cell_temperature_max_c".
            order: "highest" or "lowest" first.
            by: "device" or "site".
            statistic: latest (now), mean, min, max, range or increase over the window.
            start: Begin of the window, ISO 8601; only with a statistic other than latest.
            end: End of the window, exclusive.
            top: How many places, for example 3; all where none.
            sites: Only devices of these sites.
        """
        if by not in ("device", "site"):
            raise BadArgumentError(f"Cannot rank by {by!r}.", "Rank by device or by site.")
        fleet = self._store.fleet()
        chosen = chosen_devices(fleet, None, sites)
        groups = site_groups(fleet.sites, chosen) if by == "site" else device_groups(chosen)
        window = self._compared_window(chosen, start, end, statistic)
        used: RankStatistic = "mean" if window is not None and statistic == "latest" else statistic
        return rank(self._store, groups, field, window, used, order, top, "site" if by == "site" else "device")

    def describe_field(self, field: FieldName) -> FieldMeaning:
        """Explain one field: meaning, unit, where it comes from, its operating range and possible values.

        Use for "what is SOC", "what is the limit for cell voltage", "which unit has the ripple".

        Args:
            field: The field, for example "float_current_ma".
        """
        return describe(field)

    def data_coverage(
        self,
        devices: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
        start: Utc | None = None,
        end: Utc | None = None,
    ) -> CoverageReport:
        """Tell how complete and fresh the data is: rows, gaps, quality, link state, when last heard.

        Use for "is D04 online", "any missing data", "when did you last hear from Harbor".

        Args:
            devices: Device ids, for example ["D04"].
            sites: Site names, for example ["Harbor"].
            start: Begin of the window, ISO 8601; 24 hours back where none.
            end: End of the window, exclusive; now where none.
        """
        chosen = chosen_devices(self._store.fleet(), devices, sites)
        now = self._clock.now()
        window = Window(start=start or (end or now) - _DAY, end=end or now)
        if start is not None or end is not None:
            window = self._window(chosen, start, end).window
        return find_coverage(self._store, chosen, window, now)

    def calculate(self, operation: Operation, left: Quantity, right: Quantity) -> Calculation:
        """Compute with two figures another tool has just given: difference, ratio, percent_of, percent_change.

        Args:
            operation: difference (left - right), ratio (left / right), percent_of or percent_change.
            left: A figure as a tool gave it, with its value, unit, statistic, field and device.
            right: The other figure.
        """
        return calculate(operation, left, right)

    def _window(self, chosen: Sequence[Device], start: datetime | None, end: datetime | None) -> AskedWindow:
        ids = [device.device_id for device in chosen]
        return asked_window(self._store, ids, start, end, self._clock.now())

    def _compared_window(
        self, chosen: Sequence[Device], start: datetime | None, end: datetime | None, statistic: str
    ) -> Window | None:
        if statistic == "latest" and start is None and end is None:
            return None
        return self._window(chosen, start, end).window

    def _groups(
        self,
        fleet: Fleet,
        devices: Sequence[str] | None,
        sites: Sequence[str] | None,
        chosen: Sequence[Device],
    ) -> list[tuple[str, Sequence[Device]]]:
        if sites and not devices:
            wanted = {find_site(fleet, name).site_id for name in sites}
            return site_groups([site for site in fleet.sites if site.site_id in wanted], chosen)
        return device_groups(chosen)
