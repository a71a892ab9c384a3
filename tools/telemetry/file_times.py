"""Reads a file's column of times into UTC, with the reason for each row whose time cannot be told."""

import re
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np
import pandas as pd
from rapidfuzz import process

from tools.errors import ImportFileError
from tools.telemetry.aliases import time_unit

_TIME = re.compile(
    r"(?P<a>\d{1,4})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{1,4})"
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<clock>\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?\s*(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"
)
_PLAIN = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?"
_COMPACT = re.compile(r"((?:19|20)\d{2})([01]\d)([0-3]\d)[T ]?([0-2]\d)([0-5]\d)([0-5]\d)")
_NUMBER = r"\d+(?:[.,]\d+)?"
_CLOCK = r"\d{1,2}:\d{2}.*"
# Seconds since 1970 that a battery can have been measured at: 1973 to 2100.
_EPOCH_SECONDS = (1e8, 4.2e9)
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@dataclass(frozen=True)
class FileTimes:
    """The times in UTC, why a row has none ("" where it has), and how the column was read."""

    times: pd.Series
    reasons: pd.Series
    read_as: str


@dataclass(frozen=True)
class _Naive:
    """Times without a zone and what the zone makes of them."""

    times: pd.Series
    reasons: pd.Series


def time_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name.

    Raises:
        ImportFileError: with the nearest names.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        nearest = [match for match, _, _ in process.extract(name, sorted(available_timezones()), limit=3)]
        raise ImportFileError(f"No time zone {name!r}.", f"Nearest names: {', '.join(nearest)}.") from error


def with_day(day: pd.Series, clock: pd.Series) -> pd.Series:
    """Date and time of day from two columns as one; a time that holds its date already stays as it is."""
    text = clock.astype("str").str.strip()
    joined = day.astype("str").str.replace(r"[T ]00:00:00.*$", "", regex=True).str.strip() + " " + text
    return text.where(~text.str.fullmatch(_CLOCK).fillna(False).astype(bool), joined)


def read_times(column: pd.Series, unit: str, zone: ZoneInfo) -> FileTimes:
    """The times of a column.

    Args:
        column: text, numbers or times.
        unit: what the header or the asker says: an epoch's unit, "UTC", "day-first", "month-first" or "".
        zone: how times without a zone are read.

    Raises:
        ImportFileError: no row can be read, dates that can be read two ways, or zones on some times only.
    """
    meaning = time_unit(unit)
    naive_zone = ZoneInfo("UTC") if meaning == "UTC" else zone
    if pd.api.types.is_datetime64_any_dtype(column):
        return _of_times(column, naive_zone)
    text = _text(column)
    # Most files write every time in the same plain way, which is read at once and without taking it apart.
    is_plain = text.str.fullmatch(_PLAIN).astype(bool)
    plain = pd.to_datetime(text.where(is_plain), format="ISO8601", errors="coerce").dt.as_unit("us")
    others = text[~is_plain].str.replace(_COMPACT, r"\1-\2-\3 \4:\5:\6", regex=True)
    is_number = others.str.fullmatch(_NUMBER).astype(bool)
    parts = others[~is_number].str.extract(rf"^{_TIME.pattern}$")
    parts.columns = pd.Index(list(_TIME.groupindex))
    order = _day_order(parts, others, str(column.name), meaning)
    naive = plain.fillna(_wall_times(parts, is_day_first=order == "day-first").reindex(text.index))
    has_zone = parts["zone"].notna().reindex(text.index, fill_value=False)
    if meaning != "UTC":
        _check_one_kind(text, naive.notna(), has_zone, str(column.name))
    placed = _in_zone(naive.where(~has_zone), naive_zone)
    offsets = parts["zone"].map({zone: _offset(zone) for zone in parts["zone"].dropna().unique()})
    aware = (naive.where(has_zone) - pd.to_timedelta(offsets).reindex(text.index)).dt.tz_localize("UTC")
    epoch, epoch_unit = _epoch(others[is_number], meaning)
    epoch = epoch.reindex(text.index)
    times = placed.times.fillna(aware).fillna(epoch).dt.as_unit("us")
    reasons = placed.reasons.mask((placed.reasons == "") & (text == ""), "no time")
    unread = times.isna() & (reasons == "")
    reasons[unread] = [f"time: {cell!r} is not a time" for cell in text[unread]]
    if times.isna().all() and unread.any():
        raise _nothing_readable(str(column.name), text[unread].iloc[0])
    said = [order, f"epoch {epoch_unit}" if epoch_unit else "", "with zone" if has_zone.any() else ""]
    said.append(f"read in {naive_zone.key}" if (naive.notna() & ~has_zone).any() else "")
    return FileTimes(times, reasons, ", ".join(word for word in said if word))


def _text(column: pd.Series) -> pd.Series:
    text = column.astype("str").str.strip().fillna("")
    return text.where(~text.str.lower().isin(["nan", "nat", "none", "null"]), "")


def _nothing_readable(name: str, example: str) -> ImportFileError:
    return ImportFileError(
        f"No time in the column {name!r} can be read, for example {example!r}.",
        "Known: 2017-03-25 07:00:06, with or without a zone such as Z or +02:00; 25.03.2017 07:00; "
        "seconds or milliseconds since 1970.",
    )


def _of_times(column: pd.Series, zone: ZoneInfo) -> FileTimes:
    if column.dt.tz is not None:
        times, reasons, read_as = column.dt.tz_convert("UTC"), pd.Series("", index=column.index, dtype=object), ""
    else:
        placed = _in_zone(column, zone)
        times, reasons, read_as = placed.times, placed.reasons, f"read in {zone.key}"
    reasons[column.isna()] = "no time"
    return FileTimes(times.dt.as_unit("us"), reasons, read_as or "with zone")


def _day_order(parts: pd.DataFrame, text: pd.Series, name: str, meaning: str | None) -> str:
    """Which comes first in dates that do not begin with the year; "" where all do."""
    is_short = parts["a"].str.len() < 3
    if not is_short.any():
        return ""
    if meaning in ("day-first", "month-first"):
        return meaning
    firsts, seconds = parts.loc[is_short, "a"].astype(int), parts.loc[is_short, "b"].astype(int)
    example = text[parts.index][is_short].iloc[0]
    if (firsts > 12).any() and (seconds > 12).any():
        raise ImportFileError(
            f"The column {name!r} mixes dates with the day first and with the month first, for example {example!r}.",
            "Write the dates as YYYY-MM-DD.",
        )
    if (firsts > 12).any():
        return "day-first"
    if (seconds > 12).any():
        return "month-first"
    if text[parts.index][is_short].str.match(r"\d{1,2}\.").all():
        # Nobody writes dots with the month first.
        return "day-first"
    raise ImportFileError(
        f"Dates such as {example!r} in the column {name!r} can be read with the day or the month first.",
        f'Say which: --map "{name}=timestamp_utc:day-first" or "{name}=timestamp_utc:month-first". '
        "--timezone only says which zone they are in.",
    )


def _wall_times(parts: pd.DataFrame, *, is_day_first: bool) -> pd.Series:
    """The date and time of day as written, without any zone."""
    is_year_first = parts["a"].str.len() == 4
    day, month = ("a", "b") if is_day_first else ("b", "a")
    years = parts["a"].where(is_year_first, parts["c"].where(parts["c"].str.len() == 4))
    months = parts["b"].where(is_year_first, parts[month])
    days = parts["c"].where(is_year_first, parts[day])
    dates = years + "-" + months.str.zfill(2) + "-" + days.str.zfill(2)
    clocks = parts["hour"].fillna("0").str.zfill(2) + ":" + parts["clock"].fillna("00").str.replace(",", ".")
    wall = pd.to_datetime(dates + "T" + clocks, format="ISO8601", errors="coerce").dt.as_unit("us")
    half, hour = parts["half"].str.lower(), wall.dt.hour
    wall = wall.mask(half.notna() & ((hour > 12) | (hour == 0)))
    wall = wall.mask((half == "p") & (hour < 12), wall + timedelta(hours=12))
    return wall.mask((half == "a") & (hour == 12), wall - timedelta(hours=12))


def _check_one_kind(text: pd.Series, is_time: pd.Series, has_zone: pd.Series, name: str) -> None:
    zoned, bare = text[is_time & has_zone], text[is_time & ~has_zone]
    if len(zoned) and len(bare):
        raise ImportFileError(
            f"In the column {name!r} {len(zoned)} times carry a zone ({zoned.iloc[0]!r}) and {len(bare)} do not "
            f"({bare.iloc[0]!r}).",
            "Write a zone on all of them or on none; --timezone says how times without one are read.",
        )


def _in_zone(naive: pd.Series, zone: ZoneInfo) -> _Naive:
    """Times of a zone's clock in UTC; hours the clock skips or repeats get a reason."""
    times = naive.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    reasons = pd.Series("", index=naive.index, dtype=object)
    lost = naive[naive.notna() & times.isna()]
    if len(lost):
        first = lost.dt.tz_localize(zone, ambiguous=np.ones(len(lost), dtype=bool), nonexistent="NaT")
        skipped, repeated = lost[first.isna()], lost[first.notna()]
        reasons.update(skipped.map(lambda moment: f"time: {moment} does not exist in {zone.key}").astype(object))
        reasons.update(repeated.map(lambda moment: f"time: {moment} occurs twice in {zone.key}").astype(object))
    return _Naive(times.dt.tz_convert("UTC"), reasons)


def _offset(zone: str) -> timedelta | None:
    if zone.upper() in ("Z", "UTC", "GMT"):
        return timedelta(0)
    digits = zone[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if ahead > timedelta(hours=14):
        return None
    return ahead if zone[0] == "+" else -ahead


def _epoch(text: pd.Series, meaning: str | None) -> tuple[pd.Series, str]:
    """Times from numbers since 1970; the unit is the one said, or the one that gives plausible dates."""
    numbers = pd.to_numeric(text.str.replace(",", "."), errors="coerce")
    middle = numbers.median()
    low, high = _EPOCH_SECONDS
    fitting = [unit for unit, each in _PER_SECOND.items() if low <= middle / each < high]
    unit = meaning if meaning in _PER_SECOND else next(iter(fitting), "")
    if not unit:
        return pd.Series(pd.NaT, index=text.index, dtype="datetime64[us, UTC]"), ""
    seconds = numbers / _PER_SECOND[unit]
    sound = numbers.where(seconds.between(low, high))
    micros = (sound * (10**6 / _PER_SECOND[unit])).round()
    return pd.to_datetime(micros.astype("Int64"), unit="us", utc=True), unit if sound.notna().any() else ""
