"""The selectors' pages: the list, one application, scores, waivers, outcomes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from assessors.selection import rules, showing
from assessors.selection.forms import (
    ConflictForm,
    DecisionForm,
    EligibleForm,
    InviteForm,
    WaiverForm,
    scoring_form,
)
from assessors.selection.operations import applying, deciding
from assessors.selection.queries import applications as queries
from assessors.selection.queries import opened, placement
from assessors.selection.queries.found import Found
from assessors.selection.rules import Outcome, Standing, Tie
from assessors.selection.views import (
    EVERYBODY,
    SELECTOR,
    STARTERS,
    bp,
    cohort_of,
    found_for_selector,
    held,
)
from assessors.selection.words import Referee
from course import access, db
from course.pages import page
from course.people.accounts import me


@bp.get("/selection", allow=EVERYBODY)
def home() -> Response:
    """Each cohort in scope: whether selection is on, and how many wait for what."""
    session = db.session()
    cohorts = placement.cohorts(session, held(EVERYBODY))
    found = queries.of_cohorts(session, {one.cohort.id for one in cohorts if one.is_on})
    counts = {one.cohort.id: _counts([each for each in found if each.cohort.id == one.cohort.id]) for one in cohorts}
    return page(
        "selection/home.html", cohorts=cohorts, counts=counts, selects=bool(held(SELECTOR)),
        starts=bool(held(STARTERS)),
    )  # fmt: skip


def _counts(found: list[Found]) -> list[tuple[str, int]]:
    standings = [one.standing for one in found]
    return [
        ("To score", sum(one in rules.IS_SCORABLE for one in standings)),
        ("To agree", standings.count(Standing.TO_AGREE)),
        ("Offered", standings.count(Standing.OFFERED)),
        ("Places taken", standings.count(Standing.ACCEPTED)),
    ]


# -- a cohort --------------------------------------------------------------------------------------------------------


@bp.get("/selection/cohorts/<uuid:cohort_id>", allow=SELECTOR)
def cohort(cohort_id: UUID) -> Response:
    """Every application for a cohort, in the order in which to look at them."""
    session, found = db.session(), cohort_of(cohort_id, SELECTOR)
    rows = showing.rows(queries.of_cohort(session, found), me=me().person_id)
    return page("selection/cohort.html", cohort=found, rows=rows, counts=_counts([row.found for row in rows]))


@bp.get("/selection/cohorts/<uuid:cohort_id>/intake", allow=STARTERS)
def intake(cohort_id: UUID) -> Response:
    """Who may apply: anybody with the address, or whom one invites."""
    return _intake(cohort_id, InviteForm(formdata=None))


def _intake(cohort_id: UUID, form: InviteForm, status: int = 200) -> Response:
    session, found = db.session(), cohort_of(cohort_id, STARTERS)
    seen = next(one for one in placement.cohorts(session, held(STARTERS)) if one.cohort.id == found.id)
    address = url_for(".apply", cohort_id=found.id, _external=True)
    return page("selection/intake.html", cohort=found, seen=seen, form=form, apply_at=address, status=status)


@bp.post("/selection/cohorts/<uuid:cohort_id>/intake", allow=STARTERS)
def open_intake(cohort_id: UUID) -> Response:
    """Switch the open address on."""
    return _set_intake(cohort_id, True, "Anybody with the address can apply now.")


@bp.post("/selection/cohorts/<uuid:cohort_id>/intake/end", allow=STARTERS)
def close_intake(cohort_id: UUID) -> Response:
    """Switch the open address off."""
    return _set_intake(cohort_id, False, "The address is closed. Who has begun can still send.")


def _set_intake(cohort_id: UUID, is_open: bool, words: str) -> Response:
    applying.set_intake(db.session(), cohort_of(cohort_id, STARTERS), is_open=is_open, by=access.actor())
    flash(words)
    return redirect(url_for(".intake", cohort_id=cohort_id), 303)


@bp.post("/selection/cohorts/<uuid:cohort_id>/invitations", allow=STARTERS)
def invite(cohort_id: UUID) -> Response:
    """Write to somebody that they may apply."""
    form, found = InviteForm(), cohort_of(cohort_id, STARTERS)
    if not form.validate():
        return _intake(cohort_id, form, 422)
    applying.invite(db.session(), found, name=form.name.data, known_as="", email=form.email.data, by=access.actor())
    flash(f"A letter is on its way to {form.name.data}.")
    return redirect(url_for(".intake", cohort_id=cohort_id), 303)


# -- one application -------------------------------------------------------------------------------------------------


@bp.get("/selection/applications/<uuid:application_id>", allow=SELECTOR)
def choose(application_id: UUID) -> Response:
    """One application: the words, what is flagged, the scores, what was agreed."""
    return _choose(found_for_selector(application_id))


def _choose(found: Found, refused: Any = None, status: int = 200, unread: int | None = None) -> Response:
    """`unread`: from which outcome on somebody has not read what was agreed."""
    session = db.session()
    shown = showing.show(session, found, me=me().person_id)
    forms: dict[str, Any] = {
        "scoring": scoring_form(found)(formdata=None),
        "decision": DecisionForm(found, formdata=None),
        "waiver": _waiver_form(found, WaiverForm(formdata=None, prefix="waiver-")),
        "eligible": EligibleForm(formdata=None),
    }
    if refused is not None:
        forms[refused[0]] = refused[1]
    errors = refused[1].errors if refused else None
    return page(
        "selection/application.html", shown=shown, found=found, forms=forms, errors=errors,
        unread=() if unread is None else shown.reasons[unread:], refused=refused[1] if refused else None,
        tag=showing.STANDINGS[found.standing], me_id=me().person_id,
        next_id=_next(found), others=queries.others_sent(session, found), standings=showing.STANDINGS,
        today=found.today, status=status,
    )  # fmt: skip


def _next(found: Found) -> UUID | None:
    """The next application that waits for this selector, in the order of the list."""
    rows = showing.rows(queries.of_cohort(db.session(), found.cohort), me=me().person_id)
    waiting = [row for row in rows if row.found.id != found.id and not row.is_conflict]
    first = next((row for row in waiting if row.is_mine_to_score), None)
    agree = next((row for row in waiting if row.is_to_agree), None)
    chosen = first or agree
    return chosen.found.id if chosen else None


def _onward(found: Found, words: str) -> Response:
    following = _next(queries.facts(db.session(), [found.application])[0])
    flash(words)
    if following is None:
        return redirect(url_for(".cohort", cohort_id=found.cohort.id), 303)
    return redirect(url_for(".choose", application_id=following), 303)


@bp.post("/selection/applications/<uuid:application_id>/scoring", allow=SELECTOR)
def score(application_id: UUID) -> Response:
    """Save one's scores, for good, and go on to the next application."""
    found = found_for_selector(application_id, lock=True)
    form = scoring_form(found)()
    if not form.validate():
        return _choose(found, ("scoring", form), 422)
    deciding.score(db.session(), found, form.scores(found.scored_criteria), by=access.actor())
    return _onward(found, f"Your scores for {found.name} are saved.")


@bp.post("/selection/applications/<uuid:application_id>/decision", allow=SELECTOR)
def decide(application_id: UUID) -> Response:
    """Note what was agreed, and go on to the next application; what was agreed meanwhile is read first."""
    found = found_for_selector(application_id, lock=True)
    rules.may_decide(found.case, by=me().person_id)
    form = DecisionForm(found)
    is_valid, is_stale = form.validate(), form.read < len(found.decisions)
    if is_stale or not is_valid:
        return _choose(found, ("decision", form), 409 if is_stale else 422, unread=form.read if is_stale else None)
    outcome = Outcome(form.outcome.data)
    deciding.decide(
        db.session(), found, outcome, form.reason.data or "", until=form.until.data, seen=form.read, by=access.actor()
    )
    return _onward(found, f"{found.name}: {outcome.label.lower()}. A letter is on its way.")


@bp.get("/selection/applications/<uuid:application_id>/conflict", allow=SELECTOR)
def conflict(application_id: UUID) -> Response:
    """Say that one knows the applicant. The page opens no words."""
    found = found_for_selector(application_id)
    return page("selection/conflict.html", found=found, form=ConflictForm(formdata=None))


@bp.post("/selection/applications/<uuid:application_id>/conflict", allow=SELECTOR)
def declare_conflict(application_id: UUID) -> Response:
    """Note that one knows the applicant."""
    found, form = found_for_selector(application_id, lock=True), ConflictForm()
    if not form.validate():
        return page("selection/conflict.html", found=found, form=form, status=422)
    deciding.declare_conflict(db.session(), found, Tie(form.tie.data), by=access.actor())
    flash("Thank you for saying so. Another selector reads this application.")
    return redirect(url_for(".cohort", cohort_id=found.cohort.id), 303)


def _waiver_form(found: Found, form: WaiverForm) -> WaiverForm:
    # A score that must not be seen yet must not show here either: every criterion can be chosen.
    waived = {one.row.criterion for one in found.waivers}
    form.criterion.choices = [SelectChoice("", "Choose one")] + [
        SelectChoice(one.key, one.text) for one in found.criteria if one.key not in waived
    ]
    return form


@bp.post("/selection/applications/<uuid:application_id>/waivers", allow=SELECTOR)
def ask_waiver(application_id: UUID) -> Response:
    """Ask that a criterion be set aside."""
    found = found_for_selector(application_id, lock=True)
    form = _waiver_form(found, WaiverForm(prefix="waiver-"))
    if not form.validate():
        return _choose(found, ("waiver", form), 422)
    deciding.ask_waiver(db.session(), found, form.criterion.data, form.reason.data or "", by=access.actor())
    return _back(found, "A second person has to agree before this counts.")


@bp.post("/selection/applications/<uuid:application_id>/waivers/<uuid:waiver_id>/agreement", allow=SELECTOR)
def agree_waiver(application_id: UUID, waiver_id: UUID) -> Response:
    """The second person agrees."""
    found = found_for_selector(application_id, lock=True)
    asked = next((one for one in found.waivers if one.row.id == waiver_id), None)
    if asked is None:
        raise NotFound
    deciding.agree_waiver(db.session(), found, asked, by=access.actor())
    return _back(found, "You agreed. This criterion is waived.")


@bp.post("/selection/applications/<uuid:application_id>/eligible-date", allow=SELECTOR)
def note_date(application_id: UUID) -> Response:
    """Note the day from which somebody may start, and nothing else."""
    found, form = found_for_selector(application_id, lock=True), EligibleForm()
    if not form.validate():
        return _choose(found, ("eligible", form), 422)
    applying.note_date(db.session(), found, form.criterion.data or "", form.from_date.data, by=access.actor())
    return _back(found, "The day is noted.")


@bp.post("/selection/applications/<uuid:application_id>/references/<key>", allow=SELECTOR)
def ask_reference(application_id: UUID, key: str) -> Response:
    """Write to the person whom the applicant named."""
    session, found = db.session(), found_for_selector(application_id, lock=True)
    if key not in {one.key for one in found.criteria if one.type == "reference"} or found.sent is None:
        raise NotFound
    rules.may_read(found.case, by=me().person_id)
    referee = opened.application(session, found.sent.words_id).referees.get(key) or Referee()
    deciding.ask_reference(session, found, key, referee, by=access.actor())
    return _back(found, "A letter is on its way. The link in it works once, for 21 days.")


def _back(found: Found, words: str) -> Response:
    flash(words)
    return redirect(url_for(".choose", application_id=found.id), 303)
