"""How long a string would carry a load until low-voltage disconnect, with a 90 % interval.

From the discharge model and our own state of health; while the string discharges, its own voltages correct the model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd
from pydantic import Field

from tools.analytics.discharge_fit import fit_health, usable_rows
from tools.analytics.discharge_model import DISCONNECT_V, StringModel, hours_to_disconnect, typical_ohmic
from tools.analytics.discharges import FIELDS, SeenDischarge, seen_discharges
from tools.analytics.good_rows import good_rows, numbers
from tools.analytics.soh import LOOK_BACK, Z_90, HealthState, health_state
from tools.analytics.soh_signals import measured_ohmic_mohm
from tools.errors import BadArgumentError, NotEnoughDataError
from tools.quantity import Asked, Frozen, Quantity, Window
from tools.telemetry.fleet import Device
from tools.telemetry.store import LatestValue, ReadingStore

# Load wander and model error over a whole discharge, as a share of the time left.
MODEL_SD_SHARE = 0.02
LEAST_ROWS_TO_FIT = 2
REPORTED = "runtime_remaining_min"


@dataclass(frozen=True)
class RuntimeState:
    """A string as it stands: its model, charge drawn, slow polarisation and shift of voltage, and how sure health is."""

    model: StringModel
    drawn_ah: float
    polarised_v: float
    shift_v: float
    soh_sd: float
    is_discharging: bool


class DeviceRuntime(Frozen):
    """Time to disconnect of one device at a load."""

    device_id: str
    site_id: str
    runtime: Quantity
    low: Quantity
    high: Quantity
    load: Quantity
    is_present_load: bool
    is_discharging: bool
    soh_used: Quantity
    reported: Quantity | None = Field(None, description="What the monitor itself reports for the present load")
    why: str


class RuntimeReport(Frozen):
    """Our estimate of runtime of every device asked about, shortest first; not the monitor's."""

    asked: Asked
    devices: tuple[DeviceRuntime, ...]
    refused: tuple[str, ...] = ()


def estimate_runtime(
    store: ReadingStore,
    devices: Sequence[Device],
    now: datetime,
    load_w: float | None = None,
    load_a: float | None = None,
) -> RuntimeReport:
    """Hours to 1.80 V a cell at the present load, or at a load in W or A of each string.

    Raises:
        BadArgumentError: both loads are named, or one that is not above 0.
        NotEnoughDataError: no string has the recent voltage, load and capacity to compute from.
    """
    if load_w is not None and load_a is not None:
        raise BadArgumentError("The load is given twice, in W and in A.", "Give one of them.")
    if any(load is not None and load <= 0 for load in (load_w, load_a)):
        raise BadArgumentError("A load must be above 0.", "Give the load in W or A, for example 2000 W.")
    window = Window(start=now - LOOK_BACK, end=now)
    reported = {one.device_id: _reported(one) for one in store.latest([REPORTED], [one.device_id for one in devices])}
    found, refused = [], []
    for device in devices:
        try:
            one = _device_runtime(store, device, window, load_w, load_a)
        except NotEnoughDataError as error:
            refused.append(error)
            continue
        found.append(
            one.model_copy(update={"reported": reported.get(device.device_id)} if one.is_present_load else {})
        )
    if not found:
        raise refused[0]
    found.sort(key=lambda one: one.runtime.value or 0)
    ids = tuple(device.device_id for device in devices)
    newest = store.newest(ids)
    return RuntimeReport(
        asked=Asked(devices=ids, fields=FIELDS, window=window, newest=max(newest.values()) if newest else None),
        devices=tuple(found),
        refused=tuple(str(error) for error in refused),
    )


def _device_runtime(
    store: ReadingStore, device: Device, window: Window, load_w: float | None, load_a: float | None
) -> DeviceRuntime:
    health = health_state(store, device, window)
    if health is None or device.rated_capacity_ah is None:
        raise NotEnoughDataError(
            f"The runtime of {device.device_id} cannot be estimated: nothing measured tells its capacity.",
            "It needs a rated capacity and an ohmic value, a discharge or an installation date.",
        )
    rows = good_rows(
        store,
        device.device_id,
        [*FIELDS, "dc_load_current_a"],
        Window(start=window.end - LOOK_BACK / 30, end=window.end),
    )
    state = runtime_state(rows, device, health)
    amps = load_a or _amps(load_w, device) or _present_load(rows, device)
    return _answer(device, state, amps, window, is_present=load_w is None and load_a is None)


def _reported(latest: LatestValue) -> Quantity:
    value = latest.value if isinstance(latest.value, float | int) else None
    return Quantity(
        value=value, unit="min", statistic="latest", field=REPORTED, device_id=latest.device_id, at=latest.at
    )


def _amps(load_w: float | None, device: Device) -> float | None:
    # The bus falls from about 2.05 to 1.80 V a cell; 1.95 is its mean over a discharge.
    return None if load_w is None else load_w / (1.95 * device.cell_count)


def _present_load(rows: pd.DataFrame, device: Device) -> float:
    load = numbers(rows, "dc_load_current_a")
    known = load[np.isfinite(load)][-4:]
    if not known.size or float(known.mean()) <= 0:
        raise NotEnoughDataError(
            f"{device.device_id} has no load current in its last two days.", "Name a load, for example 2000 W."
        )
    return float(known.mean())


def runtime_state(rows: pd.DataFrame, device: Device, health: HealthState) -> RuntimeState:
    """Where a string stands by its last rows; fitted to the discharge so far while one runs."""
    rated = device.rated_capacity_ah or 0.0
    ohmic = measured_ohmic_mohm(rows, device)
    warm = numbers(rows, "cell_temperature_c")
    warm = warm[np.isfinite(warm)]
    if not warm.size:
        raise NotEnoughDataError(f"{device.device_id} has no cell temperature in its last two days.")
    soh = health.soh_pct / 100
    ohm = ohmic / 1000 if ohmic is not None else typical_ohmic(rated, soh)
    model = StringModel(rated, float(warm[-1]), ohm, soh)
    running = [one for one in seen_discharges(rows, device) if one.is_running]
    if running:
        return _fitted(model, running[-1], health.sd_pct / 100)
    counted = numbers(rows, "ah_since_full_ah")
    known = counted[np.isfinite(counted)]
    return RuntimeState(model, float(known[-1]) if known.size else 0.0, 0.0, 0.0, health.sd_pct / 100, False)


def _fitted(model: StringModel, seen: SeenDischarge, soh_sd: float) -> RuntimeState:
    """Health within its interval, and the shift, that meet the voltages of the discharge so far best."""
    shift = 0.0
    if usable_rows(seen).sum() >= LEAST_ROWS_TO_FIT:
        tried = np.linspace(model.soh - 3 * soh_sd, model.soh + 3 * soh_sd, 61)
        fit = fit_health([seen], [[replace(model, soh=float(soh))] for soh in tried], len(tried) // 2)
        misfit = fit.chi_square + ((tried - model.soh) / soh_sd) ** 2
        weights = np.exp(-(misfit - misfit.min()) / 2)
        weights /= weights.sum()
        soh, shift = float((weights * tried).sum()), float((weights * fit.shift_v).sum())
        soh_sd = max(float(np.sqrt((weights * (tried - soh) ** 2).sum())), 0.004)
        model = replace(model, soh=soh)
    return RuntimeState(model, float(seen.drawn_ah[-1]), float(seen.polarisation_v[-1]), shift, soh_sd, True)


def runtime_hours(state: RuntimeState, load_a: float) -> tuple[float, float, float]:
    """Hours to disconnect, and the lower and upper end of its 90 % interval."""

    def at(soh: float) -> float:
        model = replace(state.model, soh=max(soh, 0.05))
        return hours_to_disconnect(model, load_a, state.drawn_ah, state.polarised_v, state.shift_v, DISCONNECT_V)

    middle = at(state.model.soh)
    spread = np.hypot((at(state.model.soh + state.soh_sd) - at(state.model.soh - state.soh_sd)) / 2, 0)
    margin = Z_90 * float(np.hypot(spread, MODEL_SD_SHARE * middle))
    return middle, max(0.0, middle - margin), middle + margin


def _answer(device: Device, state: RuntimeState, load_a: float, window: Window, *, is_present: bool) -> DeviceRuntime:
    hours, low, high = runtime_hours(state, load_a)
    about = {"device_id": device.device_id, "site_id": device.site_id, "window": window}
    why = (
        "fitted to the discharge so far"
        if state.is_discharging
        else f"if the mains went now, with {state.drawn_ah:.0f} Ah missing from full"
    )
    return DeviceRuntime(
        device_id=device.device_id,
        site_id=device.site_id,
        runtime=Quantity(value=round(hours, 2), unit="h", statistic="estimate", field="runtime", **about),
        low=Quantity(value=round(low, 2), unit="h", statistic="interval_low", field="runtime", **about),
        high=Quantity(value=round(high, 2), unit="h", statistic="interval_high", field="runtime", **about),
        load=Quantity(value=round(load_a, 1), unit="A", statistic="latest", field="dc_load_current_a", **about),
        is_present_load=is_present,
        is_discharging=state.is_discharging,
        soh_used=Quantity(
            value=round(100 * state.model.soh, 1), unit="%", statistic="estimate", field="state of health", **about
        ),
        why=why,
    )
