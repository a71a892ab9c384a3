"""Decides which window a question is answered over, and refuses windows that hold nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tools.clock import to_utc
from tools.errors import BadArgumentError, NoDataError
from tools.quantity import Window
from tools.telemetry.store import ReadingStore

DAY = timedelta(days=1)


@dataclass(frozen=True)
class AskedWindow:
    """The window taken, and a note where it is not what one would assume."""

    window: Window
    note: str | None = None


def begin_of(start: datetime | None, end: datetime | None, now: datetime, usual: timedelta) -> datetime:
    """The begin of a question's window: what it names, else the usual length before its end."""
    return start or (end or now) - usual


def asked_window(
    store: ReadingStore,
    device_ids: Sequence[str],
    start: datetime | None,
    end: datetime | None,
    now: datetime,
) -> AskedWindow:
    """The window of a question: what it names, else the last 24 hours.

    Devices that have been silent for longer are answered over the last 24 hours that hold readings, and
    the note says so.

    Raises:
        BadArgumentError: the window ends before it starts.
        NoDataError: it lies where there are no readings; the hint names the range that exists.
    """
    if start is None and end is None:
        return _last_day(store, device_ids, now)
    last = to_utc(end) if end else now
    first = to_utc(start) if start else last - DAY
    if first >= last:
        if first >= now:
            raise NoDataError("That window lies in the future.", range_hint(store, device_ids))
        raise BadArgumentError(
            f"The window ends ({last:%Y-%m-%d %H:%M} UTC) before it starts ({first:%Y-%m-%d %H:%M} UTC).",
            "Give a start that is earlier than the end.",
        )
    if first >= now:
        raise NoDataError("That window lies in the future.", range_hint(store, device_ids))
    spans = store.spans(device_ids).values()
    if not any(span.first < last and span.last >= first for span in spans):
        raise NoDataError(
            f"There are no readings from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC.",
            range_hint(store, device_ids),
        )
    # "Ever" begins with the first reading, not at the beginning of time.
    earliest = min(span.first for span in spans)
    return AskedWindow(Window(start=max(first, earliest), end=last))


def _last_day(store: ReadingStore, device_ids: Sequence[str], now: datetime) -> AskedWindow:
    newest = store.newest(device_ids)
    if not newest:
        raise NoDataError("There are no readings yet.", range_hint(store, device_ids))
    last = max(newest.values())
    if last >= now - DAY:
        return AskedWindow(Window(start=now - DAY, end=now))
    # The newest reading itself belongs to the window, which is open at its end.
    end = last + timedelta(seconds=1)
    return AskedWindow(
        Window(start=end - DAY, end=end),
        "there are no readings in the last 24 hours, so these are the last 24 hours that hold any",
    )


def range_hint(store: ReadingStore, device_ids: Sequence[str]) -> str:
    """A sentence that names the range of readings there is."""
    spans = store.spans(device_ids).values()
    if not spans:
        return "There are no readings of it at all."
    first, last = min(span.first for span in spans), max(span.last for span in spans)
    return f"Readings exist from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC."
