"""The shape of what is typed when a result is corrected: a reason, an answer, a day and a reference."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from course.forms import FormBase, trimmed

LONGEST = 500
SHORTER = f"Shorten this to {LONGEST} letters."


def _reason(label: str, missing: str) -> TextAreaField:
    return TextAreaField(
        label, filters=[trimmed], validators=[DataRequired(missing), Length(max=LONGEST, message=SHORTER)]
    )


class RemovalForm(FormBase):
    """Why a unit leaves a batch."""

    reason = _reason("Why does it leave the batch?", "Write why this unit leaves the batch.")


class WithdrawalForm(FormBase):
    """What is wrong with a result, and whether the awarding organisation knows of it."""

    reason = _reason("What is wrong with the result?", "Write what is wrong with the result.")
    claimed = RadioField(
        "Has the unit been claimed from the awarding organisation?",
        choices=[SelectChoice("yes", "Yes"), SelectChoice("no", "No")],
        validators=[InputRequired("Say whether the unit has been claimed.")],
    )


class AnswerForm(FormBase):
    """What a second person says."""

    outcome = RadioField(
        "What do you say?",
        choices=[SelectChoice("withdraw", "Withdraw the result"), SelectChoice("stand", "The result stands")],
        validators=[InputRequired("Choose whether the result is withdrawn.")],
    )
    why = _reason("What did you look at, and what did you find?", "Write what you looked at, and what you found.")


class Day(DateField):  # type: ignore[misc]
    """A day, typed or picked."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a day; anything else is answered with an instruction."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Enter the day as year, month and day: 2026-12-01.") from error


class NoticeForm(FormBase):
    """When the awarding organisation was told, and what it calls the matter."""

    told_on = Day("On what day did you tell them?", validators=[InputRequired("Give the day on which you told them.")])
    reference: Any = StringField(
        "Their reference",
        filters=[trimmed],
        validators=[
            DataRequired("Write the reference they gave you."),
            Length(max=120, message="Shorten this to 120 letters."),
        ],
    )
