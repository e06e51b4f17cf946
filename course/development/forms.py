"""The shape of what is typed about qualifications and professional development."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, DecimalField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from course.forms import FormBase
from course.office.forms import stripped


class _Day(DateField):  # type: ignore[misc]
    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a day; anything else is answered with an instruction."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Enter the day as year, month and day: 2026-12-01.") from error


class _Hours(DecimalField):  # type: ignore[misc]
    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read hours; anything else is answered with an instruction."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Enter the hours as a number, such as 1.5.") from error


class QualificationForm(FormBase):
    """A qualification that a member of staff holds or works towards."""

    title = StringField("Qualification", [InputRequired("Enter the qualification."), Length(max=200)], [stripped])
    awarded_by = StringField("Awarded by", [InputRequired("Enter who awards it."), Length(max=120)], [stripped])
    awarded_on = _Day("Awarded on", [Optional()])


class DevelopmentForm(FormBase):
    """A piece of professional development."""

    done_on = _Day("Date", [InputRequired("Enter the day.")])
    hours = _Hours(
        "Hours",
        [
            InputRequired("Enter the hours."),
            NumberRange(0.02, 100, "Enter between a minute and 100 hours, such as 1.5."),
        ],
    )
    words = StringField("What you did", [InputRequired("Write what was done."), Length(max=300)], [stripped])
