"""Signing in and out, one-time links, and a person's own account."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, session, url_for
from flask_login import current_user, login_user
from sqlalchemy import update
from werkzeug.wrappers import Response

from course import access, db, pages
from course.access import PUBLIC, SIGNED_IN, Blueprint, actor
from course.audit import Actor
from course.people import accounts, carried, forms, operations, passwords, queries, rules, throttle
from course.people.models import Person, SignIn

bp = Blueprint("people", __name__)
security = logging.getLogger("alongside.security")
WRONG = "The email address or the password is not right. Check both and try again"
OWN_PATH = re.compile(r"/(?!/)[!-\[\]-~]*")  # printable, no backslash, and not the start of another host
SENT = "If that address has an account, a letter is on its way. It may take a few minutes."


@bp.get("/sign-in", allow=PUBLIC)
def sign_in() -> Response:
    """The sign-in page."""
    return carried.sign_in_page(forms.SignInForm(), None, then=_own_path(request.args.get("then")))


@bp.post("/sign-in", allow=PUBLIC)
def enter() -> Response:
    """Sign in with a password."""
    form, then, sent = forms.SignInForm(), _own_path(request.form.get("then")), carried.sent()
    if not form.validate():
        return carried.sign_in_page(form, sent, then=then, status=422)
    email = queries.canonical_email(form.email.data)
    if not _within_limits(email):
        security.warning("sign-in refused", extra={"outcome": "too often"})
        return pages.page("errors/429.html", status=429, typed=sent.kept if sent else [])
    with db.database().reader() as reading:
        person = queries.by_email(reading, email)
    right = passwords.matches(form.password.data, person.password_hash if person else None)
    if not right or person is None or person.disabled_at is not None:
        security.info("sign-in refused", extra={"outcome": "wrong", "known": person is not None})
        form.password.errors = [WRONG]
        return carried.sign_in_page(form, sent, then=then, status=422)
    throttle.forgive(("sign-in", _from_here(email)), ("address", email))
    rehashed = passwords.hash_of(form.password.data) if operations.needs_rehash(person) else None
    went_on = _begin(person.id, own_device=form.device.data == "mine", then=then, rehashed=rehashed)
    return carried.save_page(sent, person.id) if sent else went_on


def _within_limits(email: str) -> bool:
    counted = (
        ("network", throttle.network(), rules.NETWORK_TRIES),
        ("sign-in", _from_here(email), rules.SIGN_IN_TRIES),
        ("address", email, rules.ADDRESS_TRIES),
    )
    # In this order: what one network's own limit refuses does not count against the address's owner elsewhere.
    return throttle.allow_all(counted, window=rules.SIGN_IN_WINDOW)


def _from_here(email: str) -> str:
    """Tries at one address from one network: strangers elsewhere cannot lock its owner out."""
    return f"{throttle.network()} {email}"


def _begin(person_id: UUID, *, own_device: bool, then: str = "", rehashed: str | None = None) -> Response:
    """Start a session under a new id, and go on. Whoever was signed in on this device is not any more."""
    before = current_user
    with db.database().transaction() as writing:
        if before.is_authenticated:
            operations.end_sessions(writing, before.person_id, only=before.session_hash)
        person = writing.get_one(Person, person_id)
        token = operations.begin_session(writing, person, own_device=own_device, rehashed=rehashed)
    theme = session.get("theme")
    session.clear()  # nothing of the visitor before sign-in is carried over, so no fixed session can be
    if theme:
        session["theme"] = theme
    session.permanent = own_device
    login_user(accounts.load(token))
    security.info("signed in", extra={"person": str(person_id)})
    return redirect(then or url_for("pages.front"), 303)


def _own_path(text: str | None) -> str:
    """A path on this installation, or nothing."""
    return text if text and OWN_PATH.fullmatch(text) else ""


@bp.post("/sign-out", allow=PUBLIC)
def sign_out() -> Response:
    """End the session on the server, and leave nothing behind."""
    account = current_user
    if account.is_authenticated:
        operations.end_sessions(db.session(), account.person_id, only=account.session_hash)
    session.clear()
    response = redirect(url_for("pages.front"), 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


# -- one-time links -------------------------------------------------------------------------------------------------


@bp.get("/sign-in/link", allow=PUBLIC)
def ask_link() -> Response:
    """Ask for a sign-in link."""
    return pages.page("people/ask.html", form=forms.LinkForm(), purpose="sign-in")


@bp.get("/forgotten-password", allow=PUBLIC)
def forgotten() -> Response:
    """Ask for a link to choose a new password."""
    return pages.page("people/ask.html", form=forms.LinkForm(), purpose="reset")


@bp.post("/sign-in/link", allow=PUBLIC)
def send_sign_in_link() -> Response:
    """Write a letter with a sign-in link, if there is such an account; say the same either way."""
    return _send("sign-in")


@bp.post("/forgotten-password", allow=PUBLIC)
def send_reset_link() -> Response:
    """Write a letter with a reset link, if there is such an account; say the same either way."""
    return _send("reset")


def _send(purpose: str) -> Response:
    form = forms.LinkForm()
    if not form.validate():
        return pages.page("people/ask.html", form=form, purpose=purpose, status=422)
    email = queries.canonical_email(form.email.data)
    hour = timedelta(hours=1)
    within = throttle.allow("letters", throttle.network(), limit=30, window=hour)
    if not within or not throttle.allow("letter", email, limit=5, window=hour):
        return pages.page("errors/429.html", status=429)
    person = queries.by_email(db.session(), email)
    if person is not None and person.disabled_at is None:
        operations.send_link(db.session(), person, purpose)
    else:
        throttle.count(db.session(), "nobody", email)  # as much to write as for a letter: the time taken tells nothing
    return pages.page("people/sent.html", words=SENT)


@bp.get("/sign-in/link/<token>", allow=PUBLIC)
def open_link(token: str) -> Response:
    """A button: mail scanners open links, so opening alone uses nothing up."""
    if queries.live_link(db.session(), token, "sign-in") is None:
        return pages.page("people/link_over.html", status=410)
    return pages.page("people/use_link.html", form=forms.DeviceForm(), token=token)


@bp.post("/sign-in/link/<token>", allow=PUBLIC)
def use_link(token: str) -> Response:
    """Sign in with a link, once."""
    form = forms.DeviceForm()
    with db.database().transaction() as writing:
        person = operations.use_link(writing, token, "sign-in")
    if person is None:
        return pages.page("people/link_over.html", status=410)
    return _begin(person.id, own_device=form.device.data == "mine")


@bp.get("/choose-password/<token>", allow=PUBLIC)
def open_choose(token: str) -> Response:
    """Choose a password, from an invitation or a reset."""
    if queries.live_link(db.session(), token, "invitation", "reset") is None:
        return pages.page("people/link_over.html", status=410)
    return pages.page("people/choose_password.html", form=forms.ChoosePasswordForm(), token=token)


@bp.post("/choose-password/<token>", allow=PUBLIC)
def choose(token: str) -> Response:
    """Store the chosen password, use the link up, end every session and begin a new one."""
    form = forms.ChoosePasswordForm()
    with db.database().reader() as reading:
        link = queries.live_link(reading, token, "invitation", "reset")
        person = reading.get(Person, link.person_id) if link else None
    if link is None or person is None:
        return pages.page("people/link_over.html", status=410)
    if not _good_password(form, person):
        return pages.page("people/choose_password.html", form=form, token=token, status=422)
    hashed = passwords.hash_of(form.password.data)
    with db.database().transaction() as writing:
        used_by = operations.use_link(writing, token, "invitation", "reset")
        if used_by is not None:
            operations.set_password(writing, used_by, hashed, by=Actor(used_by.id, "self"))
    if used_by is None:
        return pages.page("people/link_over.html", status=410)
    return _begin(used_by.id, own_device=False)


def _good_password(form: forms.ChoosePasswordForm, person: Person) -> bool:
    if not form.validate():
        return False
    problem = passwords.advice(form.password.data, person.name, person.email)
    if problem:
        form.password.errors = [problem]
    return problem is None


# -- one's own account ----------------------------------------------------------------------------------------------


@bp.get("/account", allow=SIGNED_IN)
def account() -> Response:
    """Names, address, password, devices, role."""
    return _account_page()


def _account_page(status: int = 200, **wrong: Any) -> Response:
    me = accounts.me()
    person = db.session().get_one(Person, me.person_id)
    shown: dict[str, Any] = {
        "names": forms.NamesForm(formdata=None, obj=person),
        "change_password": forms.ChangePasswordForm(formdata=None, prefix="password-"),
        "change_email": forms.ChangeEmailForm(formdata=None, prefix="email-"),
        "errors": None,
    }
    devices = queries.devices(db.session(), me.person_id)
    return pages.page(
        "people/account.html", account=me, person=person, devices=devices, status=status,
        declares=access.may("office.conflicts"), applies=access.may("selection.mine"), **{**shown, **wrong},
    )  # fmt: skip


@bp.post("/account/names", allow=SIGNED_IN)
def change_names() -> Response:
    """Change one's own names."""
    form = forms.NamesForm()
    if not form.validate():
        return _account_page(422, names=form, errors=form.errors)
    person = db.session().get_one(Person, accounts.me().person_id)
    operations.change_details(db.session(), person, by=actor(), name=form.name.data, known_as=form.known_as.data)
    return _changed("Your names are changed.")


@bp.post("/account/password", allow=SIGNED_IN)
def change_password() -> Response:
    """Change one's own password; every other device is signed out."""
    form = forms.ChangePasswordForm(prefix="password-")
    person, right = _with_current_password(form)
    if not right or not _good_password(form, person):
        return _account_page(422, change_password=form, errors=form.errors)
    hashed = passwords.hash_of(form.password.data)
    with db.database().transaction() as writing:
        operations.set_password(writing, writing.get_one(Person, person.id), hashed, by=actor())
    went_on = _begin(person.id, own_device=accounts.me().own_device, then=url_for(".account"))
    flash("Your password is changed. Every other device is signed out.")
    return went_on


@bp.post("/account/email", allow=SIGNED_IN)
def change_email() -> Response:
    """Change one's own address; the old one is told."""
    form = forms.ChangeEmailForm(prefix="email-")
    person, right = _with_current_password(form)
    if not right or not form.validate():
        return _account_page(422, change_email=form, errors=form.errors)
    operations.change_email(db.session(), db.session().get_one(Person, person.id), form.email.data, by=actor())
    return _changed("Your email address is changed.")


def _with_current_password(form: Any) -> tuple[Person, bool]:
    with db.database().reader() as reading:
        person = reading.get_one(Person, accounts.me().person_id)
    if not throttle.allow("current", str(person.id), limit=rules.CURRENT_TRIES, window=rules.SIGN_IN_WINDOW):
        abort(429)
    form.validate()
    right = passwords.matches(form.current_password.data or "", person.password_hash)
    if right:
        throttle.forgive(("current", str(person.id)))
    else:
        form.current_password.errors = ["That is not your current password. Type it again"]
    return person, right


@bp.post("/account/devices/end", allow=SIGNED_IN)
def end_devices() -> Response:
    """Sign out one device, or every other one."""
    me, chosen = accounts.me(), request.form.get("device")
    if chosen:
        operations.end_sessions(db.session(), me.person_id, only=chosen)
    else:
        operations.end_sessions(db.session(), me.person_id, but=me.session_hash)
    return _changed("Signed out there.")


@bp.post("/account/appointment", allow=SIGNED_IN)
def choose_appointment() -> Response:
    """Choose the appointment to act under."""
    me = accounts.me()
    chosen = next((held for held in me.appointments if str(held.id) == request.form.get("appointment")), None)
    if chosen is None:
        abort(404)
    statement = update(SignIn).where(SignIn.id_hash == me.session_hash).values(appointment_id=chosen.id)
    db.session().execute(statement)
    flash(f"You now act as {chosen.role.label.lower()} at {chosen.centre_name}.")
    return redirect(url_for("pages.front"), 303)


def _changed(words: str) -> Response:
    flash(words)
    return redirect(url_for(".account"), 303)


# -- colours --------------------------------------------------------------------------------------------------------


@bp.get("/look", allow=PUBLIC)
def look() -> Response:
    """Choose the colours."""
    return pages.page("pages/look.html")


@bp.post("/look", allow=PUBLIC)
def choose_look() -> Response:
    """Keep the chosen colours: with the account, and on this device."""
    theme = request.form.get("theme")
    chosen = theme if theme in {"light", "dark", "cream"} else None
    session.pop("theme", None)
    if chosen:
        session["theme"] = chosen
    if current_user.is_authenticated:
        person = db.session().get_one(Person, accounts.me().person_id)
        person.theme = chosen
    return redirect(url_for(".look"), 303)
