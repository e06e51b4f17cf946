"""The assessors' and the safeguarding lead's pages."""

from __future__ import annotations

from assessors.marking.queries.scope import Reader
from course import access
from course.access import Blueprint, Role
from course.people.accounts import me

bp = Blueprint("marking", __name__)

ASSESSOR = {Role.ASSESSOR}
LEAD = {Role.SAFEGUARDING_LEAD}


def assessor() -> Reader:
    """The signed-in assessor and all their current appointments here."""
    return Reader(me().person_id, tuple(access.held(Role.ASSESSOR)))


def safeguarding_lead() -> Reader:
    """The signed-in safeguarding lead."""
    return Reader(me().person_id, tuple(access.held(Role.SAFEGUARDING_LEAD)))


from assessors.marking.views import checks, comments, concerns, countersigning, departures, desk, queue  # noqa: E402, F401  they add routes
