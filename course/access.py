"""Who may use which route: declared on every route, enforced in one place, listed by `access --json`."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Blueprint as FlaskBlueprint
from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from course.audit import Actor
from course.working_days import ENGLAND, LONDON


class Role(enum.StrEnum):
    """What a person may be appointed to; a learner is one through an enrolment, never an appointment."""

    LEARNER = "learner"
    TUTOR = "tutor"
    ASSESSOR = "assessor"
    IQA = "iqa"
    LEAD_IQA = "lead-iqa"
    ADMIN = "admin"
    SAFEGUARDING_LEAD = "safeguarding-lead"
    SELECTOR = "selector"
    KEYWORKER = "keyworker"
    EQA = "eqa"

    @property
    def label(self) -> str:
        """The role in the field's words."""
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.LEARNER: "Learner",
    Role.TUTOR: "Tutor",
    Role.ASSESSOR: "Assessor",
    Role.IQA: "Internal quality assurer",
    Role.LEAD_IQA: "Lead internal quality assurer",
    Role.ADMIN: "Admin",
    Role.SAFEGUARDING_LEAD: "Safeguarding lead",
    Role.SELECTOR: "Selector",
    Role.KEYWORKER: "Keyworker",
    Role.EQA: "External quality assurer",
}

PUBLIC = frozenset({"public"})
"""Anybody, signed in or not."""
SIGNED_IN = frozenset({"signed-in"})
"""Anybody with an account, in whatever role."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""


@dataclass(frozen=True)
class HeldAppointment:
    """A current appointment of the signed-in person, as far as access needs it. None means: all of it."""

    id: UUID
    role: Role
    centre_id: UUID
    centre_name: str
    qualification: str | None = None
    unit: str | None = None
    cohort_id: UUID | None = None
    needs_countersignature: bool = False
    time_zone: str = LONDON
    nation: str = ENGLAND
    """Where the centre is, and whose bank holidays it keeps."""

    def covers(self, *, centre_id: UUID, cohort_id: UUID, qualification: str, unit: str | None = None) -> bool:
        """Whether work of this cohort (and unit) is in the appointment's scope."""
        return (
            self.centre_id == centre_id
            and self.cohort_id in (None, cohort_id)
            and self.qualification in (None, qualification)
            and (unit is None or self.unit in (None, unit))
        )


class Blueprint(FlaskBlueprint):
    """A blueprint on which a route without `allow` cannot be declared."""

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        *,
        allow: Iterable[str] | None = None,
        purpose: str = "",
        **options: Any,
    ) -> None:
        """Declare a route and who may use it. Raises TypeError when nobody was named."""
        named = frozenset(allow or ())
        if named not in (PUBLIC, SIGNED_IN) and not (named and named <= set(Role)):
            raise TypeError(f"Say who may use {rule}: allow={{Role.…}}, PUBLIC or SIGNED_IN.")
        if view_func is not None:
            endpoint = endpoint or view_func.__name__
            view_func = _guarded(view_func, named, purpose)
        super().add_url_rule(rule, endpoint, view_func, provide_automatic_options, **options)


def _guarded(view: Callable[..., Any], allow: frozenset[str], purpose: str) -> Callable[..., Any]:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        refusal = _admit(allow, purpose)
        return refusal if refusal is not None else view(*args, **kwargs)

    guarded.allow, guarded.purpose = allow, purpose  # type: ignore[attr-defined]
    return guarded


def _admit(allow: frozenset[str], purpose: str) -> Response | None:
    g.purpose = purpose
    g.acting = None
    if allow == PUBLIC:
        if request.method not in READING:
            current_user.is_authenticated  # noqa: B018  found now: noting it as seen must not wait for the view's own writing
        return None
    who = current_user._get_current_object()
    if not who.is_authenticated:
        return _to_sign_in()
    if allow == SIGNED_IN:
        g.acting = who.chosen
        return None
    if Role.LEARNER in allow and who.is_learner:
        g.as_learner = True
        return None
    g.acting = next((held for held in who.appointments_here() if held.role in allow), None)
    if g.acting is None:
        abort(403)
    return None


def _to_sign_in() -> Response:
    if request.method not in READING or request.accept_mimetypes.best == "application/json":
        asked: Response = current_app.extensions["ask_to_sign_in"]()  # people's: it keeps what was typed
        return asked
    here = request.full_path.rstrip("?")
    return redirect(url_for("people.sign_in", then=here if here != "/" else None), 303)


def acting() -> HeldAppointment:
    """The appointment under which the signed-in person acts on this page."""
    found: HeldAppointment | None = g.get("acting")
    if found is None:
        raise LookupError("Nobody acts under an appointment on this page.")
    return found


def held(*roles: Role) -> list[HeldAppointment]:
    """All current appointments to these roles at the centre where the person acts now."""
    return [appointment for appointment in current_user.appointments_here() if appointment.role in roles]


def actor() -> Actor:
    """Who acts in this request, for operations and the audit trail."""
    appointment: HeldAppointment | None = g.get("acting")
    if appointment is None:
        return Actor(current_user.person_id, Role.LEARNER)
    return Actor(current_user.person_id, appointment.role, appointment.id)


def routes(app: Flask) -> list[dict[str, Any]]:
    """List each route with its method, path, endpoint and who may use it."""
    found: list[dict[str, Any]] = []
    for rule in app.url_map.iter_rules():
        allow = getattr(app.view_functions[rule.endpoint], "allow", None)
        said = {"path": rule.rule, "endpoint": rule.endpoint, "allow": sorted(allow) if allow else None}
        found += [{"method": method, **said} for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return sorted(found, key=lambda route: (route["path"], route["method"]))


def check_every_route(app: Flask) -> None:
    """Refuse to run with a route that nobody declared. Raises TypeError."""
    bare = [route["path"] for route in routes(app) if route["allow"] is None]
    if bare:
        raise TypeError(f"Routes without a declared audience: {', '.join(bare)}")


def may(endpoint: str) -> bool:
    """Whether the signed-in person's roles admit them to an endpoint (for navigation, never for safety)."""
    allow: frozenset[str] = getattr(current_app.view_functions.get(endpoint), "allow", frozenset())
    if allow == PUBLIC or not current_user.is_authenticated:
        return allow == PUBLIC
    if allow == SIGNED_IN:
        return True
    if Role.LEARNER in allow and current_user.is_learner:
        return True
    return any(appointment.role in allow for appointment in current_user.appointments_here())


def is_public(endpoint: str | None) -> bool:
    """Whether anybody may use an endpoint."""
    return getattr(current_app.view_functions.get(endpoint or ""), "allow", None) == PUBLIC


def own_words(enrolment_id: UUID) -> None:
    """Say that the signed-in learner is the writer of this enrolment's words: reading them is no entry in the log."""
    g.setdefault("own_enrolments", set()).add(enrolment_id)
