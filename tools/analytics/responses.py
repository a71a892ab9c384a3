"""Which document says what to do about an alert and about an anomaly."""

from collections.abc import Mapping

from tools.analytics.alert_rules import AlertName
from tools.analytics.anomaly_kinds import AnomalyKind

# As the front matter of the responses says; a test compares them. A cell far behind is answered with the low one.
OF_ALERT: Mapping[AlertName, str] = {
    "V_CELL_LOW_FLOAT": "AR-01", "V_CELL_BEHIND": "AR-01", "V_CELL_HIGH_FLOAT": "AR-02", "V_CELL_SHORT": "AR-03",
    "V_STRING_HIGH": "AR-04", "V_STRING_LOW": "AR-05", "DISCHARGE": "AR-06", "LOW_RESERVE": "AR-07",
    "END_V": "AR-08", "T_HIGH": "AR-09", "T_LOW": "AR-10", "DT_AMB": "AR-11", "IFLOAT": "AR-12",
    "RUNAWAY": "AR-13", "OHMIC": "AR-14", "JOINT": "AR-15", "RIPPLE": "AR-16", "MAINS": "AR-17",
    "RECT_N1": "AR-18", "RECHARGE_SLOW": "AR-19", "COMM": "AR-20", "STUCK": "AR-21", "CAPACITY": "AR-22",
}  # fmt: skip

# A diagnosis is further on than an alert: where the cause is known, the procedure that repairs it.
OF_ANOMALY: Mapping[AnomalyKind, str | None] = {
    "thermal_runaway": "AR-13", "hard_short": "AR-03", "soft_short": "AR-03", "dry_out": "MP-08",
    "high_resistance_joint": "MP-09", "weak_cell": "AR-01", "hot_post": "AR-11", "hvac_failure": "AR-09",
    "wrong_temperature_compensation": "MP-11", "charger_over_voltage": "AR-04", "charger_under_voltage": "AR-05",
    "fuse_open": "AR-05", "rectifier_modules_lost": "AR-18", "ripple": "AR-16", "phase_loss": "AR-17",
    "sensor_stuck": "AR-21", "sensor_drift": "AR-21", "sensor_spike": "AR-21", "sensor_offset": "MP-15",
    "comms_loss": "AR-20", "clock_skew": "AR-20",
    # No document helps where nobody knows yet what it is.
    "unusual": None,
}  # fmt: skip
