"""Pages of records: the holder's own, the public check, and the admin's issuing and revoking."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from flask import abort, current_app, flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from course import access, clock, db
from course.access import PUBLIC, Role
from course.local_time import zone
from course.pages import page
from course.people import throttle
from course.people.accounts import me
from course.records import operations, pdf, proof, queries, ready
from course.records.forms import CheckForm, IssueForm, RevokeForm, ShowForm
from course.settings import Settings

CHECKS_AN_HOUR = 20
Quiet = TypeVar("Quiet", bound=Response)

bp = access.Blueprint("records", __name__)


def _settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


# -- the holder ------------------------------------------------------------------------------------------------------


@bp.get("/records", allow={Role.LEARNER})
def mine() -> Response:
    """The learner's own records, and who asks to see them."""
    session = db.session()
    found = queries.records_of_holder(session, me().person_id)
    ids = [one.row.id for one in found]
    return page(
        "records/mine.html",
        records=found,
        titles={one.row.id: one.title for one in found},
        withdrawn=queries.withdrawn_of_holder(session, me().person_id),
        requests=queries.requests_for(session, ids, now=clock.now()),
        checked=queries.times_checked(session, ids, str(zone())),
    )


@bp.get("/records/<uuid:record_id>", allow={Role.LEARNER})
def one(record_id: UUID) -> Response:
    """One record as a page to keep, print or show."""
    found = queries.record_of_holder(db.session(), record_id, me().person_id)
    return _one(found, ShowForm())


def _one(found: queries.RecordInFull, form: ShowForm, status: int = 200) -> Response:
    session, now = db.session(), clock.now()
    answered = queries.answered_for(session, found.row.id, me().person_id)
    return page(
        "records/one.html", record=found, check_address=_check_address(), form=form, errors=form.errors or None,
        checked=queries.times_checked(session, [found.row.id], str(zone())).get(found.row.id, {}),
        shown_until=found.shown_until(now), answered=answered, status=status,
        names=queries.names(session, {one.answered_by for one in answered if one.answered_by}),
    )  # fmt: skip


def _check_address() -> str:
    return _settings().base_url.split("://", 1)[1] + url_for(".check")


@bp.get("/records/<uuid:record_id>.pdf", allow={Role.LEARNER})
def as_pdf(record_id: UUID) -> Response:
    """The record as an accessible PDF."""
    found = queries.record_of_holder(db.session(), record_id, me().person_id)
    return _file(pdf.render(found, _check_address()), "application/pdf", f"record-{found.row.number}.pdf")


@bp.get("/records/<uuid:record_id>/proof.json", allow={Role.LEARNER})
def as_proof(record_id: UUID) -> Response:
    """The signed file with which the holder proves the record to anybody, without our knowing."""
    found = queries.record_of_holder(db.session(), record_id, me().person_id)
    signed = proof.sign(found, proof.private_key(_settings().record_key_file))
    return _file(signed.encode(), "application/json", f"record-{found.row.number}-proof.json")


def _file(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.post("/records/<uuid:record_id>/checking", allow={Role.LEARNER})
def switch_on(record_id: UUID) -> Response:
    """Let people ask for this record by its code."""
    return _switch(record_id, on=True)


@bp.post("/records/<uuid:record_id>/checking/end", allow={Role.LEARNER})
def switch_off(record_id: UUID) -> Response:
    """Let nobody ask."""
    return _switch(record_id, on=False)


def _switch(record_id: UUID, *, on: bool) -> Response:
    session = db.session()
    found = queries.record_of_holder(session, record_id, me().person_id)
    assert found.holder is not None  # it was found through its holder
    operations.switch_checking(session, found.holder, on=on)
    flash("Checking is on. We ask you each time." if on else "Checking is off. Nobody can ask with the code.")
    return redirect(url_for(".one", record_id=record_id), 303)


@bp.post("/records/<uuid:record_id>/showing", allow={Role.LEARNER})
def show_beforehand(record_id: UUID) -> Response:
    """Let whoever has the code see the record for some days without being asked each time."""
    session, form = db.session(), ShowForm()
    found = queries.record_of_holder(session, record_id, me().person_id)
    if not form.validate_on_submit():
        return _one(found, form, 422)
    operations.show_beforehand(session, found, form.days.data, by=access.actor())
    flash(f"Whoever has the code can see this record for {form.days.data} days. You can end that at any time.")
    return redirect(url_for(".one", record_id=record_id), 303)


@bp.post("/records/<uuid:record_id>/showing/end", allow={Role.LEARNER})
def stop_showing(record_id: UUID) -> Response:
    """Ask me each time again."""
    session = db.session()
    operations.stop_showing(session, queries.record_of_holder(session, record_id, me().person_id), by=access.actor())
    flash("From now on we ask you each time again.")
    return redirect(url_for(".one", record_id=record_id), 303)


@bp.post("/records/<uuid:record_id>/code", allow={Role.LEARNER})
def change_code(record_id: UUID) -> Response:
    """Give the record a new code; the one on old papers leads nowhere from then on."""
    session = db.session()
    operations.change_code(session, queries.record_of_holder(session, record_id, me().person_id), by=access.actor())
    flash("This record has a new code. The old one no longer leads to it. Download the PDF again.")
    return redirect(url_for(".one", record_id=record_id), 303)


@bp.post("/records/requests/<uuid:request_id>/approval", allow={Role.LEARNER})
def approve(request_id: UUID) -> Response:
    """Let whoever asked see the record."""
    return _answer(request_id, approve=True)


@bp.post("/records/requests/<uuid:request_id>/refusal", allow={Role.LEARNER})
def refuse(request_id: UUID) -> Response:
    """Do not show it. Whoever asked cannot tell this from silence."""
    return _answer(request_id, approve=False)


def _answer(request_id: UUID, *, approve: bool) -> Response:
    session = db.session()
    asked = queries.request_of_holder(session, request_id, me().person_id)
    operations.answer_request(session, asked, approve=approve, by=access.actor())
    flash("You said yes. They can see this record for 14 days." if approve else "You said no. They are not told.")
    return redirect(url_for(".mine"), 303)


# -- the public check ------------------------------------------------------------------------------------------------


@bp.get("/check", allow=PUBLIC)
def check() -> Response:
    """Where somebody who was given a code types it."""
    return _quiet(page("records/check.html", form=CheckForm()))


@bp.post("/check", allow=PUBLIC)
def ask() -> Response:
    """Ask the holder, if there is one. Every well-formed code gets the same answer."""
    form = CheckForm()
    if not form.validate_on_submit():
        return _quiet(page("records/check.html", form=form, errors=form.errors, status=422))
    if not throttle.allow("check", throttle.network(), limit=CHECKS_AN_HOUR, window=timedelta(hours=1)):
        abort(429)
    session = db.session()
    asked = operations.ask_to_check(session, form.code.data or "")
    session.flush()
    return _quiet(redirect(url_for(".asked", request_id=asked.id), 303))


@bp.get("/check/<uuid:request_id>", allow=PUBLIC)
def asked(request_id: UUID) -> Response:
    """Come back here: the record once its holder has said yes, and until then the same words for everybody."""
    now = clock.now()
    found = queries.approved(db.session(), request_id, now=now)
    return _quiet(page("records/asked.html", record=found, now=now))


def _quiet(response: Quiet) -> Quiet:
    # The address names the request, so it must not travel to other sites or stay in a cache.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/check/key", allow=PUBLIC)
def public_key() -> Response:
    """The key with which anybody can verify proof files."""
    key = proof.private_key(_settings().record_key_file).public_key()
    return Response(proof.public_key_text(key) + "\n", content_type="text/plain; charset=utf-8")


@bp.get("/check/revocations.json", allow=PUBLIC)
def revocations() -> Response:
    """Every revoked record of this installation in one signed file: whoever has it need ask us about none."""
    key = proof.private_key(_settings().record_key_file)
    signed = proof.sign_revocations(queries.revoked(db.session()), key, at=clock.now())
    return _file(signed.encode(), "application/json", "revoked-records.json")


# -- the office ------------------------------------------------------------------------------------------------------


@bp.get("/office/records", allow={Role.ADMIN})
def office() -> Response:
    """What is released and ready to issue, and every record issued."""
    form = IssueForm()
    return _office(form)


def _office(form: IssueForm, status: int = 200) -> Response:
    session, held = db.session(), access.held(Role.ADMIN)
    waiting = ready.at(session, held)
    form.ready.choices = [SelectChoice(one.key, one.label) for one in waiting]
    errors = form.errors if status != 200 else None
    issued = queries.records_at(session, held)
    return page("records/office.html", form=form, waiting=waiting, issued=issued, errors=errors, status=status)


@bp.post("/office/records", allow={Role.ADMIN})
def issue() -> Response:
    """Issue the chosen records, all of them or none."""
    session, held, form = db.session(), access.held(Role.ADMIN), IssueForm()
    form.ready.choices = [SelectChoice(one.key, one.label) for one in ready.at(session, held)]
    if not form.validate_on_submit():
        return _office(form, 422)
    for key in form.ready.data or []:
        enrolment_id, unit = ready.read_key(key)
        enrolment = queries.enrolment_for(session, enrolment_id, held)
        if unit:
            operations.issue_unit_statement(session, enrolment, unit, by=access.actor())
        else:
            operations.issue_completion_record(session, enrolment, by=access.actor())
        session.flush()
    count = len(form.ready.data or [])
    flash("One record was issued. Its holder has been told." if count == 1 else f"{count} records were issued.")
    return redirect(url_for(".office"), 303)


@bp.get("/office/records/<uuid:record_id>", allow={Role.ADMIN})
def for_admin(record_id: UUID) -> Response:
    """One record, what became of it, and the form that ends it."""
    return _for_admin(record_id, RevokeForm())


def _for_admin(record_id: UUID, form: RevokeForm, status: int = 200) -> Response:
    session = db.session()
    found = queries.record_at(session, record_id, access.held(Role.ADMIN))
    return page(
        "records/for_admin.html", record=found, form=form, errors=form.errors or None, status=status,
        names=queries.names(session, ready.people_of(found)),
        requests=queries.requests_for(session, [record_id], now=clock.now()),
    )  # fmt: skip


@bp.post("/office/records/<uuid:record_id>/requests/<uuid:request_id>/approval", allow={Role.ADMIN})
def approve_for_holder(record_id: UUID, request_id: UUID) -> Response:
    """The holder said yes on the telephone."""
    return _answer_for_holder(record_id, request_id, approve=True)


@bp.post("/office/records/<uuid:record_id>/requests/<uuid:request_id>/refusal", allow={Role.ADMIN})
def refuse_for_holder(record_id: UUID, request_id: UUID) -> Response:
    """The holder said no on the telephone."""
    return _answer_for_holder(record_id, request_id, approve=False)


def _answer_for_holder(record_id: UUID, request_id: UUID, *, approve: bool) -> Response:
    session = db.session()
    found = queries.record_at(session, record_id, access.held(Role.ADMIN))
    request = queries.request_at(session, request_id, record_id)
    operations.answer_for_holder(session, request, found.held_by, approve=approve, by=access.actor())
    flash("Noted: the holder said yes." if approve else "Noted: the holder said no.")
    return redirect(url_for(".for_admin", record_id=record_id), 303)


@bp.post("/office/records/<uuid:record_id>/revocation", allow={Role.ADMIN})
def revoke(record_id: UUID) -> Response:
    """End a record and, if asked, issue another in its place."""
    session, form = db.session(), RevokeForm()
    found = queries.record_at(session, record_id, access.held(Role.ADMIN))
    if not form.validate_on_submit():
        return _for_admin(record_id, form, 422)
    _, new = operations.revoke(
        session, found, form.reason.data or "", replace=bool(form.replace.data), by=access.actor()
    )
    flash(f"The record was revoked. Record {new.number} takes its place." if new else "The record was revoked.")
    return redirect(url_for(".for_admin", record_id=new.id if new else record_id), 303)
