"""The shape of what is typed when somebody decides about attempts."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from assessors.attempts import rules
from assessors.attempts.rules import NO_MORE, ONE_MORE
from course.forms import FormBase, trimmed


def _reason(label: str) -> TextAreaField:
    short = Length(max=2000, message="Use 2,000 letters or fewer.")
    return TextAreaField(label, filters=[trimmed], validators=[DataRequired("Write the reason."), short])


class _Day(DateField):  # type: ignore[misc]
    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a day; anything else is answered with an instruction."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(
                "Give the day." if not any(valuelist) else "Enter the day as year, month and day: 2026-12-01."
            ) from error


class ExtensionForm(FormBase):
    """A later date, and why."""

    until = _Day("Until when?", validators=[DataRequired("Give the day.")])
    reason = _reason("Why does the learner need longer?")
    case: rules.Case

    def validate_until(self, field: Any) -> None:
        """The day lies where one can be given."""
        wrong = rules.wrong_day(self.case, field.data) if self.case.can_extend else ""
        if wrong:
            raise ValidationError(wrong)


class LateForm(FormBase):
    """Why an answer was late."""

    reason = _reason("Why was it late?")


class FurtherForm(FormBase):
    """The conditions that are met, and why there is one more go."""

    confirmed = SelectMultipleField(
        "I have made sure that", choices=[], option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    reason = _reason("Why one more go?")
    case: rules.Case

    def validate_confirmed(self, field: Any) -> None:
        """Every condition of the policy is met."""
        if self.case.can_authorise and rules.unconfirmed(self.case, field.data or ()):
            raise ValidationError(rules.CONFIRM_ALL)


class ReferralForm(FormBase):
    """What a panel should look at."""

    reason = _reason("What should the panel look at?")


class PanelForm(FormBase):
    """What a panel of two decided."""

    outcome = RadioField(
        "What does the panel decide?",
        choices=[SelectChoice(ONE_MORE, "One more go"), SelectChoice(NO_MORE, "No more goes at this question")],
        validators=[DataRequired("Choose what the panel decides.")],
    )
    with_ = SelectField("Who decided with you?", choices=[], validators=[DataRequired("Choose the second person.")])
    reason = _reason("Why?")


FORMS: dict[str, type[Any]] = {
    "extension": ExtensionForm, "late": LateForm, "further": FurtherForm, "referral": ReferralForm, "panel": PanelForm,
}  # fmt: skip
