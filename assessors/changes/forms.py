"""The shape of what is typed when something is put in force, changed for a centre, or sent back."""

from __future__ import annotations

from typing import Any, get_args

from wtforms import (
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, Optional, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from course.enrolment.policy import AlwaysSampled
from course.forms import FormBase, trimmed

KEEP, SEND_BACK = "keep", "send-back"


def _reason(label: str) -> TextAreaField:
    short = Length(max=500, message="Shorten this to 500 letters.")
    return TextAreaField(label, filters=[trimmed], validators=[DataRequired("Write why."), short])


class _Choices(SelectMultipleField):  # type: ignore[misc]
    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False), **kwargs)


class InForceForm(FormBase):
    """Why a version is put in force; which cohort, and what was seen, come along from the preview."""

    cohort = HiddenField()
    seen = HiddenField()
    reason = _reason("Why?")


class GuidanceForm(InForceForm):
    """The same for guidance, and what becomes of decisions already made."""

    old = RadioField(
        "Decisions already made",
        choices=[
            SelectChoice(KEEP, "Keep them all as they are"),
            SelectChoice(SEND_BACK, "Send the answers ticked below back, to be decided again"),
        ],
        validators=[DataRequired("Choose what becomes of the decisions already made.")],
    )
    answers = _Choices("Answers to decide again", choices=[])

    @property
    def send_back(self) -> list[str]:
        """The answers to send back; none when old decisions are kept."""
        return list(self.answers.data or []) if self.old.data == SEND_BACK else []

    def validate_answers(self, field: Any) -> None:
        """Sending back means at least one answer."""
        if self.old.data == SEND_BACK and not field.data:
            raise ValidationError("Tick the answers to be decided again.")


class ReopenForm(FormBase):
    """Why one answer is to be decided again."""

    reason = _reason("Why is it to be decided again?")


OFF, POINTS, COUNT = "off", "points", "n-of-m"
ROLES = [
    SelectChoice("lead-iqa", "The lead internal quality assurer"),
    SelectChoice("iqa", "Any internal quality assurer"),
]
WHOLE = "Enter a whole number."


ALWAYS = [SelectChoice(one, one.replace("-", " ").capitalize()) for one in get_args(AlwaysSampled)]


def _number(label: str, least: int, most: int = 999, *, optional: bool = False) -> IntegerField:
    between = NumberRange(least, most, message=f"Enter a number from {least} to {most}.")
    first = Optional() if optional else DataRequired(WHOLE) if least else _present
    return IntegerField(label, validators=[first, between])


def _present(_form: Any, field: Any) -> None:
    """A nought is a number too."""
    if field.data is None and not field.errors:
        raise StopValidation(WHOLE)


class OwnPolicyForm(FormBase):
    """What a centre decides for itself. Fields that the qualification does not leave to it are taken out."""

    limit = _number("Goes at each question", 1, 20, optional=True)
    window = _number("Working days to hand in again", 1, 200, optional=True)
    further = _number("Further goes that one person may allow", 0, 20)
    authorised_by = SelectField("Who may allow one more go?", choices=ROLES)
    return_ = RadioField(
        "When do learners hear?",
        choices=[SelectChoice("at-once", "At once"), SelectChoice("after-sampling", "After a sample")],
        validators=[DataRequired("Choose when learners hear.")],
    )
    turnaround = _number("Working days until they should hear", 1, 200)
    reopened_by = SelectField("Who may send an answer back?", choices=ROLES)
    percent = _number("Sampled of each assessor’s decisions, in per cent", 0, 100)
    interim = _number("How much of that while work is under way, in per cent", 0, 100)
    new_assessor = _number("Sampled of a new assessor’s decisions, in per cent", 0, 100)
    new_for = _number("Days for which an assessor counts as new", 1, 999)
    raised = _number("Sampled where a closer look is asked for, in per cent", 0, 100, optional=True)
    always = _Choices("Always in the sample, where there is any", choices=ALWAYS)
    second = _number("Judged by a second assessor, in per cent", 0, 100)


PARTS = {
    "attempts": ("limit", "window", "further", "authorised_by"),
    "return": ("return_",),
    "turnaround": ("turnaround",),
    "reopening": ("reopened_by",),
    "sampling": ("percent", "interim", "new_assessor", "new_for", "raised", "always", "second"),
}


def own_policy_form(units: list[tuple[str, str]], may_change: tuple[str, ...], *, counts: bool) -> type[OwnPolicyForm]:
    """The form for what a centre may change. `units`: (code, title); `counts`: whether n-of-m may be chosen."""
    fields: dict[str, Any] = {name: None for part, names in PARTS.items() if part not in may_change for name in names}
    if "threshold" in may_change:
        sorts = [SelectChoice(OFF, "Off: every point, and no more"), SelectChoice(POINTS, "A number of marks as well")]
        sorts += [SelectChoice(COUNT, "A number of the points")] if counts else []
        for code, title in units:
            number = code.removeprefix("U")
            fields[f"sort_{code}"] = SelectField(f"Threshold of unit {number}, {title}", choices=sorts)
            fields[f"needed_{code}"] = _number(f"How many in unit {number}?", 1, optional=True)
    return type("OwnPolicy", (OwnPolicyForm,), fields)
