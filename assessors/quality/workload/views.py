"""The report of assessors' workload and turnaround."""

from __future__ import annotations

from werkzeug.wrappers import Response

from assessors.quality.views import bp
from assessors.quality.workload import queries, rules, showing
from course import access, db
from course.access import Role
from course.pages import page

LEADERS = {Role.LEAD_IQA, Role.ADMIN}


@bp.get("/quality/workload", allow=LEADERS)
def workload() -> Response:
    """What each assessor has open, how old the oldest is, what was decided lately, and how fast it came back."""
    session, held = db.session(), access.held(*LEADERS)
    turned = queries.turnaround(session, held)
    return page(
        "quality/workload.html", found=queries.workload(session, held), in_words=rules.days_in_words,
        window=rules.WINDOW.days, turned=turned, drawn=showing.picture(turned), short=showing.short,
    )  # fmt: skip
