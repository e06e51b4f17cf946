"""Pages on which internal quality assurers change what is in force, and send answers back."""

from __future__ import annotations

from flask import g

from course import access
from course.access import Blueprint, HeldAppointment, Role

bp = Blueprint("changes", __name__)

ASSURERS = {Role.IQA, Role.LEAD_IQA}


def assurer() -> list[HeldAppointment]:
    """The current appointments under which somebody assures quality here. They act as the lead, if they are."""
    held = access.held(Role.LEAD_IQA, Role.IQA)
    lead = next((one for one in held if one.role == Role.LEAD_IQA), None)
    if lead is not None:
        g.acting = lead
    return held


from assessors.changes.views import guidance, policies, reopening  # noqa: E402, F401  they add routes
