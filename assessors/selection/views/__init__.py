"""Pages of selection: the applicant's, the referee's, and the selectors'."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from assessors.selection.queries import applications as queries
from assessors.selection.queries.found import Found
from course import access, db
from course.access import Blueprint, HeldAppointment, Role
from course.enrolment.models import Cohort

bp = Blueprint("selection", __name__)

SELECTOR = {Role.SELECTOR}
STARTERS = {Role.SELECTOR, Role.ADMIN}
"""Who opens a cohort to applications and invites; an admin reads nobody's application."""
ASSURERS = {Role.IQA, Role.LEAD_IQA}
EVERYBODY = STARTERS | ASSURERS


def held(roles: Collection[Role]) -> list[HeldAppointment]:
    """The person's current appointments to these roles, here."""
    return access.held(*roles)


def cohort_of(cohort_id: UUID, roles: Collection[Role]) -> Cohort:
    """A cohort in scope."""
    return queries.cohort_for(db.session(), cohort_id, held(roles))


def found_for_selector(application_id: UUID, *, lock: bool = False) -> Found:
    """An application in the selector's scope, locked if it is about to change."""
    return queries.for_selector(db.session(), application_id, held(SELECTOR), lock=lock)


from assessors.selection.views import applying, checks, choosing, criteria, references  # noqa: E402, F401  they add routes
