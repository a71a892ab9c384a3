"""The alerts that stand: how serious, where, since when, how bad at worst."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assistant.ui import wording
from assistant.ui.look import Look
from assistant.ui.panels.parts import ask_link, link, mark, moment, number, panel, quiet, text
from tools.analytics.alerts import Alert, AlertReport

# What is most serious is read at once, the rest on demand; a list beyond that is asked for by site.
_SHOWN_AT_ONCE, _MOST = 8, 60


@dataclass(frozen=True)
class Shown:
    """How alerts are shown: names of sites by id, the viewer's zone and moment, and whether they may acknowledge."""

    look: Look
    sites: Mapping[str, str]
    zone: str
    now: datetime
    may_acknowledge: bool


def alerts(report: AlertReport, shown: Shown) -> str:
    """A line an alert, the most serious and newest first."""
    if not report.alerts:
        return panel(wording.STANDING, quiet(wording.NO_ALERTS))
    lines = [_line(one, shown) for one in report.alerts[:_MOST]]
    listed = f'<ul class="alerts">{"".join(lines[:_SHOWN_AT_ONCE])}</ul>'
    if rest := lines[_SHOWN_AT_ONCE:]:
        summary = text(wording.more_alerts(len(rest)))
        listed += f'<details><summary>{summary}</summary><ul class="alerts">{"".join(rest)}</ul></details>'
    is_cut = len(report.alerts) > _MOST
    note = text(wording.first_of(_MOST, len(report.alerts))) if is_cut else ""
    return panel(wording.STANDING, listed, note=note)


def _line(one: Alert, shown: Shown) -> str:
    address = shown.look.out().to(device=one.device_id)
    place = link(address, text(one.device_id), name=wording.look_at(one.device_id))
    site = text(shown.sites.get(one.site_id, one.site_id))
    return (
        f'<li>{mark(one.severity, wording.SEVERITIES[one.severity])} <span class="what">{place} '
        f'<span class="place">{site}</span> {text(one.means)}</span>'
        f'<span class="facts">{_facts(one, shown)}</span><span class="acts">{_acts(one, shown)}</span></li>'
    )


def _facts(one: Alert, shown: Shown) -> str:
    """Since when, how bad at worst, and who has seen it."""
    parts = [f"{wording.SINCE} {moment(one.began, shown.zone, shown.now)}"]
    # A level or a count of steps says nothing that the words of the alert do not.
    if one.worst.unit:
        parts.append(f"{wording.WORST} {number(one.worst)}")
    if one.acknowledged:
        parts.append(f"{mark('acknowledged', wording.ACKNOWLEDGED)} {text(one.acknowledged_by or '')}")
    return " · ".join(parts)


def _acts(one: Alert, shown: Shown) -> str:
    """Ask about it; acknowledge it, which the chat plans and the person approves there."""
    asked = ask_link(wording.ask_alert(one.device_id, one.means))
    if one.acknowledged or not shown.may_acknowledge:
        return asked
    return ask_link(wording.ask_acknowledge(one.name, one.device_id), wording.ACKNOWLEDGE) + asked
