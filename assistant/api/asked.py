"""What data endpoints are asked with: devices, sites and a window, as they stand in an address."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Query

from assistant.api.dependencies import Seen
from assistant.dashboards.board import Chosen
from tools.clock import Utc
from tools.errors import BadArgumentError
from tools.quantity import Window

# As many as a person picks; a whole fleet is asked for by naming none.
_MOST_NAMES = 200
Name = Annotated[str, Query(max_length=64)]
Devices = Annotated[
    tuple[Name, ...], Query(alias="device", max_length=_MOST_NAMES, description="Devices, for example D03")
]
Sites = Annotated[
    tuple[Name, ...], Query(alias="site", max_length=_MOST_NAMES, description="Sites, for example Harbor")
]
Fields = Annotated[
    tuple[Name, ...],
    Query(
        alias="field",
        max_length=20,
        description="Fields of a reading, for example soc_pct; the usual ones where none",
    ),
]
From = Annotated[
    Utc | None, Query(alias="from", description="Begin of the window, ISO 8601", examples=["2026-03-01T00:00:00Z"])
]
To = Annotated[Utc | None, Query(alias="to", description="End of the window, exclusive; now where none is named")]


def chosen(devices: Devices = (), sites: Sites = ()) -> Chosen:
    """The devices named, those of the sites named, or the whole fleet."""
    return Chosen(devices, sites)


Asked = Annotated[Chosen, Depends(chosen)]


def window_between(board: Seen, start: Utc | None, end: Utc | None, usual: timedelta) -> Window:
    """The window named, or the usual time before its end.

    Raises:
        BadArgumentError: it ends before it starts.
    """
    if start is None and end is None:
        return board.last(usual)
    end = end or board.now()
    start = start or end - usual
    if start >= end:
        raise BadArgumentError("The window ends before it starts.", "Give a `from` that is earlier than `to`.")
    return Window(start=start, end=end)
