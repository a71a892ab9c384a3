"""Anomalies of devices: what, where, since when, how strong, which layer saw it, and whose fault it is."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from tools.analytics.anomaly_kinds import KINDS, AnomalyKind, Layer, Party, Sign
from tools.analytics.anomaly_rules import rule_signs
from tools.analytics.device_history import DeviceHistory, read_history
from tools.analytics.multivariate import multivariate_signs
from tools.analytics.residual_signs import residual_signs
from tools.analytics.residuals import residuals_of
from tools.analytics.responses import OF_ANOMALY
from tools.analytics.thresholds import THRESHOLDS, AnomalyThresholds
from tools.clock import Utc
from tools.errors import NotEnoughDataError
from tools.quantity import Asked, Frozen, Quantity, Window
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

# Past of a device that a question about a later window is judged against.
LOOK_BACK = timedelta(days=30)
# A follower may show before its cause does.
_LEAD = timedelta(days=3)
# At sites with many outages days pass before a string is calm enough to be judged again.
_SAME_CAUSE = timedelta(days=5)
# Twice its limit is beyond chance and drift; below, one layer alone is a hint.
_CERTAIN = 2.0


class Anomaly(Frozen):
    """One thing that is wrong. `strength` is how many times its limit it reached, `excess` what was measured.

    `response` is the document that says what to do; None where the cause is not known.
    """

    device_id: str
    site_id: str
    cell_no: int | None = None
    kind: AnomalyKind
    means: str
    response: str | None = None
    party: Party
    layers: tuple[Layer, ...]
    since: Utc
    until: Utc | None = None
    strength: Quantity
    excess: Quantity
    certainty: Literal["likely", "certain"]


class AnomalyReport(Frozen):
    """What is wrong on the devices asked about, what lasts first; and which of them could not be compared."""

    asked: Asked
    anomalies: tuple[Anomaly, ...]
    count: Quantity
    without_past: tuple[str, ...]


def find_anomalies(
    store: ReadingStore, devices: Sequence[Device], window: Window, limits: AnomalyThresholds = THRESHOLDS
) -> AnomalyReport:
    """Anomalies that stood at some time of the window, judged against the device's own earlier days.

    Raises:
        NotEnoughDataError: no device has a measured row in the window.
    """
    found: list[Anomaly] = []
    judged, without_past, rows = [], [], 0
    for device in devices:
        history = read_history(store, device, window.start - LOOK_BACK, window.end)
        if history.received[window.start :].empty:
            continue
        judged.append(device)
        rows += len(history.received[window.start :])
        found += [one for one in device_anomalies(history, limits) if one.until is None or one.until >= window.start]
        if not has_past(history, limits):
            without_past.append(device.device_id)
    if not judged:
        raise NotEnoughDataError("There are no readings to judge in that window.")
    found.sort(key=lambda one: (one.until is not None, -(one.strength.value or 0)))
    return AnomalyReport(
        asked=Asked(devices=tuple(device.device_id for device in judged), window=window, rows=rows),
        anomalies=tuple(found),
        count=Quantity(value=len(found), statistic="count", field="anomalies", window=window),
        without_past=tuple(without_past),
    )


def has_past(history: DeviceHistory, limits: AnomalyThresholds) -> bool:
    """Whether there are days before the newest ones to compare with; only rules judge a device without."""
    index = history.rows.index
    return len(index) > 0 and index[-1] - index[0] > limits.baseline


def device_anomalies(history: DeviceHistory, limits: AnomalyThresholds = THRESHOLDS) -> list[Anomaly]:
    """Everything wrong in the history of one device, followers of a cause left out, oldest first."""
    if history.received.empty:
        return []
    signs = list(rule_signs(history, limits))
    if not history.rows.empty:
        residuals = residuals_of(history, limits)
        signs += residual_signs(residuals, limits)
        signs += multivariate_signs(residuals, limits)
    newest = history.received.index[-1].to_pydatetime()
    causes = without_followers(signs)
    return [_anomaly(history.device, group, newest, limits) for group in _same_cause(causes)]


def without_followers(signs: Sequence[Sign]) -> list[Sign]:
    """Signs that no other sign of the same time explains."""
    kept = []
    for sign in signs:
        others = [other for other in signs if other is not sign and _overlap(other, sign)]
        explained = any(sign.kind in KINDS[other.kind].hides for other in others)
        is_rest = sign.kind == "unusual" and any(other.kind != "unusual" for other in others)
        if not explained and not is_rest:
            kept.append(sign)
    return kept


def _overlap(cause: Sign, follower: Sign) -> bool:
    return cause.start - _LEAD <= follower.end and follower.start <= cause.end + _LEAD


def _same_cause(signs: Iterable[Sign]) -> list[list[Sign]]:
    """Signs of one kind and cell that follow each other closely are one anomaly."""
    groups: list[list[Sign]] = []
    for sign in sorted(signs, key=lambda one: one.start):
        mine = next(
            (
                group
                for group in groups
                if (group[0].kind, group[0].cell_no) == (sign.kind, sign.cell_no)
                and sign.start - max(one.end for one in group) <= _SAME_CAUSE
            ),
            None,
        )
        if mine is None:
            groups.append([sign])
        else:
            mine.append(sign)
    return groups


# Who made the measurement that is furthest out, where no rule says what it is.
_PARTY_OF_FIELD: dict[str, Party] = {
    "set_point_v": "charger",
    "ripple_log": "charger",
    "current_shift_a": "sensor",
    "temperature_mismatch_c": "sensor",
}


def _anomaly(device: Device, group: Sequence[Sign], newest: datetime, limits: AnomalyThresholds) -> Anomaly:
    strongest = max(group, key=lambda sign: sign.strength)
    since, until = min(sign.start for sign in group), max(sign.end for sign in group)
    kind = KINDS[strongest.kind]
    lasts = until >= newest - limits.settle - timedelta(hours=12)
    window = Window(start=since, end=until + timedelta(seconds=1))
    about = {
        "device_id": device.device_id, "site_id": device.site_id, "cell_no": strongest.cell_no, "window": window,
    }  # fmt: skip
    return Anomaly(
        device_id=device.device_id,
        site_id=device.site_id,
        cell_no=strongest.cell_no,
        kind=strongest.kind,
        means=kind.means,
        response=OF_ANOMALY[strongest.kind],
        party=_PARTY_OF_FIELD.get(strongest.field, kind.party) if strongest.kind == "unusual" else kind.party,
        layers=tuple(dict.fromkeys(sign.layer for sign in group)),
        since=since,
        until=None if lasts else until,
        strength=Quantity(value=round(strongest.strength, 2), statistic="ratio", field="anomaly strength", **about),
        excess=Quantity(value=strongest.value, unit=strongest.unit, statistic="max", field=strongest.field, **about),
        certainty="certain" if strongest.strength >= _CERTAIN or strongest.layer == "rules" else "likely",
    )
