"""Reads a file's columns of values into our fields: decimal commas, units, signs, and what is no number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tools.telemetry.columns import Choice
from tools.telemetry.fields import FieldFacts, all_fields
from tools.telemetry.units import Conversion, conversion

_NO_DATA = ["", "nan", "-nan", "null", "none", "nil", "n/a", "na", "#n/a", "-", "--", "---", "<na>", "no data"]
_COMMA_NUMBER = r"[+-]?\d+,\d+"
_THOUSANDS = r"[+-]?\d{1,3},\d{3}"
# The largest whole number a float holds exactly.
_EXACT = 2**53


@dataclass(frozen=True)
class FileValues:
    """The values by field, why a row cannot be read ("" where it can), and what was done to each column."""

    frame: pd.DataFrame
    reasons: pd.Series
    done: Mapping[str, str]


def read_values(frame: pd.DataFrame, choices: Sequence[Choice], delimiter: str = "") -> FileValues:
    """The values of the chosen columns in the units of their fields; no data is null.

    Args:
        frame: the columns as they stand in the file.
        choices: what each is.
        delimiter: what stood between the cells of a text file; a semicolon goes with decimal commas.
    """
    reasons = pd.Series("", index=frame.index, dtype=object)
    numeric = [choice for choice in choices if all_fields()[choice.field].is_numeric]
    numbers = _numbers(frame[[choice.column for choice in numeric]], reasons, delimiter)
    read: dict[str, pd.Series] = {}
    done: dict[str, str] = {}
    for choice in choices:
        facts = all_fields()[choice.field]
        if facts.is_numeric:
            values, done[choice.column] = _converted(numbers[choice.column], choice, facts)
            _reject_fractions(values, choice, facts, reasons)
        else:
            values, done[choice.column] = _words(frame[choice.column]), "as text"
        read[choice.field] = _together(read[choice.field], values) if choice.field in read else values
    return FileValues(pd.DataFrame(read, index=frame.index), reasons, done)


def _numbers(frame: pd.DataFrame, reasons: pd.Series, delimiter: str) -> pd.DataFrame:
    """Every column as numbers; a cell that holds something else gets its row a reason."""
    names = [str(name) for name in frame.columns]
    texts = {name: _text(frame[name]) for name in names if not pd.api.types.is_numeric_dtype(frame[name])}
    numbers = {name: pd.to_numeric(texts.get(name, frame[name]), errors="coerce").astype(float) for name in names}
    unread = {name: text[numbers[name].isna() & text.notna()] for name, text in texts.items()}
    if _has_decimal_commas(texts, unread, delimiter):
        for name, cells in unread.items():
            dotted = cells.where(cells.str.fullmatch(_COMMA_NUMBER)).str.replace(",", ".", regex=False)
            numbers[name] = numbers[name].fillna(pd.to_numeric(dotted, errors="coerce"))
    for name, values in numbers.items():
        is_bad = np.isinf(values)
        if name in texts:
            is_bad |= values.isna() & texts[name].notna()
        is_bad &= reasons == ""
        what = texts.get(name, values)
        reasons[is_bad] = [f"{name}: {cell!r} is not a number" for cell in what[is_bad]]
    return pd.DataFrame(numbers, index=frame.index)


def _text(column: pd.Series) -> pd.Series:
    text = column.astype("str").str.strip()
    return text.where(~text.str.lower().isin(_NO_DATA))


def _has_decimal_commas(texts: Mapping[str, pd.Series], unread: Mapping[str, pd.Series], delimiter: str) -> bool:
    """Whether the comma is the decimal sign of the whole file, in which no number has a dot then."""
    cells = pd.concat([pd.Series([], dtype="str"), *unread.values()])
    commas = cells[cells.str.fullmatch(_COMMA_NUMBER).astype(bool)]
    if commas.empty or any(text.str.contains(".", regex=False, na=False).any() for text in texts.values()):
        return False
    # "1,234" alone may be a thousand, where no semicolon between cells says that commas are for decimals.
    return delimiter == ";" or bool((~commas.str.fullmatch(_THOUSANDS) | commas.str.match(r"[+-]?0,")).any())


def _converted(values: pd.Series, choice: Choice, facts: FieldFacts) -> tuple[pd.Series, str]:
    """The values in the field's unit and sign, and what was done, for a person."""
    change = _conversion(values, choice, facts)
    said = ["as it is"] if change is None else [str(change)]
    if change is not None:
        if not choice.unit and not change.is_identity:
            said.append("all values lie between 0 and 1")
        values = change.apply(values)
    if choice.sign == "turned" or (choice.sign == "discharge is positive" and (values > 0).any()):
        # Taken from zero, so that 0 does not become -0.
        values = 0.0 - values
        said.append("sign turned")
    return values, ", ".join(said)


def _conversion(values: pd.Series, choice: Choice, facts: FieldFacts) -> Conversion | None:
    if choice.unit:
        return conversion(choice.unit, facts.unit)
    is_fraction = facts.unit == "%" and 0 < values.max() <= 1 and values.min() >= 0
    return conversion("fraction" if is_fraction else facts.unit, facts.unit)


def _reject_fractions(values: pd.Series, choice: Choice, facts: FieldFacts, reasons: pd.Series) -> None:
    if facts.kind != "integer":
        return
    is_bad = values.notna() & ((values % 1 != 0) | (values.abs() > _EXACT)) & (reasons == "")
    reasons[is_bad] = [f"{choice.column}: {value} is not a whole number" for value in values[is_bad]]


def _words(column: pd.Series) -> pd.Series:
    words = _text(column).str.lower().str.replace(r"[\s-]+", "_", regex=True).astype(object)
    return words.where(words.notna(), None)


def _together(charging: pd.Series, discharging: pd.Series) -> pd.Series:
    """The current from two columns, one a direction."""
    return charging.fillna(0.0).add(discharging.fillna(0.0)).where(charging.notna() | discharging.notna())
