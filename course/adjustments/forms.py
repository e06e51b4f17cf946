"""The shape of what is typed about adjustments: what is agreed, when it ends, what a learner asks, what is answered."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from course.adjustments.models import Kind, Seen
from course.adjustments.rules import LONGEST
from course.forms import FormBase, trimmed

TOO_LONG = Length(max=LONGEST, message=f"Shorten this to {LONGEST:,} letters or fewer.")


class Day(DateField):  # type: ignore[misc]
    """A day; anything else is answered with an instruction."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a day."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Enter the day as year, month and day: 2026-12-01.") from error


def words(label: str, missing: str) -> Any:
    """A box that must hold something."""
    return TextAreaField(label, filters=[trimmed], validators=[DataRequired(missing), TOO_LONG])


class AgreeForm(FormBase):
    """What is agreed, with whom, from when until when, and for which units; and which request that answers."""

    request = RadioField("Does this answer what was asked?", choices=[SelectChoice("", "No, it is something else")],
                         default="")  # fmt: skip
    kind = RadioField(
        "What is it?",
        choices=[
            SelectChoice(Kind.ADJUSTMENT.value, "A reasonable adjustment, agreed before the work"),
            SelectChoice(Kind.CONSIDERATION.value, "Special consideration, for something that has happened"),
        ],
        validators=[DataRequired("Choose what it is.")],
    )
    what = words("What is agreed?", "Write what is agreed.")
    agreed_with = StringField(
        "Agreed with whom?", filters=[trimmed],
        validators=[DataRequired("Write who agreed it."), Length(max=200, message="Use 200 letters or fewer.")],
    )  # fmt: skip
    seen = RadioField(
        "What did you see?",
        choices=[
            SelectChoice(Seen.NOTHING.value, "Nothing: the learner told us"),
            SelectChoice(Seen.DOCUMENT.value, "A document, and it went back to the learner"),
            SelectChoice(Seen.ASSESSMENT.value, "A needs assessment of our own"),
        ],
        validators=[DataRequired("Choose what you saw.")],
    )
    from_on = Day("First day", validators=[DataRequired("Give the first day.")])
    until_on = Day("Last day", validators=[Optional()])
    review_on = Day("Ask again on", validators=[Optional()])
    units = SelectMultipleField(
        "Which units?", choices=[], option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )


class EndForm(FormBase):
    """When it ends, and why."""

    last_on = Day("Last day", validators=[DataRequired("Give the last day.")])
    reason = words("Why does it end?", "Write why it ends.")


class AskForm(FormBase):
    """What would help."""

    words = words("What would help you?", "Write what would help you.")


class ReplyForm(FormBase):
    """What the centre answers."""

    words = words("Your reply", "Write your reply.")


class DeclineForm(FormBase):
    """Why something is not agreed."""

    because = words("Not agreed, because …", "Write why it is not agreed.")
