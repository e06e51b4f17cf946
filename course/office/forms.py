"""What the office types: cohorts, learners, lists, registrations, staff and their appointments."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import available_timezones

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from course.access import Role
from course.catalogue.compiled import CompiledQualification
from course.enrolment.models import Cohort
from course.enrolment.rules import MOST_MINUTES, REASONS, SOURCES
from course.forms import FormBase
from course.office.roster import EMAIL
from course.people.conflicts import KINDS
from course.working_days import NATIONS

ADDRESS = Regexp(EMAIL.pattern + r"\Z", message="Enter an email address with an @ in it")
NOT_GIVEN, ALL = SelectChoice("", "Not given"), SelectChoice("", "All")
APPOINTABLE = [
    SelectChoice("", "Choose a role"),
    *(SelectChoice(role.value, role.label) for role in Role if role is not Role.LEARNER),
]


def stripped(text: str | None) -> str:
    """One line without spaces at its ends."""
    return " ".join((text or "").split())


class CohortForm(FormBase):
    """Opening a cohort."""

    name = StringField("Name of the cohort", [InputRequired("Enter a name for the cohort"), Length(max=80)], [stripped])
    qualification = SelectField("Qualification")
    starts_on = DateField("First day", [InputRequired("Enter the first day")])
    ends_on = DateField("Last day", [Optional()])
    run_id = StringField("The awarding organisation’s number for this run", [Length(max=40)], [stripped])

    def offer(self, qualifications: Iterable[CompiledQualification]) -> CohortForm:
        """Set the qualifications to choose from."""
        self.qualification.choices = [SelectChoice(one.slug, one.title) for one in qualifications]
        return self

    def validate_ends_on(self, field: DateField) -> None:
        """A cohort ends after it starts."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError("Enter a last day that is not before the first day")


class EnrolForm(FormBase):
    """Enrolling one learner."""

    name = StringField("Full name", [InputRequired("Enter their full name"), Length(max=120)], [stripped])
    known_as = StringField("What they like to be called", [Length(max=60)], [stripped])
    email = EmailField("Email address", [InputRequired("Enter an email address"), Length(max=254), ADDRESS], [stripped])


class RosterForm(FormBase):
    """A list of learners."""

    file = FileField("List of learners (CSV)")


class RegistrationForm(FormBase):
    """An entry with the awarding organisation."""

    number = StringField(
        "Learner number", [InputRequired("Enter the number from the awarding organisation"), Length(max=40)], [stripped]
    )
    on = DateField("Registered on", [InputRequired("Enter the day on which you registered them")])


class WithdrawalForm(FormBase):
    """The end of an enrolment. Neither the reason nor who gave it is needed."""

    reason = SelectField("Reason", choices=[NOT_GIVEN, *(SelectChoice(*one) for one in REASONS.items())])
    source = SelectField("Who gave it", choices=[NOT_GIVEN, *(SelectChoice(*one) for one in SOURCES.items())])


class _LastDay(Optional):  # type: ignore[misc]
    """A last day may be left out, but not that of an external quality assurer."""

    def __call__(self, form: AppointmentForm, field: DateField) -> None:
        """Stop at an empty field, with a message where the role needs a day."""
        if form.role.data == Role.EQA and not (field.raw_data and field.raw_data[0].strip()):
            field.errors = []
            raise StopValidation("Enter the last day: an external quality assurer is let in for three months at most")
        super().__call__(form, field)


class AppointmentForm(FormBase):
    """A role at the centre; an empty qualification, unit or cohort means all of them."""

    role = SelectField("Role", [InputRequired("Choose a role")], choices=APPOINTABLE)
    qualification = SelectField("Qualification")
    unit = SelectField("Unit")
    cohort = SelectField("Cohort")
    from_date = DateField("First day", [InputRequired("Enter the first day")])
    until_date = DateField("Last day", [_LastDay()])
    needs_countersignature = BooleanField("Somebody else must confirm what this assessor decides")

    def offer(
        self,
        qualifications: list[CompiledQualification],
        units: Iterable[tuple[str, str, str]],
        cohorts: Iterable[Cohort],
    ) -> AppointmentForm:
        """Set what can be chosen. `units` are (qualification, unit, words)."""
        self.cohorts = {str(one.id): one for one in cohorts}
        self.qualification.choices = [ALL, *(SelectChoice(one.slug, one.title) for one in qualifications)]
        self.unit.choices = [ALL, *(SelectChoice(f"{slug}/{unit}", words) for slug, unit, words in units)]
        self.cohort.choices = [ALL, *(SelectChoice(key, one.name) for key, one in self.cohorts.items())]
        return self

    def validate_until_date(self, field: DateField) -> None:
        """An appointment ends after it begins."""
        if field.data and self.from_date.data and field.data < self.from_date.data:
            raise ValidationError("Enter a last day that is not before the first day")

    def validate_needs_countersignature(self, field: BooleanField) -> None:
        """Only an assessor decides anything that can be countersigned."""
        if field.data and self.role.data != Role.ASSESSOR:
            raise ValidationError("Only what an assessor decides is confirmed by somebody else. Untick this.")

    def validate_unit(self, field: SelectField) -> None:
        """The unit belongs to the qualification, if both are chosen."""
        slug = (field.data or "").partition("/")[0]
        if slug and self.qualification.data and slug != self.qualification.data:
            raise ValidationError("Choose a unit of the qualification above")

    def validate_cohort(self, field: SelectField) -> None:
        """The cohort studies the qualification, if both are chosen."""
        cohort = self.cohorts.get(field.data or "")
        if cohort is not None and self.chosen_qualification not in (None, cohort.qualification):
            raise ValidationError("Choose a cohort of the qualification above")

    @property
    def chosen_qualification(self) -> str | None:
        """The qualification, or that of the unit."""
        return self.qualification.data or (self.unit.data or "").partition("/")[0] or None

    @property
    def chosen_unit(self) -> str | None:
        """The unit's slug."""
        return (self.unit.data or "").partition("/")[2] or None


class StaffForm(AppointmentForm):
    """Inviting a member of staff and appointing them at once."""

    name = EnrolForm.name
    known_as = EnrolForm.known_as
    email = EnrolForm.email


class LiveHoursForm(FormBase):
    """Time that a tutor spent with learners of a cohort on one unit."""

    unit = SelectField("Unit", [InputRequired("Choose a unit")])
    held_on = DateField("Day", [InputRequired("Enter the day")])
    minutes = IntegerField(
        "Minutes",
        [InputRequired("Enter the minutes"), NumberRange(0, MOST_MINUTES, f"Enter from 1 to {MOST_MINUTES} minutes")],
    )
    attended = SelectMultipleField("Who was there", option_widget=CheckboxInput(), widget=ListWidget())

    def offer(self, units: Iterable[tuple[str, str]], learners: Iterable[tuple[str, str]]) -> LiveHoursForm:
        """Set what can be chosen: (slug, words) and (enrolment, name)."""
        self.unit.choices = [SelectChoice("", "Choose a unit"), *(SelectChoice(*one) for one in units)]
        self.attended.choices = [SelectChoice(*one) for one in learners]
        return self


class EndForm(FormBase):
    """The last day of an appointment."""

    on = DateField("Last day", [InputRequired("Enter the last day")])


class ConflictForm(FormBase):
    """A tie between a member of staff and somebody else."""

    person = SelectField("Member of staff", choices=[], validators=[InputRequired("Choose who it is about.")])
    other = SelectField("Tie to whom?", choices=[], validators=[InputRequired("Choose a person.")])
    kind = RadioField(
        "What kind of tie?",
        choices=[SelectChoice(key, words) for key, words in KINDS.items()],
        validators=[InputRequired("Choose what kind of tie it is.")],
    )
    detail = StringField(
        "Anything the admins should know",
        filters=[stripped],
        validators=[Length(max=500, message="Use 500 characters or fewer.")],
    )


class CalendarForm(FormBase):
    """Whose bank holidays a centre keeps, and where it is."""

    nation = RadioField(
        "Where is the centre?",
        choices=[SelectChoice(key, words) for key, words in NATIONS.items()],
        validators=[InputRequired("Choose where the centre is.")],
    )
    time_zone = SelectField("Time zone", validators=[InputRequired("Choose a time zone.")])

    def offer(self, now: str) -> CalendarForm:
        """Set the time zones to choose from: those of Europe, and the one that the centre has."""
        zones = {one for one in available_timezones() if one.startswith("Europe/")} | {now}
        self.time_zone.choices = [SelectChoice(one, one.replace("_", " ")) for one in sorted(zones)]
        return self
