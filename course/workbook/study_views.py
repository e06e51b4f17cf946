"""What a learner keeps beside the pages: a unit on one sheet of paper, and the words of the whole course."""

from __future__ import annotations

from uuid import UUID

from werkzeug.wrappers import Response

from course import access, db
from course.access import Blueprint, Role
from course.catalogue import glossary as glossaries
from course.catalogue import queries as catalogue
from course.enrolment import queries as enrolments
from course.pages import page
from course.people.accounts import me
from course.workbook import queries

bp = Blueprint("study", __name__, url_prefix="/learn")
LEARNER = {Role.LEARNER}


@bp.get("/<uuid:enrolment_id>/<unit>/summary", allow=LEARNER)
def summary(enrolment_id: UUID, unit: str) -> Response:
    """A unit's outcomes, its points, its words and people to call: made to be printed."""
    session = db.session()
    enrolment = queries.enrolment_of(session, me().person_id, enrolment_id)
    access.own_words(enrolment.id)
    found = catalogue.unit(session, enrolments.version_in_use(session, enrolment, unit).id)
    return page("workbook/summary.html", enrolment=enrolment, unit=found, words=glossaries.words_of(found),
                points_html=glossaries.looking_back(found))  # fmt: skip


@bp.get("/<uuid:enrolment_id>/glossary", allow=LEARNER)
def glossary(enrolment_id: UUID) -> Response:
    """The words of every unit of the course, as they are published."""
    session = db.session()
    enrolment = queries.enrolment_of(session, me().person_id, enrolment_id)
    rows = catalogue.latest_units(session, enrolment.qualification)
    units = {found.code: found for found in map(catalogue.unit_of, rows) if found.is_ready}
    title = catalogue.qualification(session, enrolment.qualification).title
    return page("workbook/glossary.html", enrolment=enrolment, title=title, units=units,
                terms=glossaries.glossary(units.values()))  # fmt: skip
