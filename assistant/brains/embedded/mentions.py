"""Finds the sites, devices and cells a question names, by id, number or name, with typos.

A name that looks like a device or a site but is none is kept as it was said: the tool that gets it answers with
the nearest names.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

from rapidfuzz import fuzz

from tools.telemetry.fleet import Device, Fleet, Site

_Name = TypeVar("_Name", str, int)
# A misspelt name must be this alike; lower lets ordinary words pass for names.
_ALIKE = 84
_SHORTEST_FUZZY = 5
_LIST = r"(?:\s*(?:,|&|and|or|vs\.?|versus|\+|/|with|to|than)\s*(?:the\s+)?)"
_DEVICE_NOUN = r"(?:devices?|dev|batter(?:y|ies)|strings?|units?|monitors?|bmu|bank)"
_DEVICE = re.compile(
    rf"\b{_DEVICE_NOUN}\s*(?:no\.?|number|nr\.?|#)?\s*(?P<list>d?\d{{1,3}}\b(?:{_LIST}d?\d{{1,3}}\b)*)"
    rf"|\b(?P<ids>d[\s-]?0*\d{{1,3}}\b(?:{_LIST}d?[\s-]?0*\d{{1,3}}\b(?!\s*(?:st|nd|rd|th|am|pm|:|march|hours?|days?|%|v\b|a\b|°)))*)"
)
_SITE_ID = re.compile(r"(?<!['’])\bs(?:ite)?[\s-]?0*(\d{1,2})\b")
_CELL = re.compile(
    rf"(?:(?P<before>\d{{1,3}})(?:st|nd|rd|th)|#\s?(?P<hash>\d{{1,3}}))\s+cell\b|"
    rf"\bcell?s?\s*(?:no\.?|number|nr\.?|num|#)?\s*(?P<list>\d{{1,3}}(?:{_LIST}\d{{1,3}}\b)*)(?!\s*(?:v\b|mv\b|volts|°|degrees))"
)
_COUNT_OF_CELLS = re.compile(r"\b\d+[\s-]cells?\b")
_UNKNOWN_SITE = re.compile(
    r"\b(?:[Ss]ite|[Ss]tation|[Ll]ocation)\s+(?:called\s+|named\s+)?[\"']?([A-Z][\w-]{2,})|\b(?:at|in|for|from|and|about)\s+([A-Z][a-z]{3,}(?:\s[A-Z][a-z]+)?)\b"
)
_LOWER_UNKNOWN_SITE = re.compile(r"\b(?:at|of|for|in|from)\s+(?:the\s+)?([a-z]{4,})\s+(?:site|station)\b")
_NOT_SITES = frozenset(
    re.split(
        r"\s+",
        """january february march april june july august september october november december monday tuesday wednesday
        thursday friday saturday sunday soc soh celsius fahrenheit utc total general average which what when where this
        that those these there with and has have had does did was were the are list overview names each every same other
        whole hottest coldest warmest coolest first second third last next worst best main remote battery telecom
        customer entire single any only your our their its indoor outdoor""",
    )
)


@dataclass(frozen=True)
class Mentions:
    """Who and what was named: ids of devices, names of sites, numbers of cells, and where in the text."""

    devices: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    cells: tuple[int, ...] = ()
    spans: tuple[tuple[int, int, str], ...] = field(default=(), compare=False)


def find_mentions(question: str, fleet: Fleet) -> Mentions:
    """Everything of the fleet that a question names, in the order of its words."""
    text = question.lower()
    devices: list[tuple[int, str]] = []
    sites: list[tuple[int, str]] = []
    cells: list[tuple[int, int]] = []
    spans: list[tuple[int, int, str]] = []
    for start, end, name in (*_named_devices(text, fleet.devices), *_lettered_devices(text, fleet)):
        devices.append((start, name))
        spans.append((start, end, "device"))
    text = _blank(text, spans)
    for start, end, number in _cell_numbers(text):
        cells.append((start, number))
        spans.append((start, end, "cell"))
    text = _blank(text, spans)
    for start, end, name in _device_numbers(text, fleet.devices):
        devices.append((start, name))
        spans.append((start, end, "device"))
    text = _blank(text, spans)
    for start, end, name in _named_sites(text, question, fleet.sites):
        sites.append((start, name))
        spans.append((start, end, "site"))
    devices, sites = _affirmed(question.lower(), devices, spans), _affirmed(question.lower(), sites, spans)
    return Mentions(
        devices=_ordered(devices), sites=_ordered(sites), cells=_ordered(cells), spans=tuple(sorted(spans))
    )


def _affirmed(
    text: str, found: list[tuple[int, str]], spans: Sequence[tuple[int, int, str]]
) -> list[tuple[int, str]]:
    """The names without those that are denied, where others are not: "no, not Northgate, Millbrook"."""
    denied = {start for start, _, _ in spans if re.search(r"\bnot (?:at |in |for |of |the )*$", text[:start])}
    kept = [one for one in found if one[0] not in denied]
    return kept or found


def _ordered(found: list[tuple[int, _Name]]) -> tuple[_Name, ...]:
    return tuple(dict.fromkeys(name for _, name in sorted(found, key=lambda pair: pair[0])))


def _blank(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    for start, end, _ in spans:
        text = text[:start] + "\0" * (end - start) + text[end:]
    return text


def _named_devices(text: str, devices: Sequence[Device]) -> Iterator[tuple[int, int, str]]:
    """Devices by the name people gave them ("Northgate A"), where it is not merely their id."""
    for device in devices:
        name = device.name.lower()
        if name == device.device_id.lower() and re.fullmatch(r"d0*\d+", name):
            continue
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text):
            yield match.start(), match.end(), device.device_id


def _lettered_devices(text: str, fleet: Fleet) -> Iterator[tuple[int, int, str]]:
    """Devices named by a misspelt or parted site and their letter: "north gate a", "hiltop b"."""
    by_name = {device.name.lower(): device.device_id for device in fleet.devices}
    for start, end, site in (*_exact_sites(text, fleet.sites), *_alike_sites(text, fleet.sites)):
        letter = re.match(r"\s+([a-z])(?![\w'])", text[end:])
        if letter and (device_id := by_name.get(f"{site} {letter.group(1)}".lower())) is not None:
            yield start, end + letter.end(), device_id
            also = re.match(
                r"\s*(?:,|and|or|vs\.?|versus|&|/|with|against)\s*([a-z])(?![\w'])", text[end + letter.end() :]
            )
            if also and (second := by_name.get(f"{site} {also.group(1)}".lower())) is not None:
                yield end + letter.end(), end + letter.end() + also.end(), second


def _device_numbers(text: str, devices: Sequence[Device]) -> Iterator[tuple[int, int, str]]:
    by_number = {
        int(found.group(1)): one.device_id for one in devices if (found := re.search(r"(\d+)$", one.device_id))
    }
    for match in _DEVICE.finditer(text):
        group = "list" if match["list"] else "ids"
        for said in re.finditer(r"(?<![a-z])d?[\s-]?(\d{1,3})", match[group]):
            number, is_first = int(said.group(1)), said.start() == 0
            start = match.start() if is_first else match.start(group) + said.start()
            yield start, match.start(group) + said.end(), by_number.get(number, f"D{number:02d}")


def _cell_numbers(text: str) -> Iterator[tuple[int, int, int]]:
    for match in _CELL.finditer(text):
        if _COUNT_OF_CELLS.match(text, match.start()):
            continue
        for number in re.finditer(r"\d{1,3}", match["list"] or match["before"] or match["hash"]):
            yield match.start(), match.end(), int(number.group())


def _named_sites(text: str, original: str, sites: Sequence[Site]) -> Iterator[tuple[int, int, str]]:
    by_number = {int(found.group(1)): one.name for one in sites if (found := re.search(r"(\d+)$", one.site_id))}
    taken: list[tuple[int, int]] = []
    for start, end, name in (*_exact_sites(text, sites), *_alike_sites(text, sites)):
        if not any(start < other_end and other_start < end for other_start, other_end in taken):
            taken.append((start, end))
            yield start, end, name
    for match in _SITE_ID.finditer(text):
        yield match.start(), match.end(), by_number.get(int(match.group(1)), f"S{int(match.group(1)):02d}")
    if not taken:
        yield from _unknown_sites(text, original)


def _exact_sites(text: str, sites: Sequence[Site]) -> Iterator[tuple[int, int, str]]:
    for site in sites:
        # "north gate" and "north-gate" are Northgate.
        spaced = r"[\s-]?".join(re.escape(letter) for letter in re.sub(r"\s", "", site.name.lower()))
        for match in re.finditer(rf"(?<!\w){spaced}(?:'?s)?(?!\w)", text):
            yield match.start(), match.end(), site.name


def _alike_sites(text: str, sites: Sequence[Site]) -> Iterator[tuple[int, int, str]]:
    words = list(re.finditer(r"[a-z][a-z'-]+", text))
    pairs = [(first.start(), second.end()) for first, second in pairwise(words)]
    for start, end in [*((word.start(), word.end()) for word in words), *pairs]:
        said = re.sub(r"[\s'-]", "", text[start:end])
        if len(said) < _SHORTEST_FUZZY or said in _NOT_SITES:
            continue
        for site in sites:
            name = site.name.lower().replace(" ", "")
            if said[0] == name[0] and abs(len(said) - len(name)) <= 2 and fuzz.ratio(said, name) >= _ALIKE:
                yield start, end, site.name


def _unknown_sites(text: str, original: str) -> Iterator[tuple[int, int, str]]:
    for match in _LOWER_UNKNOWN_SITE.finditer(text):
        if match.group(1) not in _NOT_SITES:
            yield match.start(1), match.end(1), match.group(1)
            return
    for match in _UNKNOWN_SITE.finditer(original):
        name = match.group(1) or match.group(2)
        start = match.start(1) if match.group(1) else match.start(2)
        if name.lower().split()[0] not in _NOT_SITES and "\0" not in text[start : start + len(name)]:
            yield start, start + len(name), name
