"""Tools that judge: which cells stand out, what left its limits, what happened, and how healthy a string is."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tools.analytics.cells import CellHistory, CellMeasure, WorstCells, cell_history, find_worst_cells
from tools.analytics.events import EventKind, EventReport, find_events
from tools.analytics.health import HealthReport, score_health
from tools.analytics.limits import LimitReport, find_violations
from tools.clock import Clock, Utc
from tools.quantity import Window
from tools.telemetry.fields import FieldName
from tools.telemetry.fleet import Device
from tools.telemetry.names import chosen_devices, find_device
from tools.telemetry.store import ReadingStore
from tools.telemetry.windows import asked_window, begin_of


class DiagnoseTools:
    """Questions that need a judgement on what is stored."""

    def __init__(self, store: ReadingStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def worst_cells(
        self,
        devices: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
        by: CellMeasure = "voltage",
        top: int = 3,
    ) -> WorstCells:
        """Find the cells that stand out most from the median of their string.

        Use for "which cell is worst", "weakest cell of D02", "is the string imbalanced".

        Args:
            devices: Device ids, for example ["D02"].
            sites: Site names, for example ["Harbor"].
            by: "voltage" (lowest), "resistance" (highest) or "temperature" (hottest).
            top: How many cells a device, for example 3.
        """
        chosen = chosen_devices(self._store.fleet(), devices, sites)
        return find_worst_cells(self._store, chosen, self._clock.now(), by, top)

    def cell_history(
        self,
        device: str,
        cell_no: int,
        measure: CellMeasure = "voltage",
        start: Utc | None = None,
        end: Utc | None = None,
    ) -> CellHistory:
        """Give one numbered cell: its newest value, lowest, highest and mean over a window, its health and its chart.

        Args:
            device: Device id, for example "D02".
            cell_no: Number of the cell, for example 7.
            measure: "voltage", "resistance" or "temperature".
            start: Begin of the window, ISO 8601; 24 hours back where none.
            end: End of the window, exclusive; now where none.
        """
        chosen = find_device(self._store.fleet(), device)
        return cell_history(self._store, chosen, cell_no, measure, self._window([chosen], start, end))

    def limit_violations(
        self,
        field: FieldName | None = None,
        devices: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
        start: Utc | None = None,
        end: Utc | None = None,
        above: float | None = None,
        below: float | None = None,
    ) -> LimitReport:
        """Find when readings were outside the operating range, or above or below a value the asker names.

        Use for "anything out of range", "did it ever go above 30 °C", "how long was it below 2.2 V", "how often".

        Args:
            field: One field, for example "cell_temperature_max_c"; every field with a range where none.
            devices: Device ids, for example ["D03"].
            sites: Site names, for example ["Harbor"].
            start: Begin of the window, ISO 8601; 24 hours back where none.
            end: End of the window, exclusive; now where none.
            above: Threshold in the field's unit: count readings above it.
            below: Threshold in the field's unit: count readings below it.
        """
        chosen = chosen_devices(self._store.fleet(), devices, sites)
        return find_violations(self._store, chosen, self._window(chosen, start, end), field, above, below)

    def find_events(
        self,
        kind: EventKind,
        devices: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
        start: Utc | None = None,
        end: Utc | None = None,
    ) -> EventReport:
        """Count and list events: mains outages, discharges, deep discharges, boost charges.

        Use for "how many outages last week", "when was the last discharge", "how long was the mains out".

        Args:
            kind: outage, discharge, deep_discharge (below 50 % charge) or boost.
            devices: Device ids, for example ["D03"].
            sites: Site names, for example ["Hilltop"].
            start: Begin of the window, ISO 8601; 30 days back where none.
            end: End of the window, exclusive; now where none.
        """
        fleet = self._store.fleet()
        chosen = chosen_devices(fleet, devices, sites)
        # Events are rare: a day would hardly ever hold one.
        begin = begin_of(start, end, self._clock.now(), timedelta(days=30))
        return find_events(self._store, fleet, chosen, kind, self._window(chosen, begin, end))

    def device_health(self, devices: Sequence[str] | None = None, sites: Sequence[str] | None = None) -> HealthReport:
        """Score devices from 0 to 100 by the last day of data and say what lowers the score.

        Use for "how healthy is D03", "which batteries need attention", "why is the score low".

        Args:
            devices: Device ids, for example ["D03"]; the whole fleet where neither is named.
            sites: Site names, for example ["Harbor"].
        """
        chosen = chosen_devices(self._store.fleet(), devices, sites)
        return score_health(self._store, chosen, self._clock.now())

    def _window(self, chosen: Sequence[Device], start: datetime | None, end: datetime | None) -> Window:
        ids = [device.device_id for device in chosen]
        return asked_window(self._store, ids, start, end, self._clock.now()).window
