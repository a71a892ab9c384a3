"""A discharge says how healthy a string is, and less so where its make could explain the same voltages."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.builders import device
from tools.analytics.discharge_model import StringModel, polarisation, typical_ohmic
from tools.analytics.discharges import SeenDischarge
from tools.analytics.soh_signals import Signal, discharge_signal

D01 = device()
LOAD_A, HOURS = 40.0, np.arange(0.25, 5.0, 0.25)


def seen(soh: float, hours: np.ndarray = HOURS) -> SeenDischarge:
    """A discharge at 40 A of a 500 Ah string of this health, without noise."""
    load = np.full(hours.size, LOAD_A)
    model = StringModel(500.0, 25.0, typical_ohmic(500.0, soh), soh)
    slow = polarisation(hours, load, 500.0)
    return SeenDischarge(
        hours=hours,
        drawn_ah=LOAD_A * hours,
        load_a=load,
        cell_v=model.voltage(LOAD_A * hours, load, slow),
        polarisation_v=slow,
        temperature_c=25.0,
        is_running=False,
        depth=LOAD_A * float(hours[-1]) / 500,
    )


def signal(*discharges: SeenDischarge) -> Signal:
    found = discharge_signal(list(discharges), D01, None)
    assert found is not None
    return found


@pytest.mark.parametrize("soh", [0.95, 0.8, 0.7])
def test_the_health_behind_a_discharge_lies_in_its_interval(soh: float) -> None:
    found = signal(seen(soh))
    assert abs(found.soh_pct - 100 * soh) < 1.645 * found.sd_pct


def test_a_deep_discharge_says_more_than_a_shallow_one() -> None:
    assert signal(seen(0.8)).sd_pct < signal(seen(0.8, HOURS[:6])).sd_pct


def test_many_discharges_of_one_make_are_not_as_good_as_many_makes() -> None:
    one, ten = signal(seen(0.8)), signal(*[seen(0.8)] * 10)
    assert ten.sd_pct > one.sd_pct / 2


def test_a_string_that_stands_higher_all_along_is_not_taken_for_a_healthier_one() -> None:
    plain = seen(0.8)
    higher = replace(plain, cell_v=plain.cell_v + 0.004)
    assert signal(higher).soh_pct == pytest.approx(signal(plain).soh_pct, abs=2.0)
