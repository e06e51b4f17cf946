"""The learner's pages: course home, unit, question boxes, hand-in, history, files, and who has looked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import flash, jsonify, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from course import access, db, sealing
from course.access import Blueprint, Role
from course.enrolment import operations as enrolment_operations
from course.enrolment import queries as enrolments
from course.enrolment.models import Enrolment
from course.errors import wants_json
from course.pages import kept_page, moment_in_words, page
from course.people.accounts import me
from course.refusal import Refusal, require
from course.workbook import appealing, boxes, files, forms, operations, overview, places, prior, queries, rules, showing
from course.workbook import content as contents
from course.workbook.content import ChoiceContent, Content, MatchContent, OrderContent
from course.workbook.operations import Conflict
from course.workbook.queries import DraftFact, UnitWork

bp = Blueprint("workbook", __name__, url_prefix="/learn")
LEARNER = {Role.LEARNER}
NOT_DECLARED = "Confirm that this is your own work before you hand it in."


def _enrolment(enrolment_id: UUID) -> Enrolment:
    """The signed-in learner's own enrolment: reading it is not a look by somebody else."""
    posting = request.method == "POST"
    found = queries.enrolment_of(db.session(), me().person_id, enrolment_id, lock=posting)
    access.own_words(found.id)
    return found


def _work(enrolment_id: UUID, unit: str) -> UnitWork:
    return queries.unit_work(db.session(), _enrolment(enrolment_id), unit)


def _box(enrolment_id: UUID, unit: str, key: str) -> UnitWork:
    """What is needed to save one question's box."""
    session, person_id = db.session(), me().person_id
    queries.lock_enrolment(session, person_id, enrolment_id)
    work = queries.question_work(session, person_id, enrolment_id, unit, key)
    access.own_words(work.enrolment.id)
    return work


def _here(work: UnitWork, endpoint: str, **values: Any) -> str:
    return url_for(f"workbook.{endpoint}", enrolment_id=work.enrolment.id, unit=work.unit.slug, **values)


def _back_to(work: UnitWork, key: str) -> Response:
    """Back to the question's own place in the reading."""
    return redirect(_here(work, "unit_page", number=work.question(key).page, _anchor=f"q-{key}"), 303)


# -- home and unit -----------------------------------------------------------------------------------------------------


@bp.get("", allow=LEARNER)
def home() -> Response:
    """What is done, what is next, what is being marked, in each course."""
    session = db.session()
    courses = [overview.course(session, one) for one in enrolments.own_enrolments(session, me().person_id)]
    return page("workbook/home.html", courses=courses, looked_at=appealing.looked_at(session, me().person_id))


@bp.get("/<uuid:enrolment_id>/<unit>", allow=LEARNER)
def unit_start(enrolment_id: UUID, unit: str) -> Response:
    """The first page of a unit: its points, who will read the work, when privacy ends."""
    session = db.session()
    work = _work(enrolment_id, unit)
    return page("workbook/unit.html", work=work, start=overview.unit_start(session, work))


@bp.post("/<uuid:enrolment_id>/<unit>/version", allow=LEARNER)
def accept_version(enrolment_id: UUID, unit: str) -> Response:
    """Move to the newest version of a unit in which nothing is handed in."""
    enrolment = _enrolment(enrolment_id)
    enrolment_operations.accept_version(db.session(), enrolment, unit, by=access.actor())
    flash("You are on the new version now. Your words came with you.")
    return redirect(url_for(".unit_start", enrolment_id=enrolment_id, unit=unit), 303)


@bp.get("/<uuid:enrolment_id>/<unit>/<int:number>", allow=LEARNER)
def unit_page(enrolment_id: UUID, unit: str, number: int) -> Response:
    """One page of a unit: the reading, with its questions in their places."""
    return _unit_page(enrolment_id, unit, number)


def _unit_page(
    enrolment_id: UUID, unit: str, number: int, *, status: int = 200,
    typed: dict[str, tuple[Content, str]] | None = None, file_problems: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    session = db.session()
    work = queries.page_work(session, me().person_id, enrolment_id, unit, number)
    access.own_words(work.enrolment.id)
    here = work.unit.page(number)
    shown = showing.show_questions(session, work, here.question_keys, typed)
    problems = [(reason, f"#{key}-box") for key, (_, reason) in (typed or {}).items()]
    for key, reason in (file_problems or {}).items():
        shown[key] = replace(shown[key], file_problem=reason)
        problems.append((reason, f"#{key}-file"))
    readers = showing.readers_line(work.reader)
    own: dict[str, Any] = {"enrolment": str(work.enrolment.id)}
    own |= {f"place-{key}": places.draw(work, one, readers) for key, one in shown.items()}
    if problems:
        return page("workbook/page.html", status=status, unit=work.unit, here=here, own=own, errors=problems)
    return kept_page("workbook/page.html", (work.version_id, number), own, unit=work.unit, here=here, errors=())


# -- one box -----------------------------------------------------------------------------------------------------------


@bp.post("/<uuid:enrolment_id>/<unit>/questions/<key>/draft", allow=LEARNER)
def save_draft(enrolment_id: UUID, unit: str, key: str) -> Any:
    """Save what is in a box: by itself while somebody types, or with the Save button."""
    try:
        work = _box(enrolment_id, unit, key)
        question = work.question(key)
        content, problem = _sent(work, key)
        if problem:
            return _refused_words(work, key, content, problem)
        save = forms.save_from(request.form, request.headers)
        outcome = operations.save_draft(db.session(), work, question, content, save, by=access.actor())
    except Refusal as refusal:
        if wants_json():
            db.roll_back()
            return jsonify(problem=refusal.sentence), 409
        raise
    return _saved(work, key, outcome)


def _sent(work: UnitWork, key: str) -> tuple[Content, str | None]:
    """What the form says, on top of the files and tries that are kept."""
    question, draft = work.question(key), work.drafts.get(key)
    session = db.session()
    before = operations.open_draft(session, draft).content if draft else operations.beginning(session, work, question)
    return forms.read_content(question, request.form, before)


def _refused_words(work: UnitWork, key: str, content: Content, problem: str) -> Any:
    if wants_json():
        return jsonify(problem=problem), 422
    number = work.question(key).page
    return _unit_page(work.enrolment.id, work.unit.slug, number, status=422, typed={key: (content, problem)})


def _saved(work: UnitWork, key: str, outcome: DraftFact | Conflict | None) -> Any:
    """Answer a save truthfully. The framework commits before this answer leaves."""
    if isinstance(outcome, Conflict):
        address = _here(work, "compare", key=key, kept=outcome.kept.id)
        if wants_json():
            return jsonify(conflict=True, kept=True, address=address), 409
        return _compare(work, key, outcome.kept.id, status=409)
    words = f"Saved {moment_in_words(outcome.saved_at)}" if outcome else "Nothing to save yet"
    if wants_json():
        nonce = request.headers.get("X-Save", "")[:64]
        return jsonify(saved=words, nonce=nonce, revision=outcome.revision if outcome else 0)
    flash(f"{words}. You can stop here and come back at any time." if outcome else "There is nothing to save yet.")
    return _back_to(work, key)


@bp.post("/<uuid:enrolment_id>/<unit>/questions/<key>/try", allow=LEARNER)
def try_check(enrolment_id: UUID, unit: str, key: str) -> Any:
    """Check an answer to a choice, order or match. A wrong try explains itself and costs nothing."""
    work = _work(enrolment_id, unit)
    question = work.question(key)
    content, _ = _sent(work, key)
    if not isinstance(content, ChoiceContent | OrderContent | MatchContent):
        raise NotFound
    save = forms.save_from(request.form, request.headers)
    if not contents.is_complete(question, content):
        problem = "Choose an answer for every part first. Then you can check it."
        return _refused_words(work, key, content, problem)
    return _tried(work, key, operations.try_check(db.session(), work, question, content, save, by=access.actor()))


def _tried(work: UnitWork, key: str, outcome: DraftFact | Conflict | None) -> Any:
    if isinstance(outcome, Conflict):
        return _compare(work, key, outcome.kept.id, status=409)
    return _back_to(work, key)


@bp.get("/<uuid:enrolment_id>/<unit>/questions/<key>/earlier", allow=LEARNER)
def earlier(enrolment_id: UUID, unit: str, key: str) -> Response:
    """Earlier drafts of one question, newest first."""
    work = _work(enrolment_id, unit)
    return page("workbook/earlier.html", work=work, **overview.earlier(db.session(), work, key))


@bp.post("/<uuid:enrolment_id>/<unit>/questions/<key>/earlier/<uuid:earlier_id>/restore", allow=LEARNER)
def restore(enrolment_id: UUID, unit: str, key: str, earlier_id: UUID) -> Response:
    """Put an earlier draft back into the box."""
    work = _work(enrolment_id, unit)
    question = work.question(key)
    found = queries.earlier_draft(db.session(), work.enrolment.id, key, earlier_id)
    operations.restore(db.session(), work, question, found, by=access.actor())
    flash("Those words are in the box again. What was there before is now an earlier draft.")
    return _back_to(work, key)


@bp.get("/<uuid:enrolment_id>/<unit>/questions/<key>/compare", allow=LEARNER)
def compare(enrolment_id: UUID, unit: str, key: str) -> Response:
    """Two versions that were written on two pages: both are kept, the learner picks one."""
    kept = forms.uuid_or_none(request.args.get("kept", ""))
    if kept is None:
        raise NotFound
    return _compare(_work(enrolment_id, unit), key, kept)


def _compare(work: UnitWork, key: str, kept: UUID, status: int = 200) -> Response:
    found = queries.earlier_draft(db.session(), work.enrolment.id, work.question(key).key, kept)
    return page("workbook/compare.html", status=status, work=work, **overview.compare(db.session(), work, key, found))


# -- handing in --------------------------------------------------------------------------------------------------------


@bp.get("/<uuid:enrolment_id>/<unit>/hand-in", allow=LEARNER)
def look_over(enrolment_id: UUID, unit: str) -> Response:
    """Read it once more: one question (`?question=`), or all that are ready."""
    return _look_over(_work(enrolment_id, unit), forms.HandInForm(formdata=None))


def _look_over(work: UnitWork, form: forms.HandInForm, status: int = 200, errors: Any = None) -> Response:
    session = db.session()
    only = request.values.get("question")
    begun = [question.key for question in work.unit.questions if question.key in work.drafts]
    keys = [work.question(only).key] if only else begun
    shown = showing.show_questions(session, work, keys)
    ready = {key: one for key, one in shown.items() if one.work.is_ready and one.has_draft}
    missing = shown[only].work.why_not_ready if only else None
    return page(
        "workbook/hand_in.html", status=status, work=work, form=form, errors=errors or [], only=only, missing=missing,
        ready=[ready[question.key] for question in work.unit.questions if question.key in ready],
        declaration=rules.declaration(one.question.ai for one in ready.values()),
        ticked=set(request.form.getlist("questions")) if request.method == "POST" else set(ready),
        readers=overview.readers(session, work), goes_left=showing.goes_left,
        own_error=NOT_DECLARED if (NOT_DECLARED, "#own") in (errors or []) else None,
    )  # fmt: skip


@bp.post("/<uuid:enrolment_id>/<unit>/hand-in", allow=LEARNER)
def hand_in(enrolment_id: UUID, unit: str) -> Response:
    """Turn the ticked drafts into locked answers."""
    work = _work(enrolment_id, unit)
    form = forms.HandInForm()
    revisions = forms.ticked_revisions(request.form)
    problems = [] if form.validate() else list(form.problems())
    if not revisions:
        problems.append(("Tick at least one answer to hand in.", "#questions"))
    if not form.own.data:
        problems.append((NOT_DECLARED, "#own"))
    if problems:
        return _look_over(work, form, 422, problems)
    what = operations.HandingIn(revisions, form.declaration.data or "", contents.clean(form.helpers.data or ""), True)
    operations.hand_in(db.session(), work, what, by=access.actor())
    them = "Your answers are" if len(revisions) > 1 else "Your answer is"
    flash(f"{them} handed in. Your assessor reads next.")
    return _back_to(work, next(iter(revisions)))


@bp.post("/<uuid:enrolment_id>/<unit>/questions/<key>/answer/take-back", allow=LEARNER)
def take_back(enrolment_id: UUID, unit: str, key: str) -> Response:
    """Make an answer that nobody has opened a draft again."""
    work = _work(enrolment_id, unit)
    operations.take_back(db.session(), work, work.question(key), by=access.actor())
    flash("Your answer is a draft again. No go was used.")
    return _back_to(work, key)


@bp.get("/<uuid:enrolment_id>/<unit>/questions/<key>", allow=LEARNER)
def history(enrolment_id: UUID, unit: str, key: str) -> Response:
    """Every attempt at one question, with what was said about it."""
    work = _work(enrolment_id, unit)
    return page("workbook/history.html", work=work, **overview.history(db.session(), work, key))


# -- files -------------------------------------------------------------------------------------------------------------


@bp.post("/<uuid:enrolment_id>/<unit>/questions/<key>/files", allow=LEARNER)
def add_file(enrolment_id: UUID, unit: str, key: str) -> Response:
    """Add a photo, PDF, recording or document to a draft."""
    upload = request.files.get("file")
    content = upload.read(files.LARGEST + 1) if upload else b""
    with db.database().reader() as reader:  # the file is looked into before the turn to write is taken
        work = queries.unit_work(reader, queries.enrolment_of(reader, me().person_id, enrolment_id), unit)
        question = work.question(key)
        access.own_words(work.enrolment.id)
        accepted = boxes.accepted_by(question, is_claim=prior.claimed(reader, work, question) is not None)
    try:
        require(upload and upload.filename, "Choose a file first.")
        checked = files.check(content, accepted)
        work = _work(enrolment_id, unit)
        assert upload is not None
        operations.add_file(db.session(), work, question, upload.filename or "", checked, by=access.actor())
    except Refusal as refusal:
        return _file_refused(enrolment_id, unit, key, refusal)
    flash("Your file is added. It goes along when you hand in.")
    return _back_to(work, key)


def _file_refused(enrolment_id: UUID, unit: str, key: str, refusal: Refusal) -> Response:
    db.roll_back()
    number = _work(enrolment_id, unit).question(key).page
    reason = f"{refusal.sentence} {refusal.next_step}".strip()
    return _unit_page(enrolment_id, unit, number, status=422, file_problems={key: reason})


@bp.post("/<uuid:enrolment_id>/<unit>/questions/<key>/files/<uuid:file_id>/remove", allow=LEARNER)
def remove_file(enrolment_id: UUID, unit: str, key: str, file_id: UUID) -> Response:
    """Take a file out of a draft."""
    work = _work(enrolment_id, unit)
    operations.remove_file(db.session(), work, work.question(key), file_id, by=access.actor())
    flash("The file is removed.")
    return _back_to(work, key)


@bp.get("/<uuid:enrolment_id>/files/<uuid:file_id>", allow=LEARNER)
def file(enrolment_id: UUID, file_id: UUID) -> Response:
    """One of the learner's own files, as a download."""
    session = db.session()
    stored = queries.stored_file(session, _enrolment(enrolment_id).id, file_id)
    label = sealing.read(session, stored.label)
    return files.download(label, stored.content_type, files.content_of(session, stored))


# -- who has looked ----------------------------------------------------------------------------------------------------


@bp.get("/access-log", allow=LEARNER)
def access_log() -> Response:
    """Everybody but the writer who was shown the writer's words, and why."""
    return page("workbook/access_log.html", looks=overview.looks(db.session(), me().person_id))
