"""The office's first page: how many, what to do next, and every cohort."""

from __future__ import annotations

from werkzeug.wrappers import Response

from course import access, db, working_days
from course.access import Role
from course.catalogue import queries as catalogue
from course.corrections import queries as corrections
from course.local_time import today
from course.office import queries, rules
from course.office.views.scope import READERS, bp, covers_all, is_admin
from course.pages import page


@bp.get("", allow=READERS)
def home() -> Response:
    """Cohorts in scope, and what waits to be done."""
    session, held = db.session(), access.held(*READERS)
    cohorts = queries.cohorts(session, held)
    return page(
        "office/home.html",
        centre=queries.centre(session, access.acting().centre_id),
        cohorts=cohorts,
        titles={one.slug: one.title for one in catalogue.qualifications(session)},
        learners=sum(one.learners for one in cohorts),
        to_register=[(*pair, _clock(pair[0])) for pair in queries.not_registered(session, access.held(Role.ADMIN))],
        invitations=queries.invitations(session, access.acting().centre_id) if is_admin() else [],
        to_tell=corrections.to_tell(session, access.held(Role.ADMIN)) if is_admin() else [],
        to_answer=corrections.to_answer(session, access.held(Role.ADMIN)) if is_admin() else [],
        today=today(),
        is_admin=is_admin(),
        is_admin_of_all=any(covers_all(one) for one in access.held(Role.ADMIN)),
    )


def _clock(learner: queries.Learner) -> str:
    """The time there is to register a learner, in words."""
    here = access.acting()
    since = working_days.day_of(learner.enrolment.enrolled_at, here.time_zone)
    left = rules.days_to_register(since, today(), here.nation)
    if left > 1:
        return f"{left} working days left to register"
    if left == 1:
        return "One working day left to register"
    return f"Register today. {rules.REGISTER_WITHIN - left} working days since joining"
