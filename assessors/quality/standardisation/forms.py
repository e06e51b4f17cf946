"""The shape of what is typed about a standardisation: what to judge, a judgement, agreed wording, minutes."""

from __future__ import annotations

from typing import Any

from wtforms import Field, IntegerField, RadioField, SelectField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from assessors.quality.forms import Choices, Day
from assessors.quality.standardisation.queries.activities import Numbered
from assessors.quality.standardisation.rules import LONGEST_MEETING
from course import clock
from course.forms import FormBase, trimmed
from course.workbook.models import Outcome

LONGEST = 20_000


class OpenForm(FormBase):
    """What is to be judged, and by when."""

    what = SelectField("What do you judge?", choices=[], validators=[DataRequired("Choose what to judge.")])
    judge_by = Day("Judge by", validators=[DataRequired("Give the day by which to judge.")])


class _Judgement(FormBase):
    """Radios are added for each criterion by `judgement_form`."""

    why = TextAreaField(
        "Why?",
        filters=[trimmed],
        validators=[
            DataRequired("Write why you decide so."),
            Length(max=2000, message="Shorten this to 2,000 letters."),
        ],
    )


def outcome_field(criterion: str) -> Field:
    """Achieved or not yet, for one criterion."""
    return RadioField(
        f"Your decision on {criterion}",
        choices=[SelectChoice(Outcome.ACHIEVED, "Achieved"), SelectChoice(Outcome.NOT_YET_ACHIEVED, "Not yet")],
        validators=[InputRequired(f"Choose “achieved” or “not yet” for {criterion}.")],
    )


def judgement_form(numbered: Numbered) -> type[FormBase]:
    """A form with an outcome for each criterion of a sample, and a reason."""
    fields: dict[str, Any] = {f"outcome-{one}": outcome_field(one) for one in numbered.criteria}
    return type("SampleForm", (_Judgement,), fields)


class ProposalForm(FormBase):
    """Wording that was agreed, and where it goes."""

    place = SelectField("Where does it go?", choices=[], validators=[DataRequired("Choose where it goes.")])
    wording = TextAreaField(
        "The wording you agreed",
        filters=[trimmed],
        validators=[
            DataRequired("Write the wording that you agreed."),
            Length(max=1000, message="Shorten the wording."),
        ],
    )
    why = TextAreaField(
        "Why did you agree on this wording?",
        filters=[trimmed],
        validators=[
            DataRequired("Write why you agreed on it."),
            Length(max=500, message="Shorten this to 500 letters."),
        ],
    )


class MinutesForm(FormBase):
    """When people met, who was there, what was said."""

    held_on = Day("The day you met", validators=[DataRequired("Give the day on which you met.")])
    lasted = IntegerField(
        "How many minutes did it take?",
        validators=[
            InputRequired("Give how many minutes the meeting took."),
            NumberRange(1, LONGEST_MEETING, f"Give a number from 1 to {LONGEST_MEETING}."),
        ],
    )
    present = Choices("Who was there?", choices=[], validators=[DataRequired("Say who was there.")])
    minutes = TextAreaField(
        "What was said and agreed?",
        filters=[trimmed],
        validators=[
            DataRequired("Write what was said and agreed."),
            Length(max=LONGEST, message="Shorten the minutes to 20,000 letters."),
        ],
    )

    def validate_held_on(self, field: Any) -> None:
        """A meeting is written down when it has been."""
        if field.data and field.data > clock.now().date():
            raise ValidationError("Give the day on which you met: it is still to come.")
