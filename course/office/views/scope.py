"""The office's blueprint, and which cohorts and people the signed-in person may look after."""

from __future__ import annotations

from uuid import UUID

from werkzeug.exceptions import Forbidden

from course import access, db
from course.access import Blueprint, HeldAppointment, Role
from course.enrolment.models import Cohort
from course.office import queries
from course.people.accounts import me

bp = Blueprint("office", __name__, url_prefix="/office")

ADMINS = {Role.ADMIN}
READERS = {Role.ADMIN, Role.TUTOR}
TRACKERS = {*READERS, Role.ASSESSOR, Role.IQA, Role.LEAD_IQA}


def cohort_of(cohort_id: UUID, roles: set[Role], *, lock: bool = False) -> Cohort:
    """A cohort that appointments to these roles cover, locked if it is about to change."""
    return queries.cohort_for(db.session(), access.held(*roles), cohort_id, reader=me().person_id, lock=lock)


def is_admin() -> bool:
    """Whether the person runs the office here, and does not only read in it."""
    return bool(access.held(Role.ADMIN))


def is_admin_of(cohort: Cohort) -> bool:
    """Whether the person runs the office for this cohort."""
    return covers(cohort, {Role.ADMIN})


def covers(cohort: Cohort, roles: set[Role], *, unit: str | None = None) -> bool:
    """Whether one of the person's appointments to these roles covers a cohort, and a unit if one is given."""
    return any(
        held.covers(centre_id=cohort.centre_id, cohort_id=cohort.id, qualification=cohort.qualification, unit=unit)
        for held in access.held(*roles)
    )


def whole_centre() -> HeldAppointment:
    """The admin appointment that covers the whole centre: only under it are people appointed. Others get 403."""
    for held in access.held(Role.ADMIN):
        if covers_all(held):
            return held
    raise Forbidden


def covers_all(held: HeldAppointment) -> bool:
    """Whether an appointment is limited to no part of the centre."""
    return held.cohort_id is None and held.qualification is None and held.unit is None
