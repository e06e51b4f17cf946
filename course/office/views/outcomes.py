"""What came of the work, month by month."""

from __future__ import annotations

from flask import abort, request
from werkzeug.wrappers import Response

from course import access, db
from course.local_time import today
from course.office import outcomes as found
from course.office import queries
from course.office.views.scope import READERS, bp
from course.pages import page


@bp.get("/outcomes", allow=READERS)
def outcomes() -> Response:
    """Answers achieved and not yet, and learners who left, of all cohorts in scope or of one."""
    session = db.session()
    cohorts = [one.cohort for one in queries.cohorts(session, access.held(*READERS))]
    chosen = request.args.get("cohort", "")
    ids = [one.id for one in cohorts if chosen in ("", str(one.id))]
    if chosen and not ids:
        abort(404)
    months = found.outcomes(session, ids, today())
    return page(
        "office/outcomes.html", cohorts=cohorts, chosen=chosen, months=months,
        answers=found.picture_of_answers(months), departures=found.picture_of_leaving(months),
    )  # fmt: skip
