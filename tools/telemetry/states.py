"""How long each state of a field held: charger modes, mains states, flags."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from tools.quantity import Quantity, Window
from tools.telemetry.fields import FieldFacts
from tools.telemetry.fleet import Device
from tools.telemetry.rollups import HOUR
from tools.telemetry.store import ReadingStore


@dataclass(frozen=True)
class HeldStates:
    """Each state of each device with its hours, longest first, and the rows it was made from."""

    states: tuple[Quantity, ...]
    rows: int


def held_states(store: ReadingStore, devices: Sequence[Device], facts: FieldFacts, window: Window) -> HeldStates:
    """Time in each state over [start, end); a row holds until the next one, at most two poll intervals."""
    rows = store.rows([facts.name], [device.device_id for device in devices], window.start, window.end)
    rows = rows[rows[facts.name].notna()]
    states = [
        quantity
        for device in devices
        for quantity in _of_device(rows[rows["device_id"] == device.device_id], device, facts, window)
    ]
    return HeldStates(tuple(states), len(rows))


def _of_device(rows: pd.DataFrame, device: Device, facts: FieldFacts, window: Window) -> list[Quantity]:
    patience = pd.Timedelta(2 * timedelta(seconds=device.poll_interval_s))
    gaps = rows["timestamp_utc"].shift(-1).fillna(window.end) - rows["timestamp_utc"]
    held = gaps.where(gaps <= patience, patience)
    lengths = held.groupby(rows[facts.name]).sum().sort_values(ascending=False)
    return [
        Quantity(
            text=str(state),
            value=round(length / HOUR, 2),
            unit="h",
            statistic="duration",
            field=facts.name,
            device_id=device.device_id,
            site_id=device.site_id,
            window=window,
            rows=int((rows[facts.name] == state).sum()),
        )
        for state, length in lengths.items()
    ]
