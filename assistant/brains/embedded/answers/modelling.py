"""Words for the model of the condition: what is live, its versions, drift, and whether it is well."""

from assistant.brains.embedded.phrasing import Voice, bold, capital, figure, label, sentences
from tools.mlops.drift import DriftReport
from tools.mlops.health import ModelHealth
from tools.mlops.reports import ModelStatus, VersionComparison, VersionList

MOST_LINES = 10


def status_words(status: ModelStatus, voice: Voice) -> str:
    """What is live and how good it is, then the last changes."""
    changes = [f"- {voice.moment(one.at)}: {one.means} ({one.who}: {one.why})" for one in status.history[:MOST_LINES]]
    trial = status.trial.means if status.trial else None
    return sentences(_said(f"{bold(capital(status.live))}: {status.means}"), status.note, trial) + (
        "\n\n" + "\n".join(changes) + "\n\n" if changes else ""
    )


def versions_words(report: VersionList, voice: Voice) -> str:
    """Every version with its figures and why it failed the gate, where it did."""
    lines = [
        f"- {bold(one.name)}{' (live)' if one.is_live else ''}, trained {voice.moment(one.created)} by {one.created_by}: "
        f"{one.means}{f' {capital(one.why)}.' if one.why else ''}"
        for one in report.versions[:MOST_LINES]
    ]
    return _said(report.means) + ("\n\n" + "\n".join(lines) + "\n\n" if lines else "")


def comparison_words(found: VersionComparison, voice: Voice) -> str:  # noqa: ARG001  no time is told
    """Which of two is better, and on which conditions."""
    lines = [
        f"- {one.condition.replace('_', ' ')}: {figure(one.first)} and {figure(one.second)}"
        for one in found.conditions
    ]
    return _said(found.means) + "\n\n" + "\n".join(lines) + "\n\n"


def drift_words(report: DriftReport, voice: Voice) -> str:  # noqa: ARG001
    """What moved, the strongest first."""
    lines = [f"- {one.means}" for one in report.drifts[:MOST_LINES]]
    missing = (
        f"Not judged for lack of data: {', '.join(label(name) for name in report.not_judged)}."
        if report.not_judged
        else None
    )
    return sentences(
        _said(report.means) + ("\n\n" + "\n".join(lines) + "\n\n" if lines else ""), report.note, missing
    )


def model_health_words(health: ModelHealth, voice: Voice) -> str:  # noqa: ARG001
    """Whether the live model is well, and each check."""
    lines = [f"- {one.name}: {one.means}" for one in health.checks]
    return _said(health.means) + ("\n\n" + "\n".join(lines) + "\n\n" if lines else "")


def _said(means: str) -> str:
    """What a result says in its own words, as a sentence."""
    text = capital(means.strip())
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."
