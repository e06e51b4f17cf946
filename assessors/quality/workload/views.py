"""The report of assessors' workload and turnaround."""

from __future__ import annotations

from werkzeug.wrappers import Response

from assessors.quality.views import bp
from assessors.quality.workload import queries, rules
from course import access, db
from course.access import Role
from course.pages import page

LEADERS = {Role.LEAD_IQA, Role.ADMIN}


@bp.get("/quality/workload", allow=LEADERS)
def workload() -> Response:
    """What each assessor has open, how old the oldest is, what was decided lately, and how fast it came back."""
    found = queries.workload(db.session(), access.held(*LEADERS))
    return page("quality/workload.html", found=found, in_words=rules.days_in_words, window=rules.WINDOW.days)
