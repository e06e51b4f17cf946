"""The learner's pages of asking a witness: look it over, ask, take the request back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from course import access, clock, db
from course.access import Blueprint, Role
from course.enrolment import queries as enrolments
from course.pages import page
from course.people import queries as people
from course.people.accounts import me
from course.refusal import require
from course.witnesses import operations as witnesses
from course.witnesses.rules import LINK_LASTS, Asked
from course.workbook import operations, queries, rules
from course.workbook.content import WitnessContent
from course.workbook.queries import UnitWork

bp = Blueprint("witnessing", __name__, url_prefix="/learn")
LEARNER = {Role.LEARNER}


def _work(enrolment_id: UUID, unit: str, key: str) -> UnitWork:
    """The signed-in learner's own unit, if the question asks for a witness. Raises NotFound."""
    posting = request.method == "POST"
    enrolment = queries.enrolment_of(db.session(), me().person_id, enrolment_id, lock=posting)
    access.own_words(enrolment.id)
    work = queries.unit_work(db.session(), enrolment, unit)
    if work.question(key).kind != "witness":
        raise NotFound
    return work


def _written(work: UnitWork, key: str) -> Asked | None:
    """What the draft says; nothing while nothing is saved."""
    draft = work.drafts.get(key)
    content = operations.open_draft(db.session(), draft).content if draft else None
    if not isinstance(content, WitnessContent):
        return None
    return Asked(content.name, content.role, content.email, content.dates, content.place, content.seen.strip())


def _back_to(work: UnitWork, key: str) -> Response:
    address: dict[str, Any] = {"enrolment_id": work.enrolment.id, "unit": work.unit.slug}
    number = work.question(key).page
    return redirect(url_for("workbook.unit_page", number=number, _anchor=f"q-{key}", **address), 303)


@bp.get("/<uuid:enrolment_id>/<unit>/questions/<key>/witness", allow=LEARNER)
def look_over(enrolment_id: UUID, unit: str, key: str) -> Response:
    """Everything the witness will read, and the address it goes to, before anything is sent."""
    session = db.session()
    work = _work(enrolment_id, unit, key)
    asked = _written(work, key)
    account = people.by_email(session, asked.email) if asked and asked.email else None
    marks = account.known_as if account and account.id in _markers(work) else None
    return page(
        "workbook/witness.html", work=work, question=work.question(key), asked=asked, marks=marks,
        days=LINK_LASTS.days, can_ask=work.work(key).can_write,
    )  # fmt: skip


def _markers(work: UnitWork) -> set[UUID]:
    return enrolments.assessor_ids(db.session(), work.enrolment, work.unit.slug, clock.now().date())


@bp.post("/<uuid:enrolment_id>/<unit>/questions/<key>/witness", allow=LEARNER)
def ask(enrolment_id: UUID, unit: str, key: str) -> Response:
    """Send the witness a link."""
    work = _work(enrolment_id, unit, key)
    rules.write(work.work(key), by=me().person_id)
    asked = _written(work, key)
    require(asked, "Nothing is saved yet.", "Go back to the question, fill it in, and save it.")
    assert asked is not None
    witnesses.ask(
        db.session(), work.enrolment, unit=work.unit.slug, question=key, version_id=work.version_id, asked=asked,
        standing_state=work.witness_state(key), by=access.actor(),
    )  # fmt: skip
    flash(f"{asked.name} is asked. You get a letter when there is an answer.")
    return _back_to(work, key)


@bp.post("/<uuid:enrolment_id>/<unit>/questions/<key>/witness/end", allow=LEARNER)
def withdraw(enrolment_id: UUID, unit: str, key: str) -> Response:
    """Take the request back: the link is dead, the box is open."""
    work = _work(enrolment_id, unit, key)
    rules.take_an_answer(work.work(key), by=me().person_id)
    witnesses.withdraw(db.session(), work.enrolment, work.witness(key), by=access.actor())
    flash("The request is taken back. The link does not work any more. You can change your words and ask again.")
    return _back_to(work, key)
