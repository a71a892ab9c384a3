"""Puts planned actions, what waits, and the maintenance log into words. A plan is never said to be done."""

from assistant.brains.embedded.phrasing import Voice, bold, figure, listed
from tools.actions.contract import Touched
from tools.actions.maintenance import KIND_WORDS
from tools.actions.maintenance_log import MaintenanceEntry, MaintenanceReport
from tools.actions.plan import PlannedAction
from tools.operate import PendingActions

MOST_LINES = 10


def plan_words(plan: PlannedAction, voice: Voice) -> str:
    """What would be done, to what, and until when it may be approved."""
    lines = "".join(f"- {_touched(one, voice)}\n" for one in plan.impact.touched[:MOST_LINES])
    more = len(plan.impact.touched) - MOST_LINES
    rest = f"- and {more} more\n" if more > 0 else ""
    if plan.impact.note:
        rest += f"- Note: “{plan.impact.note}”\n"
    about = f"\n\n{lines}{rest}\n" if lines or rest else " "
    return f"{bold(plan.impact.means)}.{about}It waits for approval until {voice.moment(plan.expires_at)}."


def _touched(one: Touched, voice: Voice) -> str:
    where = f"{one.device_id}: " if one.device_id else ""
    return f"{where}{one.means}{f', {voice.moment(one.at)}' if one.at else ''}"


def pending_words(pending: PendingActions, voice: Voice) -> str:
    """What waits, and until when."""
    if not pending.actions:
        return f"{bold('Nothing')} waits for approval."
    noun = "action waits" if pending.count.value == 1 else "actions wait"
    lines = [
        f"- {one.impact.means}, asked for by {one.asked_by}, until {voice.moment(one.expires_at)}"
        for one in pending.actions[:MOST_LINES]
    ]
    return f"{bold(figure(pending.count))} {noun} for approval:\n\n" + "\n".join(lines) + "\n"


def maintenance_words(report: MaintenanceReport, voice: Voice) -> str:
    """How many entries, of which kind, the newest of them, and the work orders that stand open."""
    when = f" {voice.window(report.asked.window)}" if report.asked.window else ""
    where = f" of {listed(list(report.asked.devices))}" if len(report.asked.devices) <= 3 else ""
    standing = _standing_words(report)
    if not report.entries:
        last = report.last_replacement
        before = f" The last replacement was {_entry(last, voice)}." if last and report.asked.window else ""
        return f"The maintenance log{where} holds {bold('no')} such entry{when}.{before}{standing}"
    noun = "entry" if report.count.value == 1 else "entries"
    lines = [f"- {_entry(one, voice)}" for one in report.entries[:MOST_LINES]]
    return (
        f"{bold(figure(report.count))} {noun} in the maintenance log{where}{when}:\n\n"
        + "\n".join(lines)
        + f"\n\n{standing}"
    ).strip()


def _standing_words(report: MaintenanceReport) -> str:
    if not report.open_orders:
        return ""
    numbers = listed([f"number {one.entry_id} of {one.device_id}" for one in report.open_orders[:MOST_LINES]])
    noun = "work order" if report.open_count.value == 1 else "work orders"
    count = figure(report.open_count.model_copy(update={"text": None}))
    return f" {count} {noun} open: {numbers}."


def _entry(one: MaintenanceEntry, voice: Voice) -> str:
    cell = f" {one.cell_no}" if one.kind == "cell_replacement" else f", cell {one.cell_no}" if one.cell_no else ""
    number = f", number {one.work_order or one.entry_id}" if one.kind.startswith("work_order") else ""
    text = f": “{one.text}”" if one.text else ""
    return f"{one.device_id}: {KIND_WORDS[one.kind]}{cell}{number}{text}, {voice.moment(one.done)}, by {one.who}"
