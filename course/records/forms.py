"""The shape of what is typed about records: a code, a reason, a choice of what to issue."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, RadioField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from course.forms import FormBase, trimmed
from course.records import rules
from course.refusal import Refusal

LONGEST_REASON = 500


class CheckForm(FormBase):
    """What an employer types."""

    code = StringField("Code on the record")

    def validate_code(self, field: Any) -> None:
        """Any twelve letters and numbers will do; whether a record has them is nobody's business yet."""
        try:
            field.data = rules.read_code(field.data or "")
        except Refusal as refusal:
            raise ValidationError(refusal.sentence) from refusal


class ShowForm(FormBase):
    """For how long a holder lets the record be seen without being asked."""

    days = RadioField(
        "For how long?",
        coerce=int,
        choices=[SelectChoice(days, f"{days} days") for days in rules.DAYS_TO_SHOW],
        validators=[InputRequired("Choose for how long.")],
    )


class IssueForm(FormBase):
    """What an admin chooses to issue: each value is an enrolment and a unit, or an enrolment alone."""

    ready = SelectMultipleField(
        "Ready to issue", option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False), choices=[]
    )

    def validate_ready(self, field: Any) -> None:
        """Something must be chosen."""
        if not field.data:
            raise ValidationError("Choose at least one record to issue.")


class RevokeForm(FormBase):
    """Why a record ends, and whether another takes its place."""

    reason = TextAreaField(
        "Why do you revoke this record?",
        filters=[trimmed],
        validators=[
            DataRequired("Write why you revoke this record."),
            Length(max=LONGEST_REASON, message="Shorten the reason to 500 letters."),
        ],
    )
    replace = BooleanField("Issue a new record in its place")
