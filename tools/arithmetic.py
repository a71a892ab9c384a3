"""Differences, ratios and percentages of figures a tool has given; so no number is made up on the way."""

from typing import Literal

from tools.errors import BadArgumentError, NoDataError
from tools.quantity import Frozen, Quantity

Operation = Literal["difference", "ratio", "percent_of", "percent_change"]


class Calculation(Frozen):
    """An operation, what went in, and what came out."""

    operation: Operation
    left: Quantity
    right: Quantity
    result: Quantity


def calculate(operation: Operation, left: Quantity, right: Quantity) -> Calculation:
    """Compute with two figures.

    Args:
        operation: difference (left - right), ratio (left / right), percent_of (100 left / right),
            percent_change (100 (left - right) / |right|).

    Raises:
        NoDataError: a side has no value.
        BadArgumentError: the units differ, or the right side is zero where it divides.
    """
    if left.value is None or right.value is None:
        raise NoDataError("One side of the calculation has no data.")
    if left.unit != right.unit:
        raise BadArgumentError(
            f"{left.unit or 'a plain number'} and {right.unit or 'a plain number'} cannot be combined.",
            "Ask for two figures in the same unit.",
        )
    if operation != "difference" and right.value == 0:
        raise BadArgumentError("The second figure is zero, so there is no ratio.")
    return Calculation(operation=operation, left=left, right=right, result=_result(operation, left, right))


def _result(operation: Operation, left: Quantity, right: Quantity) -> Quantity:
    first, second = left.value or 0.0, right.value or 0.0
    shared = {
        "field": left.field if left.field == right.field else None,
        "device_id": left.device_id if left.device_id == right.device_id else None,
        "window": left.window if left.window == right.window else None,
    }
    if operation == "difference":
        return Quantity(value=first - second, unit=left.unit, statistic="difference", **shared)
    if operation == "ratio":
        return Quantity(value=first / second, statistic="ratio", **shared)
    if operation == "percent_of":
        return Quantity(value=100 * first / second, unit="%", statistic="percent", **shared)
    return Quantity(value=100 * (first - second) / abs(second), unit="%", statistic="percent", **shared)
