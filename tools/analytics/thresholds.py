"""From which value on a residual is a finding. One place; the detection suite measures what they are worth."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class AnomalyThresholds:
    """Limits of the anomaly layers, in the unit each name ends with.

    Sources: invariants of the domain notes section 2.1, alarm table 1.2; the changes against a device's own
    past were set on simulated fleets of other seeds than the suite's.
    """

    # Past of a device: its first days are what it is compared with, and how many hours of them are enough.
    baseline: timedelta = timedelta(days=5)
    baseline_hours: int = 24
    settle: timedelta = timedelta(hours=12)
    cool_down: timedelta = timedelta(hours=48)
    # Communication and clock.
    frame_age_polls: float = 2.0
    gap_polls: float = 5.0
    lag_s: float = 60.0
    # Sensors.
    voltage_mismatch: float = 0.005
    stuck_samples: int = 12
    posts_moved_c: float = 0.3
    hottest_post_moved_c: float = 0.6
    temperature_mismatch_c: float = 0.4
    current_shift_a: float = 0.12
    # Charger and mains.
    bus_gap_v: float = 0.3
    set_point_v: float = 0.3
    compensation_v_per_k: float = 0.001
    compensation_range_c: float = 0.5
    compensation_misfit_v: float = 0.04
    ripple_ratio: float = 2.0
    # Cells and joints.
    dead_cell_v: float = 1.0
    leaking_cell_v: float = 0.10
    drifting_cell_v: float = 0.030
    ohmic_rise: float = 0.12
    joint_rise: float = 0.25
    # Heat.
    room_rise_c: float = 4.5
    post_rise_c: float = 3.0
    float_ratio: float = 1.6
    # Charts: weight of the newest value, and how many standard deviations its mean may wander.
    ewma_weight: float = 0.2
    ewma_sigmas: float = 6.0
    # Multivariate: how far beyond everything seen in training, and for how long.
    beyond_training: float = 12.0
    unusual_for: timedelta = timedelta(hours=12)


THRESHOLDS = AnomalyThresholds()
