"""Keeps the labelled weeks of a batch in a file, so that a batch that was simulated is not simulated again."""

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import numpy as np

import tools
from assistant.jobs.practice import Batch, labelled_weeks
from tools.mlops.weeks import LabelledWeek

# The code that decides a labelled week.
_SOURCES = {
    "telemetry": (
        "environment", "faults", "gauges", "mains", "parameters", "physics", "plant", "practice_fleet", "sensors",
        "simulated_fleet", "simulator",
    ),
    "analytics": (
        "alert_signals", "anomalies", "anomaly_kinds", "anomaly_rules", "charts", "device_history", "multivariate",
        "residual_signs", "residuals", "thresholds",
    ),
    "mlops": ("conditions", "features", "signals"),
}  # fmt: skip


def weeks_of_batch(batch: Batch, folder: Path, *, with_rules: bool = False) -> list[LabelledWeek]:
    """The labelled weeks of a batch, from its file where the same code has made it before."""
    path = folder / f"weeks-{_key(batch, with_rules)}.json"
    if path.exists():
        return [_week(facts) for facts in json.loads(path.read_text(encoding="utf-8"))]
    weeks = labelled_weeks(batch, with_rules=with_rules)
    folder.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(f".{batch.number}.part")
    aside.write_text(json.dumps([_facts(week) for week in weeks]), encoding="utf-8")
    aside.replace(path)
    return weeks


def _key(batch: Batch, with_rules: bool) -> str:
    digest = hashlib.sha256(f"{batch} {with_rules}".encode())
    root = Path(str(tools.__file__)).parent
    for folder, names in _SOURCES.items():
        for name in names:
            digest.update(name.encode() + (root / folder / f"{name}.py").read_bytes())
    digest.update((Path(__file__).parent / "practice.py").read_bytes())
    return digest.hexdigest()[:16]


def _facts(week: LabelledWeek) -> dict[str, object]:
    features = [None if np.isnan(value) else value for value in week.features]
    return asdict(week) | {"end": week.end.isoformat(), "features": features}


def _week(facts: dict[str, object]) -> LabelledWeek:
    features: list[float | None] = facts["features"]  # type: ignore[assignment]
    known = tuple(np.nan if value is None else float(value) for value in features)
    return LabelledWeek(**facts | {"end": datetime.fromisoformat(str(facts["end"])), "features": known})  # type: ignore[arg-type]
