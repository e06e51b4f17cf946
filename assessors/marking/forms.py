"""The shape of what assessors send: one set of fields for each open criterion, read into what the operations take."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from werkzeug.datastructures import Headers, MultiDict
from wtforms import Field, HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from assessors.marking.operations.leasing import Save
from assessors.marking.queries.desk import Desk
from assessors.marking.queries.queue import Filters, Place
from assessors.marking.queries.words import Saved, SavedJudgement
from assessors.marking.rules import (
    AGREE,
    LONGEST_FEEDBACK,
    NONE_OF_THESE,
    SEND_BACK,
    Judged,
    Judgement,
    untested_in_words,
)
from assessors.marking.rules.claims import untested
from course.forms import FormBase, trimmed
from course.workbook.content import clean
from course.workbook.models import Outcome

Sent = MultiDict[str, str]


class _Judgement(FormBase):
    """Fields are added for each criterion by `judgement_form`."""

    guidance = HiddenField()


def judgement_form(desk: Desk) -> type[FormBase]:
    """A form with outcome, feedback, ticks and base for each open criterion of an answer."""
    fields: dict[str, Field] = {}
    for criterion in desk.answer.open_criteria:
        fields[f"outcome-{criterion}"] = RadioField(
            f"Your decision on {criterion}",
            choices=[SelectChoice(Outcome.ACHIEVED, "Achieved"), SelectChoice(Outcome.NOT_YET_ACHIEVED, "Not yet")],
            validators=[InputRequired(f"Choose “achieved” or “not yet” for {criterion}.")],
        )
        fields[f"feedback-{criterion}"] = TextAreaField(
            f"Feedback on {criterion} to {desk.first_name}",
            filters=[trimmed],
            validators=[
                DataRequired(f"Write feedback for {criterion}."),
                Length(max=LONGEST_FEEDBACK, message=f"Use {LONGEST_FEEDBACK:,} characters or fewer for {criterion}."),
            ],
        )
        checks = [_ticked(criterion)] if desk.case.needs_ticks and _has_points(desk, criterion) else []
        checks += [_tested(criterion)] if desk.case.is_claim else []
        if checks:
            fields[f"tick-{criterion}"] = SelectMultipleField(
                f"What you found for {criterion}", validate_choice=False, validators=checks
            )
    return type("JudgementForm", (_Judgement,), fields)


def _has_points(desk: Desk, criterion: str) -> bool:
    return any(item.points for item in desk.tickable(criterion))


def _tested(criterion: str) -> Callable[[FormBase, Field], None]:
    """Prior learning is achieved only if it stands every test."""

    def check(form: FormBase, field: Field) -> None:
        left = untested(field.data or ())
        if left and form[f"outcome-{criterion}"].data == Outcome.ACHIEVED:
            raise ValidationError(untested_in_words(criterion, left))

    return check


def _ticked(criterion: str) -> Callable[[FormBase, Field], None]:
    """Points count towards a threshold, so leaving all boxes empty must be said, not forgotten."""

    def check(form: FormBase, field: Field) -> None:
        if not field.data:
            raise ValidationError(f"Tick what you found for {criterion}, or “None of these”.")

    return check


_OUTCOMES = {str(outcome): outcome for outcome in Outcome}
_NUMBER = re.compile(r"\d{1,9}\Z")


def judgement_from(desk: Desk, sent: Sent) -> Judgement:
    """What was posted: for each criterion on the page, which need not be those that are open now."""
    posted = [name.removeprefix("base-") for name in sent if name.startswith("base-")]
    criteria = {
        criterion: Judged(
            criterion,
            _OUTCOMES.get(sent.get(f"outcome-{criterion}", "")),
            clean(sent.get(f"feedback-{criterion}", "")).strip(),
            _ticks(desk, criterion, sent),
            _number(sent.get(f"base-{criterion}", "")),
            f"keep-{criterion}" in sent,
        )
        for criterion in posted
        if criterion in desk.answer.criteria
    }
    return Judgement(criteria, sent.get("guidance", ""))


def typed_from(desk: Desk, sent: Sent) -> SavedJudgement:
    """What has been typed so far, to be kept as a draft."""
    criteria = {
        criterion: Saved(
            str(_OUTCOMES.get(sent.get(f"outcome-{criterion}", ""), "")),
            clean(sent.get(f"feedback-{criterion}", ""))[: 4 * LONGEST_FEEDBACK],
            tuple(sent.getlist(f"tick-{criterion}"))[:100],
            f"keep-{criterion}" in sent,
        )
        for criterion in desk.answer.open_criteria
    }
    return SavedJudgement(criteria, guidance=sent.get("guidance", "")[:64])


def _ticks(desk: Desk, criterion: str, sent: Sent) -> tuple[str, ...]:
    known = {item.id for item in desk.tickable(criterion)}
    return tuple(tick for tick in sent.getlist(f"tick-{criterion}") if tick in known and tick != NONE_OF_THESE)


def _number(text: str) -> int:
    return int(text) if _NUMBER.match(text) else -1


def save_from(sent: Sent, headers: Headers) -> Save:
    """What a save of a judgement draft builds on."""
    base = sent.get("base", "0")
    return Save(
        int(base) if _NUMBER.match(base) else 0,
        headers.get("X-Save", "")[:64],
        headers.get("X-After", "")[:400].split(),
    )


class ChecksForm(FormBase):
    """Confirming many right knowledge checks with one feedback."""

    answers = SelectMultipleField(
        "Checks to confirm", validate_choice=False, validators=[InputRequired("Tick at least one check.")]
    )
    feedback = StringField(
        "Feedback to each learner",
        filters=[trimmed],
        validators=[
            DataRequired("Write feedback. Each learner reads it."),
            Length(max=500, message="Use 500 characters or fewer."),
        ],
    )

    def answer_ids(self) -> list[UUID]:
        """The ids that were ticked, in the order of the page."""
        found = [uuid_or_none(text) for text in self.answers.data or []]
        return list(dict.fromkeys(one for one in found if one is not None))


class CountersignForm(FormBase):
    """A qualified assessor's word on a trainee's decisions."""

    finding = RadioField(
        "What do you find?",
        choices=[SelectChoice(AGREE, "I agree with every decision"), SelectChoice(SEND_BACK, "Decide it again")],
        validators=[DataRequired("Choose what you find.")],
    )
    comment = TextAreaField(
        "What should be decided otherwise, and why?",
        filters=[trimmed],
        validators=[Length(max=2000, message="Use 2,000 characters or fewer.")],
    )

    def validate_comment(self, field: Field) -> None:
        """Sending back needs words."""
        if self.finding.data == SEND_BACK and not field.data:
            raise ValidationError("Write what should be decided otherwise, and why.")


class DepartureForm(FormBase):
    """Why a unit is achieved below its threshold."""

    reason = TextAreaField(
        "Why is this unit achieved all the same?",
        filters=[trimmed],
        validators=[
            DataRequired("Write why this unit is achieved all the same."),
            Length(max=2000, message="Use 2,000 characters or fewer."),
        ],
    )


def uuid_or_none(text: str | None) -> UUID | None:
    """An id from an address or a form; None when it is not one."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def filters_from(sent: Sent) -> Filters:
    """What the queue is narrowed to."""
    return Filters(uuid_or_none(sent.get("cohort")), sent.get("unit") or None, sent.get("question") or None)


def place_from(sent: Sent) -> Place | None:
    """Where a page of the queue begins; None at its top, or when the address makes no sense."""
    answer_id = uuid_or_none(sent.get("answer"))
    try:
        at = datetime.fromisoformat(sent.get("after", ""))
    except ValueError:
        return None
    return Place(at, answer_id) if answer_id is not None and at.tzinfo is not None else None
