"""Puts alerts and anomalies into words."""

from assistant.brains.embedded.phrasing import Voice, bold, capital, figure, label, listed
from tools.analytics.alerts import Alert, AlertReport
from tools.analytics.anomalies import Anomaly, AnomalyReport

MOST_LINES = 10


def alerts_words(report: AlertReport, voice: Voice) -> str:
    """How many alerts there were and still stand, then each, the standing and serious ones first."""
    when = voice.window(report.asked.window) if report.asked.window else ""
    if not report.alerts:
        return f"There were {bold('no')} alerts of that kind {when}."
    count = report.count.model_copy(update={"text": None})
    standing = report.active_count.model_copy(update={"text": None})
    noun = "alert" if count.value == 1 else "alerts"
    lead = f"{bold(figure(count))} {noun} {when}, {figure(standing)} still standing."
    open_ones = [alert for alert in report.alerts if alert.cleared is None]
    shown = (open_ones or report.alerts)[:MOST_LINES]
    text = f"{lead}\n\n" + "\n".join(_alert_line(alert, voice) for alert in shown) + "\n"
    if len(report.alerts) == len(shown):
        return text
    kinds = "\n".join(f"- {one.text}: {figure(one.model_copy(update={'text': None}))}" for one in report.by_name)
    return f"{text}\nAll of them, by kind:\n\n{kinds}\n\n"


def _alert_line(alert: Alert, voice: Voice) -> str:
    ended = f"until {voice.moment(alert.cleared)}" if alert.cleared else "still standing"
    seen = f", acknowledged by {alert.acknowledged_by}" if alert.acknowledged_by else ""
    worst = f", at worst {figure(alert.worst)}" if alert.worst.unit not in ("", "modules") else ""
    offer = f"; what to do: {alert.response}" if alert.response else ""
    return (
        f"- {alert.device_id}: {alert.means} ({alert.severity}, {alert.name}), "
        f"raised {voice.moment(alert.raised)}, {ended}{worst}{seen}{offer}"
    )


def anomalies_words(report: AnomalyReport, voice: Voice) -> str:
    """What is wrong, where, since when and whose fault it is; what lasts first."""
    when = voice.window(report.asked.window) if report.asked.window else ""
    note = (
        f"\nToo little past to compare with: {listed(list(report.without_past))}; only fixed rules were applied."
        if report.without_past
        else ""
    )
    if not report.anomalies:
        return f"Nothing unusual was found {when}.{note}"
    count = figure(report.count)
    noun = "anomaly" if report.count.value == 1 else "anomalies"
    lines = [_anomaly_line(one, voice) for one in report.anomalies[:MOST_LINES]]
    return f"{bold(count)} {noun} {when}:\n\n" + "\n".join(lines) + f"\n{note}\n"


def _anomaly_line(one: Anomaly, voice: Voice) -> str:
    cell = f" cell {one.cell_no}" if one.cell_no is not None else ""
    lasts = "and still there" if one.until is None else f"until {voice.moment(one.until)}"
    measured = f"{label(one.excess.field)} {figure(one.excess)}" if one.excess.unit else label(one.excess.field)
    offer = f" What to do: {one.response}." if one.response else ""
    return (
        f"- {bold(one.device_id + cell)}: {capital(one.means)}. At fault: {one.party}. Since "
        f"{voice.moment(one.since)} {lasts}; {measured}; seen by {listed(list(one.layers))}; {one.certainty}.{offer}"
    )
