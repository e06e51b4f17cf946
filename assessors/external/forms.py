"""The shape of what is typed about visits: who comes, which units, requests, actions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import DateField, EmailField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from assessors.external.queries import UnitLine
from assessors.external.rules import LearnersUnit
from course.catalogue.compiled import CompiledQualification
from course.enrolment.models import Cohort
from course.forms import FormBase, trimmed
from course.office.forms import ADDRESS, stripped

SHORT = Length(max=500, message="Shorten this to 500 letters.")


class _Day(DateField):  # type: ignore[misc]
    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a day; anything else is answered with an instruction."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Enter the day as year, month and day: 2026-12-01.") from error


class VisitForm(FormBase):
    """Who comes, what for, and from when until when."""

    name = StringField("Full name", [InputRequired("Enter their full name"), Length(max=120)], [stripped])
    email = EmailField("Email address", [InputRequired("Enter an email address"), Length(max=254), ADDRESS], [stripped])
    scope = SelectField("What they look at")
    from_date = _Day("First day", [InputRequired("Enter the first day.")])
    until_date = _Day("Last day", [InputRequired("Enter the last day.")])
    purpose = TextAreaField(
        "What the visit is for", filters=[trimmed], validators=[DataRequired("Write what the visit is for."), SHORT]
    )

    def offer(self, qualifications: Iterable[CompiledQualification], cohorts: Iterable[Cohort]) -> VisitForm:
        """Set what can be looked at: a qualification in every cohort, or in one."""
        cohorts, choices = list(cohorts), []
        for one in qualifications:
            here = [cohort for cohort in cohorts if cohort.qualification == one.slug]
            if here:
                choices.append(SelectChoice(one.slug, f"{one.title}, every cohort"))
            choices += [SelectChoice(f"{one.slug}/{cohort.id}", f"{one.title}, {cohort.name}") for cohort in here]
        self.scope.choices = choices
        return self


class _Units(FormBase):
    units = SelectMultipleField(
        "Units of learners", choices=[], option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )

    def offer(self, lines: Iterable[UnitLine]) -> Any:
        """Set the units to choose from."""
        self.units.choices = [SelectChoice(one.value, f"{one.learner}: {one.title}") for one in lines]
        self.lines = {one.value: one.key for one in lines}
        return self

    def validate_units(self, field: Any) -> None:
        """Something must be chosen."""
        if not field.data:
            raise ValidationError("Choose at least one unit.")

    @property
    def chosen(self) -> list[LearnersUnit]:
        """What was chosen."""
        return [self.lines[one] for one in self.units.data or []]


class SampleForm(_Units):
    """Which units the external quality assurer may see, and why these."""

    rationale = TextAreaField(
        "Why these?", filters=[trimmed], validators=[DataRequired("Write why you show these."), SHORT]
    )


class AskForm(_Units):
    """Which units the external quality assurer would like to see, and why."""

    reason = TextAreaField(
        "Why these?", filters=[trimmed], validators=[DataRequired("Write why you would like to see these."), SHORT]
    )


class RefusalForm(FormBase):
    """Why a request is not granted."""

    reason = TextAreaField(
        "Why can these not be shown?", filters=[trimmed],
        validators=[DataRequired("Write why these cannot be shown."), SHORT],
    )  # fmt: skip


class ActionForm(FormBase):
    """What the external quality assurer asked the centre to do."""

    words = TextAreaField(
        "What is to be done", filters=[trimmed], validators=[DataRequired("Write what is to be done."), SHORT]
    )
    due_on = _Day("By when", [InputRequired("Enter the day by which it is to be done.")])


class DoneForm(FormBase):
    """What was done about it."""

    words = TextAreaField("What was done", filters=[trimmed], validators=[DataRequired("Write what was done."), SHORT])
    done_on = _Day("Done on", [InputRequired("Enter the day on which it was done.")])
