"""Pages of standardisation: opening one, judging its samples, the meeting, agreed wording, minutes."""

from __future__ import annotations

from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from assessors.quality import queries as quality
from assessors.quality.standardisation import operations, picturing, showing
from assessors.quality.standardisation.connecting import connect
from assessors.quality.standardisation.forms import MinutesForm, OpenForm, ProposalForm, judgement_form
from assessors.quality.standardisation.queries import activities, choosing, meeting
from assessors.quality.standardisation.queries.activities import Standardising
from assessors.quality.views import ASSURERS, bp
from course import access, db, paging, sealing
from course.access import HeldAppointment, Role
from course.forms import FormBase
from course.local_time import today
from course.pages import page
from course.people.accounts import me
from course.workbook.models import Outcome

EVERYBODY = {Role.ASSESSOR, *ASSURERS}
HOME = "/quality/standardisation"


def _held() -> list[HeldAppointment]:
    return access.held(Role.ASSESSOR, Role.IQA, Role.LEAD_IQA)


bp.record(lambda _state: connect())


def _assuring() -> list[HeldAppointment]:
    return access.held(Role.IQA, Role.LEAD_IQA)


@bp.get(HOME, allow=EVERYBODY)
def standardisations() -> Response:
    """What there is to judge, the meetings there were, and one's own attendance."""
    return _list(OpenForm(formdata=None))


def _list(form: OpenForm, status: int = 200) -> Response:
    session, mine = db.session(), me().person_id
    choices = choosing.choices(session, _assuring()) if _assuring() else []
    form.what.choices = [SelectChoice(one.value, one.label) for one in choices]
    found = activities.lines(session, mine, _held(), paging.begins_after(request.args))
    return page(
        "quality/standardisations.html", lines=found.lines, next_after=found.after, form=form,
        can_open=bool(choices), assures=bool(_assuring()), assesses=bool(access.held(Role.ASSESSOR)),
        attended=meeting.attended(session, mine, _held()), errors=form.errors or None, status=status,
    )  # fmt: skip


@bp.post(HOME, allow=ASSURERS)
def open_standardisation() -> Response:
    """Ask the assessors of a unit to judge sample answers."""
    session, form = db.session(), OpenForm()
    choices = {one.value: one for one in choosing.choices(session, _assuring())}
    form.what.choices = [SelectChoice(value, "") for value in choices]
    if not form.validate_on_submit():
        return _list(form, 422)
    row = operations.open_activity(
        session, choices[form.what.data], centre_id=access.acting().centre_id, judge_by=form.judge_by.data,
        today=today(), by=access.actor(),
    )  # fmt: skip
    flash("The assessors of this unit have been asked to judge the samples, each on their own.")
    return redirect(url_for(".standardisation", standardisation_id=row.id), 303)


@bp.get(f"{HOME}/<uuid:standardisation_id>", allow=EVERYBODY)
def standardisation(standardisation_id: UUID) -> Response:
    """Before the meeting, what is to judge and who has; from then on, what everybody said."""
    found = activities.standardisation_for(db.session(), standardisation_id, _held())
    return _meeting(found) if found.meeting else _before(found)


def _before(found: Standardising) -> Response:
    session, mine = db.session(), me().person_id
    asked = activities.colleagues(session, found.row, Role.ASSESSOR)
    judges = quality.names(session, {person for person, _, _ in found.judgings})
    return page(
        "quality/standardisation.html", found=found, done=found.judged_by(mine), asked=asked | judges,
        counts={one: len(found.judged_by(one)) for one in asked | judges}, mine=mine,
        judges=activities.covers(access.held(Role.ASSESSOR), found.row),
        assures=activities.covers(_assuring(), found.row),
    )  # fmt: skip


def _meeting(found: Standardising, refused: FormBase | None = None, status: int = 200) -> Response:
    session = db.session()
    minutes = showing.minutes(session, found)
    proposal = refused if isinstance(refused, ProposalForm) else ProposalForm(formdata=None)
    record = refused if isinstance(refused, MinutesForm) else _as_last_time(minutes)
    proposal.place.choices = [SelectChoice("", "Choose"), *showing.places(found)]
    record.present.choices = _people(found)
    opinions = showing.opinions(session, found)
    return page(
        "quality/standardisation_meeting.html", found=found, opinions=opinions,
        drawn=picturing.picture([(one.label, one.agreement) for one in opinions.by_criterion]),
        proposals=showing.proposals(session, found), minutes=minutes, proposal_form=proposal, minutes_form=record,
        refused=refused, assures=activities.covers(_assuring(), found.row), errors=refused.errors if refused else None,
        status=status,
    )  # fmt: skip


def _people(found: Standardising) -> list[SelectChoice]:
    people = activities.may_attend(db.session(), found)
    return [SelectChoice(str(one), name) for one, name in sorted(people.items(), key=lambda pair: pair[1])]


def _as_last_time(minutes: list[showing.ShownMinutes]) -> MinutesForm:
    """An empty form; or the minutes that count, to be corrected."""
    if not minutes:
        return MinutesForm(formdata=None)
    last = minutes[-1]
    present = [str(one) for one in last.present_ids]
    data = {"held_on": last.held_on, "lasted": last.lasted, "present": present, "minutes": last.text}
    return MinutesForm(formdata=None, data=data)


# -- judging beforehand ------------------------------------------------------------------------------------------------


@bp.get(f"{HOME}/<uuid:standardisation_id>/samples/<int:number>", allow={Role.ASSESSOR})
def sample_to_judge(standardisation_id: UUID, number: int) -> Response:
    """One sample answer, with the guidance, to be judged."""
    found = activities.standardisation_for(db.session(), standardisation_id, access.held(Role.ASSESSOR))
    return _sample(found, number)


def _sample(found: Standardising, number: int, form: FormBase | None = None, status: int = 200) -> Response:
    numbered = found.sample(number)
    own = meeting.own_judgement(db.session(), found, number, me().person_id)
    return page(
        "quality/standardisation_sample.html", found=found, shown=showing.to_judge(found, numbered),
        form=form or judgement_form(numbered)(formdata=None), refused=form,
        own=own, why=sealing.read(db.session(), own.judging.why) if own else "",
        errors=form.errors if form else None, status=status,
    )  # fmt: skip


@bp.post(f"{HOME}/<uuid:standardisation_id>/samples/<int:number>/judgement", allow={Role.ASSESSOR})
def judge_sample(standardisation_id: UUID, number: int) -> Response:
    """Judge one sample, then go on to the next."""
    session = db.session()
    found = activities.standardisation_for(session, standardisation_id, access.held(Role.ASSESSOR))
    numbered = found.sample(number)
    form = judgement_form(numbered)()
    if not form.validate_on_submit():
        return _sample(found, number, form, 422)
    outcomes = {one: Outcome(form[f"outcome-{one}"].data) for one in numbered.criteria}
    operations.judge(session, found, numbered, outcomes, form["why"].data or "", by=access.actor())
    session.flush()
    following = activities.standardising(session, found.row).next_for(me().person_id)
    if following is None:
        flash("You have judged every sample. You see what the others said when the meeting begins.")
        return redirect(url_for(".standardisation", standardisation_id=standardisation_id), 303)
    flash("Kept. Here is the next sample.")
    return redirect(url_for(".sample_to_judge", standardisation_id=standardisation_id, number=following.number), 303)


# -- the meeting -------------------------------------------------------------------------------------------------------


@bp.post(f"{HOME}/<uuid:standardisation_id>/meeting", allow=ASSURERS)
def begin_meeting(standardisation_id: UUID) -> Response:
    """Begin the meeting: everybody sees what the others said."""
    session = db.session()
    found = activities.standardisation_for(session, standardisation_id, _assuring())
    operations.begin(session, found, by=access.actor())
    flash("The meeting has begun. Everybody who is asked can see this page now.")
    return redirect(url_for(".standardisation", standardisation_id=standardisation_id), 303)


@bp.post(f"{HOME}/<uuid:standardisation_id>/proposed-guidance", allow=ASSURERS)
def propose_guidance(standardisation_id: UUID) -> Response:
    """Keep wording that the meeting agreed."""
    session, form = db.session(), ProposalForm()
    found = activities.standardisation_for(session, standardisation_id, _assuring())
    form.place.choices = showing.places(found)
    if found.meeting and not form.validate_on_submit():
        return _meeting(found, form, 422)
    operations.propose(
        session, found, form.place.data or "", form.wording.data or "", form.why.data or "", by=access.actor()
    )
    flash("The wording is kept with the meeting. The guidance stays as it is until an author takes it over.")
    return redirect(url_for(".standardisation", standardisation_id=standardisation_id) + "#agreed", 303)


@bp.get(f"{HOME}/<uuid:standardisation_id>/proposed-guidance", allow=ASSURERS)
def proposed_guidance(standardisation_id: UUID) -> Response:
    """The agreed wording as a text that an author of guidance can take over."""
    session = db.session()
    found = activities.standardisation_for(session, standardisation_id, _assuring())
    text = showing.for_author(found, showing.proposals(session, found))
    response = make_response(text)
    response.mimetype = "text/markdown"
    response.headers["Content-Disposition"] = f'attachment; filename="agreed-wording-{found.row.unit}.md"'
    return response


@bp.post(f"{HOME}/<uuid:standardisation_id>/minutes", allow=ASSURERS)
def record_minutes(standardisation_id: UUID) -> Response:
    """Keep the minutes and who was there, or correct them."""
    session, form = db.session(), MinutesForm()
    found = activities.standardisation_for(session, standardisation_id, _assuring())
    form.present.choices = _people(found)
    if found.meeting and not form.validate_on_submit():
        return _meeting(found, form, 422)
    met = operations.Met(
        form.held_on.data or today(), form.lasted.data or 0, [UUID(one) for one in form.present.data or []],
        form.minutes.data or "",
    )  # fmt: skip
    operations.record(session, found, met, today=today(), by=access.actor())
    flash("The minutes are kept, with who was there.")
    return redirect(url_for(".standardisation", standardisation_id=standardisation_id) + "#kept", 303)
