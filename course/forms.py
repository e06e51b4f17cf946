"""The base of every form: bound to the request, whitespace kept as typed, problems listed for the error summary."""

from __future__ import annotations

from collections.abc import Iterator

from flask_wtf import FlaskForm
from wtforms import Field, FormField, SelectMultipleField
from wtforms.fields import FieldList, RadioField

Problem = tuple[str, str | None]


class FormBase(FlaskForm):  # type: ignore[misc]
    """A form whose errors name their fields. The application checks the CSRF token of every POST, not each form."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False

    def problems(self) -> list[Problem]:
        """Every problem as (message, id of the control to go to), in the order of the page; the form's own first."""
        own: list[Problem] = [(message, None) for message in self.form_errors]
        return own + [problem for field in self for problem in _problems_of(field)]


def _problems_of(field: Field) -> Iterator[Problem]:
    """The problems of one field, or of the fields inside it."""
    if isinstance(field, FieldList):
        yield from (problem for entry in field.entries for problem in _problems_of(entry))
    elif isinstance(field, FormField):
        yield from (problem for entry in field.form for problem in _problems_of(entry))
    yield from ((message, f"#{_first_control(field)}") for message in field.errors if isinstance(message, str))


def _first_control(field: Field) -> str:
    """The id that takes the focus: radios and checkboxes in a set are numbered from nought."""
    in_a_set = isinstance(field, RadioField | SelectMultipleField)
    return f"{field.id}-0" if in_a_set else str(field.id)


def trimmed(text: str | None) -> str | None:
    """A filter for fields: leave out the space around what was typed."""
    return text.strip() if isinstance(text, str) else text
