"""Guidance in force: what waits, who would change, and putting it in force."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from assessors.changes.forms import GuidanceForm
from assessors.changes.operations import in_force
from assessors.changes.queries import counting, guidance_preview
from assessors.changes.queries import guidance as queries
from assessors.changes.queries.guidance_preview import GuidancePreview
from assessors.changes.rules import Effect
from assessors.changes.views import ASSURERS, assurer, bp
from assessors.guidance import queries as guidances
from assessors.guidance import table
from course import access, db
from course.catalogue import queries as catalogue
from course.office import spreadsheets
from course.pages import page
from course.people.accounts import me
from course.suppression import SMALL


@bp.get("/quality/guidance", allow=ASSURERS)
def guidance() -> Response:
    """Which guidance each cohort is marked under, and what waits to be put in force."""
    return page("changes/guidance.html", units=queries.units(db.session(), assurer()), every=queries.EVERY_COHORT)


@bp.get("/quality/guidance/<uuid:version_id>/preview", allow=ASSURERS)
def guidance_changes(version_id: UUID) -> Response:
    """Which items changed, which decisions rest on them, and who would flip."""
    found = _found(version_id, request.args.get("cohort", ""))
    form = GuidanceForm(formdata=None, cohort=request.args.get("cohort", ""), seen=found.seen)
    form.answers.data = [str(one) for one, of in found.can_go_back.items() if any(_flips(it) for it in of)]
    return _preview(found, form)


@bp.get("/quality/guidance/<uuid:version_id>", allow=ASSURERS)
def read_guidance(version_id: UUID) -> Response:
    """One unit's newest guidance, question by question."""
    unit = queries.unit_for(db.session(), version_id, assurer())
    found = guidances.compiled(unit.newest)
    asked = catalogue.latest_unit(db.session(), found.qualification, found.unit)
    names = {one.key: one.name for one in catalogue.unit_of(asked).questions} if asked else {}
    return page("changes/guidance_read.html", unit=unit, questions=found.questions, names=names)


@bp.get("/quality/guidance/<uuid:version_id>/table.csv", allow=ASSURERS)
def guidance_table(version_id: UUID) -> Response:
    """One unit's newest guidance as a table, one row an item, for a spreadsheet."""
    newest = queries.unit_for(db.session(), version_id, assurer()).newest
    rows = list(table.rows(guidances.compiled(newest).questions))
    return spreadsheets.download(f"guidance-{newest.unit}-version-{newest.number}.csv", table.HEAD, rows)


def _flips(one: guidance_preview.Resting) -> bool:
    return one.effect in {Effect.LOSES, Effect.GAINS}


def _found(version_id: UUID, choice: str) -> GuidancePreview:
    session = db.session()
    unit = queries.unit_for(session, version_id, assurer())
    return guidance_preview.preview(session, unit, unit.chosen(choice), by=me().person_id)


def _preview(found: GuidancePreview, form: GuidanceForm, status: int = 200) -> Response:
    form.answers.choices = _choices(found)
    if not found.can_go_back:
        form.old.choices = form.old.choices[:1]
    return page(
        "changes/guidance_preview.html", found=found, form=form, hints=_hints(found), effect=Effect,
        cohort=form.cohort.data, errors=form.errors or None, fewest=SMALL,
        tables=counting.tables(db.session(), found.touched), status=status,
    )  # fmt: skip


def _choices(found: GuidancePreview) -> list[SelectChoice]:
    return [
        SelectChoice(str(answer_id), f"{of[0].learner}: {of[0].question}")
        for answer_id, of in found.can_go_back.items()
    ]


def _hints(found: GuidancePreview) -> dict[str, str]:
    return {
        str(answer_id): " ".join(
            f"{one.decision.criterion} {'achieved' if one.decision.is_achieved else 'not yet'}, decided by {one.by} "
            f"under version {one.version}: {one.why}."
            for one in of
        )
        for answer_id, of in found.can_go_back.items()
    }


@bp.post("/quality/guidance/<uuid:version_id>/in-force", allow=ASSURERS)
def put_guidance_in_force(version_id: UUID) -> Response:
    """Let the newest guidance of a unit apply to decisions still to be made, and to those sent back for it."""
    form = GuidanceForm()
    found = _found(version_id, form.cohort.data or "")
    form.answers.choices = _choices(found)
    if not form.validate_on_submit():
        return _preview(found, form, 422)
    in_force.put_guidance_in_force(
        db.session(), found, form.reason.data or "", seen=form.seen.data or "",
        send_back=[UUID(one) for one in form.send_back], by=access.actor(),
    )  # fmt: skip
    sent = len(form.send_back)
    went = f" {sent} {'answer waits' if sent == 1 else 'answers wait'} to be decided again." if sent else ""
    flash(f"This guidance is in force. Other decisions keep the version they were made under.{went}")
    return redirect(url_for(".guidance"), 303)
