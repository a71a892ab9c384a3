"""Writes moments, windows and durations the way a person reads them, in the asker's zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tools.quantity import Window


def moment_words(moment: datetime, time_zone: str) -> str:
    """A moment, for example "23 Nov 14:05 CET"."""
    local = moment.astimezone(ZoneInfo(time_zone))
    return f"{_day(local)} {local:%H:%M %Z}"


def window_words(window: Window, time_zone: str) -> str:
    """A window, for example "23 Nov 00:00–24:00 CET"; a window that ends at midnight ends at 24:00."""
    zone = ZoneInfo(time_zone)
    start, end = window.start.astimezone(zone), window.end.astimezone(zone)
    last = end - timedelta(microseconds=1) if window.end > window.start else end
    clock = "24:00" if last.date() != end.date() else f"{end:%H:%M}"
    day = "" if last.date() == start.date() else f" {_day(last)} "
    return f"{_day(start)} {start:%H:%M}{day and ' '}–{day}{clock} {end:%Z}"


def duration_words(milliseconds: float) -> str:
    """A short duration, for example "12 ms" or "1.4 s"."""
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def _day(local: datetime) -> str:
    return f"{local.day} {local:%b}"
