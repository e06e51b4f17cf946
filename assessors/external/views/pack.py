"""One click makes the evidence pack. Whose words are in it is written to the access log before it leaves."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from assessors.external import operations, packing, queries
from assessors.external.models import Visit
from assessors.external.views.scope import bp
from course import access, clock, db, sealing
from course.access import Role


@bp.post("/visits/<uuid:visit_id>/pack", allow={Role.LEAD_IQA, Role.EQA}, purpose="evidence pack")
def take_pack(visit_id: UUID) -> Response:
    """Make the pack of a visit: read without holding up anybody who writes, then noted and sent."""
    by = access.actor()
    with db.database().reader() as reading:
        packing.at_one_moment(reading)
        made = packing.make(reading, _visit(reading, visit_id), by=by)
    try:
        session = db.session()
        visit = _visit(session, visit_id)
        operations.note_pack(session, visit, manifest=made.manifest, files=made.files, answers=made.answers, by=by)
        for opening in made.openings:
            sealing.note_opening(session, opening)
    except BaseException:
        made.spool.close()
        raise
    response = Response(made.spool.chunks(), content_type="application/zip")
    response.content_length = made.spool.size
    response.headers["Content-Disposition"] = f'attachment; filename="evidence-pack-{clock.now():%Y-%m-%d}.zip"'
    response.call_on_close(made.spool.close)
    return response


def _visit(session: Session, visit_id: UUID) -> Visit:
    if access.acting().role is Role.EQA:
        return queries.visit_of(session, visit_id, access.held(Role.EQA))
    return queries.visit_at(session, visit_id, access.held(Role.LEAD_IQA))
