"""The blueprint of visits, and which roles run them at the centre."""

from __future__ import annotations

from course import access
from course.access import Blueprint, HeldAppointment, Role

bp = Blueprint("external", __name__)

RUNNERS = {Role.LEAD_IQA, Role.ADMIN}
"""Who sets visits up."""


def held() -> list[HeldAppointment]:
    """The appointments under which the signed-in person runs visits."""
    return access.held(*RUNNERS)
