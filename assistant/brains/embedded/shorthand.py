"""Writes out what people shorten when they type on a phone: "last nite", "c12 on d1", "cell twenty-four", "rect amps"."""

import re
from functools import cache

_WORDS = {
    "amb": "ambient", "attn": "attention", "b4": "before", "bat": "battery", "bats": "batteries", "batt": "battery",
    "batts": "batteries", "cnt": "count", "dev": "device", "devs": "devices", "disch": "discharge",
    "dischg": "discharge", "dischgs": "discharges", "dischs": "discharges", "freq": "frequency", "gimme": "give me",
    "hm": "how many", "imped": "impedance", "lemme": "let me", "mths": "months", "nos": "numbers", "dif": "difference", "diff": "difference", "rom": "room", "nite": "night", "plz": "please",
    "pls": "please", "rect": "rectifier", "rects": "rectifiers", "resist": "resistance",
    "sev": "severity", "thru": "through", "tonite": "tonight", "ur": "your", "wat": "what",
    "wich": "which", "wud": "would", "cud": "could", "wk": "week", "wknd": "weekend", "wks": "weeks", "wot": "what", "wots": "what is",
    "yest": "yesterday", "ystrdy": "yesterday", "yday": "yesterday",
}  # fmt: skip
# Only in lower case and not after a number: "5500 W" has a unit.
_LETTERS = {"r": "are", "u": "you", "w": "with"}
_LONE = re.compile(r"(?<![\w'-])(?<!\d )(?:r|u|w)(?![\w'-])")
_ONES = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12,
}  # fmt: skip
_PHRASES = re.compile(r"\bw/o\b|\bper cent\b|\bas (?:per|of|on|at) (?:today|now|date)\b", re.IGNORECASE)
_SHORT = re.compile(r"(?<![\w'-])(?:" + "|".join(_WORDS) + r")(?![\w'-])", re.IGNORECASE)
_LETTER = re.compile(r"(?<![\w.-])c\s?#?(\d{1,2})(?![\w.°])(?! (?:capacity|rate|rating))", re.IGNORECASE)
_DEVICE = re.compile(r"(?<!\w)d0?\d{1,2}(?!\w)|\b(?:device|battery|string)\b", re.IGNORECASE)
_NUMBERED = re.compile(
    r"(?<!\w)(?<!device )(?<!battery )(?<!string )(?:no\.?|nr\.?|number) ?(\d{1,2}) (in|on|of|at) (?=d\d)",
    re.IGNORECASE,
)


def write_out(question: str) -> str:
    """The question with shortened words, numbers of cells and the like written out."""
    question = _SHORT.sub(lambda match: _WORDS[match.group().lower()], _PHRASES.sub(_phrase, question))
    question = _LONE.sub(lambda match: _LETTERS[match.group()], question)
    question = _counted().sub(lambda match: f"{match['lead']}{_number(match['number'])}", question)
    question = _measured().sub(lambda match: str(_number(match["number"])), question)
    question = _ordinal_cells().sub(lambda match: f"cell {_ordinal(match.group(1))}", question)
    if _DEVICE.search(question):
        question = _LETTER.sub(r"cell \1", question)
    return _NUMBERED.sub(r"cell \1 \2 ", question)


def _phrase(match: re.Match[str]) -> str:
    said = match.group().lower()
    return "without" if said == "w/o" else "percent" if said == "per cent" else "now"


@cache
def _number_words() -> str:
    ones = "|".join(sorted(_ONES, key=len, reverse=True))
    return rf"(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES[:9])}))?|{ones}"


@cache
def _counted() -> re.Pattern[str]:
    """A number that says which: "cell twenty-four", "device six"."""
    lead = r"\b(?:cell|device|string|battery|unit|phase|site) (?:no\.? |number |nr )?"
    return re.compile(rf"(?P<lead>{lead})(?P<number>{_number_words()})\b", re.IGNORECASE)


@cache
def _measured() -> re.Pattern[str]:
    """A number that says how much: "thirty degrees", "eighty percent"."""
    units = r"degrees?|deg|volts?|amps?|amperes?|percent|minutes?|hours?|milli\w+|hertz|kilowatts?"
    return re.compile(rf"\b(?P<number>{_number_words()})(?= (?:{units})\b)", re.IGNORECASE)


@cache
def _ordinal_cells() -> re.Pattern[str]:
    return re.compile(rf"\b(?:the )?({'|'.join(_ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th)) cell\b", re.IGNORECASE)


def _ordinal(said: str) -> int:
    return _ORDINALS[said.lower()] if said.lower() in _ORDINALS else int(re.sub(r"\D", "", said))


def _number(said: str) -> int:
    words = re.split(r"[- ]", said.lower())
    return sum((_TENS.index(word) + 2) * 10 if word in _TENS else _ONES.index(word) + 1 for word in words)
