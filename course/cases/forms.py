"""The shape of what is typed in an appeal."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import DateField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from course.cases.models import CaseFinding, CaseKind, Outcome
from course.cases.rules import LONGEST
from course.forms import FormBase, trimmed


def words(label: str, missing: str) -> Any:
    """A box that must hold something."""
    too_long = Length(max=LONGEST, message=f"Shorten this to {LONGEST:,} letters or fewer.")
    return TextAreaField(label, filters=[trimmed], validators=[DataRequired(missing), too_long])


class AppealForm(FormBase):
    """What the learner thinks is wrong."""

    words = words("What do you think is wrong with the decision?", "Write what you think is wrong.")


class GoOnForm(FormBase):
    """Why the learner takes it further."""

    further = words("What do you still think is wrong?", "Write what you still think is wrong.")


class ReplyForm(FormBase):
    """What the learner adds."""

    reply = words("What do you want to add?", "Write what you want to add.")


OUTCOMES = [
    SelectChoice(Outcome.UPHELD.value, "Upheld: the answer is judged again"),
    SelectChoice(Outcome.NOT_UPHELD.value, "Not upheld: the decision stays"),
]


class OutcomeForm(FormBase):
    """What somebody finds about an appeal, and the reason that the learner reads."""

    begun = IntegerField(widget=HiddenInput(), validators=[Optional()])
    """How many stages had begun on the page that was read."""
    outcome = RadioField("What do you find?", choices=OUTCOMES, validators=[DataRequired("Choose what you find.")])
    reason = words("Why?", "Write the reason.")


class HeardForm(OutcomeForm):
    """What the awarding organisation found, noted by the centre."""

    outcome = RadioField("What did they find?", choices=OUTCOMES, validators=[DataRequired("Choose what they found.")])
    reason = words("What did they write?", "Write what they wrote.")


class SendingForm(FormBase):
    """When it went to the awarding organisation, and under which reference."""

    today: date = date.max
    """The day that it is at the centre."""
    sent_on = DateField("Sent on", validators=[DataRequired("Give the day on which you sent it.")])
    reference = StringField(
        "Their reference, or how you sent it", filters=[trimmed],
        validators=[DataRequired("Write the reference."), Length(max=80, message="Use 80 letters or fewer.")],
    )  # fmt: skip

    def validate_sent_on(self, field: DateField) -> None:
        """Nothing was sent tomorrow."""
        if field.data and field.data > self.today:
            raise ValidationError("Give the day on which you sent it, today or before.")


class OpenCaseForm(FormBase):
    """What somebody saw, and what the learner is told."""

    kind = RadioField(
        "What is it about?",
        choices=[
            SelectChoice(CaseKind.MALPRACTICE.value, "How the work was done (malpractice)"),
            SelectChoice(CaseKind.MALADMINISTRATION.value, "How the centre dealt with it (maladministration)"),
        ],
        validators=[DataRequired("Choose what it is about.")],
    )
    noted = words("What did you see?", "Write what you saw.")
    told = words("What is the learner told?", "Write what the learner is told.")


class CloseCaseForm(FormBase):
    """What was found, why, and what the learner is told."""

    finding = RadioField(
        "What did you find?",
        choices=[
            SelectChoice(CaseFinding.NOTHING.value, "Nothing: the work stands"),
            SelectChoice(CaseFinding.PUT_RIGHT.value, "Something was put right, and the work stands"),
            SelectChoice(CaseFinding.FOUND.value, "The rules were not kept"),
        ],
        validators=[DataRequired("Choose what you found.")],
    )
    reason = words("Why?", "Write the reason.")
    told = words("What is the learner told?", "Write what the learner is told.")
