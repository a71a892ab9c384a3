"""Finds the fields of a reading a question is about: by name, jargon, adjective or unit, with typos."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import zip_longest

from rapidfuzz import fuzz, process

from tools.telemetry.fields import all_fields

_ALIKE = 86
_SHORTEST_FUZZY = 6

# What operators say beyond the words declared with each field.
_MORE: Mapping[str, tuple[str, ...]] = {
    "battery_model": ("model", "models", "brand"),
    "temperature_state": ("temp flag", "temperature flag"),
    "string_voltage_v": ("volt", "string v", "batt v", "battery volts", "string volts", "vdc", "v batt", "vbat"),
    "cell_voltage_v": ("v per cell", "v/cell", "volts a cell", "mean vpc"),
    "rated_capacity_ah": ("rated ah", "rated ampere-hours", "ampere-hours as per name plate", "nominal ampere-hours", "name plate capacity", "nameplate ah", "ah rating", "nameplate capacity", "rated amp hours", "installed capacity", "c10 capacity", "rating"),
    "string_current_a": ("amp", "battery amps", "charging amps", "amperage", "discharge rate", "charge rate"),
    "cell_temperature_c": (
        "hot", "warm", "cold", "cool", "degrees", "degc", "degf", "°c", "°f", "celsius", "fahrenheit", "temps",
        "temperatures", "hotter", "warmer", "colder", "cooler", "coldest", "coolest", "battery heat",
    ),
    "cell_temperature_max_c": ("highest cell temperature", "max cell temperature", "maximum cell temperature", "hottest", "any post", "posts", "a post", "warmest", "hottest cell temp", "hottest post temp", "post temp",
                               "peak post temperature", "max cell temp", "hottest terminal", "hot post"),
    "ambient_temperature_c": ("room air", "ambience", "ambient temps", "cabinet temp", "room's temperature",
                              "indoor temperature", "shelter temperature", "outside temperature", "air temp"),
    "soc_pct": ("charge", "charged", "full", "fullest", "emptiest", "charge percentage", "percent charged", "battery percentage", "percentage charge", "juice", "fuller", "emptier"),
    "soh_pct": ("health percentage", "health figure", "capacity left"),
    "internal_resistance_mohm": ("internal ohms", "mohm", "mω", "milliohm", "ohms", "ohmic reading", "ohmic values", "cell ohmic"),
    "internal_resistance_max_mohm": ("worst resistance", "highest internal resistance", "worst cell ohmic value", "worst-cell resistance", "worst-cell ohmic",
                                     "top resistance", "worst cell's resistance", "max resistance"),
    "joint_resistance_max_mohm": ("joints", "strap", "inter cell connection", "connections", "connection ohms",
                                  "intercell resistance", "link resistance", "bolted connection"),
    "float_current_ma": ("float", "floats", "trickle", "float amps", "float milliamps", "float ma", "floating amps"),
    "ripple_current_a": ("ripple amps", "current's ripple", "ac ripple current", "rms ripple current"),
    "dc_ripple_voltage_mv": ("ripple mv", "noise on the bus", "ripple on the bus", "bus ripple", "dc bus ripple", "ripple millivolts",
                             "ripple on the dc bus"),
    "runtime_remaining_min": ("run time", "minutes left on battery", "time left on battery", "mins left", "mins left on battery", "left on battery", "backup left", "backup remaining", "minutes of backup", "reserve time",
                              "how long can it hold", "autonomy time", "remaining backup", "minutes left",
                              "time left", "holdup time", "hold-up time", "last the longest", "last the shortest",
                              "would last", "backup minutes"),
    "dc_load_current_a": ("site consumption", "equipment load", "telecom current", "dc amps", "loads"),
    "rectifier_current_a": ("rectifier amps", "charger amps", "charger output", "rectifiers' current",
                            "output of the rectifiers", "rectifier's current"),
    "rectifier_voltage_v": ("bus", "rectifier volts", "bus volts", "charger volts", "dc voltage", "rectifier's voltage"),
    "rectifier_modules_ok": ("rectifiers ok", "good rectifiers", "modules online", "healthy modules",
                             "rectifiers healthy", "rectifiers working", "healthy rectifiers", "modules healthy",
                             "rectifiers are healthy", "rectifier module count"),
    "charger_set_voltage_v": ("set volts", "set voltage", "charger set volts", "target voltage", "set-point voltage", "float setpoint", "float set point",
                              "set-point", "charger's set point", "charger target"),
    "charger_mode": ("regime", "charging regime", "float or boost", "charging state", "mode", "on float", "in float", "float mode",
                     "boost mode", "in boost", "on boost", "on equalize", "floating", "boosting", "equalizing"),
    "charger_fault_code": ("charger faults", "charger alarm code", "rectifier fault code", "charger error code",
                           "fault on the charger"),
    "mains_state": ("on generator", "on battery", "on batteries", "power supply state", "ac state", "supply state", "on mains", "mains present", "mains ok",
                    "state of the mains"),
    "ac_voltage_l1_v": ("l1", "phase 1", "phase one", "mains volts", "ac volts", "line volts", "phase voltage",
                        "incoming voltage", "supply voltage"),
    "ac_voltage_l2_v": ("l2", "phase 2", "phase two"),
    "ac_voltage_l3_v": ("l3", "phase 3", "phase three"),
    "ac_frequency_hz": ("hz", "mains hz", "freq", "line frequency"),
    "ac_power_kw": ("kw", "power draw", "power consumption", "active power", "input kw", "drawing from the mains"),
    "power_factor": ("pf", "cosphi", "cos φ"),
    "ah_since_full_ah": ("amp-hours", "amp hours", "ah", "ampere hours", "ah out", "ah drawn", "amp hours drawn"),
    "discharge_cycle_count": ("discharge counter", "cycled", "cycle counter", "how many cycles", "times discharged"),
    "crc_error_count": ("crc", "crcs", "crc fails", "checksum failures", "corrupt frames"),
    "bms_frame_age_s": ("last frame", "newest frame", "age of the newest frame", "frame's age", "stale frame"),
    "bms_comm_status": ("comm link", "comms state", "comms status", "comms link"),
    "cell_sensors_missing": ("silent cell sensors", "missing modules", "cell modules missing", "dead sensors",
                             "sensors not answering", "sensors are not answering", "cell sensors", "sensors are missing", "cell modules"),
    "alarm_severity": ("severity", "alarm", "worst alarm", "bms alarm", "bms alarms", "alarm level"),
    "alarm_count": ("alarm number", "severity and count", "how many alarms", "alarms active", "alarms raised"),
    "thermal_runaway_risk": ("runaway flag", "thermal risk", "runaway danger"),
    "midpoint_deviation_v": ("mid point", "half string difference", "half-string deviation", "mid-point",
                             "midpoint imbalance"),
    "install_date": ("put in", "commissioned on", "install day"),
    "capacity_test_pct": ("capacity test outcome", "discharge test result", "last cap test", "cap test"),
    "cell_voltage_min_v": ("lowest cell's voltage", "weakest cell voltage", "min cell volts", "min cell", "lowest single cell", "bottom cell voltage", "lowest individual cell", "lowest cell reading",
                           "minimum cell"),
    "cell_voltage_max_v": ("highest cell's voltage", "max cell volts", "max cell", "highest single cell", "top cell voltage", "peak cell voltage", "highest individual cell", "highest cell reading", "maximum cell"),
}  # fmt: skip

# A plain word and its owner, said apart: "voltage of the charger", "current on phase 2".
_GENERIC = ("string_voltage_v", "string_current_a", "cell_temperature_c")
_OWNERS: tuple[tuple[str, Mapping[str, str]], ...] = (
    (r"chargers?|rectifiers?|bus|plant", {"string_voltage_v": "rectifier_voltage_v",
                                          "string_current_a": "rectifier_current_a"}),
    (r"l1|phase (?:1|one)|mains|grid|ac|utility|incoming|input",
     {"string_voltage_v": "ac_voltage_l1_v", "string_current_a": "ac_current_l1_a"}),
    (r"l2|phase (?:2|two)|second phase", {"string_voltage_v": "ac_voltage_l2_v", "string_current_a": "ac_current_l2_a"}),
    (r"l3|phase (?:3|three)|third phase", {"string_voltage_v": "ac_voltage_l3_v", "string_current_a": "ac_current_l3_a"}),
    (r"loads?|consumers?|equipment", {"string_current_a": "dc_load_current_a"}),
    (r"ambient|room|cabinet|air|shelter", {"cell_temperature_c": "ambient_temperature_c"}),
    (r"hottest|posts?", {"cell_temperature_c": "cell_temperature_max_c"}),
    (r"float", {"string_current_a": "float_current_ma"}),
    (r"cells?", {"string_voltage_v": "cell_voltage_v"}),
)  # fmt: skip
_OWNER_FIELDS = frozenset(
    {"charger_mode", "mains_state", "dc_load_current_a", "ambient_temperature_c", "ac_voltage_l1_v", "ac_voltage_l2_v",
     "ac_voltage_l3_v", "cell_temperature_max_c"}
)  # fmt: skip
# Words that name a field only when nothing else does: "power from the grid", "Ah since full", "float or boost".
_WEAK = frozenset(
    {"grid", "mains", "utility power", "charger", "full", "charge", "charged", "room", "load", "loads", "mode", "float",
     "rating", "degrees", "amp", "volt", "joint", "joints", "power", "hot", "warm", "cold", "cool", "ambient", "health",
     "alarms", "alarm", "age", "capacity", "region", "cycled", "installed", "on mains"}
)  # fmt: skip
_UNIT_WORDS = frozenset(
    {
        "volts",
        "volt",
        "amps",
        "amp",
        "amperes",
        "milliohms",
        "milliohm",
        "mohm",
        "ohms",
        "degrees",
        "celsius",
        "mv",
        "ma",
    }
)
_KEYS = frozenset({"device_id", "site_id", "timestamp_utc", "received_utc", "record_id"})
_KEY_WORDS = re.compile(r"\bids?\b|stamp|received|record|_")
_PHASE = re.compile(r"\bl\s?([123])\b|\bphase\s+(1|2|3|one|two|three)\b")
_HOW_LONG_WITHOUT = re.compile(
    r"\bhow (?:long|many (?:minutes|hours))\b(?! did| was| has| have| were).{0,60}\b(?:last|carry|hold|survive|run|work|keep (?:us|the|it|going)|support|bridge)\b"
    r"|\b(?:if|when|once|should) (?:the )?(?:mains|utility|power|grid)\b.{0,20}\b(?:fail\w*|goes|went|drops?|cuts?|lost)\b"
)
# Said apart, together one field.
_TOGETHER = (
    (re.compile(r"\bcharger\b.{0,40}\b(?:fault |error )?code\b"), "charger_fault_code"),
    (
        re.compile(r"\bchargers?\b.{0,12}\b(?:push\w*|put\w*|deliver\w*|feed\w*|suppl\w*) (?:out|in)\b"),
        "rectifier_current_a",
    ),
)
_ALL_PHASES = re.compile(
    r"\b(?:(?:all |the |three |3 )*phases|phase (?:voltages|currents|(?:im|un)balance)|each phase|(?:per|by) phase|phases? (?:1|one)(?:,| and)? (?:2|two),? (?:and|&) (?:3|three))\b"
)
_PHASE_NUMBERS = {"one": "1", "two": "2", "three": "3"}
# "current" before one of these means "present".
_PRESENT = re.compile(
    r"current(?:ly)?\s+(?:status|state|value|reading|figures?|numbers?|condition|health|level|charge|situation|data|is\b)s?"
)


@dataclass(frozen=True)
class FieldMention:
    """A field that was named, with which words, where."""

    field: str
    words: str
    start: int
    end: int


@cache
def _lexicon() -> dict[str, str]:
    """Words to field; where two fields share a word the earlier declared one has it."""
    words: dict[str, str] = {}
    for facts in all_fields().values():
        for word in (facts.name, facts.name.replace("_", " "), *facts.words, *_MORE.get(facts.name, ())):
            words.setdefault(word.lower(), facts.name)
    return words


@cache
def known_words() -> frozenset[str]:
    """Every single word that is part of a field's name."""
    return frozenset(part for word in _lexicon() for part in re.findall(r"[a-z]{3,}", word) if "_" not in word)


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_lexicon(), key=len, reverse=True)
    return re.compile(r"(?<![\w°])(" + "|".join(re.escape(word) for word in longest_first) + r")s?(?!\w)")


def find_fields(text: str) -> list[FieldMention]:
    """The fields named in a lower-case text, in the order of its words; names and times are blanked already."""
    text = _PRESENT.sub(lambda match: "\0" * len(match.group()), text)
    if match := _HOW_LONG_WITHOUT.search(text):
        return [FieldMention("runtime_remaining_min", match.group(), match.start(), match.end())]
    for pattern, name in _TOGETHER:
        if match := pattern.search(text):
            return [FieldMention(name, match.group(), match.start(), match.end())]
    if match := _ALL_PHASES.search(text):
        kind, unit = ("current", "a") if "current" in text or "amps" in text else ("voltage", "v")
        return [
            FieldMention(f"ac_{kind}_l{number}_{unit}", match.group(), match.start(), match.end()) for number in "123"
        ]
    # "Which device" is no question of its id, "at that time" none of its time stamp.
    found = [one for one in _exact(text) if one.field not in _KEYS or _KEY_WORDS.search(one.words)]
    if not found:
        found = list(_misspelt(text))
    return _without_weak(_of_room(text, _on_phase(text, _with_owners(text, found))))


def owned_field(owner_words: str, plain_field: str) -> str | None:
    """The field of an owner said alone, in place of a plain one: "the charger" after "current"."""
    for owner, fields in _OWNERS:
        if re.fullmatch(rf"(?:the )?(?:{owner})", owner_words):
            return next((fields[name] for name in _kin(plain_field) if name in fields), None)
    return None


def same_owner(plain_field: str, earlier_field: str) -> str:
    """A plain field about the same thing as an earlier one: "its voltage" after the rectifier current."""
    for _, fields in _OWNERS:
        if earlier_field in fields.values() and plain_field in fields:
            return fields[plain_field]
    return plain_field


def _kin(field: str) -> tuple[str, ...]:
    """The plain field behind a field: the string current behind the rectifier current."""
    return (field, *(plain for _, fields in _OWNERS for plain, owned in fields.items() if owned == field))


def _without_weak(found: Sequence[FieldMention]) -> list[FieldMention]:
    found = [mention for mention in found if not _is_said_better(mention, found)]
    strong = [mention for mention in found if mention.words not in _WEAK] or list(found)
    return [
        mention
        for before, mention in zip([None, *strong], strong, strict=False)
        if before is None or not _completes(before, mention)
    ]


def _is_said_better(mention: FieldMention, found: Sequence[FieldMention]) -> bool:
    """Whether a mention only says the unit or the kind of a more exact one: "highest cell ... in volts"."""
    others = [one.field for one in found if one.field != mention.field]
    if mention.field == "cell_voltage_v" and any(
        name in ("cell_voltage_min_v", "cell_voltage_max_v") for name in others
    ):
        return "mean" not in mention.words and "average" not in mention.words
    unit = all_fields()[mention.field].unit.removeprefix("m")
    is_unit = mention.words in _UNIT_WORDS
    return is_unit and any(all_fields()[name].unit.removeprefix("m") == unit for name in others)


def _completes(before: FieldMention, mention: FieldMention) -> bool:
    """Whether a plain "voltage" only ends the name before it: "dc ripple" + "voltage", "worst joint" + "resistance"."""
    units = [all_fields()[one.field].unit.removeprefix("m") for one in (before, mention)]
    is_plain = mention.words in ("voltage", "current", "temperature", "temp", "resistance", "volts", "amps")
    return is_plain and units[0] == units[1] and mention.start - before.end <= 1


def _of_room(text: str, found: Sequence[FieldMention]) -> list[FieldMention]:
    """The warmest room is a matter of its air, not of posts."""
    room = re.search(r"\b(?:rooms?|cabinets?|shelters?|air)\b", text)
    if room is None:
        return list(found)
    return [
        replace(mention, field="ambient_temperature_c")
        if mention.field in ("cell_temperature_max_c", "cell_temperature_c") and "post" not in mention.words
        else mention
        for mention in found
    ]


def _on_phase(text: str, found: Sequence[FieldMention]) -> list[FieldMention]:
    """One field where phase and quantity are said apart: "input current on phase 2"."""
    phase = _PHASE.search(text)
    if phase is None or len(found) < 2:
        return list(found)
    said = phase.group(1) or phase.group(2)
    number = _PHASE_NUMBERS.get(said, said)
    kinds = [mention for mention in found if mention.field in ("ac_current_l1_a", "ac_voltage_l1_v")]
    kinds = [mention for mention in kinds if not (mention.start <= phase.start() < mention.end)]
    if not kinds:
        return list(found)
    name = kinds[0].field.replace("_l1_", f"_l{number}_")
    others = [one for one in found if not one.field.startswith(("ac_", "rectifier_", "charger_"))]
    joined = FieldMention(name, kinds[0].words, kinds[0].start, kinds[0].end)
    return sorted([*others, joined], key=lambda mention: mention.start)


def _exact(text: str) -> Iterator[FieldMention]:
    matches = list(_pattern().finditer(text))
    for match, following in zip_longest(matches, matches[1:]):
        is_adjective = match.group() == "current" and following and not text[match.end() : following.start()].strip()
        if not is_adjective:
            yield FieldMention(_lexicon()[match.group(1)], match.group(), match.start(), match.end())


@cache
def _fuzzy_words() -> tuple[str, ...]:
    return tuple(
        word for word in _lexicon() if len(word) >= _SHORTEST_FUZZY and "_" not in word and word not in _WEAK
    )


def _misspelt(text: str) -> Iterator[FieldMention]:
    """One to three words that are nearly the name of a field."""
    words = list(re.finditer(r"[a-z][a-z'-]*", text))
    taken = -1
    for size in (3, 2, 1):
        for first, last in zip(words, words[size - 1 :], strict=False):
            said = text[first.start() : last.end()]
            if len(said) < _SHORTEST_FUZZY or first.start() < taken or "\0" in said:
                continue
            best = process.extractOne(said, _fuzzy_words(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
            if best and best[0][0] == said[0]:
                taken = last.end()
                yield FieldMention(_lexicon()[best[0]], said, first.start(), last.end())
        if taken >= 0:
            return


def _with_owners(text: str, found: Sequence[FieldMention]) -> list[FieldMention]:
    """Join a plain "voltage", "current" or "temperature" with whose it is, where both are said apart."""
    generic = [mention for mention in found if mention.field in _GENERIC]
    if len(generic) != 1:
        return list(found)
    (plain,) = generic
    rest = text[: plain.start] + "\0" * (plain.end - plain.start) + text[plain.end :]
    # "charge current" and the like are already about one thing.
    if len(plain.words.split()) > 1 and plain.words.split()[0] in ("battery", "string", "charge", "charging"):
        return list(found)
    for owner, fields in _OWNERS:
        match = re.search(rf"(?<!\w)(?:{owner})(?:'s)?(?!\w)", rest)
        if match and plain.field in fields:
            others = [
                mention
                for mention in found
                if mention is not plain
                and not (mention.field in _OWNER_FIELDS and mention.start <= match.start() < mention.end)
            ]
            joined = FieldMention(fields[plain.field], plain.words, plain.start, plain.end)
            return sorted([*others, joined], key=lambda mention: mention.start)
    return list(found)
