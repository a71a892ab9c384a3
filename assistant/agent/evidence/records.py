"""The records of a turn's results: each thing a result lists, with every word and state it says of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from assistant.agent.turn import CallRecord
from tools.quantity import Asked, ChartSpec, Quantity, Window


@dataclass(frozen=True)
class Record:
    """One thing a result lists: the words it says, its flags, and the cell it is of. `device_id` None is the whole."""

    words: str
    flags: frozenset[str]
    device_id: str | None
    cell_no: int | None


def records_of(calls: Sequence[CallRecord]) -> list[Record]:
    """Every record of a turn, the small ones and those that hold them."""
    return [record for call in calls if call.result is not None for record in _records(call.result, None)]


def _records(part: BaseModel, device_id: str | None) -> Iterator[Record]:
    own = getattr(part, "device_id", None) or device_id
    words, flags = [], set()
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, bool):
            flags.add(name if value else f"not {name}")
        elif isinstance(value, str):
            words.append(value.replace("_", " "))
        elif isinstance(value, Quantity):
            words += [value.text or "", value.field or ""]
        elif isinstance(value, BaseModel) and not isinstance(value, Asked | ChartSpec | Window):
            yield from _records(value, own)
        elif isinstance(value, tuple):
            words += [one for one in value if isinstance(one, str)]
            for one in value:
                if isinstance(one, Quantity):
                    yield Record((one.text or "").lower(), frozenset(), one.device_id or own, one.cell_no)
                elif isinstance(one, BaseModel) and not isinstance(one, ChartSpec):
                    yield from _records(one, own)
        elif value is None:
            flags.add(f"no {name}")
    yield Record(" ".join(words).lower(), frozenset(flags), own, getattr(part, "cell_no", None))
