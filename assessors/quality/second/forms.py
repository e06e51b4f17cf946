"""The shape of what is typed about a second marking; the judgement itself has the desk's own form."""

from __future__ import annotations

from wtforms import RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from course.forms import FormBase, trimmed
from course.workbook.models import Outcome

SHORT = Length(max=500, message="Shorten this to 500 letters.")


class AskForm(FormBase):
    """Who judges a second time, and why."""

    assessor = SelectField("Who judges it a second time?", choices=[], validators=[DataRequired("Choose an assessor.")])
    why = TextAreaField(
        "Why is it judged a second time?",
        filters=[trimmed],
        validators=[DataRequired("Write why this answer is judged a second time."), SHORT],
    )


class CallOffForm(FormBase):
    """Why a second marking is called off."""

    why = TextAreaField(
        "Why is it called off?", filters=[trimmed], validators=[DataRequired("Write why it is called off."), SHORT]
    )


class ViewForm(FormBase):
    """The outcome that somebody comes to, and why."""

    outcome = RadioField(
        "The outcome",
        choices=[SelectChoice(Outcome.ACHIEVED, "Achieved"), SelectChoice(Outcome.NOT_YET_ACHIEVED, "Not yet")],
        validators=[DataRequired("Choose the outcome.")],
    )
    reason = TextAreaField(
        "Why this outcome?",
        filters=[trimmed],
        validators=[
            DataRequired("Write why you come to this outcome."),
            Length(max=2000, message="Shorten this to 2,000 letters."),
        ],
    )
