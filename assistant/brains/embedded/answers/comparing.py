"""Words for comparisons and rankings."""

from assistant.brains.embedded.phrasing import Voice, bold, capital, figure, label, listed, sentences
from tools.telemetry.comparison import Comparison, Ranking

_WORDS = {"latest": "latest", "mean": "average", "min": "lowest", "max": "highest", "range": "range of",
          "increase": "increase of"}  # fmt: skip


def comparison_words(comparison: Comparison, voice: Voice) -> str:
    """Both sides, then how far apart they are."""
    name, window = label(comparison.field), comparison.asked.window
    two_windows = len({side.figure.window for side in comparison.sides}) > 1
    when = f" {voice.window(window)}" if window and not two_windows else ""
    known = [side for side in comparison.sides if side.figure.value is not None]
    missing = [side.name for side in comparison.sides if side.figure.value is None]
    lines = [f"{capital(_WORDS[comparison.statistic])} {name}{when}:", ""]
    for side in known:
        about = f" ({voice.window(side.figure.window)})" if two_windows and side.figure.window else ""
        lines.append(f"- {side.name}{about}: {bold(figure(side.figure))}")
    return sentences(
        "\n".join(lines) + "\n\n",
        _difference(comparison),
        f"There is no data for {listed(missing)}." if missing else None,
    )


def _difference(comparison: Comparison) -> str | None:
    if comparison.difference is None or comparison.difference.value is None:
        if comparison.highest and comparison.lowest:
            return f"Highest is {comparison.highest}, lowest is {comparison.lowest}."
        return None
    first, second = comparison.sides
    apart = comparison.difference.model_copy(update={"value": abs(comparison.difference.value)})
    if apart.value == 0:
        return "There is no difference."
    higher, lower = (first, second) if comparison.difference.value > 0 else (second, first)
    percent = comparison.percent
    in_percent = ""
    # A percentage of a temperature scale or of a current near zero says nothing.
    if percent is not None and percent.value is not None and apart.unit != "°C" and abs(percent.value) < 1000:
        in_percent = f" ({figure(percent.model_copy(update={'value': abs(percent.value)}))} of {second.name})"
    return f"{higher.name} is higher than {lower.name} by {bold(figure(apart))}{in_percent}."


def ranking_words(ranking: Ranking, voice: Voice) -> str:
    """Who leads, then the others in order."""
    first, window = ranking.ranks[0], ranking.asked.window
    when = voice.window(window) if window and first.figure.window else "now"
    name = (
        label(ranking.field)
        if ranking.statistic == "latest"
        else f"{_WORDS[ranking.statistic]} {label(ranking.field)}"
    )
    lead = f"{bold(first.name)} leads: {name} {bold(figure(first.figure))} {when}, {ranking.order} first."
    others = [f"{rank.place}. {rank.name}: {figure(rank.figure)}" for rank in ranking.ranks[:12]]
    missing = f"No data: {listed(list(ranking.without_data))}." if ranking.without_data else None
    if len(ranking.ranks) == 1:
        return sentences(lead, missing)
    return sentences(lead + "\n\n" + "\n".join(others) + "\n\n", missing)
