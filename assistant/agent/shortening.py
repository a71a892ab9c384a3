"""Tool results as a chat model gets them: times in the asker's zone, and long lists cut by whole items."""

import json
import re
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import JsonValue

# About 4,000 tokens: enough for every figure of a fleet, little enough to leave room for several results.
LONGEST_RESULT = 12_000
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})")
# A list is not cut below this: the first items are the ones that matter.
_FEWEST_ITEMS = 3
_LONGEST_TEXT = 600
_MORE = re.compile(r"and (\d+) more")


def for_chat_model(content: str, time_zone: str, longest: int = LONGEST_RESULT) -> str:
    """A tool result in at most so many bytes of JSON. Items of the longest lists are left out, from their ends, with
    "and N more" in their place; a number is never cut."""
    return _fitting(_with_local_times(json.loads(content), ZoneInfo(time_zone)), longest)


def _fitting(result: JsonValue, longest: int) -> str:
    while _size(result) > longest:
        lists = [one for one in _lists(result) if len(one) > _FEWEST_ITEMS + 1]
        if not lists:
            return _written(_with_short_texts(result))
        _halve(max(lists, key=_size))
    return _written(result)


def _halve(items: list[JsonValue]) -> None:
    """Leave out the second half of a list and say how many items that were, with those left out before."""
    before = _MORE.fullmatch(items[-1]) if isinstance(items[-1], str) else None
    count = len(items) - (1 if before else 0)
    kept = max(_FEWEST_ITEMS, count // 2)
    left_out = count - kept + (int(before[1]) if before else 0)
    items[kept:] = [f"and {left_out} more"]


def _lists(part: JsonValue) -> list[list[JsonValue]]:
    """Every list in a result, the outer ones too."""
    if isinstance(part, list):
        return [part] + [inner for one in part for inner in _lists(one)]
    if isinstance(part, dict):
        return [inner for one in part.values() for inner in _lists(one)]
    return []


def _with_local_times(part: JsonValue, zone: ZoneInfo) -> JsonValue:
    """A chat model is asked to copy, not to reckon: times stand as they should be written."""
    if isinstance(part, dict):
        return {key: _with_local_times(value, zone) for key, value in part.items()}
    if isinstance(part, list):
        return [_with_local_times(one, zone) for one in part]
    if isinstance(part, str) and _MOMENT.fullmatch(part):
        local = datetime.fromisoformat(part).astimezone(zone)
        return f"{local.day} {local:%b %Y, %H:%M}"
    return part


def _with_short_texts(part: JsonValue) -> JsonValue:
    """Long texts up to a space: the last way to make a result shorter."""
    if isinstance(part, dict):
        return {key: _with_short_texts(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_with_short_texts(one) for one in part]
    if isinstance(part, str) and len(part) > _LONGEST_TEXT:
        return part[:_LONGEST_TEXT].rsplit(maxsplit=1)[0] + " ..."
    return part


def _size(part: JsonValue) -> int:
    return len(_written(part).encode())


def _written(part: JsonValue) -> str:
    return json.dumps(part, ensure_ascii=False, separators=(",", ":"))
