"""Reads what a sentence claims in figures: its numbers with their units, its times, and the names that are neither."""

import re

NUMBER = re.compile(
    r"(?<![\w.,:/-])(?P<number>[-+−]?\d+(?:,\d{3})*(?:\.\d+)?)(?:\s?(?P<unit>mV|mA|mΩ|V|A|°C|°F|%|Ah|kW|Hz|kWh|min(?:utes)?|"
    r"h(?:ours)?|days?|years?|s|°)(?![\w]))?"
)
TIME = re.compile(
    r"\b(?P<day>\d{1,2}) (?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?: (?P<year>\d{4}))?"
    r"(?:,? (?:from )?(?P<hour>\d{2}):(?P<minute>\d{2})(?: to (?P<hour2>\d{2}):(?P<minute2>\d{2}))?)?"
)
ISO_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
# Names hold digits that are not figures: D03, AGM-500, l1, `cell_voltage_v`, "last 24 hours" of a window.
NAME = re.compile(
    r"`[^`]*`|\b[A-Za-z][A-Za-z_]*-?\d+[\w-]*|\b(?:phase|cell) \d+\b|\blast 24 hours\b|\bof 100(?: points)?\b|\bten-hour\b"
)
LIST_NUMBER = re.compile(r"^\s*\d+\.\s")
SAME_UNIT = {"minutes": "min", "hours": "h", "day": "days", "year": "years"}


def sentences_of(line: str) -> list[str]:
    """A line in sentences, each with the spaces that follow; numbers like "2.25" stay whole."""
    if line.startswith(("|", "-", " ")) or LIST_NUMBER.match(line):
        return [line]
    return [part for part in re.split(r"(?<=[.!?])(?=\s+[A-Z(*`])", line) if part]
