"""Puts misspelt words right before a question is read: "highst", "resistence", "onlin".

Only words nobody knows are touched, and only where one known word is clearly meant. Names are left alone: they have
their own, fleet-driven reading.
"""

import re
from collections import Counter
from functools import cache
from pathlib import Path

from rapidfuzz import fuzz, process

from assistant.brains.embedded.field_words import known_words
from assistant.brains.embedded.joined import part_joined
from assistant.brains.embedded.shorthand import write_out
from knowledge.embedding import ordinary_words
from tools.telemetry.fleet import Fleet

_PLAIN = str.maketrans({**dict.fromkeys("‐‑‒–—−", "-"), "’": "'", "‘": "'"})
_ALIKE = 82
_SHORTEST = 4
_MORE = frozenset(
    """january february march april june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday weekend noon midnight morning afternoon evening night fortnight yesterday today
    tomorrow hours minutes days weeks months between during since until before after highest lowest average maximum
    minimum mean peak range above below under over than compare versus difference which where when what there these
    those with from that this have does were been will would should could about into onto only just also then them
    they your please thanks could tell give show list need know want much many long often ever never same other both
    each every first second third next half past last previous current degrees celsius fahrenheit percent volts amps
    hottest coldest warmest coolest weakest strongest fullest emptiest biggest smallest largest shortest longest
    outage outages discharge discharges boost boosts online offline missing data gaps cells cell device devices site
    sites battery batteries string strings unit units fleet health healthy condition alert alerts critical
    anomaly anomalies efficiency estimate estimated forecast trend losses rectifier runtime""".split()  # noqa: SIM905
)


# What a word of three letters may be short of one for.
_SHORT_TARGETS = ("last", "week", "room", "rank", "cell", "load", "site", "temp", "past", "hour", "days")


@cache
def _vocabulary() -> frozenset[str]:
    """Every word of the training utterances, of the fields, and of the language around them."""
    counted: Counter[str] = Counter()
    for path in (Path(__file__).parent / "utterances").glob("*.yaml"):
        # A line an utterance; parsing YAML would cost the first question a third of a second.
        for line in path.read_text(encoding="utf-8").lower().splitlines():
            counted.update(set(re.findall(r"[a-z]+", line)))
    # Utterances hold typos too: a word counts as known from its third utterance on.
    return _MORE | known_words() | {word for word, count in counted.items() if count > 2}


@cache
def _targets() -> tuple[str, ...]:
    """Words a misspelt one may be meant for: common to the trade and long enough to be sure of."""
    return tuple(sorted(word for word in _MORE | known_words() if len(word) >= _SHORTEST))


def correct(question: str, fleet: Fleet) -> str:
    """The question with misspelt words put right; letters, digits and names stay where they are."""
    names = {part.lower() for site in fleet.sites for part in (site.name, *site.name.split())}
    names |= {part.lower() for device in fleet.devices for part in device.name.split()}

    # Typographic dashes and quotes are the plain ones.
    question = part_joined(write_out(question.translate(_PLAIN)), _vocabulary(), frozenset(names))

    def put_right(match: re.Match[str]) -> str:
        word = match.group()
        lower = word.lower()
        is_name = word[0].isupper() and not word.isupper() and match.start() > 0
        if (
            is_name
            or len(lower) < 3
            or lower in _vocabulary()
            or lower in ordinary_words()
            or _is_alike(lower, names)
        ):
            return word
        if len(lower) < _SHORTEST:
            return next((one for one in _SHORT_TARGETS if one[0] == lower[0] and one[-1] == lower[-1] and
                         fuzz.ratio(one, lower) >= 85), word)  # fmt: skip
        best = process.extractOne(lower, _targets(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
        return best[0] if best and best[0][0] == lower[0] and abs(len(best[0]) - len(lower)) <= 2 else word

    return re.sub(r"(?<![\w'-])[A-Za-z]+(?![\w'-])", put_right, question)


def _is_alike(word: str, names: set[str]) -> bool:
    return any(fuzz.ratio(word, name) >= _ALIKE for name in names)
