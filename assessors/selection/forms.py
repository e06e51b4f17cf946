"""The shape of what is typed in selection: an enquiry, an application, scores, outcomes, references, checks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from wtforms import BooleanField, DateField, EmailField, Field, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice, SelectField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp, StopValidation, ValidationError

from assessors.selection import rules
from assessors.selection.monitoring import DIMENSIONS, PREFER_NOT, WORDS
from assessors.selection.operations.deciding import Scores, Skipped
from assessors.selection.queries.found import Found
from assessors.selection.rules import OUTCOMES, SCORE_WORDS, TIES, Outcome
from assessors.selection.words import ADDRESS, LONGEST, ApplicationWords, MonitoringWords, Referee
from course.enrolment.policy import SelectionCriterion
from course.forms import FormBase, trimmed
from course.refusal import Refusal

NO_ADDRESS = "Enter an email address with an @ in it."
IS_ADDRESS = Regexp(rf"{ADDRESS}\Z", message=NO_ADDRESS)
LEVELS = ("Basic", "Standard", "Enhanced", "Enhanced, with barred lists")


def _short(most: int) -> Length:
    return Length(max=most, message=f"Shorten this to {most:,} letters.")


class Day(DateField):  # type: ignore[misc]
    """A day that anybody can type."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a day; anything else is answered with an instruction. Nothing typed is no day, and no mistake."""
        if not any(text.strip() for text in valuelist):
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Enter the day as year, month and day: 2026-12-01.") from error


class EnquiryForm(FormBase):
    """How to reach somebody, and nothing else: no question about health or convictions is asked here."""

    name = StringField("Your full name", filters=[trimmed], validators=[InputRequired("Enter your name."), _short(120)])
    known_as = StringField("What you like to be called", filters=[trimmed], validators=[_short(60)])
    email = EmailField(
        "Your email address",
        filters=[trimmed],
        validators=[InputRequired("Enter an email address."), _short(254), IS_ADDRESS],
    )


class InviteForm(FormBase):
    """Whom to invite."""

    name = StringField("Full name", filters=[trimmed], validators=[InputRequired("Enter their name."), _short(120)])
    email = EmailField(
        "Email address",
        filters=[trimmed],
        validators=[InputRequired("Enter an email address."), _short(254), IS_ADDRESS],
    )


# -- the application -------------------------------------------------------------------------------------------------


class _Application(FormBase):
    """Fields are added for each criterion by `application_form`."""

    base = HiddenField()
    support = TextAreaField(
        "Is there anything that would make this course easier for you?", validators=[_short(LONGEST)]
    )

    def words(self, criteria: tuple[SelectionCriterion, ...]) -> ApplicationWords:
        """What was typed, by criterion."""
        given: dict[str, Any] = {field.name: field.data for field in self}
        of = {kind: [one.key for one in criteria if one.type == kind] for kind in {one.type for one in criteria}}
        written = [*of.get("experience", ()), *of.get("interview", ())]
        return ApplicationWords(
            answers={key: given[f"answer-{key}"] for key in written if given.get(f"answer-{key}")},
            confirmed=tuple(key for key in of.get("declaration", ()) if given.get(f"confirm-{key}")),
            dates={
                key: day.isoformat() for key in of.get("elapsed-time", ()) if (day := given.get(f"from-{key}"))
            },
            referees={
                key: referee
                for key in of.get("reference", ())
                if (referee := Referee(**{part: given[f"{part}-{key}"] or "" for part in Referee.model_fields}))
                != Referee()
            },
            support=given["support"] or "",
        )  # fmt: skip

    def is_ready(self, words: ApplicationWords) -> bool:
        """Whether it could be sent so. Asked at the end alone: an address half typed is saved like any other words."""
        for key in words.wrong_addresses:
            if f"email-{key}" in self:
                self[f"email-{key}"].errors = [NO_ADDRESS]
        return not self.errors


def application_form(criteria: tuple[SelectionCriterion, ...]) -> type[_Application]:
    """A form with what each criterion asks. Nothing is compulsory: what is missing is a question for a person."""
    fields: dict[str, Field] = {}
    for one in criteria:
        match one.type:
            case "declaration":
                fields[f"confirm-{one.key}"] = BooleanField(one.question)
            case "elapsed-time":
                fields[f"from-{one.key}"] = Day("I can start from", validators=[Optional()])
            case "reference":
                fields[f"name-{one.key}"] = StringField("Their name", validators=[_short(120)])
                fields[f"email-{one.key}"] = EmailField("Their email address", validators=[_short(254)])
                fields[f"knows_me-{one.key}"] = StringField("How they know you", validators=[_short(200)])
            case "experience" | "interview":
                asked = one.question if one.type == "experience" else "What would help you in that conversation?"
                fields[f"answer-{one.key}"] = TextAreaField(asked, validators=[_short(LONGEST)])
            case _:
                pass
    return type("ApplicationForm", (_Application,), fields)


def filled(form: type[_Application], words: ApplicationWords, revision: int) -> _Application:
    """The form with what is saved."""
    data: dict[str, Any] = {"base": revision, "support": words.support}
    data |= {f"answer-{key}": text for key, text in words.answers.items()}
    data |= {f"confirm-{key}": True for key in words.confirmed}
    data |= {f"from-{key}": date.fromisoformat(day) for key, day in words.dates.items()}
    for key, referee in words.referees.items():
        data |= {f"{part}-{key}": text for part, text in referee.model_dump().items()}
    return form(formdata=None, data=data)


class SendForm(FormBase):
    """The applicant's last word before it is sent."""

    noticed = BooleanField(
        "I have read who sees what I wrote", validators=[DataRequired("Tick this when you have read who sees what.")]
    )


class MonitoringForm(FormBase):
    """Questions for fairness counts: each may be left, or answered with “prefer not to say”."""

    age = RadioField(DIMENSIONS["age"][0], validators=[Optional()])
    gender = RadioField(DIMENSIONS["gender"][0], validators=[Optional()])
    ethnicity = RadioField(DIMENSIONS["ethnicity"][0], validators=[Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (_, groups) in DIMENSIONS.items():
            choices = [SelectChoice(*one) for one in groups.items()]
            self[name].choices = [*choices, SelectChoice(PREFER_NOT, WORDS[PREFER_NOT])]

    @property
    def words(self) -> MonitoringWords:
        """What was chosen."""
        return MonitoringWords(**{name: self[name].data or "" for name in DIMENSIONS})


class ReplyForm(FormBase):
    """Yes or no to an offer."""

    answer = RadioField(
        "Would you like the place?",
        choices=[SelectChoice("yes", "Yes, I would like it"), SelectChoice("no", "No, thank you")],
        validators=[InputRequired("Choose yes or no.")],
    )


class ReferenceForm(FormBase):
    """What a referee writes."""

    knows = StringField(
        "How do you know them?", filters=[trimmed], validators=[InputRequired("Write how you know them."), _short(200)]
    )
    words = TextAreaField(
        "What should we know?", filters=[trimmed], validators=[InputRequired("Write your reference."), _short(LONGEST)]
    )


# -- the selectors ---------------------------------------------------------------------------------------------------


class _Scoring(FormBase):
    """Fields are added for each scored criterion by `scoring_form`."""

    def scores(self, criteria: tuple[SelectionCriterion, ...]) -> Scores:
        """What was chosen and noted, by criterion."""
        chosen = {one.key: self[f"score-{one.key}"].data for one in criteria}
        return Scores(
            {
                key: Skipped.NOT_ASKED if value == Skipped.NOT_ASKED.value else int(value)
                for key, value in chosen.items()
                if value
            },
            {one.key: self[f"note-{one.key}"].data or "" for one in criteria},
        )


def scoring_form(found: Found) -> type[_Scoring]:
    """A form with a score and a note for each criterion that two people score."""
    fields: dict[str, Field] = {}
    for one in found.scored_criteria:
        choices = [SelectChoice(str(score), words) for score, words in reversed(list(enumerate(SCORE_WORDS)))]
        fields[f"score-{one.key}"] = RadioField(
            "Your score",
            choices=[*choices, SelectChoice(Skipped.NOT_ASKED.value, "Not asked")],
            validators=[InputRequired(f"Choose a score for “{one.text.rstrip('.')}”.")],
        )
        fields[f"note-{one.key}"] = TextAreaField("Your note", validators=[_short(LONGEST)])
    return type("ScoringForm", (_Scoring,), fields)


def _allowed(rule: Callable[[], None]) -> None:
    try:
        rule()
    except Refusal as refusal:
        raise ValidationError(f"{refusal.sentence} {refusal.next_step}".strip()) from refusal


def _needs_day(form: Any, field: Any) -> None:
    if form.outcome.data == Outcome.DEFER and not (field.raw_data and field.raw_data[0].strip()):
        raise StopValidation("Give the day on which you look again.")


class DecisionForm(FormBase):
    """What was agreed, and why."""

    seen = HiddenField()
    """How many outcomes the page had shown."""
    outcome = RadioField(
        "What did you agree?",
        choices=[SelectChoice(one.value, words) for one, words in OUTCOMES.items()],
        validators=[InputRequired("Choose what you agreed.")],
    )
    until = Day("Look again on", validators=[_needs_day, Optional()])
    reason = TextAreaField(
        "Why?",
        filters=[trimmed],
        validators=[DataRequired("Write why, in your own words. The applicant reads it."), _short(LONGEST)],
    )

    def __init__(self, found: Found, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = found

    @property
    def read(self) -> int:
        """How many outcomes whoever typed this had read."""
        typed = self.seen.data or ""
        return int(typed) if typed.isdecimal() and len(typed) < 5 else 0

    def validate_outcome(self, field: Any) -> None:
        """A place is offered once what is required is met or waived."""
        if field.data == Outcome.OFFER:
            _allowed(lambda: rules.offer(self.found.case))

    def validate_until(self, field: Any) -> None:
        """The day is still to come."""
        if self.outcome.data == Outcome.DEFER and not field.errors:
            _allowed(lambda: rules.look_again(field.data, today=self.found.today))


class ConflictForm(FormBase):
    """How a selector knows the applicant."""

    tie = RadioField(
        "How do you know them?",
        choices=[SelectChoice(one.value, words) for one, words in TIES.items()],
        validators=[InputRequired("Choose how you know them.")],
    )


class WaiverForm(FormBase):
    """Which criterion to set aside, and why."""

    criterion = SelectField("Which one?", validators=[DataRequired("Choose a criterion.")])
    reason = TextAreaField(
        "Why?", filters=[trimmed], validators=[DataRequired("Write why this should be waived."), _short(2000)]
    )


class EligibleForm(FormBase):
    """A day from which somebody may start."""

    criterion = HiddenField()
    from_date = Day("May start from", validators=[InputRequired("Enter the day.")])


class CheckForm(FormBase):
    """What was seen: no more than number, level and date, and never the document."""

    criterion = HiddenField(validators=[InputRequired()])
    decision = RadioField(
        "What follows?",
        choices=[
            SelectChoice("accepted", "Accepted"),
            SelectChoice("to-discuss", "Talk about it first"),
            SelectChoice("not-accepted", "Not accepted"),
        ],
        validators=[InputRequired("Choose what follows.")],
    )
    seen_on = Day("Seen on", validators=[InputRequired("Enter the day on which you saw it.")])
    expires_on = Day("Runs out on", validators=[Optional()])
    number = StringField("Its number", filters=[trimmed], validators=[_short(60)])
    level = SelectField("Level", choices=[SelectChoice("", "Does not apply"), *(SelectChoice(x, x) for x in LEVELS)])
    issued_on = Day("Date on it", validators=[Optional()])
    note = TextAreaField("Why", filters=[trimmed], validators=[_short(2000)])

    def validate_note(self, field: Any) -> None:
        """Anything but yes needs words."""
        if self.decision.data in ("to-discuss", "not-accepted") and not field.data:
            raise ValidationError("Write why, without what the document says about anybody’s past.")


class InForceForm(FormBase):
    """Why these criteria apply from now on."""

    reason = TextAreaField("Why?", filters=[trimmed], validators=[DataRequired("Write why."), _short(500)])
