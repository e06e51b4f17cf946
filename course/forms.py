"""The base of every form: CSRF on, no time limit on a slow writer, whitespace kept as typed."""

from __future__ import annotations

from flask_wtf import FlaskForm


class FormBase(FlaskForm):  # type: ignore[misc]
    """A form whose errors name their fields for the error summary."""
