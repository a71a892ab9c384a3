"""What a field of a reading means: unit, ranges, words, and where it comes from."""

from collections.abc import Sequence

from tools.quantity import Frozen, Quantity
from tools.telemetry.fields import FieldFacts, all_fields, field_facts

_SOURCES = {
    "system": "set up when the device was installed",
    "core": "measured on the string or its cells by the battery monitor",
    "bms": "reported by the battery monitor about itself or estimated by it",
    "charging": "reported by the charger, the rectifiers or the mains meter",
}
_SCALES = {"cell": "per cell", "ah": "per Ah of C10", "bus": "per volt of the bus"}


class FieldMeaning(Frozen):
    """The declaration of one field, in words and figures. Ranges are as declared, before scaling."""

    field: str
    label: str
    meaning: str
    unit: str
    group: str
    source: str
    words: tuple[str, ...]
    choices: tuple[str, ...]
    limit_low: Quantity
    limit_high: Quantity
    normal_low: Quantity
    normal_high: Quantity
    possible_low: Quantity
    possible_high: Quantity
    limit_scale: str | None = None
    possible_scale: str | None = None


def describe(name: str) -> FieldMeaning:
    """Meaning, unit, limits and source of one field.

    Raises:
        UnknownFieldError: with the nearest names.
    """
    facts = field_facts(name)
    return FieldMeaning(
        field=facts.name,
        label=facts.label,
        meaning=facts.meaning,
        unit=facts.unit,
        group=facts.group,
        source=_SOURCES[facts.group],
        words=facts.words,
        choices=facts.choices,
        limit_low=_bound(facts, facts.limit[0], "limit_low"),
        limit_high=_bound(facts, facts.limit[1], "limit_high"),
        normal_low=_bound(facts, facts.normal[0], "limit_low"),
        normal_high=_bound(facts, facts.normal[1], "limit_high"),
        possible_low=_bound(facts, facts.hard[0], "limit_low"),
        possible_high=_bound(facts, facts.hard[1], "limit_high"),
        limit_scale=_SCALES.get(facts.per or ""),
        possible_scale=_SCALES.get(facts.per_hard or ""),
    )


def _bound(facts: FieldFacts, value: float | None, statistic: str) -> Quantity:
    return Quantity.model_validate({"value": value, "unit": facts.unit, "statistic": statistic, "field": facts.name})


def reference_page() -> str:
    """All fields as a Markdown table, for the documentation."""
    rows = ["| field | group | unit | meaning | operating range | hard range |", "|---|---|---|---|---|---|"]
    rows += [
        f"| `{one.name}` | {one.group} | {one.unit or '-'} | {one.meaning} "
        f"| {_range(one.limit, _SCALES.get(one.per or ''))} "
        f"| {_range(one.hard, _SCALES.get(one.per_hard or ''))} |"
        for one in all_fields().values()
    ]
    return "\n".join(rows) + "\n"


def _range(bounds: Sequence[float | None], scale: str | None) -> str:
    low, high = bounds
    if low is None and high is None:
        return "-"
    if low is None:
        words = f"at most {high:g}"
    elif high is None:
        words = f"at least {low:g}"
    else:
        words = f"{low:g} to {high:g}"
    return f"{words} {scale}" if scale else words
