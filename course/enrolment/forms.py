"""The shape of what a learner sends about their own enrolment."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField
from wtforms.validators import DataRequired

from course.forms import FormBase


class InductionForm(FormBase):
    """One tick under the induction, for the version that was shown."""

    version = HiddenField()
    read = BooleanField(
        "I have read this, and I agree to work this way", [DataRequired("Tick the box once you have read it")]
    )
