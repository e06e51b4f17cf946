"""The shape of what is typed at the closing of an action, and about one decision that may be affected."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, StopValidation

from assessors.quality.affected.rules import Verdict
from assessors.quality.forms import Day
from course.forms import FormBase, trimmed


class ClosureForm(FormBase):
    """Whether the decision was wrong, and what to look for elsewhere."""

    wrong = RadioField(
        "Was the decision wrong?",
        choices=[
            SelectChoice("no", "No, the decision stands"),
            SelectChoice("yes", "Yes, it was wrong"),
        ],
        validators=[DataRequired("Choose whether the decision was wrong.")],
    )
    look_for = TextAreaField(
        "What should we look for in other decisions?",
        filters=[trimmed],
        validators=[Length(max=500, message="Shorten this to 500 letters.")],
    )

    def validate_look_for(self, field: Any) -> None:
        """An error needs words."""
        if self.wrong.data == "yes" and not field.data:
            raise ValidationError("Write what to look for in other decisions.")


def _day_when_acting(form: Any, field: Any) -> None:
    """An action needs a day."""
    if form.verdict.data == Verdict.ACT and not (field.raw_data and field.raw_data[0].strip()):
        raise StopValidation("Give the day by which to act.")


class LookForm(FormBase):
    """What a look at one decision found."""

    verdict = RadioField(
        "What do you find?",
        choices=[
            SelectChoice(Verdict.UNAFFECTED.value, "Not affected"),
            SelectChoice(Verdict.ACT.value, "The assessor should act"),
        ],
        validators=[DataRequired("Choose what you find.")],
    )
    comment = TextAreaField(
        "Why?",
        filters=[trimmed],
        validators=[
            DataRequired("Write why you find so."),
            Length(max=500, message="Shorten this to 500 letters."),
        ],
    )
    due_on = Day("Act by", validators=[_day_when_acting, Optional()])


class AppealErrorForm(FormBase):
    """Which decision an upheld appeal showed to be wrong, and what to look for elsewhere."""

    decision = RadioField("Which decision was wrong?", validators=[DataRequired("Choose the decision that was wrong.")])
    look_for = TextAreaField(
        "What should we look for in other decisions?",
        filters=[trimmed],
        validators=[
            DataRequired("Write what to look for in other decisions."),
            Length(max=500, message="Shorten this to 500 letters."),
        ],
    )
