"""Pages of quality assurance: cohorts, samples, reviews, actions and batches."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from assessors.marking import showing as marking_showing
from assessors.quality import operations, overview, queries, returning, rules, showing
from assessors.quality.blindness import must_not_be_blind
from assessors.quality.forms import BatchForm, ReleaseForm, ResponseForm, ReviewForm, SampleForm
from assessors.quality.permitting import cannot_assure, open_to_me, units_open_to_me
from assessors.quality.plan import queries as plans
from assessors.quality.second.queries import pairs
from assessors.quality.second.rules import Stage
from assessors.quality.standardisation.queries import activities
from course import access, clock, db
from course.access import HeldAppointment, Role
from course.catalogue import queries as catalogue
from course.corrections import queries as corrections
from course.corrections.due import due
from course.enrolment.models import Cohort
from course.pages import page
from course.people.accounts import me
from course.records import operations as records
from course.records import queries as record_queries
from course.records.models import Batch
from course.records.queries import AchievedUnit
from course.workbook import files
from course.workbook import queries as work

ASSURERS = {Role.IQA, Role.LEAD_IQA}
MOST_SHOWN = 100
"""Answers on the page that opens a sample by hand: those most worth a look. A plan reaches the others."""

bp = access.Blueprint("quality", __name__)
bp.record(lambda _state: returning.connect())


def _held() -> list[HeldAppointment]:
    return access.held(Role.IQA, Role.LEAD_IQA)


@bp.get("/quality", allow=ASSURERS)
def home() -> Response:
    """Each cohort in scope: what waits, what was sampled, what is missing."""
    session, held, today = db.session(), _held(), record_queries.today_at(db.session(), access.acting().centre_id)
    return page(
        "quality/home.html", cohorts=overview.cohorts(session, held),
        due=due(session, held, me().person_id, today), today=today,
    )  # fmt: skip


@bp.get("/quality/corrections", allow=ASSURERS)
def corrections_home() -> Response:
    """Withdrawals that wait for a second person, and those that an admin still has to tell of."""
    session, held = db.session(), _held()
    return page(
        "quality/corrections.html", to_answer=corrections.to_answer(session, held),
        to_tell=corrections.to_tell(session, held),
        today=record_queries.today_at(session, access.acting().centre_id),
    )  # fmt: skip


# -- a cohort and its samples ----------------------------------------------------------------------------------------


@bp.get("/quality/cohorts/<uuid:cohort_id>", allow=ASSURERS)
def cohort(cohort_id: UUID) -> Response:
    """One cohort: its plans, samples, open actions and batches."""
    session = db.session()
    found = queries.cohort_for(session, cohort_id, _held())
    samples = overview.samples(session, cohort_id)
    return page(
        "quality/cohort.html", seen=overview.of_cohort(session, found), samples=samples,
        sizes=overview.sizes(session, [one.id for one in samples]), cannot=cannot_assure(found),
        today=clock.now().date(),
    )  # fmt: skip


@bp.get("/quality/cohorts/<uuid:cohort_id>/samples", allow=ASSURERS)
def new_sample(cohort_id: UUID) -> Response:
    """The answers most worth a look, to open a sample by hand."""
    return _new_sample(queries.cohort_for(db.session(), cohort_id, _held()), SampleForm(formdata=None))


def _new_sample(found: Cohort, form: SampleForm, status: int = 200) -> Response:
    everything = queries.candidates(db.session(), found, _held())
    candidates = open_to_me(everything)
    shown = candidates[:MOST_SHOWN]
    form.answers.choices = [SelectChoice(str(one.facts.id), f"{one.learner}: {one.question}") for one in shown]
    return page(
        "quality/sample_new.html", cohort=found, form=form, candidates=shown, count=len(candidates),
        left_out=len(everything) - len(candidates),
        cannot=cannot_assure(found), errors=form.errors or None, status=status,
    )  # fmt: skip


@bp.post("/quality/cohorts/<uuid:cohort_id>/samples", allow=ASSURERS)
def open_sample(cohort_id: UUID) -> Response:
    """Open a sample of the answers chosen."""
    session, held, form = db.session(), _held(), SampleForm()
    found = queries.cohort_for(session, cohort_id, held)
    form.answers.choices = [SelectChoice(str(one.id), "") for one in queries.judged_answers(session, found, held)]
    if not form.validate_on_submit():
        return _new_sample(found, form, 422)
    chosen = [UUID(one) for one in form.answers.data or []]
    sample = operations.open_sample(session, found, chosen, form.rationale.data or "", held=held, by=access.actor())
    flash("The sample is open. Look at each answer, then say what you find.")
    return redirect(url_for(".sample", sample_id=sample.id), 303)


@bp.get("/quality/samples/<uuid:sample_id>", allow=ASSURERS)
def sample(sample_id: UUID) -> Response:
    """One sample: its answers, and how far the reviewing has come."""
    session, held = db.session(), _held()
    found, of = queries.sample_for(session, sample_id, held)
    if plan_id := plans.plan_of_sample(session, sample_id):
        return redirect(url_for(".plan_answers", plan_id=plan_id), 303)
    ids = set(queries.sampled_answers(session, sample_id))
    answers = [one for one in queries.candidates(session, of, held) if one.facts.id in ids]
    decisions = [decision.id for one in answers for decision in one.facts.standing.values()]
    reviewed = queries.reviews_of(session, decisions)
    return page("quality/sample.html", sample=found, cohort=of, answers=answers, reviewed=reviewed)


@bp.get("/quality/samples/<uuid:sample_id>/answers/<uuid:answer_id>", allow=ASSURERS, purpose="sampling")
def answer(sample_id: UUID, answer_id: UUID) -> Response:
    """One sampled answer in full, with a form for each decision that counts."""
    return _answer(sample_id, answer_id)


@bp.get(
    "/quality/samples/<uuid:sample_id>/answers/<uuid:answer_id>/files/<uuid:file_id>",
    allow=ASSURERS,
    purpose="sampling",
)
def answer_file(sample_id: UUID, answer_id: UUID, file_id: UUID) -> Response:
    """A file that belongs to a sampled answer."""
    session = db.session()
    _, of = queries.sample_for(session, sample_id, _held())
    if answer_id not in queries.sampled_answers(session, sample_id):
        raise NotFound
    facts = work.answer_facts(session, answer_id)
    if not queries.covers(_held(), of, facts.unit):
        raise NotFound
    unit = catalogue.unit(session, facts.unit_version_id)
    return files.download(*marking_showing.file_of(session, unit, facts, file_id))


def _answer(
    sample_id: UUID, answer_id: UUID, refused: tuple[UUID, ReviewForm] | None = None, status: int = 200
) -> Response:
    session = db.session()
    found, of = queries.sample_for(session, sample_id, _held())
    must_not_be_blind(session, answer_id, me().person_id)
    shown = showing.answer(session, found, answer_id, me=me().person_id)
    if not queries.covers(_held(), of, shown.facts.unit):
        raise NotFound
    ids = queries.sampled_answers(session, sample_id)
    following = ids[ids.index(answer_id) + 1 :]
    return page(
        "quality/answer.html", sample=found, cohort=of, shown=shown, form=ReviewForm(formdata=None), refused=refused,
        agreed=showing.agreed(session, shown.facts),
        next_id=following[0] if following else None, cannot=cannot_assure(of, answer_id), status=status,
        errors=refused[1].errors if refused else None,
    )  # fmt: skip


@bp.post(
    "/quality/samples/<uuid:sample_id>/answers/<uuid:answer_id>/decisions/<uuid:decision_id>/review",
    allow=ASSURERS, purpose="sampling",
)  # fmt: skip
def review(sample_id: UUID, answer_id: UUID, decision_id: UUID) -> Response:
    """Agree with a decision, or ask the assessor to act."""
    session, form = db.session(), ReviewForm()
    found, of = queries.sample_for(session, sample_id, _held())
    if answer_id not in queries.sampled_answers(session, sample_id):
        raise NotFound
    facts = work.answer_facts(session, answer_id)
    decision = next((one for one in facts.decisions if one.id == decision_id), None)
    if decision is None or not queries.covers(_held(), of, facts.unit):
        raise NotFound
    if not form.validate_on_submit():
        return _answer(sample_id, answer_id, (decision_id, form), 422)
    what = operations.Found(rules.Finding(form.finding.data), form.comment.data or "", form.due_on.data)
    operations.review(session, found, facts, decision, what, by=access.actor())
    flash("You agreed." if what.finding == rules.Finding.AGREE else "The assessor has been asked to act.")
    return redirect(url_for(".answer", sample_id=sample_id, answer_id=answer_id), 303)


# -- actions ---------------------------------------------------------------------------------------------------------


@bp.get("/quality/actions", allow={Role.ASSESSOR}, purpose="quality action")
def my_actions() -> Response:
    """What internal quality assurers asked of this assessor."""
    return _my_actions()


def _my_actions(refused: tuple[UUID, ResponseForm] | None = None, status: int = 200) -> Response:
    session = db.session()
    asked = queries.actions_of_assessor(session, me().person_id, access.held(Role.ASSESSOR))
    shown = showing.actions(session, asked)
    return page(
        "quality/actions.html", actions=shown, to_judge=_to_judge(), form=ResponseForm(formdata=None), refused=refused,
        errors=refused[1].errors if refused else None, today=clock.now().date(), status=status,
    )  # fmt: skip


def _to_judge() -> dict[str, int]:
    """How much waits to be judged a second time, and before a meeting."""
    session, mine, held = db.session(), me().person_id, access.held(Role.ASSESSOR)
    asked = pairs.of_assessor(session, mine, held).lines
    meetings = activities.lines(session, mine, held).lines
    return {
        "second": sum(one.row.assessor_id == mine and one.pair.stage is Stage.TO_JUDGE for one in asked),
        "meeting": sum(not one.has_begun and not one.judged for one in meetings),
    }


@bp.post("/quality/actions/<uuid:action_id>/response", allow={Role.ASSESSOR}, purpose="quality action")
def respond(action_id: UUID) -> Response:
    """The assessor says what they did."""
    session, form = db.session(), ResponseForm()
    asked = queries.action_of_assessor(session, action_id, me().person_id, access.held(Role.ASSESSOR))
    if not form.validate_on_submit():
        return _my_actions((action_id, form), 422)
    operations.answer_action(session, asked, form.words.data or "", by=access.actor())
    flash("Your answer was sent. The internal quality assurer closes the action.")
    return redirect(url_for(".my_actions"), 303)


# -- batches ---------------------------------------------------------------------------------------------------------


@bp.get("/quality/cohorts/<uuid:cohort_id>/batches", allow=ASSURERS)
def new_batch(cohort_id: UUID) -> Response:
    """The achieved units in no batch yet, to put together."""
    return _new_batch(queries.cohort_for(db.session(), cohort_id, _held()), BatchForm(formdata=None))


def _new_batch(found: Cohort, form: BatchForm, status: int = 200) -> Response:
    waiting = overview.waiting(db.session(), found, _held())
    offered = units_open_to_me(waiting)
    form.units.choices = _unit_choices(found, offered)
    return page(
        "quality/batch_new.html", cohort=found, form=form, cannot=cannot_assure(found), errors=form.errors or None,
        left_out=len(waiting) - len(offered), status=status,
    )  # fmt: skip


def _unit_choices(found: Cohort, waiting: Collection[AchievedUnit]) -> list[SelectChoice]:
    session = db.session()
    learners = queries.learners(session, {one.enrolment_id for one in waiting})
    titles = {row.unit: row.title for row in catalogue.latest_units(session, found.qualification)}
    return [
        SelectChoice(
            f"{one.enrolment_id}/{one.unit}", f"{learners.get(one.enrolment_id, 'Name erased')}: {titles[one.unit]}"
        )
        for one in waiting
    ]


@bp.post("/quality/cohorts/<uuid:cohort_id>/batches", allow=ASSURERS)
def make_batch(cohort_id: UUID) -> Response:
    """Put achieved units together, to be released."""
    session, form = db.session(), BatchForm()
    found = queries.cohort_for(session, cohort_id, _held())
    form.units.choices = _unit_choices(found, overview.waiting(session, found, _held()))
    if not form.validate_on_submit():
        return _new_batch(found, form, 422)
    chosen = [one.split("/", 1) for one in form.units.data or []]
    units = [AchievedUnit(UUID(enrolment_id), unit) for enrolment_id, unit in chosen]
    batch = records.make_batch(session, found, units, by=access.actor())
    flash("The batch is made. Release it when sampling allows.")
    return redirect(url_for(".batch", batch_id=batch.id), 303)


@bp.get("/quality/batches/<uuid:batch_id>", allow=ASSURERS)
def batch(batch_id: UUID) -> Response:
    """One batch: what is in it, what sampling says, and its release."""
    return _batch(batch_id, ReleaseForm(formdata=None))


def _batch(batch_id: UUID, form: ReleaseForm, status: int = 200) -> Response:
    session = db.session()
    full = record_queries.batch_in_full(session, batch_id)
    of = queries.cohort_for(session, full.batch.cohort_id, _held())
    lines = corrections.of_batch(session, batch_id)
    by = {full.batch.made_by} | ({full.release.released_by} if full.release else set())
    return page(
        "quality/batch.html", full=full, cohort=of, lines=lines, changed=corrections.changed(session, full), form=form,
        ground=queries.ground_of(session, full.units), plan=plans.briefs(session, [of.id]).get(of.id),
        names=queries.names(session, by), cannot=cannot_assure(of, units=full.units),
        errors=form.errors or None, status=status,
    )  # fmt: skip


@bp.post("/quality/batches/<uuid:batch_id>/release", allow=ASSURERS)
def release(batch_id: UUID) -> Response:
    """Release a batch: records and claims may follow."""
    session, form = db.session(), ReleaseForm()
    found = session.get(Batch, batch_id)
    if found is None:
        raise NotFound
    queries.cohort_for(session, found.cohort_id, _held())
    if not form.validate_on_submit():
        return _batch(batch_id, form, 422)
    operations.release(session, found, form.rationale.data or "", form.why_unsampled.data or "", by=access.actor())
    flash("The batch is released. An admin can issue its records now.")
    return redirect(url_for(".batch", batch_id=batch_id), 303)
