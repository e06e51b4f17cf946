"""The shape of what is typed in quality assurance: a sample, a finding, an answer to an action, a release."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, RadioField, SelectMultipleField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from assessors.quality.rules import Finding
from course import clock
from course.forms import FormBase, trimmed

LONGEST = 20_000


def _short(most: int) -> Length:
    return Length(max=most, message=f"Shorten this to {most} letters.")


class Choices(SelectMultipleField):  # type: ignore[misc]
    """Several of a list, each with a box."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False), **kwargs)


class Day(DateField):  # type: ignore[misc]
    """A day, typed or picked."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a day; anything else is answered with an instruction."""
        if not (valuelist and valuelist[0].strip()):
            return  # empty: what is needed says so itself
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Enter the day as year, month and day: 2026-12-01.") from error


def _day_when_acting(form: Any, field: Any) -> None:
    """An action needs a day, today or later."""
    if form.finding.data != Finding.ACT or field.errors:
        return
    if field.data is None:
        raise StopValidation("Give the day by which to act.")
    if field.data < clock.now().date():
        raise StopValidation("Give a day by which to act that is today or later.")


class SampleForm(FormBase):
    """Which answers to look at, and why these."""

    answers = Choices("Answers to look at", choices=[])
    rationale = TextAreaField(
        "Why these?", filters=[trimmed], validators=[DataRequired("Write why you chose these answers."), _short(500)]
    )

    def validate_answers(self, field: Any) -> None:
        """Something must be chosen."""
        if not field.data:
            raise ValidationError("Choose at least one answer.")


class BatchForm(FormBase):
    """Which achieved units to release together."""

    units = Choices("Achieved units", choices=[])

    def validate_units(self, field: Any) -> None:
        """Something must be chosen."""
        if not field.data:
            raise ValidationError("Choose at least one unit.")


class ReviewForm(FormBase):
    """What was found about one decision."""

    finding = RadioField(
        "What do you find?",
        choices=[
            SelectChoice(Finding.AGREE.value, "I agree"),
            SelectChoice(Finding.ACT.value, "The assessor should act"),
        ],
        validators=[DataRequired("Choose what you find.")],
    )
    comment = TextAreaField(
        "Comment", filters=[trimmed], validators=[Length(max=LONGEST, message="Shorten the comment.")]
    )
    due_on = Day("Act by", validators=[_day_when_acting, Optional()])

    def validate_comment(self, field: Any) -> None:
        """An action needs words."""
        if self.finding.data == Finding.ACT and not field.data:
            raise ValidationError("Write what the assessor should do.")


class ResponseForm(FormBase):
    """What the assessor did."""

    words = TextAreaField(
        "What did you do?",
        filters=[trimmed],
        validators=[DataRequired("Write what you did."), Length(max=LONGEST, message="Shorten your answer.")],
    )


class ReleaseForm(FormBase):
    """Why a batch may go, and why somebody's work in it was not looked at."""

    rationale = TextAreaField(
        "Why do you release this batch?",
        filters=[trimmed],
        validators=[DataRequired("Write why you release this batch."), _short(250)],
    )
    why_unsampled = TextAreaField("Why was their work not sampled?", filters=[trimmed], validators=[_short(150)])
