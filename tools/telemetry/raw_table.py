"""A file's table as it stands in the file, before anything is made of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import pandas as pd


@dataclass(frozen=True)
class RawTable:
    """The rows of a file, numbered from 0, and what was noticed on the way.

    `frame` holds text, or the file's own types where it has any; `problems` says of each row why it cannot be
    read as one, "" where it can. `delimiter` is what stood between the cells of a text file.
    """

    frame: pd.DataFrame
    problems: pd.Series
    notes: tuple[str, ...] = ()
    delimiter: str = ""


def sound_table(frame: pd.DataFrame, *notes: str) -> RawTable:
    """A table of which every row can be read."""
    rows = frame.reset_index(drop=True)
    return RawTable(rows, pd.Series("", index=rows.index, dtype=object), notes)


class RawRows(Sequence[str]):
    """The rows of a table as JSON, each made only when it is asked for."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def __len__(self) -> int:
        return len(self._frame)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return RawRows(self._frame.iloc[index])
        row = {name: None if pd.isna(cell) else cell for name, cell in self._frame.iloc[index].items()}
        return json.dumps(row, default=str, ensure_ascii=False)


def unique_names(cells: Sequence[str]) -> list[str]:
    """Headers as column names: blank ones are numbered, a repeated one says which it is."""
    names: list[str] = []
    for position, cell in enumerate(cells, start=1):
        plain = " ".join(str(cell).replace("\ufeff", "").split()) or f"column {position}"
        seen = sum(name == plain or name.startswith(f"{plain} (no. ") for name in names)
        names.append(f"{plain} (no. {seen + 1})" if seen else plain)
    return names
