"""Reads what a sentence claims in figures: its numbers with their units, and the names that hold digits."""

import re

NUMBER = re.compile(
    r"(?<![\w.,:/-])(?P<number>[-+−]?\d+(?:,\d{3})*(?:\.\d+)?)(?:[\s-]?(?P<unit>mV|mA|mΩ|µΩ|V|A|°C|°F|%|Ah|kW|Hz|kWh|"
    r"min(?:utes?)?|h(?:ours?|rs?)?|days?|weeks?|months?|years?|s|°|percent(?:age points?)?|volts?|millivolts?|amps?|"
    r"amperes?|milliamps?|degrees? (?:Celsius|C)|degrees?|hertz|amp[- ]hours?|kilowatts?)(?![\w]))?"
)
# Names hold digits that are not figures: D03, AGM-500, l1, `cell_voltage_v`, "phases 2 and 3", "last 24 hours" of a window.
NAME = re.compile(
    r"`[^`]*`|\b[A-Za-z][A-Za-z_]*-?\d+[\w-]*|\b(?:phases?|cells?|revision) #?\d+(?:(?:, | and | or )\d+)*\b(?! \w*V\b)|"
    r"\blast 24 hours\b|\b(?:out )?of 100(?: points)?\b|\bten-hour\b",
    re.IGNORECASE,
)
LIST_NUMBER = re.compile(r"^\s*\d+\.\s")
SAME_UNIT = {
    "minute": "min", "minutes": "min", "hour": "h", "hours": "h", "day": "days", "year": "years", "week": "weeks",
    "hr": "h", "hrs": "h", "volt": "V", "volts": "V", "millivolt": "mV", "millivolts": "mV", "amp": "A", "amps": "A",
    "ampere": "A", "amperes": "A", "milliamp": "mA", "milliamps": "mA", "degree": "°C", "degrees": "°C",
    "degrees Celsius": "°C", "degree Celsius": "°C", "degrees C": "°C", "hertz": "Hz", "amp-hours": "Ah", "amp hours": "Ah",
    "kilowatt": "kW", "kilowatts": "kW", "month": "months", "percent": "%", "percentage point": "%", "percentage points": "%",
}  # fmt: skip
# "In millivolts: 54,660 for D01" says the unit once, before its figures.
_UNIT_WORDS = {
    "millivolts": "mV", "volts": "V", "milliamps": "mA", "amps": "A", "minutes": "min", "hours": "h", "days": "days",
    "percent": "%", "microohms": "µΩ", "milliohms": "mΩ",
}  # fmt: skip
_UNIT_BEFORE = re.compile(rf"\bin ({'|'.join(_UNIT_WORDS)})\b", re.IGNORECASE)


def number_of(match: re.Match[str]) -> float:
    """The value of a number as a sentence writes it, with commas between thousands and a typographic minus."""
    return float(digits_of(match))


def digits_of(match: re.Match[str]) -> str:
    """The number in plain digits, with as many decimals as were written."""
    return match["number"].replace(",", "").replace("−", "-")


def unit_of(match: re.Match[str], sentence: str) -> str:
    """The unit a number is said in: beside it, else before it in words; "" where there is none."""
    if match["unit"]:
        return SAME_UNIT.get(match["unit"], match["unit"])
    before = list(_UNIT_BEFORE.finditer(sentence, 0, match.start()))
    return _UNIT_WORDS[before[-1][1].lower()] if before else ""


def sentences_of(line: str) -> list[str]:
    """A line in sentences, each with the spaces that follow; numbers like "2.25" stay whole."""
    if line.startswith(("|", "-", " ")) or LIST_NUMBER.match(line):
        return [line]
    return [part for part in re.split(r"(?<=[.!?])(?=\s+[A-Z(*`])", line) if part]
