"""Pages of second marking: asking, the blind desk, two judgements side by side, coming to one outcome."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from assessors.marking import forms as marking_forms
from assessors.marking import showing as marking_showing
from assessors.marking.operations import leasing
from assessors.marking.operations.leasing import Conflict
from assessors.marking.queries import desk as desks
from assessors.marking.queries import words
from assessors.marking.queries.desk import Desk
from assessors.marking.queries.scope import Reader
from assessors.marking.queries.words import SavedJudgement
from assessors.marking.views.desk import jsonify_with
from assessors.quality import queries as quality
from assessors.quality.permitting import cannot_assure
from assessors.quality.second import operations, showing
from assessors.quality.second.connecting import connect
from assessors.quality.second.forms import AskForm, CallOffForm, ViewForm
from assessors.quality.second.operations import HOME, Asking, Said
from assessors.quality.second.queries import asking, pairs
from assessors.quality.second.queries.pairs import Twice
from assessors.quality.second.rules import Stage
from assessors.quality.views import ASSURERS, bp
from course import access, db, paging
from course.access import HeldAppointment, Role
from course.catalogue import queries as catalogue
from course.enrolment import queries as enrolments
from course.errors import wants_json
from course.forms import FormBase
from course.independence import Act, why_not
from course.pages import moment_in_words, page
from course.paging import Paged
from course.people.accounts import me
from course.records import queries as records
from course.workbook import files
from course.workbook.models import JudgementDraft, Outcome

EVERYBODY = {Role.ASSESSOR, *ASSURERS}
PURPOSE = "second marking"

bp.record(lambda _state: connect())


def _assuring() -> list[HeldAppointment]:
    return access.held(Role.IQA, Role.LEAD_IQA)


def _assessing() -> list[HeldAppointment]:
    return access.held(Role.ASSESSOR)


def _one(second_marking_id: UUID) -> Twice:
    return pairs.one_for(db.session(), second_marking_id, me().person_id, _assuring(), _assessing())


# -- lists and asking --------------------------------------------------------------------------------------------------


@bp.get(HOME, allow=EVERYBODY)
def second_markings() -> Response:
    """What one is asked to judge a second time, where two differ, and for assurers all of their cohorts."""
    session, mine = db.session(), me().person_id
    older, older_own = paging.begins_after(request.args), paging.begins_after(request.args, "own")
    own = pairs.of_assessor(session, mine, _assessing(), older_own) if _assessing() else Paged[Twice]([])
    assured = pairs.at_cohorts(session, _assuring(), older) if _assuring() else Paged[Twice]([])
    cohorts = records.cohorts_of(session, _assuring()) if _assuring() else []
    return page(
        "quality/second_markings.html", own=showing.lines(session, own.lines, mine), cohorts=cohorts,
        assured=showing.lines(session, assured.lines, mine), assures=bool(_assuring()), assesses=bool(_assessing()),
        own_after=own.after, next_after=assured.after,
    )  # fmt: skip


@bp.get("/quality/cohorts/<uuid:cohort_id>/second-marking", allow=ASSURERS)
def second_marking_of_cohort(cohort_id: UUID) -> Response:
    """The share that the policy asks for, and every answer that can be chosen by hand."""
    session = db.session()
    found = quality.cohort_for(session, cohort_id, _assuring())
    _, policy = enrolments.policy_for(session, found)
    candidates = quality.candidates(session, found, _assuring())
    running = asking.running(session, [one.facts.id for one in candidates])
    return page(
        "quality/second_cohort.html", cohort=found, policy=policy.second_marking, candidates=candidates,
        shares=asking.shares(session, found, _assuring()), running=running,
        leads=quality.covers(access.held(Role.LEAD_IQA), found), cannot=cannot_assure(found),
    )  # fmt: skip


@bp.post("/quality/cohorts/<uuid:cohort_id>/second-marking", allow={Role.LEAD_IQA})
def ask_for_share(cohort_id: UUID) -> Response:
    """Draw what the share still lacks, and ask."""
    session, held = db.session(), access.held(Role.LEAD_IQA)
    found = quality.cohort_for(session, cohort_id, held)
    asked = operations.ask_for_share(session, found, held=held, by=access.actor())
    flash(f"{len(asked)} {'answer was' if len(asked) == 1 else 'answers were'} drawn, and the assessors were asked.")
    return redirect(url_for(".second_marking_of_cohort", cohort_id=cohort_id), 303)


@bp.get("/quality/answers/<uuid:answer_id>/second-marking", allow={Role.LEAD_IQA})
def second_marking_to_ask(answer_id: UUID) -> Response:
    """Ask for a second judgement of one answer."""
    return _to_ask(answer_id, AskForm(formdata=None))


def _to_ask(answer_id: UUID, form: AskForm, status: int = 200) -> Response:
    session = db.session()
    answer, cohort = asking.answer_for(session, answer_id, access.held(Role.LEAD_IQA))
    unit = catalogue.unit(session, answer.unit_version_id)
    able = asking.able(session, cohort, [answer])[answer.id]
    form.assessor.choices = [SelectChoice("", "Choose"), *(SelectChoice(str(one), name) for one, name in able.items())]
    return page(
        "quality/second_ask.html", answer=answer, cohort=cohort, unit=unit, question=unit.question(answer.question),
        form=form, able=able, cannot=cannot_assure(cohort, answer.id), errors=form.errors or None, status=status,
    )  # fmt: skip


@bp.post("/quality/answers/<uuid:answer_id>/second-marking", allow={Role.LEAD_IQA})
def ask_second_marking(answer_id: UUID) -> Response:
    """Ask an assessor for a blind second judgement."""
    session, form = db.session(), AskForm()
    answer, cohort = asking.answer_for(session, answer_id, access.held(Role.LEAD_IQA))
    able = asking.able(session, cohort, [answer])[answer.id]
    form.assessor.choices = [SelectChoice(str(one), name) for one, name in able.items()]
    if not form.validate_on_submit():
        return _to_ask(answer_id, form, 422)
    what = Asking(UUID(form.assessor.data), form.why.data or "")
    row = operations.ask(session, answer, cohort, what, by=access.actor())
    flash("They have been asked. They judge without seeing what was decided.")
    return redirect(url_for(".second_marking", second_marking_id=row.id), 303)


# -- the blind desk ----------------------------------------------------------------------------------------------------


def _desk(twice: Twice, *, lock: bool = False) -> Desk:
    """The answer on the desk of the assessor who was asked, without anything that was decided. Raises NotFound."""
    if twice.row.assessor_id != me().person_id or twice.pair.stage is not Stage.TO_JUDGE:
        raise NotFound
    reader = Reader(me().person_id, tuple(_assessing()))
    found = desks.desk(db.session(), reader, twice.answer.id, lock=lock)
    g.acting = found.appointment
    return found


@bp.get(f"{HOME}/<uuid:second_marking_id>/judgement", allow={Role.ASSESSOR}, purpose=PURPOSE)
def second_judgement(second_marking_id: UUID) -> Response:
    """The answer, the guidance, and a form for each criterion."""
    twice = _one(second_marking_id)
    if twice.row.assessor_id == me().person_id and twice.pair.stage is not Stage.TO_JUDGE:
        return redirect(url_for(".second_marking", second_marking_id=second_marking_id), 303)  # judged, or called off
    desk = _desk(twice)
    draft = words.judgement_draft(db.session(), desk.answer.id, me().person_id)
    return _show(twice, desk, words.open_judgement(db.session(), draft), draft=draft)


def _show(
    twice: Twice, desk: Desk, typed: SavedJudgement, *, draft: JudgementDraft | None = None,
    form: FormBase | None = None, notice: str = "", status: int = 200,
) -> Response:  # fmt: skip
    return page(
        "quality/second_judge.html", status=status, twice=twice, form=form, notice=notice,
        shown=marking_showing.show(db.session(), desk, typed, draft, form), errors=form.errors if form else None,
        file_address=lambda id: url_for(".second_marking_file", second_marking_id=twice.row.id, file_id=id),
    )  # fmt: skip


@bp.get(f"{HOME}/<uuid:second_marking_id>/files/<uuid:file_id>", allow={Role.ASSESSOR}, purpose=PURPOSE)
def second_marking_file(second_marking_id: UUID, file_id: UUID) -> Response:
    """A file that belongs to the answer."""
    desk = _desk(_one(second_marking_id))
    return files.download(*marking_showing.file_of(db.session(), desk.unit, desk.answer, file_id))


@bp.post(f"{HOME}/<uuid:second_marking_id>/draft", allow={Role.ASSESSOR}, purpose=PURPOSE)
def save_second_judgement(second_marking_id: UUID) -> Response:
    """Keep what has been typed so far."""
    session, twice = db.session(), _one(second_marking_id)
    desk = _desk(twice, lock=True)
    save, typed = marking_forms.save_from(request.form, request.headers), marking_forms.typed_from(desk, request.form)
    kept = leasing.save_judgement(session, desk, typed, save)
    address = url_for(".second_judgement", second_marking_id=second_marking_id)
    if isinstance(kept, Conflict):
        if wants_json():
            return jsonify_with(409, conflict=True, address=address)
        return _show(twice, desk, typed, notice="You changed this on another page. This is what you typed here.",
                     status=409)  # fmt: skip
    saved = f"Saved {moment_in_words(kept.saved_at)}"
    if wants_json():
        return jsonify_with(200, saved=saved, nonce=save.nonce, revision=kept.revision)
    flash(f"{saved}. Nobody else sees it yet.")
    return redirect(address, 303)


@bp.post(f"{HOME}/<uuid:second_marking_id>/judgement", allow={Role.ASSESSOR}, purpose=PURPOSE)
def judge_second(second_marking_id: UUID) -> Response:
    """Save the second judgement; only then is the first one shown."""
    session, twice = db.session(), _one(second_marking_id)
    desk = _desk(twice, lock=True)
    judgement = marking_forms.judgement_from(desk, request.form)
    form, typed = marking_forms.judgement_form(desk)(), marking_forms.typed_from(desk, request.form)
    if not form.validate():
        draft = leasing.keep_typed(session, desk, typed)
        return _show(twice, desk, typed, draft=draft, form=form, status=422)
    if judgement.guidance != desk.case.guidance:
        draft = leasing.keep_typed(session, desk, typed)
        notice = "The guidance has changed since you opened this page. Read it again, then judge."
        return _show(twice, desk, typed, draft=draft, notice=notice, status=409)
    operations.judge(session, twice, desk, judgement)
    flash("Your judgement is kept. Here are both, side by side.")
    return redirect(url_for(".second_marking", second_marking_id=second_marking_id), 303)


# -- side by side ------------------------------------------------------------------------------------------------------


@bp.get(f"{HOME}/<uuid:second_marking_id>", allow=EVERYBODY, purpose=PURPOSE)
def second_marking(second_marking_id: UUID) -> Response:
    """Both judgements; before the second is saved, nothing but who was asked and why."""
    return _second_marking(_one(second_marking_id))


def _second_marking(twice: Twice, refused: tuple[str, FormBase] | None = None, status: int = 200) -> Response:
    session, mine = db.session(), me().person_id
    stage = twice.pair.stage
    if twice.row.assessor_id == mine and stage is Stage.TO_JUDGE:
        return redirect(url_for(".second_judgement", second_marking_id=twice.row.id), 303)
    leads = quality.covers(access.held(Role.LEAD_IQA), twice.cohort, twice.answer.unit)
    if not twice.judging:
        (line,) = showing.lines(session, [twice], mine)
        form = refused[1] if refused else CallOffForm(formdata=None)
        return page("quality/second_waiting.html", line=line, twice=twice, form=form, leads=leads,
                    cannot=_cannot(twice, Act.CHECK) if leads else "",
                    errors=form.errors or None, status=status)  # fmt: skip
    cannot = _cannot(twice, Act.JUDGE if twice.has_part(mine) else Act.CHECK)
    return page(
        "quality/second_side_by_side.html", shown=showing.side_by_side(session, twice, mine), refused=refused,
        form=ViewForm(formdata=None), leads=leads and not twice.has_part(mine), has_part=twice.has_part(mine),
        cannot=cannot,
        assures=quality.covers(_assuring(), twice.cohort, twice.answer.unit),
        may_decide=not twice.answer.is_returned or twice.answer.is_unsettled,
        errors=refused[1].errors if refused else None, status=status,
    )  # fmt: skip


def _cannot(twice: Twice, act: Act) -> str:
    """Why this person may not do what the page would offer them; empty when they may."""
    return why_not(operations.standing(db.session(), twice, me().person_id, act), act)


@bp.post(f"{HOME}/<uuid:second_marking_id>/end", allow={Role.LEAD_IQA})
def call_off_second_marking(second_marking_id: UUID) -> Response:
    """Call a second marking off while nobody has judged."""
    form, twice = CallOffForm(), _one(second_marking_id)
    if not quality.covers(access.held(Role.LEAD_IQA), twice.cohort, twice.answer.unit):
        raise NotFound
    if not form.validate_on_submit():
        return _second_marking(twice, ("", form), 422)
    operations.call_off(db.session(), twice, form.why.data or "", by=access.actor())
    flash("The second marking is called off.")
    return redirect(url_for(".second_markings"), 303)


@bp.post(f"{HOME}/<uuid:second_marking_id>/points/<criterion>/view", allow={Role.ASSESSOR}, purpose=PURPOSE)
def reconsider(second_marking_id: UUID, criterion: str) -> Response:
    """One of the two comes round to the other outcome."""
    form, twice = ViewForm(), _one(second_marking_id)
    if not twice.has_part(me().person_id) or criterion not in twice.answer.criteria:
        raise NotFound
    if not form.validate_on_submit():
        return _second_marking(twice, (criterion, form), 422)
    said = Said(criterion, Outcome(form.outcome.data), form.reason.data or "")
    operations.reconsider(db.session(), twice, said, by=access.actor())
    flash("Kept, with your reason.")
    return redirect(url_for(".second_marking", second_marking_id=second_marking_id), 303)


@bp.post(f"{HOME}/<uuid:second_marking_id>/points/<criterion>/settlement", allow={Role.LEAD_IQA}, purpose=PURPOSE)
def settle(second_marking_id: UUID, criterion: str) -> Response:
    """The lead internal quality assurer settles a difference."""
    form, twice = ViewForm(), _one(second_marking_id)
    leads = quality.covers(access.held(Role.LEAD_IQA), twice.cohort, twice.answer.unit)
    if not leads or criterion not in twice.answer.criteria:
        raise NotFound
    if not form.validate_on_submit():
        return _second_marking(twice, (criterion, form), 422)
    said = Said(criterion, Outcome(form.outcome.data), form.reason.data or "")
    operations.settle(db.session(), twice, said, by=access.actor())
    flash("Settled, with your reason.")
    return redirect(url_for(".second_marking", second_marking_id=second_marking_id), 303)
