"""How much warmer than its room a string is because of what it did: discharge and recharge heat it for a day or two."""

import numpy as np
import pandas as pd

from tools.analytics.device_history import DeviceHistory
from tools.analytics.discharge_model import EMPTY_V, FULL_SPAN_V

# Domain notes, section 3: heat capacity and cooling of a 500 Ah cell, and the share of the losses that stays as heat.
HEAT_J_PER_K, COOLING_W_PER_K, SIZE_AH = 28_000.0, 0.35, 500.0
HEAT_SHARE = 0.8
COOLS_IN_S = HEAT_J_PER_K / COOLING_W_PER_K
# A row says nothing of the time after the next but one was due.
MOST_POLLS_HELD = 2


def work_heat_c(history: DeviceHistory) -> pd.Series:
    """Degrees over the room that the currents explain, at each row.

    Current into a full string explains nothing: that is no recharge but what a thermal runaway lives on.
    """
    rows = history.rows
    rated = rows["rated_capacity_ah"]
    missing = rows["ah_since_full_ah"]
    rest_v = EMPTY_V + FULL_SPAN_V * (1 - missing / rated).clip(0, 1)
    works = (rows["string_current_a"] < 0) | (missing > 0)
    loss_w = HEAT_SHARE * (rows["string_current_a"] * (rows["cell_voltage_v"] - rest_v)).abs()
    aim_c = (loss_w / (COOLING_W_PER_K * rated / SIZE_AH)).where(works, 0.0).fillna(0.0).to_numpy()
    seconds = rows.index.to_series().diff().dt.total_seconds().fillna(0.0).to_numpy()
    held = np.minimum(seconds, MOST_POLLS_HELD * history.poll.total_seconds())
    kept, gained = np.exp(-seconds / COOLS_IN_S), 1 - np.exp(-held / COOLS_IN_S)
    warm, found = 0.0, np.empty(len(rows))
    for row in range(len(rows)):
        warm = warm * kept[row] + (aim_c[row - 1] * gained[row] if row else 0.0)
        found[row] = warm
    return pd.Series(found, index=rows.index)
