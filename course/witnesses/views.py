"""The page of a witness: somebody without an account, who holds a link that was sent to them."""

from __future__ import annotations

import logging
from datetime import timedelta

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from course import access, clock, db, sealing
from course.access import PUBLIC, Blueprint
from course.catalogue import queries as catalogue
from course.pages import page
from course.people import throttle
from course.sealing import Sealed
from course.witnesses import operations, queries
from course.witnesses.forms import StatementForm
from course.witnesses.models import Outcome
from course.witnesses.queries import Opened
from course.witnesses.rules import Asked, Vouched

WRONG_AN_HOUR = 30
HOUR = timedelta(hours=1)
WRONG_LINK = "witness-link"

bp = Blueprint("witnesses", __name__)
security = logging.getLogger("alongside.security")


@bp.get("/witness/<token>", allow=PUBLIC)
def statement(token: str) -> Response:
    """What is asked, and where to answer. Opening the link uses nothing up: letter scanners open links too."""
    if throttle.is_over(WRONG_LINK, throttle.network(), limit=WRONG_AN_HOUR, window=HOUR):
        return _quiet(page("errors/429.html", status=429, typed=[]))
    session = db.session()
    opened = queries.by_token(session, token, clock.now())
    if opened is None:
        return _no_link()
    asked = _asked(session, opened)
    return _shown(session, token, opened, StatementForm(formdata=None, data={"name": asked.name}))


@bp.post("/witness/<token>", allow=PUBLIC)
def answer(token: str) -> Response:
    """Keep the statement, or the no. The link is used up."""
    if throttle.is_over(WRONG_LINK, throttle.network(), limit=WRONG_AN_HOUR, window=HOUR):
        return _quiet(page("errors/429.html", status=429, typed=_typed()))
    form = StatementForm()
    good = form.validate()
    session = db.session()
    opened = queries.by_token(session, token, clock.now(), lock=True)
    if opened is None:
        db.roll_back()
        return _no_link(_typed())
    if not good:
        return _shown(session, token, opened, form, status=422)
    outcome = Outcome(form.outcome.data)
    said = Vouched(form.name.data or "", form.role.data or "", form.relation.data or "", form.saw.data or "")
    operations.reply(session, opened, outcome, said)
    return _quiet(page("witnesses/thanks.html", declined=outcome is Outcome.DECLINED, said=said))


def _asked(session: Session, opened: Opened) -> Asked:
    # The learner sent these words to whoever holds the link: showing them is not a look by somebody else.
    access.own_words(opened.enrolment.id)
    return Asked.loads(sealing.read(session, session.get_one(Sealed, opened.request.words_id)))


def _shown(session: Session, token: str, opened: Opened, form: StatementForm, status: int = 200) -> Response:
    asked = _asked(session, opened)
    question = catalogue.unit(session, opened.request.unit_version_id).question(opened.request.question)
    shown = page(
        "witnesses/statement.html", status=status, token=token, form=form, asked=asked, question=question,
        learner=opened.learner, centre=opened.centre, expires_at=opened.request.expires_at,
    )  # fmt: skip
    return _quiet(shown)


def _typed() -> list[tuple[str, str]]:
    """What a witness typed that could not be kept, given back to copy."""
    names = ("saw", "name", "role", "relation")
    return [(name, request.form[name]) for name in names if request.form.get(name)]


def _no_link(typed: list[tuple[str, str]] | None = None) -> Response:
    """One answer for every link that does not open: used, late, taken back or never sent."""
    throttle.allow(WRONG_LINK, throttle.network(), limit=WRONG_AN_HOUR, window=HOUR)
    security.info("witness link refused")
    return _quiet(page("witnesses/link_over.html", status=410, typed=typed or []))


def _quiet(response: Response) -> Response:
    """The address holds the secret: it goes into no search engine and no other site's log."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
