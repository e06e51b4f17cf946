"""The shape of what is typed about a plan: its stage, and a change by hand."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField, SelectField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from assessors.quality.plan.rules import Stage
from course.forms import FormBase, trimmed

NOTHING = SelectChoice("", "None")


class PlanForm(FormBase):
    """When the plan is drawn."""

    stage = RadioField(
        "Which plan?",
        choices=[
            SelectChoice(Stage.INTERIM.value, "Interim"),
            SelectChoice(Stage.FINAL.value, "Final"),
        ],
        validators=[DataRequired("Choose which plan to draw.")],
    )


class ChangeForm(FormBase):
    """An answer to add, one to drop, and why."""

    add = SelectField("Add this answer", choices=[], default="")
    drop = SelectField("Drop this answer", choices=[], default="")
    reason = TextAreaField(
        "Why?",
        filters=[trimmed],
        validators=[
            DataRequired("Write why you change the plan."),
            Length(max=500, message="Shorten this to 500 letters."),
        ],
    )

    def validate_add(self, field: Any) -> None:
        """Something must be chosen."""
        if not field.data and not self.drop.data:
            raise ValidationError("Choose an answer to add, to drop, or both.")
