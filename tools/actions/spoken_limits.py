"""How people say the limit of an alarm, and what its rule compares: "38 °C", "20 % charge left", "2.20 V a cell".

Rules watch signals that grow with trouble; people name the measured value. So 20 % of charge left is 80 % missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tools.analytics.alert_rules import AlertName
from tools.errors import BadArgumentError


@dataclass(frozen=True)
class SpokenLimit:
    """What is limited, in which unit, and from where to where a limit makes sense.

    The rule's threshold is `sign` * limit + `offset`.
    """

    of: str
    unit: str
    low: float
    high: float
    sign: float = 1.0
    offset: float = 0.0

    def threshold(self, limit: float) -> float:
        """What the rule compares its signal with."""
        return round(self.sign * limit + self.offset, 6)

    def limit(self, threshold: float) -> float:
        """The limit as people say it."""
        return round((threshold - self.offset) / self.sign, 6)


# Offsets are those of the signals in tools/analytics/alert_signals.py; ranges leave out what no 2 V cell survives.
SPOKEN: Mapping[AlertName, SpokenLimit] = {
    "V_CELL_LOW_FLOAT": SpokenLimit("lowest cell voltage on float", "V", 2.0, 2.25, -1, 2.18),
    "V_CELL_HIGH_FLOAT": SpokenLimit("highest cell voltage on float", "V", 2.25, 2.6),
    "V_CELL_BEHIND": SpokenLimit("distance of a cell behind its string", "mV", 20, 500),
    "V_CELL_SHORT": SpokenLimit("distance of a shorted cell behind its string", "mV", 50, 800),
    "LOW_RESERVE": SpokenLimit("state of charge", "%", 5, 90, -1, 100),
    "END_V": SpokenLimit("lowest cell voltage in discharge", "V", 1.6, 2.0, -1, 2.0),
    "T_HIGH": SpokenLimit("temperature of the hottest post", "°C", 20, 65),
    "T_LOW": SpokenLimit("temperature of the cells", "°C", -40, 20, -1),
    "DT_AMB": SpokenLimit("temperature of a post over its room", "°C", 1, 30),
    "IFLOAT": SpokenLimit("float current against its own level", "times", 1.1, 10),
    "OHMIC": SpokenLimit("rise of a cell's ohmic value", "%", 5, 200),
    "JOINT": SpokenLimit("rise of a connection's resistance", "%", 5, 400),
    "RIPPLE": SpokenLimit("ripple against what is allowed", "times", 0.2, 5),
    "RECHARGE_SLOW": SpokenLimit("time until charged again", "h", 1, 240),
    "COMM": SpokenLimit("polls without a frame", "polls", 1, 100),
    "CAPACITY": SpokenLimit("capacity left", "%", 50, 99, -1, 100),
}


def spoken(alarm: AlertName) -> SpokenLimit:
    """How the limit of an alarm is said.

    Raises:
        BadArgumentError: it has none that is a number of its own.
    """
    if alarm not in SPOKEN:
        raise BadArgumentError(
            f"{alarm} has no limit that could be set.", f"Limits can be set for {', '.join(SPOKEN)}."
        )
    return SPOKEN[alarm]


def checked_limit(alarm: AlertName, limit: float) -> float:
    """A limit that makes sense for its alarm.

    Raises:
        BadArgumentError: it is out of range; says the range.
    """
    one = spoken(alarm)
    if not one.low <= limit <= one.high:
        raise BadArgumentError(
            f"{limit:g} {one.unit} makes no sense as {one.of}.",
            f"Choose a value from {one.low:g} to {one.high:g} {one.unit}.",
        )
    return limit
