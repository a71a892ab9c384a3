"""Writes a DataFrame to a table in one statement, as the driver's own values: much quicker than row objects."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.database import UtcDateTime

CHUNK = 5000


def insert_frame(connection: Connection, table: sa.Table, frame: pd.DataFrame) -> None:
    """Insert every row; columns of the frame are columns of the table, times carry UTC, no data is null."""
    if frame.empty:
        return
    names = [name for name in frame.columns if name in table.columns]
    is_sqlite = connection.dialect.name == "sqlite"
    placeholder = "?" if is_sqlite else "%s"
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join([placeholder] * len(names))})"  # noqa: S608  names come from the table
    columns = [_driver_values(frame[name], table.columns[name], is_sqlite) for name in names]
    rows = list(zip(*columns, strict=True))
    for start in range(0, len(rows), CHUNK):
        connection.exec_driver_sql(statement, rows[start : start + CHUNK])


def _driver_values(values: pd.Series, column: sa.Column[Any], is_sqlite: bool) -> Sequence[Any]:
    if isinstance(column.type, UtcDateTime):
        moments = pd.to_datetime(values, utc=True)
        if is_sqlite:
            # The text SQLAlchemy itself writes, so that times compare as text.
            return _with_none(moments.dt.strftime("%Y-%m-%d %H:%M:%S.%f"))
        return [None if pd.isna(moment) else moment.to_pydatetime().astimezone(UTC) for moment in moments]
    if isinstance(column.type, sa.Date) and is_sqlite:
        return [None if pd.isna(day) else str(day)[:10] for day in values]
    if isinstance(column.type, sa.BigInteger | sa.Integer):
        return _with_none(values.astype("Int64"))
    if isinstance(column.type, sa.Double):
        return _with_none(values.astype(float))
    return _with_none(values)


def _with_none(values: pd.Series) -> list[Any]:
    plain = values.astype(object)
    return plain.where(plain.notna(), None).tolist()
