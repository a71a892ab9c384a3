"""What a dashboard looks at: site, device, cell, measure and time range, as they stand in the address of the page."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, get_args
from urllib.parse import parse_qs, urlencode

from tools.analytics.cells import CellMeasure

# Long names are nobody's; what a page shows of them stays short.
_LONGEST_NAME = 64
RANGES = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
USUAL_RANGE = "24h"
MEASURES: tuple[CellMeasure, ...] = get_args(CellMeasure)


@dataclass(frozen=True)
class Look:
    """Where somebody looks; "" and None are the whole fleet."""

    site: str = ""
    device: str = ""
    cell: int | None = None
    measure: CellMeasure = "voltage"
    range_name: str = USUAL_RANGE

    @property
    def length(self) -> timedelta:
        """How far back charts go."""
        return RANGES[self.range_name]

    def to(self, **changes: Any) -> str:
        """The address of the page that looks elsewhere, for example to(device="D03")."""
        return address("/", replace(self, **changes))

    def out(self) -> "Look":
        """The whole fleet over the same time."""
        return Look(range_name=self.range_name)


def address(path: str, look: Look) -> str:
    """A page with a look in its address; what is usual is left out."""
    parts = {
        "site": look.site,
        "device": look.device,
        "cell": "" if look.cell is None else str(look.cell),
        "measure": "" if look.measure == "voltage" else look.measure,
        "range": "" if look.range_name == USUAL_RANGE else look.range_name,
    }
    query = urlencode({name: value for name, value in parts.items() if value})
    return f"{path}?{query}" if query else path


def read_look(query: str) -> Look:
    """The look in the query of an address; what cannot be read is left at what is usual."""
    values = {name: found[0][:_LONGEST_NAME] for name, found in parse_qs(query.lstrip("?")).items()}
    cell = values.get("cell", "")
    measure = next((one for one in MEASURES if one == values.get("measure")), MEASURES[0])
    range_name = values.get("range", USUAL_RANGE)
    return Look(
        site=values.get("site", ""),
        device=values.get("device", ""),
        cell=int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 4 else None,
        measure=measure,
        range_name=range_name if range_name in RANGES else USUAL_RANGE,
    )
