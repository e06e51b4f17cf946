"""Words typed into a form whose session had ended: shown, carried through signing in, and given back to be saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app, jsonify, redirect, request, session, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select
from werkzeug.wrappers import Response

from course import db, errors, pages
from course.people import accounts, forms
from course.people.models import SignIn


@dataclass(frozen=True)
class Carried:
    """What somebody had sent when their session was over."""

    seal: str
    """Where it was sent and who had been signed in, signed: only our own pages make it."""
    to: str
    by: str
    """The pseudonym of who had been signed in; empty when nobody can tell."""
    fields: list[tuple[str, str]]

    @property
    def has_words(self) -> bool:
        """Whether somebody typed any of it."""
        return any(errors.is_words(text) for _, text in self.fields)

    @property
    def shown(self) -> list[tuple[str, str, bool]]:
        """Each field, and whether it holds words that are shown."""
        return [(name, text, errors.is_words(text)) for name, text in self.fields]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The words alone, to be copied."""
        return [("What you typed", text) for _, text, is_shown in self.shown if is_shown]

    def is_of(self, person_id: UUID) -> bool:
        """Whether this person typed it, as far as anybody can tell."""
        return self.by in ("", str(person_id))


def ask_to_sign_in() -> Response:
    """Answer what somebody sent without a live session: nothing is done, and nothing they typed is lost."""
    if errors.wants_json():
        return _status(jsonify(sign_in=url_for("people.sign_in")), 401)
    if request.endpoint == "people.enter":
        return sign_in_page(forms.SignInForm(formdata=None), sent(), status=400, is_late=True)
    fields = errors.sent_fields()
    if not fields:
        return redirect(url_for("people.sign_in", then=_page_before()), 303)
    to, by = request.full_path.rstrip("?"), _signed_in_before()
    carried = Carried(_signer().dumps([to, by]), to, by, fields)
    return sign_in_page(forms.SignInForm(formdata=None), carried, status=401)


def sign_in_page(
    form: forms.SignInForm, carried: Carried | None, *, then: str = "", status: int = 200, is_late: bool = False
) -> Response:
    """The sign-in page, with what is carried along, if anything is."""
    template = "people/signed_out.html" if carried else "people/sign_in.html"
    files = [upload for upload in request.files.values() if upload.filename]
    return pages.page(
        template, form=form, then=then, carried=carried, is_late=is_late, has_files=bool(files), status=status
    )


def save_page(carried: Carried, person_id: UUID) -> Response:
    """After signing in: what was typed, and one button that sends it where it was meant to go."""
    return pages.page("people/save_words.html", carried=carried, is_own=carried.is_of(person_id), kept=carried.kept)


def sent() -> Carried | None:
    """What the sign-in form carries along; None when it carries nothing, or not what we wrote."""
    seal = request.form.get("carried_seal", "")
    try:
        to, by = _signer().loads(seal)
    except BadSignature:
        return None
    names, texts = request.form.getlist("carried_name"), request.form.getlist("carried_text")
    return Carried(seal, to, by, list(zip(names, texts, strict=False)))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="carried words")


def _signed_in_before() -> str:
    """Who was signed in on this device until a moment ago."""
    token = session.get("_user_id")
    if not isinstance(token, str):
        return ""
    with db.database().reader() as reading:
        found = reading.scalar(select(SignIn.person_id).where(SignIn.id_hash == accounts.hash_token(token)))
    return str(found or "")


def _page_before() -> str | None:
    before = urlsplit(request.referrer or "")
    return before.path if before.netloc == request.host else None


def _status(response: Any, status: int) -> Response:
    response.status_code = status
    answer: Response = response
    return answer
