"""What a witness fills in."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, RadioField, StringField, TextAreaField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from course.forms import FormBase, trimmed
from course.people.forms import plain_line
from course.witnesses.models import Outcome
from course.witnesses.rules import LONGEST

TOO_LONG = f"Shorten this to {LONGEST:,} letters or fewer."


def _line(label: str) -> StringField:
    return StringField(label, [Optional(), Length(max=120, message="Use 120 letters or fewer.")], [plain_line])


class StatementForm(FormBase):
    """A statement, or a no. What is needed depends on which."""

    outcome = RadioField(
        "What do you say?",
        choices=[
            SelectChoice(Outcome.CONFIRMED, "I saw this, as it is described"),
            SelectChoice(Outcome.CORRECTED, "I saw it, but something was different"),
            SelectChoice(Outcome.DECLINED, "I cannot make this statement"),
        ],
        validate_choice=False,
    )
    saw = TextAreaField(
        "What you saw, in your own words", [Optional(), Length(max=LONGEST, message=TOO_LONG)], [trimmed]
    )
    name = _line("Your name")
    role = _line("Your role")
    relation = _line("How you know the person")
    true = BooleanField("This is true, and I saw it myself")

    @property
    def is_statement(self) -> bool:
        """Whether something is vouched for."""
        return self.outcome.data in (Outcome.CONFIRMED, Outcome.CORRECTED)

    def validate_outcome(self, field: Any) -> None:
        """One of the three."""
        if field.data not in set(Outcome):
            raise ValidationError("Choose what you say.")

    def validate(self, extra_validators: Any = None) -> bool:
        """A statement needs its words, a name and the tick; a no needs nothing more."""
        good = bool(super().validate(extra_validators))
        if not self.is_statement:
            return good
        needed = (
            (self.saw, "Say in your own words what you saw."),
            (self.name, "Enter your name."),
            (self.role, "Enter your role."),
            (self.relation, "Say how you know the person."),
            (self.true, "Confirm that this is true and that you saw it yourself."),
        )
        for field, message in needed:
            if not field.data and not field.errors:
                field.errors = [message]
                good = False
        return good
