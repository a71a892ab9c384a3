"""Tools that estimate: state of health and its risk, runtime, forecasts, trends and efficiency."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tools.analytics.efficiency import EfficiencyReport, find_efficiency
from tools.analytics.forecast import ForecastField, ForecastReport, forecast
from tools.analytics.runtime import RuntimeReport, estimate_runtime
from tools.analytics.soh import SohReport, estimate_soh
from tools.analytics.trends import TrendReport, field_trend
from tools.clock import Clock, Utc
from tools.quantity import Window
from tools.telemetry.fields import FieldName
from tools.telemetry.fleet import Device
from tools.telemetry.names import chosen_devices
from tools.telemetry.store import ReadingStore
from tools.telemetry.windows import asked_window, begin_of

# Slow changes and whole cycles hardly show in a day.
USUAL_WINDOW = timedelta(days=30)


class ForeseeTools:
    """Questions about what cannot be measured directly, or not yet."""

    def __init__(self, store: ReadingStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def estimate_soh(self, devices: Sequence[str] | None = None, sites: Sequence[str] | None = None) -> SohReport:
        """Estimate state of health with a 90 % interval, and the risk of falling below 80 % in 4, 8 and 12 weeks.

        Use for "what capacity does D05 really have", "how sure are you", "will D05 fall below 80 %".

        Args:
            devices: Device ids, for example ["D05"]; the whole fleet where neither is named.
            sites: Site names, for example ["Millbrook"].
        """
        return estimate_soh(self._store, chosen_devices(self._store.fleet(), devices, sites), self._clock.now())

    def estimate_runtime(
        self,
        devices: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
        load_w: float | None = None,
        load_a: float | None = None,
    ) -> RuntimeReport:
        """Estimate how long strings carry the load until low-voltage disconnect, with a 90 % interval.

        Use for "how long will D03 last if the mains goes now", "would it survive 4 hours at 3 kW".

        Args:
            devices: Device ids, for example ["D03"]; the whole fleet where neither is named.
            sites: Site names, for example ["Harbor"].
            load_w: Load of each string in watts, for example 2000; the present load where none is named.
            load_a: Load of each string in amperes, for example 50.
        """
        chosen = chosen_devices(self._store.fleet(), devices, sites)
        return estimate_runtime(self._store, chosen, self._clock.now(), load_w, load_a)

    def forecast(
        self,
        field: ForecastField,
        devices: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
        horizon_hours: float | None = None,
        limit: float | None = None,
    ) -> ForecastReport:
        """Forecast temperature, load, ohmic value or state of health with a 90 % interval.

        Use for "how warm will D03 be tomorrow", "when will it hit 30 degrees", "resistance in four weeks".

        Args:
            field: What to forecast, for example "cell_temperature_c"; "soh_pct" is our own estimate of health.
            devices: Device ids, for example ["D03"]; the whole fleet where neither is named.
            sites: Site names, for example ["Harbor"].
            horizon_hours: How far ahead; 24 for temperature and load, 672 (28 days) for the others where none.
            limit: Value in the field's unit to tell the time to, for example 30.
        """
        chosen = chosen_devices(self._store.fleet(), devices, sites)
        return forecast(self._store, chosen, field, self._clock.now(), horizon_hours, limit)

    def field_trend(
        self,
        field: FieldName,
        devices: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
        start: Utc | None = None,
        end: Utc | None = None,
    ) -> TrendReport:
        """Tell whether a field rises, falls or is steady: slope per day and week with a 90 % interval.

        Use for "is resistance creeping up on D06", "does the float current rise".

        Args:
            field: One field, for example "internal_resistance_mohm".
            devices: Device ids, for example ["D06"].
            sites: Site names, for example ["Eastfield"].
            start: Begin of the window, ISO 8601; 30 days back where none.
            end: End of the window, exclusive; now where none.
        """
        chosen = chosen_devices(self._store.fleet(), devices, sites)
        return field_trend(self._store, chosen, field, self._window(chosen, start, end))

    def efficiency(
        self,
        devices: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
        start: Utc | None = None,
        end: Utc | None = None,
    ) -> EfficiencyReport:
        """Give charge efficiency (Ah out over Ah in per cycle) and charger efficiency (DC over AC).

        Use for "how efficient is the charger at Harbor", "how much of the charge comes back out".

        Args:
            devices: Device ids, for example ["D03"].
            sites: Site names, for example ["Harbor"].
            start: Begin of the window, ISO 8601; 30 days back where none.
            end: End of the window, exclusive; now where none.
        """
        chosen = chosen_devices(self._store.fleet(), devices, sites)
        return find_efficiency(self._store, chosen, self._window(chosen, start, end))

    def _window(self, chosen: Sequence[Device], start: datetime | None, end: datetime | None) -> Window:
        ids, now = [device.device_id for device in chosen], self._clock.now()
        return asked_window(self._store, ids, begin_of(start, end, now, USUAL_WINDOW), end, now).window
