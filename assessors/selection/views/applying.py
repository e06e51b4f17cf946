"""The applicant's pages: asking to apply, writing as one goes, sending, the letter, and who has looked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import flash, jsonify, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assessors.selection import notice, rules, showing
from assessors.selection.forms import (
    EnquiryForm,
    MonitoringForm,
    ReplyForm,
    SendForm,
    application_form,
    filled,
)
from assessors.selection.models import MonitoringAnswer
from assessors.selection.operations import applying
from assessors.selection.operations.applying import Save, applicant
from assessors.selection.queries import applications as queries
from assessors.selection.queries import opened, placement
from assessors.selection.queries.found import Found
from assessors.selection.rules import Outcome, Standing
from assessors.selection.views import bp
from assessors.selection.words import ApplicationWords, MonitoringWords
from course import db, special_log
from course.access import PUBLIC, SIGNED_IN, Role
from course.audit import Actor
from course.catalogue import queries as catalogue
from course.enrolment.models import Cohort
from course.errors import wants_json
from course.pages import moment_in_words, page
from course.people import queries as people
from course.people import throttle
from course.people.accounts import me
from course.people.models import Centre, Person
from course.sealing import INSTALLATION

VISITOR = Actor(INSTALLATION, "visitor")
"""Somebody who is not signed in and asks for an invitation for themselves."""


# -- asking to apply -------------------------------------------------------------------------------------------------


@bp.get("/apply/<uuid:cohort_id>", allow=PUBLIC)
def apply(cohort_id: UUID) -> Response:
    """What a course is, what happens with an application, and how to begin; or that applications are closed."""
    cohort, is_open = placement.cohort_at_address(db.session(), cohort_id)
    return _apply(cohort, EnquiryForm(formdata=None)) if is_open else _closed(cohort)


def _closed(cohort: Cohort) -> Response:
    centre = db.session().get_one(Centre, cohort.centre_id)
    return page(
        "selection/closed.html", cohort=cohort, centre=centre, is_signed_in=current_user.is_authenticated, status=410
    )


def _apply(cohort: Cohort, form: EnquiryForm, status: int = 200) -> Response:
    session = db.session()
    return page(
        "selection/apply.html", cohort=cohort, centre=session.get_one(Centre, cohort.centre_id), form=form,
        title=catalogue.qualification(session, cohort.qualification).title, notice=notice,
        is_signed_in=current_user.is_authenticated, status=status,
    )  # fmt: skip


@bp.post("/apply/<uuid:cohort_id>", allow=PUBLIC)
def enquire(cohort_id: UUID) -> Response:
    """Begin: at once for somebody signed in; by letter for anybody else, and the same is said to all of them."""
    form, known = EnquiryForm(), current_user.is_authenticated
    if known:
        session = db.session()
        cohort, is_open = placement.cohort_at_address(session, cohort_id)
        if not is_open:
            return _closed(cohort)
        row = applying.begin(session, cohort, session.get_one(Person, me().person_id))
        return redirect(url_for(".application", application_id=row.id), 303)
    is_valid = form.validate()
    email = people.canonical_email(form.email.data or "")
    hour = timedelta(hours=1)
    if is_valid and not (
        throttle.allow("apply", throttle.network(), limit=30, window=hour)
        and throttle.allow("letter", email, limit=5, window=hour)
    ):
        return page("errors/429.html", status=429)
    cohort, is_open = placement.cohort_at_address(db.session(), cohort_id)
    if not is_open:
        return _closed(cohort)
    if not is_valid:
        return _apply(cohort, form, 422)
    found = people.by_email(db.session(), email)
    if found is None or found.disabled_at is None:
        applying.invite(
            db.session(), cohort, name=form.name.data, known_as=form.known_as.data or "", email=email, by=VISITOR
        )
    return page("selection/asked.html")


# -- one's own applications ------------------------------------------------------------------------------------------


@bp.get("/applications", allow=SIGNED_IN)
def mine() -> Response:
    """Everything that somebody has applied for."""
    session = db.session()
    found = queries.all_own(session, me().person_id)
    titles = {one.cohort.qualification: catalogue.qualification(session, one.cohort.qualification).title
              for one in found}  # fmt: skip
    return page("selection/mine.html", found=found, titles=titles, centres=_centres(found), standings=STANDINGS)


STANDINGS = {
    Standing.DRAFT: ("draft", "Not sent yet"),
    Standing.SENT: ("handed_in", "Sent"),
    Standing.SCORED_ONCE: ("being_marked", "Being read"),
    Standing.TO_AGREE: ("being_marked", "Being read"),
    Standing.OFFERED: ("being_marked", "There is a letter for you"),
    Standing.ACCEPTED: ("achieved", "You have the place"),
    Standing.TURNED_DOWN: ("none", "You said no"),
    Standing.DEFERRED: ("planned", "There is a letter for you"),
    Standing.WAITING: ("planned", "There is a letter for you"),
    Standing.DECLINED: ("none", "There is a letter for you"),
    Standing.WITHDRAWN: ("none", "You stopped"),
}
"""As applicants read it; how many have read it so far is not theirs to worry about."""


def _centres(found: list[Found]) -> dict[UUID, str]:
    session = db.session()
    return {one.cohort.centre_id: session.get_one(Centre, one.cohort.centre_id).name for one in found}


def _own(application_id: UUID, *, lock: bool = False) -> Found:
    found = queries.own(db.session(), application_id, me().person_id, lock=lock)
    special_log.own(found.id, me().person_id, found.application.centre_id)
    return found


@bp.get("/applications/<uuid:application_id>", allow=SIGNED_IN)
def application(application_id: UUID) -> Response:
    """One's own application: the form until it is sent, then where it stands."""
    found = _own(application_id)
    return _form(found) if found.standing is Standing.DRAFT else _stand(found)


def _form(found: Found, form: Any = None, status: int = 200) -> Response:
    row = found.application
    if form is None:
        words = opened.application(db.session(), row.words_id)
        form = filled(application_form(found.criteria), words, row.revision)
    saved = f"Saved {moment_in_words(row.saved_at)}" if row.saved_at else "Nothing to save yet"
    before = queries.before(db.session(), found)
    return page(
        "selection/form.html", found=found, form=form, saved=saved, before=before, has_earlier=_has_words(before),
        notice=notice, medicine=showing.MEDICINE,
        centre=_centres([found])[found.cohort.centre_id], status=status,
    )  # fmt: skip


def _has_words(before: Found | None) -> bool:
    """Whether an earlier application's words are still kept. They are not opened for this."""
    return before is not None and before.disposal is None and bool(before.sent or before.application.words_id)


@bp.post("/applications/<uuid:application_id>/earlier-words", allow=SIGNED_IN)
def write_again(application_id: UUID) -> Response:
    """Start from what one wrote the time before."""
    session, found = db.session(), _own(application_id, lock=True)
    before = queries.before(session, found)
    if before is None:
        raise NotFound
    special_log.own(before.id, me().person_id, before.application.centre_id)
    applying.write_again(session, found, opened.written(session, before), by=applicant(me().person_id))
    flash("What you wrote last time stands here now. Change what you like. You confirm each point anew.")
    return redirect(url_for(".application", application_id=found.id), 303)


@bp.post("/applications/<uuid:application_id>/draft", allow=SIGNED_IN)
def save(application_id: UUID) -> Any:
    """Keep what is typed so far."""
    found = _own(application_id, lock=True)
    form = application_form(found.criteria)()
    if not form.validate():
        if wants_json():
            return jsonify(problem=form.problems()[0][0]), 422
        return _form(found, form, 422)
    base = form.base.data or ""
    saving = Save(
        int(base) if base.isdigit() and len(base) < 10 else 0,
        request.headers.get("X-Save", "")[:64], request.headers.get("X-After", "")[:400].split(),
    )  # fmt: skip
    row = applying.save_draft(db.session(), found, form.words(found.criteria), saving, by=applicant(me().person_id))
    words = f"Saved {moment_in_words(row.saved_at)}" if row.saved_at else "Nothing to save yet"
    if wants_json():
        return jsonify(saved=words, nonce=saving.name, revision=row.revision)
    if "look" in request.form:
        if not form.is_ready(form.words(found.criteria)):
            form.base.data = row.revision  # what was typed is saved: the page builds on it
            return _form(found, form, 422)
        return redirect(url_for(".look_over", application_id=found.id), 303)
    flash(f"{words}. You can stop here and come back at any time.")
    return redirect(url_for(".application", application_id=found.id), 303)


@bp.get("/applications/<uuid:application_id>/sending", allow=SIGNED_IN)
def look_over(application_id: UUID) -> Response:
    """Read it once more."""
    found = _own(application_id)
    if found.standing is not Standing.DRAFT:
        return redirect(url_for(".application", application_id=found.id), 303)
    return _look_over(found, SendForm(formdata=None))


def _look_over(found: Found, form: SendForm, status: int = 200) -> Response:
    words = opened.application(db.session(), found.application.words_id)
    return page("selection/sending.html", found=found, words=words, form=form, notice=notice, status=status)


@bp.post("/applications/<uuid:application_id>/sending", allow=SIGNED_IN)
def send(application_id: UUID) -> Response:
    """Send it: from now on it cannot be changed."""
    found, form = _own(application_id, lock=True), SendForm()
    if not form.validate():
        return _look_over(found, form, 422)
    words = opened.application(db.session(), found.application.words_id)
    written = filled(application_form(found.criteria), words, found.application.revision)
    if not written.is_ready(words):
        return _form(found, written, 422)
    applying.send(
        db.session(), found, words, notice=notice.VERSION, noticed=form.noticed.data, by=applicant(me().person_id)
    )
    flash("Your application is sent. We write to you when there is something to read.")
    return redirect(url_for(".about_you", application_id=found.id), 303)


def _stand(found: Found, form: ReplyForm | None = None, status: int = 200) -> Response:
    session = db.session()
    decision = found.decision
    looks = opened.looks(session, found.id)
    names = people.names(session, {one.opened_by for one in looks})
    newer = queries.after(session, found)
    return page(
        "selection/standing.html", found=found, form=form or ReplyForm(formdata=None),
        words=opened.words(session, ApplicationWords, found.sent.words_id) if found.sent else None,
        outcome=Outcome(decision.outcome) if decision else None,
        reason=opened.text_of(session, decision.reason_id) if decision else "",
        looks=[(people.first_name(names, one.opened_by), _role(one.role), one.at) for one in looks],
        tag=STANDINGS[found.standing], centre=_centres([found])[found.cohort.centre_id], newer=newer,
        may_again=newer is None and found.standing in rules.MAY_APPLY_AGAIN,
        is_open=placement.takes_applications(session, found.cohort), status=status,
    )  # fmt: skip


def _role(role: str) -> str:
    return Role(role).label.lower() if role in set(Role) else "somebody here"


@bp.post("/applications/<uuid:application_id>/withdrawal", allow=SIGNED_IN)
def withdraw(application_id: UUID) -> Response:
    """Stop, without a reason."""
    found = _own(application_id, lock=True)
    applying.withdraw(db.session(), found, by=applicant(me().person_id))
    flash("You have stopped this application. You may apply again.")
    return redirect(url_for(".application", application_id=found.id), 303)


@bp.post("/applications/<uuid:application_id>/reply", allow=SIGNED_IN)
def reply(application_id: UUID) -> Response:
    """Say yes or no to an offer."""
    found, form = _own(application_id, lock=True), ReplyForm()
    if not form.validate():
        return _stand(found, form, 422)
    is_yes = form.answer.data == "yes"
    applying.answer_offer(db.session(), found, accept=is_yes, by=applicant(me().person_id))
    flash("The place is yours. Your course is open." if is_yes else "We have told the centre. Thank you for saying so.")
    return redirect(url_for(".application", application_id=found.id), 303)


# -- fairness counts -------------------------------------------------------------------------------------------------


@bp.get("/applications/<uuid:application_id>/about-you", allow=SIGNED_IN)
def about_you(application_id: UUID) -> Response:
    """Questions that nobody has to answer, kept apart from the application."""
    session, found = db.session(), _own(application_id)
    row = session.get(MonitoringAnswer, found.id)
    words = opened.words(session, MonitoringWords, row.words_id) if row else None
    form = MonitoringForm(formdata=None, data=words.model_dump() if words else {})
    return page("selection/about_you.html", found=found, form=form)


@bp.post("/applications/<uuid:application_id>/about-you", allow=SIGNED_IN)
def save_about_you(application_id: UUID) -> Response:
    """Keep what was chosen; nothing chosen forgets it."""
    found, form = _own(application_id, lock=True), MonitoringForm()
    if not form.validate():
        return page("selection/about_you.html", found=found, form=form, status=422)
    applying.save_monitoring(db.session(), found, form.words)
    flash("Thank you. That is kept apart from your application.")
    return redirect(url_for(".application", application_id=found.id), 303)
