"""Who may ask for an action and who may approve it: role, scope of sites, and a second person where one is needed."""

from collections.abc import Callable

from sqlalchemy.engine import Connection

from tools.actions.contract import Impact
from tools.actions.plan import PlannedAction
from tools.errors import NotAllowedError, UnknownPlanError
from tools.people import Person

# Looks a person up as they are now, in the transaction of the decision: another connection would wait for one while
# this one holds the lock. None where there is no such person, or no longer.
FindPerson = Callable[[Connection, str], Person | None]


def check_may(person: Person, impact: Impact) -> None:
    """Let a person ask for or approve what has this impact.

    Raises:
        NotAllowedError: the role is too low, or a site is out of scope.
    """
    if not person.reaches(impact.role):
        raise NotAllowedError(
            f"This needs the role {impact.role}; you are {person.role}.", f"Ask somebody with the role {impact.role}."
        )
    if not sees_all(person, impact):
        raise NotAllowedError(
            "This reaches a site outside your scope.", "Ask somebody who is responsible for all of its sites."
        )


def sees_all(person: Person, impact: Impact) -> bool:
    """Whether every site of an impact is in a person's scope."""
    return all(person.sees(site) for site in impact.sites)


def check_sees(person: Person, plan: PlannedAction) -> None:
    """Let a person know that a plan exists: their own, or one of sites they see.

    Raises:
        UnknownPlanError: it is as if it did not exist.
    """
    if person.name != plan.asked_by and not sees_all(person, plan.impact):
        raise unknown_plan(plan.plan_id)


def check_approval(
    connection: Connection, plan: PlannedAction, approver: Person, find_person: FindPerson, *, second_person: bool
) -> None:
    """Let a person approve a plan, and its asker still ask for it, both as they are at this moment.

    Raises:
        NotAllowedError: one of them may not, or not alone.
    """
    # As the caller knows them and as they are now: a role may have been lowered since the sign-in.
    check_may(approver, plan.impact)
    check_may(_known(find_person(connection, approver.name), approver.name), plan.impact)
    if plan.asked_by != approver.name:
        check_may(_known(find_person(connection, plan.asked_by), plan.asked_by), plan.impact)
    elif second_person and plan.tier == "dangerous":
        raise NotAllowedError(
            "A dangerous action needs a second person.", f"Ask another {plan.impact.role} to approve it."
        )


def unknown_plan(plan_id: str) -> UnknownPlanError:
    """The error for a plan that is not there or not to be known of."""
    return UnknownPlanError(f"There is no planned action {plan_id!r}.", "GET /api/approvals lists those that wait.")


def _known(person: Person | None, name: str) -> Person:
    if person is None:
        raise NotAllowedError(f"{name} has no account any more.", "Ask for the action again under another name.")
    return person
