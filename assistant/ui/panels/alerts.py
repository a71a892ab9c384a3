"""The alerts that stand: how serious, where, since when, how bad at worst."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from assistant.ui import wording
from assistant.ui.look import Look
from assistant.ui.panels.parts import ask_link, link, mark, moment, number, panel, quiet, text
from tools.analytics.alerts import Alert, AlertReport

_MOST = 30


def alerts(report: AlertReport, look: Look, sites: Mapping[str, str], zone: str, now: datetime) -> str:
    """A line an alert, the most serious and newest first."""
    if not report.alerts:
        return panel(wording.STANDING, quiet(wording.NO_ALERTS))
    shown = report.alerts[:_MOST]
    lines = "".join(_line(one, look, sites, zone, now) for one in shown)
    note = text(wording.first_of(len(shown), len(report.alerts))) if len(shown) < len(report.alerts) else ""
    return panel(wording.STANDING, f'<ul class="alerts">{lines}</ul>', note=note)


def _line(one: Alert, look: Look, sites: Mapping[str, str], zone: str, now: datetime) -> str:
    place = link(look.out().to(device=one.device_id), text(one.device_id), name=wording.look_at(one.device_id))
    # A level or a count of steps says nothing that the words of the alert do not.
    worst = f"{wording.WORST} {number(one.worst)}" if one.worst.unit else ""
    seen = (
        f"{mark('acknowledged', wording.ACKNOWLEDGED)} {text(one.acknowledged_by or '')}" if one.acknowledged else ""
    )
    facts = " · ".join(part for part in (f"{wording.SINCE} {moment(one.began, zone, now)}", worst, seen) if part)
    return (
        f'<li>{mark(one.severity, wording.SEVERITIES[one.severity])} <span class="what">{place} '
        f'<span class="place">{text(sites.get(one.site_id, one.site_id))}</span> {text(one.means)}</span>'
        f'<span class="facts">{facts}</span>{ask_link(wording.ask_alert(one.device_id, one.means))}</li>'
    )


def of_site(report: AlertReport, device_ids: Sequence[str]) -> AlertReport:
    """The alerts of some devices."""
    wanted = set(device_ids)
    return report.model_copy(update={"alerts": tuple(one for one in report.alerts if one.device_id in wanted)})
