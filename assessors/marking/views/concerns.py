"""Raising a concern from an answer, and the safeguarding lead's own list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, url_for
from werkzeug.wrappers import Response

from assessors.marking import showing
from assessors.marking.operations import concerns as operations
from assessors.marking.queries import concerns as queries
from assessors.marking.views import ASSESSOR, LEAD, bp, safeguarding_lead
from assessors.marking.views.desk import on_desk
from course import db
from course.audit import Actor
from course.catalogue import queries as catalogue
from course.pages import page
from course.people.accounts import me
from course.workbook import files
from course.workbook import queries as workbook


@bp.get("/marking/answers/<uuid:answer_id>/concern", allow=ASSESSOR)
def concern_page(answer_id: UUID) -> Response:
    """What raising a concern does and does not do."""
    desk = on_desk(answer_id)
    raised = queries.is_raised(db.session(), answer_id, me().person_id)
    return page("marking/concern.html", desk=desk, is_raised=raised)


@bp.post("/marking/answers/<uuid:answer_id>/concern", allow=ASSESSOR)
def raise_concern(answer_id: UUID) -> Response:
    """Send a reference to the safeguarding lead."""
    operations.raise_concern(db.session(), on_desk(answer_id, lock=True))
    flash("The safeguarding lead has been told to look. You can go on marking.")
    return redirect(url_for(".judge", answer_id=answer_id), 303)


@bp.get("/safeguarding", allow=LEAD)
def concerns() -> Response:
    """Concerns raised from answers: whose, where, when, by whom. Never what was written."""
    session = db.session()
    rows = queries.concerns(session, safeguarding_lead())
    units = catalogue.units(session, {row[1].unit_version_id for row in rows})
    return page("marking/concerns.html", concerns=[showing.concern(row, units) for row in rows])


@bp.post("/safeguarding/<uuid:concern_id>/acknowledge", allow=LEAD)
def acknowledge(concern_id: UUID) -> Response:
    """Say that it is seen and followed up."""
    reader = safeguarding_lead()
    row = queries.concern(db.session(), reader, concern_id)
    by = _acting_on(row)
    operations.acknowledge(db.session(), row[0], is_acknowledged=row[4] is not None, by=by)
    flash("Acknowledged. Follow it up under your own policy; nothing about that is kept here.")
    return redirect(url_for(".concerns"), 303)


@bp.get("/safeguarding/<uuid:concern_id>/answer", allow=LEAD, purpose="safeguarding")
def concern_answer(concern_id: UUID) -> Response:
    """The answer that a concern names, to read. The learner's own list shows that it was read."""
    row = queries.concern(db.session(), safeguarding_lead(), concern_id)
    _acting_on(row)
    return page(
        "marking/concern_answer.html",
        **showing.concern_answer(db.session(), row),
        file_address=lambda file_id: url_for(".concern_file", concern_id=concern_id, file_id=file_id),
    )


@bp.get("/safeguarding/<uuid:concern_id>/files/<uuid:file_id>", allow=LEAD, purpose="safeguarding")
def concern_file(concern_id: UUID, file_id: UUID) -> Response:
    """A file that belongs to the answer."""
    session = db.session()
    row = queries.concern(session, safeguarding_lead(), concern_id)
    _acting_on(row)
    unit = catalogue.unit(session, row[1].unit_version_id)
    return files.download(*showing.file_of(session, unit, workbook.answer_facts(session, row[1].id), file_id))


def _acting_on(row: Any) -> Actor:
    reader = safeguarding_lead()
    g.acting = reader.appointment_for(row[1])
    return reader.actor(g.acting)
