"""The numbers of the cell model in which one make of cell differs from the next, and what the domain notes give them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict


class Laws(BaseModel):
    """How the cells of one string behave; the defaults are the domain notes', section 3.

    `ohmic_rise` and `polarisation` are factors on the notes' laws: 1 is as there. Voltages in V, the capacity's
    change per °C and its power over the rate are shares.
    """

    model_config = ConfigDict(frozen=True)

    empty_v: float = 1.93
    full_span_v: float = 0.22
    capacity_per_kelvin: float = 0.007
    rate_power: float = 0.12
    ohmic_rise: float = 1.0
    polarisation: float = 1.0


@dataclass(frozen=True)
class FleetLaws:
    """The same for many strings at once: devices x 1."""

    empty_v: NDArray[np.float64]
    full_span_v: NDArray[np.float64]
    capacity_per_kelvin: NDArray[np.float64]
    rate_power: NDArray[np.float64]
    ohmic_rise: NDArray[np.float64]
    polarisation: NDArray[np.float64]


def laws_of(strings: Sequence[Laws]) -> FleetLaws:
    """The laws of these strings, in their order."""
    return FleetLaws(
        **{field.name: np.array([[getattr(one, field.name)] for one in strings]) for field in fields(FleetLaws)}
    )
