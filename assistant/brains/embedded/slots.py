"""Everything a question says that becomes an argument: who, what, when, which statistic, which threshold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from assistant.brains.embedded.field_words import FieldMention, find_fields
from assistant.brains.embedded.mentions import Mentions, find_mentions
from assistant.brains.embedded.spelling import correct
from assistant.brains.embedded.times import Span, find_spans
from tools.telemetry.fields import field_facts
from tools.telemetry.fleet import Fleet

StatisticSaid = Literal["mean", "min", "max", "range", "count", "first", "last", "increase", "worst"]

_STATISTICS: tuple[tuple[StatisticSaid, str], ...] = (
    ("range", r"peak[- ]to[- ]peak|max(?:imum)? minus min(?:imum)?|p2p|range|spread|swing|swings|swung|moved?|moves|vary|varied|variation|fluctuat\w+|band|difference between (?:the )?"
              r"(?:highest|max\w*|peak) and (?:the )?(?:lowest|min\w*)"),
    ("mean", r"averag\w*|avg|mean|typical\w*|on average|avrage|averege"),
    ("increase", r"increas\w*|how much (?:did|has) .{0,40}\bchanged?|rise|rose|risen|grown|grew|gone up|went up|climb\w*|added|accumulat\w*"),
    ("worst", r"worst|poorest"),
    ("min", r"lowest|deepest|record low|how deep|how far down|sink|sank|minim\w*|min|least|smallest|shortest|bottom(?:ed)?|dip\w*|coldest|coolest|how low(?! is| are)|lows?|trough|floor|"
            r"weakest|emptiest|worst sag|sag\w*|lowst|minimun|fell to|drop(?:ped)? to|dropped|more (?:small|low|little)"),
    ("max", r"highest|maxim\w*|max|peak\w*|biggest|largest|longest|hottest|warmest|how high(?! is| are)|record high|high|top|greatest|most|higest|"
            r"strongest|fullest|how hot did|how warm did|ceiling|maximun|spike\w*"),
    ("first", r"first|earliest|opening|initial"),
    ("last", r"last value|final|closing|end value"),
    ("count", r"how many (?:readings|rows|values|samples|records)|(?:number|quantity|count) of (?:readings|rows|samples|values)|count of"),
)  # fmt: skip
_ABOVE = (
    r"above|over|crossed|crosses|exceed(?:s|ed|ing)?|more than|harder than|stronger than|heavier than|bigger than|larger than|longer than|greater than|higher than|hotter than|warmer than|cross(?:es|ing)?|beyond|past|"
    r"north of|at least|>=?|pass(?:es|ed)?|top(?:s|ped)|top(?= \d+(?:\.\d+)? ?(?:deg|°|v\b|volts|amps|a\b|%|percent))|upwards of|in excess of"
)
_BELOW = (
    r"below|under|less than|lower than|colder than|cooler than|beneath|south of|at most|<=?|drop(?:s|ped)? (?:below|under)|"
    r"fewer than|smaller than|weaker than|shorter than|short of|fall(?:s|en)? (?:below|under)|fell (?:below|under)"
)
_VALUE = (
    r"(?P<value>[-+]?\d+(?:[.,]\d+)?|half|one|two|three|four|five|six|seven|eight|ten|twelve|fifteen|twenty|thirty|forty|fifty)\s*(?P<unit>millivolts?|mv|volts?|v|milliamps?|ma|amps?|amperes?|a|°\s?[cf]|"
    r"deg(?:rees?)?\s?[cf]?(?:elsius|ahrenheit)?|celsius|fahrenheit|c|f|%|percent|pct|m(?:illi)?ohms?|mω|hz|kw|w(?:atts?)?|ah|"
    r"min(?:ute)?s?|h(?:ours?)?|hrs?)?(?!\w)"
)
_THRESHOLD = re.compile(
    rf"(?:(?P<above>(?<!\w)(?:{_ABOVE}))|(?P<below>(?<!\w)(?:{_BELOW})))\s*(?:of\s+|the\s+|at any time\s+|ever\s+|even\s+)?{_VALUE}"
)
_TOP = re.compile(
    r"\b(?:top|bottom|worst|best|first|hottest|lowest|highest|weakest)\s+(?P<n>\d{1,2}|two|three|four|five|ten)\b"
    r"|\b(?P<k>\d{1,2}|two|three|four|five|ten)\s+(?:devices|batteries|strings|sites|units)\s+(?:with|that|which|by|whose)\b"
    r"|\bthe (?P<j>two|three|four|five|ten) (?:with|that|which)\b"
    r"|\b(?P<m>\d{1,2}|two|three|four|five|ten)\s+(?:\w+est|worst|least|most)\b"
    r"|\b(?:(?:which|what) (?P<o>two|three|four|five|ten|\d{1,2})|(?:the|those) (?P<p>two|three|four|five|ten|\d{1,2})(?= (?:cells|posts)))\b(?! (?:days|weeks|hours|sites))"
    r"|\b(?:list|shortlist) of (?P<q>\d{1,2}|two|three|four|five|ten)\b|\b(?:need|want|give me|show) (?P<s>\d{1,2}|two|three|four|five) (?:numbers|cells|posts)\b"
)
# What is said for politeness or to gain time, and asks nothing.
_FILLER = re.compile(
    r"\b(?:well|basically|honestly|actually|simply|kindly|please|to cut a long story short|more or less|in a nutshell|asap|bye|"
    r"thx|thanks(?: a lot| in advance)?|thank you|cheers|quick question|when you (?:can|have time)|if (?:you can|possible)|"
    r"i (?:would|'d) (?:\w+ )?(?:like|love|need) to (?:know|see|have|get)|i'd like to (?:know|see|have)|i want to (?:know|see)|"
    r"i need to know|i wish(?: to (?:know|have|see))?|wish(?:es)? to (?:know|have|see)|i was wondering|(?:could|can|would|will) you (?:\w+ )?(?:tell|show|give|check|find out)(?: for)?(?: me)?|"
    r"do me a favou?r)\b[,:]*"
)
# What an answer is wanted for says nothing of what is wanted: "for the capacity planning".
_PURPOSE = re.compile(
    r",? ?\bfor (?:the|my|our|a|an|this) (?:[\w']+[- ]){0,3}(?:planning|budget|report|register|meeting|hand-?over|audit|review|"
    r"records|claim|insurer|customer|boss|management|presentation|spreadsheet|order|minutes|file)\b",
    re.IGNORECASE,
)
_ALWAYS = re.compile(
    r"\b(?:stay\w*|remain\w*|kept|keeps?|held|always|constantly)\b.{0,24}$|\b(?:stay\w*|remain\w*|kept|keeps?|held|always) (?:above|below|over|under|beneath)\b"
)
_NUMBER_WORDS = {
    "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0, "ten": 10.0,
    "twelve": 12.0, "fifteen": 15.0, "twenty": 20.0, "thirty": 30.0, "forty": 40.0, "fifty": 50.0,
}  # fmt: skip
_ORDERED = re.compile(
    r"\b(?:low|short|small|cold|cool|weak|empty|empti|high|long|large|big|hot|warm|strong|full)\w*est to (?:the )?\w+est\b"
)
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "ten": 10}
_LOWEST_FIRST = re.compile(
    r"\b(?:lowest|deepest|least|smallest|shortest|min\w*|bottom|coldest|coolest|emptiest|weakest|ascending|low to high|fewest|shortest|"
    r"lower|lowst|poorest|worst (?:soc|soh|state|voltage|power factor|capacity|runtime))\b"
)


@dataclass(frozen=True)
class Threshold:
    """A value to be above or below, as said, and its unit as said."""

    direction: Literal["above", "below"]
    value: float
    unit: str | None


@dataclass(frozen=True)
class Slots:
    """What one question (or one part of a compound question) says."""

    text: str
    masked: str
    mentions: Mentions = field(default_factory=Mentions)
    fields: tuple[FieldMention, ...] = ()
    spans: tuple[Span, ...] = ()
    statistic: StatisticSaid | None = None
    direction: Literal["charging", "discharging"] | None = None
    threshold: Threshold | None = None
    top: int | None = None
    lowest_first: bool = False
    words: frozenset[str] = field(default=frozenset())

    @property
    def field_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(mention.field for mention in self.fields))

    @property
    def frame(self) -> str:
        """The masked question with its fields masked too: what is left is how it is asked."""
        text = self.masked
        for words in sorted({mention.words for mention in self.fields}, key=len, reverse=True):
            text = text.replace(words, "value")
        return text

    @property
    def has_place(self) -> bool:
        return bool(self.mentions.devices or self.mentions.sites)


def read_slots(said: str, fleet: Fleet, now: datetime, time_zone: str) -> Slots:
    """Read everything a question says, each word once: names first, then times, thresholds and fields."""
    question = _PURPOSE.sub("", correct(said, fleet))
    lower = question.lower().replace("’", "'")
    spans = tuple(find_spans(lower, now, time_zone))
    if len(spans) > 1:
        # "Did it ever ..., past week": the time that is named is the one that is meant.
        spans = tuple(span for span in spans if span.words != "ever") or spans
    # "ever" stays in the masked question: it asks whether, and not how a value ran.
    masks = [
        (span.text_start, span.text_end, "future" if span.is_coming or (span.start and span.start > now) else "time")
        for span in spans
    ]
    mentions = find_mentions(_blank(question, masks), fleet)
    masks += mentions.spans
    open_text = _blank(lower, masks)
    threshold_match = _THRESHOLD.search(open_text)
    threshold = _threshold(threshold_match)
    if threshold_match:
        masks.append((threshold_match.start("value"), threshold_match.end(), "number"))
    fields = tuple(find_fields(_blank(lower, masks)))
    if threshold is not None and _ALWAYS.search(open_text):
        # To stay above a value is never to be below it.
        threshold = replace(threshold, direction="below" if threshold.direction == "above" else "above")
    top = _TOP.search(open_text)
    return Slots(
        text=question,
        masked=_mask(lower, [mask for mask in masks if lower[mask[0] : mask[1]].strip() != "ever"]),
        mentions=mentions,
        fields=fields,
        spans=spans,
        statistic=_own_statistic(
            fields, _statistic(_blank(open_text, [(one.start, one.end, "") for one in fields if _is_plain_name(one)]))
        ),
        direction=_direction(open_text),
        threshold=threshold,
        top=_count(next(filter(None, top.groups()))) if top else None,
        lowest_first=bool(_LOWEST_FIRST.search(open_text)),
        words=frozenset(re.findall(r"[a-z']+", open_text)) | _time_words(spans, lower),
    )


def _own_statistic(fields: tuple[FieldMention, ...], statistic: StatisticSaid | None) -> StatisticSaid | None:
    """The statistic, unless its word is part of a field's name: "worst joint" is a field."""
    if statistic == "worst" and any("worst" in one.words for one in fields):
        return None
    return statistic


def _time_words(spans: tuple[Span, ...], lower: str) -> frozenset[str]:
    """Words of a time that say what is asked, not only when."""
    said = {word for span in spans for word in lower[span.text_start : span.text_end].split()}
    return frozenset(said & {"ever", "tomorrow", "next"})


def _is_plain_name(mention: FieldMention) -> bool:
    """Whether the words are only a name: "lowest cell voltage" and "hottest" are a statistic besides."""
    return not re.search(r"^(?:hot|warm|cold|cool|high|low)$|lowest|highest|min|max|hottest|warmest|coldest|coolest|weakest|worst|fullest|emptiest",
                         mention.words)  # fmt: skip


def _blank(text: str, spans: list[tuple[int, int, str]]) -> str:
    for start, end, _ in spans:
        text = text[:start] + "\0" * (end - start) + text[end:]
    return text


def _mask(text: str, spans: list[tuple[int, int, str]]) -> str:
    """The question with names, times and numbers replaced by what kind of thing they are."""
    words: Mapping[str, str] = {
        "device": "the battery", "site": "the site", "cell": "cell number", "time": "last week", "future": "next week",
        "number": "limit",
    }  # fmt: skip
    for start, end, kind in sorted(spans, reverse=True):
        text = f"{text[:start]} {words[kind]} {text[end:]}"
    plain = re.sub(r"\s+", " ", _FILLER.sub(" ", text)).strip(" ,.!:-")
    return plain or re.sub(r"\s+", " ", text).strip()


def _statistic(text: str) -> StatisticSaid | None:
    found = [
        (match.start(), name) for name, pattern in _STATISTICS if (match := re.search(rf"\b(?:{pattern})\b", text))
    ]
    names = [name for _, name in found]
    if _ORDERED.search(text):
        # "From shortest to longest" is an order, not a range.
        return min(found)[1]
    if "range" in names:
        return "range"
    if "min" in names and "max" in names:
        return "range" if re.search(r"\b(?:and|to|n|-)\b", text) and "mean" not in names else min(found)[1]
    return min(found)[1] if found else None


def _direction(text: str) -> Literal["charging", "discharging"] | None:
    if re.search(r"\bdischarg\w*|\bon battery\b|\bdrain\w*|\bdraw\w*|\bout of the battery\b", text):
        return "discharging"
    if re.search(r"\b(?:re)?charg(?:e|ing)\s+(?:current|amps?)|\b(?:re)?charging\b|\binto the battery\b", text):
        return "charging"
    return None


def _threshold(match: re.Match[str] | None) -> Threshold | None:
    if match is None:
        return None
    said, direction = match["value"], _direction_of(match)
    if said == "half":
        # Of a battery, half is half its charge.
        return Threshold(direction, 50.0, "%")
    if said in _NUMBER_WORDS:
        # "One" and "two" without a unit are not values: "more than one site".
        return Threshold(direction, _NUMBER_WORDS[said], match["unit"]) if match["unit"] else None
    return Threshold(direction, float(said.replace(",", ".")), match["unit"])


def _direction_of(match: re.Match[str]) -> Literal["above", "below"]:
    return "above" if match["above"] else "below"


def _count(text: str) -> int:
    return int(text) if text.isdigit() else _COUNTS[text]


def threshold_in(unit_of_field: str, threshold: Threshold) -> float:
    """The threshold in the unit of a field: °F to °C, mV to V and back, hours to minutes."""
    said, value = (threshold.unit or "").replace(" ", "").lower(), threshold.value
    is_fahrenheit = said in ("°f", "f", "fahrenheit") or "fahren" in said or said in ("degf", "degreesf", "degreef")
    if is_fahrenheit and unit_of_field == "°C":
        return round((value - 32) / 1.8, 3)
    milli = said.startswith(("mv", "milliv", "ma", "millia")) and said not in ("max",)
    if milli and unit_of_field in ("V", "A"):
        return value / 1000
    if said in ("v", "volt", "volts", "a", "amp", "amps", "ampere", "amperes") and unit_of_field in ("mV", "mA"):
        return value * 1000
    if said in ("w", "watt", "watts") and unit_of_field == "kW":
        return value / 1000
    if said.startswith("h") and said != "hz" and unit_of_field == "min":
        return value * 60
    return value


_UNIT_FIELDS: tuple[tuple[str, str], ...] = (
    (r"v|volts?", "string_voltage_v"),
    (r"mv|millivolts?", "dc_ripple_voltage_mv"),
    (r"°c|°f|c|f|celsius|fahrenheit|deg\w*", "cell_temperature_c"),
    (r"%|percent|pct", "soc_pct"),
    (r"ma|milliamps?", "float_current_ma"),
    (r"a|amps?|amperes?", "string_current_a"),
    (r"m(?:illi)?ohms?|mω", "internal_resistance_mohm"),
    (r"hz", "ac_frequency_hz"),
    (r"kw", "ac_power_kw"),
    (r"ah", "ah_since_full_ah"),
    (r"min(?:ute)?s?", "runtime_remaining_min"),
)


def field_of_threshold(threshold: Threshold, cell_count: int = 24) -> str | None:
    """The field a bare threshold speaks of: "below 2.1 V" is a cell, "below 48 V" a string, "above 35 C" heat."""
    said = (threshold.unit or "").replace(" ", "").lower()
    if not said and threshold.value < 3:
        # Nothing here but a cell's voltage is named by so small a bare number.
        return "cell_voltage_min_v" if threshold.direction == "below" else "cell_voltage_max_v"
    for pattern, name in _UNIT_FIELDS:
        if said and re.fullmatch(pattern, said):
            if name == "string_voltage_v" and threshold.value < cell_count * 0.2:
                return "cell_voltage_min_v" if threshold.direction == "below" else "cell_voltage_max_v"
            if name == "string_voltage_v" and threshold.value > 100:
                return "ac_voltage_l1_v"
            return name
    return None


def unit_of(field_name: str) -> str:
    """The unit a field is kept in."""
    return field_facts(field_name).unit
